"""Kinds of values: what is printed above the line, below it, and as the value; and who stands in the lists."""

from fractions import Fraction

from results import printed


def of(people, holds):
    return {one for one in people if holds(one)}


class Share:
    """So many of so many, in per cent; of nothing there is no share. It may be broken down into others of its kind."""

    times = 100
    broken = {}

    def by(self, broken):
        self.broken = broken
        return self

    def __init__(self, numerator, denominator):
        self.numerator, self.denominator = numerator, denominator
        assert numerator <= denominator

    def lists(self):
        return {"numerator": self.numerator, "rest": self.denominator - self.numerator}

    def printed(self, digits):
        upper, lower = len(self.numerator), len(self.denominator)
        value = printed(Fraction(upper * self.times, lower), digits) if lower else ""
        return str(upper), str(lower), value


class Ratio(Share):
    """So many to so many others, or to each hundred of them."""

    def __init__(self, numerator, denominator, times):
        self.numerator, self.denominator, self.times = numerator, denominator, times


class Over(Share):
    """So many to a number that somebody entered."""

    def __init__(self, numerator, denominator, times=100, digits=None):
        self.numerator, self.denominator, self.times, self.digits = numerator, denominator, times, digits

    def lists(self):
        return {"numerator": self.numerator}

    def printed(self, digits):
        upper, lower = len(self.numerator), self.denominator
        digits = digits if self.digits is None else self.digits
        value = printed(Fraction(upper * self.times) / lower, digits) if lower else ""
        return str(upper), "" if lower is None else printed(lower), value


class Count(Share):
    """So many; there is nothing below the line."""

    def __init__(self, numerator):
        self.numerator = numerator

    def lists(self):
        return {"numerator": self.numerator}

    def printed(self, digits):
        return str(len(self.numerator)), "", str(len(self.numerator))


class Change(Count):
    """So many, and how many more than in an earlier period."""

    def __init__(self, numerator, before):
        self.numerator, self.before = numerator, before

    def printed(self, digits):
        return str(len(self.numerator)), "", str(len(self.numerator) - len(self.before))

"""Periods, and what a period looks like on a day inside it."""

import collections
import datetime

# The day of a period on which a region counts its people: month and day.
REFERENCE = {
    "krasnoyarsk": (6, 1),
    "leninsky": (12, 31),
    "tyumen": (6, 1),
    "leningrad": (9, 1),
    "chelyabinsk": (12, 31),
}
ACADEMIC = ("krasnoyarsk", "tyumen")

# First and last day, the day on which people are counted, and the last day of which anything is known.
Window = collections.namedtuple("Window", "code first last on known")


def days(code):
    """`2022/23` is 1 September to 31 August, `2023` a calendar year."""
    year = int(code[:4])
    if "/" in code:
        return datetime.date(year, 9, 1), datetime.date(year + 1, 8, 31)
    return datetime.date(year, 1, 1), datetime.date(year, 12, 31)


def window(pack, code, as_of=None):
    """The period of a pack. Seen on a day inside it, nothing has happened later, and people are counted on that day."""
    first, last = days(code)
    month, day = REFERENCE[pack]
    on = datetime.date(first.year, month, day)
    on = on if on >= first else datetime.date(last.year, month, day)
    return Window(code, first, as_of or last, as_of or on, as_of or datetime.date.max)


def earlier(pack, code, years):
    """The same period so many years before."""
    year = int(code[:4]) - years
    return window(pack, f"{year}/{(year + 1) % 100:02d}" if "/" in code else str(year))

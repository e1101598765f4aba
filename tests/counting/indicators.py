"""The indicators, counted one unit after another over sets of people: slow, plain, and nothing shared with the program."""

import calendar
import collections
import datetime

from place import full_years

CHELYABINSK_KINDS = {"full", "corporate_order", "follow_up"}
BOTH = ("teaching", "managing")
TOPIC_OF = {
    "6.1": "education_quality_assessment",
    "6.2": "low_performing_schools",
    "6.3": "gifted_children",
    "6.4": "career_guidance",
    "6.5": "upbringing",
    "6.6": "preschool_quality",
}
LEVELS = ("region", "zone", "municipality", "organisation")

Period = collections.namedtuple("Period", "code first last")


def period(code):
    """`2022/23` is 1 September to 31 August, `2023` a calendar year."""
    year = int(code[:4])
    if "/" in code:
        return Period(code, datetime.date(year, 9, 1), datetime.date(year + 1, 8, 31))
    return Period(code, datetime.date(year, 1, 1), datetime.date(year, 12, 31))


def reference_day(pack, p):
    """Tyumen counts people on 1 June, Chelyabinsk on 31 December, inside the period."""
    month = 6 if pack == "tyumen" else 12
    day = calendar.monthrange(2023, month)[1] if month == 12 else 1
    on = datetime.date(p.first.year, month, day)
    return on if on >= p.first else datetime.date(p.last.year, month, day)


class Count:
    """One pack in one period: for each unit the populations, and from them the shares."""

    def __init__(self, world, pack, code):
        self.world, self.pack, self.period = world, pack, period(code)
        self.on = reference_day(pack, self.period)
        self.teachers, self.leaders = self._populations("teaching"), self._populations("managing")
        self.anyone = self._populations(*BOTH)

    def _populations(self, *staff):
        found = collections.defaultdict(set)
        for person in self.world.staff.jobs:
            for organisation in self.world.staff.places(person, staff, self.on):
                for unit in self.world.units.above(organisation, self.on):
                    found[unit].add(person)
        return found

    def _with_plan(self, people, holds):
        return {p for p in people if any(holds(plan) for plan in self.world.plans.of.get(p, []))}

    def _diagnosed(self, people):
        first, last = self.period.first, self.period.last
        return {p for p in people if self.world.results.passed(p, CHELYABINSK_KINDS, first, last)}

    def shares(self, unit):
        """Indicator -> (numerator, denominator), as sets of keys; a denominator of None is a bare count."""
        counted = self._chelyabinsk if self.pack == "chelyabinsk" else self._tyumen
        return counted(unit)

    def _chelyabinsk(self, unit):
        first, last = self.period.first, self.period.last
        plans, catalogue = self.world.plans, self.world.catalogue
        shares = {}
        for number, people in (("1", self.teachers[unit]), ("2", self.leaders[unit])):
            diagnosed = self._diagnosed(people)
            formed = self._with_plan(diagnosed, lambda plan: plan.formed(first, last))
            shares[f"1.{number}"] = (diagnosed, people)
            shares[f"2.{number}"] = (formed, diagnosed)
        of_unit = [p for p in plans.by_number.values() if p.person in self.anyone[unit] and p.formed(first, last)]
        accompanied = {plan.number for plan in of_unit if plan.accompanied(plans.role_of, last)}
        shares["3.1"] = (accompanied, {plan.number for plan in of_unit})
        for indicator, topic in TOPIC_OF.items():

            def on_topic(plan, topic=topic):
                return plan.formed(first, last) and topic in plan.topics(catalogue, last)

            people = self._with_plan(self.teachers[unit], on_topic)
            done = self._with_plan(people, lambda plan: on_topic(plan) and plan.realised(first, last))
            shares[indicator] = (done, people)
        return shares

    def _tyumen(self, unit):
        first, last = self.period.first, self.period.last
        people, role_of = self.teachers[unit], self.world.plans.role_of
        young = {p for p in people if full_years(self.world.staff.born[p], self.on) < 35}
        formed = self._with_plan(people, lambda plan: plan.formed(first, last))
        supported = self._with_plan(people, lambda plan: plan.supported(role_of, first, last))
        return {"1.1": (people, None), "1.2": (young, None), "3.3": (formed, people), "3.4": (supported, people)}

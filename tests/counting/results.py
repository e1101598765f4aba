"""Results and the profile of deficits of a person at a day."""

import collections
import datetime
from fractions import Fraction

from place import FAR_FUTURE
from reading import date, number, rows, snils

KINDS = {
    "полная": "full",
    "самодиагностика": "self",
    "входная": "entry",
    "корпоративный заказ": "corporate_order",
    "повторная": "follow_up",
}

Result = collections.namedtuple("Result", "procedure kind on subject competence share order")


def level(share):
    """The default scale: below 60 high, [60; 80] middle, (80; 100) minimal, 100 no deficits."""
    if share < 60:
        return "высокий"
    if share <= 80:
        return "средний"
    if share < 100:
        return "минимальный"
    return "дефицитов нет"


def is_deficit(share):
    return share <= 80


def printed(value, digits=2):
    """At most so many decimals, halves away from zero, without needless zeros."""
    units = int(abs(value) * 10**digits + Fraction(1, 2))
    whole, rest = divmod(units, 10**digits)
    text = f"{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".") if digits else str(whole)
    return f"-{text}" if value < 0 and units else text


class Results:
    """Results by person; the same score twice is one result, a changed score replaces the earlier one."""

    def __init__(self, folder, units, staff):
        self.procedures = {row["код"]: row for row in rows(f"{folder}/procedures.csv")}
        regions = collections.defaultdict(set)
        for region, number_of in staff.jobs:
            regions[number_of].add(region)
        kept = {}
        for order, row in enumerate(rows(f"{folder}/results.csv")):
            who = snils(row["снилс"])
            region = self._region(units, regions[who], row["процедура"])
            share = number(row["балл"]) * 100 / number(row["максимум"])
            kind = KINDS[row["вид"].lower()]
            key = ((region, who), row["процедура"], kind, date(row["дата"]), row["компетенция"], row.get("предмет", ""))
            kept[key] = (share, order)
        self.of = collections.defaultdict(list)
        for (person, procedure, kind, on, competence, subject), (share, order) in kept.items():
            self.of[person].append(Result(procedure, kind, on, subject, competence, share, order))

    def _region(self, units, regions, procedure):
        if len(regions) == 1:
            return next(iter(regions))
        return units.region(self.procedures[procedure]["организатор"])

    def valid_until(self, result):
        days = self.procedures.get(result.procedure, {}).get("действуетдней", "")
        return result.on + datetime.timedelta(days=int(days)) if days else FAR_FUTURE

    def formal(self, person, on):
        """By competence: the latest formal result that is valid on the day."""
        latest = {}
        for result in sorted(self.of.get(person, []), key=lambda r: (r.on, r.order)):
            if result.kind != "self" and result.on <= on <= self.valid_until(result):
                latest[result.competence] = result
        return latest

    def self_assessed(self, person, on):
        """By competence: the latest self-assessment, a series of its own."""
        latest = {}
        for result in sorted(self.of.get(person, []), key=lambda r: (r.on, r.order)):
            if result.kind == "self" and result.on <= on:
                latest[result.competence] = result
        return latest

    def deficits(self, person, on):
        return {code for code, result in self.formal(person, on).items() if is_deficit(result.share)}

    def taken(self, person, kinds, first, last):
        """Results of diagnoses of the kinds (any for None) that were passed within the days."""
        return [r for r in self.of.get(person, []) if (kinds is None or r.kind in kinds) and first <= r.on <= last]

    def persons_of(self, procedure):
        return {person for person, results in self.of.items() if any(r.procedure == procedure for r in results)}

    def profile(self, person, on, groups):
        """Rows of the profile: group, competence, subject, level, is_deficit, percent, procedure, date, self."""
        formal, own = self.formal(person, on), self.self_assessed(person, on)
        for code in sorted(set(formal) | set(own)):
            mine = printed(own[code].share) if code in own else ""
            if code in formal:
                r = formal[code]
                deficit = "true" if is_deficit(r.share) else "false"
                facts = [r.subject, level(r.share), deficit, printed(r.share), r.procedure, r.on.isoformat()]
            else:
                facts = [own[code].subject, "", "", "", "", ""]
            yield [groups[code], code, *facts, mine]

"""What may be asked about people, plans and programmes in one period, as the reference of measures words it."""

import collections

from place import full_years, months_later
from plans import COUNTED, METHODIST
from results import is_deficit
from window import earlier

# Full months of the age of a pension: sex, the first year of birth from which a row holds.
PENSION = {
    "женский": {1900: 660, 1964: 666, 1965: 678, 1966: 696, 1967: 708, 1968: 720},
    "мужской": {1900: 720, 1959: 726, 1960: 738, 1961: 756, 1962: 768, 1963: 780},
}
PEDAGOGICAL = {"subject", "methodical", "psych_ped"}


class Place:
    """Where a person counts on the day: one organisation with the person's jobs in it."""

    def __init__(self, person, organisation, kind, jobs):
        self.person, self.organisation, self.school, self.jobs = person, organisation, kind == "school", jobs
        self.teaching = any(job.staff == "teaching" for job in jobs)
        self.managing = any(job.staff == "managing" for job in jobs)
        # The first word is told by its end: «учитель-логопед» is another word.
        self.teacher = any(job.position.split()[0] == "учитель" for job in jobs)
        marks = [job.matches for job in jobs for _ in job.subjects]
        self.matched = bool(marks) and all(mark is True for mark in marks)
        self.mismatched = any(mark is False for mark in marks)


class Ask:
    def __init__(self, world, pack, window):
        self.world, self.pack, self.window = world, pack, window
        self.first, self.last, self.on = window.first, window.last, window.on
        self.places = collections.defaultdict(list)
        for person in world.staff.jobs:
            held = collections.defaultdict(list)
            for job in world.staff.on(person, self.on):
                held[job.organisation].append(job)
            for organisation, jobs in held.items():
                place = Place(person, organisation, world.units.organisation[organisation], jobs)
                for unit in world.units.above(organisation, self.on):
                    self.places[unit].append(place)
        self.kept = {}
        self.all_groups = set(world.catalogue.group.values())
        self.all_subjects = {s for jobs in world.staff.jobs.values() for job in jobs for s in job.subjects}

    def remembered(self, question, answer):
        """The same question about the same person is answered once."""
        if question not in self.kept:
            self.kept[question] = answer()
        return self.kept[question]

    def earlier(self, years):
        window = earlier(self.pack, self.window.code, years)
        return self.remembered(("earlier", years), lambda: Ask(self.world, self.pack, window))

    def before(self, years):
        """The first day of the period that many years back, this one counted."""
        return earlier(self.pack, self.window.code, years - 1).first

    # Populations

    def people(self, unit, holds):
        """Persons with a place in the unit of which something holds; each once."""
        return {place.person for place in self.places.get(unit, []) if holds(place)}

    def teachers(self, unit):
        return self.people(unit, lambda place: place.teaching)

    def leaders(self, unit):
        return self.people(unit, lambda place: place.managing)

    def anyone(self, unit):
        return self.people(unit, lambda place: True)

    def inside(self, unit, kind):
        """Units of a kind that stand in a unit on the day."""
        units = self.world.units
        return {code for code in units.of_kind(kind) if unit in units.above(code, self.on)}

    # A person on the day

    def young(self, person):
        return full_years(self.world.staff.born[person], self.on) < 35

    def experience(self, person):
        """Full years since the start of teaching; none before it or when nobody said it."""
        since = self.world.staff.since.get(person)
        return full_years(since, self.on) if since and since <= self.on else None

    def first_three_years(self, person):
        return self.experience(person) is not None and self.experience(person) < 3

    def of_pension_age(self, person):
        born, table = self.world.staff.born[person], PENSION.get(self.world.staff.sex[person])
        if table is None:
            return False
        months = table[max(year for year in table if year <= born.year)]
        return months_later(born, months) <= self.on

    def higher_pedagogical(self, person):
        jobs = self.world.staff.on(person, self.on)
        return any("высшее" in job.education and "педагогическое" in job.education for job in jobs)

    def hours(self, person):
        return sum(job.hours or 0 for job in self.world.staff.on(person, self.on))

    def subjects(self, person):
        return {subject for job in self.world.staff.on(person, self.on) for subject in job.subjects}

    # Diagnoses

    def taken(self, person, kinds=None, groups=None):
        results = self.world.results.taken(person, kinds, self.first, self.last)
        group = self.world.catalogue.group
        return [r for r in results if groups is None or group[r.competence] in groups]

    def diagnosed(self, person, kinds=None, groups=None):
        return bool(self.taken(person, kinds, groups))

    def succeeded(self, person, groups):
        return not any(is_deficit(r.share) for r in self.taken(person, None, groups))

    def deficit_found(self, person, kinds):
        return any(is_deficit(r.share) for r in self.taken(person, kinds))

    def deficits(self, person):
        return self.remembered(("deficits", person), lambda: self.world.results.deficits(person, self.last))

    def deficit_of(self, person, group):
        return any(self.world.catalogue.group[code] == group for code in self.deficits(person))

    def deficit_in(self, person, area):
        return any(area in self.world.catalogue.areas(code) for code in self.deficits(person))

    # Plans

    def plans(self, person):
        return self.world.plans.of.get(person, [])

    def formed(self, person, origin=None):
        plans = [plan for plan in self.plans(person) if origin in (None, plan.origin)]
        return any(plan.formed(self.window) for plan in plans)

    def supported(self, person, kinds=COUNTED):
        role_of = self.world.plans.role_of
        return any(plan.supported(role_of, self.window, kinds) for plan in self.plans(person))

    def supported_by_methodist(self, person):
        return self.supported(person, METHODIST)

    def on_topic(self, plan, topic):
        return plan.formed(self.window) and topic in plan.topics(self.world.catalogue, self.last)

    def formed_topic(self, person, topic):
        return any(self.on_topic(plan, topic) for plan in self.plans(person))

    def realised_topic(self, person, topic):
        done = (plan for plan in self.plans(person) if plan.realised(self.first, self.last))
        return any(self.on_topic(plan, topic) for plan in done)

    # Trainings: the marks asked for are those of one programme

    def trained(self, person, holds, years=1):
        """Whether a document was given in the period, or in so many with those before, for a programme that fits."""
        first, programmes = self.before(years), self.world.catalogue.programmes
        given = [pair for plan in self.plans(person) for pair in plan.trainings()]
        return any(first <= day <= self.last and holds(programmes[code]) for code, day in given)

    def pedagogical(self, programme):
        return any(self.world.catalogue.group[code] in PEDAGOGICAL for code in programme.competences)

    def delivered(self, unit):
        """Programmes with a document in the period, where their organisation stands."""
        plans = self.world.plans.by_number.values()
        given = {code for plan in plans for code, day in plan.trainings() if self.first <= day <= self.last}
        programmes = self.world.catalogue.programmes
        return {code for code in given if unit in self.world.units.above(programmes[code].provider, self.on)}

    # Activities

    def took_part(self, person, family, kinds=None, levels=None, result=None):
        """A record of one kind and level, with its day in the period."""
        return any(
            r.family == family
            and self.first <= r.first <= self.last
            and (kinds is None or r.kind in kinds)
            and (levels is None or r.level in levels)
            and (result is None or r.result == result)
            for r in self.world.activities.records.get(person, [])
        )

    def lasted(self, person, family, kinds=None, years=1):
        """A record that holds on at least one day of the period; without a last day it holds on."""
        first = self.before(years)
        return any(
            r.family == family
            and (kinds is None or r.kind in kinds)
            and r.first <= self.last
            and (r.last is None or r.last >= first)
            for r in self.world.activities.records.get(person, [])
        )

    def role(self, person, kinds):
        return self.lasted(person, "role", kinds)

    def member(self, person, kinds, level=None):
        return any(
            m.kind in kinds and level in (None, m.level) and m.first <= self.last and m.last >= self.first
            for m in self.world.activities.members.get(person, [])
        )

    def mentoring(self, person, years=1):
        first = self.before(years)
        return any(p.first <= self.last and p.last >= first for p in self.world.activities.pairs.get(person, []))

    def accompanied(self, person, kinds=None, years=1):
        """A supporter of the kind on a plan of the person, or a record of being accompanied."""
        first, role_of = self.before(years), self.world.plans.role_of
        by_plan = any(plan.supporter_between(role_of, first, self.last, kinds) for plan in self.plans(person))
        return by_plan or self.lasted(person, "accompanied", kinds, years)

    # Organisations

    def used_platform(self, organisation):
        """An act upon a plan in the period, by an account of the organisation or of somebody who works there."""
        return organisation in self.remembered("platform", self._platform)

    def _platform(self):
        acts = [act for plan in self.world.plans.by_number.values() for act in plan.acts]
        doers = {act.by for act in acts if self.first <= act.on <= self.last}
        found = set()
        for account in self.world.plans.accounts:
            if account["login"] in doers:
                found.add(account["unit"])
                person = (self.world.units.region(account["unit"]), account["snils"])
                found |= {job.organisation for job in self.world.staff.on(person, self.on)} if account["snils"] else set()
        return found

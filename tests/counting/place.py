"""Units, their dated tree, and who worked where on a day."""

import collections
import datetime

from reading import codes, date, rows, snils

GROUPS = {
    "предметные": "subject",
    "методические": "methodical",
    "психолого-педагогические": "psych_ped",
    "коммуникативные": "communicative",
    "цифровые": "digital",
    "управленческие": "managerial",
    "нормативно-правовые": "regulatory",
}
KINDS = {"регион": "region", "зона": "zone", "муниципалитет": "municipality", "организация": "organisation"}
FAR_PAST = datetime.date(1, 1, 1)
FAR_FUTURE = datetime.date(9999, 12, 31)

Job = collections.namedtuple("Job", "organisation staff kind first last")


def full_years(since, on):
    """Full years from one day to another."""
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))


class Units:
    """A unit may stand in several rows, one for each time it lay somewhere; both dates of a row are included."""

    def __init__(self, folder):
        self.kind, self.name, self.links = {}, {}, collections.defaultdict(list)
        for row in rows(f"{folder}/units.csv"):
            code = row["код"]
            self.kind[code] = KINDS[row["вид"].lower()]
            self.name[code] = row["наименование"]
            first = date(row.get("с", "")) or FAR_PAST
            last = date(row.get("по", "")) or FAR_FUTURE
            self.links[code].append((first, last, row.get("входитв", "")))

    def above(self, code, on):
        """The unit itself and everything it stood in on the day."""
        found = []
        while code:
            found.append(code)
            code = next((parent for first, last, parent in self.links[code] if first <= on <= last), "")
        return found

    def region(self, code):
        """The region of a unit does not change: any of its rows leads there."""
        while self.kind[code] != "region":
            code = self.links[code][0][2]
        return code

    def of_kind(self, kind):
        return [code for code, own in self.kind.items() if own == kind]


class Staff:
    """Jobs by person; a person is a СНИЛС within a region."""

    def __init__(self, folder, units):
        self.jobs, self.born = collections.defaultdict(list), {}
        for row in rows(f"{folder}/staff.csv"):
            person = (units.region(row["кодоо"]), snils(row["снилс"]))
            staff = {"педагогический": "teaching", "руководящий": "managing"}[row["персонал"].lower()]
            kind = row.get("видзанятости", "").lower() or "основное"
            first = date(row["принят"])
            last = date(row.get("уволен", "")) or FAR_FUTURE
            self.jobs[person].append(Job(row["кодоо"], staff, kind, first, last))
            self.born[person] = date(row["датарождения"])

    def places(self, person, staff, on, external=True):
        """Organisations where the person counts in a population on the day: any job but a civil contract."""
        found = set()
        for job in self.jobs[person]:
            fits = job.staff in staff and job.first <= on <= job.last and job.kind != "договор"
            if fits and (external or job.kind != "внешнее совместительство"):
                found.add(job.organisation)
        return found


class Catalogue:
    """Competences and the programmes that teach them."""

    def __init__(self, folder):
        self.group = {}
        for row in rows(f"{folder}/competences.csv"):
            self.group[row["код"]] = GROUPS.get(row["группа"].lower(), row["группа"])
        self.topics, self.teaching = {}, collections.defaultdict(set)
        for row in rows(f"{folder}/programmes.csv"):
            self.topics[row["код"]] = set(codes(row.get("темы", "")))
            for competence in codes(row.get("компетенции", "")):
                self.teaching[competence].add(row["код"])

"""Units, their dated tree, and who worked where on a day."""

import calendar
import collections
import datetime

from reading import codes, date, number, rows, snils

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
ORGANISATIONS = {
    "школа": "school",
    "детский сад": "kindergarten",
    "дополнительное образование": "supplementary",
    "спо": "vocational",
    "дпо": "further",
}
FAR_PAST = datetime.date(1, 1, 1)
FAR_FUTURE = datetime.date(9999, 12, 31)

Job = collections.namedtuple(
    "Job", "organisation staff kind first last position hours subjects matches education"
)


def full_years(since, on):
    """Full years from one day to another."""
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))


def months_later(day, months):
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class Units:
    """A unit may stand in several rows, one for each time it lay somewhere; both dates of a row are included."""

    def __init__(self, folder):
        self.kind, self.name, self.links = {}, {}, collections.defaultdict(list)
        self.organisation = {}
        for row in rows(f"{folder}/units.csv"):
            code = row["код"]
            self.kind[code] = KINDS[row["вид"].lower()]
            self.name[code] = row["наименование"]
            self.organisation[code] = ORGANISATIONS.get(row.get("типоо", "").lower())
            first = date(row.get("с", "")) or FAR_PAST
            last = date(row.get("по", "")) or FAR_FUTURE
            self.links[code].append((first, last, row.get("входитв", "")))

    def stands(self, code, on):
        return any(first <= on <= last for first, last, _ in self.links[code])

    def above(self, code, on):
        """The unit itself and everything it stood in on the day; nothing if it did not stand then."""
        found = []
        while code and self.stands(code, on):
            found.append(code)
            code = next(parent for first, last, parent in self.links[code] if first <= on <= last)
        return found

    def region(self, code):
        """The region of a unit does not change: any of its rows leads there."""
        while self.kind[code] != "region":
            code = self.links[code][0][2]
        return code

    def of_kind(self, kind):
        return [code for code, own in self.kind.items() if own == kind]

    def is_centre(self, code):
        """ЦНППМ: an organisation of further education (or of no stated kind) that is called so."""
        return self.organisation[code] in ("further", None) and "цнппм" in self.name[code].lower()


class Staff:
    """Jobs by person; a person is a СНИЛС within a region."""

    def __init__(self, folder, units):
        self.jobs, self.born, self.sex = collections.defaultdict(list), {}, {}
        starts = collections.defaultdict(list)
        for row in rows(f"{folder}/staff.csv"):
            person = (units.region(row["кодоо"]), snils(row["снилс"]))
            staff = {"педагогический": "teaching", "руководящий": "managing"}[row["персонал"].lower()]
            kind = row.get("видзанятости", "").lower() or "основное"
            first = date(row["принят"])
            last = date(row.get("уволен", "")) or FAR_FUTURE
            hours = number(row["нагрузка"]) if row.get("нагрузка") else None
            matches = {"да": True, "нет": False}.get(row.get("соответствиепрофилю", "").lower())
            self.jobs[person].append(
                Job(
                    row["кодоо"], staff, kind, first, last, row["должность"].lower(), hours,
                    codes(row.get("предметы", "")), matches, row.get("образование", "").lower(),
                )  # fmt: skip
            )
            self.born[person] = date(row["датарождения"])
            self.sex[person] = row.get("пол", "").lower()
            if row.get("началопедагогическойработы"):
                starts[person].append(date(row["началопедагогическойработы"]))
        self.since = {person: min(days) for person, days in starts.items()}

    def on(self, person, day):
        """Jobs that count on the day: any but a civil contract; the last day is worked."""
        return [job for job in self.jobs[person] if job.first <= day <= job.last and job.kind != "договор"]


Programme = collections.namedtuple(
    "Programme", "retraining provider register distance e_learning deficit_based federal topics competences"
)


class Catalogue:
    """Competences and the programmes that teach them."""

    def __init__(self, folder):
        self.group, self.name, self.parent = {}, {}, {}
        for row in rows(f"{folder}/competences.csv"):
            self.group[row["код"]] = GROUPS.get(row["группа"].lower(), row["группа"])
            self.name[row["код"]], self.parent[row["код"]] = row["наименование"], row.get("входитв", "")
        self.programmes, self.teaching = {}, collections.defaultdict(set)
        for row in rows(f"{folder}/programmes.csv"):

            def yes(column, row=row):
                return row.get(column, "").lower() == "да"

            self.programmes[row["код"]] = Programme(
                row["вид"] == "ПП", row["организация"], bool(row.get("№фрдпп")), yes("дот"), yes("эо"),
                yes("поитогамдиагностики"), yes("федеральнаяпрограмма"), set(codes(row.get("темы", ""))),
                set(codes(row.get("компетенции", ""))),
            )  # fmt: skip
            for competence in codes(row.get("компетенции", "")):
                self.teaching[competence].add(row["код"])

    def areas(self, competence):
        """Areas of functional literacy that the name of a competence, or of the one above it, speaks of."""
        found = set()
        for code in (competence, self.parent.get(competence)):
            name = self.name.get(code, "").lower().replace("ё", "е")
            found |= {area for area, words in AREAS.items() if any(word in name for word in words)}
        return found


AREAS = {
    "reading_literacy": ["читательск"],
    "mathematical_literacy": ["математическая грамотность", "математической грамотности"],
    "science_literacy": ["естественно-научн", "естественнонаучн"],
    "digital_literacy": ["цифровая грамотность", "цифровой грамотности"],
}

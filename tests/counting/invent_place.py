"""Invents units and people: units that move and close, people with several jobs, every edge of age and service."""

import datetime

from names import FIRST, LAST, PATRONYMIC, PLACES, snils
from place import months_later
from sheets import MANNERS, Sheet

DAY = datetime.timedelta(days=1)
D = datetime.date
# Days on which populations are counted and periods end: people come and go around them.
EDGES = [
    D(2022, 6, 1), D(2022, 8, 31), D(2022, 9, 1), D(2022, 12, 31), D(2023, 6, 1), D(2023, 8, 31), D(2023, 9, 1),
    D(2023, 12, 31), D(2024, 6, 1),
]  # fmt: skip
KINDS = ["школа", "детский сад", "дополнительное образование", "СПО", "ДПО"]
CLOSES = D(2023, 6, 1)


class Region:
    """Units of one region: with zones or without, with units that move on a day and one that closes."""

    def __init__(self, code, zones, municipalities, organisations, sheet):
        self.code, self.organisations = code, []
        sheet.add(code, f"Область {code}", "Регион", "", "", "", "", "", "")
        for zone in range(zones):
            sheet.add(f"{code}-Z{zone}", f"Округ {zone}", "зона", code, "", "", "", "", "")
        self.municipalities = [f"{code}-M{m}" for m in range(municipalities)]
        for m, own in enumerate(self.municipalities):
            name = f"{PLACES[m % len(PLACES)]} {code}"
            parent = f"{code}-Z{m % zones}" if zones else code
            if zones > 1 and m == 1:
                moved = D(2023, 1, 1)
                sheet.add(own, name, "муниципалитет", parent, "", "", "", "", sheet.date(moved - DAY))
                sheet.add(own, name, "муниципалитет", f"{code}-Z0", "", "", "", sheet.date(moved), "")
            else:
                sheet.add(own, name, "муниципалитет", parent, "", "", "", "", "")
        moves = {2: D(2023, 7, 1), 5: D(2023, 6, 1), 7: D(2024, 1, 1), 9: D(2023, 6, 2)}
        for o in range(organisations):
            own, home = f"{code}-O{o}", self.municipalities[o % municipalities]
            kind, place = KINDS[o % 5], ["город", "село", "село отдалённое", ""][o % 4]
            name = {0: "Школа", 4: "ЦНППМ"}.get(o % 10, "Организация")
            name = f"{name} № {o} «Росток-{code}»"
            self.organisations.append(own)
            if o in moves:
                new_home = self.municipalities[(o + 1) % municipalities]
                sheet.add(own, name, "организация", home, kind, place, "", "", sheet.date(moves[o] - DAY))
                sheet.add(own, name, "организация", new_home, kind, place, "", sheet.date(moves[o]), "")
            else:
                sheet.add(own, name, "организация", home, kind, place, "", "", sheet.date(CLOSES) if o == 10 else "")
        # One school ends and its people go on in another municipality the day after.
        self.closing, self.heir = f"{code}-O10", f"{code}-O0"

    def neighbour(self, rng, organisation, same_municipality):
        """Another organisation in the same municipality, or in another one."""
        count = len(self.municipalities)
        own = int(organisation.rsplit("-O", 1)[1])
        fits = [
            o for i, o in enumerate(self.organisations) if o != organisation and (i % count == own % count) == same_municipality
        ]
        return rng.choice(fits)


def units(rng, out, people, count):
    sheet = Sheet(
        rng.choice(list(MANNERS)),
        ["Код", "Наименование", "Вид", "Входит в", "Тип ОО", "Местность", "ОКТМО", "С", "По"],
    )
    size = max(12, people // (20 * count))
    regions = []
    for n in range(count):
        zones, municipalities = (3, 4) if n % 2 == 0 else (rng.choice([0, 1]), 3)
        regions.append(Region(chr(ord("A") + n), zones, municipalities, size, sheet))
    sheet.write(f"{out}/units.csv")
    return regions


STAFF_COLUMNS = [
    "СНИЛС", "Фамилия", "Имя", "Отчество", "Дата рождения", "Пол", "Код ОО", "Должность", "Персонал", "Вид занятости",
    "Ставка", "Нагрузка", "Предметы", "Начало педагогической работы", "Принят", "Уволен", "Квалификационная категория",
    "Образование", "Соответствие профилю", "E-mail",
]  # fmt: skip
TEACH, LEAD = "педагогический", "Руководящий"
MAIN, INNER, OUTER, CONTRACT = "основное", "внутреннее совместительство", "внешнее совместительство", "договор"
POSITIONS = [
    "учитель", "Учитель математики", "учитель-логопед", "Учитель-дефектолог", "методист", "воспитатель", "учитель физики",
    "педагог-психолог", "старший учитель",
]  # fmt: skip
EDUCATION = [
    "высшее педагогическое", "Высшее, педагогическое", "высшее", "среднее профессиональное педагогическое",
    "педагогическое (высшее)", "",
]  # fmt: skip
SUBJECTS = ["", "математика", "математика;физика", "русский язык", "физика", "химия;биология"]


def jobs_of(rng, region):
    """One life: rows of organisation, staff, kind of job, first day, last day."""
    home = rng.choice(region.organisations)
    near, far = region.neighbour(rng, home, True), region.neighbour(rng, home, False)
    since = D(rng.randint(1995, 2021), rng.randint(1, 12), rng.randint(1, 28))
    edge = rng.choice(EDGES)
    last = edge + DAY * rng.choice([-1, 0, 1])
    lives = [
        (30, [(home, TEACH, MAIN, since, None)]),
        (6, [(home, TEACH, "", since, None)]),
        (6, [(home, LEAD, MAIN, since, None)]),
        (8, [(home, TEACH, MAIN, since, None), (home, LEAD, INNER, since, None)]),
        (8, [(home, TEACH, MAIN, since, None), (near, TEACH, OUTER, since, None)]),
        (8, [(home, TEACH, MAIN, since, None), (far, TEACH, OUTER, since, None)]),
        (4, [(home, LEAD, MAIN, since, None), (far, TEACH, OUTER, since, None)]),
        (8, [(home, TEACH, MAIN, since, last), (far, TEACH, MAIN, last + DAY, None)]),
        (4, [(home, TEACH, MAIN, since, last), (near, LEAD, MAIN, last + DAY * 40, None)]),
        (6, [(home, TEACH, MAIN, since, last)]),
        (4, [(home, TEACH, MAIN, last, None)]),
        (4, [(home, TEACH, CONTRACT, since, None)]),
        (3, [(home, TEACH, MAIN, since, None), (far, TEACH, CONTRACT, since, None)]),
        (3, [(home, TEACH, OUTER, since, None)]),
        (2, [(home, TEACH, MAIN, since, last), (home, TEACH, MAIN, last + DAY * 90, None)]),
    ]
    life = rng.choices([rows for _, rows in lives], [weight for weight, _ in lives])[0]
    return merged(region, life)


def merged(region, life):
    """The same life when the closing organisation hands its people over to its heir."""
    for organisation, staff, kind, first, last in life:
        if organisation != region.closing or (last is not None and last <= CLOSES):
            yield organisation, staff, kind, first, last
        elif first > CLOSES:
            yield region.heir, staff, kind, first, last
        else:
            yield organisation, staff, kind, first, CLOSES
            yield region.heir, staff, kind, CLOSES + DAY, last


def born_on(rng, sex):
    """A third stand near the age of 35, a third near the age of a pension, on the days when people are counted."""
    edge, near = rng.choice(EDGES), DAY * rng.choice([-1, 0, 1])
    chance = rng.random()
    if chance < 0.02:
        return D(1988, 2, 29)
    if chance < 0.35:
        return D(edge.year - 35, edge.month, edge.day) + near
    if chance < 0.6:
        months = rng.choice([660, 666, 678, 696] if sex == "женский" else [720, 726, 738, 756])
        return months_later(edge, -months) + near
    return D(rng.randint(1955, 2000), rng.randint(1, 12), rng.randint(1, 28))


def started_on(rng, born, first_day):
    """The start of teaching: one or three years before a day of counting, or the day of the first job."""
    if rng.random() < 0.5:
        edge = rng.choice(EDGES)
        return D(edge.year - rng.choice([1, 1, 3]), edge.month, edge.day) + DAY * rng.choice([-1, 0, 1])
    return first_day


def staff(rng, out, people, regions):
    sheet = Sheet(rng.choice(list(MANNERS)), STAFF_COLUMNS)
    persons = []

    def add(region, number, full_name, born, sex, jobs):
        started = started_on(rng, born, jobs[0][3])
        for organisation, kind, held, first, last in jobs:
            shown_start = sheet.date(started) if rng.random() < 0.6 else ""
            position = rng.choice(POSITIONS) if kind == TEACH else rng.choice(["директор", "заместитель директора"])
            digits = snils(number)
            shown = digits if rng.random() < 0.8 else "".join(c for c in digits if c.isdigit())
            hours = sheet.number(rng.choice(["", "9", "18", "18.5", "27", "36", "36.5"]))
            sheet.add(
                shown, *full_name, sheet.date(born), sex, organisation, position, kind, held, sheet.number("0.5"), hours,
                rng.choice(SUBJECTS), shown_start, sheet.date(first), sheet.date(last), "первая", rng.choice(EDUCATION),
                rng.choice(["да", "да", "нет", ""]), "",
            )  # fmt: skip
        persons.append((region, number))

    for n in range(people):
        at = n % len(regions)
        full_name = rng.choice(LAST), rng.choice(FIRST), rng.choice(PATRONYMIC)
        sex = rng.choice(["", "женский", "женский", "мужской"])
        born = born_on(rng, sex)
        add(regions[at], 900_000_001 + n, full_name, born, sex, list(jobs_of(rng, regions[at])))
        if n % 37 == 5:
            # The same СНИЛС on the staff list of another region: another person row, counted there.
            other = regions[(at + 1) % len(regions)]
            add(other, 900_000_001 + n, full_name, born, sex, list(jobs_of(rng, other)))
    sheet.write(f"{out}/staff.csv")
    return persons

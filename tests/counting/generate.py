"""Invents two regions as import files, with every edge that a count can slip on.

    generate.py --seed S --people N --out DIR      units, staff, competences, programmes, procedures, results, orders.csv
    generate.py --seed S --out DIR --acts 1        accounts.csv, acts-1.csv, illegal.csv from plans-1.csv (see plans.py)

orders.csv says which procedures are drafted before which file of acts: part, procedure.
"""

import argparse
import collections
import datetime
import random

import invent_acts
from names import FIRST, LAST, PATRONYMIC, PLACES, snils
from sheets import MANNERS, Sheet

DAY = datetime.timedelta(days=1)
D = datetime.date
# Days on which populations are counted and periods end: people come and go around them.
EDGES = [D(2022, 6, 1), D(2022, 8, 31), D(2022, 12, 31), D(2023, 6, 1), D(2023, 8, 31), D(2023, 12, 31), D(2024, 6, 1)]
GROUPS = ["предметные", "методические", "психолого-педагогические", "коммуникативные", "цифровые", "digital"]
TOPICS = [
    "education_quality_assessment", "low_performing_schools", "gifted_children", "career_guidance", "upbringing",
    "preschool_quality", "functional_literacy", "digital_environment",
]
SCORES = [
    ("59.99", "100"), ("60", "100"), ("80", "100"), ("80.01", "100"), ("100", "100"), ("0", "100"), ("99.999", "100"),
    ("17.997", "30"), ("18", "30"), ("24", "30"), ("24.003", "30"), ("30", "30"), ("29", "30"), ("1", "3"), ("2", "3"),
    ("4.8", "8"), ("4.799", "8"), ("6.4", "8"), ("6.401", "8"), ("8", "8"), ("7", "40"), ("59.995", "100"), ("33", "45"),
]


class Region:
    """Units of one region: with zones or without, and with units that move on a day."""

    def __init__(self, rng, code, zones, municipalities, organisations, sheet):
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
            kind = ["школа", "детский сад", "дополнительное образование", "СПО", "ДПО"][o % 5]
            place = ["город", "село", "село отдалённое", ""][o % 4]
            name = f"{'Школа' if o % 5 == 0 else 'Организация'} № {o} «Росток-{code}»"
            self.organisations.append(own)
            if o in moves:
                new_home = self.municipalities[(o + 1) % municipalities]
                sheet.add(own, name, "организация", home, kind, place, "", "", sheet.date(moves[o] - DAY))
                sheet.add(own, name, "организация", new_home, kind, place, "", sheet.date(moves[o]), "")
            else:
                sheet.add(own, name, "организация", home, kind, place, "", "", "")

    def neighbour(self, rng, organisation, same_municipality):
        """Another organisation in the same municipality, or in another one."""
        count = len(self.municipalities)
        own = int(organisation.rsplit("-O", 1)[1])
        fits = [
            o for i, o in enumerate(self.organisations) if o != organisation and (i % count == own % count) == same_municipality
        ]
        return rng.choice(fits)


def units(rng, out, people):
    sheet = Sheet(
        rng.choice(list(MANNERS)),
        ["Код", "Наименование", "Вид", "Входит в", "Тип ОО", "Местность", "ОКТМО", "С", "По"],
    )
    size = max(12, people // 40)
    regions = [Region(rng, "A", 3, 4, size, sheet), Region(rng, "B", rng.choice([0, 1]), 3, size, sheet)]
    sheet.write(f"{out}/units.csv")
    return regions


STAFF_COLUMNS = [
    "СНИЛС", "Фамилия", "Имя", "Отчество", "Дата рождения", "Пол", "Код ОО", "Должность", "Персонал", "Вид занятости",
    "Ставка", "Нагрузка", "Предметы", "Начало педагогической работы", "Принят", "Уволен", "Квалификационная категория",
    "Образование", "Соответствие профилю", "E-mail",
]  # fmt: skip


def jobs_of(rng, region):
    """One life: rows of organisation, staff, kind of job, first day, last day."""
    home = rng.choice(region.organisations)
    near, far = region.neighbour(rng, home, True), region.neighbour(rng, home, False)
    since = D(rng.randint(1995, 2021), rng.randint(1, 12), rng.randint(1, 28))
    edge = rng.choice(EDGES)
    last = edge + DAY * rng.choice([-1, 0, 1])
    teach, lead = "педагогический", "Руководящий"
    main, inner, outer, contract = "основное", "внутреннее совместительство", "внешнее совместительство", "договор"
    lives = [
        (30, [(home, teach, main, since, None)]),
        (6, [(home, teach, "", since, None)]),
        (6, [(home, lead, main, since, None)]),
        (8, [(home, teach, main, since, None), (home, lead, inner, since, None)]),
        (8, [(home, teach, main, since, None), (near, teach, outer, since, None)]),
        (8, [(home, teach, main, since, None), (far, teach, outer, since, None)]),
        (4, [(home, lead, main, since, None), (far, teach, outer, since, None)]),
        (8, [(home, teach, main, since, last), (far, teach, main, last + DAY, None)]),
        (4, [(home, teach, main, since, last), (near, lead, main, last + DAY * 40, None)]),
        (6, [(home, teach, main, since, last)]),
        (4, [(home, teach, main, last, None)]),
        (4, [(home, teach, contract, since, None)]),
        (3, [(home, teach, main, since, None), (far, teach, contract, since, None)]),
        (3, [(home, teach, outer, since, None)]),
        (2, [(home, teach, main, since, last), (home, teach, main, last + DAY * 90, None)]),
    ]
    return rng.choices([rows for _, rows in lives], [weight for weight, _ in lives])[0]


def staff(rng, out, people, regions):
    sheet = Sheet(rng.choice(list(MANNERS)), STAFF_COLUMNS)
    persons = []

    def add(region, number, full_name, born, jobs):
        sex = rng.choice(["", "женский", "мужской"])
        for place, (organisation, kind, held, first, last) in enumerate(jobs):
            started = sheet.date(jobs[0][3]) if rng.random() < 0.7 else ""
            position = ["учитель", "методист", "воспитатель"][place % 3] if kind[0] == "п" else "заместитель директора"
            digits = snils(number)
            shown = digits if rng.random() < 0.8 else "".join(c for c in digits if c.isdigit())
            sheet.add(
                shown, *full_name, sheet.date(born), sex, organisation, position, kind, held, sheet.number("0.5"), "18",
                "математика;физика", started, sheet.date(first), sheet.date(last), "первая", "высшее", "", "",
            )  # fmt: skip
        persons.append((region, number))

    for n in range(people):
        region = regions[n % 2]
        full_name = rng.choice(LAST), rng.choice(FIRST), rng.choice(PATRONYMIC)
        # A third stand near the age of 35 on the days when people are counted.
        edge = rng.choice(EDGES)
        born = D(edge.year - 35, edge.month, edge.day) + DAY * rng.choice([-1, 0, 1])
        if rng.random() < 0.7:
            born = D(rng.randint(1955, 2000), rng.randint(1, 12), rng.randint(1, 28))
        if n % 29 == 3:
            born = D(1988, 2, 29)
        add(region, 900_000_001 + n, full_name, born, jobs_of(rng, region))
        if n % 37 == 5:
            # The same СНИЛС on the staff list of the other region: another person row, counted there.
            add(regions[(n + 1) % 2], 900_000_001 + n, full_name, born, jobs_of(rng, regions[(n + 1) % 2]))
    sheet.write(f"{out}/staff.csv")
    return persons


def competences(rng, out):
    """Each competence has one programme that teaches it, but the last two, which have none: unmatched deficits."""
    sheet = Sheet(rng.choice(list(MANNERS)), ["Код", "Группа", "Наименование", "Входит в"])
    programmes = Sheet(
        rng.choice(list(MANNERS)),
        ["Код", "Название", "Вид", "Часы", "Форма", "Организация", "Федеральная программа", "Компетенции", "Темы"],
    )
    known = []
    for c in range(12):
        code = f"К.{c + 1}"
        known.append(code)
        sheet.add(code, GROUPS[c % len(GROUPS)], f"Умение № {c + 1}", "К.1" if c in (3, 4) else "")
        if c < 10:
            topics = [TOPICS[c % len(TOPICS)]] + ([TOPICS[(c + 3) % len(TOPICS)]] if c % 3 == 0 else [])
            hours, form = rng.choice([("36", "очная"), ("72", "заочная"), ("16", "")])
            joined = ";".join(topics)
            programmes.add(f"П-{c + 1}", f"Курс «Умение {c + 1}»", "ПК", hours, form, "A-O4", "нет", code, joined)
    sheet.write(f"{out}/competences.csv")
    programmes.write(f"{out}/programmes.csv")
    return known


# Code, kind, last day of the passage, days of validity, whether plans are drafted and before which file of acts.
PROCEDURES = [
    ("П22", "полная", D(2022, 5, 20), "", 1),
    ("К22", "корпоративный заказ", D(2022, 10, 10), "", 1),
    ("Э23", "входная", D(2023, 2, 1), "", 1),
    ("П23", "полная", D(2023, 10, 31), "", 2),
    ("В23", "полная", D(2023, 5, 31), "92", 0),
    ("Н23", "корпоративный заказ", D(2023, 9, 30), "92", 0),
    ("Ф23", "повторная", D(2023, 12, 31), "0", 0),
    ("С23", "самодиагностика", D(2023, 3, 1), "30", 0),
]


def diagnoses(rng, out, persons, regions, known):
    described = Sheet(
        rng.choice(list(MANNERS)),
        ["Код", "Наименование", "Вид", "Уровень", "Организатор", "С", "По", "Действует дней"],
    )
    orders = Sheet("plain", ["part", "procedure"])
    results = Sheet(
        rng.choice(list(MANNERS)),
        ["СНИЛС", "Процедура", "Вид", "Уровень", "Дата", "Предмет", "Компетенция", "Балл", "Максимум"],
    )
    seen = collections.Counter(number for _, number in persons)
    twice = {number for number, times in seen.items() if times > 1}
    for region in regions:
        for name, kind, ends, days, part in PROCEDURES:
            code = f"{name}-{region.code}"
            first = described.date(ends - DAY * 60)
            described.add(code, f"Процедура {name}", kind, "региональный", region.code, first, described.date(ends), days)
            if part:
                orders.add(str(part), code)
    for region, number in persons:
        if number in twice and (number % 2 == 0) != (region.code == "A"):
            continue  # diagnosed in one of its two regions only
        for name, kind, ends, days, part in PROCEDURES:
            if rng.random() > (0.5 if part == 1 else 0.3):
                continue
            # Exactly on the last days of periods, and so that validity ends on one, or one day before it.
            on = ends - DAY * rng.choice([0, 0, 1, rng.randint(2, 40)])
            for competence in rng.sample(known, rng.randint(1, 3)):
                score, maximum = rng.choice(SCORES)
                subject = rng.choice(["", "", "математика", "физика"])
                results.add(
                    snils(number), f"{name}-{region.code}", kind, "региональный", results.date(on), subject, competence,
                    results.number(score), results.number(maximum),
                )  # fmt: skip
    described.write(f"{out}/procedures.csv")
    results.write(f"{out}/results.csv")
    orders.write(f"{out}/orders.csv")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--out", required=True)
    parser.add_argument("--acts", type=int, help="write the acts of this part, from plans-N.csv")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed * 10 + (arguments.acts or 0))
    if arguments.acts:
        invent_acts.write(rng, arguments.out, arguments.acts)
        return
    regions = units(rng, arguments.out, arguments.people)
    persons = staff(rng, arguments.out, arguments.people, regions)
    known = competences(rng, arguments.out)
    diagnoses(rng, arguments.out, persons, regions, known)


if __name__ == "__main__":
    main()

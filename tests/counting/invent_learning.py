"""Invents competences, the programmes that teach them, and what people were diagnosed with."""

import collections
import datetime

from names import snils
from sheets import MANNERS, Sheet

DAY = datetime.timedelta(days=1)
D = datetime.date
GROUPS = [
    "предметные", "методические", "психолого-педагогические", "коммуникативные", "цифровые", "digital", "управленческие",
    "нормативно-правовые",
]  # fmt: skip
TOPICS = [
    "education_quality_assessment", "low_performing_schools", "gifted_children", "career_guidance", "upbringing",
    "preschool_quality", "functional_literacy", "updated_fgos", "digital_environment", "burnout_prevention", "gia_expert",
    "attestation_expert",
]  # fmt: skip
# Numbers of competences that speak of functional literacy, in their own name or in the name of what they stand in.
NAMES = {
    7: "Формирование читательской грамотности", 8: "Математическая грамотность учеников", 9: "Естественно-научная грамотность",
    10: "Естественнонаучные опыты", 11: "Цифровая грамотность", 13: "Читательский дневник",
}  # fmt: skip
PARENTS = {4: 1, 5: 1, 12: 7, 14: 8, 15: 11}
COMPETENCES = 18
SCORES = [
    ("59.99", "100"), ("60", "100"), ("80", "100"), ("80.01", "100"), ("100", "100"), ("0", "100"), ("99.999", "100"),
    ("17.997", "30"), ("18", "30"), ("24", "30"), ("24.003", "30"), ("30", "30"), ("29", "30"), ("1", "3"), ("2", "3"),
    ("4.8", "8"), ("4.799", "8"), ("6.4", "8"), ("6.401", "8"), ("8", "8"), ("7", "40"), ("59.995", "100"), ("33", "45"),
]


def competences(rng, out, regions):
    """Each competence has one programme that teaches it, but the last two, which have none: unmatched deficits."""
    sheet = Sheet(rng.choice(list(MANNERS)), ["Код", "Группа", "Наименование", "Входит в"])
    programmes = Sheet(
        rng.choice(list(MANNERS)),
        [
            "Код", "Название", "Вид", "Часы", "Форма", "Организация", "№ ФР ДПП", "ДОТ", "ЭО", "По итогам диагностики",
            "Федеральная программа", "Компетенции", "Темы",
        ],  # fmt: skip
    )
    known = []
    for c in range(1, COMPETENCES + 1):
        code = f"К.{c}"
        known.append(code)
        parent = f"К.{PARENTS[c]}" if c in PARENTS else ""
        sheet.add(code, GROUPS[(c - 1) % len(GROUPS)], NAMES.get(c, f"Умение № {c}"), parent)
        if c <= COMPETENCES - 2:
            # Every topic has a programme, some have several, and one programme has none.
            topics = sorted({TOPICS[c % len(TOPICS)], *rng.sample(TOPICS, rng.choice([0, 1, 2, 3]))}) if c != 16 else []
            hours, form = rng.choice([("36", "очная"), ("72", "заочная"), ("16", "")])
            provider = rng.choice(regions).code + rng.choice(["-O4", "-O4", "-O9", "-O0"])
            register = rng.choice(["", "", f"ФР-{c}"])
            marks = [rng.choice(["да", "да", "нет", ""]) for _ in range(4)]
            kind = "ПП" if c % 4 == 3 else "ПК"
            name = f"Курс «Умение {c}»"
            programmes.add(f"П-{c}", name, kind, hours, form, provider, register, *marks, code, ";".join(topics))
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
    first_of = {}
    for region, number in persons:
        first_of.setdefault(number, region)
    for region in regions:
        for name, kind, ends, days, part in PROCEDURES:
            code = f"{name}-{region.code}"
            first = described.date(ends - DAY * 60)
            described.add(code, f"Процедура {name}", kind, "региональный", region.code, first, described.date(ends), days)
            if part:
                orders.add(str(part), code)
    for region, number in persons:
        if number in twice and (number % 2 == 0) != (region is first_of[number]):
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

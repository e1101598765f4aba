"""Invents what people do besides their plans, and what units enter in forms."""

import collections
import datetime

from names import snils
from sheets import MANNERS, Sheet

DAY = datetime.timedelta(days=1)
D = datetime.date
# First and last days of periods: things begin and end on them, one day before and one day after.
BOUNDS = [
    D(2021, 9, 1), D(2022, 1, 1), D(2022, 8, 31), D(2022, 9, 1), D(2022, 12, 31), D(2023, 1, 1), D(2023, 6, 1), D(2023, 8, 31),
    D(2023, 9, 1), D(2023, 12, 31), D(2024, 1, 1),
]  # fmt: skip
LEVELS = ["школьный", "муниципальный", "региональный", "федеральный"]
EVENTS = [
    "ПрофСреда", "Мероприятие календаря молодых педагогов", "Школа молодого педагога", "Мероприятие методического актива",
    "Семинар", "Конкурс проектов молодых педагогов", "Учитель года",
]  # fmt: skip
# Kinds of records: what is said of them besides the days, and whether they last.
RECORDS = [
    ("Адресная помощь ГМО", {}, False), ("Адресная помощь РМО", {}, False), ("Адресная помощь сообщества", {}, False),
    ("Тьютор", {}, True), ("Супервизор", {}, True), ("Региональный методист", {}, True), ("Муниципальный методист", {}, True),
    ("Сопровождение региональным методистом", {}, True), ("Сопровождение тьютором", {}, True),
    ("Программа социальной поддержки", {"level"}, False), ("Выплата молодому специалисту", {"level"}, False),
    ("Эксперт ГИА", {}, False), ("Эксперт аттестации", {}, False),
    ("Независимая оценка квалификации", {"result"}, False), ("Профессиональный экзамен", {"result"}, False),
    ("Профилактика выгорания", {}, False), ("Благодарность", {"level"}, False),
    ("ПрофСреда", {"level"}, False), ("Конкурс профессионального мастерства", {"level", "place"}, False),
    ("Конкурс проектов молодых педагогов", {"level", "place"}, False),
]  # fmt: skip
BODIES = [
    "ГМО", "РМО", "СМО", "УМО", "Ассоциация", "Профессиональное сообщество", "Сообщество наставников",
    "Региональный методический актив", "Муниципальный методический актив", "Объединение молодых педагогов", "Клуб",
]  # fmt: skip


def any_day(rng):
    if rng.random() < 0.5:
        return rng.choice(BOUNDS) + DAY * rng.choice([-1, 0, 1])
    return D(2021, 9, 1) + DAY * rng.randint(0, 900)


def last_day(rng, first):
    """The last day of something that lasts: none, the same, one on a bound, or any later one."""
    later = [bound for bound in BOUNDS if bound > first]
    chance = rng.random()
    if chance < 0.3:
        return None
    if chance < 0.4:
        return first
    if chance < 0.7 and later:
        return rng.choice(later) - DAY * rng.choice([0, 1])
    return first + DAY * rng.randint(1, 500)


class Register:
    """Sheets of events, bodies and of those who take part in them."""

    def __init__(self, rng, out, persons, regions):
        self.rng, self.out, self.persons, self.regions = rng, out, persons, regions
        seen = collections.Counter(number for _, number in persons)
        # A number on two staff lists is told apart by the code of an event or a body alone.
        self.twice = {number for number, times in seen.items() if times > 1}
        self.codes = {}

    def sheet(self, columns):
        return Sheet(self.rng.choice(list(MANNERS)), columns)

    def events(self):
        sheet = self.sheet(
            ["Код", "Серия", "Название", "Вид", "Уровень", "С", "По", "Организатор", "Единицы", "Участников", "Ссылка"]
        )
        for region in self.regions:
            for n in range(12):
                code, kind = f"М-{region.code}{n}", EVENTS[n % len(EVENTS)]
                first = any_day(self.rng)
                last = first + DAY * self.rng.choice([0, 0, 3, 40])
                units = ";".join(f"{m}={self.rng.randint(0, 30)}" for m in region.municipalities[: self.rng.randint(1, 3)])
                series = self.rng.choice(["", f"Цикл {n % 3}"])
                shown_last = sheet.date(last) if last != first else ""
                sheet.add(
                    code, series, f"Встреча {n}", kind, self.rng.choice(LEVELS), sheet.date(first), shown_last, region.code, units,
                    "", "",
                )  # fmt: skip
                self.codes.setdefault(region.code, []).append((code, kind, first, last))
        sheet.write(f"{self.out}/events.csv")

    def activities(self):
        sheet = self.sheet(["СНИЛС", "Вид", "Уровень", "С", "По", "Название", "Мероприятие", "Роль", "Результат", "Документ"])
        for region, number in self.persons:
            # One record an event: the same one said twice in different words is refused.
            for code, kind, first, last in self.rng.sample(self.codes[region.code], self.rng.choice([0, 1, 2, 4])):
                on = min(last, first + DAY * self.rng.choice([0, 0, 1, 20]))
                level = self.rng.choice(["", "", *LEVELS]) if "онкурс" in kind else ""
                result = self.rng.choice(["", "победитель", "участие без места"]) if "онкурс" in kind or "год" in kind else ""
                sheet.add(snils(number), kind, level, sheet.date(on), "", "", code, "участник", result, "")
            if number in self.twice:
                continue
            for _ in range(self.rng.choice([0, 1, 3, 5])):
                kind, says, lasts = self.rng.choice(RECORDS)
                first = any_day(self.rng)
                # What does not last may still take several days: its first one is its day.
                last = last_day(self.rng, first) if lasts or self.rng.random() < 0.2 else None
                level = self.rng.choice(LEVELS) if "level" in says else ""
                result = ""
                if "result" in says:
                    result = self.rng.choice(["сдан", "не сдан"])
                elif "place" in says:
                    result = self.rng.choice(["", "победитель", "призёр"])
                title = f"Запись {self.rng.randint(1, 10**6)}"
                shown_last = sheet.date(last) if last else ""
                sheet.add(snils(number), kind, level, sheet.date(first), shown_last, title, "", "", result, "")
        sheet.write(f"{self.out}/activities.csv")

    def bodies(self):
        sheet = self.sheet(["Код", "Наименование", "Вид", "Уровень", "Единица", "Обязанности", "Ссылка"])
        members = self.sheet(["СНИЛС", "Объединение", "Роль", "С", "По"])
        for region in self.regions:
            for n, kind in enumerate(BODIES):
                home = self.rng.choice([region.code, *region.municipalities])
                level = self.rng.choice(["муниципальный", "региональный"])
                sheet.add(f"Т-{region.code}{n}", f"Объединение {n}", kind, level, home, "", "")
        for region, number in self.persons:
            for n in self.rng.sample(range(len(BODIES)), self.rng.choice([0, 1, 2, 3])):
                first = any_day(self.rng)
                last = last_day(self.rng, first)
                role = self.rng.choice(["", "участник", "секретарь"])
                members.add(snils(number), f"Т-{region.code}{n}", role, members.date(first), members.date(last))
                if last is not None and self.rng.random() < 0.2:
                    members.add(snils(number), f"Т-{region.code}{n}", role, members.date(last + DAY * 30), "")
        sheet.write(f"{self.out}/bodies.csv")
        members.write(f"{self.out}/members.csv")

    def pairs(self):
        sheet = self.sheet(["СНИЛС наставника", "СНИЛС наставляемого", "Форма", "С", "По", "Документы", "Ссылка"])
        for region in self.regions:
            own = [number for home, number in self.persons if home is region and number not in self.twice]
            for _ in range(len(own) // 5):
                mentor, mentee = self.rng.sample(own, 2)
                own.remove(mentee)
                first = any_day(self.rng)
                last = last_day(self.rng, first)
                form = self.rng.choice(["Педагог – педагог", "Руководитель – педагог"])
                sheet.add(snils(mentor), snils(mentee), form, sheet.date(first), sheet.date(last), "приказ о закреплении", "")
        sheet.write(f"{self.out}/pairs.csv")

    def forms(self):
        """Numbers of the federal forms; in one region they are entered at once, and one municipality is silent."""
        sheet = self.sheet(["Единица", "Показатель или величина", "Период", "Значение"])
        for n, region in enumerate(self.regions):
            for period in ("2022", "2023"):
                units = [(unit, 3, 40) for unit in region.municipalities[1 if n % 3 == 0 else 0 :]]
                if n % 2 == 1:
                    units.append((region.code, 20, 100))
                for unit, least, most in units:
                    total = self.rng.randint(least, most)
                    sheet.add(unit, "pedagogical_federal", period, str(total))
                    # The young are a part of them.
                    sheet.add(unit, "pedagogical_young_federal", period, str(self.rng.randint(least, total)))
            for unit in region.municipalities:
                sheet.add(unit, "mun_methodist_headcount", "2022/23", str(self.rng.randint(1, 4)))
        sheet.write(f"{self.out}/forms.csv")


def write(rng, out, persons, regions):
    register = Register(rng, out, persons, regions)
    register.events()
    register.activities()
    register.bodies()
    register.pairs()
    register.forms()

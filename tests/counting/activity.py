"""What people did besides their plans: records, memberships and mentoring pairs by person."""

import collections

from place import FAR_FUTURE
from reading import date, rows, snils

LEVELS = {"школьный": "school", "муниципальный": "municipal", "региональный": "regional", "федеральный": "federal"}
# Only the kinds that some indicator asks about or must not take for another.
KINDS = {
    "ПрофСреда": "event profsreda",
    "Мероприятие календаря молодых педагогов": "event young_calendar",
    "Школа молодого педагога": "event young_school",
    "Мероприятие методического актива": "event methodical_active",
    "Семинар": "event seminar",
    "Конкурс проектов молодых педагогов": "contest young_projects",
    "Учитель года": "contest teacher_of_year",
    "Конкурс профессионального мастерства": "contest mastery",
    "Адресная помощь ГМО": "help gmo",
    "Адресная помощь РМО": "help rmo",
    "Адресная помощь сообщества": "help community",
    "Тьютор": "role tutor",
    "Супервизор": "role supervisor",
    "Региональный методист": "role regional_methodist",
    "Муниципальный методист": "role municipal_methodist",
    "Сопровождение региональным методистом": "accompanied regional_methodist",
    "Сопровождение тьютором": "accompanied tutor",
    "Программа социальной поддержки": "support social",
    "Выплата молодому специалисту": "support payment",
    "Эксперт ГИА": "expert gia",
    "Эксперт аттестации": "expert attestation",
    "Независимая оценка квалификации": "exam independent",
    "Профессиональный экзамен": "exam professional",
    "Профилактика выгорания": "burnout training",
    "Благодарность": "award gratitude",
}
BODIES = {
    "ГМО": "gmo",
    "РМО": "rmo",
    "СМО": "smo",
    "УМО": "umo",
    "Ассоциация": "association",
    "Профессиональное сообщество": "community",
    "Сообщество наставников": "mentors",
    "Региональный методический актив": "regional_active",
    "Муниципальный методический актив": "municipal_active",
    "Объединение молодых педагогов": "young",
    "Клуб": "club",
}

Record = collections.namedtuple("Record", "family kind level first last result")
Member = collections.namedtuple("Member", "kind level first last")
Pair = collections.namedtuple("Pair", "first last")


class Activities:
    def __init__(self, folder, units, staff):
        self.regions = collections.defaultdict(set)
        for region, number in staff.jobs:
            self.regions[number].add(region)
        self.records, self.members = collections.defaultdict(list), collections.defaultdict(list)
        self.pairs = collections.defaultdict(list)
        events = {row["код"]: row for row in rows(f"{folder}/events.csv")}
        for row in rows(f"{folder}/activities.csv"):
            event = events.get(row["мероприятие"])
            place = units.region(event["организатор"]) if event else None
            family, kind = KINDS[row["вид"]].split()
            level = LEVELS.get(row["уровень"] or (event or {}).get("уровень", ""))
            first = date(row["с"])
            record = Record(family, kind, level, first, date(row["по"]), row["результат"])
            self.records[self._person(row["снилс"], place)].append(record)
        bodies = {row["код"]: row for row in rows(f"{folder}/bodies.csv")}
        for row in rows(f"{folder}/members.csv"):
            body = bodies[row["объединение"]]
            member = Member(
                BODIES[body["вид"]], LEVELS[body["уровень"]], date(row["с"]), date(row["по"]) or FAR_FUTURE
            )
            self.members[self._person(row["снилс"], units.region(body["единица"]))].append(member)
        for row in rows(f"{folder}/pairs.csv"):
            pair = Pair(date(row["с"]), date(row["по"]) or FAR_FUTURE)
            for who in ("снилснаставника", "снилснаставляемого"):
                self.pairs[self._person(row[who], None)].append(pair)

    def _person(self, number, region):
        """A number on the staff lists of two regions is told apart by the event or the body."""
        number = snils(number)
        known = self.regions[number]
        return (next(iter(known)) if len(known) == 1 else region, number)

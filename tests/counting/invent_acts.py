"""Invents what people did with the drafted plans: legal acts only, and a handful of illegal ones in a file apart.

Reads the invented files and plans-N.csv (what the program answered about the plans it drafted), so that the acts name
items by the numbers the program gave them.
"""

import collections
import csv
import datetime

from place import Staff, Units
from reading import date, rows, snils

DAY = datetime.timedelta(days=1)
D = datetime.date
COLUMNS = ["snils", "act", "item", "date", "by", "value", "reason"]
# First days of plans: the last and first days of periods among them.
STARTS = [
    D(2022, 8, 31), D(2022, 9, 1), D(2022, 12, 31), D(2023, 1, 1), D(2023, 8, 31), D(2023, 9, 1), D(2023, 12, 31),
    D(2024, 1, 1),
]  # fmt: skip
REASONS = ["увольнение", "декрет", "перевод", "отказ", "ошибка", "заменён другим ИОМ"]


class Plan:
    """A drafted plan and the acts invented for it; the clock only goes forward."""

    def __init__(self, rng, person, items, deficits, organisations, municipality):
        self.rng, self.region, self.snils = rng, person[0], person[1]
        self.items, self.deficits = items, deficits
        self.organisations, self.municipality = organisations, municipality
        self.teacher = "t" + "".join(c for c in self.snils if c.isdigit())
        self.enrols = True
        self.day = rng.choice(STARTS) if rng.random() < 0.4 else D(2022, 6, 1) + DAY * rng.randint(0, 600)
        self.acts, self.supporters, self.accepted = [], {}, set()

    def wait(self, most=20):
        self.day += DAY * self.rng.choice([0, 0, 1, self.rng.randint(1, most)])

    def to_edge(self):
        """Waits for the next last or first day of a period."""
        edges = [D(y, m, d) for y in range(2022, 2026) for m, d in ((1, 1), (8, 31), (9, 1), (12, 31))]
        self.day = min((edge for edge in edges if edge >= self.day), default=self.day)

    def say(self, act, by, item="", value="", reason=""):
        self.acts.append([self.snils, act, item, self.day.isoformat(), by, value, reason])

    def of_region(self, role):
        return f"{role}-{self.region.lower()}"

    def assign(self, kind=None):
        kinds = ["curator", "tutor", "regional_methodist", "mentor", "supervisor"]
        kinds += ["municipal_methodist"] if self.municipality else []
        kind = kind or self.rng.choice(kinds)
        login = f"{kind}{self.rng.randint(1, 2)}-{self.region.lower()}"
        if kind == "municipal_methodist":
            login = f"mm-{self.municipality.lower()}"
        if self.supporters.get(kind) != login:
            self.say("assign", self.of_region(self.rng.choice(["head", "staff", "curator1"])), value=login)
            self.supporters[kind] = login

    def supporter(self):
        """Someone who may look at items: an assigned supporter, or the curator of the region."""
        return self.rng.choice([*self.supporters.values(), self.of_region("curator1")])

    def agree(self):
        """From the draft to the teacher's agreement."""
        if self.rng.random() < 0.5:
            self.assign()
        self.say("send", self.of_region(self.rng.choice(["head", "staff", "curator1"])))
        self.wait()
        if self.rng.random() < 0.15:
            self.say("return", self.teacher, reason="нужны другие сроки")
            self.wait()
            self.say("send", self.of_region("staff"))
            self.wait()
        self.say("agree", self.teacher)

    def start(self):
        self.agree()
        self.wait()
        self.say("approve", self.of_region("head"))
        self.wait()
        if self.rng.random() < 0.6:
            self.assign()
        self.say("start", self.of_region("curator1"))
        self.wait()

    def study(self, item):
        """An item through an application, a place in a course and its document; each programme once in a life."""
        if not self.enrols:
            return False
        working = [o for o, first, last in self.organisations if first <= self.day and last >= self.day + DAY * 250]
        if not working:
            return False
        head = f"dir-{working[0].lower()}"
        self.say("apply", self.rng.choice([self.teacher, self.of_region("staff")]), item)
        self.wait(10)
        if self.rng.random() < 0.15:
            self.say("refuse-enrolment", head, item, reason="нет замены на уроках")
            return False
        self.say("agree-enrolment", head, item)
        self.wait(10)
        self.say("enrol", self.of_region(self.rng.choice(["staff", "curator1"])), item)
        self.wait(30)
        if self.rng.random() < 0.15:
            return False
        if self.rng.random() < 0.3:
            self.to_edge()
        document = f"УД-{self.snils[-6:-3]}{item}-{self.day.toordinal()}"
        self.say("complete", self.of_region(self.rng.choice(["staff", "curator1"])), item, value=document)
        return True

    def work(self, item):
        """An item by the teacher's own report."""
        self.say("begin", self.teacher, item)
        self.wait()
        self.say("submit", self.teacher, item)
        self.wait()
        if self.rng.random() < 0.2:
            self.say("return", self.supporter(), item, reason="нет ссылки на работу")
            self.wait()
            self.say("submit", self.teacher, item)
            self.wait()
        self.say("accept", self.supporter(), item)
        self.accepted.add(item)

    def finish(self, item):
        """Brings an item to an end in one of the ways."""
        chance = self.rng.random()
        if chance < 0.12:
            self.say("waive", self.of_region("curator1"), item, value="УД-2021-17", reason="обучался раньше")
            self.accepted.add(item)
        elif chance < 0.75 and self.items[item] and self.study(item):
            self.accepted.add(item)
        else:
            self.work(item)
        self.wait()

    def help(self):
        if self.rng.random() < 0.3:
            self.to_edge()
        by = self.supporter()
        self.say("support", by, value="встреча")

    def judge(self):
        for code in sorted(self.deficits):
            outcome = self.rng.choice(["closed", "reduced", "remained"])
            self.say("outcome", self.of_region("curator1"), value=f"{code}:{outcome}")

    def complete(self):
        left = [item for item in self.items if item not in self.accepted]
        for item in left:
            self.finish(item)
        if self.rng.random() < 0.5:
            self.help()
        if self.rng.random() < 0.3:
            self.to_edge()
        self.judge()
        self.say("close-completed", self.of_region("curator1"), reason="дефициты сняты, заключение от куратора")

    def cancel_some(self):
        item = self.rng.choice(list(self.items))
        self.say("cancel", self.of_region("curator1"), item, reason="курс закрыт организатором")
        self.accepted.add(item)


# What may happen to a plan, with weights; each function leaves the plan in the state of its name.
def drafted(plan):
    if plan.rng.random() < 0.3:
        plan.assign()


def sent(plan):
    plan.say("send", plan.of_region("staff"))
    if plan.rng.random() < 0.5:
        plan.wait()
        plan.assign()


def returned(plan):
    plan.say("send", plan.of_region("curator1"))
    plan.wait()
    plan.say("return", plan.teacher, reason="не согласен со сроками")


def agreed(plan):
    plan.agree()


def approved(plan):
    plan.agree()
    plan.wait()
    plan.say("approve", plan.of_region("head"))


def active(plan):
    plan.start()
    for item in list(plan.items)[: plan.rng.randint(0, len(plan.items))]:
        plan.finish(item)
    while plan.rng.random() < 0.5:
        plan.wait(200)
        plan.help()
    if plan.rng.random() < 0.3:
        plan.wait(100)
        plan.assign()
    if plan.rng.random() < 0.2:
        plan.say("pause", plan.of_region("curator1"), reason="отпуск")


def completed(plan):
    plan.start()
    if plan.rng.random() < 0.3:
        plan.assign("tutor")
        plan.help()
    if plan.rng.random() < 0.3 and len(plan.items) > 1:
        plan.cancel_some()
    if plan.rng.random() < 0.2:
        plan.say("pause", plan.of_region("curator1"), reason="командировка")
        plan.wait()
        plan.say("resume", plan.of_region("curator1"))
    plan.complete()


def expired(plan):
    active_without_pause(plan)
    if plan.rng.random() < 0.4:
        plan.say("pause", plan.of_region("curator1"), reason="отпуск")
    plan.wait(300)
    if plan.rng.random() < 0.4:
        plan.to_edge()
    plan.say("close-expired", plan.of_region(plan.rng.choice(["curator1", "head"])))


def active_without_pause(plan):
    plan.start()
    for item in list(plan.items)[: plan.rng.randint(0, len(plan.items))]:
        plan.finish(item)


def terminated(plan):
    reason = plan.rng.choice(REASONS)
    plan.rng.choice([sent, returned, agreed, approved, active])(plan)
    plan.wait(150)
    plan.say("close-terminated", plan.of_region("curator1"), reason=reason)


def reopened(plan):
    plan.rng.choice([completed, terminated_active, expired])(plan)
    plan.wait(300)
    plan.say("reopen", plan.of_region(plan.rng.choice(["head", "operator"])), reason="закрыт преждевременно")
    plan.wait(100)
    if plan.rng.random() < 0.6:
        plan.help()
    if plan.rng.random() < 0.5:
        plan.wait(100)
        plan.say("close-expired", plan.of_region("curator1"))
    elif plan.rng.random() < 0.5:
        plan.complete()


def terminated_active(plan):
    active_without_pause(plan)
    plan.wait(60)
    plan.say("close-terminated", plan.of_region("curator1"), reason=plan.rng.choice(REASONS))


SCRIPTS = [
    (4, drafted), (5, sent), (4, returned), (4, agreed), (4, approved), (18, active), (26, completed), (12, expired),
    (12, terminated), (12, reopened),
]  # fmt: skip


def read_plans(rng, folder, part):
    """The plans that the program drafted before this part, not counting those of earlier parts."""
    units = Units(folder)
    staff = Staff(folder, units)
    earlier = {row["plan"] for p in range(1, part) for row in rows(f"{folder}/plans-{p}.csv")}
    shown = collections.defaultdict(list)
    for row in rows(f"{folder}/plans-{part}.csv"):
        if row["plan"] not in earlier:
            shown[snils(row["snils"]), row["plan"]].append(row)
    procedures = {row["код"]: row["организатор"] for row in rows(f"{folder}/procedures.csv")}
    diagnosed = {snils(r["снилс"]): procedures[r["процедура"]] for r in rows(f"{folder}/results.csv")}
    # A later plan begins when everything told of the earlier one is over.
    over = {}
    for row in [row for p in range(1, part) for row in rows(f"{folder}/acts-{p}.csv")]:
        over[snils(row["snils"])] = max(over.get(snils(row["snils"]), D(2022, 1, 1)), date(row["date"]))
    plans = []
    for (number, _), of_plan in sorted(shown.items()):
        person = (diagnosed[number], number)
        items = {row["item"]: row["programme"] for row in of_plan if row["item"]}
        deficits = {row["deficit"] for row in of_plan if row["deficit"]}
        jobs = [(job.organisation, job.first, job.last) for job in staff.jobs[person]]
        lasting = [job for job in staff.jobs[person] if job.first.year < 2022 and job.last.year > 3000]
        lasting = [job for job in lasting if len(units.links[job.organisation]) == 1]
        home = next((units.above(job.organisation, D(2023, 1, 1)) for job in lasting), [])
        municipality = next((unit for unit in home if units.kind[unit] == "municipality"), "")
        plan = Plan(rng, person, items, deficits, jobs, municipality)
        if number in over:
            plan.day, plan.enrols = max(plan.day, over[number] + DAY), False
        plans.append(plan)
    return units, plans


def accounts(units, plans):
    """Login, role, unit, snils."""
    for region in units.of_kind("region"):
        low = region.lower()
        for login, role in (("head", "cnppm_head"), ("staff", "cnppm_staff"), ("operator", "operator")):
            yield f"{login}-{low}", role, region, ""
        for role in ("curator", "tutor", "regional_methodist", "mentor", "supervisor"):
            for n in (1, 2):
                yield f"{role}{n}-{low}", role, region, ""
    for municipality in units.of_kind("municipality"):
        yield f"mm-{municipality.lower()}", "municipal_methodist", municipality, ""
    for organisation in units.of_kind("organisation"):
        yield f"dir-{organisation.lower()}", "school_head", organisation, ""
    for plan in plans:
        yield plan.teacher, "teacher", plan.organisations[0][0], plan.snils


def illegal(plan, state):
    """Acts that the life-cycle or the roles refuse for a plan left in the state."""
    other = "b" if plan.region == "A" else "a"
    curator, head = plan.of_region("curator1"), plan.of_region("head")
    wrong = {
        "drafted": [("agree", plan.teacher, "", "", ""), ("approve", head, "", "", ""), ("start", curator, "", "", "")],
        "sent": [
            ("approve", plan.teacher, "", "", ""),
            ("approve", head, "", "", ""),
            ("agree", head, "", "", ""),
            ("return", plan.teacher, "", "", ""),
            ("start", curator, "", "", ""),
            ("agree", "никто", "", "", ""),
        ],
        "agreed": [
            ("approve", curator, "", "", ""),
            ("approve", f"head-{other}", "", "", ""),
            ("close-completed", curator, "", "", "всё сделано"),
            ("close-terminated", plan.of_region("tutor1"), "", "", "отказ"),
            ("close-terminated", curator, "", "", ""),
        ],
        "approved": [("begin", plan.teacher, "1", "", ""), ("pause", curator, "", "", "отпуск")],
        "started": [
            ("accept", curator, "1", "", ""),
            ("close-completed", curator, "", "", "всё сделано"),
            ("close-completed", plan.teacher, "", "", "всё сделано"),
            ("cancel", curator, "1", "", ""),
            ("cancel", curator, "99", "", "нет такого"),
            ("submit", curator, "1", "", ""),
            ("outcome", curator, "", "НЕТ:closed", ""),
            ("outcome", curator, "", f"{sorted(plan.deficits)[0]}:cured", ""),
            ("assign", head, "", "нет-такого", ""),
            ("support", plan.teacher, "", "", ""),
            ("reopen", head, "", "", "не закрыт"),
            ("enrol", plan.of_region("staff"), "1", "", ""),
            ("complete", plan.of_region("staff"), "1", "УД-1", ""),
            ("dance", curator, "", "", ""),
        ],
        "completed": [
            ("close-expired", curator, "", "", ""),
            ("reopen", curator, "", "", "передумал"),
            ("reopen", head, "", "", ""),
            ("start", curator, "", "", ""),
        ],
    }
    day = (plan.day + DAY).isoformat()
    for act, by, item, value, reason in wrong[state]:
        yield [plan.snils, act, item, day, by, value, reason]


def started(plan):
    plan.start()


def write_rows(path, columns, lines):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(lines)


def write(rng, folder, part):
    units, plans = read_plans(rng, folder, part)
    refused = []
    subjects = [drafted, sent, agreed, approved, started, completed] if part == 1 else []
    for plan in plans:
        if not plan.items:
            continue
        if subjects:
            script = subjects.pop(0)
            script(plan)
            refused += illegal(plan, script.__name__)
        elif plan.day > D(2025, 12, 1):
            sent(plan)
        else:
            rng.choices([script for _, script in SCRIPTS], [weight for weight, _ in SCRIPTS])[0](plan)
    # The rows of a plan keep their order; plans are mixed, as in a file that many people filled.
    shuffled = []
    for plan in plans:
        places = sorted(rng.random() for _ in plan.acts)
        shuffled += zip(places, plan.acts)
    acts = [act for _, act in sorted(shuffled, key=lambda pair: pair[0])]
    write_rows(f"{folder}/acts-{part}.csv", COLUMNS, acts)
    if part == 1:
        write_rows(f"{folder}/illegal.csv", COLUMNS, refused)
    known = {row["login"] for row in rows(f"{folder}/accounts.csv")}
    held = [list(row.values()) for row in rows(f"{folder}/accounts.csv")]
    # Accounts of those alone who do something, or to whom something is given.
    busy = {act[4] for act in acts + refused} | {act[5] for act in acts + refused}
    fresh = [list(row) for row in accounts(units, plans) if row[0] in busy - known]
    write_rows(f"{folder}/accounts.csv", ["login", "role", "unit", "snils"], held + fresh)

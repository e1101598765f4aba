"""Invents two regions for the oracle: a random tree of units, people with their jobs, plans, supporters, accounts.

    world.py make --seed S --today D --out DIR    units, moved, staff, competences, programmes, procedures, results, acts.csv,
                                                  accounts.csv, world.json
    world.py steps --seed S --out DIR             steps-acts.csv from steps.csv: snils, number, whether it is a course

world.json is the truth that count.py counts from; the program never sees it.
"""

import argparse
import csv
import datetime
import json
import random

D = datetime.date
DAY = datetime.timedelta(days=1)
SYLLABLES = "ба ве ги до жу за ки ле мо ну пе ри со ту фа хи це чо шу ща".split()
STATES = ["none", "draft", "on_agreement", "agreed", "approved", "active", "active", "active", "paused", "closed"]
KINDS = ["curator", "tutor", "mentor", "supervisor"]


def surname(number):
    """A last name that is in no other: five syllables that count, between two that nothing else has."""
    digits = []
    for _ in range(4):
        number, digit = divmod(number, 20)
        digits.append(SYLLABLES[digit])
    return ("Ю" + "".join(reversed(digits)) + "эв")


def snils(number):
    digits = f"{700_000_000 + number:09}"
    check = sum(int(d) * (9 - i) for i, d in enumerate(digits)) % 101 % 100
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]} {check:02}"


def grow(rng, code, today):
    """Units of a region: own code, kind, parent today, parent before, day of the move, last day."""
    units = [dict(code=code, kind="region", parent=None)]
    zones = [f"{code}-Z{n}" for n in range(rng.choice([0, 2, 3]))]
    units += [dict(code=z, kind="zone", parent=code) for z in zones]
    municipalities = []
    for n in range(rng.randint(2, 4)):
        # Some municipalities stand in no zone.
        parent = rng.choice(zones + [code]) if zones else code
        municipalities.append(f"{code}-M{n}")
        units.append(dict(code=f"{code}-M{n}", kind="municipality", parent=parent))
    municipalities.append(f"{code}-M9")
    units.append(dict(code=f"{code}-M9", kind="municipality", parent=code))
    for n in range(rng.randint(4, 8)):
        # An organisation may stand in a municipality, in a zone or in the region itself.
        over = rng.choice(municipalities * 3 + zones + [code])
        unit = dict(code=f"{code}-O{n}", kind="organisation", parent=over)
        if rng.random() < 0.25 and over in municipalities:
            others = [m for m in municipalities if m != over]
            unit.update(before=over, parent=rng.choice(others), moved=(today - rng.randint(1, 300) * DAY).isoformat())
        units.append(unit)
    # One of them stands in no zone, so that no zone is the whole region.
    units.append(dict(code=f"{code}-O9", kind="organisation", parent=f"{code}-M9"))
    closed = dict(code=f"{code}-OX", kind="organisation", parent=f"{code}-M9", closed=(today - 400 * DAY).isoformat())
    return units + [closed]


def employ(rng, organisations, today):
    """Jobs of a person: organisation, first day, last day or none."""
    began = today - rng.randint(500, 4000) * DAY
    home = rng.choice(organisations)
    others = [o for o in organisations if o != home]
    fate = rng.random()
    if fate < 0.12:
        return [(home, began, today - rng.randint(1, 200) * DAY)]
    if fate < 0.24:
        left = today - rng.randint(1, 300) * DAY
        return [(home, began, left), (rng.choice(others), left + DAY, None)]
    if fate < 0.40:
        return [(home, began, None), (rng.choice(others), began + 30 * DAY, None)]
    if fate < 0.45:
        # Two jobs, one of them over.
        return [(home, began, None), (rng.choice(others), began, today - 5 * DAY)]
    if fate < 0.50:
        # The last day is today, and it is worked.
        return [(home, began, today)]
    return [(home, began, None)]


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def make(seed, today, out):
    rng = random.Random(seed)
    world = dict(today=today.isoformat(), units=[], people=[], accounts=[])
    number = seed * 1000 % 100_000
    for region, size in (("А", 62), ("Б", 24)):
        units = grow(rng, region, today)
        world["units"] += [dict(unit, region=region) for unit in units]
        open_ = [u["code"] for u in units if u["kind"] == "organisation" and "closed" not in u]
        for _ in range(rng.randint(size - 8, size + 8)):
            number += 1
            jobs = employ(rng, open_, today)
            state = rng.choice(STATES)
            person = dict(
                snils=snils(number), name=surname(number), region=region, state=state, supporters=[],
                jobs=[(o, a.isoformat(), b.isoformat() if b else None) for o, a, b in jobs],
            )
            world["people"].append(person)
        accounts(rng, world, region, units)
    acts = plan(rng, world, today)

    day = lambda text: D.fromisoformat(text)
    names = dict(region="регион", zone="зона", municipality="муниципалитет", organisation="организация")
    header = ["Код", "Наименование", "Вид", "Входит в", "Тип ОО", "С", "По"]
    rows, moved = [], []
    for u in world["units"]:
        kind = "школа" if u["kind"] == "organisation" else ""
        parent = u.get("before", u["parent"]) or ""
        rows.append([u["code"], f"Единица {u['code']}.", names[u["kind"]], parent, kind, "", u.get("closed", "")])
        if "moved" in u:
            moved.append([u["code"], f"Единица {u['code']}.", names[u["kind"]], u["parent"], kind, u["moved"], ""])
    write(f"{out}/units.csv", header, rows)
    write(f"{out}/moved.csv", header, moved)
    header = ["СНИЛС", "Фамилия", "Имя", "Отчество", "Дата рождения", "Код ОО", "Должность", "Персонал", "Вид занятости", "Принят", "Уволен"]
    rows = []
    for p in world["people"]:
        for n, (organisation, began, left) in enumerate(p["jobs"]):
            parallel = n > 0 and p["jobs"][0][2] is None
            kind = "внешнее совместительство" if parallel else "основное"
            rows.append([p["snils"], p["name"], "Нина", "", "1980-05-05", organisation, "учитель", "педагогический", kind, began, left or ""])
    write(f"{out}/staff.csv", header, rows)
    write(f"{out}/competences.csv", ["Код", "Группа", "Наименование", "Входит в"], [["К1", "методические", "Уроки", ""], ["К2", "цифровые", "Сеть", ""]])
    header = ["Код", "Название", "Вид", "Часы", "Форма", "Организация", "По итогам диагностики", "Компетенции", "Темы"]
    write(f"{out}/programmes.csv", header, [["П1", "Курс уроков", "ПК", "36", "", "А-O9", "да", "К1", ""]])
    held = (today - 200 * DAY).isoformat()
    write(f"{out}/procedures.csv", ["Код", "Наименование", "Вид", "Уровень", "Организатор", "С", "По", "Действует дней"],
          [[f"Д{r}", f"Диагностика {r}", "полная", "региональный", r, held, held, ""] for r in "АБ"])
    header = ["СНИЛС", "Процедура", "Вид", "Дата", "Компетенция", "Балл", "Максимум"]
    rows = []
    for p in world["people"]:
        for competence in ("К1", "К2"):
            score = "95" if p["state"] == "none" else "40"
            rows.append([p["snils"], f"Д{p['region']}", "полная", held, competence, score, "100"])
    write(f"{out}/results.csv", header, rows)
    write(f"{out}/acts.csv", ["snils", "act", "item", "date", "by", "value", "reason"], acts)
    header = ["login", "role", "unit", "snils", "from", "to"]
    write(f"{out}/accounts.csv", header, [[a["login"], a["role"], a["unit"], a.get("snils", ""), a.get("from", ""), a.get("to", "")] for a in world["accounts"]])
    with open(f"{out}/world.json", "w", encoding="utf-8") as file:
        json.dump(world, file, ensure_ascii=False, indent=1)


def accounts(rng, world, region, units):
    """Who looks: each role over some unit, some with a role that is over or has not begun."""
    code = dict(А="a", Б="b")[region]
    of = lambda kind: [u["code"] for u in units if u["kind"] == kind and "closed" not in u]
    add = lambda login, role, unit, **more: world["accounts"].append(dict(login=f"{login}-{code}", role=role, unit=unit, **more))
    for role in ("cnppm_head", "curator"):
        add(f"setup-{role}", role, region)
    add("operator", "operator", region)
    add("head", "cnppm_head", region)
    zone = rng.choice(of("zone") or [region])
    add("staff", "cnppm_staff", zone)
    for kind in KINDS:
        for n in (1, 2):
            add(f"{kind}-{n}", kind, region)
    add("methodist", "municipal_methodist", rng.choice(of("municipality")))
    add("authority", "municipal_authority", rng.choice(of("municipality")))
    add("ministry", "regional_authority", region)
    schools = rng.sample(of("organisation"), 3)
    for n, school in enumerate(schools[:2]):
        add(f"director-{n}", "school_head", school)
    add("deputy", "school_admin", schools[2])
    # A head of all organisations of a municipality.
    add("over", "school_admin", rng.choice(of("municipality")))
    ends = rng.choice([dict(to="2025-01-01"), {"from": "2999-01-01"}])
    add("former", "cnppm_head", region, **ends)
    people = [p for p in world["people"] if p["region"] == region]
    for n, p in enumerate(rng.sample(people, 3)):
        add(f"reader-{n}", "teacher", p["jobs"][0][0], snils=p["snils"])
    for n, p in enumerate(people):
        p["login"] = f"t-{code}-{n}"
        world["accounts"].append(dict(login=p["login"], role="teacher", unit=p["jobs"][0][0], snils=p["snils"], silent=True))


def plan(rng, world, today):
    """Acts that bring each plan to its state; supporters are assigned on the way, some of them replaced."""
    acts = []
    start = today - 180 * DAY
    for p in world["people"]:
        if p["state"] == "none":
            continue
        code = dict(А="a", Б="b")[p["region"]]
        head, curator = f"setup-cnppm_head-{code}", f"setup-curator-{code}"
        act = lambda what, days, by, value="", reason="": acts.append(
            [p["snils"], what, "", (start + days * DAY).isoformat(), by, value, reason])
        for kind in KINDS:
            if rng.random() < 0.45:
                order = rng.sample([1, 2], rng.choice([1, 1, 2]))
                for step, n in enumerate(order):
                    act("assign", 1 + step * 20, head, f"{kind}-{n}-{code}")
                ends = [(start + 21 * DAY).isoformat()] * (len(order) - 1) + [None]
                begins = [(start + (1 + s * 20) * DAY).isoformat() for s in range(len(order))]
                p["supporters"] += [(f"{kind}-{n}-{code}", a, b) for n, a, b in zip(order, begins, ends)]
        state = p["state"]
        if state == "draft":
            continue
        act("send", 2, curator)
        if state == "on_agreement":
            continue
        act("agree", 3, p["login"])
        if state == "agreed":
            continue
        act("approve", 4, head)
        if state == "approved":
            continue
        act("start", 5, curator)
        if state == "paused":
            act("pause", 30, curator, reason="отпуск")
        if state == "closed":
            act("close-terminated", 30, curator, reason="transfer")
    return acts


def steps(seed, out):
    """Applications and steps handed in, of plans at work: what waits for heads and for reviewers."""
    rng = random.Random(seed + 1)
    with open(f"{out}/world.json", encoding="utf-8") as file:
        world = json.load(file)
    people = {p["snils"]: p for p in world["people"]}
    day = (D.fromisoformat(world["today"]) - 100 * DAY).isoformat()
    acts, done = [], set()
    with open(f"{out}/steps.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            p = people[row["snils"]]
            what = "apply" if row["course"] == "true" else "submit"
            if p["state"] != "active" or (p["snils"], what) in done or rng.random() < 0.4:
                continue
            done.add((p["snils"], what))
            acts.append([p["snils"], what, row["number"], day, p["login"], "", ""])
            p["applied" if what == "apply" else "submitted"] = True
    write(f"{out}/steps-acts.csv", ["snils", "act", "item", "date", "by", "value", "reason"], acts)
    with open(f"{out}/world.json", "w", encoding="utf-8") as file:
        json.dump(world, file, ensure_ascii=False, indent=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["make", "steps"])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--today", type=D.fromisoformat)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    if arguments.what == "make":
        make(arguments.seed, arguments.today, arguments.out)
    else:
        steps(arguments.seed, arguments.out)


if __name__ == "__main__":
    main()

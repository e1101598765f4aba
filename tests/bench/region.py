"""A region at work for the measurement of pages: people, plans in work, steps that wait for a mark, accounts.

Everything comes in by the commands of the program, but for the accounts: one is made by `user add` and thousands are
copied from it in the database, since each hash of a password would take its time.
"""

import csv
import os
import re
import sqlite3
import subprocess
import time

FILES = ["units", "staff", "competences", "programmes", "procedures", "results"]
PASSWORD = "веха-замер-2026"
# Plans that a tutor accompanies.
LOAD = 40
# Packs and the periods of them that are opened: every mark keeps them fresh.
YEAR = time.localtime().tm_year
OPENED = {
    "chelyabinsk": ("2023",), "tyumen": ("2022/23",), "krasnoyarsk": ("2022/23",), "leningrad": ("2023",), "leninsky": ("2023",),
}
CURRENT = {"chelyabinsk": (f"{YEAR}",), "leningrad": (f"{YEAR}",)}


class Tables:
    """The tables behind an installation, read and written past the program."""

    def __init__(self, at):
        self.at = at

    def rows(self, query):
        if self.at.name:
            command = ["psql", "-qXAt", "-F", "\t", f"{os.environ['VEKHA_TEST_POSTGRES']}/{self.at.name}", "-c", query]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            return [line.split("\t") for line in said.splitlines()]
        base = sqlite3.connect(f"{self.at.folder}/data/vekha.sqlite", timeout=30)
        with base:
            found = [["" if cell is None else str(cell) for cell in row] for row in base.execute(query)]
        base.close()
        return found


class Plan:
    """A drafted plan: whose, where, the numbers of its items; and who accompanies it."""

    def __init__(self, row):
        self.id, self.region, self.snils, items = row
        self.items = sorted(int(n) for n in items.split(","))
        self.tutor = None

    @property
    def teacher(self):
        return "t" + re.sub(r"\D", "", self.snils)


def plans_of(tables):
    """Open plans with items by region and id, with a tutor for each LOAD of them."""
    numbers = "string_agg" if tables.at.name else "group_concat"
    rows = tables.rows(
        f"SELECT i.id, lower(u.code), p.snils, {numbers}(CAST(t.number AS TEXT), ',') FROM iom i "
        "JOIN person p ON p.id = i.person_id AND p.region_id = i.region_id JOIN unit u ON u.id = i.region_id "
        "JOIN iom_item t ON t.iom_id = i.id AND t.region_id = i.region_id "
        "WHERE i.state <> 'closed' AND p.snils IS NOT NULL GROUP BY i.id, u.code, p.snils ORDER BY u.code, i.id"
    )
    # A person staffed in two regions has a plan in one of them, but an act names the person by the СНИЛС alone.
    known, plans = set(), []
    for plan in map(Plan, rows):
        if plan.snils not in known:
            known.add(plan.snils)
            plans.append(plan)
    count = {}
    for plan in plans:
        n = count[plan.region] = count.get(plan.region, -1) + 1
        plan.tutor = f"tutor-{plan.region}-{n // LOAD + 1}"
    return plans


def copy_account(tables, columns, source):
    """Accounts with the password of the one called `pattern`."""
    tables.rows(
        "INSERT INTO account (id, region_id, login, password_hash, person_id, state, auth_version, created_at, version) "
        f"SELECT {columns}, 'active', 1, a.created_at, 1 FROM {source}"
    )


def accounts(at, tables, plans, folder):
    with open(f"{folder}/password", "w", encoding="utf-8") as file:
        file.write(PASSWORD + "\n")
    for region in ("A", "B"):
        for role in ("cnppm_head", "cnppm_staff", "curator"):
            at.run("user", "add", f"{role}-{region.lower()}", "--role", role, "--unit", region)
    at.run("user", "add", "pattern", "--role", "tutor", "--unit", "A", "--password-file", f"{folder}/password")
    copy_account(
        tables,
        "p.id, p.region_id, 't' || replace(replace(p.snils, '-', ''), ' ', ''), a.password_hash, p.id",
        "person p, account a WHERE a.login = 'pattern' AND p.snils IS NOT NULL AND EXISTS "
        "(SELECT 1 FROM iom i WHERE i.person_id = p.id AND i.region_id = p.region_id)",
    )
    tutors = sorted({plan.tutor for plan in plans})
    named = [
        f"SELECT {n} AS id, '{login}' AS login, '{login.split('-')[1].upper()}' AS region"
        for n, login in enumerate(tutors, 1)
    ]
    for start in range(0, len(named), 400):  # SQLite joins five hundred selections at most
        copy_account(
            tables,
            "t.id, u.id, t.login, a.password_hash, NULL",
            f"({' UNION ALL '.join(named[start : start + 400])}) t JOIN unit u ON u.code = t.region, account a "
            "WHERE a.login = 'pattern'",
        )
    tables.rows(
        "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) SELECT a.id, a.id, "
        "CASE WHEN a.person_id IS NULL THEN 'tutor' ELSE 'teacher' END, a.region_id, a.created_at FROM account a "
        "WHERE NOT EXISTS (SELECT 1 FROM role_grant g WHERE g.account_id = a.id)"
    )


def write_acts(path, plans, waiting):
    """Every plan is in work. Those of the tutors in `waiting` have all steps handed in; elsewhere one step is accepted
    and one waits."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["snils", "act", "item", "date", "by", "value", "reason"])
        for plan in plans:

            def say(act, day, by, item="", value="", snils=plan.snils):
                writer.writerow([snils, act, item, f"2023-02-{day:02}", by, value, ""])

            say("assign", 1, f"cnppm_head-{plan.region}", value=plan.tutor)
            say("send", 2, f"cnppm_staff-{plan.region}")
            say("agree", 3, plan.teacher)
            say("approve", 4, f"cnppm_head-{plan.region}")
            say("start", 5, f"curator-{plan.region}")
            if plan.tutor in waiting:
                for item in plan.items:
                    say("submit", 6, plan.teacher, item)
                continue
            say("submit", 6, plan.teacher, plan.items[0])
            say("accept", 7, plan.tutor, plan.items[0])
            for item in plan.items[1:2]:
                say("submit", 8, plan.teacher, item)


def load(at, files, tutors, packs, current):
    """Fills an empty installation from the invented files. Returns its tables, plans, and the tutors (`tutors` of them)
    whose plans have every step handed in."""
    at.run("migrate")
    at.run("pack", "load", *(f"seeds/packs/{pack}.toml" for pack in packs))
    for kind in FILES:
        at.run("import", kind, f"{files}/{kind}.csv", allowed=(0, 2))
    with open(f"{files}/orders.csv", encoding="utf-8") as file:
        procedures = [row["procedure"] for row in csv.DictReader(file) if row["part"] == "1"]
    for procedure in procedures:
        at.run("iom", "draft", "--procedure", procedure, allowed=(0, 2))
    for pack in packs:
        for period in OPENED[pack] + (CURRENT.get(pack, ()) if current else ()):
            at.run("values", "--pack", pack, "--period", period, "--level", "municipality", "--format", "csv")
    tables = Tables(at)
    plans = plans_of(tables)
    accounts(at, tables, plans, at.folder)
    every = sorted({plan.tutor for plan in plans})
    waiting = set(every[:: max(1, len(every) // tutors)][:tutors])
    write_acts(f"{at.folder}/acts.csv", plans, waiting)
    at.run("iom", "apply", f"{at.folder}/acts.csv")
    tables.rows("ANALYZE")
    return tables, plans, waiting

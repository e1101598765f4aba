"""Measures values from counters over facts made directly, a columnar scan of the same facts beside, and what a write pays
for fresh counters. Started by tests/bench/run --counters."""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import document
import pages as pages_under_load
from bench import Installation, facts, spread
from region import Tables

try:
    import duckdb
except ImportError:  # tests/bench/run sees to it
    sys.exit("duckdb is not installed: start this by tests/bench/run --counters")

# Packs, each with the period asked for; the periods by the key of what packs share facts by.
PACKS = {"chelyabinsk": "2023", "krasnoyarsk": "2022/23", "leningrad": "2023", "leninsky": "2023", "tyumen": "2022/23"}
PERIODS = [
    (1, "2022/23", "academic_year@06-01+external", "academic_year", "2022-09-01", "2023-08-31", "2023-06-01"),
    (2, "2023", "calendar_year@12-31+external", "calendar_year", "2023-01-01", "2023-12-31", "2023-12-31"),
    (3, "2023", "calendar_year@09-01+external", "calendar_year", "2023-01-01", "2023-12-31", "2023-09-01"),
]
NOW = "2026-11-27 00:00:00"
YES = ("CASE WHEN {} THEN 1 ELSE 0 END", "({})")


class Size:
    """How many of what."""

    def __init__(self, people, regions, municipalities, organisations):
        self.people, self.regions = people, regions
        self.municipalities, self.organisations = municipalities, organisations

    def __str__(self):
        return (
            f"{self.people:,} people, {self.regions} regions, {self.municipalities:,} municipalities, "
            f"{self.organisations:,} organisations"
        )


def numbers(engine, first, last):
    """A table `n` with a column `i` of the numbers from first to last, the last one left out."""
    if engine == "SQLite":
        return f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {last}) "
    series = f"generate_series({first}::BIGINT, {last - 1}::BIGINT)"
    return f"WITH n(i) AS (SELECT * FROM {series}) " if engine == "PostgreSQL" else (
        f"WITH n(i) AS (SELECT unnest(range({first}, {last}))) "
    )


def person_columns(engine):
    """The columns of person_fact after its key, by the number of the person."""
    yes = (YES[0] if engine == "SQLite" else YES[1]).format
    return ", ".join([
        yes("i % 10 < 9"), yes("i % 10 = 9"), yes("(i * 7) % 10 < 3"), yes("(i * 11) % 20 = 0"),
        "CASE (i * 13) % 3 WHEN 0 THEN '' WHEN 1 THEN 'full' ELSE 'full,self' END",
        "(i * 17) % 6", "CASE (i * 17) % 6 WHEN 0 THEN '' ELSE 'methodical,subject' END",
        yes("i % 3 = 0"), yes("i % 3 = 0"), yes("i % 6 = 0"), yes("i % 4 = 0"), yes("i % 12 = 0"), yes("i % 5 = 0"),
        "CASE WHEN i % 3 = 0 THEN 'functional_literacy,upbringing' ELSE '' END",
        "CASE WHEN i % 6 = 0 THEN 'functional_literacy,upbringing' ELSE '' END",
        "CASE WHEN i % 5 = 0 THEN 'functional_literacy' ELSE '' END", "''",
        "22 + (i * 19) % 45", "(i * 19) % 40", "18000",
        "CASE (i * 23) % 4 WHEN 0 THEN 'математика' WHEN 1 THEN 'русский язык' ELSE '' END",
        "CASE (i * 29) % 7 WHEN 0 THEN 'contest/skill/regional/participant' WHEN 1 THEN "
        "'event/young_school/municipal/participant,mentoring/teacher/-/mentee' ELSE '' END",
        "CASE WHEN i % 5 = 0 THEN 'diagnosed/full/methodical/ok,diagnosed/full/subject/-,"
        "trained/upskilling/cnppm/b/functional_literacy/0' WHEN i % 3 = 0 THEN 'diagnosed/full/subject/-,formed/school/platform' "
        "ELSE 'diagnosed/full/subject/ok' END",
    ])


def fill(run, engine, size, place_of):
    """Facts of everyone in every period. Every twentieth works in two organisations."""
    yes = (YES[0] if engine == "SQLite" else YES[1]).format
    share = -(-size.people // size.regions)
    for region in range(size.regions):
        first, last = region * share, min((region + 1) * share, size.people)
        for period, *_ in PERIODS:
            key = f"{region + 1}, {period}, i + 1"
            run(f"{numbers(engine, first, last)} {place_of(f'INSERT INTO person_fact SELECT {key}, {person_columns(engine)} FROM n')}")
            own = f"{1_000_000 + region} + {size.regions} * ((i * 31) % {size.organisations // size.regions})"
            other = f"{1_000_000 + region} + {size.regions} * ((i * 31 + 1) % {size.organisations // size.regions})"
            flags = f"{yes('i % 10 < 9')}, {yes('i % 10 = 9')}, {yes('i % 20 = 7')}, 19, {yes('i < 0')}"
            run(f"{numbers(engine, first, last)} INSERT INTO person_place SELECT {key}, {own}, {flags} FROM n")
            run(f"{numbers(engine, first, last)} INSERT INTO person_place SELECT {key}, {other}, {flags} FROM n WHERE i % 20 = 7")
            run(
                f"{numbers(engine, first, last)} INSERT INTO iom_fact SELECT {region + 1}, {period}, i + 1, i + 1, "
                f"{yes('i % 3 = 0')}, {yes('i % 3 = 0')}, {yes('i % 6 = 0')}, 'tutor', 'functional_literacy,upbringing', '' "
                "FROM n WHERE i % 3 = 0"
            )


def units(run, engine, size):
    """Regions, municipalities and organisations, evenly."""
    columns = "id, region_id, kind, code, name, search_key, sort_key, org_kind, locality, version, recorded_at"
    put = f"INSERT INTO unit ({columns}) "
    name = "'{0}' || i, '{0}' || i, '{0}' || i, '{0}' || i"
    run(
        f"{numbers(engine, 1, size.regions + 1)} {put} SELECT i, i, 'region', {name.format('R')}, NULL, NULL, 1, '{NOW}' FROM n"
        if engine == "SQLite" else
        f"{put} {numbers(engine, 1, size.regions + 1)} SELECT i, i, 'region', {name.format('R')}, NULL, NULL, 1, TIMESTAMP '{NOW}' FROM n"
    )
    stamp = f"'{NOW}'" if engine == "SQLite" else f"TIMESTAMP '{NOW}'"
    for kind, base, amount, extra in (
        ("municipality", 100_000, size.municipalities, "NULL, 'urban'"),
        ("organisation", 1_000_000, size.organisations, "'school', NULL"),
    ):
        letter = kind[0].upper()
        run(
            f"{numbers(engine, 0, amount)} {put} SELECT {base} + i, 1 + i % {size.regions}, '{kind}', "
            f"{name.format(letter)}, {extra}, 1, {stamp} FROM n"
        )
        # The number in the region of a municipality; an organisation stands in one of its own region.
        parent = (
            f"1 + i % {size.regions}" if kind == "municipality" else
            f"100000 + i % {size.regions} + {size.regions} * ((i / {size.regions}) % {size.municipalities // size.regions})"
        )
        run(
            f"{numbers(engine, 0, amount)} INSERT INTO unit_link (id, region_id, unit_id, parent_id, recorded_at) SELECT "
            f"{base} + i, 1 + i % {size.regions}, {base} + i, {parent}, {stamp} FROM n"
        )


def periods(run, engine):
    stamp, no = ("", "1") if engine == "SQLite" else ("TIMESTAMP ", "TRUE")
    for number, code, basis, kind, first, last, on in PERIODS:
        run(
            f"INSERT INTO fact_period SELECT {number}, '{code}', '{basis}', '{kind}', "
            + ", ".join(f"{'DATE ' if stamp else ''}'{day}'" for day in (first, last, on))
            + f", {no}, {stamp}'{NOW}'"
        )


class Base:
    """Statements past the program on one of its databases."""

    def __init__(self, at, engine):
        self.engine = engine
        if engine == "SQLite":
            import sqlite3

            self.base = sqlite3.connect(f"{at.folder}/data/vekha.sqlite", isolation_level=None)
            self.run = self.base.execute
            self.run("PRAGMA synchronous = OFF")
            self.run("BEGIN")
        else:
            self.file = open(f"{at.folder}/facts.sql", "w", encoding="utf-8")
            # Derived rows without their plans: the links between tables are not looked at.
            self.file.write("SET session_replication_role = replica;\nBEGIN;\n")
            self.run = lambda statement: self.file.write(statement + ";\n")
            self.address = f"{os.environ['VEKHA_TEST_POSTGRES']}/{at.name}"

    def done(self):
        self.run("COMMIT")
        if self.engine == "SQLite":
            self.run("ANALYZE")
            self.base.close()
        else:
            self.run("VACUUM ANALYZE")
            self.file.close()
            subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", self.address, "-f", self.file.name], check=True)


def placed(engine):
    """The statement as it is."""
    return lambda statement: statement


def columnar(size):
    """The same facts in DuckDB. The columns have no key there, so a scan is all it does."""
    base = duckdb.connect()
    base.execute(
        "CREATE TABLE person_fact (region_id BIGINT, period_id BIGINT, person_id BIGINT, pedagogical BOOLEAN, leader BOOLEAN, "
        "young BOOLEAN, first_three_years BOOLEAN, diagnosed_kinds TEXT, deficits INTEGER, deficit_groups TEXT, iom_formed BOOLEAN, "
        "iom_live BOOLEAN, iom_realised BOOLEAN, supported BOOLEAN, supported_by_regional_methodist BOOLEAN, trained BOOLEAN, "
        "topics_formed TEXT, topics_realised TEXT, topics_trained TEXT, reason TEXT, age INTEGER, experience INTEGER, "
        "workload_milli INTEGER, subjects TEXT, activities TEXT, marks TEXT)"
    )
    base.execute(
        "CREATE TABLE person_place (region_id BIGINT, period_id BIGINT, person_id BIGINT, organisation_id BIGINT, "
        "pedagogical BOOLEAN, leader BOOLEAN, bridged BOOLEAN, marks INTEGER, scattered BOOLEAN)"
    )
    base.execute(
        "CREATE TABLE iom_fact (region_id BIGINT, period_id BIGINT, iom_id BIGINT, person_id BIGINT, formed BOOLEAN, live BOOLEAN, "
        "realised BOOLEAN, supporter_kinds TEXT, topics TEXT, reason TEXT)"
    )
    fill(lambda s: base.execute(re.sub(r"^(WITH .*?\)) *INSERT INTO (\w+) ", r"INSERT INTO \2 \1 ", s)), "DuckDB", size, placed("DuckDB"))
    base.execute("CREATE TABLE stands AS SELECT range AS i, 1000000 + range AS organisation_id, 100000 + range % "
                 f"{size.regions} + {size.regions} * ((range // {size.regions}) % {size.municipalities // size.regions}) "
                 f"AS municipality FROM range({size.organisations})")
    return base


FLAGS = ("pedagogical", "leader", "young", "first_three_years", "trained", "supported", "iom_formed", "iom_live", "iom_realised")


def condition(leaf):
    """A condition of a leaf as a scan asks it: its flags as they stand, any other word as a search in the sets."""
    asked = []
    for word in re.findall(r"\b[a-z_]+\b(?=\()|\b(?:" + "|".join(FLAGS) + r")\b(?!\()", leaf.split(" where ", 1)[-1]):
        if word in FLAGS:
            asked.append(f"f.{word}")
        elif word not in ("count", "in", "or", "and", "not"):
            asked.append(f"contains(f.marks || f.activities, '{word}/')")
    return " AND ".join(dict.fromkeys(asked)) or "TRUE"


def scan(base, leaves, runs):
    """A count of persons for each leaf, by municipality: milliseconds of the clock and of the processors."""
    wall, cpu = [], []
    for _ in range(runs):
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        for period, own in leaves.items():
            counts = ", ".join(f"count(*) FILTER (WHERE {condition(leaf)})" for leaf in own)
            base.execute(
                f"SELECT s.municipality, {counts} FROM person_fact f JOIN person_place p USING (region_id, period_id, person_id) "
                f"JOIN stands s USING (organisation_id) WHERE f.period_id = {period} GROUP BY 1"
            ).fetchall()
        after = resource.getrusage(resource.RUSAGE_SELF)
        wall.append((time.perf_counter() - began) * 1000)
        cpu.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)
    return wall, cpu


def told_by(at, *arguments):
    """One line of JSON from the program, which measures inside its own process."""
    command = [*at.command, "measure", *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def milliseconds(values):
    return spread(values, lambda v: f"{v:.1f}")


def over(size, databases, runs):
    """Rows of the table for one size."""
    rows, scanned = [], None
    for engine in databases:
        at = Installation(engine, size.regions)
        at.run("migrate")
        base = Base(at, engine)
        began = time.perf_counter()
        units(base.run, engine, size)
        periods(base.run, engine)
        fill(base.run, engine, size, placed(engine))
        base.done()
        print(f"{engine}: facts of {size} in {time.perf_counter() - began:.0f} s", flush=True)
        loads = [at.run("pack", "load", f"seeds/packs/{code}.toml") for code in PACKS]
        # The last pack of each basis counts all leaves of it: chelyabinsk and krasnoyarsk were counted once more after.
        rebuilt = sum(load.wall for load, code in zip(loads, PACKS) if code in ("leningrad", "leninsky", "tyumen"))
        print(f"{engine}: rebuilt in {rebuilt:.1f} s, {max(l.memory for l in loads):.0f} MB", flush=True)
        said = told_by(at, "values", "--runs", runs, *(f"{code}={period}" for code, period in PACKS.items()))
        print(f"{engine}: {said}", flush=True)
        rows.append([engine, str(size), f"{said['rows']:,}", milliseconds(said["wall_ms"]), milliseconds([n / 1000 for n in said["cpu_us"]]), f"{rebuilt:.1f}"])
        if scanned is None:
            leaves = {}
            for number, _, basis, *_ in PERIODS:
                leaves[number] = [row[0] for row in Tables(at).rows(f"SELECT canonical FROM leaf WHERE basis = '{basis}'")]
            wall, cpu = scan(columnar(size), leaves, runs)
            count = sum(map(len, leaves.values()))
            scanned = ["DuckDB, a scan", str(size), f"{count} counts", milliseconds(wall), milliseconds(cpu), "–"]
            print(f"DuckDB: {scanned}", flush=True)
            ratio = rebuilt * 1000 / statistics.median(said["wall_ms"])
            rows[-1].append(f"{ratio:,.0f}")
        else:
            rows[-1].append(f"{rebuilt * 1000 / statistics.median(said['wall_ms']):,.0f}")
        at.remove()
    return [*rows, [*scanned, "–"]]


LISTS = ("numerator", "rest", "excluded")
# What a measured write changes, and how that is said.
CHANGES = {
    "nothing": "no fact, like most acts",
    "diagnosis": "the latest diagnosis",
    "every-period": "a fact in every period",
}
LOGIN, PASSWORD = "operator", "веха-демо-2026"


def pages():
    """What is asked for in the demo region: the name of a page and its address."""
    one = "/indicators/tyumen/3.4"
    found = [("all indicators of a pack", "/indicators"), ("one indicator of the region", one)]
    found += [(f"people behind it, first page: {part}", f"{one}/people?period=2022/23&part={part}") for part in LISTS]
    found += [("people behind it in a municipality", f"{one}/people?period=2022/23&unit=TYU-04")]
    return found + [(f"register: {name}", f"/{name}") for name in ("activities", "events", "pairs", "bodies")]


class Page:
    """One page asked for again and again by one visitor: processor time of the program, of its database."""

    def __init__(self, server, cookie, path, times):
        server.get(path, cookie)
        before = nanoseconds(server)
        for _ in range(times):
            server.get(path, cookie)
        own, base = (now - then for now, then in zip(nanoseconds(server), before))
        self.own, self.base = own / times / 1e6, base / times / 1e6


def nanoseconds(server):
    """Processor time so far, finer than the ticks of /proc/PID/stat: of the program, of the backends of its database."""

    def of(pid):
        tasks = [f"/proc/{pid}/task/{task}/schedstat" for task in os.listdir(f"/proc/{pid}/task")]
        return sum(int(open(path, encoding="ascii").read().split()[0]) for path in tasks)

    name = server.at.name
    backends = [p for p in os.listdir("/proc") if name and p.isdigit() and name in pages_under_load.command_line(p)]
    return of(server.pid), sum(map(of, backends))


def in_demo(databases, people, writes, times):
    """Pages of indicators and registers, and what a write pays for fresh facts and counters, in the demo region."""
    shown, fresh = [], []
    for engine in databases:
        at = Installation(engine, f"demo_{people}")
        at.run("demo", "--no-serve", "--people", str(people))
        server = pages_under_load.Server(at)
        cookie = server.sign_in(LOGIN, PASSWORD)
        for name, path in pages():
            page = Page(server, cookie, path, times)
            print(f"{engine} {people} {name}: {page.own:.1f} + {page.base:.1f} ms", flush=True)
            shown.append([name, engine, f"{people:,}", f"{page.own:.1f}", f"{page.base:.1f}"])
        server.stop()
        opened = Tables(at).rows("SELECT count(*) FROM fact_period")[0][0]
        for changing, named in CHANGES.items():
            said = told_by(at, "refresh", "--writes", writes, "--changing", changing)
            print(f"{engine}, {named}: {said['median_us']} µs, 95 of 100 below {said['p95_us']} µs", flush=True)
            cost = [f"{said[of] / 1000:.2f}" for of in ("median_us", "p95_us")]
            fresh.append([engine, f"{people:,}", opened, named, *cost])
        at.run("check")
        at.remove()
    return shown, fresh


def table(head, rows):
    lines = [head, "|".join(["", *["---"] * head.count(" | "), "---", ""])]
    return "\n".join(lines + [f"| {' | '.join(map(str, row))} |" for row in rows])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--people", type=int, nargs="*", default=[12600, 40000], help="sizes of the demo region")
    parser.add_argument("--writes", type=int, default=300, help="writes whose refresh is measured")
    parser.add_argument("--times", type=int, default=20, help="times that each page is asked for")
    parser.add_argument("--only-demo", action="store_true", help="leave out the facts made directly")
    parser.add_argument("--country", type=int, default=2_500_000, help="people of the whole country; 0 leaves it out")
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"])
    parser.add_argument("--table", action="store_true", help="write the section of docs/bench.md")
    arguments = parser.parse_args()
    databases = [arguments.only] if arguments.only else ["SQLite", "PostgreSQL"]
    told = facts(max(arguments.people), arguments.runs)
    print(told, flush=True)
    rows, shown, fresh = [], [], []
    for people in arguments.people:
        pages_of, writes_of = in_demo(databases, people, arguments.writes, arguments.times)
        shown += pages_of
        fresh += writes_of
    if not arguments.only_demo:
        rows += over(Size(100_000, 1, 40, 1600), databases, arguments.runs)
    if arguments.country and not arguments.only_demo:
        rows += over(Size(arguments.country, 89, 2314, 40_050), databases, arguments.runs)
    text = "\n\n".join([
        table("| Page, asked for by the operator | Database | People | CPU of the program, ms | of the database server, ms |", shown),
        table(
            "| Database | People | Periods open | The write changes | CPU of the program for facts and counters of one person, "
            "ms: median | 95 of 100 below |", fresh
        ),
        *([table(
            "| From counters | Over | Rows or counts | Milliseconds | CPU, ms | Counters rebuilt from facts, s "
            "| Rebuild ÷ values |", rows
        )] if rows else []),
    ])
    print(text)
    if arguments.table:
        document.put("Counters", f"`tests/bench/run --counters --table`, {time.strftime('%Y-%m-%d')}. {told}\n\n{text}")


if __name__ == "__main__":
    main()

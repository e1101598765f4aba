"""Measures the program on invented data, both databases in one run. Started by tests/bench/run."""

import argparse
import csv
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import document

PROGRAM = os.environ.get("VEKHA_TEST_PROGRAM", "target/release/vekha")
FILES = ["units", "staff", "competences", "programmes", "procedures", "results"]
SEED = "1"
WRITES = ("import of staff", "import of results", "drafting", "acts")


class Sample:
    """One run of a command: wall time, processor time, peak memory."""

    def __init__(self, wall, cpu, memory):
        self.wall, self.cpu, self.memory = wall, cpu, memory


def measured(arguments, allowed=(0,)):
    """Runs a command to its end; the parent's view of the child's resources."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in allowed:
            said.seek(0)
            sys.exit(f"{' '.join(arguments)}: exit {child.returncode}\n{said.read().decode()[-2000:]}")
    return Sample(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


class Installation:
    """An empty installation on one of the databases."""

    def __init__(self, database, number):
        self.folder = tempfile.mkdtemp(prefix="vekha-bench-")
        self.command = [PROGRAM, "--data", f"{self.folder}/data"]
        self.name = None
        if database == "PostgreSQL":
            self.name = f"vekha_bench_{os.getpid()}_{number}"
            self.server(f"CREATE DATABASE {self.name}")
            self.command += ["--database", f"{os.environ['VEKHA_TEST_POSTGRES']}/{self.name}"]

    def server(self, statement):
        address = f"{os.environ['VEKHA_TEST_POSTGRES']}/postgres"
        subprocess.run(["psql", "-qX", address, "-c", statement], check=True)

    def run(self, *arguments, allowed=(0,)):
        return measured([*self.command, *arguments], allowed)

    def remove(self):
        shutil.rmtree(self.folder)
        if self.name:
            self.server(f"DROP DATABASE {self.name}")


def invent(people, folder):
    subprocess.run(
        [sys.executable, "tests/counting/generate.py", "--seed", SEED, "--people", str(people), "--out", folder],
        check=True,
    )


def lines_of(path):
    with open(path, "rb") as file:
        return sum(1 for _ in file) - 1


def drafted(folder):
    """СНИЛС of those whom the first orders give a plan, by procedure, counted from the files."""
    with open(f"{folder}/orders.csv", encoding="utf-8") as file:
        procedures = [row["procedure"] for row in csv.DictReader(file) if row["part"] == "1"]
    found, seen = {}, set()
    for procedure in procedures:
        command = ["drafts", folder, "--procedure", procedure, "--on", time.strftime("%Y-%m-%d")]
        out = subprocess.run(
            [sys.executable, "tests/counting/count.py", *command], check=True, capture_output=True, text=True
        ).stdout
        fresh = [row for row in csv.DictReader(out.splitlines()) if row["snils"] not in seen]
        seen |= {row["snils"] for row in fresh}
        found[procedure] = [row["snils"] for row in fresh if row["programmes"]]
    return found


def write_acts(folder, plans):
    """Two supporters without a norm of load and the plan sent: acts that need no account of the teachers."""
    with open(f"{folder}/acts.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["snils", "act", "item", "date", "by", "value", "reason"])
        for procedure, persons in plans.items():
            region = procedure.rsplit("-", 1)[1].lower()
            for snils in persons:
                writer.writerow([snils, "assign", "", "2023-02-01", f"head-{region}", f"methodist-{region}", ""])
                writer.writerow([snils, "assign", "", "2023-02-01", f"head-{region}", f"curator-{region}", ""])
                writer.writerow([snils, "send", "", "2023-02-02", f"staff-{region}", "", ""])


def whole_path(at, folder, plans, note):
    """One installation through the whole path; `note` takes each figure."""
    at.run("migrate")
    note("start (`pack list` on an empty database)", 1, at.run("pack", "list"))
    at.run("pack", "load", "seeds/packs/chelyabinsk.toml", "seeds/packs/tyumen.toml")
    for kind in FILES:
        sample = at.run("import", kind, f"{folder}/{kind}.csv")
        if kind in ("staff", "results"):
            note(f"import of {kind}, rows", lines_of(f"{folder}/{kind}.csv"), sample)
    for region in ("A", "B"):
        roles = {
            "head": "cnppm_head", "staff": "cnppm_staff", "methodist": "municipal_methodist", "curator": "curator",
        }
        for login, role in roles.items():
            at.run("user", "add", f"{login}-{region.lower()}", "--role", role, "--unit", region)
    first = True
    for procedure in plans:
        sample = at.run("iom", "draft", "--procedure", procedure)
        if first:
            note("drafting, plans", len(plans[procedure]), sample)
        first = False
    note("acts, acts", lines_of(f"{folder}/acts.csv"), at.run("iom", "apply", f"{folder}/acts.csv"))
    for pack, period in (("chelyabinsk", "2023"), ("tyumen", "2022/23")):
        sample = at.run("values", "--pack", pack, "--period", period, "--level", "municipality", "--format", "csv")
        note(f"values of {pack}, all municipalities", 1, sample)
    note("check (facts, counters, journal again)", 1, at.run("check"))


def bound(work, database, samples):
    """Told by the share of the program's processor time in the wall time."""
    share = statistics.median(s.cpu / s.wall for s in samples) * 100
    if share >= 75:
        return f"the program's own computing ({share:.0f} % of the wall time)"
    if database == "PostgreSQL":
        waits = "the server and the way to it"
    elif work.split(",")[0] in WRITES:
        waits = "the disk at the commit, and whoever else uses the processor"
    else:
        waits = "the start of the process, and whoever else uses the processor"
    return f"{waits}; the program computes {share:.0f} % of the wall time"


def facts(people, runs):
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    server = subprocess.run(["postgres", "--version"], capture_output=True, text=True).stdout.strip()
    with tempfile.NamedTemporaryFile() as file:
        took = []
        for _ in range(20):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return (
        f"{os.cpu_count()} cores ({cpu}), {memory:.0f} GiB, {platform.system()} {platform.release()}, {server}; "
        f"fsync of 4 KiB {statistics.median(took) * 1000:.2f} ms; load at the start {os.getloadavg()[0]:.1f}; "
        f"{people} people, medians of {runs} runs (least–greatest)."
    )


def spread(values, form):
    return f"{form(statistics.median(values))} ({form(min(values))}–{form(max(values))})"


def report(figures, counts):
    head = "| Work | Database | Amount | Seconds | Per second | Peak memory, MB | What bounds it |"
    out = [head, "|---|---|---|---|---|---|---|"]
    ratios = []
    for work, amount in counts.items():
        for database in ("SQLite", "PostgreSQL"):
            samples = figures[work, database]
            seconds = spread([s.wall for s in samples], lambda v: f"{v:.2f}")
            rate = f"{amount / statistics.median(s.wall for s in samples):,.0f}" if amount > 1 else "–"
            memory = f"{statistics.median(s.memory for s in samples):.0f}"
            out.append(f"| {work} | {database} | {amount:,} | {seconds} | {rate} | {memory} | {bound(work, database, samples)} |")
        mean = {d: statistics.median(s.wall for s in figures[work, d]) for d in ("SQLite", "PostgreSQL")}
        ratios.append(f"{work}: {mean['PostgreSQL'] / mean['SQLite']:.2f}")
    out += ["", "PostgreSQL's time divided by SQLite's: " + "; ".join(ratios) + "."]
    return "\n".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--table", action="store_true", help="write the section of docs/bench.md")
    parser.add_argument("--json", help="write the medians there, for tests/night")
    arguments = parser.parse_args()
    told = facts(arguments.people, arguments.runs)
    print(told, flush=True)
    folder = tempfile.mkdtemp(prefix="vekha-bench-files-")
    invent(arguments.people, folder)
    plans = drafted(folder)
    write_acts(folder, plans)
    figures, counts = {}, {}
    for number in range(arguments.runs):
        for database in ("SQLite", "PostgreSQL"):
            at = Installation(database, number)

            def note(work, amount, sample, database=database):
                counts[work] = amount
                figures.setdefault((work, database), []).append(sample)
                print(f"{database} {work}: {sample.wall:.2f} s, {sample.memory:.0f} MB", flush=True)

            whole_path(at, folder, plans, note)
            at.remove()
    shutil.rmtree(folder)
    table = report(figures, counts)
    print(table)
    if arguments.table:
        document.put("Commands", f"`tests/bench/run --table`, {time.strftime('%Y-%m-%d')}. {told}\n\n{table}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({f"{w}|{d}": statistics.median(s.wall for s in v) for (w, d), v in figures.items()}, file)


if __name__ == "__main__":
    main()

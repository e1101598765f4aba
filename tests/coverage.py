#!/usr/bin/env python3
"""Writes docs/coverage.csv (id,status,test,reason) from the tests that ran green. It is never typed.

A row of tests/acceptance_rows.txt is closed when a test has it in a line `// rows: A, B` above it and every variant of
that test (each database) is green in the log. A row that cannot be closed for a reason in its source is partly done when a
green test has it in a line `// partly: A reason` above it. At most five rows a test.
usage: coverage.py LOG
"""
import csv
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def claims():
    """Test name -> rows it claims, each with the reason why it is done only partly, from the sources of the tests."""
    found = {}
    for path in sorted((ROOT / "tests" / "it").glob("**/*.rs")):
        module = ".".join(path.relative_to(ROOT / "tests" / "it").with_suffix("").parts).replace(".", "::")
        rows = {}
        for line in path.read_text().splitlines():
            if match := re.match(r"\s*// rows: (.+)", line):
                rows |= {row.strip(): "" for row in match[1].split(",")}
            elif match := re.match(r"\s*// partly: (\S+) (.+)", line):
                rows[match[1]] = match[2].strip()
            elif rows and (match := re.match(r"\s*(?:pub )?fn (\w+)\(", line)):
                if len(rows) > 5:
                    sys.exit(f"{path.name}: {match[1]} claims {len(rows)} rows; five at most")
                found[f"{module}::{match[1]}"] = rows
                rows = {}
    return found


def outcomes(log):
    """Test name without its variant -> whether all its variants passed."""
    passed = {}
    for name, outcome in re.findall(r"^test (\S+) \.\.\. (ok|FAILED)", log, re.M):
        base = re.sub(r"::(sqlite|postgres)$", "", name)
        passed[base] = passed.get(base, True) and outcome == "ok"
    return passed


def main():
    known = (ROOT / "tests" / "acceptance_rows.txt").read_text().split()
    passed = outcomes(pathlib.Path(sys.argv[1]).read_text())
    closed, partly = {}, {}
    for test, rows in claims().items():
        for row, reason in rows.items():
            if row not in known:
                sys.exit(f"{test} claims {row}, which is no row")
            if passed.get(test):
                (partly if reason else closed).setdefault(row, (test, reason))
    if both := sorted(closed.keys() & partly.keys()):
        sys.exit(f"closed by one test and partly by another: {', '.join(both)}")
    with open(ROOT / "docs" / "coverage.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["id", "status", "test", "reason"])
        for row in known:
            status = "closed" if row in closed else "partly" if row in partly else "open"
            writer.writerow([row, status, *(closed | partly).get(row, ("", ""))])
    print(f"acceptance rows: {len(closed)} closed, {len(partly)} partly, of {len(known)}")


main()

"""Opens the papers of a demo region in LibreOffice and reads what it made of them: headings, header rows, language, title.

office.py PROGRAM FOLDER: makes a demo in FOLDER, writes the four papers of some plans as DOCX, has LibreOffice turn each
into a flat document and into PDF.
"""

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

program, folder = sys.argv[1], Path(sys.argv[2]).resolve()
data, home = folder / "data", folder / "home"
PAPERS = ["plan", "correction", "report", "summary"]


def run(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{arguments}: {done.stdout}{done.stderr}")
    return done.stdout


def office(kind, files):
    run("soffice", f"-env:UserInstallation=file://{home}", "--headless", "--convert-to", kind, "--outdir", folder, *files)


run(program, "--data", data, "demo", "--no-serve")


# One plan that was changed after its approval, one that was closed, one in work.
conn = sqlite3.connect(f"file:{data / 'vekha.sqlite'}?mode=ro", uri=True)
snils = []
for where in ["p.revision > 1", "p.state = 'closed'", "p.state = 'active'"]:
    found = conn.execute(
        f"SELECT h.snils FROM iom p JOIN person h ON h.id = p.person_id WHERE {where} AND h.snils IS NOT NULL ORDER BY p.id DESC"
    ).fetchone()
    snils += [found[0]] if found else []
conn.close()
files = []
for place, number in enumerate(snils):
    for paper in PAPERS:
        file = folder / f"{paper}-{place}.docx"
        run(program, "--data", data, "iom", "paper", number, "--document", paper, "--scores", "--out", file)
        files.append(file)
office("fodt", files)
office("pdf", files)
wrong = []
for file in files:
    flat, sheet = file.with_suffix(".fodt"), file.with_suffix(".pdf")
    if not flat.exists() or not sheet.exists() or sheet.read_bytes()[:5] != b"%PDF-":
        wrong.append(f"{file.name}: LibreOffice did not open it")
        continue
    text = flat.read_text(encoding="utf-8")
    body = text[text.index("<office:body>") :]
    tables = re.findall(r"<table:table .*?</table:table>", body, re.S)
    heads = [t for t in tables if "<table:table-header-rows>" in t]
    checks = {
        "headings": 'text:outline-level="1"' in body or file.name.startswith("correction"),
        "header rows": file.name.startswith("correction") or bool(heads),
        "a header row in each table but the places of signatures": len(tables) - len(heads) <= 1,
        "language": 'fo:language="ru"' in text,
        "title": "<dc:title>" in text and "<dc:title></dc:title>" not in text,
        "page numbers": "<text:page-count" in text,
    }
    wrong += [f"{file.name}: no {what}" for what, there in checks.items() if not there]
if len(snils) < 2 or wrong:
    sys.exit("\n".join(wrong) or f"only {len(snils)} plans")
print(f"{len(files)} papers opened in LibreOffice with headings, header rows, language and title")

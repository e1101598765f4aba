"""Opens the workbooks of the summary tables of a demo region in LibreOffice: it reads the numbers that the pages show.

office_tables.py PROGRAM FOLDER: makes a demo in FOLDER, serves it, takes the workbooks as an operator does, has LibreOffice
turn each into CSV, and compares cell by cell with the page; the first table also with the golden file that was typed from
the published figures.
"""

import csv
import html
import http.client
import re
import socket
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

program, folder = sys.argv[1], Path(sys.argv[2]).resolve()
data, home = folder / "tables", folder / "home"
PASSWORD = "веха-демо-2026"
GOLDEN = Path(__file__).parent / "it" / "golden" / "table_1_1.csv"
TABLES = {
    "1_1": "/tables/tyumen/1_1?period=2022%2F23",
    "1_2": "/tables/tyumen/1_2?period=2022%2F23",
    "5": "/tables/chelyabinsk/5",
    "zones": "/tables/krasnoyarsk/zones",
}


def run(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{arguments}: {done.stdout}{done.stderr}")
    return done.stdout


# Cookies of the program ask for a safe way: a jar would not send them to itself.
cookies = {}


def ask(path, form=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("GET" if form is None else "POST", path, urllib.parse.urlencode(form) if form else None, headers)
    answer = connection.getresponse()
    body = answer.read()
    for name, value in answer.getheaders():
        if name.lower() == "set-cookie":
            key, _, said = value.split(";")[0].partition("=")
            cookies[key] = said
    if answer.status not in (200, 303):
        sys.exit(f"{path}: {answer.status}")
    return body


def number(text):
    plain = text.replace("\u00a0", "").replace(" ", "").replace("п.п.", "").replace("−", "-").replace(",", ".")
    try:
        return float(plain.strip("%+"))
    except ValueError:
        return None


def cells(row):
    found = re.findall(r"<t[hd] [^>]*>(.*?)</t[hd]>", row, re.S)
    return [html.unescape(re.sub(r"<[^>]*>", "", cell)).strip() for cell in found]


def shown(page):
    table = page.split('<table class="reg', 1)[1].split("</table>", 1)[0]
    return [cells(row) for row in table.split('<tr role="row"')[1:]]


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
run(program, "--data", data, "demo", "--no-serve", "--people", "1500")
server = subprocess.Popen(
    [program, "--data", data, "serve", "--listen", f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
)
wrong, compared = [], 0
try:
    for _ in range(100):
        try:
            page = ask("/sign-in").decode()
            break
        except OSError:
            time.sleep(0.2)
    else:
        sys.exit("the server does not answer")
    token = re.search(r'name="token" value="([^"]+)"', page).group(1)
    ask("/sign-in", {"token": token, "login": "operator", "password": PASSWORD, "next": "/"})
    for name, path in TABLES.items():
        page = shown(ask(path).decode())
        sign = "&" if "?" in path else "?"
        book = folder / f"table_{name}.xlsx"
        book.write_bytes(ask(f"{path}{sign}as=xlsx"))
        # As a person sees them: formatted, the first sheet.
        run("soffice", f"-env:UserInstallation=file://{home}", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false", "--outdir", folder, book)
        # The first row says what it is.
        read = list(csv.reader(book.with_suffix(".csv").open(encoding="utf-8")))[1:]
        if len(read) != len(page):
            wrong.append(f"{name}: {len(read)} rows, the page has {len(page)}")
        for place, (own, theirs) in enumerate(zip(page, read)):
            for column, cell in enumerate(own):
                there = theirs[column] if column < len(theirs) else ""
                told = number(cell)
                if told is None:
                    same = there.strip() == ("" if cell == "–" else cell)
                else:
                    of = number(there.replace(",", ""))  # a comma parts thousands here
                    same = of is not None and abs(of - told) < 1e-6
                compared += 1
                if not same:
                    wrong.append(f"{name}, row {place}, column {column}: the page {cell!r}, LibreOffice {there!r}")
        if name == "1_1":
            # Rows of means are found by all their words, municipalities by the first: the demo says «район» after it.
            typed = {}
            for row in csv.reader(GOLDEN.open(encoding="utf-8")):
                typed[row[0], row[1]] = row
                typed.setdefault((row[0].split(" ")[0].replace("-", "").lower(), row[1]), row)
            for row in read[1:]:
                golden = typed.get((row[0], row[1])) or typed.get((row[0].split(" ")[0].lower(), row[1]))
                if golden is None or row[0].startswith("–"):
                    continue
                for typed_cell, cell in zip(golden[3:], row[3:]):
                    compared += 1
                    if number(typed_cell) != number(cell.replace(",", "")):
                        wrong.append(f"1_1, {row[0]} {row[1]}: typed {typed_cell!r}, LibreOffice {cell!r}")
finally:
    server.terminate()
    server.wait()
if wrong or not compared:
    sys.exit("\n".join(wrong[:40]) or "nothing was compared")
print(f"{compared} cells of {len(TABLES)} tables read by LibreOffice as the pages show them")

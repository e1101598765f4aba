"""Measures pages under load, both databases in one run. Started by tests/bench/run --pages."""

import argparse
import atexit
import concurrent.futures
import gzip
import http.client
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import document
import region
from bench import PROGRAM, Installation, facts, invent, spread

CONNECTIONS = 16
TICKS = os.sysconf("SC_CLK_TCK")
DATABASES = ("SQLite", "PostgreSQL")
PAGE, PLAIN, MARK = "the teacher's plan page, gzip", "the same, not compressed", "the tutor's mark"


class Server:
    """`vekha serve` of an installation, and the processor time it and its database use."""

    def __init__(self, at, slow_disk=0, traced=False):
        self.at = at
        began = time.perf_counter()
        self.errors = tempfile.TemporaryFile()
        command = [*at.command, "serve", "--listen", "127.0.0.1:0"]
        environment = {**os.environ, "VEKHA_SECOND_FACTOR": "off"}
        if traced:
            inject = f"inject=fdatasync,fsync:delay_exit={slow_disk * 1000}"
            command = ["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e", inject, *command]
        elif slow_disk:
            environment |= {"LD_PRELOAD": slow_disk_library(at.folder), "VEKHA_SLOW_DISK_NS": str(slow_disk * 1_000_000)}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors, text=True, env=environment)
        atexit.register(self.process.kill)  # however the measurement ends
        found = re.search(r"http://([^:]+):(\d+)/", self.process.stdout.readline())
        if not found:
            self.errors.seek(0)
            sys.exit(f"the server does not start:\n{self.errors.read().decode()[-2000:]}")
        self.host, self.port = found[1], int(found[2])
        self.pid = child_of(self.process.pid) if traced else self.process.pid
        self.get("/sign-in")
        self.first_page = time.perf_counter() - began

    def ask(self, method, path, cookie="", form=None, encoding=None):
        """One request on a connection of its own: status, headers, cookies set, body."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        headers = {"Cookie": cookie} if cookie else {}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if encoding:
            headers["Accept-Encoding"] = encoding
        connection.request(method, path, form, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        cookies = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        return answer.status, dict(answer.getheaders()), cookies, body

    def get(self, path, cookie="", encoding=None):
        status, _, _, body = self.ask("GET", path, cookie, encoding=encoding)
        if status != 200:
            sys.exit(f"GET {path}: {status}")
        return body

    def sign_in(self, login, password=region.PASSWORD):
        """Through the form, as a person does. Returns the cookie of the session."""
        _, _, cookies, body = self.ask("GET", "/sign-in")
        token = form_token(body)
        form = {"token": token, "login": login, "password": password, "next": "/"}
        status, _, given, _ = self.ask("POST", "/sign-in", "; ".join(cookies), urllib.parse.urlencode(form))
        session = [c for c in given if c.startswith("__Host-vekha=")]
        if status != 303 or not session:
            sys.exit(f"{login} cannot sign in: {status}")
        return session[0]

    def ticks(self):
        """Processor seconds so far: of the program, of the backends of its database."""
        own = spent(self.pid)
        if not self.at.name:
            return own, 0.0
        backends = [pid for pid in os.listdir("/proc") if pid.isdigit() and self.at.name in command_line(pid)]
        return own, sum(spent(pid) for pid in backends)

    def peak(self):
        """The most memory it has held, MB."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        self.process.wait(timeout=30)


def slow_disk_library(folder):
    """Built anew each time: it takes a moment."""
    path = f"{folder}/slow_disk.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", path, "tests/bench/slow_disk.c", "-ldl"], check=True)
    return path


def child_of(pid):
    """The program that strace runs."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return int(file.read().split()[0])


def form_token(body):
    return re.search(r'name="token" value="([0-9a-f]+)"', body.decode())[1]


def spent(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            cells = file.read().rsplit(")", 1)[1].split()
    except OSError:  # it has ended
        return 0.0
    return (int(cells[11]) + int(cells[12])) / TICKS


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return text if text.startswith("postgres") else ""


class Figure:
    """What one run of the load generator found."""

    def __init__(self, said, own, base, generator):
        self.requests, self.refused, self.broken = said["requests"], said["refused"], said["broken"]
        self.rate = said["requests"] / said["seconds"]
        self.p50, self.p99 = said["p50_ms"], said["p99_ms"]
        self.own, self.base = own / said["requests"] * 1000, base / said["requests"] * 1000
        self.busy = [x / said["seconds"] for x in (own, base, generator)]
        self.size = said["bytes"] / said["requests"]


def send(server, requests, seconds, folder, how="gzip"):
    """Sixteen connections that send the list round and round."""
    path = f"{folder}/requests"
    with open(path, "w", encoding="utf-8") as file:
        file.writelines("\t".join(request) + "\n" for request in requests)
    own, base = server.ticks()
    before = os.times()
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", "tests/bench/send.lua"]
    command += [f"http://{server.host}:{server.port}/", "--", path, how]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after, (own_now, base_now) = os.times(), server.ticks()
    generator = after.children_user + after.children_system - before.children_user - before.children_system
    said = json.loads(re.search(r"^RESULT (.*)$", out, re.MULTILINE)[1])
    return Figure(said, own_now - own, base_now - base, generator)


class Work:
    """A loaded installation with people signed in: lists of requests for the generator."""

    def __init__(self, database, files, arguments):
        self.at = Installation(database, "pages")
        began = time.perf_counter()
        loaded = region.load(self.at, files, arguments.tutors, arguments.packs, arguments.current)
        self.tables, plans, waiting = loaded
        self.plans = len(plans)
        print(f"{database}: {self.plans} plans, loaded in {time.perf_counter() - began:.0f} s", flush=True)
        began = time.perf_counter()
        server = Server(self.at)
        teachers = [p.teacher for p in plans if p.tutor not in waiting]
        teachers = teachers[:: max(1, len(teachers) // arguments.sessions)][: arguments.sessions]
        tutors = sorted(waiting)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            sessions = dict(zip([*teachers, *tutors], pool.map(server.sign_in, [*teachers, *tutors])))
        self.pages = [["GET", "/plan", sessions[login], ""] for login in teachers]
        self.marks = self.marks_of(server, plans, {tutor: sessions[tutor] for tutor in tutors})
        self.visit = first_visit(server, self.pages[0][2])
        server.stop()
        took = time.perf_counter() - began
        print(f"{database}: {len(sessions)} signed in, {len(self.marks)} steps wait, {took:.0f} s", flush=True)

    def marks_of(self, server, plans, sessions):
        """Every handed-in step of these tutors, neighbours in the list being of different tutors."""
        lists = {tutor: [] for tutor in sessions}
        for plan in plans:
            if plan.tutor in lists:
                lists[plan.tutor] += [(plan.id, item) for item in plan.items]
        seen = {(plan, item): version for plan, item, version in self.tables.rows("SELECT iom_id, number, version FROM iom_item")}
        marks = []
        for tutor, steps in lists.items():
            token = form_token(server.get("/review", sessions[tutor]))
            for place, (plan, item) in enumerate(steps):
                form = urllib.parse.urlencode({"token": token, "plan": plan, "item": item, "act": "accept", "seen": seen[str(plan), str(item)]})
                marks.append((place, ["POST", "/review", sessions[tutor], form]))
        return [mark for _, mark in sorted(marks, key=lambda m: m[0])]

    def accepted(self):
        return int(self.tables.rows("SELECT count(*) FROM iom_act WHERE act = 'accept'")[0][0])


def first_visit(server, cookie):
    """Bytes of the plan page and of everything it asks for, as sent to a browser: (page, files)."""
    page = server.get("/plan", cookie, "gzip")
    text = gzip.decompress(page).decode()
    if "<h1>Мой маршрут</h1>" not in text or 'class="path"' not in text:
        sys.exit("the page of the plan shows no plan")
    found = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))
    for style in [path for path in found if path.endswith(".css")]:
        body = server.get(style).decode()
        inner = re.findall(r"url\([\"']?([^\"')]+)", body)
        # Pictures of Bootstrap's controls are fetched by the pages that show such controls.
        found |= {urllib.parse.urljoin(style, path) for path in inner if path.endswith(".woff2")}
    return len(page), sum(len(server.get(path, encoding="gzip")) for path in sorted(found))


def measure(work, database, run, arguments, figures, extra):
    """One run on one database with a server of its own."""
    os.sync()  # what loading left to be written would be waited for by the first commits
    server = Server(work.at, arguments.slow_disk, arguments.traced)

    def note(what, figure):
        figures.setdefault((what, database), []).append(figure)
        print(
            f"{database} {what}: {figure.rate:.0f}/s, p50 {figure.p50:.2f} ms, p99 {figure.p99:.1f} ms, CPU "
            f"{figure.own:.3f} + {figure.base:.3f} ms, refused {figure.refused}, broken {figure.broken}",
            flush=True,
        )
        if figure.refused or figure.broken:
            sys.exit(f"{what}: some requests were not answered as they should")

    send(server, work.pages, 3, work.at.folder)  # every session says once a minute that it is used
    if not arguments.slow_disk:
        note(PAGE, send(server, work.pages, arguments.seconds, work.at.folder))
        note(PLAIN, send(server, work.pages, arguments.seconds, work.at.folder, "plain"))
    part = len(work.marks) // arguments.runs
    before = work.accepted()
    mark = send(server, work.marks[run * part : (run + 1) * part], arguments.seconds, work.at.folder)
    done = work.accepted() - before
    note(MARK, mark)
    # The last answers of the generator may be cut off, their marks stand all the same.
    if not mark.requests <= done <= mark.requests + CONNECTIONS:
        sys.exit(f"{mark.requests} marks answered, {done} written")
    extra.setdefault(("start to the first page, s", database), []).append(server.first_page)
    extra.setdefault(("peak memory of the server, MB", database), []).append(server.peak())
    server.stop()


def table(figures):
    out = [
        "| Work, 16 connections | Database | Per second | p50, ms | p99, ms | CPU of the program, ms each | "
        "CPU of the database server, ms each | Processors busy: program + database + generator |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for what in (PAGE, PLAIN, MARK):
        for database in DATABASES:
            own = figures[what, database]
            middle = lambda pick: statistics.median(pick(f) for f in own)  # noqa: E731
            busy = " + ".join(f"{middle(lambda f, i=i: f.busy[i]):.2f}" for i in range(3))
            out.append(
                f"| {what} | {database} | {spread([f.rate for f in own], lambda v: f'{v:,.0f}')} | "
                f"{spread([f.p50 for f in own], lambda v: f'{v:.2f}')} | {middle(lambda f: f.p99):.1f} | "
                f"{middle(lambda f: f.own):.3f} | {middle(lambda f: f.base):.3f} | {busy} |"
            )
    return out


def sizes():
    """Bytes of the program as built, and without what only a debugger reads."""
    with tempfile.TemporaryDirectory() as folder:
        stripped = f"{folder}/vekha"
        subprocess.run(["strip", "-o", stripped, PROGRAM], check=True)
        return os.path.getsize(PROGRAM) / 2**20, os.path.getsize(stripped) / 2**20


def report(works, figures, extra):
    out = table(figures)
    out += ["", "| Figure | SQLite | PostgreSQL |", "|---|---|---|"]
    for name, form in (("start to the first page, s", "{:.2f}"), ("peak memory of the server, MB", "{:.0f}")):
        cells = [spread(extra[name, database], form.format) for database in DATABASES]
        out.append(f"| {name} | {' | '.join(cells)} |")
    whole, stripped = sizes()
    page, files = works["SQLite"].visit
    size = statistics.median(f.size for f in figures[PLAIN, "SQLite"])
    out.append(f"| program file, MiB: as built, stripped | {whole:.0f}, {stripped:.0f} | the same file |")
    out.append(f"| first visit of the plan page, KB: page, all its files | {page / 1000:.1f}, {files / 1000:.0f} | the same |")
    out.append(f"| the page with its headers, not compressed, KB | {size / 1000:.1f} | the same |")
    return "\n".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=40000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8, help="of each measurement")
    parser.add_argument("--sessions", type=int, default=500, help="teachers signed in")
    parser.add_argument("--tutors", type=int, default=256, help="tutors signed in; 146 steps wait for each")
    parser.add_argument("--packs", nargs="*", default=list(region.OPENED), choices=list(region.OPENED))
    parser.add_argument("--current", action="store_true", help="open the current periods too: then marks change facts")
    parser.add_argument("--slow-disk", type=int, default=0, help="milliseconds that each fdatasync takes longer; marks only")
    parser.add_argument("--traced", action="store_true", help="the disk is slowed by strace, which stops other threads as well")
    parser.add_argument("--only", choices=DATABASES)
    parser.add_argument("--table", action="store_true", help="write the section of docs/bench.md")
    arguments = parser.parse_args()
    files = tempfile.mkdtemp(prefix="vekha-bench-files-")
    invent(arguments.people, files)
    databases = [arguments.only] if arguments.only else DATABASES
    works = {database: Work(database, files, arguments) for database in databases}
    told = facts(arguments.people, arguments.runs)
    told += (
        f" {works[databases[0]].plans:,} plans in work; {arguments.sessions} teachers and {arguments.tutors} tutors signed in, "
        f"{region.LOAD} plans a tutor; packs: {', '.join(arguments.packs)}; {arguments.seconds} s a measurement."
    )
    print(told, flush=True)
    figures, extra = {}, {}
    for run in range(arguments.runs):
        for database in databases:
            measure(works[database], database, run, arguments, figures, extra)
    # Of one database, or with a slow disk, each figure has been printed already.
    text = "" if arguments.only or arguments.slow_disk else report(works, figures, extra)
    print(text)
    if arguments.table and text:
        document.put("Pages", f"`tests/bench/run --pages --table`, {time.strftime('%Y-%m-%d')}. {told}\n\n{text}")
    for work in works.values():
        work.at.remove()
    shutil.rmtree(files)


if __name__ == "__main__":
    main()

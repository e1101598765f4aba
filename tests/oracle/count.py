"""Who must be seen where, counted from world.json by brute force over parents. Shares nothing with the program.

    count.py DIR    lines of login, role, path, what (exact, within, opens), total, names

exact: the page and those that follow it name these people and no others. within: nobody else is named. opens: of all plans
(or people) those open, everything else is like what does not exist; names are then СНИЛС.
"""

import csv
import json
import sys
import urllib.parse


class World:
    def __init__(self, folder):
        with open(f"{folder}/world.json", encoding="utf-8") as file:
            self.world = json.load(file)
        self.today = self.world["today"]
        self.units = {u["code"]: u for u in self.world["units"]}
        self.people = self.world["people"]

    def is_inside(self, unit, over):
        """Whether a unit stands in another today, by asking for its parent again and again."""
        if "closed" in self.units[unit]:
            return False
        while unit is not None:
            if unit == over:
                return True
            unit = self.units[unit]["parent"]
        return False

    def works(self, person, over):
        return any(
            began <= self.today and (left is None or self.today <= left) and self.is_inside(organisation, over)
            for organisation, began, left in person["jobs"]
        )

    def is_region(self, unit):
        return self.units[unit]["kind"] == "region"

    def within(self, person, unit):
        """Whether a role over a unit reaches a person: the region reaches those too who work nowhere now."""
        if self.is_region(unit):
            return person["region"] == unit
        return self.works(person, unit)

    def supports(self, login, person):
        return any(
            who == login and began <= self.today and (ended is None or self.today < ended)
            for who, began, ended in person["supporters"]
        )

    def in_force(self, account):
        began, ended = account.get("from") or "", account.get("to") or ""
        return (not began or began <= self.today) and (not ended or self.today < ended)


def has_plan(person):
    return person["state"] != "none"


def is_open(person):
    return has_plan(person) and person["state"] != "closed"


def query(path, **fields):
    return f"{path}?{urllib.parse.urlencode(fields)}" if fields else path


def answers(world, account):
    """Pages of an account, with the people that they must name."""
    login, role, unit = account["login"], account["role"], account["unit"]
    seen = lambda fits: [p for p in world.people if fits(p)]
    part = lambda people: people[len(people) // 2]["name"][1:6].lower() if people else "нет такого"
    matches = lambda people, text: [p for p in people if text in p["name"].lower()]
    if role in ("curator", "tutor", "mentor", "supervisor"):
        mine = seen(lambda p: world.supports(login, p))
        open_ = [p for p in mine if is_open(p)]
        yield "/people", "exact", open_
        yield query("/people", q=part(mine)), "exact", matches(open_, part(mine))
        yield "/review", "exact", [p for p in open_ if p.get("submitted")]
        for state in ("draft", "active", "paused"):
            yield query("/people", state=state), "exact", [p for p in open_ if p["state"] == state]
        yield "/people/{plan}", "opens", [p for p in mine if has_plan(p)]
    elif role in ("cnppm_head", "cnppm_staff", "operator"):
        reached = seen(lambda p: has_plan(p) and world.within(p, unit))
        open_ = [p for p in reached if is_open(p)]
        yield "/plans", "exact", open_
        yield query("/plans", state="all"), "exact", reached
        for state in ("draft", "approved", "active", "closed"):
            yield query("/plans", state=state), "exact", [p for p in reached if p["state"] == state]
        yield query("/plans", state="agreed"), "exact", [p for p in reached if p["state"] == "agreed"]
        yield query("/plans", state="all", q=part(reached)), "exact", matches(reached, part(reached))
        for code, other in sorted(world.units.items()):
            inside = [o for o in world.units if world.units[o]["kind"] == "organisation" and world.is_inside(o, code)]
            own = other["region"] == world.units[unit]["region"]
            if inside and own and all(world.is_inside(o, unit) for o in inside):
                yield query("/plans", state="all", unit=code), "exact", [p for p in reached if world.works(p, code)]
            else:
                yield query("/plans", state="all", unit=code), "missing", []
        if role != "operator":
            for n, kind in ((1, "tutor"), (2, "curator")):
                who = f"{kind}-{n}-{login[-1]}"
                # Supporters are known to whoever has an organisation in which they could work.
                knows = any(u["kind"] == "organisation" and world.is_inside(c, unit) for c, u in world.units.items())
                found = [p for p in reached if world.supports(who, p)]
                yield query("/plans", state="all", supporter=who), "exact" if knows else "missing", found
        yield "/plans/{plan}", "opens", reached
        region = world.units[unit]["region"]
        own = seen(lambda p: p["region"] == region)
        journal = "forbidden" if role == "cnppm_staff" else "within"
        yield query("/journal/export", action="iom.close_terminated"), journal, own
        for part in ("numerator", "rest", "excluded"):
            here = query("/indicators/tyumen/3.4/people", unit=region, part=part, period="2022/23")
            yield here, "within" if world.is_region(unit) else "hides", own
    elif role in ("school_head", "school_admin"):
        staff = seen(lambda p: world.works(p, unit))
        yield "/staff", "exact", staff
        yield query("/staff", q=part(staff)), "exact", matches(staff, part(staff))
        shown = lambda p: "agreed" if p["state"] == "agreed" else p["state"]
        yield query("/staff", state="none"), "exact", [p for p in staff if p["state"] in ("none", "draft")]
        for state in ("active", "closed"):
            yield query("/staff", state=state), "exact", [p for p in staff if p["state"] == state]
        yield "/staff/{person}", "opens", staff
        if role == "school_head":
            yield "/applications", "exact", [p for p in staff if p.get("applied")]
        for code, other in sorted(world.units.items()):
            if other["kind"] == "organisation":
                if world.is_inside(code, unit):
                    yield query("/staff", unit=code), "exact", [p for p in staff if world.works(p, code)]
                else:
                    yield query("/staff", unit=code), "missing", []
    elif role in ("municipal_methodist", "municipal_authority", "regional_authority"):
        yield "/schools", "units", [u for u in world.units if world.units[u]["kind"] == "organisation" and world.is_inside(u, unit)]
        yield "/coverage", "exact", []
    elif role == "teacher":
        own = [p for p in world.people if p["snils"] == account["snils"]]
        for path in ("/plan", "/profile", "/viewed", "/my-applications", "/courses"):
            yield path, "own", own


def main():
    folder = sys.argv[1]
    world = World(folder)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["login", "role", "path", "what", "names"])
    for account in world.world["accounts"]:
        if account.get("silent"):
            continue
        if not world.in_force(account):
            for path in ("/plans", "/plans?state=all", "/supporters", "/journal/export"):
                writer.writerow([account["login"], account["role"], path, "forbidden", ""])
            continue
        for path, what, found in answers(world, account):
            if what == "units":
                names = found
            elif what == "opens":
                names = [p["snils"] for p in found]
            else:
                names = [p["name"] for p in found]
            writer.writerow([account["login"], account["role"], path, what, " ".join(names).replace("\u00a0", " ") if what != "opens" else ";".join(names)])


if __name__ == "__main__":
    main()

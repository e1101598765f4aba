"""Plans as the file of acts tells them: states by date, supporters by date, acts of help.

The acts are taken to be legal; who may do what is the program's to refuse. What a file of acts cannot say (how the
program numbered a drafted plan and its items) is read from plans.csv: snils, plan, item, programme, one row an item.
"""

import collections
import datetime
import glob
import os

from reading import date, rows, snils

COUNTED = {"curator", "tutor", "regional_methodist", "municipal_methodist"}
METHODIST = {"regional_methodist"}
ASSIGNABLE = COUNTED | {"mentor", "supervisor"}
STATE_AFTER = {
    "send": "on_agreement",
    "approve": "approved",
    "start": "active",
    "pause": "paused",
    "resume": "active",
    "close-completed": "completed",
    "close-expired": "expired",
    "close-terminated": "terminated",
    "reopen": "active",
}
CLOSED = {"completed", "expired", "terminated", "error"}

Act = collections.namedtuple("Act", "act item on by value reason")


class Plan:
    """One plan with its acts in the order of their dates, then of the file."""

    def __init__(self, number, person, origin):
        self.number, self.person, self.origin = number, person, origin
        self.items, self.acts = {}, []

    def history(self):
        """Pairs of day and state; a plan that nobody touched has none."""
        for act in self.acts:
            if act.act == "return" and not act.item:
                yield act.on, "returned"
            elif act.act == "close-terminated" and act.reason.lower() == "ошибка":
                yield act.on, "error"
            elif act.act in STATE_AFTER:
                yield act.on, STATE_AFTER[act.act]

    def state(self, on):
        """State at the end of a day, and the day it began."""
        last = (None, "draft")
        for day, state in self.history():
            if day <= on:
                last = (day, state)
        return last

    def formed_on(self, known):
        """The day it first became visible to the teacher; none for a plan that ended as an error, as far as is known."""
        sent = [act.on for act in self.acts if act.act == "send"]
        return min(sent) if sent and self.state(known)[1] != "error" else None

    def formed(self, window):
        on = self.formed_on(window.known)
        return on is not None and window.first <= on <= window.last

    def live(self, window):
        """Formed before the end of the days and not closed before their start."""
        first, last = window.first, window.last
        on = self.formed_on(window.known)
        if on is None or on > last:
            return False
        closed_before = self.state(first - datetime.timedelta(days=1))[1] in CLOSED
        return not closed_before or any(a.act == "reopen" and first <= a.on <= last for a in self.acts)

    def realised(self, first, last):
        on, state = self.state(last)
        return state == "completed" and on >= first

    def supporters(self, role_of):
        """Kind, first day, day after the last one. A new supporter of a kind ends the earlier one."""
        spans = []
        for act in self.acts:
            if act.act == "assign":
                kind = role_of[act.value]
                for span in spans:
                    if span[0] == kind and span[2] is None:
                        span[2] = act.on
                spans.append([kind, act.on, None])
        return spans

    def supporter_between(self, role_of, first, last, kinds=COUNTED):
        """Whether a supporter of one of the kinds stood on at least one of the days; any kind will do for None."""
        spans = self.supporters(role_of)
        return any(
            (kinds is None or kind in kinds) and since <= last and (until is None or until > first) and (until is None or until > since)
            for kind, since, until in spans
        )

    def accompanied(self, role_of, last):
        """Whether a supporter of a counted kind stood on the last day, or on closing if it was closed by then."""
        on, state = self.state(last)
        day = on if state in CLOSED else last
        return self.supporter_between(role_of, day, day)

    def supported(self, role_of, window, kinds=COUNTED):
        """Live, with a supporter of a counted kind, and with an act of help dated within the days."""
        first, last = window.first, window.last
        help_given = any(
            (act.act in ("accept", "support") or (act.act == "return" and act.item)) and first <= act.on <= last
            for act in self.acts
        )
        return help_given and self.live(window) and self.supporter_between(role_of, first, last, kinds)

    def trainings(self):
        """Programmes that ended with a document, and its day."""
        return [(self.items[act.item], act.on) for act in self.acts if act.act == "complete"]

    def topics(self, catalogue, last):
        """Topics of its items that nobody cancelled by the last day."""
        cancelled = {act.item for act in self.acts if act.act == "cancel" and act.on <= last}
        topics = set()
        for item, programme in self.items.items():
            if programme and item not in cancelled:
                topics |= catalogue.programmes[programme].topics
        return topics


class Plans:
    """All plans. acts-1.csv speaks of the plans of plans-1.csv, acts-2.csv of the newest plan of each person."""

    def __init__(self, folder, results):
        self.accounts = rows(f"{folder}/accounts.csv")
        self.role_of = {a["login"]: a["role"] for a in self.accounts if a["role"] in ASSIGNABLE}
        self.by_number, newest = {}, {}
        # A person diagnosed in two regions never appears here: the acts name the person by СНИЛС alone.
        known = {person[1]: person for person in results.of}
        for part in range(1, 1 + len(glob.glob(f"{folder}/plans-*.csv"))):
            for row in rows(f"{folder}/plans-{part}.csv"):
                plan = self.by_number.get(row["plan"])
                if plan is None:
                    number_of = snils(row["snils"])
                    plan = newest[number_of] = Plan(row["plan"], known[number_of], row["origin"])
                    self.by_number[row["plan"]] = plan
                plan.items[row["item"]] = row["programme"]
            acts = f"{folder}/acts-{part}.csv"
            told = rows(acts) if os.path.exists(acts) else []
            for row in sorted(told, key=lambda r: date(r["date"])):
                act = Act(row["act"], row["item"], date(row["date"]), row["by"], row["value"], row["reason"])
                newest[snils(row["snils"])].acts.append(act)
        for plan in self.by_number.values():
            plan.acts.sort(key=lambda act: act.on)
        self.of = {}
        for plan in self.by_number.values():
            self.of.setdefault(plan.person, []).append(plan)

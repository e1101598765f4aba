"""Counts again, from the files alone, what the program must answer.

    count.py profile DIR --as-of D              snils,group,competence,subject,level,is_deficit,percent,procedure,date,self
    count.py drafts  DIR --procedure P --on D   snils,deficits,programmes,unmatched
    count.py values  DIR --out OUT --ask PACK:PERIOD[:DAY],…
                     OUT/values.csv  pack,period,as_of,indicator,broken_by,level,unit,numerator,denominator,value
                     OUT/people.csv  pack,period,indicator,unit,part,key          (without a day only)

DIR holds units, staff, competences, programmes, procedures, results, events, activities, bodies, members, pairs, forms .csv
and, for plans, accounts.csv, plans-N.csv and acts-N.csv. A person drafted by an earlier N has a plan that only acts can
close.
"""

import argparse
import csv
import sys

import chelyabinsk
import krasnoyarsk
import leningrad
import leninsky
import tyumen
from activity import Activities
from ask import Ask
from entered import Entered
from place import Catalogue, Staff, Units
from plans import CLOSED, Plans
from reading import date
from results import Results
from window import window

LEVELS = ("region", "zone", "municipality", "organisation")
PACKS = {
    "krasnoyarsk": krasnoyarsk,
    "leninsky": leninsky,
    "leningrad": leningrad,
    "tyumen": tyumen,
    "chelyabinsk": chelyabinsk,
}


class World:
    def __init__(self, folder):
        self.units = Units(folder)
        self.staff = Staff(folder, self.units)
        self.catalogue = Catalogue(folder)
        self.results = Results(folder, self.units, self.staff)
        self.plans = Plans(folder, self.results)
        self.activities = Activities(folder, self.units, self.staff)
        self.entered = Entered(folder, self.units)


def profile(world, arguments):
    writer = csv.writer(sys.stdout, lineterminator="\n")
    columns = "group,competence,subject,level,is_deficit,percent,procedure,date,self"
    writer.writerow(["snils", *columns.split(",")])
    on = date(arguments.as_of)
    for person in sorted(world.results.of, key=lambda p: (p[1], p[0])):
        for row in world.results.profile(person, on, world.catalogue.group):
            writer.writerow([person[1], *row])


def drafts(world, arguments):
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["snils", "deficits", "programmes", "unmatched"])
    on = date(arguments.on)
    for person in sorted(world.results.persons_of(arguments.procedure), key=lambda p: (p[1], p[0])):
        deficits = world.results.deficits(person, on)
        has_plan = any(plan.state(on)[1] not in CLOSED for plan in world.plans.of.get(person, []))
        if deficits and not has_plan:
            teaching = {code: sorted(world.catalogue.teaching[code]) for code in deficits}
            programmes = sorted({p for found in teaching.values() for p in found})
            unmatched = sorted(code for code, found in teaching.items() if not found)
            writer.writerow([person[1], ";".join(sorted(deficits)), ";".join(programmes), ";".join(unmatched)])


def values(world, arguments):
    with open(f"{arguments.out}/values.csv", "w", newline="", encoding="utf-8") as of_values:
        with open(f"{arguments.out}/people.csv", "w", newline="", encoding="utf-8") as of_people:
            figures = csv.writer(of_values, lineterminator="\n")
            lists = csv.writer(of_people, lineterminator="\n")
            columns = "pack,period,as_of,indicator,broken_by,level,unit,numerator,denominator,value"
            figures.writerow(columns.split(","))
            lists.writerow(["pack", "period", "indicator", "unit", "part", "key"])
            for question in arguments.ask.split(","):
                pack, period, day = (question.split(":") + [""])[:3]
                ask = Ask(world, pack, window(pack, period, date(day)))
                for level in LEVELS:
                    for unit in world.units.of_kind(level):
                        if world.units.stands(unit, ask.on):
                            write_unit(figures, lists, ask, [pack, period], day, level, unit)


def write_unit(figures, lists, ask, head, day, level, unit):
    rules = PACKS[ask.pack]
    for indicator, share in rules.shares(ask, unit).items():
        figures.writerow([*head, day, indicator, "", level, unit, *share.printed(rules.DIGITS)])
        for name, part in share.broken.items():
            figures.writerow([*head, day, indicator, name, level, unit, *part.printed(rules.DIGITS)])
        for part, subjects in share.lists().items() if not day else ():
            for key in sorted(subject if isinstance(subject, str) else subject[1] for subject in subjects):
                lists.writerow([*head, indicator, unit, part, key])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, run, options in (
        ("profile", profile, ["--as-of"]),
        ("drafts", drafts, ["--procedure", "--on"]),
        ("values", values, ["--out", "--ask"]),
    ):
        command = commands.add_parser(name)
        command.add_argument("folder")
        for option in options:
            command.add_argument(option, required=True)
        command.set_defaults(run=run)
    arguments = parser.parse_args()
    arguments.run(World(arguments.folder), arguments)


if __name__ == "__main__":
    main()

"""Invents small regions as import files, with every edge that a count can slip on.

    generate.py --seed S --people N [--regions R] --out DIR
                units, staff, competences, programmes, procedures, results, events, activities, bodies, members, pairs, forms .csv
                and orders.csv: which procedures are drafted before which file of acts
    generate.py --seed S --out DIR --acts 1        accounts.csv, acts-1.csv, illegal.csv from plans-1.csv (see plans.py)
"""

import argparse
import random

import invent_activity
import invent_acts
import invent_learning
import invent_place


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--regions", type=int, default=2)
    parser.add_argument("--out", required=True)
    parser.add_argument("--acts", type=int, help="write the acts of this part, from plans-N.csv")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed * 10 + (arguments.acts or 0))
    if arguments.acts:
        invent_acts.write(rng, arguments.out, arguments.acts)
        return
    regions = invent_place.units(rng, arguments.out, arguments.people, arguments.regions)
    persons = invent_place.staff(rng, arguments.out, arguments.people, regions)
    known = invent_learning.competences(rng, arguments.out, regions)
    invent_learning.diagnoses(rng, arguments.out, persons, regions, known)
    invent_activity.write(rng, arguments.out, persons, regions)


if __name__ == "__main__":
    main()

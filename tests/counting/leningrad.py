"""Leningrad: those who take part, to the numbers of the federal forms."""

from share import Over, of

DIGITS = 1
UNIONS = {"smo", "umo", "association", "community", "young", "mentors", "regional_active"}


def shares(ask, unit):
    people = ask.teachers(unit)
    young = of(people, ask.young)

    def entered(measure):
        kind = ask.world.units.kind[unit]
        return None if kind == "organisation" else ask.world.entered.total(unit, measure, ask.window.code, ask.on)

    all_of_them, young_of_them = entered("pedagogical_federal"), entered("pedagogical_young_federal")
    support = of(young, lambda p: ask.took_part(p, "support", None, {"regional", "municipal"}))
    return {
        "M1": Over(of(people, lambda p: ask.took_part(p, "event", {"methodical_active"})), all_of_them),
        "M2": Over(support, young_of_them),
        "M3": Over(of(people, ask.mentoring), young_of_them),
        "M4": Over(of(people, lambda p: ask.member(p, UNIONS, "regional")), all_of_them),
    }

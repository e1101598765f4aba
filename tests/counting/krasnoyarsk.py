"""Krasnoyarsk: shares of the pedagogical workers of 1 June."""

from share import Ratio, Share, of

AREAS = {
    "2.2.1.4": "reading_literacy",
    "2.2.1.5": "mathematical_literacy",
    "2.2.1.6": "science_literacy",
    "2.2.1.7": "digital_literacy",
}
DIGITS = 2


def shares(ask, unit):
    people = ask.teachers(unit)
    young = of(people, ask.young)
    in_schools = ask.people(unit, lambda place: place.teaching and place.school)
    matched = ask.people(unit, lambda place: place.teaching and place.matched)
    found = {
        "2.2.1.1": Share(of(people, lambda p: ask.diagnosed(p, {"full", "self"})), people),
        "2.2.1.2": Share(of(people, lambda p: ask.deficit_of(p, "subject")), people),
        "2.2.1.3": Share(of(people, lambda p: ask.deficit_of(p, "methodical")), people),
        "2.2.1.8": Share(of(people, lambda p: ask.deficit_found(p, {"entry"})), people),
        "2.2.1.9": Share(of(people, lambda p: ask.diagnosed(p, {"corporate_order"})), people),
        "2.2.2.1": Share(of(people, ask.formed), people),
        "2.2.2.2": Share(of(in_schools, lambda p: ask.trained(p, lambda g: upskilling_in_centre(ask, g))), in_schools),
        "2.2.2.3": Share(of(people, lambda p: ask.took_part(p, "event", {"profsreda"})), people),
        "2.2.2.4": Ratio(of(ask.anyone(unit), lambda p: ask.role(p, {"supervisor", "tutor"})), people, 100),
        "2.2.3.1": Share(young, people),
        "2.2.3.2": Share(of(young, lambda p: ask.took_part(p, "event", {"young_calendar", "young_school"})), young),
        "2.2.3.3": Share(
            of(young, lambda p: ask.first_three_years(p) and ask.took_part(p, "contest", {"young_projects"})), young
        ),
        "2.2.3.5": Share(of(people, ask.mentoring), people),
        "2.2.4.1": Share(of(people, lambda p: ask.member(p, {"smo"})), people),
        "2.2.4.2": Share(
            of(people, lambda p: ask.member(p, {"gmo", "rmo"}) and ask.took_part(p, "help", {"gmo", "rmo"})), people
        ),
        "2.2.4.3": Share(of(people, lambda p: ask.member(p, {"smo", "association", "community"})), people),
        "2.2.5.1": Share(matched, people),
        "2.2.5.2": Share(of(people, ask.of_pension_age), people),
    }
    for code, area in AREAS.items():
        found[code] = Share(of(people, lambda p, area=area: ask.deficit_in(p, area)), people)
    return found


def upskilling_in_centre(ask, programme):
    return not programme.retraining and ask.world.units.is_centre(programme.provider)

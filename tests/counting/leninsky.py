"""Leninsky: shares of the pedagogical workers of 31 December, and what changed over the years."""

from share import Change, Share, of

ALL_BUT_SELF = {"full", "entry", "corporate_order", "follow_up"}
DIGITS = 1


def shares(ask, unit):
    people = ask.teachers(unit)
    retrained = of(ask.anyone(unit), lambda p: ask.trained(p, lambda g: g.retraining))
    assessed_formally = of(people, lambda p: ask.diagnosed(p, ALL_BUT_SELF))
    both = {"subject", "methodical"}
    assessed = of(people, lambda p: ask.diagnosed(p, None, both))
    new = of(people, lambda p: ask.young(p) and ask.first_three_years(p))
    programmes = {code for code in ask.delivered(unit) if not ask.world.catalogue.programmes[code].retraining}
    then = ask.earlier(1)
    young_now, young_then = young(ask, unit), young(then, unit)
    found = {
        "1": Share(assessed_formally, people).by(
            {s: Share(teaching(ask, assessed_formally, s), teaching(ask, people, s)) for s in ask.all_subjects}
        ),
        "2": Share(of(people, lambda p: ask.formed(p, "cnppm")), people),
        "3": Share(of(people, lambda p: ask.trained(p, lambda g: not g.retraining and g.deficit_based)), people),
        "4": Share(of(people, lambda p: ask.trained(p, lambda g: g.register)), people),
        "5": Share(of(retrained, lambda p: ask.trained(p, lambda g: g.retraining and ask.pedagogical(g))), retrained),
        "6": Share(of(people, lambda p: ask.trained(p, lambda g: g.distance)), people),
        "7": Share(of(programmes, lambda code: ask.world.catalogue.programmes[code].e_learning), programmes),
        "8": Share(of(people, lambda p: upskilled(ask, p, "gia_expert")), people),
        "9": Share(of(people, lambda p: upskilled(ask, p, "attestation_expert")), people),
        "10": Share(
            of(programmes, lambda code: "burnout_prevention" in ask.world.catalogue.programmes[code].topics), programmes
        ),
        "11": Share(
            of(assessed, lambda p: ask.succeeded(p, both) and ask.member(p, {"municipal_active"})), assessed
        ),
        "12": Share(of(people, lambda p: ask.member(p, {"mentors"})), people),
        "13": Share(of(new, lambda p: helped(ask, p)), new),
        "15": Share(of(people, lambda p: ask.member(p, {"smo", "association", "community"})), people),
        "17": Change(beginners(ask, unit), beginners(ask.earlier(2), unit)),
        "18": Change(young_now, young_then).by(
            {s: Change(teaching(ask, young_now, s), teaching(then, young_then, s)) for s in ask.all_subjects}
        ),
    }
    return found


def teaching(ask, people, subject):
    return of(people, lambda p: subject in ask.subjects(p))


def upskilled(ask, person, topic):
    return ask.trained(person, lambda g: not g.retraining and topic in g.topics)


def helped(ask, person):
    return (
        ask.mentoring(person)
        or ask.accompanied(person)
        or ask.took_part(person, "support")
        or ask.took_part(person, "event", {"young_calendar", "young_school"})
    )


def beginners(ask, unit):
    return of(ask.teachers(unit), lambda p: ask.experience(p) is not None and ask.experience(p) < 1)


def young(ask, unit):
    return of(ask.teachers(unit), ask.young)

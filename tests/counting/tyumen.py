"""Tyumen: counts and shares of the pedagogical workers of 1 June."""

from share import Count, Over, Ratio, Share, of

ALL_BUT_SELF = {"full", "entry", "corporate_order", "follow_up"}
METHODIST = {"regional_methodist"}
DIGITS = 1
FEDERAL = {"3.11": "functional_literacy", "3.12": "updated_fgos", "3.13": "digital_environment"}
TOPICS = {
    "3.15": "low_performing_schools",
    "3.16": "gifted_children",
    "3.17": "career_guidance",
    "3.18": "upbringing",
    "3.19": "preschool_quality",
}


def shares(ask, unit):
    people = ask.teachers(unit)
    young = of(people, ask.young)
    diagnosed = of(people, lambda p: ask.diagnosed(p, ALL_BUT_SELF))
    teachers = ask.people(unit, lambda place: place.teacher)
    matched = ask.people(unit, lambda place: place.teacher and place.matched)
    retrained = of(ask.anyone(unit), lambda p: ask.trained(p, lambda g: g.retraining))
    kept = of(people, lambda p: ask.accompanied(p, METHODIST))
    organisations = ask.inside(unit, "organisation")
    programmes = ask.delivered(unit)
    found = {
        "1.1": Count(people),
        "1.1.2": Share(diagnosed, people),
        "1.1.3": Share(diagnosed, people),
        "1.2": Count(young),
        "1.2.8": Share(of(young, lambda p: ask.took_part(p, "support")), young),
        "1.2.9": Share(of(young, lambda p: ask.mentoring(p, 2)), young),
        "1.2.10": Count(of(young, lambda p: ask.accompanied(p, METHODIST, 2))),
        "1.2.10.3": Share(of(young, lambda p: ask.accompanied(p, METHODIST)), young),
        "3.1": Share(diagnosed, diagnosed).by(
            {s: Share(of(diagnosed, lambda p, s=s: s in ask.subjects(p)), diagnosed) for s in ask.all_subjects}
        ),
        "3.2": Share(diagnosed, people).by(
            {g: Share(of(people, lambda p, g=g: ask.diagnosed(p, ALL_BUT_SELF, {g})), people) for g in ask.all_groups}
        ),
        "3.3": Share(of(people, ask.formed), people),
        "3.4": Share(of(people, ask.supported), people),
        "3.5.1": Share(of(people, ask.supported_by_methodist), people),
        "3.5.2": Ratio(kept, of(ask.anyone(unit), lambda p: ask.role(p, METHODIST)), 1),
        "3.7": Share(matched, teachers),
        "3.8": Share(of(people, lambda p: ask.hours(p) > 36), people),
        "3.9": Share(of(organisations, lambda code: many_off_profile(ask, code)), organisations),
        "3.10": Share(of(retrained, lambda p: ask.trained(p, lambda g: g.retraining and ask.pedagogical(g))), retrained),
        "3.14": Share(of(people, lambda p: upskilled(ask, p, "education_quality_assessment", 3)), people),
        "3.20": Share(of(people, lambda p: ask.took_part(p, "burnout")), people),
        "G4.1": Share(of(people, lambda p: ask.took_part(p, "expert")), people),
        "G4.3": Share(of(programmes, lambda code: ask.world.catalogue.programmes[code].register), programmes),
    }
    for code, topic in FEDERAL.items():
        found[code] = Share(of(people, lambda p, topic=topic: federal(ask, p, topic)), people)
    for code, topic in TOPICS.items():
        found[code] = Share(of(people, lambda p, topic=topic: upskilled(ask, p, topic)), people)
    if ask.world.units.kind[unit] != "organisation":
        methodists = ask.world.entered.total(unit, "mun_methodist_headcount", ask.window.code, ask.on)
        found["K3"] = Over(people, methodists, 1, 0)
    return found


def upskilled(ask, person, topic, years=1):
    return ask.trained(person, lambda g: not g.retraining and topic in g.topics, years)


def federal(ask, person, topic):
    return ask.trained(person, lambda g: g.federal and topic in g.topics)


def many_off_profile(ask, organisation):
    teachers = ask.people(organisation, lambda place: place.teacher)
    off = ask.people(organisation, lambda place: place.teacher and place.mismatched)
    return bool(teachers) and len(off) * 100 > 30 * len(teachers)

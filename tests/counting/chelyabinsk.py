"""Chelyabinsk: shares of the workers of 31 December."""

from share import Share, of

KINDS = {"full", "corporate_order", "follow_up"}
DIGITS = 1
TOPICS = {
    "6.1": "education_quality_assessment",
    "6.2": "low_performing_schools",
    "6.3": "gifted_children",
    "6.4": "career_guidance",
    "6.5": "upbringing",
    "6.6": "preschool_quality",
}
FEDERAL = {"8.1": "functional_literacy", "8.2": "updated_fgos", "8.3": "digital_environment"}


def shares(ask, unit):
    people, leaders = ask.teachers(unit), ask.leaders(unit)
    found = {}
    for number, group in (("1", people), ("2", leaders)):
        diagnosed = of(group, lambda p: ask.diagnosed(p, KINDS))
        found[f"1.{number}"] = Share(diagnosed, group)
        found[f"2.{number}"] = Share(of(diagnosed, ask.formed), diagnosed)
    plans = plans_of(ask, unit)
    by_number, role_of = ask.world.plans.by_number, ask.world.plans.role_of
    found["3.1"] = Share(of(plans, lambda n: by_number[n].accompanied(role_of, ask.last)), plans)
    found["4.1"] = Share(of(people, ask.young), people)
    in_schools = ask.people(unit, lambda place: place.teaching and place.school)
    found["4.5"] = Share(of(in_schools, ask.higher_pedagogical), in_schools)
    retrained = of(people, lambda p: ask.trained(p, lambda g: g.retraining))
    found["5.1"] = Share(of(retrained, lambda p: ask.trained(p, lambda g: g.retraining and ask.pedagogical(g))), retrained)
    for code, topic in TOPICS.items():
        formed = of(people, lambda p, topic=topic: ask.formed_topic(p, topic))
        found[code] = Share(of(formed, lambda p, topic=topic: ask.realised_topic(p, topic)), formed)
    trained = of(people, lambda p: ask.trained(p, lambda g: not g.retraining))
    for code, topic in FEDERAL.items():
        found[code] = Share(of(trained, lambda p, topic=topic: federal(ask, p, topic)), trained)
    young = of(people | leaders, ask.young)
    found["7.3"] = Share(of(young, lambda p: ask.accompanied(p, {"regional_methodist"})), young)
    organisations = ask.inside(unit, "organisation")
    found["9.1"] = Share(of(organisations, ask.used_platform), organisations)
    examined = of(people, lambda p: ask.took_part(p, "exam"))
    found["10.1"] = Share(of(examined, lambda p: ask.took_part(p, "exam", result="сдан")), examined)
    if ask.world.units.kind[unit] != "organisation":
        towns = ask.inside(unit, "municipality")
        found["7.2"] = Share(of(towns, lambda code: any(active(ask, p) for p in ask.anyone(code))), towns)
        found["7.4"] = Share(of(towns, lambda code: any(competes(ask, p) for p in ask.teachers(code))), towns)
    return found


def plans_of(ask, unit):
    """Plans formed in the period whose owner works in the unit on the day."""
    people = ask.anyone(unit)
    formed = ask.remembered(
        "plans", lambda: [p for p in ask.world.plans.by_number.values() if p.formed(ask.window)]
    )
    return {plan.number for plan in formed if plan.person in people}


def active(ask, person):
    return ask.member(person, {"regional_active"}) or ask.role(person, {"regional_methodist"})


def competes(ask, person):
    return ask.young(person) and ask.took_part(person, "contest", None, {"regional"})


def federal(ask, person, topic):
    return ask.trained(person, lambda g: not g.retraining and g.federal and topic in g.topics)

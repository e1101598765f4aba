//! Who is nearest to the numerator: those who stand only in the denominator, with what each of them lacks.

use std::collections::HashMap;

use super::condition::{Condition, PersonSeen, Test};
use super::formula::{Amount, Formula};
use super::pack::{Indicator, Pack};
use super::people::{self, Listed, Part};
use crate::db::{AnyConn, DbError};
use crate::facts::store::Whose;
use crate::facts::{self, FactPeriod, PersonFacts, PersonPlace};
use crate::people::PersonId;
use crate::units::{self, UnitId};
use crate::web::Scope;

/// What a numerator asks of people, by what brings them nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// A plan that becomes visible to its teacher.
    Plan,
    /// Work on a plan that there is.
    Work,
    /// A training with a document.
    Training,
    /// A diagnosis.
    Diagnosis,
    /// Something else.
    Other,
}

/// Somebody who stands only in the denominator.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Who; the reason says what is lacking.
    pub listed: Listed,
    /// Whether a diagnosis was passed in the period.
    pub diagnosed: bool,
    /// How many conditions of the numerator do not hold; of plans and units.
    pub lacks: usize,
    /// What to do first; of plans and units, empty where nothing can be done.
    pub step: String,
}

/// What an indicator asks.
#[must_use]
pub fn asks(indicator: &Indicator) -> Asks {
    let Some(Amount::Count(asked)) = indicator.formula.as_ref().and_then(Formula::asked) else {
        return Asks::Other;
    };
    let tests = asked.condition.tests();
    let any = |is: fn(&Test) -> bool| tests.iter().any(|test| is(test));
    let works = ["iom_realised", "supported", "supported_by_regional_methodist"];
    match () {
        () if tests
            .iter()
            .any(|t| matches!(t, Test::Flag(word) if works.contains(word))) =>
        {
            Asks::Work
        }
        () if any(|t| matches!(t, Test::RealisedTopic(_))) => Asks::Work,
        () if any(|t| {
            matches!(
                t,
                Test::IomFormed { .. } | Test::FormedTopic(_) | Test::Flag("iom_live")
            )
        }) =>
        {
            Asks::Plan
        }
        () if any(|t| matches!(t, Test::Trained(_))) => Asks::Training,
        () if any(|t| matches!(t, Test::Diagnosed { success: false, .. })) => Asks::Diagnosis,
        () => Asks::Other,
    }
}

/// Everyone who stands only in the denominator, by name, with what is lacking.
///
/// # Errors
/// Those of the database.
pub fn candidates(
    conn: &mut AnyConn,
    scope: &Scope,
    (pack, indicator): (&Pack, &Indicator),
    period: &FactPeriod,
    unit: UnitId,
) -> Result<Vec<Candidate>, DbError> {
    let listed = people::people(conn, scope, (pack, indicator), period, unit, Part::Rest)?;
    let Some(Amount::Count(numerator)) = indicator.formula.as_ref().and_then(Formula::numerator) else {
        let plain = |listed| Candidate {
            listed,
            diagnosed: false,
            lacks: 0,
            step: String::new(),
        };
        return Ok(listed.into_iter().map(plain).collect());
    };
    let tree = units::store::tree(conn, period.reference_on, None)?;
    let inside = tree.organisations(unit);
    let known = facts::store::facts(conn, scope, period.id, Whose::Of(&inside))?;
    let known: HashMap<PersonId, &PersonFacts> = known.iter().map(|k| (k.person.person_id, k)).collect();
    let on = period.reference_on.format("%d.%m.%Y").to_string();
    let with = |mut listed: Listed| {
        let of = listed.person.and_then(|id| known.get(&id));
        let mut diagnosed = false;
        let mut unmet = Vec::new();
        if let Some(of) = of {
            diagnosed = !of.person.diagnosed_kinds.is_empty();
            let places: Vec<PersonPlace> = of
                .places
                .iter()
                .filter(|p| inside.contains(&p.organisation_id))
                .copied()
                .collect();
            let seen = PersonSeen {
                places: &places,
                fact: &of.person,
            };
            let plan = listed.plan.and_then(|id| of.plans.iter().find(|p| p.iom_id == id));
            let holds = |condition: &Condition| match plan {
                Some(plan) => condition.holds_for_plan(plan),
                None => condition.holds_for_person(&seen),
            };
            listed.reason = numerator.condition.missing(&on, &holds).unwrap_or_default();
            if plan.is_some() {
                unmet = not_held(&numerator.condition, &holds);
            }
        }
        Candidate {
            listed,
            diagnosed,
            lacks: unmet.len(),
            step: unmet.into_iter().flatten().find_map(step).unwrap_or_default(),
        }
    };
    Ok(listed.into_iter().map(with).collect())
}

/// The tests of a condition that do not hold, of several ways the shortest; a negation has no test of its own.
fn not_held<'a>(condition: &'a Condition, holds: &dyn Fn(&Condition) -> bool) -> Vec<Option<&'a Test>> {
    if holds(condition) {
        return Vec::new();
    }
    match condition {
        Condition::Always => Vec::new(),
        Condition::Is(test) => vec![Some(test)],
        Condition::Not(_) => vec![None],
        Condition::All(parts) => parts.iter().flat_map(|part| not_held(part, holds)).collect(),
        Condition::Any(parts) => {
            let ways = parts.iter().map(|part| not_held(part, holds));
            ways.min_by_key(Vec::len).unwrap_or_default()
        }
    }
}

/// What makes a test hold for a plan.
fn step(test: &Test) -> Option<String> {
    let said = match test {
        Test::Supporter(_) => "назначить сопровождающего".to_owned(),
        Test::Flag("formed") => "отправить ИОМ педагогу".to_owned(),
        Test::Flag("live") => "вернуть ИОМ в работу".to_owned(),
        Test::Flag("realised") => "выполнить ИОМ и закрыть его".to_owned(),
        Test::PlanTopic(topic) => format!("добавить в ИОМ мероприятие по теме «{}»", topic.label()),
        _ => return None,
    };
    Some(said)
}

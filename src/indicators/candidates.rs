//! Who is nearest to the numerator: those who stand only in the denominator, with what each of them lacks.

use std::collections::HashMap;

use super::condition::{Condition, PersonSeen, Test};
use super::distance::short;
use super::formula::{Amount, Formula};
use super::pack::{Indicator, Pack};
use super::people::{self, Listed, Part};
use super::scale::comma;
use super::spoken::than;
use crate::db::{AnyConn, DbError};
use crate::facts::store::Whose;
use crate::facts::{self, FactPeriod, PersonFact, PersonFacts, PersonPlace};
use crate::pages::text::{NBSP, count};
use crate::people::PersonId;
use crate::planted;
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
    /// How far the numbers of a person are from what is asked of them, thousandths; what is not known is near.
    pub far: i64,
    /// What to do first; empty where nothing can be done, of people where no number is asked of them.
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
            far: 0,
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
        let (mut diagnosed, mut far) = (false, 0);
        let mut unmet = Vec::new();
        let mut step = String::new();
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
            let lacking = not_held(&numerator.condition, &holds);
            if plan.is_some() {
                step = lacking.iter().copied().flatten().find_map(step_of).unwrap_or_default();
                unmet = lacking;
            } else {
                let numbers = lacking.iter().copied().flatten();
                let numbers: Vec<Number> = numbers.filter_map(|test| number(test, &of.person, &on)).collect();
                if !planted!("number_is_another") {
                    listed.reason = told(listed.reason, &numbers);
                }
                far = numbers.iter().map(|of| of.far).sum();
                step = numbers
                    .iter()
                    .map(|of| of.step)
                    .find(|step| !step.is_empty())
                    .unwrap_or_default()
                    .to_owned();
            }
        }
        Candidate {
            listed,
            diagnosed,
            lacks: unmet.len(),
            far,
            step,
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

/// A number of a person that is not what is asked of it.
struct Number {
    /// The words that say only that it is another one.
    vague: String,
    /// What it is, what is asked, and how much lies between the two.
    said: String,
    /// What to do; empty where nothing but time changes it.
    step: &'static str,
    /// How far it is, thousandths.
    far: i64,
}

/// What a test with a number asks of somebody's age, experience or hours a week, and how much is lacking.
fn number(test: &Test, fact: &PersonFact, on: &str) -> Option<Number> {
    let Test::Bound(word, sign, bound) = test else {
        return None;
    };
    let vague = Condition::Is(test.clone()).missing(on, &|_| false)?;
    let years = |n: Option<i32>| n.map(|n| i64::from(n) * 1000);
    let (name, value, counted) = match *word {
        "age" => ("возраст", years(fact.age), true),
        "experience" => ("стаж", years(fact.experience), true),
        _ => ("нагрузка", fact.workload_milli.map(i64::from), false),
    };
    let Some(value) = value else {
        let (said, step) = match *word {
            "age" => ("возраст неизвестен", "внести дату рождения"),
            "experience" => ("стаж неизвестен", "внести начало работы"),
            _ => ("нагрузка неизвестна", "внести нагрузку"),
        };
        let said = format!("на {on} {said}");
        return Some(Number {
            vague,
            said,
            step,
            far: 1,
        });
    };
    let bound = i64::from(*bound) * 1000;
    let short = short(value, (*sign, bound), counted)?;
    let (own, lacking) = if counted {
        let lacking = short.said(&|milli| count(milli / 1000, "года", "лет", "лет"));
        (count(value / 1000, "год", "года", "лет"), lacking)
    } else {
        let hours = |milli: i64| format!("{}{NBSP}ч", comma(milli));
        (hours(value), short.said(&hours))
    };
    let step = if counted {
        ""
    } else {
        "довести нагрузку до границы"
    };
    Some(Number {
        vague,
        said: format!(
            "на {on} {name} {own}, нужно {} {}: {lacking}",
            than(*sign),
            comma(bound)
        ),
        step,
        far: short.by,
    })
}

/// A reason with what numbers lack in the place of the words that they are other ones.
fn told(reason: String, numbers: &[Number]) -> String {
    numbers.iter().fold(reason, |reason, of| match () {
        () if reason.contains(&of.vague) => reason.replace(&of.vague, &of.said),
        () if reason.is_empty() => of.said.clone(),
        () => format!("{reason}; {}", of.said),
    })
}

/// What makes a test hold for a plan.
fn step_of(test: &Test) -> Option<String> {
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

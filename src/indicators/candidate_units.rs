//! Which organisations or municipalities are nearest to being counted: of those that stand only in the denominator, what
//! each of them lacks and the one step that comes first.

use super::candidates::Candidate;
use super::condition::{Condition, Sign, Subject};
use super::distance::short;
use super::evaluate::Evaluation;
use super::formula::{Amount, Formula};
use super::pack::{Indicator, Pack};
use super::people::Listed;
use super::sets::{UnitSet, UnitTest};
use super::{measures, scale, spoken, values};
use crate::db::{AnyConn, DbError};
use crate::facts::FactPeriod;
use crate::units::{UnitId, UnitKind};
use crate::web::Scope;
use crate::web::scope::Reach;

/// Something that a unit lacks.
struct Lack {
    said: String,
    /// What to do; empty where nothing can be done in the period.
    step: &'static str,
    /// How far it is, so that units that lack as much stand in order.
    far: i64,
}

/// The far end of what can be reached at all.
const NEVER: i64 = 1_000_000;

/// Units that stand only in the denominator, the nearest first; those that `scope` reaches.
///
/// # Errors
/// Those of the database.
pub fn units(
    conn: &mut AnyConn,
    scope: &Scope,
    (pack, indicator): (&Pack, &Indicator),
    period: &FactPeriod,
    unit: UnitId,
) -> Result<Vec<Candidate>, DbError> {
    let formula = indicator.formula.as_ref();
    let (Some(Amount::Units(numerator)), Some(Amount::Units(asked)), Some(Amount::Units(base))) = (
        formula.and_then(Formula::numerator),
        formula.and_then(Formula::asked),
        formula.and_then(Formula::denominator),
    ) else {
        return Ok(Vec::new());
    };
    if base.subject != numerator.subject {
        return Ok(Vec::new());
    }
    let ground = values::ground_of(conn, pack, period, unit, UnitKind::Organisation, indicator)?;
    let of = Evaluation {
        pack,
        ground: &ground,
        broken: None,
    };
    let reached = |id: &UnitId| match &scope.reach {
        Reach::Installation => true,
        Reach::Some { organisations, .. } => {
            let inside = ground.tree.organisations(*id);
            inside.is_empty() || inside.iter().any(|o| organisations.contains(&o.0))
        }
    };
    let only_below = |id: &UnitId| of.fits(&base.condition, *id) && !of.fits(&numerator.condition, *id);
    let mut found: Vec<(usize, i64, Candidate)> = of
        .units(numerator.subject, unit)
        .into_iter()
        .filter(|id| only_below(id) && reached(id))
        .filter_map(|id| candidate(&of, asked, id))
        .collect();
    found.sort_by(|(a, b, one), (c, d, other)| {
        (a, b, &one.listed.name, &one.listed.key).cmp(&(c, d, &other.listed.name, &other.listed.key))
    });
    Ok(found.into_iter().map(|(.., candidate)| candidate).collect())
}

fn candidate(of: &Evaluation<'_>, asked: &UnitSet, id: UnitId) -> Option<(usize, i64, Candidate)> {
    let tree = &of.ground.tree;
    let unit = tree.unit(id)?;
    let mut lacks = lacking(of, asked.subject, &asked.condition, id);
    lacks.sort_by_key(|lack| lack.far);
    let far = lacks.iter().map(|lack| lack.far).sum();
    let above = tree.path(id).get(1).and_then(|u| tree.unit(*u)).map(|u| u.code.clone());
    let said: Vec<&str> = lacks.iter().map(|lack| lack.said.as_str()).collect();
    let listed = Listed {
        subject: asked.subject,
        person: None,
        plan: None,
        key: unit.code.clone(),
        name: unit.name.clone(),
        units: above.into_iter().collect(),
        reason: said.join("; "),
    };
    let candidate = Candidate {
        listed,
        diagnosed: false,
        lacks: lacks.len(),
        far,
        step: lacks.first().map_or_else(String::new, |lack| lack.step.to_owned()),
    };
    Some((lacks.len(), far, candidate))
}

/// What is not fulfilled; of several ways the shortest one.
fn lacking(of: &Evaluation<'_>, subject: Subject, condition: &Condition<UnitTest>, id: UnitId) -> Vec<Lack> {
    if of.fits(condition, id) {
        return Vec::new();
    }
    let inner = |part: &Condition<UnitTest>| lacking(of, subject, part, id);
    let said = |condition: &Condition<UnitTest>| {
        spoken::unit_condition(&UnitSet {
            subject,
            condition: condition.clone(),
        })
    };
    match condition {
        Condition::Always => Vec::new(),
        Condition::Is(test) => {
            let (why, step, far) = lack(of, test, id);
            let asked = said(condition);
            let said = if why.is_empty() {
                format!("нужно: {asked}")
            } else {
                format!("нужно: {asked} ({why})")
            };
            vec![Lack { said, step, far }]
        }
        Condition::Not(_) => vec![Lack {
            said: format!("нужно: {}", said(condition)),
            step: "",
            far: NEVER,
        }],
        Condition::All(parts) => parts.iter().flat_map(inner).collect(),
        Condition::Any(parts) => {
            let ways = parts.iter().map(inner);
            let shortest = ways.min_by_key(|way| (way.len(), way.iter().map(|lack| lack.far).sum::<i64>()));
            shortest.unwrap_or_default()
        }
    }
}

/// A number that stands in a unit, and how much of it is lacking: «0, не хватает 1».
fn with_lack(value: i64, asked: (Sign, i64), counted: bool) -> String {
    let own = scale::comma(value);
    match short(value, asked, counted) {
        Some(short) => format!("{own}, {}", short.said(&scale::comma)),
        None => own,
    }
}

/// Why a test does not hold in a unit, what to do about it, and how far it is.
fn lack(of: &Evaluation<'_>, test: &UnitTest, id: UnitId) -> (String, &'static str, i64) {
    let entered = |measure: &str| of.value_of(id, measure).and_then(|v| v.value_milli);
    let silent = || ("не представлено".to_owned(), "внести сведения за период", 1);
    match test {
        UnitTest::Yes(measure) => match entered(measure) {
            None => silent(),
            Some(_) => ("внесено «нет»".to_owned(), "сделать и отметить «да» в сведениях", 1000),
        },
        UnitTest::Value(measure, sign, bound) => match entered(measure) {
            None => silent(),
            Some(value) => {
                let counted = measures::of_units(measure).is_some_and(|m| m.counted);
                (
                    format!("внесено {}", with_lack(value, (*sign, *bound), counted)),
                    "довести до границы и внести в сведения",
                    value.abs_diff(*bound).try_into().unwrap_or(NEVER),
                )
            }
        },
        UnitTest::Kind(_) => (String::new(), "", NEVER),
        UnitTest::UsedPlatform => (
            "за период ни одного действия".to_owned(),
            "сделать на платформе первое действие",
            1000,
        ),
        UnitTest::Formula(formula, sign, bound) => match &**formula {
            Formula::Amount(amount) => match of.amount(amount, id, true) {
                Ok(value) => (
                    format!(
                        "сейчас {}",
                        with_lack(value, (*sign, *bound), amount.subject().is_some())
                    ),
                    "довести число до границы",
                    value.abs_diff(*bound).try_into().unwrap_or(NEVER),
                ),
                Err(reason) => (reason.label().to_owned(), "внести сведения за период", 1),
            },
            _ => (String::new(), "довести долю до границы", 1000),
        },
    }
}

//! The organisations, municipalities and programmes behind a number.

use super::condition::{Condition, Subject};
use super::evaluate::Evaluation;
use super::formula::{Amount, Formula};
use super::pack::{Indicator, Pack};
use super::people::{Listed, Part};
use super::sets::{ProgrammeTest, UnitSet, UnitTest};
use super::values;
use crate::db::{AnyConn, DbError};
use crate::facts::FactPeriod;
use crate::units::{UnitId, UnitKind};

/// The units or programmes of a part of a unit's value, by name; nothing where nothing is counted.
///
/// # Errors
/// Those of the database.
pub(super) fn listed(
    conn: &mut AnyConn,
    pack: &Pack,
    indicator: &Indicator,
    period: &FactPeriod,
    unit: UnitId,
    part: Part,
) -> Result<Vec<Listed>, DbError> {
    let ground = values::ground_of(conn, pack, period, unit, UnitKind::Organisation, indicator)?;
    let of = Evaluation {
        pack,
        ground: &ground,
        broken: None,
    };
    Ok(listed_of(&of, indicator, unit, part))
}

/// The same over an evaluation.
pub(super) fn listed_of(of: &Evaluation<'_>, indicator: &Indicator, unit: UnitId, part: Part) -> Vec<Listed> {
    let formula = indicator.formula.as_ref();
    let mut rows = match (
        formula.and_then(Formula::numerator),
        formula.and_then(Formula::denominator),
    ) {
        (Some(Amount::Units(numerator)), base) => {
            let base = match base {
                Some(Amount::Units(base)) if base.subject == numerator.subject => Some(base),
                _ => None,
            };
            units(of, unit, numerator, base, part)
        }
        (Some(Amount::Programmes(numerator)), base) => {
            let base = match base {
                Some(Amount::Programmes(base)) => Some(base),
                _ => None,
            };
            programmes(of, unit, numerator, base, part)
        }
        _ => match formula {
            Some(Formula::Presence(set, measure)) => {
                let yes = UnitSet {
                    subject: set.subject,
                    condition: Condition::all([set.condition.clone(), Condition::Is(UnitTest::Yes(measure.clone()))]),
                };
                units(of, unit, &yes, Some(set), part)
            }
            _ => Vec::new(),
        },
    };
    rows.sort_by(|a, b| (&a.name, &a.key).cmp(&(&b.name, &b.key)));
    rows
}

fn row(subject: Subject, key: &str, name: &str, units: Vec<String>, reason: &str) -> Listed {
    Listed {
        subject,
        person: None,
        plan: None,
        key: key.to_owned(),
        name: name.to_owned(),
        units,
        reason: reason.to_owned(),
    }
}

/// Why a unit stands in a part; `None` is: it does not.
fn told(in_numerator: bool, in_base: bool, part: Part, silent: bool) -> Option<&'static str> {
    match part {
        Part::Numerator => in_numerator.then_some(""),
        Part::Rest => (in_base && !in_numerator).then_some(if silent { "не представлено" } else { "" }),
        Part::Excluded => (!in_base && !in_numerator).then_some("не относится к тем, кого считает показатель"),
    }
}

fn units(of: &Evaluation<'_>, unit: UnitId, numerator: &UnitSet, base: Option<&UnitSet>, part: Part) -> Vec<Listed> {
    let tree = &of.ground.tree;
    let measures = numerator.measures();
    let all = of.units(numerator.subject, unit).into_iter();
    let one = |id: UnitId| {
        let found = tree.unit(id)?;
        let in_base = base.is_some_and(|b| of.fits(&b.condition, id));
        let silent = !measures.is_empty() && measures.iter().all(|m| of.value_of(id, m).is_none());
        let reason = told(of.fits(&numerator.condition, id), in_base, part, silent)?;
        let above = tree.path(id).get(1).and_then(|u| tree.unit(*u)).map(|u| u.code.clone());
        Some(row(
            numerator.subject,
            &found.code,
            &found.name,
            above.into_iter().collect(),
            reason,
        ))
    };
    all.filter_map(one).collect()
}

fn programmes(
    of: &Evaluation<'_>,
    unit: UnitId,
    numerator: &Condition<ProgrammeTest>,
    base: Option<&Condition<ProgrammeTest>>,
    part: Part,
) -> Vec<Listed> {
    let tree = &of.ground.tree;
    let own = of.ground.programmes_in(unit);
    own.filter_map(|p| {
        let in_base = base.is_some_and(|b| p.fits(b));
        let reason = told(p.fits(numerator), in_base, part, false)?;
        let at = p.provider.and_then(|u| tree.unit(u)).map(|u| u.code.clone());
        Some(row(
            Subject::Programme,
            &p.code,
            &p.name,
            at.into_iter().collect(),
            reason,
        ))
    })
    .collect()
}

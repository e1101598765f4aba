//! Values of indicators: counters summed over the tree, the few persons with several places counted exactly.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};

use super::condition::PersonSeen;
use super::counters::{self, Cells, Leaves};
use super::pack::{Indicator, Pack};
use super::store;
use crate::db::{AnyConn, DbError};
use crate::facts::load::{self, Reference};
use crate::facts::refresh::{self, Asked};
use crate::facts::store::Whose;
use crate::facts::{FactPeriod, PersonFacts};
use crate::units::{self, Tree, UnitId, UnitKind};
use crate::web::{Reach, Scope};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    /// Units of which kind get a row.
    pub level: UnitKind,
    /// Only units inside this one, itself included.
    pub unit: Option<UnitId>,
    /// Only this indicator.
    pub indicator: Option<String>,
    /// The day to look from: what came after it has not happened.
    pub as_of: Option<NaiveDate>,
    /// The moment whose knowledge is asked for.
    pub known_at: Option<NaiveDateTime>,
}

/// A value of an indicator of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Code of the indicator.
    pub indicator: String,
    /// The unit.
    pub unit: UnitId,
    /// Its code.
    pub unit_code: String,
    /// Its name as printed.
    pub unit_name: String,
    /// How many are counted.
    pub numerator: i64,
    /// Of how many; `None` for a count.
    pub denominator: Option<i64>,
    /// Thousandths; `None` is no value.
    pub value_milli: Option<i64>,
    /// The target of the period, thousandths.
    pub target_milli: Option<i64>,
    /// What the unit reported, thousandths.
    pub reported_milli: Option<i64>,
}

/// The values of a pack in a period, by indicator in the pack's order, then by name of the unit.
///
/// # Errors
/// Those of the database.
pub fn values(
    conn: &mut AnyConn,
    scope: &Scope,
    pack: &Pack,
    period: &FactPeriod,
    query: &Query,
) -> Result<Vec<Value>, DbError> {
    let day = query.as_of.unwrap_or(period.reference_on);
    let tree = units::store::tree(conn, day, query.known_at)?;
    let units = rows_of(&tree, scope, query, day);
    let region = query.unit.and_then(|unit| tree.unit(unit)).map(|u| u.region_id);
    let counted = if query.as_of.is_none() && query.known_at.is_none() {
        stored(conn, period, region)?
    } else {
        looked_back(conn, pack, period, query, region)?
    };
    let sums = sum_up(&tree, query.level, &counted);
    let reported = store::reported(conn, &period.code, query.known_at)?;
    let wanted = |i: &&Indicator| query.indicator.as_ref().is_none_or(|code| *code == i.code);
    let mut found = Vec::new();
    for indicator in pack.indicators.iter().filter(wanted) {
        let upper = counted.leaves.place(indicator.formula.numerator());
        let lower = indicator.formula.denominator().map(|leaf| counted.leaves.place(leaf));
        for unit in &units {
            let Some(unit) = tree.unit(*unit) else { continue };
            let counts = sums.get(&unit.id);
            let count = |place: Option<usize>| -> i64 {
                place.and_then(|p| counts.and_then(|c| c.get(p))).copied().unwrap_or(0)
            };
            let (numerator, denominator) = (count(upper), lower.map(count));
            found.push(Value {
                indicator: indicator.code.clone(),
                unit: unit.id,
                unit_code: unit.code.clone(),
                unit_name: unit.name.clone(),
                numerator,
                denominator,
                value_milli: value(numerator, denominator, indicator.digits),
                target_milli: indicator.targets.get(&period.code).copied(),
                reported_milli: reported.get(&(unit.id, indicator.reported.clone())).copied(),
            });
        }
    }
    Ok(found)
}

/// A count is its own value; a share is in per cent, rounded half up to `digits` decimals; of nobody there is no share.
#[must_use]
pub fn value(numerator: i64, denominator: Option<i64>, digits: u32) -> Option<i64> {
    let Some(denominator) = denominator else {
        return numerator.checked_mul(1000);
    };
    if denominator <= 0 {
        return None;
    }
    let step = 10_i128.pow(3_u32.saturating_sub(digits));
    let (upper, lower) = (i128::from(numerator) * 100_000, i128::from(denominator) * step);
    let rounded = (2 * upper + lower).div_euclid(2 * lower);
    i64::try_from(rounded * step).ok()
}

/// Units that get a row, by name.
fn rows_of(tree: &Tree, scope: &Scope, query: &Query, day: NaiveDate) -> Vec<UnitId> {
    let inside: Option<BTreeSet<UnitId>> = query.unit.map(|unit| tree.subtree(unit));
    tree.of_kind(query.level)
        .into_iter()
        .filter(|u| inside.as_ref().is_none_or(|inside| inside.contains(&u.id)))
        .filter(|u| units::model::holds_on(u.valid_from, u.valid_to, day))
        .filter(|u| match &scope.reach {
            Reach::Installation => true,
            Reach::Some { organisations, .. } => tree.organisations(u.id).iter().all(|o| organisations.contains(&o.0)),
        })
        .map(|u| u.id)
        .collect()
}

/// Leaf counts of organisations and the persons that stand outside them.
struct Counted {
    leaves: Leaves,
    cells: Cells,
    bridged: Vec<PersonFacts>,
}

fn stored(conn: &mut AnyConn, period: &FactPeriod, region: Option<UnitId>) -> Result<Counted, DbError> {
    let leaves = counters::leaves(conn, &period.basis)?;
    let rows = counters::rows(conn, period.id, region)?;
    let cells = rows
        .iter()
        .map(|row| ((row.region_id, row.organisation_id), row.values().collect()))
        .collect();
    // Only sums leave this function, and whose rows they are is decided by the caller's scope.
    let scope = Scope::of_server("values: persons with several places");
    let bridged = crate::facts::store::facts(conn, &scope, period.id, Whose::Bridged(region))?;
    Ok(Counted { leaves, cells, bridged })
}

fn looked_back(
    conn: &mut AnyConn,
    pack: &Pack,
    period: &FactPeriod,
    query: &Query,
    region: Option<UnitId>,
) -> Result<Counted, DbError> {
    let asked = [Asked {
        period: period.id,
        window: query.as_of.map_or(period.window(), |day| period.window().as_of(day)),
        looking_back: query.as_of.is_some(),
    }];
    let mut counted = Counted {
        leaves: Leaves::of(pack.leaves()),
        cells: Cells::new(),
        bridged: Vec::new(),
    };
    let reference = Reference::load(conn)?;
    for block in load::everyone(conn, region)? {
        for known in refresh::compute(conn, &reference, &block, &asked, query.known_at)?
            .into_iter()
            .flatten()
        {
            if known.places.len() > 1 {
                counted.bridged.push(known);
            } else {
                counters::add_single(&mut counted.cells, &counted.leaves, &known);
            }
        }
    }
    Ok(counted)
}

/// Units of a level that an organisation stands in, itself included: a school is also counted in the school whose
/// branch it is.
fn units_over(tree: &Tree, organisation: UnitId, level: UnitKind) -> Vec<UnitId> {
    let mut path = tree.path(organisation);
    path.retain(|u| tree.unit(*u).is_some_and(|u| u.kind == level));
    path
}

/// Sums of the units of a level. A person with several places counts once in each unit where it has one, as what it is
/// there.
fn sum_up(tree: &Tree, level: UnitKind, counted: &Counted) -> HashMap<UnitId, Vec<i64>> {
    let mut sums: HashMap<UnitId, Vec<i64>> = HashMap::new();
    for ((_, organisation), counts) in &counted.cells {
        for unit in units_over(tree, *organisation, level) {
            let sum = sums.entry(unit).or_insert_with(|| counted.leaves.zeros());
            for (sum, count) in sum.iter_mut().zip(counts) {
                *sum += count;
            }
        }
    }
    for known in &counted.bridged {
        let mut places: HashMap<UnitId, (bool, bool)> = HashMap::new();
        for place in &known.places {
            for unit in units_over(tree, place.organisation_id, level) {
                let seen = places.entry(unit).or_default();
                seen.0 |= place.pedagogical;
                seen.1 |= place.leader;
            }
        }
        for (unit, (pedagogical, leader)) in places {
            let seen = PersonSeen {
                pedagogical,
                leader,
                fact: &known.person,
            };
            let sum = sums.entry(unit).or_insert_with(|| counted.leaves.zeros());
            counted.leaves.add(sum, &seen, known);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn shares_are_rounded_half_up_to_the_digits_of_the_passport() {
        assert_eq!(value(1, Some(3), 1), Some(33_300));
        assert_eq!(value(2, Some(3), 1), Some(66_700));
        assert_eq!(value(1, Some(2000), 1), Some(100), "0,05 is 0,1");
        assert_eq!(value(1, Some(2001), 1), Some(0));
        assert_eq!(value(4999, Some(10_000), 2), Some(49_990));
        assert_eq!(value(5, Some(8), 0), Some(63_000));
        assert_eq!(value(166, Some(132), 1), Some(125_800));
        assert_eq!(value(0, Some(0), 1), None);
        assert_eq!(value(0, Some(5), 1), Some(0));
        assert_eq!(value(17, None, 1), Some(17_000));
    }
}

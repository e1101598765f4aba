//! Values of indicators: counters summed over the tree, entered values, points, zones and targets by the passport.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use foldhash::HashMap;

use super::breakdowns::Breakdowns;
use super::edges;
use super::evaluate::{Evaluation, Figure, Fraction, Reason};
use super::formula::Formula;
pub use super::ground::Common;
use super::ground::{self, Ground};
use super::pack::{Breakdown, Indicator, Pack};
use super::pack_check::summed;
use super::parts::in_parts;
use super::scoring::{self, Given, Scored};
use crate::db::{AnyConn, DbError};
use crate::facts::FactPeriod;
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
    /// Whether breakdowns are shown too: they scan facts.
    pub breakdowns: bool,
}

/// A value of an indicator of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Code of the indicator.
    pub indicator: String,
    /// What it is broken down by, and of what this row is.
    pub breakdown: Option<(&'static str, String)>,
    /// The unit.
    pub unit: UnitId,
    /// Its code.
    pub unit_code: String,
    /// Its name as printed.
    pub unit_name: String,
    /// What stands above the line, thousandths.
    pub numerator_milli: Option<i64>,
    /// What stands below, thousandths; `None` for a count.
    pub denominator_milli: Option<i64>,
    /// Thousandths; `None` is no value.
    pub value_milli: Option<i64>,
    /// Why there is none.
    pub reason: Option<Reason>,
    /// Points, thousandths.
    pub points: Scored<i64>,
    /// Code of the zone.
    pub zone: Scored<String>,
    /// The target of the period, thousandths.
    pub target_milli: Option<i64>,
    /// Whether it is reached.
    pub met: Option<bool>,
    /// What the unit reported, thousandths.
    pub reported_milli: Option<i64>,
    /// Its parts, where it was reported with them, thousandths.
    pub reported_parts: Option<(i64, i64)>,
    /// Whether the value is what was reported.
    pub is_reported: bool,
    /// Of how many units it is the mean.
    pub mean_of: Option<i64>,
}

impl Value {
    /// The count above the line; 0 where there is none.
    #[must_use]
    pub fn upper(&self) -> i64 {
        self.numerator_milli.unwrap_or(0) / 1000
    }

    /// The count below the line.
    #[must_use]
    pub fn lower(&self) -> Option<i64> {
        self.denominator_milli.map(|n| n / 1000)
    }
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
    values_of(conn, scope, (pack, period), query, &mut Common::default())
}

/// The same, with what it has in common with other questions of this moment.
///
/// # Errors
/// Those of the database.
pub fn values_of(
    conn: &mut AnyConn,
    scope: &Scope,
    (pack, period): (&Pack, &FactPeriod),
    query: &Query,
    common: &mut Common,
) -> Result<Vec<Value>, DbError> {
    let needed = needed(pack, query.indicator.as_deref());
    let indicators: Vec<&Indicator> = pack.indicators.iter().filter(|i| needed.contains(&i.code)).collect();
    let ground = ground::gather(conn, common, pack, period, query, &indicators)?;
    let choices = edges::choices(conn, &pack.code)?;
    let units = rows_of(&ground.tree, scope, query, ground.day);
    let evaluation = Evaluation {
        pack,
        ground: &ground,
        broken: None,
    };
    let of_sums = |i: &&&Indicator| matches!(i.formula, Some(Formula::SumPoints { .. }));
    // Points of groups stand on those of their indicators, also in the municipalities whose mean is shown above.
    let mut scored_units: BTreeSet<UnitId> = units.iter().copied().collect();
    if indicators.iter().any(|i| of_sums(&i)) && query.level != UnitKind::Organisation {
        for unit in &units {
            scored_units.extend(evaluation.units(super::Subject::Municipality, *unit));
        }
    }
    let scored_units: Vec<UnitId> = scored_units.into_iter().collect();
    let table = Table::of(&evaluation, &choices, &indicators, &scored_units);
    let wanted = |i: &&Indicator| query.indicator.as_ref().is_none_or(|code| *code == i.code);
    let wanted: Vec<&Indicator> = indicators.iter().copied().filter(wanted).collect();
    let places: Vec<Option<usize>> = units.iter().map(|unit| table.units.get(unit).copied()).collect();
    let rows = |indicators: &[&Indicator]| {
        // Room for all parts: the others are put behind the first.
        let mut rows = Vec::with_capacity(wanted.len() * units.len());
        for indicator in indicators {
            let column = table.indicators.get(indicator.code.as_str());
            for (unit, place) in units.iter().zip(&places) {
                let Some(told) = column.zip(*place).and_then(|(column, place)| table.at(*column, place)) else {
                    continue;
                };
                rows.extend(row(&evaluation, indicator, *unit, told, None));
                if query.breakdowns {
                    rows.extend(broken_rows(&evaluation, indicator, *unit));
                }
            }
        }
        rows
    };
    let found = in_parts(&wanted, many(units.len()), rows);
    Ok(found.into_iter().reduce(joined).unwrap_or_default())
}

/// Rows of two parts, the first ones first.
fn joined(mut rows: Vec<Value>, others: Vec<Value>) -> Vec<Value> {
    rows.extend(others);
    rows
}

/// How many of something that has `each` values are worth the work of several threads.
fn many(each: usize) -> usize {
    MANY.div_ceil(each.max(1))
}

/// What came of an indicator in a unit.
struct Told {
    figure: Figure,
    /// As the passport writes it.
    value: Result<i64, Reason>,
    points: Scored<i64>,
}

impl Told {
    /// With its points.
    fn of(evaluation: &Evaluation<'_>, choices: &edges::Choices, indicator: &Indicator, figure: Figure) -> Self {
        let value = brought(indicator, &figure);
        Self {
            points: scoring::points(indicator, &figure, value, (choices, &evaluation.ground.period)),
            value,
            figure,
        }
    }
}

/// So many values are worth the work of several threads.
const MANY: usize = 20_000;

/// What came of indicators in units: unit by unit, so that what is known of a unit is looked up while it is at hand.
struct Table<'a> {
    indicators: HashMap<&'a str, usize>,
    units: HashMap<UnitId, usize>,
    told: Vec<Vec<Told>>,
}

impl<'a> Table<'a> {
    fn of(
        evaluation: &Evaluation<'_>,
        choices: &edges::Choices,
        indicators: &[&'a Indicator],
        units: &[UnitId],
    ) -> Self {
        let sums = ordered_sums(indicators);
        let is_sum = |i: &Indicator| matches!(i.formula, Some(Formula::SumPoints { .. }));
        let ordered: Vec<&'a Indicator> = indicators.iter().copied().filter(|i| !is_sum(i)).collect();
        let own = ordered.len();
        let ordered: Vec<&'a Indicator> = ordered.into_iter().chain(sums).collect();
        let summed = own < ordered.len();
        let of_unit = |unit: &UnitId| -> Vec<Told> {
            let mut given = Given::default();
            let mut told = Vec::with_capacity(ordered.len());
            for (place, indicator) in ordered.iter().enumerate() {
                let figure = if place < own {
                    evaluation.figure(indicator, *unit)
                } else {
                    scoring::sum(evaluation.pack, indicator, &evaluation.ground.period, &given)
                };
                let of = Told::of(evaluation, choices, indicator, figure);
                if summed {
                    given.insert(&indicator.code, of.points.clone());
                }
                told.push(of);
            }
            told
        };
        let of_part = |part: &[UnitId]| -> Vec<Vec<Told>> { part.iter().map(of_unit).collect() };
        let told = in_parts(units, many(ordered.len()), of_part);
        let mut table = Self {
            indicators: ordered.iter().map(|i| i.code.as_str()).zip(0..).collect(),
            units: units.iter().copied().zip(0..).collect(),
            told: told.into_iter().flatten().collect(),
        };
        for indicator in &ordered[own..] {
            for unit in units.iter().filter(|u| is_above(&evaluation.ground.tree, **u)) {
                let figure = mean_of(indicator, *unit, evaluation, &table);
                table.put(indicator, *unit, Told::of(evaluation, choices, indicator, figure));
            }
        }
        table
    }

    fn get(&self, indicator: &Indicator, unit: UnitId) -> Option<&Told> {
        self.at(*self.indicators.get(indicator.code.as_str())?, *self.units.get(&unit)?)
    }

    /// The same by their places.
    fn at(&self, indicator: usize, unit: usize) -> Option<&Told> {
        self.told.get(unit)?.get(indicator)
    }

    fn put(&mut self, indicator: &Indicator, unit: UnitId, told: Told) {
        let of_unit = self.units.get(&unit).and_then(|place| self.told.get_mut(*place));
        let place = self.indicators.get(indicator.code.as_str());
        if let Some(stands) = of_unit.zip(place).and_then(|(all, place)| all.get_mut(*place)) {
            *stands = told;
        }
    }
}

fn is_above(tree: &Tree, unit: UnitId) -> bool {
    tree.unit(unit)
        .is_some_and(|u| matches!(u.kind, UnitKind::Region | UnitKind::Zone))
}

/// Codes of the indicators that are shown and of those that they rest on.
fn needed(pack: &Pack, only: Option<&str>) -> BTreeSet<String> {
    let Some(code) = only else {
        return pack.indicators.iter().map(|i| i.code.clone()).collect();
    };
    let (mut open, mut found) = (vec![code.to_owned()], BTreeSet::new());
    while let Some(code) = open.pop() {
        let Some(indicator) = pack.indicator(&code) else {
            continue;
        };
        if !found.insert(code) {
            continue;
        }
        match &indicator.formula {
            Some(Formula::SumPoints { group, .. }) => open.extend(summed(&pack.indicators, indicator, group)),
            Some(formula) => open.extend(formula.others().into_iter().map(str::to_owned)),
            None => {}
        }
    }
    found
}

/// Sums of points, those of single indicators before those that may rest on them.
fn ordered_sums<'a>(indicators: &[&'a Indicator]) -> Vec<&'a Indicator> {
    let group = |i: &Indicator| match &i.formula {
        Some(Formula::SumPoints { group, .. }) => Some(group.clone()),
        _ => None,
    };
    let mut sums: Vec<&Indicator> = indicators.iter().copied().filter(|i| group(i).is_some()).collect();
    // One that sums a group in which another sum stands comes later.
    sums.sort_by_key(|of| {
        let own = group(of);
        indicators
            .iter()
            .filter(|i| group(i).is_some() && i.task == own && i.code != of.code)
            .count()
    });
    sums
}

/// The mean of the sums of the municipalities inside.
fn mean_of(indicator: &Indicator, unit: UnitId, evaluation: &Evaluation<'_>, table: &Table<'_>) -> Figure {
    let inside = evaluation.units(super::Subject::Municipality, unit);
    let mut undecided = Reason::NoValue;
    let mut all = Vec::new();
    for one in inside {
        match table.get(indicator, one).map(|told| told.value) {
            Some(Ok(value)) => all.push(value),
            Some(Err(reason)) => undecided = reason,
            None => {}
        }
    }
    let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Figure::none(undecided);
    }
    let sum: i64 = all.iter().sum();
    Figure {
        numerator: Some(sum),
        denominator: Some(count.saturating_mul(1000)),
        mean_of: Some(count),
        value: Ok(Fraction {
            upper: i128::from(sum),
            lower: i128::from(count),
        }),
        ..Figure::none(Reason::NoValue)
    }
}

/// The value as the passport writes it.
fn brought(indicator: &Indicator, figure: &Figure) -> Result<i64, Reason> {
    let value = figure.value?;
    value
        .brought_to(indicator.digits, indicator.rounding)
        .ok_or(Reason::NoValue)
}

fn row(
    evaluation: &Evaluation<'_>,
    indicator: &Indicator,
    unit: UnitId,
    told: &Told,
    breakdown: Option<(&'static str, String)>,
) -> Option<Value> {
    let of = evaluation.ground.tree.unit(unit)?;
    let (figure, value) = (&told.figure, told.value);
    let plain = breakdown.is_none();
    let target_milli = indicator.target(&of.code, &evaluation.ground.period).filter(|_| plain);
    let reported = evaluation.reported(indicator, unit).filter(|_| plain);
    let reported_milli = reported.and_then(|v| v.value_milli);
    Some(Value {
        indicator: indicator.code.clone(),
        unit,
        unit_code: of.code.clone(),
        unit_name: of.name.clone(),
        numerator_milli: figure.numerator,
        denominator_milli: figure.denominator,
        value_milli: value.ok(),
        reason: value.err(),
        points: told.points.clone(),
        zone: if plain {
            scoring::zone(indicator, figure, value)
        } else {
            Scored::Unscaled
        },
        target_milli,
        met: scoring::met(indicator, value.ok(), target_milli),
        reported_milli,
        reported_parts: reported.and_then(|v| Some((v.numerator_milli?, v.denominator_milli?))),
        is_reported: indicator.takes_reported
            && reported.is_some_and(|v| v.numerator_milli.is_some() && v.denominator_milli.is_some()),
        mean_of: figure.mean_of,
        breakdown,
    })
}

/// Rows of a breakdown of a unit: the names that stand there, or stood in the period it is compared with.
fn broken_rows(evaluation: &Evaluation<'_>, indicator: &Indicator, unit: UnitId) -> Vec<Value> {
    let Some(by) = indicator.breakdown else {
        return Vec::new();
    };
    let kind = Breakdowns::from(by);
    let numerator_only = by != Breakdown::Subject;
    let here = |sums: &HashMap<UnitId, Vec<i64>>| sums.contains_key(&unit);
    let back = indicator.formula.as_ref().map(super::Formula::looks_back);
    let before = back.and_then(|years| evaluation.ground.earlier.get(&years));
    let grounds = [Some(evaluation.ground), before].into_iter().flatten();
    let names: BTreeSet<&String> = grounds
        .flat_map(|ground| ground.broken.iter())
        .filter(|((of, _), sums)| *of == kind && here(sums))
        .map(|((_, name), _)| name)
        .collect();
    let mut rows = Vec::new();
    for name in names {
        let part = Evaluation {
            broken: Some((kind, name, numerator_only)),
            ..*evaluation
        };
        let figure = part.figure(indicator, unit);
        let told = Told {
            value: brought(indicator, &figure),
            points: Scored::Unscaled,
            figure,
        };
        rows.extend(row(evaluation, indicator, unit, &told, Some((by.code(), name.clone()))));
    }
    rows
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

/// What an evaluation needs to answer for one unit, for lists.
///
/// # Errors
/// Those of the database.
pub fn ground_of(
    conn: &mut AnyConn,
    pack: &Pack,
    period: &FactPeriod,
    unit: UnitId,
    level: UnitKind,
    indicator: &Indicator,
) -> Result<Ground, DbError> {
    let query = Query {
        level,
        unit: Some(unit),
        indicator: Some(indicator.code.clone()),
        as_of: None,
        known_at: None,
        breakdowns: false,
    };
    let needed = needed(pack, Some(&indicator.code));
    let indicators: Vec<&Indicator> = pack.indicators.iter().filter(|i| needed.contains(&i.code)).collect();
    ground::gather(conn, &mut Common::default(), pack, period, &query, &indicators)
}

/// What an evaluation of several indicators of a region needs, units of all kinds among it.
///
/// # Errors
/// Those of the database.
pub(super) fn ground_of_many(
    conn: &mut AnyConn,
    pack: &Pack,
    period: &FactPeriod,
    region: UnitId,
    of: &[&Indicator],
) -> Result<Ground, DbError> {
    let query = Query {
        level: UnitKind::Organisation,
        unit: Some(region),
        indicator: None,
        as_of: None,
        known_at: None,
        breakdowns: false,
    };
    let needed: BTreeSet<String> = of.iter().flat_map(|i| needed(pack, Some(&i.code))).collect();
    let indicators: Vec<&Indicator> = pack.indicators.iter().filter(|i| needed.contains(&i.code)).collect();
    ground::gather(conn, &mut Common::default(), pack, period, &query, &indicators)
}

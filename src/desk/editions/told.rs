//! What an edition says, as it may be told: read once, since it never changes. To whoever may open the people behind a number
//! as it is; to everyone else without the few, by the same rules as the values of today.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{NaiveDate, NaiveDateTime};

use crate::cycle::edition::content::{Kept, Units};
use crate::cycle::edition::values::{Row, at};
use crate::cycle::edition::{Edition, EditionId, store};
use crate::db::AnyConn;
use crate::desk::indicators::told::{Beside, Board, Seen};
use crate::error::Error;
use crate::indicators::evaluate::Reason;
use crate::indicators::pack::Aggregate;
use crate::indicators::scoring::Scored;
use crate::indicators::values::Value;
use crate::indicators::{Formula, Indicator, Pack, parsed};
use crate::planted;
use crate::units::model::{UnitLink, UnitLinkId};
use crate::units::{Tree, Unit, UnitId, UnitKind};

/// An edition that was read.
#[derive(Debug)]
pub(crate) struct Said {
    /// The edition.
    pub edition: Edition,
    /// The pack as it was.
    pub pack: Arc<Pack>,
    /// The units as they were.
    pub units: Units,
    lines: Vec<Line>,
    board: Board,
    ids: HashMap<String, UnitId>,
}

/// What a row says beside its value: a whole edition is kept, so it is kept small.
#[derive(Debug)]
pub(crate) struct Line {
    /// Place of the indicator in the pack.
    indicator: usize,
    /// Place of the unit among those of the edition.
    unit: usize,
    /// The word of its level, or why there is none.
    pub zone: String,
    /// What was reported less what was computed, thousandths.
    pub difference: Option<i64>,
}

/// Which edition, its digest, with the names or without.
type Key = (EditionId, String, bool);

/// Editions read last stand last.
static KEPT: Mutex<VecDeque<(Key, Arc<Said>)>> = Mutex::new(VecDeque::new());
/// So many are kept.
const MOST: usize = 2;

/// Reads an edition, or takes it as it was read: `names` is whether the few may be told.
///
/// # Errors
/// A part does not read; those of the database.
pub(crate) fn said(conn: &mut AnyConn, edition: &Edition, names: bool) -> Result<Arc<Said>, Error> {
    // The digest too: two databases of one process never meet.
    let key = (edition.id, edition.digest.clone(), names);
    {
        let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, said)) = kept.iter().find(|(of, _)| *of == key) {
            return Ok(said.clone());
        }
    }
    let said = Arc::new(read(conn, edition, names)?);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MOST {
        kept.pop_front();
    }
    kept.push_back((key, said.clone()));
    Ok(said)
}

fn read(conn: &mut AnyConn, edition: &Edition, names: bool) -> Result<Said, Error> {
    let text = store::pack_text(conn, edition.id)?;
    let pack = parsed::pack(&text, &edition.pack_digest)
        .map_err(|_| Error::Internal(format!("методика выпуска № {} не читается", edition.number)))?;
    let units = store::units(conn, edition.id)?;
    let ids: HashMap<String, UnitId> = (1..)
        .zip(&units.all)
        .map(|(n, u)| (u.code.clone(), UnitId(n)))
        .collect();
    let places: HashMap<&str, usize> = pack
        .indicators
        .iter()
        .enumerate()
        .map(|(n, i)| (i.code.as_str(), n))
        .collect();
    let (mut lines, mut values) = (Vec::new(), Vec::new());
    for row in store::all_rows(conn, edition.id)?
        .iter()
        .filter(|row| row.breakdown().is_none())
    {
        let place = places.get(row.indicator()).copied();
        let unit = ids.get(row.unit()).and_then(|id| usize::try_from(id.0 - 1).ok());
        let value = value((&pack, &units, &edition.period), &ids, row);
        let Some(((indicator, unit), value)) = place.zip(unit).zip(value) else {
            continue;
        };
        lines.push(Line {
            indicator,
            unit,
            zone: row.cell(at::ZONE).to_owned(),
            difference: row.milli(at::DIFFERENCE),
        });
        values.push(value);
    }
    let board = if names || planted!("edition_few_told") {
        Board::open(values)
    } else {
        let region = units.all.iter().filter(|u| u.kind == UnitKind::Region.code());
        let roots: Vec<UnitId> = region.filter_map(|u| ids.get(&u.code).copied()).collect();
        let tree = tree(edition, &units, &ids);
        Board::told(values, &pack, &tree, &roots, &Beside::default())
    };
    Ok(Said {
        edition: edition.clone(),
        pack,
        units,
        lines,
        board,
        ids,
    })
}

/// Of how many municipalities a value of an edition is the mean: then they stand below the line, and their values above it.
fn mean_of(indicator: &Indicator, above: bool, period: &str, row: &Row) -> Option<i64> {
    let sums = matches!(indicator.formula, Some(Formula::SumPoints { .. }));
    let means = sums || indicator.aggregate == Aggregate::MeanOfUnits;
    if !above || !means || is_reported(row) || planted!("sum_in_edition") {
        return None;
    }
    let (upper, lower) = (row.milli(at::NUMERATOR)?, row.milli(at::DENOMINATOR)?);
    // Points that an expert gave the unit itself stand there as they are, of the most that may be given.
    if let Some(Formula::Expert { max }) = indicator.formula {
        let most = indicator.maximum.get(period).copied().unwrap_or(max);
        if row.milli(at::VALUE) == Some(upper) && lower == most {
            return None;
        }
    }
    Some(lower / 1000)
}

/// Whether what was reported stands as the value.
fn is_reported(row: &Row) -> bool {
    row.milli(at::REPORTED).is_some() && row.cell(at::DIFFERENCE).is_empty()
}

/// A value as the rules of telling read it.
fn value((pack, units, period): (&Pack, &Units, &str), ids: &HashMap<String, UnitId>, row: &Row) -> Option<Value> {
    let indicator = pack.indicator(row.indicator())?;
    let above = matches!(units.kind(row.unit()), Some(UnitKind::Region | UnitKind::Zone));
    let word = |place: usize| row.cell(place);
    let points = match (row.milli(at::POINTS), Reason::from_code(word(at::POINTS))) {
        (Some(points), _) => Scored::Is(points),
        (None, Some(reason)) => Scored::Not(reason),
        (None, None) => Scored::Unscaled,
    };
    let zone = match (word(at::ZONE), Reason::from_code(word(at::ZONE))) {
        ("" | "target_met" | "target_missed", _) => Scored::Unscaled,
        (_, Some(reason)) => Scored::Not(reason),
        (word, None) => Scored::Is(word.to_owned()),
    };
    Some(Value {
        indicator: indicator.code.clone(),
        breakdown: None,
        unit: *ids.get(row.unit())?,
        unit_code: row.unit().to_owned(),
        unit_name: word(at::UNIT_NAME).to_owned(),
        numerator_milli: row.milli(at::NUMERATOR),
        denominator_milli: row.milli(at::DENOMINATOR),
        value_milli: row.milli(at::VALUE),
        reason: Reason::from_code(word(at::POINTS)).filter(|_| row.milli(at::VALUE).is_none()),
        points,
        zone,
        target_milli: row.milli(at::TARGET),
        met: match word(at::ZONE) {
            "target_met" => Some(true),
            "target_missed" => Some(false),
            _ => None,
        },
        reported_milli: row.milli(at::REPORTED),
        reported_parts: None,
        is_reported: is_reported(row),
        mean_of: mean_of(indicator, above, period, row),
    })
}

/// The tree of the units as they stood.
fn tree(edition: &Edition, units: &Units, ids: &HashMap<String, UnitId>) -> Tree {
    let (day, now): (NaiveDate, NaiveDateTime) = (edition.as_of, edition.released_at);
    let mut all = Vec::with_capacity(units.all.len());
    let mut links = Vec::with_capacity(units.all.len());
    for (place, kept) in (1_i64..).zip(&units.all) {
        let id = UnitId(place);
        let kind = UnitKind::from_code(&kept.kind).unwrap_or(UnitKind::Organisation);
        let called = (kept.code.clone(), kept.name.clone());
        all.push(Unit {
            // In the order of the edition.
            sort_key: format!("{place:09}"),
            ..Unit::called(id, UnitId(1), kind, called, now)
        });
        if let Some(parent) = kept.parent.as_ref().and_then(|code| ids.get(code)) {
            links.push(UnitLink {
                id: UnitLinkId(place),
                region_id: UnitId(1),
                unit_id: id,
                parent_id: *parent,
                valid_from: None,
                valid_to: None,
                recorded_at: now,
                superseded_at: None,
                batch_id: None,
            });
        }
    }
    let all = all.into_iter().map(|unit| (unit.id, unit)).collect();
    Tree::on(day, Arc::new(all), &links)
}

impl Said {
    /// The value of an indicator in a unit, as it may be told.
    pub fn get(&self, indicator: &str, unit: &str) -> Option<&Seen> {
        self.board.get(indicator, *self.ids.get(unit)?)
    }

    /// What is said of an indicator, a line for each unit, in their order.
    pub fn of_indicator(&self, indicator: &str) -> impl Iterator<Item = (&Line, &Indicator, &Kept)> {
        let place = self.pack.indicators.iter().position(|i| i.code == indicator);
        self.all().filter(move |(line, ..)| Some(line.indicator) == place)
    }

    /// What is said of a unit, a line for each indicator, in their order.
    pub fn of_unit(&self, unit: &str) -> impl Iterator<Item = (&Line, &Indicator, &Kept)> {
        let place = self.units.all.iter().position(|u| u.code == unit);
        self.all().filter(move |(line, ..)| Some(line.unit) == place)
    }

    fn all(&self) -> impl Iterator<Item = (&Line, &Indicator, &Kept)> {
        self.lines.iter().filter_map(|line| {
            Some((
                line,
                self.pack.indicators.get(line.indicator)?,
                self.units.all.get(line.unit)?,
            ))
        })
    }

    /// The code of the region.
    pub fn region(&self) -> &str {
        let of = self.units.all.iter().find(|u| u.kind == UnitKind::Region.code());
        of.map_or("", |u| u.code.as_str())
    }
}

//! What is read to tell heads of schools of an indicator: the schools with their values, who is told, what each of them may
//! be told, and when it was told last.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::access::{self, AccountId, Role};
use crate::db::schema::notice;
use crate::db::text_keys::{beginning, sort_key};
use crate::db::{AnyConn, DbError};
use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::told::{Beside, Board, Seen};
use crate::facts::FactPeriod;
use crate::indicators::Indicator;
use crate::indicators::values::{self, Common, Query, Value};
use crate::planted;
use crate::units::{UnitId, UnitKind};

/// The letter that tells a head.
const LETTER: &str = "indicator_told";

/// Rows of earlier tellings that are read, at most.
const EARLIER: i64 = 2000;

/// Where a school stands, as far as whoever tells may know; in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Below the target of the period.
    Below,
    /// It has a value, and either has reached the target or has none.
    Valued,
    /// It has a value that may not be told to whoever tells.
    Hidden,
    /// It has none.
    Nothing,
}

/// Where a school stands by its value.
pub(crate) fn standing(seen: &Seen) -> Standing {
    match (seen.hidden, seen.value_milli, seen.met) {
        (true, ..) => Standing::Hidden,
        (_, None, _) => Standing::Nothing,
        (_, Some(_), Some(false)) => Standing::Below,
        (_, Some(_), Some(true)) if planted!("told_though_met") => Standing::Below,
        (_, Some(_), _) => Standing::Valued,
    }
}

/// Who is told for a school.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    /// The account.
    pub account: AccountId,
    /// How its holder is called.
    pub name: String,
    /// Whether it is the head, who opens pages of indicators; a deputy does not.
    pub is_head: bool,
}

/// A school of the list.
#[derive(Debug, Clone)]
pub(crate) struct School {
    /// Its value as whoever tells may see it.
    pub seen: Seen,
    /// Where it stands by that.
    pub standing: Standing,
    /// Who is told; nobody where no account heads it.
    pub receivers: Vec<Receiver>,
}

/// The schools of the place: below the target first, then by name, each with whom it tells: its heads, else its deputies.
///
/// # Errors
/// Those of the database.
pub(crate) fn schools(c: &mut AnyConn, below: &[Seen], today: NaiveDate) -> Result<Vec<School>, DbError> {
    let units: Vec<UnitId> = below.iter().map(|seen| seen.unit).collect();
    let mut holders: HashMap<UnitId, Vec<(AccountId, bool)>> = HashMap::new();
    for (unit, account) in access::store::over(c, &[Role::SchoolHead], &units, today)? {
        holders.entry(unit).or_default().push((account, true));
    }
    let headless: Vec<UnitId> = units
        .iter()
        .filter(|unit| !holders.contains_key(*unit))
        .copied()
        .collect();
    for (unit, account) in access::store::over(c, &[Role::SchoolAdmin], &headless, today)? {
        holders.entry(unit).or_default().push((account, false));
    }
    let ids: BTreeSet<i64> = holders.values().flatten().map(|(account, _)| account.0).collect();
    let names = access::store::names(c, &ids.into_iter().collect::<Vec<_>>())?;
    let mut found: Vec<School> = below
        .iter()
        .map(|seen| {
            let mut own = holders.remove(&seen.unit).unwrap_or_default();
            own.dedup();
            let receiver = |(account, is_head): (AccountId, bool)| Receiver {
                account,
                name: names.get(&account.0).cloned().unwrap_or_default(),
                is_head,
            };
            School {
                standing: standing(seen),
                seen: seen.clone(),
                receivers: own.into_iter().map(receiver).collect(),
            }
        })
        .collect();
    found.sort_by_cached_key(|school| (school.standing, sort_key(&school.seen.unit_name), school.seen.unit));
    Ok(found)
}

/// The values of schools as the pages of their own heads tell them: each alone, and nothing of another one. What whoever
/// tells may see is no matter here.
///
/// # Errors
/// Those of the database.
pub(crate) fn as_heads_see(
    c: &mut AnyConn,
    found: &Found,
    indicator: &Indicator,
    schools: &BTreeSet<UnitId>,
) -> Result<HashMap<UnitId, Seen>, DbError> {
    let mut common = Common::default();
    let of_each = of_each(c, &mut common, found, &found.period, schools)?;
    let mut earlier = Vec::new();
    for (years, period) in found.looked_back(&found.period) {
        let values = self::of_each(c, &mut common, found, &period, schools)?;
        earlier.push((years, values, common.tree(c, period.reference_on, None)?));
    }
    let mut told = HashMap::new();
    for (unit, values) in of_each {
        let mut beside = Beside::head_of(unit);
        let mut before = BTreeMap::new();
        for (years, all, tree) in &mut earlier {
            let own = all.remove(&unit).unwrap_or_default();
            before.insert(*years, Board::told(own, &found.pack, tree, &[unit], &beside));
        }
        beside.earlier = before;
        let board = if planted!("told_as_it_is") {
            Board::open(values)
        } else {
            Board::told(values, &found.pack, &found.tree, &[unit], &beside)
        };
        told.extend(board.get(&indicator.code, unit).cloned().map(|seen| (unit, seen)));
    }
    Ok(told)
}

/// Values of a period by school.
fn of_each(
    c: &mut AnyConn,
    common: &mut Common,
    found: &Found,
    period: &FactPeriod,
    schools: &BTreeSet<UnitId>,
) -> Result<HashMap<UnitId, Vec<Value>>, DbError> {
    let query = Query {
        level: UnitKind::Organisation,
        unit: Some(found.unit.id),
        indicator: None,
        as_of: None,
        known_at: None,
        breakdowns: false,
    };
    let scope = &found.looking.scope;
    let all = values::values_of(c, scope, (&*found.pack, period), &query, common)?;
    let mut of_each: HashMap<UnitId, Vec<Value>> = HashMap::new();
    for value in all.into_iter().filter(|value| schools.contains(&value.unit)) {
        of_each.entry(value.unit).or_default().push(value);
    }
    Ok(of_each)
}

/// What the keys of notices about an indicator of a period begin with.
pub(crate) fn key_of(found: &Found, indicator: &Indicator) -> String {
    format!("{}/{}/{} ", found.pack.code, indicator.code, found.period.code)
}

/// The last time that schools of the place were told of the indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Last {
    /// When.
    pub at: NaiveDateTime,
    /// How many accounts.
    pub to: usize,
    /// By whom.
    pub by: String,
}

/// Reads it.
///
/// # Errors
/// Those of the database.
pub(crate) fn last(c: &mut AnyConn, schools: &[UnitId], key: &str) -> Result<Option<Last>, DbError> {
    let mut all: Vec<(NaiveDateTime, String)> = Vec::new();
    let ids: Vec<i64> = schools.iter().map(|unit| unit.0).collect();
    for block in ids.chunks(1000) {
        let rows: Vec<(NaiveDateTime, String)> = notice::table
            .filter(notice::kind.eq(LETTER))
            .filter(notice::subject_id.eq_any(block))
            .filter(notice::dedup_key.like(beginning(key)).escape('\\'))
            .order(notice::created_at.desc())
            .limit(EARLIER)
            .select((notice::created_at, notice::body))
            .load(c)?;
        all.extend(rows);
    }
    let Some((at, body)) = all.iter().max_by_key(|(at, _)| *at) else {
        return Ok(None);
    };
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    Ok(Some(Last {
        at: *at,
        to: all.iter().filter(|(other, _)| other == at).count(),
        by: body.get("from").and_then(|v| v.as_str()).unwrap_or_default().to_owned(),
    }))
}

//! What the pages of indicators read: the pack, the period and the unit that are asked for, or the first that fit.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;

use crate::db::schema::unit;
use crate::db::{AnyConn, DbError};
use crate::error::Error;
use crate::facts::{self, FactPeriod};
use crate::indicators::values::{self, Common, Query, Value};
use crate::indicators::{Indicator, Pack, store};
use crate::units::{Unit, UnitId, UnitKind};
use crate::web::{Reach, Scope};

/// What the address says.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Code of the pack.
    pub pack: Option<String>,
    /// Code of the indicator.
    pub indicator: Option<String>,
    /// Period.
    pub period: Option<String>,
    /// Code of the unit.
    pub unit: Option<String>,
    /// Whether values are asked for.
    pub valued: bool,
}

/// What was found for it.
#[derive(Debug)]
pub struct Found {
    /// Every pack.
    pub packs: Vec<Arc<Pack>>,
    /// The pack.
    pub pack: Arc<Pack>,
    /// Periods of the pack that have facts, newest first.
    pub periods: Vec<String>,
    /// The period.
    pub period: FactPeriod,
    /// The indicator, when one is asked for.
    pub indicator: Option<Indicator>,
    /// The unit.
    pub unit: Unit,
    /// Units above it that the visitor may see, nearest first.
    pub above: Vec<Unit>,
    /// Kind of the units below that have rows.
    pub level: UnitKind,
    /// Values of the unit itself.
    pub own: Vec<Value>,
    /// Values of the units below, by name; only when an indicator is asked for.
    pub below: Vec<Value>,
    /// Names of units by code.
    names: HashMap<String, String>,
}

impl Found {
    /// The name of a unit.
    #[must_use]
    pub fn name_of(&self, code: &str) -> String {
        self.names.get(code).cloned().unwrap_or_else(|| code.to_owned())
    }
}

fn region_code(conn: &mut AnyConn, region: Option<i64>) -> Result<Option<String>, DbError> {
    let Some(region) = region else { return Ok(None) };
    let code = unit::table.filter(unit::id.eq(region)).select(unit::code).first(conn);
    Ok(code.optional()?)
}

/// Finds it. What is named and is not there, or lies outside the scope, is not found; `None` is: nothing is loaded yet.
///
/// # Errors
/// Not found; those of the database.
pub fn find(conn: &mut AnyConn, scope: &Scope, region: Option<i64>, asked: &Asked) -> Result<Option<Found>, Error> {
    let missing = || Error::NotFound("показатель".into());
    let packs = store::read_packs(conn)?;
    let stored = facts::store::periods(conn)?;
    let of = |pack: &Pack| -> Vec<FactPeriod> {
        let basis = pack.basis.key();
        let mut periods: Vec<FactPeriod> = stored.iter().filter(|p| p.basis == basis).cloned().collect();
        periods.sort_by_key(|p| std::cmp::Reverse(p.starts_on));
        periods
    };
    let pack = match &asked.pack {
        Some(code) => Some(packs.iter().find(|p| p.code == *code).ok_or_else(missing)?),
        None => {
            let own = region_code(conn, region)?;
            let with_facts = || packs.iter().filter(|p| !of(p).is_empty());
            let theirs = with_facts().find(|p| own.as_ref().is_some_and(|own| p.regions.contains(own)));
            theirs.or_else(|| with_facts().next())
        }
    };
    let Some(pack) = pack.cloned() else { return Ok(None) };
    let periods = of(&pack);
    let period = match &asked.period {
        Some(code) => periods
            .iter()
            .find(|p| p.code == *code)
            .or_else(|| periods.first().filter(|_| asked.indicator.is_none())),
        None => periods.first(),
    };
    let Some(period) = period.cloned() else {
        return if asked.period.is_some() {
            Err(missing())
        } else {
            Ok(None)
        };
    };
    let indicator = match &asked.indicator {
        Some(code) => Some(pack.indicator(code).cloned().ok_or_else(missing)?),
        None => None,
    };
    let mut common = Common::default();
    let tree = common.tree(conn, period.reference_on, None)?;
    let seen = |unit: &Unit| match &scope.reach {
        Reach::Installation => true,
        Reach::Some { organisations, .. } => {
            let inside = tree.organisations(unit.id);
            tree.stands(unit.id) && !inside.is_empty() && inside.iter().all(|o| organisations.contains(&o.0))
        }
    };
    let unit = match &asked.unit {
        Some(code) => tree.by_code(code).filter(|u| seen(u)).ok_or_else(missing)?,
        None => {
            let regions = tree.of_kind(UnitKind::Region);
            let own = regions.iter().find(|u| region.is_none_or(|r| u.id.0 == r)).copied();
            match own.filter(|u| seen(u)) {
                Some(unit) => unit,
                None => return Ok(None),
            }
        }
    }
    .clone();
    let level = match unit.kind {
        UnitKind::Region | UnitKind::Zone => UnitKind::Municipality,
        UnitKind::Municipality | UnitKind::Organisation => UnitKind::Organisation,
    };
    let query = |level| Query {
        level,
        unit: Some(unit.id),
        indicator: indicator.as_ref().map(|i| i.code.clone()),
        as_of: None,
        known_at: None,
        breakdowns: false,
    };
    let mut valued = |level| values::values_of(conn, scope, (&pack, &period), &query(level), &mut common);
    let (mut own, mut below) = (Vec::new(), Vec::new());
    if asked.valued {
        own = valued(unit.kind)?;
        own.retain(|v| v.unit == unit.id);
        if indicator.is_some() && unit.kind != UnitKind::Organisation {
            below = valued(level)?;
        }
    }
    let path: Vec<UnitId> = tree.path(unit.id).into_iter().skip(1).collect();
    let above = path
        .iter()
        .filter_map(|id| tree.unit(*id))
        .filter(|u| seen(u))
        .cloned()
        .collect();
    let organisations = tree.organisations(unit.id);
    let names = organisations
        .iter()
        .filter_map(|id| tree.unit(*id))
        .map(|u| (u.code.clone(), u.name.clone()));
    Ok(Some(Found {
        names: names.collect(),
        periods: periods.into_iter().map(|p| p.code).collect(),
        packs,
        pack,
        period,
        indicator,
        unit,
        above,
        level,
        own,
        below,
    }))
}

//! Which cycles a region may follow: the packs in force and those that come along, the region's own first.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::db::{AnyConn, DbError};
use crate::desk::registers::reach::Held;
use crate::indicators::{Pack, pack, store};
use crate::units::Period;

/// Packs with stages.
pub(crate) struct Described {
    packs: Vec<Arc<Pack>>,
    /// How many of them are the region's own.
    own: usize,
}

/// Packs with stages, those that are in force before those that come along; a version from before stages stood in packs
/// gives way to the text of the program.
///
/// # Errors
/// Those of the database.
pub(crate) fn packs(c: &mut AnyConn) -> Result<Vec<Arc<Pack>>, DbError> {
    let mut found = store::read_packs(c)?;
    found.retain(|pack| !pack.stages.is_empty());
    for of in pack::along().iter().filter(|of| !of.stages.is_empty()) {
        if found.iter().all(|known| known.code != of.code) {
            found.push(Arc::clone(of));
        }
    }
    Ok(found)
}

impl Described {
    /// Those of a region.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of(c: &mut AnyConn, held: &Held) -> Result<Self, DbError> {
        let code = held.tree.unit(held.region).map_or("", |unit| unit.code.as_str());
        let is_own = |pack: &Arc<Pack>| pack.regions.iter().any(|region| region == code);
        let mut packs = packs(c)?;
        packs.sort_by_key(|pack| (!is_own(pack), pack.title.clone()));
        Ok(Self {
            own: packs.iter().filter(|pack| is_own(pack)).count(),
            packs,
        })
    }

    /// The one that is asked for, or the region's own, or the only one.
    pub fn chosen(&self, wanted: Option<&str>) -> Option<Arc<Pack>> {
        let found = match wanted {
            Some(code) => self.packs.iter().find(|pack| pack.code == code),
            None => self.packs.first().filter(|_| self.own > 0),
        };
        found.cloned()
    }

    /// Those of the region's own.
    pub fn own(&self) -> &[Arc<Pack>] {
        self.packs.get(..self.own).unwrap_or_default()
    }

    /// Codes and titles.
    pub fn choices(&self) -> Vec<(String, String)> {
        self.packs
            .iter()
            .map(|pack| (pack.code.clone(), pack.title.clone()))
            .collect()
    }
}

/// The periods of a pack: those it is made for and the one of today, the latest first.
pub(crate) fn periods(of: &Pack, today: NaiveDate) -> Vec<Period> {
    let now = Period::of_day(of.basis.kind, today);
    let mut found: Vec<Period> = of
        .years
        .iter()
        .chain(&now)
        .filter_map(|code| Period::parse(code))
        .collect();
    found.sort_by_key(|period| std::cmp::Reverse(period.starts_on));
    found.dedup();
    found
}

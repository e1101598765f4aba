//! Typical errors: at how many units each was found this time and the time before, and which units repeat it.

use std::collections::{BTreeMap, BTreeSet};

use super::sheet::{Known, Sheet};
use super::standing::Whole;
use crate::planted;
use crate::units::UnitId;

/// An error with the units where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The error.
    pub error: Known,
    /// Units this time.
    pub now: BTreeSet<UnitId>,
    /// Units the time before.
    pub before: BTreeSet<UnitId>,
}

impl Found {
    /// Units that had it both times.
    #[must_use]
    pub fn repeated(&self) -> BTreeSet<UnitId> {
        if planted!("repeats_of_anyone") {
            return self.now.clone();
        }
        self.now.intersection(&self.before).copied().collect()
    }
}

fn by_error(of: &[Whole]) -> BTreeMap<String, BTreeSet<UnitId>> {
    let mut found: BTreeMap<String, BTreeSet<UnitId>> = BTreeMap::new();
    for whole in of {
        for code in whole.ticked() {
            found.entry(code.to_owned()).or_default().insert(whole.row.unit_id);
        }
    }
    found
}

/// All errors of the sheet and those that the time before knew, with their units.
#[must_use]
pub fn found(sheet: &Sheet, now: &[Whole], before: Option<(&Sheet, &[Whole])>) -> Vec<Found> {
    let here = by_error(now);
    let there = before.map(|(_, of)| by_error(of)).unwrap_or_default();
    let mut known: Vec<&Known> = sheet.errors.iter().collect();
    let gone = before.into_iter().flat_map(|(old, _)| &old.errors);
    known.extend(gone.filter(|e| sheet.error(&e.code).is_none() && there.contains_key(&e.code)));
    let of = |map: &BTreeMap<String, BTreeSet<UnitId>>, code: &str| map.get(code).cloned().unwrap_or_default();
    known
        .into_iter()
        .map(|error| Found {
            now: of(&here, &error.code),
            before: of(&there, &error.code),
            error: error.clone(),
        })
        .collect()
}

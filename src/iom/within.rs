//! How far whoever asks for many plans at once sees: a region and, within it, organisations.

use std::collections::HashSet;

use crate::units::{Tree, Unit, UnitId};
use crate::web::{Reach, Scope};

/// The bounds of a drafting or an assigning.
#[derive(Debug, Clone)]
pub struct Within {
    /// The region; `None` is the installation.
    pub region: Option<UnitId>,
    /// The scope.
    pub scope: Scope,
}

impl Within {
    /// The bounds of a command run by whoever owns the server: none.
    #[must_use]
    pub fn of_server(reason: &'static str) -> Self {
        Self {
            region: None,
            scope: Scope::of_server(reason),
        }
    }

    /// Organisations whose people are seen; `None` is everyone's.
    #[must_use]
    pub fn organisations(&self) -> Option<HashSet<UnitId>> {
        match &self.scope.reach {
            Reach::Installation => None,
            Reach::Some { organisations, .. } => Some(organisations.iter().copied().map(UnitId).collect()),
        }
    }

    /// The unit of a code, when it lies in the region and all of its organisations are seen.
    #[must_use]
    pub fn unit<'a>(&self, tree: &'a Tree, code: &str) -> Option<&'a Unit> {
        tree.by_code(code).filter(|unit| self.sees(tree, unit))
    }

    /// Whether a unit lies within.
    #[must_use]
    pub fn sees(&self, tree: &Tree, unit: &Unit) -> bool {
        let in_region = self.region.is_none_or(|region| unit.region_id == region);
        in_region
            && tree.stands(unit.id)
            && match &self.scope.reach {
                Reach::Installation => true,
                Reach::Some { organisations, .. } => {
                    let inside = tree.organisations(unit.id);
                    !inside.is_empty() && inside.iter().all(|o| organisations.contains(&o.0))
                }
            }
    }
}

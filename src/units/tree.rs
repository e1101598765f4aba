//! The tree of units on one day: who stands in whom.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::model::{Unit, UnitId, UnitKind, UnitLink, holds_on};

/// Units and their parents on a day.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    units: HashMap<UnitId, Unit>,
    parents: HashMap<UnitId, UnitId>,
    children: BTreeMap<UnitId, BTreeSet<UnitId>>,
}

impl Tree {
    /// Builds the tree of `day` from units and links (superseded links must be left out already).
    #[must_use]
    pub fn on(day: NaiveDate, units: Vec<Unit>, links: &[UnitLink]) -> Self {
        let mut tree = Self {
            units: units.into_iter().map(|u| (u.id, u)).collect(),
            ..Self::default()
        };
        let mut current: Vec<&UnitLink> = links
            .iter()
            .filter(|l| holds_on(l.valid_from, l.valid_to, day))
            .collect();
        // Where files overlap, the link that began last holds.
        current.sort_by_key(|l| (l.valid_from, l.id));
        for link in current {
            tree.parents.insert(link.unit_id, link.parent_id);
        }
        for (child, parent) in &tree.parents {
            tree.children.entry(*parent).or_default().insert(*child);
        }
        tree
    }

    /// How many units it knows.
    pub(super) fn len(&self) -> usize {
        self.units.len()
    }

    /// A unit.
    #[must_use]
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(&id)
    }

    /// Whether a unit stands in another one, or is a region: what was closed stands nowhere.
    #[must_use]
    pub fn stands(&self, id: UnitId) -> bool {
        self.parents.contains_key(&id) || self.units.get(&id).is_some_and(|u| u.kind == UnitKind::Region)
    }

    /// A unit by code.
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&Unit> {
        self.units.values().find(|u| u.code == code)
    }

    /// All units of a kind, sorted by name, then code.
    #[must_use]
    pub fn of_kind(&self, kind: UnitKind) -> Vec<&Unit> {
        let mut units: Vec<&Unit> = self.units.values().filter(|u| u.kind == kind).collect();
        units.sort_by(|a, b| (&a.sort_key, &a.code).cmp(&(&b.sort_key, &b.code)));
        units
    }

    /// The unit itself and everything it stands in, upwards. A circle in the data ends the walk.
    #[must_use]
    pub fn path(&self, id: UnitId) -> Vec<UnitId> {
        let mut path = vec![id];
        while let Some(parent) = path.last().and_then(|last| self.parents.get(last)) {
            if path.contains(parent) {
                break;
            }
            path.push(*parent);
        }
        path
    }

    /// The unit of `kind` that `id` stands in, itself included.
    #[must_use]
    pub fn ancestor(&self, id: UnitId, kind: UnitKind) -> Option<UnitId> {
        self.path(id)
            .into_iter()
            .find(|u| self.units.get(u).is_some_and(|u| u.kind == kind))
    }

    /// The unit itself and everything below it.
    #[must_use]
    pub fn subtree(&self, id: UnitId) -> BTreeSet<UnitId> {
        let mut found = BTreeSet::from([id]);
        let mut open = vec![id];
        while let Some(unit) = open.pop() {
            for child in self.children.get(&unit).into_iter().flatten() {
                if found.insert(*child) {
                    open.push(*child);
                }
            }
        }
        found
    }

    /// Organisations of the subtree.
    #[must_use]
    pub fn organisations(&self, id: UnitId) -> Vec<UnitId> {
        self.subtree(id)
            .into_iter()
            .filter(|u| self.units.get(u).is_some_and(|u| u.kind == UnitKind::Organisation))
            .collect()
    }
}

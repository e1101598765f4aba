//! The tree of units on one day: who stands in whom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use foldhash::HashMap;

use super::model::{Unit, UnitId, UnitKind, UnitLink, holds_on};

/// Every unit there is or was: trees of several days share them.
pub type Units = HashMap<UnitId, Unit>;

/// Units and their parents on a day.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    units: Arc<Units>,
    parents: HashMap<UnitId, UnitId>,
    children: BTreeMap<UnitId, BTreeSet<UnitId>>,
    /// What organisations stand in.
    over: OnceLock<Over>,
    organisations: OnceLock<Inside>,
    municipalities: OnceLock<Inside>,
}

/// Units seen together as one, which stands in their region.
#[derive(Debug, Clone)]
pub struct Group {
    /// What they are together.
    pub unit: Unit,
    /// Who stands in it.
    pub members: Vec<UnitId>,
}

/// Units of one kind by each unit that they stand in, in the order of ids.
type Inside = HashMap<UnitId, Vec<UnitId>>;

/// Units that each organisation stands in, itself included, upwards.
type Over = HashMap<UnitId, Vec<(UnitId, UnitKind)>>;

impl Tree {
    /// Builds the tree of `day` from units and links (superseded links must be left out already).
    #[must_use]
    pub fn on(day: NaiveDate, units: Arc<Units>, links: &[UnitLink]) -> Self {
        let mut tree = Self {
            units,
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

    /// The same units with some grouped otherwise: each group stands in the region, its members in it. Groups are made for
    /// one question, by whoever asks it.
    #[must_use]
    pub fn regrouped(&self, groups: &[Group]) -> Self {
        let mut tree = Self {
            parents: self.parents.clone(),
            ..Self::default()
        };
        let mut units = Units::clone(&self.units);
        for group in groups {
            units.insert(group.unit.id, group.unit.clone());
            tree.parents.insert(group.unit.id, group.unit.region_id);
            for member in group.members.iter().filter(|member| self.units.contains_key(member)) {
                tree.parents.insert(*member, group.unit.id);
            }
        }
        tree.units = Arc::new(units);
        for (child, parent) in &tree.parents {
            tree.children.entry(*parent).or_default().insert(*child);
        }
        tree
    }

    /// The units that trees of other days share with it.
    pub(super) fn all(&self) -> &Arc<Units> {
        &self.units
    }

    /// Whether the same units stand where they stand in another tree, which may be that of another day.
    pub(super) fn stands_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.units, &other.units) && self.parents == other.parents
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

    /// What an organisation stands in, itself included, upwards: as [`Self::path`], made once for the whole tree.
    #[must_use]
    pub fn over(&self, organisation: UnitId) -> &[(UnitId, UnitKind)] {
        let kind = |id: UnitId| self.units.get(&id).map(|unit| (id, unit.kind));
        let all = self.over.get_or_init(|| {
            let organisations = self.units.values().filter(|u| u.kind == UnitKind::Organisation);
            let path = |unit: &Unit| (unit.id, self.path(unit.id).into_iter().filter_map(kind).collect());
            organisations.map(path).collect()
        });
        all.get(&organisation).map_or(&[], Vec::as_slice)
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
        self.inside(id, UnitKind::Organisation).to_vec()
    }

    /// Organisations or municipalities of the subtree, the unit itself included, in the order of ids; other kinds are not
    /// kept and none. Indicators ask this of every unit, so it is made once for the whole tree.
    #[must_use]
    pub fn inside(&self, id: UnitId, kind: UnitKind) -> &[UnitId] {
        let kept = match kind {
            UnitKind::Organisation => &self.organisations,
            UnitKind::Municipality => &self.municipalities,
            UnitKind::Region | UnitKind::Zone => return &[],
        };
        let all = kept.get_or_init(|| {
            let mut own: Vec<UnitId> = self.units.values().filter(|u| u.kind == kind).map(|u| u.id).collect();
            own.sort_unstable();
            let mut inside = Inside::default();
            for unit in own {
                for above in self.path(unit) {
                    inside.entry(above).or_default().push(unit);
                }
            }
            inside
        });
        all.get(&id).map_or(&[], Vec::as_slice)
    }
}

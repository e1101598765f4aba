//! What the pages of indicators read: the pack, the period and the unit that are asked for, or the first that fit; and the
//! values of units, as they may be told to whoever asks.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use diesel::prelude::*;

use crate::db::schema::unit;
use crate::db::{AnyConn, DbError};
use crate::desk::indicators::told::{self, Beside, Board, Seen};
use crate::error::Error;
use crate::facts::{self, FactPeriod};
use crate::indicators::distance;
use crate::indicators::edges::{self, Choices};
use crate::indicators::ground::code_before;
use crate::indicators::values::{self, Common, Query, Value};
use crate::indicators::{Indicator, Pack, store};
use crate::units::model::holds_on;
use crate::units::{Tree, Unit, UnitId, UnitKind};
use crate::web::registry::Capability;
use crate::web::{Reach, Scope, Visitor};

/// What the address says.
#[derive(Debug, Clone, Default)]
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
    /// Units of which kind have rows, when not those that stand next.
    pub by: Option<UnitKind>,
}

/// Who looks.
#[derive(Debug, Clone)]
pub struct Looking {
    /// How far.
    pub scope: Scope,
    /// The region of the role in use.
    pub region: Option<i64>,
    /// Whether the people behind a number may be opened: whoever may not is told no small ones.
    pub names: bool,
    /// Whether those of the own school are found by name, as far as an indicator may name them to a school: its small
    /// numbers are told there.
    pub staff: bool,
}

impl Looking {
    /// A visitor.
    #[must_use]
    pub fn of(visitor: &Visitor) -> Self {
        Self {
            scope: visitor.scope.clone(),
            region: visitor.region,
            names: visitor.may(Capability::Indicators),
            staff: visitor.may(Capability::Staff),
        }
    }
}

/// What the address stands for.
#[derive(Debug)]
pub struct Place {
    /// Who looks.
    pub looking: Looking,
    /// Every pack.
    pub packs: Vec<Arc<Pack>>,
    /// The pack.
    pub pack: Arc<Pack>,
    /// Periods of the pack that have facts, newest first.
    pub known: Vec<FactPeriod>,
    /// The period.
    pub period: FactPeriod,
    /// The unit.
    pub unit: Unit,
    /// The highest units that the visitor sees whole, by name.
    pub roots: Vec<Unit>,
    /// The tree on the reference day.
    pub tree: Arc<Tree>,
}

impl Place {
    /// Whether the visitor sees all of a unit.
    #[must_use]
    pub fn sees(&self, unit: &Unit) -> bool {
        sees(&self.tree, &self.looking.scope, unit)
    }

    /// Units of a kind inside the unit that stand on the reference day, by name: whoever sees the unit sees them.
    #[must_use]
    pub fn units(&self, kind: UnitKind) -> Vec<&Unit> {
        let inside = self.tree.subtree(self.unit.id);
        let day = self.period.reference_on;
        let stands = |u: &&Unit| inside.contains(&u.id) && holds_on(u.valid_from, u.valid_to, day);
        self.tree.of_kind(kind).into_iter().filter(stands).collect()
    }

    /// The kind of the units below that have rows.
    #[must_use]
    pub fn level(&self) -> UnitKind {
        match self.unit.kind {
            UnitKind::Region | UnitKind::Zone => UnitKind::Municipality,
            UnitKind::Municipality | UnitKind::Organisation => UnitKind::Organisation,
        }
    }

    /// A unit that the visitor sees, by its code.
    #[must_use]
    pub fn unit_of(&self, code: &str) -> Option<&Unit> {
        self.tree.by_code(code).filter(|u| self.sees(u))
    }

    /// The period before.
    #[must_use]
    pub fn before(&self) -> Option<&FactPeriod> {
        self.known.iter().find(|p| p.starts_on < self.period.starts_on)
    }

    /// The highest unit that a unit stands in and that the visitor sees.
    #[must_use]
    fn root_of(&self, unit: UnitId) -> UnitId {
        let path = self.tree.path(unit);
        let root = path.iter().rev().find(|id| self.roots.iter().any(|r| r.id == **id));
        root.copied().unwrap_or(unit)
    }

    /// Values of units as they may be told: of the kinds inside the unit, in a period, of one indicator or of all.
    ///
    /// # Errors
    /// Those of the database.
    pub fn board(
        &self,
        conn: &mut AnyConn,
        period: &FactPeriod,
        indicator: Option<&str>,
        kinds: &[(UnitKind, UnitId)],
    ) -> Result<Board, DbError> {
        self.board_with(conn, &mut Common::default(), period, indicator, kinds)
    }

    fn board_with(
        &self,
        conn: &mut AnyConn,
        common: &mut Common,
        period: &FactPeriod,
        indicator: Option<&str>,
        kinds: &[(UnitKind, UnitId)],
    ) -> Result<Board, DbError> {
        if self.looking.names {
            let mut all = Vec::new();
            for (kind, unit) in kinds {
                all.extend(self.values(conn, common, period, (*kind, *unit), indicator)?);
            }
            return Ok(Board::open(all));
        }
        // What may be told of one unit depends on its neighbours: all of them are read.
        let mut roots: BTreeMap<UnitId, UnitKind> = BTreeMap::new();
        for (_, unit) in kinds {
            let root = self.root_of(*unit);
            if let Some(unit) = self.tree.unit(root) {
                roots.insert(root, unit.kind);
            }
        }
        let zones = kinds.iter().any(|(kind, _)| *kind == UnitKind::Zone);
        let mut beside = Beside {
            named: self.named(),
            ..Beside::default()
        };
        let mut earlier = BTreeMap::new();
        for (years, before) in self.looked_back(period) {
            let board = self.board_told(conn, common, &before, (&roots, zones), &beside)?;
            earlier.insert(years, board);
        }
        beside.earlier = earlier;
        self.board_told(conn, common, period, (&roots, zones), &beside)
    }

    fn values(
        &self,
        conn: &mut AnyConn,
        common: &mut Common,
        period: &FactPeriod,
        (level, unit): (UnitKind, UnitId),
        indicator: Option<&str>,
    ) -> Result<Vec<Value>, DbError> {
        let query = Query {
            level,
            unit: Some(unit),
            indicator: indicator.map(str::to_owned),
            as_of: None,
            known_at: None,
            breakdowns: false,
        };
        values::values_of(conn, &self.looking.scope, (&self.pack, period), &query, common)
    }

    /// Values of a period as they may be told of some units and of all below them; `zones`: of zones too.
    fn board_told(
        &self,
        conn: &mut AnyConn,
        common: &mut Common,
        period: &FactPeriod,
        (roots, zones): (&BTreeMap<UnitId, UnitKind>, bool),
        beside: &Beside,
    ) -> Result<Board, DbError> {
        // What one indicator hides another one may tell: all of the pack are looked at.
        let mut all = Vec::new();
        for (root, kind) in roots {
            let mut levels = vec![*kind, UnitKind::Municipality, UnitKind::Organisation];
            levels.extend(zones.then_some(UnitKind::Zone));
            levels.sort_by_key(|k| k.code());
            levels.dedup();
            for level in levels {
                all.extend(self.values(conn, common, period, (level, *root), None)?);
            }
        }
        let roots: Vec<UnitId> = roots.keys().copied().collect();
        // Who stood in whom on the day of another period is another tree.
        if period.id == self.period.id {
            return Ok(Board::told(all, &self.pack, &self.tree, &roots, beside));
        }
        let tree = common.tree(conn, period.reference_on, None)?;
        Ok(Board::told(all, &self.pack, &tree, &roots, beside))
    }

    /// Schools whose people the visitor finds by name.
    fn named(&self) -> BTreeSet<UnitId> {
        let own = self.roots.iter().filter(|_| self.looking.staff);
        own.flat_map(|root| self.tree.organisations(root.id)).collect()
    }

    /// The periods from which changes of counts of people are told in a period, by how many periods they lie back: those
    /// whose facts are kept.
    #[must_use]
    pub fn looked_back(&self, period: &FactPeriod) -> BTreeMap<u8, FactPeriod> {
        let of = |years: u8| {
            let code = code_before(&period.code, years)?;
            let before = self.known.iter().find(|p| p.code == code)?;
            Some((years, before.clone()))
        };
        told::looks_back(&self.pack).into_iter().filter_map(of).collect()
    }
}

/// A place with the values of one page.
#[derive(Debug)]
pub struct Found {
    /// The place.
    pub place: Place,
    /// The indicator, when one is asked for.
    pub indicator: Option<Indicator>,
    /// Units above it that the visitor may see, nearest first.
    pub above: Vec<Unit>,
    /// Kind of the units below that have rows.
    pub level: UnitKind,
    /// Values of the unit itself.
    pub own: Vec<Seen>,
    /// Values of the units below, by name; only when an indicator is asked for.
    pub below: Vec<Seen>,
    /// What is decided of shared edges, where the distance is told in points.
    pub choices: Choices,
    /// Names of units by code.
    names: HashMap<String, String>,
}

impl std::ops::Deref for Found {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.place
    }
}

impl Found {
    /// The name of a unit: of one of the organisations inside, or of what a unit stands in.
    #[must_use]
    pub fn name_of(&self, code: &str) -> String {
        let known = self.names.get(code).cloned();
        let known = known.or_else(|| self.place.tree.by_code(code).map(|u| u.name.clone()));
        known.unwrap_or_else(|| code.to_owned())
    }
}

fn region_code(conn: &mut AnyConn, region: Option<i64>) -> Result<Option<String>, DbError> {
    let Some(region) = region else { return Ok(None) };
    let code = unit::table.filter(unit::id.eq(region)).select(unit::code).first(conn);
    Ok(code.optional()?)
}

fn sees(tree: &Tree, scope: &Scope, unit: &Unit) -> bool {
    match &scope.reach {
        Reach::Installation => true,
        Reach::Some { organisations, .. } => {
            let whole = |id: &UnitId| {
                let inside = tree.organisations(*id);
                !inside.is_empty() && inside.iter().all(|o| organisations.contains(&o.0))
            };
            // A town without schools is seen by whoever sees all around it.
            tree.stands(unit.id) && tree.path(unit.id).iter().any(whole)
        }
    }
}

/// The highest units that a visitor sees whole: the own region, or what a role over less of it reaches.
fn roots(tree: &Tree, scope: &Scope, region: Option<i64>) -> Vec<Unit> {
    let of_region = |u: &&Unit| region.is_none_or(|r| u.region_id.0 == r);
    let mut found: Vec<Unit> = Vec::new();
    for kind in [
        UnitKind::Region,
        UnitKind::Zone,
        UnitKind::Municipality,
        UnitKind::Organisation,
    ] {
        let inside = |u: &Unit| tree.path(u.id).iter().any(|id| found.iter().any(|r| r.id == *id));
        let more: Vec<Unit> = tree
            .of_kind(kind)
            .into_iter()
            .filter(of_region)
            .filter(|u| !inside(u) && sees(tree, scope, u))
            .cloned()
            .collect();
        found.extend(more);
        if kind == UnitKind::Region && !found.is_empty() {
            break;
        }
    }
    found
}

/// Finds the place. What is named and is not there, or lies outside the scope, is not found; `None` is: nothing is loaded yet.
///
/// # Errors
/// Not found; those of the database.
pub fn place(conn: &mut AnyConn, looking: &Looking, asked: &Asked) -> Result<Option<Place>, Error> {
    place_with(conn, &mut Common::default(), looking, asked)
}

fn place_with(
    conn: &mut AnyConn,
    common: &mut Common,
    looking: &Looking,
    asked: &Asked,
) -> Result<Option<Place>, Error> {
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
            let own = region_code(conn, looking.region)?;
            let with_facts = || packs.iter().filter(|p| !of(p).is_empty());
            let theirs = with_facts().find(|p| own.as_ref().is_some_and(|own| p.regions.contains(own)));
            theirs.or_else(|| with_facts().next())
        }
    };
    let Some(pack) = pack.cloned() else { return Ok(None) };
    let known = of(&pack);
    let period = match &asked.period {
        Some(code) => known
            .iter()
            .find(|p| p.code == *code)
            .or_else(|| known.first().filter(|_| asked.indicator.is_none())),
        None => known.first(),
    };
    let Some(period) = period.cloned() else {
        return if asked.period.is_some() {
            Err(missing())
        } else {
            Ok(None)
        };
    };
    let tree = common.tree(conn, period.reference_on, None)?;
    let roots = roots(&tree, &looking.scope, looking.region);
    let unit = match &asked.unit {
        Some(code) => {
            let named = tree.by_code(code).filter(|u| sees(&tree, &looking.scope, u));
            Some(named.ok_or_else(missing)?)
        }
        None => roots.first(),
    };
    let Some(unit) = unit.cloned() else { return Ok(None) };
    Ok(Some(Place {
        looking: looking.clone(),
        packs,
        pack,
        known,
        period,
        unit,
        roots,
        tree,
    }))
}

/// Finds the place and the values of the unit; those of the units below too, when an indicator is asked for.
///
/// # Errors
/// Not found; those of the database.
pub fn find(conn: &mut AnyConn, looking: &Looking, asked: &Asked) -> Result<Option<Found>, Error> {
    let missing = || Error::NotFound("показатель".into());
    let mut common = Common::default();
    let Some(place) = place_with(conn, &mut common, looking, asked)? else {
        return Ok(None);
    };
    let indicator = match &asked.indicator {
        Some(code) => Some(place.pack.indicator(code).cloned().ok_or_else(missing)?),
        None => None,
    };
    let (level, unit) = (asked.by.unwrap_or(place.level()), place.unit.id);
    let goes_down = indicator.is_some() && place.unit.kind != UnitKind::Organisation;
    let mut kinds = vec![(place.unit.kind, unit)];
    if goes_down {
        kinds.push((level, unit));
    }
    let code = indicator.as_ref().map(|i| i.code.as_str());
    let board = if asked.valued {
        place.board_with(conn, &mut common, &place.period, code, &kinds)?
    } else {
        Board::default()
    };
    let wanted = place
        .pack
        .indicators
        .iter()
        .filter(|i| code.is_none_or(|code| code == i.code));
    let own = wanted.filter_map(|i| board.get(&i.code, unit).cloned()).collect();
    let below = match code.filter(|_| goes_down) {
        Some(code) => {
            let units = place.units(level).into_iter();
            units.filter_map(|u| board.get(code, u.id).cloned()).collect()
        }
        None => Vec::new(),
    };
    let choices = match &indicator {
        Some(of) if asked.valued && distance::in_points(of) => edges::choices(conn, &place.pack.code)?,
        _ => Choices::new(),
    };
    let path: Vec<UnitId> = place.tree.path(unit).into_iter().skip(1).collect();
    let above = path
        .iter()
        .filter_map(|id| place.tree.unit(*id))
        .filter(|u| place.sees(u))
        .cloned()
        .collect();
    let organisations = place.tree.organisations(unit);
    let names = organisations
        .iter()
        .filter_map(|id| place.tree.unit(*id))
        .map(|u| (u.code.clone(), u.name.clone()));
    Ok(Some(Found {
        names: names.collect(),
        place,
        indicator,
        above,
        level,
        own,
        below,
        choices,
    }))
}

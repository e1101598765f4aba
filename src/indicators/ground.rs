//! What values stand on: the tree, leaf counts of units, entered values, programmes, use of the platform.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use foldhash::HashMap;

use super::breakdowns::{Breakdowns, Broken, broken_down, broken_leaves};
use super::condition::{PersonSeen, Subject};
use super::counters::{self, Cells, CounterRow, Leaves, Together};
use super::load;
use super::pack::{Aggregate, Indicator, Pack};
use super::parts::in_parts;
use super::platform_use::platform;
use super::programmes_seen::{ProgrammeSeen, programmes};
use super::sets::UnitTest;
use super::store::{self, EnteredValues};
use super::values::Query;
use crate::db::{AnyConn, DbError};
use crate::facts::load::{self as facts_load, Reference};
use crate::facts::refresh::{self, Asked};
use crate::facts::store::Whose;
use crate::facts::{self, FactPeriod, FactPeriodId, PersonFacts, PersonPlace};
use crate::people::PersonId;
use crate::units::{self, Group, Period, PeriodKind, Tree, UnitId, UnitKind};
use crate::web::Scope;

/// So many cells are worth the work of several threads.
const MANY: usize = 5_000;

/// Everything that formulas of one period are evaluated over.
#[derive(Debug)]
pub struct Ground {
    /// The tree of the day looked from.
    pub tree: Arc<Tree>,
    /// That day.
    pub day: NaiveDate,
    /// Name of the period.
    pub period: String,
    /// Leaves of the counts.
    pub leaves: Arc<Leaves>,
    /// Leaf counts of units.
    pub sums: Sums,
    /// Leaf counts of units by what a breakdown names.
    pub broken: Arc<Broken>,
    /// Entered values.
    pub entered: EnteredValues,
    /// Programmes, when somebody counts them.
    pub programmes: Vec<ProgrammeSeen>,
    /// Which of them are provided inside a unit.
    provided: HashMap<UnitId, Vec<usize>>,
    /// Organisations that used the platform, when somebody asks.
    pub platform: HashSet<UnitId>,
    counted: Arc<Counted>,
    /// The same so many periods earlier, as far as formulas look back and facts are kept.
    pub earlier: HashMap<u8, Ground>,
}

impl Ground {
    /// Leaf counts of organisations and of those seen together.
    #[must_use]
    pub fn cells(&self) -> &Cells {
        &self.counted.cells
    }

    /// Programmes that are provided inside a unit.
    pub fn programmes_in(&self, unit: UnitId) -> impl Iterator<Item = &ProgrammeSeen> {
        let places = self.provided.get(&unit).into_iter().flatten();
        places.filter_map(|place| self.programmes.get(*place))
    }

    /// Persons with more places than the cells hold.
    #[must_use]
    pub fn scattered(&self) -> &[PersonFacts] {
        &self.counted.scattered
    }
}

/// Leaf counts of organisations and the persons that stand outside them.
#[derive(Debug)]
struct Counted {
    leaves: Arc<Leaves>,
    cells: Cells,
    scattered: Vec<PersonFacts>,
    /// Where people count, when the rows of it are not stored and somebody asks.
    places: Option<HashMap<PersonId, Vec<UnitId>>>,
}

impl Counted {
    fn nothing(leaves: Arc<Leaves>) -> Self {
        Self {
            leaves,
            cells: Cells::new(),
            scattered: Vec::new(),
            places: None,
        }
    }

    fn add(&mut self, known: &PersonFacts) {
        if let Some(places) = &mut self.places {
            let counting = known.places.iter().filter(|p| p.pedagogical || p.leader);
            places.insert(known.person.person_id, counting.map(|p| p.organisation_id).collect());
        }
        if counters::is_scattered(known) {
            self.scattered.push(known.clone());
        } else {
            counters::add(&mut self.cells, &self.leaves, known);
        }
    }
}

/// What several questions of one moment have in common, read once: trees by their day, counters by period and region.
/// Never kept longer than the transaction that read it.
#[derive(Debug, Default)]
pub struct Common {
    trees: HashMap<(NaiveDate, Option<NaiveDateTime>), Arc<Tree>>,
    /// How units are grouped in every tree.
    groups: Vec<Group>,
    counted: HashMap<(FactPeriodId, Option<UnitId>), Arc<Counted>>,
    broken: HashMap<BrokenOf, Arc<Broken>>,
}

/// Which counts by what breakdowns name: the period, the region, the kinds of units, the leaves.
type BrokenOf = (
    FactPeriodId,
    Option<UnitId>,
    BTreeSet<UnitKind>,
    BTreeMap<Breakdowns, Vec<usize>>,
);

impl Common {
    /// Groups units otherwise from here on; what was counted stays.
    pub fn regroup(&mut self, groups: Vec<Group>) {
        self.trees.clear();
        self.broken.clear();
        self.groups = groups;
    }

    /// The tree of a day, as known at a moment.
    ///
    /// # Errors
    /// Those of the database.
    pub fn tree(
        &mut self,
        conn: &mut AnyConn,
        day: NaiveDate,
        known: Option<NaiveDateTime>,
    ) -> Result<Arc<Tree>, DbError> {
        if let Some(tree) = self.trees.get(&(day, known)) {
            return Ok(tree.clone());
        }
        let mut tree = units::store::tree(conn, day, known)?;
        if !self.groups.is_empty() {
            tree = Arc::new(tree.regrouped(&self.groups));
        }
        self.trees.insert((day, known), tree.clone());
        Ok(tree)
    }

    /// Counts by what breakdowns name, those of zones and municipalities among them: several levels are asked for in a
    /// row, and the facts are read once.
    fn broken(
        &mut self,
        conn: &mut AnyConn,
        tree: &Tree,
        (kinds, leaves, asked): (&BTreeSet<UnitKind>, &Leaves, BTreeMap<Breakdowns, Vec<usize>>),
        period: &FactPeriod,
        query: &Query,
        region: Option<UnitId>,
    ) -> Result<Arc<Broken>, DbError> {
        if asked.is_empty() {
            return Ok(Arc::default());
        }
        let mut kinds = kinds.clone();
        kinds.extend([UnitKind::Region, UnitKind::Zone, UnitKind::Municipality]);
        let stands = is_kept(period, query);
        let of = (period.id, region, kinds, asked);
        if let Some(found) = self.broken.get(&of).filter(|_| stands) {
            return Ok(found.clone());
        }
        let found = Arc::new(broken_down(conn, tree, (&of.2, leaves, &of.3), period, query, region)?);
        if stands {
            self.broken.insert(of, found.clone());
        }
        Ok(found)
    }

    fn stored(
        &mut self,
        conn: &mut AnyConn,
        period: &FactPeriod,
        region: Option<UnitId>,
    ) -> Result<Arc<Counted>, DbError> {
        if let Some(counted) = self.counted.get(&(period.id, region)) {
            return Ok(counted.clone());
        }
        let counted = Arc::new(stored(conn, period, region)?);
        self.counted.insert((period.id, region), counted.clone());
        Ok(counted)
    }
}

/// Gathers what the indicators need.
///
/// # Errors
/// Those of the database.
pub fn gather(
    conn: &mut AnyConn,
    common: &mut Common,
    pack: &Pack,
    period: &FactPeriod,
    query: &Query,
    indicators: &[&Indicator],
) -> Result<Ground, DbError> {
    let ground = of_period(conn, common, pack, period, query, indicators, None)?;
    with_earlier(conn, common, ground, pack, period, query, indicators)
}

/// The ground of a period over facts that are known already: those of everyone who may count in `query.unit`.
///
/// # Errors
/// Those of the database.
pub(super) fn of_facts(
    conn: &mut AnyConn,
    pack: &Pack,
    period: &FactPeriod,
    query: &Query,
    indicators: &[&Indicator],
    facts: &[PersonFacts],
) -> Result<Ground, DbError> {
    let common = &mut Common::default();
    let ground = of_period(conn, common, pack, period, query, indicators, Some(facts))?;
    // What looks back enters only into means of values: everywhere else it moves neither numerator nor denominator.
    let means: Vec<&Indicator> = indicators
        .iter()
        .copied()
        .filter(|i| i.aggregate == Aggregate::MeanOfUnits)
        .collect();
    with_earlier(conn, common, ground, pack, period, query, &means)
}

fn with_earlier(
    conn: &mut AnyConn,
    common: &mut Common,
    mut ground: Ground,
    pack: &Pack,
    period: &FactPeriod,
    query: &Query,
    indicators: &[&Indicator],
) -> Result<Ground, DbError> {
    let back: BTreeSet<u8> = indicators
        .iter()
        .filter_map(|i| i.formula.as_ref().map(super::Formula::looks_back))
        .filter(|n| *n > 0)
        .collect();
    for years in back {
        let Some(before) = earlier(conn, pack, period, years, query)? else {
            continue;
        };
        let query = Query {
            as_of: None,
            ..query.clone()
        };
        let of = of_period(conn, common, pack, &before, &query, indicators, None)?;
        ground.earlier.insert(years, of);
    }
    Ok(ground)
}

/// The period so many years before, if its facts are kept; what is asked as of another moment needs no kept facts.
fn earlier(
    conn: &mut AnyConn,
    pack: &Pack,
    period: &FactPeriod,
    years: u8,
    query: &Query,
) -> Result<Option<FactPeriod>, DbError> {
    let Some(code) = code_before(&period.code, years) else {
        return Ok(None);
    };
    if query.known_at.is_none() && query.as_of.is_none() {
        return facts::store::period(conn, &pack.basis.key(), &code);
    }
    Ok(load::window(&pack.basis, &code).ok().map(|window| FactPeriod {
        id: FactPeriodId(0),
        code,
        starts_on: window.starts_on,
        ends_on: window.ends_on,
        reference_on: window.reference_on,
        ..period.clone()
    }))
}

/// The name of the period so many years before.
#[must_use]
pub fn code_before(code: &str, years: u8) -> Option<String> {
    let period = Period::parse(code)?;
    let year = period.starts_on.year() - i32::from(years);
    let code = match period.kind {
        PeriodKind::AcademicYear => format!("{year}/{:02}", (year + 1).rem_euclid(100)),
        _ => year.to_string(),
    };
    Period::parse(&code).map(|p| p.code)
}

/// Whether what is asked for stands in the rows of the period; one whose facts nobody keeps has none.
pub(super) fn is_kept(period: &FactPeriod, query: &Query) -> bool {
    query.as_of.is_none() && query.known_at.is_none() && period.id != FactPeriodId(0)
}

fn of_period(
    conn: &mut AnyConn,
    common: &mut Common,
    pack: &Pack,
    period: &FactPeriod,
    query: &Query,
    indicators: &[&Indicator],
    facts: Option<&[PersonFacts]>,
) -> Result<Ground, DbError> {
    let day = query.as_of.unwrap_or(period.reference_on);
    let tree = common.tree(conn, day, query.known_at)?;
    let region = query.unit.and_then(|unit| tree.unit(unit)).map(|u| u.region_id);
    let counts = indicators
        .iter()
        .any(|i| i.formula.as_ref().is_some_and(|f| !f.leaves().is_empty()));
    let formulas = || indicators.iter().filter_map(|i| i.formula.as_ref());
    let asks_platform = formulas().flat_map(super::Formula::unit_sets).any(|set| {
        let tests = set.condition.tests();
        tests.contains(&&UnitTest::UsedPlatform)
    });
    let stands = is_kept(period, query);
    let counted = if let Some(facts) = facts {
        let leaves = formulas().flat_map(super::Formula::leaves).cloned();
        let mut counted = Counted::nothing(Arc::new(Leaves::of(leaves)));
        counted.places = asks_platform.then(HashMap::default);
        facts.iter().for_each(|known| counted.add(known));
        Arc::new(counted)
    } else if !counts && (stands || !asks_platform) {
        Arc::new(Counted::nothing(Arc::default()))
    } else if stands {
        common.stored(conn, period, region)?
    } else {
        Arc::new(looked_back(conn, pack, period, query, region, asks_platform)?)
    };
    let needed = counted.leaves.places_of(formulas().flat_map(super::Formula::leaves));
    let kinds = kinds(query.level, indicators);
    let sums = sum_up(&tree, &kinds, &counted, &needed);
    let broken = if query.breakdowns {
        let asked = broken_leaves(&counted.leaves, indicators);
        common.broken(conn, &tree, (&kinds, &counted.leaves, asked), period, query, region)?
    } else {
        Arc::default()
    };
    let seen = FactPeriod {
        ends_on: query.as_of.unwrap_or(period.ends_on),
        ..period.clone()
    };
    let programmes = if formulas().any(super::Formula::counts_programmes) {
        programmes(conn, &seen, query.known_at)?
    } else {
        Vec::new()
    };
    let mut provided: HashMap<UnitId, Vec<usize>> = HashMap::default();
    for (place, programme) in programmes.iter().enumerate() {
        for unit in programme.provider.map(|unit| tree.path(unit)).unwrap_or_default() {
            provided.entry(unit).or_default().push(place);
        }
    }
    let platform = if asks_platform {
        platform(conn, &seen, query.known_at, counted.places.as_ref())?
    } else {
        HashSet::new()
    };
    let mut measures: BTreeSet<String> = indicators.iter().map(|i| i.reported.clone()).collect();
    measures.extend(formulas().flat_map(super::Formula::measures).map(str::to_owned));
    Ok(Ground {
        entered: store::entered(conn, &measures, &period.code, query.known_at)?,
        tree,
        day,
        period: period.code.clone(),
        leaves: counted.leaves.clone(),
        counted,
        sums,
        broken,
        programmes,
        provided,
        platform,
        earlier: HashMap::default(),
    })
}

/// Kinds of units whose counts are needed.
fn kinds(level: UnitKind, indicators: &[&Indicator]) -> BTreeSet<UnitKind> {
    let mut kinds = BTreeSet::from([level]);
    for indicator in indicators {
        if indicator.aggregate == Aggregate::MeanOfUnits {
            kinds.insert(UnitKind::Municipality);
        }
        let formulas = indicator.formula.iter();
        for set in formulas.flat_map(super::Formula::unit_sets) {
            let nested = |test: &&UnitTest| matches!(test, UnitTest::Formula(..));
            if set.condition.tests().iter().any(nested) {
                kinds.insert(match set.subject {
                    Subject::Organisation => UnitKind::Organisation,
                    _ => UnitKind::Municipality,
                });
            }
        }
    }
    kinds
}

fn stored(conn: &mut AnyConn, period: &FactPeriod, region: Option<UnitId>) -> Result<Counted, DbError> {
    let leaves = counters::leaves(conn, &period.basis)?;
    let rows = counters::rows(conn, period.id, region)?;
    let read = |rows: &[CounterRow]| -> Vec<_> { rows.iter().map(|row| (row.cell(), row.values(&leaves))).collect() };
    let cells = in_parts(&rows, MANY, read).into_iter().flatten().collect();
    // Only sums leave this function, and whose rows they are is decided by the caller's scope.
    let scope = Scope::of_server("values: persons with many places");
    let scattered = facts::store::facts(conn, &scope, period.id, Whose::Scattered(region))?;
    Ok(Counted {
        cells,
        scattered,
        ..Counted::nothing(leaves)
    })
}

/// Facts of everyone as known at another moment, shown one by one.
pub(super) fn each_looked_back(
    conn: &mut AnyConn,
    period: &FactPeriod,
    query: &Query,
    region: Option<UnitId>,
    mut seen: impl FnMut(PersonFacts),
) -> Result<(), DbError> {
    let asked = [Asked {
        period: period.id,
        window: query.as_of.map_or(period.window(), |day| period.window().as_of(day)),
        looking_back: query.as_of.is_some(),
    }];
    let mut reference = Reference::load(conn)?;
    for block in facts_load::everyone(conn, region)? {
        let computed = refresh::compute(conn, &mut reference, &block, &asked, query.known_at)?;
        computed.into_iter().flatten().for_each(&mut seen);
    }
    Ok(())
}

fn looked_back(
    conn: &mut AnyConn,
    pack: &Pack,
    period: &FactPeriod,
    query: &Query,
    region: Option<UnitId>,
    asks_places: bool,
) -> Result<Counted, DbError> {
    let mut counted = Counted::nothing(Arc::new(Leaves::of(pack.leaves())));
    counted.places = asks_places.then(HashMap::default);
    each_looked_back(conn, period, query, region, |known| counted.add(&known))?;
    Ok(counted)
}

/// Units of some kinds that an organisation stands in, itself included: a school is also counted in the school whose
/// branch it is.
fn units_over<'a>(
    tree: &'a Tree,
    organisation: UnitId,
    kinds: &'a BTreeSet<UnitKind>,
) -> impl Iterator<Item = UnitId> + 'a {
    let over = tree.over(organisation).iter();
    over.filter(|(_, kind)| kinds.contains(kind)).map(|(unit, _)| *unit)
}

/// Units of some kinds that all of these organisations stand in.
fn over_all<'a>(
    tree: &'a Tree,
    organisations: &'a [UnitId],
    kinds: &'a BTreeSet<UnitKind>,
) -> impl Iterator<Item = UnitId> + 'a {
    let (first, others) = organisations.split_first().unzip();
    let others = others.unwrap_or_default();
    let stands_in = |organisation: &UnitId, unit: &UnitId| tree.over(*organisation).iter().any(|(of, _)| of == unit);
    let by_all = move |unit: &UnitId| others.iter().all(|other| stands_in(other, unit));
    let of_first = first.into_iter().flat_map(|first| units_over(tree, *first, kinds));
    of_first.filter(by_all)
}

/// Leaf counts of units.
type Sums = HashMap<UnitId, Vec<i64>>;

/// Sums of the units of some kinds. A person with several places counts once in each unit where it has one, as what it
/// is there.
fn sum_up(tree: &Tree, kinds: &BTreeSet<UnitKind>, counted: &Counted, needed: &[usize]) -> Sums {
    let cells: Vec<(&Together, &Vec<i64>)> = counted.cells.iter().collect();
    let parts = in_parts(&cells, MANY, |cells| {
        let mut sums = Sums::default();
        for ((_, organisations), counts) in cells {
            for unit in over_all(tree, organisations, kinds) {
                let sum = sums.entry(unit).or_insert_with(|| counted.leaves.zeros());
                for place in needed {
                    if let (Some(sum), Some(count)) = (sum.get_mut(*place), counts.get(*place)) {
                        *sum += count;
                    }
                }
            }
        }
        sums
    });
    let mut sums = parts.into_iter().reduce(together).unwrap_or_default();
    for known in &counted.scattered {
        add_person(&mut sums, tree, kinds, (&counted.leaves, needed), known);
    }
    sums
}

/// Sums of two parts of the cells together.
fn together(mut sums: Sums, others: Sums) -> Sums {
    for (unit, counts) in others {
        match sums.entry(unit) {
            Entry::Vacant(free) => drop(free.insert(counts)),
            Entry::Occupied(mut sum) => sum
                .get_mut()
                .iter_mut()
                .zip(counts)
                .for_each(|(sum, count)| *sum += count),
        }
    }
    sums
}

/// Adds a person to every unit where it has a place.
fn add_person(
    sums: &mut Sums,
    tree: &Tree,
    kinds: &BTreeSet<UnitKind>,
    (leaves, needed): (&Leaves, &[usize]),
    known: &PersonFacts,
) {
    for (unit, counts) in brought(tree, kinds, (leaves, needed), known) {
        add_brought(sums, (leaves, needed), unit, &counts);
    }
}

/// What a person brings to every unit where it has a place: a count for each of the leaves at `needed`. A person is the
/// same in all units that hold the same of its places, so it is counted there once.
pub(super) fn brought(
    tree: &Tree,
    kinds: &BTreeSet<UnitKind>,
    (leaves, needed): (&Leaves, &[usize]),
    known: &PersonFacts,
) -> Vec<(UnitId, Rc<[i64]>)> {
    let mut places: BTreeMap<UnitId, Vec<PersonPlace>> = BTreeMap::new();
    for place in &known.places {
        for unit in units_over(tree, place.organisation_id, kinds) {
            places.entry(unit).or_default().push(*place);
        }
    }
    let mut counted: Vec<(Vec<PersonPlace>, Rc<[i64]>)> = Vec::new();
    let mut found = Vec::with_capacity(places.len());
    for (unit, places) in places {
        let counts = match counted.iter().find(|(of, _)| *of == places) {
            Some((_, counts)) => counts.clone(),
            None => {
                let seen = PersonSeen {
                    places: &places,
                    fact: &known.person,
                };
                let counts: Rc<[i64]> = leaves.counts_at(needed, &seen, known).into();
                counted.push((places, counts.clone()));
                counts
            }
        };
        found.push((unit, counts));
    }
    found
}

/// Adds what a person brings to a unit.
pub(super) fn add_brought(sums: &mut Sums, (leaves, needed): (&Leaves, &[usize]), unit: UnitId, counts: &[i64]) {
    let sum = sums.entry(unit).or_insert_with(|| leaves.zeros());
    for (place, count) in needed.iter().zip(counts) {
        if let Some(sum) = sum.get_mut(*place) {
            *sum += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::condition::Condition;
    use super::super::formula::Leaf;
    use super::*;
    use crate::units::model::UnitLinkId;
    use crate::units::{Unit, UnitLink};

    fn unit(id: i64, kind: UnitKind) -> Unit {
        let called = (id.to_string(), id.to_string());
        Unit::called(UnitId(id), UnitId(1), kind, called, NaiveDateTime::MIN)
    }

    #[test]
    fn cells_added_up_in_parts_make_the_sums_of_one_pass() {
        const SCHOOLS: i64 = 6_000;
        let is_town = |id: i64| (2..9).contains(&id);
        let kind = |id: i64| match id {
            1 => UnitKind::Region,
            id if is_town(id) => UnitKind::Municipality,
            _ => UnitKind::Organisation,
        };
        let units = (1..9 + SCHOOLS).map(|id| (UnitId(id), unit(id, kind(id)))).collect();
        let town = |id: i64| if is_town(id) { 1 } else { 2 + id % 7 };
        let links: Vec<UnitLink> = (2..9 + SCHOOLS)
            .map(|id| UnitLink {
                id: UnitLinkId(id),
                region_id: UnitId(1),
                unit_id: UnitId(id),
                parent_id: UnitId(town(id)),
                valid_from: None,
                valid_to: None,
                recorded_at: NaiveDateTime::MIN,
                superseded_at: None,
                batch_id: None,
            })
            .collect();
        let day = NaiveDate::from_ymd_opt(2023, 9, 1).unwrap();
        let tree = Tree::on(day, Arc::new(units), &links);
        let leaf = Leaf::new(Subject::Person, Condition::Always);
        let mut counted = Counted::nothing(Arc::new(Leaves::of([leaf])));
        let mut towns: HashMap<UnitId, i64> = HashMap::default();
        let mut all = 0;
        for id in 9..9 + SCHOOLS {
            counted.cells.insert((UnitId(1), vec![UnitId(id)]), vec![id]);
            // Who works in two schools was counted in both.
            let pair = vec![UnitId(id), UnitId(9 + (id + 1) % SCHOOLS)];
            let shared = pair.iter().all(|u| town(u.0) == town(id));
            counted.cells.insert((UnitId(1), pair), vec![-1]);
            *towns.entry(UnitId(town(id))).or_default() += id - i64::from(shared);
            all += id - 1;
        }
        assert!(counted.cells.len() > MANY);
        let kinds = BTreeSet::from([UnitKind::Region, UnitKind::Municipality]);
        let sums = sum_up(&tree, &kinds, &counted, &[0]);
        assert_eq!(sums.get(&UnitId(1)), Some(&vec![all]));
        for (town, sum) in towns {
            assert_eq!(sums.get(&town), Some(&vec![sum]), "{town}");
        }
        assert_eq!(sums.len(), 8);
    }
}

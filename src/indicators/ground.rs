//! What values stand on: the tree, leaf counts of units, entered values, programmes, use of the platform.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use diesel::dsl::exists;
use diesel::prelude::*;
use foldhash::HashMap;

use super::condition::{Condition, PersonSeen, Subject};
use super::counters::{self, Cells, Leaves};
use super::load;
use super::pack::{Aggregate, Breakdown, Indicator, Pack};
use super::sets::{ProgrammeTest, UnitTest};
use super::store::{self, EnteredValues};
use super::values::Query;
use crate::catalogue::{ProgrammeId, ProgrammeKind, Topic};
use crate::db::schema::{
    account, enrolment, iom_act, person_place, programme, programme_topic, qualification_document, role_grant, unit,
};
use crate::db::{AnyConn, DbError};
use crate::diagnostics::DiagnosisKind;
use crate::enrolment::EnrolmentState;
use crate::facts::load::{self as facts_load, Reference};
use crate::facts::refresh::{self, Asked};
use crate::facts::store::Whose;
use crate::facts::{self, FactPeriod, FactPeriodId, PersonFacts, PersonPlace};
use crate::people::PersonId;
use crate::units::{self, Group, Period, PeriodKind, Tree, UnitId, UnitKind};
use crate::web::Scope;

/// A programme as conditions see it.
#[derive(Debug, Clone)]
pub struct ProgrammeSeen {
    /// Code.
    pub code: String,
    /// Title.
    pub name: String,
    /// Whose it is.
    pub provider: Option<UnitId>,
    kind: ProgrammeKind,
    in_register: bool,
    e_learning: bool,
    delivered: bool,
    topics: Vec<Topic>,
}

impl ProgrammeSeen {
    /// Whether a condition holds.
    #[must_use]
    pub fn fits(&self, condition: &Condition<ProgrammeTest>) -> bool {
        condition.holds(&|test| match test {
            ProgrammeTest::Flag("delivered") => self.delivered,
            ProgrammeTest::Flag("upskilling") => self.kind == ProgrammeKind::Upskilling,
            ProgrammeTest::Flag("retraining") => self.kind == ProgrammeKind::Retraining,
            ProgrammeTest::Flag("in_register") => self.in_register,
            ProgrammeTest::Flag("e_learning") => self.e_learning,
            ProgrammeTest::Flag(_) => false,
            ProgrammeTest::Topic(topic) => self.topics.contains(topic),
        })
    }
}

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
    pub sums: HashMap<UnitId, Vec<i64>>,
    /// Leaf counts of units by what a breakdown names.
    pub broken: Broken,
    /// Entered values.
    pub entered: EnteredValues,
    /// Programmes, when somebody counts them.
    pub programmes: Vec<ProgrammeSeen>,
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

    /// Persons with more places than the cells hold.
    #[must_use]
    pub fn scattered(&self) -> &[PersonFacts] {
        &self.counted.scattered
    }
}

/// Leaf counts of units by what a breakdown names.
pub type Broken = BTreeMap<(Breakdowns, String), HashMap<UnitId, Vec<i64>>>;

/// What a breakdown is by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breakdowns {
    /// Subjects taught.
    Subject,
    /// Groups of the competences of diagnoses.
    Group,
}

impl From<Breakdown> for Breakdowns {
    fn from(of: Breakdown) -> Self {
        match of {
            Breakdown::Subject | Breakdown::SubjectOfNumerator => Self::Subject,
            Breakdown::Group => Self::Group,
        }
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

    fn add(&mut self, known: PersonFacts) {
        if let Some(places) = &mut self.places {
            let counting = known.places.iter().filter(|p| p.pedagogical || p.leader);
            places.insert(known.person.person_id, counting.map(|p| p.organisation_id).collect());
        }
        if counters::is_scattered(&known) {
            self.scattered.push(known);
        } else {
            counters::add(&mut self.cells, &self.leaves, &known);
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
}

impl Common {
    /// Groups units otherwise from here on; what was counted stays.
    pub fn regroup(&mut self, groups: Vec<Group>) {
        self.trees.clear();
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
    // A period whose facts nobody keeps has no rows.
    let stands = query.as_of.is_none() && query.known_at.is_none() && period.id != FactPeriodId(0);
    let counted = if let Some(facts) = facts {
        let leaves = formulas().flat_map(super::Formula::leaves).cloned();
        let mut counted = Counted::nothing(Arc::new(Leaves::of(leaves)));
        counted.places = asks_platform.then(HashMap::default);
        facts.iter().cloned().for_each(|known| counted.add(known));
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
        broken_down(
            conn,
            &tree,
            &kinds,
            (&counted.leaves, &needed),
            period,
            query,
            region,
            indicators,
        )?
    } else {
        BTreeMap::new()
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
    let cells = rows.iter().map(|row| (row.cell(), row.values(&leaves))).collect();
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
fn each_looked_back(
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
    each_looked_back(conn, period, query, region, |known| counted.add(known))?;
    Ok(counted)
}

/// Units of some kinds that an organisation stands in, itself included: a school is also counted in the school whose
/// branch it is.
fn units_over(tree: &Tree, organisation: UnitId, kinds: &BTreeSet<UnitKind>) -> Vec<UnitId> {
    let mut path = tree.path(organisation);
    path.retain(|u| tree.unit(*u).is_some_and(|u| kinds.contains(&u.kind)));
    path
}

/// Units that all of these organisations stand in.
fn over_all<'a>(
    over: &'a HashMap<UnitId, Vec<UnitId>>,
    organisations: &'a [UnitId],
) -> impl Iterator<Item = UnitId> + 'a {
    let of = |organisation: &UnitId| over.get(organisation).map_or(&[][..], Vec::as_slice);
    let first = organisations.first().map_or(&[][..], of);
    let others = organisations.get(1..).unwrap_or_default();
    let by_all = move |unit: &&UnitId| others.iter().all(|other| of(other).contains(*unit));
    first.iter().filter(by_all).copied()
}

/// Sums of the units of some kinds. A person with several places counts once in each unit where it has one, as what it
/// is there.
fn sum_up(tree: &Tree, kinds: &BTreeSet<UnitKind>, counted: &Counted, needed: &[usize]) -> HashMap<UnitId, Vec<i64>> {
    let mut sums: HashMap<UnitId, Vec<i64>> = HashMap::default();
    let mut over: HashMap<UnitId, Vec<UnitId>> = HashMap::default();
    for ((_, organisations), counts) in &counted.cells {
        for organisation in organisations {
            let of = || units_over(tree, *organisation, kinds);
            over.entry(*organisation).or_insert_with(of);
        }
        for unit in over_all(&over, organisations) {
            let sum = sums.entry(unit).or_insert_with(|| counted.leaves.zeros());
            for place in needed {
                if let (Some(sum), Some(count)) = (sum.get_mut(*place), counts.get(*place)) {
                    *sum += count;
                }
            }
        }
    }
    for known in &counted.scattered {
        add_person(&mut sums, tree, kinds, (&counted.leaves, needed), known);
    }
    sums
}

/// Adds a person to every unit where it has a place.
fn add_person(
    sums: &mut HashMap<UnitId, Vec<i64>>,
    tree: &Tree,
    kinds: &BTreeSet<UnitKind>,
    (leaves, needed): (&Leaves, &[usize]),
    known: &PersonFacts,
) {
    let mut places: BTreeMap<UnitId, Vec<PersonPlace>> = BTreeMap::new();
    for place in &known.places {
        for unit in units_over(tree, place.organisation_id, kinds) {
            places.entry(unit).or_default().push(*place);
        }
    }
    for (unit, places) in places {
        let seen = PersonSeen {
            places: &places,
            fact: &known.person,
        };
        let sum = sums.entry(unit).or_insert_with(|| leaves.zeros());
        leaves.add_at(needed, sum, &seen, known);
    }
}

/// Counts by what breakdowns name: a scan of facts.
#[expect(clippy::too_many_arguments, reason = "the same things that the sums are made of")]
fn broken_down(
    conn: &mut AnyConn,
    tree: &Tree,
    kinds: &BTreeSet<UnitKind>,
    leaves: (&Leaves, &[usize]),
    period: &FactPeriod,
    query: &Query,
    region: Option<UnitId>,
    indicators: &[&Indicator],
) -> Result<Broken, DbError> {
    let asked: BTreeSet<Breakdowns> = indicators
        .iter()
        .filter_map(|i| i.breakdown)
        .map(Breakdowns::from)
        .collect();
    let mut found = Broken::new();
    if asked.is_empty() {
        return Ok(found);
    }
    let mut note = |known: PersonFacts| {
        for by in &asked {
            for name in names(*by, &known) {
                let sums = found.entry((*by, name)).or_default();
                add_person(sums, tree, kinds, leaves, &known);
            }
        }
    };
    if query.as_of.is_some() || query.known_at.is_some() || period.id == FactPeriodId(0) {
        each_looked_back(conn, period, query, region, note)?;
        return Ok(found);
    }
    let scope = Scope::of_server("values: breakdowns");
    let mut places = person_place::table
        .filter(person_place::period_id.eq(period.id))
        .select(person_place::organisation_id)
        .distinct()
        .into_boxed();
    if let Some(region) = region {
        places = places.filter(person_place::region_id.eq(region));
    }
    let mut organisations: Vec<UnitId> = places.load(conn)?;
    organisations.sort_unstable();
    let mut met: HashSet<PersonId> = HashSet::new();
    for part in organisations.chunks(500) {
        for known in facts::store::facts(conn, &scope, period.id, Whose::Of(part))? {
            if met.insert(known.person.person_id) {
                note(known);
            }
        }
    }
    Ok(found)
}

/// What a breakdown names a person by.
fn names(by: Breakdowns, of: &PersonFacts) -> BTreeSet<String> {
    match by {
        Breakdowns::Subject => of
            .person
            .subjects
            .lines()
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect(),
        // A person's own assessment is no diagnosis of a group.
        Breakdowns::Group => crate::db::types::codes(&of.person.marks)
            .filter_map(|mark| mark.strip_prefix("diagnosed/")?.split_once('/'))
            .filter(|(kind, _)| *kind != DiagnosisKind::SelfAssessment.code())
            .filter_map(|(_, rest)| rest.split('/').next())
            .map(str::to_owned)
            .collect(),
    }
}

/// Every programme, and whether a document on it was issued in the period.
fn programmes(
    conn: &mut AnyConn,
    period: &FactPeriod,
    known: Option<NaiveDateTime>,
) -> Result<Vec<ProgrammeSeen>, DbError> {
    type Row = (
        ProgrammeId,
        String,
        String,
        Option<UnitId>,
        ProgrammeKind,
        Option<String>,
        bool,
    );
    let rows: Vec<Row> = programme::table
        .order(programme::code)
        .select((
            programme::id,
            programme::code,
            programme::name,
            programme::provider_id,
            programme::kind,
            programme::federal_ref,
            programme::e_learning,
        ))
        .load(conn)?;
    let within = |from: NaiveDate, to: NaiveDate| qualification_document::issued_on.between(from, to);
    let mut documents = enrolment::table
        .inner_join(
            qualification_document::table.on(qualification_document::region_id
                .eq(enrolment::region_id)
                .and(enrolment::document_id.eq(qualification_document::id.nullable()))),
        )
        .filter(enrolment::state.eq(EnrolmentState::Completed))
        .filter(within(period.starts_on, period.ends_on))
        .select(enrolment::programme_id)
        .distinct()
        .into_boxed();
    if let Some(at) = known {
        documents = documents.filter(qualification_document::recorded_at.le(at));
    }
    let delivered: HashSet<ProgrammeId> = documents.load(conn)?.into_iter().collect();
    let mut topics: HashMap<ProgrammeId, Vec<Topic>> = HashMap::default();
    let of: Vec<(ProgrammeId, String)> = programme_topic::table
        .select((programme_topic::programme_id, programme_topic::topic))
        .load(conn)?;
    for (id, topic) in of {
        topics.entry(id).or_default().extend(Topic::from_code(&topic));
    }
    Ok(rows
        .into_iter()
        .map(|(id, code, name, provider, kind, federal, e_learning)| ProgrammeSeen {
            code,
            name,
            provider,
            kind,
            in_register: federal.is_some(),
            e_learning,
            delivered: delivered.contains(&id),
            topics: topics.remove(&id).unwrap_or_default(),
        })
        .collect())
}

/// Organisations with an act on a plan in the period by an account that has a role there, or whose owner works there.
fn platform(
    conn: &mut AnyConn,
    period: &FactPeriod,
    known: Option<NaiveDateTime>,
    places: Option<&HashMap<PersonId, Vec<UnitId>>>,
) -> Result<HashSet<UnitId>, DbError> {
    match places {
        Some(places) => platform_of(conn, period, known, places),
        None => platform_kept(conn, period),
    }
}

/// The same where the period's facts are kept: each organisation is asked until the first act is found, however many
/// there are.
fn platform_kept(conn: &mut AnyConn, period: &FactPeriod) -> Result<HashSet<UnitId>, DbError> {
    let regions = facts::store::regions(conn)?;
    let within = || iom_act::on_date.between(period.starts_on, period.ends_on);
    let by_role = role_grant::table
        .inner_join(iom_act::table.on(iom_act::account_id.eq(role_grant::account_id.nullable())))
        .filter(role_grant::unit_id.eq(unit::id.nullable()))
        .filter(role_grant::superseded_at.is_null())
        .filter(within());
    let mut found: HashSet<UnitId> = unit::table
        .filter(exists(by_role))
        .select(unit::id)
        .load(conn)?
        .into_iter()
        .collect();
    let by_work = person_place::table
        .inner_join(account::table.on(account::person_id.eq(person_place::person_id.nullable())))
        .inner_join(iom_act::table.on(iom_act::account_id.eq(account::id.nullable())))
        .filter(person_place::period_id.eq(period.id))
        .filter(person_place::organisation_id.eq(unit::id))
        .filter(person_place::pedagogical.or(person_place::leader))
        .filter(within());
    let at_work: Vec<UnitId> = unit::table
        .filter(unit::region_id.eq_any(regions))
        .filter(unit::kind.eq(UnitKind::Organisation))
        .filter(exists(by_work))
        .select(unit::id)
        .load(conn)?;
    found.extend(at_work);
    Ok(found)
}

/// The same over the places of people that were made for this question.
fn platform_of(
    conn: &mut AnyConn,
    period: &FactPeriod,
    known: Option<NaiveDateTime>,
    places: &HashMap<PersonId, Vec<UnitId>>,
) -> Result<HashSet<UnitId>, DbError> {
    let mut acts = iom_act::table
        .filter(iom_act::on_date.between(period.starts_on, period.ends_on))
        .filter(iom_act::account_id.is_not_null())
        .select(iom_act::account_id)
        .distinct()
        .into_boxed();
    if let Some(at) = known {
        acts = acts.filter(iom_act::recorded_at.le(at));
    }
    let acting: Vec<Option<i64>> = acts.load(conn)?;
    let acting: Vec<i64> = acting.into_iter().flatten().collect();
    let mut found = HashSet::new();
    for part in acting.chunks(1000) {
        let granted: Vec<Option<UnitId>> = role_grant::table
            .filter(role_grant::account_id.eq_any(part))
            .filter(role_grant::superseded_at.is_null())
            .select(role_grant::unit_id)
            .load(conn)?;
        found.extend(granted.into_iter().flatten());
        let people: Vec<Option<PersonId>> = account::table
            .filter(account::id.eq_any(part))
            .filter(account::person_id.is_not_null())
            .select(account::person_id)
            .load(conn)?;
        let people = people.into_iter().flatten();
        found.extend(people.filter_map(|p| places.get(&p)).flatten().copied());
    }
    Ok(found)
}

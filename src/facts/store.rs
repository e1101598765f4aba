//! The queries of facts: periods, writing of rows, reading within a scope.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use diesel::prelude::*;

use super::load::{BLOCK, Block};
use super::model::{IomFact, PersonFact, PersonFacts, PersonPlace};
use super::period::{FactPeriod, FactPeriodId};
use crate::db::schema::{employment, fact_period, iom_fact, person_fact, person_place};
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::{Reach, Scope};
use crate::{among, each_db, insert_many};

/// Every period whose facts are kept, in the order of opening.
///
/// # Errors
/// Those of the database.
pub fn periods(conn: &mut AnyConn) -> Result<Vec<FactPeriod>, DbError> {
    Ok(each_db!(conn, c => fact_period::table
        .select(FactPeriod::as_select())
        .order(fact_period::id)
        .load(c))?)
}

/// The same without some: those whose dates do not read.
///
/// # Errors
/// Those of the database.
pub fn periods_but(conn: &mut AnyConn, without: &[FactPeriodId]) -> Result<Vec<FactPeriod>, DbError> {
    Ok(fact_period::table
        .filter(fact_period::id.ne_all(without))
        .select(FactPeriod::as_select())
        .order(fact_period::id)
        .load(conn)?)
}

/// A period by basis and name, if its facts are kept.
///
/// # Errors
/// Those of the database.
pub fn period(conn: &mut AnyConn, basis: &str, code: &str) -> Result<Option<FactPeriod>, DbError> {
    Ok(fact_period::table
        .filter(fact_period::basis.eq(basis))
        .filter(fact_period::code.eq(code))
        .select(FactPeriod::as_select())
        .first(conn)
        .optional()?)
}

/// Writes a period.
///
/// # Errors
/// Those of the database.
pub fn insert_period(conn: &mut AnyConn, period: &FactPeriod) -> Result<(), DbError> {
    insert_many!(conn, fact_period::table, std::slice::from_ref(period))?;
    Ok(())
}

/// Organisations whose counters the persons may stand in: where they stood when facts were last written, and every
/// organisation they have had a job in.
///
/// # Errors
/// Those of the database.
pub fn organisations_of(
    conn: &mut AnyConn,
    regions: &[UnitId],
    persons: &[PersonId],
) -> Result<BTreeSet<UnitId>, DbError> {
    let mut found = BTreeSet::new();
    for part in persons.chunks(BLOCK) {
        let jobs: Vec<UnitId> = employment::table
            .filter(employment::region_id.eq_any(regions))
            .filter(employment::person_id.eq_any(part))
            .select(employment::organisation_id)
            .load(conn)?;
        found.extend(jobs);
        // The periods are named, so that the key of the places leads to them.
        let places: Vec<UnitId> = person_place::table
            .filter(person_place::region_id.eq_any(regions))
            .filter(person_place::period_id.eq_any(fact_period::table.select(fact_period::id)))
            .filter(person_place::person_id.eq_any(part))
            .select(person_place::organisation_id)
            .load(conn)?;
        found.extend(places);
    }
    Ok(found)
}

/// Everyone of a region who has ever had a job in some organisations, whatever is known of it now.
///
/// # Errors
/// Those of the database.
pub fn ever_in(conn: &mut AnyConn, region: UnitId, organisations: &[UnitId]) -> Result<Vec<PersonId>, DbError> {
    let mut found = BTreeSet::new();
    for part in organisations.chunks(BLOCK) {
        let persons: Vec<PersonId> = employment::table
            .filter(employment::region_id.eq(region))
            .filter(employment::organisation_id.eq_any(part))
            .select(employment::person_id)
            .distinct()
            .load(conn)?;
        found.extend(persons);
    }
    Ok(found.into_iter().collect())
}

/// Ids of the regions: the first column of every large key, so that a list of persons is found by it on both databases.
///
/// # Errors
/// Those of the database.
pub fn regions(conn: &mut AnyConn) -> Result<Vec<UnitId>, DbError> {
    use crate::db::schema::unit;
    use crate::units::UnitKind;
    Ok(each_db!(conn, c => unit::table
        .filter(unit::kind.eq(UnitKind::Region))
        .select(unit::id)
        .order(unit::id)
        .load(c))?)
}

/// Removes the rows of persons in some periods.
///
/// # Errors
/// Those of the database.
pub fn remove(conn: &mut AnyConn, periods: &[FactPeriod], persons: &[PersonId]) -> Result<(), DbError> {
    let regions = regions(conn)?;
    for period in periods {
        for part in persons.chunks(BLOCK) {
            diesel::delete(
                person_fact::table
                    .filter(person_fact::region_id.eq_any(&regions))
                    .filter(person_fact::period_id.eq(period.id))
                    .filter(person_fact::person_id.eq_any(part)),
            )
            .execute(conn)?;
            diesel::delete(
                person_place::table
                    .filter(person_place::region_id.eq_any(&regions))
                    .filter(person_place::period_id.eq(period.id))
                    .filter(person_place::person_id.eq_any(part)),
            )
            .execute(conn)?;
            diesel::delete(
                iom_fact::table
                    .filter(iom_fact::period_id.eq(period.id))
                    .filter(iom_fact::person_id.eq_any(part)),
            )
            .execute(conn)?;
        }
    }
    Ok(())
}

/// Removes every row of a period.
///
/// # Errors
/// Those of the database.
pub fn clear(conn: &mut AnyConn, period: FactPeriodId) -> Result<(), DbError> {
    diesel::delete(person_fact::table.filter(person_fact::period_id.eq(period))).execute(conn)?;
    diesel::delete(person_place::table.filter(person_place::period_id.eq(period))).execute(conn)?;
    diesel::delete(iom_fact::table.filter(iom_fact::period_id.eq(period))).execute(conn)?;
    Ok(())
}

/// Writes rows of persons that have none.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut AnyConn, facts: Vec<PersonFacts>) -> Result<(), DbError> {
    let rows = StoredRows::from(facts);
    insert_many!(conn, person_fact::table, rows.persons)?;
    insert_many!(conn, person_place::table, rows.places)?;
    insert_many!(conn, iom_fact::table, rows.plans)?;
    Ok(())
}

/// Puts rows in the place of those stored of a block in a period, table by table; a table that has them already is left
/// as it is. Most changes are of the person alone.
///
/// # Errors
/// Those of the database.
pub fn replace(
    conn: &mut AnyConn,
    period: FactPeriodId,
    block: &Block,
    stored: &StoredRows,
    rows: StoredRows,
) -> Result<(), DbError> {
    let (region, of) = (block.region, &block.persons);
    if rows.persons != stored.persons {
        let old = person_fact::table.filter(person_fact::region_id.eq(region));
        let old = old.filter(person_fact::period_id.eq(period));
        diesel::delete(old.filter(person_fact::person_id.eq_any(of))).execute(conn)?;
        insert_many!(conn, person_fact::table, rows.persons)?;
    }
    if rows.places != stored.places {
        let old = person_place::table.filter(person_place::region_id.eq(region));
        let old = old.filter(person_place::period_id.eq(period));
        diesel::delete(old.filter(person_place::person_id.eq_any(of))).execute(conn)?;
        insert_many!(conn, person_place::table, rows.places)?;
    }
    if rows.plans != stored.plans {
        let old = iom_fact::table.filter(iom_fact::period_id.eq(period));
        diesel::delete(old.filter(iom_fact::person_id.eq_any(of))).execute(conn)?;
        insert_many!(conn, iom_fact::table, rows.plans)?;
    }
    Ok(())
}

/// Which persons of a period are read.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// Those who have a place in these organisations.
    Of(&'a [UnitId]),
    /// The same where the organisations are those of a whole region: everyone of it is read at one go.
    Across(UnitId, &'a [UnitId]),
    /// Those who have more than [`super::MOST_PLACES`] places, in one region or in all.
    Scattered(Option<UnitId>),
    /// Those who have no place at all.
    Nowhere(UnitId),
}

/// What of persons is read beside their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Their facts and their plans.
    WithPlans,
    /// Their facts alone: their plans are read as none.
    PersonsAlone,
}

/// Facts of persons with all their places and plans, in the order of ids.
///
/// # Errors
/// Those of the database.
pub fn facts(
    conn: &mut AnyConn,
    scope: &Scope,
    period: FactPeriodId,
    whose: Whose<'_>,
) -> Result<Vec<PersonFacts>, DbError> {
    read(conn, scope, period, whose, Reading::WithPlans)
}

/// Facts of persons with all their places, in the order of ids.
///
/// # Errors
/// Those of the database.
pub fn read(
    conn: &mut AnyConn,
    scope: &Scope,
    period: FactPeriodId,
    whose: Whose<'_>,
    reading: Reading,
) -> Result<Vec<PersonFacts>, DbError> {
    let mut places = Places::new();
    let mut whole = None;
    match whose {
        Whose::Across(region, organisations) => {
            let rows: Vec<PersonPlace> = person_place::table
                .filter(person_place::region_id.eq(region))
                .filter(person_place::period_id.eq(period))
                .select(PersonPlace::as_select())
                .load(conn)?;
            for place in rows {
                places.entry((region, place.person_id)).or_default().push(place);
            }
            let inside: HashSet<&UnitId> = organisations.iter().collect();
            places.retain(|_, places| places.iter().any(|p| inside.contains(&p.organisation_id)));
            whole = Some(region);
        }
        Whose::Of(organisations) => {
            let mut several: BTreeSet<(UnitId, PersonId)> = BTreeSet::new();
            for part in organisations.chunks(BLOCK) {
                let query = person_place::table
                    .filter(person_place::period_id.eq(period))
                    .filter(person_place::organisation_id.eq_any(part))
                    .select(PersonPlace::as_select());
                for place in query.load::<PersonPlace>(conn)? {
                    if place.bridged {
                        several.insert((place.region_id, place.person_id));
                    }
                    places
                        .entry((place.region_id, place.person_id))
                        .or_default()
                        .push(place);
                }
            }
            // Whoever has several places needs those outside the organisations too: a reader decides what to do with them.
            for (region, block) in by_region(several.into_iter()) {
                let rows: Vec<PersonPlace> = person_place::table
                    .filter(person_place::region_id.eq(region))
                    .filter(person_place::period_id.eq(period))
                    .filter(person_place::person_id.eq_any(&block))
                    .select(PersonPlace::as_select())
                    .load(conn)?;
                for person in &block {
                    places.remove(&(region, *person));
                }
                for place in rows {
                    places.entry((region, place.person_id)).or_default().push(place);
                }
            }
        }
        Whose::Scattered(region) => {
            // They are few: the region is asked for here, since a planner that has not looked at the table yet would
            // read all places of the region for it.
            let rows: Vec<PersonPlace> = person_place::table
                .filter(person_place::period_id.eq(period))
                .filter(person_place::scattered)
                .select(PersonPlace::as_select())
                .load(conn)?;
            for place in rows
                .into_iter()
                .filter(|p| region.is_none_or(|region| p.region_id == region))
            {
                places
                    .entry((place.region_id, place.person_id))
                    .or_default()
                    .push(place);
            }
        }
        Whose::Nowhere(region) => {
            let placed = person_place::table
                .filter(person_place::region_id.eq(region))
                .filter(person_place::period_id.eq(period))
                .filter(person_place::person_id.eq(person_fact::person_id));
            let rows: Vec<PersonId> = person_fact::table
                .filter(person_fact::region_id.eq(region))
                .filter(person_fact::period_id.eq(period))
                .filter(person_fact::pedagogical.eq(false).and(person_fact::leader.eq(false)))
                .filter(diesel::dsl::not(diesel::dsl::exists(placed)))
                .select(person_fact::person_id)
                .load(conn)?;
            places.extend(rows.into_iter().map(|id| ((region, id), Vec::new())));
        }
    }
    keep_seen(scope, &mut places);
    match whole {
        Some(region) => with_facts_of(conn, region, period, places, reading),
        None => with_facts(conn, period, places, reading),
    }
}

/// Places by region and person.
pub(super) type Places = BTreeMap<(UnitId, PersonId), Vec<PersonPlace>>;

/// Leaves those whom a scope sees.
pub(super) fn keep_seen(scope: &Scope, places: &mut Places) {
    if let Reach::Some { .. } = scope.reach {
        places.retain(|(_, person), places| {
            let organisations: Vec<i64> = places.iter().map(|p| p.organisation_id.0).collect();
            scope.sees(person.0, &organisations)
        });
    }
}

fn by_region(persons: impl Iterator<Item = (UnitId, PersonId)>) -> Vec<(UnitId, Vec<PersonId>)> {
    let mut regions: BTreeMap<UnitId, Vec<PersonId>> = BTreeMap::new();
    for (region, person) in persons {
        regions.entry(region).or_default().push(person);
    }
    regions
        .into_iter()
        .flat_map(|(region, persons)| {
            let parts: Vec<_> = persons.chunks(BLOCK).map(|part| (region, part.to_vec())).collect();
            parts
        })
        .collect()
}

/// Facts of the persons of these places.
///
/// # Errors
/// Those of the database.
pub(super) fn with_facts(
    conn: &mut AnyConn,
    period: FactPeriodId,
    mut places: Places,
    reading: Reading,
) -> Result<Vec<PersonFacts>, DbError> {
    let mut found = Vec::with_capacity(places.len());
    let persons: Vec<(UnitId, PersonId)> = places.keys().copied().collect();
    for (region, part) in by_region(persons.into_iter()) {
        let rows: Vec<PersonFact> = person_fact::table
            .filter(person_fact::region_id.eq(region))
            .filter(person_fact::period_id.eq(period))
            .filter(person_fact::person_id.eq_any(&part))
            .select(PersonFact::as_select())
            .order(person_fact::person_id)
            .load(conn)?;
        let plans = match reading {
            Reading::PersonsAlone => Vec::new(),
            Reading::WithPlans => iom_fact::table
                .filter(iom_fact::period_id.eq(period))
                .filter(iom_fact::person_id.eq_any(&part))
                .select(IomFact::as_select())
                .order(iom_fact::iom_id)
                .load(conn)?,
        };
        together(region, &mut places, rows, plans, &mut found);
    }
    Ok(found)
}

/// Facts of the persons of these places, who are nearly all of a region: everyone of it is read.
fn with_facts_of(
    conn: &mut AnyConn,
    region: UnitId,
    period: FactPeriodId,
    mut places: Places,
    reading: Reading,
) -> Result<Vec<PersonFacts>, DbError> {
    let mut rows: Vec<PersonFact> = person_fact::table
        .filter(person_fact::region_id.eq(region))
        .filter(person_fact::period_id.eq(period))
        .select(PersonFact::as_select())
        .order(person_fact::person_id)
        .load(conn)?;
    rows.retain(|row| places.contains_key(&(region, row.person_id)));
    let plans = match reading {
        Reading::PersonsAlone => Vec::new(),
        Reading::WithPlans => iom_fact::table
            .filter(iom_fact::region_id.eq(region))
            .filter(iom_fact::period_id.eq(period))
            .select(IomFact::as_select())
            .order(iom_fact::iom_id)
            .load(conn)?,
    };
    let mut found = Vec::with_capacity(rows.len());
    together(region, &mut places, rows, plans, &mut found);
    Ok(found)
}

/// Puts the rows of persons of a region together.
fn together(
    region: UnitId,
    places: &mut Places,
    persons: Vec<PersonFact>,
    plans: Vec<IomFact>,
    found: &mut Vec<PersonFacts>,
) {
    let mut of: HashMap<PersonId, Vec<IomFact>> = HashMap::new();
    for plan in plans {
        of.entry(plan.person_id).or_default().push(plan);
    }
    for person in persons {
        let mut places = places.remove(&(region, person.person_id)).unwrap_or_default();
        places.sort_by_key(|p| p.organisation_id);
        found.push(PersonFacts {
            places,
            plans: of.remove(&person.person_id).unwrap_or_default(),
            person,
        });
    }
}

/// The stored rows of a block of persons, whatever stands there, for comparing.
///
/// # Errors
/// Those of the database.
pub fn stored(conn: &mut AnyConn, period: FactPeriodId, block: &Block) -> Result<StoredRows, DbError> {
    let (region, persons) = (block.region, &block.persons);
    let rows = StoredRows {
        persons: person_fact::table
            .filter(person_fact::region_id.eq(region))
            .filter(person_fact::period_id.eq(period))
            .filter(person_fact::person_id.eq_any(persons))
            .select(PersonFact::as_select())
            .load(conn)?,
        places: person_place::table
            .filter(person_place::region_id.eq(region))
            .filter(person_place::period_id.eq(period))
            .filter(person_place::person_id.eq_any(persons))
            .select(PersonPlace::as_select())
            .load(conn)?,
        plans: iom_fact::table
            .filter(iom_fact::period_id.eq(period))
            .filter(iom_fact::person_id.eq_any(persons))
            .select(IomFact::as_select())
            .load(conn)?,
    };
    Ok(rows.in_order())
}

/// Narrows a query over a table of facts to a block in every opened period. The periods are named, since the keys lead by
/// them to a person; a join would make SQLite read the region.
macro_rules! in_all_periods {
    ($conn:expr, $table:ident, $row:ident, $query:expr, $block:expr) => {{
        let those = $block.persons.as_slice();
        among!($conn, c, $query, $table::person_id, those, rows => rows
            .filter($table::period_id.eq_any(fact_period::table.select(fact_period::id)))
            .select($row::as_select())
            .load::<$row>(c))?
    }};
}

/// The stored rows of a block of persons in every opened period.
///
/// # Errors
/// Those of the database.
pub fn stored_in_all(conn: &mut AnyConn, block: &Block) -> Result<HashMap<FactPeriodId, StoredRows>, DbError> {
    let mut found: HashMap<FactPeriodId, StoredRows> = HashMap::new();
    let persons = person_fact::table.filter(person_fact::region_id.eq(block.region));
    let places = person_place::table.filter(person_place::region_id.eq(block.region));
    for row in in_all_periods!(conn, person_fact, PersonFact, persons, block) {
        found.entry(row.period_id).or_default().persons.push(row);
    }
    for row in in_all_periods!(conn, person_place, PersonPlace, places, block) {
        found.entry(row.period_id).or_default().places.push(row);
    }
    // Persons are of one region: a region named here would lead SQLite to the key, past the index by persons.
    for row in in_all_periods!(conn, iom_fact, IomFact, iom_fact::table, block) {
        found.entry(row.period_id).or_default().plans.push(row);
    }
    let in_order = |(period, rows): (FactPeriodId, StoredRows)| (period, rows.in_order());
    Ok(found.into_iter().map(in_order).collect())
}

/// Rows of the three tables, each in the order of its key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredRows {
    /// Of persons.
    pub persons: Vec<PersonFact>,
    /// Of places.
    pub places: Vec<PersonPlace>,
    /// Of plans.
    pub plans: Vec<IomFact>,
}

impl From<Vec<PersonFacts>> for StoredRows {
    fn from(facts: Vec<PersonFacts>) -> Self {
        let mut rows = Self::default();
        for known in facts {
            rows.persons.push(known.person);
            rows.places.extend(known.places);
            rows.plans.extend(known.plans);
        }
        rows.in_order()
    }
}

impl StoredRows {
    fn in_order(mut self) -> Self {
        self.persons.sort_by_key(|r| r.person_id);
        self.places.sort_by_key(|r| (r.person_id, r.organisation_id));
        self.plans.sort_by_key(|r| r.iom_id);
        self
    }

    /// The rows by person; `None` when one is of nobody.
    #[must_use]
    pub fn facts(self) -> Option<Vec<PersonFacts>> {
        let of = |person: PersonFact| {
            let known = PersonFacts {
                person,
                places: Vec::new(),
                plans: Vec::new(),
            };
            (known.person.person_id, known)
        };
        let mut found: BTreeMap<PersonId, PersonFacts> = self.persons.into_iter().map(of).collect();
        for place in self.places {
            found.get_mut(&place.person_id)?.places.push(place);
        }
        for plan in self.plans {
            found.get_mut(&plan.person_id)?.plans.push(plan);
        }
        Some(found.into_values().collect())
    }
}

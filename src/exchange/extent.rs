//! How far a file reaches: everything, a region, or the part of a region over which whoever loads it holds the role.
//! It is asked in the transaction that writes, of the roles of that moment.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::batch::Kind;
use crate::db::schema::employment;
use crate::db::{AnyConn, DbError};
use crate::error::{Error, Refusal};
use crate::planted;

/// Who loads a file or takes it back.
#[derive(Debug, Clone, Copy, Default)]
pub enum By {
    /// A command on the server, which reaches everything.
    #[default]
    Server,
    /// An account, as far as its roles reach.
    Account(Loader),
}

/// An account that loads files of its region.
#[derive(Debug, Clone, Copy)]
pub struct Loader {
    /// The account.
    pub account: i64,
    /// The only region that its files may write to.
    pub region: i64,
    /// Code of the role in use; `None` is any of its roles that load such files.
    pub role: Option<&'static str>,
    /// How its rights are found.
    pub rights: Rights,
}

/// Finds the part of the region over which an account may load files of a kind (`None`: of any) on a day; no part is
/// all of the region. Refuses an account that may not load them.
pub type Rights = fn(&mut AnyConn, &Loader, Option<Kind>, NaiveDate) -> Result<Option<Part>, Error>;

impl By {
    /// The account.
    #[must_use]
    pub fn account(&self) -> Option<i64> {
        match self {
            Self::Server => None,
            Self::Account(loader) => Some(loader.account),
        }
    }

    /// The only region that may be written to.
    #[must_use]
    pub fn region(&self) -> Option<i64> {
        match self {
            Self::Server => None,
            Self::Account(loader) => Some(loader.region),
        }
    }

    /// The part of the region that may be written to now; `None` is all that [`Self::region`] says. `of_parts` says
    /// whether files of the kind may be loaded for a part at all.
    pub(super) fn part(
        &self,
        conn: &mut AnyConn,
        kind: Kind,
        of_parts: bool,
        today: NaiveDate,
    ) -> Result<Option<Part>, Error> {
        let Self::Account(loader) = self else { return Ok(None) };
        let part = (loader.rights)(conn, loader, Some(kind), today)?;
        let part = part.filter(|_| !planted!("load_for_all"));
        if part.is_some() && !of_parts {
            return Err(Refusal::new("import.whole_region").with("kind", kind.label()).into());
        }
        Ok(part)
    }
}

/// A part of a region: its units with all that stands in them.
#[derive(Debug, Clone)]
pub struct Part {
    region: i64,
    units: HashSet<i64>,
    today: NaiveDate,
}

/// Kind of an object in a batch; table, key and column by which its units or persons are found.
type Place = (&'static str, &'static str, &'static str, &'static str);

/// Units of what a batch makes or changes.
const UNITS: &[Place] = &[
    ("unit", "unit", "id", "id"),
    ("unit_link", "unit_link", "id", "unit_id"),
    ("unit_link", "unit_link", "id", "parent_id"),
    ("employment", "employment", "id", "organisation_id"),
    ("vacancy", "vacancy", "id", "organisation_id"),
    ("measure_value", "measure_value", "id", "unit_id"),
    ("event", "event", "id", "organiser_id"),
    ("event", "event_unit", "event_id", "unit_id"),
    ("body", "body", "id", "unit_id"),
    ("undertaking", "undertaking", "id", "unit_id"),
    ("undertaking", "undertaking_unit", "undertaking_id", "unit_id"),
    ("publication", "publication", "id", "unit_id"),
];

/// Persons of what a batch makes or changes.
const PERSONS: &[Place] = &[
    ("person", "person", "id", "id"),
    ("diagnosis", "diagnosis", "id", "person_id"),
    ("diagnosis_result", "diagnosis_result", "id", "person_id"),
    ("activity", "activity", "id", "person_id"),
    ("body_member", "body_member", "id", "person_id"),
    ("mentoring_pair", "mentoring_pair", "id", "mentor_id"),
    ("mentoring_pair", "mentoring_pair", "id", "mentee_id"),
    ("mentor_card", "mentor_card", "id", "person_id"),
];

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
    id: Option<i64>,
}

/// An object of a batch: its kind, its id, whether the batch made it.
pub(super) type Touched<'a> = (&'a str, i64, bool);

impl Part {
    /// A part of a region on a day.
    #[must_use]
    pub fn new(region: i64, units: HashSet<i64>, today: NaiveDate) -> Self {
        Self { region, units, today }
    }

    /// Whether a unit stands in it.
    #[must_use]
    pub fn holds(&self, unit: i64) -> bool {
        self.units.contains(&unit)
    }

    /// Those of these persons who work in it today.
    ///
    /// # Errors
    /// Those of the database.
    pub fn seen(&self, conn: &mut AnyConn, persons: &[i64]) -> Result<HashSet<i64>, DbError> {
        let jobs = self.jobs(conn, persons)?;
        let here = |job: &&Job| self.holds(job.organisation) && job.from <= self.today;
        Ok(jobs.iter().filter(here).map(|job| job.person).collect())
    }

    /// Those of these persons who may be taken on in it: they work in it today, or nowhere else now or from some day on.
    ///
    /// # Errors
    /// Those of the database.
    pub fn free(&self, conn: &mut AnyConn, persons: &[i64]) -> Result<HashSet<i64>, DbError> {
        let jobs = self.jobs(conn, persons)?;
        let elsewhere = jobs.iter().filter(|job| !self.holds(job.organisation));
        let elsewhere: HashSet<i64> = elsewhere.map(|job| job.person).collect();
        let mut free: HashSet<i64> = persons.iter().copied().filter(|p| !elsewhere.contains(p)).collect();
        free.extend(self.seen(conn, persons)?);
        Ok(free)
    }

    /// Jobs that go on today or are to begin.
    fn jobs(&self, conn: &mut AnyConn, persons: &[i64]) -> Result<Vec<Job>, DbError> {
        let mut found = Vec::new();
        for block in persons.chunks(1000) {
            let rows: Vec<(i64, i64, NaiveDate)> = employment::table
                .filter(employment::region_id.eq(self.region))
                .filter(employment::person_id.eq_any(block))
                .filter(employment::superseded_at.is_null())
                .filter(employment::valid_to.is_null().or(employment::valid_to.gt(self.today)))
                .select((
                    employment::person_id,
                    employment::organisation_id,
                    employment::valid_from,
                ))
                .load(conn)?;
            found.extend(rows.into_iter().map(|(person, organisation, from)| Job {
                person,
                organisation,
                from,
            }));
        }
        Ok(found)
    }

    /// Whether all that a batch has touched lies in it. What is of no unit, and what no list here knows, does not.
    pub(super) fn covers<'a>(
        &self,
        conn: &mut AnyConn,
        touched: impl Iterator<Item = Touched<'a>>,
    ) -> Result<bool, DbError> {
        let mut by_kind: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        let mut made = HashSet::new();
        for (kind, id, new) in touched {
            by_kind.entry(kind).or_default().push(id);
            if kind == "unit" && new {
                made.insert(id);
            }
        }
        for (kind, ids) in by_kind {
            let of = |places: &'static [Place]| places.iter().filter(move |(of, ..)| *of == kind);
            if of(UNITS).chain(of(PERSONS)).next().is_none() {
                return Ok(false);
            }
            for place in of(UNITS) {
                let stand = |unit: &Option<i64>| unit.is_some_and(|u| self.holds(u) || made.contains(&u));
                if !named(conn, place, &ids)?.iter().all(stand) {
                    return Ok(false);
                }
            }
            for place in of(PERSONS) {
                let Some(persons) = named(conn, place, &ids)?.into_iter().collect::<Option<Vec<i64>>>() else {
                    return Ok(false);
                };
                let own = match kind {
                    "person" => self.free(conn, &persons)?,
                    _ => self.seen(conn, &persons)?,
                };
                if !persons.iter().all(|p| own.contains(p)) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

struct Job {
    person: i64,
    organisation: i64,
    from: NaiveDate,
}

/// What objects name in a column, each once.
fn named(conn: &mut AnyConn, (_, table, key, column): &Place, ids: &[i64]) -> Result<Vec<Option<i64>>, DbError> {
    let mut found = HashSet::new();
    for block in ids.chunks(1000) {
        // Ids and names of the program only: nothing of this text comes from outside.
        let list = block.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        let query = format!("SELECT DISTINCT {column} AS id FROM {table} WHERE {key} IN ({list})");
        found.extend(
            diesel::sql_query(query)
                .load::<Found>(conn)?
                .into_iter()
                .map(|row| row.id),
        );
    }
    Ok(found.into_iter().collect())
}

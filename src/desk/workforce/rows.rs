//! Who makes up the staff of organisations on a day: one row a person, with what the reports count by.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::milli::Milli;
use crate::db::schema::{employment, employment_subject, person, qualification_document};
use crate::db::{AnyConn, DbError};
use crate::people::composition::{Distinction, Education, Qualification};
use crate::people::store::worked_on;
use crate::people::{EmploymentId, EmploymentKind, PersonId, Sex, StaffKind};
use crate::units::UnitId;

/// Somebody of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// The person.
    pub id: PersonId,
    /// Where, of the organisations that were asked for.
    pub places: BTreeSet<UnitId>,
    /// Positions there.
    pub positions: BTreeSet<String>,
    /// Sex, where given.
    pub sex: Option<Sex>,
    /// Date of birth.
    pub born: Option<NaiveDate>,
    /// The best education that a list names.
    pub education: Education,
    /// The best category that a list names.
    pub qualification: Qualification,
    /// What is given beside it.
    pub distinctions: BTreeSet<Distinction>,
    /// First day of any teaching work.
    pub teaching_since: Option<NaiveDate>,
    /// Hours a week there, thousandths, where a list says.
    pub hours: Option<i64>,
    /// Subjects taught there, and whether the education matches; `None` is unknown.
    pub subjects: BTreeMap<String, Option<bool>>,
    /// Whether a diploma of retraining is known up to the day.
    pub retrained: bool,
}

#[derive(Queryable)]
struct Job {
    id: EmploymentId,
    person: PersonId,
    organisation: UnitId,
    position: String,
    hours: Option<Milli>,
    teaching_since: Option<NaiveDate>,
    category: Option<String>,
    education: Option<String>,
}

/// The staff of organisations of a region (`None`: of all of it) on a day; of one population, or of both. External
/// part-timers and civil contracts are left out, as in the federal forms.
///
/// # Errors
/// Those of the database.
pub fn workers(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: Option<&BTreeSet<UnitId>>,
    kind: Option<StaffKind>,
    day: NaiveDate,
) -> Result<BTreeMap<PersonId, Worker>, DbError> {
    let jobs = jobs(conn, region, organisations, kind, day)?;
    let ids: BTreeSet<PersonId> = jobs.iter().map(|j| j.person).collect();
    let ids: Vec<PersonId> = ids.into_iter().collect();
    let mut subjects = subjects(conn, region, &jobs)?;
    let mut found: BTreeMap<PersonId, Worker> = BTreeMap::new();
    for block in ids.chunks(1000) {
        let rows: Vec<(PersonId, Option<Sex>, Option<NaiveDate>)> = person::table
            .filter(person::region_id.eq(region))
            .filter(person::id.eq_any(block))
            .select((person::id, person::sex, person::birth_date))
            .load(conn)?;
        let retrained: Vec<PersonId> = qualification_document::table
            .filter(qualification_document::region_id.eq(region))
            .filter(qualification_document::person_id.eq_any(block))
            .filter(qualification_document::kind.eq("retraining_diploma"))
            .filter(qualification_document::issued_on.le(day))
            .select(qualification_document::person_id)
            .distinct()
            .load(conn)?;
        let retrained: BTreeSet<PersonId> = retrained.into_iter().collect();
        for (id, sex, born) in rows {
            found.insert(
                id,
                Worker {
                    id,
                    places: BTreeSet::new(),
                    positions: BTreeSet::new(),
                    sex,
                    born,
                    education: Education::Unknown,
                    qualification: Qualification::Without,
                    distinctions: BTreeSet::new(),
                    teaching_since: None,
                    hours: None,
                    subjects: BTreeMap::new(),
                    retrained: retrained.contains(&id),
                },
            );
        }
    }
    for job in jobs {
        let Some(worker) = found.get_mut(&job.person) else {
            continue;
        };
        worker.places.insert(job.organisation);
        worker.positions.insert(job.position);
        worker.education = worker.education.min(Education::of(job.education.as_deref()));
        let category = job.category.as_deref();
        worker.qualification = worker.qualification.min(Qualification::of(category));
        worker.distinctions.extend(Distinction::all_of(category));
        let since = [worker.teaching_since, job.teaching_since];
        worker.teaching_since = since.into_iter().flatten().min();
        if let Some(hours) = job.hours {
            *worker.hours.get_or_insert(0) += i64::from(hours.0);
        }
        for (subject, matches) in subjects.remove(&job.id).unwrap_or_default() {
            let known = worker.subjects.entry(subject).or_insert(matches);
            // A match in one place is a match; a mismatch says more than nothing.
            *known = match (*known, matches) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), _) | (_, Some(false)) => Some(false),
                (None, None) => None,
            };
        }
    }
    Ok(found)
}

fn jobs(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: Option<&BTreeSet<UnitId>>,
    kind: Option<StaffKind>,
    day: NaiveDate,
) -> Result<Vec<Job>, DbError> {
    let counted = [EmploymentKind::Main, EmploymentKind::InternalPart];
    let query = |block: Option<&[UnitId]>| {
        let mut query = employment::table
            .filter(employment::region_id.eq(region))
            .filter(worked_on(day))
            .filter(employment::kind.eq_any(counted))
            .select((
                employment::id,
                employment::person_id,
                employment::organisation_id,
                employment::position,
                employment::hours_milli,
                employment::teaching_since,
                employment::category,
                employment::education,
            ))
            .into_boxed();
        if let Some(block) = block {
            query = query.filter(employment::organisation_id.eq_any(block.to_vec()));
        }
        match kind {
            Some(kind) => query.filter(employment::staff_kind.eq(kind)),
            None => query,
        }
    };
    let Some(organisations) = organisations else {
        return Ok(query(None).load(conn)?);
    };
    let organisations: Vec<UnitId> = organisations.iter().copied().collect();
    let mut found = Vec::new();
    for block in organisations.chunks(1000) {
        found.extend(query(Some(block)).load::<Job>(conn)?);
    }
    Ok(found)
}

type OfJob = HashMap<EmploymentId, Vec<(String, Option<bool>)>>;

fn subjects(conn: &mut AnyConn, region: UnitId, jobs: &[Job]) -> Result<OfJob, DbError> {
    let mut found = OfJob::new();
    for block in jobs.chunks(1000) {
        let ids: Vec<EmploymentId> = block.iter().map(|j| j.id).collect();
        let rows: Vec<(EmploymentId, String, Option<bool>)> = employment_subject::table
            .filter(employment_subject::region_id.eq(region))
            .filter(employment_subject::employment_id.eq_any(ids))
            .order(employment_subject::id)
            .select((
                employment_subject::employment_id,
                employment_subject::subject,
                employment_subject::profile_match,
            ))
            .load(conn)?;
        for (job, subject, matches) in rows {
            found.entry(job).or_default().push((subject, matches));
        }
    }
    Ok(found)
}

/// Heads and rates of one population by the staff list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heads {
    /// Persons, each once.
    pub persons: i64,
    /// Rates of their jobs, thousandths, where a list says; `None` where it says none.
    pub rates: Option<i64>,
    /// Jobs whose rate no list says.
    pub without: i64,
}

/// Heads of a population in organisations on a day, with the jobs that [`workers`] counts.
///
/// # Errors
/// Those of the database.
pub fn heads(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: &BTreeSet<UnitId>,
    kind: StaffKind,
    day: NaiveDate,
) -> Result<Heads, DbError> {
    let counted = [EmploymentKind::Main, EmploymentKind::InternalPart];
    let organisations: Vec<UnitId> = organisations.iter().copied().collect();
    let (mut persons, mut rates, mut without) = (BTreeSet::new(), None, 0);
    for block in organisations.chunks(1000) {
        let rows: Vec<(PersonId, Option<Milli>)> = employment::table
            .filter(employment::region_id.eq(region))
            .filter(worked_on(day))
            .filter(employment::kind.eq_any(counted))
            .filter(employment::staff_kind.eq(kind))
            .filter(employment::organisation_id.eq_any(block))
            .select((employment::person_id, employment::rate_milli))
            .load(conn)?;
        for (person, rate) in rows {
            persons.insert(person);
            match rate {
                Some(rate) => *rates.get_or_insert(0) += i64::from(rate.0),
                None => without += 1,
            }
        }
    }
    Ok(Heads {
        persons: i64::try_from(persons.len()).unwrap_or(i64::MAX),
        rates,
        without,
    })
}

//! Whose row it is: by СНИЛС; without it a full name and date of birth only point at a candidate. Pure.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::import::Row;
use super::model::{Employment, Person, PersonId, StaffKind};
use crate::db::text_keys::search_key;
use crate::error::Refusal;
use crate::exchange::{Kind, Problem};
use crate::units::UnitId;

/// What makes a job of a person one and the same job.
pub type Job = (UnitId, StaffKind, String, NaiveDate);

/// The key of a job; the post is compared without case.
fn job_of(organisation: UnitId, staff_kind: StaffKind, position: &str, from: NaiveDate) -> Job {
    (organisation, staff_kind, search_key(position), from)
}

/// Persons of one region and their jobs, stored ones and those of earlier rows.
#[derive(Debug, Default)]
pub struct Known {
    persons: HashMap<PersonId, Person>,
    by_number: HashMap<String, PersonId>,
    by_name: HashMap<(String, Option<NaiveDate>), Vec<PersonId>>,
    jobs: HashMap<PersonId, Vec<(Job, Employment)>>,
}

impl Known {
    /// Adds a person.
    pub fn add(&mut self, person: Person) {
        if self.persons.contains_key(&person.id) {
            return;
        }
        if let Some(number) = &person.snils {
            self.by_number.insert(number.clone(), person.id);
        }
        let name = (person.search_key.clone(), person.birth_date);
        self.by_name.entry(name).or_default().push(person.id);
        self.persons.insert(person.id, person);
    }

    /// Adds a stored job.
    pub fn add_job(&mut self, job: Employment) {
        let key = job_of(job.organisation_id, job.staff_kind, &job.position, job.valid_from);
        self.jobs.entry(job.person_id).or_default().push((key, job));
    }

    /// Puts a job in the place of the same job before it.
    pub fn put_job(&mut self, person: PersonId, key: Job, job: Employment) {
        let jobs = self.jobs.entry(person).or_default();
        jobs.retain(|(own, _)| *own != key);
        jobs.push((key, job));
    }

    /// Ids of all persons.
    #[must_use]
    pub fn ids(&self) -> Vec<PersonId> {
        let mut ids: Vec<PersonId> = self.persons.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// A person.
    #[must_use]
    pub fn person(&self, id: PersonId) -> Option<&Person> {
        self.persons.get(&id)
    }

    /// A person, to be changed.
    pub fn person_mut(&mut self, id: PersonId) -> Option<&mut Person> {
        self.persons.get_mut(&id)
    }

    /// The job of a person.
    #[must_use]
    pub fn job(&self, person: PersonId, job: &Job) -> Option<&Employment> {
        self.jobs
            .get(&person)?
            .iter()
            .find(|(own, _)| own == job)
            .map(|(_, job)| job)
    }
}

/// Whose row it is.
#[derive(Debug)]
pub enum Matched {
    /// This person's.
    Person(PersonId),
    /// Someone's who is not known yet.
    Nobody,
    /// A person must decide.
    Unclear(Problem),
}

/// Finds whose row it is.
#[must_use]
pub fn match_person(known: &Known, row: &Row, job: &Job) -> Matched {
    let unclear = |column: &str, refusal| Matched::Unclear(Problem::at(Kind::Staff, column, "", refusal));
    let namesakes = known.by_name.get(&(row.key.clone(), Some(row.birth_date)));
    let namesakes = namesakes.map_or(&[][..], Vec::as_slice);
    let Some(snils) = &row.snils else {
        let mut same_job = namesakes.iter().filter(|id| known.job(**id, job).is_some());
        return match (same_job.next(), same_job.next(), namesakes) {
            (Some(id), None, _) => Matched::Person(*id),
            (None, None, []) => Matched::Nobody,
            _ => unclear("snils", Refusal::new("people.candidate")),
        };
    };
    let Some(person) = known.by_number.get(snils.as_str()).and_then(|id| known.persons.get(id)) else {
        let unnumbered = |id: &PersonId| known.persons.get(id).is_some_and(|p| p.snils.is_none());
        return if namesakes.iter().any(unnumbered) {
            unclear("snils", Refusal::new("people.candidate_without_number"))
        } else {
            Matched::Nobody
        };
    };
    if person.search_key != row.key {
        return unclear("last_name", Refusal::new("people.other_name"));
    }
    if person.birth_date.is_some_and(|day| day != row.birth_date) {
        return unclear("birth_date", Refusal::new("people.other_birth_date"));
    }
    Matched::Person(person.id)
}

//! The staff of one's own organisations with their accounts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::access::login;
use crate::access::sheets::{self, Held, Issuer, Newcomer, Standing};
use crate::db::schema::person;
use crate::db::{AnyConn, DbError};
use crate::desk::school::coverage_rows;
use crate::desk::school::staff_rows;
use crate::people::model::full_name;
use crate::people::{self, PersonId};
use crate::units::UnitId;
use crate::web::Visitor;

/// Someone who works in the organisations today.
#[derive(Debug)]
pub struct Member {
    /// The person.
    pub id: PersonId,
    /// Surname.
    pub last: String,
    /// First name.
    pub first: String,
    /// Фамилия Имя Отчество.
    pub name: String,
    /// Key for searching.
    pub search_key: String,
    /// Positions here today.
    pub positions: BTreeSet<String>,
    /// Organisations of the issuer where they work today.
    pub organisations: BTreeSet<UnitId>,
    /// The account, if there is one.
    pub account: Option<Held>,
}

impl Member {
    /// Where they stand with their account.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.account.as_ref().map_or(Standing::Nobody, |a| a.standing)
    }

    /// Whether a sheet may be printed here.
    #[must_use]
    pub fn may(&self, by: &Issuer) -> bool {
        match &self.account {
            None => by.person != Some(self.id),
            Some(held) => held.bar.is_none(),
        }
    }

    /// Whoever is to have an account; `None` of one who works nowhere here.
    #[must_use]
    pub fn newcomer(&self) -> Option<Newcomer> {
        Some(Newcomer {
            person: self.id,
            organisation: *self.organisations.first()?,
            stem: login::stem(&self.last, &self.first),
        })
    }
}

/// Who acts: the role in use over its organisations; `None` without a region.
///
/// # Errors
/// Those of the database.
pub fn issuer(c: &mut AnyConn, visitor: &Visitor, today: NaiveDate) -> Result<Option<Issuer>, DbError> {
    let Some(region) = visitor.region.map(UnitId) else {
        return Ok(None);
    };
    let organisations = coverage_rows::organisations(c, visitor, today)?;
    Ok(Some(Issuer {
        account: visitor.account,
        person: visitor.person.map(PersonId),
        region,
        organisations: organisations.into_iter().collect(),
    }))
}

/// Everyone who works in `organisations` (of the issuer) today, by name.
///
/// # Errors
/// Those of the database.
pub fn members(
    c: &mut AnyConn,
    by: &Issuer,
    organisations: &[UnitId],
    now: NaiveDateTime,
    today: NaiveDate,
) -> Result<Vec<Member>, DbError> {
    let employed = staff_rows::employed(c, by.region, organisations, today)?;
    let ids: Vec<PersonId> = employed.into_iter().collect();
    let mut held = sheets::held(c, by, &ids, now, today)?;
    let mut jobs: HashMap<PersonId, (BTreeSet<String>, BTreeSet<UnitId>)> = HashMap::new();
    for job in people::store::jobs(c, by.region, &ids)? {
        let works = job.valid_from <= today && job.valid_to.is_none_or(|to| today < to);
        if works && by.organisations.contains(&job.organisation_id) {
            let (positions, places) = jobs.entry(job.person_id).or_default();
            positions.insert(job.position);
            places.insert(job.organisation_id);
        }
    }
    type Row = (PersonId, String, String, Option<String>, String, String);
    let mut sorted: BTreeMap<(String, PersonId), Member> = BTreeMap::new();
    for block in ids.chunks(1000) {
        let rows: Vec<Row> = person::table
            .filter(person::region_id.eq(by.region))
            .filter(person::id.eq_any(block))
            .select((
                person::id,
                person::last_name,
                person::first_name,
                person::patronymic,
                person::sort_key,
                person::search_key,
            ))
            .load(c)?;
        for (id, last, first, patronymic, sort_key, search_key) in rows {
            let (positions, organisations) = jobs.remove(&id).unwrap_or_default();
            let member = Member {
                id,
                name: full_name(&last, &first, patronymic.as_deref()),
                last,
                first,
                search_key,
                positions,
                organisations,
                account: held.remove(&id),
            };
            sorted.insert((sort_key, id), member);
        }
    }
    Ok(sorted.into_values().collect())
}

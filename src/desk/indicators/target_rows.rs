//! What the page of a distance reads: whose plan or course stands where, and who was written to lately.

use std::collections::{HashMap, HashSet};

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::access::AccountId;
use crate::db::schema::{enrolment, iom, notice, outbox_mail};
use crate::db::{AnyConn, DbError};
use crate::enrolment::EnrolmentState;
use crate::iom::{IomId, IomState};
use crate::people::PersonId;
use crate::units::UnitId;

/// The letter that reminds.
const LETTER: &str = "indicator_reminder";

/// The open plan of each of these people.
///
/// # Errors
/// Those of the database.
pub(crate) fn plans(
    conn: &mut AnyConn,
    region: UnitId,
    persons: &[PersonId],
) -> Result<HashMap<PersonId, IomState>, DbError> {
    let mut found = HashMap::new();
    for part in persons.chunks(1000) {
        let rows: Vec<(PersonId, IomState)> = iom::table
            .filter(iom::region_id.eq(region))
            .filter(iom::person_id.eq_any(part))
            .filter(iom::state.ne(IomState::Closed))
            .order(iom::id)
            .select((iom::person_id, iom::state))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Where these plans stand.
///
/// # Errors
/// Those of the database.
pub(crate) fn states(conn: &mut AnyConn, region: UnitId, plans: &[IomId]) -> Result<HashMap<IomId, IomState>, DbError> {
    let mut found = HashMap::new();
    for part in plans.chunks(1000) {
        let rows: Vec<(IomId, IomState)> = iom::table
            .filter(iom::region_id.eq(region))
            .filter(iom::id.eq_any(part))
            .select((iom::id, iom::state))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The course that each of these people is nearest to finishing.
///
/// # Errors
/// Those of the database.
pub(crate) fn courses(
    conn: &mut AnyConn,
    region: UnitId,
    persons: &[PersonId],
) -> Result<HashMap<PersonId, EnrolmentState>, DbError> {
    use EnrolmentState::{Agreed, Applied, Enrolled, Waitlisted};
    let order = |state: EnrolmentState| [Enrolled, Waitlisted, Agreed, Applied].iter().position(|s| *s == state);
    let mut found: HashMap<PersonId, EnrolmentState> = HashMap::new();
    for part in persons.chunks(1000) {
        let rows: Vec<(PersonId, EnrolmentState)> = enrolment::table
            .filter(enrolment::region_id.eq(region))
            .filter(enrolment::person_id.eq_any(part))
            .filter(enrolment::state.eq_any([Enrolled, Waitlisted, Agreed, Applied]))
            .select((enrolment::person_id, enrolment::state))
            .load(conn)?;
        for (person, state) in rows {
            let known = found.entry(person).or_insert(state);
            if order(state) < order(*known) {
                *known = state;
            }
        }
    }
    Ok(found)
}

/// Those of the accounts that were reminded in the last seven days, whatever of.
///
/// # Errors
/// Those of the database.
pub(crate) fn reminded(
    conn: &mut AnyConn,
    accounts: &[AccountId],
    now: NaiveDateTime,
) -> Result<HashSet<AccountId>, DbError> {
    let ids: Vec<i64> = accounts.iter().map(|a| a.0).collect();
    let rows: Vec<i64> = outbox_mail::table
        .filter(outbox_mail::kind.eq(LETTER))
        .filter(outbox_mail::account_id.eq_any(&ids))
        .filter(outbox_mail::created_at.gt(now - Duration::days(7)))
        .select(outbox_mail::account_id)
        .load(conn)?;
    // Whoever wants no such letter at once was told on the pages.
    let told: Vec<i64> = notice::table
        .filter(notice::kind.eq(LETTER))
        .filter(notice::account_id.eq_any(&ids))
        .filter(notice::told_at.is_null())
        .filter(notice::created_at.gt(now - Duration::days(7)))
        .select(notice::account_id)
        .load(conn)?;
    Ok(rows.into_iter().chain(told).map(AccountId).collect())
}

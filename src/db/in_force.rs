//! What is in force on a day, as conditions of a query: an assignment to a plan, a role of an account, a job.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{employment, role_grant, supporter};

/// The condition of an assignment that is in force on a day.
#[diesel::dsl::auto_type]
pub(crate) fn assigned_on(day: NaiveDate) -> _ {
    supporter::superseded_at
        .is_null()
        .and(supporter::valid_from.le(day))
        .and(supporter::valid_to.is_null().or(supporter::valid_to.gt(day)))
}

/// The condition of a role that holds on a day.
#[diesel::dsl::auto_type]
pub(crate) fn held_on(day: NaiveDate) -> _ {
    role_grant::superseded_at
        .is_null()
        .and(role_grant::valid_from.is_null().or(role_grant::valid_from.le(day)))
        .and(role_grant::valid_to.is_null().or(role_grant::valid_to.gt(day)))
}

/// The condition of a job that is worked on a day.
#[diesel::dsl::auto_type]
pub(crate) fn worked_on(day: NaiveDate) -> _ {
    employment::superseded_at
        .is_null()
        .and(employment::valid_from.le(day))
        .and(employment::valid_to.is_null().or(employment::valid_to.gt(day)))
}

//! Organisations that used the platform in a period.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::dsl::exists;
use diesel::prelude::*;
use foldhash::HashMap;

use crate::db::schema::{account, iom_act, person_place, role_grant, unit};
use crate::db::{AnyConn, DbError};
use crate::facts::{self, FactPeriod};
use crate::people::PersonId;
use crate::units::{UnitId, UnitKind};

/// Organisations with an act on a plan in the period by an account that has a role there, or whose owner works there.
pub(super) fn platform(
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

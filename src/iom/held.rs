//! What a supporter holds, as it is read to be handed over.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{IomId, IomState, ItemState, SupporterId, SupporterKind};
use crate::access::AccountId;
use crate::db::schema::{employment, iom, iom_item, supporter};
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;
use crate::people::store::worked_on;
use crate::units::UnitId;

/// An assignment that ends.
pub(super) struct Held {
    pub id: SupporterId,
    pub region: UnitId,
    pub plan: IomId,
    pub number: String,
    pub state: IomState,
    pub person: PersonId,
    /// Whether the teacher was ever shown the plan.
    pub shown: bool,
    pub kind: SupporterKind,
    pub from: NaiveDate,
    /// The day on which another begins already.
    pub to: Option<NaiveDate>,
    pub organisations: Vec<UnitId>,
    pub reviews: usize,
}

type Row = (
    SupporterId,
    UnitId,
    IomId,
    (String, IomState, PersonId, Option<NaiveDate>),
    SupporterKind,
    (NaiveDate, Option<NaiveDate>),
);

/// Assignments of an account to open plans that hold on a day or will, of persons within reach.
pub(super) fn held(
    conn: &mut AnyConn,
    account: AccountId,
    region: Option<UnitId>,
    organisations: Option<&HashSet<UnitId>>,
    on: NaiveDate,
) -> Result<Vec<Held>, DbError> {
    let mut query = supporter::table
        .inner_join(
            iom::table.on(iom::id
                .eq(supporter::iom_id)
                .and(iom::region_id.eq(supporter::region_id))),
        )
        .filter(supporter::account_id.eq(account))
        .filter(supporter::superseded_at.is_null())
        .filter(supporter::valid_to.is_null().or(supporter::valid_to.gt(on)))
        .filter(iom::state.ne(IomState::Closed))
        .order(supporter::id)
        .into_boxed();
    if let Some(region) = region {
        query = query.filter(supporter::region_id.eq(region));
    }
    let rows: Vec<Row> = query
        .select((
            supporter::id,
            supporter::region_id,
            supporter::iom_id,
            (iom::number, iom::state, iom::person_id, iom::first_visible_on),
            supporter::kind,
            (supporter::valid_from, supporter::valid_to),
        ))
        .load(conn)?;
    let persons: Vec<PersonId> = rows.iter().map(|(.., (_, _, person, _), _, _)| *person).collect();
    let mut places: HashMap<PersonId, Vec<UnitId>> = HashMap::new();
    for block in persons.chunks(1000) {
        let jobs: Vec<(PersonId, UnitId)> = employment::table
            .filter(employment::person_id.eq_any(block))
            .filter(worked_on(on))
            .select((employment::person_id, employment::organisation_id))
            .load(conn)?;
        for (person, organisation) in jobs {
            places.entry(person).or_default().push(organisation);
        }
    }
    // Only a plan at work has a queue.
    let at_work = |(_, _, plan, (_, state, ..), ..): &Row| (*state == IomState::Active).then_some(*plan);
    let active: Vec<IomId> = rows.iter().filter_map(at_work).collect();
    let mut reviews: HashMap<IomId, usize> = HashMap::new();
    for block in active.chunks(1000) {
        let steps: Vec<IomId> = iom_item::table
            .filter(iom_item::iom_id.eq_any(block))
            .filter(iom_item::state.eq(ItemState::Submitted))
            .select(iom_item::iom_id)
            .load(conn)?;
        for plan in steps {
            *reviews.entry(plan).or_default() += 1;
        }
    }
    let mut found = Vec::with_capacity(rows.len());
    for (id, region, plan, (number, state, person, visible_on), kind, (from, to)) in rows {
        let works = places.get(&person).cloned().unwrap_or_default();
        if organisations.is_none_or(|own| works.iter().any(|o| own.contains(o))) {
            found.push(Held {
                id,
                region,
                plan,
                number,
                state,
                person,
                shown: visible_on.is_some(),
                kind,
                from,
                to,
                organisations: works,
                reviews: reviews.get(&plan).copied().unwrap_or(0),
            });
        }
    }
    Ok(found)
}

/// Who else accompanies these plans in which kind, on a day or later.
pub(super) fn beside(
    conn: &mut AnyConn,
    held: &[Held],
    from: AccountId,
    on: NaiveDate,
) -> Result<HashSet<(IomId, AccountId, SupporterKind)>, DbError> {
    let plans: Vec<IomId> = held.iter().map(|of| of.plan).collect();
    let mut found = HashSet::new();
    for block in plans.chunks(1000) {
        let rows: Vec<(IomId, AccountId, SupporterKind)> = supporter::table
            .filter(supporter::iom_id.eq_any(block))
            .filter(supporter::account_id.ne(from))
            .filter(supporter::superseded_at.is_null())
            .filter(supporter::valid_to.is_null().or(supporter::valid_to.gt(on)))
            .select((supporter::iom_id, supporter::account_id, supporter::kind))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

//! Steps at which those whom an account accompanies have learnt something, with what was seen of it in their work.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;

use crate::db::schema::{iom, iom_item};
use crate::db::{AnyConn, DbError};
use crate::desk::plan::rows::{self, Who};
use crate::desk::plan::support_rows::assigned;
use crate::iom::accompany::Accompanying;
use crate::iom::practice::{self, LOOKED_AT, Transfer, terms};
use crate::iom::{IomId, IomState, ItemId, ItemState};
use crate::people::PersonId;

/// Something learnt.
#[derive(Debug)]
pub(crate) struct Learnt {
    /// The plan.
    pub plan: IomId,
    /// Whether it is closed.
    pub closed: bool,
    /// Whose.
    pub person: PersonId,
    /// The same with name and places.
    pub who: Who,
    /// The step.
    pub item: ItemId,
    /// Its number.
    pub number: i32,
    /// What it was.
    pub title: String,
    /// The day it was accepted.
    pub on: NaiveDate,
    /// What was seen last, and when.
    pub seen: Option<(NaiveDate, Transfer)>,
}

impl Learnt {
    /// Whether it is time that somebody looked: never seen, and the days for it are over.
    pub fn is_due(&self, today: NaiveDate) -> bool {
        self.seen.is_none() && self.on + TimeDelta::days(terms().look_within_days) < today
    }
}

/// A step: its plan, id, number, title, day.
type Step = (IomId, ItemId, i32, String, Option<NaiveDate>);

/// What was learnt lately at the plans that somebody accompanies, open and closed, the longest ago first.
///
/// # Errors
/// Those of the database.
pub(crate) fn learnt(conn: &mut AnyConn, of: &Accompanying, today: NaiveDate) -> Result<Vec<Learnt>, DbError> {
    let plans: Vec<(IomId, IomState, PersonId)> =
        assigned(of.region, of.account, of.kinds.clone(), of.shut.clone(), today)
            .select((iom::id, iom::state, iom::person_id))
            .load(conn)?;
    let ids: Vec<IomId> = plans.iter().map(|(id, ..)| *id).collect();
    let mut steps: Vec<Step> = Vec::new();
    for block in ids.chunks(1000) {
        let found: Vec<Step> = iom_item::table
            .filter(iom_item::region_id.eq(of.region))
            .filter(iom_item::iom_id.eq_any(block))
            .filter(iom_item::state.eq(ItemState::Accepted))
            .filter(iom_item::education_form.eq_any(LOOKED_AT))
            .filter(iom_item::settled_on.ge(today - TimeDelta::days(terms().listed_days)))
            .select((
                iom_item::iom_id,
                iom_item::id,
                iom_item::number,
                iom_item::title,
                iom_item::settled_on,
            ))
            .load(conn)?;
        steps.extend(found);
    }
    steps.sort_by_key(|(_, item, .., on)| (*on, *item));
    let seen = practice::seen(conn, of.region, &ids)?;
    let persons: Vec<PersonId> = plans.iter().map(|(.., person)| *person).collect();
    let who: HashMap<PersonId, Who> = rows::who(conn, of.region, &persons, today)?;
    let plans: HashMap<IomId, (IomState, PersonId)> = plans
        .into_iter()
        .map(|(id, state, person)| (id, (state, person)))
        .collect();
    let known = |(plan, item, number, title, on): Step| {
        let (state, person) = *plans.get(&plan)?;
        Some(Learnt {
            plan,
            closed: state == IomState::Closed,
            person,
            who: who.get(&person)?.clone(),
            item,
            number,
            title,
            on: on?,
            seen: seen.get(&item).copied(),
        })
    };
    Ok(steps.into_iter().filter_map(known).collect())
}

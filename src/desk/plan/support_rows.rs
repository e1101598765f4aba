//! The plans that an account accompanies, with their items: a few queries for all of them.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::AccountId;
use crate::db::schema::{iom, iom_act, iom_item, iom_state, supporter};
use crate::db::{AnyConn, DbError};
use crate::desk::plan::rows::{self, Who};
use crate::each_db;
use crate::iom::accompany::{Accompanying, accompanied, assignments};
use crate::iom::evidence::{self, Evidence};
use crate::iom::{ActKind, Iom, IomId, IomState, Item, ItemId, SupporterKind};
use crate::people::PersonId;
use crate::people::store::working;
use crate::units::UnitId;

/// A plan with its person.
#[derive(Debug)]
pub struct Accompanied {
    /// The plan.
    pub plan: Iom,
    /// Items by number.
    pub items: Vec<Item>,
    /// Since when it is in its state.
    pub since: Option<NaiveDate>,
    /// Items that were sent for review, with the day.
    pub submitted: Vec<(ItemId, NaiveDate)>,
    /// What the teacher wrote when an item was sent, by item.
    pub notes: HashMap<ItemId, String>,
    /// Files handed in, newest first.
    pub evidence: Vec<Evidence>,
    /// Whose.
    pub who: Who,
}

/// Plans that somebody accompanies on a day. The assignment is the scope: nothing else is looked at.
#[diesel::dsl::auto_type]
pub(super) fn assigned(
    region: UnitId,
    account: AccountId,
    kinds: Vec<SupporterKind>,
    shut: Vec<UnitId>,
    today: NaiveDate,
) -> _ {
    let plans: accompanied = accompanied(region, account, kinds, today);
    let subordinates: working = working(region, shut, today);
    iom::table
        .filter(iom::region_id.eq(region))
        .filter(iom::id.eq_any(plans))
        .filter(iom::person_id.ne_all(subordinates))
}

/// A plan that somebody accompanies on a day, closed or not.
///
/// # Errors
/// Those of the database.
pub fn one(conn: &mut AnyConn, of: &Accompanying, id: IomId, today: NaiveDate) -> Result<Option<Iom>, DbError> {
    if of.shut.is_empty() {
        // Every mark asks this: a statement without lists stays prepared.
        let rows: Vec<(SupporterKind, Iom)> = each_db!(conn, c => assignments(of.region, of.account, today)
            .inner_join(iom::table.on(iom::id.eq(supporter::iom_id).and(iom::region_id.eq(supporter::region_id))))
            .filter(iom::id.eq(id))
            .select((supporter::kind, Iom::as_select()))
            .load(c))?;
        let mut rows = rows.into_iter().filter(|(kind, _)| of.kinds.contains(kind));
        return Ok(rows.next().map(|(_, plan)| plan));
    }
    let found = assigned(of.region, of.account, of.kinds.clone(), of.shut.clone(), today)
        .filter(iom::id.eq(id))
        .select(Iom::as_select());
    Ok(found.get_result(conn).optional()?)
}

/// Open plans that somebody accompanies on a day, drafts too.
///
/// # Errors
/// Those of the database.
pub fn open(conn: &mut AnyConn, of: &Accompanying, today: NaiveDate) -> Result<Vec<Accompanied>, DbError> {
    let plans: Vec<Iom> = assigned(of.region, of.account, of.kinds.clone(), of.shut.clone(), today)
        .filter(iom::state.ne(IomState::Closed))
        .order(iom::id)
        .select(Iom::as_select())
        .load(conn)?;
    around(conn, of.region, plans, today)
}

/// Those of the plans, open or closed, that somebody accompanies on a day.
///
/// # Errors
/// Those of the database.
pub fn some(
    conn: &mut AnyConn,
    of: &Accompanying,
    ids: &[IomId],
    today: NaiveDate,
) -> Result<Vec<Accompanied>, DbError> {
    let mut plans: Vec<Iom> = Vec::with_capacity(ids.len());
    for block in ids.chunks(1000) {
        let found: Vec<Iom> = assigned(of.region, of.account, of.kinds.clone(), of.shut.clone(), today)
            .filter(iom::id.eq_any(block))
            .order(iom::id)
            .select(Iom::as_select())
            .load(conn)?;
        plans.extend(found);
    }
    around(conn, of.region, plans, today)
}

/// A step sent: plan and item, day and words.
type Sent = (IomId, Option<ItemId>, NaiveDate, Option<String>);

/// Plans of one region with their items and persons, a few queries for all of them. Whoever calls has chosen plans that
/// the reader may see.
///
/// # Errors
/// Those of the database.
pub fn around(
    conn: &mut AnyConn,
    region: UnitId,
    plans: Vec<Iom>,
    today: NaiveDate,
) -> Result<Vec<Accompanied>, DbError> {
    let ids: Vec<IomId> = plans.iter().map(|p| p.id).collect();
    let persons: Vec<PersonId> = plans.iter().map(|p| p.person_id).collect();
    let mut items: HashMap<IomId, Vec<Item>> = HashMap::new();
    let mut since: HashMap<IomId, NaiveDate> = HashMap::new();
    let mut files: HashMap<IomId, Vec<Evidence>> = HashMap::new();
    let mut notes: HashMap<IomId, HashMap<ItemId, String>> = HashMap::new();
    let mut submitted: HashMap<IomId, Vec<(ItemId, NaiveDate)>> = HashMap::new();
    for block in ids.chunks(1000) {
        let rows: Vec<Item> = iom_item::table
            .filter(iom_item::region_id.eq(region))
            .filter(iom_item::iom_id.eq_any(block))
            .order((iom_item::iom_id, iom_item::number))
            .select(Item::as_select())
            .load(conn)?;
        for item in rows {
            items.entry(item.iom_id).or_default().push(item);
        }
        let states: Vec<(IomId, NaiveDate)> = iom_state::table
            .filter(iom_state::region_id.eq(region))
            .filter(iom_state::iom_id.eq_any(block))
            .filter(iom_state::superseded_at.is_null())
            .order((iom_state::on_date, iom_state::id))
            .select((iom_state::iom_id, iom_state::on_date))
            .load(conn)?;
        since.extend(states);
        for file in evidence::of_plans(conn, region, block)? {
            files.entry(file.iom_id).or_default().push(file);
        }
        let sent: Vec<Sent> = iom_act::table
            .filter(iom_act::region_id.eq(region))
            .filter(iom_act::iom_id.eq_any(block))
            .filter(iom_act::act.eq(ActKind::Submit))
            .order((iom_act::on_date.desc(), iom_act::id.desc()))
            .select((iom_act::iom_id, iom_act::item_id, iom_act::on_date, iom_act::reason))
            .load(conn)?;
        for (plan, item, on, said) in sent {
            let Some(item) = item else { continue };
            // The newest comes first: what was said before was answered.
            notes
                .entry(plan)
                .or_default()
                .entry(item)
                .or_insert(said.unwrap_or_default());
            submitted.entry(plan).or_default().push((item, on));
        }
    }
    let mut who = rows::who(conn, region, &persons, today)?;
    Ok(plans
        .into_iter()
        .filter_map(|plan| {
            Some(Accompanied {
                items: items.remove(&plan.id).unwrap_or_default(),
                since: since.get(&plan.id).copied(),
                notes: notes.remove(&plan.id).unwrap_or_default(),
                evidence: files.remove(&plan.id).unwrap_or_default(),
                submitted: submitted.remove(&plan.id).unwrap_or_default(),
                who: who.remove(&plan.person_id)?,
                plan,
            })
        })
        .collect())
}

//! Experts of units: who they may be, and assigning them. Nobody scores the own unit.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::acts::{About, hold, step};
use super::model::{ExaminationAct, ExaminedId, Seat, SeatId};
use crate::access::by::By;
use crate::access::{self, Role};
use crate::db::schema::{account, employment, examination_expert, role_grant};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::units::model::holds_on;
use crate::units::{self, Tree, UnitId};
use crate::{insert_many, planted};

/// Experts of a region with their names, by name.
///
/// # Errors
/// Those of the database.
pub fn of_region(
    conn: &mut AnyConn,
    tree: &Tree,
    region: UnitId,
    day: NaiveDate,
) -> Result<Vec<(i64, String)>, DbError> {
    let own: Vec<UnitId> = tree.subtree(region).into_iter().collect();
    let held = access::store::over(conn, &[Role::Expert], &own, day)?;
    let ids: BTreeSet<i64> = held.into_iter().map(|(_, account)| account.0).collect();
    let names = access::store::names(conn, &ids.into_iter().collect::<Vec<_>>())?;
    let mut found: Vec<(i64, String)> = names.into_iter().collect();
    found.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
    Ok(found)
}

/// Units where an account works: by the staff list, or by a role other than that of an expert.
///
/// # Errors
/// Those of the database.
pub fn places(conn: &mut AnyConn, of: i64, day: NaiveDate) -> Result<BTreeSet<UnitId>, DbError> {
    type Row = (Option<UnitId>, Option<NaiveDate>, Option<NaiveDate>);
    let roles: Vec<Row> = role_grant::table
        .filter(role_grant::account_id.eq(of))
        .filter(role_grant::role.ne(Role::Expert))
        .filter(role_grant::superseded_at.is_null())
        .select((role_grant::unit_id, role_grant::valid_from, role_grant::valid_to))
        .load(conn)?;
    let jobs: Vec<Row> = employment::table
        .inner_join(account::table.on(account::person_id.eq(employment::person_id.nullable())))
        .filter(account::id.eq(of))
        .filter(employment::superseded_at.is_null())
        .select((
            employment::organisation_id.nullable(),
            employment::valid_from.nullable(),
            employment::valid_to,
        ))
        .load(conn)?;
    let all = roles.into_iter().chain(jobs);
    let held = all.filter(|(_, from, to)| holds_on(*from, *to, day));
    Ok(held.filter_map(|(unit, ..)| unit).collect())
}

/// Whether somebody who works in these places would score the own unit.
#[must_use]
pub fn is_own(tree: &Tree, unit: UnitId, places: &BTreeSet<UnitId>) -> bool {
    let inside = tree.subtree(unit);
    places.iter().any(|place| inside.contains(place)) && !planted!("own_unit_scored")
}

/// Refuses whoever works in a unit.
pub(super) fn not_own(conn: &mut AnyConn, (accounts, unit): (&[i64], UnitId), day: NaiveDate) -> Result<(), Error> {
    let tree = units::store::tree(conn, day, None)?;
    for account in accounts {
        if is_own(&tree, unit, &places(conn, *account, day)?) {
            let name = tree.unit(unit).map_or_else(String::new, |u| u.name.clone());
            return Err(Refusal::new("cycle.exam_own").with("unit", name).into());
        }
    }
    Ok(())
}

/// What is assigned: an expert, units, sections.
#[derive(Debug, Clone)]
pub struct Assigning {
    /// The expert.
    pub account: i64,
    /// Units.
    pub units: BTreeSet<ExaminedId>,
    /// Codes of sections.
    pub sections: BTreeSet<String>,
}

/// Assigns an expert to units with these sections; who is assigned already gets them instead of the former ones.
///
/// # Errors
/// No unit or section is chosen; an own unit; the expert is done there; the unit is announced.
pub fn assign(tx: &mut Tx<'_>, by: &By, said: &Assigning) -> Result<(), Error> {
    if said.units.is_empty() || said.sections.is_empty() {
        return Err(Refusal::new("cycle.exam_nothing_chosen").into());
    }
    let today = tx.today();
    let tree = units::store::tree(tx.conn(), today, None)?;
    let experts: HashMap<i64, String> = of_region(tx.conn(), &tree, by.region, today)?.into_iter().collect();
    let name = experts
        .get(&said.account)
        .ok_or_else(|| Error::NotFound("эксперт".into()))?;
    let places = places(tx.conn(), said.account, today)?;
    for id in &said.units {
        let held = hold(tx, by, *id)?;
        let row = &held.whole.row;
        let unit = tree.unit(row.unit_id).map_or_else(String::new, |u| u.name.clone());
        if row.announced_on.is_some() {
            return Err(Refusal::new("cycle.exam_announced").into());
        }
        if is_own(&tree, row.unit_id, &places) {
            let refusal = Refusal::new("cycle.exam_own_assigned")
                .with("expert", name)
                .with("unit", unit);
            return Err(refusal.into());
        }
        let known = |code: &&String| held.sheet.section(code).is_some();
        let sections: Vec<&str> = said.sections.iter().filter(known).map(String::as_str).collect();
        if sections.len() != said.sections.len() {
            return Err(Error::NotFound("раздел".into()));
        }
        // In the order of the sheet.
        let ordered: Vec<&str> = held
            .sheet
            .sections
            .iter()
            .map(|s| s.code.as_str())
            .filter(|code| sections.contains(code))
            .collect();
        let sections = ordered.join(",");
        let there = held.whole.seats.iter().find(|s| s.seat.account_id == said.account);
        let seat = match there.map(|s| &s.seat) {
            Some(seat) if seat.sections == sections => continue,
            Some(seat) if seat.done_on.is_some() => {
                let refusal = Refusal::new("cycle.exam_done_there")
                    .with("expert", name)
                    .with("unit", unit);
                return Err(refusal.into());
            }
            Some(seat) => {
                let standing = examination_expert::table
                    .filter(examination_expert::region_id.eq(by.region))
                    .filter(examination_expert::id.eq(seat.id));
                diesel::update(standing)
                    .set((
                        examination_expert::sections.eq(&sections),
                        examination_expert::version.eq(seat.version + 1),
                    ))
                    .execute(tx.conn())?;
                seat.id
            }
            None => {
                let seat = Seat {
                    id: SeatId(tx.id()),
                    region_id: by.region,
                    examination_unit_id: *id,
                    account_id: said.account,
                    sections,
                    done_on: None,
                    version: 1,
                    recorded_at: tx.now(),
                    ended_at: None,
                };
                let id = seat.id;
                insert_many!(tx.conn(), examination_expert::table, [seat]).map_err(DbError::from)?;
                id
            }
        };
        let about = About {
            seat: Some(seat),
            ..About::default()
        };
        step(tx, by, row, ExaminationAct::Assign, about)?;
    }
    Ok(())
}

/// Takes an expert off a unit.
///
/// # Errors
/// The unit is announced; no reason; somebody else was quicker.
pub fn unassign(tx: &mut Tx<'_>, doing: &super::acts::Doing, seat: SeatId, why: &str) -> Result<(), Error> {
    let held = doing.held(tx)?;
    if held.whole.row.announced_on.is_some() {
        return Err(Refusal::new("cycle.exam_announced").into());
    }
    let reason = crate::cycle::report::reason(why)?;
    if !held.whole.seats.iter().any(|s| s.seat.id == seat) {
        return Err(Error::NotFound("эксперт".into()));
    }
    let now = tx.now();
    let standing = examination_expert::table
        .filter(examination_expert::region_id.eq(doing.by.region))
        .filter(examination_expert::id.eq(seat));
    diesel::update(standing)
        .set(examination_expert::ended_at.eq(Some(now)))
        .execute(tx.conn())?;
    let about = About {
        seat: Some(seat),
        reason: Some(reason),
        ..About::default()
    };
    step(tx, &doing.by, &held.whole.row, ExaminationAct::Unassign, about)
}

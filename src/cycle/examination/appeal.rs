//! Appeals: a unit that does not agree with a criterion says why, once and until the day; somebody who did not score it keeps
//! the points or gives others, with a reason.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::acts::{About, Doing, hold, step};
use super::announce::{self, FromFile};
use super::model::{Appeal, Examination, ExaminationAct, Examined, ExaminedId};
use super::scoring::Said;
use super::store;
use crate::access::by::By;
use crate::cycle::report;
use crate::db::schema::examination_appeal as table;
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::{insert_many, planted};

/// Why a unit cannot appeal on a day.
#[must_use]
pub fn shut(of: &Examination, row: &Examined, today: NaiveDate) -> Option<Refusal> {
    if row.announced_on.is_none() {
        return Some(Refusal::new("cycle.exam_not_announced"));
    }
    (today > of.appeals_until)
        .then(|| Refusal::new("cycle.exam_appeals_over").with("day", of.appeals_until.format("%d.%m.%Y")))
}

/// Appeals against the points of a criterion.
///
/// # Errors
/// Not announced yet; the day is over; no such criterion; it was appealed against before; no reason.
pub fn appeal(
    tx: &mut Tx<'_>,
    by: &By,
    (id, criterion): (ExaminedId, &str),
    (why, link): (&str, Option<String>),
) -> Result<(), Error> {
    let held = hold(tx, by, id)?;
    if let Some(refusal) = shut(&held.of, &held.whole.row, tx.today()) {
        return Err(refusal.into());
    }
    let (_, line) = held
        .sheet
        .line(criterion)
        .ok_or_else(|| Error::NotFound("критерий".into()))?;
    if held.whole.appeals.iter().any(|a| a.criterion == line.code) {
        return Err(Refusal::new("cycle.exam_appealed").with("criterion", criterion).into());
    }
    let reason = report::reason(why)?;
    let row = Appeal {
        id: tx.id(),
        region_id: by.region,
        examination_unit_id: id,
        criterion: line.code.clone(),
        reason: reason.clone(),
        link,
        account_id: by.account,
        on_behalf_of_id: by.on_behalf_of,
        recorded_at: tx.now(),
        decided_milli: None,
        decided_why: None,
        decided_by: None,
        decided_in_stead_of: None,
        decided_at: None,
    };
    insert_many!(tx.conn(), table::table, [row]).map_err(DbError::from)?;
    let about = About {
        criterion: Some(line.code.clone()),
        reason: Some(reason),
        ..About::default()
    };
    step(tx, by, &held.whole.row, ExaminationAct::Appeal, about)
}

/// Decides an appeal: `new` are the new points, none keeps them. The values of the unit follow in the same transaction.
///
/// # Errors
/// There is none that waits; whoever scored the unit decides; points out of range; no reason; somebody else was quicker.
pub fn decide(tx: &mut Tx<'_>, doing: &Doing, criterion: &str, new: Option<i64>, why: &str) -> Result<(), Error> {
    let held = doing.held(tx)?;
    let waits = held
        .whole
        .appeals
        .iter()
        .find(|a| a.criterion == criterion && a.decided_at.is_none());
    let Some(waits) = waits else {
        return Err(Refusal::new("cycle.exam_no_appeal").into());
    };
    let hands = [Some(doing.by.account), doing.by.on_behalf_of];
    if held
        .whole
        .seats
        .iter()
        .any(|s| hands.contains(&Some(s.seat.account_id)))
    {
        return Err(Refusal::new("cycle.exam_own_decision").into());
    }
    let reason = report::reason(why)?;
    let said = Said {
        criterion: criterion.to_owned(),
        value_milli: new,
        ..Said::default()
    };
    if let Some(refusal) = said.refused(&held.sheet) {
        return Err(refusal.with("criterion", criterion).into());
    }
    let now = tx.now();
    let row = table::table
        .filter(table::region_id.eq(doing.by.region))
        .filter(table::id.eq(waits.id));
    diesel::update(row)
        .set((
            table::decided_milli.eq(new),
            table::decided_why.eq(Some(&reason)),
            table::decided_by.eq(Some(doing.by.account)),
            table::decided_in_stead_of.eq(doing.by.on_behalf_of),
            table::decided_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    let (act, about) = (
        if new.is_some() {
            ExaminationAct::Change
        } else {
            ExaminationAct::Keep
        },
        About {
            criterion: Some(criterion.to_owned()),
            reason: Some(reason),
            ..About::default()
        },
    );
    step(tx, &doing.by, &held.whole.row, act, about)?;
    if new.is_some() && !planted!("appeal_not_published") {
        let whole = store::whole(tx.conn(), doing.by.region, vec![held.whole.row.clone()])?;
        for whole in whole {
            let held = super::acts::Held {
                of: held.of.clone(),
                sheet: held.sheet.clone(),
                whole,
            };
            // What stands of files was settled when the points were announced.
            announce::publish(tx, &doing.by, &held, FromFile::Beside)?;
        }
    }
    Ok(())
}

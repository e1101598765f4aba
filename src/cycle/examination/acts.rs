//! What the operator does with a unit that is examined: each is one transaction with its row of the history and of the
//! journal, at the version that was seen.

use diesel::prelude::*;

use super::model::{ActRow, Examination, ExaminationAct, Examined, ExaminedId, Seat, SeatId};
use super::sheet::Sheet;
use super::standing::Whole;
use super::store;
use crate::access::by::{self, By};
use crate::cycle::report;
use crate::db::schema::{examination_act, examination_expert, examination_unit};
use crate::db::{DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::insert_many;

/// Who acts on which unit, and the version that was seen.
#[derive(Debug, Clone)]
pub struct Doing {
    /// Who.
    pub by: By,
    /// The unit.
    pub id: ExaminedId,
    /// The version that stood on the page.
    pub seen: i32,
}

/// A unit that nobody else acts on until the end of the transaction.
pub(super) struct Held {
    pub of: Examination,
    pub sheet: Sheet,
    pub whole: Whole,
}

/// A unit as it stands, with its examination.
pub(super) fn hold(tx: &mut Tx<'_>, by: &By, id: ExaminedId) -> Result<Held, Error> {
    let missing = || Error::NotFound("экспертиза".into());
    dialect::lock(tx.conn(), dialect::lock_space::EXAMINATION, [id.0])?;
    let row = store::unit(tx.conn(), by.region, id)?.ok_or_else(missing)?;
    let of = store::one(tx.conn(), by.region, row.examination_id)?.ok_or_else(missing)?;
    let whole = store::whole(tx.conn(), by.region, vec![row])?
        .pop()
        .ok_or_else(missing)?;
    Ok(Held {
        sheet: of.sheet()?,
        of,
        whole,
    })
}

impl Doing {
    /// The unit as it stands, at the version that was seen.
    pub(super) fn held(&self, tx: &mut Tx<'_>) -> Result<Held, Error> {
        let held = hold(tx, &self.by, self.id)?;
        if held.whole.row.version != self.seen && !crate::planted!("exam_without_version") {
            return Err(by::changed(tx, &self.by, "cycle", "examination_unit", self.id.0)?);
        }
        Ok(held)
    }
}

/// What an act was about.
#[derive(Debug, Clone, Default)]
pub(super) struct About {
    pub seat: Option<SeatId>,
    pub criterion: Option<String>,
    pub reason: Option<String>,
}

/// Writes an act: its row of the history and of the journal, and the next version of the unit.
pub(super) fn step(tx: &mut Tx<'_>, by: &By, of: &Examined, act: ExaminationAct, about: About) -> Result<(), Error> {
    let detail = match &about.criterion {
        Some(code) => format!("criterion={code}"),
        None => String::new(),
    };
    let row = ActRow {
        id: tx.id(),
        region_id: by.region,
        examination_unit_id: of.id,
        act,
        examination_expert_id: about.seat,
        criterion: about.criterion,
        reason: about.reason,
        on_date: tx.today(),
        account_id: by.account,
        on_behalf_of_id: by.on_behalf_of,
        recorded_at: tx.now(),
    };
    insert_many!(tx.conn(), examination_act::table, [row]).map_err(DbError::from)?;
    let standing = examination_unit::table
        .filter(examination_unit::region_id.eq(by.region))
        .filter(examination_unit::id.eq(of.id));
    diesel::update(standing)
        .set(examination_unit::version.eq(examination_unit::version + 1))
        .execute(tx.conn())?;
    by.note(tx, named(act), ("examination_unit", of.id.0), &[], &detail)?;
    Ok(())
}

fn named(act: ExaminationAct) -> &'static str {
    match act {
        ExaminationAct::Assign => "cycle.exam_assign",
        ExaminationAct::Unassign => "cycle.exam_unassign",
        ExaminationAct::Done => "cycle.exam_done",
        ExaminationAct::GiveBack => "cycle.exam_give_back",
        ExaminationAct::LookAgain => "cycle.exam_look_again",
        ExaminationAct::Leave => "cycle.exam_leave",
        ExaminationAct::Announce => "cycle.exam_announce",
        ExaminationAct::Appeal => "cycle.exam_appeal",
        ExaminationAct::Keep => "cycle.exam_keep",
        ExaminationAct::Change => "cycle.exam_change",
    }
}

/// Takes the mark of an expert away, or sets it.
pub(super) fn mark(tx: &mut Tx<'_>, by: &By, seat: &Seat, is_done: bool) -> Result<(), DbError> {
    let day = is_done.then(|| tx.today());
    let standing = examination_expert::table
        .filter(examination_expert::region_id.eq(by.region))
        .filter(examination_expert::id.eq(seat.id));
    diesel::update(standing)
        .set((
            examination_expert::done_on.eq(day),
            examination_expert::version.eq(examination_expert::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn not_announced(held: &Held) -> Result<(), Refusal> {
    match held.whole.row.announced_on {
        Some(_) => Err(Refusal::new("cycle.exam_announced")),
        None => Ok(()),
    }
}

/// Gives the work back to an expert who is done.
///
/// # Errors
/// The points are announced; the expert is not done; no reason; somebody else was quicker.
pub fn give_back(tx: &mut Tx<'_>, doing: &Doing, seat: SeatId, why: &str) -> Result<(), Error> {
    let held = doing.held(tx)?;
    not_announced(&held)?;
    let reason = report::reason(why)?;
    let found = held.whole.seats.iter().find(|s| s.seat.id == seat);
    let found = &found.ok_or_else(|| Error::NotFound("эксперт".into()))?.seat;
    if found.done_on.is_none() {
        return Err(Refusal::new("cycle.exam_at_work").into());
    }
    mark(tx, &doing.by, found, false)?;
    let about = About {
        seat: Some(seat),
        reason: Some(reason),
        ..About::default()
    };
    step(tx, &doing.by, &held.whole.row, ExaminationAct::GiveBack, about)
}

/// Asks all experts of a section whose points part to look again.
///
/// # Errors
/// The points are announced; they do not part; no reason; somebody else was quicker.
pub fn look_again(tx: &mut Tx<'_>, doing: &Doing, section: &str, why: &str) -> Result<(), Error> {
    let held = doing.held(tx)?;
    let reason = parted(&held, section, why)?;
    let seats: Vec<Seat> = held.whole.of_section(section).map(|s| s.seat.clone()).collect();
    for seat in &seats {
        mark(tx, &doing.by, seat, false)?;
        let about = About {
            seat: Some(seat.id),
            criterion: Some(section.to_owned()),
            reason: Some(reason.clone()),
        };
        step(tx, &doing.by, &held.whole.row, ExaminationAct::LookAgain, about)?;
    }
    Ok(())
}

/// Leaves a divergence as it is.
///
/// # Errors
/// Those of [`look_again`].
pub fn leave(tx: &mut Tx<'_>, doing: &Doing, section: &str, why: &str) -> Result<(), Error> {
    let held = doing.held(tx)?;
    let reason = parted(&held, section, why)?;
    let about = About {
        criterion: Some(section.to_owned()),
        reason: Some(reason),
        ..About::default()
    };
    step(tx, &doing.by, &held.whole.row, ExaminationAct::Leave, about)
}

/// The reason of what is done about a divergence that is there.
fn parted(held: &Held, section: &str, why: &str) -> Result<String, Error> {
    not_announced(held)?;
    let found = held
        .sheet
        .section(section)
        .ok_or_else(|| Error::NotFound("раздел".into()))?;
    let reason = report::reason(why)?;
    if held.whole.divergence(found, held.of.divergence_milli).is_none() {
        return Err(Refusal::new("cycle.exam_agree").into());
    }
    Ok(reason)
}

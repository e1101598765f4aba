//! The work of an expert: points, comments and errors of a section are saved as often as wanted; who has finished changes
//! nothing until the work is given back.

use diesel::prelude::*;

use super::acts::{About, hold, mark, step};
use super::experts;
use super::model::{ExaminationAct, PointRow, Seat, SeatId};
use super::sheet::Sheet;
use super::standing::{Filled, Whole};
use super::store;
use crate::access::by::{self, By};
use crate::db::schema::{examination_expert, examination_point};
use crate::db::text_keys::clean;
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::{insert_many, planted};

/// What is said of a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// The criterion, or the section for what is said of all of it.
    pub criterion: String,
    /// Points, thousandths.
    pub value_milli: Option<i64>,
    /// Whether nothing was presented.
    pub is_absent: bool,
    /// The comment.
    pub note: String,
    /// Codes of errors.
    pub errors: Vec<String>,
}

impl Said {
    /// What is wrong with it.
    #[must_use]
    pub fn refused(&self, sheet: &Sheet) -> Option<Refusal> {
        if self.note.chars().count() > 1000 {
            return Some(Refusal::new("cycle.exam_long_note"));
        }
        let value = self.value_milli?;
        let Some((_, line)) = sheet.line(&self.criterion) else {
            return Some(Refusal::new("cycle.exam_no_points_here"));
        };
        if self.is_absent {
            return Some(Refusal::new("cycle.exam_absent_and_points"));
        }
        let comma = |n: i64| crate::indicators::scale::plain(n).replace('.', ",");
        if (value < 0 || value > line.maximum_milli) && !planted!("points_above_maximum") {
            return Some(Refusal::new("cycle.exam_out_of_range").with("most", comma(line.maximum_milli)));
        }
        (sheet.step_milli > 0 && value % sheet.step_milli != 0)
            .then(|| Refusal::new("cycle.exam_step").with("step", comma(sheet.step_milli)))
    }
}

/// Who scores: the account whose place it is, and the version that was seen.
#[derive(Debug, Clone)]
pub struct Scoring {
    /// Who.
    pub by: By,
    /// The place.
    pub id: SeatId,
    /// The version that stood on the page.
    pub seen: i32,
}

/// The place as it stands, where the expert may work on it.
fn held(tx: &mut Tx<'_>, doing: &Scoring) -> Result<(Seat, Sheet, Whole), Error> {
    let missing = || Error::NotFound("оценка".into());
    let seat = store::seat(tx.conn(), doing.by.region, doing.id)?.ok_or_else(missing)?;
    let of = hold(tx, &doing.by, seat.examination_unit_id)?;
    let seat = of.whole.seats.iter().find(|s| s.seat.id == doing.id);
    let seat = seat.map(|s| s.seat.clone()).ok_or_else(missing)?;
    if seat.account_id != doing.by.account {
        return Err(missing());
    }
    if of.whole.row.announced_on.is_some() {
        return Err(Refusal::new("cycle.exam_announced").into());
    }
    if seat.done_on.is_some() && !planted!("done_is_changed") {
        return Err(Refusal::new("cycle.exam_finished").into());
    }
    let day = of.of.scoring_until;
    if tx.today() > day {
        return Err(Refusal::new("cycle.exam_scoring_over")
            .with("day", day.format("%d.%m.%Y"))
            .into());
    }
    if seat.version != doing.seen && !planted!("points_without_version") {
        return Err(by::changed(tx, &doing.by, "cycle", "examination_expert", seat.id.0)?);
    }
    // Whoever has come to work there since is not an expert of it any more.
    let today = tx.today();
    experts::not_own(tx.conn(), (&[doing.by.account], of.whole.row.unit_id), today)?;
    Ok((seat, of.sheet, of.whole))
}

/// Saves what was said; what did not change stays as it is. Returns how much changed.
///
/// # Errors
/// It is not the expert's; the expert is done; points out of range; somebody else has changed it.
pub fn save(tx: &mut Tx<'_>, doing: &Scoring, said: &[Said]) -> Result<usize, Error> {
    let (seat, sheet, whole) = held(tx, doing)?;
    let changed = keep(tx, doing, (&seat, &sheet, &whole), said)?;
    if !changed.is_empty() {
        put(tx, doing, &seat, &changed)?;
    }
    Ok(changed.len())
}

fn put(tx: &mut Tx<'_>, doing: &Scoring, seat: &Seat, changed: &[String]) -> Result<(), Error> {
    let standing = examination_expert::table
        .filter(examination_expert::region_id.eq(doing.by.region))
        .filter(examination_expert::id.eq(seat.id));
    diesel::update(standing)
        .set(examination_expert::version.eq(seat.version + 1))
        .execute(tx.conn())?;
    let detail = format!("entered={}", changed.join(","));
    doing
        .by
        .note(tx, "cycle.exam_score", ("examination_expert", seat.id.0), &[], &detail)?;
    Ok(())
}

fn keep(
    tx: &mut Tx<'_>,
    doing: &Scoring,
    (seat, sheet, whole): (&Seat, &Sheet, &Whole),
    said: &[Said],
) -> Result<Vec<String>, Error> {
    let own: Vec<&str> = sheet
        .sections
        .iter()
        .filter(|s| seat.has(&s.code))
        .flat_map(|s| s.codes())
        .collect();
    let filled = whole.seats.iter().find(|s| s.seat.id == seat.id);
    let (mut changed, mut gone, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for of in said {
        if !own.contains(&of.criterion.as_str()) {
            return Err(Error::NotFound("критерий".into()));
        }
        if let Some(refusal) = of.refused(sheet) {
            return Err(refusal.with("criterion", &of.criterion).into());
        }
        let known = |code: &&String| sheet.error(code).is_some();
        let errors: Vec<&str> = of.errors.iter().filter(known).map(String::as_str).collect();
        let (errors, note) = (errors.join(","), clean(&of.note));
        let stood = filled.and_then(|f| f.points.get(&of.criterion));
        let before = stood.map_or((None, false, "", ""), |p| {
            (p.value_milli, p.is_absent, &*p.note, &*p.errors)
        });
        if before == (of.value_milli, of.is_absent, &*note, &*errors) {
            continue;
        }
        gone.extend(stood.map(|p| p.id));
        rows.push(PointRow {
            id: tx.id(),
            region_id: doing.by.region,
            examination_expert_id: seat.id,
            criterion: of.criterion.clone(),
            value_milli: of.value_milli,
            is_absent: of.is_absent,
            note,
            errors,
            account_id: doing.by.account,
            recorded_at: tx.now(),
            superseded_at: None,
        });
        changed.push(of.criterion.clone());
    }
    let now = tx.now();
    let standing = examination_point::table
        .filter(examination_point::region_id.eq(doing.by.region))
        .filter(examination_point::id.eq_any(&gone));
    diesel::update(standing)
        .set(examination_point::superseded_at.eq(Some(now)))
        .execute(tx.conn())?;
    insert_many!(tx.conn(), examination_point::table, rows).map_err(DbError::from)?;
    Ok(changed)
}

/// Finishes the work on a unit: every criterion of the expert has points or is not presented.
///
/// # Errors
/// Those of [`save`]; something is not scored.
pub fn finish(tx: &mut Tx<'_>, doing: &Scoring, said: &[Said]) -> Result<(), Error> {
    let (seat, sheet, whole) = held(tx, doing)?;
    let changed = keep(tx, doing, (&seat, &sheet, &whole), said)?;
    if !changed.is_empty() {
        put(tx, doing, &seat, &changed)?;
    }
    let again = store::whole(tx.conn(), doing.by.region, vec![whole.row.clone()])?;
    let filled: Option<&Filled> = again.iter().flat_map(|w| &w.seats).find(|s| s.seat.id == seat.id);
    let left = filled.map(|f| f.left(&sheet)).unwrap_or_default();
    if !left.is_empty() {
        let codes: Vec<&str> = left.iter().map(|l| l.code.as_str()).collect();
        return Err(Refusal::new("cycle.exam_left")
            .with("criteria", codes.join(", "))
            .into());
    }
    mark(tx, &doing.by, &seat, true)?;
    let about = About {
        seat: Some(seat.id),
        ..About::default()
    };
    step(tx, &doing.by, &whole.row, ExaminationAct::Done, about)
}

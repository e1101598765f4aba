//! What the pages of examinations read: examinations with their units and experts, as far as the visitor sees them.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::access;
use crate::cycle::examination::experts;
use crate::cycle::examination::model::{Examination, ExaminationId, Examined, ExaminedId};
use crate::cycle::examination::sheet::Sheet;
use crate::cycle::examination::standing::Whole;
use crate::cycle::examination::store;
use crate::db::{AnyConn, DbError};
use crate::desk::registers::reach::{Held, missing};
use crate::error::Error;
use crate::web::Visitor;

/// An examination with its units.
pub(crate) struct Board {
    pub held: Held,
    pub of: Examination,
    pub sheet: Sheet,
    pub units: Vec<Whole>,
    /// The one of the same pack before it.
    pub before: Option<(Examination, Sheet)>,
    /// Names of the accounts that are met.
    pub names: HashMap<i64, String>,
}

/// Names of whoever acted on some units.
pub(crate) fn names(c: &mut AnyConn, of: &[Whole]) -> Result<HashMap<i64, String>, DbError> {
    let mut ids: Vec<i64> = of.iter().flat_map(|w| &w.seats).map(|s| s.seat.account_id).collect();
    for act in of.iter().flat_map(|w| &w.acts) {
        ids.extend([Some(act.account_id), act.on_behalf_of_id].into_iter().flatten());
    }
    ids.sort_unstable();
    ids.dedup();
    access::store::names(c, &ids)
}

/// Says beside the name of an expert who has work left and is an expert no more that somebody else has to do it.
fn say_who_left(
    c: &mut AnyConn,
    held: &Held,
    of: &[Whole],
    names: &mut HashMap<i64, String>,
    today: NaiveDate,
) -> Result<(), DbError> {
    let at_work = of
        .iter()
        .filter(|w| w.row.announced_on.is_none())
        .flat_map(|w| &w.seats);
    let at_work: Vec<i64> = at_work
        .filter(|s| s.seat.done_on.is_none())
        .map(|s| s.seat.account_id)
        .collect();
    if at_work.is_empty() {
        return Ok(());
    }
    let experts: HashMap<i64, String> = experts::of_region(c, &held.tree, held.region, today)?
        .into_iter()
        .collect();
    for account in at_work.iter().filter(|account| !experts.contains_key(account)) {
        if let Some(name) = names.get_mut(account).filter(|name| !name.ends_with(LEFT)) {
            name.push_str(LEFT);
        }
    }
    Ok(())
}

/// What is said of an expert who is none any more.
const LEFT: &str = " (больше не эксперт: назначьте другого)";

/// The examination before, with what it scored.
pub(crate) fn before(c: &mut AnyConn, of: &Examination) -> Result<Option<(Examination, Sheet)>, Error> {
    let found = store::before(c, of)?;
    found.map(|of| Ok((of.clone(), of.sheet()?))).transpose()
}

/// Reads an examination of the visitor's own region, its units by name.
pub(crate) fn board(c: &mut AnyConn, visitor: &Visitor, id: i64, today: NaiveDate) -> Result<Board, Error> {
    let held = Held::of(c, visitor, today)?;
    let of = store::one(c, held.region, ExaminationId(id))?.ok_or_else(missing)?;
    let rows = store::units(c, held.region, &[of.id])?;
    let mut units = store::whole(c, held.region, rows)?;
    let place = |whole: &Whole| {
        let unit = held.tree.unit(whole.row.unit_id);
        unit.map(|u| (u.sort_key.clone(), u.code.clone()))
    };
    units.sort_by_key(place);
    let mut names = names(c, &units)?;
    say_who_left(c, &held, &units, &mut names, today)?;
    Ok(Board {
        sheet: of.sheet()?,
        before: before(c, &of)?,
        names,
        of,
        units,
        held,
    })
}

/// One unit of an examination.
pub(crate) struct One {
    pub held: Held,
    pub of: Examination,
    pub sheet: Sheet,
    pub whole: Whole,
    /// The same unit in the examination before.
    pub before: Option<(Examination, Sheet, Whole)>,
    pub names: HashMap<i64, String>,
}

/// Reads a unit that is examined; whose it is is the caller's matter.
pub(crate) fn of_unit(c: &mut AnyConn, held: Held, row: Examined) -> Result<One, Error> {
    let of = store::one(c, held.region, row.examination_id)?.ok_or_else(missing)?;
    let before = match before(c, &of)? {
        Some((old, sheet)) => {
            let rows = store::units(c, held.region, &[old.id])?;
            let own: Vec<Examined> = rows.into_iter().filter(|r| r.unit_id == row.unit_id).collect();
            let whole = store::whole(c, held.region, own)?.pop();
            whole.map(|whole| (old, sheet, whole))
        }
        None => None,
    };
    let whole = store::whole(c, held.region, vec![row])?.pop().ok_or_else(missing)?;
    Ok(One {
        sheet: of.sheet()?,
        names: names(c, std::slice::from_ref(&whole))?,
        of,
        whole,
        before,
        held,
    })
}

/// Reads a unit that is examined in the visitor's own region.
pub(crate) fn one(c: &mut AnyConn, visitor: &Visitor, id: i64, today: NaiveDate) -> Result<One, Error> {
    let held = Held::of(c, visitor, today)?;
    let row = store::unit(c, held.region, ExaminedId(id))?.ok_or_else(missing)?;
    let mut one = of_unit(c, held, row)?;
    say_who_left(c, &one.held, std::slice::from_ref(&one.whole), &mut one.names, today)?;
    Ok(one)
}

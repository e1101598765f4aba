//! A printed sheet with what stands behind its rows now: only of plans that its account still accompanies.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};

use crate::db::{AnyConn, DbError};
use crate::desk::conflict::{self, About};
use crate::desk::plan::support_rows::{self, Accompanied};
use crate::iom::accompany::Accompanying;
use crate::iom::mark_sheet::{MarkOutcome, MarkRow, MarkSheet, SheetId};
use crate::iom::{ActKind, IomId, IomState, ItemState, sheet_store};
use crate::people::PersonId;

/// A sheet.
#[derive(Debug)]
pub struct Shown {
    /// The sheet.
    pub sheet: MarkSheet,
    /// Its rows in their places.
    pub lines: Vec<Line>,
}

/// A row.
#[derive(Debug)]
pub struct Line {
    /// As it was printed, with what came of it.
    pub row: MarkRow,
    /// The step as it stands now; none where somebody else accompanies the plan.
    pub step: Option<Step>,
    /// What somebody has done with the step since it was printed, where the mark is asked about.
    pub happened: Option<String>,
    /// Whether the mark was not written from the sheet, and stands all the same by now.
    pub settled: bool,
}

impl Line {
    /// Whether the mark stands.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.settled || matches!(self.row.outcome, Some(MarkOutcome::Accepted | MarkOutcome::Returned))
    }

    /// Whether it is still asked what to do.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.row.outcome == Some(MarkOutcome::Asked) && !self.settled
    }
}

/// A step as it stands.
#[derive(Debug)]
pub struct Step {
    /// Whose.
    pub person: PersonId,
    /// Фамилия И. О.
    pub who: String,
    /// Where that one works.
    pub place: String,
    /// Number in the plan.
    pub number: i32,
    /// What is to be done.
    pub title: String,
    /// Where it stands.
    pub state: ItemState,
    /// Its version.
    pub version: i32,
    /// Where the plan stands.
    pub plan_state: IomState,
    /// The first day that a mark may bear.
    pub not_before: Option<NaiveDate>,
}

impl Shown {
    /// How many rows are so.
    #[must_use]
    pub fn count(&self, of: impl Fn(&Line) -> bool) -> usize {
        self.lines.iter().filter(|line| of(line)).count()
    }

    /// The people who stand on it.
    #[must_use]
    pub fn people(&self) -> Vec<PersonId> {
        let steps = self.lines.iter().filter_map(|line| line.step.as_ref());
        steps.map(|step| step.person).collect()
    }
}

/// A sheet of an account; one of another account is as missing.
///
/// # Errors
/// Those of the database.
pub fn load(
    conn: &mut AnyConn,
    of: &Accompanying,
    id: SheetId,
    today: NaiveDate,
    zone: TimeDelta,
) -> Result<Option<Shown>, DbError> {
    let Some((sheet, rows)) = sheet_store::one(conn, of.region, of.account, id)? else {
        return Ok(None);
    };
    let ids: Vec<IomId> = rows.iter().map(|row| row.iom_id).collect();
    let plans = support_rows::some(conn, of, &ids, today)?;
    let plans: HashMap<IomId, Accompanied> = plans.into_iter().map(|of| (of.plan.id, of)).collect();
    let settled = sheet_store::settled(conn, of.region, rows.iter())?;
    let mut lines: Vec<Line> = rows
        .into_iter()
        .map(|row| {
            // Of a plan that somebody else accompanies by now nothing is told.
            let step = plans.get(&row.iom_id).and_then(|of| step(of, &row));
            Line {
                settled: step.is_some() && settled.contains(&row.id),
                step,
                happened: None,
                row,
            }
        })
        .collect();
    let asked = lines
        .iter_mut()
        .filter(|line| line.row.outcome == Some(MarkOutcome::Asked));
    let asked: Vec<(&mut Line, About)> = asked
        .filter_map(|line| {
            let step = line.step.as_ref()?;
            let about = About {
                person: step.person,
                item: Some(step.number),
                kind: ActKind::Accept,
            };
            Some((line, about))
        })
        .collect();
    let (asked, abouts): (Vec<&mut Line>, Vec<About>) = asked.into_iter().unzip();
    for (line, said) in asked.into_iter().zip(conflict::last(conn, of.region, &abouts, zone)?) {
        line.happened = said;
    }
    Ok(Some(Shown { sheet, lines }))
}

fn step(of: &Accompanied, row: &MarkRow) -> Option<Step> {
    let item = of.items.iter().find(|item| item.id == row.item_id)?;
    let sent = of.submitted.iter().find(|(id, _)| *id == item.id).map(|(_, on)| *on);
    Some(Step {
        person: of.plan.person_id,
        who: of.who.short.clone(),
        place: of.who.places.join(", "),
        number: item.number,
        title: item.title.clone(),
        state: item.state,
        version: item.version,
        plan_state: of.plan.state,
        not_before: sent.max(of.since),
    })
}

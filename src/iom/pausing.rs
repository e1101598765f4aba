//! A pause of a plan: why, in a word of the dictionary, and until when it is meant; and what becomes of the last days after
//! it. Nothing about health is asked for.

use chrono::{Days, Months, NaiveDate};

use super::agree::next_state;
use super::editing::check_length;
use super::model::{IomState, ItemState, PauseReason, RevisionBasis, StateRow};
use super::plan::{Doing, Kept, Plan, Stamp};
use super::{revision, typed_file};
use crate::error::Refusal;
use crate::pages::text::count;
use crate::planted;

/// The longest pause, months: whoever is away for longer gets a plan of their own time.
const LONGEST: u32 = 36;

/// The value of a resumption that moves last days.
pub const SHIFT: &str = "shift";
/// The value of one that leaves them.
pub const KEEP: &str = "keep";

/// Stops a plan in work. The reason is a word of the dictionary; another word, which only a file of acts may bring, stays
/// as it was written. The value is the last day of the pause, where somebody said it.
///
/// # Errors
/// The plan is not in work; no reason; a last day that is none, before the pause or too far.
pub fn pause(plan: &mut Plan, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    let state = next_state(plan, doing)?;
    plan.refuse_out_of_order(doing, None)?;
    doing.needed_reason()?;
    let until = match doing.value {
        "" => None,
        value => Some(last_day(value, doing.on).ok_or_else(no_last_day)?),
    };
    let reason = pause_reason(doing.reason).map_or(doing.reason, |known| known.label());
    let doing = &Doing { reason, ..*doing };
    plan.move_to(state, doing, stamp);
    plan.row.edit().paused_until = until;
    plan.record(doing, None, stamp);
    Ok(())
}

/// Puts a paused plan to work again. With the value [`SHIFT`] the last days of open steps and of the plan move by as many
/// days as the pause has taken, and a next revision says so; without it they stay.
///
/// # Errors
/// The plan is not paused; another value; a plan that would be too long.
pub fn resume(plan: &mut Plan, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    let state = next_state(plan, doing)?;
    plan.refuse_out_of_order(doing, None)?;
    if !["", KEEP, SHIFT].contains(&doing.value) {
        return Err(Refusal::new("iom.resume_days").with("shift", SHIFT));
    }
    let days = paused_days(plan, doing.on);
    let moves = doing.value == SHIFT && days > 0 && !planted!("days_stay");
    let moved = moves && shift(plan, days)?;
    let doing = &Doing {
        value: if moved { SHIFT } else { "" },
        ..*doing
    };
    plan.move_to(state, doing, stamp);
    if moved {
        let days = count(i64::try_from(days).unwrap_or(i64::MAX), "день", "дня", "дней");
        let reason = format!("сроки сдвинуты на {days} приостановки");
        revision::freeze(plan, RevisionBasis::Extension, &reason, doing, stamp);
    }
    plan.record(doing, None, stamp);
    Ok(())
}

/// How many days the pause of a plan has taken by a day.
fn paused_days(plan: &Plan, on: NaiveDate) -> u64 {
    let paused = |s: &&Kept<StateRow>| s.superseded_at.is_none() && s.state == IomState::Paused;
    let since = plan.states.iter().rev().find(paused).map_or(on, |s| s.on_date);
    u64::try_from((on - since).num_days()).unwrap_or(0)
}

/// Moves the last days of what is still to be done; whether there was one. A step that was late before stays as late.
fn shift(plan: &mut Plan, days: u64) -> Result<bool, Refusal> {
    let by = Days::new(days);
    let last = plan.row.ends_on.and_then(|on| on.checked_add_days(by));
    if last.is_some() {
        check_length(plan.row.starts_on, last)?;
    }
    let mut moved = false;
    for item in &mut plan.items {
        let open = matches!(
            item.state,
            ItemState::Planned | ItemState::InProgress | ItemState::Returned
        );
        let Some(day) = item.due_on.filter(|_| open).and_then(|on| on.checked_add_days(by)) else {
            continue;
        };
        let item = item.edit();
        item.due_on = Some(day);
        item.version += 1;
        moved = true;
    }
    if last.is_some() {
        plan.row.edit().ends_on = last;
        moved = true;
    }
    Ok(moved)
}

/// What a form of a pause must say: a reason of the dictionary and a last day.
///
/// # Errors
/// It does not.
pub fn check_form(reason: &str, until: &str) -> Result<(), Refusal> {
    if pause_reason(reason).is_none() && !planted!("pause_in_free_words") {
        let known: Vec<&str> = PauseReason::ALL.iter().map(|r| r.label()).collect();
        return Err(Refusal::new("iom.pause_reason").with("known", known.join(", ")));
    }
    if until.is_empty() {
        return Err(no_last_day());
    }
    Ok(())
}

fn no_last_day() -> Refusal {
    Refusal::new("iom.pause_until").with("months", LONGEST)
}

fn last_day(value: &str, on: NaiveDate) -> Option<NaiveDate> {
    let most = on.checked_add_months(Months::new(LONGEST))?;
    typed_file::day(value).filter(|day| on <= *day && *day <= most)
}

/// A reason by its label, whatever the case, or by its code.
#[must_use]
pub fn pause_reason(text: &str) -> Option<PauseReason> {
    let text = text.trim().to_lowercase();
    PauseReason::ALL
        .iter()
        .copied()
        .find(|r| r.label().to_lowercase() == text || r.code() == text)
}

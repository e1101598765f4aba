//! A pause of a plan: why, in a word of the dictionary, and until when it is meant. Nothing about health is asked for.

use chrono::{Months, NaiveDate};

use super::agree::next_state;
use super::model::PauseReason;
use super::plan::{Doing, Plan, Stamp};
use super::typed_file;
use crate::error::Refusal;
use crate::planted;

/// The longest pause, months: whoever is away for longer gets a plan of their own time.
const LONGEST: u32 = 36;

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

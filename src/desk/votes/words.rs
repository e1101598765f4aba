//! Words of the pages of votes.

use chrono::NaiveDate;

use crate::cycle::vote::Vote;
use crate::desk::registers::page::days;

/// From when to when, and how far it is.
pub(super) fn window(of: &Vote, today: NaiveDate) -> String {
    let span = days(of.opens_on, Some(of.closes_on));
    if of.withdrawn_at.is_some() {
        format!("{span}, отозвано")
    } else if of.is_open(today) {
        format!("{span}, идёт")
    } else if today < of.opens_on {
        format!("{span}, ещё не началось")
    } else {
        format!("{span}, завершено")
    }
}

/// What is promised to those who vote.
pub(super) const PROMISE: &str = "Голос тайный: видно, кто проголосовал, но не за кого – этого не показываем никому. Тех, у кого меньше пяти \
                                  голосов, в итогах не называем.";

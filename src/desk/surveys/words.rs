//! Words of the pages of surveys.

use chrono::NaiveDate;

use crate::cycle::survey::Survey;
use crate::desk::registers::page::days;
use crate::pages::text::{capital, count};

/// From when to when, and how far it is.
pub(super) fn window(of: &Survey, today: NaiveDate) -> String {
    let span = days(of.opens_on, Some(of.closes_on));
    if of.is_open(today) {
        format!("{span}, идёт")
    } else if today < of.opens_on {
        format!("{span}, ещё не начался")
    } else {
        format!("{span}, завершён")
    }
}

/// Whom it asks.
pub(super) fn asked(of: &Survey) -> String {
    let kinds: Vec<&str> = of
        .kinds()
        .iter()
        .map(|kind| match kind {
            crate::people::StaffKind::Teaching => "педагогические работники",
            crate::people::StaffKind::Managing => "руководящие работники",
        })
        .collect();
    capital(&kinds.join(", "))
}

/// What is promised to those who answer.
pub(super) const PROMISE: &str = "Анонимно: видно, кто ответил, но не что: этого не узнает никто. Общий итог виден после окончания и только там, где ответили не меньше пяти \
                                  человек.";

/// Minutes, in words.
pub(super) fn minutes(n: i64) -> String {
    count(n, "минута", "минуты", "минут")
}

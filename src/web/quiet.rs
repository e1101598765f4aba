//! Accounts whose refusals are not written down for a while, since the journal holds as many of them as it takes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::NaiveDateTime;

/// Until when each account is passed over. What it says the journal says too; it spares the question.
#[derive(Debug, Default)]
pub struct Quiet {
    until: Mutex<HashMap<i64, NaiveDateTime>>,
}

impl Quiet {
    /// Whether an account is passed over now.
    #[must_use]
    pub fn is(&self, account: i64, now: NaiveDateTime) -> bool {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.get(&account).is_some_and(|until| now < *until)
    }

    /// Passes an account over until a moment; forgets those whose time is over.
    pub fn keep(&self, account: i64, end: NaiveDateTime, now: NaiveDateTime) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.retain(|_, end| now < *end);
        until.insert(account, end);
    }
}

//! Long answers of one account: files of many people are made a few at a time, so that one who asks for many does not make
//! everybody else wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many an account may have under way at once: one, and the second click on it.
const AT_ONCE: usize = 2;

/// Which accounts have long answers under way.
#[derive(Debug, Clone, Default)]
pub struct Long {
    under_way: Arc<Mutex<HashMap<i64, usize>>>,
}

/// The turn of one long answer; over when it is dropped.
#[derive(Debug)]
pub struct Turn {
    of: Long,
    account: i64,
}

impl Long {
    /// A turn for a long answer; `None` while the account has as many under way as it may.
    #[must_use]
    pub fn take(&self, account: i64) -> Option<Turn> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let own = under_way.entry(account).or_default();
        if *own >= AT_ONCE {
            return None;
        }
        *own += 1;
        Some(Turn {
            of: self.clone(),
            account,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut under_way = self.of.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = under_way.get_mut(&self.account) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                under_way.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_two_under_way_and_nobody_else_waits() {
        let long = Long::default();
        let (first, second) = (long.take(7), long.take(7));
        assert!(first.is_some() && second.is_some() && long.take(7).is_none());
        assert!(long.take(8).is_some(), "another account");
        drop(first);
        assert!(long.take(7).is_some());
        drop(second);
        assert!(
            long.under_way.lock().unwrap().is_empty(),
            "nothing is kept of what is over"
        );
    }
}

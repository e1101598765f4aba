//! Failed tries of a secret, counted per key: the delay grows, nothing is locked for ever.
//!
//! Kept in the process: several processes give a guesser as many tries as there are processes, which the doubling
//! delay makes small. The table is bounded; the oldest entries leave first.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{Duration, NaiveDateTime};

/// Failures without a delay.
const FREE: u32 = 4;
/// Longest delay, seconds.
const LONGEST: i64 = 900;
/// Most keys held.
const MOST: usize = 20_000;

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: NaiveDateTime,
}

impl Failures {
    fn free_at(self) -> NaiveDateTime {
        let doublings = self.count.saturating_sub(FREE + 1).min(20);
        let seconds = if self.count > FREE {
            (1_i64 << doublings).min(LONGEST)
        } else {
            0
        };
        self.last + Duration::seconds(seconds)
    }
}

/// Failed tries by key.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<String, Failures>>);

impl Attempts {
    /// Seconds to wait before the next try; 0 lets it through.
    #[must_use]
    pub fn wait(&self, key: &str, now: NaiveDateTime) -> i64 {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(key).map_or(0, |f| {
            let left = (f.free_at() - now).num_milliseconds();
            if left > 0 { (left + 999) / 1000 } else { 0 }
        })
    }

    /// A try failed.
    pub fn failed(&self, key: &str, now: NaiveDateTime) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MOST {
            let oldest = now - Duration::seconds(LONGEST);
            held.retain(|_, f| f.last > oldest);
            if held.len() >= MOST {
                held.clear();
            }
        }
        let entry = held.entry(key.to_owned()).or_insert(Failures { count: 0, last: now });
        entry.count = entry.count.saturating_add(1);
        entry.last = now;
    }

    /// The right secret was given.
    pub fn passed(&self, key: &str) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_failure_waits_and_each_further_one_twice_as_long() {
        let attempts = Attempts::default();
        let mut now = chrono::DateTime::UNIX_EPOCH.naive_utc();
        let mut waits = Vec::new();
        for _ in 0..16 {
            attempts.failed("k", now);
            let wait = attempts.wait("k", now);
            waits.push(wait);
            now += Duration::seconds(wait);
            assert_eq!(attempts.wait("k", now), 0);
        }
        assert_eq!(waits[..8], [0, 0, 0, 0, 1, 2, 4, 8]);
        assert_eq!(waits[15], LONGEST);
        assert_eq!(attempts.wait("other", now), 0);
        attempts.passed("k");
        attempts.failed("k", now);
        assert_eq!(attempts.wait("k", now), 0);
    }
}

//! Ids made in Rust: 41 bits of milliseconds, 10 bits of a process number, 12 bits of counter; never backwards.
//!
//! The process number is leased from the database, so two processes on one database never share one. A lease is taken
//! when the database is opened and renewed by writes; a process that was killed simply lets it run out.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{NaiveDate, NaiveDateTime};

/// Milliseconds before which no id is made: 1 January 2024, UTC.
fn epoch() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 1, 1)
        .and_then(|d| d.and_hms_opt(0, 0, 0))
        .unwrap_or_default()
}

/// Milliseconds of a moment since the epoch of ids.
#[must_use]
pub fn milliseconds(at: NaiveDateTime) -> i64 {
    (at - epoch()).num_milliseconds().max(1)
}

/// The least id that may be given from a moment on.
#[must_use]
pub fn first_since(at: NaiveDateTime) -> i64 {
    milliseconds(at) << 22
}

/// Makes ids for one leased process number (0…1023).
#[derive(Debug)]
pub struct IdGenerator {
    process: i64,
    /// The last `milliseconds << 12 | counter` given out.
    last: AtomicI64,
}

impl IdGenerator {
    /// A generator for `process` that gives nothing earlier than `floor` (milliseconds of the lease before this one).
    #[must_use]
    pub fn new(process: i32, floor: i64) -> Self {
        Self {
            process: i64::from(process & 0x3ff),
            last: AtomicI64::new(floor << 12),
        }
    }

    /// The leased process number.
    #[must_use]
    pub fn process(&self) -> i32 {
        i32::try_from(self.process).unwrap_or(0)
    }

    /// The next id. A clock that stepped back does not matter: the sequence goes on from the last one.
    pub fn next(&self, now: NaiveDateTime) -> i64 {
        let fresh = milliseconds(now) << 12;
        let before = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(fresh.max(last + 1)));
        let tick = fresh.max(before.unwrap_or(fresh) + 1);
        ((tick >> 12) << 22) | (self.process << 12) | (tick & 0xfff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_though_the_clock_steps_back() {
        let ids = IdGenerator::new(7, 0);
        let late = epoch() + chrono::Duration::days(400);
        let first = ids.next(late);
        let second = ids.next(epoch());
        assert!(second > first, "{second} after {first}");
        assert_eq!((first >> 12) & 0x3ff, 7);
    }

    #[test]
    fn ten_thousand_ids_of_one_moment_differ() {
        let ids = IdGenerator::new(0, 0);
        let now = epoch() + chrono::Duration::days(1);
        let mut all: Vec<i64> = (0..10_000).map(|_| ids.next(now)).collect();
        all.dedup();
        assert_eq!(all.len(), 10_000);
    }
}

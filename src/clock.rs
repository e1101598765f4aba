//! Time as an argument: the program asks a clock, tests hold their own.

use chrono::{FixedOffset, NaiveDate, NaiveDateTime, Timelike};

/// The only way to the present moment.
pub trait Clock: Send + Sync {
    /// Now, UTC.
    fn now(&self) -> NaiveDateTime;
    /// The date in the region's zone.
    fn today(&self) -> NaiveDate;
}

/// The machine's clock, with the region's offset from UTC.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    /// The region's zone.
    pub zone: FixedOffset,
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's clock is read"
    )]
    fn now(&self) -> NaiveDateTime {
        chrono::Utc::now().naive_utc()
    }

    fn today(&self) -> NaiveDate {
        (self.now() + chrono::Duration::seconds(i64::from(self.zone.local_minus_utc()))).date()
    }
}

/// A moment cut to microseconds: PostgreSQL keeps no more, and both databases must hold the same.
#[must_use]
pub fn to_microseconds(at: NaiveDateTime) -> NaiveDateTime {
    at.with_nanosecond(at.nanosecond() / 1000 * 1000).unwrap_or(at)
}

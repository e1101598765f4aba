//! Over what facts are kept: a period with its reference day, and whether external part-timers count.
//!
//! Packs that agree on these share their facts: the text of [`Basis`] is the key.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::db::schema::fact_period;
use crate::id_newtype;
use crate::planted;
use crate::units::{Period, PeriodKind};

id_newtype! {
    /// A period over which facts are kept.
    FactPeriodId;
}

/// What packs share facts by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Kind of the periods.
    pub kind: PeriodKind,
    /// Month of the reference day.
    pub month: u32,
    /// The reference day.
    pub day: u32,
    /// Whether external part-timers belong to the populations.
    pub external_part: bool,
}

impl Basis {
    /// The key: `academic_year@06-01+external` or `calendar_year@12-31-external`.
    #[must_use]
    pub fn key(&self) -> String {
        let external = if self.external_part { "+external" } else { "-external" };
        format!("{}@{:02}-{:02}{external}", self.kind, self.month, self.day)
    }

    /// Reads a [`Basis::key`].
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let (kind, rest) = key.split_once('@')?;
        let (date, external_part) = match rest.strip_suffix("+external") {
            Some(date) => (date, true),
            None => (rest.strip_suffix("-external")?, false),
        };
        let (month, day) = date.split_once('-')?;
        Some(Self {
            kind: PeriodKind::from_code(kind)?,
            month: month.parse().ok()?,
            day: day.parse().ok()?,
            external_part,
        })
    }

    /// The name of the period of this kind that a day lies in.
    #[must_use]
    pub fn period_of(&self, day: NaiveDate) -> Option<String> {
        let year = day.year();
        let named = |code: String| Period::parse(&code).filter(|p| p.kind == self.kind && p.contains(day));
        let academic = |first: i32| named(format!("{first}/{:02}", (first + 1).rem_euclid(100)));
        let found = match self.kind {
            PeriodKind::AcademicYear => academic(year).or_else(|| academic(year - 1)),
            _ => named(year.to_string()),
        };
        found.map(|p| p.code)
    }

    /// The window of a period; `None` when the name is of another kind of period or has no such day.
    #[must_use]
    pub fn window(&self, code: &str) -> Option<Window> {
        let period = Period::parse(code).filter(|p| p.kind == self.kind)?;
        let reference_on = period.day_inside(self.month, self.day)?;
        Some(Window {
            starts_on: period.starts_on,
            ends_on: period.ends_on,
            reference_on: Some(reference_on).filter(|day| period.contains(*day))?,
            external_part: self.external_part,
        })
    }
}

/// The days that definitions of facts ask for, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day: states of plans and the profile are read on it.
    pub ends_on: NaiveDate,
    /// The day on which populations are read.
    pub reference_on: NaiveDate,
    /// Whether external part-timers belong to the populations.
    pub external_part: bool,
}

impl Window {
    /// Whether a day lies in the period.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.starts_on..=self.ends_on).contains(&day) && !(planted!("window_short") && day == self.ends_on)
    }

    /// The same period seen on a day inside it: what comes after that day has not happened.
    #[must_use]
    pub fn as_of(self, day: NaiveDate) -> Self {
        Self {
            ends_on: day,
            reference_on: day,
            ..self
        }
    }
}

/// A period whose facts are kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = fact_period, treat_none_as_default_value = false)]
pub struct FactPeriod {
    /// Id.
    pub id: FactPeriodId,
    /// Name: `2022/23`, `2023`.
    pub code: String,
    /// Key of the [`Basis`].
    pub basis: String,
    /// Kind.
    pub kind: PeriodKind,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// The day of the populations.
    pub reference_on: NaiveDate,
    /// Whether external part-timers count.
    pub external_part: bool,
    /// When facts began to be kept.
    pub opened_at: NaiveDateTime,
}

impl FactPeriod {
    /// The days of the period.
    #[must_use]
    pub fn window(&self) -> Window {
        Window {
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            reference_on: self.reference_on,
            external_part: self.external_part,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basis_reads_its_own_key_and_finds_the_days() {
        let basis = Basis {
            kind: PeriodKind::AcademicYear,
            month: 6,
            day: 1,
            external_part: true,
        };
        assert_eq!(basis.key(), "academic_year@06-01+external");
        assert_eq!(Basis::parse(&basis.key()), Some(basis.clone()));
        let window = basis.window("2022/23").unwrap();
        let named = |day: &str| basis.period_of(day.parse().unwrap()).unwrap();
        assert_eq!(named("2022-08-31"), "2021/22");
        assert_eq!(named("2022-09-01"), "2022/23");
        assert_eq!(named("2023-08-31"), "2022/23");
        assert_eq!(window.reference_on.to_string(), "2023-06-01");
        assert_eq!(window.starts_on.to_string(), "2022-09-01");
        assert_eq!(basis.window("2023"), None, "a calendar year is another kind");
        let without = Basis::parse("calendar_year@12-31-external").unwrap();
        assert!(!without.external_part);
        assert_eq!(
            without.period_of("2023-12-31".parse().unwrap()).as_deref(),
            Some("2023")
        );
        assert_eq!(without.window("2023").unwrap().reference_on.to_string(), "2023-12-31");
        assert_eq!(
            Basis::parse("calendar_year@02-30-external").unwrap().window("2023"),
            None
        );
    }
}

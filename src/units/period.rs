//! Periods by their names: `2022/23` is an academic year (1 September – 31 August), `2023` a calendar year.

use chrono::NaiveDate;

use crate::text_enum;

text_enum! {
    /// What a period is.
    PeriodKind {
        AcademicYear = "academic_year" "учебный год",
        CalendarYear = "calendar_year" "календарный год",
        HalfYear = "half_year" "полугодие",
        Custom = "custom" "кампания",
    }
}

impl PeriodKind {
    /// The name of a period of this kind to show to whoever gave another one: the nearest to what was given, else a usual
    /// one.
    #[must_use]
    pub fn like(self, given: &str) -> String {
        let nearest = |of: Period| {
            let day = match self {
                Self::AcademicYear => of.starts_on,
                _ => of.ends_on,
            };
            Period::of_day(self, day).filter(|code| Period::parse(code).is_some())
        };
        let usual = match self {
            Self::AcademicYear => "2022/23",
            _ => "2023",
        };
        Period::parse(given)
            .and_then(nearest)
            .unwrap_or_else(|| usual.to_owned())
    }
}

/// A span of days, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Name: `2022/23`, `2023`.
    pub code: String,
    /// Kind.
    pub kind: PeriodKind,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
}

impl Period {
    /// Reads the name of a period.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let year = |text: &str| {
            text.parse::<i32>()
                .ok()
                .filter(|y| text.len() == 4 && (1990..2100).contains(y))
        };
        let day = NaiveDate::from_ymd_opt;
        match code.split_once('/') {
            Some((first, second)) => {
                let from = year(first)?;
                if second != format!("{:02}", (from + 1) % 100) {
                    return None;
                }
                let kind = PeriodKind::AcademicYear;
                Some(Self {
                    code: code.into(),
                    kind,
                    starts_on: day(from, 9, 1)?,
                    ends_on: day(from + 1, 8, 31)?,
                })
            }
            None => {
                let of = year(code)?;
                let kind = PeriodKind::CalendarYear;
                Some(Self {
                    code: code.into(),
                    kind,
                    starts_on: day(of, 1, 1)?,
                    ends_on: day(of, 12, 31)?,
                })
            }
        }
    }

    /// The name of the year of a kind that a day lies in; halves and campaigns have no names of their own.
    #[must_use]
    pub fn of_day(kind: PeriodKind, day: NaiveDate) -> Option<String> {
        use chrono::Datelike as _;
        match kind {
            PeriodKind::CalendarYear => Some(day.year().to_string()),
            PeriodKind::AcademicYear => {
                let first = if day.month() >= 9 { day.year() } else { day.year() - 1 };
                Some(format!("{first}/{:02}", (first + 1) % 100))
            }
            PeriodKind::HalfYear | PeriodKind::Custom => None,
        }
    }

    /// The name of the year before.
    #[must_use]
    pub fn before(&self) -> Option<String> {
        Self::of_day(self.kind, self.starts_on.pred_opt()?)
    }

    /// The day `(month, day)` inside the period: 1 June of `2022/23` is 1 June 2023.
    #[must_use]
    pub fn day_inside(&self, month: u32, day: u32) -> Option<NaiveDate> {
        use chrono::Datelike as _;
        let first = NaiveDate::from_ymd_opt(self.starts_on.year(), month, day)?;
        if first >= self.starts_on {
            Some(first)
        } else {
            NaiveDate::from_ymd_opt(self.ends_on.year(), month, day)
        }
    }

    /// Whether a day lies in the period.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.starts_on..=self.ends_on).contains(&day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_periods_read() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let academic = Period::parse("2022/23").unwrap();
        assert_eq!(
            (academic.starts_on, academic.ends_on),
            (day(2022, 9, 1), day(2023, 8, 31))
        );
        assert_eq!(academic.day_inside(6, 1), Some(day(2023, 6, 1)));
        assert_eq!(academic.day_inside(9, 1), Some(day(2022, 9, 1)));
        assert_eq!(
            Period::parse("2023").unwrap().day_inside(12, 31),
            Some(day(2023, 12, 31))
        );
        assert!(Period::parse("1999/00").is_some());
        for (kind, on, code) in [
            (PeriodKind::AcademicYear, day(2023, 8, 31), "2022/23"),
            (PeriodKind::AcademicYear, day(1999, 9, 1), "1999/00"),
            (PeriodKind::CalendarYear, day(2023, 12, 31), "2023"),
        ] {
            let named = Period::of_day(kind, on).unwrap();
            assert_eq!(named, code);
            assert!(Period::parse(&named).unwrap().contains(on));
        }
        for (kind, given, like) in [
            (PeriodKind::CalendarYear, "2025/26", "2026"),
            (PeriodKind::AcademicYear, "2026", "2025/26"),
            (PeriodKind::AcademicYear, "1990", "2022/23"),
            (PeriodKind::CalendarYear, "январь", "2023"),
        ] {
            assert_eq!(kind.like(given), like, "{given}");
        }
        for wrong in ["2022/24", "22/23", "2022-23", "", "2022/2023"] {
            assert_eq!(Period::parse(wrong), None, "{wrong}");
        }
    }
}

//! How the staff of a unit is told by groups: brackets of age and of teaching experience as the federal forms have them,
//! education and category as the words of a staff list are read. Pure; no database and no clock.

use chrono::{Datelike as _, NaiveDate};

use super::model::Sex;
use crate::planted;
use crate::text_enum;

text_enum! {
    /// Education by its level.
    Education {
        HigherPedagogical = "higher_pedagogical" "высшее педагогическое",
        Higher = "higher" "высшее другое",
        Vocational = "vocational" "среднее профессиональное",
        Other = "other" "другое",
        Unknown = "unknown" "не указано",
    }
}

text_enum! {
    /// Qualification by attestation.
    Qualification {
        Highest = "highest" "высшая категория",
        First = "first" "первая категория",
        Conformity = "conformity" "соответствие занимаемой должности",
        Without = "none" "без категории",
    }
}

text_enum! {
    /// What is given beside a category.
    Distinction {
        Methodist = "methodist" "педагог-методист",
        Mentor = "mentor" "педагог-наставник",
    }
}

/// A bracket of full years, the lower bound included, the upper one not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bracket {
    /// Code in addresses.
    pub code: &'static str,
    /// Words.
    pub label: &'static str,
    below: i32,
}

const fn bracket(code: &'static str, label: &'static str, below: i32) -> Bracket {
    Bracket { code, label, below }
}

/// Brackets of age.
pub const AGES: &[Bracket] = &[
    bracket("0-24", "моложе 25 лет", 25),
    bracket("25-29", "25–29 лет", 30),
    bracket("30-34", "30–34 года", 35),
    bracket("35-39", "35–39 лет", 40),
    bracket("40-44", "40–44 года", 45),
    bracket("45-49", "45–49 лет", 50),
    bracket("50-54", "50–54 года", 55),
    bracket("55-59", "55–59 лет", 60),
    bracket("60-64", "60–64 года", 65),
    bracket("65", "65 лет и более", i32::MAX),
];

/// Brackets of teaching experience.
pub const EXPERIENCES: &[Bracket] = &[
    bracket("0-2", "до 3 лет", 3),
    bracket("3-4", "от 3 до 5 лет", 5),
    bracket("5-9", "от 5 до 10 лет", 10),
    bracket("10-14", "от 10 до 15 лет", 15),
    bracket("15-19", "от 15 до 20 лет", 20),
    bracket("20", "20 лет и более", i32::MAX),
];

/// The bracket that so many full years fall into.
#[must_use]
pub fn placed(years: i32, brackets: &'static [Bracket]) -> Option<&'static Bracket> {
    let shift = i32::from(planted!("bracket_shifted"));
    brackets.iter().find(|b| years < b.below.saturating_add(shift))
}

/// Full years from one day to another.
#[must_use]
pub fn full_years(from: NaiveDate, on: NaiveDate) -> i32 {
    on.year() - from.year() - i32::from((on.month(), on.day()) < (from.month(), from.day()))
}

/// Full years of age as the federal forms count them: on 1 January of the year after the day.
#[must_use]
pub fn age(born: NaiveDate, on: NaiveDate) -> i32 {
    on.year() + 1 - born.year() - i32::from((born.month(), born.day()) > (1, 1))
}

/// Small letters, е for ё.
fn plain(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}

impl Education {
    /// Reads the words of a staff list.
    #[must_use]
    pub fn of(written: Option<&str>) -> Self {
        let plain = plain(written.unwrap_or_default());
        if plain.is_empty() {
            Self::Unknown
        } else if plain.contains("средн") || plain.contains("спо") || plain.contains("начальн") {
            if plain.contains("общ") && !plain.contains("проф") {
                Self::Other
            } else {
                Self::Vocational
            }
        } else if plain.contains("высш") || plain.contains("бакалавр") || plain.contains("магистр") {
            if plain.contains("педагог") && !plain.contains("непедагог") {
                Self::HigherPedagogical
            } else {
                Self::Higher
            }
        } else {
            Self::Other
        }
    }
}

impl Qualification {
    /// Reads the words of a staff list.
    #[must_use]
    pub fn of(written: Option<&str>) -> Self {
        let plain = plain(written.unwrap_or_default());
        if plain.contains("высш") {
            Self::Highest
        } else if plain.contains("перв") || plain == "1" || plain.starts_with("1 ") || plain == "i" {
            Self::First
        } else if plain.contains("соответств") || plain == "сзд" {
            Self::Conformity
        } else {
            Self::Without
        }
    }
}

impl Distinction {
    /// Reads the words of a staff list; several may stand there.
    #[must_use]
    pub fn all_of(written: Option<&str>) -> Vec<Self> {
        let plain = plain(written.unwrap_or_default());
        let words = [("методист", Self::Methodist), ("наставник", Self::Mentor)];
        words
            .into_iter()
            .filter(|(word, _)| plain.contains(word))
            .map(|(_, d)| d)
            .collect()
    }
}

/// Whether somebody is a woman, where the list says so.
#[must_use]
pub fn is_woman(sex: Option<Sex>) -> bool {
    sex == Some(Sex::Female)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn brackets_hold_their_lower_bound_and_not_the_upper_one() {
        let code = |years, of| placed(years, of).map(|b: &Bracket| b.code);
        for (years, bracket) in [
            (24, "0-24"),
            (25, "25-29"),
            (59, "55-59"),
            (60, "60-64"),
            (65, "65"),
            (90, "65"),
        ] {
            assert_eq!(code(years, AGES), Some(bracket), "{years}");
        }
        for (years, bracket) in [
            (0, "0-2"),
            (2, "0-2"),
            (3, "3-4"),
            (5, "5-9"),
            (19, "15-19"),
            (20, "20"),
        ] {
            assert_eq!(code(years, EXPERIENCES), Some(bracket), "{years}");
        }
    }

    #[test]
    fn age_is_counted_on_the_first_of_january_after_the_day() {
        assert_eq!(age(day("1988-01-01"), day("2022-12-31")), 35);
        assert_eq!(age(day("1988-01-02"), day("2022-01-01")), 34);
        assert_eq!(full_years(day("2020-02-29"), day("2023-02-28")), 2);
        assert_eq!(full_years(day("2020-09-01"), day("2023-09-01")), 3);
    }

    #[test]
    fn words_of_a_staff_list_are_read() {
        for (written, education) in [
            ("Высшее педагогическое", Education::HigherPedagogical),
            ("высшее непедагогическое", Education::Higher),
            ("Высшее", Education::Higher),
            ("Среднее профессиональное педагогическое", Education::Vocational),
            ("СПО", Education::Vocational),
            ("среднее общее", Education::Other),
            ("студент", Education::Other),
            ("", Education::Unknown),
        ] {
            assert_eq!(Education::of(Some(written)), education, "{written}");
        }
        for (written, category) in [
            ("Высшая", Qualification::Highest),
            ("первая; педагог-наставник", Qualification::First),
            ("СЗД", Qualification::Conformity),
            ("соответствие занимаемой должности", Qualification::Conformity),
            ("нет", Qualification::Without),
        ] {
            assert_eq!(Qualification::of(Some(written)), category, "{written}");
        }
        assert_eq!(
            Distinction::all_of(Some("первая; педагог-наставник")),
            [Distinction::Mentor]
        );
        assert_eq!(Qualification::of(None), Qualification::Without);
    }
}

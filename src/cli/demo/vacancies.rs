//! What the staff lists of the demo say beside names and posts, and its vacancies: own data of schools and the official
//! list, which has lost some of them, knows some more and writes a few rates its own way.

use chrono::{Datelike as _, NaiveDate, TimeDelta};

use super::dice::Dice;
use super::people::Organisation;
use super::sheets::sheet;
use crate::error::Error;
use crate::units::OrgKind;

/// Of how many schools one looks for a teacher.
const EVERY: usize = 6;

/// Education, category, hours a week and whether the education matches the subject, the same for the same number.
#[must_use]
pub fn schooling(snils: &str, teaching_since: NaiveDate, today: NaiveDate) -> [String; 4] {
    let mut dice = Dice::of(&format!("schooling {snils}"));
    let education = match dice.below(100) {
        0..66 => "высшее педагогическое",
        66..84 => "высшее",
        _ => "среднее профессиональное педагогическое",
    };
    let served = today.year() - teaching_since.year();
    let category = match dice.below(100) {
        0..35 if served > 6 => "высшая",
        35..70 if served > 3 => "первая",
        70..90 => "соответствие занимаемой должности",
        90..94 if served > 10 => "высшая; педагог-наставник",
        _ => "",
    };
    let hours = if dice.chance(9) {
        dice.between(37, 40)
    } else {
        dice.between(16, 34)
    };
    let matches = if dice.chance(88) { "да" } else { "нет" };
    let said: [&str; 4] = [education, category, &hours.to_string(), matches];
    said.map(str::to_owned)
}

/// The file of vacancies of both lists.
///
/// # Errors
/// See [`sheet`].
pub fn vacancies(organisations: &[Organisation], subjects: &[&str], today: NaiveDate) -> Result<String, Error> {
    let date = |day: NaiveDate| day.format("%d.%m.%Y").to_string();
    let mut rows: Vec<[String; 7]> = Vec::new();
    let schools = organisations.iter().filter(|o| o.kind == OrgKind::School);
    for school in schools.step_by(EVERY) {
        let mut dice = Dice::of(&format!("vacancy {}", school.code));
        for subject in subjects
            .iter()
            .skip(dice.below(subjects.len()))
            .take(dice.between(1, 2))
        {
            let opened = today - TimeDelta::days(i64::try_from(dice.between(20, 90)).unwrap_or(20));
            let mut row = |days: i64, rate: &str, source: &str, link: &str| {
                let opened = date(opened + TimeDelta::days(days));
                let cells: [&str; 7] = [school.code.as_str(), "учитель", subject, rate, &opened, source, link];
                rows.push(cells.map(str::to_owned));
            };
            let published = "https://ministry.example/vacancies";
            match dice.below(10) {
                0..2 => row(0, "1", "организация", ""),
                2 => row(7, "1", "официальный перечень", published),
                3 => {
                    row(0, "0,5", "организация", "");
                    row(7, "1", "официальный перечень", published);
                }
                _ => {
                    row(0, "1", "организация", "");
                    row(7, "1", "официальный перечень", published);
                }
            }
        }
    }
    let head = [
        "Организация",
        "Должность",
        "Предмет",
        "Ставка",
        "С",
        "Источник",
        "Ссылка",
    ];
    sheet(head, rows)
}

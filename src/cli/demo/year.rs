//! Who is diagnosed, who gets a plan and who gets support in each of the two years.
//!
//! The supported of a municipality are as many as published (see [`Municipality::supported`]); a few more have plans
//! without support, a few have no deficits, some only assessed themselves.

use chrono::{Days, NaiveDate};

use super::dice::Dice;
use super::figures::{Municipality, Year};
use super::people::{Human, Population, day, reference_days};
use super::sheets::sheet;
use crate::error::Error;
use crate::people::StaffKind;
use crate::units::OrgKind;

/// What happens to a person in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A plan, a supporter and acts of support.
    Supported,
    /// A plan that nobody supported.
    Unsupported,
    /// A diagnosis without deficits: no plan.
    Healthy,
    /// Self-assessment only.
    SelfAssessed,
}

/// People of a year, by index, with their part.
#[derive(Debug)]
pub struct Cast {
    /// Person's index and part, by municipality.
    pub parts: Vec<(usize, Part)>,
}

/// Chooses the people of a year.
#[must_use]
pub fn cast(year: Year, municipalities: &[Municipality], population: &Population) -> Cast {
    let counted_on = reference_days()[year.index];
    let held_on = first_day(year);
    let mut homes: Vec<Vec<usize>> = vec![Vec::new(); municipalities.len()];
    for (h, human) in population.humans.iter().enumerate() {
        let eligible = human.teaches_on(counted_on) && human.teaches_on(held_on);
        if eligible && human.only_at_home(&population.organisations) {
            homes[human.home].push(h);
        }
    }
    let mut parts = Vec::new();
    for (municipality, mut people) in municipalities.iter().zip(homes) {
        Dice::of(&format!("cast {} {}", year.period, municipality.name)).shuffle(&mut people);
        let supported = municipality.supported(year.index).min(people.len());
        let some = municipality.teachers(year.index) / 20;
        let shares = [
            (Part::Supported, supported),
            (Part::Unsupported, some),
            (Part::Healthy, some / 2),
            (Part::SelfAssessed, some),
        ];
        let mut left = people.into_iter();
        for (part, count) in shares {
            parts.extend(left.by_ref().take(count).map(|h| (h, part)));
        }
    }
    Cast { parts }
}

fn first_day(year: Year) -> NaiveDate {
    if year.index == 0 {
        day(2021, 9, 20)
    } else {
        day(2022, 9, 12)
    }
}

pub(super) const SCHOOL: [&str; 17] = [
    "SUB-1", "SUB-2", "SUB-3", "MET-1", "MET-2", "MET-3", "MET-4", "MET-5", "MET-6", "PSY-1", "PSY-2", "PSY-3",
    "COM-1", "COM-2", "DIG-1", "DIG-2", "LAW",
];
const PRESCHOOL: [&str; 6] = ["PSY-4", "PSY-2", "COM-1", "DIG-1", "MET-2", "LAW"];
const LEADERS: [&str; 3] = ["MNG-1", "MNG-2", "MET-3"];

/// Competences that no programme of the demo teaches: their deficits are listed as unmatched.
const UNTAUGHT: [&str; 2] = ["LAW", "COM-2"];

/// A line of a results file.
type Line = [String; 13];

/// The results file of the autumn of a year: the diagnosis of those who get plans, the healthy, the self-assessed.
///
/// # Errors
/// See [`sheet`].
pub fn results(year: Year, cast: &Cast, population: &Population) -> Result<String, Error> {
    let mut lines = Vec::new();
    for (h, part) in &cast.parts {
        let human = &population.humans[*h];
        let mut dice = Dice::of(&format!("results {} {h}", year.period));
        let held = first_day(year) + Days::new(dice.below(25) as u64);
        let pool = pool(human, population, held);
        let count = dice.between(2, 4);
        let (procedure, kind) = match part {
            Part::SelfAssessed => ("TYU-SELF", "самодиагностика"),
            _ => (year.procedure, "полная"),
        };
        for (n, competence) in chosen(pool, count, &mut dice).into_iter().enumerate() {
            let maximum = [20, 25, 40, 50, 100][dice.below(5)];
            let percent = match part {
                Part::Healthy => dice.between(81, 100),
                _ if n == 0 => dice.between(20, 79),
                _ => dice.between(25, 100),
            };
            lines.push(line(
                human,
                procedure,
                kind,
                held,
                competence,
                maximum * percent / 100,
                maximum,
            ));
        }
    }
    if year.index == 1 {
        lines.extend(leaders(population));
    }
    file(lines)
}

/// Diagnosis of every fourth leader, autumn 2022.
fn leaders(population: &Population) -> Vec<Line> {
    let mut lines = Vec::new();
    let heads = population
        .humans
        .iter()
        .filter(|h| h.jobs.iter().all(|j| j.staff == StaffKind::Managing));
    for (n, human) in heads.enumerate().filter(|(n, _)| n % 4 == 0) {
        let mut dice = Dice::of(&format!("leader {n}"));
        let held = day(2022, 11, 1) + Days::new(dice.below(29) as u64);
        for competence in chosen(&LEADERS, 2, &mut dice) {
            let percent = dice.between(40, 95);
            lines.push(line(human, "TYU-MNG", "полная", held, competence, percent, 100));
        }
    }
    lines
}

/// Results of the repeated diagnosis of people whose plan was carried out, on days of the summer.
///
/// # Errors
/// See [`sheet`].
pub fn repeated(people: &[(usize, Vec<String>, NaiveDate)], population: &Population) -> Result<String, Error> {
    let lines = people.iter().flat_map(|(h, competences, held)| {
        let mut dice = Dice::of(&format!("repeated {h}"));
        competences
            .iter()
            .map(|competence| {
                let percent = dice.between(70, 100);
                line(
                    &population.humans[*h],
                    "TYU-REP",
                    "повторная",
                    *held,
                    competence,
                    percent,
                    100,
                )
            })
            .collect::<Vec<_>>()
    });
    file(lines)
}

fn pool(human: &Human, population: &Population, on: NaiveDate) -> &'static [&'static str] {
    let kind = human.organisation_on(on).map(|o| population.organisations[o].kind);
    if kind == Some(OrgKind::Preschool) {
        &PRESCHOOL
    } else {
        &SCHOOL
    }
}

pub(super) fn chosen(pool: &'static [&'static str], count: usize, dice: &mut Dice) -> Vec<&'static str> {
    let mut all = pool.to_vec();
    dice.shuffle(&mut all);
    // The first one is a deficit: it should be one that a programme teaches.
    if let Some(taught) = all.iter().position(|competence| !UNTAUGHT.contains(competence)) {
        all.swap(0, taught);
    }
    all.truncate(count);
    all
}

pub(super) fn line(
    h: &Human,
    procedure: &str,
    kind: &str,
    held: NaiveDate,
    competence: &str,
    raw: usize,
    maximum: usize,
) -> Line {
    let [last, first, patronymic] = h.name.clone();
    let subject = if competence.starts_with("SUB") {
        h.subjects.first().cloned().unwrap_or_default()
    } else {
        String::new()
    };
    [
        h.snils.as_str().to_owned(),
        last,
        first,
        patronymic,
        h.born.format("%d.%m.%Y").to_string(),
        procedure.to_owned(),
        kind.to_owned(),
        "региональный".to_owned(),
        held.format("%d.%m.%Y").to_string(),
        subject,
        competence.to_owned(),
        raw.to_string(),
        maximum.to_string(),
    ]
}

pub(super) fn file(lines: impl IntoIterator<Item = Line>) -> Result<String, Error> {
    sheet(
        [
            "СНИЛС",
            "Фамилия",
            "Имя",
            "Отчество",
            "Дата рождения",
            "Процедура",
            "Вид",
            "Уровень",
            "Дата",
            "Предмет",
            "Компетенция",
            "Балл",
            "Максимум",
        ],
        lines,
    )
}

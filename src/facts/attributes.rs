//! What a person is on the reference day beside the populations: age, experience, workload, subjects, posts, and the
//! marks that formulas ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::{Months, NaiveDate};
use serde::Deserialize;

use super::model::{MATCHED, MISMATCHED, TEACHER};
use super::period::Window;
use super::person::full_years;
use super::plan::PlanFacts;
use super::sources::{Activity, Job, Passage, PlanSource, Sources};
use crate::competence::CompetenceId;
use crate::db::types::code_set;
use crate::diagnostics::DiagnosisKind;
use crate::iom::IomId;
use crate::people::Sex;
use crate::units::UnitId;

/// How many periods a formula may look back over, this one included.
pub const WINDOWS: u32 = 3;

#[derive(Deserialize)]
struct PensionFile {
    age: Vec<PensionAge>,
}

/// Who reaches the age of pension at how many full months.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PensionAge {
    sex: Sex,
    born_from: i32,
    born_to: i32,
    months: u32,
}

/// The table; a file that does not read has no rows, and a test reads it.
static PENSION: LazyLock<Vec<PensionAge>> = LazyLock::new(|| {
    let read = toml::from_str::<PensionFile>(include_str!("../../seeds/reference/pension_age.toml"));
    read.map(|f| f.age).unwrap_or_default()
});

/// Whether somebody has reached the age of pension on a day.
#[must_use]
pub fn reached_pension(sex: Option<Sex>, born: Option<NaiveDate>, on: NaiveDate) -> bool {
    use chrono::Datelike as _;
    let (Some(sex), Some(born)) = (sex, born) else {
        return false;
    };
    let row = PENSION
        .iter()
        .find(|r| r.sex == sex && (r.born_from..=r.born_to).contains(&born.year()));
    row.and_then(|r| born.checked_add_months(Months::new(r.months)))
        .is_some_and(|day| day <= on)
}

/// Bits of the places where jobs count on the reference day.
#[must_use]
pub fn place_marks(jobs: &[&Job]) -> BTreeMap<UnitId, i32> {
    let mut marks: BTreeMap<UnitId, i32> = BTreeMap::new();
    let mut named: BTreeMap<UnitId, Vec<Option<bool>>> = BTreeMap::new();
    for job in jobs {
        let bits = marks.entry(job.organisation).or_default();
        *bits |= job.post.kind_bit;
        if job.post.teacher {
            *bits |= TEACHER;
        }
        let matches = job.post.subjects.iter().map(|(_, matches)| *matches);
        named.entry(job.organisation).or_default().extend(matches);
    }
    for (place, matches) in named {
        let bits = marks.entry(place).or_default();
        if !matches.is_empty() && matches.iter().all(|m| *m == Some(true)) {
            *bits |= MATCHED;
        }
        if matches.contains(&Some(false)) {
            *bits |= MISMATCHED;
        }
    }
    marks
}

/// Full years of age, of teaching, and hours a week.
#[must_use]
pub fn numbers(sources: &Sources, counted: &[&Job], window: &Window) -> [Option<i32>; 3] {
    let on = window.reference_on;
    let since = sources.jobs.iter().filter_map(|j| j.teaching_since).min();
    let hours: Vec<i32> = counted.iter().filter_map(|j| j.post.hours_milli).collect();
    [
        sources
            .birth_date
            .filter(|born| *born <= on)
            .map(|born| full_years(born, on)),
        since.filter(|since| *since <= on).map(|since| full_years(since, on)),
        (!hours.is_empty()).then(|| hours.iter().fold(0_i32, |sum, h| sum.saturating_add(*h))),
    ]
}

/// Subjects of the jobs that count, a line each.
#[must_use]
pub fn subjects(counted: &[&Job]) -> String {
    let names: BTreeSet<&str> = counted
        .iter()
        .flat_map(|j| j.post.subjects.iter().map(|(name, _)| &**name))
        .collect();
    names.into_iter().collect::<Vec<_>>().join("\n")
}

/// How many periods before the window a day lies: 0 is inside; `None` is outside all windows that are looked at.
fn periods_ago(day: NaiveDate, window: &Window) -> Option<u32> {
    if day > window.ends_on {
        return None;
    }
    (0..WINDOWS).find(|ago| starts(window, *ago).is_some_and(|start| day >= start))
}

fn starts(window: &Window, ago: u32) -> Option<NaiveDate> {
    window.starts_on.checked_sub_months(Months::new(12 * ago))
}

/// Tokens of what overlaps the window or one of the two before it.
#[must_use]
pub fn activities(of: &[Activity], plans: &[PlanSource], window: &Window) -> String {
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut note = |token: &str, from: NaiveDate, to: Option<NaiveDate>| {
        for ago in 0..WINDOWS {
            let (Some(first), Some(last)) = (starts(window, ago), last_day(window, ago)) else {
                continue;
            };
            if from <= last && to.is_none_or(|to| first <= to) {
                found.insert(if ago == 0 {
                    token.to_owned()
                } else {
                    format!("{token}/{ago}")
                });
            }
        }
    };
    for activity in of {
        note(&activity.token, activity.from, activity.to);
    }
    for plan in plans {
        for s in plan
            .supporters
            .iter()
            .filter(|s| s.valid_to.is_none_or(|to| s.valid_from < to))
        {
            let last = s.valid_to.and_then(|to| to.pred_opt());
            note(&format!("accompanied/{}/-/-", s.kind.code()), s.valid_from, last);
        }
    }
    code_set(found.iter().map(String::as_str))
}

fn last_day(window: &Window, ago: u32) -> Option<NaiveDate> {
    match ago.checked_sub(1) {
        None => Some(window.ends_on),
        Some(later) => starts(window, later)?.pred_opt(),
    }
}

/// Marks of a person in a window.
#[must_use]
pub fn marks(sources: &Sources, plans: &[(IomId, PlanFacts)], counted: &[&Job], window: &Window) -> String {
    let mut found: BTreeSet<String> = BTreeSet::new();
    let passed = || sources.passages.iter().filter(|p| !p.results.is_empty());
    for passage in passed().filter(|p| window.contains(p.held_on)) {
        let mut groups: BTreeMap<&str, bool> = BTreeMap::new();
        for score in &passage.results {
            *groups.entry(&score.group).or_default() |= score.deficit;
        }
        for (group, deficit) in groups {
            let result = if deficit { "deficit" } else { "ok" };
            found.insert(format!("diagnosed/{}/{group}/{result}", passage.kind.code()));
        }
    }
    for area in areas(passed(), window.ends_on) {
        found.insert(format!("area/{area}"));
    }
    for document in &sources.documents {
        if let Some(ago) = periods_ago(document.issued_on, window) {
            found.insert(format!("trained/{}/{ago}", document.mark));
        }
    }
    for plan in &sources.plans {
        if plans.iter().any(|(id, facts)| *id == plan.id && facts.formed) {
            let lies = if plan.on_platform { "platform" } else { "-" };
            found.insert(format!("formed/{}/{lies}", plan.origin.code()));
        }
    }
    if reached_pension(sources.sex, sources.birth_date, window.reference_on) {
        found.insert("pension_age".into());
    }
    if counted.iter().any(|j| j.post.higher_pedagogical) {
        found.insert("higher_pedagogical_education".into());
    }
    code_set(found.iter().map(String::as_str))
}

/// Areas of literacy of the deficits of a day, by the same rule as the profile.
fn areas<'a>(passages: impl Iterator<Item = &'a Passage>, day: NaiveDate) -> BTreeSet<&'static str> {
    type Latest<'a> = BTreeMap<CompetenceId, (NaiveDate, &'a super::sources::Score)>;
    let mut latest = Latest::new();
    for passage in passages.filter(|p| p.kind != DiagnosisKind::SelfAssessment && p.is_valid_on(day)) {
        for score in passage.results.iter().filter(|s| !s.areas.is_empty()) {
            let place = latest.entry(score.competence).or_insert((passage.held_on, score));
            if (passage.held_on, score.id) > (place.0, place.1.id) {
                *place = (passage.held_on, score);
            }
        }
    }
    let deficits = latest.into_values().filter(|(_, score)| score.deficit);
    deficits.flat_map(|(_, score)| score.areas.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_age_of_pension_is_read_from_the_table_by_sex_and_year_of_birth() {
        assert!(!PENSION.is_empty(), "the table reads");
        for sex in [Sex::Female, Sex::Male] {
            let mut rows: Vec<&PensionAge> = PENSION.iter().filter(|r| r.sex == sex).collect();
            rows.sort_by_key(|r| r.born_from);
            assert!(
                rows.windows(2)
                    .all(|w| w[0].born_to + 1 == w[1].born_from && w[0].months <= w[1].months)
            );
        }
        let reached = |sex, born, on| reached_pension(Some(sex), Some(day(born)), day(on));
        assert!(reached(Sex::Female, "1963-06-01", "2018-06-01"), "55 on the day");
        assert!(!reached(Sex::Female, "1963-06-02", "2018-06-01"));
        assert!(!reached(Sex::Female, "1964-06-01", "2019-11-30"));
        assert!(reached(Sex::Female, "1964-06-01", "2019-12-01"), "55 and a half");
        assert!(!reached(Sex::Male, "1963-01-01", "2027-12-31"));
        assert!(reached(Sex::Male, "1963-01-01", "2028-01-01"), "65");
        assert!(
            !reached_pension(None, Some(day("1900-01-01")), day("2020-01-01")),
            "sex unknown"
        );
        assert!(!reached_pension(Some(Sex::Male), None, day("2020-01-01")));
    }

    #[test]
    fn records_count_in_the_windows_they_touch() {
        let window = Window {
            starts_on: day("2022-09-01"),
            ends_on: day("2023-08-31"),
            reference_on: day("2023-06-01"),
            external_part: true,
        };
        let tokens = |from: &str, to: Option<&str>| {
            let one = Activity {
                token: "member/smo/municipal/-".into(),
                from: day(from),
                to: to.map(day),
            };
            activities(&[one], &[], &window).replace("member/smo/municipal/-", "*")
        };
        assert_eq!(tokens("2023-08-31", Some("2023-08-31")), "*");
        assert_eq!(tokens("2023-09-01", None), "");
        assert_eq!(tokens("2022-08-31", Some("2022-08-31")), "*/1");
        assert_eq!(tokens("2022-08-31", Some("2022-09-01")), "*,*/1");
        assert_eq!(tokens("2019-01-01", None), "*,*/1,*/2");
        assert_eq!(
            tokens("2019-01-01", Some("2020-08-31")),
            "",
            "longer ago than anybody asks"
        );
        assert_eq!(periods_ago(day("2020-09-01"), &window), Some(2));
        assert_eq!(periods_ago(day("2020-08-31"), &window), None);
    }
}

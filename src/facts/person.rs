//! What is known of one person in a period: populations by place, diagnoses, deficits, plans, training.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};

use super::attributes;
use super::model::{IomFact, MOST_PLACES, PersonFact, PersonFacts, PersonPlace};
use super::period::{FactPeriodId, Window};
use super::plan;
use super::sources::{Job, Passage, Score, Sources};
use crate::competence::CompetenceId;
use crate::db::types::{code_set, codes};
use crate::diagnostics::DiagnosisKind;
use crate::people::{EmploymentKind, StaffKind};
use crate::planted;
use crate::units::UnitId;

/// Full years from one day to another; somebody born on 29 February grows older on 1 March.
#[must_use]
pub fn full_years(from: NaiveDate, on: NaiveDate) -> i32 {
    on.year() - from.year() - i32::from((on.month(), on.day()) < (from.month(), from.day()))
}

/// The facts of a person in a period; `None` when the person has nothing to do with it. `looking_back` says that the
/// last day of the window is also the last day whose acts are known (otherwise a mistake found later still counts).
#[must_use]
pub fn facts(sources: &Sources, period: FactPeriodId, window: &Window, looking_back: bool) -> Option<PersonFacts> {
    let error_until = looking_back.then_some(window.ends_on);
    let plans: Vec<(crate::iom::IomId, plan::PlanFacts)> = sources
        .plans
        .iter()
        .filter_map(|p| Some((p.id, plan::facts(p, window, error_until)?)))
        .collect();
    let passed: Vec<&Passage> = sources.passages.iter().filter(|p| !p.results.is_empty()).collect();
    let kinds: BTreeSet<&str> = passed
        .iter()
        .filter(|p| window.contains(p.held_on))
        .map(|p| p.kind.code())
        .collect();
    let trained: Vec<&str> = sources
        .documents
        .iter()
        .filter(|d| window.contains(d.issued_on))
        .map(|d| &*d.topics)
        .collect();
    let counted = populations(&sources.jobs, window);
    let jobs: Vec<&Job> = counting(&sources.jobs, window).collect();
    let place_marks = attributes::place_marks(&jobs);
    let activities = attributes::activities(&sources.activities, &sources.plans, window);
    let marks = attributes::marks(sources, &plans, &jobs, window);
    let [age, experience, workload_milli] = attributes::numbers(sources, &jobs, window);
    // What lies in earlier periods only keeps nobody in this one.
    let takes_part = codes(&activities).any(|token| token.split('/').count() < 5 && !token.starts_with("accompanied/"));
    let active = !plans.is_empty() || !kinds.is_empty() || !trained.is_empty() || takes_part;
    if counted.is_empty() && !active {
        return None;
    }
    let (reason, places) = if counted.is_empty() {
        let (reason, last) = why_nowhere(&sources.jobs, window);
        (reason, last.into_iter().map(|o| (o, (false, false))).collect())
    } else {
        (String::new(), counted)
    };
    let (deficits, deficit_groups) = deficits(&passed, window.ends_on);
    let any = |flag: fn(&plan::PlanFacts) -> bool| plans.iter().any(|(_, p)| flag(p));
    let topics = |flag: fn(&plan::PlanFacts) -> bool| {
        code_set(
            plans
                .iter()
                .filter(|(_, p)| flag(p))
                .flat_map(|(_, p)| p.topics.iter().map(String::as_str)),
        )
    };
    let teaching_since = sources.jobs.iter().filter_map(|j| j.teaching_since).min();
    let person = PersonFact {
        region_id: sources.region,
        period_id: period,
        person_id: sources.person,
        pedagogical: places.values().any(|(pedagogical, _)| *pedagogical),
        leader: places.values().any(|(_, leader)| *leader),
        young: sources
            .birth_date
            .is_some_and(|born| full_years(born, window.reference_on) < 35 + i32::from(planted!("age_off_by_one"))),
        first_three_years: teaching_since
            .is_some_and(|since| since <= window.reference_on && full_years(since, window.reference_on) < 3),
        diagnosed_kinds: code_set(kinds),
        deficits,
        deficit_groups,
        iom_formed: any(|p| p.formed),
        iom_live: any(|p| p.live),
        iom_realised: any(|p| p.realised),
        supported: any(|p| p.supported),
        supported_by_regional_methodist: any(|p| p.supported_by_regional_methodist),
        trained: !trained.is_empty(),
        topics_formed: topics(|p| p.formed),
        topics_realised: topics(|p| p.formed && p.realised),
        topics_trained: code_set(trained.iter().flat_map(|set| codes(set))),
        reason,
        age,
        experience,
        workload_milli,
        subjects: attributes::subjects(&jobs),
        activities,
        marks,
    };
    let (bridged, scattered) = (places.len() > 1, places.len() > MOST_PLACES);
    let place = |(organisation_id, (pedagogical, leader)): (UnitId, (bool, bool))| PersonPlace {
        region_id: sources.region,
        period_id: period,
        person_id: sources.person,
        organisation_id,
        pedagogical,
        leader,
        bridged,
        marks: place_marks.get(&organisation_id).copied().unwrap_or_default(),
        scattered,
    };
    let plan_row = |(iom_id, p): (crate::iom::IomId, plan::PlanFacts)| IomFact {
        region_id: sources.region,
        period_id: period,
        iom_id,
        person_id: sources.person,
        formed: p.formed,
        live: p.live,
        realised: p.realised,
        supporter_kinds: code_set(p.supporter_kinds.iter().map(|k| k.code())),
        topics: code_set(p.topics.iter().map(String::as_str)),
        reason: p.reason,
    };
    let mut plans: Vec<IomFact> = plans.into_iter().map(plan_row).collect();
    plans.sort_by_key(|p| p.iom_id);
    Some(PersonFacts {
        person,
        places: places.into_iter().map(place).collect(),
        plans,
    })
}

/// Organisations where the person belongs to a population on the reference day: (pedagogical, leader).
fn populations(jobs: &[Job], window: &Window) -> BTreeMap<UnitId, (bool, bool)> {
    let mut places: BTreeMap<UnitId, (bool, bool)> = BTreeMap::new();
    for job in counting(jobs, window) {
        let place = places.entry(job.organisation).or_default();
        match job.staff_kind {
            StaffKind::Teaching => place.0 = true,
            StaffKind::Managing => place.1 = true,
        }
    }
    places
}

/// Jobs that bring the person into a population on the reference day.
fn counting<'a>(jobs: &'a [Job], window: &'a Window) -> impl Iterator<Item = &'a Job> {
    jobs.iter()
        .filter(|j| counts(j.kind, window) && j.holds_on(window.reference_on))
}

/// Whether a kind of job brings a person into a population.
fn counts(kind: EmploymentKind, window: &Window) -> bool {
    match kind {
        EmploymentKind::Main | EmploymentKind::InternalPart => true,
        EmploymentKind::ExternalPart => window.external_part,
        EmploymentKind::CivilContract => false,
    }
}

/// Why a person belongs to no population, and the organisation it is listed under.
fn why_nowhere(jobs: &[Job], window: &Window) -> (String, Option<UnitId>) {
    let day = window.reference_on;
    let held = jobs
        .iter()
        .filter(|j| j.holds_on(day))
        .max_by_key(|j| (j.valid_from, j.organisation));
    if let Some(job) = held {
        let reason = if job.kind == EmploymentKind::CivilContract {
            "только договор"
        } else {
            "только внешнее совместительство"
        };
        return (reason.into(), Some(job.organisation));
    }
    let ended = jobs
        .iter()
        .filter_map(|j| Some((j.valid_to.filter(|to| *to <= day)?, j.organisation)))
        .max();
    if let Some((to, organisation)) = ended {
        let last = to.pred_opt().unwrap_or(to);
        return (format!("уволен {}", last.format("%d.%m.%Y")), Some(organisation));
    }
    match jobs.iter().map(|j| (j.valid_from, j.organisation)).min() {
        Some((from, organisation)) => (format!("принят позже, {}", from.format("%d.%m.%Y")), Some(organisation)),
        None => ("места работы нет".into(), None),
    }
}

/// Deficits of the profile of a day: of each competence the latest formal result that is still valid.
fn deficits(passages: &[&Passage], day: NaiveDate) -> (i32, String) {
    let mut latest: HashMap<CompetenceId, (NaiveDate, &Score)> = HashMap::new();
    for passage in passages
        .iter()
        .filter(|p| p.kind != DiagnosisKind::SelfAssessment && p.is_valid_on(day))
    {
        for score in &passage.results {
            let place = latest.entry(score.competence).or_insert((passage.held_on, score));
            if (passage.held_on, score.id) > (place.0, place.1.id) {
                *place = (passage.held_on, score);
            }
        }
    }
    let found: Vec<&Score> = latest.into_values().map(|(_, s)| s).filter(|s| s.deficit).collect();
    (
        i32::try_from(found.len()).unwrap_or(i32::MAX),
        code_set(found.iter().map(|s| &*s.group)),
    )
}

#[cfg(test)]
mod tests {
    use super::super::sources::Document;
    use super::*;
    use crate::diagnostics::ResultId;
    use crate::people::PersonId;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn window() -> Window {
        Window {
            starts_on: day("2022-09-01"),
            ends_on: day("2023-08-31"),
            reference_on: day("2023-06-01"),
            external_part: true,
        }
    }

    fn nobody() -> Sources {
        Sources {
            region: UnitId(1),
            person: PersonId(7),
            birth_date: None,
            jobs: vec![],
            passages: vec![],
            plans: vec![],
            documents: vec![],
            sex: None,
            activities: vec![],
        }
    }

    /// `organisation staff_kind kind from to`.
    fn job(text: &str) -> Job {
        let words: Vec<&str> = text.split(' ').collect();
        Job {
            organisation: UnitId(words[0].parse().unwrap()),
            staff_kind: StaffKind::from_code(words[1]).unwrap(),
            kind: EmploymentKind::from_code(words[2]).unwrap(),
            teaching_since: None,
            valid_from: day(words[3]),
            valid_to: words.get(4).map(|to| day(to)),
            post: super::super::sources::Post::default(),
        }
    }

    fn with(jobs: &[&str]) -> Sources {
        let mut sources = nobody();
        sources.jobs = jobs.iter().map(|j| job(j)).collect();
        sources
    }

    fn known(sources: &Sources) -> Option<PersonFacts> {
        facts(sources, FactPeriodId(3), &window(), false)
    }

    fn passage(kind: DiagnosisKind, held_on: &str, valid_days: Option<i32>, scores: &[(i64, i64, bool)]) -> Passage {
        let score = |(id, competence, deficit): &(i64, i64, bool)| Score {
            id: ResultId(*id),
            competence: CompetenceId(*competence),
            group: format!("g{competence}").into(),
            areas: [].into(),
            deficit: *deficit,
        };
        Passage {
            kind,
            held_on: day(held_on),
            valid_days,
            results: scores.iter().map(score).collect(),
        }
    }

    #[test]
    fn a_population_is_read_on_the_reference_day_the_day_of_dismissal_is_worked() {
        let teaching = |from: &str, to: &str| known(&with(&[&format!("5 teaching main {from} {to}")])).is_some();
        assert!(teaching("2023-06-01", "2023-06-02"), "hired and dismissed on the day");
        assert!(!teaching("2020-01-01", "2023-06-01"), "dismissed on the day before");
        assert!(!teaching("2023-06-02", "2024-01-01"), "hired on the day after");
    }

    #[test]
    fn kinds_of_jobs_decide_who_counts() {
        let counts = |job: &str, external_part| {
            let mut window = window();
            window.external_part = external_part;
            facts(&with(&[job]), FactPeriodId(3), &window, false).is_some()
        };
        assert!(counts("5 teaching internal_part 2020-01-01", false));
        assert!(counts("5 teaching external_part 2020-01-01", true));
        assert!(!counts("5 teaching external_part 2020-01-01", false));
        assert!(!counts("5 teaching civil_contract 2020-01-01", true));
    }

    #[test]
    fn two_jobs_make_two_places_and_a_bridge_one_organisation_makes_one() {
        let two = known(&with(&[
            "5 teaching main 2020-01-01",
            "6 managing external_part 2020-01-01",
        ]))
        .unwrap();
        assert!(two.person.pedagogical && two.person.leader);
        let flags: Vec<_> = two
            .places
            .iter()
            .map(|p| (p.organisation_id.0, p.pedagogical, p.leader, p.bridged))
            .collect();
        assert_eq!(flags, [(5, true, false, true), (6, false, true, true)]);
        let one = known(&with(&[
            "5 teaching main 2020-01-01",
            "5 managing internal_part 2020-01-01",
        ]))
        .unwrap();
        let flags: Vec<_> = one
            .places
            .iter()
            .map(|p| (p.organisation_id.0, p.pedagogical, p.leader, p.bridged))
            .collect();
        assert_eq!(flags, [(5, true, true, false)]);
        let contract = known(&with(&[
            "5 teaching main 2020-01-01",
            "6 teaching civil_contract 2020-01-01",
        ]))
        .unwrap();
        assert_eq!(contract.places.len(), 1, "a contract gives no place");
    }

    #[test]
    fn whoever_counts_nowhere_but_did_something_is_kept_with_the_reason() {
        let reason = |jobs: &[&str]| {
            let mut sources = with(jobs);
            sources
                .passages
                .push(passage(DiagnosisKind::Full, "2022-10-01", None, &[(1, 1, true)]));
            let facts = known(&sources).unwrap();
            assert!(facts.places.iter().all(|p| !p.pedagogical && !p.leader && !p.bridged));
            (facts.person.reason, facts.places.first().map(|p| p.organisation_id.0))
        };
        let dismissed = [
            "4 teaching main 2019-01-01 2020-01-01",
            "5 teaching main 2020-01-01 2023-06-01",
        ];
        assert_eq!(reason(&dismissed), ("уволен 31.05.2023".into(), Some(5)));
        assert_eq!(
            reason(&["5 teaching civil_contract 2020-01-01"]),
            ("только договор".into(), Some(5))
        );
        assert_eq!(
            reason(&["6 teaching main 2023-07-01"]),
            ("принят позже, 01.07.2023".into(), Some(6))
        );
        assert_eq!(reason(&[]), ("места работы нет".into(), None));
        assert_eq!(known(&with(&dismissed)), None, "no activity, no row");
    }

    #[test]
    fn age_and_years_of_teaching_are_full_years_on_the_reference_day() {
        let facts = |born: &str, since: &str| {
            let mut sources = with(&["5 teaching main 2020-01-01"]);
            sources.birth_date = Some(day(born));
            sources.jobs[0].teaching_since = Some(day(since));
            let person = known(&sources).unwrap().person;
            (person.young, person.first_three_years)
        };
        assert_eq!(
            facts("1988-06-01", "2020-06-01"),
            (false, false),
            "35 and three years on the day"
        );
        assert_eq!(facts("1988-06-02", "2020-06-02"), (true, true), "one day less");
        assert_eq!(facts("1988-06-02", "2023-06-02"), (true, false), "has not begun");
        let unknown = known(&with(&["5 teaching main 2020-01-01"])).unwrap().person;
        assert!(!unknown.young && !unknown.first_three_years);
        assert_eq!(full_years(day("2000-02-29"), day("2023-02-28")), 22);
        assert_eq!(full_years(day("2000-02-29"), day("2023-03-01")), 23);
    }

    #[test]
    fn diagnosed_are_those_with_a_result_dated_in_the_period() {
        let kinds = |passages: &[Passage]| {
            let mut sources = with(&["5 teaching main 2020-01-01"]);
            sources.passages = passages.to_vec();
            known(&sources).unwrap().person.diagnosed_kinds
        };
        let of = |on: &str, scores: &[(i64, i64, bool)]| passage(DiagnosisKind::Full, on, None, scores);
        assert_eq!(kinds(&[of("2022-09-01", &[(1, 1, true)])]), "full");
        assert_eq!(kinds(&[of("2023-08-31", &[(1, 1, true)])]), "full");
        assert_eq!(kinds(&[of("2022-08-31", &[(1, 1, true)])]), "");
        assert_eq!(kinds(&[of("2023-09-01", &[(1, 1, true)])]), "");
        assert_eq!(kinds(&[of("2022-10-01", &[])]), "", "no result");
        let own = passage(DiagnosisKind::SelfAssessment, "2022-10-01", None, &[(1, 1, true)]);
        assert_eq!(kinds(&[own, of("2022-10-01", &[(1, 1, true)])]), "full,self");
    }

    #[test]
    fn deficits_are_those_of_the_latest_valid_formal_results_on_the_last_day() {
        let count = |passages: &[Passage]| {
            let mut sources = with(&["5 teaching main 2020-01-01"]);
            sources.passages = passages.to_vec();
            let person = known(&sources).unwrap().person;
            (person.deficits, person.deficit_groups)
        };
        let of = |on: &str, days, scores: &[(i64, i64, bool)]| passage(DiagnosisKind::Full, on, days, scores);
        let both = [of("2022-10-01", None, &[(1, 1, true), (2, 2, true), (3, 3, false)])];
        assert_eq!(count(&both), (2, "g1,g2".into()));
        let better = [both[0].clone(), of("2023-01-01", None, &[(4, 1, false)])];
        assert_eq!(count(&better), (1, "g2".into()), "the later result holds");
        let same_day = [
            of("2022-10-01", None, &[(9, 1, false)]),
            of("2022-10-01", None, &[(4, 1, true)]),
        ];
        assert_eq!(count(&same_day).0, 0, "of one day the later row holds");
        let own = passage(
            DiagnosisKind::SelfAssessment,
            "2023-01-01",
            None,
            &[(5, 1, false), (6, 9, true)],
        );
        assert_eq!(
            count(&[both[0].clone(), own]),
            (2, "g1,g2".into()),
            "self-assessment changes nothing"
        );
        assert_eq!(
            count(&[of("2022-08-31", Some(365), &[(1, 1, true)])]).0,
            1,
            "valid through the last day"
        );
        assert_eq!(
            count(&[of("2022-08-31", Some(364), &[(1, 1, true)])]).0,
            0,
            "one day past validity"
        );
        let expired_better = [
            of("2022-08-30", Some(9999), &[(1, 1, true)]),
            of("2022-08-31", Some(10), &[(2, 1, false)]),
        ];
        assert_eq!(
            count(&expired_better).0,
            1,
            "the latest valid one, though an expired one is later"
        );
    }

    #[test]
    fn deficits_are_those_of_the_profile() {
        use std::collections::HashMap;

        use crate::competence::ScaleId;
        use crate::competence::scale::Band;
        use crate::db::milli::Milli;
        use crate::diagnostics::ProcedureId;
        use crate::profile::{Measured, profile};
        let band = |number: i32, lower, upper, is_deficit| Band {
            id: number.into(),
            scale_id: ScaleId(1),
            number,
            level: number.to_string(),
            label: number.to_string(),
            lower_milli: Milli(lower),
            upper_milli: Milli(upper),
            lower_incl: true,
            upper_incl: number == 2,
            is_deficit,
            severity: 1,
        };
        let scales = HashMap::from([(
            ScaleId(1),
            vec![band(1, 0, 60_000, true), band(2, 60_000, 100_000, false)],
        )]);
        let mut seed = 11_u64;
        let mut roll = |below: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((seed >> 33) % below).unwrap()
        };
        let mut found = 0;
        for _ in 0..500 {
            let mut sources = with(&["5 teaching main 2020-01-01"]);
            let mut measured = Vec::new();
            for id in 0..roll(9) {
                let held_on = day("2022-06-01") + chrono::Duration::days(roll(5) * 100);
                let kind = DiagnosisKind::ALL[usize::try_from(roll(5)).unwrap()];
                let valid_days = Some(i32::try_from(roll(4) * 100).unwrap()).filter(|days| *days > 0);
                let (competence, deficit) = (roll(3), roll(2) == 0);
                let one = passage(kind, &held_on.to_string(), valid_days, &[(id, competence, deficit)]);
                sources.passages.push(one);
                measured.push(Measured {
                    result: ResultId(id),
                    competence: CompetenceId(competence),
                    subject: String::new(),
                    kind,
                    held_on,
                    procedure: ProcedureId(1),
                    valid_days,
                    raw: Milli(if deficit { 59_990 } else { 60_000 }),
                    max: Milli(100_000),
                    scale: ScaleId(1),
                });
            }
            let of_profile = profile(&measured, &scales, window().ends_on).deficits().count();
            let deficits = known(&sources).unwrap().person.deficits;
            assert_eq!(usize::try_from(deficits).unwrap(), of_profile, "{measured:?}");
            found += of_profile;
        }
        assert!(found > 100, "the cases say something: {found}");
    }

    #[test]
    fn training_is_dated_by_its_document() {
        let trained = |on: &str| {
            let mut sources = with(&["5 teaching main 2020-01-01"]);
            let topics = "upbringing,gifted_children".into();
            sources.documents.push(Document {
                issued_on: day(on),
                topics,
                mark: "upskilling/-/-/-".into(),
            });
            let person = known(&sources).unwrap().person;
            (person.trained, person.topics_trained)
        };
        assert_eq!(trained("2023-08-31"), (true, "gifted_children,upbringing".into()));
        assert_eq!(trained("2023-09-01"), (false, String::new()));
    }
}

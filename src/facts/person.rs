//! What is known of one person in a period: populations by place, diagnoses, deficits, plans, training.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};

use super::model::{IomFact, PersonFact, PersonFacts, PersonPlace};
use super::period::{FactPeriodId, Window};
use super::plan;
use super::sources::{Job, Passage, Score, Sources};
use crate::competence::CompetenceId;
use crate::db::types::{code_set, codes};
use crate::diagnostics::DiagnosisKind;
use crate::people::{EmploymentKind, StaffKind};
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
    let active = !plans.is_empty() || !kinds.is_empty() || !trained.is_empty();
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
        code_set(plans.iter().filter(|(_, p)| flag(p)).flat_map(|(_, p)| p.topics.iter().map(String::as_str)))
    };
    let teaching_since = sources.jobs.iter().filter_map(|j| j.teaching_since).min();
    let person = PersonFact {
        region_id: sources.region,
        period_id: period,
        person_id: sources.person,
        pedagogical: places.values().any(|(pedagogical, _)| *pedagogical),
        leader: places.values().any(|(_, leader)| *leader),
        young: sources.birth_date.is_some_and(|born| full_years(born, window.reference_on) < 35),
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
    };
    let bridged = places.len() > 1;
    let place = |(organisation_id, (pedagogical, leader)): (UnitId, (bool, bool))| PersonPlace {
        region_id: sources.region,
        period_id: period,
        person_id: sources.person,
        organisation_id,
        pedagogical,
        leader,
        bridged,
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
    for job in jobs
        .iter()
        .filter(|j| counts(j.kind, window) && j.holds_on(window.reference_on))
    {
        let place = places.entry(job.organisation).or_default();
        match job.staff_kind {
            StaffKind::Teaching => place.0 = true,
            StaffKind::Managing => place.1 = true,
        }
    }
    places
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
    let held = jobs.iter().filter(|j| j.holds_on(day)).max_by_key(|j| (j.valid_from, j.organisation));
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

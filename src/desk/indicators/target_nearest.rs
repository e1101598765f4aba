//! Who is nearest to being counted: people with where their plan or course stands, plans and units with the step that is
//! missing; the nearest first.

use crate::db::AnyConn;
use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::target::distance_of;
use crate::desk::indicators::target_rows as rows;
use crate::enrolment::EnrolmentState;
use crate::error::Error;
use crate::indicators::candidate_units;
use crate::indicators::candidates::{self, Asks, Candidate};
use crate::indicators::distance::subject;
use crate::indicators::people::Listed;
use crate::indicators::{Indicator, Subject};
use crate::iom::{IomId, IomState};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::Call;

/// Somebody who is near, with where the way stands.
pub(crate) struct Near {
    pub candidate: Candidate,
    /// Smaller is nearer.
    rank: u8,
    /// Where the plan or the course stands, in words.
    pub stands: String,
}

/// How near a candidate is and where the way stands.
fn standing(asks: Asks, candidate: &Candidate, plan: Option<IomState>, course: Option<EnrolmentState>) -> (u8, String) {
    let of_plan = |state: IomState| format!("ИОМ {}", state.label());
    let nothing = || {
        if candidate.diagnosed {
            "диагностика пройдена, ИОМ нет".to_owned()
        } else {
            "нет ни диагностики, ни ИОМ".to_owned()
        }
    };
    match (asks, plan, course) {
        (Asks::Plan, Some(IomState::Draft), _) => (0, "черновик ИОМ готов, педагогу не отправлен".into()),
        (Asks::Plan, None, _) => (if candidate.diagnosed { 1 } else { 2 }, nothing()),
        (Asks::Plan, Some(state), _) => (3, format!("{}, сформирован не в этом периоде", of_plan(state))),
        (Asks::Work, Some(state), _) => {
            let order = match state {
                IomState::Active => 0,
                IomState::Approved => 1,
                IomState::Paused => 2,
                IomState::OnAgreement => 3,
                IomState::Returned => 4,
                IomState::Draft | IomState::Closed => 5,
            };
            (order, of_plan(state))
        }
        (Asks::Work, None, _) => (if candidate.diagnosed { 6 } else { 7 }, nothing()),
        (Asks::Training, _, Some(EnrolmentState::Enrolled)) => (0, "учится на курсе".into()),
        (Asks::Training, _, Some(EnrolmentState::Waitlisted)) => (1, "в очереди на курс".into()),
        (Asks::Training, _, Some(EnrolmentState::Agreed)) => (2, "заявка на курс согласована".into()),
        (Asks::Training, _, Some(_)) => (3, "заявка на курс подана".into()),
        (Asks::Training, Some(state), None) => (4, of_plan(state)),
        (Asks::Training, None, None) => (5, "заявки на курс нет".into()),
        (Asks::Diagnosis | Asks::Other, ..) => (0, candidate.step.clone()),
    }
}

/// Candidates, the nearest first.
pub(crate) async fn nearest(call: &Call, found: &Found, indicator: &Indicator) -> Result<Vec<Near>, Error> {
    let distance = distance_of(found, indicator);
    // Nobody is near where there is nothing to reach.
    let goes = !distance.leaving && !distance.is_nowhere();
    let Some(counted) = subject(indicator).filter(|_| goes) else {
        return Ok(Vec::new());
    };
    let scope = call.visitor()?.scope.clone();
    let (pack, period, unit) = (found.pack.clone(), found.period.clone(), found.unit.clone());
    let of = indicator.clone();
    let read = move |c: &mut AnyConn| -> Result<Vec<Near>, Error> {
        let of = (&*pack, &of);
        match counted {
            Subject::Person => {
                let all = candidates::candidates(c, &scope, of, &period, unit.id)?;
                nearest_people(c, candidates::asks(of.1), unit.region_id, all)
            }
            Subject::Iom => {
                let all = candidates::candidates(c, &scope, of, &period, unit.id)?;
                nearest_plans(c, unit.region_id, all)
            }
            Subject::Organisation | Subject::Municipality => {
                let all = candidate_units::units(c, &scope, of, &period, unit.id)?;
                Ok(all.into_iter().map(nearest_unit).collect())
            }
            Subject::Programme => Ok(Vec::new()),
        }
    };
    call.app().db.read(read).await
}

fn nearest_people(conn: &mut AnyConn, asks: Asks, region: UnitId, all: Vec<Candidate>) -> Result<Vec<Near>, Error> {
    let persons: Vec<PersonId> = all.iter().filter_map(|c| c.listed.person).collect();
    let plans = rows::plans(conn, region, &persons)?;
    let courses = if asks == Asks::Training {
        rows::courses(conn, region, &persons)?
    } else {
        std::collections::HashMap::new()
    };
    let near = |candidate: Candidate| {
        let of = |id: PersonId| (plans.get(&id).copied(), courses.get(&id).copied());
        let (plan, course) = candidate.listed.person.map_or((None, None), of);
        let (rank, stands) = standing(asks, &candidate, plan, course);
        Near {
            candidate,
            rank,
            stands,
        }
    };
    let mut all: Vec<Near> = all.into_iter().map(near).collect();
    all.sort_by_key(|near| (near.rank, near.candidate.far));
    Ok(all)
}

/// Plans that lack least come first; a closed one changes no more and comes last.
fn nearest_plans(conn: &mut AnyConn, region: UnitId, all: Vec<Candidate>) -> Result<Vec<Near>, Error> {
    let plans: Vec<IomId> = all.iter().filter_map(|c| c.listed.plan).collect();
    let states = rows::states(conn, region, &plans)?;
    let near = |candidate: Candidate| {
        let state = candidate.listed.plan.and_then(|plan| states.get(&plan));
        let lacks = u8::try_from(candidate.lacks).unwrap_or(u8::MAX);
        let (rank, stands) = match state {
            Some(IomState::Closed) => (u8::MAX, "ИОМ закрыт и уже не изменится".to_owned()),
            Some(state) => (lacks, step_of(&candidate, &format!("ИОМ {}", state.label()))),
            None => (lacks, step_of(&candidate, "")),
        };
        Near {
            candidate,
            rank,
            stands,
        }
    };
    let mut all: Vec<Near> = all.into_iter().map(near).collect();
    all.sort_by_key(|near| near.rank);
    Ok(all)
}

fn nearest_unit(candidate: Candidate) -> Near {
    Near {
        rank: u8::try_from(candidate.lacks).unwrap_or(u8::MAX),
        stands: step_of(&candidate, ""),
        candidate,
    }
}

/// The step that is missing, after where the plan stands.
fn step_of(candidate: &Candidate, stands: &str) -> String {
    let parts = [candidate.step.as_str(), stands];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" – ")
}

/// The heads of the list: of people where they stopped, of plans, units and numbers of people what to do.
pub(crate) fn columns(indicator: &Indicator) -> [&'static str; 4] {
    match subject(indicator) {
        Some(Subject::Iom) => ["ИОМ", "Организация", "Чего не хватает", "Что сделать"],
        Some(Subject::Organisation) => ["Организация", "Где", "Чего не хватает", "Что сделать"],
        Some(Subject::Municipality) => ["Муниципалитет", "Где", "Чего не хватает", "Что сделать"],
        _ if candidates::asks(indicator) == Asks::Other => ["Кто", "Организация", "Чего не хватает", "Что сделать"],
        _ => ["Кто", "Организация", "Чего не хватает", "Где остановились"],
    }
}

/// A plan is named by its number and whose it is.
pub(crate) fn named_as(listed: &Listed) -> String {
    match listed.subject {
        Subject::Iom => format!("{} · {}", listed.key, listed.name),
        _ => listed.name.clone(),
    }
}

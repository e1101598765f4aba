//! Random acts by random people on random days: whatever comes, the journey keeps its rules, and a refusal changes
//! nothing.

use std::cell::Cell;

use chrono::{Days, NaiveDate};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use super::journey::{Ask, Course, Job, Journey};
use super::model::{Enrolment, EnrolmentState};
use crate::access::{AccountId, Actor, Grant, Role};
use crate::catalogue::{ProgrammeId, ProgrammeKind};
use crate::competence::CompetenceId;
use crate::db::milli::Milli;
use crate::diagnostics::DiagnosisId;
use crate::iom::closing::FollowUp;
use crate::iom::{
    ActKind, Deficit, DeficitId, EducationForm, Goal, GoalBasis, GoalId, Iom, IomId, IomOrigin, IomOutcome, IomState,
    Item, ItemId, ItemState, Kept, Plan, Stamp, StateId, StateRow,
};
use crate::people::PersonId;
use crate::units::UnitId;

const REGION: UnitId = UnitId(1);
const SCHOOL: UnitId = UnitId(2);
const PERSON: PersonId = PersonId(1);

fn start() -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, 1, 10).unwrap()
}

fn plan(id: i64) -> Plan {
    let now = start().into();
    let mut plan = Plan::read(Iom {
        id: IomId(id),
        region_id: REGION,
        person_id: PERSON,
        number: id.to_string(),
        origin: IomOrigin::Cnppm,
        state: IomState::Draft,
        outcome: None,
        close_reason: None,
        procedure_id: None,
        rule_set_id: None,
        starts_on: start(),
        ends_on: None,
        first_visible_on: None,
        agreed_on: None,
        closed_on: None,
        revision: 0,
        on_platform: true,
        follow_up_diagnosis_id: None,
        conclusion: None,
        author_id: None,
        version: 1,
        recorded_at: now,
        request: None,
        template_id: None,
        template_version: None,
        paused_until: None,
    });
    plan.states.push(Kept::read(StateRow {
        id: StateId(id),
        region_id: REGION,
        iom_id: IomId(id),
        state: IomState::Draft,
        outcome: None,
        reason: None,
        on_date: start(),
        account_id: None,
        recorded_at: now,
        superseded_at: None,
    }));
    let deficit = DeficitId(id);
    plan.deficits.push(Kept::read(Deficit {
        id: deficit,
        region_id: REGION,
        iom_id: IomId(id),
        competence_id: CompetenceId(1),
        result_id: None,
        level: "high".into(),
        severity: 3,
        raw_milli: Milli(1),
        max_milli: Milli(2),
        outcome: None,
        outcome_on: None,
        outcome_by_id: None,
    }));
    plan.codes.push("К1".into());
    plan.goals.push(Kept::read(Goal {
        id: GoalId(id),
        region_id: REGION,
        iom_id: IomId(id),
        basis: GoalBasis::Deficit,
        deficit_id: Some(deficit),
        title: String::new(),
        number: 1,
        task: None,
        expected: None,
        removed_at: None,
    }));
    for number in 1..=3 {
        plan.items.push(Kept::read(Item {
            id: ItemId(id * 10 + i64::from(number)),
            region_id: REGION,
            iom_id: IomId(id),
            number,
            state: ItemState::Planned,
            title: String::new(),
            programme_id: (number < 3).then_some(ProgrammeId(number.into())),
            education_form: EducationForm::Formal,
            level: None,
            mandatory: number != 2,
            hours: 36,
            due_on: Some(start()),
            topics: String::new(),
            rule: None,
            rule_set_id: None,
            deficit_id: Some(deficit),
            settled_on: None,
            document_id: None,
            version: 1,
            recorded_at: now,
            category: None,
            study_form: None,
            organiser: None,
            accompaniment: None,
            expected: None,
            after_item_id: None,
            added_on: None,
            reason: None,
            template_step: None,
        }));
    }
    plan
}

fn actors() -> Vec<Actor> {
    let over = |role: Role, organisation: UnitId| Grant {
        role,
        unit: Some(organisation),
        organisations: Some([organisation].into()),
    };
    let actor = |n: i64, person: Option<PersonId>, grants: Vec<Grant>| Actor {
        account: AccountId(n),
        login: n.to_string(),
        person,
        grants,
        substitute: None,
    };
    let all = |person| {
        let roles = [
            Role::CnppmHead,
            Role::CnppmStaff,
            Role::Curator,
            Role::Operator,
            Role::Tutor,
        ];
        (person, roles.map(|role| over(role, SCHOOL)).to_vec())
    };
    let (own, own_roles) = all(Some(PERSON));
    let (_, strangers) = all(None);
    vec![
        actor(1, None, strangers),
        actor(2, own, own_roles),
        actor(3, None, vec![over(Role::SchoolHead, SCHOOL)]),
        actor(4, None, vec![over(Role::Tutor, SCHOOL)]),
        actor(
            5,
            None,
            vec![over(Role::CnppmHead, UnitId(99)), over(Role::Curator, UnitId(99))],
        ),
    ]
}

fn journey() -> Journey {
    let mut closed = plan(1);
    closed.row.edit().state = IomState::Closed;
    closed.row.edit().closed_on = Some(start());
    closed.row.edit().outcome = Some(IomOutcome::Terminated);
    let course = |id: i64| Course {
        id: ProgrammeId(id),
        kind: ProgrammeKind::Upskilling,
        hours: 36,
        provider: None,
    };
    Journey {
        person: PERSON,
        region: REGION,
        born: None,
        jobs: vec![Job {
            organisation: SCHOOL,
            from: start(),
            to: None,
        }],
        plans: vec![closed, plan(2)],
        enrolments: vec![],
        documents: vec![],
        follow_ups: vec![FollowUp {
            id: DiagnosisId(1),
            held_on: start() + Days::new(200),
        }],
        courses: vec![course(1), course(2)],
    }
}

/// Everything that must hold after any act.
fn check(journey: &Journey, what: &str) {
    let open = journey.plans.iter().filter(|p| p.is_open()).count();
    assert!(open <= 1, "{what}: two plans in work");
    for plan in &journey.plans {
        let row = &plan.row;
        assert_eq!(row.outcome.is_some(), row.state == IomState::Closed, "{what}");
        assert_eq!(row.closed_on.is_some(), row.state == IomState::Closed, "{what}");
        let began = matches!(row.state, IomState::Approved | IomState::Active | IomState::Paused);
        assert!(
            !began || (row.revision > 0 && row.first_visible_on.is_some()),
            "{what}: work without approval"
        );
        let days: Vec<NaiveDate> = plan
            .states
            .iter()
            .filter(|s| s.superseded_at.is_none())
            .map(|s| s.on_date)
            .collect();
        assert!(days.is_sorted(), "{what}: states out of order {days:?}");
        if plan.states.len() > 1 {
            assert_eq!(plan.states.last().map(|s| s.state), Some(row.state), "{what}");
        }
        for item in &plan.items {
            assert_eq!(
                item.settled_on.is_some(),
                item.state.is_settled(),
                "{what}: item {}",
                item.number
            );
            assert!(item.document_id.is_none() || item.state.is_settled(), "{what}");
        }
        if row.outcome == Some(IomOutcome::Completed) {
            let open = plan
                .items
                .iter()
                .any(|i| i.mandatory && i.state != ItemState::Cancelled && !i.state.is_settled());
            assert!(
                !open && plan.deficits.iter().all(|d| d.outcome.is_some()),
                "{what}: completed with open items"
            );
            assert!(
                row.conclusion.is_some() || row.follow_up_diagnosis_id.is_some(),
                "{what}"
            );
        }
        let waits = |e: &&Kept<Enrolment>| e.state.is_open() && plan.items.iter().any(|i| Some(i.id) == e.item_id);
        assert!(
            plan.is_open() || journey.enrolments.iter().find(waits).is_none(),
            "{what}: an application outlives its plan"
        );
        assert_eq!(plan.revisions.len(), usize::try_from(row.revision).unwrap(), "{what}");
        let own = plan.acts.iter().filter(|a| a.account_id == Some(AccountId(2)));
        for act in own {
            let forbidden = [
                ActKind::Approve,
                ActKind::CloseCompleted,
                ActKind::Accept,
                ActKind::Outcome,
            ];
            assert!(!forbidden.contains(&act.act), "{what}: done to the own plan");
        }
        assert!(
            plan.acts.iter().all(|a| a.account_id != Some(AccountId(5))),
            "{what}: by a stranger of another place"
        );
    }
    for programme in [1, 2] {
        let own = journey
            .enrolments
            .iter()
            .filter(|e| e.programme_id == ProgrammeId(programme));
        let live = own
            .filter(|e| e.state.is_live() || e.state == EnrolmentState::Completed)
            .count();
        assert!(live <= 1, "{what}: two seats on one course");
    }
    let mut numbers: Vec<&str> = journey.documents.iter().map(|d| d.number.as_str()).collect();
    numbers.sort_unstable();
    assert!(numbers.windows(2).all(|w| w[0] != w[1]), "{what}: one number twice");
}

/// The straight way to a completed plan: act, item, value, account. Every other step of the walk tries the next of it.
const STRAIGHT: &[(ActKind, Option<i32>, &str, i64)] = &[
    (ActKind::Send, None, "", 1),
    (ActKind::Agree, None, "", 2),
    (ActKind::Approve, None, "", 1),
    (ActKind::Start, None, "", 1),
    (ActKind::Begin, Some(1), "", 2),
    (ActKind::Submit, Some(1), "", 2),
    (ActKind::Accept, Some(1), "", 1),
    (ActKind::Waive, Some(3), "А-3 от 01.02.2022", 1),
    (ActKind::Outcome, None, "К1:closed", 1),
    (ActKind::CloseCompleted, None, "", 1),
    (ActKind::Reopen, None, "", 1),
];

fn pick<'a, T>(random: &mut SmallRng, from: &'a [T]) -> &'a T {
    &from[random.random_range(0..from.len())]
}

#[test]
fn random_acts_never_break_the_rules_and_refusals_leave_no_trace() {
    let actors = actors();
    let (mut done, mut completed, mut reopened) = (0, 0, 0);
    for seed in 0..200 {
        let mut random = SmallRng::seed_from_u64(seed);
        let mut journey = journey();
        let ids = Cell::new(1000);
        let id = || {
            ids.set(ids.get() + 1);
            ids.get()
        };
        let stamp = Stamp {
            id: &id,
            now: start().into(),
            today: start() + Days::new(400),
        };
        let (mut on, mut straight) = (start(), 0);
        for step in 0..250 {
            on = on + Days::new(random.random_range(0..3)) - Days::new(u64::from(random.random_ratio(1, 8)));
            let kind = *pick(&mut random, ActKind::ALL);
            let value = match kind {
                ActKind::Outcome => *pick(&mut random, &["К1:closed", "К1:remained", "К9:closed"]),
                ActKind::Complete => *pick(&mut random, &["А-1", "А-2", "А-3", ""]),
                ActKind::Waive => *pick(
                    &mut random,
                    &["А-1", "А-3", "А-3 от 02.02.2022", "А-4 от 01.02.2024", ""],
                ),
                _ => "",
            };
            let reason = match kind {
                ActKind::CloseTerminated => *pick(&mut random, &["ошибка", "скука", ""]),
                _ => *pick(&mut random, &["", "причина", "причина"]),
            };
            let mut ask = Ask {
                kind,
                item: *pick(&mut random, &[None, Some(1), Some(2), Some(3), Some(4)]),
                on,
                value,
                reason,
                by: pick(&mut random, &actors),
                whom: Some(pick(&mut random, &actors)),
                said_now: false,
                seen: None,
                plan: None,
                change: None,
            };
            if step % 4 != 0 {
                let (kind, item, value, by) = STRAIGHT[straight % STRAIGHT.len()];
                straight += 1;
                let by = actors.iter().find(|a| a.account == AccountId(by)).unwrap();
                ask = Ask {
                    kind,
                    item,
                    value,
                    by,
                    reason: "причина",
                    ..ask
                };
            }
            let kind = ask.kind;
            let what = format!("seed {seed} step {step} {kind} by {}", ask.by.login);
            let before = format!("{:?}", (&journey.plans, &journey.enrolments, &journey.documents));
            match journey.act(&ask, &stamp) {
                Ok(_) => {
                    done += 1;
                    completed += usize::from(kind == ActKind::CloseCompleted);
                    reopened += usize::from(kind == ActKind::Reopen);
                }
                Err(why) => {
                    let after = format!("{:?}", (&journey.plans, &journey.enrolments, &journey.documents));
                    assert!(before == after, "{what}: refused by {} and yet changed", why.code);
                }
            }
            check(&journey, &what);
        }
    }
    // The walk is worth something only if it gets somewhere.
    assert!(
        done > 2000 && completed > 0 && reopened > 0,
        "{done} {completed} {reopened}"
    );
}

//! «Маршруты»: all plans of a scope with filters in the address, and approving or sending several at once.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::catalogue::ProgrammeKind;
use crate::db::AnyConn;
use crate::desk::bounds::{self, Bounds};
use crate::desk::diagnostics::rows as diagnosed;
use crate::desk::list::{self, List, PAGE};
use crate::desk::list_file::{self, ListFile};
use crate::desk::looked;
use crate::desk::plan::card::{Door, missing};
use crate::desk::plan::list_rows::{self, Course, Standing, Wanted, Whose};
use crate::desk::plan::rows::{self, Who};
use crate::desk::plan::sending::{self, Ticks};
use crate::desk::plan::support_rows::{self, Accompanied};
use crate::desk::plan::supporters_rows;
use crate::enrolment::training::TrainingStage;
use crate::error::Error;
use crate::exchange::list_file::FileCell;
use crate::iom::watch::{Formed, Risk};
use crate::iom::{DeficitOutcome, GoalBasis, Iom, IomOrigin, IomState, Within};
use crate::pages::parts::{Cell, Chip, Column, Empty, Filter, Filters, Link, Paging, Register, Tone};
use crate::pages::text::{NOTHING, date};
use crate::people::PersonId;
use crate::planted;
use crate::units::{self, Tree, UnitId};
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// A plan that may be ticked.
#[derive(Serialize)]
struct Tick {
    id: String,
    who: String,
    href: String,
    number: String,
    agreed: String,
    place: String,
    /// Whether it is ticked beforehand: a school's own plan waits for its head first.
    ticked: bool,
}

#[derive(Serialize)]
struct ListPage {
    lead: String,
    filters: Filters,
    register: Option<Register>,
    ticks: Vec<Tick>,
    /// Drafts to be ticked and sent, in place of the register.
    sending: Option<Ticks>,
    token: String,
    paging: Option<Paging>,
    empty: Empty,
}

/// Names of the filters.
const FILTERS: &[&str] = &[
    "state",
    "unit",
    "supporter",
    "course",
    "overdue",
    "procedure",
    "q",
    "platform",
    "formed",
    "risk",
    "deficit",
    "training",
    "goal",
    "origin",
];

/// Where a plan is kept, as the address says it.
pub(super) const PLATFORM: [(&str, &str); 2] = [("yes", "на платформе"), ("no", "не на платформе")];

/// Whether only plans on the platform are asked for, or only others.
pub(super) fn platform(code: &str) -> Option<bool> {
    let place = PLATFORM.iter().position(|(of, _)| *of == code)?;
    Some(place == 0)
}

/// A kind of course with how far it has come, as the address says it: `retraining.done`.
pub(crate) fn training(code: &str) -> Option<(ProgrammeKind, TrainingStage)> {
    let (kind, stage) = code.split_once('.')?;
    Some((ProgrammeKind::from_code(kind)?, TrainingStage::from_code(stage)?))
}

/// The words of an address for it, with what a reader calls it.
pub(super) fn trainings() -> impl Iterator<Item = (String, String)> {
    let kinds = ProgrammeKind::ALL.iter();
    kinds.flat_map(|kind| {
        let stages = TrainingStage::ALL.iter();
        stages.map(|stage| {
            (
                training_code(*kind, *stage),
                format!("{}: {}", kind.label(), stage.label()),
            )
        })
    })
}

/// The word of an address.
pub(super) fn training_code(kind: ProgrammeKind, stage: TrainingStage) -> String {
    format!("{}.{}", kind.code(), stage.code())
}

/// Codes and words as a choice takes them.
pub(super) fn own(of: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(code, label): &(&str, &str)| ((*code).to_owned(), (*label).to_owned());
    of.iter().map(own).collect()
}

/// Organisations of a unit, and a procedure: code and name.
pub(super) type Place = (Option<Vec<UnitId>>, Option<(String, String)>);

/// What the address asks for.
pub(super) fn place(
    c: &mut AnyConn,
    at: &List,
    within: &Within,
    (bounds, tree): (&Bounds, &Tree),
    today: NaiveDate,
) -> Result<Place, Error> {
    let unit = at.known("unit", |code| Some(within.unit(tree, code)?.id))?;
    let procedure = match at.get("procedure") {
        None => None,
        Some(code) => {
            let held = diagnosed::by_code(c, bounds, code, today)?;
            let procedure = held.ok_or_else(missing)?.procedure;
            Some((procedure.code, procedure.name))
        }
    };
    Ok((unit.map(|unit| tree.organisations(unit)), procedure))
}

/// What the address finds, and what its filters may be set to.
struct Found {
    plans: Vec<Iom>,
    total: usize,
    who: HashMap<PersonId, Who>,
    units: Vec<(String, String)>,
    supporters: Vec<(String, String)>,
    procedure: Option<(String, String)>,
    standing: Standing,
    /// Drafts with their steps, where drafts alone are listed for whoever sends them.
    to_send: Vec<Accompanied>,
}

/// Reads what the address asks for; `span` says which rows of so many.
async fn find(
    call: &Call,
    at: &List,
    span: impl FnOnce(usize) -> (usize, usize) + Send + 'static,
) -> Result<Found, Error> {
    let within = bounds::within(call)?;
    let region = within.region.ok_or_else(missing)?;
    let standing = at.known("state", Standing::from_code)?.unwrap_or(Standing::Open);
    let course = at.known("course", Course::from_code)?;
    let (own, today) = (at.clone(), call.app().clock.today());
    let sends = sending::sends(call.visitor()?) && !at.is_whole() && standing == Standing::In(IomState::Draft);
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let bounds = Bounds::of(c, region, &within.scope, today)?;
        let tree = units::store::tree(c, today, None)?;
        let supporters = supporters_rows::known(c, &within, &tree, today)?;
        let supporter = own.known("supporter", |login| match login {
            "none" => Some(Whose::Nobody),
            "any" => Some(Whose::Somebody),
            login => Some(Whose::Of(supporters.iter().find(|s| s.login == login)?.account)),
        })?;
        let (organisations, procedure) = place(c, &own, &within, (&bounds, &tree), today)?;
        let wanted = Wanted {
            standing,
            organisations,
            supporter,
            procedure: procedure.as_ref().map(|(code, _)| code.clone()),
            course,
            overdue: own.get("overdue") == Some("1"),
            search: own.get("q").unwrap_or_default().to_owned(),
            platform: own.known("platform", platform)?,
            formed: own.known("formed", Formed::from_code)?,
            risk: own.known("risk", |code| match code {
                "any" => Some(None),
                code => Risk::from_code(code).map(Some),
            })?,
            deficit: own.known("deficit", |code| match code {
                "none" => Some(None),
                code => DeficitOutcome::from_code(code).map(Some),
            })?,
            training: own.known("training", training)?,
            goal: own.known("goal", GoalBasis::from_code)?,
            origin: own.known("origin", IomOrigin::from_code)?,
        };
        let (plans, total) = list_rows::find(c, &bounds, &wanted, today, span)?;
        let persons: Vec<PersonId> = plans.iter().map(|p| p.person_id).collect();
        // An account with several roles is one choice: plans are found by the account.
        let mut choices: Vec<(String, String, Vec<&'static str>)> = Vec::with_capacity(supporters.len());
        let mut places: HashMap<String, usize> = HashMap::with_capacity(supporters.len());
        for one in supporters {
            let place = *places.entry(one.login.clone()).or_insert(choices.len());
            if place == choices.len() {
                choices.push((one.login, one.name, Vec::new()));
            }
            let roles = &mut choices[place].2;
            if !roles.contains(&one.role.label()) {
                roles.push(one.role.label());
            }
        }
        let supporters = choices
            .into_iter()
            .map(|(login, name, roles)| (login, format!("{name} ({})", roles.join(", "))));
        let to_send = if sends { plans.clone() } else { Vec::new() };
        Ok(Found {
            to_send: support_rows::around(c, region, to_send, today)?,
            total,
            who: rows::who(c, region, &persons, today)?,
            units: list::units(&tree, &within, own.get("unit")),
            supporters: supporters.collect(),
            procedure,
            standing,
            plans,
        })
    };
    call.app().db.read(read).await
}

/// The filters of the list as they are set.
fn filters(at: &List, found: &Found) -> Result<Filters, Error> {
    let own = |code: &str, label: &str| (code.to_owned(), label.to_owned());
    let anybody = [own("none", "никто не назначен"), own("any", "есть хотя бы один")];
    let supporters = anybody.into_iter().chain(found.supporters.iter().cloned());
    let mut filters = vec![
        at.search("q", "Фамилия или имя"),
        at.select("state", "Состояние", "все открытые", states())?,
        at.select("unit", "Территория или организация", "все", found.units.clone())?,
        at.select("supporter", "Сопровождающий", "любой", supporters)?,
        at.select("course", "Курсы", "любые", Course::ALL.map(|c| own(c.code(), waits(c))))?,
        at.select("overdue", "Сроки", "любые", [own("1", "есть просроченный шаг")])?,
        at.select(
            "goal",
            "Цель",
            "любая",
            GoalBasis::ALL.iter().map(|g| own(g.code(), g.label())),
        )?,
        at.select(
            "origin",
            "Составлен",
            "кем угодно",
            IomOrigin::ALL.iter().map(|o| own(o.code(), o.label())),
        )?,
    ];
    filters.extend(chosen_elsewhere(at, found)?);
    let mut filters = at.filters(filters, list::found(found.total, "маршрут", "маршрута", "маршрутов"));
    filters.file = (found.total > 0).then(|| at.file());
    Ok(filters)
}

/// What only links of other pages choose: it is shown and taken away here while it is chosen.
fn chosen_elsewhere(at: &List, found: &Found) -> Result<Vec<Filter>, Error> {
    let formed = Formed::ALL.iter().map(|f| (f.code().to_owned(), f.label().to_owned()));
    let any = ("any".to_owned(), "есть любая причина".to_owned());
    let risks = Risk::ALL.iter().map(|r| (r.code().to_owned(), r.label().to_owned()));
    let unjudged = ("none".to_owned(), "ещё не оценён".to_owned());
    let outcomes = DeficitOutcome::ALL.iter();
    let outcomes = outcomes.map(|o| (o.code().to_owned(), o.label().to_owned()));
    let mut filters = vec![
        at.select("procedure", "Диагностика", "любая", found.procedure.clone())?,
        at.select("platform", "Где размещён", "везде", own(&PLATFORM))?,
        at.select("formed", "Педагог увидел маршрут", "когда угодно", formed)?,
        at.select("risk", "Риск", "любой и без риска", std::iter::once(any).chain(risks))?,
        at.select("deficit", "Исход дефицита", "любой", outcomes.chain([unjudged]))?,
        at.select("training", "Обучение по маршруту", "любое", trainings())?,
    ];
    filters.retain(|filter| at.get(filter.name).is_some());
    Ok(filters)
}

/// What was chosen, in codes for the journal.
fn codes(at: &List) -> String {
    at.codes(&["q", "procedure", "supporter"])
}

/// GET /plans
pub fn list(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, FILTERS)?;
        let own = at.clone();
        let found = find(&call, &at, move |total| (own.skipped(total), PAGE)).await?;
        let may_approve = call.visitor()?.may(Capability::Approve);
        let ticks = if may_approve && found.standing == Standing::Agreed {
            ticks(&found.plans, &found.who)
        } else {
            Vec::new()
        };
        let drafts: Vec<_> = found
            .to_send
            .iter()
            .map(|of| sending::Tick::of(Door::Cnppm, of))
            .collect();
        let may_send = sending::sends(call.visitor()?);
        let page = ListPage {
            lead: lead((may_approve, may_send), !ticks.is_empty(), !drafts.is_empty()).to_owned(),
            paging: at.paging(found.total),
            register: (!found.plans.is_empty() && ticks.is_empty()).then(|| register(&found.plans, &found.who)),
            ticks,
            sending: Ticks::of(Door::Cnppm, drafts, call.token()),
            token: call.token(),
            empty: empty(&at, call.visitor()?.may(Capability::Drafting)),
            filters: filters(&at, &found)?,
        };
        let named: Vec<PersonId> = found.plans.iter().map(|p| p.person_id).collect();
        if found.to_send.is_empty() {
            looked::list(&call, "iom", &codes(&at), &named, found.total).await?;
        } else {
            looked::telling(&call, sending::DRAFTS, &codes(&at), &named, found.total, &named).await?;
        }
        let title = match at.get("state") {
            Some("agreed") => "Маршруты ждут утверждения",
            Some("draft") => "Черновики маршрутов",
            _ => "Маршруты",
        };
        Ok(Answer::page("desk/plans", &page)?.title(title))
    })
}

/// GET and POST /plans/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, FILTERS)?;
        let found = find(&call, &at, |_| (0, list_file::MOST)).await?;
        let of = ListFile {
            list: "iom",
            named: "Маршруты",
            chosen: filters(&at, &found)?.in_words(),
            codes: codes(&at),
            ids: found.plans.iter().map(|p| p.person_id.to_string()).collect(),
            people: found.total,
            tells: Vec::new(),
            right: Capability::Plans,
        };
        if let Some(instead) = list_file::gate(&call, &at, &of).await? {
            return Ok(instead);
        }
        let row = |plan: &Iom| -> Vec<FileCell> {
            let who = found.who.get(&plan.person_id);
            vec![
                who.map_or_else(String::new, |w| w.name.clone()).into(),
                who.map_or_else(String::new, |w| w.places.join(", ")).into(),
                plan.number.clone().into(),
                plan.ends_on.into(),
                standing(plan).text.into(),
            ]
        };
        let rows: Vec<Vec<FileCell>> = found.plans.iter().map(row).collect();
        list_file::answer(
            &call,
            &of,
            &["Педагог", "Организация", "Номер", "До", "Состояние"],
            &rows,
        )
    })
}

fn lead((may_approve, may_send): (bool, bool), ticked: bool, drafts: bool) -> &'static str {
    if ticked {
        "Педагоги согласовали эти маршруты. Снимите отметку с тех, что нужно посмотреть ещё раз; имена вы увидите перед \
         утверждением."
    } else if drafts {
        "Эти черновики педагоги ещё не видят. Снимите отметку с тех, что нужно посмотреть ещё раз; имена вы увидите перед \
         отправкой."
    } else if may_approve {
        "Сначала открытые. Чтобы утвердить несколько маршрутов сразу, выберите состояние «ждут утверждения»; чтобы отправить \
         педагогам черновики — «черновик»."
    } else if may_send {
        "Сначала открытые. Чтобы отправить педагогам несколько черновиков сразу, выберите состояние «черновик»."
    } else {
        "Сначала открытые. Закрытые видны, если выбрать состояние."
    }
}

/// What a course waits for, as a choice says it.
fn waits(course: Course) -> &'static str {
    match course {
        Course::Enrolment => "ждут зачисления",
        Course::Completion => "учатся, документа ещё нет",
    }
}

fn empty(at: &List, may_draft: bool) -> Empty {
    let mut empty = Empty::new(
        "Маршрутов не нашлось",
        if at.is_plain() {
            "Загрузите результаты диагностики и подготовьте маршруты: черновики появятся здесь."
        } else {
            "Под выбранные условия не подходит ни один маршрут: уберите одно из них."
        },
    );
    empty.action = if at.is_plain() {
        may_draft.then(|| Link::new("Подготовить маршруты", "/drafting"))
    } else if at.get("q").is_some() && at.get("state").is_none() {
        // Whoever looks for a name means the closed plans too.
        Some(Link::new("Искать и среди закрытых", at.with("state", "all")))
    } else {
        Some(Link::new("Сбросить условия", "/plans"))
    };
    empty
}

pub(super) fn states() -> Vec<(String, String)> {
    let own = |code: &str, label: &str| (code.to_owned(), label.to_owned());
    let mut choices = vec![own("agreed", "ждут утверждения")];
    choices.extend(IomState::ALL.iter().map(|s| own(s.code(), s.label())));
    choices.push(own("all", "все, и закрытые"));
    choices
}

/// The name of a plan's person.
pub(crate) fn name(who: &HashMap<PersonId, Who>, plan: &Iom) -> String {
    who.get(&plan.person_id).map_or_else(String::new, |w| w.short.clone())
}

fn ticks(plans: &[Iom], who: &HashMap<PersonId, Who>) -> Vec<Tick> {
    let tick = |plan: &Iom| Tick {
        id: plan.id.to_string(),
        who: name(who, plan),
        href: format!("/plans/{}", plan.id),
        number: plan.number.clone(),
        place: who
            .get(&plan.person_id)
            .map_or_else(String::new, |w| w.places.join(", ")),
        agreed: plan.agreed_on.map_or_else(String::new, |on| match plan.origin {
            IomOrigin::School => format!("согласован {}, утверждает директор школы", date(on)),
            _ => format!("согласован {}", date(on)),
        }),
        ticked: plan.origin != IomOrigin::School || planted!("school_plan_ticked"),
    };
    plans.iter().map(tick).collect()
}

fn register(plans: &[Iom], who: &HashMap<PersonId, Who>) -> Register {
    let columns = [
        Column::words("Педагог"),
        Column::words("Организация"),
        Column::words("Номер"),
        Column::figures("До"),
        Column::words("Состояние"),
    ];
    let row = |plan: &Iom| {
        let places = who
            .get(&plan.person_id)
            .map_or_else(String::new, |w| w.places.join(", "));
        vec![
            Cell::link(name(who, plan), format!("/plans/{}", plan.id)),
            Cell::text(places),
            Cell::text(plan.number.clone()),
            Cell::text(plan.ends_on.map_or_else(|| NOTHING.into(), date)),
            Cell::chip(standing(plan)),
        ]
    };
    Register::new("Маршруты", &columns, plans.iter().map(row).collect())
}

/// The state of a plan in a word or two.
pub(super) fn standing(plan: &Iom) -> Chip {
    match (plan.state, plan.outcome) {
        (IomState::Closed, Some(outcome)) => Chip::new(Tone::Calm, outcome.label()),
        (IomState::OnAgreement, _) if plan.agreed_on.is_some() => Chip::new(Tone::Wait, "ждёт утверждения"),
        (IomState::OnAgreement, _) => Chip::new(Tone::Wait, "ждёт педагога"),
        (IomState::Returned, _) => Chip::new(Tone::Late, "на доработке"),
        (IomState::Active, _) => Chip::new(Tone::Done, "в работе"),
        (state, _) => Chip::new(Tone::Calm, state.label()),
    }
}

//! «Маршруты»: all plans of a scope with filters in the address, and approving several at once.

use std::collections::HashMap;

use serde::Serialize;

use super::bounds::{self, Bounds};
use super::card::missing;
use super::list::{self, List};
use super::looked;
use super::plan_rows::{self, Who};
use super::plans_rows::{self, Course, Standing, Wanted};
use super::supporters_rows;
use crate::db::AnyConn;
use crate::error::Error;
use crate::iom::{Iom, IomState};
use crate::pages::parts::{Cell, Chip, Column, Empty, Filters, Link, Paging, Register, Tone};
use crate::pages::text::{NOTHING, date};
use crate::people::PersonId;
use crate::units;
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
}

#[derive(Serialize)]
struct ListPage {
    lead: String,
    filters: Filters,
    register: Option<Register>,
    ticks: Vec<Tick>,
    token: String,
    paging: Option<Paging>,
    empty: Empty,
}

/// GET /plans
pub fn list(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(
            &call,
            &["state", "unit", "supporter", "course", "overdue", "procedure", "q"],
        )?;
        let within = bounds::within(&call)?;
        let region = within.region.ok_or_else(missing)?;
        let standing = at.known("state", Standing::from_code)?.unwrap_or(Standing::Open);
        let course = at.known("course", Course::from_code)?;
        let (own, today) = (at.clone(), call.app().clock.today());
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let bounds = Bounds::of(c, region, &within.scope, today)?;
            let tree = units::store::tree(c, today, None)?;
            let unit = own.known("unit", |code| Some(within.unit(&tree, code)?.id))?;
            let supporters = supporters_rows::all(c, &within, today)?;
            let supporter = own.known("supporter", |login| match login {
                "none" => Some(None),
                login => Some(Some(supporters.iter().find(|s| s.login == login)?.account)),
            })?;
            let wanted = Wanted {
                standing,
                organisations: unit.map(|unit| tree.organisations(unit)),
                supporter,
                procedure: own.get("procedure").map(str::to_owned),
                course,
                overdue: own.get("overdue") == Some("1"),
                search: own.get("q").unwrap_or_default().to_owned(),
            };
            let (plans, total) = plans_rows::page(c, &bounds, &wanted, &own, today)?;
            let persons: Vec<PersonId> = plans.iter().map(|p| p.person_id).collect();
            let who = plan_rows::who(c, region, &persons, today)?;
            let units = list::units(&tree, &within, own.get("unit"));
            let supporters = supporters.into_iter().map(|s| {
                let words = format!("{} ({})", s.name, s.role.label());
                (s.login, words)
            });
            Ok((plans, total, who, units, supporters.collect::<Vec<_>>()))
        };
        let (plans, total, who, units, supporters) = call.app().db.read(read).await?;
        let own = |code: &str, label: &str| (code.to_owned(), label.to_owned());
        let nobody = std::iter::once(own("none", "никто не назначен"));
        let filters = vec![
            at.search("q", "Фамилия или имя"),
            at.select("state", "Состояние", "все открытые", states())?,
            at.select("unit", "Территория или организация", "все", units)?,
            at.select("supporter", "Сопровождающий", "любой", nobody.chain(supporters))?,
            at.select("course", "Курсы", "любые", Course::ALL.map(|c| own(c.code(), waits(c))))?,
            at.select("overdue", "Сроки", "любые", [own("1", "есть просроченный шаг")])?,
        ];
        let may_approve = call.visitor()?.may(Capability::Approve);
        let ticks = if may_approve && standing == Standing::Agreed {
            ticks(&plans, &who)
        } else {
            Vec::new()
        };
        let page = ListPage {
            lead: lead(may_approve, !ticks.is_empty()).to_owned(),
            paging: at.paging(total),
            register: (!plans.is_empty() && ticks.is_empty()).then(|| register(&plans, &who)),
            ticks,
            token: call.token(),
            empty: empty(&at, call.visitor()?.may(Capability::Drafting)),
            filters: at.filters(filters, list::found(total, "маршрут", "маршрута", "маршрутов")),
        };
        let named: Vec<PersonId> = plans.iter().map(|p| p.person_id).collect();
        let filter = at.codes(&["q", "procedure", "supporter"]);
        looked::list(&call, "iom", &filter, &named, total).await?;
        let title = match at.get("state") {
            Some("agreed") => "Маршруты ждут утверждения",
            _ => "Маршруты",
        };
        Ok(Answer::page("desk/plans", &page)?.title(title))
    })
}

fn lead(may_approve: bool, ticked: bool) -> &'static str {
    if ticked {
        "Педагоги согласовали эти маршруты. Снимите отметку с тех, что нужно посмотреть ещё раз; имена вы увидите перед \
         утверждением."
    } else if may_approve {
        "Сначала открытые. Чтобы утвердить несколько маршрутов сразу, выберите состояние «ждут утверждения»."
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

fn states() -> Vec<(String, String)> {
    let own = |code: &str, label: &str| (code.to_owned(), label.to_owned());
    let mut choices = vec![own("agreed", "ждут утверждения")];
    choices.extend(IomState::ALL.iter().map(|s| own(s.code(), s.label())));
    choices.push(own("all", "все, и закрытые"));
    choices
}

/// The name of a plan's person.
pub(super) fn name(who: &HashMap<PersonId, Who>, plan: &Iom) -> String {
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
        agreed: plan
            .agreed_on
            .map_or_else(String::new, |on| format!("согласован {}", date(on))),
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
fn standing(plan: &Iom) -> Chip {
    match (plan.state, plan.outcome) {
        (IomState::Closed, Some(outcome)) => Chip::new(Tone::Calm, outcome.label()),
        (IomState::OnAgreement, _) if plan.agreed_on.is_some() => Chip::new(Tone::Wait, "ждёт утверждения"),
        (IomState::OnAgreement, _) => Chip::new(Tone::Wait, "ждёт педагога"),
        (IomState::Returned, _) => Chip::new(Tone::Late, "на доработке"),
        (IomState::Active, _) => Chip::new(Tone::Done, "в работе"),
        (state, _) => Chip::new(Tone::Calm, state.label()),
    }
}

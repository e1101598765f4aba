//! «Маршруты»: all plans of a scope with filters in the address, and approving several at once.

use std::collections::HashMap;

use serde::Serialize;

use super::bounds::{self, Bounds};
use super::card::missing;
use super::listing::{self, Asked};
use super::plan_rows::{self, Who};
use super::plans_rows::{self, PAGE, Standing, Wanted};
use super::supporters_rows;
use crate::db::AnyConn;
use crate::error::Error;
use crate::iom::{Iom, IomState};
use crate::pages::parts::{Cell, Chip, Choice, Column, Empty, Filters, Link, Paging, Register, Tone};
use crate::pages::text::{NOTHING, count, date};
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

/// Names that the address of the list may hold.
const NAMES: [&str; 7] = ["state", "unit", "supporter", "overdue", "procedure", "q", "page"];

/// GET /plans
pub fn list(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&NAMES)?;
        let asked = Asked::of(&call, "/plans", &NAMES[..6]);
        let within = bounds::within(&call)?;
        let region = within.region.ok_or_else(missing)?;
        let standing = Standing::from_code(asked.get("state")).ok_or_else(missing)?;
        let (own, today) = (asked.clone(), call.app().clock.today());
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let bounds = Bounds::of(c, region, &within.scope)?;
            let tree = units::store::tree(c, today, None)?;
            let unit = match own.get("unit") {
                "" => None,
                code => Some(within.unit(&tree, code).ok_or_else(missing)?.id),
            };
            let supporters = supporters_rows::all(c, &within, today)?;
            let supporter = match own.get("supporter") {
                "" => None,
                "none" => Some(None),
                login => {
                    let known = supporters.iter().find(|s| s.login == login).ok_or_else(missing)?;
                    Some(Some(known.account))
                }
            };
            let wanted = Wanted {
                standing,
                organisations: unit.map(|unit| tree.organisations(unit)),
                supporter,
                procedure: Some(own.get("procedure").to_owned()).filter(|code| !code.is_empty()),
                overdue: own.get("overdue") == "1",
                search: own.get("q").to_owned(),
                page: own.page,
            };
            let (plans, total) = plans_rows::page(c, &bounds, &wanted, today)?;
            let persons: Vec<PersonId> = plans.iter().map(|p| p.person_id).collect();
            let who = plan_rows::who(c, region, &persons, today)?;
            let units = listing::units(&tree, &within, own.get("unit"));
            let supporters = supporters.into_iter().map(|s| {
                listing::choice(
                    &s.login,
                    &format!("{} ({})", s.name, s.role.label()),
                    own.get("supporter"),
                )
            });
            Ok((plans, total, who, units, supporters.collect::<Vec<_>>()))
        };
        let (plans, total, who, units, supporters) = call.app().db.read(read).await?;
        let filters = vec![
            listing::select("state", "Состояние", states(asked.get("state"))),
            listing::select("unit", "Территория или организация", units),
            listing::select(
                "supporter",
                "Сопровождающий",
                with_none(supporters, asked.get("supporter")),
            ),
            listing::select(
                "overdue",
                "Сроки",
                vec![
                    listing::choice("", "любые", asked.get("overdue")),
                    listing::choice("1", "есть просроченный шаг", asked.get("overdue")),
                ],
            ),
            listing::typed("q", "Фамилия", asked.get("q")),
        ];
        let found = format!("Найдено: {}", count(total, "маршрут", "маршрута", "маршрутов"));
        let may_approve = call.visitor()?.may(Capability::Approve);
        let ticks = if may_approve && standing == Standing::Agreed {
            ticks(&plans, &who)
        } else {
            Vec::new()
        };
        let page = ListPage {
            lead: lead(may_approve, !ticks.is_empty()).to_owned(),
            paging: asked.paging(total, PAGE),
            register: (!plans.is_empty() && ticks.is_empty()).then(|| register(&plans, &who)),
            ticks,
            token: call.token(),
            empty: empty(&asked),
            filters: asked.filters(filters, found),
        };
        let title = match asked.get("state") {
            "agreed" => "Маршруты ждут утверждения",
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

fn empty(asked: &Asked) -> Empty {
    let mut empty = Empty::new(
        "Маршрутов не нашлось",
        if asked.is_plain() {
            "Загрузите результаты диагностики и подготовьте маршруты: черновики появятся здесь."
        } else {
            "Под выбранные условия не подходит ни один маршрут: уберите одно из них."
        },
    );
    empty.action = Some(if asked.is_plain() {
        Link::new("Подготовить маршруты", "/drafting")
    } else {
        Link::new("Сбросить условия", "/plans")
    });
    empty
}

fn states(chosen: &str) -> Vec<Choice> {
    let mut choices = vec![
        listing::choice("", "все открытые", chosen),
        listing::choice("agreed", "ждут утверждения", chosen),
    ];
    choices.extend(
        IomState::ALL
            .iter()
            .map(|s| listing::choice(s.code(), s.label(), chosen)),
    );
    choices.push(listing::choice("all", "все, и закрытые", chosen));
    choices
}

fn with_none(supporters: Vec<Choice>, chosen: &str) -> Vec<Choice> {
    let mut choices = vec![
        listing::choice("", "любой", chosen),
        listing::choice("none", "никто не назначен", chosen),
    ];
    choices.extend(supporters);
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

//! «Маршруты»: all plans of a scope with filters in the address, and approving several at once.

use std::collections::HashMap;

use serde::Serialize;

use super::bounds::{self, Bounds};
use super::card::{Looker, missing};
use super::listing::{self, Asked};
use super::plan_rows::{self, Who};
use super::plans_rows::{self, PAGE, Standing, Wanted};
use super::{acts, supporters_rows};
use crate::db::AnyConn;
use crate::error::{Error, Refusal};
use crate::iom::{ActKind, Iom, IomId, IomState};
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

fn name(who: &HashMap<PersonId, Who>, plan: &Iom) -> String {
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

#[derive(Serialize)]
struct ApprovePage {
    crumbs: Vec<Link>,
    heading: String,
    lead: String,
    names: Vec<String>,
    more: Option<String>,
    ids: Vec<String>,
    token: String,
    nothing: bool,
}

/// POST /plans/approve: asks, naming the number of people; with `sure` approves each that can be.
pub fn approve(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only_many(&["sure"], &["plan"])?;
        let ids: Vec<IomId> = fields
            .all("plan")
            .filter_map(|id| id.parse().ok())
            .map(IomId)
            .take(500)
            .collect();
        let (plans, who) = chosen(&call, ids).await?;
        if fields.get("sure") != Some("yes") || plans.is_empty() {
            return confirm(&call, &plans, &who);
        }
        let login = Looker::of(&call)?.login;
        let wanted = plans.iter().map(|plan| acts::Wanted {
            region: plan.region_id,
            person: plan.person_id,
            kind: ActKind::Approve,
            item: None,
            by: login.clone(),
            value: String::new(),
            reason: String::new(),
        });
        let refused = acts::each(call.app(), wanted.collect()).await?;
        let skipped: Vec<String> = refused
            .iter()
            .filter_map(|(place, why)| Some(format!("{}:{}", plans.get(*place)?.id, why.code)))
            .collect();
        Ok(Answer::redirect(format!(
            "/plans/approved?done={}&skipped={}",
            plans.len() - skipped.len(),
            skipped.join(",")
        )))
    })
}

/// Plans of the ids that lie within the bounds, with their people; the rest is as if it were not there.
async fn chosen(call: &Call, ids: Vec<IomId>) -> Result<(Vec<Iom>, HashMap<PersonId, Who>), Error> {
    let within = bounds::within(call)?;
    let (region, today) = (within.region.ok_or_else(missing)?, call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let bounds = Bounds::of(c, region, &within.scope)?;
        let plans = plans_rows::some(c, &bounds, &ids, today)?;
        let persons: Vec<PersonId> = plans.iter().map(|p| p.person_id).collect();
        let who = plan_rows::who(c, region, &persons, today)?;
        Ok((plans, who))
    };
    call.app().db.read(read).await
}

fn confirm(call: &Call, plans: &[Iom], who: &HashMap<PersonId, Who>) -> Result<Answer, Error> {
    let n = i64::try_from(plans.len()).unwrap_or(0);
    let heading = format!("Утвердить {}", count(n, "маршрут", "маршрута", "маршрутов"));
    let heading = if n == 0 {
        "Маршруты не выбраны".to_owned()
    } else {
        heading
    };
    let page = ApprovePage {
        crumbs: vec![
            Link::new("Маршруты", "/plans"),
            Link::new("Ждут утверждения", "/plans?state=agreed"),
        ],
        heading: heading.clone(),
        lead: "Утверждённый план замораживается: первая редакция больше не меняется, куратор сможет начать маршрут."
            .into(),
        names: plans.iter().take(10).map(|p| name(who, p)).collect(),
        more: (n > 10).then(|| format!("и ещё {}", count(n - 10, "педагог", "педагога", "педагогов"))),
        ids: plans.iter().map(|p| p.id.to_string()).collect(),
        token: call.token(),
        nothing: n == 0,
    };
    let answer = Answer::page("desk/plans_approve", &page)?.title(heading);
    Ok(if n == 0 { answer.status(422) } else { answer })
}

#[derive(Serialize)]
struct ApprovedPage {
    crumbs: Vec<Link>,
    done: String,
    text: String,
    register: Option<Register>,
}

/// GET /plans/approved: what came of it.
pub fn approved(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["done", "skipped"])?;
        let done: i64 = call.query.get("done").and_then(|n| n.parse().ok()).unwrap_or(0).max(0);
        let told: Vec<(IomId, String)> = call
            .query
            .get("skipped")
            .unwrap_or_default()
            .split(',')
            .filter_map(|pair| pair.split_once(':'))
            .filter_map(|(id, why)| Some((IomId(id.parse().ok()?), why.to_owned())))
            .take(500)
            .collect();
        let (plans, who) = chosen(&call, told.iter().map(|(id, _)| *id).collect()).await?;
        let rows: Vec<Vec<Cell>> = plans
            .iter()
            .map(|plan| {
                let why = told.iter().find(|(id, _)| *id == plan.id).map_or("", |(_, why)| why);
                vec![
                    Cell::link(name(&who, plan), format!("/plans/{}", plan.id)),
                    Cell::text(reason(why, plan)),
                ]
            })
            .collect();
        let skipped = i64::try_from(rows.len()).unwrap_or(0);
        let columns = [Column::words("Педагог"), Column::words("Почему")];
        let page = ApprovedPage {
            crumbs: vec![Link::new("Маршруты", "/plans")],
            done: format!("Утверждено: {done}, пропущено: {skipped}"),
            text: "Кураторы увидят утверждённые маршруты и смогут их начать.".into(),
            register: (skipped > 0).then(|| Register::new("Пропущенные", &columns, rows)),
        };
        Answer::page("desk/plans_approved", &page)
    })
}

/// Why a plan was passed over, by the code of the refusal and what stands now.
fn reason(code: &str, plan: &Iom) -> String {
    match code {
        "iom.not_agreed" => Refusal::new("iom.not_agreed").to_string(),
        "iom.own_plan" => Refusal::new("iom.own_plan").to_string(),
        _ => format!("маршрут в состоянии «{}»", plan.state.label()),
    }
}

//! «Составленные маршруты»: what a school composed for its teachers, and a municipal methodist for those of the
//! municipality; what is next in each.

use std::collections::HashMap;

use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::list::{self, List, PAGE};
use crate::desk::looked;
use crate::desk::plan::card::{Door, missing};
use crate::desk::plan::composed_rows::{self, Composer, Which};
use crate::desk::plan::list::{name, standing, states};
use crate::desk::plan::list_rows::Standing;
use crate::desk::plan::rows::{self, Who};
use crate::desk::plan::sending::{DRAFTS, Tick, Ticks};
use crate::desk::plan::support_rows::{self, Accompanied};
use crate::error::Error;
use crate::iom::{Iom, IomId, IomState};
use crate::pages::parts::{Cell, Column, Empty, Filters, Link, Paging, Register};
use crate::pages::text::{NOTHING, count, date};
use crate::people::PersonId;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// Names of the filters.
const FILTERS: &[&str] = &["q", "state"];

const HEADING: &str = "Составленные маршруты";
const OF_SCHOOL: &str = "Маршруты, которые составила школа. Утверждает их директор, свой маршрут он не утверждает: это \
                         сделает руководитель ЦНППМ. Шаги отмечает сопровождающий, назначьте его в карточке маршрута.";
const OF_METHODIST: &str = "Маршруты, которые составили вы. Проверьте шаги и отправьте маршрут педагогу; когда педагог \
                            согласится, его утвердит руководитель ЦНППМ.";

struct Found {
    plans: Vec<Iom>,
    total: usize,
    who: HashMap<PersonId, Who>,
    /// Whose desk it is.
    of: Composer,
    /// Whether the visitor approves what the school composed.
    approves: bool,
    /// Plans that nobody accompanies, and whether a step waits there.
    alone: HashMap<IomId, bool>,
    /// How many drafts the desk has.
    drafts: i64,
    /// Drafts with their steps, where drafts alone are listed.
    to_send: Vec<Accompanied>,
}

#[derive(Serialize)]
struct Page {
    heading: &'static str,
    lead: &'static str,
    /// The way to the drafts, where several wait to be sent.
    drafts: Option<Link>,
    filters: Filters,
    register: Option<Register>,
    /// Drafts to be ticked and sent, in place of the register.
    sending: Option<Ticks>,
    paging: Option<Paging>,
    empty: Option<Empty>,
}

const DRAFT: Which = Which::Standing(Standing::In(IomState::Draft));

async fn find(call: &Call, at: &List, which: Which) -> Result<Found, Error> {
    let (visitor, today, own) = (call.visitor()?.clone(), call.app().clock.today(), at.clone());
    let read = move |c: &mut AnyConn| -> Result<Found, Error> {
        let of = Composer::of(c, &visitor, today)?.ok_or_else(missing)?;
        let asked = (which, own.get("q").unwrap_or_default());
        let (plans, total) = composed_rows::find(c, &of, asked, today, |total| (own.skipped(total), PAGE))?;
        let persons: Vec<PersonId> = plans.iter().map(|plan| plan.person_id).collect();
        let to_send = if which == DRAFT { plans.clone() } else { Vec::new() };
        Ok(Found {
            drafts: composed_rows::count(c, &of, (DRAFT, ""), today)?,
            to_send: support_rows::around(c, of.region(), to_send, today)?,
            approves: composed_rows::approves(&visitor),
            who: rows::who(c, of.region(), &persons, today)?,
            alone: composed_rows::alone(c, of.region(), &plans.iter().collect::<Vec<_>>(), today)?,
            of,
            plans,
            total,
        })
    };
    call.app().db.read(read).await
}

/// GET /composed
pub fn list(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, FILTERS)?;
        let approves = composed_rows::approves(call.visitor()?);
        let known = |code: &str| Which::from_code(code).filter(|which| approves || *which != Which::ToApprove);
        let which = at.known("state", known)?.unwrap_or(Which::Standing(Standing::Open));
        let found = find(&call, &at, which).await?;
        let named: Vec<PersonId> = found.plans.iter().map(|plan| plan.person_id).collect();
        if found.to_send.is_empty() {
            looked::list(&call, "iom", &at.codes(&["q"]), &named, found.total).await?;
        } else {
            looked::telling(&call, DRAFTS, &at.codes(&["q"]), &named, found.total, &named).await?;
        }
        let mut choices = states();
        if approves {
            let to_approve = (Which::TO_APPROVE.to_owned(), "ждут вашего утверждения".to_owned());
            choices.insert(0, to_approve);
        }
        let filters = vec![
            at.search("q", "Фамилия или имя"),
            at.select("state", "Состояние", "все открытые", choices)?,
        ];
        let may_draft = call.visitor()?.may(Capability::Drafting);
        let ticks: Vec<Tick> = found.to_send.iter().map(|of| Tick::of(Door::Composed, of)).collect();
        let is_draft = which == DRAFT;
        let page = Page {
            heading: HEADING,
            lead: if found.of.is_school() { OF_SCHOOL } else { OF_METHODIST },
            drafts: (found.drafts > 1 && !is_draft).then(|| {
                let words = count(found.drafts, "черновик", "черновика", "черновиков");
                Link::new(format!("Отправить педагогам {words}"), "/composed?state=draft")
            }),
            filters: at.filters(filters, list::found(found.total, "маршрут", "маршрута", "маршрутов")),
            register: (!found.plans.is_empty()).then(|| register(&found)),
            sending: Ticks::of(Door::Composed, ticks, call.token()),
            paging: at.paging(found.total),
            empty: found.plans.is_empty().then(|| empty(&at, may_draft)),
        };
        let page = Answer::page("desk/composed", &page)?;
        Ok(if is_draft {
            page.title("Составленные черновики")
        } else {
            page.title(HEADING)
        })
    })
}

fn empty(at: &List, may_draft: bool) -> Empty {
    let mut first = Empty::new(
        "Составленных маршрутов пока нет",
        "Подготовьте маршруты по результатам диагностики: черновики появятся здесь. Маршруты, которые составил ЦНППМ, сюда \
         не попадают.",
    );
    first.action = may_draft.then(|| Link::new("Подготовить маршруты", "/drafting"));
    at.empty(first, "Маршрутов не нашлось", "ни один маршрут")
}

fn register(found: &Found) -> Register {
    let row = |plan: &Iom| {
        let places = found.who.get(&plan.person_id).map(|who| who.places.join(", "));
        vec![
            Cell::link(name(&found.who, plan), format!("/composed/{}", plan.id)),
            Cell::text(places.unwrap_or_default()),
            Cell::text(plan.number.clone()),
            Cell::text(plan.ends_on.map_or_else(|| NOTHING.to_owned(), date)),
            Cell::text(next(plan, found)),
            Cell::chip(standing(plan)),
        ]
    };
    let columns = [
        Column::words("Педагог"),
        Column::words("Организация"),
        Column::words("Номер"),
        Column::figures("До"),
        Column::words("Что дальше"),
        Column::words("Состояние"),
    ];
    Register::new(HEADING, &columns, found.plans.iter().map(row).collect())
}

/// What a plan waits for.
fn next(plan: &Iom, found: &Found) -> &'static str {
    let school = found.of.is_school();
    let alone = found.alone.get(&plan.id);
    if alone == Some(&true) {
        return "Шаг ждёт проверки, а сопровождающего нет: назначьте";
    }
    match plan.state {
        IomState::OnAgreement if school && plan.agreed_on.is_some() && approved_elsewhere(plan, found) => {
            "Ваш маршрут ждёт утверждения в ЦНППМ"
        }
        IomState::Draft => "Проверьте шаги и отправьте педагогу",
        IomState::OnAgreement if plan.agreed_on.is_none() => "Педагог читает маршрут",
        IomState::OnAgreement if school => "Ждёт утверждения директора",
        IomState::OnAgreement => "Ждёт утверждения в ЦНППМ",
        IomState::Returned => "Исправьте и отправьте снова",
        IomState::Approved if alone.is_some() => "Назначьте сопровождающего и начните маршрут",
        IomState::Active if alone.is_some() => "Сопровождающего нет: назначьте, иначе шаги некому отмечать",
        IomState::Approved if school => "Начните маршрут или назначьте куратора",
        IomState::Approved => "Куратор начнёт маршрут",
        IomState::Active => "Педагог выполняет шаги",
        IomState::Paused => "Приостановлен",
        IomState::Closed => NOTHING,
    }
}

/// Whether it is the own plan of whoever approves here: that one goes to the ЦНППМ.
fn approved_elsewhere(plan: &Iom, found: &Found) -> bool {
    found.approves && found.of.is_own(plan)
}

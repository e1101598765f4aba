//! «Предложения шаблонов»: open plans that stand below the newest version of their template, each with what would change.

use std::collections::HashMap;

use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::bounds::{self, Bounds};
use crate::desk::list::{self, List, PAGE};
use crate::desk::looked;
use crate::desk::plan::card::missing;
use crate::desk::plan::proposals_rows::{self, Proposed};
use crate::desk::plan::rows::{self, Who};
use crate::error::Error;
use crate::iom::correction::Row;
use crate::iom::template;
use crate::iom::{IomId, IomState};
use crate::pages::parts::{Empty, Filters, Link, Paging};
use crate::people::PersonId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// Rows of one proposal that a list shows; the page of the plan shows all.
pub(crate) const ROWS: usize = 6;

/// A plan that may be ticked.
#[derive(Serialize)]
struct Tick {
    id: String,
    token: String,
    who: String,
    href: String,
    meta: String,
    rows: Vec<String>,
    more: usize,
    waits: bool,
}

#[derive(Serialize)]
struct Page {
    crumbs: Vec<Link>,
    lead: &'static str,
    problem: Option<String>,
    filters: Filters,
    ticks: Vec<Tick>,
    may_answer: bool,
    token: String,
    paging: Option<Paging>,
    empty: Empty,
}

/// Whether the visitor may take and decline: whoever changes plans.
pub(crate) fn may_answer(call: &Call) -> Result<bool, Error> {
    Ok(call.visitor()?.role().is_some_and(|role| role.code == "cnppm_staff"))
}

/// A row of a difference in one line.
pub(crate) fn said(row: &Row) -> String {
    format!("{}: {} → {}", row.part, row.was, row.now)
}

fn tick(one: &Proposed, who: &HashMap<PersonId, Who>) -> Tick {
    let id = one.plan.id;
    let who = who.get(&one.plan.person_id);
    let rows = &one.difference.rows;
    let mut meta = format!(
        "{} · шаблон «{}», версия {} → {}",
        one.plan.number,
        one.template.title,
        one.plan.template_version.unwrap_or_default(),
        one.template.version
    );
    for place in who.iter().flat_map(|w| &w.places) {
        meta.push_str(" · ");
        meta.push_str(place);
    }
    Tick {
        id: id.to_string(),
        token: one.token(),
        who: who.map_or_else(String::new, |w| w.short.clone()),
        href: format!("/plans/{id}"),
        meta,
        rows: rows.iter().take(ROWS).map(said).collect(),
        more: rows.len().saturating_sub(ROWS),
        waits: one.plan.state == IomState::OnAgreement,
    }
}

/// GET /proposals
pub fn list(call: Call) -> Answering {
    Box::pin(async move { show(&call, None).await })
}

/// The list, with what is wrong with what was sent from it.
pub(crate) async fn show(call: &Call, problem: Option<String>) -> Result<Answer, Error> {
    let at = if problem.is_some() {
        List::plain("/proposals")
    } else {
        List::of(call, &["template"])?
    };
    let within = bounds::within(call)?;
    let (region, today, own) = (within.region.ok_or_else(missing)?, call.app().clock.today(), at.clone());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let bounds = Bounds::of(c, region, &within.scope, today)?;
        let templates = template::all(c, region)?;
        let chosen = own.known("template", |code| {
            Some(templates.iter().find(|t| t.code == code)?.record_id)
        })?;
        let (plans, total) = proposals_rows::find(c, &bounds, chosen, today, |total| (own.skipped(total), PAGE))?;
        let persons: Vec<PersonId> = plans.iter().map(|p| p.person_id).collect();
        let who = rows::who(c, region, &persons, today)?;
        let order: Vec<IomId> = plans.iter().map(|p| p.id).collect();
        let mut proposed = proposals_rows::of(c, region, plans, None, today)?;
        proposed.sort_by_key(|one| order.iter().position(|id| *id == one.plan.id));
        Ok((templates, proposed, total, who))
    };
    let (templates, proposed, total, who) = call.app().db.read(read).await?;
    let named: Vec<PersonId> = proposed.iter().map(|one| one.plan.person_id).collect();
    looked::telling(call, "proposals", &at.codes(&[]), &named, total, &named).await?;
    let choices = templates.iter().map(|t| (t.code.clone(), t.title.clone()));
    let filters = vec![at.select("template", "Шаблон", "любой", choices)?];
    let may_answer = may_answer(call)?;
    let data = Page {
        crumbs: vec![Link::new("Шаблоны маршрутов", "/iom-templates")],
        lead: if may_answer {
            "Шаблон изменился, эти маршруты – нет. Отметьте, кому предложение подходит: имена и изменения вы увидите ещё раз \
             перед записью."
        } else {
            "Шаблон изменился, эти маршруты – нет. Решают сотрудники ЦНППМ и кураторы."
        },
        filters: at.filters(filters, list::found(total, "предложение", "предложения", "предложений")),
        ticks: proposed.iter().map(|one| tick(one, &who)).collect(),
        may_answer,
        token: call.token(),
        paging: at.paging(total),
        empty: Empty::new(
            "Предложений нет",
            "Все маршруты стоят на последних версиях своих шаблонов.",
        ),
        problem,
    };
    let answer = Answer::page("desk/proposals", &data)?;
    Ok(if data.problem.is_some() {
        answer.status(422).title("Ошибка: предложения шаблонов")
    } else {
        answer.title("Предложения шаблонов")
    })
}

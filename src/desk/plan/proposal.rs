//! The proposal of a template to one plan: what would change and what stays, to be taken or declined. A plan without a
//! template is offered one here.

use serde::Serialize;

use crate::access;
use crate::db::text_keys::clean;
use crate::db::{AnyConn, Tx};
use crate::desk::once::{is_other, once};
use crate::desk::plan::card::{self, Door, Opened, Wrong};
use crate::desk::plan::edit::may_change;
use crate::desk::plan::edit_form::Asked;
use crate::desk::plan::proposals_rows::{self, Answered, Proposed};
use crate::desk::plan::quiet;
use crate::error::{Error, Refusal};
use crate::iom::correction::Row;
use crate::iom::template::{self, Template};
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::capital;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

const HEADING: &str = "Шаблон маршрута";

#[derive(Serialize)]
struct Page {
    crumbs: Vec<Link>,
    heading: &'static str,
    lead: String,
    problems: Vec<Wrong>,
    action: String,
    token: String,
    key: String,
    seen: String,
    template: String,
    choose: Option<Asked>,
    rows: Option<Register>,
    /// Steps that would end on days when nobody learns.
    quiet: Vec<String>,
    kept: Option<Register>,
    accept: Option<Asked>,
    decline: Option<Asked>,
    empty: Option<Empty>,
}

/// Rows of a difference as a table; none where there are none.
pub(crate) fn table(caption: &str, [was, now]: [&'static str; 2], rows: &[Row]) -> Option<Register> {
    let columns = [Column::words("Что"), Column::words(was), Column::words(now)];
    let cells = rows
        .iter()
        .map(|r| [&r.part, &r.was, &r.now].map(|text| Cell::text(text.clone())).to_vec());
    let cells: Vec<Vec<Cell>> = cells.collect();
    (!cells.is_empty()).then(|| Register::new(caption.to_owned(), &columns, cells))
}

/// What the page is made of.
struct Found {
    proposed: Option<Proposed>,
    /// The plan's own template, or the one that was chosen for it.
    template: Option<Template>,
    choices: Vec<Template>,
}

async fn find(call: &Call, opened: &Opened, code: &str) -> Result<Found, Error> {
    let (plan, code, today) = (opened.rows.plan.clone(), code.to_owned(), call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let region = plan.region_id;
        let (template, choices) = match plan.template_id {
            Some(own) => (template::newest(c, region, own)?, Vec::new()),
            None if code.is_empty() => (None, template::all(c, region)?),
            None => {
                let chosen = template::by_code(c, region, &code)?;
                (Some(chosen.ok_or_else(template::missing)?), template::all(c, region)?)
            }
        };
        let proposed = proposals_rows::of(c, region, vec![plan], template.as_ref(), today)?.pop();
        Ok(Found {
            proposed,
            template,
            choices,
        })
    };
    call.app().db.read(read).await
}

fn page(call: &Call, door: Door, of: &Opened, found: Found, problems: Vec<Wrong>) -> Result<Answer, Error> {
    let plan = &of.rows.plan;
    let base = format!("{}/{}", door.base(), plan.id);
    let problem = |name: &str| problems.iter().find(|p| p.field == name).map(|p| p.text.clone());
    let typed = |name: &str| call.form.get(name).map(str::to_owned);
    let (mut accept, mut decline, mut rows, mut kept) = (None, None, None, None);
    let mut seen = String::new();
    let proposed = of.rules.as_ref().zip(found.proposed.as_ref());
    let quiet = proposed.map_or_else(Vec::new, |(rules, one)| quiet::of_proposal(rules, &one.difference));
    if let Some(one) = &found.proposed {
        let reason = typed("reason").unwrap_or_else(|| one.reason());
        let hint = if plan.revision > 0 {
            "Появится следующая редакция: педагог прочитает это в листе корректировки"
        } else {
            "Маршрут ещё не утверждён: изменения видны сразу"
        };
        accept = Some(Asked {
            problem: problem("reason"),
            ..Asked::text("reason".into(), "Основание", reason).long().hint(hint)
        });
        decline = plan.template_id.map(|_| Asked {
            problem: problem("why"),
            ..Asked::text("why".into(), "Почему не подходит", typed("why").unwrap_or_default()).long()
        });
        rows = table("Что изменится", ["Сейчас", "Станет"], &one.difference.rows);
        kept = table("Что останется", ["В маршруте", "В шаблоне"], &one.difference.kept);
        seen = one.token();
    }
    let name = |of: &Template| format!("«{}», версия {}", of.title, of.version);
    let lead = match (&found.template, plan.template_version, found.proposed.is_some()) {
        (Some(of), Some(own), true) => format!(
            "ИОМ педагога № {}. Шаблон изменился: {}. Маршрут стоит на версии {own} и сам не меняется: решаете вы.",
            plan.number,
            name(of)
        ),
        (Some(of), Some(_), false) => format!(
            "ИОМ педагога № {}. Маршрут идёт по шаблону {}: новых предложений нет.",
            plan.number,
            name(of)
        ),
        (Some(of), None, _) => format!("ИОМ педагога № {}. Шаблон {}.", plan.number, name(of)),
        (None, ..) => format!("ИОМ педагога № {}. Шаблон не выбран.", plan.number),
    };
    let chosen = found.template.as_ref().filter(|_| plan.template_id.is_none());
    let code = chosen.map_or_else(String::new, |of| of.code.clone());
    let first = (String::new(), "Выберите шаблон".to_owned());
    let choices = found.choices.iter().map(|of| (of.code.clone(), of.title.clone()));
    let data = Page {
        crumbs: vec![door.crumb(), Link::new(of.who.short.clone(), base.clone())],
        heading: HEADING,
        lead,
        action: format!("{base}/proposal"),
        token: call.token(),
        key: token::random_name()?,
        seen,
        choose: (!found.choices.is_empty()).then(|| {
            Asked::text("template".into(), "Шаблон", code.clone()).choose(std::iter::once(first).chain(choices))
        }),
        template: code,
        empty: (plan.template_id.is_none() && found.choices.is_empty()).then(|| {
            Empty::new(
                "Шаблонов пока нет",
                "Их составляет ЦНППМ: первый шаблон появится здесь.",
            )
        }),
        rows,
        quiet,
        kept,
        accept,
        decline,
        problems,
    };
    let answer = Answer::page("desk/proposal", &data)?;
    Ok(if data.problems.is_empty() {
        answer.title(HEADING)
    } else {
        answer.status(422).title(format!("Ошибка: {HEADING}"))
    })
}

fn show(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["template"])?;
        let code = query.get("template").map(clean).unwrap_or_default();
        let opened = card::open_if(&call, door, may_change).await?;
        let found = find(&call, &opened, &code).await?;
        page(&call, door, &opened, found, Vec::new())
    })
}

fn save(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        let form = call.form.only(&["act", "reason", "why", "seen", "key", "template"])?;
        let text = |name| form.get(name).map(clean).unwrap_or_default();
        let (accept, code, seen) = (text("act") != "decline", text("template"), text("seen"));
        let opened = card::open_if(&call, door, may_change).await?;
        let field = if accept { "reason" } else { "why" };
        let (plan, key) = (opened.rows.plan.clone(), call.app().keys.audit.clone());
        let answered = Answered {
            accept,
            reason: text(field),
            by: access::author(call.visitor()?),
        };
        let of = plan.clone();
        let act = move |tx: &mut Tx<'_>| -> Result<String, Error> {
            let today = tx.today();
            let chosen = match of.template_id {
                None => template::by_code(tx.conn(), of.region_id, &code)?,
                Some(_) => None,
            };
            let proposed = proposals_rows::of(tx.conn(), of.region_id, vec![of], chosen.as_ref(), today)?;
            let refused = proposals_rows::answer(tx, &key, &proposed, &[seen], &answered)?;
            match refused.into_iter().next() {
                None => Ok(String::new()),
                Some((_, why)) if why.code == "delegation.not_given" => Err(Error::Forbidden(why.to_string())),
                Some((_, why)) => Err(why.into()),
            }
        };
        match once(&call, act).await {
            Ok(_) => {
                let done = if accept { "change" } else { "decline-template" };
                Ok(Answer::redirect(format!("{}/{}?done={done}", door.base(), plan.id)))
            }
            Err(Error::Refused(why)) if !is_other(&why) => {
                let code = call.form.get("template").map(clean).unwrap_or_default();
                let opened = card::open_if(&call, door, may_change).await?;
                let found = match find(&call, &opened, &code).await {
                    // A form whose template is gone still says what was wrong with it.
                    Err(Error::NotFound(_)) => find(&call, &opened, "").await?,
                    found => found?,
                };
                let stale = matches!(why.code, "proposal.stale" | "iom.changed");
                let field = match why.code {
                    "iom.change_reason" | "iom.reason_needed" | "desk.too_long" => field,
                    _ => "proposal",
                };
                let why = if stale { Refusal::new("proposal.stale") } else { why };
                let wrong = Wrong {
                    field: field.to_owned(),
                    text: capital(&why.to_string()),
                };
                let answer = page(&call, door, &opened, found, vec![wrong])?;
                Ok(if stale { answer.status(409) } else { answer })
            }
            Err(other) => Err(other),
        }
    })
}

/// GET /people/{plan}/proposal
pub fn show_supported(call: Call) -> Answering {
    show(call, Door::Support)
}

/// POST /people/{plan}/proposal
pub fn save_supported(call: Call) -> Answering {
    save(call, Door::Support)
}

/// GET /plans/{plan}/proposal
pub fn show_plan(call: Call) -> Answering {
    show(call, Door::Cnppm)
}

/// POST /plans/{plan}/proposal
pub fn save_plan(call: Call) -> Answering {
    save(call, Door::Cnppm)
}

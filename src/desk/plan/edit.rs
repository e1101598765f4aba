//! Changing a plan on a page: a draft at once, an approved plan by its next revision.

use serde::Serialize;

use crate::access;
use crate::db::text_keys::clean;
use crate::db::{AnyConn, DbError};
use crate::desk::once::{is_other, once};
use crate::desk::plan::acts::{self, All, Wanted};
use crate::desk::plan::card::{self, Door, Opened, Wrong, missing};
use crate::desk::plan::edit_form::{self, Block, Parts};
use crate::desk::plan::{due_order, quiet, revisions_rows};
use crate::error::{Error, Refusal};
use crate::iom::editing::Change;
use crate::iom::{ActKind, Goal, offer};
use crate::pages::parts::Link;
use crate::pages::text::capital;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

#[derive(Serialize)]
struct Page {
    crumbs: Vec<Link>,
    heading: &'static str,
    lead: String,
    action: String,
    token: String,
    seen: String,
    key: String,
    problems: Vec<Wrong>,
    blocks: Vec<Block>,
}

const HEADING: &str = "Изменить маршрут";
const BESIDE: &str = "Ничего не потеряно: ниже маршрут, каким он стал, а у полей сказано, что вы ввели иначе.";

/// Whoever may not change the plan finds nothing here.
pub(crate) fn may_change(opened: &Opened) -> Result<(), Error> {
    if opened.possible.can_change {
        return Ok(());
    }
    if !opened.possible.changes {
        return Err(missing());
    }
    let why = Refusal::new("iom.wrong_state").with("state", opened.rows.plan.state.label());
    Err(why.with("act", ActKind::Change.label()).into())
}

async fn open(call: &Call, door: Door) -> Result<(Opened, Vec<Goal>), Error> {
    let opened = card::open_if(call, door, may_change).await?;
    let (region, id) = (opened.rows.plan.region_id, opened.rows.plan.id);
    let read = move |c: &mut AnyConn| -> Result<_, DbError> { revisions_rows::goals(c, region, id) };
    let goals = call.app().db.read(read).await?;
    Ok((opened, goals))
}

/// What the page shows, and how it is answered.
enum Shown {
    /// The plan as it stands.
    Plan,
    /// What was typed and what is wrong with it.
    Typed(Vec<Wrong>),
    /// The plan as somebody else left it meanwhile, said in a sentence, with what was typed beside it.
    Changed(String),
}

fn page(call: &Call, door: Door, of: &Opened, goals: &[Goal], shown: Shown) -> Result<Answer, Error> {
    let plan = &of.rows.plan;
    let base = format!("{}/{}", door.base(), plan.id);
    let mut blocks = Parts { rows: &of.rows, goals }.blocks();
    let (status, problems) = match shown {
        Shown::Plan => (200, Vec::new()),
        Shown::Typed(problems) => {
            edit_form::again(&mut blocks, &call.form, &problems);
            (422, problems)
        }
        Shown::Changed(why) => {
            edit_form::beside(&mut blocks, &call.form);
            let text = format!("{why} {BESIDE}");
            let field = "change".to_owned();
            (409, vec![Wrong { field, text }])
        }
    };
    if let Some(rules) = &of.rules {
        quiet::beside_dates(rules, &mut blocks);
    }
    due_order::beside_dates(&mut blocks);
    let typed = |name| call.form.get(name).filter(|_| status == 422).map(str::to_owned);
    let lead = if plan.revision > 0 {
        format!(
            "ИОМ педагога № {}. После сохранения появится редакция № {}: педагог увидит, что изменилось, и отметит, что ознакомился.",
            plan.number,
            plan.revision + 1
        )
    } else {
        format!(
            "ИОМ педагога № {}. Маршрут ещё не утверждён: изменения видны сразу.",
            plan.number
        )
    };
    let data = Page {
        crumbs: vec![door.crumb(), Link::new(of.who.short.clone(), base.clone())],
        heading: HEADING,
        lead,
        action: format!("{base}/edit"),
        token: call.token(),
        seen: typed("seen").unwrap_or_else(|| plan.version.to_string()),
        key: typed("key").map_or_else(token::random_name, Ok)?,
        problems,
        blocks,
    };
    let answer = Answer::page("desk/plan_edit", &data)?.status(status);
    Ok(match status {
        200 => answer.title(HEADING),
        409 => answer.title("Маршрут уже изменён"),
        _ => answer.title("Ошибка: изменить маршрут"),
    })
}

fn show(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (opened, goals) = open(&call, door).await?;
        page(&call, door, &opened, &goals, Shown::Plan)
    })
}

fn save(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        let (opened, goals) = open(&call, door).await?;
        let parts = Parts {
            rows: &opened.rows,
            goals: &goals,
        };
        let plan = &opened.rows.plan;
        let blocks = parts.blocks();
        // A form of an older plan may name what is gone: its version alone says who has changed it.
        let seen = acts::seen(&call.form)?;
        let (change, mut problems) = if seen == plan.version {
            let names = parts.names();
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            call.form.only(&known)?;
            let codes = edit_form::programmes(&call.form);
            let courses = call.app().db.read(move |c| offer::by_codes(c, &codes)).await?;
            parts.change(&call.form, &courses)
        } else {
            (Change::default(), Vec::new())
        };
        if problems.is_empty() {
            let wanted = Wanted {
                region: plan.region_id,
                person: plan.person_id,
                kind: ActKind::Change,
                item: None,
                by: access::author(call.visitor()?),
                value: String::new(),
                reason: call.form.get("reason").map(clean).unwrap_or_default(),
                seen: Some(seen),
                plan: Some(plan.id),
                change: Some(change),
            };
            let all = All::of(call.app(), vec![wanted]);
            let done = once(&call, move |tx| all.run(tx).map(|_| String::new())).await;
            match done {
                Ok(_) => {
                    let done = ActKind::Change.code();
                    return Ok(Answer::redirect(format!("{}/{}?done={done}", door.base(), plan.id)));
                }
                Err(Error::Refused(why)) if !is_other(&why) => problems.push(wrong(&blocks, &why)),
                Err(why @ (Error::Changed(_) | Error::Conflict)) => {
                    let (now, goals) = open(&call, door).await?;
                    return page(&call, door, &now, &goals, Shown::Changed(capital(&why.to_string())));
                }
                Err(other) => return Err(other),
            }
        }
        page(&call, door, &opened, &goals, Shown::Typed(problems))
    })
}

/// What a rule refused, at the field that it is about.
fn wrong(blocks: &[Block], why: &Refusal) -> Wrong {
    let item = why
        .values
        .iter()
        .find(|(name, _)| *name == "item")
        .map(|(_, n)| n.as_str());
    let part = match why.code {
        "iom.item_hours" => "hours",
        "iom.item_due" => "due",
        "iom.after_cancelled" => "after",
        _ => "title",
    };
    let named = item.map(|number| format!("item-{number}-{part}"));
    let known = |name: &String| blocks.iter().flat_map(|b| &b.fields).any(|f| f.name == *name);
    let field = match why.code {
        "iom.change_reason" => "reason".to_owned(),
        "iom.length" => "ends_on".to_owned(),
        _ => named.filter(known).unwrap_or_else(|| "change".to_owned()),
    };
    Wrong {
        field,
        text: capital(&why.to_string()),
    }
}

/// GET /people/{plan}/edit
pub fn show_supported(call: Call) -> Answering {
    show(call, Door::Support)
}

/// POST /people/{plan}/edit
pub fn save_supported(call: Call) -> Answering {
    save(call, Door::Support)
}

/// GET /plans/{plan}/edit
pub fn show_plan(call: Call) -> Answering {
    show(call, Door::Cnppm)
}

/// POST /plans/{plan}/edit
pub fn save_plan(call: Call) -> Answering {
    save(call, Door::Cnppm)
}

/// GET /composed/{plan}/edit
pub fn show_composed(call: Call) -> Answering {
    show(call, Door::Composed)
}

/// POST /composed/{plan}/edit
pub fn save_composed(call: Call) -> Answering {
    save(call, Door::Composed)
}

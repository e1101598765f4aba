//! Revisions of a plan, each with its «Лист корректировки»: what was, what is, why, who made it, when the teacher read it.

use serde::Serialize;

use crate::access;
use crate::db::{AnyConn, DbError};
use crate::desk::plan::acts::{self, Wanted};
use crate::desk::plan::card::{self, Door};
use crate::desk::plan::revisions_rows::{self, Made};
use crate::desk::plan::rows;
use crate::desk::plan::teacher::{asked_for, own};
use crate::error::Error;
use crate::iom::{ActKind, Iom, IomOrigin, IomState, correction};
use crate::pages::parts::{Cell, Column, Fact, Link, Register};
use crate::pages::text::{NOTHING, date};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// Sheets that a page shows; older ones are in the database.
const SHOWN: usize = 20;

/// A revision with its sheet.
#[derive(Serialize)]
struct Sheet {
    id: String,
    title: String,
    facts: Vec<Fact>,
    rows: Option<Register>,
    /// What stands in the place of rows.
    note: String,
    /// Number of the revision, when the teacher may acknowledge it here.
    acknowledge: Option<i32>,
}

#[derive(Serialize)]
struct Page {
    crumbs: Vec<Link>,
    heading: &'static str,
    lead: String,
    done: Option<&'static str>,
    token: String,
    sheets: Vec<Sheet>,
    more: bool,
}

const HEADING: &str = "Редакции маршрута";

/// Revisions of a plan, and who approved the first one, in words.
struct All {
    made: Vec<Made>,
    approved_by: &'static str,
}

/// Sheets of the latest revisions, newest first; `own` is the teacher's page.
fn sheets(plan: &Iom, all: &All, own: bool) -> Result<Vec<Sheet>, Error> {
    let made = &all.made;
    let in_work = matches!(plan.state, IomState::Approved | IomState::Active | IomState::Paused);
    let mut sheets = Vec::with_capacity(made.len().min(SHOWN));
    for (place, of) in made.iter().take(SHOWN).enumerate() {
        let revision = &of.revision;
        let before = made.get(place + 1).filter(|b| b.revision.number + 1 == revision.number);
        let rows = match before {
            Some(before) => correction::difference(&before.revision.body, &revision.body)
                .map_err(|e| Error::Internal(format!("редакция {}: {e}", revision.number)))?,
            None => Vec::new(),
        };
        let columns = [
            Column::words("Пункт плана"),
            Column::words("Было"),
            Column::words("Стало"),
        ];
        let cells = rows
            .into_iter()
            .map(|r| [r.part, r.was, r.now].map(Cell::text).to_vec());
        let cells: Vec<Vec<Cell>> = cells.collect();
        let first = revision.number == 1;
        let note = match (first, cells.is_empty()) {
            (true, _) => format!(
                "Первая редакция: такой маршрут согласовал педагог и утвердил {}.",
                all.approved_by
            ),
            (false, true) => "В плане ничего не изменилось.".to_owned(),
            (false, false) => String::new(),
        };
        let read = match of.read_on {
            Some(on) => date(on),
            None if first => "согласовал до утверждения".to_owned(),
            None => "ещё не отмечено".to_owned(),
        };
        let fact = |name: &str, value: String| Fact {
            name: name.to_owned(),
            value,
            change: None,
        };
        sheets.push(Sheet {
            id: format!("revision-{}", revision.number),
            title: format!("Редакция № {} от {}", revision.number, date(revision.on_date)),
            facts: vec![
                fact("Основание", revisions_rows::basis(revision)),
                fact("Автор", of.by.clone().unwrap_or_else(|| NOTHING.to_owned())),
                fact("Ознакомление педагога", read),
            ],
            rows: (!cells.is_empty())
                .then(|| Register::new(format!("Редакция № {}", revision.number), &columns, cells)),
            note,
            acknowledge: (own && in_work && !first && of.read_on.is_none()).then_some(revision.number),
        });
    }
    Ok(sheets)
}

async fn made(call: &Call, plan: &Iom) -> Result<All, Error> {
    let most = i64::try_from(SHOWN + 1).unwrap_or(i64::MAX);
    let of = plan.clone();
    let read = move |c: &mut AnyConn| -> Result<_, DbError> {
        let by_school = of.origin == IomOrigin::School && revisions_rows::approved_above(c, &of)?.is_none();
        Ok(All {
            made: revisions_rows::latest(c, of.region_id, of.id, most)?,
            approved_by: if by_school {
                "директор школы"
            } else {
                "ЦНППМ"
            },
        })
    };
    Ok(call.app().db.read(read).await?)
}

fn answer(call: &Call, plan: &Iom, all: &All, crumbs: Vec<Link>, own: bool) -> Result<Answer, Error> {
    let made = &all.made;
    let data = Page {
        crumbs,
        heading: HEADING,
        lead: if made.is_empty() {
            "Маршрут ещё не утверждён: редакций нет.".to_owned()
        } else {
            format!(
                "ИОМ педагога № {}. К каждой редакции – лист корректировки: что было и что стало.",
                plan.number
            )
        },
        done: call.query.get("done").map(|_| "Ознакомление записано"),
        token: call.token(),
        sheets: sheets(plan, all, own)?,
        more: made.len() > SHOWN,
    };
    Ok(Answer::page("desk/plan_revisions", &data)?.title(HEADING))
}

fn show(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let opened = card::open(&call, door).await?;
        let plan = &opened.rows.plan;
        let all = made(&call, plan).await?;
        let card = format!("{}/{}", door.base(), plan.id);
        let crumbs = vec![door.crumb(), Link::new(opened.who.short.clone(), card)];
        answer(&call, plan, &all, crumbs, false)
    })
}

/// GET /people/{plan}/revisions
pub fn show_supported(call: Call) -> Answering {
    show(call, Door::Support)
}

/// GET /plans/{plan}/revisions
pub fn show_plan(call: Call) -> Answering {
    show(call, Door::Cnppm)
}

/// GET /composed/{plan}/revisions
pub fn show_composed(call: Call) -> Answering {
    show(call, Door::Composed)
}

/// The plan of the person's own page.
async fn own_plan(call: &Call) -> Result<Option<Iom>, Error> {
    let Some((region, person)) = own(call)? else {
        return Ok(None);
    };
    let read = move |c: &mut AnyConn| rows::of_person(c, region, person);
    Ok(call.app().db.read(read).await?)
}

/// GET /plan/revisions
pub fn show_own(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["done", "number"])?;
        // That page says when there will be one.
        let Some((plan, crumbs)) = asked_for(&call).await? else {
            return Ok(Answer::redirect("/plan"));
        };
        let all = made(&call, &plan).await?;
        answer(&call, &plan, &all, crumbs, true)
    })
}

/// POST /plan/acquaint: the teacher has read a revision.
pub fn acquaint(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["revision"])?;
        let number: i32 = fields
            .get("revision")
            .and_then(|n| n.parse().ok())
            .ok_or_else(|| Error::NotFound("редакция".into()))?;
        let Some(plan) = own_plan(&call).await? else {
            return Ok(Answer::redirect("/plan"));
        };
        let wanted = Wanted {
            region: plan.region_id,
            person: plan.person_id,
            kind: ActKind::Acquaint,
            item: None,
            by: access::author(call.visitor()?),
            value: number.to_string(),
            reason: String::new(),
            seen: None,
            plan: Some(plan.id),
            change: None,
        };
        acts::act(call.app(), wanted).await?;
        Ok(Answer::redirect("/plan/revisions?done=1"))
    })
}

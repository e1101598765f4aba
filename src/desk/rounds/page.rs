//! The page of a workbook that came back: a trial that writes nothing, questions, and what came of it.

use serde::{Deserialize, Serialize};

use crate::db::AnyConn;
use crate::desk::looked;
use crate::desk::registers::page::problems;
use crate::desk::registers::reach::missing;
use crate::desk::rounds::list::{self, What, Which};
use crate::desk::rounds::met::{self, Met, sentence};
use crate::desk::rounds::shown::{Shown, rows, shown};
use crate::error::Error;
use crate::exchange::round::{Brought, RoundColumn};
use crate::exchange::round_store::{self, Returned, ReturnedId, ReturnedState};
use crate::pages::parts::{Cell, Chip, Column, Link, Problem, Register, Tone};
use crate::pages::text::moment;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor};

/// What came of a file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Rows that were changed.
    pub changed: usize,
    /// Rows that were added.
    pub added: usize,
    /// Rows that were left, with the reason: number, name, why.
    pub left: Vec<(u32, String, String)>,
}

#[derive(Serialize, Default)]
struct Page {
    crumbs: Vec<Link>,
    name: String,
    href: String,
    lead: String,
    chip: Option<Chip>,
    token: String,
    seen: String,
    problems: Vec<Problem>,
    /// Why the file cannot be written now.
    shut: Option<String>,
    forgotten: bool,
    body: Option<Shown>,
    /// What came of it.
    done: Option<Done>,
    errors: bool,
}

#[derive(Serialize)]
struct Done {
    title: String,
    text: Option<String>,
    left: Option<Register>,
    home: Link,
}

/// A file of the visitor's, and what it says.
pub(crate) struct Found {
    pub row: Returned,
    pub what: What,
    /// `None` once it is forgotten.
    pub brought: Option<Brought>,
}

/// The file of the address: nobody else's, of a list that the role in use keeps.
///
/// # Errors
/// There is none; those of the database.
pub(crate) async fn found(call: &Call) -> Result<Found, Error> {
    let (visitor, id) = (call.visitor()?, ReturnedId(call.id("returned")?));
    let whose = (visitor.region.ok_or_else(missing)?, visitor.account);
    let load = move |c: &mut AnyConn| round_store::find(c, whose, id).map_err(Error::from);
    let row = call.app().db.read(load).await?.ok_or_else(missing)?;
    let what = What::from_code(&row.list).filter(|what| what.is_kept_by(visitor));
    Ok(Found {
        what: what.ok_or_else(missing)?,
        brought: serde_json::from_str(&row.content).ok(),
        row,
    })
}

/// The columns of the list, and the file compared with what stands now.
///
/// # Errors
/// The list is closed or is the visitor's no more; those of the database.
pub(crate) fn compared(
    c: &mut AnyConn,
    (what, brought): (What, &Brought),
    visitor: &Visitor,
    today: chrono::NaiveDate,
) -> Result<(Box<dyn list::Rounds>, Met), Error> {
    let keys = met::keys(brought);
    // A new row may stand there already: it was brought before.
    let which = if what.takes_new() && keys.iter().any(String::is_empty) {
        Which::All
    } else {
        Which::of_keys(keys.iter().map(String::as_str))
    };
    let mut list = list::open(c, (what, &brought.stamp.of), visitor, today, &which)?;
    list.look_up(c, brought)?;
    let met = met::met(&*list, brought);
    Ok((list, met))
}

/// GET /returned/{returned}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let found = found(&call).await?;
        page(&call, found, None, 200).await
    })
}

/// The page; `problem` is why the form was not taken.
///
/// # Errors
/// Those of the database.
pub(crate) async fn page(call: &Call, found: Found, problem: Option<String>, status: u16) -> Result<Answer, Error> {
    let Found { row, what, brought } = found;
    let of = brought.as_ref().map_or("", |b| b.stamp.of.as_str());
    let home = Link::new(what.label(), what.home(of));
    let mut page = Page {
        crumbs: vec![home.clone(), Link::new("Исправленный файл", "/returned")],
        name: row.file_name.clone(),
        href: format!("/returned/{}", row.id),
        token: call.token(),
        ..Page::default()
    };
    if let Some(brought) = &brought {
        page.lead = format!("{}: выдан {}", what.label(), moment(brought.stamp.given, call.zone()));
    }
    let wrong: Vec<(&'static str, String)> = problem.into_iter().map(|text| ("asked", text)).collect();
    page.problems = problems(&wrong);
    match (row.state, brought) {
        (ReturnedState::Done, brought) => {
            page.chip = Some(Chip::new(Tone::Done, row.state.label()));
            let outcome = row.outcome.as_deref().and_then(|text| serde_json::from_str(text).ok());
            page.done = outcome.map(|outcome| done(&outcome, home));
            page.forgotten = page.done.is_none();
            page.errors = brought.is_some() && page.done.as_ref().is_some_and(|done| done.left.is_some());
        }
        (ReturnedState::Waiting, None) => page.forgotten = true,
        (ReturnedState::Waiting, Some(brought)) => {
            page.chip = Some(Chip::new(Tone::Wait, row.state.label()));
            let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
            type Seen = (Vec<RoundColumn>, Met);
            let load = move |c: &mut AnyConn| -> Result<Seen, Error> {
                let (list, met) = compared(c, (what, &brought), &visitor, today)?;
                Ok((list.columns().to_vec(), met))
            };
            match call.app().db.read(load).await {
                Ok((columns, met)) => {
                    let answered = |name: &str| call.form.get(name).unwrap_or_default().to_owned();
                    page.seen = met.seen();
                    page.body = Some(shown(&columns, &met, answered));
                    page.errors = met.of(met::Fate::Wrong) > 0;
                    if let Some(list) = what.names_people() {
                        // Names stand in what changes.
                        let which = format!("upload={}", row.id);
                        looked::list(call, list, &which, &[row.id], met.rows.len()).await?;
                    }
                }
                Err(Error::Refused(why)) => page.shut = Some(sentence(&why)),
                Err(Error::NotFound(_)) => {
                    page.shut = Some("Этого отчёта среди ваших нет: скачайте файл заново со страницы отчёта.".into());
                }
                Err(e) => return Err(e),
            }
        }
    }
    let title = format!("Исправленный файл «{}»", page.name);
    let answer = Answer::page("desk/returned", &page)?;
    Ok(if status == 200 {
        answer.title(title)
    } else {
        answer.status(status).title(format!("Ошибка: {title}"))
    })
}

fn done(of: &Outcome, home: Link) -> Done {
    let title = match of.changed + of.added {
        0 => "Ничего не записано".to_owned(),
        n => format!("Записано: {}", rows(n)),
    };
    let columns = [
        Column::words("Строка"),
        Column::words("Запись"),
        Column::words("Почему не записана"),
    ];
    let left = of.left.iter();
    let left =
        left.map(|(number, named, why)| vec![Cell::text(number.to_string()), Cell::text(named), Cell::text(why)]);
    let left: Vec<Vec<Cell>> = left.collect();
    Done {
        title,
        text: (of.added > 0).then(|| format!("Изменено {}, добавлено {}.", of.changed, of.added)),
        left: (!left.is_empty()).then(|| Register::new("Не записаны", &columns, left)),
        home,
    }
}

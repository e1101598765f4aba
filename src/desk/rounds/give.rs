//! Giving a list out to be changed in a table: the rows that the visitor keeps, with their keys and a stamp.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

use crate::db::AnyConn;
use crate::desk::list::List;
use crate::desk::list_file::{self, ListFile};
use crate::desk::registers::page::Sheet;
use crate::desk::registers::reach::missing;
use crate::desk::rounds::list::{self, What, Which};
use crate::error::{Error, Refusal};
use crate::exchange::list_file::MEDIA;
use crate::exchange::round::{HOLDS_DAYS, MOST_ROWS, RoundColumn, RoundRow, Stamp};
use crate::exchange::round_book::{Book, BookLine};
use crate::pages::parts::Link;
use crate::pages::text::date;
use crate::people::PersonId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// A list that was read to be given out.
struct Read {
    columns: Vec<RoundColumn>,
    rows: Vec<RoundRow>,
    named: Vec<PersonId>,
    about: Option<(String, NaiveDate)>,
}

/// Offers the table of a register, where there is something in the list.
pub(crate) fn offer(sheet: &mut Sheet, at: &List) {
    let some = sheet.register.is_some();
    if let Some(filters) = sheet.filters.as_mut().filter(|_| !at.is_whole()) {
        filters
            .beside
            .extend(some.then(|| Link::new("Скачать для правки (XLSX)", at.editable())));
        filters.beside.push(Link::new("Вернуть исправленный файл", "/returned"));
    }
}

async fn read(call: &Call, what: What, of: &str, which: Which) -> Result<Read, Error> {
    let (visitor, today, of) = (call.visitor()?.clone(), call.app().clock.today(), of.to_owned());
    let load = move |c: &mut AnyConn| -> Result<Read, Error> {
        let list = list::open(c, (what, &of), &visitor, today, &which)?;
        Ok(Read {
            columns: list.columns().to_vec(),
            rows: list.rows().to_vec(),
            named: list.named(),
            about: list.about(),
        })
    };
    call.app().db.read(load).await
}

/// The table of a register: of these records those that the visitor keeps. Where there are none, one may be added in it.
///
/// # Errors
/// More of the list is the visitor's than a table holds; those of the database.
pub(crate) async fn register(call: &Call, what: What, at: &List, ids: Vec<i64>) -> Result<Answer, Error> {
    at.all_read()?;
    let found = read(call, what, "", Which::Keys(ids)).await?;
    if found.rows.len() > MOST_ROWS {
        return Err(Refusal::new("round.too_many").with("most", MOST_ROWS).into());
    }
    if let Some(list) = what.names_people() {
        let of = ListFile::of_people(list, what.label(), at.codes(&["q"]), &found.named, what.needs());
        if let Some(instead) = list_file::gate(call, at, &of).await? {
            return Ok(instead);
        }
    }
    book(call, what, &at.codes(&["q"]), found)
}

/// GET /editable/report: the report that is named, to be filled in in a table and brought back.
pub fn report(call: Call) -> Answering {
    Box::pin(async move {
        let of = call
            .query
            .only(&["report"])?
            .get("report")
            .ok_or_else(missing)?
            .to_owned();
        match read(&call, What::Report, &of, Which::All).await {
            Ok(found) => book(&call, What::Report, &of, found),
            // Its page says why it cannot be changed now.
            Err(Error::Refused(_)) => Ok(Answer::redirect(What::Report.home(&of))),
            Err(e) => Err(e),
        }
    })
}

fn book(call: &Call, what: What, of: &str, found: Read) -> Result<Answer, Error> {
    let (today, now) = (call.app().clock.today(), call.app().clock.now());
    let visitor = call.visitor()?;
    let region = visitor.region.ok_or_else(missing)?;
    let mut until = today + TimeDelta::days(HOLDS_DAYS);
    let mut about = vec![what.label().to_owned()];
    if let Some((named, last)) = &found.about {
        about.push(named.clone());
        until = until.min(*last);
    }
    about.push(format!("выдано {}", date(today)));
    about.push(format!("принимается по {} включительно", date(until)));
    about.push("ключи строк не меняйте".into());
    let stamp = Stamp {
        list: what.code().to_owned(),
        of: of.to_owned(),
        region,
        account: visitor.account,
        given: now,
        until,
    };
    let names: Vec<String> = found.columns.iter().map(|column| column.name.to_owned()).collect();
    let rows = found.rows.iter();
    let given: BTreeMap<_, _> = rows
        .map(|row| (row.key.clone(), (row.version, row.cells.clone())))
        .collect();
    let lines: Vec<BookLine> = found.rows.iter().map(|row| BookLine::of(&found.columns, row)).collect();
    let book = Book {
        about: &about.join(" · "),
        stamp: &stamp,
        columns: &found.columns,
        lines: &lines,
        given: (&names, &given),
        tells: false,
        today,
    };
    let name = format!("{} для правки {}.xlsx", what.label(), date(today));
    Ok(Answer::bytes(book.bytes()?, MEDIA).file(&name, false))
}

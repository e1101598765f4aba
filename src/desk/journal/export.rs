//! The journal as a file: exactly the rows that the filters find, as long as they are few enough and name few people.

use crate::access::bulk;
use crate::audit::{self, words as codes};
use crate::db::Tx;
use crate::db::dialect::{self, lock_space};
use crate::desk::journal::page::{self, FILTERS, MOST};
use crate::desk::journal::rows::{self, Found, Row};
use crate::desk::journal::words;
use crate::desk::list::List;
use crate::error::{Error, Refusal};
use crate::exchange::errors_file::neutral;
use crate::pages::text::number;
use crate::planted;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

const HEAD: [&str; 9] = [
    "Когда",
    "Кто",
    "Действие",
    "О ком",
    "Предмет",
    "Номер предмета",
    "Подробности",
    "Код предмета",
    "Коды",
];

/// GET /journal/export
pub fn file(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, FILTERS)?;
        let found = page::find(&call, &at, |total| (0, if total > MOST { 0 } else { MOST })).await?;
        let why = if found.total > MOST {
            let why = Refusal::new("journal.too_many").with("rows", figure(found.total));
            Some(
                why.with("limit", figure(MOST))
                    .with("add", page::to_add(&at, page::BY_ROWS).1),
            )
        } else if found.people > bulk::FREE && !planted!("journal_of_everyone") {
            let why = Refusal::new("journal.too_many_people").with("people", figure(found.people));
            Some(
                why.with("limit", bulk::FREE)
                    .with("add", page::to_add(&at, page::BY_PEOPLE).1),
            )
        } else if !take(&call, &at, &found).await? {
            Some(Refusal::new("journal.in_pieces").with("a_day", SMALL_A_DAY))
        } else {
            None
        };
        if let Some(why) = why {
            return page::answer(&call, at.of_page("/journal"), Some(&why)).await;
        }
        let bytes = sheet(&call, &found)?;
        Ok(Answer::bytes(bytes, "text/csv; charset=utf-8").file("Журнал действий.csv", false))
    })
}

/// People in all files of the journal that one account takes in a day: more is a long list in pieces.
const SMALL_A_DAY: usize = 1_000;

/// Lets the file out where the day has room for its people: the count and its row in the journal are one write, so that
/// no two files share what is left and no count misses a row that still waits.
async fn take(call: &Call, at: &List, found: &Found) -> Result<bool, Error> {
    let mut entry = page::entry(call, at, "journal.export", found)?;
    entry.detail = format!("{} people={}", entry.detail, found.people);
    let (account, people) = (call.visitor()?.account, found.people);
    let (key, since) = (call.app().keys.audit.clone(), call.midnight(call.app().clock.today()));
    let work = move |tx: &mut Tx<'_>| {
        dialect::lock(tx.conn(), lock_space::ACCOUNTS, [account])?;
        if rows::exported_people(tx.conn(), account, since)? + people > SMALL_A_DAY && !planted!("journal_in_pieces") {
            return Ok(false);
        }
        audit::record(tx, &key, &[entry])?;
        Ok(true)
    };
    call.app().db.write::<_, Error, _>(work).await
}

fn figure(n: usize) -> String {
    number(i64::try_from(n).unwrap_or(i64::MAX))
}

fn sheet(call: &Call, found: &Found) -> Result<Vec<u8>, Error> {
    let wrong = |e: csv::Error| Error::Internal(e.to_string());
    let mut out = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record(HEAD).map_err(wrong)?;
    for row in &found.rows {
        out.write_record(cells(call, found, row).map(|cell| neutral(&cell)))
            .map_err(wrong)?;
    }
    out.into_inner().map_err(|e| Error::Internal(e.to_string()))
}

fn cells(call: &Call, found: &Found, row: &Row) -> [String; 9] {
    [
        page::moment(call, row.at),
        page::who(found, row),
        page::what(found, row),
        page::about(found, row),
        codes::object(&row.object_kind).to_owned(),
        row.object.map_or_else(String::new, |id| id.to_string()),
        words::details(found, row),
        row.object_kind.clone(),
        row.detail.clone(),
    ]
}

//! Writing a workbook that came back: compared anew in the transaction that writes, and refused whole where anything is not as
//! its page has shown it. And the same file with what is wrong in each row.

use std::collections::HashMap;

use crate::activity::by::By;
use crate::db::{AnyConn, Tx};
use crate::desk::registers::reach::by;
use crate::desk::rounds::list::{Merged, Rounds, What};
use crate::desk::rounds::met::{Fate, Met, MetCell, MetRow};
use crate::desk::rounds::page::{Found, Outcome, compared, found, page};
use crate::desk::rounds::shown::{OF_FILE, OF_SYSTEM};
use crate::error::{Error, Refusal};
use crate::exchange::list_file::MEDIA;
use crate::exchange::round::{Brought, KEY, RoundColumn};
use crate::exchange::round_book::{Book, BookLine, Shown};
use crate::exchange::round_store::{self, ReturnedId, ReturnedState};
use crate::exchange::sheet::{Cell, CellKind};
use crate::pages::text::capital;
use crate::planted;
use crate::web::call::{Fields, Visitor};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// POST /returned/{returned}: writes what was shown; sent twice it writes once.
pub fn write(call: Call) -> Answering {
    Box::pin(async move {
        let found = found(&call).await?;
        answers_only(&call.form)?;
        let waits = found.row.state == ReturnedState::Waiting;
        let Some(brought) = found.brought.clone().filter(|_| waits) else {
            return Ok(Answer::redirect(format!("/returned/{}", found.row.id)));
        };
        let (visitor, today, by) = (call.visitor()?.clone(), call.app().clock.today(), by(&call)?);
        let doing = Doing {
            by,
            visitor,
            today,
            what: found.what,
            id: found.row.id,
            form: call.form.clone(),
        };
        match call.app().db.write(move |tx| doing.write(tx, &brought)).await {
            Ok(()) => Ok(Answer::redirect(format!("/returned/{}", found.row.id))),
            Err(Error::Changed(what)) => page(&call, found, Some(what), 409).await,
            Err(Error::Conflict) => page(&call, found, Some(CHANGED.into()), 409).await,
            Err(Error::Refused(why)) => page(&call, found, Some(capital(&format!("{why}."))), 422).await,
            Err(e) => Err(e),
        }
    })
}

/// What is said where something is not as the page has shown it.
const CHANGED: &str = "Пока вы смотрели, записи изменились: ниже — как стоит сейчас. Сверьте и запишите снова.";

/// Writes in a part of the transaction: what is refused leaves nothing.
fn in_part(tx: &mut Tx<'_>, write: impl FnOnce(&mut Tx<'_>) -> Result<(), (u32, Error)>) -> Result<(), (u32, Error)> {
    let mut number = 0;
    let done: Result<(), Error> = tx.savepoint(|tx| {
        write(tx).map_err(|(of, e)| {
            number = of;
            e
        })
    });
    done.map_err(|e| (number, e))
}

/// The refusal of a row with its number; what is no refusal ends the writing.
fn refused(number: u32, e: Error) -> Result<Refusal, Error> {
    match e {
        Error::Refused(why) => Ok(Refusal::new("round.row").with("number", number).with("why", why)),
        Error::Changed(what) => Err(Error::Changed(format!("{what} {CHANGED}"))),
        e => Err(e),
    }
}

/// A form holds the version that was seen and answers to questions.
fn answers_only(form: &Fields) -> Result<(), Error> {
    let known = |(name, value): &(String, String)| {
        let answer = name.starts_with("c.") && [OF_SYSTEM, OF_FILE].contains(&value.as_str());
        name == "seen" || answer
    };
    let mut names: Vec<&str> = form.0.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let twice = names.windows(2).any(|pair| pair[0] == pair[1]);
    if twice || !form.0.iter().all(known) {
        return Err(Error::form_changed());
    }
    Ok(())
}

struct Doing {
    by: By,
    visitor: Visitor,
    today: chrono::NaiveDate,
    what: What,
    id: ReturnedId,
    form: Fields,
}

impl Doing {
    fn write(self, tx: &mut Tx<'_>, brought: &Brought) -> Result<(), Error> {
        let (list, met) = compared(tx.conn(), (self.what, brought), &self.visitor, self.today)?;
        if !round_store::take(tx, self.id)? {
            // The same form came before: what came of it stands on its page.
            return Ok(());
        }
        if self.form.get("seen") != Some(met.seen().as_str()) && !planted!("version_not_asked_on_confirm") {
            return Err(Error::Changed(CHANGED.into()));
        }
        let (rows, mut outcome) = self.decided(&*list, &met);
        // Nothing was chosen and nothing else can be written: the file waits on.
        let unanswered = |row: &MetRow| row.cells.iter().any(|cell| self.takes(row, cell).is_none());
        if rows.is_empty() && met.rows.iter().any(unanswered) {
            return Err(Refusal::new("round.unanswered").into());
        }
        if !rows.is_empty()
            && let Err((number, e)) = in_part(tx, |tx| list.write(tx, &self.by, &rows))
        {
            let why = refused(number, e)?;
            self.each(tx, (&*list, &met), &rows, why, &mut outcome)?;
        }
        let text = serde_json::to_string(&outcome).map_err(|e| Error::Internal(e.to_string()))?;
        round_store::tell(tx, self.id, &text)?;
        let detail = format!("kind={} rows={}", self.what, outcome.changed + outcome.added);
        self.by
            .note(tx, "import.merge", ("returned_file", self.id.0), &[], &detail)?;
        Ok(())
    }

    /// Writes the rows one by one where an act has refused one of them: what is refused is left with what was said, the rest
    /// stands. A report is one act, and a file of which nothing can be written waits on.
    fn each(
        &self,
        tx: &mut Tx<'_>,
        (list, met): (&dyn Rounds, &Met),
        rows: &[Merged],
        first: Refusal,
        outcome: &mut Outcome,
    ) -> Result<(), Error> {
        let mut stands = 0;
        for row in rows {
            let one = std::slice::from_ref(row);
            let done = match self.what {
                What::Report => return Err(first.into()),
                _ => in_part(tx, |tx| list.write(tx, &self.by, one)),
            };
            let Err((_, e)) = done else {
                stands += 1;
                continue;
            };
            let Error::Refused(why) = e else {
                return refused(row.number, e).map(drop);
            };
            let named = met.rows.iter().find(|of| of.number == row.number);
            let named = named.map(|of| of.named.clone()).unwrap_or_default();
            outcome.left.push((row.number, named, capital(&format!("{why}."))));
            match row.key.is_empty() {
                true => outcome.added -= 1,
                false => outcome.changed -= 1,
            }
        }
        outcome.left.sort_by_key(|(number, ..)| *number);
        if stands == 0 { Err(first.into()) } else { Ok(()) }
    }

    fn takes(&self, row: &MetRow, cell: &MetCell) -> Option<bool> {
        if !cell.asks {
            return Some(true);
        }
        match self.form.get(&row.question(cell)) {
            Some(OF_FILE) => Some(true),
            Some(OF_SYSTEM) => Some(false),
            _ => None,
        }
    }

    /// The rows that are written, and what comes of the file.
    fn decided(&self, list: &dyn Rounds, met: &Met) -> (Vec<Merged>, Outcome) {
        let mut outcome = Outcome::default();
        let mut rows = Vec::new();
        for row in &met.rows {
            let mut leave = |why: String| outcome.left.push((row.number, row.named.clone(), why));
            match row.fate {
                Fate::Unchanged => continue,
                Fate::Wrong => {
                    let why = row.wrong.iter().map(|one| one.advice.clone());
                    leave(why.collect::<Vec<_>>().join(" "));
                    continue;
                }
                Fate::New | Fate::Changed | Fate::Asks => {}
            }
            if row.cells.iter().any(|cell| self.takes(row, cell).is_none()) {
                leave("Вы не выбрали, чьё значение оставить: строка не записана.".into());
                continue;
            }
            let merged = row.merged(list.columns(), |cell| self.takes(row, cell) == Some(true));
            if merged.changed.is_empty() {
                leave("Оставлено как в системе.".into());
                continue;
            }
            let wrong = list.wrong(&merged);
            if let Some((_, why)) = wrong.first() {
                leave(why.clone());
                continue;
            }
            if row.key.is_empty() {
                outcome.added += 1;
            } else {
                outcome.changed += 1;
            }
            rows.push(merged);
        }
        (rows, outcome)
    }
}

/// GET /returned/{returned}/errors: the same file with what is wrong in each row; it can be mended and brought back.
pub fn errors(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let Found { row, what, brought } = found(&call).await?;
        let gone = || Error::Invalid("Файл уже удалён: он хранится сутки. Верните исходный файл снова.".into());
        let brought = brought.ok_or_else(gone)?;
        let outcome: Outcome = row
            .outcome
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let load = move |c: &mut AnyConn| -> Result<_, Error> {
            let (list, met) = compared(c, (what, &brought), &visitor, today)?;
            Ok((list.columns().to_vec(), told(&met, &outcome), brought))
        };
        let (columns, told, brought) = call.app().db.read(load).await?;
        let bytes = book(&brought, &columns, &told, call.app().clock.today())?;
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| {
            let detail = format!("kind={what}");
            by.note(tx, "import.errors", ("returned_file", row.id.0), &[], &detail)
                .map_err(Error::from)
        };
        call.app().db.write(write).await?;
        let stem = row
            .file_name
            .rsplit_once('.')
            .map_or(row.file_name.as_str(), |(stem, _)| stem);
        Ok(Answer::bytes(bytes, MEDIA).file(&format!("{stem} (ошибки).xlsx"), false))
    })
}

/// What is said of each row: what is wrong with it, or why it was left.
fn told(met: &Met, outcome: &Outcome) -> HashMap<u32, String> {
    let mut told: HashMap<u32, String> = HashMap::new();
    for (number, _, why) in &outcome.left {
        told.insert(*number, why.clone());
    }
    for row in met.rows.iter().filter(|row| !row.wrong.is_empty()) {
        let said = row.wrong.iter().map(|one| match one.column.as_str() {
            "" => one.advice.clone(),
            column => format!("{column}: {}", one.advice),
        });
        told.insert(row.number, said.collect::<Vec<_>>().join(" "));
    }
    told
}

fn book(
    brought: &Brought,
    columns: &[RoundColumn],
    told: &HashMap<u32, String>,
    today: chrono::NaiveDate,
) -> Result<Vec<u8>, Error> {
    let key = brought.place(KEY);
    let places: Vec<Option<usize>> = columns.iter().map(|column| brought.place(column.title)).collect();
    let line = |(number, cells): &(u32, Vec<String>)| {
        let at = |place: &Option<usize>| {
            place
                .and_then(|at| cells.get(at))
                .map_or(Cell::EMPTY, |text| Cell::of_code(text))
        };
        let named = at(&key).text.into_owned();
        // A cell that is refused for a formula holds nothing to keep: what was given out stands there again, so that whoever
        // brings the file back clears nothing.
        let cell = |(column, place): (&RoundColumn, &Option<usize>)| {
            let came = at(place);
            let unread = came.formula || came.kind == CellKind::Error;
            match brought.given_out(&named, column.name) {
                Some(given) if unread && !planted!("formula_clears") => Shown::of(column, given),
                _ => Shown::as_it_came(&came),
            }
        };
        let cells = columns.iter().zip(&places).map(cell).collect();
        BookLine {
            key: named,
            cells,
            own: Vec::new(),
            wrong: told.get(number).cloned().unwrap_or_default(),
        }
    };
    let lines: Vec<BookLine> = brought.rows.iter().map(line).collect();
    let about = format!(
        "{} · с ошибками: исправьте строки, у которых заполнен последний столбец, и верните файл",
        What::from_code(&brought.stamp.list).map_or("", What::label)
    );
    Book {
        about: &about,
        stamp: &brought.stamp,
        columns,
        lines: &lines,
        given: (&brought.names, &brought.given),
        tells: true,
        today,
    }
    .bytes()
}

//! «Исправленный файл»: takes a workbook of a round trip, known by its stamp. Nothing of it is written to the lists yet.

use serde::Serialize;

use crate::db::Tx;
use crate::db::text_keys::clean;
use crate::desk::registers::reach::by;
use crate::desk::rounds::list::What;
use crate::desk::rounds::met::sentence;
use crate::error::{Error, Refusal};
use crate::exchange::preview;
use crate::exchange::round::{Brought, HOLDS_DAYS};
use crate::exchange::round_read;
use crate::exchange::round_store::{self, Returned, ReturnedId, ReturnedState};
use crate::pages::parts::{FileField, Link, Problem};
use crate::pages::text::{count, date};
use crate::web::incoming::Incoming;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Page {
    token: String,
    problems: Vec<Problem>,
    file: FileField,
    holds: String,
    lists: Vec<Link>,
}

/// GET /returned
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        page(&call, None)
    })
}

fn page(call: &Call, problem: Option<String>) -> Result<Answer, Error> {
    let visitor = call.visitor()?;
    let lists = What::ALL.iter().filter(|what| what.is_kept_by(visitor));
    let home = |what: &What| match what {
        What::Report => "/report".to_owned(),
        what => what.home(""),
    };
    let failed = problem.is_some();
    let data = Page {
        token: call.token(),
        problems: problem
            .clone()
            .into_iter()
            .map(|text| Problem { field: "file", text })
            .collect(),
        file: FileField {
            name: "file",
            label: "Исправленный файл",
            hint: "Таблица .xlsx, скачанная здесь же: в ней есть ключи строк.",
            accept: ".xlsx",
            problem,
        },
        holds: count(HOLDS_DAYS, "день", "дня", "дней"),
        lists: lists.map(|what| Link::new(what.label(), home(what))).collect(),
    };
    let answer = Answer::page("desk/returned_new", &data)?;
    Ok(if failed {
        answer.status(422).title("Ошибка: исправленный файл")
    } else {
        answer
    })
}

/// POST /returned
pub fn bring(mut call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&["file"])?;
        let Some(file) = call.file.take() else {
            return page(&call, Some("Выберите файл .xlsx.".into()));
        };
        match take(&call, file).await {
            Ok(id) => Ok(Answer::redirect(format!("/returned/{id}"))),
            Err(Error::Refused(why)) => page(&call, Some(sentence(&why))),
            Err(e) => Err(e),
        }
    })
}

async fn take(call: &Call, file: Incoming) -> Result<ReturnedId, Error> {
    let (brought, file) = tokio::task::spawn_blocking(move || -> Result<_, Error> {
        let opened = std::fs::File::open(file.path())?;
        preview::fits_name(&opened, &file.name)?;
        Ok((round_read::read(&opened)?, file))
    })
    .await
    .map_err(|e| Error::Internal(e.to_string()))??;
    let what = fits(call, &brought)?;
    let by = by(call)?;
    let content = serde_json::to_string(&brought).map_err(|e| Error::Internal(e.to_string()))?;
    let (name, digest) = (clean(&file.name), file.digest.clone());
    let write = move |tx: &mut Tx<'_>| -> Result<ReturnedId, Error> {
        let id = ReturnedId(tx.id());
        let row = Returned {
            id,
            region_id: by.region.0,
            account_id: by.account,
            list: what.code().to_owned(),
            file_name: name,
            file_digest: digest,
            content,
            state: ReturnedState::Waiting,
            outcome: None,
            recorded_at: tx.now(),
            changed_at: tx.now(),
        };
        round_store::add(tx, row)?;
        let detail = format!("kind={what}");
        by.note(tx, "import.return", ("returned_file", id.0), &[], &detail)?;
        Ok(id)
    };
    call.app().db.write(write).await
}

/// Which list a file is of, where it may be brought back now by this visitor.
///
/// # Errors
/// It was given out in another region, of a list that is not the visitor's, or too long ago.
fn fits(call: &Call, brought: &Brought) -> Result<What, Refusal> {
    let other = || Refusal::new("round.other_list");
    let visitor = call.visitor().map_err(|_| other())?;
    let what = What::from_code(&brought.stamp.list).filter(|what| what.is_kept_by(visitor));
    let what = what.filter(|_| visitor.region == Some(brought.stamp.region));
    let what = what.ok_or_else(other)?;
    if call.app().clock.today() > brought.stamp.until {
        return Err(Refusal::new("round.old").with("until", date(brought.stamp.until)));
    }
    Ok(what)
}

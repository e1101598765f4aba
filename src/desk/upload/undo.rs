//! Taking a loaded file back: what goes and what returns is told first.

use serde::Serialize;

use crate::desk::upload::file::found;
use crate::desk::upload::list::{loader, rows};
use crate::exchange::By;
use crate::exchange::batch::BatchState;
use crate::exchange::upload::Outcome;
use crate::flow;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Undo {
    name: String,
    href: String,
    token: String,
    made: String,
}

/// GET /upload/{upload}/undo: what will be taken back.
pub fn undo(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (row, batch) = found(&call).await?;
        if batch != Some(BatchState::Applied) {
            return Ok(Answer::redirect(format!("/upload/{}", row.id)));
        }
        let outcome: Outcome = row
            .report
            .as_ref()
            .and_then(|t| serde_json::from_str(t).ok())
            .unwrap_or_default();
        let data = Undo {
            name: row.file_name.clone(),
            href: format!("/upload/{}", row.id),
            token: call.token(),
            made: format!(
                "Будет убрано добавленное: {}. Будет возвращено изменённое: {}.",
                rows(outcome.new),
                rows(outcome.changed)
            ),
        };
        Ok(Answer::page("desk/upload_undo", &data)?.title(format!("Отменить загрузку «{}»", row.file_name)))
    })
}

/// POST /upload/{upload}/undo
pub fn take_back(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&[])?;
        let (row, batch) = found(&call).await?;
        let here = format!("/upload/{}", row.id);
        let (Some(BatchState::Applied), Some(code)) = (batch, row.batch_code) else {
            return Ok(Answer::redirect(here));
        };
        let by = By::Account(loader(&call)?);
        let key = call.app().keys.audit.clone();
        call.app()
            .db
            .write(move |tx| flow::take_back(tx, &key, &code, by))
            .await?;
        Ok(Answer::redirect(here))
    })
}

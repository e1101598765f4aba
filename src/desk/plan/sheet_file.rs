//! Marks of a printed sheet as a file.

use crate::desk::plan::card::Wrong;
use crate::desk::plan::sheet;
use crate::desk::plan::sheet_back::{self, Texts};
use crate::enrolment::marks::Unwritten;
use crate::enrolment::marks_file;
use crate::error::Error;
use crate::pages::text::capital;
use crate::web::incoming::Incoming;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// The largest file of marks, bytes: a sheet is far shorter.
const MAX_FILE: u64 = 256 * 1024;

/// POST /sheets/{sheet}/file: the same marks as a file, such as one filled in without a network.
pub fn take(mut call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&["file"])?;
        let file = call.file.take();
        let shown = sheet::open(&call).await?;
        let again = |text: String| Wrong {
            field: "file".into(),
            text,
        };
        let problems = match file.filter(|file| file.size > 0) {
            None => vec![again("Выберите файл с отметками.".into())],
            Some(file) if file.size > MAX_FILE => {
                vec![again(
                    "Файл слишком велик: в нём должны быть отметки одной ведомости.".into(),
                )]
            }
            Some(file) => match marks_file::parse(&read(file).await?) {
                Err(Error::Invalid(text)) => vec![again(capital(&format!("{text}.")))],
                Err(other) => return Err(other),
                Ok((typed, faults)) => {
                    let (_, marked) = if faults.is_empty() {
                        sheet_back::write(&call, &shown, typed).await?
                    } else {
                        Default::default()
                    };
                    let faults: Vec<Unwritten> = faults.into_iter().chain(marked.faults).collect();
                    if faults.is_empty() {
                        let to = format!("/sheets/{}/back?done={}", shown.sheet.id, marked.saved);
                        return Ok(Answer::redirect(to));
                    }
                    let wrong = |fault: &Unwritten| again(format!("Строка {}: {}.", fault.line, fault.why));
                    faults.iter().map(wrong).collect()
                }
            },
        };
        sheet_back::page(&call, &shown, Texts::today(&call), problems).await
    })
}

async fn read(file: Incoming) -> Result<Vec<u8>, Error> {
    let bytes = tokio::task::spawn_blocking(move || std::fs::read(file.path())).await;
    Ok(bytes.map_err(|e| Error::Internal(e.to_string()))??)
}

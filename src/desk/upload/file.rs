//! One file of «Загрузка»: the check that writes nothing, the load, the errors.

use diesel::prelude::*;
use serde::Serialize;

use crate::audit;
use crate::db::schema::import_batch;
use crate::db::{AnyConn, DbError};
use crate::desk::conflict;
use crate::desk::looked;
use crate::desk::plan::acts;
use crate::desk::upload::columns::{Columns, columns_of, field_of, listed, sayable};
use crate::desk::upload::list::{kinds, loader, named, own, rows, state, summary};
use crate::desk::upload::work;
use crate::error::{Error, Refusal};
use crate::exchange::batch::BatchState;
use crate::exchange::preview::Preview;
use crate::exchange::upload::{self, Outcome, Upload, UploadId, UploadState};
use crate::exchange::{Chosen, Kind, Mode, columns};
use crate::pages::parts::{Cell, Chip, Column, Figure, Link, Problem, Register, Tone};
use crate::pages::text::{capital, count, number};
use crate::planted;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// Where a file may be checked, again or for the first time.
const CHECKABLE: &[UploadState] = &[UploadState::Columns, UploadState::Checked, UploadState::Failed];
/// Signs of what is said for every row, at most.
const SAID: usize = 200;
/// Seconds after which a page of work that goes on asks again.
const AGAIN: u32 = 2;

/// The file of the address, if it is of the visitor's region and of a kind that the role loads; of whoever holds a part of
/// the region, if it is one's own.
pub(crate) async fn found(call: &Call) -> Result<(Upload, Option<BatchState>), Error> {
    let (of, kinds, id) = (loader(call)?, kinds(call)?, UploadId(call.id("upload")?));
    let today = call.app().clock.today();
    let load = move |c: &mut AnyConn| -> Result<_, Error> {
        let own = own(c, &of, today)?;
        let Some(row) = upload::find(c, of.region, own, id)? else {
            return Ok(None);
        };
        let batch = import_batch::table
            .filter(import_batch::code.nullable().eq(&row.batch_code))
            .filter(import_batch::region_id.eq(of.region))
            .select(import_batch::state)
            .first(c)
            .optional()
            .map_err(DbError::from)?;
        Ok(Some((row, batch)))
    };
    let row = call.app().db.read(load).await?;
    row.filter(|(row, _)| kinds.contains(&row.kind))
        .ok_or_else(|| Error::NotFound("загрузка".into()))
}

#[derive(Serialize)]
struct Page {
    name: String,
    href: String,
    seen: i32,
    lead: String,
    chip: Chip,
    token: String,
    problems: Vec<Problem>,
    failed: Option<String>,
    columns: Option<Columns>,
    progress: Option<Progress>,
    outcome: Option<Shown>,
    dropped: bool,
}

#[derive(Serialize)]
struct Progress {
    title: &'static str,
    text: &'static str,
    paused: bool,
}

#[derive(Serialize)]
struct Shown {
    heading: String,
    text: String,
    done: bool,
    figures: Vec<Figure>,
    register: Option<Register>,
    more: Option<String>,
    notes: Vec<String>,
    errors: bool,
    load: Option<String>,
    /// Where one goes on after the load.
    next: Vec<Link>,
    undo: bool,
}

/// GET /upload/{upload}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["columns", "pause"])?;
        let (row, batch) = found(&call).await?;
        page(&call, &row, batch, None).await
    })
}

async fn page(
    call: &Call,
    row: &Upload,
    batch: Option<BatchState>,
    chosen: Option<(Chosen, Mode)>,
) -> Result<Answer, Error> {
    let refused = chosen.is_some();
    let preview: Preview = serde_json::from_str(&row.preview).unwrap_or_default();
    let asked = call.query.get("columns").is_some() && row.state == UploadState::Checked;
    let choosing = refused || asked || matches!(row.state, UploadState::Columns | UploadState::Failed);
    let kept = || (serde_json::from_str(&row.chosen).unwrap_or_default(), row.mode);
    let (columns, mode) = chosen.unwrap_or_else(kept);
    let missing = Preview::missing(row.kind, &columns);
    let wrong = format!("Укажите, где стоят: {}.", listed(&missing));
    let paused = call.query.get("pause").is_some();
    let progress = match row.state {
        UploadState::Checking => Some(Progress {
            title: "Файл проверяется",
            text: "Строки сверяются с базой, в неё ничего не пишется.",
            paused,
        }),
        UploadState::Loading => Some(Progress {
            title: "Файл загружается",
            text: "Можно закрыть страницу: загрузка дойдёт до конца сама, а если прервётся, не оставит половины.",
            paused,
        }),
        _ => None,
    };
    let going = progress.is_some() && !paused;
    let outcome = row
        .report
        .as_ref()
        .and_then(|text| serde_json::from_str::<Outcome>(text).ok());
    let outcome = outcome.filter(|_| !choosing && matches!(row.state, UploadState::Checked | UploadState::Loaded));
    let own = row.account_id == call.visitor()?.account;
    let mut outcome = outcome.map(|o| shown(row, batch, &o, own));
    if let Some(shown) = outcome.as_mut().filter(|shown| shown.done) {
        shown.next = next(call, row.kind)?;
    }
    let data = Page {
        name: row.file_name.clone(),
        href: format!("/upload/{}", row.id),
        seen: row.version,
        lead: named(row.kind).to_owned(),
        chip: state(row, batch),
        token: call.token(),
        problems: if refused {
            vec![Problem {
                field: "c0",
                text: wrong,
            }]
        } else {
            Vec::new()
        },
        failed: row
            .problem
            .clone()
            .filter(|_| row.state == UploadState::Failed && !refused),
        columns: (choosing && preview.row > 0).then(|| columns_of(row, &preview, &columns, mode, &missing)),
        progress,
        outcome,
        dropped: row.state == UploadState::Dropped,
    };
    // Cells of the file stand on the page: samples of its columns, or what did not fit.
    let cells = outcome_cells(&data);
    if data.columns.is_some() || cells > 0 {
        let which = format!("upload={}", row.id);
        looked::list(call, "upload", &which, &[row.id], cells).await?;
    }
    let title = if refused {
        "Ошибка: столбцы файла"
    } else {
        "Загрузка файла"
    };
    let answer = Answer::page("desk/upload", &data)?.title(format!("{title} «{}»", row.file_name));
    let answer = if going { answer.again_in(AGAIN) } else { answer };
    Ok(if refused { answer.status(422) } else { answer })
}

fn outcome_cells(page: &Page) -> usize {
    let register = page.outcome.as_ref().and_then(|o| o.register.as_ref());
    register.map_or(0, |r| r.rows.len())
}

fn shown(row: &Upload, batch: Option<BatchState>, of: &Outcome, own: bool) -> Shown {
    let loaded = row.state == UploadState::Loaded;
    let undone = batch == Some(BatchState::Undone);
    let work = of.new + of.changed;
    let figure = |n: usize, label: &str| Figure {
        shown: number(i64::try_from(n).unwrap_or(i64::MAX)),
        label: label.to_owned(),
        href: None,
        note: None,
    };
    let heading = match (loaded, undone) {
        (true, true) => "Загрузка отменена".to_owned(),
        (true, false) if work == 0 => "Загрузка ничего не изменила".to_owned(),
        (true, false) => format!("Загружено: {}", rows(work)),
        (false, _) if work == 0 && of.refused > 0 => "Загружать нечего".to_owned(),
        (false, _) if work == 0 => "В файле нет ничего нового".to_owned(),
        (false, _) => format!("Проверено: к загрузке {}", rows(work)),
    };
    let text = match (loaded, undone) {
        (true, true) => "То, что она сделала, убрано, прежнее возвращено.".to_owned(),
        (true, false) => format!("{}. Файл удалён с сервера.", capital(&summary(of))),
        (false, _) => "В базу пока ничего не записано.".to_owned(),
    };
    let columns = [
        Column::figures("Строка"),
        Column::words("Столбец"),
        Column::words("Значение"),
        Column::words("Что сделать"),
        Column::words("Итог"),
    ];
    let lines: Vec<Vec<Cell>> = of
        .problems
        .iter()
        .map(|p| {
            vec![
                Cell::text(number(p.row.into())),
                Cell::text(p.column.clone()),
                Cell::text(p.value.clone()),
                Cell::text(p.advice.clone()),
                Cell::chip(if p.waits {
                    Chip::new(Tone::Wait, "ждёт решения")
                } else {
                    Chip::new(Tone::Late, "отказано")
                }),
            ]
        })
        .collect();
    let kept = lines.len();
    let caption = format!("Непринятые строки листа «{}»", of.sheet);
    Shown {
        heading,
        text,
        done: loaded && !undone,
        figures: vec![
            figure(of.new, if loaded { "добавлено" } else { "новых" }),
            figure(of.changed, "изменено"),
            figure(of.unchanged, "без изменений"),
            figure(of.refused, "отказано"),
            figure(of.quarantined, "ждут решения"),
        ],
        register: (kept > 0).then(|| Register::new(caption, &columns, lines)),
        more: (of.problems_in_all > kept).then(|| {
            let all = i64::try_from(of.problems_in_all).unwrap_or(i64::MAX);
            format!("Показаны первые {kept} из {}. Все они в файле с ошибками.", number(all))
        }),
        notes: of.notes.clone(),
        errors: kept > 0 && own,
        // A file that changes nothing needs no loading; rows that wait for a decision are kept by it.
        load: (!loaded && work + of.quarantined > 0).then(|| loading(work, of.quarantined)),
        next: Vec::new(),
        undo: loaded && !undone && work > 0,
    }
}

/// The words of the button: how many rows go in, or, where none does, that those which wait are kept.
fn loading(work: usize, waiting: usize) -> String {
    let rows = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    if planted!("waiting_called_loaded") {
        return format!("Загрузить {}", count(rows(work + waiting), "строку", "строки", "строк"));
    }
    match work {
        0 => format!(
            "Сохранить {} до решения",
            count(rows(waiting), "строку", "строки", "строк")
        ),
        work => format!("Загрузить {}", count(rows(work), "строку", "строки", "строк")),
    }
}

/// What a loaded file is good for, as far as the visitor may go there.
fn next(call: &Call, kind: Kind) -> Result<Vec<Link>, Error> {
    let visitor = call.visitor()?;
    let steps: &[(Capability, &str, &str)] = match kind {
        Kind::Results | Kind::Procedures => &[
            (Capability::Drafting, "Подготовить маршруты", "/drafting"),
            (Capability::Diagnostics, "Посмотреть диагностики", "/diagnostics"),
        ],
        Kind::Vacancies => &[(Capability::Workforce, "Посмотреть вакансии", "/vacancies")],
        Kind::Units
        | Kind::Staff
        | Kind::Competences
        | Kind::Programmes
        | Kind::Activities
        | Kind::Events
        | Kind::Bodies
        | Kind::Members
        | Kind::Pairs
        | Kind::Mentors
        | Kind::Undertakings
        | Kind::Publications
        | Kind::Forms => &[(Capability::Upload, "Загрузить следующий файл", "/upload")],
    };
    let may = steps.iter().filter(|(capability, ..)| visitor.may(*capability));
    Ok(may.map(|(_, text, href)| Link::new(*text, *href)).collect())
}

/// POST /upload/{upload}/check: keeps the columns and asks for a check.
pub fn check(call: Call) -> Answering {
    Box::pin(async move {
        let (row, batch) = found(&call).await?;
        let preview: Preview = serde_json::from_str(&row.preview).unwrap_or_default();
        let names: Vec<String> = (0..preview.headers.len()).map(|place| format!("c{place}")).collect();
        let said: Vec<(&str, String)> = sayable(row.kind)
            .map(|c| (c.name.as_str(), field_of(&c.name)))
            .collect();
        let mut allowed: Vec<&str> = names.iter().map(String::as_str).collect();
        allowed.extend(said.iter().map(|(_, field)| field.as_str()));
        allowed.extend(["mode", "seen"]);
        let fields = call.form.only(&allowed)?;
        let mode = fields.get("mode").and_then(Mode::from_code).unwrap_or(row.mode);
        let mut chosen: Chosen = serde_json::from_str(&row.chosen).unwrap_or_default();
        if names.iter().any(|n| fields.get(n).is_some()) {
            chosen.places = Vec::new();
            for (place, name) in names.iter().enumerate() {
                let said = fields.get(name).unwrap_or_default();
                if columns::of(row.kind).iter().any(|c| c.name == said) {
                    chosen.places.push((said.to_owned(), place));
                }
            }
            let stands = |name: &str| chosen.places.iter().any(|(own, _)| own == name);
            let given = said
                .iter()
                .filter(|(name, _)| !stands(name))
                .filter_map(|(name, field)| {
                    let value = fields.get(field).map(str::trim).filter(|value| !value.is_empty())?;
                    Some(((*name).to_owned(), value.chars().take(SAID).collect()))
                });
            chosen.given = given.collect();
        }
        if preview.row > 0 && !Preview::missing(row.kind, &chosen).is_empty() {
            return page(&call, &row, batch, Some((chosen, mode))).await;
        }
        let text = serde_json::to_string(&chosen).unwrap_or_default();
        ask(&call, &row, CHECKABLE, Some((text, mode))).await?;
        Ok(Answer::redirect(format!("/upload/{}", row.id)))
    })
}

/// POST /upload/{upload}/load: loads what was checked; sent twice it loads once.
pub fn load(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&["seen"])?;
        let (row, _) = found(&call).await?;
        ask(&call, &row, &[UploadState::Checked], None).await?;
        Ok(Answer::redirect(format!("/upload/{}", row.id)))
    })
}

/// Moves the file on and asks for the work in one transaction; waits a moment, since small files are done at once.
async fn ask(
    call: &Call,
    row: &Upload,
    from: &'static [UploadState],
    chosen: Option<(String, Mode)>,
) -> Result<(), Error> {
    let load = chosen.is_none();
    let to = if load {
        UploadState::Loading
    } else {
        UploadState::Checking
    };
    let (of, seen) = (row.clone(), acts::seen(&call.form)?);
    let (who, key) = (loader(call)?, call.app().keys.audit.clone());
    let moved = call
        .app()
        .db
        .write(move |tx| -> Result<bool, Error> {
            if !upload::advance(tx, of.id, from, to, seen)? {
                return Ok(false);
            }
            if let Some((text, mode)) = chosen {
                upload::choose(tx, of.id, &text, mode)?;
            }
            work::ask(tx, &of, &who, load)?;
            let action = if load { "import.load" } else { "import.check" };
            let mut entry = audit::Entry::of_server(action, "upload", Some(of.id.0));
            (entry.account, entry.region) = (Some(who.account), Some(of.region_id));
            entry.detail = format!("kind={}", of.kind);
            audit::record(tx, &key, &[entry])?;
            Ok(true)
        })
        .await;
    let moved = match moved {
        Err(Error::Conflict) => {
            return Err(conflict::of_object(call, "upload", row.id.0, &["import.check", "import.load"]).await?);
        }
        moved => moved?,
    };
    if !moved {
        return Ok(());
    }
    call.site.work.notify_one();
    for _ in 0..15 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        if found(call).await?.0.state != to {
            break;
        }
    }
    Ok(())
}

/// GET /upload/{upload}/errors: the same file with what was wrong in each row.
pub fn errors(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (row, _) = found(&call).await?;
        // It holds every row that was brought: whoever brought it has them, for anybody else it would be a list of people.
        if row.account_id != call.visitor()?.account && !planted!("errors_of_others") {
            return Err(Refusal::new("import.errors_of_another").into());
        }
        let path = work::errors_path(call.app(), row.id);
        let bytes = tokio::task::spawn_blocking(move || std::fs::read(path))
            .await
            .map_err(|e| Error::Internal(e.to_string()))?;
        let bytes = bytes.map_err(|_| {
            Error::Invalid("Файл с ошибками уже удалён: он хранится 7 дней. Загрузите исходный файл снова.".into())
        })?;
        note(&call, "import.errors", &row).await?;
        let stem = row
            .file_name
            .rsplit_once('.')
            .map_or(row.file_name.as_str(), |(stem, _)| stem);
        let book = bytes.starts_with(b"PK");
        let (ending, media) = if book {
            (
                "xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            )
        } else {
            ("csv", "text/csv")
        };
        Ok(Answer::bytes(bytes, media).file(&format!("{stem} (ошибки).{ending}"), false))
    })
}

async fn note(call: &Call, action: &'static str, row: &Upload) -> Result<(), Error> {
    let mut entry = audit::Entry::of_server(action, "upload", Some(row.id.0));
    (entry.account, entry.region) = (Some(call.visitor()?.account), Some(row.region_id));
    entry.detail = format!("kind={}", row.kind);
    let key = call.app().keys.audit.clone();
    let write = call
        .app()
        .db
        .write(move |tx| audit::record(tx, &key, &[entry]).map_err(Error::from));
    write.await
}

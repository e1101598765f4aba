//! «Загрузка»: files of the region from the browser, the list of them, and bringing a new one.

use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;
use std::collections::HashMap;

use crate::access::{Role, loading, policy};
use crate::audit;
use crate::db::AnyConn;
use crate::desk::list;
use crate::desk::upload::columns as understood;
use crate::desk::upload::work;
use crate::error::Error;
use crate::exchange::batch::BatchState;
use crate::exchange::extent::Loader;
use crate::exchange::upload::{self, Outcome, Upload, UploadId, UploadState};
use crate::exchange::{Kind, Mode, columns, preview};
use crate::pages::parts::{
    Cell, Chip, Choice, Column, Empty, FileField, Link, Paging, Problem, Register, Select, Tone,
};
use crate::pages::text::{capital, count, moment, number};
use crate::planted;
use crate::web::address::address;
use crate::web::incoming::{Incoming, private_folder};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// Files on a page of the list.
const PAGE: i64 = 50;

/// The region of whoever loads files.
///
/// # Errors
/// A role over no region.
pub fn region(call: &Call) -> Result<i64, Error> {
    let none = || Error::Invalid("Ваша роль не привязана к региону: загружайте файлы командой на сервере.".into());
    call.visitor()?.region.ok_or_else(none)
}

/// Who loads files here: the visitor in the role in use.
///
/// # Errors
/// Those of [`region`].
pub fn loader(call: &Call) -> Result<Loader, Error> {
    let visitor = call.visitor()?;
    Ok(Loader {
        account: visitor.account,
        region: region(call)?,
        role: visitor.role().map(|r| r.code),
        rights: loading::part,
    })
}

/// The account whose files alone a visitor sees: files name people, and whoever holds a part of the region sees only
/// what was brought by oneself. `None` sees all files of the region.
///
/// # Errors
/// The role is over; those of the database.
pub fn own(c: &mut AnyConn, of: &Loader, today: NaiveDate) -> Result<Option<i64>, Error> {
    let part = loading::part(c, of, None, today)?;
    Ok(part.filter(|_| !planted!("uploads_of_others")).map(|_| of.account))
}

/// Kinds of files that the role in use loads.
///
/// # Errors
/// Nobody is signed in.
pub fn kinds(call: &Call) -> Result<&'static [Kind], Error> {
    let role = call.visitor()?.role().and_then(|r| Role::from_code(r.code));
    Ok(role.map(policy::loads).unwrap_or_default())
}

/// A kind of file as a heading says it.
#[must_use]
pub fn named(kind: Kind) -> &'static str {
    match kind {
        Kind::Units => "Единицы: муниципалитеты и организации",
        Kind::Staff => "Сотрудники и места работы",
        Kind::Competences => "Компетенции",
        Kind::Programmes => "Программы",
        Kind::Procedures => "Процедуры диагностики",
        Kind::Results => "Результаты диагностики",
        Kind::Activities => "Участие педагогов: мероприятия, конкурсы, экспертиза, поддержка",
        Kind::Events => "Мероприятия",
        Kind::Bodies => "Объединения",
        Kind::Members => "Участники объединений",
        Kind::Pairs => "Наставнические пары",
        Kind::Mentors => "База наставников",
        Kind::Forms => "Значения величин и показателей",
        Kind::Undertakings => "Проекты и площадки",
        Kind::Publications => "Публикации и материалы",
        Kind::Vacancies => "Вакансии и официальные перечни вакансий",
    }
}

#[derive(Serialize)]
struct Page {
    kind: Select,
    token: String,
    problems: Vec<Problem>,
    file: FileField,
    sheets: Vec<Sheet>,
    register: Option<Register>,
    paging: Option<Paging>,
    empty: Empty,
}

/// What a kind of file must hold, and an empty one to fill in.
#[derive(Serialize)]
struct Sheet {
    name: &'static str,
    needed: String,
    optional: String,
    sample: Link,
}

fn sheet(kind: &Kind) -> Sheet {
    let listed = |required: bool| {
        let own = columns::of(*kind).iter().filter(|c| c.required == required);
        // One column for all parts of a name is another way to say the same.
        let titles: Vec<&str> = own
            .filter(|c| c.replaces.is_empty())
            .map(|c| c.title.as_str())
            .collect();
        understood::listed(&titles)
    };
    Sheet {
        name: named(*kind),
        needed: listed(true),
        optional: listed(false),
        sample: Link::new("Скачать образец", address("/upload/sample", [("kind", kind.code())])),
    }
}

/// GET /upload
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["page"])?;
        page(&call, None, None).await
    })
}

async fn page(call: &Call, kind: Option<Kind>, problem: Option<String>) -> Result<Answer, Error> {
    let (of, kinds, today) = (loader(call)?, kinds(call)?, call.app().clock.today());
    let place = i64::try_from(list::asked(&call.query)).unwrap_or(1).min(100_000);
    let span = ((place - 1) * PAGE, PAGE);
    let load = move |c: &mut AnyConn| -> Result<_, Error> {
        let own = own(c, &of, today)?;
        let (rows, total) = upload::page(c, of.region, own, kinds, span)?;
        let names = crate::access::store::names(c, &rows.iter().map(|(row, _)| row.account_id).collect::<Vec<_>>())?;
        Ok((rows, total, names))
    };
    let (rows, total, names) = call.app().db.read(load).await?;
    let zone = call.zone();
    let shown = rows
        .iter()
        .map(|(row, batch)| line(row, *batch, &names, zone))
        .collect();
    let columns = [
        Column::words("Файл"),
        Column::words("Что в нём"),
        Column::words("Кто и когда"),
        Column::words("Итог"),
        Column::words("Состояние"),
    ];
    let choice = |k: &Kind| Choice {
        value: k.code().to_owned(),
        label: named(*k).to_owned(),
        chosen: Some(*k) == kind,
    };
    let pages = (total + PAGE - 1) / PAGE;
    let to = |n: i64| format!("/upload?page={n}");
    let failed = problem.is_some();
    let data = Page {
        kind: Select {
            name: "kind".into(),
            label: "Что в файле".into(),
            hint: None,
            choices: kinds.iter().map(choice).collect(),
            problem: None,
        },
        token: call.token(),
        problems: problem
            .clone()
            .into_iter()
            .map(|text| Problem { field: "file", text })
            .collect(),
        file: FileField {
            name: "file",
            label: "Файл",
            hint: "Таблица .xlsx или CSV, до 20 МБ.",
            accept: ".xlsx,.csv,text/csv",
            problem,
        },
        sheets: kinds.iter().map(sheet).collect(),
        register: (!rows.is_empty()).then(|| Register::new("Загрузки", &columns, shown)),
        paging: (pages > 1).then(|| Paging {
            place: format!("Страница {} из {}", number(place), number(pages)),
            before: (place > 1).then(|| to(place - 1)),
            after: (place < pages).then(|| to(place + 1)),
        }),
        empty: Empty::new(
            "Загрузок из браузера ещё не было",
            "Выберите файл выше: сначала вы увидите, как поняты столбцы и что изменится, и только потом решите, загружать ли.",
        ),
    };
    let answer = Answer::page("desk/uploads", &data)?;
    Ok(if failed {
        answer.status(422).title("Ошибка: загрузка")
    } else {
        answer
    })
}

fn line(row: &Upload, batch: Option<BatchState>, names: &HashMap<i64, String>, zone: TimeDelta) -> Vec<Cell> {
    let who = names.get(&row.account_id);
    let when = moment(row.recorded_at, zone);
    let outcome = row
        .report
        .as_ref()
        .and_then(|text| serde_json::from_str::<Outcome>(text).ok());
    vec![
        Cell::link(row.file_name.clone(), format!("/upload/{}", row.id)),
        Cell::text(named(row.kind)),
        Cell::text(format!("{} · {when}", who.map_or("", String::as_str))),
        Cell::text(outcome.map_or_else(String::new, |o| summary(&o))),
        Cell::chip(state(row, batch)),
    ]
}

/// Counts in one line.
#[must_use]
pub fn summary(of: &Outcome) -> String {
    let n = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut said = vec![
        format!("новых {}", number(n(of.new))),
        format!("изменено {}", number(n(of.changed))),
    ];
    if of.refused > 0 {
        said.push(format!("отказано {}", number(n(of.refused))));
    }
    if of.quarantined > 0 {
        said.push(format!("ждут решения {}", number(n(of.quarantined))));
    }
    said.join(", ")
}

/// Where a file stands, as a chip.
#[must_use]
pub fn state(row: &Upload, batch: Option<BatchState>) -> Chip {
    if batch == Some(BatchState::Undone) {
        return Chip::new(Tone::Calm, "отменён");
    }
    let tone = match row.state {
        UploadState::Loaded => Tone::Done,
        UploadState::Columns | UploadState::Checked => Tone::Wait,
        UploadState::Checking | UploadState::Loading | UploadState::Dropped => Tone::Calm,
        UploadState::Failed => Tone::Late,
    };
    Chip::new(tone, row.state.label())
}

/// POST /upload: takes a file and looks at its columns. Nothing of it is written to the data of the region.
pub fn bring(mut call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["kind", "file"])?;
        let kind = fields.get("kind").and_then(Kind::from_code);
        let allowed = kinds(&call)?;
        let kind = kind
            .filter(|k| allowed.contains(k))
            .ok_or_else(|| Error::NotFound("вид файла".into()))?;
        let Some(file) = call.file.take() else {
            return page(&call, Some(kind), Some("Выберите файл .xlsx или CSV.".into())).await;
        };
        match take(&call, kind, file).await {
            Ok(id) => Ok(Answer::redirect(format!("/upload/{id}"))),
            Err(Error::Refused(why)) => page(&call, Some(kind), Some(capital(&format!("{why}.")))).await,
            Err(e) => Err(e),
        }
    })
}

async fn take(call: &Call, kind: Kind, file: Incoming) -> Result<UploadId, Error> {
    let (region, account) = (region(call)?, call.visitor()?.account);
    let (look, file) = tokio::task::spawn_blocking(move || -> Result<_, Error> {
        let opened = std::fs::File::open(file.path())?;
        preview::fits_name(&opened, &file.name)?;
        Ok((preview::look(&opened, kind)?, file))
    })
    .await
    .map_err(|e| Error::Internal(e.to_string()))??;
    let chosen = serde_json::to_string(&look.columns()).unwrap_or_default();
    let shown = serde_json::to_string(&look).unwrap_or_default();
    let app = call.app();
    let (name, digest) = (file.name.clone(), file.digest.clone());
    let id = app.db.write(|tx| Ok::<_, Error>(UploadId(tx.id()))).await?;
    private_folder(&app.files("uploads"))?;
    // The bytes are safe before the row says that they are there; bytes without a row are swept away in a day.
    file.keep(&work::path(app, id))?;
    let key = app.keys.audit.clone();
    app.db
        .write(move |tx| -> Result<(), Error> {
            let row = Upload {
                id,
                region_id: region,
                account_id: account,
                kind,
                mode: Mode::Merge,
                file_name: name,
                file_digest: digest,
                state: UploadState::Columns,
                chosen,
                preview: shown,
                report: None,
                problem: None,
                batch_code: None,
                version: 1,
                recorded_at: tx.now(),
                changed_at: tx.now(),
            };
            upload::add(tx, row)?;
            let mut entry = audit::Entry::of_server("import.bring", "upload", Some(id.0));
            (entry.account, entry.region) = (Some(account), Some(region));
            entry.detail = format!("kind={kind}");
            audit::record(tx, &key, &[entry])?;
            Ok(())
        })
        .await?;
    Ok(id)
}

/// «3 строки».
#[must_use]
pub fn rows(n: usize) -> String {
    count(i64::try_from(n).unwrap_or(i64::MAX), "строка", "строки", "строк")
}

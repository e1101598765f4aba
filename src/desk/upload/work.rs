//! The work behind «Загрузка»: takes what pages asked for, reads the file in the limited child, tries or writes it.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::access::{Role, loading};
use crate::app::App;
use crate::db::{DbError, Tx};
use crate::error::Error;
use crate::exchange::extent::Loader;
use crate::exchange::import::Request;
use crate::exchange::round_store;
use crate::exchange::upload::{self, Outcome, Upload, UploadId, UploadState};
use crate::exchange::{By, Chosen, Report};
use crate::flow;
use crate::jobs::{self, long};
use crate::web::Site;

/// The kind of the jobs.
const KIND: &str = "long.upload";
/// Attempts before a person has to look: a file that kills the program is not tried for ever.
const ATTEMPTS: i32 = 3;
/// Hours for which a file waits to be loaded.
pub const WAITS_HOURS: i64 = 24;
/// Days for which the file of errors can be fetched.
pub const ERRORS_DAYS: u64 = 7;

#[derive(Serialize, Deserialize)]
struct Asked {
    upload: UploadId,
    load: bool,
    /// Who asked: not always who brought the file. `None` in what was asked before a new version of the program.
    #[serde(default)]
    account: Option<i64>,
    /// Code of the role in which it was asked.
    #[serde(default)]
    role: Option<String>,
}

impl Asked {
    /// Whose rights the work rests on.
    fn loader(&self, of: &Upload) -> Loader {
        Loader {
            account: self.account.unwrap_or(of.account_id),
            region: of.region_id,
            role: self.role.as_deref().and_then(Role::from_code).map(Role::code),
            rights: loading::part,
        }
    }
}

/// Asks for a check or a load in the transaction that moved the file on.
///
/// # Errors
/// Those of the database.
pub fn ask(tx: &mut Tx<'_>, of: &Upload, who: &Loader, load: bool) -> Result<(), DbError> {
    let asked = Asked {
        upload: of.id,
        load,
        account: Some(who.account),
        role: who.role.map(str::to_owned),
    };
    let payload = serde_json::to_string(&asked).unwrap_or_default();
    jobs::enqueue(tx, Some(of.region_id), KIND, &payload)
}

/// Where the bytes of a file are.
#[must_use]
pub fn path(app: &App, id: UploadId) -> std::path::PathBuf {
    app.files("uploads").join(id.to_string())
}

/// Where the same file with the errors is.
#[must_use]
pub fn errors_path(app: &App, id: UploadId) -> std::path::PathBuf {
    app.files("uploads").join(format!("{id}.errors"))
}

/// Works for ever: when a page asks, and every two seconds for what another process left behind.
pub async fn run(site: Arc<Site>) {
    let mut since_cleaning = None::<std::time::Instant>;
    loop {
        if since_cleaning.is_none_or(|at| at.elapsed() > Duration::from_secs(3600)) {
            since_cleaning = Some(std::time::Instant::now());
            if let Err(e) = clean(&site.app).await {
                eprintln!("старые файлы загрузок не убраны: {e}");
            }
        }
        match one(&site.app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(e) => eprintln!("загрузка не продвинулась: {e}"),
        }
        let _woken = tokio::time::timeout(Duration::from_secs(2), site.work.notified()).await;
    }
}

/// Does one piece of work; whether there was any.
async fn one(app: &App) -> Result<bool, Error> {
    let Some(taken) = long::take(&app.db, KIND).await? else {
        return Ok(false);
    };
    let asked: Asked = match serde_json::from_str(&taken.payload) {
        Ok(asked) => asked,
        Err(e) => {
            let why = e.to_string();
            app.db.write(move |tx| long::end(tx, taken.id, Some(&why))).await?;
            return Ok(true);
        }
    };
    let id = asked.upload;
    let found = app
        .db
        .read(move |c| upload::of_work(c, id).map_err(Error::from))
        .await?;
    let wanted = if asked.load {
        UploadState::Loading
    } else {
        UploadState::Checking
    };
    let Some(found) = found.filter(|u| u.state == wanted) else {
        app.db
            .write(move |tx| long::end(tx, taken.id, Some("файл уже в другом состоянии")))
            .await?;
        return Ok(true);
    };
    if taken.attempt > ATTEMPTS {
        fail(
            app,
            id,
            taken.id,
            "файл трижды остановил программу: пересохраните его и загрузите заново",
        )
        .await?;
        return Ok(true);
    }
    let holding = long::hold(&app.db, taken.id);
    let done = work(app, &found, &asked, taken.id).await;
    holding.abort();
    match done {
        Ok(()) => {
            if asked.load {
                // The rows are in; who wants the file again has it.
                let _gone = std::fs::remove_file(path(app, id));
            }
        }
        Err(Error::Busy) => return Err(Error::Busy),
        Err(Error::Internal(cause)) => {
            eprintln!("{{\"upload\":\"{id}\",\"error\":{cause:?}}}");
            let said = "ошибка на нашей стороне, она записана: повторите позже, в базе ничего не изменилось";
            fail(app, id, taken.id, said).await?;
        }
        Err(e) => fail(app, id, taken.id, &e.to_string()).await?,
    }
    Ok(true)
}

async fn work(app: &App, of: &Upload, asked: &Asked, job: i64) -> Result<(), Error> {
    let (id, load) = (of.id, asked.load);
    let chosen: Option<Chosen> = serde_json::from_str(&of.chosen).ok();
    let request = Request {
        file: path(app, id),
        mode: of.mode,
        dry_run: !load,
        code: load.then(|| format!("{}-{id}", of.kind)),
        errors: Some(errors_path(app, id)),
        name: Some(of.file_name.clone()),
        columns: chosen,
        by: By::Account(asked.loader(of)),
    };
    let key = app.keys.audit.clone();
    // A load and its mark are one transaction: it is never lost and never done twice.
    let mark = move |tx: &mut Tx<'_>, report: &Report| {
        upload::finish(tx, id, &Outcome::from(report), Some(&report.batch))?;
        long::end(tx, job, None)
    };
    let report = flow::load(&app.db, key, of.kind, request, mark).await?;
    if !load {
        app.db
            .write(move |tx| -> Result<(), Error> {
                upload::finish(tx, id, &Outcome::from(&report), None)?;
                long::end(tx, job, None)?;
                Ok(())
            })
            .await?;
    }
    Ok(())
}

async fn fail(app: &App, id: UploadId, job: i64, why: &str) -> Result<(), Error> {
    let why = why.to_owned();
    app.db
        .write(move |tx| -> Result<(), Error> {
            upload::fail(tx, id, &why)?;
            long::end(tx, job, Some(&why))?;
            Ok(())
        })
        .await
}

/// Gives up files that nobody loads and removes what is old on the disk.
async fn clean(app: &App) -> Result<(), Error> {
    let forget = |tx: &mut Tx<'_>| -> Result<(), Error> {
        upload::drop_old(tx, TimeDelta::hours(WAITS_HOURS))?;
        round_store::forget(tx, TimeDelta::hours(WAITS_HOURS))?;
        Ok(())
    };
    app.db.write(forget).await?;
    let hours = |n: u64| Duration::from_secs(n * 3600);
    remove_old(&app.files("incoming"), |_| hours(1))?;
    let waits = WAITS_HOURS.unsigned_abs() + 1;
    remove_old(&app.files("uploads"), |name| {
        hours(if name.ends_with(".errors") {
            ERRORS_DAYS * 24
        } else {
            waits
        })
    })?;
    Ok(())
}

fn remove_old(folder: &std::path::Path, keep: impl Fn(&str) -> Duration) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e),
    };
    for entry in entries {
        let entry = entry?;
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if age > keep(&entry.file_name().to_string_lossy()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

//! `migrate`, `check`, `audit verify`: the state of the database itself.

use clap::Subcommand;

use super::output::say;
use super::{Context, Outcome};
use crate::audit;
use crate::cycle::edition;
use crate::error::Error;
use crate::indicators;
use crate::iom::{evidence, revision, signing};

/// Commands over the journal.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Запечатать журнал и проверить цепочку записей.
    Verify,
}

/// The schema was brought up when the database was opened; says so.
pub fn migrate(_context: &Context) -> Result<Outcome, Error> {
    say!("Схема базы соответствует программе.")?;
    Ok(Outcome::Done)
}

/// Recomputes everything stored from source rows and verifies the journal; names each difference.
pub async fn check(context: &Context) -> Result<Outcome, Error> {
    let (sealed, mut problems) = verify_journal(context).await?;
    say!("Журнал: записей {sealed}, нарушений {}.", problems.len())?;
    let report = context
        .app
        .db
        .read(|c| indicators::check::check(c).map_err(Error::from))
        .await?;
    for (what, rows) in &report.rows {
        say!("Проверено: {what} — {rows}.")?;
    }
    for note in &report.notes {
        say!("К сведению: {note}")?;
    }
    problems.extend(report.problems);
    let folder = context.app.files("evidence");
    let (files, wrong) = context
        .app
        .db
        .read(move |c| evidence::check(c, &folder).map_err(Error::from))
        .await?;
    say!("Проверено: файлы подтверждений — {files}.")?;
    problems.extend(wrong);
    let folder = context.app.files("signatures");
    let (signatures, wrong) = context
        .app
        .db
        .read(move |c| signing::check(c, &folder).map_err(Error::from))
        .await?;
    say!("Проверено: подписи документов — {signatures}.")?;
    problems.extend(wrong);
    let (revisions, wrong) = context.app.db.read(|c| revision::check(c).map_err(Error::from)).await?;
    say!("Проверено: редакции ИОМ — {revisions}.")?;
    problems.extend(wrong);
    let (editions, wrong) = context
        .app
        .db
        .read(|c| edition::check::check(c).map_err(Error::from))
        .await?;
    say!("Проверено: выпуски значений — {editions}.")?;
    problems.extend(wrong);
    say!("Расхождений: {}.", problems.len())?;
    for problem in &problems {
        say!("{problem}")?;
    }
    Ok(if problems.is_empty() {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

/// `audit verify`.
pub async fn audit(context: &Context, command: AuditCommand) -> Result<Outcome, Error> {
    let AuditCommand::Verify = command;
    let (sealed, problems) = verify_journal(context).await?;
    say!("Журнал: записей {sealed}, нарушений {}.", problems.len())?;
    for problem in &problems {
        say!("{problem}")?;
    }
    Ok(if problems.is_empty() {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

async fn verify_journal(context: &Context) -> Result<(i64, Vec<String>), Error> {
    let app = &context.app;
    let witness = std::fs::read_to_string(app.audit_head_file()).ok();
    let aside = app.seal().await?.trouble;
    let key = app.keys.audit.clone();
    let (sealed, mut problems) = app
        .db
        .read(move |c| audit::verify(c, &key, witness.as_deref()).map_err(Error::from))
        .await?;
    problems.extend(aside);
    Ok((sealed, problems))
}

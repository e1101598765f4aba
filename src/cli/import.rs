//! `import`: files in, and a whole file back out.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::output::{say, tell};
use super::{Context, Outcome};
use crate::app::App;
use crate::catalogue::import::ProgrammesFile;
use crate::competence::import::CompetencesFile;
use crate::diagnostics::import::ResultsFile;
use crate::diagnostics::import_procedures::ProceduresFile;
use crate::error::Error;
use crate::exchange::import::{Request, run as load};
use crate::exchange::{Kind, Mode, Report, Table, undo};
use crate::people::import::StaffFile;
use crate::units::import::UnitsFile;

/// What to load, or what to take back.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Единицы: регионы, округа, муниципалитеты, организации.
    Units(FileArguments),
    /// Сотрудники и их места работы.
    Staff(FileArguments),
    /// Компетенции.
    Competences(FileArguments),
    /// Программы повышения квалификации и переподготовки.
    Programmes(FileArguments),
    /// Оценочные процедуры.
    Procedures(FileArguments),
    /// Результаты диагностики.
    Results(FileArguments),
    /// Отменить загрузку целиком.
    Undo {
        /// Код пакета.
        batch: String,
    },
}

/// A file and how to load it.
#[derive(Debug, Args)]
pub struct FileArguments {
    /// Файл .xlsx или CSV.
    file: PathBuf,
    /// Только проверить и посчитать.
    #[arg(long)]
    dry_run: bool,
    /// add — только новое; merge — новое и изменённое.
    #[arg(long, default_value = "merge")]
    mode: String,
    /// Куда записать тот же файл со столбцом «Ошибка».
    #[arg(long)]
    errors: Option<PathBuf>,
    /// Код пакета; без него создаётся.
    #[arg(long)]
    batch_code: Option<String>,
}

/// Runs a command over files.
pub async fn run(context: &Context, command: ImportCommand) -> Result<Outcome, Error> {
    let app = &context.app;
    let report = match command {
        ImportCommand::Units(file) => load_file::<UnitsFile>(app, file).await?,
        ImportCommand::Staff(file) => load_file::<StaffFile>(app, file).await?,
        ImportCommand::Competences(file) => load_file::<CompetencesFile>(app, file).await?,
        ImportCommand::Programmes(file) => load_file::<ProgrammesFile>(app, file).await?,
        ImportCommand::Procedures(file) => load_file::<ProceduresFile>(app, file).await?,
        ImportCommand::Results(file) => load_file::<ResultsFile>(app, file).await?,
        ImportCommand::Undo { batch } => return take_back(context, batch).await,
    };
    if context.json {
        say!("{}", report.json())?;
    } else {
        say!("{}", report.summary())?;
        for note in &report.notes {
            say!("{note}")?;
        }
    }
    for line in report.lines() {
        tell!("{line}");
    }
    Ok(if report.is_clean() {
        Outcome::Done
    } else {
        Outcome::WithRefusals
    })
}

async fn load_file<T: Table>(app: &App, arguments: FileArguments) -> Result<Report, Error> {
    let mode = Mode::from_code(&arguments.mode)
        .ok_or_else(|| Error::Invalid(format!("режима «{}» нет; есть: add, merge", arguments.mode)))?;
    let request = Request {
        file: arguments.file,
        mode,
        dry_run: arguments.dry_run,
        code: arguments.batch_code,
        errors: arguments.errors,
    };
    let report = load::<T>(&app.db, app.keys.audit.clone(), request).await?;
    if !report.dry_run {
        app.seal().await?;
    }
    Ok(report)
}

async fn take_back(context: &Context, code: String) -> Result<Outcome, Error> {
    let app = &context.app;
    let key = app.keys.audit.clone();
    let shown = code.clone();
    let objects = app
        .db
        .write(move |tx| match undo::find(tx.conn(), &code)?.kind {
            Kind::Units => undo::undo::<UnitsFile>(tx, &key, &code),
            Kind::Staff => undo::undo::<StaffFile>(tx, &key, &code),
            Kind::Competences => undo::undo::<CompetencesFile>(tx, &key, &code),
            Kind::Programmes => undo::undo::<ProgrammesFile>(tx, &key, &code),
            Kind::Procedures => undo::undo::<ProceduresFile>(tx, &key, &code),
            Kind::Results => undo::undo::<ResultsFile>(tx, &key, &code),
        })
        .await?;
    app.seal().await?;
    if context.json {
        say!(
            "{}",
            serde_json::json!({ "batch": shown, "undone": true, "objects": objects })
        )?;
    } else {
        say!("Пакет {shown} отменён: записей возвращено или удалено {objects}.")?;
    }
    Ok(Outcome::Done)
}

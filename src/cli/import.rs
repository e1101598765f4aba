//! `import`: files in, and a whole file back out.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::output::{say, tell};
use super::{Context, Outcome};
use crate::app::App;
use crate::error::Error;
use crate::exchange::import::Request;
use crate::exchange::{By, Chosen, Kind, Mode, Report, columns};
use crate::flow;

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
    /// Участие в мероприятиях, конкурсы, экспертная работа, поддержка, награды.
    Activities(FileArguments),
    /// Мероприятия.
    Events(FileArguments),
    /// Объединения: советы, методические объединения, команды, партнёры.
    Bodies(FileArguments),
    /// Участники объединений.
    Members(FileArguments),
    /// Наставнические пары.
    Pairs(FileArguments),
    /// База наставников.
    Mentors(FileArguments),
    /// Проекты, площадки, соглашения, платформы и банки материалов.
    Undertakings(FileArguments),
    /// Публикации и материалы.
    Publications(FileArguments),
    /// Значения величин и показателей.
    Forms(FileArguments),
    /// Вакансии организаций и официальные перечни.
    Vacancies(FileArguments),
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
    /// Что верно для всех строк, если такого столбца в файле нет: «Процедура=Д1». Можно повторять.
    #[arg(long = "set", value_name = "СТОЛБЕЦ=ЗНАЧЕНИЕ")]
    set: Vec<String>,
}

/// What holds in every row: the name of a column in the program and the value.
fn given(kind: Kind, set: &[String]) -> Result<Vec<(String, String)>, Error> {
    let one = |said: &String| {
        let refused = || Error::Invalid(format!("--set «{said}»: напишите заголовок столбца, «=» и значение"));
        let (header, value) = said.split_once('=').ok_or_else(refused)?;
        let column = columns::called(kind, header).ok_or_else(|| {
            Error::Invalid(format!(
                "--set «{said}»: у файлов «{}» нет столбца «{header}»",
                kind.label()
            ))
        })?;
        Ok((column.name.clone(), value.trim().to_owned()))
    };
    set.iter().map(one).collect()
}

/// Runs a command over files.
pub async fn run(context: &Context, command: ImportCommand) -> Result<Outcome, Error> {
    let app = &context.app;
    let report = match command {
        ImportCommand::Units(file) => load_file(app, Kind::Units, file).await?,
        ImportCommand::Staff(file) => load_file(app, Kind::Staff, file).await?,
        ImportCommand::Competences(file) => load_file(app, Kind::Competences, file).await?,
        ImportCommand::Programmes(file) => load_file(app, Kind::Programmes, file).await?,
        ImportCommand::Procedures(file) => load_file(app, Kind::Procedures, file).await?,
        ImportCommand::Results(file) => load_file(app, Kind::Results, file).await?,
        ImportCommand::Activities(file) => load_file(app, Kind::Activities, file).await?,
        ImportCommand::Events(file) => load_file(app, Kind::Events, file).await?,
        ImportCommand::Bodies(file) => load_file(app, Kind::Bodies, file).await?,
        ImportCommand::Members(file) => load_file(app, Kind::Members, file).await?,
        ImportCommand::Pairs(file) => load_file(app, Kind::Pairs, file).await?,
        ImportCommand::Mentors(file) => load_file(app, Kind::Mentors, file).await?,
        ImportCommand::Undertakings(file) => load_file(app, Kind::Undertakings, file).await?,
        ImportCommand::Publications(file) => load_file(app, Kind::Publications, file).await?,
        ImportCommand::Forms(file) => load_file(app, Kind::Forms, file).await?,
        ImportCommand::Vacancies(file) => load_file(app, Kind::Vacancies, file).await?,
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

async fn load_file(app: &App, kind: Kind, arguments: FileArguments) -> Result<Report, Error> {
    let mode = Mode::from_code(&arguments.mode)
        .ok_or_else(|| Error::Invalid(format!("режима «{}» нет; есть: add, merge", arguments.mode)))?;
    let given = given(kind, &arguments.set)?;
    let request = Request {
        file: arguments.file,
        mode,
        dry_run: arguments.dry_run,
        code: arguments.batch_code,
        errors: arguments.errors,
        name: None,
        columns: (!given.is_empty()).then(|| Chosen::given(given)),
        by: By::default(),
    };
    let report = flow::load(&app.db, app.keys.audit.clone(), kind, request, |_, _| Ok(())).await?;
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
        .write(move |tx| flow::take_back(tx, &key, &code, By::default()))
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

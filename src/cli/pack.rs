//! `pack load`, `pack list`, `pack check`: packs of methodology.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::output::{say, tell};
use super::{Context, Outcome};
use crate::db::AnyConn;
use crate::error::Error;
use crate::indicators::edges::{self, By, Choice};
use crate::indicators::load::{self, Loaded};
use crate::indicators::{Pack, pack_strict, store};
use crate::units;

/// Commands over packs.
#[derive(Debug, Subcommand)]
pub enum PackCommand {
    /// Загрузить пакеты методики: новая версия, если текст изменился.
    Load {
        /// Файлы TOML.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Показать действующие пакеты.
    List,
    /// Записать, сколько баллов получает значение на общей границе двух полос шкалы.
    Decide {
        /// Код пакета.
        #[arg(long)]
        pack: String,
        /// Код показателя.
        #[arg(long)]
        indicator: String,
        /// Граница: значение показателя или разность сравнения.
        #[arg(long)]
        edge: String,
        /// Баллы: одни из тех, что дают две полосы.
        #[arg(long)]
        points: String,
        /// Почему так.
        #[arg(long)]
        reason: String,
    },
    /// Проверить файлы, ничего не загружая.
    Check {
        /// Файлы TOML.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Runs a command over packs.
pub async fn run(context: &Context, command: PackCommand) -> Result<Outcome, Error> {
    match command {
        PackCommand::Load { files } => load(context, &files).await,
        PackCommand::List => list(context).await,
        PackCommand::Check { files } => check(context, &files).await,
        PackCommand::Decide {
            pack,
            indicator,
            edge,
            points,
            reason,
        } => {
            let number = |text: &str| {
                let read = crate::db::milli::Milli::parse(text).map(|m| i64::from(m.0));
                read.ok_or_else(|| Error::Invalid(format!("{text}: нужно число")))
            };
            let choice = Choice {
                pack,
                indicator,
                edge_milli: number(&edge)?,
                points_milli: number(&points)?,
                reason,
                seen: None,
            };
            decide(context, choice).await
        }
    }
}

async fn decide(context: &Context, choice: Choice) -> Result<Outcome, Error> {
    let key = context.app.keys.audit.clone();
    let shown = format!("{} {}", choice.pack, choice.indicator);
    context
        .app
        .db
        .write(move |tx| edges::record(tx, &key, &By::default(), choice))
        .await?;
    context.app.seal().await?;
    say!("{shown}: выбор записан.")?;
    Ok(Outcome::Done)
}

async fn load(context: &Context, files: &[PathBuf]) -> Result<Outcome, Error> {
    let texts = files.iter().map(|f| read(f)).collect::<Result<Vec<_>, _>>()?;
    let key = context.app.keys.audit.clone();
    let loaded = context
        .app
        .db
        .write(move |tx| {
            texts
                .iter()
                .map(|text| load::load(tx, &key, text, true))
                .collect::<Result<Vec<_>, Error>>()
        })
        .await?;
    context.app.seal().await?;
    for (pack, outcome) in loaded {
        let count = pack.indicators.len();
        for warning in &pack.warnings {
            tell!("{}: {warning}", pack.code);
        }
        match outcome {
            Loaded::Unchanged(version) => say!("{}: версия {version}, без изменений.", pack.code)?,
            Loaded::Version(version) => say!("{}: версия {version} загружена, показателей {count}.", pack.code)?,
        }
    }
    Ok(Outcome::Done)
}

async fn list(context: &Context) -> Result<Outcome, Error> {
    let packs = context.app.db.read(|c| store::packs(c).map_err(Error::from)).await?;
    for pack in packs {
        say!("{}\t{}\t{}", pack.code, pack.version, pack.title)?;
    }
    Ok(Outcome::Done)
}

async fn check(context: &Context, files: &[PathBuf]) -> Result<Outcome, Error> {
    let mut outcome = Outcome::Done;
    let codes = |c: &mut AnyConn| Ok::<_, Error>(units::store::places(c)?.into_keys().collect::<BTreeSet<String>>());
    let known = context.app.db.read(codes).await?;
    for file in files {
        let text = read(file)?;
        match Pack::checked(&text) {
            Ok(pack) => {
                for warning in pack.warnings.iter().chain(&pack_strict::unknown_units(&text, &known)) {
                    say!("{}: предупреждение: {warning}", file.display())?;
                }
                say!("{}: показателей {}, ошибок нет.", file.display(), pack.indicators.len())?;
            }
            Err(problems) => {
                outcome = Outcome::Failed;
                for problem in problems {
                    say!("{}: {problem}", file.display())?;
                }
            }
        }
    }
    Ok(outcome)
}

fn read(file: &Path) -> Result<String, Error> {
    std::fs::read_to_string(file).map_err(|e| {
        let why = match e.kind() {
            ErrorKind::NotFound => "такого файла нет".to_owned(),
            ErrorKind::PermissionDenied => "на чтение нет прав".to_owned(),
            ErrorKind::InvalidData => "это не текст в UTF-8".to_owned(),
            _ => e.to_string(),
        };
        Error::Invalid(format!("файл {} не читается: {why}", file.display()))
    })
}

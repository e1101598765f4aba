//! `pack load`, `pack list`, `pack check`: packs of methodology.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::output::say;
use super::{Context, Outcome};
use crate::error::Error;
use crate::indicators::load::{self, Loaded};
use crate::indicators::{Pack, store};

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
        PackCommand::Check { files } => check(&files),
    }
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

fn check(files: &[PathBuf]) -> Result<Outcome, Error> {
    let mut outcome = Outcome::Done;
    for file in files {
        match Pack::parse(&read(file)?) {
            Ok(pack) => say!("{}: показателей {}, ошибок нет.", file.display(), pack.indicators.len())?,
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
    std::fs::read_to_string(file).map_err(|e| Error::Invalid(format!("файл {} не читается: {e}", file.display())))
}

//! The command line: a contract that scripts and checks rely on. One file per group of commands.
//!
//! Exit codes: 0 done; 1 failed, nothing changed; 2 done with refused rows. Machine output (`--format csv`) is
//! comma-separated UTF-8 with LF and point decimals; sentences for people go to standard error.

mod change;
mod database;
mod demo;
mod edition;
mod import;
mod iom;
mod mail;
mod measure;
mod output;
mod pack;
mod profile;
mod serve;
mod user;
mod validate;
mod values;
mod values_output;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::output::{Out, tell};
use crate::app::App;
use crate::config::{Config, MailOptions, MailSettings};
use crate::error::Error;

/// Веха: от диагностики педагога до показателей региона.
#[derive(Debug, Parser)]
#[command(name = "vekha", version, disable_help_subcommand = true)]
struct Cli {
    /// Папка данных: база, файлы, ключи.
    #[arg(long, global = true, default_value = "./data")]
    data: PathBuf,
    /// Адрес базы: sqlite:ФАЙЛ или postgres://… (без пароля).
    #[arg(long, global = true)]
    database: Option<String>,
    /// Файл с паролем PostgreSQL.
    #[arg(long, global = true, env = "VEKHA_DATABASE_PASSWORD_FILE", hide = true)]
    database_password_file: Option<PathBuf>,
    #[command(flatten)]
    mail: mail::MailArgs,
    /// Второй шаг входа для всех ролей, кроме педагога и наставника: on или off.
    #[arg(long, global = true, env = "VEKHA_SECOND_FACTOR", default_value = "on", hide = true)]
    second_factor: OnOff,
    /// Видит ли директор баллы и уровни рядом с темами: on или off (так решает регион).
    #[arg(long, global = true, env = "VEKHA_SCHOOL_SCORES", default_value = "off", hide = true)]
    school_scores: OnOff,
    /// Адреса своих прокси через запятую: им верят, откуда пришёл запрос.
    #[arg(
        long,
        global = true,
        env = "VEKHA_TRUSTED_PROXIES",
        value_delimiter = ',',
        hide = true
    )]
    trusted_proxies: Vec<std::net::IpAddr>,
    /// Итог одним объектом JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

/// A setting that holds or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnOff {
    /// It holds.
    On,
    /// It does not.
    Off,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Пробный регион по опубликованным данным.
    Demo(demo::DemoArgs),
    /// Привести схему базы к версии программы.
    Migrate,
    /// Пересчитать всё хранимое из исходных записей и проверить журнал.
    Check,
    /// Показать настройки.
    Config,
    /// Выпуски значений: они не меняются никогда.
    #[command(subcommand)]
    Edition(edition::EditionCommand),
    /// Почему изменилось значение показателя между двумя днями.
    ExplainChange(change::ChangeArgs),
    /// Открыть страницы; без --listen их видит только этот компьютер.
    Serve {
        /// Адрес и порт.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: std::net::SocketAddr,
    },
    /// Журнал действий.
    #[command(subcommand)]
    Audit(database::AuditCommand),
    /// ИОМ педагогов.
    #[command(subcommand)]
    Iom(iom::IomCommand),
    /// Письма: отправить, что ждёт; посмотреть и повторить, что не ушло.
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// Пакеты методики.
    #[command(subcommand)]
    Pack(pack::PackCommand),
    /// Люди (или ИОМ) за значением показателя.
    People(values::PeopleArgs),
    /// Профиль дефицитов человека на дату.
    Profile(profile::ProfileCommand),
    /// Загрузка файлов и её отмена.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Чтение одного файла в ограниченном процессе.
    #[command(hide = true)]
    ImportWorker,
    /// Замеры внутри процесса для tests/bench; ничего не меняет.
    #[command(subcommand, hide = true)]
    Measure(measure::MeasureCommand),
    /// Учётные записи.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Опубликованная таблица: где она противоречит себе и методике.
    Validate(validate::ValidateArgs),
    /// Значения показателей.
    Values(values::ValuesArgs),
}

/// What a command ends with: nothing refused, or some rows refused (exit 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything done.
    Done,
    /// Done, but some rows were refused.
    WithRefusals,
    /// The command ran and found what it was asked to look for (`check`): exit 1.
    Failed,
}

/// What every command gets.
pub struct Context {
    /// The program put together.
    pub app: App,
    /// Whether the summary is one JSON object.
    pub json: bool,
}

/// Parses the command line, runs the command, prints errors in Russian, answers the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::ImportWorker) {
        return crate::exchange::worker::main();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(e) => return fail(&Error::Internal(e.to_string())),
    };
    match runtime.block_on(run(cli)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::WithRefusals) => ExitCode::from(2),
        Ok(Outcome::Failed) => ExitCode::FAILURE,
        Err(e) => fail(&e),
    }
}

fn fail(e: &Error) -> ExitCode {
    tell!("Ошибка: {e}");
    ExitCode::FAILURE
}

async fn run(cli: Cli) -> Result<Outcome, Error> {
    let mut config = Config::new(cli.data, cli.database.as_deref(), cli.database_password_file)?;
    let mail: MailOptions = cli.mail.into();
    config.public_url = mail.pages().map_err(Error::Invalid)?;
    config.mail = MailSettings::of(&mail).map_err(Error::Invalid)?;
    config.second_factor = cli.second_factor == OnOff::On;
    config.school_scores = cli.school_scores == OnOff::On;
    config.trusted_proxies = cli.trusted_proxies;
    if matches!(cli.command, Command::Config) {
        Out.write_all(config.print().as_bytes())?;
        return Ok(Outcome::Done);
    }
    if let Command::Serve { listen } = cli.command {
        return serve::run(config, listen).await;
    }
    if let Command::Demo(args) = cli.command {
        return demo::run(config, args).await;
    }
    let context = Context {
        app: App::open(config, true).await?,
        json: cli.json,
    };
    match cli.command {
        Command::Migrate => database::migrate(&context),
        Command::Check => database::check(&context).await,
        Command::Config | Command::Demo(_) | Command::ImportWorker | Command::Serve { .. } => Ok(Outcome::Done),
        Command::Edition(command) => edition::run(&context, command).await,
        Command::Import(command) => import::run(&context, command).await,
        Command::Audit(command) => database::audit(&context, command).await,
        Command::Iom(command) => iom::run(&context, command).await,
        Command::Measure(command) => measure::run(&context, command).await,
        Command::ExplainChange(args) => change::explain(&context, args).await,
        Command::Mail(command) => mail::run(&context, command).await,
        Command::Pack(command) => pack::run(&context, command).await,
        Command::People(args) => values::people(&context, args).await,
        Command::Profile(command) => profile::run(&context, command).await,
        Command::User(command) => user::run(&context, command).await,
        Command::Validate(args) => validate::run(&context, args).await,
        Command::Values(args) => values::values(&context, args).await,
    }
}

/// A СНИЛС typed on the command line.
fn snils(text: &str) -> Result<crate::people::Snils, Error> {
    crate::people::Snils::parse(text).map_err(|e| Error::Invalid(e.advice().into()))
}

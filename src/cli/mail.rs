//! `mail`: reminding, sending what waits, looking at what did not go, sending it again.

use std::path::PathBuf;

use chrono::{NaiveDate, TimeDelta};
use clap::Subcommand;

use super::output::{Out, say, tell};
use super::{Context, Outcome};
use crate::config::MailOptions;
use crate::db::{AnyConn, settings};
use crate::error::Error;
use crate::flow::reminding;
use crate::mail::dead::{self, Which};
use crate::mail::deliver::deliver;

/// The settings of mail: given by the environment, since commands of people never differ in them.
#[derive(Debug, clap::Args)]
pub struct MailArgs {
    /// Почтовый сервер: smtps://, smtp:// (STARTTLS) или smtp+plain://, затем [пользователь@]сервер[:порт].
    #[arg(long, global = true, env = "VEKHA_SMTP_URL", hide = true, hide_env_values = true)]
    smtp_url: Option<String>,
    /// Файл с паролем пользователя почты.
    #[arg(long, global = true, env = "VEKHA_SMTP_PASSWORD_FILE", hide = true)]
    smtp_password_file: Option<PathBuf>,
    /// Сертификаты, которым доверять кроме системных (PEM).
    #[arg(long, global = true, env = "VEKHA_SMTP_CA_FILE", hide = true)]
    smtp_ca_file: Option<PathBuf>,
    /// Сколько секунд ждать одного ответа почтового сервера.
    #[arg(long, global = true, env = "VEKHA_SMTP_TIMEOUT", default_value_t = 30, hide = true)]
    smtp_timeout: u32,
    /// Отправитель писем: адрес или «Имя <адрес>».
    #[arg(long, global = true, env = "VEKHA_MAIL_FROM", hide = true)]
    mail_from: Option<String>,
    /// Адрес страниц, с которого начинаются ссылки в письмах.
    #[arg(long, global = true, env = "VEKHA_PUBLIC_URL", hide = true)]
    public_url: Option<String>,
}

impl From<MailArgs> for MailOptions {
    fn from(args: MailArgs) -> Self {
        Self {
            server: args.smtp_url,
            password_file: args.smtp_password_file,
            from: args.mail_from,
            public_url: args.public_url,
            authority_file: args.smtp_ca_file,
            patience_s: args.smtp_timeout,
        }
    }
}

/// Commands over letters.
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Отправить всё, что ждёт, и закончить; `serve` делает это сам.
    Deliver,
    /// Напомнить о сроках шагов и собрать за день письма со сводкой; `serve` делает это сам каждое утро.
    Remind {
        /// День ГГГГ-ММ-ДД, без него — сегодня.
        #[arg(long)]
        on: Option<NaiveDate>,
    },
    /// Письма с логинами получателей.
    List {
        /// dead — не ушли, no_address — у получателя нет адреса, waiting — ждут, sent — отправлены.
        #[arg(long, default_value = "dead")]
        state: String,
    },
    /// Отправить ещё раз: письмо по номеру или все, что не ушли.
    Again {
        /// Номер письма из `mail list`.
        #[arg(required_unless_present = "all")]
        letter: Option<i64>,
        /// Все письма, которые не ушли.
        #[arg(long, conflicts_with = "letter")]
        all: bool,
    },
}

/// Runs a command over letters.
pub async fn run(context: &Context, command: MailCommand) -> Result<Outcome, Error> {
    match command {
        MailCommand::Deliver => send(context).await,
        MailCommand::Remind { on } => remind(context, on).await,
        MailCommand::List { state } => list(context, state).await,
        MailCommand::Again { letter, .. } => again(context, letter.map_or(Which::All, Which::One)).await,
    }
}

async fn send(context: &Context) -> Result<Outcome, Error> {
    let none =
        || Error::Invalid("почта не настроена: укажите VEKHA_SMTP_URL, VEKHA_MAIL_FROM и VEKHA_PUBLIC_URL".into());
    let settings = context.app.config.mail.as_ref().ok_or_else(none)?;
    let demo = |c: &mut AnyConn| settings::get(c, "demo").map_err(Error::from);
    if context.app.db.read(demo).await?.is_some() {
        return Err(Error::Invalid("из демонстрационного региона письма не уходят".into()));
    }
    let done = deliver(&context.app.db, settings, || false).await?;
    if context.json {
        let json = serde_json::to_string(&done).map_err(|e| Error::Internal(e.to_string()))?;
        say!("{json}")?;
    } else {
        say!(
            "Отправлено: {}; ждут повтора: {}; не ушли: {}; нет адреса: {}.",
            done.sent,
            done.waiting,
            done.dead,
            done.no_address
        )?;
    }
    Ok(match done.outage {
        None => Outcome::Done,
        Some(why) => {
            tell!("Остальные письма ждут: {why}.");
            Outcome::Failed
        }
    })
}

async fn remind(context: &Context, on: Option<NaiveDate>) -> Result<Outcome, Error> {
    let app = &context.app;
    let zone = TimeDelta::hours(app.config.zone_hours.into());
    let day = on.unwrap_or_else(|| app.clock.today());
    let done = reminding::remind(&app.db, day, zone).await?;
    if context.json {
        let json = serde_json::to_string(&done).map_err(|e| Error::Internal(e.to_string()))?;
        say!("{json}")?;
    } else {
        say!(
            "Напоминаний о сроках: {}; писем со сводкой: {}.",
            done.reminders,
            done.digests
        )?;
    }
    Ok(Outcome::Done)
}

async fn list(context: &Context, state: String) -> Result<Outcome, Error> {
    let rows = context
        .app
        .db
        .read(move |c| dead::with_logins(c, &state).map_err(Error::from))
        .await?;
    let mut out = csv::Writer::from_writer(Out);
    let wrong = |e: csv::Error| Error::Internal(e.to_string());
    out.write_record(["letter", "kind", "login", "queued", "tried", "attempts", "error"])
        .map_err(wrong)?;
    for (letter, login) in rows {
        let (id, attempts) = (letter.id.to_string(), letter.attempts.to_string());
        let moment = |at: chrono::NaiveDateTime| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (queued, tried) = (moment(letter.created_at), moment(letter.at));
        let (login, error) = (login.unwrap_or_default(), letter.error.unwrap_or_default());
        out.write_record([&id, &letter.kind, &login, &queued, &tried, &attempts, &error])
            .map_err(wrong)?;
    }
    out.flush()?;
    Ok(Outcome::Done)
}

async fn again(context: &Context, which: Which) -> Result<Outcome, Error> {
    let key = context.app.keys.audit.clone();
    let found = context
        .app
        .db
        .write(move |tx| dead::again(tx, &key, None, which, None).map_err(Error::from))
        .await?;
    let found = found.ok_or_else(|| Error::NotFound("письмо с таким номером".into()))?;
    context.app.seal().await?;
    say!("Писем снова ждёт отправки: {found}.")?;
    Ok(Outcome::Done)
}

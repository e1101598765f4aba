//! `user add`: accounts and roles, the first administrator among them.

use std::path::PathBuf;

use clap::Subcommand;

use super::output::say;
use super::{Context, Outcome};
use crate::access::add::{self, Add};
use crate::access::{Role, hashing, password, settle};
use crate::db::AnyConn;
use crate::error::Error;
use crate::people::{self, PersonId};
use crate::units::{self, UnitId};
use crate::web::Scope;

/// Commands over accounts.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Завести учётную запись или добавить ей роль.
    Add {
        /// Логин.
        login: String,
        /// Роль: operator, cnppm_head, curator, tutor, teacher…
        #[arg(long)]
        role: String,
        /// Код единицы, над которой роль действует; без него — вся установка.
        #[arg(long)]
        unit: Option<String>,
        /// СНИЛС человека, чья это учётная запись.
        #[arg(long)]
        snils: Option<String>,
        /// Имя и фамилия того, кого нет в списке сотрудников: так его увидят педагоги.
        #[arg(long)]
        name: Option<String>,
        /// Адрес почты для писем.
        #[arg(long)]
        email: Option<String>,
        /// Файл с паролем (первая строка).
        #[arg(long)]
        password_file: Option<PathBuf>,
    },
    /// Отправить приглашение: ссылку, по которой задают пароль, на адрес почты учётной записи.
    Invite {
        /// Логин.
        login: String,
    },
    /// Закрыть все входы.
    SignOut {
        /// Логин.
        login: String,
    },
    /// Приостановить: входы закрываются, войти нельзя.
    Suspend {
        /// Логин.
        login: String,
    },
    /// Вернуть приостановленную.
    Restore {
        /// Логин.
        login: String,
    },
    /// Снять роль; входы закрываются.
    Revoke {
        /// Логин.
        login: String,
        /// Роль.
        #[arg(long)]
        role: String,
        /// Код единицы; без него — роль над всей установкой.
        #[arg(long)]
        unit: Option<String>,
    },
    /// Убрать второй шаг входа у того, кто потерял и телефон, и запасные коды.
    SecondFactorOff {
        /// Логин.
        login: String,
    },
    /// Записать адрес почты учётной записи; без адреса — убрать.
    Email {
        /// Логин.
        login: String,
        /// Адрес.
        address: Option<String>,
    },
}

/// Runs a command over accounts.
pub async fn run(context: &Context, command: UserCommand) -> Result<Outcome, Error> {
    let (login, role, unit, snils, name, email, password_file) = match command {
        UserCommand::Add {
            login,
            role,
            unit,
            snils,
            name,
            email,
            password_file,
        } => (login, role, unit, snils, name, email, password_file),
        UserCommand::Email { login, address } => return set_email(context, login, address).await,
        UserCommand::Invite { login } => return settle(context, login, Settle::Invite).await,
        UserCommand::SignOut { login } => return settle(context, login, Settle::SignOut).await,
        UserCommand::Suspend { login } => return settle(context, login, Settle::Suspend).await,
        UserCommand::Restore { login } => return settle(context, login, Settle::Restore).await,
        UserCommand::SecondFactorOff { login } => return settle(context, login, Settle::SecondFactorOff).await,
        UserCommand::Revoke { login, role, unit } => {
            return settle(context, login, Settle::Revoke(role_of(&role)?, unit)).await;
        }
    };
    let role = role_of(&role)?;
    let password_hash = match password_file {
        None => None,
        Some(file) => {
            let text = std::fs::read_to_string(&file)
                .map_err(|e| Error::Invalid(format!("файл {} не читается: {e}", file.display())))?;
            let password = text.lines().next().unwrap_or("");
            let own: Vec<String> = [Some(login.clone()), name.clone(), email.clone()]
                .into_iter()
                .flatten()
                .collect();
            password::allowed(password, &own, password::least(&[role]))?;
            Some(hashing::hash_password(password)?)
        }
    };
    let key = context.app.keys.audit.clone();
    let shown = login.clone();
    context
        .app
        .db
        .write(move |tx| {
            let unit = unit.map(|code| find_unit(tx.conn(), &code)).transpose()?;
            let person = snils
                .map(|text| find_person(tx.conn(), &text, unit.map(|(_, region)| region)))
                .transpose()?;
            add::add(
                tx,
                &key,
                &Add {
                    login,
                    role,
                    unit,
                    person,
                    name,
                    email,
                    password_hash,
                    from: None,
                    to: None,
                    by: None,
                },
            )
        })
        .await?;
    context.app.seal().await?;
    say!("Логин {shown}: роль «{}» действует.", role.label())?;
    Ok(Outcome::Done)
}

fn role_of(text: &str) -> Result<Role, Error> {
    Role::from_code(text).ok_or_else(|| {
        let known = Role::ALL.iter().map(|r| r.code()).collect::<Vec<_>>().join(", ");
        Error::Invalid(format!("роли «{text}» нет; есть: {known}"))
    })
}

async fn settle(context: &Context, login: String, what: Settle) -> Result<Outcome, Error> {
    let (keys, of) = (context.app.keys.clone(), login.clone());
    let said = context
        .app
        .db
        .write(move |tx| {
            let what = match what {
                Settle::Revoke(role, Some(code)) => {
                    let (unit, _) = find_unit(tx.conn(), &code)?;
                    settle::Settle::Revoke(role, Some(unit))
                }
                Settle::Revoke(role, None) => settle::Settle::Revoke(role, None),
                Settle::Invite => settle::Settle::Invite,
                Settle::SignOut => settle::Settle::SignOut,
                Settle::Suspend => settle::Settle::Suspend,
                Settle::Restore => settle::Settle::Restore,
                Settle::SecondFactorOff => settle::Settle::SecondFactorOff,
            };
            settle::settle(tx, &keys, &of, what, None)
        })
        .await?;
    context.app.seal().await?;
    say!("Логин {login}: {said}.")?;
    Ok(Outcome::Done)
}

/// What is asked for, with the unit as it was typed.
enum Settle {
    Invite,
    SignOut,
    Suspend,
    Restore,
    Revoke(Role, Option<String>),
    SecondFactorOff,
}

async fn set_email(context: &Context, login: String, address: Option<String>) -> Result<Outcome, Error> {
    let key = context.app.keys.audit.clone();
    let (of, has) = (login.clone(), address.is_some());
    context
        .app
        .db
        .write(move |tx| add::set_email(tx, &key, &of, address.as_deref(), None))
        .await?;
    context.app.seal().await?;
    say!("Логин {login}: адрес почты {}.", if has { "записан" } else { "убран" })?;
    Ok(Outcome::Done)
}

/// A unit by code, with its region.
fn find_unit(conn: &mut AnyConn, code: &str) -> Result<(UnitId, UnitId), Error> {
    let unit = units::store::by_code(conn, code)?.ok_or_else(|| Error::NotFound(format!("единица с кодом {code}")))?;
    Ok((unit.id, unit.region_id))
}

/// The person of a СНИЛС; with the same number in two regions the unit decides.
fn find_person(conn: &mut AnyConn, text: &str, region: Option<UnitId>) -> Result<PersonId, Error> {
    let snils = super::snils(text)?;
    let found = people::store::by_snils(conn, &Scope::of_server("user add"), &snils)?;
    let fitting: Vec<_> = found
        .iter()
        .filter(|p| region.is_none_or(|r| p.region_id == r))
        .collect();
    match fitting.as_slice() {
        [person] => Ok(person.id),
        [] => Err(Error::NotFound("человек с таким СНИЛС".into())),
        _ => Err(Error::Invalid("этот СНИЛС есть в двух регионах: укажите --unit".into())),
    }
}

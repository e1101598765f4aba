//! The first sign-in: the code of a sheet is changed for a password of one's own. The code opens nothing else.

use diesel::prelude::*;
use serde::Serialize;

use super::model::{Account, AccountId};
use super::sign_in::{self, Checked};
use super::{code, pages, password};
use crate::audit;
use crate::db::schema::{account, employment, person, session, unit};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::planted;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Page<'a> {
    login: &'a str,
    code: &'a str,
    problem: Option<String>,
    least: usize,
    token: String,
}

/// The page that asks for a password. Nothing is signed in yet: the code itself goes with the form and is looked at
/// again.
///
/// # Errors
/// Data that cannot be shown.
pub(super) fn form(call: &Call, login: &str, code: &str, problem: Option<Refusal>) -> Result<Answer, Error> {
    let page = Page {
        login,
        code,
        problem: problem.as_ref().map(ToString::to_string),
        // A sheet opens accounts of teachers alone.
        least: password::SHORTEST,
        token: call.token(),
    };
    let answer = pages::bound(call, Answer::page("access/first", &page)?);
    Ok(if problem.is_some() {
        answer.title("Ошибка: новый пароль").status(422)
    } else {
        answer.title("Придумайте пароль")
    })
}

/// POST /first-sign-in: uses the code up and keeps the password. Whoever chose it signs in with it like everyone.
pub fn choose(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["login", "code", "password", "again"])?;
        let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
        let (login, code, chosen) = (text("login"), text("code"), text("password"));
        let (of, digest) = match sign_in::check(&call.site, &login, &code).await? {
            Checked::Code(of, digest) => (of, digest),
            Checked::Wait(seconds) => return pages::wait(&call, &login, "/", seconds).await,
            Checked::Password(_) | Checked::Wrong => return pages::wrong(&call, &login, "/").await,
        };
        if chosen != text("again") {
            return form(&call, &login, &code, Some(Refusal::new("access.password_twice")));
        }
        let known = of.clone();
        let own = call
            .app()
            .db
            .read(move |c| own_words(c, &known).map_err(Error::from))
            .await?;
        if let Err(refusal) = password::allowed(&chosen, &own, password::SHORTEST) {
            return form(&call, &login, &code, Some(refusal));
        }
        let hash = sign_in::hash(&call.site, chosen).await?;
        let key = call.app().keys.audit.clone();
        let act = move |tx: &mut Tx<'_>| keep(tx, &key, &of, &digest, &hash).map_err(Error::from);
        if call.app().db.write(act).await? {
            Ok(Answer::redirect("/sign-in?done=first"))
        } else {
            pages::wrong(&call, &login, "/").await
        }
    })
}

/// Uses the code up and keeps the password in its place; whatever was signed in ends. `false`: the code is gone.
fn keep(tx: &mut Tx<'_>, key: &[u8], of: &Account, digest: &str, hash: &str) -> Result<bool, DbError> {
    if !code::use_up(tx, of.id, digest)? {
        return Ok(false);
    }
    set_password(tx, &[of.id], hash)?;
    let mut entry = audit::Entry::of_server("access.first_password", "account", Some(of.id.0));
    entry.account = Some(of.id.0);
    entry.region = of.region_id.map(|region| region.0);
    entry.person = of.person_id.map(|person| person.0);
    audit::record(tx, key, &[entry])?;
    Ok(true)
}

/// Sets the hash of accounts (empty: no password) and ends whatever is signed in to them.
pub(super) fn set_password(tx: &mut Tx<'_>, of: &[AccountId], hash: &str) -> Result<(), DbError> {
    let ids: Vec<i64> = of.iter().map(|id| id.0).collect();
    for block in ids.chunks(1000) {
        diesel::update(account::table.filter(account::id.eq_any(block)))
            .set(account::password_hash.eq(hash))
            .execute(tx.conn())?;
    }
    end_sessions(tx, of)
}

/// Ends whatever is signed in to accounts: what it rested on has changed.
pub(super) fn end_sessions(tx: &mut Tx<'_>, of: &[AccountId]) -> Result<(), DbError> {
    if planted!("session_survives") {
        return Ok(());
    }
    let ids: Vec<i64> = of.iter().map(|id| id.0).collect();
    for block in ids.chunks(1000) {
        diesel::update(account::table.filter(account::id.eq_any(block)))
            .set((
                account::auth_version.eq(account::auth_version + 1),
                account::version.eq(account::version + 1),
            ))
            .execute(tx.conn())?;
        diesel::delete(session::table.filter(session::account_id.eq_any(block))).execute(tx.conn())?;
    }
    Ok(())
}

/// Words that others know of the holder: login, name, places of work, the region.
pub(super) fn own_words(conn: &mut AnyConn, of: &Account) -> Result<Vec<String>, DbError> {
    let mut words = vec![of.login.clone()];
    words.extend(of.name.clone());
    words.extend(of.email.clone());
    if let Some(region) = of.region_id {
        let name: Option<String> = unit::table
            .filter(unit::id.eq(region))
            .select(unit::name)
            .first(conn)
            .optional()?;
        words.extend(name);
    }
    let Some(id) = of.person_id else {
        return Ok(words);
    };
    type Row = (String, String, Option<String>, Option<String>);
    let rows: Vec<Row> = person::table
        .left_join(
            employment::table.on(employment::person_id
                .eq(person::id)
                .and(employment::superseded_at.is_null())),
        )
        .left_join(unit::table.on(unit::id.eq(employment::organisation_id)))
        .filter(person::id.eq(id.0))
        .select((
            person::last_name,
            person::first_name,
            person::patronymic,
            unit::name.nullable(),
        ))
        .load(conn)?;
    for (last, first, patronymic, place) in rows {
        words.extend([Some(last), Some(first), patronymic, place].into_iter().flatten());
    }
    Ok(words)
}

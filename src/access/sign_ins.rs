//! «Входы сотрудников»: an administrator finds an account of the region by its login and closes where it is signed in.
//! It shows no secret and sets none.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;

use super::first;
use super::link::notice;
use super::model::{Account, AccountId};
use super::session::IDLE_MINUTES;
use super::{sessions, store};
use crate::audit::words::READ_LIST;
use crate::audit::{self, Entry};
use crate::db::schema::{role_grant, unit};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::mail;
use crate::pages::text;
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor, client};

#[derive(Serialize)]
struct Page {
    login: String,
    found: Option<Found>,
    done: Option<&'static str>,
    token: String,
}

#[derive(Serialize)]
struct Found {
    login: String,
    name: String,
    state: &'static str,
    minutes: i64,
    sessions: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    device: String,
    address: String,
    since: String,
    seen: String,
}

fn missing() -> Error {
    Error::NotFound("учётная запись".into())
}

/// The account of a login within the region of the visitor; an account that names no region is of the regions of its
/// roles.
fn within(c: &mut AnyConn, visitor: &Visitor, login: &str) -> Result<Account, Error> {
    let region = visitor.region.ok_or_else(missing)?;
    let found = store::by_login(c, &login.trim().to_lowercase())?.ok_or_else(missing)?;
    if let Some(own) = found.region_id {
        return if own.0 == region { Ok(found) } else { Err(missing()) };
    }
    let regions: Vec<Option<i64>> = role_grant::table
        .left_join(unit::table.on(unit::id.nullable().eq(role_grant::unit_id)))
        .filter(role_grant::account_id.eq(found.id.0))
        .filter(role_grant::superseded_at.is_null())
        .select(unit::region_id.nullable())
        .load(c)
        .map_err(DbError::from)?;
    // A role elsewhere, or over the installation, is not the region's to settle.
    let own = !regions.is_empty() && regions.iter().all(|r| *r == Some(region));
    if own { Ok(found) } else { Err(missing()) }
}

fn entry(by: &Visitor, action: &'static str, of: Option<AccountId>, rows: usize) -> Entry {
    let mut entry = Entry::of_server(action, "account", of.map(|id| id.0));
    entry.account = Some(by.account);
    entry.on_behalf_of = by.on_behalf_of();
    entry.region = by.region;
    let role = by.role().map_or_else(String::new, |r| format!("role={}", r.code));
    entry.detail = format!("{role} rows={rows}").trim_start().to_owned();
    entry
}

/// GET /sign-ins
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.query.only(&["login", "done"])?;
        let login = fields.get("login").unwrap_or_default().trim().to_owned();
        let visitor = call.visitor()?.clone();
        let (asked, now) = (login.clone(), call.app().clock.now());
        let zone = call.zone();
        let read = move |c: &mut AnyConn| -> Result<(Entry, Option<Found>), Error> {
            if asked.is_empty() {
                return Ok((entry(&visitor, READ_LIST, None, 0), None));
            }
            let of = within(c, &visitor, &asked)?;
            let rows = sessions::standing(c, of.id.0, now)?;
            let entry = entry(&visitor, READ_LIST, Some(of.id), 1);
            let name = store::names(c, &[of.id.0])?.remove(&of.id.0);
            let moment = |at: NaiveDateTime| text::moment(at, zone);
            let shown = rows.into_iter().map(|(_, device, address, since, seen)| Shown {
                device: client::named(device.as_deref()),
                address: address.unwrap_or_else(|| "адрес неизвестен".into()),
                since: moment(since),
                seen: moment(seen),
            });
            let found = Found {
                name: name.unwrap_or_else(|| of.login.clone()),
                state: of.state.label(),
                minutes: IDLE_MINUTES,
                sessions: shown.collect(),
                login: of.login,
            };
            Ok((entry, Some(found)))
        };
        let (entry, found) = call.app().db.read(read).await?;
        call.app().note(vec![entry]).await?;
        let page = Page {
            found,
            login,
            done: call.query.get("done").map(|_| "Входы закрыты"),
            token: call.token(),
        };
        Answer::page("access/sign_ins", &page)
    })
}

/// POST /sign-ins/close: all of them; whoever is meant signs in anew.
pub fn close(call: Call) -> Answering {
    Box::pin(async move {
        let login = call.form.only(&["login"])?.get("login").unwrap_or_default().to_owned();
        let (visitor, key) = (call.visitor()?.clone(), call.app().keys.audit.clone());
        let act = move |tx: &mut Tx<'_>| -> Result<String, Error> {
            let of = within(tx.conn(), &visitor, &login)?;
            first::end_sessions(tx, &[of.id])?;
            let entry = entry(&visitor, "access.close_sessions", Some(of.id), 1);
            audit::record(tx, &key, &[entry])?;
            if of.id.0 != visitor.account {
                let mut letter = notice(&of, "access_signed_out", tx.id());
                letter.body = serde_json::json!({ "login": of.login, "who": visitor.name });
                mail::queue(tx, &[letter])?;
            }
            Ok(of.login)
        };
        let login = call.app().db.write(act).await?;
        Ok(Answer::redirect(address(
            "/sign-ins",
            [("login", login.as_str()), ("done", "closed")],
        )))
    })
}

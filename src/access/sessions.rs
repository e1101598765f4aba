//! «Входы»: where one is signed in, and closing what one does not know.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use serde::Serialize;

use super::session::IDLE_MINUTES;
use crate::audit;
use crate::db::schema::{account, session};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::pages::text;
use crate::planted;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor, client};

#[derive(Serialize)]
struct Page {
    sessions: Vec<Shown>,
    others: bool,
    done: Option<&'static str>,
    token: String,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    device: String,
    address: String,
    since: String,
    seen: String,
    here: bool,
}

/// Digest, device, address, begun, last used.
pub(super) type Row = (String, Option<String>, Option<String>, NaiveDateTime, NaiveDateTime);

/// Sessions of an account that still open something, the latest first.
pub(super) fn standing(conn: &mut AnyConn, of: i64, now: NaiveDateTime) -> Result<Vec<Row>, DbError> {
    Ok(session::table
        .inner_join(account::table.on(account::id.eq(session::account_id)))
        .filter(session::account_id.eq(of))
        .filter(session::auth_version.eq(account::auth_version))
        .filter(session::ends_at.gt(now))
        .filter(session::seen_at.gt(now - TimeDelta::minutes(IDLE_MINUTES)))
        .order((session::seen_at.desc(), session::sid_digest))
        .select((
            session::sid_digest,
            session::device,
            session::address,
            session::created_at,
            session::seen_at,
        ))
        .load(conn)?)
}

/// GET /sessions
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["done"])?;
        let visitor = call.visitor()?.clone();
        let (of, now) = (visitor.account, call.app().clock.now());
        let rows = call
            .app()
            .db
            .read(move |c| standing(c, of, now).map_err(Error::from))
            .await?;
        let zone = call.zone();
        let moment = |at: NaiveDateTime| text::moment(at, zone);
        let sessions: Vec<Shown> = rows
            .into_iter()
            .map(|(id, device, address, since, seen)| Shown {
                here: id == visitor.session,
                id,
                device: client::named(device.as_deref()),
                address: address.unwrap_or_else(|| "адрес неизвестен".into()),
                since: moment(since),
                seen: moment(seen),
            })
            .collect();
        let page = Page {
            others: sessions.len() > 1,
            sessions,
            done: call.query.get("done").map(|_| "Вход закрыт"),
            token: call.token(),
        };
        Answer::page("access/sessions", &page)
    })
}

/// POST /sessions/close: one of one's own, or all but this one.
pub fn close(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["id", "others"])?;
        let which = match (fields.get("id"), fields.get("others")) {
            (Some(id), None) => Some(id.to_owned()),
            (None, Some(_)) => None,
            _ => return Err(Error::NotFound("вход".into())),
        };
        let (visitor, key) = (call.visitor()?.clone(), call.app().keys.audit.clone());
        let here = which.as_ref() == Some(&visitor.session);
        let act = move |tx: &mut Tx<'_>| end(tx, &key, &visitor, which.as_deref());
        call.app().db.write(act).await?;
        Ok(Answer::redirect(if here {
            "/sign-in"
        } else {
            "/sessions?done=closed"
        }))
    })
}

fn end(tx: &mut Tx<'_>, key: &[u8], by: &Visitor, which: Option<&str>) -> Result<(), Error> {
    let own = session::table.filter(session::account_id.eq(by.account));
    let gone = match which {
        Some(id) if planted!("foreign_session_closed") => {
            diesel::delete(session::table.filter(session::sid_digest.eq(id))).execute(tx.conn())
        }
        Some(id) => diesel::delete(own.filter(session::sid_digest.eq(id))).execute(tx.conn()),
        None => diesel::delete(own.filter(session::sid_digest.ne(&by.session))).execute(tx.conn()),
    }
    .map_err(DbError::from)?;
    if gone == 0 && which.is_some() {
        return Err(Error::NotFound("вход".into()));
    }
    let mut entry = audit::Entry::of_server("access.close_sessions", "account", Some(by.account));
    entry.account = Some(by.account);
    entry.region = by.region;
    entry.detail = format!("sessions={gone}");
    audit::record(tx, key, &[entry]).map_err(Error::from)
}

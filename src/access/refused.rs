//! What was refused to somebody who is signed in: a row of the journal with the route as the registry writes it, never
//! what was typed. An object outside the scope leaves the same row as one that is missing.
//!
//! An account leaves so many rows within an hour, then one that says that more followed: a program that tries addresses
//! does not fill the journal. All of it is counted in the journal itself.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::audit::words::{REFUSED, REFUSED_MORE};
use crate::audit::{self, Entry};
use crate::db::dialect::{self, lock_space};
use crate::db::schema::audit_event;
use crate::db::{DbError, Tx, ids};
use crate::error::Error;
use crate::web::{Site, Visitor};

/// Refusals of one account that are written down within an hour. [TC]
pub const MOST: usize = 20;
/// Hours that are looked back at.
const HOURS: i64 = 1;

/// A refusal as it was answered.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The path of the route, with the names of its parts.
    pub route: &'static str,
    /// Whether a form was sent.
    pub form: bool,
    /// Whether the form was not one of this session.
    pub stale: bool,
    /// The status of the answer.
    pub status: u16,
    /// The number of the call, as the answer names it.
    pub request: String,
}

/// Writes a refusal down, unless the account has left enough of them.
///
/// # Errors
/// Those of the database.
pub async fn note(site: &Site, visitor: &Visitor, of: &Refused) -> Result<(), Error> {
    let (app, account) = (&site.app, visitor.account);
    let now = app.clock.now();
    if site.quiet.is(account, now) {
        return Ok(());
    }
    let (entry, key) = (entry(visitor, of), app.keys.audit.clone());
    let write = move |tx: &mut Tx<'_>, entry: &Entry| record(tx, &key, account, entry.clone());
    match app.db.write_soon(entry, write).await? {
        Ok(end) => {
            if let Some(end) = end {
                site.quiet.keep(account, end, now);
            }
            Ok(())
        }
        // Nobody counts how many there are while somebody else writes.
        Err(entry) => app.note_aside(&[entry]).await,
    }
}

fn entry(visitor: &Visitor, of: &Refused) -> Entry {
    let mut entry = Entry::of_server(REFUSED, "account", Some(visitor.account));
    entry.account = Some(visitor.account);
    entry.on_behalf_of = visitor.on_behalf_of();
    entry.region = visitor.region;
    let mut parts: Vec<String> = visitor.role().map(|r| format!("role={}", r.code)).into_iter().collect();
    parts.extend(of.form.then(|| "form_sent".to_owned()));
    parts.extend(of.stale.then(|| "form_stale".to_owned()));
    parts.push(format!(
        "route={} status={} request={}",
        of.route, of.status, of.request
    ));
    entry.detail = parts.join(" ");
    entry
}

/// Writes the row, or the one that says that more followed. When the journal holds enough, the moment from which it takes
/// another.
fn record(tx: &mut Tx<'_>, key: &[u8], account: i64, mut entry: Entry) -> Result<Option<NaiveDateTime>, DbError> {
    // Two at once do not both find the last place free.
    dialect::lock(tx.conn(), lock_space::ACCOUNTS, [account])?;
    let hour = Duration::hours(HOURS);
    let left: Vec<(NaiveDateTime, String)> = audit_event::table
        .filter(audit_event::id.ge(ids::first_since(tx.now() - hour)))
        .filter(audit_event::account_id.eq(account))
        .filter(audit_event::action.eq_any([REFUSED, REFUSED_MORE]))
        .order(audit_event::id)
        .select((audit_event::at, audit_event::action))
        .load(tx.conn())?;
    let (refused, more): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, action)| action == REFUSED);
    if refused.len() < MOST {
        audit::record(tx, key, &[entry])?;
        return Ok(None);
    }
    if more.is_empty() {
        entry.action = REFUSED_MORE;
        audit::record(tx, key, &[entry])?;
    }
    Ok(refused.first().map(|(at, _)| *at + hour))
}

//! Sending what waits in the outbox: claim, send, mark. No transaction stays open while a letter is on its way.
//!
//! Until the mail server of the installation is set up, letters go as `.eml` files into the folder `files/mail`, where
//! the demo region shows them.

use std::path::PathBuf;

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use super::texts;
use crate::db::schema::outbox_mail as mail;
use crate::db::{Db, DbError};
use crate::error::Error;

/// A letter ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Stays the same at every attempt, so that a receiver can drop a repeat.
    pub message_id: String,
    /// The receiver's account.
    pub account: i64,
    /// The folder of its texts.
    pub kind: String,
    /// Values for the texts.
    pub body: String,
}

/// Takes letters away.
pub trait Transport: Send + Sync {
    /// Sends one letter; an error keeps it waiting.
    ///
    /// # Errors
    /// Why it did not go, without addresses.
    fn send(&self, message: &Message) -> Result<(), String>;
}

/// Writes letters as files.
#[derive(Debug, Clone)]
pub struct Folder(pub PathBuf);

impl Transport for Folder {
    fn send(&self, message: &Message) -> Result<(), String> {
        std::fs::create_dir_all(&self.0).map_err(|e| e.to_string())?;
        let written = texts::text(&message.kind, &message.body);
        let text = match written {
            Some(written) => format!(
                "Message-ID: <{}>\nX-Vekha-Kind: {}\nSubject: {}\nContent-Type: text/plain; charset=utf-8\n\n{}",
                message.message_id, message.kind, written.subject, written.body
            ),
            None => format!(
                "Message-ID: <{}>\nX-Vekha-Kind: {}\n\n{}\n",
                message.message_id, message.kind, message.body
            ),
        };
        let path = self.0.join(format!("{}.eml", message.message_id.replace('@', "-")));
        std::fs::write(path, text).map_err(|e| e.to_string())
    }
}

/// How often a letter is tried before a person has to look at it.
const ATTEMPTS: i32 = 12;

type Claimed = (i64, i32, String, i64, String, String);

/// Sends what is due, `limit` letters at most; returns how many went and how many did not.
///
/// # Errors
/// Those of the database.
pub async fn deliver_due(db: &Db, transport: &dyn Transport, limit: i64) -> Result<(usize, usize), Error> {
    let claimed: Vec<Claimed> = db
        .write(move |tx| -> Result<Vec<Claimed>, Error> {
            let now = tx.now();
            let due: Vec<Claimed> = mail::table
                .filter(mail::state.eq("waiting"))
                .filter(mail::next_try_at.le(now))
                .order(mail::next_try_at)
                .limit(limit)
                .select((
                    mail::id,
                    mail::attempts,
                    mail::message_id,
                    mail::account_id,
                    mail::kind,
                    mail::body,
                ))
                .load(tx.conn())
                .map_err(DbError::from)?;
            // The lease: nobody else takes these letters while they are on their way.
            let ids: Vec<i64> = due.iter().map(|row| row.0).collect();
            diesel::update(
                mail::table
                    .filter(mail::id.eq_any(ids))
                    .filter(mail::next_try_at.le(now)),
            )
            .set(mail::next_try_at.eq(now + Duration::minutes(10)))
            .execute(tx.conn())
            .map_err(DbError::from)?;
            Ok(due)
        })
        .await?;
    let mut outcomes = Vec::with_capacity(claimed.len());
    for (id, attempts, message_id, account, kind, body) in claimed {
        let sent = transport.send(&Message {
            message_id,
            account,
            kind,
            body,
        });
        outcomes.push((id, attempts + 1, sent.err()));
    }
    let failed = outcomes.iter().filter(|(_, _, error)| error.is_some()).count();
    let sent = outcomes.len() - failed;
    db.write(move |tx| -> Result<(), Error> {
        let now = tx.now();
        let gone: Vec<i64> = outcomes.iter().filter(|o| o.2.is_none()).map(|o| o.0).collect();
        diesel::update(mail::table.filter(mail::id.eq_any(gone)))
            .set((mail::state.eq("sent"), mail::sent_at.eq(Some(now))))
            .execute(tx.conn())
            .map_err(DbError::from)?;
        for (id, attempts, error) in outcomes.into_iter().filter(|o| o.2.is_some()) {
            let state = if attempts >= ATTEMPTS { "dead" } else { "waiting" };
            diesel::update(mail::table.filter(mail::id.eq(id)))
                .set((
                    mail::state.eq(state),
                    mail::attempts.eq(attempts),
                    mail::next_try_at.eq(now + wait_after(attempts)),
                    mail::last_error.eq(error),
                ))
                .execute(tx.conn())
                .map_err(DbError::from)?;
        }
        Ok(())
    })
    .await?;
    Ok((sent, failed))
}

/// 2, 4, 8 … minutes, a day at most.
fn wait_after(attempts: i32) -> Duration {
    Duration::minutes(1_i64 << attempts.clamp(1, 11)).min(Duration::hours(24))
}

/// Letters of an account, newest first: the demo mailbox.
///
/// # Errors
/// Those of the database.
pub fn of_account(
    conn: &mut crate::db::AnyConn,
    account: i64,
    limit: i64,
) -> Result<Vec<(NaiveDateTime, String, String)>, DbError> {
    Ok(mail::table
        .filter(mail::account_id.eq(account))
        .order(mail::created_at.desc())
        .limit(limit)
        .select((mail::created_at, mail::kind, mail::body))
        .load(conn)?)
}

//! The outbox: what is to be sent stands in the database together with what caused it.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::schema::outbox_mail;
use crate::db::{DbError, Tx};
use crate::each_db;

/// A letter to an account. What it says is made at sending from its kind's text and `body`.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The folder of its texts in `templates/mail`.
    pub kind: &'static str,
    /// The region.
    pub region: Option<i64>,
    /// Who receives it; the address is read at sending.
    pub account: i64,
    /// What it is about (a plan, an application).
    pub subject_id: i64,
    /// With kind and subject: the same letter is never queued twice.
    pub dedup_key: String,
    /// Values for the texts; no scores, nothing secret.
    pub body: serde_json::Value,
    /// Where it goes; `None`: to the address that the account has at sending.
    pub address: Option<String>,
    /// The one-time link in it, which is made at sending from this row.
    pub link: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = outbox_mail, treat_none_as_default_value = false)]
struct Row {
    id: i64,
    region_id: Option<i64>,
    kind: &'static str,
    account_id: i64,
    subject_id: i64,
    dedup_key: String,
    body: String,
    state: &'static str,
    attempts: i32,
    next_try_at: NaiveDateTime,
    message_id: String,
    created_at: NaiveDateTime,
    address: Option<String>,
    link_id: Option<i64>,
}

/// Queues letters in the transaction of their cause; those that stand already are left as they are.
///
/// # Errors
/// Those of the database; the act then fails too.
pub fn queue(tx: &mut Tx<'_>, letters: &[Letter]) -> Result<(), DbError> {
    let rows: Vec<Row> = letters
        .iter()
        .map(|letter| {
            let id = tx.id();
            Row {
                id,
                region_id: letter.region,
                kind: letter.kind,
                account_id: letter.account,
                subject_id: letter.subject_id,
                dedup_key: letter.dedup_key.clone(),
                body: letter.body.to_string(),
                state: "waiting",
                attempts: 0,
                next_try_at: tx.now(),
                message_id: format!("{id}@vekha"),
                created_at: tx.now(),
                address: letter.address.clone(),
                link_id: letter.link,
            }
        })
        .collect();
    for block in rows.chunks(1000) {
        each_db!(tx.conn(), c => diesel::insert_into(outbox_mail::table)
            .values(block)
            .on_conflict((outbox_mail::kind, outbox_mail::subject_id, outbox_mail::dedup_key))
            .do_nothing()
            .execute(c))?;
    }
    #[cfg(feature = "planted")]
    if crate::planted!("mail_before_commit") {
        tx.end_early()?;
    }
    Ok(())
}

//! Whoever acts on a record kept by hand, and what is said when somebody else was quicker.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::store;
use crate::audit::{self, Entry, words};
use crate::db::schema::audit_event;
use crate::db::{DbError, Tx};
use crate::error::Error;
use crate::units::UnitId;

/// Who acts: the account, in whose stead, in which region; with the key of the journal.
#[derive(Debug, Clone)]
pub struct By {
    /// The account.
    pub account: i64,
    /// In whose stead.
    pub on_behalf_of: Option<i64>,
    /// The region.
    pub region: UnitId,
    /// Key of the journal.
    pub key: Vec<u8>,
    /// How far the region's clock is ahead of UTC.
    pub zone: TimeDelta,
}

impl By {
    /// Writes rows of the journal in the transaction of their effect, one for each person or one for none.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note(
        &self,
        tx: &mut Tx<'_>,
        action: &'static str,
        object: (&'static str, i64),
        persons: &[i64],
        detail: &str,
    ) -> Result<(), DbError> {
        let entry = |person: Option<i64>| Entry {
            action,
            region: Some(self.region.0),
            account: Some(self.account),
            on_behalf_of: self.on_behalf_of,
            object_kind: object.0,
            object: Some(object.1),
            person,
            detail: detail.to_owned(),
        };
        let entries: Vec<Entry> = match persons {
            [] => vec![entry(None)],
            persons => persons.iter().map(|p| entry(Some(*p))).collect(),
        };
        audit::record(tx, &self.key, &entries)
    }
}

/// The fields that a change gave another value, for the journal: «fields=title,level»; empty when all stayed.
#[must_use]
pub fn fields(differ: &[(&'static str, bool)]) -> String {
    let codes: Vec<&str> = differ.iter().filter(|(_, d)| *d).map(|(code, _)| *code).collect();
    if codes.is_empty() {
        return String::new();
    }
    format!("fields={}", codes.join(","))
}

/// The answer to a form that was made before somebody else changed the object by an act of an area: who, when and what.
///
/// # Errors
/// Those of the database.
pub fn changed(tx: &mut Tx<'_>, by: &By, area: &str, kind: &str, object: i64) -> Result<Error, DbError> {
    let last: Option<(NaiveDateTime, Option<i64>, Option<i64>, String)> = audit_event::table
        .filter(audit_event::object_kind.eq(kind))
        .filter(audit_event::object_id.eq(object))
        .filter(audit_event::action.like(format!("{area}.%")))
        .order(audit_event::id.desc())
        .select((
            audit_event::at,
            audit_event::account_id,
            audit_event::on_behalf_of_id,
            audit_event::action,
        ))
        .first(tx.conn())
        .optional()?;
    let Some((at, Some(account), whose, action)) = last else {
        return Ok(Error::Conflict);
    };
    let name = store::doer(tx.conn(), account, whose)?;
    let at = (at + by.zone).format("%d.%m.%Y в\u{A0}%H:%M");
    let what = words::named(&action);
    Ok(Error::Changed(format!("Запись изменили {at}, {name}: «{what}».")))
}

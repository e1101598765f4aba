//! The address that an account had before somebody else changed it. For a day links that open the account go there: whoever
//! changes an address that is not theirs does not come into the account by it. Where there was none, nobody would read of
//! the change: links go nowhere until the holder, signed in, says the address.

use std::collections::HashSet;

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use super::model::{Account, AccountId};
use crate::db::schema::former_address;
use crate::db::{AnyConn, DbError, Tx};
use crate::{insert_many, planted};

/// How long the address before is used, hours.
pub const HOURS: i64 = 24;

/// No address: what stood before somebody else wrote the first one.
pub const NOWHERE: &str = "";

#[derive(Insertable)]
#[diesel(table_name = former_address)]
struct Row {
    account_id: AccountId,
    address: String,
    changed_at: NaiveDateTime,
}

/// Whether an address of the account may not be replaced at once: somebody has signed in with it, or the data of a person
/// stand behind it, whose link another one would open. An account without an address gets its first one at once.
pub(super) fn has_something_to_lose(of: &Account) -> bool {
    let data = of.person_id.is_some() && of.email.is_some() && !planted!("invited_elsewhere");
    !of.password_hash.is_empty() || data
}

/// Keeps the address that somebody else replaces. Of several changes within the day the first one counts.
pub(super) fn keep(tx: &mut Tx<'_>, of: &Account) -> Result<(), DbError> {
    if !has_something_to_lose(of) || of.email.is_none() && planted!("first_address_opens") {
        return Ok(());
    }
    let address = of.email.clone().unwrap_or_else(|| NOWHERE.to_owned());
    let now = tx.now();
    let address = standing(tx.conn(), of.id, now)?.unwrap_or(address);
    forget(tx, of.id)?;
    let row = Row {
        account_id: of.id,
        address,
        changed_at: now,
    };
    insert_many!(tx.conn(), former_address::table, [row])?;
    Ok(())
}

/// Its holder, or a command on the server, has said where letters go: nothing of before counts.
pub(super) fn forget(tx: &mut Tx<'_>, of: AccountId) -> Result<(), DbError> {
    diesel::delete(former_address::table.filter(former_address::account_id.eq(of))).execute(tx.conn())?;
    Ok(())
}

/// The address that links go to still; [`NOWHERE`] where they go to none.
///
/// # Errors
/// Those of the database.
pub fn standing(conn: &mut AnyConn, of: AccountId, now: NaiveDateTime) -> Result<Option<String>, DbError> {
    let holds = former_address::changed_at.gt(now - Duration::hours(HOURS));
    Ok(former_address::table
        .filter(former_address::account_id.eq(of))
        .filter(holds.or(former_address::address.eq(NOWHERE)))
        .select(former_address::address)
        .first(conn)
        .optional()?)
}

/// Those of these accounts whose address is another's word: they have no mailbox of their own yet.
///
/// # Errors
/// Those of the database.
pub fn unsaid(conn: &mut AnyConn, of: &[AccountId]) -> Result<HashSet<AccountId>, DbError> {
    let mut found = HashSet::new();
    for block in of.chunks(1000) {
        let rows: Vec<AccountId> = former_address::table
            .filter(former_address::account_id.eq_any(block))
            .filter(former_address::address.eq(NOWHERE))
            .select(former_address::account_id)
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Accounts whose links go to this address still.
///
/// # Errors
/// Those of the database.
pub fn accounts(conn: &mut AnyConn, typed: &str, now: NaiveDateTime) -> Result<Vec<AccountId>, DbError> {
    let same = diesel::dsl::sql::<diesel::sql_types::Bool>("lower(former_address.address) = ")
        .bind::<diesel::sql_types::Text, _>(typed);
    Ok(former_address::table
        .filter(same)
        .filter(former_address::address.ne(NOWHERE))
        .filter(former_address::changed_at.gt(now - Duration::hours(HOURS)))
        .order(former_address::account_id)
        .limit(5)
        .select(former_address::account_id)
        .load(conn)?)
}

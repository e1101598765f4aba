//! The address that ends letters of a group: in every letter that can be ended, another one in each. It is made from the
//! key of the installation and the row of the letter; it opens nothing else, and needs no sign-in.

use diesel::prelude::*;

use super::choice;
use crate::audit;
use crate::db::schema::{account, outbox_mail};
use crate::db::{AnyConn, DbError};

/// Whose letters an address ends, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The account.
    pub account: i64,
    /// Its region.
    pub region: Option<i64>,
    /// The group.
    pub code: &'static str,
}

/// The last part of the address: the letter, and a keyed digest of letter, account, group and address.
#[must_use]
pub fn token(key: &[u8], letter: i64, account: i64, code: &str, address: &str) -> String {
    let digest = audit::keyed(
        key,
        format!("unsubscribe {letter} {account} {code} {address}").as_bytes(),
    );
    format!("{letter}-{digest}")
}

/// Where it leads. `base` comes from the configuration, never from a request.
#[must_use]
pub fn address(base: &str, token: &str) -> String {
    format!("{base}/unsubscribe/{token}")
}

/// Reads an address back; `None` for one that was never made, or not for the address that the account has now.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut AnyConn, key: &[u8], given: &str) -> Result<Option<Ending>, DbError> {
    let letter = given.split_once('-').and_then(|(letter, _)| letter.parse::<i64>().ok());
    let Some(letter) = letter else { return Ok(None) };
    type Row = (String, i64, Option<i64>, Option<String>, Option<String>);
    let row: Option<Row> = outbox_mail::table
        .inner_join(account::table.on(account::id.eq(outbox_mail::account_id)))
        .filter(outbox_mail::id.eq(letter))
        .select((
            outbox_mail::kind,
            account::id,
            account::region_id,
            outbox_mail::address,
            account::email,
        ))
        .first(conn)
        .optional()?;
    let found = row.and_then(|(kind, account, region, own, current)| {
        let code = choice::ended_by(&kind)?;
        let wanted = token(key, letter, account, code, &own.or(current)?);
        let fits = audit::digest(wanted.as_bytes()) == audit::digest(given.as_bytes());
        fits.then_some(Ending { account, region, code })
    });
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn an_address_is_of_one_letter_one_account_and_one_group() {
        let own = token(b"key", 1, 7, "dates", "a@b.example");
        assert_eq!(own.len(), 66);
        for other in [
            token(b"another key", 1, 7, "dates", "a@b.example"),
            token(b"key", 2, 7, "dates", "a@b.example"),
            token(b"key", 1, 8, "dates", "a@b.example"),
            token(b"key", 1, 7, "plan", "a@b.example"),
            token(b"key", 1, 7, "dates", "c@b.example"),
        ] {
            assert_ne!(own, other);
        }
    }
}

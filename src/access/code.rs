//! The code of a printed sheet: read and typed by people, used once, kept as a keyed digest.
//!
//! A code is drawn from the server's key, the form that asked for it and the account. So the page of sheets can be made
//! again for a while (a double click, a printer without paper) though no code is kept anywhere: the database alone, which
//! holds the key of the form and the digest, gives none away.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::AccountId;
use crate::audit;
use crate::db::schema::first_code;
use crate::db::{AnyConn, DbError, Tx};
use crate::insert_many;

/// How long a sheet opens the account, hours.
pub const HOURS: i64 = 72;
/// How long the page of sheets can be opened again by whoever asked for them, minutes.
pub const SHOWN_MINUTES: i64 = 15;

/// Digits and letters that are told apart on paper and look alike in Latin and in Cyrillic: whatever layout of the
/// keyboard is on, the right key is the one with the printed letter.
pub const ALPHABET: &[u8; 19] = b"23456789ABCEHKMPTXY";
/// The same letters as a Cyrillic layout types them, each with its Latin twin; and the letter that is taken for a digit.
const TWINS: [(char, char); 12] = [
    ('А', 'A'),
    ('В', 'B'),
    ('С', 'C'),
    ('Е', 'E'),
    ('Н', 'H'),
    ('К', 'K'),
    ('М', 'M'),
    ('Р', 'P'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('У', 'Y'),
    ('З', '3'),
];
/// Signs of a code: 19 to the 16th power is 2 to the 67th.
const LENGTH: usize = 16;
/// Signs of a group.
const GROUP: usize = 4;

/// The code that waits on an account.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = first_code)]
pub struct FirstCode {
    /// The account.
    pub account_id: AccountId,
    /// Keyed digest of the account and the code.
    pub digest: String,
    /// The account that printed the sheet.
    pub issued_by: i64,
    /// When it was printed.
    pub created_at: NaiveDateTime,
    /// From when on it opens nothing.
    pub ends_at: NaiveDateTime,
}

/// The code that a form gives an account, as it is printed: groups of four. `key` is the server's own, `form` the
/// random key of the form, sent once.
#[must_use]
pub fn of_form(key: &[u8], form: &str, of: AccountId) -> String {
    let mut signs = Vec::with_capacity(LENGTH);
    // Bytes from the last whole multiple on would make the first letters likelier.
    let fair = u8::MAX - u8::MAX % 19;
    // One block gives 30 signs; nobody has seen a second one needed.
    for block in 0..8 {
        if signs.len() >= LENGTH {
            break;
        }
        let drawn = audit::keyed_bytes(key, format!("sheet {block} {of} {form}").as_bytes());
        let fitting = drawn.iter().filter(|b| **b < fair);
        signs.extend(fitting.filter_map(|b| ALPHABET.get(usize::from(b % 19)).map(|sign| char::from(*sign))));
    }
    signs.truncate(LENGTH);
    let groups: Vec<String> = signs.chunks(GROUP).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// A typed code without its spaces and dashes, in the letters it was made of; `None` when it can be none.
#[must_use]
pub fn read(typed: &str) -> Option<String> {
    signs(typed, LENGTH)
}

/// So many signs of the alphabet, typed in either layout, without the spaces and dashes between them; `None` when the text
/// holds anything else.
#[must_use]
pub fn signs(typed: &str, length: usize) -> Option<String> {
    let mut code = String::with_capacity(length);
    for sign in typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '—'))
    {
        let upper = sign.to_uppercase().next()?;
        let latin = TWINS
            .iter()
            .find(|(own, _)| *own == upper)
            .map_or(upper, |(_, twin)| *twin);
        if !u8::try_from(latin).is_ok_and(|byte| ALPHABET.contains(&byte)) || code.len() == length {
            return None;
        }
        code.push(latin);
    }
    (code.len() == length).then_some(code)
}

/// What is kept of the code of an account; `None` when the text can be no code.
#[must_use]
pub fn digest(key: &[u8], of: AccountId, typed: &str) -> Option<String> {
    read(typed).map(|code| audit::keyed(key, format!("first code {of} {code}").as_bytes()))
}

/// The code that waits on an account, in time or not.
///
/// # Errors
/// Those of the database.
pub fn of_account(conn: &mut AnyConn, of: AccountId) -> Result<Option<FirstCode>, DbError> {
    Ok(first_code::table
        .filter(first_code::account_id.eq(of.0))
        .select(FirstCode::as_select())
        .first(conn)
        .optional()?)
}

/// The codes that wait on accounts.
///
/// # Errors
/// Those of the database.
pub fn of_accounts(conn: &mut AnyConn, of: &[AccountId]) -> Result<Vec<FirstCode>, DbError> {
    let mut found = Vec::new();
    for block in of.chunks(1000) {
        let ids: Vec<i64> = block.iter().map(|id| id.0).collect();
        let rows: Vec<FirstCode> = first_code::table
            .filter(first_code::account_id.eq_any(ids))
            .select(FirstCode::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Ends the codes that wait on accounts. Whoever changes a password as well does this first, as using a code up does:
/// rows are taken in one order.
///
/// # Errors
/// Those of the database.
pub fn end(tx: &mut Tx<'_>, of: &[AccountId]) -> Result<(), DbError> {
    for block in of.chunks(1000) {
        let ids: Vec<i64> = block.iter().map(|id| id.0).collect();
        diesel::delete(first_code::table.filter(first_code::account_id.eq_any(ids))).execute(tx.conn())?;
    }
    Ok(())
}

/// Puts codes on accounts on which none waits.
///
/// # Errors
/// Those of the database.
pub fn put(tx: &mut Tx<'_>, codes: Vec<FirstCode>) -> Result<(), DbError> {
    insert_many!(tx.conn(), first_code::table, codes)?;
    Ok(())
}

/// Uses a code up. Of many at once exactly one hears that it was there.
///
/// # Errors
/// Those of the database.
pub fn use_up(tx: &mut Tx<'_>, of: AccountId, digest: &str) -> Result<bool, DbError> {
    let now = tx.now();
    let gone = diesel::delete(
        first_code::table
            .filter(first_code::account_id.eq(of.0))
            .filter(first_code::digest.eq(digest))
            .filter(first_code::ends_at.gt(now)),
    )
    .execute(tx.conn())?;
    Ok(gone == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_grouped_and_never_the_same() {
        let key = b"0123456789abcdef0123456789abcdef";
        let codes: std::collections::BTreeSet<String> = (0..100)
            .flat_map(|n| ["one form", "another"].map(|form| of_form(key, form, AccountId(n))))
            .collect();
        assert_eq!(codes.len(), 200);
        assert_ne!(
            of_form(key, "f", AccountId(1)),
            of_form(b"another key", "f", AccountId(1))
        );
        assert_eq!(of_form(key, "f", AccountId(1)), of_form(key, "f", AccountId(1)));
        for code in &codes {
            assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4; 4]);
            assert!(!code.contains(['0', 'O', '1', 'I', 'l']), "{code}");
        }
        let seen: std::collections::BTreeSet<char> = codes.iter().flat_map(|c| c.chars()).collect();
        assert_eq!(seen.len(), ALPHABET.len() + 1, "every sign is drawn");
        let bits = f64::from(u8::try_from(ALPHABET.len()).unwrap()).log2() * 16.0;
        assert!(bits >= 60.0);
    }

    #[test]
    fn a_code_is_read_in_either_layout() {
        let plain = Some("ABCEHKMPTXY23456".to_owned());
        for typed in [
            "ABCE-HKMP-TXY2-3456",
            "abce hkmp txy2 3456",
            "АВСЕ—НКМР ТХУ2 3456",
            "авсенкмртху23456",
            "авсенкмртху2з456",
        ] {
            assert_eq!(read(typed), plain, "{typed}");
        }
        for other in [
            "",
            "ABCE-HKMP-TXY2-345",
            "ABCE-HKMP-TXY2-34567",
            "ABCE-HKMP-TXY2-3450",
            "хороший пароль",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        let key = b"0123456789abcdef0123456789abcdef";
        let of = |account| digest(key, AccountId(account), "ABCE-HKMP-TXY2-3456");
        assert_ne!(of(1), of(2), "a code is of one account");
        assert_eq!(of(1), digest(key, AccountId(1), "авсенкмртху23456"));
    }
}

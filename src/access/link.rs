//! One-time links: an invitation, a new password, another address of mail. A link is of one account and one address; it
//! opens nothing by itself, it lets its holder choose a password or confirm the address.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use super::model::{Account, AccountId, AccountState};
use super::{code, first, former, secret};
use crate::audit;
use crate::config::Keys;
use crate::db::dialect::{self, lock_space};
use crate::db::schema::{account, one_time_link, outbox_mail};
use crate::db::{AnyConn, DbError, Tx};
use crate::mail::feed::{self, Owner};
use crate::mail::{self, Letter, link};
use crate::planted;
use crate::{insert_many, text_enum};

text_enum! {
    /// What a link is for.
    LinkKind {
        Invitation = "invitation" "приглашение",
        Reset = "reset" "новый пароль",
        Address = "address" "адрес почты",
    }
}

impl LinkKind {
    /// How long it stands.
    #[must_use]
    pub fn lasts(self) -> Duration {
        match self {
            Self::Invitation => Duration::hours(72),
            Self::Reset | Self::Address => Duration::minutes(30),
        }
    }

    fn letter(self) -> &'static str {
        match self {
            Self::Invitation => "access_invitation",
            Self::Reset => "access_reset",
            Self::Address => "access_address",
        }
    }
}

/// A link that stands.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = one_time_link, treat_none_as_default_value = false)]
pub struct Link {
    /// Id.
    pub id: i64,
    /// Whose it is.
    pub account_id: AccountId,
    /// What it is for.
    pub kind: LinkKind,
    /// Where it was sent.
    pub address: String,
    /// Digest of its secret part.
    pub digest: String,
    /// Who asked for it, when that was not the holder.
    pub issued_by: Option<i64>,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// From when on it opens nothing.
    pub ends_at: NaiveDateTime,
}

/// Makes a link and queues its letter; an earlier link of the kind ends.
///
/// # Errors
/// Those of the database.
pub fn issue(
    tx: &mut Tx<'_>,
    keys: &Keys,
    of: &Account,
    kind: LinkKind,
    address: &str,
    by: Option<i64>,
) -> Result<(), DbError> {
    dialect::lock(tx.conn(), lock_space::ACCOUNTS, [of.id.0])?;
    let (now, id) = (tx.now(), tx.id());
    diesel::delete(
        one_time_link::table
            .filter(one_time_link::account_id.eq(of.id.0))
            .filter(one_time_link::kind.eq(kind).or(one_time_link::ends_at.le(now))),
    )
    .execute(tx.conn())?;
    let token = link::token(&keys.session, id, kind.code(), of.id.0, address);
    let row = Link {
        id,
        account_id: of.id,
        kind,
        address: address.to_owned(),
        digest: audit::digest(token.as_bytes()),
        issued_by: by,
        created_at: now,
        ends_at: now + kind.lasts(),
    };
    insert_many!(tx.conn(), one_time_link::table, [row])?;
    let mut letter = notice(of, kind.letter(), id);
    letter.address = Some(address.to_owned());
    letter.link = Some(id);
    mail::queue(tx, &[letter])?;
    record(tx, keys, of, "access.link", by, format!("kind={kind}"))
}

/// A letter about a change of the account; to the address that it has at sending, unless one is put in. It names the
/// login: one mailbox may belong to several accounts.
pub(super) fn notice(of: &Account, kind: &'static str, dedup: i64) -> Letter {
    Letter {
        kind,
        region: of.region_id.map(|r| r.0),
        account: of.id.0,
        subject_id: of.id.0,
        dedup_key: dedup.to_string(),
        body: serde_json::json!({ "login": of.login }),
        address: None,
        link: None,
    }
}

fn record(
    tx: &mut Tx<'_>,
    keys: &Keys,
    of: &Account,
    action: &'static str,
    by: Option<i64>,
    detail: String,
) -> Result<(), DbError> {
    let mut entry = audit::Entry::of_server(action, "account", Some(of.id.0));
    entry.account = by;
    entry.region = of.region_id.map(|r| r.0);
    entry.person = of.person_id.map(|p| p.0);
    entry.detail = detail;
    audit::record(tx, &keys.audit, &[entry])
}

/// Whether a link of a kind was made for the account less than so many minutes ago.
///
/// # Errors
/// Those of the database.
pub fn is_fresh(conn: &mut AnyConn, of: AccountId, kind: LinkKind, since: NaiveDateTime) -> Result<bool, DbError> {
    let found: Option<i64> = one_time_link::table
        .filter(one_time_link::account_id.eq(of.0))
        .filter(one_time_link::kind.eq(kind))
        .filter(one_time_link::created_at.gt(since))
        .select(one_time_link::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// How many invitations were written to an account since a moment, whatever became of their links.
///
/// # Errors
/// Those of the database.
pub fn invited(conn: &mut AnyConn, of: AccountId, since: NaiveDateTime) -> Result<i64, DbError> {
    Ok(outbox_mail::table
        .filter(outbox_mail::account_id.eq(of.0))
        .filter(outbox_mail::kind.eq(LinkKind::Invitation.letter()))
        .filter(outbox_mail::created_at.gt(since))
        .count()
        .get_result(conn)?)
}

/// The link of a secret part with its account, while it stands and the account may act.
///
/// # Errors
/// Those of the database.
pub fn standing(conn: &mut AnyConn, token: &str, now: NaiveDateTime) -> Result<Option<(Link, Account)>, DbError> {
    Ok(one_time_link::table
        .inner_join(account::table.on(account::id.eq(one_time_link::account_id)))
        .filter(one_time_link::digest.eq(audit::digest(token.as_bytes())))
        .filter(one_time_link::ends_at.gt(now))
        .filter(account::state.eq(AccountState::Active))
        .select((Link::as_select(), Account::as_select()))
        .first(conn)
        .optional()?)
}

/// Uses a link up; of many at once exactly one hears that it was there.
fn use_up(tx: &mut Tx<'_>, of: &Link) -> Result<bool, DbError> {
    let now = tx.now();
    let gone = diesel::delete(
        one_time_link::table
            .filter(one_time_link::id.eq(of.id))
            .filter(one_time_link::ends_at.gt(now)),
    )
    .execute(tx.conn())?;
    Ok(gone == 1 || planted!("link_taken_twice"))
}

/// Ends every link of an account: what they rest on has changed.
///
/// # Errors
/// Those of the database.
pub fn end_all(tx: &mut Tx<'_>, of: AccountId) -> Result<(), DbError> {
    diesel::delete(one_time_link::table.filter(one_time_link::account_id.eq(of.0))).execute(tx.conn())?;
    Ok(())
}

/// Sets the password that the holder of a link chose: the address is confirmed by that, a waiting sheet, other links and
/// all sessions end, failures are forgotten, and the holder is told. `false`: the link is gone.
///
/// # Errors
/// Those of the database.
pub fn set_password(tx: &mut Tx<'_>, keys: &Keys, of: &Link, whose: &Account, hash: &str) -> Result<bool, DbError> {
    if !use_up(tx, of)? {
        return Ok(false);
    }
    code::end(tx, &[whose.id])?;
    end_all(tx, whose.id)?;
    first::set_password(tx, &[whose.id], hash)?;
    secret::passed(tx, &secret::key_of(&keys.session, &whose.login))?;
    let now = tx.now();
    diesel::update(
        account::table
            .filter(account::id.eq(whose.id.0))
            .filter(account::email.eq(&of.address)),
    )
    .set(account::email_verified_at.eq(Some(now)))
    .execute(tx.conn())?;
    // Whoever takes an account back takes back what was given out of it too.
    if !planted!("feed_outlives_reset") {
        let owner = Owner {
            account: whose.id.0,
            region: whose.region_id.map(|r| r.0),
        };
        feed::revoke(tx, &keys.audit, owner)?;
    }
    mail::queue(tx, &[notice(whose, "access_password_changed", of.id)])?;
    record(
        tx,
        keys,
        whose,
        "access.link_password",
        Some(whose.id.0),
        format!("kind={}", of.kind),
    )?;
    Ok(true)
}

/// Puts the address that was confirmed in place of the one before, which is told. `false`: the link is gone.
///
/// # Errors
/// Those of the database.
pub fn confirm_address(tx: &mut Tx<'_>, keys: &Keys, of: &Link, whose: &Account) -> Result<bool, DbError> {
    if !use_up(tx, of)? {
        return Ok(false);
    }
    // Links that were sent to the address before open nothing from here on.
    if !planted!("old_links_outlive") {
        end_all(tx, whose.id)?;
    }
    let now = tx.now();
    diesel::update(account::table.filter(account::id.eq(whose.id.0)))
        .set((
            account::email.eq(Some(&of.address)),
            account::email_verified_at.eq(Some(now)),
            account::version.eq(account::version + 1),
        ))
        .execute(tx.conn())?;
    first::end_sessions(tx, &[whose.id])?;
    former::forget(tx, whose.id)?;
    if let Some(before) = &whose.email {
        let mut letter = notice(whose, "access_address_changed", of.id);
        letter.address = Some(before.clone());
        mail::queue(tx, &[letter])?;
    }
    record(tx, keys, whose, "access.address", Some(whose.id.0), String::new())?;
    Ok(true)
}

//! One letter at a time: taken under a lease that belongs to the taker, marked by the taker alone.
//!
//! A process that dies leaves its letter to the end of the lease; one that was too slow finds the claim of another and
//! leaves the letter alone. The mark of a letter and the claim of the next are one write.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use super::link::LinkOf;
use super::outage;
use crate::db::schema::{account, one_time_link, outbox_mail as mail};
use crate::db::{AnyConn, DbError, Tx};
use crate::first_unlocked;
use crate::planted;

/// How long a claim holds, minutes: far longer than a letter may take.
pub const LEASE_MINUTES: i64 = 5;

/// How often a letter is tried before a person has to look at it: 2, 4, 8 … minutes, a day at most, some three days.
const ATTEMPTS: i32 = 12;

/// The same when the server refuses the letter itself for good: it may be a passing rule of the server's.
const REFUSALS: i32 = 3;

/// Letters to nobody that are put aside in one write.
const ASIDE: usize = 100;

/// A letter on its way, with the address that stood beside it when it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Id of the letter.
    pub id: i64,
    /// Stays the same at every attempt, so that a receiver can drop a repeat.
    pub message_id: String,
    /// The folder of its texts.
    pub kind: String,
    /// Values for the texts.
    pub values: String,
    /// When it was queued.
    pub written_at: NaiveDateTime,
    /// Attempts before this one.
    pub attempts: i32,
    /// Whose it is while the lease holds.
    pub claim: Option<i64>,
    /// Where it goes.
    pub address: Option<String>,
    /// To whom.
    pub account: i64,
    /// The one-time link in it; `Some(None)` is one that opens nothing any more.
    pub link: Option<Option<LinkOf>>,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Sent,
    /// It will never go: the address or the letter is wrong.
    Dead(String),
    /// The server refuses the letter for good; tried a few times more.
    Refused(String),
    /// Not now.
    Later(String),
    /// The server cannot be worked with: nothing is said about the letter.
    Outage(String),
}

/// What an outcome made of the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It went.
    Sent,
    /// It waits.
    Waiting,
    /// It is for a person to look at.
    Dead,
    /// Another process has taken it meanwhile; its mark counts.
    NotOurs,
}

/// Whether anything is due: asked without writing.
///
/// # Errors
/// Those of the database.
pub fn is_due(conn: &mut AnyConn, now: NaiveDateTime) -> Result<bool, DbError> {
    let found: Option<i64> = mail::table
        .filter(mail::state.eq("waiting"))
        .filter(mail::next_try_at.le(now))
        .filter(
            mail::leased_until
                .is_null()
                .or(mail::leased_until.lt(now).assume_not_null()),
        )
        .select(mail::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// What taking found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// A letter.
    Letter(Box<Claimed>),
    /// Nothing is due.
    Nothing,
    /// Only letters to nobody so far; there may be more.
    More,
}

/// Takes the next letter that is due. Letters to accounts that have no address or may not act are put aside on the way;
/// returns how many.
///
/// # Errors
/// Those of the database.
pub fn take(tx: &mut Tx<'_>) -> Result<(Taken, usize), DbError> {
    for aside in 0..ASIDE {
        let now = tx.now();
        let found: QueryResult<i64> = first_unlocked!(
            tx.conn(),
            mail::table
                .filter(mail::state.eq("waiting"))
                .filter(mail::next_try_at.le(now))
                .filter(
                    mail::leased_until
                        .is_null()
                        .or(mail::leased_until.lt(now).assume_not_null())
                )
                .order((mail::next_try_at, mail::id))
                .select(mail::id)
        );
        let Some(id) = found.optional()? else {
            return Ok((Taken::Nothing, aside));
        };
        let claim = tx.id();
        diesel::update(mail::table.filter(mail::id.eq(id)))
            .set((
                mail::claim.eq(Some(claim)),
                mail::leased_until.eq(Some(now + Duration::minutes(LEASE_MINUTES))),
            ))
            .execute(tx.conn())?;
        let letter = load(tx, id)?;
        if letter.address.is_some() {
            return Ok((Taken::Letter(Box::new(letter)), aside));
        }
        diesel::update(mail::table.filter(mail::id.eq(id)))
            .set((
                mail::state.eq("no_address"),
                mail::claim.eq(None::<i64>),
                mail::leased_until.eq(None::<NaiveDateTime>),
            ))
            .execute(tx.conn())?;
    }
    Ok((Taken::More, ASIDE))
}

type Text = (i64, String, String, String, NaiveDateTime, i32, Option<i64>);
type To = (i64, Option<String>, Option<i64>, Option<i64>, Option<String>);
type Link = Option<(i64, String, NaiveDateTime)>;

/// Letter, address and link in one row: what changes meanwhile is never joined to another's letter.
fn load(tx: &mut Tx<'_>, id: i64) -> Result<Claimed, DbError> {
    let (text, to, link): (Text, To, Link) = mail::table
        .left_join(account::table.on(account::id.eq(mail::account_id).and(account::state.eq("active"))))
        .left_join(
            one_time_link::table.on(one_time_link::id
                .nullable()
                .eq(mail::link_id)
                .and(one_time_link::account_id.eq(mail::account_id))
                .and(one_time_link::address.nullable().eq(mail::address))),
        )
        .filter(mail::id.eq(id))
        .select((
            (
                mail::id,
                mail::message_id,
                mail::kind,
                mail::body,
                mail::created_at,
                mail::attempts,
                mail::claim,
            ),
            (
                mail::account_id,
                mail::address,
                mail::link_id,
                account::id.nullable(),
                account::email.nullable(),
            ),
            (one_time_link::id, one_time_link::kind, one_time_link::ends_at).nullable(),
        ))
        .first(tx.conn())?;
    let (id, message_id, kind, values, written_at, attempts, claim) = text;
    let (account, own, link_id, active, current) = to;
    let now = tx.now();
    let own = own.filter(|_| !planted!("link_to_the_new_address"));
    let found = link
        .filter(|(.., ends_at)| now < *ends_at)
        .map(|(id, kind, _)| LinkOf { id, kind });
    Ok(Claimed {
        id,
        message_id,
        kind,
        values,
        written_at,
        attempts,
        claim,
        address: active.and(own.or(current)),
        account,
        link: link_id.map(|_| found),
    })
}

/// Marks what came of a letter, if it is still the taker's.
///
/// # Errors
/// Those of the database.
pub fn settle(tx: &mut Tx<'_>, letter: &Claimed, outcome: &Outcome) -> Result<Settled, DbError> {
    let now = tx.now();
    let ours = mail::table
        .filter(mail::id.eq(letter.id))
        .filter(mail::state.eq("waiting"))
        .filter(mail::claim.eq(letter.claim));
    let free = (
        mail::claim.eq(None::<i64>),
        mail::leased_until.eq(None::<NaiveDateTime>),
    );
    if let Outcome::Outage(why) = outcome {
        // It waits as it waited; the server as a whole is waited for.
        let changed = diesel::update(ours).set(free).execute(tx.conn())?;
        outage::note(tx, why)?;
        return Ok(of(changed, Settled::Waiting));
    }
    let attempts = letter.attempts + 1;
    let (settled, next, error) = match outcome {
        Outcome::Sent | Outcome::Outage(_) => (Settled::Sent, now, None),
        Outcome::Dead(why) => (Settled::Dead, now, Some(why)),
        Outcome::Refused(why) if attempts >= REFUSALS => (Settled::Dead, now, Some(why)),
        Outcome::Later(why) if attempts >= ATTEMPTS => (Settled::Dead, now, Some(why)),
        Outcome::Refused(why) | Outcome::Later(why) => (Settled::Waiting, now + wait_after(attempts), Some(why)),
    };
    let state = match settled {
        Settled::Sent => "sent",
        Settled::Dead => "dead",
        Settled::Waiting | Settled::NotOurs => "waiting",
    };
    let changed = diesel::update(ours)
        .set((
            mail::state.eq(state),
            mail::attempts.eq(attempts),
            mail::next_try_at.eq(next),
            mail::last_error.eq(error),
            mail::sent_at.eq((settled == Settled::Sent).then_some(now)),
            free,
        ))
        .execute(tx.conn())?;
    if settled == Settled::Sent {
        outage::end(tx)?;
    }
    Ok(of(changed, settled))
}

fn of(changed: usize, settled: Settled) -> Settled {
    if changed == 0 { Settled::NotOurs } else { settled }
}

/// 2, 4, 8 … minutes, a day at most.
fn wait_after(attempts: i32) -> Duration {
    Duration::minutes(1_i64 << attempts.clamp(1, 11)).min(Duration::hours(24))
}

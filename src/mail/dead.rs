//! Letters that did not go: what a person looks at, and sends again. Of a letter it shows its kind, its times and the
//! error; neither its receiver nor its words.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::audit::{self, Entry};
use crate::db::schema::{account, outbox_mail as mail};
use crate::db::{AnyConn, DbError, Tx};

/// A letter that did not go.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = mail)]
pub struct Dead {
    /// Id.
    pub id: i64,
    /// Its kind.
    pub kind: String,
    /// When it was queued.
    pub created_at: NaiveDateTime,
    /// When it was given up.
    #[diesel(column_name = next_try_at)]
    pub at: NaiveDateTime,
    /// How often it was tried.
    pub attempts: i32,
    /// Why it did not go, without addresses.
    #[diesel(column_name = last_error)]
    pub error: Option<String>,
}

/// Letters by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// They wait.
    pub waiting: i64,
    /// They went.
    pub sent: i64,
    /// They did not go.
    pub dead: i64,
    /// Their receivers have no address.
    pub no_address: i64,
}

/// How many letters stand in each state; of one region, or of all.
///
/// # Errors
/// Those of the database.
pub fn counts(conn: &mut AnyConn, region: Option<i64>) -> Result<Counts, DbError> {
    let mut query = mail::table
        .group_by(mail::state)
        .select((mail::state, diesel::dsl::count_star()))
        .into_boxed();
    if let Some(region) = region {
        query = query.filter(mail::region_id.eq(region));
    }
    let rows: Vec<(String, i64)> = query.load(conn)?;
    let of = |state: &str| rows.iter().find(|(s, _)| s == state).map_or(0, |(_, n)| *n);
    Ok(Counts {
        waiting: of("waiting"),
        sent: of("sent"),
        dead: of("dead"),
        no_address: of("no_address"),
    })
}

/// Letters that did not go, the latest first; of one region, or of all.
///
/// # Errors
/// Those of the database.
pub fn page(conn: &mut AnyConn, region: Option<i64>, offset: i64, limit: i64) -> Result<Vec<Dead>, DbError> {
    let mut query = mail::table
        .filter(mail::state.eq("dead"))
        .order((mail::next_try_at.desc(), mail::id.desc()))
        .offset(offset)
        .limit(limit)
        .select(Dead::as_select())
        .into_boxed();
    if let Some(region) = region {
        query = query.filter(mail::region_id.eq(region));
    }
    Ok(query.load(conn)?)
}

/// The same with logins of receivers, for the server's own command.
///
/// # Errors
/// Those of the database.
pub fn with_logins(conn: &mut AnyConn, state: &str) -> Result<Vec<(Dead, Option<String>)>, DbError> {
    Ok(mail::table
        .left_join(account::table.on(account::id.eq(mail::account_id)))
        .filter(mail::state.eq(state))
        .order(mail::id)
        .select((Dead::as_select(), account::login.nullable()))
        .load(conn)?)
}

/// Which letters are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// One; it may also be one whose receiver had no address.
    One(i64),
    /// Every letter that did not go.
    All,
}

/// Lets letters wait for another round of attempts, under the same Message-ID. `None` when the one that is named is not
/// within reach; a letter that waits or went already is left alone.
///
/// # Errors
/// Those of the database.
pub fn again(
    tx: &mut Tx<'_>,
    key: &[u8],
    region: Option<i64>,
    which: Which,
    by: Option<i64>,
) -> Result<Option<usize>, DbError> {
    let now = tx.now();
    if let Which::One(id) = which {
        let found: Option<Option<i64>> = mail::table
            .filter(mail::id.eq(id))
            .select(mail::region_id)
            .first(tx.conn())
            .optional()?;
        if !found.is_some_and(|of| region.is_none() || of == region) {
            return Ok(None);
        }
    }
    let states: &[&str] = match which {
        Which::One(_) => &["dead", "no_address"],
        Which::All => &["dead"],
    };
    let mut update = diesel::update(mail::table.filter(mail::state.eq_any(states)))
        .set((
            mail::state.eq("waiting"),
            mail::attempts.eq(0),
            mail::next_try_at.eq(now),
        ))
        .into_boxed();
    if let Which::One(id) = which {
        update = update.filter(mail::id.eq(id));
    }
    if let Some(region) = region {
        update = update.filter(mail::region_id.eq(region));
    }
    let changed = update.execute(tx.conn())?;
    let mut entry = Entry::of_server("mail.again", "outbox_mail", None);
    if let Which::One(id) = which {
        entry.object = Some(id);
    }
    (entry.region, entry.account) = (region, by);
    entry.detail = format!("letters={changed}");
    if changed > 0 {
        audit::record(tx, key, &[entry])?;
    }
    Ok(Some(changed))
}

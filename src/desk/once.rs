//! An act that is done once however often its form is sent: the first answer is kept under the key of the form, with a
//! digest of what the form said. The same key over another content is a second input, which must not be lost.

use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::audit;
use crate::db::schema::request_key;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::web::Call;
use crate::{insert_many, planted};

/// Fields of a form that say nothing of its content: the key, the version that was seen, a box that confirms.
const BESIDE: [&str; 3] = ["key", "seen", "sure"];

#[derive(Insertable)]
#[diesel(table_name = request_key)]
struct Row<'a> {
    key: String,
    account_id: i64,
    body_digest: &'a str,
    answer: String,
    created_at: chrono::NaiveDateTime,
}

/// Whether a text can be the key of a form: as [`crate::web::token::random_name`] makes them.
fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The name under which the answer to a form is kept: each account has keys of its own.
fn name_of(key: &str, account: i64) -> String {
    audit::digest(format!("{account} {key}").as_bytes())
}

/// What was answered to an account under a key.
///
/// # Errors
/// Those of the database.
fn answer(conn: &mut AnyConn, key: &str, account: i64) -> Result<Option<String>, DbError> {
    Ok(said(conn, key, account)?.map(|(_, answer)| answer))
}

/// What was answered to an account under a key, after the digest of what it had sent.
fn said(conn: &mut AnyConn, key: &str, account: i64) -> Result<Option<(String, String)>, DbError> {
    if planted!("key_forgotten") {
        return Ok(None);
    }
    Ok(request_key::table
        .filter(request_key::key.eq(name_of(key, account)))
        .filter(request_key::account_id.eq(account))
        .select((request_key::body_digest, request_key::answer))
        .first(conn)
        .optional()?)
}

/// Whether an act was refused because its form had been saved before with another content.
#[must_use]
pub fn is_other(why: &Refusal) -> bool {
    why.code == "desk.saved"
}

/// Digest of what a form says and where it is sent: the same words at another address are about something else.
fn digest_of(call: &Call, beside: &[&str]) -> Result<String, Error> {
    let content = call.form.0.iter().filter(|(name, _)| !beside.contains(&name.as_str()));
    let address = if planted!("key_of_any_address") {
        ""
    } else {
        &*call.path
    };
    let content = (address, content.collect::<Vec<_>>());
    let content = serde_json::to_string(&content).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(audit::digest(content.as_bytes()))
}

/// A form that is done once.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// The key.
    pub key: String,
    account: i64,
    digest: String,
}

impl Keyed {
    /// The form of a call; `None` where it carries no key.
    ///
    /// # Errors
    /// Nobody is signed in.
    pub fn of(call: &Call) -> Result<Option<Self>, Error> {
        let Some(key) = call.form.get("key").filter(|key| is_key(key)) else {
            return Ok(None);
        };
        Ok(Some(Self {
            key: key.to_owned(),
            account: call.visitor()?.account,
            digest: digest_of(call, &BESIDE)?,
        }))
    }

    /// The form of a call that changes what stands at a version: with the same version the same words are the same act,
    /// so they are its key; `None` where the form names none.
    ///
    /// # Errors
    /// Nobody is signed in.
    fn of_version(call: &Call) -> Result<Option<Self>, Error> {
        if call.form.get("seen").is_none_or(str::is_empty) {
            return Ok(None);
        }
        let digest = digest_of(call, &[])?;
        Ok(Some(Self {
            key: digest.clone(),
            account: call.visitor()?.account,
            digest,
        }))
    }

    /// What the same form was answered before; `None` for one that comes for the first time.
    ///
    /// # Errors
    /// Another content was saved under the key; those of the database.
    pub fn before(&self, conn: &mut AnyConn) -> Result<Option<String>, Error> {
        match said(conn, &self.key, self.account)? {
            None => Ok(None),
            Some((digest, answer)) if digest == self.digest => Ok(Some(answer)),
            Some(_) => Err(Refusal::new("desk.saved").into()),
        }
    }

    /// Keeps the answer in the transaction of the act; two forms with one key at once: the second is refused as a whole.
    ///
    /// # Errors
    /// The key is taken; those of the database.
    pub fn keep(&self, tx: &mut Tx<'_>, answer: String) -> Result<(), DbError> {
        let row = Row {
            key: name_of(&self.key, self.account),
            account_id: self.account,
            body_digest: &self.digest,
            answer,
            created_at: tx.now(),
        };
        insert_many!(tx.conn(), request_key::table, [row])?;
        Ok(())
    }

    /// Keeps the answer in the place of one that is there already: a version that was taken back with its file comes again.
    fn keep_anew(&self, tx: &mut Tx<'_>, answer: String) -> Result<(), DbError> {
        let before = request_key::table.filter(request_key::key.eq(name_of(&self.key, self.account)));
        diesel::delete(before).execute(tx.conn())?;
        self.keep(tx, answer)
    }
}

/// Does an act on many things once and keeps what came of it under the key of its form, which is returned: a page of its
/// own shows it. Ids only may be kept, no names of people.
///
/// # Errors
/// The form carries no key; another content was saved under it; those of the act and of the database.
pub async fn many<O: Serialize>(
    call: &Call,
    act: impl Fn(&mut Tx<'_>) -> Result<O, Error> + Clone + Send + 'static,
) -> Result<String, Error> {
    let form = Keyed::of(call)?.ok_or_else(Error::form_changed)?;
    let key = form.key.clone();
    let write = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        if form.before(tx.conn())?.is_none() {
            let outcome = serde_json::to_string(&act(tx)?).map_err(|e| Error::Internal(e.to_string()))?;
            form.keep(tx, outcome)?;
        }
        Ok(())
    };
    match call.app().db.write(write.clone()).await {
        // The same form came twice at once: the first has been answered by now.
        Err(Error::Conflict) => call.app().db.write(write).await?,
        done => done?,
    }
    Ok(key)
}

/// What came of an act on many things, by the key of its form.
///
/// # Errors
/// The account has sent no such form; those of the database.
pub fn outcome<O: DeserializeOwned>(conn: &mut AnyConn, key: &str, account: i64) -> Result<O, Error> {
    let missing = || Error::NotFound("ответ".into());
    let said = answer(conn, key, account)?.ok_or_else(missing)?;
    serde_json::from_str(&said).map_err(|_| missing())
}

/// Does the act of a form once and keeps its answer; a form without a key does it each time.
///
/// # Errors
/// Another content was saved under the key; those of the act and of the database.
pub async fn once(
    call: &Call,
    act: impl FnOnce(&mut Tx<'_>) -> Result<String, Error> + Send + 'static,
) -> Result<String, Error> {
    let Some(form) = Keyed::of(call)? else {
        return call.app().db.write(act).await;
    };
    let own = form.clone();
    let write = move |tx: &mut Tx<'_>| -> Result<String, Error> {
        if let Some(before) = own.before(tx.conn())? {
            return Ok(before);
        }
        let answer = act(tx)?;
        own.keep(tx, answer.clone())?;
        Ok(answer)
    };
    answered_before(call, form, call.app().db.write(write).await).await
}

/// Does the act of a form on what stands at a version. The act itself refuses an older version; where it does, and the same
/// form with the same version was done before, its sender gets the first answer, not the news that somebody, who is
/// oneself, was quicker.
///
/// # Errors
/// Those of the act and of the database.
pub async fn once_by_version(
    call: &Call,
    act: impl FnOnce(&mut Tx<'_>) -> Result<String, Error> + Send + 'static,
) -> Result<String, Error> {
    let Some(form) = Keyed::of_version(call)? else {
        return call.app().db.write(act).await;
    };
    let own = form.clone();
    let write = move |tx: &mut Tx<'_>| -> Result<String, Error> {
        let answer = act(tx)?;
        own.keep_anew(tx, answer.clone())?;
        Ok(answer)
    };
    answered_before(call, form, call.app().db.write(write).await).await
}

/// What a form is answered where its act was refused: the same form may have come twice at once, and the first one has been
/// answered by now. What it took away is not found any more.
async fn answered_before(call: &Call, form: Keyed, done: Result<String, Error>) -> Result<String, Error> {
    use Error::{Changed, Conflict, NotFound, Refused};
    if !matches!(done, Err(Conflict | Changed(_) | NotFound(_) | Refused(_))) {
        return done;
    }
    match call.app().db.read(move |c| form.before(c)).await? {
        Some(before) => Ok(before),
        None => done,
    }
}

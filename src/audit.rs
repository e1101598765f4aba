//! The journal of acts: a row in the transaction of its effect, numbered and chained afterwards, its head signed.
//!
//! A row carries a keyed digest of its own content, so a changed row is found though the chain were rebuilt. One sealer
//! (an advisory lock) gives gapless numbers and chains the digests; the signed head is kept in the database and in a
//! file beside the keys, so that a cut tail is found too. No names and no СНИЛС inside, only ids. What was only read may
//! come by way of [`reads`], so that reading waits for no writer.

pub mod reads;
pub mod sealer;
pub mod words;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::db::schema::{audit_event, audit_seal};
use crate::db::{AnyConn, Db, DbError, Tx, dialect};
use crate::insert_many;
use crate::planted;
use reads::{Reads, Waiting};

/// What is written of one act. The key of the digests comes from `App`.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The act, `area.verb`.
    pub action: &'static str,
    /// The region, where there is one.
    pub region: Option<i64>,
    /// Who acted; `None` is a command on the server.
    pub account: Option<i64>,
    /// For whom, when acting in someone's stead.
    pub on_behalf_of: Option<i64>,
    /// Kind of the object: a table of the domain.
    pub object_kind: &'static str,
    /// The object.
    pub object: Option<i64>,
    /// Whose data they are.
    pub person: Option<i64>,
    /// Ids, codes and counts; never a name, a number of a document or a score.
    pub detail: String,
}

impl Entry {
    /// An entry of the server's own command.
    #[must_use]
    pub fn of_server(action: &'static str, object_kind: &'static str, object: Option<i64>) -> Self {
        Self {
            action,
            region: None,
            account: None,
            on_behalf_of: None,
            object_kind,
            object,
            person: None,
            detail: String::new(),
        }
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_event, treat_none_as_default_value = false)]
struct Row {
    id: i64,
    region_id: Option<i64>,
    at: NaiveDateTime,
    account_id: Option<i64>,
    on_behalf_of_id: Option<i64>,
    action: String,
    object_kind: String,
    object_id: Option<i64>,
    person_id: Option<i64>,
    detail: String,
    digest: String,
}

impl Row {
    /// The row of an entry, with its digest.
    fn of(entry: &Entry, id: i64, at: NaiveDateTime, key: &[u8]) -> Self {
        let mut row = Self {
            id,
            region_id: entry.region,
            at,
            account_id: entry.account,
            on_behalf_of_id: entry.on_behalf_of,
            action: entry.action.to_owned(),
            object_kind: entry.object_kind.to_owned(),
            object_id: entry.object,
            person_id: entry.person,
            detail: entry.detail.clone(),
            digest: String::new(),
        };
        row.digest = row.digest(key);
        row
    }

    fn digest(&self, key: &[u8]) -> String {
        let part = |id: Option<i64>| id.map_or_else(String::new, |id| id.to_string());
        let text = [
            self.id.to_string(),
            part(self.region_id),
            self.at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string(),
            part(self.account_id),
            part(self.on_behalf_of_id),
            self.action.clone(),
            self.object_kind.clone(),
            part(self.object_id),
            part(self.person_id),
            self.detail.clone(),
        ]
        .join("\u{1f}");
        keyed(key, text.as_bytes())
    }
}

/// Keyed digest (HMAC-SHA-256), in hexadecimal.
#[must_use]
pub fn keyed(key: &[u8], bytes: &[u8]) -> String {
    hex(&keyed_bytes(key, bytes))
}

/// Keyed digest (HMAC-SHA-256) as bytes.
#[must_use]
pub fn keyed_bytes(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length; the error type exists for other algorithms.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _infallible = write!(out, "{byte:02x}");
            out
        })
}

/// SHA-256 of bytes, in hexadecimal: the digest of a file or a frozen text.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Writes entries inside the transaction of their effect.
///
/// # Errors
/// Those of the database; the act then fails too.
pub fn record(tx: &mut Tx<'_>, key: &[u8], entries: &[Entry]) -> Result<(), DbError> {
    let now = tx.now();
    let rows: Vec<Row> = entries.iter().map(|e| Row::of(e, tx.id(), now, key)).collect();
    #[cfg(feature = "planted")]
    if crate::planted!("audit_outside") {
        tx.end_early()?;
    }
    insert_many!(tx.conn(), audit_event::table, rows)?;
    Ok(())
}

/// Writes down what was read: into the journal, or beside it where the one writer is not free soon. Nothing is shown of
/// what was read before it returns.
///
/// # Errors
/// Those of the database and of the log of reads.
pub async fn note(db: &Db, reads: &Reads, key: &[u8], entries: Vec<Entry>) -> Result<(), DbError> {
    let of_rows = key.to_vec();
    let left = db
        .write_soon(entries, move |tx, entries| record(tx, &of_rows, entries))
        .await?;
    match left {
        Ok(()) => Ok(()),
        Err(entries) => note_aside(db, reads, key, &entries).await,
    }
}

/// Writes down beside the journal what cannot wait for the writer.
///
/// # Errors
/// Those of the log of reads.
pub async fn note_aside(db: &Db, reads: &Reads, key: &[u8], entries: &[Entry]) -> Result<(), DbError> {
    if planted!("look_lost") {
        return Ok(());
    }
    let now = db.now();
    let rows: Vec<Row> = entries.iter().map(|e| Row::of(e, db.id(now), now, key)).collect();
    let reads = reads.clone();
    crate::db::blocking(move || reads.keep(rows)).await
}

/// What came of sealing.
#[derive(Debug)]
pub struct Sealed {
    /// The head of the chain.
    pub head: Head,
    /// What of the reads beside the journal does not read and is therefore not in it, a line of Russian text each.
    pub trouble: Vec<String>,
}

/// Brings the reads that stand beside the journal into it, then numbers and chains as [`seal`] does.
///
/// # Errors
/// Those of the database and of the log of reads.
pub async fn seal_all(
    db: &Db,
    reads: &Reads,
    key: &[u8],
    witness: Option<String>,
    settled: i64,
) -> Result<Sealed, DbError> {
    loop {
        let (key, witness, log) = (key.to_vec(), witness.clone(), reads.clone());
        let Waiting { rows, trouble } = crate::db::blocking(move || Ok::<_, DbError>(log.waiting())).await?;
        if planted!("spoilt_look_stops") && !trouble.is_empty() {
            return Err(DbError::Busy);
        }
        let waiting = Arc::new(rows);
        // A read that waited for longer than any transaction lasts is older than what is looked at.
        let settled = waiting.first().map_or(settled, |oldest| settled.min(oldest.id));
        let brought = waiting.clone();
        let work = move |tx: &mut Tx<'_>| {
            reads::bring(tx, &brought)?;
            seal(tx, &key, witness.as_deref(), settled)
        };
        let head = db.write(work).await?;
        if waiting.is_empty() {
            return Ok(Sealed { head, trouble });
        }
        let log = reads.clone();
        crate::db::blocking(move || log.forget(&waiting)).await?;
    }
}

/// The head of the chain: how many rows are sealed and the last link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Number of the last sealed row; 0 when none is.
    pub seq: i64,
    /// Its link of the chain.
    pub chain: String,
}

const HEAD: &str = "audit_head";

impl Head {
    fn start() -> Self {
        Self {
            seq: 0,
            chain: String::new(),
        }
    }

    /// `seq chain signature`, as kept in the database and in the file outside it.
    fn sign(&self, key: &[u8]) -> String {
        let text = format!("{} {}", self.seq, self.chain);
        format!("{text} {}", keyed(key, text.as_bytes()))
    }

    fn open(key: &[u8], text: &str) -> Option<Self> {
        let (body, signature) = text.trim().rsplit_once(' ')?;
        if keyed(key, body.as_bytes()) != signature {
            return None;
        }
        let (seq, chain) = body.split_once(' ')?;
        Some(Self {
            seq: seq.parse().ok()?,
            chain: chain.to_owned(),
        })
    }
}

fn link(previous: &str, digest: &str) -> String {
    hex(&Sha256::digest(format!("{previous}{digest}").as_bytes()))
}

/// The id of the first row from the id `since` on that is not sealed.
///
/// # Errors
/// Those of the database.
pub fn first_open(conn: &mut AnyConn, since: i64) -> Result<Option<i64>, DbError> {
    // The bound is said of both: a planner does not carry it over, and would read every seal there is for a few rows.
    let own = audit_seal::event_id
        .eq(audit_event::id)
        .and(audit_seal::event_id.ge(since));
    Ok(audit_event::table
        .left_join(audit_seal::table.on(own))
        .filter(audit_seal::seq.is_null())
        .filter(audit_event::id.ge(since))
        .order(audit_event::id)
        .select(audit_event::id)
        .first(conn)
        .optional()?)
}

/// Numbers and chains what is not sealed yet and signs the head. Returns the head. Rows below the id `settled` are not
/// looked at: whoever seals once names 0.
///
/// The chain goes on from the last head that was signed, in the database or in the file (`witness`), even where the
/// table ends before it: if someone cut the tail, the gap stays for [`verify`] to name, whatever is sealed after it.
///
/// # Errors
/// Those of the database.
pub fn seal(tx: &mut Tx<'_>, key: &[u8], witness: Option<&str>, settled: i64) -> Result<Head, DbError> {
    dialect::lock(tx.conn(), dialect::lock_space::AUDIT, [0])?;
    let last: Option<(i64, String)> = audit_seal::table
        .select((audit_seal::seq, audit_seal::chain))
        .order(audit_seal::seq.desc())
        .first(tx.conn())
        .optional()?;
    let mut head = last.map_or_else(Head::start, |(seq, chain)| Head { seq, chain });
    let stored = crate::db::settings::get(tx.conn(), HEAD)?;
    for signed in [stored.as_deref(), witness].into_iter().flatten() {
        if let Some(signed) = Head::open(key, signed).filter(|signed| signed.seq >= head.seq) {
            head = signed;
        }
    }
    // As in `first_open`.
    let own = audit_seal::event_id
        .eq(audit_event::id)
        .and(audit_seal::event_id.ge(settled));
    let open: Vec<(i64, String)> = audit_event::table
        .left_join(audit_seal::table.on(own))
        .filter(audit_seal::seq.is_null())
        .filter(audit_event::id.ge(settled))
        .order(audit_event::id)
        .select((audit_event::id, audit_event::digest))
        .load(tx.conn())?;
    if open.is_empty() {
        return Ok(head);
    }
    let mut seals = Vec::with_capacity(open.len());
    for (event, digest) in open {
        head = Head {
            seq: head.seq + 1,
            chain: link(&head.chain, &digest),
        };
        seals.push((
            audit_seal::seq.eq(head.seq),
            audit_seal::event_id.eq(event),
            audit_seal::chain.eq(head.chain.clone()),
        ));
    }
    insert_many!(tx.conn(), audit_seal::table, seals)?;
    crate::db::settings::put(tx.conn(), HEAD, &head.sign(key))?;
    Ok(head)
}

/// Writes the signed head to the file outside the database: whoever owns the database alone cannot cut the tail.
///
/// # Errors
/// A folder that cannot be written.
pub fn publish_head(head: &Head, key: &[u8], file: &Path) -> std::io::Result<()> {
    let known = std::fs::read_to_string(file)
        .ok()
        .and_then(|text| Head::open(key, &text));
    // A shorter chain never replaces the witness of a longer one; the same one is not written each second.
    if known.is_some_and(|known| known.seq > head.seq || known == *head) {
        return Ok(());
    }
    let temporary = file.with_extension(format!("tmp-{}", std::process::id()));
    std::fs::write(&temporary, head.sign(key))?;
    // The name must not stand before what it names: a power cut between the two leaves an empty witness.
    std::fs::File::open(&temporary)?.sync_all()?;
    std::fs::rename(&temporary, file)?;
    file.parent()
        .map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
}

/// Rows by id, and the ids of those that do not read.
type Rows = (HashMap<i64, Row>, HashSet<i64>);

fn rows(conn: &mut AnyConn, ids: &[i64]) -> Result<Rows, DbError> {
    let mut load = |ids: &[i64]| -> Result<Vec<Row>, DbError> {
        Ok(audit_event::table
            .filter(audit_event::id.eq_any(ids))
            .select(Row::as_select())
            .load(conn)?)
    };
    let mut found = Vec::with_capacity(ids.len());
    let mut unreadable = HashSet::new();
    match load(ids) {
        Ok(rows) => found = rows,
        // One by one: whoever wrote past the program should not hide what else was done.
        Err(e) if e.is_unreadable() => {
            for id in ids {
                match load(&[*id]) {
                    Ok(rows) => found.extend(rows),
                    Err(e) if e.is_unreadable() => drop(unreadable.insert(*id)),
                    Err(e) => return Err(e),
                }
            }
        }
        Err(e) => return Err(e),
    }
    Ok((found.into_iter().map(|r| (r.id, r)).collect(), unreadable))
}

/// What verification found: one line of Russian text each, empty when the journal is whole.
///
/// # Errors
/// Those of the database.
pub fn verify(conn: &mut AnyConn, key: &[u8], head_file: Option<&str>) -> Result<(i64, Vec<String>), DbError> {
    let mut problems = Vec::new();
    let mut head = Head::start();
    loop {
        let block: Vec<(i64, i64, String)> = audit_seal::table
            .filter(audit_seal::seq.gt(head.seq))
            .order(audit_seal::seq)
            .limit(5000)
            .select((audit_seal::seq, audit_seal::event_id, audit_seal::chain))
            .load(conn)?;
        if block.is_empty() {
            break;
        }
        let ids: Vec<i64> = block.iter().map(|(_, event, _)| *event).collect();
        let (rows, unreadable) = rows(conn, &ids)?;
        for (seq, event, chain) in block {
            if seq != head.seq + 1 {
                problems.push(format!("журнал: нет записей с № {} по № {}", head.seq + 1, seq - 1));
            }
            match rows.get(&event) {
                None if unreadable.contains(&event) => {
                    problems.push(format!("журнал: запись № {seq} изменена и не читается (id {event})"));
                }
                None => problems.push(format!("журнал: запись № {seq} удалена (id {event})")),
                Some(row) if row.digest != row.digest(key) => {
                    problems.push(format!("журнал: запись № {seq} изменена (id {event})"));
                }
                Some(row) if seq == head.seq + 1 && link(&head.chain, &row.digest) != chain => {
                    problems.push(format!("журнал: цепочка нарушена на записи № {seq} (id {event})"));
                }
                Some(_) => {}
            }
            head = Head { seq, chain };
        }
    }
    let stored = crate::db::settings::get(conn, HEAD)?;
    if stored.is_none() && head.seq > 0 {
        problems.push("журнал: подписи в базе нет".to_owned());
    }
    for (place, text) in [("в базе", stored.as_deref()), ("в файле", head_file)] {
        let Some(text) = text else { continue };
        match Head::open(key, text) {
            None => problems.push(format!("журнал: подпись {place} не сходится")),
            Some(signed) if signed.seq > head.seq => problems.push(format!(
                "журнал: удалены последние записи: подписано {place} № {}, в базе № {}",
                signed.seq, head.seq
            )),
            Some(signed) if signed.seq == head.seq && signed.chain != head.chain => {
                problems.push(format!(
                    "журнал: последняя запись № {} не та, что подписана {place}",
                    head.seq
                ));
            }
            Some(_) => {}
        }
    }
    Ok((head.seq, problems))
}

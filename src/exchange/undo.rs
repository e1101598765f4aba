//! Undoing a whole loaded file: refused with a list while anything stands on it.

use std::collections::HashMap;

use diesel::prelude::*;

use super::batch::{self, BatchState, ImportBatch, ImportRow};
use super::extent::By;
use super::table::Table;
use crate::audit;
use crate::db::schema::import_batch;
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::planted;

/// A table whose rows may stand on what a batch made: table, column, how people call its rows.
pub type Dependent = (&'static str, &'static str, &'static str);

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// How many rows of other tables point at `ids`, as sentences; none when nothing does. `but` is a condition that
/// leaves out what goes together with the batch, such as `batch_id <> 5`.
///
/// # Errors
/// Those of the database.
pub fn standing_on(
    conn: &mut AnyConn,
    ids: &[i64],
    tables: &[Dependent],
    but: Option<&str>,
) -> Result<Vec<String>, DbError> {
    let mut found = Vec::new();
    for (table, column, label) in tables {
        let mut total = 0;
        for block in ids.chunks(1000) {
            // Ids and names of the program only: nothing of this text comes from outside.
            let list = block.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
            let but = but.map_or_else(String::new, |but| format!(" AND ({but})"));
            let query = format!("SELECT count(*) AS count FROM {table} WHERE {column} IN ({list}){but}");
            total += diesel::sql_query(query).get_result::<Count>(conn)?.count;
        }
        if total > 0 {
            found.push(format!("{label}: {total}"));
        }
    }
    Ok(found)
}

#[derive(serde::Deserialize)]
struct Versioned {
    version: i32,
}

#[derive(QueryableByName)]
struct Stands {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: i64,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    version: i32,
}

/// Rows of a table that a batch made or changed and somebody has changed on the pages since, as a sentence: taking the batch
/// back would lose that. Each row has a version that grows by one with each change.
///
/// # Errors
/// Those of the database.
pub fn edited_since(conn: &mut AnyConn, table: &'static str, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
    if planted!("later_edit_lost") {
        return Ok(Vec::new());
    }
    let mut left: HashMap<i64, i32> = batch::made(changes, table).into_iter().map(|id| (id, 1)).collect();
    for change in batch::changed(changes, table) {
        if let Some((id, before)) = change.before::<Versioned>()? {
            left.insert(id, before.version + 1);
        }
    }
    let ids: Vec<i64> = left.keys().copied().collect();
    let mut edited = 0;
    for block in ids.chunks(1000) {
        // Ids and names of the program only: nothing of this text comes from outside.
        let list = block.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        let query = format!("SELECT id, CAST(version AS INTEGER) AS version FROM {table} WHERE id IN ({list})");
        let rows: Vec<Stands> = diesel::sql_query(query).load(conn)?;
        edited += rows
            .iter()
            .filter(|row| left.get(&row.id) != Some(&row.version))
            .count();
    }
    let said = format!("записи, изменённые на страницах после загрузки: {edited}");
    Ok(if edited > 0 { vec![said] } else { Vec::new() })
}

/// The condition that leaves out what a batch brought itself.
#[must_use]
pub fn not_of(batch: super::batch::BatchId) -> String {
    format!("batch_id IS NULL OR batch_id <> {batch}")
}

/// Finds a batch that may be undone; whoever is held to a region finds only the batches of that region.
///
/// # Errors
/// No such batch; it is undone already.
pub fn find(conn: &mut AnyConn, code: &str, by: By) -> Result<ImportBatch, Error> {
    let found = batch::by_code(conn, code)?
        .filter(|b| by.region().is_none() || b.region_id == by.region())
        .ok_or_else(|| Error::NotFound(format!("пакет {code}")))?;
    if found.state == BatchState::Undone {
        return Err(Refusal::new("import.undone_already").with("code", code).into());
    }
    Ok(found)
}

/// Takes a batch back in this transaction. Returns how many objects it had made or changed.
///
/// # Errors
/// Something stands on it: the refusal lists what. It lies outside the part of whoever takes it back.
pub fn undo<T: Table>(tx: &mut Tx<'_>, key: &[u8], code: &str, by: By) -> Result<usize, Error> {
    dialect::lock(tx.conn(), dialect::lock_space::IMPORT, [0])?;
    let found = find(tx.conn(), code, by)?;
    let changes = batch::changes(tx.conn(), found.id)?;
    let today = tx.today();
    let part = by.part(tx.conn(), T::KIND, T::OF_PARTS, today)?;
    if let Some(part) = &part {
        // Whoever holds a part takes back the own files alone, and only what lies in the part still.
        if found.account_id != by.account() {
            return Err(Error::NotFound(format!("пакет {code}")));
        }
        if !part.covers(tx.conn(), batch::touched(&changes))? {
            return Err(Refusal::new("import.undo_outside").into());
        }
    }
    let mut standing = T::dependents(tx, found.id, &changes)?;
    let later = batch::later_changes(tx.conn(), found.id, &changes)?;
    if !later.is_empty() && part.is_some() {
        // Files of others are not named to whoever does not see them.
        standing.push(format!("более поздние загрузки: {}", later.len()));
    } else if !later.is_empty() {
        let named = later.iter().map(|(file, code)| format!("«{file}» ({code})"));
        standing.push(format!(
            "более поздние загрузки: {}",
            named.collect::<Vec<_>>().join(", ")
        ));
    }
    if !standing.is_empty() {
        return Err(Refusal::new("import.undo_depends")
            .with("what", standing.join("; "))
            .into());
    }
    // What it made is gone afterwards.
    let touched = match by.region() {
        Some(_) => Vec::new(),
        None => batch::regions(tx.conn(), found.id)?,
    };
    T::revert(tx, found.id, &changes)?;
    diesel::update(import_batch::table.filter(import_batch::id.eq(found.id)))
        .set((
            import_batch::state.eq(BatchState::Undone),
            import_batch::undone_at.eq(tx.now()),
        ))
        .execute(tx.conn())?;
    let mut entry = audit::Entry::of_server("import.undo", "import_batch", Some(found.id.0));
    entry.detail = format!("kind={} objects={}", found.kind, changes.len());
    audit::record(tx, key, &batch::noted(&entry, by, &touched))?;
    Ok(changes.len())
}

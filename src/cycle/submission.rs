//! A published table is taken as a submission: kept as it was printed, and checked beside the other tables of its pack.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::store::{self, PublishedRow};
use super::table::Table;
use super::validation::{Contradiction, Given, validate};
use crate::audit;
use crate::db::schema::published_table;
use crate::db::{DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::indicators::Pack;
use crate::indicators::pack_tables::{PublishedTable, Rule};
use crate::insert_many;

/// What came of a table.
#[derive(Debug, Default)]
pub struct Taken {
    /// What contradicts.
    pub found: Vec<Contradiction>,
    /// Tables that its rules ask for and that were not taken yet.
    pub without: Vec<String>,
    /// Tables taken before whose rules ask for this one: they are to be checked again.
    pub again: Vec<String>,
}

/// Takes a table; the same table again changes nothing. Nothing of it becomes a value: what was published stays what it is.
///
/// # Errors
/// A table without rows; those of the database.
pub fn take(
    tx: &mut Tx<'_>,
    key: &[u8],
    (pack, described): (&Pack, &PublishedTable),
    table: &Table,
) -> Result<Taken, Error> {
    if table.rows.is_empty() {
        return Err(Refusal::new("cycle.table_empty").with("table", &described.name).into());
    }
    dialect::lock(tx.conn(), dialect::lock_space::PACK, [1])?;
    let known = store::in_force(tx.conn(), &pack.code)?;
    let content = serde_json::to_string(table).map_err(|e| Error::Internal(e.to_string()))?;
    let digest = audit::digest(content.as_bytes());
    let before = known.get(&described.name);
    if before.is_none_or(|(_, of, _)| *of != digest) {
        if let Some((id, ..)) = before {
            diesel::update(published_table::table.filter(published_table::id.eq(id)))
                .set(published_table::superseded_at.eq(tx.now()))
                .execute(tx.conn())
                .map_err(DbError::from)?;
        }
        let row = PublishedRow {
            id: tx.id(),
            pack: pack.code.clone(),
            name: described.name.clone(),
            digest,
            content,
            recorded_at: tx.now(),
            superseded_at: None,
        };
        let mut entry = audit::Entry::of_server("cycle.table_taken", "published_table", Some(row.id));
        entry.detail = format!("pack={} table={} rows={}", pack.code, described.name, table.rows.len());
        insert_many!(tx.conn(), published_table::table, [row]).map_err(DbError::from)?;
        audit::record(tx, key, &[entry])?;
    }
    let asks = |of: &PublishedTable| -> Vec<String> {
        let mut names: Vec<String> = of.rules.iter().filter_map(Rule::table).cloned().collect();
        names.dedup();
        names
    };
    let mut without = asks(described);
    without.retain(|name| !known.contains_key(name));
    let again = pack
        .tables
        .iter()
        .filter(|of| known.contains_key(&of.name) && asks(of).contains(&described.name));
    let again = again.map(|of| of.name.clone()).collect();
    let others = known.into_iter().filter(|(name, _)| *name != described.name);
    let others: BTreeMap<String, Table> = others.map(|(name, (_, _, table))| (name, table)).collect();
    let found = validate(Given {
        pack,
        described,
        table,
        others: &others,
    });
    Ok(Taken { found, without, again })
}

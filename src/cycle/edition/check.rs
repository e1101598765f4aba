//! Every edition against its digests, and against the journal that kept them at the release.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::content;
use super::model::{Edition, EditionId, PartKind};
use super::store;
use crate::audit;
use crate::db::schema::{audit_event, edition_part};
use crate::db::{AnyConn, DbError};
use crate::planted;

/// How many editions there are, and what is wrong with them, a Russian line each.
///
/// # Errors
/// Those of the database.
pub fn check(conn: &mut AnyConn) -> Result<(usize, Vec<String>), DbError> {
    let editions = store::all(conn, None)?;
    let mut problems = Vec::new();
    let released: BTreeMap<i64, String> = audit_event::table
        .filter(audit_event::action.eq("cycle.edition_release"))
        .filter(audit_event::object_id.is_not_null())
        .select((audit_event::object_id.assume_not_null(), audit_event::detail))
        .load::<(i64, String)>(conn)?
        .into_iter()
        .collect();
    let known: BTreeSet<i64> = editions.iter().map(|e| e.id.0).collect();
    for (id, detail) in released.iter().filter(|(id, _)| !known.contains(id)) {
        problems.push(format!("выпуск {id} ({detail}): его больше нет"));
    }
    for edition in &editions {
        let whose = format!("выпуск № {} ({}, {})", edition.number, edition.pack, edition.period);
        let said = digests(conn, edition.id, &whose, &mut problems)?;
        if planted!("edition_unchecked") {
            continue;
        }
        let digest = edition.digest_over(
            said.iter()
                .map(|(kind, name, place, digest)| (*kind, name.as_str(), *place, digest.as_str())),
        );
        if digest != edition.digest {
            problems.push(format!("{whose}: содержание не то, что было выпущено"));
        }
        match released.get(&edition.id.0) {
            Some(detail) if detail.ends_with(&format!("digest={}", edition.digest)) => {}
            Some(_) => problems.push(format!("{whose}: отпечаток не тот, что записан в журнале")),
            None => problems.push(format!("{whose}: в журнале нет записи о выпуске")),
        }
    }
    Ok((editions.len(), problems))
}

type Said = Vec<(PartKind, String, i32, String)>;

/// The digests of what the parts really say; a part that does not read, or says another thing, is named.
fn digests(conn: &mut AnyConn, of: EditionId, whose: &str, problems: &mut Vec<String>) -> Result<Said, DbError> {
    // One part after another: a workbook is large.
    let ids: Vec<i64> = edition_part::table
        .filter(edition_part::edition_id.eq(of))
        .order((edition_part::kind, edition_part::place, edition_part::id))
        .select(edition_part::id)
        .load(conn)?;
    let mut said = Said::new();
    for block in ids.chunks(20) {
        let parts: Vec<(PartKind, String, i32, String, Vec<u8>)> = edition_part::table
            .filter(edition_part::id.eq_any(block))
            .select((
                edition_part::kind,
                edition_part::name,
                edition_part::place,
                edition_part::digest,
                edition_part::content,
            ))
            .load(conn)?;
        for (kind, name, place, digest, bytes) in parts {
            let is = content::unpacked(kind, &bytes)
                .map(|says| audit::digest(&says))
                .unwrap_or_default();
            if is != digest {
                problems.push(format!("{whose}: часть «{} {name}» изменена", kind.label()));
            }
            said.push((kind, name, place, is));
        }
    }
    Ok(said)
}

/// The digest of an edition as its parts are stored; for whoever shows it.
#[must_use]
pub fn short(of: &Edition) -> String {
    of.digest.chars().take(16).collect()
}

//! The queries of editions: what is there is added and read, never changed.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::content::{self, Keys, Lists, Part, Units};
use super::model::{Act, Edition, EditionId, PartKind, StoredPart};
use super::values::{self, Row};
use crate::db::schema::{edition, edition_act, edition_part};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::insert_many;
use crate::units::UnitId;

/// Editions of a region, or of all, the last first.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, region: Option<UnitId>) -> Result<Vec<Edition>, DbError> {
    let mut query = edition::table.into_boxed();
    if let Some(region) = region {
        query = query.filter(edition::region_id.eq(region));
    }
    Ok(query
        .order((edition::region_id, edition::number.desc()))
        .select(Edition::as_select())
        .load(conn)?)
}

/// Editions with a number, of one region or of all.
///
/// # Errors
/// Those of the database.
pub fn numbered(conn: &mut AnyConn, number: i32, region: Option<UnitId>) -> Result<Vec<Edition>, DbError> {
    let mut query = edition::table.filter(edition::number.eq(number)).into_boxed();
    if let Some(region) = region {
        query = query.filter(edition::region_id.eq(region));
    }
    Ok(query.select(Edition::as_select()).load(conn)?)
}

/// An edition.
///
/// # Errors
/// Those of the database.
pub fn one(conn: &mut AnyConn, id: EditionId) -> Result<Option<Edition>, DbError> {
    Ok(edition::table
        .filter(edition::id.eq(id))
        .select(Edition::as_select())
        .first(conn)
        .optional()?)
}

/// The last number of a region, 0 where there is none.
///
/// # Errors
/// Those of the database.
pub fn last_number(conn: &mut AnyConn, region: UnitId) -> Result<i32, DbError> {
    let last: Option<i32> = edition::table
        .filter(edition::region_id.eq(region))
        .select(diesel::dsl::max(edition::number))
        .first(conn)?;
    Ok(last.unwrap_or(0))
}

/// The last edition of a pack and period.
///
/// # Errors
/// Those of the database.
pub fn last_of(conn: &mut AnyConn, region: UnitId, pack: &str, period: &str) -> Result<Option<Edition>, DbError> {
    Ok(edition::table
        .filter(edition::region_id.eq(region))
        .filter(edition::pack.eq(pack))
        .filter(edition::period.eq(period))
        .order(edition::number.desc())
        .select(Edition::as_select())
        .first(conn)
        .optional()?)
}

/// Writes an edition with its parts.
///
/// # Errors
/// Those of the database.
pub fn add(tx: &mut Tx<'_>, row: &Edition, parts: Vec<Part>) -> Result<(), DbError> {
    insert_many!(tx.conn(), edition::table, std::slice::from_ref(row))?;
    #[cfg(feature = "planted")]
    if crate::planted!("edition_in_two") {
        tx.end_early()?;
        // Long enough for whoever kills it at some moment.
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    let parts: Vec<StoredPart> = parts
        .into_iter()
        .map(|part| StoredPart {
            id: tx.id(),
            edition_id: row.id,
            kind: part.kind,
            name: part.name,
            place: part.place,
            digest: part.digest,
            content: part.content,
        })
        .collect();
    insert_many!(tx.conn(), edition_part::table, parts)?;
    Ok(())
}

/// Parts of a kind, in their order.
///
/// # Errors
/// Those of the database.
pub fn parts(conn: &mut AnyConn, of: EditionId, kind: PartKind) -> Result<Vec<StoredPart>, DbError> {
    Ok(edition_part::table
        .filter(edition_part::edition_id.eq(of))
        .filter(edition_part::kind.eq(kind))
        .order((edition_part::place, edition_part::id))
        .select(StoredPart::as_select())
        .load(conn)?)
}

/// What one part says.
///
/// # Errors
/// There is no such part, it does not read; those of the database.
pub fn says(conn: &mut AnyConn, of: EditionId, kind: PartKind, name: &str) -> Result<Vec<u8>, Error> {
    let part: Option<Vec<u8>> = edition_part::table
        .filter(edition_part::edition_id.eq(of))
        .filter(edition_part::kind.eq(kind))
        .filter(edition_part::name.eq(name))
        .select(edition_part::content)
        .first(conn)
        .optional()?;
    let part = part.ok_or_else(|| Error::NotFound("часть выпуска".into()))?;
    content::unpacked(kind, &part)
}

fn json<T: serde::de::DeserializeOwned>(says: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(says).map_err(|_| Error::Internal("часть выпуска не читается".into()))
}

/// The text of the pack.
///
/// # Errors
/// It does not read; those of the database.
pub fn pack_text(conn: &mut AnyConn, of: EditionId) -> Result<String, Error> {
    let says = says(conn, of, PartKind::Pack, "")?;
    String::from_utf8(says).map_err(|_| Error::Internal("часть выпуска не читается".into()))
}

/// The units.
///
/// # Errors
/// They do not read; those of the database.
pub fn units(conn: &mut AnyConn, of: EditionId) -> Result<Units, Error> {
    Ok(Units::of(json(&says(conn, of, PartKind::Units, "")?)?))
}

/// The rows of one indicator.
///
/// # Errors
/// There are none; those of the database.
pub fn rows(conn: &mut AnyConn, of: EditionId, indicator: &str) -> Result<Vec<Row>, Error> {
    values::rows(&says(conn, of, PartKind::Values, indicator)?)
}

/// All rows, by indicator.
///
/// # Errors
/// They do not read; those of the database.
pub fn all_rows(conn: &mut AnyConn, of: EditionId) -> Result<Vec<Row>, Error> {
    let mut found = Vec::new();
    for part in parts(conn, of, PartKind::Values)?
        .iter()
        .filter(|part| !part.name.is_empty())
    {
        found.extend(values::rows(&content::unpacked(part.kind, &part.content)?)?);
    }
    Ok(found)
}

/// The table for machines, to the byte as it was released: its headers are a part without a name.
///
/// # Errors
/// A part does not read; those of the database.
pub fn table(conn: &mut AnyConn, of: EditionId) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    for part in parts(conn, of, PartKind::Values)? {
        bytes.extend(content::unpacked(part.kind, &part.content)?);
    }
    #[cfg(feature = "planted")]
    if crate::planted!("edition_names_of_today") {
        use crate::db::schema::unit;
        let names: Vec<(String, String)> = unit::table.select((unit::code, unit::name)).load(conn)?;
        let names: BTreeMap<String, String> = names.into_iter().collect();
        let mut rows = values::rows(&bytes)?;
        for row in &mut rows {
            if let Some(name) = names.get(row.unit()) {
                row.0[values::at::UNIT_NAME].clone_from(name);
            }
        }
        return values::lines(rows.iter().map(|row| row.0.as_slice()));
    }
    Ok(bytes)
}

/// The workbook as it was released.
///
/// # Errors
/// There is none; those of the database.
pub fn book(conn: &mut AnyConn, of: EditionId) -> Result<Vec<u8>, Error> {
    says(conn, of, PartKind::Book, "")
}

/// Keys of people and plans.
///
/// # Errors
/// They do not read; those of the database.
pub fn keys(conn: &mut AnyConn, of: EditionId) -> Result<Keys, Error> {
    json(&says(conn, of, PartKind::People, "")?)
}

/// The lists of one indicator; `None` where it has none.
///
/// # Errors
/// They do not read; those of the database.
pub fn lists(conn: &mut AnyConn, of: EditionId, indicator: &str) -> Result<Option<Lists>, Error> {
    match says(conn, of, PartKind::Lists, indicator) {
        Ok(says) => json(&says).map(Some),
        Err(Error::NotFound(_)) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Codes of the indicators that have lists.
///
/// # Errors
/// Those of the database.
pub fn listed(conn: &mut AnyConn, of: EditionId) -> Result<Vec<String>, DbError> {
    Ok(edition_part::table
        .filter(edition_part::edition_id.eq(of))
        .filter(edition_part::kind.eq(PartKind::Lists))
        .order((edition_part::place, edition_part::id))
        .select(edition_part::name)
        .load(conn)?)
}

/// What was done with editions after their release, the earliest first.
///
/// # Errors
/// Those of the database.
pub fn acts(conn: &mut AnyConn, of: &[EditionId]) -> Result<BTreeMap<EditionId, Vec<Act>>, DbError> {
    let rows: Vec<Act> = edition_act::table
        .filter(edition_act::edition_id.eq_any(of))
        .order(edition_act::id)
        .select(Act::as_select())
        .load(conn)?;
    let mut found: BTreeMap<EditionId, Vec<Act>> = BTreeMap::new();
    for act in rows {
        found.entry(act.edition_id).or_default().push(act);
    }
    Ok(found)
}

/// Writes what was done.
///
/// # Errors
/// Those of the database.
pub fn add_act(tx: &mut Tx<'_>, act: &Act) -> Result<(), DbError> {
    insert_many!(tx.conn(), edition_act::table, std::slice::from_ref(act))?;
    Ok(())
}

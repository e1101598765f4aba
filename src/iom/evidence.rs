//! Evidence of a step: the photo or document that a teacher hands in with it. The row stands in the database in the
//! transaction of the act, the bytes lie in a folder under a name that nobody chose; the digest says that they are the
//! same.

use std::path::Path;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::{ActId, ActKind, IomId, ItemId};
use crate::audit;
use crate::db::schema::{iom_act, iom_evidence};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Refusal;
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{each_db, id_newtype, insert_many, text_enum};

id_newtype! {
    /// A file handed in with a step.
    EvidenceId;
}

text_enum! {
    /// What the bytes are, by themselves and not by the name of the file.
    Media {
        Jpeg = "jpeg" "JPEG",
        Png = "png" "PNG",
        Pdf = "pdf" "PDF",
    }
}

impl Media {
    /// The media type for the browser.
    #[must_use]
    pub fn of_web(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }
}

/// Bytes of a file at most.
pub const MAX_SIZE: u64 = 10 * 1024 * 1024;

/// A file handed in with a step.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = iom_evidence, treat_none_as_default_value = false)]
pub struct Evidence {
    /// Id.
    pub id: EvidenceId,
    /// The region.
    pub region_id: UnitId,
    /// The plan.
    pub iom_id: IomId,
    /// The step.
    pub item_id: ItemId,
    /// The act that handed it in.
    pub act_id: ActId,
    /// Whose.
    pub person_id: PersonId,
    /// Name of the file, for people.
    pub file_name: String,
    /// What it is.
    pub media: Media,
    /// Bytes.
    pub size: i32,
    /// SHA-256.
    pub digest: String,
    /// Its name in the folder.
    pub stored_as: String,
    /// When it was handed in.
    pub recorded_at: NaiveDateTime,
}

/// What a file is by its first bytes.
///
/// # Errors
/// Not one of the kinds that every browser shows.
pub fn recognise(head: &[u8]) -> Result<Media, Refusal> {
    match head {
        [0xff, 0xd8, 0xff, ..] => Ok(Media::Jpeg),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Ok(Media::Png),
        [b'%', b'P', b'D', b'F', b'-', ..] => Ok(Media::Pdf),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if is_heif(brand) => Err(Refusal::new("evidence.heic")),
        _ => Err(Refusal::new("evidence.kind")),
    }
}

/// The pictures that phones of one maker take by default.
fn is_heif(brand: &[u8]) -> bool {
    [b"heic", b"heix", b"hevc", b"mif1", b"msf1"]
        .iter()
        .any(|b| brand.starts_with(*b))
}

/// Writes a row in the transaction of the act that hands it in.
///
/// # Errors
/// Those of the database; the act then fails too.
pub fn add(tx: &mut Tx<'_>, row: Evidence) -> Result<(), DbError> {
    insert_many!(tx.conn(), iom_evidence::table, [row])?;
    Ok(())
}

/// The condition of a file whose step was not taken back since: what came back is nobody's to open.
#[diesel::dsl::auto_type]
fn stands() -> _ {
    let back: ActKind = ActKind::Withdraw;
    let taken_back = iom_act::table
        .filter(iom_act::region_id.eq(iom_evidence::region_id))
        .filter(iom_act::iom_id.eq(iom_evidence::iom_id))
        .filter(iom_act::item_id.eq(iom_evidence::item_id.nullable()))
        .filter(iom_act::act.eq(back))
        .filter(iom_act::id.gt(iom_evidence::act_id))
        .select(iom_act::id);
    diesel::dsl::not(diesel::dsl::exists(taken_back))
}

/// Files of plans, newest first.
///
/// # Errors
/// Those of the database.
pub fn of_plans(conn: &mut AnyConn, region: UnitId, plans: &[IomId]) -> Result<Vec<Evidence>, DbError> {
    let mut found = Vec::new();
    for block in plans.chunks(1000) {
        let rows: Vec<Evidence> = iom_evidence::table
            .filter(iom_evidence::region_id.eq(region))
            .filter(iom_evidence::iom_id.eq_any(block))
            .filter(stands())
            .order(iom_evidence::id.desc())
            .select(Evidence::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Files of one plan, newest first: a statement that stays prepared, since the page of a plan reads it each time.
///
/// # Errors
/// Those of the database.
pub fn of_plan(conn: &mut AnyConn, region: UnitId, plan: IomId) -> Result<Vec<Evidence>, DbError> {
    Ok(each_db!(conn, c => iom_evidence::table
        .filter(iom_evidence::region_id.eq(region))
        .filter(iom_evidence::iom_id.eq(plan))
        .filter(stands())
        .order(iom_evidence::id.desc())
        .select(Evidence::as_select())
        .load(c))?)
}

/// A file of a region; who may see it is asked by the caller.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut AnyConn, region: UnitId, id: EvidenceId) -> Result<Option<Evidence>, DbError> {
    Ok(iom_evidence::table
        .filter(iom_evidence::region_id.eq(region))
        .filter(iom_evidence::id.eq(id))
        .filter(stands())
        .select(Evidence::as_select())
        .first(conn)
        .optional()?)
}

/// Names rows whose bytes are gone or are not the same; with how many rows were looked at.
///
/// # Errors
/// Those of the database.
pub fn check(conn: &mut AnyConn, folder: &Path) -> Result<(usize, Vec<String>), DbError> {
    let mut wrong = Vec::new();
    let rows: Vec<(EvidenceId, String, String)> = iom_evidence::table
        .order(iom_evidence::id)
        .select((iom_evidence::id, iom_evidence::stored_as, iom_evidence::digest))
        .load(conn)?;
    for (id, name, digest) in &rows {
        match digest_of(&folder.join(name)) {
            Ok(found) if found == *digest => {}
            Ok(_) => wrong.push(format!("Подтверждение {id}: файл не тот, что был отправлен.")),
            Err(_) => wrong.push(format!("Подтверждение {id}: файла нет.")),
        }
    }
    Ok((rows.len(), wrong))
}

fn digest_of(path: &Path) -> std::io::Result<String> {
    Ok(audit::digest(&std::fs::read(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_bytes() {
        assert_eq!(recognise(&[0xff, 0xd8, 0xff, 0xe0]), Ok(Media::Jpeg));
        assert_eq!(recognise(b"\x89PNG\r\n\x1a\n...."), Ok(Media::Png));
        assert_eq!(recognise(b"%PDF-1.7"), Ok(Media::Pdf));
        assert_eq!(recognise(b"\0\0\0\x18ftypheic").unwrap_err().code, "evidence.heic");
        for other in [&b"<svg xmlns"[..], b"", b"GIF89a", b"MZ", b"\0\0\0\x18ftypmp42"] {
            assert_eq!(recognise(other).unwrap_err().code, "evidence.kind");
        }
    }
}

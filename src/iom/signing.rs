//! Detached signatures of papers: the file of the signature, the paper as it was signed, and the digest of its text.
//! Whether the signature is valid is not judged here: that asks for certified means outside.

use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::model::IomId;
use super::paper::PaperKind;
use crate::access::AccountId;
use crate::audit;
use crate::db::schema::signature_file;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Refusal;
use crate::units::UnitId;
use crate::{id_newtype, insert_many, planted};

id_newtype! {
    /// A signature.
    SignatureId;
}

/// Bytes of a signature at most.
pub const MAX_SIZE: u64 = 64 * 1024;

/// A signature of a paper.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = signature_file, treat_none_as_default_value = false)]
pub struct Signature {
    /// Id.
    pub id: SignatureId,
    /// The region.
    pub region_id: UnitId,
    /// The plan.
    pub iom_id: IomId,
    /// The revision in force when it was signed; 0 before the approval.
    pub revision: i32,
    /// Which paper.
    pub document: PaperKind,
    /// SHA-256 of the text that was signed: as it is printed below its pages.
    pub body_digest: String,
    /// Name of the signed file in the folder.
    pub paper_as: String,
    /// SHA-256 of the signed file.
    pub paper_digest: String,
    /// Name of the signature in the folder.
    pub stored_as: String,
    /// SHA-256 of the signature.
    pub file_digest: String,
    /// Bytes of the signature.
    pub size: i32,
    /// Who signed, in the words of whoever brought it.
    pub signer: String,
    /// The day of the signature, where it was said.
    pub signed_on: Option<NaiveDate>,
    /// Who brought it.
    pub account_id: AccountId,
    /// When.
    pub recorded_at: NaiveDateTime,
}

/// `signedData` of PKCS #7 as it begins: the code of the kind after a length of one to four bytes.
const SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// The same as text, for each place in which it may fall.
const SIGNED_TEXT: [&[u8]; 3] = [b"YJKoZIhvcNAQcC", b"GCSqGSIb3DQEHAq", b"BgkqhkiG9w0BBwK"];

/// Whether bytes are a signature: PKCS #7, binary or as text.
///
/// # Errors
/// They are not.
pub fn recognise(bytes: &[u8]) -> Result<(), Refusal> {
    let head = &bytes[..bytes.len().min(16)];
    let binary =
        head.first() == Some(&0x30) && (2..=5).any(|at| bytes.get(at..).is_some_and(|b| b.starts_with(SIGNED_DATA)));
    let text = std::str::from_utf8(bytes).ok().map(|text| {
        let lines = text.lines().filter(|line| !line.starts_with("-----"));
        lines.map(str::trim).collect::<String>()
    });
    let text = text.is_some_and(|text| {
        let head = &text.as_bytes()[..text.len().min(32)];
        head.starts_with(b"MI")
            && SIGNED_TEXT
                .iter()
                .any(|code| head.windows(code.len()).any(|w| w == *code))
    });
    if binary || text {
        return Ok(());
    }
    Err(Refusal::new("signature.kind").with("limit", MAX_SIZE / 1024))
}

/// Writes a signature in the transaction of its journal row; `false` when all of it is there already. A detached
/// signature is of one text: the same file under another paper or revision is a mistake of whoever brings it. Who signed and
/// when is not written over.
///
/// # Errors
/// Those of the database; inside, the refusal of such a file.
pub fn add(tx: &mut Tx<'_>, row: Signature) -> Result<Result<bool, Refusal>, DbError> {
    let of = |row: &Signature| {
        let text = (row.document, row.body_digest.clone());
        (text, row.signer.clone(), row.signed_on)
    };
    match find(tx.conn(), row.region_id, row.iom_id, &row.file_digest)? {
        Some(known) if of(&known) == of(&row) || planted!("signature_twice") => Ok(Ok(false)),
        Some(known) if of(&known).0 == of(&row).0 => {
            Ok(Err(Refusal::new("signature.named").with("signer", known.signer)))
        }
        Some(known) => Ok(Err(Refusal::new("signature.known")
            .with("document", known.document.label())
            .with("signer", known.signer))),
        None => {
            insert_many!(tx.conn(), signature_file::table, [row])?;
            Ok(Ok(true))
        }
    }
}

/// Signatures of a plan, newest first.
///
/// # Errors
/// Those of the database.
pub fn of_plan(conn: &mut AnyConn, region: UnitId, plan: IomId) -> Result<Vec<Signature>, DbError> {
    Ok(signature_file::table
        .filter(signature_file::region_id.eq(region))
        .filter(signature_file::iom_id.eq(plan))
        .order(signature_file::id.desc())
        .select(Signature::as_select())
        .load(conn)?)
}

/// A signature of a plan by the digest of its file.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut AnyConn, region: UnitId, plan: IomId, digest: &str) -> Result<Option<Signature>, DbError> {
    Ok(signature_file::table
        .filter(signature_file::region_id.eq(region))
        .filter(signature_file::iom_id.eq(plan))
        .filter(signature_file::file_digest.eq(digest))
        .select(Signature::as_select())
        .first(conn)
        .optional()?)
}

/// Names signatures and signed papers whose bytes are gone or are not the same; with how many were looked at.
///
/// # Errors
/// Those of the database.
pub fn check(conn: &mut AnyConn, folder: &Path) -> Result<(usize, Vec<String>), DbError> {
    let rows: Vec<Signature> = signature_file::table
        .order(signature_file::id)
        .select(Signature::as_select())
        .load(conn)?;
    let mut wrong = Vec::new();
    for row in &rows {
        for (name, digest) in [(&row.stored_as, &row.file_digest), (&row.paper_as, &row.paper_digest)] {
            match std::fs::read(folder.join(name)) {
                Ok(bytes) if audit::digest(&bytes) == *digest => {}
                Ok(_) => wrong.push(format!("Подпись {}: файл не тот, что был принят.", row.id)),
                Err(_) => wrong.push(format!("Подпись {}: файла нет.", row.id)),
            }
        }
    }
    Ok((rows.len(), wrong))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_known_by_its_bytes() {
        let with = |head: &[u8]| [head, SIGNED_DATA, &[0xa0, 0x82]].concat();
        for head in [&[0x30, 0x82, 0x01, 0x02][..], &[0x30, 0x80], &[0x30, 0x81, 0x90]] {
            assert_eq!(recognise(&with(head)), Ok(()), "{head:?}");
        }
        for text in [
            "MIIBAgYJKoZIhvcNAQcCoIIB",
            "-----BEGIN PKCS7-----\nMIAGCSqGSIb3DQEHAqCAMIAC\n-----END PKCS7-----\n",
            "MIGQBgkqhkiG9w0BBwKg",
        ] {
            assert_eq!(recognise(text.as_bytes()), Ok(()), "{text}");
        }
        for other in [
            &b""[..],
            b"%PDF-1.7",
            b"PK\x03\x04",
            b"0\x82",
            b"MII",
            "подпись".as_bytes(),
        ] {
            assert_eq!(recognise(other).unwrap_err().code, "signature.kind");
        }
    }
}

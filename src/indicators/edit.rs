//! A pack edited by hand: the text becomes a new version, the one before stays, retired.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::difference::difference;
use super::load::{self, Loaded};
use super::pack::Pack;
use super::store::{self, PackRow};
use crate::access;
use crate::audit::{self, Entry};
use crate::db::schema::{audit_event, unit};
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::finding;
use crate::planted;
use crate::units::{UnitId, UnitKind};

/// Who edits.
#[derive(Debug, Clone)]
pub struct Editor {
    /// The account.
    pub account: i64,
    /// In whose stead.
    pub on_behalf_of: Option<i64>,
    /// The region of the role, where it has one.
    pub region: Option<i64>,
    /// How far the clock of the place is ahead, for the days that are told.
    pub zone: TimeDelta,
    /// Key of the journal.
    pub key: Vec<u8>,
}

/// What a form says.
#[derive(Debug, Clone)]
pub struct Edited {
    /// Code of the pack; `None` for one that is to be new.
    pub code: Option<String>,
    /// The version that stood on the page; 0 where none was in force.
    pub seen: i32,
    /// The text.
    pub text: String,
}

/// Puts a text in force as a new version; returns code and version.
///
/// # Errors
/// A text that does not read, of another code, or whose version does not grow; the method is another region's; somebody else
/// was quicker.
pub fn put_in_force(tx: &mut Tx<'_>, by: &Editor, edited: &Edited) -> Result<(String, i32), Error> {
    dialect::lock(tx.conn(), dialect::lock_space::PACK, [1])?;
    let read = Pack::checked(&edited.text)
        .map_err(|problems| Refusal::new("indicators.pack_wrong").with("problems", finding::lines(&problems)))?;
    if let Some(code) = edited.code.as_ref().filter(|code| **code != read.code) {
        let refusal = Refusal::new("indicators.other_code")
            .with("given", &read.code)
            .with("code", code);
        return Err(refusal.into());
    }
    if let Some(before) = store::pack(tx.conn(), &read.code)? {
        if edited.code.is_none() {
            return Err(Refusal::new("indicators.pack_stands").with("code", &read.code).into());
        }
        let whose = Pack::parse(&before.source).map(|pack| pack.regions).unwrap_or_default();
        refuse_foreign(tx.conn(), &whose, by.region)?;
        if before.digest == audit::digest(edited.text.as_bytes()) {
            return Err(Refusal::new("indicators.pack_same")
                .with("stands", before.version)
                .into());
        }
        if before.version != edited.seen {
            return Err(changed(tx, &before, edited.seen, by.zone)?);
        }
        if read.version <= before.version && !planted!("version_stays") {
            let refusal = Refusal::new("indicators.version_must_grow")
                .with("stands", before.version)
                .with("next", before.version + 1);
            return Err(refusal.into());
        }
    }
    let entry = Entry {
        action: "indicators.pack_edit",
        region: by.region,
        account: Some(by.account),
        on_behalf_of: by.on_behalf_of,
        object_kind: "pack",
        object: None,
        person: None,
        detail: String::new(),
    };
    let (pack, loaded) = load::load_by(tx, &by.key, &edited.text, true, entry)?;
    let (Loaded::Version(version) | Loaded::Unchanged(version)) = loaded;
    Ok((pack.code, version))
}

/// Refuses whoever works for another region than those whose own method it is, where one of them is here.
///
/// # Errors
/// It is another region's; those of the database.
pub(super) fn refuse_foreign(conn: &mut AnyConn, regions: &[String], own: Option<i64>) -> Result<(), Error> {
    let Some(own) = own.filter(|_| !regions.is_empty()) else {
        return Ok(());
    };
    let whose: Vec<(UnitId, String)> = unit::table
        .filter(unit::kind.eq(UnitKind::Region))
        .filter(unit::code.eq_any(regions))
        .order(unit::name)
        .select((unit::id, unit::name))
        .load(conn)?;
    if whose.is_empty() || whose.iter().any(|(id, _)| id.0 == own) || planted!("method_of_any_region") {
        return Ok(());
    }
    let names: Vec<&str> = whose.iter().map(|(_, name)| name.as_str()).collect();
    Err(Refusal::new("indicators.pack_of_region")
        .with("regions", names.join(", "))
        .into())
}

/// What somebody else has put in force meanwhile: who, when, and how much it changed.
fn changed(tx: &mut Tx<'_>, stands: &PackRow, seen: i32, zone: TimeDelta) -> Result<Error, DbError> {
    let account: Option<Option<i64>> = audit_event::table
        .filter(audit_event::object_kind.eq("pack"))
        .filter(audit_event::object_id.eq(stands.id))
        .order(audit_event::id.desc())
        .select(audit_event::account_id)
        .first(tx.conn())
        .optional()?;
    let name = match account.flatten() {
        Some(account) => access::store::names(tx.conn(), &[account])?
            .remove(&account)
            .unwrap_or_default(),
        None => "команда на сервере".to_owned(),
    };
    let day = (stands.loaded_at + zone).format("%d.%m.%Y");
    let mut said = format!("Версию {} ввели в действие {day}: {name}.", stands.version);
    let versions = store::versions(tx.conn(), &stands.code)?;
    let before = versions
        .iter()
        .find(|row| row.version == seen)
        .and_then(|row| Pack::parse(&row.source).ok());
    if let Ok(after) = Pack::parse(&stands.source) {
        let [new, gone, other] = difference(before.as_ref(), &after).counts();
        said.push_str(&format!(
            " Показателей в ней новых: {new}, исключено: {gone}, изменено: {other}."
        ));
    }
    Ok(Error::Changed(said))
}

//! «Подписи и блоки»: who approves and who agrees on the papers of a region, dated, and which parts are printed.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::PaperBlock;
use crate::access::by::{By, changed};
use crate::db::schema::{paper_setting, signer};
use crate::db::types::{code_set, codes};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::units::UnitId;
use crate::{id_newtype, insert_many, text_enum};

/// The kind of what is set, in the journal; its object is the region.
const OBJECT: &str = "paper_setting";

id_newtype! {
    /// Who signs, from a day on.
    SignerId;
}

text_enum! {
    /// What somebody does to the papers.
    SignerPlace {
        Approves = "approves" "утверждает",
        Agrees = "agrees" "согласует",
    }
}

/// Who signs, from a day on; the next one of the place ends it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = signer, treat_none_as_default_value = false)]
pub struct Signer {
    /// Id.
    pub id: SignerId,
    /// The region.
    pub region_id: UnitId,
    /// What that one does.
    pub place: SignerPlace,
    /// Post; empty with the name: nobody is named from this day on.
    pub post: String,
    /// Name as it is printed.
    pub name: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When another record took its place.
    pub superseded_at: Option<NaiveDateTime>,
}

/// Signers of a region that stand, the latest first.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, region: UnitId) -> Result<Vec<Signer>, DbError> {
    Ok(signer::table
        .filter(signer::region_id.eq(region))
        .filter(signer::superseded_at.is_null())
        .order((signer::valid_from.desc(), signer::id.desc()))
        .select(Signer::as_select())
        .load(conn)?)
}

/// Post and name of whoever holds a place on a day, of signers with the latest first; `None` where nobody is named.
#[must_use]
pub fn on(signers: &[Signer], place: SignerPlace, day: NaiveDate) -> Option<(String, String)> {
    let found = signers.iter().find(|of| of.place == place && of.valid_from <= day)?;
    (!found.name.is_empty()).then(|| (found.post.clone(), found.name.clone()))
}

/// The latest record of a place: what a form of it answers.
#[must_use]
pub fn latest(signers: &[Signer], place: SignerPlace) -> i64 {
    let ids = signers.iter().filter(|of| of.place == place).map(|of| of.id.0);
    ids.max().unwrap_or(0)
}

/// Who is to hold a place.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The place.
    pub place: SignerPlace,
    /// Post.
    pub post: String,
    /// Name; empty: nobody is named.
    pub name: String,
    /// First day.
    pub from: NaiveDate,
    /// The latest record that stood on the page.
    pub seen: i64,
}

/// Names who holds a place from a day on; what was said of that very day before is replaced.
///
/// # Errors
/// Somebody else was quicker; those of the database.
pub fn set(tx: &mut Tx<'_>, by: &By, wanted: &Wanted) -> Result<(), Error> {
    let known = all(tx.conn(), by.region)?;
    if latest(&known, wanted.place) != wanted.seen {
        return Err(changed(tx, by, "iom", OBJECT, by.region.0)?);
    }
    let now = tx.now();
    let same_day = signer::table
        .filter(signer::region_id.eq(by.region))
        .filter(signer::place.eq(wanted.place))
        .filter(signer::valid_from.eq(wanted.from))
        .filter(signer::superseded_at.is_null());
    diesel::update(same_day)
        .set(signer::superseded_at.eq(now))
        .execute(tx.conn())?;
    let row = Signer {
        id: SignerId(tx.id()),
        region_id: by.region,
        place: wanted.place,
        post: wanted.post.clone(),
        name: wanted.name.clone(),
        valid_from: wanted.from,
        recorded_at: now,
        superseded_at: None,
    };
    insert_many!(tx.conn(), signer::table, [row])?;
    by.note(tx, "iom.paper_signer", (OBJECT, by.region.0), &[], "")?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = paper_setting)]
struct Setting {
    region_id: UnitId,
    blocks: String,
    version: i32,
    recorded_at: NaiveDateTime,
}

/// What a region prints, and the version of that; 0 while nothing was chosen.
///
/// # Errors
/// Those of the database.
pub fn blocks(conn: &mut AnyConn, region: UnitId) -> Result<(BTreeSet<PaperBlock>, i32), DbError> {
    let found: Option<(String, i32)> = paper_setting::table
        .filter(paper_setting::region_id.eq(region))
        .select((paper_setting::blocks, paper_setting::version))
        .first(conn)
        .optional()?;
    Ok(match found {
        None => (PaperBlock::usual(), 0),
        Some((set, version)) => (codes(&set).filter_map(PaperBlock::from_code).collect(), version),
    })
}

/// Chooses what a region prints.
///
/// # Errors
/// Somebody else was quicker; those of the database.
pub fn set_blocks(tx: &mut Tx<'_>, by: &By, chosen: &BTreeSet<PaperBlock>, seen: i32) -> Result<(), Error> {
    let (_, version) = blocks(tx.conn(), by.region)?;
    if version != seen {
        return Err(changed(tx, by, "iom", OBJECT, by.region.0)?);
    }
    let set = code_set(chosen.iter().map(|block| block.code()));
    let now = tx.now();
    if version == 0 {
        let row = Setting {
            region_id: by.region,
            blocks: set,
            version: 1,
            recorded_at: now,
        };
        insert_many!(tx.conn(), paper_setting::table, [row])?;
    } else {
        let own = paper_setting::table
            .filter(paper_setting::region_id.eq(by.region))
            .filter(paper_setting::version.eq(seen));
        let done = diesel::update(own)
            .set((
                paper_setting::blocks.eq(set),
                paper_setting::version.eq(version + 1),
                paper_setting::recorded_at.eq(now),
            ))
            .execute(tx.conn())?;
        if done == 0 {
            return Err(Error::Conflict);
        }
    }
    by.note(tx, "iom.paper_blocks", (OBJECT, by.region.0), &[], "")?;
    Ok(())
}

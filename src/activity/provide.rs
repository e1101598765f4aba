//! Bodies of a methodology, all at once: those whose codes the region lacks are made, the others stay as they are.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::body::BodyInput;
use super::by::By;
use super::model::{Body, BodyId};
use crate::db::schema::body;
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::Error;
use crate::insert_many;
use crate::units::UnitId;

/// Codes of the bodies of a region, withdrawn ones among them: a code means one body for ever.
///
/// # Errors
/// Those of the database.
pub fn codes(conn: &mut AnyConn, region: UnitId) -> Result<BTreeSet<String>, DbError> {
    let codes: Vec<String> = body::table
        .filter(body::region_id.eq(region))
        .select(body::code)
        .load(conn)?;
    Ok(codes.into_iter().collect())
}

/// Makes the bodies that are missing. Returns how many there were.
///
/// # Errors
/// Those of the database.
pub fn provide(tx: &mut Tx<'_>, by: &By, pack: &str, wanted: Vec<BodyInput>) -> Result<usize, Error> {
    // Two who press the button at once make each body once.
    dialect::lock(tx.conn(), dialect::lock_space::BODY, [by.region.0])?;
    let mut known = codes(tx.conn(), by.region)?;
    let now = tx.now();
    let mut made = Vec::new();
    for input in wanted {
        if !known.insert(input.code.clone()) {
            continue;
        }
        made.push(Body {
            id: BodyId(tx.id()),
            region_id: by.region,
            code: input.code,
            search_key: search_key(&input.name),
            name: input.name,
            kind: input.kind,
            level: input.level,
            unit_id: input.unit_id,
            duties: input.duties,
            link: input.link,
            version: 1,
            recorded_at: now,
            withdrawn_at: None,
            withdrawn_reason: None,
            batch_id: None,
        });
    }
    let many = made.len();
    if many > 0 {
        insert_many!(tx.conn(), body::table, made)?;
        let detail = format!("pack={pack} bodies={many}");
        by.note(tx, "activity.bodies_provide", ("region", by.region.0), &[], &detail)?;
    }
    Ok(many)
}

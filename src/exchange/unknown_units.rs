//! Units that rows name which are refused for something else: what is wrong with them is said at once, and not only when
//! the rest is mended.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::fields::{NamedUnit, Problem};
use super::table::{Batch, Verdict};
use crate::db::schema::unit;
use crate::db::{DbError, Tx};
use crate::planted;

/// Verdicts on the units of refused rows that are not there or lie out of reach; nothing of the rest.
pub(super) fn verdicts(
    tx: &mut Tx<'_>,
    batch: &Batch,
    named: Vec<(u32, NamedUnit)>,
) -> Result<Vec<(u32, Verdict)>, DbError> {
    if planted!("unit_told_later") {
        return Ok(Vec::new());
    }
    let codes: BTreeSet<&str> = named.iter().map(|(_, of)| of.code.as_str()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let mut known: HashMap<String, (i64, i64)> = HashMap::new();
    for block in codes.chunks(1000) {
        let rows: Vec<(String, i64, i64)> = unit::table
            .filter(unit::code.eq_any(block))
            .select((unit::code, unit::region_id, unit::id))
            .load(tx.conn())?;
        known.extend(rows.into_iter().map(|(code, region, id)| (code, (region, id))));
    }
    let wrong = |(number, of): (u32, NamedUnit)| {
        let refusal = batch.place(known.get(&of.code).copied()).err()?;
        let problem = Problem {
            column: of.column,
            value: of.code,
            refusal,
        };
        Some((number, Verdict::Refused(problem)))
    };
    Ok(named.into_iter().filter_map(wrong).collect())
}

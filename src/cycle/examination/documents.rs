//! What a unit shows for each criterion: documents by kind with a link or a place in the register, or its word that there is
//! none, until the last day for documents.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::acts::hold;
use super::model::{Document, Examination, ExaminedId};
use crate::access::by::By;
use crate::cycle::regulation::{self, RegulationId};
use crate::db::schema::examination_document as table;
use crate::db::text_keys::clean;
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::indicators::regulation_kinds;
use crate::insert_many;

/// What is said of a criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A document.
    There {
        /// Kind.
        kind: String,
        /// Title.
        title: String,
        /// Number; empty for one without.
        number: String,
        /// Its date.
        issued_on: Option<NaiveDate>,
        /// Where it is.
        link: Option<String>,
        /// The same in the register of acts.
        regulation: Option<RegulationId>,
    },
    /// There is none, and why.
    None(String),
}

/// Why documents cannot be changed on a day.
#[must_use]
pub fn shut(of: &Examination, today: NaiveDate) -> Option<Refusal> {
    let late = today > of.documents_until && !crate::planted!("documents_after_the_day");
    late.then(|| Refusal::new("cycle.exam_documents_over").with("day", of.documents_until.format("%d.%m.%Y")))
}

/// Says it. A document takes the word that there is none away; that word is not said where documents stand.
///
/// # Errors
/// The last day is over; no such criterion or kind; neither a link nor an act of the register; documents stand.
pub fn say(tx: &mut Tx<'_>, by: &By, id: ExaminedId, criterion: &str, said: Said) -> Result<i64, Error> {
    let held = hold(tx, by, id)?;
    if let Some(refusal) = shut(&held.of, tx.today()) {
        return Err(refusal.into());
    }
    let (_, line) = held
        .sheet
        .line(criterion)
        .ok_or_else(|| Error::NotFound("критерий".into()))?;
    let shown = held.whole.shown(criterion);
    let mut row = Document {
        id: tx.id(),
        region_id: by.region,
        examination_unit_id: id,
        criterion: line.code.clone(),
        is_absent: false,
        kind: String::new(),
        title: String::new(),
        number: String::new(),
        issued_on: None,
        link: None,
        regulation_id: None,
        account_id: by.account,
        on_behalf_of_id: by.on_behalf_of,
        recorded_at: tx.now(),
        withdrawn_at: None,
    };
    match said {
        Said::None(why) => {
            if shown.iter().any(|d| !d.is_absent) {
                return Err(Refusal::new("cycle.exam_documents_stand").into());
            }
            if shown.iter().any(|d| d.is_absent) {
                return Err(Refusal::new("cycle.exam_none_already").into());
            }
            row.is_absent = true;
            row.title = clean(&why);
        }
        Said::There {
            kind,
            title,
            number,
            issued_on,
            link,
            regulation,
        } => {
            if !regulation_kinds::has(regulation_kinds::kinds(), &kind) {
                return Err(Error::NotFound("вид документа".into()));
            }
            if link.is_none() && regulation.is_none() {
                return Err(Refusal::new("cycle.exam_no_proof").into());
            }
            if let Some(act) = regulation {
                let found = regulation::find(tx.conn(), by.region, act)?;
                found.ok_or_else(|| Error::NotFound("документ".into()))?;
            }
            let gone: Vec<i64> = shown.iter().filter(|d| d.is_absent).map(|d| d.id).collect();
            withdrawn(tx, by, &gone)?;
            row.kind = kind;
            row.title = clean(&title);
            row.number = clean(&number);
            row.issued_on = issued_on;
            row.link = link;
            row.regulation_id = regulation;
        }
    }
    let document = row.id;
    let detail = format!("criterion={criterion}");
    insert_many!(tx.conn(), table::table, [row]).map_err(DbError::from)?;
    by.note(tx, "cycle.exam_document", ("examination_unit", id.0), &[], &detail)?;
    Ok(document)
}

/// Takes what was said back.
///
/// # Errors
/// The last day is over; it is not there.
pub fn withdraw(tx: &mut Tx<'_>, by: &By, id: ExaminedId, document: i64) -> Result<(), Error> {
    let held = hold(tx, by, id)?;
    if let Some(refusal) = shut(&held.of, tx.today()) {
        return Err(refusal.into());
    }
    let found = held.whole.documents.iter().find(|d| d.id == document);
    let found = found.ok_or_else(|| Error::NotFound("документ".into()))?;
    withdrawn(tx, by, &[document])?;
    let detail = format!("criterion={}", found.criterion);
    by.note(
        tx,
        "cycle.exam_document_withdraw",
        ("examination_unit", id.0),
        &[],
        &detail,
    )?;
    Ok(())
}

fn withdrawn(tx: &mut Tx<'_>, by: &By, ids: &[i64]) -> Result<(), DbError> {
    let now = tx.now();
    let standing = table::table
        .filter(table::region_id.eq(by.region))
        .filter(table::id.eq_any(ids));
    diesel::update(standing)
        .set(table::withdrawn_at.eq(Some(now)))
        .execute(tx.conn())?;
    Ok(())
}

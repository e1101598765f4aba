//! Opening an examination: which units are examined, by which days, by which order and letter; and its days afterwards.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Examination, ExaminationId, Examined, ExaminedId};
use super::sheet::Sheet;
use super::store;
use crate::access::by::{self, By};
use crate::cycle::regulation::{self, RegulationId};
use crate::db::schema::{examination, examination_unit};
use crate::db::text_keys::clean;
use crate::db::{DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::indicators::load;
use crate::units::{self, Tree, Unit, UnitId, UnitKind};
use crate::{insert_many, planted};

/// The days of an examination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// Last day to show documents.
    pub documents: NaiveDate,
    /// Last day to score.
    pub scoring: NaiveDate,
    /// Last day to appeal.
    pub appeals: NaiveDate,
}

impl Days {
    /// Refuses days out of order: the field of the form, and the refusal.
    #[must_use]
    pub fn refused(&self) -> Option<(&'static str, Refusal)> {
        if self.scoring < self.documents {
            return Some(("scoring", Refusal::new("cycle.exam_scoring_early")));
        }
        (self.appeals < self.scoring).then(|| ("appeals", Refusal::new("cycle.exam_appeals_early")))
    }
}

/// What opens an examination.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Code of the pack.
    pub pack: String,
    /// The period that is examined.
    pub period: String,
    /// Title.
    pub title: String,
    /// Its order in the register of acts.
    pub order: Option<RegulationId>,
    /// Its letter.
    pub letter: Option<RegulationId>,
    /// Its days.
    pub days: Days,
    /// Units that are examined.
    pub units: BTreeSet<UnitId>,
}

/// Units that may be examined: the municipalities of a region, by name.
#[must_use]
pub fn examined(tree: &Tree, region: UnitId) -> Vec<&Unit> {
    let mut found = tree.of_kind(UnitKind::Municipality);
    found.retain(|unit| unit.region_id == region && tree.stands(unit.id));
    found.sort_by(|a, b| (&a.sort_key, &a.code).cmp(&(&b.sort_key, &b.code)));
    found
}

/// Opens it: what is scored stays from now on as the pack says today.
///
/// # Errors
/// A pack that nobody scores by; days out of order; nobody is chosen; such an examination is open already.
pub fn open(tx: &mut Tx<'_>, by: &By, said: &Opening) -> Result<ExaminationId, Error> {
    if let Some((_, refusal)) = said.days.refused() {
        return Err(refusal.into());
    }
    let (pack, period) = load::ready(tx, &by.key, &said.pack, &said.period)?;
    let sheet = Sheet::of(&pack, &period.code);
    if sheet.sections.is_empty() {
        return Err(Refusal::new("cycle.exam_no_sections").into());
    }
    let today = tx.today();
    let tree = units::store::tree(tx.conn(), today, None)?;
    let known: BTreeSet<UnitId> = examined(&tree, by.region).iter().map(|u| u.id).collect();
    if said.units.is_empty() {
        return Err(Refusal::new("cycle.exam_nobody").into());
    }
    if !said.units.is_subset(&known) {
        return Err(Error::NotFound("единица".into()));
    }
    for act in [said.order, said.letter].into_iter().flatten() {
        let found = regulation::find(tx.conn(), by.region, act)?;
        found.ok_or_else(|| Error::NotFound("документ".into()))?;
    }
    let there = store::all(tx.conn(), by.region)?;
    if there.iter().any(|e| e.pack == pack.code && e.period == period.code) {
        return Err(Refusal::new("cycle.exam_twice").with("period", &period.code).into());
    }
    let row = Examination {
        id: ExaminationId(tx.id()),
        region_id: by.region,
        pack: pack.code.clone(),
        period: period.code.clone(),
        title: clean(&said.title),
        order_id: said.order.filter(|_| !planted!("exam_order_lost")),
        letter_id: said.letter,
        documents_until: said.days.documents,
        scoring_until: said.days.scoring,
        appeals_until: said.days.appeals,
        divergence_milli: Sheet::divergence_of(&pack),
        sheet: serde_json::to_string(&sheet).map_err(|e| Error::Internal(e.to_string()))?,
        version: 1,
        account_id: Some(by.account),
        on_behalf_of_id: by.on_behalf_of,
        recorded_at: tx.now(),
    };
    let id = row.id;
    let units: Vec<Examined> = said
        .units
        .iter()
        .map(|unit| Examined {
            id: ExaminedId(tx.id()),
            region_id: by.region,
            examination_id: id,
            unit_id: *unit,
            announced_on: None,
            version: 1,
            recorded_at: tx.now(),
        })
        .collect();
    let detail = format!("pack={} period={} units={}", row.pack, row.period, units.len());
    insert_many!(tx.conn(), examination::table, [row]).map_err(DbError::from)?;
    insert_many!(tx.conn(), examination_unit::table, units).map_err(DbError::from)?;
    by.note(tx, "cycle.exam_open", ("examination", id.0), &[], &detail)?;
    Ok(id)
}

/// Moves its days.
///
/// # Errors
/// Days out of order; somebody else has changed it.
pub fn move_days(tx: &mut Tx<'_>, by: &By, (id, seen): (ExaminationId, i32), days: Days) -> Result<(), Error> {
    if let Some((_, refusal)) = days.refused() {
        return Err(refusal.into());
    }
    dialect::lock(tx.conn(), dialect::lock_space::EXAMINATION, [id.0])?;
    let of = store::one(tx.conn(), by.region, id)?.ok_or_else(|| Error::NotFound("экспертиза".into()))?;
    if of.version != seen {
        return Err(by::changed(tx, by, "cycle", "examination", id.0)?);
    }
    // Whoever is told the points later still has days to appeal.
    if days.appeals < tx.today() && days.appeals != of.appeals_until {
        return Err(Refusal::new("cycle.exam_appeals_past").into());
    }
    let standing = examination::table
        .filter(examination::region_id.eq(by.region))
        .filter(examination::id.eq(id));
    diesel::update(standing)
        .set((
            examination::documents_until.eq(days.documents),
            examination::scoring_until.eq(days.scoring),
            examination::appeals_until.eq(days.appeals),
            examination::version.eq(seen + 1),
        ))
        .execute(tx.conn())?;
    let Days {
        documents,
        scoring,
        appeals,
    } = days;
    let detail = format!("documents_until={documents} scoring_until={scoring} appeals_until={appeals}");
    by.note(tx, "cycle.exam_days", ("examination", id.0), &[], &detail)?;
    Ok(())
}

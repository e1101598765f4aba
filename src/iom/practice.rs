//! Learning and what became of it in the work: the steps at which a teacher learnt something, and how far what was learnt
//! is carried over, in the eyes of a supporter who went to see. It goes on after the plan is closed.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Deserialize;

use super::model::{EducationForm, IomId, Item, ItemId, ItemState};
use crate::db::schema::{iom_item, support_note};
use crate::db::{AnyConn, DbError};
use crate::planted;
use crate::text_enum;
use crate::units::UnitId;

text_enum! {
    /// How far something learnt is carried over into the work.
    Transfer {
        Applied = "applied" "применяет",
        Partly = "partly" "применяет частично",
        NotYet = "not_yet" "пока не применяет",
    }
}

/// When practice is looked at.
#[derive(Debug, Default, Deserialize)]
pub struct Terms {
    /// Days after its last day within which somebody looks. [TC]
    pub look_within_days: i64,
    /// Days for which learning is listed. [TC]
    pub listed_days: i64,
}

// The file is part of the program, and a test reads it.
static TERMS: LazyLock<Terms> =
    LazyLock::new(|| toml::from_str(include_str!("../../seeds/reference/practice.toml")).unwrap_or_default());

/// The terms in force.
#[must_use]
pub fn terms() -> &'static Terms {
    &TERMS
}

/// Kinds of learning that are looked at afterwards; what one reads by oneself is not.
pub const LOOKED_AT: [EducationForm; 2] = [EducationForm::Formal, EducationForm::NonFormal];

/// Whether something was learnt at a step with others, so that somebody may look how it is applied.
#[must_use]
pub fn is_learnt(item: &Item) -> bool {
    item.state == ItemState::Accepted && LOOKED_AT.contains(&item.education_form)
}

/// Steps by their ids.
///
/// # Errors
/// Those of the database.
pub fn steps(conn: &mut AnyConn, region: UnitId, ids: &[ItemId]) -> Result<Vec<Item>, DbError> {
    Ok(iom_item::table
        .filter(iom_item::region_id.eq(region))
        .filter(iom_item::id.eq_any(ids))
        .select(Item::as_select())
        .load(conn)?)
}

/// What was seen last of the steps of plans, by step.
///
/// # Errors
/// Those of the database.
pub fn seen(
    conn: &mut AnyConn,
    region: UnitId,
    plans: &[IomId],
) -> Result<HashMap<ItemId, (NaiveDate, Transfer)>, DbError> {
    let mut found = HashMap::new();
    for block in plans.chunks(1000) {
        let rows: Vec<(Option<ItemId>, NaiveDate, Option<Transfer>)> = support_note::table
            .filter(support_note::region_id.eq(region))
            .filter(support_note::iom_id.eq_any(block))
            .filter(support_note::withdrawn_at.is_null())
            .filter(support_note::transfer.is_not_null())
            .order((support_note::on_date, support_note::id))
            .select((support_note::item_id, support_note::on_date, support_note::transfer))
            .load(conn)?;
        // The latest comes last and takes the place of those before.
        for (item, on, seen) in rows {
            let Some((item, seen)) = item.zip(seen) else { continue };
            if !(planted!("first_look_stands") && found.contains_key(&item)) {
                found.insert(item, (on, seen));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terms_stand_in_the_file() {
        assert!(0 < terms().look_within_days && terms().look_within_days < terms().listed_days);
    }
}

//! An act from a page: the same use case as a file of acts with one row, and its refusal as an error of the page.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::app::App;
use crate::db::schema::person;
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::flow;
use crate::iom::ActKind;
use crate::iom::acts::ActRow;
use crate::people::{PersonId, Snils};
use crate::units::UnitId;

/// An act as a page asks for it.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The region.
    pub region: UnitId,
    /// Whose plan.
    pub person: PersonId,
    /// What.
    pub kind: ActKind,
    /// Number of the item.
    pub item: Option<i32>,
    /// Login of whoever acts.
    pub by: String,
    /// Remark.
    pub reason: String,
}

/// Does it today.
///
/// # Errors
/// The refusal of the rule that said no; those of the database.
pub async fn act(app: &App, wanted: Wanted) -> Result<(), Error> {
    let key = app.keys.audit.clone();
    app.db
        .write(move |tx| {
            let today = tx.today();
            let row = row(tx, wanted, today)?;
            let applied = flow::acts(tx, &key, &[row])?;
            match applied.refused.into_iter().next() {
                Some(refused) => Err(Error::Refused(refused.why)),
                None => Ok(()),
            }
        })
        .await
}

fn row(tx: &mut Tx<'_>, wanted: Wanted, on: NaiveDate) -> Result<ActRow, Error> {
    let snils: Option<Option<String>> = person::table
        .filter(person::region_id.eq(wanted.region))
        .filter(person::id.eq(wanted.person))
        .select(person::snils)
        .first(tx.conn())
        .optional()
        .map_err(DbError::from)?;
    let snils = snils.flatten().and_then(|text| Snils::parse(&text).ok());
    Ok(ActRow {
        line: 1,
        snils: snils.ok_or_else(|| Refusal::new("desk.no_snils"))?,
        kind: wanted.kind,
        item: wanted.item,
        on,
        by: wanted.by,
        value: String::new(),
        reason: wanted.reason,
    })
}

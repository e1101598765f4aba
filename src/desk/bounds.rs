//! How far a desk over units looks: the visitor's region and, unless the role is over all of it, its organisations.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{unit, unit_link};
use crate::db::{AnyConn, DbError};
use crate::error::{Error, Refusal};
use crate::iom::Within;
pub(crate) use crate::people::store::working;
use crate::planted;
use crate::units::{UnitId, UnitKind};
use crate::web::{Call, Reach, Scope};

/// The bounds of a query.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// The region.
    pub region: UnitId,
    /// Organisations whose people are seen; `None` is everyone of the region.
    pub organisations: Option<Vec<UnitId>>,
}

/// The bounds of whoever asks, for use cases over many plans.
///
/// # Errors
/// A role without a region has no desk of this kind.
pub fn within(call: &Call) -> Result<Within, Error> {
    let visitor = call.visitor()?;
    let region = visitor.region.map(UnitId);
    Ok(Within {
        region: Some(region.ok_or_else(|| Error::Forbidden("регион".into()))?),
        scope: visitor.scope.clone(),
    })
}

/// Refuses what belongs to a whole region to a role over a part of it.
///
/// # Errors
/// The refusal; a role without a region; those of the database.
pub async fn needs_whole(call: &Call) -> Result<(), Error> {
    if is_whole(call).await? {
        Ok(())
    } else {
        Err(Refusal::new("desk.of_region").into())
    }
}

/// Whether the role is over the whole region.
///
/// # Errors
/// A role without a region; those of the database.
pub async fn is_whole(call: &Call) -> Result<bool, Error> {
    let (within, today) = (within(call)?, call.app().clock.today());
    let Some(region) = within.region else { return Ok(false) };
    let read = move |c: &mut AnyConn| Bounds::of(c, region, &within.scope, today).map_err(Error::from);
    let bounds = call.app().db.read(read).await?;
    Ok(bounds.is_whole())
}

impl Bounds {
    /// Whether they are the whole region: what belongs to it may be changed.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.organisations.is_none() || planted!("region_by_part")
    }

    /// The bounds of a scope in a region: a scope that holds every organisation of the region needs no list.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of(conn: &mut AnyConn, region: UnitId, scope: &Scope, today: NaiveDate) -> Result<Self, DbError> {
        let Reach::Some { organisations, .. } = &scope.reach else {
            return Ok(Self {
                region,
                organisations: None,
            });
        };
        // A closed organisation stands in nothing: whoever reaches all that stand reaches the region.
        let stand: Vec<i64> = unit_link::table
            .inner_join(unit::table.on(unit::id.eq(unit_link::unit_id)))
            .filter(unit_link::region_id.eq(region))
            .filter(unit::kind.eq(UnitKind::Organisation))
            .filter(unit_link::superseded_at.is_null())
            .filter(unit_link::valid_from.is_null().or(unit_link::valid_from.le(today)))
            .filter(unit_link::valid_to.is_null().or(unit_link::valid_to.gt(today)))
            .select(unit_link::unit_id)
            .load(conn)?;
        let reached: HashSet<i64> = organisations.iter().copied().collect();
        let whole = stand.iter().all(|o| reached.contains(o));
        let list = || organisations.iter().copied().map(UnitId).collect();
        Ok(Self {
            region,
            organisations: (!whole && !planted!("missing_scope")).then(list),
        })
    }
}

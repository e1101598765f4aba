//! Of which part of the visitor's own territory a page of the staff tells: the whole of it, unless a unit is chosen.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::db::AnyConn;
use crate::desk::list::List;
use crate::desk::registers::reach::{Held, missing};
use crate::desk::workforce::report::opens;
use crate::error::Error;
use crate::pages::parts::Filter;
use crate::units::{Unit, UnitId, UnitKind};
use crate::web::Visitor;

/// The part that is looked at.
pub(super) struct Territory {
    /// What the visitor holds.
    pub held: Held,
    /// The unit.
    pub unit: Unit,
    /// Its organisations; `None` is the whole region.
    pub inside: Option<BTreeSet<UnitId>>,
    /// Units to choose from, the own one first: all of them for whoever opens the people.
    pub units: Vec<(String, String)>,
    /// Whether whoever opens no lists asks for a part of the own unit: nothing is told of it.
    pub silent: bool,
}

/// The part that the code of a unit means, or the whole.
///
/// # Errors
/// A unit that is not the visitor's; those of the database.
pub(super) fn of(c: &mut AnyConn, visitor: &Visitor, code: Option<&str>, today: NaiveDate) -> Result<Territory, Error> {
    let (held, may) = (Held::of(c, visitor, today)?, opens(visitor));
    let own = held.own();
    let whole = own.first().copied().ok_or_else(missing)?;
    let unit = match code {
        None => Some(whole),
        Some(code) => own.iter().find(|u| u.code == code).copied(),
    };
    let unit = unit.ok_or_else(missing)?.clone();
    let named = own.iter().filter(|u| may || u.id == whole.id || u.id == unit.id);
    let units = named.map(|u| (u.code.clone(), u.name.clone())).collect();
    let (inside, silent) = (
        (unit.kind != UnitKind::Region).then(|| held.tree.organisations(unit.id).into_iter().collect()),
        whole.id != unit.id && !may,
    );
    Ok(Territory {
        held,
        unit,
        inside,
        units,
        silent,
    })
}

/// The choice of a unit.
///
/// # Errors
/// A unit that is not among them.
pub(super) fn choice(at: &List, unit: &Unit, units: &[(String, String)]) -> Result<Filter, Error> {
    let first = units.first().map_or_else(String::new, |(_, name)| name.clone());
    let others = units
        .iter()
        .filter(|(code, _)| *code != unit.code || at.get("unit").is_some());
    at.select("unit", "Единица", &first, others.cloned())
}

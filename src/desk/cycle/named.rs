//! Acts of the register as other pages offer them to choose from and name them.

use crate::cycle::regulation::{self, Regulation, RegulationId};
use crate::db::AnyConn;
use crate::desk::registers::page::Sent;
use crate::desk::registers::reach::missing;
use crate::error::Error;
use crate::units::UnitId;

/// How many acts can be chosen from: the latest of the register.
const MOST: usize = 100;

/// The acts of a region to choose from, the latest first.
///
/// # Errors
/// Those of the database.
pub(crate) fn acts(c: &mut AnyConn, region: UnitId) -> Result<Vec<Regulation>, Error> {
    let mut all = regulation::of_region(c, region)?;
    all.retain(|act| act.withdrawn_at.is_none());
    all.truncate(MOST);
    Ok(all)
}

/// The choices of a form: id and words.
pub(crate) fn choices(acts: &[Regulation]) -> impl Iterator<Item = (String, String)> {
    let words = |act: &Regulation| (act.id.to_string(), format!("{} {}", act.called(), act.title));
    acts.iter().map(words)
}

/// The act that a form has chosen; `None` for none.
///
/// # Errors
/// What was sent is no id.
pub(crate) fn chosen(sent: &Sent<'_>, field: &str) -> Result<Option<RegulationId>, Error> {
    let id = sent.some(field).map(|id| id.parse().map_err(|_| missing()));
    Ok(id.transpose()?.map(RegulationId))
}

/// How an act of the register is called; empty for none.
///
/// # Errors
/// Those of the database.
pub(crate) fn called(c: &mut AnyConn, region: UnitId, id: Option<RegulationId>) -> Result<String, Error> {
    let Some(id) = id else { return Ok(String::new()) };
    let found = regulation::find(c, region, id)?;
    Ok(found.map_or_else(String::new, |act| format!("{} «{}»", act.called(), act.title)))
}

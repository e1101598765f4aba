//! How far an account loads files: over the units of its roles that load them, as they are held on the day.

use chrono::NaiveDate;

use super::model::{AccountId, AccountState};
use super::{policy, store};
use crate::db::AnyConn;
use crate::error::{Error, Refusal};
use crate::exchange::Kind;
use crate::exchange::extent::{Loader, Part};
use crate::units::{self, UnitId};

/// The part of its region over which an account may load files of a kind (`None`: of any); no part is all of it.
///
/// # Errors
/// The account is suspended or holds no role that loads such files; those of the database.
pub fn part(conn: &mut AnyConn, of: &Loader, kind: Option<Kind>, today: NaiveDate) -> Result<Option<Part>, Error> {
    let account = store::by_id(conn, AccountId(of.account))?;
    let mut grants = match account.filter(|a| a.state == AccountState::Active) {
        Some(account) => store::grants(conn, account.id, today)?,
        None => Vec::new(),
    };
    grants.retain(|g| {
        let loads = policy::loads(g.role);
        of.role.is_none_or(|role| g.role.code() == role) && kind.map_or(!loads.is_empty(), |kind| loads.contains(&kind))
    });
    if grants.is_empty() {
        return Err(Refusal::new("import.role_over").into());
    }
    let region = UnitId(of.region);
    if grants.iter().any(|g| g.unit.is_none_or(|unit| unit == region)) {
        return Ok(None);
    }
    let tree = units::store::tree_with_closed(conn, today)?;
    let held = grants.iter().filter_map(|g| g.unit).flat_map(|unit| tree.subtree(unit));
    let own = held.filter(|unit| tree.unit(*unit).is_some_and(|u| u.region_id == region));
    Ok(Some(Part::new(of.region, own.map(|unit| unit.0).collect(), today)))
}

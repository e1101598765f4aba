//! What is done with an edition after its release: approved, opened to everyone, closed again. Each is a row of its own; the
//! edition itself stays as it is.

use super::model::{Act, ActKind, Edition, EditionId};
use super::release::Whose;
use super::store;
use super::telling;
use crate::audit;
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::planted;

/// Where an edition stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The approval, if there is one.
    pub approved: Option<Act>,
    /// The act by which it is open to everyone, if it is.
    pub opened: Option<Act>,
}

impl Standing {
    /// What some acts make of it, the earliest first.
    #[must_use]
    pub fn of(acts: &[Act]) -> Self {
        let mut standing = Self::default();
        for act in acts {
            match act.act {
                ActKind::Approve => standing.approved = Some(act.clone()),
                ActKind::Open => standing.opened = Some(act.clone()),
                ActKind::Close => standing.opened = None,
            }
        }
        standing
    }
}

/// Where an edition stands.
///
/// # Errors
/// Those of the database.
pub fn standing(conn: &mut AnyConn, of: EditionId) -> Result<Standing, DbError> {
    let acts = store::acts(conn, &[of])?.remove(&of).unwrap_or_default();
    Ok(Standing::of(&acts))
}

/// Does an act. What is so already is refused.
///
/// # Errors
/// It is approved, open or closed already; those of the database.
pub fn act(
    tx: &mut Tx<'_>,
    key: &[u8],
    edition: &Edition,
    act: ActKind,
    by: &Whose,
    remark: &str,
) -> Result<(), Error> {
    let account = by
        .account
        .ok_or_else(|| Error::Internal("действие без учётной записи".into()))?;
    dialect::lock(tx.conn(), dialect::lock_space::EDITION, [edition.region_id.0])?;
    let now = standing(tx.conn(), edition.id)?;
    let already = match act {
        ActKind::Approve => now.approved.clone(),
        ActKind::Open => now.opened.clone(),
        ActKind::Close => None,
    };
    if let Some(before) = already {
        return Err(Refusal::new("cycle.edition_already")
            .with("what", before.act.label())
            .with("name", before.by_name)
            .into());
    }
    if act == ActKind::Open && now.approved.is_none() && !planted!("edition_open_unapproved") {
        return Err(Refusal::new("cycle.edition_not_approved").into());
    }
    if act == ActKind::Close && now.opened.is_none() {
        return Err(Refusal::new("cycle.edition_not_open").into());
    }
    let row = Act {
        id: tx.id(),
        edition_id: edition.id,
        act,
        account_id: account,
        on_behalf_of_id: by.on_behalf_of,
        by_name: by.name.clone(),
        remark: remark.trim().to_owned(),
        recorded_at: tx.now(),
    };
    store::add_act(tx, &row)?;
    if act == ActKind::Open {
        telling::tell(tx, edition)?;
    }
    let action = match act {
        ActKind::Approve => "cycle.edition_approve",
        ActKind::Open => "cycle.edition_open",
        ActKind::Close => "cycle.edition_close",
    };
    let mut entry = audit::Entry::of_server(action, "edition", Some(edition.id.0));
    entry.region = Some(edition.region_id.0);
    entry.account = by.account;
    entry.on_behalf_of = by.on_behalf_of;
    entry.detail = format!("number={}", edition.number);
    audit::record(tx, key, &[entry])?;
    Ok(())
}

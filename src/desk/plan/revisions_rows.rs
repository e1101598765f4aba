//! Goals of a plan and its revisions, with who made them and when the teacher read them.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::store::{called_if_any, holder, in_stead, names};
use crate::access::{self, AccountId, Grant, Role};
use crate::db::schema::{account, iom_acquaintance, iom_act, iom_goal, iom_revision, person};
use crate::db::{AnyConn, DbError};
use crate::iom::{ActKind, Goal, Iom, IomId, IomOrigin, Revision, RevisionBasis};
use crate::pages::text::capital;
use crate::people::store as staff;
use crate::planted;
use crate::units::UnitId;
use crate::units::model::holds_on;

/// A revision with what stands around it.
#[derive(Debug)]
pub struct Made {
    /// The revision.
    pub revision: Revision,
    /// Who made it; `None` is a command on the server.
    pub by: Option<String>,
    /// The day on which the teacher acknowledged it.
    pub read_on: Option<NaiveDate>,
}

/// Goals that stand, in their order.
///
/// # Errors
/// Those of the database.
pub fn goals(conn: &mut AnyConn, region: UnitId, plan: IomId) -> Result<Vec<Goal>, DbError> {
    Ok(iom_goal::table
        .filter(iom_goal::region_id.eq(region))
        .filter(iom_goal::iom_id.eq(plan))
        .filter(iom_goal::removed_at.is_null())
        .order((iom_goal::number, iom_goal::id))
        .select(Goal::as_select())
        .load(conn)?)
}

/// Who of the ЦНППМ approved a plan that a school composed, as that one is called; nothing for any other plan, and where the
/// head of the school approved it or nobody has yet.
///
/// # Errors
/// Those of the database.
pub fn approved_above(conn: &mut AnyConn, plan: &Iom) -> Result<Option<String>, DbError> {
    if plan.origin != IomOrigin::School || planted!("school_approves_all") {
        return Ok(None);
    }
    let last: Option<(Option<AccountId>, Option<AccountId>, NaiveDate)> = iom_act::table
        .filter(iom_act::region_id.eq(plan.region_id))
        .filter(iom_act::iom_id.eq(plan.id))
        .filter(iom_act::act.eq(ActKind::Approve))
        .order(iom_act::id.desc())
        .select((iom_act::account_id, iom_act::on_behalf_of_id, iom_act::on_date))
        .first(conn)
        .optional()?;
    let Some((Some(hand), whose, on)) = last else {
        return Ok(None);
    };
    let jobs = staff::jobs(conn, plan.region_id, &[plan.person_id])?;
    let worked: Vec<UnitId> = jobs
        .iter()
        .filter(|job| holds_on(Some(job.valid_from), job.valid_to, on))
        .map(|job| job.organisation_id)
        .collect();
    let grants = access::store::grants(conn, whose.unwrap_or(hand), on)?;
    let heads = |of: &Grant| {
        let own = of.organisations.as_ref();
        of.role == Role::SchoolHead && own.is_none_or(|own| worked.iter().any(|one| own.contains(one)))
    };
    if grants.iter().any(heads) {
        return Ok(None);
    }
    access::store::doer(conn, hand.0, whose.map(|of| of.0)).map(Some)
}

/// Why a revision was made, as it stands beside «Основание»: the words of then, and what was done where they do not tell.
#[must_use]
pub fn basis(of: &Revision) -> String {
    let reason = capital(of.reason.trim());
    match of.basis {
        Some(kind) if planted!("basis_twice") => format!("{}: {}", capital(kind.label()), of.reason),
        None | Some(RevisionBasis::Approval) => reason,
        Some(kind) if reason.is_empty() => capital(kind.label()),
        Some(RevisionBasis::Change) => reason,
        Some(kind) => format!("{reason} ({})", kind.label()),
    }
}

/// The latest revisions of a plan, newest first.
///
/// # Errors
/// Those of the database.
pub fn latest(conn: &mut AnyConn, region: UnitId, plan: IomId, most: i64) -> Result<Vec<Made>, DbError> {
    let rows: Vec<(Revision, Option<String>)> = iom_revision::table
        .left_join(account::table.on(account::id.nullable().eq(iom_revision::account_id)))
        .left_join(person::table.on(holder()))
        .filter(iom_revision::region_id.eq(region))
        .filter(iom_revision::iom_id.eq(plan))
        .order(iom_revision::number.desc())
        .limit(most)
        .select((Revision::as_select(), called_if_any()))
        .load(conn)?;
    let behalf: Vec<i64> = rows.iter().filter_map(|(of, _)| Some(of.on_behalf_of_id?.0)).collect();
    let whose = names(conn, &behalf)?;
    let read: Vec<(i32, NaiveDate)> = iom_acquaintance::table
        .filter(iom_acquaintance::region_id.eq(region))
        .filter(iom_acquaintance::iom_id.eq(plan))
        .select((iom_acquaintance::revision, iom_acquaintance::on_date))
        .load(conn)?;
    let read_on = |number: i32| read.iter().find(|(of, _)| *of == number).map(|(_, on)| *on);
    Ok(rows
        .into_iter()
        .map(|(revision, by)| {
            let whose = revision.on_behalf_of_id.and_then(|of| whose.get(&of.0));
            Made {
                read_on: read_on(revision.number),
                by: by.map(|by| in_stead(by, whose.map(String::as_str))),
                revision,
            }
        })
        .collect())
}

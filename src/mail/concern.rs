//! Whom news of somebody else's plan concern: whoever accompanies it today in a role that holds today, and of a plan that
//! a school composed whoever heads the school of its person today. A role that is over opens no plan, and tells of none.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::db::in_force::{assigned_on, held_on, worked_on};
use crate::db::schema::{account, employment, iom, notice, role_grant, supporter};
use crate::db::{AnyConn, DbError};
use crate::{among, planted};

/// Kinds that tell a supporter of a plan.
const OF_SUPPORTERS: [&str; 3] = [SUBMITTED, ASSIGNED, PROGRESS];
/// A step was handed in.
const SUBMITTED: &str = "iom_submitted";
/// A plan was given to accompany.
const ASSIGNED: &str = "iom_assigned";
/// A plan that is accompanied went on.
const PROGRESS: &str = "iom_progress_support";

/// Kinds that tell those who head a school of a plan that it composed: one waits for approval, came back, is accompanied by
/// nobody.
const TO_APPROVE: &str = "iom_to_approve";
const CAME_BACK: &str = "iom_came_back";
const UNACCOMPANIED: &str = "iom_unaccompanied";

/// Codes of the roles that head a school.
const HEAD: &str = "school_head";
const DEPUTY: &str = "school_admin";

/// A kind that tells whoever was asked: teacher, supporter or school.
const OF_EITHER: &str = "iom_settled";

/// Kinds that tell whoever took plans over from another one, whoever was given several at once, and whoever has given them
/// away.
const OF_TAKERS: &str = "supporters_handed";
const OF_GIVEN: &str = "supporters_assigned";
const OF_GIVERS: &str = "supporters_passed";

fn of_supporters(kind: &'static str) -> &'static str {
    if planted!("told_without_role") { "" } else { kind }
}

/// The condition of a notice that concerns its account on a day: of an assignment in force, or of the own plan.
#[diesel::dsl::auto_type]
pub(super) fn concerns(day: NaiveDate) -> _ {
    let assigned: assigned_on = assigned_on(day);
    let beside: beside_assignments = beside_assignments(day);
    let held: held_by = held_by(day);
    beside.or(exists(held.filter(assigned)))
}

/// The condition of a notice that has left the list and may still be named on a day: the assignment may be over, the role
/// is not.
#[diesel::dsl::auto_type]
pub(super) fn concerned(day: NaiveDate) -> _ {
    let beside: beside_assignments = beside_assignments(day);
    let held: held_by = held_by(day);
    beside.or(exists(held))
}

/// What asks for no assignment to the plan of the notice. Kinds one by one and not by a list of them: a statement with a list is
/// planned anew each time, and this one is asked by every page.
#[diesel::dsl::auto_type]
fn beside_assignments(day: NaiveDate) -> _ {
    let submitted: &'static str = of_supporters(SUBMITTED);
    let assigned: &'static str = of_supporters(ASSIGNED);
    let progress: &'static str = of_supporters(PROGRESS);
    let either: &'static str = OF_EITHER;
    let takers: &'static str = OF_TAKERS;
    let given: &'static str = OF_GIVEN;
    let givers: &'static str = OF_GIVERS;
    let approve: &'static str = TO_APPROVE;
    let came_back: &'static str = CAME_BACK;
    let unaccompanied: &'static str = UNACCOMPANIED;
    let supporting: supporting = supporting(day);
    let own: own = own();
    let asked: headed = headed(day);
    let headed: headed = headed(day);
    notice::kind
        .ne(submitted)
        .and(notice::kind.ne(assigned))
        .and(notice::kind.ne(progress))
        .and(notice::kind.ne(either).or(exists(own)).or(exists(asked)))
        .and(
            notice::kind
                .ne(approve)
                .and(notice::kind.ne(came_back))
                .and(notice::kind.ne(unaccompanied))
                .or(exists(headed)),
        )
        .and(
            notice::kind
                .ne(takers)
                .and(notice::kind.ne(given))
                .and(notice::kind.ne(givers))
                .or(exists(supporting)),
        )
}

/// Assignments whose role holds on a day. A kind of supporter has the code of the role that makes it.
#[diesel::dsl::auto_type]
fn holding(day: NaiveDate) -> _ {
    let held: held_on = held_on(day);
    supporter::table
        .inner_join(
            role_grant::table.on(role_grant::account_id
                .eq(supporter::account_id)
                .and(role_grant::role.eq(supporter::kind))),
        )
        .filter(held)
}

/// Assignments of a notice's account to its plan.
#[diesel::dsl::auto_type]
fn held_by(day: NaiveDate) -> _ {
    let supporting: supporting = supporting(day);
    supporting.filter(supporter::iom_id.eq(notice::subject_id))
}

/// Assignments of a notice's account, to whatever plan.
#[diesel::dsl::auto_type]
fn supporting(day: NaiveDate) -> _ {
    let holding: holding = holding(day);
    holding.filter(supporter::account_id.eq(notice::account_id))
}

/// Roles that hold on a day over the school where the person of a notice's plan works that day.
#[diesel::dsl::auto_type]
fn headed(day: NaiveDate) -> _ {
    let held: held_on = held_on(day);
    let worked: worked_on = worked_on(day);
    let head: &'static str = HEAD;
    let deputy: &'static str = DEPUTY;
    role_grant::table
        .inner_join(employment::table.on(role_grant::unit_id.eq(employment::organisation_id.nullable())))
        .inner_join(
            iom::table.on(iom::person_id
                .eq(employment::person_id)
                .and(iom::region_id.eq(employment::region_id))),
        )
        .filter(held)
        .filter(worked)
        .filter(role_grant::role.eq(head).or(role_grant::role.eq(deputy)))
        .filter(role_grant::account_id.eq(notice::account_id))
        .filter(iom::id.eq(notice::subject_id))
}

/// The plan of a notice, where it is of the account's own person.
#[diesel::dsl::auto_type]
fn own() -> _ {
    iom::table
        .inner_join(account::table.on(account::person_id.eq(iom::person_id.nullable())))
        .filter(iom::id.eq(notice::subject_id))
        .filter(account::id.eq(notice::account_id))
}

/// Who accompanies these plans on a day in a role that holds: plans with accounts.
///
/// # Errors
/// Those of the database.
pub fn accompanying(conn: &mut AnyConn, plans: &[i64], day: NaiveDate) -> Result<HashSet<(i64, i64)>, DbError> {
    let mut found = HashSet::new();
    for block in plans.chunks(1000) {
        let rows: Vec<(i64, i64)> = among!(conn, c, holding(day), supporter::iom_id, block, rows => rows
            .filter(assigned_on(day))
            .select((supporter::iom_id, supporter::account_id))
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// Who ever accompanied these plans in a role that holds on a day: plans with accounts.
///
/// # Errors
/// Those of the database.
pub fn once_accompanying(conn: &mut AnyConn, plans: &[i64], day: NaiveDate) -> Result<HashSet<(i64, i64)>, DbError> {
    let mut found = HashSet::new();
    for block in plans.chunks(1000) {
        let rows: Vec<(i64, i64)> = among!(conn, c, holding(day), supporter::iom_id, block, rows => rows
            .select((supporter::iom_id, supporter::account_id))
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// Whether a letter about a plan concerns the account that it goes to, by who accompanies the plans.
#[must_use]
pub fn is_concerned(kind: &str, plan: i64, account: i64, accompanying: &HashSet<(i64, i64)>) -> bool {
    !OF_SUPPORTERS.contains(&kind) || accompanying.contains(&(plan, account)) || planted!("written_without_role")
}

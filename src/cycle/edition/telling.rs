//! Who is told that an edition was opened to everyone: those who answer for a unit of the region.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::model::Edition;
use crate::access::Role;
use crate::db::in_force::held_on;
use crate::db::schema::{account, role_grant, unit};
use crate::db::{DbError, Tx};
use crate::mail::notice::{self, Told};
use crate::mail::outbox::Letter;
use crate::planted;

/// Roles that answer for a unit.
const ROLES: &[Role] = &[
    Role::RegionalAuthority,
    Role::CnppmHead,
    Role::MunicipalAuthority,
    Role::MunicipalMethodist,
    Role::SchoolHead,
];

/// Tells them, once for each edition; how many.
///
/// # Errors
/// Those of the database.
pub fn tell(tx: &mut Tx<'_>, edition: &Edition) -> Result<usize, DbError> {
    let today = tx.today();
    let left_out = |role: &Role| planted!("services_not_told") && *role == Role::MunicipalMethodist;
    let told = ROLES.iter().filter(|role| !left_out(role));
    let codes: Vec<&str> = told.map(|role| role.code()).collect();
    let accounts: Vec<i64> = role_grant::table
        .inner_join(unit::table.on(unit::id.nullable().eq(role_grant::unit_id)))
        .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
        .filter(unit::region_id.eq(edition.region_id))
        .filter(role_grant::role.eq_any(codes))
        .filter(account::state.eq("active"))
        .filter(held_on(today))
        .select(role_grant::account_id)
        .load(tx.conn())?;
    let accounts: BTreeSet<i64> = accounts.into_iter().collect();
    let letter = |account: i64| Told {
        letter: Letter {
            kind: "edition_opened",
            region: Some(edition.region_id.0),
            account,
            subject_id: edition.id.0,
            dedup_key: account.to_string(),
            body: serde_json::json!({
                "title": edition.title, "period": edition.period, "number": edition.number, "edition": edition.id,
            }),
            address: None,
            link: None,
        },
        item: None,
        due_on: None,
    };
    let all: Vec<Told> = accounts.into_iter().map(letter).collect();
    notice::tell(tx, &all)
}

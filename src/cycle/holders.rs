//! Who answers for an item of the calendar: accounts that hold its role, and members of its bodies.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::model::AccountState;
use crate::access::{Role, policy};
use crate::db::in_force::held_on;
use crate::db::schema::{account, body, body_member, role_grant, unit};
use crate::db::{AnyConn, DbError};
use crate::indicators::pack_calendar::{Keeper, Responsible};
use crate::people::PersonId;
use crate::units::{Tree, UnitId, UnitKind};
use crate::web::registry::Capability;

/// Who holds what in a region on a day.
#[derive(Debug, Default)]
pub struct Holders {
    /// Accounts by role, each with the unit of the role.
    roles: HashMap<Role, Vec<(i64, UnitId)>>,
    /// Persons by body: its code and its unit.
    members: Vec<(String, Option<UnitId>, PersonId)>,
    /// Accounts of persons.
    accounts: HashMap<PersonId, i64>,
}

/// Bodies that a person belongs to on a day: code and unit.
///
/// # Errors
/// Those of the database.
pub fn bodies_of(
    conn: &mut AnyConn,
    region: UnitId,
    person: PersonId,
    day: NaiveDate,
) -> Result<Vec<(String, Option<UnitId>)>, DbError> {
    Ok(body_member::table
        .inner_join(body::table.on(body::id.eq(body_member::body_id)))
        .filter(body_member::region_id.eq(region))
        .filter(body_member::person_id.eq(person))
        .filter(belongs_on(day))
        .select((body::code, body::unit_id))
        .load(conn)?)
}

#[diesel::dsl::auto_type]
fn belongs_on(day: NaiveDate) -> _ {
    body_member::superseded_at
        .is_null()
        .and(body_member::withdrawn_at.is_null())
        .and(body::withdrawn_at.is_null())
        .and(body_member::valid_from.le(day))
        .and(body_member::valid_to.is_null().or(body_member::valid_to.gt(day)))
}

/// The unit for which a body of a code answers: the region, or the municipality that has its own.
#[must_use]
pub fn unit_of(of: &Responsible, region: UnitId, (code, unit): (&str, Option<UnitId>)) -> Option<UnitId> {
    match of.keeper {
        _ if !of.is_body => None,
        Keeper::Municipality => unit.filter(|_| code.strip_prefix(&of.code).is_some_and(|rest| rest.starts_with('-'))),
        _ => (of.code == code).then_some(region),
    }
}

impl Holders {
    /// Those of a region on a day: accounts that may open the calendar.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of(conn: &mut AnyConn, region: UnitId, day: NaiveDate) -> Result<Self, DbError> {
        let roles: Vec<Role> = Role::ALL
            .iter()
            .copied()
            .filter(|role| policy::of(*role).contains(&Capability::Cycle))
            .collect();
        let units = unit::table
            .filter(unit::region_id.eq(region))
            .select(unit::id.nullable());
        let granted: Vec<(i64, Option<i64>, Role, Option<UnitId>)> = role_grant::table
            .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
            .filter(role_grant::unit_id.eq_any(units))
            .filter(account::state.eq(AccountState::Active))
            .filter(role_grant::role.eq_any(roles))
            .filter(held_on(day))
            .select((account::id, account::person_id, role_grant::role, role_grant::unit_id))
            .load(conn)?;
        let mut found = Self::default();
        for (account, person, role, unit) in granted {
            found.accounts.extend(person.map(|person| (PersonId(person), account)));
            if let Some(unit) = unit {
                found.roles.entry(role).or_default().push((account, unit));
            }
        }
        found.members = body_member::table
            .inner_join(body::table.on(body::id.eq(body_member::body_id)))
            .filter(body_member::region_id.eq(region))
            .filter(belongs_on(day))
            .select((body::code, body::unit_id, body_member::person_id))
            .load(conn)?;
        Ok(found)
    }

    /// Accounts that answer, each with the unit that it answers for.
    #[must_use]
    pub fn answering(&self, tree: &Tree, region: UnitId, of: &[Responsible]) -> BTreeSet<(UnitId, i64)> {
        let mut found = BTreeSet::new();
        let is = |unit: UnitId, kind: UnitKind| tree.unit(unit).is_some_and(|u| u.kind == kind && tree.stands(u.id));
        for one in of {
            let held = one.role.and_then(|role| self.roles.get(&role)).into_iter().flatten();
            let kind = one.keeper.kind();
            let fits = |(_, unit): &&(i64, UnitId)| is(*unit, kind);
            found.extend(held.filter(fits).map(|(account, unit)| (*unit, *account)));
            let members = self.members.iter().filter_map(|(code, unit, person)| {
                let unit = unit_of(one, region, (code, *unit))?;
                Some((unit, *self.accounts.get(person)?))
            });
            found.extend(members);
        }
        found
    }
}

//! Who accompanies a plan: assigning by a person, and acts of help.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::agree::wrong_state;
use super::model::{Supporter, SupporterId, SupporterKind};
use super::plan::{Doing, Kept, Plan, Stamp};
use super::status;
use crate::access::delegation::desk_roles;
use crate::access::model::HEADS;
use crate::access::{AccountId, Actor, Role};
use crate::db::in_force::assigned_on;
use crate::db::schema::supporter;
use crate::error::Refusal;
use crate::planted;
use crate::units::UnitId;
use crate::web::Visitor;

/// Whose plans are accompanied: those of an account in one of its roles. An assignment of another role is not looked at:
/// whoever was given one role sees nothing of the others, and a role that is over opens nothing.
#[derive(Debug, Clone)]
pub struct Accompanying {
    /// The region.
    pub region: UnitId,
    /// The account that is assigned.
    pub account: AccountId,
    /// As what, by the roles in which the visitor works; nothing for a role that accompanies nobody.
    pub kinds: Vec<SupporterKind>,
    /// Organisations whose people are the subordinates of whoever does it in another one's stead: their plans stay shut.
    pub shut: Vec<UnitId>,
}

impl Accompanying {
    /// Those of a visitor; `None` for one without a region.
    #[must_use]
    pub fn of(visitor: &Visitor) -> Option<Self> {
        let kinds = desk_roles(visitor).into_iter().filter_map(kind_of);
        let planted = planted!("any_assignment").then(|| SupporterKind::ALL.to_vec());
        Some(Self {
            region: UnitId(visitor.region?),
            account: AccountId(visitor.acting()),
            kinds: planted.unwrap_or_else(|| kinds.collect()),
            shut: visitor
                .stands_for
                .iter()
                .filter(|_| !planted!("superior_in_stead"))
                .flat_map(|s| s.heads.iter().copied().map(UnitId))
                .collect(),
        })
    }
}

/// Assignments of an account in force on a day, as whatever.
#[diesel::dsl::auto_type]
pub(crate) fn assignments(region: UnitId, account: AccountId, day: NaiveDate) -> _ {
    let in_force: assigned_on = assigned_on(day);
    supporter::table
        .filter(supporter::region_id.eq(region))
        .filter(supporter::account_id.eq(account))
        .filter(in_force)
}

/// Ids of the plans that an account accompanies on a day as one of these kinds.
#[diesel::dsl::auto_type]
pub(crate) fn accompanied(region: UnitId, account: AccountId, kinds: Vec<SupporterKind>, day: NaiveDate) -> _ {
    let own: assignments = assignments(region, account, day);
    own.filter(supporter::kind.eq_any(kinds)).select(supporter::iom_id)
}

/// The kind of supporter that a role makes; `None` for a role that accompanies nobody.
#[must_use]
pub fn kind_of(role: Role) -> Option<SupporterKind> {
    SupporterKind::ALL.iter().copied().find(|kind| role_of(*kind) == role)
}

/// The role that makes an account a supporter of a kind.
#[must_use]
pub fn role_of(kind: SupporterKind) -> Role {
    match kind {
        SupporterKind::Curator => Role::Curator,
        SupporterKind::Tutor => Role::Tutor,
        SupporterKind::RegionalMethodist => Role::RegionalMethodist,
        SupporterKind::MunicipalMethodist => Role::MunicipalMethodist,
        SupporterKind::Mentor => Role::Mentor,
        SupporterKind::Supervisor => Role::Supervisor,
    }
}

/// Whether an account heads a person who works in organisations, as the head of one of them or a deputy: nobody
/// accompanies the plan of a subordinate.
#[must_use]
pub fn is_superior(whom: &Actor, organisations: &[UnitId]) -> bool {
    whom.holds(HEADS, organisations)
}

/// Assigns the account whose login is the value; its role over the person's organisation says as what. Whoever was
/// that kind before ends on the day.
///
/// # Errors
/// An unknown login, no fitting role over the person's organisation, the own plan, the person's own head, the same
/// assignment again.
pub fn assign(
    plan: &mut Plan,
    doing: &Doing<'_>,
    whom: Option<&Actor>,
    stamp: &Stamp<'_>,
) -> Result<Supporter, Refusal> {
    if !status::allowed_within(plan.row.state, doing.kind) {
        return Err(wrong_state(plan, doing));
    }
    let login = || doing.value.to_owned();
    let whom = whom.ok_or_else(|| Refusal::new("iom.unknown_login").with("login", login()))?;
    if whom.person == Some(plan.row.person_id) {
        return Err(Refusal::new("iom.own_supporter").with("login", login()));
    }
    let kind = SupporterKind::ALL
        .iter()
        .copied()
        .find(|kind| {
            let role = [role_of(*kind)];
            whom.holds(&role, doing.organisations) || planted!("missing_destination") && whom.has(&role)
        })
        .ok_or_else(|| Refusal::new("iom.not_supporter").with("login", login()))?;
    if is_superior(whom, doing.organisations) {
        return Err(Refusal::new("iom.superior").with("login", login()));
    }
    let same = |s: &Supporter| s.kind == kind && s.superseded_at.is_none() && s.valid_to.is_none_or(|to| doing.on < to);
    if plan
        .supporters
        .iter()
        .any(|s| same(s) && s.account_id == whom.account && s.holds_on(doing.on))
    {
        return Err(Refusal::new("iom.already_assigned")
            .with("login", login())
            .with("kind", kind.label()));
    }
    for earlier in plan.supporters.iter_mut().filter(|s| same(s)) {
        if earlier.valid_from < doing.on {
            earlier.edit().valid_to = Some(doing.on);
        } else {
            // It had not begun by the day: it never comes into force.
            earlier.edit().superseded_at = Some(stamp.now);
        }
    }
    let supporter = Supporter {
        id: SupporterId((stamp.id)()),
        region_id: plan.row.region_id,
        iom_id: plan.row.id,
        account_id: whom.account,
        kind,
        valid_from: doing.on,
        valid_to: None,
        recorded_at: stamp.now,
        superseded_at: None,
    };
    plan.supporters.push(Kept::new(supporter.clone()));
    plan.record(doing, None, stamp);
    Ok(supporter)
}

/// Records an act of help.
///
/// # Errors
/// The plan is closed, or there is no such item.
pub fn support(plan: &mut Plan, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    if !status::allowed_within(plan.row.state, doing.kind) {
        return Err(wrong_state(plan, doing));
    }
    let item = match doing.item {
        Some(_) => Some(plan.items[plan.item_place(doing)?].id),
        None => None,
    };
    plan.record(doing, item, stamp);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::delegation::accompanies;

    #[test]
    fn a_role_accompanies_people_exactly_where_it_makes_a_supporter() {
        for role in Role::ALL.iter().copied() {
            assert_eq!(accompanies(role), kind_of(role).is_some(), "{role}");
        }
    }

    /// Queries join the two by their codes.
    #[test]
    fn a_kind_of_supporter_has_the_code_of_its_role() {
        for kind in SupporterKind::ALL.iter().copied() {
            assert_eq!(role_of(kind).code(), kind.code());
        }
    }
}

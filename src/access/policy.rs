//! What each role may do. The routes name capabilities, this table gives them to roles; nothing else does.

use std::collections::BTreeSet;

use super::model::Role;
use crate::web::registry::Capability;

/// What a role allows.
#[must_use]
pub fn of(role: Role) -> BTreeSet<Capability> {
    use Capability::{Aggregates, Indicators, OwnPlan, Support};
    let list: &[Capability] = match role {
        Role::Teacher => &[OwnPlan],
        Role::Curator | Role::Tutor | Role::Supervisor | Role::Mentor => &[Support],
        Role::RegionalMethodist => &[Support, Aggregates],
        Role::Operator | Role::CnppmHead | Role::CnppmStaff => &[Indicators, Aggregates],
        Role::RegionalAuthority | Role::MunicipalAuthority | Role::MunicipalMethodist | Role::SchoolHead => {
            &[Aggregates]
        }
        Role::SystemAdmin
        | Role::AssessmentOperator
        | Role::SecurityOfficer
        | Role::SchoolAdmin
        | Role::MentoringCoordinator
        | Role::ProgrammeProvider
        | Role::Expert => &[],
    };
    list.iter().copied().collect()
}

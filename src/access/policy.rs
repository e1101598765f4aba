//! What each role may do. The routes name capabilities, this table gives them to roles; nothing else does.

use std::collections::BTreeSet;

use super::model::Role;
use crate::web::registry::Capability;

/// What a role allows.
#[must_use]
pub fn of(role: Role) -> BTreeSet<Capability> {
    use Capability::{
        Aggregates, Applications, Approve, Cnppm, Coverage, Indicators, OwnPlan, Schools, Staff, Support,
    };
    let list: &[Capability] = match role {
        Role::Teacher => &[OwnPlan],
        Role::Curator | Role::Tutor | Role::Supervisor | Role::Mentor => &[Support],
        Role::RegionalMethodist => &[Support, Aggregates],
        Role::Operator => &[Indicators, Aggregates],
        Role::CnppmStaff => &[Cnppm, Indicators, Aggregates],
        Role::CnppmHead => &[Cnppm, Approve, Indicators, Aggregates],
        Role::RegionalAuthority | Role::MunicipalAuthority => &[Aggregates, Schools, Coverage],
        // Names of those who were assigned, numbers of everyone else in the municipality.
        Role::MunicipalMethodist => &[Support, Aggregates, Schools, Coverage],
        Role::SchoolHead => &[Aggregates, Staff, Applications, Coverage],
        Role::SchoolAdmin => &[Staff, Coverage],
        Role::SystemAdmin
        | Role::AssessmentOperator
        | Role::SecurityOfficer
        | Role::MentoringCoordinator
        | Role::ProgrammeProvider
        | Role::Expert => &[],
    };
    list.iter().copied().collect()
}

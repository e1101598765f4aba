//! What each role may do. The routes name capabilities, this table gives them to roles; nothing else does.

use std::collections::BTreeSet;

use super::model::Role;
use crate::exchange::Kind;
use crate::web::registry::Capability;

/// What a role allows.
#[must_use]
pub fn of(role: Role) -> BTreeSet<Capability> {
    use Capability::{
        Accounts, Aggregates, Applications, Approve, Cnppm, Coverage, Evidence, Indicators, Letters, OwnPlan, Schools,
        Staff, Support, Upload,
    };
    let list: &[Capability] = match role {
        Role::Teacher => &[OwnPlan, Evidence],
        Role::Curator | Role::Tutor | Role::Supervisor | Role::Mentor => &[Support, Evidence],
        Role::RegionalMethodist => &[Support, Aggregates, Evidence],
        Role::Operator => &[Indicators, Aggregates, Upload, Letters],
        Role::SystemAdmin => &[Letters],
        Role::CnppmStaff => &[Cnppm, Indicators, Aggregates, Upload, Evidence],
        Role::CnppmHead => &[Cnppm, Approve, Indicators, Aggregates, Upload, Evidence],
        Role::AssessmentOperator => &[Upload],
        Role::RegionalAuthority | Role::MunicipalAuthority => &[Aggregates, Schools, Coverage],
        // Names of those who were assigned, numbers of everyone else in the municipality.
        Role::MunicipalMethodist => &[Support, Aggregates, Schools, Coverage, Evidence],
        Role::SchoolHead => &[Aggregates, Staff, Accounts, Applications, Coverage],
        Role::SchoolAdmin => &[Staff, Accounts, Coverage],
        Role::SecurityOfficer | Role::MentoringCoordinator | Role::ProgrammeProvider | Role::Expert => &[],
    };
    list.iter().copied().collect()
}

/// Kinds of files that a role loads for its region.
#[must_use]
pub fn loads(role: Role) -> &'static [Kind] {
    match role {
        Role::Operator | Role::CnppmHead | Role::CnppmStaff => Kind::ALL,
        Role::AssessmentOperator => &[Kind::Procedures, Kind::Results],
        _ => &[],
    }
}

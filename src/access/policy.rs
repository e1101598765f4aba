//! What each role may do. The routes name capabilities, this table gives them to roles; nothing else does.

use std::collections::BTreeSet;

use super::model::Role;
use crate::exchange::Kind;
use crate::web::registry::Capability;

/// Whether a role opens with a second factor only, whoever works in it.
#[must_use]
pub const fn asks_second(role: Role) -> bool {
    !matches!(role, Role::Teacher | Role::Mentor)
}

/// What a role allows.
#[must_use]
pub fn of(role: Role) -> BTreeSet<Capability> {
    use Capability::{
        Accounts, Aggregates, Applications, Approve, BulkExport, Campaigns, Composed, Coverage, Cycle, Delegations,
        Diagnostics, Drafting, Editions, Evidence, Examinations, Examine, Examined, Forms, FormsCheck, Indicators,
        Inform, Invitations, Journal, Letters, OwnPlan, Packs, Plans, Registers, Release, ReleaseApproval, Reports,
        ReportsCheck, Roles, RoundTrip, Schools, SignIns, Staff, Support, Supporters, Surveys, Upload, Workforce,
        WorkforcePeople,
    };
    let list: &[Capability] = match role {
        Role::Teacher => &[OwnPlan, Evidence],
        Role::Curator | Role::Tutor | Role::Supervisor | Role::Mentor => &[Support, Evidence],
        Role::RegionalMethodist => &[Support, Drafting, Invitations, Aggregates, Evidence],
        Role::Operator => &[
            Diagnostics,
            Plans,
            Indicators,
            Aggregates,
            Inform,
            Upload,
            Registers,
            RoundTrip,
            Letters,
            Journal,
            SignIns,
            BulkExport,
            Roles,
            Workforce,
            WorkforcePeople,
            Packs,
            Forms,
            FormsCheck,
            Editions,
            Release,
            ReportsCheck,
            Campaigns,
            Examinations,
            Surveys,
            Cycle,
        ],
        Role::SystemAdmin => &[Letters, SignIns, Roles, Packs],
        Role::CnppmStaff => &[
            Diagnostics,
            Drafting,
            Invitations,
            Plans,
            Supporters,
            Indicators,
            Aggregates,
            Upload,
            Registers,
            RoundTrip,
            Evidence,
            Workforce,
            WorkforcePeople,
            Editions,
            Surveys,
            Cycle,
        ],
        Role::CnppmHead => &[
            Diagnostics,
            Drafting,
            Invitations,
            Plans,
            Supporters,
            Approve,
            Indicators,
            Aggregates,
            Upload,
            Registers,
            RoundTrip,
            Evidence,
            Journal,
            BulkExport,
            Roles,
            Workforce,
            WorkforcePeople,
            Editions,
            Surveys,
            Cycle,
        ],
        Role::AssessmentOperator => &[Diagnostics, Upload, Cycle],
        Role::RegionalAuthority => &[
            Aggregates,
            Schools,
            Coverage,
            Roles,
            Workforce,
            Editions,
            ReleaseApproval,
            Surveys,
            Cycle,
        ],
        Role::MunicipalAuthority => &[
            Aggregates,
            Schools,
            Coverage,
            Roles,
            Workforce,
            Forms,
            ReportsCheck,
            Examined,
            Surveys,
            Cycle,
        ],
        // Names of those who were assigned or whose plans they composed, numbers of everyone else in the municipality.
        Role::MunicipalMethodist => &[
            Support,
            Drafting,
            Composed,
            Aggregates,
            Inform,
            Schools,
            Coverage,
            Registers,
            RoundTrip,
            Evidence,
            Workforce,
            Forms,
            FormsCheck,
            Reports,
            ReportsCheck,
            Examined,
            Surveys,
            Cycle,
        ],
        Role::SchoolHead => &[
            Drafting,
            Composed,
            Aggregates,
            Staff,
            Accounts,
            Applications,
            Coverage,
            Registers,
            RoundTrip,
            Roles,
            Workforce,
            WorkforcePeople,
            Forms,
            Reports,
            Surveys,
            Cycle,
        ],
        Role::SchoolAdmin => &[
            Drafting,
            Composed,
            Staff,
            Accounts,
            Coverage,
            Registers,
            RoundTrip,
            Workforce,
            WorkforcePeople,
            Forms,
            Reports,
            Surveys,
            Cycle,
        ],
        Role::SecurityOfficer => &[Journal],
        Role::MentoringCoordinator => &[Registers, RoundTrip],
        Role::Expert => &[Examine],
        Role::ProgrammeProvider => &[],
    };
    let mut all: BTreeSet<Capability> = list.iter().copied().collect();
    // Whoever works for others may be stood in for; a teacher's own part is nobody else's.
    if role != Role::Teacher {
        all.insert(Delegations);
    }
    // What the region has decided is read by everybody who belongs to it.
    if !matches!(role, Role::SystemAdmin | Role::SecurityOfficer) {
        all.insert(Capability::Acts);
    }
    all
}

/// The desk that a role opens with, where it is not the first of its menu.
#[must_use]
pub fn first_desk(role: Role) -> Option<Capability> {
    match role {
        Role::Operator => Some(Capability::Aggregates),
        Role::Expert => Some(Capability::Examine),
        Role::SchoolHead | Role::SchoolAdmin => Some(Capability::Staff),
        _ => None,
    }
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

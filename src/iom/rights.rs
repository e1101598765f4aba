//! Who may do what with a plan, pure. Roles act over where the person works; supporters over what they were assigned.

use super::model::{ActKind, IomOrigin, IomState, SupporterKind};
use super::plan::{Doing, Plan};
use crate::access::delegation::accompanies;
use crate::access::model::HEADS;
use crate::access::{Role, Work};
use crate::diagnostics::{DiagnosisKind, DiagnosisLevel};
use crate::error::Refusal;
use crate::planted;

/// Refuses whoever may not do the act with this plan.
///
/// # Errors
/// Not the right role or place; the own plan.
pub fn check(plan: &Plan, doing: &Doing<'_>) -> Result<(), Refusal> {
    let own = doing.by.is(plan.row.person_id);
    // What a teacher does with the own plan, nobody does in another one's stead.
    let judged = never_own(doing.kind, doing.item) && !planted!("own_plan_judged");
    if own && (doing.by.substitute.is_some() || judged) {
        return Err(Refusal::new("iom.own_plan"));
    }
    // Nobody accompanies a subordinate, in nobody's stead either.
    if let Some(hand) = doing.by.substitute.as_ref().filter(|hand| accompanies(hand.role)) {
        let heads = doing.organisations.iter().any(|of| hand.heads.contains(of));
        if heads && !planted!("superior_in_stead") {
            return Err(Refusal::new("iom.superior").with("login", &hand.login));
        }
    }
    let given = doing.by.substitute.as_ref().and_then(|s| s.works.as_ref());
    if given.is_some_and(|given| works(doing.kind, doing.item).iter().all(|w| !given.contains(w))) {
        return Err(Refusal::new("delegation.not_given").with("act", doing.kind.label()));
    }
    if may(plan, doing, own) {
        return Ok(());
    }
    Err(Refusal::new("iom.not_allowed")
        .with("login", &doing.by.login)
        .with("act", doing.kind.label()))
}

/// Nobody approves, marks or closes what is their own.
fn never_own(act: ActKind, item: Option<i32>) -> bool {
    use ActKind as A;
    match act {
        A::Return => item.is_some(),
        A::Approve | A::Start | A::Accept | A::Waive | A::Cancel | A::Outcome => true,
        A::Change | A::Extend | A::Decline => true,
        A::CloseCompleted | A::CloseExpired | A::CloseTerminated | A::Reopen | A::Complete => true,
        _ => false,
    }
}

/// The kinds of work that an act belongs to, as one gives them to a substitute; what a teacher does alone belongs to none.
fn works(act: ActKind, item: Option<i32>) -> &'static [Work] {
    use ActKind as A;
    use Work as W;
    match act {
        A::Agree | A::Begin | A::Submit | A::Withdraw | A::Acquaint => &[],
        A::Send | A::Change | A::Decline => &[W::Accompany, W::Draft, W::Plans],
        A::Extend => &[W::Accompany, W::Plans],
        A::Return if item.is_none() => &[W::Approve],
        A::Approve => &[W::Approve],
        A::Start | A::Pause | A::Resume | A::Cancel | A::Outcome | A::CloseCompleted | A::CloseTerminated => {
            &[W::Accompany, W::Plans]
        }
        A::CloseExpired => &[W::Accompany, W::Plans],
        A::Reopen => &[W::Plans],
        A::Return | A::Accept | A::Waive => &[W::Review],
        A::Support => &[W::Accompany, W::Review],
        A::AgreeEnrolment | A::RefuseEnrolment => &[W::Applications],
        A::Apply => &[W::Enrol],
        A::Enrol | A::Complete => &[W::Enrol, W::Accompany],
        A::Assign => &[W::Assign, W::Accompany],
    }
}

/// Roles of a ЦНППМ that send any plan of its people to the teacher.
pub const SENDERS: &[Role] = &[Role::CnppmStaff, Role::CnppmHead];

/// In whose name a role composes plans; `None` for a role that composes none.
#[must_use]
pub const fn composes(role: Role) -> Option<IomOrigin> {
    match role {
        Role::SchoolHead | Role::SchoolAdmin => Some(IomOrigin::School),
        Role::CnppmHead | Role::CnppmStaff | Role::RegionalMethodist | Role::MunicipalMethodist => {
            Some(IomOrigin::Cnppm)
        }
        _ => None,
    }
}

/// In whose name plans stand that are composed after a procedure: plans of a school are of the school; those of the ЦНППМ are of
/// the course after the entry diagnosis of one, and of the federal academy where that entry diagnosis is a federal one.
#[must_use]
pub fn composed_after(by: IomOrigin, kind: DiagnosisKind, level: Option<DiagnosisLevel>) -> IomOrigin {
    match (by, kind, level) {
        (IomOrigin::Cnppm, DiagnosisKind::Entry, Some(DiagnosisLevel::Federal)) if !planted!("academy_is_a_course") => {
            IomOrigin::FederalAcademy
        }
        (IomOrigin::Cnppm, DiagnosisKind::Entry, _) => IomOrigin::Course,
        (by, ..) => by,
    }
}

fn may(plan: &Plan, doing: &Doing<'_>, own: bool) -> bool {
    use ActKind as A;
    let role = |roles: &[Role]| doing.by.holds(roles, doing.organisations);
    let supports = |kinds: &[SupporterKind]| plan.has_supporter(doing.by, doing.on, kinds);
    let curates = || role(&[Role::Curator]) || supports(&[SupporterKind::Curator]);
    let reviews = || supports(&[]) || role(&[Role::Curator, Role::RegionalMethodist, Role::MunicipalMethodist]);
    let of_school = plan.row.origin == IomOrigin::School;
    let school = || of_school && !own && role(HEADS);
    let approves = || role(&[Role::CnppmHead]) || (of_school && role(&[Role::SchoolHead]));
    // A school's own plan that nobody was named for as the curator is led by the school: else nobody would begin or close it.
    let led = || !plan.has_curator(doing.on) || planted!("school_beside_curator");
    let leads = || curates() || (school() && led());
    match doing.kind {
        A::Send => {
            plan.row.author_id == Some(doing.by.account)
                || supports(&[])
                || role(&[Role::Curator])
                || role(SENDERS)
                || school()
        }
        A::Agree | A::Begin | A::Submit | A::Withdraw | A::Acquaint => own,
        A::Change | A::Decline => {
            let unsent = matches!(plan.row.state, IomState::Draft | IomState::Returned);
            let composed = || plan.row.author_id == Some(doing.by.account) || school();
            leads() || role(&[Role::CnppmStaff]) || (unsent && composed())
        }
        A::Extend => leads() || role(&[Role::CnppmStaff]),
        A::Return if doing.item.is_none() => own || approves(),
        A::Approve => approves(),
        A::Start | A::Pause | A::Resume | A::CloseCompleted | A::CloseTerminated | A::Cancel => leads(),
        A::CloseExpired => leads() || role(&[Role::CnppmHead]),
        A::Reopen => role(&[Role::CnppmHead, Role::Operator]),
        A::Apply => own || role(&[Role::CnppmStaff]),
        A::AgreeEnrolment | A::RefuseEnrolment => role(&[Role::SchoolHead]),
        A::Enrol | A::Complete => curates() || role(&[Role::CnppmStaff, Role::ProgrammeProvider]),
        A::Return | A::Accept | A::Waive | A::Support => reviews(),
        A::Outcome => leads() || supports(&[]),
        A::Assign => role(&[Role::CnppmHead, Role::CnppmStaff, Role::Curator]) || school(),
    }
}

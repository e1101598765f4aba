//! Where a plan and an item may go, pure: the only place that knows the allowed moves.

use super::model::{ActKind, IomState, ItemState};

/// Where an act takes a plan; `None` where it is not allowed. Acts that leave the state as it is are not moves.
#[must_use]
pub fn plan_after(state: IomState, act: ActKind) -> Option<IomState> {
    use ActKind as A;
    use IomState as S;
    match (state, act) {
        (S::Draft | S::Returned, A::Send) => Some(S::OnAgreement),
        (S::OnAgreement, A::Return) => Some(S::Returned),
        (S::OnAgreement, A::Approve) => Some(S::Approved),
        (S::Approved, A::Start) | (S::Paused, A::Resume) | (S::Closed, A::Reopen) => Some(S::Active),
        (S::Active, A::Pause) => Some(S::Paused),
        (S::Active, A::CloseCompleted) | (S::Active | S::Paused, A::CloseExpired) => Some(S::Closed),
        (S::Draft | S::OnAgreement | S::Returned | S::Approved | S::Active | S::Paused, A::CloseTerminated) => {
            Some(S::Closed)
        }
        _ => None,
    }
}

/// Whether an act that leaves the plan where it is may be done in a state of the plan.
#[must_use]
pub fn allowed_within(state: IomState, act: ActKind) -> bool {
    use ActKind as A;
    use IomState as S;
    match act {
        A::Agree => state == S::OnAgreement,
        A::Apply => matches!(state, S::Approved | S::Active),
        A::AgreeEnrolment | A::RefuseEnrolment | A::Enrol | A::Complete | A::Outcome => {
            matches!(state, S::Active | S::Paused) || (state == S::Approved && act != A::Outcome)
        }
        A::Begin | A::Submit | A::Withdraw | A::Accept | A::Return | A::Waive => state == S::Active,
        A::Cancel | A::Assign | A::Support | A::Decline => state != S::Closed,
        // Not while the teacher reads it: who changes a plan then takes it back first.
        A::Change => !matches!(state, S::OnAgreement | S::Closed),
        A::Extend | A::Acquaint => matches!(state, S::Approved | S::Active | S::Paused),
        _ => false,
    }
}

/// Where an act takes an item; `None` where it is not allowed. `Complete` is the document of a course.
#[must_use]
pub fn item_after(state: ItemState, act: ActKind) -> Option<ItemState> {
    use ActKind as A;
    use ItemState as S;
    match (state, act) {
        (S::Planned, A::Begin) => Some(S::InProgress),
        // Handing in is itself the first evidence: nobody has to say "begun" first.
        (S::Planned | S::InProgress | S::Returned, A::Submit) => Some(S::Submitted),
        // Sent by mistake: the teacher has it back until a supporter has answered.
        (S::Submitted, A::Withdraw) => Some(S::InProgress),
        (S::Submitted, A::Accept) => Some(S::Accepted),
        // A mark may be taken back while the plan is open, and so may a waiver: it is a mark by another document.
        (S::Submitted | S::Accepted | S::Waived, A::Return) => Some(S::Returned),
        (S::Planned | S::InProgress | S::Submitted | S::Returned, A::Waive) => Some(S::Waived),
        (S::Planned | S::InProgress | S::Submitted | S::Returned, A::Cancel) => Some(S::Cancelled),
        (S::Planned | S::InProgress | S::Submitted | S::Returned, A::Complete) => Some(S::Accepted),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables as people read them; every cell that is not named is a refusal.
    const PLAN: &[(&str, &str, &str)] = &[
        ("draft", "send", "on_agreement"),
        ("returned", "send", "on_agreement"),
        ("on_agreement", "return", "returned"),
        ("on_agreement", "approve", "approved"),
        ("approved", "start", "active"),
        ("active", "pause", "paused"),
        ("paused", "resume", "active"),
        ("active", "close-completed", "closed"),
        ("active", "close-expired", "closed"),
        ("paused", "close-expired", "closed"),
        ("draft", "close-terminated", "closed"),
        ("on_agreement", "close-terminated", "closed"),
        ("returned", "close-terminated", "closed"),
        ("approved", "close-terminated", "closed"),
        ("active", "close-terminated", "closed"),
        ("paused", "close-terminated", "closed"),
        ("closed", "reopen", "active"),
    ];

    const WITHIN: &[(&str, &str)] = &[
        ("on_agreement", "agree"),
        ("approved", "apply"),
        ("approved", "agree-enrolment"),
        ("approved", "refuse-enrolment"),
        ("approved", "enrol"),
        ("approved", "complete"),
        ("active", "apply"),
        ("active", "agree-enrolment"),
        ("active", "refuse-enrolment"),
        ("active", "enrol"),
        ("active", "complete"),
        ("active", "outcome"),
        ("active", "begin"),
        ("active", "submit"),
        ("active", "withdraw"),
        ("active", "accept"),
        ("active", "return"),
        ("active", "waive"),
        ("paused", "agree-enrolment"),
        ("paused", "refuse-enrolment"),
        ("paused", "enrol"),
        ("paused", "complete"),
        ("paused", "outcome"),
        ("draft", "change"),
        ("returned", "change"),
        ("approved", "change"),
        ("active", "change"),
        ("paused", "change"),
        ("approved", "extend"),
        ("active", "extend"),
        ("paused", "extend"),
        ("approved", "acquaint"),
        ("active", "acquaint"),
        ("paused", "acquaint"),
    ];

    const ITEM: &[(&str, &str, &str)] = &[
        ("planned", "begin", "in_progress"),
        ("planned", "submit", "submitted"),
        ("in_progress", "submit", "submitted"),
        ("returned", "submit", "submitted"),
        ("submitted", "withdraw", "in_progress"),
        ("submitted", "accept", "accepted"),
        ("submitted", "return", "returned"),
        ("accepted", "return", "returned"),
        ("waived", "return", "returned"),
        ("planned", "waive", "waived"),
        ("in_progress", "waive", "waived"),
        ("submitted", "waive", "waived"),
        ("returned", "waive", "waived"),
        ("planned", "cancel", "cancelled"),
        ("in_progress", "cancel", "cancelled"),
        ("submitted", "cancel", "cancelled"),
        ("returned", "cancel", "cancelled"),
        ("planned", "complete", "accepted"),
        ("in_progress", "complete", "accepted"),
        ("submitted", "complete", "accepted"),
        ("returned", "complete", "accepted"),
    ];

    #[test]
    fn every_cell_of_the_plan() {
        for state in IomState::ALL {
            for act in ActKind::ALL {
                let wanted = PLAN
                    .iter()
                    .find(|(from, by, _)| (*from, *by) == (state.code(), act.code()))
                    .map(|(.., to)| *to);
                assert_eq!(plan_after(*state, *act).map(IomState::code), wanted, "{state} {act}");
                let open = *state != IomState::Closed
                    && ["cancel", "assign", "support", "decline-template"].contains(&act.code());
                let wanted = open || WITHIN.contains(&(state.code(), act.code()));
                assert_eq!(allowed_within(*state, *act), wanted, "{state} {act}");
            }
        }
    }

    #[test]
    fn every_cell_of_the_item() {
        for state in ItemState::ALL {
            for act in ActKind::ALL {
                let wanted = ITEM
                    .iter()
                    .find(|(from, by, _)| (*from, *by) == (state.code(), act.code()))
                    .map(|(.., to)| *to);
                assert_eq!(item_after(*state, *act).map(ItemState::code), wanted, "{state} {act}");
            }
        }
    }
}

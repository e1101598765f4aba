//! Where an enrolment may go, pure.

use super::model::EnrolmentState;
use crate::iom::ActKind;

/// Where an act takes an enrolment; `None` where it is not allowed.
#[must_use]
pub fn after(state: EnrolmentState, act: ActKind) -> Option<EnrolmentState> {
    use ActKind as A;
    use EnrolmentState as S;
    match (state, act) {
        (S::Applied, A::AgreeEnrolment) => Some(S::Agreed),
        (S::Applied, A::RefuseEnrolment) => Some(S::Refused),
        (S::Agreed | S::Waitlisted, A::Enrol) => Some(S::Enrolled),
        (S::Enrolled, A::Complete) => Some(S::Completed),
        _ => None,
    }
}

impl EnrolmentState {
    /// Whether the person waits for a seat: what the plan's end takes back.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Applied | Self::Agreed | Self::Waitlisted)
    }

    /// Whether the person still waits or learns.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Applied | Self::Agreed | Self::Waitlisted | Self::Enrolled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[(&str, &str, &str)] = &[
        ("applied", "agree-enrolment", "agreed"),
        ("applied", "refuse-enrolment", "refused"),
        ("agreed", "enrol", "enrolled"),
        ("waitlisted", "enrol", "enrolled"),
        ("enrolled", "complete", "completed"),
    ];

    #[test]
    fn every_cell() {
        for state in EnrolmentState::ALL {
            for act in ActKind::ALL {
                let wanted = TABLE
                    .iter()
                    .find(|(from, by, _)| (*from, *by) == (state.code(), act.code()))
                    .map(|(.., to)| *to);
                assert_eq!(after(*state, *act).map(EnrolmentState::code), wanted, "{state} {act}");
            }
        }
    }
}

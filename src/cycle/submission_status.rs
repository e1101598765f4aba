//! Where a report may go, pure: the only place that knows the allowed moves.

use crate::text_enum;

text_enum! {
    /// Where the report of a unit stands.
    SubmissionState {
        NotStarted = "not_started" "не начат",
        InWork = "in_work" "в работе",
        Sent = "sent" "отправлен",
        Returned = "returned" "возвращён",
        Agreed = "agreed" "согласован",
        Accepted = "accepted" "принят",
    }
}

text_enum! {
    /// What is done with a report.
    SubmissionAct {
        Begin = "begin" "начат",
        Send = "send" "отправлен",
        Withdraw = "withdraw" "отзыв отправленного",
        Return = "return" "возвращён на доработку",
        Agree = "agree" "согласован",
        Disagree = "disagree" "отзыв согласования",
        Accept = "accept" "принят",
        Reopen = "reopen" "отзыв приёмки",
        Extend = "extend" "продление срока",
    }
}

/// Whose act it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The unit that answers.
    Unit,
    /// Whoever checks the units of a municipality.
    Checker,
    /// The operator of the region.
    Operator,
}

impl SubmissionAct {
    /// Whether a reason must be given: for whatever takes something back, and for more time.
    #[must_use]
    pub fn needs_reason(self) -> bool {
        matches!(
            self,
            Self::Withdraw | Self::Return | Self::Disagree | Self::Reopen | Self::Extend
        )
    }

    /// Whether a side may do it to a report in a state. What one side has done it takes back itself, until the next one has
    /// acted.
    #[must_use]
    pub fn is_of(self, side: Side, state: SubmissionState) -> bool {
        match self {
            Self::Begin | Self::Send | Self::Withdraw => side == Side::Unit,
            Self::Agree | Self::Disagree => side == Side::Checker,
            Self::Return if state == SubmissionState::Agreed => side == Side::Operator,
            Self::Return => side == Side::Checker,
            Self::Accept | Self::Reopen | Self::Extend => side == Side::Operator,
        }
    }
}

impl SubmissionState {
    /// Whether the unit works on it.
    #[must_use]
    pub fn is_with_unit(self) -> bool {
        matches!(self, Self::NotStarted | Self::InWork | Self::Returned)
    }

    /// Whether it has been handed in.
    #[must_use]
    pub fn is_handed_in(self) -> bool {
        !self.is_with_unit()
    }
}

/// Where an act takes a report; `None` where it is not allowed.
#[must_use]
pub fn after(state: SubmissionState, act: SubmissionAct) -> Option<SubmissionState> {
    use SubmissionAct as A;
    use SubmissionState as S;
    match (state, act) {
        (S::NotStarted, A::Begin) | (S::Sent, A::Withdraw) => Some(S::InWork),
        (S::InWork | S::Returned, A::Send) | (S::Agreed, A::Disagree) => Some(S::Sent),
        (S::Sent | S::Agreed, A::Return) => Some(S::Returned),
        (S::Sent, A::Agree) | (S::Accepted, A::Reopen) => Some(S::Agreed),
        (S::Agreed, A::Accept) => Some(S::Accepted),
        (S::NotStarted | S::InWork | S::Returned, A::Extend) => Some(state),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as people read it; every cell that is not named is a refusal.
    const MOVES: &[(&str, &str, &str)] = &[
        ("not_started", "begin", "in_work"),
        ("in_work", "send", "sent"),
        ("returned", "send", "sent"),
        ("sent", "withdraw", "in_work"),
        ("sent", "return", "returned"),
        ("agreed", "return", "returned"),
        ("sent", "agree", "agreed"),
        ("agreed", "disagree", "sent"),
        ("agreed", "accept", "accepted"),
        ("accepted", "reopen", "agreed"),
        ("not_started", "extend", "not_started"),
        ("in_work", "extend", "in_work"),
        ("returned", "extend", "returned"),
    ];

    #[test]
    fn every_cell() {
        for state in SubmissionState::ALL {
            for act in SubmissionAct::ALL {
                let named = |(from, by, _): &&(&str, &str, &str)| (*from, *by) == (state.code(), act.code());
                let wanted = MOVES.iter().find(named).map(|(.., to)| *to);
                assert_eq!(after(*state, *act).map(SubmissionState::code), wanted, "{state} {act}");
            }
        }
    }

    #[test]
    fn every_act_in_every_state_is_of_one_side() {
        for state in SubmissionState::ALL {
            for act in SubmissionAct::ALL {
                let sides = [Side::Unit, Side::Checker, Side::Operator];
                assert_eq!(
                    sides.iter().filter(|s| act.is_of(**s, *state)).count(),
                    1,
                    "{state} {act}"
                );
            }
        }
    }
}

//! How a plan goes: whether the teacher saw it within a week of the diagnosis, and what it is at risk by.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::model::IomState;
use crate::planted;
use crate::text_enum;

/// Calendar days after the last day of the diagnosis in which a plan becomes visible to its teacher; the last one is in
/// time.
pub const WEEK: i64 = 7;
/// Calendar days in which an answer to a plan is expected.
pub const PATIENCE: i64 = 7;

text_enum! {
    /// When a plan became visible to its teacher, counted from the diagnosis.
    Formed {
        InTime = "in_time" "виден за 7 дней",
        Late = "late" "виден позже 7 дней",
        Overdue = "overdue" "ещё не виден, 7 дней прошло",
        Waits = "waits" "ещё не виден, 7 дней не прошло",
        Apart = "apart" "не считается",
    }
}

text_enum! {
    /// By what an open plan is at risk; it may be by several.
    Risk {
        Overdue = "overdue" "просрочен шаг",
        Ended = "ended" "срок маршрута вышел, итоги не подведены",
        Unseen = "unseen" "педагог не видит маршрута больше 7 дней после диагностики",
        Silent = "silent" "педагог не отвечает больше 7 дней",
        Returned = "returned" "педагог вернул на доработку",
        Unapproved = "unapproved" "согласован, но не утверждён больше 7 дней",
        PauseOver = "pause_over" "приостановка кончилась, маршрут не возобновлён",
        Alone = "alone" "без сопровождающего",
    }
}

/// What is known of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Where it stands.
    pub state: IomState,
    /// The last day of the diagnosis that it answers, not after it became visible.
    pub diagnosed_on: Option<NaiveDate>,
    /// The first day on which the teacher could see it.
    pub visible_on: Option<NaiveDate>,
    /// The day it was sent for agreement last.
    pub sent_on: Option<NaiveDate>,
    /// The day of the agreement.
    pub agreed_on: Option<NaiveDate>,
    /// Its last day.
    pub ends_on: Option<NaiveDate>,
    /// The last day of its pause, where it is paused and somebody said so.
    pub paused_until: Option<NaiveDate>,
    /// Whether the day of an open step is over.
    pub late: bool,
    /// Whether anybody accompanies it.
    pub accompanied: bool,
}

impl Known {
    /// Calendar days from the diagnosis to the day on which the teacher could see it; none while that is not so.
    #[must_use]
    pub fn days(&self) -> Option<i64> {
        let (visible, diagnosed) = (self.visible_on?, self.diagnosed_on?);
        Some((visible - diagnosed).num_days())
    }

    /// When it became visible. Without a diagnosis there is nothing to count from; what was closed unseen will not be seen.
    #[must_use]
    pub fn formed(&self, today: NaiveDate) -> Formed {
        match (self.days(), self.diagnosed_on) {
            (Some(days), _) if days <= WEEK => Formed::InTime,
            (Some(_), _) => Formed::Late,
            (None, Some(on)) if self.state != IomState::Closed => {
                if (today - on).num_days() > WEEK {
                    Formed::Overdue
                } else {
                    Formed::Waits
                }
            }
            _ => Formed::Apart,
        }
    }

    /// By what it is at risk; a closed one by nothing.
    #[must_use]
    pub fn risks(&self, today: NaiveDate) -> BTreeSet<Risk> {
        let long_ago = |day: Option<NaiveDate>| day.is_some_and(|on| (today - on).num_days() > PATIENCE);
        let waits = self.state == IomState::OnAgreement;
        let of = |risk: Risk| match risk {
            Risk::Overdue => self.state == IomState::Active && self.late,
            // A pause stops the clock of a plan.
            Risk::Ended => self.state != IomState::Paused && self.ends_on.is_some_and(|on| on < today),
            Risk::Unseen => self.formed(today) == Formed::Overdue,
            Risk::Silent => waits && self.agreed_on.is_none() && long_ago(self.sent_on),
            Risk::Returned => self.state == IomState::Returned,
            Risk::Unapproved => waits && long_ago(self.agreed_on),
            Risk::PauseOver => self.paused_until.is_some_and(|on| on < today) && !planted!("pause_for_ever"),
            Risk::Alone => !self.accompanied,
        };
        let all = Risk::ALL.iter().copied();
        all.filter(|risk| self.state != IomState::Closed && of(*risk)).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;

    const DAY: NaiveDate = NaiveDate::from_ymd_opt(2023, 2, 1).unwrap();

    fn plan(state: IomState) -> Known {
        Known {
            state,
            diagnosed_on: Some(DAY),
            visible_on: None,
            sent_on: None,
            agreed_on: None,
            ends_on: None,
            paused_until: None,
            late: false,
            accompanied: true,
        }
    }

    fn on(days: u64) -> NaiveDate {
        DAY + Days::new(days)
    }

    #[test]
    fn the_seventh_day_is_in_time_and_what_is_not_seen_has_no_days() {
        let seen = |days| Known {
            visible_on: Some(on(days)),
            ..plan(IomState::OnAgreement)
        };
        let formed = |of: Known| (of.days(), of.formed(on(30)));
        assert_eq!(formed(seen(0)), (Some(0), Formed::InTime));
        assert_eq!(formed(seen(7)), (Some(7), Formed::InTime));
        assert_eq!(formed(seen(8)), (Some(8), Formed::Late));
        let draft = plan(IomState::Draft);
        assert_eq!((draft.days(), draft.formed(on(7))), (None, Formed::Waits));
        assert_eq!(draft.formed(on(8)), Formed::Overdue);
        assert_eq!(plan(IomState::Closed).formed(on(8)), Formed::Apart);
        let school = Known {
            diagnosed_on: None,
            ..seen(8)
        };
        assert_eq!(formed(school), (None, Formed::Apart));
    }

    #[test]
    fn a_plan_may_be_at_risk_by_several_and_a_closed_one_by_nothing() {
        let bad = |state| Known {
            late: true,
            ends_on: Some(on(10)),
            sent_on: Some(DAY),
            accompanied: false,
            ..plan(state)
        };
        let risks = |of: Known, day| of.risks(day).into_iter().collect::<Vec<_>>();
        let (active, paused) = (bad(IomState::Active), bad(IomState::Paused));
        assert_eq!(
            risks(active, on(11)),
            [Risk::Overdue, Risk::Ended, Risk::Unseen, Risk::Alone]
        );
        assert_eq!(risks(active, on(7)), [Risk::Overdue, Risk::Alone]);
        assert_eq!(risks(paused, on(11)), [Risk::Unseen, Risk::Alone]);
        let until = Known {
            paused_until: Some(on(5)),
            ..plan(IomState::Paused)
        };
        assert_eq!(
            (risks(until, on(5)), risks(until, on(6))),
            (vec![], vec![Risk::PauseOver])
        );
        assert_eq!(risks(bad(IomState::Closed), on(11)), []);
        let asked = bad(IomState::OnAgreement);
        assert_eq!(risks(asked, on(7)), [Risk::Alone]);
        assert_eq!(risks(asked, on(8)), [Risk::Unseen, Risk::Silent, Risk::Alone]);
        let agreed = Known {
            agreed_on: Some(on(1)),
            visible_on: Some(DAY),
            ..asked
        };
        assert_eq!(risks(agreed, on(8)), [Risk::Alone]);
        assert_eq!(risks(agreed, on(9)), [Risk::Unapproved, Risk::Alone]);
        assert_eq!(risks(plan(IomState::Returned), on(1)), [Risk::Returned]);
    }
}

//! What is known of one plan in a period.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::period::Window;
use super::sources::{PlanSource, State};
use crate::db::types::codes;
use crate::iom::{IomOutcome, IomState, SupporterKind};

/// Kinds of supporters that count: mentors and supervisors do not.
pub const COUNTED_KINDS: [SupporterKind; 4] = [
    SupporterKind::Curator,
    SupporterKind::Tutor,
    SupporterKind::RegionalMethodist,
    SupporterKind::MunicipalMethodist,
];

/// What is known of a plan in a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanFacts {
    /// First became visible to the teacher in the period, and was not a mistake.
    pub formed: bool,
    /// Became visible before the end and was not closed before the start.
    pub live: bool,
    /// Closed as completed in the period, and still so at its end.
    pub realised: bool,
    /// Live, with a supporter of a counted kind and an act of support in the period.
    pub supported: bool,
    /// The same, the supporter being a regional methodist.
    pub supported_by_regional_methodist: bool,
    /// Kinds of supporters on the last day, or on the day of closing.
    pub supporter_kinds: BTreeSet<SupporterKind>,
    /// Topics of the items that are not cancelled.
    pub topics: BTreeSet<String>,
    /// Why it counts as nothing though it belongs to the period; empty where it counts.
    pub reason: String,
}

/// The day a plan first became visible to its teacher: the first sending for agreement.
#[must_use]
pub fn first_visible_on(states: &[State]) -> Option<NaiveDate> {
    states
        .iter()
        .find(|s| s.state == IomState::OnAgreement)
        .map(|s| s.on_date)
}

/// The last state of a day.
fn state_on(states: &[State], day: NaiveDate) -> Option<&State> {
    states.iter().rev().find(|s| s.on_date <= day)
}

/// The facts of a plan; `None` when it has nothing to do with the period. `error_until` is the last day whose acts say
/// whether the plan was a mistake: a mistake found after the period still unmakes the plan, unless one looks back.
#[must_use]
pub fn facts(plan: &PlanSource, window: &Window, error_until: Option<NaiveDate>) -> Option<PlanFacts> {
    let visible = first_visible_on(&plan.states).filter(|day| *day <= window.ends_on)?;
    let latest = match error_until {
        None => plan.states.last(),
        Some(day) => state_on(&plan.states, day),
    };
    if latest.is_some_and(|s| s.error) {
        return window.contains(visible).then(|| PlanFacts {
            reason: "прекращён как ошибочный".into(),
            ..PlanFacts::default()
        });
    }
    let at_end = state_on(&plan.states, window.ends_on)?;
    let closed_before = window
        .starts_on
        .pred_opt()
        .and_then(|day| state_on(&plan.states, day))
        .is_some_and(|s| s.state == IomState::Closed);
    let reopened = plan
        .states
        .iter()
        .any(|s| window.contains(s.on_date) && s.state != IomState::Closed);
    let formed = window.contains(visible);
    let live = !closed_before || reopened;
    let closed_within = at_end.state == IomState::Closed && window.contains(at_end.on_date);
    let realised = closed_within && at_end.outcome == Some(IomOutcome::Completed);
    if !formed && !live && !realised {
        return None;
    }
    let helped = live && plan.support_acts.iter().any(|day| window.contains(*day));
    let accompanied = |wanted: &[SupporterKind]| {
        helped
            && plan.supporters.iter().any(|s| {
                wanted.contains(&s.kind)
                    && s.valid_from <= window.ends_on
                    && s.valid_to.is_none_or(|to| to > window.starts_on && to > s.valid_from)
            })
    };
    let counting_day = if closed_within { at_end.on_date } else { window.ends_on };
    Some(PlanFacts {
        formed,
        live,
        realised,
        supported: accompanied(&COUNTED_KINDS),
        supported_by_regional_methodist: accompanied(&[SupporterKind::RegionalMethodist]),
        supporter_kinds: plan
            .supporters
            .iter()
            .filter(|s| s.valid_from <= counting_day && s.valid_to.is_none_or(|to| counting_day < to))
            .map(|s| s.kind)
            .collect(),
        topics: plan
            .items
            .iter()
            .filter(|item| item.cancelled_on.is_none_or(|day| day > window.ends_on))
            .filter(|item| item.added_on.is_none_or(|day| day <= window.ends_on))
            .flat_map(|item| codes(&item.topics))
            .map(str::to_owned)
            .collect(),
        reason: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::sources::{Step, Support};
    use super::*;
    use crate::iom::IomId;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn year() -> Window {
        Window {
            starts_on: day("2023-01-01"),
            ends_on: day("2023-12-31"),
            reference_on: day("2023-12-31"),
            external_part: true,
        }
    }

    /// A plan of states `date state`, `closed` followed by its outcome or `error`.
    fn plan(states: &[&str]) -> PlanSource {
        let states = states.iter().map(|text| {
            let words: Vec<&str> = text.split(' ').collect();
            let error = words.get(2) == Some(&"error");
            State {
                on_date: day(words[0]),
                state: IomState::from_code(words[1]).unwrap(),
                outcome: match words.get(2) {
                    Some(_) if error => Some(IomOutcome::Terminated),
                    outcome => outcome.map(|o| IomOutcome::from_code(o).unwrap()),
                },
                error,
            }
        });
        PlanSource {
            origin: crate::iom::IomOrigin::School,
            on_platform: true,
            id: IomId(1),
            states: states.collect(),
            supporters: vec![],
            support_acts: vec![],
            items: vec![],
        }
    }

    fn of(states: &[&str]) -> (bool, bool, bool) {
        facts(&plan(states), &year(), None).map_or((false, false, false), |f| (f.formed, f.live, f.realised))
    }

    #[test]
    fn a_plan_is_formed_in_the_period_in_which_it_first_became_visible() {
        assert_eq!(of(&["2023-01-01 draft"]), (false, false, false), "never sent");
        assert_eq!(
            of(&["2022-12-01 draft", "2023-01-01 on_agreement"]),
            (true, true, false)
        );
        assert_eq!(of(&["2023-12-31 on_agreement"]), (true, true, false));
        assert_eq!(of(&["2024-01-01 on_agreement"]), (false, false, false));
        let returned = [
            "2022-12-31 on_agreement",
            "2023-01-02 returned",
            "2023-01-03 on_agreement",
        ];
        assert_eq!(of(&returned), (false, true, false), "sent again is not formed again");
    }

    #[test]
    fn a_mistaken_plan_counts_nowhere_though_it_was_found_out_later() {
        let states = ["2023-02-01 on_agreement", "2024-05-01 closed error"];
        assert_eq!(of(&states), (false, false, false));
        assert_eq!(
            facts(&plan(&states), &year(), None).unwrap().reason,
            "прекращён как ошибочный"
        );
        let then = facts(&plan(&states), &year(), Some(day("2023-12-31"))).unwrap();
        assert!(then.formed, "on the last day nobody knew");
        let back = [
            "2023-02-01 on_agreement",
            "2023-05-01 closed error",
            "2023-06-01 active",
        ];
        assert_eq!(of(&back), (true, true, false), "reopened: no mistake");
    }

    #[test]
    fn a_plan_is_live_until_it_was_closed_before_the_period() {
        assert_eq!(of(&["2022-02-01 on_agreement"]), (false, true, false));
        let closed = |on: &str| of(&["2022-02-01 on_agreement", &format!("{on} closed expired")]);
        assert_eq!(closed("2022-12-31"), (false, false, false), "closed on the day before");
        assert_eq!(closed("2023-01-01"), (false, true, false), "closed on the first day");
        let reopened = [
            "2022-02-01 on_agreement",
            "2022-12-31 closed completed",
            "2023-03-01 active",
        ];
        assert_eq!(of(&reopened), (false, true, false));
    }

    #[test]
    fn realised_is_closed_as_completed_at_the_end_of_the_period() {
        let closed = |on: &str, how: &str| of(&["2023-02-01 on_agreement", &format!("{on} closed {how}")]);
        assert_eq!(closed("2023-12-31", "completed"), (true, true, true));
        assert_eq!(closed("2024-01-01", "completed"), (true, true, false));
        assert_eq!(closed("2023-12-31", "expired"), (true, true, false));
        assert_eq!(closed("2023-12-31", "terminated"), (true, true, false));
        let reopened = [
            "2023-02-01 on_agreement",
            "2023-05-01 closed completed",
            "2023-05-02 active",
        ];
        assert_eq!(of(&reopened), (true, true, false), "reopened in the period");
        let later = [
            "2023-02-01 on_agreement",
            "2023-05-01 closed completed",
            "2024-01-10 active",
        ];
        assert_eq!(of(&later), (true, true, true), "reopened after it");
        let before = ["2022-02-01 on_agreement", "2023-05-01 closed completed"];
        assert_eq!(of(&before), (false, true, true), "formed before");
    }

    fn supported(kind: SupporterKind, from: &str, to: Option<&str>, act: &str) -> PlanFacts {
        let mut plan = plan(&["2022-02-01 on_agreement"]);
        plan.supporters.push(Support {
            kind,
            valid_from: day(from),
            valid_to: to.map(day),
        });
        plan.support_acts.push(day(act));
        facts(&plan, &year(), None).unwrap()
    }

    #[test]
    fn support_needs_a_counted_supporter_and_an_act_in_the_period() {
        let tutor = SupporterKind::Tutor;
        assert!(supported(tutor, "2022-02-01", None, "2023-01-01").supported);
        assert!(supported(tutor, "2023-12-31", None, "2023-12-31").supported);
        assert!(
            !supported(tutor, "2024-01-01", None, "2023-12-31").supported,
            "came after"
        );
        assert!(
            !supported(tutor, "2022-02-01", Some("2023-01-01"), "2023-01-01").supported,
            "left before"
        );
        assert!(supported(tutor, "2022-02-01", Some("2023-01-02"), "2023-05-01").supported);
        assert!(
            !supported(tutor, "2022-02-01", None, "2022-12-31").supported,
            "the act was before"
        );
        assert!(
            !supported(tutor, "2022-02-01", None, "2024-01-01").supported,
            "the act was after"
        );
        assert!(!supported(SupporterKind::Mentor, "2022-02-01", None, "2023-05-01").supported);
        let methodist = supported(SupporterKind::RegionalMethodist, "2022-02-01", None, "2023-05-01");
        assert!(methodist.supported && methodist.supported_by_regional_methodist);
        assert!(!supported(tutor, "2022-02-01", None, "2023-05-01").supported_by_regional_methodist);
    }

    #[test]
    fn supporters_are_read_on_the_last_day_or_on_the_day_of_closing() {
        let with = |states: &[&str], to: Option<&str>| {
            let mut plan = plan(states);
            plan.supporters.push(Support {
                kind: SupporterKind::Curator,
                valid_from: day("2023-02-01"),
                valid_to: to.map(day),
            });
            !facts(&plan, &year(), None).unwrap().supporter_kinds.is_empty()
        };
        let open = ["2023-02-01 on_agreement"];
        assert!(with(&open, None) && with(&open, Some("2024-01-01")));
        assert!(!with(&open, Some("2023-12-31")), "the last day is not covered");
        let closed = ["2023-02-01 on_agreement", "2023-05-01 closed expired"];
        assert!(with(&closed, Some("2023-05-02")) && !with(&closed, Some("2023-05-01")));
    }

    #[test]
    fn cancelled_items_give_no_topics() {
        let mut plan = plan(&["2023-02-01 on_agreement"]);
        for (topics, cancelled) in [
            ("upbringing,updated_fgos", None),
            ("gifted_children", Some("2023-12-31")),
            ("career_guidance", Some("2024-01-01")),
        ] {
            plan.items.push(Step {
                topics: topics.into(),
                cancelled_on: cancelled.map(day),
                added_on: None,
            });
        }
        for (topics, added) in [("preschool", "2023-12-31"), ("inclusion", "2024-01-01")] {
            plan.items.push(Step {
                topics: topics.into(),
                cancelled_on: None,
                added_on: Some(day(added)),
            });
        }
        let topics = facts(&plan, &year(), None).unwrap().topics;
        assert_eq!(
            topics.into_iter().collect::<Vec<_>>(),
            ["career_guidance", "preschool", "upbringing", "updated_fgos"]
        );
    }
}

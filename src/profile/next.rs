//! Who needs the next diagnostics and why, pure: from the results of a person, the posts held today and the plan.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::rules::{Measured, profile};
use crate::text_enum;

text_enum! {
    /// Why a person needs the next diagnostics. None of them tells a level.
    Need {
        Never = "never" "ещё не было диагностики",
        Expired = "expired" "прошёл срок результатов",
        FollowUp = "follow_up" "шаги маршрута пройдены",
        PostChanged = "post_changed" "новая должность",
    }
}

/// What beside the results makes the next diagnostics due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Around {
    /// The first day of the post that has been held longest of those held today.
    pub post_since: Option<NaiveDate>,
    /// The day on which the last step of the open plan was settled; `None` while one is left, or without a plan.
    pub settled_on: Option<NaiveDate>,
}

/// Reasons for the next diagnostics of a person on a day, in their order; none where none is due.
#[must_use]
pub fn needs(results: &[Measured], around: Around, on: NaiveDate) -> Vec<Need> {
    let formal = results.iter().filter(|r| !r.kind.is_own());
    let last = formal.map(|r| r.held_on).filter(|day| *day <= on).max();
    let Some(last) = last else {
        return vec![Need::Never];
    };
    // Which of the results have run out does not depend on levels.
    let ran_out = !profile(results, &HashMap::new(), on).expired.is_empty();
    let mut found = Vec::new();
    if ran_out {
        found.push(Need::Expired);
    }
    if around.settled_on.is_some_and(|day| last <= day && day <= on) {
        found.push(Need::FollowUp);
    }
    if around.post_since.is_some_and(|day| last < day && day <= on) {
        found.push(Need::PostChanged);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::competence::{CompetenceId, ScaleId};
    use crate::db::milli::Milli;
    use crate::diagnostics::{DiagnosisKind, ProcedureId, ResultId};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn result(kind: DiagnosisKind, held_on: &str, valid_days: Option<i32>) -> Measured {
        Measured {
            result: ResultId(1),
            competence: CompetenceId(1),
            subject: String::new(),
            kind,
            held_on: day(held_on),
            procedure: ProcedureId(1),
            valid_days,
            raw: Milli(1000),
            max: Milli(2000),
            scale: ScaleId(1),
        }
    }

    #[test]
    fn a_self_assessment_is_no_diagnostics() {
        let own = [result(DiagnosisKind::SelfAssessment, "2023-01-10", None)];
        assert_eq!(needs(&own, Around::default(), day("2023-02-01")), [Need::Never]);
        assert_eq!(needs(&[], Around::default(), day("2023-02-01")), [Need::Never]);
    }

    #[test]
    fn the_last_valid_day_is_not_yet_late() {
        let results = [result(DiagnosisKind::Full, "2023-01-10", Some(30))];
        assert_eq!(needs(&results, Around::default(), day("2023-02-09")), []);
        assert_eq!(needs(&results, Around::default(), day("2023-02-10")), [Need::Expired]);
    }

    #[test]
    fn a_plan_that_is_walked_through_and_a_new_post_ask_for_the_next_one_until_it_is_held() {
        let around = Around {
            post_since: Some(day("2023-05-01")),
            settled_on: Some(day("2023-06-01")),
        };
        let mut results = vec![result(DiagnosisKind::Full, "2023-01-10", None)];
        assert_eq!(
            needs(&results, around, day("2023-07-01")),
            [Need::FollowUp, Need::PostChanged]
        );
        assert_eq!(needs(&results, around, day("2023-05-31")), [Need::PostChanged]);
        results.push(result(DiagnosisKind::FollowUp, "2023-06-10", None));
        assert_eq!(needs(&results, around, day("2023-07-01")), []);
    }
}

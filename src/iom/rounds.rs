//! How a plan had been closed before it was taken back into work: the old outcome stays, whatever comes after it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::model::{ActKind, DeficitOutcome, IomOutcome};
use crate::planted;

/// An act as far as rounds are read from it.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// What.
    pub act: ActKind,
    /// The act's own day.
    pub on: NaiveDate,
    /// Value: an outcome with its deficit.
    pub value: Option<&'a str>,
    /// Remark: the conclusion, why it was closed or reopened.
    pub reason: Option<&'a str>,
    /// Who; `None` is a command on the server.
    pub by: Option<&'a str>,
}

/// A closing that was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// The day it was closed.
    pub closed_on: NaiveDate,
    /// How.
    pub outcome: IomOutcome,
    /// In which words: the conclusion or the reason.
    pub reason: Option<String>,
    /// Who closed it.
    pub closed_by: Option<String>,
    /// What had come of the deficits by then, by the codes of their competences.
    pub deficits: Vec<(String, DeficitOutcome)>,
    /// The day it came back into work.
    pub reopened_on: NaiveDate,
    /// Why.
    pub why: Option<String>,
    /// Who took it back.
    pub reopened_by: Option<String>,
}

/// Closings that were taken back, in the order of acts, which come oldest first.
pub fn rounds<'a>(acts: impl IntoIterator<Item = Step<'a>>) -> Vec<Round> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let mut deficits: Vec<(String, DeficitOutcome)> = Vec::new();
    let mut closed: Option<(Step<'a>, IomOutcome)> = None;
    let mut found = Vec::new();
    for step in acts {
        if let Some(outcome) = outcome_of(step.act) {
            closed = Some((step, outcome));
        } else if step.act == ActKind::Outcome {
            let Some((code, outcome)) = step.value.and_then(judged) else {
                continue;
            };
            deficits.retain(|(known, _)| *known != code);
            deficits.push((code, outcome));
        } else if step.act == ActKind::Reopen {
            let Some((closing, outcome)) = closed.take().filter(|_| !planted!("old_outcome_lost")) else {
                continue;
            };
            found.push(Round {
                closed_on: closing.on,
                outcome,
                reason: owned(closing.reason),
                closed_by: owned(closing.by),
                deficits: deficits.clone(),
                reopened_on: step.on,
                why: owned(step.reason),
                reopened_by: owned(step.by),
            });
        }
    }
    found
}

/// Codes of the competences that were judged since the plan came back into work the last time, of acts that come oldest
/// first; `None` where it never came back.
pub fn judged_since<'a>(acts: impl IntoIterator<Item = Step<'a>>) -> Option<BTreeSet<String>> {
    let mut since: Option<BTreeSet<String>> = None;
    for step in acts {
        if step.act == ActKind::Reopen {
            since = Some(BTreeSet::new());
        } else if step.act == ActKind::Outcome
            && let Some(codes) = since.as_mut()
            && let Some((code, _)) = step.value.and_then(judged)
        {
            codes.insert(code);
        }
    }
    since
}

/// Whether the outcome of a deficit is one of now: a plan that came back into work keeps those of the closing before as what
/// was, until each deficit is judged anew or the plan is closed again.
#[must_use]
pub fn is_of_now(is_closed: bool, since: Option<&BTreeSet<String>>, code: &str) -> bool {
    is_closed || since.is_none_or(|codes| codes.contains(code)) || planted!("old_outcome_current")
}

/// How an act closes a plan.
fn outcome_of(act: ActKind) -> Option<IomOutcome> {
    match act {
        ActKind::CloseCompleted => Some(IomOutcome::Completed),
        ActKind::CloseExpired => Some(IomOutcome::Expired),
        ActKind::CloseTerminated => Some(IomOutcome::Terminated),
        _ => None,
    }
}

/// The deficit and its outcome in the value of an act: `code:closed`.
#[must_use]
pub fn judged(value: &str) -> Option<(String, DeficitOutcome)> {
    let (code, outcome) = value.rsplit_once(':')?;
    Some((code.trim().to_owned(), DeficitOutcome::from_code(outcome.trim())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_closing_that_was_taken_back_keeps_what_was_judged_by_then() {
        let day = |n| NaiveDate::from_ymd_opt(2023, 4, n).unwrap();
        let step = |act, n, value, reason| Step {
            act,
            on: day(n),
            value,
            reason,
            by: Some("кто-то"),
        };
        use ActKind as A;
        let acts = [
            step(A::Outcome, 1, Some("К1:closed"), None),
            step(A::Outcome, 1, Some("К2:remained"), None),
            step(A::CloseCompleted, 2, None, Some("показано на уроках")),
            step(A::Reopen, 3, None, Some("рано")),
            step(A::Outcome, 4, Some("К1:reduced"), None),
            step(A::CloseExpired, 5, None, None),
            step(A::Reopen, 6, None, Some("ошибка")),
            step(A::Outcome, 7, Some("К2:closed"), None),
            step(A::CloseCompleted, 8, None, None),
        ];
        let found = rounds(acts);
        let (closed, reduced, remained) = (
            DeficitOutcome::Closed,
            DeficitOutcome::Reduced,
            DeficitOutcome::Remained,
        );
        let of = |code: &str, outcome| (code.to_owned(), outcome);
        assert_eq!(found.len(), 2, "the last closing stands and is no round of before");
        assert_eq!(
            (found[0].outcome, found[0].reopened_on),
            (IomOutcome::Completed, day(3))
        );
        assert_eq!(found[0].deficits, [of("К1", closed), of("К2", remained)]);
        assert_eq!(found[0].reason.as_deref(), Some("показано на уроках"));
        assert_eq!(
            (found[1].outcome, found[1].why.as_deref()),
            (IomOutcome::Expired, Some("ошибка"))
        );
        assert_eq!(found[1].deficits, [of("К2", remained), of("К1", reduced)]);
        let since = judged_since(acts).unwrap();
        let now = |is_closed, code| is_of_now(is_closed, Some(&since), code);
        assert!(
            now(false, "К2") && !now(false, "К1"),
            "an outcome of the closing before: {since:?}"
        );
        assert!(now(true, "К1"), "a closed plan stands by all of them");
        assert!(
            is_of_now(false, judged_since(acts[..3].to_vec()).as_ref(), "К1"),
            "it never came back"
        );
    }
}

//! «Было – стало»: two formal results of one competence, the latest and the one before it by another passage.

use std::collections::BTreeMap;

use super::rules::Measured;
use crate::competence::CompetenceId;

/// A competence that was measured twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Competence.
    pub competence: CompetenceId,
    /// The result before.
    pub was: Measured,
    /// The latest result.
    pub now: Measured,
}

/// The last two formal results of each competence, by day; of one day the one recorded later stands for it. A competence
/// that was measured once has no pair.
#[must_use]
pub fn pairs(results: &[Measured]) -> Vec<Pair> {
    let mut days: BTreeMap<CompetenceId, BTreeMap<chrono::NaiveDate, &Measured>> = BTreeMap::new();
    for result in results.iter().filter(|r| !r.kind.is_own()) {
        let of = days.entry(result.competence).or_default();
        let known = of.entry(result.held_on).or_insert(result);
        if known.result < result.result {
            *known = result;
        }
    }
    let pair = |(competence, of): (CompetenceId, BTreeMap<chrono::NaiveDate, &Measured>)| {
        let mut last = of.into_values().rev();
        let (now, was) = (last.next()?, last.next()?);
        Some(Pair {
            competence,
            was: was.clone(),
            now: now.clone(),
        })
    };
    days.into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::competence::ScaleId;
    use crate::db::milli::Milli;
    use crate::diagnostics::{DiagnosisKind, ProcedureId, ResultId};

    fn result(id: i64, kind: DiagnosisKind, held_on: &str, raw: i32) -> Measured {
        Measured {
            result: ResultId(id),
            competence: CompetenceId(1),
            subject: String::new(),
            kind,
            held_on: held_on.parse().unwrap(),
            procedure: ProcedureId(1),
            valid_days: None,
            raw: Milli(raw),
            max: Milli(100),
            scale: ScaleId(1),
        }
    }

    #[test]
    fn the_last_two_days_stand_beside_each_other_and_the_own_assessment_beside_none() {
        let results = [
            result(1, DiagnosisKind::Full, "2023-01-10", 10),
            result(2, DiagnosisKind::Full, "2023-05-10", 40),
            result(4, DiagnosisKind::FollowUp, "2023-09-10", 70),
            result(3, DiagnosisKind::Entry, "2023-09-10", 60),
            result(5, DiagnosisKind::SelfAssessment, "2023-10-10", 99),
        ];
        let found = pairs(&results);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].was.raw, found[0].now.raw), (Milli(40), Milli(70)));
        assert!(pairs(&results[..1]).is_empty());
    }
}

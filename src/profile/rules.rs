//! From results to deficits, pure: the latest valid formal result of each competence, read by its scale; the
//! self-assessment apart; what has run out is named and counts nowhere.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};

use crate::competence::scale::{Band, level_of};
use crate::competence::{CompetenceId, ScaleId};
use crate::db::milli::Milli;
use crate::diagnostics::{DiagnosisKind, ProcedureId, ResultId};

/// A result with what its passage and procedure say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The result.
    pub result: ResultId,
    /// Competence.
    pub competence: CompetenceId,
    /// School subject; empty where none.
    pub subject: String,
    /// Kind of the passage.
    pub kind: DiagnosisKind,
    /// The day of the passage.
    pub held_on: NaiveDate,
    /// The procedure.
    pub procedure: ProcedureId,
    /// How long the procedure's results stay valid; `None` is without limit.
    pub valid_days: Option<i32>,
    /// Score.
    pub raw: Milli,
    /// The most that could be scored.
    pub max: Milli,
    /// The scale it is read by.
    pub scale: ScaleId,
}

impl Measured {
    /// The last day the result is valid; `None` is without limit.
    #[must_use]
    pub fn valid_through(&self) -> Option<NaiveDate> {
        let days = u64::try_from(self.valid_days?).unwrap_or(0);
        self.held_on.checked_add_days(Days::new(days))
    }

    /// Whether the result is in force on a day: held by then and not run out.
    #[must_use]
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.held_on <= day && self.valid_through().is_none_or(|last| day <= last)
    }

    fn is_formal(&self) -> bool {
        self.kind != DiagnosisKind::SelfAssessment
    }

    /// Later by date; on the same day the one recorded later.
    fn order(&self) -> (NaiveDate, ResultId) {
        (self.held_on, self.result)
    }
}

/// The level a score falls into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Code.
    pub code: String,
    /// Label as printed.
    pub label: String,
    /// Whether it is a deficit.
    pub is_deficit: bool,
    /// How heavy; larger is worse.
    pub severity: i32,
}

/// The formal result that counts, with its level; no level where the scale has a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The result.
    pub measured: Measured,
    /// Its level.
    pub level: Option<Level>,
}

impl Standing {
    /// The level, when it is a deficit.
    #[must_use]
    pub fn deficit(&self) -> Option<&Level> {
        self.level.as_ref().filter(|level| level.is_deficit)
    }
}

/// One competence of the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Competence.
    pub competence: CompetenceId,
    /// The formal result in force.
    pub formal: Option<Standing>,
    /// The latest self-assessment; it never changes the formal part.
    pub self_assessment: Option<Measured>,
}

/// A formal result that would count, had it not run out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expired {
    /// The result.
    pub measured: Measured,
    /// Its last valid day.
    pub valid_through: NaiveDate,
}

/// A person's profile on a day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Competences with a formal result in force or a self-assessment.
    pub lines: Vec<Line>,
    /// What ran out and was not replaced.
    pub expired: Vec<Expired>,
}

impl Profile {
    /// Deficits: formal results in force whose level is flagged.
    pub fn deficits(&self) -> impl Iterator<Item = (&Standing, &Level)> {
        self.lines
            .iter()
            .filter_map(|line| line.formal.as_ref())
            .filter_map(|standing| Some((standing, standing.deficit()?)))
    }
}

/// The profile on a day from all results of one person (withdrawn and superseded ones left out already).
#[must_use]
pub fn profile(results: &[Measured], scales: &HashMap<ScaleId, Vec<Band>>, on: NaiveDate) -> Profile {
    let mut formal: BTreeMap<CompetenceId, &Measured> = BTreeMap::new();
    let mut latest: BTreeMap<CompetenceId, &Measured> = BTreeMap::new();
    let mut own: BTreeMap<CompetenceId, &Measured> = BTreeMap::new();
    for result in results.iter().filter(|r| r.held_on <= on) {
        if !result.is_formal() {
            keep_later(&mut own, result);
            continue;
        }
        keep_later(&mut latest, result);
        if result.holds_on(on) {
            keep_later(&mut formal, result);
        }
    }
    let competences: std::collections::BTreeSet<CompetenceId> = formal.keys().chain(own.keys()).copied().collect();
    let lines = competences
        .into_iter()
        .map(|competence| Line {
            competence,
            formal: formal.get(&competence).map(|m| standing(m, scales)),
            self_assessment: own.get(&competence).map(|m| (*m).clone()),
        })
        .collect();
    let expired = latest
        .values()
        .filter_map(|measured| {
            let valid_through = measured.valid_through().filter(|last| *last < on)?;
            Some(Expired {
                measured: (*measured).clone(),
                valid_through,
            })
        })
        .collect();
    Profile { lines, expired }
}

fn keep_later<'a>(of: &mut BTreeMap<CompetenceId, &'a Measured>, result: &'a Measured) {
    let known = of.entry(result.competence).or_insert(result);
    if known.order() < result.order() {
        *known = result;
    }
}

fn standing(measured: &Measured, scales: &HashMap<ScaleId, Vec<Band>>) -> Standing {
    let bands = scales.get(&measured.scale).map_or(&[][..], Vec::as_slice);
    let level = level_of(measured.raw, measured.max, bands).map(|band| Level {
        code: band.level.clone(),
        label: band.label.clone(),
        is_deficit: band.is_deficit,
        severity: band.severity,
    });
    Standing {
        measured: measured.clone(),
        level,
    }
}

/// A score in per cent with up to two decimals, halves up: `59.99`, `60`, `33.33`. For reading only: levels compare
/// the score itself.
#[must_use]
pub fn percent(raw: Milli, max: Milli) -> String {
    if max.0 <= 0 {
        return String::new();
    }
    let (raw, max) = (i64::from(raw.0), i64::from(max.0));
    let hundredths = (raw * 20_000 + max).div_euclid(2 * max);
    Milli(i32::try_from(hundredths * 10).unwrap_or(i32::MAX)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn scales() -> HashMap<ScaleId, Vec<Band>> {
        let band = |number: i32, level: &str, lower, upper, lower_incl, upper_incl, is_deficit| Band {
            id: number.into(),
            scale_id: ScaleId(1),
            number,
            level: level.into(),
            label: level.into(),
            lower_milli: Milli(lower),
            upper_milli: Milli(upper),
            lower_incl,
            upper_incl,
            is_deficit,
            severity: 4 - number,
        };
        let bands = vec![
            band(1, "high", 0, 60_000, true, false, true),
            band(2, "middle", 60_000, 80_000, true, true, true),
            band(3, "low", 80_000, 100_000, false, false, false),
            band(4, "none", 100_000, 100_000, true, true, false),
        ];
        HashMap::from([(ScaleId(1), bands)])
    }

    fn result(id: i64, kind: DiagnosisKind, held_on: &str, raw: i32, valid_days: Option<i32>) -> Measured {
        Measured {
            result: ResultId(id),
            competence: CompetenceId(1),
            subject: String::new(),
            kind,
            held_on: day(held_on),
            procedure: ProcedureId(1),
            valid_days,
            raw: Milli(raw * 1000),
            max: Milli(100_000),
            scale: ScaleId(1),
        }
    }

    fn chosen(results: &[Measured], on: &str) -> Option<i64> {
        let profile = profile(results, &scales(), day(on));
        Some(profile.lines.first()?.formal.as_ref()?.measured.result.0)
    }

    #[test]
    fn the_latest_counts_and_not_the_best() {
        let results = [
            result(1, DiagnosisKind::Full, "2023-01-10", 95, None),
            result(3, DiagnosisKind::FollowUp, "2023-05-10", 40, None),
            result(2, DiagnosisKind::Entry, "2023-05-10", 90, None),
        ];
        assert_eq!(chosen(&results, "2023-01-09"), None, "nothing was held yet");
        assert_eq!(chosen(&results, "2023-01-10"), Some(1));
        assert_eq!(
            chosen(&results, "2023-06-01"),
            Some(3),
            "on the same day the later record"
        );
    }

    #[test]
    fn a_result_is_valid_through_its_last_day_and_not_a_day_longer() {
        let results = [
            result(1, DiagnosisKind::Full, "2022-01-10", 40, None),
            result(2, DiagnosisKind::Full, "2023-01-10", 50, Some(30)),
        ];
        assert_eq!(chosen(&results, "2023-02-09"), Some(2));
        assert!(profile(&results, &scales(), day("2023-02-09")).expired.is_empty());
        assert_eq!(chosen(&results, "2023-02-10"), Some(1), "the older one is still valid");
        let noted = profile(&results, &scales(), day("2023-02-10")).expired;
        assert_eq!(noted.len(), 1);
        assert_eq!(noted[0].valid_through, day("2023-02-09"));
        assert_eq!(chosen(&results[1..], "2023-02-10"), None);
    }

    #[test]
    fn self_assessment_stands_apart() {
        let results = [
            result(1, DiagnosisKind::Full, "2023-01-10", 40, None),
            result(2, DiagnosisKind::SelfAssessment, "2023-03-10", 100, None),
        ];
        let profile = profile(&results, &scales(), day("2023-04-01"));
        assert_eq!(profile.deficits().count(), 1);
        let own = profile.lines[0].self_assessment.as_ref().unwrap();
        assert_eq!(own.result, ResultId(2));
        assert_eq!(chosen(&results[1..], "2023-04-01"), None);
    }

    #[test]
    fn per_cent_is_printed_with_two_decimals_at_most() {
        for (raw, max, text) in [
            ("59.99", "100", "59.99"),
            ("12", "20", "60"),
            ("1", "3", "33.33"),
            ("2", "3", "66.67"),
            ("0", "7", "0"),
            ("1", "8", "12.5"),
        ] {
            let [raw, max] = [raw, max].map(|t| Milli::parse(t).unwrap());
            assert_eq!(percent(raw, max), text);
        }
    }
}

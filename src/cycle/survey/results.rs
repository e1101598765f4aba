//! What the answers of a survey say together, and for which units they may be read: from five people up, and so that nobody
//! finds out the answers of fewer by subtraction.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::model::{Answer, Survey};
use crate::db::schema::{survey_answer, survey_sheet};
use crate::db::{AnyConn, DbError};
use crate::indicators::pack_surveys::{Question, QuestionKind};
use crate::planted;
use crate::units::{Tree, UnitId, UnitKind};

/// Fewer people than this are not told.
pub const FEWEST: i64 = 5;

/// The units whose answers may be read: the region, its municipalities, organisations of those.
///
/// A unit with fewer answers than five is not told. What is not told within a region or a municipality stands for at least five
/// people together; where it does not, the smallest that could be told goes too. Organisations of a municipality that is not
/// told are not told either: their sum would be the municipality.
#[must_use]
pub fn readable(tree: &Tree, region: UnitId, answered: &BTreeMap<UnitId, i64>) -> BTreeSet<UnitId> {
    let mut towns: BTreeMap<UnitId, BTreeMap<UnitId, i64>> = BTreeMap::new();
    let mut below: BTreeMap<UnitId, i64> = BTreeMap::new();
    for (organisation, many) in answered {
        let town = tree.ancestor(*organisation, UnitKind::Municipality);
        let place = town.unwrap_or(*organisation);
        *below.entry(place).or_default() += many;
        if town.is_some() {
            towns.entry(place).or_default().insert(*organisation, *many);
        }
    }
    let all: i64 = below.values().sum();
    if all < FEWEST && !planted!("few_answers_read") {
        return BTreeSet::new();
    }
    let mut found = BTreeSet::from([region]);
    let told = told(&below);
    for town in &told {
        if let Some(own) = towns.get(town) {
            found.extend(self::told(own));
        }
    }
    found.extend(told);
    found
}

/// Those of some units that may be told beside their sum.
fn told(answered: &BTreeMap<UnitId, i64>) -> BTreeSet<UnitId> {
    let some = answered.iter().filter(|(_, many)| **many > 0);
    if planted!("few_answers_read") {
        return some.map(|(unit, _)| *unit).collect();
    }
    let (open, shut): (Vec<_>, Vec<_>) = some.partition(|(_, many)| **many >= FEWEST);
    let mut open: Vec<(i64, UnitId)> = open.into_iter().map(|(unit, many)| (*many, *unit)).collect();
    open.sort_unstable();
    let mut hidden: i64 = shut.iter().map(|(_, many)| **many).sum();
    let mut open = open.into_iter();
    while hidden > 0 && hidden < FEWEST && !planted!("answers_by_subtraction") {
        let Some((many, _)) = open.next() else { break };
        hidden += many;
    }
    open.map(|(_, unit)| unit).collect()
}

/// How many people of each organisation have answered each question.
///
/// # Errors
/// Those of the database.
pub fn by_question(conn: &mut AnyConn, of: &Survey) -> Result<BTreeMap<String, BTreeMap<UnitId, i64>>, DbError> {
    let rows: Vec<(String, UnitId, i64)> = survey_answer::table
        .inner_join(
            survey_sheet::table.on(survey_sheet::id
                .eq(survey_answer::survey_sheet_id)
                .and(survey_sheet::region_id.eq(survey_answer::region_id))),
        )
        .filter(survey_answer::region_id.eq(of.region_id))
        .filter(survey_sheet::survey_id.eq(of.id))
        .group_by((survey_answer::question, survey_sheet::organisation_id))
        .select((
            survey_answer::question,
            survey_sheet::organisation_id,
            diesel::dsl::count(survey_answer::survey_sheet_id).aggregate_distinct(),
        ))
        .load(conn)?;
    let mut found: BTreeMap<String, BTreeMap<UnitId, i64>> = BTreeMap::new();
    for (question, organisation, people) in rows {
        found.entry(question).or_default().insert(organisation, people);
    }
    Ok(found)
}

/// What was answered to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The question.
    pub question: Question,
    /// How many chose each option.
    pub chosen: Vec<i64>,
    /// How many answered it.
    pub people: i64,
    /// Whether so few answered it here that it is not told, or would tell of few elsewhere.
    pub is_hidden: bool,
    /// What was said in words, in the order of the alphabet.
    pub words: Vec<String>,
}

impl Counted {
    /// The same with nothing to read.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self {
            chosen: Vec::new(),
            people: 0,
            is_hidden: true,
            words: Vec::new(),
            ..self
        }
    }

    /// The mean place of a scale from 1, thousandths; `None` where nobody answered or it is none.
    #[must_use]
    pub fn mean_milli(&self) -> Option<i64> {
        let people: i64 = self.chosen.iter().sum();
        if self.question.kind != QuestionKind::Scale || people == 0 {
            return None;
        }
        let sum: i64 = (1..).zip(&self.chosen).map(|(place, many)| place * many).sum();
        Some((sum * 2000 + people).div_euclid(people * 2))
    }
}

/// Counts the answers of people of some organisations; `None` counts all of the region.
///
/// # Errors
/// Those of the database.
pub fn count(
    conn: &mut AnyConn,
    of: &Survey,
    questions: &[Question],
    organisations: Option<&[UnitId]>,
) -> Result<Vec<Counted>, DbError> {
    let mut query = survey_answer::table
        .inner_join(
            survey_sheet::table.on(survey_sheet::id
                .eq(survey_answer::survey_sheet_id)
                .and(survey_sheet::region_id.eq(survey_answer::region_id))),
        )
        .filter(survey_answer::region_id.eq(of.region_id))
        .filter(survey_sheet::survey_id.eq(of.id))
        .select(Answer::as_select())
        .into_boxed();
    if let Some(organisations) = organisations {
        query = query.filter(survey_sheet::organisation_id.eq_any(organisations.to_vec()));
    }
    let rows: Vec<Answer> = query.load(conn)?;
    Ok(counted(questions, &rows))
}

fn counted(questions: &[Question], rows: &[Answer]) -> Vec<Counted> {
    let one = |question: &Question| {
        let own = || rows.iter().filter(|row| row.question == question.code);
        let mut chosen = vec![0; question.options.len()];
        for row in own() {
            let place = row.choice.and_then(|n| usize::try_from(n).ok());
            if let Some(many) = place.and_then(|n| chosen.get_mut(n)) {
                *many += 1;
            }
        }
        let people: BTreeSet<_> = own().map(|row| row.survey_sheet_id).collect();
        let mut words: Vec<String> = own().filter_map(|row| row.words.clone()).collect();
        words.sort();
        Counted {
            question: question.clone(),
            chosen,
            people: i64::try_from(people.len()).unwrap_or(i64::MAX),
            is_hidden: false,
            words,
        }
    };
    questions.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_of(answered: &[(i64, i64)]) -> Vec<i64> {
        let answered = answered.iter().map(|(unit, many)| (UnitId(*unit), *many)).collect();
        told(&answered).into_iter().map(|unit| unit.0).collect()
    }

    #[test]
    fn units_of_few_answers_are_not_told_nor_found_by_subtraction() {
        assert_eq!(told_of(&[(1, 5), (2, 9)]), [1, 2]);
        assert_eq!(told_of(&[(1, 5), (2, 9), (3, 0)]), [1, 2]);
        // The smallest of the others goes with the one that has few.
        assert_eq!(told_of(&[(1, 4), (2, 9), (3, 6)]), [2]);
        // Two that have few stand for five together.
        assert_eq!(told_of(&[(1, 3), (2, 2), (3, 6)]), [3]);
        assert_eq!(told_of(&[(1, 1), (2, 2), (3, 6), (4, 7)]), [4]);
        assert!(told_of(&[(1, 4)]).is_empty());
    }

    #[test]
    fn the_mean_of_a_scale_is_of_those_who_answered() {
        let question = Question {
            code: "q".into(),
            text: "?".into(),
            kind: QuestionKind::Scale,
            options: ["1", "2", "3"].map(str::to_owned).to_vec(),
        };
        let of = |chosen: [i64; 3]| Counted {
            question: question.clone(),
            chosen: chosen.to_vec(),
            people: chosen.iter().sum(),
            is_hidden: false,
            words: Vec::new(),
        };
        assert_eq!(of([1, 0, 2]).mean_milli(), Some(2333));
        assert_eq!(of([0, 0, 0]).mean_milli(), None);
    }
}

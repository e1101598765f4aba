//! Answering a survey: once, all of it together. The answers are kept apart from the person: their ids are drawn by lot, they
//! have no time, and the journal says only that somebody has answered.

use std::collections::BTreeMap;

use rand::TryRngCore as _;

use super::model::{Answer, Participant, Sheet, SheetId, SurveyId};
use super::store;
use crate::access::by::By;
use crate::db::schema::{survey_answer, survey_participant, survey_sheet};
use crate::db::text_keys::clean;
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::indicators::pack_surveys::{Question, QuestionKind};
use crate::people::PersonId;
use crate::{insert_many, planted};

/// The longest answer in words, characters.
pub const LONGEST: usize = 1000;

/// What was said to the questions of a survey: as the form sent it, by the code of the question.
pub type Said = BTreeMap<String, Vec<String>>;

/// What is wrong with the answer to a question, in words.
#[must_use]
pub fn refused(question: &Question, said: &[String]) -> Option<Refusal> {
    let places = || said.iter().map(|text| text.parse::<usize>().ok());
    let none = said.iter().all(|text| clean(text).is_empty());
    match question.kind {
        QuestionKind::Words => {
            let long = said.iter().any(|text| text.chars().count() > LONGEST);
            long.then(|| Refusal::new("cycle.survey_long_words"))
        }
        _ if none && question.kind == QuestionKind::Several => None,
        _ if none => Some(Refusal::new("cycle.survey_unanswered")),
        kind => {
            let known = places().all(|place| place.is_some_and(|n| n < question.options.len()));
            let fits = known && (kind == QuestionKind::Several || said.len() == 1);
            (!fits).then(|| Refusal::new("cycle.survey_no_such_answer"))
        }
    }
}

/// A number by lot that is no earlier or later than another one.
///
/// # Errors
/// The machine gives no random numbers.
pub(in crate::cycle) fn by_lot() -> Result<i64, Error> {
    let mut bytes = [0_u8; 8];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|e| Error::Internal(format!("нет случайных чисел: {e}")))?;
    // Positive, and never zero.
    Ok((i64::from_le_bytes(bytes) & i64::MAX).max(1))
}

/// Takes the answers of a person. Whoever has answered already changes nothing: `false`.
///
/// # Errors
/// No such survey; it does not take answers today or does not ask this person; an answer that does not fit its question.
pub fn answer(tx: &mut Tx<'_>, by: &By, person: PersonId, id: SurveyId, said: &Said) -> Result<bool, Error> {
    let today = tx.today();
    let missing = || Error::NotFound("опрос".into());
    let of = store::one(tx.conn(), by.region, id)?.ok_or_else(missing)?;
    let before = store::of_person(tx.conn(), by.region, person)?;
    if before.iter().any(|known| known.survey_id == id) && !planted!("answered_twice") {
        return Ok(false);
    }
    if !of.is_open(today) {
        let day = of.closes_on.format("%d.%m.%Y");
        return Err(Refusal::new("cycle.survey_shut").with("day", day).into());
    }
    let place = store::place_of(tx.conn(), (by.region, person), &of.kinds(), today)?;
    let organisation = place.ok_or_else(missing)?;
    let questions = of.questions()?;
    let nothing = Vec::new();
    let taken = SheetId(if planted!("sheet_by_the_clock") {
        tx.id()
    } else {
        by_lot()?
    });
    let mut answers: Vec<Answer> = Vec::with_capacity(questions.len());
    for question in &questions {
        let own = said.get(&question.code).unwrap_or(&nothing);
        if let Some(refusal) = refused(question, own) {
            return Err(refusal.with("question", &question.text).into());
        }
        for text in own {
            let text = clean(text);
            if text.is_empty() {
                continue;
            }
            let choice = match question.kind {
                QuestionKind::Words => None,
                _ => text.parse().ok(),
            };
            let same = |known: &&Answer| known.question == question.code && known.choice == choice;
            if choice.is_some() && answers.iter().find(same).is_some() {
                continue;
            }
            answers.push(Answer {
                id: by_lot()?,
                region_id: by.region,
                survey_sheet_id: taken,
                question: question.code.clone(),
                choice,
                words: choice.is_none().then_some(text),
            });
        }
    }
    let participant = Participant {
        id: tx.id(),
        region_id: by.region,
        survey_id: id,
        person_id: person,
        organisation_id: organisation,
        recorded_at: tx.now(),
    };
    let sheet = Sheet {
        id: taken,
        region_id: by.region,
        survey_id: id,
        organisation_id: organisation,
    };
    insert_many!(tx.conn(), survey_participant::table, [participant]).map_err(DbError::from)?;
    insert_many!(tx.conn(), survey_sheet::table, [sheet]).map_err(DbError::from)?;
    insert_many!(tx.conn(), survey_answer::table, answers).map_err(DbError::from)?;
    by.note(tx, "cycle.survey_answer", ("survey", id.0), &[], "")?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(kind: QuestionKind) -> Question {
        let options = ["да", "нет", "не знаю"].map(str::to_owned).to_vec();
        Question {
            code: "q".into(),
            text: "?".into(),
            kind,
            options: if kind == QuestionKind::Words {
                Vec::new()
            } else {
                options
            },
        }
    }

    fn fits(kind: QuestionKind, said: &[&str]) -> bool {
        let said: Vec<String> = said.iter().map(|s| (*s).to_owned()).collect();
        refused(&question(kind), &said).is_none()
    }

    #[test]
    fn an_answer_fits_its_question() {
        use QuestionKind::{One, Scale, Several, Words};
        assert!(fits(One, &["0"]) && fits(One, &["2"]) && !fits(One, &["3"]) && !fits(One, &["-1"]));
        assert!(!fits(One, &[]) && !fits(One, &[""]) && !fits(One, &["0", "1"]) && !fits(Scale, &[]));
        assert!(fits(Several, &[]) && fits(Several, &["0", "2"]) && !fits(Several, &["0", "7"]));
        assert!(fits(Words, &[]) && fits(Words, &["свой текст"]) && !fits(Words, &["я".repeat(1001).as_str()]));
    }
}

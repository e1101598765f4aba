//! The self-assessment is finished: a passage of the kind «self» with a result for each competence. It stands apart and
//! changes no formal result.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use super::model::{Diagnosis, DiagnosisId, DiagnosisKind, DiagnosisResult, ProcedureId, ResultId};
use super::own::{Attempt, AttemptState, answers, standing};
use super::procedure::OBJECT;
use super::questionnaire::{self, MOST, Places, Topic};
use crate::access::by::By;
use crate::competence::{CompetenceId, reference};
use crate::db::milli::Milli;
use crate::db::schema::{diagnosis, diagnosis_result, own_attempt, questionnaire as versions};
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::people::PersonId;

/// Finishes the attempt of a person and says whether there was one: a form sent twice finds none.
///
/// # Errors
/// Statements without an answer; none of them is about this person's work.
pub fn finish(tx: &mut Tx<'_>, by: &By, person: PersonId) -> Result<bool, Error> {
    let Some(attempt) = standing(tx.conn(), by.region, person)?.begun else {
        return Ok(false);
    };
    // From here on no answer comes in, and whoever finishes at the same time waits.
    let now = tx.now();
    let open = own_attempt::table
        .filter(own_attempt::region_id.eq(attempt.region_id))
        .filter(own_attempt::id.eq(attempt.id))
        .filter(own_attempt::state.eq(AttemptState::Begun));
    let taken = diesel::update(open)
        .set((
            own_attempt::state.eq(AttemptState::Finished),
            own_attempt::finished_at.eq(Some(now)),
            own_attempt::version.eq(own_attempt::version + 1),
        ))
        .execute(tx.conn())?;
    if taken != 1 {
        return Ok(false);
    }
    let text = questionnaire::text(tx.conn(), attempt.questionnaire_id)?;
    let places = Places::load(tx.conn())?;
    let given = answers(tx.conn(), &attempt)?;
    let sums = sums(&places.asked(&text), &given)?;
    let procedure: ProcedureId = versions::table
        .filter(versions::id.eq(attempt.questionnaire_id))
        .select(versions::procedure_id)
        .first(tx.conn())?;
    let passage = passage(tx, &attempt, procedure)?;
    write(tx, &attempt, passage, &sums)?;
    tx.touch(person.0);
    by.note(tx, "diagnostics.own_finish", (OBJECT, procedure.0), &[person.0], "")?;
    Ok(true)
}

/// What was said of each competence: the sum of anchors and the number of statements that it is of.
type Sums = BTreeMap<CompetenceId, (i32, i32)>;

fn sums(asked: &[(&Topic, CompetenceId)], given: &HashMap<String, Option<i32>>) -> Result<Sums, Refusal> {
    let mut sums = Sums::new();
    let mut open = Vec::new();
    for (topic, competence) in asked {
        let said = topic.statement.iter().map(|s| given.get(&s.code));
        if said.clone().any(|s| s.is_none()) {
            open.push(format!("«{}»", topic.title));
        }
        for value in said.flatten().flatten() {
            let (sum, statements) = sums.entry(*competence).or_default();
            *sum += value;
            *statements += 1;
        }
    }
    if !open.is_empty() {
        return Err(Refusal::new("own.unanswered").with("topics", open.join(", ")));
    }
    if sums.is_empty() {
        return Err(Refusal::new("own.not_about_me"));
    }
    Ok(sums)
}

/// The passage of today; a second attempt of one day is the same passage with other results.
fn passage(tx: &mut Tx<'_>, attempt: &Attempt, procedure: ProcedureId) -> Result<DiagnosisId, DbError> {
    let (today, now) = (tx.today(), tx.now());
    let stands: Option<DiagnosisId> = diagnosis::table
        .filter(diagnosis::region_id.eq(attempt.region_id))
        .filter(diagnosis::person_id.eq(attempt.person_id))
        .filter(diagnosis::procedure_id.eq(procedure))
        .filter(diagnosis::kind.eq(DiagnosisKind::SelfAssessment))
        .filter(diagnosis::held_on.eq(today))
        .select(diagnosis::id)
        .first(tx.conn())
        .optional()?;
    if let Some(id) = stands {
        let before = diagnosis_result::table
            .filter(diagnosis_result::region_id.eq(attempt.region_id))
            .filter(diagnosis_result::diagnosis_id.eq(id))
            .filter(diagnosis_result::superseded_at.is_null());
        diesel::update(before)
            .set(diagnosis_result::superseded_at.eq(Some(now)))
            .execute(tx.conn())?;
        return Ok(id);
    }
    let made = Diagnosis {
        id: DiagnosisId(tx.id()),
        region_id: attempt.region_id,
        person_id: attempt.person_id,
        procedure_id: procedure,
        kind: DiagnosisKind::SelfAssessment,
        level: None,
        held_on: today,
        organiser_id: None,
        consent: None,
        withdrawn_at: None,
        recorded_at: now,
        batch_id: None,
    };
    let id = made.id;
    insert_many!(tx.conn(), diagnosis::table, [made])?;
    Ok(id)
}

fn write(tx: &mut Tx<'_>, attempt: &Attempt, passage: DiagnosisId, sums: &Sums) -> Result<(), DbError> {
    let scale_id = reference::default_scale(tx.conn())?;
    let mut results = Vec::with_capacity(sums.len());
    for (competence, (sum, statements)) in sums {
        results.push(DiagnosisResult {
            id: ResultId(tx.id()),
            region_id: attempt.region_id,
            diagnosis_id: passage,
            person_id: attempt.person_id,
            competence_id: *competence,
            subject: String::new(),
            raw_milli: Milli(sum * 1000),
            max_milli: Milli(statements * MOST * 1000),
            scale_id,
            source_sheet: String::new(),
            source_row: 0,
            recorded_at: tx.now(),
            superseded_at: None,
            batch_id: None,
            tool_level: None,
        });
    }
    insert_many!(tx.conn(), diagnosis_result::table, results)?;
    let own = own_attempt::table
        .filter(own_attempt::region_id.eq(attempt.region_id))
        .filter(own_attempt::id.eq(attempt.id));
    diesel::update(own)
        .set(own_attempt::diagnosis_id.eq(Some(passage)))
        .execute(tx.conn())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_about_the_own_work_counts_neither_above_nor_below() {
        let text = questionnaire::parse(questionnaire::SOURCE).unwrap();
        let topics: Vec<(&Topic, CompetenceId)> = text.topic.iter().take(2).map(|t| (t, CompetenceId(7))).collect();
        let values = [Some(3), Some(0), None, Some(2), None, None];
        let codes = topics.iter().flat_map(|(t, _)| &t.statement).map(|s| s.code.clone());
        let mut given: HashMap<String, Option<i32>> = codes.zip(values).collect();
        assert_eq!(sums(&topics, &given), Ok(Sums::from([(CompetenceId(7), (5, 3))])));
        given.values_mut().for_each(|value| *value = None);
        assert_eq!(sums(&topics, &given).unwrap_err().code, "own.not_about_me");
        given.clear();
        assert_eq!(sums(&topics, &given).unwrap_err().code, "own.unanswered");
    }
}

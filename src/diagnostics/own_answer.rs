//! An answer of the self-assessment is saved: as often as it is sent it is one answer, and none comes after the finish.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::own::{Answered, Attempt, AttemptId, AttemptState, Standing, standing};
use super::questionnaire::{self, MOST};
use crate::db::schema::{own_answer, own_attempt};
use crate::db::{DbError, Tx};
use crate::each_db;
use crate::error::{Error, Refusal};
use crate::people::PersonId;
use crate::units::UnitId;

/// What a page of the questionnaire says.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The region.
    pub region: UnitId,
    /// Who answers.
    pub person: PersonId,
    /// The round that the page was made for.
    pub round: i64,
    /// Statements by code, each with the anchor; `None`: it is not about this person's work.
    pub answers: Vec<(String, Option<i32>)>,
    /// A topic of which nothing is about this person's work, by its code.
    pub beside: Option<String>,
    /// How far the region's clock is ahead of UTC.
    pub zone: TimeDelta,
}

/// Saves answers; the first of a round begins the attempt.
///
/// # Errors
/// The round is over; a statement that is not asked, or one that is answered twice.
pub fn save(tx: &mut Tx<'_>, ask: &Ask) -> Result<(), Error> {
    let stands = standing(tx.conn(), ask.region, ask.person)?;
    if stands.round() != ask.round {
        return Err(over(&stands, ask.zone));
    }
    if ask.answers.is_empty() && ask.beside.is_none() {
        return Ok(());
    }
    let attempt = match stands.begun {
        Some(attempt) => attempt,
        None => begin(tx, ask)?,
    };
    let answers = fitting(tx, ask, &attempt)?;
    // Answers of one person come one after another: the last that is confirmed stands, and none is lost to the finish.
    let open = own_attempt::table
        .filter(own_attempt::region_id.eq(attempt.region_id))
        .filter(own_attempt::id.eq(attempt.id))
        .filter(own_attempt::state.eq(AttemptState::Begun));
    let taken = diesel::update(open)
        .set(own_attempt::version.eq(own_attempt::version + 1))
        .execute(tx.conn())?;
    if taken != 1 {
        let stands = standing(tx.conn(), ask.region, ask.person)?;
        return Err(over(&stands, ask.zone));
    }
    write(tx, &answers)?;
    Ok(())
}

fn over(stands: &Standing, zone: TimeDelta) -> Error {
    match stands.last.as_ref().and_then(|last| last.finished_at) {
        Some(at) => {
            let day = (at + zone).format("%d.%m.%Y");
            Refusal::new("own.finished").with("day", day).into()
        }
        None => Error::Conflict,
    }
}

/// The attempt that goes on from now on. Two first answers at once begin one.
fn begin(tx: &mut Tx<'_>, ask: &Ask) -> Result<Attempt, Error> {
    let row = Attempt {
        questionnaire_id: questionnaire::in_force(tx)?,
        id: AttemptId(tx.id()),
        region_id: ask.region,
        person_id: ask.person,
        state: AttemptState::Begun,
        begun_at: tx.now(),
        finished_at: None,
        diagnosis_id: None,
        version: 1,
        recorded_at: tx.now(),
    };
    let _made = each_db!(tx.conn(), c => diesel::insert_into(own_attempt::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    standing(tx.conn(), ask.region, ask.person)?
        .begun
        .ok_or(Error::Conflict)
}

/// The answers as they are written, each to a statement that the attempt asks.
fn fitting(tx: &mut Tx<'_>, ask: &Ask, attempt: &Attempt) -> Result<Vec<Answered>, Error> {
    let text = questionnaire::text(tx.conn(), attempt.questionnaire_id)?;
    let changed = || Error::Invalid("Опросник или форма изменены: откройте страницу заново.".into());
    let mut answers = ask.answers.clone();
    if let Some(code) = &ask.beside {
        let topic = text.topic.iter().find(|t| t.code == *code).ok_or_else(changed)?;
        answers = topic.statement.iter().map(|s| (s.code.clone(), None)).collect();
    }
    let known: BTreeSet<&str> = text.codes().collect();
    let mut seen = BTreeSet::new();
    for (code, value) in &answers {
        let fits = value.is_none_or(|value| (0..=MOST).contains(&value));
        if !fits || !known.contains(code.as_str()) || !seen.insert(code.clone()) {
            return Err(changed());
        }
    }
    let at = tx.now();
    let row = |(statement, value): (String, Option<i32>)| Answered {
        region_id: attempt.region_id,
        attempt_id: attempt.id,
        statement,
        value,
        answered_at: at,
    };
    Ok(answers.into_iter().map(row).collect())
}

fn write(tx: &mut Tx<'_>, answers: &[Answered]) -> Result<(), DbError> {
    let _written = each_db!(tx.conn(), c => diesel::insert_into(own_answer::table)
        .values(answers)
        .on_conflict((own_answer::region_id, own_answer::attempt_id, own_answer::statement))
        .do_update()
        .set((
            own_answer::value.eq(excluded(own_answer::value)),
            own_answer::answered_at.eq(excluded(own_answer::answered_at)),
        ))
        .execute(c))?;
    Ok(())
}

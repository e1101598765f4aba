//! What a person's page of the self-assessment rests on: where one stands, what is asked here, what was answered.

use std::collections::HashMap;
use std::sync::Arc;

use crate::competence::CompetenceId;
use crate::db::AnyConn;
use crate::diagnostics::own::{self, Standing};
use crate::diagnostics::questionnaire::{self, Places, Text, Topic};
use crate::error::Error;
use crate::people::PersonId;
use crate::units::UnitId;

/// What a page rests on.
#[derive(Debug, Default)]
pub struct Own {
    /// Where the person stands.
    pub standing: Standing,
    /// What was answered in the attempt that goes on.
    pub answers: HashMap<String, Option<i32>>,
    text: Option<Arc<Text>>,
    places: Places,
}

impl Own {
    /// Topics that are asked, in their order.
    #[must_use]
    pub fn topics(&self) -> Vec<&Topic> {
        let asked: Vec<(&Topic, CompetenceId)> = self.text.as_ref().map_or_else(Vec::new, |t| self.places.asked(t));
        asked.into_iter().map(|(topic, _)| topic).collect()
    }

    /// How many statements of a topic are answered.
    #[must_use]
    pub fn answered(&self, topic: &Topic) -> usize {
        let known = topic.statement.iter().filter(|s| self.answers.contains_key(&s.code));
        known.count()
    }
}

/// Reads it. An attempt that goes on asks what its version asks.
///
/// # Errors
/// Those of the database.
pub fn load(c: &mut AnyConn, region: UnitId, person: PersonId) -> Result<Own, Error> {
    let standing = own::standing(c, region, person)?;
    let (text, answers) = match &standing.begun {
        Some(attempt) => (
            questionnaire::text(c, attempt.questionnaire_id)?,
            own::answers(c, attempt)?,
        ),
        None => (questionnaire::of_program()?, HashMap::new()),
    };
    Ok(Own {
        standing,
        answers,
        text: Some(text),
        places: Places::load(c)?,
    })
}

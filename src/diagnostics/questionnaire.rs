//! The questionnaire of the self-assessment: data in `seeds/reference/self_assessment.toml`, versioned in the database when
//! its text changes. Where its topics stand among the competences of an installation is asked anew each time.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Deserialize;

use super::model::{DiagnosisKind, Procedure, ProcedureId};
use crate::competence::{Called, CompetenceId, reference};
use crate::db::dialect::{self, lock_space};
use crate::db::schema::{competence, procedure, questionnaire};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::{id_newtype, insert_many};

/// The questionnaire that comes with the program.
pub const SOURCE: &str = include_str!("../../seeds/reference/self_assessment.toml");
/// The last anchor: the most that a statement gives.
pub const MOST: i32 = 3;
/// Code and name of the procedure that the results are of.
const PROCEDURE: (&str, &str) = ("ВЕХА-САМООЦЕНКА", "Самооценка в Вехе");

id_newtype! {
    /// A version of a questionnaire.
    QuestionnaireId;
}

/// A version of a questionnaire, its text kept as it was read.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = questionnaire, treat_none_as_default_value = false)]
pub struct Questionnaire {
    /// Id.
    pub id: QuestionnaireId,
    /// Code, the same for all versions.
    pub code: String,
    /// Number of the version.
    pub version: i32,
    /// Its name.
    pub title: String,
    /// The text.
    pub source: String,
    /// The procedure that its results are of.
    pub procedure_id: ProcedureId,
    /// The day from which it is asked.
    pub valid_from: NaiveDate,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
}

/// What a questionnaire asks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Code.
    pub code: String,
    /// Its name.
    pub title: String,
    /// Topics in their order.
    pub topic: Vec<Topic>,
}

/// Statements about one competence: a page of the questionnaire.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Code.
    pub code: String,
    /// Its name.
    pub title: String,
    /// Group of competences that it belongs to.
    pub group: String,
    /// Codes and names by which an installation may call its competence.
    pub competence: Vec<String>,
    /// Statements in their order.
    pub statement: Vec<Statement>,
}

/// Something that a person says of the own work, with what to choose from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Code, the name of its field in forms.
    pub code: String,
    /// The statement.
    pub text: String,
    /// How it may be, from the least to the most.
    pub anchors: [String; 4],
}

impl Text {
    /// Codes of all statements.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.topic.iter().flat_map(|t| &t.statement).map(|s| s.code.as_str())
    }
}

/// Reads a questionnaire.
///
/// # Errors
/// A text that is none: the place and what is wrong.
pub fn parse(source: &str) -> Result<Text, Error> {
    let wrong = |why: String| Error::Invalid(format!("опросник: {why}"));
    let text: Text = toml::from_str(source).map_err(|e| wrong(e.to_string()))?;
    let mut codes = BTreeSet::new();
    for topic in &text.topic {
        if !reference::groups().iter().any(|g| g.code == topic.group) {
            return Err(wrong(format!("{}: нет группы {}", topic.code, topic.group)));
        }
        if topic.statement.is_empty() {
            return Err(wrong(format!("{}: нет утверждений", topic.code)));
        }
        for statement in &topic.statement {
            let plain = statement.code.bytes().all(|b| b.is_ascii_alphanumeric());
            if !plain || !codes.insert(&statement.code) {
                return Err(wrong(format!(
                    "утверждение {}: код занят или не подходит",
                    statement.code
                )));
            }
        }
    }
    Ok(text)
}

/// Texts by their version: what a version says never changes.
static KNOWN: LazyLock<Mutex<HashMap<QuestionnaireId, Arc<Text>>>> = LazyLock::new(Mutex::default);
/// The text of the program, read once.
static OWN: LazyLock<Option<Arc<Text>>> = LazyLock::new(|| parse(SOURCE).ok().map(Arc::new));

/// What the questionnaire of the program asks.
///
/// # Errors
/// Its text does not read; a test reads it.
pub fn of_program() -> Result<Arc<Text>, Error> {
    match &*OWN {
        Some(text) => Ok(text.clone()),
        None => parse(SOURCE).map(Arc::new),
    }
}

/// What a version asks.
///
/// # Errors
/// Those of the database; a text that does not read.
pub fn text(conn: &mut AnyConn, of: QuestionnaireId) -> Result<Arc<Text>, Error> {
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(&of).cloned();
    if let Some(text) = known {
        return Ok(text);
    }
    let source: String = questionnaire::table
        .filter(questionnaire::id.eq(of))
        .select(questionnaire::source)
        .first(conn)?;
    let text = Arc::new(parse(&source)?);
    KNOWN
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(of, text.clone());
    Ok(text)
}

fn last(conn: &mut AnyConn, code: &str) -> Result<Option<Questionnaire>, DbError> {
    Ok(questionnaire::table
        .filter(questionnaire::code.eq(code))
        .order(questionnaire::version.desc())
        .select(Questionnaire::as_select())
        .first(conn)
        .optional()?)
}

/// The version with the text of the program; a new text becomes the next version.
///
/// # Errors
/// Those of the database; a text that does not read.
pub fn in_force(tx: &mut Tx<'_>) -> Result<QuestionnaireId, Error> {
    let text = of_program()?;
    let stands = |of: &Option<Questionnaire>| of.as_ref().filter(|q| q.source == SOURCE).map(|q| q.id);
    if let Some(id) = stands(&last(tx.conn(), &text.code)?) {
        return Ok(id);
    }
    // Two people may meet the new text at once.
    dialect::lock(tx.conn(), lock_space::QUESTIONNAIRE, [0])?;
    let before = last(tx.conn(), &text.code)?;
    if let Some(id) = stands(&before) {
        return Ok(id);
    }
    let row = Questionnaire {
        id: QuestionnaireId(tx.id()),
        code: text.code.clone(),
        version: before.map_or(0, |q| q.version) + 1,
        title: text.title.clone(),
        source: SOURCE.to_owned(),
        procedure_id: procedure_of_results(tx)?,
        valid_from: tx.today(),
        recorded_at: tx.now(),
    };
    let id = row.id;
    insert_many!(tx.conn(), questionnaire::table, [row])?;
    Ok(id)
}

/// The procedure that stands for the self-assessment in this installation: one for all versions, of no region.
fn procedure_of_results(tx: &mut Tx<'_>) -> Result<ProcedureId, DbError> {
    let (code, name) = PROCEDURE;
    let stands: Option<ProcedureId> = procedure::table
        .filter(procedure::code.eq(code))
        .select(procedure::id)
        .first(tx.conn())
        .optional()?;
    if let Some(id) = stands {
        return Ok(id);
    }
    let id = ProcedureId(tx.id());
    let made = Procedure {
        described: true,
        ..Procedure::named(id, code.into(), name.into(), DiagnosisKind::SelfAssessment, tx.now())
    };
    insert_many!(tx.conn(), procedure::table, [made])?;
    Ok(id)
}

/// Where topics stand among the competences of an installation.
#[derive(Debug, Default)]
pub struct Places {
    called: Called,
    /// The competence at the top of each group; `None` where several stand there.
    tops: HashMap<String, Option<CompetenceId>>,
}

impl Places {
    /// Reads them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut AnyConn) -> Result<Self, DbError> {
        let rows: Vec<(String, CompetenceId)> = competence::table
            .filter(competence::parent_id.is_null())
            .select((competence::group_code, competence::id))
            .load(conn)?;
        let mut tops = HashMap::new();
        for (group, id) in rows {
            tops.entry(group).and_modify(|known| *known = None).or_insert(Some(id));
        }
        Ok(Self {
            called: Called::load(conn)?,
            tops,
        })
    }

    /// The competence that a topic is about: the first of its words that is known, else the only one at the top of its group.
    #[must_use]
    pub fn of(&self, topic: &Topic) -> Option<CompetenceId> {
        let by_word = topic.competence.iter().find_map(|word| self.called.find(word));
        by_word.or_else(|| self.tops.get(&topic.group).copied().flatten())
    }

    /// Topics that are asked here, in their order, each with its competence.
    #[must_use]
    pub fn asked<'a>(&self, text: &'a Text) -> Vec<(&'a Topic, CompetenceId)> {
        let placed = text.topic.iter().map(|topic| (topic, self.of(topic)));
        placed.filter_map(|(topic, place)| Some((topic, place?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_questionnaire_of_the_program_has_sixty_statements_with_four_different_anchors() {
        let text = parse(SOURCE).unwrap();
        assert_eq!(text.codes().count(), 60);
        for statement in text.topic.iter().flat_map(|t| &t.statement) {
            let different: BTreeSet<&String> = statement.anchors.iter().collect();
            assert_eq!(different.len(), 4, "{}", statement.code);
        }
        assert!(of_program().is_ok());
    }

    #[test]
    fn a_code_that_stands_twice_and_a_group_that_is_none_are_refused() {
        let twice = SOURCE.replacen("code = \"s02\"", "code = \"s01\"", 1);
        assert!(parse(&twice).unwrap_err().to_string().contains("s01"));
        let other = SOURCE.replacen("group = \"subject\"", "group = \"nothing\"", 1);
        assert!(parse(&other).unwrap_err().to_string().contains("nothing"));
    }

    #[test]
    fn a_topic_that_nobody_calls_goes_to_the_top_of_its_group_where_one_stands_alone() {
        let text = parse(SOURCE).unwrap();
        let (one, two) = (CompetenceId(1), CompetenceId(2));
        let tops = HashMap::from([("subject".to_owned(), Some(one)), ("methodical".to_owned(), None)]);
        let places = Places {
            called: Called::of([(two, "DIG-1".to_owned(), String::new())]),
            tops,
        };
        let asked = places.asked(&text);
        let of = |code: &str| asked.iter().find(|(t, _)| t.code == code).map(|(_, place)| *place);
        assert_eq!(
            (of("SUB-2"), of("DIG-1"), of("MET-1"), of("DIG-2")),
            (Some(one), Some(two), None, None)
        );
    }
}

//! What drafting may choose from: programmes by competence and topic, best first.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::catalogue::{Programme, ProgrammeId};
use crate::competence::{Competence, CompetenceId};
use crate::db::schema::{competence, programme, programme_competence, programme_topic};
use crate::db::types::code_set;
use crate::db::{AnyConn, DbError};

/// A programme as drafting sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// The programme.
    pub id: ProgrammeId,
    /// Code.
    pub code: String,
    /// Title.
    pub title: String,
    /// Volume in hours.
    pub hours: i32,
    /// Within a priority federal programme.
    pub federal: bool,
    /// Topics, a set of codes.
    pub topics: String,
    /// Place in the order of choice: made from diagnosis first, then in the federal register, then shorter, then by code.
    rank: (bool, bool, i32, String),
}

impl Course {
    /// A course of a programme with its topics.
    #[must_use]
    pub fn new(programme: Programme, topics: String) -> Self {
        let registered = programme.federal_ref.as_ref().is_some_and(|r| !r.trim().is_empty());
        Self {
            id: programme.id,
            rank: (
                !programme.deficit_based,
                !registered,
                programme.hours,
                programme.code.clone(),
            ),
            code: programme.code,
            title: programme.name,
            hours: programme.hours,
            federal: programme.priority_federal,
            topics,
        }
    }
}

/// Competences and the courses for them.
#[derive(Debug, Default)]
pub struct Offer {
    /// Competences by id.
    pub competences: HashMap<CompetenceId, Competence>,
    courses: Vec<Course>,
    by_competence: HashMap<CompetenceId, usize>,
    by_topic: HashMap<String, usize>,
}

impl Offer {
    /// Puts courses in the order of choice and finds the best for each competence and topic.
    #[must_use]
    pub fn new(
        competences: Vec<Competence>,
        mut courses: Vec<Course>,
        teaches: &HashMap<ProgrammeId, Vec<CompetenceId>>,
    ) -> Self {
        courses.sort_by(|a, b| a.rank.cmp(&b.rank));
        let mut offer = Self {
            competences: competences.into_iter().map(|c| (c.id, c)).collect(),
            ..Self::default()
        };
        for (place, course) in courses.iter().enumerate() {
            for competence in teaches.get(&course.id).into_iter().flatten() {
                offer.by_competence.entry(*competence).or_insert(place);
            }
            for topic in crate::db::types::codes(&course.topics) {
                offer.by_topic.entry(topic.to_owned()).or_insert(place);
            }
        }
        offer.courses = courses;
        offer
    }

    /// The best course that teaches a competence, else one that teaches the node above it.
    #[must_use]
    pub fn teaching(&self, competence: CompetenceId) -> Option<&Course> {
        let above = || self.competences.get(&competence)?.parent_id;
        let place = self
            .by_competence
            .get(&competence)
            .or_else(|| self.by_competence.get(&above()?))?;
        self.courses.get(*place)
    }

    /// The best course on a topic.
    #[must_use]
    pub fn on_topic(&self, topic: &str) -> Option<&Course> {
        self.courses.get(*self.by_topic.get(topic)?)
    }
}

/// Reads the whole catalogue: it is a reference of thousands of rows at most.
///
/// # Errors
/// Those of the database.
pub fn load(conn: &mut AnyConn) -> Result<Offer, DbError> {
    let competences = competence::table.select(Competence::as_select()).load(conn)?;
    let programmes: Vec<Programme> = programme::table.select(Programme::as_select()).load(conn)?;
    let mut topics: HashMap<ProgrammeId, Vec<String>> = HashMap::new();
    let rows: Vec<(ProgrammeId, String)> = programme_topic::table
        .select((programme_topic::programme_id, programme_topic::topic))
        .load(conn)?;
    for (of, topic) in rows {
        topics.entry(of).or_default().push(topic);
    }
    let mut teaches: HashMap<ProgrammeId, Vec<CompetenceId>> = HashMap::new();
    let rows: Vec<(ProgrammeId, CompetenceId)> = programme_competence::table
        .select((programme_competence::programme_id, programme_competence::competence_id))
        .load(conn)?;
    for (of, competence) in rows {
        teaches.entry(of).or_default().push(competence);
    }
    let courses = programmes
        .into_iter()
        .map(|p| {
            let topics = code_set(topics.get(&p.id).into_iter().flatten().map(String::as_str));
            Course::new(p, topics)
        })
        .collect();
    Ok(Offer::new(competences, courses, &teaches))
}

/// Courses of programmes by their codes.
///
/// # Errors
/// Those of the database.
pub fn by_codes(conn: &mut AnyConn, codes: &[String]) -> Result<Vec<Course>, DbError> {
    let found: Vec<Programme> = programme::table
        .filter(programme::code.eq_any(codes))
        .select(Programme::as_select())
        .load(conn)?;
    let ids: Vec<ProgrammeId> = found.iter().map(|p| p.id).collect();
    let topics: Vec<(ProgrammeId, String)> = programme_topic::table
        .filter(programme_topic::programme_id.eq_any(ids))
        .select((programme_topic::programme_id, programme_topic::topic))
        .load(conn)?;
    let of = |id: ProgrammeId| code_set(topics.iter().filter(|(p, _)| *p == id).map(|(_, t)| t.as_str()));
    Ok(found
        .into_iter()
        .map(|p| (of(p.id), p))
        .map(|(topics, p)| Course::new(p, topics))
        .collect())
}

//! What small tables say of programmes and competences, and how words of a staff list are read.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use diesel::prelude::*;
use serde::Deserialize;

use crate::catalogue::{ProgrammeId, ProgrammeKind};
use crate::competence::CompetenceId;
use crate::db::schema::{competence, programme, programme_competence, programme_topic, unit};
use crate::db::{AnyConn, DbError};
use crate::units::OrgKind;

/// Small letters, е for ё.
fn plain(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}

/// Whether a post is one of teacher: «учитель» by itself or with a subject, not «учитель-логопед».
#[must_use]
pub fn is_teacher(position: &str) -> bool {
    let plain = plain(position);
    let first = plain
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | '.'))
        .next();
    first == Some("учитель")
}

/// Whether an education is higher and pedagogical.
#[must_use]
pub fn is_higher_pedagogical(education: &str) -> bool {
    let plain = plain(education);
    plain.contains("высш") && plain.contains("педагог") && !plain.contains("непедагог")
}

/// Whether a provider is a ЦНППМ, by its name.
#[must_use]
pub fn is_cnppm(name: &str, kind: Option<OrgKind>) -> bool {
    let plain = plain(name);
    kind.is_none_or(|k| k == OrgKind::Dpo)
        && (plain.contains("цнппм") || plain.contains("непрерывного повышения профессионального мастерства"))
}

#[derive(Deserialize)]
struct AreasFile {
    area: Vec<Area>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Area {
    code: String,
    words: Vec<String>,
}

/// The areas; a file that does not read has none, and a test reads it.
static AREAS: LazyLock<Vec<Area>> = LazyLock::new(|| {
    let read = toml::from_str::<AreasFile>(include_str!("../../seeds/reference/literacy_areas.toml"));
    read.map(|f| f.area).unwrap_or_default()
});

/// Areas of functional literacy that the words of a name speak of.
fn areas_of(name: &str) -> Vec<&'static str> {
    let plain = plain(name);
    let speaks = |area: &&Area| area.words.iter().any(|word| plain.contains(word.as_str()));
    AREAS.iter().filter(speaks).map(|area| area.code.as_str()).collect()
}

/// What is read of a competence.
#[derive(Queryable)]
pub(super) struct CompetenceSeen {
    /// Id.
    pub id: CompetenceId,
    /// Group.
    pub group_code: String,
    name: String,
    /// Name of the one it stands in.
    within: Option<String>,
}

/// Competences; all, or those of some ids.
///
/// # Errors
/// Those of the database.
pub(super) fn competences(conn: &mut AnyConn, ids: Option<&[CompetenceId]>) -> Result<Vec<CompetenceSeen>, DbError> {
    let within = diesel::alias!(competence as within);
    let parent = competence::parent_id.eq(within.field(competence::id).nullable());
    let query = competence::table.left_join(within.on(parent)).select((
        competence::id,
        competence::group_code,
        competence::name,
        within.field(competence::name).nullable(),
    ));
    let query = query.into_boxed();
    Ok(match ids {
        Some(ids) => query.filter(competence::id.eq_any(ids.to_vec())).load(conn)?,
        None => query.load(conn)?,
    })
}

/// Areas of functional literacy of competences: by their own name or that of the one they stand in.
pub(super) fn areas(of: &[CompetenceSeen]) -> HashMap<CompetenceId, Arc<[&'static str]>> {
    let mut found = HashMap::new();
    for one in of {
        let mut areas = areas_of(&one.name);
        if areas.is_empty() {
            areas = one.within.as_deref().map(areas_of).unwrap_or_default();
        }
        if !areas.is_empty() {
            found.insert(one.id, areas.into());
        }
    }
    found
}

/// Codes of the topics of programmes; of all, or of some ids.
///
/// # Errors
/// Those of the database.
pub(super) fn topics(
    conn: &mut AnyConn,
    ids: Option<&[ProgrammeId]>,
) -> Result<HashMap<ProgrammeId, Vec<String>>, DbError> {
    let mut query = programme_topic::table
        .select((programme_topic::programme_id, programme_topic::topic))
        .into_boxed();
    if let Some(ids) = ids {
        query = query.filter(programme_topic::programme_id.eq_any(ids.to_vec()));
    }
    let mut topics: HashMap<ProgrammeId, Vec<String>> = HashMap::new();
    for (programme, topic) in query.load::<(ProgrammeId, String)>(conn)? {
        topics.entry(programme).or_default().push(topic);
    }
    Ok(topics)
}

/// Groups whose competences make a retraining pedagogical: a default, no source says which programmes are.
const PEDAGOGICAL: [&str; 3] = ["subject", "methodical", "psych_ped"];

/// `kind/provider/letters/topic+topic` of programmes; of all, or of some ids.
///
/// # Errors
/// Those of the database.
pub(super) fn programme_marks(
    conn: &mut AnyConn,
    ids: Option<&[ProgrammeId]>,
    topics: &HashMap<ProgrammeId, Vec<String>>,
) -> Result<HashMap<ProgrammeId, Arc<str>>, DbError> {
    type Row = (
        ProgrammeId,
        ProgrammeKind,
        Option<(String, Option<OrgKind>)>,
        Option<String>,
        bool,
        bool,
        bool,
    );
    let mut query = programme::table
        .left_join(unit::table.on(programme::provider_id.eq(unit::id.nullable())))
        .select((
            programme::id,
            programme::kind,
            (unit::name, unit::org_kind).nullable(),
            programme::federal_ref,
            programme::distance,
            programme::deficit_based,
            programme::priority_federal,
        ))
        .into_boxed();
    let mut teaching = programme_competence::table
        .inner_join(competence::table.on(competence::id.eq(programme_competence::competence_id)))
        .filter(competence::group_code.eq_any(PEDAGOGICAL))
        .select(programme_competence::programme_id)
        .distinct()
        .into_boxed();
    if let Some(ids) = ids {
        query = query.filter(programme::id.eq_any(ids.to_vec()));
        teaching = teaching.filter(programme_competence::programme_id.eq_any(ids.to_vec()));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let teaching: HashSet<ProgrammeId> = teaching.load(conn)?.into_iter().collect();
    let mark = |(id, kind, provider, federal, distance, deficit_based, priority): Row| {
        let provider = provider
            .filter(|(name, kind)| is_cnppm(name, *kind))
            .map_or("-", |_| "cnppm");
        let letters: String = [
            (deficit_based, 'b'),
            (distance, 'd'),
            (priority, 'f'),
            (teaching.contains(&id), 'p'),
            (federal.is_some(), 'r'),
        ]
        .into_iter()
        .filter_map(|(is, letter)| is.then_some(letter))
        .collect();
        let letters = if letters.is_empty() { "-" } else { &letters };
        let mut topics = topics.get(&id).cloned().unwrap_or_default();
        topics.sort();
        let topics = if topics.is_empty() {
            "-".to_owned()
        } else {
            topics.join("+")
        };
        (id, format!("{}/{provider}/{letters}/{topics}", kind.code()).into())
    };
    Ok(rows.into_iter().map(mark).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_education_and_areas_are_read_by_their_words() {
        assert!(is_teacher("Учитель"));
        assert!(is_teacher("учитель математики"));
        assert!(!is_teacher("учитель-логопед"));
        assert!(!is_teacher("преподаватель"));
        assert!(is_higher_pedagogical("Высшее педагогическое"));
        assert!(!is_higher_pedagogical("высшее непедагогическое"));
        assert!(!is_higher_pedagogical("среднее профессиональное педагогическое"));
        assert!(is_cnppm("ЦНППМ города", Some(OrgKind::Dpo)));
        assert!(!is_cnppm("ЦНППМ города", Some(OrgKind::School)));
        assert_eq!(areas_of("Формирование читательской грамотности"), ["reading_literacy"]);
        assert_eq!(areas_of("Естественно-научная грамотность"), ["science_literacy"]);
        assert!(areas_of("Методика").is_empty());
        assert_eq!(AREAS.len(), 4, "the file reads");
    }
}

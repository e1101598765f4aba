//! What small tables say of programmes and competences, and how words of a staff list are read.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use diesel::prelude::*;
use serde::Deserialize;

use crate::catalogue::{ProgrammeId, ProgrammeKind};
use crate::competence::CompetenceId;
use crate::db::schema::{competence, programme, programme_competence, unit};
use crate::db::{AnyConn, DbError};
use crate::units::{OrgKind, UnitId};

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

/// Areas of functional literacy of competences: by their own name or that of the one they stand in.
///
/// # Errors
/// Those of the database.
pub(super) fn areas(conn: &mut AnyConn) -> Result<HashMap<CompetenceId, Arc<[&'static str]>>, DbError> {
    let rows: Vec<(CompetenceId, String, Option<CompetenceId>)> = competence::table
        .select((competence::id, competence::name, competence::parent_id))
        .load(conn)?;
    let names: HashMap<CompetenceId, &str> = rows.iter().map(|(id, name, _)| (*id, name.as_str())).collect();
    let mut found = HashMap::new();
    for (id, name, parent) in &rows {
        let mut of = areas_of(name);
        if of.is_empty() {
            of = parent
                .and_then(|p| names.get(&p))
                .map(|name| areas_of(name))
                .unwrap_or_default();
        }
        if !of.is_empty() {
            found.insert(*id, of.into());
        }
    }
    Ok(found)
}

/// Groups whose competences make a retraining pedagogical: a default, no source says which programmes are.
const PEDAGOGICAL: [&str; 3] = ["subject", "methodical", "psych_ped"];

/// `kind/provider/letters/topic+topic` of every programme.
///
/// # Errors
/// Those of the database.
pub(super) fn programme_marks(
    conn: &mut AnyConn,
    topics: &HashMap<ProgrammeId, Vec<String>>,
) -> Result<HashMap<ProgrammeId, Arc<str>>, DbError> {
    type Row = (
        ProgrammeId,
        ProgrammeKind,
        Option<UnitId>,
        Option<String>,
        bool,
        bool,
        bool,
    );
    let rows: Vec<Row> = programme::table
        .select((
            programme::id,
            programme::kind,
            programme::provider_id,
            programme::federal_ref,
            programme::distance,
            programme::deficit_based,
            programme::priority_federal,
        ))
        .load(conn)?;
    let named: Vec<(UnitId, String, Option<OrgKind>)> = unit::table
        .filter(unit::org_kind.is_null().or(unit::org_kind.eq(OrgKind::Dpo)))
        .select((unit::id, unit::name, unit::org_kind))
        .load(conn)?;
    let centres: HashSet<UnitId> = named
        .into_iter()
        .filter(|(_, name, kind)| is_cnppm(name, *kind))
        .map(|(id, ..)| id)
        .collect();
    let teaching: HashSet<ProgrammeId> = programme_competence::table
        .inner_join(competence::table.on(competence::id.eq(programme_competence::competence_id)))
        .filter(competence::group_code.eq_any(PEDAGOGICAL))
        .select(programme_competence::programme_id)
        .distinct()
        .load(conn)?
        .into_iter()
        .collect();
    let mark = |(id, kind, provider, federal, distance, deficit_based, priority): Row| {
        let provider = provider.filter(|p| centres.contains(p)).map_or("-", |_| "cnppm");
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

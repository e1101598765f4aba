//! The nouns of two registers, what units undertake and what they publish, with the dictionary of their kinds
//! (`seeds/reference/undertaking_kinds.toml`).

use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::kinds::Word;
use super::model::{BodyId, Level};
use crate::db::schema::{
    expertise, publication, publication_author, undertaking, undertaking_party, undertaking_person, undertaking_unit,
};
use crate::error::Refusal;
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// Something undertaken.
    UndertakingId;
    /// An expertise.
    ExpertiseId;
    /// Somebody's part in an undertaking.
    PartId;
    /// A publication.
    PublicationId;
}

text_enum! {
    /// Where an undertaking stands.
    State {
        Planned = "planned" "готовится",
        Running = "running" "идёт",
        Finished = "finished" "завершено",
        Stopped = "stopped" "прекращено",
    }
}

text_enum! {
    /// What an expertise says.
    Outcome {
        Approved = "approved" "одобрено",
        Revise = "revise" "на доработку",
        Declined = "declined" "отклонено",
    }
}

text_enum! {
    /// As whom somebody takes part in an undertaking.
    PartRole {
        Leader = "leader" "руководитель",
        Member = "member" "участник",
        Author = "author" "автор",
        Expert = "expert" "эксперт",
    }
}

/// What a kind may ask of its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Number and date of the act.
    Act,
    /// The link.
    Link,
    /// Two parties or more.
    Parties,
    /// The subject.
    Subject,
    /// What it is about.
    About,
    /// The journal.
    Journal,
}

/// A kind of undertaking or publication.
#[derive(Debug, Deserialize)]
pub struct NeedyKind {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What its records must say.
    #[serde(default)]
    pub needs: Vec<Need>,
}

#[derive(Default, Deserialize)]
struct Dictionary {
    undertaking: Vec<NeedyKind>,
    publication: Vec<NeedyKind>,
    addressee: Vec<Word>,
}

// The file is part of the program, and a test reads it.
static DICTIONARY: LazyLock<Dictionary> =
    LazyLock::new(|| toml::from_str(include_str!("../../seeds/reference/undertaking_kinds.toml")).unwrap_or_default());

/// Kinds of undertakings.
#[must_use]
pub fn kinds() -> &'static [NeedyKind] {
    &DICTIONARY.undertaking
}

/// Kinds of publications.
#[must_use]
pub fn publication_kinds() -> &'static [NeedyKind] {
    &DICTIONARY.publication
}

/// Whom publications are for.
#[must_use]
pub fn addressees() -> &'static [Word] {
    &DICTIONARY.addressee
}

/// A kind of a list by its code or one of its names.
#[must_use]
pub fn kind(list: &'static [NeedyKind], text: &str) -> Option<&'static NeedyKind> {
    list.iter()
        .find(|k| super::kinds::means(text, &k.code, &k.name, &k.aliases))
}

/// The name of a kind; its code where the dictionary lacks it.
#[must_use]
pub fn kind_name<'a>(list: &'static [NeedyKind], code: &'a str) -> &'a str {
    list.iter().find(|k| k.code == code).map_or(code, |k| &k.name)
}

/// The longest code of a record.
const CODE: usize = 60;

/// Refuses a code of a new record that lists of codes, addresses and files could not carry; an empty one is made.
#[must_use]
pub fn odd_code(code: &str) -> Option<Refusal> {
    let known = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '–' | '_' | '.' | '/' | '№' | ':' | '(' | ')');
    let said = code.chars().any(char::is_alphanumeric) && code.chars().all(known);
    (!code.is_empty() && (!said || code.chars().count() > CODE))
        .then(|| Refusal::new("activity.odd_code").with("most", CODE))
}

/// Something undertaken.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = undertaking, treat_none_as_default_value = false)]
pub struct Undertaking {
    /// Id.
    pub id: UndertakingId,
    /// The region.
    pub region_id: UnitId,
    /// Stable code, the key of files.
    pub code: String,
    /// Kind, a word of the dictionary.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Key for searching.
    pub search_key: String,
    /// What it is about, in a sentence or two.
    pub about: Option<String>,
    /// Subject that is taught.
    pub subject: Option<String>,
    /// Level.
    pub level: Level,
    /// Whose; `None` is the region.
    pub unit_id: Option<UnitId>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day; `None` is open.
    pub ends_on: Option<NaiveDate>,
    /// Where it stands.
    pub state: State,
    /// Number of the act.
    pub act: Option<String>,
    /// Date of the act.
    pub act_on: Option<NaiveDate>,
    /// Link.
    pub link: Option<String>,
    /// The account that opened the link.
    pub checked_by: Option<i64>,
    /// When.
    pub checked_on: Option<NaiveDate>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why.
    pub withdrawn_reason: Option<String>,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

/// A body that is a party to an undertaking.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = undertaking_party, treat_none_as_default_value = false)]
pub struct Party {
    /// The undertaking.
    pub undertaking_id: UndertakingId,
    /// The body.
    pub body_id: BodyId,
}

/// A unit that takes part beside the one whose undertaking it is.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = undertaking_unit, treat_none_as_default_value = false)]
pub struct TakingUnit {
    /// The undertaking.
    pub undertaking_id: UndertakingId,
    /// The unit.
    pub unit_id: UnitId,
}

/// What a body said of an undertaking.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = expertise, treat_none_as_default_value = false)]
pub struct Expertise {
    /// Id.
    pub id: ExpertiseId,
    /// The region.
    pub region_id: UnitId,
    /// The undertaking.
    pub undertaking_id: UndertakingId,
    /// Who said it.
    pub body_id: BodyId,
    /// When.
    pub held_on: NaiveDate,
    /// Level.
    pub level: Level,
    /// What.
    pub outcome: Outcome,
    /// In words.
    pub note: Option<String>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why.
    pub withdrawn_reason: Option<String>,
}

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = undertaking_person, treat_none_as_default_value = false)]
pub struct TakingPart {
    /// Id.
    pub id: PartId,
    /// The region.
    pub region_id: UnitId,
    /// The undertaking.
    pub undertaking_id: UndertakingId,
    /// Who.
    pub person_id: PersonId,
    /// As whom.
    pub role: PartRole,
    /// First day.
    pub valid_from: NaiveDate,
    /// The day after the last one; `None` is open.
    pub valid_to: Option<NaiveDate>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why.
    pub withdrawn_reason: Option<String>,
}

/// A publication or material.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = publication, treat_none_as_default_value = false)]
pub struct Publication {
    /// Id.
    pub id: PublicationId,
    /// The region.
    pub region_id: UnitId,
    /// Stable code, the key of files.
    pub code: String,
    /// Kind, a word of the dictionary.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Key for searching.
    pub search_key: String,
    /// Year.
    pub year: i32,
    /// The journal or the publishing house.
    pub journal: Option<String>,
    /// Subject that is taught.
    pub subject: Option<String>,
    /// Whom it is for, a set of codes.
    pub addressees: String,
    /// Whose; `None` is the region.
    pub unit_id: Option<UnitId>,
    /// Link.
    pub link: Option<String>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why.
    pub withdrawn_reason: Option<String>,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

/// An author in the order of the title page.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = publication_author, treat_none_as_default_value = false)]
pub struct Author {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The publication.
    pub publication_id: PublicationId,
    /// From 1.
    pub place: i32,
    /// Somebody of the staff.
    pub person_id: Option<PersonId>,
    /// Or the name of an outsider.
    pub name: Option<String>,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_of_the_two_registers_means_one_thing() {
        assert!(
            kinds().len() > 10 && publication_kinds().len() > 5 && addressees().len() > 3,
            "the file is read"
        );
        for list in [kinds(), publication_kinds()] {
            let mut codes = HashSet::new();
            for of in list {
                assert!(codes.insert(&of.code), "{}", of.code);
                for name in std::iter::once(&of.name).chain(&of.aliases) {
                    assert_eq!(kind(list, name).map(|k| &k.code), Some(&of.code), "{name}");
                }
            }
        }
        for of in addressees() {
            for name in std::iter::once(&of.name).chain(&of.aliases) {
                assert_eq!(
                    super::super::kinds::word(addressees(), name).map(|k| &k.code),
                    Some(&of.code),
                    "{name}"
                );
            }
        }
    }
}

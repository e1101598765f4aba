//! The nouns: records of what a person did, events, bodies and members, mentoring pairs, cards of mentors.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::milli::Milli;
use crate::db::schema::{activity, body, body_member, event, event_unit, mentor_card, mentoring_pair};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// One version of a record.
    ActivityId;
    /// A record of a person through all its versions: what addresses name.
    RecordId;
    /// An event.
    EventId;
    /// A body.
    BodyId;
}

text_enum! {
    /// What a record of a person is about.
    Family {
        Event = "event" "мероприятие",
        Contest = "contest" "конкурс",
        Help = "help" "адресная помощь",
        Role = "role" "роль",
        Accompanied = "accompanied" "сопровождение",
        Support = "support" "социальная поддержка",
        Expert = "expert" "экспертная работа",
        Exam = "exam" "независимая оценка",
        Burnout = "burnout" "профилактика выгорания",
        Award = "award" "награда",
    }
}

text_enum! {
    /// Level of an event, a body or a record.
    Level {
        School = "school" "школьный",
        Municipal = "municipal" "муниципальный",
        Regional = "regional" "региональный",
        Federal = "federal" "федеральный",
    }
}

text_enum! {
    /// As whom a person took part.
    Part {
        Participant = "participant" "участник",
        Speaker = "speaker" "выступающий",
        Organiser = "organiser" "организатор",
        Jury = "jury" "член жюри",
        Leader = "leader" "ведущий",
    }
}

text_enum! {
    /// What came of it.
    Achieved {
        Winner = "winner" "победитель",
        Prize = "prize" "призёр",
        Laureate = "laureate" "лауреат",
        TookPart = "took_part" "участие без места",
        Passed = "passed" "сдан",
        Failed = "failed" "не сдан",
    }
}

text_enum! {
    /// As whom a person belongs to a body.
    MemberRole {
        Member = "member" "участник",
        Chair = "chair" "руководитель",
        Deputy = "deputy" "заместитель руководителя",
        Secretary = "secretary" "секретарь",
    }
}

text_enum! {
    /// Documents of a mentoring pair.
    PairDocument {
        Statute = "statute" "положение",
        Order = "order" "приказ о закреплении",
        Roadmap = "roadmap" "дорожная карта",
        Programme = "programme" "персонализированная программа",
        Consent = "consent" "согласия",
        Report = "report" "отчёт",
    }
}

impl Family {
    /// Whether a record holds from day to day, so that it counts in every period that it touches; the others count in
    /// the period that holds their first day.
    #[must_use]
    pub fn lasts(self) -> bool {
        matches!(self, Self::Role | Self::Accompanied)
    }

    /// Whether its tokens end with the result, not with the role.
    #[must_use]
    pub fn has_result(self) -> bool {
        matches!(self, Self::Contest | Self::Exam | Self::Award)
    }
}

/// A version of a record of one person.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = activity, treat_none_as_default_value = false)]
pub struct Activity {
    /// Id of the version.
    pub id: ActivityId,
    /// The region.
    pub region_id: UnitId,
    /// The record.
    pub record_id: RecordId,
    /// Whose.
    pub person_id: PersonId,
    /// About what.
    pub family: Family,
    /// Kind within the family.
    pub kind: String,
    /// Level.
    pub level: Option<Level>,
    /// As whom.
    pub role: Option<Part>,
    /// Title; empty where the kind says it all.
    pub title: String,
    /// What tells records of one day apart: the event, or the key of the title.
    pub title_key: String,
    /// Category of a contest, subject of an expert.
    pub category: Option<String>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day; `None` is the same day, or open for what lasts.
    pub ends_on: Option<NaiveDate>,
    /// The event of the register.
    pub event_id: Option<EventId>,
    /// The body that helped or organised.
    pub body_id: Option<BodyId>,
    /// The organiser among the units.
    pub organiser_id: Option<UnitId>,
    /// Another organiser.
    pub organiser: Option<String>,
    /// What came of it.
    pub result: Option<Achieved>,
    /// Volume.
    pub hours_milli: Option<Milli>,
    /// Document: kind, number, date.
    pub document: Option<String>,
    /// Link.
    pub link: Option<String>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When a later version took its place.
    pub superseded_at: Option<NaiveDateTime>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why.
    pub withdrawn_reason: Option<String>,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

/// An event of the register.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = event, treat_none_as_default_value = false)]
pub struct Event {
    /// Id.
    pub id: EventId,
    /// The region.
    pub region_id: UnitId,
    /// Stable code, the key of files.
    pub code: String,
    /// The series it belongs to.
    pub series: Option<String>,
    /// Title.
    pub title: String,
    /// Key for searching.
    pub search_key: String,
    /// Event or contest.
    pub family: Family,
    /// Kind within the family.
    pub kind: String,
    /// Level.
    pub level: Level,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// The organiser among the units.
    pub organiser_id: Option<UnitId>,
    /// Another organiser.
    pub organiser: Option<String>,
    /// Participants counted without names, where they are not counted by unit.
    pub participants: Option<i32>,
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

/// A unit that took part in an event.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = event_unit, treat_none_as_default_value = false)]
pub struct EventUnit {
    /// The event.
    pub event_id: EventId,
    /// The unit.
    pub unit_id: UnitId,
    /// Its participants counted without names.
    pub participants: Option<i32>,
}

/// A body.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = body, treat_none_as_default_value = false)]
pub struct Body {
    /// Id.
    pub id: BodyId,
    /// The region.
    pub region_id: UnitId,
    /// Stable code, the key of files.
    pub code: String,
    /// Name.
    pub name: String,
    /// Key for searching.
    pub search_key: String,
    /// Kind, a word of the dictionary.
    pub kind: String,
    /// Level.
    pub level: Level,
    /// Home unit; `None` is the region.
    pub unit_id: Option<UnitId>,
    /// What it does.
    pub duties: Option<String>,
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

/// A version of a membership.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = body_member, treat_none_as_default_value = false)]
pub struct BodyMember {
    /// Id of the version.
    pub id: ActivityId,
    /// The region.
    pub region_id: UnitId,
    /// The membership.
    pub record_id: RecordId,
    /// The body.
    pub body_id: BodyId,
    /// The member.
    pub person_id: PersonId,
    /// As whom.
    pub role: MemberRole,
    /// First day.
    pub valid_from: NaiveDate,
    /// The day after the last one; `None` is open.
    pub valid_to: Option<NaiveDate>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When a later version took its place.
    pub superseded_at: Option<NaiveDateTime>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why.
    pub withdrawn_reason: Option<String>,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

/// A version of a mentoring pair.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = mentoring_pair, treat_none_as_default_value = false)]
pub struct MentoringPair {
    /// Id of the version.
    pub id: ActivityId,
    /// The region.
    pub region_id: UnitId,
    /// The pair.
    pub record_id: RecordId,
    /// Who helps.
    pub mentor_id: PersonId,
    /// Who is helped.
    pub mentee_id: PersonId,
    /// Form, a word of the dictionary.
    pub form: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// The day after the last one; `None` is open.
    pub valid_to: Option<NaiveDate>,
    /// Kinds of documents that there are, a set of codes.
    pub documents: String,
    /// Link to them.
    pub link: Option<String>,
    /// What came of it.
    pub outcome: Option<String>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When a later version took its place.
    pub superseded_at: Option<NaiveDateTime>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why.
    pub withdrawn_reason: Option<String>,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

/// A version of a card of the base of mentors.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = mentor_card, treat_none_as_default_value = false)]
pub struct MentorCard {
    /// Id of the version.
    pub id: ActivityId,
    /// The region.
    pub region_id: UnitId,
    /// The card.
    pub record_id: RecordId,
    /// Whose.
    pub person_id: PersonId,
    /// Qualities, a set of codes of the dictionary.
    pub qualities: String,
    /// Subject in which the mentor helps.
    pub subject: Option<String>,
    /// When the mentor was trained as such.
    pub trained_on: Option<NaiveDate>,
    /// First day in the base.
    pub valid_from: NaiveDate,
    /// The day after the last one; `None` is open.
    pub valid_to: Option<NaiveDate>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When a later version took its place.
    pub superseded_at: Option<NaiveDateTime>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why.
    pub withdrawn_reason: Option<String>,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

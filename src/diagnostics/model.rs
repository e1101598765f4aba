//! The nouns: a procedure, a passage, a result.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::competence::{CompetenceId, ScaleId};
use crate::db::milli::Milli;
use crate::db::schema::{diagnosis, diagnosis_result, procedure, procedure_person};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// A procedure.
    ProcedureId;
    /// One person's passage of a procedure.
    DiagnosisId;
    /// A result by competence.
    ResultId;
    /// An invitation of a person to a procedure.
    InvitationId;
}

text_enum! {
    /// Why it was held. Self-assessment is never formal.
    DiagnosisKind {
        Full = "full" "полная",
        SelfAssessment = "self" "самодиагностика",
        Entry = "entry" "входная",
        CorporateOrder = "corporate_order" "корпоративный заказ",
        FollowUp = "follow_up" "повторная",
    }
}

impl DiagnosisKind {
    /// Whether a person assesses oneself: never formal.
    #[must_use]
    pub fn is_own(self) -> bool {
        self == Self::SelfAssessment
    }
}

text_enum! {
    /// Who held it.
    DiagnosisLevel {
        Federal = "federal" "федеральный",
        Regional = "regional" "региональный",
        Municipal = "municipal" "муниципальный",
        School = "school" "школьный",
    }
}

text_enum! {
    /// How far a procedure is. One that a file brings was held.
    ProcedureState {
        Planned = "planned" "готовится",
        Open = "open" "идёт",
        Held = "held" "проведена",
        Withdrawn = "withdrawn" "отменена",
    }
}

impl ProcedureState {
    /// Whether people are invited to it and answer still.
    #[must_use]
    pub const fn is_ahead(self) -> bool {
        matches!(self, Self::Planned | Self::Open)
    }
}

text_enum! {
    /// Why a person is invited to a procedure.
    InvitedFor {
        Audience = "audience" "для всех, кому она проводится",
        Expired = "expired" "прошёл срок прежних результатов",
        FollowUp = "follow_up" "итоги маршрута",
        OwnRequest = "own_request" "своя просьба",
        Named = "named" "по списку",
    }
}

text_enum! {
    /// What an invited person answered. A refusal needs no reason.
    InvitationAnswer {
        Agreed = "agreed" "согласие",
        Refused = "refused" "отказ",
    }
}

/// An assessment procedure as held.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = procedure, treat_none_as_default_value = false)]
pub struct Procedure {
    /// Id.
    pub id: ProcedureId,
    /// Stable code, the key of files.
    pub code: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: DiagnosisKind,
    /// Level.
    pub level: Option<DiagnosisLevel>,
    /// Who holds it.
    pub organiser_id: Option<UnitId>,
    /// First day.
    pub starts_on: Option<NaiveDate>,
    /// Last day, included.
    pub ends_on: Option<NaiveDate>,
    /// A result is valid through its date plus these days; `None` is without limit.
    pub valid_days: Option<i32>,
    /// Whether someone described it, or it was made from rows of a results file.
    pub described: bool,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// The file that brought it.
    pub batch_id: Option<i64>,
    /// The region that made it on a page; `None` where a file brought it.
    pub region_id: Option<UnitId>,
    /// Whom it is for, a set of codes of kinds of staff.
    pub audience: Option<String>,
    /// Framework of competences that it measures, with its version.
    pub framework: Option<String>,
    /// The scale that its new results are read by; `None` is the common one.
    pub scale_id: Option<ScaleId>,
    /// What it is held for, as the invited read it.
    pub purpose: Option<String>,
    /// What the invited agree to.
    pub consent_text: Option<String>,
    /// The day from which results are told to others than the person; `None` holds nothing back.
    pub released_on: Option<NaiveDate>,
    /// The procedure that this one follows up.
    pub previous_id: Option<ProcedureId>,
    /// Where its statute is read.
    pub statute_link: Option<String>,
    /// Where its instrument is described.
    pub instrument_link: Option<String>,
    /// The tool that it is held with.
    pub tool: Option<String>,
    /// How far it is.
    pub state: ProcedureState,
}

impl Procedure {
    /// A procedure of which no more is known than its names: held, without days and limits.
    #[must_use]
    pub const fn named(
        id: ProcedureId,
        code: String,
        name: String,
        kind: DiagnosisKind,
        recorded_at: NaiveDateTime,
    ) -> Self {
        Self {
            id,
            code,
            name,
            kind,
            level: None,
            organiser_id: None,
            starts_on: None,
            ends_on: None,
            valid_days: None,
            described: false,
            version: 1,
            recorded_at,
            batch_id: None,
            region_id: None,
            audience: None,
            framework: None,
            scale_id: None,
            purpose: None,
            consent_text: None,
            released_on: None,
            previous_id: None,
            statute_link: None,
            instrument_link: None,
            tool: None,
            state: ProcedureState::Held,
        }
    }
}

/// A person's invitation to a procedure.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = procedure_person, treat_none_as_default_value = false)]
pub struct Invitation {
    /// Id.
    pub id: InvitationId,
    /// The region.
    pub region_id: UnitId,
    /// To what.
    pub procedure_id: ProcedureId,
    /// Who.
    pub person_id: PersonId,
    /// Why.
    pub why: InvitedFor,
    /// The answer; `None` while there is none.
    pub answer: Option<InvitationAnswer>,
    /// When it was answered.
    pub answered_at: Option<NaiveDateTime>,
    /// Digest of the text that was agreed to on a page; `None` for a consent on paper.
    pub consent_digest: Option<String>,
    /// Whether the person came; `None` while nobody has said.
    pub came: Option<bool>,
    /// When the person first read the results.
    pub first_seen_at: Option<NaiveDateTime>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// The school that has put the person forward; `None` where whoever runs the procedure has invited.
    pub asked_by_id: Option<UnitId>,
}

/// One person's passage of a procedure on a day.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = diagnosis, treat_none_as_default_value = false)]
pub struct Diagnosis {
    /// Id.
    pub id: DiagnosisId,
    /// The region.
    pub region_id: UnitId,
    /// Who passed.
    pub person_id: PersonId,
    /// What.
    pub procedure_id: ProcedureId,
    /// Kind of this passage.
    pub kind: DiagnosisKind,
    /// Level, where the file gave it.
    pub level: Option<DiagnosisLevel>,
    /// The day.
    pub held_on: NaiveDate,
    /// Who held it, where it differs from the procedure.
    pub organiser_id: Option<UnitId>,
    /// Reference to the consent, where needed.
    pub consent: Option<String>,
    /// When the passage was withdrawn; its results then count nowhere.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

/// A result by competence. A replaced one stays, superseded.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = diagnosis_result, treat_none_as_default_value = false)]
pub struct DiagnosisResult {
    /// Id.
    pub id: ResultId,
    /// The region.
    pub region_id: UnitId,
    /// The passage.
    pub diagnosis_id: DiagnosisId,
    /// Whose.
    pub person_id: PersonId,
    /// Competence.
    pub competence_id: CompetenceId,
    /// School subject; empty where none.
    pub subject: String,
    /// Score.
    pub raw_milli: Milli,
    /// The most that could be scored, above zero.
    pub max_milli: Milli,
    /// The scale it is read by.
    pub scale_id: ScaleId,
    /// Sheet of the file.
    pub source_sheet: String,
    /// Row of the file.
    pub source_row: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When another result took its place.
    pub superseded_at: Option<NaiveDateTime>,
    /// The file that brought it.
    pub batch_id: Option<i64>,
    /// The level that the platform itself gave, word for word: it stands beside ours and rules nothing.
    pub tool_level: Option<String>,
}

//! The nouns: a person's way to a course, and the document it ends with.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::catalogue::{ProgrammeId, ProgrammeKind};
use crate::db::schema::{enrolment, qualification_document};
pub use crate::iom::DocumentId;
use crate::iom::ItemId;
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// A person's way to a course.
    EnrolmentId;
}

text_enum! {
    /// Where an enrolment stands.
    EnrolmentState {
        Applied = "applied" "подана",
        Agreed = "agreed" "согласована",
        Refused = "refused" "отклонена",
        Waitlisted = "waitlisted" "в очереди",
        Enrolled = "enrolled" "зачислен",
        Completed = "completed" "завершил",
        Expelled = "expelled" "отчислен",
        Withdrawn = "withdrawn" "отозвана",
    }
}

text_enum! {
    /// What a document on training is.
    DocumentKind {
        Certificate = "certificate" "удостоверение",
        RetrainingDiploma = "retraining_diploma" "диплом о ПП",
        Other = "other" "иной документ",
    }
}

impl DocumentKind {
    /// What a course of a kind ends with.
    #[must_use]
    pub fn of(course: ProgrammeKind) -> Self {
        match course {
            ProgrammeKind::Upskilling => Self::Certificate,
            ProgrammeKind::Retraining => Self::RetrainingDiploma,
        }
    }
}

/// A person's way to a course: application, agreement, seat, completion.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = enrolment, treat_none_as_default_value = false)]
pub struct Enrolment {
    /// Id.
    pub id: EnrolmentId,
    /// The region.
    pub region_id: UnitId,
    /// Whose.
    pub person_id: PersonId,
    /// To which programme.
    pub programme_id: ProgrammeId,
    /// The item of a plan that asked for it.
    pub item_id: Option<ItemId>,
    /// Where it stands.
    pub state: EnrolmentState,
    /// The day of the application.
    pub applied_on: NaiveDate,
    /// The day of the latest act.
    pub changed_on: NaiveDate,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The document it ended with.
    pub document_id: Option<DocumentId>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
}

/// A document on training; one number of one person is one document.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = qualification_document, treat_none_as_default_value = false)]
pub struct QualificationDocument {
    /// Id.
    pub id: DocumentId,
    /// The region.
    pub region_id: UnitId,
    /// Whose.
    pub person_id: PersonId,
    /// What it is.
    pub kind: DocumentKind,
    /// Who issued it.
    pub issuer_id: Option<UnitId>,
    /// The programme.
    pub programme_id: Option<ProgrammeId>,
    /// Number.
    pub number: String,
    /// The day of issue.
    pub issued_on: NaiveDate,
    /// Volume in academic hours.
    pub hours: Option<i32>,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
}

impl QualificationDocument {
    /// Whether it is the paper by which a step was waived, of which nobody has said what it is and who issued it.
    #[must_use]
    pub fn is_of_earlier_learning(&self) -> bool {
        self.kind == DocumentKind::Other && self.programme_id.is_none() && self.issuer_id.is_none()
    }
}

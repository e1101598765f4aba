//! The nouns: a competence and its group.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::schema::competence;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// A node of the tree of competences.
    CompetenceId;
    /// A scale of levels.
    ScaleId;
}

text_enum! {
    /// What the levels of a scale name.
    ScaleDirection {
        Deficit = "deficit" "дефицит",
        Competence = "competence" "владение",
    }
}

/// A competence.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = competence, treat_none_as_default_value = false)]
pub struct Competence {
    /// Id.
    pub id: CompetenceId,
    /// Stable code, the key of files.
    pub code: String,
    /// Code of the group.
    pub group_code: String,
    /// Name.
    pub name: String,
    /// The node above.
    pub parent_id: Option<CompetenceId>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

//! The rows of editions.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::audit;
use crate::db::schema::{edition, edition_act, edition_part};
use crate::units::UnitId;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// An edition.
    EditionId;
}

text_enum! {
    /// What a part of an edition holds.
    PartKind {
        Pack = "pack" "текст методики",
        Rules = "rules" "версии правил и шкал",
        Units = "units" "единицы",
        Values = "values" "значения",
        People = "people" "ключи людей",
        Lists = "lists" "списки за числами",
        Book = "book" "книга Excel",
    }
}

text_enum! {
    /// What is done with an edition after its release.
    ActKind {
        Approve = "approve" "утверждён",
        Open = "open" "открыт для всех",
        Close = "close" "закрыт для всех",
    }
}

/// An edition.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = edition, treat_none_as_default_value = false)]
pub struct Edition {
    /// Id.
    pub id: EditionId,
    /// The region.
    pub region_id: UnitId,
    /// Its number in the region.
    pub number: i32,
    /// Code of the pack.
    pub pack: String,
    /// The period.
    pub period: String,
    /// How it is called.
    pub title: String,
    /// When it was released: what was known at that moment is what it says.
    pub released_at: NaiveDateTime,
    /// Who released it; `None` is a command on the server.
    pub account_id: Option<i64>,
    /// In whose stead.
    pub on_behalf_of_id: Option<i64>,
    /// Their names as they were.
    pub released_by: String,
    /// The last day of the period, or the day of the release before it: what came later is not in it.
    pub as_of: NaiveDate,
    /// Version of the pack.
    pub pack_version: i32,
    /// Digest of the text of the pack.
    pub pack_digest: String,
    /// The edition of the same pack and period that it follows.
    pub before_id: Option<EditionId>,
    /// What the keys of its people are salted with.
    pub salt: String,
    /// Digest over everything it says.
    pub digest: String,
}

/// A part of an edition as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = edition_part)]
pub struct StoredPart {
    /// Id.
    pub id: i64,
    /// The edition.
    pub edition_id: EditionId,
    /// What it holds.
    pub kind: PartKind,
    /// Of what, where there are several: code of an indicator and the like.
    pub name: String,
    /// Its place among those of its kind.
    pub place: i32,
    /// Digest of what it says.
    pub digest: String,
    /// What it says, deflated where it is a text.
    pub content: Vec<u8>,
}

/// What was done with an edition.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = edition_act, treat_none_as_default_value = false)]
pub struct Act {
    /// Id.
    pub id: i64,
    /// The edition.
    pub edition_id: EditionId,
    /// What.
    pub act: ActKind,
    /// By whom.
    pub account_id: i64,
    /// In whose stead.
    pub on_behalf_of_id: Option<i64>,
    /// Their names as they were.
    pub by_name: String,
    /// What was said.
    pub remark: String,
    /// When.
    pub recorded_at: NaiveDateTime,
}

impl Edition {
    /// The digest over what it says: its own words and the digests of its parts, in order.
    #[must_use]
    pub fn digest_over<'a>(&self, parts: impl IntoIterator<Item = (PartKind, &'a str, i32, &'a str)>) -> String {
        let number = |id: Option<i64>| id.map_or_else(String::new, |id| id.to_string());
        let mut lines = vec![
            self.id.to_string(),
            self.region_id.to_string(),
            self.number.to_string(),
            self.pack.clone(),
            self.period.clone(),
            self.title.clone(),
            self.released_at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string(),
            number(self.account_id),
            number(self.on_behalf_of_id),
            self.released_by.clone(),
            self.as_of.to_string(),
            self.pack_version.to_string(),
            self.pack_digest.clone(),
            number(self.before_id.map(|id| id.0)),
            self.salt.clone(),
        ];
        let mut parts: Vec<String> = parts
            .into_iter()
            .map(|(kind, name, place, digest)| format!("{kind}\u{1f}{name}\u{1f}{place}\u{1f}{digest}"))
            .collect();
        parts.sort();
        lines.extend(parts);
        audit::digest(lines.join("\u{1e}").as_bytes())
    }
}

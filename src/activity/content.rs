//! What a record of a person says, without its place among the versions: files and forms make it alike.

use chrono::{NaiveDate, NaiveDateTime};

use super::model::{Achieved, Activity, ActivityId, BodyId, EventId, Family, Level, Part, RecordId};
use crate::db::Tx;
use crate::db::milli::Milli;
use crate::db::text_keys::search_key;
use crate::people::PersonId;
use crate::units::UnitId;

/// What a record says, without its place among the versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// About what.
    pub family: Family,
    /// Kind within the family.
    pub kind: String,
    /// Level.
    pub level: Option<Level>,
    /// As whom.
    pub role: Option<Part>,
    /// Title.
    pub title: String,
    /// Category.
    pub category: Option<String>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
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
    /// Document.
    pub document: Option<String>,
    /// Link.
    pub link: Option<String>,
}

impl Content {
    /// What tells records of one person, kind and day apart: the event, or the key of the title.
    #[must_use]
    pub fn title_key(&self) -> String {
        match self.event_id {
            Some(event) => format!("event {event}"),
            None => search_key(&self.title),
        }
    }

    /// What a stored record says.
    #[must_use]
    pub fn of(stored: &Activity) -> Self {
        Self {
            family: stored.family,
            kind: stored.kind.clone(),
            level: stored.level,
            role: stored.role,
            title: stored.title.clone(),
            category: stored.category.clone(),
            starts_on: stored.starts_on,
            ends_on: stored.ends_on,
            event_id: stored.event_id,
            body_id: stored.body_id,
            organiser_id: stored.organiser_id,
            organiser: stored.organiser.clone(),
            result: stored.result,
            hours_milli: stored.hours_milli,
            document: stored.document.clone(),
            link: stored.link.clone(),
        }
    }

    /// The record, as a version after `before` or as a new one.
    #[must_use]
    pub fn record(
        self,
        tx: &Tx<'_>,
        (region, person): (UnitId, PersonId),
        before: Option<&Activity>,
        now: NaiveDateTime,
        batch: Option<i64>,
    ) -> Activity {
        let id = tx.id();
        Activity {
            id: ActivityId(id),
            region_id: region,
            record_id: before.map_or(RecordId(id), |b| b.record_id),
            person_id: person,
            title_key: self.title_key(),
            family: self.family,
            kind: self.kind,
            level: self.level,
            role: self.role,
            title: self.title,
            category: self.category,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            event_id: self.event_id,
            body_id: self.body_id,
            organiser_id: self.organiser_id,
            organiser: self.organiser,
            result: self.result,
            hours_milli: self.hours_milli,
            document: self.document,
            link: self.link,
            version: before.map_or(1, |b| b.version + 1),
            recorded_at: now,
            superseded_at: None,
            withdrawn_at: None,
            withdrawn_reason: None,
            batch_id: batch,
        }
    }
}

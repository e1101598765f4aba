//! A vote of colleagues and what belongs to it, as they are stored.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::activity::{Level, RecordId};
use crate::db::schema::{vote, vote_award, vote_voice, vote_voter};
use crate::id_newtype;
use crate::people::PersonId;
use crate::planted;
use crate::units::{Tree, UnitId};

id_newtype! {
    /// A vote of colleagues.
    VoteId;
}

/// Levels of the title that a vote may lead to.
pub const LEVELS: [Level; 2] = [Level::Municipal, Level::Regional];

/// A vote of colleagues.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = vote, treat_none_as_default_value = false)]
pub struct Vote {
    /// Id.
    pub id: VoteId,
    /// The region.
    pub region_id: UnitId,
    /// Whose staff votes and is voted for.
    pub unit_id: UnitId,
    /// Title.
    pub title: String,
    /// Key of the title: one vote of a unit, a year and a title stands.
    pub title_key: String,
    /// The year of the title.
    pub year: i32,
    /// Level of the award.
    pub level: Level,
    /// First day.
    pub opens_on: NaiveDate,
    /// Last day, included.
    pub closes_on: NaiveDate,
    /// Grows with each change.
    pub version: i32,
    /// Who opened it.
    pub account_id: Option<i64>,
    /// In whose stead.
    pub on_behalf_of_id: Option<i64>,
    /// When.
    pub recorded_at: NaiveDateTime,
    /// When its author took it back.
    pub withdrawn_at: Option<NaiveDateTime>,
}

impl Vote {
    /// Whether it takes voices on a day.
    #[must_use]
    pub fn is_open(&self, today: NaiveDate) -> bool {
        self.withdrawn_at.is_none() && (self.opens_on..=self.closes_on).contains(&today)
    }

    /// Whether it takes no voices any more, so that they may be counted.
    #[must_use]
    pub fn is_over(&self, today: NaiveDate) -> bool {
        self.withdrawn_at.is_none() && (today > self.closes_on || planted!("voices_read_early"))
    }

    /// Whether an account opened it, itself or by a substitute.
    #[must_use]
    pub fn is_of(&self, account: i64) -> bool {
        [self.account_id, self.on_behalf_of_id].contains(&Some(account))
    }

    /// Whether one who works at these places belongs to it.
    #[must_use]
    pub fn holds(&self, tree: &Tree, places: &[UnitId]) -> bool {
        places.iter().any(|place| tree.path(*place).contains(&self.unit_id))
    }
}

/// Who has voted.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = vote_voter, treat_none_as_default_value = false)]
pub struct Voter {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The vote.
    pub vote_id: VoteId,
    /// Who.
    pub person_id: PersonId,
}

/// A voice; whose it is is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = vote_voice, treat_none_as_default_value = false)]
pub struct Voice {
    /// Id, by lot.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The vote.
    pub vote_id: VoteId,
    /// For whom.
    pub person_id: PersonId,
    /// A digest of the voter under a key outside the database; none once the title is awarded.
    pub tag: Option<String>,
}

/// A record of an award that was made by a vote.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = vote_award, treat_none_as_default_value = false)]
pub struct VoteAward {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The vote.
    pub vote_id: VoteId,
    /// The record in the register.
    pub record_id: RecordId,
}

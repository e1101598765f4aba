//! The rows: what is known of a person, of a plan, and where a person counts.

use diesel::prelude::*;

use super::period::FactPeriodId;
use crate::db::schema::{iom_fact, person_fact, person_place};
use crate::iom::IomId;
use crate::people::PersonId;
use crate::units::UnitId;

/// What is known of a person in a period. Sets are codes in [`crate::db::types::code_set`].
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = person_fact, treat_none_as_default_value = false)]
pub struct PersonFact {
    /// The region.
    pub region_id: UnitId,
    /// The period.
    pub period_id: FactPeriodId,
    /// The person.
    pub person_id: PersonId,
    /// Teaching in some organisation on the reference day.
    pub pedagogical: bool,
    /// Managing in some organisation on the reference day.
    pub leader: bool,
    /// Under 35 full years on the reference day.
    pub young: bool,
    /// Less than three full years since the start of teaching.
    pub first_three_years: bool,
    /// Kinds of the diagnoses passed in the period.
    pub diagnosed_kinds: String,
    /// Deficits of the profile on the last day.
    pub deficits: i32,
    /// Groups of these deficits.
    pub deficit_groups: String,
    /// A plan was formed in the period.
    pub iom_formed: bool,
    /// A plan was live in the period.
    pub iom_live: bool,
    /// A plan was realised in the period.
    pub iom_realised: bool,
    /// A live plan has a supporter and an act of support in the period.
    pub supported: bool,
    /// The same, the supporter being a regional methodist.
    pub supported_by_regional_methodist: bool,
    /// A training ended with a document in the period.
    pub trained: bool,
    /// Topics of the plans formed in the period.
    pub topics_formed: String,
    /// Topics of those of them that were realised in the period.
    pub topics_realised: String,
    /// Topics of the programmes that ended with a document in the period.
    pub topics_trained: String,
    /// Why the person belongs to no population; empty where it does.
    pub reason: String,
}

/// Where a person counts in a period, or last worked if it counts nowhere (both flags false).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = person_place, treat_none_as_default_value = false)]
pub struct PersonPlace {
    /// The region.
    pub region_id: UnitId,
    /// The period.
    pub period_id: FactPeriodId,
    /// The person.
    pub person_id: PersonId,
    /// The organisation.
    pub organisation_id: UnitId,
    /// Teaches here on the reference day.
    pub pedagogical: bool,
    /// Manages here on the reference day.
    pub leader: bool,
    /// Has another place in the period: counters leave the person out, readers count it exactly.
    pub bridged: bool,
}

/// What is known of a plan in a period.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = iom_fact, treat_none_as_default_value = false)]
pub struct IomFact {
    /// The region.
    pub region_id: UnitId,
    /// The period.
    pub period_id: FactPeriodId,
    /// The plan.
    pub iom_id: IomId,
    /// Whose it is.
    pub person_id: PersonId,
    /// Formed in the period.
    pub formed: bool,
    /// Live in the period.
    pub live: bool,
    /// Realised in the period.
    pub realised: bool,
    /// Kinds of supporters on the last day, or on the day of closing.
    pub supporter_kinds: String,
    /// Topics of its items.
    pub topics: String,
    /// Why it counts as nothing; empty where it does.
    pub reason: String,
}

/// Everything known of one person in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonFacts {
    /// The person.
    pub person: PersonFact,
    /// Its places, by organisation.
    pub places: Vec<PersonPlace>,
    /// Its plans, by id.
    pub plans: Vec<IomFact>,
}

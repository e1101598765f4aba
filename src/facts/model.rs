//! The rows: what is known of a person, of a plan, and where a person counts.

use diesel::prelude::*;

use super::period::FactPeriodId;
use crate::db::schema::{iom_fact, person_fact, person_place};
use crate::iom::IomId;
use crate::people::PersonId;
use crate::units::{OrgKind, UnitId};

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
    /// Full years on the reference day.
    pub age: Option<i32>,
    /// Full years of teaching on the reference day.
    pub experience: Option<i32>,
    /// Hours a week on the reference day, thousandths.
    pub workload_milli: Option<i32>,
    /// Subjects taught on the reference day, a line each.
    pub subjects: String,
    /// What the person took part in: tokens `family/kind/level/role[/periods ago]`.
    pub activities: String,
    /// What else is known: `diagnosed/kind/group/ok`, `trained/kind/provider/letters/topics/periods ago`,
    /// `formed/origin/platform`, `area/literacy`, `pension_age`, `higher_pedagogical_education`.
    pub marks: String,
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
    /// Has another place in the period.
    pub bridged: bool,
    /// Bits: what the person is here and of which kind the organisation is.
    pub marks: i32,
    /// Has more than [`MOST_PLACES`]: counters leave the person out, readers count it exactly.
    pub scattered: bool,
}

/// With so many places a person is still in the counters; the cells that one needs double with each place.
pub const MOST_PLACES: usize = 3;

/// A teacher by the first word of the position.
pub const TEACHER: i32 = 1;
/// Every subject named here has a matching education.
pub const MATCHED: i32 = 2;
/// Some subject named here has an education that does not match.
pub const MISMATCHED: i32 = 4;

/// The bit of a kind of organisations.
#[must_use]
pub fn kind_bit(kind: OrgKind) -> i32 {
    match kind {
        OrgKind::School => 16,
        OrgKind::Preschool => 32,
        OrgKind::Extracurricular => 64,
        OrgKind::Vocational => 128,
        OrgKind::Dpo => 256,
    }
}

impl PersonPlace {
    /// A place that is none, for asking what does not rest on one.
    #[must_use]
    pub fn nowhere(of: &PersonFact) -> Self {
        Self {
            region_id: of.region_id,
            period_id: of.period_id,
            person_id: of.person_id,
            organisation_id: of.region_id,
            pedagogical: false,
            leader: false,
            bridged: false,
            marks: 0,
            scattered: false,
        }
    }

    /// Whether the person holds a post of teacher here.
    #[must_use]
    pub fn is_teacher(&self) -> bool {
        self.marks & TEACHER != 0
    }

    /// Whether the education matches every subject taught here.
    #[must_use]
    pub fn is_matched(&self) -> bool {
        self.marks & MATCHED != 0
    }

    /// Whether it does not match some subject taught here.
    #[must_use]
    pub fn is_mismatched(&self) -> bool {
        self.marks & MISMATCHED != 0
    }

    /// Whether the organisation is of a kind.
    #[must_use]
    pub fn is_in(&self, kind: OrgKind) -> bool {
        self.marks & kind_bit(kind) != 0
    }
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

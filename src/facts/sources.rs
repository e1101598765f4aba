//! What facts are computed from, as plain values: the rows of one person that were known at one moment.
//!
//! The loader leaves out superseded and withdrawn rows and sorts what has an order; the rules in [`super::person`] and
//! [`super::plan`] see no database.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::competence::CompetenceId;
use crate::diagnostics::{DiagnosisKind, ResultId};
use crate::iom::{IomId, IomOrigin, IomOutcome, IomState, SupporterKind};
use crate::people::{EmploymentKind, PersonId, Sex, StaffKind};
use crate::planted;
use crate::units::UnitId;

/// Everything the facts of a person rest on.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The region.
    pub region: UnitId,
    /// The person.
    pub person: PersonId,
    /// Date of birth, where known.
    pub birth_date: Option<NaiveDate>,
    /// Jobs, whatever their dates.
    pub jobs: Vec<Job>,
    /// Passages of procedures.
    pub passages: Vec<Passage>,
    /// Plans.
    pub plans: Vec<PlanSource>,
    /// Documents that ended a training.
    pub documents: Vec<Document>,
    /// Sex, where known.
    pub sex: Option<Sex>,
    /// What the person took part in.
    pub activities: Vec<Activity>,
}

/// A dated record of taking part, or of belonging.
#[derive(Debug, Clone)]
pub struct Activity {
    /// `family/kind/level/role`.
    pub token: Arc<str>,
    /// First day.
    pub from: NaiveDate,
    /// Last day, included; `None` is open.
    pub to: Option<NaiveDate>,
}

/// A job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Where.
    pub organisation: UnitId,
    /// Teaching or managing.
    pub staff_kind: StaffKind,
    /// How held.
    pub kind: EmploymentKind,
    /// First day of any teaching work.
    pub teaching_since: Option<NaiveDate>,
    /// First day.
    pub valid_from: NaiveDate,
    /// The day after the last one; `None` is open.
    pub valid_to: Option<NaiveDate>,
    /// What the post brings beside the population.
    pub post: Post,
}

/// What is known of a post.
#[derive(Debug, Clone, Default)]
pub struct Post {
    /// Whether it is a post of teacher.
    pub teacher: bool,
    /// Whether the education named here is higher and pedagogical.
    pub higher_pedagogical: bool,
    /// Hours a week, thousandths.
    pub hours_milli: Option<i32>,
    /// Subjects with the match of education, where known.
    pub subjects: Vec<(Arc<str>, Option<bool>)>,
    /// Bit of the kind of the organisation; 0 when unknown.
    pub kind_bit: i32,
}

impl Job {
    /// Whether it is held on a day.
    #[must_use]
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        let forgotten = |to| planted!("last_day_forgotten") && day.succ_opt() == Some(to);
        self.valid_from <= day && self.valid_to.is_none_or(|to| day < to && !forgotten(to))
    }
}

/// A passage of a procedure with its results.
#[derive(Debug, Clone)]
pub struct Passage {
    /// Kind.
    pub kind: DiagnosisKind,
    /// The day.
    pub held_on: NaiveDate,
    /// Results are valid through the day plus these days; `None` is without limit.
    pub valid_days: Option<i32>,
    /// Results; a passage without one does not count.
    pub results: Vec<Score>,
}

impl Passage {
    /// Whether its results feed the profile of a day.
    #[must_use]
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        let last = match self.valid_days {
            None => None,
            Some(days) => self.held_on.checked_add_signed(chrono::Duration::days(i64::from(days))),
        };
        self.held_on <= day && last.is_none_or(|last| day < last || day == last && !planted!("validity_short"))
    }
}

/// A result, already read by its scale.
#[derive(Debug, Clone)]
pub struct Score {
    /// Id: of two results of one day the later row holds.
    pub id: ResultId,
    /// Competence.
    pub competence: CompetenceId,
    /// Group of the competence.
    pub group: Arc<str>,
    /// Areas of functional literacy it belongs to.
    pub areas: Arc<[&'static str]>,
    /// Whether the band it falls into is a deficit.
    pub deficit: bool,
}

/// A plan.
#[derive(Debug, Clone)]
pub struct PlanSource {
    /// The plan.
    pub id: IomId,
    /// Its states in the order of their days, then of their records.
    pub states: Vec<State>,
    /// Its supporters.
    pub supporters: Vec<Support>,
    /// Its acts of support.
    pub support_acts: Vec<NaiveDate>,
    /// Its items that have topics.
    pub items: Vec<Step>,
    /// Where it was drawn up.
    pub origin: IomOrigin,
    /// Whether it lies on the platform.
    pub on_platform: bool,
}

/// A dated state.
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// State.
    pub state: IomState,
    /// How it was closed.
    pub outcome: Option<IomOutcome>,
    /// Terminated as drawn up by mistake.
    pub error: bool,
    /// The day of the act.
    pub on_date: NaiveDate,
}

/// A supporter's assignment.
#[derive(Debug, Clone, Copy)]
pub struct Support {
    /// As what.
    pub kind: SupporterKind,
    /// First day.
    pub valid_from: NaiveDate,
    /// The day after the last one; `None` is open.
    pub valid_to: Option<NaiveDate>,
}

/// An item with topics.
#[derive(Debug, Clone)]
pub struct Step {
    /// A set of codes.
    pub topics: String,
    /// The day of its cancellation.
    pub cancelled_on: Option<NaiveDate>,
    /// The day it was added to a plan that had been seen; `None`: it was there from the start.
    pub added_on: Option<NaiveDate>,
}

/// A document that ended a training.
#[derive(Debug, Clone)]
pub struct Document {
    /// The day of issue.
    pub issued_on: NaiveDate,
    /// Topics of the programme, a set of codes.
    pub topics: Arc<str>,
    /// `kind/provider/letters/topic+topic` of the programme.
    pub mark: Arc<str>,
}

//! What happened to plans, for the next step of the story.

use super::model::IomId;
use crate::access::AccountId;
use crate::people::PersonId;
use crate::units::UnitId;

/// An event of one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// The region.
    pub region: UnitId,
    /// The plan.
    pub plan: IomId,
    /// Its number.
    pub number: String,
    /// Its person.
    pub person: PersonId,
    /// The act that caused it: the same event is never answered twice.
    pub act: i64,
}

/// Kinds of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// The plan waits for the teacher's agreement.
    Sent,
    /// An item waits for review by the supporters.
    Submitted {
        /// Number of the item.
        item: i32,
        /// Who accompanies the plan now.
        supporters: Vec<AccountId>,
    },
    /// An item came back to the teacher.
    ItemReturned {
        /// Number of the item.
        item: i32,
    },
    /// The plan was changed after its approval: there is a revision to read.
    Changed {
        /// Number of the revision.
        revision: i32,
    },
    /// An application for a course ended with the plan or the step it served.
    ApplicationEnded {
        /// Number of the item.
        item: i32,
        /// Why, in words.
        reason: String,
    },
    /// A supporter was given the plan.
    Assigned {
        /// Who.
        supporter: AccountId,
    },
}

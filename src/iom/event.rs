//! What happened to plans, for the next step of the story.

use chrono::NaiveDate;

use super::model::{ActKind, CloseReason, IomId, IomOutcome, IomState, ItemState, SupporterKind};
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
        /// Where the person works, of a plan that a school composed; nothing of other plans.
        school: Vec<UnitId>,
    },
    /// The teacher agreed to a plan that a school composed: it waits for the head.
    Agreed {
        /// Where the person works.
        school: Vec<UnitId>,
    },
    /// A plan that a school composed came back.
    CameBack {
        /// Where the person works.
        school: Vec<UnitId>,
        /// Whose draft it was.
        author: Option<AccountId>,
        /// Who has sent it back, and in whose stead.
        by: Vec<AccountId>,
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
        /// Who has made it, and in whose stead.
        by: Vec<AccountId>,
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
        /// As what.
        kind: SupporterKind,
        /// Whether the teacher was ever shown the plan.
        shown: bool,
        /// Who accompanied it as that until now, and accompanies it no more.
        instead_of: Vec<AccountId>,
        /// Who has named supporters in these acts, and in whose stead.
        by: Vec<AccountId>,
    },
    /// The plan went on: news, which nobody has to answer.
    Progress {
        /// What came, in its order.
        steps: Vec<Progress>,
        /// Whether the teacher was ever shown the plan.
        shown: bool,
    },
    /// Where the plan stands after its acts: what nobody is asked any more.
    Stands(Standing),
}

/// One thing by which a plan went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What.
    pub what: Went,
    /// Who has done it, and in whose stead.
    pub by: Vec<AccountId>,
}

/// How a plan went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// The plan as a whole: approved, begun, paused, resumed, closed, reopened.
    Plan(ActKind),
    /// A step was credited.
    Credited {
        /// Number of the item.
        item: i32,
    },
    /// A step was credited by earlier learning.
    Waived {
        /// Number of the item.
        item: i32,
        /// Whether a document was named.
        by_document: bool,
    },
    /// An application for the course of a step was agreed or refused, or there is a seat.
    Course {
        /// Which of them.
        act: ActKind,
        /// Number of the item.
        item: i32,
    },
    /// The training of a step is over.
    Trained {
        /// Number of the item.
        item: i32,
        /// Whether the step was credited by it.
        credited: bool,
    },
}

impl Went {
    /// Whether it is about the plan as a whole.
    #[must_use]
    pub fn is_of_plan(self) -> bool {
        matches!(self, Self::Plan(_))
    }

    /// Number of the step it is about; `None` is the plan as a whole.
    #[must_use]
    pub fn item(self) -> Option<i32> {
        match self {
            Self::Plan(_) => None,
            Self::Credited { item }
            | Self::Waived { item, .. }
            | Self::Course { item, .. }
            | Self::Trained { item, .. } => Some(item),
        }
    }
}

/// Where a plan stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The plan itself.
    pub state: IomState,
    /// How it was closed, and why it was terminated; nothing of a plan that was never closed.
    pub closed: Option<(IomOutcome, Option<CloseReason>)>,
    /// Whether it waits for the teacher's agreement.
    pub waits_for_agreement: bool,
    /// Whether the teacher has agreed and it waits for approval.
    pub waits_for_approval: bool,
    /// Items by number, with their last days.
    pub items: Vec<(i32, ItemState, Option<NaiveDate>)>,
    /// Who accompanies it now.
    pub supporters: Vec<AccountId>,
    /// Revisions that the teacher acknowledged in these acts.
    pub read: Vec<i32>,
    /// Whose acts they were, and in whose stead.
    pub by: Vec<AccountId>,
}

impl EventKind {
    /// Whether it calls anybody beside the teacher: most marks do not.
    #[must_use]
    pub fn calls(&self) -> bool {
        match self {
            Self::Stands(_) => false,
            Self::Progress { steps, .. } => steps.iter().any(|step| step.what.is_of_plan()),
            _ => true,
        }
    }

    /// Where the person works, of what concerns a school.
    #[must_use]
    pub fn school(&self) -> &[UnitId] {
        match self {
            Self::Submitted { school, .. } | Self::Agreed { school } | Self::CameBack { school, .. } => school,
            _ => &[],
        }
    }
}

impl Standing {
    /// Where an item stands; `None` is one that is not there.
    #[must_use]
    pub fn item(&self, number: i32) -> Option<(ItemState, Option<NaiveDate>)> {
        let found = self.items.iter().find(|(of, ..)| *of == number);
        found.map(|(_, state, due_on)| (*state, *due_on))
    }
}

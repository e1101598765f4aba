//! The plan (ИОМ педагога): drafting by rules, the life-cycle, supporters.

pub mod accompany;
pub mod acts;
pub mod agree;
pub mod assigning;
pub mod balance;
pub mod closing;
pub mod draft;
pub mod drafting;
pub mod event;
pub mod evidence;
pub mod model;
pub mod offer;
pub mod plan;
pub mod review;
pub mod revision;
pub mod rights;
pub mod rules;
pub mod show;
pub mod status;
pub mod within;

pub use model::{
    Act, ActId, ActKind, CloseReason, Deficit, DeficitId, DeficitOutcome, DocumentId, EducationForm, Goal, GoalBasis,
    GoalId, Iom, IomId, IomOrigin, IomOutcome, IomState, Item, ItemId, ItemLevel, ItemState, Revision, RevisionId,
    RuleSet, RuleSetId, StateId, StateRow, Supporter, SupporterId, SupporterKind,
};
pub use plan::{Doing, Kept, Mark, Plan, Stamp};
pub use within::Within;

//! The plan (ИОМ педагога): drafting by rules, the life-cycle, supporters.

pub mod draft;
pub mod drafting;
pub mod model;
pub mod offer;
pub mod rules;

pub use model::{
    Act, ActId, ActKind, CloseReason, Deficit, DeficitId, DeficitOutcome, DocumentId, EducationForm, Goal, GoalBasis,
    GoalId, Iom, IomId, IomOrigin, IomOutcome, IomState, Item, ItemId, ItemLevel, ItemState, Revision, RevisionId,
    RuleSet, RuleSetId, StateId, StateRow, Supporter, SupporterId, SupporterKind,
};

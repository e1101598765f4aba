//! The plan (ИОМ педагога): drafting by rules, the life-cycle, supporters.

pub mod accompany;
pub mod acquaint;
pub mod acts;
pub mod agree;
pub mod assigning;
pub mod balance;
pub mod capacity;
pub mod closing;
pub mod correction;
pub mod draft;
pub mod drafting;
pub mod due_store;
pub mod editing;
pub mod event;
pub mod evidence;
pub mod hand_over;
mod held;
pub mod mark_sheet;
pub mod model;
pub mod note;
pub mod offer;
pub mod paper;
pub mod pausing;
pub mod plan;
pub mod practice;
pub mod proposal;
pub mod proposing;
pub mod reminders;
pub mod review;
pub mod revision;
pub mod rights;
pub mod rounds;
pub mod rule_edit;
pub mod rule_sample;
pub mod rules;
pub mod sheet_code;
pub mod sheet_store;
pub mod show;
pub mod signing;
pub mod status;
pub mod template;
pub mod typed_file;
pub mod watch;
pub mod within;

pub use model::{
    Acquaintance, AcquaintanceId, Act, ActId, ActKind, CloseReason, Deficit, DeficitId, DeficitOutcome, DocumentId,
    EducationForm, Goal, GoalBasis, GoalId, Iom, IomId, IomOrigin, IomOutcome, IomState, Item, ItemId, ItemLevel,
    ItemState, PauseReason, ReadingWay, Revision, RevisionBasis, RevisionId, RuleSet, RuleSetId, StateId, StateRow,
    StudyForm, Supporter, SupporterId, SupporterKind, TemplateId,
};
pub use plan::{ActKey, Doing, Kept, Mark, Plan, Stamp};
pub use within::Within;

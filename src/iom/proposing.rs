//! What becomes of a proposal of a template: it is taken by a change of the plan, or declined with a reason. Either way the
//! plan stands at that version of the template from then on.

use super::agree::wrong_state;
use super::editing::Change;
use super::model::TemplateId;
use super::plan::{Doing, Plan, Stamp};
use super::status;
use crate::error::Refusal;

/// A version of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// The template.
    pub template: TemplateId,
    /// Its version.
    pub version: i32,
}

/// Refuses a version that the plan has taken or declined already, and that of another template than the plan's own.
///
/// # Errors
/// Such a version.
pub fn check(plan: &Plan, taken: Taken) -> Result<(), Refusal> {
    let fits = match plan.row.template_id {
        None => true,
        Some(own) => own == taken.template && plan.row.template_version < Some(taken.version),
    };
    if fits {
        Ok(())
    } else {
        Err(Refusal::new("proposal.stale"))
    }
}

/// Declines the version that the change names: nothing of the plan changes, the proposal is gone.
///
/// # Errors
/// A closed plan; no reason; a plan without a template, a version that is not newer than its own.
pub fn decline(plan: &mut Plan, doing: &Doing<'_>, of: Option<&Change>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    if !status::allowed_within(plan.row.state, doing.kind) {
        return Err(wrong_state(plan, doing));
    }
    let taken = of.and_then(|change| change.template);
    let taken = taken.filter(|_| plan.row.template_id.is_some());
    let taken = taken.ok_or_else(|| Refusal::new("proposal.stale"))?;
    check(plan, taken)?;
    doing.needed_reason()?;
    let row = plan.row.edit();
    row.template_version = Some(taken.version);
    row.version += 1;
    plan.record(doing, None, stamp);
    Ok(())
}

//! From a draft to work: send, agree, return, approve, start.

use super::model::{ActKind, IomState, Item, ItemState, RevisionBasis};
use super::plan::{Doing, Plan, Stamp};
use super::{revision, status};
use crate::error::Refusal;

/// Moves the plan by one of the acts of this file.
///
/// # Errors
/// The plan's state does not allow it; nothing to send; no agreement yet; no reason.
pub fn act(plan: &mut Plan, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    if doing.kind == ActKind::Agree {
        return agree(plan, doing, stamp);
    }
    let state = next_state(plan, doing)?;
    plan.refuse_out_of_order(doing, None)?;
    match doing.kind {
        ActKind::Send => {
            if !plan.goals.iter().any(|g| g.stands()) || !plan.items.iter().any(|item| is_dated(item)) {
                return Err(Refusal::new("iom.nothing_to_send"));
            }
            let row = plan.row.edit();
            row.first_visible_on = row.first_visible_on.or(Some(doing.on));
        }
        ActKind::Return => {
            doing.needed_reason()?;
            plan.row.edit().agreed_on = None;
        }
        ActKind::Approve => {
            if plan.row.agreed_on.is_none() {
                return Err(Refusal::new("iom.not_agreed"));
            }
            revision::freeze(plan, RevisionBasis::Approval, "утверждение", doing, stamp);
        }
        _ => {}
    }
    plan.move_to(state, doing, stamp);
    plan.record(doing, None, stamp);
    Ok(())
}

/// Whether a step stands and has a last day: a plan without such a step, or without a goal, is not sent.
#[must_use]
pub fn is_dated(item: &Item) -> bool {
    item.due_on.is_some() && item.state != ItemState::Cancelled
}

fn agree(plan: &mut Plan, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    if !status::allowed_within(plan.row.state, doing.kind) {
        return Err(wrong_state(plan, doing));
    }
    if plan.row.agreed_on.is_some() {
        return Err(Refusal::new("iom.already_agreed"));
    }
    plan.refuse_out_of_order(doing, None)?;
    let row = plan.row.edit();
    row.agreed_on = Some(doing.on);
    row.version += 1;
    plan.record(doing, None, stamp);
    Ok(())
}

/// Where the act takes the plan.
///
/// # Errors
/// The plan's state does not allow it.
pub fn next_state(plan: &Plan, doing: &Doing<'_>) -> Result<IomState, Refusal> {
    status::plan_after(plan.row.state, doing.kind).ok_or_else(|| wrong_state(plan, doing))
}

/// The refusal that names the state and the act.
#[must_use]
pub fn wrong_state(plan: &Plan, doing: &Doing<'_>) -> Refusal {
    Refusal::new("iom.wrong_state")
        .with("state", plan.row.state.label())
        .with("act", doing.kind.label())
}

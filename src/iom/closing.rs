//! The end of a plan: outcomes of deficits, the three ways to close, reopening.

use super::agree::{next_state, wrong_state};
use super::model::{CloseReason, DeficitOutcome, IomOutcome, IomState, ItemState};
use super::plan::{Doing, Plan, Stamp};
use super::status;
use crate::diagnostics::DiagnosisId;
use crate::error::Refusal;

/// A repeated diagnosis of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowUp {
    /// The passage.
    pub id: DiagnosisId,
    /// Its day.
    pub held_on: chrono::NaiveDate,
}

/// Records what came of a deficit: `value` is `code:closed|reduced|remained`.
///
/// # Errors
/// Another value, a deficit the plan does not have, a plan not in work, the same outcome again (unless the plan was
/// closed and reopened since: then each deficit may be judged anew).
pub fn outcome(plan: &mut Plan, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    if !status::allowed_within(plan.row.state, doing.kind) {
        return Err(wrong_state(plan, doing));
    }
    let wrong = || Refusal::new("iom.outcome_value").with("value", doing.value);
    let (code, outcome) = doing.value.rsplit_once(':').ok_or_else(wrong)?;
    let outcome = DeficitOutcome::from_code(outcome.trim()).ok_or_else(wrong)?;
    let place = plan
        .codes
        .iter()
        .position(|c| c == code.trim())
        .ok_or_else(|| Refusal::new("iom.unknown_deficit").with("deficit", code))?;
    plan.refuse_out_of_order(doing, None)?;
    let judged_on = plan.deficits[place].outcome_on;
    let reopened_since = plan
        .states
        .iter()
        .any(|s| s.state == IomState::Closed && judged_on.is_none_or(|on| on <= s.on_date));
    if plan.deficits[place].outcome == Some(outcome) && !reopened_since {
        return Err(Refusal::new("iom.same_outcome").with("deficit", code));
    }
    let deficit = plan.deficits[place].edit();
    deficit.outcome = Some(outcome);
    deficit.outcome_on = Some(doing.on);
    deficit.outcome_by_id = Some(doing.account());
    plan.record(doing, None, stamp);
    Ok(())
}

/// Closes a plan that was carried out.
///
/// # Errors
/// Mandatory items open, deficits without an outcome, neither a follow-up diagnosis nor a written conclusion.
pub fn complete(plan: &mut Plan, doing: &Doing<'_>, follow_ups: &[FollowUp], stamp: &Stamp<'_>) -> Result<(), Refusal> {
    let state = next_state(plan, doing)?;
    plan.refuse_out_of_order(doing, None)?;
    let open: Vec<String> = plan
        .items
        .iter()
        .filter(|i| i.mandatory && i.state != ItemState::Cancelled && !i.state.is_settled())
        .map(|i| i.number.to_string())
        .collect();
    if !open.is_empty() {
        return Err(Refusal::new("iom.open_items").with("items", open.join(", ")));
    }
    let without: Vec<&str> = plan
        .deficits
        .iter()
        .zip(&plan.codes)
        .filter(|(d, _)| d.outcome.is_none())
        .map(|(_, code)| code.as_str())
        .collect();
    if !without.is_empty() {
        return Err(Refusal::new("iom.no_outcome").with("deficits", without.join(", ")));
    }
    let approved = plan.since(IomState::Approved);
    let follow_up = follow_ups
        .iter()
        .filter(|f| approved.is_none_or(|day| f.held_on >= day) && f.held_on <= doing.on)
        .max_by_key(|f| (f.held_on, f.id));
    if follow_up.is_none() && doing.reason.is_empty() {
        return Err(Refusal::new("iom.no_follow_up"));
    }
    let row = plan.row.edit();
    row.follow_up_diagnosis_id = follow_up.map(|f| f.id);
    row.conclusion = (!doing.reason.is_empty()).then(|| doing.reason.to_owned());
    close(plan, IomOutcome::Completed, None, state, doing, stamp);
    Ok(())
}

/// Closes a plan whose time has run out.
///
/// # Errors
/// The plan is not in work.
pub fn expire(plan: &mut Plan, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    let state = next_state(plan, doing)?;
    plan.refuse_out_of_order(doing, None)?;
    close(plan, IomOutcome::Expired, None, state, doing, stamp);
    Ok(())
}

/// Terminates a plan for one of the known reasons.
///
/// # Errors
/// The plan is closed; another reason or none.
pub fn terminate(plan: &mut Plan, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    let state = next_state(plan, doing)?;
    plan.refuse_out_of_order(doing, None)?;
    let reason = close_reason(doing.reason).ok_or_else(|| {
        let known: Vec<&str> = CloseReason::ALL.iter().map(|r| r.label()).collect();
        Refusal::new("iom.close_reason").with("known", known.join(", "))
    })?;
    close(plan, IomOutcome::Terminated, Some(reason), state, doing, stamp);
    Ok(())
}

/// A reason by its label, whatever the case, or by its code.
#[must_use]
pub fn close_reason(text: &str) -> Option<CloseReason> {
    let text = text.trim().to_lowercase();
    CloseReason::ALL
        .iter()
        .copied()
        .find(|r| r.label().to_lowercase() == text || r.code() == text)
}

fn close(
    plan: &mut Plan,
    outcome: IomOutcome,
    reason: Option<CloseReason>,
    state: IomState,
    doing: &Doing<'_>,
    stamp: &Stamp<'_>,
) {
    let row = plan.row.edit();
    row.outcome = Some(outcome);
    row.close_reason = reason;
    row.closed_on = Some(doing.on);
    plan.move_to(state, doing, stamp);
    plan.record(doing, None, stamp);
}

/// Takes a closed plan back into work; the dated states keep how it had been closed.
///
/// # Errors
/// The plan is not closed or was never approved; another plan is in work; no reason.
pub fn reopen(plan: &mut Plan, doing: &Doing<'_>, other_in_work: bool, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    let state = next_state(plan, doing)?;
    plan.refuse_out_of_order(doing, None)?;
    doing.needed_reason()?;
    if other_in_work {
        return Err(Refusal::new("iom.other_in_work"));
    }
    if plan.row.revision == 0 {
        return Err(Refusal::new("iom.never_approved"));
    }
    let row = plan.row.edit();
    row.outcome = None;
    row.close_reason = None;
    row.closed_on = None;
    row.conclusion = None;
    row.follow_up_diagnosis_id = None;
    plan.move_to(state, doing, stamp);
    plan.record(doing, None, stamp);
    Ok(())
}

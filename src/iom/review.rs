//! Acts on items: begin, submit, withdraw, accept, return, waive, cancel, and the document that closes an item.

use chrono::NaiveDate;

use super::agree::wrong_state;
use super::model::{ActKind, DocumentId, ItemState, RevisionBasis};
use super::plan::{Doing, Plan, Stamp};
use super::{revision, status};
use crate::error::Refusal;

/// Does one of the acts of this file.
///
/// # Errors
/// The plan's or the item's state does not allow it; no reason; no document for a waiver.
pub fn act(plan: &mut Plan, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    let place = plan.item_place(doing)?;
    if !status::allowed_within(plan.row.state, doing.kind) {
        return Err(wrong_state(plan, doing));
    }
    let item = &plan.items[place];
    if doing.kind == ActKind::Accept && item.state == ItemState::Accepted && item.document_id.is_some() {
        return confirm(plan, place, doing, stamp);
    }
    let state = status::item_after(item.state, doing.kind).ok_or_else(|| {
        Refusal::new("iom.wrong_item_state")
            .with("item", item.number)
            .with("state", item.state.label())
            .with("act", doing.kind.label())
    })?;
    let id = item.id;
    plan.refuse_out_of_order(doing, Some(id))?;
    match doing.kind {
        ActKind::Return | ActKind::Cancel => {
            doing.needed_reason()?;
        }
        ActKind::Waive if doing.value.is_empty() && doing.reason.is_empty() => {
            return Err(Refusal::new("iom.waiver_document"));
        }
        _ => {}
    }
    let item = plan.items[place].edit();
    item.state = state;
    item.settled_on = state.is_settled().then_some(doing.on);
    if state == ItemState::Returned {
        item.document_id = None;
    }
    item.version += 1;
    if doing.kind == ActKind::Cancel && plan.row.revision > 0 {
        revision::freeze(plan, RevisionBasis::Cancel, doing.reason, doing, stamp);
    }
    plan.record(doing, Some(id), stamp);
    Ok(())
}

/// A supporter has seen the document that closed an item: an act of help that leaves the item as it is. Once.
fn confirm(plan: &mut Plan, place: usize, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    let (id, number) = (plan.items[place].id, plan.items[place].number);
    if plan.is_confirmed(id) {
        return Err(Refusal::new("iom.wrong_item_state")
            .with("item", number)
            .with("state", ItemState::Accepted.label())
            .with("act", doing.kind.label()));
    }
    plan.refuse_out_of_order(doing, Some(id))?;
    plan.record(doing, Some(id), stamp);
    Ok(())
}

/// Closes an item by a document; whether it was open.
pub fn close_by_document(plan: &mut Plan, place: usize, document: DocumentId, on: NaiveDate) -> bool {
    let item = &mut plan.items[place];
    let Some(state) = status::item_after(item.state, ActKind::Complete) else {
        return false;
    };
    let item = item.edit();
    item.state = state;
    item.settled_on = Some(on);
    item.document_id = Some(document);
    item.version += 1;
    true
}

//! How a plan went on in a run of acts: what the teacher and whoever accompanies it read as news.

use crate::iom::event::{Event, EventKind, Progress, Went};
use crate::iom::{Act, ActKind, Item, ItemState, Kept, Mark, Plan};
use crate::planted;

/// One event for all that came to a plan, however many acts it were.
pub(super) fn of(plan: &Plan) -> Option<Event> {
    let step = |act: &Act| {
        Some(Progress {
            what: went(plan, act)?,
            by: [act.account_id, act.on_behalf_of_id].into_iter().flatten().collect(),
        })
    };
    let steps: Vec<Progress> = plan.acts.iter().filter_map(step).collect();
    let last = plan.acts.last().filter(|_| !steps.is_empty())?;
    let kind = EventKind::Progress {
        steps,
        shown: plan.row.first_visible_on.is_some(),
    };
    Some(super::apply::event(plan, last.id.0, kind))
}

/// What an act of this run has brought that still stands at its end.
fn went(plan: &Plan, act: &Act) -> Option<Went> {
    if act.item_id.is_none() {
        return of_plan(act.act).then_some(Went::Plan(act.act));
    }
    let item = plan.items.iter().find(|item| Some(item.id) == act.item_id)?;
    let number = item.number;
    // The last act of its kind on the step says it.
    let is_last = |of: &dyn Fn(ActKind) -> bool| {
        let on_step = |a: &&Act| a.item_id == act.item_id && of(a.act);
        plan.acts.iter().rev().find(on_step).is_some_and(|a| a.id == act.id)
    };
    let now = item.mark() != Mark::Kept;
    match act.act {
        // A document that somebody has looked at closed the step before, and was told then.
        ActKind::Accept => {
            let credited = now && item.state == ItemState::Accepted && item.document_id.is_none();
            (credited && is_last(&|kind| kind == ActKind::Accept)).then_some(Went::Credited { item: number })
        }
        ActKind::Waive => {
            let waived = now && item.state == ItemState::Waived && is_last(&|kind| kind == ActKind::Waive);
            waived.then_some(Went::Waived {
                item: number,
                by_document: act.value.is_some(),
            })
        }
        ActKind::Complete => is_last(&|kind| kind == ActKind::Complete).then_some(Went::Trained {
            item: number,
            credited: now && item.state == ItemState::Accepted,
        }),
        ActKind::AgreeEnrolment | ActKind::RefuseEnrolment | ActKind::Enrol => {
            let stands = plan.is_open() && has_course(item) && is_last(&ActKind::is_about_course);
            stands.then_some(Went::Course {
                act: act.act,
                item: number,
            })
        }
        _ => None,
    }
}

/// Whether an application for the course of a step may still stand.
fn has_course(item: &Kept<Item>) -> bool {
    !matches!(item.state, ItemState::Cancelled | ItemState::Waived)
}

/// Whether an act moves the plan as a whole, and not towards its approval: that is asked and not told.
fn of_plan(act: ActKind) -> bool {
    match act {
        ActKind::CloseCompleted | ActKind::CloseExpired | ActKind::CloseTerminated => !planted!("closing_untold"),
        ActKind::Approve | ActKind::Start | ActKind::Pause | ActKind::Resume | ActKind::Reopen => true,
        _ => false,
    }
}

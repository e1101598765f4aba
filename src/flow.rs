//! The story: what happened, and what comes next. The only file that knows every stage.
//!
//! A file of results makes profiles ([`crate::profile`]); a profile with deficits makes a draft
//! ([`crate::iom::drafting`]); from there a person decides, act by act ([`acts`]). Whoever the next step waits for gets
//! a letter, written in the same transaction.

use std::collections::HashMap;

use serde_json::json;

use crate::access::{self, AccountId};
use crate::db::{DbError, Tx};
use crate::enrolment::apply::{self, Applied};
use crate::error::Error;
use crate::iom::acts::ActRow;
use crate::iom::event::{Event, EventKind};
use crate::mail::outbox::{self, Letter};
use crate::people::PersonId;

/// Acts of a file, each followed by its next step.
///
/// # Errors
/// Those of the database; refusals of single rows are part of the result.
pub fn acts(tx: &mut Tx<'_>, key: &[u8], rows: &[ActRow]) -> Result<Applied, Error> {
    apply::run(tx, key, rows, next_step)
}

/// Event → next step.
fn next_step(tx: &mut Tx<'_>, events: &[Event]) -> Result<(), DbError> {
    let persons: Vec<PersonId> = events.iter().map(|e| e.person).collect();
    let teachers = access::store::accounts_of(tx.conn(), &persons)?;
    let letters: Vec<Letter> = events.iter().flat_map(|event| letters(event, &teachers)).collect();
    outbox::queue(tx, &letters)
}

fn letters(event: &Event, teachers: &HashMap<PersonId, AccountId>) -> Vec<Letter> {
    let teacher = teachers.get(&event.person).copied();
    match &event.kind {
        // A plan waits for the teacher's agreement.
        EventKind::Sent => letter(event, "iom_sent", teacher, None),
        // A step waits for whoever accompanies the plan.
        EventKind::Submitted { item, supporters } => {
            letter(event, "iom_submitted", supporters.iter().copied(), Some(*item))
        }
        // A step came back.
        EventKind::ItemReturned { item } => letter(event, "iom_item_returned", teacher, Some(*item)),
        // A plan has a new supporter.
        EventKind::Assigned { supporter } => letter(event, "iom_assigned", [*supporter], None),
    }
}

fn letter(
    event: &Event,
    kind: &'static str,
    to: impl IntoIterator<Item = AccountId>,
    item: Option<i32>,
) -> Vec<Letter> {
    to.into_iter()
        .map(|account| Letter {
            kind,
            region: Some(event.region.0),
            account: account.0,
            subject_id: event.plan.0,
            dedup_key: format!("{}-{account}", event.act),
            body: json!({ "plan": event.plan, "number": event.number, "item": item }),
        })
        .collect()
}

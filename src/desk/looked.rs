//! What the journal keeps of a look: one row for a person whose data were opened, one row for a list that names people.
//! A list that says more of them than name, place and state of the plan leaves a row for each who stands on it as well:
//! they read of it under «Кто смотрел мой профиль».

use std::collections::BTreeSet;

use crate::access::AccountId;
use crate::audit::{self, Entry, words};
use crate::error::Error;
use crate::people::PersonId;
use crate::web::Call;
use crate::web::call::Visitor;

/// The row of a look at one person: who, in which role, and what was opened.
#[must_use]
pub fn at_person(
    visitor: &Visitor,
    action: &'static str,
    object_kind: &'static str,
    object: Option<i64>,
    person: PersonId,
) -> Entry {
    Entry {
        action,
        region: visitor.region,
        account: Some(visitor.account),
        on_behalf_of: visitor.on_behalf_of(),
        object_kind,
        object,
        person: Some(person.0),
        detail: in_role(visitor),
    }
}

/// The code of the role in which it was done.
fn in_role(visitor: &Visitor) -> String {
    visitor.role().map_or_else(String::new, |r| format!("role={}", r.code))
}

/// The row of a list: its filter in codes, who stands on the page that is shown (a keyed digest of their ids), and how
/// many the filter finds.
#[must_use]
pub fn at_list<T: ToString>(
    visitor: &Visitor,
    key: &[u8],
    list: &'static str,
    filter: &str,
    shown: &[T],
    found: usize,
) -> Entry {
    let ids: Vec<String> = shown.iter().map(ToString::to_string).collect();
    let mut ids = audit::keyed(key, ids.join(",").as_bytes());
    ids.truncate(16);
    let parts = [
        in_role(visitor),
        filter.to_owned(),
        format!("shown={} ids={ids} rows={found}", shown.len()),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Entry {
        action: words::READ_LIST,
        region: visitor.region,
        account: Some(visitor.account),
        on_behalf_of: visitor.on_behalf_of(),
        object_kind: list,
        object: None,
        person: None,
        detail: parts.join(" "),
    }
}

/// The rows of a list that tells (`words::TELLING`), one for each person that it shows; its own row stands beside them.
#[must_use]
pub fn at_each(visitor: &Visitor, list: &'static str, people: &[PersonId]) -> Vec<Entry> {
    let people: BTreeSet<PersonId> = people.iter().copied().collect();
    let of = |person| at_person(visitor, words::SHOWN, list, None, person);
    people.into_iter().map(of).collect()
}

/// Writes the row of a list that was read. The answer waits for it: no name is shown that the journal does not know of.
///
/// # Errors
/// Those of the database; nothing is shown then.
pub async fn list<T: ToString>(
    call: &Call,
    list: &'static str,
    filter: &str,
    shown: &[T],
    found: usize,
) -> Result<(), Error> {
    let entry = at_list(call.visitor()?, &call.app().keys.audit, list, filter, shown, found);
    note(call, entry).await
}

/// Writes the rows of a list that tells: its own, and one for each of these people, in one write.
///
/// # Errors
/// Those of the database; nothing is shown then.
pub async fn telling<T: ToString>(
    call: &Call,
    list: &'static str,
    filter: &str,
    shown: &[T],
    found: usize,
    people: &[PersonId],
) -> Result<(), Error> {
    let (visitor, key) = (call.visitor()?, &call.app().keys.audit);
    let mut entries = vec![at_list(visitor, key, list, filter, shown, found)];
    entries.extend(at_each(visitor, list, people));
    call.app().note(entries).await
}

/// Writes the row of one account that was opened: a list of one, with the account as its object.
///
/// # Errors
/// Those of the database; nothing is shown then.
pub async fn account(call: &Call, id: AccountId) -> Result<(), Error> {
    let mut entry = at_list(call.visitor()?, &call.app().keys.audit, "account", "", &[id], 1);
    entry.object = Some(id.0);
    note(call, entry).await
}

/// Writes a row that stands for itself.
///
/// # Errors
/// Those of the database.
pub async fn note(call: &Call, entry: Entry) -> Result<(), Error> {
    call.app().note(vec![entry]).await
}

//! What an invitation of many would do, before it is done: who receives it, how many have one already, and whom it does not
//! reach yet.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::access::{self, AccountId};
use crate::db::text_keys::sort_key;
use crate::db::{AnyConn, DbError};
use crate::desk::looked;
use crate::desk::plan::rows::Who;
use crate::desk::registers::page::Sent;
use crate::desk::registers::reach::Held;
use crate::diagnostics::{Invitation, Procedure};
use crate::error::Error;
use crate::pages::parts::Link;
use crate::pages::text::count;
use crate::people::PersonId;
use crate::web::{Answer, Call, token};

/// The act that invites those whom the page has shown.
pub(super) const ALL: &str = "invite_all";
/// Names on the page.
const NAMED: usize = 50;
/// What of the form is sent on with the key and with what was shown.
const KEPT: [&str; 3] = ["whom", "unit", "names"];

/// Those of these people who have no invitation yet.
pub(super) fn new_of(people: &[PersonId], all: &[Invitation]) -> Vec<PersonId> {
    let known: HashSet<PersonId> = all.iter().map(|one| one.person_id).collect();
    let mut new: Vec<PersonId> = people
        .iter()
        .copied()
        .filter(|person| !known.contains(person))
        .collect();
    new.sort_unstable();
    new.dedup();
    new
}

/// What was shown: the same people give the same text.
pub(super) fn expected(new: &[PersonId]) -> String {
    let digest = new.iter().fold(Sha256::new(), |digest, person| {
        digest.chain_update(person.0.to_be_bytes())
    });
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Receivers with what is told of them.
pub(super) struct Receivers {
    new: Vec<PersonId>,
    /// How many of those meant are invited already.
    before: usize,
    who: HashMap<PersonId, Who>,
    accounts: HashMap<PersonId, AccountId>,
}

/// Reads whom an invitation would go to.
pub(super) fn receivers(
    c: &mut AnyConn,
    held: &Held,
    all: &[Invitation],
    people: &[PersonId],
) -> Result<Receivers, DbError> {
    let new = new_of(people, all);
    Ok(Receivers {
        before: people.iter().collect::<HashSet<_>>().len() - new.len(),
        who: held.who(c, &new)?,
        accounts: access::store::accounts_of(c, &new)?,
        new,
    })
}

#[derive(Serialize)]
struct Named {
    who: String,
    place: String,
    /// Whether no letter reaches this one yet.
    unreached: bool,
}

#[derive(Serialize)]
struct Kept {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Page {
    crumbs: Vec<Link>,
    heading: String,
    before: Option<String>,
    unreached: Option<String>,
    named: Vec<Named>,
    more: Option<String>,
    nothing: bool,
    action: String,
    act: &'static str,
    fields: Vec<Kept>,
    expected: String,
    key: String,
    token: String,
    back: String,
}

/// The page that names the receivers.
pub(super) async fn page(call: &Call, of: &Procedure, back: String, found: Receivers) -> Result<Answer, Error> {
    let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut shown: Vec<PersonId> = found.new.clone();
    shown.sort_by_cached_key(|person| found.who.get(person).map(|who| sort_key(&who.name)));
    let more = shown.len().saturating_sub(NAMED);
    shown.truncate(NAMED);
    if !shown.is_empty() {
        looked::telling(call, "invited", "chosen", &shown, found.new.len(), &shown).await?;
    }
    let sent = Sent(&call.form);
    let people = |n: usize| count(whole(n), "педагога", "педагогов", "педагогов");
    let unreached = found
        .new
        .iter()
        .filter(|person| !found.accounts.contains_key(person))
        .count();
    let nothing = found.new.is_empty();
    let heading = if nothing {
        "Приглашать некого".to_owned()
    } else {
        format!("Пригласить {}?", people(found.new.len()))
    };
    let data = Page {
        crumbs: vec![Link::new(format!("Участники: {}", of.name), back.clone())],
        heading: heading.clone(),
        before: (found.before > 0).then(|| format!("Приглашены раньше: {}. Второго приглашения им не будет.", found.before)),
        unreached: (unreached > 0).then(|| {
            format!("Без учётной записи: {unreached}. Приглашение они увидят, когда она появится; согласие можно взять на бумаге.")
        }),
        named: shown
            .iter()
            .map(|person| Named {
                who: found.who.get(person).map_or_else(String::new, |who| who.short.clone()),
                place: found.who.get(person).map_or_else(String::new, |who| who.places.join(", ")),
                unreached: !found.accounts.contains_key(person),
            })
            .collect(),
        more: (more > 0).then(|| format!("и ещё {}", count(whole(more), "педагог", "педагога", "педагогов"))),
        nothing,
        action: back.clone(),
        act: ALL,
        fields: KEPT.map(|name| Kept { name, value: sent.text(name) }).into(),
        expected: expected(&found.new),
        key: token::random_name()?,
        token: call.token(),
        back,
    };
    let answer = Answer::page("desk/invite_check", &data)?.title(heading);
    Ok(if nothing { answer.status(422) } else { answer })
}

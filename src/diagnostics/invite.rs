//! Inviting people to a procedure: once each, while it is ahead or going on. A school puts its own people forward until the
//! last day, and takes back whom nobody has asked or who has not answered yet.

use std::collections::{BTreeMap, HashSet};

use diesel::prelude::*;

use super::attend::takes_answers;
use super::model::{Invitation, InvitationAnswer, InvitationId, InvitedFor, Procedure, ProcedureId};
use super::procedure::OBJECT;
use crate::access::AccountId;
use crate::access::by::By;
use crate::access::store;
use crate::db::schema::procedure_person;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::mail::notice::{self, Settled, Told};
use crate::mail::outbox::Letter;
use crate::pages::text::date;
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{insert_many, planted};

/// Invitations of a region to a procedure.
///
/// # Errors
/// Those of the database.
pub fn of_procedure(conn: &mut AnyConn, region: UnitId, of: &Procedure) -> Result<Vec<Invitation>, DbError> {
    Ok(procedure_person::table
        .filter(procedure_person::region_id.eq(region))
        .filter(procedure_person::procedure_id.eq(of.id))
        .order(procedure_person::id)
        .select(Invitation::as_select())
        .load(conn)?)
}

/// Invites those of these people who are not invited yet, and says how many they are.
///
/// # Errors
/// The procedure is over; those of the database.
pub fn invite(tx: &mut Tx<'_>, by: &By, to: &Procedure, persons: &[PersonId], why: InvitedFor) -> Result<usize, Error> {
    if !to.state.is_ahead() {
        return Err(Refusal::new("procedure.over").with("state", to.state.label()).into());
    }
    let people: Vec<(PersonId, Option<UnitId>)> = persons.iter().map(|person| (*person, None)).collect();
    let invited = put(tx, by, to, &people, why)?;
    if !invited.is_empty() {
        by.note(tx, "diagnostics.invite", (OBJECT, to.id.0), &invited, "")?;
    }
    Ok(invited.len())
}

/// Schools put people of theirs forward: those who are not invited yet are invited by name, with the school that asked;
/// says how many they are.
///
/// # Errors
/// The last day is past or the procedure is over; those of the database.
pub fn put_forward(tx: &mut Tx<'_>, by: &By, to: &Procedure, people: &[(PersonId, UnitId)]) -> Result<usize, Error> {
    if !takes_answers(to, tx.today()) && !planted!("asked_after_the_last_day") {
        return Err(Refusal::new("procedure.asked_late").into());
    }
    let people: Vec<(PersonId, Option<UnitId>)> = people.iter().map(|(p, school)| (*p, Some(*school))).collect();
    let invited = put(tx, by, to, &people, InvitedFor::Named)?;
    if !invited.is_empty() {
        by.note(tx, "diagnostics.put_forward", (OBJECT, to.id.0), &invited, "")?;
    }
    Ok(invited.len())
}

/// Writes the invitations that are not there yet and gives back whose they are.
fn put(
    tx: &mut Tx<'_>,
    by: &By,
    to: &Procedure,
    people: &[(PersonId, Option<UnitId>)],
    why: InvitedFor,
) -> Result<Vec<i64>, Error> {
    let known = of_procedure(tx.conn(), by.region, to)?;
    let mut known: HashSet<PersonId> = known.into_iter().map(|one| one.person_id).collect();
    let mut rows = Vec::new();
    for (person, asked_by_id) in people {
        if known.insert(*person) {
            rows.push(Invitation {
                id: InvitationId(tx.id()),
                region_id: by.region,
                procedure_id: to.id,
                person_id: *person,
                why,
                answer: None,
                answered_at: None,
                consent_digest: None,
                came: None,
                first_seen_at: None,
                version: 1,
                recorded_at: tx.now(),
                asked_by_id: *asked_by_id,
            });
        }
    }
    let invited: Vec<PersonId> = rows.iter().map(|row| row.person_id).collect();
    insert_many!(tx.conn(), procedure_person::table, rows)?;
    tell(tx, by.region, to, &invited, "")?;
    Ok(invited.iter().map(|person| person.0).collect())
}

/// Tells the invited who have an account: until when they answer, and where; `anew` tells one invitation from an earlier one.
fn tell(tx: &mut Tx<'_>, region: UnitId, to: &Procedure, invited: &[PersonId], anew: &str) -> Result<(), Error> {
    if planted!("invited_unaware") {
        return Ok(());
    }
    let accounts = store::accounts_of(tx.conn(), invited)?;
    let until = to
        .ends_on
        .map_or_else(String::new, |last| format!(" до {}", date(last)));
    let letter = |account: &AccountId| Told {
        letter: Letter {
            kind: "procedure_invited",
            region: Some(region.0),
            account: account.0,
            subject_id: to.id.0,
            dedup_key: format!("{anew}{account}"),
            body: serde_json::json!({ "title": to.name, "until": until }),
            address: None,
            link: None,
        },
        item: None,
        due_on: to.ends_on,
    };
    let told: Vec<Told> = invited
        .iter()
        .filter_map(|person| accounts.get(person))
        .map(letter)
        .collect();
    notice::tell(tx, &told)?;
    Ok(())
}

/// The kind of news that a procedure is called off.
pub(super) const CALLED_OFF: &str = "procedure_called_off";

/// Tells whoever is invited and has not refused that there is nothing to come to; whoever calls it off knows.
///
/// # Errors
/// Those of the database.
pub(super) fn called_off(tx: &mut Tx<'_>, by: &By, of: &Procedure) -> Result<(), Error> {
    if planted!("called_off_untold") {
        return Ok(());
    }
    let invited = not_refused(tx.conn(), of.id)?;
    let persons: Vec<PersonId> = invited.iter().map(|(person, _)| *person).collect();
    let accounts = store::accounts_of(tx.conn(), &persons)?;
    let own = |account: i64| account == by.account || by.on_behalf_of == Some(account);
    let letter = |(person, region): &(PersonId, UnitId)| {
        let account = accounts.get(person).filter(|account| !own(account.0))?;
        Some(Told {
            letter: Letter {
                kind: "procedure_called_off",
                region: Some(region.0),
                account: account.0,
                subject_id: of.id.0,
                // It may be on again, and be called off once more.
                dedup_key: format!("{}-{account}", of.version),
                body: serde_json::json!({ "title": of.name }),
                address: None,
                link: None,
            },
            item: None,
            due_on: None,
        })
    };
    let told: Vec<Told> = invited.iter().filter_map(letter).collect();
    notice::tell(tx, &told)?;
    Ok(())
}

/// Tells whoever was invited and has not refused that a procedure which was called off is prepared again.
///
/// # Errors
/// Those of the database.
pub(super) fn on_again(tx: &mut Tx<'_>, of: &Procedure) -> Result<(), Error> {
    let mut invited: BTreeMap<UnitId, Vec<PersonId>> = BTreeMap::new();
    for (person, region) in not_refused(tx.conn(), of.id)? {
        invited.entry(region).or_default().push(person);
    }
    for (region, persons) in invited {
        tell(tx, region, of, &persons, &format!("{}-", of.version))?;
    }
    Ok(())
}

/// Everyone who is invited and has not refused, with the region.
fn not_refused(conn: &mut AnyConn, of: ProcedureId) -> Result<Vec<(PersonId, UnitId)>, DbError> {
    let rows = procedure_person::table
        .filter(procedure_person::procedure_id.eq(of))
        .filter(
            procedure_person::answer
                .is_null()
                .or(procedure_person::answer.ne(InvitationAnswer::Refused)),
        )
        .order(procedure_person::id)
        .select((procedure_person::person_id, procedure_person::region_id));
    Ok(rows.load(conn)?)
}

/// Whoever has answered, or is asked no more, keeps no invitation in the list; `people` is everyone where it is `None`.
///
/// # Errors
/// Those of the database.
pub(super) fn answered(
    tx: &mut Tx<'_>,
    of: ProcedureId,
    people: Option<&[PersonId]>,
    how: Settled,
) -> Result<(), DbError> {
    if planted!("invitation_stays") {
        return Ok(());
    }
    let accounts: Option<Vec<i64>> = match people {
        Some(people) => Some(
            store::accounts_of(tx.conn(), people)?
                .into_values()
                .map(|a| a.0)
                .collect(),
        ),
        None => None,
    };
    notice::settle_news(tx, "procedure_invited", of.0, accounts.as_deref(), how)
}

/// A school takes back people whom it has put forward: all of them or none.
///
/// # Errors
/// One of them has answered or was marked already; those of the database.
pub fn take_back(tx: &mut Tx<'_>, by: &By, to: &Procedure, own: &[Invitation]) -> Result<(), Error> {
    if own.is_empty() {
        return Ok(());
    }
    let ids: Vec<InvitationId> = own.iter().map(|one| one.id).collect();
    let open = procedure_person::table
        .filter(procedure_person::region_id.eq(by.region))
        .filter(procedure_person::procedure_id.eq(to.id))
        .filter(procedure_person::id.eq_any(ids))
        .filter(procedure_person::asked_by_id.is_not_null())
        .filter(procedure_person::answer.is_null())
        .filter(procedure_person::came.is_null());
    if diesel::delete(open).execute(tx.conn())? != own.len() {
        return Err(Refusal::new("procedure.asked_answered").into());
    }
    let people: Vec<PersonId> = own.iter().map(|one| one.person_id).collect();
    answered(tx, to.id, Some(&people), Settled::TakenBack)?;
    let persons: Vec<i64> = people.iter().map(|person| person.0).collect();
    by.note(tx, "diagnostics.asked_back", (OBJECT, to.id.0), &persons, "")?;
    Ok(())
}

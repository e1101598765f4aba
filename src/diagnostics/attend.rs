//! What follows an invitation: the answer of the invited, a consent on paper, who came. Nobody is entered without a consent;
//! a refusal needs no reason.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::invite;
use super::model::{Invitation, InvitationAnswer, Procedure, ProcedureState};
use super::procedure::{AREA, OBJECT};
use crate::access::by::{By, changed};
use crate::audit;
use crate::db::schema::procedure_person;
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::mail::notice::Settled;
use crate::people::PersonId;
use crate::planted;

/// The digest of what an invited person agrees to.
#[must_use]
pub fn consent_digest(of: &Procedure) -> String {
    audit::digest(of.consent_text.as_deref().unwrap_or_default().as_bytes())
}

/// Whether the invited may still answer on a day.
#[must_use]
pub fn takes_answers(of: &Procedure, on: NaiveDate) -> bool {
    of.state.is_ahead() && of.ends_on.is_none_or(|last| on <= last)
}

fn put(tx: &mut Tx<'_>, of: &Invitation, now: &Invitation) -> Result<bool, DbError> {
    let standing = procedure_person::table
        .filter(procedure_person::id.eq(of.id))
        .filter(procedure_person::region_id.eq(of.region_id))
        .filter(procedure_person::version.eq(of.version));
    let done = diesel::update(standing)
        .set((
            procedure_person::answer.eq(now.answer),
            procedure_person::answered_at.eq(now.answered_at),
            procedure_person::consent_digest.eq(&now.consent_digest),
            procedure_person::came.eq(now.came),
            procedure_person::version.eq(of.version + 1),
        ))
        .execute(tx.conn())?;
    Ok(done == 1)
}

/// The invited person answers; `read` is the digest of the text that stood on the page.
///
/// # Errors
/// The procedure takes no answers any more, or the person has come already; the text was changed meanwhile.
pub fn answer(
    tx: &mut Tx<'_>,
    by: &By,
    (to, own): (&Procedure, &Invitation),
    said: InvitationAnswer,
    read: &str,
) -> Result<(), Error> {
    if !takes_answers(to, tx.today()) || own.came == Some(true) {
        return Err(Refusal::new("procedure.answers_over").into());
    }
    let text = consent_digest(to);
    if said == InvitationAnswer::Agreed && read != text {
        return Err(changed(tx, by, AREA, OBJECT, to.id.0)?);
    }
    let now = Invitation {
        answer: Some(said),
        answered_at: Some(tx.now()),
        consent_digest: (said == InvitationAnswer::Agreed).then_some(text),
        came: None,
        ..own.clone()
    };
    if !put(tx, own, &now)? {
        return Err(Error::Conflict);
    }
    invite::answered(tx, to.id, Some(&[own.person_id]), Settled::Done)?;
    let detail = format!("answer={said}");
    by.note(tx, "diagnostics.answer", (OBJECT, to.id.0), &[own.person_id.0], &detail)?;
    Ok(())
}

/// What is marked of invited people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// They agreed on paper.
    OnPaper,
    /// They came.
    Came,
    /// They did not come.
    Absent,
}

/// Marks invited people: all of them or none.
///
/// # Errors
/// One who did not agree cannot have come; one has refused; somebody else was quicker.
pub fn mark(tx: &mut Tx<'_>, by: &By, to: &Procedure, people: &[Invitation], mark: Mark) -> Result<(), Error> {
    if to.state == ProcedureState::Withdrawn {
        return Err(Refusal::new("procedure.over").with("state", to.state.label()).into());
    }
    let agreed = |one: &Invitation| one.answer == Some(InvitationAnswer::Agreed);
    let without = people.iter().filter(|one| !agreed(one)).count();
    if mark == Mark::Came && without > 0 {
        return Err(Refusal::new("procedure.no_consent").with("people", without).into());
    }
    // Who has refused says so by the own hand; another hand does not turn it into a consent.
    let refused = |one: &&Invitation| one.answer == Some(InvitationAnswer::Refused);
    let refused = people.iter().filter(refused).count();
    if mark == Mark::OnPaper && refused > 0 && !planted!("refusal_overwritten") {
        return Err(Refusal::new("procedure.refused_by_oneself")
            .with("people", refused)
            .into());
    }
    let mut marked = Vec::new();
    for one in people {
        let mut now = one.clone();
        match mark {
            // Whoever agreed on the page keeps the text that was read.
            Mark::OnPaper if agreed(one) => continue,
            Mark::OnPaper => {
                now.answer = Some(InvitationAnswer::Agreed);
                now.answered_at = Some(tx.now());
                now.consent_digest = None;
            }
            Mark::Came => now.came = Some(true),
            Mark::Absent => now.came = Some(false),
        }
        if now == *one {
            continue;
        }
        if !put(tx, one, &now)? {
            return Err(changed(tx, by, AREA, OBJECT, to.id.0)?);
        }
        marked.push(one.person_id.0);
    }
    if marked.is_empty() {
        return Ok(());
    }
    let people: Vec<PersonId> = marked.iter().map(|person| PersonId(*person)).collect();
    invite::answered(tx, to.id, Some(&people), Settled::Done)?;
    let action = match mark {
        Mark::OnPaper => "diagnostics.consent_on_paper",
        Mark::Came => "diagnostics.came",
        Mark::Absent => "diagnostics.absent",
    };
    by.note(tx, action, (OBJECT, to.id.0), &marked, "")?;
    Ok(())
}

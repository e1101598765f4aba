//! «Приглашения на диагностику»: what a teacher is invited to, what one agrees to, the answer. A refusal needs no reason.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use crate::db::schema::{procedure, procedure_person};
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::diagnostics::described::{papers, window};
use crate::desk::plan::teacher::own;
use crate::desk::registers::page::{Sent, Wrong, problems};
use crate::desk::registers::reach::{by, missing};
use crate::diagnostics::attend::{self, consent_digest, takes_answers};
use crate::diagnostics::{Invitation, InvitationAnswer, Procedure, ProcedureState};
use crate::each_db;
use crate::error::Error;
use crate::pages::parts::{Empty, Link, Problem};
use crate::pages::text::{capital, date};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct One {
    name: String,
    when: String,
    purpose: Option<String>,
    consent: Option<String>,
    papers: Vec<Link>,
    /// What was answered, in words.
    answered: String,
    /// Whether the answer can still be given or changed.
    open: bool,
    agreed: bool,
    refused: bool,
    code: String,
    digest: String,
}

#[derive(Serialize)]
struct Page {
    done: bool,
    problems: Vec<Problem>,
    all: Vec<One>,
    empty: Empty,
    token: String,
}

/// Invitations of a person, the latest first; those to a procedure that was called off are left out.
fn invitations(c: &mut AnyConn, region: UnitId, person: PersonId) -> Result<Vec<(Invitation, Procedure)>, DbError> {
    Ok(procedure_person::table
        .inner_join(procedure::table.on(procedure::id.eq(procedure_person::procedure_id)))
        .filter(procedure_person::region_id.eq(region))
        .filter(procedure_person::person_id.eq(person))
        .filter(procedure::state.ne(ProcedureState::Withdrawn))
        .order(procedure_person::id.desc())
        .select((Invitation::as_select(), Procedure::as_select()))
        .load(c)?)
}

/// Procedures that wait for the answer of a person on a day.
///
/// # Errors
/// Those of the database.
pub(crate) fn waiting(
    c: &mut AnyConn,
    region: UnitId,
    person: PersonId,
    today: NaiveDate,
) -> Result<Vec<Procedure>, DbError> {
    let all = each_db!(c, c => procedure_person::table
        .inner_join(procedure::table.on(procedure::id.eq(procedure_person::procedure_id)))
        .filter(procedure_person::region_id.eq(region))
        .filter(procedure_person::person_id.eq(person))
        .filter(procedure_person::answer.is_null())
        .filter(procedure_person::came.is_null())
        .order(procedure_person::id)
        .select(Procedure::as_select())
        .load::<Procedure>(c))?;
    Ok(all.into_iter().filter(|of| takes_answers(of, today)).collect())
}

async fn load(call: &Call) -> Result<Vec<(Invitation, Procedure)>, Error> {
    match own(call)? {
        None => Ok(Vec::new()),
        Some((region, person)) => {
            let read = move |c: &mut AnyConn| invitations(c, region, person).map_err(Error::from);
            call.app().db.read(read).await
        }
    }
}

/// GET /my-diagnostics
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["done"])?;
        page(&call, &[]).await
    })
}

async fn page(call: &Call, wrong: &[Wrong]) -> Result<Answer, Error> {
    let today = call.app().clock.today();
    let one = |(own, of): (Invitation, Procedure)| One {
        when: window(&of),
        papers: papers(&of),
        answered: match (own.answer, own.answered_at) {
            (Some(answer), Some(at)) => format!("{}, {}", capital(answer.label()), date((at + call.zone()).date())),
            _ => "Вы ещё не ответили".into(),
        },
        open: takes_answers(&of, today) && own.came != Some(true),
        agreed: own.answer == Some(InvitationAnswer::Agreed),
        refused: own.answer == Some(InvitationAnswer::Refused),
        digest: consent_digest(&of),
        name: of.name,
        purpose: of.purpose,
        consent: of.consent_text,
        code: of.code,
    };
    let all = load(call).await?.into_iter().map(one).collect();
    let data = Page {
        done: call.query.get("done") == Some("answered"),
        problems: problems(wrong),
        all,
        empty: Empty::new(
            "Приглашений нет",
            "Когда ЦНППМ пригласит вас на диагностику, здесь можно будет согласиться или отказаться.",
        ),
        token: call.token(),
    };
    let answer = Answer::page("desk/invitations", &data)?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: приглашения на диагностику")
    })
}

/// POST /my-diagnostics/answer
pub fn answer(call: Call) -> Answering {
    Box::pin(async move {
        let form = call.form.only(&["code", "answer", "digest"])?;
        let sent = Sent(form);
        let said = InvitationAnswer::from_code(&sent.text("answer")).ok_or_else(missing)?;
        let (code, read) = (sent.text("code"), sent.text("digest"));
        let found = load(&call).await?.into_iter().find(|(_, of)| of.code == code);
        let (own, of) = found.ok_or_else(missing)?;
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| attend::answer(tx, &by, (&of, &own), said, &read);
        match call.app().db.write(write).await {
            Ok(()) => Ok(Answer::redirect("/my-diagnostics?done=answered")),
            Err(Error::Refused(why)) => page(&call, &[("answer", capital(&format!("{why}.")))]).await,
            Err(e) => Err(e),
        }
    })
}

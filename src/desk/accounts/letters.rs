//! «Письма, которые не ушли»: letters given up, why, and sending them again. Receivers and words are not shown.

use serde::Serialize;

use crate::db::{AnyConn, DbError, Tx};
use crate::desk::list::{List, PAGE};
use crate::error::Error;
use crate::mail::dead::{self, Counts, Dead, Which};
use crate::mail::outage::{self, Outage};
use crate::mail::texts;
use crate::pages::parts::{Empty, Paging};
use crate::pages::text::{count, moment, number};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Page {
    lead: String,
    done: Option<String>,
    outage: Option<String>,
    letters: Vec<Shown>,
    all: Option<String>,
    paging: Option<Paging>,
    empty: Empty,
    token: String,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    about: &'static str,
    when: String,
    error: String,
}

/// GET /letters
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &[])?;
        let again = call.query.get("done").and_then(|n| n.parse::<u32>().ok());
        let region = call.visitor()?.region;
        let own = at.clone();
        let load = move |c: &mut AnyConn| -> Result<_, DbError> {
            let counts = dead::counts(c, region)?;
            let skipped = own.skipped(usize::try_from(counts.dead).unwrap_or_default());
            let letters = dead::page(
                c,
                region,
                i64::try_from(skipped).unwrap_or(i64::MAX),
                i64::try_from(PAGE).unwrap_or(i64::MAX),
            )?;
            Ok((counts, letters, outage::current(c)?))
        };
        let (counts, letters, outage) = call.app().db.read(load).await?;
        let zone = call.zone();
        let set_up = call.app().config.mail.is_some();
        let data = Page {
            lead: lead(counts),
            done: again.map(|n| match n {
                0 => "Письмо уже ждёт отправки".to_owned(),
                n => format!("Снова ждут отправки: {}", letters_in_words(n.into())),
            }),
            outage: said(outage.as_ref(), set_up, zone),
            letters: letters.into_iter().map(|letter| shown(letter, zone)).collect(),
            all: (counts.dead > 1).then(|| format!("Отправить ещё раз все: {}", number(counts.dead))),
            paging: at.paging(usize::try_from(counts.dead).unwrap_or_default()),
            empty: Empty::new(
                "Все письма ушли или ждут своей очереди",
                "Письмо попадёт сюда, если почтовый сервер не примет адрес или не примет письмо за три дня.",
            ),
            token: call.token(),
        };
        Answer::page("desk/letters", &data)
    })
}

fn letters_in_words(n: i64) -> String {
    count(n, "письмо", "письма", "писем")
}

fn lead(counts: Counts) -> String {
    format!(
        "Ждут отправки: {}. Отправлены: {}. Не отправлялись, потому что у получателя нет адреса: {}.",
        number(counts.waiting),
        number(counts.sent),
        number(counts.no_address)
    )
}

/// What is wrong with mail as a whole.
fn said(outage: Option<&Outage>, set_up: bool, zone: chrono::TimeDelta) -> Option<String> {
    if !set_up {
        return Some("Почтовый сервер не настроен: письма ждут. Его указывает тот, кто устанавливал Веху.".into());
    }
    outage.map(|o| {
        format!(
            "Почта не работает с {}: {}. Следующая попытка в {}; письма не пропадут.",
            moment(o.since, zone),
            o.why,
            (o.again_at + zone).format("%H:%M")
        )
    })
}

fn shown(letter: Dead, zone: chrono::TimeDelta) -> Shown {
    Shown {
        id: letter.id.to_string(),
        about: texts::named(&letter.kind),
        when: format!(
            "Написано {}, последняя попытка {}, {}",
            moment(letter.created_at, zone),
            moment(letter.at, zone),
            count(letter.attempts.into(), "попытка", "попытки", "попыток")
        ),
        error: letter.error.unwrap_or_else(|| "причина не записана".into()),
    }
}

/// POST /letters/again: one letter, or all that did not go.
pub fn again(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&["id", "all"])?;
        let which = match (call.form.get("id"), call.form.get("all")) {
            (Some(id), None) => id.parse().map(Which::One).map_err(|_| missing())?,
            (None, Some("yes")) => Which::All,
            (None, _) => return Err(missing()),
            (Some(_), Some(_)) => {
                return Err(Error::form_changed());
            }
        };
        let (region, account) = (call.visitor()?.region, call.visitor()?.account);
        let key = call.app().keys.audit.clone();
        let act = move |tx: &mut Tx<'_>| dead::again(tx, &key, region, which, Some(account)).map_err(Error::from);
        let changed = call.app().db.write(act).await?.ok_or_else(missing)?;
        Ok(Answer::redirect(format!("/letters?done={changed}")))
    })
}

fn missing() -> Error {
    Error::NotFound("письмо".into())
}

//! The mailbox of a demo region: the letters that the steps have written, as their receivers would read them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;

use crate::db::schema::{account, outbox_mail, person};
use crate::db::{AnyConn, DbError};
use crate::desk::list;
use crate::error::Error;
use crate::mail::texts;
use crate::pages::parts::{Chip, Empty, Paging, Tone};
use crate::pages::text::{moment, number};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// Letters on a page.
const PAGE: i64 = 50;

#[derive(Serialize)]
struct Mailbox {
    letters: Vec<Shown>,
    paging: Option<Paging>,
    empty: Empty,
}

#[derive(Serialize)]
struct Shown {
    subject: String,
    to: String,
    when: String,
    text: Vec<String>,
    chip: Chip,
}

type Row = (String, String, String, NaiveDateTime);
type Receiver = (Option<String>, Option<String>, Option<String>);

/// GET /mailbox
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["page"])?;
        let place = i64::try_from(list::asked(&call.query)).unwrap_or(1).min(100_000);
        let region = call.visitor()?.region;
        let (rows, total) = match region {
            None => (Vec::new(), 0),
            Some(region) => {
                let load = move |c: &mut AnyConn| letters(c, region, (place - 1) * PAGE).map_err(Error::from);
                call.app().db.read(load).await?
            }
        };
        let zone = call.zone();
        let mail = call.app().config.mail.as_ref();
        let base = mail.map_or_else(String::new, |m| m.public_url.clone());
        let pages = (total + PAGE - 1) / PAGE;
        let to = |n: i64| format!("/mailbox?page={n}");
        let data = Mailbox {
            letters: rows.into_iter().map(|row| letter(row, zone, &base)).collect(),
            paging: (pages > 1).then(|| Paging {
                place: format!("Страница {} из {}", number(place), number(pages)),
                before: (place > 1).then(|| to(place - 1)),
                after: (place < pages).then(|| to(place + 1)),
            }),
            empty: Empty::new(
                "Писем пока нет",
                "Письмо появится, когда чей-то шаг начнёт ждать другого человека: маршрут отправлен, шаг сдан или возвращён.",
            ),
        };
        Answer::page("desk/mailbox", &data)
    })
}

/// Letters of a region, newest first, with their receivers; and how many there are.
fn letters(conn: &mut AnyConn, region: i64, offset: i64) -> Result<(Vec<(Row, Receiver)>, i64), DbError> {
    let total = outbox_mail::table
        .filter(outbox_mail::region_id.eq(region))
        .count()
        .get_result(conn)?;
    let rows = outbox_mail::table
        .left_join(account::table.on(account::id.eq(outbox_mail::account_id)))
        .left_join(
            person::table.on(person::region_id
                .nullable()
                .eq(outbox_mail::region_id)
                .and(person::id.nullable().eq(account::person_id))),
        )
        .filter(outbox_mail::region_id.eq(region))
        .order((outbox_mail::created_at.desc(), outbox_mail::id.desc()))
        .offset(offset)
        .limit(PAGE)
        .select((
            (
                outbox_mail::kind,
                outbox_mail::body,
                outbox_mail::state,
                outbox_mail::created_at,
            ),
            (
                account::login.nullable(),
                person::first_name.nullable(),
                person::last_name.nullable(),
            ),
        ))
        .load(conn)?;
    Ok((rows, total))
}

fn letter(
    ((kind, body, state, at), (login, first, last)): (Row, Receiver),
    zone: chrono::TimeDelta,
    base: &str,
) -> Shown {
    let said = texts::text(&kind, &body, base);
    let login = login.unwrap_or_else(|| "учётная запись удалена".into());
    Shown {
        subject: said
            .as_ref()
            .map_or_else(|| format!("Письмо вида {kind}"), |t| t.subject.clone()),
        to: match first.zip(last) {
            Some((first, last)) => format!("{first} {last} ({login})"),
            None => login,
        },
        when: moment(at, zone),
        text: match said {
            Some(said) => paragraphs(&said.body),
            None => vec!["Текста для писем этого вида пока нет.".to_owned()],
        },
        chip: match state.as_str() {
            "sent" => Chip::new(Tone::Done, "отправлено"),
            "dead" => Chip::new(Tone::Late, "не ушло"),
            "no_address" => Chip::new(Tone::Wait, "нет адреса"),
            _ => Chip::new(Tone::Wait, "ждёт отправки"),
        },
    }
}

/// Paragraphs of a plain text; lines are broken there for programs of mail.
fn paragraphs(text: &str) -> Vec<String> {
    let parts = text
        .split("\n\n")
        .map(|p| p.split_whitespace().collect::<Vec<_>>().join(" "));
    parts.filter(|p| !p.is_empty()).collect()
}

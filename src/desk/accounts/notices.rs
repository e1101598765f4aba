//! «Уведомления»: what waits for the visitor and what is new, with a link to the very task; what has left the list.

use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::list::{List, PAGE};
use crate::error::Error;
use crate::mail::notice::{self, Notice, Standing};
use crate::pages::parts::{Chip, Empty, Moment, Paging, Task, Timeline, Tone};
use crate::pages::text::{count, date, day, moment};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Page {
    lead: String,
    tasks: Vec<Task>,
    paging: Option<Paging>,
    empty: Empty,
    past: Timeline,
    /// What is new of it.
    shown: String,
    token: String,
}

/// GET /notices
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &[])?;
        let account = call.visitor()?.account;
        let (asked, today) = (at.clone(), call.app().clock.today());
        let load = move |c: &mut AnyConn| -> Result<Standing, Error> {
            let skipped = |all: i64| {
                let skipped = asked.skipped(usize::try_from(all).unwrap_or_default());
                i64::try_from(skipped).unwrap_or_default()
            };
            Ok(notice::standing(
                c,
                (account, today),
                i64::try_from(PAGE).unwrap_or(i64::MAX),
                skipped,
            )?)
        };
        let standing = call.app().db.read(load).await?;
        let zone = call.zone();
        let new = standing.open.iter().filter(|row| row.seen_at.is_none());
        let shown: Vec<String> = new.map(|row| row.id.to_string()).collect();
        let total = usize::try_from(standing.all).unwrap_or_default();
        let data = Page {
            lead: match standing.all {
                0 => "Новых уведомлений нет.".to_owned(),
                n => format!("В списке {}.", count(n, "уведомление", "уведомления", "уведомлений")),
            },
            tasks: standing.open.iter().map(|row| task(row, today, zone)).collect(),
            paging: at.paging(total),
            empty: Empty::new(
                "Вас ничего не ждёт",
                "Здесь появится то, что нужно сделать вам, и новости о ваших маршрутах.",
            ),
            past: Timeline::new(standing.past.iter().map(|row| past(row, zone)).collect()),
            shown: shown.join(","),
            token: call.token(),
        };
        Answer::page("desk/notices", &data)
    })
}

fn task(row: &Notice, today: NaiveDate, zone: TimeDelta) -> Task {
    let asks = notice::is_question(&row.kind);
    let late = row.due_on.is_some_and(|due| due < today);
    let chip = match (asks, row.seen_at) {
        (true, _) if late => Chip::new(Tone::Late, "Срок прошёл"),
        (true, None) => Chip::new(Tone::Wait, "Ждёт вас, новое"),
        (true, Some(_)) => Chip::new(Tone::Wait, "Ждёт вас"),
        (false, _) => Chip::new(Tone::Calm, "Новость"),
    };
    let since = day((row.created_at + zone).date(), today);
    Task {
        name: row.said(),
        hint: Some(match (row.due_on, added(row)) {
            (Some(due), _) => format!("с {since}, срок {}", date(due)),
            (None, Some(added)) => format!("с {since} · {added}"),
            (None, None) => format!("с {since}"),
        }),
        href: Some(row.place()),
        chip: Some(chip),
    }
}

/// Who tells of an indicator, with the line that was added; of other notices nothing.
fn added(row: &Notice) -> Option<String> {
    if row.kind != "indicator_told" {
        return None;
    }
    let text = |name: &str| Some(row.value(name)?.as_str()?.to_owned());
    let (from, note) = (text("from")?, text("note").unwrap_or_default());
    Some(if note.is_empty() {
        from
    } else {
        format!("{from}: «{note}»")
    })
}

fn past(row: &Notice, zone: TimeDelta) -> Moment {
    Moment {
        title: row.said(),
        when: row.settled_at.map_or_else(String::new, |at| moment(at, zone)),
        who: row.settled.map_or_else(String::new, |how| how.label().to_owned()),
        text: None,
    }
}

/// POST /notices/seen: what the page showed is known now. News leave the list; what waits stays until it is done.
pub fn see(call: Call) -> Answering {
    Box::pin(async move {
        let read = |ids: &str| ids.split(',').map(|id| id.parse().ok()).collect::<Option<Vec<i64>>>();
        let shown = call.form.only(&["shown"])?.get("shown").and_then(read);
        let shown = shown.filter(|ids| ids.len() <= PAGE).ok_or_else(Error::form_changed)?;
        let account = call.visitor()?.account;
        call.app()
            .db
            .write(move |tx| notice::see(tx, account, &shown).map_err(Error::from))
            .await?;
        Ok(Answer::redirect("/notices"))
    })
}

//! Adding participants of an event from the staff of one's units, many at once.

use std::collections::BTreeSet;

use super::list::{self, List};
use super::looked;
use super::register_page::{Block, Check, Fill, Form, Sent, Sheet, Wrong, problems};
use super::registers::{Held, by, missing};
use super::staff_rows::{self, Colleague};
use crate::activity::event;
use crate::activity::model::{Achieved, Event, EventId, Family, Part};
use crate::activity::record;
use crate::db::AnyConn;
use crate::db::text_keys::{holds, search_key};
use crate::error::Error;
use crate::pages::parts::{Empty, Link};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// GET /events/{event}/people
pub fn choose(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &["q", "unit"])?, &[]).await })
}

async fn page(call: &Call, at: List, wrong: &[Wrong]) -> Result<Answer, Error> {
    let (visitor, today, id) = (
        call.visitor()?.clone(),
        call.app().clock.today(),
        EventId(call.id("event")?),
    );
    let own = at.clone();
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let held = Held::of(c, &visitor, today)?;
        let event = event::find(c, held.region, id)?
            .filter(|e| e.withdrawn_at.is_none())
            .ok_or_else(missing)?;
        let unit = own.known("unit", |code| {
            held.own().into_iter().find(|u| u.code == code).map(|u| u.id)
        })?;
        let organisations: Vec<UnitId> = match (unit, &held.bounds.organisations) {
            (Some(unit), _) => held.tree.organisations(unit),
            (None, Some(all)) => all.clone(),
            // Everyone of a region is no list to tick: a unit or a name comes first.
            (None, None) => Vec::new(),
        };
        let mut staff = if organisations.is_empty() {
            let named = match own.get("q") {
                None => Vec::new(),
                Some(text) => held.named(c, text)?,
            };
            let ids: BTreeSet<PersonId> = named.into_iter().map(|(id, _)| id).collect();
            staff_rows::colleagues(c, held.region, &held.tree.organisations(held.region), &ids, today)?
        } else {
            let ids = staff_rows::employed(c, held.region, &organisations, today)?;
            staff_rows::colleagues(c, held.region, &organisations, &ids, today)?
        };
        if let Some(text) = own.get("q").map(search_key).filter(|_| !organisations.is_empty()) {
            staff.retain(|colleague| holds(&colleague.search_key, &text));
        }
        let records = record::of_event(c, &event)?;
        let there: BTreeSet<PersonId> = records
            .into_iter()
            .filter(|r| r.withdrawn_at.is_none())
            .map(|r| r.person_id)
            .collect();
        staff.retain(|colleague| !there.contains(&colleague.id));
        let choices = held.choices();
        Ok((event, staff, choices))
    };
    let (event, staff, choices) = call.app().db.read(read).await?;
    let total = staff.len();
    let shown: Vec<Colleague> = at.rows(staff);
    let named: Vec<PersonId> = shown.iter().map(|c| c.id).collect();
    looked::list(call, "event", &at.codes(&["q"]), &named, total).await?;
    let sheet = sheet(call, &at, &event, (shown, total), choices, wrong)?;
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: участники мероприятия")
    })
}

fn sheet(
    call: &Call,
    at: &List,
    event: &Event,
    (shown, total): (Vec<Colleague>, usize),
    choices: Vec<(String, String)>,
    wrong: &[Wrong],
) -> Result<Sheet, Error> {
    let address = format!("/events/{}", event.id);
    let filters = vec![
        at.search("q", "Фамилия или имя"),
        at.select("unit", "Территория или организация", "все мои", choices)?,
    ];
    let sent = Sent(&call.form);
    let values = |name: &str| match name {
        "role" if call.form.get(name).is_none() => Part::Participant.code().to_owned(),
        _ => sent.text(name),
    };
    let fill = Fill { values: &values, wrong };
    let items = shown.iter().map(|c| Check {
        value: c.id.to_string(),
        label: c.name.clone(),
        meta: c.positions.join(", "),
        checked: call.form.all("id").any(|id| id == c.id.to_string()),
    });
    let items: Vec<Check> = items.collect();
    let mut parts = vec![
        fill.checks("Отметьте, кто участвовал", "id", items),
        fill.choice(
            "role",
            "В какой роли",
            None,
            Part::ALL.iter().map(|p| (p.code().into(), p.label().into())),
        ),
    ];
    if event.family == Family::Contest {
        let results = Achieved::ALL
            .iter()
            .filter(|r| !matches!(r, Achieved::Passed | Achieved::Failed));
        parts.push(fill.choice(
            "result",
            "Результат",
            Some("пока неизвестен"),
            results.map(|r| (r.code().into(), r.label().into())),
        ));
    }
    let empty = if at.is_plain() {
        Empty::new(
            "Никого не показано",
            "Выберите организацию или впишите фамилию: здесь появятся те, кого можно отметить.",
        )
    } else {
        Empty::new(
            "Никого не нашлось",
            "С такими условиями никого нет, или все уже записаны участниками.",
        )
    };
    let none = shown.is_empty();
    Ok(Sheet {
        crumbs: vec![
            Link::new("Мероприятия", "/events"),
            Link::new(event.title.clone(), address.clone()),
        ],
        heading: "Участники мероприятия".into(),
        lead: "Кто уже записан, в списке не показан.".into(),
        problems: problems(wrong),
        filters: Some(at.filters(filters, list::found(total, "педагог", "педагога", "педагогов"))),
        empty: none.then_some(empty),
        blocks: if none {
            Vec::new()
        } else {
            vec![Block {
                title: "Кто участвовал".into(),
                paging: at.paging(total),
                forms: vec![Form {
                    action: format!("{address}/people"),
                    parts,
                    button: "Записать отмеченных".into(),
                    ..Form::default()
                }],
                ..Block::default()
            }]
        },
        token: call.token(),
        ..Sheet::default()
    })
}

/// POST /events/{event}/people
pub fn add(call: Call) -> Answering {
    Box::pin(async move {
        let form = call.form.only_many(&["role", "result"], &["id"])?;
        let id = EventId(call.id("event")?);
        let persons: Result<Vec<PersonId>, Error> = form
            .all("id")
            .map(|id| id.parse().map(PersonId).map_err(|_| missing()))
            .collect();
        let persons = persons?;
        let part = form.get("role").and_then(Part::from_code).unwrap_or(Part::Participant);
        let result = form.get("result").and_then(Achieved::from_code);
        let (visitor, today, by) = (call.visitor()?.clone(), call.app().clock.today(), by(&call)?);
        if persons.is_empty() {
            let wrong = [("id", "Отметьте хотя бы одного человека.".to_owned())];
            return page(&call, List::plain(&call.path), &wrong).await;
        }
        let write = move |tx: &mut crate::db::Tx<'_>| -> Result<(), Error> {
            let held = Held::of(tx.conn(), &visitor, today)?;
            let event = event::find(tx.conn(), held.region, id)?;
            let event = event.filter(|e| e.withdrawn_at.is_none()).ok_or_else(missing)?;
            let inside = held.inside(tx.conn(), &persons)?;
            if !persons.iter().all(|p| inside.contains(p)) {
                return Err(missing());
            }
            record::take_part(tx, &by, &event, &persons, part, result).map(|_| ())
        };
        call.app().db.write(write).await?;
        Ok(Answer::redirect(format!("/events/{id}?done=people")))
    })
}

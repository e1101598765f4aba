//! Adding participants of an event from the staff of one's units, many at once.

use std::collections::{BTreeSet, HashMap};

use crate::activity::event;
use crate::activity::model::{Achieved, Activity, Event, EventId, Family, Part};
use crate::activity::record;
use crate::db::AnyConn;
use crate::db::text_keys::{holds, search_key};
use crate::desk::conflict;
use crate::desk::list::{self, List};
use crate::desk::looked;
use crate::desk::registers::page::{Block, Check, Fill, Form, Sent, Sheet, Wrong, clash, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::desk::school::staff_rows::{self, Colleague};
use crate::error::Error;
use crate::pages::parts::{Empty, Link};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

const NAMES: [&str; 2] = ["q", "unit"];

/// People to tick, as they were read.
struct Shown {
    event: Event,
    /// Whoever is ticked stands first, whatever page is asked for; then the page of the list.
    staff: Vec<Colleague>,
    total: usize,
    choices: Vec<(String, String)>,
    /// Who of the ticked stands there by now, with what is recorded.
    already: Vec<(PersonId, String)>,
}

/// GET /events/{event}/people
pub fn choose(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?, &[]).await })
}

/// What stands of someone who is there already.
fn recorded(of: &Activity) -> String {
    let role = of.role.map(|r| r.label());
    let said: Vec<&str> = role.into_iter().chain(of.result.map(|r| r.label())).collect();
    said.join(", ")
}

async fn page(call: &Call, at: List, wrong: &[Wrong]) -> Result<Answer, Error> {
    let (visitor, today, id) = (
        call.visitor()?.clone(),
        call.app().clock.today(),
        EventId(call.id("event")?),
    );
    let own = at.clone();
    let ticked = persons(call)?;
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
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
        let there: HashMap<PersonId, String> = record::of_event(c, &event)?
            .into_iter()
            .filter(|r| r.withdrawn_at.is_none())
            .map(|r| (r.person_id, recorded(&r)))
            .collect();
        staff.retain(|colleague| !there.contains_key(&colleague.id));
        let total = staff.len();
        let ticked: BTreeSet<PersonId> = held.inside(c, &ticked)?.into_iter().collect();
        let everywhere = held.bounds.organisations.clone();
        let everywhere = everywhere.unwrap_or_else(|| held.tree.organisations(held.region));
        let mut first = staff_rows::colleagues(c, held.region, &everywhere, &ticked, today)?;
        let of = |who: &Colleague| Some((who.id, format!("{} ({})", who.short, there.get(&who.id)?)));
        let already: Vec<(PersonId, String)> = first.iter().filter_map(of).collect();
        first.retain(|colleague| !there.contains_key(&colleague.id));
        let rows = own.rows(staff).into_iter().filter(|who| !ticked.contains(&who.id));
        first.extend(rows);
        Ok(Shown {
            choices: held.choices(),
            event,
            staff: first,
            total,
            already,
        })
    };
    let shown = call.app().db.read(read).await?;
    let standing = shown.already.iter().map(|(id, _)| *id);
    let named: Vec<PersonId> = shown.staff.iter().map(|c| c.id).chain(standing).collect();
    looked::list(call, "event", &at.codes(&["q"]), &named, shown.total).await?;
    let sheet = sheet(call, &at, shown, wrong)?;
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: участники мероприятия")
    })
}

fn sheet(call: &Call, at: &List, shown: Shown, wrong: &[Wrong]) -> Result<Sheet, Error> {
    let Shown {
        event,
        staff,
        total,
        choices,
        already,
    } = shown;
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
    let items = staff.iter().map(|c| Check {
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
    let none = staff.is_empty();
    let mut lead = "Кто уже записан, в списке не показан.".to_owned();
    if !already.is_empty() {
        let already: Vec<&str> = already.iter().map(|(_, said)| said.as_str()).collect();
        let already = already.join("; ");
        lead.push_str(&format!(" Из тех, кого вы отметили, уже записаны: {already}."));
    }
    // What is chosen goes along: the same list stands on the page if the form comes back.
    let query = at.with("page", &at.page(total).to_string());
    let query = query.split_once('?').map_or("", |(_, query)| query);
    Ok(Sheet {
        crumbs: vec![
            Link::new("Мероприятия", "/events"),
            Link::new(event.title.clone(), address.clone()),
        ],
        heading: "Участники мероприятия".into(),
        lead,
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
                    action: format!("{address}/people?{query}"),
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

/// Who is ticked.
fn persons(call: &Call) -> Result<Vec<PersonId>, Error> {
    call.form
        .all("id")
        .map(|id| id.parse().map(PersonId).map_err(|_| missing()))
        .collect()
}

/// POST /events/{event}/people
pub fn add(call: Call) -> Answering {
    Box::pin(async move {
        let form = call.form.only_many(&["role", "result"], &["id"])?;
        let at = List::of(&call, &NAMES)?;
        let id = EventId(call.id("event")?);
        let persons = persons(&call)?;
        let part = form.get("role").and_then(Part::from_code).unwrap_or(Part::Participant);
        let result = form.get("result").and_then(Achieved::from_code);
        let (visitor, today, by) = (call.visitor()?.clone(), call.app().clock.today(), by(&call)?);
        if persons.is_empty() {
            let wrong = [("id", "Отметьте хотя бы одного человека.".to_owned())];
            return page(&call, at, &wrong).await;
        }
        // Whether the event stood still when the form came.
        let write = move |tx: &mut crate::db::Tx<'_>| -> Result<bool, Error> {
            let held = Held::of(tx.conn(), &visitor, today)?;
            let event = event::find(tx.conn(), held.region, id)?;
            let event = event.ok_or_else(missing)?;
            let inside = held.inside(tx.conn(), &persons)?;
            if !persons.iter().all(|p| inside.contains(p)) {
                return Err(missing());
            }
            if event.withdrawn_at.is_some() {
                return Ok(false);
            }
            record::take_part(tx, &by, &event, &persons, part, result).map(|_| true)
        };
        let what = match call.app().db.write(write).await {
            Ok(true) => return Ok(Answer::redirect(format!("/events/{id}?done=people"))),
            Ok(false) => {
                return Err(conflict::of_object(&call, "event", id.0, &["activity.event_withdraw"]).await?);
            }
            Err(Error::Changed(what)) => what,
            Err(Error::Conflict) => match conflict::of_object(&call, "event", id.0, &["activity.take_part"]).await? {
                Error::Changed(what) => what,
                _ => "Пока страница была открыта, участников записал кто-то ещё.".to_owned(),
            },
            Err(e) => return Err(e),
        };
        let wrong = clash("people", "id", &what);
        Ok(page(&call, at, &wrong).await?.status(409))
    })
}

//! One event: its facts, units and participants; changing and withdrawing it, withdrawing records of participants.

use chrono::NaiveDate;

use crate::activity::by::reason;
use crate::activity::event;
use crate::activity::model::{Activity, Event, EventId, EventUnit, RecordId};
use crate::activity::{kinds, record};
use crate::db::{AnyConn, Tx};
use crate::desk::looked;
use crate::desk::registers::events::{FIELDS, counted, event_form, read};
use crate::desk::registers::page::{
    Block, Check, Fill, Form, Keeping, Sent, Sheet, Wrong, clash, days, fact, problems, written,
};
use crate::desk::registers::reach::{Held, by, missing};
use crate::desk::small_cells::{self, Told};
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Link, Register};
use crate::pages::text::{NOTHING, capital, count, date, number};
use crate::people::PersonId;
use crate::web::call::Fields;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor};

/// An event with what stands around it.
struct Shown {
    held: Held,
    event: Event,
    units: Vec<EventUnit>,
    /// Records of people who are seen: id, name, place, record.
    people: Vec<(Activity, String, String)>,
    /// Records in force of people who are not seen.
    others: usize,
    /// Whether the visitor keeps it.
    keeps: bool,
}

/// GET /events/{event}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["done"])?;
        let done = match query.get("done") {
            Some("added") => Some("Мероприятие добавлено"),
            Some("changed") => Some("Изменения записаны"),
            Some("people") => Some("Участники записаны"),
            Some("withdrawn") => Some("Записи отозваны, их можно вернуть ниже"),
            Some("restored") => Some("Записи возвращены"),
            _ => None,
        };
        page(&call, &[], done).await
    })
}

fn load(c: &mut AnyConn, visitor: &Visitor, id: EventId, today: NaiveDate) -> Result<Shown, Error> {
    let held = Held::of(c, visitor, today)?;
    let event = event::find(c, held.region, id)?.ok_or_else(missing)?;
    let units = event::units(c, &[id])?;
    let records = record::of_event(c, &event)?;
    let ids: Vec<PersonId> = records.iter().map(|r| r.person_id).collect();
    let mut who = held.who(c, &ids)?;
    let others = records
        .iter()
        .filter(|r| r.withdrawn_at.is_none() && !who.contains_key(&r.person_id))
        .count();
    let mut people: Vec<(Activity, String, String)> = records
        .into_iter()
        .filter_map(|r| {
            let w = who.get_mut(&r.person_id)?;
            Some((r, w.short.clone(), w.places.join(", ")))
        })
        .collect();
    people.sort_by_cached_key(|(_, name, _)| crate::db::text_keys::sort_key(name));
    let keeps = held.keeps(event.organiser_id);
    Ok(Shown {
        held,
        event,
        units,
        people,
        others,
        keeps,
    })
}

async fn page(call: &Call, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    let (visitor, today, id) = (
        call.visitor()?.clone(),
        call.app().clock.today(),
        EventId(call.id("event")?),
    );
    let shown = call.app().db.read(move |c| load(c, &visitor, id, today)).await?;
    let named: Vec<PersonId> = shown.people.iter().map(|(r, ..)| r.person_id).collect();
    looked::list(call, "event", &format!("event={id}"), &named, named.len()).await?;
    let title = shown.event.title.clone();
    let answer = Answer::page("desk/register", &sheet(call, shown, wrong, done))?;
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.status(422).title(format!("Ошибка: {title}"))
    })
}

/// What a record says beside the name.
fn said(of: &Activity) -> String {
    let role = of.role.map(|r| r.label().to_owned());
    let result = of.result.map(|r| r.label().to_owned());
    let parts: Vec<String> = role.into_iter().chain(result).chain(of.document.clone()).collect();
    if parts.is_empty() {
        NOTHING.to_owned()
    } else {
        parts.join(", ")
    }
}

fn sheet(call: &Call, shown: Shown, wrong: &[Wrong], done: Option<&'static str>) -> Sheet {
    let Shown {
        held,
        event,
        units,
        people,
        others,
        keeps,
    } = shown;
    let address = format!("/events/{}", event.id);
    let organiser = match event.organiser_id {
        Some(unit) => held.name(Some(unit)),
        None => event.organiser.clone().unwrap_or_default(),
    };
    let live = event.withdrawn_at.is_none();
    let mut facts = vec![
        fact("Вид", kinds::name(event.family, &event.kind)),
        fact("Уровень", event.level.label()),
        fact("Серия", event.series.clone().unwrap_or_default()),
        fact("Дни", days(event.starts_on, Some(event.ends_on))),
        fact("Организатор", organiser),
        fact(
            "Участников по подсчёту",
            counted(&event, &units).map_or_else(|| "не указано".to_owned(), number),
        ),
        fact("Код", event.code.clone()),
    ];
    if let (Some(at), Some(why)) = (event.withdrawn_at, &event.withdrawn_reason) {
        facts.push(fact("Отозвано", format!("{}: {why}", date(at.date()))));
    }
    let mut blocks = Vec::new();
    if !units.is_empty() {
        let columns = [
            Column::words("Территория или организация"),
            Column::figures("Участников"),
        ];
        let rows = units.iter().map(|u| {
            let participants = u
                .participants
                .map_or_else(|| NOTHING.to_owned(), |n| number(i64::from(n)));
            vec![Cell::text(held.name(Some(u.unit_id))), Cell::text(participants)]
        });
        blocks.push(Block {
            title: "Кто участвовал".into(),
            register: Some(Register::new("Кто участвовал", &columns, rows.collect())),
            ..Block::default()
        });
    }
    blocks.push(participants(call, &address, (&people, others), live, wrong));
    if keeps {
        blocks.push(keeping(call, &held, &event, &units, wrong));
    }
    Sheet {
        crumbs: vec![Link::new("Мероприятия", "/events")],
        heading: event.title.clone(),
        lead: if live {
            String::new()
        } else {
            "Мероприятие отозвано и нигде не считается.".into()
        },
        done,
        problems: problems(wrong),
        facts,
        blocks,
        token: call.token(),
        ..Sheet::default()
    }
}

fn participants(
    call: &Call,
    address: &str,
    (people, others): (&[(Activity, String, String)], usize),
    live: bool,
    wrong: &[Wrong],
) -> Block {
    let of = |withdrawn: bool| {
        people
            .iter()
            .filter(move |(r, ..)| r.withdrawn_at.is_some() == withdrawn)
    };
    let (stand, gone) = (of(false).count(), of(true).count());
    let sent = Sent(&call.form);
    let values = |name: &str| sent.text(name);
    let fill = Fill { values: &values, wrong };
    let act = call.form.get("act").unwrap_or_default();
    let check = |field: &'static str, (r, name, place): &(Activity, String, String)| Check {
        value: r.record_id.to_string(),
        label: name.clone(),
        meta: match &r.withdrawn_reason {
            Some(why) => format!("отозвано: {why}"),
            None if place.is_empty() => said(r),
            None => format!("{place} · {}", said(r)),
        },
        checked: call.form.all(field).any(|id| id == r.record_id.to_string()),
    };
    let mut forms = Vec::new();
    if stand > 0 && live {
        forms.push(Form {
            action: address.to_owned(),
            act: "withdraw-people",
            parts: vec![
                fill.checks(
                    "Отметьте записи, внесённые по ошибке",
                    "record",
                    of(false).map(|one| check("record", one)).collect(),
                ),
                fill.line("why", "Причина отзыва", None),
            ],
            button: "Отозвать отмеченные записи".into(),
            ..Form::default()
        });
    }
    if gone > 0 && live {
        forms.push(Form {
            action: address.to_owned(),
            act: "restore-people",
            folded: format!("Отозванные записи: {gone}"),
            open: act == "restore-people" && !wrong.is_empty(),
            parts: vec![fill.checks(
                "Отметьте, что вернуть",
                "back",
                of(true).map(|one| check("back", one)).collect(),
            )],
            button: "Вернуть отмеченные записи".into(),
            ..Form::default()
        });
    }
    let people_words = |n: i64| count(n, "педагог", "педагога", "педагогов");
    let own = i64::try_from(stand).unwrap_or(i64::MAX);
    let mut text = match small_cells::beside(stand, others) {
        (Told::Number(all), _) => format!("По спискам: {}.", people_words(all)),
        _ => format!("По спискам ваших: {}.", people_words(own)),
    };
    if others > 0 {
        let (_, told) = small_cells::beside(stand, others);
        text.push_str(&format!(" Из других организаций, без имён: {}.", told.shown()));
    }
    let columns = [Column::words("Что сделать")];
    let link = vec![Cell::link(
        "Добавить участников из числа сотрудников",
        format!("{address}/people"),
    )];
    Block {
        title: "Участники".into(),
        text: Some(text),
        register: live.then(|| Register::new("Добавить участников", &columns, vec![link])),
        forms,
        ..Block::default()
    }
}

/// What is stored of an event in a field of its form.
pub(crate) fn stored(event: &Event, units: &[EventUnit], held: &Held, name: &str) -> String {
    let unit = |u: &EventUnit| {
        let code = held.tree.unit(u.unit_id).map_or("", |unit| &unit.code);
        u.participants
            .map_or_else(|| code.to_owned(), |n| format!("{code}={n}"))
    };
    match name {
        "title" => event.title.clone(),
        "series" => event.series.clone().unwrap_or_default(),
        "code" => event.code.clone(),
        "kind" => format!("{}/{}", event.family, event.kind),
        "level" => event.level.code().to_owned(),
        "from" => date(event.starts_on),
        "to" => date(event.ends_on),
        "organiser" => event
            .organiser_id
            .and_then(|id| held.tree.unit(id))
            .map_or_else(String::new, |u| u.code.clone()),
        "other" => event.organiser.clone().unwrap_or_default(),
        "units" => units.iter().map(unit).collect::<Vec<_>>().join("; "),
        "participants" => event.participants.map_or_else(String::new, |n| n.to_string()),
        _ => String::new(),
    }
}

/// Changing, withdrawing and bringing back the event itself.
fn keeping(call: &Call, held: &Held, event: &Event, units: &[EventUnit], wrong: &[Wrong]) -> Block {
    let stored = |name: &str| stored(event, units, held, name);
    let address = format!("/events/{}", event.id);
    Keeping {
        address,
        version: event.version,
        withdrawn: event.withdrawn_at.is_some(),
        stored: &stored,
        form: &|fill, _| event_form(fill, held),
        call,
        wrong,
        words: [
            "Вернуть мероприятие и записи участников",
            "Отозвать мероприятие",
            "Отозвать вместе с записями участников",
        ],
    }
    .block()
}

fn ids(form: &Fields, name: &str) -> Result<Vec<RecordId>, Error> {
    form.all(name)
        .map(|id| id.parse().map(RecordId).map_err(|_| missing()))
        .collect()
}

/// POST /events/{event}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let mut known = FIELDS.to_vec();
        known.extend(["act", "seen", "reason", "why"]);
        let form = call.form.only_many(&known, &["record", "back"])?;
        let (visitor, today, id) = (
            call.visitor()?.clone(),
            call.app().clock.today(),
            EventId(call.id("event")?),
        );
        let looking = visitor.clone();
        let shown = call.app().db.read(move |c| load(c, &looking, id, today)).await?;
        let (sent, by) = (Sent(form), by(&call)?);
        let seen = sent.seen();
        let act = form.get("act").unwrap_or_default().to_owned();
        let whose = |name| -> Result<Vec<RecordId>, Error> {
            let ids = ids(form, name)?;
            let known = |id: &RecordId| shown.people.iter().any(|(r, ..)| r.record_id == *id);
            if ids.iter().all(known) { Ok(ids) } else { Err(missing()) }
        };
        let event = shown.event.clone();
        let keeps = || if shown.keeps { Ok(()) } else { Err(missing()) };
        type Write = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), Error> + Send>;
        let (write, done, field): (Write, &str, &'static str) = match act.as_str() {
            "change" => {
                keeps()?;
                match read(form, &shown.held, Some(&event)) {
                    Err(wrong) => return page(&call, &wrong, None).await,
                    Ok(input) => (
                        Box::new(move |tx| event::change(tx, &by, &event, seen, input)),
                        "changed",
                        "kind",
                    ),
                }
            }
            "withdraw" => {
                keeps()?;
                let why = reason(&sent.text("reason"));
                let write = move |tx: &mut Tx<'_>| {
                    let why = why?;
                    event::withdraw(tx, &by, &event, seen, &why).map(|_| ())
                };
                (Box::new(write), "withdrawn", "reason")
            }
            "restore" => {
                keeps()?;
                (
                    Box::new(move |tx| event::restore(tx, &by, &event, seen).map(|_| ())),
                    "restored",
                    "reason",
                )
            }
            "withdraw-people" => {
                let ids = whose("record")?;
                if ids.is_empty() {
                    let wrong = [("record", "Отметьте хотя бы одну запись.".to_owned())];
                    return page(&call, &wrong, None).await;
                }
                let why = reason(&sent.text("why"));
                let write = move |tx: &mut Tx<'_>| {
                    let why = why?;
                    record::withdraw(tx, &by, &event, &ids, &why).map(|_| ())
                };
                (Box::new(write), "withdrawn", "why")
            }
            "restore-people" => {
                let ids = whose("back")?;
                (
                    Box::new(move |tx| record::restore(tx, &by, &event, &ids).map(|_| ())),
                    "restored",
                    "back",
                )
            }
            _ => return Err(missing()),
        };
        match written(&call, write).await {
            Ok(()) => Ok(Answer::redirect(format!("/events/{id}?done={done}"))),
            Err(Error::Refused(why)) => page(&call, &[(field, capital(&format!("{why}.")))], None).await,
            Err(Error::Changed(what)) => {
                let wrong = clash(form.get("act").unwrap_or_default(), field, &what);
                Ok(page(&call, &wrong, None).await?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

//! One undertaking: its facts, parties, expertise and people; acts on it go to the use cases of the stage.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access;
use crate::activity::body::Turn;
use crate::activity::by::reason;
use crate::activity::expertise::{self, Judgement};
use crate::activity::model::{BodyId, Level};
use crate::activity::taking_part;
use crate::activity::undertaking;
use crate::activity::undertakings::{self, Expertise, Outcome, PartRole, TakingPart, Undertaking, UndertakingId};
use crate::db::schema::body;
use crate::db::text_keys::{holds, search_key};
use crate::db::{AnyConn, Tx};
use crate::desk::looked;
use crate::desk::registers::page::{Sent, Sheet, Wrong, clash, days, fact, problems, written};
use crate::desk::registers::reach::{self, Held, by, missing};
use crate::desk::registers::undertaking_blocks as blocks;
use crate::desk::registers::undertakings::{FIELDS, bodies_by_code, late_text, read};
use crate::error::Error;
use crate::pages::parts::Link;
use crate::pages::text::{capital, date};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor};

/// An undertaking with what stands around it.
pub(crate) struct Shown {
    pub held: Held,
    pub of: Undertaking,
    /// Bodies that are parties or said something: id, code, name.
    pub bodies: Vec<(BodyId, String, String)>,
    pub parties: Vec<BodyId>,
    pub units: Vec<UnitId>,
    pub said: Vec<Expertise>,
    /// Parts of people who are seen, with names.
    pub people: Vec<(TakingPart, String)>,
    /// Parts that stand today of people who are not seen.
    pub others: usize,
    /// Who opened the link.
    pub checker: String,
    pub keeps: bool,
}

/// Whether a part stands on a day.
pub(crate) fn stands(of: &TakingPart, day: NaiveDate) -> bool {
    of.withdrawn_at.is_none() && of.valid_from <= day && of.valid_to.is_none_or(|to| day < to)
}

/// GET /undertakings/{undertaking}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["done"])?;
        let done = match query.get("done") {
            Some("added") => Some("Запись добавлена"),
            Some("changed") => Some("Изменения записаны"),
            Some("checked") => Some("Проверка ссылки записана"),
            Some("judged") => Some("Экспертиза записана"),
            Some("joined") => Some("Участник добавлен"),
            Some("withdrawn") => Some("Запись отозвана, её можно вернуть"),
            Some("restored") => Some("Запись возвращена"),
            _ => None,
        };
        page(&call, (&[], &[]), done).await
    })
}

fn load(c: &mut AnyConn, visitor: &Visitor, id: UndertakingId, today: NaiveDate) -> Result<Shown, Error> {
    let held = Held::of(c, visitor, today)?;
    let of = undertaking::find(c, held.region, id)?.ok_or_else(missing)?;
    let parties: Vec<BodyId> = undertaking::parties(c, &[id])?.iter().map(|p| p.body_id).collect();
    let units: Vec<UnitId> = undertaking::units(c, &[id])?.iter().map(|u| u.unit_id).collect();
    let said = expertise::all(c, &[id])?;
    let mut wanted = parties.clone();
    wanted.extend(said.iter().map(|e| e.body_id));
    let bodies: Vec<(BodyId, String, String)> = body::table
        .filter(body::region_id.eq(held.region))
        .filter(body::id.eq_any(&wanted))
        .order((body::search_key, body::id))
        .select((body::id, body::code, body::name))
        .load(c)?;
    let all = taking_part::all(c, id)?;
    let ids: Vec<PersonId> = all.iter().map(|p| p.person_id).collect();
    let who = held.who(c, &ids)?;
    let others = all
        .iter()
        .filter(|p| stands(p, today) && !who.contains_key(&p.person_id))
        .count();
    let mut people: Vec<(TakingPart, String)> = all
        .into_iter()
        .filter_map(|p| {
            let name = who.get(&p.person_id)?.name.clone();
            Some((p, name))
        })
        .collect();
    people.sort_by_cached_key(|(p, name)| {
        (
            p.withdrawn_at.is_some(),
            !stands(p, today),
            p.role != PartRole::Leader,
            crate::db::text_keys::sort_key(name),
        )
    });
    let checker = match of.checked_by {
        None => String::new(),
        Some(account) => access::store::names(c, &[account])?
            .remove(&account)
            .unwrap_or_default(),
    };
    let keeps = held.keeps(of.unit_id);
    Ok(Shown {
        held,
        of,
        bodies,
        parties,
        units,
        said,
        people,
        others,
        checker,
        keeps,
    })
}

/// Problems of a form, and people to choose from where a name was not enough.
pub(crate) type Again<'a> = (&'a [Wrong], &'a [(PersonId, String)]);

async fn page(call: &Call, (wrong, several): Again<'_>, done: Option<&'static str>) -> Result<Answer, Error> {
    let (visitor, today, id) = (
        call.visitor()?.clone(),
        call.app().clock.today(),
        UndertakingId(call.id("undertaking")?),
    );
    let shown = call.app().db.read(move |c| load(c, &visitor, id, today)).await?;
    let mut named: Vec<PersonId> = shown.people.iter().map(|(p, _)| p.person_id).collect();
    named.extend(several.iter().map(|(id, _)| *id));
    looked::list(call, "undertaking", &format!("undertaking={id}"), &named, named.len()).await?;
    let title = shown.of.title.clone();
    let answer = Answer::page("desk/register", &sheet(call, &shown, (wrong, several), today, done))?;
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.status(422).title(format!("Ошибка: {title}"))
    })
}

fn sheet(call: &Call, shown: &Shown, again: Again<'_>, today: NaiveDate, done: Option<&'static str>) -> Sheet {
    let of = &shown.of;
    let place = match of.unit_id {
        None => "весь регион".to_owned(),
        unit => shown.held.name(unit),
    };
    let act = match (&of.act, of.act_on) {
        (Some(number), Some(on)) => format!("№ {number} от {}", date(on)),
        (Some(number), None) => format!("№ {number}"),
        (None, on) => on.map(date).unwrap_or_default(),
    };
    let mut facts = vec![
        fact("Вид", undertakings::kind_name(undertakings::kinds(), &of.kind)),
        fact(
            "Состояние",
            match late_text(of, today) {
                None => of.state.label().to_owned(),
                Some(late) => format!("{}; {late}", of.state.label()),
            },
        ),
        fact("Уровень", of.level.label()),
        fact("Кто ведёт", place),
        fact("Дни", days(of.starts_on, of.ends_on)),
        fact("Предмет", of.subject.clone().unwrap_or_default()),
        fact("О чём", of.about.clone().unwrap_or_default()),
        fact("Приказ или соглашение", act),
        fact("Код", of.code.clone()),
    ];
    if let (Some(at), Some(why)) = (of.withdrawn_at, &of.withdrawn_reason) {
        facts.push(fact("Отозвано", format!("{}: {why}", date(at.date()))));
    }
    Sheet {
        crumbs: vec![Link::new("Проекты и площадки", "/undertakings")],
        heading: of.title.clone(),
        lead: if of.withdrawn_at.is_none() {
            String::new()
        } else {
            "Запись отозвана и нигде не считается.".into()
        },
        done,
        problems: problems(again.0),
        facts,
        blocks: blocks::all(call, shown, again, today),
        token: call.token(),
        ..Sheet::default()
    }
}

/// A body of the region by its code, or the only one whose name holds what was typed.
fn typed_body(c: &mut AnyConn, region: UnitId, text: &str) -> Result<Option<BodyId>, Error> {
    let all: HashMap<String, (BodyId, String)> = bodies_by_code(c, region)?;
    if let Some((id, _)) = all.get(text) {
        return Ok(Some(*id));
    }
    let key = search_key(text);
    let mut named = all.values().filter(|(_, name)| holds(&search_key(name), &key));
    Ok(match (named.next(), named.next()) {
        (Some((id, _)), None) if !key.is_empty() => Some(*id),
        _ => None,
    })
}

/// POST /undertakings/{undertaking}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let mut known = FIELDS.to_vec();
        known.extend(["act", "reason", "why", "who", "person", "role", "since", "until"]);
        known.extend([
            "part", "last", "wrong", "back", "on", "body", "outcome", "at-level", "note",
        ]);
        known.extend(["said", "unsaid"]);
        let form = call.form.only(&known)?;
        let (visitor, today, id) = (
            call.visitor()?.clone(),
            call.app().clock.today(),
            UndertakingId(call.id("undertaking")?),
        );
        let (who, person) = (Sent(form).text("who"), form.get("person").map(str::to_owned));
        let body = Sent(form).text("body");
        let look = move |c: &mut AnyConn| -> Result<_, Error> {
            let shown = load(c, &visitor, id, today)?;
            let typed = reach::typed(c, &shown.held, &who, person.as_deref())?;
            let bodies = bodies_by_code(c, shown.held.region)?;
            let body = typed_body(c, shown.held.region, &body)?;
            Ok((shown, typed, bodies, body))
        };
        let (shown, typed, bodies, body) = call.app().db.read(look).await?;
        if !shown.keeps {
            return Err(missing());
        }
        let (sent, by, of) = (Sent(form), by(&call)?, shown.of.clone());
        let seen = sent.seen();
        let versioned = |name: &str| -> Option<(i64, i32)> {
            let text = sent.text(name);
            let (id, version) = text.split_once('.')?;
            Some((id.parse().ok()?, version.parse().ok()?))
        };
        let part = |name: &str| -> Option<(TakingPart, i32)> {
            let (id, version) = versioned(name)?;
            let (found, _) = shown.people.iter().find(|(p, _)| p.id.0 == id)?;
            Some((found.clone(), version))
        };
        let judged = |name: &str| -> Option<(Expertise, i32)> {
            let (id, version) = versioned(name)?;
            Some((shown.said.iter().find(|e| e.id.0 == id)?.clone(), version))
        };
        type Write = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), Error> + Send>;
        let mut wrong: Vec<Wrong> = Vec::new();
        let nothing = |field: &'static str| [(field, "Выберите запись.".to_owned())];
        let (write, done, field): (Write, &str, &'static str) = match form.get("act").unwrap_or_default() {
            "change" => match read(form, &shown.held, &bodies, today) {
                Err(wrong) => return page(&call, (&wrong, &[]), None).await,
                Ok(said) => (
                    Box::new(move |tx| undertaking::change(tx, &by, &of, seen, &said)),
                    "changed",
                    "kind",
                ),
            },
            "withdraw" => {
                let why = reason(&sent.text("reason"));
                let write = move |tx: &mut Tx<'_>| undertaking::set_withdrawn(tx, &by, &of, seen, Some(&why?));
                (Box::new(write), "withdrawn", "reason")
            }
            "restore" => (
                Box::new(move |tx| undertaking::set_withdrawn(tx, &by, &of, seen, None)),
                "restored",
                "reason",
            ),
            "check" => (
                Box::new(move |tx| undertaking::check_link(tx, &by, &of, seen, today)),
                "checked",
                "page",
            ),
            "judge" => {
                let on = sent.day("on", &mut wrong);
                if on.is_some_and(|on| on > today) {
                    wrong.push(("on", "День ещё не наступил: записывают то, что уже было.".into()));
                }
                let outcome = Outcome::from_code(&sent.text("outcome"));
                if outcome.is_none() {
                    wrong.push(("outcome", "Выберите, что решили.".into()));
                }
                let level = Level::from_code(&sent.text("at-level"));
                if level.is_none() {
                    wrong.push(("at-level", "Выберите уровень.".into()));
                }
                if body.is_none() {
                    let said = "Объединения с таким кодом или названием нет, или их несколько: впишите код.";
                    wrong.push(("body", said.into()));
                }
                sent.fits("note", &mut wrong);
                let note = sent.some("note");
                let (Some(body_id), Some(held_on), Some(outcome), Some(level), true) =
                    (body, on, outcome, level, wrong.is_empty())
                else {
                    return page(&call, (&wrong, &[]), None).await;
                };
                let said = Judgement {
                    body_id,
                    held_on,
                    level,
                    outcome,
                    note,
                };
                (Box::new(move |tx| expertise::add(tx, &by, &of, said)), "judged", "body")
            }
            "withdraw-said" => {
                let Some((found, version)) = judged("said") else {
                    return page(&call, (&nothing("said"), &[]), None).await;
                };
                let why = reason(&sent.text("why"));
                let write = move |tx: &mut Tx<'_>| expertise::set_withdrawn(tx, &by, &found, version, Some(&why?));
                (Box::new(write), "withdrawn", "why")
            }
            "restore-said" => {
                let Some((found, version)) = judged("unsaid") else {
                    return page(&call, (&nothing("unsaid"), &[]), None).await;
                };
                let write = move |tx: &mut Tx<'_>| expertise::set_withdrawn(tx, &by, &found, version, None);
                (Box::new(write), "restored", "unsaid")
            }
            "join" => {
                let (person, several) = typed.one(["who", "person"], &mut wrong);
                if !several.is_empty() {
                    return page(&call, (&wrong, &several), None).await;
                }
                let role = PartRole::from_code(&sent.text("role")).unwrap_or(PartRole::Member);
                let (from, last) = sent.span(["since", "until"], &mut wrong);
                let (Some(person), Some(from), true) = (person, from, wrong.is_empty()) else {
                    return page(&call, (&wrong, &[]), None).await;
                };
                let to = last.and_then(|day| day.succ_opt());
                let write = move |tx: &mut Tx<'_>| taking_part::join(tx, &by, &of, (person, role), (from, to));
                (Box::new(write), "joined", "since")
            }
            "end" => {
                let last = sent.day("last", &mut wrong);
                let found = part("part");
                if found.is_none() {
                    wrong.extend(nothing("part"));
                }
                let (Some((found, version)), Some(last)) = (found, last) else {
                    return page(&call, (&wrong, &[]), None).await;
                };
                let write = move |tx: &mut Tx<'_>| taking_part::turn(tx, &by, &found, version, Turn::End(last));
                (Box::new(write), "changed", "last")
            }
            "withdraw-part" => {
                let Some((found, version)) = part("wrong") else {
                    return page(&call, (&nothing("wrong"), &[]), None).await;
                };
                let why = reason(&sent.text("why"));
                let write = move |tx: &mut Tx<'_>| taking_part::turn(tx, &by, &found, version, Turn::Withdraw(why?));
                (Box::new(write), "withdrawn", "why")
            }
            "restore-part" => {
                let Some((found, version)) = part("back") else {
                    return page(&call, (&nothing("back"), &[]), None).await;
                };
                let write = move |tx: &mut Tx<'_>| taking_part::turn(tx, &by, &found, version, Turn::Restore);
                (Box::new(write), "restored", "back")
            }
            _ => return Err(missing()),
        };
        match written(&call, write).await {
            Ok(()) => Ok(Answer::redirect(format!("/undertakings/{id}?done={done}"))),
            Err(Error::Refused(why)) => page(&call, (&[(field, capital(&format!("{why}.")))], &[]), None).await,
            Err(Error::Changed(what)) => {
                let wrong = clash(form.get("act").unwrap_or_default(), field, &what);
                Ok(page(&call, (&wrong, &[]), None).await?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

//! «Расстояние до цели»: how many are missing to the target and to the next zone or more points, who is nearest and what
//! each of them lacks; one letter a week to those who are nearest.

use serde::Serialize;

use crate::access;
use crate::audit;
use crate::db::Tx;
use crate::desk::indicators::figures::{crumbs, find_one, page_of, period_name, shown};
use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::target_nearest::{Near, columns, named_as, nearest};
use crate::desk::indicators::target_rows as rows;
use crate::desk::indicators::target_words::{points, sentences};
use crate::desk::indicators::words;
use crate::desk::list::List;
use crate::desk::looked;
use crate::error::{Error, Refusal};
use crate::indicators::candidates::{self, Asks};
use crate::indicators::distance::{Away, Distance, distance, subject};
use crate::indicators::{Indicator, Subject};
use crate::mail::notice::{self, Told};
use crate::mail::outbox::Letter;
use crate::pages::parts::{Cell, Column, Empty, Figure, Link, Paging, Register};
use crate::pages::text::{capital, count, date, number};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, address};

/// How many are reminded at once: those who are nearest.
const NEAREST: usize = 50;
/// How many of them the page that asks names.
const NAMED: usize = 10;

/// How far the unit's own value is.
pub(crate) fn distance_of(found: &Found, indicator: &Indicator) -> Distance {
    let decided = (&found.choices, found.period.code.as_str());
    let own = found.own.first();
    own.map(|value| distance(indicator, value, decided)).unwrap_or_default()
}

/// How many subjects, in words.
pub(crate) fn subjects(indicator: &Indicator, n: i64) -> String {
    match subject(indicator) {
        Some(Subject::Iom) => count(n, "ИОМ", "ИОМ", "ИОМ"),
        Some(Subject::Organisation) => count(n, "организация", "организации", "организаций"),
        Some(Subject::Municipality) => count(n, "муниципалитет", "муниципалитета", "муниципалитетов"),
        Some(Subject::Programme) => count(n, "программа", "программы", "программ"),
        _ => count(n, "человек", "человека", "человек"),
    }
}

/// What the page of the indicator shows of it: «Ещё 14 · до цели».
pub(crate) fn figures(found: &Found, indicator: &Indicator) -> Vec<Figure> {
    // The page behind it names people.
    if !found.looking.names {
        return Vec::new();
    }
    let distance = distance_of(found, indicator);
    let more = if distance.leaving { "На" } else { "Ещё" };
    let less = if distance.leaving { " меньше" } else { "" };
    let page = page_of(found, indicator, "/target", &found.unit.code, None);
    let figure = |n: i64, to: String| Figure {
        shown: format!("{more} {}{less}", number(n)),
        label: to,
        href: Some(page.clone()),
        note: None,
    };
    let mut shown = Vec::new();
    if let Some(Away::Needs(n)) = distance.target {
        shown.push(figure(n, "до цели".into()));
    }
    if let Some((n, title)) = &distance.zone {
        shown.push(figure(*n, format!("до зоны «{title}»")));
    }
    if let Some((n, more)) = distance.points {
        shown.push(figure(n, format!("до {}", points(more))));
    }
    shown
}

/// Why no list of the nearest stands here.
fn nobody(distance: &Distance) -> Empty {
    let why = if distance.uncounted.is_none() && distance.is_nowhere() {
        "Ближайших показывают, пока есть до чего дойти: до цели, следующей зоны или баллов."
    } else {
        "Ближайших показывают там, где в числитель может войти человек, ИОМ, организация или муниципалитет из \
         знаменателя."
    };
    Empty::new("Списка ближайших здесь нет", why)
}

/// Whether a letter to the candidates can bring them nearer.
fn may_remind(indicator: &Indicator) -> bool {
    subject(indicator) == Some(Subject::Person) && candidates::asks(indicator) != Asks::Other
}

/// Why nobody is reminded any more: the period is over, and no step counts for it.
fn over(found: &Found, today: chrono::NaiveDate) -> Option<Refusal> {
    (found.period.ends_on < today)
        .then(|| Refusal::new("indicators.period_over").with("last", date(found.period.ends_on)))
}

#[derive(Serialize)]
struct TargetPage {
    heading: String,
    lead: String,
    crumbs: Vec<Link>,
    said: Option<String>,
    figures: Vec<Figure>,
    sentences: Vec<String>,
    remind: Option<Link>,
    found: String,
    register: Option<Register>,
    paging: Option<Paging>,
    empty: Empty,
}

fn filter(found: &Found, indicator: &Indicator) -> String {
    format!(
        "pack={} indicator={} unit={} period={} part=nearest",
        found.pack.code, indicator.code, found.unit.code, found.period.code
    )
}

fn way(found: &Found, indicator: &Indicator) -> Vec<Link> {
    let mut crumbs = crumbs(found, indicator);
    let own = page_of(found, indicator, "", &found.unit.code, None);
    crumbs.push(Link::new(format!("{} {}", indicator.code, found.unit.name), own));
    crumbs
}

/// What came of reminding, from the address: sent, reminded lately, without an account.
fn outcome(done: &str) -> Option<String> {
    let parts: Vec<i64> = done.split('-').filter_map(|n| n.parse().ok()).collect();
    let [sent, lately, nobody] = <[i64; 3]>::try_from(parts).ok()?;
    let mut why = Vec::new();
    if lately > 0 {
        why.push(format!("{} — напоминали за последние семь дней", number(lately)));
    }
    if nobody > 0 {
        why.push(format!("{} — нет учётной записи", number(nobody)));
    }
    let tail = if why.is_empty() {
        String::new()
    } else {
        format!(": {}", why.join(", "))
    };
    Some(format!(
        "Отправлено {}, пропущено {}{tail}.",
        number(sent),
        number(lately + nobody)
    ))
}

/// Whose rows these are, where people or their plans are counted.
fn persons(rows: &[Near]) -> Vec<PersonId> {
    rows.iter().filter_map(|near| near.candidate.listed.person).collect()
}

/// GET /indicators/{pack}/{code}/target
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &["period", "unit"])?;
        let (found, indicator) = find_one(&call, true).await?;
        let all = nearest(&call, &found, &indicator).await?;
        let total = all.len();
        let over = over(&found, call.app().clock.today()).filter(|_| may_remind(&indicator));
        let remind = may_remind(&indicator) && total > 0 && over.is_none();
        let near = i64::try_from(total.min(NEAREST)).unwrap_or(0);
        let (paging, shown_rows) = (at.paging(total), at.rows(all));
        let named: Vec<&String> = shown_rows.iter().map(|near| &near.candidate.listed.key).collect();
        let people = persons(&shown_rows);
        looked::telling(&call, "indicator", &filter(&found, &indicator), &named, total, &people).await?;
        let columns = columns(&indicator).map(Column::words);
        let table: Vec<Vec<Cell>> = shown_rows
            .iter()
            .map(|near| {
                let listed = &near.candidate.listed;
                let name = |code: &String| {
                    found
                        .unit_of(code)
                        .map_or_else(|| found.name_of(code), |u| u.name.clone())
                };
                let places: Vec<String> = listed.units.iter().map(name).collect();
                vec![
                    Cell::text(named_as(listed)),
                    Cell::text(places.join(", ")),
                    Cell::text(capital(&listed.reason)),
                    Cell::text(capital(&near.stands)),
                ]
            })
            .collect();
        let own = found.own.first();
        let value = own.map(|value| Figure {
            shown: shown(&indicator, value),
            label: "значение".into(),
            href: None,
            note: words::above_hundred(&indicator, value.value_milli),
        });
        let page = TargetPage {
            heading: format!("{}: расстояние до цели", indicator.code),
            lead: format!("{} · {} · {}", indicator.title, found.unit.name, period_name(&found)),
            crumbs: way(&found, &indicator),
            said: call.query.get("done").and_then(outcome),
            figures: value
                .into_iter()
                .chain(figures(&found, &indicator))
                .map(|figure| Figure { href: None, ..figure })
                .collect(),
            sentences: sentences(&found, &indicator, call.visitor()?.may(Capability::Packs))
                .into_iter()
                .chain(over.map(|why| capital(&format!("{why}."))))
                .collect(),
            remind: remind.then(|| {
                let page = page_of(&found, &indicator, "/target/remind", &found.unit.code, None);
                Link::new(
                    format!("Напомнить {}", count(near, "ближайшему", "ближайшим", "ближайшим")),
                    page,
                )
            }),
            found: format!(
                "Только в знаменателе: {}",
                subjects(&indicator, i64::try_from(total).unwrap_or(i64::MAX))
            ),
            register: (!table.is_empty()).then(|| Register::new("Ближайшие", &columns, table)),
            paging,
            empty: nobody(&distance_of(&found, &indicator)),
        };
        let title = format!("Расстояние до цели: {} {}", indicator.code, indicator.title);
        Ok(Answer::page("desk/indicator_target", &page)?.title(title))
    })
}

#[derive(Serialize)]
struct CheckPage {
    heading: String,
    lead: String,
    crumbs: Vec<Link>,
    /// Why nobody is written to.
    over: Option<Empty>,
    named: Vec<String>,
    more: Option<String>,
    action: String,
    back: String,
    token: String,
}

/// The nearest, for a letter.
async fn to_remind(call: &Call, found: &Found, indicator: &Indicator) -> Result<Vec<Near>, Error> {
    if !may_remind(indicator) {
        return Ok(Vec::new());
    }
    let mut all = nearest(call, found, indicator).await?;
    all.truncate(NEAREST);
    Ok(all)
}

/// GET /indicators/{pack}/{code}/target/remind: who would be written to.
pub fn check(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["period", "unit"])?;
        let (found, indicator) = find_one(&call, true).await?;
        let over = over(&found, call.app().clock.today());
        let mut all = to_remind(&call, &found, &indicator).await?;
        if over.is_some() {
            all.clear();
        }
        let named: Vec<&String> = all.iter().take(NAMED).map(|near| &near.candidate.listed.key).collect();
        let people = persons(&all[..all.len().min(NAMED)]);
        let codes = filter(&found, &indicator);
        looked::telling(&call, "indicator", &codes, &named, all.len(), &people).await?;
        let total = i64::try_from(all.len()).unwrap_or(0);
        let rest = total - i64::try_from(NAMED).unwrap_or(0);
        let page = CheckPage {
            heading: if over.is_some() {
                "Напоминания".into()
            } else {
                format!("Напомнить: {}?", count(total, "человек", "человека", "человек"))
            },
            lead: format!(
                "{} · {} · письмо скажет, чего не хватает и где следующий шаг; одному человеку не чаще раза в семь дней",
                indicator.title, found.unit.name
            ),
            crumbs: way(&found, &indicator),
            over: over.map(|why| Empty::new("Напоминания не отправляют", capital(&format!("{why}.")))),
            named: all
                .iter()
                .take(NAMED)
                .map(|near| near.candidate.listed.name.clone())
                .collect(),
            more: (rest > 0).then(|| format!("и ещё {}", count(rest, "человек", "человека", "человек"))),
            action: page_of(&found, &indicator, "/target/remind", &found.unit.code, None),
            back: page_of(&found, &indicator, "/target", &found.unit.code, None),
            token: call.token(),
        };
        Answer::page("desk/indicator_remind", &page)
    })
}

/// POST /indicators/{pack}/{code}/target/remind: writes to the nearest who have an account and were not written to in the
/// last seven days.
pub fn remind(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["period", "unit"])?;
        call.form.only(&[])?;
        let (found, indicator) = find_one(&call, true).await?;
        if let Some(why) = over(&found, call.app().clock.today()) {
            return Err(why.into());
        }
        let all = to_remind(&call, &found, &indicator).await?;
        let visitor = call.visitor()?;
        let key = call.app().keys.audit.clone();
        let keys: Vec<&String> = all.iter().map(|near| &near.candidate.listed.key).collect();
        let mut entry = looked::at_list(
            visitor,
            &key,
            "indicator",
            &filter(&found, &indicator),
            &keys,
            all.len(),
        );
        entry.action = "indicator.remind";
        let (region, title, today) = (found.unit.region_id, indicator.title.clone(), call.app().clock.today());
        let lacking: Vec<(PersonId, String)> = all
            .into_iter()
            .filter_map(|near| Some((near.candidate.listed.person?, near.candidate.listed.reason)))
            .collect();
        let write = move |tx: &mut Tx<'_>| -> Result<(usize, usize, usize), Error> {
            let told = send(tx, region, &title, &today.to_string(), &lacking)?;
            let mut entry = entry.clone();
            entry.detail = format!("{} sent={} lately={} nobody={}", entry.detail, told.0, told.1, told.2);
            audit::record(tx, &key, &[entry])?;
            Ok(told)
        };
        let (sent, lately, nobody) = call.app().db.write(write).await?;
        let back = page_of(&found, &indicator, "/target", &found.unit.code, None);
        let done = address::quoted(&format!("{sent}-{lately}-{nobody}"));
        Ok(Answer::redirect(format!("{back}&done={done}")))
    })
}

/// Queues the letters; how many went, how many were reminded lately, how many have no account.
fn send(
    tx: &mut Tx<'_>,
    region: UnitId,
    title: &str,
    day: &str,
    lacking: &[(PersonId, String)],
) -> Result<(usize, usize, usize), Error> {
    let persons: Vec<PersonId> = lacking.iter().map(|(person, _)| *person).collect();
    let accounts = access::store::accounts_of(tx.conn(), &persons)?;
    let known: Vec<access::AccountId> = accounts.values().copied().collect();
    let now = tx.now();
    let reminded = rows::reminded(tx.conn(), &known, now)?;
    let letter = |(person, reason): &(PersonId, String)| {
        let account = accounts.get(person).filter(|account| !reminded.contains(account))?;
        let letter = Letter {
            kind: "indicator_reminder",
            region: Some(region.0),
            account: account.0,
            subject_id: account.0,
            dedup_key: day.to_owned(),
            body: serde_json::json!({"title": title, "missing": reason}),
            address: None,
            link: None,
        };
        let (item, due_on) = (None, None);
        Some(Told { letter, item, due_on })
    };
    let letters: Vec<Told> = lacking.iter().filter_map(letter).collect();
    notice::tell(tx, &letters)?;
    let without = persons.iter().filter(|person| !accounts.contains_key(person)).count();
    let sent = letters.len();
    Ok((sent, persons.len() - without - sent, without))
}

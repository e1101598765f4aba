//! Whoever accompanies plans: «Мои педагоги» with risk first.

use serde::Serialize;

use crate::db::AnyConn;
use crate::db::text_keys::{holds, search_key};
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::plan::card::Door;
use crate::desk::plan::page;
use crate::desk::plan::sending::{Tick, Ticks};
use crate::desk::plan::support_rows::{self, Accompanied};
use crate::desk::registers::file;
use crate::error::Error;
use crate::iom::accompany::Accompanying;
use crate::iom::{Iom, IomId, IomOrigin, IomState, ItemState};
use crate::pages::parts::{Cell, Chip, Column, Empty, Filters, Link, Paging, Register, Tone};
use crate::pages::text::{count, day, until};
use crate::people::PersonId;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// The plans that the visitor accompanies today.
pub(crate) async fn mine(call: &Call) -> Result<Vec<Accompanied>, Error> {
    let (of, today) = (Accompanying::of(call.visitor()?), call.app().clock.today());
    let Some(of) = of else { return Ok(Vec::new()) };
    let read = move |c: &mut AnyConn| support_rows::open(c, &of, today).map_err(Error::from);
    call.app().db.read(read).await
}

/// One of the open plans that the visitor accompanies today.
pub(crate) async fn accompanied(call: &Call, plan: IomId) -> Result<Iom, Error> {
    let hidden = || Error::NotFound("маршрут".into());
    let (of, today) = (Accompanying::of(call.visitor()?), call.app().clock.today());
    let of = of.ok_or_else(hidden)?;
    let read = move |c: &mut AnyConn| support_rows::one(c, &of, plan, today).map_err(Error::from);
    let found = call.app().db.read(read).await?;
    found.filter(|p| p.state != IomState::Closed).ok_or_else(hidden)
}

#[derive(Serialize)]
struct People {
    lead: String,
    /// The way to the drafts, where several wait to be sent.
    drafts: Option<Link>,
    filters: Filters,
    register: Option<Register>,
    /// Drafts to be ticked and sent, in place of the register.
    sending: Option<Ticks>,
    paging: Option<Paging>,
    empty: Empty,
}

/// Names of the filters.
const NAMES: [&str; 3] = ["q", "state", "risk"];

/// GET /people
pub fn people(call: Call) -> Answering {
    Box::pin(async move { own_people(&call, List::of(&call, &NAMES)?).await })
}

/// GET /people/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { own_people(&call, List::of(&call, &NAMES)?.whole()).await })
}

async fn own_people(call: &Call, at: List) -> Result<Answer, Error> {
    let today = call.app().clock.today();
    let plans = mine(call).await?;
    let state = at.known("state", IomState::from_code)?;
    let text = at.get("q").map(search_key);
    let mut rows: Vec<(i64, PersonId, Vec<Cell>, Option<Tick>)> = plans
        .iter()
        .filter(|of| state.is_none_or(|state| of.plan.state == state))
        .filter(|of| text.as_ref().is_none_or(|text| holds(&search_key(&of.who.name), text)))
        .map(|of| {
            let (risk, said, chip) = risk(of, today);
            let (done, all) = page::steps(of.items.iter());
            let cells = vec![
                Cell::link(of.who.short.clone(), format!("/people/{}", of.plan.id)),
                Cell::text(of.who.places.join(", ")),
                Cell::text(format!("{done} из {all}")),
                Cell::text(said),
                Cell::chip(chip),
            ];
            let tick = (of.plan.state == IomState::Draft).then(|| Tick::of(Door::Support, of));
            (risk, of.plan.person_id, cells, tick)
        })
        .filter(|(risk, ..)| match at.get("risk") {
            Some("late") => *risk >= LATE,
            Some("waits") => (500..LATE).contains(risk),
            _ => true,
        })
        .collect();
    rows.sort_by_key(|(risk, ..)| -risk);
    let late = rows.iter().filter(|(risk, ..)| *risk >= LATE).count();
    let columns = [
        Column::words("Педагог"),
        Column::words("Организация"),
        Column::figures("Шаги"),
        Column::words("Что дальше"),
        Column::words("Состояние"),
    ];
    let found = rows.len();
    let total = i64::try_from(found).unwrap_or(i64::MAX);
    let (mut named, mut table, mut ticks) = (Vec::new(), Vec::new(), Vec::new());
    for (_, person, cells, tick) in at.rows(rows) {
        named.push(person);
        table.push(cells);
        ticks.extend(tick.filter(|_| state == Some(IomState::Draft) && !at.is_whole()));
    }
    let drafts = plans.iter().filter(|of| of.plan.state == IomState::Draft).count();
    let drafts = i64::try_from(drafts).unwrap_or(i64::MAX);
    let filters = vec![
        at.search("q", "Фамилия или имя"),
        at.select("state", "Состояние маршрута", "все открытые", states())?,
        at.select("risk", "Что нужно", "всё", risks())?,
    ];
    let mut filters = at.filters(filters, list::found(found, "педагог", "педагога", "педагогов"));
    filters.file = (found > 0).then(|| at.file());
    let data = People {
        lead: format!(
            "Сначала те, кому нужна помощь: просрочили {late} из {}.",
            count(total, "педагога", "педагогов", "педагогов")
        ),
        drafts: (drafts > 1 && state != Some(IomState::Draft)).then(|| {
            let words = count(drafts, "черновик", "черновика", "черновиков");
            Link::new(format!("Отправить педагогам {words}"), "/people?state=draft")
        }),
        filters,
        paging: at.paging(found),
        register: (found > 0).then(|| Register::new("Мои педагоги", &columns, table)),
        sending: Ticks::of(Door::Support, ticks, call.token()),
        empty: if at.is_plain() {
            Empty::new(
                "Пока никого нет",
                "ЦНППМ назначит вам педагогов: они появятся здесь в день назначения.",
            )
        } else {
            let mut empty = Empty::new("Таких нет", "Ни один из ваших педагогов не подходит под эти условия.");
            empty.action = Some(Link::new("Показать всех", "/people"));
            empty
        },
    };
    if at.is_whole() {
        let of = ListFile::of_people(
            "supported",
            "Мои педагоги",
            at.codes(&["q"]),
            &named,
            Capability::Support,
        );
        let of = of.chosen(file::said(&data.lead, Some(&data.filters))).telling(&named);
        let tables: Vec<&Register> = data.register.iter().collect();
        return file::named(call, &at, &of, &tables).await;
    }
    looked::telling(call, "supported", &at.codes(&["q"]), &named, found, &named).await?;
    let page = Answer::page("desk/support_people", &data)?;
    Ok(match state {
        Some(IomState::Draft) => page.title("Черновики"),
        _ => page,
    })
}

fn states() -> impl Iterator<Item = (String, String)> {
    let open = IomState::ALL.iter().filter(|s| **s != IomState::Closed);
    open.map(|s| (s.code().to_owned(), s.label().to_owned()))
}

fn risks() -> [(String, String); 2] {
    [("late", "просрочили шаг"), ("waits", "ждут ответа")].map(|(code, label)| (code.to_owned(), label.to_owned()))
}

/// From here on a plan is late.
pub(crate) const LATE: i64 = 10_000;

/// How much a plan needs help, what is next in it, and its state.
pub(crate) fn risk(of: &Accompanied, today: chrono::NaiveDate) -> (i64, String, Chip) {
    let open = of.items.iter().filter(|i| {
        matches!(
            i.state,
            ItemState::Planned | ItemState::InProgress | ItemState::Returned
        )
    });
    let next = open.filter(|i| i.due_on.is_some()).min_by_key(|i| i.due_on);
    let waits = |days: i64, said: &str, state: &str| (1000 + days, said.to_owned(), Chip::new(Tone::Wait, state));
    let since = |state| {
        of.since
            .filter(|_| of.plan.state == state)
            .map_or(0, |on| (today - on).num_days())
    };
    match of.plan.state {
        IomState::OnAgreement if of.plan.agreed_on.is_none() => {
            let days = since(IomState::OnAgreement);
            let said = if days == 0 {
                "Маршрут отправлен педагогу сегодня".to_owned()
            } else {
                format!("Маршрут не согласован {}", count(days, "день", "дня", "дней"))
            };
            waits(days, &said, "ждёт согласия")
        }
        IomState::OnAgreement if of.plan.origin == IomOrigin::School => {
            waits(0, "Ждёт утверждения директора школы", "согласован")
        }
        IomState::OnAgreement => waits(0, "Ждёт утверждения ЦНППМ", "согласован"),
        IomState::Draft => waits(600, "Отправьте маршрут педагогу на согласование", "черновик"),
        IomState::Approved => waits(400, "Утверждён: куратор может начать его", "утверждён"),
        IomState::Returned => waits(500, "Педагог вернул маршрут с замечанием", "на доработке"),
        IomState::Paused => match of.plan.paused_until {
            Some(until) if until < today => {
                let said = format!("Приостановка кончилась {}: возобновите маршрут", day(until, today));
                waits(450, &said, "пора возобновить")
            }
            until => {
                let until = until.map_or_else(String::new, |on| format!(" до\u{A0}{}", day(on, today)));
                (
                    0,
                    format!("Приостановлен{until}"),
                    Chip::new(Tone::Calm, "приостановлен"),
                )
            }
        },
        _ => match next.and_then(|i| Some((i, i.due_on?))) {
            Some((item, due)) if due < today => {
                let days = (today - due).num_days();
                let said = format!("{}, {}", item.title, until(due, today));
                (LATE + days, said, Chip::new(Tone::Late, "просрочен"))
            }
            Some((item, due)) => {
                let days = (due - today).num_days();
                let said = format!("{}, до\u{A0}{}", item.title, day(due, today));
                let chip = if days <= 7 {
                    Chip::new(Tone::Calm, until(due, today)).icon("i-clock")
                } else {
                    Chip::new(Tone::Done, "по плану")
                };
                (100 - days.min(99), said, chip)
            }
            None => (
                500,
                "Все шаги пройдены: подвести итоги".into(),
                Chip::new(Tone::Wait, "пора закрывать"),
            ),
        },
    }
}

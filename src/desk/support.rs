//! Whoever accompanies plans: «На проверке», «Мои педагоги» with risk first, and the card of a plan.

use serde::Serialize;

use super::acts::{self, Wanted};
use super::plan::{self, View};
use super::plan_rows::{self, Who};
use super::support_rows::{self, Accompanied};
use crate::audit;
use crate::db::text_keys::clean;
use crate::db::{AnyConn, DbError};
use crate::error::Error;
use crate::iom::{ActKind, IomId, IomState, ItemState};
use crate::pages::parts::{Cell, Chip, Column, Empty, Link, Register, Tone};
use crate::pages::text::{count, day, until};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// The plans that the visitor accompanies today.
async fn mine(call: &Call) -> Result<Vec<Accompanied>, Error> {
    let (visitor, today) = (call.visitor()?, call.app().clock.today());
    let (region, account) = (visitor.region.map(UnitId), visitor.account);
    let Some(region) = region else { return Ok(Vec::new()) };
    call.app()
        .db
        .read(move |c| support_rows::accompanied(c, region, account, today).map_err(Error::from))
        .await
}

#[derive(Serialize)]
struct Queue {
    heading: String,
    lead: String,
    waiting: Vec<Waiting>,
    token: String,
    empty: Empty,
}

#[derive(Serialize)]
struct Waiting {
    title: String,
    who: String,
    place: String,
    sent: String,
    card: String,
    plan: String,
    item: String,
}

/// GET /review
pub fn queue(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let today = call.app().clock.today();
        let plans = mine(&call).await?;
        let mut waiting = Vec::new();
        for of in &plans {
            for item in of.items.iter().filter(|i| i.state == ItemState::Submitted) {
                let sent = of.submitted.iter().find(|(id, _)| *id == item.id).map(|(_, on)| *on);
                let row = Waiting {
                    title: item.title.clone(),
                    who: of.who.short.clone(),
                    place: of.who.places.join(", "),
                    sent: sent.map_or_else(String::new, |on| format!("отправлено {}", day(on, today))),
                    card: format!("/people/{}", of.plan.id),
                    plan: of.plan.id.to_string(),
                    item: item.number.to_string(),
                };
                waiting.push((sent.unwrap_or(today), row));
            }
        }
        waiting.sort_by_key(|(sent, _)| *sent);
        let oldest = waiting.first().map_or(0, |(sent, _)| (today - *sent).num_days());
        let lead = match oldest {
            0 => "Всё пришло сегодня.".to_owned(),
            n => format!("Самое давнее ждёт {}.", count(n, "день", "дня", "дней")),
        };
        let mut empty = Empty::new(
            "Проверять пока нечего",
            "Когда педагог отправит шаг на проверку, он появится здесь, а вам придёт письмо.",
        );
        empty.action = Some(Link::new("Открыть моих педагогов", "/people"));
        let data = Queue {
            heading: format!("На проверке: {}", waiting.len()),
            lead: format!("{lead} «Зачесть» закрывает шаг сразу."),
            waiting: waiting.into_iter().map(|(_, row)| row).collect(),
            token: call.token(),
            empty,
        };
        Answer::page("desk/support_queue", &data)
    })
}

/// POST /review: accepts or returns a step of a plan that the visitor accompanies.
pub fn mark(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["plan", "item", "act", "reason"])?;
        let number = |name| fields.get(name).and_then(|n| n.parse::<i64>().ok());
        let kind = fields.get("act").and_then(ActKind::from_code);
        let kind = kind
            .filter(|k| matches!(k, ActKind::Accept | ActKind::Return))
            .ok_or_else(|| Error::NotFound("действие".into()))?;
        let plan = number("plan")
            .map(IomId)
            .ok_or_else(|| Error::NotFound("маршрут".into()))?;
        let item = number("item").and_then(|n| i32::try_from(n).ok());
        let item = item.ok_or_else(|| Error::NotFound("шаг".into()))?;
        let reason = fields.get("reason").map(clean).unwrap_or_default();
        let plans = mine(&call).await?;
        let of = plans
            .iter()
            .find(|p| p.plan.id == plan)
            .ok_or_else(|| Error::NotFound("маршрут".into()))?;
        let wanted = Wanted {
            region: of.plan.region_id,
            person: of.plan.person_id,
            kind,
            item: Some(item),
            by: call.visitor()?.login.clone(),
            reason,
        };
        acts::act(call.app(), wanted).await?;
        Ok(Answer::redirect("/review"))
    })
}

#[derive(Serialize)]
struct People {
    lead: String,
    register: Option<Register>,
    empty: Empty,
}

/// GET /people
pub fn people(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let today = call.app().clock.today();
        let plans = mine(&call).await?;
        let mut rows: Vec<(i64, Vec<Cell>)> = plans
            .iter()
            .map(|of| {
                let (risk, said, chip) = risk(of, today);
                let (done, all) = plan::steps(of.items.iter());
                let cells = vec![
                    Cell::link(of.who.short.clone(), format!("/people/{}", of.plan.id)),
                    Cell::text(of.who.places.join(", ")),
                    Cell::text(format!("{done} из {all}")),
                    Cell::text(said),
                    Cell::chip(chip),
                ];
                (risk, cells)
            })
            .collect();
        rows.sort_by_key(|(risk, _)| -risk);
        let late = rows.iter().filter(|(risk, _)| *risk >= LATE).count();
        let columns = [
            Column::words("Педагог"),
            Column::words("Организация"),
            Column::figures("Шаги"),
            Column::words("Что дальше"),
            Column::words("Состояние"),
        ];
        let people = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let rows: Vec<Vec<Cell>> = rows.into_iter().map(|(_, cells)| cells).collect();
        let found = !rows.is_empty();
        let data = People {
            lead: format!(
                "Сначала те, кому нужна помощь: просрочили {late} из {}.",
                count(people, "педагога", "педагогов", "педагогов")
            ),
            register: found.then(|| Register::new("Мои педагоги", &columns, rows)),
            empty: Empty::new(
                "Пока никого нет",
                "ЦНППМ назначит вам педагогов: они появятся здесь в день назначения.",
            ),
        };
        Answer::page("desk/support_people", &data)
    })
}

/// From here on a plan is late.
const LATE: i64 = 10_000;

/// How much a plan needs help, what is next in it, and its state.
fn risk(of: &Accompanied, today: chrono::NaiveDate) -> (i64, String, Chip) {
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
            let said = format!("Маршрут не согласован {}", count(days, "день", "дня", "дней"));
            waits(days, &said, "ждёт согласия")
        }
        IomState::OnAgreement => waits(0, "Ждёт утверждения ЦНППМ", "согласован"),
        IomState::Returned => waits(500, "Педагог вернул маршрут с замечанием", "на доработке"),
        IomState::Paused => (0, "Приостановлен".into(), Chip::new(Tone::Calm, "приостановлен")),
        _ => match next.and_then(|i| Some((i, i.due_on?))) {
            Some((item, due)) if due < today => {
                let days = (today - due).num_days();
                let said = format!("{}, {}", item.title, until(due, today));
                (LATE + days, said, Chip::new(Tone::Late, "просрочен"))
            }
            Some((item, due)) => {
                let days = (due - today).num_days();
                let said = format!("{}, до {}", item.title, day(due, today));
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

#[derive(Serialize)]
struct Card {
    who: Who,
    place: String,
    plan: View,
}

/// GET /people/{plan}: the card of a plan that the visitor accompanies; the opening is written in the journal.
pub fn card(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let today = call.app().clock.today();
        let wanted = IomId(call.id("plan")?);
        let plans = mine(&call).await?;
        let of = plans.into_iter().find(|p| p.plan.id == wanted);
        let of = of.ok_or_else(|| Error::NotFound("маршрут".into()))?;
        let (region, person, who) = (of.plan.region_id, of.plan.person_id, of.who);
        let rows = call
            .app()
            .db
            .read(move |c: &mut AnyConn| -> Result<_, DbError> { plan_rows::load(c, of.plan, today) })
            .await?;
        note_reading(&call, region, person, wanted).await?;
        let heading = who.short.clone();
        let data = Card {
            place: who.places.join(", "),
            who,
            plan: plan::view(&rows, today, None),
        };
        Ok(Answer::page("desk/support_card", &data)?.title(heading))
    })
}

/// One row of the journal per person whose plan was opened.
async fn note_reading(call: &Call, region: UnitId, person: PersonId, plan: IomId) -> Result<(), Error> {
    let mut entry = audit::Entry::of_server("desk.read_plan", "iom", Some(plan.0));
    entry.account = Some(call.visitor()?.account);
    entry.region = Some(region.0);
    entry.person = Some(person.0);
    let key = call.app().keys.audit.clone();
    call.app()
        .db
        .write(move |tx| audit::record(tx, &key, &[entry]).map_err(Error::from))
        .await
}

//! Opening a vote: what it is called, of which year, whose staff votes, from when to when.

use chrono::{Datelike as _, Days};

use crate::activity::Level;
use crate::cycle::vote::model::LEVELS;
use crate::cycle::vote::opening::{self, Opening};
use crate::db::{AnyConn, Tx};
use crate::desk::once::once;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::desk::votes::words;
use crate::error::Error;
use crate::pages::parts::Link;
use crate::pages::text::{capital, date};
use crate::units::{Unit, UnitKind};
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// How long a vote usually goes on, days.
const USUAL: u64 = 14;
/// The longest name of a vote, letters.
const LONGEST: usize = 120;

/// The visitor's units, the region first.
async fn units(call: &Call) -> Result<Vec<Unit>, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<Vec<Unit>, Error> {
        let held = Held::of(c, &visitor, today)?;
        Ok(held.own().into_iter().cloned().collect())
    };
    call.app().db.read(read).await
}

/// Whether a vote may be held in a unit.
fn holds(unit: &Unit) -> bool {
    matches!(unit.kind, UnitKind::Region | UnitKind::Municipality)
}

/// GET /votes/new
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let units = units(&call).await?;
        page(&call, &units, &[])
    })
}

fn page(call: &Call, units: &[Unit], wrong: &[Wrong]) -> Result<Answer, Error> {
    let (sent, again, today) = (Sent(&call.form), !wrong.is_empty(), call.app().clock.today());
    let places: Vec<&Unit> = units.iter().filter(|unit| holds(unit)).collect();
    let of_region = places.iter().any(|unit| unit.kind == UnitKind::Region);
    let values = |name: &str| match name {
        _ if again => sent.text(name),
        "title" => "Признание коллег".to_owned(),
        "year" => today.year().to_string(),
        "unit" => match places.as_slice() {
            [only] => only.code.clone(),
            _ => String::new(),
        },
        "level" if !of_region => Level::Municipal.code().to_owned(),
        "opens" => date(today),
        "closes" => date(today + Days::new(USUAL)),
        _ => String::new(),
    };
    let fill = Fill { values: &values, wrong };
    let levels = LEVELS.iter().filter(|level| of_region || **level == Level::Municipal);
    let levels = levels.map(|level| (level.code().to_owned(), level.label().to_owned()));
    let choices = places.iter().map(|unit| (unit.code.clone(), unit.name.clone()));
    let sheet = Sheet {
        crumbs: vec![Link::new("Голосование коллег", "/votes")],
        heading: "Новое голосование".into(),
        lead: "В первый день педагоги увидят его на странице «Мой маршрут» и смогут отдать голос за коллегу.".into(),
        problems: problems(wrong),
        facts: vec![
            fact(
                "Кто участвует",
                "педагоги с записью в Вехе, которые работают в выбранном муниципалитете или регионе",
            ),
            fact(
                "Голос",
                "один у каждого, не за себя; до последнего дня его можно изменить",
            ),
            fact("Тайна голоса", words::PROMISE),
        ],
        blocks: vec![Block {
            title: "Открыть голосование".into(),
            text: Some("Итоги откроются на следующий день после последнего. Дни потом не меняются; отозвать голосование можно, пока никто не проголосовал.".into()),
            forms: vec![Form {
                action: "/votes/new".into(),
                key: token::random_name()?,
                parts: vec![
                    fill.line("title", "Название", None),
                    fill.line("year", "Год звания", Some("Четыре цифры")),
                    fill.choice("unit", "Кто голосует и за кого", Some("выберите"), choices),
                    fill.choice("level", "Уровень звания", Some("выберите"), levels),
                    fill.line("opens", "Первый день", Some("ДД.ММ.ГГГГ")),
                    fill.line("closes", "Последний день", Some("ДД.ММ.ГГГГ")),
                ],
                button: "Открыть".into(),
                ..Form::default()
            }],
            ..Block::default()
        }],
        token: call.token(),
        ..Sheet::default()
    };
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if again {
        answer.status(422).title("Ошибка: новое голосование")
    } else {
        answer
    })
}

/// The form as it was sent, if nothing in it is wrong.
fn read(sent: &Sent<'_>, units: &[Unit], wrong: &mut Vec<Wrong>) -> Result<Option<Opening>, Error> {
    // A unit that is not the visitor's is not there.
    let unit = match sent.some("unit") {
        None => None,
        Some(code) => Some(units.iter().find(|unit| unit.code == code).ok_or_else(missing)?),
    };
    let unit = unit.filter(|unit| holds(unit));
    if unit.is_none() {
        wrong.push(("unit", "Выберите муниципалитет или регион.".into()));
    }
    let title = sent.required("title", "Название", wrong);
    if title.chars().count() > LONGEST {
        wrong.push(("title", format!("Здесь больше {LONGEST} знаков: сократите.")));
    }
    let year = sent.text("year").parse::<i32>().ok();
    if year.is_none() {
        wrong.push(("year", "Напишите год четырьмя цифрами, например 2026.".into()));
    }
    let level = Level::from_code(&sent.text("level"));
    if level.is_none() {
        wrong.push(("level", "Выберите уровень звания.".into()));
    }
    let [opens, closes] = ["opens", "closes"].map(|name| sent.day(name, wrong));
    let (Some(unit), Some(year), Some(level), Some(opens), Some(closes), true) =
        (unit, year, level, opens, closes, wrong.is_empty())
    else {
        return Ok(None);
    };
    Ok(Some(Opening {
        title,
        year,
        level,
        unit: unit.id,
        opens,
        closes,
    }))
}

/// POST /votes/new
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        call.form
            .only(&["key", "title", "year", "unit", "level", "opens", "closes"])?;
        let units = units(&call).await?;
        let mut wrong: Vec<Wrong> = Vec::new();
        let Some(said) = read(&Sent(&call.form), &units, &mut wrong)? else {
            return page(&call, &units, &wrong);
        };
        if let Some((field, refusal)) = said.refused(call.app().clock.today()) {
            return page(&call, &units, &[(field, capital(&format!("{refusal}.")))]);
        }
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| Ok(opening::open(tx, &by, &said)?.to_string());
        match once(&call, write).await {
            Ok(id) => Ok(Answer::redirect(format!("/votes/{id}?done=opened"))),
            Err(Error::Refused(why)) => {
                let field = match why.code {
                    "cycle.vote_level" => "level",
                    "cycle.vote_twice" => "title",
                    _ => "opens",
                };
                page(&call, &units, &[(field, capital(&format!("{why}.")))])
            }
            Err(e) => Err(e),
        }
    })
}

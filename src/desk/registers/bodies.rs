//! «Объединения»: councils, unions, communities, teams and partners with filters in the address, and adding one.

use std::collections::HashMap;

use crate::activity::body::{self, BodyInput};
use crate::activity::kinds;
use crate::activity::model::{Body, BodyId, BodyMember, Level};
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, Tx};
use crate::desk::list::{self, List};
use crate::desk::once::{is_other, once};
use crate::desk::registers::bodies_rows::{self, Wanted};
use crate::desk::registers::events::level_choices;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, problems};
use crate::desk::registers::reach::{Held, by};
use crate::desk::rounds::give;
use crate::desk::rounds::list::What;
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Column, Empty, Register, Tone};
use crate::pages::text::{NOTHING, capital, count, number};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::call::Fields;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// Fields of the form of a body.
pub(crate) const FIELDS: [&str; 8] = ["key", "name", "kind", "level", "unit", "duties", "page", "code"];

struct Shown {
    held: Held,
    rows: Vec<Body>,
    total: usize,
    /// Members today of everything that is found, each person once a body.
    members: i64,
    of: HashMap<BodyId, usize>,
}

const NAMES: [&str; 5] = ["q", "kind", "level", "unit", "state"];

/// GET /bodies
pub fn all(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of_table(&call, &NAMES)?, &[]).await })
}

/// GET /editable/bodies: what the visitor keeps of the list, to be changed in a table and brought back.
pub fn editable(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &NAMES)?.whole();
        let shown = look(&call, &at).await?;
        let ids = shown.rows.iter().map(|of| of.id.0).collect();
        give::register(&call, What::Bodies, &at, ids).await
    })
}

/// Kinds of bodies to choose from.
pub(crate) fn kind_choices() -> Vec<(String, String)> {
    kinds::bodies()
        .iter()
        .map(|w| (w.code.clone(), w.name.clone()))
        .collect()
}

async fn look(call: &Call, at: &List) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let kind = at.known("kind", |code| {
        kinds::bodies().iter().find(|w| w.code == code).map(|w| w.code.clone())
    })?;
    let level = at.known("level", Level::from_code)?;
    let withdrawn = at.known("state", |s| (s == "withdrawn").then_some(()))?.is_some();
    let wanted = Wanted {
        text: at.get("q").map(search_key),
        kind,
        level,
        units: None,
        withdrawn,
    };
    let own = at.clone();
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let held = Held::of(c, &visitor, today)?;
        let unit = own.known("unit", |code| held.unit(code).map(|u| u.id))?;
        let wanted = Wanted {
            units: unit.map(|unit| held.tree.subtree(unit).into_iter().collect()),
            ..wanted
        };
        let span = |total: usize| (own.skipped(total), own.most());
        let found = bodies_rows::find(c, &held, &wanted, today, span)?;
        let ids: Vec<BodyId> = found.rows.iter().map(|b| b.id).collect();
        let mut of: HashMap<BodyId, usize> = HashMap::new();
        let members = body::members(c, &ids)?;
        let persons: Vec<PersonId> = members.iter().map(|m| m.person_id).collect();
        // A number of people who are not seen would tell of a few.
        let seen = held.inside(c, &persons)?;
        let seen = |m: &&BodyMember| seen.contains(&m.person_id);
        for member in members.iter().filter(|m| stands(m, today)).filter(seen) {
            *of.entry(member.body_id).or_default() += 1;
        }
        Ok(Shown {
            rows: found.rows,
            held,
            total: found.total,
            members: found.members,
            of,
        })
    };
    call.app().db.read(read).await
}

async fn page(call: &Call, at: List, wrong: &[Wrong]) -> Result<Answer, Error> {
    let shown = look(call, &at).await?;
    let mut sheet = sheet(call, &at, shown, wrong)?;
    give::offer(&mut sheet, &at);
    let answer = file::page(call, &at, sheet)?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: объединения")
    })
}

/// Whether a membership holds on a day.
pub(crate) fn stands(of: &BodyMember, day: chrono::NaiveDate) -> bool {
    of.withdrawn_at.is_none() && of.valid_from <= day && of.valid_to.is_none_or(|to| day < to)
}

fn sheet(call: &Call, at: &List, shown: Shown, wrong: &[Wrong]) -> Result<Sheet, Error> {
    let columns = [
        Column::words("Объединение"),
        Column::words("Вид"),
        Column::words("Уровень"),
        Column::words("При ком"),
        // Of a body that others join too the page tells all; here the own ones are counted.
        Column::figures(if shown.held.is_whole() {
            "Участников"
        } else {
            "Ваших участников"
        }),
    ];
    let held = &shown.held;
    let row = |b: &Body| {
        let place = held.name(b.unit_id);
        let members = shown.of.get(&b.id).copied().unwrap_or(0);
        vec![
            Cell::link(b.name.clone(), format!("/bodies/{}", b.id)),
            match b.withdrawn_at {
                Some(_) => Cell::chip(Chip::new(Tone::Late, "отозвано")),
                None => Cell::text(kinds::word_name(kinds::bodies(), &b.kind)),
            },
            Cell::text(b.level.label()),
            Cell::text(if place.is_empty() { NOTHING.to_owned() } else { place }),
            Cell::text(number(i64::try_from(members).unwrap_or(i64::MAX))),
        ]
    };
    let rows: Vec<Vec<Cell>> = shown.rows.iter().map(row).collect();
    let mut units = held.choices();
    let chosen = at.get("unit").and_then(|code| held.unit(code));
    units.extend(
        chosen
            .filter(|u| units.iter().all(|(code, _)| *code != u.code))
            .map(|u| (u.code.clone(), u.name.clone()))
            .into_iter()
            .collect::<Vec<_>>(),
    );
    let filters = vec![
        at.search("q", "Название"),
        at.select("kind", "Вид", "любой", kind_choices())?,
        at.select("level", "Уровень", "любой", level_choices())?,
        at.select("unit", "При ком", "все", units)?,
        at.select(
            "state",
            "Состояние",
            "действуют",
            [("withdrawn".to_owned(), "отозваны".to_owned())],
        )?,
    ];
    let empty = at.empty(
        Empty::new(
            "Объединений не нашлось",
            "Добавьте объединение здесь или загрузите список файлом на странице «Загрузка данных».",
        ),
        "Объединений не нашлось",
        "ни одно",
    );
    let sent = Sent(&call.form);
    let values = |name: &str| sent.text(name);
    Ok(Sheet {
        heading: "Объединения".into(),
        lead: format!(
            "Сегодня в них состоят: {}.{}",
            count(shown.members, "участник", "участника", "участников"),
            if held.is_whole() {
                ""
            } else {
                " Считаны только ваши люди."
            }
        ),
        problems: problems(wrong),
        filters: Some(at.filters(
            filters,
            list::found(shown.total, "объединение", "объединения", "объединений"),
        )),
        paging: at.paging(shown.total),
        empty: rows.is_empty().then_some(empty),
        register: (!rows.is_empty()).then(|| Register::new("Объединения", &columns, rows)),
        blocks: vec![Block {
            title: "Новое объединение".into(),
            register: held.is_whole().then(|| {
                let to = Cell::link("Завести объединения методики", "/bodies/packs");
                Register::new("Объединения методики", &[Column::words("Что сделать")], vec![vec![to]])
            }),
            forms: vec![Form {
                action: "/bodies".into(),
                key: token::random_name()?,
                folded: "Добавить объединение".into(),
                open: !wrong.is_empty(),
                button: "Добавить".into(),
                ..body_form(&Fill { values: &values, wrong }, held)
            }],
            ..Block::default()
        }],
        token: call.token(),
        ..Sheet::default()
    })
}

/// The fields of a body.
pub(crate) fn body_form(fill: &Fill<'_>, held: &Held) -> Form {
    let none = if held.is_whole() {
        "весь регион"
    } else {
        "выберите"
    };
    Form {
        parts: vec![
            fill.line("name", "Название", None),
            fill.choice("kind", "Вид", Some("выберите"), kind_choices()),
            fill.choice("level", "Уровень", Some("выберите"), level_choices()),
            fill.choice("unit", "При ком работает", Some(none), held.choices()),
            fill.long("duties", "Обязанности", Some("Чем занимается, одной-двумя фразами")),
            fill.line("page", "Страница в сети", None),
            fill.line("code", "Код", Some("Пусто: код поставит программа")),
        ],
        ..Form::default()
    }
}

/// The body that a form describes, or what is wrong with it.
pub(crate) fn read(form: &Fields, held: &Held, stored: Option<&Body>) -> Result<BodyInput, Vec<Wrong>> {
    let sent = Sent(form);
    let mut wrong = Vec::new();
    let name = sent.required("name", "Название", &mut wrong);
    let kind = kinds::bodies().iter().find(|w| w.code == sent.text("kind"));
    if kind.is_none() {
        wrong.push(("kind", "Выберите вид объединения.".into()));
    }
    let level = Level::from_code(&sent.text("level"));
    if level.is_none() {
        wrong.push(("level", "Выберите уровень.".into()));
    }
    let unit: Option<UnitId> = sent.some("unit").and_then(|code| held.unit(&code)).map(|u| u.id);
    if !held.keeps(unit) || unit.is_none() && sent.some("unit").is_some() {
        wrong.push(("unit", "Выберите, при ком работает объединение.".into()));
    }
    let link = sent.link("page", &mut wrong);
    for name in ["duties", "code"] {
        sent.fits(name, &mut wrong);
    }
    let (Some(kind), Some(level), true) = (kind, level, wrong.is_empty()) else {
        return Err(wrong);
    };
    Ok(BodyInput {
        code: stored.map_or_else(|| sent.text("code"), |s| s.code.clone()),
        name,
        kind: kind.code.clone(),
        level,
        unit_id: unit,
        duties: sent.some("duties"),
        link,
    })
}

/// POST /bodies
pub fn add(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&FIELDS)?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let held = call.app().db.read(move |c| Held::of(c, &visitor, today)).await?;
        let input = match read(&call.form, &held, None) {
            Ok(input) => input,
            Err(wrong) => return page(&call, List::plain("/bodies"), &wrong).await,
        };
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| Ok(body::add(tx, &by, input)?.to_string());
        match once(&call, write).await {
            Ok(id) => Ok(Answer::redirect(format!("/bodies/{id}?done=added"))),
            Err(Error::Refused(why)) => {
                let field = if is_other(&why) { "name" } else { "code" };
                let wrong = [(field, capital(&format!("{why}.")))];
                page(&call, List::plain("/bodies"), &wrong).await
            }
            Err(e) => Err(e),
        }
    })
}

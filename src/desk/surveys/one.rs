//! One survey: how many have answered by unit; once it is over, what the answers say together, for the units where they may be
//! read. Its last day is changed while it goes on.

use std::collections::{BTreeMap, BTreeSet};

use crate::cycle::survey::results::{self, Counted};
use crate::cycle::survey::{Survey, SurveyId, opening, store};
use crate::db::{AnyConn, Tx};
use crate::desk::cycle::named::called;
use crate::desk::list::List;
use crate::desk::once::once_by_version;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::desk::small_cells::{self, Told};
use crate::desk::surveys::words;
use crate::error::Error;
use crate::indicators::pack_surveys::QuestionKind;
use crate::indicators::scale::plain;
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{capital, count, date, number, percent};
use crate::planted;
use crate::units::{Unit, UnitId, UnitKind};
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, Visitor};

/// A unit of the table: how many were asked and have answered, and whether its answers may be read.
struct Line {
    unit: Unit,
    asked: i64,
    answered: i64,
    readable: bool,
}

struct Shown {
    of: Survey,
    /// Whose answers are shown; `None` is all that the visitor sees, where it is not one unit.
    unit: Option<Unit>,
    /// How the act that approves it is called.
    act: String,
    /// Whom the whole table is about: asked and answered.
    asked: i64,
    answered: i64,
    lines: Vec<Line>,
    /// What the answers say; `None` where they may not be read.
    counted: Option<Vec<Counted>>,
}

/// How many there are under each unit of the table.
fn under(held: &Held, unit: UnitId, by_place: &BTreeMap<UnitId, i64>) -> i64 {
    let inside = held.tree.subtree(unit);
    let own = by_place.iter().filter(|(place, _)| inside.contains(place));
    own.map(|(_, many)| many).sum()
}

/// The units next below a unit that have somebody to ask, by name; of an organisation there are none.
fn below<'a>(held: &'a Held, unit: &Unit) -> Vec<&'a Unit> {
    let own = held.own();
    let inside = held.tree.subtree(unit.id);
    let kind = match unit.kind {
        UnitKind::Region | UnitKind::Zone => UnitKind::Municipality,
        UnitKind::Municipality => UnitKind::Organisation,
        _ => return Vec::new(),
    };
    let direct = |u: &Unit| {
        // Organisations of no municipality stand beside the municipalities.
        u.kind == UnitKind::Organisation && held.tree.ancestor(u.id, UnitKind::Municipality).is_none()
    };
    own.into_iter()
        .filter(|u| u.id != unit.id && inside.contains(&u.id) && (u.kind == kind || direct(u)))
        .collect()
}

fn load(
    c: &mut AnyConn,
    visitor: &Visitor,
    (id, unit): (i64, Option<&str>),
    today: chrono::NaiveDate,
) -> Result<Shown, Error> {
    let held = Held::of(c, visitor, today)?;
    let of = store::one(c, held.region, SurveyId(id))?.ok_or_else(missing)?;
    let own: Vec<Unit> = held.own().into_iter().cloned().collect();
    let looked = match unit {
        Some(code) => own.iter().find(|u| u.code == code).ok_or_else(missing)?.clone(),
        // The highest that the visitor sees.
        None => own.first().ok_or_else(missing)?.clone(),
    };
    let answered = store::answered(c, held.region)?.remove(&of.id).unwrap_or_default();
    let asked = store::asked(c, held.region, &of.kinds(), of.counted_on(today))?;
    let readable = if of.is_over(today) {
        results::readable(&held.tree, held.region, &answered)
    } else {
        BTreeSet::new()
    };
    let lines: Vec<Line> = below(&held, &looked)
        .into_iter()
        .map(|unit| Line {
            asked: under(&held, unit.id, &asked),
            answered: under(&held, unit.id, &answered),
            readable: readable.contains(&unit.id),
            unit: unit.clone(),
        })
        .filter(|line| line.asked > 0 || line.answered > 0)
        .collect();
    let counted = if readable.contains(&looked.id) {
        let inside: Vec<UnitId> = held.tree.subtree(looked.id).into_iter().collect();
        let whole = looked.id == held.region;
        let questions = of.questions()?;
        let counted = results::count(c, &of, &questions, (!whole).then_some(&inside))?;
        // A question that few have answered is as a survey that few have answered.
        let by_question = results::by_question(c, &of)?;
        let told = |one: Counted| {
            let own = by_question.get(&one.question.code);
            let told = own.is_some_and(|own| results::readable(&held.tree, held.region, own).contains(&looked.id));
            if told || one.people == 0 || planted!("few_read_by_question") {
                one
            } else {
                one.hidden()
            }
        };
        Some(counted.into_iter().map(told).collect())
    } else {
        None
    };
    Ok(Shown {
        act: called(c, held.region, of.regulation_id)?,
        asked: under(&held, looked.id, &asked),
        answered: if looked.id == held.region {
            answered.values().sum()
        } else {
            under(&held, looked.id, &answered)
        },
        lines,
        counted,
        unit: (unit.is_some() || own.len() == 1).then_some(looked),
        of,
    })
}

async fn find(call: &Call) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let id = call.id("survey")?;
    let unit = call.query.get("unit").filter(|u| !u.is_empty()).map(str::to_owned);
    let read = move |c: &mut AnyConn| load(c, &visitor, (id, unit.as_deref()), today);
    call.app().db.read(read).await
}

/// GET /surveys/{survey}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &["unit"])?;
        let shown = find(&call).await?;
        let done = match call.query.get("done") {
            Some("opened") => Some("Опрос открыт"),
            Some("moved") => Some("Последний день изменён"),
            _ => None,
        };
        page(&call, &at, &shown, &[], done)
    })
}

/// What the answers to a question say.
fn answers(of: &Counted) -> Block {
    if of.is_hidden {
        return Block {
            title: of.question.text.clone(),
            text: Some("На этот вопрос ответили меньше пяти человек, или по разности можно было бы узнать ответы немногих: не показываем.".into()),
            ..Block::default()
        };
    }
    let mut text = format!(
        "{}, {}.",
        capital(of.question.kind.label()),
        count(of.people, "человек ответил", "человека ответили", "человек ответили")
    );
    if let Some(mean) = of.mean_milli() {
        let most = of.question.options.len();
        // One decimal says as much as a few hundred answers can.
        let tenth = (mean * 2 + 100).div_euclid(200) * 100;
        text.push_str(&format!(" В среднем {} из {most}.", plain(tenth).replace('.', ",")));
    }
    let register = match of.question.kind {
        QuestionKind::Words => {
            let rows = of.words.iter().map(|words| vec![Cell::text(words.clone())]).collect();
            Register::new(of.question.text.clone(), &[Column::words("Ответ")], rows)
        }
        _ => {
            let columns = [Column::words("Ответ"), Column::figures("Человек"), Column::figures("%")];
            let row = |(option, many): (&String, &i64)| {
                vec![
                    Cell::text(option.clone()),
                    Cell::text(number(*many)),
                    Cell::text(percent(*many, of.people)),
                ]
            };
            let rows = of.question.options.iter().zip(&of.chosen).map(row).collect();
            Register::new(of.question.text.clone(), &columns, rows)
        }
    };
    Block {
        title: of.question.text.clone(),
        text: Some(text),
        register: Some(register),
        ..Block::default()
    }
}

fn table(shown: &Shown, at: &str) -> Option<Register> {
    if shown.lines.is_empty() {
        return None;
    }
    let columns = [
        Column::words("Где работают"),
        Column::figures("Спросили"),
        Column::figures("Ответили"),
        Column::figures("%"),
        Column::words("Итог"),
    ];
    let counts: Vec<Vec<i64>> = shown.lines.iter().map(|l| vec![l.asked, l.answered]).collect();
    let (mut told, mut sum) = small_cells::rows(&counts, &[shown.asked, shown.answered]);
    // Where the answers may be read, how many there are stands beside them.
    for (line, told) in shown.lines.iter().zip(&mut told).filter(|(line, _)| line.readable) {
        *told = vec![Told::Number(line.asked), Told::Number(line.answered)];
    }
    if shown.counted.is_some() {
        sum = vec![Told::Number(shown.asked), Told::Number(shown.answered)];
    }
    let over = shown.counted.is_some() || shown.lines.iter().any(|l| l.readable);
    let cells = |name: Cell, told: &[Told], counts: (i64, i64), result: Cell| {
        let all = told.iter().all(|t| t.is_number());
        let share = if all {
            percent(counts.1, counts.0)
        } else {
            String::new()
        };
        let mut row = vec![name];
        row.extend(told.iter().map(|t| Cell::text(t.shown())));
        row.extend([Cell::text(share), result]);
        row
    };
    let result = |line: &Line| match (line.readable, over) {
        (true, _) => Cell::link("Итог", address(at, [("unit", line.unit.code.as_str())])),
        (false, true) if line.answered == 0 => Cell::text("никто не ответил"),
        (false, true) => Cell::text("не показываем: мало ответов"),
        (false, false) => Cell::text(String::new()),
    };
    let mut rows: Vec<Vec<Cell>> = shown
        .lines
        .iter()
        .zip(&told)
        .map(|(line, told)| {
            let name = Cell::link(line.unit.name.clone(), address(at, [("unit", line.unit.code.as_str())]));
            cells(name, told, (line.asked, line.answered), result(line))
        })
        .collect();
    let name = Cell::text("Всего");
    rows.push(cells(
        name,
        &sum,
        (shown.asked, shown.answered),
        Cell::text(String::new()),
    ));
    Some(Register::new("Сколько человек ответили", &columns, rows))
}

fn page(call: &Call, at: &List, shown: &Shown, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    let (of, today) = (&shown.of, call.app().clock.today());
    let path = format!("/surveys/{}", of.id);
    let mut crumbs = vec![Link::new("Опросы", "/surveys")];
    if call.query.get("unit").is_some_and(|u| !u.is_empty()) {
        crumbs.push(Link::new(of.title.clone(), path.clone()));
    }
    let told = match shown.counted {
        Some(_) => vec![Told::Number(shown.asked), Told::Number(shown.answered)],
        None => small_cells::row(&[shown.asked, shown.answered]),
    };
    let said: Vec<String> = told.iter().map(|t| t.shown()).collect();
    let mut facts = vec![
        fact("Когда", words::window(of, today)),
        fact("Кого спрашивают", words::asked(of)),
        fact("Ответили", said.iter().rev().cloned().collect::<Vec<_>>().join(" из ")),
        fact("Зачем", of.guide.clone()),
        fact("Ответы", words::PROMISE),
    ];
    if told.iter().all(|t| t.is_number()) {
        let minutes = i64::from(of.minutes).saturating_mul(shown.answered);
        facts.push(fact("На ответы ушло", words::minutes(minutes)));
    }
    if !shown.act.is_empty() {
        facts.push(fact("Утверждён", shown.act.clone()));
    }
    let mut blocks: Vec<Block> = Vec::new();
    match &shown.counted {
        Some(counted) => blocks.extend(counted.iter().map(answers)),
        None => {
            let text = if of.is_over(today) {
                "Ответили меньше пяти человек, или по разности с другими можно было бы узнать ответы немногих. Поэтому итог здесь не показываем."
                    .to_owned()
            } else {
                format!(
                    "Итог откроется {}: пока опрос идёт, по изменению чисел можно было бы узнать, кто что ответил.",
                    date(of.closes_on + chrono::Days::new(1))
                )
            };
            blocks.push(Block {
                title: "Что ответили".into(),
                text: Some(text),
                ..Block::default()
            });
        }
    }
    if call.visitor()?.may(Capability::Campaigns) && !of.is_over(today) && !at.is_whole() {
        blocks.push(ending(call, of, wrong));
    }
    let register = table(shown, &path);
    let sheet = Sheet {
        crumbs,
        heading: of.title.clone(),
        lead: shown.unit.as_ref().map_or_else(String::new, |unit| unit.name.clone()),
        done,
        problems: problems(wrong),
        facts,
        empty: (register.is_none() && shown.asked == 0).then(|| {
            Empty::new(
                "Спрашивать некого",
                "Здесь не работает никто из тех, кого спрашивает опрос.",
            )
        }),
        register,
        blocks,
        token: call.token(),
        ..Sheet::default()
    };
    if wrong.is_empty() {
        return Ok(file::page(call, at, sheet)?.title(of.title.clone()));
    }
    Ok(Answer::page("desk/register", &sheet)?
        .status(422)
        .title(format!("Ошибка: {}", of.title)))
}

/// Changing the last day.
fn ending(call: &Call, of: &Survey, wrong: &[Wrong]) -> Block {
    let sent = Sent(&call.form);
    let values = |name: &str| {
        if wrong.is_empty() {
            date(of.closes_on)
        } else {
            sent.text(name)
        }
    };
    let fill = Fill { values: &values, wrong };
    Block {
        title: "Последний день".into(),
        text: Some("Чтобы закончить раньше, поставьте сегодняшний день: завтра откроются итоги. Завершённый опрос не продлевают.".into()),
        forms: vec![Form {
            action: format!("/surveys/{}", of.id),
            act: "move",
            seen: of.version.to_string(),
            folded: "Изменить последний день".into(),
            open: !wrong.is_empty(),
            parts: vec![fill.line("closes", "Последний день", Some("например 30.06.2026"))],
            button: "Записать".into(),
            ..Form::default()
        }],
        ..Block::default()
    }
}

/// POST /surveys/{survey}: its last day is changed.
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let form = call.form.only(&["act", "seen", "closes"])?;
        if form.get("act") != Some("move") {
            return Err(missing());
        }
        let shown = find(&call).await?;
        let at = List::plain(&call.path);
        let sent = Sent(&call.form);
        let mut wrong: Vec<Wrong> = Vec::new();
        let Some(closes) = sent.day("closes", &mut wrong) else {
            return page(&call, &at, &shown, &wrong, None);
        };
        let (by, of) = (by(&call)?, (shown.of.id, sent.seen()));
        let write = move |tx: &mut Tx<'_>| opening::move_end(tx, &by, of, closes).map(|()| String::new());
        match once_by_version(&call, write).await {
            Ok(_) => Ok(Answer::redirect(format!("/surveys/{}?done=moved", shown.of.id))),
            Err(Error::Refused(why)) => page(&call, &at, &shown, &[("closes", capital(&format!("{why}.")))], None),
            Err(e) => Err(e),
        }
    })
}

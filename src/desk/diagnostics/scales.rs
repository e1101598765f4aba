//! Scales of levels: the common one and those of the region.

use crate::competence::scale::Band;
use crate::competence::{ScaleDirection, ScaleId};
use crate::db::Tx;
use crate::desk::diagnostics::edit::sentence;
use crate::desk::diagnostics::tools::region;
use crate::desk::once::once;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, problems};
use crate::desk::registers::reach::{by, missing};
use crate::diagnostics::region_scale::{self, Known};
use crate::error::Error;
use crate::indicators::scale::Bounds;
use crate::pages::parts::{Cell, Column, Link, Register};
use crate::pages::text::{capital, count};
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

const HEADING: &str = "Шкалы уровней";
const LEAD: &str = "Шкала говорит, при каком проценте какой уровень. Общая есть сразу; для своей диагностики можно завести \
                    другую. Шкалу не меняют: по ней уже прочитаны результаты. Нужна другая – заведите новую.";
const HOW: &str = "Каждая строка – один уровень: название; границы в процентах; «дефицит» или «нет». Квадратная скобка – \
                   граница входит, круглая – не входит. Например: «высокий; [0 – 60); дефицит».";
const EXAMPLE: &str = "высокий; [0 – 60); дефицит\nсредний; [60 – 80]; дефицит\nминимальный; (80 – 100); нет\nдефицитов нет; \
                       [100 – 100]; нет";

/// The address of a scale.
fn address_of(code: &str) -> String {
    address("/diagnostics/scale", [("code", code)])
}

async fn known(call: &Call) -> Result<Vec<Known>, Error> {
    let region = region(call).await?;
    let read = move |c: &mut _| region_scale::all(c, region).map_err(Error::from);
    call.app().db.read(read).await
}

/// The per cents of a level in words.
fn bounds(of: &Band) -> String {
    if of.lower_milli == of.upper_milli {
        return of.lower_milli.to_string().replace('.', ",");
    }
    let bounds = Bounds {
        from: Some(of.lower_milli.0.into()),
        to: Some(of.upper_milli.0.into()),
        from_in: of.lower_incl,
        to_in: of.upper_incl,
    };
    bounds.to_string()
}

/// The levels of a scale as a table.
pub(super) fn levels(of: &Known) -> Register {
    let columns = [
        Column::words("Уровень"),
        Column::words("Границы, %"),
        Column::words("Это дефицит"),
    ];
    let row = |band: &Band| {
        vec![
            Cell::text(capital(&band.label)),
            Cell::text(bounds(band)),
            Cell::text(if band.is_deficit { "да" } else { "нет" }),
        ]
    };
    Register::new(&of.name, &columns, of.bands.iter().map(row).collect())
}

/// GET /diagnostics/scales
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["done"])?;
        let known = known(&call).await?;
        page(&call, &known, &[])
    })
}

fn page(call: &Call, known: &[Known], wrong: &[Wrong]) -> Result<Answer, Error> {
    let sent = Sent(&call.form);
    let typed = |name: &str| match name {
        // Lines stay lines.
        "levels" => call.form.get("levels").unwrap_or(EXAMPLE).to_owned(),
        _ => sent.text(name),
    };
    let fill = Fill { values: &typed, wrong };
    let of_scale = |of: &Known| Block {
        title: capital(&of.name),
        text: Some(if of.own {
            let chosen = match of.procedures {
                0 => "Её пока не выбрали ни для одной диагностики.".to_owned(),
                n => format!("Её выбрали: {}.", count(n, "диагностика", "диагностики", "диагностик")),
            };
            format!("Уровень называет {}. {chosen}", of.direction.label())
        } else {
            "Ею читаются результаты, если у диагностики нет своей шкалы.".into()
        }),
        register: Some(levels(of)),
        forms: (of.own && of.procedures == 0 && !of.read)
            .then(|| Form {
                action: address_of(&of.code),
                folded: "Убрать шкалу".into(),
                button: "Убрать".into(),
                ..Form::default()
            })
            .into_iter()
            .collect(),
        ..Block::default()
    };
    let directions = ScaleDirection::ALL
        .iter()
        .map(|of| (of.code().to_owned(), of.label().to_owned()));
    let mut blocks: Vec<Block> = known.iter().map(of_scale).collect();
    blocks.push(Block {
        title: "Завести шкалу".into(),
        forms: vec![Form {
            action: "/diagnostics/scales".into(),
            key: token::random_name()?,
            parts: vec![
                fill.line("name", "Название", Some("Под ним её выберут в диагностике")),
                fill.choice("direction", "Что называет уровень", None, directions),
                fill.long("levels", "Уровни", Some(HOW)),
            ],
            button: "Завести".into(),
            ..Form::default()
        }],
        ..Block::default()
    });
    let sheet = Sheet {
        crumbs: vec![Link::new("Диагностики", "/diagnostics")],
        heading: HEADING.into(),
        lead: LEAD.into(),
        done: match call.query.get("done") {
            Some("added") if wrong.is_empty() => Some("Шкала заведена"),
            Some("withdrawn") if wrong.is_empty() => Some("Шкала убрана"),
            _ => None,
        },
        problems: problems(wrong),
        blocks,
        token: call.token(),
        ..Sheet::default()
    };
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer.title(HEADING)
    } else {
        answer.status(422).title(format!("Ошибка: {HEADING}"))
    })
}

/// The levels that a form says, or what is wrong with its lines.
fn read(typed: &str) -> Result<Vec<Band>, Vec<Wrong>> {
    let (mut bands, mut wrong) = (Vec::new(), Vec::new());
    for (line, text) in (1..).zip(typed.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        match region_scale::level(text) {
            Ok(band) => bands.push(band),
            Err(flaw) => wrong.push(("levels", format!("Строка {line}: {}.", flaw.advice()))),
        }
    }
    if wrong.is_empty() { Ok(bands) } else { Err(wrong) }
}

/// POST /diagnostics/scales
pub fn add(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let form = call.form.only(&["key", "name", "direction", "levels"])?;
        let sent = Sent(form);
        let name = sent.text("name");
        let typed = form.get("levels").unwrap_or_default().to_owned();
        let known = known(&call).await?;
        let Some(direction) = ScaleDirection::from_code(&sent.text("direction")) else {
            return page(
                &call,
                &known,
                &[("direction", "Выберите, что называет уровень.".into())],
            );
        };
        let bands = match read(&typed) {
            Ok(bands) => bands,
            Err(wrong) => return page(&call, &known, &wrong),
        };
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| {
            region_scale::add(tx, &by, (&name, direction), bands).map(|_| "/diagnostics/scales?done=added".to_owned())
        };
        match once(&call, write).await {
            Ok(to) => Ok(Answer::redirect(to)),
            Err(Error::Refused(why)) => {
                let field = if why.code.starts_with("scale.name") {
                    "name"
                } else {
                    "levels"
                };
                page(&call, &known, &[(field, sentence(&why))])
            }
            Err(e) => Err(e),
        }
    })
}

/// POST /diagnostics/scale?code=
pub fn withdraw(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["code"])?;
        call.form.only(&[])?;
        let code = call.query.get("code").unwrap_or_default().to_owned();
        let known = known(&call).await?;
        let id: ScaleId = known
            .iter()
            .find(|of| of.own && of.code == code)
            .map(|of| of.id)
            .ok_or_else(missing)?;
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| region_scale::withdraw(tx, &by, id);
        match call.app().db.write(write).await {
            Ok(()) => Ok(Answer::redirect("/diagnostics/scales?done=withdrawn".to_owned())),
            Err(Error::Refused(why)) => page(&call, &known, &[("name", sentence(&why))]),
            Err(e) => Err(e),
        }
    })
}

//! Shared edges of the scales of a pack: which wait for somebody to say how many points they give, and the form that records
//! it; the page of an indicator shows the same form beside the values that wait.

use crate::access;
use crate::db::milli::Milli;
use crate::db::{AnyConn, Tx};
use crate::desk::indicators::edge::{address_of, at, form, why};
use crate::desk::once::once;
use crate::desk::packs::one::found;
use crate::desk::registers::page::{Block, Fill, Sent, Sheet, Wrong, problems};
use crate::desk::registers::reach::missing;
use crate::error::Error;
use crate::indicators::edges::{self, By, Choice, Edge, Recorded};
use crate::indicators::{Indicator, Pack, pack, scale};
use crate::pages::parts::{Cell, Chip, Column, Empty, Link, Register, Tone};
use crate::pages::text::{NOTHING, capital, date};
use crate::web::registry::Answering;
use crate::web::{Answer, Call, address};

/// The edge that an address names.
const NAMED: [&str; 2] = ["indicator", "edge"];
/// The page of the indicator to go back to.
const BACK: [&str; 2] = ["period", "unit"];

/// A pack as it stands, with what was decided about its edges.
struct Read {
    pack: Pack,
    recorded: Vec<Recorded>,
    names: std::collections::HashMap<i64, String>,
}

impl Read {
    fn recorded(&self, indicator: &Indicator, edge: &Edge) -> Option<&Recorded> {
        let of = |row: &&Recorded| row.indicator == indicator.code && row.edge_milli == edge.at;
        self.recorded.iter().find(of)
    }
}

async fn read(call: &Call) -> Result<Read, Error> {
    let (code, versions) = found(call).await?;
    let text = match versions.iter().find(|row| row.retired_at.is_none()) {
        Some(row) => row.source.clone(),
        None => pack::embedded_text(&code)?.to_owned(),
    };
    let pack = Pack::parse(&text).map_err(|_| missing())?;
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let recorded = edges::recorded(c, &code)?;
        let accounts: Vec<i64> = recorded.iter().filter_map(|row| row.account_id).collect();
        Ok((recorded, access::store::names(c, &accounts)?))
    };
    let (recorded, names) = call.app().db.read(read).await?;
    Ok(Read { pack, recorded, names })
}

/// The edge that the address names; nothing where it names none.
///
/// # Errors
/// One that the pack does not have.
fn named<'a>(call: &Call, pack: &'a Pack) -> Result<Option<(&'a Indicator, Edge)>, Error> {
    let get = |name: &str| call.query.get(name).filter(|v| !v.is_empty());
    let (Some(code), Some(text)) = (get("indicator"), get("edge")) else {
        return Ok(None);
    };
    let indicator = pack.indicator(code).ok_or_else(missing)?;
    let at = Milli::parse(text).ok_or_else(missing)?;
    let edge = edges::edge(indicator, i64::from(at.0)).ok_or_else(missing)?;
    Ok(Some((indicator, edge)))
}

fn back_of(call: &Call) -> Option<(&str, &str)> {
    let [period, unit] = BACK.map(|name| call.query.get(name).filter(|v| !v.is_empty()));
    period.zip(unit)
}

/// The edges of the pack as a table, each leading to its form.
fn register(call: &Call, read: &Read) -> Option<Register> {
    let columns = [
        Column::words("Показатель"),
        Column::figures("Граница"),
        Column::words("Баллы"),
        Column::words("Причина"),
        Column::words("Кто и когда"),
    ];
    let mut rows = Vec::new();
    for indicator in &read.pack.indicators {
        for edge in edges::shared(indicator) {
            let name = format!("{} {}", indicator.code, indicator.title);
            let mut row = vec![
                Cell::link(name, address_of(&read.pack.code, indicator, &edge, None)),
                Cell::text(at(indicator, &edge)),
            ];
            match read.recorded(indicator, &edge) {
                Some(of) => {
                    let known = |id: i64| read.names.get(&id).cloned().unwrap_or_default();
                    let who = of.account_id.map_or_else(|| "команда на сервере".to_owned(), known);
                    row.push(Cell::text(scale::comma(of.points_milli)));
                    row.push(Cell::text(of.reason.clone()));
                    row.push(Cell::text(format!(
                        "{who}, {}",
                        date((of.recorded_at + call.zone()).date())
                    )));
                }
                None => {
                    row.push(Cell::chip(Chip::new(Tone::Wait, "ждёт решения")));
                    row.extend([Cell::text(NOTHING), Cell::text(NOTHING)]);
                }
            }
            rows.push(row);
        }
    }
    (!rows.is_empty()).then(|| Register::new("Общие границы шкал", &columns, rows))
}

/// The page, with the form of the edge that the address names.
async fn page(call: &Call, wrong: &[Wrong]) -> Result<Answer, Error> {
    let read = read(call).await?;
    let mut blocks = Vec::new();
    if let Some((indicator, edge)) = named(call, &read.pack)? {
        let stands = read.recorded(indicator, &edge);
        let sent = Sent(&call.form);
        let values = |name: &str| sent.text(name);
        let fill = Fill { values: &values, wrong };
        let action = address_of(&read.pack.code, indicator, &edge, back_of(call));
        let text = match stands {
            Some(of) => format!(
                "Записано, что {} даёт баллы: {}. Новый выбор заменит этот, прежний останется в записи.",
                at(indicator, &edge),
                scale::comma(of.points_milli)
            ),
            None => why(indicator, &edge),
        };
        blocks.push(Block {
            title: format!("{} {}", indicator.code, indicator.title),
            text: Some(text),
            forms: vec![form(action, indicator, &edge, stands.map_or(0, |of| of.id), &fill)?],
            ..Block::default()
        });
    }
    let register = register(call, &read);
    let heading = format!("Общие границы шкал: {}", read.pack.title);
    let sheet = Sheet {
        crumbs: vec![
            Link::new("Методики", "/packs"),
            Link::new(read.pack.title.clone(), format!("/packs/{}", read.pack.code)),
        ],
        heading: heading.clone(),
        lead:
            "Значение на общей границе двух полос не получает баллов, пока оператор не запишет, какая полоса действует."
                .into(),
        done: (call.query.get("done") == Some("edge")).then_some("Выбор записан"),
        problems: problems(wrong),
        empty: register.is_none().then(|| {
            Empty::new(
                "Общих границ нет",
                "Каждое значение стоит не больше чем в одной полосе: решать нечего.",
            )
        }),
        register,
        blocks,
        token: call.token(),
        ..Sheet::default()
    };
    let title = if wrong.is_empty() {
        heading
    } else {
        format!("Ошибка: {heading}")
    };
    Ok(Answer::page("desk/register", &sheet)?.title(title))
}

/// GET /packs/{pack}/edges
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[&NAMED[..], &BACK, &["done"]].concat())?;
        page(&call, &[]).await
    })
}

/// POST /packs/{pack}/edges: records how many points an edge gives.
pub fn decide(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[&NAMED[..], &BACK].concat())?;
        let form = call.form.only(&["points", "reason", "seen", "key"])?;
        let read = read(&call).await?;
        let (indicator, edge) = named(&call, &read.pack)?.ok_or_else(missing)?;
        let mut wrong = Vec::new();
        let points = form.get("points").and_then(Milli::parse).map(|m| i64::from(m.0));
        if points.is_none() {
            wrong.push(("points", "Выберите, сколько баллов даёт граница.".to_owned()));
        }
        Sent(&call.form).fits("reason", &mut wrong);
        let (Some(points_milli), true) = (points, wrong.is_empty()) else {
            return Ok(page(&call, &wrong).await?.status(422));
        };
        let choice = Choice {
            pack: read.pack.code.clone(),
            indicator: indicator.code.clone(),
            edge_milli: edge.at,
            points_milli,
            reason: form.get("reason").unwrap_or_default().to_owned(),
            seen: Some(form.get("seen").and_then(|n| n.parse().ok()).unwrap_or_default()),
        };
        let visitor = call.visitor()?;
        let by = By {
            account: Some(visitor.account),
            on_behalf_of: visitor.on_behalf_of(),
            region: visitor.region,
        };
        let done = ("done", "edge");
        let to = match back_of(&call) {
            Some((period, unit)) => address::address(
                &format!("/indicators/{}/{}", read.pack.code, indicator.code),
                [("period", period), ("unit", unit), done],
            ),
            None => address::address(&format!("/packs/{}/edges", read.pack.code), [done]),
        };
        let key = call.app().keys.audit.clone();
        let write = move |tx: &mut Tx<'_>| -> Result<String, Error> {
            edges::record(tx, &key, &by, choice)?;
            Ok(to)
        };
        match once(&call, write).await {
            Ok(to) => Ok(Answer::redirect(to)),
            Err(Error::Refused(why)) => {
                let field = if why.code == "indicators.edge_reason" {
                    "reason"
                } else {
                    "points"
                };
                let wrong = [(field, capital(&format!("{why}.")))];
                Ok(page(&call, &wrong).await?.status(422))
            }
            Err(Error::Changed(what)) => {
                let text = format!("{what} Ваш выбор не записан: сравните его с этим и решите заново.");
                Ok(page(&call, &[("points", text)]).await?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

//! A shared edge of a scale on the pages of an indicator: why it waits, what was decided, the form that decides.

use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::words;
use crate::desk::registers::page::{Block, Fill, Form};
use crate::error::Error;
use crate::indicators::edges::{self, Edge, Recorded};
use crate::indicators::evaluate::Reason;
use crate::indicators::scale::Flaw;
use crate::indicators::scoring::Scored;
use crate::indicators::{Formula, Indicator, scale};
use crate::pages::parts::Link;
use crate::pages::text::{NBSP, date};
use crate::web::registry::Capability;
use crate::web::{Call, address, token};

/// An edge as its indicator writes values.
pub(crate) fn at(indicator: &Indicator, edge: &Edge) -> String {
    match &indicator.formula {
        Some(Formula::Compare { .. }) => format!("{}{NBSP}п.{NBSP}п.", scale::comma(edge.at)),
        _ => words::value(indicator, edge.at),
    }
}

/// What each side of an edge gives: the points, and in words why.
fn sides(indicator: &Indicator, edge: &Edge) -> Vec<(String, String)> {
    let side = |points: &i64| {
        let why = match &indicator.formula {
            Some(Formula::Compare { .. }) if *points == 0 => "разность уже велика".to_owned(),
            Some(Formula::Compare { .. }) => "разность ещё допустима".to_owned(),
            _ => {
                let bands = indicator.scale.iter();
                let bands = bands.filter(|b| b.points == *points && b.bounds.hold(edge.at));
                let bands: Vec<String> = bands.map(|b| format!("«{}»", b.bounds)).collect();
                format!("полоса {}", bands.join(", "))
            }
        };
        (scale::plain(*points), format!("{} — {why}", scale::comma(*points)))
    };
    edge.offered.iter().map(side).collect()
}

/// Why an edge waits, in sentences.
pub(crate) fn why(indicator: &Indicator, edge: &Edge) -> String {
    let what = match &indicator.formula {
        Some(Formula::Compare { with, .. }) => {
            let other = with
                .others()
                .first()
                .map_or_else(String::new, |code| format!(" с показателем {code}"));
            format!(
                "Разность{other} ровно {} попадает сразу под два правила",
                at(indicator, edge)
            )
        }
        _ => format!("Значение {} стоит сразу в двух полосах шкалы", at(indicator, edge)),
    };
    let sides: Vec<String> = sides(indicator, edge).into_iter().map(|(_, words)| words).collect();
    format!(
        "{what}. Баллы: {}. Пока выбор не записан, баллов нет.",
        sides.join("; ")
    )
}

/// The address of the edges of a pack, with the edge and the page to go back to.
pub(crate) fn address_of(pack: &str, indicator: &Indicator, edge: &Edge, back: Option<(&str, &str)>) -> String {
    let at = scale::plain(edge.at);
    let named = [("indicator", indicator.code.as_str()), ("edge", at.as_str())];
    let back = back
        .into_iter()
        .flat_map(|(period, unit)| [("period", period), ("unit", unit)]);
    address::address(&format!("/packs/{pack}/edges"), named.into_iter().chain(back))
}

/// The form that records a choice.
pub(crate) fn form(
    action: String,
    indicator: &Indicator,
    edge: &Edge,
    seen: i64,
    fill: &Fill<'_>,
) -> Result<Form, Error> {
    let label = format!("Сколько баллов даёт {}", at(indicator, edge));
    Ok(Form {
        action,
        seen: seen.to_string(),
        key: token::random_name()?,
        parts: vec![
            fill.choice("points", &label, Some("выберите"), sides(indicator, edge)),
            fill.line("reason", "Почему так: причина останется в записи", None),
        ],
        button: "Записать выбор".into(),
        ..Form::default()
    })
}

/// The edge that values of a page of an indicator wait for, the lowest first.
fn waiting(found: &Found, indicator: &Indicator) -> Option<Edge> {
    let waits = |points: &Scored<i64>| *points == Scored::Not(Reason::EdgeUndecided);
    let values = found.own.iter().chain(&found.below).filter(|seen| waits(&seen.points));
    let lowest = match &indicator.formula {
        Some(Formula::Compare { tolerance, .. }) => values.map(|_| *tolerance).min(),
        _ => values.filter_map(|seen| seen.value_milli).min(),
    };
    lowest.and_then(|at| edges::edge(indicator, at))
}

/// What the page of an indicator says of an edge that waits, with the form for whoever may edit packs.
pub(crate) fn block(call: &Call, found: &Found, indicator: &Indicator) -> Result<Option<Block>, Error> {
    let title = "Граница шкалы не решена".to_owned();
    let may = call.visitor()?.may(Capability::Packs);
    let Some(edge) = waiting(found, indicator) else {
        let sums = matches!(indicator.formula, Some(Formula::SumPoints { .. }));
        let waits = found
            .own
            .iter()
            .chain(&found.below)
            .any(|seen| seen.reason == Some(Reason::EdgeUndecided));
        let text = "Ждёт решения граница одного из показателей, чьи баллы здесь складываются: откройте его со страницы \
                    «Показатели единицы».";
        return Ok((sums && waits).then(|| Block {
            title,
            text: Some(text.to_owned()),
            ..Block::default()
        }));
    };
    let mut text = why(indicator, &edge);
    let mut forms = Vec::new();
    if may {
        let back = (found.period.code.as_str(), found.unit.code.as_str());
        let action = address_of(&found.pack.code, indicator, &edge, Some(back));
        let empty = |_: &str| String::new();
        let fill = Fill {
            values: &empty,
            wrong: &[],
        };
        forms.push(form(action, indicator, &edge, 0, &fill)?);
    } else {
        text.push_str(" Выбор записывает региональный оператор.");
    }
    Ok(Some(Block {
        title,
        text: Some(text),
        forms,
        ..Block::default()
    }))
}

/// A sentence of the passport, with the page where something can be done about it.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Said {
    text: String,
    link: Option<Link>,
}

/// What the passport says of gaps, overlaps and shared edges of an indicator, with what was decided of the edges.
pub(crate) fn flaws(call: &Call, pack: &str, of: &Indicator, recorded: &[Recorded]) -> Result<Vec<Said>, Error> {
    let may = call.visitor()?.may(Capability::Packs);
    let by_zones = !of.zones.is_empty();
    let ranges: Vec<scale::Bounds> = if by_zones {
        of.zones.iter().map(|z| z.bounds).collect()
    } else {
        of.scale.iter().map(|b| b.bounds).collect()
    };
    let flaws = scale::flaws(&ranges);
    // A shared edge of points is told with what was decided of it.
    let flaws = flaws.iter().filter(|f| by_zones || !matches!(f, Flaw::SharedEdge(_)));
    let mut said: Vec<Said> = flaws
        .map(|f| Said {
            text: words::flaw(f, by_zones),
            link: None,
        })
        .collect();
    for edge in edges::shared(of) {
        let decided = recorded
            .iter()
            .find(|row| row.indicator == of.code && row.edge_milli == edge.at);
        let text = match decided {
            Some(row) => format!(
                "Общая граница: {} даёт баллы: {}. Так решено {}: {}.",
                at(of, &edge),
                scale::comma(row.points_milli),
                date((row.recorded_at + call.zone()).date()),
                row.reason.trim_end_matches('.')
            ),
            None => format!("Общая граница. {}", why(of, &edge)),
        };
        let act = if decided.is_some() {
            "Записать другой выбор"
        } else {
            "Записать выбор"
        };
        said.push(Said {
            text,
            link: may.then(|| Link::new(act, address_of(pack, of, &edge, None))),
        });
    }
    Ok(said)
}

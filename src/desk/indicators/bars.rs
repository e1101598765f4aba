//! A bar chart of an indicator: sorted, with the target line; its twin is the table below it.

use serde::Serialize;

use crate::desk::indicators::figures::{shown, target};
use crate::desk::indicators::figures_rows::Place;
use crate::desk::indicators::told::Seen;
use crate::desk::indicators::words;
use crate::indicators::evaluate::Reason;
use crate::indicators::formula::Amount;
use crate::indicators::pack::Direction;
use crate::indicators::{Formula, Indicator, classes};
use crate::pages::parts::Tone;
use crate::pages::text::count;
use crate::planted;

/// The chart and what it says in a sentence.
#[derive(Serialize)]
pub(crate) struct Bars {
    title: String,
    conclusion: String,
    height: i64,
    bars: Vec<Bar>,
    target: Option<Line>,
}

/// A unit; one without a value has no bar.
#[derive(Serialize)]
struct Bar {
    name: String,
    shown: String,
    y: i64,
    text_y: i64,
    width: Option<i64>,
    text_x: i64,
    tone: Tone,
}

/// The target.
#[derive(Serialize)]
struct Line {
    x: i64,
    bottom: i64,
    text_y: i64,
    text: String,
}

/// Units on a chart; more of them are read in the table.
const MOST: usize = 80;

/// The chart of a share over units, from the highest; counts have none.
pub(crate) fn bars(place: &Place, indicator: &Indicator, rows: &[&Seen]) -> Option<Bars> {
    let is_share = indicator.is_percent();
    if !is_share || rows.is_empty() || rows.len() > MOST {
        return None;
    }
    let target_milli = rows.iter().find_map(|v| v.target_milli);
    // The axis ends at 100 %, or at the longest bar where a share is above it.
    let longest = rows.iter().filter_map(|v| v.value_milli).chain(target_milli).max();
    let axis = longest.unwrap_or(0).max(100_000);
    let scaled = |milli: i64| milli.max(0) * 400 / axis;
    let height = i64::try_from(rows.len()).unwrap_or(0) * 28 + 12;
    let has_levels = !classes::levels(indicator).is_empty();
    let falls = indicator.direction == Direction::LowerIsBetter;
    let bar = |(y, value): (i64, &&Seen)| {
        let level = words::level_chip(place, indicator, value).filter(|_| has_levels);
        let tone = match (target_milli, value.value_milli) {
            (_, None) => Tone::Calm,
            (_, Some(_)) if level.is_some() => level.map_or(Tone::Calm, |chip| chip.tone),
            (Some(target), Some(milli)) if falls && milli <= target || !falls && milli >= target => Tone::Done,
            (Some(target), Some(milli)) if falls && milli <= target * 2 || !falls && milli * 2 >= target => Tone::Wait,
            (Some(_), Some(_)) => Tone::Late,
            (None, Some(_)) => Tone::Done,
        };
        Bar {
            name: value.unit_name.clone(),
            shown: if value.hidden {
                words::untold(value)
            } else {
                shown(indicator, value)
            },
            y,
            text_y: y + 14,
            // A zero has no bar; the least share above it is still to be seen.
            width: value
                .value_milli
                .filter(|milli| *milli > 0)
                .map(|milli| scaled(milli).max(2)),
            text_x: 640,
            tone,
        }
    };
    Some(Bars {
        title: indicator.title.clone(),
        conclusion: conclusion(indicator, rows, target_milli),
        height: height + if target_milli.is_some() { 24 } else { 0 },
        bars: (8_i64..).step_by(28).zip(rows).map(bar).collect(),
        target: rows.iter().find(|v| v.target_milli.is_some()).map(|of| Line {
            x: 230 + scaled(of.target_milli.unwrap_or(0)),
            bottom: height,
            text_y: height + 18,
            text: format!("цель {}", target(indicator, of)),
        }),
    })
}

/// How many miss the target, how many have no value, who stands worst.
fn conclusion(indicator: &Indicator, rows: &[&Seen], target: Option<i64>) -> String {
    let falls = indicator.direction == Direction::LowerIsBetter;
    let valued: Vec<&&Seen> = rows.iter().filter(|v| v.value_milli.is_some()).collect();
    let mut said = Vec::new();
    if let Some(target) = target {
        let misses = |milli: i64| if falls { milli > target } else { milli < target };
        let missed = valued.iter().filter(|v| v.value_milli.is_some_and(misses)).count();
        let of = count(i64::try_from(valued.len()).unwrap_or(0), "единицы", "единиц", "единиц");
        let words = if falls {
            "Выше цели"
        } else {
            "Ниже цели"
        };
        said.push(format!("{words} {missed} из {of}."));
    }
    said.push(worst(&valued, falls, rows.len()));
    for (words, hidden) in [("Нет значения у", false), ("Скрыто у", true)] {
        let without = rows
            .iter()
            .filter(|v| v.value_milli.is_none() && v.hidden == hidden)
            .count();
        let without = i64::try_from(without).unwrap_or(0);
        if without > 0 {
            said.push(format!("{words} {}.", count(without, "единицы", "единиц", "единиц")));
        }
    }
    let silent = |v: &&Seen| !v.hidden && v.reason == Some(Reason::NotSubmitted);
    if rows.iter().any(silent) && counts_silent(indicator) {
        said.push("Кто ничего не представил, в общей доле считается как «нет».".to_owned());
    }
    said.retain(|sentence| !sentence.is_empty());
    said.join(" ")
}

/// Whether a share of units has below the line also those that have submitted nothing.
fn counts_silent(indicator: &Indicator) -> bool {
    let formula = indicator.formula.as_ref();
    let (upper, lower) = (
        formula.and_then(Formula::numerator),
        formula.and_then(Formula::denominator),
    );
    match (upper, lower) {
        (Some(Amount::Units(upper)), Some(Amount::Units(lower))) => {
            upper.subject == lower.subject && !upper.measures().is_empty() && lower.measures().is_empty()
        }
        _ => false,
    }
}

/// Who is lowest in words, or highest where smaller is better, among those that have a value; rows are sorted from the
/// highest. One that stands alone among so many units is no lowest one.
fn worst(rows: &[&&Seen], falls: bool, of: usize) -> String {
    let last = if falls { rows.first() } else { rows.last() };
    let Some(last) = last else { return String::new() };
    if rows.len() == 1 && of > 1 && !planted!("only_one_is_lowest") {
        return format!("Значение показано у одной единицы: {}.", last.unit_name);
    }
    let words = if falls {
        "Выше всех"
    } else {
        "Ниже всех"
    };
    let alike = rows.iter().filter(|v| v.value_milli == last.value_milli).count();
    if alike == rows.len() && alike > 1 {
        return "У всех поровну.".to_owned();
    }
    match i64::try_from(alike - 1).unwrap_or(0) {
        0 => format!("{words} {}.", last.unit_name),
        others => format!(
            "{words} {} и ещё {}.",
            last.unit_name,
            count(others, "единица", "единицы", "единиц")
        ),
    }
}

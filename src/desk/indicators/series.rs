//! One indicator over up to four periods: a line for each of up to four units, and the same by period as a table.

use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::indicators::board::{Ask, units_of};
use crate::desk::indicators::figures::{HIDES, crumbs, find_one, named, page_of, period_filter, unit_filter};
use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::file;
use crate::desk::indicators::gaps;
use crate::desk::indicators::told::{Board, Seen};
use crate::desk::indicators::words;
use crate::error::Error;
use crate::facts::FactPeriod;
use crate::indicators::Indicator;
use crate::pages::parts::{Choice, Link, Sheet, SheetCell, SheetColumn};
use crate::pages::text::NBSP;
use crate::units::Unit;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, address};

/// Periods at most.
const PERIODS: usize = 4;
/// Lines at most.
const LINES: usize = 4;

#[derive(Serialize)]
struct SeriesPage {
    code: String,
    title: String,
    lead: String,
    crumbs: Vec<Link>,
    action: String,
    form: Vec<Ask>,
    lines: Option<Lines>,
    /// Which years do not stand in the row, and why.
    missing: Vec<String>,
    sheet: Sheet,
    hides: &'static str,
}

/// The chart, and what it says in a sentence.
#[derive(Serialize)]
struct Lines {
    title: String,
    conclusion: String,
    grid: Vec<Mark>,
    periods: Vec<Mark>,
    series: Vec<Line>,
}

/// A word at a place of the chart.
#[derive(Serialize)]
struct Mark {
    x: i64,
    y: i64,
    text: String,
}

/// A unit: pieces of its line without gaps, a dot for each value, its name at the end.
#[derive(Serialize)]
struct Line {
    number: usize,
    pieces: Vec<String>,
    dots: Vec<Mark>,
    end: Mark,
}

/// What was read.
struct Read {
    found: Found,
    indicator: Indicator,
    /// Oldest first.
    periods: Vec<FactPeriod>,
    boards: Vec<Board>,
    units: Vec<Unit>,
}

/// GET /indicators/{pack}/{code}/series
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only_many(&["period", "unit", "as"], &["with"])?;
        let file = file::wanted(&call)?;
        let read = read(&call).await?;
        let sheet = sheet(&read);
        let (found, indicator) = (&read.found, &read.indicator);
        let title = format!("Динамика: {} {}", indicator.code, indicator.title);
        let lead = format!(
            "{} · {}",
            found.unit.name,
            read.periods
                .iter()
                .map(|p| p.code.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        );
        if file {
            let about = format!("{}, {lead}", found.pack.title);
            return file::answer(&call, &title, &about, &sheet);
        }
        let mut own = crumbs(found, indicator);
        let here = page_of(found, indicator, "", &found.unit.code, None);
        own.push(Link::new(format!("{} {}", indicator.code, found.unit.name), here));
        let given = call.query.0.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let page = SeriesPage {
            code: indicator.code.clone(),
            title: indicator.title.clone(),
            lead,
            crumbs: own,
            action: call.path.clone(),
            form: form(&read),
            lines: lines(&read),
            missing: gaps::said(found, indicator, &read.periods, &read.seen(&found.unit)),
            sheet: sheet.file(file::of(&address::address(&call.path, given))),
            hides: if found.looking.names { "" } else { HIDES },
        };
        Ok(Answer::page("desk/indicator_series", &page)?.title(title))
    })
}

async fn read(call: &Call) -> Result<Read, Error> {
    let (found, indicator) = find_one(call, false).await?;
    let mut units: Vec<Unit> = vec![found.unit.clone()];
    for code in call.query.all("with").filter(|v| !v.is_empty()) {
        let unit = found.unit_of(code).ok_or_else(|| Error::NotFound("единица".into()))?;
        if units.iter().all(|u| u.id != unit.id) {
            units.push(unit.clone());
        }
    }
    if units.len() > LINES {
        return Err(Error::NotFound("динамика".into()));
    }
    let until = found.known.iter().filter(|p| p.starts_on <= found.period.starts_on);
    let mut periods: Vec<FactPeriod> = until.take(PERIODS).cloned().collect();
    periods.reverse();
    let read = move |c: &mut AnyConn| -> Result<Read, Error> {
        let kinds: Vec<_> = units.iter().map(|u| (u.kind, u.id)).collect();
        let mut boards = Vec::with_capacity(periods.len());
        for period in &periods {
            boards.push(found.place.board(c, period, Some(&indicator.code), &kinds)?);
        }
        Ok(Read {
            found,
            indicator,
            periods,
            boards,
            units,
        })
    };
    call.app().db.read(read).await
}

impl Read {
    fn seen(&self, unit: &Unit) -> Vec<Option<&Seen>> {
        let one = |board| Board::get(board, &self.indicator.code, unit.id);
        self.boards.iter().map(one).collect()
    }
}

fn form(read: &Read) -> Vec<Ask> {
    let found = &read.found;
    let mut form: Vec<Ask> = vec![period_filter(found).into(), unit_filter(found).into()];
    let mut all: Vec<(String, String)> = vec![(String::new(), "–".to_owned())];
    let near = units_of(found)
        .into_iter()
        .chain(&found.above)
        .chain(read.units.iter().skip(1));
    for unit in near {
        if unit.id != found.unit.id && all.iter().all(|(code, _)| *code != unit.code) {
            all.push((unit.code.clone(), unit.name.clone()));
        }
    }
    form.extend((1..LINES).map(|n| {
        let chosen = read.units.get(n).map_or("", |u| u.code.as_str());
        let choices = all.iter().map(|(code, name)| Choice::new(code, name.clone(), chosen));
        Ask {
            id: format!("f-with-{n}"),
            ..Ask::select("with", &format!("Линия {}", n + 1), choices.collect())
        }
    }));
    form
}

/// The values by period, and how the last one differs from the first.
fn sheet(read: &Read) -> Sheet {
    let mut columns = vec![SheetColumn::words("Единица")];
    columns.extend(read.periods.iter().map(|p| SheetColumn::figures(named(&p.code))));
    columns.push(SheetColumn::figures("Изменение"));
    let row = |unit: &Unit| {
        let seen = read.seen(unit);
        let link = page_of(&read.found, &read.indicator, "", &unit.code, None);
        let mut cells = vec![SheetCell::words(unit.name.clone()).link(Some(link))];
        cells.extend(seen.iter().map(|seen| {
            let of = &read.indicator;
            seen.map_or_else(SheetCell::nothing, |seen| words::value_cell(of, seen))
        }));
        let value = |seen: Option<&Option<&Seen>>| seen.copied().flatten().and_then(|s| s.value_milli);
        cells.push(match (value(seen.first()), value(seen.last()), seen.len()) {
            (Some(first), Some(last), 2..) => words::change_cell(&read.indicator, last - first),
            _ => SheetCell::nothing(),
        });
        cells
    };
    Sheet::new("По периодам", columns, read.units.iter().map(row).collect())
}

const LEFT: i64 = 60;
const RIGHT: i64 = 470;
const TOP: i64 = 16;
const BOTTOM: i64 = 216;

fn lines(read: &Read) -> Option<Lines> {
    let all: Vec<Vec<Option<i64>>> = read
        .units
        .iter()
        .map(|u| read.seen(u).iter().map(|s| s.and_then(|s| s.value_milli)).collect())
        .collect();
    let values: Vec<i64> = all.iter().flatten().flatten().copied().collect();
    let (least, most) = (values.iter().min().copied()?.min(0), values.iter().max().copied()?);
    let most = if read.indicator.is_percent() && most <= 100_000 && least >= 0 {
        // The axis ends at the next tens above the largest value.
        ((most + 9_999) / 10_000 * 10_000).max(10_000)
    } else {
        most.max(least + 1000)
    };
    let y = |milli: i64| BOTTOM - (milli - least) * (BOTTOM - TOP) / (most - least).max(1);
    let last = i64::try_from(read.periods.len().saturating_sub(1)).unwrap_or(0);
    let x = |n: usize| {
        let n = i64::try_from(n).unwrap_or(0);
        if last == 0 {
            (LEFT + RIGHT) / 2
        } else {
            LEFT + n * (RIGHT - LEFT) / last
        }
    };
    let mark = |milli: i64| Mark {
        x: LEFT - 8,
        y: y(milli),
        text: words::value(&read.indicator, milli),
    };
    let mut grid = vec![mark(least), mark(most)];
    if least < 0 {
        grid.push(mark(0));
    }
    let mut series: Vec<Line> = Vec::new();
    for (number, (unit, values)) in read.units.iter().zip(&all).enumerate() {
        let mut pieces = Vec::new();
        let mut piece: Vec<String> = Vec::new();
        let mut dots = Vec::new();
        for (n, value) in values.iter().enumerate() {
            // A line across a year that nobody has counted would claim it.
            if !gaps::follows(&read.periods, n) {
                pieces.push(std::mem::take(&mut piece).join(" "));
            }
            match value {
                Some(milli) => {
                    piece.push(format!("{},{}", x(n), y(*milli)));
                    dots.push(Mark {
                        x: x(n),
                        y: y(*milli),
                        text: words::value(&read.indicator, *milli),
                    });
                }
                None => pieces.push(std::mem::take(&mut piece).join(" ")),
            }
        }
        pieces.push(piece.join(" "));
        pieces.retain(|p| p.contains(' '));
        let Some(end) = dots.last() else { continue };
        // A line that ends before the last period is named; what it was then is told by its dot and by the table.
        let text = if values.last().is_some_and(Option::is_some) {
            format!("{} {}", short(&unit.name), end.text)
        } else {
            short(&unit.name)
        };
        let end = Mark {
            x: end.x + 12,
            y: end.y + 5,
            text,
        };
        series.push(Line {
            number: number + 1,
            pieces,
            dots,
            end,
        });
    }
    part_labels(&mut series);
    let periods = read.periods.iter().enumerate().map(|(n, p)| Mark {
        x: x(n),
        y: BOTTOM + 24,
        text: p.code.clone(),
    });
    Some(Lines {
        title: format!("{} {}", read.indicator.code, read.indicator.title),
        conclusion: conclusion(read, &all),
        grid,
        periods: periods.collect(),
        series,
    })
}

/// Words at the ends of lines stand below each other, not upon each other.
fn part_labels(series: &mut [Line]) {
    let mut order: Vec<&mut Mark> = series.iter_mut().map(|line| &mut line.end).collect();
    order.sort_by_key(|end| end.y);
    let mut free = i64::MIN;
    for end in order {
        end.y = end.y.max(free);
        free = end.y + 18;
    }
}

/// A name that fits beside a line.
fn short(name: &str) -> String {
    if name.chars().count() <= 20 {
        return name.to_owned();
    }
    let cut: String = name.chars().take(19).collect();
    format!("{}…", cut.trim_end())
}

/// How the unit itself has changed: between which periods, where the last one has no value that may be told.
fn conclusion(read: &Read, all: &[Vec<Option<i64>>]) -> String {
    let own = all.first().map(Vec::as_slice).unwrap_or_default();
    let known: Vec<(usize, i64)> = (0..).zip(own).filter_map(|(n, value)| Some((n, (*value)?))).collect();
    let name = &read.found.unit.name;
    let (all, period) = (own.len(), |n: usize| {
        read.periods.get(n).map_or("", |p| p.code.as_str())
    });
    let of = |(n, value): (usize, i64)| {
        let said = words::value(&read.indicator, value);
        if known.len() == all {
            said
        } else {
            format!("{said} ({})", period(n))
        }
    };
    let untold = if known.len() == all {
        ""
    } else {
        " За другие периоды значения нет, или оно не показано."
    };
    match (known.first(), known.last()) {
        (Some(first), Some(last)) if known.len() > 1 => {
            let by = words::difference(&read.indicator, last.1 - first.1);
            let (from, to) = (of(*first), of(*last));
            format!(
                "{name}: с {from} до {to}, изменение {}.{untold}",
                by.trim_end_matches('.')
            )
        }
        (Some(only), _) if all > 1 => format!("{name}: {}.{untold}", of(*only)),
        (Some(only), _) => format!("{name}: {}, других периодов нет.", of(*only)),
        _ => format!("{name}: значений{NBSP}нет."),
    }
}

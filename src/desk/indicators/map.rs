//! The heat-map: units × indicators as a table, the number in each cell, its shade by the bounds of the passport; sums and
//! means of points below, with what changed since the period before.

use crate::db::AnyConn;
use crate::desk::indicators::board::{self as boards, Ask, Legend, Section};
use crate::desk::indicators::figures::page_of;
use crate::desk::indicators::figures_rows::Place;
use crate::desk::indicators::told::{Board, Seen};
use crate::desk::indicators::words;
use crate::error::Error;
use crate::indicators::{Formula, Indicator, classes, scoring};
use crate::pages::parts::{Choice, Sheet, SheetCell, SheetColumn, SheetPart};
use crate::pages::text::NBSP;
use crate::units::{Unit, UnitKind};
use crate::web::Call;
use crate::web::registry::Answering;

/// Columns at most.
const WIDEST: usize = 60;
/// Rows at most.
const LONGEST: usize = 300;

/// GET /indicators/map
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["pack", "period", "unit", "group", "as"])?;
        let read = |c: &mut AnyConn, place: &Place| -> Result<(Board, Option<Board>), Error> {
            let kinds = [
                (place.unit.kind, place.unit.id),
                (boards::rows_of(place).0, place.unit.id),
            ];
            let now = place.board(c, &place.period, None, &kinds)?;
            let before = place.before().filter(|_| place.pack.indicators.iter().any(of_points));
            let before = match before.cloned() {
                Some(period) => Some(place.board(c, &period, None, &kinds)?),
                None => None,
            };
            Ok((now, before))
        };
        let Some((place, (board, before))) = boards::with(&call, read).await? else {
            return boards::none("Тепловая карта");
        };
        let group = call.query.get("group").unwrap_or_default().to_owned();
        let indicators = columns(&place, &group)?;
        let mut form = boards::place_form(&place);
        form.push(groups(&place, &group));
        let sheet = sheet(&place, &indicators, (&board, before.as_ref()));
        let section = Section {
            text: "Оттенок — место значения среди границ паспорта: границы шкалы или зон, а где их нет — пятые доли целого. \
                   Заголовок столбца открывает показатель."
                .to_owned(),
            legend: legend(),
            sheet: Some(sheet.dense()),
            ..Section::default()
        };
        let board = boards::Board {
            below: "/map",
            heading: heading(&place, &group),
            form,
            sections: vec![section],
        };
        boards::answer(&call, &place, board)
    })
}

fn legend() -> Vec<Legend> {
    let shades = [
        (1, "до первой границы"),
        (2, "вторая ступень"),
        (3, "третья ступень"),
        (4, "четвёртая ступень"),
        (5, "от последней границы"),
    ];
    let mut all: Vec<Legend> = shades
        .into_iter()
        .map(|(shade, text)| Legend {
            shade,
            text: text.to_owned(),
        })
        .collect();
    all.push(Legend {
        shade: 0,
        text: "без оттенка: нет значения, скрыто или вне шкалы".to_owned(),
    });
    all
}

/// Whether points are given, which may be summed over units.
fn of_points(indicator: &Indicator) -> bool {
    matches!(
        indicator.formula,
        Some(Formula::Expert { .. } | Formula::SumPoints { percent: false, .. })
    )
}

/// The indicators of a group; of every one, where none is chosen.
fn columns<'a>(place: &'a Place, group: &str) -> Result<Vec<&'a Indicator>, Error> {
    let told = |i: &&Indicator| !matches!(i.formula, None | Some(Formula::Attribute(_)));
    let sums = |i: &Indicator| matches!(&i.formula, Some(Formula::SumPoints { group: of, .. }) if of == group);
    let of = |i: &&Indicator| match group {
        "" => true,
        "totals" => i.task.is_none(),
        task => i.task.as_deref() == Some(task) || sums(i),
    };
    let all: Vec<&Indicator> = place
        .pack
        .indicators
        .iter()
        .filter(told)
        .filter(of)
        .take(WIDEST)
        .collect();
    if all.is_empty() {
        return Err(Error::NotFound("список".into()));
    }
    Ok(all)
}

/// The page is called by the group that it shows.
fn heading(place: &Place, group: &str) -> String {
    let title = match group {
        "totals" => Some("итоги"),
        task => place
            .pack
            .tasks
            .iter()
            .find(|(code, ..)| code == task)
            .map(|(_, title, _)| title.as_str()),
    };
    title.map_or_else(|| "Тепловая карта".into(), |title| format!("Тепловая карта: {title}"))
}

fn groups(place: &Place, chosen: &str) -> Ask {
    let mut choices = vec![Choice::new("", "все", chosen)];
    let tasks = place
        .pack
        .tasks
        .iter()
        .filter(|(code, ..)| columns(place, code).is_ok());
    choices.extend(tasks.map(|(code, title, _)| Choice::new(code, title.clone(), chosen)));
    if columns(place, "totals").is_ok() {
        choices.push(Choice::new("totals", "итоги", chosen));
    }
    Ask::select("group", "Группа показателей", choices)
}

fn sheet(place: &Place, indicators: &[&Indicator], (board, before): (&Board, Option<&Board>)) -> Sheet {
    let units = boards::units_of(place);
    let units: Vec<&Unit> = units.into_iter().take(LONGEST).collect();
    let zone = |u: &Unit| {
        place
            .tree
            .ancestor(u.id, UnitKind::Zone)
            .and_then(|z| place.tree.unit(z))
    };
    let has_zones = units.iter().any(|u| zone(u).is_some());
    let mut columns = vec![SheetColumn::words(boards::rows_of(place).1)];
    if has_zones {
        columns.push(SheetColumn::words("Округ"));
    }
    columns.extend(indicators.iter().map(|i| {
        SheetColumn::figures(i.code.clone()).link(page_of(place, i, "", &place.unit.code, None), i.title.clone())
    }));
    let breaks: Vec<Vec<i64>> = indicators
        .iter()
        .map(|i| classes::breaks(i, scoring::most(&place.pack, i, &place.period.code)))
        .collect();
    let cell = |(indicator, breaks): (&&Indicator, &Vec<i64>), unit: &Unit| {
        let Some(seen) = board.get(&indicator.code, unit.id) else {
            return SheetCell::nothing();
        };
        let shade = seen
            .value_milli
            .and_then(|milli| classes::shade(indicator, breaks, milli));
        words::value_cell(indicator, seen).shade(shade)
    };
    let row = |unit: &&Unit| {
        let mut cells = vec![SheetCell::words(unit.name.clone())];
        if has_zones {
            cells.push(zone(unit).map_or_else(SheetCell::nothing, |z| SheetCell::words(z.name.clone())));
        }
        cells.extend(indicators.iter().zip(&breaks).map(|of| cell(of, unit)));
        cells
    };
    let rows = units.iter().map(row).collect();
    let mut below = Below {
        place,
        indicators,
        units: &units,
        lead: if has_zones { 2 } else { 1 },
    }
    .rows(board, before);
    if !units.is_empty() && units.iter().all(|u| u.id == place.unit.id) {
        below.clear();
    }
    let parts = vec![
        SheetPart {
            title: String::new(),
            rows,
        },
        SheetPart {
            title: String::new(),
            rows: below,
        },
    ];
    Sheet::of_parts("Показатели по единицам", columns, parts)
}

/// What stands below the units.
struct Below<'a> {
    place: &'a Place,
    indicators: &'a [&'a Indicator],
    units: &'a [&'a Unit],
    /// Columns before the indicators.
    lead: usize,
}

impl Below<'_> {
    fn rows(&self, board: &Board, before: Option<&Board>) -> Vec<Vec<SheetCell>> {
        let own = |i: &Indicator| {
            let seen = board.get(&i.code, self.place.unit.id);
            seen.map_or_else(SheetCell::nothing, |seen| words::value_cell(i, seen))
        };
        let mut rows = vec![self.row(&format!("{}: всё вместе", self.place.unit.name), own)];
        if !self.indicators.iter().any(|i| of_points(i)) {
            return rows;
        }
        let points = |milli: i64| {
            let digits = words::needed(milli);
            SheetCell::number(words::fixed(milli, digits), milli, digits, "")
        };
        let of = |i: &Indicator, cell: &dyn Fn(i64, i64) -> Option<SheetCell>| {
            let sum = self.sum(i, board).filter(|_| of_points(i));
            sum.and_then(|(sum, many)| cell(sum, many))
                .unwrap_or_else(SheetCell::nothing)
        };
        rows.push(self.row("Сумма баллов", |i| of(i, &|sum, _| Some(points(sum)))));
        rows.push(self.row("Средний балл", |i| {
            of(i, &|sum, many| Some(points(mean(sum, many))))
        }));
        rows.push(self.row(
            "Выполнение: средний от наибольшего",
            |i| {
                let most = scoring::most(&self.place.pack, i, &self.place.period.code);
                of(i, &|sum, many| {
                    let share = percent(sum, most.checked_mul(many)?)?;
                    Some(SheetCell::number(
                        format!("{}{NBSP}%", words::fixed(share, 1)),
                        share,
                        1,
                        "%",
                    ))
                })
            },
        ));
        if let Some(before) = before {
            rows.push(self.row("Изменение среднего за период", |i| {
                let then = self.sum(i, before);
                of(i, &|sum, many| {
                    let (sum_then, many_then) = then?;
                    Some(words::change_cell(i, mean(sum, many) - mean(sum_then, many_then)))
                })
            }));
        }
        rows
    }

    fn row(&self, name: &str, cell: impl Fn(&Indicator) -> SheetCell) -> Vec<SheetCell> {
        let mut cells = vec![SheetCell::words(name)];
        cells.extend((1..self.lead).map(|_| SheetCell::nothing()));
        cells.extend(self.indicators.iter().map(|i| cell(i)));
        cells
    }

    /// The sum over the units that have a value, and how many those are; none where one is hidden.
    fn sum(&self, indicator: &Indicator, board: &Board) -> Option<(i64, i64)> {
        let seen: Vec<&Seen> = self
            .units
            .iter()
            .filter_map(|u| board.get(&indicator.code, u.id))
            .collect();
        if seen.iter().any(|s| s.hidden) {
            return None;
        }
        let values: Vec<i64> = seen.iter().filter_map(|s| s.value_milli).collect();
        let many = i64::try_from(values.len()).ok().filter(|n| *n > 0)?;
        Some((values.iter().sum(), many))
    }
}

/// A mean to two decimals, half up, in thousandths.
fn mean(sum: i64, many: i64) -> i64 {
    (sum * 2 + many * 10).div_euclid(many * 20) * 10
}

/// A share in per cent to one decimal, in thousandths.
fn percent(sum: i64, of: i64) -> Option<i64> {
    crate::pages::text::share_in_tenths(sum, of).map(|tenths| tenths * 100)
}

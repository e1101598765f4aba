//! The table of one indicator over units: places, plan and fact, levels, what was reported; sorted by the address, by
//! municipalities, zones, organisations or clusters.

use std::collections::BTreeMap;

use crate::db::AnyConn;
use crate::desk::indicators::figures::{page_of, upper_cell};
use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::told::Seen;
use crate::desk::indicators::words;
use crate::desk::list::List;
use crate::error::Error;
use crate::indicators::Indicator;
use crate::indicators::classes;
use crate::indicators::scoring::Scored;
use crate::pages::parts::{Chip, Filter, Sheet, SheetCell, SheetColumn, SheetPart, Tone};
use crate::pages::text::{count, number};
use crate::units::{UnitId, UnitKind};
use crate::web::Call;

/// What the address of the page of one indicator may hold.
pub(crate) const NAMES: &[&str] = &["period", "unit", "by", "sort", "as"];

/// Where a unit stands in the clusters that the address asks for: the title of its class.
pub(crate) type Classes = BTreeMap<UnitId, String>;

/// By what the rows of the unit may be parted.
pub(crate) fn ways(found: &Found) -> Vec<(String, String)> {
    let mut ways = Vec::new();
    let kinds = [
        (UnitKind::Municipality, "по муниципалитетам"),
        (UnitKind::Zone, "по зонам"),
        (UnitKind::Organisation, "по организациям"),
    ];
    for (kind, label) in kinds {
        let below = found.place.units(kind).iter().any(|u| u.id != found.unit.id);
        if below && found.unit.kind != kind {
            ways.push((kind.code().to_owned(), label.to_owned()));
        }
    }
    if matches!(found.unit.kind, UnitKind::Region | UnitKind::Zone) {
        for cluster in &found.pack.clusters {
            ways.push((
                format!("cluster:{}", cluster.code),
                format!("по кластерам: {}", cluster.title),
            ));
        }
    }
    ways
}

/// The choice of it; none where there is one way only.
///
/// # Errors
/// The address asks for a way that there is not.
pub(crate) fn filter(at: &List, found: &Found) -> Result<Option<Filter>, Error> {
    let ways = ways(found);
    let chosen = at.get("by").unwrap_or(found.level.code()).to_owned();
    if at.get("by").is_some() && ways.iter().all(|(code, _)| *code != chosen) {
        return Err(Error::NotFound("список".into()));
    }
    let choices = ways
        .iter()
        .map(|(code, label)| crate::pages::parts::Choice::new(code, label.clone(), &chosen));
    Ok((ways.len() > 1).then(|| Filter::select("by", "Строки", choices.collect())))
}

/// The classes of the cluster that the address asks for.
///
/// # Errors
/// A cluster that the pack does not have; those of the database.
pub(crate) async fn classes_of(call: &Call, at: &List, found: Found) -> Result<(Found, Option<Classes>), Error> {
    let Some(code) = at.get("by").and_then(|by| by.strip_prefix("cluster:")) else {
        return Ok((found, None));
    };
    let missing = || Error::NotFound("кластер".into());
    let cluster = found
        .pack
        .clusters
        .iter()
        .find(|c| c.code == code)
        .ok_or_else(missing)?;
    let (indicator, period) = (cluster.indicator.clone(), found.period.clone());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let kinds = [(UnitKind::Municipality, found.unit.id)];
        let board = found.place.board(c, &period, Some(&indicator), &kinds)?;
        let of = found.pack.indicator(&indicator).cloned();
        let units: Vec<UnitId> = found.place.units(UnitKind::Municipality).iter().map(|u| u.id).collect();
        let class = |unit: UnitId| -> Option<String> {
            let level = classes::level_of(board.get(&indicator, unit)?);
            let title = |code: &String| of.as_ref().map(|of| words::level_title(&found, of, code));
            level.given().and_then(title)
        };
        let outside = || "Вне кластеров".to_owned();
        let all: Classes = units
            .into_iter()
            .map(|u| (u, class(u).unwrap_or_else(outside)))
            .collect();
        Ok((found, Some(all)))
    };
    call.app().db.read(read).await
}

/// The rows with their places, sorted as the address asks.
fn sorted<'a>(at: &List, found: &'a Found, indicator: &Indicator) -> Vec<(&'a Seen, Option<usize>)> {
    let values: Vec<Option<i64>> = found.below.iter().map(|v| v.value_milli).collect();
    let places = classes::places(&values, indicator.direction);
    let mut rows: Vec<(&Seen, Option<usize>)> = found.below.iter().zip(places).collect();
    let from_target = |v: &Seen| Some(v.value_milli? - v.target_milli?);
    match at.get("sort") {
        // Those without a value stand last either way.
        Some("value") => rows.sort_by_key(|(v, _)| (v.value_milli.is_none(), v.value_milli)),
        Some("-value") => rows.sort_by_key(|(v, _)| std::cmp::Reverse(v.value_milli)),
        Some("deviation") => rows.sort_by_key(|(v, _)| (from_target(v).is_none(), from_target(v))),
        Some("place") => rows.sort_by_key(|(_, place)| (place.is_none(), *place)),
        _ => {}
    }
    rows
}

/// Whether the address asks for an order that there is.
///
/// # Errors
/// Another word.
pub(crate) fn order(at: &List) -> Result<(), Error> {
    let known = |word: &str| ["value", "-value", "deviation", "place"].contains(&word).then_some(());
    at.known("sort", known).map(drop)
}

/// The table.
pub(crate) fn sheet(at: &List, found: &Found, indicator: &Indicator, parted: Option<&Classes>) -> Sheet {
    let rows = sorted(at, found, indicator);
    let has_plan = rows.iter().any(|(v, _)| v.target_milli.is_some());
    let has_points = rows.iter().any(|(v, _)| !matches!(v.points, Scored::Unscaled));
    let has_places = rows.iter().any(|(_, place)| place.is_some());
    let chips: Vec<Option<Chip>> = rows
        .iter()
        .map(|(v, _)| words::level_chip(found, indicator, v))
        .collect();
    let has_levels = chips.iter().any(Option::is_some);
    let has_reported = rows.iter().any(|(v, _)| v.reported_milli.is_some());
    let first = match found.level {
        UnitKind::Municipality => "Муниципалитет",
        UnitKind::Zone => "Зона",
        _ => "Организация",
    };
    let order = |column: SheetColumn, word: &'static str, how: &'static str| {
        let sorts = at.get("sort") == Some(word);
        column
            .link(at.with("sort", word), "упорядочить")
            .sorted(sorts.then_some(how))
    };
    let mut columns = vec![SheetColumn::words(first).link(at.without("sort"), "по названию")];
    if has_places {
        columns.push(order(SheetColumn::figures("Место"), "place", "ascending"));
    }
    columns.push(SheetColumn::figures("В числителе"));
    columns.push(SheetColumn::figures("Всего"));
    let fact = if has_plan { "Факт" } else { "Значение" };
    let (word, how) = match at.get("sort") {
        Some("-value") => ("value", "descending"),
        _ => ("-value", "ascending"),
    };
    let by_value = matches!(at.get("sort"), Some("value" | "-value"));
    let value = SheetColumn::figures(fact).link(at.with("sort", word), "упорядочить");
    if has_plan {
        columns.push(SheetColumn::figures("План"));
    }
    columns.push(value.sorted(by_value.then_some(how)));
    if has_plan {
        columns.push(order(
            SheetColumn::figures(if indicator.is_percent() {
                "Отклонение, п. п."
            } else {
                "Отклонение"
            }),
            "deviation",
            "ascending",
        ));
    }
    if has_points {
        columns.push(SheetColumn::figures("Баллы"));
    }
    if has_levels {
        columns.push(SheetColumn::words("Уровень"));
    }
    if has_reported {
        columns.push(SheetColumn::words("Подано"));
    }
    let row = |((seen, place), chip): (&(&Seen, Option<usize>), &Option<Chip>)| {
        let mut cells = vec![SheetCell::words(seen.unit_name.clone()).link(Some(page_of(
            found,
            indicator,
            "",
            &seen.unit_code,
            None,
        )))];
        if has_places {
            cells.push(place.map_or_else(SheetCell::nothing, place_cell));
        }
        cells.push(upper_cell(found, indicator, seen));
        cells.push(words::lower_cell(seen));
        if has_plan {
            cells.push(words::target_cell(indicator, seen));
        }
        cells.push(words::value_cell(indicator, seen));
        if has_plan {
            cells.push(words::deviation_cell(indicator, seen));
        }
        if has_points {
            cells.push(words::points_cell(seen));
        }
        if has_levels {
            cells.push(chip.clone().map_or_else(SheetCell::nothing, SheetCell::chip));
        }
        if has_reported {
            cells.push(reported(seen));
        }
        (seen.unit, cells)
    };
    let all: Vec<(UnitId, Vec<SheetCell>)> = rows.iter().zip(&chips).map(row).collect();
    let caption = format!("{}: {first}", indicator.code);
    let Some(classes) = parted else {
        return Sheet::new(caption, columns, all.into_iter().map(|(_, cells)| cells).collect());
    };
    let mut parts: BTreeMap<&str, Vec<Vec<SheetCell>>> = BTreeMap::new();
    for (unit, cells) in all {
        let class = classes.get(&unit).map_or("Вне кластеров", String::as_str);
        parts.entry(class).or_default().push(cells);
    }
    let part = |(class, rows): (&str, Vec<Vec<SheetCell>>)| {
        let many = i64::try_from(rows.len()).unwrap_or(0);
        let many = count(many, "муниципалитет", "муниципалитета", "муниципалитетов");
        SheetPart {
            title: format!("{class}: {many}"),
            rows,
        }
    };
    Sheet::of_parts(caption, columns, parts.into_iter().map(part).collect())
}

/// A place as a number.
pub(crate) fn place_cell(place: usize) -> SheetCell {
    let place = i64::try_from(place).unwrap_or(i64::MAX);
    SheetCell::number(number(place), place.saturating_mul(1000), 0, "")
}

/// What was reported less what was computed, in whole units of the count.
pub(crate) fn difference(seen: &Seen) -> Option<i64> {
    seen.reported_milli.map(|reported| reported / 1000 - seen.upper())
}

fn reported(seen: &Seen) -> SheetCell {
    match (seen.reported_milli, difference(seen)) {
        _ if seen.hidden => SheetCell::nothing(),
        (Some(reported), Some(d)) if d > 0 => {
            let said = format!("подано {}: больше на {}", number(reported / 1000), number(d));
            SheetCell::chip(Chip::new(Tone::Late, said))
        }
        (Some(reported), Some(d)) if d < 0 => {
            let said = format!("подано {}: меньше на {}", number(reported / 1000), number(-d));
            SheetCell::chip(Chip::new(Tone::Wait, said).icon("i-warn"))
        }
        (Some(_), _) => SheetCell::words("совпадает"),
        (None, _) => SheetCell::words("не подано"),
    }
}

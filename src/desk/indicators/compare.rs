//! Units or clusters side by side: two to six of them, every indicator a row.

use crate::db::AnyConn;
use crate::desk::indicators::board::{self as boards, Ask, Section};
use crate::desk::indicators::clusters::{self as clusters, Class};
use crate::desk::indicators::figures::page_of;
use crate::desk::indicators::figures_rows::Place;
use crate::desk::indicators::told::{Board, Seen};
use crate::desk::indicators::words;
use crate::error::Error;
use crate::indicators::{Formula, Indicator, classes, scoring};
use crate::pages::parts::{Choice, Sheet, SheetCell, SheetColumn, SheetPart};
use crate::units::{Unit, UnitId};
use crate::web::Call;
use crate::web::registry::Answering;

/// Columns at most.
const MOST: usize = 6;

/// What stands in a column.
enum Column<'a> {
    Unit(&'a Unit),
    Cluster(Class),
}

/// GET /indicators/compare
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only_many(&["pack", "period", "unit", "as"], &["with"])?;
        let with: Vec<String> = call
            .query
            .all("with")
            .filter(|v| !v.is_empty())
            .map(str::to_owned)
            .collect();
        if with.len() > MOST {
            return Err(Error::NotFound("сравнение".into()));
        }
        let asked = with.clone();
        let read = move |c: &mut AnyConn, place: &Place| -> Result<Board, Error> {
            let mut kinds = vec![(boards::rows_of(place).0, place.unit.id)];
            for code in asked.iter().filter(|code| !code.starts_with("cluster:")) {
                let unit = place.unit_of(code).ok_or_else(|| Error::NotFound("единица".into()))?;
                kinds.push((unit.kind, unit.id));
            }
            kinds.dedup();
            Ok(place.board(c, &place.period, None, &kinds)?)
        };
        let Some((place, board)) = boards::with(&call, read).await? else {
            return boards::none("Сравнение");
        };
        let units = boards::units_of(&place);
        let mut columns = Vec::new();
        for code in &with {
            columns.push(match code.strip_prefix("cluster:") {
                Some(class) => Column::Cluster(clusters::class(&place, &board, &units, class)?),
                None => {
                    let unit = place.unit_of(code).ok_or_else(|| Error::NotFound("единица".into()))?;
                    Column::Unit(unit)
                }
            });
        }
        if with.is_empty() {
            columns.extend(units.iter().take(3).map(|u| Column::Unit(u)));
        }
        let mut form = boards::place_form(&place);
        form.extend(asks(&place, &board, &units, &with));
        let section = Section {
            text: "Единицы стоят своими значениями, кластеры — средней по порядку единицей: доли не усредняются."
                .to_owned(),
            sheet: Some(sheet(&place, &board, &columns)),
            ..Section::default()
        };
        let page = boards::Board {
            below: "/compare",
            heading: "Сравнение".into(),
            form,
            sections: vec![section],
        };
        boards::answer(&call, &place, page)
    })
}

/// Six choices: units of the place and classes of its clusters.
fn asks(place: &Place, board: &Board, units: &[&Unit], with: &[String]) -> Vec<Ask> {
    let mut all: Vec<(String, String)> = vec![
        (String::new(), "–".to_owned()),
        (place.unit.code.clone(), place.unit.name.clone()),
    ];
    all.extend(
        units
            .iter()
            .filter(|u| u.id != place.unit.id)
            .map(|u| (u.code.clone(), u.name.clone())),
    );
    for cluster in &place.pack.clusters {
        let classes = clusters::classes_of(place, board, units, cluster);
        all.extend(
            classes
                .into_iter()
                .map(|class| (format!("cluster:{}", class.code), class.title)),
        );
    }
    // A unit from elsewhere that the address names stays chosen.
    for code in with
        .iter()
        .filter(|code| all.iter().all(|(of, _)| of != *code))
        .collect::<Vec<_>>()
    {
        let name = place.unit_of(code).map_or_else(|| code.clone(), |u| u.name.clone());
        all.push((code.clone(), name));
    }
    let ask = |n: usize| {
        let chosen = with.get(n).map_or("", String::as_str);
        let choices = all.iter().map(|(code, name)| Choice::new(code, name.clone(), chosen));
        Ask {
            id: format!("f-with-{n}"),
            ..Ask::select("with", &format!("Столбец {}", n + 1), choices.collect())
        }
    };
    (0..MOST).map(ask).collect()
}

fn sheet(place: &Place, board: &Board, columns: &[Column<'_>]) -> Sheet {
    let heads = columns.iter().map(|column| match column {
        Column::Unit(unit) => SheetColumn::figures(unit.name.clone()),
        Column::Cluster(class) => {
            SheetColumn::figures(format!("{}, {}", class.title, boards::units_counted(class.units.len())))
        }
    });
    let heads = std::iter::once(SheetColumn::words("Показатель")).chain(heads).collect();
    let row = |indicator: &Indicator| {
        let breaks = classes::breaks(indicator, scoring::most(&place.pack, indicator, &place.period.code));
        let name = SheetCell::words(format!("{} {}", indicator.code, indicator.title));
        let mut cells = vec![name.link(Some(page_of(place, indicator, "", &place.unit.code, None)))];
        cells.extend(columns.iter().map(|column| {
            let seen = match column {
                Column::Unit(unit) => board.get(&indicator.code, unit.id),
                Column::Cluster(class) => median(board, indicator, &class.units),
            };
            let Some(seen) = seen else { return SheetCell::nothing() };
            let shade = seen.value_milli.and_then(|v| classes::shade(indicator, &breaks, v));
            words::value_cell(indicator, seen).shade(shade)
        }));
        cells
    };
    let told = |i: &&Indicator| !matches!(i.formula, None | Some(Formula::Attribute(_)));
    let mut parts: Vec<SheetPart> = Vec::new();
    let tasks = place
        .pack
        .tasks
        .iter()
        .map(|(code, title, _)| (Some(code.as_str()), title.as_str()));
    for (task, title) in tasks.chain([(None, "Итоги")]) {
        let of = place
            .pack
            .indicators
            .iter()
            .filter(told)
            .filter(|i| i.task.as_deref() == task);
        let rows: Vec<Vec<SheetCell>> = of.map(row).collect();
        if !rows.is_empty() {
            parts.push(SheetPart {
                title: title.to_owned(),
                rows,
            });
        }
    }
    Sheet::of_parts("Сравнение", heads, parts)
}

/// The unit in the middle of a class by its value; of two in the middle the lower one.
fn median<'a>(board: &'a Board, indicator: &Indicator, units: &[UnitId]) -> Option<&'a Seen> {
    let mut seen: Vec<&Seen> = units
        .iter()
        .filter_map(|u| board.get(&indicator.code, *u))
        .filter(|s| s.value_milli.is_some())
        .collect();
    seen.sort_by_key(|s| s.value_milli);
    seen.get(seen.len().checked_sub(1)? / 2).copied()
}

//! Clusters: which units stand in which one, by what the pack says, with their bounds; and which place a unit would have
//! among the units of another cluster.

use crate::db::AnyConn;
use crate::desk::indicators::board::{self as boards, Ask, Named, Section};
use crate::desk::indicators::conclusions;
use crate::desk::indicators::figures::page_of;
use crate::desk::indicators::figures_rows::Place;
use crate::desk::indicators::table::place_cell;
use crate::desk::indicators::told::Board;
use crate::desk::indicators::words;
use crate::error::Error;
use crate::indicators::classes;
use crate::indicators::pack::Cluster;
use crate::indicators::scoring::Scored;
use crate::indicators::{Formula, Indicator};
use crate::pages::parts::{Choice, Sheet, SheetCell, SheetColumn};
use crate::units::{Unit, UnitId};
use crate::web::registry::Answering;
use crate::web::{Call, address};

/// A class of a cluster with its units.
pub(crate) struct Class {
    /// `K3:1`.
    pub code: String,
    /// Title.
    pub title: String,
    /// Its units, by name.
    pub units: Vec<UnitId>,
}

/// The class of a unit: its code.
fn class_of(board: &Board, indicator: &str, unit: UnitId) -> Scored<String> {
    board
        .get(indicator, unit)
        .map_or(Scored::Unscaled, |seen| classes::level_of(seen))
}

/// Classes of a cluster that the pack names or that units stand in.
pub(crate) fn classes_of(place: &Place, board: &Board, units: &[&Unit], cluster: &Cluster) -> Vec<Class> {
    let Some(indicator) = place.pack.indicator(&cluster.indicator) else {
        return Vec::new();
    };
    let mut codes: Vec<String> = classes::levels(indicator).into_iter().map(|l| l.code).collect();
    let mut more: Vec<String> = units
        .iter()
        .filter_map(|u| class_of(board, &cluster.indicator, u.id).given().cloned())
        .filter(|code| !codes.contains(code))
        .collect();
    more.sort();
    more.dedup();
    codes.extend(more);
    let class = |code: String| {
        let here = |u: &&&Unit| class_of(board, &cluster.indicator, u.id).given() == Some(&code);
        Class {
            title: words::level_title(place, indicator, &code),
            units: units.iter().filter(here).map(|u| u.id).collect(),
            code: format!("{}:{code}", cluster.code),
        }
    };
    codes.into_iter().map(class).collect()
}

/// The class of an address: `K3:1`.
///
/// # Errors
/// There is none.
pub(crate) fn class(place: &Place, board: &Board, units: &[&Unit], code: &str) -> Result<Class, Error> {
    let missing = || Error::NotFound("кластер".into());
    let (cluster, _) = code.split_once(':').ok_or_else(missing)?;
    let cluster = place
        .pack
        .clusters
        .iter()
        .find(|c| c.code == cluster)
        .ok_or_else(missing)?;
    let all = classes_of(place, board, units, cluster);
    all.into_iter().find(|c| c.code == code).ok_or_else(missing)
}

/// GET /indicators/clusters
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query
            .only(&["pack", "period", "unit", "cluster", "code", "of", "into", "as"])?;
        let read = |c: &mut AnyConn, place: &Place| -> Result<(Board, Option<Board>), Error> {
            let kinds = [
                (place.unit.kind, place.unit.id),
                (boards::rows_of(place).0, place.unit.id),
            ];
            let now = place.board(c, &place.period, None, &kinds)?;
            let before = match place.before().cloned() {
                Some(period) => Some(place.board(c, &period, None, &kinds)?),
                None => None,
            };
            Ok((now, before))
        };
        let Some((place, (board, before))) = boards::with(&call, read).await? else {
            return boards::none("Кластеры");
        };
        let get = |name: &str| call.query.get(name).filter(|v| !v.is_empty());
        let missing = || Error::NotFound("кластер".into());
        let cluster = match get("cluster") {
            Some(code) => Some(
                place
                    .pack
                    .clusters
                    .iter()
                    .find(|c| c.code == code)
                    .ok_or_else(missing)?,
            ),
            None => place.pack.clusters.last(),
        };
        let mut form = boards::place_form(&place);
        let Some(cluster) = cluster else {
            let section = Section {
                text: "Методика не делит единицы на кластеры. Сравнить можно сами единицы: «Сравнение».".to_owned(),
                ..Section::default()
            };
            let page = boards::Board {
                below: "/clusters",
                heading: "Кластеры".into(),
                form,
                sections: vec![section],
            };
            return boards::answer(&call, &place, page);
        };
        let units = boards::units_of(&place);
        let all: Vec<&Indicator> = place
            .pack
            .indicators
            .iter()
            .filter(|i| !matches!(i.formula, None | Some(Formula::Attribute(_))))
            .collect();
        let telling = |i: &Indicator| {
            i.is_percent()
                && units
                    .iter()
                    .any(|u| board.get(&i.code, u.id).is_some_and(|s| s.value_milli.is_some()))
        };
        let parts = classes_of(&place, &board, &units, cluster);
        let told = conclusions::told(&place, &board, &units, (cluster, &parts), &all);
        let beside = boards::chosen(get("code"), &all, |i| match told.first() {
            Some(first) => first.of.code == i.code,
            None => telling(i),
        })?;
        let choices = place
            .pack
            .clusters
            .iter()
            .map(|c| Choice::new(&c.code, c.title.clone(), &cluster.code));
        form.push(Ask::select("cluster", "Кластер", choices.collect()));
        let code = beside.map_or("", |i| i.code.as_str());
        form.push(boards::indicator_choice(
            "code",
            "Показатель рядом и в выводах",
            all.iter().copied(),
            code,
        ));
        let of = get("of")
            .map(|code| place.unit_of(code).ok_or_else(missing))
            .transpose()?;
        let into = get("into")
            .map(|code| class(&place, &board, &units, code))
            .transpose()?;
        form.push(choice_of_units(&units, of));
        form.push(choice_of_classes(&parts, into.as_ref()));
        let mut sections = Vec::new();
        if let (Some(of), Some(into)) = (of, &into) {
            sections.push(what_if(&place, &board, (cluster, &parts), of, into, &all));
        }
        sections.push(Section {
            heading: cluster.title.clone(),
            text: cluster.rule.clone(),
            sheet: Some(table(&place, (&board, before.as_ref()), &units, cluster, beside)),
            lists: lists(&place, &board, &units, cluster, &parts),
            ..Section::default()
        });
        let at = |code: &str| {
            let asked = [
                ("pack", place.pack.code.as_str()),
                ("period", place.period.code.as_str()),
                ("unit", place.unit.code.as_str()),
                ("cluster", cluster.code.as_str()),
                ("code", code),
                ("of", of.map_or("", |unit| unit.code.as_str())),
                ("into", into.as_ref().map_or("", |class| class.code.as_str())),
            ];
            address::address(&call.path, asked.into_iter().filter(|(_, value)| !value.is_empty()))
        };
        sections.extend(conclusions::section(&place, &board, &told, beside, at));
        let page = boards::Board {
            below: "/clusters",
            heading: "Кластеры".into(),
            form,
            sections,
        };
        boards::answer(&call, &place, page)
    })
}

fn choice_of_units(units: &[&Unit], of: Option<&Unit>) -> Ask {
    let chosen = of.map_or("", |u| u.code.as_str());
    let mut choices = vec![Choice::new("", "–", chosen)];
    choices.extend(units.iter().map(|u| Choice::new(&u.code, u.name.clone(), chosen)));
    Ask::select("of", "Что если единица", choices)
}

fn choice_of_classes(parts: &[Class], into: Option<&Class>) -> Ask {
    let chosen = into.map_or("", |c| c.code.as_str());
    let mut choices = vec![Choice::new("", "–", chosen)];
    choices.extend(parts.iter().map(|c| Choice::new(&c.code, c.title.clone(), chosen)));
    Ask::select("into", "в кластере", choices)
}

/// Units of each class with its bounds, and those that stand in none.
fn lists(place: &Place, board: &Board, units: &[&Unit], cluster: &Cluster, parts: &[Class]) -> Vec<Named> {
    let Some(indicator) = place.pack.indicator(&cluster.indicator) else {
        return Vec::new();
    };
    let levels = classes::levels(indicator);
    let list = |class: &Class| {
        let own = class.code.rsplit(':').next().unwrap_or_default();
        let bounds = levels.iter().find(|l| l.code == own).map(words::bounds);
        let title = match bounds {
            Some(bounds) => format!("{} ({bounds})", class.title),
            None => class.title.clone(),
        };
        let here: Vec<&Unit> = units.iter().filter(|u| class.units.contains(&u.id)).copied().collect();
        Named::units(&title, &here, place, indicator)
    };
    let mut lists: Vec<Named> = parts.iter().map(list).collect();
    let outside = |u: &&&Unit| class_of(board, &cluster.indicator, u.id).given().is_none();
    let outside: Vec<&Unit> = units.iter().filter(outside).copied().collect();
    if !outside.is_empty() {
        lists.push(Named::units("Вне кластеров", &outside, place, indicator));
    }
    lists
}

/// Every unit with its classes, what they rest on, and an indicator beside them in this period and the one before.
fn table(
    place: &Place,
    (board, before): (&Board, Option<&Board>),
    units: &[&Unit],
    cluster: &Cluster,
    beside: Option<&Indicator>,
) -> Sheet {
    let by = place.pack.indicator(&cluster.indicator);
    let counted = by.filter(|i| i.formula.as_ref().is_some_and(|f| f.denominator().is_some()));
    let mut columns = vec![SheetColumn::words(boards::rows_of(place).1)];
    columns.extend(place.pack.clusters.iter().map(|c| SheetColumn::words(c.title.clone())));
    if let Some(counted) = counted {
        columns.push(SheetColumn::figures("В числителе"));
        columns.push(SheetColumn::figures("В знаменателе"));
        columns.push(SheetColumn::figures(counted.title.clone()));
    }
    let earlier = place.before().map(|p| p.code.clone()).filter(|_| before.is_some());
    if let Some(beside) = beside {
        if let Some(earlier) = &earlier {
            columns.push(SheetColumn::figures(format!("{}, {earlier}", beside.code)));
        }
        columns.push(SheetColumn::figures(format!("{}, {}", beside.code, place.period.code)));
    }
    let row = |unit: &&Unit| {
        let mut cells = vec![SheetCell::words(unit.name.clone())];
        for of in &place.pack.clusters {
            let level = class_of(board, &of.indicator, unit.id);
            let indicator = place.pack.indicator(&of.indicator);
            cells.push(match (level, indicator) {
                (Scored::Is(code), Some(i)) => SheetCell::words(words::level_title(place, i, &code)),
                (Scored::Not(reason), _) => SheetCell::words(reason.label()),
                _ => SheetCell::nothing(),
            });
        }
        if let Some(counted) = counted {
            match board.get(&counted.code, unit.id) {
                Some(seen) => {
                    cells.push(words::count_cell(seen.numerator_milli, seen.upper));
                    cells.push(words::count_cell(seen.denominator_milli, seen.lower_told));
                    cells.push(words::value_cell(counted, seen));
                }
                None => cells.extend((0..3).map(|_| SheetCell::nothing())),
            }
        }
        let value = |board: &Board, of: &Indicator| {
            let seen = board.get(&of.code, unit.id);
            seen.map_or_else(SheetCell::nothing, |seen| words::value_cell(of, seen))
        };
        if let Some(beside) = beside {
            cells.extend(before.filter(|_| earlier.is_some()).map(|b| value(b, beside)));
            cells.push(value(board, beside));
        }
        cells
    };
    let caption = format!("Кластеры, {}", place.period.code);
    Sheet::new(caption, columns, units.iter().map(row).collect()).dense()
}

/// The places of a unit among its own class and among those of another one.
fn what_if(
    place: &Place,
    board: &Board,
    (cluster, parts): (&Cluster, &[Class]),
    of: &Unit,
    into: &Class,
    all: &[&Indicator],
) -> Section {
    let own = parts.iter().find(|c| c.units.contains(&of.id));
    let own_title = own.map_or("своём кластере", |c| c.title.as_str());
    let columns = vec![
        SheetColumn::words("Показатель"),
        SheetColumn::figures("Значение"),
        SheetColumn::figures(format!("Место: {own_title}")),
        SheetColumn::figures("из"),
        SheetColumn::figures(format!("Место: {}", into.title)),
        SheetColumn::figures("из"),
    ];
    let rank = |indicator: &Indicator, among: &[UnitId]| -> Option<(usize, usize)> {
        let mut units: Vec<UnitId> = among.iter().filter(|u| **u != of.id).copied().collect();
        units.push(of.id);
        let values: Vec<Option<i64>> = units
            .iter()
            .map(|u| board.get(&indicator.code, *u).and_then(|s| s.value_milli))
            .collect();
        let own = classes::places(&values, indicator.direction)
            .last()
            .copied()
            .flatten()?;
        Some((own, values.iter().flatten().count()))
    };
    let mut rows = Vec::new();
    for indicator in all {
        let Some(seen) = board.get(&indicator.code, of.id).filter(|s| s.value_milli.is_some()) else {
            continue;
        };
        let (Some(here), Some(there)) = (
            rank(indicator, own.map_or(&[][..], |c| &c.units)),
            rank(indicator, &into.units),
        ) else {
            continue;
        };
        let name = SheetCell::words(format!("{} {}", indicator.code, indicator.title));
        let mut cells = vec![
            name.link(Some(page_of(place, indicator, "", &of.code, None))),
            words::value_cell(indicator, seen),
        ];
        for (rank, all) in [here, there] {
            cells.push(place_cell(rank));
            cells.push(place_cell(all));
        }
        rows.push(cells);
    }
    Section {
        heading: format!("Что если: {} в кластере «{}»", of.name, into.title),
        text: format!("Кластер «{}»; равные значения делят место.", cluster.title),
        sheet: Some(Sheet::new("Места в двух кластерах", columns, rows)),
        ..Section::default()
    }
}

//! What follows from the values of a cluster: in each class of it and for each indicator, how many units are behind the
//! whole, which of them need help first, and which unit of the same class they may learn from. Computed with the page.

use crate::desk::indicators::board::Section;
use crate::desk::indicators::clusters::Class;
use crate::desk::indicators::figures::page_of;
use crate::desk::indicators::figures_rows::Place;
use crate::desk::indicators::told::Board;
use crate::desk::indicators::words;
use crate::indicators::Indicator;
use crate::indicators::formula::Formula;
use crate::indicators::pack::{Aggregate, Cluster, Direction};
use crate::pages::parts::{Sheet, SheetCell, SheetColumn, SheetPart};
use crate::pages::text::count;
use crate::units::Unit;

/// How many units that need help are named in a row.
const NAMED: usize = 3;

/// Whether units stand beside the whole by this indicator: it has a better side, and the whole is no sum of them.
fn is_compared(indicator: &Indicator) -> bool {
    let ranked = matches!(
        indicator.direction,
        Direction::HigherIsBetter | Direction::LowerIsBetter
    );
    let sum =
        indicator.aggregate == Aggregate::Pooled && indicator.formula.as_ref().and_then(Formula::denominator).is_none();
    ranked && !sum
}

/// The units of a class by an indicator.
struct Sides<'a> {
    /// Not worse than the whole, the best first.
    ahead: Vec<(i64, &'a Unit)>,
    /// Worse than the whole, the worst first.
    behind: Vec<(i64, &'a Unit)>,
    /// Units without a value that may be told.
    silent: usize,
}

fn sides<'a>(board: &Board, units: &[&'a Unit], class: &Class, of: &Indicator, whole: i64) -> Sides<'a> {
    let rising = of.direction == Direction::HigherIsBetter;
    // Larger is better, whatever the passport counts.
    let side = |value: i64| if rising { value } else { -value };
    let mut found = Sides {
        ahead: Vec::new(),
        behind: Vec::new(),
        silent: 0,
    };
    for unit in units.iter().filter(|u| class.units.contains(&u.id)) {
        let seen = board.get(&of.code, unit.id).filter(|seen| !seen.hidden);
        match seen.and_then(|seen| seen.value_milli) {
            Some(value) if side(value) < side(whole) => found.behind.push((side(value), *unit)),
            Some(value) => found.ahead.push((side(value), *unit)),
            None => found.silent += 1,
        }
    }
    // Units come by name; equal values stay so.
    found.behind.sort_by_key(|(value, _)| *value);
    found.ahead.sort_by_key(|(value, _)| std::cmp::Reverse(*value));
    found
}

/// The best of a class, if it is better than somebody else of it: all that share its value.
fn best(sides: &Sides<'_>) -> Vec<String> {
    let Some((top, _)) = sides.ahead.first().filter(|_| !sides.behind.is_empty()) else {
        return Vec::new();
    };
    let best = sides.ahead.iter().filter(|(value, _)| value == top);
    best.map(|(_, unit)| unit.name.clone()).take(NAMED).collect()
}

fn row(place: &Place, board: &Board, of: &Indicator, sides: &Sides<'_>) -> Vec<SheetCell> {
    let figure = |n: usize| SheetCell::number(n.to_string(), i64::try_from(n).unwrap_or(0) * 1000, 0, "");
    let listed = |names: Vec<String>| {
        if names.is_empty() {
            SheetCell::nothing()
        } else {
            SheetCell::words(names.join(", "))
        }
    };
    let mut help: Vec<String> = sides.behind.iter().take(NAMED).map(|(_, u)| u.name.clone()).collect();
    let more = sides.behind.len().saturating_sub(NAMED);
    if more > 0 {
        help.push(format!("и ещё {more}"));
    }
    let whole = board.get(&of.code, place.unit.id);
    let name = SheetCell::words(format!("{} {}", of.code, of.title));
    vec![
        name.link(Some(page_of(place, of, "", &place.unit.code, None))),
        whole.map_or_else(SheetCell::nothing, |seen| words::value_cell(of, seen)),
        figure(sides.ahead.len()),
        figure(sides.behind.len()),
        figure(sides.silent),
        listed(help),
        listed(best(sides)),
    ]
}

/// The conclusions of a cluster; nothing where it has no units or the whole has no value to stand beside.
pub(crate) fn section(
    place: &Place,
    board: &Board,
    units: &[&Unit],
    (cluster, classes): (&Cluster, &[Class]),
    all: &[&Indicator],
) -> Option<Section> {
    let compared = all.iter().filter(|i| is_compared(i) && i.code != cluster.indicator);
    let compared: Vec<(&Indicator, i64)> = compared
        .filter_map(|i| {
            let whole = board.get(&i.code, place.unit.id).filter(|seen| !seen.hidden)?;
            Some((*i, whole.value_milli?))
        })
        .collect();
    let part = |class: &Class| {
        let mut rows = Vec::new();
        for (of, whole) in &compared {
            let sides = sides(board, units, class, of, *whole);
            if !sides.ahead.is_empty() || !sides.behind.is_empty() {
                rows.push(row(place, board, of, &sides));
            }
        }
        let many = i64::try_from(class.units.len()).unwrap_or(i64::MAX);
        SheetPart {
            title: format!("{}: {}", class.title, count(many, "единица", "единицы", "единиц")),
            rows,
        }
    };
    let parts: Vec<SheetPart> = classes.iter().map(part).filter(|part| !part.rows.is_empty()).collect();
    if parts.is_empty() {
        return None;
    }
    let columns = vec![
        SheetColumn::words("Показатель"),
        SheetColumn::figures(place.unit.name.clone()),
        SheetColumn::figures("Не хуже"),
        SheetColumn::figures("Хуже"),
        SheetColumn::figures("Без значения"),
        SheetColumn::words("Кому помочь сначала"),
        SheetColumn::words("У кого учиться"),
    ];
    Some(Section {
        heading: format!("Выводы: {}", cluster.title),
        text: format!(
            "Единицы каждого кластера стоят рядом со значением «{}»: сколько не хуже, сколько хуже. Помочь сначала тем, \
             чьё значение дальше; учиться — у лучшего в том же кластере.",
            place.unit.name
        ),
        sheet: Some(Sheet::of_parts(
            format!("Выводы, {}", place.period.code),
            columns,
            parts,
        )),
        ..Section::default()
    })
}

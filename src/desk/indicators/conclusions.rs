//! What follows from the values of a cluster by one indicator: in each class of it, how many units are behind the whole,
//! which of them need help first, and which unit of the same class they may learn from. Computed with the page.

use crate::desk::indicators::board::{Named, Section, units_counted};
use crate::desk::indicators::clusters::Class;
use crate::desk::indicators::figures::page_of;
use crate::desk::indicators::figures_rows::Place;
use crate::desk::indicators::told::Board;
use crate::desk::indicators::words;
use crate::indicators::Indicator;
use crate::indicators::formula::Formula;
use crate::indicators::pack::{Aggregate, Cluster, Direction};
use crate::pages::parts::{Link, Sheet, SheetCell, SheetColumn};
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

/// What an indicator says of a cluster: the sides of each class that has somebody on one.
pub(crate) struct Told<'a> {
    /// The indicator.
    pub of: &'a Indicator,
    sides: Vec<(&'a Class, Sides<'a>)>,
}

impl Told<'_> {
    /// How many units are worse than the whole.
    fn behind(&self) -> usize {
        self.sides.iter().map(|(_, sides)| sides.behind.len()).sum()
    }
}

/// The indicators that say something of a cluster; none where it has no units or the whole has no value to stand beside.
pub(crate) fn told<'a>(
    place: &Place,
    board: &Board,
    units: &[&'a Unit],
    (cluster, classes): (&Cluster, &'a [Class]),
    all: &[&'a Indicator],
) -> Vec<Told<'a>> {
    let compared = all.iter().filter(|i| is_compared(i) && i.code != cluster.indicator);
    let of = |of: &&'a Indicator| {
        let whole = board.get(&of.code, place.unit.id).filter(|seen| !seen.hidden)?;
        let whole = whole.value_milli?;
        let sides = classes
            .iter()
            .map(|class| (class, sides(board, units, class, of, whole)));
        let sides: Vec<_> = sides
            .filter(|(_, s)| !s.ahead.is_empty() || !s.behind.is_empty())
            .collect();
        (!sides.is_empty()).then_some(Told { of, sides })
    };
    compared.filter_map(of).collect()
}

fn row(place: &Place, board: &Board, of: &Indicator, class: &Class, sides: &Sides<'_>) -> Vec<SheetCell> {
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
    let whole = whole.map_or_else(SheetCell::nothing, |seen| words::value_cell(of, seen));
    vec![
        SheetCell::words(format!("{}: {}", class.title, units_counted(class.units.len()))),
        whole.link(Some(page_of(place, of, "", &place.unit.code, None))),
        figure(sides.ahead.len()),
        figure(sides.behind.len()),
        figure(sides.silent),
        listed(help),
        listed(best(sides)),
    ]
}

/// The conclusions by one indicator and the way to those by the others; nothing where no indicator says anything.
pub(crate) fn section(
    place: &Place,
    board: &Board,
    told: &[Told<'_>],
    chosen: Option<&Indicator>,
    at: impl Fn(&str) -> String,
) -> Option<Section> {
    let chosen = chosen.filter(|_| !told.is_empty())?;
    let named = format!("{} {}", chosen.code, chosen.title);
    let heading = format!("Выводы: {named}");
    let others = told.iter().filter(|told| told.of.code != chosen.code);
    let others = others.map(|told| {
        let behind = match told.behind() {
            0 => "хуже никого".to_owned(),
            many => format!("хуже {}", units_counted(many)),
        };
        Link::new(
            format!("{} {} ({behind})", told.of.code, told.of.title),
            at(&told.of.code),
        )
    });
    let others = Named::folded("Выводы по другим показателям", others.collect());
    let lists: Vec<Named> = others.into_iter().collect();
    let Some(told) = told.iter().find(|told| told.of.code == chosen.code) else {
        return Some(Section {
            heading,
            text: format!(
                "Выводов нет: значения единиц не сравниваются со значением «{}» или их нет. Выберите другой показатель.",
                place.unit.name
            ),
            lists,
            ..Section::default()
        });
    };
    let columns = vec![
        SheetColumn::words("Кластер"),
        SheetColumn::figures(place.unit.name.clone()),
        SheetColumn::figures("Не хуже"),
        SheetColumn::figures("Хуже"),
        SheetColumn::figures("Без значения"),
        SheetColumn::words("Кому помочь сначала"),
        SheetColumn::words("У кого учиться"),
    ];
    let rows = told.sides.iter();
    let rows = rows.map(|(class, sides)| row(place, board, told.of, class, sides));
    let caption = format!("Выводы по {}, {}", chosen.code, place.period.code);
    Some(Section {
        heading,
        text: format!(
            "Единицы каждого кластера стоят рядом со значением «{}»: сколько не хуже, сколько хуже. Помочь сначала тем, \
             чьё значение дальше; учиться — у лучшего в том же кластере.",
            place.unit.name
        ),
        sheet: Some(Sheet::new(caption, columns, rows.collect())),
        lists,
        ..Section::default()
    })
}

//! Two indicators crossed: which units are high in one and low in the other, by bounds that are chosen.

use crate::db::AnyConn;
use crate::desk::indicators::board::{self as boards, Ask, Named, Section};
use crate::desk::indicators::figures_rows::Place;
use crate::desk::indicators::told::Board;
use crate::desk::indicators::words;
use crate::error::Error;
use crate::indicators::{Formula, Indicator, scale};
use crate::pages::parts::{Sheet, SheetCell, SheetColumn};
use crate::units::Unit;
use crate::web::Call;
use crate::web::registry::Answering;

/// An indicator with the bound that parts its units.
struct Axis<'a> {
    of: &'a Indicator,
    bound: i64,
}

impl Axis<'_> {
    fn title(&self, high: bool) -> String {
        let side = if high { "не меньше" } else { "меньше" };
        format!("{}: {side} {}", self.of.code, scale::comma(self.bound))
    }
}

/// GET /indicators/crossing
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query
            .only(&["pack", "period", "unit", "code", "bound", "other", "other-bound", "as"])?;
        let asked: Vec<String> = ["code", "other"]
            .into_iter()
            .filter_map(|name| call.query.get(name).filter(|v| !v.is_empty()).map(str::to_owned))
            .collect();
        let read = move |c: &mut AnyConn, place: &Place| -> Result<Board, Error> {
            // Two are read out of many; nothing is named yet: all are.
            let kinds = [(boards::rows_of(place).0, place.unit.id)];
            let one = asked
                .first()
                .filter(|one| asked.len() == 2 && asked.get(1) == Some(one));
            Ok(place.board(c, &place.period, one.map(String::as_str), &kinds)?)
        };
        let Some((place, board)) = boards::with(&call, read).await? else {
            return boards::none("Два показателя");
        };
        let all: Vec<&Indicator> = place
            .pack
            .indicators
            .iter()
            .filter(|i| !matches!(i.formula, None | Some(Formula::Attribute(_))))
            .collect();
        let units = boards::units_of(&place);
        let telling = |i: &Indicator| {
            units
                .iter()
                .any(|u| board.get(&i.code, u.id).is_some_and(|s| s.value_milli.is_some()))
        };
        let first = boards::chosen(call.query.get("code"), &all, telling)?;
        let second = boards::chosen(call.query.get("other"), &all, |i| {
            telling(i) && first.is_none_or(|f| f.code != i.code)
        })?;
        let mut form = boards::place_form(&place);
        let mut sections = Vec::new();
        if let (Some(first), Some(second)) = (first, second) {
            let (x, x_field) = axis(
                &call,
                ("bound", "Граница первого"),
                first,
                middle(&board, first, &units),
            );
            let (y, y_field) = axis(
                &call,
                ("other-bound", "Граница второго"),
                second,
                middle(&board, second, &units),
            );
            form.push(boards::indicator_choice(
                "code",
                "Первый показатель",
                all.iter().copied(),
                &first.code,
            ));
            form.push(x_field);
            form.push(boards::indicator_choice(
                "other",
                "Второй показатель",
                all.iter().copied(),
                &second.code,
            ));
            form.push(y_field);
            sections = crossed(&place, &board, &units, (&x, &y));
        }
        let page = boards::Board {
            below: "/crossing",
            heading: "Два показателя".into(),
            form,
            sections,
        };
        boards::answer(&call, &place, page)
    })
}

/// An axis with the bound that was typed, or the one in the middle, and the field of the bound.
fn axis<'a>(call: &Call, (name, label): (&'static str, &str), of: &'a Indicator, middle: i64) -> (Axis<'a>, Ask) {
    let (typed, mut field) = Ask::number(call, name, label);
    let bound = typed.unwrap_or(middle);
    if field.problem.is_none() {
        field.value = scale::comma(bound);
    }
    (Axis { of, bound }, field)
}

/// The value in the middle of the units: a bound to begin with.
fn middle(board: &Board, of: &Indicator, units: &[&Unit]) -> i64 {
    let mut values: Vec<i64> = units
        .iter()
        .filter_map(|u| board.get(&of.code, u.id)?.value_milli)
        .collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

fn crossed(place: &Place, board: &Board, units: &[&Unit], (x, y): (&Axis<'_>, &Axis<'_>)) -> Vec<Section> {
    let value = |axis: &Axis<'_>, u: &Unit| board.get(&axis.of.code, u.id).and_then(|s| s.value_milli);
    let side = |u: &Unit| Some((value(x, u)? >= x.bound, value(y, u)? >= y.bound));
    let on = |high_x: bool, high_y: bool| -> Vec<&Unit> {
        let here = |u: &&&Unit| side(u) == Some((high_x, high_y));
        units.iter().filter(here).copied().collect()
    };
    let number = |many: usize| {
        let many = i64::try_from(many).unwrap_or(i64::MAX);
        SheetCell::number(many.to_string(), many.saturating_mul(1000), 0, "")
    };
    let columns = vec![
        SheetColumn::words("Единиц"),
        SheetColumn::figures(y.title(true)),
        SheetColumn::figures(y.title(false)),
    ];
    let row = |high: bool| {
        vec![
            SheetCell::words(x.title(high)),
            number(on(high, true).len()),
            number(on(high, false).len()),
        ]
    };
    let lists = [(true, true), (true, false), (false, true), (false, false)].map(|(high_x, high_y)| {
        let title = format!("{}, {}", x.title(high_x), y.title(high_y));
        Named::units(&title, &on(high_x, high_y), place, y.of)
    });
    let mut lists: Vec<Named> = lists.into_iter().collect();
    let left: Vec<&Unit> = units.iter().filter(|u| side(u).is_none()).copied().collect();
    if !left.is_empty() {
        lists.push(Named::units("Нет значения или скрыто", &left, place, y.of));
    }
    let named = |axis: &Axis<'_>| format!("{} {}", axis.of.code, axis.of.title);
    let table = vec![
        SheetColumn::words(boards::rows_of(place).1),
        SheetColumn::figures(x.of.code.clone()),
        SheetColumn::figures(y.of.code.clone()),
    ];
    let cell = |axis: &Axis<'_>, u: &Unit| {
        let seen = board.get(&axis.of.code, u.id);
        seen.map_or_else(SheetCell::nothing, |seen| words::value_cell(axis.of, seen))
    };
    let rows = units
        .iter()
        .map(|u| vec![SheetCell::words(u.name.clone()), cell(x, u), cell(y, u)]);
    vec![
        Section {
            heading: format!("{} × {}", named(x), named(y)),
            text: "Граница относится к верхней стороне.".to_owned(),
            sheet: Some(Sheet::new("Два показателя", columns, vec![row(true), row(false)])),
            lists,
            ..Section::default()
        },
        Section {
            heading: "Значения обоих".to_owned(),
            sheet: Some(Sheet::new("Значения обоих показателей", table, rows.collect())),
            ..Section::default()
        },
    ]
}

//! How many units stand on which level, and which ones: zones, leaders and the problem zone as the pack says, lists by
//! bounds that are typed, and who is low in all groups.

use std::collections::BTreeMap;

use crate::db::AnyConn;
use crate::desk::indicators::board::{self as boards, Ask, Named, Section};
use crate::desk::indicators::figures::{page_of, section};
use crate::desk::indicators::figures_rows::Place;
use crate::desk::indicators::told::Board;
use crate::desk::indicators::words;
use crate::error::Error;
use crate::indicators::classes::{self, Level};
use crate::indicators::pack::Direction;
use crate::indicators::scoring::Scored;
use crate::indicators::{Formula, Indicator, scale};
use crate::pages::parts::{Link, Sheet, SheetCell, SheetColumn};
use crate::pages::text::{NBSP, capital, number, percent, share_in_tenths};
use crate::planted;
use crate::units::Unit;
use crate::web::Call;
use crate::web::address::address;
use crate::web::registry::Answering;

/// GET /indicators/levels
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query
            .only(&["pack", "period", "unit", "code", "from", "to", "as"])?;
        let read = |c: &mut AnyConn, place: &Place| -> Result<Board, Error> {
            let kinds = [
                (place.unit.kind, place.unit.id),
                (boards::rows_of(place).0, place.unit.id),
            ];
            Ok(place.board(c, &place.period, None, &kinds)?)
        };
        let Some((place, board)) = boards::with(&call, read).await? else {
            return boards::none("Уровни и списки");
        };
        let units = boards::units_of(&place);
        let all: Vec<&Indicator> = place
            .pack
            .indicators
            .iter()
            .filter(|i| !matches!(i.formula, None | Some(Formula::Attribute(_))))
            .collect();
        let marked = all.iter().any(|i| !i.marks.is_empty());
        let named = |i: &Indicator| {
            if marked {
                !i.marks.is_empty()
            } else {
                !i.zones.is_empty() && i.task.is_none()
            }
        };
        let of = boards::chosen(call.query.get("code"), &all, named)?;
        let (from, from_field) = Ask::number(&call, "from", "Значение от");
        let (to, to_field) = Ask::number(&call, "to", "до");
        let mut form = boards::place_form(&place);
        let code = of.map_or("", |i| i.code.as_str());
        form.push(boards::indicator_choice(
            "code",
            "Показатель",
            all.iter().copied(),
            code,
        ));
        form.extend([from_field, to_field]);
        let mut sections = Vec::new();
        if let Some(of) = of {
            sections.push(lists(&place, &board, of, &units, (from, to)).listed());
        }
        sections.extend(low_in_groups(&place, &board, &units).map(Section::listed));
        sections.push(if all.iter().any(|i| !classes::levels(i).is_empty()) {
            counts(&place, &board, &all, &units)
        } else {
            no_levels(&place)
        });
        let page = boards::Board {
            below: "/levels",
            heading: "Уровни и списки".into(),
            form,
            sections,
        };
        boards::answer(&call, &place, page)
    })
}

/// How many of the units have a value of an indicator that is not told.
fn hidden_of(board: &Board, of: &Indicator, units: &[&Unit]) -> usize {
    if planted!("levels_of_a_part") {
        return 0;
    }
    let hidden = |u: &&&Unit| board.get(&of.code, u.id).is_some_and(|seen| seen.hidden);
    units.iter().filter(hidden).count()
}

fn figure(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Units of a list; where so many more are hidden that may belong there, what is shown is not all of it.
fn named(title: &str, found: &[&Unit], hidden: usize, place: &Place, of: &Indicator) -> Named {
    let mut list = Named::units(title, found, place, of);
    if hidden > 0 && found.is_empty() {
        title.clone_into(&mut list.title);
        list.text = format!("среди показанных никого, скрыто: {}", number(figure(hidden)));
    } else if hidden > 0 {
        list.title = format!("{title}: не меньше {}", number(figure(found.len())));
    }
    list
}

/// Units of an indicator by level, by mark, and by bounds that were typed.
fn lists(
    place: &Place,
    board: &Board,
    of: &Indicator,
    units: &[&Unit],
    (from, to): (Option<i64>, Option<i64>),
) -> Section {
    let seen = |u: &&&Unit| board.get(&of.code, u.id);
    let value = |u: &&&Unit| seen(u).and_then(|s| s.value_milli);
    let within = |bounds: scale::Bounds| -> Vec<&Unit> {
        let holds = |u: &&&Unit| value(u).is_some_and(|v| bounds.hold(v));
        units.iter().filter(holds).copied().collect()
    };
    let untold = hidden_of(board, of, units);
    let mut lists = Vec::new();
    if from.is_some() || to.is_some() {
        let bounds = scale::Bounds {
            from,
            to,
            from_in: true,
            to_in: true,
        };
        let title = format!("Значение {bounds}");
        lists.push(named(&title, &within(bounds), untold, place, of));
    }
    for level in classes::levels(of).iter().rev() {
        let on = |u: &&&Unit| {
            let level_of = seen(u).map(|s| classes::level_of(s));
            matches!(level_of, Some(Scored::Is(code)) if code == level.code)
        };
        let on: Vec<&Unit> = units.iter().filter(on).copied().collect();
        let title = format!("{} ({})", capital(&level.title), words::bounds(level));
        lists.push(named(&title, &on, untold, place, of));
    }
    for mark in &of.marks {
        let title = format!("{} ({})", mark.title, mark.bounds);
        lists.push(named(&title, &within(mark.bounds), untold, place, of));
    }
    let hidden: Vec<&Unit> = units
        .iter()
        .filter(|u| seen(u).is_some_and(|s| s.hidden))
        .copied()
        .collect();
    if !hidden.is_empty() {
        lists.push(Named::units("Скрыто", &hidden, place, of));
    }
    let none = |u: &&&Unit| seen(u).is_none_or(|s| s.value_milli.is_none() && !s.hidden);
    let none: Vec<&Unit> = units.iter().filter(none).copied().collect();
    if !none.is_empty() {
        lists.push(Named::units("Нет значения", &none, place, of));
    }
    let own = board.get(&of.code, place.unit.id);
    let own = own.map(|seen| words::value_cell(of, seen).text);
    let whole = if matches!(of.aggregate, crate::indicators::pack::Aggregate::MeanOfUnits) {
        "среднее по единицам"
    } else {
        "вместе"
    };
    Section {
        heading: format!("{} {}", of.code, of.title),
        text: own
            .map(|own| format!("{}, {whole}: {own}.", place.unit.name))
            .unwrap_or_default(),
        lists,
        ..Section::default()
    }
}

/// Who stands on the lowest level in all groups of the pack, or in all but one.
fn low_in_groups(place: &Place, board: &Board, units: &[&Unit]) -> Option<Section> {
    let groups: Vec<&Indicator> = place
        .pack
        .indicators
        .iter()
        .filter(|i| matches!(&i.formula, Some(Formula::SumPoints { group, .. }) if group != "all"))
        .filter(|i| !classes::levels(i).is_empty())
        .collect();
    let of = *groups.first().filter(|_| groups.len() > 1)?;
    let lowest = |i: &Indicator| {
        let levels = classes::levels(i);
        let falls = i.direction == Direction::LowerIsBetter;
        if falls { levels.last() } else { levels.first() }.map(|l| l.code.clone())
    };
    let low = |unit: &Unit| {
        let on = |i: &&&Indicator| {
            let level = board.get(&i.code, unit.id).map(|s| classes::level_of(s));
            matches!((level, lowest(i)), (Some(Scored::Is(own)), Some(low)) if own == low)
        };
        let untold: usize = groups.iter().map(|i| hidden_of(board, i, &[unit])).sum();
        (groups.iter().filter(on).count(), untold)
    };
    let all = groups.len();
    let list = |wanted: usize, title: String| {
        let found: Vec<&Unit> = units.iter().filter(|u| low(u) == (wanted, 0)).copied().collect();
        // A hidden group may be low or not.
        let may = |(on, untold): (usize, usize)| untold > 0 && (on..=on + untold).contains(&wanted);
        let hidden = units.iter().filter(|u| may(low(u))).count();
        named(&title, &found, hidden, place, of)
    };
    Some(Section {
        heading: "Низкий уровень сразу в нескольких группах".to_owned(),
        lists: vec![
            list(all, format!("Во всех {all} группах")),
            list(all - 1, format!("В {} из {all}", all - 1)),
        ],
        ..Section::default()
    })
}

/// What is said of a pack whose indicators have no levels.
fn no_levels(place: &Place) -> Section {
    let all = Link::new("Показатели единицы", section(place, "", &place.unit.code));
    Section {
        heading: "Уровней нет".to_owned(),
        text: "У показателей этой методики нет ни зон, ни шкалы баллов, поэтому единицы на уровни не делятся. Чтобы \
               собрать единицы по значению, заполните поля «Значение от» и «до»."
            .to_owned(),
        lists: vec![Named {
            title: "Куда дальше".to_owned(),
            text: String::new(),
            links: vec![all],
            folded: false,
        }],
        ..Section::default()
    }
}

/// How many units stand on each level of each indicator, and which share of them that is.
fn counts(place: &Place, board: &Board, all: &[&Indicator], units: &[&Unit]) -> Section {
    let columns = vec![
        SheetColumn::words("Показатель"),
        SheetColumn::words("Уровень"),
        SheetColumn::words("Границы"),
        SheetColumn::figures("Единиц"),
        SheetColumn::figures("Доля"),
    ];
    let mut rows = Vec::new();
    let mut parted = false;
    for indicator in all {
        let levels = classes::levels(indicator);
        if levels.is_empty() {
            continue;
        }
        let mut on: BTreeMap<String, usize> = BTreeMap::new();
        let mut known = 0;
        for unit in units {
            let level = board.get(&indicator.code, unit.id).map(|s| classes::level_of(s));
            if let Some(Scored::Is(code)) = level {
                *on.entry(code).or_default() += 1;
                known += 1;
            }
        }
        let hidden = hidden_of(board, indicator, units);
        rows.extend(levels.iter().rev().map(|level| {
            let many = on.get(&level.code).copied().unwrap_or(0);
            count_row(place, indicator, level, (many, known, hidden))
        }));
        if hidden > 0 {
            rows.push(hidden_row(place, indicator, hidden));
            parted = true;
        }
    }
    let mut text = "Доля — от единиц, у которых уровень есть.".to_owned();
    if parted {
        text.push_str(" Где уровень части единиц скрыт, долей нет: по одним показанным они были бы неверны.");
    }
    Section {
        heading: "Сколько единиц на каждом уровне".to_owned(),
        text,
        sheet: Some(Sheet::new("Единицы по уровням", columns, rows)),
        ..Section::default()
    }
}

/// Where the units of an indicator stand by level, by name.
fn lists_of(place: &Place, indicator: &Indicator) -> String {
    let asked = [
        ("pack", place.pack.code.as_str()),
        ("period", place.period.code.as_str()),
        ("unit", place.unit.code.as_str()),
        ("code", indicator.code.as_str()),
    ];
    address("/indicators/levels", asked)
}

/// The indicator of a row, with the way to its page.
fn name_cell(place: &Place, indicator: &Indicator) -> SheetCell {
    let name = SheetCell::words(format!("{} {}", indicator.code, indicator.title));
    name.link(Some(page_of(place, indicator, "", &place.unit.code, None)))
}

/// How many units stand on a level, of so many whose level is known; what others that are hidden would add is not known, and
/// no share is told of a part.
fn count_row(
    place: &Place,
    indicator: &Indicator,
    level: &Level,
    (many, known, hidden): (usize, usize, usize),
) -> Vec<SheetCell> {
    let share = share_in_tenths(figure(many), figure(known)).filter(|_| hidden == 0);
    let share = share.map_or_else(SheetCell::nothing, |tenths| {
        SheetCell::number(percent(figure(many), figure(known)), tenths * 100, 1, "%")
    });
    let units = match (hidden, many) {
        (0, _) => SheetCell::number(many.to_string(), figure(many) * 1000, 0, ""),
        (_, 0) => SheetCell::words("среди показанных нет"),
        (_, many) => SheetCell::words(format!("не меньше {}", number(figure(many)))),
    };
    let levels = classes::levels(indicator);
    let tone = words::level_tone(indicator, &levels, &level.code);
    vec![
        name_cell(place, indicator),
        SheetCell::chip(crate::pages::parts::Chip::new(tone, level.title.clone())),
        SheetCell::words(words::bounds(level).replace(' ', &NBSP.to_string())),
        units.link((many > 0).then(|| lists_of(place, indicator))),
        share,
    ]
}

/// How many units have a level that is not told.
fn hidden_row(place: &Place, indicator: &Indicator, hidden: usize) -> Vec<SheetCell> {
    let units = SheetCell::number(hidden.to_string(), figure(hidden) * 1000, 0, "");
    vec![
        name_cell(place, indicator),
        SheetCell::words("уровень скрыт"),
        SheetCell::nothing(),
        units.link(Some(lists_of(place, indicator))),
        SheetCell::nothing(),
    ]
}

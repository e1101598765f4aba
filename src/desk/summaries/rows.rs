//! The rows of a summary table: units in their groups and order, or indicators by their tasks.

use crate::desk::indicators::figures;
use crate::desk::indicators::told::Board;
use crate::desk::indicators::words;
use crate::desk::summaries::cells::{Making, Then};
use crate::indicators::classes;
use crate::indicators::pack::Direction;
use crate::indicators::pack_summary::{SummaryCell, SummaryRows, SummaryTable};
use crate::indicators::{Formula, Indicator};
use crate::pages::parts::{Sheet, SheetCell, SheetPart};
use crate::pages::text::{capital, count};
use crate::planted;
use crate::units::{Unit, UnitKind};

/// The kind of units that have rows; `None` where indicators have.
#[must_use]
pub(super) fn level(table: &SummaryTable) -> Option<UnitKind> {
    match table.rows {
        SummaryRows::Municipality => Some(UnitKind::Municipality),
        SummaryRows::Zone => Some(UnitKind::Zone),
        SummaryRows::Indicators => None,
    }
}

/// A class of units: its title and who stands in it.
pub(super) struct Class<'a> {
    /// Title with its bounds.
    pub title: String,
    /// The units, in the order in which they were given.
    pub units: Vec<&'a Unit>,
    /// Whether levels of some units are not told, so that there may be more of them here.
    pub some_hidden: bool,
}

/// Units by the level of an indicator that they have, the best level first; those without one last, and after them those whose
/// level is not told.
pub(super) fn by_level<'a>(making: &Making<'_>, indicator: &Indicator, units: &[&'a Unit]) -> Vec<Class<'a>> {
    let board: &Board = making.now;
    let of = |u: &Unit| {
        let seen = board.get(&indicator.code, u.id)?;
        classes::level_of(seen).given().cloned()
    };
    let is_hidden = |u: &&&Unit| board.get(&indicator.code, u.id).is_some_and(|seen| seen.hidden);
    let (hidden, told): (Vec<&Unit>, Vec<&Unit>) = units.iter().copied().partition(|u| is_hidden(&u));
    let some_hidden = !hidden.is_empty();
    let mut levels: Vec<(String, String)> = classes::levels(indicator)
        .into_iter()
        .map(|l| (l.code.clone(), format!("{} ({})", capital(&l.title), words::bounds(&l))))
        .collect();
    // Points are better the more there are, whatever the value is.
    let falls = indicator.direction == Direction::LowerIsBetter && !indicator.zones.is_empty();
    if !falls {
        levels.reverse();
    }
    if matches!(indicator.formula, Some(Formula::Attribute(_))) {
        let codes: std::collections::BTreeSet<String> = told.iter().filter_map(|u| of(u)).collect();
        levels = codes
            .into_iter()
            .map(|code| {
                let title = words::level_title(making.place, indicator, &code);
                (code, capital(&title))
            })
            .collect();
        levels.sort_by(|a, b| a.1.cmp(&b.1));
    }
    let mut found: Vec<Class<'a>> = Vec::with_capacity(levels.len() + 1);
    for (code, title) in &levels {
        let on: Vec<&Unit> = told.iter().filter(|u| of(u).as_ref() == Some(code)).copied().collect();
        // Nobody here is nothing to say where somebody may be hidden.
        if !on.is_empty() || !some_hidden {
            found.push(Class {
                title: title.clone(),
                units: on,
                some_hidden,
            });
        }
    }
    let without = |u: &&&Unit| of(u).is_none_or(|own| levels.iter().all(|(code, _)| *code != own));
    let rest: Vec<&Unit> = told.iter().filter(without).copied().collect();
    for (title, units) in [("Без уровня", rest), ("Уровень скрыт", hidden)] {
        if !units.is_empty() {
            found.push(Class {
                title: title.to_owned(),
                units,
                some_hidden,
            });
        }
    }
    found
}

/// How many units of a kind there are, in words.
#[must_use]
pub(super) fn counted(kind: UnitKind, many: usize) -> String {
    let many = i64::try_from(many).unwrap_or(i64::MAX);
    match kind {
        UnitKind::Municipality => count(many, "муниципалитет", "муниципалитета", "муниципалитетов"),
        _ => count(many, "зона", "зоны", "зон"),
    }
}

impl<'a> Making<'a> {
    /// The units that have rows, in their order.
    pub(super) fn units(&self, kind: UnitKind) -> Vec<&'a Unit> {
        let mut units = if planted!("table_of_both_regions") {
            self.place.tree.of_kind(kind)
        } else {
            self.place.units(kind)
        };
        let first = self.table.columns.iter().find(|c| c.cell == SummaryCell::Value);
        let of = first.and_then(|c| self.indicator(c, None));
        if let Some(indicator) = of.filter(|_| self.table.by_value) {
            let value = |u: &Unit| self.seen(indicator, u, Then::This).and_then(|s| s.value_milli);
            // Whoever has none stands last; equal ones stay by name.
            units.sort_by_key(|u| std::cmp::Reverse(value(u)));
        }
        units
    }

    /// The table.
    pub(super) fn sheet(&self) -> Sheet {
        match level(self.table) {
            Some(kind) => self.of_units(kind),
            None => self.of_indicators(),
        }
    }

    fn of_units(&self, kind: UnitKind) -> Sheet {
        let units = self.units(kind);
        let periods = self.periods();
        let whole = &self.place.unit;
        let alone = !units.is_empty() && units.iter().all(|u| u.id == whole.id);
        let pair = |column: &_| {
            let told = |unit: &Unit| {
                let of = |then: &Then| self.beside(column, (unit, None), *then).is_some();
                periods.iter().any(of)
            };
            units.iter().any(|u| told(u)) || !alone && !self.table.totals.is_empty() && told(whole)
        };
        let pairs: Vec<bool> = self.table.columns.iter().map(pair).collect();
        let rows = |units: &[&'a Unit]| -> Vec<Vec<SheetCell>> {
            let one = |unit: &&'a Unit| {
                periods
                    .iter()
                    .map(|then| self.unit_row(unit, *then, &pairs))
                    .collect::<Vec<_>>()
            };
            units.iter().flat_map(one).collect()
        };
        let by = self
            .table
            .group
            .as_deref()
            .and_then(|code| self.place.pack.indicator(code));
        let mut parts: Vec<SheetPart> = match by {
            Some(by) => by_level(self, by, &units)
                .iter()
                .map(|class| SheetPart {
                    title: format!("{}: {}", class.title, counted(kind, class.units.len())),
                    rows: rows(&class.units),
                })
                .collect(),
            None => vec![SheetPart {
                title: String::new(),
                rows: rows(&units),
            }],
        };
        if !units.is_empty() && !alone {
            let title = if by.is_some() { "Итоги" } else { "" }.to_owned();
            let rows = self.totals(&units, &pairs);
            if !rows.is_empty() {
                parts.push(SheetPart { title, rows });
            }
        }
        if units.is_empty() {
            parts.clear();
        }
        let first = match kind {
            UnitKind::Municipality => "Муниципалитет",
            _ => "Зона",
        };
        Sheet::of_parts(self.table.title.clone(), self.heads(first, &pairs), parts)
    }

    fn unit_row(&self, unit: &'a Unit, then: Then, pairs: &[bool]) -> Vec<SheetCell> {
        let name = SheetCell::words(unit.name.clone());
        let of = figures::section(self.place, "", &unit.code);
        let mut cells = vec![name.link(Some(of))];
        if self.table.two_years {
            let period = self.period(then);
            cells.push(SheetCell::words(period.map_or_else(String::new, |p| p.code.clone())));
        }
        self.fill(&mut cells, (unit, None), then, pairs);
        cells
    }

    /// The cells of the columns, each followed by what was reported of it.
    pub(super) fn fill(
        &self,
        cells: &mut Vec<SheetCell>,
        of: (&Unit, Option<&'a Indicator>),
        then: Then,
        pairs: &[bool],
    ) {
        for (column, pair) in self.table.columns.iter().zip(pairs) {
            cells.push(self.cell(column, of, then));
            if *pair {
                cells.extend(self.pair(column, of.1, self.beside(column, of, then)));
            }
        }
    }

    fn of_indicators(&self) -> Sheet {
        let unit = &self.place.unit;
        let codes = self.table.indicators.iter();
        let all: Vec<&'a Indicator> = codes.filter_map(|code| self.place.pack.indicator(code)).collect();
        let pair = |column: &_| {
            all.iter()
                .any(|i| self.beside(column, (unit, Some(*i)), Then::This).is_some())
        };
        let pairs: Vec<bool> = self.table.columns.iter().map(pair).collect();
        let row = |indicator: &&'a Indicator| {
            let name = SheetCell::words(format!("{} {}", indicator.code, indicator.title));
            let page = figures::page_of(self.place, indicator, "", &unit.code, None);
            let mut cells = vec![name.link(Some(page))];
            self.fill(&mut cells, (unit, Some(*indicator)), Then::This, &pairs);
            cells
        };
        let mut parts: Vec<SheetPart> = Vec::new();
        if self.table.by_task {
            let tasks = self.place.pack.tasks.iter();
            for (code, title, _) in tasks {
                let of: Vec<&&Indicator> = all.iter().filter(|i| i.task.as_ref() == Some(code)).collect();
                if !of.is_empty() {
                    parts.push(SheetPart {
                        title: title.clone(),
                        rows: of.into_iter().map(row).collect(),
                    });
                }
            }
            let rest: Vec<&&Indicator> = all.iter().filter(|i| i.task.is_none()).collect();
            if !rest.is_empty() {
                parts.push(SheetPart {
                    title: "Итоги".to_owned(),
                    rows: rest.into_iter().map(row).collect(),
                });
            }
        } else {
            parts.push(SheetPart {
                title: String::new(),
                rows: all.iter().map(row).collect(),
            });
        }
        Sheet::of_parts(self.table.title.clone(), self.heads("Показатель", &pairs), parts)
    }
}

//! A cell of a summary table: what stands in it, where it leads, and what was reported beside it. Values come as they may be
//! told; nothing here looks behind them.

use crate::desk::indicators::figures::page_in;
use crate::desk::indicators::figures_rows::Place;
use crate::desk::indicators::own_school;
use crate::desk::indicators::told::{Board, Seen};
use crate::desk::indicators::words;
use crate::desk::small_cells::Told;
use crate::facts::FactPeriod;
use crate::indicators::pack_summary::{SummaryCell, SummaryColumn, SummaryPeriod, SummaryTable};
use crate::indicators::people::{Part, has_list};
use crate::indicators::{Formula, Indicator};
use crate::pages::parts::{SheetCell, SheetColumn};
use crate::planted;
use crate::units::{Unit, UnitKind};

/// A table that is made for a place.
pub(super) struct Making<'a> {
    /// The place.
    pub place: &'a Place,
    /// The table.
    pub table: &'a SummaryTable,
    /// Values of the period.
    pub now: &'a Board,
    /// Values of the period before, where there is one and the table asks for it.
    pub before: Option<&'a Board>,
    /// The totals as they were published, where the place is what they were published of.
    pub published: Option<&'a super::totals::Published>,
}

/// Which of two periods a row or a cell is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The one that is looked at.
    This,
    /// The one before.
    Previous,
}

/// What was reported and what was computed of the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beside {
    /// As reported, thousandths.
    pub reported: i64,
    /// As computed; `None` is no value.
    pub computed: Option<i64>,
}

impl Beside {
    /// Reported less computed, thousandths.
    #[must_use]
    pub(super) fn difference(self) -> Option<i64> {
        let computed = self.computed?;
        Some(if planted!("difference_turned") {
            computed - self.reported
        } else {
            self.reported - computed
        })
    }
}

/// What was reported of what stands in a cell. A number reported without its parts is a count where people or things are
/// counted of others, as forms ask for it, and the value itself elsewhere; of a share with parts both are compared.
#[must_use]
pub(super) fn beside(cell: SummaryCell, indicator: &Indicator, seen: &Seen) -> Option<Beside> {
    let reported = seen.reported_milli.filter(|_| !seen.hidden)?;
    // Above the line of a mean of units nobody is counted: there is nothing to set beside it.
    if cell == SummaryCell::Numerator && seen.mean_of.is_some() {
        return None;
    }
    let share = matches!(indicator.formula, Some(Formula::Ratio { times: 100, .. }));
    let counts = share && has_list(indicator) && !indicator.takes_reported;
    let (reported, computed) = match (cell, seen.reported_parts) {
        (SummaryCell::Numerator, Some((upper, _))) if !seen.is_reported => (upper, seen.numerator_milli),
        (SummaryCell::Numerator, None) if counts => (reported, seen.numerator_milli),
        // A share that the load itself made of its parts was reported by nobody.
        (SummaryCell::Value, Some(parts)) if share && made_of(parts) == Some(reported) => return None,
        (SummaryCell::Value, Some(_)) => (reported, seen.value_milli),
        (SummaryCell::Value, None) if !counts => (reported, seen.value_milli),
        _ => return None,
    };
    Some(Beside { reported, computed })
}

/// A share of its parts, as a load makes it.
fn made_of((upper, lower): (i64, i64)) -> Option<i64> {
    let (upper, lower) = (i128::from(upper), i128::from(lower));
    let share = (lower > 0).then(|| (upper * 200_000 + lower).div_euclid(2 * lower))?;
    i64::try_from(share).ok()
}

/// A number with the decimals that it needs.
#[must_use]
pub(super) fn exact(milli: i64) -> SheetCell {
    let digits = words::needed(milli);
    SheetCell::number(words::fixed(milli, digits), milli, digits, "")
}

/// A difference with its sign and the decimals that it needs.
#[must_use]
pub(super) fn signed(milli: i64) -> SheetCell {
    let (digits, sign) = (words::needed(milli), if milli > 0 { "+" } else { "" });
    SheetCell::number(format!("{sign}{}", words::fixed(milli, digits)), milli, digits, "")
}

/// What is said where a number would give away another one.
#[must_use]
pub(super) fn hidden() -> SheetCell {
    SheetCell::words(Told::Hidden.shown())
}

impl<'a> Making<'a> {
    /// The period of a row or a cell; `None` where there is none before.
    pub(super) fn period(&self, then: Then) -> Option<&'a FactPeriod> {
        match then {
            Then::This => Some(&self.place.period),
            Then::Previous => self.place.before(),
        }
    }

    /// Values of a period.
    pub(super) fn board(&self, then: Then) -> Option<&'a Board> {
        match then {
            Then::This => Some(self.now),
            Then::Previous => self.before,
        }
    }

    /// The periods that rows are of: the one before and this, or this alone.
    pub(super) fn periods(&self) -> Vec<Then> {
        let before = self.table.two_years && self.place.before().is_some();
        let mut all = vec![Then::This];
        if before {
            all.insert(0, Then::Previous);
        }
        all
    }

    /// The period of a cell in a row.
    pub(super) fn then(&self, column: &SummaryColumn, row: Then) -> Then {
        match column.period {
            SummaryPeriod::Previous => Then::Previous,
            _ => row,
        }
    }

    /// The indicator of a column, or that of the row.
    pub(super) fn indicator(&self, column: &SummaryColumn, row: Option<&'a Indicator>) -> Option<&'a Indicator> {
        match &column.indicator {
            Some(code) => self.place.pack.indicator(code),
            None => row,
        }
    }

    /// The value of a unit in the period of a cell.
    pub(super) fn seen(&self, indicator: &Indicator, unit: &Unit, then: Then) -> Option<&'a Seen> {
        self.board(then)?.get(&indicator.code, unit.id)
    }

    /// What was reported beside a cell.
    pub(super) fn beside(
        &self,
        column: &SummaryColumn,
        (unit, indicator): (&Unit, Option<&'a Indicator>),
        row: Then,
    ) -> Option<Beside> {
        let indicator = self.indicator(column, indicator)?;
        beside(
            column.cell,
            indicator,
            self.seen(indicator, unit, self.then(column, row))?,
        )
    }

    /// What stands in a column of a row.
    pub(super) fn cell(
        &self,
        column: &SummaryColumn,
        (unit, row_indicator): (&Unit, Option<&'a Indicator>),
        row: Then,
    ) -> SheetCell {
        if column.cell == SummaryCell::Zone {
            let tree = &self.place.tree;
            let zone = tree.ancestor(unit.id, UnitKind::Zone).and_then(|z| tree.unit(z));
            return zone.map_or_else(SheetCell::nothing, |z| SheetCell::words(z.name.clone()));
        }
        let then = self.then(column, row);
        let (Some(indicator), Some(period)) = (self.indicator(column, row_indicator), self.period(then)) else {
            return SheetCell::nothing();
        };
        if column.cell == SummaryCell::Target {
            let named = match &column.period {
                SummaryPeriod::Named(name) => name.as_str(),
                _ => period.code.as_str(),
            };
            return target(indicator, indicator.target(&unit.code, named));
        }
        let Some(seen) = self.seen(indicator, unit, then) else {
            return SheetCell::nothing();
        };
        let page = |below: &str, part| page_in(self.place, indicator, below, &unit.code, &period.code, part);
        match column.cell {
            SummaryCell::Value => words::value_cell(indicator, seen).link(Some(page("", None))),
            SummaryCell::Points => words::points_cell(seen).link(Some(page("", None))),
            SummaryCell::Numerator => {
                let opens = self.place.looking.names
                    && has_list(indicator)
                    && !seen.is_reported
                    && seen.mean_of.is_none()
                    && seen.numerator_milli.is_some_and(|n| n > 0);
                let cell = if planted!("sum_in_summary") {
                    words::count_cell(seen.numerator_milli, seen.upper)
                } else {
                    words::upper_cell(seen)
                };
                // A school finds its people among its own.
                let own = self.place.looking.staff && !self.place.looking.names;
                if own && unit.kind == UnitKind::Organisation && period.id == self.place.period.id {
                    return cell.link(own_school::address_of(self.place, indicator, seen, Part::Numerator));
                }
                cell.link(opens.then(|| page("/people", Some(Part::Numerator))))
            }
            SummaryCell::Denominator => words::lower_cell(seen),
            SummaryCell::Deviation => words::deviation_cell(indicator, seen),
            SummaryCell::Met => match seen.met {
                Some(met) => SheetCell::words(if met { "да" } else { "нет" }),
                None => SheetCell::nothing(),
            },
            SummaryCell::Change => self.change(indicator, unit, seen),
            SummaryCell::Level => words::level_cell(self.place, indicator, seen),
            SummaryCell::Target | SummaryCell::Zone => SheetCell::nothing(),
        }
    }

    /// What a value has changed by since the period before.
    fn change(&self, indicator: &Indicator, unit: &Unit, seen: &Seen) -> SheetCell {
        let then = self.seen(indicator, unit, Then::Previous);
        match (seen.value_milli, then.and_then(|then| then.value_milli)) {
            _ if seen.hidden || then.is_some_and(|then| then.hidden) => hidden(),
            (Some(now), Some(then)) => words::change_cell(indicator, now - then),
            _ => SheetCell::nothing(),
        }
    }

    /// The heads: after a column that has something reported stand that and the difference.
    pub(super) fn heads(&self, first: &str, pairs: &[bool]) -> Vec<SheetColumn> {
        let mut heads = vec![SheetColumn::words(first)];
        if self.table.two_years {
            heads.push(SheetColumn::words("Период"));
        }
        for (column, pair) in self.table.columns.iter().zip(pairs) {
            let label = self.title(column);
            let words = matches!(column.cell, SummaryCell::Level | SummaryCell::Zone | SummaryCell::Met);
            let head = if words {
                SheetColumn::words(label.clone())
            } else {
                SheetColumn::figures(label.clone())
            };
            let of = column
                .indicator
                .as_deref()
                .and_then(|code| self.place.pack.indicator(code));
            heads.push(match of {
                Some(of) => head.link(
                    page_in(self.place, of, "", &self.place.unit.code, &self.place.period.code, None),
                    format!("{} {}", of.code, of.title),
                ),
                None => head,
            });
            if *pair {
                heads.push(SheetColumn::figures(format!("{label}: подано")));
                heads.push(SheetColumn::figures(format!("{label}: подано − рассчитано")));
            }
        }
        heads
    }

    /// The head of a column with its periods named.
    fn title(&self, column: &SummaryColumn) -> String {
        let name = |then| self.period(then).map_or("прошлый период", |p| p.code.as_str());
        let title = column.title.replace("{this}", name(Then::This));
        title.replace("{previous}", name(Then::Previous))
    }

    /// What stands behind a cell: what was reported of it and the difference.
    pub(super) fn pair(
        &self,
        column: &SummaryColumn,
        row_indicator: Option<&'a Indicator>,
        of: Option<Beside>,
    ) -> [SheetCell; 2] {
        let Some(of) = of else {
            return [SheetCell::nothing(), SheetCell::nothing()];
        };
        let is_value = column.cell == SummaryCell::Value;
        let indicator = self.indicator(column, row_indicator).filter(|_| is_value);
        let digits = words::needed(of.reported);
        let written = words::fixed(of.reported, digits);
        let reported = match indicator {
            Some(of_it) => {
                let shown = words::with_sign(of_it, written);
                SheetCell::number(shown, of.reported, digits, words::after(of_it))
            }
            None => SheetCell::number(written, of.reported, digits, ""),
        };
        [reported, of.difference().map_or_else(SheetCell::nothing, signed)]
    }
}

/// A target as it is written.
fn target(indicator: &Indicator, milli: Option<i64>) -> SheetCell {
    let Some(milli) = milli else {
        return SheetCell::nothing();
    };
    let digits = words::needed(milli);
    let written = words::with_sign(indicator, words::fixed(milli, digits));
    SheetCell::number(written, milli, digits, words::after(indicator))
}

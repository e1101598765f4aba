//! What stands below the units of a summary table: the whole as the passports count it, sums and means of points over those
//! who submitted, their change and their share of the most; each with what was published of it.

use crate::cycle::Table;
use crate::desk::indicators::words;
use crate::desk::summaries::cells::{Making, Then, exact, hidden, signed};
use crate::indicators::pack_summary::{SummaryCell, SummaryColumn, SummaryTotal, of_points};
use crate::indicators::pack_tables::PublishedTable;
use crate::indicators::{Indicator, scoring};
use crate::pages::parts::SheetCell;
use crate::pages::text::{NBSP, number, share_in_tenths};
use crate::planted;
use crate::units::Unit;

/// A table of totals as it was published, with how its pack describes it.
pub(super) struct Published {
    /// How it is described.
    pub described: PublishedTable,
    /// The cells as printed.
    pub table: Table,
}

impl Published {
    /// What is printed in a column of the row of a total in a period: thousandths and decimals.
    fn of(&self, row: &str, period: &str, column: &str) -> Option<(i64, u32)> {
        let first = self.described.row.first()?;
        let of_period = |cells: &[String]| match self.described.year.as_deref() {
            Some(year) => {
                let said = self.table.cell(cells, year);
                self.described.periods.get(said).map_or(said, String::as_str) == period
            }
            None => true,
        };
        let cells = self
            .table
            .rows
            .iter()
            .find(|cells| self.table.cell(cells, first) == row && of_period(cells))?;
        let printed = self.table.number(cells, column)?;
        Some((printed.milli, printed.digits))
    }
}

/// Points of those who have some.
enum Summed {
    /// Their sum and how many they are.
    Of(i64, i64),
    /// One of them is not told, and the sum would tell it.
    Hidden,
    /// Nobody has any, or there is nothing to add.
    Nothing,
}

/// A total of a column.
enum Total {
    Is(i64, SheetCell),
    Not(SheetCell),
}

impl Total {
    fn cell(self) -> SheetCell {
        match self {
            Self::Is(_, cell) | Self::Not(cell) => cell,
        }
    }
}

/// A mean to two decimals, half up, in thousandths.
fn mean(sum: i64, many: i64) -> i64 {
    (sum * 2 + many * 10).div_euclid(many * 20) * 10
}

impl Making<'_> {
    /// The rows below `units`.
    pub(super) fn totals(&self, units: &[&Unit], pairs: &[bool]) -> Vec<Vec<SheetCell>> {
        let periods = self.periods();
        let mut rows = Vec::new();
        let late = |t: &SummaryTotal| matches!(t, SummaryTotal::Change | SummaryTotal::OfMaximum);
        let (after, each): (Vec<SummaryTotal>, Vec<SummaryTotal>) = self.table.totals.iter().partition(|t| late(t));
        for then in periods {
            for total in &each {
                match total {
                    SummaryTotal::Whole => rows.push(self.whole(then, pairs)),
                    total => {
                        if *total == SummaryTotal::Mean {
                            rows.push(self.submitted(units, then, pairs));
                        }
                        rows.extend(self.of_points(units, (*total, then), pairs));
                    }
                }
            }
        }
        for total in &after {
            if *total != SummaryTotal::Change || self.before.is_some() {
                rows.extend(self.of_points(units, (*total, Then::This), pairs));
            }
        }
        rows
    }

    /// The beginning of a row: its name and its period.
    fn named(&self, name: String, then: Then) -> Vec<SheetCell> {
        let mut cells = vec![SheetCell::words(name)];
        if self.table.two_years {
            cells.push(SheetCell::words(
                self.period(then).map_or_else(String::new, |p| p.code.clone()),
            ));
        }
        cells
    }

    /// The unit that is looked at, as its own values are counted.
    fn whole(&self, then: Then, pairs: &[bool]) -> Vec<SheetCell> {
        let unit = &self.place.unit;
        let mut cells = self.named(format!("{}: всё вместе", unit.name), then);
        for (column, pair) in self.table.columns.iter().zip(pairs) {
            cells.push(match column.cell {
                SummaryCell::Zone | SummaryCell::Level => SheetCell::nothing(),
                _ => self.cell(column, (unit, None), then),
            });
            if *pair {
                cells.extend(self.pair(column, None, self.beside(column, (unit, None), then)));
            }
        }
        cells
    }

    /// How many have submitted points in each column.
    fn submitted(&self, units: &[&Unit], then: Then, pairs: &[bool]) -> Vec<SheetCell> {
        let many = i64::try_from(units.len()).unwrap_or(i64::MAX);
        let mut cells = self.named(format!("Представили данные, из {}", number(many)), then);
        for (column, pair) in self.table.columns.iter().zip(pairs) {
            cells.push(match self.summed(column, units, then) {
                Summed::Of(_, many) => exact(many.saturating_mul(1000)),
                Summed::Hidden => hidden(),
                Summed::Nothing => SheetCell::nothing(),
            });
            if *pair {
                cells.extend([SheetCell::nothing(), SheetCell::nothing()]);
            }
        }
        cells
    }

    /// A total of the points of each column, and below it what was published of it with the difference.
    fn of_points(&self, units: &[&Unit], (total, then): (SummaryTotal, Then), pairs: &[bool]) -> Vec<Vec<SheetCell>> {
        let published = self.published_row(total, then);
        let mut own = self.named(crate::pages::text::capital(total.label()), then);
        let mut printed = self.named("– опубликовано".to_owned(), then);
        let mut differs = self.named("– опубликовано − рассчитано".to_owned(), then);
        let mut any = false;
        for (column, pair) in self.table.columns.iter().zip(pairs) {
            let found = self.total(column, units, (total, then));
            let was = published.and_then(|row| {
                let (of, period) = (self.published?, self.period(then)?);
                of.of(row, &period.code, column.published.as_deref()?)
            });
            any |= was.is_some();
            printed.push(was.map_or_else(SheetCell::nothing, |(milli, digits)| {
                SheetCell::number(words::fixed(milli, digits), milli, digits, "")
            }));
            differs.push(match (&found, was) {
                (Total::Is(computed, _), Some((milli, _))) => signed(milli - computed),
                _ => SheetCell::nothing(),
            });
            own.push(match (found, was) {
                (_, Some((milli, digits))) if planted!("published_for_computed") => {
                    SheetCell::number(words::fixed(milli, digits), milli, digits, "")
                }
                (found, _) => found.cell(),
            });
            for row in [&mut printed, &mut differs] {
                if *pair {
                    row.extend([SheetCell::nothing(), SheetCell::nothing()]);
                }
            }
            if *pair {
                // What the whole has reported as its own value is the mean of its units.
                let of = self.beside(column, (&self.place.unit, None), then);
                let of = of.filter(|_| total == SummaryTotal::Mean);
                own.extend(self.pair(column, None, of));
            }
        }
        if any { vec![own, printed, differs] } else { vec![own] }
    }

    fn published_row(&self, total: SummaryTotal, then: Then) -> Option<&str> {
        self.period(then)?;
        self.table.published.as_ref()?.rows.get(&total).map(String::as_str)
    }

    fn total(&self, column: &SummaryColumn, units: &[&Unit], (total, then): (SummaryTotal, Then)) -> Total {
        let nothing = || Total::Not(SheetCell::nothing());
        let Some(indicator) = self.indicator(column, None) else {
            return nothing();
        };
        let (sum, many) = match self.summed(column, units, then) {
            Summed::Of(sum, many) => (sum, many),
            Summed::Hidden => return Total::Not(hidden()),
            Summed::Nothing => return nothing(),
        };
        let of_all = i64::try_from(units.len()).unwrap_or(i64::MAX);
        let many = if planted!("mean_over_all") { of_all } else { many };
        match total {
            SummaryTotal::Sum => Total::Is(sum, exact(sum)),
            SummaryTotal::Mean => Total::Is(mean(sum, many), exact(mean(sum, many))),
            SummaryTotal::OfMaximum => {
                let year = if planted!("maximum_of_last_year") {
                    Then::Previous
                } else {
                    then
                };
                self.of_maximum(indicator, (sum, many), year)
            }
            SummaryTotal::Change => match self.summed(column, units, Then::Previous) {
                Summed::Of(before, count) => {
                    let change = mean(sum, many) - mean(before, count);
                    Total::Is(change, signed(change))
                }
                Summed::Hidden => Total::Not(hidden()),
                Summed::Nothing => nothing(),
            },
            SummaryTotal::Whole => nothing(),
        }
    }

    /// The mean as a share of the most that the indicator gives in a period, per cent to one decimal.
    fn of_maximum(&self, indicator: &Indicator, (sum, many): (i64, i64), then: Then) -> Total {
        let most = self
            .period(then)
            .map_or(0, |p| scoring::most(&self.place.pack, indicator, &p.code));
        let share = most.checked_mul(many).and_then(|of| share_in_tenths(sum, of));
        share.map_or_else(
            || Total::Not(SheetCell::nothing()),
            |tenths| {
                let milli = tenths * 100;
                let written = format!("{}{NBSP}%", words::fixed(milli, 1));
                Total::Is(milli, SheetCell::number(written, milli, 1, "%"))
            },
        )
    }

    /// Points of a column over the units that have some; nothing but points is added up.
    fn summed(&self, column: &SummaryColumn, units: &[&Unit], then: Then) -> Summed {
        let adds = |i: &&Indicator| of_points(i) || planted!("percentages_averaged");
        let told = matches!(column.cell, SummaryCell::Value | SummaryCell::Points);
        let then = self.then(column, then);
        let Some(indicator) = self.indicator(column, None).filter(adds).filter(|_| told) else {
            return Summed::Nothing;
        };
        let (mut sum, mut many) = (0_i64, 0_i64);
        for seen in units.iter().filter_map(|u| self.seen(indicator, u, then)) {
            if seen.hidden {
                return Summed::Hidden;
            }
            let points = match column.cell {
                SummaryCell::Points => seen.points.given().copied(),
                _ => seen.value_milli,
            };
            if let Some(points) = points {
                sum = sum.saturating_add(points);
                many += 1;
            }
        }
        if many == 0 {
            Summed::Nothing
        } else {
            Summed::Of(sum, many)
        }
    }
}

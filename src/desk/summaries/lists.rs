//! Lists by level: for each group of a summary table the units on each of its levels, with how many they are.

use crate::desk::summaries::cells::Making;
use crate::desk::summaries::rows::by_level;
use crate::pages::parts::{Sheet, SheetCell, SheetColumn};
use crate::pages::text::{NBSP, share_in_tenths};
use crate::units::UnitKind;

impl Making<'_> {
    /// The lists of the table; `None` where it asks for none, or nobody has a row.
    pub(super) fn lists(&self, kind: UnitKind) -> Option<Sheet> {
        let units = self.place.units(kind);
        if self.table.lists.is_empty() || units.is_empty() {
            return None;
        }
        let columns = vec![
            SheetColumn::words("Показатель"),
            SheetColumn::words("Уровень"),
            SheetColumn::figures("Сколько"),
            SheetColumn::figures("Доля"),
            SheetColumn::words("Кто"),
        ];
        let all = i64::try_from(units.len()).unwrap_or(i64::MAX);
        let mut rows = Vec::new();
        for code in &self.table.lists {
            let Some(indicator) = self.place.pack.indicator(code) else {
                continue;
            };
            for class in by_level(self, indicator, &units) {
                let many = i64::try_from(class.units.len()).unwrap_or(i64::MAX);
                let names: Vec<&str> = class.units.iter().map(|u| u.name.as_str()).collect();
                let share = share_in_tenths(many, all).unwrap_or(0) * 100;
                let written = format!("{}{NBSP}%", crate::desk::indicators::words::fixed(share, 1));
                rows.push(vec![
                    SheetCell::words(format!("{} {}", indicator.code, indicator.title)),
                    SheetCell::words(class.title),
                    super::cells::exact(many.saturating_mul(1000)),
                    if class.some_hidden {
                        SheetCell::nothing()
                    } else {
                        SheetCell::number(written, share, 1, "%")
                    },
                    if names.is_empty() {
                        SheetCell::nothing()
                    } else {
                        SheetCell::words(names.join(", "))
                    },
                ]);
            }
        }
        Some(Sheet::new("Списки по уровням", columns, rows))
    }
}

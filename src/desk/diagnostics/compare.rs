//! «Было и стало» as a table: the last two formal results of each competence with their levels and days.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::competence::scale::{Band, level_of};
use crate::competence::{CompetenceId, ScaleId};
use crate::desk::plan::page::level;
use crate::desk::plan::rows::whole_percent;
use crate::pages::parts::{Cell, Column, Register};
use crate::pages::text::date;
use crate::profile::Measured;
use crate::profile::compare::pairs;

/// The table; none where nothing was measured twice by a day.
pub(crate) fn was_and_is(
    results: &[Measured],
    scales: &HashMap<ScaleId, Vec<Band>>,
    today: NaiveDate,
    name: &dyn Fn(CompetenceId) -> String,
) -> Option<Register> {
    let held: Vec<Measured> = results.iter().filter(|r| r.held_on <= today).cloned().collect();
    let said = |of: &Measured| {
        let bands = scales.get(&of.scale).map_or(&[][..], Vec::as_slice);
        let level = level_of(of.raw, of.max, bands)
            .map_or_else(String::new, |band| format!(", {}", level(&band.label, band.is_deficit)));
        format!("{}\u{A0}%{level}, {}", whole_percent(of.raw, of.max), date(of.held_on))
    };
    let rows = pairs(&held).into_iter().map(|pair| {
        vec![
            Cell::text(name(pair.competence)),
            Cell::text(said(&pair.was)),
            Cell::text(said(&pair.now)),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let columns = [
        Column::words("Компетенция"),
        Column::words("Было"),
        Column::words("Стало"),
    ];
    (!rows.is_empty()).then(|| Register::new("Было и стало", &columns, rows))
}

//! Values of a file against the parts and the wholes that stand beside them.

use std::collections::HashMap;

use super::measures::{self, Measure};
use super::reported::{Entered, InForce, Place};
use crate::exchange::{Kind, Mode, Problem, Verdict};

/// The rows that agree with their parts and wholes, in the file or in force; the others are refused.
pub(super) fn consistent(
    mode: Mode,
    mut rows: Vec<(u32, Entered)>,
    stored: &HashMap<Place, InForce>,
    verdicts: &mut Vec<(u32, Verdict)>,
) -> Vec<(u32, Entered)> {
    let written = rows
        .iter()
        .filter(|(_, value)| mode != Mode::Add || !stored.contains_key(&value.place()));
    let mut said: HashMap<Place, Option<i64>> = written.map(|(_, v)| (v.place(), v.value_milli)).collect();
    // A part is refused before its whole: what is wrong with the two is told once.
    for as_part in [true, false] {
        rows.retain(|(number, value)| {
            let (place, of) = (value.place(), measures::of_units(&value.measure));
            let (Some(of), Some(own), true) = (of, value.value_milli, said.contains_key(&place)) else {
                return true;
            };
            let beside = |other: &Measure| -> Option<i64> {
                let mut place = place.clone();
                place.1.clone_from(&other.code);
                let now = said.get(&place).copied();
                now.unwrap_or_else(|| stored.get(&place).and_then(|s| s.value_milli))
            };
            let refusal = if as_part {
                of.whole()
                    .and_then(|whole| measures::above_whole((of, own), (whole, beside(whole)?)))
            } else {
                of.parts()
                    .find_map(|part| measures::above_whole((part, beside(part)?), (of, own)))
            };
            let Some(refusal) = refusal else { return true };
            let problem = Problem::at(Kind::Forms, "value", super::scale::plain(own), refusal);
            verdicts.push((*number, Verdict::Refused(problem)));
            said.remove(&place);
            false
        });
    }
    rows
}

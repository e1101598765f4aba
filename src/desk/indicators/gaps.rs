//! What does not stand in a row of periods, and why: a year that nobody has counted, a period without a value, those before
//! the first that is shown.

use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::told::Seen;
use crate::desk::indicators::words;
use crate::facts::FactPeriod;
use crate::indicators::Indicator;
use crate::indicators::ground::code_before;
use crate::units::Period;

/// Years of one gap that are named at most.
const NAMED: usize = 20;

/// Whether the period at a place of the row follows the one before it without a gap.
pub(crate) fn follows(periods: &[FactPeriod], n: usize) -> bool {
    let before = n.checked_sub(1).and_then(|n| periods.get(n));
    let (Some(before), Some(own)) = (before, periods.get(n)) else {
        return false;
    };
    code_before(&own.code, 1).as_ref() == Some(&before.code)
}

/// Years that nobody has counted: those of the method before the last of the row, and those inside it.
fn uncounted(found: &Found, periods: &[FactPeriod]) -> Vec<String> {
    let counted = |code: &str| found.known.iter().any(|p| p.code == code);
    let before = |code: &&String| Period::parse(code).is_some_and(|p| p.starts_on < found.period.starts_on);
    let own = found.pack.years.iter().filter(|code| !counted(code)).filter(before);
    let mut years: Vec<String> = own.cloned().collect();
    for pair in periods.windows(2) {
        let between = (1..=u8::MAX).map_while(|n| code_before(&pair[1].code, n));
        years.extend(between.take_while(|code| *code != pair[0].code).take(NAMED));
    }
    years.sort();
    years.dedup();
    years
}

/// All of it in sentences; `seen` are the values of the unit itself by period.
pub(crate) fn said(
    found: &Found,
    indicator: &Indicator,
    periods: &[FactPeriod],
    seen: &[Option<&Seen>],
) -> Vec<String> {
    let mut said = Vec::new();
    let years = uncounted(found, periods);
    if !years.is_empty() {
        said.push(format!(
            "{}: показатели не считались. Считают годы, которые указаны в методике; их добавляет региональный оператор.",
            years.join(", ")
        ));
    }
    for (period, seen) in periods.iter().zip(seen) {
        let why = match seen {
            Some(seen) if seen.hidden || seen.value_milli.is_some() => continue,
            // A word stands for a number: nothing is missing.
            Some(seen) if seen.zone.given().is_some() => continue,
            Some(seen) => words::value_cell(indicator, seen).text,
            None => "на отчётный день такой единицы не было".to_owned(),
        };
        said.push(format!("{}: {why}.", period.code));
    }
    let first = periods.first();
    if let Some(first) = first.filter(|first| found.known.iter().any(|p| p.starts_on < first.starts_on)) {
        said.push(format!(
            "Периоды до {} есть: чтобы их увидеть, выберите более ранний период.",
            first.code
        ));
    }
    said
}

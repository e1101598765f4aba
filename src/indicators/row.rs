//! A value as a row for machines: the columns of `values`, the words of points and zones.

use super::classes::{self, Standing};
use super::evaluate::Reason;
use super::pack::Pack;
use super::scale::plain as decimal;
use super::scoring::Scored;
use super::values::Value;

/// The columns of a row.
pub const COLUMNS: [&str; 13] = [
    "pack",
    "indicator",
    "breakdown",
    "breakdown_value",
    "unit",
    "unit_name",
    "numerator",
    "denominator",
    "value",
    "points",
    "zone",
    "target",
    "reported",
];

/// The cells of a row, empty where there is no value.
#[must_use]
pub fn cells(pack: &Pack, v: &Value) -> [String; 13] {
    let number = |milli: Option<i64>| milli.map_or_else(String::new, decimal);
    let (by, of) = match &v.breakdown {
        Some((by, of)) => ((*by).to_owned(), of.clone()),
        None => (String::new(), String::new()),
    };
    [
        pack.code.clone(),
        v.indicator.clone(),
        by,
        of,
        v.unit_code.clone(),
        v.unit_name.clone(),
        number(v.numerator_milli),
        number(v.denominator_milli),
        number(v.value_milli),
        points(v),
        zone(pack, v),
        number(v.target_milli),
        number(v.reported_milli),
    ]
}

/// Why there is no value, or no points for it, or no zone.
#[must_use]
pub fn reason(v: &Value) -> Option<Reason> {
    v.reason.or_else(|| v.points.reason()).or_else(|| v.zone.reason())
}

/// Points, or the word of the reason why there are none; where no points are given, why there is no value.
#[must_use]
pub fn points(v: &Value) -> String {
    match (&v.points, v.reason) {
        (Scored::Is(points), _) => decimal(*points),
        (Scored::Not(reason), _) => reason.code().to_owned(),
        // The word of an attribute stands for its value.
        (Scored::Unscaled, Some(reason)) if v.zone.given().is_none() => reason.code().to_owned(),
        (Scored::Unscaled, _) => String::new(),
    }
}

/// The level that pages show, in a word for machines.
#[must_use]
pub fn level(pack: &Pack, v: &Value) -> Option<String> {
    let indicator = pack.indicator(&v.indicator)?;
    let Standing::On(code) = classes::standing(indicator, v) else {
        return None;
    };
    let levels = classes::levels(indicator);
    let word = levels
        .into_iter()
        .find(|level| level.code == code)
        .map(|level| level.word);
    Some(word.unwrap_or(code))
}

/// The level or the reason why there is none; where the indicator has no levels, whether the target is reached.
#[must_use]
pub fn zone(pack: &Pack, v: &Value) -> String {
    match pack.indicator(&v.indicator).map(|of| classes::standing(of, v)) {
        Some(Standing::On(_)) => level(pack, v).unwrap_or_default(),
        Some(Standing::Not(reason)) => reason.code().to_owned(),
        Some(Standing::Met(true)) => "target_met".to_owned(),
        Some(Standing::Met(false)) => "target_missed".to_owned(),
        Some(Standing::Silent) | None => String::new(),
    }
}

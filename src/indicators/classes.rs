//! What a value is beside others: its place, its level, its class of shade. Pure rules over a passport.

use super::evaluate::Reason;
use super::formula::{Attribute, Formula};
use super::pack::{Direction, Indicator};
use super::scale::{self, Bounds, Placed};
use super::scoring::Scored;
use super::values::Value;
use crate::units::{Locality, MunicipalityKind, Tree};

/// A level of an indicator: a zone, or what a number of points means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Code of the zone, or the points.
    pub code: String,
    /// Title.
    pub title: String,
    /// How tables for machines call it: the code of the zone, `low`, `middle`, `high`, or the points.
    pub word: String,
    /// The ranges of values that give it.
    pub bounds: Vec<Bounds>,
}

/// What is said of a value beside it, the same on pages and in files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Code of its level.
    On(String),
    /// Why it has no level.
    Not(Reason),
    /// There are no levels: whether its target is reached.
    Met(bool),
    /// Nothing.
    Silent,
}

/// The levels of an indicator, from the lowest points or bounds; none where it has neither zones nor a scale.
#[must_use]
pub fn levels(indicator: &Indicator) -> Vec<Level> {
    if !indicator.zones.is_empty() {
        let mut zones: Vec<&scale::Zone> = indicator.zones.iter().collect();
        zones.sort_by_key(|z| z.bounds.from.unwrap_or(i64::MIN));
        let level = |z: &scale::Zone| Level {
            code: z.code.clone(),
            title: z.title.clone(),
            word: z.code.clone(),
            bounds: vec![z.bounds],
        };
        return zones.into_iter().map(level).collect();
    }
    let mut points: Vec<i64> = indicator.scale.iter().map(|b| b.points).collect();
    points.sort_unstable();
    points.dedup();
    let titles: &[(&str, &str)] = match points.len() {
        2 => &[("низкий", "low"), ("высокий", "high")],
        3 => &[("низкий", "low"), ("средний", "middle"), ("высокий", "high")],
        _ => &[],
    };
    let level = |(place, of): (usize, &i64)| Level {
        code: scale::plain(*of),
        title: titles
            .get(place)
            .map_or_else(|| format!("баллы: {}", scale::comma(*of)), |(t, _)| (*t).to_owned()),
        word: titles
            .get(place)
            .map_or_else(|| scale::plain(*of), |(_, word)| (*word).to_owned()),
        bounds: indicator
            .scale
            .iter()
            .filter(|b| b.points == *of)
            .map(|b| b.bounds)
            .collect(),
    };
    points.iter().enumerate().map(level).collect()
}

/// The title of a level by its code; of an attribute that of the place or of the unit.
#[must_use]
pub fn title(tree: &Tree, indicator: &Indicator, code: &str) -> String {
    match &indicator.formula {
        Some(Formula::Attribute(Attribute::Locality)) => {
            Locality::from_code(code).map_or_else(|| code.to_owned(), |l| l.label().to_owned())
        }
        Some(Formula::Attribute(Attribute::MunicipalityKind)) => {
            MunicipalityKind::from_code(code).map_or_else(|| code.to_owned(), |kind| kind.label().to_owned())
        }
        Some(Formula::Attribute(Attribute::Zone)) => {
            let unit = tree.by_code(code);
            unit.map_or_else(|| code.to_owned(), |u| u.name.clone())
        }
        _ => {
            let levels = levels(indicator);
            let level = levels.into_iter().find(|l| l.code == code);
            level.map_or_else(|| code.to_owned(), |l| l.title)
        }
    }
}

/// The level that a value has, by its zone or its points.
#[must_use]
pub fn level_of(value: &Value) -> Scored<String> {
    match (&value.zone, &value.points) {
        (Scored::Unscaled, Scored::Is(points)) => Scored::Is(scale::plain(*points)),
        (Scored::Unscaled, Scored::Not(reason)) => Scored::Not(*reason),
        (zone, _) => zone.clone(),
    }
}

/// What is said of a value: its level or why it has none; where there are no levels, whether its target is reached.
#[must_use]
pub fn standing(indicator: &Indicator, value: &Value) -> Standing {
    let leveled = !indicator.zones.is_empty() || !indicator.scale.is_empty();
    match level_of(value) {
        Scored::Is(code) if leveled || matches!(indicator.formula, Some(Formula::Attribute(_))) => Standing::On(code),
        Scored::Not(reason) if leveled => Standing::Not(reason),
        _ => value.met.map_or(Standing::Silent, Standing::Met),
    }
}

/// Places of values: equal ones share a place, the next one counts all before it. Nobody has a place where no value is
/// better than another.
#[must_use]
pub fn places(values: &[Option<i64>], direction: Direction) -> Vec<Option<usize>> {
    let better = |than: i64, one: i64| match direction {
        Direction::HigherIsBetter => one > than,
        Direction::LowerIsBetter => one < than,
        Direction::BandOptimum | Direction::Neutral => false,
    };
    let ranked = matches!(direction, Direction::HigherIsBetter | Direction::LowerIsBetter);
    let place = |own: &Option<i64>| {
        let own = own.filter(|_| ranked)?;
        Some(1 + values.iter().flatten().filter(|one| better(own, **one)).count())
    };
    values.iter().map(place).collect()
}

/// Shades of a map at most.
pub const SHADES: usize = 5;

/// The bounds between the shades of an indicator in a period, by its passport alone, whatever the values of the day: those
/// of its zones or its scale, else fifths of the whole or of the most points. A bound belongs to the shade above it.
#[must_use]
pub fn breaks(indicator: &Indicator, most: i64) -> Vec<i64> {
    let ranges: Vec<Bounds> = if indicator.zones.is_empty() {
        indicator.scale.iter().map(|b| b.bounds).collect()
    } else {
        indicator.zones.iter().map(|z| z.bounds).collect()
    };
    if !ranges.is_empty() {
        let mut inner: Vec<i64> = ranges.iter().filter_map(|b| b.from).collect();
        inner.sort_unstable();
        inner.dedup();
        // The lowest range begins where it begins: below it there is nothing to tell apart.
        if ranges.iter().all(|b| b.from.is_some()) && !inner.is_empty() {
            inner.remove(0);
        }
        inner.truncate(SHADES - 1);
        return inner;
    }
    let whole = match (indicator.is_percent(), most) {
        (true, _) => 100_000,
        (false, most) if most > 0 => most,
        _ => return Vec::new(),
    };
    (1..5).map(|fifth| whole * fifth / 5).collect()
}

/// The shade of a value, 1 to [`SHADES`]; few shades stand far apart. One that a scale leaves out has none.
#[must_use]
pub fn shade(indicator: &Indicator, breaks: &[i64], value: i64) -> Option<usize> {
    let outside = if indicator.zones.is_empty() {
        let placed = scale::place(indicator.scale.iter(), |b| b.bounds, |b| b.points, value);
        !indicator.scale.is_empty() && placed == Placed::Outside
    } else {
        let placed = scale::place(indicator.zones.iter(), |z| z.bounds, |z| z.code.clone(), value);
        placed == Placed::Outside
    };
    if outside || breaks.is_empty() {
        return None;
    }
    let class = breaks.iter().filter(|b| value >= **b).count();
    // Of three classes the shades are 1, 3, 5.
    Some(1 + class * (SHADES - 1) / breaks.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_place_and_the_next_one_counts_them_all() {
        let values = [Some(5), Some(9), None, Some(9), Some(1)];
        let higher = places(&values, Direction::HigherIsBetter);
        assert_eq!(higher, [Some(3), Some(1), None, Some(1), Some(4)]);
        let lower = places(&values, Direction::LowerIsBetter);
        assert_eq!(lower, [Some(2), Some(3), None, Some(3), Some(1)]);
        assert_eq!(places(&values, Direction::Neutral), [None; 5]);
    }
}

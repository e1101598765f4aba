//! Scales of levels: bands with explicit bounds over the per cent of a score. Compared as whole numbers, never rounded.

use std::cmp::Ordering;

use diesel::prelude::*;

use super::model::ScaleId;
use crate::db::milli::Milli;
use crate::db::schema::scale_band;
use crate::db::{AnyConn, DbError};
use crate::error::Refusal;

/// The scale results are read by where nobody chose another.
pub const DEFAULT_SCALE: &str = "deficit_default";

/// A band of a scale. Bounds are per cent.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = scale_band, treat_none_as_default_value = false)]
pub struct Band {
    /// Id.
    pub id: i64,
    /// The scale.
    pub scale_id: ScaleId,
    /// Place in the scale, from the lowest per cent, from 1.
    pub number: i32,
    /// Code of the level.
    pub level: String,
    /// Label as printed.
    pub label: String,
    /// Lower bound.
    pub lower_milli: Milli,
    /// Upper bound.
    pub upper_milli: Milli,
    /// Whether the lower bound belongs to the band.
    pub lower_incl: bool,
    /// Whether the upper bound belongs to the band.
    pub upper_incl: bool,
    /// Whether a score in this band is a deficit.
    pub is_deficit: bool,
    /// How heavy the deficit is: a larger number is taken up first.
    pub severity: i32,
}

/// What the level of a scale of mastery begins with: «высокий» alone says nothing until it is known of what, and beside levels
/// of deficits it would read the other way round.
const OF_MASTERY: &str = "уровень владения: ";

/// A level of a scale of mastery as it is called everywhere.
#[must_use]
pub fn of_mastery(level: &str) -> String {
    format!("{OF_MASTERY}{level}")
}

/// Whether a level says itself that it names mastery.
#[must_use]
pub fn names_mastery(level: &str) -> bool {
    level.starts_with(OF_MASTERY)
}

/// The band that a score falls into; `None` when the scale has a gap there or `max` is not above zero.
#[must_use]
pub fn level_of(raw: Milli, max: Milli, bands: &[Band]) -> Option<&Band> {
    if max.0 <= 0 {
        return None;
    }
    // raw / max * 100 <=> bound / 1000, both sides multiplied out: no division, so 59,99 % is never 60 %.
    let against = |bound: Milli| (i64::from(raw.0) * 100_000).cmp(&(i64::from(bound.0) * i64::from(max.0)));
    bands.iter().find(|band| {
        let above = match against(band.lower_milli) {
            Ordering::Greater => true,
            Ordering::Equal => band.lower_incl,
            Ordering::Less => false,
        };
        let below = match against(band.upper_milli) {
            Ordering::Less => true,
            Ordering::Equal => band.upper_incl,
            Ordering::Greater => false,
        };
        above && below
    })
}

/// Refuses a scale of our own that leaves a gap or covers a score twice between 0 and 100.
///
/// # Errors
/// Names the bound at which the gap or overlap lies.
pub fn validate(bands: &[Band]) -> Result<(), Refusal> {
    let gap = |at: Milli| Refusal::new("competence.scale_gap").with("at", at);
    let overlap = |at: Milli| Refusal::new("competence.scale_overlap").with("at", at);
    let mut sorted: Vec<&Band> = bands.iter().collect();
    sorted.sort_by_key(|b| (b.lower_milli, b.upper_milli));
    let mut reached = (Milli(0), false);
    for band in sorted {
        let empty = band.lower_milli == band.upper_milli && !(band.lower_incl && band.upper_incl);
        if band.lower_milli > band.upper_milli || empty {
            return Err(gap(band.lower_milli));
        }
        let (at, taken) = reached;
        match band.lower_milli.cmp(&at) {
            Ordering::Less => return Err(overlap(band.lower_milli)),
            Ordering::Greater => return Err(gap(at)),
            Ordering::Equal if taken && band.lower_incl => return Err(overlap(at)),
            Ordering::Equal if !taken && !band.lower_incl => return Err(gap(at)),
            Ordering::Equal => {}
        }
        reached = (band.upper_milli, band.upper_incl);
    }
    match reached {
        (Milli(100_000), true) => Ok(()),
        (at, _) if at.0 > 100_000 => Err(overlap(Milli(100_000))),
        (at, _) => Err(gap(at)),
    }
}

/// The bands of every scale, in their order.
///
/// # Errors
/// Those of the database.
pub fn bands(conn: &mut AnyConn) -> Result<std::collections::HashMap<ScaleId, Vec<Band>>, DbError> {
    let rows: Vec<Band> = scale_band::table
        .select(Band::as_select())
        .order((scale_band::scale_id, scale_band::number))
        .load(conn)?;
    let mut scales: std::collections::HashMap<ScaleId, Vec<Band>> = std::collections::HashMap::new();
    for band in rows {
        scales.entry(band.scale_id).or_default().push(band);
    }
    Ok(scales)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(number: i32, level: &str, lower: &str, upper: &str) -> Band {
        let bound = |text: &str| Milli::parse(text.trim_matches(['[', ']', '(', ')'])).unwrap();
        Band {
            id: number.into(),
            scale_id: ScaleId(1),
            number,
            level: level.into(),
            label: level.into(),
            lower_milli: bound(lower),
            upper_milli: bound(upper),
            lower_incl: lower.starts_with('['),
            upper_incl: upper.ends_with(']'),
            is_deficit: number <= 2,
            severity: 4 - number,
        }
    }

    fn usual() -> Vec<Band> {
        vec![
            band(1, "high", "[0", "60)"),
            band(2, "middle", "[60", "80]"),
            band(3, "low", "(80", "100)"),
            band(4, "none", "[100", "100]"),
        ]
    }

    #[test]
    fn scores_on_the_edges_fall_where_the_bounds_say() {
        for (raw, max, level) in [
            ("0", "100", "high"),
            ("59,99", "100", "high"),
            ("60", "100", "middle"),
            ("80", "100", "middle"),
            ("80,01", "100", "low"),
            ("99,999", "100", "low"),
            ("100", "100", "none"),
            ("1,8", "3", "middle"),
            ("1,799", "3", "high"),
            ("12", "20", "middle"),
            ("16", "20", "middle"),
            ("2147483,647", "2147483,647", "none"),
        ] {
            let (raw, max) = (Milli::parse(raw).unwrap(), Milli::parse(max).unwrap());
            let bands = usual();
            assert_eq!(level_of(raw, max, &bands).unwrap().level, level, "{raw} of {max}");
        }
        assert_eq!(level_of(Milli(1), Milli(0), &usual()), None);
    }

    #[test]
    fn a_scale_with_a_gap_or_an_overlap_is_refused() {
        assert_eq!(validate(&usual()), Ok(()));
        let code = |change: fn(&mut Vec<Band>)| {
            let mut bands = usual();
            change(&mut bands);
            validate(&bands).unwrap_err().code
        };
        let gap = "competence.scale_gap";
        let overlap = "competence.scale_overlap";
        assert_eq!(code(|b| b[1].lower_incl = false), gap, "60 in no band");
        assert_eq!(code(|b| b[0].upper_incl = true), overlap, "60 in two bands");
        assert_eq!(code(|b| b[0].lower_incl = false), gap, "0 in no band");
        assert_eq!(code(|b| b[2].lower_milli = Milli(81_000)), gap);
        assert_eq!(code(|b| b[2].lower_milli = Milli(79_000)), overlap);
        assert_eq!(code(|b| drop(b.pop())), gap, "100 in no band");
        assert_eq!(code(|b| b[3].upper_milli = Milli(101_000)), overlap, "beyond 100");
        assert_eq!(code(Vec::clear), gap);
    }
}

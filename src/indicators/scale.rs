//! Bands of a scale: which of them a value falls into, with bounds as the source prints them.
//!
//! An official scale is kept as given: where it has a gap a value may fall outside, where two bands share an edge the
//! edge is undecided until a person records the choice.

use std::fmt;

use crate::planted;

/// Bounds in thousandths; `None` is open without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The lower one.
    pub from: Option<i64>,
    /// The upper one.
    pub to: Option<i64>,
    /// Whether the lower one itself belongs here.
    pub from_in: bool,
    /// Whether the upper one itself belongs here.
    pub to_in: bool,
}

impl Bounds {
    /// Whether a value lies within.
    #[must_use]
    pub fn hold(&self, value: i64) -> bool {
        let above = self
            .from
            .is_none_or(|from| value > from || (self.from_in && value == from));
        let below = self.to.is_none_or(|to| value < to || (self.to_in && value == to));
        above && below
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lower = if self.from_in { "от" } else { "больше" };
        let upper = if self.to_in { "до" } else { "меньше" };
        match (self.from, self.to) {
            (Some(from), Some(to)) if self.to_in => write!(f, "{lower} {} {upper} {}", comma(from), comma(to)),
            (Some(from), Some(to)) => write!(f, "{lower} {}, но {upper} {}", comma(from), comma(to)),
            (Some(from), None) => write!(f, "{lower} {}", comma(from)),
            (None, Some(to)) => write!(f, "{upper} {}", comma(to)),
            (None, None) => f.write_str("любое"),
        }
    }
}

/// Points for a range of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// The range.
    pub bounds: Bounds,
    /// Points in thousandths.
    pub points: i64,
}

/// A zone of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Code.
    pub code: String,
    /// Title.
    pub title: String,
    /// The range.
    pub bounds: Bounds,
}

/// Where a value fell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed<T> {
    /// Into one range, or into several that say the same.
    In(T),
    /// Into none.
    Outside,
    /// Into several that differ.
    Edge,
}

/// Places a value among ranges; those that say the same are one.
pub fn place<'a, B, T: PartialEq>(
    ranges: impl Iterator<Item = &'a B>,
    bounds: impl Fn(&'a B) -> Bounds,
    says: impl Fn(&'a B) -> T,
    value: i64,
) -> Placed<T>
where
    B: 'a,
{
    let mut found: Option<T> = None;
    for range in ranges.filter(|r| bounds(r).hold(value)) {
        let said = says(range);
        match &found {
            Some(before) if *before != said && !planted!("edge_hidden") => return Placed::Edge,
            _ => found = Some(said),
        }
    }
    found.map_or(Placed::Outside, Placed::In)
}

/// What is wrong between two neighbouring ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// Values between these bounds belong nowhere.
    Gap(i64, i64),
    /// The bound belongs to both.
    SharedEdge(i64),
    /// Values between these bounds belong to both.
    Overlap(i64, i64),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap(from, to) => write!(
                f,
                "разрыв: значения между {} и {} не попадают никуда; сдвиньте границу или оставьте как в источнике",
                comma(*from),
                comma(*to)
            ),
            Self::SharedEdge(at) => write!(
                f,
                "общая граница: {} принадлежит двум полосам; исключите её из одной (to_in = false) или запишите выбор",
                comma(*at)
            ),
            Self::Overlap(from, to) => write!(
                f,
                "перекрытие: значения от {} до {} принадлежат двум полосам; исправьте границы",
                comma(*from),
                comma(*to)
            ),
        }
    }
}

/// Flaws between neighbours, whatever their order in the text.
#[must_use]
pub fn flaws(ranges: &[Bounds]) -> Vec<Flaw> {
    let mut sorted: Vec<&Bounds> = ranges.iter().collect();
    sorted.sort_by_key(|b| (b.from.unwrap_or(i64::MIN), b.to.unwrap_or(i64::MAX)));
    let mut found = Vec::new();
    for pair in sorted.windows(2) {
        let (Some(upper), Some(lower)) = (pair[0].to, pair[1].from) else {
            let from = pair[1].from.unwrap_or(i64::MIN);
            found.push(Flaw::Overlap(from, pair[0].to.unwrap_or(from)));
            continue;
        };
        match upper.cmp(&lower) {
            std::cmp::Ordering::Less => found.push(Flaw::Gap(upper, lower)),
            std::cmp::Ordering::Greater => found.push(Flaw::Overlap(lower, upper)),
            std::cmp::Ordering::Equal if pair[0].to_in && pair[1].from_in => found.push(Flaw::SharedEdge(upper)),
            std::cmp::Ordering::Equal if !pair[0].to_in && !pair[1].from_in => found.push(Flaw::Gap(upper, lower)),
            std::cmp::Ordering::Equal => {}
        }
    }
    found
}

/// Thousandths with a point and without needless zeros.
#[must_use]
pub fn plain(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let (whole, fraction) = (milli.unsigned_abs() / 1000, milli.unsigned_abs() % 1000);
    if fraction == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{}", format!("{fraction:03}").trim_end_matches('0'))
    }
}

/// The same with a comma, for people.
#[must_use]
pub fn comma(milli: i64) -> String {
    plain(milli).replace('.', ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(from: i64, to: Option<i64>) -> Bounds {
        Bounds {
            from: Some(from),
            to,
            from_in: true,
            to_in: true,
        }
    }

    /// The published scale of deficits: 0–7,99 is 0, 8–20 is 1, 20 and more is 2.
    fn published() -> Vec<Band> {
        [(0, Some(7990), 0), (8000, Some(20_000), 1000), (20_000, None, 2000)]
            .map(|(from, to, points)| Band {
                bounds: bounds(from, to),
                points,
            })
            .to_vec()
    }

    #[test]
    fn an_official_scale_is_read_as_it_is_printed() {
        let bands = published();
        let points = |value| place(bands.iter(), |b| b.bounds, |b| b.points, value);
        assert_eq!(points(7990), Placed::In(0));
        assert_eq!(points(7995), Placed::Outside, "7,99–8 is empty");
        assert_eq!(points(8000), Placed::In(1000));
        assert_eq!(points(19_990), Placed::In(1000));
        assert_eq!(points(20_000), Placed::Edge, "20 stands in two bands");
        assert_eq!(points(20_010), Placed::In(2000));
        assert_eq!(points(-1), Placed::Outside);
        let all: Vec<Bounds> = bands.iter().map(|b| b.bounds).collect();
        assert_eq!(flaws(&all), [Flaw::Gap(7990, 8000), Flaw::SharedEdge(20_000)]);
    }

    #[test]
    fn flaws_are_found_whatever_the_order() {
        assert_eq!(
            flaws(&[bounds(5000, None), bounds(0, Some(6000))]),
            [Flaw::Overlap(5000, 6000)]
        );
        let mut open = bounds(0, Some(5000));
        open.to_in = false;
        assert_eq!(flaws(&[open, bounds(5000, None)]), []);
        let mut above = bounds(5000, None);
        above.from_in = false;
        assert_eq!(flaws(&[open, above]), [Flaw::Gap(5000, 5000)]);
    }
}

//! How far a value is from its target and from the next better step, a zone or more points: the smallest number of subjects
//! that must come into the numerator (or leave it, where less is better) while the denominator stays. Counted exactly, by
//! the passport's own rounding and bounds.

use super::condition::{Sign, Subject};
use super::edges::Choices;
use super::evaluate::{Figure, Fraction, Reason};
use super::formula::{Amount, Formula};
use super::pack::{Direction, Indicator};
use super::scoring::{self, Scored};
use super::values::Value;
use crate::planted;

/// How far something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// So many subjects.
    Needs(i64),
    /// Not even all who could move are enough.
    OutOfReach,
}

/// Why no distance is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncounted {
    /// There is no value.
    NoValue,
    /// No value is better than another.
    NoBetterSide,
    /// The value is a mean: nobody is counted in it.
    Mean,
    /// The value was reported, and nobody knows of whom.
    Reported,
    /// It is made of points, of what was entered, or whoever comes in comes into the denominator too.
    OfNobody,
}

/// How far a value is from what it should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distance {
    /// From the target, where there is one that is not reached.
    pub target: Option<Away>,
    /// From the next better zone, with its title.
    pub zone: Option<(i64, String)>,
    /// From the next more points, with those points in thousandths; where there are points and no zones.
    pub points: Option<(i64, i64)>,
    /// Why nothing is counted.
    pub uncounted: Option<Uncounted>,
    /// Whether subjects must leave the numerator rather than come into it.
    pub leaving: bool,
}

impl Distance {
    /// Whether there is nothing left to reach.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.target.is_none() && self.zone.is_none() && self.points.is_none()
    }
}

/// Whether the next step is told in points: the passport gives points by the value and names no zones.
#[must_use]
pub fn in_points(indicator: &Indicator) -> bool {
    let compared = matches!(indicator.formula, Some(Formula::Compare { .. }));
    indicator.zones.is_empty() && !indicator.scale.is_empty() && !compared
}

/// How a value moves with its numerator.
struct Moves {
    upper: i64,
    /// The denominator and what the ratio is multiplied by.
    lower: Option<(i64, i64)>,
    /// How many may move.
    most: i64,
    step: i64,
}

/// More is not looked for where nothing bounds the numerator.
const FARTHEST: i64 = 100_000;

fn moves(indicator: &Indicator, value: &Value) -> Result<Moves, Uncounted> {
    if value.is_reported {
        return Err(Uncounted::Reported);
    }
    if value.mean_of.is_some() {
        return Err(Uncounted::Mean);
    }
    let step = match indicator.direction {
        Direction::HigherIsBetter => 1000,
        Direction::LowerIsBetter => -1000,
        Direction::BandOptimum | Direction::Neutral => return Err(Uncounted::NoBetterSide),
    };
    let formula = match indicator.formula.as_ref().ok_or(Uncounted::OfNobody)? {
        Formula::Compare { value, .. } => value,
        whole => whole,
    };
    let upper = value.numerator_milli.ok_or(Uncounted::NoValue);
    let (lower, free) = match formula {
        Formula::Amount(amount) => {
            amount.subject().ok_or(Uncounted::OfNobody)?;
            (None, FARTHEST)
        }
        Formula::Ratio {
            numerator,
            denominator,
            times,
            is_share,
            ..
        } => {
            let counts = numerator.subject().ok_or(Uncounted::OfNobody)?;
            let same = Some(counts) == denominator.subject();
            // Whoever comes in may come into the denominator too: then nothing is known.
            if same && !is_share {
                return Err(Uncounted::OfNobody);
            }
            let lower = value.denominator_milli.filter(|lower| *lower > 0);
            let lower = lower.ok_or(Uncounted::NoValue)?;
            let rest = if same { (lower - upper?) / 1000 } else { FARTHEST };
            (Some((lower, *times)), rest)
        }
        _ => return Err(Uncounted::OfNobody),
    };
    let upper = upper?;
    Ok(Moves {
        upper,
        lower,
        most: if step > 0 { free } else { upper / 1000 },
        step,
    })
}

impl Moves {
    /// The value as the passport writes it after so many have moved.
    fn after(&self, indicator: &Indicator, moved: i64) -> Result<i64, Reason> {
        let upper = self.upper + self.step * moved;
        let exact = match self.lower {
            None => Fraction::whole(upper),
            Some((lower, times)) => Fraction {
                upper: i128::from(upper) * i128::from(times) * 1000,
                lower: i128::from(lower),
            },
        };
        exact
            .brought_to(indicator.digits, indicator.rounding)
            .ok_or(Reason::NoValue)
    }

    fn first(&self, holds: impl Fn(i64) -> bool) -> Option<i64> {
        (1..=self.most).find(|moved| holds(*moved))
    }
}

/// How far a value of a unit is in a period, where shared edges of the scale are decided as `choices` say; nothing where the
/// passport knows no better side, where the value was reported, or where the denominator would have to change.
#[must_use]
pub fn distance(indicator: &Indicator, value: &Value, (choices, period): (&Choices, &str)) -> Distance {
    let moves = match moves(indicator, value) {
        Ok(moves) => moves,
        Err(why) => {
            return Distance {
                uncounted: Some(why),
                ..Distance::default()
            };
        }
    };
    let zone = |of: Result<i64, Reason>| scoring::zone(indicator, &Figure::none(Reason::NoValue), of);
    let own = zone(moves.after(indicator, 0));
    let better = |moved: i64| {
        let there = zone(moves.after(indicator, moved));
        matches!(there, Scored::Is(_)) && there != own
    };
    let better = (!indicator.zones.is_empty()).then(|| moves.first(better)).flatten();
    let title = |moved: i64| match zone(moves.after(indicator, moved)) {
        Scored::Is(code) => indicator.zones.iter().find(|z| z.code == code).map(|z| z.title.clone()),
        _ => None,
    };
    let met = |moved: i64| {
        let after = moves.after(indicator, moved).ok();
        scoring::met(indicator, after, value.target_milli) == Some(true)
    };
    let less = i64::from(planted!("one_too_few"));
    let points = |moved: i64| {
        let after = moves.after(indicator, moved);
        let scored = scoring::points(indicator, &Figure::none(Reason::NoValue), after, (choices, period));
        scored.given().copied()
    };
    let own_points = value.points.given().copied();
    let more = |moved: i64| points(moved).is_some_and(|there| own_points.is_none_or(|own| there > own));
    let more = in_points(indicator).then(|| moves.first(more)).flatten();
    let target = value.target_milli.filter(|_| !met(0)).map(|_| {
        moves
            .first(met)
            .map_or(Away::OutOfReach, |moved| Away::Needs(moved - less))
    });
    Distance {
        target,
        zone: better.and_then(|moved| Some((moved - less, title(moved)?))),
        points: more.and_then(|moved| Some((moved - less, points(moved)?))),
        uncounted: None,
        leaving: moves.step < 0,
    }
}

/// What a numerator counts.
#[must_use]
pub fn subject(indicator: &Indicator) -> Option<Subject> {
    indicator
        .formula
        .as_ref()
        .and_then(Formula::numerator)
        .and_then(Amount::subject)
}

/// How much a number lacks to what a condition asks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Short {
    /// How much, thousandths.
    pub by: i64,
    /// Whether a little more than that is needed: the bound itself is not enough.
    pub beyond: bool,
    /// Whether there is too much of it rather than too little.
    pub over: bool,
}

/// How much a number lacks to hold against a bound, both in thousandths; nothing where it holds. `counted`: it is a whole
/// number, and the next one is one more.
#[must_use]
pub fn short(value: i64, (sign, bound): (Sign, i64), counted: bool) -> Option<Short> {
    if sign.holds(value, bound) {
        return None;
    }
    let over = match sign {
        Sign::Less | Sign::AtMost => true,
        Sign::Greater | Sign::AtLeast => false,
        Sign::Equal => value > bound,
    };
    let away = if over {
        value.saturating_sub(bound)
    } else {
        bound.saturating_sub(value)
    };
    let strict = matches!(sign, Sign::Greater | Sign::Less);
    Some(Short {
        by: match (counted, strict) {
            (true, true) => (away.div_euclid(1000) + 1) * 1000,
            (true, false) => (away + 999).div_euclid(1000) * 1000,
            (false, _) => away,
        },
        beyond: strict && !counted,
        over,
    })
}

impl Short {
    /// «не хватает 4», «больше нужного на 4»; `amount` writes thousandths in what they are measured in, in the genitive.
    #[must_use]
    pub fn said(self, amount: &dyn Fn(i64) -> String) -> String {
        let by = amount(self.by);
        match (self.over, self.beyond) {
            (_, true) if self.by == 0 => "стоит на самой границе, а она не считается".to_owned(),
            (false, false) => format!("не хватает {by}"),
            (false, true) => format!("не хватает больше {by}"),
            (true, false) => format!("больше нужного на {by}"),
            (true, true) => format!("больше нужного не меньше чем на {by}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_the_least_that_is_enough() {
        let by = |value, asked, counted| short(value, asked, counted).map(|s| (s.by, s.beyond, s.over));
        assert_eq!(by(12_000, (Sign::AtLeast, 16_000), false), Some((4_000, false, false)));
        assert_eq!(by(16_000, (Sign::AtLeast, 16_000), false), None);
        assert_eq!(by(0, (Sign::Greater, 0), true), Some((1_000, false, false)));
        assert_eq!(by(2_000, (Sign::Greater, 2_500), true), Some((1_000, false, false)));
        assert_eq!(by(35_000, (Sign::Less, 35_000), true), Some((1_000, false, true)));
        assert_eq!(by(15_500, (Sign::Greater, 16_000), false), Some((500, true, false)));
    }
}

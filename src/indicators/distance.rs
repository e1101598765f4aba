//! How far a value is from its target and from the next better zone: the smallest number of subjects that must come into
//! the numerator (or leave it, where less is better) while the denominator stays. Counted exactly, by the passport's own
//! rounding and bounds.

use super::condition::Subject;
use super::evaluate::{Figure, Fraction, Reason};
use super::formula::{Amount, Formula};
use super::pack::{Aggregate, Direction, Indicator};
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

/// How far a value is from what it should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distance {
    /// From the target, where there is one that is not reached.
    pub target: Option<Away>,
    /// From the next better zone, with its title.
    pub zone: Option<(i64, String)>,
    /// Whether subjects must leave the numerator rather than come into it.
    pub leaving: bool,
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

fn moves(indicator: &Indicator, value: &Value) -> Option<Moves> {
    let step = match indicator.direction {
        Direction::HigherIsBetter => 1000,
        Direction::LowerIsBetter => -1000,
        Direction::BandOptimum | Direction::Neutral => return None,
    };
    let upper = value.numerator_milli?;
    let formula = match indicator.formula.as_ref()? {
        Formula::Compare { value, .. } => value,
        whole => whole,
    };
    let (counts, lower, free) = match formula {
        Formula::Amount(amount) => (amount.subject(), None, FARTHEST),
        Formula::Ratio {
            numerator,
            denominator,
            times,
            is_share,
            ..
        } => {
            let lower = value.denominator_milli.filter(|lower| *lower > 0)?;
            let same = numerator.subject() == denominator.subject();
            // Whoever comes in may come into the denominator too: then nothing is known.
            if same && !is_share {
                return None;
            }
            let rest = if same { (lower - upper) / 1000 } else { FARTHEST };
            (numerator.subject(), Some((lower, *times)), rest)
        }
        _ => return None,
    };
    counts?;
    Some(Moves {
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

/// How far a value of a unit is; nothing where the passport knows no better side, where the value was reported, or where
/// the denominator would have to change.
#[must_use]
pub fn distance(indicator: &Indicator, value: &Value, is_above: bool) -> Distance {
    let mean = is_above && indicator.aggregate == Aggregate::MeanOfUnits;
    let Some(moves) = moves(indicator, value).filter(|_| !mean && !value.is_reported) else {
        return Distance::default();
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
    let target = value.target_milli.filter(|_| !met(0)).map(|_| {
        moves
            .first(met)
            .map_or(Away::OutOfReach, |moved| Away::Needs(moved - less))
    });
    Distance {
        target,
        zone: better.and_then(|moved| Some((moved - less, title(moved)?))),
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

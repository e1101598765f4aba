//! Points, zones and targets of values; sums of points over groups.

use foldhash::HashMap;

use super::edges::Choices;
use super::evaluate::{Figure, Fraction, Reason};
use super::formula::Formula;
use super::pack::{Direction, Indicator, Pack};
use super::pack_check::summed;
use super::scale::{self, Placed};
use crate::planted;

/// What a scale says of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scored<T> {
    /// There is no scale.
    Unscaled,
    /// This.
    Is(T),
    /// Nothing, for a reason.
    Not(Reason),
}

impl<T> Scored<T> {
    /// What it says, if anything.
    #[must_use]
    pub fn given(&self) -> Option<&T> {
        match self {
            Self::Is(given) => Some(given),
            _ => None,
        }
    }

    /// Why it says nothing.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Not(reason) => Some(*reason),
            _ => None,
        }
    }
}

fn read<T>(placed: Placed<T>) -> Scored<T> {
    match placed {
        Placed::In(given) => Scored::Is(given),
        Placed::Outside => Scored::Not(Reason::OutOfScale),
        Placed::Edge => Scored::Not(Reason::EdgeUndecided),
    }
}

/// Points of a value in thousandths.
#[must_use]
pub fn points(
    indicator: &Indicator,
    figure: &Figure,
    value: Result<i64, Reason>,
    (choices, period): (&Choices, &str),
) -> Scored<i64> {
    let chosen = |edge: i64| choices.get(&(indicator.code.clone(), edge)).copied();
    let brought = |of: Fraction| of.brought_to(indicator.digits, indicator.rounding);
    match &indicator.formula {
        Some(Formula::Compare { tolerance, .. }) => {
            let own = match value {
                Ok(own) => own,
                Err(reason) => return Scored::Not(reason),
            };
            let Some(other) = figure.other.and_then(brought) else {
                return Scored::Not(Reason::NoValue);
            };
            let above = own - other;
            match above.cmp(tolerance) {
                std::cmp::Ordering::Less => Scored::Is(1000),
                std::cmp::Ordering::Greater => Scored::Is(0),
                std::cmp::Ordering::Equal => match chosen(above) {
                    Some(points) => Scored::Is(points),
                    None => Scored::Not(Reason::EdgeUndecided),
                },
            }
        }
        Some(Formula::Expert { max }) => match value {
            Ok(given) if given > indicator.maximum.get(period).copied().unwrap_or(*max) => {
                Scored::Not(Reason::OutOfScale)
            }
            Ok(given) => Scored::Is(given),
            Err(reason) => Scored::Not(reason),
        },
        Some(Formula::SumPoints { percent: false, .. }) => match value {
            Ok(given) => Scored::Is(given),
            Err(reason) => Scored::Not(reason),
        },
        _ if indicator.scale.is_empty() => Scored::Unscaled,
        _ => match value {
            Err(reason) => Scored::Not(reason),
            Ok(value) => match read(scale::place(indicator.scale.iter(), |b| b.bounds, |b| b.points, value)) {
                Scored::Not(Reason::EdgeUndecided) => match chosen(value) {
                    Some(points) => Scored::Is(points),
                    None => Scored::Not(Reason::EdgeUndecided),
                },
                other => other,
            },
        },
    }
}

/// The zone of a value: its code.
#[must_use]
pub fn zone(indicator: &Indicator, figure: &Figure, value: Result<i64, Reason>) -> Scored<String> {
    if let Some(word) = &figure.word {
        return Scored::Is(word.clone());
    }
    if indicator.zones.is_empty() {
        return Scored::Unscaled;
    }
    match value {
        Err(reason) => Scored::Not(reason),
        Ok(value) => read(scale::place(
            indicator.zones.iter(),
            |z| z.bounds,
            |z| z.code.clone(),
            value,
        )),
    }
}

/// Whether a value has reached its target.
#[must_use]
pub fn met(indicator: &Indicator, value: Option<i64>, target: Option<i64>) -> Option<bool> {
    let (value, target) = (value?, target?);
    match indicator.direction {
        Direction::HigherIsBetter => Some(value >= target),
        Direction::LowerIsBetter => Some(value <= target),
        Direction::BandOptimum | Direction::Neutral => None,
    }
}

/// The most points that an indicator may give in a period, thousandths; 0 where it gives none.
#[must_use]
pub fn most(pack: &Pack, indicator: &Indicator, period: &str) -> i64 {
    if let Some(max) = indicator.maximum.get(period) {
        return *max;
    }
    match &indicator.formula {
        Some(Formula::Expert { max }) => *max,
        Some(Formula::Compare { .. }) => 1000,
        Some(Formula::SumPoints { group, .. }) => summed(&pack.indicators, indicator, group)
            .iter()
            .filter(|code| **code != indicator.code)
            .filter_map(|code| pack.indicator(code))
            .map(|of| most(pack, of, period))
            .sum(),
        _ => indicator.scale.iter().map(|b| b.points).max().unwrap_or(0),
    }
}

/// Points given in a unit so far, by indicator.
pub type Given<'a> = HashMap<&'a str, Scored<i64>>;

/// Points of several indicators together: an undecided edge leaves them undecided; what was not submitted gives none.
///
/// # Errors
/// Why there is no sum.
pub fn together<'a>(points: impl IntoIterator<Item = &'a Scored<i64>>) -> Result<i64, Reason> {
    let mut sum: Option<i64> = None;
    let mut silent = Reason::NoValue;
    for of in points {
        match of {
            Scored::Is(points) => sum = Some(sum.unwrap_or(0).saturating_add(*points)),
            Scored::Not(Reason::EdgeUndecided) => return Err(Reason::EdgeUndecided),
            Scored::Not(Reason::NotSubmitted) => silent = Reason::NotSubmitted,
            _ => {}
        }
    }
    sum.ok_or(silent)
}

/// The sum of points of a group in a unit, see [`together`].
#[must_use]
pub fn sum(pack: &Pack, indicator: &Indicator, period: &str, given: &Given<'_>) -> Figure {
    let Some(Formula::SumPoints { group, percent }) = &indicator.formula else {
        return Figure::none(Reason::NoValue);
    };
    let of_group = summed(&pack.indicators, indicator, group);
    let points = of_group
        .iter()
        .filter(|c| **c != indicator.code)
        .skip(usize::from(planted!("points_forgotten")))
        .filter_map(|code| given.get(code.as_str()));
    let most = most(pack, indicator, period);
    let total = match together(points) {
        Ok(total) if most > 0 => total,
        Ok(_) => return Figure::none(Reason::NoValue),
        Err(reason) => return Figure::none(reason),
    };
    let value = if *percent {
        Fraction {
            upper: i128::from(total) * 100_000,
            lower: i128::from(most),
        }
    } else {
        Fraction::whole(total)
    };
    Figure {
        numerator: Some(total),
        denominator: Some(most),
        value: Ok(value),
        ..Figure::none(Reason::NoValue)
    }
}

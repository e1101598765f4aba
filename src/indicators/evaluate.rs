//! The value of a formula in a unit.

use super::breakdowns::Breakdowns;
use super::condition::{Condition, Sign, Subject};
use super::formula::{Amount, Attribute, Formula};
use super::ground::Ground;
use super::measures::{self, MeasureSource};
use super::pack::{Aggregate, Indicator, Pack, Rounding};
use super::sets::{UnitSet, UnitTest};
use super::store::EnteredValue;
use crate::planted;
use crate::text_enum;
use crate::units::model::holds_on;
use crate::units::{UnitId, UnitKind};

text_enum! {
    /// Why there is no value, or no points for it.
    Reason {
        NoValue = "no_value" "нет значения",
        NotSubmitted = "not_submitted" "не представлено",
        Untitled = "untitled" "в источнике нет правила",
        OutOfScale = "out_of_scale" "вне шкалы",
        EdgeUndecided = "edge_undecided" "граница не решена",
    }
}

/// An exact number in thousandths: `upper / lower`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    /// Above the line.
    pub upper: i128,
    /// Below the line; never zero or less.
    pub lower: i128,
}

impl Fraction {
    /// A whole number of thousandths.
    #[must_use]
    pub fn whole(milli: i64) -> Self {
        Self {
            upper: i128::from(milli),
            lower: 1,
        }
    }

    fn less(self, other: Self) -> Self {
        Self {
            upper: self.upper * other.lower - other.upper * self.lower,
            lower: self.lower * other.lower,
        }
    }

    fn holds(self, sign: Sign, bound: i64) -> bool {
        sign.holds(self.upper, i128::from(bound) * self.lower)
    }

    /// Thousandths, brought to so many decimals.
    #[must_use]
    pub fn brought_to(self, digits: u32, rounding: Rounding) -> Option<i64> {
        let step = 10_i128.pow(3_u32.saturating_sub(digits));
        let lower = self.lower * step;
        let steps = match rounding {
            Rounding::Round => (2 * self.upper + lower).div_euclid(2 * lower),
            Rounding::Cut => self.upper.div_euclid(lower),
        };
        i64::try_from(steps * step).ok()
    }
}

/// What came of a formula in a unit. Numerator and denominator are in thousandths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// What stands above the line, where it is known.
    pub numerator: Option<i64>,
    /// What stands below.
    pub denominator: Option<i64>,
    /// The value, or why there is none.
    pub value: Result<Fraction, Reason>,
    /// The other value of a comparison.
    pub other: Option<Fraction>,
    /// The word that an attribute is.
    pub word: Option<String>,
    /// Of how many units it is the mean: then their values stand above the line, added up.
    pub mean_of: Option<i64>,
}

impl Figure {
    /// Nothing, for a reason.
    #[must_use]
    pub fn none(reason: Reason) -> Self {
        Self {
            numerator: None,
            denominator: None,
            value: Err(reason),
            other: None,
            word: None,
            mean_of: None,
        }
    }

    fn of(numerator: i64, value: Fraction) -> Self {
        Self {
            numerator: Some(numerator),
            value: Ok(value),
            ..Self::none(Reason::NoValue)
        }
    }
}

/// Formulas of a pack over a ground.
#[derive(Debug, Clone, Copy)]
pub struct Evaluation<'a> {
    /// The pack.
    pub pack: &'a Pack,
    /// What is known.
    pub ground: &'a Ground,
    /// Only persons of this name of a breakdown; in the numerator alone when `true`.
    pub broken: Option<(Breakdowns, &'a str, bool)>,
}

impl Evaluation<'_> {
    /// The figure of an indicator in a unit: what was reported where the passport takes that, else what is computed.
    #[must_use]
    pub fn figure(&self, indicator: &Indicator, unit: UnitId) -> Figure {
        if let Some(said) = self
            .reported_share(indicator, unit)
            .filter(|_| indicator.takes_reported)
        {
            return said;
        }
        let Some(formula) = &indicator.formula else {
            return Figure::none(Reason::Untitled);
        };
        let own = self.formula(formula, indicator, unit);
        let above = matches!(self.kind(unit), Some(UnitKind::Region | UnitKind::Zone));
        let given = matches!(formula, Formula::Expert { .. }) && own.value.is_ok();
        if indicator.aggregate == Aggregate::MeanOfUnits && above && !given {
            return self.mean(formula, indicator, unit);
        }
        own
    }

    pub(super) fn kind(&self, unit: UnitId) -> Option<UnitKind> {
        self.ground.tree.unit(unit).map(|u| u.kind)
    }

    /// What was entered as the value of the indicator itself.
    #[must_use]
    pub fn reported(&self, indicator: &Indicator, unit: UnitId) -> Option<&EnteredValue> {
        let said = self.ground.entered.of(unit, &indicator.reported)?;
        let reported = |v: &&EnteredValue| v.source != MeasureSource::Expert;
        said.iter().rev().find(reported)
    }

    pub(super) fn reported_share(&self, indicator: &Indicator, unit: UnitId) -> Option<Figure> {
        let said = self.reported(indicator, unit)?;
        let (mut upper, mut lower) = (said.numerator_milli?, said.denominator_milli?);
        if planted!("parts_swapped") {
            (upper, lower) = (lower, upper);
        }
        let value = if lower > 0 {
            Ok(Fraction {
                upper: i128::from(upper) * 100_000,
                lower: i128::from(lower),
            })
        } else {
            Err(Reason::NoValue)
        };
        Some(Figure {
            numerator: Some(upper),
            denominator: Some(lower),
            value,
            ..Figure::none(Reason::NoValue)
        })
    }

    /// The mean of the municipalities inside that have a value: those that submitted nothing are left out.
    fn mean(&self, formula: &Formula, indicator: &Indicator, unit: UnitId) -> Figure {
        let mut sum = Fraction::whole(0);
        let mut count: i64 = 0;
        let mut submitted = true;
        for inside in self.units(Subject::Municipality, unit) {
            match self.formula(formula, indicator, inside).value {
                Ok(value) => {
                    let rounded = value.brought_to(indicator.digits, indicator.rounding).unwrap_or(0);
                    sum.upper += i128::from(rounded);
                    count += 1;
                }
                Err(Reason::NotSubmitted) => submitted = false,
                Err(_) => {}
            }
        }
        if count == 0 {
            return Figure::none(if submitted {
                Reason::NoValue
            } else {
                Reason::NotSubmitted
            });
        }
        Figure {
            denominator: Some(count * 1000),
            mean_of: Some(count),
            ..Figure::of(
                i64::try_from(sum.upper).unwrap_or(i64::MAX),
                Fraction {
                    upper: sum.upper,
                    lower: i128::from(count),
                },
            )
        }
    }

    pub(super) fn formula(&self, formula: &Formula, indicator: &Indicator, unit: UnitId) -> Figure {
        match formula {
            Formula::Amount(amount) => match self.amount(amount, unit, true) {
                Ok(n) => Figure::of(n, Fraction::whole(n)),
                Err(reason) => Figure::none(reason),
            },
            Formula::Ratio {
                numerator,
                denominator,
                times,
                ..
            } => {
                let (upper, lower) = (
                    self.amount(numerator, unit, true),
                    self.amount(denominator, unit, false),
                );
                let value = match (upper, lower) {
                    (Err(reason), _) | (_, Err(reason)) => Err(reason),
                    (Ok(_), Ok(lower)) if lower <= 0 => Err(Reason::NoValue),
                    (Ok(upper), Ok(lower)) => Ok(Fraction {
                        upper: i128::from(upper) * i128::from(*times) * 1000,
                        lower: i128::from(lower),
                    }),
                };
                Figure {
                    numerator: upper.ok(),
                    denominator: lower.ok(),
                    value,
                    ..Figure::none(Reason::NoValue)
                }
            }
            Formula::Compare { value, with, .. } => Figure {
                other: self.formula(with, indicator, unit).value.ok(),
                ..self.formula(value, indicator, unit)
            },
            Formula::Presence(set, measure) => self.presence(set, measure, unit),
            Formula::Change { of, years } => {
                let now = self.formula(of, indicator, unit);
                let back = years.saturating_sub(1);
                let before = self.ground.earlier.get(&back).map(|ground| {
                    let then = Evaluation { ground, ..*self };
                    then.formula(of, indicator, unit).value
                });
                let value = match (now.value, before) {
                    (Ok(now), Some(Ok(before))) => Ok(now.less(before)),
                    (Err(reason), _) | (_, Some(Err(reason))) => Err(reason),
                    (_, None) => Err(Reason::NoValue),
                };
                Figure { value, ..now }
            }
            Formula::Best(of) => self.best(of, indicator, unit),
            Formula::Expert { max } => self.expert(indicator, *max, unit),
            // Points are summed after everything has been scored.
            Formula::SumPoints { .. } => Figure::none(Reason::NoValue),
            Formula::Attribute(attribute) => {
                let word = self.attribute(*attribute, unit);
                Figure {
                    value: Err(if word.is_some() {
                        Reason::NoValue
                    } else {
                        Reason::NotSubmitted
                    }),
                    word,
                    ..Figure::none(Reason::NoValue)
                }
            }
            Formula::Other(code) => match self.pack.indicator(code) {
                Some(other) => self.figure(other, unit),
                None => Figure::none(Reason::NoValue),
            },
        }
    }

    fn attribute(&self, attribute: Attribute, unit: UnitId) -> Option<String> {
        let municipality = self.ground.tree.ancestor(unit, UnitKind::Municipality)?;
        match attribute {
            Attribute::Locality => {
                let own = self.ground.tree.unit(municipality)?.locality;
                own.map(|l| l.code().to_owned())
            }
            Attribute::MunicipalityKind => {
                let own = self.ground.tree.unit(municipality)?.municipality_kind;
                own.map(|kind| kind.code().to_owned())
            }
            Attribute::Zone => {
                let zone = self.ground.tree.ancestor(municipality, UnitKind::Zone)?;
                self.ground.tree.unit(zone).map(|u| u.code.clone())
            }
        }
    }

    /// Points of experts: the mean of several.
    fn expert(&self, indicator: &Indicator, max: i64, unit: UnitId) -> Figure {
        let said = self.ground.entered.of(unit, &indicator.reported);
        let given: Vec<i64> = said
            .into_iter()
            .flatten()
            .filter(|v| v.source == MeasureSource::Expert)
            .filter_map(|v| v.value_milli)
            .collect();
        let count = i64::try_from(given.len()).unwrap_or(i64::MAX);
        let sum: i64 = given
            .iter()
            .take(if planted!("one_expert") { 1 } else { given.len() })
            .sum();
        if count == 0 {
            return Figure::none(Reason::NotSubmitted);
        }
        let value = Fraction {
            upper: i128::from(sum),
            lower: i128::from(count),
        };
        let shown = value.brought_to(3, Rounding::Round).unwrap_or(sum);
        Figure {
            denominator: Some(indicator.maximum.get(&self.ground.period).copied().unwrap_or(max)),
            ..Figure::of(shown, value)
        }
    }

    /// The best unit of the kind in the region is 100.
    fn best(&self, of: &Formula, indicator: &Indicator, unit: UnitId) -> Figure {
        let own = self.formula(of, indicator, unit);
        let Some(own_unit) = self.ground.tree.unit(unit) else {
            return own;
        };
        let Ok(value) = own.value else { return own };
        let mut best = value;
        for other in self.ground.tree.of_kind(own_unit.kind) {
            if other.region_id != own_unit.region_id || !self.ground.tree.stands(other.id) {
                continue;
            }
            if let Ok(theirs) = self.formula(of, indicator, other.id).value
                && theirs.less(best).upper > 0
            {
                best = theirs;
            }
        }
        let value = if best.upper > 0 {
            Ok(Fraction {
                upper: value.upper * best.lower * 100_000,
                lower: value.lower * best.upper,
            })
        } else {
            Err(Reason::NoValue)
        };
        Figure { value, ..own }
    }

    fn presence(&self, set: &UnitSet, measure: &str, unit: UnitId) -> Figure {
        let said = |of: UnitId| self.value_of(of, measure).and_then(|v| v.value_milli);
        if self.kind(unit) == kind_of(set.subject) {
            return match said(unit) {
                Some(milli) => {
                    let yes = if milli > 0 { 1000 } else { 0 };
                    Figure::of(yes, Fraction::whole(yes))
                }
                None => Figure::none(Reason::NotSubmitted),
            };
        }
        let inside = self.members(set, unit);
        if inside.is_empty() {
            return Figure::none(Reason::NoValue);
        }
        let given: Vec<i64> = inside.iter().filter_map(|u| said(*u)).collect();
        if given.is_empty() {
            return Figure::none(Reason::NotSubmitted);
        }
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX).saturating_mul(1000);
        let yes = count(given.iter().filter(|v| **v > 0).count());
        Figure {
            denominator: Some(count(inside.len())),
            ..Figure::of(yes, Fraction::whole(yes))
        }
    }

    /// An entered value of a unit: of the source that the measure is defined by, else of any but what is reported.
    #[must_use]
    pub fn value_of(&self, unit: UnitId, measure: &str) -> Option<&EnteredValue> {
        let said = self.ground.entered.of(unit, measure)?;
        let defined = measures::of_units(measure).map(|m| m.source);
        let own = said.iter().rev().find(|v| Some(v.source) == defined);
        own.or_else(|| said.last())
    }

    /// Units of a subject inside one, those that stand on the day.
    #[must_use]
    pub fn units(&self, subject: Subject, unit: UnitId) -> Vec<UnitId> {
        let Some(kind) = kind_of(subject) else {
            return Vec::new();
        };
        let tree = &self.ground.tree;
        let stands = |id: &&UnitId| {
            let unit = tree.unit(**id).filter(|u| tree.stands(u.id));
            unit.is_some_and(|u| holds_on(u.valid_from, u.valid_to, self.ground.day))
        };
        let inside = tree.inside(unit, kind).iter().filter(stands);
        inside.skip(usize::from(planted!("unit_forgotten"))).copied().collect()
    }

    /// Units of a set inside one.
    #[must_use]
    pub fn members(&self, set: &UnitSet, unit: UnitId) -> Vec<UnitId> {
        let mut inside = self.units(set.subject, unit);
        inside.retain(|u| self.fits(&set.condition, *u));
        inside
    }

    /// Whether a condition holds for a unit.
    #[must_use]
    pub fn fits(&self, condition: &Condition<UnitTest>, unit: UnitId) -> bool {
        let entered = |measure: &str| self.value_of(unit, measure).and_then(|v| v.value_milli);
        condition.holds(&|test| match test {
            UnitTest::Yes(measure) => entered(measure).is_some_and(|v| v > 0),
            UnitTest::Value(measure, sign, bound) => entered(measure).is_some_and(|v| sign.holds(v, *bound)),
            UnitTest::Kind(kinds) => {
                let kind = self.ground.tree.unit(unit).and_then(|u| u.org_kind);
                kind.is_some_and(|k| kinds.contains(&k))
            }
            UnitTest::UsedPlatform => self.ground.platform.contains(&unit),
            UnitTest::Formula(formula, sign, bound) => match &**formula {
                Formula::Amount(amount) => self
                    .amount(amount, unit, true)
                    .is_ok_and(|n| Fraction::whole(n).holds(*sign, *bound)),
                Formula::Ratio {
                    numerator,
                    denominator,
                    times,
                    ..
                } => {
                    let parts = (
                        self.amount(numerator, unit, true),
                        self.amount(denominator, unit, false),
                    );
                    let (Ok(upper), Ok(lower)) = parts else { return false };
                    lower > 0
                        && Fraction {
                            upper: i128::from(upper) * i128::from(*times) * 1000,
                            lower: i128::from(lower),
                        }
                        .holds(*sign, *bound)
                }
                _ => false,
            },
        })
    }

    /// A quantity in thousandths; `above` says whether it stands above the line.
    pub(super) fn amount(&self, amount: &Amount, unit: UnitId, above: bool) -> Result<i64, Reason> {
        let thousands = |n: usize| i64::try_from(n).unwrap_or(i64::MAX).saturating_mul(1000);
        match amount {
            Amount::Count(leaf) => {
                let sums = match self.broken {
                    Some((by, name, numerator_only)) if above || !numerator_only => {
                        self.ground.broken.get(&(by, name.to_owned()))
                    }
                    _ => Some(&self.ground.sums),
                };
                let place = self.ground.leaves.place(leaf);
                let counts = sums.and_then(|s| s.get(&unit));
                let count = place.and_then(|p| counts.and_then(|c| c.get(p))).copied();
                Ok(count.unwrap_or(0).saturating_mul(1000))
            }
            Amount::Units(set) => {
                let all = self.units(set.subject, unit);
                if all.is_empty()
                    && self.kind(unit) == Some(UnitKind::Organisation)
                    && set.subject == Subject::Municipality
                {
                    return Err(Reason::NoValue);
                }
                let measures = set.measures();
                let silent = |of: &UnitId| measures.iter().all(|m| self.value_of(*of, m).is_none());
                if !measures.is_empty() && all.iter().all(silent) {
                    return Err(Reason::NotSubmitted);
                }
                Ok(thousands(
                    all.into_iter().filter(|u| self.fits(&set.condition, *u)).count(),
                ))
            }
            Amount::Programmes(condition) => {
                let own = self.ground.programmes_in(unit);
                Ok(thousands(own.filter(|p| p.fits(condition)).count()))
            }
            Amount::Sum(set, measure) => self.sum(set, measure, unit),
            Amount::Plus(parts) => {
                let mut sum = 0_i64;
                for part in parts {
                    sum = sum.saturating_add(self.amount(part, unit, above)?);
                }
                Ok(sum)
            }
        }
    }

    /// What was entered for the unit itself, else the sum over the units inside that submitted.
    fn sum(&self, set: &UnitSet, measure: &str, unit: UnitId) -> Result<i64, Reason> {
        let given = self.summands(set, measure, unit);
        if given.is_empty() {
            return Err(Reason::NotSubmitted);
        }
        let most = if planted!("sum_of_one") { 1 } else { given.len() };
        let given = given.iter().take(most);
        Ok(given.fold(0, |sum: i64, (_, v)| sum.saturating_add(*v)))
    }

    /// What such a sum is made of: units and what was entered for each.
    pub(super) fn summands(&self, set: &UnitSet, measure: &str, unit: UnitId) -> Vec<(UnitId, i64)> {
        if (set.condition == Condition::Always || self.kind(unit) != kind_of(set.subject))
            && let Some(own) = self.value_of(unit, measure).and_then(|v| v.value_milli)
        {
            return vec![(unit, own)];
        }
        let inside = self.members(set, unit);
        inside
            .iter()
            .filter(|u| **u != unit)
            .chain(inside.iter().filter(|u| **u == unit))
            .filter_map(|u| Some((*u, self.value_of(*u, measure)?.value_milli?)))
            .collect()
    }
}

/// The kind of units that a subject is.
pub(super) fn kind_of(subject: Subject) -> Option<UnitKind> {
    match subject {
        Subject::Organisation => Some(UnitKind::Organisation),
        Subject::Municipality => Some(UnitKind::Municipality),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(upper: i64, lower: i64, digits: u32, rounding: Rounding) -> Option<i64> {
        let value = Fraction {
            upper: i128::from(upper) * 100_000,
            lower: i128::from(lower),
        };
        value.brought_to(digits, rounding)
    }

    #[test]
    fn shares_are_brought_to_the_digits_of_the_passport() {
        let round = |upper, lower, digits| share(upper, lower, digits, Rounding::Round);
        assert_eq!(round(1, 3, 1), Some(33_300));
        assert_eq!(round(2, 3, 1), Some(66_700));
        assert_eq!(round(1, 2000, 1), Some(100), "0,05 is 0,1");
        assert_eq!(round(1, 2001, 1), Some(0));
        assert_eq!(round(4999, 10_000, 2), Some(49_990));
        assert_eq!(round(5, 8, 0), Some(63_000));
        assert_eq!(round(166, 132, 1), Some(125_800));
        assert_eq!(round(0, 5, 1), Some(0));
        assert_eq!(round(100, 247, 1), Some(40_500));
        assert_eq!(share(100, 247, 1, Rounding::Cut), Some(40_400), "as it is printed");
        let fall = Fraction::whole(12_000).less(Fraction::whole(17_000));
        assert_eq!(fall.brought_to(0, Rounding::Round), Some(-5000));
    }
}

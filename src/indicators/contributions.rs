//! What each subject brings to a figure: the same leaves as in counters and lists, one subject at a time. The sum of what
//! they bring is the figure, to the thousandth.

use std::collections::{BTreeMap, HashSet};

use super::condition::{PersonSeen, Subject};
use super::evaluate::{Evaluation, kind_of};
use super::formula::{Amount, Formula, Leaf};
use super::pack::{Aggregate, Indicator};
use crate::facts::{PersonFacts, PersonPlace};
use crate::iom::IomId;
use crate::people::PersonId;
use crate::planted;
use crate::units::{UnitId, UnitKind};

/// A subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A person.
    Person(PersonId),
    /// A plan of a person.
    Plan(PersonId, IomId),
    /// An organisation, a municipality; the unit itself where something was entered for it.
    Unit(UnitId),
    /// A programme, by its code.
    Programme(String),
}

/// What a subject brings, thousandths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Above the line.
    pub numerator: i64,
    /// Below it.
    pub denominator: i64,
    /// Whether it brings a value of its own, rather than being one of those counted.
    pub measured: bool,
}

/// What a figure is made of.
#[derive(Debug, Clone, Default)]
pub struct Made {
    /// What stands above the line, as computed; `None` where there is no value.
    pub numerator: Option<i64>,
    /// What stands below.
    pub denominator: Option<i64>,
    /// By subject.
    pub of: BTreeMap<Key, Share>,
    /// Whether it is a mean: the values of units above the line, the units below it.
    pub mean: bool,
    /// The upper and lower part that were entered for the unit and stand as its value.
    pub reported: Option<(i64, i64)>,
}

/// What one subject brings to one amount, and whether it is a value of its own.
type Brought = (Key, i64, bool);

/// Formulas over a ground with the people behind it.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The formulas and what they stand on.
    pub evaluation: Evaluation<'a>,
    /// Everyone who may count in the unit.
    pub people: &'a [PersonFacts],
}

/// The formula that a figure is counted by, and nothing where it is made of no parts: points, experts, what a unit is.
#[must_use]
pub fn counted(indicator: &Indicator) -> Option<&Formula> {
    fn of(formula: &Formula) -> Option<&Formula> {
        match formula {
            Formula::Compare { value, .. } => of(value),
            Formula::Change { of: inner, .. } | Formula::Best(inner) => of(inner),
            Formula::Amount(_) | Formula::Ratio { .. } | Formula::Presence(..) => Some(formula),
            Formula::Expert { .. } | Formula::SumPoints { .. } | Formula::Attribute(_) | Formula::Other(_) => None,
        }
    }
    indicator.formula.as_ref().and_then(of)
}

impl Facts<'_> {
    /// What the figure of an indicator in a unit is made of.
    #[must_use]
    pub fn made(&self, indicator: &Indicator, unit: UnitId) -> Made {
        let mut made = Made::default();
        let evaluation = &self.evaluation;
        if indicator.takes_reported
            && let Some(said) = evaluation.reported_share(indicator, unit)
        {
            made.reported = Some((said.numerator.unwrap_or(0), said.denominator.unwrap_or(0)));
        }
        let (Some(whole), Some(formula)) = (&indicator.formula, counted(indicator)) else {
            return made;
        };
        let above = matches!(evaluation.kind(unit), Some(UnitKind::Region | UnitKind::Zone));
        let upper = if indicator.aggregate == Aggregate::MeanOfUnits && above {
            let mut means = Vec::new();
            for inside in evaluation.units(Subject::Municipality, unit) {
                if let Ok(value) = evaluation.formula(whole, indicator, inside).value {
                    let rounded = value.brought_to(indicator.digits, indicator.rounding).unwrap_or(0);
                    means.push((Key::Unit(inside), rounded, true));
                }
            }
            made.mean = true;
            let lower = means.iter().map(|(key, ..)| (key.clone(), 1000, true)).collect();
            made.below(Some(lower));
            Some(means)
        } else {
            match formula {
                Formula::Amount(amount) => self.brought(amount, unit, true),
                Formula::Ratio {
                    numerator, denominator, ..
                } => {
                    made.below(self.brought(denominator, unit, false));
                    self.brought(numerator, unit, true)
                }
                Formula::Presence(set, measure) => {
                    let figure = evaluation.formula(formula, indicator, unit);
                    let yes = |of: &UnitId| {
                        let said = evaluation.value_of(*of, measure).and_then(|v| v.value_milli);
                        said.is_some_and(|v| v > 0)
                    };
                    let members = if evaluation.kind(unit) == kind_of(set.subject) {
                        vec![unit]
                    } else {
                        evaluation.members(set, unit)
                    };
                    let count = |of: &UnitId| (Key::Unit(*of), 1000, false);
                    made.below(figure.denominator.map(|_| members.iter().map(count).collect()));
                    figure
                        .numerator
                        .map(|_| members.iter().filter(|of| yes(of)).map(count).collect())
                }
                _ => None,
            }
        };
        made.above(upper);
        made
    }

    /// What an amount is made of; `None` where it has no value.
    fn brought(&self, amount: &Amount, unit: UnitId, above: bool) -> Option<Vec<Brought>> {
        let evaluation = &self.evaluation;
        match amount {
            Amount::Count(leaf) => Some(self.counted(leaf, unit)),
            Amount::Units(set) => {
                evaluation.amount(amount, unit, above).ok()?;
                let members = evaluation.members(set, unit).into_iter();
                Some(members.map(|u| (Key::Unit(u), 1000, false)).collect())
            }
            Amount::Programmes(condition) => {
                let own = evaluation.ground.programmes_in(unit);
                Some(
                    own.filter(|p| p.fits(condition))
                        .map(|p| (Key::Programme(p.code.clone()), 1000, false))
                        .collect(),
                )
            }
            Amount::Sum(set, measure) => {
                let given = evaluation.summands(set, measure, unit);
                (!given.is_empty()).then(|| given.into_iter().map(|(u, v)| (Key::Unit(u), v, true)).collect())
            }
            Amount::Plus(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(self.brought(part, unit, above)?);
                }
                Some(all)
            }
        }
    }

    fn counted(&self, leaf: &Leaf, unit: UnitId) -> Vec<Brought> {
        let inside: HashSet<UnitId> = self.evaluation.ground.tree.organisations(unit).into_iter().collect();
        let mut found = Vec::new();
        for known in self.people {
            let places: Vec<PersonPlace> = known
                .places
                .iter()
                .filter(|p| inside.contains(&p.organisation_id))
                .copied()
                .collect();
            let seen = PersonSeen {
                places: &places,
                fact: &known.person,
            };
            let person = known.person.person_id;
            match leaf.subject {
                Subject::Person if leaf.condition.holds_for_person(&seen) => {
                    let times = if planted!("mover_twice") {
                        i64::try_from(places.len()).unwrap_or(1)
                    } else {
                        1
                    };
                    found.push((Key::Person(person), times * 1000, false));
                }
                Subject::Iom if seen.counts() => {
                    let fitting = known.plans.iter().filter(|p| leaf.condition.holds_for_plan(p));
                    found.extend(fitting.map(|p| (Key::Plan(person, p.iom_id), 1000, false)));
                }
                _ => {}
            }
        }
        found
    }
}

impl Made {
    fn above(&mut self, brought: Option<Vec<Brought>>) {
        self.numerator = self.add(brought, |share| &mut share.numerator);
    }

    fn below(&mut self, brought: Option<Vec<Brought>>) {
        self.denominator = self.add(brought, |share| &mut share.denominator);
    }

    fn add(&mut self, brought: Option<Vec<Brought>>, part: fn(&mut Share) -> &mut i64) -> Option<i64> {
        let brought = brought?;
        let mut sum: i64 = 0;
        for (key, milli, measured) in brought {
            let share = self.of.entry(key).or_default();
            *part(share) += milli;
            share.measured |= measured;
            sum = sum.saturating_add(milli);
        }
        Some(sum)
    }
}

//! Values of indicators as they may be told: to whoever may open the people behind them as they are, to everyone else
//! without the few. What is not told is taken out here, so that no page, chart or file below can give it away.

use std::collections::{BTreeSet, HashMap};
use std::ops::Deref;

use crate::desk::small_cells::{self, Told};
use crate::indicators::formula::{Amount, Formula};
use crate::indicators::pack::Aggregate;
use crate::indicators::pack_check::summed;
use crate::indicators::scoring::Scored;
use crate::indicators::values::Value;
use crate::indicators::{Indicator, Pack, Subject};
use crate::planted;
use crate::units::{Tree, UnitId, UnitKind};

/// A value as it may be told.
#[derive(Debug, Clone)]
pub struct Seen {
    value: Value,
    /// What is said of the count above the line where it is not told.
    pub upper: Option<Told>,
    /// The same of the count below it.
    pub lower_told: Option<Told>,
    /// Whether it stands for so few people that it is not told, or would give those away.
    pub hidden: bool,
}

impl Deref for Seen {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.value
    }
}

impl From<Value> for Seen {
    fn from(value: Value) -> Self {
        Self {
            value,
            upper: None,
            lower_told: None,
            hidden: false,
        }
    }
}

impl Seen {
    /// Takes out all that rests on the count.
    fn hide(&mut self) {
        self.hidden = true;
        self.value.value_milli = None;
        self.value.points = no_longer(&self.value.points);
        self.value.zone = no_longer(&self.value.zone);
        self.value.met = None;
        self.value.reported_milli = None;
        self.value.reason = None;
    }

    /// Takes out the counts too: those of a mean, of a sum of points, and of another indicator are the value itself.
    fn take_out(&mut self) {
        self.hide();
        if planted!("hidden_sum_told") {
            return;
        }
        if self.value.numerator_milli.take().is_some() {
            self.upper.get_or_insert(Told::Hidden);
        }
        if self.value.denominator_milli.take().is_some() {
            self.lower_told.get_or_insert(Told::Hidden);
        }
    }

    /// Takes out what is not told of the counts, and with it all that rests on them.
    fn tell(&mut self, upper: Option<Told>, lower: Option<Told>) {
        let kept = |milli: Option<i64>, told: Option<Told>| milli.filter(|_| told.is_none_or(Told::is_number));
        self.value.numerator_milli = kept(self.value.numerator_milli, upper);
        self.value.denominator_milli = kept(self.value.denominator_milli, lower);
        self.upper = upper.filter(|told| !told.is_number());
        self.lower_told = lower.filter(|told| !told.is_number());
        if self.upper.is_some() || self.lower_told.is_some() {
            self.hide();
        }
    }
}

fn no_longer<T>(scored: &Scored<T>) -> Scored<T> {
    match scored {
        Scored::Unscaled => Scored::Unscaled,
        Scored::Is(_) | Scored::Not(_) => Scored::Not(crate::indicators::evaluate::Reason::NoValue),
    }
}

/// Values by indicator and unit.
#[derive(Debug, Default)]
pub struct Board(HashMap<String, HashMap<UnitId, Seen>>);

impl Board {
    /// Values as they are.
    #[must_use]
    pub fn open(values: Vec<Value>) -> Self {
        let mut board = Self::default();
        for value in values {
            let of = board.0.entry(value.indicator.clone()).or_default();
            of.insert(value.unit, Seen::from(value));
        }
        board
    }

    /// The value of an indicator in a unit.
    #[must_use]
    pub fn get(&self, code: &str, unit: UnitId) -> Option<&Seen> {
        self.0.get(code)?.get(&unit)
    }

    /// Values of all units below `roots` without the few: they must hold the roots, their municipalities and all their
    /// organisations.
    #[must_use]
    pub fn told(values: Vec<Value>, pack: &Pack, tree: &Tree, roots: &[UnitId]) -> Self {
        let mut board = Self::open(values);
        for indicator in &pack.indicators {
            if let Some(of) = board.0.get_mut(&indicator.code) {
                for root in roots {
                    tell(indicator, of, tree, *root);
                }
            }
        }
        board.tell_what_rests_on_others(pack, tree, roots);
        board
    }

    /// Points summed over indicators, means of units, and values of other indicators: whoever knows all but one part finds
    /// that one. What rests on what has just been hidden is hidden in the next round.
    fn tell_what_rests_on_others(&mut self, pack: &Pack, tree: &Tree, roots: &[UnitId]) {
        let hidden = |board: &Self| board.0.values().flat_map(HashMap::values).filter(|v| v.hidden).count();
        loop {
            let before = hidden(self);
            for indicator in &pack.indicators {
                self.tell_on(indicator, pack, tree, roots);
            }
            if hidden(self) == before {
                break;
            }
        }
    }

    fn tell_on(&mut self, indicator: &Indicator, pack: &Pack, tree: &Tree, roots: &[UnitId]) {
        let hidden = |board: &Self, code: &str, unit: UnitId| board.get(code, unit).is_some_and(|v| v.hidden);
        let others = |of: &Formula| of.others().into_iter().map(str::to_owned).collect();
        let parts: Vec<String> = match &indicator.formula {
            Some(Formula::SumPoints { group, .. }) => summed(&pack.indicators, indicator, group),
            Some(formula) => others(formula),
            None => Vec::new(),
        };
        let of = self.0.get(&indicator.code);
        let units: Vec<UnitId> = of.into_iter().flatten().map(|(unit, _)| *unit).collect();
        let rests = |unit: &&UnitId| parts.iter().any(|code| hidden(self, code, **unit));
        let rests: Vec<UnitId> = units.iter().filter(rests).copied().collect();
        self.each(&indicator.code, rests, Seen::take_out);
        let best = matches!(indicator.formula, Some(Formula::Best(_)));
        if best && units.iter().any(|u| hidden(self, &indicator.code, *u)) {
            self.each(&indicator.code, units, Seen::hide);
            return;
        }
        if indicator.aggregate == Aggregate::MeanOfUnits {
            let of_units = |unit: &UnitId| {
                let below = municipalities(tree, *unit);
                let out = below.iter().filter(|u| hidden(self, &indicator.code, **u)).count();
                out == 1 || (out > 0 && out == below.len())
            };
            let zone = |u: &UnitId| tree.unit(*u).is_some_and(|u| u.kind == UnitKind::Zone);
            let zones = roots.iter().flat_map(|root| tree.subtree(*root)).filter(zone);
            let means: Vec<UnitId> = roots.iter().copied().chain(zones).filter(of_units).collect();
            self.each(&indicator.code, means, Seen::take_out);
        }
    }

    fn each(&mut self, code: &str, units: Vec<UnitId>, taken: fn(&mut Seen)) {
        if let Some(of) = self.0.get_mut(code) {
            for unit in units {
                if let Some(seen) = of.get_mut(&unit) {
                    taken(seen);
                }
            }
        }
    }
}

fn municipalities(tree: &Tree, root: UnitId) -> Vec<UnitId> {
    let below = tree.subtree(root).into_iter();
    let is_one = |u: &UnitId| tree.unit(*u).is_some_and(|u| u.kind == UnitKind::Municipality);
    below.filter(is_one).filter(|u| *u != root).collect()
}

/// Which of the two counts of an indicator are of people; and whether the upper one is a part of the lower.
fn of_people(indicator: &Indicator) -> (bool, bool, bool) {
    let people = |of: Option<&Amount>| {
        let counts = |a: &Amount| matches!(a.subject(), Some(Subject::Person | Subject::Iom));
        of.is_some_and(|a| match a {
            Amount::Plus(parts) => parts.iter().any(counts),
            other => counts(other),
        })
    };
    let formula = indicator.formula.as_ref();
    let (upper, lower) = (
        people(formula.and_then(Formula::numerator)),
        people(formula.and_then(Formula::denominator)),
    );
    let within = upper && lower && indicator.is_percent();
    (upper, lower, within)
}

/// Whether people are counted in a value at all.
#[must_use]
pub fn counts_people(indicator: &Indicator) -> bool {
    let (upper, lower, _) = of_people(indicator);
    upper || lower
}

/// What of the counts of an indicator may be told in a root and everything below it.
fn tell(indicator: &Indicator, of: &mut HashMap<UnitId, Seen>, tree: &Tree, root: UnitId) {
    let (upper, lower, within) = of_people(indicator);
    if !upper && !lower {
        return;
    }
    let count = |unit: UnitId, above: bool| {
        let value = of.get(&unit);
        let milli = value.and_then(|v| if above { v.numerator_milli } else { v.denominator_milli });
        milli.unwrap_or(0) / 1000
    };
    let mut told: HashMap<UnitId, (Option<Told>, Option<Told>)> = HashMap::new();
    if within {
        let counts = |unit: UnitId| vec![count(unit, false), count(unit, true)];
        for (unit, cells) in below(tree, root, &counts) {
            told.insert(unit, (cells.get(1).copied(), cells.first().copied()));
        }
    } else {
        for above in [true, false] {
            if (above && !upper) || (!above && !lower) {
                continue;
            }
            for (unit, cells) in below(tree, root, &|unit| vec![count(unit, above)]) {
                let both = told.entry(unit).or_default();
                let cell = if above { &mut both.0 } else { &mut both.1 };
                *cell = cells.first().copied();
            }
        }
    }
    let changes = matches!(indicator.formula, Some(Formula::Change { .. }));
    for (unit, (upper, lower)) in told {
        if let Some(seen) = of.get_mut(&unit) {
            seen.tell(upper, lower);
            // The period before has few of its own, which the difference would tell.
            if changes {
                seen.hide();
            }
        }
    }
}

/// What may be told of counts in a root, the units below it and their organisations. Where a unit is not told, nothing
/// below it is; where the units below give it away, it is not told either.
fn below(tree: &Tree, root: UnitId, counts: &dyn Fn(UnitId) -> Vec<i64>) -> Vec<(UnitId, Vec<Told>)> {
    let kind = tree.unit(root).map(|u| u.kind);
    match kind {
        Some(UnitKind::Organisation) | None => vec![(root, small_cells::row(&counts(root)))],
        Some(UnitKind::Municipality) => {
            let organisations = tree.organisations(root);
            let all: Vec<Vec<i64>> = organisations.iter().map(|o| counts(*o)).collect();
            let (told, sum) = small_cells::rows(&all, &counts(root));
            let mut found: Vec<(UnitId, Vec<Told>)> = organisations.into_iter().zip(told).collect();
            found.push((root, sum));
            found
        }
        Some(UnitKind::Region | UnitKind::Zone) => {
            let towns = municipalities(tree, root);
            let inside: BTreeSet<UnitId> = towns.iter().flat_map(|m| tree.organisations(*m)).collect();
            let mut rows = towns.clone();
            rows.extend(tree.organisations(root).into_iter().filter(|o| !inside.contains(o)));
            let mut found = Vec::new();
            let mut beside = Vec::new();
            for (place, town) in towns.iter().enumerate() {
                let mut own = below(tree, *town, counts);
                if let Some((_, sum)) = own.pop() {
                    let given_away = sum.iter().enumerate().filter(|(_, told)| !told.is_number());
                    beside.extend(given_away.map(|(column, _)| (place, column)));
                }
                found.push(own);
            }
            let all: Vec<Vec<i64>> = rows.iter().map(|u| counts(*u)).collect();
            let (told, sum) = small_cells::rows_beside(&all, &counts(root), &beside);
            let mut all: Vec<(UnitId, Vec<Told>)> = zones(tree, root, &rows, &told, counts);
            for (own, above) in found.into_iter().zip(&told) {
                for (unit, mut cells) in own {
                    for (cell, above) in cells.iter_mut().zip(above) {
                        if !above.is_number() && cell.is_number() && *cell != Told::Number(0) {
                            *cell = Told::Hidden;
                        }
                    }
                    all.push((unit, cells));
                }
            }
            all.extend(rows.into_iter().zip(told));
            all.push((root, sum));
            all
        }
    }
}

/// A zone inside a root tells its sum only where everything in it is told.
fn zones(
    tree: &Tree,
    root: UnitId,
    rows: &[UnitId],
    told: &[Vec<Told>],
    counts: &dyn Fn(UnitId) -> Vec<i64>,
) -> Vec<(UnitId, Vec<Told>)> {
    let below = tree.subtree(root).into_iter();
    let is_zone = |u: &UnitId| *u != root && tree.unit(*u).is_some_and(|u| u.kind == UnitKind::Zone);
    let one = |zone: UnitId| {
        let inside = tree.subtree(zone);
        let members = || rows.iter().zip(told).filter(|(u, _)| inside.contains(u));
        let cell = |(column, own): (usize, &Told)| {
            let all = members().all(|(_, cells)| cells.get(column).is_some_and(|t| t.is_number()));
            if all { *own } else { Told::Hidden }
        };
        let own = small_cells::row(&counts(zone));
        (zone, own.iter().enumerate().map(cell).collect())
    };
    below.filter(is_zone).map(one).collect()
}

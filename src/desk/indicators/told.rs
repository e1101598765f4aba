//! Values of indicators as they may be told: to whoever may open the people behind them as they are, to everyone else
//! without the few. What is not told is taken out here, so that no page, chart or file below can give it away.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Deref;

use crate::desk::small_cells::{self, Told};
use crate::indicators::formula::{Amount, Formula};
use crate::indicators::pack::Aggregate;
use crate::indicators::pack_check::summed;
use crate::indicators::people::school_may_name;
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
        self.value.reported_parts = None;
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

    /// What is not told of counts that were reported, above the line and below it: they may be few where what is counted of
    /// the same is not. Only those of people are asked about.
    fn few_reported(&self, above: bool, below: bool) -> (Option<Told>, Option<Told>) {
        let (some, of) = (self.value.upper(), self.value.lower().unwrap_or(0));
        let row = if below {
            small_cells::row(&[of, some])
        } else {
            small_cells::row(&[some])
        };
        let few = |told: Option<&Told>| told.copied().filter(|told| !told.is_number());
        (few(row.last()).filter(|_| above), few(row.first()).filter(|_| below))
    }

    /// Takes out what is not told of the counts, and with it all that rests on them.
    fn tell(&mut self, upper: Option<Told>, lower: Option<Told>) {
        // Nearly all of another count is not nearly all of this one.
        let rest = self.value.denominator_milli.zip(self.value.numerator_milli);
        let nearly = rest.is_some_and(|(all, some)| (1..small_cells::FEWEST * 1000).contains(&(all - some)));
        let own = |told: Told, fits: bool| {
            if told == Told::Nearly && !fits {
                Told::Hidden
            } else {
                told
            }
        };
        let (upper, lower) = (upper.map(|t| own(t, nearly)), lower.map(|t| own(t, false)));
        let kept = |milli: Option<i64>, told: Option<Told>| milli.filter(|_| told.is_none_or(Told::is_number));
        self.value.numerator_milli = kept(self.value.numerator_milli, upper);
        self.value.denominator_milli = kept(self.value.denominator_milli, lower);
        self.upper = upper.filter(|told| !told.is_number());
        self.lower_told = lower.filter(|told| !told.is_number());
        if self.upper.is_none() && self.lower_told.is_none() {
            return;
        }
        // Where there is no value, nothing but the counts can be hidden: it stays said why there is none.
        let nothing = self.value.value_milli.is_none() && self.value.reported_milli.is_none();
        let why = self.value.reason;
        self.hide();
        if nothing && !planted!("nothing_is_hidden") {
            (self.hidden, self.value.reason) = (false, why);
        }
    }
}

fn no_longer<T>(scored: &Scored<T>) -> Scored<T> {
    match scored {
        Scored::Unscaled => Scored::Unscaled,
        Scored::Is(_) | Scored::Not(_) => Scored::Not(crate::indicators::evaluate::Reason::NoValue),
    }
}

/// What decides of values beside themselves.
#[derive(Debug, Default)]
pub struct Beside {
    /// Schools whose people are found by name by whoever is told: nothing is hidden of their numbers where an indicator may
    /// name people to their school.
    pub named: BTreeSet<UnitId>,
    /// What is told of the periods that changes are told from, by how many periods they lie back.
    pub earlier: BTreeMap<u8, Board>,
}

impl Beside {
    /// A school of which its own head is told.
    #[must_use]
    pub fn head_of(school: UnitId) -> Self {
        Self {
            named: BTreeSet::from([school]),
            earlier: BTreeMap::new(),
        }
    }

    /// Whether a number opens its people by name there.
    fn names(&self, indicator: &Indicator, unit: UnitId, seen: &Seen) -> bool {
        let named = self.named.contains(&unit) && !planted!("own_school_hidden");
        named && !seen.is_reported && (school_may_name(indicator) || planted!("level_told_to_school"))
    }

    /// Whether a change may be told: both counts that it is the difference of are. Means of changes are told to nobody: of
    /// them the counts say nothing.
    fn tells_change(&self, indicator: &Indicator, unit: UnitId, seen: &Seen) -> bool {
        let open = |seen: &Seen| seen.upper.is_none() && seen.lower_told.is_none();
        let years = indicator.formula.as_ref().map_or(0, Formula::looks_back);
        let then = self.earlier.get(&years).and_then(|of| of.get(&indicator.code, unit));
        let was = then.is_some_and(open) || planted!("change_from_a_few");
        indicator.aggregate == Aggregate::Pooled && open(seen) && was
    }
}

/// How many periods back the changes of counts of people of a pack look.
#[must_use]
pub fn looks_back(pack: &Pack) -> BTreeSet<u8> {
    let changes = pack.indicators.iter().filter(|i| counts_people(i));
    let formulas = changes.filter_map(|i| i.formula.as_ref());
    let formulas = formulas.filter(|f| matches!(f, Formula::Change { .. }));
    formulas.map(Formula::looks_back).filter(|years| *years > 0).collect()
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
    /// organisations, for every indicator of the pack. One indicator gives away what another one hides.
    #[must_use]
    pub fn told(values: Vec<Value>, pack: &Pack, tree: &Tree, roots: &[UnitId], beside: &Beside) -> Self {
        let mut board = Self::open(values);
        let hidden = Counted::of(pack, &board).hidden(tree, roots);
        for indicator in &pack.indicators {
            let (upper, lower) = sides(indicator);
            let lower = lower.filter(|_| !planted!("told_below_the_line"));
            let changes = matches!(indicator.formula, Some(Formula::Change { .. }));
            let Some(of) = board.0.get_mut(&indicator.code).filter(|_| counts_people(indicator)) else {
                continue;
            };
            for (unit, seen) in of {
                if beside.names(indicator, *unit, seen) {
                    continue;
                }
                let told = |side: Option<&Amount>| hidden.get(side?)?.get(unit).copied();
                let (mut above, mut below) = (told(upper), told(lower));
                if seen.is_reported && !planted!("reported_counts_for_all") {
                    let (own, of) = seen.few_reported(upper.is_some(), lower.is_some());
                    above = own.or(above.map(|_| Told::Hidden));
                    below = of.or(below.map(|_| Told::Hidden));
                }
                seen.tell(above, below);
                // The period before may have few of its own, which the difference would tell.
                let valued = seen.value_milli.is_some() || seen.reported_milli.is_some();
                if changes && valued && !beside.tells_change(indicator, *unit, seen) {
                    seen.hide();
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

/// What an indicator counts above and below the line, where that is people.
fn sides(indicator: &Indicator) -> (Option<&Amount>, Option<&Amount>) {
    let people = |of: &&Amount| {
        let counts = |a: &Amount| matches!(a.subject(), Some(Subject::Person | Subject::Iom));
        match of {
            Amount::Plus(parts) => parts.iter().any(counts),
            other => counts(other),
        }
    };
    let formula = indicator.formula.as_ref();
    (
        formula.and_then(Formula::numerator).filter(people),
        formula.and_then(Formula::denominator).filter(people),
    )
}

/// Whether people are counted in a value at all.
#[must_use]
pub fn counts_people(indicator: &Indicator) -> bool {
    let (upper, lower) = sides(indicator);
    upper.is_some() || lower.is_some()
}

/// Counts of people by what is counted: two indicators that count the same tell the same of it, or nothing.
struct Counted<'a> {
    /// How many there are in each unit.
    counts: BTreeMap<&'a Amount, HashMap<UnitId, i64>>,
    /// A count that is a part of another one: told together, they tell the rest.
    pairs: BTreeSet<(&'a Amount, &'a Amount)>,
}

impl<'a> Counted<'a> {
    /// What the indicators of a pack count of people.
    fn of(pack: &'a Pack, board: &Board) -> Self {
        let mut counts: BTreeMap<&Amount, HashMap<UnitId, i64>> = BTreeMap::new();
        let mut pairs = BTreeSet::new();
        // A mean of units has no counts of its own where it is a mean: those of another indicator come first.
        let means = |i: &&Indicator| i.aggregate == Aggregate::MeanOfUnits;
        let pooled = pack.indicators.iter().filter(|i| !means(i));
        let all: Vec<&Indicator> = pooled.chain(pack.indicators.iter().filter(means)).collect();
        // What somebody reported is no count of these people: it stands for them only where nothing counts them.
        let passes = [false, true]
            .into_iter()
            .flat_map(|reported| all.iter().map(move |i| (*i, reported)));
        for (indicator, reported) in passes {
            let (upper, lower) = sides(indicator);
            let Some(of) = board.0.get(&indicator.code) else {
                continue;
            };
            for (amount, above) in [(upper, true), (lower, false)] {
                let Some(amount) = amount else { continue };
                let counted = counts.entry(amount).or_default();
                let here = |seen: &Seen| seen.is_reported == reported || planted!("reported_counts_for_all");
                for (unit, value) in of.iter().filter(|(_, seen)| here(seen)) {
                    let milli = if above {
                        value.numerator_milli
                    } else {
                        value.denominator_milli
                    };
                    counted.entry(*unit).or_insert(milli.unwrap_or(0) / 1000);
                }
            }
            if let (Some(upper), Some(lower), true) = (upper, lower, indicator.is_percent()) {
                pairs.insert((upper, lower));
            }
        }
        for part in counts.keys() {
            pairs.extend(counts.keys().filter(|of| part.is_among(of)).map(|of| (*part, *of)));
        }
        Self { counts, pairs }
    }

    fn count(&self, of: &Amount, unit: UnitId) -> i64 {
        self.counts.get(of).and_then(|of| of.get(&unit)).copied().unwrap_or(0)
    }

    /// What is not told of each count in the units below `roots`: hidden beside one count, it is hidden beside all.
    fn hidden(&self, tree: &Tree, roots: &[UnitId]) -> BTreeMap<&'a Amount, HashMap<UnitId, Told>> {
        let mut hidden: BTreeMap<&Amount, HashMap<UnitId, Told>> = BTreeMap::new();
        let mut keep = |of: &'a Amount, unit: UnitId, told: Option<&Told>| {
            if let Some(told) = told.filter(|told| !told.is_number()) {
                let kept = hidden.entry(of).or_default().entry(unit).or_insert(*told);
                if *kept == Told::Hidden {
                    *kept = *told;
                }
            }
        };
        for root in roots {
            for (part, whole) in &self.pairs {
                let counts = |unit: UnitId| vec![self.count(whole, unit), self.count(part, unit)];
                for (unit, cells) in below(tree, *root, &counts) {
                    keep(whole, unit, cells.first());
                    keep(part, unit, cells.get(1));
                }
            }
            let paired: BTreeSet<&Amount> = self.pairs.iter().flat_map(|(part, whole)| [*part, *whole]).collect();
            for of in self.counts.keys().filter(|of| !paired.contains(*of)) {
                for (unit, cells) in below(tree, *root, &|unit| vec![self.count(of, unit)]) {
                    keep(of, unit, cells.first());
                }
            }
        }
        self.alike(&mut hidden);
        hidden
    }

    /// Two counts that are the same in every unit are of the same people, whatever they are called: what is not told of one
    /// is not told of the other.
    fn alike(&self, hidden: &mut BTreeMap<&'a Amount, HashMap<UnitId, Told>>) {
        let all: Vec<(&&Amount, &HashMap<UnitId, i64>)> = self.counts.iter().collect();
        for (place, (one, counts)) in all.iter().enumerate() {
            for (other, _) in all.iter().skip(place + 1).filter(|(_, of)| of == counts) {
                for (from, to) in [(*one, *other), (*other, *one)] {
                    let told = hidden.get(*from).cloned().unwrap_or_default();
                    let kept = hidden.entry(*to).or_default();
                    for unit in told.into_keys() {
                        kept.entry(unit).or_insert(Told::Hidden);
                    }
                }
            }
        }
    }
}

/// What may be told of counts in a root and all units below it, the root last. Where a unit is not told, nothing below it is;
/// where the units below give it away, it is not told either.
fn below(tree: &Tree, root: UnitId, counts: &dyn Fn(UnitId) -> Vec<i64>) -> Vec<(UnitId, Vec<Told>)> {
    let kind = tree.unit(root).map(|u| u.kind);
    let is_school = kind == Some(UnitKind::Organisation);
    let parts = parts(tree, root, kind);
    if parts.is_empty() || (is_school && planted!("branch_by_subtraction")) {
        return vec![(root, small_cells::row(&counts(root)))];
    }
    let mut inside = Vec::new();
    let mut beside = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let mut own = below(tree, *part, counts);
        if let Some((_, sum)) = own.pop() {
            let given_away = sum.iter().enumerate().filter(|(_, told)| !told.is_number());
            beside.extend(given_away.map(|(column, _)| (place, column)));
        }
        inside.push(own);
    }
    let mut rows: Vec<Vec<i64>> = parts.iter().map(|u| counts(*u)).collect();
    if is_school {
        // Whoever knows its branches finds those of the school itself, though they have no row.
        let all = counts(root).into_iter().enumerate();
        let branches = |column: usize| rows.iter().filter_map(|row| row.get(column)).sum::<i64>();
        rows.push(all.map(|(column, n)| (n - branches(column)).max(0)).collect());
    }
    let (told, sum) = small_cells::rows_beside(&rows, &counts(root), &beside);
    let mut all: Vec<(UnitId, Vec<Told>)> = zones(tree, root, &parts, &told, counts);
    for (own, above) in inside.into_iter().zip(&told) {
        for (unit, mut cells) in own {
            for (cell, above) in cells.iter_mut().zip(above) {
                if !above.is_number() && cell.is_number() && *cell != Told::Number(0) {
                    *cell = Told::Hidden;
                }
            }
            all.push((unit, cells));
        }
    }
    all.extend(parts.into_iter().zip(told));
    all.push((root, sum));
    all
}

/// The units that a unit is told by: the municipalities of a region and its schools that stand in none, the schools of a
/// municipality, the branches of a school. A branch stands in its school, and is counted there.
fn parts(tree: &Tree, root: UnitId, kind: Option<UnitKind>) -> Vec<UnitId> {
    let above = |u: &UnitId| tree.over(*u).get(1).copied();
    let of_no_school = |u: &UnitId| above(u).is_some_and(|(_, kind)| kind != UnitKind::Organisation);
    let organisations = || tree.organisations(root).into_iter();
    match kind {
        None => Vec::new(),
        Some(UnitKind::Organisation) => {
            let branch = |u: &UnitId| above(u).is_some_and(|(school, _)| school == root);
            organisations().filter(branch).collect()
        }
        Some(UnitKind::Municipality) => organisations().filter(of_no_school).collect(),
        Some(UnitKind::Region | UnitKind::Zone) => {
            let towns = municipalities(tree, root);
            let inside: BTreeSet<UnitId> = towns.iter().flat_map(|m| tree.organisations(*m)).collect();
            let others = organisations().filter(|o| of_no_school(o) && !inside.contains(o));
            towns.iter().copied().chain(others).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(numerator: i64, denominator: i64) -> Seen {
        Seen::from(Value {
            indicator: "1".into(),
            breakdown: None,
            unit: UnitId(1),
            unit_code: String::new(),
            unit_name: String::new(),
            numerator_milli: Some(numerator * 1000),
            denominator_milli: Some(denominator * 1000),
            value_milli: Some(1),
            reason: None,
            points: Scored::Unscaled,
            zone: Scored::Unscaled,
            target_milli: None,
            met: None,
            reported_milli: None,
            reported_parts: None,
            is_reported: false,
            mean_of: None,
        })
    }

    #[test]
    fn nearly_all_of_another_count_is_hidden_here_and_not_called_nearly_all() {
        let told = |mut of: Seen| {
            of.tell(Some(Told::Nearly), None);
            (of.upper, of.hidden)
        };
        assert_eq!(told(seen(926, 2957)), (Some(Told::Hidden), true));
        assert_eq!(told(seen(926, 930)), (Some(Told::Nearly), true));
    }
}

//! A page of the people behind a number. How many there are is told by the counters; of the people only as many are read
//! as the page needs: by name from the beginning where many count, else those of the organisations that have any.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use super::condition::Condition;
use super::counters;
use super::ground::Ground;
use super::pack::{Indicator, Pack};
use super::people::{self, Chooser, Found, Listed, Part};
use super::{store, values};
use crate::db::{AnyConn, DbError};
use crate::facts::by_name;
use crate::facts::store::Whose;
use crate::facts::{self, FactPeriod};
use crate::units::{Unit, UnitId};
use crate::web::Scope;

/// The least and the most people who are read at once, by name.
const STEPS: (usize, usize) = (50, 1000);

/// How many subjects a part of a unit's value has, and those that `wanted` chooses of so many, by name.
///
/// # Errors
/// Those of the database.
pub fn page(
    conn: &mut AnyConn,
    scope: &Scope,
    of: (&Pack, &Indicator),
    period: &FactPeriod,
    unit: &Unit,
    part: Part,
    wanted: impl Fn(usize) -> Range<usize>,
) -> Result<(usize, Vec<Listed>), DbError> {
    if let Some(chooser) = Chooser::of(of.1, part, period) {
        let ground = values::ground_of(conn, of.0, period, unit.id, unit.kind, of.1)?;
        if let Some(count) = Count::of(&ground, &chooser, part) {
            let total = usize::try_from(count.at(&ground, unit.id)).unwrap_or(0);
            let range = wanted(total);
            let range = range.start.min(total)..range.end.min(total);
            if range.is_empty() {
                return Ok((total, Vec::new()));
            }
            let question = Question {
                scope,
                chooser,
                ground,
                period,
                unit,
            };
            return Ok((total, question.rows(conn, &count, total, range)?));
        }
    }
    let all = people::people(conn, scope, of, period, unit.id, part)?;
    let (total, range) = (all.len(), wanted(all.len()));
    let rows = all.into_iter().skip(range.start).take(range.len()).collect();
    Ok((total, rows))
}

/// The places of the leaves whose counts give the number of a part: the first less the second.
struct Count(usize, Option<usize>);

impl Count {
    /// `None` where the counters do not tell.
    fn of(ground: &Ground, chooser: &Chooser<'_>, part: Part) -> Option<Self> {
        let numerator = ground.leaves.place(chooser.numerator)?;
        match part {
            Part::Numerator => Some(Self(numerator, None)),
            Part::Rest if chooser.is_share => {
                // Only of those who are among the base.
                let (own, base) = (&chooser.numerator.condition, &chooser.base.condition);
                let within = Condition::all([own.clone(), base.clone()]) == *own;
                within.then_some(Self(ground.leaves.place(chooser.base)?, Some(numerator)))
            }
            Part::Rest | Part::Excluded => None,
        }
    }

    fn among(&self, counts: &[i64]) -> i64 {
        let at = |place: usize| counts.get(place).copied().unwrap_or(0);
        at(self.0) - self.1.map_or(0, at)
    }

    fn at(&self, ground: &Ground, unit: UnitId) -> i64 {
        ground.sums.get(&unit).map_or(0, |counts| self.among(counts))
    }
}

/// What is asked, and what it stands on.
struct Question<'a> {
    scope: &'a Scope,
    chooser: Chooser<'a>,
    ground: Ground,
    period: &'a FactPeriod,
    unit: &'a Unit,
}

impl Question<'_> {
    fn rows(
        &self,
        conn: &mut AnyConn,
        count: &Count,
        total: usize,
        range: Range<usize>,
    ) -> Result<Vec<Listed>, DbError> {
        let inside: HashSet<UnitId> = self.ground.tree.organisations(self.unit.id).into_iter().collect();
        let cells = self.ground.cells();
        let within = cells
            .iter()
            .filter(|(cell, _)| cell.1.iter().all(|at| inside.contains(at)));
        let holding: BTreeSet<UnitId> = within
            .filter(|(_, counts)| count.among(counts) != 0)
            .flat_map(|(cell, _)| cell.1.iter().copied())
            .collect();
        let holding: Vec<UnitId> = holding.into_iter().collect();
        // By name one reads the share of all people that the page is of the number; else the share of organisations.
        let by_name = range.end.saturating_mul(cells.len()) < total.saturating_mul(holding.len());
        let mut found = if by_name {
            self.by_name(conn, &inside, range.end, self.step(total, range.end))?
        } else {
            self.in_organisations(conn, &inside, &holding)?
        };
        found.sort_by(|a, b| a.0.cmp(&b.0));
        self.listed(conn, found, range)
    }

    /// How many people have to be read for so many of the total, by the share that the total is of those who can count,
    /// and a quarter more for whoever cannot.
    fn step(&self, total: usize, most: usize) -> usize {
        let place = self.ground.leaves.place(self.chooser.base);
        let base = place.map_or(0, |place| Count(place, None).at(&self.ground, self.unit.id));
        let base = usize::try_from(base).unwrap_or(0).max(total);
        let wanted = most.saturating_mul(base).saturating_mul(5) / (total.max(1) * 4);
        wanted.clamp(STEPS.0, STEPS.1)
    }

    /// Everyone up to so many rows, and whoever shares the last name, so many people at a time.
    fn by_name(
        &self,
        conn: &mut AnyConn,
        inside: &HashSet<UnitId>,
        most: usize,
        mut step: usize,
    ) -> Result<Vec<(String, Found)>, DbError> {
        let mut all: Vec<(String, Found)> = Vec::new();
        let (mut reached, reading) = (None, self.chooser.reading());
        loop {
            let region = self.unit.region_id;
            let part = by_name::part(
                conn,
                self.scope,
                region,
                self.period.id,
                reached.as_ref(),
                step,
                reading,
            )?;
            for (key, known) in &part.facts {
                let mut found = Vec::new();
                self.chooser.choose(known, inside, &mut found);
                all.extend(found.into_iter().map(|row| (key.clone(), row)));
            }
            let Some(next) = part.reached else { return Ok(all) };
            if all.get(most - 1).is_some_and(|(key, _)| *key < next.0) {
                return Ok(all);
            }
            reached = Some(next);
            step = (step * 2).min(STEPS.1);
        }
    }

    /// Everyone of these organisations, and whoever has many.
    fn in_organisations(
        &self,
        conn: &mut AnyConn,
        inside: &HashSet<UnitId>,
        holding: &[UnitId],
    ) -> Result<Vec<(String, Found)>, DbError> {
        let mut found = Vec::new();
        let reading = self.chooser.reading();
        for known in facts::store::read(conn, self.scope, self.period.id, Whose::Of(holding), reading)? {
            if !counters::is_scattered(&known) {
                self.chooser.choose(&known, inside, &mut found);
            }
        }
        for known in self.ground.scattered() {
            let places: Vec<i64> = known.places.iter().map(|p| p.organisation_id.0).collect();
            if self.scope.sees(known.person.person_id.0, &places) {
                self.chooser.choose(known, inside, &mut found);
            }
        }
        let persons: BTreeSet<_> = found.iter().map(|f| (f.region, f.person)).collect();
        let keys = store::sort_keys(conn, &persons)?;
        let key = |row: &Found| keys.get(&row.person).cloned().unwrap_or_default();
        Ok(found.into_iter().map(|row| (key(&row), row)).collect())
    }

    /// The rows of a range of `found`, which stand by name; those of one name among each other by their keys.
    fn listed(
        &self,
        conn: &mut AnyConn,
        found: Vec<(String, Found)>,
        range: Range<usize>,
    ) -> Result<Vec<Listed>, DbError> {
        let end = range.end.min(found.len());
        let Some((first, last)) = found.get(range.start).zip(found.get(end.saturating_sub(1))) else {
            return Ok(Vec::new());
        };
        let before = found.partition_point(|(key, _)| *key < first.0);
        let after = found.partition_point(|(key, _)| *key <= last.0);
        let rows: Vec<Found> = found
            .into_iter()
            .skip(before)
            .take(after - before)
            .map(|(_, row)| row)
            .collect();
        let rows = people::named(conn, &self.ground.tree, rows)?;
        Ok(rows
            .into_iter()
            .skip(range.start - before)
            .take(end - range.start)
            .collect())
    }
}

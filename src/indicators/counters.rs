//! Counters: the leaf counts of a period in cells that add up over any tree of units.
//!
//! There are no rows above the organisation (they would be hot). A person with several places counts once in a unit, as
//! what it is in those that lie there. So the cell of an organisation holds what is counted seeing it alone, and the cell of
//! several together what seeing all of them adds to the cells of fewer, mostly less: the count of a unit is the sum of the
//! cells that lie in it whole. Whoever has more than [`MOST_PLACES`] is left out and counted by whoever reads.
//!
//! Where few persons changed, a cell loses what each brought before and gains what it brings now, which is what counting it
//! anew would give (`check` compares); else it is counted anew from facts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diesel::prelude::*;
use foldhash::HashMap;

use super::condition::PersonSeen;
use super::formula::Leaf;
use super::parsed;
use crate::db::schema::{counter, leaf, person_place};
use crate::db::{AnyConn, DbError, Tx};
use crate::facts::by_id;
use crate::facts::refresh::{Changed, FEW, Held};
use crate::facts::store::{self, Whose};
use crate::facts::{FactPeriod, FactPeriodId, MOST_PLACES, PersonFacts, PersonPlace};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::Scope;
use crate::{each_db, insert_many, planted, update_kept};

/// The leaves that the packs of a basis need, in the order of the packed array.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leaves {
    /// Leaves.
    pub list: Vec<Leaf>,
    /// Digest of their texts: which array a counter holds.
    pub digest: String,
    places: HashMap<u128, usize>,
}

impl Leaves {
    /// Leaves sorted by their text, without repeats.
    #[must_use]
    pub fn of(leaves: impl IntoIterator<Item = Leaf>) -> Self {
        let sorted: BTreeMap<String, Leaf> = leaves.into_iter().map(|l| (l.to_string(), l)).collect();
        let texts: Vec<&str> = sorted.keys().map(String::as_str).collect();
        let digest = crate::audit::digest(texts.join("\n").as_bytes());
        Self {
            digest: digest.chars().take(16).collect(),
            places: sorted.values().map(Leaf::key).zip(0..).collect(),
            list: sorted.into_values().collect(),
        }
    }

    /// The place of a leaf in the array.
    #[must_use]
    pub fn place(&self, leaf: &Leaf) -> Option<usize> {
        self.places.get(&leaf.key()).copied()
    }

    /// Zeros.
    #[must_use]
    pub fn zeros(&self) -> Vec<i64> {
        vec![0; self.list.len()]
    }

    /// Places of the leaves that formulas need.
    #[must_use]
    pub fn places_of<'a>(&self, leaves: impl IntoIterator<Item = &'a Leaf>) -> Vec<usize> {
        let places: BTreeSet<usize> = leaves.into_iter().filter_map(|leaf| self.place(leaf)).collect();
        places.into_iter().collect()
    }

    /// What a person with its plans counts where it is seen so, for the leaves at some places only.
    #[must_use]
    pub fn counts_at(&self, places: &[usize], seen: &PersonSeen<'_>, known: &PersonFacts) -> Vec<i64> {
        if planted!("person_forgotten") && known.person.person_id.0 % 7 == 0 {
            return vec![0; places.len()];
        }
        let leaf = |place: &usize| self.list.get(*place);
        places
            .iter()
            .map(|place| leaf(place).map_or(0, |leaf| leaf.count(seen, &known.plans)))
            .collect()
    }

    /// Adds what a person with its plans counts where it is seen so.
    pub fn add(&self, counts: &mut [i64], seen: &PersonSeen<'_>, known: &PersonFacts) {
        if planted!("person_forgotten") && known.person.person_id.0 % 7 == 0 {
            return;
        }
        for (leaf, count) in self.list.iter().zip(counts) {
            *count += leaf.count(seen, &known.plans);
        }
    }
}

/// A region and the organisations of it that are seen together, in the order of ids; mostly one.
pub type Together = (UnitId, Vec<UnitId>);

/// Counts of organisations and of those seen together.
pub type Cells = BTreeMap<Together, Vec<i64>>;

/// Adds a person to the cells of its places; one with too many, or none, stays out.
pub fn add(cells: &mut Cells, leaves: &Leaves, known: &PersonFacts) {
    if is_scattered(known) {
        return;
    }
    let mut own: Vec<Vec<i64>> = vec![Vec::new()];
    for some in 1..1_usize << known.places.len() {
        let places: Vec<PersonPlace> = (0..known.places.len())
            .filter(|n| some & 1 << n != 0)
            .map(|n| known.places[n])
            .collect();
        let mut counts = leaves.zeros();
        let seen = PersonSeen {
            places: &places,
            fact: &known.person,
        };
        leaves.add(&mut counts, &seen, known);
        for fewer in (1..some).filter(|fewer| fewer & some == *fewer) {
            counts
                .iter_mut()
                .zip(&own[fewer])
                .for_each(|(count, less)| *count -= less);
        }
        if places.len() == 1 || counts.iter().any(|n| *n != 0) && !planted!("together_forgotten") {
            let mut together: Vec<UnitId> = places.iter().map(|p| p.organisation_id).collect();
            together.sort_unstable();
            let cell = cells
                .entry((known.person.region_id, together))
                .or_insert_with(|| leaves.zeros());
            cell.iter_mut().zip(&counts).for_each(|(sum, count)| *sum += count);
        }
        own.push(counts);
    }
}

/// Whether a person has more places than counters hold.
#[must_use]
pub fn is_scattered(known: &PersonFacts) -> bool {
    known.places.len() > MOST_PLACES
}

/// Whether a cell has a row: an organisation where somebody stands, several where they count other than apart.
#[must_use]
pub fn has_row(together: &Together, counts: &[i64]) -> bool {
    together.1.len() == 1 || counts.iter().any(|n| *n != 0)
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = counter, treat_none_as_default_value = false)]
pub struct CounterRow {
    /// The region.
    pub region_id: UnitId,
    /// The period.
    pub period_id: FactPeriodId,
    /// The organisation, the first of several.
    pub organisation_id: UnitId,
    /// Ids of the others, with commas.
    pub together: String,
    /// Digest of the leaves.
    pub leaves: String,
    /// Counts in their order, with commas.
    pub counts: String,
}

impl CounterRow {
    /// A row of a cell.
    #[must_use]
    pub fn new(period: FactPeriodId, leaves: &Leaves, together: &Together, counts: &[i64]) -> Self {
        let counts: Vec<String> = counts.iter().map(i64::to_string).collect();
        let (first, others) = split(together);
        Self {
            region_id: together.0,
            period_id: period,
            organisation_id: first,
            together: others,
            leaves: leaves.digest.clone(),
            counts: counts.join(","),
        }
    }

    /// Whose cell it is; what is no id is none.
    #[must_use]
    pub fn cell(&self) -> Together {
        let others = self.together.split(',').filter_map(|id| id.parse().ok().map(UnitId));
        (
            self.region_id,
            std::iter::once(self.organisation_id).chain(others).collect(),
        )
    }

    /// The counts, of which there are as many as `leaves`; what is no number is none.
    #[must_use]
    pub fn values(&self, leaves: &Leaves) -> Vec<i64> {
        let mut values = Vec::with_capacity(leaves.list.len());
        values.extend(self.counts.split(',').map(|n| n.parse().unwrap_or(0)));
        values
    }
}

/// The first organisation of a cell, and the ids of the others as they are stored.
fn split((region, organisations): &Together) -> (UnitId, String) {
    let others: Vec<String> = organisations.iter().skip(1).map(|u| u.0.to_string()).collect();
    (organisations.first().copied().unwrap_or(*region), others.join(","))
}

#[derive(Insertable)]
#[diesel(table_name = leaf, treat_none_as_default_value = false)]
struct LeafRow {
    id: i64,
    basis: String,
    number: i32,
    canonical: String,
}

/// The leaves of a basis as counters hold them.
///
/// # Errors
/// Those of the database.
pub fn leaves(conn: &mut AnyConn, basis: &str) -> Result<Arc<Leaves>, DbError> {
    let texts: Vec<String> = leaf::table
        .filter(leaf::basis.eq(basis))
        .order(leaf::number)
        .select(leaf::canonical)
        .load(conn)?;
    Ok(parsed::leaves(texts))
}

/// Writes the leaves of a basis.
///
/// # Errors
/// Those of the database.
pub fn write_leaves(tx: &mut Tx<'_>, basis: &str, leaves: &Leaves) -> Result<(), DbError> {
    diesel::delete(leaf::table.filter(leaf::basis.eq(basis))).execute(tx.conn())?;
    let rows: Vec<LeafRow> = leaves
        .list
        .iter()
        .enumerate()
        .map(|(number, leaf)| LeafRow {
            id: tx.id(),
            basis: basis.to_owned(),
            number: i32::try_from(number).unwrap_or(i32::MAX),
            canonical: leaf.to_string(),
        })
        .collect();
    insert_many!(tx.conn(), leaf::table, rows)?;
    Ok(())
}

/// Brings the cells after changed facts; they are locked. Counting anew sees every fact that was rewritten, so a period is
/// either counted anew or followed person by person, never both.
///
/// # Errors
/// Those of the database.
pub fn follow(conn: &mut AnyConn, held: &Held, changed: Vec<Changed>) -> Result<(), DbError> {
    let few = |change: &Changed| {
        let before = change.before.as_ref();
        before.is_some_and(|before| before.len().max(change.after.len()) <= FEW)
    };
    let anew: BTreeSet<usize> = changed.iter().filter(|c| !few(c)).map(|c| c.period).collect();
    for place in &anew {
        let period = &held.periods[*place];
        match &held.organisations {
            Some(organisations) => recompute(conn, period, organisations)?,
            None => rebuild(conn, period)?,
        }
    }
    let mut read: BTreeMap<&str, Arc<Leaves>> = BTreeMap::new();
    for change in changed.iter().filter(|c| !anew.contains(&c.period)) {
        let period = &held.periods[change.period];
        let leaves = match read.get(period.basis.as_str()) {
            Some(known) => known.clone(),
            None => leaves(conn, &period.basis)?,
        };
        read.insert(&period.basis, leaves.clone());
        if let Some(before) = &change.before {
            exchange(conn, period, &leaves, before, &change.after)?;
        }
    }
    Ok(())
}

/// Names the update of one counter.
struct Recounted;

/// Takes from the cells what persons brought before and adds what they bring now.
fn exchange(
    conn: &mut AnyConn,
    period: &FactPeriod,
    leaves: &Leaves,
    before: &[PersonFacts],
    after: &[PersonFacts],
) -> Result<(), DbError> {
    let counted = |all: &[PersonFacts]| {
        let mut cells = Cells::new();
        all.iter().for_each(|known| add(&mut cells, leaves, known));
        cells
    };
    let (less, more) = (counted(before), counted(after));
    let stays = standing(after);
    let left: BTreeSet<UnitId> = standing(before).difference(&stays).map(|(unit, _)| *unit).collect();
    let cells: BTreeSet<&Together> = less.keys().chain(more.keys()).collect();
    let mut spoilt: BTreeSet<UnitId> = BTreeSet::new();
    for cell in cells {
        let (first, others) = split(cell);
        let at = counter::region_id
            .eq(cell.0)
            .and(counter::period_id.eq(period.id))
            .and(counter::organisation_id.eq(first))
            .and(counter::together.eq(others));
        let row: Option<CounterRow> = counter::table
            .filter(at.clone())
            .select(CounterRow::as_select())
            .first(conn)
            .optional()?;
        let is_whole = match &row {
            Some(row) => row.leaves == leaves.digest,
            // Several together have no row while they count as apart.
            None => cell.1.len() > 1 || !less.contains_key(cell),
        };
        if !is_whole || (cell.1.len() == 1 && left.contains(&first) && is_empty(conn, period.id, (cell.0, first))?) {
            // Written past the program, or left by its last person.
            spoilt.extend(&cell.1);
            continue;
        }
        let mut counts = row.as_ref().map_or_else(|| leaves.zeros(), |row| row.values(leaves));
        for (cells, sign) in [(&less, -1), (&more, 1)] {
            for (count, by) in counts.iter_mut().zip(cells.get(cell).into_iter().flatten()) {
                *count += sign * by;
            }
        }
        let now = CounterRow::new(period.id, leaves, cell, &counts);
        match row {
            Some(row) if row == now => {}
            Some(_) if !has_row(cell, &counts) => {
                diesel::delete(counter::table.filter(at)).execute(conn)?;
            }
            Some(_) => {
                update_kept!(conn, Recounted, counter::table, at, counter::counts.eq(&now.counts))?;
            }
            None if !has_row(cell, &counts) => {}
            None => {
                insert_many!(conn, counter::table, std::slice::from_ref(&now))?;
            }
        }
    }
    if spoilt.is_empty() {
        return Ok(());
    }
    recompute(conn, period, &spoilt)
}

/// Where persons stand who are in the counters.
fn standing(of: &[PersonFacts]) -> BTreeSet<(UnitId, PersonId)> {
    let counted = of.iter().filter(|known| !is_scattered(known));
    let places = counted.flat_map(|known| &known.places);
    places.map(|place| (place.organisation_id, place.person_id)).collect()
}

/// Whether nobody who is in the counters stands in an organisation.
fn is_empty(conn: &mut AnyConn, period: FactPeriodId, place: (UnitId, UnitId)) -> Result<bool, DbError> {
    let anybody: Option<PersonId> = person_place::table
        .filter(person_place::period_id.eq(period))
        .filter(person_place::organisation_id.eq(place.1))
        .filter(person_place::region_id.eq(place.0))
        .filter(person_place::scattered.eq(false))
        .select(person_place::person_id)
        .first(conn)
        .optional()?;
    Ok(anybody.is_none())
}

/// Recomputes the cells that organisations of a period have a part in, from facts; the caller has locked them.
///
/// # Errors
/// Those of the database.
pub fn recompute(conn: &mut AnyConn, period: &FactPeriod, organisations: &BTreeSet<UnitId>) -> Result<(), DbError> {
    let leaves = leaves(conn, &period.basis)?;
    let all: Vec<UnitId> = organisations.iter().copied().collect();
    let scope = Scope::of_server("counters");
    let regions = store::regions(conn)?;
    let has_part = |cell: &Together| cell.1.iter().any(|u| organisations.contains(u));
    let (mut cells, mut met) = (Cells::new(), BTreeSet::new());
    for part in all.chunks(200) {
        for known in store::facts(conn, &scope, period.id, Whose::Of(part))? {
            if met.insert((known.person.region_id, known.person.person_id)) {
                add(&mut cells, &leaves, &known);
            }
        }
    }
    cells.retain(|cell, _| has_part(cell));
    let of_period = || {
        counter::table
            .filter(counter::region_id.eq_any(&regions))
            .filter(counter::period_id.eq(period.id))
    };
    let several: Vec<CounterRow> = of_period()
        .filter(counter::together.ne(""))
        .select(CounterRow::as_select())
        .load(conn)?;
    for row in several.iter().filter(|row| has_part(&row.cell())) {
        let key = (row.region_id, row.period_id, row.organisation_id, &row.together);
        diesel::delete(counter::table.find(key)).execute(conn)?;
    }
    for part in all.chunks(200) {
        let single = of_period().filter(counter::together.eq(""));
        diesel::delete(single.filter(counter::organisation_id.eq_any(part))).execute(conn)?;
    }
    insert(conn, period.id, &leaves, &cells)
}

/// Recomputes every cell of a period from facts; the caller has locked everything.
///
/// # Errors
/// Those of the database.
pub fn rebuild(conn: &mut AnyConn, period: &FactPeriod) -> Result<(), DbError> {
    clear(conn, period.id)?;
    let leaves = leaves(conn, &period.basis)?;
    for region in store::regions(conn)? {
        let mut cells = Cells::new();
        by_id::each(conn, region, period.id, |known| add(&mut cells, &leaves, known))?;
        insert(conn, period.id, &leaves, &cells)?;
    }
    Ok(())
}

/// Writes all cells of a period that has none.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut AnyConn, period: FactPeriodId, leaves: &Leaves, cells: &Cells) -> Result<(), DbError> {
    let rows: Vec<CounterRow> = cells
        .iter()
        .filter(|(cell, counts)| has_row(cell, counts))
        .map(|(cell, counts)| CounterRow::new(period, leaves, cell, counts))
        .collect();
    insert_many!(conn, counter::table, rows)?;
    Ok(())
}

/// Removes the cells of a period.
///
/// # Errors
/// Those of the database.
pub fn clear(conn: &mut AnyConn, period: FactPeriodId) -> Result<(), DbError> {
    diesel::delete(counter::table.filter(counter::period_id.eq(period))).execute(conn)?;
    Ok(())
}

/// The cells of a period, of one region or of all.
///
/// # Errors
/// Those of the database.
pub fn rows(conn: &mut AnyConn, period: FactPeriodId, region: Option<UnitId>) -> Result<Vec<CounterRow>, DbError> {
    let regions = match region {
        Some(region) => vec![region],
        None => store::regions(conn)?,
    };
    Ok(each_db!(conn, c => counter::table
        .filter(counter::region_id.eq_any(&regions))
        .filter(counter::period_id.eq(period))
        .select(CounterRow::as_select())
        .load(c))?)
}

/// Every row of a period, whatever region it names.
///
/// # Errors
/// Those of the database.
pub fn all_rows(conn: &mut AnyConn, period: FactPeriodId) -> Result<Vec<CounterRow>, DbError> {
    Ok(counter::table
        .filter(counter::period_id.eq(period))
        .select(CounterRow::as_select())
        .load(conn)?)
}

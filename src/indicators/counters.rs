//! Counters: the leaf counts of each organisation in a period, for persons of one organisation only.
//!
//! There are no rows above the organisation (they would be hot). The few persons with several places are left out and
//! counted exactly by whoever reads. Where few persons changed, a cell loses what each brought before and gains what it
//! brings now, which is what counting it anew would give (`check` compares); else it is counted anew from facts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diesel::prelude::*;

use super::condition::PersonSeen;
use super::formula::Leaf;
use super::parsed;
use crate::db::schema::{counter, leaf};
use crate::db::{AnyConn, DbError, Tx};
use crate::facts::by_id;
use crate::facts::refresh::{Changed, FEW, Held};
use crate::facts::store::{self, Whose};
use crate::facts::{FactPeriod, FactPeriodId, PersonFacts};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::Scope;
use crate::{insert_many, planted};

/// The leaves that the packs of a basis need, in the order of the packed array.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leaves {
    /// Leaves.
    pub list: Vec<Leaf>,
    /// Digest of their texts: which array a counter holds.
    pub digest: String,
    places: BTreeMap<Leaf, usize>,
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
            places: sorted.values().cloned().zip(0..).collect(),
            list: sorted.into_values().collect(),
        }
    }

    /// The place of a leaf in the array.
    #[must_use]
    pub fn place(&self, leaf: &Leaf) -> Option<usize> {
        self.places.get(leaf).copied()
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

    /// The same as [`Self::add`] for the leaves at some places only.
    pub fn add_at(&self, places: &[usize], counts: &mut [i64], seen: &PersonSeen<'_>, known: &PersonFacts) {
        if planted!("person_forgotten") && known.person.person_id.0 % 7 == 0 {
            return;
        }
        for place in places {
            if let (Some(leaf), Some(count)) = (self.list.get(*place), counts.get_mut(*place)) {
                *count += leaf.count(seen, &known.plans);
            }
        }
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

/// Counts of organisations.
pub type Cells = BTreeMap<(UnitId, UnitId), Vec<i64>>;

/// Adds a person to the cell of its only organisation; one with several places, or none, stays out.
pub fn add_single(cells: &mut Cells, leaves: &Leaves, known: &PersonFacts) {
    let [place] = known.places.as_slice() else { return };
    let seen = PersonSeen {
        places: &known.places,
        fact: &known.person,
    };
    let cell = cells
        .entry((place.region_id, place.organisation_id))
        .or_insert_with(|| leaves.zeros());
    leaves.add(cell, &seen, known);
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = counter, treat_none_as_default_value = false)]
pub struct CounterRow {
    /// The region.
    pub region_id: UnitId,
    /// The period.
    pub period_id: FactPeriodId,
    /// The organisation.
    pub organisation_id: UnitId,
    /// Digest of the leaves.
    pub leaves: String,
    /// Counts in their order, with commas.
    pub counts: String,
}

impl CounterRow {
    /// A row of a cell.
    #[must_use]
    pub fn new(
        period: FactPeriodId,
        leaves: &Leaves,
        (region, organisation): (UnitId, UnitId),
        counts: &[i64],
    ) -> Self {
        let counts: Vec<String> = counts.iter().map(i64::to_string).collect();
        Self {
            region_id: region,
            period_id: period,
            organisation_id: organisation,
            leaves: leaves.digest.clone(),
            counts: counts.join(","),
        }
    }

    /// The counts; what is no number is none.
    pub fn values(&self) -> impl Iterator<Item = i64> {
        self.counts.split(',').map(|n| n.parse().unwrap_or(0))
    }
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
    for change in changed.iter().filter(|c| !anew.contains(&c.period)) {
        if let Some(before) = &change.before {
            exchange(conn, &held.periods[change.period], before, &change.after)?;
        }
    }
    Ok(())
}

/// Takes from the cells what persons brought before and adds what they bring now.
fn exchange(
    conn: &mut AnyConn,
    period: &FactPeriod,
    before: &[PersonFacts],
    after: &[PersonFacts],
) -> Result<(), DbError> {
    let leaves = leaves(conn, &period.basis)?;
    let counted = |all: &[PersonFacts]| {
        let mut cells = Cells::new();
        all.iter().for_each(|known| add_single(&mut cells, &leaves, known));
        cells
    };
    let (less, more) = (counted(before), counted(after));
    let stays = standing(after);
    let left: BTreeSet<UnitId> = standing(before).difference(&stays).map(|(unit, _)| *unit).collect();
    let places: BTreeSet<(UnitId, UnitId)> = less.keys().chain(more.keys()).copied().collect();
    for place in places {
        let at = counter::table.find((place.0, period.id, place.1));
        let row: Option<CounterRow> = at.select(CounterRow::as_select()).first(conn).optional()?;
        let is_whole = row
            .as_ref()
            .map_or(!less.contains_key(&place), |row| row.leaves == leaves.digest);
        if !is_whole || (left.contains(&place.1) && is_empty(conn, period.id, place)?) {
            // Written past the program, or left by its last person.
            recompute(conn, period, &BTreeSet::from([place.1]))?;
            continue;
        }
        let mut counts = row
            .as_ref()
            .map_or_else(|| leaves.zeros(), |row| row.values().collect());
        for (cells, sign) in [(&less, -1), (&more, 1)] {
            for (count, by) in counts.iter_mut().zip(cells.get(&place).into_iter().flatten()) {
                *count += sign * by;
            }
        }
        let now = CounterRow::new(period.id, &leaves, place, &counts);
        match row {
            Some(row) if row == now => {}
            Some(_) => {
                diesel::update(at).set(counter::counts.eq(&now.counts)).execute(conn)?;
            }
            None => {
                insert_many!(conn, counter::table, std::slice::from_ref(&now))?;
            }
        }
    }
    Ok(())
}

/// Where persons of one organisation stand.
fn standing(of: &[PersonFacts]) -> BTreeSet<(UnitId, PersonId)> {
    let single = |known: &PersonFacts| match known.places.as_slice() {
        [place] => Some((place.organisation_id, place.person_id)),
        _ => None,
    };
    of.iter().filter_map(single).collect()
}

/// Whether nobody stands in an organisation alone.
fn is_empty(conn: &mut AnyConn, period: FactPeriodId, place: (UnitId, UnitId)) -> Result<bool, DbError> {
    use crate::db::schema::person_place;
    let anybody: Option<PersonId> = person_place::table
        .filter(person_place::period_id.eq(period))
        .filter(person_place::organisation_id.eq(place.1))
        .filter(person_place::region_id.eq(place.0))
        .filter(person_place::bridged.eq(false))
        .select(person_place::person_id)
        .first(conn)
        .optional()?;
    Ok(anybody.is_none())
}

/// Recomputes the cells of organisations in a period from facts; the caller has locked them.
///
/// # Errors
/// Those of the database.
pub fn recompute(conn: &mut AnyConn, period: &FactPeriod, organisations: &BTreeSet<UnitId>) -> Result<(), DbError> {
    let leaves = leaves(conn, &period.basis)?;
    let all: Vec<UnitId> = organisations.iter().copied().collect();
    let scope = Scope::of_server("counters");
    let regions = store::regions(conn)?;
    for part in all.chunks(200) {
        let mut cells = Cells::new();
        for known in store::facts(conn, &scope, period.id, Whose::SingleOf(part))? {
            add_single(&mut cells, &leaves, &known);
        }
        diesel::delete(
            counter::table
                .filter(counter::region_id.eq_any(&regions))
                .filter(counter::period_id.eq(period.id))
                .filter(counter::organisation_id.eq_any(part)),
        )
        .execute(conn)?;
        insert(conn, period.id, &leaves, &cells)?;
    }
    Ok(())
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
        by_id::each(conn, region, period.id, |known| add_single(&mut cells, &leaves, known))?;
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
        .map(|(place, counts)| CounterRow::new(period, leaves, *place, counts))
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
    Ok(counter::table
        .filter(counter::region_id.eq_any(regions))
        .filter(counter::period_id.eq(period))
        .select(CounterRow::as_select())
        .load(conn)?)
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

//! Units by their names as tables spell them: the own name, or one of the other names that a pack lists.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::model::{UnitId, UnitKind};
use crate::db::schema::{unit, unit_synonym};
use crate::db::{AnyConn, DbError, Tx};
use crate::insert_many;
use crate::planted;

/// A unit that was found: its code, id, region and kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Code.
    pub code: String,
    /// Id.
    pub id: UnitId,
    /// The region.
    pub region: UnitId,
    /// Kind.
    pub kind: UnitKind,
}

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// This unit.
    One(Place),
    /// Several: how many.
    Several(usize),
    /// None that is known.
    Nothing,
}

/// A name without case, signs and spaces, ё as е.
#[must_use]
pub fn name_key(name: &str) -> String {
    let letters = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase);
    letters.map(|c| if c == 'ё' { 'е' } else { c }).collect()
}

/// Names of municipalities, zones and regions with the other names that packs in force give them.
#[derive(Debug, Default)]
pub struct Names {
    by_key: HashMap<String, Vec<Place>>,
    /// Keys of the names that mean the same, by each of them.
    same: HashMap<String, BTreeSet<String>>,
}

impl Names {
    /// Reads them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut AnyConn) -> Result<Self, DbError> {
        let units: Vec<(String, UnitId, UnitId, UnitKind, String)> = unit::table
            .filter(unit::kind.ne(UnitKind::Organisation))
            .select((unit::code, unit::id, unit::region_id, unit::kind, unit::name))
            .load(conn)?;
        let mut names = Self::default();
        for (code, id, region, kind, name) in units {
            let place = Place { code, id, region, kind };
            names.by_key.entry(name_key(&name)).or_default().push(place);
        }
        let rows: Vec<(String, String, String)> = unit_synonym::table
            .select((unit_synonym::pack, unit_synonym::name_key, unit_synonym::own_key))
            .load(conn)?;
        let mut groups: HashMap<(String, String), BTreeSet<String>> = HashMap::new();
        for (pack, name, own) in rows {
            groups.entry((pack, own)).or_default().insert(name);
        }
        for group in groups.into_values() {
            for name in &group {
                names
                    .same
                    .entry(name.clone())
                    .or_default()
                    .extend(group.iter().cloned());
            }
        }
        Ok(names)
    }

    /// The unit that a name means among those that a file reaches. Two units of one name are never guessed.
    #[must_use]
    pub fn meant(&self, name: &str, reaches: impl Fn(&Place) -> bool) -> Meant {
        let key = name_key(name);
        let within = |key: &String| -> Vec<&Place> {
            let places = self.by_key.get(key).into_iter().flatten();
            places.filter(|p| reaches(p)).collect()
        };
        // The own name of a unit stands before another name of some other one.
        let mut found = within(&key);
        if found.is_empty() {
            found = self.same.get(&key).into_iter().flatten().flat_map(within).collect();
        }
        found.sort_by_key(|p| p.id);
        found.dedup_by_key(|p| p.id);
        match found.as_slice() {
            [] => Meant::Nothing,
            [one] => Meant::One((*one).clone()),
            several => Meant::Several(several.len()),
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = unit_synonym)]
struct Row {
    pack: String,
    name_key: String,
    own_key: String,
}

/// Keeps the names that a pack gives to units: own name and other names, in place of those it gave before.
///
/// # Errors
/// Those of the database.
pub fn keep<'a>(
    tx: &mut Tx<'_>,
    pack: &str,
    units: impl Iterator<Item = (&'a str, &'a [String])>,
) -> Result<(), DbError> {
    diesel::delete(unit_synonym::table.filter(unit_synonym::pack.eq(pack))).execute(tx.conn())?;
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for (own, others) in units {
        let own_key = name_key(own);
        let others = others.iter().filter(|_| !planted!("synonyms_forgotten"));
        let names = std::iter::once(own_key.clone()).chain(others.map(|name| name_key(name)));
        for key in names {
            if seen.insert(key.clone()) {
                rows.push(Row {
                    pack: pack.to_owned(),
                    name_key: key,
                    own_key: own_key.clone(),
                });
            }
        }
    }
    insert_many!(tx.conn(), unit_synonym::table, rows)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: i64, region: i64) -> Place {
        Place {
            code: format!("М{id}"),
            id: UnitId(id),
            region: UnitId(region),
            kind: UnitKind::Municipality,
        }
    }

    #[test]
    fn a_name_means_one_unit_or_none() {
        let mut names = Names::default();
        names
            .by_key
            .insert(name_key("Ишимский"), vec![place(1, 10), place(9, 20)]);
        names.by_key.insert(name_key("г. Ишим"), vec![place(2, 10)]);
        let group: BTreeSet<String> = ["Ишимский", "Ишимский район"].map(name_key).into();
        for key in &group {
            names.same.insert(key.clone(), group.clone());
        }
        let north = |place: &Place| place.region == UnitId(10);
        assert_eq!(names.meant("ишимский  РАЙОН", north), Meant::One(place(1, 10)));
        assert_eq!(names.meant("г.Ишим", north), Meant::One(place(2, 10)));
        assert_eq!(names.meant("Ишимский район", |_| true), Meant::Several(2));
        assert_eq!(names.meant("Ишим", north), Meant::Nothing);
    }
}

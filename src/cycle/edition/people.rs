//! The people behind a released number: keys of the edition brought back to those whose data are still here. Whoever's data
//! were destroyed stays as a line without a name.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::content::{Lists, places};
use super::model::Edition;
use super::store;
use crate::audit;
use crate::db::schema::{iom, person};
use crate::db::{AnyConn, DbError};
use crate::error::Error;
use crate::indicators::people::Part;
use crate::indicators::store as named;
use crate::iom::IomId;
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;

/// Letters of a key: 64 bits tell a million people apart.
const LETTERS: usize = 16;

/// What stands in the place of a name that is gone.
pub const GONE: &str = "сведения уничтожены";

/// The key of a person or a plan in an edition: nobody without the key of the installation can tell whose it is.
#[must_use]
pub fn key_of(secret: &[u8], salt: &str, kind: &str, id: i64) -> String {
    let mut key = audit::keyed(secret, format!("edition {salt} {kind} {id}").as_bytes());
    key.truncate(LETTERS);
    key
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `person`, `iom` or `code`.
    pub subject: String,
    /// The person; `None` for units, and where the data were destroyed.
    pub person: Option<PersonId>,
    /// СНИЛС, number of the plan, or code of the unit or programme; empty where it is gone.
    pub key: String,
    /// Name; [`GONE`] where it is gone.
    pub name: String,
    /// Code of the organisation in which a person with one place counted.
    pub unit: String,
}

/// A list behind a number: the places of its lines, before anybody is named.
#[derive(Debug, Clone)]
pub struct Listed {
    subject: String,
    /// Keys of people or plans with the organisation where they are known to count; codes of units.
    keys: Vec<(String, String)>,
}

impl Listed {
    /// How many lines it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// The list behind a number of a unit; `None` where the indicator has none.
///
/// # Errors
/// A part does not read; those of the database.
pub fn listed(
    conn: &mut AnyConn,
    edition: &Edition,
    indicator: &str,
    unit: &str,
    part: Part,
) -> Result<Option<Listed>, Error> {
    let Some(lists) = store::lists(conn, edition.id, indicator)? else {
        return Ok(None);
    };
    let side = |sides: &(String, String)| {
        if part == Part::Numerator {
            sides.0.clone()
        } else {
            sides.1.clone()
        }
    };
    if lists.subject == "code" {
        let sides = lists.codes.get(unit).cloned().unwrap_or_default();
        let codes = if part == Part::Numerator { sides.0 } else { sides.1 };
        let keys = codes.into_iter().map(|code| (code, String::new())).collect();
        return Ok(Some(Listed {
            subject: lists.subject,
            keys,
        }));
    }
    let keys = store::keys(conn, edition.id)?;
    let units = store::units(conn, edition.id)?;
    let inside = units.inside(unit);
    let Lists {
        subject,
        numerator,
        rest,
        several,
        ..
    } = lists;
    let of_plans = subject == "iom";
    let all = if of_plans { &keys.plans } else { &keys.persons };
    let single = side(&(numerator, rest));
    let key = |place: usize| all.get(place).cloned().unwrap_or_default();
    let mut found = Vec::new();
    for (home, [from, to, from_plan, to_plan]) in &keys.homes {
        if inside.contains(home.as_str()) {
            let within = if of_plans { *from_plan..*to_plan } else { *from..*to };
            found.extend(
                places(&single, within)
                    .into_iter()
                    .map(|place| (key(place), home.clone())),
            );
        }
    }
    let of_several = several.get(unit).map(side).unwrap_or_default();
    found.extend(
        places(&of_several, 0..all.len())
            .into_iter()
            .map(|place| (key(place), String::new())),
    );
    Ok(Some(Listed { subject, keys: found }))
}

/// The lines of a list with the names of those who are still here, by name; those without a name stand last.
///
/// # Errors
/// Those of the database.
pub fn lines(conn: &mut AnyConn, secret: &[u8], edition: &Edition, list: &Listed) -> Result<Vec<Line>, Error> {
    if list.subject == "code" {
        let units = store::units(conn, edition.id)?;
        let line = |code: &String| Line {
            subject: list.subject.clone(),
            person: None,
            key: code.clone(),
            name: units.get(code).map_or_else(|| code.clone(), |u| u.name.clone()),
            unit: String::new(),
        };
        return Ok(list.keys.iter().map(|(code, _)| line(code)).collect());
    }
    let of_plans = list.subject == "iom";
    let region = edition.region_id;
    let known = if of_plans {
        known_plans(conn, secret, edition)?
    } else {
        known_people(conn, secret, edition)?
    };
    let found: Vec<Option<(PersonId, Option<IomId>)>> =
        list.keys.iter().map(|(key, _)| known.get(key).copied()).collect();
    let persons: BTreeSet<(UnitId, PersonId)> = found.iter().flatten().map(|(person, _)| (region, *person)).collect();
    let plans: BTreeSet<(UnitId, IomId)> = found
        .iter()
        .flatten()
        .filter_map(|(_, plan)| Some((region, (*plan)?)))
        .collect();
    let names = named::names(conn, &persons)?;
    let numbers = named::numbers(conn, &plans)?;
    let mut lines: Vec<(bool, String, Line)> = Vec::with_capacity(found.len());
    for ((_, unit), one) in list.keys.iter().zip(found) {
        let name = one.and_then(|(person, _)| names.get(&person));
        let key = match one.and_then(|(_, plan)| plan) {
            Some(plan) => numbers.get(&plan).cloned(),
            None => name.and_then(|n| n.snils.clone()),
        };
        let line = Line {
            subject: list.subject.clone(),
            person: one.map(|(person, _)| person).filter(|_| name.is_some()),
            key: key.filter(|_| name.is_some()).unwrap_or_default(),
            name: name.map_or_else(|| GONE.to_owned(), |n| n.name.clone()),
            unit: unit.clone(),
        };
        lines.push((
            name.is_none(),
            name.map_or_else(String::new, |n| n.sort_key.clone()),
            line,
        ));
    }
    if planted!("edition_forgets_the_gone") {
        lines.retain(|(gone, ..)| !gone);
    }
    lines.sort_by(|a, b| (a.0, &a.1, &a.2.key, &a.2.unit).cmp(&(b.0, &b.1, &b.2.key, &b.2.unit)));
    Ok(lines.into_iter().map(|(_, _, line)| line).collect())
}

type Known = HashMap<String, (PersonId, Option<IomId>)>;

fn known_people(conn: &mut AnyConn, secret: &[u8], edition: &Edition) -> Result<Known, DbError> {
    let ids: Vec<PersonId> = person::table
        .filter(person::region_id.eq(edition.region_id))
        .select(person::id)
        .load(conn)?;
    let key = |id: PersonId| (key_of(secret, &edition.salt, "person", id.0), (id, None));
    Ok(ids.into_iter().map(key).collect())
}

fn known_plans(conn: &mut AnyConn, secret: &[u8], edition: &Edition) -> Result<Known, DbError> {
    let ids: Vec<(IomId, PersonId)> = iom::table
        .filter(iom::region_id.eq(edition.region_id))
        .select((iom::id, iom::person_id))
        .load(conn)?;
    let key = |(plan, person): (IomId, PersonId)| (key_of(secret, &edition.salt, "iom", plan.0), (person, Some(plan)));
    Ok(ids.into_iter().map(key).collect())
}

//! How far whoever keeps the registers reaches: their units, and the people who work there.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::by::By;
use crate::db::schema::person;
use crate::db::text_keys::{holding, holds, search_key, words};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::{Bounds, working};
use crate::desk::plan::rows::{self, Who};
use crate::desk::registers::page::Wrong;
use crate::error::Error;
use crate::iom::Within;
use crate::pages::text::short_name;
use crate::people::PersonId;
use crate::units::{self, Tree, Unit, UnitId, UnitKind};
use crate::web::{Call, Visitor};

/// People named to choose from, at most.
const NAMED: i64 = 20;

/// What the visitor holds on a day.
pub(crate) struct Held {
    /// The region.
    pub region: UnitId,
    /// Whose people are seen.
    pub bounds: Bounds,
    /// The tree of today.
    pub tree: Arc<Tree>,
    within: Within,
    today: NaiveDate,
}

pub(crate) fn missing() -> Error {
    Error::NotFound("страница".into())
}

/// Who acts, for the journal.
pub(crate) fn by(call: &Call) -> Result<By, Error> {
    let visitor = call.visitor()?;
    Ok(By {
        account: visitor.account,
        on_behalf_of: visitor.on_behalf_of(),
        region: UnitId(visitor.region.ok_or_else(missing)?),
        key: call.app().keys.audit.clone(),
        zone: call.zone(),
    })
}

impl Held {
    /// What the visitor holds.
    ///
    /// # Errors
    /// A role without a region has no registers; those of the database.
    pub fn of(c: &mut AnyConn, visitor: &Visitor, today: NaiveDate) -> Result<Self, Error> {
        let region = UnitId(visitor.region.ok_or_else(missing)?);
        Ok(Self {
            region,
            bounds: Bounds::of(c, region, &visitor.scope, today)?,
            tree: units::store::tree(c, today, None)?,
            within: Within {
                region: Some(region),
                scope: visitor.scope.clone(),
            },
            today,
        })
    }

    /// The day.
    pub fn today(&self) -> NaiveDate {
        self.today
    }

    /// Whether everyone of the region is seen.
    pub fn is_whole(&self) -> bool {
        self.bounds.organisations.is_none()
    }

    /// Whether what belongs to a unit (`None`: to the region) is the visitor's to keep.
    pub fn keeps(&self, unit: Option<UnitId>) -> bool {
        self.is_whole() || unit.is_some_and(|unit| self.own().iter().any(|u| u.id == unit))
    }

    /// The visitor's units: zones, municipalities and organisations of the scope, in this order.
    pub fn own(&self) -> Vec<&Unit> {
        let kinds = [
            UnitKind::Region,
            UnitKind::Zone,
            UnitKind::Municipality,
            UnitKind::Organisation,
        ];
        let all = kinds.into_iter().flat_map(|kind| {
            let mut of_kind = self.tree.of_kind(kind);
            of_kind.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
            of_kind
        });
        all.filter(|unit| unit.region_id == self.region && self.within.sees(&self.tree, unit))
            .collect()
    }

    /// The visitor's units to choose from: codes and names.
    pub fn choices(&self) -> Vec<(String, String)> {
        self.own()
            .into_iter()
            .map(|u| (u.code.clone(), u.name.clone()))
            .collect()
    }

    /// A unit of the region that stands today, by its code.
    pub fn unit(&self, code: &str) -> Option<&Unit> {
        let found = self.tree.by_code(code);
        found.filter(|u| u.region_id == self.region && self.tree.stands(u.id))
    }

    /// The name of a unit; empty for none.
    pub fn name(&self, unit: Option<UnitId>) -> String {
        unit.and_then(|unit| self.tree.unit(unit))
            .map_or_else(String::new, |u| u.name.clone())
    }

    /// Those of these persons who are seen.
    ///
    /// # Errors
    /// Those of the database.
    pub fn inside(&self, c: &mut AnyConn, persons: &[PersonId]) -> Result<HashSet<PersonId>, DbError> {
        let mut found = HashSet::new();
        for block in persons.chunks(1000) {
            let query = person::table
                .filter(person::region_id.eq(self.region))
                .filter(person::id.eq_any(block))
                .select(person::id)
                .into_boxed();
            let query = match &self.bounds.organisations {
                None => query,
                Some(own) => query.filter(person::id.eq_any(working(self.region, own.clone(), self.today))),
            };
            found.extend(query.load::<PersonId>(c)?);
        }
        Ok(found)
    }

    /// Names and places of those of these persons who are seen.
    ///
    /// # Errors
    /// Those of the database.
    pub fn who(&self, c: &mut AnyConn, persons: &[PersonId]) -> Result<HashMap<PersonId, Who>, DbError> {
        let inside: Vec<PersonId> = self.inside(c, persons)?.into_iter().collect();
        rows::who(c, self.region, &inside, self.today)
    }

    /// People who are seen and work today, by what was typed of their names; at most twenty.
    ///
    /// # Errors
    /// Those of the database.
    pub fn named(&self, c: &mut AnyConn, text: &str) -> Result<Vec<(PersonId, String)>, DbError> {
        let key = search_key(text);
        let mut query = person::table
            .filter(person::region_id.eq(self.region))
            .select((person::id, person::last_name, person::first_name, person::patronymic))
            .order((person::sort_key, person::id))
            .limit(NAMED)
            .into_boxed();
        for word in words(&key) {
            query = query.filter(person::search_key.like(holding(word)).escape('\\'));
        }
        if let Some(own) = &self.bounds.organisations {
            query = query.filter(person::id.eq_any(working(self.region, own.clone(), self.today)));
        }
        let rows: Vec<(PersonId, String, String, Option<String>)> = query.load(c)?;
        let ids: Vec<PersonId> = rows.iter().map(|(id, ..)| *id).collect();
        let who = rows::who(c, self.region, &ids, self.today)?;
        let named = rows.into_iter().map(|(id, last, first, patronymic)| {
            let name = who.get(&id).map_or_else(
                || short_name(&last, &first, patronymic.as_deref()),
                |w| match w.places.as_slice() {
                    [] => w.name.clone(),
                    places => format!("{}, {}", w.name, places.join(", ")),
                },
            );
            (id, name)
        });
        Ok(named.collect())
    }
}

impl Held {
    /// Who is meant by each of many names: those whom [`Self::named`] would find, two of a name at most, in one reading.
    ///
    /// # Errors
    /// Those of the database.
    pub fn all_named(
        &self,
        c: &mut AnyConn,
        texts: &BTreeSet<String>,
    ) -> Result<HashMap<String, Vec<PersonId>>, DbError> {
        if texts.is_empty() {
            return Ok(HashMap::new());
        }
        let mut query = person::table
            .filter(person::region_id.eq(self.region))
            .select((person::id, person::search_key))
            .order((person::sort_key, person::id))
            .into_boxed();
        if let Some(own) = &self.bounds.organisations {
            query = query.filter(person::id.eq_any(working(self.region, own.clone(), self.today)));
        }
        let people: Vec<(PersonId, String)> = query.load(c)?;
        let meant = |text: &String| {
            let key = search_key(text);
            let fits = people.iter().filter(|(_, own)| holds(own, &key));
            (text.clone(), fits.map(|(id, _)| *id).take(2).collect())
        };
        Ok(texts.iter().map(meant).collect())
    }
}

/// Who was typed into a form: the one that was chosen from a list, or the only one of that name.
pub(crate) enum Typed {
    /// This person.
    One(PersonId),
    /// Several: to choose from.
    Several(Vec<(PersonId, String)>),
    /// Nobody.
    Nobody,
}

impl Typed {
    /// The one that is meant, and those to choose from; what is wrong is told at the field of the name or at the choice.
    pub fn one(
        self,
        [name, choice]: [&'static str; 2],
        wrong: &mut Vec<Wrong>,
    ) -> (Option<PersonId>, Vec<(PersonId, String)>) {
        match self {
            Self::One(person) => (Some(person), Vec::new()),
            Self::Several(people) => {
                wrong.push((choice, "Таких людей несколько: выберите одного.".into()));
                (None, people)
            }
            Self::Nobody => {
                let said = "Такого человека среди работающих у вас нет: проверьте имя.";
                wrong.push((name, said.into()));
                (None, Vec::new())
            }
        }
    }
}

/// Finds who is meant by a name or by an id that was chosen from a list.
///
/// # Errors
/// A person who is not seen is not there; those of the database.
pub(crate) fn typed(c: &mut AnyConn, held: &Held, text: &str, chosen: Option<&str>) -> Result<Typed, Error> {
    if let Some(id) = chosen.filter(|id| !id.is_empty()) {
        let id = PersonId(id.parse().map_err(|_| missing())?);
        return match held.inside(c, &[id])?.contains(&id) {
            true => Ok(Typed::One(id)),
            false => Err(missing()),
        };
    }
    if text.is_empty() {
        return Ok(Typed::Nobody);
    }
    let mut found = held.named(c, text)?;
    Ok(match found.len() {
        0 => Typed::Nobody,
        1 => Typed::One(found.remove(0).0),
        _ => Typed::Several(found),
    })
}

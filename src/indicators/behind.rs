//! Who stands behind every number of a region at once: the same leaves as behind one number, over all facts read once.
//! People and plans are told by their places in two lists, organisation by organisation, so that whole organisations are
//! one stretch; whoever has several places is told for each unit apart.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::Subject;
use super::evaluate::Evaluation;
use super::pack::{Indicator, Pack};
use super::people::{Chooser, Part, has_list};
use super::subjects;
use super::values;
use crate::db::{AnyConn, DbError};
use crate::facts::store::Whose;
use crate::facts::{self, FactPeriod, PersonFacts, PersonPlace};
use crate::iom::IomId;
use crate::people::PersonId;
use crate::units::{Tree, UnitId, UnitKind};
use crate::web::Scope;

/// People and plans of a region, and the lists of its indicators over them.
#[derive(Debug, Default)]
pub struct Behind {
    /// People: those with one place by organisation, then those with several.
    pub persons: Vec<PersonId>,
    /// Their plans, in the order of the people.
    pub plans: Vec<IomId>,
    /// Where the people and plans of each organisation begin, and where they end.
    pub homes: Vec<Home>,
    /// Lists of people or plans by indicator.
    pub lists: Vec<OfPeople>,
    /// Lists of organisations, municipalities or programmes by indicator.
    pub codes: Vec<OfCodes>,
}

/// The stretch of an organisation in the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home {
    /// The organisation.
    pub unit: UnitId,
    /// Its people: the first one, and the first one of the next.
    pub persons: (usize, usize),
    /// Their plans.
    pub plans: (usize, usize),
}

/// Two sides of a number: what is counted, and what stands only in the denominator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sides<T> {
    /// What is counted.
    pub numerator: Vec<T>,
    /// What is only in the denominator.
    pub rest: Vec<T>,
}

/// The list of an indicator that counts people or plans.
#[derive(Debug)]
pub struct OfPeople {
    /// Code of the indicator.
    pub indicator: String,
    /// Whether plans are counted.
    pub plans: bool,
    /// Of those with one place, ascending.
    pub single: Sides<usize>,
    /// Of those with several, for each unit that they stand in.
    pub several: BTreeMap<UnitId, Sides<usize>>,
}

/// The list of an indicator that counts units or programmes, by the unit that they are counted in.
#[derive(Debug)]
pub struct OfCodes {
    /// Code of the indicator.
    pub indicator: String,
    /// Codes of what stands there.
    pub of: BTreeMap<UnitId, Sides<String>>,
}

/// Who stands behind the numbers of a region.
///
/// # Errors
/// Those of the database.
pub fn behind(
    conn: &mut AnyConn,
    pack: &Pack,
    period: &FactPeriod,
    region: UnitId,
    tree: &Tree,
) -> Result<Behind, DbError> {
    let scope = Scope::of_server("everyone behind the numbers of a region");
    let organisations = tree.organisations(region);
    let mut known = facts::store::facts(conn, &scope, period.id, Whose::Of(&organisations))?;
    known.retain(|one| one.places.iter().any(|p| p.pedagogical || p.leader));
    let several = |one: &PersonFacts| one.places.len() > 1;
    known.sort_by_key(|one| {
        let home = one.places.first().map(|p| p.organisation_id);
        (several(one), home.filter(|_| !several(one)), one.person.person_id)
    });
    let mut behind = Behind::default();
    let of = |part| move |i: &Indicator| Chooser::of(i, part, period).map(|_| ());
    let counting: Vec<&Indicator> = pack
        .indicators
        .iter()
        .filter(|i| of(Part::Numerator)(i).is_some())
        .collect();
    let choosers: Vec<[Chooser<'_>; 2]> = counting
        .iter()
        .filter_map(|i| {
            let of = |part| Chooser::of(i, part, period);
            Some([of(Part::Numerator)?, of(Part::Rest)?])
        })
        .collect();
    behind.lists = counting
        .iter()
        .zip(&choosers)
        .map(|(i, [chooser, _])| OfPeople {
            indicator: i.code.clone(),
            plans: chooser.base.subject == Subject::Iom,
            single: Sides::default(),
            several: BTreeMap::new(),
        })
        .collect();
    for one in &known {
        let places = match one.places.as_slice() {
            [only] => BTreeMap::from([(None, vec![*only])]),
            _ => in_units(tree, &one.places),
        };
        let at = (behind.persons.len(), behind.plans.len());
        if let [home] = one.places.as_slice() {
            behind.reach(home.organisation_id, one.plans.len());
        }
        for (list, sides) in behind.lists.iter_mut().zip(&choosers) {
            for (unit, places) in &places {
                let into = match unit {
                    None => &mut list.single,
                    Some(unit) => list.several.entry(*unit).or_default(),
                };
                let [counted, only_below] = sides;
                counted.each(one, places, &mut |plan, _| {
                    into.numerator.push(place(one, at, plan.map(|p| p.iom_id)))
                });
                only_below.each(one, places, &mut |plan, _| {
                    into.rest.push(place(one, at, plan.map(|p| p.iom_id)))
                });
            }
        }
        behind.persons.push(one.person.person_id);
        behind.plans.extend(one.plans.iter().map(|p| p.iom_id));
    }
    for list in &mut behind.lists {
        list.several
            .retain(|_, sides| !sides.numerator.is_empty() || !sides.rest.is_empty());
    }
    behind.codes = codes(conn, pack, period, region, tree)?;
    Ok(behind)
}

/// The place of a person or of one of its plans.
fn place(of: &PersonFacts, at: (usize, usize), plan: Option<IomId>) -> usize {
    match plan {
        None => at.0,
        Some(plan) => at.1 + of.plans.iter().position(|p| p.iom_id == plan).unwrap_or(0),
    }
}

/// The places of a person by every unit that has one.
fn in_units(tree: &Tree, places: &[PersonPlace]) -> BTreeMap<Option<UnitId>, Vec<PersonPlace>> {
    let mut found: BTreeMap<Option<UnitId>, Vec<PersonPlace>> = BTreeMap::new();
    for place in places {
        for unit in tree.path(place.organisation_id) {
            found.entry(Some(unit)).or_default().push(*place);
        }
    }
    found
}

impl Behind {
    /// One more person of an organisation, with so many plans.
    fn reach(&mut self, unit: UnitId, plans: usize) {
        let (persons, before) = (self.persons.len(), self.plans.len());
        match self.homes.last_mut().filter(|home| home.unit == unit) {
            Some(home) => {
                home.persons.1 = persons + 1;
                home.plans.1 = before + plans;
            }
            None => self.homes.push(Home {
                unit,
                persons: (persons, persons + 1),
                plans: (before, before + plans),
            }),
        }
    }
}

/// Lists of units and programmes, for every unit but organisations: those are their own list.
fn codes(
    conn: &mut AnyConn,
    pack: &Pack,
    period: &FactPeriod,
    region: UnitId,
    tree: &Tree,
) -> Result<Vec<OfCodes>, DbError> {
    let counted = |i: &&Indicator| has_list(i) && Chooser::of(i, Part::Numerator, period).is_none();
    let indicators: Vec<&Indicator> = pack.indicators.iter().filter(counted).collect();
    if indicators.is_empty() {
        return Ok(Vec::new());
    }
    let ground = values::ground_of_many(conn, pack, period, region, &indicators)?;
    let of = Evaluation {
        pack,
        ground: &ground,
        broken: None,
    };
    let above = |unit: &UnitId| tree.unit(*unit).is_some_and(|u| u.kind != UnitKind::Organisation);
    let units: BTreeSet<UnitId> = tree.subtree(region).into_iter().filter(above).collect();
    let keys = |indicator: &Indicator, unit: UnitId, part: Part| -> Vec<String> {
        let listed = subjects::listed_of(&of, indicator, unit, part);
        listed.into_iter().map(|row| row.key).collect()
    };
    let list = |indicator: &&Indicator| {
        let sides = units.iter().map(|unit| {
            let sides = Sides {
                numerator: keys(indicator, *unit, Part::Numerator),
                rest: keys(indicator, *unit, Part::Rest),
            };
            (*unit, sides)
        });
        OfCodes {
            indicator: indicator.code.clone(),
            of: sides
                .filter(|(_, s)| !s.numerator.is_empty() || !s.rest.is_empty())
                .collect(),
        }
    };
    Ok(indicators.iter().map(list).collect())
}

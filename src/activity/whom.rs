//! Whose row of a file it is: by СНИЛС, checked against the name and date of birth where the file gives them.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::unit;
use crate::db::text_keys::search_key;
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::{Batch, Fields, Kind, Problem, Verdict};
use crate::people::model::full_name;
use crate::people::{Person, PersonId, Snils, store as people};
use crate::units::{UnitId, UnitKind};

/// What a row says of a person.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Whom {
    pub(super) snils: Option<Snils>,
    key: Option<String>,
    birth_date: Option<NaiveDate>,
}

/// СНИЛС of a column.
pub(super) fn number(fields: &mut Fields<'_>, column: &str) -> Option<Snils> {
    fields.checked(column, Snils::parse, |e| {
        Refusal::new("people.snils").with("why", e.advice())
    })
}

impl Whom {
    pub(super) fn parse(fields: &mut Fields<'_>) -> Self {
        let snils = number(fields, "snils");
        let name = fields.name();
        Self {
            snils,
            key: name.map(|n| search_key(&full_name(&n.last, &n.first, n.patronymic.as_deref()))),
            birth_date: fields.date("birth_date"),
        }
    }

    /// Somebody known by number alone.
    pub(super) fn numbered(snils: Snils) -> Self {
        Self {
            snils: Some(snils),
            key: None,
            birth_date: None,
        }
    }
}

/// Persons that the rows of a file name.
pub(super) struct Persons {
    kind: Kind,
    by_number: HashMap<String, Vec<Person>>,
    names: BTreeSet<(String, NaiveDate)>,
}

impl Persons {
    pub(super) fn load<'a>(
        tx: &mut Tx<'_>,
        batch: &Batch,
        kind: Kind,
        rows: impl Iterator<Item = &'a Whom> + Clone,
    ) -> Result<Self, DbError> {
        let numbers: BTreeSet<&str> = rows
            .clone()
            .filter_map(|w| w.snils.as_ref().map(Snils::as_str))
            .collect();
        let numbers: Vec<&str> = numbers.into_iter().collect();
        let mut by_number: HashMap<String, Vec<Person>> = HashMap::new();
        // Whoever is held to a region sees no other: a number known elsewhere is unknown here.
        let found = people::with_numbers(tx.conn(), &numbers)?;
        for person in people::open_to(tx, batch, found)? {
            let number = person.snils.clone().unwrap_or_default();
            by_number.entry(number).or_default().push(person);
        }
        let unnumbered: BTreeSet<&str> = rows
            .filter(|w| w.snils.is_none())
            .filter_map(|w| w.key.as_deref())
            .collect();
        let mut names = BTreeSet::new();
        if !unnumbered.is_empty() {
            let keys: Vec<&str> = unnumbered.into_iter().collect();
            for region in regions(tx)?.into_iter().filter(|region| batch.reaches(region.0)) {
                let named = people::named(tx.conn(), region, &keys)?;
                let named = people::open_to(tx, batch, named)?;
                names.extend(named.into_iter().filter_map(|p| Some((p.search_key, p.birth_date?))));
            }
        }
        Ok(Self { kind, by_number, names })
    }

    /// The person of a row with the region; `region` tells two people of one number apart.
    pub(super) fn find(
        &self,
        whom: &Whom,
        column: &str,
        region: Option<UnitId>,
    ) -> Result<(PersonId, UnitId), Verdict> {
        let unclear = |column: &str, refusal| Verdict::Quarantined(Problem::at(self.kind, column, "", refusal));
        let Some(snils) = &whom.snils else {
            let named = whom.key.clone().zip(whom.birth_date);
            return Err(match named.is_some_and(|name| self.names.contains(&name)) {
                true => unclear(column, Refusal::new("people.candidate")),
                false => unclear(column, Refusal::new("people.no_number")),
            });
        };
        let person = match self.by_number.get(snils.as_str()).map_or(&[][..], Vec::as_slice) {
            [] => return Err(unclear(column, Refusal::new("people.unknown_number"))),
            [person] => person,
            several => match several.iter().find(|p| Some(p.region_id) == region) {
                Some(person) => person,
                None => {
                    let problem = Problem::at(self.kind, column, "", Refusal::new("activity.two_regions"));
                    return Err(Verdict::Refused(problem));
                }
            },
        };
        if whom.key.as_ref().is_some_and(|key| *key != person.search_key) {
            return Err(unclear("last_name", Refusal::new("people.other_name")));
        }
        if whom
            .birth_date
            .zip(person.birth_date)
            .is_some_and(|(said, own)| said != own)
        {
            return Err(unclear("birth_date", Refusal::new("people.other_birth_date")));
        }
        Ok((person.id, person.region_id))
    }
}

/// All regions.
pub(super) fn regions(tx: &mut Tx<'_>) -> Result<Vec<UnitId>, DbError> {
    Ok(unit::table
        .filter(unit::kind.eq(UnitKind::Region))
        .order(unit::id)
        .select(unit::id)
        .load(tx.conn())?)
}

/// The region of what belongs to no unit of it: nothing for whoever holds a part of the region.
pub(super) fn region_as_a_whole(own: Option<UnitId>, batch: &Batch) -> Result<UnitId, Refusal> {
    if batch.part.is_some() {
        return Err(Refusal::new("import.no_unit"));
    }
    own.ok_or_else(|| Refusal::new("activity.no_region"))
}

/// The unit (`None`: the region itself) and the region of a row that names its unit.
pub(super) fn place(
    found: Option<&(UnitId, UnitId, UnitKind)>,
    batch: &Batch,
) -> Result<(Option<UnitId>, UnitId), Refusal> {
    batch.place(found.map(|(unit, region, _)| (region.0, unit.0)))?;
    let (unit, region) = found
        .map(|(unit, region, _)| (*unit, *region))
        .ok_or_else(|| Refusal::new("import.unknown_unit"))?;
    Ok((Some(unit).filter(|unit| *unit != region), region))
}

/// The region of a row that names no unit: that of whoever loads the file, or the only one there is.
pub(super) fn own_region(tx: &mut Tx<'_>, batch: &Batch) -> Result<Option<UnitId>, DbError> {
    Ok(match (batch.region, regions(tx)?.as_slice()) {
        (Some(region), _) => Some(UnitId(region)),
        (None, [only]) => Some(*only),
        _ => None,
    })
}

//! The people behind a number of an indicator as their own school finds them among its people: whoever heads it is told how many
//! are missing, and reads here who they are. Of a number that the page of the school hides there is no list.

use std::collections::BTreeSet;

use crate::db::AnyConn;
use crate::desk::indicators::figures::{page_of, period_name};
use crate::desk::indicators::figures_rows::{self, Asked, Looking, Place};
use crate::desk::indicators::heads_words;
use crate::desk::indicators::told::Seen;
use crate::error::Error;
use crate::indicators::Indicator;
use crate::indicators::pack::Direction;
use crate::indicators::people::{self, Part};
use crate::pages::parts::Link;
use crate::pages::text::count;
use crate::people::PersonId;
use crate::units::{UnitId, UnitKind};
use crate::web::Visitor;
use crate::web::address::address;
use crate::web::registry::Capability;

/// Parts of a value that a school may be shown.
pub(crate) const PARTS: [Part; 2] = [Part::Rest, Part::Numerator];

/// How many people stand in a part of a value, where that is told and they may be named to their school.
fn told(indicator: &Indicator, seen: &Seen, part: Part) -> Option<i64> {
    let counts = !seen.hidden && !seen.is_reported && people::school_may_name(indicator);
    let upper = seen.numerator_milli?;
    let milli = match part {
        Part::Numerator => upper,
        // Of a count there is nobody beside those who are counted.
        Part::Rest => seen.denominator_milli? - upper,
        Part::Excluded => return None,
    };
    counts.then_some(milli / 1000)
}

/// Where a school finds the people of a part of its value; nothing where there are none or they may not be named.
pub(crate) fn address_of(place: &Place, indicator: &Indicator, seen: &Seen, part: Part) -> Option<String> {
    told(indicator, seen, part).filter(|people| *people > 0)?;
    let of = format!("{}/{}", place.pack.code, indicator.code);
    let asked = [
        ("indicator", of.as_str()),
        ("part", part.code()),
        ("period", place.period.code.as_str()),
        ("unit", seen.unit_code.as_str()),
    ];
    Some(address("/staff", asked))
}

/// Where a school finds those for whom a target is missed: whoever is not yet in the numerator, or should leave it where less is
/// better.
pub(crate) fn missed(place: &Place, indicator: &Indicator, seen: &Seen) -> Option<String> {
    let part = match indicator.direction {
        Direction::HigherIsBetter => Part::Rest,
        Direction::LowerIsBetter => Part::Numerator,
        Direction::BandOptimum | Direction::Neutral => return None,
    };
    address_of(place, indicator, seen, part).filter(|_| seen.met == Some(false))
}

/// What an address of that list asks for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Codes of the pack and the indicator.
    pub of: (String, String),
    /// Which people.
    pub part: Part,
    /// The period; the newest where none is named.
    pub period: Option<String>,
    /// The school; the own one where none is named.
    pub unit: Option<String>,
}

/// The people of a part of a school's value.
#[derive(Debug)]
pub(crate) struct Behind {
    /// The school with its branches.
    pub organisations: Vec<UnitId>,
    /// Who.
    pub persons: BTreeSet<PersonId>,
    /// Number and title of the indicator.
    pub title: String,
    /// Which people, of which school and period, and how the value stands.
    pub said: String,
    /// The parts of the value that have a list.
    pub parts: Vec<Part>,
    /// The page of the indicator, for whoever opens it.
    pub page: Option<Link>,
}

/// Finds them. What is not told to the visitor, or is of no school of theirs, is not there.
///
/// # Errors
/// Not found; those of the database.
pub(crate) fn behind(conn: &mut AnyConn, visitor: &Visitor, wanted: &Wanted) -> Result<Behind, Error> {
    let missing = || Error::NotFound("список".into());
    let looking = Looking::of(visitor);
    let asked = Asked {
        pack: Some(wanted.of.0.clone()),
        indicator: Some(wanted.of.1.clone()),
        period: wanted.period.clone(),
        unit: wanted.unit.clone(),
        valued: true,
        by: None,
    };
    let found = figures_rows::find(conn, &looking, &asked)?.ok_or_else(missing)?;
    let indicator = found.indicator.clone().ok_or_else(missing)?;
    let school = found.unit.kind == UnitKind::Organisation;
    let seen = found.own.first().filter(|_| school).ok_or_else(missing)?;
    let parts = PARTS.into_iter().filter(|part| told(&indicator, seen, *part).is_some());
    let parts: Vec<Part> = parts.collect();
    if !parts.contains(&wanted.part) {
        return Err(missing());
    }
    let of = (&*found.pack, &indicator);
    let rows = people::people(conn, &visitor.scope, of, &found.period, found.unit.id, wanted.part)?;
    let page = page_of(&found, &indicator, "", &found.unit.code, None);
    // The number counts plans, and the list names each of their people once.
    let plans = people::counts_plans(&indicator).then(|| {
        let plans = count(
            i64::try_from(rows.len()).unwrap_or(i64::MAX),
            "маршрут",
            "маршрута",
            "маршрутов",
        );
        format!(" Здесь {plans}: у одного человека их бывает несколько.")
    });
    Ok(Behind {
        parts,
        organisations: found.tree.organisations(found.unit.id),
        persons: rows.into_iter().filter_map(|row| row.person).collect(),
        title: format!("{} {}", indicator.code, indicator.title),
        said: format!(
            "{} · {} · {}. Показатель: {}.{}",
            wanted.part.label(),
            found.unit.name,
            period_name(&found),
            heads_words::line(&found, &indicator, seen),
            plans.unwrap_or_default()
        ),
        page: visitor
            .may(Capability::Aggregates)
            .then(|| Link::new("Открыть показатель", page)),
    })
}

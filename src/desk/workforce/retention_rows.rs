//! Young teachers by the year they began, and where they still teach one, two, three … years later: from dated jobs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike as _, Months, NaiveDate};
use diesel::prelude::*;

use crate::db::schema::{employment, person};
use crate::db::{AnyConn, DbError};
use crate::people::composition::full_years;
use crate::people::{EmploymentKind, PersonId, StaffKind};
use crate::planted;
use crate::text_enum;
use crate::units::{Tree, UnitId, UnitKind};

/// Younger than this at the beginning.
pub const YOUNG: i32 = 35;
/// Years that are followed.
pub const YEARS: u32 = 6;

text_enum! {
    /// Where somebody is looked for.
    Where {
        Same = "organisation" "в той же организации",
        Municipality = "municipality" "в том же муниципалитете",
        Region = "region" "в регионе",
    }
}

/// A teacher who began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginner {
    /// The person.
    pub id: PersonId,
    /// Where the first job was.
    pub organisation: UnitId,
    /// First day of teaching work.
    pub began: NaiveDate,
    /// For each full year since, where the person still taught on that day; nothing for one who taught nowhere. A year
    /// that has not passed yet is not there.
    pub later: Vec<Option<Where>>,
}

impl Beginner {
    /// Whether the person still taught so many years later, as near as asked.
    #[must_use]
    pub fn stayed(&self, years: usize, near: Where) -> bool {
        let place = years.checked_sub(1).and_then(|n| self.later.get(n)).copied().flatten();
        // The same organisation lies in the municipality, and that in the region.
        place.is_some_and(|place| place <= near)
    }

    /// Whether so many years have passed.
    #[must_use]
    pub fn is_followed(&self, years: usize) -> bool {
        years <= self.later.len()
    }
}

#[derive(Debug, Clone, Queryable)]
struct Job {
    person: PersonId,
    organisation: UnitId,
    from: NaiveDate,
    to: Option<NaiveDate>,
    teaching_since: Option<NaiveDate>,
}

impl Job {
    fn holds_on(&self, day: NaiveDate) -> bool {
        self.from <= day && (planted!("leavers_stay") || self.to.is_none_or(|to| day < to))
    }
}

/// Those who began to teach in organisations (`None`: anywhere in the region) in a year or later, under 35 on that day,
/// with a job in their first year. The beginning is the one that the staff list names, or the first job.
///
/// # Errors
/// Those of the database.
pub fn beginners(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: Option<&BTreeSet<UnitId>>,
    since: i32,
    (tree, today): (&Tree, NaiveDate),
) -> Result<Vec<Beginner>, DbError> {
    let counted = [EmploymentKind::Main, EmploymentKind::InternalPart];
    let first = NaiveDate::from_ymd_opt(since, 1, 1).unwrap_or(today);
    let mut query = employment::table
        .filter(employment::region_id.eq(region))
        .filter(employment::superseded_at.is_null())
        .filter(employment::staff_kind.eq(StaffKind::Teaching))
        .filter(employment::kind.eq_any(counted))
        .select(employment::person_id)
        .distinct()
        .into_boxed();
    query = query.filter(
        employment::teaching_since.ge(first).or(employment::teaching_since
            .is_null()
            .and(employment::valid_from.ge(first))),
    );
    let persons: Vec<PersonId> = query.load(conn)?;
    let mut found = Vec::new();
    for block in persons.chunks(1000) {
        let born: Vec<(PersonId, Option<NaiveDate>)> = person::table
            .filter(person::region_id.eq(region))
            .filter(person::id.eq_any(block))
            .select((person::id, person::birth_date))
            .load(conn)?;
        let born: HashMap<PersonId, NaiveDate> = born.into_iter().filter_map(|(id, b)| Some((id, b?))).collect();
        let rows: Vec<Job> = employment::table
            .filter(employment::region_id.eq(region))
            .filter(employment::person_id.eq_any(block))
            .filter(employment::superseded_at.is_null())
            .filter(employment::staff_kind.eq(StaffKind::Teaching))
            .filter(employment::kind.eq_any(counted))
            .order((employment::valid_from, employment::id))
            .select((
                employment::person_id,
                employment::organisation_id,
                employment::valid_from,
                employment::valid_to,
                employment::teaching_since,
            ))
            .load(conn)?;
        let mut jobs: BTreeMap<PersonId, Vec<Job>> = BTreeMap::new();
        for job in rows {
            jobs.entry(job.person).or_default().push(job);
        }
        for (id, jobs) in jobs {
            let beginner = born.get(&id).and_then(|born| beginner(id, *born, &jobs, (tree, today)));
            found.extend(beginner.filter(|b| {
                b.began >= first && b.began <= today && organisations.is_none_or(|own| own.contains(&b.organisation))
            }));
        }
    }
    Ok(found)
}

fn beginner(id: PersonId, born: NaiveDate, jobs: &[Job], (tree, today): (&Tree, NaiveDate)) -> Option<Beginner> {
    let first = jobs.first()?;
    let named = jobs.iter().filter_map(|j| j.teaching_since).min();
    let began = named.unwrap_or(first.from);
    // Whoever taught for a year elsewhere did not begin here.
    if full_years(began, first.from) >= 1 || full_years(born, began) >= YOUNG {
        return None;
    }
    let town = |of: UnitId| tree.ancestor(of, UnitKind::Municipality);
    let place = |day: NaiveDate| {
        let on_day = || jobs.iter().filter(move |j| j.holds_on(day));
        if on_day().any(|j| j.organisation == first.organisation) {
            Some(Where::Same)
        } else if on_day().any(|j| town(j.organisation).is_some() && town(j.organisation) == town(first.organisation)) {
            Some(Where::Municipality)
        } else {
            on_day().next().map(|_| Where::Region)
        }
    };
    let days = (1..=YEARS).map_while(|n| {
        began
            .checked_add_months(Months::new(12 * n))
            .filter(|day| *day <= today)
    });
    Some(Beginner {
        id,
        organisation: first.organisation,
        began,
        later: days.map(place).collect(),
    })
}

/// Those who began, by the year.
#[must_use]
pub fn cohorts(of: &[Beginner]) -> BTreeMap<i32, Vec<&Beginner>> {
    let mut years: BTreeMap<i32, Vec<&Beginner>> = BTreeMap::new();
    for one in of {
        years.entry(one.began.year()).or_default().push(one);
    }
    years
}

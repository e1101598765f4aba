//! Whoever teaches today with what decides on the next diagnostics: results, posts, the steps of the open plan.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{iom, iom_item};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::Bounds;
use crate::desk::diagnostics::people_rows::employed;
use crate::iom::{IomId, IomState, ItemState};
use crate::people::model::StaffKind;
use crate::people::store::jobs;
use crate::people::{Employment, PersonId};
use crate::profile::next::{Around, Need, needs};
use crate::profile::store::results;
use crate::units::UnitId;

/// Somebody for whom the next diagnostics is due.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    /// Who.
    pub person: PersonId,
    /// Why, at least one reason.
    pub needs: Vec<Need>,
    /// The day of the last formal passage.
    pub last: Option<NaiveDate>,
}

/// Everybody of the bounds who teaches today and needs the next diagnostics.
///
/// # Errors
/// Those of the database.
pub(crate) fn due(c: &mut AnyConn, bounds: &Bounds, today: NaiveDate) -> Result<Vec<Due>, DbError> {
    let teachers = employed(c, bounds, &[StaffKind::Teaching], today)?;
    let mut found = Vec::new();
    for block in teachers.chunks(1000) {
        let mut results = results(c, block, None)?;
        let settled = settled(c, bounds.region, block)?;
        let mut posts: HashMap<PersonId, Vec<Employment>> = HashMap::new();
        for job in jobs(c, bounds.region, block)? {
            posts.entry(job.person_id).or_default().push(job);
        }
        for person in block {
            let of = results.remove(person).unwrap_or_default();
            let around = Around {
                post_since: posts.get(person).and_then(|jobs| post_since(jobs, today)),
                settled_on: settled.get(person).copied(),
            };
            let needs = needs(&of, around, today);
            if needs.is_empty() {
                continue;
            }
            let formal = of.iter().filter(|r| !r.kind.is_own() && r.held_on <= today);
            found.push(Due {
                person: *person,
                needs,
                last: formal.map(|r| r.held_on).max(),
            });
        }
    }
    Ok(found)
}

/// The first day of the post that has been held longest of those held today.
fn post_since(jobs: &[Employment], today: NaiveDate) -> Option<NaiveDate> {
    let name = |job: &Employment| job.position.to_lowercase();
    let held = jobs
        .iter()
        .filter(|job| job.valid_from <= today && job.valid_to.is_none_or(|to| today < to));
    let since = held.filter_map(|now| {
        let same = jobs.iter().filter(|job| name(job) == name(now));
        same.map(|job| job.valid_from).min()
    });
    since.min()
}

/// Those of these persons whose open plan has no step left, with the day on which the last one was settled.
fn settled(c: &mut AnyConn, region: UnitId, persons: &[PersonId]) -> Result<HashMap<PersonId, NaiveDate>, DbError> {
    let plans: Vec<(IomId, PersonId)> = iom::table
        .filter(iom::region_id.eq(region))
        .filter(iom::person_id.eq_any(persons))
        .filter(iom::state.ne_all([IomState::Closed, IomState::Draft]))
        .select((iom::id, iom::person_id))
        .load(c)?;
    let mut last: BTreeMap<IomId, Option<NaiveDate>> = BTreeMap::new();
    let ids: Vec<IomId> = plans.iter().map(|(id, _)| *id).collect();
    for block in ids.chunks(1000) {
        let items: Vec<(IomId, ItemState, Option<NaiveDate>)> = iom_item::table
            .filter(iom_item::region_id.eq(region))
            .filter(iom_item::iom_id.eq_any(block))
            .filter(iom_item::state.ne(ItemState::Cancelled))
            .select((iom_item::iom_id, iom_item::state, iom_item::settled_on))
            .load(c)?;
        for (plan, state, on) in items {
            let on = on.filter(|_| state.is_settled());
            let known = last.entry(plan).or_insert(on);
            // One step that is left leaves the plan open.
            *known = known.zip(on).map(|(known, on)| known.max(on));
        }
    }
    let done = plans
        .into_iter()
        .filter_map(|(plan, person)| Some((person, last.get(&plan).copied().flatten()?)));
    Ok(done.collect())
}

//! People of organisations as their heads may see them: positions, plans, topics to work on; never a score or a level.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::competence;
use crate::db::schema::{competence as competence_table, employment, iom, iom_deficit, person};
use crate::db::{AnyConn, DbError};
use crate::desk::plan::rows::{self, PlanRows};
use crate::desk::plan::support_rows::{self, Accompanied};
use crate::diagnostics::release::Withheld;
use crate::iom::{Iom, IomId, IomState};
use crate::pages::text::short_name;
use crate::people::model::full_name;
use crate::people::store::worked_on;
use crate::people::{self, PersonId};
use crate::profile;
use crate::units::UnitId;

/// What a school reads of a result that its teacher sees first.
const WITHHELD: &str = "результат диагностики у педагога";

/// Someone of the staff.
#[derive(Debug)]
pub struct Colleague {
    /// The person.
    pub id: PersonId,
    /// Фамилия Имя Отчество.
    pub name: String,
    /// Фамилия И. О.
    pub short: String,
    /// Key for searching.
    pub search_key: String,
    /// Positions here today; of one who works here no more, none.
    pub positions: Vec<String>,
    /// The plan in work, else the one closed last; a draft that nobody has sent yet is none.
    pub plan: Option<Iom>,
}

/// Persons who work in organisations on a day.
///
/// # Errors
/// Those of the database.
pub fn employed(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: &[UnitId],
    today: NaiveDate,
) -> Result<BTreeSet<PersonId>, DbError> {
    let mut found = BTreeSet::new();
    for block in organisations.chunks(1000) {
        let rows: Vec<PersonId> = employment::table
            .filter(employment::region_id.eq(region))
            .filter(employment::organisation_id.eq_any(block))
            .filter(worked_on(today))
            .select(employment::person_id)
            .distinct()
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The plan that stands for each person: the open one, else the one closed last; drafts are not shown.
///
/// # Errors
/// Those of the database.
pub fn plans(
    conn: &mut AnyConn,
    region: UnitId,
    persons: &BTreeSet<PersonId>,
) -> Result<HashMap<PersonId, Iom>, DbError> {
    let mut found: HashMap<PersonId, Iom> = HashMap::new();
    let persons: Vec<PersonId> = persons.iter().copied().collect();
    for block in persons.chunks(1000) {
        let rows: Vec<Iom> = iom::table
            .filter(iom::region_id.eq(region))
            .filter(iom::person_id.eq_any(block))
            .filter(iom::state.ne(IomState::Draft))
            .order(iom::id)
            .select(Iom::as_select())
            .load(conn)?;
        for plan in rows {
            let known = found.get(&plan.person_id);
            if known.is_none_or(|k| k.state == IomState::Closed) {
                found.insert(plan.person_id, plan);
            }
        }
    }
    Ok(found)
}

/// Persons by name with their positions in organisations today and their plans.
///
/// # Errors
/// Those of the database.
pub fn colleagues(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: &[UnitId],
    persons: &BTreeSet<PersonId>,
    today: NaiveDate,
) -> Result<Vec<Colleague>, DbError> {
    let mut plans = plans(conn, region, persons)?;
    let ids: Vec<PersonId> = persons.iter().copied().collect();
    let inside: BTreeSet<UnitId> = organisations.iter().copied().collect();
    let mut positions: HashMap<PersonId, BTreeSet<String>> = HashMap::new();
    for job in people::store::jobs(conn, region, &ids)? {
        let now = job.valid_from <= today && job.valid_to.is_none_or(|to| today < to);
        if now && inside.contains(&job.organisation_id) {
            positions.entry(job.person_id).or_default().insert(job.position);
        }
    }
    type Row = (PersonId, String, String, Option<String>, String, String);
    let mut sorted: BTreeMap<(String, PersonId), Colleague> = BTreeMap::new();
    for block in ids.chunks(1000) {
        let rows: Vec<Row> = person::table
            .filter(person::region_id.eq(region))
            .filter(person::id.eq_any(block))
            .select((
                person::id,
                person::last_name,
                person::first_name,
                person::patronymic,
                person::sort_key,
                person::search_key,
            ))
            .load(conn)?;
        for (id, last, first, patronymic, sort_key, search_key) in rows {
            let colleague = Colleague {
                id,
                name: full_name(&last, &first, patronymic.as_deref()),
                short: short_name(&last, &first, patronymic.as_deref()),
                search_key,
                positions: positions.remove(&id).unwrap_or_default().into_iter().collect(),
                plan: plans.remove(&id),
            };
            sorted.insert((sort_key, id), colleague);
        }
    }
    Ok(sorted.into_values().collect())
}

/// Items and dates of the plans of colleagues, by person.
///
/// # Errors
/// Those of the database.
pub fn progress(
    conn: &mut AnyConn,
    region: UnitId,
    of: &[Colleague],
    today: NaiveDate,
) -> Result<HashMap<PersonId, Accompanied>, DbError> {
    let plans = of.iter().filter_map(|c| c.plan.clone()).collect();
    let rows = support_rows::around(conn, region, plans, today)?;
    Ok(rows.into_iter().map(|row| (row.plan.person_id, row)).collect())
}

/// Topics of persons: names of the competences that their plans work on; of one without a plan, of the deficits that
/// the profile shows today.
///
/// # Errors
/// Those of the database.
pub fn topics(
    conn: &mut AnyConn,
    region: UnitId,
    of: &[Colleague],
    today: NaiveDate,
) -> Result<HashMap<PersonId, Vec<String>>, DbError> {
    let mut found: HashMap<PersonId, BTreeSet<String>> = HashMap::new();
    let planned: HashMap<IomId, PersonId> = of
        .iter()
        .filter_map(|c| c.plan.as_ref())
        .map(|p| (p.id, p.person_id))
        .collect();
    let ids: Vec<IomId> = planned.keys().copied().collect();
    for block in ids.chunks(1000) {
        let rows: Vec<(IomId, String)> = iom_deficit::table
            .inner_join(competence_table::table.on(competence_table::id.eq(iom_deficit::competence_id)))
            .filter(iom_deficit::region_id.eq(region))
            .filter(iom_deficit::iom_id.eq_any(block))
            .select((iom_deficit::iom_id, competence_table::name))
            .load(conn)?;
        for (plan, name) in rows {
            if let Some(person) = planned.get(&plan) {
                found.entry(*person).or_default().insert(name);
            }
        }
    }
    let without: Vec<PersonId> = of.iter().filter(|c| c.plan.is_none()).map(|c| c.id).collect();
    if !without.is_empty() {
        let names: HashMap<competence::CompetenceId, String> = competence_table::table
            .select((competence_table::id, competence_table::name))
            .load::<(competence::CompetenceId, String)>(conn)?
            .into_iter()
            .collect();
        let bands = competence::scale::bands(conn)?;
        let withheld = Withheld::on(conn, &without, today)?;
        for block in without.chunks(1000) {
            for (person, mut results) in profile::store::results(conn, block, None)? {
                let all = results.len();
                results.retain(|result| !withheld.holds(person, result.procedure));
                if results.len() < all {
                    found.entry(person).or_default().insert(WITHHELD.to_owned());
                }
                let profile = profile::profile(&results, &bands, today);
                let deficits = profile.lines.iter().filter(|line| {
                    let level = line.formal.as_ref().and_then(|f| f.level.as_ref());
                    level.is_some_and(|l| l.is_deficit)
                });
                let named = deficits.filter_map(|line| names.get(&line.competence)).cloned();
                found.entry(person).or_default().extend(named);
            }
        }
    }
    Ok(found
        .into_iter()
        .map(|(id, names)| (id, names.into_iter().collect()))
        .collect())
}

/// One colleague who works in the organisations today, with the rows of the plan.
///
/// # Errors
/// Those of the database.
pub fn one(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: &[UnitId],
    wanted: PersonId,
    today: NaiveDate,
) -> Result<Option<(Colleague, Option<PlanRows>)>, DbError> {
    if !employed(conn, region, organisations, today)?.contains(&wanted) {
        return Ok(None);
    }
    let found = colleagues(conn, region, organisations, &BTreeSet::from([wanted]), today)?;
    let Some(colleague) = found.into_iter().next() else {
        return Ok(None);
    };
    let rows = match colleague.plan.clone() {
        Some(plan) => Some(rows::load(conn, plan, today)?),
        None => None,
    };
    Ok(Some((colleague, rows)))
}

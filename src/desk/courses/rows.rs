//! What the catalogue of a teacher reads: programmes of the own region, which of them the plan asks for, own applications.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::Role;
use crate::access::model::AccountState;
use crate::access::store::{called, holder};
use crate::catalogue::{Programme, ProgrammeId, Topic};
use crate::competence::CompetenceId;
use crate::db::schema::{
    account, competence, employment, enrolment, iom, iom_deficit, iom_item, person, programme, programme_competence,
    programme_topic, role_grant, unit,
};
use crate::db::{AnyConn, DbError};
use crate::desk::courses::applications_rows;
use crate::desk::plan::rows;
use crate::enrolment::{Enrolment, EnrolmentState};
use crate::iom::{Iom, IomState, Item};
use crate::people::PersonId;
use crate::people::store::worked_on;
use crate::units::UnitId;

/// A programme with what stands around it.
#[derive(Debug, Clone)]
pub struct Course {
    /// The programme.
    pub programme: Programme,
    /// Who gives it.
    pub provider: Option<String>,
    /// Competences that it develops: code and name.
    pub competences: Vec<(String, String)>,
    /// Its topics.
    pub topics: Vec<Topic>,
    /// How it serves the plan.
    pub fit: Fit,
}

/// How a programme serves the plan of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// A step of the plan.
    Step,
    /// It develops a competence that the plan works on.
    Topic,
    /// Nothing of the plan.
    None,
}

/// The open plan of the reader with the steps that are courses.
#[derive(Debug)]
pub struct OwnPlan {
    /// The plan.
    pub plan: Iom,
    /// Items that have a programme, by number; cancelled ones left out.
    pub items: Vec<Item>,
    /// Names of the competences that items work on, by the number of the item.
    pub topics: HashMap<i32, String>,
    /// Competences that the plan works on.
    pub competences: BTreeSet<CompetenceId>,
}

impl OwnPlan {
    /// The step that a programme serves.
    #[must_use]
    pub fn item(&self, of: ProgrammeId) -> Option<&Item> {
        let mut steps = self.items.iter().filter(|i| i.programme_id == Some(of));
        let first = steps.clone().find(|i| !i.state.is_settled());
        first.or_else(|| steps.next())
    }
}

/// The open plan of a person, as far as courses need it.
///
/// # Errors
/// Those of the database.
pub fn own_plan(conn: &mut AnyConn, region: UnitId, of: PersonId) -> Result<Option<OwnPlan>, DbError> {
    let found = rows::of_person(conn, region, of)?;
    let Some(plan) = found.filter(|p| p.state != IomState::Closed) else {
        return Ok(None);
    };
    let items: Vec<Item> = iom_item::table
        .filter(iom_item::region_id.eq(region))
        .filter(iom_item::iom_id.eq(plan.id))
        .filter(iom_item::programme_id.is_not_null())
        .filter(iom_item::state.ne(crate::iom::ItemState::Cancelled))
        .order(iom_item::number)
        .select(Item::as_select())
        .load(conn)?;
    let deficits: Vec<_> = items.iter().filter_map(|i| i.deficit_id).collect();
    let names = applications_rows::topics(conn, region, &deficits)?;
    let competences: Vec<CompetenceId> = iom_deficit::table
        .filter(iom_deficit::region_id.eq(region))
        .filter(iom_deficit::iom_id.eq(plan.id))
        .select(iom_deficit::competence_id)
        .load(conn)?;
    let topic = |i: &Item| Some((i.number, names.get(&i.deficit_id?)?.clone()));
    Ok(Some(OwnPlan {
        topics: items.iter().filter_map(topic).collect(),
        plan,
        items,
        competences: competences.into_iter().collect(),
    }))
}

/// Programmes that a reader of a region may take: given in the region, given by nobody in particular, or asked for by
/// the own plan.
///
/// # Errors
/// Those of the database.
pub fn courses(
    conn: &mut AnyConn,
    region: UnitId,
    own: Option<&OwnPlan>,
    only: Option<ProgrammeId>,
) -> Result<Vec<Course>, DbError> {
    let planned: Vec<ProgrammeId> = own
        .iter()
        .flat_map(|p| &p.items)
        .filter_map(|i| i.programme_id)
        .collect();
    let mut query = programme::table
        .left_join(unit::table.on(unit::id.nullable().eq(programme::provider_id)))
        .filter(
            programme::provider_id
                .is_null()
                .or(unit::region_id.nullable().eq(region))
                .or(programme::id.eq_any(planned.clone())),
        )
        .select((Programme::as_select(), unit::name.nullable()))
        .into_boxed();
    if let Some(only) = only {
        query = query.filter(programme::id.eq(only));
    }
    let rows: Vec<(Programme, Option<String>)> = query.load(conn)?;
    let ids: Vec<ProgrammeId> = rows.iter().map(|(p, _)| p.id).collect();
    let mut teaches: HashMap<ProgrammeId, Vec<(CompetenceId, String, String)>> = HashMap::new();
    let mut topics: HashMap<ProgrammeId, Vec<Topic>> = HashMap::new();
    for block in ids.chunks(1000) {
        let rows: Vec<(ProgrammeId, CompetenceId, String, String)> = programme_competence::table
            .inner_join(competence::table.on(competence::id.eq(programme_competence::competence_id)))
            .filter(programme_competence::programme_id.eq_any(block))
            .order(competence::name)
            .select((
                programme_competence::programme_id,
                competence::id,
                competence::code,
                competence::name,
            ))
            .load(conn)?;
        for (of, id, code, name) in rows {
            teaches.entry(of).or_default().push((id, code, name));
        }
        let rows: Vec<(ProgrammeId, Topic)> = programme_topic::table
            .filter(programme_topic::programme_id.eq_any(block))
            .select((programme_topic::programme_id, programme_topic::topic))
            .load(conn)?;
        for (of, topic) in rows {
            topics.entry(of).or_default().push(topic);
        }
    }
    let course = |(programme, provider): (Programme, Option<String>)| {
        let competences = teaches.remove(&programme.id).unwrap_or_default();
        let works = |c: CompetenceId| own.is_some_and(|p| p.competences.contains(&c));
        let fit = if planned.contains(&programme.id) {
            Fit::Step
        } else if competences.iter().any(|(id, ..)| works(*id)) {
            Fit::Topic
        } else {
            Fit::None
        };
        Course {
            provider,
            competences: competences.into_iter().map(|(_, code, name)| (code, name)).collect(),
            topics: topics.remove(&programme.id).unwrap_or_default(),
            programme,
            fit,
        }
    };
    Ok(rows.into_iter().map(course).collect())
}

/// The reader's latest application for a programme.
///
/// # Errors
/// Those of the database.
pub fn application(
    conn: &mut AnyConn,
    region: UnitId,
    of: PersonId,
    programme: ProgrammeId,
) -> Result<Option<Enrolment>, DbError> {
    Ok(enrolment::table
        .filter(enrolment::region_id.eq(region))
        .filter(enrolment::person_id.eq(of))
        .filter(enrolment::programme_id.eq(programme))
        .order(enrolment::id.desc())
        .select(Enrolment::as_select())
        .first(conn)
        .optional()?)
}

/// One of the reader's own applications.
#[derive(Debug, Clone)]
pub struct OwnApplication {
    /// The programme.
    pub programme: ProgrammeId,
    /// Its title.
    pub course: String,
    /// Volume in hours.
    pub hours: i32,
    /// Where it stands.
    pub state: EnrolmentState,
    /// The day it was sent.
    pub applied_on: NaiveDate,
    /// The day of the latest act.
    pub changed_on: NaiveDate,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Number of the plan and of the step.
    pub step: Option<(String, i32)>,
}

/// The reader's applications, newest first.
///
/// # Errors
/// Those of the database.
pub fn applications(conn: &mut AnyConn, region: UnitId, of: PersonId) -> Result<Vec<OwnApplication>, DbError> {
    type Row = (Enrolment, (String, i32), (Option<String>, Option<i32>));
    let rows: Vec<Row> = enrolment::table
        .inner_join(programme::table.on(programme::id.eq(enrolment::programme_id)))
        .left_join(
            iom_item::table.on(iom_item::region_id
                .eq(enrolment::region_id)
                .and(iom_item::id.nullable().eq(enrolment::item_id))),
        )
        .left_join(
            iom::table.on(iom::region_id
                .eq(enrolment::region_id)
                .and(iom::id.nullable().eq(iom_item::iom_id.nullable()))),
        )
        .filter(enrolment::region_id.eq(region))
        .filter(enrolment::person_id.eq(of))
        .order((enrolment::applied_on.desc(), enrolment::id.desc()))
        .select((
            Enrolment::as_select(),
            (programme::name, programme::hours),
            (iom::number.nullable(), iom_item::number.nullable()),
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(row, (course, hours), (plan, item))| OwnApplication {
            programme: row.programme_id,
            course,
            hours,
            state: row.state,
            applied_on: row.applied_on,
            changed_on: row.changed_on,
            reason: row.reason,
            step: plan.zip(item),
        })
        .collect())
}

/// Names of those who agree to a person's applications: heads of the organisations where the person works today.
///
/// # Errors
/// Those of the database.
pub fn heads(conn: &mut AnyConn, region: UnitId, of: PersonId, today: NaiveDate) -> Result<Vec<String>, DbError> {
    let places = employment::table
        .filter(employment::region_id.eq(region))
        .filter(employment::person_id.eq(of))
        .filter(worked_on(today))
        .select(employment::organisation_id.nullable());
    let mut names: Vec<String> = role_grant::table
        .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
        .left_join(person::table.on(holder()))
        .filter(role_grant::role.eq(Role::SchoolHead))
        .filter(role_grant::superseded_at.is_null())
        .filter(role_grant::valid_from.is_null().or(role_grant::valid_from.le(today)))
        .filter(role_grant::valid_to.is_null().or(role_grant::valid_to.gt(today)))
        .filter(role_grant::unit_id.eq_any(places))
        .filter(account::state.eq(AccountState::Active))
        .order(account::login)
        .select(called())
        .load(conn)?;
    names.dedup();
    Ok(names)
}

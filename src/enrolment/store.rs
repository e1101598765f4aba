//! Journeys of many persons: read by blocks, written back in bulk, only what changed.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::journey::{Course, Job, Journey};
use super::model::{Enrolment, QualificationDocument};
use crate::access::AccountId;
use crate::catalogue::{ProgrammeId, ProgrammeKind};
use crate::db::schema::{
    competence, diagnosis, enrolment, iom, iom_acquaintance, iom_act, iom_deficit, iom_goal, iom_item, iom_revision,
    iom_state, person, programme, qualification_document, supporter,
};
use crate::db::{AnyConn, DbError, Tx};
use crate::diagnostics::{DiagnosisId, DiagnosisKind};
use crate::iom::closing::FollowUp;
use crate::iom::{
    Acquaintance, Act, ActKey, ActKind, Deficit, Goal, Iom, IomId, IomState, Item, ItemId, ItemState, Kept, Mark, Plan,
    Revision, StateRow, Supporter,
};
use crate::people::{self, PersonId};
use crate::units::UnitId;
use crate::{among, insert_many, update_kept, upsert_many};

/// What of journeys is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Everything.
    Whole,
    /// What an act on a single step looks at: jobs, and plans with their steps, supporters, states and acts.
    Steps,
}

/// Reads the journeys of at most 1,000 persons.
///
/// # Errors
/// Those of the database.
pub fn load(conn: &mut AnyConn, persons: &[PersonId], reading: Reading) -> Result<Vec<Journey>, DbError> {
    type Own = (PersonId, UnitId, Option<NaiveDate>);
    let people: Vec<Own> = among!(conn, c, person::table, person::id, persons, rows => rows
        .order(person::id)
        .select((person::id, person::region_id, person::birth_date))
        .load(c))?;
    let mut journeys: Vec<Journey> = people
        .into_iter()
        .map(|(person, region, born)| empty(person, region, born))
        .collect();
    let places: HashMap<PersonId, usize> = journeys.iter().enumerate().map(|(n, j)| (j.person, n)).collect();
    for (person, organisation, from, to) in people::store::workplaces(conn, persons)? {
        if let Some(place) = places.get(&person) {
            journeys[*place].jobs.push(Job { organisation, from, to });
        }
    }
    load_plans(conn, persons, reading, &places, &mut journeys)?;
    if reading == Reading::Whole {
        load_studies(conn, persons, &places, &mut journeys)?;
        load_courses(conn, &mut journeys)?;
    }
    Ok(journeys)
}

/// Adds follow-up diagnoses, applications for courses and documents.
fn load_studies(
    conn: &mut AnyConn,
    persons: &[PersonId],
    places: &HashMap<PersonId, usize>,
    journeys: &mut [Journey],
) -> Result<(), DbError> {
    let follow_ups: Vec<(PersonId, (DiagnosisId, NaiveDate))> = among!(
        conn, c, diagnosis::table, diagnosis::person_id, persons, rows => rows
            .filter(diagnosis::kind.eq(DiagnosisKind::FollowUp))
            .filter(diagnosis::withdrawn_at.is_null())
            .select((diagnosis::person_id, (diagnosis::id, diagnosis::held_on)))
            .load(c)
    )?;
    for (person, (id, held_on)) in follow_ups {
        if let Some(place) = places.get(&person) {
            journeys[*place].follow_ups.push(FollowUp { id, held_on });
        }
    }
    let rows: Vec<Enrolment> = among!(conn, c, enrolment::table, enrolment::person_id, persons, rows => rows
        .order(enrolment::id)
        .select(Enrolment::as_select())
        .load(c))?;
    for row in rows {
        if let Some(place) = places.get(&row.person_id) {
            journeys[*place].enrolments.push(Kept::read(row));
        }
    }
    let rows: Vec<QualificationDocument> = among!(
        conn, c, qualification_document::table, qualification_document::person_id, persons, rows => rows
            .order(qualification_document::id)
            .select(QualificationDocument::as_select())
            .load(c)
    )?;
    for row in rows {
        if let Some(place) = places.get(&row.person_id) {
            journeys[*place].documents.push(Kept::read(row));
        }
    }
    Ok(())
}

fn empty(person: PersonId, region: UnitId, born: Option<NaiveDate>) -> Journey {
    Journey {
        person,
        region,
        born,
        jobs: Vec::new(),
        plans: Vec::new(),
        enrolments: Vec::new(),
        documents: Vec::new(),
        follow_ups: Vec::new(),
        courses: Vec::new(),
    }
}

/// Where each plan went: journey and place within it.
type PlanPlaces = HashMap<IomId, (usize, usize)>;

fn load_plans(
    conn: &mut AnyConn,
    persons: &[PersonId],
    reading: Reading,
    places: &HashMap<PersonId, usize>,
    journeys: &mut [Journey],
) -> Result<(), DbError> {
    let rows: Vec<Iom> = among!(conn, c, iom::table, iom::person_id, persons, rows => rows
        .order(iom::id)
        .select(Iom::as_select())
        .load(c))?;
    let mut plans: PlanPlaces = HashMap::with_capacity(rows.len());
    for row in rows {
        let Some(journey) = places.get(&row.person_id) else {
            continue;
        };
        let own = &mut journeys[*journey].plans;
        plans.insert(row.id, (*journey, own.len()));
        own.push(Plan::read(row));
    }
    let mut ids: Vec<IomId> = plans.keys().copied().collect();
    ids.sort_unstable();
    for ids in ids.chunks(1000) {
        load_steps(conn, ids, &plans, journeys)?;
        if reading == Reading::Whole {
            load_grounds(conn, ids, &plans, journeys)?;
        }
    }
    Ok(())
}

/// A plan of the journeys by its id.
fn plan_of<'a>(plans: &PlanPlaces, journeys: &'a mut [Journey], id: IomId) -> Option<&'a mut Plan> {
    let (journey, place) = plans.get(&id)?;
    journeys.get_mut(*journey)?.plans.get_mut(*place)
}

/// Adds steps, supporters, states and acts.
fn load_steps(conn: &mut AnyConn, ids: &[IomId], plans: &PlanPlaces, journeys: &mut [Journey]) -> Result<(), DbError> {
    let items: Vec<Item> = among!(conn, c, iom_item::table, iom_item::iom_id, ids, rows => rows
        .order((iom_item::iom_id, iom_item::number))
        .select(Item::as_select())
        .load(c))?;
    for item in items {
        if let Some(plan) = plan_of(plans, journeys, item.iom_id) {
            plan.items.push(Kept::read(item));
        }
    }
    let supporters: Vec<Supporter> = among!(conn, c, supporter::table, supporter::iom_id, ids, rows => rows
        .filter(supporter::superseded_at.is_null())
        .order(supporter::id)
        .select(Supporter::as_select())
        .load(c))?;
    for one in supporters {
        if let Some(plan) = plan_of(plans, journeys, one.iom_id) {
            plan.supporters.push(Kept::read(one));
        }
    }
    let states: Vec<StateRow> = among!(conn, c, iom_state::table, iom_state::iom_id, ids, rows => rows
        .filter(iom_state::superseded_at.is_null())
        .order((iom_state::on_date, iom_state::id))
        .select(StateRow::as_select())
        .load(c))?;
    for state in states {
        if let Some(plan) = plan_of(plans, journeys, state.iom_id) {
            plan.states.push(Kept::read(state));
        }
    }
    // When and for whom it was recorded is asked by nobody here, and there are many of them.
    type Seen = (
        IomId,
        (Option<ItemId>, ActKind, NaiveDate, Option<AccountId>),
        (Option<String>, Option<String>),
    );
    let acts: Vec<Seen> = among!(conn, c, iom_act::table, iom_act::iom_id, ids, rows => rows
        .order((iom_act::on_date, iom_act::id))
        .select((
            iom_act::iom_id,
            (iom_act::item_id, iom_act::act, iom_act::on_date, iom_act::account_id),
            (iom_act::value, iom_act::reason),
        ))
        .load(c))?;
    for (id, of, words) in acts {
        if let Some(plan) = plan_of(plans, journeys, id) {
            plan.remember(ActKey::of(of, words));
        }
    }
    Ok(())
}

/// Adds what plans rest on: deficits and goals.
fn load_grounds(
    conn: &mut AnyConn,
    ids: &[IomId],
    plans: &PlanPlaces,
    journeys: &mut [Journey],
) -> Result<(), DbError> {
    let query = iom_deficit::table.inner_join(competence::table.on(competence::id.eq(iom_deficit::competence_id)));
    let deficits: Vec<(Deficit, String)> = among!(conn, c, query, iom_deficit::iom_id, ids, rows => rows
        .order(iom_deficit::id)
        .select((Deficit::as_select(), competence::code))
        .load(c))?;
    for (deficit, code) in deficits {
        if let Some(plan) = plan_of(plans, journeys, deficit.iom_id) {
            plan.deficits.push(Kept::read(deficit));
            plan.codes.push(code);
        }
    }
    let goals: Vec<Goal> = among!(conn, c, iom_goal::table, iom_goal::iom_id, ids, rows => rows
        .order((iom_goal::number, iom_goal::id))
        .select(Goal::as_select())
        .load(c))?;
    for goal in goals {
        if let Some(plan) = plan_of(plans, journeys, goal.iom_id) {
            plan.goals.push(Kept::read(goal));
        }
    }
    Ok(())
}

/// Adds which revisions there are and which of them were read: only who acknowledges one needs that.
///
/// # Errors
/// Those of the database.
pub fn load_readings(conn: &mut AnyConn, journeys: &mut HashMap<PersonId, Journey>) -> Result<(), DbError> {
    let mut plans: HashMap<IomId, PersonId> = HashMap::new();
    for journey in journeys.values() {
        plans.extend(journey.plans.iter().map(|p| (p.row.id, journey.person)));
    }
    let mut ids: Vec<IomId> = plans.keys().copied().collect();
    ids.sort_unstable();
    let mut each = |id: IomId, put: &mut dyn FnMut(&mut Plan)| {
        let journey = plans.get(&id).and_then(|person| journeys.get_mut(person));
        if let Some(plan) = journey.and_then(|j| j.plans.iter_mut().find(|p| p.row.id == id)) {
            put(plan);
        }
    };
    for ids in ids.chunks(1000) {
        let frozen: Vec<(IomId, i32, String)> = among!(
            conn, c, iom_revision::table, iom_revision::iom_id, ids, rows => rows
                .select((iom_revision::iom_id, iom_revision::number, iom_revision::digest))
                .load(c)
        )?;
        for (id, number, digest) in frozen {
            each(id, &mut |plan| plan.frozen.push((number, digest.clone())));
        }
        let readings: Vec<Acquaintance> = among!(
            conn, c, iom_acquaintance::table, iom_acquaintance::iom_id, ids, rows => rows
                .select(Acquaintance::as_select())
                .load(c)
        )?;
        for reading in readings {
            each(reading.iom_id, &mut |plan| {
                plan.readings.push(Kept::read(reading.clone()))
            });
        }
    }
    Ok(())
}

fn load_courses(conn: &mut AnyConn, journeys: &mut [Journey]) -> Result<(), DbError> {
    let wanted: std::collections::BTreeSet<ProgrammeId> = journeys
        .iter()
        .flat_map(|j| &j.plans)
        .flat_map(|p| &p.items)
        .filter_map(|i| i.programme_id)
        .collect();
    let wanted: Vec<ProgrammeId> = wanted.into_iter().collect();
    let mut courses: HashMap<ProgrammeId, Course> = HashMap::new();
    for block in wanted.chunks(1000) {
        let rows: Vec<(ProgrammeId, ProgrammeKind, i32, Option<UnitId>)> = among!(
            conn, c, programme::table, programme::id, block, rows => rows
                .select((programme::id, programme::kind, programme::hours, programme::provider_id))
                .load(c)
        )?;
        for (id, kind, hours, provider) in rows {
            courses.insert(
                id,
                Course {
                    id,
                    kind,
                    hours,
                    provider,
                },
            );
        }
    }
    for journey in journeys {
        let own: std::collections::BTreeSet<ProgrammeId> = journey
            .plans
            .iter()
            .flat_map(|p| &p.items)
            .filter_map(|i| i.programme_id)
            .collect();
        journey.courses = own.iter().filter_map(|id| courses.get(id).copied()).collect();
    }
    Ok(())
}

/// Rows of one table that are not as the database has them.
fn changed<'a, T: Clone + 'a>(rows: impl Iterator<Item = &'a Kept<T>>) -> Vec<T> {
    rows.filter(|r| r.mark() != Mark::Kept).map(|r| (**r).clone()).collect()
}

/// Writes what changed in journeys that were read so, parents before children.
///
/// # Errors
/// Those of the database; the unique index refuses a second plan in work.
pub fn save(tx: &mut Tx<'_>, journeys: &[Journey], reading: Reading) -> Result<(), DbError> {
    let plans = || journeys.iter().flat_map(|j| &j.plans);
    // Closed plans first: a plan may be reopened where another one was closed a moment ago.
    let mut rows: Vec<Iom> = changed(plans().map(|p| &p.row));
    rows.sort_by_key(|p| p.state != IomState::Closed);
    upsert_many!(
        tx.conn(),
        iom,
        rows,
        (
            state,
            outcome,
            close_reason,
            starts_on,
            ends_on,
            first_visible_on,
            agreed_on,
            closed_on,
            paused_until,
            revision,
            follow_up_diagnosis_id,
            conclusion,
            version,
            request,
            template_id,
            template_version,
        )
    )?;
    let rows: Vec<StateRow> = changed(plans().flat_map(|p| &p.states));
    upsert_many!(tx.conn(), iom_state, rows, (superseded_at))?;
    let rows: Vec<Deficit> = changed(plans().flat_map(|p| &p.deficits));
    upsert_many!(tx.conn(), iom_deficit, rows, (outcome, outcome_on, outcome_by_id))?;
    let rows: Vec<QualificationDocument> = changed(journeys.iter().flat_map(|j| &j.documents));
    // A paper that no step rests on any more is written down anew with another day, or as the document of a course.
    upsert_many!(
        tx.conn(),
        qualification_document,
        rows,
        (kind, issuer_id, programme_id, issued_on, hours, recorded_at)
    )?;
    let rows: Vec<Goal> = changed(plans().flat_map(|p| &p.goals));
    upsert_many!(
        tx.conn(),
        iom_goal,
        rows,
        (basis, title, number, task, expected, removed_at)
    )?;
    let rows: Vec<Item> = changed(plans().flat_map(|p| &p.items));
    match reading {
        Reading::Whole => save_items(tx, &rows)?,
        Reading::Steps => save_moves(tx, &rows)?,
    }
    let rows: Vec<Enrolment> = changed(journeys.iter().flat_map(|j| &j.enrolments));
    upsert_many!(
        tx.conn(),
        enrolment,
        rows,
        (state, changed_on, reason, document_id, version)
    )?;
    let rows: Vec<Supporter> = changed(plans().flat_map(|p| &p.supporters));
    upsert_many!(tx.conn(), supporter, rows, (valid_to, superseded_at))?;
    let rows: Vec<Revision> = plans().flat_map(|p| &p.revisions).cloned().collect();
    insert_many!(tx.conn(), iom_revision::table, rows)?;
    let rows: Vec<Acquaintance> = changed(plans().flat_map(|p| &p.readings));
    insert_many!(tx.conn(), iom_acquaintance::table, rows)?;
    let rows: Vec<Act> = plans().flat_map(|p| &p.acts).cloned().collect();
    insert_many!(tx.conn(), iom_act::table, rows)?;
    Ok(())
}

fn save_items(tx: &mut Tx<'_>, rows: &[Item]) -> Result<(), DbError> {
    // The programme, its topics and the day it was added belong to a step for good: past periods count by them.
    upsert_many!(
        tx.conn(),
        iom_item,
        rows,
        (
            state,
            title,
            education_form,
            level,
            mandatory,
            hours,
            due_on,
            settled_on,
            document_id,
            version,
            category,
            study_form,
            organiser,
            accompaniment,
            expected,
            after_item_id,
            reason,
        )
    )?;
    Ok(())
}

/// Names the update of a step that an act moved.
struct Moved;

/// Names the same where the step loses its document.
struct MovedBack;

/// What an act on a single step moves. SQLite would open a table of its own for an update of whatever refers to another
/// row, be it the same row as before: a tenth of a mark.
fn save_moves(tx: &mut Tx<'_>, rows: &[Item]) -> Result<(), DbError> {
    if matches!(tx.conn(), AnyConn::Pg(_)) {
        return save_items(tx, rows);
    }
    for row in rows {
        let moved = (
            iom_item::state.eq(row.state),
            iom_item::settled_on.eq(row.settled_on),
            iom_item::version.eq(row.version),
        );
        let at = iom_item::id.eq(row.id);
        // Only a return takes a document from its step.
        if row.state == ItemState::Returned {
            let moved = (moved, iom_item::document_id.eq(row.document_id));
            update_kept!(tx.conn(), MovedBack, iom_item::table, at, moved)?;
        } else {
            update_kept!(tx.conn(), Moved, iom_item::table, at, moved)?;
        }
    }
    Ok(())
}

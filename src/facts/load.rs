//! Sources by blocks of persons: a fixed number of queries a block, as known at a moment.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::model::kind_bit;
use super::reference;
use super::sources::{Activity, Document, Job, Passage, PlanSource, Post, Score, Sources, State, Step, Support};
use crate::among;
use crate::catalogue::ProgrammeId;
use crate::competence::scale::{self, Band};
use crate::competence::{CompetenceId, ScaleId};
use crate::db::milli::Milli;
use crate::db::schema::{
    diagnosis, diagnosis_result, employment, employment_subject, enrolment, iom, iom_act, iom_item, iom_state, person,
    procedure, qualification_document, supporter, unit,
};
use crate::db::types::code_set;
use crate::db::{AnyConn, DbError};
use crate::diagnostics::{DiagnosisId, DiagnosisKind, ResultId};
use crate::enrolment::model::EnrolmentState;
use crate::iom::closing::close_reason;
use crate::iom::{ActKind, CloseReason, IomId, IomOrigin, IomOutcome, IomState, ItemId, ItemState, SupporterKind};
use crate::people::{EmploymentId, EmploymentKind, PersonId, Sex, StaffKind};
use crate::units::{OrgKind, UnitId};

/// What small tables say of competences and programmes: all of it for many blocks, or only what a block asks for.
#[derive(Debug, Default)]
pub struct Reference {
    /// Whether everything has been read.
    whole: bool,
    groups: HashMap<CompetenceId, Arc<str>>,
    bands: HashMap<ScaleId, Vec<Band>>,
    topics: HashMap<ProgrammeId, Arc<str>>,
    /// `kind/provider/letters/topic+topic` of programmes.
    marks: HashMap<ProgrammeId, Arc<str>>,
    /// Areas of functional literacy of competences.
    areas: HashMap<CompetenceId, Arc<[&'static str]>>,
}

impl Reference {
    /// Reads everything.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut AnyConn) -> Result<Self, DbError> {
        let mut all = Self::default();
        all.read_competences(conn, None)?;
        all.read_programmes(conn, None)?;
        all.whole = true;
        Ok(all)
    }

    /// Makes sure of competences and of the scales that results are read by.
    fn know_competences(&mut self, conn: &mut AnyConn, ids: &BTreeSet<CompetenceId>) -> Result<(), DbError> {
        let unknown: Vec<CompetenceId> = ids.iter().filter(|id| !self.groups.contains_key(id)).copied().collect();
        if self.whole || unknown.is_empty() {
            return Ok(());
        }
        self.read_competences(conn, Some(&unknown))
    }

    fn read_competences(&mut self, conn: &mut AnyConn, ids: Option<&[CompetenceId]>) -> Result<(), DbError> {
        let known = reference::competences(conn, ids)?;
        let groups = known.iter().map(|c| (c.id, c.group_code.as_str().into()));
        self.groups.extend(groups);
        self.areas.extend(reference::areas(&known));
        if self.bands.is_empty() {
            self.bands = scale::bands(conn)?;
        }
        Ok(())
    }

    /// Makes sure of programmes.
    fn know_programmes(&mut self, conn: &mut AnyConn, ids: &BTreeSet<ProgrammeId>) -> Result<(), DbError> {
        let unknown: Vec<ProgrammeId> = ids.iter().filter(|id| !self.marks.contains_key(id)).copied().collect();
        if self.whole || unknown.is_empty() {
            return Ok(());
        }
        self.read_programmes(conn, Some(&unknown))
    }

    fn read_programmes(&mut self, conn: &mut AnyConn, ids: Option<&[ProgrammeId]>) -> Result<(), DbError> {
        let topics = reference::topics(conn, ids)?;
        self.marks.extend(reference::programme_marks(conn, ids, &topics)?);
        let sets = topics
            .into_iter()
            .map(|(id, codes)| (id, code_set(codes.iter().map(String::as_str)).into()));
        self.topics.extend(sets);
        Ok(())
    }
}

/// Persons of one region whose sources are read together.
#[derive(Debug, Clone)]
pub struct Block {
    /// The region.
    pub region: UnitId,
    /// Ids in ascending order, at most [`BLOCK`].
    pub persons: Vec<PersonId>,
    /// Whether these are all persons of the region between the first and the last: a range is read faster than a list.
    pub contiguous: bool,
}

/// Persons in a block.
pub const BLOCK: usize = 1000;

/// Every person, in blocks; of one region, if it is given.
///
/// # Errors
/// Those of the database.
pub fn everyone(conn: &mut AnyConn, region: Option<UnitId>) -> Result<Vec<Block>, DbError> {
    let mut query = person::table.select((person::region_id, person::id)).into_boxed();
    if let Some(region) = region {
        query = query.filter(person::region_id.eq(region));
    }
    Ok(blocks(query.load(conn)?, true))
}

/// Blocks of persons of the regions named by id; whoever is no longer there is left out.
///
/// # Errors
/// Those of the database.
pub fn named(conn: &mut AnyConn, regions: &[UnitId], ids: &[PersonId]) -> Result<Vec<Block>, DbError> {
    let mut found: Vec<(UnitId, PersonId)> = Vec::with_capacity(ids.len());
    for part in ids.chunks(BLOCK) {
        let rows: Vec<(UnitId, PersonId)> = among!(conn, c, person::table, person::id, part, rows => rows
            .select((person::region_id, person::id))
            .load(c))?;
        found.extend(rows.into_iter().filter(|(region, _)| regions.contains(region)));
    }
    Ok(blocks(found, false))
}

fn blocks(mut persons: Vec<(UnitId, PersonId)>, contiguous: bool) -> Vec<Block> {
    persons.sort_unstable();
    persons
        .chunk_by(|a, b| a.0 == b.0)
        .flat_map(|of_region| of_region.chunks(BLOCK))
        .map(|part| Block {
            region: part[0].0,
            persons: part.iter().map(|(_, id)| *id).collect(),
            contiguous,
        })
        .collect()
}

/// Narrows a boxed query to the persons of a block.
macro_rules! of_block {
    ($query:expr, $table:ident, $column:ident, $block:expr) => {{
        let query = $query.filter($table::region_id.eq($block.region)).into_boxed();
        match (&$block.persons[..], $block.contiguous) {
            ([only], _) => query.filter($table::$column.eq(*only)),
            ([first, .., last], true) => query.filter($table::$column.between(*first, *last)),
            (several, _) => query.filter($table::$column.eq_any(several)),
        }
    }};
}

/// Narrows a boxed query to plans: a statement with one of them is prepared once, one with a list each time anew.
macro_rules! of_plans {
    ($table:ident, $region:expr, $ids:expr) => {{
        let query = $table::table.filter($table::region_id.eq($region)).into_boxed();
        match $ids {
            [only] => query.filter($table::iom_id.eq(*only)),
            several => query.filter($table::iom_id.eq_any(several)),
        }
    }};
}

/// Keeps rows in force now, or at the moment `known`.
macro_rules! in_force {
    ($query:expr, $table:ident, $known:expr) => {
        match $known {
            None => $query.filter($table::superseded_at.is_null()),
            Some(at) => $query
                .filter($table::recorded_at.le(at))
                .filter($table::superseded_at.is_null().or($table::superseded_at.gt(at))),
        }
    };
}

/// Keeps rows recorded by the moment `known`.
macro_rules! recorded {
    ($query:expr, $table:ident, $known:expr) => {
        match $known {
            None => $query,
            Some(at) => $query.filter($table::recorded_at.le(at)),
        }
    };
}

/// The persons of a block in the order of their ids with their jobs and nothing else, as known at `known` (`None`: now): enough
/// to know who counts where, and read in a fraction of the time.
///
/// # Errors
/// Those of the database.
pub fn jobs_alone(conn: &mut AnyConn, block: &Block, known: Option<NaiveDateTime>) -> Result<Vec<Sources>, DbError> {
    let rows: Vec<(PersonId, Option<NaiveDate>, Option<Sex>)> = of_block!(person::table, person, id, block)
        .select((person::id, person::birth_date, person::sex))
        .order(person::id)
        .load(conn)?;
    let mut all: Vec<Sources> = rows
        .into_iter()
        .map(|(person, birth_date, sex)| Sources {
            region: block.region,
            person,
            birth_date,
            jobs: Vec::new(),
            passages: Vec::new(),
            plans: Vec::new(),
            documents: Vec::new(),
            sex,
            activities: Vec::new(),
        })
        .collect();
    let at: HashMap<PersonId, usize> = all.iter().enumerate().map(|(i, s)| (s.person, i)).collect();
    for (person, job) in jobs(conn, block, known)? {
        if let Some(i) = at.get(&person) {
            all[*i].jobs.push(job);
        }
    }
    Ok(all)
}

/// The sources of the persons of a block, in the order of their ids, as known at `known` (`None`: now).
///
/// # Errors
/// Those of the database.
pub fn sources(
    conn: &mut AnyConn,
    reference: &mut Reference,
    block: &Block,
    known: Option<NaiveDateTime>,
) -> Result<Vec<Sources>, DbError> {
    let mut all = jobs_alone(conn, block, known)?;
    let at: HashMap<PersonId, usize> = all.iter().enumerate().map(|(i, s)| (s.person, i)).collect();
    for (person, passage) in passages(conn, reference, block, known)? {
        if let Some(i) = at.get(&person) {
            all[*i].passages.push(passage);
        }
    }
    for (person, plan) in plans(conn, block, known)? {
        if let Some(i) = at.get(&person) {
            all[*i].plans.push(plan);
        }
    }
    for (person, document) in documents(conn, reference, block, known)? {
        if let Some(i) = at.get(&person) {
            all[*i].documents.push(document);
        }
    }
    for (person, said) in crate::activity::store::dated(conn, &block.persons, known)? {
        if let Some(i) = at.get(&person) {
            all[*i].activities.extend(said.into_iter().map(|d| Activity {
                token: d.token.to_string().into(),
                from: d.from,
                // What does not last counts by its first day.
                to: if d.lasts { d.last } else { Some(d.from) },
            }));
        }
    }
    Ok(all)
}

/// The columns of a job that facts read.
#[derive(Queryable)]
struct JobRow {
    id: EmploymentId,
    person: PersonId,
    organisation: UnitId,
    staff_kind: StaffKind,
    kind: EmploymentKind,
    teaching_since: Option<NaiveDate>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    position: String,
    hours: Option<Milli>,
    education: Option<String>,
    org_kind: Option<OrgKind>,
}

fn jobs(conn: &mut AnyConn, block: &Block, known: Option<NaiveDateTime>) -> Result<Vec<(PersonId, Job)>, DbError> {
    let query = employment::table.inner_join(unit::table.on(unit::id.eq(employment::organisation_id)));
    let query = of_block!(query, employment, person_id, block);
    let rows: Vec<JobRow> = in_force!(query, employment, known)
        .select((
            employment::id,
            employment::person_id,
            employment::organisation_id,
            employment::staff_kind,
            employment::kind,
            employment::teaching_since,
            employment::valid_from,
            employment::valid_to,
            employment::position,
            employment::hours_milli,
            employment::education,
            unit::org_kind,
        ))
        .load(conn)?;
    let mut subjects = job_subjects(conn, block)?;
    let job = |row: JobRow| {
        let post = Post {
            teacher: reference::is_teacher(&row.position),
            higher_pedagogical: row.education.as_deref().is_some_and(reference::is_higher_pedagogical),
            hours_milli: row.hours.map(|h| h.0),
            subjects: subjects.remove(&row.id).unwrap_or_default(),
            kind_bit: row.org_kind.map(kind_bit).unwrap_or_default(),
        };
        let job = Job {
            organisation: row.organisation,
            staff_kind: row.staff_kind,
            kind: row.kind,
            teaching_since: row.teaching_since,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            post,
        };
        (row.person, job)
    };
    Ok(rows.into_iter().map(job).collect())
}

type JobSubjects = HashMap<EmploymentId, Vec<(Arc<str>, Option<bool>)>>;

/// Subjects of the jobs of a block.
fn job_subjects(conn: &mut AnyConn, block: &Block) -> Result<JobSubjects, DbError> {
    let query = employment_subject::table.inner_join(
        employment::table.on(employment::region_id
            .eq(employment_subject::region_id)
            .and(employment::id.eq(employment_subject::employment_id))),
    );
    let rows: Vec<(EmploymentId, String, Option<bool>)> = of_block!(query, employment, person_id, block)
        .select((
            employment_subject::employment_id,
            employment_subject::subject,
            employment_subject::profile_match,
        ))
        .order((employment_subject::employment_id, employment_subject::subject))
        .load(conn)?;
    let mut found = JobSubjects::new();
    for (job, subject, matches) in rows {
        found.entry(job).or_default().push((subject.into(), matches));
    }
    Ok(found)
}

type PassageRow = (DiagnosisId, PersonId, Option<i32>, DiagnosisKind, NaiveDate);

fn passages(
    conn: &mut AnyConn,
    reference: &mut Reference,
    block: &Block,
    known: Option<NaiveDateTime>,
) -> Result<Vec<(PersonId, Passage)>, DbError> {
    let query = diagnosis::table.inner_join(procedure::table.on(procedure::id.eq(diagnosis::procedure_id)));
    let query = of_block!(query, diagnosis, person_id, block);
    let query = match known {
        None => query.filter(diagnosis::withdrawn_at.is_null()),
        Some(at) => query
            .filter(diagnosis::recorded_at.le(at))
            .filter(diagnosis::withdrawn_at.is_null().or(diagnosis::withdrawn_at.gt(at))),
    };
    let rows: Vec<PassageRow> = query
        .select((
            diagnosis::id,
            diagnosis::person_id,
            procedure::valid_days,
            diagnosis::kind,
            diagnosis::held_on,
        ))
        .load(conn)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let query = of_block!(diagnosis_result::table, diagnosis_result, person_id, block);
    let results: Vec<(DiagnosisId, ResultId, CompetenceId, Milli, Milli, ScaleId)> =
        in_force!(query, diagnosis_result, known)
            .select((
                diagnosis_result::diagnosis_id,
                diagnosis_result::id,
                diagnosis_result::competence_id,
                diagnosis_result::raw_milli,
                diagnosis_result::max_milli,
                diagnosis_result::scale_id,
            ))
            .load(conn)?;
    reference.know_competences(conn, &results.iter().map(|r| r.2).collect())?;
    let nothing: Arc<str> = "".into();
    let mut scores: HashMap<DiagnosisId, Vec<Score>> = HashMap::with_capacity(rows.len());
    for (passage, id, competence, raw, max, scale) in results {
        let band = reference
            .bands
            .get(&scale)
            .and_then(|bands| scale::level_of(raw, max, bands));
        scores.entry(passage).or_default().push(Score {
            id,
            competence,
            group: reference.groups.get(&competence).unwrap_or(&nothing).clone(),
            areas: reference.areas.get(&competence).cloned().unwrap_or_default(),
            deficit: band.is_some_and(|b| b.is_deficit),
        });
    }
    let passage = |(id, person, valid_days, kind, held_on): PassageRow| {
        let passage = Passage {
            kind,
            held_on,
            valid_days,
            results: scores.remove(&id).unwrap_or_default(),
        };
        (person, passage)
    };
    Ok(rows.into_iter().map(passage).collect())
}

fn documents(
    conn: &mut AnyConn,
    reference: &mut Reference,
    block: &Block,
    known: Option<NaiveDateTime>,
) -> Result<Vec<(PersonId, Document)>, DbError> {
    let query = enrolment::table
        .inner_join(
            qualification_document::table.on(qualification_document::region_id
                .eq(enrolment::region_id)
                .and(enrolment::document_id.eq(qualification_document::id.nullable()))),
        )
        .filter(enrolment::state.eq(EnrolmentState::Completed));
    let query = of_block!(query, enrolment, person_id, block);
    let rows: Vec<(PersonId, ProgrammeId, NaiveDate)> = recorded!(query, qualification_document, known)
        .select((
            enrolment::person_id,
            enrolment::programme_id,
            qualification_document::issued_on,
        ))
        .load(conn)?;
    reference.know_programmes(conn, &rows.iter().map(|r| r.1).collect())?;
    let nothing: Arc<str> = "".into();
    let document = |(person, programme, issued_on): (PersonId, ProgrammeId, NaiveDate)| {
        let of = |map: &HashMap<ProgrammeId, Arc<str>>| map.get(&programme).unwrap_or(&nothing).clone();
        let document = Document {
            issued_on,
            topics: of(&reference.topics),
            mark: of(&reference.marks),
        };
        (person, document)
    };
    Ok(rows.into_iter().map(document).collect())
}

type StateColumns = (IomId, IomState, Option<IomOutcome>, Option<String>, NaiveDate);

fn plans(
    conn: &mut AnyConn,
    block: &Block,
    known: Option<NaiveDateTime>,
) -> Result<Vec<(PersonId, PlanSource)>, DbError> {
    let query = of_block!(iom::table, iom, person_id, block);
    let rows: Vec<(IomId, PersonId, IomOrigin, bool)> = recorded!(query, iom, known)
        .select((iom::id, iom::person_id, iom::origin, iom::on_platform))
        .order(iom::id)
        .load(conn)?;
    let ids: Vec<IomId> = rows.iter().map(|(id, ..)| *id).collect();
    let mut plans: HashMap<IomId, PlanSource> = HashMap::with_capacity(ids.len());
    for part in ids.chunks(BLOCK) {
        plans.extend(plans_of(conn, block.region, part, known)?);
    }
    Ok(rows
        .into_iter()
        .filter_map(|(id, person, origin, on_platform)| {
            let plan = PlanSource {
                origin,
                on_platform,
                ..plans.remove(&id)?
            };
            Some((person, plan))
        })
        .collect())
}

/// What facts need of plans, by their ids (at most [`BLOCK`]).
///
/// # Errors
/// Those of the database.
pub(super) fn plans_of(
    conn: &mut AnyConn,
    region: UnitId,
    ids: &[IomId],
    known: Option<NaiveDateTime>,
) -> Result<HashMap<IomId, PlanSource>, DbError> {
    let mut plans: HashMap<IomId, PlanSource> = ids
        .iter()
        .map(|id| {
            let plan = PlanSource {
                id: *id,
                states: Vec::new(),
                supporters: Vec::new(),
                support_acts: Vec::new(),
                items: Vec::new(),
                origin: IomOrigin::School,
                on_platform: false,
            };
            (*id, plan)
        })
        .collect();
    let query = of_plans!(iom_state, region, ids);
    let states: Vec<StateColumns> = in_force!(query, iom_state, known)
        .select((
            iom_state::iom_id,
            iom_state::state,
            iom_state::outcome,
            iom_state::reason,
            iom_state::on_date,
        ))
        .order((iom_state::iom_id, iom_state::on_date, iom_state::id))
        .load(conn)?;
    for (id, state, outcome, reason, on_date) in states {
        let error = state == IomState::Closed
            && outcome == Some(IomOutcome::Terminated)
            && reason.is_some_and(|r| close_reason(&r) == Some(CloseReason::Error));
        if let Some(plan) = plans.get_mut(&id) {
            plan.states.push(State {
                state,
                outcome,
                error,
                on_date,
            });
        }
    }
    let query = of_plans!(supporter, region, ids);
    let supporters: Vec<(IomId, SupporterKind, NaiveDate, Option<NaiveDate>)> = in_force!(query, supporter, known)
        .select((
            supporter::iom_id,
            supporter::kind,
            supporter::valid_from,
            supporter::valid_to,
        ))
        .load(conn)?;
    for (id, kind, valid_from, valid_to) in supporters {
        if let Some(plan) = plans.get_mut(&id) {
            plan.supporters.push(Support {
                kind,
                valid_from,
                valid_to,
            });
        }
    }
    let cancelled = acts(conn, region, ids, known, &mut plans)?;
    items(conn, region, ids, known, &cancelled, &mut plans)?;
    Ok(plans)
}

/// Puts acts of support into their plans; returns the days on which items were cancelled.
fn acts(
    conn: &mut AnyConn,
    region: UnitId,
    ids: &[IomId],
    known: Option<NaiveDateTime>,
    plans: &mut HashMap<IomId, PlanSource>,
) -> Result<HashMap<ItemId, NaiveDate>, DbError> {
    let wanted = iom_act::act
        .eq(ActKind::Support)
        .or(iom_act::act.eq(ActKind::Accept))
        .or(iom_act::act.eq(ActKind::Return))
        .or(iom_act::act.eq(ActKind::Cancel));
    let query = of_plans!(iom_act, region, ids).filter(wanted);
    let rows: Vec<(IomId, Option<ItemId>, ActKind, NaiveDate)> = recorded!(query, iom_act, known)
        .select((iom_act::iom_id, iom_act::item_id, iom_act::act, iom_act::on_date))
        .load(conn)?;
    let mut cancelled: HashMap<ItemId, NaiveDate> = HashMap::new();
    for (id, item, act, on_date) in rows {
        if let (ActKind::Cancel, Some(item)) = (act, item) {
            let day = cancelled.entry(item).or_insert(on_date);
            *day = (*day).min(on_date);
        } else if act.is_support(item.is_some())
            && let Some(plan) = plans.get_mut(&id)
        {
            plan.support_acts.push(on_date);
        }
    }
    Ok(cancelled)
}

fn items(
    conn: &mut AnyConn,
    region: UnitId,
    ids: &[IomId],
    known: Option<NaiveDateTime>,
    cancelled: &HashMap<ItemId, NaiveDate>,
    plans: &mut HashMap<IomId, PlanSource>,
) -> Result<(), DbError> {
    let query = of_plans!(iom_item, region, ids).filter(iom_item::topics.ne(""));
    let rows: Vec<(IomId, ItemId, ItemState, String, Option<NaiveDate>)> = recorded!(query, iom_item, known)
        .select((
            iom_item::iom_id,
            iom_item::id,
            iom_item::state,
            iom_item::topics,
            iom_item::added_on,
        ))
        .load(conn)?;
    for (id, item, state, topics, added_on) in rows {
        // An item cancelled without an act of its own never counted.
        let always = known.is_none() && state == ItemState::Cancelled;
        let cancelled_on = cancelled.get(&item).copied().or(always.then_some(NaiveDate::MIN));
        if let Some(plan) = plans.get_mut(&id) {
            plan.items.push(Step {
                topics,
                cancelled_on,
                added_on,
            });
        }
    }
    Ok(())
}

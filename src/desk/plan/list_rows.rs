//! Plans of a scope: what is asked for stands in the query, a page of it comes back.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::AccountId;
use crate::catalogue::ProgrammeKind;
use crate::db::in_force::assigned_on;
use crate::db::schema::{enrolment, iom, iom_deficit, iom_goal, iom_item, person, procedure, supporter};
use crate::db::text_keys::{holding, search_key, words};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::{Bounds, working};
use crate::desk::plan::kpi_rows::{self, Light, Watched};
use crate::enrolment::EnrolmentState;
use crate::enrolment::training::{self, TrainingStage};
use crate::iom::watch::{Formed, Risk};
use crate::iom::{DeficitOutcome, GoalBasis, Iom, IomId, IomOrigin, IomState, ItemState};
use crate::people::PersonId;
use crate::units::UnitId;

/// Which plans, by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// All that are not closed.
    Open,
    /// Closed ones too.
    All,
    /// Agreed by the teacher, waiting for approval.
    Agreed,
    /// In one state.
    In(IomState),
}

impl Standing {
    /// The standing of a code in an address.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "all" => Some(Self::All),
            "agreed" => Some(Self::Agreed),
            code => IomState::from_code(code).map(Self::In),
        }
    }
}

/// What a course of a plan waits for from whoever keeps the enrolments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// The school agreed; the person is to be enrolled.
    Enrolment,
    /// The person learns; the document at the end is to be recorded.
    Completion,
}

impl Course {
    /// In the order of the work.
    pub const ALL: [Self; 2] = [Self::Enrolment, Self::Completion];

    /// The word in an address.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Enrolment => "enrolment",
            Self::Completion => "completion",
        }
    }

    /// The course of a word in an address.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|course| course.code() == code)
    }

    /// States of the enrolments that wait for it.
    fn states(self) -> &'static [EnrolmentState] {
        match self {
            Self::Enrolment => &[EnrolmentState::Agreed, EnrolmentState::Waitlisted],
            Self::Completion => &[EnrolmentState::Enrolled],
        }
    }
}

/// Whom plans are accompanied by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Anybody.
    Somebody,
    /// Nobody.
    Nobody,
    /// This account.
    Of(AccountId),
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Where they stand.
    pub standing: Standing,
    /// Only of people who work in these organisations.
    pub organisations: Option<Vec<UnitId>>,
    /// Only accompanied by these.
    pub supporter: Option<Whose>,
    /// Only drafted by this procedure (code).
    pub procedure: Option<String>,
    /// Only with a course that waits for this.
    pub course: Option<Course>,
    /// Only at work with a step whose day is over.
    pub overdue: bool,
    /// Part of a name.
    pub search: String,
    /// Only kept on the platform, or only others.
    pub platform: Option<bool>,
    /// Only with a deficit that this came of; the inner `None` is not judged yet.
    pub deficit: Option<Option<DeficitOutcome>>,
    /// Only with a goal that rests on this.
    pub goal: Option<GoalBasis>,
    /// Only composed in this one's name.
    pub origin: Option<IomOrigin>,
    /// Only visible to their teachers so.
    pub formed: Option<Formed>,
    /// Only at this risk; the inner `None` is at any.
    pub risk: Option<Option<Risk>>,
    /// Only with a course of this kind that has come so far.
    pub training: Option<(ProgrammeKind, TrainingStage)>,
}

impl Wanted {
    /// All plans.
    #[must_use]
    pub fn all() -> Self {
        Self {
            standing: Standing::All,
            organisations: None,
            supporter: None,
            procedure: None,
            course: None,
            overdue: false,
            search: String::new(),
            platform: None,
            deficit: None,
            goal: None,
            origin: None,
            formed: None,
            risk: None,
            training: None,
        }
    }

    /// Whether a plan is asked for, by how it goes.
    fn fits(&self, of: &Watched) -> bool {
        self.formed.is_none_or(|formed| of.formed == formed)
            && self.risk.is_none_or(|risk| match risk {
                None => !of.risks.is_empty(),
                Some(risk) => of.risks.contains(&risk),
            })
    }

    /// Whether it matters how the plans go: that is no condition of a query.
    fn watches(&self) -> bool {
        self.formed.is_some() || self.risk.is_some() || self.training.is_some()
    }
}

/// The condition of a plan that its teacher has agreed to and nobody has approved yet.
#[diesel::dsl::auto_type]
pub(super) fn agreed() -> _ {
    let waits: IomState = IomState::OnAgreement;
    iom::state.eq(waits).and(iom::agreed_on.is_not_null())
}

/// Plans of a region with a course that waits for something.
#[diesel::dsl::auto_type]
fn with_course(region: UnitId, course: Course) -> _ {
    let states: &'static [EnrolmentState] = course.states();
    enrolment::table
        .inner_join(
            iom_item::table.on(iom_item::region_id
                .eq(enrolment::region_id)
                .and(enrolment::item_id.eq(iom_item::id.nullable()))),
        )
        .filter(enrolment::region_id.eq(region))
        .filter(enrolment::state.eq_any(states))
        .select(iom_item::iom_id)
}

/// How many open plans have a course that waits for something.
///
/// # Errors
/// Those of the database.
pub fn waiting_for(conn: &mut AnyConn, bounds: &Bounds, course: Course, today: NaiveDate) -> Result<i64, DbError> {
    let mut query = iom::table
        .filter(iom::region_id.eq(bounds.region))
        .filter(iom::state.ne(IomState::Closed))
        .filter(iom::id.eq_any(with_course(bounds.region, course)))
        .into_boxed();
    if let Some(organisations) = &bounds.organisations {
        query = query.filter(iom::person_id.eq_any(working(bounds.region, organisations.clone(), today)));
    }
    Ok(query.select(diesel::dsl::count_star()).first(conn)?)
}

/// How many plans were agreed by their teachers and wait for approval.
///
/// # Errors
/// Those of the database.
pub fn waiting_for_approval(conn: &mut AnyConn, bounds: &Bounds, today: NaiveDate) -> Result<i64, DbError> {
    let mut query = iom::table
        .filter(iom::region_id.eq(bounds.region))
        .filter(agreed())
        .into_boxed();
    if let Some(organisations) = &bounds.organisations {
        query = query.filter(iom::person_id.eq_any(working(bounds.region, organisations.clone(), today)));
    }
    Ok(query.select(diesel::dsl::count_star()).first(conn)?)
}

/// Plans of a region with an open step whose day is over.
#[diesel::dsl::auto_type]
pub(super) fn with_late_step(region: UnitId, today: NaiveDate) -> _ {
    let open: [ItemState; 3] = [ItemState::Planned, ItemState::InProgress, ItemState::Returned];
    iom_item::table
        .filter(iom_item::region_id.eq(region))
        .filter(iom_item::due_on.lt(today))
        .filter(iom_item::state.eq_any(open))
        .select(iom_item::iom_id)
}

/// Plans with their people.
#[diesel::dsl::auto_type]
pub(super) fn with_person() -> _ {
    iom::table.inner_join(person::table.on(person::id.eq(iom::person_id).and(person::region_id.eq(iom::region_id))))
}

// Boxed queries are not cloned: the same conditions make the count, the page and what is watched.
macro_rules! narrowed {
    ($query:expr, $bounds:expr, $wanted:expr, $today:expr) => {{
        let (bounds, wanted, today): (&Bounds, &Wanted, NaiveDate) = ($bounds, $wanted, $today);
        // A sum is looked up in a list, a bare id is looked for by the list: for each person, as many times as the list is
        // long, where SQLite has no statistics.
        let plan_id = iom::id + 0_i64;
        let mut query = $query.filter(iom::region_id.eq(bounds.region)).into_boxed();
        query = match wanted.standing {
            Standing::All => query,
            Standing::Open => query.filter(iom::state.ne(IomState::Closed)),
            Standing::Agreed => query.filter(agreed()),
            Standing::In(state) => query.filter(iom::state.eq(state)),
        };
        for organisations in [&bounds.organisations, &wanted.organisations].into_iter().flatten() {
            query = query.filter(iom::person_id.eq_any(working(bounds.region, organisations.clone(), today)));
        }
        if let Some(asked) = wanted.supporter {
            let assigned = supporter::table
                .filter(supporter::region_id.eq(bounds.region))
                .filter(assigned_on(today))
                .select(supporter::iom_id);
            query = match asked {
                Whose::Of(account) => {
                    query.filter(plan_id.eq_any(assigned.filter(supporter::account_id.eq(account))))
                }
                Whose::Somebody => query.filter(plan_id.eq_any(assigned)),
                Whose::Nobody => query.filter(plan_id.ne_all(assigned)),
            };
        }
        if let Some(code) = &wanted.procedure {
            let of = procedure::table
                .filter(procedure::code.eq(code.clone()))
                .select(procedure::id.nullable());
            query = query.filter(iom::procedure_id.eq_any(of));
        }
        if let Some(course) = wanted.course {
            query = query.filter(plan_id.eq_any(with_course(bounds.region, course)));
        }
        if wanted.overdue {
            query = query
                .filter(iom::state.eq(IomState::Active))
                .filter(plan_id.eq_any(with_late_step(bounds.region, today)));
        }
        if let Some(platform) = wanted.platform {
            query = query.filter(iom::on_platform.eq(platform));
        }
        if let Some(origin) = wanted.origin {
            query = query.filter(iom::origin.eq(origin));
        }
        if let Some(outcome) = wanted.deficit {
            let of = iom_deficit::table
                .filter(iom_deficit::region_id.eq(bounds.region))
                .select(iom_deficit::iom_id);
            query = match outcome {
                Some(outcome) => query.filter(plan_id.eq_any(of.filter(iom_deficit::outcome.eq(outcome)))),
                None => query.filter(plan_id.eq_any(of.filter(iom_deficit::outcome.is_null()))),
            };
        }
        if let Some(basis) = wanted.goal {
            let with = iom_goal::table
                .filter(iom_goal::region_id.eq(bounds.region))
                .filter(iom_goal::removed_at.is_null())
                .filter(iom_goal::basis.eq(basis))
                .select(iom_goal::iom_id);
            query = query.filter(plan_id.eq_any(with));
        }
        for word in words(&search_key(&wanted.search)) {
            query = query.filter(person::search_key.like(holding(word)).escape('\\'));
        }
        query
    }};
}

/// Plans by the names of their people and how many there are; `span` says how many of so many are skipped and how many
/// are read at most.
///
/// # Errors
/// Those of the database.
pub fn find(
    conn: &mut AnyConn,
    bounds: &Bounds,
    wanted: &Wanted,
    today: NaiveDate,
    span: impl FnOnce(usize) -> (usize, usize),
) -> Result<(Vec<Iom>, usize), DbError> {
    if wanted.watches() {
        let found: Vec<IomId> = watched(conn, bounds, wanted, today)?.iter().map(|of| of.plan).collect();
        let (skipped, most) = span(found.len());
        let shown: Vec<IomId> = found.iter().copied().skip(skipped).take(most).collect();
        return Ok((in_order(conn, bounds.region, &shown)?, found.len()));
    }
    let count = with_person().select(diesel::dsl::count_star());
    let total: i64 = narrowed!(count, bounds, wanted, today).first(conn)?;
    let total = usize::try_from(total).unwrap_or_default();
    let (skipped, most) = span(total);
    let plans = narrowed!(with_person().select(Iom::as_select()), bounds, wanted, today)
        .order((person::sort_key, iom::id))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .offset(i64::try_from(skipped).unwrap_or(i64::MAX))
        .load(conn)?;
    Ok((plans, total))
}

/// All the plans that are asked for with how each goes, by the names of their people.
///
/// # Errors
/// Those of the database.
pub fn watched(
    conn: &mut AnyConn,
    bounds: &Bounds,
    wanted: &Wanted,
    today: NaiveDate,
) -> Result<Vec<Watched>, DbError> {
    let plans: Vec<Light> = narrowed!(with_person().select(Light::as_select()), bounds, wanted, today)
        .order((person::sort_key, iom::id))
        .load(conn)?;
    let mut found = kpi_rows::watch(conn, bounds.region, plans, today)?;
    found.retain(|of| wanted.fits(of));
    if let Some((kind, stage)) = wanted.training {
        let mut counted = training::counted(&training::all(conn, bounds.region)?);
        let with = counted.remove(&(kind, stage)).unwrap_or_default().plans;
        found.retain(|of| with.contains(&of.plan));
    }
    Ok(found)
}

/// Plans by their ids, in the same order.
fn in_order(conn: &mut AnyConn, region: UnitId, ids: &[IomId]) -> Result<Vec<Iom>, DbError> {
    let mut known: HashMap<IomId, Iom> = HashMap::with_capacity(ids.len());
    for block in ids.chunks(1000) {
        let rows: Vec<Iom> = iom::table
            .filter(iom::region_id.eq(region))
            .filter(iom::id.eq_any(block))
            .select(Iom::as_select())
            .load(conn)?;
        known.extend(rows.into_iter().map(|plan| (plan.id, plan)));
    }
    Ok(ids.iter().filter_map(|id| known.remove(id)).collect())
}

/// The latest plan of each of these people.
///
/// # Errors
/// Those of the database.
pub fn latest(conn: &mut AnyConn, region: UnitId, persons: &[PersonId]) -> Result<HashMap<PersonId, IomId>, DbError> {
    let rows: Vec<(PersonId, IomId)> = iom::table
        .filter(iom::region_id.eq(region))
        .filter(iom::person_id.eq_any(persons))
        .order(iom::id)
        .select((iom::person_id, iom::id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// One plan, when its person works within the bounds.
///
/// # Errors
/// Those of the database.
pub fn one(conn: &mut AnyConn, bounds: &Bounds, id: IomId, today: NaiveDate) -> Result<Option<Iom>, DbError> {
    Ok(some(conn, bounds, &[id], today)?.pop())
}

/// Those of the plans that lie within the bounds.
///
/// # Errors
/// Those of the database.
pub fn some(conn: &mut AnyConn, bounds: &Bounds, ids: &[IomId], today: NaiveDate) -> Result<Vec<Iom>, DbError> {
    let mut query = iom::table
        .filter(iom::region_id.eq(bounds.region))
        .filter(iom::id.eq_any(ids))
        .order(iom::id)
        .select(Iom::as_select())
        .into_boxed();
    if let Some(organisations) = &bounds.organisations {
        query = query.filter(iom::person_id.eq_any(working(bounds.region, organisations.clone(), today)));
    }
    Ok(query.load(conn)?)
}

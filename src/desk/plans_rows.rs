//! Plans of a scope: what is asked for stands in the query, a page of it comes back.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::bounds::{Bounds, working};
use super::list::{List, PAGE};
use crate::access::AccountId;
use crate::db::schema::{iom, iom_item, person, procedure, supporter};
use crate::db::text_keys::{holding, search_key, words};
use crate::db::{AnyConn, DbError};
use crate::iom::accompany::assigned_on;
use crate::iom::{Iom, IomId, IomState, ItemState};
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

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Where they stand.
    pub standing: Standing,
    /// Only of people who work in these organisations.
    pub organisations: Option<Vec<UnitId>>,
    /// Only with this supporter; the inner `None` is without any.
    pub supporter: Option<Option<AccountId>>,
    /// Only drafted by this procedure (code).
    pub procedure: Option<String>,
    /// Only at work with a step whose day is over.
    pub overdue: bool,
    /// Part of a name.
    pub search: String,
}

/// The condition of a plan that its teacher has agreed to and nobody has approved yet.
#[diesel::dsl::auto_type]
fn agreed() -> _ {
    let waits: IomState = IomState::OnAgreement;
    iom::state.eq(waits).and(iom::agreed_on.is_not_null())
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

/// A page of plans and how many there are.
///
/// # Errors
/// Those of the database.
pub fn page(
    conn: &mut AnyConn,
    bounds: &Bounds,
    wanted: &Wanted,
    at: &List,
    today: NaiveDate,
) -> Result<(Vec<Iom>, usize), DbError> {
    // Boxed queries are not cloned: the same conditions make the count and the page.
    macro_rules! narrowed {
        ($query:expr) => {{
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
                    Some(account) => query.filter(iom::id.eq_any(assigned.filter(supporter::account_id.eq(account)))),
                    None => query.filter(iom::id.ne_all(assigned)),
                };
            }
            if let Some(code) = &wanted.procedure {
                let of = procedure::table
                    .filter(procedure::code.eq(code.clone()))
                    .select(procedure::id.nullable());
                query = query.filter(iom::procedure_id.eq_any(of));
            }
            if wanted.overdue {
                let late = iom_item::table
                    .filter(iom_item::region_id.eq(bounds.region))
                    .filter(iom_item::due_on.lt(today))
                    .filter(iom_item::state.eq_any([ItemState::Planned, ItemState::InProgress, ItemState::Returned]))
                    .select(iom_item::iom_id);
                query = query
                    .filter(iom::state.eq(IomState::Active))
                    .filter(iom::id.eq_any(late));
            }
            for word in words(&search_key(&wanted.search)) {
                query = query.filter(person::search_key.like(holding(word)).escape('\\'));
            }
            query
        }};
    }
    let with_person = || {
        iom::table.inner_join(person::table.on(person::id.eq(iom::person_id).and(person::region_id.eq(iom::region_id))))
    };
    let total: i64 = narrowed!(with_person().select(diesel::dsl::count_star())).first(conn)?;
    let total = usize::try_from(total).unwrap_or_default();
    let plans = narrowed!(with_person().select(Iom::as_select()))
        .order((person::sort_key, iom::id))
        .limit(i64::try_from(PAGE).unwrap_or(i64::MAX))
        .offset(i64::try_from(at.skipped(total)).unwrap_or(i64::MAX))
        .load(conn)?;
    Ok((plans, total))
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

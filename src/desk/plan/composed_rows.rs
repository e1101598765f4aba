//! Which plans lie on the desk of whoever composes them: of a school all that it composed, of a municipal methodist the own
//! ones; in both only of people who work where the role reaches.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::{self, AccountId, Role, Work};
use crate::db::schema::{iom, iom_item, person};
use crate::db::text_keys::{holding, search_key, words};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::{Bounds, working};
use crate::desk::plan::list_rows::{Standing, agreed, with_person};
use crate::iom::{Iom, IomId, IomOrigin, IomState, ItemState, rights};
use crate::mail::concern::accompanying;
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;
use crate::web::Visitor;

/// Which plans of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// By where they stand.
    Standing(Standing),
    /// What the head of the school is to approve: agreed, and not the own one.
    ToApprove,
}

impl Which {
    /// The word in an address for what the head is to approve.
    pub const TO_APPROVE: &'static str = "to_approve";

    /// The plans of a word in an address.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            Self::TO_APPROVE => Some(Self::ToApprove),
            code => Standing::from_code(code).map(Self::Standing),
        }
    }
}

/// Whether a visitor is the head of a school, or has got the approving from one.
#[must_use]
pub fn approves(visitor: &Visitor) -> bool {
    let head = visitor.role().is_some_and(|role| role.code == Role::SchoolHead.code());
    let given = visitor.stands_for.as_ref().and_then(|of| of.works.as_ref());
    head && given.is_none_or(|given| given.contains(&Work::Approve.code()))
}

/// Whose desk it is.
#[derive(Debug, Clone)]
pub struct Composer {
    bounds: Bounds,
    /// Whose plans; `None` is the school's.
    author: Option<AccountId>,
    /// Organisations whose people are the subordinates of whoever does it in another one's stead: their plans stay shut.
    shut: Vec<UnitId>,
    /// The visitor, and in whose stead: nobody approves the own plan.
    own: Vec<PersonId>,
}

impl Composer {
    /// The desk of a visitor; `None` for a role that composes nothing or has no region.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of(conn: &mut AnyConn, visitor: &Visitor, today: NaiveDate) -> Result<Option<Self>, DbError> {
        let role = visitor.role().and_then(|role| Role::from_code(role.code));
        let Some((origin, region)) = role.and_then(rights::composes).zip(visitor.region) else {
            return Ok(None);
        };
        let author = (origin != IomOrigin::School).then(|| AccountId(visitor.acting()));
        let heads = visitor.stands_for.iter().flat_map(|s| s.heads.iter().copied());
        let principal = match &visitor.stands_for {
            Some(of) => access::store::by_id(conn, AccountId(of.account))?.and_then(|account| account.person_id),
            None => None,
        };
        Ok(Some(Self {
            own: visitor.person.map(PersonId).into_iter().chain(principal).collect(),
            bounds: Bounds::of(conn, UnitId(region), &visitor.scope, today)?,
            shut: heads.filter(|_| author.is_some()).map(UnitId).collect(),
            author,
        }))
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> UnitId {
        self.bounds.region
    }

    /// Whether a plan is of the visitor, or of whom the visitor stands in for.
    #[must_use]
    pub fn is_own(&self, plan: &Iom) -> bool {
        self.own.contains(&plan.person_id)
    }

    /// Whether it is a school.
    #[must_use]
    pub fn is_school(&self) -> bool {
        self.author.is_none()
    }
}

// Boxed queries are not cloned: the same conditions make the count, the page and the one that is opened.
macro_rules! composed {
    ($query:expr, $of:expr, $today:expr) => {{
        let (of, today): (&Composer, NaiveDate) = ($of, $today);
        let region = of.bounds.region;
        let mut query = $query.filter(iom::region_id.eq(region)).into_boxed();
        query = match of.author {
            _ if planted!("composed_by_anyone") => query,
            None => query.filter(iom::origin.eq(IomOrigin::School)),
            Some(author) => query.filter(iom::author_id.eq(author)),
        };
        if let Some(organisations) = &of.bounds.organisations {
            query = query.filter(iom::person_id.eq_any(working(region, organisations.clone(), today)));
        }
        if !of.shut.is_empty() {
            query = query.filter(iom::person_id.ne_all(working(region, of.shut.clone(), today)));
        }
        query
    }};
}

// The conditions of an address on top of those.
macro_rules! asked {
    ($query:expr, $of:expr, $which:expr, $search:expr) => {{
        let mut query = $query;
        query = match $which {
            Which::Standing(Standing::All) => query,
            Which::Standing(Standing::Open) => query.filter(iom::state.ne(IomState::Closed)),
            Which::Standing(Standing::Agreed) => query.filter(agreed()),
            Which::Standing(Standing::In(state)) => query.filter(iom::state.eq(state)),
            Which::ToApprove => query.filter(agreed()).filter(iom::person_id.ne_all($of.own.clone())),
        };
        for word in words(&search_key($search)) {
            query = query.filter(person::search_key.like(holding(word)).escape('\\'));
        }
        query
    }};
}

/// Plans of the desk by the names of their people and how many there are; `span` says how many of so many are skipped and
/// how many are read at most.
///
/// # Errors
/// Those of the database.
pub fn find(
    conn: &mut AnyConn,
    of: &Composer,
    (which, search): (Which, &str),
    today: NaiveDate,
    span: impl FnOnce(usize) -> (usize, usize),
) -> Result<(Vec<Iom>, usize), DbError> {
    let total = usize::try_from(count(conn, of, (which, search), today)?).unwrap_or_default();
    let (skipped, most) = span(total);
    let plans = composed!(with_person().select(Iom::as_select()), of, today);
    let plans = asked!(plans, of, which, search)
        .order((person::sort_key, iom::id))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .offset(i64::try_from(skipped).unwrap_or(i64::MAX))
        .load(conn)?;
    Ok((plans, total))
}

/// How many plans of the desk there are.
///
/// # Errors
/// Those of the database.
pub fn count(
    conn: &mut AnyConn,
    of: &Composer,
    (which, search): (Which, &str),
    today: NaiveDate,
) -> Result<i64, DbError> {
    let count = composed!(with_person().select(diesel::dsl::count_star()), of, today);
    Ok(asked!(count, of, which, search).first(conn)?)
}

/// Which of these plans of one region a school composed, are to be worked at and are accompanied by nobody; and whether a
/// step waits there, with nobody to mark it.
///
/// # Errors
/// Those of the database.
pub fn alone(
    conn: &mut AnyConn,
    region: UnitId,
    plans: &[&Iom],
    today: NaiveDate,
) -> Result<HashMap<IomId, bool>, DbError> {
    let begun = [IomState::Approved, IomState::Active, IomState::Paused];
    let of_school = |plan: &&&Iom| plan.origin == IomOrigin::School && begun.contains(&plan.state);
    let ids: Vec<i64> = plans.iter().filter(of_school).map(|plan| plan.id.0).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let accompanying = accompanying(conn, &ids, today)?;
    let left = |id: &i64| !accompanying.iter().any(|(plan, _)| plan == id);
    let mut found: HashMap<IomId, bool> = ids.into_iter().filter(left).map(|id| (IomId(id), false)).collect();
    let ids: Vec<IomId> = found.keys().copied().collect();
    let waiting: Vec<IomId> = iom_item::table
        .filter(iom_item::region_id.eq(region))
        .filter(iom_item::iom_id.eq_any(ids))
        .filter(iom_item::state.eq(ItemState::Submitted))
        .select(iom_item::iom_id)
        .distinct()
        .load(conn)?;
    found.extend(waiting.into_iter().map(|id| (id, true)));
    Ok(found)
}

/// One plan, when it lies on the desk.
///
/// # Errors
/// Those of the database.
pub fn one(conn: &mut AnyConn, of: &Composer, id: IomId, today: NaiveDate) -> Result<Option<Iom>, DbError> {
    let query = composed!(iom::table.select(Iom::as_select()), of, today);
    Ok(query.filter(iom::id.eq(id)).first(conn).optional()?)
}

/// Those of the plans that lie on the desk.
///
/// # Errors
/// Those of the database.
pub fn some(conn: &mut AnyConn, of: &Composer, ids: &[IomId], today: NaiveDate) -> Result<Vec<Iom>, DbError> {
    let mut found: Vec<Iom> = Vec::with_capacity(ids.len());
    for block in ids.chunks(1000) {
        let query = composed!(iom::table.select(Iom::as_select()), of, today);
        let rows: Vec<Iom> = query.filter(iom::id.eq_any(block)).order(iom::id).load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

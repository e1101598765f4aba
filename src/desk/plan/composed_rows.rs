//! Which plans lie on the desk of whoever composes them: of a school all that it composed, of a municipal methodist the own
//! ones; in both only of people who work where the role reaches.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::{AccountId, Role};
use crate::db::schema::{iom, person};
use crate::db::text_keys::{holding, search_key, words};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::{Bounds, working};
use crate::desk::plan::list_rows::{Standing, agreed, with_person};
use crate::iom::{Iom, IomId, IomOrigin, IomState, rights};
use crate::planted;
use crate::units::UnitId;
use crate::web::Visitor;

/// Whose desk it is.
#[derive(Debug, Clone)]
pub struct Composer {
    bounds: Bounds,
    /// Whose plans; `None` is the school's.
    author: Option<AccountId>,
    /// Organisations whose people are the subordinates of whoever does it in another one's stead: their plans stay shut.
    shut: Vec<UnitId>,
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
        Ok(Some(Self {
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
    ($query:expr, $standing:expr, $search:expr) => {{
        let mut query = $query;
        query = match $standing {
            Standing::All => query,
            Standing::Open => query.filter(iom::state.ne(IomState::Closed)),
            Standing::Agreed => query.filter(agreed()),
            Standing::In(state) => query.filter(iom::state.eq(state)),
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
    (standing, search): (Standing, &str),
    today: NaiveDate,
    span: impl FnOnce(usize) -> (usize, usize),
) -> Result<(Vec<Iom>, usize), DbError> {
    let count = composed!(with_person().select(diesel::dsl::count_star()), of, today);
    let total: i64 = asked!(count, standing, search).first(conn)?;
    let total = usize::try_from(total).unwrap_or_default();
    let (skipped, most) = span(total);
    let plans = composed!(with_person().select(Iom::as_select()), of, today);
    let plans = asked!(plans, standing, search)
        .order((person::sort_key, iom::id))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .offset(i64::try_from(skipped).unwrap_or(i64::MAX))
        .load(conn)?;
    Ok((plans, total))
}

/// One plan, when it lies on the desk.
///
/// # Errors
/// Those of the database.
pub fn one(conn: &mut AnyConn, of: &Composer, id: IomId, today: NaiveDate) -> Result<Option<Iom>, DbError> {
    let query = composed!(iom::table.select(Iom::as_select()), of, today);
    Ok(query.filter(iom::id.eq(id)).first(conn).optional()?)
}

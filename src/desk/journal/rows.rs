//! Rows of the journal within a scope: what is asked for stands in the query, a page of it comes back with the names
//! that its ids have today.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::access::Role;
use crate::access::store::{called, holder};
use crate::audit::words::SHOWN;
use crate::db::schema::{account, audit_event, employment, person, unit};
use crate::db::text_keys::{beginning, holding, search_key};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::{Bounds, working};
use crate::desk::journal::records;
use crate::desk::journal::words;
use crate::people::model::full_name;
use crate::units::UnitId;
use crate::web::Scope;

/// How many people the files of the journal named that an account has taken since a moment, as each said of itself.
///
/// # Errors
/// Those of the database.
pub fn exported_people(conn: &mut AnyConn, account: i64, since: NaiveDateTime) -> Result<usize, DbError> {
    let details: Vec<String> = audit_event::table
        .filter(audit_event::account_id.eq(account))
        .filter(audit_event::action.eq("journal.export"))
        .filter(audit_event::at.ge(since))
        .select(audit_event::detail)
        .load(conn)?;
    let people = |detail: &String| detail.rsplit_once("people=").and_then(|(_, n)| n.parse::<usize>().ok());
    Ok(details.iter().filter_map(people).sum())
}

/// How far the journal opens.
#[derive(Debug, Clone)]
pub enum Reach {
    /// All regions, and what belongs to none: an officer of the installation.
    Installation,
    /// One region, as far as the scope goes in it.
    Region(UnitId, Scope),
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// From this moment on, UTC.
    pub from: Option<NaiveDateTime>,
    /// Before this moment, UTC.
    pub until: Option<NaiveDateTime>,
    /// Part of a login or of the name of whoever acted.
    pub who: Option<String>,
    /// One act.
    pub action: Option<&'static str>,
    /// One kind of object.
    pub object: Option<&'static str>,
    /// The role in which somebody looked.
    pub role: Option<Role>,
    /// Part of the name of the person whose data they are.
    pub person: Option<String>,
}

/// A row.
#[derive(Debug, Clone, Queryable)]
pub struct Row {
    /// Its id.
    pub id: i64,
    /// When, UTC.
    pub at: NaiveDateTime,
    /// Who; `None` is a command on the server.
    pub account: Option<i64>,
    /// For whom, when in someone's stead.
    pub on_behalf_of: Option<i64>,
    /// The act.
    pub action: String,
    /// Kind of the object.
    pub object_kind: String,
    /// The object.
    pub object: Option<i64>,
    /// Whose data.
    pub person: Option<i64>,
    /// Codes and ids.
    pub detail: String,
}

/// Rows with the names that belong to them.
#[derive(Debug, Default)]
pub struct Found {
    /// Rows, newest first.
    pub rows: Vec<Row>,
    /// How many there are in all.
    pub total: usize,
    /// How many different people the rows name.
    pub people: usize,
    /// Login and name by account.
    pub accounts: HashMap<i64, (String, String)>,
    /// Full names by person.
    pub persons: HashMap<i64, String>,
    /// Names of units that are named by their ids.
    pub units: HashMap<i64, String>,
    /// Titles of the records of the registers, by kind and id.
    pub records: HashMap<(&'static str, i64), String>,
}

/// A part of what is asked for; `span` turns the number of rows into how many to pass over and to take.
///
/// # Errors
/// Those of the database.
pub fn find(
    conn: &mut AnyConn,
    reach: &Reach,
    wanted: &Wanted,
    today: NaiveDate,
    span: impl FnOnce(usize) -> (usize, usize),
) -> Result<Found, DbError> {
    let bounds = match reach {
        Reach::Installation => None,
        Reach::Region(region, scope) => Some(Bounds::of(conn, *region, scope, today)?),
    };
    let named = match &wanted.who {
        Some(text) => named_so(conn, text)?,
        None => Vec::new(),
    };
    // Boxed queries are not cloned: the same conditions make the count and the page.
    macro_rules! narrowed {
        ($query:expr) => {{
            let mut query = $query.into_boxed();
            if let Some(bounds) = &bounds {
                query = query.filter(audit_event::region_id.eq(bounds.region.0));
                if let Some(organisations) = &bounds.organisations {
                    let own = working(bounds.region, organisations.clone(), today);
                    query = query.filter(audit_event::person_id.eq_any(own.select(employment::person_id.nullable())));
                }
            }
            if let Some(from) = wanted.from {
                query = query.filter(audit_event::at.ge(from));
            }
            if let Some(until) = wanted.until {
                query = query.filter(audit_event::at.lt(until));
            }
            if let Some(action) = wanted.action {
                query = query.filter(audit_event::action.eq(action));
            }
            // A list has a row of its own; those who stood on it come by name, or where they are asked for.
            if wanted.action.is_none() && wanted.person.is_none() {
                query = query.filter(audit_event::action.ne(SHOWN));
            }
            if let Some(object) = wanted.object {
                query = query.filter(audit_event::object_kind.eq(object));
            }
            if let Some(role) = wanted.role {
                // Acts that give a role or take one back name that one.
                let looks = audit_event::action.ne_all(["access.grant", "access.revoke"]);
                let alone = audit_event::detail.eq(format!("role={}", role.code()));
                let first = audit_event::detail.like(beginning(&format!("role={} ", role.code())));
                query = query.filter(looks.and(alone.or(first.escape('\\'))));
            }
            if let Some(text) = &wanted.who {
                let staff = account::table
                    .left_join(person::table.on(holder()))
                    .filter(
                        account::login
                            .like(holding(&text.to_lowercase()))
                            .escape('\\')
                            .nullable()
                            .or(person::search_key
                                .nullable()
                                .like(holding(&search_key(text)))
                                .escape('\\')),
                    )
                    .select(account::id.nullable());
                query = query.filter(
                    audit_event::account_id
                        .eq_any(staff)
                        .or(audit_event::account_id.eq_any(named.clone())),
                );
            }
            if let Some(text) = &wanted.person {
                let about = person::table
                    .filter(person::search_key.like(holding(&search_key(text))).escape('\\'))
                    .select(person::id.nullable());
                query = query.filter(audit_event::person_id.eq_any(about));
            }
            query
        }};
    }
    let total: i64 = narrowed!(audit_event::table.select(diesel::dsl::count_star())).first(conn)?;
    let total = usize::try_from(total).unwrap_or_default();
    let (skipped, taken) = span(total);
    let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let rows: Vec<Row> = narrowed!(audit_event::table.select((
        audit_event::id,
        audit_event::at,
        audit_event::account_id,
        audit_event::on_behalf_of_id,
        audit_event::action,
        audit_event::object_kind,
        audit_event::object_id,
        audit_event::person_id,
        audit_event::detail,
    )))
    .order((audit_event::at.desc(), audit_event::id.desc()))
    .offset(whole(skipped))
    .limit(whole(taken))
    .load(conn)?;
    let (accounts, mut people) = accounts(conn, &rows)?;
    let persons = persons(conn, &rows)?;
    let units = units(conn, &rows)?;
    let records = records::titles(conn, &rows)?;
    people.extend(rows.iter().filter_map(|r| r.person).map(Named::Person));
    // A pair has two.
    let pairs = records.keys().filter(|(kind, _)| *kind == "mentoring_pair").count();
    Ok(Found {
        people: people.len() + 2 * pairs,
        units,
        records,
        rows,
        total,
        accounts,
        persons,
    })
}

/// Accounts of people on no staff list who are called so: their names have no key of their own.
fn named_so(conn: &mut AnyConn, text: &str) -> Result<Vec<i64>, DbError> {
    let wanted = search_key(text);
    let named: Vec<(i64, Option<String>)> = account::table
        .filter(account::name.is_not_null())
        .select((account::id, account::name))
        .load(conn)?;
    let fits = |name: &Option<String>| name.as_ref().is_some_and(|n| search_key(n).contains(&wanted));
    Ok(named
        .into_iter()
        .filter(|(_, name)| fits(name))
        .map(|(id, _)| id)
        .collect())
}

/// Somebody whose name the rows bring.
#[derive(PartialEq, Eq, Hash)]
enum Named {
    Person(i64),
    /// The account of somebody on no staff list.
    Account(i64),
}

type Accounts = HashMap<i64, (String, String)>;

fn accounts(conn: &mut AnyConn, rows: &[Row]) -> Result<(Accounts, HashSet<Named>), DbError> {
    let mut wanted: Vec<i64> = rows
        .iter()
        .flat_map(|r| {
            [
                r.account,
                r.on_behalf_of,
                r.object.filter(|_| r.object_kind == "account"),
            ]
        })
        .flatten()
        .chain(rows.iter().flat_map(words::accounts))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let (mut found, mut people) = (HashMap::new(), HashSet::new());
    for block in wanted.chunks(1000) {
        let rows: Vec<(i64, Option<i64>, String, String)> = account::table
            .left_join(person::table.on(holder()))
            .filter(account::id.eq_any(block))
            .select((account::id, account::person_id, account::login, called()))
            .load(conn)?;
        people.extend(
            rows.iter()
                .map(|(id, person, ..)| person.map_or(Named::Account(*id), Named::Person)),
        );
        found.extend(rows.into_iter().map(|(id, _, login, name)| (id, (login, name))));
    }
    Ok((found, people))
}

fn units(conn: &mut AnyConn, rows: &[Row]) -> Result<HashMap<i64, String>, DbError> {
    let wanted: Vec<i64> = rows.iter().flat_map(words::units).collect();
    let mut found = HashMap::new();
    for block in wanted.chunks(1000) {
        let rows: Vec<(i64, String)> = unit::table
            .filter(unit::id.eq_any(block))
            .select((unit::id, unit::name))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

fn persons(conn: &mut AnyConn, rows: &[Row]) -> Result<HashMap<i64, String>, DbError> {
    let mut wanted: Vec<i64> = rows.iter().filter_map(|r| r.person).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut found = HashMap::new();
    for block in wanted.chunks(1000) {
        let rows: Vec<(i64, String, String, Option<String>)> = person::table
            .filter(person::id.eq_any(block))
            .select((person::id, person::last_name, person::first_name, person::patronymic))
            .load(conn)?;
        let name = |(id, last, first, patronymic): (i64, String, String, Option<String>)| {
            (id, full_name(&last, &first, patronymic.as_deref()))
        };
        found.extend(rows.into_iter().map(name));
    }
    Ok(found)
}

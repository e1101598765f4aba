//! «Кто смотрел мой профиль»: every look at the own card, plan, scores or files by somebody else, newest first.

use std::collections::HashMap;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use serde::Serialize;

use crate::access::{Role, store};
use crate::audit::words::{self, LOOKS, WAYS_IN};
use crate::db::schema::{account, audit_event, role_grant, unit};
use crate::db::{AnyConn, DbError};
use crate::desk::list::{List, PAGE};
use crate::desk::plan::teacher::own;
use crate::pages::parts::{Cell, Column, Empty, Paging, Register};
use crate::pages::text::{NOTHING, count, moment};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Page {
    lead: String,
    register: Option<Register>,
    paging: Option<Paging>,
    empty: Empty,
}

/// A look: when, which account, what, and the codes that were written with it.
type Look = (NaiveDateTime, Option<i64>, String, String);
/// Role and unit of the grants of accounts.
type Grants = HashMap<i64, Vec<(Role, Option<String>)>>;

#[derive(Default)]
struct Looks {
    rows: Vec<Look>,
    total: usize,
    names: HashMap<i64, String>,
    grants: Grants,
}

/// GET /viewed
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &[])?;
        let looks = match own(&call)? {
            None => Looks::default(),
            Some((region, person)) => {
                let page = at.clone();
                let read = move |c: &mut AnyConn| -> Result<_, DbError> { load(c, region, person, &page) };
                call.app().db.read(read).await?
            }
        };
        let zone = call.zone();
        let columns = [
            Column::words("Когда"),
            Column::words("Кто"),
            Column::words("Роль"),
            Column::words("Откуда"),
            Column::words("Что открыли"),
        ];
        let rows: Vec<Vec<Cell>> = looks.rows.iter().map(|look| row(look, &looks, zone)).collect();
        let times = i64::try_from(looks.total).unwrap_or(i64::MAX);
        let page = Page {
            lead: if times == 0 {
                "Здесь видно, кто, когда и откуда открывал ваши результаты и маршрут.".to_owned()
            } else {
                format!("Ваши данные открывали {}.", count(times, "раз", "раза", "раз"))
            },
            register: (!rows.is_empty()).then(|| Register::new("Кто смотрел", &columns, rows)),
            paging: at.paging(looks.total),
            empty: Empty::new(
                "Ваш профиль пока никто не открывал",
                "Когда тьютор, ЦНППМ или руководитель откроет вашу карточку или файл, запись появится здесь сразу.",
            ),
        };
        Answer::page("desk/viewed", &page)
    })
}

fn load(conn: &mut AnyConn, region: UnitId, of: PersonId, at: &List) -> Result<Looks, DbError> {
    let own: Vec<i64> = account::table
        .filter(account::person_id.eq(of))
        .select(account::id)
        .load(conn)?;
    let seen: Vec<&str> = LOOKS.iter().chain(WAYS_IN).map(|(action, _)| *action).collect();
    macro_rules! looks {
        ($columns:expr) => {
            audit_event::table
                .filter(audit_event::person_id.eq(of.0))
                .filter(audit_event::region_id.eq(region.0))
                .filter(audit_event::action.eq_any(seen.clone()))
                .filter(
                    audit_event::account_id
                        .is_null()
                        .or(audit_event::account_id.ne_all(own.clone())),
                )
                .select($columns)
        };
    }
    let total: i64 = looks!(diesel::dsl::count_star()).first(conn)?;
    let total = usize::try_from(total).unwrap_or_default();
    let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let rows: Vec<Look> = looks!((
        audit_event::at,
        audit_event::account_id,
        audit_event::action,
        audit_event::detail
    ))
    .order((audit_event::at.desc(), audit_event::id.desc()))
    .offset(whole(at.skipped(total)))
    .limit(whole(PAGE))
    .load(conn)?;
    let mut accounts: Vec<i64> = rows.iter().filter_map(|(_, account, ..)| *account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    Ok(Looks {
        names: store::names(conn, &accounts)?,
        grants: grants(conn, &accounts)?,
        rows,
        total,
    })
}

/// Roles of accounts with the names of their units as they are called now, also of roles that have ended since.
fn grants(conn: &mut AnyConn, of: &[i64]) -> Result<Grants, DbError> {
    let rows: Vec<(i64, Role, Option<String>)> = role_grant::table
        .left_join(unit::table.on(unit::id.nullable().eq(role_grant::unit_id)))
        .filter(role_grant::account_id.eq_any(of))
        .filter(role_grant::superseded_at.is_null())
        .order(role_grant::id)
        .select((role_grant::account_id, role_grant::role, unit::name.nullable()))
        .load(conn)?;
    let mut found = Grants::new();
    for (account, role, unit) in rows {
        found.entry(account).or_default().push((role, unit));
    }
    Ok(found)
}

fn row((at, account, action, detail): &Look, looks: &Looks, zone: TimeDelta) -> Vec<Cell> {
    let held = account
        .and_then(|id| looks.grants.get(&id))
        .map_or(&[][..], Vec::as_slice);
    let written = detail.split(' ').find_map(|part| part.strip_prefix("role="));
    // Rows from before roles were written down: whoever has one role only looked in it.
    let role = match (written.and_then(Role::from_code), held) {
        (Some(role), _) => Some(role),
        (None, [(role, _)]) => Some(*role),
        (None, _) => None,
    };
    let units = held
        .iter()
        .filter(|(r, _)| Some(*r) == role)
        .filter_map(|(_, unit)| unit.clone());
    let units = units.collect::<Vec<_>>().join(", ");
    let name = match account {
        None => "команда на сервере",
        Some(id) => looks.names.get(id).map_or("учётной записи больше нет", String::as_str),
    };
    let some = |text: String| Cell::text(if text.is_empty() { NOTHING.to_owned() } else { text });
    vec![
        Cell::text(moment(*at, zone)),
        Cell::text(name),
        some(role.map_or_else(String::new, |r| r.label().to_owned())),
        some(units),
        Cell::text(
            words::of(LOOKS, action)
                .or_else(|| words::of(WAYS_IN, action))
                .unwrap_or(action),
        ),
    ]
}

//! «Кто смотрел мой профиль»: every look at the own card, plan, scores or files by somebody else, and every list that told
//! more than name, place and state of the plan, newest first.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use serde::Serialize;

use crate::access::{Role, store};
use crate::audit::words::{self, LOOKS, SHOWN, TELLING, WAYS_IN};
use crate::db::schema::{account, audit_event, role_grant, unit};
use crate::db::{AnyConn, DbError};
use crate::desk::list::{self, List, PAGE};
use crate::desk::plan::teacher::own;
use crate::pages::parts::{Cell, Column, Empty, Filters, Link, Paging, Register};
use crate::pages::text::{NOTHING, count, moment};
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;
use crate::units::model::holds_on;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Page {
    lead: String,
    filters: Option<Filters>,
    register: Option<Register>,
    paging: Option<Paging>,
    empty: Empty,
}

/// Looks at the own card, plan, profile and files, and ways into the account, in the address.
const OWN: &str = "own";
/// Lists that told something, in the address.
const LISTS: &str = "lists";

/// A look: when, which account, in whose stead, what, the kind of its object, and the codes that were written with it.
type Look = (NaiveDateTime, Option<i64>, Option<i64>, String, String, String);
/// A role as it was given: from which moment to which, for which days, and where.
struct Given {
    role: Role,
    unit: Option<String>,
    recorded_at: NaiveDateTime,
    superseded_at: Option<NaiveDateTime>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}
type Grants = HashMap<i64, Vec<Given>>;

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
        let at = List::of(&call, &["show"])?;
        let kind = |code: &str| [OWN, LISTS].into_iter().find(|known| *known == code);
        let show = at.known("show", kind)?;
        let looks = match own(&call)? {
            None => Looks::default(),
            Some((region, person)) => {
                let page = at.clone();
                let read = move |c: &mut AnyConn| -> Result<_, DbError> { load(c, region, person, &page, show) };
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
        let kinds = [(OWN, "карточка, маршрут, файлы, вход"), (LISTS, "списки")];
        let kinds = kinds.map(|(code, label)| (code.to_owned(), label.to_owned()));
        let filters = vec![at.select("show", "Что открывали", "всё", kinds)?];
        let filters = at.filters(filters, list::found(looks.total, "запись", "записи", "записей"));
        let page = Page {
            filters: (times > 0 || !at.is_plain()).then_some(filters),
            lead: if times == 0 || show.is_some() {
                "Здесь видно, кто, когда и откуда открывал ваши результаты и маршрут.".to_owned()
            } else {
                format!("Ваши данные открывали {}.", count(times, "раз", "раза", "раз"))
            },
            register: (!rows.is_empty()).then(|| Register::new("Кто смотрел", &columns, rows)),
            paging: at.paging(looks.total),
            empty: empty(&at),
        };
        Answer::page("desk/viewed", &page)
    })
}

fn empty(at: &List) -> Empty {
    if at.is_plain() {
        return Empty::new(
            "Ваш профиль пока никто не открывал",
            "Когда тьютор, ЦНППМ или руководитель откроет вашу карточку, файл или список с вашими темами, запись появится \
             здесь сразу.",
        );
    }
    let mut empty = Empty::new("Таких записей нет", "Под выбранное условие не подходит ни одна запись.");
    empty.action = Some(Link::new("Показать все", "/viewed"));
    empty
}

fn load(
    conn: &mut AnyConn,
    region: UnitId,
    of: PersonId,
    at: &List,
    show: Option<&'static str>,
) -> Result<Looks, DbError> {
    let own: Vec<i64> = account::table
        .filter(account::person_id.eq(of))
        .select(account::id)
        .load(conn)?;
    let own_data = LOOKS.iter().chain(WAYS_IN).map(|(action, _)| *action);
    let seen: Vec<&str> = own_data
        .filter(|_| show != Some(LISTS))
        .chain((show != Some(OWN)).then_some(SHOWN))
        .collect();
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
        audit_event::on_behalf_of_id,
        audit_event::action,
        audit_event::object_kind,
        audit_event::detail
    ))
    .order((audit_event::at.desc(), audit_event::id.desc()))
    .offset(whole(at.skipped(total)))
    .limit(whole(PAGE))
    .load(conn)?;
    let mut accounts: Vec<i64> = rows
        .iter()
        .flat_map(|(_, account, stead, ..)| [*account, *stead])
        .flatten()
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    Ok(Looks {
        names: store::names(conn, &accounts)?,
        grants: grants(conn, &accounts)?,
        rows,
        total,
    })
}

/// All roles that accounts ever had, with the names of their units as they are called now.
fn grants(conn: &mut AnyConn, of: &[i64]) -> Result<Grants, DbError> {
    type Row = (
        i64,
        Role,
        Option<String>,
        NaiveDateTime,
        Option<NaiveDateTime>,
        Option<NaiveDate>,
        Option<NaiveDate>,
    );
    let rows: Vec<Row> = role_grant::table
        .left_join(unit::table.on(unit::id.nullable().eq(role_grant::unit_id)))
        .filter(role_grant::account_id.eq_any(of))
        .order(role_grant::id)
        .select((
            role_grant::account_id,
            role_grant::role,
            unit::name.nullable(),
            role_grant::recorded_at,
            role_grant::superseded_at,
            role_grant::valid_from,
            role_grant::valid_to,
        ))
        .load(conn)?;
    let mut found = Grants::new();
    for (account, role, unit, recorded_at, superseded_at, from, to) in rows {
        found.entry(account).or_default().push(Given {
            role,
            unit,
            recorded_at,
            superseded_at,
            from,
            to,
        });
    }
    Ok(found)
}

fn row((at, account, stead, action, object, detail): &Look, looks: &Looks, zone: TimeDelta) -> Vec<Cell> {
    // Whoever stands in for somebody looks with the other's role and from the other's unit, as they were at that moment.
    let day = (*at + zone).date();
    let held: Vec<&Given> = stead
        .or(*account)
        .and_then(|id| looks.grants.get(&id))
        .into_iter()
        .flatten()
        .filter(|g| g.recorded_at <= *at && g.superseded_at.is_none_or(|ended| *at < ended))
        .filter(|g| holds_on(g.from, g.to, day))
        .collect();
    let written = detail.split(' ').find_map(|part| part.strip_prefix("role="));
    // Rows from before roles were written down: whoever has one role only looked in it.
    let role = match (written.and_then(Role::from_code), held.as_slice()) {
        (Some(role), _) => Some(role),
        (None, [only]) => Some(only.role),
        (None, _) => None,
    };
    let units = held
        .iter()
        .filter(|g| Some(g.role) == role)
        .filter_map(|g| g.unit.clone());
    let units = units.collect::<Vec<_>>().join(", ");
    let named = |id: &i64| looks.names.get(id).map_or("учётной записи больше нет", String::as_str);
    let name = match (account, stead.filter(|_| !planted!("stead_unnamed"))) {
        (None, _) => "команда на сервере".to_owned(),
        (Some(id), None) => named(id).to_owned(),
        (Some(id), Some(of)) => format!("{} (замещает: {})", named(id), named(&of)),
    };
    let some = |text: String| Cell::text(if text.is_empty() { NOTHING.to_owned() } else { text });
    vec![
        Cell::text(moment(*at, zone)),
        Cell::text(name),
        some(role.map_or_else(String::new, |r| r.label().to_owned())),
        some(units),
        Cell::text(opened(action, object)),
    ]
}

/// What was opened, in words.
fn opened<'a>(action: &'a str, object: &'a str) -> &'a str {
    if action == SHOWN {
        return words::of(TELLING, object).unwrap_or_else(|| words::object(object));
    }
    words::of(LOOKS, action)
        .or_else(|| words::of(WAYS_IN, action))
        .unwrap_or(action)
}

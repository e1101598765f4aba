//! «Журнал действий»: who did what and whose data were opened, with filters in the address. Opening it is a row of it.

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

use crate::access::Role;
use crate::access::link::LinkKind;
use crate::audit::Entry;
use crate::audit::words as codes;
use crate::db::AnyConn;
use crate::desk::journal::rows::{self, Found, Reach, Row, Wanted};
use crate::desk::journal::words;
use crate::desk::list::{self, List, PAGE};
use crate::desk::looked;
use crate::error::{Error, Refusal};
use crate::pages::parts::{Cell, Column, Empty, Filter, Filters, Link, Paging, Problem, Register};
use crate::pages::text::{capital, number, typed_day};
use crate::units::UnitId;
use crate::web::address::address;
use crate::web::call::Visitor;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// Names of the filters.
pub(crate) const FILTERS: &[&str] = &["from", "to", "who", "action", "object", "in_role", "person"];
/// Filters that somebody types: names stay out of the journal.
pub(crate) const TYPED: &[&str] = &["who", "person"];
/// The most rows that a file holds.
pub(crate) const MOST: usize = 10_000;
/// What narrows many rows, the best first.
pub(crate) const BY_ROWS: &[&str] = &["from", "action", "object", "who", "in_role", "person"];
/// What narrows rows about many people, the best first.
pub(crate) const BY_PEOPLE: &[&str] = &["person", "who", "object", "action", "in_role", "from"];

#[derive(Serialize)]
struct Page {
    problems: Vec<Problem>,
    filters: Filters,
    register: Option<Register>,
    paging: Option<Paging>,
    export: Option<String>,
    too_many: Option<String>,
    empty: Empty,
}

/// GET /journal
pub fn show(call: Call) -> Answering {
    Box::pin(async move { answer(&call, List::of(&call, FILTERS)?, None).await })
}

/// The page; where its file was refused, it says why.
pub(crate) async fn answer(call: &Call, at: List, refused: Option<&Refusal>) -> Result<Answer, Error> {
    let own = at.clone();
    let found = find(call, &at, move |total| (own.skipped(total), PAGE)).await?;
    note(call, &at, "journal.read", &found).await?;
    let given = FILTERS.iter().filter_map(|name| Some((*name, at.get(name)?)));
    let fits = (1..=MOST).contains(&found.total) && refused.is_none();
    let limit = i64::try_from(MOST).unwrap_or(i64::MAX);
    let of_people = |why: &&Refusal| why.code == "journal.too_many_people";
    let order = refused.filter(of_people).map_or(BY_ROWS, |_| BY_PEOPLE);
    let (field, add) = to_add(&at, order);
    let problem = |why: &Refusal| Problem {
        field,
        text: capital(&format!("{why}.")),
    };
    let page = Page {
        problems: refused.into_iter().map(problem).collect(),
        export: fits.then(|| address("/journal/export", given)),
        too_many: (found.total > MOST && refused.is_none())
            .then(|| format!("Выгрузить можно не больше {} записей за раз: {add}.", number(limit))),
        register: (!found.rows.is_empty()).then(|| register(call, &found)),
        paging: at.paging(found.total),
        empty: empty(&at),
        filters: at.filters(filters(&at)?, list::found(found.total, "запись", "записи", "записей")),
    };
    let answer = Answer::page("desk/journal", &page)?;
    Ok(match refused {
        Some(_) => answer.title("Ошибка: журнал действий").status(422),
        None if at.is_plain() => answer.title("Журнал действий"),
        None => answer.title("Журнал действий: отбор"),
    })
}

fn filters(at: &List) -> Result<Vec<Filter>, Error> {
    let pair = |(code, name): &(&str, &str)| ((*code).to_owned(), (*name).to_owned());
    let lists = codes::LISTS
        .iter()
        .filter(|(code, _)| codes::of(codes::OBJECTS, code).is_none());
    let roles = Role::ALL
        .iter()
        .map(|role| (role.code().to_owned(), role.label().to_owned()));
    Ok(vec![
        at.search("from", "С даты (ДД.ММ.ГГГГ)"),
        at.search("to", "По дату (ДД.ММ.ГГГГ)"),
        at.search("who", "Кто: логин или имя"),
        at.select("action", "Действие", "любое", codes::ACTIONS.iter().map(pair))?,
        at.select(
            "object",
            "Объект",
            "любой",
            codes::OBJECTS.iter().chain(lists).map(pair),
        )?,
        at.select("in_role", "В какой роли открывали", "в любой", roles)?,
        at.search("person", "О ком: фамилия"),
    ])
}

/// The first of some filters that is not used yet: its field, and what to do with it.
pub(crate) fn to_add(at: &List, order: &[&str]) -> (&'static str, &'static str) {
    let next = order.iter().find(|name| at.get(name).is_none());
    match next.copied() {
        Some("action") => ("f-action", "выберите действие"),
        Some("object") => ("f-object", "выберите объект"),
        Some("in_role") => ("f-in_role", "выберите роль, в которой открывали"),
        Some("who") => ("f-who", "напишите, кто действовал"),
        Some("person") => ("f-person", "напишите фамилию того, о ком записи"),
        _ => ("f-from", "сузьте даты"),
    }
}

fn empty(at: &List) -> Empty {
    if at.is_plain() {
        return Empty::new("Записей пока нет", "Здесь появится всё, что люди сделают и откроют.");
    }
    let mut empty = Empty::new("Таких записей нет", "Под выбранные условия не подходит ни одна запись.");
    empty.action = Some(Link::new("Сбросить условия", "/journal"));
    empty
}

/// What the address asks for, as far as the visitor's journal goes.
pub(crate) async fn find(
    call: &Call,
    at: &List,
    span: impl FnOnce(usize) -> (usize, usize) + Send + 'static,
) -> Result<Found, Error> {
    let (reach, wanted) = (reach(call.visitor()?)?, wanted(call, at)?);
    let today = call.app().clock.today();
    let read = move |c: &mut AnyConn| rows::find(c, &reach, &wanted, today, span).map_err(Error::from);
    call.app().db.read(read).await
}

/// The row of the journal about the journal itself.
pub(crate) async fn note(call: &Call, at: &List, action: &'static str, found: &Found) -> Result<(), Error> {
    let entry = entry(call, at, action, found)?;
    looked::note(call, entry).await
}

/// What that row says.
pub(crate) fn entry(call: &Call, at: &List, action: &'static str, found: &Found) -> Result<Entry, Error> {
    let ids: Vec<i64> = found.rows.iter().map(|row| row.id).collect();
    let (visitor, key) = (call.visitor()?, &call.app().keys.audit);
    let mut entry = looked::at_list(visitor, key, "audit_event", &at.codes(TYPED), &ids, found.total);
    entry.action = action;
    Ok(entry)
}

/// An officer for personal data whose role stands over no region sees the installation; whoever else has no region sees
/// no journal.
fn reach(visitor: &Visitor) -> Result<Reach, Error> {
    let officer = visitor.role().is_some_and(|r| r.code == Role::SecurityOfficer.code());
    match visitor.region {
        Some(region) => Ok(Reach::Region(UnitId(region), visitor.scope.clone())),
        None if officer => Ok(Reach::Installation),
        None => Err(Error::NotFound("журнал".into())),
    }
}

fn wanted(call: &Call, at: &List) -> Result<Wanted, Error> {
    let day = |name| at.get(name).map(date).transpose();
    let action = at.known("action", |code| {
        let known = codes::ACTIONS.iter().find(|(c, _)| *c == code);
        known.map(|(c, _)| *c)
    })?;
    let object = at.known("object", |code| {
        let known = codes::OBJECTS.iter().chain(codes::LISTS).find(|(c, _)| *c == code);
        known.map(|(c, _)| *c)
    })?;
    Ok(Wanted {
        object,
        role: at.known("in_role", Role::from_code)?,
        from: day("from")?.map(|on| call.midnight(on)),
        until: day("to")?.and_then(|on| on.succ_opt()).map(|on| call.midnight(on)),
        who: at.get("who").map(str::to_owned),
        action,
        person: at.get("person").map(str::to_owned),
    })
}

fn date(text: &str) -> Result<NaiveDate, Error> {
    typed_day(text)
        .filter(|on| (1900..=9000).contains(&chrono::Datelike::year(on)))
        .ok_or_else(|| Error::Invalid(format!("«{text}» не дата. Пишите день, месяц и год: 28.02.2026.")))
}

/// A moment in the region's zone.
pub(crate) fn moment(call: &Call, at: NaiveDateTime) -> String {
    (at + call.zone()).format("%d.%m.%Y, %H:%M:%S").to_string()
}

/// «Анна Ким (a.kim)». Without an account it was the server's own command, or somebody who had not signed in: no command
/// asks for a link for a new password, and none tries passwords.
pub(crate) fn who(found: &Found, row: &Row) -> String {
    match (row.account, row.action.as_str()) {
        (Some(id), _) => called(found, id),
        (None, "access.link") if row.detail == format!("kind={}", LinkKind::Reset) => {
            "по просьбе на странице входа".to_owned()
        }
        (None, codes::FAILED) => "личность не подтверждена".to_owned(),
        (None, codes::SPRAY) => "неизвестно кто: много неудачных входов под разными логинами".to_owned(),
        (None, _) => "команда на сервере".to_owned(),
    }
}

fn called(found: &Found, account: i64) -> String {
    match found.accounts.get(&account) {
        Some((login, name)) if name == login => login.clone(),
        Some((login, name)) => format!("{name} ({login})"),
        None => "учётной записи больше нет".to_owned(),
    }
}

/// What was done, with the list or the person in whose stead it was.
pub(crate) fn what(found: &Found, row: &Row) -> String {
    let named = codes::named(&row.action);
    if row.action == codes::READ_LIST && row.object_kind == "account" && row.object.is_some() {
        return stead(found, row, "Открыта учётная запись".to_owned());
    }
    let of_list = [codes::READ_LIST, codes::SHOWN].contains(&row.action.as_str());
    let list = codes::of(codes::LISTS, &row.object_kind).filter(|_| of_list);
    let named = list.map_or_else(|| named.to_owned(), |list| format!("{named}: {list}"));
    stead(found, row, named)
}

fn stead(found: &Found, row: &Row, named: String) -> String {
    match row.on_behalf_of {
        Some(id) if row.action == "access.stand_in" => format!("{named}: {}", called(found, id)),
        Some(id) => format!("{named}, по замещению: {}", called(found, id)),
        None => named,
    }
}

/// The full name of the person whose data they are.
pub(crate) fn about(found: &Found, row: &Row) -> String {
    let account = row
        .object
        .filter(|_| row.person.is_none() && row.object_kind == "account");
    if let Some(id) = account.filter(|id| found.accounts.contains_key(id)) {
        return called(found, id);
    }
    let name = row.person.map(|id| found.persons.get(&id).cloned());
    name.map_or_else(String::new, |name| {
        name.unwrap_or_else(|| "человека больше нет в базе".to_owned())
    })
}

/// Where the object opens, for whoever may open it.
fn href(visitor: &Visitor, row: &Row) -> Option<String> {
    let (path, needed) = match row.object_kind.as_str() {
        "iom" => ("/plans/", Capability::Plans),
        "iom_evidence" => ("/evidence/", Capability::Evidence),
        "upload" => ("/upload/", Capability::Upload),
        _ => return None,
    };
    let id = row.object.filter(|_| visitor.may(needed))?;
    Some(format!("{path}{id}"))
}

fn register(call: &Call, found: &Found) -> Register {
    let columns = [
        Column::words("Когда"),
        Column::words("Кто"),
        Column::words("Действие"),
        Column::words("О ком"),
        Column::words("Подробности"),
        Column::words("Коды"),
    ];
    let row = |row: &Row| {
        let what = what(found, row);
        let opened = call.visitor.as_ref().and_then(|visitor| href(visitor, row));
        vec![
            Cell::text(moment(call, row.at)),
            Cell::text(who(found, row)),
            opened.map_or_else(|| Cell::text(what.clone()), |to| Cell::link(what.clone(), to)),
            Cell::text(about(found, row)),
            Cell::text(words::details(found, row)),
            Cell::text(row.detail.clone()),
        ]
    };
    Register::new("Журнал действий", &columns, found.rows.iter().map(row).collect())
}

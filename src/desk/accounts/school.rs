//! «Учётные записи»: the staff of the own organisations, who has an account, and sheets for those who have none.

use chrono::TimeDelta;
use serde::Serialize;

use crate::access::sheets::{Issuer, Standing};
use crate::audit;
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::accounts::rows::{self, Member};
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::registers::file;
use crate::desk::school::coverage_rows;
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Column, Empty, Filters, Link, Paging, Problem, Register, Tone};
use crate::pages::text::{count, moment};
use crate::people::PersonId;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, Visitor};

/// What the address of the list may hold.
const NAMES: [&str; 3] = ["q", "state", "unit"];

#[derive(Serialize)]
struct Page {
    problems: Vec<Problem>,
    /// What has just been done.
    done: Option<&'static str>,
    token: String,
    lead: String,
    all: Option<Link>,
    filters: Filters,
    people: Vec<Shown>,
    ticks: bool,
    paging: Option<Paging>,
    empty: Empty,
}

/// A row of the list.
#[derive(Serialize)]
struct Shown {
    id: String,
    name: String,
    about: String,
    /// Positions and the login, for the file.
    #[serde(skip)]
    place: [String; 2],
    chip: Chip,
    /// Whether it may be ticked together with others.
    tick: bool,
    /// Where a new sheet is asked for.
    sheet: Option<String>,
    /// Whether an invitation can be sent in its place.
    invite: bool,
    /// Why not.
    bar: Option<&'static str>,
}

/// What was read.
#[derive(Default)]
struct Read {
    by: Option<Issuer>,
    everyone: usize,
    /// How many have no account.
    without: usize,
    found: Vec<Member>,
    units: Vec<(String, String)>,
}

/// GET /accounts
pub fn show(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?, None).await })
}

/// GET /accounts/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?.whole(), None).await })
}

/// The list with a word about what cannot be done.
///
/// # Errors
/// Those of the list.
pub async fn refused(call: &Call, why: String) -> Result<Answer, Error> {
    let problem = Problem {
        field: "staff",
        text: why,
    };
    let answer = page(call, List::plain("/accounts"), Some(problem)).await?;
    Ok(answer.status(422).title("Ошибка: учётные записи"))
}

async fn page(call: &Call, at: List, problem: Option<Problem>) -> Result<Answer, Error> {
    let visitor = call.visitor()?.clone();
    let state = at.known("state", Standing::from_code)?;
    let own = at.clone();
    let (now, today) = (call.app().clock.now(), call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<Read, Error> {
        let Some(by) = rows::issuer(c, &visitor, today)? else {
            return Ok(Read::default());
        };
        let all: Vec<_> = by.organisations.iter().copied().collect();
        let organisations = match own.get("unit") {
            Some(code) => vec![coverage_rows::within(c, &all, code, today)?],
            None => all.clone(),
        };
        let members = rows::members(c, &by, &organisations, now, today)?;
        let text = own.get("q").map(search_key);
        let fits = |m: &Member| {
            state.is_none_or(|s| m.standing() == s) && text.as_ref().is_none_or(|t| m.search_key.contains(t.as_str()))
        };
        let (everyone, without) = (members.len(), members.iter().filter(|m| is_without(m, &by)).count());
        let found: Vec<Member> = members.into_iter().filter(fits).collect();
        let units = coverage_rows::named(c, &all, today)?;
        Ok(Read {
            by: Some(by),
            everyone,
            without,
            found,
            units,
        })
    };
    let read = call.app().db.read(read).await?;
    if read.by.is_some() && !at.is_whole() {
        let ids: Vec<PersonId> = at.rows(read.found.iter().map(|m| m.id).collect());
        looked::list(call, "account", &at.codes(&["q"]), &ids, read.found.len()).await?;
    }
    let zone = call.zone();
    let mut page = laid(&at, read, problem, zone)?;
    page.done = call.query.get("done").map(|_| "Приглашение отправлено");
    page.token = call.token();
    if at.is_whole() {
        let ids: Vec<&str> = page.people.iter().map(|p| p.id.as_str()).collect();
        let codes = at.codes(&["q"]);
        let of = ListFile::of_people("account", "Учётные записи", codes, &ids, Capability::Accounts);
        let of = of.chosen(file::said(&page.lead, Some(&page.filters)));
        return file::named(call, &at, &of, &table(&page.people).iter().collect::<Vec<_>>()).await;
    }
    Answer::page("desk/accounts", &page)
}

/// Writes down who of the staff were read: what was chosen, those of the page, and how many there are.
///
/// # Errors
/// Those of the database.
pub fn noted(
    tx: &mut Tx<'_>,
    key: &[u8],
    by: &Visitor,
    filter: &str,
    shown: &[PersonId],
    found: usize,
) -> Result<(), DbError> {
    let entry = looked::at_list(by, key, "account", filter, shown, found);
    audit::record(tx, key, &[entry])
}

/// Whether an account may be made for somebody here.
#[must_use]
pub fn is_without(of: &Member, by: &Issuer) -> bool {
    of.account.is_none() && of.may(by)
}

fn laid(at: &List, read: Read, problem: Option<Problem>, zone: TimeDelta) -> Result<Page, Error> {
    let rows = read.found.len();
    let in_words = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let people: Vec<Shown> = match &read.by {
        Some(by) => at.rows(read.found).into_iter().map(|m| shown(m, by, zone)).collect(),
        None => Vec::new(),
    };
    let own = |s: &Standing| (s.code().to_owned(), s.label().to_owned());
    let mut filters = vec![
        at.search("q", "Фамилия или имя"),
        at.select("state", "Учётная запись", "любая", Standing::ALL.iter().map(own))?,
    ];
    if read.units.len() > 1 {
        filters.push(at.select("unit", "Организация", "все", read.units)?);
    }
    let lead = match read.without {
        0 => {
            "Учётные записи есть у всех. Кто забыл пароль или не успел войти, тому напечатайте новый листок.".to_owned()
        }
        n => format!(
            "Нет учётной записи: {} из {}. Вход печатается на листке, адрес почты не нужен.",
            in_words(n),
            in_words(read.everyone)
        ),
    };
    let all = (read.without > 0).then(|| {
        let words = format!("Создать учётные записи всем, у кого их нет ({})", read.without);
        Link::new(words, "/accounts/check?all=yes")
    });
    let empty = if read.everyone == 0 {
        Empty::new(
            "Здесь пока никого нет",
            "Список появится, когда оператор загрузит сотрудников вашей организации.",
        )
    } else {
        let mut empty = Empty::new(
            "Никого не нашлось",
            "С такими фильтрами никого нет: снимите один из них.",
        );
        empty.action = Some(Link::new("Показать всех", "/accounts"));
        empty
    };
    let mut filters = at.filters(filters, list::found(rows, "сотрудник", "сотрудника", "сотрудников"));
    filters.file = (rows > 0).then(|| at.file());
    Ok(Page {
        problems: problem.into_iter().collect(),
        done: None,
        token: String::new(),
        lead: if read.everyone == 0 { String::new() } else { lead },
        all,
        filters,
        ticks: people.iter().any(|p| p.tick),
        people,
        paging: at.paging(rows),
        empty,
    })
}

fn shown(of: Member, by: &Issuer, zone: TimeDelta) -> Shown {
    let standing = of.standing();
    let (tone, said) = match (standing, of.account.as_ref().and_then(|a| a.until)) {
        (Standing::Waits, Some(until)) => (Tone::Wait, format!("ждёт первого входа до {}", moment(until, zone))),
        (Standing::Works, _) => (Tone::Done, standing.label().to_owned()),
        (Standing::Late, _) => (Tone::Late, standing.label().to_owned()),
        _ => (Tone::Calm, standing.label().to_owned()),
    };
    let may = of.may(by);
    let positions: Vec<String> = of.positions.iter().cloned().collect();
    let login = of.account.as_ref().map(|a| a.login.clone());
    let place = [positions.join(", "), login.clone().unwrap_or_default()];
    let about: Vec<String> = positions
        .into_iter()
        .chain(login.map(|login| format!("логин {login}")))
        .collect();
    Shown {
        tick: may && standing != Standing::Works,
        invite: may && standing != Standing::Works && of.account.as_ref().is_some_and(|a| a.has_mail),
        sheet: (may && standing != Standing::Nobody).then(|| format!("/accounts/check?id={}", of.id)),
        bar: of.account.as_ref().and_then(|a| a.bar).map(|bar| bar.label()),
        id: of.id.to_string(),
        name: of.name,
        about: about.join(" · "),
        place,
        chip: Chip::new(tone, said),
    }
}

/// The list without its buttons, where there is somebody on it.
fn table(people: &[Shown]) -> Option<Register> {
    let columns = [
        Column::words("Сотрудник"),
        Column::words("Должность"),
        Column::words("Логин"),
        Column::words("Учётная запись"),
        Column::words("Почему нельзя новый листок"),
    ];
    let row = |of: &Shown| {
        let [positions, login] = &of.place;
        vec![
            Cell::text(of.name.clone()),
            Cell::text(positions.clone()),
            Cell::text(login.clone()),
            Cell::chip(of.chip.clone()),
            Cell::text(of.bar.unwrap_or_default()),
        ]
    };
    (!people.is_empty()).then(|| Register::new("Учётные записи", &columns, people.iter().map(row).collect()))
}

/// «3 сотрудника».
#[must_use]
pub fn people(n: usize) -> String {
    count(
        i64::try_from(n).unwrap_or(i64::MAX),
        "сотрудник",
        "сотрудника",
        "сотрудников",
    )
}

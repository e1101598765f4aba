//! «Закрепление молодых педагогов»: of those who began in a year, how many still teach after one, two, three … years in
//! the same organisation, municipality, region; every number opens its people for whoever may.

use chrono::Datelike as _;

use crate::db::AnyConn;
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::plan::rows as plan_rows;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Sheet};
use crate::desk::registers::reach::{Held, missing};
use crate::desk::small_cells::{FEWEST, Told};
use crate::desk::workforce::report::opens;
use crate::desk::workforce::retention_rows::{self as rows, Beginner, Where, YEARS};
use crate::desk::workforce::territory::{self, Territory};
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Empty, Fact, Filters, Link, Register};
use crate::pages::text::{NOTHING, capital, count, date, number};
use crate::people::PersonId;
use crate::planted;
use crate::units::Unit;
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// Years back from today that are followed unless another first year is asked for.
const BACK: i32 = 8;

struct Found {
    held: Held,
    unit: Unit,
    since: i32,
    beginners: Vec<Beginner>,
    units: Vec<(String, String)>,
    /// Whether whoever opens no lists asks for a part of the own unit: nothing is told of it.
    silent: bool,
}

async fn find(call: &Call, at: &mut List) -> Result<Found, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let year = |text: &str| text.parse::<i32>().ok().filter(|y| (1950..=today.year()).contains(y));
    let how = format!("Напишите год, с 1950 по {}.", today.year());
    let since = at.typed("since", &how, year).unwrap_or(today.year() - BACK);
    let code = at.get("unit").map(str::to_owned);
    let read = move |c: &mut AnyConn| -> Result<Found, Error> {
        let Territory {
            held,
            unit,
            inside,
            units,
            silent,
        } = territory::of(c, &visitor, code.as_deref(), today)?;
        let beginners = rows::beginners(c, held.region, inside.as_ref(), since, (&held.tree, today))?;
        Ok(Found {
            silent,
            held,
            unit,
            since,
            beginners,
            units,
        })
    };
    call.app().db.read(read).await
}

fn filters(at: &List, found: &Found) -> Result<Filters, Error> {
    let since = crate::pages::parts::Filter {
        value: found.since.to_string(),
        ..at.search("since", "Начали с года")
    };
    let all = vec![territory::choice(at, &found.unit, &found.units)?, since];
    Ok(at.filters(
        all,
        "Считаются те, кто начал педагогическую работу моложе 35 лет.".into(),
    ))
}

/// GET /retention
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let mut at = List::of_table(&call, &["unit", "since"])?;
        let found = find(&call, &mut at).await?;
        let may = opens(call.visitor()?);
        let empty = (found.beginners.is_empty() || found.silent).then(|| {
            if found.silent {
                return Empty::new("По части территории чисел здесь нет", "Откройте свою единицу целиком.");
            }
            Empty::new(
                "Начинающих педагогов не найдено",
                "В списках сотрудников нет тех, кто начал работу в эти годы: загрузите сотрудников с датами начала работы.",
            )
        });
        let blocks = if empty.is_some() {
            Vec::new()
        } else {
            Where::ALL.iter().map(|near| table(&at, &found, *near, may)).collect()
        };
        let sheet = Sheet {
            heading: "Закрепление молодых педагогов".into(),
            lead: format!(
                "{}. По году начала работы: сколько человек работает и дальше.",
                found.unit.name
            ),
            filters: Some(filters(&at, &found)?),
            empty,
            blocks,
            ..Sheet::default()
        };
        let title = format!("Закрепление молодых педагогов: {}", found.unit.name);
        Ok(file::page(&call, &at, sheet)?.title(title))
    })
}

/// Names of the columns: «Через 1 год».
const LATER: [&str; YEARS as usize] = [
    "Через 1 год",
    "Через 2 года",
    "Через 3 года",
    "Через 4 года",
    "Через 5 лет",
    "Через 6 лет",
];

fn table(at: &List, found: &Found, near: Where, may: bool) -> Block {
    let mut columns = vec![Column::words("Год начала"), Column::figures("Начали")];
    columns.extend(LATER.map(Column::figures));
    let row = |(year, of): (i32, Vec<&Beginner>)| {
        let stayed = |n: usize| of.iter().filter(|b| b.stayed(n, near)).count();
        let followed = |n: usize| of.iter().any(|b| b.is_followed(n));
        let later: Vec<usize> = (1..=LATER.len()).take_while(|n| followed(*n)).collect();
        let told = if may { Vec::new() } else { told(&of) };
        let shown = |years: usize| {
            let cell = told.iter().find(|(y, place, _)| (*y, *place) == (years, near));
            cell.map_or(Told::Hidden, |(.., told)| *told).shown()
        };
        let mut cells = vec![Cell::text(year.to_string())];
        for years in std::iter::once(0).chain(later) {
            let n = if years == 0 { of.len() } else { stayed(years) };
            let n = i64::try_from(n).unwrap_or(i64::MAX);
            cells.push(match may {
                true if n > 0 => Cell::link(number(n), people_of(at, year, years, near)),
                true => Cell::text(number(0)),
                false => Cell::text(shown(years)),
            });
        }
        cells.resize(columns.len(), Cell::text(NOTHING));
        cells
    };
    let table: Vec<Vec<Cell>> = rows::cohorts(&found.beginners).into_iter().map(row).collect();
    Block {
        title: format!("Работают {}", near.label()),
        text: Some("Прочерк — этот срок ещё ни для кого не наступил.".into()),
        register: Some(Register::new(capital(near.label()), &columns, table)),
        ..Block::default()
    }
}

/// What may be told of a cohort to whoever opens no lists, after so many years in each place. Wider places and earlier years
/// stand beside it: their difference is a number of people too, and no small one may be read off. Of six people five would
/// be the only number that is hidden, so there six is hidden too; and of a few it is not told either that nobody is left.
fn told(of: &[&Beginner]) -> Vec<(usize, Where, Told)> {
    let few = |n: i64| (1..FEWEST).contains(&n);
    let gives_away = |wider: i64, n: i64| few(wider - n) || wider == FEWEST + 1 && n >= FEWEST;
    let mut found: Vec<(usize, Where, Told)> = Vec::new();
    for years in 0..=LATER.len() {
        for near in Where::ALL.iter().rev() {
            // Who began is one number, whatever the place.
            if let Some((.., began)) = found.first().filter(|_| years == 0) {
                let began = *began;
                found.push((years, *near, began));
                continue;
            }
            let stayed = of.iter().filter(|b| years == 0 || b.stayed(years, *near)).count();
            let n = i64::try_from(stayed).unwrap_or(i64::MAX);
            let over = |(before, place, _): &&(usize, Where, Told)| {
                *before <= years && *place >= *near && !(planted!("years_apart") && *before != years && *before > 0)
            };
            let told = if few(n) || found.iter().filter(over).any(|(.., t)| *t == Told::Few) {
                Told::Few
            } else if found.iter().filter(over).any(|(.., t)| match t {
                Told::Number(wider) => gives_away(*wider, n),
                _ => false,
            }) {
                Told::Hidden
            } else {
                Told::Number(n)
            };
            found.push((years, *near, told));
        }
    }
    found
}

fn people_of(at: &List, year: i32, later: usize, near: Where) -> String {
    let (year, later) = (year.to_string(), later.to_string());
    let given = [
        ("unit", at.get("unit")),
        ("since", at.get("since")),
        ("year", Some(year.as_str())),
        ("later", Some(later.as_str())),
        ("near", Some(near.code())),
    ];
    address(
        "/retention/people",
        given.into_iter().filter_map(|(n, v)| Some((n, v?))),
    )
}

/// Names of the address of a number's people.
const PEOPLE: [&str; 5] = ["unit", "since", "year", "later", "near"];

/// GET /retention/people
pub fn people(call: Call) -> Answering {
    Box::pin(async move { listed(&call, List::of(&call, &PEOPLE)?).await })
}

/// GET and POST /retention/people/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { listed(&call, List::of(&call, &PEOPLE)?.whole()).await })
}

async fn listed(call: &Call, mut at: List) -> Result<Answer, Error> {
    let year = at.known("year", |text| text.parse::<i32>().ok())?.ok_or_else(missing)?;
    let later = |text: &str| text.parse::<usize>().ok().filter(|n| *n <= LATER.len());
    let later = at.known("later", later)?.ok_or_else(missing)?;
    let near = at.known("near", Where::from_code)?.ok_or_else(missing)?;
    let found = find(call, &mut at).await?;
    at.all_read()?;
    let of = |b: &&Beginner| b.began.year() == year && (later == 0 || b.stayed(later, near));
    let all: Vec<&Beginner> = found.beginners.iter().filter(of).collect();
    let ids: Vec<PersonId> = all.iter().map(|b| b.id).collect();
    let (region, today, wanted) = (found.held.region, call.app().clock.today(), ids.clone());
    let read = move |c: &mut AnyConn| plan_rows::who(c, region, &wanted, today);
    let who = call.app().db.read(read).await?;
    let name = |id: &PersonId| who.get(id).map_or_else(String::new, |w| w.name.clone());
    let mut all = all;
    all.sort_by_cached_key(|b| (crate::db::text_keys::sort_key(&name(&b.id)), b.id));
    let total = all.len();
    let shown = at.rows(all);
    let named: Vec<PersonId> = shown.iter().map(|b| b.id).collect();
    let columns = [
        Column::words("Кто"),
        Column::words("Начал(а)"),
        Column::words("Где"),
        Column::words("Где сейчас"),
    ];
    let row = |b: &&Beginner| {
        let now = who.get(&b.id).map_or_else(String::new, |w| w.places.join(", "));
        vec![
            Cell::text(name(&b.id)),
            Cell::text(date(b.began)),
            Cell::text(found.held.name(Some(b.organisation))),
            Cell::text(if now.is_empty() {
                "не работает".to_owned()
            } else {
                now
            }),
        ]
    };
    let table: Vec<Vec<Cell>> = shown.iter().map(row).collect();
    let words = if later == 0 {
        format!("начали в {year} году")
    } else {
        let n = i64::try_from(later).unwrap_or(0);
        let span = count(n, "год", "года", "лет");
        format!("начали в {year} году и через {span} работают {}", near.label())
    };
    let back = ["unit", "since"].into_iter().filter_map(|n| Some((n, at.get(n)?)));
    let mut sheet = Sheet {
        crumbs: vec![Link::new("Закрепление молодых педагогов", address("/retention", back))],
        heading: capital(&words),
        lead: found.unit.name.clone(),
        facts: vec![Fact {
            name: list::found(total, "человек", "человека", "человек"),
            value: date(today),
            change: None,
        }],
        paging: at.paging(total),
        empty: table
            .is_empty()
            .then(|| Empty::new("Здесь никого нет", "За этим числом не стоит ни одного человека.")),
        register: (!table.is_empty()).then(|| Register::new("Люди", &columns, table)),
        ..Sheet::default()
    };
    if at.is_whole() {
        let of = ListFile::of_people(
            "retention",
            "Молодые педагоги",
            at.codes(&[]),
            &named,
            Capability::WorkforcePeople,
        );
        return file::people(call, &at, of, &sheet).await;
    }
    looked::list(call, "retention", &at.codes(&[]), &named, total).await?;
    file::offer(&mut sheet, at.file());
    Ok(Answer::page("desk/register", &sheet)?.title(capital(&words)))
}

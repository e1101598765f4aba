//! «Кадровый состав» of a unit on a day: people by education, category, age, experience and the rest, the need by
//! subject, posts beside heads. Every number opens its people for whoever may.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::desk::list::List;
use crate::desk::list_file::{self, ListFile};
use crate::desk::registers::page::{Block, Sheet};
use crate::desk::small_cells::Told;
use crate::desk::workforce::counts::{By, OfSubject};
use crate::desk::workforce::need::Need;
use crate::desk::workforce::report::{self as report, FILTERS, Line, Report};
use crate::desk::workforce::rows::Heads;
use crate::desk::workforce::vacancies::decimal;
use crate::error::Error;
use crate::exchange::list_file::FileCell;
use crate::pages::parts::{Cell, Choice, Column, Filter, Filters, Register};
use crate::pages::text::{NOTHING, capital, date, number, percent};
use crate::people::StaffKind;
use crate::planted;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// GET /workforce
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let mut at = List::of(&call, FILTERS)?;
        let report = report::find(&call, &mut at).await?;
        let title = format!("Кадровый состав: {}", report.unit.name);
        Ok(Answer::page("desk/register", &sheet(&at, &report)?)?.title(title))
    })
}

fn filters(at: &List, report: &Report) -> Result<Filters, Error> {
    let staff = [
        (StaffKind::Managing.code().to_owned(), "руководящие".to_owned()),
        ("all".to_owned(), "все".to_owned()),
        (StaffKind::Teaching.code().to_owned(), "педагогические".to_owned()),
    ];
    let day = Filter {
        value: date(report.asked.day),
        ..at.search("on", "На день")
    };
    let norm = Filter {
        value: decimal(report.asked.norm),
        ..at.search("norm", "Норма нагрузки, часов в неделю")
    };
    let units = report
        .units
        .iter()
        .filter(|(code, _)| *code != report.unit.code || at.get("unit").is_some());
    let unit = at.select(
        "unit",
        "Единица",
        &report.units.first().map_or_else(String::new, |(_, name)| name.clone()),
        units.cloned(),
    )?;
    let all = if report.opens {
        let staff = at.select("staff", "Работники", "педагогические", staff.into_iter().take(2))?;
        vec![unit, staff, day, norm]
    } else {
        let choice = |day: &NaiveDate| Choice::new(&date(*day), date(*day), &date(report.asked.day));
        let days = report::reported_days(report.today).iter().map(choice).collect();
        vec![unit, Filter::select("on", "На день", days)]
    };
    let mut said =
        "Считаются те, у кого есть место работы на этот день, человек с двумя местами — один раз; «Охват» и \
                    показатели считают педагогов на отчётную дату."
            .to_owned();
    if !report.opens {
        said.push_str(" Дни — отчётные: 1 января и 1 сентября.");
    }
    let mut filters = at.filters(all, said);
    filters.file = (!report.is_silent()).then(|| at.file());
    Ok(filters)
}

fn sheet(at: &List, report: &Report) -> Result<Sheet, Error> {
    let mut blocks = Vec::new();
    if !report.is_silent() {
        for by in By::ALL {
            blocks.extend(section(at, report, *by));
        }
        blocks.extend(need(at, report));
        blocks.push(posts(at, report));
    }
    let lead = if report.is_silent() {
        "По одной организации чисел здесь нет: откройте муниципалитет.".to_owned()
    } else {
        format!(
            "{} на {}. Работников: {}, организаций: {}. Внешние совместители и договоры не считаются; возраст — на 1 января следующего года.",
            report.unit.name,
            date(report.asked.day),
            report.everyone().shown(),
            number(i64::try_from(report.organisations.len()).unwrap_or(i64::MAX)),
        )
    };
    Ok(Sheet {
        heading: "Кадровый состав".into(),
        lead,
        filters: Some(filters(at, report)?),
        blocks,
        ..Sheet::default()
    })
}

/// Where the people of a group stand.
fn people_of(at: &List, by: &str, value: &str, women: bool) -> String {
    let mut given: Vec<(&str, &str)> = FILTERS.iter().filter_map(|n| Some((*n, at.get(n)?))).collect();
    given.extend([("by", by), ("value", value)]);
    if women {
        given.push(("women", "yes"));
    }
    crate::web::address::address("/workforce/people", given)
}

fn section(at: &List, report: &Report, by: By) -> Option<Block> {
    let everyone = report.everyone();
    let lines = report.lines(by);
    let shown: Vec<&Line> = lines
        .iter()
        // A bracket without people is told, a kind of organisation that is not there is not.
        .filter(|l| !matches!(by, By::Kind) || l.all != Told::Number(0))
        .collect();
    if shown.is_empty() {
        return None;
    }
    let mut columns = vec![
        Column::words(by.label()),
        Column::figures("Человек"),
        Column::figures("Доля"),
    ];
    if report.opens {
        columns.insert(2, Column::figures("Из них женщины"));
    }
    if by == By::Kind {
        columns.push(Column::figures("Организаций"));
    }
    let kinds = by_kind(report);
    let row = |line: &&Line| {
        let code = line.group.code;
        let cell = |told: Told, women: bool| match told {
            Told::Number(n) if report.opens && n > 0 => Cell::link(number(n), people_of(at, by.code(), code, women)),
            told => Cell::text(told.shown()),
        };
        let mut cells = vec![Cell::text(capital(&line.group.label)), cell(line.all, false)];
        if let Some(women) = line.women {
            cells.push(cell(women, true));
        }
        cells.push(Cell::text(share(line.all, everyone)));
        if by == By::Kind {
            cells.push(Cell::text(number(kinds.get(code).copied().unwrap_or(0))));
        }
        cells
    };
    let rows = shown.iter().map(row).collect();
    Some(Block {
        title: by.label().into(),
        register: Some(Register::new(by.label(), &columns, rows)),
        ..Block::default()
    })
}

/// How many organisations of each kind there are.
fn by_kind(report: &Report) -> BTreeMap<&'static str, i64> {
    let mut kinds = BTreeMap::new();
    for kind in report.rule.kinds.values() {
        let code = kind.map_or(crate::desk::workforce::counts::UNKNOWN, crate::units::OrgKind::code);
        *kinds.entry(code).or_insert(0) += 1;
    }
    kinds
}

/// A share where both of its parts are told.
fn share(of: Told, everyone: Told) -> String {
    match (of, everyone) {
        (Told::Number(n), Told::Number(all)) => percent(n, all),
        _ => NOTHING.to_owned(),
    }
}

fn need(at: &List, report: &Report) -> Option<Block> {
    let columns = [
        Column::words("Предмет"),
        Column::figures("Учат"),
        Column::figures("Не по профилю"),
        Column::figures("Из них переподготовлены"),
        Column::figures("Вакансий"),
        Column::figures("Свободных ставок"),
    ];
    let row = |n: &Need| {
        let cell = |told: Told, part: OfSubject| match told {
            Told::Number(many) if report.opens && many > 0 => {
                Cell::link(number(many), people_of(at, part.code(), &n.subject, false))
            }
            told => Cell::text(told.shown()),
        };
        let told = report.subject(n);
        let [teachers, off, retrained] = [
            cell(told[0], OfSubject::Teachers),
            cell(told[1], OfSubject::Off),
            cell(told[2], OfSubject::Retrained),
        ];
        vec![
            Cell::text(n.subject.clone()),
            teachers,
            off,
            retrained,
            Cell::text(number(n.vacancies)),
            Cell::text(if n.vacancies == 0 {
                number(0)
            } else {
                n.rates.map_or_else(|| NOT_SAID.to_owned(), decimal)
            }),
        ]
    };
    let rows: Vec<Vec<Cell>> = report.need.iter().map(row).collect();
    (!rows.is_empty()).then(|| Block {
        title: "Потребность по предметам".into(),
        text: Some(
            "Вакансии — по сведениям организаций на этот день. Не по профилю — образование не соответствует предмету."
                .into(),
        ),
        register: Some(Register::new("Потребность по предметам", &columns, rows)),
        ..Block::default()
    })
}

/// What is said where a list gives no rates.
const NOT_SAID: &str = "не указано";

/// Rates by the list: none of them is another thing than no people, and a sum of some says how many are missing.
fn rates(heads: &Heads) -> String {
    match heads.rates {
        _ if planted!("no_rates_are_zero") => decimal(heads.rates.unwrap_or(0)),
        None if heads.persons == 0 => number(0),
        None => NOT_SAID.to_owned(),
        Some(rates) if heads.without > 0 => format!("{}; {NOT_SAID}: {}", decimal(rates), number(heads.without)),
        Some(rates) => decimal(rates),
    }
}

/// Thousandths that may be missing.
fn maybe(milli: Option<i64>) -> String {
    milli.map_or_else(|| "не представлено".to_owned(), decimal)
}

fn posts(at: &List, report: &Report) -> Block {
    let mut columns = vec![
        Column::words("Должности"),
        Column::figures("Ставок по штату"),
        Column::figures("Занято"),
        Column::figures("Представили организаций"),
    ];
    // Heads of the list and their rates are told to whoever opens it: rates say how many people there are, and unit taken
    // from unit they say it of one school.
    let by_list = report.opens || planted!("heads_beside_hidden");
    if by_list {
        columns.extend([
            Column::figures("Работников по списку"),
            Column::figures("Ставок по списку"),
        ]);
    }
    let rows = report.posts.0.iter().map(|(kind, entered, heads)| {
        let mut cells = vec![
            Cell::text(capital(kind.label())),
            Cell::text(maybe(entered.total)),
            Cell::text(maybe(entered.occupied)),
            Cell::text(number(entered.organisations)),
        ];
        if by_list {
            let persons = number(heads.persons);
            cells.push(if report.opens && heads.persons > 0 {
                Cell::link(persons, heads_of(at, *kind))
            } else {
                Cell::text(persons)
            });
            cells.push(Cell::text(rates(heads)));
        }
        cells
    });
    let from = "По штату и занято — из форм организаций за этот год";
    let beside = if by_list {
        ", рядом — по списку сотрудников на день."
    } else {
        "."
    };
    Block {
        title: "Ставки".into(),
        text: Some(format!("{from}{beside}")),
        register: Some(Register::new("Ставки", &columns, rows.collect())),
        ..Block::default()
    }
}

/// Where the people of a population stand.
fn heads_of(at: &List, kind: StaffKind) -> String {
    let given = ["unit", "on", "norm"].into_iter().filter_map(|n| Some((n, at.get(n)?)));
    let of = [("staff", kind.code()), ("by", By::Everyone.code()), ("value", "all")];
    crate::web::address::address("/workforce/people", given.chain(of))
}

/// GET /workforce/file: the report as a workbook, as it is told.
pub fn file(call: Call) -> Answering {
    Box::pin(async move {
        let mut at = List::of(&call, FILTERS)?;
        let report = report::find(&call, &mut at).await?;
        at.all_read()?;
        let of = ListFile {
            list: "workforce",
            named: "Кадровый состав",
            chosen: format!("{} · {}", report.unit.name, date(report.asked.day)),
            codes: String::new(),
            ids: Vec::new(),
            people: 0,
            tells: Vec::new(),
            right: Capability::Workforce,
        };
        let page = sheet(&at, &report)?;
        let mut rows: Vec<Vec<FileCell>> = Vec::new();
        for block in &page.blocks {
            let Some(register) = &block.register else { continue };
            let heads = register
                .columns
                .iter()
                .skip(1)
                .map(|c| FileCell::Text(c.label.to_owned()));
            rows.push(
                std::iter::once(FileCell::Text(block.title.clone()))
                    .chain(heads)
                    .collect(),
            );
            for row in &register.rows {
                rows.push(row.iter().map(|cell| in_file(&cell.text)).collect());
            }
        }
        list_file::answer(&call, &of, &["Раздел"], &rows)
    })
}

/// What stands in a cell of the page, a number as a number.
fn in_file(text: &str) -> FileCell {
    let plain: String = text.chars().filter(|c| *c != '\u{A0}').collect();
    match crate::db::milli::Milli::parse(&plain) {
        Some(milli) if milli.0 % 1000 == 0 => FileCell::Number(i64::from(milli.0 / 1000)),
        Some(milli) => FileCell::Milli(i64::from(milli.0)),
        None => FileCell::Text(text.to_owned()),
    }
}

//! «Начинающие»: who learns for a school, teaches or leads in the first three years, and what supports them; counted by
//! stage, and by name for whoever opens the people.

use std::collections::{BTreeSet, HashMap};

use crate::db::AnyConn;
use crate::db::text_keys::{holds, search_key, sort_key};
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::plan::rows::{self as plan_rows, Who};
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Sheet};
use crate::desk::small_cells::{self, Told};
use crate::desk::workforce::beginners_help::{self, Help, Support};
use crate::desk::workforce::beginners_rows::{self, Beginner, Stage};
use crate::desk::workforce::report::opens;
use crate::desk::workforce::territory::{self, Territory};
use crate::error::Error;
use crate::pages::parts::{Cell, Change, Column, Empty, Fact, Link, Register};
use crate::pages::text::{NOTHING, capital, date};
use crate::people::PersonId;
use crate::units::Unit;
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, Visitor};

const HEADING: &str = "Начинающие";
/// Code of the list in the journal.
const CODE: &str = "beginner";
/// Where the people stand.
const PEOPLE: &str = "/beginners/people";
/// Names of the address of the people.
const NAMES: [&str; 4] = ["help", "stage", "q", "unit"];

struct Found {
    unit: Unit,
    beginners: Vec<Beginner>,
    support: HashMap<PersonId, Support>,
    who: HashMap<PersonId, Who>,
    units: Vec<(String, String)>,
    /// Whether whoever opens no lists asks for a part of the own unit: nothing is told of it.
    silent: bool,
}

impl Found {
    fn support(&self, of: &Beginner) -> Support {
        self.support.get(&of.id).cloned().unwrap_or_default()
    }

    fn name(&self, id: PersonId) -> String {
        self.who.get(&id).map_or_else(String::new, |w| w.name.clone())
    }
}

async fn find(call: &Call, at: &List) -> Result<Found, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let (code, may) = (at.get("unit").map(str::to_owned), opens(&visitor));
    let read = move |c: &mut AnyConn| -> Result<Found, Error> {
        let Territory {
            held,
            unit,
            inside,
            units,
            silent,
        } = territory::of(c, &visitor, code.as_deref(), today)?;
        let beginners = beginners_rows::beginners(c, held.region, inside.as_ref(), today)?;
        let support = beginners_help::support(c, held.region, &beginners, today)?;
        let mentors = support.values().filter_map(|s| s.mentor).map(|(_, mentor)| mentor);
        let named: Vec<PersonId> = beginners.iter().map(|b| b.id).chain(mentors).collect();
        let who = match may {
            true => plan_rows::who(c, held.region, &named, today)?,
            false => HashMap::new(),
        };
        Ok(Found {
            silent,
            unit,
            beginners,
            support,
            who,
            units,
        })
    };
    call.app().db.read(read).await
}

/// GET /beginners
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &["unit"])?;
        let found = find(&call, &at).await?;
        let visitor = call.visitor()?;
        let empty = (found.beginners.is_empty() || found.silent).then(|| {
            if found.silent {
                return Empty::new("По части территории чисел здесь нет", "Откройте свою единицу целиком.");
            }
            Empty::new(
                "Начинающих не найдено",
                "Загрузите сотрудников с датой начала педагогической работы. Студенты появятся, когда у них будет пара \
                 «Студент – педагог» или «Работодатель – студент» либо договор о целевом обучении.",
            )
        });
        let (facts, blocks) = match empty {
            Some(_) => Default::default(),
            None => counted(&at, &found, visitor),
        };
        let sheet = Sheet {
            heading: HEADING.into(),
            lead: format!(
                "{}. Кто учится для школы, первые три года учит или первые три года руководит, и что их поддерживает.",
                found.unit.name
            ),
            facts,
            filters: Some(
                at.filters(
                    vec![territory::choice(&at, &found.unit, &found.units)?],
                    "Годы считаются от начала педагогической работы, у руководителей – от начала нынешней должности."
                        .into(),
                ),
            ),
            empty,
            blocks,
            ..Sheet::default()
        };
        let title = format!("{HEADING}: {}", found.unit.name);
        Ok(file::page(&call, &at, sheet)?.title(title))
    })
}

/// The numbers by stage, and the first thing to do.
fn counted(at: &List, found: &Found, visitor: &Visitor) -> (Vec<Fact>, Vec<Block>) {
    let may = opens(visitor);
    let of_stage = |stage: Stage| {
        let of: Vec<Support> = found
            .beginners
            .iter()
            .filter(|b| b.is(stage))
            .map(|b| found.support(b))
            .collect();
        beginners_help::counts(&of)
    };
    let mut rows: Vec<Vec<i64>> = Stage::ALL.iter().map(|stage| of_stage(*stage)).collect();
    let everyone: Vec<Support> = found.beginners.iter().map(|b| found.support(b)).collect();
    let total = beginners_help::counts(&everyone);
    let (told, sum) = if may {
        let whole = |row: &Vec<i64>| -> Vec<Told> { row.iter().map(|n| Told::Number(*n)).collect() };
        (rows.iter().map(whole).collect(), whole(&total))
    } else {
        small_cells::rows(&rows, &total)
    };
    rows.push(total);
    let alone = sum.get(1).map_or_else(String::new, |t| t.shown());
    let mut table = Vec::new();
    let stages = Stage::ALL.iter().map(|stage| Some(*stage)).chain([None]);
    for ((stage, told), counts) in stages.zip(told.into_iter().chain([sum])).zip(&rows) {
        let mut cells = vec![Cell::text(
            stage.map_or_else(|| "Все вместе".to_owned(), |s| capital(said(s))),
        )];
        let helps = std::iter::once(None).chain(Help::ALL.iter().map(|help| Some(*help)));
        for ((help, told), n) in helps.zip(told).zip(counts) {
            cells.push(if may && *n > 0 {
                Cell::link(told.shown(), people_of(at, stage, help))
            } else {
                Cell::text(told.shown())
            });
        }
        table.push(cells);
    }
    // A number that opens no list stands beside no link that looks like one.
    let mut facts = vec![Fact {
        name: "Сегодня без поддержки".into(),
        value: alone,
        change: may.then(|| Change {
            text: "Открыть список",
            object: "тех, кого никто не поддерживает",
            href: people_of(at, None, Some(Help::Nobody)),
        }),
    }];
    if !may {
        facts.push(Fact {
            name: "Кто это".into(),
            value: "Имена открываются у школ, где начинающие работают: попросите директоров назначить наставников."
                .into(),
            change: visitor.may(Capability::Registers).then(|| Change {
                text: "Наставничество",
                object: ": пары, которые работают, и новая пара",
                href: "/pairs".to_owned(),
            }),
        });
    }
    let columns = [
        Column::words("Этап"),
        Column::figures("Всего"),
        Column::figures("Без поддержки"),
        Column::figures("Есть наставник"),
        Column::figures("Маршрут с сопровождающим"),
        Column::figures("Школа молодого педагога"),
        Column::figures("Социальная поддержка"),
    ];
    let block = Block {
        title: "По этапам".into(),
        text: Some(
            "Без поддержки – у кого нет ни наставника, ни маршрута с сопровождающим, ни школы молодого педагога, ни социальной \
             поддержки; договор о целевом обучении сам по себе поддержкой не считается. Кто и учит, и руководит, стоит в двух \
             строках."
                .into(),
        ),
        register: Some(Register::new("По этапам", &columns, table)),
        ..Block::default()
    };
    (facts, vec![block])
}

/// A stage as a row is called.
fn said(stage: Stage) -> &'static str {
    match stage {
        Stage::Training => "учатся",
        Stage::Leader => "руководители, 1–3-й год",
        stage => stage.label(),
    }
}

fn people_of(at: &List, stage: Option<Stage>, help: Option<Help>) -> String {
    let given = [
        ("help", help.map(Help::code)),
        ("stage", stage.map(Stage::code)),
        ("unit", at.get("unit")),
    ];
    address(PEOPLE, given.into_iter().filter_map(|(n, v)| Some((n, v?))))
}

/// GET /beginners/people
pub fn people(call: Call) -> Answering {
    Box::pin(async move { listed(&call, List::of(&call, &NAMES)?).await })
}

/// GET and POST /beginners/people/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { listed(&call, List::of(&call, &NAMES)?.whole()).await })
}

async fn listed(call: &Call, at: List) -> Result<Answer, Error> {
    let help = at.known("help", Help::from_code)?;
    let stage = at.known("stage", Stage::from_code)?;
    let text = at.get("q").map(search_key);
    let found = find(call, &at).await?;
    let mut all: Vec<(&Beginner, Support)> = found
        .beginners
        .iter()
        .filter(|b| stage.is_none_or(|stage| b.is(stage)))
        .filter(|b| {
            text.as_ref()
                .is_none_or(|text| holds(&search_key(&found.name(b.id)), text))
        })
        .map(|b| (b, found.support(b)))
        .filter(|(_, support)| help.is_none_or(|help| support.has(help)))
        .collect();
    // Whoever has nobody comes first.
    all.sort_by_cached_key(|(b, support)| {
        let order = (!support.has(Help::Nobody), support.has(Help::Mentor));
        (order, sort_key(&found.name(b.id)), b.id)
    });
    let total = all.len();
    let shown = at.rows(all);
    let mentors = shown.iter().filter_map(|(_, s)| s.mentor).map(|(_, mentor)| mentor);
    let named: BTreeSet<PersonId> = shown.iter().map(|(b, _)| b.id).chain(mentors).collect();
    let named: Vec<PersonId> = named.into_iter().collect();
    let mut sheet = sheet(&at, &found, call.visitor()?, (&shown, total))?;
    if at.is_whole() {
        let of = ListFile::of_people(CODE, HEADING, at.codes(&["q"]), &named, Capability::WorkforcePeople);
        return file::people(call, &at, of.telling(&named), &sheet).await;
    }
    looked::telling(call, CODE, &at.codes(&["q"]), &named, total, &named).await?;
    file::offer(&mut sheet, at.file());
    let title = match help {
        Some(Help::Nobody) => "Начинающие без поддержки",
        _ => "Начинающие: люди",
    };
    Ok(Answer::page("desk/register", &sheet)?.title(title))
}

fn sheet(
    at: &List,
    found: &Found,
    visitor: &Visitor,
    (shown, total): (&[(&Beginner, Support)], usize),
) -> Result<Sheet, Error> {
    let columns = [
        Column::words("Кто"),
        Column::words("Где работает"),
        Column::words("Этап"),
        Column::words("С какого дня"),
        Column::words("Наставник"),
        Column::words("Маршрут"),
        Column::words("Школа молодого педагога"),
        Column::words("Социальная поддержка"),
        Column::words("Что дальше"),
    ];
    let row = |(b, support): &(&Beginner, Support)| person(found, visitor, b, support);
    let rows: Vec<Vec<Cell>> = shown.iter().map(row).collect();
    let choice = |code: &str, label: &str| (code.to_owned(), label.to_owned());
    let helps = Help::ALL.iter().map(|h| choice(h.code(), h.label()));
    let stages = Stage::ALL.iter().map(|s| choice(s.code(), s.label()));
    let filters = vec![
        at.select("help", "Поддержка", "не важно", helps)?,
        at.select("stage", "Этап", "любой", stages)?,
        at.search("q", "Фамилия или имя"),
        territory::choice(at, &found.unit, &found.units)?,
    ];
    let back = ["unit"].into_iter().filter_map(|n| Some((n, at.get(n)?)));
    let nobody = Empty::new(
        "Начинающих не найдено",
        "Загрузите сотрудников с датой начала педагогической работы: они появятся здесь вместе с тем, что их поддерживает.",
    );
    Ok(Sheet {
        crumbs: vec![Link::new(HEADING, address("/beginners", back))],
        heading: "Начинающие: люди".into(),
        lead: format!("{}. Сначала те, у кого поддержки нет.", found.unit.name),
        filters: Some(at.filters(filters, list::found(total, "человек", "человека", "человек"))),
        paging: at.paging(total),
        empty: rows
            .is_empty()
            .then(|| at.empty(nobody, "Таких начинающих нет", "никто")),
        register: (!rows.is_empty()).then(|| Register::new("Люди", &columns, rows)),
        ..Sheet::default()
    })
}

/// The row of one person.
fn person(found: &Found, visitor: &Visitor, of: &Beginner, support: &Support) -> Vec<Cell> {
    let keeps = visitor.may(Capability::Registers);
    let or_nothing = |text: String| Cell::text(if text.is_empty() { NOTHING.to_owned() } else { text });
    let places = found.who.get(&of.id).map_or_else(String::new, |w| w.places.join(", "));
    vec![
        Cell::text(found.name(of.id)),
        or_nothing(places),
        Cell::text(of.said()),
        or_nothing(of.since().map_or_else(String::new, date)),
        match support.mentor {
            Some((pair, mentor)) if keeps => Cell::link(found.name(mentor), format!("/pairs/{pair}")),
            Some((_, mentor)) => Cell::text(found.name(mentor)),
            None => Cell::text("нет"),
        },
        match support.plan {
            Some(plan) if visitor.may(Capability::Plans) => Cell::link("есть", format!("/plans/{plan}")),
            Some(_) => Cell::text("есть"),
            None => Cell::text("нет"),
        },
        match support.school {
            Some(on) => Cell::text(date(on)),
            None => Cell::text("нет"),
        },
        or_nothing(support.social.iter().cloned().collect::<Vec<_>>().join(", ")),
        match support.mentor {
            Some(_) => Cell::text(NOTHING),
            // Who works nowhere yet is found by whoever sees the region.
            None if keeps && of.is_learning() && !visitor.may(Capability::Plans) => {
                Cell::text("пару со студентом заводит оператор")
            }
            None if keeps => Cell::link("назначить наставника", "/pairs"),
            None => Cell::text("попросите назначить наставника"),
        },
    ]
}

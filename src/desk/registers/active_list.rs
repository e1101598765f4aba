//! The lists behind the numbers of «Чем заняты участники»: plans that the members accompany, their open deficits, what was
//! learnt at them. A row for each one that is counted, of one member or of all together, as far as the visitor sees.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::model::BodyId;
use crate::competence::CompetenceId;
use crate::db::schema::{competence as competences, iom, iom_deficit, iom_item};
use crate::db::text_keys::sort_key;
use crate::db::{AnyConn, DbError};
use crate::desk::list::List;
use crate::desk::looked;
use crate::desk::plan::rows::Who;
use crate::desk::registers::active::Told;
use crate::desk::registers::active_rows::Work;
use crate::desk::registers::body;
use crate::desk::registers::page::Sheet;
use crate::desk::registers::reach::{Held, missing};
use crate::error::Error;
use crate::iom::{IomId, ItemId};
use crate::pages::parts::{Cell, Chip, Column, Empty, Link, Register, Tone};
use crate::pages::text::{NOTHING, capital, count, date};
use crate::people::PersonId;
use crate::text_enum;
use crate::web::address::address;
use crate::web::{Answer, Call};

text_enum! {
    /// Which number of the block is opened.
    Part {
        Plans = "open_plans" "открытые маршруты",
        WithDeficits = "with_deficits" "маршруты с открытыми дефицитами",
        Deficits = "open_deficits" "открытые дефициты",
        Learnt = "learnt" "после обучения",
    }
}

/// Names that the address of a list may hold.
const NAMES: [&str; 2] = ["part", "person"];

/// Where a number of one member stands as a list, or of all together.
pub(super) fn address_of(body: BodyId, part: Part, member: Option<PersonId>) -> String {
    let member = member.map(|id| id.to_string());
    let asked = std::iter::once(("part", part.code())).chain(member.as_deref().map(|id| ("person", id)));
    address(&format!("/bodies/{body}"), asked)
}

/// One that is counted.
struct Row {
    plan: IomId,
    number: String,
    person: PersonId,
    who: Who,
    /// The deficit, or what was learnt.
    what: String,
    /// Of a step: its last day.
    on: Option<NaiveDate>,
    item: Option<ItemId>,
}

/// What is shown.
struct Shown {
    name: String,
    member: Option<String>,
    told: Told,
    members: BTreeMap<PersonId, String>,
    rows: Vec<Row>,
}

impl Shown {
    fn work(&self, member: Option<PersonId>) -> Option<&Work> {
        self.told.work(member)
    }

    /// Names of the members who do it.
    fn members_of(&self, part: Part, row: &Row) -> String {
        let does = |work: &Work| match (part, row.item) {
            (Part::Learnt, Some(item)) => work.learnt.contains(&item),
            _ => work.open.contains(&row.plan),
        };
        let all = self.members.iter();
        let named = all.filter(|(id, _)| self.work(Some(**id)).is_some_and(does));
        named.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("; ")
    }
}

/// Plans with their people and numbers.
type Plans = HashMap<IomId, (PersonId, String)>;

fn plans(c: &mut AnyConn, held: &Held, ids: &[IomId]) -> Result<Plans, DbError> {
    let mut found = Plans::new();
    for block in ids.chunks(1000) {
        let rows: Vec<(IomId, PersonId, String)> = iom::table
            .filter(iom::region_id.eq(held.region))
            .filter(iom::id.eq_any(block))
            .select((iom::id, iom::person_id, iom::number))
            .load(c)?;
        found.extend(rows.into_iter().map(|(id, person, number)| (id, (person, number))));
    }
    Ok(found)
}

/// What is counted: the plan, what stands in the row, the day, the step.
type Counted = (IomId, String, Option<NaiveDate>, Option<ItemId>);

fn counted(c: &mut AnyConn, held: &Held, part: Part, work: &Work) -> Result<Vec<Counted>, DbError> {
    let bare = |plan: &IomId| (*plan, String::new(), None, None);
    let mut found: Vec<Counted> = Vec::new();
    match part {
        Part::Plans => found.extend(work.open.iter().map(bare)),
        Part::WithDeficits => found.extend(work.with_deficits.iter().map(bare)),
        Part::Deficits => {
            let ids: Vec<IomId> = work.with_deficits.iter().copied().collect();
            let names: HashMap<CompetenceId, String> = competences::table
                .select((competences::id, competences::name))
                .load::<(CompetenceId, String)>(c)?
                .into_iter()
                .collect();
            for block in ids.chunks(1000) {
                let rows: Vec<(IomId, CompetenceId)> = iom_deficit::table
                    .filter(iom_deficit::region_id.eq(held.region))
                    .filter(iom_deficit::iom_id.eq_any(block))
                    .filter(iom_deficit::outcome.is_null())
                    .select((iom_deficit::iom_id, iom_deficit::competence_id))
                    .load(c)?;
                let named = |id: CompetenceId| names.get(&id).cloned().unwrap_or_default();
                found.extend(rows.into_iter().map(|(plan, of)| (plan, named(of), None, None)));
            }
        }
        Part::Learnt => {
            let ids: Vec<ItemId> = work.learnt.iter().copied().collect();
            for block in ids.chunks(1000) {
                let rows: Vec<(IomId, String, Option<NaiveDate>, ItemId)> = iom_item::table
                    .filter(iom_item::region_id.eq(held.region))
                    .filter(iom_item::id.eq_any(block))
                    .select((iom_item::iom_id, iom_item::title, iom_item::settled_on, iom_item::id))
                    .load(c)?;
                found.extend(
                    rows.into_iter()
                        .map(|(plan, what, on, item)| (plan, what, on, Some(item))),
                );
            }
        }
    }
    Ok(found)
}

/// GET /bodies/{body}?part=…
pub(super) async fn show(call: &Call) -> Result<Answer, Error> {
    let at = List::of(call, &NAMES)?;
    let part = at.known("part", Part::from_code)?.ok_or_else(missing)?;
    let member = at.known("person", |id| id.parse().ok().map(PersonId))?;
    let (visitor, today, id) = (
        call.visitor()?.clone(),
        call.app().clock.today(),
        BodyId(call.id("body")?),
    );
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let shown = body::load(c, &visitor, id, today)?;
        // Whoever opens no plans is told nothing of them.
        let told = shown.work.filter(Told::opens).ok_or_else(missing)?;
        let members: BTreeMap<PersonId, String> =
            shown.members.into_iter().map(|(m, name)| (m.person_id, name)).collect();
        let work = told.work(member).ok_or_else(missing)?;
        let all = counted(c, &shown.held, part, work)?;
        let ids: Vec<IomId> = all.iter().map(|(plan, ..)| *plan).collect();
        let plans = plans(c, &shown.held, &ids)?;
        let persons: Vec<PersonId> = plans.values().map(|(person, _)| *person).collect();
        let who = shown.held.who(c, &persons)?;
        let row = |(plan, what, on, item): Counted| {
            let (person, number) = plans.get(&plan)?.clone();
            let who = who.get(&person)?.clone();
            Some(Row {
                plan,
                number,
                person,
                who,
                what,
                on,
                item,
            })
        };
        let mut rows: Vec<Row> = all.into_iter().filter_map(row).collect();
        rows.sort_by_cached_key(|row| (sort_key(&row.who.name), row.plan, row.on, row.what.clone(), row.item));
        let member = member.and_then(|id| members.get(&id).cloned());
        Ok(Shown {
            name: shown.body.name,
            member,
            told,
            members,
            rows,
        })
    };
    let shown = call.app().db.read(read).await?;
    let people: Vec<PersonId> = at.rows(shown.rows.iter().map(|row| row.person).collect());
    let (codes, found) = (format!("body={id} {}", at.codes(&[])), shown.rows.len());
    match part {
        Part::Plans | Part::WithDeficits => looked::list(call, "iom", &codes, &people, found).await?,
        Part::Deficits => looked::telling(call, "active_deficit", &codes, &people, found, &people).await?,
        Part::Learnt => looked::telling(call, "practice", &codes, &people, found, &people).await?,
    }
    let title = format!("{}: {}", shown.name, part.label());
    Ok(Answer::page("desk/register", &sheet(&at, &shown, (id, part, member)))?.title(title))
}

/// How far what was learnt has been seen in the work.
fn seen(work: &Work, item: ItemId) -> Chip {
    match () {
        () if work.seen.contains(&item) => Chip::new(Tone::Done, "видели"),
        () if work.due.contains(&item) => Chip::new(Tone::Wait, "пора посмотреть"),
        () => Chip::new(Tone::Calm, "ещё рано"),
    }
}

fn sheet(at: &List, shown: &Shown, (body, part, member): (BodyId, Part, Option<PersonId>)) -> Sheet {
    let mut columns = vec![Column::words("Педагог"), Column::words("Организация")];
    columns.extend(match part {
        Part::Plans | Part::WithDeficits => vec![Column::words("Маршрут")],
        Part::Deficits => vec![Column::words("Открытый дефицит")],
        Part::Learnt => vec![
            Column::words("Чему учился"),
            Column::words("Зачтено"),
            Column::words("В работе"),
        ],
    });
    columns.push(Column::words("Сопровождает"));
    let work = shown.work(member);
    let row = |row: &Row| {
        let mut cells = vec![
            Cell::link(row.who.name.clone(), format!("/plans/{}", row.plan)),
            Cell::text(row.who.places.join(", ")),
        ];
        cells.extend(match (part, work.zip(row.item)) {
            (Part::Learnt, Some((work, item))) => vec![
                Cell::text(row.what.clone()),
                Cell::text(row.on.map_or_else(|| NOTHING.to_owned(), date)),
                Cell::chip(seen(work, item)),
            ],
            (Part::Plans | Part::WithDeficits, _) => vec![Cell::text(row.number.clone())],
            _ => vec![Cell::text(row.what.clone())],
        });
        cells.push(Cell::text(shown.members_of(part, row)));
        cells
    };
    let rows: Vec<Vec<Cell>> = at.rows(shown.rows.iter().map(row).collect());
    let many = i64::try_from(shown.rows.len()).unwrap_or(i64::MAX);
    let found = match part {
        Part::Plans | Part::WithDeficits => count(many, "маршрут", "маршрута", "маршрутов"),
        Part::Deficits => count(many, "дефицит", "дефицита", "дефицитов"),
        Part::Learnt => count(many, "обучение", "обучения", "обучений"),
    };
    let whose = shown.member.as_deref().unwrap_or("Все участники вместе");
    Sheet {
        crumbs: vec![
            Link::new("Объединения", "/bodies"),
            Link::new(shown.name.clone(), format!("/bodies/{body}")),
        ],
        heading: capital(part.label()),
        lead: format!("{whose} · {found}"),
        paging: at.paging(shown.rows.len()),
        empty: rows
            .is_empty()
            .then(|| Empty::new("Здесь ничего нет", "За этим числом не стоит ни одного маршрута.")),
        register: (!rows.is_empty()).then(|| Register::new(capital(part.label()), &columns, rows)),
        ..Sheet::default()
    }
}

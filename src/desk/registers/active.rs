//! «Чем заняты участники» on the page of an active: a row for each member in force, whoever does nothing first, and what all
//! of them do together. Whoever opens no plans is told nothing of them.

use std::collections::HashSet;

use chrono::NaiveDate;

use crate::activity::model::{Body, BodyId, BodyMember};
use crate::db::AnyConn;
use crate::db::text_keys::sort_key;
use crate::desk::registers::active_list::{Part, address_of};
use crate::desk::registers::active_rows::{self, Active, SUPPORT, Work};
use crate::desk::registers::bodies::stands;
use crate::desk::registers::page::Block;
use crate::desk::registers::reach::Held;
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Register};
use crate::pages::text::{NOTHING, count, number};
use crate::people::PersonId;
use crate::web::Visitor;
use crate::web::address::address;
use crate::web::registry::Capability;

const TITLE: &str = "Чем заняты участники";

/// What is told of the members, and to whom.
pub(super) struct Told {
    body: BodyId,
    active: Active,
    /// Whether the visitor opens plans.
    plans: bool,
    /// Whether the visitor gives plans to those who accompany them.
    gives: bool,
}

/// Reads what the members do, where the body is an active that stands.
///
/// # Errors
/// Those of the database.
pub(super) fn of(
    c: &mut AnyConn,
    visitor: &Visitor,
    held: &Held,
    (body, members): (&Body, &[(BodyMember, String)]),
    today: NaiveDate,
) -> Result<Option<Told>, Error> {
    if !active_rows::is_active(&body.kind) || body.withdrawn_at.is_some() {
        return Ok(None);
    }
    let standing = members.iter().filter(|(m, _)| stands(m, today));
    let ids: Vec<PersonId> = standing.map(|(m, _)| m.person_id).collect();
    Ok(Some(Told {
        body: body.id,
        active: active_rows::work(c, held, (body.id, &ids), today)?,
        plans: visitor.may(Capability::Plans),
        gives: visitor.may(Capability::Supporters),
    }))
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A number that opens its list, where anything stands behind it.
fn figure(n: usize, href: String) -> Cell {
    if n > 0 {
        Cell::link(number(whole(n)), href)
    } else {
        Cell::text(number(whole(n)))
    }
}

/// How many of the courses somebody has gone to see, and how many wait; they open the list of all.
fn practice(of: &Work, href: String) -> Cell {
    if of.learnt.is_empty() {
        return Cell::text(NOTHING);
    }
    let mut said = format!("видели {} из {}", of.seen.len(), of.learnt.len());
    if !of.due.is_empty() {
        said.push_str(&format!(", пора посмотреть: {}", of.due.len()));
    }
    Cell::link(said, href)
}

/// Projects for schools of low results: one opens its card, several their list.
fn projects(of: &Work) -> Cell {
    let said = format!(
        "{}, {}",
        count(whole(of.projects.len()), "проект", "проекта", "проектов"),
        count(whole(of.schools.len()), "школа", "школы", "школ")
    );
    match of.projects.first() {
        None => Cell::text(NOTHING),
        Some(one) if of.projects.len() == 1 => Cell::link(said, format!("/undertakings/{one}")),
        Some(_) => Cell::link(
            said,
            address("/undertakings", [("kind", SUPPORT), ("state", "running")]),
        ),
    }
}

impl Told {
    /// Whether the visitor is told of plans.
    pub(super) fn opens(&self) -> bool {
        self.plans
    }

    /// What a member in force does, or all of them together.
    pub(super) fn work(&self, member: Option<PersonId>) -> Option<&Work> {
        match member {
            Some(member) => self.active.of.get(&member),
            None => Some(&self.active.all),
        }
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![Column::words("Участник")];
        if self.plans {
            columns.extend([
                Column::words("Что дальше"),
                Column::figures("Открытые маршруты"),
                Column::figures("Маршруты с открытыми дефицитами"),
                Column::figures("Открытые дефициты"),
                Column::words("После обучения"),
            ]);
        }
        columns.extend([
            Column::words("Школы с низкими результатами"),
            Column::words("Роли вне маршрута"),
        ]);
        columns
    }

    /// What whoever heads the body does with somebody who does nothing.
    fn next(&self, of: &Work) -> Cell {
        match of.is_idle() {
            true if self.gives => Cell::link("ничем не занят: назначить маршруты", "/supporters"),
            true => Cell::text("ничем не занят"),
            false => Cell::text("занят"),
        }
    }

    fn row(&self, (id, name): (PersonId, &str), of: &Work) -> Vec<Cell> {
        let list = |part| address_of(self.body, part, Some(id));
        let plans = |more: &[(&str, &str)]| {
            let login = of.login.as_deref()?;
            let given = std::iter::once(("supporter", login)).chain(more.iter().copied());
            Some(address("/plans", given))
        };
        let mut cells = vec![Cell::text(name)];
        if self.plans {
            cells.extend([
                self.next(of),
                // Whoever works under several accounts is found under none of them.
                figure(of.open.len(), plans(&[]).unwrap_or_else(|| list(Part::Plans))),
                figure(
                    of.with_deficits.len(),
                    plans(&[("deficit", "none")]).unwrap_or_else(|| list(Part::WithDeficits)),
                ),
                figure(of.deficits, list(Part::Deficits)),
                practice(of, list(Part::Learnt)),
            ]);
        }
        let roles: Vec<&str> = of.roles.iter().map(String::as_str).collect();
        cells.extend([
            projects(of),
            match roles.as_slice() {
                [] => Cell::text(NOTHING),
                roles => Cell::link(
                    roles.join(", "),
                    address("/activities", [("kind", "role"), ("q", name)]),
                ),
            },
        ]);
        cells
    }

    /// All of them together. What several do stands in it once.
    fn total(&self, idle: usize, with_role: usize) -> Vec<Cell> {
        let all = &self.active.all;
        let list = |part| address_of(self.body, part, None);
        let mut cells = vec![Cell::text("Все вместе")];
        if self.plans {
            cells.extend([
                Cell::text(format!("ничем не заняты: {}", number(whole(idle)))),
                figure(all.open.len(), list(Part::Plans)),
                figure(all.with_deficits.len(), list(Part::WithDeficits)),
                figure(all.deficits, list(Part::Deficits)),
                practice(all, list(Part::Learnt)),
            ]);
        }
        cells.extend([
            projects(all),
            Cell::text(match with_role {
                0 => NOTHING.to_owned(),
                n => format!("есть у {}", number(whole(n))),
            }),
        ]);
        cells
    }

    fn help(&self) -> String {
        let [all, in_schools] = self.active.help;
        if all == 0 {
            return "Записей об адресной помощи объединения за год нет.".to_owned();
        }
        format!(
            "Адресная помощь объединения за год: {}, из них педагогам школ с низкими результатами – {}.",
            count(all, "запись", "записи", "записей"),
            number(in_schools)
        )
    }

    /// The block of the page.
    pub(super) fn block(&self, members: &[(BodyMember, String)]) -> Block {
        let mut once: HashSet<PersonId> = HashSet::new();
        let mut rows: Vec<((PersonId, &str), &Work)> = members
            .iter()
            .filter_map(|(m, name)| Some((m.person_id, name.as_str(), self.active.of.get(&m.person_id)?)))
            // Whoever stands in the body twice does the work once.
            .filter(|(id, ..)| once.insert(*id))
            .map(|(id, name, work)| ((id, name), work))
            .collect();
        if rows.is_empty() {
            return Block {
                title: TITLE.into(),
                text: Some(
                    "Ваших людей в объединении сегодня нет. Добавьте первого в блоке «Участники»: здесь будет видно, кого он \
                     сопровождает и каким школам помогает."
                        .into(),
                ),
                ..Block::default()
            };
        }
        rows.sort_by_cached_key(|((_, name), work)| (!work.is_idle(), sort_key(name)));
        let idle = rows.iter().filter(|(_, work)| work.is_idle()).count();
        let with_role = rows.iter().filter(|(_, work)| !work.roles.is_empty()).count();
        let mut table: Vec<Vec<Cell>> = rows.iter().map(|(who, work)| self.row(*who, work)).collect();
        table.push(self.total(idle, with_role));
        let how = if self.plans {
            "Сначала те, кто ничем не занят: предложите им маршрут, школу или роль. Открытый дефицит – тот, исход которого в маршруте ещё не записан."
        } else {
            "Маршруты участников видят ЦНППМ и оператор; здесь – школы и роли."
        };
        Block {
            title: TITLE.into(),
            text: Some(format!(
                "{how} Школы с низкими результатами – те, что участвуют в проектах их поддержки. {}",
                self.help()
            )),
            register: Some(Register::new(TITLE, &self.columns(), table)),
            ..Block::default()
        }
    }
}

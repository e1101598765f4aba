//! What is said of a procedure beside its numbers: for whom, what for, by which papers, how far it is.

use chrono::NaiveDate;

use crate::db::types::codes;
use crate::desk::registers::page::fact;
use crate::diagnostics::{Procedure, ProcedureState};
use crate::pages::parts::{Cell, Fact, Link};
use crate::pages::text::{NOTHING, capital, count, date};
use crate::people::model::StaffKind;
use crate::planted;

/// The days on which it is held, as planned; empty where none are named.
pub(crate) fn window(of: &Procedure) -> String {
    match (of.starts_on, of.ends_on) {
        (Some(from), Some(to)) if from == to => date(from),
        (Some(from), Some(to)) => format!("{} – {}", date(from), date(to)),
        (Some(from), None) => format!("с\u{A0}{}", date(from)),
        (None, Some(to)) => format!("по\u{A0}{}", date(to)),
        (None, None) => String::new(),
    }
}

/// Its facts: those that are named.
pub(crate) fn facts(
    of: &Procedure,
    organiser: String,
    scale: String,
    previous: Option<&Procedure>,
    today: NaiveDate,
) -> Vec<Fact> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let whom: Vec<String> = of.audience.iter().flat_map(|set| codes(set)).map(staff).collect();
    let valid = of.valid_days.map_or_else(
        || "без срока".to_owned(),
        |days| count(i64::from(days), "день", "дня", "дней"),
    );
    let facts = [
        ("Состояние", standing(of, today)),
        ("Проводит", organiser),
        ("Дни", window(of)),
        ("Результаты действуют", valid),
        ("Кому", whom.join(", ")),
        ("Зачем", text(&of.purpose)),
        (
            "Школа видит результаты",
            of.released_on
                .map_or_else(String::new, |day| format!("с\u{A0}{}", date(day))),
        ),
        (
            "Первичная диагностика",
            previous.map_or_else(String::new, |p| p.name.clone()),
        ),
        ("Рамка компетенций", text(&of.framework)),
        ("Шкала уровней", scale),
        ("Платформа", text(&of.tool)),
        ("Код", of.code.clone()),
    ];
    let named = facts.into_iter().filter(|(_, value)| !value.is_empty());
    named.map(|(name, value)| fact(name, value)).collect()
}

fn staff(code: &str) -> String {
    StaffKind::from_code(code).map_or_else(|| code.to_owned(), |kind| capital(kind.label()) + " состав")
}

/// Its papers: the statute and the instrument, where they are read.
pub(crate) fn papers(of: &Procedure) -> Vec<Link> {
    let link = |text: &str, link: &Option<String>| link.clone().map(|href| Link::new(text, href));
    let both = [
        link("Положение о диагностике", &of.statute_link),
        link("Описание инструмента", &of.instrument_link),
    ];
    both.into_iter().flatten().collect()
}

/// How it stands on a day: what people are invited to before its first day goes on only from that day.
pub(crate) fn standing(of: &Procedure, today: NaiveDate) -> String {
    match (of.state, of.starts_on) {
        (ProcedureState::Open, Some(first)) if first > today && !planted!("goes_on_already") => {
            format!("начнётся {}", date(first))
        }
        (state, _) => state.label().to_owned(),
    }
}

/// A row of the list for one that nobody has passed yet.
pub(crate) fn row(of: &Procedure, today: NaiveDate) -> Vec<Cell> {
    let own = super::edit::page_of(&of.code);
    let days = window(of);
    let mut cells = vec![
        Cell::link(of.name.clone(), own),
        Cell::text(format!("{}, {}", of.kind.label(), stage(of, today))),
        Cell::text(if days.is_empty() { NOTHING.to_owned() } else { days }),
    ];
    cells.extend((0..4).map(|_| Cell::text(NOTHING)));
    cells
}

fn stage(of: &Procedure, today: NaiveDate) -> String {
    match of.state {
        ProcedureState::Held => "результатов ещё нет".to_owned(),
        _ => standing(of, today),
    }
}

//! «Лист корректировки»: each revision after the first one, what it changed, why, who made it, when the teacher read it.

use super::{Changed, Sections, Source, facts};
use crate::exchange::document::{Block, Column, Document, Table};
use crate::iom::model::{Iom, IomState};
use crate::pages::text::date;
use crate::planted;

pub(super) fn document(of: &Source) -> Document {
    let mut sections = Sections::of(of);
    if of.changes.is_empty() {
        sections.begin("Изменения маршрута");
        sections.text(unchanged(&of.plan));
    }
    for changed in &of.changes {
        sections.begin(&format!("Редакция № {} от {}", changed.number, date(changed.on)));
        sections.blocks.push(said(changed));
        if changed.rows.is_empty() {
            sections.text("В плане ничего не изменилось.");
        } else {
            sections.blocks.push(table(changed));
        }
    }
    Document {
        title: "Лист корректировки индивидуального образовательного маршрута".to_owned(),
        about: format!("№ {} · {}", of.plan.number, of.about.name),
        blocks: sections.sign(of),
        footer: String::new(),
    }
}

/// Why there is nothing to tell: a plan that was never approved has not stayed the same after its approval.
fn unchanged(plan: &Iom) -> String {
    match (plan.revision, plan.state) {
        (0, IomState::Closed) if !planted!("never_approved_unsaid") => {
            let on = plan.closed_on.map_or_else(String::new, |on| format!(" {}", date(on)));
            format!("Маршрут не был утверждён: до утверждения он прекращён{on}.")
        }
        (0, state) if state != IomState::Closed => {
            "Маршрут ещё не утверждён. Здесь записывают то, что изменилось после утверждения.".to_owned()
        }
        _ => "Маршрут после утверждения не менялся.".to_owned(),
    }
}

fn said(changed: &Changed) -> Block {
    let read = changed
        .read_on
        .map_or_else(|| "_______________ (дата, подпись)".to_owned(), date);
    facts(vec![
        ("Основание", changed.why.clone()),
        ("Автор", changed.by.clone()),
        ("Ознакомление педагога", read),
    ])
}

fn table(changed: &Changed) -> Block {
    let rows = changed.rows.iter();
    Block::Table(Table {
        caption: format!("Что изменилось в редакции № {}", changed.number),
        columns: vec![
            Column::new("Пункт плана", 3),
            Column::new("Было", 4),
            Column::new("Стало", 4),
        ],
        rows: rows
            .map(|row| vec![row.part.clone(), row.was.clone(), row.now.clone()])
            .collect(),
    })
}

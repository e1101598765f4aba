//! «Лист корректировки»: each revision after the first one, what it changed, why, who made it, when the teacher read it.

use super::{Changed, Sections, Source, facts};
use crate::exchange::document::{Block, Column, Document, Table};
use crate::pages::text::date;

pub(super) fn document(of: &Source) -> Document {
    let mut sections = Sections::of(of);
    if of.changes.is_empty() {
        sections.text("Маршрут после утверждения не менялся.");
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

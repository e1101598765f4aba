//! «Отчёт о работе по карте»: what was handed in for each step, and how it was answered.

use super::{Sections, Source, facts};
use crate::exchange::document::{Block, Column, Document, Table};
use crate::iom::model::Item;
use crate::pages::text::{NOTHING, count, date};

pub(super) fn document(of: &Source) -> Document {
    let mut sections = Sections::of(of);
    let steps: Vec<&Item> = of.steps().collect();
    let done = steps.iter().filter(|item| item.state.is_settled());
    let (done, hours) = done.fold((0, 0), |(n, hours), item| (n + 1, hours + i64::from(item.hours)));
    let all = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    sections.begin("Что пройдено");
    sections.blocks.push(facts(vec![
        ("Педагог", of.about.name.clone()),
        ("Место работы", of.about.places.join("; ")),
        (
            "Выполнено",
            format!("{done} из {}", count(all, "шага", "шагов", "шагов")),
        ),
        ("Объём выполненного", format!("{hours}\u{A0}ч")),
    ]));
    sections.begin("Отчёт по шагам");
    sections.blocks.push(Block::Table(Table {
        caption: "Отчёт по шагам".to_owned(),
        columns: vec![
            Column::new("№", 1),
            Column::new("Мероприятие", 6),
            Column::new("Содержание отчёта", 6),
            Column::new("Подтверждение", 4),
            Column::new("Отметка", 4),
        ],
        rows: steps.into_iter().map(|item| row(of, item)).collect(),
    }));
    Document {
        title: "Отчёт о работе по индивидуальному образовательному маршруту".to_owned(),
        about: format!("№ {} · {}", of.plan.number, of.about.name),
        blocks: sections.sign(of),
        footer: String::new(),
    }
}

fn row(of: &Source, item: &Item) -> Vec<String> {
    let told = of.told.get(&item.id);
    let words = told.map_or_else(String::new, |told| {
        let on = told.on.map(|on| format!("отправлено {}", date(on)));
        let parts = [Some(told.words.clone()).filter(|words| !words.is_empty()), on];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    let document = of.done.get(&item.id).and_then(|done| done.document.as_ref());
    let mut proofs: Vec<String> = document.map(|n| format!("документ №\u{A0}{n}")).into_iter().collect();
    proofs.extend(told.iter().flat_map(|told| told.files.clone()));
    let mark = of.mark(item);
    let or_nothing = |text: String| if text.is_empty() { NOTHING.to_owned() } else { text };
    vec![
        item.number.to_string(),
        item.title.clone(),
        or_nothing(words),
        or_nothing(proofs.join("; ")),
        if mark.is_empty() {
            item.state.label().to_owned()
        } else {
            mark
        },
    ]
}

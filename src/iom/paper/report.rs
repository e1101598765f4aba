//! «Отчёт о работе по карте»: what was handed in for each step, and how it was answered.

use std::collections::HashMap;

use super::{Proof, Sections, Source, facts};
use crate::exchange::document::{Block, Column, Document, Table};
use crate::iom::model::Item;
use crate::pages::text::{NOTHING, count, date};
use crate::planted;

pub(super) fn document(of: &Source) -> Document {
    let mut sections = Sections::of(of);
    let steps: Vec<&Item> = of.steps().collect();
    let done: Vec<&Item> = of.steps().filter(|item| item.state.is_settled()).collect();
    let hours = hours(of, &done);
    let all = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    sections.begin("Что пройдено");
    sections.blocks.push(facts(vec![
        ("Педагог", of.about.name.clone()),
        ("Место работы", of.about.places.join("; ")),
        (
            "Выполнено",
            format!("{} из {}", done.len(), count(all, "шага", "шагов", "шагов")),
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

/// Hours of what is done. A document is one learning, however many steps it closed: it counts once, with the hours of the
/// longest of them.
fn hours(of: &Source, done: &[&Item]) -> i64 {
    let mut alone = 0;
    let mut longest: HashMap<&str, i64> = HashMap::new();
    for item in done {
        let hours = i64::from(item.hours);
        match of.proof(item).filter(|_| !planted!("document_counted_twice")) {
            None => alone += hours,
            Some(proof) => {
                let most = longest.entry(proof.number.as_str()).or_default();
                *most = hours.max(*most);
            }
        }
    }
    alone + longest.values().sum::<i64>()
}

/// Other steps that the document of this one closed: its hours count once, and the paper says so.
fn beside(of: &Source, item: &Item) -> Option<String> {
    let proof = of.proof(item)?;
    let same = |other: &&Item| other.id != item.id && of.proof(other).is_some_and(|of| of.number == proof.number);
    let others: Vec<String> = of.steps().filter(same).map(|other| other.number.to_string()).collect();
    let steps = match others.as_slice() {
        [] => return None,
        [one] => format!("шага №\u{A0}{one}"),
        several => format!("шагов №\u{A0}{}", several.join(", ")),
    };
    Some(format!("тот же документ у {steps}, его часы посчитаны один раз"))
}

fn row(of: &Source, item: &Item) -> Vec<String> {
    let told = of.told.get(&item.id);
    let words = told.map_or_else(String::new, |told| {
        let on = told.on.map(|on| format!("отправлено {}", date(on)));
        let parts = [Some(told.words.clone()).filter(|words| !words.is_empty()), on];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    let mut proofs: Vec<String> = of.proof(item).map(Proof::said).into_iter().collect();
    proofs.extend(beside(of, item));
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

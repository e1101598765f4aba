//! «Итоги»: how the plan ended, what was and what is of each deficit, what came of it.

use super::{PaperBlock, Sections, Source, facts};
use crate::exchange::document::{Block, Column, Document, Table};
use crate::iom::model::{DeficitOutcome, IomOutcome, IomState};
use crate::pages::text::{NOTHING, capital, count, date};

pub(super) fn document(of: &Source) -> Document {
    let mut sections = Sections::of(of);
    let plan = &of.plan;
    sections.begin("Итоги работы");
    let (done, all) = of.steps().fold((0, 0), |(done, all), item| {
        (done + i64::from(item.state.is_settled()), all + 1)
    });
    let state = match (plan.state, plan.outcome) {
        (IomState::Closed, Some(outcome)) => IomOutcome::label(outcome),
        (state, _) => state.label(),
    };
    sections.blocks.push(facts(vec![
        ("Педагог", of.about.name.clone()),
        ("Место работы", of.about.places.join("; ")),
        ("Состояние маршрута", capital(state)),
        ("Закрыт", plan.closed_on.map_or_else(String::new, date)),
        (
            "Выполнено",
            format!("{done} из {}", count(all, "шага", "шагов", "шагов")),
        ),
        ("Дефициты", closed(of)),
    ]));
    if !of.deficits.is_empty() {
        sections.begin("Итог по каждому дефициту");
        sections.blocks.push(deficits(of));
    }
    if let Some(conclusion) = &plan.conclusion {
        sections.begin("Заключение");
        sections.text(capital(conclusion));
    }
    if of.blocks.contains(&PaperBlock::Reflection) {
        sections.lines("Рефлексия педагога");
        sections.lines("Рекомендации");
    }
    Document {
        title: "Итоги индивидуального образовательного маршрута".to_owned(),
        about: format!("№ {} · {}", plan.number, of.about.name),
        blocks: sections.sign(of),
        footer: String::new(),
    }
}

/// «Закрыто 2 из 3»: of those judged; empty while none is.
fn closed(of: &Source) -> String {
    let judged = of.deficits.iter().filter_map(|known| known.outcome);
    let (closed, all) = judged.fold((0, 0), |(closed, all), outcome| {
        (closed + i64::from(outcome == DeficitOutcome::Closed), all + 1)
    });
    if all == 0 {
        return String::new();
    }
    format!(
        "закрыто {closed} из {}",
        count(all, "оценённого", "оценённых", "оценённых")
    )
}

fn deficits(of: &Source) -> Block {
    let rows = of.deficits.iter().map(|known| {
        let now = known.now.as_ref();
        vec![
            known.name.clone(),
            known.was.said(of.scores),
            now.map_or_else(|| NOTHING.to_owned(), |now| now.said(of.scores)),
            known.outcome.map_or(NOTHING, DeficitOutcome::label).to_owned(),
        ]
    });
    Block::Table(Table {
        caption: "Итог по каждому дефициту".to_owned(),
        columns: vec![
            Column::new("Компетенция", 5),
            Column::new("Было: уровень дефицита", 4),
            Column::new("Стало: уровень дефицита", 4),
            Column::new("Исход", 2),
        ],
        rows: rows.collect(),
    })
}

//! «Итоги»: how the plan ended, what was and what is of each deficit, what came of it.

use super::{PaperBlock, Sections, Source, facts};
use crate::exchange::document::{Block, Column, Document, Table};
use crate::iom::closing::close_reason;
use crate::iom::model::{DeficitOutcome, IomOutcome, IomState};
use crate::iom::rounds::Round;
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
        ("Дефициты", judged(of)),
    ]));
    if !of.deficits.is_empty() {
        sections.begin("Итог по каждому дефициту");
        sections.blocks.push(deficits(of));
    }
    if let Some(conclusion) = &plan.conclusion {
        sections.begin("Заключение");
        sections.text(capital(conclusion));
    }
    for round in of.rounds.iter().rev() {
        sections.begin(&format!("Итоги прежнего закрытия от {}", date(round.closed_on)));
        sections.blocks.push(before(of, round));
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

/// What has come of the deficits as it stands; a plan that came back into work begins anew.
fn judged(of: &Source) -> String {
    let said = closed(of.deficits.iter().filter_map(|known| known.outcome));
    let is_back = of.plan.state != IomState::Closed && !of.rounds.is_empty();
    if is_back && said.is_empty() && !of.deficits.is_empty() {
        return "после возвращения в работу ещё не оценены".to_owned();
    }
    said
}

/// A closing that was taken back: how, what had come of the deficits by then, when and why the plan came back.
fn before(of: &Source, round: &Round) -> Block {
    let name = |code: &str| {
        of.deficits
            .iter()
            .find(|known| known.code == code)
            .map(|known| &known.name)
    };
    let outcomes = round.deficits.iter();
    let outcomes: Vec<String> = outcomes
        .filter_map(|(code, outcome)| Some(format!("{} – {}", name(code)?, outcome.label())))
        .collect();
    let counted = closed(round.deficits.iter().map(|(_, outcome)| *outcome));
    let reason = round.reason.as_deref().unwrap_or_default();
    let known = close_reason(reason).filter(|_| round.outcome == IomOutcome::Terminated);
    let why = round.why.as_deref().map_or_else(String::new, |why| format!(": {why}"));
    facts(vec![
        ("Маршрут был закрыт", capital(round.outcome.label())),
        (
            if round.outcome == IomOutcome::Completed {
                "Заключение"
            } else {
                "Причина"
            },
            capital(known.map_or(reason, |known| known.label())),
        ),
        ("Дефициты тогда", counted),
        ("Исходы тогда", outcomes.join("; ")),
        (
            "Маршрут возвращён в работу",
            format!("{}{why}", date(round.reopened_on)),
        ),
    ])
}

/// «Закрыто 2 из 3»: of those judged; empty while none is.
fn closed(judged: impl Iterator<Item = DeficitOutcome>) -> String {
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
        let mut row = vec![known.name.clone()];
        if of.levels {
            let now = known.now.as_ref();
            row.push(known.was.said(of.scores));
            row.push(now.map_or_else(|| NOTHING.to_owned(), |now| now.said(of.scores)));
        }
        row.push(known.outcome.map_or(NOTHING, DeficitOutcome::label).to_owned());
        row
    });
    let mut columns = vec![Column::new("Компетенция", 5)];
    if of.levels {
        columns.push(Column::new("Было: уровень дефицита", 4));
        columns.push(Column::new("Стало: уровень дефицита", 4));
    }
    columns.push(Column::new("Исход", 2));
    Block::Table(Table {
        caption: "Итог по каждому дефициту".to_owned(),
        columns,
        rows: rows.collect(),
    })
}

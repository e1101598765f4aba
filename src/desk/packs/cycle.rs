//! What a pack says of its cycle: the stages and the calendar, as tables of its pages.

use crate::activity::kinds::word_name;
use crate::desk::registers::page::Block;
use crate::indicators::Pack;
use crate::indicators::pack_calendar::{CalendarItem, Stage, named, names};
use crate::indicators::regulation_kinds;
use crate::pages::parts::{Cell, Column, Register};
use crate::pages::text::NOTHING;

fn text(text: impl Into<String>) -> Cell {
    let text: String = text.into();
    Cell::text(if text.is_empty() { NOTHING.to_owned() } else { text })
}

/// Its stages and its calendar, where it has some.
pub(crate) fn blocks(of: &Pack) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !of.stages.is_empty() {
        blocks.push(stages(&of.stages));
    }
    if !of.calendar.is_empty() {
        blocks.push(calendar(&of.calendar));
    }
    blocks
}

fn stages(of: &[Stage]) -> Block {
    let columns = [
        Column::words("Этап"),
        Column::words("Код"),
        Column::words("Что делают"),
        Column::words("Отвечает"),
        Column::words("Вместе с"),
        Column::words("Характер документа"),
        Column::words("Документы"),
    ];
    let row = |stage: &Stage| {
        vec![
            text(format!("{}. {}", stage.order, stage.title)),
            text(stage.code.clone()),
            text(stage.power.clone()),
            text(names(&stage.responsible)),
            text(names(&stage.beside)),
            text(named(regulation_kinds::natures(), &stage.natures)),
            text(named(regulation_kinds::kinds(), &stage.documents)),
        ]
    };
    Block {
        title: "Этапы цикла".into(),
        register: Some(Register::new("Этапы цикла", &columns, of.iter().map(row).collect())),
        ..Block::default()
    }
}

fn calendar(of: &[CalendarItem]) -> Block {
    let columns = [
        Column::words("Дело"),
        Column::words("Код"),
        Column::words("Этап"),
        Column::words("Когда"),
        Column::words("Часть плана"),
        Column::words("Отвечает"),
        Column::words("Что должно получиться"),
        Column::words("Документ"),
    ];
    let row = |item: &CalendarItem| {
        let document = item.document.as_deref();
        vec![
            text(item.title.clone()),
            text(item.code.clone()),
            text(word_name(regulation_kinds::stages(), &item.stage)),
            text(item.when_words()),
            text(item.phase.clone().unwrap_or_default()),
            text(names(&item.responsible)),
            text(item.result.clone()),
            text(document.map_or("", |code| word_name(regulation_kinds::kinds(), code))),
        ]
    };
    Block {
        title: "Календарь".into(),
        register: Some(Register::new("Календарь", &columns, of.iter().map(row).collect())),
        ..Block::default()
    }
}

//! «Полный цикл»: which stages of management each unit has shown with documents and points, and which it has not.

use crate::cycle::examination::full_cycle::{self, Shown};
use crate::cycle::examination::standing::Whole;
use crate::db::AnyConn;
use crate::desk::examination::rows::{self, Board};
use crate::desk::examination::words;
use crate::desk::list::List;
use crate::desk::registers::file;
use crate::desk::registers::page::Sheet;
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::count;
use crate::web::Call;
use crate::web::registry::Answering;

/// GET /examinations/{examination}/cycle
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let mut at = List::of_table(&call, &["show"])?;
        let only = at
            .typed("show", "Напишите lacks.", |s| (s == "lacks").then_some(()))
            .is_some();
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let id = call.id("examination")?;
        let read = move |c: &mut AnyConn| rows::board(c, &visitor, id, today);
        let board = call.app().db.read(read).await?;
        let columns = [
            Column::words("Служба"),
            Column::words("Этап"),
            Column::words("Документы"),
            Column::figures("Баллы"),
            Column::words("Показан"),
            Column::words("Полный цикл"),
        ];
        let mut table: Vec<Vec<Cell>> = Vec::new();
        for whole in &board.units {
            let lines = unit(&board, whole);
            table.extend(
                lines
                    .into_iter()
                    .filter(|(there, _)| !only || !there)
                    .map(|(_, row)| row),
            );
        }
        let total = table.len();
        let rows = at.rows(table);
        let choice = at.select(
            "show",
            "Показать",
            "все этапы",
            [("lacks".to_owned(), "только чего нет".to_owned())],
        )?;
        let page = Sheet {
            crumbs: vec![
                Link::new("Экспертиза", "/examinations"),
                Link::new(board.of.period.clone(), format!("/examinations/{}", board.of.id)),
            ],
            heading: "Полный управленческий цикл".into(),
            lead:
                "Этап показан, если есть документ и эксперты дали за него баллы; пока они работают, хватает документа."
                    .into(),
            filters: Some(at.filters(
                vec![choice],
                crate::desk::list::found(total, "строка", "строки", "строк"),
            )),
            paging: at.paging(total),
            empty: rows.is_empty().then(|| {
                let first = Empty::new("У методики нет этапов цикла", "Допишите их в методику как [[stage]].");
                at.empty(first, "Чего нет, не нашлось", "ни один этап")
            }),
            register: (!rows.is_empty()).then(|| Register::new("Службы и этапы", &columns, rows)),
            ..Sheet::default()
        };
        file::page(&call, &at, page)
    })
}

/// The stages of a unit, each with whether it is there.
fn unit(board: &Board, whole: &Whole) -> Vec<(bool, Vec<Cell>)> {
    let stages = full_cycle::of(&board.sheet, whole);
    let asked: Vec<(&str, &Shown)> = board
        .sheet
        .stages
        .iter()
        .zip(&stages)
        .filter(|(_, shown)| shown.is_asked)
        .map(|((_, title), shown)| (title.as_str(), shown))
        .collect();
    let there = asked.iter().filter(|(_, shown)| shown.is_there()).count();
    let sum = words::of_all(there, asked.len());
    let name = board.held.name(Some(whole.row.unit_id));
    let row = |(title, shown): &(&str, &Shown)| {
        let n = i64::try_from(shown.documents).unwrap_or(i64::MAX);
        let documents = match (n, shown.said_none) {
            (0, true) => "служба говорит, что нет".to_owned(),
            (0, false) => "не указаны".to_owned(),
            (n, _) => count(n, "документ", "документа", "документов"),
        };
        let points = shown.points.map_or_else(
            || "–".to_owned(),
            |(mean, most)| format!("{} из {}", words::mean(Some(mean)), words::points(most)),
        );
        let cells = vec![
            Cell::link(name.clone(), format!("/examinations/units/{}", whole.row.id)),
            Cell::text(*title),
            Cell::text(documents),
            Cell::text(points),
            Cell::text(if shown.is_there() { "да" } else { "нет" }),
            Cell::text(sum.clone()),
        ];
        (shown.is_there(), cells)
    };
    asked.iter().map(row).collect()
}

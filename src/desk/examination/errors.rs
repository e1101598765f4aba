//! «Типичные ошибки»: at how many units each was found, the time before, how many repeat it; and which units those are.

use std::collections::BTreeSet;

use crate::cycle::examination::standing::Whole;
use crate::cycle::examination::store;
use crate::cycle::examination::typical::{self, Found};
use crate::db::AnyConn;
use crate::desk::examination::rows::{self, Board};
use crate::desk::list::List;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Sheet};
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::number;
use crate::units::UnitId;
use crate::web::Call;
use crate::web::registry::Answering;

struct Shown {
    board: Board,
    found: Vec<Found>,
}

/// GET /examinations/{examination}/errors
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &["error"])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let id = call.id("examination")?;
        let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
            let board = rows::board(c, &visitor, id, today)?;
            let before: Option<Vec<Whole>> = match &board.before {
                Some((old, _)) => {
                    let rows = store::units(c, board.held.region, &[old.id])?;
                    Some(store::whole(c, board.held.region, rows)?)
                }
                None => None,
            };
            let old = board.before.as_ref().map(|(_, sheet)| sheet).zip(before.as_deref());
            Ok(Shown {
                found: typical::found(&board.sheet, &board.units, old),
                board,
            })
        };
        let Shown { board, found } = call.app().db.read(read).await?;
        let chosen = at.known("error", |code| found.iter().find(|f| f.error.code == code).cloned())?;
        let path = format!("/examinations/{}/errors", board.of.id);
        let columns = [
            Column::words("Ошибка"),
            Column::words("Где"),
            Column::figures("Служб сейчас"),
            Column::figures("Служб в прошлый раз"),
            Column::figures("Повторяют"),
        ];
        let whole = |of: &BTreeSet<UnitId>| number(i64::try_from(of.len()).unwrap_or(i64::MAX));
        let has_before = board.before.is_some();
        let row = |of: &Found| {
            let there = if has_before {
                whole(&of.before)
            } else {
                "–".to_owned()
            };
            let again = if has_before {
                whole(&of.repeated())
            } else {
                "–".to_owned()
            };
            let to = crate::web::address::address(&path, [("error", of.error.code.as_str())]);
            vec![
                Cell::link(of.error.title.clone(), to),
                Cell::text(of.error.of.clone()),
                Cell::text(whole(&of.now)),
                Cell::text(there),
                Cell::text(again),
            ]
        };
        let total = found.len();
        let table: Vec<Vec<Cell>> = at.rows(found.iter().collect()).into_iter().map(row).collect();
        let before = board.before.as_ref().map(|(old, _)| old.period.clone());
        let lead = match &before {
            Some(period) => format!(
                "{} в сравнении с {period}. Считаются эксперты, которые закончили.",
                board.of.period
            ),
            None => format!(
                "{}. Прежней экспертизы по этой методике нет: сравнить не с чем.",
                board.of.period
            ),
        };
        let page = Sheet {
            crumbs: vec![
                Link::new("Экспертиза", "/examinations"),
                Link::new(board.of.period.clone(), format!("/examinations/{}", board.of.id)),
            ],
            heading: "Типичные ошибки".into(),
            lead,
            paging: at.paging(total),
            empty: table.is_empty().then(|| {
                Empty::new(
                    "Типичных ошибок в методике нет",
                    "Допишите их в методику как [[typical_error]]: эксперты отметят их вместе с баллом.",
                )
            }),
            register: (!table.is_empty()).then(|| Register::new("Типичные ошибки", &columns, table)),
            blocks: chosen.map(|of| units(&board, &of)).into_iter().collect(),
            ..Sheet::default()
        };
        file::page(&call, &at, page)
    })
}

/// The units of an error: this time, the time before, and who repeats it.
fn units(board: &Board, of: &Found) -> Block {
    let columns = [
        Column::words("Служба"),
        Column::words("Сейчас"),
        Column::words("В прошлый раз"),
        Column::words("Повторяет"),
    ];
    let repeated = of.repeated();
    let all: BTreeSet<UnitId> = of.now.union(&of.before).copied().collect();
    let mut named: Vec<(String, UnitId)> = all.into_iter().map(|id| (board.held.name(Some(id)), id)).collect();
    named.sort();
    let yes = |is: bool| Cell::text(if is { "да" } else { "" });
    let row = |(name, id): &(String, UnitId)| {
        vec![
            Cell::text(name.clone()),
            yes(of.now.contains(id)),
            yes(of.before.contains(id)),
            yes(repeated.contains(id)),
        ]
    };
    let rows: Vec<Vec<Cell>> = named.iter().map(row).collect();
    Block {
        title: of.error.title.clone(),
        text: rows.is_empty().then(|| "Ни у одной службы.".to_owned()),
        register: (!rows.is_empty()).then(|| Register::new(of.error.title.clone(), &columns, rows)),
        ..Block::default()
    }
}

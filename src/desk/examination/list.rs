//! «Экспертиза»: examinations of the region, and packs by which one can be opened.

use std::collections::HashMap;
use std::sync::Arc;

use crate::cycle::examination::model::{Examination, ExaminationId};
use crate::cycle::examination::sheet::Sheet;
use crate::cycle::examination::store;
use crate::db::AnyConn;
use crate::desk::examination::words;
use crate::desk::list::List;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Sheet as Page};
use crate::desk::registers::reach::Held;
use crate::error::Error;
use crate::indicators::{Pack, store as packs};
use crate::pages::parts::{Cell, Column, Empty, Register};
use crate::pages::text::number;
use crate::web::Call;
use crate::web::address::address;
use crate::web::registry::Answering;

struct Shown {
    all: Vec<Examination>,
    /// Units, and how many of them are announced.
    units: HashMap<ExaminationId, (i64, i64)>,
    packs: Vec<Arc<Pack>>,
}

/// GET /examinations
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &[])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
            let held = Held::of(c, &visitor, today)?;
            let all = store::all(c, held.region)?;
            let ids: Vec<ExaminationId> = all.iter().map(|e| e.id).collect();
            let mut units: HashMap<ExaminationId, (i64, i64)> = HashMap::new();
            for row in store::units(c, held.region, &ids)? {
                let own = units.entry(row.examination_id).or_default();
                own.0 += 1;
                own.1 += i64::from(row.announced_on.is_some());
            }
            Ok(Shown {
                all,
                units,
                packs: packs::read_packs(c)?,
            })
        };
        let shown = call.app().db.read(read).await?;
        let columns = [
            Column::words("Экспертиза"),
            Column::words("Период"),
            Column::words("Дни"),
            Column::figures("Служб"),
            Column::figures("Объявлено"),
        ];
        let total = shown.all.len();
        let row = |of: Examination| {
            let (all, announced) = shown.units.get(&of.id).copied().unwrap_or_default();
            vec![
                Cell::link(of.title.clone(), format!("/examinations/{}", of.id)),
                Cell::text(of.period.clone()),
                Cell::text(words::days(&of)),
                Cell::text(number(all)),
                Cell::text(number(announced)),
            ]
        };
        let rows: Vec<Vec<Cell>> = at.rows(shown.all).into_iter().map(row).collect();
        let first = Empty::new(
            "Экспертиз ещё не было",
            "Выберите методику ниже: назовите период, дни и службы, затем назначьте экспертов.",
        );
        let page = Page {
            heading: "Экспертиза".into(),
            lead:
                "Службы показывают документы, эксперты ставят баллы, не видя друг друга, оператор объявляет результаты."
                    .into(),
            paging: at.paging(total),
            empty: rows.is_empty().then_some(first),
            register: (!rows.is_empty()).then(|| Register::new("Экспертизы", &columns, rows)),
            blocks: ready(&shown.packs).into_iter().collect(),
            ..Page::default()
        };
        file::page(&call, &at, page)
    })
}

/// Packs in force that experts score by.
fn ready(packs: &[Arc<Pack>]) -> Option<Block> {
    let columns = [
        Column::words("Методика"),
        Column::figures("Разделов"),
        Column::figures("Критериев"),
        Column::figures("Наибольший балл"),
    ];
    let row = |pack: &Arc<Pack>| {
        let sheet = Sheet::of(pack, pack.years.last().map_or("", String::as_str));
        let most: i64 = sheet.sections.iter().map(|s| s.maximum_milli).sum();
        let whole = |n: usize| number(i64::try_from(n).unwrap_or(i64::MAX));
        (!sheet.sections.is_empty()).then(|| {
            vec![
                Cell::link(
                    pack.title.clone(),
                    address("/examinations/new", [("pack", pack.code.as_str())]),
                ),
                Cell::text(whole(sheet.sections.len())),
                Cell::text(whole(sheet.lines().count())),
                Cell::text(words::points(most)),
            ]
        })
    };
    let rows: Vec<Vec<Cell>> = packs.iter().filter_map(row).collect();
    (!rows.is_empty()).then(|| Block {
        title: "Начать экспертизу".into(),
        text: Some("Разделы, критерии и наибольшие баллы взяты из методики.".into()),
        register: Some(Register::new("Методики с баллами экспертов", &columns, rows)),
        ..Block::default()
    })
}

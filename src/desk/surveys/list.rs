//! «Опросы»: those of the region with how many have answered among the visitor's own units, and those that packs have ready.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cycle::survey::{Survey, SurveyId, store};
use crate::db::AnyConn;
use crate::desk::list::List;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Sheet};
use crate::desk::registers::reach::Held;
use crate::desk::small_cells;
use crate::desk::surveys::words;
use crate::error::Error;
use crate::indicators::pack_campaigns::YearDay;
use crate::indicators::{Pack, store as packs};
use crate::pages::parts::{Cell, Column, Empty, Register};
use crate::units::UnitId;
use crate::web::Call;
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};

struct Shown {
    surveys: Vec<Survey>,
    /// How many have answered among those that the visitor sees.
    answered: BTreeMap<SurveyId, i64>,
    packs: Vec<Arc<Pack>>,
}

/// GET /surveys
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &[])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let opens = visitor.may(Capability::Campaigns);
        let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
            let held = Held::of(c, &visitor, today)?;
            let own: Vec<UnitId> = held.own().into_iter().map(|unit| unit.id).collect();
            let sees = |unit: &UnitId| held.is_whole() || own.contains(unit);
            let answered = store::answered(c, held.region)?.into_iter().map(|(survey, places)| {
                let own = places.iter().filter(|(unit, _)| sees(unit));
                (survey, own.map(|(_, many)| many).sum())
            });
            Ok(Shown {
                surveys: store::all(c, held.region)?,
                answered: answered.collect(),
                packs: if opens { packs::read_packs(c)? } else { Vec::new() },
            })
        };
        let shown = call.app().db.read(read).await?;
        let columns = [
            Column::words("Опрос"),
            Column::words("Кого спрашивают"),
            Column::words("Когда"),
            Column::figures("Ответили"),
        ];
        let total = shown.surveys.len();
        let row = |of: Survey| {
            let answered = shown.answered.get(&of.id).copied().unwrap_or(0);
            let told: Vec<String> = small_cells::row(&[answered]).iter().map(|told| told.shown()).collect();
            vec![
                Cell::link(of.title.clone(), format!("/surveys/{}", of.id)),
                Cell::text(words::asked(&of)),
                Cell::text(words::window(&of, today)),
                Cell::text(told.concat()),
            ]
        };
        let rows: Vec<Vec<Cell>> = at.rows(shown.surveys.clone()).into_iter().map(row).collect();
        let first = if opens {
            Empty::new(
                "Опросов ещё не было",
                "Откройте один из готовых: они описаны в методиках.",
            )
        } else {
            Empty::new(
                "Опросов ещё не было",
                "Когда регион откроет опрос, здесь будет видно, сколько человек ответили.",
            )
        };
        let sheet = Sheet {
            heading: "Опросы".into(),
            lead: "Что спрашивают у людей, до какого дня и сколько ответили.".into(),
            paging: at.paging(total),
            empty: rows
                .is_empty()
                .then(|| at.empty(first, "Опросов не нашлось", "ни один")),
            register: (!rows.is_empty()).then(|| Register::new("Опросы", &columns, rows)),
            blocks: ready(&shown.packs).into_iter().collect(),
            ..Sheet::default()
        };
        file::page(&call, &at, sheet)
    })
}

/// What packs in force have ready.
fn ready(packs: &[Arc<Pack>]) -> Option<Block> {
    let columns = [
        Column::words("Готовый опрос"),
        Column::words("Методика"),
        Column::words("Обычные дни"),
    ];
    let day = |(month, day): YearDay| format!("{day:02}.{month:02}");
    let rows: Vec<Vec<Cell>> = packs
        .iter()
        .flat_map(|pack| pack.surveys.iter().map(move |of| (pack, of)))
        .map(|(pack, of)| {
            let to = [("pack", pack.code.as_str()), ("survey", of.code.as_str())];
            vec![
                Cell::link(of.title.clone(), address("/surveys/new", to)),
                Cell::text(pack.title.clone()),
                Cell::text(format!("{} – {}", day(of.opens), day(of.closes))),
            ]
        })
        .collect();
    (!rows.is_empty()).then(|| Block {
        title: "Готовые опросы".into(),
        text: Some("Вопросы и дни взяты из методики; дни можно поправить перед открытием.".into()),
        register: Some(Register::new("Готовые опросы", &columns, rows)),
        ..Block::default()
    })
}

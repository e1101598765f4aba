//! «Словарь»: what the words of the pages mean in the region of whoever reads, how each is counted and in which indicators.

use std::sync::Arc;

use crate::db::AnyConn;
use crate::db::text_keys::{holds, search_key, sort_key};
use crate::desk::list::List;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Sheet, fact};
use crate::error::Error;
use crate::indicators::terms::{self, Known};
use crate::indicators::{Pack, spoken, store};
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::count;
use crate::units::{self, UnitId};
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// The packs of the region of whoever reads: those in force that name it.
async fn packs(call: &Call) -> Result<Vec<Arc<Pack>>, Error> {
    let (region, today) = (call.visitor()?.region, call.app().clock.today());
    let Some(region) = region else {
        return Ok(Vec::new());
    };
    let read = move |c: &mut AnyConn| -> Result<Vec<Arc<Pack>>, Error> {
        let tree = units::store::tree(c, today, None)?;
        let code = tree.unit(UnitId(region)).map_or("", |unit| unit.code.as_str());
        let mut packs = store::read_packs(c)?;
        packs.retain(|pack| pack.regions.iter().any(|region| region == code));
        Ok(packs)
    };
    call.app().db.read(read).await
}

/// GET /dictionary: all words, or one by its code.
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &["q", "word"])?;
        let packs = packs(&call).await?;
        let mut known = terms::of_region(&packs);
        if let Some(code) = at.get("word") {
            let of = known.iter().find(|of| of.term.code == code);
            let of = of.ok_or_else(|| Error::NotFound("слово".into()))?;
            let opens = call.visitor()?.may(Capability::Aggregates);
            let title = format!("Словарь: {}", of.term.name);
            return Ok(Answer::page("desk/register", &one(of, &packs, opens))?.title(title));
        }
        known.sort_by_cached_key(|of| sort_key(&of.term.name));
        let wanted = at.get("q").map(search_key).unwrap_or_default();
        known.retain(|of| holds(&search_key(&format!("{} {}", of.term.name, of.term.means)), &wanted));
        file::page(&call, &at, sheet(&at, &known, &packs))
    })
}

fn sheet(at: &List, known: &[Known], packs: &[Arc<Pack>]) -> Sheet {
    let titles: Vec<String> = packs.iter().map(|pack| format!("«{}»", pack.title)).collect();
    let lead = match titles.as_slice() {
        [] => "Что значат слова на страницах программы.".to_owned(),
        _ => format!(
            "Что значат слова на страницах программы и в методике региона: {}.",
            titles.join(", ")
        ),
    };
    let columns = [
        Column::words("Слово"),
        Column::sentences("Что значит"),
        Column::words("Чьё толкование"),
    ];
    let row = |of: &Known| {
        vec![
            Cell::link(of.term.name.clone(), page_of(&of.term.code)),
            Cell::text(of.term.means.clone()),
            Cell::text(whose(of)),
        ]
    };
    let mut sheet = Sheet {
        heading: "Словарь".into(),
        lead,
        filters: Some(at.filters(
            vec![at.search("q", "Слово")],
            format!(
                "Найдено: {}",
                count(known.len().try_into().unwrap_or(i64::MAX), "слово", "слова", "слов")
            ),
        )),
        ..Sheet::default()
    };
    if known.is_empty() {
        sheet.empty = Some(Empty::new(
            "Такого слова в словаре нет",
            "Попробуйте часть слова или другое слово.",
        ));
    } else {
        sheet.register = Some(Register::new("Слова", &columns, known.iter().map(row).collect()));
    }
    sheet
}

/// Where a word stands.
pub(crate) fn page_of(code: &str) -> String {
    address("/dictionary", [("word", code)])
}

/// Whose wording it is.
fn whose(of: &Known) -> String {
    of.of
        .as_ref()
        .map_or_else(|| "общее".to_owned(), |pack| format!("методика «{}»", pack.title))
}

/// A word: whose wording it is, how it is counted – as its measures say, and nowhere else – and where.
fn one(of: &Known, packs: &[Arc<Pack>], opens: bool) -> Sheet {
    let counted = of.term.counted().map(|m| fact(&m.title, m.definition.clone()));
    Sheet {
        crumbs: vec![Link::new("Словарь", "/dictionary")],
        heading: of.term.name.clone(),
        lead: of.term.means.clone(),
        facts: std::iter::once(fact("Чьё толкование", whose(of)))
            .chain(counted)
            .collect(),
        blocks: indicators(of, packs, opens).into_iter().collect(),
        ..Sheet::default()
    }
}

/// The indicators of the region that count it.
fn indicators(of: &Known, packs: &[Arc<Pack>], opens: bool) -> Option<Block> {
    let columns = [Column::words("Показатель"), Column::words("Методика")];
    let mut rows = Vec::new();
    for pack in packs {
        for indicator in &pack.indicators {
            let counts = |code: &str| of.term.measures.iter().any(|of| of == code);
            let uses = |formula| spoken::measures_of(formula).iter().any(|m| counts(&m.code));
            if !indicator.formula.as_ref().is_some_and(uses) {
                continue;
            }
            let named = format!("{} {}", indicator.code, indicator.title);
            rows.push(vec![
                if opens {
                    Cell::link(named, format!("/indicators/{}/{}/passport", pack.code, indicator.code))
                } else {
                    Cell::text(named)
                },
                Cell::text(pack.title.clone()),
            ]);
        }
    }
    (!rows.is_empty()).then(|| Block {
        title: "В каких показателях".into(),
        register: Some(Register::new("В каких показателях", &columns, rows)),
        ..Block::default()
    })
}

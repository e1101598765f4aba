//! The summary tables of the packs: those of the own method first.

use std::sync::Arc;

use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::indicators::figures;
use crate::desk::indicators::figures_rows::{self, Asked};
use crate::error::Error;
use crate::facts;
use crate::indicators::Pack;
use crate::indicators::pack_summary::SummaryTable;
use crate::pages::parts::{Empty, Sheet, SheetCell, SheetColumn};
use crate::pages::text::capital;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct OfPack {
    title: String,
    sheet: Sheet,
}

#[derive(Serialize)]
struct ListPage {
    packs: Vec<OfPack>,
    empty: Option<Empty>,
}

/// The address of a table.
#[must_use]
pub(super) fn address_of(pack: &Pack, table: &SummaryTable) -> String {
    format!("/tables/{}/{}", pack.code, table.code)
}

/// GET /tables
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let looking = figures::looking(&call)?;
        let read = move |c: &mut AnyConn| -> Result<Vec<Arc<Pack>>, Error> {
            let Some(place) = figures_rows::place(c, &looking, &Asked::default())? else {
                return Ok(Vec::new());
            };
            let periods = facts::store::periods(c)?;
            let counted = |pack: &Pack| periods.iter().any(|p| p.basis == pack.basis.key());
            let mut packs: Vec<Arc<Pack>> = place.packs.iter().filter(|p| counted(p)).cloned().collect();
            packs.sort_by_key(|p| p.code != place.pack.code);
            Ok(packs)
        };
        let packs = call.app().db.read(read).await?;
        let packs: Vec<OfPack> = packs
            .iter()
            .filter(|p| !p.summary_tables.is_empty())
            .map(|p| of(p))
            .collect();
        let empty = packs.is_empty().then(|| {
            Empty::new(
                "Сводных таблиц пока нет",
                "Таблицы описаны в методике и появятся, когда загружены она и данные за период.",
            )
        });
        Answer::page("desk/summaries", &ListPage { packs, empty })
    })
}

fn of(pack: &Pack) -> OfPack {
    let columns = vec![
        SheetColumn::words("Таблица"),
        SheetColumn::words("Строки"),
        SheetColumn::words("Столбцы"),
    ];
    let row = |table: &SummaryTable| {
        let heads: Vec<String> = table
            .columns
            .iter()
            .map(|c| {
                c.title
                    .replace("{this}", "этот период")
                    .replace("{previous}", "прошлый период")
            })
            .collect();
        vec![
            SheetCell::words(table.title.clone()).link(Some(address_of(pack, table))),
            SheetCell::words(capital(table.rows.label())),
            SheetCell::words(heads.join(" · ")),
        ]
    };
    let caption = format!("Сводные таблицы: {}", pack.title);
    OfPack {
        title: pack.title.clone(),
        sheet: Sheet::new(caption, columns, pack.summary_tables.iter().map(row).collect()),
    }
}

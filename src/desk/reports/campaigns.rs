//! «Кампании»: those of the region with how many have handed in, and those that packs in force have ready.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;

use crate::cycle::campaign::{self, Campaign};
use crate::cycle::report::Submission;
use crate::db::AnyConn;
use crate::db::schema::submission;
use crate::desk::list::List;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Sheet};
use crate::desk::registers::reach::Held;
use crate::desk::reports::words;
use crate::error::Error;
use crate::indicators::pack_campaigns::YearDay;
use crate::indicators::{Pack, store};
use crate::pages::parts::{Cell, Column, Empty, Register};
use crate::pages::text::{number, percent};
use crate::web::Call;
use crate::web::address::address;
use crate::web::registry::Answering;

struct Shown {
    campaigns: Vec<(Campaign, Vec<Submission>)>,
    packs: Vec<Arc<Pack>>,
}

/// GET /campaigns
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &[])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
            let held = Held::of(c, &visitor, today)?;
            let campaigns = campaign::all(c, held.region)?;
            let reports: Vec<Submission> = submission::table
                .filter(submission::region_id.eq(held.region))
                .select(Submission::as_select())
                .load(c)?;
            let mut by_campaign: BTreeMap<i64, Vec<Submission>> = BTreeMap::new();
            for report in reports {
                by_campaign.entry(report.campaign_id.0).or_default().push(report);
            }
            let with = |of: Campaign| {
                let own = by_campaign.remove(&of.id.0).unwrap_or_default();
                (of, own)
            };
            Ok(Shown {
                campaigns: campaigns.into_iter().map(with).collect(),
                packs: store::read_packs(c)?,
            })
        };
        let shown = call.app().db.read(read).await?;
        let columns = [
            Column::words("Кампания"),
            Column::words("Период"),
            Column::words("Кто отчитывается"),
            Column::words("Приём"),
            Column::figures("Сдано"),
            Column::figures("Ожидалось"),
            Column::figures("%"),
        ];
        let total = shown.campaigns.len();
        let row = |(of, reports): (Campaign, Vec<Submission>)| {
            let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
            let handed = whole(reports.iter().filter(|r| r.state.is_handed_in()).count());
            let asked = whole(reports.len());
            vec![
                Cell::link(of.title.clone(), format!("/campaigns/{}", of.id)),
                Cell::text(of.period.clone()),
                Cell::text(of.level.label()),
                Cell::text(words::window(&of)),
                Cell::text(number(handed)),
                Cell::text(number(asked)),
                Cell::text(percent(handed, asked)),
            ]
        };
        let rows: Vec<Vec<Cell>> = at.rows(shown.campaigns).into_iter().map(row).collect();
        let first = Empty::new(
            "Кампаний ещё не было",
            "Откройте одну из готовых: они описаны в методиках.",
        );
        let sheet = Sheet {
            heading: "Кампании".into(),
            lead: "Кто, за какой период и до какого дня отчитывается.".into(),
            paging: at.paging(total),
            empty: rows
                .is_empty()
                .then(|| at.empty(first, "Кампаний не нашлось", "ни одна")),
            register: (!rows.is_empty()).then(|| Register::new("Кампании", &columns, rows)),
            blocks: ready(&shown.packs).into_iter().collect(),
            ..Sheet::default()
        };
        file::page(&call, &at, sheet)
    })
}

/// What packs in force have ready.
fn ready(packs: &[Arc<Pack>]) -> Option<Block> {
    let columns = [
        Column::words("Готовая кампания"),
        Column::words("Методика"),
        Column::words("Кто отчитывается"),
        Column::words("Обычные дни"),
    ];
    let day = |(month, day): YearDay| format!("{day:02}.{month:02}");
    let rows: Vec<Vec<Cell>> = packs
        .iter()
        .flat_map(|pack| pack.campaigns.iter().map(move |of| (pack, of)))
        .map(|(pack, of)| {
            let to = [("pack", pack.code.as_str()), ("campaign", of.code.as_str())];
            vec![
                Cell::link(of.title.clone(), address("/campaigns/new", to)),
                Cell::text(pack.title.clone()),
                Cell::text(of.level.label()),
                Cell::text(format!("{} – {}", day(of.opens), day(of.due))),
            ]
        })
        .collect();
    (!rows.is_empty()).then(|| Block {
        title: "Готовые кампании".into(),
        text: Some("Дни, формы и порядок заполнения взяты из методики; дни можно поправить перед открытием.".into()),
        register: Some(Register::new("Готовые кампании", &columns, rows)),
        ..Block::default()
    })
}

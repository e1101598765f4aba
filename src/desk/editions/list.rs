//! «Выпуски»: what was released for the region, the last first; and which of them the address means.

use crate::cycle::edition::acts::Standing;
use crate::cycle::edition::{Edition, EditionId, store};
use crate::db::AnyConn;
use crate::desk::indicators::figures::named;
use crate::desk::list::List;
use crate::desk::registers::page::Sheet;
use crate::desk::registers::reach::{Held, missing};
use crate::error::Error;
use crate::exchange::list_file::{FileCell, FileTable, MEDIA, workbook};
use crate::pages::parts::{Cell, Change, Chip, Column, Empty, Fact, Register, Tone};
use crate::pages::text::{date, moment};
use crate::units::UnitId;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// The region of whoever sees all of it; whoever sees a part has no editions.
pub(crate) async fn region(call: &Call) -> Result<UnitId, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<UnitId, Error> {
        let held = Held::of(c, &visitor, today)?;
        if held.is_whole() {
            Ok(held.region)
        } else {
            Err(missing())
        }
    };
    call.app().db.read(read).await
}

/// The edition of the address, if it is of the visitor's region.
pub(crate) async fn found(call: &Call) -> Result<(Edition, Standing), Error> {
    let (own, id) = (region(call).await?, EditionId(call.id("edition")?));
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let edition = store::one(c, id)?.filter(|e| e.region_id == own).ok_or_else(missing)?;
        let standing = crate::cycle::edition::acts::standing(c, edition.id)?;
        Ok((edition, standing))
    };
    call.app().db.read(read).await
}

/// What state an edition is in, in a word.
pub(crate) fn chips(standing: &Standing) -> Chip {
    match (&standing.approved, &standing.opened) {
        (_, Some(_)) => Chip::new(Tone::Done, "открыт для всех"),
        (Some(_), None) => Chip::new(Tone::Done, "утверждён"),
        (None, None) => Chip::new(Tone::Calm, "выпущен"),
    }
}

/// GET /editions
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &[])?;
        let own = region(&call).await?;
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let editions = store::all(c, Some(own))?;
            let ids: Vec<EditionId> = editions.iter().map(|e| e.id).collect();
            Ok((store::acts(c, &ids)?, editions))
        };
        let (acts, editions) = call.app().db.read(read).await?;
        let standing = |e: &Edition| Standing::of(acts.get(&e.id).map_or(&[][..], Vec::as_slice));
        let zone = call.zone();
        if at.is_whole() {
            let rows: Vec<Vec<FileCell>> = editions
                .iter()
                .map(|e| {
                    vec![
                        FileCell::Number(i64::from(e.number)),
                        e.title.clone().into(),
                        named(&e.period).into(),
                        FileCell::Day((e.released_at + zone).date()),
                        e.released_by.clone().into(),
                        chips(&standing(e)).text.into(),
                    ]
                })
                .collect();
            let table = FileTable {
                title: "Выпуски",
                head: vec!["№", "Название", "Период", "Выпущен", "Кем", "Состояние"],
                rows: &rows,
            };
            let today = call.app().clock.today();
            let bytes = workbook(&format!("Выпуски · {}", date(today)), today, &[table])?;
            return Ok(Answer::bytes(bytes, MEDIA).file(&format!("Выпуски {}.xlsx", date(today)), false));
        }
        let columns = [
            Column::words("Выпуск"),
            Column::words("Период"),
            Column::words("Выпущен"),
            Column::words("Кем"),
            Column::words("Состояние"),
        ];
        let (found, paging) = (editions.len(), at.paging(editions.len()));
        let row = |e: &Edition| {
            vec![
                Cell::link(
                    format!("№\u{A0}{} {}", e.number, e.title),
                    format!("/editions/{}", e.id),
                ),
                Cell::text(named(&e.period)),
                Cell::text(moment(e.released_at, zone)),
                Cell::text(e.released_by.clone()),
                Cell::chip(chips(&standing(e))),
            ]
        };
        let rows: Vec<Vec<Cell>> = at.rows(editions).iter().map(row).collect();
        let releases = call.visitor()?.may(Capability::Release);
        let way = Fact {
            name: "Новый выпуск".into(),
            value: String::new(),
            change: Some(Change {
                text: "Подготовить",
                object: "новый выпуск",
                href: "/editions/new".into(),
            }),
        };
        let mut sheet = Sheet {
            heading: "Выпуски".into(),
            lead: "Выпущенные значения не меняются никогда: исправления входят в следующий выпуск.".into(),
            facts: if releases { vec![way] } else { Vec::new() },
            register: (!rows.is_empty()).then(|| Register::new("Выпуски", &columns, rows)),
            paging,
            empty: (found == 0).then(|| {
                Empty::new(
                    "Выпусков пока нет",
                    "Когда значения за период проверены, их выпускает региональный оператор.",
                )
            }),
            ..Sheet::default()
        };
        if found > 0 {
            sheet.facts.push(Fact {
                name: "Список в Excel".into(),
                value: String::new(),
                change: Some(Change {
                    text: "Скачать",
                    object: "список выпусков",
                    href: at.workbook(),
                }),
            });
        }
        Answer::page("desk/register", &sheet)
    })
}

//! «Методики»: packs of the installation with their versions and since when, and a new one from the blank.

use crate::db::AnyConn;
use crate::desk::packs::editing::{self, Shown};
use crate::desk::registers::page::Sheet;
use crate::error::Error;
use crate::indicators::{Pack, pack, store};
use crate::pages::parts::{Cell, Chip, Column, Link, Register, Tone};
use crate::pages::text::{date, number};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// GET /packs
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let read = |c: &mut AnyConn| -> Result<_, Error> { Ok((store::packs(c)?, store::version_counts(c)?)) };
        let (rows, counts) = call.app().db.read(read).await?;
        let columns = [
            Column::words("Методика"),
            Column::words("Код"),
            Column::figures("Версия"),
            Column::words("Действует с"),
            Column::figures("Показателей"),
            Column::figures("Всего версий"),
        ];
        let zone = call.zone();
        let many = |text: &str| Pack::parse(text).map_or(0, |p| p.indicators.len());
        let figure = |n: usize| Cell::text(number(i64::try_from(n).unwrap_or(i64::MAX)));
        let mut table: Vec<Vec<Cell>> = Vec::new();
        for row in &rows {
            let versions = counts.get(&row.code).copied().unwrap_or(1);
            table.push(vec![
                Cell::link(row.title.clone(), format!("/packs/{}", row.code)),
                Cell::text(row.code.clone()),
                Cell::text(row.version.to_string()),
                Cell::text(date((row.loaded_at + zone).date())),
                figure(many(&row.source)),
                Cell::text(number(versions)),
            ]);
        }
        for (code, text) in pack::EMBEDDED {
            if rows.iter().any(|row| row.code == *code) {
                continue;
            }
            let Ok(read) = Pack::parse(text) else { continue };
            table.push(vec![
                Cell::link(read.title.clone(), format!("/packs/{code}")),
                Cell::text(*code),
                Cell::text(read.version.to_string()),
                Cell::chip(Chip::new(Tone::Calm, "не введена")),
                figure(read.indicators.len()),
                Cell::text(number(0)),
            ]);
        }
        let sheet = Sheet {
            heading: "Методики".into(),
            lead: "По ним считаются показатели. Правка вводится новой версией, прежние остаются в истории.".into(),
            register: Some(Register::new("Методики", &columns, table)),
            facts: vec![crate::pages::parts::Fact {
                name: "Своя методика".into(),
                value: String::new(),
                change: Some(crate::pages::parts::Change {
                    text: "Начать с заготовки",
                    object: "новую методику",
                    href: "/packs/new".into(),
                }),
            }],
            ..Sheet::default()
        };
        Answer::page("desk/register", &sheet)
    })
}

fn blank(text: String) -> Shown {
    Shown {
        crumbs: vec![Link::new("Методики", "/packs")],
        heading: "Новая методика".into(),
        lead: "Перепишите заготовку под свой регион, проверьте и введите в действие.".into(),
        action: "/packs/new".into(),
        text,
        ..Shown::default()
    }
}

/// GET /packs/new
pub fn new(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        editing::answer(&call, blank(pack::BLANK.to_owned()), 200)
    })
}

/// POST /packs/new
pub fn make(call: Call) -> Answering {
    Box::pin(async move {
        let sent = editing::sent(&call)?;
        editing::act(&call, None, None, blank(sent.text.clone()), sent).await
    })
}

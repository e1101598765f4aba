//! Links of facts entered by form: which of them nobody has looked at, and marking one as checked.

use crate::db::AnyConn;
use crate::desk::forms::page::enterer;
use crate::desk::forms::rows;
use crate::desk::list::{self, List};
use crate::desk::registers::page::Sheet;
use crate::desk::registers::reach::{Held, missing};
use crate::error::Error;
use crate::indicators::form;
use crate::pages::parts::{Cell, Chip, Column, Empty, Link, Register, Tone};
use crate::pages::text::date;
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// GET /forms/links
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &["state"])?;
        let checked = at.known("state", |s| match s {
            "checked" => Some(true),
            "waiting" => Some(false),
            _ => None,
        })?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let held = Held::of(c, &visitor, today)?;
            Ok(rows::links(c, &held)?)
        };
        let mut links = call.app().db.read(read).await?;
        links.retain(|l| checked.is_none_or(|wanted| wanted == l.checked.is_some()));
        let columns = [
            Column::words("Единица"),
            Column::words("Сведение"),
            Column::words("Период"),
            Column::words("Ссылка"),
            Column::words("Проверена"),
        ];
        let total = links.len();
        let rows: Vec<Vec<Cell>> = at
            .rows(links)
            .into_iter()
            .map(|l| {
                let form = address(
                    "/forms",
                    [("unit", l.unit.code.as_str()), ("period", l.period.as_str())],
                );
                vec![
                    Cell::link(l.unit.name.clone(), form),
                    Cell::text(l.title),
                    Cell::text(l.period),
                    Cell::link(l.link.clone(), l.link),
                    match l.checked {
                        Some((on, name)) => Cell::text(format!("{}, {name}", date(on))),
                        None => Cell::chip(Chip::new(Tone::Wait, "не проверена")),
                    },
                ]
            })
            .collect();
        let states = [("waiting", "не проверены"), ("checked", "проверены")].map(|(c, l)| (c.to_owned(), l.to_owned()));
        let filters = vec![at.select("state", "Проверка", "все", states)?];
        let sheet = Sheet {
            crumbs: vec![Link::new("Сведения", "/forms")],
            heading: "Ссылки сведений".into(),
            lead: "Откройте ссылку, сверьте с ней значение и отметьте проверку в форме единицы.".into(),
            filters: Some(at.filters(filters, list::found(total, "ссылка", "ссылки", "ссылок"))),
            paging: at.paging(total),
            empty: rows
                .is_empty()
                .then(|| Empty::new("Ссылок нет", "К сведениям этих единиц ссылок не приложено.")),
            register: (!rows.is_empty()).then(|| Register::new("Ссылки", &columns, rows)),
            ..Sheet::default()
        };
        Answer::page("desk/register", &sheet)
    })
}

/// POST /forms/check
pub fn check(call: Call) -> Answering {
    Box::pin(async move {
        let form = call.form.only(&["value"])?;
        let id: i64 = form.get("value").and_then(|n| n.parse().ok()).ok_or_else(missing)?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let held = Held::of(c, &visitor, today)?;
            let found = rows::links(c, &held)?.into_iter().find(|l| l.id == id);
            Ok((held.region, found.ok_or_else(missing)?))
        };
        let (region, link) = call.app().db.read(read).await?;
        let by = enterer(&call)?;
        let write = move |tx: &mut crate::db::Tx<'_>| form::check_link(tx, &by, region, id, today);
        call.app().db.write(write).await?;
        let to = [
            ("unit", link.unit.code.as_str()),
            ("period", link.period.as_str()),
            ("done", "checked"),
        ];
        Ok(Answer::redirect(address("/forms", to)))
    })
}

//! The desk of an expert: units that are assigned, with what is left and until when.

use crate::cycle::examination::model::{ExaminationId, Examined};
use crate::cycle::examination::store;
use crate::db::AnyConn;
use crate::desk::examination::words;
use crate::desk::list::List;
use crate::desk::registers::file;
use crate::desk::registers::page::{Sheet, fact};
use crate::desk::registers::reach::Held;
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Column, Empty, Register, Tone};
use crate::pages::text::{date, number, until};
use crate::web::Call;
use crate::web::registry::Answering;

/// A place of the expert with what stands of it.
struct Place {
    name: String,
    title: String,
    sections: String,
    left: usize,
    asked: usize,
    done: bool,
    announced: bool,
    until: chrono::NaiveDate,
    href: String,
}

/// GET /examine
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &[])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let read = move |c: &mut AnyConn| -> Result<Vec<Place>, Error> {
            let held = Held::of(c, &visitor, today)?;
            let seats = store::seats_of(c, held.region, visitor.account)?;
            let wanted: Vec<_> = seats.iter().map(|s| s.examination_unit_id).collect();
            let all = store::all(c, held.region)?;
            let ids: Vec<ExaminationId> = all.iter().map(|e| e.id).collect();
            let mut units: Vec<Examined> = store::units(c, held.region, &ids)?;
            units.retain(|u| wanted.contains(&u.id));
            let mut found = Vec::new();
            for whole in store::whole(c, held.region, units)? {
                let Some(of) = all.iter().find(|e| e.id == whole.row.examination_id) else {
                    continue;
                };
                let sheet = of.sheet()?;
                let own = whole.seats.iter().filter(|s| s.seat.account_id == visitor.account);
                found.extend(own.map(|seat| Place {
                    name: held.name(Some(whole.row.unit_id)),
                    title: of.period.clone(),
                    sections: seat.seat.sections.replace(',', ", "),
                    left: seat.left(&sheet).len(),
                    asked: seat.asked(&sheet),
                    done: seat.seat.done_on.is_some(),
                    announced: whole.row.announced_on.is_some(),
                    until: of.scoring_until,
                    href: format!("/examine/{}", seat.seat.id),
                }));
            }
            // What waits first, then what is due first.
            found.sort_by(|a, b| (a.done, a.until, &a.name).cmp(&(b.done, b.until, &b.name)));
            Ok(found)
        };
        let places = call.app().db.read(read).await?;
        let waiting: Vec<&Place> = places.iter().filter(|p| !p.done).collect();
        let left: usize = waiting.iter().map(|p| p.left).sum();
        let whole = |n: usize| number(i64::try_from(n).unwrap_or(i64::MAX));
        let facts = vec![
            fact("Служб ждут оценки", whole(waiting.len())),
            fact("Осталось критериев", whole(left)),
            fact(
                "Ближайший срок",
                waiting
                    .iter()
                    .map(|p| p.until)
                    .min()
                    .map_or_else(String::new, |d| until(d, today)),
            ),
        ];
        let columns = [
            Column::words("Служба"),
            Column::words("Период"),
            Column::words("Разделы"),
            Column::words("Оценено критериев"),
            Column::words("Срок"),
            Column::words("Состояние"),
        ];
        let total = places.len();
        let row = |of: Place| {
            let state = match (of.announced, of.done) {
                (true, _) => Chip::new(Tone::Done, "объявлено"),
                (false, true) => Chip::new(Tone::Done, "вы закончили"),
                (false, false) if of.until < today => Chip::new(Tone::Late, "срок прошёл"),
                (false, false) => Chip::new(Tone::Wait, "ждёт оценки"),
            };
            vec![
                Cell::link(of.name, of.href),
                Cell::text(of.title),
                Cell::text(of.sections),
                Cell::text(words::of_all(of.asked - of.left, of.asked)),
                Cell::text(date(of.until)),
                Cell::chip(state),
            ]
        };
        let empty = places.is_empty().then(|| {
            Empty::new(
                "Вам пока ничего не назначено",
                "Когда региональный оператор назначит вам службы и разделы, они появятся здесь.",
            )
        });
        let rows: Vec<Vec<Cell>> = at.rows(places).into_iter().map(row).collect();
        let page = Sheet {
            heading: "Оценка служб".into(),
            lead: "Других экспертов вы увидите, когда все закончат раздел; они вас – тоже.".into(),
            facts: if empty.is_some() { Vec::new() } else { facts },
            paging: at.paging(total),
            empty,
            register: (!rows.is_empty()).then(|| Register::new("Службы", &columns, rows)),
            ..Sheet::default()
        };
        file::page(&call, &at, page)
    })
}

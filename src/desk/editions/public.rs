//! What is open to everyone, without sign-in: editions that the operator has opened, values of the region and of its
//! municipalities, without the few.

use serde::Serialize;

use super::told::{Line, Said, said};
use crate::cycle::edition::acts::{self, Standing};
use crate::cycle::edition::content::Kept;
use crate::cycle::edition::values;
use crate::cycle::edition::{Edition, EditionId, store};
use crate::db::AnyConn;
use crate::desk::indicators::figures::{HIDES, named};
use crate::desk::indicators::words;
use crate::desk::registers::reach::missing;
use crate::error::Error;
use crate::exchange::list_file::{FileTable, MEDIA, workbook};
use crate::indicators::Indicator;
use crate::pages::parts::{
    Cell, Choice, Column, Empty, Filter, Filters, Link, Register, Sheet, SheetCell, SheetColumn,
};
use crate::pages::text::date;
use crate::planted;
use crate::units::UnitKind;
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Page {
    crumbs: Vec<Link>,
    heading: String,
    lead: String,
    filters: Option<Filters>,
    sheet: Option<Sheet>,
    sheet_heading: String,
    register: Option<Register>,
    hides: &'static str,
    empty: Option<Empty>,
}

/// GET /released: what is open, of every region.
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let read = |c: &mut AnyConn| -> Result<_, Error> {
            let editions = store::all(c, None)?;
            let ids: Vec<EditionId> = editions.iter().map(|e| e.id).collect();
            let acts = store::acts(c, &ids)?;
            let regions = crate::units::store::places(c)?
                .into_iter()
                .map(|(code, (id, ..))| (id, code));
            let regions: std::collections::HashMap<_, _> = regions.collect();
            Ok((acts, editions, regions))
        };
        let (acts, editions, regions) = call.app().db.read(read).await?;
        let is_open = |e: &&Edition| {
            Standing::of(acts.get(&e.id).map_or(&[][..], Vec::as_slice))
                .opened
                .is_some()
        };
        let zone = call.zone();
        let columns = [
            Column::words("Выпуск"),
            Column::words("Регион"),
            Column::words("Период"),
            Column::words("Выпущен"),
        ];
        let row = |e: &Edition| {
            vec![
                Cell::link(
                    format!("№\u{A0}{} {}", e.number, e.title),
                    format!("/released/{}", e.id),
                ),
                Cell::text(regions.get(&e.region_id).cloned().unwrap_or_default()),
                Cell::text(named(&e.period)),
                Cell::text(date((e.released_at + zone).date())),
            ]
        };
        let rows: Vec<Vec<Cell>> = editions.iter().filter(is_open).map(row).collect();
        let page = Page {
            crumbs: Vec::new(),
            heading: "Опубликованные показатели".into(),
            lead: "Значения выпущены региональным оператором и не меняются.".into(),
            filters: None,
            sheet: None,
            sheet_heading: String::new(),
            empty: rows.is_empty().then(|| {
                Empty::new(
                    "Пока ничего не опубликовано",
                    "Здесь появятся выпуски, которые откроет региональный оператор.",
                )
            }),
            register: (!rows.is_empty()).then(|| Register::new("Открытые выпуски", &columns, rows)),
            hides: "",
        };
        Answer::page("desk/released", &page)
    })
}

/// GET /released/{edition}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["indicator", "as"])?;
        let book = crate::desk::indicators::file::wanted(&call)?;
        let chosen = query.get("indicator").unwrap_or_default().to_owned();
        let id = EditionId(call.id("edition")?);
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let edition = store::one(c, id)?.ok_or_else(missing)?;
            // One that is closed is the same as none.
            if acts::standing(c, id)?.opened.is_none() && !planted!("edition_open_unasked") {
                return Err(missing());
            }
            said(c, &edition, false)
        };
        let said = call.app().db.read(read).await?;
        let edition = &said.edition;
        let indicator = match chosen.as_str() {
            "" => None,
            code => Some(said.pack.indicator(code).ok_or_else(missing)?),
        };
        let sheet = match indicator {
            Some(of) => by_unit(&said, of),
            None => of_region(&said),
        };
        let region = said
            .units
            .get(said.region())
            .map_or_else(String::new, |u| u.name.clone());
        let day = (edition.released_at + call.zone()).date();
        let heading = match indicator {
            Some(of) => format!("{} {}", of.code, of.title),
            None => edition.title.clone(),
        };
        let lead = format!(
            "{region} · {} · выпуск №\u{A0}{} от {}",
            named(&edition.period),
            edition.number,
            date(day)
        );
        let path = format!("/released/{id}");
        let here = address(
            &path,
            [("indicator", chosen.as_str())]
                .into_iter()
                .filter(|(_, v)| !v.is_empty()),
        );
        if book {
            let rows = crate::desk::indicators::file::rows(&sheet);
            let table = FileTable {
                title: "Показатели",
                head: sheet.columns.iter().map(|c| c.label.as_str()).collect(),
                rows: &rows,
            };
            let bytes = workbook(&format!("{heading} · {lead}"), day, &[table])?;
            return Ok(Answer::bytes(bytes, MEDIA).file(&format!("Показатели {}.xlsx", date(day)), false));
        }
        let every = std::iter::once(Choice::new("", "все показатели региона", &chosen));
        let indicators = said.pack.indicators.iter();
        let choices = every.chain(indicators.map(|i| Choice::new(&i.code, format!("{} {}", i.code, i.title), &chosen)));
        let page = Page {
            crumbs: vec![Link::new("Опубликованные показатели", "/released")],
            heading: heading.clone(),
            lead,
            filters: Some(Filters {
                action: path,
                filters: vec![Filter::select("indicator", "Показатель", choices.collect())],
                chosen: Vec::new(),
                found: String::new(),
                unread: Vec::new(),
                file: None,
                beside: Vec::new(),
            }),
            sheet_heading: match indicator {
                Some(_) => "Регион и муниципалитеты".into(),
                None => region,
            },
            sheet: Some(sheet.file(crate::desk::indicators::file::of(&here))),
            register: None,
            hides: HIDES,
            empty: None,
        };
        Ok(Answer::page("desk/released", &page)?.title(heading))
    })
}

fn columns(first: &str) -> Vec<SheetColumn> {
    vec![
        SheetColumn::words(first),
        SheetColumn::figures("Значение"),
        SheetColumn::figures("План"),
        SheetColumn::figures("Баллы"),
        SheetColumn::words("Уровень"),
        SheetColumn::figures("Числитель"),
        SheetColumn::figures("Знаменатель"),
    ]
}

/// All indicators of the region; each leads to its municipalities.
fn of_region(said: &Said) -> Sheet {
    let rows = said.of_unit(said.region()).map(|(line, of, unit)| {
        let path = format!("/released/{}", said.edition.id);
        let name = SheetCell::words(format!("{} {}", of.code, of.title));
        let name = name.link(Some(address(&path, [("indicator", of.code.as_str())])));
        cells(said, (line, of, unit), name)
    });
    Sheet::new("Показатели региона", columns("Показатель"), rows.collect())
}

/// One indicator over the region and its municipalities.
fn by_unit(said: &Said, of: &Indicator) -> Sheet {
    let shown = |kind: &str| kind == UnitKind::Region.code() || kind == UnitKind::Municipality.code();
    let rows = said
        .of_indicator(&of.code)
        .filter(|(_, _, unit)| shown(&unit.kind))
        .map(|(line, of, unit)| cells(said, (line, of, unit), SheetCell::words(unit.name.clone())));
    Sheet::new(of.code.clone(), columns("Единица"), rows.collect())
}

fn cells(said: &Said, (line, of, unit): (&Line, &Indicator, &Kept), name: SheetCell) -> Vec<SheetCell> {
    let Some(seen) = said.get(&of.code, &unit.code) else {
        return vec![name];
    };
    let level = values::level(Some(of), &said.units, &line.zone);
    vec![
        name,
        words::value_cell(of, seen),
        words::target_cell(of, seen),
        words::points_cell(seen),
        if seen.hidden || level.is_empty() {
            SheetCell::nothing()
        } else {
            SheetCell::words(level)
        },
        words::upper_cell(seen),
        words::lower_cell(seen),
    ]
}

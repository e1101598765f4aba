//! «Карта дефицитов»: subjects × groups of competences of one's school, municipality or region, people with a deficit in
//! each cell. Nobody is named and no list opens: numbers of fewer than five people are hidden from everyone, and those that
//! would give them away by subtraction, on the page and in the file alike. There is one table for one scope: no filter,
//! so no two tables that differ by one person.

use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::bounds::{self, Bounds};
use crate::desk::indicators::file;
use crate::desk::list::List;
use crate::desk::school::coverage_rows;
use crate::desk::school::needs_rows::{self, Needs, Row};
use crate::desk::small_cells::{self, Told};
use crate::error::Error;
use crate::pages::parts::{Empty, Link, Sheet, SheetCell, SheetColumn};
use crate::pages::text::{number, share_in_tenths};
use crate::units;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// From which share of those who were measured a shade begins, in tenths of a per cent, and its words.
const SHADES: [(i64, &str); 5] = [
    (0, "меньше 10 %"),
    (100, "от 10 %"),
    (250, "от 25 %"),
    (500, "от 50 %"),
    (750, "от 75 %"),
];

#[derive(Serialize)]
struct Shade {
    shade: usize,
    text: &'static str,
}

#[derive(Serialize)]
struct Page {
    crumbs: Vec<Link>,
    lead: String,
    legend: Vec<Shade>,
    sheet: Option<Sheet>,
    empty: Empty,
}

/// The table as it may be told.
struct Shown {
    groups: Vec<String>,
    /// Names of the rows, the last is the total.
    names: Vec<String>,
    /// What may be told; `None` where nobody was measured.
    cells: Vec<Vec<Option<Told>>>,
}

/// GET /needs
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &[])?;
        let within = bounds::within(&call)?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let read = move |c: &mut AnyConn| -> Result<(String, Needs), Error> {
            let region = within.region.ok_or_else(|| Error::NotFound("страница".into()))?;
            let bounds = Bounds::of(c, region, &within.scope, today)?;
            let own = coverage_rows::organisations(c, &visitor, today)?;
            let tree = units::store::tree(c, today, None)?;
            let name = coverage_rows::common(&tree, &own).map_or_else(String::new, |unit| unit.name.clone());
            Ok((name, needs_rows::count(c, &bounds, today)?))
        };
        let (name, needs) = call.app().db.read(read).await?;
        let shown = told(needs);
        let lead = [
            name.as_str(),
            "действующие результаты тех, кто сегодня работает педагогом",
        ];
        let lead: Vec<&str> = lead.into_iter().filter(|part| !part.is_empty()).collect();
        let lead = lead.join(" · ");
        let sheet = sheet(&shown, at.workbook());
        if at.is_whole() {
            return file::answer(&call, "Карта дефицитов", &lead, &sheet);
        }
        let page = Page {
            crumbs: vec![Link::new("Охват", "/coverage")],
            lead,
            legend: SHADES
                .iter()
                .enumerate()
                .map(|(n, (_, text))| Shade { shade: n + 1, text })
                .collect(),
            sheet: (shown.names.len() > 1).then_some(sheet),
            empty: Empty::new(
                "Результатов диагностики пока нет",
                "Карта появится, когда ЦНППМ загрузит результаты ваших педагогов и откроет их.",
            ),
        };
        Answer::page("desk/needs", &page)
    })
}

fn told(needs: Needs) -> Shown {
    let counts: Vec<Vec<i64>> = needs.rows.values().map(|row| row.counts.clone()).collect();
    let (told, sum) = small_cells::rows(&counts, &needs.total.counts);
    let name = |subject: &String| {
        if subject.is_empty() {
            "Без предмета".to_owned()
        } else {
            subject.clone()
        }
    };
    let cells = |row: &Row, told: Vec<Told>| -> Vec<Option<Told>> {
        let measured = std::iter::once(true).chain(row.measured.iter().copied());
        told.into_iter()
            .zip(measured)
            .map(|(told, is)| is.then_some(told))
            .collect()
    };
    let rows = needs.rows.values().zip(told).map(|(row, told)| cells(row, told));
    let total = cells(&needs.total, sum);
    Shown {
        names: needs.rows.keys().map(name).chain(["Все вместе".to_owned()]).collect(),
        cells: rows.chain([total]).collect(),
        groups: needs.groups,
    }
}

/// A number stays a number in the file; what is hidden is a word there too.
fn figure(told: Option<Told>) -> SheetCell {
    match told {
        Some(Told::Number(n)) => SheetCell::number(number(n), n.saturating_mul(1000), 0, ""),
        Some(hidden) => SheetCell::words(hidden.shown()),
        None => SheetCell::nothing(),
    }
}

/// The columns beside the names: who was measured, and the groups.
fn heads(shown: &Shown) -> impl Iterator<Item = &str> {
    std::iter::once("Есть результат").chain(shown.groups.iter().map(String::as_str))
}

fn sheet(shown: &Shown, file: String) -> Sheet {
    let mut columns = vec![SheetColumn::words("Предмет")];
    columns.extend(heads(shown).map(SheetColumn::figures));
    let cell = |told: Option<Told>, of: Option<Told>, counts: bool| {
        let shade = match (told, of) {
            (Some(Told::Number(n)), Some(Told::Number(of))) if counts => {
                share_in_tenths(n, of).map(|share| SHADES.iter().filter(|(from, _)| share >= *from).count())
            }
            _ => None,
        };
        figure(told).shade(shade)
    };
    let row = |(name, cells): (&String, &Vec<Option<Told>>)| {
        let of = cells.first().copied().flatten();
        let figures = cells.iter().enumerate().map(|(n, told)| cell(*told, of, n > 0));
        std::iter::once(SheetCell::head(name.clone())).chain(figures).collect()
    };
    let rows = shown.names.iter().zip(&shown.cells).map(row).collect();
    Sheet::new("Карта дефицитов", columns, rows).dense().file(file)
}

//! «Кому нужна следующая диагностика»: who and why; for a school without days and scores, by the same rule.

use std::collections::{BTreeMap, HashMap};

use crate::db::AnyConn;
use crate::db::text_keys::{holds, search_key, sort_key};
use crate::desk::diagnostics::next_rows::{self, Due};
use crate::desk::diagnostics::people_rows::below;
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::plan::rows::Who;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Sheet};
use crate::desk::registers::reach::Held;
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{NOTHING, capital, date, number};
use crate::people::PersonId;
use crate::profile::next::Need;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

const NAMES: [&str; 3] = ["q", "kind", "unit"];
const CODE: &str = "next_diagnosis";

/// GET /diagnostics/next
pub fn all(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?, true).await })
}

/// GET and POST /diagnostics/next/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?.whole(), true).await })
}

/// GET /staff/next: the own staff.
pub fn staff(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &["q", "kind"])?, false).await })
}

struct Shown {
    held: Held,
    /// Those of the page.
    rows: Vec<Due>,
    who: HashMap<PersonId, Who>,
    total: usize,
    /// How many for each reason; a person may have several.
    reasons: BTreeMap<Need, i64>,
}

async fn page(call: &Call, at: List, whole: bool) -> Result<Answer, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let text = at.get("q").map(search_key);
    let kind = at.known("kind", Need::from_code)?;
    let own = at.clone();
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let held = Held::of(c, &visitor, today)?;
        let unit = own.known("unit", |code| held.unit(code).map(|u| u.id))?;
        let mut found = next_rows::due(c, &below(&held, unit), today)?;
        let ids: Vec<PersonId> = found.iter().map(|due| due.person).collect();
        let who = held.who(c, &ids)?;
        found.retain(|due| {
            who.get(&due.person)
                .is_some_and(|w| text.as_ref().is_none_or(|t| holds(&search_key(&w.name), t)))
        });
        let mut reasons: BTreeMap<Need, i64> = BTreeMap::new();
        for need in found.iter().flat_map(|due| &due.needs) {
            *reasons.entry(*need).or_default() += 1;
        }
        found.retain(|due| kind.is_none_or(|kind| due.needs.contains(&kind)));
        found.sort_by_cached_key(|due| (who.get(&due.person).map(|w| sort_key(&w.name)), due.person));
        Ok(Shown {
            total: found.len(),
            rows: own.rows(found),
            held,
            who,
            reasons,
        })
    };
    let shown = call.app().db.read(read).await?;
    let named: Vec<PersonId> = shown.rows.iter().map(|due| due.person).collect();
    let total = shown.total;
    let mut sheet = sheet(&at, &shown, whole)?;
    if at.is_whole() {
        let of = ListFile::of_people(
            CODE,
            "Следующая диагностика",
            at.codes(&["q"]),
            &named,
            Capability::Plans,
        );
        let of = of.telling(&named);
        return file::people(call, &at, of, &sheet).await;
    }
    looked::telling(call, CODE, &at.codes(&["q"]), &named, total, &named).await?;
    if whole {
        file::offer(&mut sheet, at.file());
    }
    Answer::page("desk/register", &sheet)
}

fn sheet(at: &List, shown: &Shown, whole: bool) -> Result<Sheet, Error> {
    let mut columns = vec![Column::words("Педагог"), Column::words("Почему")];
    if whole {
        columns.insert(1, Column::words("Где работает"));
        columns.push(Column::figures("Последняя диагностика"));
    }
    let row = |due: &Due| {
        let who = shown.who.get(&due.person);
        let why: Vec<&str> = due.needs.iter().map(|need| need.label()).collect();
        let mut cells = vec![
            Cell::text(who.map_or_else(String::new, |w| w.name.clone())),
            Cell::text(capital(&why.join("; "))),
        ];
        if whole {
            cells.insert(1, Cell::text(who.map_or_else(String::new, |w| w.places.join(", "))));
            cells.push(Cell::text(due.last.map_or_else(|| NOTHING.to_owned(), date)));
        }
        cells
    };
    let rows: Vec<Vec<Cell>> = shown.rows.iter().map(row).collect();
    let reasons = Need::ALL.iter().map(|n| (n.code().to_owned(), n.label().to_owned()));
    let mut filters = vec![
        at.search("q", "Фамилия или имя"),
        at.select("kind", "Почему", "по любой причине", reasons)?,
    ];
    if whole {
        filters.push(at.select("unit", "Где работает", "везде", shown.held.choices())?);
    }
    let counted = shown.reasons.iter().map(|(need, n)| {
        vec![
            Cell::link(capital(need.label()), at.with("kind", need.code())),
            Cell::text(number(*n)),
        ]
    });
    let counted: Vec<Vec<Cell>> = counted.collect();
    let block = (!counted.is_empty()).then(|| Block {
        title: "По причинам".into(),
        text: Some("У одного педагога причин может быть несколько.".into()),
        register: Some(Register::new(
            "По причинам",
            &[Column::words("Почему"), Column::figures("Педагогов")],
            counted,
        )),
        ..Block::default()
    });
    let nobody = Empty::new(
        "Диагностика пока никому не нужна",
        "Результаты действуют, маршруты идут. Список пополнится, когда срок пройдёт или шаги маршрута закончатся.",
    );
    let empty = at.empty(nobody, "Никого не нашлось", "никто");
    let crumb = if whole {
        Link::new("Диагностики", "/diagnostics")
    } else {
        Link::new("Педагоги", "/staff")
    };
    Ok(Sheet {
        crumbs: vec![crumb],
        heading: "Кому нужна следующая диагностика".into(),
        lead:
            "Все, кто сегодня работает педагогом и давно или ни разу не проходил диагностику, прошёл шаги маршрута или \
               сменил должность."
                .into(),
        filters: Some(at.filters(filters, list::found(shown.total, "педагог", "педагога", "педагогов"))),
        paging: at.paging(shown.total),
        empty: rows.is_empty().then_some(empty),
        register: (!rows.is_empty()).then(|| Register::new("Следующая диагностика", &columns, rows)),
        blocks: block.into_iter().collect(),
        ..Sheet::default()
    })
}

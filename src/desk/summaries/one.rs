//! A summary table: the page, and the workbook that holds the same.

use crate::cycle::store;
use crate::db::AnyConn;
use crate::desk::indicators::board::{self as boards, Ask, Section};
use crate::desk::indicators::figures;
use crate::desk::indicators::figures_rows::Place;
use crate::desk::indicators::told::Board;
use crate::desk::summaries::cells::Making;
use crate::desk::summaries::list;
use crate::desk::summaries::rows::level;
use crate::desk::summaries::totals::Published;
use crate::error::Error;
use crate::indicators::pack_summary::SummaryTable;
use crate::pages::parts::Link;
use crate::units::UnitKind;
use crate::web::registry::Answering;
use crate::web::{Call, address};

/// What a table is made of.
struct Given {
    table: SummaryTable,
    now: Board,
    before: Option<Board>,
    published: Option<Published>,
}

fn read(c: &mut AnyConn, place: &Place, code: &str) -> Result<Given, Error> {
    let missing = || Error::NotFound("таблица".into());
    let table = place.pack.summary_table(code).ok_or_else(missing)?.clone();
    let mut kinds = vec![(place.unit.kind, place.unit.id)];
    if let Some(kind) =
        level(&table).filter(|kind| *kind != place.unit.kind && place.unit.kind != UnitKind::Organisation)
    {
        kinds.push((kind, place.unit.id));
    }
    let now = place.board(c, &place.period, None, &kinds)?;
    let before = match place.before().filter(|_| table.looks_back()).cloned() {
        Some(period) => Some(place.board(c, &period, None, &kinds)?),
        None => None,
    };
    let published = of_the_region(c, place, &table)?;
    Ok(Given {
        table,
        now,
        before,
        published,
    })
}

/// The totals as they were published: of the region whose own method it is, and of nothing smaller.
fn of_the_region(c: &mut AnyConn, place: &Place, table: &SummaryTable) -> Result<Option<Published>, Error> {
    let own = place.unit.kind == UnitKind::Region && place.pack.regions.contains(&place.unit.code);
    let Some(of) = table.published.as_ref().filter(|_| own) else {
        return Ok(None);
    };
    let Some(described) = place.pack.table(&of.table).cloned() else {
        return Ok(None);
    };
    let found = store::in_force(c, &place.pack.code)?.remove(&of.table);
    Ok(found.map(|(_, _, table)| Published { described, table }))
}

/// GET /tables/{pack}/{code}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["period", "unit", "as"])?;
        let code = call.parts.get("code").unwrap_or_default().to_owned();
        let read = move |c: &mut AnyConn, place: &Place| read(c, place, &code);
        let Some((place, given)) = boards::with(&call, read).await? else {
            return boards::none("Сводная таблица");
        };
        let making = Making {
            place: &place,
            table: &given.table,
            now: &given.now,
            before: given.before.as_ref(),
            published: given.published.as_ref(),
        };
        let sheet = making.sheet();
        let lists = level(&given.table).and_then(|kind| making.lists(kind));
        let table = &given.table;
        let mut sections = vec![Section {
            text: if sheet.is_empty() {
                "У этой единицы строк в таблице нет. Выберите единицу выше: регион или муниципалитет.".to_owned()
            } else {
                table.note.clone()
            },
            sheet: (!sheet.is_empty()).then(|| if sheet.wide > WIDE { sheet.dense() } else { sheet }),
            ..Section::default()
        }];
        sections.extend(lists.map(|sheet| Section {
            heading: sheet.caption.clone(),
            sheet: Some(sheet),
            ..Section::default()
        }));
        let form = vec![
            Ask::from(figures::period_filter(&place)),
            figures::unit_filter(&place).into(),
        ];
        let page = boards::Board {
            below: "",
            heading: table.title.clone(),
            form,
            sections,
        };
        let (action, links) = (list::address_of(&place.pack, table), links(&place, table));
        boards::answer_at(&call, &place, page, (action, links))
    })
}

/// From how many columns on a phone scrolls the table instead of folding its rows.
const WIDE: usize = 8;

/// Where else one may go: the list, the other tables of the pack, the indicators of the unit.
fn links(place: &Place, open: &SummaryTable) -> Vec<Link> {
    let here = [
        ("period", place.period.code.as_str()),
        ("unit", place.unit.code.as_str()),
    ];
    let mut links = vec![Link::new("Все таблицы", "/tables")];
    let others = place.pack.summary_tables.iter().filter(|t| t.code != open.code);
    links.extend(others.map(|t| {
        Link::new(
            t.title.clone(),
            address::address(&list::address_of(&place.pack, t), here),
        )
    }));
    links.push(Link::new(
        "Показатели единицы",
        figures::section(place, "", &place.unit.code),
    ));
    links
}

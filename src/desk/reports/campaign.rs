//! One campaign as the operator sees it: who has handed in by municipality and in time, how many minutes it has taken, more
//! time for everybody who has not handed in.

use std::collections::BTreeMap;

use crate::cycle::burden;
use crate::cycle::campaign::{Campaign, Field};
use crate::cycle::report::SubmissionId;
use crate::cycle::report_bulk::{self, Deed};
use crate::db::{AnyConn, Tx};
use crate::desk::cycle::named::called;
use crate::desk::list::List;
use crate::desk::once::once;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::{by, missing};
use crate::desk::reports::check::Sums;
use crate::desk::reports::rows::{self, Checked, Seen};
use crate::desk::reports::words;
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{capital, count, number};
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

struct Shown {
    of: Campaign,
    fields: Vec<Field>,
    checked: Checked,
    spent: foldhash::HashMap<SubmissionId, i64>,
    /// How the act that approves its form is called.
    act: String,
}

async fn find(call: &Call) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let id = call.id("campaign")?;
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let (held, of) = rows::campaign_of(c, &visitor, id, today)?;
        let fields = of.fields()?;
        let spent = burden::spent(c, held.region, of.id, &fields)?;
        let checked = rows::checked(c, &visitor, Some(id), today)?;
        Ok(Shown {
            act: called(c, held.region, of.regulation_id)?,
            of,
            fields,
            checked,
            spent,
        })
    };
    call.app().db.read(read).await
}

/// GET /campaigns/{campaign}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &[])?;
        let shown = find(&call).await?;
        let done = match call.query.get("done") {
            Some("opened") => Some("Кампания открыта"),
            Some("extended") => Some("Срок продлён всем, кто ещё не сдал"),
            Some("reminded") => Some("Напоминания отправлены"),
            _ => None,
        };
        page(&call, &at, &shown, &[], done)
    })
}

fn page(call: &Call, at: &List, shown: &Shown, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    let of = &shown.of;
    let reports: Vec<&Seen> = shown.checked.reports.iter().collect();
    let minutes = |reports: &[&Seen]| -> i64 {
        let own = reports
            .iter()
            .map(|seen| shown.spent.get(&seen.report.id).copied().unwrap_or(0));
        own.sum()
    };
    let mut towns: BTreeMap<&str, Vec<&Seen>> = BTreeMap::new();
    for seen in &reports {
        towns.entry(&seen.town).or_default().push(seen);
    }
    let columns = [
        Column::words("Муниципалитет"),
        Column::figures("Сдано"),
        Column::figures("Ожидалось"),
        Column::figures("%"),
        Column::figures("В срок"),
        Column::figures("% в срок"),
        Column::figures("Минут на ввод"),
    ];
    let row = |name: &str, own: &[&Seen]| {
        let mut cells = vec![Cell::text(name)];
        cells.extend(Sums::of(of, own).cells());
        cells.push(Cell::text(number(minutes(own))));
        cells
    };
    let mut table: Vec<Vec<Cell>> = towns.iter().map(|(name, own)| row(name, own)).collect();
    if !table.is_empty() {
        table.push(row("Всего", &reports));
    }
    let open = reports.iter().filter(|seen| seen.report.state.is_with_unit()).count();
    let mut facts = vec![
        fact("Приём", words::window(of)),
        fact("Порядок заполнения", of.guide.clone()),
        fact("Порядок обработки", words::processing(of.tolerance_milli, None)),
        fact("На ввод ушло", count(minutes(&reports), "минута", "минуты", "минут")),
    ];
    if !shown.act.is_empty() {
        facts.push(fact("Форма утверждена", shown.act.clone()));
    }
    for field in &shown.fields {
        if let Some(why) = &field.anew {
            facts.push(fact("Спрошено заново", format!("{}: {why}", field.code)));
        }
    }
    let mut sheet = Sheet {
        crumbs: vec![Link::new("Кампании", "/campaigns")],
        heading: of.title.clone(),
        lead: format!("{} · {}", of.period, of.code),
        done,
        problems: problems(wrong),
        facts,
        empty: table
            .is_empty()
            .then(|| Empty::new("Отвечать некому", "В регионе нет единиц такого вида.")),
        register: (!table.is_empty()).then(|| Register::new("Сдано по муниципалитетам", &columns, table)),
        blocks: blocks(call, of, open, wrong)?,
        token: call.token(),
        ..Sheet::default()
    };
    if wrong.is_empty() {
        if !at.is_whole() {
            sheet.blocks.insert(0, links(of, open));
        }
        return file::page(call, at, sheet);
    }
    sheet.blocks.insert(0, links(of, open));
    Ok(Answer::page("desk/register", &sheet)?
        .status(422)
        .title(format!("Ошибка: {}", of.title)))
}

fn links(of: &Campaign, open: usize) -> Block {
    let mut rows = vec![vec![Cell::link(
        "Кто не сдал и почему",
        format!("/reports?campaign={}", of.id),
    )]];
    if open > 0 {
        rows.push(vec![Cell::link(
            "Напомнить тем, кто не сдал",
            format!("/campaigns/{}/remind", of.id),
        )]);
    }
    Block {
        title: "Что дальше".into(),
        register: Some(Register::new("Что дальше", &[Column::words("Что дальше")], rows)),
        ..Block::default()
    }
}

fn blocks(call: &Call, of: &Campaign, open: usize, wrong: &[Wrong]) -> Result<Vec<Block>, Error> {
    if open == 0 {
        return Ok(Vec::new());
    }
    let sent = Sent(&call.form);
    let values = |name: &str| sent.text(name);
    let fill = Fill { values: &values, wrong };
    let whole = i64::try_from(open).unwrap_or(i64::MAX);
    Ok(vec![Block {
        title: "Продлить срок всем, кто не сдал".into(),
        text: Some(format!(
            "Новый срок: {}. Одной единице срок продлевают в её отчёте.",
            count(
                whole,
                "единица получит его",
                "единицы получат его",
                "единиц получат его"
            )
        )),
        forms: vec![Form {
            action: format!("/campaigns/{}", of.id),
            act: "extend",
            key: token::random_name()?,
            folded: "Продлить срок".into(),
            open: !wrong.is_empty(),
            parts: vec![
                fill.line("until", "Новый последний день", Some("например 30.06.2026")),
                fill.line("reason", "Причина: она останется в истории", None),
            ],
            button: "Продлить".into(),
            ..Form::default()
        }],
        ..Block::default()
    }])
}

/// POST /campaigns/{campaign}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let form = call.form.only(&["act", "key", "until", "reason"])?;
        if form.get("act") != Some("extend") {
            return Err(missing());
        }
        let shown = find(&call).await?;
        let at = List::plain(&call.path);
        let sent = Sent(&call.form);
        let mut wrong: Vec<Wrong> = Vec::new();
        let Some(until) = sent.day("until", &mut wrong) else {
            return page(&call, &at, &shown, &wrong, None);
        };
        let (by, why) = (by(&call)?, sent.text("reason"));
        let open = shown
            .checked
            .reports
            .iter()
            .filter(|seen| seen.report.state.is_with_unit());
        let wanted: BTreeMap<i64, Option<i32>> = open.map(|seen| (seen.report.id.0, None)).collect();
        let write = move |tx: &mut Tx<'_>| -> Result<String, Error> {
            let refused = report_bulk::all(tx, &by, &wanted, &Deed::Extend(until, why))?;
            let nobody = !refused.is_empty() && refused.len() == wanted.len();
            match refused.into_iter().next().filter(|_| nobody) {
                Some((_, why)) => Err(why.into()),
                None => Ok(String::new()),
            }
        };
        match once(&call, write).await {
            Ok(_) => Ok(Answer::redirect(format!("/campaigns/{}?done=extended", shown.of.id))),
            Err(Error::Refused(why)) => page(&call, &at, &shown, &[("until", capital(&format!("{why}.")))], None),
            Err(e) => Err(e),
        }
    })
}

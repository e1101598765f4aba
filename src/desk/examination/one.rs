//! One examination as the operator sees it: units by experts, who has not shown documents, where experts part; assigning
//! experts, announcing what is ready, moving the days.

use std::collections::BTreeSet;

use crate::cycle::examination::announce::{self, FromFile};
use crate::cycle::examination::experts::{self, Assigning};
use crate::cycle::examination::model::ExaminedId;
use crate::cycle::examination::opening::{self, Days};
use crate::cycle::examination::standing::{Standing, Whole};
use crate::db::{AnyConn, Tx};
use crate::desk::cycle::named;
use crate::desk::examination::rows::{self, Board};
use crate::desk::examination::words;
use crate::desk::list::List;
use crate::desk::once::{once, once_by_version};
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Check, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::{by, missing};
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Link, Register};
use crate::pages::text::{capital, date, number};
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

struct Shown {
    board: Board,
    experts: Vec<(i64, String)>,
    order: String,
    letter: String,
}

async fn find(call: &Call) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let id = call.id("examination")?;
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let board = rows::board(c, &visitor, id, today)?;
        let region = board.held.region;
        Ok(Shown {
            experts: experts::of_region(c, &board.held.tree, region, today)?,
            order: named::called(c, region, board.of.order_id)?,
            letter: named::called(c, region, board.of.letter_id)?,
            board,
        })
    };
    call.app().db.read(read).await
}

/// GET /examinations/{examination}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &[])?;
        let shown = find(&call).await?;
        let done = match call.query.get("done") {
            Some("opened") => Some("Экспертиза начата: назначьте экспертов"),
            Some("assigned") => Some("Эксперт назначен"),
            Some("announced") => Some("Результаты объявлены"),
            Some("days") => Some("Дни изменены"),
            _ => None,
        };
        page(&call, &at, shown, &[], (200, done))
    })
}

const COLUMNS: [Column; 8] = [
    Column::words("Служба"),
    Column::words("Состояние"),
    Column::words("Эксперты: оценено критериев"),
    Column::words("Документы"),
    Column::words("Расходятся"),
    Column::figures("Баллы"),
    Column::figures("% от наибольшего"),
    Column::figures("Апелляций"),
];

/// A unit in the table: who has how much left, what it has shown, where experts part.
fn row(board: &Board, whole: &Whole) -> Vec<Cell> {
    let (sheet, limit) = (&board.sheet, board.of.divergence_milli);
    let name = board.held.name(Some(whole.row.unit_id));
    let progress = whole.seats.iter().map(|seat| {
        let all = seat.asked(sheet);
        let name = board.names.get(&seat.seat.account_id).cloned().unwrap_or_default();
        let done = if seat.seat.done_on.is_some() {
            ", закончено"
        } else {
            ""
        };
        format!("{name}: {}{done}", words::of_all(all - seat.left(sheet).len(), all))
    });
    let lines = sheet.lines().count();
    let said = lines - whole.silent(sheet).len();
    let parted: Vec<&str> = whole.parted(sheet, limit).iter().map(|s| s.code.as_str()).collect();
    let standing = whole.standing(sheet, limit);
    let (total, most) = total(board, whole);
    vec![
        Cell::link(name, format!("/examinations/units/{}", whole.row.id)),
        Cell::chip(words::standing(standing)),
        Cell::text(progress.collect::<Vec<_>>().join("; ")),
        Cell::text(words::of_all(said, lines)),
        Cell::text(parted.join(", ")),
        Cell::text(total.map_or_else(|| "–".to_owned(), words::points)),
        Cell::text(total.map_or_else(|| "–".to_owned(), |sum| crate::pages::text::percent(sum, most))),
        Cell::text(number(i64::try_from(whole.appeals.len()).unwrap_or(i64::MAX))),
    ]
}

/// The points of a unit together once it is announced, and the most there could be.
fn total(board: &Board, whole: &Whole) -> (Option<i64>, i64) {
    let most = board.sheet.sections.iter().map(|s| s.maximum_milli).sum();
    if whole.row.announced_on.is_none() {
        return (None, most);
    }
    let means = board.sheet.sections.iter().filter_map(|s| whole.mean(s));
    let rounded = means.filter_map(|m| m.fraction().brought_to(3, crate::indicators::pack::Rounding::Round));
    (Some(rounded.sum()), most)
}

fn page(
    call: &Call,
    at: &List,
    shown: Shown,
    wrong: &[Wrong],
    (status, done): (u16, Option<&'static str>),
) -> Result<Answer, Error> {
    let board = &shown.board;
    let (of, sheet) = (&board.of, &board.sheet);
    let at_standing = |wanted: Standing| {
        let own = board
            .units
            .iter()
            .filter(|w| w.standing(sheet, of.divergence_milli) == wanted);
        own.count()
    };
    let total = board.units.len();
    let paging = at.paging(total);
    let units: Vec<&Whole> = at.rows(board.units.iter().collect());
    let table = units.into_iter().map(|whole| row(board, whole)).collect();
    let silent = board.units.iter().filter(|w| !w.silent(sheet).is_empty()).count();
    let whole = |n: usize| number(i64::try_from(n).unwrap_or(i64::MAX));
    let facts = vec![
        fact("Дни", words::days(of)),
        fact("Приказ", shown.order.clone()),
        fact("Информационное письмо", shown.letter.clone()),
        fact("Не всё показали", format!("{} из {}", whole(silent), whole(total))),
        fact("Эксперты расходятся", whole(at_standing(Standing::Diverges))),
        fact("Можно объявлять", whole(at_standing(Standing::Ready))),
        fact("Апелляции ждут", whole(at_standing(Standing::Appealed))),
    ];
    let mut page = Sheet {
        crumbs: vec![Link::new("Экспертиза", "/examinations")],
        heading: of.title.clone(),
        lead: of.period.clone(),
        done,
        problems: problems(wrong),
        facts,
        register: Some(Register::new("Службы и эксперты", &COLUMNS, table)),
        paging,
        token: call.token(),
        ..Sheet::default()
    };
    if !at.is_whole() {
        page.blocks = blocks(call, &shown, at_standing(Standing::Ready), wrong)?;
    }
    if status == 200 {
        let title = format!("{}: службы и эксперты", page.heading);
        return Ok(file::page(call, at, page)?.title(title));
    }
    let title = format!("Ошибка: {}", page.heading);
    Ok(Answer::page("desk/register", &page)?.status(status).title(title))
}

fn blocks(call: &Call, shown: &Shown, ready: usize, wrong: &[Wrong]) -> Result<Vec<Block>, Error> {
    let board = &shown.board;
    let of = &board.of;
    let action = format!("/examinations/{}", of.id);
    let (sent, again) = (Sent(&call.form), call.form.get("act").unwrap_or_default());
    let values = |name: &str| match name {
        "documents" if again != "days" => date(of.documents_until),
        "scoring" if again != "days" => date(of.scoring_until),
        "appeals" if again != "days" => date(of.appeals_until),
        _ => sent.text(name),
    };
    let fill = Fill { values: &values, wrong };
    let ticked = |name: &str, value: &str| call.form.all(name).any(|v| v == value);
    let unit = |w: &&Whole| Check {
        value: w.row.id.to_string(),
        label: board.held.name(Some(w.row.unit_id)),
        meta: String::new(),
        checked: ticked("unit", &w.row.id.to_string()),
    };
    let section = |s: &crate::cycle::examination::sheet::Section| Check {
        value: s.code.clone(),
        label: words::section(s),
        meta: format!("до {}", words::points(s.maximum_milli)),
        checked: again != "assign" || ticked("section", &s.code),
    };
    let open: Vec<&Whole> = board.units.iter().filter(|w| w.row.announced_on.is_none()).collect();
    let mut blocks = vec![Block {
        title: "Что дальше".into(),
        register: Some(Register::new(
            "Что дальше",
            &[Column::words("Что дальше")],
            vec![
                vec![Cell::link("Типичные ошибки", format!("{action}/errors"))],
                vec![Cell::link("Полный управленческий цикл", format!("{action}/cycle"))],
            ],
        )),
        ..Block::default()
    }];
    if !open.is_empty() {
        let text = if shown.experts.is_empty() {
            "Экспертов в регионе ещё нет: дайте кому-нибудь роль «Эксперт» в «Учётных записях»."
        } else {
            "Разделы можно поделить между экспертами или дать одни и те же нескольким: они не увидят друг друга, пока все не закончат."
        };
        let form = Form {
            action: action.clone(),
            act: "assign",
            key: token::random_name()?,
            folded: "Назначить".into(),
            open: again == "assign" && !wrong.is_empty(),
            parts: vec![
                fill.choice(
                    "expert",
                    "Эксперт",
                    Some("выберите"),
                    shown.experts.iter().map(|(id, name)| (id.to_string(), name.clone())),
                ),
                fill.checks("Службы", "unit", open.iter().map(unit).collect()),
                fill.checks("Разделы", "section", board.sheet.sections.iter().map(section).collect()),
            ],
            button: "Назначить".into(),
            ..Form::default()
        };
        blocks.push(Block {
            title: "Назначить эксперта".into(),
            text: Some(text.into()),
            forms: if shown.experts.is_empty() {
                Vec::new()
            } else {
                vec![form]
            },
            ..Block::default()
        });
    }
    if ready > 0 {
        blocks.push(Block {
            title: "Объявить результаты".into(),
            text: Some(format!(
                "Готово служб: {ready}. Баллы станут значениями показателей, службы увидят их без имён экспертов."
            )),
            forms: vec![Form {
                action: action.clone(),
                act: "announce",
                key: token::random_name()?,
                parts: vec![from_file(&fill)],
                button: "Объявить готовые".into(),
                ..Form::default()
            }],
            ..Block::default()
        });
    }
    blocks.push(Block {
        title: "Дни".into(),
        forms: vec![Form {
            action,
            act: "days",
            seen: of.version.to_string(),
            folded: "Изменить дни".into(),
            open: again == "days" && !wrong.is_empty(),
            parts: vec![
                fill.line("documents", "Документы до", None),
                fill.line("scoring", "Оценка до", None),
                fill.line("appeals", "Апелляции до", None),
            ],
            button: "Записать".into(),
            ..Form::default()
        }],
        ..Block::default()
    });
    Ok(blocks)
}

/// What becomes of points that came by file.
pub(crate) fn from_file(fill: &Fill<'_>) -> crate::desk::registers::page::Part {
    let all = FromFile::ALL
        .iter()
        .map(|of| (of.code().to_owned(), capital(of.label())));
    fill.choice("from_file", "Если баллы этих разделов уже загружены файлом", None, all)
}

/// POST /examinations/{examination}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let names = [
            "act",
            "key",
            "seen",
            "expert",
            "from_file",
            "documents",
            "scoring",
            "appeals",
        ];
        call.form.only_many(&names, &["unit", "section"])?;
        let shown = find(&call).await?;
        let (at, sent, by) = (List::plain(&call.path), Sent(&call.form), by(&call)?);
        let id = shown.board.of.id;
        let (field, done, named) = match call.form.get("act") {
            Some("assign") => {
                let Some(account) = sent.some("expert").and_then(|id| id.parse().ok()) else {
                    let wrong = [("expert", "Выберите эксперта.".to_owned())];
                    return page(&call, &at, shown, &wrong, (422, None));
                };
                let own = |id: i64| shown.board.units.iter().any(|w| w.row.id.0 == id);
                let units: Option<BTreeSet<ExaminedId>> = call
                    .form
                    .all("unit")
                    .map(|id| id.parse().ok().filter(|id| own(*id)).map(ExaminedId))
                    .collect();
                let said = Assigning {
                    account,
                    units: units.ok_or_else(missing)?,
                    sections: call.form.all("section").map(str::to_owned).collect(),
                };
                let write = move |tx: &mut Tx<'_>| experts::assign(tx, &by, &said).map(|()| String::new());
                ("unit", once(&call, write).await, "assigned")
            }
            Some("announce") => {
                let from_file = call
                    .form
                    .get("from_file")
                    .and_then(FromFile::from_code)
                    .unwrap_or(FromFile::Ask);
                let write = move |tx: &mut Tx<'_>| announce::all_ready(tx, &by, id, from_file).map(|n| n.to_string());
                ("from_file", once(&call, write).await, "announced")
            }
            Some("days") => {
                let mut wrong: Vec<Wrong> = Vec::new();
                let days = ["documents", "scoring", "appeals"].map(|name| sent.day(name, &mut wrong));
                let [Some(documents), Some(scoring), Some(appeals)] = days else {
                    return page(&call, &at, shown, &wrong, (422, None));
                };
                let (days, seen) = (
                    Days {
                        documents,
                        scoring,
                        appeals,
                    },
                    sent.seen(),
                );
                if let Some((field, refusal)) = days.refused() {
                    let wrong = [(field, capital(&format!("{refusal}.")))];
                    return page(&call, &at, shown, &wrong, (422, None));
                }
                let write =
                    move |tx: &mut Tx<'_>| opening::move_days(tx, &by, (id, seen), days).map(|()| String::new());
                ("documents", once_by_version(&call, write).await, "days")
            }
            _ => return Err(Error::form_changed()),
        };
        match done {
            Ok(_) => Ok(Answer::redirect(format!("/examinations/{id}?done={named}"))),
            Err(Error::Refused(why)) => {
                let wrong = [(field, capital(&format!("{why}.")))];
                page(&call, &at, shown, &wrong, (422, None))
            }
            Err(Error::Changed(what)) => {
                let wrong = [(field, format!("{what} Ваше не записано: сверьте и запишите снова."))];
                page(&call, &at, find(&call).await?, &wrong, (409, None))
            }
            Err(e) => Err(e),
        }
    })
}

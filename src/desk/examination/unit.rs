//! One unit of an examination as the operator sees it: what each expert gave, where they part, what was shown; giving work
//! back, another look, announcing, deciding appeals.

use crate::access::store::in_stead;
use crate::cycle::examination::acts::{self, Doing};
use crate::cycle::examination::announce::{self, FromFile};
use crate::cycle::examination::model::{Appeal, SeatId};
use crate::cycle::examination::standing::Filled;
use crate::cycle::examination::{appeal, experts};
use crate::db::milli::Milli;
use crate::db::{AnyConn, Tx};
use crate::desk::examination::one::from_file;
use crate::desk::examination::rows::{self, One};
use crate::desk::examination::words;
use crate::desk::once::once_by_version;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::{by, missing};
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Link, Register};
use crate::pages::text::{capital, date, moment};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

async fn find(call: &Call) -> Result<One, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let id = call.id("examined")?;
    let read = move |c: &mut AnyConn| rows::one(c, &visitor, id, today);
    call.app().db.read(read).await
}

/// GET /examinations/units/{examined}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["done"])?;
        let done = (query.get("done") == Some("1")).then_some("Записано");
        let one = find(&call).await?;
        page(&call, &one, &[], (200, done))
    })
}

fn name(one: &One, seat: &Filled) -> String {
    one.names.get(&seat.seat.account_id).cloned().unwrap_or_default()
}

/// Sections: what each expert gave, the mean, the per cent, where they part.
fn sections(one: &One) -> Register {
    let columns = [
        Column::words("Раздел"),
        Column::words("Дали эксперты"),
        Column::figures("Среднее"),
        Column::figures("Наибольший балл"),
        Column::figures("%"),
        Column::figures("% в прошлый раз"),
        Column::words("Расхождение"),
    ];
    let decided = one.whole.decided();
    let row = |section: &crate::cycle::examination::sheet::Section| {
        let given = one.whole.of_section(&section.code).map(|seat| {
            let sum = seat
                .sum(section, &decided)
                .map_or_else(|| words::ABSENT.to_owned(), words::points);
            let sum = if seat.seat.done_on.is_some() {
                sum
            } else {
                "работа не закончена".to_owned()
            };
            format!("{}: {sum}", name(one, seat))
        });
        let mean = one.whole.mean(section).filter(|_| one.whole.is_open(&section.code));
        let before = one.before.as_ref().and_then(|(_, sheet, whole)| {
            let old = sheet.section(&section.code)?;
            Some(words::share(whole.mean(old), old.maximum_milli))
        });
        let parted = one
            .whole
            .divergence(section, one.of.divergence_milli)
            .map(|(low, high)| {
                let low = low.map_or_else(|| words::ABSENT.to_owned(), words::points);
                let left = one.whole.left_standing(&section.code);
                let left = left.map_or_else(String::new, |why| format!("; оставлено: {why}"));
                format!("от {low} до {}{left}", words::points(high))
            });
        vec![
            Cell::text(words::section(section)),
            Cell::text(given.collect::<Vec<_>>().join("; ")),
            Cell::text(words::mean(mean)),
            Cell::text(words::points(section.maximum_milli)),
            Cell::text(words::share(mean, section.maximum_milli)),
            Cell::text(before.unwrap_or_else(|| "–".to_owned())),
            Cell::text(parted.unwrap_or_default()),
        ]
    };
    let rows = one.sheet.sections.iter().map(row).collect();
    Register::new("Разделы", &columns, rows)
}

/// Criteria: what was shown, what each expert said, which errors.
fn criteria(one: &One) -> Register {
    let columns = [
        Column::words("Критерий"),
        Column::words("Документы"),
        Column::figures("Наибольший балл"),
        Column::words("Баллы экспертов"),
        Column::words("Комментарии и ошибки"),
    ];
    let mut table = Vec::new();
    for section in &one.sheet.sections {
        for line in &section.lines {
            let own = || one.whole.of_section(&section.code);
            let given = own().map(|s| format!("{}: {}", name(one, s), words::said(s.points.get(&line.code))));
            let notes = own()
                .filter_map(|s| s.points.get(&line.code))
                .map(|row| noted(one, row));
            let notes: Vec<String> = notes.filter(|text| !text.is_empty()).collect();
            table.push(vec![
                Cell::text(format!("{} {}", line.code, line.title)),
                words::shown(&one.whole, line),
                Cell::text(words::points(line.maximum_milli)),
                Cell::text(given.collect::<Vec<_>>().join("; ")),
                Cell::text(notes.join("; ")),
            ]);
        }
        // What was said of the section as a whole.
        let whole = |seat: &Filled| seat.points.get(&section.code).map(|row| noted(one, row));
        let is_line = section.lines.iter().any(|l| l.code == section.code);
        let notes: Vec<String> = one
            .whole
            .of_section(&section.code)
            .filter_map(whole)
            .filter(|t| !t.is_empty())
            .collect();
        if !is_line && !notes.is_empty() {
            let mut row = vec![Cell::text(format!("{} в целом", section.code))];
            row.resize(4, Cell::default());
            row.push(Cell::text(notes.join("; ")));
            table.push(row);
        }
    }
    Register::new("Критерии", &columns, table)
}

/// The comment and the errors of a criterion.
pub(crate) fn noted(one: &One, row: &crate::cycle::examination::model::PointRow) -> String {
    let titles = row
        .ticked()
        .map(|code| one.sheet.error(code).map_or(code, |e| e.title.as_str()));
    let note = Some(row.note.as_str()).filter(|text| !text.is_empty());
    note.into_iter().chain(titles).collect::<Vec<_>>().join("; ")
}

/// What was shown, document by document.
pub(crate) fn documents(one: &One) -> Option<Register> {
    let columns = [
        Column::words("Критерий"),
        Column::words("Документ"),
        Column::words("Где"),
    ];
    let row = |d: &crate::cycle::examination::model::Document| {
        let place = words::place(d);
        vec![
            Cell::text(d.criterion.clone()),
            Cell::text(words::document(d)),
            place.map_or_else(Cell::default, |href| Cell::link("открыть", href)),
        ]
    };
    let rows: Vec<Vec<Cell>> = one.whole.documents.iter().map(row).collect();
    (!rows.is_empty()).then(|| Register::new("Документы", &columns, rows))
}

/// What was done, the latest last.
fn history(one: &One, zone: chrono::TimeDelta) -> Option<Register> {
    let columns = [
        Column::words("Когда"),
        Column::words("Кто"),
        Column::words("Что"),
        Column::words("О чём"),
        Column::words("Почему"),
    ];
    let called = |id: i64| one.names.get(&id).cloned().unwrap_or_default();
    let row = |act: &crate::cycle::examination::model::ActRow| {
        let seat = one
            .whole
            .seats
            .iter()
            .find(|s| Some(s.seat.id) == act.examination_expert_id);
        let about = [seat.map(|s| name(one, s)), act.criterion.clone()];
        let about: Vec<String> = about.into_iter().flatten().collect();
        let whose = act.on_behalf_of_id.map(called);
        vec![
            Cell::text(moment(act.recorded_at, zone)),
            Cell::text(in_stead(called(act.account_id), whose.as_deref())),
            Cell::text(capital(act.act.label())),
            Cell::text(about.join(", ")),
            Cell::text(act.reason.clone().unwrap_or_default()),
        ]
    };
    let rows: Vec<Vec<Cell>> = one.whole.acts.iter().map(row).collect();
    (!rows.is_empty()).then(|| Register::new("История", &columns, rows))
}

fn page(call: &Call, one: &One, wrong: &[Wrong], (status, done): (u16, Option<&'static str>)) -> Result<Answer, Error> {
    let unit = one.held.name(Some(one.whole.row.unit_id));
    let standing = one.whole.standing(&one.sheet, one.of.divergence_milli);
    let mut blocks = forms(call, one, wrong);
    for (title, register) in [
        ("Критерии", Some(criteria(one))),
        ("Документы службы", documents(one)),
        ("История", history(one, call.zone())),
    ] {
        blocks.extend(register.map(|register| Block {
            title: title.into(),
            register: Some(register),
            ..Block::default()
        }));
    }
    let announced = one.whole.row.announced_on.map_or_else(String::new, date);
    let heading = format!("{unit}: экспертиза");
    let sheet = Sheet {
        crumbs: vec![
            Link::new("Экспертиза", "/examinations"),
            Link::new(one.of.period.clone(), format!("/examinations/{}", one.of.id)),
        ],
        heading: heading.clone(),
        lead: one.of.title.clone(),
        done,
        problems: problems(wrong),
        facts: vec![
            fact("Состояние", capital(&words::standing(standing).text)),
            fact("Объявлено", announced),
            fact("Дни", words::days(&one.of)),
        ],
        register: Some(sections(one)),
        blocks,
        token: call.token(),
        ..Sheet::default()
    };
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(match status {
        200 => answer.title(heading),
        status => answer.status(status).title(format!("Ошибка: {heading}")),
    })
}

fn forms(call: &Call, one: &One, wrong: &[Wrong]) -> Vec<Block> {
    let again = call.form.get("act").unwrap_or_default();
    let sent = Sent(&call.form);
    let form = |act: &'static str, folded: &str, button: &str, parts: &dyn Fn(&Fill<'_>) -> Vec<_>| {
        let own = again == act;
        let values = |name: &str| if own { sent.text(name) } else { String::new() };
        let fill = Fill {
            values: &values,
            wrong: if own { wrong } else { &[] },
        };
        Form {
            action: format!("/examinations/units/{}", one.whole.row.id),
            act,
            seen: one.whole.row.version.to_string(),
            folded: folded.to_owned(),
            open: own && !wrong.is_empty(),
            parts: parts(&fill),
            button: button.to_owned(),
            ..Form::default()
        }
    };
    let why = |fill: &Fill<'_>| fill.line("reason", "Причина: она останется в истории", None);
    let mut blocks = Vec::new();
    for waits in one.whole.appeals.iter().filter(|a| a.decided_at.is_none()) {
        blocks.push(decision(call, one, waits, wrong));
    }
    if one.whole.row.announced_on.is_some() {
        return blocks;
    }
    let mut own = Vec::new();
    let parted: Vec<(String, String)> = one
        .sheet
        .sections
        .iter()
        .filter(|s| one.whole.divergence(s, one.of.divergence_milli).is_some())
        .map(|s| (s.code.clone(), words::section(s)))
        .collect();
    let section = |fill: &Fill<'_>| fill.choice("section", "Раздел", None, parted.clone());
    if !parted.is_empty() {
        let parts = |fill: &Fill<'_>| vec![section(fill), why(fill)];
        own.push(form(
            "look_again",
            "Попросить посмотреть ещё раз",
            "Вернуть экспертам",
            &parts,
        ));
        own.push(form("leave", "Оставить расхождение", "Оставить", &parts));
    }
    if one.whole.refused(&one.sheet, one.of.divergence_milli).is_none() {
        own.push(form("announce", "", "Объявить результаты", &|fill| {
            vec![from_file(fill)]
        }));
    }
    let seats = |done: bool| -> Vec<(String, String)> {
        let all = one.whole.seats.iter().filter(|s| !done || s.seat.done_on.is_some());
        all.map(|s| {
            (
                s.seat.id.to_string(),
                format!("{}: {}", name(one, s), s.seat.sections.replace(',', ", ")),
            )
        })
        .collect()
    };
    if !seats(true).is_empty() {
        let parts = |fill: &Fill<'_>| vec![fill.choice("seat", "Эксперт", None, seats(true)), why(fill)];
        own.push(form("give_back", "Вернуть оценку эксперту", "Вернуть", &parts));
    }
    if !one.whole.seats.is_empty() {
        let parts = |fill: &Fill<'_>| vec![fill.choice("seat", "Эксперт", None, seats(false)), why(fill)];
        own.push(form("unassign", "Снять эксперта", "Снять", &parts));
    }
    let refused = one.whole.refused(&one.sheet, one.of.divergence_milli);
    blocks.push(Block {
        title: "Решение".into(),
        text: refused.map(|why| capital(&format!("{why}."))),
        forms: own,
        ..Block::default()
    });
    blocks
}

/// What is done with an appeal.
fn decision(call: &Call, one: &One, waits: &Appeal, wrong: &[Wrong]) -> Block {
    let own = call.form.get("criterion") == Some(&waits.criterion);
    let sent = Sent(&call.form);
    let values = |name: &str| if own { sent.text(name) } else { String::new() };
    let fill = Fill {
        values: &values,
        wrong: if own { wrong } else { &[] },
    };
    let line = one.sheet.line(&waits.criterion);
    let title = line.map_or_else(String::new, |(_, l)| l.title.clone());
    let stood = line.and_then(|(section, l)| one.whole.mean_of_line(section, l));
    let most = line.map_or_else(String::new, |(_, l)| words::points(l.maximum_milli));
    let link = waits
        .link
        .as_ref()
        .map_or_else(String::new, |link| format!(" Ссылка: {link}."));
    let criterion = (waits.criterion.clone(), format!("{} {title}", waits.criterion));
    Block {
        title: format!("Апелляция: {}", waits.criterion),
        text: Some(format!(
            "{title}. Сейчас {} из {most}. Служба пишет: {}.{link}",
            words::mean(stood),
            waits.reason
        )),
        forms: vec![Form {
            action: format!("/examinations/units/{}", one.whole.row.id),
            act: "decide",
            seen: one.whole.row.version.to_string(),
            folded: "Решить".into(),
            open: own && !wrong.is_empty(),
            parts: vec![
                fill.choice("criterion", "Критерий", None, [criterion]),
                fill.line("points", "Новый балл", Some("пусто – балл остаётся")),
                fill.line("reason", "Обоснование: его увидит служба", None),
            ],
            button: "Записать решение".into(),
            ..Form::default()
        }],
        ..Block::default()
    }
}

/// POST /examinations/units/{examined}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let names = [
            "act",
            "seen",
            "seat",
            "section",
            "reason",
            "from_file",
            "criterion",
            "points",
        ];
        let form = call.form.only(&names)?;
        let one = find(&call).await?;
        let sent = Sent(&call.form);
        let doing = Doing {
            by: by(&call)?,
            id: one.whole.row.id,
            seen: sent.seen(),
        };
        let why = sent.text("reason");
        let seat = form.get("seat").and_then(|id| id.parse().ok()).map(SeatId);
        let section = sent.text("section");
        let act = form.get("act").unwrap_or_default().to_owned();
        let mut field = "reason";
        let done = match act.as_str() {
            "give_back" | "unassign" => {
                let seat = seat.ok_or_else(missing)?;
                let back = act == "give_back";
                let write = move |tx: &mut Tx<'_>| {
                    let done = if back {
                        acts::give_back(tx, &doing, seat, &why)
                    } else {
                        experts::unassign(tx, &doing, seat, &why)
                    };
                    done.map(|()| String::new())
                };
                once_by_version(&call, write).await
            }
            "look_again" | "leave" => {
                let again = act == "look_again";
                let write = move |tx: &mut Tx<'_>| {
                    let done = if again {
                        acts::look_again(tx, &doing, &section, &why)
                    } else {
                        acts::leave(tx, &doing, &section, &why)
                    };
                    done.map(|()| String::new())
                };
                once_by_version(&call, write).await
            }
            "announce" => {
                field = "from_file";
                let from_file = form
                    .get("from_file")
                    .and_then(FromFile::from_code)
                    .unwrap_or(FromFile::Ask);
                let write = move |tx: &mut Tx<'_>| announce::one(tx, &doing, from_file).map(|()| String::new());
                once_by_version(&call, write).await
            }
            "decide" => {
                let typed = sent.some("points");
                let new = typed.as_deref().map(|text| Milli::parse(text).map(|n| i64::from(n.0)));
                if new == Some(None) {
                    let wrong = [(
                        "points",
                        "Напишите число, например 1,5, или оставьте пустым.".to_owned(),
                    )];
                    return page(&call, &one, &wrong, (422, None));
                }
                let (new, criterion) = (new.flatten(), sent.text("criterion"));
                let write =
                    move |tx: &mut Tx<'_>| appeal::decide(tx, &doing, &criterion, new, &why).map(|()| String::new());
                once_by_version(&call, write).await
            }
            _ => return Err(Error::form_changed()),
        };
        match done {
            Ok(_) => Ok(Answer::redirect(format!(
                "/examinations/units/{}?done=1",
                one.whole.row.id
            ))),
            Err(Error::Refused(why)) => {
                let wrong = [(field, capital(&format!("{why}.")))];
                page(&call, &find(&call).await?, &wrong, (422, None))
            }
            Err(Error::Changed(what)) => {
                let text = format!("{what} Ваше действие не записано: посмотрите, что изменилось, и решите заново.");
                page(&call, &find(&call).await?, &[(field, text)], (409, None))
            }
            Err(e) => Err(e),
        }
    })
}

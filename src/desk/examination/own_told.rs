//! What a unit is told once its points are announced: sections in per cent of the maximum and a year ago, criteria with the
//! comments of experts without their names, errors that it repeats; and its appeals.

use std::collections::BTreeSet;

use crate::cycle::examination::appeal;
use crate::cycle::examination::sheet::Section;
use crate::desk::examination::own::criteria;
use crate::desk::examination::rows::One;
use crate::desk::examination::{unit, words};
use crate::desk::registers::page::{Block, Fill, Form, Sent, Wrong};
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Register};
use crate::pages::text::{NOTHING, capital, date, share_in_tenths, tenths};
use crate::web::{Call, token};

/// Everything that is told; nothing before the announcement.
pub(crate) fn blocks(call: &Call, one: &One, wrong: &[Wrong]) -> Result<Vec<Block>, Error> {
    if one.whole.row.announced_on.is_none() {
        return Ok(Vec::new());
    }
    let mut blocks = vec![
        Block {
            title: "Баллы по разделам".into(),
            register: Some(sections(one)),
            ..Block::default()
        },
        Block {
            title: "Критерии".into(),
            text: Some("Эксперты названы по номерам.".into()),
            register: Some(lines(one)),
            ..Block::default()
        },
    ];
    blocks.extend(errors(one));
    blocks.extend(appeals(one));
    let today = call.app().clock.today();
    match appeal::shut(&one.of, &one.whole.row, today) {
        None => blocks.push(form(call, one, wrong)?),
        Some(why) => blocks.push(Block {
            title: "Апелляция".into(),
            text: Some(capital(&format!("{why}."))),
            ..Block::default()
        }),
    }
    Ok(blocks)
}

/// How far a section has moved since the examination before, in points of per cent.
fn moved(one: &One, section: &Section) -> (String, String) {
    let none = || (NOTHING.to_owned(), NOTHING.to_owned());
    let Some((_, sheet, whole)) = &one.before else {
        return none();
    };
    let Some(old) = sheet
        .section(&section.code)
        .filter(|_| whole.row.announced_on.is_some())
    else {
        return none();
    };
    let (now, then) = (one.whole.mean(section), whole.mean(old));
    let tenths_of = |mean: Option<crate::cycle::examination::standing::Mean>, most: i64| {
        mean.and_then(|m| share_in_tenths(m.sum, m.count.saturating_mul(most)))
    };
    let change = tenths_of(now, section.maximum_milli).zip(tenths_of(then, old.maximum_milli));
    let change = change.map_or_else(
        || NOTHING.to_owned(),
        |(a, b)| {
            let sign = if a > b { "+" } else { "" };
            format!("{sign}{}", tenths(a - b))
        },
    );
    (words::share(then, old.maximum_milli), change)
}

fn sections(one: &One) -> Register {
    let columns = [
        Column::words("Раздел"),
        Column::figures("Балл"),
        Column::figures("Наибольший"),
        Column::figures("%"),
        Column::figures("% в прошлый раз"),
        Column::figures("Изменение, п. п."),
    ];
    let row = |section: &Section| {
        let mean = one.whole.mean(section);
        let (then, change) = moved(one, section);
        let given = if mean.is_some() {
            words::mean(mean)
        } else {
            words::ABSENT.to_owned()
        };
        vec![
            Cell::text(words::section(section)),
            Cell::text(given),
            Cell::text(words::points(section.maximum_milli)),
            Cell::text(words::share(mean, section.maximum_milli)),
            Cell::text(then),
            Cell::text(change),
        ]
    };
    Register::new(
        "Баллы по разделам",
        &columns,
        one.sheet.sections.iter().map(row).collect(),
    )
}

fn lines(one: &One) -> Register {
    let columns = [
        Column::words("Критерий"),
        Column::words("Балл"),
        Column::figures("Наибольший"),
        Column::words("Эксперты"),
        Column::words("Комментарии и ошибки"),
    ];
    let mut table = Vec::new();
    for section in &one.sheet.sections {
        for code in section.codes() {
            let line = section.lines.iter().find(|l| l.code == code);
            // Experts are told apart by the order of their assignment, never by name.
            let own = || {
                let all = one.whole.seats.iter().enumerate();
                all.filter(|(_, s)| s.seat.has(&section.code))
                    .filter_map(|(n, s)| Some((n + 1, s.points.get(code)?)))
            };
            let notes: Vec<String> = own()
                .map(|(n, row)| (n, unit::noted(one, row)))
                .filter(|(_, text)| !text.is_empty())
                .map(|(n, text)| format!("Эксперт {n}: {text}"))
                .collect();
            let Some(line) = line else {
                if !notes.is_empty() {
                    table.push(vec![
                        Cell::text(format!("{} в целом", section.code)),
                        Cell::default(),
                        Cell::default(),
                        Cell::default(),
                        Cell::text(notes.join("; ")),
                    ]);
                }
                continue;
            };
            let mean = one.whole.mean_of_line(section, line);
            let given = if mean.is_some() {
                words::mean(mean)
            } else {
                words::ABSENT.to_owned()
            };
            let by: Vec<String> = own()
                .map(|(n, row)| format!("Эксперт {n}: {}", words::said(Some(row))))
                .collect();
            table.push(vec![
                Cell::text(format!("{} {}", line.code, line.title)),
                Cell::text(given),
                Cell::text(words::points(line.maximum_milli)),
                Cell::text(by.join("; ")),
                Cell::text(notes.join("; ")),
            ]);
        }
    }
    Register::new("Критерии", &columns, table)
}

/// Typical errors of the unit, with those that it repeats.
fn errors(one: &One) -> Option<Block> {
    let now = one.whole.ticked();
    let then: BTreeSet<&str> = one
        .before
        .as_ref()
        .map(|(.., whole)| whole.ticked())
        .unwrap_or_default();
    let columns = [
        Column::words("Ошибка"),
        Column::words("Где"),
        Column::words("Была в прошлый раз"),
    ];
    let before = one.before.as_ref().map_or("", |(of, ..)| of.period.as_str());
    let row = |code: &&str| {
        let known = one.sheet.error(code);
        vec![
            Cell::text(known.map_or(*code, |e| e.title.as_str())),
            Cell::text(known.map_or("", |e| e.of.as_str())),
            Cell::text(if then.contains(code) {
                format!("да, {before}")
            } else {
                String::new()
            }),
        ]
    };
    let rows: Vec<Vec<Cell>> = now.iter().map(row).collect();
    (!rows.is_empty()).then(|| Block {
        title: "Типичные ошибки".into(),
        register: Some(Register::new("Типичные ошибки", &columns, rows)),
        ..Block::default()
    })
}

fn appeals(one: &One) -> Option<Block> {
    let columns = [
        Column::words("Критерий"),
        Column::words("Что написано"),
        Column::words("Решение"),
        Column::words("Обоснование"),
    ];
    let row = |of: &crate::cycle::examination::model::Appeal| {
        let decided = match (of.decided_at, of.decided_milli) {
            (None, _) => "ждёт решения".to_owned(),
            (Some(_), None) => "балл оставлен".to_owned(),
            (Some(_), Some(new)) => format!("балл изменён: {}", words::points(new)),
        };
        let day = of
            .decided_at
            .map_or_else(String::new, |at| format!(", {}", date(at.date())));
        vec![
            Cell::text(of.criterion.clone()),
            Cell::text(of.reason.clone()),
            Cell::text(format!("{decided}{day}")),
            Cell::text(of.decided_why.clone().unwrap_or_default()),
        ]
    };
    let rows: Vec<Vec<Cell>> = one.whole.appeals.iter().map(row).collect();
    (!rows.is_empty()).then(|| Block {
        title: "Ваши апелляции".into(),
        register: Some(Register::new("Ваши апелляции", &columns, rows)),
        ..Block::default()
    })
}

/// The form of an appeal: criteria that were not appealed against.
fn form(call: &Call, one: &One, wrong: &[Wrong]) -> Result<Block, Error> {
    let own = call.form.get("act") == Some("appeal");
    let sent = Sent(&call.form);
    let values = |name: &str| if own { sent.text(name) } else { String::new() };
    let fill = Fill {
        values: &values,
        wrong: if own { wrong } else { &[] },
    };
    let mut open = criteria(one);
    open.retain(|(code, _)| one.whole.appeals.iter().all(|a| a.criterion != *code));
    Ok(Block {
        title: "Апелляция".into(),
        text: Some(format!(
            "По каждому критерию – один раз, до {}.",
            date(one.of.appeals_until)
        )),
        forms: vec![Form {
            action: "/examined".into(),
            act: "appeal",
            key: token::random_name()?,
            of: one.whole.row.id.to_string(),
            folded: "Не согласны с баллом".into(),
            open: own && !wrong.is_empty(),
            parts: vec![
                fill.choice("criterion", "Критерий", None, open),
                fill.long("reason", "Почему вы не согласны", None),
                fill.line("link", "Ссылка на подтверждение", Some("можно не давать")),
            ],
            button: "Подать апелляцию".into(),
            ..Form::default()
        }],
        ..Block::default()
    })
}

//! «Диагностики»: procedures of the scope, and one of them by competence and level.

use serde::Serialize;

use super::bounds::{self, Bounds};
use super::card::missing;
use super::diagnostics_rows::{self, Held};
use super::plans_rows::{self, Course};
use crate::db::AnyConn;
use crate::diagnostics::DiagnosisKind;
use crate::error::Error;
use crate::pages::parts::{Button, Cell, Chip, Column, Empty, Figure, Link, Register, Tone};
use crate::pages::text::{NOTHING, count, date, number, percent, plural};
use crate::web::address::{address, quoted};
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct ListPage {
    lead: String,
    /// Plans that wait for the visitor: for approval, for a place on a course, for the document of one.
    waiting: Vec<Link>,
    register: Option<Register>,
    empty: Empty,
}

/// GET /diagnostics
pub fn list(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (within, today) = (bounds::within(&call)?, call.app().clock.today());
        let region = within.region.ok_or_else(missing)?;
        let visitor = call.visitor()?;
        let (approves, enrols) = (visitor.may(Capability::Approve), visitor.may(Capability::Plans));
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let bounds = Bounds::of(c, region, &within.scope, today)?;
            let mut waiting = Vec::new();
            if approves {
                waiting.extend(approval(plans_rows::waiting_for_approval(c, &bounds, today)?));
            }
            for course in Course::ALL.into_iter().filter(|_| enrols) {
                waiting.extend(on_course(course, plans_rows::waiting_for(c, &bounds, course, today)?));
            }
            Ok((diagnostics_rows::held(c, &bounds, today)?, waiting))
        };
        let (all, links) = call.app().db.read(read).await?;
        let waiting: i64 = all.first().map_or(0, |h| h.without_plan);
        let columns = [
            Column::words("Процедура"),
            Column::words("Вид"),
            Column::figures("Даты"),
            Column::figures("Участники"),
            Column::figures("Результаты"),
            Column::figures("С дефицитами"),
            Column::words("Без маршрута"),
        ];
        let rows: Vec<Vec<Cell>> = all.iter().map(row).collect();
        let page = ListPage {
            waiting: links,
            lead: if waiting > 0 {
                format!(
                    "После последней диагностики маршрута {} {}.",
                    plural(waiting, "ждёт", "ждут", "ждут"),
                    count(waiting, "педагог", "педагога", "педагогов")
                )
            } else {
                "После последней диагностики маршруты есть у всех, кому они нужны.".into()
            },
            register: (!rows.is_empty()).then(|| Register::new("Диагностики", &columns, rows)),
            empty: Empty::new(
                "Результатов пока нет",
                "Оператор загрузит файл результатов, и здесь появятся процедура, участники и их дефициты.",
            ),
        };
        Answer::page("desk/diagnostics", &page)
    })
}

/// The way to the plans that wait for approval.
fn approval(plans: i64) -> Option<Link> {
    let words = count(plans, "маршрут ждёт", "маршрута ждут", "маршрутов ждут");
    (plans > 0).then(|| Link::new(format!("{words} вашего утверждения"), "/plans?state=agreed"))
}

/// The way to the plans whose course waits for something.
fn on_course(course: Course, plans: i64) -> Option<Link> {
    let words = match course {
        Course::Enrolment => count(plans, "педагог ждёт", "педагога ждут", "педагогов ждут") + " зачисления на курс",
        Course::Completion => {
            count(plans, "педагог учится", "педагога учатся", "педагогов учатся") + ", документа ещё нет"
        }
    };
    (plans > 0).then(|| Link::new(words, address("/plans", [("course", course.code())])))
}

fn days(held: &Held) -> String {
    match held.days {
        (first, last) if first == last => date(first),
        (first, last) => format!("{} – {}", date(first), date(last)),
    }
}

fn row(held: &Held) -> Vec<Cell> {
    let own = format!("/diagnostics/procedure?code={}", quoted(&held.procedure.code));
    let formal = held.procedure.kind != DiagnosisKind::SelfAssessment;
    let waiting = match held.without_plan {
        0 => Cell::text(if formal { "0" } else { NOTHING }),
        n => Cell::chip(Chip::new(Tone::Wait, number(n))),
    };
    vec![
        Cell::link(held.procedure.name.clone(), own),
        Cell::text(held.procedure.kind.label()),
        Cell::text(days(held)),
        Cell::text(number(held.persons)),
        Cell::text(number(held.results)),
        Cell::text(if formal {
            number(held.deficits)
        } else {
            NOTHING.to_owned()
        }),
        waiting,
    ]
}

#[derive(Serialize)]
struct OnePage {
    crumbs: Vec<Link>,
    heading: String,
    lead: String,
    figures: Vec<Figure>,
    register: Register,
    button: Option<Button>,
    plans: Option<Link>,
}

/// GET /diagnostics/procedure?code=
pub fn one(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["code"])?;
        let code = call.query.get("code").unwrap_or_default().to_owned();
        let (within, today) = (bounds::within(&call)?, call.app().clock.today());
        let region = within.region.ok_or_else(missing)?;
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let bounds = Bounds::of(c, region, &within.scope, today)?;
            let held = diagnostics_rows::by_code(c, &bounds, &code, today)?.ok_or_else(missing)?;
            let spread = diagnostics_rows::spread(c, &bounds, held.procedure.id, today)?;
            Ok((held, spread))
        };
        let (held, (spread, labels)) = call.app().db.read(read).await?;
        // Heads of columns live as long as the program; levels are data, so they stand in the cells.
        let columns = [
            Column::words("Компетенция"),
            Column::figures("Прошли"),
            Column::figures("С дефицитом"),
            Column::figures("Доля"),
            Column::words("По уровням"),
        ];
        let rows = spread.iter().map(|one| {
            let levels: Vec<String> = labels
                .iter()
                .filter_map(|label| Some(format!("{label}\u{A0}–\u{A0}{}", number(*one.levels.get(label)?))))
                .collect();
            vec![
                Cell::text(one.name.clone()),
                Cell::text(number(one.all)),
                Cell::text(number(one.deficits)),
                Cell::text(percent(one.deficits, one.all)),
                Cell::text(levels.join(", ")),
            ]
        });
        let figure = |n: i64, label: &str| Figure {
            shown: number(n),
            label: label.to_owned(),
            href: None,
            note: None,
        };
        let name = held.procedure.name.clone();
        let formal = held.procedure.kind != DiagnosisKind::SelfAssessment;
        let code = quoted(&held.procedure.code);
        let visitor = call.visitor()?;
        let page = OnePage {
            crumbs: vec![Link::new("Диагностики", "/diagnostics")],
            heading: name.clone(),
            lead: [
                Some(held.procedure.kind.label().to_owned()),
                held.procedure.level.map(|l| format!("уровень: {}", l.label())),
                Some(days(&held)),
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
            figures: vec![
                figure(held.persons, "прошли"),
                figure(held.deficits, "с дефицитами"),
                figure(held.without_plan, "без маршрута"),
            ],
            register: Register::new("Уровни по компетенциям", &columns, rows.collect()),
            button: (formal && visitor.may(Capability::Drafting))
                .then(|| Button::link("Подготовить маршруты", format!("/drafting?procedure={code}"))),
            plans: visitor.may(Capability::Plans).then(|| {
                Link::new(
                    "Маршруты этой диагностики",
                    format!("/plans?state=all&procedure={code}"),
                )
            }),
        };
        Ok(Answer::page("desk/diagnostic", &page)?.title(name))
    })
}

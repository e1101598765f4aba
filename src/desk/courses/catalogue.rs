//! «Каталог курсов» of a teacher: what fits the plan comes first; the card of a course leads to an application.

use serde::Serialize;

use crate::catalogue::{ProgrammeForm, ProgrammeId};
use crate::db::text_keys::{holds, search_key, sort_key};
use crate::db::{AnyConn, DbError};
use crate::desk::courses::apply;
use crate::desk::courses::rows::{self, Course, Fit, OwnPlan};
use crate::desk::list::{self, List};
use crate::desk::plan::teacher::own;
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Column, Empty, Fact, Filters, Link, NextStep, Paging, Register, Tone};
use crate::pages::text::NOTHING;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// Volumes to choose from: code, words, hours from and to, both included.
const HOURS: &[(&str, &str, i32, i32)] = &[
    ("24", "до 24 часов", 0, 24),
    ("36", "от 25 до 36 часов", 25, 36),
    ("72", "от 37 до 72 часов", 37, 72),
    ("more", "больше 72 часов", 73, i32::MAX),
];

#[derive(Serialize)]
struct CoursesPage {
    lead: &'static str,
    filters: Filters,
    register: Option<Register>,
    paging: Option<Paging>,
    empty: Empty,
}

/// GET /courses
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &["q", "form", "hours", "competence"])?;
        let of = own(&call)?;
        let (plan, courses) = match of {
            None => (None, Vec::new()),
            Some((region, person)) => {
                call.app()
                    .db
                    .read(move |c: &mut AnyConn| -> Result<_, DbError> {
                        let plan = rows::own_plan(c, region, person)?;
                        let courses = rows::courses(c, region, plan.as_ref(), None)?;
                        Ok((plan, courses))
                    })
                    .await?
            }
        };
        Answer::page("desk/courses", &page(&at, plan.as_ref(), courses)?)
    })
}

fn page(at: &List, plan: Option<&OwnPlan>, courses: Vec<Course>) -> Result<CoursesPage, Error> {
    let nothing = courses.is_empty();
    let mut competences: Vec<(String, String)> = courses.iter().flat_map(|c| c.competences.iter().cloned()).collect();
    competences.sort_by_cached_key(|(code, name)| (sort_key(name), code.clone()));
    competences.dedup();
    let text = at.get("q").map(search_key);
    let volume = at
        .get("hours")
        .and_then(|code| HOURS.iter().find(|(known, ..)| *known == code));
    let fits = |c: &Course| {
        text.as_ref().is_none_or(|t| holds(&c.programme.search_key, t))
            && at
                .get("form")
                .is_none_or(|f| c.programme.form.is_some_and(|own| own.code() == f))
            && (at.get("hours").is_none()
                || volume.is_some_and(|(_, _, from, to)| (*from..=*to).contains(&c.programme.hours)))
            && at
                .get("competence")
                .is_none_or(|code| c.competences.iter().any(|(own, _)| own == code))
    };
    let mut found: Vec<Course> = courses.into_iter().filter(fits).collect();
    found.sort_by_cached_key(|c| (c.fit, sort_key(&c.programme.name), c.programme.code.clone()));
    let rows = found.len();
    let row = |c: Course| {
        let chip = match c.fit {
            Fit::Step => {
                let done = plan
                    .and_then(|p| p.item(c.programme.id))
                    .is_some_and(|i| i.state.is_settled());
                if done {
                    Cell::chip(Chip::new(Tone::Done, "пройден"))
                } else {
                    Cell::chip(Chip::new(Tone::Wait, "шаг маршрута").icon("veha"))
                }
            }
            Fit::Topic => Cell::chip(Chip::new(Tone::Calm, "по вашей теме")),
            Fit::None => Cell::text(NOTHING),
        };
        let names: Vec<String> = c.competences.into_iter().map(|(_, name)| name).collect();
        vec![
            Cell::link(c.programme.name, format!("/courses/{}", c.programme.id)),
            Cell::text(if names.is_empty() {
                NOTHING.into()
            } else {
                names.join("; ")
            }),
            Cell::text(c.programme.form.map_or(NOTHING, ProgrammeForm::label)),
            Cell::text(format!("{}\u{A0}ч", c.programme.hours)),
            chip,
        ]
    };
    let columns = [
        Column::words("Курс"),
        Column::words("Чему учит"),
        Column::words("Форма"),
        Column::figures("Объём"),
        Column::words("Ваш маршрут"),
    ];
    let shown: Vec<Vec<Cell>> = at.rows(found).into_iter().map(row).collect();
    let forms = ProgrammeForm::ALL
        .iter()
        .map(|f| (f.code().to_owned(), f.label().to_owned()));
    let hours = HOURS
        .iter()
        .map(|(code, words, ..)| ((*code).to_owned(), (*words).to_owned()));
    let filters = vec![
        at.search("q", "Название"),
        at.select("competence", "Чему учит", "всему", competences)?,
        at.select("form", "Форма", "любая", forms)?,
        at.select("hours", "Объём", "любой", hours)?,
    ];
    let mut empty = if nothing {
        Empty::new("Курсов пока нет", "Каталог появится, когда ЦНППМ загрузит программы.")
    } else {
        Empty::new(
            "Ничего не нашлось",
            "С такими фильтрами курсов нет: снимите один из них.",
        )
    };
    if !nothing {
        empty.action = Some(Link::new("Показать все курсы", "/courses"));
    }
    Ok(CoursesPage {
        lead: if plan.is_some() {
            "Сначала шаги вашего маршрута, затем курсы по его темам."
        } else {
            "Когда у вас появится маршрут, его курсы встанут первыми."
        },
        filters: at.filters(filters, list::found(rows, "курс", "курса", "курсов")),
        register: (!shown.is_empty()).then(|| Register::new("Курсы", &columns, shown)),
        paging: at.paging(rows),
        empty,
    })
}

#[derive(Serialize)]
struct CoursePage {
    name: String,
    lead: String,
    next: NextStep,
    facts: Vec<Fact>,
}

/// GET /courses/{programme}
pub fn one(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let wanted = ProgrammeId(call.id("programme")?);
        let (region, person) = own(&call)?.ok_or_else(|| Error::NotFound("курс".into()))?;
        let today = call.app().clock.today();
        let read = move |c: &mut AnyConn| -> Result<_, DbError> {
            let plan = rows::own_plan(c, region, person)?;
            let course = rows::courses(c, region, plan.as_ref(), Some(wanted))?;
            let sent = rows::application(c, region, person, wanted)?;
            Ok((plan, course.into_iter().next(), sent))
        };
        let (plan, course, sent) = call.app().db.read(read).await?;
        let course = course.ok_or_else(|| Error::NotFound("курс".into()))?;
        let next = apply::next(&course, plan.as_ref(), sent.as_ref(), today);
        let name = course.programme.name.clone();
        let data = CoursePage {
            lead: format!("{} · {}\u{A0}ч", kind(&course), course.programme.hours),
            facts: facts(&course),
            name: name.clone(),
            next,
        };
        Ok(Answer::page("desk/course", &data)?.title(name))
    })
}

fn kind(course: &Course) -> &'static str {
    match course.programme.kind {
        crate::catalogue::ProgrammeKind::Upskilling => "Повышение квалификации",
        crate::catalogue::ProgrammeKind::Retraining => "Профессиональная переподготовка",
    }
}

fn facts(course: &Course) -> Vec<Fact> {
    let fact = |name: &str, value: String| Fact {
        name: name.to_owned(),
        value: if value.is_empty() { NOTHING.to_owned() } else { value },
        change: None,
    };
    let of = &course.programme;
    let names: Vec<&str> = course.competences.iter().map(|(_, name)| name.as_str()).collect();
    let topics: Vec<&str> = course.topics.iter().map(|t| t.label()).collect();
    let remote = match (of.distance, of.e_learning) {
        (true, true) => "дистанционно, есть электронное обучение",
        (true, false) => "есть дистанционные занятия",
        (false, true) => "есть электронное обучение",
        (false, false) => "только занятия на месте",
    };
    vec![
        fact("Организация", course.provider.clone().unwrap_or_default()),
        fact("Вид", kind(course).to_owned()),
        fact("Объём", format!("{}\u{A0}ч", of.hours)),
        fact("Форма", of.form.map_or_else(String::new, |f| f.label().to_owned())),
        fact("Как проходит", remote.to_owned()),
        fact("Чему учит", names.join("; ")),
        fact("Темы", topics.join("; ")),
        fact("Федеральный реестр", of.federal_ref.clone().unwrap_or_default()),
    ]
}

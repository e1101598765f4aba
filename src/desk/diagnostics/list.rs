//! «Диагностики»: procedures of the scope, and one of them by competence and level.

use std::collections::HashSet;

use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::bounds::{self, Bounds};
use crate::desk::diagnostics::described;
use crate::desk::diagnostics::edit::{address_of, page_of, people_of};
use crate::desk::diagnostics::rescale;
use crate::desk::diagnostics::rows::{self, Held, Spread};
use crate::desk::list::{self, List};
use crate::desk::plan::card::missing;
use crate::desk::plan::list_rows::{self, Course};
use crate::desk::registers::file;
use crate::desk::small_cells::{self, FEWEST, Told};
use crate::diagnostics::{DiagnosisKind, DiagnosisLevel, Procedure, ProcedureId, ProcedureState, region_scale, store};
use crate::error::Error;
use crate::pages::parts::{Button, Cell, Chip, Column, Empty, Fact, Figure, Filters, Link, Register, Tone};
use crate::pages::text::{NOTHING, capital, count, date, number, percent, plural};
use crate::units;
use crate::web::address::{address, quoted};
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct ListPage {
    lead: String,
    /// Plans that wait for the visitor: for approval, for a place on a course, for the document of one.
    waiting: Vec<Link>,
    /// None where there is no procedure to choose from.
    filters: Option<Filters>,
    register: Option<Register>,
    empty: Empty,
    /// The way to a new one.
    new: Option<Link>,
    /// The way to those who need the next one.
    next: Option<Link>,
    /// The way to what the files of platforms hold.
    tools: Option<Link>,
    /// The way to the scales of levels.
    scales: Option<Link>,
    /// The address of the same table as a workbook.
    file: String,
}

/// GET /diagnostics
pub fn list(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &["kind", "level"])?;
        let kind = at.known("kind", DiagnosisKind::from_code)?;
        let level = at.known("level", DiagnosisLevel::from_code)?;
        let (within, today) = (bounds::within(&call)?, call.app().clock.today());
        let region = within.region.ok_or_else(missing)?;
        let visitor = call.visitor()?;
        let (approves, enrols) = (visitor.may(Capability::Approve), visitor.may(Capability::Plans));
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let bounds = Bounds::of(c, region, &within.scope, today)?;
            let mut waiting = Vec::new();
            if approves {
                waiting.extend(approval(list_rows::waiting_for_approval(c, &bounds, today)?));
            }
            for course in Course::ALL.into_iter().filter(|_| enrols) {
                waiting.extend(on_course(course, list_rows::waiting_for(c, &bounds, course, today)?));
            }
            let held = rows::held(c, &bounds, today)?;
            let passed: HashSet<ProcedureId> = held.iter().map(|h| h.procedure.id).collect();
            let mut ahead: Vec<Procedure> = store::own(c, region)?;
            // Of one that was held, whoever sees a part of the region does not know whether others passed it.
            let whole = bounds.organisations.is_none();
            ahead.retain(|of| !passed.contains(&of.id) && (whole || of.state != ProcedureState::Held));
            Ok((held, ahead, waiting, bounds.is_whole()))
        };
        let (all, ahead, links, whole) = call.app().db.read(read).await?;
        // Nobody waits for a plan after a self-assessment.
        let mut formal = all.iter().filter(|h| h.procedure.kind != DiagnosisKind::SelfAssessment);
        let waiting: i64 = formal.next().map_or(0, |h| h.without_plan);
        let columns = [
            Column::words("Процедура"),
            Column::words("Вид"),
            Column::figures("Даты"),
            Column::figures("Участники"),
            Column::figures("Результаты"),
            Column::figures("С дефицитами"),
            Column::figures("Без маршрута"),
        ];
        let fits = |of: &Procedure| {
            kind.is_none_or(|kind| of.kind == kind) && level.is_none_or(|level| of.level == Some(level))
        };
        let many = all.len() + ahead.len();
        let ahead = ahead.iter().filter(|of| fits(of)).map(|of| described::row(of, today));
        let held = all.iter().filter(|held| fits(&held.procedure));
        let rows: Vec<Vec<Cell>> = ahead.chain(held.map(|held| row(held, enrols))).collect();
        let filters = vec![
            at.select(
                "kind",
                "Вид",
                "любой",
                choices(DiagnosisKind::ALL, DiagnosisKind::code, DiagnosisKind::label),
            )?,
            at.select(
                "level",
                "Уровень",
                "любой",
                choices(DiagnosisLevel::ALL, DiagnosisLevel::code, DiagnosisLevel::label),
            )?,
        ];
        let filters = at.filters(
            filters,
            list::found(rows.len(), "диагностика", "диагностики", "диагностик"),
        );
        // Who may not open the list behind a number is told no small one.
        let waiting = if enrols || waiting >= FEWEST { waiting } else { 0 };
        let page = ListPage {
            waiting: links,
            lead: if !enrols && waiting == 0 {
                "Числа по процедурам. От одного до четырёх человек показано «<5».".into()
            } else if waiting > 0 {
                format!(
                    "После последней диагностики маршрута {} {}.",
                    plural(waiting, "ждёт", "ждут", "ждут"),
                    count(waiting, "педагог", "педагога", "педагогов")
                )
            } else {
                "После последней диагностики маршруты есть у всех, кому они нужны.".into()
            },
            filters: (many > 0).then_some(filters),
            register: (!rows.is_empty()).then(|| Register::new("Диагностики", &columns, rows)),
            empty: at.empty(
                Empty::new(
                    "Диагностик пока нет",
                    "Заведите диагностику здесь, или оператор загрузит файл результатов: появятся процедура, участники и \
                     их дефициты.",
                ),
                "Диагностик не нашлось",
                "ни одна",
            ),
            new: whole.then(|| Link::new("Завести диагностику", "/diagnostics/new")),
            next: enrols.then(|| Link::new("Кому нужна следующая диагностика", "/diagnostics/next")),
            tools: whole.then(|| Link::new("Платформы диагностики", "/diagnostics/tools")),
            scales: whole.then(|| Link::new("Шкалы уровней", "/diagnostics/scales")),
            file: at.workbook(),
        };
        if at.is_whole() {
            let tables: Vec<&Register> = page.register.iter().collect();
            return file::book(
                &call,
                "Диагностики",
                &file::said(&page.lead, page.filters.as_ref()),
                &tables,
            );
        }
        Answer::page("desk/diagnostics", &page)
    })
}

/// Codes and names of a dictionary, to choose from.
fn choices<T: Copy>(
    all: &[T],
    code: fn(T) -> &'static str,
    name: fn(T) -> &'static str,
) -> impl Iterator<Item = (String, String)> {
    all.iter().map(move |of| (code(*of).to_owned(), name(*of).to_owned()))
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

/// The numbers of a procedure: who took part, who has deficits, who waits for a plan.
fn numbers(held: &Held, opens_lists: bool) -> [Told; 3] {
    let counts = [held.persons, held.deficits, held.without_plan];
    if opens_lists {
        return counts.map(Told::Number);
    }
    let told = small_cells::row(&counts);
    // Who waits for a plan is one of those with deficits: both or none.
    let open = told.iter().all(|t| matches!(t, Told::Number(_)));
    let or_hidden = |place: usize| match told.get(place) {
        Some(Told::Number(n)) if place > 0 && *n > 0 && !open => Told::Hidden,
        Some(told) => *told,
        None => Told::Hidden,
    };
    [or_hidden(0), or_hidden(1), or_hidden(2)]
}

fn row(held: &Held, opens_lists: bool) -> Vec<Cell> {
    let [persons, deficits, without_plan] = numbers(held, opens_lists);
    let own = page_of(&held.procedure.code);
    let formal = held.procedure.kind != DiagnosisKind::SelfAssessment;
    let waiting = match without_plan {
        Told::Number(0) => Cell::text(if formal { "0" } else { NOTHING }),
        told => Cell::chip(Chip::new(Tone::Wait, told.shown())),
    };
    vec![
        Cell::link(held.procedure.name.clone(), own),
        Cell::text(held.procedure.kind.label()),
        Cell::text(days(held)),
        Cell::text(persons.shown()),
        Cell::text(match persons {
            Told::Number(_) => number(held.results),
            told => told.shown(),
        }),
        Cell::text(if formal { deficits.shown() } else { NOTHING.to_owned() }),
        waiting,
    ]
}

/// The numbers of a competence: who passed it, who has a deficit in it, and whether the levels may be told.
fn spread_row(persons: i64, of: &Spread, opens_lists: bool) -> [Told; 3] {
    if opens_lists {
        return [Told::Number(of.all), Told::Number(of.deficits), Told::Number(0)];
    }
    // Beside everybody who took part, and beside those who passed this one.
    let beside_all = small_cells::row(&[persons, of.all]);
    let own = small_cells::row(&[of.all, of.deficits]);
    let all = beside_all.get(1).copied().unwrap_or(Told::Hidden);
    let deficits = own.get(1).copied().unwrap_or(Told::Hidden);
    let plain = |told: &Told| matches!(told, Told::Number(_));
    let small = of.levels.values().any(|n| (1..FEWEST).contains(n));
    let levels = if plain(&all) && plain(&deficits) && !small {
        Told::Number(0)
    } else {
        Told::Hidden
    };
    [all, deficits, levels]
}

#[derive(Serialize)]
struct OnePage {
    crumbs: Vec<Link>,
    heading: String,
    lead: String,
    done: Option<&'static str>,
    facts: Vec<Fact>,
    /// Where its statute and its instrument are read.
    papers: Vec<Link>,
    /// What else is done with it.
    ways: Vec<Link>,
    figures: Vec<Figure>,
    register: Register,
    button: Option<Button>,
    plans: Option<Link>,
    /// The address of the same table as a workbook.
    file: String,
}

/// GET /diagnostics/procedure?code=
pub fn one(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &["code"])?;
        let code = at.get("code").unwrap_or_default().to_owned();
        let (within, today) = (bounds::within(&call)?, call.app().clock.today());
        let region = within.region.ok_or_else(missing)?;
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let bounds = Bounds::of(c, region, &within.scope, today)?;
            let known = store::by_code(c, region, &code)?.ok_or_else(missing)?;
            let held = rows::by_code(c, &bounds, &code, today)?;
            if held.is_none() && !known.kept {
                return Err(missing());
            }
            let passed = held.is_some();
            let held = held.unwrap_or_else(|| Held::of_nobody(known.procedure.clone(), today));
            let spread = rows::spread(c, &bounds, held.procedure.id, today)?;
            let organiser = match held.procedure.organiser_id {
                None => String::new(),
                Some(unit) => {
                    let tree = units::store::tree(c, today, None)?;
                    tree.unit(unit).map_or_else(String::new, |u| u.name.clone())
                }
            };
            let previous = match held.procedure.previous_id {
                None => None,
                Some(first) => store::own_by_id(c, region, first)?,
            };
            let scale = match held.procedure.scale_id {
                None => None,
                Some(own) => region_scale::name(c, own)?,
            };
            let scale = scale.map_or_else(String::new, |name| capital(&name));
            let facts = described::facts(&held.procedure, organiser, scale, previous.as_ref(), today);
            let changes = known.kept && bounds.is_whole();
            Ok(((held, passed, changes, facts), spread))
        };
        let ((held, passed, changes, facts), (spread, labels)) = call.app().db.read(read).await?;
        // Heads of columns live as long as the program; levels are data, so they stand in the cells.
        let columns = [
            Column::words("Компетенция"),
            Column::figures("Прошли"),
            Column::figures("С дефицитом"),
            Column::figures("Доля"),
            Column::words("По уровням"),
        ];
        let opens_lists = call.visitor()?.may(Capability::Plans);
        let rows = spread.iter().map(|one| {
            let told = spread_row(held.persons, one, opens_lists);
            let levels: Vec<String> = labels
                .iter()
                .filter_map(|label| Some(format!("{label}\u{A0}–\u{A0}{}", number(*one.levels.get(label)?))))
                .collect();
            let [all, deficits, of_levels] = told;
            let open = matches!((all, deficits), (Told::Number(_), Told::Number(_)));
            vec![
                Cell::text(one.name.clone()),
                Cell::text(all.shown()),
                Cell::text(deficits.shown()),
                Cell::text(if open {
                    percent(one.deficits, one.all)
                } else {
                    NOTHING.to_owned()
                }),
                Cell::text(match of_levels {
                    Told::Number(_) => levels.join(", "),
                    told => told.shown(),
                }),
            ]
        });
        let [persons, deficits, without_plan] = numbers(&held, opens_lists);
        let figure = |told: Told, label: &str| Figure {
            shown: told.shown(),
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
                passed.then(|| days(&held)),
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
            done: match call.query.get("done") {
                Some("added") => Some("Диагностика заведена"),
                Some("changed") => Some("Изменения записаны"),
                Some("rescaled") => Some("Результаты прочитаны по другой шкале"),
                _ => None,
            },
            facts,
            papers: described::papers(&held.procedure),
            ways: [
                changes.then(|| Link::new("Изменить", address_of(&held.procedure.code))),
                (changes && passed)
                    .then(|| Link::new("Другая шкала уровней", rescale::address_of(&held.procedure.code))),
                visitor
                    .may(Capability::Invitations)
                    .then(|| Link::new("Участники", people_of(&held.procedure.code))),
            ]
            .into_iter()
            .flatten()
            .collect(),
            figures: if passed {
                vec![
                    figure(persons, "прошли"),
                    figure(deficits, "с дефицитами"),
                    figure(without_plan, "без маршрута"),
                ]
            } else {
                Vec::new()
            },
            register: Register::new("Уровни по компетенциям", &columns, rows.collect()),
            button: (formal && passed && visitor.may(Capability::Drafting))
                .then(|| Button::link("Подготовить маршруты", format!("/drafting?procedure={code}"))),
            plans: (passed && visitor.may(Capability::Plans)).then(|| {
                Link::new(
                    "Маршруты этой диагностики",
                    format!("/plans?state=all&procedure={code}"),
                )
            }),
            file: at.workbook(),
        };
        if at.is_whole() {
            let told = page
                .figures
                .iter()
                .map(|f| vec![Cell::text(f.label.clone()), Cell::text(f.shown.clone())]);
            let columns = [Column::words("Кто"), Column::figures("Людей")];
            let told = Register::new("Всего", &columns, told.collect());
            let chosen = format!("{name} · {}", page.lead);
            return file::book(&call, "Диагностика", &chosen, &[&page.register, &told]);
        }
        Ok(Answer::page("desk/diagnostic", &page)?.title(name))
    })
}

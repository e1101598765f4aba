//! The school: «Педагоги». Its head and deputy see topics and steps, not scores.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::db::text_keys::{holds, search_key};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::Bounds;
use crate::desk::courses::applications_rows;
use crate::desk::diagnostics::rows as diagnosed;
use crate::desk::indicators::own_school::{self, Behind, Wanted};
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::plan::composed_rows::{self, Composer, Which};
use crate::desk::plan::list_rows::Standing;
use crate::desk::plan::support::{LATE, risk};
use crate::desk::plan::support_rows::Accompanied;
use crate::desk::registers::file;
use crate::desk::reports::own_rows;
use crate::desk::school::coverage_rows::{self, Figure};
use crate::desk::school::staff_rows::{self, Colleague};
use crate::desk::school::work_rows::{self, Work};
use crate::diagnostics::DiagnosisKind;
use crate::error::Error;
use crate::indicators::people::Part;
use crate::iom::{IomOutcome, IomState};
use crate::pages::parts::{self, Cell, Chip, Choice, Column, Empty, Filter, Filters, Link, Paging, Register, Tone};
use crate::pages::text::{NOTHING, count};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, Visitor};

/// The state of somebody who has no plan, in addresses.
const NO_PLAN: &str = "none";
/// The state of a plan with a step whose date has passed, in addresses.
const OVERDUE: &str = "late";

#[derive(Serialize)]
struct StaffPage {
    lead: String,
    /// The page of the indicator whose people these are.
    indicator: Option<Link>,
    waiting: Option<Link>,
    /// Plans that wait for the head.
    approval: Option<Link>,
    /// Plans of the school that came back.
    returned: Option<Link>,
    /// Where plans are drafted, while somebody has none.
    undrafted: Option<Link>,
    /// The open report that is due first.
    report: Option<Link>,
    filters: Filters,
    register: Option<Register>,
    paging: Option<Paging>,
    empty: Empty,
    /// Who is on the list, where it is not the list behind a number.
    counts: Option<&'static str>,
    /// The methodical work of the school this academic year.
    year: String,
    work: Vec<parts::Figure>,
}

/// Who works today, for whoever compares the number with others.
const COUNTS: &str = "Здесь все, кто сегодня работает в организации, с внешними совместителями и договорами. «Охват» и \
                      показатели считают педагогов на отчётную дату, «Кадровый состав» – без совместителей и договоров.";

/// What is shown of the staff, as it was read.
#[derive(Default)]
struct Shown {
    everyone: usize,
    late: usize,
    found: Vec<Colleague>,
    progress: HashMap<PersonId, Accompanied>,
    topics: HashMap<PersonId, Vec<String>>,
    applications: usize,
    /// Plans that the head is to approve, and plans of the school that came back.
    composed: (i64, i64),
    /// Code of the latest procedure, and how many wait for a plan after it.
    undrafted: Option<(String, i64)>,
    report: Option<String>,
    units: Vec<(String, String)>,
    work: Option<Work>,
    /// How many of everyone have a document on training.
    trained: usize,
    /// The number of an indicator whose people these are.
    behind: Option<Behind>,
}

/// What the address asks for.
struct Asked {
    text: Option<String>,
    state: Option<String>,
    unit: Option<String>,
    figure: Option<(Figure, String)>,
    /// The number of an indicator whose people are asked for.
    behind: Option<Wanted>,
    /// Whether there is a document on training of the last three years.
    trained: Option<bool>,
}

/// Names of the filters.
const FILTERS: &[&str] = &["q", "state", "trained", "unit", "of", "period", "indicator", "part"];

/// Reads the address.
fn asked(at: &List) -> Result<Asked, Error> {
    let missing = || Error::NotFound("список".into());
    let figure = match (at.known("of", Figure::from_code)?, at.get("period")) {
        (None, _) => None,
        (Some(of), period) => Some((of, period.ok_or_else(missing)?.to_owned())),
    };
    let behind = match at.get("indicator") {
        None => None,
        Some(_) if figure.is_some() => return Err(missing()),
        Some(of) => {
            let (pack, code) = of.split_once('/').ok_or_else(missing)?;
            let part = at.known("part", |code| {
                Part::from_code(code).filter(|part| own_school::PARTS.contains(part))
            })?;
            Some(Wanted {
                of: (pack.to_owned(), code.to_owned()),
                part: part.unwrap_or(Part::Rest),
                period: at.get("period").map(str::to_owned),
                unit: at.get("unit").map(str::to_owned),
            })
        }
    };
    let known = |code: &str| code == NO_PLAN || code == OVERDUE || IomState::from_code(code).is_some();
    at.known("state", |code| known(code).then_some(()))?;
    let trained = at.known("trained", |code| match code {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    })?;
    Ok(Asked {
        text: at.get("q").map(search_key),
        state: at.get("state").map(str::to_owned),
        unit: at.get("unit").map(str::to_owned),
        figure,
        behind,
        trained,
    })
}

/// Reads whom the address finds.
fn find(conn: &mut AnyConn, visitor: &Visitor, asked: &Asked, today: NaiveDate) -> Result<Shown, Error> {
    let Some(region) = visitor.region.map(UnitId) else {
        return Ok(Shown::default());
    };
    let own = coverage_rows::organisations(conn, visitor, today)?;
    let organisations = match &asked.unit {
        Some(code) => vec![coverage_rows::within(conn, &own, code, today)?],
        None => own.clone(),
    };
    let behind = match &asked.behind {
        Some(wanted) => Some(own_school::behind(conn, visitor, wanted)?),
        None => None,
    };
    let organisations = behind.as_ref().map_or(organisations, |of| of.organisations.clone());
    let persons = match (&asked.figure, &behind) {
        (_, Some(of)) => of.persons.clone(),
        (None, None) => staff_rows::employed(conn, region, &organisations, today)?,
        (Some((figure, period)), None) => {
            coverage_rows::behind(conn, &visitor.scope, &organisations, *figure, period, today)?
        }
    };
    let all = staff_rows::colleagues(conn, region, &organisations, &persons, today)?;
    let everyone = all.len();
    let progress = staff_rows::progress(conn, region, &all, today)?;
    let is_late = |c: &Colleague| progress.get(&c.id).is_some_and(|of| is_late(of, today));
    let late = all.iter().filter(|c| is_late(c)).count();
    let ids: Vec<PersonId> = all.iter().map(|c| c.id).collect();
    let trained = work_rows::trained(conn, region, &ids, today)?;
    let fits = |c: &Colleague| {
        let state = match asked.state.as_deref() {
            None => true,
            Some(NO_PLAN) => c.plan.is_none(),
            Some(OVERDUE) => is_late(c),
            Some(state) => c.plan.as_ref().is_some_and(|p| p.state.code() == state),
        };
        let document = asked.trained.is_none_or(|wanted| wanted == trained.contains(&c.id));
        state && document && asked.text.as_ref().is_none_or(|text| holds(&c.search_key, text))
    };
    let found: Vec<Colleague> = all.into_iter().filter(fits).collect();
    let topics = staff_rows::topics(conn, region, &found, today)?;
    let applications = if visitor.may(Capability::Applications) {
        applications_rows::waiting(conn, region, &own, today)?.len()
    } else {
        0
    };
    let composed = composed(conn, visitor, today)?;
    let undrafted = if visitor.may(Capability::Drafting) {
        undrafted(conn, visitor, region, today)?
    } else {
        None
    };
    let report = own_rows::waiting(conn, visitor, today)?;
    let units = coverage_rows::named(conn, &own, today)?;
    let work = match &asked.figure {
        None if behind.is_none() => work_rows::count(conn, visitor, &organisations, today)?,
        _ => None,
    };
    Ok(Shown {
        behind,
        work,
        trained: trained.len(),
        everyone,
        late,
        found,
        progress,
        topics,
        applications,
        composed,
        undrafted,
        report,
        units,
    })
}

/// How many plans of the school wait for its head, and how many came back.
fn composed(conn: &mut AnyConn, visitor: &Visitor, today: NaiveDate) -> Result<(i64, i64), DbError> {
    let of = if visitor.may(Capability::Composed) {
        Composer::of(conn, visitor, today)?
    } else {
        None
    };
    let Some(of) = of.filter(Composer::is_school) else {
        return Ok((0, 0));
    };
    let approval = if composed_rows::approves(visitor) {
        composed_rows::count(conn, &of, (Which::ToApprove, ""), today)?
    } else {
        0
    };
    let returned = Which::Standing(Standing::In(IomState::Returned));
    Ok((approval, composed_rows::count(conn, &of, (returned, ""), today)?))
}

/// The latest procedure that tells the school its results, and how many of the school have deficits by it and no plan.
fn undrafted(
    conn: &mut AnyConn,
    visitor: &Visitor,
    region: UnitId,
    today: NaiveDate,
) -> Result<Option<(String, i64)>, DbError> {
    let bounds = Bounds::of(conn, region, &visitor.scope, today)?;
    let mut held = diagnosed::held(conn, &bounds, today)?.into_iter();
    let last = held.find(|of| {
        let told = of.procedure.released_on.is_none_or(|on| on <= today);
        told && of.procedure.kind != DiagnosisKind::SelfAssessment
    });
    let waits = last.map(|of| (of.procedure.code, of.without_plan));
    Ok(waits.filter(|(_, people)| *people > 0))
}

/// GET /staff
pub fn people(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, FILTERS)?;
        let asked = asked(&at)?;
        let title = titled(&asked)?;
        let today = call.app().clock.today();
        let visitor = call.visitor()?.clone();
        let named = visitor.region.is_some();
        let shown = call.app().db.read(move |c| find(c, &visitor, &asked, today)).await?;
        if named {
            let ids: Vec<PersonId> = at.rows(shown.found.iter().map(|c| c.id).collect());
            looked::telling(&call, "staff", &at.codes(&["q"]), &ids, shown.found.len(), &ids).await?;
        }
        Answer::page("desk/staff", &staff_page(&at, shown, title.as_ref(), today)?)
    })
}

/// GET /staff/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, FILTERS)?.whole();
        let asked = asked(&at)?;
        let title = titled(&asked)?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let read = move |c: &mut AnyConn| find(c, &visitor, &asked, today);
        let shown = call.app().db.read(read).await?;
        let named: Vec<PersonId> = shown.found.iter().map(|c| c.id).collect();
        let page = staff_page(&at, shown, title.as_ref(), today)?;
        let of = ListFile::of_people("staff", "Педагоги", at.codes(&["q"]), &named, Capability::Staff);
        let of = of.chosen(file::said(&page.lead, Some(&page.filters))).telling(&named);
        let tables: Vec<&Register> = page.register.iter().collect();
        file::named(&call, &at, &of, &tables).await
    })
}

/// The figure whose people are asked for, and its year.
fn titled(asked: &Asked) -> Result<Option<(String, String)>, Error> {
    let title = |(figure, period): &(Figure, String)| Ok((figure.title()?, period.clone()));
    asked.figure.as_ref().map(title).transpose()
}

fn is_late(of: &Accompanied, today: NaiveDate) -> bool {
    of.plan.state != IomState::Closed && risk(of, today).0 >= LATE
}

fn staff_page(
    at: &List,
    shown: Shown,
    figure: Option<&(String, String)>,
    today: NaiveDate,
) -> Result<StaffPage, Error> {
    let found = shown.found.len();
    let (progress, topics) = (&shown.progress, &shown.topics);
    let row = |c: Colleague| {
        let (next, chip) = next_and_state(&c, progress.get(&c.id), today);
        let name = if c.positions.is_empty() {
            Cell::text(c.short)
        } else {
            Cell::link(c.short, format!("/staff/{}", c.id))
        };
        let place = if c.positions.is_empty() {
            "сейчас здесь не работает".to_owned()
        } else {
            c.positions.join(", ")
        };
        let topics = topics.get(&c.id).filter(|t| !t.is_empty());
        vec![
            name,
            Cell::text(place),
            Cell::text(topics.map_or_else(|| NOTHING.to_owned(), |t| t.join("; "))),
            Cell::text(next),
            Cell::chip(chip),
        ]
    };
    let rows: Vec<Vec<Cell>> = at.rows(shown.found).into_iter().map(row).collect();
    let columns = [
        Column::words("Педагог"),
        Column::words("Должность"),
        Column::words("Темы"),
        Column::words("Что дальше"),
        Column::words("Состояние"),
    ];
    let waiting = i64::try_from(shown.applications).unwrap_or(i64::MAX);
    let everyone = i64::try_from(shown.everyone).unwrap_or(i64::MAX);
    let people = count(everyone, "человек", "человека", "человек");
    let behind = shown.behind.as_ref();
    let lead = match (figure, behind) {
        (_, Some(of)) => format!("{people} · {}: {}", of.title, of.said),
        (Some((title, period)), None) => format!("{people} · {title}, {period} учебный год"),
        (None, None) if shown.late == 0 => format!("{people}. Просроченных шагов нет."),
        (None, None) => format!("{people}. Просрочили шаг: {}.", shown.late),
    };
    let empty = if shown.everyone == 0 && behind.is_some() {
        let mut empty = Empty::new("Здесь никого нет", "За этим числом не стоит ни одного человека.");
        empty.action = Some(Link::new("Показать всех", "/staff"));
        empty
    } else if shown.everyone == 0 {
        Empty::new(
            "Здесь пока никого нет",
            "Список появится, когда оператор загрузит сотрудников вашей организации.",
        )
    } else {
        let mut empty = Empty::new(
            "Никого не нашлось",
            "С такими фильтрами педагогов нет: снимите один из них.",
        );
        empty.action = Some(Link::new("Показать всех", "/staff"));
        empty
    };
    Ok(StaffPage {
        lead,
        waiting: (waiting > 0).then(|| {
            let words = count(waiting, "заявка ждёт", "заявки ждут", "заявок ждут");
            Link::new(format!("{words} вашего согласования"), "/applications")
        }),
        approval: (shown.composed.0 > 0).then(|| {
            let words = count(shown.composed.0, "маршрут ждёт", "маршрута ждут", "маршрутов ждут");
            let to = address("/composed", [("state", Which::TO_APPROVE)]);
            Link::new(format!("{words} вашего утверждения"), to)
        }),
        returned: (shown.composed.1 > 0).then(|| {
            let words = count(shown.composed.1, "маршрут", "маршрута", "маршрутов");
            let to = address("/composed", [("state", IomState::Returned.code())]);
            Link::new(format!("{words} вернули на доработку"), to)
        }),
        undrafted: shown.undrafted.map(|(procedure, people)| {
            let words = count(people, "педагог ждёт", "педагога ждут", "педагогов ждут");
            let to = address("/drafting", [("procedure", procedure.as_str())]);
            Link::new(format!("{words} маршрута: подготовить"), to)
        }),
        report: shown.report.map(|said| Link::new(said, "/report")),
        filters: filters(at, found, shown.units, (figure.is_some(), behind))?,
        indicator: behind.and_then(|of| of.page.clone()),
        register: (!rows.is_empty()).then(|| Register::new("Педагоги", &columns, rows)),
        paging: at.paging(found),
        empty,
        counts: (figure.is_none() && behind.is_none()).then_some(COUNTS),
        year: shown.work.as_ref().map_or_else(String::new, |work| work.year.clone()),
        work: shown
            .work
            .map(|work| work.figures(shown.trained, shown.everyone))
            .unwrap_or_default(),
    })
}

fn filters(
    at: &List,
    found: usize,
    units: Vec<(String, String)>,
    (of_figure, behind): (bool, Option<&Behind>),
) -> Result<Filters, Error> {
    let own = |code: &str, label: &str| (code.to_owned(), label.to_owned());
    let mut states = vec![own(NO_PLAN, "маршрута нет"), own(OVERDUE, "просрочен шаг")];
    let known = IomState::ALL.iter().filter(|s| **s != IomState::Draft);
    states.extend(known.map(|s| own(s.code(), s.label())));
    let mut filters = vec![
        at.search("q", "Фамилия или имя"),
        at.select("state", "Состояние маршрута", "любое", states)?,
        at.select(
            "trained",
            "Документ о ДПО за три года",
            "не важно",
            [own("yes", "есть"), own("no", "нет")],
        )?,
    ];
    if units.len() > 1 {
        filters.push(at.select("unit", "Организация", "все", units)?);
    }
    if let Some(period) = at.get("period").filter(|_| of_figure) {
        let figures = Figure::ALL.iter().map(|f| own(f.code(), f.label()));
        filters.push(at.select("of", "Кого показать", "всех, кто работает сегодня", figures)?);
        let only = Choice::new(period, period, period);
        filters.push(Filter::select("period", "Учебный год", vec![only]));
    }
    if let (Some(behind), Some(of)) = (behind, at.get("indicator")) {
        let all = "всех, кто работает сегодня";
        filters.push(at.select("indicator", "Показатель", all, [(of.to_owned(), behind.title.clone())])?);
        let part = at.get("part").unwrap_or(Part::Rest.code());
        let parts = behind.parts.iter().map(|of| Choice::new(of.code(), of.label(), part));
        filters.push(Filter::select("part", "Кого показать", parts.collect()));
        if let Some(period) = at.get("period") {
            filters.push(Filter::select(
                "period",
                "Период",
                vec![Choice::new(period, period, period)],
            ));
        }
    }
    let mut filters = at.filters(filters, list::found(found, "педагог", "педагога", "педагогов"));
    filters.file = (found > 0).then(|| at.file());
    Ok(filters)
}

/// What is next for a colleague and where the plan stands.
fn next_and_state(of: &Colleague, progress: Option<&Accompanied>, today: NaiveDate) -> (String, Chip) {
    let Some(plan) = &of.plan else {
        return (NOTHING.to_owned(), Chip::new(Tone::Calm, "маршрута нет"));
    };
    match (plan.state, plan.outcome, progress) {
        (IomState::Closed, Some(IomOutcome::Completed), _) => (NOTHING.into(), Chip::new(Tone::Done, "выполнен")),
        (IomState::Closed, outcome, _) => {
            let said = outcome.map_or("закрыт", IomOutcome::label);
            (NOTHING.into(), Chip::new(Tone::Calm, said))
        }
        (_, _, Some(progress)) => {
            let (_, next, chip) = risk(progress, today);
            (next, chip)
        }
        (state, _, None) => (NOTHING.into(), Chip::new(Tone::Calm, state.label())),
    }
}

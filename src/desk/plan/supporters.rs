//! «Тьюторы»: who carries how much against the norm, and assigning for a unit with a preview.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::access::{self, AccountId, Role};
use crate::db::AnyConn;
use crate::desk::bounds;
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::plan::card::missing;
use crate::desk::plan::supporters_rows::{self, Fullness, Supporter};
use crate::desk::registers::file;
use crate::desk::workforce::vacancies::decimal;
use crate::error::{Error, Refusal};
use crate::flow;
use crate::iom::SupporterKind;
use crate::iom::accompany::role_of;
use crate::iom::assigning::{self, Ask, Report};
use crate::iom::capacity::Load;
use crate::pages::parts::{Cell, Chip, Choice, Column, Empty, Fact, Filter, Filters, Link, Paging, Register, Tone};
use crate::pages::text::{NOTHING, capital, count, number, plural};
use crate::planted;
use crate::units;
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct ListPage {
    lead: String,
    done: Option<String>,
    filters: Vec<Filter>,
    list: Filters,
    register: Option<Register>,
    paging: Option<Paging>,
    empty: Empty,
}

/// Names of the filters.
const NAMES: [&str; 2] = ["role", "load"];

/// GET /supporters
pub fn list(call: Call) -> Answering {
    Box::pin(async move { everyone(&call, List::of(&call, &NAMES)?).await })
}

/// GET and POST /supporters/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { everyone(&call, List::of(&call, &NAMES)?.whole()).await })
}

async fn everyone(call: &Call, at: List) -> Result<Answer, Error> {
    let (within, today) = (bounds::within(call)?, call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let tree = units::store::tree(c, today, None)?;
        Ok((
            supporters_rows::all(c, &within, today)?,
            list::units(&tree, &within, None),
        ))
    };
    let (mut all, units) = call.app().db.read(read).await?;
    let full = at.known("load", Fullness::from_code)?;
    all.retain(|s| at.get("role").is_none_or(|role| s.role.code() == role));
    all.retain(|s| full.is_none_or(|full| s.fullness() == full));
    all.sort_by_key(|s| std::cmp::Reverse((s.gone, s.late, s.open)));
    let lead = lead(&all);
    let rows = at.rows(all.iter().map(row).collect());
    let named: Vec<AccountId> = at.rows(all.iter().map(|s| s.account).collect());
    let columns = [
        Column::words("Сопровождающий"),
        Column::words("Роль"),
        Column::words("Где"),
        Column::figures("Маршрутов"),
        Column::figures("Нагрузка"),
        Column::figures("Норма"),
        Column::figures("С просрочкой"),
        Column::words("Состояние"),
    ];
    let roles = SupporterKind::ALL.iter().map(|kind| role_of(*kind));
    let roles = roles.map(|role| (role.code().to_owned(), role.label().to_owned()));
    let role = at.select("role", "Роль", "все", roles)?;
    let units = units.into_iter().map(|(code, name)| Choice::new(&code, name, ""));
    let loads = Fullness::CHOICES.map(|(_, code, label)| (code.to_owned(), label.to_owned()));
    let load = at.select("load", "Нагрузка", "любая", loads)?;
    let mut filters = at.filters(
        vec![role, load],
        // Whoever holds two of the roles stands in two rows.
        list::found(all.len(), "строка", "строки", "строк"),
    );
    filters.file = (!all.is_empty()).then(|| at.file());
    let page = ListPage {
        lead,
        done: call.query.get("done").and_then(|n| n.parse().ok()).map(handed),
        list: filters,
        paging: at.paging(all.len()),
        // No choice of «все»: a click too early must not assign to everyone.
        filters: vec![
            Filter::select("unit", "Территория", units.collect()),
            Filter::select("kind", "Кого назначить", kinds("tutor")),
        ],
        register: (!rows.is_empty()).then(|| Register::new("Сопровождающие", &columns, rows)),
        empty: at.empty(
            Empty::new(
                "Сопровождающих пока нет",
                "Роли тьютора, куратора, методиста и наставника выдаёт администратор. После этого они появятся здесь.",
            ),
            "Таких нет",
            "ни один сопровождающий",
        ),
    };
    if at.is_whole() {
        let of = ListFile::of_people("supporter", "Тьюторы", at.codes(&[]), &named, Capability::Supporters);
        let of = of.chosen(file::said(&page.lead, Some(&page.list)));
        let tables: Vec<&Register> = page.register.iter().collect();
        return file::named(call, &at, &of, &tables).await;
    }
    looked::list(call, "supporter", &at.codes(&[]), &named, all.len()).await?;
    Answer::page("desk/supporters", &page)
}

/// What the list says at once: how many people carry plans, and whom to look at. A person with two roles is one.
fn lead(all: &[Supporter]) -> String {
    let people = |counts: &dyn Fn(&Supporter) -> bool| {
        let accounts = all.iter().filter(|s| counts(s)).map(|s| s.account);
        if planted!("rows_for_people") {
            accounts.count()
        } else {
            accounts.collect::<BTreeSet<AccountId>>().len()
        }
    };
    let are = |full: Fullness| people(&|s| s.fullness() == full);
    let total = i64::try_from(people(&|_| true)).unwrap_or(i64::MAX);
    let carrying = people(&|s| s.open > 0);
    let mut said = format!(
        "Ведут маршруты {carrying} из {}, выше нормы {}, почти норма {}. Сначала те, у кого просрочки.",
        count(total, "человека", "человек", "человек"),
        are(Fullness::Over),
        are(Fullness::Near),
    );
    let gone = are(Fullness::Gone);
    if gone > 0 {
        said += &format!(" Без действующей роли {gone}: передайте их маршруты.");
    }
    said
}

/// What was handed over, once it is.
pub(super) fn handed(plans: i64) -> String {
    format!("Передано: {}", count(plans, "маршрут", "маршрута", "маршрутов"))
}

/// A load or a limit in plans; without a limit, a dash.
pub(super) fn in_plans(milli: Option<u64>) -> String {
    let plans = |milli: u64| decimal(i64::try_from(milli).unwrap_or(i64::MAX));
    milli.map_or_else(|| NOTHING.to_owned(), plans)
}

/// The address of the page of one of them.
pub(super) fn page_of(login: &str, role: Role) -> String {
    address("/supporters/capacity", [("supporter", login), ("role", role.code())])
}

fn kinds(chosen: &str) -> Vec<Choice> {
    SupporterKind::ALL
        .iter()
        .map(|kind| Choice::new(kind.code(), kind.label(), chosen))
        .collect()
}

fn row(of: &Supporter) -> Vec<Cell> {
    let chip = match of.fullness() {
        Fullness::Gone => Chip::new(Tone::Late, "нет роли"),
        Fullness::Over => Chip::new(Tone::Late, "выше нормы"),
        Fullness::Near => Chip::new(Tone::Wait, "почти норма").icon("i-warn"),
        Fullness::Free => Chip::new(Tone::Calm, "свободен"),
        Fullness::Carries => Chip::new(Tone::Done, "в норме"),
    };
    let plans = if of.open > 0 {
        Cell::link(number(of.open), address("/plans", [("supporter", of.login.as_str())]))
    } else {
        Cell::text(number(0))
    };
    let late = if of.late > 0 {
        Cell::link(
            number(of.late),
            address("/plans", [("supporter", of.login.as_str()), ("overdue", "1")]),
        )
    } else {
        Cell::text(number(0))
    };
    vec![
        Cell::link(of.name.clone(), page_of(&of.login, of.role)),
        Cell::text(of.role.label()),
        Cell::text(of.over.clone()),
        plans,
        Cell::text(in_plans(Some(of.weight))),
        Cell::text(in_plans(of.limit.most)),
        late,
        Cell::chip(chip),
    ]
}

#[derive(Serialize)]
struct AssignPage {
    crumbs: Vec<Link>,
    heading: String,
    lead: String,
    facts: Vec<Fact>,
    register: Option<Register>,
    left: Vec<String>,
    problem: Option<String>,
    button: Option<String>,
    unit: String,
    kind: &'static str,
    expected: usize,
    token: String,
    done: Option<String>,
}

/// GET /supporters/assign: what assigning would do.
pub fn preview(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["unit", "kind", "done"])?;
        let (unit, kind) = asked(call.query.get("unit"), call.query.get("kind"))?;
        let done = call.query.get("done").and_then(|n| n.parse::<i64>().ok());
        page(&call, unit, kind, done, None).await
    })
}

fn asked(unit: Option<&str>, kind: Option<&str>) -> Result<(String, SupporterKind), Error> {
    let unit = unit.filter(|u| !u.is_empty()).ok_or_else(missing)?.to_owned();
    let kind = kind.and_then(SupporterKind::from_code).ok_or_else(missing)?;
    Ok((unit, kind))
}

fn ask(call: &Call, unit: String, kind: SupporterKind) -> Result<Ask, Error> {
    Ok(Ask {
        unit,
        kind,
        on: call.app().clock.today(),
        within: bounds::within(call)?,
        author: Some(AccountId(call.visitor()?.account)),
        on_behalf_of: call.visitor()?.on_behalf_of().map(AccountId),
    })
}

async fn page(
    call: &Call,
    unit: String,
    kind: SupporterKind,
    done: Option<i64>,
    problem: Option<String>,
) -> Result<Answer, Error> {
    let ask = ask(call, unit.clone(), kind)?;
    let (name, report, names) = call
        .app()
        .db
        .read(move |c: &mut AnyConn| -> Result<_, Error> {
            let report = assigning::dry_run(c, &ask)?;
            let tree = units::store::tree(c, ask.on, None)?;
            let name = tree.by_code(&ask.unit).map_or_else(String::new, |u| u.name.clone());
            let logins: Vec<String> = report.takers.iter().cloned().collect();
            let names = access::store::names_of_logins(c, &logins)?;
            Ok((name, report, names))
        })
        .await?;
    let heading = format!("Назначить: {}, {name}", kind.label());
    let n = i64::try_from(report.assigned).unwrap_or(0);
    let wrong = problem.is_some();
    let page = AssignPage {
        crumbs: vec![Link::new("Тьюторы", "/supporters")],
        heading: heading.clone(),
        lead: promise(&report),
        facts: facts(&report),
        register: loads(&report, &names),
        left: report.left.iter().take(50).cloned().collect(),
        problem,
        button: (n > 0).then(|| format!("Назначить на {}", count(n, "маршрут", "маршрута", "маршрутов"))),
        unit,
        kind: kind.code(),
        expected: report.assigned,
        token: call.token(),
        done: done.map(|n| format!("Назначено: {}", count(n, "маршрут", "маршрута", "маршрутов"))),
    };
    let answer = Answer::page("desk/assign", &page)?.title(heading);
    Ok(if wrong { answer.status(422) } else { answer })
}

/// Those who may take any of the plans, with what each carries afterwards.
fn taking(report: &Report) -> impl Iterator<Item = (&String, &Load)> {
    let all = report.weights.iter();
    all.filter(move |(login, _)| report.takers.contains(*login))
}

/// How plans are given, and what becomes of the loads when those that are paused go on.
fn promise(report: &Report) -> String {
    let mut said = String::from(
        "Больше получает тот, у кого сейчас меньше нагрузка на ставку; сейчас никто не выходит за норму, свои маршруты и \
         маршруты подчинённых не достаются никому.",
    );
    if has_paused(taking(report).map(|(_, load)| load)) {
        said += " Приостановленный маршрут весит четверть: в последнем столбце – нагрузка, когда все они продолжатся.";
        let over = taking(report).filter(|(_, load)| is_over_going_on(load)).count();
        if over > 0 {
            let over = i64::try_from(over).unwrap_or(i64::MAX);
            said += &format!(
                " Тогда выше нормы {} {}.",
                plural(over, "будет", "будут", "будет"),
                count(over, "человек", "человека", "человек")
            );
        }
    }
    said
}

/// Whether somebody of these carries a plan that is paused.
pub(super) fn has_paused<'a>(mut loads: impl Iterator<Item = &'a Load>) -> bool {
    loads.any(|load| load.going_on_milli > load.weight_milli) && !planted!("paused_uncounted")
}

/// Whether somebody stands over the norm once the paused plans go on.
fn is_over_going_on(load: &Load) -> bool {
    load.most_milli.is_some_and(|most| load.going_on_milli > most)
}

/// The head of what [`going_on`] tells.
pub(super) const GOING_ON: &str = "Когда паузы кончатся";

/// What somebody carries once the paused plans go on, and whether that is more than there may be.
pub(super) fn going_on(load: &Load) -> Cell {
    let shown = in_plans(Some(load.going_on_milli));
    Cell::text(if is_over_going_on(load) {
        format!("{shown}, выше нормы")
    } else {
        shown
    })
}

fn facts(report: &Report) -> Vec<Fact> {
    let fact = |name: &str, n: usize| Fact {
        name: name.to_owned(),
        value: number(i64::try_from(n).unwrap_or(0)),
        change: None,
    };
    let mut facts = vec![
        fact("Маршрутов без такого сопровождающего", report.plans),
        fact("Будет назначено", report.assigned),
    ];
    if report.paused > 0 {
        facts.push(fact("Из них приостановлено", report.paused));
    }
    facts.push(fact("Останется без сопровождающего", report.left.len()));
    facts
}

fn loads(report: &Report, names: &HashMap<String, String>) -> Option<Register> {
    let paused = has_paused(taking(report).map(|(_, load)| load));
    let rows: Vec<Vec<Cell>> = taking(report)
        .map(|(login, load)| {
            let plans = i64::try_from(load.plans).unwrap_or(0);
            let name = names.get(login).unwrap_or(login);
            let mut row = vec![
                Cell::text(name.clone()),
                Cell::text(number(plans)),
                Cell::text(in_plans(Some(load.weight_milli))),
                Cell::text(in_plans(load.most_milli)),
            ];
            row.extend(paused.then(|| going_on(load)));
            row
        })
        .collect();
    let mut columns = vec![
        Column::words("Сопровождающий"),
        Column::figures("Открытых маршрутов станет"),
        Column::figures("Нагрузка станет"),
        Column::figures("Норма"),
    ];
    columns.extend(paused.then(|| Column::figures(GOING_ON)));
    (!rows.is_empty()).then(|| Register::new("Нагрузка после назначения", &columns, rows))
}

/// POST /supporters/assign: does exactly what the preview showed, or shows what has changed since.
pub fn assign(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["unit", "kind", "expected"])?;
        let (unit, kind) = asked(fields.get("unit"), fields.get("kind"))?;
        let expected: Option<usize> = fields.get("expected").and_then(|n| n.parse().ok());
        let ask = ask(&call, unit.clone(), kind)?;
        let key = call.app().keys.audit.clone();
        let ran = call
            .app()
            .db
            .write(move |tx| {
                let report = flow::assign_evenly(tx, &key, &ask)?;
                if Some(report.assigned) == expected {
                    Ok(report)
                } else {
                    Err(Error::Refused(Refusal::new("desk.changed")))
                }
            })
            .await;
        match ran {
            Ok(report) => Ok(Answer::redirect(address(
                "/supporters/assign",
                [
                    ("unit", unit.as_str()),
                    ("kind", kind.code()),
                    ("done", &report.assigned.to_string()),
                ],
            ))),
            Err(Error::Refused(why)) => {
                let said = capital(&why.to_string());
                page(&call, unit, kind, None, Some(said)).await
            }
            Err(other) => Err(other),
        }
    })
}

//! «Проверка отчётов»: on one page who has sent and who has not and why; agreeing to many, or accepting many, at once.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::cycle::campaign::Campaign;
use crate::cycle::report_bulk::{self, Deed};
use crate::cycle::submission_status::{Side, SubmissionState};
use crate::db::{AnyConn, Tx};
use crate::desk::list::{self, List};
use crate::desk::once;
use crate::desk::registers::file;
use crate::desk::registers::page::{Sheet, fact};
use crate::desk::registers::reach::{Held, by, missing};
use crate::desk::reports::rows::{self, Checked, Seen};
use crate::desk::reports::words;
use crate::error::{Error, Refusal};
use crate::indicators::pack_tables::Severity;
use crate::pages::parts::{Cell, Chip, Column, Empty, Fact, Filters, Link, Paging, Register};
use crate::pages::text::{NOTHING, capital, count, date, number, percent};
use crate::units::{UnitId, UnitKind};
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, Visitor, token};

/// Names of the filters.
const FILTERS: &[&str] = &["campaign", "state", "unit"];
/// The most reports of one form.
const MOST: usize = 500;

#[derive(Serialize)]
struct Page {
    heading: &'static str,
    lead: String,
    problem: Option<String>,
    facts: Vec<Fact>,
    filters: Filters,
    rows: Vec<Row>,
    empty: Option<Empty>,
    paging: Option<Paging>,
    /// The button of what can be done with many; none for whoever only looks.
    button: Option<&'static str>,
    act: &'static str,
    campaigns: bool,
    key: String,
    token: String,
}

#[derive(Serialize)]
struct Row {
    id: String,
    /// Id and version, where it can be ticked.
    tick: Option<String>,
    name: String,
    town: String,
    state: Chip,
    why: String,
    days: String,
}

async fn find(call: &Call, at: &List) -> Result<Checked, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let id = at
        .get("campaign")
        .map(|id| id.parse().map_err(|_| missing()))
        .transpose()?;
    let read = move |c: &mut AnyConn| rows::checked(c, &visitor, id, today);
    call.app().db.read(read).await
}

/// The reports that the address asks for.
fn chosen<'a>(at: &List, found: &'a Checked) -> Result<Vec<&'a Seen>, Error> {
    let state = at.known("state", SubmissionState::from_code)?;
    let inside = match at.get("unit") {
        None => None,
        Some(code) => {
            let unit = found
                .held
                .own()
                .into_iter()
                .find(|u| u.code == code)
                .ok_or_else(missing)?;
            Some(found.held.tree.subtree(unit.id))
        }
    };
    let fits = |seen: &&Seen| {
        state.is_none_or(|state| seen.report.state == state)
            && inside.as_ref().is_none_or(|units| units.contains(&seen.unit.id))
    };
    Ok(found.reports.iter().filter(fits).collect())
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Why a report has not been sent, or what it waits for.
pub(super) fn why(seen: &Seen) -> String {
    let titled = |of: &dyn Fn(&crate::cycle::report_form::Finding) -> bool| -> Vec<&str> {
        let own = seen.findings.iter().filter(|f| of(f));
        own.map(|f| f.title.as_str()).collect()
    };
    let blocking = titled(&|f| f.severity == Severity::Error && f.rule != "unfilled");
    let explained = titled(&|f| f.severity == Severity::Note && f.rule == "difference");
    let mut said = Vec::new();
    if seen.report.state == SubmissionState::Returned {
        said.push(format!("возвращён: {}", seen.returned.clone().unwrap_or_default()));
    }
    if seen.report.state.is_with_unit() {
        if seen.to_type > 0 {
            let fields = count(whole(seen.to_type), "поле", "поля", "полей");
            said.push(format!("не заполнено: {fields}"));
        }
        if !blocking.is_empty() {
            said.push(format!("мешает отправить: {}", blocking.join("; ")));
        }
        if said.is_empty() {
            said.push("всё заполнено: осталось отправить".into());
        }
    } else {
        if !explained.is_empty() {
            said.push(format!("расхождение объяснено: {}", explained.join("; ")));
        }
        if !blocking.is_empty() {
            said.push(format!("разошлось после отправки: {}", blocking.join("; ")));
        }
        let jumped = titled(&|f| f.rule == "jump");
        if !jumped.is_empty() {
            said.push(format!("скачок к прошлому году: {}", jumped.join("; ")));
        }
        match seen.report.state {
            SubmissionState::Sent => said.push("ждёт согласования".into()),
            SubmissionState::Agreed => said.push("ждёт приёмки оператором".into()),
            _ => {}
        }
    }
    capital(&said.join("; "))
}

/// The state in which many are ticked by a side, the act, and its button.
fn deed(side: Option<Side>) -> Option<(SubmissionState, &'static str, &'static str)> {
    match side? {
        Side::Checker => Some((SubmissionState::Sent, "agree", "Согласовать отмеченные")),
        Side::Operator => Some((SubmissionState::Agreed, "accept", "Принять отмеченные")),
        Side::Unit => None,
    }
}

/// GET /reports
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, FILTERS)?;
        show(&call, &at, None).await
    })
}

async fn show(call: &Call, at: &List, problem: Option<String>) -> Result<Answer, Error> {
    let found = find(call, at).await?;
    let today = call.app().clock.today();
    let chosen = chosen(at, &found)?;
    if at.is_whole() {
        return book(call, at, &found, &chosen);
    }
    let visitor = call.visitor()?;
    let side = found.campaign.as_ref().and_then(|of| rows::side(visitor, of.level));
    let deed = deed(side);
    let total = chosen.len();
    let row = |seen: &Seen| {
        let ticks = deed.is_some_and(|(state, ..)| seen.report.state == state);
        let of = found.campaign.as_ref();
        Row {
            id: seen.report.id.to_string(),
            tick: ticks.then(|| format!("{}.{}", seen.report.id, seen.report.version)),
            name: seen.unit.name.clone(),
            town: if seen.town == seen.unit.name {
                String::new()
            } else {
                seen.town.clone()
            },
            state: of.map_or_else(
                || words::plain(seen.report.state),
                |of| words::state(&seen.report, of, today),
            ),
            why: why(seen),
            days: of.map_or_else(String::new, |of| words::days(&seen.report, of, today)),
        }
    };
    let shown: Vec<Row> = at.rows(chosen).into_iter().map(row).collect();
    let lead = |of: &Campaign| format!("{} · {} · срок {}", of.title, of.period, date(of.due_on));
    let page = Page {
        heading: "Проверка отчётов",
        lead: found.campaign.as_ref().map_or_else(String::new, lead),
        problem,
        facts: facts(&found),
        filters: filters(at, &found, total)?,
        empty: shown.is_empty().then(|| nothing(at)),
        button: deed
            .map(|(.., button)| button)
            .filter(|_| shown.iter().any(|r| r.tick.is_some())),
        act: deed.map_or("", |(_, act, _)| act),
        rows: shown,
        paging: at.paging(total),
        campaigns: visitor.may(Capability::Campaigns),
        key: token::random_name()?,
        token: call.token(),
    };
    let answer = Answer::page("desk/reports", &page)?;
    Ok(if page.problem.is_some() {
        answer.status(422)
    } else {
        answer
    })
}

fn nothing(at: &List) -> Empty {
    let first = Empty::new(
        "Отчётов пока не собирают",
        "Когда региональный оператор откроет кампанию, здесь появятся все, кто должен отчитаться.",
    );
    at.empty(first, "Отчётов не нашлось", "ни один отчёт")
}

fn filters(at: &List, found: &Checked, total: usize) -> Result<Filters, Error> {
    let campaigns = found
        .campaigns
        .iter()
        .map(|c| (c.id.to_string(), format!("{}, {}", c.title, c.period)));
    let states = SubmissionState::ALL
        .iter()
        .map(|s| (s.code().to_owned(), s.label().to_owned()));
    let filters = vec![
        at.select("campaign", "Кампания", "которая идёт", campaigns)?,
        at.select("state", "Состояние", "все", states)?,
        at.select("unit", "Единица", "все", found.held.choices())?,
    ];
    let mut filters = at.filters(filters, list::found(total, "отчёт", "отчёта", "отчётов"));
    filters.file = (total > 0).then(|| at.workbook());
    Ok(filters)
}

/// «Сдано 30 из 40, 75 %; в срок 28».
fn facts(found: &Checked) -> Vec<Fact> {
    let Some(of) = &found.campaign else {
        return Vec::new();
    };
    let reports: Vec<&Seen> = found.reports.iter().collect();
    let sums = Sums::of(of, &reports);
    let states = SubmissionState::ALL.iter().filter_map(|state| {
        let many = reports.iter().filter(|s| s.report.state == *state).count();
        (many > 0).then(|| format!("{} {}", state.label(), number(whole(many))))
    });
    let handed = format!(
        "{} из {}, {}; в срок {}",
        number(sums.handed),
        number(sums.asked),
        percent(sums.handed, sums.asked),
        number(sums.in_time)
    );
    vec![
        fact("Сдано", handed),
        fact("По состояниям", states.collect::<Vec<_>>().join(", ")),
    ]
}

/// How many were asked, have handed in, and have done so in time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub asked: i64,
    pub handed: i64,
    pub in_time: i64,
}

impl Sums {
    pub(super) fn of(of: &Campaign, reports: &[&Seen]) -> Self {
        let many = |is: &dyn Fn(&Seen) -> bool| whole(reports.iter().filter(|seen| is(seen)).count());
        Self {
            asked: whole(reports.len()),
            handed: many(&|seen| seen.report.state.is_handed_in()),
            in_time: many(&|seen| seen.report.is_in_time(of)),
        }
    }

    /// «сдано / ожидалось / % / в срок / % в срок».
    pub(super) fn cells(self) -> Vec<Cell> {
        vec![
            Cell::text(number(self.handed)),
            Cell::text(number(self.asked)),
            Cell::text(percent(self.handed, self.asked)),
            Cell::text(number(self.in_time)),
            Cell::text(percent(self.in_time, self.asked)),
        ]
    }
}

fn book(call: &Call, at: &List, found: &Checked, chosen: &[&Seen]) -> Result<Answer, Error> {
    let columns = [
        Column::words("Единица"),
        Column::words("Муниципалитет"),
        Column::words("Состояние"),
        Column::words("Почему"),
        Column::words("Отправлен"),
    ];
    let row = |seen: &&Seen| {
        vec![
            Cell::text(seen.unit.name.clone()),
            Cell::text(seen.town.clone()),
            Cell::text(seen.report.state.label()),
            Cell::text(why(seen)),
            Cell::text(seen.report.sent_on.map_or_else(|| NOTHING.to_owned(), date)),
        ]
    };
    let rows: Vec<Vec<Cell>> = chosen.iter().map(row).collect();
    let sheet = Sheet {
        heading: "Проверка отчётов".into(),
        filters: Some(filters(at, found, rows.len())?),
        register: (!rows.is_empty()).then(|| Register::new("Отчёты", &columns, rows)),
        ..Sheet::default()
    };
    file::page(call, at, sheet)
}

/// What came of many; kept under the key of the form.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Outcome {
    done: usize,
    /// Report, and why it was passed over.
    skipped: Vec<(i64, String)>,
}

/// POST /reports
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let form = call.form.only_many(&["act", "key"], &["pick"])?;
        let mut wanted: BTreeMap<i64, Option<i32>> = BTreeMap::new();
        for pick in form.all("pick") {
            let (id, version) = pick.split_once('.').ok_or_else(missing)?;
            let id = id.parse().map_err(|_| missing())?;
            wanted.insert(id, Some(version.parse().map_err(|_| missing())?));
        }
        let deed = match form.get("act") {
            Some("agree") => Deed::Agree,
            Some("accept") => Deed::Accept,
            _ => return Err(Error::form_changed()),
        };
        if wanted.len() > MOST {
            return Err(missing());
        }
        let at = List::plain("/reports");
        if wanted.is_empty() {
            let why = capital(&format!("{}.", Refusal::new("desk.nothing_ticked")));
            return show(&call, &at, Some(why)).await;
        }
        let (visitor, by) = (call.visitor()?.clone(), by(&call)?);
        let write = move |tx: &mut Tx<'_>| -> Result<Outcome, Error> {
            let today = tx.today();
            let ids: Vec<i64> = wanted.keys().copied().collect();
            if !are_own(tx.conn(), &visitor, &ids, &deed, today)? {
                return Err(missing());
            }
            let refused = report_bulk::all(tx, &by, &wanted, &deed)?;
            let skipped = refused.into_iter().map(|(id, why)| (id.0, capital(&format!("{why}."))));
            let skipped: Vec<(i64, String)> = skipped.collect();
            Ok(Outcome {
                done: wanted.len() - skipped.len(),
                skipped,
            })
        };
        match once::many(&call, write).await {
            Ok(key) => Ok(Answer::redirect(format!("/reports/done/{key}"))),
            Err(Error::Refused(why)) if once::is_other(&why) => {
                let why = "Эту форму уже отправили с другим выбором: посмотрите, что осталось, и отметьте заново.";
                show(&call, &at, Some(why.to_owned())).await
            }
            Err(e) => Err(e),
        }
    })
}

/// Whether each of these reports is of a unit that the visitor sees and is the visitor's to do that with.
fn are_own(c: &mut AnyConn, visitor: &Visitor, ids: &[i64], deed: &Deed, today: NaiveDate) -> Result<bool, Error> {
    let held = Held::of(c, visitor, today)?;
    let own: HashSet<UnitId> = held.own().into_iter().map(|u| u.id).collect();
    let found = report_bulk::places(c, held.region, ids)?;
    let wanted = match deed {
        Deed::Agree => Side::Checker,
        Deed::Accept | Deed::Extend(..) => Side::Operator,
    };
    let fits = |(unit, level): &(UnitId, UnitKind)| own.contains(unit) && rows::side(visitor, *level) == Some(wanted);
    Ok(found.len() == ids.len() && found.iter().all(fits))
}

#[derive(Serialize)]
struct DonePage {
    crumbs: Vec<Link>,
    heading: String,
    title: &'static str,
    skipped: Vec<Skipped>,
}

#[derive(Serialize)]
struct Skipped {
    who: String,
    href: String,
    why: String,
}

/// GET /reports/done/{key}
pub fn done(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let key = call.parts.get("key").unwrap_or_default().to_owned();
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let outcome: Outcome = once::outcome(c, &key, visitor.account)?;
            let held = Held::of(c, &visitor, today)?;
            let own: HashSet<UnitId> = held.own().into_iter().map(|u| u.id).collect();
            let ids: Vec<i64> = outcome.skipped.iter().map(|(id, _)| *id).collect();
            let units = report_bulk::units(c, held.region, &ids)?.into_iter();
            let names: BTreeMap<i64, String> = units
                .filter(|(_, unit)| own.contains(unit))
                .map(|(id, unit)| (id, held.name(Some(unit))))
                .collect();
            Ok((outcome, names))
        };
        let (outcome, names) = call.app().db.read(read).await?;
        let skipped = outcome.skipped.into_iter().map(|(id, why)| Skipped {
            who: names.get(&id).cloned().unwrap_or_else(|| NOTHING.to_owned()),
            href: format!("/reports/{id}"),
            why,
        });
        let skipped: Vec<Skipped> = skipped.collect();
        let page = DonePage {
            crumbs: vec![Link::new("Проверка отчётов", "/reports")],
            heading: format!("Выполнено {}, пропущено {}", outcome.done, skipped.len()),
            title: if outcome.done > 0 {
                "Записано"
            } else {
                "Ничего не записано"
            },
            skipped,
        };
        Answer::page("desk/reports_done", &page)
    })
}

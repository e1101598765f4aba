//! One report as it is checked: what is computed beside what is reported, what stands in its way, its history; agreeing,
//! returning, accepting, taking back, giving more time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};

use crate::cycle::report::{self, SaidValue};
use crate::cycle::report_acts::{self, Doing};
use crate::cycle::report_bulk::{self, Deed};
use crate::cycle::report_form::{self, Line};
use crate::cycle::submission_status::{Side, SubmissionAct, after};
use crate::db::{AnyConn, Tx};
use crate::desk::once::once_by_version;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::{by, missing};
use crate::desk::reports::rows::{self, One, Seen};
use crate::desk::reports::{check, own_rows, words};
use crate::error::Error;
use crate::pages::parts::{Empty, Link, Register};
use crate::pages::text::capital;
use crate::units::UnitKind;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, Visitor};

/// All that the page shows.
struct Shown {
    one: One,
    seen: Seen,
    table: Option<Register>,
    acts: Option<Register>,
    past: Option<Register>,
}

fn load(c: &mut AnyConn, visitor: &Visitor, id: i64, (today, zone): (NaiveDate, TimeDelta)) -> Result<Shown, Error> {
    let (held, one) = rows::one(c, visitor, id, today)?;
    let of = &one.campaign;
    let fields = of.fields()?;
    let gathered = rows::gathered(c, of, &fields, one.unit.id, &[one.unit.id])?;
    let all = report::said(c, held.region, one.report.id)?;
    let standing: foldhash::HashMap<String, SaidValue> = all
        .iter()
        .filter(|v| v.superseded_at.is_none())
        .map(|v| (v.field.clone(), v.clone()))
        .collect();
    let counted = rows::counted(&one.report, Some(&standing));
    let mut hidden = match &gathered {
        Some((ground, _)) if !visitor.may(Capability::Indicators) => rows::hidden(c, &held, ground, one.unit.id)?,
        _ => BTreeSet::new(),
    };
    let lines = match &gathered {
        Some((ground, sources)) => sources.lines(&ground.pack, &fields, one.unit.id, &counted),
        None => Vec::new(),
    };
    if !visitor.may(Capability::Indicators) {
        // A few people are not told because somebody typed them either.
        let few = lines.iter().filter(|line| line.says_few());
        hidden.extend(few.map(|line| line.field.code.clone()));
    }
    let acts = report::acts(c, held.region, one.report.id)?;
    let names = own_rows::names(c, &acts, &all)?;
    let returned = acts.iter().rev().find(|a| a.act == SubmissionAct::Return);
    let seen = Seen {
        findings: report_form::findings(&lines, of.tolerance_milli),
        to_type: lines.iter().filter(|l| l.said.is_none()).map(Line::to_type).sum(),
        returned: returned.and_then(|a| a.reason.clone()),
        town: held.name(held.tree.ancestor(one.unit.id, UnitKind::Municipality)),
        report: one.report.clone(),
        unit: one.unit.clone(),
    };
    Ok(Shown {
        table: (!lines.is_empty()).then(|| words::beside(&lines, of.tolerance_milli, &hidden)),
        acts: words::acts(zone, &acts, &names),
        past: words::past(zone, &lines, (&all, &names), &hidden),
        one,
        seen,
    })
}

async fn find(call: &Call) -> Result<Shown, Error> {
    let (visitor, now) = (call.visitor()?.clone(), (call.app().clock.today(), call.zone()));
    let id = call.id("submission")?;
    call.app().db.read(move |c| load(c, &visitor, id, now)).await
}

/// GET /reports/{submission}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["done"])?;
        let done = (query.get("done") == Some("1")).then_some("Записано");
        let shown = find(&call).await?;
        page(&call, shown, &[], (200, done))
    })
}

/// Acts of a side in a state, each with its words: act, what it is folded under, its button.
const ACTS: &[(SubmissionAct, &str, &str)] = &[
    (SubmissionAct::Agree, "", "Согласовать"),
    (SubmissionAct::Accept, "", "Принять"),
    (SubmissionAct::Return, "Вернуть на доработку", "Вернуть"),
    (SubmissionAct::Disagree, "Отозвать согласование", "Отозвать"),
    (SubmissionAct::Reopen, "Отозвать приёмку", "Отозвать"),
    (SubmissionAct::Extend, "Продлить срок", "Продлить"),
];

fn page(
    call: &Call,
    shown: Shown,
    wrong: &[Wrong],
    (status, done): (u16, Option<&'static str>),
) -> Result<Answer, Error> {
    let today = call.app().clock.today();
    let (of, report) = (&shown.one.campaign, &shown.one.report);
    let again = call.form.get("act").unwrap_or_default();
    let sent = Sent(&call.form);
    let open = |(act, ..): &&(SubmissionAct, &str, &str)| {
        after(report.state, *act).is_some() && act.is_of(shown.one.side, report.state)
    };
    let form = |(act, folded, button): &(SubmissionAct, &str, &str)| {
        let own = again == act.code();
        let values = |name: &str| if own { sent.text(name) } else { String::new() };
        let fill = Fill {
            values: &values,
            wrong: if own { wrong } else { &[] },
        };
        let mut parts = Vec::new();
        if *act == SubmissionAct::Extend {
            parts.push(fill.line("until", "Новый последний день", Some("например 30.06.2026")));
        }
        if act.needs_reason() {
            parts.push(fill.line("reason", "Причина: она останется в истории", None));
        }
        Form {
            action: format!("/reports/{}", report.id),
            act: act.code(),
            seen: report.version.to_string(),
            folded: (*folded).to_owned(),
            open: own && !wrong.is_empty(),
            parts,
            button: (*button).to_owned(),
            ..Form::default()
        }
    };
    let forms: Vec<Form> = ACTS.iter().filter(open).map(form).collect();
    let mut blocks = Vec::new();
    if !forms.is_empty() {
        blocks.push(Block {
            title: "Решение".into(),
            forms,
            ..Block::default()
        });
    }
    for (title, register) in [("История отчёта", shown.acts), ("Прежние значения", shown.past)]
    {
        blocks.extend(register.map(|register| Block {
            title: title.into(),
            register: Some(register),
            ..Block::default()
        }));
    }
    let heading = format!("{}: {}", words::called(&shown.one.unit), shown.one.unit.name);
    let sheet = Sheet {
        crumbs: vec![Link::new("Проверка отчётов", format!("/reports?campaign={}", of.id))],
        heading: heading.clone(),
        lead: format!("{} · {}", of.title, of.period),
        done,
        problems: problems(wrong),
        facts: vec![
            fact("Состояние", capital(report.state.label())),
            fact("Муниципалитет", shown.seen.town.clone()),
            fact("Дни", words::days(report, of, today)),
            fact("Почему", check::why(&shown.seen)),
        ],
        empty: shown.table.is_none().then(|| {
            Empty::new(
                "Методика больше не действует",
                "Чисел этой кампании показать нельзя: загрузите методику.",
            )
        }),
        register: shown.table,
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

/// POST /reports/{submission}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let form = call.form.only(&["act", "seen", "reason", "until"])?;
        let shown = find(&call).await?;
        let known = form.get("act").and_then(SubmissionAct::from_code);
        let act = known
            .filter(|act| ACTS.iter().any(|(own, ..)| own == act))
            .ok_or_else(missing)?;
        // Whose act it is in no state is nobody's here.
        let sides = crate::cycle::submission_status::SubmissionState::ALL;
        if !sides.iter().any(|state| act.is_of(shown.one.side, *state)) || shown.one.side == Side::Unit {
            return Err(Error::Forbidden("отчёт".into()));
        }
        let sent = Sent(&call.form);
        let doing = Doing {
            by: by(&call)?,
            id: shown.one.report.id,
            seen: sent.seen(),
        };
        let (why, side, id) = (sent.text("reason"), shown.one.side, shown.one.report.id);
        let done = if act == SubmissionAct::Extend {
            let mut wrong: Vec<Wrong> = Vec::new();
            let Some(until) = sent.day("until", &mut wrong) else {
                return page(&call, shown, &wrong, (422, None));
            };
            let write = move |tx: &mut Tx<'_>| -> Result<String, Error> {
                let wanted = BTreeMap::from([(doing.id.0, Some(doing.seen))]);
                let refused = report_bulk::all(tx, &doing.by, &wanted, &Deed::Extend(until, why))?;
                match refused.into_iter().next() {
                    Some((_, why)) => Err(why.into()),
                    None => Ok(String::new()),
                }
            };
            once_by_version(&call, write).await
        } else {
            let write = move |tx: &mut Tx<'_>| {
                report_acts::act(tx, &doing, (act, side), &why).map(|state| state.code().to_owned())
            };
            once_by_version(&call, write).await
        };
        match done {
            Ok(_) => Ok(Answer::redirect(format!("/reports/{id}?done=1"))),
            Err(Error::Refused(why)) => {
                let wrong = [("reason", capital(&format!("{why}.")))];
                page(&call, find(&call).await?, &wrong, (422, None))
            }
            Err(Error::Changed(what)) => {
                let text = format!("{what} Ваше действие не записано: посмотрите, что изменилось, и решите заново.");
                page(&call, find(&call).await?, &[("reason", text)], (409, None))
            }
            Err(e) => Err(e),
        }
    })
}

//! «Отчёт школы»: what the platform computes stands beside what is reported; only what nobody knows is asked for. The unit
//! saves, sends, and takes back what nobody has looked at yet.

use serde::Serialize;

use crate::cycle::report::SubmissionId;
use crate::cycle::report_acts::{self, Doing, Typed};
use crate::cycle::report_form::{self, Finding, Said};
use crate::cycle::submission_status::{Side, SubmissionAct, SubmissionState};
use crate::db::{AnyConn, Tx};
use crate::desk::looked;
use crate::desk::once::{is_other, once_by_version};
use crate::desk::plan::card::Wrong;
use crate::desk::registers::page::Sent;
use crate::desk::registers::reach::{by, missing};
use crate::desk::reports::own_fields::{self, Item};
use crate::desk::reports::own_rows::{self, Behind, Own};
use crate::desk::reports::words;
use crate::error::{Error, Refusal};
use crate::indicators::pack_tables::Severity;
use crate::pages::parts::{Chip, Choice, Empty, Filter, Filters, Link, Register};
use crate::pages::text::{capital, count};
use crate::people::PersonId;
use crate::planted;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize, Default)]
struct Page {
    heading: String,
    lead: String,
    done: Option<&'static str>,
    problems: Vec<Wrong>,
    filters: Option<Filters>,
    empty: Option<Empty>,
    state: Option<Chip>,
    days: String,
    /// Why it was returned, or why it cannot be changed now.
    returned: Option<String>,
    shut: Option<String>,
    guide: String,
    /// The act that approves the form; empty for none.
    act: String,
    /// What has to be done before it can be sent, in a line.
    sum: String,
    /// What nobody knows, what is known, and what is computed.
    asked: Vec<Item>,
    known: Vec<Item>,
    /// The same where nothing can be changed.
    table: Option<Register>,
    edits: bool,
    withdraws: bool,
    /// Filling it in in a table.
    table_links: Vec<Link>,
    report: String,
    seen: String,
    acts: Option<Register>,
    past: Option<Register>,
    token: String,
}

/// GET /report
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["report", "done"])?;
        let done = match query.get("done") {
            Some("saved") => Some("Записано"),
            Some("sent") => Some("Отправлено, можно отозвать до проверки"),
            Some("withdrawn") => Some("Отчёт отозван и снова у вас"),
            _ => None,
        };
        let id = query.get("report").filter(|v| !v.is_empty());
        let id = id.map(|v| v.parse().map_err(|_| missing())).transpose()?;
        let own = find(&call, id).await?;
        page(&call, own, None, Vec::new(), (200, done)).await
    })
}

async fn find(call: &Call, id: Option<i64>) -> Result<Option<Own>, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    call.app()
        .db
        .read(move |c| own_rows::find(c, &visitor, id, today))
        .await
}

/// What of the difference may be named to the visitor; the journal keeps who was.
async fn behind(call: &Call, own: Own) -> Result<(Own, Vec<Behind>), Error> {
    let scope = call.visitor()?.scope.clone();
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let found = match &own.gathered {
            Some((ground, _)) if own.report.state.is_with_unit() => {
                let place = (own.unit.id, own.campaign.tolerance_milli);
                own_rows::behind(c, &scope, ground, &own.lines(), place)?
            }
            _ => Vec::new(),
        };
        Ok((own, found))
    };
    let (own, found) = call.app().db.read(read).await?;
    let people: Vec<PersonId> = found
        .iter()
        .flat_map(|of| of.named.iter().map(|(person, ..)| *person))
        .collect();
    let others: usize = found.iter().map(|of| of.others).sum();
    let codes: Vec<&str> = found.iter().map(|of| of.code.as_str()).collect();
    let filter = match codes.as_slice() {
        [] => String::new(),
        codes => format!("pack={} indicator={}", own.campaign.pack, codes.join(",")),
    };
    // Whoever stands on the page reads of it; a page that names nobody says so too.
    looked::telling(call, "indicator", &filter, &people, people.len() + others, &people).await?;
    Ok((own, found))
}

async fn page(
    call: &Call,
    own: Option<Own>,
    typed: Option<&crate::web::call::Fields>,
    mut wrong: Vec<(String, String)>,
    (status, done): (u16, Option<&'static str>),
) -> Result<Answer, Error> {
    let Some(own) = own else {
        let page = Page {
            heading: "Отчёт".into(),
            empty: Some(Empty::new(
                "Отчёта сейчас не просят",
                "Когда региональный оператор откроет кампанию, здесь появится форма с уже заполненными числами.",
            )),
            ..Page::default()
        };
        looked::telling(call, "indicator", "", &[] as &[PersonId], 0, &[]).await?;
        return Answer::page("desk/report", &page);
    };
    let (own, behind) = behind(call, own).await?;
    let (today, campaign, report) = (call.app().clock.today(), &own.campaign, &own.report);
    let lines = own.lines();
    let findings = report_form::findings(&lines, campaign.tolerance_milli);
    let shut = report.shut(campaign, today);
    let edits = report.state.is_with_unit() && shut.is_none() && own.gathered.is_some();
    let sending = call.form.get("act") == Some("send");
    if edits && sending && status == 422 && wrong.is_empty() {
        let blocking = findings.iter().filter(|f| f.severity == Severity::Error);
        wrong.extend(blocking.map(|f| (own_fields::name(&f.field), format!("{}: {}", f.title, f.said))));
    }
    let item = |line| own_fields::item(line, campaign, typed, &findings, &wrong, &behind);
    let (asked, known): (Vec<Item>, Vec<Item>) = lines.iter().map(item).partition(|item| item.ask);
    let choices = own
        .choices
        .iter()
        .map(|(id, words)| Choice::new(id, words.clone(), &report.id.to_string()));
    let choices: Vec<Choice> = choices.collect();
    let last = own.acts.iter().rev().find(|a| a.act == SubmissionAct::Return);
    let page = Page {
        heading: words::called(&own.unit).into(),
        lead: format!("{} · {} · {}", own.unit.name, campaign.title, campaign.period),
        done,
        problems: wrong
            .iter()
            .map(|(field, text)| Wrong {
                field: own_fields::anchor(&lines, field),
                text: text.clone(),
            })
            .collect(),
        filters: (choices.len() > 1).then(|| Filters {
            action: "/report".into(),
            filters: vec![Filter::select("report", "Кампания", choices)],
            chosen: Vec::new(),
            found: String::new(),
            unread: Vec::new(),
            file: None,
            beside: Vec::new(),
        }),
        empty: own.gathered.is_none().then(|| {
            Empty::new(
                "Методика больше не действует",
                "Форму этой кампании показать нельзя: сообщите региональному оператору.",
            )
        }),
        state: Some(words::state(report, campaign, today)),
        days: words::days(report, campaign, today),
        returned: last
            .filter(|_| report.state == SubmissionState::Returned)
            .map(|a| format!("Возвращён: {}", a.reason.clone().unwrap_or_default())),
        shut: shut
            .filter(|_| report.state.is_with_unit())
            .map(|why| capital(&format!("{why}."))),
        guide: campaign.guide.clone(),
        act: own.act.clone(),
        sum: sum(&lines, &findings),
        table: (!edits && own.gathered.is_some())
            .then(|| words::beside(&lines, campaign.tolerance_milli, &std::collections::BTreeSet::new())),
        asked: if edits { asked } else { Vec::new() },
        known: if edits { known } else { Vec::new() },
        edits,
        withdraws: report.state == SubmissionState::Sent && report.shut(campaign, today).is_none(),
        table_links: if edits { table_links(report.id) } else { Vec::new() },
        report: report.id.to_string(),
        seen: report.version.to_string(),
        acts: words::acts(call.zone(), &own.acts, &own.names),
        past: words::past(
            call.zone(),
            &lines,
            (&own.all, &own.names),
            &std::collections::BTreeSet::new(),
        ),
        token: call.token(),
    };
    let title = format!("{}: {}", page.heading, own.unit.name);
    let answer = Answer::page("desk/report", &page)?;
    Ok(match status {
        200 => answer.title(title),
        status => answer.status(status).title(format!("Ошибка: {title}")),
    })
}

/// The form as a table to be filled in elsewhere, and its way back.
fn table_links(report: SubmissionId) -> Vec<Link> {
    vec![
        Link::new("Скачать для правки (XLSX)", format!("/editable/report?report={report}")),
        Link::new("Вернуть исправленный файл", "/returned"),
    ]
}

/// What is left to do, in a line.
fn sum(lines: &[report_form::Line<'_>], findings: &[Finding]) -> String {
    let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let empty: usize = lines
        .iter()
        .filter(|l| l.said.is_none())
        .map(report_form::Line::to_type)
        .sum();
    let differ = findings
        .iter()
        .filter(|f| f.rule == "difference" && f.severity == Severity::Error)
        .count();
    let fields = count(whole(empty), "поле", "поля", "полей");
    let differences = count(whole(differ), "расхождение", "расхождения", "расхождений");
    match (empty, differ) {
        (0, 0) => "Заполнять нечего: сверьте числа и отправьте отчёт.".into(),
        (_, 0) => format!("Осталось заполнить: {fields}. Остальное уже известно."),
        (0, _) => format!("Исправить или объяснить: {differences}."),
        _ => format!("Осталось заполнить: {fields}; исправить или объяснить: {differences}."),
    }
}

/// POST /report
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let id = call
            .form
            .get("report")
            .and_then(|n| n.parse().ok())
            .ok_or_else(missing)?;
        let own = find(&call, Some(id)).await?.ok_or_else(missing)?;
        let lines = own.lines();
        let names = own_fields::names(&lines);
        let mut known: Vec<&str> = vec!["report", "seen", "act", "reason"];
        known.extend(names.iter().map(String::as_str));
        call.form.only(&known)?;
        let doing = Doing {
            by: by(&call)?,
            id: own.report.id,
            seen: Sent(&call.form).seen(),
        };
        let mut wrong = Vec::new();
        let typed = own_fields::typed(&lines, &call.form, &mut wrong);
        match call.form.get("act") {
            Some("withdraw") => return withdraw(&call, own, doing).await,
            Some("save" | "send") if !wrong.is_empty() => {
                drop(lines);
                return page(&call, Some(own), Some(&call.form), wrong, (422, None)).await;
            }
            Some("save") => {}
            Some("send") => {
                let blocked = report_form::is_blocked(&report_form::findings(
                    &over(&lines, &typed),
                    own.campaign.tolerance_milli,
                ));
                if !blocked {
                    let write = move |tx: &mut Tx<'_>| report_acts::send(tx, &doing, typed).map(|()| "sent".to_owned());
                    drop(lines);
                    return answered(&call, own, once_by_version(&call, write).await).await;
                }
            }
            _ => return Err(Error::form_changed()),
        }
        drop(lines);
        let write = move |tx: &mut Tx<'_>| report_acts::save(tx, &doing, typed).map(|_| "saved".to_owned());
        let done = once_by_version(&call, write).await;
        if done.is_ok() && call.form.get("act") == Some("send") {
            // What was typed is kept; what stands in the way is named.
            let own = find(&call, Some(id)).await?;
            return page(&call, own, None, Vec::new(), (422, None)).await;
        }
        answered(&call, own, done).await
    })
}

/// The lines with what was typed over what stands.
fn over<'a>(lines: &[report_form::Line<'a>], typed: &[Typed]) -> Vec<report_form::Line<'a>> {
    let with = |line: &report_form::Line<'a>| {
        let Some((_, said)) = typed.iter().find(|(code, _)| *code == line.field.code) else {
            return line.clone();
        };
        report_form::Line {
            said: Some(said.clone()).filter(|said: &Said| said.parts.is_some()),
            ..line.clone()
        }
    };
    lines.iter().map(with).collect()
}

async fn withdraw(call: &Call, own: Own, doing: Doing) -> Result<Answer, Error> {
    let why = Sent(&call.form).text("reason");
    let write = move |tx: &mut Tx<'_>| {
        report_acts::act(tx, &doing, (SubmissionAct::Withdraw, Side::Unit), &why).map(|_| "withdrawn".to_owned())
    };
    let done = once_by_version(call, write).await;
    answered(call, own, done).await
}

/// The page after an act.
async fn answered(call: &Call, own: Own, done: Result<String, Error>) -> Result<Answer, Error> {
    let told = |why: &Refusal| vec![("report".to_owned(), capital(&format!("{why}.")))];
    match done {
        Ok(what) => Ok(Answer::redirect(format!(
            "/report?report={}&done={what}",
            own.report.id
        ))),
        Err(Error::Refused(why)) if is_other(&why) => {
            let text = "Эту форму уже отправили с другими значениями: сверьте и запишите снова.".to_owned();
            page(
                call,
                Some(own),
                Some(&call.form),
                vec![("report".to_owned(), text)],
                (422, None),
            )
            .await
        }
        Err(Error::Refused(why)) => page(call, Some(own), Some(&call.form), told(&why), (422, None)).await,
        Err(Error::Changed(what)) => {
            // What stands now, under what was typed.
            let own = find(call, Some(own.report.id.0)).await?;
            let today = call.app().clock.today();
            let sent = own.as_ref().filter(|own| own.report.state.is_handed_in());
            let text = match sent {
                _ if call.form.get("act") == Some("withdraw") => format!("{what} Отчёт не отозван."),
                // Nothing can be typed any more: no field keeps what was.
                Some(own) if !planted!("sent_report_asks_again") => {
                    let opens = own.report.state == SubmissionState::Sent;
                    let opens = opens && own.report.shut(&own.campaign, today).is_none();
                    let more = if opens {
                        " Чтобы изменить отчёт, отзовите его, поправьте и отправьте снова."
                    } else {
                        ""
                    };
                    format!("Отчёт уже отправлен. {what} Новое не записано.{more}")
                }
                _ => format!("{what} Ваше не записано и стоит ниже: сверьте и запишите снова."),
            };
            page(
                call,
                own,
                Some(&call.form),
                vec![("report".to_owned(), text)],
                (409, None),
            )
            .await
        }
        Err(e) => Err(e),
    }
}

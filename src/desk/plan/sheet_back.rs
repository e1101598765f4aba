//! Marks of a printed sheet, typed back by the codes of its rows.

use chrono::NaiveDate;
use serde::Serialize;

use crate::access::{self, AccountId};
use crate::db::Tx;
use crate::db::text_keys::clean;
use crate::desk::plan::card::Wrong;
use crate::desk::plan::sheet;
use crate::desk::plan::sheet_rows::{Line, Shown};
use crate::enrolment::marks::{Ask, Desk, Marked, Typed, Unwritten};
use crate::error::{Error, Refusal};
use crate::flow;
use crate::iom::{ActKind, ItemState, sheet_code};
use crate::pages::parts::{Field, FileField, Link};
use crate::pages::text::{NOTHING, capital, count, date, typed_day};
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct BackPage {
    crumbs: Vec<Link>,
    heading: String,
    lead: String,
    done: Option<String>,
    problems: Vec<Wrong>,
    asked: Vec<Asked>,
    /// Marks that were not written from the sheet, and stand by now.
    settled: Vec<Asked>,
    /// Whether some row still waits for its mark.
    open: bool,
    on: Field,
    accepted: Field,
    returned: Field,
    file: FileField,
    action: String,
    token: String,
}

/// A mark that was not written, and what stands now.
#[derive(Serialize)]
struct Asked {
    code: String,
    who: String,
    title: String,
    why: String,
    now: String,
    card: String,
    /// The form that does it all the same, where the step waits again.
    again: Option<Again>,
}

#[derive(Serialize)]
struct Again {
    plan: String,
    item: i32,
    seen: i32,
    act: &'static str,
    text: &'static str,
    reason: String,
}

/// What was typed: it stays when something is wrong with it.
#[derive(Default)]
pub(super) struct Texts {
    on: String,
    accepted: String,
    returned: String,
}

impl Texts {
    /// Nothing but the day, which is today until another one is typed.
    pub(super) fn today(call: &Call) -> Self {
        Self {
            on: date(call.app().clock.today()),
            ..Self::default()
        }
    }
}

/// GET /sheets/{sheet}/back
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["done"])?;
        let shown = sheet::open(&call).await?;
        page(&call, &shown, Texts::today(&call), Vec::new()).await
    })
}

/// POST /sheets/{sheet}/back: writes the marks; with something typed wrong, none of them.
pub fn take(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["on", "accepted", "returned"])?;
        let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
        let texts = Texts {
            on: text("on"),
            accepted: text("accepted"),
            returned: text("returned"),
        };
        let shown = sheet::open(&call).await?;
        let Some(on) = typed_day(&texts.on) else {
            let text = "Впишите день отметок, например 05.03.2026.".to_owned();
            let field = "on".to_owned();
            return page(&call, &shown, texts, vec![Wrong { field, text }]).await;
        };
        let typed = typed(&texts, on);
        if typed.is_empty() {
            let text = capital(&format!("{}.", Refusal::new("sheet.nothing_typed")));
            let field = "accepted".to_owned();
            return page(&call, &shown, texts, vec![Wrong { field, text }]).await;
        }
        let (kinds, marked) = write(&call, &shown, typed).await?;
        if marked.faults.is_empty() {
            let to = format!("/sheets/{}/back?done={}", shown.sheet.id, marked.saved);
            return Ok(Answer::redirect(to));
        }
        let mut problems: Vec<Wrong> = Vec::new();
        for fault in &marked.faults {
            let kind = usize::try_from(fault.line).ok().and_then(|line| kinds.get(line - 1));
            let problem = wrong(field_of(fault, kind.copied()), fault);
            // A wrong day is one mistake, however many codes stand under it.
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        page(&call, &shown, texts, problems).await
    })
}

/// Writes the marks of a form; their kinds come back in the order of the lines.
pub(super) async fn write(call: &Call, shown: &Shown, typed: Vec<Typed>) -> Result<(Vec<ActKind>, Marked), Error> {
    let visitor = call.visitor()?;
    let kinds = typed.iter().map(|mark| mark.kind).collect();
    let desk = Desk {
        region: visitor.region.map(UnitId).ok_or_else(sheet::missing)?,
        account: AccountId(visitor.acting()),
        by: access::author(visitor),
        hand: AccountId(visitor.account),
        sheet: shown.sheet.id,
    };
    let ask = Ask {
        desk: Some(desk),
        marks: typed,
    };
    let key = call.app().keys.audit.clone();
    let write = move |tx: &mut Tx<'_>| flow::marks(tx, &key, &ask);
    let marked = call.app().db.write(write).await?;
    Ok((kinds, marked))
}

fn field_of(fault: &Unwritten, kind: Option<ActKind>) -> &'static str {
    match (fault.why.code, kind) {
        ("iom.future_day", _) => "on",
        (_, Some(ActKind::Return)) => "returned",
        _ => "accepted",
    }
}

/// What is wrong with a mark, at the field it was typed in.
fn wrong(field: &str, fault: &Unwritten) -> Wrong {
    Wrong {
        field: field.to_owned(),
        text: capital(&format!("{}.", fault.why)),
    }
}

/// The marks of the two fields, in the order of their lines.
fn typed(texts: &Texts, on: NaiveDate) -> Vec<Typed> {
    let accepted = texts
        .accepted
        .lines()
        .flat_map(codes)
        .map(|code| (code, ActKind::Accept, String::new()));
    let returned = texts.returned.lines().filter_map(remarked);
    let returned = returned.map(|(code, remark)| (code, ActKind::Return, remark));
    let mark = |(line, (code, kind, remark)): (u64, (String, ActKind, String))| Typed {
        line,
        code,
        kind,
        on,
        remark,
    };
    (1..).zip(accepted.chain(returned)).map(mark).collect()
}

/// The codes of a line: one with spaces in it, or several with commas or spaces between them.
fn codes(line: &str) -> Vec<String> {
    let parts = line.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    parts
        .flat_map(|part| match sheet_code::read(part) {
            Some(_) => vec![part.to_owned()],
            None => part.split_whitespace().map(str::to_owned).collect(),
        })
        .collect()
}

/// A code and the words that follow it on the line.
fn remarked(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let (code, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let code = code.trim_end_matches([':', ',', '.', '—', '–', '-']);
    let remark = clean(rest.trim_start_matches([':', ',', '—', '–', '-', ' ']));
    (!code.is_empty()).then(|| (code.to_owned(), remark))
}

pub(super) async fn page(call: &Call, shown: &Shown, texts: Texts, problems: Vec<Wrong>) -> Result<Answer, Error> {
    sheet::note(call, shown).await?;
    let (saved, asked) = (shown.count(Line::stands), shown.count(Line::is_asked));
    let open = shown.count(|line| line.row.outcome.is_none());
    let heading = format!("Отметки из ведомости № {}", shown.sheet.number);
    let said = |of: &'static str| {
        let mut own = problems.iter().filter(|p| p.field == of).map(|p| p.text.as_str());
        own.next().map(str::to_owned)
    };
    let field = |name, label, hint, value: String, long| Field {
        name,
        label,
        hint: Some(hint),
        value,
        problem: said(name),
        long,
    };
    let done = call
        .query
        .get("done")
        .and_then(|n| n.parse::<i64>().ok())
        .filter(|n| *n >= 0);
    let data = BackPage {
        crumbs: vec![
            Link::new("На проверке", "/review"),
            Link::new("Ведомости", "/sheets"),
            Link::new(
                format!("№ {}", shown.sheet.number),
                format!("/sheets/{}", shown.sheet.id),
            ),
        ],
        heading: heading.clone(),
        lead: format!(
            "Записано {saved} из {}, не записано {asked}, без отметки {open}.",
            shown.lines.len()
        ),
        done: done.map(|n| match n {
            0 => "Новых отметок нет".to_owned(),
            n => format!("Записано: {}", count(n, "отметка", "отметки", "отметок")),
        }),
        asked: shown
            .lines
            .iter()
            .filter(|line| line.is_asked())
            .map(asked_of)
            .collect(),
        settled: shown.lines.iter().filter(|line| line.settled).map(asked_of).collect(),
        open: open + asked > 0,
        on: field(
            "on",
            "День отметок",
            "Когда вы приняли решение. Отметки другого дня введите отдельно.",
            texts.on,
            false,
        ),
        accepted: field(
            "accepted",
            "Зачесть: коды",
            "По одному на строке или через запятую. Похожие русские буквы читаются как латинские.",
            texts.accepted,
            true,
        ),
        returned: field(
            "returned",
            "Вернуть: код и что доработать",
            "Каждый код с новой строки, за ним через пробел замечание.",
            texts.returned,
            true,
        ),
        file: FileField {
            name: "file",
            label: "Файл с отметками",
            hint: "CSV со столбцами «код», «отметка» (зачесть или вернуть), «дата», «замечание», до 256 КБ.",
            accept: ".csv,text/csv",
            problem: said("file"),
        },
        problems,
        action: format!("/sheets/{}", shown.sheet.id),
        token: call.token(),
    };
    let answer = Answer::page("desk/sheet_back", &data)?;
    Ok(if data.problems.is_empty() {
        answer.title(heading)
    } else {
        answer.status(422).title(format!("Ошибка: {heading}"))
    })
}

fn asked_of(line: &Line) -> Asked {
    let step = line.step.as_ref();
    let waits = step.filter(|step| step.state == ItemState::Submitted);
    let returns = line.row.remark.is_some();
    Asked {
        code: sheet_code::shown(&line.row.code),
        who: step.map_or_else(|| NOTHING.to_owned(), |step| step.who.clone()),
        title: step.map(|step| step.title.clone()).unwrap_or_default(),
        why: why(line),
        now: step.map(|step| step.state.label().to_owned()).unwrap_or_default(),
        card: step.map(|_| format!("/people/{}", line.row.iom_id)).unwrap_or_default(),
        again: waits.map(|step| Again {
            plan: line.row.iom_id.to_string(),
            item: step.number,
            seen: step.version,
            act: if returns { "return" } else { "accept" },
            text: if returns {
                "Вернуть всё равно"
            } else {
                "Зачесть всё равно"
            },
            reason: line.row.remark.clone().unwrap_or_default(),
        }),
    }
}

/// Why a mark was not written, by the code of the refusal and what stands now.
fn why(line: &Line) -> String {
    let code = line.row.why.as_deref().unwrap_or_default();
    let sentence = |why: Refusal| capital(&format!("{why}."));
    let Some(step) = &line.step else {
        return sentence(Refusal::new("sheet.handed_over"));
    };
    match code {
        "iom.changed" | "iom.no_plan" => {
            let fallback = || sentence(Refusal::new("iom.changed"));
            line.happened.clone().unwrap_or_else(fallback)
        }
        // What was typed is no matter any more once the step stands elsewhere.
        _ if line.settled || step.state.is_settled() => line.happened.clone().unwrap_or_default(),
        "sheet.handed_over" => sentence(Refusal::new("sheet.handed_over")),
        "iom.out_of_order" => {
            let from = step.not_before.map_or_else(|| NOTHING.to_owned(), date);
            format!("День отметки раньше, чем шаг отправлен: введите код ещё раз с днём не раньше {from}.")
        }
        "iom.wrong_state" => format!("Маршрут в состоянии «{}».", step.plan_state.label()),
        _ => "Правила не дают отметить этот шаг: откройте карточку педагога.".to_owned(),
    }
}

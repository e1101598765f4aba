//! The page on which the text of a pack is edited: what was found in it line by line, and what it would change.

use serde::Serialize;

use crate::desk::packs::difference as differences;
use crate::desk::registers::page::Block;
use crate::error::Error;
use crate::finding::Finding;
use crate::indicators::edit::{self, Edited, Editor};
use crate::indicators::store::PackRow;
use crate::indicators::{Pack, difference};
use crate::pages::parts::{Cell, Column, Fact, Link, Problem, Register};
use crate::pages::text::{capital, count};
use crate::web::{Answer, Call};

/// What the page shows.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Shown {
    pub crumbs: Vec<Link>,
    pub heading: String,
    pub lead: String,
    pub done: Option<String>,
    pub problems: Vec<Problem>,
    pub facts: Vec<Fact>,
    /// What was found in the text.
    pub findings: Option<Register>,
    /// What came of a check, in words.
    pub checked: Option<String>,
    /// What the text would change.
    pub changes: Option<Register>,
    /// Where the form goes; empty for a version that is only read.
    pub action: String,
    /// The version that stood on the page.
    pub seen: i32,
    pub text: String,
    pub versions: Option<Register>,
    /// Figures by year.
    pub years: Vec<Block>,
    pub token: String,
}

/// A form as it was sent.
pub(crate) struct Sent {
    pub load: bool,
    pub seen: i32,
    pub text: String,
}

/// Reads the form; lines end as they do in files.
pub(crate) fn sent(call: &Call) -> Result<Sent, Error> {
    let form = call.form.only(&["act", "seen", "text"])?;
    let mut text = form.get("text").unwrap_or_default().replace("\r\n", "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(Sent {
        load: form.get("act") == Some("load"),
        seen: form.get("seen").and_then(|n| n.parse().ok()).unwrap_or_default(),
        text,
    })
}

/// The page.
pub(crate) fn answer(call: &Call, mut shown: Shown, status: u16) -> Result<Answer, Error> {
    shown.token = call.token();
    let title = shown.heading.clone();
    let answer = Answer::page("desk/pack", &shown)?;
    Ok(match status {
        200 => answer.title(title),
        status => answer.status(status).title(format!("Ошибка: {title}")),
    })
}

/// Checks the text that was sent, or puts it in force; `stands` is the version in force now.
pub(crate) async fn act(
    call: &Call,
    code: Option<String>,
    stands: Option<&PackRow>,
    mut shown: Shown,
    sent: Sent,
) -> Result<Answer, Error> {
    let read = Pack::checked(&sent.text);
    let (found, clean) = match &read {
        Ok(pack) => (&pack.warnings, true),
        Err(problems) => (problems, false),
    };
    shown.findings = (!found.is_empty()).then(|| listing(&sent.text, found, clean));
    shown.checked = Some(match (clean, found.len()) {
        (true, 0) => "Ошибок нет.".to_owned(),
        (true, many) => format!(
            "Ошибок нет. Стоит посмотреть: {}.",
            count(i64::try_from(many).unwrap_or(0), "место", "места", "мест")
        ),
        (false, many) => format!(
            "В тексте {}: поправьте и проверьте снова. Ничего не введено.",
            count(i64::try_from(many).unwrap_or(0), "ошибка", "ошибки", "ошибок")
        ),
    });
    if let Ok(after) = &read {
        let before = stands.and_then(|row| Pack::parse(&row.source).ok());
        let changes = difference::difference(before.as_ref(), after);
        let [new, gone, other] = changes.counts();
        shown.checked.iter_mut().for_each(|said| {
            said.push_str(&format!(
                " Показателей новых: {new}, исключается: {gone}, меняется: {other}."
            ));
        });
        shown.changes = differences::register(&changes, false);
    }
    if !sent.load {
        return answer(call, shown, if clean { 200 } else { 422 });
    }
    let visitor = call.visitor()?;
    let editor = Editor {
        account: visitor.account,
        on_behalf_of: visitor.on_behalf_of(),
        region: visitor.region,
        zone: call.zone(),
        key: call.app().keys.audit.clone(),
    };
    let edited = Edited {
        code,
        seen: sent.seen,
        text: sent.text,
    };
    let write = move |tx: &mut crate::db::Tx<'_>| edit::put_in_force(tx, &editor, &edited);
    let problem = |text: String| vec![Problem { field: "text", text }];
    match call.app().db.write(write).await {
        Ok((code, version)) => Ok(Answer::redirect(format!("/packs/{code}?done={version}"))),
        Err(Error::Refused(_)) if !clean => answer(call, shown, 422),
        Err(Error::Refused(why)) => {
            shown.problems = problem(capital(&format!("{why}.")));
            answer(call, shown, 422)
        }
        Err(Error::Changed(what)) => {
            let text = format!("{what} Ваш текст не введён и стоит ниже: сверьте его с этой версией и введите снова.");
            shown.problems = problem(text);
            answer(call, shown, 409)
        }
        Err(e) => Err(e),
    }
}

/// Findings with the lines they speak of; `clean` are those of a text that may be put in force.
pub(crate) fn listing(text: &str, found: &[Finding], clean: bool) -> Register {
    let columns = [
        Column::figures("Строка"),
        Column::words("Что там стоит"),
        Column::words(if clean {
            "На что посмотреть"
        } else {
            "Что не так и что сделать"
        }),
    ];
    let lines: Vec<&str> = text.lines().collect();
    let row = |f: &Finding| {
        let line: String = lines
            .get(f.line.saturating_sub(1))
            .unwrap_or(&"")
            .trim()
            .chars()
            .take(120)
            .collect();
        vec![
            Cell::text(f.line.to_string()),
            Cell::text(line),
            Cell::text(capital(&f.what)),
        ]
    };
    Register::new("Что найдено в тексте", &columns, found.iter().map(row).collect())
}

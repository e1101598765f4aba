//! A list of people as a file: exactly what its filters find. A short one goes out at once; a long one needs a right of
//! its own, the visitor shown anew, a reason, what is left of the day, and a second officer who is told.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::access::{AccountId, bulk, confirm};
use crate::audit::words;
use crate::db::Tx;
use crate::desk::list::List;
use crate::desk::looked;
use crate::error::{Error, Refusal};
use crate::exchange::list_file::{FileCell, FileTable, MEDIA, workbook};
use crate::pages::parts::{Field, Problem};
use crate::pages::text::{count, date, number};
use crate::people::PersonId;
use crate::web::registry::{Capability, Method};
use crate::web::{Answer, Call};

/// A list that is asked for as a file.
#[derive(Debug, Clone)]
pub struct ListFile {
    /// Its code in the journal.
    pub list: &'static str,
    /// How it is called; the name of the file too.
    pub named: &'static str,
    /// What was chosen, in words for the first row of the file.
    pub chosen: String,
    /// What was chosen, in codes for the journal.
    pub codes: String,
    /// Ids of those it names, for the digest in the journal.
    pub ids: Vec<String>,
    /// How many it names.
    pub people: usize,
    /// Those of them who read of it, where it says more than name, place and state of the plan.
    pub tells: Vec<PersonId>,
    /// What one must be allowed to do to see the list at all.
    pub right: Capability,
}

impl ListFile {
    /// The file of a register that names these people, each of them once; what was chosen is told by its page.
    pub(crate) fn of_people<P: Ord + ToString>(
        list: &'static str,
        named: &'static str,
        codes: String,
        people: &[P],
        right: Capability,
    ) -> Self {
        let people: BTreeSet<&P> = people.iter().collect();
        Self {
            list,
            named,
            chosen: String::new(),
            codes,
            ids: people.iter().map(|p| p.to_string()).collect(),
            people: people.len(),
            tells: Vec::new(),
            right,
        }
    }

    /// The same where it says more of these people than name, place and state of the plan.
    pub(crate) fn telling(self, people: &[PersonId]) -> Self {
        let tells = people.to_vec();
        Self { tells, ..self }
    }

    /// The same with what was chosen, in words.
    pub(crate) fn chosen(self, chosen: String) -> Self {
        Self { chosen, ..self }
    }
}

/// The most rows that are read for a file: what one account may take in a day.
pub const MOST: usize = 10_000;

/// The page of the list with these filters, where the file was asked for.
fn back(at: &List) -> String {
    let here = at.here();
    let (path, query) = here.split_once('?').map_or((here.as_str(), ""), |(p, q)| (p, q));
    let page = path.strip_suffix("/file").or_else(|| path.strip_prefix("/editable"));
    let path = page.unwrap_or(path);
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

#[derive(Serialize)]
struct Terms {
    heading: String,
    named: &'static str,
    chosen: String,
    action: String,
    back: String,
    /// Whether the visitor may take such files at all.
    may: bool,
    /// Which files are given for a reason only; a sentence goes on with it.
    why: String,
    today: String,
    reason: Field,
    problems: Vec<Problem>,
    token: String,
}

/// Whether the file may go out: `None` when it may, and the journal says so; else what is shown instead.
///
/// # Errors
/// The list is not the visitor's; those of the database.
pub async fn gate(call: &Call, at: &List, of: &ListFile) -> Result<Option<Answer>, Error> {
    let (visitor, people) = (call.visitor()?, of.people);
    if !visitor.may(of.right) {
        return Err(Error::Forbidden(of.named.into()));
    }
    let mut entry = looked::at_list(visitor, &call.app().keys.audit, of.list, &of.codes, &of.ids, people);
    entry.action = words::EXPORT_LIST;
    let mut entries = vec![entry];
    entries.extend(looked::at_each(visitor, of.list, &of.tells));
    let wanted = |reason: String| bulk::Wanted {
        list: of.list,
        named: of.named,
        people,
        reason,
        entries: entries.clone(),
    };
    if people <= bulk::FREE {
        if call.entry.method == Method::Post && people == 0 {
            return Err(Error::NotFound("список".into()));
        }
        let (of, key, midnight) = (visitor.clone(), call.app().keys.audit.clone(), midnight(call));
        let small = wanted(String::new());
        let take = move |tx: &mut Tx<'_>| bulk::take_small(tx, &key, &of, &small, midnight);
        if call.entry.method == Method::Get && call.app().db.write(take).await? {
            return Ok(None);
        }
    }
    if !visitor.may(Capability::BulkExport) {
        let refusal = if people > bulk::FREE {
            Refusal::new("bulk.not_yours").with("free", bulk::FREE)
        } else {
            Refusal::new("bulk.in_pieces").with("a_day", bulk::SMALL_A_DAY)
        };
        return terms(call, at, of, "", Some(refusal)).await.map(Some);
    }
    let (reading, now) = (visitor.clone(), call.app().clock.now());
    let db = &call.app().db;
    let fresh = db
        .read(move |c| bulk::is_fresh(c, &reading, now).map_err(Error::from))
        .await?;
    if !fresh {
        return Ok(Some(Answer::redirect(confirm::before(&at.here()))));
    }
    if call.entry.method == Method::Get {
        return terms(call, at, of, "", None).await.map(Some);
    }
    let reason = call
        .form
        .only(&["reason"])?
        .get("reason")
        .unwrap_or_default()
        .to_owned();
    let wanted = wanted(reason.clone());
    let (visitor, key, midnight) = (visitor.clone(), call.app().keys.audit.clone(), midnight(call));
    let take = move |tx: &mut Tx<'_>| bulk::take(tx, &key, &visitor, &wanted, midnight);
    match db.write(take).await {
        Ok(()) => Ok(None),
        Err(Error::Refused(refusal)) => terms(call, at, of, &reason, Some(refusal)).await.map(Some),
        Err(e) => Err(e),
    }
}

/// When the day of the quota began.
fn midnight(call: &Call) -> chrono::NaiveDateTime {
    call.midnight(call.app().clock.today())
}

async fn terms(call: &Call, at: &List, of: &ListFile, reason: &str, refusal: Option<Refusal>) -> Result<Answer, Error> {
    let (account, since) = (AccountId(call.visitor()?.account), midnight(call));
    let read = move |c: &mut crate::db::AnyConn| bulk::taken(c, account, since).map_err(Error::from);
    let taken = call.app().db.read(read).await?;
    let people = i64::try_from(of.people).unwrap_or(i64::MAX);
    let problem = refusal.map(|r| crate::pages::text::capital(&r.to_string()));
    let page = Terms {
        heading: if of.people > bulk::FREE {
            format!("Большой список: {}", count(people, "человек", "человека", "человек"))
        } else {
            "На сегодня файлов достаточно".into()
        },
        why: if of.people > bulk::FREE {
            format!(
                "Файл больше чем на {} человек выдаётся,",
                number(bulk::FREE.try_into().unwrap_or(i64::MAX))
            )
        } else {
            "Сегодня взято уже много: следующий файл выдаётся,".into()
        },
        named: of.named,
        chosen: of.chosen.clone(),
        action: at.here(),
        back: back(at),
        may: call.visitor()?.may(Capability::BulkExport),
        today: format!(
            "Сегодня в файлах: {} из {}.",
            number(taken),
            count(bulk::QUOTA, "человека", "человек", "человек")
        ),
        problems: problem
            .iter()
            .map(|text| Problem {
                field: "reason",
                text: text.clone(),
            })
            .collect(),
        reason: Field {
            name: "reason",
            label: "Для чего нужен файл",
            hint: Some("Одной-двумя фразами: кто попросил и что с ним сделают. Причину увидит второй сотрудник."),
            value: reason.to_owned(),
            problem: problem.clone(),
            long: true,
        },
        token: call.token(),
    };
    let answer = Answer::page("desk/list_file", &page)?;
    Ok(match problem {
        None => answer.title("Большой список"),
        Some(_) => answer.title("Ошибка: большой список").status(422),
    })
}

/// The file itself.
///
/// # Errors
/// A list that no sheet holds.
pub fn answer(call: &Call, of: &ListFile, head: &[&str], rows: &[Vec<FileCell>]) -> Result<Answer, Error> {
    let table = FileTable {
        title: "Список",
        head: head.to_vec(),
        rows,
    };
    book(call, of.named, &of.chosen, &[table])
}

/// The workbook of some tables; `chosen` says what was chosen.
///
/// # Errors
/// A table that no sheet holds.
pub(crate) fn book(call: &Call, named: &str, chosen: &str, tables: &[FileTable<'_>]) -> Result<Answer, Error> {
    let today = call.app().clock.today();
    let parts = [named.to_owned(), date(today), chosen.to_owned()];
    let about: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let bytes = workbook(&about.join(" · "), today, tables)?;
    let name = format!("{named} {}.xlsx", date(today));
    Ok(Answer::bytes(bytes, MEDIA).file(&name, false))
}

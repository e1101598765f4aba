//! Sheets for the staff: a page that names who gets one, the act that shows them once, and what stands there later.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::accounts::{self, is_without, moment};
use super::accounts_rows::{self, Member};
use super::coverage_rows;
use super::once;
use crate::access::sheets::{self, Issuer, Newcomer, Sheet, SheetKeys, Standing};
use crate::audit;
use crate::db::Tx;
use crate::error::{Error, Refusal};
use crate::pages::text::count;
use crate::people::PersonId;
use crate::web::call::Fields;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor, token};

/// Names on the page that asks.
const NAMED: usize = 10;
/// Most sheets of one act.
const MOST: usize = 500;

fn missing() -> Error {
    Error::NotFound("сотрудник".into())
}

fn changed() -> Error {
    Error::Invalid("Адрес или форма изменены: откройте страницу заново.".into())
}

fn ids(fields: &Fields, name: &str) -> Result<Vec<PersonId>, Error> {
    let mut ids = Vec::new();
    for text in fields.all(name) {
        ids.push(PersonId(text.parse().map_err(|_| missing())?));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Everyone whom the visitor sees, and who acts.
fn staff(tx: &mut Tx<'_>, visitor: &Visitor) -> Result<(Issuer, Vec<Member>), Error> {
    let by = accounts_rows::issuer(tx, visitor)?.ok_or_else(missing)?;
    let own: Vec<_> = by.organisations.iter().copied().collect();
    let members = accounts_rows::members(tx, &by, &own)?;
    Ok((by, members))
}

#[derive(Serialize)]
struct CheckPage {
    heading: String,
    named: Vec<String>,
    more: Option<String>,
    /// What ends with the new sheets.
    ends: Option<&'static str>,
    hours: i64,
    new: Vec<String>,
    again: Vec<String>,
    key: String,
    token: String,
}

/// GET /accounts/check: names those who would get a sheet.
pub fn check(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only_many(&["all"], &["id"])?;
        let wanted = ids(&call.query, "id")?;
        let all = call.query.get("all").is_some();
        if wanted.is_empty() && !all {
            let why = "Отметьте хотя бы одного сотрудника или создайте учётные записи сразу всем.";
            return accounts::refused(&call, why.into()).await;
        }
        let visitor = call.visitor()?.clone();
        let (by, members) = call.app().db.write(move |tx| staff(tx, &visitor)).await?;
        let chosen: Vec<&Member> = if all {
            members.iter().filter(|m| is_without(m, &by)).take(MOST).collect()
        } else {
            members.iter().filter(|m| wanted.contains(&m.id)).collect()
        };
        if !all && chosen.len() < wanted.len() {
            return Err(missing());
        }
        if chosen.is_empty() {
            return accounts::refused(&call, "Учётные записи уже есть у всех.".into()).await;
        }
        if chosen.iter().any(|m| !m.may(&by)) {
            return accounts::refused(&call, Refusal::new("access.sheet_barred").to_string()).await;
        }
        let page = asked(&call, &chosen)?;
        let title = page.heading.trim_end_matches('?').to_owned();
        Ok(Answer::page("desk/accounts_check", &page)?.title(title))
    })
}

fn asked(call: &Call, chosen: &[&Member]) -> Result<CheckPage, Error> {
    let (new, again): (Vec<&Member>, Vec<&Member>) = chosen.iter().partition(|m| m.account.is_none());
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let made = count(number(new.len()), "учётную запись", "учётные записи", "учётных записей");
    let printed = count(number(again.len()), "новый листок", "новых листка", "новых листков");
    let heading = match (new.len(), again.len()) {
        (_, 0) => format!("Создать {made}?"),
        (0, _) => format!("Напечатать {printed}?"),
        _ => format!("Создать {made} и напечатать {printed}?"),
    };
    let rest = chosen.len().saturating_sub(NAMED);
    let works = again.iter().any(|m| m.standing() == Standing::Works);
    Ok(CheckPage {
        heading,
        named: chosen.iter().take(NAMED).map(|m| m.name.clone()).collect(),
        more: (rest > 0).then(|| format!("и ещё {}", accounts::people(rest))),
        ends: match (again.is_empty(), works) {
            (true, _) => None,
            (false, false) => Some("Прежний листок больше не подойдёт."),
            (false, true) => Some(
                "Прежний пароль перестанет действовать, открытые сеансы закроются. Печатайте, только если сотрудник сам \
                 попросил: это записано в журнал.",
            ),
        },
        hours: crate::access::code::HOURS,
        new: new.iter().map(|m| m.id.to_string()).collect(),
        again: again.iter().map(|m| m.id.to_string()).collect(),
        key: token::random_name()?,
        token: call.token(),
    })
}

#[derive(Serialize)]
struct SheetsPage {
    heading: String,
    sheets: Vec<Card>,
    hours: i64,
    done: String,
}

/// A printed sheet.
#[derive(Serialize)]
struct Card {
    name: String,
    organisation: String,
    login: String,
    code: String,
    address: Option<String>,
    until: String,
}

/// What is kept under the key of the form: for whom sheets were shown. Never a code.
#[derive(Debug, Serialize, Deserialize)]
struct Shown {
    sheets_for: Vec<i64>,
}

/// What came of the form.
enum Outcome {
    /// Sheets with the names and organisations of their people.
    Sheets(Vec<(Sheet, String, String)>),
    /// The form came a second time.
    Before,
}

/// POST /accounts/sheets: makes accounts and shows the sheets. They are in this answer and nowhere else, so a form that
/// comes again is led to the page that says so.
pub fn issue(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only_many(&["key"], &["new", "again"])?;
        let (new, again) = (ids(&call.form, "new")?, ids(&call.form, "again")?);
        let form = call.form.get("key").unwrap_or_default().to_owned();
        let many = new.len() + again.len();
        if !once::is_key(&form) || many == 0 || many > MOST || new.iter().any(|id| again.contains(id)) {
            return Err(changed());
        }
        let (visitor, keys) = (call.visitor()?.clone(), call.app().keys.clone());
        let to = format!("/accounts/done/{form}");
        let act = move |tx: &mut Tx<'_>| -> Result<Outcome, Error> {
            sheets::lock(tx)?;
            if once::answer(tx.conn(), &form, visitor.account)?.is_some() {
                return Ok(Outcome::Before);
            }
            let (by, members) = staff(tx, &visitor)?;
            let find = |id: &PersonId| members.iter().find(|m| m.id == *id).ok_or_else(missing);
            let chosen: Vec<&Member> = new.iter().chain(&again).map(find).collect::<Result<_, _>>()?;
            let newcomers = chosen.iter().take(new.len()).map(|m| m.newcomer().ok_or_else(missing));
            let newcomers: Vec<Newcomer> = newcomers.collect::<Result<_, _>>()?;
            let keys = SheetKeys {
                audit: &keys.audit,
                codes: &keys.session,
            };
            let printed = sheets::issue(tx, keys, &by, &newcomers, &again)?;
            let kept = Shown {
                sheets_for: chosen.iter().map(|m| m.id.0).collect(),
            };
            let answer = serde_json::to_string(&kept).map_err(|e| Error::Internal(e.to_string()))?;
            let digest = audit::digest(format!("{new:?} {again:?}").as_bytes());
            once::keep(tx, &form, visitor.account, &digest, answer)?;
            let (own, today): (Vec<_>, _) = (by.organisations.iter().copied().collect(), tx.today());
            let names = coverage_rows::names(tx.conn(), &own, today)?;
            let mut sheets = Vec::with_capacity(printed.len());
            for sheet in printed {
                let member = find(&sheet.person)?;
                let places: Vec<&str> = member
                    .organisations
                    .iter()
                    .filter_map(|o| names.get(o).map(String::as_str))
                    .collect();
                sheets.push((sheet, member.name.clone(), places.join(", ")));
            }
            sheets.sort_by_key(|(sheet, ..)| members.iter().position(|m| m.id == sheet.person));
            Ok(Outcome::Sheets(sheets))
        };
        match call.app().db.write(act).await? {
            Outcome::Before => Ok(Answer::redirect(to)),
            Outcome::Sheets(sheets) => cards(&call, sheets, to),
        }
    })
}

fn cards(call: &Call, sheets: Vec<(Sheet, String, String)>, done: String) -> Result<Answer, Error> {
    let zone = TimeDelta::hours(call.app().config.zone_hours.into());
    let n = i64::try_from(sheets.len()).unwrap_or(i64::MAX);
    let card = |(sheet, name, organisation): (Sheet, String, String)| Card {
        name,
        organisation,
        login: sheet.login,
        code: sheet.code,
        address: call.site.address.clone(),
        until: moment(sheet.until, zone),
    };
    let page = SheetsPage {
        heading: format!("{} к печати", count(n, "листок", "листка", "листков")),
        sheets: sheets.into_iter().map(card).collect(),
        hours: crate::access::code::HOURS,
        done,
    };
    Ok(Answer::page("desk/accounts_sheets", &page)?.title("Листки к печати"))
}

#[derive(Serialize)]
struct DonePage {
    lead: String,
    waiting: Vec<Waiting>,
}

#[derive(Serialize)]
struct Waiting {
    id: String,
    name: String,
    login: String,
}

/// GET /accounts/done/{sheets}: the sheets are not kept; new ones for those who have not signed in yet.
pub fn done(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let visitor = call.visitor()?.clone();
        let key = call.parts.get("sheets").unwrap_or_default().to_owned();
        let read = move |tx: &mut Tx<'_>| -> Result<_, Error> {
            let text = once::answer(tx.conn(), &key, visitor.account)?.ok_or_else(missing)?;
            let kept: Shown = serde_json::from_str(&text).map_err(|_| missing())?;
            let (by, members) = staff(tx, &visitor)?;
            Ok((kept, by, members))
        };
        let (kept, by, members) = call.app().db.write(read).await?;
        let waits = |m: &&Member| {
            let open = matches!(m.standing(), Standing::Waits | Standing::Late);
            kept.sheets_for.contains(&m.id.0) && open && m.may(&by)
        };
        let waiting: Vec<Waiting> = members
            .iter()
            .filter(waits)
            .map(|m| Waiting {
                id: m.id.to_string(),
                name: m.name.clone(),
                login: m.account.as_ref().map_or_else(String::new, |a| a.login.clone()),
            })
            .collect();
        let n = i64::try_from(kept.sheets_for.len()).unwrap_or(i64::MAX);
        let page = DonePage {
            lead: format!(
                "Было {}. Коды показываются один раз и не хранятся: потерянный листок заменяют новым.",
                count(n, "листок", "листка", "листков")
            ),
            waiting,
        };
        Answer::page("desk/accounts_done", &page)
    })
}

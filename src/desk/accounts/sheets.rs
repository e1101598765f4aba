//! Sheets for the staff: a page that names who gets one, the act, and the page of sheets, which can be opened again for
//! a quarter of an hour by whoever asked for them.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::access::code;
use crate::access::sheets::{self, Asked, Issuer, Newcomer, Sheet, SheetKeys, Standing};
use crate::config::Keys;
use crate::db::{AnyConn, Tx};
use crate::desk::accounts::rows::{self, Member};
use crate::desk::accounts::school::{self, is_without};
use crate::desk::looked;
use crate::desk::once::{self, Keyed};
use crate::desk::school::coverage_rows;
use crate::error::{Error, Refusal};
use crate::pages::parts::Problem;
use crate::pages::text::{count, moment};
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
fn staff(
    c: &mut AnyConn,
    visitor: &Visitor,
    now: NaiveDateTime,
    today: NaiveDate,
) -> Result<(Issuer, Vec<Member>), Error> {
    let by = rows::issuer(c, visitor, today)?.ok_or_else(missing)?;
    let own: Vec<_> = by.organisations.iter().copied().collect();
    let members = rows::members(c, &by, &own, now, today)?;
    Ok((by, members))
}

#[derive(Serialize)]
struct CheckPage {
    problems: Vec<Problem>,
    heading: String,
    named: Vec<String>,
    more: Option<String>,
    /// What ends with the new sheets.
    ends: Option<&'static str>,
    /// The box to tick where somebody works with the account already.
    sure: Option<String>,
    hours: i64,
    minutes: i64,
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
            return school::refused(&call, why.into()).await;
        }
        let visitor = call.visitor()?.clone();
        let (now, today) = (call.app().clock.now(), call.app().clock.today());
        let read = move |c: &mut AnyConn| -> Result<(Issuer, Vec<Member>), Error> {
            let (by, members) = staff(c, &visitor, now, today)?;
            let chosen: Vec<Member> = if all {
                members.into_iter().filter(|m| is_without(m, &by)).take(MOST).collect()
            } else {
                members.into_iter().filter(|m| wanted.contains(&m.id)).collect()
            };
            if !all && chosen.len() < wanted.len() {
                return Err(missing());
            }
            Ok((by, chosen))
        };
        let (by, chosen) = call.app().db.read(read).await?;
        if chosen.is_empty() {
            return school::refused(&call, "Учётные записи уже есть у всех.".into()).await;
        }
        if chosen.iter().any(|m| !m.may(&by)) {
            return school::refused(&call, Refusal::new("access.sheet_barred").to_string()).await;
        }
        // The pages that refuse name people as well and make their own row.
        let named: Vec<PersonId> = chosen.iter().take(NAMED).map(|m| m.id).collect();
        let filter = if all { "all" } else { "chosen" };
        looked::list(&call, "account", filter, &named, chosen.len()).await?;
        let page = asked(&call, &chosen, token::random_name()?, None);
        let title = page.heading.trim_end_matches('?').to_owned();
        Ok(Answer::page("desk/accounts_check", &page)?.title(title))
    })
}

fn asked(call: &Call, chosen: &[Member], key: String, problem: Option<Problem>) -> CheckPage {
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
    let working = again.iter().filter(|m| m.standing() == Standing::Works).count();
    let word = |n: usize, one: &'static str, many: &'static str| if n == 1 { one } else { many };
    CheckPage {
        problems: problem.into_iter().collect(),
        heading,
        named: chosen.iter().take(NAMED).map(|m| m.name.clone()).collect(),
        more: (rest > 0).then(|| format!("и ещё {}", school::people(rest))),
        ends: match (again.is_empty(), working) {
            (true, _) => None,
            (false, 0) => Some("Прежний листок больше не подойдёт."),
            (false, _) => Some(
                "Прежний пароль перестанет действовать, открытые сеансы закроются, на почту придёт письмо. Действие \
                 записано в журнал.",
            ),
        },
        sure: (working > 0).then(|| {
            let who = word(
                working,
                "Сотрудник, который уже работает",
                "Сотрудники, которые уже работают",
            );
            let how = word(working, "сам попросил", "сами попросили");
            format!("{who} с учётной записью, {how} новый листок")
        }),
        hours: code::HOURS,
        minutes: code::SHOWN_MINUTES,
        new: new.iter().map(|m| m.id.to_string()).collect(),
        again: again.iter().map(|m| m.id.to_string()).collect(),
        key,
        token: call.token(),
    }
}

/// What is kept under the key of the form: for whom sheets were asked. Never a code.
#[derive(Debug, Serialize, Deserialize)]
struct Shown {
    sheets_for: Vec<i64>,
}

/// What came of the form.
enum Outcome {
    /// They are to be seen on their page; also when the form came a second time.
    Done,
    /// Somebody works with the account, and the box was not ticked.
    Unsure(Vec<Member>),
}

/// POST /accounts/sheets: makes accounts and codes. The page of sheets comes after it, so a form that is sent twice leads
/// to the same sheets.
pub fn issue(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only_many(&["key", "sure"], &["new", "again"])?;
        let (new, again) = (ids(&call.form, "new")?, ids(&call.form, "again")?);
        let keyed = Keyed::of(&call)?.ok_or_else(Error::form_changed)?;
        let many = new.len() + again.len();
        if many == 0 || many > MOST || new.iter().any(|id| again.contains(id)) {
            return Err(Error::form_changed());
        }
        let sure = call.form.get("sure") == Some("yes");
        let (visitor, keys, key) = (call.visitor()?.clone(), call.app().keys.clone(), keyed.key.clone());
        let act = move |tx: &mut Tx<'_>| -> Result<Outcome, Error> {
            sheets::lock(tx)?;
            if keyed.before(tx.conn())?.is_some() {
                return Ok(Outcome::Done);
            }
            let (now, today) = (tx.now(), tx.today());
            let (by, members) = staff(tx.conn(), &visitor, now, today)?;
            let find = |id: &PersonId| members.iter().find(|m| m.id == *id).ok_or_else(missing);
            let chosen: Vec<&Member> = new.iter().chain(&again).map(find).collect::<Result<_, _>>()?;
            let works = |m: &&Member| again.contains(&m.id) && m.may(&by) && m.standing() == Standing::Works;
            if !sure && chosen.iter().any(works) {
                let wanted = |m: &Member| new.contains(&m.id) || again.contains(&m.id);
                let asked: Vec<Member> = members.into_iter().filter(wanted).collect();
                let named: Vec<PersonId> = asked.iter().take(NAMED).map(|m| m.id).collect();
                school::noted(tx, &keys.audit, &visitor, "chosen", &named, asked.len())?;
                return Ok(Outcome::Unsure(asked));
            }
            let newcomers = chosen.iter().take(new.len()).map(|m| m.newcomer().ok_or_else(missing));
            let newcomers: Vec<Newcomer> = newcomers.collect::<Result<_, _>>()?;
            let asked = Asked {
                form: &keyed.key,
                new: &newcomers,
                again: &again,
                sure,
            };
            sheets::issue(tx, sheet_keys(&keys), &by, asked)?;
            let kept = Shown {
                sheets_for: chosen.iter().map(|m| m.id.0).collect(),
            };
            let answer = serde_json::to_string(&kept).map_err(|e| Error::Internal(e.to_string()))?;
            keyed.keep(tx, answer)?;
            Ok(Outcome::Done)
        };
        match call.app().db.write(act).await {
            Ok(Outcome::Done) => Ok(Answer::redirect(format!("/accounts/done/{key}"))),
            Err(Error::Refused(why)) if once::is_other(&why) => {
                let why = "Эту форму уже отправили для других сотрудников: отметьте нужных заново.";
                school::refused(&call, why.into()).await
            }
            Ok(Outcome::Unsure(members)) => {
                let problem = Problem {
                    field: "sure",
                    text: "Подтвердите, что новый листок просили сами сотрудники.".into(),
                };
                let page = asked(&call, &members, key, Some(problem));
                let answer = Answer::page("desk/accounts_check", &page)?;
                Ok(answer.status(422).title("Ошибка: новый листок"))
            }
            Err(e) => Err(e),
        }
    })
}

fn sheet_keys(keys: &Keys) -> SheetKeys<'_> {
    SheetKeys {
        audit: &keys.audit,
        codes: &keys.session,
    }
}

#[derive(Serialize)]
struct SheetsPage {
    heading: String,
    lead: String,
    sheets: Vec<Card>,
    waiting: Vec<Waiting>,
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

/// Somebody who has not signed in yet and whose sheet is not shown any more.
#[derive(Serialize)]
struct Waiting {
    id: String,
    name: String,
    login: String,
}

/// GET /accounts/done/{sheets}: the sheets of a form for whoever sent it, for a quarter of an hour; afterwards new ones
/// for those who have not signed in.
pub fn done(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (visitor, keys) = (call.visitor()?.clone(), call.app().keys.clone());
        let form = call.parts.get("sheets").unwrap_or_default().to_owned();
        let zone = call.zone();
        let address = call.site.address.clone();
        let (now, today) = (call.app().clock.now(), call.app().clock.today());
        let read = move |c: &mut AnyConn| -> Result<(SheetsPage, Vec<PersonId>), Error> {
            let kept: Shown = once::outcome(c, &form, visitor.account)?;
            let (by, members) = staff(c, &visitor, now, today)?;
            let own: Vec<_> = by.organisations.iter().copied().collect();
            let names = coverage_rows::names(c, &own, today)?;
            let (mut cards, mut waiting, mut named) = (Vec::new(), Vec::new(), Vec::new());
            for member in members
                .iter()
                .filter(|m| kept.sheets_for.contains(&m.id.0) && m.may(&by))
            {
                let Some(held) = &member.account else { continue };
                let places = member
                    .organisations
                    .iter()
                    .filter_map(|o| names.get(o).map(String::as_str));
                match sheets::again(&keys.session, &form, member.id, held, now) {
                    Some(sheet) => {
                        let organisation = places.collect::<Vec<_>>().join(", ");
                        named.push(member.id);
                        cards.push(card(sheet, &member.name, organisation, address.clone(), zone));
                    }
                    None if matches!(held.standing, Standing::Waits | Standing::Late) => {
                        named.push(member.id);
                        waiting.push(Waiting {
                            id: member.id.to_string(),
                            name: member.name.clone(),
                            login: held.login.clone(),
                        });
                    }
                    None => {}
                }
            }
            Ok((laid(kept.sheets_for.len(), cards, waiting), named))
        };
        let (page, named) = call.app().db.read(read).await?;
        looked::list(&call, "account", "", &named, named.len()).await?;
        let shown = !page.sheets.is_empty();
        let answer = Answer::page("desk/accounts_sheets", &page)?;
        Ok(if shown {
            answer.title("Листки к печати")
        } else {
            answer
        })
    })
}

fn card(sheet: Sheet, name: &str, organisation: String, address: Option<String>, zone: TimeDelta) -> Card {
    Card {
        name: name.to_owned(),
        organisation,
        login: sheet.login,
        code: sheet.code,
        address,
        until: moment(sheet.until, zone),
    }
}

fn laid(asked: usize, sheets: Vec<Card>, waiting: Vec<Waiting>) -> SheetsPage {
    let in_words = |n: usize| count(i64::try_from(n).unwrap_or(i64::MAX), "листок", "листка", "листков");
    let minutes = count(code::SHOWN_MINUTES, "минуту", "минуты", "минут");
    let (heading, lead) = if sheets.is_empty() {
        let lead = format!(
            "Было {}. Их видно {minutes} после создания, коды нигде не хранятся: потерянный листок заменяют новым.",
            in_words(asked)
        );
        ("Листки уже показаны".to_owned(), lead)
    } else {
        let lead = format!(
            "Распечатайте эту страницу (Ctrl+P), разрежьте по линиям и раздайте лично. Её можно открыть ещё раз в течение \
             {}; потом понадобятся новые листки.",
            count(code::SHOWN_MINUTES, "минуты", "минут", "минут")
        );
        (format!("{} к печати", in_words(sheets.len())), lead)
    };
    SheetsPage {
        heading,
        lead,
        sheets,
        waiting,
    }
}

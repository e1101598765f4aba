//! «Заявки на согласование»: the head of an organisation agrees in one click, refuses with a reason, or agrees to many
//! after a page that names them.

use serde::{Deserialize, Serialize};

use super::acts::{self, Wanted};
use super::applications_rows::{self, Application};
use super::coverage_rows;
use super::list::{self, List};
use super::once;
use super::plan_rows;
use crate::audit;
use crate::db::text_keys::{clean, search_key};
use crate::db::{AnyConn, Tx};
use crate::error::{Error, Refusal};
use crate::flow;
use crate::iom::ActKind;
use crate::iom::acts::ActRow;
use crate::pages::parts::{Empty, Filters, Link, Paging};
use crate::pages::text::{NOTHING, count, date, day};
use crate::people::{PersonId, Snils};
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// Names on the page that asks before agreeing to many.
const NAMED: usize = 10;

#[derive(Serialize)]
struct Page {
    heading: String,
    lead: String,
    done: Option<&'static str>,
    problems: Vec<Wrong>,
    filters: Option<Filters>,
    waiting: Vec<Waiting>,
    paging: Option<Paging>,
    token: String,
    empty: Empty,
}

/// What is wrong and at which field.
#[derive(Serialize)]
struct Wrong {
    field: String,
    text: &'static str,
}

#[derive(Serialize)]
struct Waiting {
    id: String,
    who: String,
    course: String,
    about: String,
    card: String,
    problem: Option<&'static str>,
    reason: String,
}

/// A refusal as it was sent, shown again when it cannot be done.
struct Sent {
    id: i64,
    reason: String,
    text: &'static str,
}

async fn waiting(call: &Call) -> Result<Vec<Application>, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    call.app()
        .db
        .read(move |c: &mut AnyConn| -> Result<_, Error> {
            let Some(region) = visitor.region.map(UnitId) else {
                return Ok(Vec::new());
            };
            let own = coverage_rows::organisations(c, &visitor)?;
            Ok(applications_rows::waiting(c, region, &own, today)?)
        })
        .await
}

/// GET /applications
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["q", "page", "done"])?;
        let done = match call.query.get("done") {
            Some("agree") => Some("Заявка согласована. Теперь ЦНППМ зачислит педагога на курс."),
            Some("refuse") => Some("Заявка отклонена. Педагог увидит причину в своих заявках."),
            Some("gone") => Some("Этой заявки в очереди уже нет: её рассмотрели раньше."),
            _ => None,
        };
        let all = waiting(&call).await?;
        note_list(&call, all.len()).await?;
        Answer::page(
            "desk/applications",
            &page(&call, List::of(&call), all, done, None, false),
        )
    })
}

/// A list of names is one row of the journal.
async fn note_list(call: &Call, rows: usize) -> Result<(), Error> {
    let visitor = call.visitor()?;
    let mut entry = audit::Entry::of_server("desk.read_list", "enrolment", None);
    entry.account = Some(visitor.account);
    entry.region = visitor.region;
    entry.detail = format!("rows={rows}");
    let key = call.app().keys.audit.clone();
    call.app()
        .db
        .write(move |tx| audit::record(tx, &key, &[entry]).map_err(Error::from))
        .await
}

fn page(
    call: &Call,
    at: List,
    all: Vec<Application>,
    done: Option<&'static str>,
    sent: Option<Sent>,
    nothing_chosen: bool,
) -> Page {
    let today = call.app().clock.today();
    let everyone = all.len();
    let oldest = all.first().map_or(0, |a| (today - a.applied_on).num_days());
    let text = at.get("q").map(search_key);
    let fits = |a: &Application| text.as_ref().is_none_or(|t| a.search_key.contains(t.as_str()));
    let found: Vec<Application> = all.into_iter().filter(fits).collect();
    let rows = found.len();
    let mut problems: Vec<Wrong> = sent
        .iter()
        .map(|s| Wrong {
            field: format!("reason-{}", s.id),
            text: s.text,
        })
        .collect();
    if nothing_chosen {
        problems.push(Wrong {
            field: "bulk".into(),
            text: "Отметьте хотя бы одну заявку.",
        });
    }
    let row = |a: Application| {
        let wrong = sent.as_ref().filter(|s| s.id == a.id.0);
        let parts = [
            Some(format!("{}\u{A0}ч", a.hours)),
            a.form.map(|f| f.label().to_owned()),
            a.due_on.map(|on| format!("пройти до {}", day(on, today))),
            a.topic.clone().map(|t| format!("тема «{t}»")),
            Some(format!("подана {}", day(a.applied_on, today))),
        ];
        Waiting {
            id: a.id.to_string(),
            card: format!("/staff/{}", a.person),
            about: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            who: a.who,
            course: a.course,
            problem: wrong.map(|s| s.text),
            reason: wrong.map_or_else(String::new, |s| s.reason.clone()),
        }
    };
    let waiting: Vec<Waiting> = match &sent {
        None => at.rows(found).into_iter().map(row).collect(),
        Some(_) => found.into_iter().map(row).collect(),
    };
    let lead = match oldest {
        _ if everyone == 0 => "Заявки педагогов на курсы появляются здесь.".to_owned(),
        0 => "Все пришли сегодня.".to_owned(),
        n => format!("Самая давняя ждёт {}.", count(n, "день", "дня", "дней")),
    };
    let mut empty = if everyone == 0 {
        Empty::new(
            "Заявок пока нет",
            "Когда педагог запишется на курс своего маршрута, заявка появится здесь и будет ждать вашего решения.",
        )
    } else {
        Empty::new("Никого не нашлось", "Заявок с таким именем нет: измените поиск.")
    };
    empty.action = Some(if everyone == 0 {
        Link::new("Открыть педагогов", "/staff")
    } else {
        Link::new("Показать все", "/applications")
    });
    Page {
        heading: if everyone > 0 {
            format!("Заявки на согласование: {everyone}")
        } else {
            "Заявки на согласование".to_owned()
        },
        lead,
        done,
        problems,
        filters: (everyone > 0).then(|| Filters {
            action: "/applications".into(),
            filters: vec![at.search("q", "Фамилия или имя")],
            chosen: at
                .get("q")
                .map(|q| at.chip("q", format!("«{q}»")))
                .into_iter()
                .collect(),
            found: list::found(rows, "заявка", "заявки", "заявок"),
        }),
        paging: at.paging(rows).filter(|_| sent.is_none()),
        waiting,
        token: call.token(),
        empty,
    }
}

/// POST /applications: agrees to one application or refuses it.
pub fn decide(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["id", "act", "reason"])?;
        let missing = || Error::NotFound("заявка".into());
        let kind = match fields.get("act") {
            Some("agree") => ActKind::AgreeEnrolment,
            Some("refuse") => ActKind::RefuseEnrolment,
            _ => return Err(missing()),
        };
        let id: i64 = fields.get("id").and_then(|n| n.parse().ok()).ok_or_else(missing)?;
        let reason = fields.get("reason").map(clean).unwrap_or_default();
        let all = waiting(&call).await?;
        // A form sent twice, somebody else's application and one that never was get the same answer.
        let Some(of) = all.iter().find(|a| a.id.0 == id) else {
            return Ok(Answer::redirect("/applications?done=gone"));
        };
        if kind == ActKind::RefuseEnrolment && reason.is_empty() {
            let text = "Напишите, почему заявка отклонена: педагог прочитает это.";
            let sent = Sent { id, reason, text };
            let at = List::of_parts("/applications", []);
            let page = page(&call, at, all, None, Some(sent), false);
            let answer = Answer::page("desk/applications", &page)?;
            return Ok(answer.status(422).title("Ошибка: заявки на согласование"));
        }
        let visitor = call.visitor()?;
        let wanted = Wanted {
            region: visitor.region.map(UnitId).ok_or_else(missing)?,
            person: of.person,
            kind,
            item: Some(of.item),
            by: visitor.login.clone(),
            value: String::new(),
            reason,
        };
        acts::act(call.app(), wanted).await?;
        let said = if kind == ActKind::AgreeEnrolment {
            "agree"
        } else {
            "refuse"
        };
        Ok(Answer::redirect(format!("/applications?done={said}")))
    })
}

#[derive(Serialize)]
struct CheckPage {
    heading: String,
    named: Vec<String>,
    more: Option<String>,
    ids: Vec<String>,
    key: String,
    token: String,
}

/// GET /applications/check: names those whose applications would be agreed to.
pub fn check(call: Call) -> Answering {
    Box::pin(async move {
        let ids = ids(&call.query, &["id"])?;
        let all = waiting(&call).await?;
        if ids.is_empty() {
            let page = page(&call, List::of_parts("/applications", []), all, None, None, true);
            let answer = Answer::page("desk/applications", &page)?;
            return Ok(answer.status(422).title("Ошибка: заявки на согласование"));
        }
        let chosen: Vec<&Application> = all.iter().filter(|a| ids.contains(&a.id.0)).collect();
        if chosen.is_empty() {
            return Err(Error::NotFound("заявки".into()));
        }
        let number = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
        let rest = number - i64::try_from(NAMED).unwrap_or(0);
        let data = CheckPage {
            heading: format!("Согласовать {}?", count(number, "заявку", "заявки", "заявок")),
            named: chosen
                .iter()
                .take(NAMED)
                .map(|a| format!("{}: {}", a.who, a.course))
                .collect(),
            more: (rest > 0).then(|| format!("и ещё {}", count(rest, "заявка", "заявки", "заявок"))),
            ids: chosen.iter().map(|a| a.id.to_string()).collect(),
            key: token::random_name()?,
            token: call.token(),
        };
        Answer::page("desk/applications_check", &data)
    })
}

/// Ids that a form sends under one name, with nothing else but the known names.
fn ids(fields: &crate::web::call::Fields, known: &[&str]) -> Result<Vec<i64>, Error> {
    let missing = || Error::NotFound("заявка".into());
    if fields.0.iter().any(|(name, _)| !known.contains(&name.as_str())) {
        return Err(Error::Invalid(
            "Адрес или форма изменены: откройте страницу заново.".into(),
        ));
    }
    let mut ids = Vec::new();
    for text in fields.all("id") {
        ids.push(text.parse().map_err(|_| missing())?);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// What came of agreeing to many; kept under the key of the form. Ids only, no names.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Outcome {
    done: usize,
    /// Not in the queue any more.
    gone: usize,
    /// Persons whose application was refused by a rule, with its sentence.
    skipped: Vec<(i64, String)>,
}

/// POST /applications/bulk: agrees to many; what cannot be done is skipped and said.
pub fn bulk(call: Call) -> Answering {
    Box::pin(async move {
        let ids = ids(&call.form, &["id", "key"])?;
        let form = call.form.get("key").unwrap_or_default().to_owned();
        if !once::is_key(&form) || ids.is_empty() {
            return Err(Error::Invalid(
                "Адрес или форма изменены: откройте страницу заново.".into(),
            ));
        }
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let journal = call.app().keys.audit.clone();
        let to = format!("/applications/done/{form}");
        let act = move |tx: &mut Tx<'_>| -> Result<(), Error> {
            if once::answer(tx.conn(), &form, visitor.account)?.is_some() {
                return Ok(());
            }
            let region = visitor.region.map(UnitId);
            let region = region.ok_or_else(|| Error::NotFound("заявки".into()))?;
            let own = coverage_rows::organisations(tx.conn(), &visitor)?;
            let mut chosen = applications_rows::waiting(tx.conn(), region, &own, today)?;
            chosen.retain(|a| ids.contains(&a.id.0));
            let mut outcome = Outcome {
                gone: ids.len() - chosen.len(),
                ..Outcome::default()
            };
            let mut rows = Vec::with_capacity(chosen.len());
            for (line, of) in (1..).zip(&chosen) {
                match of.snils.as_deref().and_then(|text| Snils::parse(text).ok()) {
                    Some(snils) => rows.push(ActRow {
                        line,
                        snils,
                        kind: ActKind::AgreeEnrolment,
                        item: Some(of.item),
                        on: today,
                        by: visitor.login.clone(),
                        value: String::new(),
                        reason: String::new(),
                    }),
                    None => outcome
                        .skipped
                        .push((of.person.0, Refusal::new("desk.no_snils").to_string())),
                }
            }
            let applied = flow::acts(tx, &journal, &rows)?;
            outcome.done = applied.done;
            for refused in applied.refused {
                if let Some((_, of)) = (1..).zip(&chosen).find(|(line, _)| *line == refused.line) {
                    outcome.skipped.push((of.person.0, refused.why.to_string()));
                }
            }
            let digest = audit::digest(format!("{ids:?}").as_bytes());
            let answer = serde_json::to_string(&outcome).map_err(|e| Error::Internal(e.to_string()))?;
            once::keep(tx, &form, visitor.account, &digest, answer)?;
            Ok(())
        };
        call.app().db.write(act).await?;
        Ok(Answer::redirect(to))
    })
}

#[derive(Serialize)]
struct DonePage {
    heading: String,
    text: String,
    skipped: Vec<String>,
}

/// GET /applications/done/{key}
pub fn done(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let key = call.parts.get("key").unwrap_or_default().to_owned();
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let missing = || Error::NotFound("ответ".into());
            let region = visitor.region.map(UnitId).ok_or_else(missing)?;
            let text = once::answer(c, &key, visitor.account)?.ok_or_else(missing)?;
            let outcome: Outcome = serde_json::from_str(&text).map_err(|_| missing())?;
            let persons: Vec<PersonId> = outcome.skipped.iter().map(|(id, _)| PersonId(*id)).collect();
            let names = plan_rows::who(c, region, &persons, today)?;
            Ok((outcome, names))
        };
        let (outcome, names) = call.app().db.read(read).await?;
        let mut skipped: Vec<String> = outcome
            .skipped
            .iter()
            .map(|(id, why)| {
                let name = names.get(&PersonId(*id)).map_or(NOTHING, |who| who.short.as_str());
                format!("{name}: {why}")
            })
            .collect();
        if outcome.gone > 0 {
            let gone = i64::try_from(outcome.gone).unwrap_or(i64::MAX);
            let words = count(gone, "заявка", "заявки", "заявок");
            skipped.push(format!("{words}: уже рассмотрены или отозваны"));
        }
        let left = outcome.skipped.len() + outcome.gone;
        let data = DonePage {
            heading: format!("Выполнено {}, пропущено {left}", outcome.done),
            text: format!("Согласовано {}. Дальше ЦНППМ зачислит педагогов на курсы.", date(today)),
            skipped,
        };
        Answer::page("desk/applications_done", &data)
    })
}

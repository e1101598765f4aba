//! «Заявки на согласование»: the head of an organisation agrees in one click, refuses with a reason, or agrees to many
//! after a page that names them.

use serde::Serialize;

use crate::access;
use crate::db::AnyConn;
use crate::db::text_keys::{clean, holds, search_key};
use crate::desk::courses::applications_rows::{self, Application};
use crate::desk::list::{self, List};
use crate::desk::looked;
use crate::desk::plan::acts::{self, Wanted};
use crate::desk::school::coverage_rows;
use crate::error::Error;
use crate::iom::ActKind;
use crate::pages::parts::{Empty, Filters, Link, Paging};
use crate::pages::text::{count, day};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

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
    seen: i32,
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

/// Applications that wait for the visitor.
pub(crate) async fn waiting(call: &Call) -> Result<Vec<Application>, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    call.app()
        .db
        .read(move |c: &mut AnyConn| -> Result<_, Error> {
            let Some(region) = visitor.region.map(UnitId) else {
                return Ok(Vec::new());
            };
            let own = coverage_rows::organisations(c, &visitor, today)?;
            Ok(applications_rows::waiting(c, region, &own, today)?)
        })
        .await
}

/// Whose application it is and which step it serves, whatever has become of it.
async fn decided(call: &Call, id: i64) -> Result<Option<(PersonId, i32)>, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let Some(region) = visitor.region.map(UnitId) else {
            return Ok(None);
        };
        let own = coverage_rows::organisations(c, &visitor, today)?;
        let found = applications_rows::of_ids(c, region, &own, &[id], today)?;
        Ok(found.into_iter().next().map(|(_, person, item)| (person, item)))
    };
    call.app().db.read(read).await
}

/// GET /applications
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &["q"])?;
        let done = match call.query.get("done") {
            Some("agree") => Some("Заявка согласована. Теперь ЦНППМ зачислит педагога на курс."),
            Some("refuse") => Some("Заявка отклонена. Педагог увидит причину в своих заявках."),
            Some("gone") => Some("Этой заявки в очереди уже нет: её рассмотрели раньше."),
            _ => None,
        };
        let all = waiting(&call).await?;
        note_list(&call, &at, &fitting(&at, &all)).await?;
        Answer::page("desk/applications", &page(&call, at, all, done, None, None))
    })
}

/// The row of the journal for a page of applications: those that are named on it, and how many wait.
async fn note_list(call: &Call, at: &List, named: &[&Application]) -> Result<(), Error> {
    let all: Vec<PersonId> = named.iter().map(|a| a.person).collect();
    let found = all.len();
    let shown = at.rows(all);
    looked::telling(call, "enrolment", &at.codes(&["q"]), &shown, found, &shown).await
}

fn persons(of: &[Application]) -> Vec<PersonId> {
    of.iter().map(|a| a.person).collect()
}

/// Applications that fit what is searched for.
pub(crate) fn fitting<'a>(at: &List, all: &'a [Application]) -> Vec<&'a Application> {
    let text = at.get("q").map(search_key);
    let fits = |a: &&Application| text.as_ref().is_none_or(|t| holds(&a.search_key, t));
    all.iter().filter(fits).collect()
}

fn page(
    call: &Call,
    at: List,
    all: Vec<Application>,
    done: Option<&'static str>,
    sent: Option<Sent>,
    of_many: Option<&'static str>,
) -> Page {
    let today = call.app().clock.today();
    let everyone = all.len();
    let oldest = all.first().map_or(0, |a| (today - a.applied_on).num_days());
    let found: Vec<Application> = fitting(&at, &all).into_iter().cloned().collect();
    let rows = found.len();
    let mut problems: Vec<Wrong> = sent
        .iter()
        .map(|s| Wrong {
            field: format!("reason-{}", s.id),
            text: s.text,
        })
        .collect();
    problems.extend(of_many.map(|text| Wrong {
        field: "bulk".into(),
        text,
    }));
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
            seen: a.seen,
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
        filters: (everyone > 0).then(|| filters(&at, rows)),
        paging: at.paging(rows).filter(|_| sent.is_none()),
        waiting,
        token: call.token(),
        empty,
    }
}

/// The filters of so many applications.
pub(crate) fn filters(at: &List, rows: usize) -> Filters {
    let found = list::found(rows, "заявка", "заявки", "заявок");
    let mut filters = at.filters(vec![at.search("q", "Фамилия или имя")], found);
    filters.file = (rows > 0).then(|| at.file());
    filters
}

/// POST /applications: agrees to one application or refuses it.
pub fn decide(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["id", "act", "reason", "seen"])?;
        let seen = acts::seen(fields)?;
        let missing = || Error::NotFound("заявка".into());
        let kind = match fields.get("act") {
            Some("agree") => ActKind::AgreeEnrolment,
            Some("refuse") => ActKind::RefuseEnrolment,
            _ => return Err(missing()),
        };
        let id: i64 = fields.get("id").and_then(|n| n.parse().ok()).ok_or_else(missing)?;
        let reason = fields.get("reason").map(clean).unwrap_or_default();
        let all = waiting(&call).await?;
        let waits = all.iter().find(|a| a.id.0 == id).map(|a| (a.person, a.item));
        let plan = all.iter().find(|a| a.id.0 == id).map(|a| a.plan);
        // One that was decided already is answered by who was first; somebody else's and one that never was are alike.
        let of = match waits {
            None if fields.get("seen").is_some() => decided(&call, id).await?,
            of => of,
        };
        let Some((person, item)) = of else {
            return Ok(Answer::redirect("/applications?done=gone"));
        };
        if kind == ActKind::RefuseEnrolment && reason.is_empty() && waits.is_some() {
            let text = "Напишите, почему заявка отклонена: педагог прочитает это.";
            let sent = Sent { id, reason, text };
            let at = List::plain("/applications");
            let named = persons(&all);
            looked::telling(&call, "enrolment", "", &named, named.len(), &named).await?;
            let page = page(&call, at, all, None, Some(sent), None);
            let answer = Answer::page("desk/applications", &page)?;
            return Ok(answer.status(422).title("Ошибка: заявки на согласование"));
        }
        let visitor = call.visitor()?;
        let wanted = Wanted {
            region: visitor.region.map(UnitId).ok_or_else(missing)?,
            person,
            kind,
            item: Some(item),
            by: access::author(visitor),
            value: String::new(),
            reason,
            seen: Some(seen),
            plan,
            change: None,
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

/// What is wrong with a form without a tick.
pub(crate) const NOTHING_CHOSEN: &str = "Отметьте хотя бы одну заявку.";

/// The list again, with what is wrong with the form of many.
pub(crate) async fn wrong(call: &Call, all: Vec<Application>, said: &'static str) -> Result<Answer, Error> {
    let at = List::plain("/applications");
    note_list(call, &at, &fitting(&at, &all)).await?;
    let page = page(call, at, all, None, None, Some(said));
    let answer = Answer::page("desk/applications", &page)?;
    Ok(answer.status(422).title("Ошибка: заявки на согласование"))
}

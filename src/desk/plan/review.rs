//! «На проверке»: steps that wait for whoever accompanies the plan, the oldest first; accepted in one click.

use serde::Serialize;

use crate::access;
use crate::db::text_keys::clean;
use crate::desk::looked;
use crate::desk::plan::acts::{self, Wanted};
use crate::desk::plan::card::Wrong;
use crate::desk::plan::page;
use crate::desk::plan::support::{accompanied, mine};
use crate::error::Error;
use crate::iom::{ActKind, IomId, ItemState};
use crate::pages::parts::{Empty, Link};
use crate::pages::text::{capital, count, day};
use crate::people::PersonId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Queue {
    heading: String,
    lead: String,
    problems: Vec<Wrong>,
    waiting: Vec<Waiting>,
    /// Whether several wait: they can be ticked and accepted together.
    several: bool,
    token: String,
    empty: Empty,
}

#[derive(Serialize)]
struct Waiting {
    title: String,
    who: String,
    place: String,
    sent: String,
    card: String,
    plan: String,
    item: String,
    /// The version of the step.
    seen: i32,
    note: String,
    warning: &'static str,
    files: Vec<Link>,
    /// What has just been done with it. The row keeps its place, so that a second click meets nobody else's button.
    done: Option<&'static str>,
    reason: String,
    problem: Option<String>,
}

/// What the visitor has just done, or tried, with a step of the queue.
#[derive(Default)]
pub(super) struct Just {
    /// The step.
    step: Option<(IomId, i32)>,
    /// A remark that was refused, with what is wrong.
    refused: Option<(String, String)>,
    /// What is wrong with the ticks.
    ticks: Option<String>,
}

impl Just {
    /// Ticks that cannot be acted on, and why.
    pub(super) fn wrong(why: String) -> Self {
        Self {
            ticks: Some(why),
            ..Self::default()
        }
    }
}

/// GET /review
pub fn queue(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["done"])?;
        let step = call.query.get("done").and_then(|text| text.split_once('-'));
        let step = step.and_then(|(plan, item)| Some((IomId(plan.parse().ok()?), item.parse().ok()?)));
        show_queue(
            &call,
            Just {
                step,
                ..Just::default()
            },
        )
        .await
    })
}

/// The page of the queue, after what the visitor has just done or tried.
pub(super) async fn show_queue(call: &Call, just: Just) -> Result<Answer, Error> {
    let today = call.app().clock.today();
    let refused = just.refused.is_some() || just.ticks.is_some();
    let plans = mine(call).await?;
    let mut rows = Vec::new();
    for of in &plans {
        for item in &of.items {
            let here = just.step == Some((of.plan.id, item.number));
            let done = match item.state {
                ItemState::Submitted => None,
                ItemState::Accepted if here => Some("Зачтено"),
                ItemState::Returned if here => Some("Возвращено с замечанием"),
                _ => continue,
            };
            let sent = of.submitted.iter().find(|(id, _)| *id == item.id).map(|(_, on)| *on);
            let (reason, problem) = just.refused.clone().filter(|_| here).unzip();
            let row = Waiting {
                title: item.title.clone(),
                who: of.who.short.clone(),
                place: of.who.places.join(", "),
                sent: sent.map_or_else(String::new, |on| format!("отправлено {}", day(on, today))),
                card: format!("/people/{}", of.plan.id),
                plan: of.plan.id.to_string(),
                item: item.number.to_string(),
                seen: item.version,
                note: of.notes.get(&item.id).cloned().unwrap_or_default(),
                warning: if page::is_course_without_document(item) {
                    page::UNPROVED
                } else {
                    ""
                },
                files: page::files(of.evidence.iter(), item.id),
                done,
                reason: reason.unwrap_or_default(),
                problem,
            };
            rows.push((sent.unwrap_or(today), of.plan.person_id, row));
        }
    }
    rows.sort_by_key(|(sent, ..)| *sent);
    let named: Vec<PersonId> = rows.iter().map(|(_, person, _)| *person).collect();
    looked::telling(call, "review", "", &named, named.len(), &named).await?;
    let waiting = || rows.iter().filter(|(.., row)| row.done.is_none());
    let oldest = waiting().next().map_or(0, |(sent, ..)| (today - *sent).num_days());
    let lead = match oldest {
        0 => "Всё пришло сегодня.".to_owned(),
        n => format!("Самое давнее ждёт {}.", count(n, "день", "дня", "дней")),
    };
    let mut empty = Empty::new(
        "Проверять пока нечего",
        "Когда педагог отправит шаг на проверку, он появится здесь, а вам придёт письмо.",
    );
    empty.action = Some(Link::new("Открыть моих педагогов", "/people"));
    let ticks = just.ticks.map(|text| Wrong {
        field: "many".into(),
        text,
    });
    let problems = rows.iter().filter_map(|(.., row)| {
        Some(Wrong {
            field: format!("reason-{}-{}", row.plan, row.item),
            text: row.problem.clone()?,
        })
    });
    let data = Queue {
        heading: format!("На проверке: {}", waiting().count()),
        lead: if waiting().next().is_some() {
            format!("{lead} «Зачесть» закрывает шаг сразу.")
        } else {
            "Всё проверено.".to_owned()
        },
        problems: problems.chain(ticks).collect(),
        several: waiting().count() > 1,
        waiting: rows.into_iter().map(|(.., row)| row).collect(),
        token: call.token(),
        empty,
    };
    let answer = Answer::page("desk/review", &data)?;
    Ok(if refused {
        answer.status(422).title("Ошибка: на проверке")
    } else {
        answer
    })
}

/// POST /review: accepts or returns a step of a plan that the visitor accompanies.
pub fn mark(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["plan", "item", "act", "reason", "seen"])?;
        let number = |name| fields.get(name).and_then(|n| n.parse::<i64>().ok());
        let kind = fields.get("act").and_then(ActKind::from_code);
        let kind = kind
            .filter(|k| matches!(k, ActKind::Accept | ActKind::Return))
            .ok_or_else(|| Error::NotFound("действие".into()))?;
        let plan = number("plan")
            .map(IomId)
            .ok_or_else(|| Error::NotFound("маршрут".into()))?;
        let item = number("item").and_then(|n| i32::try_from(n).ok());
        let item = item.ok_or_else(|| Error::NotFound("шаг".into()))?;
        let reason = fields.get("reason").map(clean).unwrap_or_default();
        let of = accompanied(&call, plan).await?;
        let wanted = Wanted {
            region: of.region_id,
            person: of.person_id,
            kind,
            item: Some(item),
            by: access::author(call.visitor()?),
            value: String::new(),
            reason: reason.clone(),
            seen: Some(acts::seen(fields)?),
            plan: Some(plan),
            change: None,
        };
        match acts::act(call.app(), wanted).await {
            Ok(()) => Ok(Answer::redirect(format!("/review?done={plan}-{item}"))),
            // A remark that is missing or too long is asked for again in its place.
            Err(Error::Refused(why)) if kind == ActKind::Return && IN_FIELD.contains(&why.code) => {
                let refused = Some((reason, capital(&format!("{why}."))));
                let step = Some((plan, item));
                let just = Just {
                    step,
                    refused,
                    ..Just::default()
                };
                show_queue(&call, just).await
            }
            Err(other) => Err(other),
        }
    })
}

/// Refusals that are about the words of a remark.
const IN_FIELD: &[&str] = &["iom.reason_needed", "desk.too_long"];

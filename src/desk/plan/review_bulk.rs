//! Accepting many steps of «На проверке» at once: a page that names them, the act, and what came of it.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::access;
use crate::db::{AnyConn, Tx};
use crate::desk::conflict;
use crate::desk::looked;
use crate::desk::once;
use crate::desk::plan::acts::{self, Wanted};
use crate::desk::plan::page;
use crate::desk::plan::review::{self, Just};
use crate::desk::plan::support_rows::{self, Accompanied};
use crate::error::{Error, Refusal};
use crate::iom::accompany::Accompanying;
use crate::iom::{ActKind, IomId, ItemState};
use crate::pages::text::{NOTHING, capital, count};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::call::{Fields, Visitor};
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// Steps on the page that asks before accepting many.
const NAMED: usize = 50;

/// A step by its plan and number.
type Step = (IomId, i32);

#[derive(Serialize)]
struct CheckPage {
    heading: String,
    named: Vec<Named>,
    more: Option<String>,
    steps: Vec<String>,
    key: String,
    token: String,
}

#[derive(Serialize)]
struct Named {
    who: String,
    title: String,
    warning: &'static str,
}

fn missing() -> Error {
    Error::NotFound("шаг".into())
}

/// The steps that a form names as `plan.number.version`, each with the version that was seen.
fn ticked(fields: &Fields, beside: &[&str]) -> Result<BTreeMap<Step, i32>, Error> {
    let fields = fields.only_many(beside, &["step"])?;
    let read = |text: &str| -> Option<(Step, i32)> {
        let (plan, rest) = text.split_once('.')?;
        let (item, seen) = rest.split_once('.')?;
        let step = (IomId(plan.parse().ok()?), item.parse().ok()?);
        Some((step, seen.parse().ok()?))
    };
    fields.all("step").map(|text| read(text).ok_or_else(missing)).collect()
}

/// The plans of the steps, closed ones too: all of them are accompanied by the visitor and have these steps, or the list
/// is as if it were not there.
fn known(
    conn: &mut AnyConn,
    visitor: &Visitor,
    steps: impl Iterator<Item = Step>,
    today: chrono::NaiveDate,
) -> Result<HashMap<IomId, Accompanied>, Error> {
    let of = Accompanying::of(visitor).ok_or_else(missing)?;
    let steps: Vec<Step> = steps.collect();
    let mut ids: Vec<IomId> = steps.iter().map(|(plan, _)| *plan).collect();
    ids.dedup();
    let plans = support_rows::some(conn, &of, &ids, today)?;
    let plans: HashMap<IomId, Accompanied> = plans.into_iter().map(|of| (of.plan.id, of)).collect();
    let has = |(plan, item): &Step| {
        let of = plans.get(plan);
        of.is_some_and(|of| of.items.iter().any(|i| i.number == *item))
    };
    if steps.iter().all(has) {
        Ok(plans)
    } else {
        Err(missing())
    }
}

/// POST /review/check: names the steps that would be accepted.
pub fn check(call: Call) -> Answering {
    Box::pin(async move {
        let steps = ticked(&call.form, &[])?;
        if steps.is_empty() {
            let why = capital(&format!("{}.", Refusal::new("desk.nothing_ticked")));
            return review::show_queue(&call, Just::wrong(why)).await;
        }
        let (visitor, today, asked) = (call.visitor()?.clone(), call.app().clock.today(), steps.clone());
        let read = move |c: &mut AnyConn| known(c, &visitor, asked.into_keys(), today);
        let plans = call.app().db.read(read).await?;
        let waiting = steps.iter().filter_map(|((plan, number), seen)| {
            let of = plans.get(plan)?;
            let item = of.items.iter().find(|i| i.number == *number)?;
            (item.state == ItemState::Submitted).then_some((of, item, *seen))
        });
        let waiting: Vec<_> = waiting.collect();
        // They were answered while the page was open.
        if waiting.is_empty() {
            return Ok(Answer::redirect("/review"));
        }
        let named: Vec<PersonId> = waiting.iter().take(NAMED).map(|(of, ..)| of.plan.person_id).collect();
        looked::telling(&call, "review", "chosen", &named, waiting.len(), &named).await?;
        let number = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
        let rest = number - i64::try_from(NAMED).unwrap_or(0);
        let data = CheckPage {
            heading: format!("Зачесть {}?", count(number, "шаг", "шага", "шагов")),
            named: waiting
                .iter()
                .take(NAMED)
                .map(|(of, item, _)| Named {
                    who: of.who.short.clone(),
                    title: item.title.clone(),
                    warning: if page::is_course_without_document(item) {
                        page::UNPROVED
                    } else {
                        ""
                    },
                })
                .collect(),
            more: (rest > 0).then(|| format!("и ещё {}", count(rest, "шаг", "шага", "шагов"))),
            steps: waiting
                .iter()
                .map(|(of, item, seen)| format!("{}.{}.{seen}", of.plan.id, item.number))
                .collect(),
            key: token::random_name()?,
            token: call.token(),
        };
        Answer::page("desk/review_check", &data)
    })
}

/// What came of accepting many; kept under the key of the form. Ids only, no names of teachers.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Outcome {
    done: usize,
    /// Plan, number of the step, and why it was passed over.
    skipped: Vec<(i64, i32, String)>,
}

/// POST /review/all: accepts each step that can be; what cannot is skipped and said.
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let steps = ticked(&call.form, &["key"])?;
        if steps.is_empty() {
            return Err(Error::form_changed());
        }
        let (visitor, journal, zone) = (call.visitor()?.clone(), call.app().keys.audit.clone(), call.zone());
        let act = move |tx: &mut Tx<'_>| -> Result<Outcome, Error> {
            let today = tx.today();
            let plans = known(tx.conn(), &visitor, steps.keys().copied(), today)?;
            let author = access::author(&visitor);
            let wanted: Vec<Wanted> = steps
                .iter()
                .filter_map(|((plan, item), seen)| {
                    let of = plans.get(plan)?;
                    Some(Wanted {
                        region: of.plan.region_id,
                        person: of.plan.person_id,
                        kind: ActKind::Accept,
                        item: Some(*item),
                        by: author.clone(),
                        value: String::new(),
                        reason: String::new(),
                        seen: Some(*seen),
                        plan: Some(of.plan.id),
                        change: None,
                    })
                })
                .collect();
            let refused = acts::each_in(tx, &journal, &wanted)?;
            let mut outcome = Outcome {
                done: wanted.len() - refused.len(),
                skipped: Vec::with_capacity(refused.len()),
            };
            let region = visitor.region.map(UnitId).ok_or_else(missing)?;
            let numbered: Vec<&Step> = steps.keys().collect();
            for (place, said) in conflict::refused(tx.conn(), region, &wanted, &refused, zone)? {
                if let Some((plan, item)) = numbered.get(place) {
                    outcome.skipped.push((plan.0, *item, said));
                }
            }
            Ok(outcome)
        };
        match once::many(&call, act).await {
            Ok(key) => Ok(Answer::redirect(format!("/review/done/{key}"))),
            Err(Error::Refused(why)) if once::is_other(&why) => {
                let why = "Эту форму уже отправили с другими шагами: отметьте нужные заново.".to_owned();
                review::show_queue(&call, Just::wrong(why)).await
            }
            Err(e) => Err(e),
        }
    })
}

#[derive(Serialize)]
struct DonePage {
    heading: String,
    title: String,
    text: &'static str,
    skipped: Vec<Skipped>,
}

#[derive(Serialize)]
struct Skipped {
    who: String,
    title: String,
    card: String,
    why: String,
}

/// GET /review/done/{key}
pub fn done(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let key = call.parts.get("key").unwrap_or_default().to_owned();
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let missing = || Error::NotFound("ответ".into());
            let of = Accompanying::of(&visitor).ok_or_else(missing)?;
            let outcome: Outcome = once::outcome(c, &key, visitor.account)?;
            let mut ids: Vec<IomId> = outcome.skipped.iter().map(|(plan, ..)| IomId(*plan)).collect();
            ids.dedup();
            let plans = support_rows::some(c, &of, &ids, today)?;
            Ok((outcome, plans))
        };
        let (outcome, plans) = call.app().db.read(read).await?;
        let named: Vec<PersonId> = plans.iter().map(|of| of.plan.person_id).collect();
        looked::telling(&call, "review", "skipped", &named, named.len(), &named).await?;
        let skipped = outcome.skipped.into_iter().map(|(plan, number, why)| {
            // Whoever does not accompany the plan any more is told no name.
            let of = plans.iter().find(|of| of.plan.id.0 == plan);
            let item = of.and_then(|of| of.items.iter().find(|i| i.number == number));
            Skipped {
                who: of.map_or_else(|| NOTHING.to_owned(), |of| of.who.short.clone()),
                title: item.map_or_else(String::new, |item| item.title.clone()),
                card: of.map_or_else(String::new, |of| format!("/people/{}", of.plan.id)),
                why,
            }
        });
        let skipped: Vec<Skipped> = skipped.collect();
        let data = DonePage {
            heading: format!("Выполнено {}, пропущено {}", outcome.done, skipped.len()),
            title: if outcome.done > 0 {
                "Отметки записаны".into()
            } else {
                "Ничего не записано".into()
            },
            text: if outcome.done > 0 {
                "Педагоги видят зачтённые шаги в своих маршрутах."
            } else {
                "Ниже сказано, что помешало."
            },
            skipped,
        };
        Answer::page("desk/review_done", &data)
    })
}

//! Approving several plans at once: a page that names them, the act, and what came of it.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::access;
use crate::db::{AnyConn, Tx};
use crate::desk::bounds::{self, Bounds};
use crate::desk::looked;
use crate::desk::once;
use crate::desk::plan::acts::{self, Wanted};
use crate::desk::plan::card::missing;
use crate::desk::plan::list::name;
use crate::desk::plan::list_rows;
use crate::desk::plan::rows::{self, Who};
use crate::error::Error;
use crate::iom::{ActKind, Iom, IomId, IomState, Within};
use crate::pages::parts::{Cell, Column, Link, Register};
use crate::pages::text::{NOTHING, capital, count};
use crate::people::PersonId;
use crate::planted;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// Names on the page that asks before approving.
const NAMED: usize = 10;

#[derive(Serialize)]
struct ApprovePage {
    crumbs: Vec<Link>,
    heading: String,
    lead: &'static str,
    names: Vec<String>,
    more: Option<String>,
    /// What was chosen and cannot be approved: who, and why.
    passed: Vec<String>,
    ids: Vec<String>,
    key: String,
    token: String,
    nothing: bool,
}

/// Plans that a form names, each once, with the version that was seen where the form says one.
fn named(call: &Call, beside: &[&str]) -> Result<BTreeMap<IomId, Option<i32>>, Error> {
    let fields = call.form.only_many(beside, &["plan"])?;
    let read = |text: &str| acts::with_version(text).map(|(id, seen)| (IomId(id), seen));
    let wanted = fields
        .all("plan")
        .filter(|text| !planted!("unread_dropped") || read(text).is_some());
    wanted.map(|text| read(text).ok_or_else(missing)).collect()
}

/// Plans of the ids with their people: all of them lie within the bounds, or the list is as if it were not there.
fn chosen(
    c: &mut AnyConn,
    within: &Within,
    ids: &[IomId],
    today: chrono::NaiveDate,
) -> Result<(Vec<Iom>, HashMap<PersonId, Who>), Error> {
    let region = within.region.ok_or_else(missing)?;
    let bounds = Bounds::of(c, region, &within.scope, today)?;
    let plans = list_rows::some(c, &bounds, ids, today)?;
    if plans.len() != ids.len() {
        return Err(missing());
    }
    let persons: Vec<PersonId> = plans.iter().map(|p| p.person_id).collect();
    let who = rows::who(c, region, &persons, today)?;
    Ok((plans, who))
}

/// POST /plans/approve: names the plans that would be approved.
pub fn check(call: Call) -> Answering {
    Box::pin(async move {
        let ids: Vec<IomId> = named(&call, &[])?.into_keys().collect();
        let (within, today) = (bounds::within(&call)?, call.app().clock.today());
        let read = move |c: &mut AnyConn| chosen(c, &within, &ids, today);
        let (plans, who) = call.app().db.read(read).await?;
        let waits = |plan: &Iom| plan.state == IomState::OnAgreement && plan.agreed_on.is_some();
        let (plans, others): (Vec<Iom>, Vec<Iom>) = plans.into_iter().partition(waits);
        if plans.len() + others.len() > 0 {
            let of_others = others.iter().take(NAMED).cloned();
            let named: Vec<Iom> = plans.iter().take(NAMED).cloned().chain(of_others).collect();
            note(&call, "chosen", &named, plans.len() + others.len()).await?;
        }
        let n = i64::try_from(plans.len()).unwrap_or(0);
        let heading = if n == 0 {
            "Маршруты не выбраны".to_owned()
        } else {
            format!("Утвердить {}", count(n, "маршрут", "маршрута", "маршрутов"))
        };
        let page = ApprovePage {
            crumbs: vec![
                Link::new("Маршруты", "/plans"),
                Link::new("Ждут утверждения", "/plans?state=agreed"),
            ],
            heading: heading.clone(),
            lead: "Утверждённый план замораживается: первая редакция больше не меняется, куратор сможет начать маршрут.",
            names: plans.iter().take(NAMED).map(|p| name(&who, p)).collect(),
            more: (n > 10).then(|| format!("и ещё {}", count(n - 10, "педагог", "педагога", "педагогов"))),
            passed: others
                .iter()
                .take(NAMED)
                .map(|plan| format!("{}: {}", name(&who, plan), why(plan)))
                .collect(),
            ids: plans.iter().map(|p| format!("{}.{}", p.id, p.version)).collect(),
            key: token::random_name()?,
            token: call.token(),
            nothing: n == 0,
        };
        let answer = Answer::page("desk/plans_approve", &page)?.title(heading);
        Ok(if n == 0 { answer.status(422) } else { answer })
    })
}

/// Why a plan is not approved now.
fn why(plan: &Iom) -> String {
    if plan.state == IomState::OnAgreement {
        return "педагог ещё не согласовал".into();
    }
    format!("маршрут в состоянии «{}»", plan.state.label())
}

/// What came of approving many; kept under the key of the form. Ids only, no names of teachers.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Outcome {
    done: usize,
    /// Plan, and why it was passed over.
    skipped: Vec<(i64, String)>,
}

/// POST /plans/approve/all: approves each plan that stands as it was shown; what cannot be is skipped and said.
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let seen = named(&call, &["key"])?;
        let every = seen.iter().map(|(id, seen)| Some((*id, (*seen)?)));
        let every: Option<BTreeMap<IomId, i32>> = every.collect();
        let seen = every.filter(|all| !all.is_empty()).ok_or_else(Error::form_changed)?;
        let (within, journal) = (bounds::within(&call)?, call.app().keys.audit.clone());
        let by = access::author(call.visitor()?);
        let act = move |tx: &mut Tx<'_>| -> Result<Outcome, Error> {
            let ids: Vec<IomId> = seen.keys().copied().collect();
            let today = tx.today();
            let (plans, _) = chosen(tx.conn(), &within, &ids, today)?;
            let wanted = plans.iter().map(|plan| Wanted {
                region: plan.region_id,
                person: plan.person_id,
                kind: ActKind::Approve,
                item: None,
                by: by.clone(),
                value: String::new(),
                reason: String::new(),
                seen: seen.get(&plan.id).copied(),
                plan: Some(plan.id),
                change: None,
            });
            let refused = acts::each_in(tx, &journal, &wanted.collect::<Vec<_>>())?;
            let mut outcome = Outcome {
                done: plans.len() - refused.len(),
                skipped: Vec::with_capacity(refused.len()),
            };
            for (place, why) in refused {
                if why.code == "delegation.not_given" {
                    return Err(Error::Forbidden(why.to_string()));
                }
                if let Some(plan) = plans.get(place) {
                    outcome.skipped.push((plan.id.0, capital(&format!("{why}."))));
                }
            }
            Ok(outcome)
        };
        let key = once::many(&call, act).await?;
        Ok(Answer::redirect(format!("/plans/approve/done/{key}")))
    })
}

/// The row of the journal for a page that names people of plans.
async fn note(call: &Call, filter: &str, named: &[Iom], found: usize) -> Result<(), Error> {
    let persons: Vec<PersonId> = named.iter().map(|plan| plan.person_id).collect();
    looked::list(call, "iom", filter, &persons, found).await
}

#[derive(Serialize)]
struct DonePage {
    crumbs: Vec<Link>,
    done: String,
    text: &'static str,
    register: Option<Register>,
}

/// GET /plans/approve/done/{key}
pub fn done(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (within, account, today) = (
            bounds::within(&call)?,
            call.visitor()?.account,
            call.app().clock.today(),
        );
        let key = call.parts.get("key").unwrap_or_default().to_owned();
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let outcome: Outcome = once::outcome(c, &key, account)?;
            let ids: Vec<IomId> = outcome.skipped.iter().map(|(plan, _)| IomId(*plan)).collect();
            let region = within.region.ok_or_else(missing)?;
            let bounds = Bounds::of(c, region, &within.scope, today)?;
            let plans = list_rows::some(c, &bounds, &ids, today)?;
            let persons: Vec<PersonId> = plans.iter().map(|p| p.person_id).collect();
            let who = rows::who(c, region, &persons, today)?;
            Ok((outcome, plans, who))
        };
        let (outcome, plans, who) = call.app().db.read(read).await?;
        note(&call, "skipped", &plans, plans.len()).await?;
        let rows: Vec<Vec<Cell>> = outcome
            .skipped
            .iter()
            .map(|(id, why)| {
                // Whoever does not see the plan any more is told no name.
                let plan = plans.iter().find(|plan| plan.id.0 == *id);
                let named = |plan: &Iom| Cell::link(name(&who, plan), format!("/plans/{}", plan.id));
                vec![plan.map_or_else(|| Cell::text(NOTHING), named), Cell::text(why.clone())]
            })
            .collect();
        let columns = [Column::words("Педагог"), Column::words("Почему")];
        let page = DonePage {
            crumbs: vec![Link::new("Маршруты", "/plans")],
            done: format!("Утверждено: {}, пропущено: {}", outcome.done, outcome.skipped.len()),
            text: if outcome.done > 0 {
                "Кураторы увидят утверждённые маршруты и смогут их начать."
            } else {
                "Ничего не записано: ниже сказано, что помешало."
            },
            register: (!rows.is_empty()).then(|| Register::new("Пропущенные", &columns, rows)),
        };
        Answer::page("desk/plans_approved", &page)
    })
}

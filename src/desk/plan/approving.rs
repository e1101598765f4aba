//! Approving several plans at once: a look at the names, then «выполнено N, пропущено M и почему».

use std::collections::HashMap;

use serde::Serialize;

use crate::access;
use crate::db::AnyConn;
use crate::desk::bounds::{self, Bounds};
use crate::desk::looked;
use crate::desk::plan::acts;
use crate::desk::plan::card::missing;
use crate::desk::plan::list::name;
use crate::desk::plan::list_rows;
use crate::desk::plan::rows::{self, Who};
use crate::error::{Error, Refusal};
use crate::iom::{ActKind, Iom, IomId};
use crate::pages::parts::{Cell, Column, Link, Register};
use crate::pages::text::count;
use crate::people::PersonId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// Names on the page that asks before approving.
const NAMED: usize = 10;

#[derive(Serialize)]
struct ApprovePage {
    crumbs: Vec<Link>,
    heading: String,
    lead: String,
    names: Vec<String>,
    more: Option<String>,
    ids: Vec<String>,
    token: String,
    nothing: bool,
}

/// POST /plans/approve: asks, naming the number of people; with `sure` approves each that can be.
pub fn approve(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only_many(&["sure"], &["plan"])?;
        let seen: HashMap<IomId, Option<i32>> = fields
            .all("plan")
            .filter_map(acts::with_version)
            .map(|(id, seen)| (IomId(id), seen))
            .take(500)
            .collect();
        let (plans, who) = chosen(&call, seen.keys().copied().collect()).await?;
        // All of them or none: a list with a plan that is not there was not made by a page of ours.
        let (plans, who) = if plans.len() == seen.len() {
            (plans, who)
        } else {
            Default::default()
        };
        if fields.get("sure") != Some("yes") || plans.is_empty() {
            return confirm(&call, &plans, &who).await;
        }
        let by = access::author(call.visitor()?);
        let wanted = plans.iter().map(|plan| acts::Wanted {
            region: plan.region_id,
            person: plan.person_id,
            kind: ActKind::Approve,
            item: None,
            by: by.clone(),
            value: String::new(),
            reason: String::new(),
            seen: seen.get(&plan.id).copied().flatten(),
            plan: Some(plan.id),
            change: None,
        });
        let refused = acts::each(call.app(), wanted.collect()).await?;
        let skipped: Vec<String> = refused
            .iter()
            .filter_map(|(place, why)| Some(format!("{}:{}", plans.get(*place)?.id, why.code)))
            .collect();
        Ok(Answer::redirect(format!(
            "/plans/approved?done={}&skipped={}",
            plans.len() - skipped.len(),
            skipped.join(",")
        )))
    })
}

/// Plans of the ids that lie within the bounds, with their people; the rest is as if it were not there.
async fn chosen(call: &Call, ids: Vec<IomId>) -> Result<(Vec<Iom>, HashMap<PersonId, Who>), Error> {
    let within = bounds::within(call)?;
    let (region, today) = (within.region.ok_or_else(missing)?, call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let bounds = Bounds::of(c, region, &within.scope, today)?;
        let plans = list_rows::some(c, &bounds, &ids, today)?;
        let persons: Vec<PersonId> = plans.iter().map(|p| p.person_id).collect();
        let who = rows::who(c, region, &persons, today)?;
        Ok((plans, who))
    };
    call.app().db.read(read).await
}

async fn confirm(call: &Call, plans: &[Iom], who: &HashMap<PersonId, Who>) -> Result<Answer, Error> {
    let n = i64::try_from(plans.len()).unwrap_or(0);
    if !plans.is_empty() {
        note(call, "chosen", &plans[..plans.len().min(NAMED)], plans.len()).await?;
    }
    let heading = format!("Утвердить {}", count(n, "маршрут", "маршрута", "маршрутов"));
    let heading = if n == 0 {
        "Маршруты не выбраны".to_owned()
    } else {
        heading
    };
    let page = ApprovePage {
        crumbs: vec![
            Link::new("Маршруты", "/plans"),
            Link::new("Ждут утверждения", "/plans?state=agreed"),
        ],
        heading: heading.clone(),
        lead: "Утверждённый план замораживается: первая редакция больше не меняется, куратор сможет начать маршрут."
            .into(),
        names: plans.iter().take(NAMED).map(|p| name(who, p)).collect(),
        more: (n > 10).then(|| format!("и ещё {}", count(n - 10, "педагог", "педагога", "педагогов"))),
        ids: plans.iter().map(|p| format!("{}.{}", p.id, p.version)).collect(),
        token: call.token(),
        nothing: n == 0,
    };
    let answer = Answer::page("desk/plans_approve", &page)?.title(heading);
    Ok(if n == 0 { answer.status(422) } else { answer })
}

/// The row of the journal for a page that names people of plans.
async fn note(call: &Call, filter: &str, named: &[Iom], found: usize) -> Result<(), Error> {
    let persons: Vec<PersonId> = named.iter().map(|plan| plan.person_id).collect();
    looked::list(call, "iom", filter, &persons, found).await
}

#[derive(Serialize)]
struct ApprovedPage {
    crumbs: Vec<Link>,
    done: String,
    text: String,
    register: Option<Register>,
}

/// GET /plans/approved: what came of it.
pub fn approved(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["done", "skipped"])?;
        let done: i64 = call.query.get("done").and_then(|n| n.parse().ok()).unwrap_or(0).max(0);
        let told: Vec<(IomId, String)> = call
            .query
            .get("skipped")
            .unwrap_or_default()
            .split(',')
            .filter_map(|pair| pair.split_once(':'))
            .filter_map(|(id, why)| Some((IomId(id.parse().ok()?), why.to_owned())))
            .take(500)
            .collect();
        let (plans, who) = chosen(&call, told.iter().map(|(id, _)| *id).collect()).await?;
        note(&call, "skipped", &plans, plans.len()).await?;
        let rows: Vec<Vec<Cell>> = plans
            .iter()
            .map(|plan| {
                let why = told.iter().find(|(id, _)| *id == plan.id).map_or("", |(_, why)| why);
                vec![
                    Cell::link(name(&who, plan), format!("/plans/{}", plan.id)),
                    Cell::text(reason(why, plan)),
                ]
            })
            .collect();
        let skipped = i64::try_from(rows.len()).unwrap_or(0);
        let columns = [Column::words("Педагог"), Column::words("Почему")];
        let page = ApprovedPage {
            crumbs: vec![Link::new("Маршруты", "/plans")],
            done: format!("Утверждено: {done}, пропущено: {skipped}"),
            text: "Кураторы увидят утверждённые маршруты и смогут их начать.".into(),
            register: (skipped > 0).then(|| Register::new("Пропущенные", &columns, rows)),
        };
        Answer::page("desk/plans_approved", &page)
    })
}

/// Why a plan was passed over, by the code of the refusal and what stands now.
fn reason(code: &str, plan: &Iom) -> String {
    match code {
        "iom.not_agreed" => Refusal::new("iom.not_agreed").to_string(),
        "iom.changed" => Refusal::new("iom.changed").to_string(),
        "iom.own_plan" => Refusal::new("iom.own_plan").to_string(),
        _ => format!("маршрут в состоянии «{}»", plan.state.label()),
    }
}

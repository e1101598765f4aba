//! Sending many drafts to their teachers at once, from each desk that has drafts: a page that names the receivers and what
//! stands in the way, the act, and what came of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::access::{self, AccountId, Role};
use crate::db::schema::iom_goal;
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::bounds::Bounds;
use crate::desk::conflict;
use crate::desk::looked;
use crate::desk::once;
use crate::desk::plan::acts::{self, Wanted};
use crate::desk::plan::card::{Door, missing};
use crate::desk::plan::composed_rows::{self, Composer};
use crate::desk::plan::list_rows;
use crate::desk::plan::support_rows::{self, Accompanied};
use crate::error::Error;
use crate::iom::accompany::Accompanying;
use crate::iom::{ActKind, IomId, IomOrigin, ItemState, agree, rights, status};
use crate::pages::parts::Link;
use crate::pages::text::{NOTHING, count, date};
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;
use crate::web::call::Visitor;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// Names on the page that asks before sending, of either kind.
const NAMED: usize = 50;

/// A list of drafts with their steps, in the journal.
pub const DRAFTS: &str = "drafts";

/// A plan that may be ticked in the list.
#[derive(Debug, Serialize)]
pub struct Tick {
    id: String,
    who: String,
    href: String,
    number: String,
    place: String,
    /// How many steps it has and how long it goes.
    told: String,
    /// Whether it is ticked beforehand: what a school composed it sends itself.
    ticked: bool,
}

/// Drafts of a list to be ticked and sent.
#[derive(Debug, Serialize)]
pub struct Ticks {
    drafts: Vec<Tick>,
    /// Address of the form.
    action: String,
    token: String,
}

impl Ticks {
    /// The form of a desk; nothing where nothing is to be sent.
    #[must_use]
    pub fn of(door: Door, drafts: Vec<Tick>, token: String) -> Option<Self> {
        (!drafts.is_empty()).then(|| Self {
            action: format!("{}/send", door.base()),
            drafts,
            token,
        })
    }
}

impl Tick {
    /// The tick of a draft on a desk.
    #[must_use]
    pub fn of(door: Door, of: &Accompanied) -> Self {
        let of_school = door == Door::Cnppm && of.plan.origin == IomOrigin::School;
        Self {
            id: of.plan.id.to_string(),
            who: of.who.short.clone(),
            href: card(door, of.plan.id),
            number: of.plan.number.clone(),
            place: of.who.places.join(", "),
            told: if of_school {
                format!("{}; составила школа", told(of))
            } else {
                told(of)
            },
            ticked: !of_school,
        }
    }
}

/// Whether a visitor sends whatever plans of the ЦНППМ lie in the scope.
#[must_use]
pub fn sends(visitor: &Visitor) -> bool {
    let role = visitor.role().and_then(|role| Role::from_code(role.code));
    role.is_some_and(|role| rights::SENDERS.contains(&role))
}

/// Address of the list of drafts of a desk.
fn drafts(door: Door) -> String {
    format!("{}?state=draft", door.base())
}

fn card(door: Door, plan: IomId) -> String {
    format!("{}/{plan}", door.base())
}

/// The list in the journal.
fn list(door: Door) -> &'static str {
    match door {
        Door::Support => "supported",
        Door::Cnppm | Door::Composed => DRAFTS,
    }
}

/// «4 шага, 108 ч, до 01.06.2026».
fn told(of: &Accompanied) -> String {
    let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let standing = || of.items.iter().filter(|i| i.state != ItemState::Cancelled);
    let hours: i64 = standing().map(|i| i64::from(i.hours)).sum();
    let mut said = count(whole(standing().count()), "шаг", "шага", "шагов");
    if hours > 0 {
        said.push_str(&format!(", {hours}\u{A0}ч"));
    }
    if let Some(last) = of.plan.ends_on {
        said.push_str(&format!(", до\u{A0}{}", date(last)));
    }
    said
}

/// Plans that a form names, each once, with the version that was seen where the form says one.
fn named(call: &Call, beside: &[&str]) -> Result<BTreeMap<IomId, Option<i32>>, Error> {
    let fields = call.form.only_many(beside, &["plan"])?;
    let read = |text: &str| acts::with_version(text).map(|(id, seen)| (IomId(id), seen));
    fields.all("plan").map(|text| read(text).ok_or_else(missing)).collect()
}

/// The plans of the ids: all of them lie on the desk, or the list is as if it were not there.
fn known(
    conn: &mut AnyConn,
    door: Door,
    visitor: &Visitor,
    ids: &[IomId],
    today: chrono::NaiveDate,
) -> Result<Vec<Accompanied>, Error> {
    let plans = still(conn, door, visitor, ids, today)?;
    if plans.len() == ids.len() || planted!("sent_in_part") {
        Ok(plans)
    } else {
        Err(missing())
    }
}

/// Those of the ids that lie on the desk.
fn still(
    conn: &mut AnyConn,
    door: Door,
    visitor: &Visitor,
    ids: &[IomId],
    today: chrono::NaiveDate,
) -> Result<Vec<Accompanied>, Error> {
    let region = visitor.region.map(UnitId).ok_or_else(missing)?;
    let plans = match door {
        Door::Support => {
            let of = Accompanying::of(visitor).ok_or_else(missing)?;
            return Ok(support_rows::some(conn, &of, ids, today)?);
        }
        Door::Cnppm if !sends(visitor) => return Err(missing()),
        Door::Cnppm => {
            let bounds = Bounds::of(conn, region, &visitor.scope, today)?;
            list_rows::some(conn, &bounds, ids, today)?
        }
        Door::Composed => {
            let of = Composer::of(conn, visitor, today)?.ok_or_else(missing)?;
            composed_rows::some(conn, &of, ids, today)?
        }
    };
    Ok(support_rows::around(conn, region, plans, today)?)
}

/// Those of the plans that have a goal.
fn with_goals(conn: &mut AnyConn, plans: &[Accompanied]) -> Result<HashSet<IomId>, DbError> {
    let Some(region) = plans.first().map(|of| of.plan.region_id) else {
        return Ok(HashSet::new());
    };
    let ids: Vec<IomId> = plans.iter().map(|of| of.plan.id).collect();
    let mut found = HashSet::with_capacity(ids.len());
    for block in ids.chunks(1000) {
        let rows: Vec<IomId> = iom_goal::table
            .filter(iom_goal::region_id.eq(region))
            .filter(iom_goal::iom_id.eq_any(block))
            .filter(iom_goal::removed_at.is_null())
            .select(iom_goal::iom_id)
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// What stands in the way of sending a plan, in a sentence; the act refuses the same.
fn against(door: Door, visitor: &Visitor, of: &Accompanied, has_goal: bool) -> Option<String> {
    let own = visitor.person == Some(of.plan.person_id.0);
    let composed = of.plan.author_id == Some(AccountId(visitor.account));
    if door == Door::Composed && own && !composed {
        let who = "Это ваш маршрут: его отправит тот, кто составил, или другой руководитель школы.";
        return Some(who.to_owned());
    }
    if status::plan_after(of.plan.state, ActKind::Send).is_none() {
        return Some(format!("Маршрут уже в состоянии «{}».", of.plan.state.label()));
    }
    match (has_goal, of.items.iter().any(agree::is_dated)) {
        _ if planted!("hindrance_unsaid") => None,
        (true, true) => None,
        (false, true) => Some("В маршруте нет ни одной цели: впишите её на странице «Изменить маршрут».".to_owned()),
        (true, false) => {
            Some("В маршруте нет ни одного шага со сроком: поставьте его на странице «Изменить маршрут».".to_owned())
        }
        (false, false) => {
            Some("В маршруте нет ни цели, ни шага со сроком: впишите их на странице «Изменить маршрут».".to_owned())
        }
    }
}

#[derive(Serialize)]
struct Receiver {
    who: String,
    place: String,
    card: String,
    told: String,
    /// What whoever sends is to know of this one; empty for nothing.
    note: &'static str,
}

#[derive(Serialize)]
struct Passed {
    who: String,
    card: String,
    why: String,
}

#[derive(Serialize)]
struct CheckPage {
    crumbs: Vec<Link>,
    heading: String,
    named: Vec<Receiver>,
    more: Option<String>,
    passed: Vec<Passed>,
    more_passed: Option<String>,
    ids: Vec<String>,
    key: String,
    token: String,
    nothing: bool,
    /// Address of the form.
    action: String,
    back: String,
}

fn crumbs(door: Door) -> Vec<Link> {
    vec![door.crumb(), Link::new("Черновики", drafts(door))]
}

/// What is said of those beyond the names of a page.
fn more(of: usize) -> Option<String> {
    let rest = of.saturating_sub(NAMED);
    let n = i64::try_from(rest).unwrap_or(i64::MAX);
    (rest > 0).then(|| format!("и ещё {}", count(n, "педагог", "педагога", "педагогов")))
}

/// Names whom the plans would go to, and what stands in the way.
fn check(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        let ids: Vec<IomId> = named(&call, &[])?.into_keys().collect();
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let looker = visitor.clone();
        type Read = (Vec<Accompanied>, HashSet<IomId>, HashMap<PersonId, AccountId>);
        let read = move |c: &mut AnyConn| -> Result<Read, Error> {
            let mut plans = known(c, door, &visitor, &ids, today)?;
            plans.sort_by(|a, b| a.who.name.cmp(&b.who.name));
            let goals = with_goals(c, &plans)?;
            let persons: Vec<PersonId> = plans.iter().map(|of| of.plan.person_id).collect();
            let accounts = access::store::accounts_of(c, &persons)?;
            Ok((plans, goals, accounts))
        };
        let (plans, goals, accounts) = call.app().db.read(read).await?;
        let (mut sent, mut passed) = (Vec::with_capacity(plans.len()), Vec::new());
        for of in &plans {
            match against(door, &looker, of, goals.contains(&of.plan.id)) {
                None => sent.push(of),
                Some(why) => passed.push((of, why)),
            }
        }
        let shown: Vec<PersonId> = sent
            .iter()
            .take(NAMED)
            .copied()
            .chain(passed.iter().take(NAMED).map(|(of, _)| *of))
            .map(|of| of.plan.person_id)
            .collect();
        if !shown.is_empty() {
            looked::telling(&call, list(door), "chosen", &shown, plans.len(), &shown).await?;
        }
        let n = i64::try_from(sent.len()).unwrap_or(i64::MAX);
        let nothing = sent.is_empty();
        let heading = if nothing {
            "Отправлять нечего".to_owned()
        } else {
            format!("Отправить {}?", count(n, "маршрут", "маршрута", "маршрутов"))
        };
        let page = CheckPage {
            crumbs: crumbs(door),
            named: sent
                .iter()
                .take(NAMED)
                .map(|of| Receiver {
                    who: of.who.short.clone(),
                    place: of.who.places.join(", "),
                    card: card(door, of.plan.id),
                    told: told(of),
                    note: if accounts.contains_key(&of.plan.person_id) {
                        ""
                    } else {
                        "Учётной записи нет: педагог увидит маршрут, когда школа её создаст."
                    },
                })
                .collect(),
            more: more(sent.len()),
            more_passed: more(passed.len()),
            passed: passed
                .into_iter()
                .take(NAMED)
                .map(|(of, why)| Passed {
                    who: of.who.short.clone(),
                    card: card(door, of.plan.id),
                    why,
                })
                .collect(),
            ids: sent
                .iter()
                .map(|of| format!("{}.{}", of.plan.id, of.plan.version))
                .collect(),
            key: token::random_name()?,
            token: call.token(),
            nothing,
            action: format!("{}/send/all", door.base()),
            back: drafts(door),
            heading: heading.clone(),
        };
        let answer = Answer::page("desk/plans_send", &page)?.title(heading);
        Ok(if nothing { answer.status(422) } else { answer })
    })
}

/// What came of sending many, told from other acts on many; kept under the key of the form. Ids only, no names of teachers.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Outcome {
    #[serde(rename = "sent")]
    done: usize,
    /// Plan, and why it was passed over.
    skipped: Vec<(i64, String)>,
}

/// Sends each plan that stands as it was shown; what cannot be is skipped and said.
fn all(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        let seen = named(&call, &["key"])?;
        let every = seen.iter().map(|(id, seen)| Some((*id, (*seen)?)));
        let every: Option<BTreeMap<IomId, i32>> = every.collect();
        let seen = every.filter(|all| !all.is_empty()).ok_or_else(Error::form_changed)?;
        let (visitor, journal, zone) = (call.visitor()?.clone(), call.app().keys.audit.clone(), call.zone());
        let act = move |tx: &mut Tx<'_>| -> Result<Outcome, Error> {
            let today = tx.today();
            let ids: Vec<IomId> = seen.keys().copied().collect();
            let plans = known(tx.conn(), door, &visitor, &ids, today)?;
            let author = access::author(&visitor);
            let wanted: Vec<Wanted> = plans
                .iter()
                .map(|of| Wanted {
                    region: of.plan.region_id,
                    person: of.plan.person_id,
                    kind: ActKind::Send,
                    item: None,
                    by: author.clone(),
                    value: String::new(),
                    reason: String::new(),
                    seen: seen.get(&of.plan.id).copied(),
                    plan: Some(of.plan.id),
                    change: None,
                })
                .collect();
            let refused = acts::each_in(tx, &journal, &wanted)?;
            let mut outcome = Outcome {
                done: wanted.len() - refused.len(),
                skipped: Vec::with_capacity(refused.len()),
            };
            let region = visitor.region.map(UnitId).ok_or_else(missing)?;
            for (place, said) in conflict::refused(tx.conn(), region, &wanted, &refused, zone)? {
                if let Some(of) = plans.get(place) {
                    outcome.skipped.push((of.plan.id.0, said));
                }
            }
            Ok(outcome)
        };
        match once::many(&call, act).await {
            Ok(key) => Ok(Answer::redirect(format!("{}/send/done/{key}", door.base()))),
            Err(Error::Refused(why)) if once::is_other(&why) => Err(Error::Changed(
                "Эту форму уже отправили с другими маршрутами. Вернитесь к черновикам и отметьте нужные заново."
                    .to_owned(),
            )),
            Err(e) => Err(e),
        }
    })
}

#[derive(Serialize)]
struct DonePage {
    crumbs: Vec<Link>,
    heading: String,
    title: &'static str,
    text: &'static str,
    skipped: Vec<Passed>,
    back: String,
}

/// What came of it.
fn done(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let key = call.parts.get("key").unwrap_or_default().to_owned();
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let outcome: Outcome = once::outcome(c, &key, visitor.account)?;
            let ids: Vec<IomId> = outcome.skipped.iter().map(|(plan, _)| IomId(*plan)).collect();
            let plans = still(c, door, &visitor, &ids, today)?;
            Ok((outcome, plans))
        };
        let (outcome, plans) = call.app().db.read(read).await?;
        let shown: Vec<PersonId> = plans.iter().map(|of| of.plan.person_id).collect();
        looked::telling(&call, list(door), "skipped", &shown, shown.len(), &shown).await?;
        let skipped = outcome.skipped.into_iter().map(|(plan, why)| {
            // Whoever has the plan on the desk no more is told no name.
            let of = plans.iter().find(|of| of.plan.id.0 == plan);
            Passed {
                who: of.map_or_else(|| NOTHING.to_owned(), |of| of.who.short.clone()),
                card: of.map_or_else(String::new, |of| card(door, of.plan.id)),
                why,
            }
        });
        let skipped: Vec<Passed> = skipped.collect();
        let data = DonePage {
            crumbs: crumbs(door),
            heading: format!("Отправлено: {}, пропущено: {}", outcome.done, skipped.len()),
            title: if outcome.done > 0 {
                "Маршруты отправлены"
            } else {
                "Ничего не записано"
            },
            text: if outcome.done > 0 {
                "Педагоги увидят их в разделе «Мой маршрут» и согласуют или вернут с замечанием."
            } else {
                "Ниже сказано, что помешало."
            },
            skipped,
            back: drafts(door),
        };
        Answer::page("desk/plans_sent", &data)
    })
}

/// POST /people/send
pub fn check_supported(call: Call) -> Answering {
    check(call, Door::Support)
}

/// POST /people/send/all
pub fn all_supported(call: Call) -> Answering {
    all(call, Door::Support)
}

/// GET /people/send/done/{key}
pub fn done_supported(call: Call) -> Answering {
    done(call, Door::Support)
}

/// POST /plans/send
pub fn check_plans(call: Call) -> Answering {
    check(call, Door::Cnppm)
}

/// POST /plans/send/all
pub fn all_plans(call: Call) -> Answering {
    all(call, Door::Cnppm)
}

/// GET /plans/send/done/{key}
pub fn done_plans(call: Call) -> Answering {
    done(call, Door::Cnppm)
}

/// POST /composed/send
pub fn check_composed(call: Call) -> Answering {
    check(call, Door::Composed)
}

/// POST /composed/send/all
pub fn all_composed(call: Call) -> Answering {
    all(call, Door::Composed)
}

/// GET /composed/send/done/{key}
pub fn done_composed(call: Call) -> Answering {
    done(call, Door::Composed)
}

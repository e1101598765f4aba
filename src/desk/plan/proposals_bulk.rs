//! Taking and declining many proposals at once: a page that names them with what changes, the act, and what came of it.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::access;
use crate::db::text_keys::clean;
use crate::db::{AnyConn, Tx};
use crate::desk::bounds::{self, Bounds};
use crate::desk::looked;
use crate::desk::once;
use crate::desk::plan::card::{Wrong, missing};
use crate::desk::plan::edit_form::Asked;
use crate::desk::plan::list_rows;
use crate::desk::plan::proposals::{self, ROWS, may_answer, said};
use crate::desk::plan::proposals_rows::{self, Answered, Proposed, plan_of};
use crate::desk::plan::quiet;
use crate::desk::plan::rows::{self, Who};
use crate::error::{Error, Refusal};
use crate::iom::rules;
use crate::iom::{Iom, IomId};
use crate::pages::parts::Link;
use crate::pages::text::{NOTHING, capital, count};
use crate::people::PersonId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// The most proposals of one form.
const MOST: usize = 500;
/// Proposals on the page that asks before answering many.
const NAMED: usize = 50;

#[derive(Serialize)]
struct CheckPage {
    crumbs: Vec<Link>,
    heading: String,
    lead: &'static str,
    problems: Vec<Wrong>,
    named: Vec<Named>,
    more: Option<String>,
    tokens: Vec<String>,
    stale: Option<String>,
    reason: Asked,
    act: &'static str,
    button: &'static str,
    key: String,
    token: String,
}

#[derive(Serialize)]
struct Named {
    who: String,
    rows: Vec<String>,
    more: usize,
    kept: usize,
    /// Steps that would end on days when nobody learns.
    quiet: Vec<String>,
}

fn crumbs() -> Vec<Link> {
    vec![
        Link::new("Шаблоны маршрутов", "/iom-templates"),
        Link::new("Предложения шаблонов", "/proposals"),
    ]
}

/// The proposals that a form names: each is of a plan within the bounds, or the list is as if it were not there.
struct Chosen {
    accept: bool,
    tokens: Vec<String>,
}

fn chosen(call: &Call, beside: &[&str]) -> Result<Chosen, Error> {
    let fields = call.form.only_many(beside, &["proposal"])?;
    if !may_answer(call)? {
        return Err(missing());
    }
    let tokens: BTreeSet<String> = fields.all("proposal").map(str::to_owned).collect();
    if tokens.iter().any(|token| plan_of(token).is_none()) || tokens.len() > MOST {
        return Err(missing());
    }
    let accept = match fields.get("act") {
        Some("accept") => true,
        Some("decline") => false,
        _ => return Err(Error::form_changed()),
    };
    Ok(Chosen {
        accept,
        tokens: tokens.into_iter().collect(),
    })
}

/// The plans of the tokens: all of them lie within the bounds.
fn plans(c: &mut AnyConn, bounds: &Bounds, tokens: &[String], today: chrono::NaiveDate) -> Result<Vec<Iom>, Error> {
    let ids: BTreeSet<IomId> = tokens.iter().filter_map(|token| plan_of(token)).collect();
    let ids: Vec<IomId> = ids.into_iter().collect();
    let plans = list_rows::some(c, bounds, &ids, today)?;
    if plans.len() == ids.len() {
        Ok(plans)
    } else {
        Err(missing())
    }
}

/// POST /proposals/check: names the plans and what changes in them.
pub fn check(call: Call) -> Answering {
    Box::pin(async move {
        let of = chosen(&call, &["act"])?;
        if of.tokens.is_empty() {
            let why = capital(&format!("{}.", Refusal::new("desk.nothing_ticked")));
            return proposals::show(&call, Some(why)).await;
        }
        ask(&call, of, Vec::new()).await
    })
}

async fn ask(call: &Call, of: Chosen, problems: Vec<Wrong>) -> Result<Answer, Error> {
    let within = bounds::within(call)?;
    let (region, today, tokens) = (
        within.region.ok_or_else(missing)?,
        call.app().clock.today(),
        of.tokens.clone(),
    );
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let bounds = Bounds::of(c, region, &within.scope, today)?;
        let plans = plans(c, &bounds, &tokens, today)?;
        let persons: Vec<PersonId> = plans.iter().map(|p| p.person_id).collect();
        let who = rows::who(c, region, &persons, today)?;
        let rules = rules::in_force(c, region)?;
        Ok((proposals_rows::of(c, region, plans, None, today)?, who, rules))
    };
    let (proposed, who, rules) = call.app().db.read(read).await?;
    let mut found: Vec<&Proposed> = proposed.iter().filter(|one| of.tokens.contains(&one.token())).collect();
    let name = |one: &Proposed| who.get(&one.plan.person_id).map_or("", |w: &Who| w.short.as_str());
    found.sort_by_key(|one| (name(one).to_owned(), one.plan.id));
    // They were answered or changed while the page was open.
    if found.is_empty() {
        let why = capital(&format!("{}.", Refusal::new("proposal.stale")));
        return proposals::show(call, Some(why)).await;
    }
    let shown: Vec<PersonId> = found.iter().take(NAMED).map(|one| one.plan.person_id).collect();
    looked::telling(call, "proposals", "chosen", &shown, found.len(), &shown).await?;
    let many = |n: usize| {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        count(n, "предложение", "предложения", "предложений")
    };
    let stale = of.tokens.len() - found.len();
    let named = found.iter().take(NAMED).map(|one| Named {
        who: name(one).to_owned(),
        rows: one.difference.rows.iter().take(ROWS).map(said).collect(),
        more: one.difference.rows.len().saturating_sub(ROWS),
        kept: one.difference.kept.len(),
        quiet: match &rules {
            Some(rules) if of.accept => quiet::of_proposal(rules, &one.difference),
            _ => Vec::new(),
        },
    });
    let typed = call.form.get("reason").map(str::to_owned);
    let reason = typed.unwrap_or_else(|| {
        let first = found.first().map(|one| one.reason()).unwrap_or_default();
        let same = found.iter().all(|one| one.reason() == first);
        if of.accept && same { first } else { String::new() }
    });
    let label = if of.accept {
        "Основание"
    } else {
        "Почему не подходит"
    };
    let data = CheckPage {
        crumbs: crumbs(),
        heading: format!(
            "{} {}?",
            if of.accept {
                "Принять"
            } else {
                "Отклонить"
            },
            many(found.len())
        ),
        lead: if of.accept {
            "У утверждённых маршрутов появится следующая редакция: педагоги получат письмо и прочитают, что изменилось."
        } else {
            "Маршруты останутся прежними. Причина сохранится в их истории."
        },
        named: named.collect(),
        more: (found.len() > NAMED).then(|| format!("и ещё {}", many(found.len() - NAMED))),
        tokens: found.iter().map(|one| one.token()).collect(),
        stale: (stale > 0).then(|| format!("Изменились, пока страница была открыта: {stale}. Их здесь нет.")),
        reason: Asked {
            problem: problems.first().map(|p| p.text.clone()),
            ..Asked::text("reason".into(), label, reason).long()
        },
        act: if of.accept { "accept" } else { "decline" },
        button: if of.accept {
            "Принять"
        } else {
            "Отклонить"
        },
        key: token::random_name()?,
        token: call.token(),
        problems,
    };
    let answer = Answer::page("desk/proposals_check", &data)?;
    Ok(if data.problems.is_empty() {
        answer
    } else {
        answer.status(422)
    })
}

/// What came of many; kept under the key of the form. Ids only, no names of teachers.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Outcome {
    done: usize,
    /// Plan, and why it was passed over.
    skipped: Vec<(i64, String)>,
}

/// POST /proposals/all: answers each proposal that stands as it was shown; what cannot be is skipped and said.
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let of = chosen(&call, &["act", "reason", "key"])?;
        let reason = call.form.get("reason").map(clean).unwrap_or_default();
        if of.tokens.is_empty() {
            return Err(Error::form_changed());
        }
        if reason.is_empty() {
            let why = if of.accept {
                Refusal::new("iom.change_reason")
            } else {
                Refusal::new("iom.reason_needed")
            };
            let wrong = Wrong {
                field: "reason".into(),
                text: capital(&why.to_string()),
            };
            return ask(&call, of, vec![wrong]).await;
        }
        let within = bounds::within(&call)?;
        let region = within.region.ok_or_else(missing)?;
        let journal = call.app().keys.audit.clone();
        let answered = Answered {
            accept: of.accept,
            reason,
            by: access::author(call.visitor()?),
        };
        let tokens = of.tokens;
        let act = move |tx: &mut Tx<'_>| -> Result<Outcome, Error> {
            let today = tx.today();
            let bounds = Bounds::of(tx.conn(), region, &within.scope, today)?;
            let plans = plans(tx.conn(), &bounds, &tokens, today)?;
            let proposed = proposals_rows::of(tx.conn(), region, plans, None, today)?;
            let refused = proposals_rows::answer(tx, &journal, &proposed, &tokens, &answered)?;
            let mut outcome = Outcome {
                done: tokens.len() - refused.len(),
                skipped: Vec::with_capacity(refused.len()),
            };
            for (place, why) in refused {
                if why.code == "delegation.not_given" {
                    return Err(Error::Forbidden(why.to_string()));
                }
                if let Some(plan) = tokens.get(place).and_then(|token| plan_of(token)) {
                    outcome.skipped.push((plan.0, capital(&format!("{why}."))));
                }
            }
            Ok(outcome)
        };
        match once::many(&call, act).await {
            Ok(key) => Ok(Answer::redirect(format!("/proposals/done/{key}"))),
            Err(Error::Refused(why)) if once::is_other(&why) => {
                let why =
                    "Эту форму уже отправили с другим ответом: посмотрите, что осталось, и отметьте нужные заново."
                        .to_owned();
                proposals::show(&call, Some(why)).await
            }
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
    skipped: Vec<Skipped>,
}

#[derive(Serialize)]
struct Skipped {
    who: String,
    card: String,
    why: String,
}

/// GET /proposals/done/{key}
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
            let missing = || Error::NotFound("ответ".into());
            let region = within.region.ok_or_else(missing)?;
            let outcome: Outcome = once::outcome(c, &key, account)?;
            let bounds = Bounds::of(c, region, &within.scope, today)?;
            let ids: Vec<IomId> = outcome.skipped.iter().map(|(plan, _)| IomId(*plan)).collect();
            let plans = list_rows::some(c, &bounds, &ids, today)?;
            let persons: Vec<PersonId> = plans.iter().map(|p| p.person_id).collect();
            let who = rows::who(c, region, &persons, today)?;
            let of: HashMap<i64, PersonId> = plans.iter().map(|p| (p.id.0, p.person_id)).collect();
            Ok((outcome, of, who))
        };
        let (outcome, plans, who) = call.app().db.read(read).await?;
        let named: Vec<PersonId> = plans.values().copied().collect();
        looked::telling(&call, "proposals", "skipped", &named, named.len(), &named).await?;
        let skipped = outcome.skipped.into_iter().map(|(plan, why)| {
            // Whoever does not reach the plan any more is told no name.
            let person = plans.get(&plan).and_then(|person| who.get(person));
            Skipped {
                who: person.map_or_else(|| NOTHING.to_owned(), |w| w.short.clone()),
                card: person.map_or_else(String::new, |_| format!("/plans/{plan}")),
                why,
            }
        });
        let skipped: Vec<Skipped> = skipped.collect();
        let data = DonePage {
            crumbs: crumbs(),
            heading: format!("Выполнено {}, пропущено {}", outcome.done, skipped.len()),
            title: if outcome.done > 0 {
                "Записано"
            } else {
                "Ничего не записано"
            },
            text: if outcome.done > 0 {
                "Ответы на предложения видны в истории маршрутов."
            } else {
                "Ниже сказано, что помешало."
            },
            skipped,
        };
        Answer::page("desk/proposals_done", &data)
    })
}

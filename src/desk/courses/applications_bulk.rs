//! Agreeing to many applications: a page that names them, the act, and what came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::access;
use crate::db::{AnyConn, Tx};
use crate::desk::conflict::{self, About};
use crate::desk::courses::applications;
use crate::desk::courses::applications_rows::{self, Application};
use crate::desk::looked;
use crate::desk::once;
use crate::desk::plan::acts;
use crate::desk::plan::rows;
use crate::desk::school::coverage_rows;
use crate::error::{Error, Refusal};
use crate::flow;
use crate::iom::ActKind;
use crate::iom::acts::{ActRow, Whose};
use crate::pages::text::{NOTHING, count};
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor, token};

/// Names on the page that asks before agreeing to many.
const NAMED: usize = 10;

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
        let ids: Vec<i64> = ids(&call.query, &["id"])?.into_keys().collect();
        let all = applications::waiting(&call).await?;
        if ids.is_empty() {
            return applications::wrong(&call, all, applications::NOTHING_CHOSEN).await;
        }
        let (visitor, today, asked) = (call.visitor()?.clone(), call.app().clock.today(), ids.clone());
        let read = move |c: &mut AnyConn| all_known(c, &visitor, &asked, today);
        call.app().db.read(read).await?;
        let chosen: Vec<&Application> = all.iter().filter(|a| ids.contains(&a.id.0)).collect();
        // They were decided while the page was open.
        if chosen.is_empty() {
            return Ok(Answer::redirect("/applications?done=gone"));
        }
        let named: Vec<PersonId> = chosen.iter().take(NAMED).map(|a| a.person).collect();
        looked::telling(&call, "enrolment", "chosen", &named, chosen.len(), &named).await?;
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
            ids: chosen.iter().map(|a| format!("{}.{}", a.id, a.seen)).collect(),
            key: token::random_name()?,
            token: call.token(),
        };
        Answer::page("desk/applications_check", &data)
    })
}

/// All of the applications are of the visitor's people, or the list is as if it were not there; returns the region.
fn all_known(conn: &mut AnyConn, visitor: &Visitor, ids: &[i64], today: chrono::NaiveDate) -> Result<UnitId, Error> {
    let missing = || Error::NotFound("заявки".into());
    let region = visitor.region.map(UnitId).ok_or_else(missing)?;
    let own = coverage_rows::organisations(conn, visitor, today)?;
    let known = applications_rows::known(conn, region, &own, ids, today)?;
    if known == ids.len() { Ok(region) } else { Err(missing()) }
}

/// Ids that a form sends under one name, each with the version that it answers, and nothing else but the known names.
fn ids(fields: &crate::web::call::Fields, known: &[&str]) -> Result<BTreeMap<i64, Option<i32>>, Error> {
    let missing = || Error::NotFound("заявка".into());
    if fields.0.iter().any(|(name, _)| !known.contains(&name.as_str())) {
        return Err(Error::form_changed());
    }
    let of = |text: &str| acts::with_version(text).ok_or_else(missing);
    fields.all("id").map(of).collect()
}

/// The agreement to an application, as somebody else's act may have come before it.
fn about(person: PersonId, item: i32) -> About {
    About {
        person,
        item: Some(item),
        kind: ActKind::AgreeEnrolment,
    }
}

/// What came of agreeing to many; kept under the key of the form. Ids only, no names.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Outcome {
    done: usize,
    /// Not in the queue any more, nobody knows by whom.
    gone: usize,
    /// Persons whose application was decided by somebody else or refused by a rule, with the sentence.
    skipped: Vec<(i64, String)>,
}

/// POST /applications/bulk: agrees to many; what cannot be done is skipped and said.
pub fn bulk(call: Call) -> Answering {
    Box::pin(async move {
        let versions = ids(&call.form, &["id", "key"])?;
        let ids: Vec<i64> = versions.keys().copied().collect();
        // A form without a version answers nothing that anybody has seen.
        if ids.is_empty() || versions.values().any(Option::is_none) && !planted!("agreed_unseen") {
            return Err(Error::form_changed());
        }
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let (journal, zone) = (call.app().keys.audit.clone(), call.zone());
        let act = move |tx: &mut Tx<'_>| -> Result<Outcome, Error> {
            let region = all_known(tx.conn(), &visitor, &ids, today)?;
            let own = coverage_rows::organisations(tx.conn(), &visitor, today)?;
            let mut chosen = applications_rows::waiting(tx.conn(), region, &own, today)?;
            chosen.retain(|a| ids.contains(&a.id.0));
            let mut outcome = Outcome::default();
            let late: Vec<i64> = ids
                .iter()
                .filter(|id| chosen.iter().all(|a| a.id.0 != **id))
                .copied()
                .collect();
            let late = applications_rows::of_ids(tx.conn(), region, &own, &late, today)?;
            let of_late: Vec<About> = late.iter().map(|(_, person, item)| about(*person, *item)).collect();
            for ((_, person, _), said) in late.iter().zip(conflict::last(tx.conn(), region, &of_late, zone)?) {
                match said {
                    Some(said) => outcome.skipped.push((person.0, said)),
                    None => outcome.gone += 1,
                }
            }
            let author = access::author(&visitor);
            let row = |(line, of): (u64, &Application)| ActRow {
                line,
                whose: Whose::Person(region, of.person),
                kind: ActKind::AgreeEnrolment,
                item: Some(of.item),
                on: today,
                by: author.login.clone(),
                roles: Some(author.roles.clone()),
                substitute: author.substitute.clone(),
                value: String::new(),
                reason: String::new(),
                said_now: true,
                seen: versions.get(&of.id.0).copied().flatten(),
                plan: Some(of.plan),
                change: None,
            };
            let rows: Vec<ActRow> = (1..).zip(&chosen).map(row).collect();
            let applied = flow::acts(tx, &journal, &rows)?;
            outcome.done = applied.done;
            let refused: Vec<(&Application, Refusal)> = applied
                .refused
                .into_iter()
                .filter_map(|refused| {
                    let (_, of) = (1..).zip(&chosen).find(|(line, _)| *line == refused.line)?;
                    Some((of, refused.why))
                })
                .collect();
            let of_refused: Vec<About> = refused.iter().map(|(of, _)| about(of.person, of.item)).collect();
            let last = conflict::last(tx.conn(), region, &of_refused, zone)?;
            for ((of, why), last) in refused.into_iter().zip(last) {
                let last = last.filter(|_| why.code == "iom.changed");
                let said = last.unwrap_or_else(|| why.to_string());
                outcome.skipped.push((of.person.0, said));
            }
            Ok(outcome)
        };
        match once::many(&call, act).await {
            Ok(key) => return Ok(Answer::redirect(format!("/applications/done/{key}"))),
            Err(Error::Refused(why)) if once::is_other(&why) => {}
            Err(e) => return Err(e),
        }
        let all = applications::waiting(&call).await?;
        applications::wrong(
            &call,
            all,
            "Эту форму уже отправили с другими заявками: отметьте нужные заново.",
        )
        .await
    })
}

#[derive(Serialize)]
struct DonePage {
    heading: String,
    title: &'static str,
    text: &'static str,
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
            let outcome: Outcome = once::outcome(c, &key, visitor.account)?;
            // Whoever works elsewhere by now is told no name.
            let own = coverage_rows::organisations(c, &visitor, today)?;
            let persons: Vec<PersonId> = outcome.skipped.iter().map(|(id, _)| PersonId(*id)).collect();
            let persons = applications_rows::at_work(c, region, &own, &persons, today)?;
            let names = rows::who(c, region, &persons, today)?;
            Ok((outcome, names))
        };
        let (outcome, names) = call.app().db.read(read).await?;
        let named: Vec<PersonId> = outcome.skipped.iter().map(|(id, _)| PersonId(*id)).collect();
        let told: Vec<PersonId> = named.iter().filter(|id| names.contains_key(id)).copied().collect();
        looked::telling(&call, "enrolment", "skipped", &named, named.len(), &told).await?;
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
            title: if outcome.done > 0 {
                "Решение записано"
            } else {
                "Ничего не записано"
            },
            text: if outcome.done > 0 {
                "Дальше ЦНППМ зачислит педагогов на курсы."
            } else {
                "Ниже сказано, что помешало."
            },
            skipped,
        };
        Answer::page("desk/applications_done", &data)
    })
}

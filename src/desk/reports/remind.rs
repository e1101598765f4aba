//! Reminding those who have not handed in: the receivers are shown before anything is sent.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::json;

use crate::access::{self, AccountId};
use crate::audit::{self, Entry};
use crate::cycle::campaign::Campaign;
use crate::cycle::report::Submission;
use crate::cycle::report_telling::answering;
use crate::db::{AnyConn, Tx};
use crate::desk::looked;
use crate::desk::reports::rows;
use crate::error::Error;
use crate::mail::notice::{self, Told};
use crate::mail::outbox::Letter;
use crate::pages::parts::{Empty, Link};
use crate::pages::text::{count, date};
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor};

/// Who would be written to.
struct Receivers {
    of: Campaign,
    /// Report, unit, account, and how its holder is called.
    all: Vec<(Submission, String, AccountId, String)>,
    /// Units that have not handed in and have nobody to write to.
    silent: Vec<String>,
}

fn load(c: &mut AnyConn, visitor: &Visitor, id: i64, today: chrono::NaiveDate) -> Result<Receivers, Error> {
    let (_, of) = rows::campaign_of(c, visitor, id, today)?;
    let checked = rows::checked(c, visitor, Some(id), today)?;
    let open: Vec<_> = checked
        .reports
        .into_iter()
        .filter(|seen| seen.report.state.is_with_unit())
        .collect();
    let units: Vec<UnitId> = open.iter().map(|seen| seen.unit.id).collect();
    let over = access::store::over(c, answering(of.level), &units, today)?;
    let ids: Vec<i64> = over.iter().map(|(_, account)| account.0).collect();
    let names = access::store::names(c, &ids)?;
    let mut found = Receivers {
        of,
        all: Vec::new(),
        silent: Vec::new(),
    };
    for seen in open {
        let own: BTreeSet<AccountId> = over
            .iter()
            .filter(|(unit, _)| *unit == seen.unit.id)
            .map(|(_, a)| *a)
            .collect();
        if own.is_empty() {
            found.silent.push(seen.unit.name.clone());
        }
        for account in own {
            let name = names.get(&account.0).cloned().unwrap_or_default();
            found
                .all
                .push((seen.report.clone(), seen.unit.name.clone(), account, name));
        }
    }
    Ok(found)
}

async fn find(call: &Call) -> Result<Receivers, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let id = call.id("campaign")?;
    call.app().db.read(move |c| load(c, &visitor, id, today)).await
}

#[derive(Serialize)]
struct Page {
    heading: String,
    lead: String,
    crumbs: Vec<Link>,
    over: Option<Empty>,
    named: Vec<String>,
    more: Option<String>,
    action: String,
    back: String,
    token: String,
}

/// GET /campaigns/{campaign}/remind
pub fn check(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let found = find(&call).await?;
        let ids: Vec<i64> = found.all.iter().map(|(_, _, account, _)| account.0).collect();
        looked::list(&call, "account", "", &ids, ids.len()).await?;
        let many = i64::try_from(found.all.len()).unwrap_or(i64::MAX);
        let back = format!("/campaigns/{}", found.of.id);
        let mut named: Vec<String> = found
            .all
            .iter()
            .map(|(_, unit, _, name)| format!("{name} — {unit}"))
            .collect();
        if !found.silent.is_empty() {
            named.push(format!("Некому написать: {}", found.silent.join(", ")));
        }
        let page = Page {
            heading: if many > 0 {
                format!("Напомнить: {}?", count(many, "человек", "человека", "человек"))
            } else {
                "Напоминания".into()
            },
            lead: format!(
                "{} · {} · письмо скажет, какой отчёт не сдан и до какого дня; одному человеку раз в день",
                found.of.title, found.of.period
            ),
            crumbs: vec![
                Link::new("Кампании", "/campaigns"),
                Link::new(found.of.title.clone(), back.clone()),
            ],
            over: (many == 0).then(|| {
                Empty::new(
                    "Писать некому",
                    "Все сдали, или у тех, кто не сдал, нет учётных записей.",
                )
            }),
            named,
            more: None,
            action: format!("{back}/remind"),
            back,
            token: call.token(),
        };
        Answer::page("desk/indicator_remind", &page)
    })
}

/// POST /campaigns/{campaign}/remind
pub fn send(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&[])?;
        let found = find(&call).await?;
        if found.all.is_empty() {
            return Ok(Answer::redirect(format!("/campaigns/{}/remind", found.of.id)));
        }
        let (visitor, key) = (call.visitor()?.clone(), call.app().keys.audit.clone());
        let (of, all) = (found.of, found.all);
        let id = of.id;
        let write = move |tx: &mut Tx<'_>| -> Result<(), Error> {
            let today = tx.today();
            let told = |(report, unit, account, _): &(Submission, String, AccountId, String)| Told {
                letter: Letter {
                    kind: "report_reminder",
                    region: Some(of.region_id.0),
                    account: account.0,
                    subject_id: report.id.0,
                    dedup_key: format!("{today}-{account}"),
                    body: json!({
                        "title": of.title,
                        "period": of.period,
                        "unit": unit,
                        "due": date(report.due_on(&of)),
                    }),
                    address: None,
                    link: None,
                },
                item: None,
                due_on: Some(report.due_on(&of)),
            };
            let letters: Vec<Told> = all.iter().map(told).collect();
            let sent = notice::tell(tx, &letters)?;
            let entry = Entry {
                action: "cycle.campaign_remind",
                region: visitor.region,
                account: Some(visitor.account),
                on_behalf_of: visitor.on_behalf_of(),
                object_kind: "campaign",
                object: Some(of.id.0),
                person: None,
                detail: format!("sent={sent} lately={}", letters.len() - sent),
            };
            audit::record(tx, &key, &[entry])?;
            Ok(())
        };
        call.app().db.write(write).await?;
        Ok(Answer::redirect(format!("/campaigns/{id}?done=reminded")))
    })
}

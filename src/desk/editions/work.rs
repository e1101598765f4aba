//! The work behind a release: made by a job, so that no page waits for it; done once, or not at all.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::audit;
use crate::cycle::edition::order::{self, Order, OrderId, OrderState};
use crate::cycle::edition::release::{self, Asked, Whose};
use crate::db::Tx;
use crate::error::Error;
use crate::jobs::{self, long};
use crate::web::Site;

/// The kind of the jobs.
const KIND: &str = "long.edition";
/// Attempts before a person has to look.
const ATTEMPTS: i32 = 3;

#[derive(Serialize, Deserialize)]
struct Payload {
    order: OrderId,
}

/// Asks for the release in the transaction that wrote it down.
///
/// # Errors
/// Those of the database.
pub fn ask(tx: &mut Tx<'_>, of: &Order, key: &[u8]) -> Result<(), Error> {
    let payload = serde_json::to_string(&Payload { order: of.id }).map_err(|e| Error::Internal(e.to_string()))?;
    jobs::enqueue(tx, Some(of.region_id.0), KIND, &payload)?;
    let mut entry = audit::Entry::of_server("cycle.edition_ask", "edition_order", Some(of.id.0));
    entry.region = Some(of.region_id.0);
    entry.account = Some(of.account_id);
    entry.on_behalf_of = of.on_behalf_of_id;
    entry.detail = format!("pack={} period={}", of.pack, of.period);
    audit::record(tx, key, &[entry])?;
    Ok(())
}

/// Works for ever: when a page asks, and every two seconds for what another process left behind.
pub async fn run(site: Arc<Site>) {
    loop {
        match one(&site.app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(e) => eprintln!("выпуск не продвинулся: {e}"),
        }
        let _woken = tokio::time::timeout(Duration::from_secs(2), site.releases.notified()).await;
    }
}

/// Does one release; whether there was any.
async fn one(app: &App) -> Result<bool, Error> {
    let Some(taken) = long::take(&app.db, KIND).await? else {
        return Ok(false);
    };
    let id = serde_json::from_str::<Payload>(&taken.payload).map(|p| p.order);
    let found = match id {
        Ok(id) => {
            app.db
                .read(move |c| order::one(c, id, None).map_err(Error::from))
                .await?
        }
        Err(_) => None,
    };
    let Some(of) = found.filter(|o| matches!(o.state, OrderState::Waiting | OrderState::Working)) else {
        let end =
            move |tx: &mut Tx<'_>| long::end(tx, taken.id, Some("такого выпуска никто не ждёт")).map_err(Error::from);
        app.db.write(end).await?;
        return Ok(true);
    };
    if taken.attempt > ATTEMPTS {
        fail(
            app,
            of.id,
            taken.id,
            "подготовка трижды остановила программу; выпуск не сделан",
        )
        .await?;
        return Ok(true);
    }
    let begun = of.id;
    app.db
        .write(move |tx| order::moved(tx, begun, OrderState::Working, None, None).map_err(Error::from))
        .await?;
    let holding = long::hold(&app.db, taken.id);
    let (order, job) = (of.id, taken.id);
    let asked = Asked {
        region: of.region_id,
        pack: of.pack,
        period: of.period,
        title: of.title,
        seen: Some(of.seen_id),
        by: Whose {
            account: Some(of.account_id),
            on_behalf_of: of.on_behalf_of_id,
            name: of.by_name,
        },
        zone_hours: app.config.zone_hours,
    };
    // The edition and its mark are one transaction: it is never lost and never made twice.
    let done = release::release(&app.db, &app.keys.audit, asked, move |tx, edition| {
        order::moved(tx, order, OrderState::Done, Some(edition.id), None)?;
        long::end(tx, job, None)?;
        Ok(())
    })
    .await;
    holding.abort();
    match done {
        Ok(_) => {}
        Err(Error::Busy) => return Err(Error::Busy),
        Err(Error::Internal(cause)) => {
            eprintln!("{{\"edition_order\":\"{order}\",\"error\":{cause:?}}}");
            let said = "ошибка на нашей стороне, она записана: повторите позже, ничего не выпущено";
            fail(app, order, job, said).await?;
        }
        Err(e) => fail(app, order, job, &e.to_string()).await?,
    }
    Ok(true)
}

async fn fail(app: &App, order: OrderId, job: i64, why: &str) -> Result<(), Error> {
    let why = why.to_owned();
    app.db
        .write(move |tx| -> Result<(), Error> {
            order::moved(tx, order, OrderState::Failed, None, Some(&why))?;
            long::end(tx, job, Some(&why))?;
            Ok(())
        })
        .await
}

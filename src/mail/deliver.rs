//! Sending what waits in the outbox: take, send, mark. No transaction stays open while a letter is on its way.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::claim::{self, Claimed, Outcome, Settled, Taken};
use super::smtp::Line;
use super::{message, outage};
use crate::clock::Clock;
use crate::config::MailSettings;
use crate::db::{AnyConn, Db, DbError, Tx};
use crate::error::Error;

/// Between two looks into the outbox.
const EVERY: Duration = Duration::from_secs(5);

/// What a delivery did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Delivered {
    /// The server took them.
    pub sent: usize,
    /// They wait for another attempt.
    pub waiting: usize,
    /// A person has to look at them.
    pub dead: usize,
    /// Their receivers have no address.
    pub no_address: usize,
    /// The server could not be worked with: why.
    pub outage: Option<String>,
}

/// Sends everything that is due, one letter after the other, until `stopped` says so or the server fails.
///
/// # Errors
/// Those of the database.
pub async fn deliver(db: &Db, settings: &MailSettings, stopped: impl Fn() -> bool) -> Result<Delivered, Error> {
    let mut done = Delivered::default();
    let mut line = Line::new(settings);
    let mut last: Option<(Claimed, Outcome)> = None;
    loop {
        let go_on = !stopped() && done.outage.is_none();
        let (settled, taken, aside) = written(db, last.take(), go_on).await?;
        done.no_address += aside;
        match settled {
            Some(Settled::Sent) => done.sent += 1,
            Some(Settled::Waiting) => done.waiting += 1,
            Some(Settled::Dead) => done.dead += 1,
            Some(Settled::NotOurs) | None => {}
        }
        match taken {
            Taken::Nothing => break,
            Taken::More => {}
            Taken::Letter(letter) => {
                let outcome = match message::ready(&letter, settings) {
                    Ok(ready) => line.send(&ready).await,
                    Err(why) => Outcome::Dead(why),
                };
                if let Outcome::Outage(why) = &outcome {
                    done.outage = Some(why.clone());
                }
                last = Some((*letter, outcome));
            }
        }
    }
    line.close().await;
    Ok(done)
}

/// Tries to mark a letter that went, seconds apart: a busy database must not make it go twice.
const MARKS: u32 = 60;

type Stepped = (Option<Settled>, Taken, usize);

/// One step, tried again while it holds a mark.
async fn written(db: &Db, last: Option<(Claimed, Outcome)>, go_on: bool) -> Result<Stepped, Error> {
    let last = Arc::new(last);
    let mut tries = 0;
    loop {
        let held = last.clone();
        match db.write(move |tx| step(tx, held.as_ref().as_ref(), go_on)).await {
            Err(_) if last.is_some() && tries < MARKS => tries += 1,
            done => return done,
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Marks the last letter and takes the next.
fn step(tx: &mut Tx<'_>, last: Option<&(Claimed, Outcome)>, go_on: bool) -> Result<Stepped, Error> {
    let settled = match last {
        Some((letter, outcome)) => Some(claim::settle(tx, letter, outcome)?),
        None => None,
    };
    let (taken, aside) = if go_on { claim::take(tx)? } else { (Taken::Nothing, 0) };
    Ok((settled, taken, aside))
}

/// The same for the background: while the server is out, waits for its time; writes nothing when nothing is due.
///
/// # Errors
/// Those of the database.
pub async fn deliver_in_time(
    db: &Db,
    settings: &MailSettings,
    clock: &dyn Clock,
    stopped: impl Fn() -> bool,
) -> Result<Delivered, Error> {
    let now = crate::clock::to_microseconds(clock.now());
    let due = move |c: &mut AnyConn| -> Result<bool, DbError> {
        let waits = outage::current(c)?.is_some_and(|o| o.again_at > now);
        Ok(!waits && claim::is_due(c, now)?)
    };
    if db.read(due).await? {
        deliver(db, settings, stopped).await
    } else {
        Ok(Delivered::default())
    }
}

/// Delivers until it is told to stop; a letter that is on its way is ended first.
pub async fn run(db: Db, settings: MailSettings, clock: Arc<dyn Clock>, mut stop: watch::Receiver<bool>) {
    let stopping = stop.clone();
    while !*stop.borrow() {
        let done = deliver_in_time(&db, &settings, clock.as_ref(), || *stopping.borrow()).await;
        match done {
            Ok(Delivered { outage: Some(why), .. }) => eprintln!("письма ждут: {why}"),
            Ok(_) => {}
            Err(e) => eprintln!("письма не отправлены: {e}"),
        }
        tokio::select! {
            _told = stop.changed() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

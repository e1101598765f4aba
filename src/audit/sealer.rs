//! The sealer beside a server: each second it numbers and chains what is new.
//!
//! A reader finds where to begin, so that the one writer is not held by rows that are sealed already. Ids tell when they were
//! given, and no transaction lasts a quarter of an hour: what is older is looked at when the server starts and once a day. So a
//! long journal costs no more than a short one. Where writers come one by one, whoever wrote while a look was going on began
//! after the look before it.

use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, TimeDelta};

use crate::app::App;
use crate::audit::{self, Sealed};
use crate::db::{AnyConn, Backend, ids};
use crate::error::Error;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// No transaction lasts so long, minutes: no row will appear whose id is older.
const LONGEST_TRANSACTION: i64 = 15;
/// How far a clock may be set back between two looks, minutes.
const SET_BACK: i64 = 1;
/// After so long the whole journal is looked at, whatever was thought of transactions and clocks.
const WHOLE: Duration = Duration::from_secs(24 * 60 * 60);

/// Seals until it is stopped; what cannot be sealed now is told and tried again.
pub async fn run(app: App) {
    let mut whole: Option<Instant> = None;
    let (mut last, mut before_last): (Option<NaiveDateTime>, Option<NaiveDateTime>) = (None, None);
    let one_writer = matches!(app.db.backend(), Backend::Sqlite(_));
    let mut told = Vec::new();
    loop {
        tokio::time::sleep(PAUSE).await;
        let is_whole = whole.is_none_or(|at| at.elapsed() >= WHOLE);
        let began = app.clock.now();
        let since = if is_whole {
            0
        } else {
            settled(began, before_last.filter(|_| one_writer))
        };
        // Whoever sets the clock back meanwhile is found by the next look.
        let appearing = if one_writer {
            ids::first_since(began)
        } else {
            settled(began, None)
        };
        match seal(&app, since, appearing).await {
            Ok(sealed) => {
                if is_whole {
                    whole = Some(Instant::now());
                }
                (before_last, last) = (last, Some(began));
                // Said once, not each second.
                if sealed.trouble != told {
                    sealed.trouble.iter().for_each(|line| eprintln!("{line}"));
                    told = sealed.trouble;
                }
            }
            Err(e) => eprintln!("журнал не запечатан: {e}"),
        }
    }
}

/// Seals what stands open from the id `since` on, and what appears meanwhile from `appearing` on.
async fn seal(app: &App, since: i64, appearing: i64) -> Result<Sealed, Error> {
    let read = move |c: &mut AnyConn| audit::first_open(c, since).map_err(Error::from);
    let first = app.db.read(read).await?;
    app.seal_from(first.map_or(appearing, |first| first.min(appearing)))
        .await
}

/// The first id of those that may still appear; `seen` is when a look began before which nothing is written any more.
fn settled(now: NaiveDateTime, seen: Option<NaiveDateTime>) -> i64 {
    ids::first_since(match seen {
        Some(seen) => seen.min(now) - TimeDelta::minutes(SET_BACK),
        None => now - TimeDelta::minutes(LONGEST_TRANSACTION),
    })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::db::ids::IdGenerator;

    #[test]
    fn what_a_transaction_may_still_bring_is_looked_at() {
        let now = NaiveDate::from_ymd_opt(2026, 11, 28)
            .unwrap()
            .and_hms_opt(3, 0, 0)
            .unwrap();
        let at = |minutes| IdGenerator::new(0, 0).next(now - TimeDelta::minutes(minutes));
        assert!(settled(now, None) <= at(15) && settled(now, None) > at(16));
        // A look that waited for ten minutes behind a long transaction sees what that one wrote when it began.
        let seen = Some(now - TimeDelta::minutes(10));
        assert!(settled(now, seen) <= at(11) && settled(now, seen) > at(12));
    }
}

//! The sealer beside a server: each second it numbers and chains what is new.
//!
//! Ids tell when they were given, and no transaction lasts a quarter of an hour: what is older is looked at when the server
//! starts and once a day. So a long journal costs no more than a short one. Where writers come one by one, a row that was not
//! there at the last look was given its id after that look began.

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
    let mut last: Option<NaiveDateTime> = None;
    let one_writer = matches!(app.db.backend(), Backend::Sqlite(_));
    let mut told = Vec::new();
    loop {
        tokio::time::sleep(PAUSE).await;
        let is_whole = whole.is_none_or(|at| at.elapsed() >= WHOLE);
        let began = app.clock.now();
        let sealed = if is_whole {
            seal_whole(&app, began).await
        } else {
            app.seal_from(settled(began, last.filter(|_| one_writer))).await
        };
        match sealed {
            Ok(sealed) => {
                if is_whole {
                    whole = Some(Instant::now());
                }
                last = Some(began);
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

/// Looks at the whole journal, whatever its length, without holding the one writer for that time: a reader finds where to begin.
async fn seal_whole(app: &App, began: NaiveDateTime) -> Result<Sealed, Error> {
    let read = |c: &mut AnyConn| audit::first_open(c).map_err(Error::from);
    let first = app.db.read(read).await?;
    let settled = settled(began, None);
    app.seal_from(first.map_or(settled, |first| first.min(settled))).await
}

/// The first id of those that may still appear; `seen` is when the last look began, where writers come one by one.
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

//! The sealer beside a server: each second it numbers and chains what is new.
//!
//! Ids tell when they were given, and no transaction lasts a quarter of an hour: what is older is looked at when the server
//! starts and once a day. So a long journal costs no more than a short one.

use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, TimeDelta};

use crate::app::App;
use crate::db::ids;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// No transaction lasts so long, minutes: no row will appear whose id is older.
const LONGEST_TRANSACTION: i64 = 15;
/// After so long the whole journal is looked at, whatever was thought of transactions and clocks.
const WHOLE: Duration = Duration::from_secs(24 * 60 * 60);

/// Seals until it is stopped; what cannot be sealed now is told and tried again.
pub async fn run(app: App) {
    let mut whole: Option<Instant> = None;
    let mut told = Vec::new();
    loop {
        tokio::time::sleep(PAUSE).await;
        let is_whole = whole.is_none_or(|at| at.elapsed() >= WHOLE);
        let settled = if is_whole { 0 } else { settled(app.clock.now()) };
        match app.seal_from(settled).await {
            Ok(sealed) => {
                if is_whole {
                    whole = Some(Instant::now());
                }
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

/// The first id of those that may still appear.
fn settled(now: NaiveDateTime) -> i64 {
    ids::first_since(now - TimeDelta::minutes(LONGEST_TRANSACTION))
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
        assert!(settled(now) <= at(15) && settled(now) > at(16));
    }
}

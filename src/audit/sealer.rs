//! The sealer beside a server: each second it numbers and chains what is new.
//!
//! Ids are given before their transactions end, so a row may appear below others that are sealed already. What is older
//! than any transaction may be is not looked at again until the next day: a long journal costs no more than a short one.

use std::time::{Duration, Instant};

use crate::app::App;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// No transaction lasts so long: a row that was not there then will not appear below those that were.
const LONGEST_TRANSACTION: Duration = Duration::from_secs(15 * 60);
/// After so long the whole journal is looked at, whatever was thought of transactions.
const WHOLE: Duration = Duration::from_secs(24 * 60 * 60);

/// Up to which id all is settled.
#[derive(Debug)]
struct Settled {
    id: i64,
    /// The newest id of an earlier look, and when that was.
    earlier: Option<(Instant, i64)>,
    whole: Instant,
}

impl Settled {
    fn nothing(now: Instant) -> Self {
        Self {
            id: 0,
            earlier: None,
            whole: now,
        }
    }

    /// A look at all that is not settled found this newest id.
    fn looked(&mut self, now: Instant, newest: i64) {
        if now.duration_since(self.whole) >= WHOLE {
            *self = Self::nothing(now);
        } else if let Some((at, id)) = self.earlier {
            if now.duration_since(at) >= LONGEST_TRANSACTION {
                self.id = id;
                self.earlier = Some((now, newest));
            }
        } else {
            self.earlier = Some((now, newest));
        }
    }
}

/// Seals until it is stopped; what cannot be sealed now is told and tried again.
pub async fn run(app: App) {
    let mut settled = Settled::nothing(Instant::now());
    loop {
        tokio::time::sleep(PAUSE).await;
        match app.seal_after(settled.id).await {
            Ok((_, newest)) => settled.looked(Instant::now(), newest),
            Err(e) => eprintln!("журнал не запечатан: {e}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_a_transaction_is_settled_until_the_whole_is_looked_at() {
        let begun = Instant::now();
        let mut settled = Settled::nothing(begun);
        let mut after = |minutes: u64, newest: i64| {
            settled.looked(begun + Duration::from_secs(minutes * 60), newest);
            settled.id
        };
        assert_eq!(after(0, 100), 0, "rows below 100 may still come");
        assert_eq!(after(14, 900), 0);
        assert_eq!(after(15, 1_000), 100);
        assert_eq!(after(29, 5_000), 100);
        assert_eq!(after(30, 6_000), 1_000);
        assert_eq!(after(24 * 60, 9_000), 0, "once a day all of it");
        assert_eq!(after(24 * 60 + 1, 9_000), 0);
    }
}

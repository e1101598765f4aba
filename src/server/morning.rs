//! The morning beside a server: once a day, after the hour of the letters, days are reminded of and digests made up.

use std::time::Duration;

use chrono::{TimeDelta, Timelike};

use crate::app::App;
use crate::flow::reminding::remind;
use crate::mail::digest::HOUR;

/// How long a server has answered before the first look.
const FIRST: Duration = Duration::from_secs(60);
/// Between two looks.
const PAUSE: Duration = Duration::from_secs(5 * 60);

/// Looks until it is stopped. Several processes may: what one has done, the others find done.
pub(super) async fn run(app: App) {
    let zone = TimeDelta::hours(app.config.zone_hours.into());
    let mut done = None;
    tokio::time::sleep(FIRST).await;
    loop {
        let day = app.clock.today();
        if done != Some(day) && (app.clock.now() + zone).hour() >= HOUR {
            match remind(&app.db, day, zone).await {
                Ok(_) => done = Some(day),
                Err(e) => eprintln!("напоминания не записаны: {e}"),
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

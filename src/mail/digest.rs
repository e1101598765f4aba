//! One letter for all that an account is told between two mornings. A question that was answered meanwhile is not in it.

use std::collections::{BTreeMap, HashSet};

use chrono::{Datelike, Days, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};
use diesel::prelude::*;
use serde_json::json;

use super::choice::{self, DIGEST_KIND, Frequency};
use super::concern::concerns;
use super::notice::{self as told, Notice};
use super::outbox::{self, Letter};
use crate::db::dialect::{self, lock_space};
use crate::db::schema::{account, notice, outbox_mail};
use crate::db::{AnyConn, DbError, Tx};
use crate::pages::text::count;

/// The hour of the region at which a day's letter is made up.
pub const HOUR: u32 = 7;

/// Lines of one letter; the rest is a number.
const MOST: usize = 30;

/// Reminders of the morning itself: they come the same morning, not a day late.
const MADE_NOW: [&str; 2] = ["iom_due", "calendar_due"];

/// What is older than this is no news: whoever had chosen no letters is not told of a whole year at once.
const OLDEST: Duration = Duration::days(21);

/// Until which moments notices come into the letter of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cuts {
    /// The day.
    pub day: NaiveDate,
    /// For whoever reads every day.
    pub daily: NaiveDateTime,
    /// For whoever reads once a week: the morning of the latest Monday.
    pub weekly: NaiveDateTime,
}

impl Cuts {
    /// Those of a day, for a clock that is so far ahead of UTC.
    #[must_use]
    pub fn of(day: NaiveDate, zone: TimeDelta) -> Self {
        let morning = |day: NaiveDate| day.and_time(NaiveTime::MIN) + Duration::hours(HOUR.into()) - zone;
        let since_monday = Days::new(day.weekday().num_days_from_monday().into());
        Self {
            day,
            daily: morning(day),
            weekly: morning(day - since_monday),
        }
    }

    fn is_monday(self) -> bool {
        self.day.weekday() == Weekday::Mon
    }
}

/// The next accounts of a region that may get the letter: they have an address, and something was not told.
///
/// # Errors
/// Those of the database.
pub fn accounts(conn: &mut AnyConn, region: i64, cuts: Cuts, after: i64, most: i64) -> Result<Vec<i64>, DbError> {
    let reached = account::table
        .filter(account::state.eq("active"))
        .filter(account::email.is_not_null())
        .select(account::id);
    Ok(notice::table
        .filter(notice::account_id.eq_any(reached))
        .filter(notice::region_id.eq(region))
        .filter(notice::settled_at.is_null())
        .filter(notice::told_at.is_null())
        .filter(notice::created_at.ge(cuts.weekly - OLDEST))
        .filter(notice::created_at.lt(cuts.daily).or(notice::kind.eq_any(MADE_NOW)))
        .filter(concerns(cuts.day))
        .filter(notice::account_id.gt(after))
        .select(notice::account_id)
        .distinct()
        .order(notice::account_id)
        .limit(most)
        .load(conn)?)
}

/// Writes the letters of a day to these accounts; an account gets one a day, whoever asks for it. Returns how many were
/// written.
///
/// # Errors
/// Those of the database.
pub fn write(tx: &mut Tx<'_>, region: i64, cuts: Cuts, accounts: &[i64]) -> Result<usize, DbError> {
    if accounts.is_empty() {
        return Ok(0);
    }
    dialect::lock(tx.conn(), lock_space::NOTICE, [region])?;
    let day = cuts.day.to_string();
    let written: HashSet<i64> = outbox_mail::table
        .filter(outbox_mail::kind.eq(DIGEST_KIND))
        .filter(outbox_mail::dedup_key.eq(&day))
        .filter(outbox_mail::subject_id.eq_any(accounts))
        .select(outbox_mail::subject_id)
        .load(tx.conn())?
        .into_iter()
        .collect();
    let rows: Vec<Notice> = notice::table
        .filter(notice::account_id.eq_any(accounts))
        .filter(notice::region_id.eq(region))
        .filter(notice::settled_at.is_null())
        .filter(notice::told_at.is_null())
        .filter(notice::created_at.ge(cuts.weekly - OLDEST))
        .filter(notice::created_at.lt(cuts.daily).or(notice::kind.eq_any(MADE_NOW)))
        .filter(concerns(cuts.day))
        .order(notice::id)
        .select(Notice::as_select())
        .load(tx.conn())?;
    let choices = choice::of(tx.conn(), accounts)?;
    let mut by_account: BTreeMap<i64, Vec<Notice>> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| !written.contains(&row.account_id)) {
        let wanted = match choices.of(row.account_id, &row.kind) {
            Frequency::Daily => true,
            Frequency::Weekly => {
                row.created_at < cuts.weekly || cuts.is_monday() && MADE_NOW.contains(&row.kind.as_str())
            }
            Frequency::AtOnce | Frequency::Off => false,
        };
        if wanted {
            by_account.entry(row.account_id).or_default().push(row);
        }
    }
    let letters: Vec<Letter> = by_account
        .iter_mut()
        .map(|(account, rows)| {
            rows.sort_by_key(|row| (!told::is_question(&row.kind), row.due_on, row.id));
            letter(region, *account, &day, rows)
        })
        .collect();
    outbox::queue(tx, &letters)?;
    let ids: Vec<i64> = by_account.values().flatten().map(|row| row.id).collect();
    let now = tx.now();
    for block in ids.chunks(1000) {
        diesel::update(notice::table.filter(notice::id.eq_any(block)))
            .set(notice::told_at.eq(Some(now)))
            .execute(tx.conn())?;
    }
    Ok(letters.len())
}

fn letter(region: i64, account: i64, day: &str, rows: &[Notice]) -> Letter {
    let lines: Vec<[String; 2]> = rows.iter().take(MOST).map(|row| [row.said(), row.place()]).collect();
    let more = rows.len().saturating_sub(MOST);
    let words = |n: usize| {
        count(
            i64::try_from(n).unwrap_or(i64::MAX),
            "уведомление",
            "уведомления",
            "уведомлений",
        )
    };
    let more = if more > 0 {
        format!("И ещё {}. ", words(more))
    } else {
        String::new()
    };
    Letter {
        kind: "notice_digest",
        region: Some(region),
        account,
        subject_id: account,
        dedup_key: day.to_owned(),
        body: json!({ "count": words(rows.len()), "lines": lines, "more": more }),
        address: None,
        link: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_in_the_morning_of_the_region() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
        let at = |d: u32, h| day(d).and_hms_opt(h, 0, 0).unwrap();
        // A Saturday, five hours ahead.
        let cuts = Cuts::of(day(28), TimeDelta::hours(5));
        assert_eq!((cuts.daily, cuts.weekly), (at(28, 2), at(23, 2)));
        let cuts = Cuts::of(day(23), TimeDelta::zero());
        assert_eq!((cuts.daily, cuts.weekly), (at(23, 7), at(23, 7)));
    }
}

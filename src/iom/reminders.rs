//! When a step's last day is spoken of: a week before, on the day, three days after, then each week for four weeks. A
//! date reminds; it never closes anything.

use chrono::{Days, NaiveDate};

/// Days from the last day of a step at which its teacher is reminded.
const MOMENTS: [i64; 7] = [-7, 0, 3, 10, 17, 24, 31];

/// A reminder that could not be given on its day is given so many days later at most: the server was off.
const LATER: u64 = 2;

/// The day for which a step that ends on `due_on` is reminded of today; `None` is nothing to say.
#[must_use]
pub fn moment(due_on: NaiveDate, today: NaiveDate) -> Option<NaiveDate> {
    MOMENTS.iter().find_map(|days| {
        let moment = shifted(due_on, *days)?;
        let passed = u64::try_from((today - moment).num_days()).ok()?;
        (passed <= LATER).then_some(moment)
    })
}

/// The last days of steps that may be reminded of today.
#[must_use]
pub fn due_days(today: NaiveDate) -> Vec<NaiveDate> {
    let of = |days: i64| (0..=LATER).filter_map(move |late| shifted(today, -days)?.checked_sub_days(Days::new(late)));
    MOMENTS.iter().copied().flat_map(of).collect()
}

fn shifted(day: NaiveDate, by: i64) -> Option<NaiveDate> {
    let days = Days::new(by.unsigned_abs());
    if by < 0 {
        day.checked_sub_days(days)
    } else {
        day.checked_add_days(days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_spoken_of_before_on_and_after_and_then_no_more() {
        let due = NaiveDate::from_ymd_opt(2026, 11, 28).unwrap();
        let told: Vec<i64> = (-30..=60)
            .filter(|days| moment(due, shifted(due, *days).unwrap()) == shifted(due, *days))
            .collect();
        assert_eq!(told, MOMENTS);
        // A server that was off for two days catches up, one that was off for three does not.
        for (days, of) in [
            (-6, Some(-7)),
            (-5, Some(-7)),
            (-4, None),
            (2, Some(0)),
            (33, Some(31)),
            (34, None),
        ] {
            let found = moment(due, shifted(due, days).unwrap());
            assert_eq!(found, of.and_then(|of| shifted(due, of)), "{days}");
        }
        for days in -40..=40 {
            let today = shifted(due, days).unwrap();
            assert_eq!(due_days(today).contains(&due), moment(due, today).is_some(), "{days}");
        }
    }
}

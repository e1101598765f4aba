//! Opening a vote, and taking it back before its first voice.

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use super::model::{LEVELS, Vote, VoteId};
use super::store;
use crate::access::by::{self, By};
use crate::activity::Level;
use crate::db::schema::vote as table;
use crate::db::text_keys::search_key;
use crate::db::{DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::units::{self, UnitId, UnitKind};

/// **[TC]** The longest time a vote may go on, days: three months.
const LONGEST: i64 = 92;
/// The earliest year of a title.
const EARLIEST: i32 = 2000;

/// What opens a vote.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Title.
    pub title: String,
    /// The year of the title.
    pub year: i32,
    /// Level of the award.
    pub level: Level,
    /// Whose staff votes and is voted for: a municipality or the region.
    pub unit: UnitId,
    /// First day.
    pub opens: NaiveDate,
    /// Last day.
    pub closes: NaiveDate,
}

impl Opening {
    /// Refuses days out of order and a year that is none: the field of the form, and the refusal.
    #[must_use]
    pub fn refused(&self, today: NaiveDate) -> Option<(&'static str, Refusal)> {
        if !(EARLIEST..=today.year() + 1).contains(&self.year) {
            let refusal = Refusal::new("cycle.vote_year").with("last", today.year() + 1);
            return Some(("year", refusal));
        }
        if self.opens < today {
            return Some(("opens", Refusal::new("cycle.vote_opens_in_the_past")));
        }
        if self.closes < self.opens {
            return Some(("closes", Refusal::new("cycle.vote_closes_before")));
        }
        let long = (self.closes - self.opens).num_days() > LONGEST;
        long.then(|| ("closes", Refusal::new("cycle.vote_too_long")))
    }
}

/// Opens a vote.
///
/// # Errors
/// Days out of order; no such municipality; the level is not that of the unit; such a vote stands already.
pub fn open(tx: &mut Tx<'_>, by: &By, said: &Opening) -> Result<VoteId, Error> {
    let today = tx.today();
    if let Some((_, refusal)) = said.refused(today) {
        return Err(refusal.into());
    }
    let tree = units::store::tree(tx.conn(), today, None)?;
    let missing = || Error::NotFound("единица".into());
    let unit = tree.unit(said.unit).filter(|unit| unit.region_id == by.region);
    let level = match unit.ok_or_else(missing)?.kind {
        UnitKind::Region => Level::Regional,
        UnitKind::Municipality => Level::Municipal,
        _ => return Err(missing()),
    };
    if !LEVELS.contains(&said.level) || said.level != level {
        return Err(Refusal::new("cycle.vote_level").into());
    }
    dialect::lock(tx.conn(), dialect::lock_space::VOTE, [by.region.0])?;
    let key = search_key(&said.title);
    let same = store::all(tx.conn(), by.region)?.into_iter().any(|known| {
        known.withdrawn_at.is_none() && (known.unit_id, known.year, &known.title_key) == (said.unit, said.year, &key)
    });
    if same {
        return Err(Refusal::new("cycle.vote_twice").with("year", said.year).into());
    }
    let row = Vote {
        id: VoteId(tx.id()),
        region_id: by.region,
        unit_id: said.unit,
        title: said.title.clone(),
        title_key: key,
        year: said.year,
        level: said.level,
        opens_on: said.opens,
        closes_on: said.closes,
        version: 1,
        account_id: Some(by.account),
        on_behalf_of_id: by.on_behalf_of,
        recorded_at: tx.now(),
        withdrawn_at: None,
    };
    let id = row.id;
    let detail = format!("year={} unit={}", row.year, row.unit_id);
    insert_many!(tx.conn(), table::table, [row]).map_err(DbError::from)?;
    by.note(tx, "cycle.vote_open", ("vote", id.0), &[], &detail)?;
    Ok(id)
}

/// Takes a vote back that nobody has voted in: whoever opened it was mistaken.
///
/// # Errors
/// No such vote; somebody else opened it; somebody has voted; it was changed meanwhile.
pub fn withdraw(tx: &mut Tx<'_>, by: &By, id: VoteId, seen: i32) -> Result<(), Error> {
    dialect::lock(tx.conn(), dialect::lock_space::VOTE, [id.0])?;
    let of = store::one(tx.conn(), by.region, id)?.ok_or_else(|| Error::NotFound("голосование".into()))?;
    if of.version != seen || of.withdrawn_at.is_some() {
        return Err(by::changed(tx, by, "cycle", "vote", id.0)?);
    }
    if !of.is_of(by.account) && by.on_behalf_of.is_none_or(|account| !of.is_of(account)) {
        return Err(Refusal::new("cycle.vote_of_another").into());
    }
    if store::voters(tx.conn(), by.region, &[id])?.contains_key(&id) {
        return Err(Refusal::new("cycle.vote_begun").into());
    }
    let standing = table::table
        .filter(table::region_id.eq(by.region))
        .filter(table::id.eq(id));
    diesel::update(standing)
        .set((
            table::withdrawn_at.eq(Some(tx.now())),
            table::version.eq(of.version + 1),
        ))
        .execute(tx.conn())?;
    by.note(tx, "cycle.vote_withdraw", ("vote", id.0), &[], "")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vote_begins_no_earlier_than_today_and_does_not_go_on_for_ever() {
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        let today = day("2026-03-10");
        let refused = |opens: &str, closes: &str, year: i32| {
            let said = Opening {
                title: "Т".into(),
                year,
                level: Level::Municipal,
                unit: UnitId(1),
                opens: day(opens),
                closes: day(closes),
            };
            said.refused(today).map(|(field, _)| field)
        };
        assert_eq!(refused("2026-03-10", "2026-03-10", 2026), None);
        assert_eq!(refused("2026-03-10", "2026-06-10", 2027), None);
        assert_eq!(refused("2026-03-10", "2026-06-11", 2026), Some("closes"));
        assert_eq!(refused("2026-03-09", "2026-03-20", 2026), Some("opens"));
        assert_eq!(refused("2026-03-12", "2026-03-11", 2026), Some("closes"));
        assert_eq!(refused("2026-03-12", "2026-03-14", 2028), Some("year"));
        assert_eq!(refused("2026-03-12", "2026-03-14", 26), Some("year"));
    }
}

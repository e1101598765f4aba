//! The award of a title by a vote: records in the register of what people did, made there like any other.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Vote, VoteAward, VoteId};
use super::{results, store};
use crate::access::by::{self, By};
use crate::activity::content::Content;
use crate::activity::{Family, record};
use crate::db::schema::{activity, vote as table, vote_award, vote_voice};
use crate::db::{DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::people::PersonId;
use crate::{insert_many, planted};

/// The kind of the award in the dictionary of kinds.
pub const KIND: &str = "recognition";

/// What the record of an award says.
fn content(of: &Vote, on: NaiveDate) -> Content {
    let year = of.year.to_string();
    Content {
        family: Family::Award,
        kind: KIND.to_owned(),
        level: Some(of.level),
        role: None,
        title: if of.title.contains(&year) {
            of.title.clone()
        } else {
            format!("{}, {year} год", of.title)
        },
        category: None,
        starts_on: on,
        ends_on: None,
        event_id: None,
        body_id: None,
        organiser_id: Some(of.unit_id),
        organiser: None,
        result: None,
        hours_milli: None,
        document: None,
        link: None,
    }
}

/// Awards the title to people whom the results name. It is done once; where all its records were withdrawn since, it is done
/// again. From here on no voice is changed, so nothing is kept that leads a voter to it.
///
/// # Errors
/// No such vote; it goes on; it was changed meanwhile; nobody is chosen; somebody is not named by the results; the day lies before
/// the end of the vote or ahead; the title was awarded; such a record stands already.
pub fn award(
    tx: &mut Tx<'_>,
    by: &By,
    (id, seen): (VoteId, i32),
    persons: &BTreeSet<PersonId>,
    on: NaiveDate,
) -> Result<(), Error> {
    let today = tx.today();
    dialect::lock(tx.conn(), dialect::lock_space::VOTE, [id.0])?;
    let of = store::one(tx.conn(), by.region, id)?.ok_or_else(|| Error::NotFound("голосование".into()))?;
    if of.version != seen || of.withdrawn_at.is_some() {
        return Err(by::changed(tx, by, "cycle", "vote", id.0)?);
    }
    if !of.is_over(today) {
        let day = of.closes_on.format("%d.%m.%Y");
        return Err(Refusal::new("cycle.vote_goes_on").with("day", day).into());
    }
    if !store::awards(tx.conn(), by.region, &[id])?.is_empty() && !planted!("awarded_twice") {
        return Err(Refusal::new("cycle.vote_awarded").into());
    }
    if persons.is_empty() {
        return Err(Refusal::new("activity.nobody_chosen").into());
    }
    let named = results::count(tx.conn(), &of)?.named;
    if !persons.iter().all(|person| named.iter().any(|n| n.person == *person)) {
        return Err(Refusal::new("cycle.vote_not_named").into());
    }
    if on <= of.closes_on || on > today {
        let day = of.closes_on.format("%d.%m.%Y");
        return Err(Refusal::new("cycle.vote_award_day").with("day", day).into());
    }
    let persons: Vec<PersonId> = persons.iter().copied().collect();
    let content = content(&of, on);
    let same: i64 = activity::table
        .filter(activity::region_id.eq(by.region))
        .filter(activity::person_id.eq_any(&persons))
        .filter(activity::family.eq(content.family))
        .filter(activity::kind.eq(KIND))
        .filter(activity::starts_on.eq(on))
        .filter(activity::title_key.eq(content.title_key()))
        .filter(activity::superseded_at.is_null())
        .filter(activity::withdrawn_at.is_null())
        .count()
        .get_result(tx.conn())?;
    if same > 0 {
        return Err(Refusal::new("cycle.vote_award_stands").into());
    }
    let records = record::add_all(tx, by, &persons, &content)?;
    let mut rows = Vec::with_capacity(records.len());
    for record_id in records {
        rows.push(VoteAward {
            id: tx.id(),
            region_id: by.region,
            vote_id: id,
            record_id,
        });
    }
    insert_many!(tx.conn(), vote_award::table, rows).map_err(DbError::from)?;
    let standing = table::table
        .filter(table::region_id.eq(by.region))
        .filter(table::id.eq(id));
    diesel::update(standing)
        .set(table::version.eq(of.version + 1))
        .execute(tx.conn())?;
    let voices = vote_voice::table
        .filter(vote_voice::region_id.eq(by.region))
        .filter(vote_voice::vote_id.eq(id));
    diesel::update(voices)
        .set(vote_voice::tag.eq(None::<String>))
        .execute(tx.conn())?;
    by.note(tx, "cycle.vote_award", ("vote", id.0), &[], "")?;
    Ok(())
}

//! Voting: one voice of each, for a colleague, changed until the last day. A voice is kept apart from its voter: its id is drawn
//! by lot, it has no time, and what leads a voter back to it is a digest under a key that lies outside the database. The
//! journal says that somebody voted.

use diesel::prelude::*;

use super::model::{Voice, VoteId, Voter};
use super::store;
use crate::access::by::By;
use crate::audit;
use crate::cycle::survey::answering::by_lot;
use crate::db::schema::{vote_voice, vote_voter};
use crate::db::{DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::people::PersonId;
use crate::units;
use crate::{insert_many, planted};

/// What a voter finds the own voice by: without the key nobody can tell whose it is.
#[must_use]
pub fn tag(key: &[u8], vote: VoteId, voter: PersonId) -> String {
    if planted!("voice_of_whom") {
        return voter.to_string();
    }
    audit::keyed(key, format!("voice {vote} {voter}").as_bytes())
}

/// Takes the voice of a person for a colleague, or moves it to another one. Returns whether it was moved.
///
/// # Errors
/// No such vote of this person's; it does not take voices today; it is the person; the colleague does not work there; the key
/// is not the one of the first voice.
pub fn cast(tx: &mut Tx<'_>, by: &By, voter: PersonId, id: VoteId, colleague: PersonId) -> Result<bool, Error> {
    let today = tx.today();
    let missing = || Error::NotFound("голосование".into());
    // One at a time: a voice and taking the vote back, two voices of one person.
    dialect::lock(tx.conn(), dialect::lock_space::VOTE, [id.0])?;
    let own = store::own(tx.conn(), (by.region, voter), id, today)?.ok_or_else(missing)?;
    if today < own.of.opens_on {
        let day = own.of.opens_on.format("%d.%m.%Y");
        return Err(Refusal::new("cycle.vote_ahead").with("day", day).into());
    }
    if !own.of.is_open(today) {
        let day = own.of.closes_on.format("%d.%m.%Y");
        return Err(Refusal::new("cycle.vote_shut").with("day", day).into());
    }
    let tree = units::store::tree(tx.conn(), today, None)?;
    let places = store::places(tx.conn(), by.region, voter, today)?;
    if !own.of.holds(&tree, &places) {
        return Err(Refusal::new("cycle.vote_elsewhere").into());
    }
    if colleague == voter && !planted!("own_name_voted") {
        return Err(Refusal::new("cycle.vote_for_oneself").into());
    }
    let places = store::places(tx.conn(), by.region, colleague, today)?;
    if !own.of.holds(&tree, &places) {
        return Err(missing());
    }
    let tag = tag(&by.key, id, voter);
    if own.voted {
        let standing = vote_voice::table
            .filter(vote_voice::region_id.eq(by.region))
            .filter(vote_voice::vote_id.eq(id))
            .filter(vote_voice::tag.eq(&tag));
        let moved = diesel::update(standing)
            .set(vote_voice::person_id.eq(colleague))
            .execute(tx.conn())?;
        if moved != 1 {
            return Err(Refusal::new("cycle.vote_key").into());
        }
        by.note(tx, "cycle.vote_change", ("vote", id.0), &[], "")?;
        return Ok(true);
    }
    let row = Voter {
        id: tx.id(),
        region_id: by.region,
        vote_id: id,
        person_id: voter,
    };
    let voice = Voice {
        id: by_lot()?,
        region_id: by.region,
        vote_id: id,
        person_id: colleague,
        tag: Some(tag),
    };
    insert_many!(tx.conn(), vote_voter::table, [row]).map_err(DbError::from)?;
    insert_many!(tx.conn(), vote_voice::table, [voice]).map_err(DbError::from)?;
    by.note(tx, "cycle.vote_cast", ("vote", id.0), &[], "")?;
    Ok(false)
}

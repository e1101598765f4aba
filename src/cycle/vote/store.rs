//! Reading votes, who has voted, and what was awarded by them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;

use super::model::{Vote, VoteId};
use crate::activity::RecordId;
use crate::db::schema::{activity, employment, person, vote, vote_award, vote_voter};
use crate::db::text_keys::{holding, search_key, words};
use crate::db::{AnyConn, DbError};
use crate::each_db;
use crate::people::PersonId;
use crate::people::store::{worked_on, working};
use crate::units::{self, UnitId};

/// Votes of a region, the latest year and the latest to open first.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, region: UnitId) -> Result<Vec<Vote>, DbError> {
    Ok(vote::table
        .filter(vote::region_id.eq(region))
        .order((vote::year.desc(), vote::opens_on.desc(), vote::id.desc()))
        .select(Vote::as_select())
        .load(conn)?)
}

/// A vote of a region.
///
/// # Errors
/// Those of the database.
pub fn one(conn: &mut AnyConn, region: UnitId, id: VoteId) -> Result<Option<Vote>, DbError> {
    Ok(vote::table
        .filter(vote::region_id.eq(region))
        .filter(vote::id.eq(id))
        .select(Vote::as_select())
        .first(conn)
        .optional()?)
}

/// How many have voted, by vote.
///
/// # Errors
/// Those of the database.
pub fn voters(conn: &mut AnyConn, region: UnitId, votes: &[VoteId]) -> Result<BTreeMap<VoteId, i64>, DbError> {
    let mut found = BTreeMap::new();
    for block in votes.chunks(1000) {
        let rows: Vec<(VoteId, i64)> = vote_voter::table
            .filter(vote_voter::region_id.eq(region))
            .filter(vote_voter::vote_id.eq_any(block))
            .group_by(vote_voter::vote_id)
            .select((vote_voter::vote_id, count_star()))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// In which of the votes of a region a person has voted.
///
/// # Errors
/// Those of the database.
pub fn voted(conn: &mut AnyConn, region: UnitId, person: PersonId) -> Result<BTreeSet<VoteId>, DbError> {
    let rows: Vec<VoteId> = each_db!(conn, c => vote_voter::table
        .filter(vote_voter::region_id.eq(region))
        .filter(vote_voter::person_id.eq(person))
        .select(vote_voter::vote_id)
        .load(c))?;
    Ok(rows.into_iter().collect())
}

/// Where a person works on a day.
///
/// # Errors
/// Those of the database.
pub fn places(conn: &mut AnyConn, region: UnitId, person: PersonId, day: NaiveDate) -> Result<Vec<UnitId>, DbError> {
    Ok(each_db!(conn, c => employment::table
        .filter(employment::region_id.eq(region))
        .filter(employment::person_id.eq(person))
        .filter(worked_on(day))
        .select(employment::organisation_id)
        .load(c))?)
}

/// A vote as it stands for one of its people.
#[derive(Debug, Clone)]
pub struct Own {
    /// The vote.
    pub of: Vote,
    /// Whether the person has voted.
    pub voted: bool,
}

/// The votes that go on today where a person works. Where none goes on, as on most days, nothing more is read.
///
/// # Errors
/// Those of the database.
pub fn waiting(conn: &mut AnyConn, region: UnitId, person: PersonId, today: NaiveDate) -> Result<Vec<Own>, DbError> {
    // Asked by every page of a plan: a statement that stays prepared.
    let open: Vec<Vote> = each_db!(conn, c => vote::table
        .filter(vote::region_id.eq(region))
        .filter(vote::withdrawn_at.is_null())
        .filter(vote::opens_on.le(today))
        .filter(vote::closes_on.ge(today))
        .order((vote::closes_on, vote::id))
        .select(Vote::as_select())
        .load(c))?;
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let places = places(conn, region, person, today)?;
    let tree = units::store::tree(conn, today, None)?;
    let voted = voted(conn, region, person)?;
    let own = open.into_iter().filter(|of| of.holds(&tree, &places));
    Ok(own
        .map(|of| Own {
            voted: voted.contains(&of.id),
            of,
        })
        .collect())
}

/// A vote that is the person's: of where the person works today, or in which the person has voted.
///
/// # Errors
/// Those of the database.
pub fn own(
    conn: &mut AnyConn,
    (region, person): (UnitId, PersonId),
    id: VoteId,
    today: NaiveDate,
) -> Result<Option<Own>, DbError> {
    let Some(of) = one(conn, region, id)?.filter(|of| of.withdrawn_at.is_none()) else {
        return Ok(None);
    };
    let voted = voted(conn, region, person)?.contains(&id);
    let places = places(conn, region, person, today)?;
    let tree = units::store::tree(conn, today, None)?;
    Ok((voted || of.holds(&tree, &places)).then_some(Own { of, voted }))
}

/// Colleagues who work today where a vote is held, by what was typed of their names; so many at most.
///
/// # Errors
/// Those of the database.
pub fn colleagues(
    conn: &mut AnyConn,
    of: &Vote,
    text: &str,
    today: NaiveDate,
    most: i64,
) -> Result<Vec<PersonId>, DbError> {
    let tree = units::store::tree(conn, today, None)?;
    let key = search_key(text);
    let mut query = person::table
        .filter(person::region_id.eq(of.region_id))
        .filter(person::id.eq_any(working(of.region_id, tree.organisations(of.unit_id), today)))
        .select(person::id)
        .order((person::sort_key, person::id))
        .limit(most)
        .into_boxed();
    for word in words(&key) {
        query = query.filter(person::search_key.like(holding(word)).escape('\\'));
    }
    Ok(query.load(conn)?)
}

/// An award that was made by a vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awarded {
    /// The vote.
    pub vote: VoteId,
    /// The record.
    pub record: RecordId,
    /// Who.
    pub person: PersonId,
    /// The day of the award.
    pub on: NaiveDate,
}

/// Awards of votes that stand in the register: those that were withdrawn there are none.
///
/// # Errors
/// Those of the database.
pub fn awards(conn: &mut AnyConn, region: UnitId, votes: &[VoteId]) -> Result<Vec<Awarded>, DbError> {
    let mut found = Vec::new();
    for block in votes.chunks(1000) {
        let rows: Vec<(VoteId, RecordId, PersonId, NaiveDate)> = vote_award::table
            .inner_join(
                activity::table.on(activity::record_id
                    .eq(vote_award::record_id)
                    .and(activity::region_id.eq(vote_award::region_id))),
            )
            .filter(vote_award::region_id.eq(region))
            .filter(vote_award::vote_id.eq_any(block))
            .filter(activity::superseded_at.is_null())
            .filter(activity::withdrawn_at.is_null())
            .order(vote_award::id)
            .select((
                vote_award::vote_id,
                activity::record_id,
                activity::person_id,
                activity::starts_on,
            ))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(vote, record, person, on)| Awarded {
            vote,
            record,
            person,
            on,
        }));
    }
    Ok(found)
}

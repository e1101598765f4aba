//! Votes of the demo: one of the first municipality that is over, with its title awarded; one of the region that goes on.

use std::collections::BTreeSet;

use chrono::{Datelike as _, Days, TimeDelta};
use diesel::prelude::*;

use super::accounts;
use super::people::municipality_code;
use crate::activity::Level;
use crate::app::App;
use crate::cycle::vote::model::{Voice, Voter};
use crate::cycle::vote::opening::{self, Opening};
use crate::cycle::vote::{Vote, VoteId, award, results, store};
use crate::db::schema::{employment, vote, vote_voice, vote_voter};
use crate::db::text_keys::search_key;
use crate::db::{DbError, Tx};
use crate::error::Error;
use crate::insert_many;
use crate::people::PersonId;
use crate::people::store::worked_on;
use crate::units;

/// Who holds the vote of the region.
const KEEPER: &str = "operator";
/// How it is called.
const TITLE: &str = "Признание коллег";
/// How long ago the other one was over, and how long each goes on, days.
const OVER: u64 = 150;
const LONG: u64 = 21;
/// Voices for the first people of the municipality: the second and the third stand on equal places, the last is not named.
const VOICES: [usize; 4] = [14, 8, 8, 3];
/// How many of them are awarded.
const AWARDED: usize = 2;

/// Holds both.
pub(super) async fn hold(app: &App) -> Result<(), Error> {
    let (key, zone) = (app.keys.audit.clone(), TimeDelta::hours(app.config.zone_hours.into()));
    let write = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        let by = accounts::acting(tx, (&key, zone), KEEPER)?;
        let today = tx.today();
        let said = Opening {
            title: TITLE.into(),
            year: today.year(),
            level: Level::Regional,
            unit: by.region,
            opens: today,
            closes: today + Days::new(LONG),
        };
        let now = opening::open(tx, &by, &said)?;
        let of = store::one(tx.conn(), by.region, now)?.ok_or_else(|| Error::NotFound("голосование".into()))?;
        let methodist = accounts::acting(tx, (&key, zone), &accounts::methodist_login(0, 0))?;
        let tree = units::store::tree(tx.conn(), today, None)?;
        let Some(town) = tree.by_code(&municipality_code(0)) else {
            return Ok(());
        };
        let closes = today - Days::new(OVER);
        let past = Vote {
            id: VoteId(tx.id()),
            unit_id: town.id,
            title_key: search_key(TITLE),
            year: closes.year(),
            level: Level::Municipal,
            opens_on: closes - Days::new(LONG),
            closes_on: closes,
            account_id: Some(methodist.account),
            ..of
        };
        insert_many!(tx.conn(), vote::table, [past.clone()]).map_err(DbError::from)?;
        let chosen = voted(tx, &past, &tree)?;
        if chosen.is_empty() {
            return Ok(());
        }
        award::award(tx, &methodist, (past.id, past.version), &chosen, closes + Days::new(2))
    };
    app.db.write(write).await
}

/// Voices of people, the same every time; who is awarded.
fn voted(tx: &mut Tx<'_>, of: &Vote, tree: &units::Tree) -> Result<BTreeSet<PersonId>, Error> {
    let many: usize = VOICES.iter().sum();
    let most = i64::try_from(many + VOICES.len()).unwrap_or(i64::MAX);
    let people: Vec<PersonId> = employment::table
        .filter(employment::region_id.eq(of.region_id))
        .filter(employment::organisation_id.eq_any(tree.organisations(of.unit_id)))
        .filter(worked_on(of.closes_on))
        .order(employment::person_id)
        .select(employment::person_id)
        .distinct()
        .limit(most)
        .load(tx.conn())
        .map_err(DbError::from)?;
    let (named, others) = people.split_at(VOICES.len().min(people.len()));
    let voices = named.iter().zip(VOICES).flat_map(|(person, many)| vec![*person; many]);
    let (mut voters, mut given) = (Vec::new(), Vec::new());
    for (voter, person) in others.iter().zip(voices) {
        voters.push(Voter {
            id: tx.id(),
            region_id: of.region_id,
            vote_id: of.id,
            person_id: *voter,
        });
        given.push(Voice {
            id: tx.id(),
            region_id: of.region_id,
            vote_id: of.id,
            person_id: person,
            tag: None,
        });
    }
    // In a small region few have voted, and few voices name nobody.
    let enough = |person: &&PersonId| {
        let own = given
            .iter()
            .filter(|voice: &&Voice| voice.person_id == **person)
            .count();
        i64::try_from(own).is_ok_and(|own| own >= results::FEWEST)
    };
    let chosen = named.iter().filter(enough).take(AWARDED).copied().collect();
    insert_many!(tx.conn(), vote_voter::table, voters).map_err(DbError::from)?;
    insert_many!(tx.conn(), vote_voice::table, given).map_err(DbError::from)?;
    Ok(chosen)
}

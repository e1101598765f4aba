//! What the voices of a vote come to, counted each time anew: whoever has few of them is not named, equals stand on equal places.

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::model::Vote;
use crate::db::schema::vote_voice;
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;
use crate::planted;

/// **[TC]** Whoever has fewer voices than this is not named.
pub const FEWEST: i64 = 5;

/// Somebody who is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Who.
    pub person: PersonId,
    /// How many voices.
    pub voices: i64,
    /// The first and the last of the places that those with as many voices share.
    pub places: (usize, usize),
}

/// What the voices come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Results {
    /// Those who are named, the most voices first.
    pub named: Vec<Named>,
    /// How many others have voices.
    pub others: i64,
    /// How many voices those have together.
    pub voices_of_others: i64,
}

/// Counts the voices of a vote.
///
/// # Errors
/// Those of the database.
pub fn count(conn: &mut AnyConn, of: &Vote) -> Result<Results, DbError> {
    let rows: Vec<(PersonId, i64)> = vote_voice::table
        .filter(vote_voice::region_id.eq(of.region_id))
        .filter(vote_voice::vote_id.eq(of.id))
        .group_by(vote_voice::person_id)
        .select((vote_voice::person_id, count_star()))
        .load(conn)?;
    Ok(results(rows))
}

fn results(mut rows: Vec<(PersonId, i64)>) -> Results {
    rows.sort_by_key(|(person, voices)| (-voices, *person));
    let told = |(_, voices): &(PersonId, i64)| *voices >= FEWEST || planted!("few_voices_named");
    let others = rows.iter().filter(|row| !told(row)).count();
    let voices_of_others = rows.iter().filter(|row| !told(row)).map(|(_, voices)| voices).sum();
    rows.retain(told);
    let more = |voices: i64| rows.iter().filter(|(_, other)| *other > voices).count();
    let as_many = |voices: i64| rows.iter().filter(|(_, other)| *other == voices).count();
    let named = rows.iter().map(|(person, voices)| Named {
        person: *person,
        voices: *voices,
        places: (more(*voices) + 1, more(*voices) + as_many(*voices)),
    });
    Results {
        named: named.collect(),
        others: i64::try_from(others).unwrap_or(i64::MAX),
        voices_of_others,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_voices_name_nobody_and_equals_share_their_places() {
        let of = |rows: &[(i64, i64)]| results(rows.iter().map(|(p, n)| (PersonId(*p), *n)).collect());
        let found = of(&[(1, 6), (2, 9), (3, 4), (4, 6), (5, 1), (6, 5)]);
        let named: Vec<_> = found.named.iter().map(|n| (n.person.0, n.voices, n.places)).collect();
        assert_eq!(named, [(2, 9, (1, 1)), (1, 6, (2, 3)), (4, 6, (2, 3)), (6, 5, (4, 4))]);
        assert_eq!((found.others, found.voices_of_others), (2, 5));
        assert_eq!(of(&[]), Results::default());
        assert!(of(&[(1, 4)]).named.is_empty());
    }
}

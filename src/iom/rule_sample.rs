//! What other rules would give: drafts of the people of a procedure by the rules in force and by another text, side by side.
//! Nothing is written, and plans that stand are not asked: each is drafted as if it were new.

use std::collections::BTreeMap;

use super::draft::{Draft, DraftItem, draft};
use super::drafting::{self, Ask, Block};
use super::offer;
use super::rules::{InForce, Rules};
use crate::catalogue::ProgrammeId;
use crate::competence::scale;
use crate::db::AnyConn;
use crate::error::Error;
use crate::people::PersonId;
use crate::units::UnitId;

/// So many people are drafted at most: enough to see what changes, and nobody waits for it.
pub const MOST: usize = 1_000;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sample {
    /// People drafted, those without deficits among them.
    pub persons: usize,
    /// Whether there are more than a sample takes.
    pub more: bool,
    /// Steps before and after.
    pub items: (usize, usize),
    /// Deficits without a step before and after.
    pub unmatched: (usize, usize),
    /// Whose plan would be another one.
    pub differ: Vec<Differs>,
}

/// One whose plan would be another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    /// Who.
    pub person: PersonId,
    /// Titles of steps that come.
    pub come: Vec<String>,
    /// Titles of steps that go.
    pub gone: Vec<String>,
    /// Steps of both with another day, volume or duty.
    pub other: usize,
}

/// Drafts a sample of the people of a procedure by both rules.
///
/// # Errors
/// No such procedure or unit.
pub fn sample(conn: &mut AnyConn, ask: &Ask, region: UnitId, after: &Rules) -> Result<Sample, Error> {
    let before = InForce::load(conn)?;
    let (procedure, persons) = drafting::persons(conn, ask)?;
    let places = drafting::places(conn, ask)?;
    let (offer, scales) = (offer::load(conn)?, scale::bands(conn)?);
    let mut found = Sample::default();
    for block in persons.chunks(MOST) {
        let loaded = Block::load(conn, block, procedure, ask.on)?;
        for person in block.iter().filter(|p| loaded.is_meant(**p, places.as_ref())) {
            if found.persons == MOST {
                found.more = true;
                return Ok(found);
            }
            let profile = loaded.profile(*person, &scales, ask.on);
            let posts = loaded.posts(*person);
            let by = |rules: &Rules| draft(&profile, &posts, rules, &offer, ask.on);
            found.add(*person, &by(before.of(region)), &by(after));
        }
    }
    Ok(found)
}

impl Sample {
    fn add(&mut self, person: PersonId, before: &Draft, after: &Draft) {
        self.persons += 1;
        self.items.0 += before.items.len();
        self.items.1 += after.items.len();
        self.unmatched.0 += before.unmatched.len();
        self.unmatched.1 += after.unmatched.len();
        let (was, is) = (by_name(before), by_name(after));
        let only = |of: &BTreeMap<Name<'_>, &DraftItem>, other: &BTreeMap<Name<'_>, &DraftItem>| {
            let titles = of.iter().filter(|(name, _)| !other.contains_key(*name));
            titles.map(|(_, item)| item.title.clone()).collect::<Vec<_>>()
        };
        let other = was.iter().filter(|(name, item)| {
            let same = |i: &&DraftItem| (i.due_on, i.hours, i.mandatory) == (item.due_on, item.hours, item.mandatory);
            is.get(*name).is_some_and(|now| !same(now))
        });
        let differs = Differs {
            person,
            come: only(&is, &was),
            gone: only(&was, &is),
            other: other.count(),
        };
        if !differs.come.is_empty() || !differs.gone.is_empty() || differs.other > 0 {
            self.differ.push(differs);
        }
    }
}

/// What makes two steps the same: the programme, or what is to be done.
type Name<'a> = (Option<ProgrammeId>, &'a str);

fn by_name(of: &Draft) -> BTreeMap<Name<'_>, &DraftItem> {
    of.items
        .iter()
        .map(|item| ((item.programme, item.title.as_str()), item))
        .collect()
}

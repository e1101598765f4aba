//! What other rules would give: drafts of the people of a procedure by the rules in force and by another text, side by side.
//! Nothing is written, and plans that stand are not asked: each is drafted as if it were new.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::draft::{Draft, DraftItem, draft, ends_on};
use super::drafting::{self, Ask, Block};
use super::model::{EducationForm, ItemLevel};
use super::offer::{self, Offer};
use super::rules::{self, Rules};
use crate::catalogue::ProgrammeId;
use crate::competence::scale;
use crate::db::AnyConn;
use crate::error::Error;
use crate::people::PersonId;
use crate::planted;
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
    /// Of those drafted, people with deficits: nobody else gets a plan.
    pub plans: usize,
    /// Steps before and after.
    pub items: (usize, usize),
    /// Their hours before and after.
    pub hours: (i64, i64),
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
    /// The last day of the plan before and after, where it is another one.
    pub ends: Option<(NaiveDate, NaiveDate)>,
    /// Titles of steps that come.
    pub come: Vec<String>,
    /// Titles of steps that go.
    pub gone: Vec<String>,
    /// Steps of both that would be otherwise.
    pub steps: Vec<Step>,
    /// Whether the steps of both stand in another order.
    pub order: bool,
}

impl Differs {
    /// Whether some step of both would be otherwise in such a thing.
    #[must_use]
    pub fn has(&self, of: fn(&Change) -> bool) -> bool {
        self.steps.iter().flat_map(|step| &step.changes).any(of)
    }

    fn is_nothing(&self) -> bool {
        let none = self.come.is_empty() && self.gone.is_empty() && self.steps.is_empty();
        none && self.ends.is_none() && !self.order
    }
}

/// A step of both drafts that would be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its title.
    pub title: String,
    /// In what.
    pub changes: Vec<Change>,
}

/// What of a step would be otherwise: as it is, then as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Its last day.
    Due(NaiveDate, NaiveDate),
    /// Its volume.
    Hours(i32, i32),
    /// Its duty: whether the plan could not be completed without it.
    Mandatory(bool),
    /// The kind of learning.
    Form(EducationForm, EducationForm),
    /// Where it is held.
    Level(Option<ItemLevel>, Option<ItemLevel>),
    /// The competence of the deficit that it is for.
    Deficit(String, String),
    /// The words of «Почему здесь».
    Why(String, String),
}

/// Drafts a sample of the people of a procedure by both rules.
///
/// # Errors
/// No such procedure or unit.
pub fn sample(conn: &mut AnyConn, ask: &Ask, region: UnitId, after: &Rules) -> Result<Sample, Error> {
    // Rules that this program cannot read any more draft nobody: others are tried against those of the program then.
    let before = match rules::in_force(conn, region)? {
        Some(rules) => rules,
        None => Arc::new(rules::of_program()?),
    };
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
            let was = Made::new(by(&before), &before, ask.on);
            let is = Made::new(by(after), after, ask.on);
            found.add(*person, &was, &is, &offer);
        }
    }
    Ok(found)
}

impl Sample {
    fn add(&mut self, person: PersonId, before: &Made<'_>, after: &Made<'_>, offer: &Offer) {
        self.persons += 1;
        // The same results make the same deficits, whatever the rules; without any there is no plan to differ.
        if before.draft.deficits.is_empty() {
            return;
        }
        self.plans += 1;
        self.items.0 += before.draft.items.len();
        self.items.1 += after.draft.items.len();
        self.hours.0 += before.hours();
        self.hours.1 += after.hours();
        self.unmatched.0 += before.draft.unmatched.len();
        self.unmatched.1 += after.draft.unmatched.len();
        let differs = differs(person, before, after, offer);
        if !differs.is_nothing() {
            self.differ.push(differs);
        }
    }
}

/// What makes two steps the same: the programme, or what is to be done for which deficit; and which of several it is.
type Name<'a> = ((Option<ProgrammeId>, &'a str, usize), usize);

/// A draft with the rules that made it.
struct Made<'a> {
    draft: Draft,
    rules: &'a Rules,
    ends_on: Option<NaiveDate>,
}

impl<'a> Made<'a> {
    fn new(draft: Draft, rules: &'a Rules, starts_on: NaiveDate) -> Self {
        Self {
            ends_on: ends_on(&draft, rules, starts_on),
            draft,
            rules,
        }
    }

    fn hours(&self) -> i64 {
        self.draft.items.iter().map(|item| i64::from(item.hours)).sum()
    }

    /// The steps in the order of the plan.
    fn steps(&self) -> Vec<(Name<'_>, &DraftItem)> {
        let mut times: BTreeMap<(Option<ProgrammeId>, &str, usize), usize> = BTreeMap::new();
        let mut steps: Vec<(Name<'_>, &DraftItem)> = Vec::with_capacity(self.draft.items.len());
        for item in &self.draft.items {
            // A programme stands in a plan once, whichever of its deficits it was chosen for.
            let deficit = if item.programme.is_some() { 0 } else { item.deficit };
            let name = (item.programme, item.title.as_str(), deficit);
            let nth = times.entry(name).or_default();
            steps.push(((name, *nth), item));
            *nth += 1;
        }
        steps
    }

    /// The competence of the deficit that a step is for.
    fn competence(&self, item: &DraftItem, offer: &Offer) -> String {
        let deficit = self.draft.deficits.get(item.deficit);
        let competence = deficit.and_then(|d| offer.competences.get(&d.standing.measured.competence));
        competence.map(|c| c.name.clone()).unwrap_or_default()
    }

    /// The reason that its rule gives.
    fn why(&self, item: &DraftItem) -> &str {
        let rule = self.rules.rule.iter().find(|rule| rule.code == item.rule);
        rule.map_or("", |rule| rule.why.as_str())
    }
}

fn differs(person: PersonId, before: &Made<'_>, after: &Made<'_>, offer: &Offer) -> Differs {
    let (was, is) = (before.steps(), after.steps());
    let had: BTreeMap<Name<'_>, &DraftItem> = was.iter().copied().collect();
    let has: BTreeMap<Name<'_>, &DraftItem> = is.iter().copied().collect();
    let stay = was.iter().filter(|(name, _)| has.contains_key(name));
    let steps = stay.clone().filter_map(|&(name, item)| {
        let now: &DraftItem = has.get(&name)?;
        let changes = changes((before, item), (after, now), offer);
        (!changes.is_empty()).then(|| Step {
            title: item.title.clone(),
            changes,
        })
    });
    let stayed = is.iter().filter(|(name, _)| had.contains_key(name));
    let come = is.iter().filter(|(name, _)| !had.contains_key(name));
    let gone = was.iter().filter(|(name, _)| !has.contains_key(name));
    let ends = before.ends_on.zip(after.ends_on);
    Differs {
        person,
        ends: ends.filter(|(was, is)| was != is && !planted!("period_left_out")),
        come: come.map(|(_, item)| item.title.clone()).collect(),
        gone: gone.map(|(_, item)| item.title.clone()).collect(),
        steps: steps.collect(),
        order: stay.map(|(name, _)| name).ne(stayed.map(|(name, _)| name)),
    }
}

/// In what a step of one draft is otherwise in another.
fn changes((before, was): (&Made<'_>, &DraftItem), (after, is): (&Made<'_>, &DraftItem), offer: &Offer) -> Vec<Change> {
    // Taken apart as a whole: whatever else a draft says of a step has to be compared here.
    let DraftItem {
        title: _,
        programme: _,
        topics: _,
        education_form,
        level,
        mandatory,
        hours,
        due_on,
        rule: _,
        deficit: _,
    } = was;
    let (deficit, other) = (before.competence(was, offer), after.competence(is, offer));
    let (why, because) = (before.why(was), after.why(is));
    let found = [
        (*due_on != is.due_on).then_some(Change::Due(*due_on, is.due_on)),
        (*hours != is.hours).then_some(Change::Hours(*hours, is.hours)),
        (*mandatory != is.mandatory).then_some(Change::Mandatory(is.mandatory)),
        (*education_form != is.education_form).then_some(Change::Form(*education_form, is.education_form)),
        (*level != is.level).then_some(Change::Level(*level, is.level)),
        (deficit != other).then_some(Change::Deficit(deficit, other)),
        (why != because).then(|| Change::Why(why.to_owned(), because.to_owned())),
    ];
    found.into_iter().flatten().collect()
}

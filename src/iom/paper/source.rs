//! What papers are made of.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::PaperBlock;
use crate::db::milli::Milli;
use crate::iom::correction::Row;
use crate::iom::model::{DeficitId, DeficitOutcome, Goal, Iom, Item, ItemId, ItemState, SupporterKind};
use crate::iom::rounds::Round;
use crate::pages::text::date;

/// A plan with what its papers say.
#[derive(Debug, Clone)]
pub struct Source {
    /// The plan.
    pub plan: Iom,
    /// The day of the revision in force.
    pub revised_on: Option<NaiveDate>,
    /// Whose.
    pub about: About,
    /// Deficits, the heaviest first.
    pub deficits: Vec<Known>,
    /// Goals that stand.
    pub goals: Vec<Goal>,
    /// Steps by number.
    pub items: Vec<Item>,
    /// Steps that are done.
    pub done: HashMap<ItemId, Done>,
    /// What was handed in.
    pub told: HashMap<ItemId, Told>,
    /// Supporters in force.
    pub supporters: Vec<(SupporterKind, String)>,
    /// Revisions after the first one, oldest first.
    pub changes: Vec<Changed>,
    /// Closings that were taken back, oldest first.
    pub rounds: Vec<Round>,
    /// Post and name of whoever approves.
    pub approves: Option<(String, String)>,
    /// Post and name of whoever agrees; `None` is the curator.
    pub agrees: Option<(String, String)>,
    /// What is printed.
    pub blocks: BTreeSet<PaperBlock>,
    /// Whether scores are told: only in the copies of the teacher and of whoever accompanies the plan.
    pub scores: bool,
    /// Whether levels are told: not in the copies of whoever composed the plan.
    pub levels: bool,
}

/// The person of a plan.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Фамилия Имя Отчество.
    pub name: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Organisations.
    pub places: Vec<String>,
    /// Municipalities of the organisations.
    pub municipalities: Vec<String>,
    /// Posts.
    pub positions: Vec<String>,
    /// Subjects.
    pub subjects: Vec<String>,
    /// Education, as written.
    pub education: Vec<String>,
    /// Category, as written.
    pub category: Vec<String>,
    /// First day of teaching.
    pub teaching_since: Option<NaiveDate>,
}

/// A result of a competence.
#[derive(Debug, Clone)]
pub struct Score {
    /// Score.
    pub raw: Milli,
    /// The most that could be scored.
    pub max: Milli,
    /// Label of the level.
    pub level: String,
    /// The day.
    pub on: Option<NaiveDate>,
}

impl Score {
    /// «12,5 из 20, 62 %»: in whole per cent, down, as on the pages.
    #[must_use]
    pub fn points(&self) -> String {
        let plain = |n: Milli| n.to_string().replace('.', ",");
        let percent = i64::from(self.raw.0) * 100 / i64::from(self.max.0.max(1));
        format!("{} из {}, {percent}\u{A0}%", plain(self.raw), plain(self.max))
    }

    /// The level with its day, and the score where it may be told.
    #[must_use]
    pub fn said(&self, scores: bool) -> String {
        let on = self.on.map(date);
        let points = scores.then(|| self.points());
        let parts = [Some(self.level.clone()), points, on];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }
}

/// A deficit of a plan.
#[derive(Debug, Clone)]
pub struct Known {
    /// Id.
    pub id: DeficitId,
    /// Code of the competence.
    pub code: String,
    /// Group of the competence.
    pub group: String,
    /// Name of the competence.
    pub name: String,
    /// Name of the procedure.
    pub procedure: String,
    /// As it stood when the plan was drafted.
    pub was: Score,
    /// The latest result after that.
    pub now: Option<Score>,
    /// What came of it; what had come of it by a closing that was taken back is told there.
    pub outcome: Option<DeficitOutcome>,
}

/// The mark of a step.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// Who marked it; empty is a command on the server.
    pub by: String,
    /// The document that closed it.
    pub document: Option<Proof>,
}

/// The document that closed a step: one number of a person is one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Number.
    pub number: String,
    /// The day of issue; empty where a file named a number alone.
    pub issued_on: Option<NaiveDate>,
}

impl Proof {
    /// «Документ № 5 от 01.02.2022».
    #[must_use]
    pub fn said(&self) -> String {
        let on = self
            .issued_on
            .map_or_else(String::new, |on| format!(" от {}", date(on)));
        format!("документ №\u{A0}{}{on}", self.number)
    }
}

/// What a teacher handed in with a step.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The day.
    pub on: Option<NaiveDate>,
    /// Words.
    pub words: String,
    /// Names of files.
    pub files: Vec<String>,
}

/// A revision and what it changed.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Number.
    pub number: i32,
    /// The day.
    pub on: NaiveDate,
    /// Basis and reason.
    pub why: String,
    /// Who made it; empty is a command on the server.
    pub by: String,
    /// When the teacher read it.
    pub read_on: Option<NaiveDate>,
    /// What differs from the one before.
    pub rows: Vec<Row>,
}

impl Source {
    /// Steps that are part of the plan.
    pub fn steps(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.state != ItemState::Cancelled)
    }

    /// The document that closed a step, while the step is done.
    #[must_use]
    pub fn proof(&self, item: &Item) -> Option<&Proof> {
        let done = self.done.get(&item.id).filter(|_| item.state.is_settled());
        done.and_then(|done| done.document.as_ref())
    }

    /// «Зачтён 16.02.2023, Ирина Петрова, документ № 5 от 01.02.2023»; empty while it is not done.
    #[must_use]
    pub fn mark(&self, item: &Item) -> String {
        if !item.state.is_settled() {
            return String::new();
        }
        let done = self.done.get(&item.id);
        let parts = [
            Some(item.state.label().to_owned()),
            item.settled_on.map(date),
            done.map(|done| done.by.clone()),
            self.proof(item).map(Proof::said),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }
}

//! The path of a plan: milestones, the next step, stages, what has happened.

use std::cmp::Ordering;

use serde::Serialize;

use super::sign::{Button, Chip, Link};
use crate::pages::text::count;

/// Where a milestone of the path stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Passed.
    Done,
    /// The person stands here.
    Now,
    /// Waits for someone else.
    Wait,
    /// Ahead.
    Plan,
}

/// A milestone of the path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Milestone {
    /// Where it stands.
    pub mark: Mark,
    /// Whether it is where the person stands now.
    pub now: bool,
    /// The same in a word, for those who do not see the mark.
    pub said: &'static str,
    /// What it is.
    pub name: String,
    /// Place, form, hours, date.
    pub meta: String,
    /// State.
    pub chip: Option<Chip>,
    /// «Почему здесь».
    pub why: Option<String>,
    /// Files handed in.
    pub files: Vec<Link>,
    /// Id, where other pages point at it.
    pub id: String,
    /// The form that takes it back, while it waits.
    pub back: Option<TakeBack>,
}

impl Milestone {
    /// A milestone without a chip and without a reason.
    #[must_use]
    pub fn new(mark: Mark, name: impl Into<String>, meta: impl Into<String>) -> Self {
        let said = match mark {
            Mark::Done => "выполнено",
            Mark::Now => "сейчас",
            Mark::Wait => "на проверке",
            Mark::Plan => "впереди",
        };
        Self {
            mark,
            now: mark == Mark::Now,
            said,
            name: name.into(),
            meta: meta.into(),
            chip: None,
            why: None,
            files: Vec::new(),
            id: String::new(),
            back: None,
        }
    }

    /// As what other pages point at.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// With a chip.
    #[must_use]
    pub fn chip(mut self, chip: Chip) -> Self {
        self.chip = Some(chip);
        self
    }

    /// With files handed in.
    #[must_use]
    pub fn files(mut self, files: Vec<Link>) -> Self {
        self.files = files;
        self
    }

    /// With a reason.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }
}

/// A step that was sent and may be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TakeBack {
    /// The token of the form.
    pub token: String,
    /// Number of the item.
    pub item: String,
    /// The version of the item.
    pub seen: i32,
}

/// The next step: what is wanted, by when, and one button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// Line above: «Следующий шаг · до 28 февраля, осталось 6 дней».
    pub kicker: String,
    /// What to do.
    pub title: String,
    /// What is wanted, in one line.
    pub text: String,
    /// The button.
    pub button: Option<Button>,
}

/// A stage of a progress tracker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Name.
    pub name: String,
    /// Where it stands in a word, for those who do not see the mark.
    pub said: &'static str,
    /// Passed.
    pub done: bool,
    /// Current.
    pub now: bool,
}

impl Stage {
    /// The stages of a fixed row of names, of which `now` is current (from 0; past the end: all are passed).
    #[must_use]
    pub fn row(names: &[&'static str], now: usize) -> Vec<Self> {
        let one = |(i, name): (usize, &&'static str)| match i.cmp(&now) {
            Ordering::Less => Self::passed(*name),
            Ordering::Equal => Self {
                now: true,
                ..Self::ahead(*name, "сейчас")
            },
            Ordering::Greater => Self::ahead(*name, "не начато"),
        };
        names.iter().enumerate().map(one).collect()
    }

    /// One that is passed.
    #[must_use]
    pub fn passed(name: impl Into<String>) -> Self {
        Self {
            done: true,
            ..Self::ahead(name, "выполнено")
        }
    }

    /// One that is not passed, with where it stands.
    #[must_use]
    pub fn ahead(name: impl Into<String>, said: &'static str) -> Self {
        Self {
            name: name.into(),
            said,
            done: false,
            now: false,
        }
    }
}

/// A row of a task list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Begins with a verb.
    pub name: String,
    /// One line more.
    pub hint: Option<String>,
    /// Where it is done; `None` when it cannot be begun yet.
    pub href: Option<String>,
    /// State; `None` is «Выполнено», in plain words so that open work stands out.
    pub chip: Option<Chip>,
}

/// A moment of a timeline, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// What happened.
    pub title: String,
    /// When, as written.
    pub when: String,
    /// Who; «система» is one of them.
    pub who: String,
    /// A line more.
    pub text: Option<String>,
}

/// A timeline: the latest moments stand open, the rest is folded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// Moments, newest first.
    pub latest: Vec<Moment>,
    /// Those before.
    pub earlier: Vec<Moment>,
    /// «Показать ещё 14 записей».
    pub folded: String,
}

impl Timeline {
    /// A timeline of moments, newest first.
    #[must_use]
    pub fn new(mut latest: Vec<Moment>) -> Self {
        let earlier = latest.split_off(latest.len().min(8));
        let rest = i64::try_from(earlier.len()).unwrap_or(i64::MAX);
        Self {
            folded: format!("Показать ещё {}", count(rest, "запись", "записи", "записей")),
            latest,
            earlier,
        }
    }
}

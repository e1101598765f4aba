//! What a page tells: facts, figures, people near, that there is nothing.

use serde::Serialize;

use super::sign::{Chip, Link};

/// A row of a summary list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What.
    pub name: String,
    /// Value; empty shows the action alone.
    pub value: String,
    /// Where it is changed.
    pub change: Option<Change>,
}

/// A link that changes a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// «Изменить».
    pub text: &'static str,
    /// What exactly, for those who hear the link alone: «фамилию».
    pub object: &'static str,
    /// Address.
    pub href: String,
}

/// Someone near: a supporter of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Near {
    /// Name.
    pub name: String,
    /// As what.
    pub kind: String,
    /// Mail address, where it is known.
    pub mail: Option<String>,
}

/// A share with its bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Meter {
    /// What.
    pub name: String,
    /// «48 %».
    pub shown: String,
    /// 0 to 100, for the bar.
    pub percent: i64,
    /// State.
    pub chip: Chip,
}

/// A figure with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// «3 859».
    pub shown: String,
    /// Words below.
    pub label: String,
    /// Its people.
    pub href: Option<String>,
    /// By which definition it is counted.
    pub note: Option<String>,
}

/// Nothing to show: why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Empty {
    /// Why.
    pub title: String,
    /// What to expect.
    pub text: String,
    /// What to do.
    pub action: Option<Link>,
}

impl Empty {
    /// Without an action.
    #[must_use]
    pub fn new(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            text: text.into(),
            action: None,
        }
    }
}

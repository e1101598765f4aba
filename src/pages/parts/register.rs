//! Lists: a table that becomes cards on a phone, its filters and pages.

use serde::Serialize;

use super::sign::{Chip, Link};
use crate::pages::text::NOTHING;

/// A column of a register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Head.
    pub label: &'static str,
    /// Figures stand at the right.
    pub right: bool,
    /// Sentences, however short: a phone sets them below the head.
    #[serde(skip)]
    pub long: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub const fn words(label: &'static str) -> Self {
        Self {
            label,
            right: false,
            long: false,
        }
    }

    /// A column of sentences.
    #[must_use]
    pub const fn sentences(label: &'static str) -> Self {
        Self {
            label,
            right: false,
            long: true,
        }
    }

    /// A column of figures.
    #[must_use]
    pub const fn figures(label: &'static str) -> Self {
        Self {
            label,
            right: true,
            long: false,
        }
    }
}

/// A cell of a register.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Head of its column, shown beside it on a phone.
    pub label: &'static str,
    /// Figures stand at the right.
    pub right: bool,
    /// Words.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// A state in its place.
    pub chip: Option<Chip>,
    /// Words that are not there: a phone leaves the line out.
    pub blank: bool,
    /// Words that are sentences: a phone sets them below the head of their column.
    pub long: bool,
}

impl Cell {
    /// Words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A link.
    #[must_use]
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: Some(href.into()),
            ..Self::default()
        }
    }

    /// A state.
    #[must_use]
    pub fn chip(chip: Chip) -> Self {
        Self {
            chip: Some(chip),
            ..Self::default()
        }
    }
}

/// Letters from which words do not stand beside the head of their column on a phone.
const LONG: usize = 80;

/// A register: a table that becomes cards on a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Register {
    /// Said to those who do not see the table.
    pub caption: String,
    /// Heads.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Vec<Cell>>,
}

impl Register {
    /// A register; each cell takes the head and the side of its column.
    #[must_use]
    pub fn new(caption: impl Into<String>, columns: &[Column], rows: Vec<Vec<Cell>>) -> Self {
        let dress = |row: Vec<Cell>| -> Vec<Cell> {
            let cells = row.into_iter().zip(columns);
            cells
                .map(|(cell, column)| Cell {
                    label: column.label,
                    right: column.right,
                    long: column.long || (!column.right && cell.text.chars().count() > LONG),
                    blank: !column.right && cell.chip.is_none() && (cell.text.is_empty() || cell.text == NOTHING),
                    ..cell
                })
                .collect()
        };
        Self {
            caption: caption.into(),
            columns: columns.to_vec(),
            rows: rows.into_iter().map(dress).collect(),
        }
    }
}

/// A choice of a select.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Sent.
    pub value: String,
    /// Shown.
    pub label: String,
    /// Chosen now.
    pub chosen: bool,
}

impl Choice {
    /// A choice; `chosen` is the value that is chosen now.
    #[must_use]
    pub fn new(value: &str, label: impl Into<String>, chosen: &str) -> Self {
        Self {
            value: value.to_owned(),
            label: label.into(),
            chosen: value == chosen,
        }
    }
}

/// A filter of a list: a select, or a search field when it has no choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// Name in the address.
    pub name: &'static str,
    /// Label.
    pub label: &'static str,
    /// Choices.
    pub choices: Vec<Choice>,
    /// What is typed.
    pub value: String,
}

impl Filter {
    /// A select.
    #[must_use]
    pub fn select(name: &'static str, label: &'static str, choices: Vec<Choice>) -> Self {
        Self {
            name,
            label,
            choices,
            value: String::new(),
        }
    }
}

/// The filters of a list, what is chosen, how many were found, and the pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filters {
    /// Address of the list.
    pub action: String,
    /// Filters.
    pub filters: Vec<Filter>,
    /// Chosen ones; each leads to the list without it.
    pub chosen: Vec<Link>,
    /// «Найдено 1 248 педагогов».
    pub found: String,
    /// What was typed and could not be read, as sentences.
    pub unread: Vec<String>,
    /// Address of the list as a file, where there is one.
    pub file: Option<String>,
    /// What else can be done with the list.
    pub beside: Vec<Link>,
}

impl Filters {
    /// What is chosen, in one line of words; empty when nothing is.
    #[must_use]
    pub fn in_words(&self) -> String {
        let words: Vec<&str> = self.chosen.iter().map(|link| link.text.as_str()).collect();
        words.join("; ")
    }
}

/// Pages of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paging {
    /// «Страница 2 из 50».
    pub place: String,
    /// Address of the page before.
    pub before: Option<String>,
    /// Address of the page after.
    pub after: Option<String>,
}

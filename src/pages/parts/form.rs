//! Forms: fields with what was typed and what is wrong.

use serde::Serialize;

use super::register::Choice;

/// What is wrong in a field: the same words in the summary and at the field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Name of the field.
    pub field: &'static str,
    /// What is wrong and what to do.
    pub text: String,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Name and id.
    pub name: &'static str,
    /// Label.
    pub label: &'static str,
    /// How to fill it.
    pub hint: Option<&'static str>,
    /// What was typed: it stays.
    pub value: String,
    /// What is wrong.
    pub problem: Option<String>,
    /// `text`, `date`, `textarea`.
    pub long: bool,
}

/// A field that is chosen from a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Select {
    /// Name and id.
    pub name: String,
    /// Label.
    pub label: String,
    /// How to choose.
    pub hint: Option<String>,
    /// Choices.
    pub choices: Vec<Choice>,
    /// What is wrong.
    pub problem: Option<String>,
}

/// A field for a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileField {
    /// Name and id.
    pub name: &'static str,
    /// Label.
    pub label: &'static str,
    /// Which files.
    pub hint: &'static str,
    /// What the browser offers: media types and endings.
    pub accept: &'static str,
    /// What is wrong.
    pub problem: Option<String>,
}

/// A step handed in: a file and a line of text, one button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HandIn {
    /// Which step, when it is not the next one.
    pub title: Option<String>,
    /// Number of the item.
    pub item: String,
    /// The version of the item.
    pub seen: i32,
    /// The token of the form.
    pub token: String,
    /// The file.
    pub file: FileField,
    /// The line.
    pub note: Field,
    /// Words of the button.
    pub button: &'static str,
}

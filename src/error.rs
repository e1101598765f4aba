//! Which error type goes where.
//!
//! - [`crate::db::DbError`]: the database itself; stores and hooks return it.
//! - [`Refusal`]: a rule said no. A code with arguments; its Russian sentence stands in [`crate::messages`]. Use cases
//!   return their own small enum or a `Refusal`, never a sentence.
//! - [`Error`]: the edge (command line, later HTTP). Everything becomes one of its eight kinds there; what is unknown is
//!   `Internal`, logged with its place, its cause not shown.

use crate::db::DbError;
use crate::messages;

/// A rule refused the act: a code of the messages table and what stands in its gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code in [`crate::messages`].
    pub code: &'static str,
    /// Values for the gaps `{name}` of the sentence.
    pub values: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A refusal without values.
    #[must_use]
    pub fn new(code: &'static str) -> Self {
        Self {
            code,
            values: Vec::new(),
        }
    }

    /// Adds a value for a gap of the sentence.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.values.push((name, value.to_string()));
        self
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&messages::sentence(self))
    }
}

/// What the edge answers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The object does not exist or lies outside the scope: the two are never told apart.
    #[error("не найдено: {0}")]
    NotFound(String),
    /// The capability is missing.
    #[error("недостаточно прав: {0}")]
    Forbidden(String),
    /// The input is wrong; the text says what to do.
    #[error("{0}")]
    Invalid(String),
    /// A rule refused.
    #[error("{0}")]
    Refused(Refusal),
    /// Someone else changed the object meanwhile.
    #[error("запись изменена другим пользователем; откройте её заново")]
    Conflict,
    /// The same, where it is known what changed: who, when, what, as sentences.
    #[error("{0}")]
    Changed(String),
    /// No connection became free in time: try again in a moment.
    #[error("сервер занят, повторите через несколько секунд")]
    Busy,
    /// Anything else: logged, not shown to people on a page; the command line prints it.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// A form or an address that no page of ours sends: told so, and nothing of it is done.
    #[must_use]
    pub fn form_changed() -> Self {
        Self::Invalid("Адрес или форма изменены: откройте страницу заново.".into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<DbError> for Error {
    fn from(e: DbError) -> Self {
        match e {
            DbError::Busy => Self::Busy,
            e if e.is_held() => Self::Busy,
            e if e.is_unique_violation() => Self::Conflict,
            e => Self::Internal(e.to_string()),
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(e: diesel::result::Error) -> Self {
        DbError::from(e).into()
    }
}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        Self::Internal(e.to_string())
    }
}

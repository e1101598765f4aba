//! How far a reader sees. Every store takes a [`Scope`]; there is no unscoped find.

use crate::db::types::codes;

/// The raw ids that a scope lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// The whole installation: commands of the operator on the server, and jobs under their own name.
    Installation,
    /// Everyone who works in these organisations (raw unit ids, the subtree already unfolded), and these persons.
    Some {
        /// Organisations of the subtrees by role.
        organisations: Vec<i64>,
        /// Own person and assigned persons.
        persons: Vec<i64>,
    },
}

/// Made from the session (or named for a command or job), asked by every query.
#[derive(Debug, Clone)]
pub struct Scope {
    /// How far.
    pub reach: Reach,
    /// Why it is as wide as it is; shows in review and in the audit.
    pub reason: &'static str,
}

impl Scope {
    /// The scope of a command run by whoever owns the server. The name shows in review.
    #[must_use]
    pub fn of_server(reason: &'static str) -> Self {
        Self {
            reach: Reach::Installation,
            reason,
        }
    }

    /// The scope of an account: its organisations and persons.
    #[must_use]
    pub fn of_account(organisations: Vec<i64>, persons: Vec<i64>) -> Self {
        Self {
            reach: Reach::Some { organisations, persons },
            reason: "account",
        }
    }

    /// Whether a person who works in `organisations` is seen.
    #[must_use]
    pub fn sees(&self, person: i64, organisations: &[i64]) -> bool {
        match &self.reach {
            Reach::Installation => true,
            Reach::Some {
                organisations: own,
                persons,
            } => persons.contains(&person) || organisations.iter().any(|o| own.contains(o)),
        }
    }
}

/// Whether a text set holds a code; small helpers of scopes and predicates read sets alike.
#[must_use]
pub fn holds(set: &str, code: &str) -> bool {
    codes(set).any(|c| c == code)
}

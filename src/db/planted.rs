//! Faults on purpose, for seeing the crash tests red: only in a build with the feature `planted`, never in a normal one.
//!
//! `VEKHA_PLANTED=answer_before_commit`: writes answer at once and are committed when the program ends.
//! `VEKHA_PLANTED=two_transactions`: a write commits what it has so far after some of its statements.

use std::cell::Cell;
use std::time::Duration;

use super::{AnyConn, dialect};

/// Which fault this process carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// None.
    No,
    /// The caller hears "done" before the commit.
    AnswerBeforeCommit,
    /// What should be one transaction is several.
    TwoTransactions,
}

/// How long a fault leaves the door open, milliseconds: a good part of a command also on a busy machine.
const GAP_MS: u64 = 1000;

/// Reads the environment.
pub(super) fn fault() -> Fault {
    match std::env::var("VEKHA_PLANTED").as_deref() {
        Ok("answer_before_commit") => Fault::AnswerBeforeCommit,
        Ok("two_transactions") => Fault::TwoTransactions,
        _ => Fault::No,
    }
}

/// Waits while the door is open.
pub(super) fn gap() {
    std::thread::sleep(Duration::from_millis(GAP_MS));
}

/// Statements of one write, counted so that some of them end the transaction early.
#[derive(Debug, Default)]
pub(super) struct Statements(Cell<u32>);

impl Statements {
    /// After every eighth statement commits what is there and begins again.
    pub(super) fn count(&self, conn: &mut AnyConn) {
        if fault() != Fault::TwoTransactions {
            return;
        }
        self.0.set(self.0.get() + 1);
        if self.0.get().is_multiple_of(8) {
            let _shown_by_the_next_statement = dialect::tear(conn, gap);
        }
    }
}

//! Trouble of the disk, as the database tells it of a statement: it is nobody's mistake, and whoever shares the
//! transaction cannot go on.

use std::cell::RefCell;

use diesel::result::Error;

use super::DbError;

thread_local! {
    /// What was told on this thread since somebody last asked: a writer's statements run on the thread of its batch.
    static TOLD: RefCell<Option<DbError>> = const { RefCell::new(None) };
}

/// How SQLite words a full disk, one that fails, a file that cannot be written, and a lack of memory.
const WORDS: [&str; 6] = [
    "database or disk is full",
    "disk I/O error",
    "database disk image is malformed",
    "unable to open database file",
    "attempt to write a readonly database",
    "out of memory",
];

/// Takes note of an error if it is one of the disk.
pub(super) fn note(error: &Error) {
    let Error::DatabaseError(_, about) = error else { return };
    if WORDS.iter().any(|words| about.message().contains(words)) {
        let told = super::alike(error);
        TOLD.with(|cell| *cell.borrow_mut() = Some(DbError::Query(told)));
    }
}

/// What was told since the last question.
pub(super) fn take() -> Option<DbError> {
    TOLD.with(|cell| cell.borrow_mut().take())
}

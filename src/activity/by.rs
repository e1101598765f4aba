//! Whoever acts on a register, and what is said when somebody else was quicker.

pub use crate::access::by::By;
pub(super) use crate::access::by::fields;

use crate::access::by;
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};

/// The answer to a form that was made before somebody else changed the object: who, when and what.
pub(super) fn changed(tx: &mut Tx<'_>, own: &By, kind: &str, object: i64) -> Result<Error, DbError> {
    by::changed(tx, own, "activity", kind, object)
}

/// A reason of a withdrawal: there must be one, and not a long one.
///
/// # Errors
/// None is given, or it is too long.
pub fn reason(text: &str) -> Result<String, Refusal> {
    let reason = crate::db::text_keys::clean(text);
    match reason.chars().count() {
        0 => Err(Refusal::new("activity.no_reason")),
        301.. => Err(Refusal::new("activity.long_reason")),
        _ => Ok(reason),
    }
}

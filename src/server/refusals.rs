//! Which answers are refusals that the journal keeps: 403, and 404 about an object, of whoever is signed in. The answer
//! stays what it is, and an object that is hidden leaves what a missing one leaves.

use super::door::{Around, Stop};
use crate::access::refused::{self, Refused};
use crate::error::Error;
use crate::web::Site;
use crate::web::registry::{Entry, Method};

/// Writes the refusal down before it is answered. A journal that cannot be written opens nothing and hides nothing: the
/// log says so.
pub(super) async fn note(site: &Site, entry: &'static Entry, around: &Around, stop: &Stop, id: &str) {
    let status = match stop {
        Stop::Error(Error::Forbidden(_)) | Stop::Token => 403,
        // A route without ids has nothing outside the scope.
        Stop::Error(Error::NotFound(_)) if !entry.ids.is_empty() => 404,
        _ => return,
    };
    let Some(visitor) = &around.visitor else { return };
    let of = Refused {
        route: entry.path,
        form: entry.method == Method::Post,
        stale: matches!(stop, Stop::Token),
        status,
        request: id.to_owned(),
    };
    if let Err(e) = refused::note(site, visitor, &of).await {
        eprintln!(
            "{{\"request\":\"{id}\",\"path\":{:?},\"unwritten\":{:?}}}",
            entry.path,
            e.to_string()
        );
    }
}

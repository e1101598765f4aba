//! What every door shares and nothing of the domain: who acts and how far they see.
//!
//! Pages, routes and sessions come with the browser; the scope is here from the first query on.

pub mod scope;

pub use scope::{Reach, Scope};

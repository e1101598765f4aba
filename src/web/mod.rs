//! What every door shares and nothing of the domain: what a route is, who calls, how far they see, what is answered.
//!
//! The sitemap stands in `server.rs`; the one door that every call comes through is `server/door.rs`.

pub mod address;
pub mod answer;
pub mod call;
pub mod client;
pub mod headers;
pub mod heavy;
pub mod incoming;
pub mod long;
pub mod menu;
pub mod quiet;
pub mod registry;
pub mod scope;
pub mod token;
pub mod view;

pub use answer::Answer;
pub use call::{Call, Site, Visitor};
pub use client::Client;
pub use scope::{Reach, Scope};

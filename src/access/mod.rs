//! Accounts, roles over units, and the actor that use cases ask.

pub mod add;
pub mod model;
pub mod store;

pub use model::{Account, AccountId, Actor, Grant, Role};

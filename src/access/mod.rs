//! Accounts, roles over units, sign-in, and the actor that use cases ask.

pub mod add;
pub mod model;
pub mod pages;
pub mod policy;
pub mod session;
pub mod sign_in;
pub mod store;

pub use model::{Account, AccountId, Actor, Grant, Role};

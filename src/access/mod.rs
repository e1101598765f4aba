//! Accounts, roles over units, sign-in, and the actor that use cases ask.

pub mod add;
pub mod code;
pub mod first;
pub mod login;
pub mod model;
pub mod pages;
pub mod password;
pub mod policy;
pub mod session;
pub mod sheets;
pub mod sign_in;
pub mod store;

pub use model::{Account, AccountId, Actor, Grant, Role};

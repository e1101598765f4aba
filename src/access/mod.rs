//! Accounts, roles over units, sign-in, and the actor that use cases ask.

pub mod add;
pub mod bulk;
pub mod by;
pub mod code;
pub mod confirm;
pub mod delegation;
pub mod first;
pub mod former;
pub mod granting;
pub mod half;
pub mod hashing;
pub mod link;
pub mod loading;
pub mod login;
pub mod model;
pub mod own;
pub mod pages;
pub mod password;
pub mod policy;
pub mod ranks;
pub mod reset;
pub mod second;
pub mod secret;
pub mod session;
pub mod sessions;
pub mod settle;
pub mod sheets;
pub mod sign_in;
pub mod sign_ins;
pub mod store;
pub mod substitutes;
pub mod totp;
pub mod work;

pub use delegation::{Substitute, author};
pub use model::{Account, AccountId, Actor, Author, Grant, Role};
pub use work::Work;

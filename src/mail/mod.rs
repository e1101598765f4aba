//! Mail of the steps: a row in the transaction of its cause ([`outbox`]), sent later ([`deliver`]), once.

pub mod deliver;
pub mod outbox;
pub mod texts;

pub use outbox::{Letter, queue};

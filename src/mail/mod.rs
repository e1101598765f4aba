//! Mail of the steps: a row in the transaction of its cause ([`outbox`]), sent later, once ([`deliver`]).
//!
//! What an SMTP server took is marked in the next write. A process that dies between the two sends that one letter
//! again, under the same Message-ID; the protocol allows no better.

pub mod address;
pub mod calendar;
pub mod choice;
pub mod claim;
pub mod concern;
pub mod dead;
pub mod deliver;
pub mod digest;
pub mod feed;
pub mod html;
pub mod link;
pub mod message;
pub mod notice;
pub mod outage;
pub mod outbox;
pub mod smtp;
pub mod texts;
pub mod unsubscribe;

pub use outbox::{Letter, queue};

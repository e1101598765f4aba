//! Accounts: of the staff of a school, of users and their roles, substitutes, letters.

pub mod delegations;
pub mod invite;
pub mod letters;
pub mod mailbox;
pub mod notice_choice;
pub mod notices;
pub mod rows;
pub mod school;
pub mod sheets;
pub mod unsubscribe;
pub mod users;

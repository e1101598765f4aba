//! Веха: from a diagnosis of professional deficits to the indicators of a region, one flow.
//!
//! The walk of one teacher's data through the house (each stage imports only what stands above it):
//!
//! 1. [`exchange`] takes a file apart in a limited child process; rows come back with sheet, row and column.
//! 2. [`units`] and [`people`] hold where the teacher works: dated links, two jobs, moves.
//! 3. [`access`] holds who may act: accounts and roles over units.
//! 4. [`competence`], [`catalogue`] and [`diagnostics`] hold what was measured and what teaches it.
//! 5. [`profile`] turns results into deficits at a date; nothing of it is stored.
//! 6. [`iom`] drafts a plan from the deficits by rules, and carries it through agreement, approval and closing.
//! 7. [`enrolment`] takes the teacher to a course and brings the document back into the plan.
//! 8. [`activity`] holds what the teacher does besides: events, bodies, mentoring, expert work.
//! 9. [`facts`] keeps what is known of each person in each period, refreshed before every commit.
//! 10. [`indicators`] turns facts into numbers and opens the list of people behind each.
//! 11. [`cycle`] asks units to report what the platform does not know and keeps it beside what is computed, checks what was
//!     published, releases editions that never change, and keeps acts and the calendar of the year.
//!
//! [`flow`] is the only file that knows every stage.

pub mod access;
pub mod activity;
pub mod app;
pub mod audit;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod competence;
pub mod config;
pub mod cycle;
pub mod db;
pub mod desk;
pub mod diagnostics;
pub mod enrolment;
pub mod error;
pub mod exchange;
pub mod facts;
pub mod finding;
pub mod flow;
pub mod indicators;
pub mod iom;
pub mod jobs;
pub mod mail;
pub mod messages;
pub mod pages;
pub mod people;
mod planted;
pub mod profile;
pub mod server;
pub mod units;
pub mod web;

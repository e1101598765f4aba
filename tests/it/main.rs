//! One test binary. Tests go through the command line, each on both databases, each with two regions.

#![expect(clippy::expect_used, reason = "a test stops where it fails")]

mod base;
mod check;
mod counting;
mod crash;
mod demo;
mod facts;
mod fresh;
mod house;
mod import_data;
mod import_forms;
mod import_hostile;
mod import_matching;
mod import_refusals;
mod import_undo;
mod indicators;
mod invented;
mod iom_acts;
mod iom_draft;
mod journal;
mod laid;
mod mail;
mod mail_attack;
mod mail_secrets;
mod mail_sink;
mod matrix_world;
mod output;
mod profile;
mod schema;
mod support;
mod visitor;
mod web;
mod web_accounts;
mod web_cnppm;
mod web_courses;
mod web_evidence;
mod web_faults;
mod web_files;
mod web_letters;
mod web_lists;
mod web_matrix;
mod web_school;
mod web_uploads;
mod web_walk;
mod world;

//! One test binary. Tests go through the command line, each on both databases, each with two regions.

#![expect(clippy::expect_used, reason = "a test stops where it fails")]

mod base;
mod house;
mod schema;
#[expect(dead_code, reason = "the first stages use the rest")]
mod support;

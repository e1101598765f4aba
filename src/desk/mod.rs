//! Desks: read-only screens over many stages, one for each kind of work. Acts on them go to the use cases of the stages.

pub mod accounts;
pub mod bounds;
mod conflict;
pub mod courses;
pub mod cycle;
pub mod design;
pub mod diagnostics;
pub mod editions;
pub mod examination;
pub mod forms;
pub(crate) mod given;
pub mod indicators;
pub mod journal;
pub mod list;
pub mod list_file;
pub mod looked;
pub mod once;
pub mod packs;
pub mod plan;
pub mod registers;
pub mod reports;
pub mod school;
pub mod small_cells;
pub mod start;
pub mod summaries;
pub mod upload;
pub mod workforce;

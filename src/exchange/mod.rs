//! Files in: sheets taken apart in a limited child process, rows checked, compared and written as one batch that can
//! be undone. Documents out. Knows no stage: each stage brings a [`Table`] for its own kind of file.

pub mod archive;
pub mod batch;
pub mod columns;
pub mod delimited;
pub mod document;
pub mod docx;
pub mod errors_file;
pub mod extent;
pub mod fields;
pub mod import;
pub mod list_file;
#[cfg(feature = "pdf")]
pub mod pdf;
pub mod preview;
pub mod reader;
pub mod repeats;
pub mod report;
pub mod round;
pub mod round_book;
pub mod round_read;
pub mod round_store;
pub mod sample;
pub mod sheet;
pub mod staging;
pub mod table;
pub mod undo;
mod unknown_units;
pub mod upload;
pub mod workbook;
pub mod worker;

pub use batch::{BatchId, ImportRow, Kind, Mode, changed, made, previous};
pub use columns::Chosen;
pub use extent::By;
pub use fields::{Choice, Fields, NameParts, Problem};
pub use report::Report;
pub use table::{Applied, Batch, Change, Staged, Table, Verdict};

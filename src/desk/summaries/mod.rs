//! Summary tables: the printed tables of a system as pages and workbooks, each number with what was reported beside it.

mod cells;
pub mod list;
mod lists;
pub mod one;
mod rows;
mod totals;

//! «Загрузка»: files of the region from the browser.

pub mod columns;
pub mod file;
pub mod list;
pub mod sample;
pub mod undo;
pub mod work;

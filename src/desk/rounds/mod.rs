//! «Правка в таблице»: registers and reports given out as a workbook, changed there, and brought back.

pub mod bring;
pub mod give;
pub(crate) mod list;
pub(crate) mod met;
pub mod page;
pub(crate) mod shown;
pub mod write;

mod bodies;
mod events;
mod kept;
mod mentors;
mod pairs;
mod people;
mod publications;
mod report;
mod undertakings;
mod vacancies;

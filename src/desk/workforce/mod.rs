//! «Кадровый состав»: the staff counted by groups, vacancies, retention, those who begin.

pub mod beginners;
mod beginners_help;
mod beginners_rows;
pub mod cells;
pub mod counts;
pub mod need;
pub mod page;
pub mod people;
pub mod report;
pub mod retention;
pub mod retention_rows;
pub mod rows;
mod territory;
pub mod vacancies;
pub mod vacancies_rows;
pub mod vacancy;

//! «Кадровый состав»: the staff counted by groups, vacancies, retention.

pub mod cells;
pub mod counts;
pub mod need;
pub mod page;
pub mod people;
pub mod report;
pub mod retention;
pub mod retention_rows;
pub mod rows;
pub mod vacancies;
pub mod vacancies_rows;
pub mod vacancy;

//! «Сведения»: facts of organisations and municipalities entered by form.

pub mod links;
pub mod page;
pub mod rows;
pub mod words;

//! The journal of acts and looks, and who looked at one's own data.

pub mod export;
pub mod page;
pub mod records;
pub mod rows;
pub mod viewed;
pub mod words;

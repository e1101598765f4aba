//! «Выпуски»: released values that never change, what differs between two of them, and what of them is open to everyone.

pub mod acts;
pub mod changes;
pub mod list;
pub mod one;
pub mod people;
pub mod public;
pub mod release;
pub mod released;
pub mod told;
pub mod warnings;
pub mod work;

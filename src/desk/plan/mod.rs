//! Plans: the teacher's own, those one accompanies, all of a scope; drafting, approving, reviewing, closing.

pub mod acts;
pub mod approving;
pub mod card;
pub mod card_acts;
pub mod closing;
pub mod drafting;
pub mod evidence;
pub mod list;
pub mod list_rows;
pub mod page;
pub mod review;
pub mod rows;
pub mod support;
pub mod support_rows;
pub mod supporters;
pub mod supporters_rows;
pub mod teacher;

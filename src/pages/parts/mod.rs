//! What the components take: one struct per component in `templates/components/`, printed as it is.

mod form;
mod path;
mod register;
mod sheet;
mod sign;
mod summary;

pub use form::{Field, FileField, HandIn, Problem, Select};
pub use path::{Mark, Milestone, Moment, NextStep, Stage, TakeBack, Task, Timeline};
pub use register::{Cell, Choice, Column, Filter, Filters, Paging, Register};
pub use sheet::{Held, Sheet, SheetCell, SheetColumn, SheetPart};
pub use sign::{Button, Chip, Hidden, Link, Tone};
pub use summary::{Change, Empty, Fact, Figure, Meter, Near};

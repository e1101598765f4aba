//! What can be given out as a workbook and brought back: each list reads and writes through the form of its own page.

use std::collections::HashSet;

use chrono::NaiveDate;

use crate::activity::by::By;
use crate::db::{AnyConn, Tx};
use crate::desk::registers::page::Wrong;
use crate::desk::registers::reach::{Held, missing};
use crate::desk::rounds::{events, publications, report, undertakings};
use crate::error::Error;
use crate::exchange::round::{Holds, RoundColumn, RoundRow};
use crate::people::PersonId;
use crate::text_enum;
use crate::web::Visitor;
use crate::web::call::Fields;
use crate::web::registry::Capability;

text_enum! {
    /// A list of a round trip.
    What {
        Undertakings = "undertakings" "Проекты и площадки",
        Events = "events" "Мероприятия",
        Publications = "publications" "Публикации",
        Report = "report" "Отчёт",
    }
}

impl What {
    /// What one must be allowed to do: what its page asks for.
    pub(crate) fn needs(self) -> Capability {
        match self {
            Self::Undertakings | Self::Events | Self::Publications => Capability::Registers,
            Self::Report => Capability::Reports,
        }
    }

    /// Its page; `of` says which of its kind.
    pub(crate) fn home(self, of: &str) -> String {
        match self {
            Self::Undertakings => "/undertakings".into(),
            Self::Events => "/events".into(),
            Self::Publications => "/publications".into(),
            Self::Report => format!("/report?report={of}"),
        }
    }
}

/// Which rows are read.
#[derive(Debug, Clone)]
pub(crate) enum Which {
    /// Those that a file names.
    Keys(Vec<i64>),
    /// All that the visitor keeps: a new row may stand there already.
    All,
}

impl Which {
    /// The rows of a file, by their keys; what is no number is no key of a register.
    pub fn of_keys<'a>(keys: impl Iterator<Item = &'a str>) -> Self {
        let ids: HashSet<i64> = keys.filter_map(|key| key.parse().ok()).collect();
        Self::Keys(ids.into_iter().collect())
    }
}

/// A row that is written: what it says after the merge.
#[derive(Debug, Clone)]
pub(crate) struct Merged {
    /// Number of its row in the file.
    pub number: u32,
    /// Its key; empty for a new one.
    pub key: String,
    /// Its values, one a column.
    pub values: Vec<String>,
    /// Names of the columns whose value is another than the stored one.
    pub changed: Vec<&'static str>,
}

/// A list as the visitor keeps it, on one moment. What the visitor may not change is not there.
pub(crate) trait Rounds {
    /// Its columns.
    fn columns(&self) -> &[RoundColumn];
    /// Its rows.
    fn rows(&self) -> &[RoundRow];
    /// Why it takes no new rows; `None` where it does.
    fn no_new(&self) -> Option<&'static str>;
    /// Columns by which two records are not told apart: what the form makes another text of.
    fn beside(&self) -> &'static [&'static str] {
        &[]
    }
    /// The column whose value is meant where this one is left empty.
    fn as_another(&self, _name: &str) -> Option<&'static str> {
        None
    }
    /// What is wrong with a row, as the form of its page says it.
    fn wrong(&self, row: &Merged) -> Vec<Wrong>;
    /// The people whose names stand in its rows, for the journal.
    fn named(&self) -> Vec<PersonId> {
        Vec::new()
    }
    /// Whose it is, and the last day on which it may be changed; nothing where there is none.
    fn about(&self) -> Option<(String, NaiveDate)> {
        None
    }
    /// Writes the rows by the acts of its page, each at the version that was read.
    ///
    /// # Errors
    /// The number of the row whose act was refused, and the refusal; those of the database.
    fn write(&self, tx: &mut Tx<'_>, by: &By, rows: &[Merged]) -> Result<(), (u32, Error)>;
}

/// A list of the visitor's.
///
/// # Errors
/// It is closed or not the visitor's; those of the database.
pub(crate) fn open(
    c: &mut AnyConn,
    (what, of): (What, &str),
    visitor: &Visitor,
    today: NaiveDate,
    which: &Which,
) -> Result<Box<dyn Rounds>, Error> {
    if !visitor.may(what.needs()) {
        return Err(missing());
    }
    Ok(match what {
        What::Undertakings => Box::new(undertakings::List::open(c, visitor, today, which)?),
        What::Events => Box::new(events::List::open(c, visitor, today, which)?),
        What::Publications => Box::new(publications::List::open(c, visitor, today, which)?),
        What::Report => Box::new(report::List::open(c, visitor, today, of)?),
    })
}

/// The form of a row as its page would send it: each column is a field.
pub(crate) fn form(columns: &[RoundColumn], values: &[String]) -> Fields {
    let fields = columns.iter().zip(values);
    let fields = fields.map(|(column, value)| (column.name.to_owned(), value.clone()));
    Fields(fields.collect())
}

/// The units that the visitor keeps records of; none of them is the region.
pub(crate) fn units(held: &Held) -> Holds {
    let region = held.tree.unit(held.region);
    let (code, name) = region.map_or(("", ""), |unit| (unit.code.as_str(), unit.name.as_str()));
    let below = held.choices().into_iter().filter(|(own, _)| own != code);
    Holds::one(below.collect()).or_nothing(code, name)
}

/// The place of a row by its key.
pub(crate) fn place(rows: &[RoundRow], key: &str) -> Option<usize> {
    rows.iter().position(|row| row.key == key)
}

//! What can be given out as a workbook and brought back: each list reads and writes through the form of its own page.

use std::collections::HashSet;

use chrono::NaiveDate;

use crate::activity::by::By;
use crate::db::types::codes;
use crate::db::{AnyConn, Tx};
use crate::desk::registers::page::Wrong;
use crate::desk::registers::reach::{Held, missing};
use crate::desk::rounds::{bodies, events, mentors, pairs, publications, report, undertakings, vacancies};
use crate::error::Error;
use crate::exchange::round::{Brought, Holds, RoundColumn, RoundRow};
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
        Bodies = "bodies" "Объединения",
        Pairs = "pairs" "Наставничество",
        Mentors = "mentors" "База наставников",
        Vacancies = "vacancies" "Вакансии",
        Report = "report" "Отчёт",
    }
}

impl What {
    /// What one must be allowed to do: what its page asks for.
    pub(crate) fn needs(self) -> Capability {
        match self {
            Self::Report => Capability::Reports,
            Self::Vacancies => Capability::Workforce,
            _ => Capability::Registers,
        }
    }

    /// Whether the visitor may change it. Vacancies are read by many and changed by whoever loads their lists.
    pub(crate) fn is_kept_by(self, visitor: &Visitor) -> bool {
        visitor.may(self.needs()) && (self != Self::Vacancies || visitor.may(Capability::Upload))
    }

    /// Whether its file may bring new rows.
    pub(crate) fn takes_new(self) -> bool {
        !matches!(self, Self::Report | Self::Vacancies)
    }

    /// The code in the journal of a list whose rows name people.
    pub(crate) fn names_people(self) -> Option<&'static str> {
        match self {
            Self::Publications => Some("publication"),
            Self::Pairs => Some("mentoring_pair"),
            Self::Mentors => Some("mentor_card"),
            _ => None,
        }
    }

    /// Its page; `of` says which of its kind.
    pub(crate) fn home(self, of: &str) -> String {
        match self {
            Self::Report => format!("/report?report={of}"),
            _ => format!("/{}", self.code()),
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

/// What is worth a look once rows are written, in the words of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// Key of the row that it is about.
    pub key: String,
    /// How that is called.
    pub named: String,
    /// What would stand there.
    pub value: String,
    /// The sentence.
    pub text: String,
    /// What comes of it.
    pub then: &'static str,
}

/// A list as the visitor keeps it, on one moment. What the visitor may not change is not there.
pub(crate) trait Rounds {
    /// Its columns.
    fn columns(&self) -> &[RoundColumn];
    /// Its rows.
    fn rows(&self) -> &[RoundRow];
    /// Why it takes no new rows; `None` where it does.
    fn no_new(&self) -> Option<&'static str>;
    /// The column by which a new row is called.
    fn called_by(&self) -> &'static str {
        "title"
    }
    /// Columns by which two records are not told apart: what the form makes another text of.
    fn beside(&self) -> &'static [&'static str] {
        &[]
    }
    /// Looks up what the new rows of a file name.
    ///
    /// # Errors
    /// Those of the database.
    fn look_up(&mut self, _c: &mut AnyConn, _brought: &Brought) -> Result<(), Error> {
        Ok(())
    }
    /// What a stored record would hold where a new row says this.
    fn means(&self, _name: &str, value: &str) -> String {
        value.to_owned()
    }
    /// The column whose value is meant where this one is left empty.
    fn as_another(&self, _name: &str) -> Option<&'static str> {
        None
    }
    /// What is wrong with a row, as the form of its page says it.
    fn wrong(&self, row: &Merged) -> Vec<Wrong>;
    /// What the page would warn of, or not let go further, once the rows are written: it stops no writing.
    fn told(&self, _rows: &[Merged]) -> Vec<Told> {
        Vec::new()
    }
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
    if !what.is_kept_by(visitor) {
        return Err(missing());
    }
    Ok(match what {
        What::Undertakings => Box::new(undertakings::List::open(c, visitor, today, which)?),
        What::Events => Box::new(events::List::open(c, visitor, today, which)?),
        What::Publications => Box::new(publications::List::open(c, visitor, today, which)?),
        What::Bodies => Box::new(bodies::List::open(c, visitor, today, which)?),
        What::Pairs => Box::new(pairs::List::open(c, visitor, today, which)?),
        What::Mentors => Box::new(mentors::List::open(c, visitor, today, which)?),
        What::Vacancies => Box::new(vacancies::List::open(c, visitor, today, which)?),
        What::Report => Box::new(report::List::open(c, visitor, today, of)?),
    })
}

/// The form of a row as its page would send it: each column is a field, and each of several that are chosen is one more.
pub(crate) fn form(columns: &[RoundColumn], values: &[String]) -> Fields {
    let mut fields = Fields::default();
    for (column, value) in columns.iter().zip(values) {
        let field = |value: &str| (column.name.to_owned(), value.to_owned());
        match column.holds {
            Holds::Several(_) => fields.0.extend(codes(value).map(field)),
            _ => fields.0.push(field(value)),
        }
    }
    fields
}

/// The units that the visitor keeps records of; none of them is the region.
pub(crate) fn units(held: &Held) -> Holds {
    let region = held.tree.unit(held.region);
    let (code, name) = region.map_or(("", ""), |unit| (unit.code.as_str(), unit.name.as_str()));
    let below = held.choices().into_iter().filter(|(own, _)| own != code);
    Holds::one(below.collect()).or_nothing(code, name)
}

//! What a stage brings for its own kind of file: how a row is understood, compared, written and undone.

use std::collections::HashSet;

use chrono::NaiveDateTime;

use super::batch::{BatchId, ImportRow, Kind, Mode};
use super::columns::Mapping;
use super::extent::Part;
use super::fields::{Fields, Problem};
use crate::db::{DbError, Tx};
use crate::error::Refusal;

/// A row understood, with its place in the file.
#[derive(Debug, Clone)]
pub struct Staged<R> {
    /// Number of the row as the sheet shows it.
    pub number: u32,
    /// What it says.
    pub row: R,
}

/// The file being written.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Its id, for the column `batch_id` of what it makes.
    pub id: BatchId,
    /// How it is loaded.
    pub mode: Mode,
    /// The sheet that was read.
    pub sheet: String,
    /// The moment of its transaction.
    pub now: NaiveDateTime,
    /// The region that the file may write to; `None` is all of them.
    pub region: Option<i64>,
    /// The part of that region that it may write to; `None` is all of it.
    pub part: Option<Part>,
}

impl Batch {
    /// Whether the file may write to a region.
    #[must_use]
    pub fn reaches(&self, region: i64) -> bool {
        self.region.is_none_or(|own| own == region)
    }

    /// Whether the file may write to a unit of a region.
    #[must_use]
    pub fn holds(&self, region: i64, unit: i64) -> bool {
        self.reaches(region) && self.part.as_ref().is_none_or(|part| part.holds(unit))
    }

    /// Whether the file may write to what belongs to a unit, or to the region as a whole where it is of none.
    #[must_use]
    pub fn keeps(&self, region: i64, unit: Option<i64>) -> bool {
        match unit {
            Some(unit) => self.holds(region, unit),
            None => self.reaches(region) && self.part.is_none(),
        }
    }

    /// Why a row cannot name this unit (its region and itself; `None`: there is no such). Whoever loads files for a part
    /// of a region is told the same of a unit outside as of one that does not exist.
    ///
    /// # Errors
    /// It is not there, or out of reach.
    pub fn place(&self, found: Option<(i64, i64)>) -> Result<(), Refusal> {
        match (found, &self.part) {
            (Some((region, unit)), _) if self.holds(region, unit) => Ok(()),
            (_, Some(_)) => Err(Refusal::new("import.outside_part")),
            (Some(_), None) => Err(Refusal::new("import.other_region")),
            (None, None) => Err(Refusal::new("import.unknown_unit")),
        }
    }

    /// Those of these persons whom the file may write of: of its part, those who work there today.
    ///
    /// # Errors
    /// Those of the database.
    pub fn seen(&self, tx: &mut Tx<'_>, persons: &[i64]) -> Result<HashSet<i64>, DbError> {
        match &self.part {
            None => Ok(persons.iter().copied().collect()),
            Some(part) => part.seen(tx.conn(), persons),
        }
    }
}

/// An object that a row made or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its table.
    pub kind: &'static str,
    /// Its id.
    pub id: i64,
    /// What stood there before; `None` for a new one.
    pub previous: Option<String>,
}

/// What came of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It made something (and may have changed something beside).
    New(Vec<Change>),
    /// It changed something that is stored.
    Changed(Vec<Change>),
    /// It said what is stored, or what an earlier row of the file said.
    Unchanged,
    /// It differs from what is stored, and only new rows were asked for.
    Kept,
    /// It made something beside, and another verdict counts it.
    Beside(Change),
    /// It cannot be taken.
    Refused(Problem),
    /// Someone must decide whose it is.
    Quarantined(Problem),
}

/// What a batch did, row by row, and sentences for people beside.
#[derive(Debug, Clone, Default)]
pub struct Applied {
    /// Row and what came of it, in any order.
    pub verdicts: Vec<(u32, Verdict)>,
    /// Notes: what was made beside the rows.
    pub notes: Vec<String>,
}

/// A kind of file.
pub trait Table: Send + 'static {
    /// A row understood.
    type Row: Send + 'static;

    /// Which kind of file.
    const KIND: Kind;

    /// Whether whoever holds a part of a region may load such files: each row then names a unit or a person of it.
    const OF_PARTS: bool;

    /// The tables it writes to.
    const TABLES: &'static [&'static str];

    /// Whether columns that the dictionary does not know are read too, since something stored says what they hold.
    #[must_use]
    fn takes_others(_of: &Mapping) -> bool {
        false
    }

    /// Understands a row; what is wrong is left in `fields`, and a row with anything wrong is not taken.
    fn parse(fields: &mut Fields<'_>) -> Option<Self::Row>;

    /// Compares rows with what is stored and writes what is new or changed, all in this transaction.
    ///
    /// # Errors
    /// Those of the database; the whole file then fails.
    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Self::Row>>) -> Result<Applied, DbError>;

    /// What stands on the objects of a batch and forbids to undo it: sentences for people, none when it may go.
    ///
    /// # Errors
    /// Those of the database.
    fn dependents(tx: &mut Tx<'_>, batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError>;

    /// Takes back what the batch made and puts back what it changed. Nothing depends on it any more.
    ///
    /// # Errors
    /// Those of the database.
    fn revert(tx: &mut Tx<'_>, batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError>;
}

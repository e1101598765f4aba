//! What the registers of a round trip share: records that the visitor keeps, each of them a row, each row the form of its page.

use crate::activity::by::By;
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::registers::page::Wrong;
use crate::desk::rounds::list::{Merged, Rounds, Which, form};
use crate::error::Error;
use crate::exchange::round::{Brought, RoundColumn, RoundRow};
use crate::people::PersonId;

/// Records of a register and the rows that they make, in one order.
pub(super) struct Kept<R> {
    /// The columns of its table.
    pub columns: Vec<RoundColumn>,
    records: Vec<R>,
    rows: Vec<RoundRow>,
}

/// What a record is known by: its key, its version, and how it is called.
pub(super) type Known = (i64, i32, String);

impl<R> Kept<R> {
    /// Makes the rows: `said` is what a field of the form of a record says.
    pub fn new(
        columns: Vec<RoundColumn>,
        records: Vec<R>,
        known: impl Fn(&R) -> Known,
        said: impl Fn(&R, &str) -> String,
    ) -> Self {
        let row = |of: &R| {
            let (key, version, named) = known(of);
            let cell = |column: &RoundColumn| column.plain(&said(of, column.name));
            RoundRow {
                key: key.to_string(),
                version,
                named,
                cells: columns.iter().map(cell).collect(),
                own: Vec::new(),
            }
        };
        let rows = records.iter().map(row).collect();
        Self { columns, records, rows }
    }

    /// The record of a row; `None` of a new one.
    fn record(&self, key: &str) -> Option<&R> {
        let place = self.rows.iter().position(|row| row.key == key)?;
        self.records.get(place)
    }
}

impl Which {
    /// Reads the records: all of them (`None`), or some of their keys at a time.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn read<R>(
        &self,
        mut load: impl FnMut(Option<&[i64]>) -> Result<Vec<R>, DbError>,
    ) -> Result<Vec<R>, DbError> {
        match self {
            Self::All => load(None),
            Self::Keys(keys) => {
                let mut found = Vec::new();
                for block in keys.chunks(1000) {
                    found.extend(load(Some(block))?);
                }
                Ok(found)
            }
        }
    }
}

/// A field that a stored record keeps, and what is said where a row says another thing in it.
pub(super) type Stays = (&'static str, &'static str);

/// What stays of a record that has a code.
pub(super) const CODE_STAYS: &[Stays] = &[("code", "Код записи не меняется: верните прежний.")];

/// A register of a round trip: what is not the same in all of them.
pub(super) trait Register {
    /// What is kept there.
    type Record;

    /// Its records.
    fn kept(&self) -> &Kept<Self::Record>;

    /// Fields that a stored record keeps.
    fn stays(&self) -> &'static [Stays] {
        CODE_STAYS
    }

    /// Why it takes no new rows; `None` where it does.
    fn no_new(&self) -> Option<&'static str> {
        None
    }

    /// The field by which a new row is called.
    fn called_by(&self) -> &'static str {
        "title"
    }

    /// Columns by which two records are not told apart.
    fn beside(&self) -> &'static [&'static str] {
        &[]
    }

    /// The column whose value is meant where this one is left empty.
    fn as_another(&self, _name: &str) -> Option<&'static str> {
        None
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

    /// The people whose names stand in its rows.
    fn named(&self) -> Vec<PersonId> {
        Vec::new()
    }

    /// What the page of the register says is wrong with a form.
    fn refused(&self, of: Option<&Self::Record>, row: &Merged) -> Vec<Wrong>;

    /// Changes the record, or adds one where there is none, by the act of the page.
    ///
    /// # Errors
    /// The act is refused; those of the database.
    fn put(&self, tx: &mut Tx<'_>, by: &By, of: Option<&Self::Record>, row: &Merged) -> Result<(), Error>;

    /// The form of a row as the page would send it.
    fn form(&self, row: &Merged) -> crate::web::call::Fields {
        form(&self.kept().columns, &row.values)
    }
}

impl<T: Register> Rounds for T {
    fn columns(&self) -> &[RoundColumn] {
        &self.kept().columns
    }

    fn rows(&self) -> &[RoundRow] {
        &self.kept().rows
    }

    fn no_new(&self) -> Option<&'static str> {
        Register::no_new(self)
    }

    fn called_by(&self) -> &'static str {
        Register::called_by(self)
    }

    fn beside(&self) -> &'static [&'static str] {
        Register::beside(self)
    }

    fn as_another(&self, name: &str) -> Option<&'static str> {
        Register::as_another(self, name)
    }

    fn look_up(&mut self, c: &mut AnyConn, brought: &Brought) -> Result<(), Error> {
        Register::look_up(self, c, brought)
    }

    fn means(&self, name: &str, value: &str) -> String {
        Register::means(self, name, value)
    }

    fn named(&self) -> Vec<PersonId> {
        Register::named(self)
    }

    fn wrong(&self, row: &Merged) -> Vec<Wrong> {
        let of = self.kept().record(&row.key);
        let stays = self.stays().iter();
        let stays = stays.filter(|(name, _)| of.is_some() && row.changed.contains(name));
        let mut wrong: Vec<Wrong> = stays.map(|(name, text)| (*name, (*text).to_owned())).collect();
        wrong.extend(self.refused(of, row));
        wrong
    }

    fn write(&self, tx: &mut Tx<'_>, by: &By, rows: &[Merged]) -> Result<(), (u32, Error)> {
        for row in rows {
            let of = self.kept().record(&row.key);
            self.put(tx, by, of, row).map_err(|e| (row.number, e))?;
        }
        Ok(())
    }
}

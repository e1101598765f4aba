//! A vacancy by hand: its rate, its last day and its link. The record that stood stays under the one that takes its place,
//! as it does when a file says something new.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::by::{By, changed, fields};
use crate::db::Tx;
use crate::db::milli::Milli;
use crate::db::schema::vacancy as table;
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::people::vacancy::{Vacancy, VacancyId, odd_rate};

/// What a form says of a vacancy. What a list tells it apart by stays: another post is another vacancy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// How many rates are free.
    pub rate_milli: Option<Milli>,
    /// Last day; `None` is open.
    pub last: Option<NaiveDate>,
    /// Where it is published.
    pub link: Option<String>,
}

impl Content {
    /// What cannot be of a vacancy: the field and the refusal.
    #[must_use]
    pub fn refused(&self, of: &Vacancy) -> Option<(&'static str, Refusal)> {
        if let Some(refusal) = self.rate_milli.and_then(odd_rate) {
            return Some(("rate", refusal));
        }
        self.last
            .filter(|last| *last < of.valid_from)
            .map(|_| ("to", Refusal::new("import.ends_before_start")))
    }
}

/// Changes a vacancy whose record `seen` stood on the page; returns the record that stands now.
///
/// # Errors
/// Somebody else or a file has changed it; what is said cannot be.
pub fn change(tx: &mut Tx<'_>, by: &By, stored: &Vacancy, seen: VacancyId, said: &Content) -> Result<VacancyId, Error> {
    if stored.id != seen {
        return Err(meanwhile(tx, by, seen)?);
    }
    if let Some((_, refusal)) = said.refused(stored) {
        return Err(refusal.into());
    }
    let record = Vacancy {
        id: VacancyId(tx.id()),
        rate_milli: said.rate_milli,
        valid_to: said.last.and_then(|day| day.succ_opt()),
        link: said.link.clone(),
        recorded_at: tx.now(),
        batch_id: None,
        ..stored.clone()
    };
    let differ = fields(&[
        ("rate", stored.rate_milli != record.rate_milli),
        ("ends_on", stored.valid_to != record.valid_to),
        ("link", stored.link != record.link),
    ]);
    if differ.is_empty() {
        return Ok(stored.id);
    }
    let standing = table::table
        .filter(table::id.eq(stored.id))
        .filter(table::superseded_at.is_null());
    let done = diesel::update(standing)
        .set(table::superseded_at.eq(tx.now()))
        .execute(tx.conn())?;
    if done != 1 {
        return Err(meanwhile(tx, by, seen)?);
    }
    let id = record.id;
    insert_many!(tx.conn(), table::table, [record])?;
    by.note(tx, "activity.vacancy_change", ("vacancy", stored.id.0), &[], &differ)?;
    Ok(id)
}

/// Who was quicker; a file leaves no row of the journal about a record.
fn meanwhile(tx: &mut Tx<'_>, by: &By, seen: VacancyId) -> Result<Error, Error> {
    Ok(match changed(tx, by, "vacancy", seen.0)? {
        Error::Conflict => Error::Changed("Пока страница была открыта, перечень загрузили файлом.".into()),
        told => told,
    })
}

//! Versions of a pack: which was in force at a moment, and what of the difference of two lies in parameters alone.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};

use super::pack::{self, Pack};
use super::store;
use crate::db::AnyConn;
use crate::error::{Error, Refusal};
use crate::finding::{self, Finding};

/// A version of a pack, read.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its number.
    pub number: i32,
    /// What it says.
    pub pack: Pack,
    /// Whether nothing had been loaded yet at the moment asked about: it was in force for nobody.
    pub is_later: bool,
    source: String,
}

/// The version in force at a moment: before the first loading the first one; what nobody has loaded is taken as it comes
/// with the program.
///
/// # Errors
/// There is no pack of the code; a stored text no longer reads; those of the database.
pub fn at(conn: &mut AnyConn, code: &str, moment: NaiveDateTime) -> Result<Version, Error> {
    let rows = store::versions(conn, code)?;
    let then = rows.iter().rfind(|row| row.loaded_at <= moment);
    let found = then.or(rows.first());
    let (number, source) = match found {
        Some(row) => (Some(row.version), row.source.clone()),
        None => (None, pack::embedded_text(code)?.to_owned()),
    };
    let pack = read(Pack::parse(&source))?;
    Ok(Version {
        number: number.unwrap_or(pack.version),
        pack,
        is_later: then.is_none() && found.is_some(),
        source,
    })
}

fn read(parsed: Result<Pack, Vec<Finding>>) -> Result<Pack, Error> {
    parsed.map_err(|problems| {
        Refusal::new("indicators.pack_wrong")
            .with("problems", finding::lines(&problems))
            .into()
    })
}

impl Version {
    /// Whether another version is the same text.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.source == other.source
    }

    /// This version with the parameters and the reference days of another one; `None` where they are the same.
    ///
    /// # Errors
    /// The text does not read with these parameters.
    pub fn with_parameters_of(&self, other: &Pack) -> Result<Option<Pack>, Error> {
        let own: BTreeMap<&str, i64> = values(&self.pack);
        let changed: BTreeMap<String, i64> = values(other)
            .into_iter()
            .filter(|(code, value)| own.get(code).is_some_and(|before| before != value))
            .map(|(code, value)| (code.to_owned(), value))
            .collect();
        if changed.is_empty() && self.pack.basis == other.basis {
            return Ok(None);
        }
        let mut pack = read(Pack::parse_with(&self.source, &changed))?;
        pack.basis = other.basis.clone();
        Ok(Some(pack))
    }
}

fn values(pack: &Pack) -> BTreeMap<&str, i64> {
    pack.parameters
        .iter()
        .map(|(code, _, value, _)| (code.as_str(), *value))
        .collect()
}

/// The last moment of a day of the region, UTC.
#[must_use]
pub fn end_of(day: NaiveDate, zone_hours: i32) -> NaiveDateTime {
    let midnight = day.and_time(NaiveTime::MIN);
    midnight + Duration::days(1) - Duration::microseconds(1) - Duration::hours(i64::from(zone_hours))
}

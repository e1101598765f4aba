//! What the parts of an edition say, and how they are written: texts that any program reads, deflated.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use super::model::PartKind;
use crate::audit;
use crate::error::Error;
use crate::units::UnitKind;

/// A part before it is stored.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it holds.
    pub kind: PartKind,
    /// Of what.
    pub name: String,
    /// Its place among those of its kind.
    pub place: i32,
    /// Digest of what it says.
    pub digest: String,
    /// What it says, as it is stored.
    pub content: Vec<u8>,
}

impl Part {
    /// A part that says this.
    ///
    /// # Errors
    /// Memory.
    pub fn of(kind: PartKind, name: &str, place: usize, says: &[u8]) -> Result<Self, Error> {
        Ok(Self {
            kind,
            name: name.to_owned(),
            place: i32::try_from(place).unwrap_or(i32::MAX),
            digest: audit::digest(says),
            content: packed(kind, says)?,
        })
    }
}

/// Bytes as they are stored: a workbook is deflated by itself.
fn packed(kind: PartKind, says: &[u8]) -> Result<Vec<u8>, Error> {
    if kind == PartKind::Book {
        return Ok(says.to_vec());
    }
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
    deflated.write_all(says)?;
    Ok(deflated.finish()?)
}

/// What stored bytes say.
///
/// # Errors
/// They are no deflated text.
pub fn unpacked(kind: PartKind, content: &[u8]) -> Result<Vec<u8>, Error> {
    if kind == PartKind::Book {
        return Ok(content.to_vec());
    }
    let mut says = Vec::new();
    DeflateDecoder::new(content).read_to_end(&mut says)?;
    Ok(says)
}

/// A unit as an edition keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Kind, by its code.
    pub kind: String,
    /// Code of the unit that it stood in.
    pub parent: Option<String>,
}

/// The units of an edition, by code.
#[derive(Debug, Clone, Default)]
pub struct Units {
    /// In the order they were released.
    pub all: Vec<Kept>,
    by_code: HashMap<String, usize>,
}

impl Units {
    /// The units of a list.
    #[must_use]
    pub fn of(all: Vec<Kept>) -> Self {
        let by_code = all
            .iter()
            .enumerate()
            .map(|(place, u)| (u.code.clone(), place))
            .collect();
        Self { all, by_code }
    }

    /// A unit.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Kept> {
        self.by_code.get(code).and_then(|place| self.all.get(*place))
    }

    /// The kind of a unit.
    #[must_use]
    pub fn kind(&self, code: &str) -> Option<UnitKind> {
        self.get(code).and_then(|u| UnitKind::from_code(&u.kind))
    }

    /// A unit and everything that it stood in, upwards.
    #[must_use]
    pub fn path<'a>(&'a self, code: &'a str) -> Vec<&'a str> {
        let mut path = vec![code];
        while let Some(parent) = path.last().and_then(|code| self.get(code)?.parent.as_deref()) {
            if path.contains(&parent) {
                break;
            }
            path.push(parent);
        }
        path
    }

    /// Codes of a unit and everything in it.
    #[must_use]
    pub fn inside(&self, code: &str) -> BTreeSet<&str> {
        let within = |u: &&Kept| self.path(&u.code).contains(&code);
        self.all.iter().filter(within).map(|u| u.code.as_str()).collect()
    }
}

/// The list behind the numbers of one indicator, as it is stored. Numbers are places in the lists of keys; `5-9` is a
/// stretch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lists {
    /// `person`, `iom`, or `code` for units and programmes.
    pub subject: String,
    /// What is counted of those with one place.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub numerator: String,
    /// What stands only in the denominator.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rest: String,
    /// Of those with several places, by unit: both sides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub several: BTreeMap<String, (String, String)>,
    /// Codes of units or programmes, by unit: both sides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, (Vec<String>, Vec<String>)>,
}

/// Keys of people and plans, and where those of each organisation stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Keys of people, hexadecimal.
    pub persons: Vec<String>,
    /// Keys of plans.
    pub plans: Vec<String>,
    /// By organisation: where its people begin and end, where their plans do.
    pub homes: BTreeMap<String, [usize; 4]>,
}

/// Ascending places as stretches: `0-3 7 9-12`.
#[must_use]
pub fn stretches(places: &[usize]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let mut rest = places.iter().copied().peekable();
    while let Some(from) = rest.next() {
        let mut to = from;
        while rest.peek() == Some(&(to + 1)) {
            to += 1;
            rest.next();
        }
        let space = if text.is_empty() { "" } else { " " };
        let _infallible = if to > from {
            write!(text, "{space}{from}-{to}")
        } else {
            write!(text, "{space}{from}")
        };
    }
    text
}

/// The places of stretches that lie within a range.
#[must_use]
pub fn places(text: &str, within: std::ops::Range<usize>) -> Vec<usize> {
    let mut found = Vec::new();
    for stretch in text.split(' ').filter(|s| !s.is_empty()) {
        let (from, to) = stretch.split_once('-').unwrap_or((stretch, stretch));
        if let (Ok(from), Ok(to)) = (from.parse::<usize>(), to.parse::<usize>()) {
            found.extend(from.max(within.start)..(to + 1).min(within.end));
        }
    }
    found
}

/// Any of these as a part says it.
///
/// # Errors
/// What no JSON holds.
pub fn json(of: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(of).map_err(|e| Error::Internal(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_say_the_places_and_a_range_cuts_them() {
        let all = [0, 1, 2, 5, 7, 8];
        let text = stretches(&all);
        assert_eq!(text, "0-2 5 7-8");
        assert_eq!(places(&text, 0..100), all);
        assert_eq!(places(&text, 1..8), [1, 2, 5, 7]);
        assert_eq!(places(&stretches(&[]), 0..9), Vec::<usize>::new());
    }

    #[test]
    fn a_text_comes_back_from_its_bytes() {
        let part = Part::of(PartKind::Values, "1", 0, "а".repeat(5000).as_bytes()).unwrap();
        assert!(part.content.len() < 500);
        assert_eq!(
            unpacked(PartKind::Values, &part.content).unwrap(),
            "а".repeat(5000).as_bytes()
        );
    }
}

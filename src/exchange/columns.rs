//! The dictionary of columns, and how a row of headers is recognised in it.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::batch::Kind;
use super::sheet::{Cell, Cells};

/// A column that a kind of file may have.
#[derive(Debug, Clone, Deserialize)]
pub struct Column {
    /// Its name in the program.
    pub name: String,
    /// The header as printed.
    pub title: String,
    /// What to write there, for people who fill the sheet in.
    pub holds: String,
    /// Whether a file without it is refused.
    #[serde(default)]
    pub required: bool,
    /// Whether the usual form of the file has it, though another form does without.
    #[serde(default)]
    pub usual: bool,
    /// Other headers that mean the same.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Columns that this one holds together («ФИО»).
    #[serde(default)]
    pub replaces: Vec<String>,
    /// Columns without which this one says nothing («Фамилия» without «Имя»).
    #[serde(default)]
    pub needs: Vec<String>,
}

/// Parsed once; the file is part of the program, and a test reads it.
static DICTIONARY: LazyLock<HashMap<String, Vec<Column>>> =
    LazyLock::new(|| toml::from_str(include_str!("../../seeds/reference/columns.toml")).unwrap_or_default());

static KNOWN: LazyLock<std::collections::HashSet<String>> =
    LazyLock::new(|| DICTIONARY.values().flatten().flat_map(Column::headers).collect());

impl Column {
    fn headers(&self) -> Vec<String> {
        std::iter::once(&self.title)
            .chain(&self.aliases)
            .map(|h| normal(h))
            .collect()
    }
}

/// The columns of a kind.
#[must_use]
pub fn of(kind: Kind) -> &'static [Column] {
    DICTIONARY.get(kind.code()).map_or(&[], Vec::as_slice)
}

/// The column of a kind that a header means.
#[must_use]
pub fn called(kind: Kind, header: &str) -> Option<&'static Column> {
    let header = normal(header);
    of(kind)
        .iter()
        .find(|c| !header.is_empty() && c.headers().contains(&header))
}

/// Whether a text is a header of any kind of file.
#[must_use]
pub fn is_known(header: &str) -> bool {
    KNOWN.contains(&normal(header))
}

/// Titles of columns that a file of a kind must have and has not; `has` says which it has. What needs another column asks for
/// it, and «ФИО» stands for its parts.
pub(super) fn missing(kind: Kind, has: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let columns = of(kind);
    let here = || columns.iter().filter(|c| has(&c.name));
    let needed = |c: &Column| c.required || here().any(|other| other.needs.contains(&c.name));
    let replaced = |c: &Column| here().any(|other| other.replaces.contains(&c.name));
    let lacking = columns.iter().filter(|c| needed(c) && !has(&c.name) && !replaced(c));
    lacking.map(|c| c.title.as_str()).collect()
}

/// The texts of a row of headers.
#[must_use]
pub fn headers_of(row: &Cells<'_>) -> Vec<String> {
    row.0.iter().map(|c| c.text.trim().to_owned()).collect()
}

/// A header without case, signs and spaces, ё as е.
#[must_use]
pub fn normal(header: &str) -> String {
    header
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ё' { 'е' } else { c })
        .collect()
}

/// Columns as a person chose them for one file: the row of headers and what stands where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// The sheet.
    pub sheet: String,
    /// Row of the headers.
    pub row: u32,
    /// Name of a column in the program and its place in the sheet.
    pub places: Vec<(String, usize)>,
    /// Name of a column that the sheet lacks, and what holds in every row instead.
    #[serde(default)]
    pub given: Vec<(String, String)>,
}

impl Chosen {
    /// What holds in every row of a file whose columns are found by their headers.
    #[must_use]
    pub fn given(given: Vec<(String, String)>) -> Self {
        Self {
            given,
            ..Self::default()
        }
    }

    /// Whether somebody said where the columns stand; else they are found by their headers.
    #[must_use]
    pub fn has_place(&self) -> bool {
        self.row > 0
    }
}

/// Which column of the sheet holds what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Name in the program and place in the sheet.
    places: Vec<(&'static str, usize)>,
    /// What holds in every row.
    given: Vec<Given>,
    /// Headers as the file has them.
    headers: Vec<String>,
}

/// A column that the file lacks, and what holds in every row instead.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Given {
    name: &'static str,
    title: &'static str,
    cell: Cell<'static>,
}

/// What a row of headers lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Headers of required columns that are not there.
    pub missing: Vec<&'static str>,
    /// Headers that were understood.
    pub found: Vec<&'static str>,
}

impl Mapping {
    /// Reads a row as headers of a kind; `given` holds in every row where the sheet has no such column.
    ///
    /// # Errors
    /// What is missing.
    pub fn read(kind: Kind, row: &Cells<'_>, given: &[(String, String)]) -> Result<Self, Missing> {
        let headers = headers_of(row);
        Self::complete(kind, Self::recognised(kind, &headers), given, headers)
    }

    /// The same with the places that a person chose.
    ///
    /// # Errors
    /// What is missing.
    pub fn chosen(kind: Kind, row: &Cells<'_>, chosen: &Chosen) -> Result<Self, Missing> {
        let mut places: Vec<(&'static str, usize)> = Vec::new();
        for (name, place) in &chosen.places {
            let column = of(kind).iter().find(|c| c.name == *name);
            if let Some(column) = column.filter(|c| !places.iter().any(|(own, at)| *own == c.name || at == place)) {
                places.push((&column.name, *place));
            }
        }
        Self::complete(kind, places, &chosen.given, headers_of(row))
    }

    /// What the headers of a row mean, each column once.
    #[must_use]
    pub fn recognised(kind: Kind, headers: &[String]) -> Vec<(&'static str, usize)> {
        let mut places: Vec<(&'static str, usize)> = Vec::new();
        for (place, header) in headers.iter().enumerate() {
            if let Some(column) = called(kind, header).filter(|c| !places.iter().any(|(name, _)| *name == c.name)) {
                places.push((&column.name, place));
            }
        }
        places
    }

    fn complete(
        kind: Kind,
        places: Vec<(&'static str, usize)>,
        given: &[(String, String)],
        headers: Vec<String>,
    ) -> Result<Self, Missing> {
        let columns = of(kind);
        let stands = |name: &str| places.iter().any(|(own, _)| *own == name);
        let given: Vec<Given> = given
            .iter()
            .filter_map(|(name, text)| {
                let column = columns.iter().find(|c| c.name == *name && !stands(name))?;
                Some(Given {
                    name: &column.name,
                    title: &column.title,
                    cell: Cell::text(text.clone()),
                })
            })
            .collect();
        let has = |name: &str| stands(name) || given.iter().any(|of| of.name == name);
        let missing = missing(kind, has);
        if missing.is_empty() {
            return Ok(Self { places, given, headers });
        }
        let found = columns
            .iter()
            .filter(|c| has(&c.name))
            .map(|c| c.title.as_str())
            .collect();
        Err(Missing { missing, found })
    }

    /// The place of a column; `None` when the file has none.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.places
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, place)| *place)
    }

    /// What holds in every row in place of a column that the file lacks.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<&Cell<'static>> {
        self.given.iter().find(|of| of.name == name).map(|of| &of.cell)
    }

    /// How a column is called: by its header in the file, or by its title where it is given.
    #[must_use]
    pub fn called(&self, name: &str) -> &str {
        let given = || self.given.iter().find(|of| of.name == name);
        match self.place(name) {
            Some(place) => self.header(place),
            None => given().map_or("", |of| of.title),
        }
    }

    /// Columns of the file that mean nothing here: place and header.
    pub fn others(&self) -> impl Iterator<Item = (usize, &str)> {
        let own = |place: usize| self.places.iter().any(|(_, own)| *own == place);
        let all = self.headers.iter().map(String::as_str).enumerate();
        all.filter(move |(place, header)| !header.is_empty() && !own(*place))
    }

    /// The header as the file has it.
    #[must_use]
    pub fn header(&self, place: usize) -> &str {
        self.headers.get(place).map_or("", String::as_str)
    }

    /// Headers that mean nothing here.
    #[must_use]
    pub fn unknown(&self) -> Vec<&str> {
        self.others().map(|(_, header)| header).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_columns_and_no_header_means_two_things() {
        for kind in Kind::ALL {
            let mut seen = std::collections::HashSet::new();
            assert!(of(*kind).iter().any(|c| c.required), "{kind}");
            for column in of(*kind) {
                for header in column.headers().into_iter().collect::<std::collections::HashSet<_>>() {
                    assert!(seen.insert(header.clone()), "{kind}: {header}");
                }
            }
        }
    }

    #[test]
    fn headers_are_found_by_aliases_in_any_order() {
        let row = |headers: &[&str]| Cells(headers.iter().map(|h| Cell::text((*h).to_owned())).collect());
        let headers = [
            "ф. и. о.",
            "Д.Р.",
            "дата приема",
            "КОД  ОО",
            "Должность",
            "Персонал",
            "Прочее",
        ];
        let mapping = Mapping::read(Kind::Staff, &row(&headers), &[]).unwrap();
        assert_eq!(mapping.place("full_name"), Some(0));
        assert_eq!(mapping.place("from"), Some(2));
        assert_eq!(mapping.place("snils"), None);
        assert_eq!(mapping.unknown(), ["Прочее"]);
        let short = Mapping::read(Kind::Staff, &row(&headers[1..]), &[]).unwrap_err();
        assert_eq!(short.missing, ["Фамилия", "Имя"]);
    }
}

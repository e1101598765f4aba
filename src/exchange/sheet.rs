//! Cells and rows as they travel from the limited child to the parent: one JSON object a line.
//!
//! A cell is a string whose first letter says what it is (`t` text, `n` number, `d` date, `b` yes or no, `e` error of
//! the sheet), the capital letter when a formula made it. A number in place of a cell skips so many empty ones.

use std::borrow::Cow;
use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Text, or a cell of a CSV file.
    Text,
    /// A number, with a point.
    Number,
    /// A date, `2023-09-01`.
    Date,
    /// `1` or `0`.
    Bool,
    /// An error value of the sheet, `#N/A`.
    Error,
}

/// One cell. An empty one is empty text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell<'a> {
    /// What it holds.
    pub kind: CellKind,
    /// Whether a formula made the value.
    pub formula: bool,
    /// The value.
    pub text: Cow<'a, str>,
}

impl<'a> Cell<'a> {
    /// The empty cell.
    pub const EMPTY: Cell<'static> = Cell {
        kind: CellKind::Text,
        formula: false,
        text: Cow::Borrowed(""),
    };

    /// A cell of text.
    #[must_use]
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            kind: CellKind::Text,
            formula: false,
            text: text.into(),
        }
    }

    /// Whether nothing stands in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    fn letter(&self) -> char {
        let letter = match self.kind {
            CellKind::Text => 't',
            CellKind::Number => 'n',
            CellKind::Date => 'd',
            CellKind::Bool => 'b',
            CellKind::Error => 'e',
        };
        if self.formula {
            letter.to_ascii_uppercase()
        } else {
            letter
        }
    }

    /// The cell as one text: a letter for what it is, then what it holds; empty for an empty one.
    pub(super) fn coded(&self) -> String {
        if self.text.is_empty() && !self.formula {
            return String::new();
        }
        format!("{}{}", self.letter(), self.text)
    }

    /// The cell of such a text.
    #[must_use]
    pub fn of_code(coded: &'a str) -> Self {
        Self::decode(Cow::Borrowed(coded)).unwrap_or(Cell::EMPTY)
    }

    fn decode(coded: Cow<'a, str>) -> Option<Self> {
        let letter = coded.chars().next().filter(char::is_ascii_alphabetic)?;
        let kind = match letter.to_ascii_lowercase() {
            't' => CellKind::Text,
            'n' => CellKind::Number,
            'd' => CellKind::Date,
            'b' => CellKind::Bool,
            'e' => CellKind::Error,
            _ => return None,
        };
        let text = match coded {
            Cow::Borrowed(text) => Cow::Borrowed(&text[1..]),
            Cow::Owned(mut text) => {
                text.remove(0);
                Cow::Owned(text)
            }
        };
        Some(Self {
            kind,
            formula: letter.is_ascii_uppercase(),
            text,
        })
    }
}

/// The cells of a row from the first column on; what is beyond the end is empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cells<'a>(pub Vec<Cell<'a>>);

impl<'a> Cells<'a> {
    /// The cell of a column, from 0.
    #[must_use]
    pub fn at(&self, column: usize) -> &Cell<'a> {
        self.0.get(column).unwrap_or(&Cell::EMPTY)
    }

    /// Whether every cell is empty.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(Cell::is_empty)
    }
}

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq as _;
        let mut seq = to.serialize_seq(None)?;
        let mut skipped = 0_u32;
        let mut coded = String::new();
        for cell in &self.0 {
            if cell.text.is_empty() && !cell.formula {
                skipped += 1;
                continue;
            }
            if skipped > 0 {
                seq.serialize_element(&skipped)?;
                skipped = 0;
            }
            coded.clear();
            coded.push(cell.letter());
            coded.push_str(&cell.text);
            seq.serialize_element(&coded)?;
        }
        seq.end()
    }
}

/// An element of the coded row.
enum Element<'a> {
    Skip(usize),
    Cell(Cell<'a>),
}

impl<'de> Deserialize<'de> for Element<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ElementVisitor;
        impl<'de> Visitor<'de> for ElementVisitor {
            type Value = Element<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a coded cell or a count of empty ones")
            }

            fn visit_u64<E: serde::de::Error>(self, count: u64) -> Result<Self::Value, E> {
                Ok(Element::Skip(usize::try_from(count).unwrap_or(usize::MAX)))
            }

            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                let cell = Cell::decode(Cow::Borrowed(text));
                cell.map(Element::Cell).ok_or_else(|| E::custom("no kind of cell"))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                let cell = Cell::decode(Cow::Owned(text.to_owned()));
                cell.map(Element::Cell).ok_or_else(|| E::custom("no kind of cell"))
            }
        }
        from.deserialize_any(ElementVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Cells<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct CellsVisitor;
        impl<'de> Visitor<'de> for CellsVisitor {
            type Value = Cells<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row of cells")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut cells: Vec<Cell<'de>> = Vec::with_capacity(24);
                while let Some(element) = seq.next_element::<Element<'de>>()? {
                    match element {
                        // The child is not trusted: it has read a hostile file.
                        Element::Skip(count) if count > MAX_COLUMNS - cells.len().min(MAX_COLUMNS) => {
                            return Err(serde::de::Error::custom("too many columns"));
                        }
                        Element::Skip(count) => cells.resize(cells.len() + count, Cell::EMPTY),
                        Element::Cell(_) if cells.len() >= MAX_COLUMNS => {
                            return Err(serde::de::Error::custom("too many columns"));
                        }
                        Element::Cell(cell) => cells.push(cell),
                    }
                }
                Ok(Cells(cells))
            }
        }
        from.deserialize_seq(CellsVisitor)
    }
}

/// Columns of a sheet that are read.
pub const MAX_COLUMNS: usize = 256;
/// Rows of a sheet that are read.
pub const MAX_ROWS: u32 = 1_048_576;
/// Characters of a cell.
pub const MAX_CHARACTERS: usize = 32_767;

/// What the file is, as far as writing it back asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// A workbook; whether its serial dates count from 1904.
    Xlsx {
        /// Serial dates count from 1 January 1904.
        from_1904: bool,
    },
    /// Delimited text.
    Csv {
        /// Its encoding.
        encoding: Encoding,
        /// Between the cells.
        delimiter: char,
    },
}

/// Encodings of delimited text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8 without mark.
    Utf8,
    /// UTF-8 with mark.
    Utf8Bom,
    /// UTF-16, low byte first, with mark.
    Utf16Le,
    /// windows-1251.
    Windows1251,
}

/// A row with its number.
#[derive(Debug, Serialize, Deserialize)]
pub struct Numbered<'a>(pub u32, #[serde(borrow)] pub Cells<'a>);

/// A line of the child's answer.
#[derive(Debug, Serialize, Deserialize)]
pub enum Line<'a> {
    /// The file is readable, and what it is.
    #[serde(rename = "F")]
    File(Format),
    /// A sheet begins.
    #[serde(rename = "S")]
    Sheet(String),
    /// A row: its number as the sheet shows it, its cells.
    #[serde(rename = "R", borrow)]
    Row(Numbered<'a>),
    /// The file is refused; the sentence for people.
    #[serde(rename = "X")]
    Refused(String),
    /// Everything was read.
    #[serde(rename = "E")]
    End,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_as_it_went() {
        let mut cells = vec![Cell::EMPTY; 3];
        cells.push(Cell::text("Ёлкин \"Ё\"\nвторая строка"));
        cells.push(Cell::EMPTY);
        cells.push(Cell {
            kind: CellKind::Number,
            formula: true,
            text: "59.99".into(),
        });
        let row = Line::Row(Numbered(7, Cells(cells.clone())));
        let json = serde_json::to_string(&row).unwrap();
        match serde_json::from_str(&json).unwrap() {
            Line::Row(Numbered(7, back)) => assert_eq!(back.0, cells),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_child_gone_wrong_cannot_ask_for_memory() {
        assert!(serde_json::from_str::<Line<'_>>(r#"{"R":[1,[4000000000,"tx"]]}"#).is_err());
        assert!(serde_json::from_str::<Line<'_>>(r#"{"R":[1,["яx"]]}"#).is_err());
    }
}

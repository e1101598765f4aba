//! A sheet of figures: one table that the page shows and the workbook holds alike.

use serde::Serialize;

use super::sign::{Chip, Link};
use crate::pages::text::NOTHING;

/// What stands in a cell for the workbook; the page shows its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// The words themselves.
    Words,
    /// A number: thousandths, decimals shown, a word after it.
    Number(i64, u32, &'static str),
    /// Nothing.
    Nothing,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SheetCell {
    /// Head of its column, shown beside it on a phone.
    pub label: String,
    /// Figures stand at the right.
    pub right: bool,
    /// Words.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// A state in its place.
    pub chip: Option<Chip>,
    /// The class of its shade, 1 to 5.
    pub shade: Option<usize>,
    /// Whether it names its row.
    pub head: bool,
    /// What the workbook holds.
    #[serde(skip)]
    pub held: Held,
}

impl SheetCell {
    fn new(text: String, held: Held) -> Self {
        Self {
            label: String::new(),
            right: false,
            text,
            href: None,
            chip: None,
            shade: None,
            head: false,
            held,
        }
    }

    /// Words.
    #[must_use]
    pub fn words(text: impl Into<String>) -> Self {
        Self::new(text.into(), Held::Words)
    }

    /// Nothing to say.
    #[must_use]
    pub fn nothing() -> Self {
        Self::new(NOTHING.to_owned(), Held::Nothing)
    }

    /// The name of a row.
    #[must_use]
    pub fn head(text: impl Into<String>) -> Self {
        Self {
            head: true,
            ..Self::words(text)
        }
    }

    /// A number as it is written, and what it is.
    #[must_use]
    pub fn number(shown: impl Into<String>, milli: i64, digits: u32, after: &'static str) -> Self {
        Self::new(shown.into(), Held::Number(milli, digits, after))
    }

    /// A state.
    #[must_use]
    pub fn chip(chip: Chip) -> Self {
        let text = chip.text.clone();
        Self {
            chip: Some(chip),
            ..Self::words(text)
        }
    }

    /// With a link.
    #[must_use]
    pub fn link(mut self, href: Option<String>) -> Self {
        self.href = href;
        self
    }

    /// With a shade.
    #[must_use]
    pub fn shade(mut self, shade: Option<usize>) -> Self {
        self.shade = shade;
        self
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SheetColumn {
    /// Head.
    pub label: String,
    /// Figures stand at the right.
    pub right: bool,
    /// Where the head leads: the same sorted by it, the page of what it names.
    pub href: Option<String>,
    /// `ascending` or `descending` when the rows are sorted by it.
    pub sorted: Option<&'static str>,
    /// Said to those who point at the head or hear it alone.
    pub hint: String,
}

impl SheetColumn {
    fn new(label: impl Into<String>, right: bool) -> Self {
        Self {
            label: label.into(),
            right,
            href: None,
            sorted: None,
            hint: String::new(),
        }
    }

    /// A column of words.
    #[must_use]
    pub fn words(label: impl Into<String>) -> Self {
        Self::new(label, false)
    }

    /// A column of figures.
    #[must_use]
    pub fn figures(label: impl Into<String>) -> Self {
        Self::new(label, true)
    }

    /// With a link in its head.
    #[must_use]
    pub fn link(mut self, href: impl Into<String>, hint: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self.hint = hint.into();
        self
    }

    /// Sorted by it.
    #[must_use]
    pub fn sorted(mut self, how: Option<&'static str>) -> Self {
        self.sorted = how;
        self
    }
}

/// A group of rows with a head of its own, and what stands below them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SheetPart {
    /// Its head; empty for none.
    pub title: String,
    /// Rows.
    pub rows: Vec<Vec<SheetCell>>,
}

/// A table of figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// Said to those who do not see the table.
    pub caption: String,
    /// Heads.
    pub columns: Vec<SheetColumn>,
    /// How many there are.
    pub wide: usize,
    /// Groups of rows.
    pub parts: Vec<SheetPart>,
    /// Where the same is as a workbook.
    pub file: Option<Link>,
    /// Whether a share in it is above a hundred: the page says beside it that this is no slip.
    pub above: bool,
    /// Whether rows stay rows on a phone and the box is scrolled: a map is read across.
    pub dense: bool,
}

impl Sheet {
    /// A sheet of one group of rows.
    #[must_use]
    pub fn new(caption: impl Into<String>, columns: Vec<SheetColumn>, rows: Vec<Vec<SheetCell>>) -> Self {
        let title = String::new();
        Self::of_parts(caption, columns, vec![SheetPart { title, rows }])
    }

    /// A sheet; each cell takes the head and the side of its column.
    #[must_use]
    pub fn of_parts(caption: impl Into<String>, columns: Vec<SheetColumn>, mut parts: Vec<SheetPart>) -> Self {
        for row in parts.iter_mut().flat_map(|part| &mut part.rows) {
            for (cell, column) in row.iter_mut().zip(&columns) {
                cell.label.clone_from(&column.label);
                cell.right = column.right;
            }
            if let Some(first) = row.first_mut() {
                first.head = true;
            }
        }
        let above = |cell: &SheetCell| matches!(cell.held, Held::Number(milli, _, "%") if milli > 100_000);
        Self {
            above: parts.iter().flat_map(|part| &part.rows).flatten().any(above),
            caption: caption.into(),
            wide: columns.len(),
            columns,
            parts,
            file: None,
            dense: false,
        }
    }

    /// Read across on any screen.
    #[must_use]
    pub fn dense(mut self) -> Self {
        self.dense = true;
        self
    }

    /// With the address of its workbook.
    #[must_use]
    pub fn file(mut self, href: impl Into<String>) -> Self {
        self.file = Some(Link::new("Выгрузить в Excel", href));
        self
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| part.rows.is_empty())
    }
}

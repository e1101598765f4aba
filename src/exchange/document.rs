//! A document for paper: headings, facts, tables, places for signatures. Its page, its text and its DOCX are made of this
//! one value, so that none of them can say something else.

use serde::Serialize;

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Title.
    pub title: String,
    /// What it is about, below the title.
    pub about: String,
    /// Its parts in their order.
    pub blocks: Vec<Block>,
    /// What stands below each page, beside its number and the day of printing.
    pub footer: String,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// «УТВЕРЖДАЮ» and its like, side by side at the top.
    Stamps(Vec<Stamp>),
    /// The heading of a section.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// What is said of somebody or something, name by name.
    Facts(Vec<Said>),
    /// A table.
    Table(Table),
    /// So many empty lines, to be filled in by hand.
    ByHand(usize),
    /// Who signs, each on a line.
    Signatures(Vec<Signature>),
}

/// A place for whoever approves or agrees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stamp {
    /// «УТВЕРЖДАЮ».
    pub title: &'static str,
    /// Post; empty is filled in by hand.
    pub post: String,
    /// Name; empty is filled in by hand.
    pub name: String,
}

/// A value under its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// What.
    pub name: &'static str,
    /// Value.
    pub value: String,
}

/// A table with one row of heads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// What it shows, for those who hear it.
    pub caption: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows; each has as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Head.
    pub title: &'static str,
    /// Its part of the width.
    pub weight: u32,
}

impl Column {
    /// A column.
    #[must_use]
    pub fn new(title: &'static str, weight: u32) -> Self {
        Self { title, weight }
    }
}

/// A line for a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// As what.
    pub who: String,
    /// Name; empty is filled in by hand.
    pub name: String,
}

/// Columns that fit a page that stands upright.
const UPRIGHT: usize = 6;

impl Document {
    /// Whether its pages lie on their side: a table is too wide for others.
    #[must_use]
    pub fn wide(&self) -> bool {
        let wide = |block: &Block| matches!(block, Block::Table(table) if table.columns.len() > UPRIGHT);
        self.blocks.iter().any(wide)
    }

    /// The document as plain text: what a digest is taken of.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}\n{}\n", self.title, self.about);
        let mut line = |text: &str| {
            // A value of several lines would read as several lines of the document.
            out.push_str(&text.split(['\n', '\r']).collect::<Vec<_>>().join(" / "));
            out.push('\n');
        };
        for block in &self.blocks {
            match block {
                Block::Stamps(stamps) => stamps.iter().for_each(|of| {
                    line("");
                    [of.title, of.post.as_str(), of.name.as_str()]
                        .into_iter()
                        .for_each(&mut line);
                }),
                Block::Heading(text) => {
                    line("");
                    line(&format!("# {text}"));
                }
                Block::Text(text) => line(text),
                Block::Facts(facts) => facts.iter().for_each(|of| line(&format!("{}: {}", of.name, of.value))),
                Block::Table(table) => {
                    let heads: Vec<&str> = table.columns.iter().map(|c| c.title).collect();
                    line(&heads.join(" | "));
                    table.rows.iter().for_each(|row| line(&row.join(" | ")));
                }
                Block::ByHand(lines) => (0..*lines).for_each(|_| line("____")),
                Block::Signatures(all) => {
                    line("");
                    all.iter().for_each(|of| line(&format!("{} ____ {}", of.who, of.name)));
                }
            }
        }
        out.push('\n');
        out.push_str(&self.footer);
        out.push('\n');
        out
    }
}

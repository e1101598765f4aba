//! The papers of a plan: ИОМ, лист корректировки, отчёт, итоги. Pure: from what is known to a document.

pub mod correction;
pub mod names;
pub mod plan;
pub mod report;
pub mod signer;
pub mod source;
pub mod summary;

use std::collections::BTreeSet;

use crate::audit;
use crate::exchange::document::{Block, Document, Said, Signature, Stamp};
use crate::iom::model::SupporterKind;
use crate::pages::text::date;
use crate::text_enum;

pub use source::{About, Changed, Done, Known, Proof, Score, Source, Told};

text_enum! {
    /// Which paper.
    PaperKind {
        Plan = "plan" "ИОМ",
        Correction = "correction" "Лист корректировки",
        Report = "report" "Отчёт о работе",
        Summary = "summary" "Итоги",
    }
}

impl PaperKind {
    /// Whether its copies differ: one of them tells scores.
    #[must_use]
    pub fn has_scores(self) -> bool {
        matches!(self, Self::Plan | Self::Summary)
    }
}

text_enum! {
    /// A part of a paper that a region prints or leaves out.
    PaperBlock {
        Head = "head" "«УТВЕРЖДАЮ» и «СОГЛАСОВАНО»",
        BirthDate = "birth_date" "Дата рождения",
        Education = "education" "Образование",
        Experience = "experience" "Педагогический стаж",
        Category = "category" "Квалификационная категория",
        Diagnosis = "diagnosis" "Результаты диагностики",
        Request = "request" "Индивидуальный запрос педагога",
        Marks = "marks" "Отметка о выполнении шага",
        Reflection = "reflection" "Строки для рефлексии и рекомендаций",
        Signatures = "signatures" "Подписи",
    }
}

impl PaperBlock {
    /// What is printed until a region says otherwise: everything but the date of birth.
    #[must_use]
    pub fn usual() -> BTreeSet<Self> {
        Self::ALL.iter().copied().filter(|b| *b != Self::BirthDate).collect()
    }
}

/// A paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The document.
    pub document: Document,
    /// SHA-256 of its text: printed below each page, and what a signature is kept with.
    pub digest: String,
}

/// Makes a paper.
#[must_use]
pub fn paper(kind: PaperKind, of: &Source) -> Paper {
    let mut document = match kind {
        PaperKind::Plan => plan::document(of),
        PaperKind::Correction => correction::document(of),
        PaperKind::Report => report::document(of),
        PaperKind::Summary => summary::document(of),
    };
    let revision = match (of.plan.revision, of.revised_on) {
        (0, _) => "не утверждён".to_owned(),
        (number, Some(on)) => format!("редакция № {number} от {}", date(on)),
        (number, None) => format!("редакция № {number}"),
    };
    document.footer = format!("ИОМ № {} · {revision}", of.plan.number);
    let digest = audit::digest(document.text().as_bytes());
    document.footer.push_str(&format!(" · SHA-256: {digest}"));
    Paper { document, digest }
}

/// Sections with their numbers: what is left out leaves no gap.
struct Sections {
    blocks: Vec<Block>,
    count: usize,
}

impl Sections {
    /// Begins with the places for whoever approves and agrees.
    fn of(source: &Source) -> Self {
        let mut blocks = Vec::new();
        if source.blocks.contains(&PaperBlock::Head) {
            blocks.push(Block::Stamps(stamps(source)));
        }
        Self { blocks, count: 0 }
    }

    fn begin(&mut self, title: &str) {
        self.count += 1;
        self.blocks.push(Block::Heading(format!("{}. {title}", self.count)));
    }

    fn text(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(text.into()));
    }

    fn lines(&mut self, title: &str) {
        self.begin(title);
        self.blocks.push(Block::ByHand(3));
    }

    /// Ends with who signs.
    fn sign(mut self, source: &Source) -> Vec<Block> {
        if source.blocks.contains(&PaperBlock::Signatures) {
            self.blocks.push(Block::Signatures(signatures(source)));
        }
        self.blocks
    }
}

/// Facts that are known.
fn facts(all: Vec<(&'static str, String)>) -> Block {
    let known = all.into_iter().filter(|(_, value)| !value.is_empty());
    Block::Facts(known.map(|(name, value)| Said { name, value }).collect())
}

fn curator(of: &Source) -> String {
    let found = of.supporters.iter().find(|(kind, _)| *kind == SupporterKind::Curator);
    found.map_or_else(String::new, |(_, name)| name.clone())
}

fn stamps(of: &Source) -> Vec<Stamp> {
    let agrees = of.agrees.clone().unwrap_or_else(|| ("Куратор".to_owned(), curator(of)));
    let approves = of.approves.clone().unwrap_or_default();
    let stamp = |title, (post, name)| Stamp { title, post, name };
    vec![stamp("СОГЛАСОВАНО", agrees), stamp("УТВЕРЖДАЮ", approves)]
}

fn signatures(of: &Source) -> Vec<Signature> {
    let (post, name) = of.approves.clone().unwrap_or_default();
    let post = if post.is_empty() {
        "Руководитель".to_owned()
    } else {
        post
    };
    let sign = |who: &str, name: String| Signature {
        who: who.to_owned(),
        name,
    };
    vec![
        sign("Педагог", of.about.name.clone()),
        sign("Куратор", curator(of)),
        sign(&post, name),
    ]
}

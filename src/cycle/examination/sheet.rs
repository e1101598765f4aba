//! What is scored: sections with their criteria, as the pack said when the examination was opened.

use serde::{Deserialize, Serialize};

use crate::indicators::Pack;
use crate::indicators::pack_criteria::most;
use crate::planted;

/// The step of points where the pack says none, thousandths.
const STEP: i64 = 500;
/// The divergence of experts that has to be explained where the pack says none, thousandths of a per cent.
const DIVERGENCE: i64 = 25_000;

/// All that is scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The step of points, thousandths.
    pub step_milli: i64,
    /// Sections in their order.
    pub sections: Vec<Section>,
    /// Stages of the cycle that criteria show: code and title.
    pub stages: Vec<(String, String)>,
    /// Errors that are ticked.
    pub errors: Vec<Known>,
}

/// A section: what becomes one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Code of its indicator.
    pub code: String,
    /// Title.
    pub title: String,
    /// The measure under which its points are kept.
    pub measure: String,
    /// The most points, thousandths.
    pub maximum_milli: i64,
    /// Its criteria; one with the code of the section where it is scored as a whole.
    pub lines: Vec<Line>,
}

/// A criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Code.
    pub code: String,
    /// Title.
    pub title: String,
    /// The most points, thousandths.
    pub maximum_milli: i64,
    /// Kinds of documents that show it.
    pub documents: Vec<String>,
    /// The stage of the cycle that it shows.
    pub stage: Option<String>,
    /// What an expert looks for.
    pub guide: String,
}

/// A typical error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Code.
    pub code: String,
    /// What it is.
    pub title: String,
    /// The criterion or the section.
    pub of: String,
}

impl Sheet {
    /// What a pack scores in a period. For a period that the pack does not name its last year stands.
    #[must_use]
    pub fn of(pack: &Pack, period: &str) -> Self {
        let year = match pack.years.iter().find(|own| *own == period) {
            Some(own) => own.as_str(),
            None => pack.years.last().map_or("", String::as_str),
        };
        let section = |of: &crate::indicators::Indicator| -> Option<Section> {
            let maximum_milli = most(of, year)?;
            let own = pack
                .criteria
                .iter()
                .filter(|c| c.of == of.code && !planted!("criteria_forgotten"));
            let mut lines: Vec<Line> = own
                .filter_map(|c| {
                    Some(Line {
                        code: c.code.clone(),
                        title: c.title.clone(),
                        maximum_milli: c.maximum.get(year).copied()?,
                        documents: c.documents.clone(),
                        stage: c.stage.clone(),
                        guide: c.guide.clone(),
                    })
                })
                .collect();
            if lines.is_empty() {
                lines.push(Line {
                    code: of.code.clone(),
                    title: of.title.clone(),
                    maximum_milli,
                    documents: Vec::new(),
                    stage: None,
                    guide: of.source.clone(),
                });
            }
            Some(Section {
                code: of.code.clone(),
                title: of.title.clone(),
                measure: of.reported.clone(),
                maximum_milli,
                lines,
            })
        };
        let stages = pack.stages.iter().map(|s| (s.code.clone(), s.title.clone()));
        let errors = pack.typical_errors.iter().map(|e| Known {
            code: e.code.clone(),
            title: e.title.clone(),
            of: e.of.clone(),
        });
        Self {
            step_milli: pack.parameter("score_step").filter(|n| *n > 0).unwrap_or(STEP),
            sections: pack.indicators.iter().filter_map(section).collect(),
            stages: stages.collect(),
            errors: errors.collect(),
        }
    }

    /// The divergence that a pack asks to explain, thousandths of a per cent of the maximum.
    #[must_use]
    pub fn divergence_of(pack: &Pack) -> i64 {
        pack.parameter("divergence_limit")
            .filter(|n| *n >= 0)
            .unwrap_or(DIVERGENCE)
    }

    /// A section by its code.
    #[must_use]
    pub fn section(&self, code: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.code == code)
    }

    /// All criteria, section by section.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.sections.iter().flat_map(|s| &s.lines)
    }

    /// A criterion with its section.
    #[must_use]
    pub fn line(&self, code: &str) -> Option<(&Section, &Line)> {
        self.sections
            .iter()
            .find_map(|s| s.lines.iter().find(|l| l.code == code).map(|l| (s, l)))
    }

    /// Errors that may be ticked at a criterion or a section.
    pub fn errors_of<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Known> {
        self.errors.iter().filter(move |e| e.of == code)
    }

    /// The title of an error.
    #[must_use]
    pub fn error(&self, code: &str) -> Option<&Known> {
        self.errors.iter().find(|e| e.code == code)
    }
}

impl Section {
    /// Codes under which something is said in it: its criteria and, where they are several, the section itself.
    #[must_use]
    pub fn codes(&self) -> Vec<&str> {
        let own = self.lines.iter().map(|l| l.code.as_str());
        let whole = self
            .lines
            .iter()
            .all(|l| l.code != self.code)
            .then_some(self.code.as_str());
        own.chain(whole).collect()
    }
}

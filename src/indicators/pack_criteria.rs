//! What experts score a unit by, as a pack describes it: criteria of the sections with their maxima by year, the documents
//! that show them, and errors that are typical.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::formula::Formula;
use super::pack::Indicator;
use super::pack_calendar::Stage;
use super::pack_check::milli;
use super::pack_text::figures;
use super::regulation_kinds as words;
use super::scale::plain;
use crate::finding::{Finding, at};

/// A criterion of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// Code within the pack.
    pub code: String,
    /// Short title.
    pub title: String,
    /// The indicator of experts that it is a part of: its section.
    pub of: String,
    /// The most points by name of period, thousandths; in a year that is not named it is not scored.
    pub maximum: BTreeMap<String, i64>,
    /// Kinds of documents that show it.
    pub documents: Vec<String>,
    /// The stage of the cycle that it shows.
    pub stage: Option<String>,
    /// What an expert looks for.
    pub guide: String,
    /// Whether its maximum is our default.
    pub default: bool,
}

/// An error that is met again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypicalError {
    /// Code within the pack.
    pub code: String,
    /// What it is.
    pub title: String,
    /// The criterion, or the section.
    pub of: String,
}

impl Criterion {
    /// In words, for the difference of versions.
    #[must_use]
    pub fn said(&self) -> String {
        let comma = |n: i64| plain(n).replace('.', ",");
        let maximum = self.maximum.iter().map(|(year, n)| format!("{year}: {}", comma(*n)));
        format!(
            "{} {} ({}): {}; {}; {} {}",
            self.code,
            self.title,
            self.of,
            maximum.collect::<Vec<_>>().join(", "),
            self.documents.join(", "),
            self.stage.as_deref().unwrap_or_default(),
            self.guide
        )
    }
}

/// The most points of a section in a period, thousandths; `None` for what experts do not score.
#[must_use]
pub fn most(section: &Indicator, period: &str) -> Option<i64> {
    match section.formula {
        Some(Formula::Expert { max }) => Some(section.maximum.get(period).copied().unwrap_or(max)),
        _ => None,
    }
}

/// A criterion as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CriterionText {
    code: Spanned<String>,
    title: Spanned<String>,
    of: Spanned<String>,
    #[serde(deserialize_with = "figures")]
    maximum: BTreeMap<Spanned<String>, f64>,
    #[serde(default)]
    documents: Vec<Spanned<String>>,
    #[serde(default)]
    stage: Option<Spanned<String>>,
    #[serde(default)]
    guide: String,
    #[serde(default)]
    default: bool,
}

/// A typical error as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorText {
    code: Spanned<String>,
    title: Spanned<String>,
    of: Spanned<String>,
}

/// What a pack knows that criteria name.
pub(super) struct Known<'a> {
    /// The text of the pack.
    pub text: &'a str,
    /// Its indicators that read.
    pub indicators: &'a [Indicator],
    /// Codes of all that stand in its text.
    pub codes: &'a BTreeSet<String>,
    /// Stages of its cycle.
    pub stages: &'a [Stage],
    /// Names of its periods.
    pub years: &'a [Spanned<String>],
}

/// A code of a criterion or an error: it is a part of names of fields.
fn is_code(code: &str) -> bool {
    !code.is_empty() && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

/// The criteria of a pack: each once, of a section that experts score, by as many points together as the section has.
pub(super) fn criteria(known: &Known<'_>, all: &[CriterionText], problems: &mut Vec<Finding>) -> Vec<Criterion> {
    let mut found: Vec<Criterion> = Vec::with_capacity(all.len());
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for of in all {
        let code = of.code.get_ref();
        let mut wrong = |place: &Spanned<String>, what: String| problems.push(at(known.text, place.span().start, what));
        if !is_code(code) {
            wrong(
                &of.code,
                format!("код критерия «{code}» не подходит; латинские буквы, цифры, «_» и точка"),
            );
        }
        if found.iter().any(|other| other.code == *code) {
            wrong(
                &of.code,
                format!("критерий {code} стоит дважды; дайте одному из них другой код"),
            );
        }
        if of.title.get_ref().trim().is_empty() {
            wrong(&of.title, format!("у критерия {code} пустое название; напишите его"));
        }
        let section = known.indicators.iter().find(|i| i.code == *of.of.get_ref());
        match section {
            None if known.codes.contains(of.of.get_ref()) => {}
            None => wrong(
                &of.of,
                format!(
                    "раздела {} в пакете нет; напишите код показателя с формулой expert(…)",
                    of.of.get_ref()
                ),
            ),
            Some(section) if !matches!(section.formula, Some(Formula::Expert { .. })) => wrong(
                &of.of,
                format!(
                    "показатель {} эксперты не оценивают; напишите код показателя с формулой expert(…)",
                    section.code
                ),
            ),
            Some(section) => {
                if known
                    .indicators
                    .iter()
                    .any(|i| i.code == *code && most(i, "").is_some())
                {
                    wrong(
                        &of.code,
                        format!("код {code} уже у раздела экспертизы; дайте критерию другой"),
                    );
                }
                places.entry(&section.code).or_insert(of.code.span().start);
            }
        }
        for year in of
            .maximum
            .keys()
            .filter(|year| !known.years.iter().any(|y| y.get_ref() == year.get_ref()))
        {
            let what = format!(
                "года {} в пакете нет; исправьте год или допишите его в years",
                year.get_ref()
            );
            wrong(year, what);
        }
        for (year, most) in of.maximum.iter().filter(|(_, most)| **most < 0.0) {
            wrong(
                year,
                format!("наибольший балл {most} меньше нуля; напишите ноль или больше"),
            );
        }
        for kind in of
            .documents
            .iter()
            .filter(|kind| !words::has(words::kinds(), kind.get_ref()))
        {
            let what = format!(
                "вида документов «{}» нет; есть: {}",
                kind.get_ref(),
                words::codes(words::kinds())
            );
            wrong(kind, what);
        }
        if let Some(stage) = of
            .stage
            .as_ref()
            .filter(|s| known.stages.iter().all(|own| own.code != *s.get_ref()))
        {
            let own: Vec<&str> = known.stages.iter().map(|s| s.code.as_str()).collect();
            let what = format!("этапа «{}» в пакете нет; есть: {}", stage.get_ref(), own.join(", "));
            wrong(stage, what);
        }
        found.push(Criterion {
            code: code.clone(),
            title: of.title.get_ref().clone(),
            of: of.of.get_ref().clone(),
            maximum: of
                .maximum
                .iter()
                .map(|(y, n)| (y.get_ref().clone(), milli(*n)))
                .collect(),
            documents: of.documents.iter().map(|d| d.get_ref().clone()).collect(),
            stage: of.stage.as_ref().map(|s| s.get_ref().clone()),
            guide: of.guide.clone(),
            default: of.default,
        });
    }
    sums(known, &found, &places, problems);
    found
}

/// Criteria of a section have as many points together as the section, year by year.
fn sums(known: &Known<'_>, found: &[Criterion], places: &BTreeMap<&str, usize>, problems: &mut Vec<Finding>) {
    let sections = places.iter().filter_map(|(code, place)| {
        let section = known.indicators.iter().find(|i| i.code == **code)?;
        Some((section, *place))
    });
    for (section, place) in sections {
        for year in known.years {
            let year = year.get_ref();
            let own = found.iter().filter(|c| c.of == section.code);
            let sum: i64 = own.filter_map(|c| c.maximum.get(year)).sum();
            if let Some(most) = most(section, year).filter(|most| *most != sum && !crate::planted!("criteria_unsummed"))
            {
                let comma = |n: i64| plain(n).replace('.', ",");
                let what = format!(
                    "критерии раздела {} за {year} дают вместе {}, а раздел — {}; исправьте maximum критериев",
                    section.code,
                    comma(sum),
                    comma(most)
                );
                problems.push(at(known.text, place, what));
            }
        }
    }
}

/// The typical errors of a pack: each once, of a criterion or a section that there is.
pub(super) fn errors(
    known: &Known<'_>,
    criteria: &[Criterion],
    all: &[ErrorText],
    problems: &mut Vec<Finding>,
) -> Vec<TypicalError> {
    let mut found: Vec<TypicalError> = Vec::with_capacity(all.len());
    for of in all {
        let code = of.code.get_ref();
        let mut wrong = |place: &Spanned<String>, what: String| problems.push(at(known.text, place.span().start, what));
        if !is_code(code) {
            wrong(
                &of.code,
                format!("код ошибки «{code}» не подходит; латинские буквы, цифры, «_» и точка"),
            );
        }
        if found.iter().any(|other| other.code == *code) {
            wrong(
                &of.code,
                format!("типичная ошибка {code} стоит дважды; дайте одной из них другой код"),
            );
        }
        if of.title.get_ref().trim().is_empty() {
            wrong(
                &of.title,
                format!("у типичной ошибки {code} пустое название; напишите его"),
            );
        }
        let named = of.of.get_ref();
        let is_there = criteria.iter().any(|c| c.code == *named)
            || known
                .indicators
                .iter()
                .any(|i| i.code == *named && most(i, "").is_some());
        if !is_there && !known.codes.contains(named) {
            let what = format!("критерия или раздела {named} в пакете нет; исправьте код");
            wrong(&of.of, what);
        }
        found.push(TypicalError {
            code: code.clone(),
            title: of.title.get_ref().clone(),
            of: named.clone(),
        });
    }
    found
}

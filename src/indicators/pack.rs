//! A pack of methodology: indicators with their passports as a TOML text, read and checked with the places of errors.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::counters::Leaves;
use super::formula::{Formula, Leaf};
use crate::error::Error;
use crate::facts::Basis;
use crate::units::{Period, PeriodKind};

/// Packs that come with the program: code and text.
pub const EMBEDDED: &[(&str, &str)] = &[
    ("tyumen", include_str!("../../seeds/packs/tyumen.toml")),
    ("chelyabinsk", include_str!("../../seeds/packs/chelyabinsk.toml")),
];

/// A pack that comes with the program.
///
/// # Errors
/// There is none of that code.
pub fn embedded(code: &str) -> Result<Pack, Error> {
    let text = embedded_text(code)?;
    Pack::parse(text).map_err(|problems| Error::Internal(problems.join("\n")))
}

/// The text of a pack that comes with the program.
///
/// # Errors
/// There is none of that code.
pub fn embedded_text(code: &str) -> Result<&'static str, Error> {
    let found = EMBEDDED.iter().find(|(known, _)| *known == code).map(|(_, text)| *text);
    found.ok_or_else(|| Error::NotFound(format!("пакет «{code}»; загрузите его: vekha pack load ФАЙЛ")))
}

/// Where better values lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Larger is better.
    HigherIsBetter,
    /// Smaller is better.
    LowerIsBetter,
    /// Neither.
    Neutral,
}

/// A pack ready to be counted.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Code.
    pub code: String,
    /// Version that the text gives itself.
    pub version: i32,
    /// Title.
    pub title: String,
    /// Codes of the regions whose own method it is: their people see it first.
    pub regions: Vec<String>,
    /// What its facts are shared by.
    pub basis: Basis,
    /// Names of the periods it is made for.
    pub years: Vec<String>,
    /// Indicators in their order.
    pub indicators: Vec<Indicator>,
}

/// An indicator with its passport.
#[derive(Debug, Clone)]
pub struct Indicator {
    /// Code within the pack.
    pub code: String,
    /// Short title.
    pub title: String,
    /// What is counted.
    pub formula: Formula,
    /// Who is counted, in words.
    pub population: String,
    /// Unit of the value.
    pub unit: String,
    /// Where better values lie.
    pub direction: Direction,
    /// Whether a share may exceed 100.
    pub may_exceed_100: bool,
    /// Decimals of the value.
    pub digits: u32,
    /// Targets by name of period, in thousandths.
    pub targets: BTreeMap<String, i64>,
    /// Where the figures come from.
    pub source: String,
    /// The measure under which reported values are kept.
    pub reported: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackText {
    code: Spanned<String>,
    version: i32,
    title: String,
    #[serde(default)]
    regions: Vec<String>,
    period_kind: Spanned<String>,
    reference_day: Spanned<String>,
    #[serde(default = "yes")]
    external_part: bool,
    years: Vec<Spanned<String>>,
    #[serde(default)]
    indicator: Vec<IndicatorText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndicatorText {
    code: Spanned<String>,
    title: String,
    formula: Spanned<String>,
    population: String,
    unit: String,
    direction: Direction,
    #[serde(default)]
    may_exceed_100: bool,
    #[serde(default = "one")]
    digits: u32,
    #[serde(default)]
    targets: BTreeMap<Spanned<String>, f64>,
    source: String,
    reported: Option<String>,
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

/// `строка L, столбец C: what` of a byte of the text.
fn at(text: &str, byte: usize, what: impl std::fmt::Display) -> String {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    format!("строка {line}, столбец {column}: {what}")
}

impl Pack {
    /// Reads a pack and checks every formula in it.
    ///
    /// # Errors
    /// Every error found, each a Russian sentence with its place in the text.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let read: PackText = toml::from_str(text).map_err(|e| {
            let byte = e.span().map_or(0, |s| s.start);
            vec![at(text, byte, format!("текст пакета не читается: {}", e.message()))]
        })?;
        let mut problems = Vec::new();
        let basis = basis(text, &read, &mut problems);
        if !is_code(read.code.get_ref()) {
            let what = "код пакета: строчные латинские буквы, цифры, «_»";
            problems.push(at(text, read.code.span().start, what));
        }
        for year in &read.years {
            check_period(text, year, basis.kind, &mut problems);
        }
        let mut codes = BTreeSet::new();
        let mut indicators = Vec::with_capacity(read.indicator.len());
        for indicator in read.indicator {
            if !codes.insert(indicator.code.get_ref().clone()) {
                let what = format!("показатель {} стоит дважды", indicator.code.get_ref());
                problems.push(at(text, indicator.code.span().start, what));
            }
            if let Some(read) = read_indicator(text, read.code.get_ref(), basis.kind, indicator, &mut problems) {
                indicators.push(read);
            }
        }
        if indicators.is_empty() && problems.is_empty() {
            problems.push(at(text, 0, "в пакете нет показателей"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            code: read.code.into_inner(),
            version: read.version,
            title: read.title,
            regions: read.regions,
            basis,
            years: read.years.into_iter().map(Spanned::into_inner).collect(),
            indicators,
        })
    }

    /// An indicator by its code.
    #[must_use]
    pub fn indicator(&self, code: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|i| i.code == code)
    }

    /// Everything its indicators count.
    pub fn leaves(&self) -> impl Iterator<Item = Leaf> {
        self.indicators
            .iter()
            .flat_map(|i| [Some(i.formula.numerator()), i.formula.denominator()])
            .flatten()
            .cloned()
    }
}

/// The leaves of a basis that packs need together.
#[must_use]
pub fn leaves_of(packs: &[Pack], basis: &str) -> Leaves {
    Leaves::of(packs.iter().filter(|p| p.basis.key() == basis).flat_map(Pack::leaves))
}

fn is_code(code: &str) -> bool {
    !code.is_empty()
        && code
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn basis(text: &str, read: &PackText, problems: &mut Vec<String>) -> Basis {
    let yearly = [PeriodKind::AcademicYear, PeriodKind::CalendarYear];
    let kind = PeriodKind::from_code(read.period_kind.get_ref()).filter(|k| yearly.contains(k));
    if kind.is_none() {
        let what = "period_kind: academic_year или calendar_year";
        problems.push(at(text, read.period_kind.span().start, what));
    }
    let kind = kind.unwrap_or(PeriodKind::CalendarYear);
    let day = read
        .reference_day
        .get_ref()
        .split_once('-')
        .and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)))
        // 2001 is no leap year: 29 February is not a day of every period.
        .filter(|(month, day)| chrono::NaiveDate::from_ymd_opt(2001, *month, *day).is_some());
    if day.is_none() {
        let what = "reference_day: месяц и день, например 06-01";
        problems.push(at(text, read.reference_day.span().start, what));
    }
    let (month, day) = day.unwrap_or((12, 31));
    Basis {
        kind,
        month,
        day,
        external_part: read.external_part,
    }
}

fn check_period(text: &str, code: &Spanned<String>, kind: PeriodKind, problems: &mut Vec<String>) {
    if Period::parse(code.get_ref()).is_none_or(|p| p.kind != kind) {
        let what = format!("«{}»: не {}", code.get_ref(), kind.label());
        problems.push(at(text, code.span().start, what));
    }
}

fn read_indicator(
    text: &str,
    pack: &str,
    kind: PeriodKind,
    read: IndicatorText,
    problems: &mut Vec<String>,
) -> Option<Indicator> {
    for period in read.targets.keys() {
        check_period(text, period, kind, problems);
    }
    if read.digits > 3 {
        problems.push(at(text, read.code.span().start, "digits: от 0 до 3"));
    }
    let formula = match Formula::parse(read.formula.get_ref()) {
        Ok(formula) => formula,
        Err(e) => {
            problems.push(at(text, formula_byte(text, &read.formula, e.offset), e.what));
            return None;
        }
    };
    let milli = |(period, target): (Spanned<String>, f64)| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "targets are percents with up to three decimals"
        )]
        let thousandths = (target * 1000.0).round() as i64;
        (period.into_inner(), thousandths)
    };
    Some(Indicator {
        reported: read
            .reported
            .unwrap_or_else(|| format!("{pack}:{}", read.code.get_ref())),
        code: read.code.into_inner(),
        title: read.title,
        formula,
        population: read.population,
        unit: read.unit,
        direction: read.direction,
        may_exceed_100: read.may_exceed_100,
        digits: read.digits,
        targets: read.targets.into_iter().map(milli).collect(),
        source: read.source,
    })
}

/// The byte of the pack's text where a character of a formula stands; a formula written with escapes gives its start.
fn formula_byte(text: &str, formula: &Spanned<String>, offset: usize) -> usize {
    let span = formula.span();
    let written = text.get(span.clone()).unwrap_or("");
    match written.find(formula.get_ref().as_str()) {
        Some(start) => {
            let inside = formula
                .get_ref()
                .char_indices()
                .nth(offset)
                .map_or(formula.get_ref().len(), |(i, _)| i);
            span.start + start + inside
        }
        None => span.start,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packs_that_come_along_read_and_carry_their_own_codes() {
        for (code, text) in EMBEDDED {
            let pack = Pack::parse(text).unwrap();
            assert_eq!(pack.code, *code);
            for indicator in &pack.indicators {
                assert_eq!(indicator.reported, format!("{code}:{}", indicator.code));
            }
        }
    }

    #[test]
    fn errors_name_their_places() {
        let text = EMBEDDED[1].1;
        let broken = |from: &str, to: &str| Pack::parse(&text.replacen(from, to, 1)).unwrap_err();
        let line_of = |needle: &str| text.lines().position(|l| l.contains(needle)).unwrap() + 1;
        let place = |problems: &[String], line: usize| {
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(
                problems[0].starts_with(&format!("строка {line}, столбец ")),
                "{problems:?}"
            );
        };
        let formulas = line_of("formula = ");
        place(&broken("pedagogical", "pedagogic"), formulas);
        place(&broken("share(", "ratio_per("), formulas);
        place(&broken("calendar_year", "half"), line_of("period_kind"));
        place(&broken("12-31", "02-29"), line_of("reference_day"));
        place(&broken("\"2023\"", "\"2022/23\""), line_of("years"));
        place(&broken("code = \"1.2\"", "code = \"1.1\""), line_of("code = \"1.2\""));
        assert!(Pack::parse("code = 5").unwrap_err()[0].contains("не читается"));
    }
}

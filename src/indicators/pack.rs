//! A pack of methodology: indicators with their passports as a TOML text, read and checked with the places of errors.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use serde::Deserialize;
use toml::Spanned;

use super::counters::Leaves;
use super::formula::{Formula, Leaf};
use super::pack_calendar::{self, CalendarItem, Stage};
use super::pack_campaigns::{self, PackCampaign};
use super::pack_check;
use super::pack_criteria::{self, Criterion, TypicalError};
use super::pack_strict;
use super::pack_summary::{self, SummaryTable};
use super::pack_surveys::{self, PackSurvey};
use super::pack_tables::{self, PublishedTable};
use super::pack_text::{PackText, ParameterText};
use super::scale::{Band, Zone};
use super::terms::{self, Term};
use crate::access::Role;
use crate::activity::Level;
use crate::error::Error;
use crate::facts::Basis;
use crate::finding::{self, Finding, at};
use crate::units::{Locality, MunicipalityKind, Period, PeriodKind};

/// Packs that come with the program: code and text.
pub const EMBEDDED: &[(&str, &str)] = &[
    ("tyumen", include_str!("../../seeds/packs/tyumen.toml")),
    ("chelyabinsk", include_str!("../../seeds/packs/chelyabinsk.toml")),
    ("krasnoyarsk", include_str!("../../seeds/packs/krasnoyarsk.toml")),
    ("leninsky", include_str!("../../seeds/packs/leninsky.toml")),
    ("leningrad", include_str!("../../seeds/packs/leningrad.toml")),
];

/// The text that a pack of one's own begins with.
pub const BLANK: &str = include_str!("../../seeds/packs/blank.toml");

/// A pack that comes with the program.
///
/// # Errors
/// There is none of that code.
pub fn embedded(code: &str) -> Result<Pack, Error> {
    let text = embedded_text(code)?;
    Pack::parse(text).map_err(|problems| Error::Internal(finding::lines(&problems)))
}

/// The text of a pack that comes with the program.
///
/// # Errors
/// There is none of that code.
pub fn embedded_text(code: &str) -> Result<&'static str, Error> {
    let found = EMBEDDED.iter().find(|(known, _)| *known == code).map(|(_, text)| *text);
    found.ok_or_else(|| Error::NotFound(format!("пакет «{code}»; загрузите его: vekha pack load ФАЙЛ")))
}

// Read once: the texts are part of the program.
static ALONG: LazyLock<Vec<Arc<Pack>>> = LazyLock::new(|| {
    let read = EMBEDDED.iter().filter_map(|(_, text)| Pack::parse(text).ok());
    read.map(Arc::new).collect()
});

/// The packs that come with the program, read.
#[must_use]
pub fn along() -> &'static [Arc<Pack>] {
    &ALONG
}

/// Where better values lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Larger is better.
    HigherIsBetter,
    /// Smaller is better.
    LowerIsBetter,
    /// The middle is best: the scale says where.
    BandOptimum,
    /// Neither.
    Neutral,
}

/// How values of units above municipalities come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// Numerators and denominators are added up first.
    Pooled,
    /// The mean of the values of municipalities that have one.
    MeanOfUnits,
}

/// How a value is brought to its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Half up.
    Round,
    /// Further digits are dropped.
    Cut,
}

/// What an indicator is shown by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakdown {
    /// By the subjects that people teach; the denominator too.
    Subject,
    /// By subject in the numerator only.
    SubjectOfNumerator,
    /// By the groups of competences of the diagnoses; in the numerator only.
    Group,
}

impl Breakdown {
    /// The word in the column `breakdown`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Subject | Self::SubjectOfNumerator => "subject",
            Self::Group => "group",
        }
    }
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
    /// Who answers for the indicators.
    pub owner: String,
    /// Codes of the regions whose own method it is: their people see it first.
    pub regions: Vec<String>,
    /// What its facts are shared by.
    pub basis: Basis,
    /// Names of the periods it is made for.
    pub years: Vec<String>,
    /// Goals: code and title.
    pub goals: Vec<(String, String)>,
    /// Tasks: code, title, code of the goal.
    pub tasks: Vec<(String, String, String)>,
    /// Clusters: each a way of parting units.
    pub clusters: Vec<Cluster>,
    /// Parameters: code, title, value in thousandths, whether it is our default.
    pub parameters: Vec<(String, String, i64, bool)>,
    /// Units as the source names them.
    pub units: Vec<PackUnit>,
    /// Tables that the system publishes.
    pub tables: Vec<PublishedTable>,
    /// Summary tables that are printed.
    pub summary_tables: Vec<SummaryTable>,
    /// Bodies of the system.
    pub bodies: Vec<PackBody>,
    /// Campaigns that are ready to be opened.
    pub campaigns: Vec<PackCampaign>,
    /// Surveys of people that are ready to be opened.
    pub surveys: Vec<PackSurvey>,
    /// Stages of its cycle in their order.
    pub stages: Vec<Stage>,
    /// What is done when.
    pub calendar: Vec<CalendarItem>,
    /// What experts score sections by.
    pub criteria: Vec<Criterion>,
    /// Errors that are met again and again.
    pub typical_errors: Vec<TypicalError>,
    /// Words that it means in its own way.
    pub terms: Vec<Term>,
    /// Indicators in their order.
    pub indicators: Vec<Indicator>,
    /// What of it is worth a look though it loads: official scales with gaps and shared edges.
    pub warnings: Vec<Finding>,
}

/// A way of parting units that are alike: the zones of an indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Code.
    pub code: String,
    /// Title.
    pub title: String,
    /// The indicator whose zones they are.
    pub indicator: String,
    /// How units come to stand in one of them, in words.
    pub rule: String,
}

/// A unit as the source names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackUnit {
    /// Name.
    pub name: String,
    /// The zone that it stands in.
    pub zone: Option<String>,
    /// The kind of place.
    pub place: Option<Locality>,
    /// What a municipality is.
    pub municipality_kind: Option<MunicipalityKind>,
    /// Other names.
    pub synonyms: Vec<String>,
}

/// A body of the system, as the pack describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackBody {
    /// Code; with the code of the municipality behind it where each has one.
    pub code: String,
    /// Name; with that of the municipality behind it where each has one.
    pub name: String,
    /// Kind, a word of the dictionary.
    pub kind: String,
    /// Level.
    pub level: Level,
    /// Whether each municipality has one.
    pub in_each_municipality: bool,
    /// The role whose holders act for it.
    pub role: Option<Role>,
    /// What it does.
    pub duties: String,
    /// Link.
    pub link: Option<String>,
}

/// An indicator with its passport.
#[derive(Debug, Clone)]
pub struct Indicator {
    /// Code within the pack.
    pub code: String,
    /// Short title.
    pub title: String,
    /// Code of the task it belongs to.
    pub task: Option<String>,
    /// What is counted; `None` where the source prints no rule.
    pub formula: Option<Formula>,
    /// Who is counted, in words.
    pub population: String,
    /// Unit of the value.
    pub unit: String,
    /// Where better values lie.
    pub direction: Direction,
    /// Whether a share may exceed 100.
    pub may_exceed_100: bool,
    /// How units above municipalities come about.
    pub aggregate: Aggregate,
    /// How the value is brought to its digits.
    pub rounding: Rounding,
    /// Decimals of the value.
    pub digits: u32,
    /// Targets by name of period, in thousandths.
    pub targets: BTreeMap<String, i64>,
    /// Targets of single units: code of the unit, then by period.
    pub unit_targets: BTreeMap<String, BTreeMap<String, i64>>,
    /// The most points by name of period, in thousandths.
    pub maximum: BTreeMap<String, i64>,
    /// Points by the value.
    pub scale: Vec<Band>,
    /// Zones of the value.
    pub zones: Vec<Zone>,
    /// Ranges named beside the zones: leaders, a problem zone.
    pub marks: Vec<Zone>,
    /// Whether something in it is our default.
    pub default: bool,
    /// What it is shown by.
    pub breakdown: Option<Breakdown>,
    /// Whether what was reported stands as the value where it was reported.
    pub takes_reported: bool,
    /// Where the figures come from.
    pub source: String,
    /// The measure under which reported values are kept.
    pub reported: String,
}

impl Indicator {
    /// Whether the value is a share in per cent.
    #[must_use]
    pub fn is_percent(&self) -> bool {
        self.formula.as_ref().is_some_and(Formula::is_percent)
    }

    /// Whether the value is a difference of two shares: it is told in points of per cent, and a difference of two counts in what
    /// is counted.
    #[must_use]
    pub fn is_difference_of_shares(&self) -> bool {
        self.is_percent() && matches!(self.formula, Some(Formula::Change { .. }))
    }

    /// The target of a unit in a period, thousandths.
    #[must_use]
    pub fn target(&self, unit: &str, period: &str) -> Option<i64> {
        let own = self.unit_targets.get(unit).and_then(|t| t.get(period));
        own.or_else(|| self.targets.get(period)).copied()
    }
}

impl AsRef<Self> for Pack {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Pack {
    /// Reads a pack and checks every formula in it.
    ///
    /// # Errors
    /// Every error found, each a Russian sentence with its place in the text.
    pub fn parse(text: &str) -> Result<Self, Vec<Finding>> {
        Self::read(text, &BTreeMap::new(), false)
    }

    /// Reads a pack as one that is to be loaded: what a text in force is forgiven is refused here (a target for a year
    /// that the pack does not know, a year twice, an empty title, points that cannot be).
    ///
    /// # Errors
    /// Every error found, each a Russian sentence with its place in the text.
    pub fn checked(text: &str) -> Result<Self, Vec<Finding>> {
        Self::read(text, &BTreeMap::new(), true)
    }

    /// The same as [`Pack::parse`] with other values of some parameters, in thousandths.
    pub(super) fn parse_with(text: &str, other: &BTreeMap<String, i64>) -> Result<Self, Vec<Finding>> {
        Self::read(text, other, false)
    }

    fn read(text: &str, other: &BTreeMap<String, i64>, strictly: bool) -> Result<Self, Vec<Finding>> {
        let read: PackText = toml::from_str(text).map_err(|e| vec![finding::of_toml(text, &e)])?;
        let (mut problems, mut warnings) = (Vec::new(), Vec::new());
        let basis = basis(text, &read, &mut problems);
        if !is_code(read.code.get_ref()) {
            let what = "код пакета: строчные латинские буквы, цифры, «_»";
            problems.push(at(text, read.code.span().start, what));
        }
        for year in read.years.iter().chain(&read.target_years) {
            pack_check::period(text, year, basis.kind, &mut problems);
        }
        let years = read.years.iter().chain(&read.target_years);
        pack_check::tree(text, &read, &mut problems);
        let bodies = pack_check::bodies(text, &read, &mut problems);
        let of_cycle = pack_calendar::Reader { text, bodies: &bodies };
        let (stages, calendar) = pack_calendar::read(&of_cycle, (&read.stage, &read.calendar), &mut problems);
        let reader = pack_check::Reader {
            text,
            pack: read.code.get_ref(),
            kind: basis.kind,
            years: strictly.then(|| years.map(|y| y.get_ref().as_str()).collect()),
            parameters: read
                .parameter
                .iter()
                .map(|p| (p.code.get_ref().as_str(), value_of(other, p)))
                .collect(),
            tasks: read.task.iter().map(|t| t.code.get_ref().as_str()).collect(),
        };
        let mut codes = BTreeSet::new();
        let mut places = BTreeMap::new();
        let mut indicators = Vec::with_capacity(read.indicator.len());
        for indicator in &read.indicator {
            let code = indicator.code.get_ref();
            if !codes.insert(code.clone()) {
                let what = format!("показатель {code} стоит дважды; дайте одному из них другой код");
                problems.push(at(text, indicator.code.span().start, what));
            }
            let place = indicator.formula.as_ref().map_or(&indicator.code, |f| f).span().start;
            places.insert(code.clone(), place);
            if let Some(read) = reader.indicator(indicator, &mut problems, &mut warnings) {
                indicators.push(read);
            }
        }
        pack_check::references(text, &indicators, &places, &mut problems);
        let tables = pack_tables::read(text, &read.table, &codes, &mut problems);
        let of_summaries = pack_summary::Known {
            text,
            indicators: &indicators,
            codes: &codes,
            years: read
                .years
                .iter()
                .chain(&read.target_years)
                .map(|y| y.get_ref().as_str())
                .collect(),
            tables: &tables,
        };
        let summary_tables = pack_summary::read(&of_summaries, &read.summary_table, &mut problems);
        let campaigns = pack_campaigns::read(text, &read.campaign, (&indicators, &codes), &mut problems);
        let surveys = pack_surveys::read(text, &read.survey, &mut problems);
        let known = pack_criteria::Known {
            text,
            indicators: &indicators,
            codes: &codes,
            stages: &stages,
            years: &read.years,
        };
        let criteria = pack_criteria::criteria(&known, &read.criterion, &mut problems);
        let typical_errors = pack_criteria::errors(&known, &criteria, &read.typical_error, &mut problems);
        let terms = terms::read(text, &read.term, &mut problems);
        for cluster in &read.cluster {
            if !codes.contains(cluster.indicator.get_ref()) {
                let what = format!("показателя {} в пакете нет", cluster.indicator.get_ref());
                problems.push(at(text, cluster.indicator.span().start, what));
            }
        }
        if read.version < 1 {
            problems.push(at(
                text,
                0,
                "версия не подходит; напишите целое число от 1: version = 1",
            ));
        }
        if indicators.is_empty() && problems.is_empty() {
            problems.push(at(text, 0, "в пакете нет показателей"));
        }
        if strictly {
            pack_strict::faults(text, &read, &indicators, &mut problems);
        }
        if !problems.is_empty() {
            problems.sort();
            return Err(problems);
        }
        Ok(Self {
            code: read.code.into_inner(),
            version: read.version,
            title: read.title.into_inner(),
            owner: read.owner.unwrap_or_else(|| "Региональный оператор".to_owned()),
            regions: read.regions,
            basis,
            years: read.years.into_iter().map(Spanned::into_inner).collect(),
            goals: read
                .goal
                .into_iter()
                .map(|g| (g.code.into_inner(), g.title.into_inner()))
                .collect(),
            tasks: read
                .task
                .into_iter()
                .map(|t| (t.code.into_inner(), t.title.into_inner(), t.goal.into_inner()))
                .collect(),
            clusters: read
                .cluster
                .into_iter()
                .map(|c| Cluster {
                    code: c.code.into_inner(),
                    title: c.title.into_inner(),
                    indicator: c.indicator.into_inner(),
                    rule: c.rule,
                })
                .collect(),
            parameters: read
                .parameter
                .into_iter()
                .map(|p| {
                    let value = value_of(other, &p);
                    (
                        p.code.into_inner(),
                        p.title.into_inner(),
                        pack_check::milli(value),
                        p.default,
                    )
                })
                .collect(),
            units: read
                .unit
                .into_iter()
                .map(|u| PackUnit {
                    name: u.name.into_inner(),
                    zone: u.zone,
                    place: u.place.and_then(|code| Locality::from_code(code.get_ref())),
                    municipality_kind: u
                        .municipality_kind
                        .and_then(|code| MunicipalityKind::from_code(code.get_ref())),
                    synonyms: u.synonyms.into_iter().map(Spanned::into_inner).collect(),
                })
                .collect(),
            tables,
            summary_tables,
            bodies,
            campaigns,
            surveys,
            stages,
            calendar,
            criteria,
            typical_errors,
            terms,
            indicators,
            warnings,
        })
    }

    /// A published table by its name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&PublishedTable> {
        self.tables.iter().find(|t| t.name == name)
    }

    /// A summary table by its code.
    #[must_use]
    pub fn summary_table(&self, code: &str) -> Option<&SummaryTable> {
        self.summary_tables.iter().find(|t| t.code == code)
    }

    /// A campaign by its code.
    #[must_use]
    pub fn campaign(&self, code: &str) -> Option<&PackCampaign> {
        self.campaigns.iter().find(|c| c.code == code)
    }

    /// A survey by its code.
    #[must_use]
    pub fn survey(&self, code: &str) -> Option<&PackSurvey> {
        self.surveys.iter().find(|s| s.code == code)
    }

    /// A parameter by its code, thousandths.
    #[must_use]
    pub fn parameter(&self, code: &str) -> Option<i64> {
        let found = self.parameters.iter().find(|(own, ..)| own == code);
        found.map(|(_, _, value, _)| *value)
    }

    /// An indicator by its code.
    #[must_use]
    pub fn indicator(&self, code: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|i| i.code == code)
    }

    /// Everything its indicators count.
    pub fn leaves(&self) -> impl Iterator<Item = Leaf> {
        let formulas = self.indicators.iter().filter_map(|i| i.formula.as_ref());
        formulas.flat_map(Formula::leaves).cloned()
    }

    /// How many periods back its formulas look.
    #[must_use]
    pub fn looks_back(&self) -> Vec<u8> {
        let formulas = self.indicators.iter().filter_map(|i| i.formula.as_ref());
        let back: BTreeSet<u8> = formulas.map(Formula::looks_back).filter(|n| *n > 0).collect();
        back.into_iter().collect()
    }
}

/// The leaves of a basis that packs need together.
#[must_use]
pub fn leaves_of<P: AsRef<Pack>>(packs: &[P], basis: &str) -> Leaves {
    let packs = packs.iter().map(AsRef::as_ref);
    Leaves::of(packs.filter(|p| p.basis.key() == basis).flat_map(Pack::leaves))
}

/// The value of a parameter, another one where that is asked for.
#[expect(
    clippy::cast_precision_loss,
    reason = "thousandths of a parameter are far below 2^52"
)]
fn value_of(other: &BTreeMap<String, i64>, parameter: &ParameterText) -> f64 {
    let other = other.get(parameter.code.get_ref()).map(|milli| *milli as f64 / 1000.0);
    other.unwrap_or(parameter.value)
}

fn is_code(code: &str) -> bool {
    !code.is_empty()
        && code
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn basis(text: &str, read: &PackText, problems: &mut Vec<Finding>) -> Basis {
    let yearly = [PeriodKind::AcademicYear, PeriodKind::CalendarYear];
    let said = read.period_kind.as_ref();
    let kind = said.and_then(|s| PeriodKind::from_code(s.get_ref()).filter(|k| yearly.contains(k)));
    if kind.is_none() {
        let what = match said {
            None => "у пакета нет period_kind; допишите ниже period_kind = \"academic_year\" или \"calendar_year\"",
            Some(_) => "period_kind другого вида; напишите academic_year или calendar_year",
        };
        problems.push(at(text, said.unwrap_or(&read.code).span().start, what));
    }
    // What is not said is taken from the years, so that it is no fault of theirs.
    let of_years = || {
        read.years
            .first()
            .and_then(|year| Period::parse(year.get_ref()))
            .map(|p| p.kind)
    };
    let kind = kind.or_else(of_years).unwrap_or(PeriodKind::CalendarYear);
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
        let place = |problems: &[Finding], line: usize| {
            // A campaign may ask for what has lost its code: it says so at its own place.
            let lost = |of: &Finding| of.what.contains("в пакете нет");
            assert!(!problems.is_empty() && problems[1..].iter().all(lost), "{problems:?}");
            assert!(
                problems[0].to_string().starts_with(&format!("строка {line}, столбец ")),
                "{problems:?}"
            );
        };
        let formulas = line_of("formula = ");
        place(&broken("pedagogical", "pedagogic"), formulas);
        place(&broken("share(", "mean("), formulas);
        place(&broken("calendar_year", "half"), line_of("period_kind"));
        place(&broken("12-31", "02-29"), line_of("reference_day"));
        place(&broken("\"2023\"", "\"2022/23\""), line_of("years"));
        place(&broken("code = \"1.2\"", "code = \"1.1\""), line_of("code = \"1.2\""));
        assert!(Pack::parse("code = 5").unwrap_err()[0].what.contains("другого рода"));
        assert!(Pack::parse("code =").unwrap_err()[0].what.contains("не читается"));
    }
}

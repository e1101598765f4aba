//! The TOML of a pack, as it is written.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::pack::Direction;
use super::pack_calendar::{ItemText, StageText};
use super::pack_campaigns::CampaignText;
use super::pack_criteria::{CriterionText, ErrorText};
use super::pack_summary::SummaryText;
use super::pack_surveys::SurveyText;
use super::pack_tables::TableText;
use super::terms::TermText;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackText {
    pub code: Spanned<String>,
    pub version: i32,
    pub title: Spanned<String>,
    /// Who answers for the indicators; absent, the operator of the region does.
    #[serde(default)]
    pub owner: Option<String>,
    #[serde(default)]
    pub regions: Vec<String>,
    /// Asked for by the check itself, which names its place.
    pub period_kind: Option<Spanned<String>>,
    pub reference_day: Spanned<String>,
    /// The day is a default: the source prints none.
    #[serde(default, rename = "reference_default")]
    pub _reference_default: bool,
    #[serde(default = "yes")]
    pub external_part: bool,
    pub years: Vec<Spanned<String>>,
    /// Years that have targets and no campaign: base years and years to come.
    #[serde(default)]
    pub target_years: Vec<Spanned<String>>,
    #[serde(default)]
    pub parameter: Vec<ParameterText>,
    #[serde(default)]
    pub goal: Vec<GoalText>,
    #[serde(default)]
    pub task: Vec<TaskText>,
    #[serde(default)]
    pub cluster: Vec<ClusterText>,
    #[serde(default)]
    pub unit: Vec<UnitText>,
    #[serde(default)]
    pub table: Vec<TableText>,
    #[serde(default)]
    pub summary_table: Vec<SummaryText>,
    #[serde(default)]
    pub body: Vec<BodyText>,
    #[serde(default)]
    pub campaign: Vec<CampaignText>,
    #[serde(default)]
    pub survey: Vec<SurveyText>,
    #[serde(default)]
    pub stage: Vec<StageText>,
    #[serde(default)]
    pub calendar: Vec<ItemText>,
    #[serde(default)]
    pub criterion: Vec<CriterionText>,
    #[serde(default)]
    pub typical_error: Vec<ErrorText>,
    #[serde(default)]
    pub term: Vec<TermText>,
    #[serde(default)]
    pub indicator: Vec<IndicatorText>,
}

/// A body of the system: one of the region, or one in each municipality.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BodyText {
    pub code: Spanned<String>,
    pub name: Spanned<String>,
    pub kind: Spanned<String>,
    pub level: Spanned<String>,
    #[serde(default)]
    pub each: Option<Spanned<String>>,
    /// The role whose holders act for it.
    #[serde(default)]
    pub role: Option<Spanned<String>>,
    pub duties: String,
    #[serde(default)]
    pub link: Option<String>,
}

/// A number that formulas may name by `$code`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParameterText {
    pub code: Spanned<String>,
    pub title: Spanned<String>,
    #[serde(deserialize_with = "figure")]
    pub value: f64,
    #[serde(default)]
    pub default: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GoalText {
    pub code: Spanned<String>,
    pub title: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskText {
    pub code: Spanned<String>,
    pub title: Spanned<String>,
    pub goal: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterText {
    pub code: Spanned<String>,
    pub title: Spanned<String>,
    pub indicator: Spanned<String>,
    /// How units come to stand in one of them, in words.
    #[serde(default)]
    pub rule: String,
}

/// A unit as the source names it, with other names of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitText {
    pub name: Spanned<String>,
    #[serde(default)]
    pub zone: Option<String>,
    #[serde(default)]
    pub place: Option<Spanned<String>>,
    #[serde(default)]
    pub municipality_kind: Option<Spanned<String>>,
    #[serde(default)]
    pub synonyms: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IndicatorText {
    pub code: Spanned<String>,
    pub title: Spanned<String>,
    #[serde(default)]
    pub task: Option<Spanned<String>>,
    /// Absent where the source prints no rule: nothing is guessed.
    pub formula: Option<Spanned<String>>,
    pub population: String,
    pub unit: String,
    pub direction: Direction,
    #[serde(default)]
    pub may_exceed_100: bool,
    #[serde(default)]
    pub aggregate: Option<Spanned<String>>,
    #[serde(default)]
    pub rounding: Option<Spanned<String>>,
    #[serde(default = "one")]
    pub digits: u32,
    #[serde(default, deserialize_with = "figures")]
    pub targets: BTreeMap<Spanned<String>, f64>,
    #[serde(default, deserialize_with = "figures_of_units")]
    pub unit_targets: BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, f64>>,
    #[serde(default, deserialize_with = "figures")]
    pub maximum: BTreeMap<Spanned<String>, f64>,
    #[serde(default)]
    pub scale: Vec<Spanned<RangeText>>,
    #[serde(default)]
    pub zones: Vec<Spanned<RangeText>>,
    /// Ranges that are named beside the zones: leaders, a problem zone. They may overlap and leave gaps.
    #[serde(default)]
    pub marks: Vec<Spanned<RangeText>>,
    /// The scale stands as the source prints it, with its gaps and shared edges.
    #[serde(default)]
    pub official: bool,
    /// Something in it is our default: the source prints no rule.
    #[serde(default)]
    pub default: bool,
    #[serde(default)]
    pub breakdown: Option<Spanned<String>>,
    #[serde(default)]
    pub breakdown_of: Option<Spanned<String>>,
    #[serde(default)]
    pub value_from: Option<Spanned<String>>,
    pub source: String,
    pub reported: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RangeText {
    #[serde(default, deserialize_with = "maybe_figure")]
    pub from: Option<f64>,
    #[serde(default, deserialize_with = "maybe_figure")]
    pub to: Option<f64>,
    #[serde(default = "yes")]
    pub from_in: bool,
    #[serde(default = "yes")]
    pub to_in: bool,
    #[serde(default, deserialize_with = "maybe_figure")]
    pub points: Option<f64>,
    pub code: Option<String>,
    pub title: Option<String>,
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

/// A number that can be counted with: neither `nan` nor `inf`, and of a size that thousandths hold.
#[derive(Deserialize)]
#[serde(try_from = "f64")]
struct Figure(f64);

impl TryFrom<f64> for Figure {
    type Error = String;

    fn try_from(value: f64) -> Result<Self, String> {
        if value.is_finite() && value.abs() <= 1e12 {
            Ok(Self(value))
        } else {
            Err(format!(
                "«{value}»: с таким числом считать нельзя; напишите обычное, например 12.5"
            ))
        }
    }
}

fn figure<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Figure::deserialize(from)?.0)
}

fn maybe_figure<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Ok(Option::<Figure>::deserialize(from)?.map(|f| f.0))
}

type Figures<T> = BTreeMap<Spanned<String>, T>;

fn plain(of: Figures<Figure>) -> Figures<f64> {
    of.into_iter().map(|(period, f)| (period, f.0)).collect()
}

pub(super) fn figures<'de, D: Deserializer<'de>>(from: D) -> Result<Figures<f64>, D::Error> {
    Ok(plain(Figures::deserialize(from)?))
}

fn figures_of_units<'de, D: Deserializer<'de>>(from: D) -> Result<Figures<Figures<f64>>, D::Error> {
    let all = Figures::<Figures<Figure>>::deserialize(from)?;
    Ok(all.into_iter().map(|(unit, of)| (unit, plain(of))).collect())
}

//! Campaigns of a system, as its pack describes them: when they are held, which units answer, and what each is asked, with
//! a guide to every field.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use toml::Spanned;

use super::formula::Formula;
use super::jump;
use super::measures::{self, MeasureSource, MeasureSubject, MeasureUnit};
use super::pack::Indicator;
use crate::finding::{Finding, at};
use crate::text_enum;
use crate::units::{OrgKind, UnitKind};

text_enum! {
    /// What a field of a report asks for.
    FieldKind {
        Indicator = "indicator" "показатель",
        Measure = "measure" "сведение",
    }
}

/// A day of any year: month and day.
pub type YearDay = (u32, u32);

/// The longest a field may be thought to take, minutes.
const LONGEST: i64 = 600;

/// A campaign that is ready to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackCampaign {
    /// Code within the pack.
    pub code: String,
    /// Title.
    pub title: String,
    /// Units of which kind answer.
    pub level: UnitKind,
    /// Organisations of which kinds; none for all.
    pub kinds: Vec<OrgKind>,
    /// First day.
    pub opens: YearDay,
    /// Last day to answer in time.
    pub due: YearDay,
    /// Last day to answer at all.
    pub locks: YearDay,
    /// How far what is reported may lie from what is computed, thousandths.
    pub tolerance_milli: i64,
    /// How far what is reported may lie from last year's before it is worth a look, per cent.
    pub jump_percent: i64,
    /// How the form is filled in.
    pub guide: String,
    /// What is asked, in order.
    pub fields: Vec<PackField>,
}

/// A field of its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackField {
    /// What it asks for.
    pub kind: FieldKind,
    /// The indicator of the pack or the measure.
    pub code: String,
    /// How it is filled in.
    pub guide: String,
    /// How many minutes it takes where it has to be found out.
    pub minutes: i64,
    /// Whether a proof must be linked.
    pub link: bool,
}

impl PackCampaign {
    /// In words, for the difference of versions.
    #[must_use]
    pub fn said(&self) -> String {
        let day = |(month, day): YearDay| format!("{day:02}.{month:02}");
        let field = |f: &PackField| {
            let link = if f.link { ", со ссылкой" } else { "" };
            format!("{} ({} мин{link}) {}", f.code, f.minutes, f.guide)
        };
        let fields: Vec<String> = self.fields.iter().map(field).collect();
        let kinds: Vec<&str> = self.kinds.iter().map(|k| k.label()).collect();
        format!(
            "{} {} ({} {}): {}–{}, до {}, допуск {}, скачок {}\u{A0}%, {}; {}",
            self.code,
            self.title,
            self.level.label(),
            kinds.join(", "),
            day(self.opens),
            day(self.due),
            day(self.locks),
            super::scale::plain(self.tolerance_milli).replace('.', ","),
            self.jump_percent,
            self.guide,
            fields.join(", ")
        )
    }
}

/// Whether the platform computes the value of an indicator, so that a unit has only to confirm it.
#[must_use]
pub fn is_confirmed(indicator: &Indicator) -> bool {
    let counted = matches!(
        indicator.formula,
        Some(Formula::Amount(_) | Formula::Ratio { .. } | Formula::Compare { .. })
    );
    counted && !indicator.takes_reported
}

/// A campaign as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CampaignText {
    code: Spanned<String>,
    title: Spanned<String>,
    level: Spanned<String>,
    #[serde(default)]
    kinds: Vec<Spanned<String>>,
    opens: Spanned<String>,
    due: Spanned<String>,
    #[serde(default)]
    locks: Option<Spanned<String>>,
    #[serde(default)]
    tolerance: f64,
    #[serde(default)]
    jump: Option<Spanned<i64>>,
    guide: String,
    #[serde(default)]
    field: Vec<FieldText>,
}

/// A field as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldText {
    #[serde(default)]
    indicator: Option<Spanned<String>>,
    #[serde(default)]
    measure: Option<Spanned<String>>,
    guide: String,
    minutes: Spanned<i64>,
    #[serde(default)]
    link: bool,
}

/// The indicators of a pack that read, and the codes of all that stand in its text.
type Known<'a> = (&'a [Indicator], &'a BTreeSet<String>);

/// The campaigns of a pack: each once, with days that there are, asking for what there is, each thing once.
pub(super) fn read(
    text: &str,
    campaigns: &[CampaignText],
    indicators: Known<'_>,
    problems: &mut Vec<Finding>,
) -> Vec<PackCampaign> {
    let mut found: Vec<PackCampaign> = Vec::with_capacity(campaigns.len());
    for of in campaigns {
        let code = of.code.get_ref();
        let mut wrong = |place: usize, what: String| problems.push(at(text, place, what));
        if code.is_empty()
            || !code
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            let what = "код кампании: строчные латинские буквы, цифры, «_»".to_owned();
            wrong(of.code.span().start, what);
        }
        if found.iter().any(|known| known.code == *code) {
            let what = format!("кампания {code} стоит дважды; дайте одной из них другой код");
            wrong(of.code.span().start, what);
        }
        if of.title.get_ref().trim().is_empty() || of.guide.trim().is_empty() {
            let what = format!("у кампании {code} нет названия или порядка заполнения; напишите title = … и guide = …");
            wrong(of.title.span().start, what);
        }
        let level = match of.level.get_ref().as_str() {
            "organisation" => UnitKind::Organisation,
            "municipality" => UnitKind::Municipality,
            other => {
                let what = format!("level «{other}» не бывает; есть: organisation, municipality");
                wrong(of.level.span().start, what);
                UnitKind::Organisation
            }
        };
        let mut kinds = Vec::new();
        for kind in &of.kinds {
            match OrgKind::from_code(kind.get_ref()).filter(|_| level == UnitKind::Organisation) {
                Some(known) => kinds.push(known),
                None => {
                    let what = "kinds: виды организаций из файла организаций, и только у кампании организаций";
                    wrong(kind.span().start, what.to_owned());
                }
            }
        }
        let mut day = |said: &Spanned<String>, what: &str| {
            year_day(said.get_ref()).unwrap_or_else(|| {
                problems.push(at(
                    text,
                    said.span().start,
                    format!("{what}: месяц и день, например 06-25"),
                ));
                (1, 1)
            })
        };
        let (opens, due) = (day(&of.opens, "opens"), day(&of.due, "due"));
        let locks = of.locks.as_ref().map_or(due, |locks| day(locks, "locks"));
        let tolerance_milli = thousandths(of.tolerance).unwrap_or_else(|| {
            let what = "tolerance: число от нуля, на столько поданное может отличаться от рассчитанного";
            problems.push(at(text, of.code.span().start, what));
            0
        });
        found.push(PackCampaign {
            code: code.clone(),
            title: of.title.get_ref().clone(),
            level,
            kinds,
            opens,
            due,
            locks,
            tolerance_milli,
            jump_percent: jump(text, of, problems),
            guide: of.guide.clone(),
            fields: fields(text, of, level, indicators, problems),
        });
    }
    found
}

/// How far a value may lie from last year's, per cent; the default where nothing is said.
fn jump(text: &str, of: &CampaignText, problems: &mut Vec<Finding>) -> i64 {
    let Some(said) = &of.jump else {
        return jump::DEFAULT_PERCENT;
    };
    if !(1..=jump::LARGEST).contains(said.get_ref()) {
        let what = format!("jump: целое число от 1 до {}, проценты от прошлого года", jump::LARGEST);
        problems.push(at(text, said.span().start, what));
    }
    *said.get_ref()
}

/// The first such day that is no earlier than another one.
#[must_use]
pub fn next_day(from: NaiveDate, (month, day): YearDay) -> Option<NaiveDate> {
    let of_year = |year| NaiveDate::from_ymd_opt(year, month, day);
    let here = of_year(from.year())?;
    if here < from {
        of_year(from.year() + 1)
    } else {
        Some(here)
    }
}

/// A month and a day that stand in every year.
pub(super) fn year_day(text: &str) -> Option<YearDay> {
    let (month, day) = text.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    chrono::NaiveDate::from_ymd_opt(2001, month, day).map(|_| (month, day))
}

#[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
fn thousandths(value: f64) -> Option<i64> {
    (value.is_finite() && (0.0..=1e9).contains(&value)).then(|| (value * 1000.0).round() as i64)
}

fn fields(
    text: &str,
    of: &CampaignText,
    level: UnitKind,
    indicators: Known<'_>,
    problems: &mut Vec<Finding>,
) -> Vec<PackField> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for field in &of.field {
        let (kind, code) = match (&field.indicator, &field.measure) {
            (Some(code), None) => (FieldKind::Indicator, code),
            (None, Some(code)) => (FieldKind::Measure, code),
            _ => {
                let what = "поле кампании спрашивает или показатель, или величину: indicator = … или measure = …";
                problems.push(at(text, field.minutes.span().start, what));
                continue;
            }
        };
        let place = code.span().start;
        let wrong = match kind {
            FieldKind::Indicator => wrong_indicator(code.get_ref(), indicators),
            FieldKind::Measure => wrong_measure(code.get_ref(), level),
        };
        if let Some(what) = wrong {
            problems.push(at(text, place, what));
        }
        if !seen.insert(code.get_ref()) {
            problems.push(at(
                text,
                place,
                format!("кампания спрашивает {} дважды", code.get_ref()),
            ));
        }
        let minutes = *field.minutes.get_ref();
        if !(1..=LONGEST).contains(&minutes) || field.guide.trim().is_empty() {
            let what = format!(
                "у поля {} нет порядка заполнения или minutes не от 1 до {LONGEST}",
                code.get_ref()
            );
            problems.push(at(text, field.minutes.span().start, what));
        }
        found.push(PackField {
            kind,
            code: code.get_ref().clone(),
            guide: field.guide.clone(),
            minutes,
            link: field.link,
        });
    }
    if found.is_empty() {
        let what = format!(
            "кампания {} ни о чём не спрашивает; допишите [[campaign.field]]",
            of.code.get_ref()
        );
        problems.push(at(text, of.code.span().start, what));
    }
    found
}

fn wrong_indicator(code: &str, (indicators, codes): Known<'_>) -> Option<String> {
    let Some(indicator) = indicators.iter().find(|i| i.code == code) else {
        // One whose own text does not read is named there.
        return (!codes.contains(code)).then(|| format!("показателя {code} в пакете нет"));
    };
    (!is_confirmed(indicator)).then(|| {
        format!("показатель {code} платформа не рассчитывает числом и долей: подтверждать нечего, спросите величину")
    })
}

fn wrong_measure(code: &str, level: UnitKind) -> Option<String> {
    let wanted = match level {
        UnitKind::Organisation => MeasureSubject::Organisation,
        _ => MeasureSubject::Municipality,
    };
    let Some(measure) = measures::of_units(code).filter(|m| m.subject == wanted) else {
        return Some(format!("величины {code} у таких единиц нет"));
    };
    let entered = measure.unit.is_some_and(|unit| unit != MeasureUnit::Text)
        && !matches!(measure.source, MeasureSource::Computed | MeasureSource::Expert);
    (!entered).then(|| format!("величину {code} не вносят по форме"))
}

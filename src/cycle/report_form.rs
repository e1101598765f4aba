//! The form of a report: for each field what the platform computes or knows, what the unit says, and what stands in the way
//! of sending it. Pure, but for the two readers below.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use foldhash::HashMap;

use super::campaign::{Campaign, Field};
use super::report::SaidValue;
use crate::db::schema::measure_value;
use crate::db::{AnyConn, DbError};
use crate::error::Error;
use crate::facts::{self, FactPeriod};
use crate::indicators::formula::{Amount, Formula};
use crate::indicators::jump;
use crate::indicators::measures::{self, Measure, MeasureSource, MeasureUnit};
use crate::indicators::pack_campaigns::FieldKind;
use crate::indicators::pack_tables::Severity;
use crate::indicators::values::{self, Query, Value};
use crate::indicators::{Indicator, Pack, Subject, load};
use crate::planted;
use crate::units::{Period, UnitId, UnitKind};
use crate::web::Scope;

/// What a field holds: a number, or the two parts of a share; no upper part says that there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// The number, or what stands above the line, thousandths.
    pub upper: Option<i64>,
    /// What stands below the line.
    pub lower: Option<i64>,
}

/// What a unit says in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The value; `None` says nothing.
    pub parts: Option<Parts>,
    /// Where the proof lies.
    pub link: Option<String>,
    /// Why it differs from what is computed.
    pub explanation: Option<String>,
}

/// What is asked in a field.
#[derive(Debug, Clone)]
pub enum Of<'a> {
    /// An indicator of the pack.
    Indicator(&'a Indicator),
    /// A measure.
    Measure(&'static Measure),
    /// An indicator that the pack in force has no more.
    Gone,
}

/// A field of the form of a unit.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// What is asked.
    pub field: Field,
    /// The same in the pack or the reference.
    pub of: Of<'a>,
    /// What the platform computes.
    pub computed: Option<Parts>,
    /// What it knows of a measure, and where from.
    pub known: Option<KnownValue>,
    /// What the unit reported of it for the year before.
    pub last: Option<Parts>,
    /// How far from that it may lie before it is worth a look, per cent.
    pub jump_percent: i64,
    /// What the unit has said; `None` where it has not touched the field.
    pub said: Option<Said>,
}

impl Line<'_> {
    /// How it is called.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.of {
            Of::Indicator(of) => format!("{} {}", of.code, of.title),
            Of::Measure(of) => of.title.clone(),
            Of::Gone => self.field.code.clone(),
        }
    }

    /// Whether it has a part below the line.
    #[must_use]
    pub fn is_share(&self) -> bool {
        matches!(&self.of, Of::Indicator(of) if of.formula.as_ref().and_then(Formula::denominator).is_some())
    }

    /// Whether a yes or a no is asked for.
    #[must_use]
    pub fn is_yes_no(&self) -> bool {
        matches!(self.of, Of::Measure(of) if of.unit == Some(MeasureUnit::YesNo))
    }

    /// What the platform puts into the field before anybody has touched it.
    #[must_use]
    pub fn prefilled(&self) -> Option<Parts> {
        if self.field.anew.is_some() {
            return None;
        }
        self.computed.or_else(|| self.known.as_ref().map(|(parts, ..)| *parts))
    }

    /// What stands in the field.
    #[must_use]
    pub fn stands(&self) -> Option<Parts> {
        match &self.said {
            Some(said) => said.parts,
            None if planted!("known_asked_again") => None,
            None => self.prefilled(),
        }
    }

    /// The link that stands in the field.
    #[must_use]
    pub fn link(&self) -> Option<String> {
        match &self.said {
            Some(said) => said.link.clone(),
            None => self.known.as_ref().and_then(|(_, link, _)| link.clone()),
        }
    }

    /// How many fields have to be typed before it can be sent: what nobody knows, and a link that is asked for beside it.
    #[must_use]
    pub fn to_type(&self) -> usize {
        if self.prefilled().is_some() {
            return 0;
        }
        1 + usize::from(self.is_share()) + usize::from(self.field.link)
    }

    /// How far what is said lies from what is computed: above the line and below it.
    #[must_use]
    pub fn difference(&self) -> Option<(i64, i64)> {
        let (said, computed) = (self.stands()?, self.computed?);
        let upper = said.upper.unwrap_or(0) - computed.upper.unwrap_or(0);
        let lower = match (said.lower, computed.lower) {
            (Some(said), Some(computed)) => said - computed,
            // Neither a zero nor nothing is the other part of a value that is not there.
            _ => 0,
        };
        Some((upper, lower))
    }

    /// Whether the difference is larger than the campaign lets pass, or one of both has no value.
    #[must_use]
    pub fn differs(&self, tolerance: i64) -> bool {
        let (Some(said), Some(computed)) = (self.stands(), self.computed) else {
            return false;
        };
        if said.upper.is_none() != computed.upper.is_none() {
            return true;
        }
        self.difference()
            .is_some_and(|(upper, lower)| upper.abs() > tolerance || lower.abs() > tolerance)
    }

    /// Whether what stands in it tells of a few people, above the line or between it and the whole.
    #[must_use]
    pub fn says_few(&self) -> bool {
        let few = |milli: i64| (1..5000).contains(&milli);
        let Some(parts) = self.stands().filter(|_| matches!(self.of, Of::Indicator(_))) else {
            return false;
        };
        let rest = parts.upper.zip(parts.lower).map(|(upper, lower)| lower - upper);
        parts.upper.is_some_and(few) || rest.is_some_and(few)
    }

    /// Last year's value and this one, where this one lies far from it: shares are compared as shares.
    #[must_use]
    pub fn jump(&self) -> Option<(Parts, Parts)> {
        let (last, now) = (self.last?, self.stands()?);
        let value = |of: Parts| match of.lower {
            Some(lower) => {
                let share = (lower > 0).then(|| i128::from(of.upper.unwrap_or(0)) * 100_000 / i128::from(lower))?;
                of.upper.and(i64::try_from(share).ok())
            }
            None => of.upper,
        };
        let comparable = last.lower.is_some() == now.lower.is_some() && !self.is_yes_no();
        let (before, after) = (value(last)?, value(now)?);
        (comparable && jump::jumps(before, after, self.jump_percent)).then_some((last, now))
    }

    /// Whether it is explained.
    #[must_use]
    pub fn is_explained(&self) -> bool {
        let said = self.said.as_ref().and_then(|said| said.explanation.as_deref());
        said.is_some_and(|text| !text.is_empty())
    }
}

/// What stands in the way of sending a report, or is worth a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Code of the field.
    pub field: String,
    /// How it is called.
    pub title: String,
    /// What is reported.
    pub reported: String,
    /// What was expected; empty where nothing was.
    pub expected: String,
    /// The rule.
    pub rule: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The sentence.
    pub said: String,
}

/// Thousandths as they are typed; «–» for no value.
#[must_use]
pub fn shown(milli: Option<i64>) -> String {
    milli.map_or_else(
        || "–".to_owned(),
        |n| crate::indicators::scale::plain(n).replace('.', ","),
    )
}

/// A value as it is written: «37 из 40», «12,5», «да».
#[must_use]
pub fn written(line: &Line<'_>, parts: Option<Parts>) -> String {
    match parts {
        None => String::new(),
        Some(Parts { upper: None, .. }) => "–".into(),
        Some(Parts { upper: Some(n), .. }) if line.is_yes_no() => if n > 0 { "да" } else { "нет" }.into(),
        Some(Parts {
            upper,
            lower: Some(lower),
        }) => format!("{} из {}", shown(upper), shown(Some(lower))),
        Some(Parts { upper, lower: None }) => shown(upper),
    }
}

/// Everything that stands in the way of sending, in the order of the fields.
#[must_use]
pub fn findings(lines: &[Line<'_>], tolerance: i64) -> Vec<Finding> {
    let mut found = Vec::new();
    for line in lines {
        let mut add = |rule: &'static str, severity: Severity, expected: String, said: String| {
            found.push(Finding {
                field: line.field.code.clone(),
                title: line.title(),
                reported: written(line, line.stands()),
                expected,
                rule,
                severity,
                said,
            });
        };
        let Some(stands) = line.stands() else {
            add(
                "unfilled",
                Severity::Error,
                String::new(),
                "Не заполнено: впишите значение, «–», если его нет, или 0.".into(),
            );
            continue;
        };
        if line.is_share() && stands.upper.is_some() && stands.lower.is_none() {
            add(
                "unfilled",
                Severity::Error,
                String::new(),
                "Впишите обе части: сколько и из скольких.".into(),
            );
        }
        if line.field.link && stands.upper.is_some_and(|n| n > 0) && line.link().is_none() && !planted!("link_unasked")
        {
            add(
                "no_link",
                Severity::Error,
                "адрес страницы".into(),
                "Приложите ссылку на подтверждение.".into(),
            );
        }
        if let (Some(upper), Some(lower)) = (stands.upper, stands.lower) {
            let (up, low) = (shown(Some(upper)), shown(Some(lower)));
            if upper > lower && is_part(line) {
                let said = format!("{up} больше, чем {low}: часть не бывает больше целого.");
                add("above_whole", Severity::Error, format!("не больше {low}"), said);
            }
            if lower == 0 && upper == 0 {
                let said = "0 из 0 — это нет значения, а не ноль: впишите «–».".to_owned();
                add("zero_for_nothing", Severity::Error, "–".into(), said);
            }
        }
        if counts_whole(line)
            && [stands.upper, stands.lower]
                .into_iter()
                .flatten()
                .any(|n| n % 1000 != 0)
        {
            add(
                "whole_number",
                Severity::Error,
                "целое число".into(),
                "Людей и предметы считают целыми.".into(),
            );
        }
        if line.differs(tolerance) && !planted!("report_without_tolerance") {
            let computed = written(line, line.computed);
            let said = format!(
                "Расхождение: подано {}, рассчитано {computed}.",
                written(line, Some(stands))
            );
            let severity = if line.is_explained() {
                Severity::Note
            } else {
                Severity::Error
            };
            add("difference", severity, computed, said);
        }
        if let Some((last, now)) = line.jump() {
            let (before, after) = (written(line, Some(last)), written(line, Some(now)));
            let said = jump::said(&before, &after, line.jump_percent);
            add("jump", Severity::Warning, before, said);
        }
    }
    found.extend(contradictions(lines));
    found.extend(one_whole(lines));
    found
}

/// Codes of fields that differ from what is computed by more than the tolerance and do not say why.
#[must_use]
pub fn unexplained(lines: &[Line<'_>], tolerance: i64) -> Vec<String> {
    let differ = lines
        .iter()
        .filter(|line| line.differs(tolerance) && !line.is_explained());
    differ.map(|line| line.field.code.clone()).collect()
}

/// Whether something of the findings stands in the way.
#[must_use]
pub fn is_blocked(findings: &[Finding]) -> bool {
    findings.iter().any(|f| f.severity == Severity::Error)
}

fn is_part(line: &Line<'_>) -> bool {
    matches!(&line.of, Of::Indicator(of) if !of.may_exceed_100 && of.is_percent())
}

fn counts_whole(line: &Line<'_>) -> bool {
    match &line.of {
        Of::Indicator(of) => {
            let formula = of.formula.as_ref();
            let whole = |amount: Option<&Amount>| amount.is_none_or(|a| a.subject().is_some());
            whole(formula.and_then(Formula::numerator)) && whole(formula.and_then(Formula::denominator))
        }
        Of::Measure(of) => of.counted,
        Of::Gone => false,
    }
}

/// Parts of measures that are more than their wholes.
fn contradictions(lines: &[Line<'_>]) -> Vec<Finding> {
    let value = |code: &str| {
        let line = lines.iter().find(|l| l.field.code == code)?;
        line.stands()?.upper
    };
    let one = |line: &Line<'_>| {
        let Of::Measure(part) = line.of else { return None };
        let whole = part.whole()?;
        let (some, all) = (value(&part.code)?, value(&whole.code)?);
        let refusal = measures::above_whole((part, some), (whole, all))?;
        Some(Finding {
            field: line.field.code.clone(),
            title: line.title(),
            reported: shown(Some(some)),
            expected: format!("не больше {}", shown(Some(all))),
            rule: "part_above_whole",
            severity: Severity::Error,
            said: crate::pages::text::capital(&format!("{refusal}.")),
        })
    };
    lines.iter().filter_map(one).collect()
}

/// The same whole reported as two numbers.
fn one_whole(lines: &[Line<'_>]) -> Vec<Finding> {
    let mut first: BTreeMap<&Amount, (String, i64)> = BTreeMap::new();
    let mut found = Vec::new();
    for line in lines {
        let Of::Indicator(of) = &line.of else { continue };
        let whole = of.formula.as_ref().and_then(Formula::denominator);
        let (Some(whole), Some(lower)) = (whole, line.stands().and_then(|p| p.lower)) else {
            continue;
        };
        match first.get(whole) {
            None => {
                first.insert(whole, (of.code.clone(), lower));
            }
            Some((_, known)) if *known == lower => {}
            Some((code, known)) => found.push(Finding {
                field: line.field.code.clone(),
                title: line.title(),
                reported: shown(Some(lower)),
                expected: shown(Some(*known)),
                rule: "one_whole",
                severity: Severity::Error,
                said: format!(
                    "Знаменатель {} не тот, что у показателя {code}: там {}. Считают одних и тех же людей.",
                    shown(Some(lower)),
                    shown(Some(*known))
                ),
            }),
        }
    }
    found
}

/// Whether a field counts people or plans, so that those behind it can be named.
#[must_use]
pub fn counts_people(of: &Indicator) -> bool {
    let upper = of
        .formula
        .as_ref()
        .and_then(Formula::numerator)
        .and_then(Amount::subject);
    matches!(upper, Some(Subject::Person | Subject::Iom))
}

/// What a campaign is computed by: the pack in force and its period, where both are there.
pub struct Ground {
    /// The pack.
    pub pack: std::sync::Arc<Pack>,
    /// The period; `None` where its facts are not kept.
    pub period: Option<FactPeriod>,
    /// How far a value may lie from last year's before it is worth a look, per cent.
    pub jump_percent: i64,
}

/// Reads it; `None` where the pack is in force no more.
///
/// # Errors
/// Those of the database.
pub fn ground(c: &mut AnyConn, of: &Campaign) -> Result<Option<Ground>, Error> {
    let Some(pack) = load::in_force(c, &of.pack)? else {
        return Ok(None);
    };
    let period = facts::store::period(c, &pack.basis.key(), &of.period)?;
    // A description that the pack has no more says nothing of it.
    let described = pack.campaign(&of.template);
    let jump_percent = described.map_or(jump::DEFAULT_PERCENT, |c| c.jump_percent);
    Ok(Some(Ground {
        pack,
        period,
        jump_percent,
    }))
}

/// What the platform computes and knows of units, by unit and field.
#[derive(Debug, Default)]
pub struct Sources {
    computed: HashMap<UnitId, HashMap<String, Parts>>,
    known: HashMap<UnitId, HashMap<String, KnownValue>>,
    last: HashMap<UnitId, HashMap<String, Parts>>,
    jump_percent: i64,
}

impl Sources {
    /// The form of a unit.
    #[must_use]
    pub fn lines<'a>(
        &self,
        pack: &'a Pack,
        fields: &[Field],
        unit: UnitId,
        said: &HashMap<String, SaidValue>,
    ) -> Vec<Line<'a>> {
        let line = |field: &Field| Line {
            of: match field.kind {
                FieldKind::Indicator => pack.indicator(&field.code).map_or(Of::Gone, Of::Indicator),
                FieldKind::Measure => measures::of_units(&field.code).map_or(Of::Gone, Of::Measure),
            },
            computed: self.computed.get(&unit).and_then(|of| of.get(&field.code)).copied(),
            known: self.known.get(&unit).and_then(|of| of.get(&field.code)).cloned(),
            last: self.last.get(&unit).and_then(|of| of.get(&field.code)).copied(),
            jump_percent: self.jump_percent,
            said: said.get(&field.code).map(Said::from),
            field: field.clone(),
        };
        fields.iter().map(line).collect()
    }

    /// How many units would have to type a field.
    #[must_use]
    pub fn typed_by(&self, pack: &Pack, field: &Field, units: &[UnitId]) -> usize {
        let none = HashMap::default();
        let types = |unit: &&UnitId| {
            let lines = self.lines(pack, std::slice::from_ref(field), **unit, &none);
            lines.iter().any(|line| line.to_type() > 0)
        };
        units.iter().filter(types).count()
    }

    /// How many units have a field known already.
    #[must_use]
    pub fn known_of(&self, field: &Field, units: &[UnitId]) -> usize {
        let knows = |unit: &&UnitId| {
            let computed = self.computed.get(unit).is_some_and(|of| of.contains_key(&field.code));
            computed || self.known.get(unit).is_some_and(|of| of.contains_key(&field.code))
        };
        units.iter().filter(knows).count()
    }
}

impl From<&SaidValue> for Said {
    fn from(of: &SaidValue) -> Self {
        Self {
            parts: Some(Parts {
                upper: of.upper_milli,
                lower: of.lower_milli,
            }),
            link: of.link.clone(),
            explanation: of.explanation.clone(),
        }
    }
}

/// Reads what is computed of the units of a kind inside one, and what is known of them.
///
/// # Errors
/// Those of the database.
pub fn sources(
    c: &mut AnyConn,
    (ground, period): (&Ground, &str),
    fields: &[Field],
    (level, root): (UnitKind, UnitId),
    units: &[UnitId],
) -> Result<Sources, DbError> {
    let mut found = Sources {
        computed: HashMap::default(),
        known: known(c, period, fields, units)?,
        last: last_year(c, (&ground.pack, period), fields, units)?,
        jump_percent: ground.jump_percent,
    };
    let asked: BTreeSet<&str> = fields
        .iter()
        .filter(|f| f.kind == FieldKind::Indicator)
        .map(|f| f.code.as_str())
        .collect();
    let Some(facts) = ground.period.as_ref().filter(|_| !asked.is_empty()) else {
        return Ok(found);
    };
    let query = Query {
        level,
        unit: Some(root),
        indicator: None,
        as_of: None,
        known_at: None,
        breakdowns: false,
    };
    // The counts of whole units, for their own report: who may be told them is the matter of the page.
    let scope = Scope::of_server("отчёт единицы: рассчитанное рядом с поданным");
    for value in values::values(c, &scope, &ground.pack, facts, &query)? {
        if asked.contains(value.indicator.as_str())
            && let Some(parts) = parts_of(&value)
        {
            let of = found.computed.entry(value.unit).or_default();
            of.insert(value.indicator.clone(), parts);
        }
    }
    Ok(found)
}

/// The parts of a computed value; nothing where it is not computed.
fn parts_of(value: &Value) -> Option<Parts> {
    let upper = value.numerator_milli?;
    Some(match value.denominator_milli {
        // Of nobody there is no share.
        Some(0) => Parts {
            upper: None,
            lower: None,
        },
        lower => Parts {
            upper: Some(upper),
            lower,
        },
    })
}

/// A value that is known, its link, and where it comes from.
pub type KnownValue = (Parts, Option<String>, MeasureSource);

type Known = HashMap<UnitId, HashMap<String, KnownValue>>;

/// What is known of the measures that a form asks for: of the measure's own source before any other, the last that was said.
fn known(c: &mut AnyConn, period: &str, fields: &[Field], units: &[UnitId]) -> Result<Known, DbError> {
    let codes: Vec<&str> = fields
        .iter()
        .filter(|f| f.kind == FieldKind::Measure)
        .map(|f| f.code.as_str())
        .collect();
    type Row = (UnitId, String, Option<i64>, Option<String>, MeasureSource);
    let mut found = Known::default();
    if codes.is_empty() {
        return Ok(found);
    }
    for block in units.chunks(1000) {
        let rows: Vec<Row> = measure_value::table
            .filter(measure_value::unit_id.eq_any(block))
            .filter(measure_value::measure.eq_any(&codes))
            .filter(measure_value::period.eq(period))
            .filter(measure_value::expert.eq(""))
            .filter(measure_value::superseded_at.is_null())
            .order(measure_value::id)
            .select((
                measure_value::unit_id,
                measure_value::measure,
                measure_value::value_milli,
                measure_value::link,
                measure_value::source,
            ))
            .load(c)?;
        for (unit, measure, upper, link, source) in rows {
            let own = measures::of_units(&measure).map(|m| m.source);
            let of = found.entry(unit).or_default();
            let stays = of
                .get(&measure)
                .is_some_and(|(.., before)| Some(*before) == own && Some(source) != own);
            if !stays {
                of.insert(measure, (Parts { upper, lower: None }, link, source));
            }
        }
    }
    Ok(found)
}

/// What units reported for the year before: of measures what is known, of indicators what was reported with its parts.
fn last_year(
    c: &mut AnyConn,
    (pack, period): (&Pack, &str),
    fields: &[Field],
    units: &[UnitId],
) -> Result<HashMap<UnitId, HashMap<String, Parts>>, DbError> {
    let mut found: HashMap<UnitId, HashMap<String, Parts>> = HashMap::default();
    let Some(before) = Period::parse(period).and_then(|p| p.before()) else {
        return Ok(found);
    };
    for (unit, of) in known(c, &before, fields, units)? {
        let parts = of.into_iter().map(|(code, (parts, ..))| (code, parts));
        found.entry(unit).or_default().extend(parts);
    }
    let asked = fields.iter().filter(|f| f.kind == FieldKind::Indicator);
    let codes: HashMap<&str, &str> = asked
        .filter_map(|f| Some((pack.indicator(&f.code)?.reported.as_str(), f.code.as_str())))
        .collect();
    if codes.is_empty() {
        return Ok(found);
    }
    type Row = (UnitId, String, Option<i64>, Option<i64>, Option<i64>);
    for block in units.chunks(1000) {
        let rows: Vec<Row> = measure_value::table
            .filter(measure_value::unit_id.eq_any(block))
            .filter(measure_value::measure.eq_any(codes.keys().copied()))
            .filter(measure_value::period.eq(&before))
            .filter(measure_value::source.eq(MeasureSource::Reported))
            .filter(measure_value::superseded_at.is_null())
            .order(measure_value::id)
            .select((
                measure_value::unit_id,
                measure_value::measure,
                measure_value::value_milli,
                measure_value::numerator_milli,
                measure_value::denominator_milli,
            ))
            .load(c)?;
        for (unit, measure, value, upper, lower) in rows {
            let Some(code) = codes.get(measure.as_str()) else {
                continue;
            };
            let parts = Parts {
                upper: upper.or(value),
                lower,
            };
            found.entry(unit).or_default().insert((*code).to_owned(), parts);
        }
    }
    Ok(found)
}

//! Entered values from a file: measures of units, points of experts, reported values of indicators.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use diesel::prelude::*;

use super::consistent::consistent;
use super::form;
use super::formula::Formula;
use super::measures::{self, MeasureSource, MeasureUnit};
use super::pack::{self, Indicator, Pack};
use super::reported::{self, Detail, Entered};
use super::store;
use crate::db::schema::measure_value;
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::{
    Applied, Batch, BatchId, Change, Choice, Fields, ImportRow, Kind, Mode, Problem, Staged, Table, Verdict, changed,
    made, repeats,
};
use crate::units::names::{Meant, Names};
use crate::units::{self, Period, PeriodKind, UnitId, UnitKind};

/// Files of entered values.
pub struct FormsFile;

/// A number as it stands in a cell, or a yes or a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Number(i64),
    Yes,
    No,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    unit: String,
    measure: String,
    period: String,
    value: Option<Said>,
    numerator: Option<i64>,
    denominator: Option<i64>,
    source: Option<MeasureSource>,
    expert: String,
    link: Option<String>,
}

/// How files name sources.
const SOURCES: Choice<MeasureSource> = Choice {
    values: &[
        MeasureSource::Form,
        MeasureSource::FederalForm,
        MeasureSource::OutsideRegister,
        MeasureSource::Reported,
        MeasureSource::Expert,
    ],
    code: MeasureSource::code,
    label: MeasureSource::label,
    more: &[
        ("федеральная форма", MeasureSource::FederalForm),
        ("реестр", MeasureSource::OutsideRegister),
        ("отчёт", MeasureSource::Reported),
        ("эксперт", MeasureSource::Expert),
    ],
    formulas: false,
};

const TABLE: &str = "measure_value";

/// Thousandths of a number as people write it: with a comma or a point, with spaces, with a per cent sign.
fn number(text: &str) -> Option<i64> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '%' && *c != '\u{A0}')
        .collect();
    let plain = plain.replace(',', ".");
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.as_str()),
    };
    let only_digits = digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let value =
        super::parse::milli(digits).filter(|_| only_digits && digits.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(if negative { -value } else { value })
}

fn amount(fields: &mut Fields<'_>, name: &str) -> Option<i64> {
    let text = fields.text(name)?;
    let found = number(&text);
    match found {
        None => fields.problem(name, Refusal::new("import.not_a_number")),
        Some(n) if n < 0 => fields.problem(name, Refusal::new("import.below_zero")),
        Some(_) => {}
    }
    found.filter(|n| *n >= 0)
}

fn said(fields: &mut Fields<'_>) -> Option<Said> {
    let text = fields.text("value")?;
    match text.to_lowercase().as_str() {
        "да" | "есть" | "yes" => Some(Said::Yes),
        "нет" | "отсутствует" | "no" => Some(Said::No),
        // A dash is no value, not a zero.
        "-" | "–" | "—" => None,
        other => match number(other) {
            Some(n) => Some(Said::Number(n)),
            None => {
                fields.problem("value", Refusal::new("import.not_a_number"));
                None
            }
        },
    }
}

impl Table for FormsFile {
    type Row = Row;
    const KIND: Kind = Kind::Forms;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &["measure_value"];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let unit = fields.required_text("unit");
        let measure = fields.required_text("measure");
        let period = fields.required_text("period");
        let value = said(fields);
        let (numerator, denominator) = (amount(fields, "numerator"), amount(fields, "denominator"));
        if value.is_none() && (numerator.is_none() || denominator.is_none()) {
            fields.problem("value", Refusal::new("import.required"));
        }
        Some(Row {
            unit: unit?,
            measure: measure?,
            period: period?,
            value,
            numerator,
            denominator,
            source: fields.choice("source", &SOURCES),
            expert: fields.text("expert").unwrap_or_default(),
            link: fields.text("link"),
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let same = |row: &Row| {
            (
                row.unit.clone(),
                row.measure.clone(),
                row.period.clone(),
                row.source.map(MeasureSource::code),
                row.expert.clone(),
            )
        };
        let rows = repeats::settle(rows, same, &mut applied.verdicts);
        let loaded = store::read_packs(tx.conn())?;
        let packs = packs(&loaded);
        let mut asked = form::kinds(packs.values());
        // Before a pack that asks a measure is in force, nobody can say for which periods it will.
        let formed = form::kinds(&loaded);
        asked.retain(|measure, _| formed.contains_key(measure));
        let known = Known {
            units: units::store::places(tx.conn())?,
            names: Names::load(tx.conn())?,
            packs,
            asked,
        };
        let mut read = Vec::with_capacity(rows.len());
        for Staged { number, row } in rows {
            match known.entered(batch, &row) {
                Ok(value) => read.push((number, value)),
                Err((column, value, refusal)) => {
                    let problem = Problem::at(Kind::Forms, column, value, refusal);
                    applied.verdicts.push((number, Verdict::Refused(problem)));
                }
            }
        }
        let stored = reported::in_force(tx.conn(), read.iter().map(|(_, v)| v.unit))?;
        let read = consistent(batch.mode, read, &stored, &mut applied.verdicts);
        let (mut new, mut replaced, mut of) = (Vec::new(), Vec::new(), Vec::new());
        for (number, value) in read {
            match stored.get(&value.place()) {
                Some(before) if value.says(before) => applied.verdicts.push((number, Verdict::Unchanged)),
                Some(_) if batch.mode == Mode::Add => applied.verdicts.push((number, Verdict::Kept)),
                before => {
                    replaced.extend(before.map(|b| b.id));
                    of.push((number, before.map(|b| b.id)));
                    new.push(value);
                }
            }
        }
        let ids = reported::write(tx, new, &replaced, Some(batch.id.0))?;
        for ((number, before), id) in of.into_iter().zip(ids) {
            let row = Change {
                kind: TABLE,
                id,
                previous: None,
            };
            let verdict = match before {
                None => Verdict::New(vec![row]),
                Some(before) => {
                    let ended = Change {
                        kind: TABLE,
                        id: before,
                        previous: Some("{}".to_owned()),
                    };
                    Verdict::Changed(vec![row, ended])
                }
            };
            applied.verdicts.push((number, verdict));
        }
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        let mut ended: i64 = 0;
        for block in made(changes, TABLE).chunks(1000) {
            let count: i64 = measure_value::table
                .filter(measure_value::id.eq_any(block))
                .filter(measure_value::superseded_at.is_not_null())
                .count()
                .get_result(tx.conn())?;
            ended += count;
        }
        let _ = batch;
        Ok(if ended > 0 {
            vec![format!("более поздние значения: {ended}")]
        } else {
            Vec::new()
        })
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        for block in made(changes, TABLE).chunks(1000) {
            diesel::delete(measure_value::table.filter(measure_value::id.eq_any(block))).execute(tx.conn())?;
        }
        let ended: Vec<i64> = changed(changes, TABLE).filter_map(|c| c.object_id).collect();
        for block in ended.chunks(1000) {
            diesel::update(measure_value::table.filter(measure_value::id.eq_any(block)))
                .set(measure_value::superseded_at.eq(None::<chrono::NaiveDateTime>))
                .execute(tx.conn())?;
        }
        Ok(())
    }
}

/// Packs in force; those that come with the program where nobody has loaded another.
fn packs(loaded: &[Arc<Pack>]) -> BTreeMap<String, Arc<Pack>> {
    let embedded = pack::EMBEDDED.iter().filter_map(|(_, text)| Pack::parse(text).ok());
    let mut found: BTreeMap<String, Arc<Pack>> = embedded.map(|p| (p.code.clone(), Arc::new(p))).collect();
    found.extend(loaded.iter().map(|p| (p.code.clone(), p.clone())));
    found
}

/// What the rows of a file are read by.
struct Known {
    units: HashMap<String, (UnitId, UnitId, UnitKind)>,
    /// Names of municipalities as tables spell them.
    names: Names,
    packs: BTreeMap<String, Arc<Pack>>,
    /// Kinds of periods for which measures are asked, of those that a pack in force asks.
    asked: BTreeMap<String, BTreeSet<PeriodKind>>,
}

type Wrong = (&'static str, String, Refusal);

impl Known {
    fn entered(&self, batch: &Batch, row: &Row) -> Result<Entered, Wrong> {
        let wrong = |column, value: &str, refusal: Refusal| (column, value.to_owned(), refusal);
        let (unit, region, kind) = match self.units.get(&row.unit).copied() {
            Some(found) => found,
            None => match self
                .names
                .meant(&row.unit, |place| batch.holds(place.region.0, place.id.0))
            {
                Meant::One(place) => (place.id, place.region, place.kind),
                Meant::Several(many) => {
                    let refusal = Refusal::new("units.several_named").with("many", many);
                    return Err(wrong("unit", &row.unit, refusal));
                }
                Meant::Nothing => {
                    let refusal = batch.place(None).err();
                    let refusal = refusal.unwrap_or_else(|| Refusal::new("import.unknown_unit"));
                    return Err(wrong("unit", &row.unit, refusal));
                }
            },
        };
        if let Err(refusal) = batch.place(Some((region.0, unit.0))) {
            return Err(wrong("unit", &row.unit, refusal));
        }
        let Some(period) = Period::parse(&row.period) else {
            return Err(wrong("period", &row.period, self.unreadable(row)));
        };
        let of = match row.measure.split_once(':') {
            Some((pack, code)) => Of::Indicator(self.indicator(row, pack, code, &period)?),
            None => match measures::of_units(&row.measure) {
                Some(measure) if measure.source == MeasureSource::Computed => {
                    return Err(wrong("measure", &row.measure, Refusal::new("import.computed_measure")));
                }
                Some(measure) => Of::Measure(measure),
                None => return Err(wrong("measure", &row.measure, Refusal::new("import.unknown_measure"))),
            },
        };
        if let Of::Measure(measure) = &of {
            let organisation = measure.subject == measures::MeasureSubject::Organisation;
            if kind == UnitKind::Organisation && !organisation {
                return Err(wrong("unit", &row.unit, Refusal::new("import.not_of_this_unit")));
            }
            if let Some(refusal) = self.other_kind(&measure.code, &period) {
                return Err(wrong("period", &row.period, refusal));
            }
        }
        let (measure, source) = match &of {
            Of::Measure(measure) => (measure.code.clone(), measure.source),
            Of::Indicator(indicator) => (
                indicator.reported.clone(),
                match indicator.formula {
                    Some(Formula::Expert { .. }) => MeasureSource::Expert,
                    _ => MeasureSource::Reported,
                },
            ),
        };
        let value_milli = self.value(row, &of)?;
        Ok(Entered {
            region,
            unit,
            measure,
            period: row.period.clone(),
            value_milli,
            value_text: None,
            source: row.source.unwrap_or(source),
            detail: Detail {
                numerator_milli: row.numerator,
                denominator_milli: row.denominator,
                expert: row.expert.clone(),
                link: row.link.clone(),
            },
        })
    }

    /// Refuses a period of a kind for which no form asks the measure: the value would reach no indicator.
    fn other_kind(&self, measure: &str, period: &Period) -> Option<Refusal> {
        let asked = self.asked.get(measure)?;
        let kind = asked.first().filter(|_| !asked.contains(&period.kind))?;
        Some(asked_for(*kind, &period.code))
    }

    /// Refuses what is no period: by the kind for which the row's measure is asked, where there is only one.
    fn unreadable(&self, row: &Row) -> Refusal {
        let pack = row.measure.split_once(':').and_then(|(pack, _)| self.packs.get(pack));
        let asked = self.asked.get(&row.measure).filter(|kinds| kinds.len() == 1);
        let kind = pack.map(|p| p.basis.kind).or_else(|| asked?.first().copied());
        kind.map_or_else(
            || Refusal::new("import.no_such_period"),
            |kind| asked_for(kind, &row.period),
        )
    }

    fn indicator(&self, row: &Row, pack: &str, code: &str, period: &Period) -> Result<&Indicator, Wrong> {
        let found = self.packs.get(pack).and_then(|p| Some((p, p.indicator(code)?)));
        let Some((pack, indicator)) = found else {
            let refusal = Refusal::new("import.unknown_measure");
            return Err(("measure", row.measure.clone(), refusal));
        };
        if pack.basis.kind != period.kind {
            let like = pack.basis.kind.like(&row.period);
            let refusal = Refusal::new("import.other_period").with("like", like);
            return Err(("period", row.period.clone(), refusal));
        }
        Ok(indicator)
    }

    /// The value of a row: as given, or of its parts.
    fn value(&self, row: &Row, of: &Of<'_>) -> Result<Option<i64>, Wrong> {
        let yes_no = match of {
            Of::Measure(measure) => measure.unit == Some(MeasureUnit::YesNo),
            Of::Indicator(_) => false,
        };
        let given = match row.value {
            Some(Said::Yes) => Some(1000),
            Some(Said::No) => Some(0),
            Some(Said::Number(n)) => Some(n),
            None => None,
        };
        if yes_no && given.is_some_and(|n| n != 0 && n != 1000) {
            return Err(("value", String::new(), Refusal::new("import.yes_no")));
        }
        if let (Of::Measure(measure), Some(own)) = (of, given)
            && let Some(refusal) = measure.refuses(own)
        {
            return Err(("value", super::scale::plain(own), refusal));
        }
        // Only what compares with an earlier year may fall.
        let may_fall = match of {
            Of::Measure(_) => false,
            Of::Indicator(indicator) => indicator.formula.as_ref().is_some_and(|f| f.looks_back() > 0),
        };
        if let Some(below) = given.filter(|n| *n < 0 && !may_fall) {
            return Err(("value", super::scale::plain(below), Refusal::new("import.below_zero")));
        }
        let (Some(upper), Some(lower)) = (row.numerator, row.denominator) else {
            return Ok(given);
        };
        if let Of::Indicator(indicator) = of
            && upper > lower
            && !indicator.may_exceed_100
            && indicator.is_percent()
        {
            return Err(("numerator", String::new(), Refusal::new("import.above_whole")));
        }
        if given.is_some() || lower == 0 {
            return Ok(given);
        }
        let share = (i128::from(upper) * 200_000 + i128::from(lower)).div_euclid(2 * i128::from(lower));
        Ok(i64::try_from(share).ok())
    }
}

/// Says for which kind of periods a measure is asked, with a name that fits.
fn asked_for(kind: PeriodKind, given: &str) -> Refusal {
    let refusal = Refusal::new("import.other_kind").with("kind", kind.label());
    refusal.with("like", kind.like(given))
}

enum Of<'a> {
    Measure(&'static measures::Measure),
    Indicator(&'a Indicator),
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(number("12 074"), Some(12_074_000));
        assert_eq!(number("7,5 %"), Some(7_500));
        assert_eq!(number("0"), Some(0));
        assert_eq!(number("-1"), Some(-1000));
        assert_eq!(number("12 человек"), None);
        assert_eq!(number(""), None);
        assert_eq!(number(".5"), None);
    }
}

//! What the municipalities reported and experts gave, as published: beside the computed values, never instead of them.

use std::collections::HashMap;

use super::figures::{self, Municipality, YEARS};
use super::people::municipality_code;
use crate::cycle::{Table, submission};
use crate::db::Tx;
use crate::db::milli::Milli;
use crate::error::Error;
use crate::indicators::Pack;
use crate::indicators::measures::MeasureSource;
use crate::indicators::reported::Entered;
use crate::units::UnitId;

/// Every value of the published tables.
///
/// # Errors
/// A seed that does not read, or a municipality that did not come in.
pub fn values(municipalities: &[Municipality], units: &HashMap<String, UnitId>) -> Result<Vec<Entered>, Error> {
    let unit = |code: &str| {
        units
            .get(code)
            .copied()
            .ok_or_else(|| Error::Internal(format!("демо: нет единицы {code}")))
    };
    let region = unit(super::sheets::REGION)?;
    let mut values = Vec::new();
    for (m, municipality) in municipalities.iter().enumerate() {
        let of = Of {
            region,
            unit: unit(&municipality_code(m))?,
        };
        for year in YEARS {
            let percent = if year.index == 0 {
                municipality.percent_2022
            } else {
                municipality.percent_2023
            };
            let reported = MeasureSource::Reported;
            values.push(of.number(
                "tyumen:3.4",
                year.period,
                municipality.published_supported(year.index) as f64,
                reported,
            ));
            values.push(of.number("tyumen:3.4.percent", year.period, percent, reported));
        }
        values.extend(printed(&of, municipality));
    }
    let by_name: HashMap<&str, usize> = municipalities
        .iter()
        .enumerate()
        .map(|(m, x)| (x.name.as_str(), m))
        .collect();
    for points in figures::section_points()? {
        let m = by_name
            .get(points.name.as_str())
            .ok_or_else(|| Error::Internal(format!("демо: нет муниципалитета {}", points.name)))?;
        let of = Of {
            region,
            unit: unit(&municipality_code(*m))?,
        };
        let period = if points.year == 2022 {
            YEARS[0].period
        } else {
            YEARS[1].period
        };
        for (section, given) in points.sections() {
            // What was not submitted has no row: it is not a zero.
            if let Some(given) = given {
                values.push(of.text_number(&format!("tyumen:{section}"), period, given, MeasureSource::Expert)?);
            }
        }
        values.push(of.text_number("tyumen:total", period, &points.published_total, MeasureSource::Reported)?);
    }
    Ok(values)
}

/// Takes the totals of the first table as they were published: they stand beside the computed ones.
///
/// # Errors
/// A seed that does not read; those of the database.
pub fn publish(tx: &mut Tx<'_>, key: &[u8], pack: &Pack) -> Result<(), Error> {
    let wrong = |e: csv::Error| Error::Internal(format!("демо: итоги разделов: {e}"));
    let mut reader = csv::Reader::from_reader(figures::SECTION_TOTALS.as_bytes());
    let cells = |of: &csv::StringRecord| of.iter().map(str::to_owned).collect::<Vec<String>>();
    let columns = cells(reader.headers().map_err(wrong)?);
    let mut rows = Vec::new();
    for row in reader.records() {
        rows.push(cells(&row.map_err(wrong)?));
    }
    if let Some(described) = pack.table("1_1_totals") {
        let _found = submission::take(tx, key, (pack, described), &Table { columns, rows })?;
    }
    Ok(())
}

/// What the cluster table prints of the second year, and the methodists the services gave in their form.
fn printed(of: &Of, municipality: &Municipality) -> [Entered; 5] {
    let period = YEARS[1].period;
    [
        of.number(
            "mun_methodist_headcount",
            period,
            municipality.methodists as f64,
            MeasureSource::Form,
        ),
        of.number(
            "tyumen:K3",
            period,
            municipality.printed_teachers_per_methodist,
            MeasureSource::Reported,
        ),
        of.text("tyumen:K1", period, &municipality.printed_class),
        of.text("tyumen:K2", period, &municipality.printed_district),
        of.number(
            "tyumen:K3.level",
            period,
            f64::from(municipality.printed_level),
            MeasureSource::Reported,
        ),
    ]
}

struct Of {
    region: UnitId,
    unit: UnitId,
}

impl Of {
    fn entered(&self, measure: &str, period: &str, source: MeasureSource) -> Entered {
        Entered {
            region: self.region,
            unit: self.unit,
            measure: measure.to_owned(),
            period: period.to_owned(),
            value_milli: None,
            value_text: None,
            source,
            detail: crate::indicators::reported::Detail::default(),
        }
    }

    fn number(&self, measure: &str, period: &str, value: f64, source: MeasureSource) -> Entered {
        Entered {
            value_milli: Some((value * 1000.0).round() as i64),
            ..self.entered(measure, period, source)
        }
    }

    fn text_number(&self, measure: &str, period: &str, text: &str, source: MeasureSource) -> Result<Entered, Error> {
        let value = Milli::parse(text).ok_or_else(|| Error::Internal(format!("демо: {measure}: не число: {text}")))?;
        Ok(Entered {
            value_milli: Some(i64::from(value.0)),
            ..self.entered(measure, period, source)
        })
    }

    fn text(&self, measure: &str, period: &str, text: &str) -> Entered {
        Entered {
            value_text: Some(text.to_owned()),
            ..self.entered(measure, period, MeasureSource::Reported)
        }
    }
}

//! How values and lists are printed: CSV for machines, JSON, a workbook for people.

use clap::ValueEnum;
use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::facts::FactPeriod;
use crate::indicators::Pack;
use crate::indicators::change::{Explained, Part};
use crate::indicators::change_list::Row;
use crate::indicators::classes::{self, Standing};
use crate::indicators::evaluate::Reason;
use crate::indicators::people::Listed;
use crate::indicators::scale::plain as decimal;
use crate::indicators::scoring::Scored;
use crate::indicators::values::Value;
use crate::units::Unit;

/// Forms of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Через запятую, UTF-8.
    Csv,
    /// Массив объектов.
    Json,
    /// Книга Excel.
    Xlsx,
}

const COLUMNS: [&str; 13] = [
    "pack",
    "indicator",
    "breakdown",
    "breakdown_value",
    "unit",
    "unit_name",
    "numerator",
    "denominator",
    "value",
    "points",
    "zone",
    "target",
    "reported",
];

const PEOPLE_COLUMNS: [&str; 5] = ["subject", "key", "name", "unit", "reason"];

#[expect(clippy::cast_precision_loss, reason = "thousandths of a value are far below 2^52")]
fn float(milli: i64) -> f64 {
    milli as f64 / 1000.0
}

/// The rows of `values` as bytes.
///
/// # Errors
/// The workbook cannot be made.
pub fn values(format: Format, pack: &Pack, period: &FactPeriod, rows: &[Value]) -> Result<Vec<u8>, Error> {
    match format {
        Format::Csv => csv(&COLUMNS, rows.iter().map(|v| cells(pack, v))),
        Format::Json => {
            let number = |milli: Option<i64>| milli.map_or(Json::Null, |m| json!(float(m)));
            let list = rows.iter().map(|v| {
                json!({
                    "pack": pack.code, "indicator": v.indicator,
                    "breakdown": v.breakdown.as_ref().map(|(by, _)| *by),
                    "breakdown_value": v.breakdown.as_ref().map(|(_, of)| of),
                    "unit": v.unit_code, "unit_name": v.unit_name, "numerator": number(v.numerator_milli),
                    "denominator": number(v.denominator_milli), "value": number(v.value_milli),
                    "points": number(v.points.given().copied()), "zone": level(pack, v),
                    "target": number(v.target_milli), "reported": number(v.reported_milli),
                    "target_met": v.met, "reason": reason(v).map(Reason::code), "is_reported": v.is_reported,
                })
            });
            json_lines(list.collect())
        }
        Format::Xlsx => workbook(pack, period, rows).map_err(|e| Error::Internal(e.to_string())),
    }
}

fn cells(pack: &Pack, v: &Value) -> Vec<String> {
    let number = |milli: Option<i64>| milli.map_or_else(String::new, decimal);
    vec![
        pack.code.clone(),
        v.indicator.clone(),
        v.breakdown
            .as_ref()
            .map_or_else(String::new, |(by, _)| (*by).to_owned()),
        v.breakdown.as_ref().map_or_else(String::new, |(_, of)| of.clone()),
        v.unit_code.clone(),
        v.unit_name.clone(),
        number(v.numerator_milli),
        number(v.denominator_milli),
        number(v.value_milli),
        points(v),
        zone(pack, v),
        number(v.target_milli),
        number(v.reported_milli),
    ]
}

/// Why there is no value, or no points for it, or no zone.
fn reason(v: &Value) -> Option<Reason> {
    v.reason.or_else(|| v.points.reason()).or_else(|| v.zone.reason())
}

/// Points, or the word of the reason why there are none; where no points are given, why there is no value.
fn points(v: &Value) -> String {
    match (&v.points, v.reason) {
        (Scored::Is(points), _) => decimal(*points),
        (Scored::Not(reason), _) => reason.code().to_owned(),
        // The word of an attribute stands for its value.
        (Scored::Unscaled, Some(reason)) if v.zone.given().is_none() => reason.code().to_owned(),
        (Scored::Unscaled, _) => String::new(),
    }
}

/// The level that pages show, in a word for machines.
fn level(pack: &Pack, v: &Value) -> Option<String> {
    let indicator = pack.indicator(&v.indicator)?;
    let Standing::On(code) = classes::standing(indicator, v) else {
        return None;
    };
    let levels = classes::levels(indicator);
    let word = levels
        .into_iter()
        .find(|level| level.code == code)
        .map(|level| level.word);
    Some(word.unwrap_or(code))
}

/// The level or the reason why there is none; where the indicator has no levels, whether the target is reached.
fn zone(pack: &Pack, v: &Value) -> String {
    match pack.indicator(&v.indicator).map(|of| classes::standing(of, v)) {
        Some(Standing::On(_)) => level(pack, v).unwrap_or_default(),
        Some(Standing::Not(reason)) => reason.code().to_owned(),
        Some(Standing::Met(true)) => "target_met".to_owned(),
        Some(Standing::Met(false)) => "target_missed".to_owned(),
        Some(Standing::Silent) | None => String::new(),
    }
}

/// The rows of `people` as bytes.
///
/// # Errors
/// The workbook cannot be made.
pub fn people(format: Format, rows: &[Listed]) -> Result<Vec<u8>, Error> {
    let cells = |l: &Listed| {
        vec![
            l.subject.code().to_owned(),
            l.key.clone(),
            l.name.clone(),
            l.units.join(";"),
            l.reason.clone(),
        ]
    };
    match format {
        Format::Csv => csv(&PEOPLE_COLUMNS, rows.iter().map(cells)),
        Format::Json => {
            let list = rows.iter().map(|l| {
                json!({"subject": l.subject.code(), "key": l.key, "name": l.name, "unit": l.units, "reason": l.reason})
            });
            json_lines(list.collect())
        }
        Format::Xlsx => {
            let headers = [
                "Предмет",
                "СНИЛС или № ИОМ",
                "Фамилия, имя, отчество",
                "Организация",
                "Причина",
            ];
            let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
            people_workbook(&headers, &rows).map_err(|e| Error::Internal(e.to_string()))
        }
    }
}

/// The parts of one difference as CSV.
///
/// # Errors
/// The table cannot be made.
pub fn parts(parts: &[Part]) -> Result<Vec<u8>, Error> {
    let columns = ["part", "delta_numerator", "delta_denominator", "people"];
    let rows = parts.iter().map(|part| {
        vec![
            part.cause.code().to_owned(),
            decimal(part.numerator),
            decimal(part.denominator),
            part.subjects.len().to_string(),
        ]
    });
    csv(&columns, rows)
}

/// The parts of several differences as JSON, with what stood before and what stands after.
///
/// # Errors
/// The text cannot be made.
pub fn parts_json(pack: &str, all: &[(Unit, Explained)]) -> Result<Vec<u8>, Error> {
    let number = |milli: Option<i64>| milli.map_or(Json::Null, |m| json!(float(m)));
    let list = all.iter().map(|(unit, of)| {
        let parts = of.parts.iter().map(|part| {
            json!({
                "part": part.cause.code(), "label": part.cause.label(), "people": part.subjects.len(),
                "delta_numerator": float(part.numerator), "delta_denominator": float(part.denominator),
            })
        });
        json!({
            "pack": pack, "indicator": of.indicator.code, "unit": unit.code,
            "before": {"numerator": number(of.before.0), "denominator": number(of.before.1)},
            "after": {"numerator": number(of.after.0), "denominator": number(of.after.1)},
            "parts": parts.collect::<Vec<_>>(),
        })
    });
    json_lines(list.collect())
}

/// The rows of a part of a difference as bytes; only JSON says what each of them adds.
///
/// # Errors
/// The workbook cannot be made.
pub fn changed(format: Format, rows: &[Row]) -> Result<Vec<u8>, Error> {
    if format == Format::Json {
        let list = rows.iter().map(|row| {
            let l = &row.listed;
            json!({
                "subject": l.subject.code(), "key": l.key, "name": l.name, "unit": l.units, "reason": l.reason,
                "delta_numerator": float(row.numerator), "delta_denominator": float(row.denominator),
            })
        });
        return json_lines(list.collect());
    }
    let listed: Vec<Listed> = rows.iter().map(|row| row.listed.clone()).collect();
    people(format, &listed)
}

fn csv(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, Error> {
    let broken = |e: csv::Error| Error::Internal(e.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).map_err(broken)?;
    for row in rows {
        writer.write_record(row).map_err(broken)?;
    }
    writer.into_inner().map_err(|e| Error::Internal(e.to_string()))
}

fn json_lines(list: Vec<Json>) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec(&list).map_err(|e| Error::Internal(e.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn workbook(pack: &Pack, period: &FactPeriod, rows: &[Value]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = CellFormat::new().set_bold();
    let sheet = book.add_worksheet();
    let filter = format!("{}. Период {}", pack.title, period.code);
    sheet.write_string_with_format(0, 0, filter, &bold)?;
    let headers = [
        "Показатель",
        "Наименование",
        "Код единицы",
        "Единица",
        "Числитель",
        "Знаменатель",
        "Значение",
        "Цель",
        "Подано",
        "Баллы",
        "Зона",
        "Разрез",
    ];
    for (column, header) in (0..).zip(headers) {
        sheet.write_string_with_format(1, column, header, &bold)?;
    }
    for (line, v) in (2..).zip(rows) {
        let title = pack.indicator(&v.indicator).map_or("", |i| i.title.as_str());
        for (column, text) in (0..).zip([&v.indicator, title, &v.unit_code, &v.unit_name]) {
            sheet.write_string(line, column, text)?;
        }
        let numbers = [
            v.numerator_milli,
            v.denominator_milli,
            v.value_milli,
            v.target_milli,
            v.reported_milli,
        ];
        for (column, text) in (9..).zip([points(v), zone(pack, v)]) {
            sheet.write_string(line, column, text)?;
        }
        if let Some((_, of)) = &v.breakdown {
            sheet.write_string(line, 11, of)?;
        }
        for (column, number) in (4..).zip(numbers) {
            if let Some(number) = number {
                sheet.write_number(line, column, float(number))?;
            }
        }
    }
    book.save_to_buffer()
}

fn people_workbook(headers: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = CellFormat::new().set_bold();
    let sheet = book.add_worksheet();
    for (column, header) in (0..).zip(headers) {
        sheet.write_string_with_format(0, column, *header, &bold)?;
    }
    for (line, row) in (1..).zip(rows) {
        for (column, text) in (0..).zip(row) {
            sheet.write_string(line, column, text)?;
        }
    }
    book.save_to_buffer()
}

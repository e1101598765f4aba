//! How values and lists are printed: CSV for machines, JSON, a workbook for people.

use clap::ValueEnum;
use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::facts::FactPeriod;
use crate::indicators::Pack;
use crate::indicators::change::{Explained, Part};
use crate::indicators::change_list::Row;
use crate::indicators::evaluate::Reason;
use crate::indicators::people::Listed;
use crate::indicators::row;
use crate::indicators::scale::plain as decimal;
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
        Format::Csv => csv(&row::COLUMNS, rows.iter().map(|v| row::cells(pack, v).to_vec())),
        Format::Json => {
            let number = |milli: Option<i64>| milli.map_or(Json::Null, |m| json!(float(m)));
            let list = rows.iter().map(|v| {
                json!({
                    "pack": pack.code, "indicator": v.indicator,
                    "breakdown": v.breakdown.as_ref().map(|(by, _)| *by),
                    "breakdown_value": v.breakdown.as_ref().map(|(_, of)| of),
                    "unit": v.unit_code, "unit_name": v.unit_name, "numerator": number(v.numerator_milli),
                    "denominator": number(v.denominator_milli), "value": number(v.value_milli),
                    "points": number(v.points.given().copied()), "zone": row::level(pack, v),
                    "target": number(v.target_milli), "reported": number(v.reported_milli),
                    "target_met": v.met, "reason": row::reason(v).map(Reason::code), "is_reported": v.is_reported,
                })
            });
            json_lines(list.collect())
        }
        Format::Xlsx => workbook(pack, period, rows).map_err(|e| Error::Internal(e.to_string())),
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
        for (column, text) in (9..).zip([row::points(v), row::zone(pack, v)]) {
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

//! How values and lists are printed: CSV for machines, JSON, a workbook for people.

use clap::ValueEnum;
use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::facts::FactPeriod;
use crate::indicators::Pack;
use crate::indicators::people::Listed;
use crate::indicators::values::Value;

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

/// Thousandths with a point and without needless zeros.
fn decimal(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let (whole, fraction) = (milli.unsigned_abs() / 1000, milli.unsigned_abs() % 1000);
    if fraction == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{}", format!("{fraction:03}").trim_end_matches('0'))
    }
}

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
                    "pack": pack.code, "indicator": v.indicator, "breakdown": null, "breakdown_value": null,
                    "unit": v.unit_code, "unit_name": v.unit_name, "numerator": v.numerator,
                    "denominator": v.denominator, "value": number(v.value_milli), "points": null, "zone": null,
                    "target": number(v.target_milli), "reported": number(v.reported_milli),
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
        String::new(),
        String::new(),
        v.unit_code.clone(),
        v.unit_name.clone(),
        v.numerator.to_string(),
        v.denominator.map_or_else(String::new, |d| d.to_string()),
        number(v.value_milli),
        String::new(),
        String::new(),
        number(v.target_milli),
        number(v.reported_milli),
    ]
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
    ];
    for (column, header) in (0..).zip(headers) {
        sheet.write_string_with_format(1, column, header, &bold)?;
    }
    for (line, v) in (2..).zip(rows) {
        let title = pack.indicator(&v.indicator).map_or("", |i| i.title.as_str());
        for (column, text) in (0..).zip([&v.indicator, title, &v.unit_code, &v.unit_name]) {
            sheet.write_string(line, column, text)?;
        }
        let count = |n: i64| n.checked_mul(1000);
        let numbers = [
            count(v.numerator),
            v.denominator.and_then(count),
            v.value_milli,
            v.target_milli,
            v.reported_milli,
        ];
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

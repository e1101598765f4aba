//! `explain-change`: why a figure differs between two days; and the lists of its parts for `people`.

use std::io::Write as _;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use super::output::Out;
use super::values_output;
use super::{Context, Outcome};
use crate::error::Error;
use crate::indicators::Cause;
use crate::indicators::change::{Change, Explained, Moment};
use crate::indicators::change_list::{self, Row};
use crate::units::{self, Unit};
use crate::web::Scope;

/// Arguments of `explain-change`.
#[derive(Debug, Args)]
pub struct ChangeArgs {
    /// Код пакета.
    #[arg(long)]
    pack: String,
    /// Код показателя; несколько — только с --format json.
    #[arg(long, required = true)]
    indicator: Vec<String>,
    /// Код единицы; несколько, все из одного региона, — только с --format json.
    #[arg(long, required = true)]
    unit: Vec<String>,
    /// С какого дня.
    #[arg(long)]
    from: NaiveDate,
    /// По какой день.
    #[arg(long)]
    to: NaiveDate,
    /// Вид вывода.
    #[arg(long, default_value = "csv")]
    format: Form,
}

/// Forms of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Через запятую, UTF-8.
    Csv,
    /// Массив объектов.
    Json,
}

/// `explain-change`.
pub async fn explain(context: &Context, args: ChangeArgs) -> Result<Outcome, Error> {
    if args.format == Form::Csv && (args.indicator.len() > 1 || args.unit.len() > 1) {
        let said = "csv показывает один показатель одной единицы; для нескольких есть --format json";
        return Err(Error::Invalid(said.into()));
    }
    let zone = context.app.config.zone_hours;
    let moments = (Moment::of(args.from, zone), Moment::of(args.to, zone));
    let (pack, codes, units) = (args.pack.clone(), args.indicator, args.unit);
    let read = move |c: &mut crate::db::AnyConn| -> Result<Vec<(Unit, Explained)>, Error> {
        let mut found = Vec::with_capacity(units.len());
        for code in &units {
            found.push(find(c, code)?);
        }
        let within = match found.as_slice() {
            [one] => one.id,
            several => several.first().map_or(units::UnitId(0), |u| u.region_id),
        };
        if found.iter().any(|u| u.id != within && u.region_id != within) {
            return Err(Error::Invalid("--unit: единицы должны быть из одного региона".into()));
        }
        let change = Change::load(c, &pack, within, moments, Some(&codes))?;
        let mut explained = Vec::with_capacity(found.len() * codes.len());
        for unit in found {
            for code in &codes {
                explained.push((unit.clone(), change.explain(code, unit.id)?));
            }
        }
        Ok(explained)
    };
    let explained = context.app.db.read(read).await?;
    let bytes = match args.format {
        Form::Csv => values_output::parts(explained.first().map_or(&[][..], |(_, of)| &of.parts))?,
        Form::Json => values_output::parts_json(&args.pack, &explained)?,
    };
    Out.write_all(&bytes)?;
    Ok(Outcome::Done)
}

/// Which part of which difference `people` is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Code of the pack.
    pub pack: String,
    /// Code of the indicator.
    pub indicator: String,
    /// Code of the unit.
    pub unit: String,
    /// From which day.
    pub from: NaiveDate,
    /// To which day.
    pub to: NaiveDate,
    /// The part.
    pub cause: Cause,
}

/// The list of a part.
pub async fn list(context: &Context, asked: Asked) -> Result<(Unit, Vec<Row>), Error> {
    let zone = context.app.config.zone_hours;
    let moments = (Moment::of(asked.from, zone), Moment::of(asked.to, zone));
    let read = move |c: &mut crate::db::AnyConn| -> Result<_, Error> {
        let unit = find(c, &asked.unit)?;
        let only = [asked.indicator.clone()];
        let change = Change::load(c, &asked.pack, unit.id, moments, Some(&only))?;
        let explained = change.explain(&asked.indicator, unit.id)?;
        let scope = Scope::of_server("people");
        let rows = change_list::rows(c, &scope, &change, &explained, asked.cause)?;
        Ok((unit, rows))
    };
    context.app.db.read(read).await
}

fn find(conn: &mut crate::db::AnyConn, code: &str) -> Result<Unit, Error> {
    units::store::by_code(conn, code)?.ok_or_else(|| Error::NotFound(format!("единица с кодом {code}")))
}

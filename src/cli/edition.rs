//! `edition release`, `list`, `export`, `changes`, `people`: releases of values that never change.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde_json::{Value as Json, json};

use super::output::{Out, say};
use super::values::{find_unit, note, ready};
use super::{Context, Outcome};
use crate::cycle::edition::acts::Standing;
use crate::cycle::edition::changes::{self, CHANGED};
use crate::cycle::edition::release::{self, Asked, Whose};
use crate::cycle::edition::{Edition, people, store, values};
use crate::db::AnyConn;
use crate::error::{Error, Refusal};
use crate::facts;
use crate::indicators::people::Part;
use crate::units::{UnitId, UnitKind};

/// Commands over editions.
#[derive(Debug, Subcommand)]
pub enum EditionCommand {
    /// Выпустить значения показателей: выпуск не меняется никогда.
    Release {
        /// Код пакета.
        #[arg(long)]
        pack: String,
        /// Период: 2022/23 или 2023.
        #[arg(long)]
        period: String,
        /// Код региона; без него — единственный.
        #[arg(long)]
        region: Option<String>,
        /// Название выпуска; без него — название пакета.
        #[arg(long)]
        title: Option<String>,
    },
    /// Показать выпуски.
    List {
        /// Код региона; без него — все.
        #[arg(long)]
        region: Option<String>,
        /// Вид вывода; без него — строки для чтения.
        #[arg(long)]
        format: Option<Table>,
    },
    /// Записать выпуск в файл: всегда те же байты.
    Export {
        /// Номер выпуска.
        number: i32,
        /// Код региона, если их несколько.
        #[arg(long)]
        region: Option<String>,
        /// Вид файла.
        #[arg(long)]
        format: Form,
        /// Куда записать.
        #[arg(long)]
        out: PathBuf,
    },
    /// Что изменилось по сравнению с предыдущим выпуском того же пакета и периода.
    Changes {
        /// Номер выпуска.
        number: i32,
        /// Код региона, если их несколько.
        #[arg(long)]
        region: Option<String>,
        /// Вид вывода; без него — строки для чтения.
        #[arg(long)]
        format: Option<Table>,
    },
    /// Люди (или ИОМ, организации) за выпущенным значением.
    People {
        /// Номер выпуска.
        number: i32,
        /// Код региона, если их несколько.
        #[arg(long)]
        region: Option<String>,
        /// Код показателя.
        #[arg(long)]
        indicator: String,
        /// Код единицы.
        #[arg(long)]
        unit: String,
        /// numerator или rest (только знаменатель).
        #[arg(long, default_value = "numerator")]
        part: String,
        /// Вид вывода.
        #[arg(long, default_value = "csv")]
        format: Table,
    },
}

/// Machine output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Table {
    /// Через запятую, UTF-8.
    Csv,
}

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Через запятую, UTF-8.
    Csv,
    /// Книга Excel.
    Xlsx,
}

/// Runs a command over editions.
pub async fn run(context: &Context, command: EditionCommand) -> Result<Outcome, Error> {
    match command {
        EditionCommand::Release {
            pack,
            period,
            region,
            title,
        } => release(context, pack, period, region, title.unwrap_or_default()).await,
        EditionCommand::List { region, format } => list(context, region, format).await,
        EditionCommand::Export {
            number,
            region,
            format,
            out,
        } => export(context, number, region, format, out).await,
        EditionCommand::Changes { number, region, format } => changed(context, number, region, format).await,
        EditionCommand::People {
            number,
            region,
            indicator,
            unit,
            part,
            format: Table::Csv,
        } => listed(context, (number, region), indicator, unit, &part).await,
    }
}

async fn release(
    context: &Context,
    pack: String,
    period: String,
    region: Option<String>,
    title: String,
) -> Result<Outcome, Error> {
    let _made = ready(context, &pack, &period).await?;
    let app = &context.app;
    let region = app.db.read(move |c| region_of(c, region.as_deref())).await?;
    let asked = Asked {
        region,
        pack,
        period,
        title,
        seen: None,
        by: Whose {
            name: "команда на сервере".into(),
            ..Whose::default()
        },
        zone_hours: app.config.zone_hours,
    };
    let edition = release::release(&app.db, &app.keys.audit, asked, |_, _| Ok(())).await?;
    app.seal().await?;
    let of = edition.clone();
    let (rows, changes) = app
        .db
        .read(move |c| Ok::<_, Error>((store::all_rows(c, of.id)?.len(), changes::changes(c, &of)?.len())))
        .await?;
    if context.json {
        say!(
            "{}",
            json!({
                "number": edition.number, "pack": edition.pack, "period": edition.period, "title": edition.title,
                "rows": rows, "changes": edition.before_id.map(|_| changes), "digest": edition.digest,
            })
        )?;
    } else {
        say!(
            "Выпуск № {}: строк {rows}, отпечаток {}.",
            edition.number,
            edition.digest
        )?;
        if edition.before_id.is_some() {
            say!("Изменилось ячеек с предыдущего выпуска: {changes}.")?;
        }
    }
    Ok(Outcome::Done)
}

/// The region of a code, or the only one.
fn region_of(conn: &mut AnyConn, code: Option<&str>) -> Result<UnitId, Error> {
    if let Some(code) = code {
        let unit = find_unit(conn, code)?;
        return match unit.kind {
            UnitKind::Region => Ok(unit.id),
            _ => Err(Error::NotFound(format!("регион с кодом {code}"))),
        };
    }
    match facts::store::regions(conn)?.as_slice() {
        [] => Err(Error::NotFound("регион".into())),
        [only] => Ok(*only),
        _ => Err(Refusal::new("cycle.edition_which_region").into()),
    }
}

/// The edition of a number.
fn numbered(conn: &mut AnyConn, number: i32, region: Option<&str>) -> Result<Edition, Error> {
    let region = region.map(|code| region_of(conn, Some(code))).transpose()?;
    let mut found = store::numbered(conn, number, region)?;
    match (found.pop(), found.is_empty()) {
        (None, _) => Err(Error::NotFound(format!("выпуск № {number}"))),
        (Some(edition), true) => Ok(edition),
        (Some(_), false) => Err(Refusal::new("cycle.edition_which_region").into()),
    }
}

/// A row as an object.
fn object(columns: &[&str], cells: &[String]) -> Json {
    let pairs = columns.iter().zip(cells);
    Json::Object(
        pairs
            .map(|(column, cell)| ((*column).to_owned(), Json::from(cell.clone())))
            .collect(),
    )
}

async fn list(context: &Context, region: Option<String>, format: Option<Table>) -> Result<Outcome, Error> {
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let region = region.map(|code| region_of(c, Some(&code))).transpose()?;
        let editions = store::all(c, region)?;
        let ids: Vec<_> = editions.iter().map(|e| e.id).collect();
        let acts = store::acts(c, &ids)?;
        let units = crate::units::store::places(c)?;
        let codes: std::collections::HashMap<UnitId, String> =
            units.into_iter().map(|(code, (id, ..))| (id, code)).collect();
        Ok((editions, acts, codes))
    };
    let (mut editions, acts, codes) = context.app.db.read(read).await?;
    editions.sort_by_key(|e| (e.region_id, e.number));
    let zone = chrono::Duration::hours(i64::from(context.app.config.zone_hours));
    let cells = |e: &Edition| -> Vec<String> {
        let standing = Standing::of(acts.get(&e.id).map_or(&[][..], Vec::as_slice));
        let before = e.before_id.and_then(|id| editions.iter().find(|b| b.id == id));
        let yes = |is: bool| if is { "1" } else { "0" }.to_owned();
        vec![
            codes.get(&e.region_id).cloned().unwrap_or_default(),
            e.number.to_string(),
            e.pack.clone(),
            e.period.clone(),
            e.title.clone(),
            (e.released_at + zone).format("%Y-%m-%dT%H:%M:%S").to_string(),
            e.released_by.clone(),
            e.pack_version.to_string(),
            before.map_or_else(String::new, |b| b.number.to_string()),
            yes(standing.approved.is_some()),
            yes(standing.opened.is_some()),
            e.digest.clone(),
        ]
    };
    const COLUMNS: [&str; 12] = [
        "region",
        "number",
        "pack",
        "period",
        "title",
        "released_at",
        "released_by",
        "pack_version",
        "follows",
        "approved",
        "open",
        "digest",
    ];
    let rows: Vec<Vec<String>> = editions.iter().map(cells).collect();
    if context.json {
        let objects: Vec<Json> = rows.iter().map(|row| object(&COLUMNS, row)).collect();
        say!("{}", json!({ "editions": objects }))?;
    } else if format.is_some() {
        Out.write_all(&values::head(&COLUMNS)?)?;
        Out.write_all(&values::lines(rows.iter().map(Vec::as_slice))?)?;
    } else {
        for row in &rows {
            say!("{}", row.get(..11).unwrap_or_default().join("\t"))?;
        }
    }
    Ok(Outcome::Done)
}

async fn export(
    context: &Context,
    number: i32,
    region: Option<String>,
    format: Form,
    out: PathBuf,
) -> Result<Outcome, Error> {
    let read = move |c: &mut AnyConn| -> Result<Vec<u8>, Error> {
        let edition = numbered(c, number, region.as_deref())?;
        match format {
            Form::Csv => store::table(c, edition.id),
            Form::Xlsx => store::book(c, edition.id),
        }
    };
    let bytes = context.app.db.read(read).await?;
    std::fs::write(&out, &bytes).map_err(|e| Error::Invalid(format!("файл {} не пишется: {e}", out.display())))?;
    let digest = crate::audit::digest(&bytes);
    if context.json {
        say!(
            "{}",
            json!({ "number": number, "bytes": bytes.len(), "digest": digest })
        )?;
    } else {
        say!("{}: байтов {}, отпечаток {digest}.", out.display(), bytes.len())?;
    }
    Ok(Outcome::Done)
}

async fn changed(
    context: &Context,
    number: i32,
    region: Option<String>,
    format: Option<Table>,
) -> Result<Outcome, Error> {
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let edition = numbered(c, number, region.as_deref())?;
        if edition.before_id.is_none() {
            return Err(Refusal::new("cycle.edition_no_forerunner")
                .with("number", number)
                .into());
        }
        changes::changes(c, &edition)
    };
    let found = context.app.db.read(read).await?;
    if context.json {
        let objects: Vec<Json> = found.iter().map(|of| object(&CHANGED, &of.cells())).collect();
        say!("{}", json!({ "number": number, "changes": objects }))?;
    } else if format.is_some() {
        let rows: Vec<[String; 9]> = found.iter().map(changes::Changed::cells).collect();
        Out.write_all(&values::head(&CHANGED)?)?;
        Out.write_all(&values::lines(rows.iter().map(<[String; 9]>::as_slice))?)?;
    } else {
        for of in &found {
            let nothing = |text: &str| {
                if text.is_empty() {
                    "–".to_owned()
                } else {
                    text.to_owned()
                }
            };
            say!(
                "{} {}, {}: {} → {} ({})",
                of.indicator,
                of.unit_name,
                of.field,
                nothing(&of.before),
                nothing(&of.after),
                of.cause.label()
            )?;
        }
        say!("Изменилось ячеек: {}.", found.len())?;
    }
    Ok(Outcome::Done)
}

async fn listed(
    context: &Context,
    (number, region): (i32, Option<String>),
    indicator: String,
    unit: String,
    part: &str,
) -> Result<Outcome, Error> {
    let part = Part::from_code(part)
        .filter(|p| *p != Part::Excluded)
        .ok_or_else(|| Error::Invalid("--part: numerator или rest".into()))?;
    let secret = context.app.keys.audit.clone();
    let (code, of) = (unit.clone(), indicator.clone());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let edition = numbered(c, number, region.as_deref())?;
        let kept = store::units(c, edition.id)?;
        let missing = || Error::NotFound(format!("единица с кодом {code} в выпуске"));
        kept.get(&code).ok_or_else(missing)?;
        let list = people::listed(c, &edition, &of, &code, part)?
            .ok_or_else(|| Error::NotFound(format!("список показателя {of} в выпуске")))?;
        let lines = people::lines(c, &secret, &edition, &list)?;
        Ok((crate::units::store::by_code(c, &code)?, lines))
    };
    let (unit, lines) = context.app.db.read(read).await?;
    if let Some(unit) = unit {
        let of = format!("number={number} indicator={indicator} part={part}");
        note(context, &unit, &of, lines.iter().map(|line| line.key.as_str())).await?;
    }
    let rows: Vec<Vec<String>> = lines
        .into_iter()
        .map(|line| vec![line.subject, line.key, line.name, line.unit])
        .collect();
    Out.write_all(&values::head(&["subject", "key", "name", "unit"])?)?;
    Out.write_all(&values::lines(rows.iter().map(Vec::as_slice))?)?;
    Ok(Outcome::Done)
}

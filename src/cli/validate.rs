//! `validate`: a published table, and every cell of it that contradicts a rule.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::output::{Out, say, tell};
use super::{Context, Outcome};
use crate::cycle::submission::{self, Taken};
use crate::cycle::{Contradiction, Table};
use crate::db::AnyConn;
use crate::error::{Error, Refusal};
use crate::indicators::pack_tables::Severity;
use crate::indicators::{Pack, load, pack};

/// Arguments of `validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Код пакета методики.
    #[arg(long)]
    pack: String,
    /// Имя таблицы в пакете.
    #[arg(long)]
    table: String,
    /// Файл таблицы: CSV, XLSX или ODS.
    file: PathBuf,
    /// Вид вывода; без него — строки для чтения.
    #[arg(long)]
    format: Option<Format>,
}

/// Machine output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values.
    Csv,
}

/// Takes the table and prints what contradicts.
pub async fn run(context: &Context, arguments: ValidateArgs) -> Result<Outcome, Error> {
    let ValidateArgs {
        pack: code,
        table: name,
        file,
        format,
    } = arguments;
    let pack = described(context, code, &name).await?;
    let needed = pack.table(&name).map(|of| of.columns()).unwrap_or_default();
    let shown = file.display().to_string();
    let read = tokio::task::spawn_blocking(move || -> Result<Table, Error> {
        let file = File::open(&file).map_err(|e| Error::Invalid(format!("файл {shown} не читается: {e}")))?;
        Table::read(&file, &needed)
    });
    let table = read.await.map_err(|e| Error::Internal(e.to_string()))??;
    let rows = table.rows.len();
    let key = context.app.keys.audit.clone();
    let write = move |tx: &mut crate::db::Tx<'_>| -> Result<Taken, Error> {
        let Some(described) = pack.table(&name) else {
            return Ok(Taken::default());
        };
        submission::take(tx, &key, (&pack, described), &table)
    };
    let Taken { found, without, again } = context.app.db.write(write).await?;
    context.app.seal().await?;
    if context.json {
        say!(
            "{}",
            serde_json::json!({ "rows": rows, "contradictions": objects(&found) })
        )?;
    } else if format == Some(Format::Csv) {
        print(&found)?;
    } else {
        for of in &found {
            let expected = match of.expected.as_str() {
                "" => String::new(),
                expected => format!(", ожидалось {expected}"),
            };
            let (severity, published) = (of.severity.label(), &of.published);
            say!(
                "{}: {}: {published}{expected} ({severity}, {})",
                of.row,
                of.field,
                of.rule
            )?;
        }
    }
    let of = |severity: Severity| found.iter().filter(|c| c.severity == severity).count();
    let errors = of(Severity::Error);
    tell!(
        "Строк в таблице: {rows}; ошибок: {errors}, предупреждений: {}, к сведению: {}.",
        of(Severity::Warning),
        of(Severity::Note)
    );
    if !without.is_empty() {
        tell!(
            "Без таблицы {} сверено не всё: примите её и проверьте эту ещё раз.",
            without.join(", ")
        );
    }
    if !again.is_empty() {
        tell!(
            "С этой таблицей связана принятая раньше: проверьте ещё раз {}.",
            again.join(", ")
        );
    }
    Ok(if errors == 0 {
        Outcome::Done
    } else {
        Outcome::WithRefusals
    })
}

/// The pack that describes a table: the one in force, else the one that comes with the program.
async fn described(context: &Context, code: String, table: &str) -> Result<Arc<Pack>, Error> {
    let of = code.clone();
    let read = move |c: &mut AnyConn| load::in_force(c, &of);
    let in_force = context.app.db.read(read).await?;
    if let Some(pack) = in_force.clone().filter(|pack| pack.table(table).is_some()) {
        return Ok(pack);
    }
    let pack = match (pack::embedded(&code), in_force) {
        (Ok(own), _) => Arc::new(own),
        (Err(_), Some(pack)) => pack,
        (Err(why), None) => return Err(why),
    };
    if pack.table(table).is_some() {
        return Ok(pack);
    }
    let known: Vec<&str> = pack.tables.iter().map(|t| t.name.as_str()).collect();
    let refusal = Refusal::new("cycle.no_table").with("table", table).with("pack", code);
    Err(refusal.with("known", known.join(", ")).into())
}

fn objects(found: &[Contradiction]) -> Vec<BTreeMap<&'static str, &str>> {
    found.iter().map(|of| fields(of).into_iter().collect()).collect()
}

fn fields(of: &Contradiction) -> [(&'static str, &str); 6] {
    [
        ("row", &of.row),
        ("field", &of.field),
        ("published", &of.published),
        ("expected", &of.expected),
        ("rule", of.rule),
        ("severity", of.severity.code()),
    ]
}

fn print(found: &[Contradiction]) -> Result<(), Error> {
    let internal = |e: csv::Error| Error::Internal(e.to_string());
    let mut out = csv::Writer::from_writer(Out);
    out.write_record(["row", "field", "published", "expected", "rule", "severity"])
        .map_err(internal)?;
    for of in found {
        out.write_record(fields(of).map(|(_, text)| text)).map_err(internal)?;
    }
    out.flush()?;
    Ok(())
}

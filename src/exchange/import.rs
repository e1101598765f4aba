//! Loading a file: read and understood outside any transaction, then compared and written in one.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::batch::{self, BatchId, BatchState, ImportBatch, ImportRow, Mode, RowState};
use super::columns::Chosen;
use super::errors_file;
use super::extent::{By, Touched};
use super::report::{Report, RowProblem};
use super::staging::{self, Source, Staging};
use super::table::{Applied, Batch, Change, Table, Verdict};
use super::unknown_units;
use crate::audit;
use crate::db::schema::{import_batch, import_row};
use crate::db::{Db, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::insert_many;

/// Rows from which on the planner of the database is told of them.
const MANY: usize = 1000;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The file.
    pub file: PathBuf,
    /// What may happen to what is stored already.
    pub mode: Mode,
    /// Whether to count only.
    pub dry_run: bool,
    /// The code to give; made when absent.
    pub code: Option<String>,
    /// Where the same file with a column «Ошибка» goes.
    pub errors: Option<PathBuf>,
    /// The name of the file for people, when its path says nothing.
    pub name: Option<String>,
    /// Columns as a person chose them; found by their headers when absent.
    pub columns: Option<Chosen>,
    /// Who loads it and how far it reaches.
    pub by: By,
}

/// Why the transaction ended without a commit.
enum Stop {
    /// Everything was counted and nothing is to stay.
    DryRun(Box<Report>),
    Failed(Error),
}

impl From<DbError> for Stop {
    fn from(e: DbError) -> Self {
        Self::Failed(e.into())
    }
}

/// Loads a file of one kind.
///
/// # Errors
/// A file that is refused as a whole, a batch code that is taken, those of the database. Refused rows are no error.
pub async fn run<T: Table>(db: &Db, key: Vec<u8>, request: Request) -> Result<Report, Error> {
    run_then::<T>(db, key, request, |_, _| Ok(())).await
}

/// The same; `then` joins the transaction at its end, unless nothing is to be written.
///
/// # Errors
/// Those of [`run`] and of `then`.
pub async fn run_then<T: Table>(
    db: &Db,
    key: Vec<u8>,
    request: Request,
    then: impl FnOnce(&mut Tx<'_>, &Report) -> Result<(), DbError> + Send + 'static,
) -> Result<Report, Error> {
    let Request {
        file: path,
        mode,
        dry_run,
        code,
        errors,
        name,
        columns,
        by,
    } = request;
    let name = name
        .or_else(|| path.file_name().map(|n| n.to_string_lossy().into_owned()))
        .unwrap_or_default();
    let (staging, digest) = tokio::task::spawn_blocking(move || -> Result<_, Error> {
        let mut file = open(&path)?;
        let digest = digest(&mut file)?;
        Ok((staging::read::<T>(&file, columns.as_ref())?, digest))
    })
    .await
    .map_err(|e| Error::Internal(e.to_string()))??;
    let Staging {
        source,
        rows,
        problems,
        named,
        total,
        notes,
    } = staging;
    let source = std::sync::Arc::new(source);
    let sheet = source.clone();
    let many = rows.len() >= MANY;
    let outcome = db
        .write(move |tx| {
            dialect::lock(tx.conn(), dialect::lock_space::IMPORT, [0])?;
            let today = tx.today();
            let part = by.part(tx.conn(), T::KIND, T::OF_PARTS, today).map_err(Stop::Failed)?;
            let mut file = ImportBatch {
                id: BatchId(tx.id()),
                region_id: by.region(),
                code: String::new(),
                kind: T::KIND,
                mode,
                file_name: name,
                file_digest: digest,
                state: BatchState::Applied,
                rows_new: 0,
                rows_changed: 0,
                rows_unchanged: 0,
                rows_refused: 0,
                rows_quarantined: 0,
                account_id: by.account(),
                recorded_at: tx.now(),
                undone_at: None,
            };
            file.code = batch_code(tx, &file, code).map_err(Stop::Failed)?;
            let batch = Batch {
                id: file.id,
                mode,
                sheet: sheet.sheet.clone(),
                now: tx.now(),
                region: by.region(),
                part,
            };
            let mut applied = T::apply(tx, &batch, rows)?;
            applied.verdicts.extend(unknown_units::verdicts(tx, &batch, named)?);
            // Rows are refused one by one before; a kind of file that forgot to ask writes nothing all the same.
            if let Some(part) = &batch.part
                && !part.covers(tx.conn(), touched(&applied))?
            {
                return Err(Stop::Failed(Refusal::new("import.part_left").into()));
            }
            if applied.verdicts.len() >= MANY {
                dialect::grown(tx.conn(), T::TABLES)?;
            }
            let report = settle(tx, &key, (by, file), &sheet, applied, (problems, total, notes))?;
            if dry_run {
                return Err(Stop::DryRun(Box::new(Report {
                    batch: String::new(),
                    dry_run: true,
                    ..report
                })));
            }
            then(tx, &report)?;
            Ok(report)
        })
        .await;
    let report = match outcome {
        Ok(report) => report,
        Err(Stop::DryRun(report)) => *report,
        Err(Stop::Failed(e)) => return Err(e),
    };
    if many && !report.dry_run {
        // The file stands already; what is not looked at now a server looks at within a day.
        let _later: Result<(), DbError> = db.look_at_tables().await;
    }
    if let Some(out) = errors {
        let source = source.clone();
        let problems = report.problems.clone();
        tokio::task::spawn_blocking(move || errors_file::write(&out, &source, &problems))
            .await
            .map_err(|e| Error::Internal(e.to_string()))??;
    }
    Ok(report)
}

fn open(path: &PathBuf) -> Result<File, Error> {
    let unreadable = |e: std::io::Error| Error::Invalid(format!("файл {} не читается: {e}", path.display()));
    let file = File::open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(Error::Invalid(format!("{} не файл", path.display())));
    }
    Ok(file)
}

fn digest(file: &mut File) -> Result<String, Error> {
    file.seek(SeekFrom::Start(0))?;
    let mut hasher = Sha256::new();
    let mut block = vec![0_u8; 64 * 1024];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(audit::hex(&hasher.finalize())),
            n => hasher.update(&block[..n]),
        }
    }
}

fn batch_code(tx: &mut Tx<'_>, file: &ImportBatch, asked: Option<String>) -> Result<String, Error> {
    let Some(code) = asked else {
        return Ok(format!("{}-{}", file.kind, file.recorded_at.format("%Y%m%d-%H%M%S%6f")));
    };
    let code = crate::db::text_keys::clean(&code);
    if code.is_empty() || batch::by_code(tx.conn(), &code)?.is_some() {
        return Err(Refusal::new("import.batch_code_taken").with("code", code).into());
    }
    Ok(code)
}

/// Counts the verdicts, writes the batch with its rows and the journal, makes the report.
fn settle(
    tx: &mut Tx<'_>,
    key: &[u8],
    (by, mut file): (By, ImportBatch),
    source: &Source,
    applied: Applied,
    (mut problems, total, mut notes): (Vec<RowProblem>, usize, Vec<String>),
) -> Result<Report, DbError> {
    notes.extend(applied.notes);
    let mut made: Vec<(u32, RowState, Change)> = Vec::new();
    let (mut new, mut changed, mut kept) = (0, 0, 0);
    for (number, verdict) in applied.verdicts {
        match verdict {
            Verdict::New(changes) => {
                new += 1;
                made.extend(changes.into_iter().map(|c| (number, state_of(&c), c)));
            }
            Verdict::Changed(changes) => {
                changed += 1;
                made.extend(changes.into_iter().map(|c| (number, state_of(&c), c)));
            }
            Verdict::Beside(change) => made.push((number, state_of(&change), change)),
            Verdict::Unchanged => {}
            Verdict::Kept => kept += 1,
            Verdict::Refused(problem) => problems.push(RowProblem {
                number,
                state: RowState::Refused,
                problem,
            }),
            Verdict::Quarantined(problem) => problems.push(RowProblem {
                number,
                state: RowState::Quarantined,
                problem,
            }),
        }
    }
    problems.sort_by_key(|p| p.number);
    let count = |state: RowState| {
        let mut numbers: Vec<u32> = problems.iter().filter(|p| p.state == state).map(|p| p.number).collect();
        numbers.dedup();
        numbers.len()
    };
    let (refused, quarantined) = (count(RowState::Refused), count(RowState::Quarantined));
    let unchanged = total.saturating_sub(new + changed + refused + quarantined);
    if kept > 0 {
        notes.push(format!(
            "Отличаются от хранимого и не тронуты (режим «{}»): {kept}.",
            Mode::Add.label()
        ));
    }
    let small = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    (file.rows_new, file.rows_changed, file.rows_unchanged) = (small(new), small(changed), small(unchanged));
    (file.rows_refused, file.rows_quarantined) = (small(refused), small(quarantined));
    diesel::insert_into(import_batch::table)
        .values(&file)
        .execute(tx.conn())?;
    write_rows(tx, file.id, source, made, &problems)?;
    let mut entry = audit::Entry::of_server("import.apply", "import_batch", Some(file.id.0));
    entry.detail = format!(
        "kind={} new={new} changed={changed} unchanged={unchanged} refused={refused} quarantined={quarantined}",
        file.kind
    );
    let touched = match by.region() {
        Some(_) => Vec::new(),
        None => batch::regions(tx.conn(), file.id)?,
    };
    audit::record(tx, key, &batch::noted(&entry, by, &touched))?;
    Ok(Report {
        batch: file.code,
        kind: file.kind,
        dry_run: false,
        sheet: source.sheet.clone(),
        new,
        changed,
        unchanged,
        refused,
        quarantined,
        problems,
        notes,
    })
}

/// What the rows of a file made or changed.
fn touched(applied: &Applied) -> impl Iterator<Item = Touched<'_>> {
    let changes = applied.verdicts.iter().flat_map(|(_, verdict)| match verdict {
        Verdict::New(changes) | Verdict::Changed(changes) => changes.as_slice(),
        Verdict::Beside(change) => std::slice::from_ref(change),
        _ => &[],
    });
    changes.map(|c| (c.kind, c.id, c.previous.is_none()))
}

fn state_of(change: &Change) -> RowState {
    match change.previous {
        None => RowState::New,
        Some(_) => RowState::Changed,
    }
}

fn write_rows(
    tx: &mut Tx<'_>,
    batch: BatchId,
    source: &Source,
    made: Vec<(u32, RowState, Change)>,
    problems: &[RowProblem],
) -> Result<(), DbError> {
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let mut rows: Vec<ImportRow> = made
        .into_iter()
        .map(|(row, state, change)| ImportRow {
            id: tx.id(),
            batch_id: batch,
            sheet: source.sheet.clone(),
            row_number: number(row),
            state,
            object_kind: Some(change.kind.to_owned()),
            object_id: Some(change.id),
            previous: change.previous,
            raw: None,
            problem: None,
        })
        .collect();
    // One row for each refused row, whatever the number of its wrong cells.
    let mut refused: HashMap<u32, ImportRow> = HashMap::new();
    for p in problems {
        let text = match p.problem.column.as_str() {
            "" => p.problem.refusal.to_string(),
            column => format!("{column}: {}", p.problem.refusal),
        };
        match refused.get_mut(&p.number) {
            Some(row) => row.problem = row.problem.take().map(|before| format!("{before}\n{text}")),
            None => {
                let row = ImportRow {
                    id: tx.id(),
                    batch_id: batch,
                    sheet: source.sheet.clone(),
                    row_number: number(p.number),
                    state: p.state,
                    object_kind: None,
                    object_id: None,
                    previous: None,
                    raw: source.raw(p.number).map(str::to_owned),
                    problem: Some(text),
                };
                refused.insert(p.number, row);
            }
        }
    }
    let mut refused: Vec<ImportRow> = refused.into_values().collect();
    refused.sort_by_key(|row| row.id);
    rows.extend(refused);
    insert_many!(tx.conn(), import_row::table, rows)?;
    Ok(())
}

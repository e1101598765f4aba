//! A file brought by a page, on its way from the columns to a batch: one row that only moves by the states it expects,
//! so that a form sent twice does its work once.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::batch::{BatchState, Kind, Mode, RowState};
use super::report::Report;
use crate::db::schema::{import_batch, upload};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::{id_newtype, insert_many, text_enum};

id_newtype! {
    /// A file brought by a page.
    UploadId;
}

text_enum! {
    /// Where the file stands.
    UploadState {
        Columns = "columns" "ждёт проверки",
        Checking = "checking" "проверяется",
        Checked = "checked" "проверен",
        Loading = "loading" "загружается",
        Loaded = "loaded" "загружен",
        Failed = "failed" "не загружен",
        Dropped = "dropped" "удалён без загрузки",
    }
}

/// A file brought by a page.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = upload, treat_none_as_default_value = false)]
pub struct Upload {
    /// Id.
    pub id: UploadId,
    /// The only region that it may write to.
    pub region_id: i64,
    /// Who brought it.
    pub account_id: i64,
    /// What it holds.
    pub kind: Kind,
    /// What may happen to what is stored.
    pub mode: Mode,
    /// Its name, for people.
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_digest: String,
    /// Where it stands.
    pub state: UploadState,
    /// Columns as chosen: [`super::columns::Chosen`] in JSON.
    pub chosen: String,
    /// The first look: [`super::preview::Preview`] in JSON; empty once it is not needed.
    pub preview: String,
    /// What came of the last check or of the load: [`Outcome`] in JSON.
    pub report: Option<String>,
    /// Why it failed.
    pub problem: Option<String>,
    /// The batch it became.
    pub batch_code: Option<String>,
    /// Grows with each change.
    pub version: i32,
    /// When it was brought.
    pub recorded_at: NaiveDateTime,
    /// When it changed last.
    pub changed_at: NaiveDateTime,
}

/// How many lines of problems are kept for the page; the file of errors holds all.
const KEPT_PROBLEMS: usize = 100;

/// What came of a file, as the page keeps it. Counts are rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The sheet that was read.
    pub sheet: String,
    /// Rows that make something.
    pub new: usize,
    /// Rows that change something.
    pub changed: usize,
    /// Rows that say what is stored.
    pub unchanged: usize,
    /// Rows that were refused.
    pub refused: usize,
    /// Rows that wait for a person's decision.
    pub quarantined: usize,
    /// The first problems.
    pub problems: Vec<Wrong>,
    /// How many problems there are.
    pub problems_in_all: usize,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

/// A problem of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// Row as the sheet shows it.
    pub row: u32,
    /// Whether a person has to decide; refused otherwise.
    pub waits: bool,
    /// Header; empty when the whole row is meant.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What to do.
    pub advice: String,
}

impl From<&Report> for Outcome {
    fn from(report: &Report) -> Self {
        let wrong = report.problems.iter().take(KEPT_PROBLEMS).map(|p| Wrong {
            row: p.number,
            waits: p.state == RowState::Quarantined,
            column: p.problem.column.clone(),
            value: p.problem.value.clone(),
            advice: p.problem.refusal.to_string(),
        });
        Self {
            sheet: report.sheet.clone(),
            new: report.new,
            changed: report.changed,
            unchanged: report.unchanged,
            refused: report.refused,
            quarantined: report.quarantined,
            problems: wrong.collect(),
            problems_in_all: report.problems.len(),
            notes: report.notes.clone(),
        }
    }
}

/// Writes a file that has just been brought.
///
/// # Errors
/// Those of the database.
pub fn add(tx: &mut Tx<'_>, row: Upload) -> Result<(), DbError> {
    insert_many!(tx.conn(), upload::table, [row])?;
    Ok(())
}

/// A file of a region; `own` is the account whose files alone are looked among.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut AnyConn, region: i64, own: Option<i64>, id: UploadId) -> Result<Option<Upload>, DbError> {
    let found: Option<Upload> = upload::table
        .filter(upload::region_id.eq(region))
        .filter(upload::id.eq(id))
        .select(Upload::as_select())
        .first(conn)
        .optional()?;
    Ok(found.filter(|u| own.is_none_or(|own| u.account_id == own)))
}

/// A file by its id alone: for the work that was asked for by a page.
///
/// # Errors
/// Those of the database.
pub fn of_work(conn: &mut AnyConn, id: UploadId) -> Result<Option<Upload>, DbError> {
    Ok(upload::table
        .filter(upload::id.eq(id))
        .select(Upload::as_select())
        .first(conn)
        .optional()?)
}

/// A file with the state of its batch, once it has one.
pub type Listed = (Upload, Option<BatchState>);

/// Files of a region of these kinds, newest first, with the state of their batches; and how many there are. `own` is the
/// account whose files alone are told.
///
/// # Errors
/// Those of the database.
pub fn page(
    conn: &mut AnyConn,
    region: i64,
    own: Option<i64>,
    kinds: &[Kind],
    (offset, limit): (i64, i64),
) -> Result<(Vec<Listed>, i64), DbError> {
    let mut all = upload::table
        .filter(upload::region_id.eq(region))
        .filter(upload::kind.eq_any(kinds))
        .count()
        .into_boxed();
    let mut shown = upload::table
        .left_join(import_batch::table.on(import_batch::code.nullable().eq(upload::batch_code)))
        .filter(upload::region_id.eq(region))
        .filter(upload::kind.eq_any(kinds))
        .order(upload::id.desc())
        .offset(offset)
        .limit(limit)
        .select((Upload::as_select(), import_batch::state.nullable()))
        .into_boxed();
    if let Some(own) = own {
        all = all.filter(upload::account_id.eq(own));
        shown = shown.filter(upload::account_id.eq(own));
    }
    let total = all.get_result(conn)?;
    Ok((shown.load(conn)?, total))
}

/// Moves a file on, if it still stands where the page thought; whether it did.
///
/// # Errors
/// It stands there, and somebody has checked it anew since `seen`; those of the database.
pub fn advance(tx: &mut Tx<'_>, id: UploadId, from: &[UploadState], to: UploadState, seen: i32) -> Result<bool, Error> {
    let now = tx.now();
    let version: Option<i32> = upload::table
        .filter(upload::id.eq(id))
        .filter(upload::state.eq_any(from))
        .select(upload::version)
        .first(tx.conn())
        .optional()
        .map_err(DbError::from)?;
    let Some(version) = version else { return Ok(false) };
    if seen != version {
        return Err(Error::Conflict);
    }
    let moved = diesel::update(
        upload::table
            .filter(upload::id.eq(id))
            .filter(upload::state.eq_any(from))
            .filter(upload::version.eq(version)),
    )
    .set((
        upload::state.eq(to),
        upload::problem.eq(None::<String>),
        upload::version.eq(upload::version + 1),
        upload::changed_at.eq(now),
    ))
    .execute(tx.conn())
    .map_err(DbError::from)?;
    Ok(moved == 1)
}

/// Keeps columns and mode as a person chose them.
///
/// # Errors
/// Those of the database.
pub fn choose(tx: &mut Tx<'_>, id: UploadId, chosen: &str, mode: Mode) -> Result<(), DbError> {
    diesel::update(upload::table.filter(upload::id.eq(id)))
        .set((upload::chosen.eq(chosen), upload::mode.eq(mode)))
        .execute(tx.conn())?;
    Ok(())
}

/// Writes what came of the work: a check, or a load when there is a batch.
///
/// # Errors
/// Those of the database.
pub fn finish(tx: &mut Tx<'_>, id: UploadId, outcome: &Outcome, batch: Option<&str>) -> Result<(), DbError> {
    let now = tx.now();
    let report = serde_json::to_string(outcome).unwrap_or_default();
    let row = upload::table.filter(upload::id.eq(id));
    diesel::update(row)
        .set((upload::report.eq(Some(report)), upload::changed_at.eq(now)))
        .execute(tx.conn())?;
    let row = upload::table.filter(upload::id.eq(id));
    match batch {
        None => diesel::update(row)
            .set(upload::state.eq(UploadState::Checked))
            .execute(tx.conn())?,
        Some(code) => diesel::update(row)
            .set((
                upload::state.eq(UploadState::Loaded),
                upload::preview.eq(""),
                upload::batch_code.eq(Some(code)),
            ))
            .execute(tx.conn())?,
    };
    Ok(())
}

/// Writes why the work failed.
///
/// # Errors
/// Those of the database.
pub fn fail(tx: &mut Tx<'_>, id: UploadId, why: &str) -> Result<(), DbError> {
    let now = tx.now();
    diesel::update(upload::table.filter(upload::id.eq(id)))
        .set((
            upload::state.eq(UploadState::Failed),
            upload::problem.eq(Some(why)),
            upload::changed_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Gives up files that nobody has loaded within `after`.
///
/// # Errors
/// Those of the database.
pub fn drop_old(tx: &mut Tx<'_>, after: TimeDelta) -> Result<(), DbError> {
    let now = tx.now();
    let waiting = [UploadState::Columns, UploadState::Checked, UploadState::Failed];
    diesel::update(
        upload::table
            .filter(upload::state.eq_any(waiting))
            .filter(upload::changed_at.lt(now - after)),
    )
    .set((upload::state.eq(UploadState::Dropped), upload::preview.eq("")))
    .execute(tx.conn())?;
    Ok(())
}

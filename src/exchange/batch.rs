//! One loaded file and what each of its rows did.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::extent::{By, Touched};
use crate::audit::Entry;
use crate::db::schema::{
    activity, body, body_member, diagnosis, diagnosis_result, employment, event, import_batch, import_row,
    measure_value, mentor_card, mentoring_pair, person, publication, undertaking, unit, unit_link, vacancy,
};
use crate::db::{AnyConn, DbError};
use crate::{id_newtype, text_enum};

id_newtype! {
    /// A loaded file.
    BatchId;
}

text_enum! {
    /// What a file holds.
    Kind {
        Units = "units" "единицы",
        Staff = "staff" "сотрудники",
        Competences = "competences" "компетенции",
        Programmes = "programmes" "программы",
        Procedures = "procedures" "процедуры",
        Results = "results" "результаты",
        Activities = "activities" "записи педагогов",
        Events = "events" "мероприятия",
        Bodies = "bodies" "объединения",
        Members = "members" "участники объединений",
        Pairs = "pairs" "наставнические пары",
        Mentors = "mentors" "база наставников",
        Forms = "forms" "внесённые значения",
        Undertakings = "undertakings" "проекты и площадки",
        Publications = "publications" "публикации",
        Vacancies = "vacancies" "вакансии",
    }
}

text_enum! {
    /// What may happen to what is stored already.
    Mode {
        Add = "add" "только новое",
        Merge = "merge" "новое и изменённое",
    }
}

text_enum! {
    /// Whether the file is in force.
    BatchState {
        Applied = "applied" "загружен",
        Undone = "undone" "отменён",
    }
}

text_enum! {
    /// What came of a row.
    RowState {
        New = "new" "новая",
        Changed = "changed" "изменена",
        Refused = "refused" "отказано",
        Quarantined = "quarantined" "в карантине",
    }
}

/// A loaded file.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_batch, treat_none_as_default_value = false)]
pub struct ImportBatch {
    /// Id.
    pub id: BatchId,
    /// The region, where the file is of one.
    pub region_id: Option<i64>,
    /// Code by which people name it.
    pub code: String,
    /// What it held.
    pub kind: Kind,
    /// How it was loaded.
    pub mode: Mode,
    /// Name of the file, without its folder.
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_digest: String,
    /// Whether it is in force.
    pub state: BatchState,
    /// Rows that made something.
    pub rows_new: i32,
    /// Rows that changed something.
    pub rows_changed: i32,
    /// Rows that said what is stored already.
    pub rows_unchanged: i32,
    /// Rows that were refused.
    pub rows_refused: i32,
    /// Rows that wait for a person's decision.
    pub rows_quarantined: i32,
    /// Who loaded it; `None` is the command line.
    pub account_id: Option<i64>,
    /// When.
    pub recorded_at: NaiveDateTime,
    /// When it was undone.
    pub undone_at: Option<NaiveDateTime>,
}

/// What a row did.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_row, treat_none_as_default_value = false)]
pub struct ImportRow {
    /// Id.
    pub id: i64,
    /// The file.
    pub batch_id: BatchId,
    /// Sheet.
    pub sheet: String,
    /// Number of the row as the sheet shows it.
    pub row_number: i32,
    /// What came of it.
    pub state: RowState,
    /// Table of what it made or changed.
    pub object_kind: Option<String>,
    /// Id of what it made or changed.
    pub object_id: Option<i64>,
    /// What stood there before, for undo.
    pub previous: Option<String>,
    /// Cells of a refused row.
    pub raw: Option<String>,
    /// Why it was refused.
    pub problem: Option<String>,
}

impl ImportRow {
    /// The id and the earlier state of what the row changed; `None` for what it made.
    ///
    /// # Errors
    /// A state that cannot be read: the row was tampered with.
    pub fn before<T: serde::de::DeserializeOwned>(&self) -> Result<Option<(i64, T)>, DbError> {
        let (Some(id), Some(text)) = (self.object_id, &self.previous) else {
            return Ok(None);
        };
        let state = serde_json::from_str(text).map_err(|e| diesel::result::Error::DeserializationError(Box::new(e)))?;
        Ok(Some((id, state)))
    }

    fn is_of(&self, kind: &str) -> bool {
        self.object_kind.as_deref() == Some(kind)
    }
}

/// An earlier state as it is kept for undo.
#[must_use]
pub fn previous(state: &impl serde::Serialize) -> String {
    serde_json::to_string(state).unwrap_or_default()
}

/// What the rows of a batch touched, for whoever asks where it lies.
pub(super) fn touched(changes: &[ImportRow]) -> impl Iterator<Item = Touched<'_>> {
    changes.iter().filter_map(|c| {
        let kind = c.object_kind.as_deref()?;
        Some((kind, c.object_id?, c.previous.is_none()))
    })
}

/// Ids of the objects of a table that a batch made.
#[must_use]
pub fn made(changes: &[ImportRow], kind: &str) -> Vec<i64> {
    let made = changes.iter().filter(|c| c.is_of(kind) && c.previous.is_none());
    made.filter_map(|c| c.object_id).collect()
}

/// What a batch changed in a table.
pub fn changed<'a>(changes: &'a [ImportRow], kind: &'a str) -> impl Iterator<Item = &'a ImportRow> {
    changes.iter().filter(move |c| c.is_of(kind) && c.previous.is_some())
}

/// A batch by its code.
///
/// # Errors
/// Those of the database.
pub fn by_code(conn: &mut AnyConn, code: &str) -> Result<Option<ImportBatch>, DbError> {
    Ok(import_batch::table
        .filter(import_batch::code.eq(code))
        .select(ImportBatch::as_select())
        .first(conn)
        .optional()?)
}

/// What the rows of a batch made or changed, the last first.
///
/// # Errors
/// Those of the database.
pub fn changes(conn: &mut AnyConn, batch: BatchId) -> Result<Vec<ImportRow>, DbError> {
    Ok(import_row::table
        .filter(import_row::batch_id.eq(batch))
        .filter(import_row::state.eq_any([RowState::New, RowState::Changed]))
        .order(import_row::id.desc())
        .select(ImportRow::as_select())
        .load(conn)?)
}

/// Regions of what a batch made or changed, each once: what the journal says of it when it names no region itself.
/// Dictionaries are of no region.
///
/// # Errors
/// Those of the database.
pub fn regions(conn: &mut AnyConn, batch: BatchId) -> Result<Vec<i64>, DbError> {
    let kinds: Vec<Option<String>> = import_row::table
        .filter(import_row::batch_id.eq(batch))
        .filter(import_row::object_id.is_not_null())
        .select(import_row::object_kind)
        .distinct()
        .load(conn)?;
    let mut found = std::collections::BTreeSet::new();
    for kind in kinds.into_iter().flatten() {
        macro_rules! of_tables {
            ($($table:ident),+) => {
                match kind.as_str() {
                    $(stringify!($table) => import_row::table
                        .inner_join($table::table.on(import_row::object_id.eq($table::id.nullable())))
                        .filter(import_row::batch_id.eq(batch))
                        .filter(import_row::object_kind.eq(stringify!($table)))
                        .select($table::region_id)
                        .distinct()
                        .load::<i64>(conn)?,)+
                    _ => Vec::new(),
                }
            };
        }
        found.extend(of_tables!(
            unit,
            unit_link,
            person,
            employment,
            vacancy,
            diagnosis,
            diagnosis_result,
            measure_value,
            event,
            body,
            activity,
            body_member,
            mentoring_pair,
            mentor_card,
            undertaking,
            publication
        ));
    }
    Ok(found.into_iter().collect())
}

/// Rows of the journal about a batch: of the region that its file may write to, or one for each region that it touched,
/// so that each officer finds it.
#[must_use]
pub fn noted(entry: &Entry, by: By, touched: &[i64]) -> Vec<Entry> {
    let regions: Vec<Option<i64>> = match (by.region(), touched) {
        (None, [_, ..]) => touched.iter().copied().map(Some).collect(),
        (own, _) => vec![own],
    };
    let of = |region| Entry {
        region,
        account: by.account(),
        ..entry.clone()
    };
    regions.into_iter().map(of).collect()
}

/// Other batches in force that have changed the same objects: name of the file and code.
///
/// # Errors
/// Those of the database.
pub fn later_changes(conn: &mut AnyConn, batch: BatchId, rows: &[ImportRow]) -> Result<Vec<(String, String)>, DbError> {
    let mut by_kind: std::collections::BTreeMap<&str, Vec<i64>> = std::collections::BTreeMap::new();
    for row in rows {
        if let (Some(kind), Some(id)) = (&row.object_kind, row.object_id) {
            by_kind.entry(kind).or_default().push(id);
        }
    }
    let mut found = std::collections::BTreeSet::new();
    for (kind, ids) in by_kind {
        for block in ids.chunks(1000) {
            let batches: Vec<(String, String)> = import_row::table
                .inner_join(import_batch::table.on(import_batch::id.eq(import_row::batch_id)))
                .filter(import_row::object_kind.eq(kind))
                .filter(import_row::object_id.eq_any(block))
                .filter(import_row::batch_id.gt(batch))
                .filter(import_batch::state.eq(BatchState::Applied))
                .select((import_batch::file_name, import_batch::code))
                .distinct()
                .load(conn)?;
            found.extend(batches);
        }
    }
    Ok(found.into_iter().collect())
}

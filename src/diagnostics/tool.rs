//! Platforms of diagnostics: what the columns of their wide files hold, kept once for all files that come from them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::ResultId;
use super::procedure::AREA;
use crate::access::by::{By, changed};
use crate::competence::CompetenceId;
use crate::db::milli::Milli;
use crate::db::schema::{diagnosis_result, tool, tool_column};
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::exchange::columns::{is_known, normal};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{id_newtype, insert_many, text_enum};

id_newtype! {
    /// A platform.
    ToolId;
}

id_newtype! {
    /// A column of its files.
    ToolColumnId;
}

text_enum! {
    /// What a column holds of its competence.
    Part {
        Raw = "raw" "балл",
        Percent = "percent" "процент",
        Level = "level" "уровень платформы",
    }
}

/// A platform of a region.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = tool, treat_none_as_default_value = false)]
pub struct Tool {
    /// Id.
    pub id: ToolId,
    /// The region.
    pub region_id: UnitId,
    /// Its name, as procedures write it.
    pub name: String,
    /// Grows with each change.
    pub version: i32,
    /// When it was first described.
    pub recorded_at: NaiveDateTime,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolColumn {
    /// Its header as the files have it.
    pub header: String,
    /// The competence.
    pub competence_id: CompetenceId,
    /// School subject; empty where the row or nobody names one.
    pub subject: String,
    /// What of it.
    pub part: Part,
    /// The most that can be scored, for a score.
    pub max_milli: Option<Milli>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = tool_column, treat_none_as_default_value = false)]
struct Row {
    id: ToolColumnId,
    tool_id: ToolId,
    header: String,
    header_key: String,
    competence_id: CompetenceId,
    subject: String,
    part: Part,
    max_milli: Option<Milli>,
    recorded_at: NaiveDateTime,
}

impl From<Row> for ToolColumn {
    fn from(row: Row) -> Self {
        Self {
            header: row.header,
            competence_id: row.competence_id,
            subject: row.subject,
            part: row.part,
            max_milli: row.max_milli,
        }
    }
}

/// A platform that procedures name, with how many of them and how many columns it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Procedures held with it.
    pub procedures: i64,
    /// Columns whose meaning is known.
    pub columns: i64,
}

/// Columns of a platform at most.
pub const MOST: usize = 200;
/// Signs of a header or a name at most.
const SIGNS: usize = 200;

/// Every column of every region: region, platform, column.
pub(super) fn every_column(conn: &mut AnyConn) -> Result<Vec<(UnitId, String, ToolColumn)>, DbError> {
    let rows: Vec<(UnitId, String, Row)> = tool_column::table
        .inner_join(tool::table.on(tool::id.eq(tool_column::tool_id)))
        .select((tool::region_id, tool::name, Row::as_select()))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(region, name, row)| (region, name, row.into()))
        .collect())
}

/// Platforms of a region by name: those that its procedures name and those that are described.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, region: UnitId) -> Result<Vec<Named>, DbError> {
    let said = super::store::own(conn, region)?.into_iter().map(|of| of.tool);
    let described: Vec<(String, Option<ToolColumnId>)> = tool::table
        .left_join(tool_column::table.on(tool_column::tool_id.eq(tool::id)))
        .filter(tool::region_id.eq(region))
        .select((tool::name, tool_column::id.nullable()))
        .load(conn)?;
    let mut found: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for name in said.flatten().filter(|name| !name.is_empty()) {
        found.entry(name).or_default().0 += 1;
    }
    for (name, column) in described {
        found.entry(name).or_default().1 += i64::from(column.is_some());
    }
    let named = found.into_iter().map(|(name, (procedures, columns))| Named {
        name,
        procedures,
        columns,
    });
    Ok(named.collect())
}

/// A platform by its name, with its columns in the order in which they were described.
///
/// # Errors
/// Those of the database.
pub fn by_name(conn: &mut AnyConn, region: UnitId, name: &str) -> Result<Option<(Tool, Vec<ToolColumn>)>, DbError> {
    let found: Option<Tool> = tool::table
        .filter(tool::region_id.eq(region))
        .filter(tool::name.eq(name))
        .select(Tool::as_select())
        .first(conn)
        .optional()?;
    let Some(found) = found else { return Ok(None) };
    let rows: Vec<Row> = tool_column::table
        .filter(tool_column::tool_id.eq(found.id))
        .order(tool_column::id)
        .select(Row::as_select())
        .load(conn)?;
    Ok(Some((found, rows.into_iter().map(ToolColumn::from).collect())))
}

/// Levels that platforms gave with the results of a person that stand, word for word.
///
/// # Errors
/// Those of the database.
pub fn levels(conn: &mut AnyConn, person: PersonId) -> Result<HashMap<ResultId, String>, DbError> {
    let rows: Vec<(ResultId, Option<String>)> = diagnosis_result::table
        .filter(diagnosis_result::person_id.eq(person))
        .filter(diagnosis_result::superseded_at.is_null())
        .filter(diagnosis_result::tool_level.is_not_null())
        .select((diagnosis_result::id, diagnosis_result::tool_level))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, level)| Some((id, level?))).collect())
}

/// What contradicts itself in columns: the place of the column and the refusal.
#[must_use]
pub fn refused(columns: &[ToolColumn]) -> Vec<(usize, Refusal)> {
    let (mut headers, mut meanings, mut wrong) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (place, column) in columns.iter().enumerate() {
        let key = normal(&column.header);
        // A score and a percentage of one competence would be two results of it.
        let meaning = (column.competence_id, column.subject.clone(), column.part == Part::Level);
        if key.is_empty() || column.header.chars().count() > SIGNS {
            wrong.push((place, Refusal::new("tool.header").with("most", SIGNS)));
        } else if is_known(&column.header) {
            wrong.push((place, Refusal::new("tool.own_header")));
        } else if !headers.insert(key) {
            wrong.push((place, Refusal::new("tool.header_twice")));
        } else if !meanings.insert(meaning) {
            wrong.push((place, Refusal::new("tool.meaning_twice")));
        } else if (column.part == Part::Raw) != column.max_milli.is_some_and(|max| max.0 > 0) {
            wrong.push((place, Refusal::new("tool.maximum")));
        }
    }
    wrong
}

/// Says what the columns of a platform hold, whatever was said before; a platform of whom nothing was said stands at version 0.
///
/// # Errors
/// Somebody else has changed it; the columns contradict themselves; there are too many.
pub fn set(tx: &mut Tx<'_>, by: &By, (name, seen): (&str, i32), columns: &[ToolColumn]) -> Result<(), Error> {
    if name.is_empty() || name.chars().count() > SIGNS {
        return Err(Refusal::new("tool.name").with("most", SIGNS).into());
    }
    if columns.len() > MOST {
        return Err(Refusal::new("tool.too_many").with("most", MOST).into());
    }
    if let Some((_, refusal)) = refused(columns).into_iter().next() {
        return Err(refusal.into());
    }
    let region = by.region;
    dialect::lock(tx.conn(), dialect::lock_space::TOOL, [region.0])?;
    let stored = by_name(tx.conn(), region, name)?;
    let (id, version) = stored
        .as_ref()
        .map_or((ToolId(tx.id()), 0), |(of, _)| (of.id, of.version));
    if version != seen {
        return Err(changed(tx, by, AREA, "tool", id.0)?);
    }
    if stored.as_ref().is_some_and(|(_, before)| before == columns) {
        return Ok(());
    }
    if stored.is_some() {
        diesel::update(tool::table.filter(tool::id.eq(id)))
            .set(tool::version.eq(version + 1))
            .execute(tx.conn())?;
        diesel::delete(tool_column::table.filter(tool_column::tool_id.eq(id))).execute(tx.conn())?;
    } else {
        let made = Tool {
            id,
            region_id: region,
            name: name.to_owned(),
            version: 1,
            recorded_at: tx.now(),
        };
        insert_many!(tx.conn(), tool::table, [made])?;
    }
    let rows: Vec<Row> = columns
        .iter()
        .map(|column| Row {
            id: ToolColumnId(tx.id()),
            tool_id: id,
            header: column.header.clone(),
            header_key: normal(&column.header),
            competence_id: column.competence_id,
            subject: column.subject.clone(),
            part: column.part,
            max_milli: column.max_milli,
            recorded_at: tx.now(),
        })
        .collect();
    insert_many!(tx.conn(), tool_column::table, rows)?;
    by.note(
        tx,
        "diagnostics.tool_columns",
        ("tool", id.0),
        &[],
        &format!("columns={}", columns.len()),
    )?;
    Ok(())
}

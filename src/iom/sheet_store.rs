//! Printed sheets as they are read: those of an account, one of them, rows by their codes.

use std::collections::{BTreeSet, HashMap, HashSet};

use diesel::prelude::*;

use super::mark_sheet::{MarkOutcome, MarkRow, MarkRowId, MarkSheet, SheetId};
use super::model::{ActKind, ItemId, ItemState};
use crate::access::AccountId;
use crate::db::schema::{account, iom_act, iom_item, mark_row, mark_sheet};
use crate::db::{AnyConn, DbError};
use crate::planted;
use crate::units::UnitId;

/// Sheets of an account, the newest first, and how many of their rows have been marked and asked about.
///
/// # Errors
/// Those of the database.
pub fn of_account(
    conn: &mut AnyConn,
    region: UnitId,
    of: AccountId,
    most: i64,
) -> Result<Vec<(MarkSheet, Vec<MarkRow>)>, DbError> {
    let sheets: Vec<MarkSheet> = mark_sheet::table
        .filter(mark_sheet::region_id.eq(region))
        .filter(mark_sheet::account_id.eq(of))
        .order(mark_sheet::id.desc())
        .limit(most)
        .select(MarkSheet::as_select())
        .load(conn)?;
    let ids: Vec<SheetId> = sheets.iter().map(|s| s.id).collect();
    let rows: Vec<MarkRow> = mark_row::table
        .filter(mark_row::region_id.eq(region))
        .filter(mark_row::sheet_id.eq_any(ids))
        .select(MarkRow::as_select())
        .load(conn)?;
    let mut by_sheet: HashMap<SheetId, Vec<MarkRow>> = HashMap::new();
    for row in rows {
        by_sheet.entry(row.sheet_id).or_default().push(row);
    }
    let with_rows = |sheet: MarkSheet| {
        let rows = by_sheet.remove(&sheet.id).unwrap_or_default();
        (sheet, rows)
    };
    Ok(sheets.into_iter().map(with_rows).collect())
}

/// A sheet of an account with its rows in their places; one of another account is as missing.
///
/// # Errors
/// Those of the database.
pub fn one(
    conn: &mut AnyConn,
    region: UnitId,
    of: AccountId,
    id: SheetId,
) -> Result<Option<(MarkSheet, Vec<MarkRow>)>, DbError> {
    let sheet: Option<MarkSheet> = mark_sheet::table
        .filter(mark_sheet::region_id.eq(region))
        .filter(mark_sheet::account_id.eq(of))
        .filter(mark_sheet::id.eq(id))
        .select(MarkSheet::as_select())
        .first(conn)
        .optional()?;
    let Some(sheet) = sheet else { return Ok(None) };
    let rows = mark_row::table
        .filter(mark_row::region_id.eq(region))
        .filter(mark_row::sheet_id.eq(id))
        .order(mark_row::place)
        .select(MarkRow::as_select())
        .load(conn)?;
    Ok(Some((sheet, rows)))
}

/// Which of the rows whose marks were not written stand by now as they were marked: somebody has accepted the step, or has
/// returned it in these very words.
///
/// # Errors
/// Those of the database.
pub fn settled<'a>(
    conn: &mut AnyConn,
    region: UnitId,
    rows: impl Iterator<Item = &'a MarkRow>,
) -> Result<HashSet<MarkRowId>, DbError> {
    let asked = rows.filter(|row| row.outcome == Some(MarkOutcome::Asked));
    // Of a plan that was handed over nothing is told.
    let asked: Vec<&MarkRow> = asked
        .filter(|row| row.why.as_deref() != Some("sheet.handed_over"))
        .collect();
    let mut found = HashSet::new();
    if planted!("decided_still_asked") {
        return Ok(found);
    }
    for block in asked.chunks(1000) {
        let items: Vec<ItemId> = block.iter().map(|row| row.item_id).collect();
        let states: HashMap<ItemId, ItemState> = iom_item::table
            .filter(iom_item::region_id.eq(region))
            .filter(iom_item::id.eq_any(&items))
            .select((iom_item::id, iom_item::state))
            .load::<(ItemId, ItemState)>(conn)?
            .into_iter()
            .collect();
        let returned: HashSet<(Option<ItemId>, Option<String>)> = iom_act::table
            .filter(iom_act::region_id.eq(region))
            .filter(iom_act::item_id.eq_any(&items))
            .filter(iom_act::act.eq(ActKind::Return))
            .select((iom_act::item_id, iom_act::reason))
            .load::<(Option<ItemId>, Option<String>)>(conn)?
            .into_iter()
            .collect();
        let stands = |row: &&&MarkRow| match (states.get(&row.item_id), &row.remark) {
            (Some(ItemState::Accepted), None) => true,
            (Some(ItemState::Returned), Some(_)) => returned.contains(&(Some(row.item_id), row.remark.clone())),
            _ => false,
        };
        found.extend(block.iter().filter(stands).map(|row| row.id));
    }
    Ok(found)
}

/// A row with its sheet's number, and whose the sheet is.
#[derive(Debug, Clone)]
pub struct Found {
    /// The row.
    pub row: MarkRow,
    /// Number of the sheet.
    pub number: String,
    /// Whose people stand on it.
    pub account: AccountId,
    /// The login of that account.
    pub login: String,
}

/// Rows of codes: of the sheets of one account, or of all sheets for a command on the server.
///
/// # Errors
/// Those of the database.
pub fn of_codes(
    conn: &mut AnyConn,
    of: Option<(UnitId, AccountId)>,
    codes: &BTreeSet<String>,
) -> Result<Vec<Found>, DbError> {
    let mut found = Vec::with_capacity(codes.len());
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    for block in codes.chunks(1000) {
        let mut query = mark_row::table
            .inner_join(
                mark_sheet::table.on(mark_sheet::id
                    .eq(mark_row::sheet_id)
                    .and(mark_sheet::region_id.eq(mark_row::region_id))),
            )
            .inner_join(account::table.on(account::id.eq(mark_sheet::account_id)))
            .filter(mark_row::code.eq_any(block.to_vec()))
            .into_boxed();
        if let Some((region, of)) = of {
            query = query
                .filter(mark_sheet::region_id.eq(region))
                .filter(mark_sheet::account_id.eq(of));
        }
        let rows: Vec<(MarkRow, String, AccountId, String)> = query
            .select((
                MarkRow::as_select(),
                mark_sheet::number,
                mark_sheet::account_id,
                account::login,
            ))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(row, number, account, login)| Found {
            row,
            number,
            account,
            login,
        }));
    }
    Ok(found)
}

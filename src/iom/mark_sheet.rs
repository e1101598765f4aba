//! A printed sheet of steps that wait for review: whoever accompanies plans takes it where there is no network, marks on
//! paper and types the codes back. A sheet keeps each step as it was printed.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::accompany::{Accompanying, accompanied};
use super::model::{ActKind, IomId, IomState, ItemId, ItemState};
use super::sheet_code;
use crate::access::AccountId;
use crate::audit::{self, Entry};
use crate::db::dialect::{self, lock_space};
use crate::db::schema::{iom, iom_act, iom_item, mark_row, mark_sheet};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::people::store::working;
use crate::units::UnitId;
use crate::{id_newtype, insert_many, text_enum};

id_newtype! {
    /// A printed sheet.
    SheetId;
    /// A row of a sheet.
    MarkRowId;
}

text_enum! {
    /// What came of a mark that was typed back.
    MarkOutcome {
        Accepted = "accepted" "зачтено",
        Returned = "returned" "возвращено",
        Asked = "asked" "не записано",
    }
}

/// Rows of a sheet at most: what does not fit waits for the next one.
pub const MOST: usize = 200;

/// A sheet.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = mark_sheet, treat_none_as_default_value = false)]
pub struct MarkSheet {
    /// Id.
    pub id: SheetId,
    /// The region.
    pub region_id: UnitId,
    /// Number, unique in the region.
    pub number: String,
    /// Whose people stand on it.
    pub account_id: AccountId,
    /// The day it was made.
    pub printed_on: NaiveDate,
    /// Rows.
    pub size: i32,
    /// Grows with each reading back.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
}

/// A row of a sheet.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = mark_row, treat_none_as_default_value = false)]
pub struct MarkRow {
    /// Id.
    pub id: MarkRowId,
    /// The region.
    pub region_id: UnitId,
    /// The sheet.
    pub sheet_id: SheetId,
    /// Place on it, from 1.
    pub place: i32,
    /// The plan.
    pub iom_id: IomId,
    /// The step.
    pub item_id: ItemId,
    /// The version of the step that was printed.
    pub item_version: i32,
    /// The code that is typed back.
    pub code: String,
    /// What came of it; empty until a mark is read back.
    pub outcome: Option<MarkOutcome>,
    /// The day of the mark.
    pub marked_on: Option<NaiveDate>,
    /// The remark.
    pub remark: Option<String>,
    /// Code of the refusal of a mark that is asked about.
    pub why: Option<String>,
    /// When the row was printed.
    pub recorded_at: NaiveDateTime,
}

/// Who prints a sheet.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Whose people.
    pub of: Accompanying,
    /// Who does it.
    pub hand: AccountId,
    /// In whose stead.
    pub on_behalf_of: Option<AccountId>,
}

/// Makes a sheet of the steps that wait for the account, the oldest first.
///
/// # Errors
/// Nothing waits; those of the database.
pub fn print(tx: &mut Tx<'_>, key: &[u8], ask: &Ask) -> Result<SheetId, Error> {
    dialect::lock(tx.conn(), lock_space::SHEET, [ask.of.region.0])?;
    let today = tx.today();
    let steps = waiting(tx.conn(), ask, today)?;
    if steps.is_empty() {
        return Err(Refusal::new("sheet.nothing_waits").into());
    }
    let before: i64 = mark_sheet::table
        .filter(mark_sheet::region_id.eq(ask.of.region))
        .count()
        .get_result(tx.conn())?;
    let id = SheetId(tx.id());
    let codes = codes(tx.conn(), key, ask.of.region, id, steps.len())?;
    let now = tx.now();
    let row = |((place, step), code): ((i32, &Step), String)| MarkRow {
        id: MarkRowId(tx.id()),
        region_id: ask.of.region,
        sheet_id: id,
        place,
        iom_id: step.plan,
        item_id: step.item,
        item_version: step.version,
        code,
        outcome: None,
        marked_on: None,
        remark: None,
        why: None,
        recorded_at: now,
    };
    let rows: Vec<MarkRow> = (1..).zip(&steps).zip(codes).map(row).collect();
    let sheet = MarkSheet {
        id,
        region_id: ask.of.region,
        number: format!("В-{}", before + 1),
        account_id: ask.of.account,
        printed_on: today,
        size: i32::try_from(rows.len()).unwrap_or(i32::MAX),
        version: 1,
        recorded_at: now,
    };
    insert_many!(tx.conn(), mark_sheet::table, [sheet])?;
    insert_many!(tx.conn(), mark_row::table, rows)?;
    let entry = Entry {
        action: "iom.print_sheet",
        region: Some(ask.of.region.0),
        account: Some(ask.hand.0),
        on_behalf_of: ask.on_behalf_of.map(|a| a.0),
        object_kind: "mark_sheet",
        object: Some(id.0),
        person: None,
        detail: format!("objects={}", rows.len()),
    };
    audit::record(tx, key, &[entry])?;
    Ok(id)
}

/// A step that waits.
struct Step {
    plan: IomId,
    item: ItemId,
    version: i32,
}

/// Steps sent for review in plans that the account accompanies today, the oldest first.
fn waiting(conn: &mut AnyConn, ask: &Ask, today: NaiveDate) -> Result<Vec<Step>, DbError> {
    let plans: accompanied = accompanied(ask.of.region, ask.of.account, ask.of.kinds.clone(), today);
    let shut: working = working(ask.of.region, ask.of.shut.clone(), today);
    let found: Vec<(IomId, ItemId, i32)> = iom_item::table
        .inner_join(iom::table.on(iom::id.eq(iom_item::iom_id).and(iom::region_id.eq(iom_item::region_id))))
        .filter(iom_item::region_id.eq(ask.of.region))
        .filter(iom_item::state.eq(ItemState::Submitted))
        .filter(iom::state.eq(IomState::Active))
        .filter(iom::id.eq_any(plans))
        .filter(iom::person_id.ne_all(shut))
        .order((iom_item::iom_id, iom_item::number))
        .select((iom_item::iom_id, iom_item::id, iom_item::version))
        .load(conn)?;
    let items: Vec<ItemId> = found.iter().map(|(_, item, _)| *item).collect();
    let mut sent: HashMap<ItemId, NaiveDate> = HashMap::with_capacity(items.len());
    for block in items.chunks(1000) {
        let rows: Vec<(Option<ItemId>, NaiveDate)> = iom_act::table
            .filter(iom_act::region_id.eq(ask.of.region))
            .filter(iom_act::item_id.eq_any(block))
            .filter(iom_act::act.eq(ActKind::Submit))
            .order((iom_act::on_date, iom_act::id))
            .select((iom_act::item_id, iom_act::on_date))
            .load(conn)?;
        sent.extend(rows.into_iter().filter_map(|(item, on)| Some((item?, on))));
    }
    let mut steps: Vec<Step> = found
        .into_iter()
        .map(|(plan, item, version)| Step { plan, item, version })
        .collect();
    steps.sort_by_key(|step| sent.get(&step.item).copied().unwrap_or(today));
    steps.truncate(MOST);
    Ok(steps)
}

/// Codes that no row of the region has.
fn codes(conn: &mut AnyConn, key: &[u8], region: UnitId, sheet: SheetId, size: usize) -> Result<Vec<String>, DbError> {
    let places: Vec<i32> = (1..).take(size).collect();
    let mut all: BTreeSet<String> = BTreeSet::new();
    let mut codes = Vec::with_capacity(size);
    let drawn: Vec<Vec<String>> = places
        .iter()
        .map(|place| (0..4).map(|n| sheet_code::drawn(key, sheet.0, *place, n)).collect())
        .collect();
    let every: Vec<&str> = drawn.iter().flatten().map(String::as_str).collect();
    let mut taken: HashSet<String> = HashSet::new();
    for block in every.chunks(1000) {
        let found: Vec<String> = mark_row::table
            .filter(mark_row::region_id.eq(region))
            .filter(mark_row::code.eq_any(block.to_vec()))
            .select(mark_row::code)
            .load(conn)?;
        taken.extend(found);
    }
    for mut tries in drawn {
        let free = tries
            .iter()
            .position(|code| !taken.contains(code) && !all.contains(code));
        // Four taken codes in a row are not met; the key of the table would refuse the fifth way.
        let code = tries.swap_remove(free.unwrap_or(0));
        all.insert(code.clone());
        codes.push(code);
    }
    Ok(codes)
}

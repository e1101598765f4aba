//! Marks made on paper, read back by the codes of a printed sheet: each is an act on the step as it was printed, dated by
//! its own day. What somebody has changed meanwhile is not written over: it is asked about.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::apply;
use crate::access::{AccountId, Author};
use crate::audit::{self, Entry};
use crate::db::in_force::assigned_on;
use crate::db::schema::{iom, iom_item, mark_row, mark_sheet, supporter};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::iom::acts::{ActRow, Whose};
use crate::iom::event::Event;
use crate::iom::mark_sheet::{MarkOutcome, MarkRow, SheetId};
use crate::iom::sheet_store::{self, Found};
use crate::iom::{ActKind, IomId, IomState, ItemId, sheet_code};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::upsert_many;

/// The longest remark, in characters.
const LONGEST_REMARK: usize = 2_000;

/// A mark as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// Line of the file, or place in the form.
    pub line: u64,
    /// The code.
    pub code: String,
    /// Accepted, or returned.
    pub kind: ActKind,
    /// The day of the mark.
    pub on: NaiveDate,
    /// What to do better; empty where none.
    pub remark: String,
}

/// Whose sheet a form reads back.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The region.
    pub region: UnitId,
    /// Whose sheets.
    pub account: AccountId,
    /// Who types.
    pub by: Author,
    /// Who types, by the account.
    pub hand: AccountId,
    /// The sheet that lies there.
    pub sheet: SheetId,
}

/// Marks to be written.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The form; `None` is a file on the server: each mark is of whoever has the sheet.
    pub desk: Option<Desk>,
    /// The marks.
    pub marks: Vec<Typed>,
}

/// A mark that was not written, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritten {
    /// Its line.
    pub line: u64,
    /// The code as typed.
    pub code: String,
    /// Why.
    pub why: Refusal,
}

/// What came of the marks.
#[derive(Debug, Default)]
pub struct Marked {
    /// Written.
    pub saved: usize,
    /// Read back before, with the same mark.
    pub repeated: usize,
    /// About steps that are not what was printed any more, or that the rules do not let through.
    pub asked: Vec<Unwritten>,
    /// Typed wrong. Of a form with such nothing at all is written.
    pub faults: Vec<Unwritten>,
}

/// A mark with the row of its code.
struct Known<'a> {
    mark: &'a Typed,
    of: Found,
}

/// Writes the marks; `next` answers the events within the same transaction.
///
/// # Errors
/// What was given to a substitute does not reach so far; those of the database.
pub fn run(
    tx: &mut Tx<'_>,
    key: &[u8],
    ask: &Ask,
    next: impl FnMut(&mut Tx<'_>, &[Event]) -> Result<(), DbError>,
) -> Result<Marked, Error> {
    let today = tx.today();
    let (known, marked) = judged(tx.conn(), ask, today)?;
    if known.is_empty() || (ask.desk.is_some() && !marked.faults.is_empty()) {
        return Ok(marked);
    }
    // Whoever types the same sheet at once waits here, and then sees what is marked.
    let sheets: BTreeSet<SheetId> = known.iter().map(|k| k.of.row.sheet_id).collect();
    diesel::update(mark_sheet::table.filter(mark_sheet::id.eq_any(sheets)))
        .set(mark_sheet::version.eq(mark_sheet::version + 1))
        .execute(tx.conn())?;
    let (known, mut marked) = judged(tx.conn(), ask, today)?;
    if ask.desk.is_some() && !marked.faults.is_empty() {
        return Ok(marked);
    }
    let (rows, mut refused) = acts(tx.conn(), ask, &known, today)?;
    if !rows.is_empty() {
        let applied = apply::run(tx, key, &rows, next)?;
        refused.extend(applied.refused.into_iter().map(|r| (r.line, r.why)));
    }
    if let Some(why) = refused.values().find(|why| why.code == "delegation.not_given") {
        return Err(Error::Forbidden(why.to_string()));
    }
    let mut changed: Vec<MarkRow> = Vec::with_capacity(known.len());
    for (line, Known { mark, of }) in (1..).zip(&known) {
        let mut row = of.row.clone();
        row.marked_on = Some(mark.on);
        row.remark = (!mark.remark.is_empty()).then(|| mark.remark.clone());
        let why = refused.remove(&line);
        row.outcome = Some(match (&why, mark.kind) {
            (Some(_), _) => MarkOutcome::Asked,
            (None, ActKind::Return) => MarkOutcome::Returned,
            (None, _) => MarkOutcome::Accepted,
        });
        row.why = why.as_ref().map(|why| why.code.to_owned());
        changed.push(row);
        match why {
            None => marked.saved += 1,
            Some(why) => marked.asked.push(Unwritten {
                line: mark.line,
                code: mark.code.clone(),
                why,
            }),
        }
    }
    upsert_many!(tx.conn(), mark_row, changed, (outcome, marked_on, remark, why))?;
    note(tx, key, ask, &known, &changed)?;
    Ok(marked)
}

/// The marks that may be written, one of a row; what was typed wrong or read back before is in the answer.
fn judged<'a>(conn: &mut AnyConn, ask: &'a Ask, today: NaiveDate) -> Result<(Vec<Known<'a>>, Marked), DbError> {
    let codes: BTreeSet<String> = ask.marks.iter().filter_map(|m| sheet_code::read(&m.code)).collect();
    let of = ask.desk.as_ref().map(|desk| (desk.region, desk.account));
    let found = sheet_store::of_codes(conn, of, &codes)?;
    let mut marked = Marked::default();
    let mut known: Vec<Known<'a>> = Vec::with_capacity(ask.marks.len());
    let mut firsts: HashMap<String, &Typed> = HashMap::new();
    for mark in &ask.marks {
        let code = sheet_code::read(&mark.code).unwrap_or_default();
        let mut of = found.iter().filter(|f| f.row.code == code);
        let (own, several) = (of.next(), of.next().is_some());
        let refused = |why: Refusal| Unwritten {
            line: mark.line,
            code: mark.code.clone(),
            why,
        };
        let Some(own) = own else {
            let why = Refusal::new("sheet.unknown_code").with("code", &mark.code);
            marked.faults.push(refused(why));
            continue;
        };
        let shown = sheet_code::shown(&code);
        if let Some(why) = fault(ask, mark, own, &shown, today, several) {
            marked.faults.push(refused(why));
            continue;
        }
        match firsts.insert(code, mark) {
            Some(first) if same(first, mark) => continue,
            Some(_) => {
                marked
                    .faults
                    .push(refused(Refusal::new("sheet.twice").with("code", &shown)));
                continue;
            }
            None => {}
        }
        let wanted = match mark.kind {
            ActKind::Return => MarkOutcome::Returned,
            _ => MarkOutcome::Accepted,
        };
        match own.row.outcome {
            Some(outcome) if outcome == wanted => marked.repeated += 1,
            Some(outcome @ (MarkOutcome::Accepted | MarkOutcome::Returned)) => {
                let why = Refusal::new("sheet.marked").with("code", &shown);
                marked.faults.push(refused(why.with("mark", outcome.label())));
            }
            Some(MarkOutcome::Asked) | None => known.push(Known { mark, of: own.clone() }),
        }
    }
    Ok((known, marked))
}

fn same(one: &Typed, other: &Typed) -> bool {
    (one.kind, one.on, &one.remark) == (other.kind, other.on, &other.remark)
}

/// What is wrong with a mark as it was typed.
fn fault(ask: &Ask, mark: &Typed, own: &Found, shown: &str, today: NaiveDate, several: bool) -> Option<Refusal> {
    if several {
        return Some(Refusal::new("iom.two_regions"));
    }
    if ask.desk.as_ref().is_some_and(|desk| desk.sheet != own.row.sheet_id) {
        let why = Refusal::new("sheet.other_sheet").with("code", shown);
        return Some(why.with("number", &own.number));
    }
    if mark.kind == ActKind::Return && mark.remark.is_empty() {
        return Some(Refusal::new("sheet.remark_needed").with("code", shown));
    }
    if mark.remark.chars().count() > LONGEST_REMARK {
        return Some(Refusal::new("desk.too_long").with("most", LONGEST_REMARK));
    }
    (mark.on > today).then(|| Refusal::new("iom.future_day"))
}

/// The rows of acts, each under its place from 1, and what cannot even be tried.
type Acts = (Vec<ActRow>, BTreeMap<u64, Refusal>);

fn acts(conn: &mut AnyConn, ask: &Ask, known: &[Known<'_>], today: NaiveDate) -> Result<Acts, DbError> {
    let items: Vec<ItemId> = known.iter().map(|k| k.of.row.item_id).collect();
    let mut steps: HashMap<ItemId, (i32, IomState, Whose)> = HashMap::with_capacity(items.len());
    let mut accompanied: HashSet<(AccountId, IomId)> = HashSet::new();
    let plans: Vec<IomId> = known.iter().map(|k| k.of.row.iom_id).collect();
    for block in items.chunks(1000) {
        let rows: Vec<(ItemId, i32, IomState, UnitId, PersonId)> = iom_item::table
            .inner_join(iom::table.on(iom::id.eq(iom_item::iom_id).and(iom::region_id.eq(iom_item::region_id))))
            .filter(iom_item::id.eq_any(block))
            .select((
                iom_item::id,
                iom_item::number,
                iom::state,
                iom::region_id,
                iom::person_id,
            ))
            .load(conn)?;
        steps.extend(
            rows.into_iter()
                .map(|(id, number, state, region, person)| (id, (number, state, Whose::Person(region, person)))),
        );
    }
    for block in plans.chunks(1000) {
        let in_force: assigned_on = assigned_on(today);
        let rows: Vec<(AccountId, IomId)> = supporter::table
            .filter(supporter::iom_id.eq_any(block))
            .filter(in_force)
            .select((supporter::account_id, supporter::iom_id))
            .load(conn)?;
        accompanied.extend(rows);
    }
    let (mut rows, mut refused) = (Vec::with_capacity(known.len()), BTreeMap::new());
    for (line, Known { mark, of }) in (1..).zip(known) {
        let Some((number, state, whose)) = steps.get(&of.row.item_id) else {
            refused.insert(line, Refusal::new("iom.no_plan"));
            continue;
        };
        // A sheet does not outlive the assignment: whoever has the plan now marks it.
        if !accompanied.contains(&(of.account, of.row.iom_id)) {
            refused.insert(line, Refusal::new("sheet.handed_over"));
            continue;
        }
        if *state == IomState::Closed {
            refused.insert(line, Refusal::new("iom.no_plan"));
            continue;
        }
        let (by, roles, substitute) = match &ask.desk {
            Some(desk) => {
                let by = &desk.by;
                (by.login.clone(), Some(by.roles.clone()), by.substitute.clone())
            }
            None => (of.login.clone(), None, None),
        };
        rows.push(ActRow {
            line,
            whose: whose.clone(),
            kind: mark.kind,
            item: Some(*number),
            on: mark.on,
            by,
            value: String::new(),
            reason: mark.remark.clone(),
            roles,
            substitute,
            said_now: true,
            seen: Some(of.row.item_version),
            plan: Some(of.row.iom_id),
            change: None,
        });
    }
    Ok((rows, refused))
}

/// One row of the journal for each sheet that was read back.
fn note(tx: &mut Tx<'_>, key: &[u8], ask: &Ask, known: &[Known<'_>], rows: &[MarkRow]) -> Result<(), Error> {
    let mut sheets: BTreeMap<SheetId, (UnitId, AccountId, usize, usize)> = BTreeMap::new();
    for (Known { of, .. }, row) in known.iter().zip(rows) {
        let of = sheets.entry(row.sheet_id).or_insert((row.region_id, of.account, 0, 0));
        if row.outcome == Some(MarkOutcome::Asked) {
            of.3 += 1;
        } else {
            of.2 += 1;
        }
    }
    let entry = |(id, (region, owner, saved, asked)): (SheetId, (UnitId, AccountId, usize, usize))| Entry {
        action: "iom.read_sheet",
        region: Some(region.0),
        account: ask.desk.as_ref().map(|desk| desk.hand.0),
        on_behalf_of: ask.desk.as_ref().filter(|desk| desk.hand != owner).map(|_| owner.0),
        object_kind: "mark_sheet",
        object: Some(id.0),
        person: None,
        detail: format!("objects={saved} refused={asked}"),
    };
    let entries: Vec<Entry> = sheets.into_iter().map(entry).collect();
    audit::record(tx, key, &entries)?;
    Ok(())
}

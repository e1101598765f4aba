//! The register of acts and orders: adding, changing, withdrawing with a reason, bringing back. An act that another one
//! replaces is shown as replaced; nothing of it changes.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::access::by::{self, By, fields};
use crate::activity::kinds::word_name;
use crate::activity::{BodyId, Level};
use crate::db::schema::regulation as table;
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::indicators::regulation_kinds;
use crate::units::UnitId;
use crate::{id_newtype, insert_many, planted};

id_newtype! {
    /// An act.
    RegulationId;
}

/// An act as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
pub struct Regulation {
    /// Id.
    pub id: RegulationId,
    /// The region.
    pub region_id: UnitId,
    /// Whose it is.
    pub unit_id: UnitId,
    /// The body that issued it.
    pub body_id: Option<BodyId>,
    /// Somebody outside who issued it.
    pub issuer: Option<String>,
    /// Who issued it, as acts are told apart.
    pub issuer_key: String,
    /// Level.
    pub level: Level,
    /// Kind, a code of the dictionary.
    pub kind: String,
    /// Number; empty for an act without one.
    pub number: String,
    /// Key of the number.
    pub number_key: String,
    /// Its date.
    pub issued_on: NaiveDate,
    /// What it is about.
    pub title: String,
    /// Key of searching.
    pub search_key: String,
    /// First day of its force.
    pub valid_from: NaiveDate,
    /// The day after the last one; `None` is open.
    pub valid_to: Option<NaiveDate>,
    /// The act that it replaces.
    pub replaces_id: Option<RegulationId>,
    /// Where its text is.
    pub link: Option<String>,
    /// Whether everybody of the region sees it.
    pub is_public: bool,
    /// The pack of the cycle that it belongs to.
    pub pack: Option<String>,
    /// The period of the cycle.
    pub period: Option<String>,
    /// The stage of the cycle.
    pub stage: Option<String>,
    /// Version.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why.
    pub withdrawn_reason: Option<String>,
}

impl Regulation {
    /// «приказ № 14-п от 01.09.2023».
    #[must_use]
    pub fn called(&self) -> String {
        let kind = word_name(regulation_kinds::kinds(), &self.kind);
        let number = if self.number.is_empty() {
            String::new()
        } else {
            format!(" №\u{a0}{}", self.number)
        };
        format!("{kind}{number} от\u{a0}{}", self.issued_on.format("%d.%m.%Y"))
    }

    /// Whether it holds on a day.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.withdrawn_at.is_none() && self.valid_from <= day && self.valid_to.is_none_or(|to| day < to)
    }
}

/// The cycle that an act belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfCycle {
    /// Code of the pack.
    pub pack: String,
    /// Name of the period.
    pub period: String,
    /// Code of the stage.
    pub stage: String,
}

/// What a form says of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Whose it is.
    pub unit_id: UnitId,
    /// The body that issued it.
    pub body_id: Option<BodyId>,
    /// Somebody outside who issued it.
    pub issuer: Option<String>,
    /// Level.
    pub level: Level,
    /// Kind.
    pub kind: String,
    /// Number; empty for an act without one.
    pub number: String,
    /// Its date.
    pub issued_on: NaiveDate,
    /// What it is about.
    pub title: String,
    /// First day of its force.
    pub valid_from: NaiveDate,
    /// Last day; `None` is open.
    pub last: Option<NaiveDate>,
    /// The act that it replaces.
    pub replaces: Option<Regulation>,
    /// Where its text is.
    pub link: Option<String>,
    /// Whether everybody of the region sees it.
    pub is_public: bool,
    /// The cycle that it belongs to.
    pub of_cycle: Option<OfCycle>,
}

impl Content {
    fn issuer_key(&self) -> String {
        match (self.body_id, &self.issuer) {
            (Some(body), _) => format!("body {body}"),
            (None, Some(name)) => format!("outside {}", search_key(name)),
            (None, None) => format!("unit {}", self.unit_id),
        }
    }

    fn search_key(&self) -> String {
        let issuer = self.issuer.as_deref().unwrap_or_default();
        search_key(&format!("{} {} {issuer}", self.title, self.number))
    }

    /// What cannot be of an act: the field and the refusal. `own` is the act that is changed.
    fn refused(&self, own: Option<RegulationId>) -> Option<(&'static str, Refusal)> {
        if self.last.is_some_and(|last| last < self.valid_from) && !planted!("force_backwards") {
            return Some(("to", Refusal::new("cycle.act_ends_before")));
        }
        let replaces = self.replaces.as_ref()?;
        if own == Some(replaces.id) {
            return Some(("replaces", Refusal::new("cycle.act_replaces_itself")));
        }
        // Acts of one day stand in the order in which they were recorded: no circle comes about.
        let own = own.unwrap_or(RegulationId(i64::MAX));
        let late = (replaces.issued_on, replaces.id) > (self.issued_on, own) && !planted!("later_one_replaced");
        late.then(|| {
            let refusal = Refusal::new("cycle.act_replaces_later").with("act", replaces.called());
            ("replaces", refusal)
        })
    }
}

/// An act of a region.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut AnyConn, region: UnitId, id: RegulationId) -> Result<Option<Regulation>, DbError> {
    Ok(table::table
        .filter(table::region_id.eq(region))
        .filter(table::id.eq(id))
        .select(Regulation::as_select())
        .first(conn)
        .optional()?)
}

/// The acts of a region, the latest first; those that were withdrawn are among them.
///
/// # Errors
/// Those of the database.
pub fn of_region(conn: &mut AnyConn, region: UnitId) -> Result<Vec<Regulation>, DbError> {
    Ok(table::table
        .filter(table::region_id.eq(region))
        .order((table::issued_on.desc(), table::id.desc()))
        .select(Regulation::as_select())
        .load(conn)?)
}

/// The acts of a region that belong to a cycle, the first issued first.
///
/// # Errors
/// Those of the database.
pub fn of_cycle(conn: &mut AnyConn, region: UnitId, pack: &str, period: &str) -> Result<Vec<Regulation>, DbError> {
    Ok(table::table
        .filter(table::region_id.eq(region))
        .filter(table::pack.eq(pack))
        .filter(table::period.eq(period))
        .filter(table::withdrawn_at.is_null())
        .order((table::issued_on, table::id))
        .select(Regulation::as_select())
        .load(conn)?)
}

/// Acts that replace others, by what they replace: of those that stand.
#[must_use]
pub fn replaced(all: &[Regulation]) -> HashMap<RegulationId, &Regulation> {
    let standing = all.iter().filter(|act| act.withdrawn_at.is_none());
    standing.filter_map(|act| Some((act.replaces_id?, act))).collect()
}

/// The act that replaces another one.
///
/// # Errors
/// Those of the database.
pub fn replacing(conn: &mut AnyConn, region: UnitId, id: RegulationId) -> Result<Option<Regulation>, DbError> {
    Ok(table::table
        .filter(table::region_id.eq(region))
        .filter(table::replaces_id.eq(id))
        .filter(table::withdrawn_at.is_null())
        .select(Regulation::as_select())
        .first(conn)
        .optional()?)
}

/// Refuses what cannot be beside the other acts: the same act twice, a second one in place of another.
fn beside(
    tx: &mut Tx<'_>,
    region: UnitId,
    own: Option<RegulationId>,
    said: &Content,
) -> Result<Option<(&'static str, Refusal)>, DbError> {
    let number = search_key(&said.number);
    if !number.is_empty() && !planted!("kept_twice") {
        let same: Option<Regulation> = table::table
            .filter(table::region_id.eq(region))
            .filter(table::kind.eq(&said.kind))
            .filter(table::issuer_key.eq(said.issuer_key()))
            .filter(table::number_key.eq(number))
            .filter(table::issued_on.eq(said.issued_on))
            .filter(table::withdrawn_at.is_null())
            .filter(table::id.ne(own.unwrap_or(RegulationId(0))))
            .select(Regulation::as_select())
            .first(tx.conn())
            .optional()?;
        if let Some(same) = same {
            return Ok(Some((
                "number",
                Refusal::new("cycle.act_twice").with("act", same.called()),
            )));
        }
    }
    if let Some(own) = own {
        let next = replacing(tx.conn(), region, own)?;
        if let Some(next) = next.filter(|next| (next.issued_on, next.id) < (said.issued_on, own)) {
            let refusal = Refusal::new("cycle.act_after_next").with("act", next.called());
            return Ok(Some(("on", refusal)));
        }
    }
    let Some(replaces) = &said.replaces else {
        return Ok(None);
    };
    let other = replacing(tx.conn(), region, replaces.id)?;
    Ok(other.filter(|other| Some(other.id) != own).map(|other| {
        let refusal = Refusal::new("cycle.act_replaced").with("act", other.called());
        ("replaces", refusal)
    }))
}

/// What is refused of an act, with its field.
#[derive(Debug)]
pub enum Kept {
    /// It is written.
    Written(RegulationId),
    /// It cannot be: the field and why.
    Refused(&'static str, Refusal),
}

fn lock(tx: &mut Tx<'_>, region: UnitId) -> Result<(), DbError> {
    dialect::lock(tx.conn(), dialect::lock_space::REGULATION, [region.0])
}

/// Adds an act.
///
/// # Errors
/// Those of the database.
pub fn add(tx: &mut Tx<'_>, by: &By, said: &Content) -> Result<Kept, Error> {
    lock(tx, by.region)?;
    let refused = match said.refused(None) {
        None => beside(tx, by.region, None, said)?,
        refused => refused,
    };
    if let Some((field, refusal)) = refused {
        return Ok(Kept::Refused(field, refusal));
    }
    let id = RegulationId(tx.id());
    let cycle = said.of_cycle.clone();
    let row = Regulation {
        id,
        region_id: by.region,
        unit_id: said.unit_id,
        body_id: said.body_id,
        issuer: said.issuer.clone(),
        issuer_key: said.issuer_key(),
        level: said.level,
        kind: said.kind.clone(),
        number: said.number.clone(),
        number_key: search_key(&said.number),
        issued_on: said.issued_on,
        title: said.title.clone(),
        search_key: said.search_key(),
        valid_from: said.valid_from,
        valid_to: said.last.and_then(|day| day.succ_opt()),
        replaces_id: said.replaces.as_ref().map(|act| act.id),
        link: said.link.clone(),
        is_public: said.is_public,
        pack: cycle.as_ref().map(|c| c.pack.clone()),
        period: cycle.as_ref().map(|c| c.period.clone()),
        stage: cycle.map(|c| c.stage),
        version: 1,
        recorded_at: tx.now(),
        withdrawn_at: None,
        withdrawn_reason: None,
    };
    insert_many!(tx.conn(), table::table, [row])?;
    by.note(tx, "cycle.act_add", ("regulation", id.0), &[], "")?;
    Ok(Kept::Written(id))
}

/// Changes an act that stood at version `seen`.
///
/// # Errors
/// Somebody else has changed it; those of the database.
pub fn change(tx: &mut Tx<'_>, by: &By, stored: &Regulation, seen: i32, said: &Content) -> Result<Kept, Error> {
    lock(tx, by.region)?;
    if stored.version != seen || stored.withdrawn_at.is_some() {
        return Err(changed(tx, by, stored.id)?);
    }
    let refused = match said.refused(Some(stored.id)) {
        None => beside(tx, by.region, Some(stored.id), said)?,
        refused => refused,
    };
    if let Some((field, refusal)) = refused {
        return Ok(Kept::Refused(field, refusal));
    }
    let (cycle, valid_to) = (said.of_cycle.as_ref(), said.last.and_then(|day| day.succ_opt()));
    let replaces = said.replaces.as_ref().map(|act| act.id);
    let stands = |of: &Option<String>, said: Option<&String>| of.as_ref() != said;
    let differ = fields(&[
        ("title", stored.title != said.title),
        ("kind", stored.kind != said.kind),
        ("level", stored.level != said.level),
        ("unit", stored.unit_id != said.unit_id),
        ("issuer", stored.issuer_key != said.issuer_key()),
        ("number", stored.number != said.number),
        ("issued_on", stored.issued_on != said.issued_on),
        ("starts_on", stored.valid_from != said.valid_from),
        ("ends_on", stored.valid_to != valid_to),
        ("replaces", stored.replaces_id != replaces),
        ("link", stored.link != said.link),
        ("public", stored.is_public != said.is_public),
        (
            "cycle",
            stands(&stored.pack, cycle.map(|c| &c.pack)) || stands(&stored.period, cycle.map(|c| &c.period)),
        ),
        ("stage", stands(&stored.stage, cycle.map(|c| &c.stage))),
    ]);
    let standing = table::table
        .filter(table::id.eq(stored.id))
        .filter(table::version.eq(seen));
    let done = diesel::update(standing)
        .set((
            (
                table::unit_id.eq(said.unit_id),
                table::body_id.eq(said.body_id),
                table::issuer.eq(&said.issuer),
                table::issuer_key.eq(said.issuer_key()),
                table::level.eq(said.level),
                table::kind.eq(&said.kind),
                table::number.eq(&said.number),
                table::number_key.eq(search_key(&said.number)),
                table::issued_on.eq(said.issued_on),
                table::title.eq(&said.title),
            ),
            (
                table::search_key.eq(said.search_key()),
                table::valid_from.eq(said.valid_from),
                table::valid_to.eq(valid_to),
                table::replaces_id.eq(replaces),
                table::link.eq(&said.link),
                table::is_public.eq(said.is_public),
                table::pack.eq(cycle.map(|c| &c.pack)),
                table::period.eq(cycle.map(|c| &c.period)),
                table::stage.eq(cycle.map(|c| &c.stage)),
                table::version.eq(seen + 1),
            ),
        ))
        .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, stored.id)?);
    }
    by.note(tx, "cycle.act_change", ("regulation", stored.id.0), &[], &differ)?;
    Ok(Kept::Written(stored.id))
}

/// Withdraws an act with a reason, or brings a withdrawn one back.
///
/// # Errors
/// Somebody else has changed it; it comes back beside one that took its place.
pub fn set_withdrawn(
    tx: &mut Tx<'_>,
    by: &By,
    stored: &Regulation,
    seen: i32,
    reason: Option<&str>,
) -> Result<(), Error> {
    lock(tx, by.region)?;
    if stored.version != seen || stored.withdrawn_at.is_some() == reason.is_some() {
        return Err(changed(tx, by, stored.id)?);
    }
    if reason.is_none() {
        let said = Content::of(tx.conn(), stored)?;
        if let Some((_, refusal)) = beside(tx, by.region, Some(stored.id), &said)? {
            return Err(refusal.into());
        }
    }
    let at = reason.map(|_| tx.now());
    let standing = table::table
        .filter(table::id.eq(stored.id))
        .filter(table::version.eq(seen));
    let done = diesel::update(standing)
        .set((
            table::withdrawn_at.eq(at),
            table::withdrawn_reason.eq(reason),
            table::version.eq(seen + 1),
        ))
        .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, stored.id)?);
    }
    let action = match reason {
        Some(_) => "cycle.act_withdraw",
        None => "cycle.act_restore",
    };
    by.note(tx, action, ("regulation", stored.id.0), &[], "")?;
    Ok(())
}

impl Content {
    /// What a stored act says.
    fn of(conn: &mut AnyConn, stored: &Regulation) -> Result<Self, DbError> {
        let replaces = match stored.replaces_id {
            Some(id) => find(conn, stored.region_id, id)?,
            None => None,
        };
        Ok(Self {
            unit_id: stored.unit_id,
            body_id: stored.body_id,
            issuer: stored.issuer.clone(),
            level: stored.level,
            kind: stored.kind.clone(),
            number: stored.number.clone(),
            issued_on: stored.issued_on,
            title: stored.title.clone(),
            valid_from: stored.valid_from,
            last: stored.valid_to.and_then(|day| day.pred_opt()),
            replaces,
            link: stored.link.clone(),
            is_public: stored.is_public,
            of_cycle: None,
        })
    }
}

fn changed(tx: &mut Tx<'_>, by: &By, id: RegulationId) -> Result<Error, DbError> {
    if planted!("act_without_version") {
        return Ok(Error::Conflict);
    }
    by::changed(tx, by, "cycle", "regulation", id.0)
}

//! Shared edges of scales: which points a value on one gets is recorded by a person, with the reason.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::edit;
use super::formula::Formula;
use super::load;
use super::pack::{self, Indicator};
use super::scale::{self, Placed};
use crate::access;
use crate::audit;
use crate::db::schema::edge_choice;
use crate::db::text_keys::clean;
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::insert_many;

/// Points in thousandths, by indicator and edge.
pub type Choices = HashMap<(String, i64), i64>;

/// A choice that was recorded.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = edge_choice, treat_none_as_default_value = false)]
pub struct Recorded {
    /// Id.
    pub id: i64,
    /// Code of the pack.
    pub pack: String,
    /// Code of the indicator.
    pub indicator: String,
    /// The edge, thousandths.
    pub edge_milli: i64,
    /// Points, thousandths.
    pub points_milli: i64,
    /// Why so.
    pub reason: String,
    /// Who decided; none for a command on the server.
    pub account_id: Option<i64>,
    /// When.
    pub recorded_at: NaiveDateTime,
    /// When a later one took its place.
    pub superseded_at: Option<NaiveDateTime>,
}

/// A value that belongs to two bands at once, with the points that they give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The value, or the difference of a comparison, thousandths.
    pub at: i64,
    /// Points in thousandths, the fewest first.
    pub offered: Vec<i64>,
}

/// Points that the bands holding a value give, and whether the value is a shared edge of them.
fn offered(indicator: &Indicator, at: i64) -> (Vec<i64>, bool) {
    if let Some(Formula::Compare { tolerance, .. }) = &indicator.formula {
        return (vec![0, 1000], *tolerance == at);
    }
    let placed = scale::place(indicator.scale.iter(), |b| b.bounds, |b| b.points, at);
    let holding = indicator.scale.iter().filter(|b| b.bounds.hold(at));
    let mut points: Vec<i64> = holding.map(|b| b.points).collect();
    points.sort_unstable();
    points.dedup();
    (points, placed == Placed::Edge)
}

/// The shared edge at a value, if there is one.
#[must_use]
pub fn edge(indicator: &Indicator, at: i64) -> Option<Edge> {
    let (offered, is_edge) = offered(indicator, at);
    is_edge.then_some(Edge { at, offered })
}

/// The shared edges of an indicator, the lowest first.
#[must_use]
pub fn shared(indicator: &Indicator) -> Vec<Edge> {
    let mut bounds: Vec<i64> = match &indicator.formula {
        Some(Formula::Compare { tolerance, .. }) => vec![*tolerance],
        _ => {
            let bands = indicator.scale.iter();
            bands.flat_map(|b| [b.bounds.from, b.bounds.to]).flatten().collect()
        }
    };
    bounds.sort_unstable();
    bounds.dedup();
    bounds.into_iter().filter_map(|at| edge(indicator, at)).collect()
}

/// The choices in force of a pack as they were recorded, the earliest first.
///
/// # Errors
/// Those of the database.
pub fn recorded(conn: &mut AnyConn, pack: &str) -> Result<Vec<Recorded>, DbError> {
    let rows = edge_choice::table
        .filter(edge_choice::pack.eq(pack))
        .filter(edge_choice::superseded_at.is_null())
        .order(edge_choice::id)
        .select(Recorded::as_select())
        .load(conn)?;
    Ok(rows)
}

/// The choices in force of a pack.
///
/// # Errors
/// Those of the database.
pub fn choices(conn: &mut AnyConn, pack: &str) -> Result<Choices, DbError> {
    let rows: Vec<(String, i64, i64)> = edge_choice::table
        .filter(edge_choice::pack.eq(pack))
        .filter(edge_choice::superseded_at.is_null())
        .order(edge_choice::id)
        .select((
            edge_choice::indicator,
            edge_choice::edge_milli,
            edge_choice::points_milli,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(indicator, edge, points)| ((indicator, edge), points))
        .collect())
}

/// Who decides; a command on the server has no account.
#[derive(Debug, Clone, Default)]
pub struct By {
    /// The account.
    pub account: Option<i64>,
    /// In whose stead.
    pub on_behalf_of: Option<i64>,
    /// The region of the role, where it has one.
    pub region: Option<i64>,
}

/// A choice to record.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Code of the pack.
    pub pack: String,
    /// Code of the indicator.
    pub indicator: String,
    /// The edge, thousandths.
    pub edge_milli: i64,
    /// Points, thousandths.
    pub points_milli: i64,
    /// Why so.
    pub reason: String,
    /// The choice in force that the page showed, 0 for none; a command shows nothing and supersedes whatever stands.
    pub seen: Option<i64>,
}

/// Records a choice under the pack in force; an earlier one for the same edge is superseded and stays.
///
/// # Errors
/// An indicator that is not there, a value that is no shared edge, points that neither band gives, no reason; somebody
/// else was quicker.
pub fn record(tx: &mut Tx<'_>, key: &[u8], by: &By, choice: Choice) -> Result<(), Error> {
    dialect::lock(tx.conn(), dialect::lock_space::PACK, [1])?;
    let pack = match load::in_force(tx.conn(), &choice.pack)? {
        Some(pack) => pack,
        None => std::sync::Arc::new(pack::embedded(&choice.pack)?),
    };
    edit::refuse_foreign(tx.conn(), &pack.regions, by.region)?;
    let missing = || Error::NotFound(format!("показатель {} в пакете {}", choice.indicator, pack.code));
    let indicator = pack.indicator(&choice.indicator).ok_or_else(missing)?;
    let (offered, is_edge) = offered(indicator, choice.edge_milli);
    if !is_edge || !offered.contains(&choice.points_milli) {
        let offered: Vec<String> = offered.into_iter().map(scale::plain).collect();
        return Err(Refusal::new("indicators.no_edge")
            .with("edge", scale::plain(choice.edge_milli))
            .with("offered", offered.join(", "))
            .into());
    }
    let reason = clean(&choice.reason);
    if reason.is_empty() {
        return Err(Refusal::new("indicators.edge_reason").into());
    }
    let all = recorded(tx.conn(), &pack.code)?;
    let stands = all
        .iter()
        .find(|row| row.indicator == choice.indicator && row.edge_milli == choice.edge_milli);
    if choice.seen.is_some_and(|seen| seen != stands.map_or(0, |row| row.id)) {
        return Err(quicker(tx.conn(), stands)?);
    }
    let now = tx.now();
    if let Some(before) = stands {
        diesel::update(edge_choice::table.filter(edge_choice::id.eq(before.id)))
            .set(edge_choice::superseded_at.eq(now))
            .execute(tx.conn())
            .map_err(DbError::from)?;
    }
    let id = tx.id();
    let mut entry = audit::Entry::of_server("indicators.edge", "edge_choice", Some(id));
    entry.account = by.account;
    entry.on_behalf_of = by.on_behalf_of;
    entry.region = by.region;
    entry.detail = format!(
        "pack={} indicator={} edge={} points={}",
        pack.code,
        choice.indicator,
        scale::plain(choice.edge_milli),
        scale::plain(choice.points_milli)
    );
    let row = Recorded {
        id,
        pack: pack.code.clone(),
        indicator: choice.indicator,
        edge_milli: choice.edge_milli,
        points_milli: choice.points_milli,
        reason,
        account_id: by.account,
        recorded_at: now,
        superseded_at: None,
    };
    insert_many!(tx.conn(), edge_choice::table, [row]).map_err(DbError::from)?;
    audit::record(tx, key, &[entry])?;
    Ok(())
}

/// What somebody else has decided meanwhile: who, how, why.
fn quicker(conn: &mut AnyConn, stands: Option<&Recorded>) -> Result<Error, DbError> {
    let Some(stands) = stands else {
        return Ok(Error::Changed("Этого выбора больше нет.".to_owned()));
    };
    let name = match stands.account_id {
        Some(account) => access::store::names(conn, &[account])?
            .remove(&account)
            .unwrap_or_default(),
        None => "команда на сервере".to_owned(),
    };
    Ok(Error::Changed(format!(
        "Выбор уже записали: {name}. Баллы: {}. Причина: {}.",
        scale::comma(stands.points_milli),
        stands.reason.trim_end_matches('.')
    )))
}

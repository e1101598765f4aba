//! Shared edges of scales: which points a value on one gets is recorded by a person, with the reason.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::pack::Pack;
use super::scale::{self, Placed};
use crate::audit;
use crate::db::schema::edge_choice;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::insert_many;

/// Points in thousandths, by indicator and edge.
pub type Choices = HashMap<(String, i64), i64>;

#[derive(Insertable)]
#[diesel(table_name = edge_choice, treat_none_as_default_value = false)]
struct Row {
    id: i64,
    pack: String,
    indicator: String,
    edge_milli: i64,
    points_milli: i64,
    reason: String,
    account_id: Option<i64>,
    recorded_at: NaiveDateTime,
    superseded_at: Option<NaiveDateTime>,
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

/// A choice to record.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Code of the indicator.
    pub indicator: String,
    /// The edge, thousandths.
    pub edge_milli: i64,
    /// Points, thousandths.
    pub points_milli: i64,
    /// Why so.
    pub reason: String,
    /// Who decides; a command on the server has no account.
    pub account: Option<i64>,
}

/// Records a choice; an earlier one for the same edge is superseded and stays.
///
/// # Errors
/// An indicator that is not there, a value that is no shared edge, points that neither band gives.
pub fn record(tx: &mut Tx<'_>, key: &[u8], pack: &Pack, choice: Choice) -> Result<(), Error> {
    let missing = || Error::NotFound(format!("показатель {} в пакете {}", choice.indicator, pack.code));
    let indicator = pack.indicator(&choice.indicator).ok_or_else(missing)?;
    let tolerance = match &indicator.formula {
        Some(super::Formula::Compare { tolerance, .. }) => Some(*tolerance),
        _ => None,
    };
    let placed = scale::place(indicator.scale.iter(), |b| b.bounds, |b| b.points, choice.edge_milli);
    let offered: Vec<i64> = match tolerance {
        Some(_) => vec![0, 1000],
        None => {
            let holding = indicator.scale.iter().filter(|b| b.bounds.hold(choice.edge_milli));
            holding.map(|b| b.points).collect()
        }
    };
    let is_edge = tolerance.map_or(placed == Placed::Edge, |at| at == choice.edge_milli);
    if !is_edge || !offered.contains(&choice.points_milli) {
        let offered: Vec<String> = offered.into_iter().map(scale::plain).collect();
        return Err(Refusal::new("indicators.no_edge")
            .with("edge", scale::plain(choice.edge_milli))
            .with("offered", offered.join(", "))
            .into());
    }
    let before = edge_choice::table
        .filter(edge_choice::pack.eq(&pack.code))
        .filter(edge_choice::indicator.eq(&choice.indicator))
        .filter(edge_choice::edge_milli.eq(choice.edge_milli))
        .filter(edge_choice::superseded_at.is_null());
    let now = tx.now();
    diesel::update(before)
        .set(edge_choice::superseded_at.eq(now))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    let id = tx.id();
    let mut entry = audit::Entry::of_server("indicators.edge", "edge_choice", Some(id));
    entry.account = choice.account;
    entry.detail = format!(
        "pack={} indicator={} edge={} points={}",
        pack.code,
        choice.indicator,
        scale::plain(choice.edge_milli),
        scale::plain(choice.points_milli)
    );
    let row = Row {
        id,
        pack: pack.code.clone(),
        indicator: choice.indicator,
        edge_milli: choice.edge_milli,
        points_milli: choice.points_milli,
        reason: choice.reason,
        account_id: choice.account,
        recorded_at: now,
        superseded_at: None,
    };
    insert_many!(tx.conn(), edge_choice::table, [row]).map_err(DbError::from)?;
    audit::record(tx, key, &[entry])?;
    Ok(())
}

//! The queries of examinations.

use diesel::prelude::*;
use foldhash::HashMap;

use super::model::{
    ActRow, Appeal, Document, Examination, ExaminationId, Examined, ExaminedId, PointRow, Seat, SeatId,
};
use super::standing::{Filled, Whole};
use crate::db::schema::{
    examination, examination_act, examination_appeal, examination_document, examination_expert, examination_point,
    examination_unit,
};
use crate::db::{AnyConn, DbError};
use crate::units::UnitId;

/// Examinations of a region, the latest period first.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, region: UnitId) -> Result<Vec<Examination>, DbError> {
    Ok(examination::table
        .filter(examination::region_id.eq(region))
        .order((examination::period.desc(), examination::pack, examination::id))
        .select(Examination::as_select())
        .load(conn)?)
}

/// An examination of a region.
///
/// # Errors
/// Those of the database.
pub fn one(conn: &mut AnyConn, region: UnitId, id: ExaminationId) -> Result<Option<Examination>, DbError> {
    Ok(examination::table
        .filter(examination::region_id.eq(region))
        .filter(examination::id.eq(id))
        .select(Examination::as_select())
        .first(conn)
        .optional()?)
}

/// The one of the same pack before it.
///
/// # Errors
/// Those of the database.
pub fn before(conn: &mut AnyConn, of: &Examination) -> Result<Option<Examination>, DbError> {
    Ok(examination::table
        .filter(examination::region_id.eq(of.region_id))
        .filter(examination::pack.eq(&of.pack))
        .filter(examination::period.lt(&of.period))
        .order(examination::period.desc())
        .select(Examination::as_select())
        .first(conn)
        .optional()?)
}

/// Units of examinations.
///
/// # Errors
/// Those of the database.
pub fn units(conn: &mut AnyConn, region: UnitId, of: &[ExaminationId]) -> Result<Vec<Examined>, DbError> {
    Ok(examination_unit::table
        .filter(examination_unit::region_id.eq(region))
        .filter(examination_unit::examination_id.eq_any(of))
        .order(examination_unit::id)
        .select(Examined::as_select())
        .load(conn)?)
}

/// A unit of an examination.
///
/// # Errors
/// Those of the database.
pub fn unit(conn: &mut AnyConn, region: UnitId, id: ExaminedId) -> Result<Option<Examined>, DbError> {
    Ok(examination_unit::table
        .filter(examination_unit::region_id.eq(region))
        .filter(examination_unit::id.eq(id))
        .select(Examined::as_select())
        .first(conn)
        .optional()?)
}

/// What a unit was examined in, the latest first.
///
/// # Errors
/// Those of the database.
pub fn of_units(conn: &mut AnyConn, region: UnitId, units: &[UnitId]) -> Result<Vec<Examined>, DbError> {
    Ok(examination_unit::table
        .filter(examination_unit::region_id.eq(region))
        .filter(examination_unit::unit_id.eq_any(units))
        .order(examination_unit::id.desc())
        .select(Examined::as_select())
        .load(conn)?)
}

/// Where an account is an expert.
///
/// # Errors
/// Those of the database.
pub fn seats_of(conn: &mut AnyConn, region: UnitId, account: i64) -> Result<Vec<Seat>, DbError> {
    Ok(examination_expert::table
        .filter(examination_expert::region_id.eq(region))
        .filter(examination_expert::account_id.eq(account))
        .filter(examination_expert::ended_at.is_null())
        .order(examination_expert::id)
        .select(Seat::as_select())
        .load(conn)?)
}

/// A place of an expert.
///
/// # Errors
/// Those of the database.
pub fn seat(conn: &mut AnyConn, region: UnitId, id: SeatId) -> Result<Option<Seat>, DbError> {
    Ok(examination_expert::table
        .filter(examination_expert::region_id.eq(region))
        .filter(examination_expert::id.eq(id))
        .filter(examination_expert::ended_at.is_null())
        .select(Seat::as_select())
        .first(conn)
        .optional()?)
}

/// Units with all that belongs to them.
///
/// # Errors
/// Those of the database.
pub fn whole(conn: &mut AnyConn, region: UnitId, of: Vec<Examined>) -> Result<Vec<Whole>, DbError> {
    let ids: Vec<ExaminedId> = of.iter().map(|u| u.id).collect();
    let seats: Vec<Seat> = examination_expert::table
        .filter(examination_expert::region_id.eq(region))
        .filter(examination_expert::examination_unit_id.eq_any(&ids))
        .filter(examination_expert::ended_at.is_null())
        .order(examination_expert::id)
        .select(Seat::as_select())
        .load(conn)?;
    let places: Vec<SeatId> = seats.iter().map(|s| s.id).collect();
    let points: Vec<PointRow> = examination_point::table
        .filter(examination_point::region_id.eq(region))
        .filter(examination_point::examination_expert_id.eq_any(&places))
        .filter(examination_point::superseded_at.is_null())
        .order(examination_point::id)
        .select(PointRow::as_select())
        .load(conn)?;
    let documents: Vec<Document> = examination_document::table
        .filter(examination_document::region_id.eq(region))
        .filter(examination_document::examination_unit_id.eq_any(&ids))
        .filter(examination_document::withdrawn_at.is_null())
        .order(examination_document::id)
        .select(Document::as_select())
        .load(conn)?;
    let appeals: Vec<Appeal> = examination_appeal::table
        .filter(examination_appeal::region_id.eq(region))
        .filter(examination_appeal::examination_unit_id.eq_any(&ids))
        .order(examination_appeal::id)
        .select(Appeal::as_select())
        .load(conn)?;
    let acts: Vec<ActRow> = examination_act::table
        .filter(examination_act::region_id.eq(region))
        .filter(examination_act::examination_unit_id.eq_any(&ids))
        .order(examination_act::id)
        .select(ActRow::as_select())
        .load(conn)?;
    let mut by_seat: HashMap<SeatId, HashMap<String, PointRow>> = HashMap::default();
    for row in points {
        let own = by_seat.entry(row.examination_expert_id).or_default();
        own.insert(row.criterion.clone(), row);
    }
    let mut found: HashMap<ExaminedId, Whole> = of.iter().map(|u| (u.id, Whole::of(u.clone()))).collect();
    for seat in seats {
        let points = by_seat.remove(&seat.id).unwrap_or_default();
        if let Some(own) = found.get_mut(&seat.examination_unit_id) {
            own.seats.push(Filled { seat, points });
        }
    }
    for row in documents {
        found
            .entry(row.examination_unit_id)
            .and_modify(|own| own.documents.push(row));
    }
    for row in appeals {
        found
            .entry(row.examination_unit_id)
            .and_modify(|own| own.appeals.push(row));
    }
    for row in acts {
        found
            .entry(row.examination_unit_id)
            .and_modify(|own| own.acts.push(row));
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

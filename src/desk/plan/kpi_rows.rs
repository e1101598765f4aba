//! How the plans of a scope go: what the desk «Ход маршрутов» counts and what its numbers open are read here alike.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::AccountId;
use crate::db::in_force::assigned_on;
use crate::db::schema::{diagnosis, iom, iom_deficit, iom_state, procedure, supporter};
use crate::db::{AnyConn, DbError};
use crate::desk::plan::list_rows::with_late_step;
use crate::diagnostics::ProcedureId;
use crate::iom::watch::{Formed, Known, Risk};
use crate::iom::{DeficitOutcome, IomId, IomState};
use crate::units::UnitId;

/// What of a plan is needed to watch it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = iom)]
pub struct Light {
    id: IomId,
    state: IomState,
    first_visible_on: Option<NaiveDate>,
    agreed_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
    paused_until: Option<NaiveDate>,
}

/// A plan and how it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The plan.
    pub plan: IomId,
    /// Whether it is not closed.
    pub open: bool,
    /// Calendar days from the diagnosis until it was visible.
    pub days: Option<i64>,
    /// Whether that was in time.
    pub formed: Formed,
    /// By what it is at risk.
    pub risks: BTreeSet<Risk>,
    /// Whether anybody accompanies it.
    pub accompanied: bool,
}

/// How plans of a region go: one query for each thing that is asked of all of them.
///
/// # Errors
/// Those of the database.
pub fn watch(conn: &mut AnyConn, region: UnitId, plans: Vec<Light>, today: NaiveDate) -> Result<Vec<Watched>, DbError> {
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    let diagnosed = diagnosed(conn, region)?;
    let sent: Vec<(IomId, Option<NaiveDate>)> = iom_state::table
        .inner_join(
            iom::table.on(iom::id
                .eq(iom_state::iom_id)
                .and(iom::region_id.eq(iom_state::region_id))),
        )
        .filter(iom_state::region_id.eq(region))
        .filter(iom_state::superseded_at.is_null())
        .filter(iom_state::state.eq(IomState::OnAgreement))
        .filter(iom::state.eq(IomState::OnAgreement))
        .group_by(iom_state::iom_id)
        .select((iom_state::iom_id, diesel::dsl::max(iom_state::on_date)))
        .load(conn)?;
    let sent: HashMap<IomId, Option<NaiveDate>> = sent.into_iter().collect();
    let late: Vec<IomId> = with_late_step(region, today).distinct().load(conn)?;
    let late: HashSet<IomId> = late.into_iter().collect();
    let accompanied: Vec<IomId> = supporter::table
        .filter(supporter::region_id.eq(region))
        .filter(assigned_on(today))
        .select(supporter::iom_id)
        .distinct()
        .load(conn)?;
    let accompanied: HashSet<IomId> = accompanied.into_iter().collect();
    let one = |plan: Light| {
        let known = Known {
            state: plan.state,
            diagnosed_on: diagnosed.get(&plan.id).copied(),
            visible_on: plan.first_visible_on,
            sent_on: sent.get(&plan.id).copied().flatten(),
            agreed_on: plan.agreed_on,
            ends_on: plan.ends_on,
            paused_until: plan.paused_until,
            late: late.contains(&plan.id),
            accompanied: accompanied.contains(&plan.id),
        };
        Watched {
            plan: plan.id,
            open: plan.state != IomState::Closed,
            days: known.days(),
            formed: known.formed(today),
            risks: known.risks(today),
            accompanied: known.accompanied,
        }
    };
    Ok(plans.into_iter().map(one).collect())
}

/// The last day of the diagnosis that each plan of a region answers; one held after the plan was visible is another.
fn diagnosed(conn: &mut AnyConn, region: UnitId) -> Result<HashMap<IomId, NaiveDate>, DbError> {
    let rows: Vec<(IomId, Option<NaiveDate>)> = iom::table
        .inner_join(
            diagnosis::table.on(diagnosis::region_id
                .eq(iom::region_id)
                .and(diagnosis::person_id.eq(iom::person_id))
                .and(diagnosis::procedure_id.nullable().eq(iom::procedure_id))),
        )
        .filter(iom::region_id.eq(region))
        .filter(diagnosis::withdrawn_at.is_null())
        .filter(
            iom::first_visible_on
                .is_null()
                .or(diagnosis::held_on.nullable().le(iom::first_visible_on)),
        )
        .group_by(iom::id)
        .select((iom::id, diesel::dsl::max(diagnosis::held_on)))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(plan, on)| Some((plan, on?))).collect())
}

/// Whom each of these plans is accompanied by.
///
/// # Errors
/// Those of the database.
pub fn accompanied_by(
    conn: &mut AnyConn,
    region: UnitId,
    plans: &BTreeSet<IomId>,
    today: NaiveDate,
) -> Result<HashMap<AccountId, BTreeSet<IomId>>, DbError> {
    let rows: Vec<(AccountId, IomId)> = supporter::table
        .filter(supporter::region_id.eq(region))
        .filter(assigned_on(today))
        .select((supporter::account_id, supporter::iom_id))
        .load(conn)?;
    let mut found: HashMap<AccountId, BTreeSet<IomId>> = HashMap::new();
    for (account, plan) in rows.into_iter().filter(|(_, plan)| plans.contains(plan)) {
        found.entry(account).or_default().insert(plan);
    }
    Ok(found)
}

/// Deficits of these plans by what came of them (`None`: not judged yet): how many, and of how many plans.
///
/// # Errors
/// Those of the database.
pub fn deficits(
    conn: &mut AnyConn,
    region: UnitId,
    plans: &BTreeSet<IomId>,
) -> Result<BTreeMap<Option<DeficitOutcome>, (i64, i64)>, DbError> {
    let rows: Vec<(IomId, Option<DeficitOutcome>, i64)> = iom_deficit::table
        .filter(iom_deficit::region_id.eq(region))
        .group_by((iom_deficit::iom_id, iom_deficit::outcome))
        .select((iom_deficit::iom_id, iom_deficit::outcome, diesel::dsl::count_star()))
        .load(conn)?;
    let mut found: BTreeMap<Option<DeficitOutcome>, (i64, i64)> = BTreeMap::new();
    for (_, outcome, many) in rows.into_iter().filter(|(plan, ..)| plans.contains(plan)) {
        let of = found.entry(outcome).or_default();
        of.0 += many;
        of.1 += 1;
    }
    Ok(found)
}

/// Procedures that plans of a region answer, newest first; codes and names.
///
/// # Errors
/// Those of the database.
pub fn procedures(conn: &mut AnyConn, region: UnitId) -> Result<Vec<(String, String)>, DbError> {
    let ids: Vec<Option<ProcedureId>> = iom::table
        .filter(iom::region_id.eq(region))
        .select(iom::procedure_id)
        .distinct()
        .load(conn)?;
    let ids: Vec<ProcedureId> = ids.into_iter().flatten().collect();
    Ok(procedure::table
        .filter(procedure::id.eq_any(ids))
        .order((procedure::id.desc(),))
        .select((procedure::code, procedure::name))
        .load(conn)?)
}

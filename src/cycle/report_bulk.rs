//! One act on many reports at once: each that can take it does, and each of the others says why not.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use foldhash::HashMap;

use super::campaign::{self, Campaign};
use super::report::{self, ActRow, Submission, SubmissionId};
use super::report_force;
use super::submission_status::{Side, SubmissionAct, SubmissionState, after};
use crate::access::by::By;
use crate::audit::{self, Entry};
use crate::db::schema::{submission, submission_act};
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::units::{UnitId, UnitKind};

/// What is done with many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// The units are agreed to, by whoever checks them.
    Agree,
    /// What is agreed is accepted, by the operator.
    Accept,
    /// More time until a day, by the operator, with a reason.
    Extend(NaiveDate, String),
}

impl Deed {
    fn act(&self) -> (SubmissionAct, Side, &'static str) {
        match self {
            Self::Agree => (SubmissionAct::Agree, Side::Checker, "cycle.report_agree"),
            Self::Accept => (SubmissionAct::Accept, Side::Operator, "cycle.report_accept"),
            Self::Extend(..) => (SubmissionAct::Extend, Side::Operator, "cycle.report_extend"),
        }
    }
}

/// Does it to each of the wanted reports that stands as it was seen (`None` for however it stands); the refusals of the
/// others, by their ids.
///
/// # Errors
/// No reason where one is needed; a report that is not there; those of the database.
pub fn all(
    tx: &mut Tx<'_>,
    by: &By,
    wanted: &BTreeMap<i64, Option<i32>>,
    deed: &Deed,
) -> Result<Vec<(SubmissionId, Refusal)>, Error> {
    let (act, side, named) = deed.act();
    let reason = match deed {
        Deed::Extend(_, why) => Some(report::reason(why)?),
        Deed::Agree | Deed::Accept => None,
    };
    dialect::lock(tx.conn(), dialect::lock_space::REPORT, wanted.keys().copied())?;
    let ids: Vec<SubmissionId> = wanted.keys().map(|id| SubmissionId(*id)).collect();
    let reports = some(tx.conn(), by.region, &ids)?;
    if reports.len() != ids.len() {
        return Err(Error::NotFound("отчёт".into()));
    }
    let campaigns = campaign::by_id(tx.conn(), by.region)?;
    let with: Vec<(&Submission, &Campaign)> = reports
        .iter()
        .filter_map(|report| Some((report, campaigns.get(&report.campaign_id.0)?)))
        .collect();
    let mut diverged = report_force::diverged(tx, by, act, &with)?;
    let (today, now) = (tx.today(), tx.now());
    let mut done: Vec<(&Submission, &Campaign)> = Vec::new();
    let mut refused = Vec::new();
    let mut rows: Vec<ActRow> = Vec::new();
    let mut moved: HashMap<SubmissionState, Vec<SubmissionId>> = HashMap::default();
    for report in &reports {
        let seen = wanted.get(&report.id.0).copied().flatten();
        let state = after(report.state, act).filter(|_| act.is_of(side, report.state));
        let of = campaigns.get(&report.campaign_id.0);
        let why_not = match state {
            _ if seen.is_some_and(|seen| seen != report.version) => Some(Refusal::new("cycle.moved_on")),
            None => Some(
                Refusal::new("cycle.not_now")
                    .with("act", act.label())
                    .with("state", report.state.label()),
            ),
            Some(_) => diverged
                .remove(&report.id)
                .or_else(|| of.and_then(|of| too_early(deed, report, of, today))),
        };
        let (None, Some(state)) = (why_not.clone(), state) else {
            refused.extend(why_not.map(|why| (report.id, why)));
            continue;
        };
        rows.push(ActRow {
            id: tx.id(),
            region_id: by.region,
            submission_id: report.id,
            act,
            state_before: report.state,
            state_after: state,
            on_date: today,
            account_id: by.account,
            on_behalf_of_id: by.on_behalf_of,
            reason: reason.clone(),
            recorded_at: now,
        });
        moved.entry(state).or_default().push(report.id);
        done.extend(of.map(|of| (report, of)));
    }
    for (state, ids) in &moved {
        for part in ids.chunks(1000) {
            let standing = || {
                submission::table
                    .filter(submission::region_id.eq(by.region))
                    .filter(submission::id.eq_any(part))
            };
            diesel::update(standing())
                .set((
                    submission::state.eq(*state),
                    submission::version.eq(submission::version + 1),
                ))
                .execute(tx.conn())?;
            if let Deed::Extend(until, _) = deed {
                diesel::update(standing())
                    .set(submission::extended_to.eq(Some(*until)))
                    .execute(tx.conn())?;
            }
        }
    }
    let detail = match deed {
        Deed::Extend(until, _) => format!("until={until}"),
        Deed::Agree | Deed::Accept => String::new(),
    };
    let entries: Vec<Entry> = rows
        .iter()
        .map(|row| Entry {
            action: named,
            region: Some(by.region.0),
            account: Some(by.account),
            on_behalf_of: by.on_behalf_of,
            object_kind: "submission",
            object: Some(row.submission_id.0),
            person: None,
            detail: detail.clone(),
        })
        .collect();
    insert_many!(tx.conn(), submission_act::table, rows).map_err(DbError::from)?;
    if !entries.is_empty() {
        audit::record(tx, &by.key, &entries)?;
    }
    report_force::follow(tx, by, act, &done)?;
    Ok(refused)
}

fn too_early(deed: &Deed, report: &Submission, of: &Campaign, today: NaiveDate) -> Option<Refusal> {
    let Deed::Extend(until, _) = deed else { return None };
    let last = report.locks_on(of);
    (*until <= last || *until < today).then(|| Refusal::new("cycle.not_later").with("day", last.format("%d.%m.%Y")))
}

fn some(c: &mut AnyConn, region: UnitId, ids: &[SubmissionId]) -> Result<Vec<Submission>, DbError> {
    let mut found = Vec::with_capacity(ids.len());
    for part in ids.chunks(1000) {
        let rows: Vec<Submission> = submission::table
            .filter(submission::region_id.eq(region))
            .filter(submission::id.eq_any(part))
            .order(submission::id)
            .select(Submission::as_select())
            .load(c)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Units of reports of a region with the kind that their campaigns ask; what is not there is left out.
///
/// # Errors
/// Those of the database.
pub fn places(c: &mut AnyConn, region: UnitId, ids: &[i64]) -> Result<Vec<(UnitId, UnitKind)>, DbError> {
    let levels: BTreeMap<i64, UnitKind> = campaign::by_id(c, region)?
        .into_iter()
        .map(|(id, of)| (id, of.level))
        .collect();
    let ids: Vec<SubmissionId> = ids.iter().map(|id| SubmissionId(*id)).collect();
    let found = some(c, region, &ids)?.into_iter();
    Ok(found
        .filter_map(|r| Some((r.unit_id, *levels.get(&r.campaign_id.0)?)))
        .collect())
}

/// Units of reports of a region, by the ids of the reports.
///
/// # Errors
/// Those of the database.
pub fn units(c: &mut AnyConn, region: UnitId, ids: &[i64]) -> Result<BTreeMap<i64, UnitId>, DbError> {
    let ids: Vec<SubmissionId> = ids.iter().map(|id| SubmissionId(*id)).collect();
    Ok(some(c, region, &ids)?
        .into_iter()
        .map(|r| (r.id.0, r.unit_id))
        .collect())
}

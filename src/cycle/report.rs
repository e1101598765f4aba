//! The report of a unit in a campaign: its row, what it says, what was done with it, and where it stands today.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use foldhash::HashMap;

use super::campaign::{Campaign, CampaignId};
use super::submission_status::{SubmissionAct, SubmissionState};
use crate::db::schema::{submission, submission_act, submission_value};
use crate::db::text_keys::clean;
use crate::db::{AnyConn, DbError};
use crate::error::Refusal;
use crate::id_newtype;
use crate::units::UnitId;

id_newtype! {
    /// A report.
    SubmissionId;
}

/// A report as it is stored.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = submission, treat_none_as_default_value = false)]
pub struct Submission {
    /// Id.
    pub id: SubmissionId,
    /// The region.
    pub region_id: UnitId,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The unit that answers.
    pub unit_id: UnitId,
    /// Where it stands.
    pub state: SubmissionState,
    /// A last day of its own.
    pub extended_to: Option<NaiveDate>,
    /// The day of the sending that stands.
    pub sent_on: Option<NaiveDate>,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub recorded_at: NaiveDateTime,
}

impl Submission {
    /// The last day to answer in time.
    #[must_use]
    pub fn due_on(&self, of: &Campaign) -> NaiveDate {
        self.extended_to.map_or(of.due_on, |day| day.max(of.due_on))
    }

    /// The last day to answer at all.
    #[must_use]
    pub fn locks_on(&self, of: &Campaign) -> NaiveDate {
        self.extended_to.map_or(of.locks_on, |day| day.max(of.locks_on))
    }

    /// Why the unit cannot work on it on a day; nothing where it can.
    #[must_use]
    pub fn shut(&self, of: &Campaign, today: NaiveDate) -> Option<Refusal> {
        let day = |day: NaiveDate| day.format("%d.%m.%Y").to_string();
        if today < of.opens_on {
            return Some(Refusal::new("cycle.not_open_yet").with("day", day(of.opens_on)));
        }
        if today > self.locks_on(of) && !crate::planted!("report_without_lock") {
            return Some(Refusal::new("cycle.locked").with("day", day(self.locks_on(of))));
        }
        None
    }

    /// Whether it was handed in, and in time.
    #[must_use]
    pub fn is_in_time(&self, of: &Campaign) -> bool {
        self.state.is_handed_in() && self.sent_on.is_some_and(|on| on <= self.due_on(of))
    }
}

/// What a report says in a field.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = submission_value, treat_none_as_default_value = false)]
pub struct SaidValue {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The report.
    pub submission_id: SubmissionId,
    /// The indicator or the measure.
    pub field: String,
    /// The number, or what stands above the line; `None` says that there is no value.
    pub upper_milli: Option<i64>,
    /// What stands below the line.
    pub lower_milli: Option<i64>,
    /// Whether a person typed it; else what the platform knew was confirmed.
    pub typed: bool,
    /// Where the proof lies.
    pub link: Option<String>,
    /// Why it differs from what is computed.
    pub explanation: Option<String>,
    /// Who said it.
    pub account_id: i64,
    /// In whose stead.
    pub on_behalf_of_id: Option<i64>,
    /// When.
    pub recorded_at: NaiveDateTime,
    /// When something else was said.
    pub superseded_at: Option<NaiveDateTime>,
}

/// What counts as said: while the unit works on its report, only what it has typed; the rest follows the platform.
#[must_use]
pub fn counts(state: SubmissionState, value: &SaidValue) -> bool {
    value.superseded_at.is_none() && (value.typed || state.is_handed_in())
}

/// What was done with a report.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = submission_act, treat_none_as_default_value = false)]
pub struct ActRow {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The report.
    pub submission_id: SubmissionId,
    /// What.
    pub act: SubmissionAct,
    /// Where the report stood.
    pub state_before: SubmissionState,
    /// Where it went.
    pub state_after: SubmissionState,
    /// On which day.
    pub on_date: NaiveDate,
    /// Who.
    pub account_id: i64,
    /// In whose stead.
    pub on_behalf_of_id: Option<i64>,
    /// Why.
    pub reason: Option<String>,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
}

/// A reason: there must be one, and not a long one.
///
/// # Errors
/// None is given, or it is too long.
pub fn reason(text: &str) -> Result<String, Refusal> {
    let reason = clean(text);
    match reason.chars().count() {
        0 => Err(Refusal::new("cycle.no_reason")),
        501.. => Err(Refusal::new("cycle.long_reason")),
        _ => Ok(reason),
    }
}

/// A report of a region.
///
/// # Errors
/// Those of the database.
pub fn one(conn: &mut AnyConn, region: UnitId, id: SubmissionId) -> Result<Option<Submission>, DbError> {
    Ok(submission::table
        .filter(submission::region_id.eq(region))
        .filter(submission::id.eq(id))
        .select(Submission::as_select())
        .first(conn)
        .optional()?)
}

/// Reports of a campaign.
///
/// # Errors
/// Those of the database.
pub fn of_campaign(conn: &mut AnyConn, region: UnitId, campaign: CampaignId) -> Result<Vec<Submission>, DbError> {
    Ok(submission::table
        .filter(submission::region_id.eq(region))
        .filter(submission::campaign_id.eq(campaign))
        .order(submission::id)
        .select(Submission::as_select())
        .load(conn)?)
}

/// Reports of units, those of the latest campaign first.
///
/// # Errors
/// Those of the database.
pub fn of_units(conn: &mut AnyConn, region: UnitId, units: &[UnitId]) -> Result<Vec<Submission>, DbError> {
    let mut found = Vec::new();
    for part in units.chunks(1000) {
        let rows: Vec<Submission> = submission::table
            .filter(submission::region_id.eq(region))
            .filter(submission::unit_id.eq_any(part))
            .order(submission::id.desc())
            .select(Submission::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// What stands in reports of a campaign, by report and field.
///
/// # Errors
/// Those of the database.
pub fn standing(
    conn: &mut AnyConn,
    region: UnitId,
    campaign: CampaignId,
) -> Result<HashMap<SubmissionId, HashMap<String, SaidValue>>, DbError> {
    let rows: Vec<SaidValue> = submission_value::table
        .inner_join(
            submission::table.on(submission::id
                .eq(submission_value::submission_id)
                .and(submission::region_id.eq(submission_value::region_id))),
        )
        .filter(submission_value::region_id.eq(region))
        .filter(submission::campaign_id.eq(campaign))
        .filter(submission_value::superseded_at.is_null())
        .select(SaidValue::as_select())
        .load(conn)?;
    let mut found: HashMap<SubmissionId, HashMap<String, SaidValue>> = HashMap::default();
    for row in rows {
        let of = found.entry(row.submission_id).or_default();
        of.insert(row.field.clone(), row);
    }
    Ok(found)
}

/// What stands in some reports, by report and field.
///
/// # Errors
/// Those of the database.
pub fn standing_in(
    conn: &mut AnyConn,
    region: UnitId,
    reports: &[SubmissionId],
) -> Result<HashMap<SubmissionId, HashMap<String, SaidValue>>, DbError> {
    let mut found: HashMap<SubmissionId, HashMap<String, SaidValue>> = HashMap::default();
    for part in reports.chunks(1000) {
        let rows: Vec<SaidValue> = submission_value::table
            .filter(submission_value::region_id.eq(region))
            .filter(submission_value::submission_id.eq_any(part))
            .filter(submission_value::superseded_at.is_null())
            .select(SaidValue::as_select())
            .load(conn)?;
        for row in rows {
            found
                .entry(row.submission_id)
                .or_default()
                .insert(row.field.clone(), row);
        }
    }
    Ok(found)
}

/// Everything that a report has ever said, the latest first.
///
/// # Errors
/// Those of the database.
pub fn said(conn: &mut AnyConn, region: UnitId, of: SubmissionId) -> Result<Vec<SaidValue>, DbError> {
    Ok(submission_value::table
        .filter(submission_value::region_id.eq(region))
        .filter(submission_value::submission_id.eq(of))
        .order(submission_value::id.desc())
        .select(SaidValue::as_select())
        .load(conn)?)
}

/// What was done with a report, the first act first.
///
/// # Errors
/// Those of the database.
pub fn acts(conn: &mut AnyConn, region: UnitId, of: SubmissionId) -> Result<Vec<ActRow>, DbError> {
    Ok(submission_act::table
        .filter(submission_act::region_id.eq(region))
        .filter(submission_act::submission_id.eq(of))
        .order(submission_act::id)
        .select(ActRow::as_select())
        .load(conn)?)
}

/// The last return of each report of a campaign: its reason.
///
/// # Errors
/// Those of the database.
pub fn returned(
    conn: &mut AnyConn,
    region: UnitId,
    campaign: CampaignId,
) -> Result<HashMap<SubmissionId, String>, DbError> {
    let rows: Vec<(SubmissionId, Option<String>)> = submission_act::table
        .inner_join(
            submission::table.on(submission::id
                .eq(submission_act::submission_id)
                .and(submission::region_id.eq(submission_act::region_id))),
        )
        .filter(submission_act::region_id.eq(region))
        .filter(submission::campaign_id.eq(campaign))
        .filter(submission_act::act.eq(SubmissionAct::Return))
        .order(submission_act::id)
        .select((submission_act::submission_id, submission_act::reason))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, why)| (id, why.unwrap_or_default()))
        .collect())
}

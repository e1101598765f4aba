//! What a campaign takes of people: minutes of what was typed, by report. What the platform put in takes none.

use std::collections::BTreeSet;

use diesel::prelude::*;
use foldhash::HashMap;

use super::campaign::{CampaignId, Field};
use super::report::SubmissionId;
use crate::db::schema::{submission, submission_value};
use crate::db::{AnyConn, DbError};
use crate::planted;
use crate::units::UnitId;

/// Minutes by report: each field that was ever typed in it once.
///
/// # Errors
/// Those of the database.
pub fn spent(
    c: &mut AnyConn,
    region: UnitId,
    campaign: CampaignId,
    fields: &[Field],
) -> Result<HashMap<SubmissionId, i64>, DbError> {
    let rows: Vec<(SubmissionId, String)> = submission_value::table
        .inner_join(
            submission::table.on(submission::id
                .eq(submission_value::submission_id)
                .and(submission::region_id.eq(submission_value::region_id))),
        )
        .filter(submission_value::region_id.eq(region))
        .filter(submission::campaign_id.eq(campaign))
        .filter(submission_value::typed.eq(true))
        .select((submission_value::submission_id, submission_value::field))
        .load(c)?;
    let typed: BTreeSet<(SubmissionId, String)> = rows.into_iter().collect();
    let minutes: HashMap<&str, i64> = fields.iter().map(|f| (f.code.as_str(), f.minutes)).collect();
    let mut found: HashMap<SubmissionId, i64> = HashMap::default();
    for (id, field) in &typed {
        let one = minutes.get(field.as_str()).copied().unwrap_or(0);
        *found.entry(*id).or_default() += if planted!("minutes_once") { 1 } else { one };
    }
    Ok(found)
}

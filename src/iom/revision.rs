//! Frozen versions of a plan: goals and items as canonical text with its digest. An approved plan changes only by the
//! next revision.

use serde::Serialize;

use super::model::{EducationForm, GoalBasis, ItemId, ItemLevel, ItemState, Revision, RevisionId};
use super::plan::{Doing, Plan, Stamp};
use crate::audit;
use crate::catalogue::ProgrammeId;

#[derive(Serialize)]
struct Body<'a> {
    goals: Vec<GoalBody<'a>>,
    items: Vec<ItemBody<'a>>,
}

#[derive(Serialize)]
struct GoalBody<'a> {
    basis: GoalBasis,
    competence: Option<&'a str>,
    title: &'a str,
}

/// What the teacher agreed to; marks of progress are no part of it.
#[derive(Serialize)]
struct ItemBody<'a> {
    number: i32,
    id: ItemId,
    title: &'a str,
    programme: Option<ProgrammeId>,
    education_form: EducationForm,
    level: Option<ItemLevel>,
    mandatory: bool,
    hours: i32,
    due_on: Option<chrono::NaiveDate>,
    topics: &'a str,
    rule: Option<&'a str>,
    competence: Option<&'a str>,
    cancelled: bool,
}

/// The canonical text: fields in one order, items by number.
#[must_use]
pub fn body(plan: &Plan) -> String {
    let competence = |deficit: Option<super::model::DeficitId>| {
        let place = plan.deficits.iter().position(|d| Some(d.id) == deficit)?;
        plan.codes.get(place).map(String::as_str)
    };
    let body = Body {
        goals: plan
            .goals
            .iter()
            .map(|g| GoalBody {
                basis: g.basis,
                competence: competence(g.deficit_id),
                title: &g.title,
            })
            .collect(),
        items: plan
            .items
            .iter()
            .map(|i| ItemBody {
                number: i.number,
                id: i.id,
                title: &i.title,
                programme: i.programme_id,
                education_form: i.education_form,
                level: i.level,
                mandatory: i.mandatory,
                hours: i.hours,
                due_on: i.due_on,
                topics: &i.topics,
                rule: i.rule.as_deref(),
                competence: competence(i.deficit_id),
                cancelled: i.state == ItemState::Cancelled,
            })
            .collect(),
    };
    // Structs of texts and numbers always write; an empty text would show in the digest.
    serde_json::to_string(&body).unwrap_or_default()
}

/// Freezes the plan as it stands into its next revision.
pub fn freeze(plan: &mut Plan, reason: &str, doing: &Doing<'_>, stamp: &Stamp<'_>) {
    let body = body(plan);
    let row = plan.row.edit();
    row.revision += 1;
    plan.revisions.push(Revision {
        id: RevisionId((stamp.id)()),
        region_id: plan.row.region_id,
        iom_id: plan.row.id,
        number: plan.row.revision,
        reason: reason.to_owned(),
        on_date: doing.on,
        account_id: Some(doing.account()),
        digest: audit::digest(body.as_bytes()),
        body,
        recorded_at: stamp.now,
    });
}

//! Frozen versions of a plan: period, request, goals and items as canonical text with its digest. An approved plan changes
//! only by the next revision.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::model::{
    DeficitId, EducationForm, GoalBasis, IomId, ItemId, ItemLevel, ItemState, Revision, RevisionBasis, RevisionId,
    StudyForm,
};
use super::plan::{Doing, Plan, Stamp};
use crate::audit;
use crate::catalogue::ProgrammeId;
use crate::db::schema::iom_revision;
use crate::db::{AnyConn, DbError};

/// Fields that came later stand at the end, and are left out where they are empty: bodies of before read the same.
#[derive(Serialize)]
struct Body<'a> {
    goals: Vec<GoalBody<'a>>,
    items: Vec<ItemBody<'a>>,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
    deficits: Vec<DeficitBody<'a>>,
}

#[derive(Serialize)]
struct DeficitBody<'a> {
    competence: &'a str,
    level: &'a str,
}

#[derive(Serialize)]
struct GoalBody<'a> {
    basis: GoalBasis,
    competence: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
    id: super::model::GoalId,
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
    due_on: Option<NaiveDate>,
    topics: &'a str,
    rule: Option<&'a str>,
    competence: Option<&'a str>,
    cancelled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    study_form: Option<StudyForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organiser: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accompaniment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// The canonical text: fields in one order, items by number.
#[must_use]
pub fn body(plan: &Plan) -> String {
    let competence = |deficit: Option<DeficitId>| {
        let place = plan.deficits.iter().position(|d| Some(d.id) == deficit)?;
        plan.codes.get(place).map(String::as_str)
    };
    let number = |item: Option<ItemId>| plan.items.iter().find(|i| Some(i.id) == item).map(|i| i.number);
    let body = Body {
        goals: plan
            .goals
            .iter()
            .filter(|g| g.stands())
            .map(|g| GoalBody {
                basis: g.basis,
                competence: competence(g.deficit_id),
                title: &g.title,
                task: g.task.as_deref(),
                expected: g.expected.as_deref(),
                id: g.id,
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
                category: i.category.as_deref(),
                study_form: i.study_form,
                organiser: i.organiser.as_deref(),
                accompaniment: i.accompaniment.as_deref(),
                expected: i.expected.as_deref(),
                after: number(i.after_item_id),
                reason: i.reason.as_deref(),
            })
            .collect(),
        starts_on: plan.row.starts_on,
        ends_on: plan.row.ends_on,
        request: plan.row.request.as_deref(),
        deficits: plan
            .deficits
            .iter()
            .zip(&plan.codes)
            .map(|(deficit, code)| DeficitBody {
                competence: code,
                level: &deficit.level,
            })
            .collect(),
    };
    // Structs of texts and numbers always write; an empty text would show in the digest.
    serde_json::to_string(&body).unwrap_or_default()
}

/// Freezes the plan as it stands into its next revision.
pub fn freeze(plan: &mut Plan, basis: RevisionBasis, reason: &str, doing: &Doing<'_>, stamp: &Stamp<'_>) {
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
        basis: Some(basis),
        on_behalf_of_id: doing.by.behalf(),
    });
}

/// Names revisions whose text is not what was frozen; with how many were looked at.
///
/// # Errors
/// Those of the database.
pub fn check(conn: &mut AnyConn) -> Result<(usize, Vec<String>), DbError> {
    let (mut seen, mut last, mut wrong) = (0, RevisionId(0), Vec::new());
    loop {
        let block: Vec<(RevisionId, IomId, i32, String, String)> = iom_revision::table
            .filter(iom_revision::id.gt(last))
            .order(iom_revision::id)
            .limit(1000)
            .select((
                iom_revision::id,
                iom_revision::iom_id,
                iom_revision::number,
                iom_revision::body,
                iom_revision::digest,
            ))
            .load(conn)?;
        let Some((end, ..)) = block.last() else {
            return Ok((seen, wrong));
        };
        last = *end;
        seen += block.len();
        let changed = block
            .iter()
            .filter(|(.., body, digest)| audit::digest(body.as_bytes()) != *digest);
        wrong.extend(
            changed.map(|(_, plan, number, ..)| format!("ИОМ {plan}, редакция {number}: текст изменён после записи.")),
        );
    }
}

//! Templates of plans: steps with codes of their own, kept version by version. A new version changes no plan.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::{EducationForm, ItemLevel, StudyForm, TemplateId};
use crate::access::AccountId;
use crate::access::by::{By, changed};
use crate::audit;
use crate::db::schema::iom_template;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::units::UnitId;

/// The area of its acts in the journal.
const AREA: &str = "iom";
/// Its kind in the journal.
const OBJECT: &str = "iom_template";
/// The most steps of a template.
pub const MOST_STEPS: usize = 30;
/// The most hours of a step.
const MOST_HOURS: i32 = 2_000;
/// The latest due of a step, in months from the start of the plan.
const MOST_MONTHS: i32 = 36;
/// The longest code, in characters.
const LONGEST_CODE: usize = 40;

/// A step of a template. The fields stand in the order of the kept text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its code: the same in every version, never given to another step. Empty for one that is new.
    pub code: String,
    /// What is to be done.
    pub title: String,
    /// Code of the programme, for a course.
    pub programme: Option<String>,
    /// Kind of learning.
    pub education_form: EducationForm,
    /// At which level it is held.
    pub level: Option<ItemLevel>,
    /// Whether a plan cannot be completed without it.
    pub mandatory: bool,
    /// Volume in academic hours.
    pub hours: i32,
    /// Due in so many months from the start of the plan.
    pub months: i32,
    /// Category.
    pub category: Option<String>,
    /// In which form it is learnt.
    pub study_form: Option<StudyForm>,
    /// Who holds it.
    pub organiser: Option<String>,
    /// Who helps with it.
    pub accompaniment: Option<String>,
    /// The result that is expected.
    pub expected: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Body {
    steps: Vec<Step>,
}

/// A template in one version.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = iom_template, treat_none_as_default_value = false)]
pub struct Template {
    /// Id of the version.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The template: the same for all versions.
    pub record_id: TemplateId,
    /// Code, unique in the region.
    pub code: String,
    /// Title.
    pub title: String,
    /// Steps as canonical JSON.
    pub body: String,
    /// SHA-256 of the body.
    pub digest: String,
    /// From 1; each change makes the next.
    pub version: i32,
    /// Who made the version.
    pub account_id: Option<AccountId>,
    /// When.
    pub recorded_at: NaiveDateTime,
    /// When the next version took its place.
    pub superseded_at: Option<NaiveDateTime>,
}

impl Template {
    /// Its steps in their order.
    ///
    /// # Errors
    /// The kept text is none of ours.
    pub fn steps(&self) -> Result<Vec<Step>, Error> {
        let body: Body = serde_json::from_str(&self.body)
            .map_err(|e| Error::Internal(format!("шаблон {} версии {}: {e}", self.code, self.version)))?;
        Ok(body.steps)
    }
}

/// A template as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Code; it never changes.
    pub code: String,
    /// Title.
    pub title: String,
    /// Steps in their order.
    pub steps: Vec<Step>,
}

impl Said {
    /// The first thing that cannot be, with the place of its step.
    #[must_use]
    pub fn refused(&self) -> Option<(Option<usize>, Refusal)> {
        let of_code = |c: char| c.is_alphanumeric() || c == '-';
        if self.code.is_empty() || self.code.chars().count() > LONGEST_CODE || !self.code.chars().all(of_code) {
            return Some((None, Refusal::new("template.code").with("most", LONGEST_CODE)));
        }
        if self.title.is_empty() {
            return Some((None, Refusal::new("template.title")));
        }
        if self.steps.is_empty() || self.steps.len() > MOST_STEPS {
            return Some((None, Refusal::new("template.steps").with("most", MOST_STEPS)));
        }
        let mut codes = HashSet::new();
        for (place, step) in self.steps.iter().enumerate() {
            let number = place + 1;
            let why = if step.title.is_empty() {
                Refusal::new("template.step_title").with("item", number)
            } else if !(0..=MOST_HOURS).contains(&step.hours) {
                Refusal::new("template.step_hours")
                    .with("item", number)
                    .with("most", MOST_HOURS)
            } else if !(1..=MOST_MONTHS).contains(&step.months) {
                Refusal::new("template.step_months")
                    .with("item", number)
                    .with("most", MOST_MONTHS)
            } else if !step.code.is_empty() && !codes.insert(step.code.as_str()) {
                Refusal::new("iom.changed")
            } else {
                continue;
            };
            return Some((Some(place), why));
        }
        None
    }

    /// What a form has said, as it was shown before saving.
    #[must_use]
    pub fn digest(&self) -> String {
        let said = serde_json::json!([self.code, self.title, self.steps]);
        audit::digest(said.to_string().as_bytes())
    }
}

/// Writes the first version of a template, or the next one of `record` that stood at the version given.
///
/// # Errors
/// What is said cannot be, or says nothing new; the code is taken; somebody has written a version meanwhile; those of the
/// database.
pub fn save(tx: &mut Tx<'_>, by: &By, record: Option<(TemplateId, i32)>, said: &Said) -> Result<Template, Error> {
    if let Some((_, why)) = said.refused() {
        return Err(why.into());
    }
    let before = match record {
        None => Vec::new(),
        Some((id, _)) => versions(tx.conn(), by.region, id)?,
    };
    let last = before.first();
    if record.is_some() && last.is_none() {
        return Err(missing());
    }
    if let (Some((id, seen)), Some(last)) = (record, last)
        && last.version != seen
    {
        return Err(changed(tx, by, AREA, OBJECT, id.0)?);
    }
    let code = last.map_or_else(|| said.code.clone(), |last| last.code.clone());
    if last.is_none() && by_code(tx.conn(), by.region, &code)?.is_some() {
        return Err(Refusal::new("template.code_taken").with("code", &code).into());
    }
    let steps = with_codes(&before, &said.steps)?;
    let body = serde_json::to_string(&Body { steps }).map_err(|e| Error::Internal(e.to_string()))?;
    if last.is_some_and(|last| last.title == said.title && last.body == body) {
        return Err(Refusal::new("template.nothing_changed").into());
    }
    let (id, now) = (tx.id(), tx.now());
    let row = Template {
        id,
        region_id: by.region,
        record_id: last.map_or(TemplateId(id), |last| last.record_id),
        code,
        title: said.title.clone(),
        digest: audit::digest(body.as_bytes()),
        body,
        version: last.map_or(1, |last| last.version + 1),
        account_id: Some(AccountId(by.account)),
        recorded_at: now,
        superseded_at: None,
    };
    if let Some(last) = last {
        diesel::update(
            iom_template::table
                .filter(iom_template::region_id.eq(by.region))
                .filter(iom_template::id.eq(last.id)),
        )
        .set(iom_template::superseded_at.eq(now))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    }
    insert_many!(tx.conn(), iom_template::table, [row.clone()]).map_err(DbError::from)?;
    let detail = format!("version={}", row.version);
    by.note(tx, "iom.template", (OBJECT, row.record_id.0), &[], &detail)?;
    Ok(row)
}

/// Gives new steps codes that no version of the template has had; a known code stays with its step.
fn with_codes(before: &[Template], said: &[Step]) -> Result<Vec<Step>, Error> {
    let mut had: BTreeSet<String> = BTreeSet::new();
    for version in before {
        had.extend(version.steps()?.into_iter().map(|step| step.code));
    }
    let now: HashSet<String> = match before.first() {
        None => HashSet::new(),
        Some(last) => last.steps()?.into_iter().map(|step| step.code).collect(),
    };
    let number = |code: &String| code.strip_prefix('s').and_then(|n| n.parse::<u32>().ok());
    let mut last = had.iter().filter_map(number).max().unwrap_or(0);
    let mut steps = said.to_vec();
    for step in &mut steps {
        if step.code.is_empty() {
            last += 1;
            step.code = format!("s{last}");
        } else if !now.contains(&step.code) {
            return Err(Refusal::new("iom.changed").into());
        }
    }
    Ok(steps)
}

/// A template that is not there, or that of another region.
#[must_use]
pub fn missing() -> Error {
    Error::NotFound("шаблон".into())
}

/// Templates of a region in their newest version, by title.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, region: UnitId) -> Result<Vec<Template>, DbError> {
    Ok(iom_template::table
        .filter(iom_template::region_id.eq(region))
        .filter(iom_template::superseded_at.is_null())
        .order((iom_template::title, iom_template::id))
        .select(Template::as_select())
        .load(conn)?)
}

/// The newest version of a template by its code.
///
/// # Errors
/// Those of the database.
pub fn by_code(conn: &mut AnyConn, region: UnitId, code: &str) -> Result<Option<Template>, DbError> {
    Ok(iom_template::table
        .filter(iom_template::region_id.eq(region))
        .filter(iom_template::code.eq(code))
        .filter(iom_template::superseded_at.is_null())
        .select(Template::as_select())
        .first(conn)
        .optional()?)
}

/// The newest version of a template.
///
/// # Errors
/// Those of the database.
pub fn newest(conn: &mut AnyConn, region: UnitId, of: TemplateId) -> Result<Option<Template>, DbError> {
    Ok(iom_template::table
        .filter(iom_template::region_id.eq(region))
        .filter(iom_template::record_id.eq(of))
        .filter(iom_template::superseded_at.is_null())
        .select(Template::as_select())
        .first(conn)
        .optional()?)
}

/// All versions of a template, newest first.
///
/// # Errors
/// Those of the database.
pub fn versions(conn: &mut AnyConn, region: UnitId, of: TemplateId) -> Result<Vec<Template>, DbError> {
    of_all(conn, region, &[of])
}

/// All versions of several templates, newest first.
///
/// # Errors
/// Those of the database.
pub fn of_all(conn: &mut AnyConn, region: UnitId, of: &[TemplateId]) -> Result<Vec<Template>, DbError> {
    Ok(iom_template::table
        .filter(iom_template::region_id.eq(region))
        .filter(iom_template::record_id.eq_any(of))
        .order((iom_template::record_id, iom_template::version.desc()))
        .select(Template::as_select())
        .load(conn)?)
}

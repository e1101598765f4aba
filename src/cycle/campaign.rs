//! A campaign: which units answer by which days, and what they are asked; and opening one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::regulation::{self, RegulationId};
use super::report::{self, Submission, SubmissionId};
use super::report_telling;
use super::submission_status::SubmissionState;
use crate::access::by::By;
use crate::db::schema::{campaign as table, submission};
use crate::db::text_keys::clean;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::indicators::pack_campaigns::{FieldKind, PackCampaign, PackField, next_day};
use crate::indicators::{Pack, load};
use crate::units::{self, Period, Tree, Unit, UnitId, UnitKind};
use crate::{id_newtype, insert_many, planted};

id_newtype! {
    /// A campaign.
    CampaignId;
}

/// A campaign as it is stored.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
pub struct Campaign {
    /// Id.
    pub id: CampaignId,
    /// The region.
    pub region_id: UnitId,
    /// Code: of the description in the pack, and the period.
    pub code: String,
    /// Code of the pack.
    pub pack: String,
    /// Code of the description in it.
    pub template: String,
    /// Title.
    pub title: String,
    /// The period that is reported.
    pub period: String,
    /// Units of which kind answer.
    pub level: UnitKind,
    /// First day.
    pub opens_on: NaiveDate,
    /// Last day to answer in time.
    pub due_on: NaiveDate,
    /// Last day to answer at all.
    pub locks_on: NaiveDate,
    /// How far what is reported may lie from what is computed, thousandths.
    pub tolerance_milli: i64,
    /// How the form is filled in.
    pub guide: String,
    /// What is asked, as JSON.
    pub fields: String,
    /// Who opened it.
    pub account_id: Option<i64>,
    /// In whose stead.
    pub on_behalf_of_id: Option<i64>,
    /// When.
    pub recorded_at: NaiveDateTime,
    /// The act that approves its form and how it is processed.
    pub regulation_id: Option<RegulationId>,
}

/// A field of the form of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What it asks for.
    pub kind: FieldKind,
    /// The indicator of the pack or the measure.
    pub code: String,
    /// How it is filled in.
    pub guide: String,
    /// How many minutes it takes where it has to be found out.
    pub minutes: i64,
    /// Whether a proof must be linked.
    pub link: bool,
    /// Why it is asked for though the platform knows it; `None` for a field that shows what is known.
    pub anew: Option<String>,
}

impl From<&PackField> for Field {
    fn from(of: &PackField) -> Self {
        Self {
            kind: of.kind,
            code: of.code.clone(),
            guide: of.guide.clone(),
            minutes: of.minutes,
            link: of.link,
            anew: None,
        }
    }
}

impl Campaign {
    /// What is asked, in order.
    ///
    /// # Errors
    /// What is stored does not read.
    pub fn fields(&self) -> Result<Vec<Field>, Error> {
        serde_json::from_str(&self.fields).map_err(|e| Error::Internal(format!("campaign {}: {e}", self.id)))
    }
}

/// The days of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// First day.
    pub opens: NaiveDate,
    /// Last day to answer in time.
    pub due: NaiveDate,
    /// Last day to answer at all.
    pub locks: NaiveDate,
}

/// The usual days of a campaign for a period: the first that come within it, each no earlier than the one before.
#[must_use]
pub fn usual(of: &PackCampaign, period: &Period) -> Option<Days> {
    let opens = next_day(period.starts_on, of.opens)?;
    let due = next_day(opens, of.due)?;
    Some(Days {
        opens,
        due,
        locks: next_day(due, of.locks)?,
    })
}

/// Units that a campaign asks: of its kind, standing, of a municipality of the region, by name.
#[must_use]
pub fn asked<'a>(of: &PackCampaign, tree: &'a Tree, region: UnitId) -> Vec<&'a Unit> {
    let mut found = tree.of_kind(of.level);
    found.retain(|unit| {
        unit.region_id == region
            && tree.stands(unit.id)
            && tree.ancestor(unit.id, UnitKind::Municipality).is_some()
            && (of.kinds.is_empty() || unit.org_kind.is_some_and(|kind| of.kinds.contains(&kind)))
    });
    found
}

/// What opens a campaign.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Code of the pack.
    pub pack: String,
    /// Code of the description in it.
    pub template: String,
    /// The period that is reported.
    pub period: String,
    /// Its days.
    pub days: Days,
    /// Fields that are asked for though the platform knows them.
    pub anew: BTreeSet<String>,
    /// Why.
    pub reason: String,
    /// The act that approves the form.
    pub regulation: Option<RegulationId>,
}

impl Opening {
    /// Refuses days out of order and a question without its reason: the field of the form, and the refusal.
    #[must_use]
    pub fn refused(&self, today: NaiveDate) -> Option<(&'static str, Refusal)> {
        if self.days.due < self.days.opens {
            return Some(("due", Refusal::new("cycle.due_before_opens")));
        }
        if self.days.locks < self.days.due {
            return Some(("locks", Refusal::new("cycle.locks_before_due")));
        }
        if self.days.locks < today {
            return Some(("locks", Refusal::new("cycle.window_over")));
        }
        if !self.anew.is_empty() {
            return report::reason(&self.reason)
                .err()
                .map(|_| ("reason", Refusal::new("cycle.anew_reason")));
        }
        None
    }

    /// The fields of the form: those of the pack, with the reason where something known is asked for.
    #[must_use]
    pub fn fields(&self, of: &PackCampaign) -> Vec<Field> {
        let field = |field: &PackField| Field {
            anew: self.anew.contains(&field.code).then(|| clean(&self.reason)),
            ..Field::from(field)
        };
        of.fields.iter().map(field).collect()
    }
}

/// Opens a campaign: every unit that is asked has its report from now on.
///
/// # Errors
/// No such description in the pack in force; a period of another kind; days out of order; it is open already; nobody is asked.
pub fn open(tx: &mut Tx<'_>, by: &By, said: &Opening) -> Result<CampaignId, Error> {
    let today = tx.today();
    if let Some((_, refusal)) = said.refused(today) {
        return Err(refusal.into());
    }
    let (pack, period) = load::ready(tx, &by.key, &said.pack, &said.period)?;
    let described = pack
        .campaign(&said.template)
        .ok_or_else(|| Refusal::new("cycle.no_campaign"))?;
    if let Some(act) = said.regulation {
        let found = regulation::find(tx.conn(), by.region, act)?;
        found.ok_or_else(|| Error::NotFound("документ".into()))?;
    }
    let tree = units::store::tree(tx.conn(), today, None)?;
    let units: Vec<UnitId> = asked(described, &tree, by.region).iter().map(|u| u.id).collect();
    if units.is_empty() {
        return Err(Refusal::new("cycle.nobody_asked").into());
    }
    let code = code_of(&pack, described, &period.code);
    let open: Option<CampaignId> = table::table
        .filter(table::region_id.eq(by.region))
        .filter(table::code.eq(&code))
        .select(table::id)
        .first(tx.conn())
        .optional()?;
    if open.is_some() {
        return Err(Refusal::new("cycle.open_already").with("period", &period.code).into());
    }
    let fields = said.fields(described);
    let row = Campaign {
        id: CampaignId(tx.id()),
        region_id: by.region,
        code,
        pack: pack.code.clone(),
        template: described.code.clone(),
        title: described.title.clone(),
        period: period.code,
        level: described.level,
        opens_on: said.days.opens,
        due_on: said.days.due,
        locks_on: said.days.locks,
        tolerance_milli: described.tolerance_milli,
        guide: described.guide.clone(),
        fields: serde_json::to_string(&fields).map_err(|e| Error::Internal(e.to_string()))?,
        account_id: Some(by.account),
        on_behalf_of_id: by.on_behalf_of,
        recorded_at: tx.now(),
        regulation_id: said.regulation.filter(|_| !planted!("campaign_act_lost")),
    };
    let id = row.id;
    let reports: Vec<Submission> = units
        .iter()
        .map(|unit| Submission {
            id: SubmissionId(tx.id()),
            region_id: by.region,
            campaign_id: id,
            unit_id: *unit,
            state: SubmissionState::NotStarted,
            extended_to: None,
            sent_on: None,
            version: 1,
            recorded_at: tx.now(),
        })
        .collect();
    let detail = format!("pack={} code={} units={}", row.pack, row.code, units.len());
    insert_many!(tx.conn(), table::table, [row.clone()]).map_err(DbError::from)?;
    insert_many!(tx.conn(), submission::table, reports.clone()).map_err(DbError::from)?;
    report_telling::asked(tx, &row, &reports)?;
    by.note(tx, "cycle.campaign_open", ("campaign", id.0), &[], &detail)?;
    if !said.anew.is_empty() {
        let codes: Vec<&str> = said.anew.iter().map(String::as_str).collect();
        let detail = format!("entered={}", codes.join(","));
        by.note(tx, "cycle.campaign_override", ("campaign", id.0), &[], &detail)?;
    }
    Ok(id)
}

/// The code of a campaign: of its pack, its description and its period.
#[must_use]
pub fn code_of(pack: &Pack, of: &PackCampaign, period: &str) -> String {
    format!("{}-{}-{period}", pack.code, of.code)
}

/// Campaigns of a region, the latest to open first.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, region: UnitId) -> Result<Vec<Campaign>, DbError> {
    Ok(table::table
        .filter(table::region_id.eq(region))
        .order((table::opens_on.desc(), table::id.desc()))
        .select(Campaign::as_select())
        .load(conn)?)
}

/// A campaign of a region.
///
/// # Errors
/// Those of the database.
pub fn one(conn: &mut AnyConn, region: UnitId, id: CampaignId) -> Result<Option<Campaign>, DbError> {
    Ok(table::table
        .filter(table::region_id.eq(region))
        .filter(table::id.eq(id))
        .select(Campaign::as_select())
        .first(conn)
        .optional()?)
}

/// Campaigns of a region by their ids.
///
/// # Errors
/// Those of the database.
pub fn by_id(conn: &mut AnyConn, region: UnitId) -> Result<BTreeMap<i64, Campaign>, DbError> {
    Ok(all(conn, region)?.into_iter().map(|c| (c.id.0, c)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::pack::EMBEDDED;

    /// Pack, campaign, period, first day, last day in time.
    const WINDOWS: &[(&str, &str, &str, &str, &str)] = &[
        ("krasnoyarsk", "june", "2020/21", "2021-06-01", "2021-06-25"),
        ("tyumen", "june", "2022/23", "2023-06-19", "2023-06-26"),
        ("leningrad", "june", "2021", "2021-06-01", "2021-06-30"),
        ("chelyabinsk", "monitoring", "2023", "2023-09-01", "2024-01-31"),
        ("leninsky", "survey", "2023", "2023-12-01", "2023-12-20"),
    ];

    #[test]
    fn the_campaigns_that_come_along_have_the_windows_of_their_systems() {
        for (code, name, period, opens, due) in WINDOWS {
            let text = EMBEDDED.iter().find(|(known, _)| known == code).unwrap().1;
            let pack = Pack::parse(text).unwrap();
            let days = usual(pack.campaign(name).unwrap(), &Period::parse(period).unwrap()).unwrap();
            assert_eq!(
                (days.opens.to_string(), days.due.to_string()),
                ((*opens).into(), (*due).into()),
                "{code}"
            );
            assert!(days.locks >= days.due);
        }
    }
}

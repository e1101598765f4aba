//! What the pages of reports read: whose reports the visitor sees, what the platform computes beside them, and what stands in
//! the way of each.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use foldhash::HashMap;

use crate::access::Role;
use crate::cycle::campaign::{self, Campaign, CampaignId, Field};
use crate::cycle::report::{self, SaidValue, Submission, SubmissionId};
use crate::cycle::report_form::{self, Finding, Ground, Line, Sources};
use crate::cycle::submission_status::Side;
use crate::db::{AnyConn, DbError};
use crate::desk::indicators::told::{Beside, Board};
use crate::desk::registers::reach::{Held, missing};
use crate::error::Error;
use crate::indicators::values::{self, Query};
use crate::units::{Unit, UnitId, UnitKind};
use crate::web::registry::Capability;
use crate::web::{Scope, Visitor};

/// The role in use.
fn role(visitor: &Visitor) -> Option<Role> {
    visitor.role().and_then(|role| Role::from_code(role.code))
}

/// Units of which kind the visitor reports for.
pub(crate) fn reports_for(visitor: &Visitor) -> Option<UnitKind> {
    match role(visitor)? {
        Role::SchoolHead | Role::SchoolAdmin => Some(UnitKind::Organisation),
        Role::MunicipalMethodist => Some(UnitKind::Municipality),
        _ => None,
    }
}

/// As whom the visitor acts on reports of units of a kind that others send; `None` for whoever only looks.
pub(crate) fn side(visitor: &Visitor, level: UnitKind) -> Option<Side> {
    match role(visitor)? {
        Role::Operator if visitor.may(Capability::Campaigns) => Some(Side::Operator),
        Role::MunicipalMethodist if level == UnitKind::Organisation => Some(Side::Checker),
        // Signs for the whole municipality.
        Role::MunicipalAuthority => Some(Side::Checker),
        _ => None,
    }
}

/// Reports of a campaign that the visitor checks, with all that is shown of them.
pub(crate) struct Checked {
    pub held: Held,
    pub campaigns: Vec<Campaign>,
    pub campaign: Option<Campaign>,
    pub reports: Vec<Seen>,
}

/// A report with its unit and what stands in its way.
pub(crate) struct Seen {
    pub report: Submission,
    pub unit: Unit,
    /// The municipality it stands in.
    pub town: String,
    pub findings: Vec<Finding>,
    /// How many fields have to be typed.
    pub to_type: usize,
    /// The last reason of a return.
    pub returned: Option<String>,
}

/// The campaign that is meant: the one that is named, else the open one that is due first, else the latest.
pub(crate) fn meant(campaigns: &[Campaign], id: Option<i64>, today: NaiveDate) -> Result<Option<&Campaign>, Error> {
    if let Some(id) = id {
        return campaigns.iter().find(|c| c.id.0 == id).map(Some).ok_or_else(missing);
    }
    let open = campaigns.iter().filter(|c| c.opens_on <= today && today <= c.locks_on);
    Ok(open.min_by_key(|c| (c.due_on, c.id)).or_else(|| campaigns.first()))
}

/// What is computed and known of the units of a campaign, as far as its pack is in force.
pub(crate) fn gathered(
    c: &mut AnyConn,
    of: &Campaign,
    fields: &[Field],
    root: UnitId,
    units: &[UnitId],
) -> Result<Option<(Ground, Sources)>, Error> {
    let Some(ground) = report_form::ground(c, of)? else {
        return Ok(None);
    };
    let sources = report_form::sources(c, (&ground, &of.period), fields, (of.level, root), units)?;
    Ok(Some((ground, sources)))
}

/// The values of a report that count today.
pub(crate) fn counted(report: &Submission, said: Option<&HashMap<String, SaidValue>>) -> HashMap<String, SaidValue> {
    let all = said.into_iter().flatten();
    all.filter(|(_, v)| report::counts(report.state, v))
        .map(|(code, v)| (code.clone(), v.clone()))
        .collect()
}

/// Reads the reports of a campaign in the visitor's units.
pub(crate) fn checked(c: &mut AnyConn, visitor: &Visitor, id: Option<i64>, today: NaiveDate) -> Result<Checked, Error> {
    let held = Held::of(c, visitor, today)?;
    let own: BTreeMap<UnitId, Unit> = held.own().into_iter().map(|u| (u.id, u.clone())).collect();
    let mut campaigns = campaign::all(c, held.region)?;
    // Whoever reports for a kind of units does not check it.
    campaigns.retain(|of| side(visitor, of.level).is_some());
    let campaign = meant(&campaigns, id, today)?.cloned();
    let mut found = Checked {
        held,
        campaigns,
        campaign: campaign.clone(),
        reports: Vec::new(),
    };
    let Some(of) = campaign else { return Ok(found) };
    let mut reports = report::of_campaign(c, found.held.region, of.id)?;
    reports.retain(|r| own.contains_key(&r.unit_id));
    let fields = of.fields()?;
    let units: Vec<UnitId> = reports.iter().map(|r| r.unit_id).collect();
    let root = if found.held.is_whole() {
        found.held.region
    } else {
        root_of(&found.held, &own)
    };
    let gathered = gathered(c, &of, &fields, root, &units)?;
    let said = report::standing(c, found.held.region, of.id)?;
    let returned = report::returned(c, found.held.region, of.id)?;
    for report in reports {
        let Some(unit) = own.get(&report.unit_id).cloned() else {
            continue;
        };
        let values = counted(&report, said.get(&report.id));
        let lines = gathered
            .as_ref()
            .map(|(ground, sources)| sources.lines(&ground.pack, &fields, unit.id, &values))
            .unwrap_or_default();
        let town = found.held.tree.ancestor(unit.id, UnitKind::Municipality);
        found.reports.push(Seen {
            town: found.held.name(town),
            findings: report_form::findings(&lines, of.tolerance_milli),
            to_type: lines.iter().filter(|l| l.said.is_none()).map(Line::to_type).sum(),
            returned: returned.get(&report.id).cloned(),
            report,
            unit,
        });
    }
    let place = |seen: &Seen| (seen.town.clone(), seen.unit.sort_key.clone(), seen.unit.code.clone());
    found.reports.sort_by_key(place);
    Ok(found)
}

/// The unit above all that the visitor sees: the region, where that is more than one.
fn root_of(held: &Held, own: &BTreeMap<UnitId, Unit>) -> UnitId {
    let tops: BTreeSet<UnitId> = own
        .keys()
        .copied()
        .filter(|unit| {
            held.tree
                .path(*unit)
                .iter()
                .skip(1)
                .all(|above| !own.contains_key(above))
        })
        .collect();
    let mut tops = tops.into_iter();
    match (tops.next(), tops.next()) {
        (Some(only), None) => only,
        _ => held.region,
    }
}

/// One report that the visitor checks.
pub(crate) struct One {
    pub campaign: Campaign,
    pub report: Submission,
    pub unit: Unit,
    pub side: Side,
}

/// Reads a report of one of the visitor's units, where it is the visitor's to check.
pub(crate) fn one(c: &mut AnyConn, visitor: &Visitor, id: i64, today: NaiveDate) -> Result<(Held, One), Error> {
    let held = Held::of(c, visitor, today)?;
    let report = report::one(c, held.region, SubmissionId(id))?.ok_or_else(missing)?;
    let campaign = campaign::one(c, held.region, report.campaign_id)?.ok_or_else(missing)?;
    let unit = held.own().into_iter().find(|u| u.id == report.unit_id).cloned();
    let (Some(unit), Some(side)) = (unit, side(visitor, campaign.level)) else {
        return Err(missing());
    };
    let one = One {
        campaign,
        report,
        unit,
        side,
    };
    Ok((held, one))
}

/// A campaign of the operator's own region.
pub(crate) fn campaign_of(
    c: &mut AnyConn,
    visitor: &Visitor,
    id: i64,
    today: NaiveDate,
) -> Result<(Held, Campaign), Error> {
    let held = Held::of(c, visitor, today)?;
    let found = campaign::one(c, held.region, CampaignId(id))?.ok_or_else(missing)?;
    Ok((held, found))
}

/// Indicators of a unit that may not be told to whoever may not open the lists behind them: few people, or a number that
/// gives a few away.
pub(crate) fn hidden(c: &mut AnyConn, held: &Held, ground: &Ground, unit: UnitId) -> Result<BTreeSet<String>, DbError> {
    let root = held.tree.ancestor(unit, UnitKind::Municipality).unwrap_or(unit);
    let Some(period) = &ground.period else {
        return Ok(BTreeSet::new());
    };
    let scope = Scope::of_server("отчёт единицы: чего не говорят о немногих");
    let mut all = Vec::new();
    for level in [UnitKind::Municipality, UnitKind::Organisation] {
        let query = Query {
            level,
            unit: Some(root),
            indicator: None,
            as_of: None,
            known_at: None,
            breakdowns: false,
        };
        all.extend(values::values(c, &scope, &ground.pack, period, &query)?);
    }
    let board = Board::told(all, &ground.pack, &held.tree, &[root], &Beside::default());
    let is_hidden = |code: &&String| board.get(code, unit).is_some_and(|seen| seen.hidden);
    let codes: Vec<String> = ground.pack.indicators.iter().map(|i| i.code.clone()).collect();
    Ok(codes.iter().filter(is_hidden).cloned().collect())
}

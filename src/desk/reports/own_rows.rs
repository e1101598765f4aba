//! What the page of a unit's own report reads: its campaigns, the report that is meant, and who may stand behind a difference.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use crate::access;
use crate::cycle::campaign::{self, Campaign, Field};
use crate::cycle::report::{self, ActRow, SaidValue, Submission};
use crate::cycle::report_form::{self, Ground, Line, Of, Sources};
use crate::db::{AnyConn, DbError};
use crate::desk::cycle::named::called;
use crate::desk::registers::reach::{Held, missing};
use crate::desk::reports::rows::{counted, gathered, reports_for};
use crate::error::Error;
use crate::indicators::candidates;
use crate::indicators::people::{self, Listed, Part};
use crate::indicators::{Indicator, Pack};
use crate::pages::text::{date, until};
use crate::people::PersonId;
use crate::units::{Unit, UnitId};
use crate::web::{Scope, Visitor};

/// People named behind a difference, at most.
const NAMED: usize = 10;

/// A unit's own report.
pub(crate) struct Own {
    pub campaign: Campaign,
    /// How the act that approves its form is called; empty for none.
    pub act: String,
    pub report: Submission,
    pub unit: Unit,
    pub fields: Vec<Field>,
    /// `None` where the pack is in force no more.
    pub gathered: Option<(Ground, Sources)>,
    /// What counts, by field.
    pub said: foldhash::HashMap<String, SaidValue>,
    /// All that was ever said.
    pub all: Vec<SaidValue>,
    pub acts: Vec<ActRow>,
    pub names: HashMap<i64, String>,
    /// Other reports of the visitor's units to choose from: id and words.
    pub choices: Vec<(String, String)>,
}

impl Own {
    /// The form.
    pub fn lines(&self) -> Vec<Line<'_>> {
        let Some((ground, sources)) = &self.gathered else {
            return Vec::new();
        };
        sources.lines(&ground.pack, &self.fields, self.unit.id, &self.said)
    }
}

/// Reads the report that is named, else the one that is due first; `None` where nobody asks anything of the visitor's units.
///
/// # Errors
/// A report of another unit; those of the database.
pub(crate) fn find(
    c: &mut AnyConn,
    visitor: &Visitor,
    id: Option<i64>,
    today: NaiveDate,
) -> Result<Option<Own>, Error> {
    let held = Held::of(c, visitor, today)?;
    let Some(kind) = reports_for(visitor) else {
        return Err(missing());
    };
    let units: HashMap<UnitId, &Unit> = held
        .own()
        .into_iter()
        .filter(|u| u.kind == kind)
        .map(|u| (u.id, u))
        .collect();
    let ids: Vec<UnitId> = units.keys().copied().collect();
    let reports = report::of_units(c, held.region, &ids)?;
    let campaigns = campaign::by_id(c, held.region)?;
    let mut own: Vec<(Submission, &Campaign)> = reports
        .into_iter()
        .filter_map(|r| Some((r.clone(), campaigns.get(&r.campaign_id.0)?)))
        .collect();
    own.sort_by_key(|(r, of)| (std::cmp::Reverse(of.opens_on), r.id));
    let open = |(r, of): &&(Submission, &Campaign)| r.shut(of, today).is_none() && r.state.is_with_unit();
    let chosen = match id {
        Some(id) => Some(own.iter().find(|(r, _)| r.id.0 == id).ok_or_else(missing)?),
        None => own
            .iter()
            .filter(open)
            .min_by_key(|(r, of)| r.due_on(of))
            .or_else(|| own.first()),
    };
    let Some((report, campaign)) = chosen.map(|(r, of)| (r.clone(), (*of).clone())) else {
        return Ok(None);
    };
    let choices = own.iter().map(|(r, of)| {
        let unit = units.get(&r.unit_id).map_or("", |u| u.name.as_str());
        let many = units.len() > 1;
        let words = if many {
            format!("{unit}: {}, {}", of.title, of.period)
        } else {
            format!("{}, {}", of.title, of.period)
        };
        (r.id.to_string(), words)
    });
    let choices = choices.collect();
    let unit = units.get(&report.unit_id).map(|u| (*u).clone()).ok_or_else(missing)?;
    let fields = campaign.fields()?;
    let gathered = gathered(c, &campaign, &fields, unit.id, &[unit.id])?;
    let all = report::said(c, held.region, report.id)?;
    let standing: foldhash::HashMap<String, SaidValue> = all
        .iter()
        .filter(|v| v.superseded_at.is_none())
        .map(|v| (v.field.clone(), v.clone()))
        .collect();
    let acts = report::acts(c, held.region, report.id)?;
    let names = names(c, &acts, &all)?;
    Ok(Some(Own {
        said: counted(&report, Some(&standing)),
        act: called(c, held.region, campaign.regulation_id)?,
        campaign,
        report,
        unit,
        fields,
        gathered,
        all,
        acts,
        names,
        choices,
    }))
}

/// Names of whoever has acted or said something.
pub(crate) fn names(c: &mut AnyConn, acts: &[ActRow], said: &[SaidValue]) -> Result<HashMap<i64, String>, DbError> {
    let by = acts.iter().flat_map(|a| [Some(a.account_id), a.on_behalf_of_id]);
    let said = said.iter().flat_map(|v| [Some(v.account_id), v.on_behalf_of_id]);
    let ids: HashSet<i64> = by.chain(said).flatten().collect();
    access::store::names(c, &ids.into_iter().collect::<Vec<_>>())
}

/// Who may stand behind a difference.
pub(crate) struct Behind {
    /// Code of the indicator.
    pub code: String,
    /// More is reported than is computed; else fewer.
    pub more: bool,
    /// Those who are named, with what is said of each.
    pub named: Vec<(PersonId, String, String)>,
    /// How many there are beside them.
    pub others: usize,
    /// Whether nobody may be named here: the list would tell results.
    pub unnamed: bool,
}

/// Whether who stands in the lists of an indicator tells of results that their school does not see.
fn tells_results(of: &Indicator) -> bool {
    let text = of.formula.as_ref().map(ToString::to_string).unwrap_or_default();
    ["deficit(", "deficits", "deficit_found(", "success"]
        .iter()
        .any(|word| text.contains(word))
}

/// Reads who may stand behind the differences of a form: of a number that is too large those who did what is asked and are
/// not counted, then those who are counted and lack something; of one that is too small those who are counted.
///
/// # Errors
/// Those of the database.
pub(crate) fn behind(
    c: &mut AnyConn,
    scope: &Scope,
    ground: &Ground,
    lines: &[Line<'_>],
    (unit, tolerance): (UnitId, i64),
) -> Result<Vec<Behind>, Error> {
    let mut found = Vec::new();
    let Some(period) = &ground.period else { return Ok(found) };
    let pack: &Pack = &ground.pack;
    for line in lines.iter().filter(|line| line.differs(tolerance)) {
        let Of::Indicator(of) = line.of else { continue };
        let upper = line.difference().map_or(0, |(upper, _)| upper);
        if upper == 0 || !report_form::counts_people(of) {
            continue;
        }
        let mut behind = Behind {
            code: of.code.clone(),
            more: upper > 0,
            named: Vec::new(),
            others: 0,
            unnamed: tells_results(of),
        };
        if !behind.unnamed {
            let listed = if behind.more {
                let mut listed = people::people(c, scope, (pack, of), period, unit, Part::Excluded)?;
                let mut rest = candidates::candidates(c, scope, (pack, of), period, unit)?;
                rest.sort_by_key(|candidate| (candidate.lacks, !candidate.diagnosed));
                listed.extend(rest.into_iter().map(|candidate| candidate.listed));
                listed
            } else {
                people::people(c, scope, (pack, of), period, unit, Part::Numerator)?
            };
            behind.others = listed.len().saturating_sub(NAMED);
            behind.named = listed.into_iter().take(NAMED).filter_map(named).collect();
        }
        found.push(behind);
    }
    Ok(found)
}

fn named(of: Listed) -> Option<(PersonId, String, String)> {
    Some((of.person?, of.name, of.reason))
}

/// What the start page says of the open report that is due first; nothing where none waits.
///
/// # Errors
/// Those of the database.
pub(crate) fn waiting(c: &mut AnyConn, visitor: &Visitor, today: NaiveDate) -> Result<Option<String>, Error> {
    let Some(kind) = reports_for(visitor) else {
        return Ok(None);
    };
    let held = Held::of(c, visitor, today)?;
    let own = held.own().into_iter().filter(|u| u.kind == kind);
    let ids: Vec<UnitId> = own.map(|u| u.id).collect();
    let reports = report::of_units(c, held.region, &ids)?;
    if reports.is_empty() {
        return Ok(None);
    }
    let campaigns = campaign::by_id(c, held.region)?;
    let open = reports
        .into_iter()
        .filter_map(|r| Some((campaigns.get(&r.campaign_id.0)?, r)))
        .filter(|(of, r)| r.state.is_with_unit() && r.shut(of, today).is_none());
    let first = open.min_by_key(|(of, r)| r.due_on(of));
    Ok(first.map(|(of, r)| {
        let due = r.due_on(of);
        format!(
            "Отчёт «{}» за {}: срок {}, {}",
            of.title,
            of.period,
            date(due),
            until(due, today)
        )
    }))
}

//! When what reports say begins to count: what a unit says of measures is a value of the unit once its report is accepted, and
//! no longer when the acceptance is taken back. Until then it stands in the report alone.

use std::collections::BTreeMap;

use foldhash::HashMap;

use super::campaign::Campaign;
use super::report::{self, SaidValue, Submission, SubmissionId};
use super::report_form;
use super::submission_status::SubmissionAct;
use crate::access::by::By;
use crate::db::Tx;
use crate::error::{Error, Refusal};
use crate::indicators::measures;
use crate::indicators::pack_campaigns::FieldKind;
use crate::indicators::reported::{self, Detail, Entered, Submitted};
use crate::planted;

/// A report with its campaign.
pub(super) type Of<'a> = (&'a Submission, &'a Campaign);

/// Follows an act that was done with reports: what they say comes into force, or out of it.
///
/// # Errors
/// Those of the database.
pub(super) fn follow(tx: &mut Tx<'_>, by: &By, act: SubmissionAct, reports: &[Of<'_>]) -> Result<(), Error> {
    match act {
        SubmissionAct::Accept => into_force(tx, by, reports),
        SubmissionAct::Reopen => {
            let ids: Vec<i64> = reports.iter().map(|(of, _)| of.id.0).collect();
            Ok(reported::take_back(tx, by.region, &ids)?)
        }
        _ => Ok(()),
    }
}

fn into_force(tx: &mut Tx<'_>, by: &By, reports: &[Of<'_>]) -> Result<(), Error> {
    let ids: Vec<SubmissionId> = reports.iter().map(|(of, _)| of.id).collect();
    let said = report::standing_in(tx.conn(), by.region, &ids)?;
    let stored = reported::in_force(tx.conn(), reports.iter().map(|(of, _)| of.unit_id))?;
    let (mut new, mut replaced) = (Vec::new(), Vec::new());
    for (report, of) in reports {
        let Some(said) = said.get(&report.id) else { continue };
        for field in of.fields()?.iter().filter(|f| f.kind == FieldKind::Measure) {
            let Some((value, measure)) = said.get(&field.code).zip(measures::of_units(&field.code)) else {
                continue;
            };
            let entered = Entered {
                region: report.region_id,
                unit: report.unit_id,
                measure: measure.code.clone(),
                period: of.period.clone(),
                value_milli: value.upper_milli,
                value_text: None,
                source: measure.source,
                detail: Detail {
                    link: value.link.clone(),
                    ..Detail::default()
                },
            };
            match stored.get(&entered.place()) {
                Some(before) if entered.says(before) => continue,
                Some(before) => replaced.push(before.id),
                None => {}
            }
            new.push(Submitted {
                value: entered,
                submission: report.id.0,
                by: (value.account_id, value.on_behalf_of_id),
            });
        }
    }
    if !planted!("answers_stay_in_the_report") {
        reported::write_submitted(tx, new, &replaced)?;
    }
    Ok(())
}

/// Reports that differ from what is computed by now and do not say why: they were sent before, and what is computed has
/// changed since. Each with its refusal.
///
/// # Errors
/// Those of the database.
pub(super) fn diverged(
    tx: &mut Tx<'_>,
    by: &By,
    act: SubmissionAct,
    reports: &[Of<'_>],
) -> Result<HashMap<SubmissionId, Refusal>, Error> {
    let mut found = HashMap::default();
    if !matches!(act, SubmissionAct::Agree | SubmissionAct::Accept) || planted!("diverged_agreed") {
        return Ok(found);
    }
    let mut campaigns: BTreeMap<i64, Vec<Of<'_>>> = BTreeMap::new();
    for (report, of) in reports {
        campaigns.entry(of.id.0).or_default().push((report, of));
    }
    let ids: Vec<SubmissionId> = reports.iter().map(|(of, _)| of.id).collect();
    let said = report::standing_in(tx.conn(), by.region, &ids)?;
    let nothing: HashMap<String, SaidValue> = HashMap::default();
    // A campaign is one count of all its units, however many reports of it there are.
    for reports in campaigns.into_values() {
        let Some((_, of)) = reports.first() else { continue };
        let Some(ground) = report_form::ground(tx.conn(), of)? else {
            continue;
        };
        let fields = of.fields()?;
        let units: Vec<_> = reports.iter().map(|(report, _)| report.unit_id).collect();
        let root = match units.as_slice() {
            [unit] => *unit,
            _ => by.region,
        };
        let sources = report_form::sources(tx.conn(), (&ground, &of.period), &fields, (of.level, root), &units)?;
        for (report, of) in &reports {
            let stands = said.get(&report.id).unwrap_or(&nothing);
            let lines = sources.lines(&ground.pack, &fields, report.unit_id, stands);
            let fields = report_form::unexplained(&lines, of.tolerance_milli);
            if !fields.is_empty() {
                let refusal = Refusal::new("cycle.diverged").with("fields", fields.join(", "));
                found.insert(report.id, refusal);
            }
        }
    }
    Ok(found)
}

//! Who is told of a report: those who answer for its unit, when a campaign asks for it and when it is sent back.

use diesel::prelude::*;
use foldhash::HashMap;
use serde_json::{Value, json};

use super::campaign::Campaign;
use super::report::Submission;
use crate::access::{self, AccountId, Role};
use crate::db::schema::unit;
use crate::db::{DbError, Tx};
use crate::mail::notice::{self, Told};
use crate::mail::outbox::Letter;
use crate::units::{UnitId, UnitKind};

/// Roles that answer for units of a kind.
#[must_use]
pub fn answering(level: UnitKind) -> &'static [Role] {
    match level {
        UnitKind::Organisation => &[Role::SchoolHead, Role::SchoolAdmin],
        _ => &[Role::MunicipalMethodist],
    }
}

/// Tells that a campaign asks for reports.
///
/// # Errors
/// Those of the database.
pub(super) fn asked(tx: &mut Tx<'_>, of: &Campaign, reports: &[Submission]) -> Result<(), DbError> {
    let reports: Vec<(&Submission, &Campaign)> = reports.iter().map(|report| (report, of)).collect();
    tell(tx, &reports, &Value::Null, |letter| Letter {
        kind: "report_asked",
        ..letter
    })
}

/// Tells that reports were sent back, and why.
///
/// # Errors
/// Those of the database.
pub(super) fn returned(tx: &mut Tx<'_>, reports: &[(&Submission, &Campaign)], reason: &str) -> Result<(), DbError> {
    tell(tx, reports, &json!(reason), |letter| Letter {
        kind: "report_returned",
        ..letter
    })
}

fn tell(
    tx: &mut Tx<'_>,
    reports: &[(&Submission, &Campaign)],
    reason: &Value,
    of_kind: impl Fn(Letter) -> Letter,
) -> Result<(), DbError> {
    let (today, now) = (tx.today(), tx.now());
    let units: Vec<UnitId> = reports.iter().map(|(report, _)| report.unit_id).collect();
    let mut names: HashMap<UnitId, String> = HashMap::default();
    for part in units.chunks(1000) {
        let rows: Vec<(UnitId, String)> = unit::table
            .filter(unit::id.eq_any(part))
            .select((unit::id, unit::name))
            .load(tx.conn())?;
        names.extend(rows);
    }
    let mut all = Vec::new();
    for level in [UnitKind::Organisation, UnitKind::Municipality] {
        let of_level = || reports.iter().filter(|(_, of)| of.level == level);
        let units: Vec<UnitId> = of_level().map(|(report, _)| report.unit_id).collect();
        let mut holders: HashMap<UnitId, Vec<AccountId>> = HashMap::default();
        for (unit, account) in access::store::over(tx.conn(), answering(level), &units, today)? {
            holders.entry(unit).or_default().push(account);
        }
        for (report, of) in of_level() {
            let name = names.get(&report.unit_id).map_or("", String::as_str);
            let due = report.due_on(of);
            for account in holders.get(&report.unit_id).into_iter().flatten() {
                let letter = Letter {
                    region: Some(report.region_id.0),
                    kind: "",
                    account: account.0,
                    subject_id: report.id.0,
                    dedup_key: format!("{}-{account}", now.and_utc().timestamp_micros()),
                    body: json!({
                        "title": of.title,
                        "period": of.period,
                        "unit": name,
                        "due": due.format("%d.%m.%Y").to_string(),
                        "reason": reason,
                    }),
                    address: None,
                    link: None,
                };
                all.push(Told {
                    letter: of_kind(letter),
                    item: None,
                    due_on: Some(due),
                });
            }
        }
    }
    notice::tell(tx, &all)?;
    Ok(())
}

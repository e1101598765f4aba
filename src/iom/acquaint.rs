//! The teacher has read a revision: once for each, as it stood.

use super::agree::wrong_state;
use super::model::{Acquaintance, AcquaintanceId, ReadingWay};
use super::plan::{Doing, Kept, Plan, Stamp};
use super::status;
use crate::error::Refusal;

/// Acknowledges the revision whose number is the value.
///
/// # Errors
/// A plan that is not in work, a number of no revision, one that was acknowledged before.
pub fn acquaint(plan: &mut Plan, doing: &Doing<'_>, stamp: &Stamp<'_>) -> Result<(), Refusal> {
    if !status::allowed_within(plan.row.state, doing.kind) {
        return Err(wrong_state(plan, doing));
    }
    let unknown = || Refusal::new("iom.no_revision").with("number", doing.value);
    let number: i32 = doing.value.trim().parse().map_err(|_| unknown())?;
    let of_now = plan.revisions.iter().map(|r| (r.number, &r.digest));
    let of_before = plan.frozen.iter().map(|(number, digest)| (*number, digest));
    let digest = of_before.chain(of_now).find(|(of, _)| *of == number).map(|(_, d)| d);
    let body_digest = digest.ok_or_else(unknown)?.clone();
    if plan.readings.iter().any(|r| r.revision == number) {
        return Err(Refusal::new("iom.already_acquainted").with("number", number));
    }
    plan.readings.push(Kept::new(Acquaintance {
        id: AcquaintanceId((stamp.id)()),
        region_id: plan.row.region_id,
        iom_id: plan.row.id,
        revision: number,
        account_id: doing.account(),
        on_date: doing.on,
        way: ReadingWay::Page,
        body_digest,
        recorded_at: stamp.now,
    }));
    plan.record(doing, None, stamp);
    Ok(())
}

//! The morning: last days of steps are reminded of, and what was told since the last one goes into one letter.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;

use crate::access;
use crate::db::{Db, Tx};
use crate::error::Error;
use crate::facts::store::regions;
use crate::iom::due_store::{self, Due};
use crate::iom::{ItemId, reminders};
use crate::mail::digest::{self, Cuts};
use crate::mail::notice::{self, Settled, Told};
use crate::mail::outbox::Letter;
use crate::pages::text::date;
use crate::people::PersonId;
use crate::units::UnitId;

/// What a run of reminders did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Reminded {
    /// Steps whose teachers were told of a day, and items of the calendar that somebody was told of.
    pub reminders: usize,
    /// Letters that hold what was told between two mornings.
    pub digests: usize,
}

/// Steps and accounts in one transaction.
const BLOCK: i64 = 500;

/// Reminds of the last days of steps and makes up the letters of a day, region by region, in blocks. A second run on the
/// day finds nothing to do, and one that was killed goes on where it stood.
///
/// # Errors
/// Those of the database.
pub async fn remind(db: &Db, day: NaiveDate, zone: TimeDelta) -> Result<Reminded, Error> {
    let regions = db.read(|c| regions(c).map_err(Error::from)).await?;
    let cuts = Cuts::of(day, zone);
    let mut done = Reminded::default();
    for region in regions {
        let mut last = Some(ItemId(0));
        while let Some(after) = last {
            let (told, next) = db.write(move |tx| remind_block(tx, region, day, after)).await?;
            done.reminders += told;
            last = next;
        }
        done.reminders += super::calendar::remind(db, region, day).await?;
        // After the last day of a diagnosis its invitations can be answered no more.
        let lapsed = move |tx: &mut Tx<'_>| notice::settle_late(tx, region.0, "procedure_invited", day);
        db.write(lapsed).await?;
        let mut last = Some(0);
        while let Some(after) = last {
            let (written, next) = db.write(move |tx| digest_block(tx, region, cuts, after)).await?;
            done.digests += written;
            last = next;
        }
    }
    Ok(done)
}

/// A block of steps: how many are new, and after which the next begins.
fn remind_block(
    tx: &mut Tx<'_>,
    region: UnitId,
    day: NaiveDate,
    after: ItemId,
) -> Result<(usize, Option<ItemId>), Error> {
    let due = due_store::due(tx.conn(), region, &reminders::due_days(day), after, BLOCK)?;
    let persons: Vec<PersonId> = due.iter().map(|step| step.person).collect();
    let teachers = access::store::accounts_of(tx.conn(), &persons)?;
    let of = |step: &Due| {
        let (account, due_on) = (teachers.get(&step.person)?, step.due_on?);
        let moment = reminders::moment(due_on, day)?;
        let said = if moment > due_on {
            "срок прошёл"
        } else {
            "срок"
        };
        let when = format!("{said} {}", date(due_on));
        Some(Told {
            letter: Letter {
                kind: "iom_due",
                region: Some(region.0),
                account: account.0,
                subject_id: step.plan.0,
                dedup_key: format!("{}-{due_on}-{moment}-{account}", step.number),
                body: json!({ "plan": step.plan, "number": step.plan_number, "item": step.number, "when": when }),
                address: None,
                link: None,
            },
            item: Some(step.number),
            due_on: Some(due_on),
        })
    };
    let told: Vec<Told> = due.iter().filter_map(of).collect();
    let plans: BTreeSet<i64> = told.iter().map(|t| t.letter.subject_id).collect();
    let open = notice::open(tx.conn(), &plans.into_iter().collect::<Vec<_>>())?;
    let replaced = notice::replaced(&open, &told);
    notice::settle(tx, &HashMap::from([(Settled::Replaced, replaced)]))?;
    let new = notice::tell(tx, &told)?;
    let full = i64::try_from(due.len()).is_ok_and(|n| n == BLOCK);
    Ok((new, due.last().map(|step| step.item).filter(|_| full)))
}

/// A block of accounts: how many letters were written, and after whom the next begins.
fn digest_block(tx: &mut Tx<'_>, region: UnitId, cuts: Cuts, after: i64) -> Result<(usize, Option<i64>), Error> {
    let accounts = digest::accounts(tx.conn(), region.0, cuts, after, BLOCK)?;
    let written = digest::write(tx, region.0, cuts, &accounts)?;
    let full = i64::try_from(accounts.len()).is_ok_and(|n| n == BLOCK);
    Ok((written, accounts.last().copied().filter(|_| full)))
}

//! Last days of the calendar of a region's own pack: whoever answers is reminded before, on and after them, until the item is
//! marked.

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use crate::cycle::holders::Holders;
use crate::cycle::task::{self, Key};
use crate::db::{AnyConn, Db, Tx};
use crate::error::Error;
use crate::indicators::{pack, store};
use crate::iom::reminders;
use crate::mail::notice::{self, Settled, Told};
use crate::mail::outbox::Letter;
use crate::pages::text::date;
use crate::planted;
use crate::units::{self, UnitId};

/// Reminders in one transaction.
const BLOCK: usize = 500;

/// Somebody who is to be reminded of something.
#[derive(Debug, Clone)]
struct Due {
    key: Key,
    account: i64,
    title: String,
    last: NaiveDate,
    moment: NaiveDate,
}

/// Reminds of the last days of a region's calendar; returns how many were told something new.
///
/// # Errors
/// Those of the database.
pub(super) async fn remind(db: &Db, region: UnitId, day: NaiveDate) -> Result<usize, Error> {
    let due = db.read(move |c| due(c, region, day)).await?;
    let mut new = 0;
    for block in due.chunks(BLOCK) {
        let block = block.to_vec();
        new += db.write(move |tx| tell(tx, region, &block)).await?;
    }
    Ok(new)
}

/// Everybody who answers for what a day reminds of.
fn due(c: &mut AnyConn, region: UnitId, day: NaiveDate) -> Result<Vec<Due>, Error> {
    let tree = units::store::tree(c, day, None)?;
    let code = tree.unit(region).map_or("", |unit| unit.code.as_str());
    let mut packs = store::read_packs(c)?;
    packs.retain(|pack| !pack.calendar.is_empty());
    let known: BTreeSet<String> = packs.iter().map(|pack| pack.code.clone()).collect();
    packs.extend(pack::along().iter().filter(|pack| !known.contains(&pack.code)).cloned());
    packs.retain(|pack| pack.regions.iter().any(|of| of == code));
    let mut found = Vec::new();
    let mut holders: Option<Holders> = None;
    for pack in packs {
        for item in &pack.calendar {
            let times = (day.year() - 1..=day.year()).flat_map(|year| item.in_year(year));
            let spoken = times.filter_map(|time| {
                let (_, last) = time.days?;
                Some((time.key, last, reminders::moment(last, day)?))
            });
            for (occurrence, last, moment) in spoken.collect::<Vec<_>>() {
                // Most days remind of nothing: then nobody is looked for.
                let held = match holders.take() {
                    Some(held) => held,
                    None => Holders::of(c, region, day)?,
                };
                let answering = held.answering(&tree, region, &item.responsible);
                holders = Some(held);
                found.extend(answering.into_iter().map(|(unit, account)| Due {
                    key: Key {
                        pack: pack.code.clone(),
                        item: item.code.clone(),
                        occurrence: occurrence.clone(),
                        unit,
                    },
                    account,
                    title: item.title.clone(),
                    last,
                    moment,
                }));
            }
        }
    }
    Ok(found)
}

fn tell(tx: &mut Tx<'_>, region: UnitId, due: &[Due]) -> Result<usize, Error> {
    let keys: BTreeSet<Key> = due.iter().map(|one| one.key.clone()).collect();
    let tasks = task::provide(tx, region, &keys)?;
    let of = |one: &Due| {
        let task = tasks
            .get(&one.key)
            .filter(|task| task.done_on.is_none() || planted!("done_is_asked"))?;
        let said = if one.moment > one.last {
            "срок прошёл"
        } else {
            "срок"
        };
        Some(Told {
            letter: Letter {
                kind: "calendar_due",
                region: Some(region.0),
                account: one.account,
                subject_id: task.id.0,
                dedup_key: format!("{}-{}-{}", one.last, one.moment, one.account),
                body: json!({ "title": one.title, "when": format!("{said} {}", date(one.last)) }),
                address: None,
                link: None,
            },
            item: None,
            due_on: Some(one.last),
        })
    };
    let told: Vec<Told> = due.iter().filter_map(of).collect();
    let subjects: BTreeSet<i64> = told.iter().map(|t| t.letter.subject_id).collect();
    let open = notice::open(tx.conn(), &subjects.into_iter().collect::<Vec<_>>())?;
    let replaced = notice::replaced(&open, &told);
    notice::settle(tx, &HashMap::from([(Settled::Replaced, replaced)]))?;
    Ok(notice::tell(tx, &told)?)
}

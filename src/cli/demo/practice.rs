//! What supporters have seen of the learning of their people: of every second course, so that the others wait to be seen.

use chrono::TimeDelta;

use super::accounts;
use crate::access::{self, by::By};
use crate::app::App;
use crate::desk::plan::{practice_rows, support_rows};
use crate::error::Error;
use crate::iom::SupporterKind;
use crate::iom::accompany::Accompanying;
use crate::iom::note::{self, NoteKind, Said};
use crate::iom::practice::Transfer;

/// Who has been at lessons.
const VISITORS: [(&str, SupporterKind); 2] = [
    (accounts::TUTOR, SupporterKind::Tutor),
    ("methodist1", SupporterKind::RegionalMethodist),
];
/// What was seen, and what was agreed.
const SEEN: [(Transfer, &str, &str); 3] = [
    (
        Transfer::Applied,
        "Урок построен по изученному: дети сами оценивают свою работу.",
        "показать коллегам на методическом дне",
    ),
    (
        Transfer::Partly,
        "Приёмы есть, но времени на разбор ошибок не остаётся.",
        "вместе составить план следующего урока",
    ),
    (
        Transfer::NotYet,
        "На уроке прежние задания, новые лежат в папке.",
        "начать с одного класса, вернуться через месяц",
    ),
];

/// Writes down what was seen a month after the learning.
///
/// # Errors
/// Those of the database.
pub(super) async fn see(app: &App) -> Result<(), Error> {
    let (key, zone) = (app.keys.audit.clone(), TimeDelta::hours(app.config.zone_hours.into()));
    let write = move |tx: &mut crate::db::Tx<'_>| {
        let today = tx.today();
        for (login, kind) in VISITORS {
            let account = access::store::by_login(tx.conn(), login)?;
            // A small demo may be without one of them.
            let Some((account, region)) = account.and_then(|a| Some((a.id, a.region_id?))) else {
                continue;
            };
            let of = Accompanying {
                region,
                account,
                kinds: vec![kind],
                shut: Vec::new(),
            };
            let by = By {
                account: account.0,
                on_behalf_of: None,
                region,
                key: key.clone(),
                zone,
            };
            let learnt = practice_rows::learnt(tx.conn(), &of, today)?;
            for (course, (seen, text, result)) in learnt.iter().step_by(2).zip(SEEN.iter().cycle()) {
                let Some(plan) = support_rows::one(tx.conn(), &of, course.plan, today)? else {
                    continue;
                };
                let said = Said {
                    kind: NoteKind::Visit,
                    on: today.min(course.on + TimeDelta::days(30)),
                    text: (*text).to_owned(),
                    result: Some((*result).to_owned()),
                    shared: true,
                    practice: Some((course.item, *seen)),
                };
                note::add(tx, &by, &plan, account, &said)?;
            }
        }
        Ok(())
    };
    app.db.write(write).await
}

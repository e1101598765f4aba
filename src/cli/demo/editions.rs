//! Two editions of the last published year: the first one came out before three municipalities had answered, the second one
//! names what they changed. The ministry has approved the second, and the operator has opened it to everyone.

use super::figures::YEARS;
use crate::access;
use crate::app::App;
use crate::cycle::edition::acts;
use crate::cycle::edition::model::ActKind;
use crate::cycle::edition::release::{self, Asked, Whose};
use crate::error::Error;
use crate::indicators::reported::{self, Entered};

/// What these municipalities said came after the first edition.
const LATE: [&str; 3] = ["TYU-02", "TYU-05", "TYU-09"];
/// Which of it.
const SAID: [&str; 2] = ["tyumen:3.4", "tyumen:s3"];

/// Whether a value came after the first edition; `code` is that of its unit.
pub(super) fn is_late(code: &str, value: &Entered) -> bool {
    LATE.contains(&code) && SAID.contains(&value.measure.as_str()) && value.period == YEARS[1].period
}

/// Releases the year, takes what came late, releases it again.
pub(super) async fn release(app: &App, late: Vec<Entered>) -> Result<(), Error> {
    let whose = |login: &'static str| async move {
        let found = app
            .db
            .read(move |c| access::store::by_login(c, login).map_err(Error::from))
            .await?;
        let account = found.ok_or_else(|| Error::Internal(format!("демо: нет записи {login}")))?;
        let region = account
            .region_id
            .ok_or_else(|| Error::Internal(format!("демо: {login} без региона")))?;
        Ok::<_, Error>((
            region,
            Whose {
                account: Some(account.id.0),
                on_behalf_of: None,
                name: login.to_owned(),
            },
        ))
    };
    let (region, operator) = whose("operator").await?;
    let (_, ministry) = whose("ministry").await?;
    let asked = |title: &str| Asked {
        region,
        pack: "tyumen".into(),
        period: YEARS[1].period.into(),
        title: title.into(),
        seen: None,
        by: Whose {
            name: "Региональный оператор".into(),
            ..operator.clone()
        },
        zone_hours: app.config.zone_hours,
    };
    let key = app.keys.audit.clone();
    let _first = release::release(&app.db, &key, asked("Итоги года, предварительно"), |_, _| Ok(())).await?;
    let own = key.clone();
    app.db.write(move |tx| reported::record(tx, &own, &late)).await?;
    let second = release::release(&app.db, &key, asked("Итоги года"), |_, _| Ok(())).await?;
    let by = [
        (ActKind::Approve, ministry, "Министерство"),
        (ActKind::Open, operator, "Региональный оператор"),
    ];
    app.db
        .write(move |tx| -> Result<(), Error> {
            for (kind, whose, name) in by {
                let whose = Whose {
                    name: name.into(),
                    ..whose
                };
                acts::act(tx, &key, &second, kind, &whose, "")?;
            }
            Ok(())
        })
        .await
}

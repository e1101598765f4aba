//! What the deputy's school composed itself: one plan waits for its head, another one for its teacher, a third one is at work,
//! the rest are drafts.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::accounts::{self, DEPUTY, head_login};
use super::{Demo, story};
use crate::access::AccountId;
use crate::db::schema::{account, iom, person};
use crate::db::{AnyConn, Tx};
use crate::error::Error;
use crate::iom::drafting::{self, Ask};
use crate::iom::{IomOrigin, Within};

/// Drafts for the school by this year's second procedure, and tells how far the first three have come.
///
/// # Errors
/// Those of the database.
pub(super) async fn make(demo: &Demo<'_>) -> Result<(), Error> {
    let Some(school) = demo.this_year.school(&demo.population).map(str::to_owned) else {
        return Ok(());
    };
    let head = head_login(&school);
    let ([_, procedure], today) = (demo.this_year.procedures(), demo.this_year.today());
    let key = demo.app.keys.audit.clone();
    let draft = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        let by = accounts::acting(tx, (&key, TimeDelta::zero()), DEPUTY)?;
        let ask = Ask {
            procedure,
            unit: Some(school),
            within: Within::of_server("demo"),
            origin: IomOrigin::School,
            on: today,
            again: false,
            author: Some(AccountId(by.account)),
            on_behalf_of: None,
        };
        drafting::run(tx, &key, &ask).map(drop)
    };
    demo.app.db.write(draft).await?;
    let read = |c: &mut AnyConn| -> Result<Vec<(Option<String>, String)>, Error> {
        Ok(iom::table
            .inner_join(person::table.on(person::id.eq(iom::person_id)))
            .inner_join(account::table.on(account::person_id.eq(person::id.nullable())))
            .filter(iom::origin.eq(IomOrigin::School))
            .order(iom::id)
            .select((person::snils, account::login))
            .limit(3)
            .load(c)?)
    };
    let found = demo.app.db.read(read).await?;
    let day = today.format("%Y-%m-%d").to_string();
    let act = |snils: &str, act: &str, by: &str| [snils, act, "", &day, by, "", ""].map(str::to_owned);
    let mut acts = Vec::new();
    for (n, (snils, teacher)) in found.iter().enumerate() {
        let snils = snils.as_deref().unwrap_or_default();
        acts.push(act(snils, "send", DEPUTY));
        if n != 1 {
            acts.push(act(snils, "agree", teacher));
        }
        if n == 2 {
            acts.push(act(snils, "approve", &head));
            acts.push(act(snils, "start", DEPUTY));
        }
    }
    demo.apply("acts-school.csv", &story::file(&acts)?).await
}

//! What two members of the regional active do: one accompanies plans as a supervisor, one leads the support of schools of low
//! results. The others have nothing to do yet.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::accounts::{self, HEAD};
use super::{Demo, story};
use crate::access::{Role, add};
use crate::activity::taking_part;
use crate::activity::undertakings::{PartRole, Undertaking};
use crate::db::Tx;
use crate::db::schema::{account, body, body_member, iom, person, undertaking};
use crate::error::Error;
use crate::iom::{IomOrigin, IomState};
use crate::people::PersonId;

/// Code of the active.
const ACTIVE: &str = "RMA";
/// Code of the project for schools of low results.
pub(super) const PROJECT: &str = "SHN-1";
/// Who keeps the registers.
const KEEPER: &str = "operator";
/// Plans that are accompanied.
const PLANS: i64 = 4;

/// Gives the first member a role and plans, the second one a part in the project.
///
/// # Errors
/// Those of the database.
pub(super) async fn work(demo: &Demo<'_>) -> Result<(), Error> {
    let (key, zone) = (
        demo.app.keys.audit.clone(),
        TimeDelta::hours(demo.app.config.zone_hours.into()),
    );
    // Whoever is printed to sign in with keeps one role.
    let printed = demo.this_year.teacher().unwrap_or_default();
    let write = move |tx: &mut Tx<'_>| -> Result<(String, Vec<Option<String>>), Error> {
        let by = accounts::acting(tx, (&key, zone), KEEPER)?;
        let region = by.region;
        let members: Vec<(PersonId, String)> = body_member::table
            .inner_join(body::table.on(body::id.eq(body_member::body_id)))
            .inner_join(account::table.on(account::person_id.eq(body_member::person_id.nullable())))
            .filter(body::region_id.eq(region))
            .filter(body::code.eq(ACTIVE))
            .filter(account::login.ne(printed))
            .order(body_member::id)
            .select((body_member::person_id, account::login))
            .limit(2)
            .load(tx.conn())?;
        let Some((first, login)) = members.first().cloned() else {
            return Ok((String::new(), Vec::new()));
        };
        let role = add::Add {
            login: login.clone(),
            role: Role::Supervisor,
            unit: Some((region, region)),
            person: None,
            name: None,
            email: None,
            password_hash: None,
            from: None,
            to: None,
            by: None,
        };
        add::add(tx, &key, &role)?;
        let project: Option<Undertaking> = undertaking::table
            .filter(undertaking::region_id.eq(region))
            .filter(undertaking::code.eq(PROJECT))
            .select(Undertaking::as_select())
            .first(tx.conn())
            .optional()?;
        if let (Some(project), Some((second, _))) = (project, members.get(1)) {
            let since = tx.today() - TimeDelta::days(100);
            taking_part::join(tx, &by, &project, (*second, PartRole::Leader), (since, None))?;
        }
        let plans = iom::table
            .inner_join(person::table.on(person::id.eq(iom::person_id).and(person::region_id.eq(iom::region_id))))
            .filter(iom::region_id.eq(region))
            .filter(iom::state.eq(IomState::Active))
            .filter(iom::origin.eq(IomOrigin::Cnppm))
            .filter(iom::person_id.ne(first))
            .order(iom::id)
            .select(person::snils)
            .limit(PLANS)
            .load(tx.conn())?;
        Ok((login, plans))
    };
    let (login, plans) = demo.app.db.write(write).await?;
    let day = demo.this_year.today().format("%Y-%m-%d").to_string();
    let acts: Vec<[String; 7]> = plans
        .into_iter()
        .flatten()
        .map(|snils| [&*snils, "assign", "", &day, HEAD, &login, ""].map(str::to_owned))
        .collect();
    demo.apply("acts-active.csv", &story::file(&acts)?).await
}

//! The self-assessment of the demo: the teacher to sign in as has stopped halfway, a colleague has finished.

use chrono::TimeDelta;

use crate::access::{self, by::By};
use crate::app::App;
use crate::db::Tx;
use crate::diagnostics::own_answer::{self, Ask};
use crate::diagnostics::own_finish;
use crate::diagnostics::questionnaire::{self, MOST};
use crate::error::Error;

/// Topics that the teacher has answered.
const HALF: usize = 8;

/// Answers the questionnaire for two people by their logins; a small demo may have one or none of them.
///
/// # Errors
/// Those of the database.
pub async fn assess(app: &App, half: Option<String>, whole: Option<String>) -> Result<(), Error> {
    let zone = TimeDelta::hours(app.config.zone_hours.into());
    let key = app.keys.audit.clone();
    let write = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        for (login, topics) in [(half, Some(HALF)), (whole, None)] {
            let Some(login) = login else { continue };
            let account = access::store::by_login(tx.conn(), &login)?;
            let Some((account, region, person)) = account.and_then(|a| Some((a.id, a.region_id?, a.person_id?))) else {
                continue;
            };
            let text = questionnaire::of_program()?;
            let asked = text.topic.iter().take(topics.unwrap_or(usize::MAX));
            let codes = asked.flat_map(|t| &t.statement).map(|s| s.code.clone());
            // Some of everything, the same every time.
            let answers = (1..).zip(codes).map(|(n, code)| (code, Some(n * 7 % (MOST + 1))));
            let ask = Ask {
                region,
                person,
                round: 0,
                answers: answers.collect(),
                beside: None,
                zone,
            };
            own_answer::save(tx, &ask)?;
            if topics.is_none() {
                let by = By {
                    account: account.0,
                    on_behalf_of: None,
                    region,
                    key: key.clone(),
                    zone,
                };
                own_finish::finish(tx, &by, person)?;
            }
        }
        Ok(())
    };
    app.db.write(write).await
}

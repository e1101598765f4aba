//! A template of the demo: three plans at work have taken its first version, and its second one is proposed to them.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::accounts;
use crate::access::{Author, Role};
use crate::app::App;
use crate::db::schema::iom;
use crate::db::{DbError, Tx};
use crate::desk::plan::proposals_rows::{self, Answered};
use crate::error::Error;
use crate::iom::template::{self, Said, Step};
use crate::iom::{EducationForm, Iom, IomState, ItemLevel};

/// The login of whoever made it.
const AUTHOR: &str = "cnppm";
/// Plans that follow it.
const PLANS: i64 = 3;

fn step(code: &str, title: &str, months: i32, hours: i32) -> Step {
    Step {
        code: code.into(),
        title: title.into(),
        programme: None,
        education_form: EducationForm::NonFormal,
        level: Some(ItemLevel::Municipal),
        mandatory: false,
        hours,
        months,
        category: None,
        study_form: None,
        organiser: None,
        accompaniment: None,
        expected: None,
    }
}

/// Makes it; a small demo may have no plan that could follow it.
///
/// # Errors
/// Those of the database.
pub async fn make(app: &App) -> Result<(), Error> {
    let zone = TimeDelta::hours(app.config.zone_hours.into());
    let key = app.keys.audit.clone();
    let write = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        let by = accounts::acting(tx, (&key, zone), AUTHOR)?;
        let region = by.region;
        let mut said = Said {
            code: "новый-год".into(),
            title: "Методическая поддержка на год".into(),
            steps: vec![
                step("", "Открытый урок с разбором", 6, 4),
                step("", "Взаимопосещение уроков с коллегой", 9, 6),
            ],
        };
        let first = template::save(tx, &by, None, &said)?;
        let plans: Vec<Iom> = iom::table
            .filter(iom::region_id.eq(region))
            .filter(iom::state.eq(IomState::Active))
            .order(iom::id.desc())
            .limit(PLANS)
            .select(Iom::as_select())
            .load(tx.conn())
            .map_err(DbError::from)?;
        let today = tx.today();
        let proposed = proposals_rows::of(tx.conn(), region, plans, Some(&first), today)?;
        let tokens: Vec<String> = proposed.iter().map(proposals_rows::Proposed::token).collect();
        let answered = Answered {
            accept: true,
            reason: "Общая часть маршрутов этого года".into(),
            by: Author {
                login: AUTHOR.into(),
                roles: vec![Role::CnppmStaff],
                substitute: None,
            },
        };
        // Whoever cannot take it goes on without.
        let _refused = proposals_rows::answer(tx, &key, &proposed, &tokens, &answered)?;
        said.steps = first.steps()?;
        if let Some(lesson) = said.steps.first_mut() {
            lesson.hours = 6;
            lesson.expected = Some("Разбор урока по единому бланку".into());
        }
        said.steps.push(step("", "Итоговая встреча с тьютором", 10, 2));
        template::save(tx, &by, Some((first.record_id, first.version)), &said)?;
        Ok(())
    };
    app.db.write(write).await
}

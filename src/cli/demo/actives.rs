//! Who may be taken into the reserve of leaders and into the actives: a diagnosis of last year that a few passed without
//! deficits. Somebody stands in the active of methodists already.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, TimeDelta};
use diesel::prelude::*;

use super::people::Human;
use super::sheets::{PROVIDER, sheet};
use super::{Demo, accounts, year};
use crate::activity::reserve;
use crate::db::Tx;
use crate::db::schema::person;
use crate::diagnostics::import::ResultsFile;
use crate::diagnostics::import_procedures::ProceduresFile;
use crate::error::Error;
use crate::people::{PersonId, StaffKind};

/// Code of the diagnosis.
const PROCEDURE: &str = "TYU-AKT";
/// How long ago it began and how long it went on, days: before everything of this year.
const AGO: u64 = 430;
const LONG: u64 = 20;
/// Who keeps the lists.
const KEEPER: &str = "operator";
/// The list that has somebody in it.
const STARTED: &str = "methodists";
/// What a few people of each kind passed with which per cent: two leaders, then teachers three at a time.
const LEADERS: (usize, [&str; 2], usize) = (2, ["MNG-1", "MNG-2"], 94);
const TEACHERS: [(usize, [&str; 2], usize); 3] = [
    (3, ["SUB-1", "SUB-2"], 100),
    (3, ["MET-1", "MET-2"], 92),
    (3, ["PSY-2", "COM-2"], 96),
];

/// Loads the diagnosis and its results, and takes the first of the methodists in.
///
/// # Errors
/// Those of the database.
pub(super) async fn make(demo: &Demo<'_>) -> Result<(), Error> {
    let from = demo.this_year.today() - Days::new(AGO);
    demo.import::<ProceduresFile>("procedures-actives.csv", &procedure(from)?)
        .await?;
    let passed = passed(demo);
    let mut lines = Vec::new();
    for (human, competences, percent) in &passed {
        for competence in *competences {
            let held = from + Days::new(LONG / 2);
            lines.push(year::line(human, PROCEDURE, "полная", held, competence, *percent, 100));
        }
    }
    demo.import::<ResultsFile>("results-actives.csv", &year::file(lines)?)
        .await?;
    let first = passed.iter().find(|(_, of, _)| of.contains(&"MET-1"));
    let Some(snils) = first.map(|(human, ..)| human.snils.as_str().to_owned()) else {
        return Ok(());
    };
    let (key, zone) = (
        demo.app.keys.audit.clone(),
        TimeDelta::hours(demo.app.config.zone_hours.into()),
    );
    let write = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        let by = accounts::acting(tx, (&key, zone), KEEPER)?;
        let who: PersonId = person::table
            .filter(person::region_id.eq(by.region))
            .filter(person::snils.eq(snils))
            .select(person::id)
            .first(tx.conn())?;
        let Some(rule) = reserve::rules().iter().find(|rule| rule.code == STARTED) else {
            return Ok(());
        };
        reserve::enrol(tx, &by, rule, &BTreeSet::from([who])).map(|_| ())
    };
    demo.app.db.write(write).await
}

fn procedure(from: NaiveDate) -> Result<String, Error> {
    let date = |on: NaiveDate| on.format("%d.%m.%Y").to_string();
    let row = [
        PROCEDURE.to_owned(),
        "Отбор в резерв и активы".to_owned(),
        "полная".into(),
        "региональный".into(),
        PROVIDER.into(),
        date(from),
        date(from + Days::new(LONG)),
    ];
    sheet(
        ["Код", "Наименование", "Вид", "Уровень", "Организатор", "С", "По"],
        [row],
    )
}

/// Those who passed it, each with the competences and the per cent. None of them has a part in this year.
fn passed<'a>(demo: &'a Demo<'_>) -> Vec<(&'a Human, [&'static str; 2], usize)> {
    let today = demo.this_year.today();
    let humans = &demo.population.humans;
    let is_leader = |human: &&Human| human.jobs.iter().all(|job| job.staff == StaffKind::Managing);
    let (leaders, competences, percent) = LEADERS;
    let mut found: Vec<_> = humans
        .iter()
        .filter(is_leader)
        .filter(|human| human.organisation_on(today).is_some())
        .take(leaders)
        .map(|human| (human, competences, percent))
        .collect();
    let fits = |(h, human): &(usize, &Human)| {
        human.jobs.len() == 1 && human.teaches_on(today) && !demo.this_year.takes_part(*h)
    };
    let mut teachers = humans.iter().enumerate().filter(fits).map(|(_, human)| human);
    for (many, competences, percent) in TEACHERS {
        let of = teachers.by_ref().take(many);
        found.extend(of.map(|human| (human, competences, percent)));
    }
    found
}

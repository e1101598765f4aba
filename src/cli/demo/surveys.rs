//! Surveys of the demo: one that is over, with answers of every fourth of those who were asked; one that waits for the teachers.

use chrono::{Days, TimeDelta};
use diesel::prelude::*;

use super::accounts;
use crate::app::App;
use crate::cycle::survey::model::{Answer, Participant, SheetId};
use crate::cycle::survey::opening::{self, Opening};
use crate::cycle::survey::{Sheet, Survey, SurveyId, store};
use crate::db::schema::{employment, survey, survey_answer, survey_participant, survey_sheet};
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::indicators::pack_surveys::{Question, QuestionKind};
use crate::insert_many;
use crate::people::store::worked_on;
use crate::people::{PersonId, StaffKind};
use crate::units::UnitId;

/// Pack and survey.
const SURVEY: (&str, &str) = ("tyumen", "help");
/// Who holds it.
const KEEPER: &str = "operator";
/// Of how many people one has answered the one that is over.
const EACH: i64 = 4;
/// How long ago it was over, and how long each goes on, days.
const OVER: u64 = 120;
const LONG: u64 = 21;
/// What is said in words by some.
const WORDS: [&str; 4] = [
    "Времени на уроки коллег",
    "Разбора работ моих учеников",
    "Готовых заданий по функциональной грамотности",
    "Меньше отчётов",
];

/// Asks the people of the region: once some months ago, and again from today on.
pub(super) async fn ask(app: &App) -> Result<(), Error> {
    let (key, zone) = (app.keys.audit.clone(), TimeDelta::hours(app.config.zone_hours.into()));
    let write = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        let by = accounts::acting(tx, (&key, zone), KEEPER)?;
        let today = tx.today();
        let said = Opening {
            pack: SURVEY.0.into(),
            template: SURVEY.1.into(),
            opens: today,
            closes: today + Days::new(LONG),
            regulation: None,
        };
        let now = opening::open(tx, &by, &said)?;
        let of = store::one(tx.conn(), by.region, now)?.ok_or_else(|| Refusal::new("cycle.no_survey"))?;
        let past = Survey {
            id: SurveyId(tx.id()),
            opens_on: today - Days::new(OVER + LONG),
            closes_on: today - Days::new(OVER),
            ..of
        };
        insert_many!(tx.conn(), survey::table, [past.clone()]).map_err(DbError::from)?;
        answered(tx, &past)
    };
    app.db.write(write).await
}

/// Answers of people, the same every time.
fn answered(tx: &mut Tx<'_>, of: &Survey) -> Result<(), Error> {
    let jobs: Vec<(PersonId, UnitId)> = employment::table
        .filter(employment::region_id.eq(of.region_id))
        .filter(employment::staff_kind.eq(StaffKind::Teaching))
        .filter(worked_on(of.closes_on))
        .order((employment::person_id, employment::id))
        .select((employment::person_id, employment::organisation_id))
        .load(tx.conn())
        .map_err(DbError::from)?;
    let questions = of.questions()?;
    let (mut people, mut sheets, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    let mut before = None;
    for (n, (person, organisation)) in (0_i64..).zip(jobs) {
        if before.replace(person) == Some(person) || n % EACH > 0 {
            continue;
        }
        people.push(Participant {
            id: tx.id(),
            region_id: of.region_id,
            survey_id: of.id,
            person_id: person,
            organisation_id: organisation,
            recorded_at: tx.now(),
        });
        let sheet = SheetId(tx.id());
        sheets.push(Sheet {
            id: sheet,
            region_id: of.region_id,
            survey_id: of.id,
            organisation_id: organisation,
        });
        for (place, question) in (1_i64..).zip(&questions) {
            for (choice, words) in chosen(question, n, place) {
                answers.push(Answer {
                    id: tx.id(),
                    region_id: of.region_id,
                    survey_sheet_id: sheet,
                    question: question.code.clone(),
                    choice,
                    words,
                });
            }
        }
    }
    insert_many!(tx.conn(), survey_participant::table, people).map_err(DbError::from)?;
    insert_many!(tx.conn(), survey_sheet::table, sheets).map_err(DbError::from)?;
    insert_many!(tx.conn(), survey_answer::table, answers).map_err(DbError::from)?;
    Ok(())
}

/// What somebody answers to a question: more towards its middle than to its ends.
fn chosen(question: &Question, person: i64, place: i64) -> Vec<(Option<i32>, Option<String>)> {
    let drawn = |many: usize, salt: i64| {
        let n = (person * 7919 + place * 104_729 + salt * 1_299_709).rem_euclid(1009);
        usize::try_from(n).unwrap_or(0) % many.max(1)
    };
    let option = |n: usize| (i32::try_from(n).ok(), None);
    let options = question.options.len();
    match question.kind {
        QuestionKind::Words if person % 100 == 0 => {
            let words = WORDS.get(drawn(WORDS.len(), 1)).copied().unwrap_or_default();
            vec![(None, Some(words.to_owned()))]
        }
        QuestionKind::Words => Vec::new(),
        QuestionKind::Several => (0..options)
            .filter(|n| drawn(3, 1 + *n as i64) == 0)
            .map(option)
            .collect(),
        _ => vec![option((drawn(options, 1) + drawn(options, 2)).div_ceil(2))],
    }
}

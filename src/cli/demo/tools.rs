//! The platform that the demo's diagnostics are held on, with what its wide files hold, and a scale of the region's own.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::accounts;
use crate::app::App;
use crate::competence::{CompetenceId, ScaleDirection};
use crate::db::milli::Milli;
use crate::db::schema::competence;
use crate::db::{DbError, Tx};
use crate::diagnostics::procedure::{self, Content};
use crate::diagnostics::region_scale;
use crate::diagnostics::tool::{self, Part, ToolColumn};
use crate::diagnostics::{DiagnosisKind, store};
use crate::error::Error;

/// The platform.
const TOOL: &str = "Интенсив";
/// Who describes it.
const KEEPER: &str = "operator";
/// A scale that the region has made beside the common one.
const SCALE: &str = "Пять уровней руководителей";
/// Its levels.
const LEADERS: [&str; 5] = [
    "низкий; [0 – 40); дефицит",
    "удовлетворительный; [40 – 60); дефицит",
    "базовый; [60 – 75); нет",
    "повышенный; [75 – 90); нет",
    "высокий; [90 – 100]; нет",
];
/// How many competences its files are shown with.
const SHOWN: i64 = 4;

/// Names the platform in the full diagnostics of the region and says what its files hold.
pub async fn describe(app: &App) -> Result<(), Error> {
    let (key, zone) = (app.keys.audit.clone(), TimeDelta::hours(app.config.zone_hours.into()));
    let write = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        let by = accounts::acting(tx, (&key, zone), KEEPER)?;
        for stored in store::own(tx.conn(), by.region)? {
            if stored.kind == DiagnosisKind::Full {
                let said = Content {
                    tool: Some(TOOL.into()),
                    ..Content::of(&stored)
                };
                procedure::change(tx, &by, &stored, stored.version, &said)?;
            }
        }
        let names: Vec<(CompetenceId, String)> = competence::table
            .order(competence::code)
            .limit(SHOWN)
            .select((competence::id, competence::name))
            .load(tx.conn())
            .map_err(DbError::from)?;
        let column = |id: &CompetenceId, header: String, part, max_milli| ToolColumn {
            header,
            competence_id: *id,
            subject: String::new(),
            part,
            max_milli,
        };
        let columns: Vec<ToolColumn> = names
            .iter()
            .flat_map(|(id, name)| {
                [
                    column(id, format!("{name}, балл"), Part::Raw, Some(Milli(20_000))),
                    column(id, format!("{name}, уровень"), Part::Level, None),
                ]
            })
            .collect();
        let levels = LEADERS.iter().map(|line| region_scale::level(line));
        let levels = levels.collect::<Result<Vec<_>, _>>();
        let levels = levels.map_err(|flaw| Error::Internal(format!("демо: {}", flaw.advice())))?;
        region_scale::add(tx, &by, (SCALE, ScaleDirection::Competence), levels)?;
        tool::set(tx, &by, (TOOL, 0), &columns)
    };
    app.db.write(write).await
}

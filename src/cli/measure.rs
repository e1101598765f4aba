//! What `tests/bench` measures inside the process, where the start of a command would hide it. Nothing stays behind:
//! every write is undone.

use std::io::Write as _;
use std::time::Instant;

use chrono::NaiveDate;
use clap::{Subcommand, ValueEnum};
use diesel::dsl::exists;
use diesel::prelude::*;

use super::output::Out;
use super::{Context, Outcome};
use crate::db::schema::{diagnosis, person};
use crate::db::{CommitHook as _, DbError, Tx};
use crate::diagnostics::DiagnosisId;
use crate::error::Error;
use crate::indicators::values::{self, Common, Query};
use crate::indicators::{RefreshFacts, store};
use crate::people::PersonId;
use crate::units::UnitKind;
use crate::web::Scope;

/// What is measured; one line of JSON comes out.
#[derive(Debug, Subcommand)]
pub enum MeasureCommand {
    /// Every indicator of packs for every municipality, from counters.
    Values {
        /// How many times over.
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// `PACK=PERIOD`, opened before.
        packs: Vec<String>,
    },
    /// What a write pays for fresh facts and counters.
    Refresh {
        /// Persons, one write each.
        #[arg(long, default_value_t = 200)]
        writes: i64,
        /// What the write changes.
        #[arg(long, value_enum, default_value = "every-period")]
        changing: Changing,
    },
}

/// What a measured write changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Changing {
    /// No fact, like most acts.
    Nothing,
    /// The latest diagnosis: facts of the periods of its day and of those after it.
    Diagnosis,
    /// A fact in every period.
    EveryPeriod,
}

/// Nanoseconds of processor time of this thread so far; nothing where the system does not tell.
fn spent() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Runs a measurement.
///
/// # Errors
/// Those of the database.
pub async fn run(context: &Context, command: MeasureCommand) -> Result<Outcome, Error> {
    let said = match command {
        MeasureCommand::Values { runs, packs } => from_counters(context, runs, packs).await?,
        MeasureCommand::Refresh { writes, changing } => refreshed(context, writes, changing).await?,
    };
    writeln!(Out, "{said}")?;
    Ok(Outcome::Done)
}

async fn from_counters(context: &Context, runs: usize, packs: Vec<String>) -> Result<serde_json::Value, Error> {
    let (mut wall, mut cpu, mut rows) = (Vec::new(), Vec::new(), 0);
    for _ in 0..runs {
        let asked = packs.clone();
        let read = move |c: &mut crate::db::AnyConn| -> Result<_, DbError> {
            let (began, before) = (Instant::now(), spent());
            let query = Query {
                level: UnitKind::Municipality,
                unit: None,
                indicator: None,
                as_of: None,
                known_at: None,
                breakdowns: false,
            };
            let (scope, mut common, mut found) = (Scope::of_server("measure"), Common::default(), 0);
            for pack in store::read_packs(c)? {
                let named = asked.iter().filter_map(|p| p.split_once('='));
                let Some((_, code)) = named.into_iter().find(|(of, _)| *of == pack.code) else {
                    continue;
                };
                let period = crate::facts::store::period(c, &pack.basis.key(), code)?;
                if let Some(period) = period {
                    found += values::values_of(c, &scope, (&pack, &period), &query, &mut common)?.len();
                }
            }
            Ok((began.elapsed(), spent().saturating_sub(before), found))
        };
        let (took, computed, found) = context.app.db.read(read).await?;
        wall.push(took.as_secs_f64() * 1000.0);
        cpu.push(computed / 1000);
        rows = found;
    }
    Ok(serde_json::json!({ "wall_ms": wall, "cpu_us": cpu, "rows": rows }))
}

/// A measured write ends as a failed one, so that nothing of it stands.
enum Undone {
    Measured(u64),
    Failed(DbError),
}

impl From<DbError> for Undone {
    fn from(why: DbError) -> Self {
        Self::Failed(why)
    }
}

/// Changes something of a person.
fn change(tx: &mut Tx<'_>, of: PersonId, changing: Changing) -> Result<(), DbError> {
    match changing {
        Changing::Nothing => {}
        Changing::Diagnosis => {
            let own = diagnosis::table.filter(diagnosis::person_id.eq(of));
            let latest = own.order(diagnosis::held_on.desc()).select(diagnosis::id);
            let latest: Option<DiagnosisId> = latest.first(tx.conn()).optional()?;
            if let Some(latest) = latest {
                diesel::update(diagnosis::table.filter(diagnosis::id.eq(latest)))
                    .set(diagnosis::withdrawn_at.eq(diagnosis::recorded_at.nullable()))
                    .execute(tx.conn())?;
            }
        }
        Changing::EveryPeriod => {
            // Older than everyone: another age, and not young any more.
            let born = NaiveDate::from_ymd_opt(1930, 1, 1);
            diesel::update(person::table.filter(person::id.eq(of)))
                .set(person::birth_date.eq(born))
                .execute(tx.conn())?;
        }
    }
    tx.touch(of.0);
    Ok(())
}

async fn refreshed(context: &Context, writes: i64, changing: Changing) -> Result<serde_json::Value, Error> {
    let read = move |c: &mut crate::db::AnyConn| -> Result<Vec<PersonId>, DbError> {
        let diagnosed = diagnosis::table.filter(diagnosis::person_id.eq(person::id));
        Ok(person::table
            .filter(person::birth_date.is_not_null())
            .filter(exists(diagnosed))
            .select(person::id)
            .order(person::search_key)
            .limit(writes)
            .load(c)?)
    };
    let persons = context.app.db.read(read).await?;
    let mut cost = Vec::with_capacity(persons.len());
    for id in persons {
        let write = move |tx: &mut Tx<'_>| -> Result<(), Undone> {
            change(tx, id, changing)?;
            let before = spent();
            RefreshFacts.before_commit(tx)?;
            Err(Undone::Measured(spent().saturating_sub(before)))
        };
        match context.app.db.write(write).await {
            Err(Undone::Failed(why)) => return Err(why.into()),
            Err(Undone::Measured(nanoseconds)) => cost.push(nanoseconds / 1000),
            Ok(()) => {}
        }
    }
    cost.sort_unstable();
    let at = |share: usize| cost.get(cost.len() * share / 100).copied();
    Ok(serde_json::json!({ "writes": cost.len(), "median_us": at(50), "p95_us": at(95), "cpu_us": cost }))
}

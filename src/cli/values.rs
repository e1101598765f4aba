//! `values` and `people`: the numbers of a pack and the subjects behind each.

use std::io::Write as _;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use clap::{Args, ValueEnum};

use super::output::Out;
use super::values_output::{self, Format};
use super::{Context, Outcome, change};
use crate::audit;
use crate::db::AnyConn;
use crate::error::Error;
use crate::facts::{self, FactPeriod};
use crate::indicators::people::{self, Part};
use crate::indicators::values::{self, Query};
use crate::indicators::{Cause, Pack, by_cluster, ground, load, versions};
use crate::units::{self, Unit, UnitKind};
use crate::web::Scope;

/// Arguments of `values`.
#[derive(Debug, Args)]
pub struct ValuesArgs {
    /// Код пакета.
    #[arg(long)]
    pack: String,
    /// Период: 2022/23 или 2023.
    #[arg(long)]
    period: String,
    /// Уровень строк; без него — регионы, а с --unit сама единица.
    #[arg(long)]
    level: Option<Level>,
    /// Только единицы внутри этой.
    #[arg(long)]
    unit: Option<String>,
    /// Только этот показатель.
    #[arg(long)]
    indicator: Option<String>,
    /// Смотреть с этого дня периода: позже ничего не произошло.
    #[arg(long)]
    as_of: Option<NaiveDate>,
    /// По сведениям на этот день (или день и время) включительно.
    #[arg(long)]
    known_at: Option<String>,
    /// Вид вывода.
    #[arg(long, default_value = "csv")]
    format: Format,
}

/// Levels of rows.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Level {
    /// Регионы.
    Region,
    /// Зоны.
    Zone,
    /// Муниципалитеты.
    Municipality,
    /// Организации.
    Organisation,
    /// Классы кластеров методики: муниципалитеты каждого вместе.
    Cluster,
}

impl Level {
    /// The kind of units; `None` for what is no unit.
    fn kind(self) -> Option<UnitKind> {
        match self {
            Self::Region => Some(UnitKind::Region),
            Self::Zone => Some(UnitKind::Zone),
            Self::Municipality => Some(UnitKind::Municipality),
            Self::Organisation => Some(UnitKind::Organisation),
            Self::Cluster => None,
        }
    }
}

/// Arguments of `people`.
#[derive(Debug, Args)]
pub struct PeopleArgs {
    /// Код пакета.
    #[arg(long)]
    pack: String,
    /// Код показателя.
    #[arg(long)]
    indicator: String,
    /// Код единицы.
    #[arg(long)]
    unit: String,
    /// Период: 2022/23 или 2023.
    #[arg(long, required_unless_present = "change")]
    period: Option<String>,
    /// numerator, rest (только знаменатель) или excluded (не считаются).
    #[arg(long, default_value = "numerator")]
    part: String,
    /// Часть изменения между --from и --to, как её называет explain-change.
    #[arg(long, requires_all = ["from", "to"], conflicts_with_all = ["period", "part"])]
    change: Option<String>,
    /// С какого дня смотрит --change.
    #[arg(long, requires = "change")]
    from: Option<NaiveDate>,
    /// По какой день смотрит --change.
    #[arg(long, requires = "change")]
    to: Option<NaiveDate>,
    /// Вид вывода.
    #[arg(long, default_value = "csv")]
    format: Format,
}

/// `values`.
pub async fn values(context: &Context, args: ValuesArgs) -> Result<Outcome, Error> {
    let known_at = match &args.known_at {
        None => None,
        Some(text) => Some(moment(text, context.app.config.zone_hours)?),
    };
    let stored = args.as_of.is_none() && known_at.is_none();
    let (pack, period) = if stored {
        ready(context, &args.pack, &args.period).await?
    } else {
        in_memory(context, &args.pack, &args.period, known_at).await?
    };
    if let Some(day) = args.as_of.filter(|day| !period.window().contains(*day)) {
        return Err(Error::Invalid(format!("{day}: день не из периода {}", period.code)));
    }
    if let Some(code) = args.indicator.as_ref().filter(|code| pack.indicator(code).is_none()) {
        return Err(Error::NotFound(format!("показатель {code} в пакете {}", pack.code)));
    }
    let (format, level, unit, indicator, as_of) = (args.format, args.level, args.unit, args.indicator, args.as_of);
    let (of, shown) = (pack.clone(), period.clone());
    let rows = context
        .app
        .db
        .read(move |c| {
            let unit = unit.map(|code| find_unit(c, &code)).transpose()?;
            let clusters = level.is_some_and(|level| level.kind().is_none());
            let level = level.and_then(Level::kind).or(unit.as_ref().map(|u| u.kind));
            let query = Query {
                level: level.unwrap_or(UnitKind::Region),
                unit: unit.as_ref().map(|u| u.id),
                indicator,
                as_of,
                known_at,
                breakdowns: true,
            };
            let scope = Scope::of_server("values");
            if clusters {
                let within = unit.map_or_else(|| only_region(c, &pack, &period), Ok)?;
                let rows = by_cluster::values(c, &scope, (&pack, &period), &within, &query)?;
                return Ok(rows);
            }
            values::values(c, &scope, &pack, &period, &query).map_err(Error::from)
        })
        .await?;
    Out.write_all(&values_output::values(format, &of, &shown, &rows)?)?;
    Ok(Outcome::Done)
}

/// `people`.
pub async fn people(context: &Context, args: PeopleArgs) -> Result<Outcome, Error> {
    if let (Some(part), Some(from), Some(to)) = (&args.change, args.from, args.to) {
        let codes = || Cause::ALL.iter().map(|c| c.code()).collect::<Vec<_>>().join(", ");
        let cause = Cause::from_code(part).ok_or_else(|| Error::Invalid(format!("--change: {}", codes())))?;
        let asked = change::Asked {
            pack: args.pack,
            indicator: args.indicator,
            unit: args.unit,
            from,
            to,
            cause,
        };
        let of = format!(
            "pack={} indicator={} from={from} to={to} change={cause}",
            asked.pack, asked.indicator
        );
        let (unit, rows) = change::list(context, asked).await?;
        note(context, &unit, &of, rows.iter().map(|row| row.listed.key.as_str())).await?;
        Out.write_all(&values_output::changed(args.format, &rows)?)?;
        return Ok(Outcome::Done);
    }
    let part =
        Part::from_code(&args.part).ok_or_else(|| Error::Invalid("--part: numerator, rest или excluded".into()))?;
    let (pack, period) = ready(context, &args.pack, args.period.as_deref().unwrap_or_default()).await?;
    let indicator = pack
        .indicator(&args.indicator)
        .ok_or_else(|| Error::NotFound(format!("показатель {} в пакете {}", args.indicator, pack.code)))?
        .clone();
    let unit = args.unit;
    let of = format!(
        "pack={} indicator={} period={} part={part}",
        pack.code, indicator.code, period.code
    );
    let (unit, rows) = context
        .app
        .db
        .read(move |c| {
            let unit = find_unit(c, &unit)?;
            let scope = Scope::of_server("people");
            let rows = people::people(c, &scope, (&pack, &indicator), &period, unit.id, part)?;
            Ok::<_, Error>((unit, rows))
        })
        .await?;
    note(context, &unit, &of, rows.iter().map(|row| row.key.as_str())).await?;
    Out.write_all(&values_output::people(args.format, &rows)?)?;
    Ok(Outcome::Done)
}

/// The region of a pack, where there is one: classes of several regions would bear the same codes.
fn only_region(conn: &mut AnyConn, pack: &Pack, period: &FactPeriod) -> Result<Unit, Error> {
    let tree = units::store::tree(conn, period.reference_on, None)?;
    let all = tree.of_kind(UnitKind::Region);
    let own: Vec<&Unit> = all
        .iter()
        .copied()
        .filter(|of| pack.regions.contains(&of.code))
        .collect();
    let regions = if own.is_empty() { all } else { own };
    match regions.as_slice() {
        [region] => Ok((*region).clone()),
        _ => Err(Error::Invalid("--level cluster: назовите регион: --unit КОД".into())),
    }
}

/// The row of the journal stands before the first name is shown; whoever writes or checks next seals it.
pub(super) async fn note(
    context: &Context,
    unit: &Unit,
    of: &str,
    keys: impl Iterator<Item = &str>,
) -> Result<(), Error> {
    let key = context.app.keys.audit.clone();
    let keys: Vec<&str> = keys.collect();
    let mut entry = audit::Entry::of_server("indicator.people", "unit", Some(unit.id.0));
    entry.region = Some(unit.region_id.0);
    entry.detail = format!(
        "{of} count={} digest={}",
        keys.len(),
        audit::keyed(&key, keys.join(",").as_bytes())
    );
    let write = move |tx: &mut crate::db::Tx<'_>| audit::record(tx, &key, &[entry]).map_err(Error::from);
    context.app.db.write(write).await
}

pub(super) fn find_unit(conn: &mut AnyConn, code: &str) -> Result<Unit, Error> {
    units::store::by_code(conn, code)?.ok_or_else(|| Error::NotFound(format!("единица с кодом {code}")))
}

/// The pack and the period with stored facts; what is missing of them is made.
pub(super) async fn ready(context: &Context, pack: &str, period: &str) -> Result<(Arc<Pack>, FactPeriod), Error> {
    let (code, name) = (pack.to_owned(), period.to_owned());
    let found = context
        .app
        .db
        .read(move |c| -> Result<_, Error> {
            let Some(pack) = load::in_force(c, &code)? else {
                return Ok(None);
            };
            let basis = pack.basis.key();
            let period = facts::store::period(c, &basis, &name)?;
            for years in pack.looks_back() {
                let before = ground::code_before(&name, years);
                if before.is_some_and(|code| facts::store::period(c, &basis, &code).is_ok_and(|p| p.is_none())) {
                    return Ok(None);
                }
            }
            Ok(period.map(|period| (pack, period)))
        })
        .await?;
    if let Some(found) = found {
        return Ok(found);
    }
    let (code, name, key) = (pack.to_owned(), period.to_owned(), context.app.keys.audit.clone());
    let made = context
        .app
        .db
        .write(move |tx| load::ready(tx, &key, &code, &name))
        .await?;
    context.app.seal().await?;
    Ok(made)
}

/// The pack and the period for figures that are computed from sources and stored nowhere.
async fn in_memory(
    context: &Context,
    pack: &str,
    period: &str,
    known_at: Option<NaiveDateTime>,
) -> Result<(Arc<Pack>, FactPeriod), Error> {
    let code = pack.to_owned();
    // What was known at a moment was known by the method of that moment.
    let read = move |c: &mut AnyConn| versions::at(c, &code, known_at.unwrap_or(NaiveDateTime::MAX));
    let pack = Arc::new(context.app.db.read(read).await?.pack);
    let period = load::unopened(&pack.basis, period)?;
    Ok((pack, period))
}

/// A day (its end) or a moment of the region's time, as UTC.
fn moment(text: &str, zone_hours: i32) -> Result<NaiveDateTime, Error> {
    let local = match text.parse::<NaiveDate>() {
        Ok(day) => day.and_hms_micro_opt(23, 59, 59, 999_999),
        Err(_) => text
            .parse::<NaiveDateTime>()
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"))
            .ok(),
    };
    local
        .map(|at| at - chrono::Duration::hours(i64::from(zone_hours)))
        .ok_or_else(|| {
            Error::Invalid(format!(
                "{text}: нужен день 2023-12-05 или день и время 2023-12-05T18:00"
            ))
        })
}

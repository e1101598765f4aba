//! Facts of a unit entered by form: what the packs in force ask for, writing it with its history, marking a link as
//! checked.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::formula::Formula;
use super::measures::{self, Measure, MeasureSource, MeasureSubject};
use super::pack::Pack;
use super::reported::{self, Detail, Entered};
use crate::access;
use crate::audit::{self, Entry};
use crate::db::schema::{audit_event, measure_value};
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::planted;
use crate::units::{PeriodKind, Unit, UnitId, UnitKind};

/// Who enters.
#[derive(Debug, Clone)]
pub struct Enterer {
    /// The account.
    pub account: i64,
    /// In whose stead.
    pub on_behalf_of: Option<i64>,
    /// How far the region's clock is ahead of that of the database.
    pub zone: TimeDelta,
    /// Key of the journal.
    pub key: Vec<u8>,
}

/// A value as it stands or stood, with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Known {
    /// Id.
    pub id: i64,
    /// The measure.
    pub measure: String,
    /// Thousandths; `None` says that there is no value.
    pub value_milli: Option<i64>,
    /// Source.
    pub source: MeasureSource,
    /// Where the proof lies.
    pub link: Option<String>,
    /// Who entered it by form.
    pub account: Option<i64>,
    /// In whose stead.
    pub on_behalf_of: Option<i64>,
    /// The file that brought it.
    pub batch: Option<i64>,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When another record took its place.
    pub superseded_at: Option<NaiveDateTime>,
    /// Who looked at the link.
    pub checked_by: Option<i64>,
    /// When.
    pub checked_on: Option<NaiveDate>,
}

/// Measures that packs ask of a unit of a kind in a period of a kind, in the order of the reference file.
#[must_use]
pub fn asked<P: AsRef<Pack>>(packs: &[P], of: UnitKind, kind: PeriodKind) -> Vec<&'static Measure> {
    let formulas = packs
        .iter()
        .map(AsRef::as_ref)
        .filter(|p| p.basis.kind == kind)
        .flat_map(|p| p.indicators.iter().filter_map(|i| i.formula.as_ref()));
    let named: BTreeSet<&str> = formulas.flat_map(Formula::measures).collect();
    let mut found: Vec<&'static Measure> = named.into_iter().filter_map(measures::of_units).collect();
    found.retain(|m| {
        let organisation = m.subject == MeasureSubject::Organisation;
        m.source != MeasureSource::Computed
            && m.source != MeasureSource::Expert
            && organisation == (of == UnitKind::Organisation)
    });
    found
}

/// Kinds of periods for which packs ask each measure, by its code.
#[must_use]
pub fn kinds<P: AsRef<Pack>>(packs: impl IntoIterator<Item = P>) -> BTreeMap<String, BTreeSet<PeriodKind>> {
    let mut found: BTreeMap<String, BTreeSet<PeriodKind>> = BTreeMap::new();
    for pack in packs {
        let pack = pack.as_ref();
        let formulas = pack.indicators.iter().filter_map(|i| i.formula.as_ref());
        for measure in formulas.flat_map(Formula::measures) {
            found.entry(measure.to_owned()).or_default().insert(pack.basis.kind);
        }
    }
    found
}

/// Values of a unit in a period, those that were replaced among them, the latest first.
///
/// # Errors
/// Those of the database.
pub fn known(conn: &mut AnyConn, unit: UnitId, period: &str) -> Result<Vec<Known>, DbError> {
    Ok(measure_value::table
        .filter(measure_value::unit_id.eq(unit))
        .filter(measure_value::period.eq(period))
        .filter(measure_value::expert.eq(""))
        .order(measure_value::id.desc())
        .select((
            measure_value::id,
            measure_value::measure,
            measure_value::value_milli,
            measure_value::source,
            measure_value::link,
            measure_value::account_id,
            measure_value::on_behalf_of_id,
            measure_value::batch_id,
            measure_value::recorded_at,
            measure_value::superseded_at,
            measure_value::checked_by,
            measure_value::checked_on,
        ))
        .load(conn)?)
}

/// Periods for which something is said of a unit.
///
/// # Errors
/// Those of the database.
pub fn told(conn: &mut AnyConn, unit: UnitId) -> Result<Vec<String>, DbError> {
    let mut codes = measures::entered_for(true, None);
    codes.extend(measures::entered_for(false, None));
    Ok(measure_value::table
        .filter(measure_value::unit_id.eq(unit))
        .filter(measure_value::measure.eq_any(codes))
        .filter(measure_value::expert.eq(""))
        .filter(measure_value::superseded_at.is_null())
        .select(measure_value::period)
        .distinct()
        .load(conn)?)
}

/// What stands in a form, as one short text: it changes with every change of a value.
#[must_use]
pub fn version(known: &[Known]) -> String {
    let ids = known
        .iter()
        .filter(|k| k.superseded_at.is_none())
        .map(|k| k.id.to_string());
    let mut digest = audit::digest(ids.collect::<Vec<_>>().join(",").as_bytes());
    digest.truncate(16);
    digest
}

/// What a form says of a measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The measure.
    pub measure: &'static Measure,
    /// `None`: not submitted; `Some(None)`: there is no value.
    pub value: Option<Option<i64>>,
    /// Where the proof lies.
    pub link: Option<String>,
}

/// What a form says and what cannot be: a count that is no whole number, a part that is more than its whole. A part that
/// the form does not ask for is taken as it stands.
#[must_use]
pub fn contradictions(said: &[Said], known: &[Known]) -> Vec<(&'static Measure, Refusal)> {
    let typed = |of: &Measure| said.iter().find(|s| s.measure.code == of.code);
    let stands = |of: &Measure| {
        let standing = known.iter().filter(|k| k.superseded_at.is_none());
        let mut own = standing.filter(|k| k.measure == of.code && k.source == of.source);
        own.next().and_then(|k| k.value_milli)
    };
    let value = |of: &Measure| match typed(of) {
        Some(said) => said.value.flatten(),
        None => stands(of),
    };
    let mut found = Vec::new();
    for of in said.iter().map(|s| s.measure) {
        let Some(own) = value(of) else { continue };
        let above = |whole| value(whole).and_then(|all| measures::above_whole((of, own), (whole, all)));
        let below = |part| value(part).and_then(|some| measures::above_whole((part, some), (of, own)));
        let refusals = of.refuses(own).into_iter().chain(of.whole().and_then(above));
        let untold = of.parts().filter(|part| typed(part).is_none()).filter_map(below);
        found.extend(refusals.chain(untold).map(|refusal| (of, refusal)));
    }
    found
}

/// Writes a form that stood at version `seen`; what changes is superseded and stays. Returns how many values changed.
///
/// # Errors
/// Somebody else has changed the form; it contradicts itself.
pub fn save(
    tx: &mut Tx<'_>,
    by: &Enterer,
    (unit, period): (&Unit, &str),
    seen: &str,
    said: Vec<Said>,
) -> Result<usize, Error> {
    dialect::lock(tx.conn(), dialect::lock_space::PACK, [unit.id.0])?;
    let known = known(tx.conn(), unit.id, period)?;
    if version(&known) != seen && !planted!("form_without_version") {
        return Err(changed(tx, by, unit, period)?);
    }
    if let Some((_, refusal)) = contradictions(&said, &known).into_iter().next() {
        return Err(refusal.into());
    }
    let (mut new, mut replaced) = (Vec::new(), Vec::new());
    for said in said {
        let stands = known
            .iter()
            .find(|k| k.superseded_at.is_none() && k.measure == said.measure.code && k.source == said.measure.source);
        let before = stands.map(|k| (k.value_milli, k.link.clone()));
        let after = said.value.map(|value| (value, said.link));
        if before == after {
            continue;
        }
        replaced.extend(stands.map(|k| k.id));
        let Some((value_milli, link)) = after else { continue };
        new.push(Entered {
            region: unit.region_id,
            unit: unit.id,
            measure: said.measure.code.clone(),
            period: period.to_owned(),
            value_milli,
            value_text: None,
            source: said.measure.source,
            detail: Detail {
                link,
                ..Detail::default()
            },
        });
    }
    let many = new.len().max(replaced.len());
    if many == 0 {
        return Ok(0);
    }
    let measures: Vec<String> = new.iter().map(|v| v.measure.clone()).collect();
    reported::write_by(tx, new, &replaced, None, Some((by.account, by.on_behalf_of)))?;
    let detail = format!(
        "period={period} entered={} superseded={}",
        measures.join(","),
        replaced.len()
    );
    audit::record(
        tx,
        &by.key,
        &[entry(
            by,
            "indicators.form",
            unit.region_id,
            ("unit_form", unit.id.0),
            detail,
        )],
    )?;
    Ok(many)
}

fn entry(by: &Enterer, action: &'static str, region: UnitId, object: (&'static str, i64), detail: String) -> Entry {
    Entry {
        action,
        region: Some(region.0),
        account: Some(by.account),
        on_behalf_of: by.on_behalf_of,
        object_kind: object.0,
        object: Some(object.1),
        person: None,
        detail,
    }
}

/// What was entered meanwhile: by somebody else, or by a file where that came later.
fn changed(tx: &mut Tx<'_>, by: &Enterer, unit: &Unit, period: &str) -> Result<Error, DbError> {
    let newest: Option<(NaiveDateTime, Option<i64>)> = measure_value::table
        .filter(measure_value::unit_id.eq(unit.id))
        .filter(measure_value::period.eq(period))
        .filter(measure_value::expert.eq(""))
        .order((measure_value::recorded_at.desc(), measure_value::id.desc()))
        .select((measure_value::recorded_at, measure_value::batch_id))
        .first(tx.conn())
        .optional()?;
    let last: Option<(NaiveDateTime, Option<i64>, Option<i64>, String)> = audit_event::table
        .filter(audit_event::object_kind.eq("unit_form"))
        .filter(audit_event::object_id.eq(unit.id.0))
        .filter(audit_event::detail.like(format!("period={period} %")))
        .order(audit_event::id.desc())
        .select((
            audit_event::at,
            audit_event::account_id,
            audit_event::on_behalf_of_id,
            audit_event::detail,
        ))
        .first(tx.conn())
        .optional()?;
    let by_file = newest.filter(|(_, batch)| batch.is_some()).map(|(at, _)| at);
    let last = last.filter(|(at, ..)| by_file.is_none_or(|file| *at >= file));
    let Some((at, Some(account), whose, detail)) = last else {
        return Ok(Error::Changed(
            "Пока страница была открыта, сведения загрузили файлом.".into(),
        ));
    };
    let name = access::store::doer(tx.conn(), account, whose)?;
    let entered = detail
        .split_whitespace()
        .find_map(|part| part.strip_prefix("entered="))
        .unwrap_or_default();
    let titles: Vec<&str> = entered
        .split(',')
        .filter_map(measures::of_units)
        .map(|m| m.title.as_str())
        .collect();
    let what = if titles.is_empty() {
        String::new()
    } else {
        format!(" Внесено: {}.", titles.join("; "))
    };
    Ok(Error::Changed(format!(
        "Сведения изменили {}, {name}.{what}",
        (at + by.zone).format("%d.%m.%Y в\u{A0}%H:%M")
    )))
}

/// Marks the link of a value in force as checked on a day.
///
/// # Errors
/// There is no link; the value has been replaced meanwhile.
pub fn check_link(tx: &mut Tx<'_>, by: &Enterer, region: UnitId, id: i64, today: NaiveDate) -> Result<(), Error> {
    let standing = measure_value::table
        .filter(measure_value::region_id.eq(region))
        .filter(measure_value::id.eq(id))
        .filter(measure_value::superseded_at.is_null());
    type Checked = (Option<String>, Option<NaiveDate>, Option<i64>);
    let found: Option<Checked> = standing
        .select((
            measure_value::link,
            measure_value::checked_on,
            measure_value::checked_by,
        ))
        .first(tx.conn())
        .optional()?;
    match found {
        None => return Err(Error::Changed("Это сведение уже заменили.".into())),
        Some((None, ..)) => return Err(Refusal::new("indicators.no_link").into()),
        // Whoever checked it first stays; the same person's second click says nothing new.
        Some((_, Some(_), Some(who))) if who == by.account => return Ok(()),
        Some((_, Some(on), Some(who))) => {
            let name = access::store::doer(tx.conn(), who, None)?;
            return Err(Error::Changed(format!(
                "Ссылку уже проверили {}, {name}.",
                on.format("%d.%m.%Y")
            )));
        }
        Some(_) => {}
    }
    let marked = diesel::update(standing.filter(measure_value::checked_by.is_null()))
        .set((
            measure_value::checked_by.eq(by.account),
            measure_value::checked_on.eq((!planted!("link_without_day")).then_some(today)),
        ))
        .execute(tx.conn())?;
    if marked == 0 {
        return Err(Error::Changed("Ссылку только что проверили или заменили.".into()));
    }
    audit::record(
        tx,
        &by.key,
        &[entry(
            by,
            "indicators.link_check",
            region,
            ("measure_value", id),
            String::new(),
        )],
    )?;
    Ok(())
}

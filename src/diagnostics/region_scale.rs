//! Scales of levels that a region makes beside the common one. A scale is never changed: results were read by it; a better one
//! is another one.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::access::by::By;
use crate::competence::scale::{self, Band, DEFAULT_SCALE};
use crate::competence::{ScaleDirection, ScaleId};
use crate::db::milli::Milli;
use crate::db::schema::{diagnosis_result, procedure, rescale, scale as table, scale_band};
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::units::UnitId;
use crate::{insert_many, planted};

/// Its kind in the journal.
const OBJECT: &str = "scale";
/// Levels of a scale at most.
pub const MOST: usize = 12;
/// Signs of a name or a level at most.
pub const SIGNS: usize = 100;
/// What the common scale is called.
const COMMON: &str = "общая шкала";

/// A scale that a region may choose.
#[derive(Debug, Clone)]
pub struct Known {
    /// Id.
    pub id: ScaleId,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Whether the region made it.
    pub own: bool,
    /// What its levels name.
    pub direction: ScaleDirection,
    /// Its levels, from the lowest per cent.
    pub bands: Vec<Band>,
    /// Procedures of the region that choose it.
    pub procedures: i64,
    /// Whether results were read anew by it once.
    pub read: bool,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
struct Row {
    id: ScaleId,
    code: String,
    direction: ScaleDirection,
    recorded_at: NaiveDateTime,
    region_id: Option<UnitId>,
    name: Option<String>,
}

/// The scales that a region may choose: the common one first, then its own by their age.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, region: UnitId) -> Result<Vec<Known>, DbError> {
    let mut rows = table::table
        .filter(table::withdrawn_at.is_null())
        .order((table::recorded_at, table::id))
        .select(Row::as_select())
        .into_boxed();
    if !planted!("scale_of_any_region") {
        rows = rows.filter(table::region_id.is_null().or(table::region_id.eq(region)));
    }
    let mut rows: Vec<Row> = rows.load(conn)?;
    rows.sort_by_key(|row| (row.region_id.is_some(), row.code != DEFAULT_SCALE));
    let mut bands = scale::bands(conn)?;
    // A scale of a region is chosen by its procedures alone, whoever made them.
    let ids: Vec<Option<ScaleId>> = rows.iter().map(|row| Some(row.id)).collect();
    let chosen: Vec<Option<ScaleId>> = procedure::table
        .filter(procedure::scale_id.eq_any(ids))
        .select(procedure::scale_id)
        .load(conn)?;
    let read: Vec<ScaleId> = rescale::table
        .filter(rescale::region_id.eq(region))
        .select(rescale::scale_id)
        .distinct()
        .load(conn)?;
    let of = |row: Row| Known {
        procedures: i64::try_from(chosen.iter().filter(|of| **of == Some(row.id)).count()).unwrap_or(i64::MAX),
        read: read.contains(&row.id),
        bands: bands.remove(&row.id).unwrap_or_default(),
        own: row.region_id.is_some(),
        name: row.name.unwrap_or_else(|| COMMON.to_owned()),
        direction: row.direction,
        code: row.code,
        id: row.id,
    };
    Ok(rows.into_iter().map(of).collect())
}

/// What a scale is called; `None` is one that has no name of its own.
///
/// # Errors
/// Those of the database.
pub fn name(conn: &mut AnyConn, of: ScaleId) -> Result<Option<String>, DbError> {
    let found = table::table.filter(table::id.eq(of)).select(table::name).first(conn);
    Ok(found.optional()?.flatten())
}

/// Why a line is no level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It has not three parts.
    Parts,
    /// Its name is missing or too long.
    Name,
    /// Its bounds do not read.
    Bounds,
    /// Its third part is neither word.
    Word,
}

impl Flaw {
    /// What to do, in words.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Parts => "нужны три части через «;»: уровень, границы, «дефицит» или «нет»",
            Self::Name => "впишите название уровня, не длиннее 100 знаков",
            Self::Bounds => {
                "границы пишут так: «[0 – 60)»; квадратная скобка – граница входит, круглая – не входит, числа от 0 до 100"
            }
            Self::Word => "в конце строки нужно «дефицит» или «нет»",
        }
    }
}

/// A level as it is typed: «высокий; [0 – 60); дефицит».
///
/// # Errors
/// What is wrong with it.
pub fn level(text: &str) -> Result<Band, Flaw> {
    let cells: Vec<&str> = text.split([';', '\t']).map(str::trim).collect();
    let [label, range, word] = cells.as_slice() else {
        return Err(Flaw::Parts);
    };
    if label.is_empty() || label.chars().count() > SIGNS {
        return Err(Flaw::Name);
    }
    let (lower_incl, lower, upper, upper_incl) = bounds(range).ok_or(Flaw::Bounds)?;
    let is_deficit = match word.to_lowercase().as_str() {
        "дефицит" => true,
        "нет" => false,
        _ => return Err(Flaw::Word),
    };
    Ok(Band {
        id: 0,
        scale_id: ScaleId(0),
        number: 0,
        level: String::new(),
        label: (*label).to_owned(),
        lower_milli: lower,
        upper_milli: upper,
        lower_incl,
        upper_incl,
        is_deficit,
        severity: 0,
    })
}

/// The bounds of «[0 – 60)»: whether the lower one belongs, both, whether the upper one belongs.
fn bounds(range: &str) -> Option<(bool, Milli, Milli, bool)> {
    let inner = range.strip_prefix(['[', '('])?.strip_suffix([']', ')'])?;
    let (lower, upper) = inner.split_once(['–', '—', '-'])?;
    let percent = |text: &str| {
        let found = Milli::parse(text.trim().trim_end_matches('%').trim())?;
        (0..=100_000).contains(&found.0).then_some(found)
    };
    Some((
        range.starts_with('['),
        percent(lower)?,
        percent(upper)?,
        range.ends_with(']'),
    ))
}

/// Makes a scale of the region. The lowest per cent is the heaviest level.
///
/// # Errors
/// No name, or one that is taken; one level or too many; they leave a gap or cover a score twice; a deficit above a level that
/// is none.
pub fn add(
    tx: &mut Tx<'_>,
    by: &By,
    (name, direction): (&str, ScaleDirection),
    mut bands: Vec<Band>,
) -> Result<ScaleId, Error> {
    if name.is_empty() || name.chars().count() > SIGNS {
        return Err(Refusal::new("scale.name").with("most", SIGNS).into());
    }
    if bands.len() > MOST {
        return Err(Refusal::new("scale.too_many").with("most", MOST).into());
    }
    scale::validate(&bands)?;
    if bands.len() < 2 {
        return Err(Refusal::new("scale.one_level").into());
    }
    bands.sort_by_key(|band| (band.lower_milli, band.upper_milli));
    let reversed = |pair: &&[Band]| !pair[0].is_deficit && pair[1].is_deficit;
    if let Some(pair) = bands.windows(2).find(reversed) {
        let refusal = Refusal::new("scale.reversed").with("lower", &pair[0].label);
        return Err(refusal.with("upper", &pair[1].label).into());
    }
    dialect::lock(tx.conn(), dialect::lock_space::SCALE, [by.region.0])?;
    let labels: BTreeSet<String> = bands.iter().map(|band| search_key(&band.label)).collect();
    if labels.len() < bands.len() {
        return Err(Refusal::new("scale.level_twice").into());
    }
    let key = search_key(name);
    if all(tx.conn(), by.region)?.iter().any(|of| search_key(&of.name) == key) {
        return Err(Refusal::new("scale.name_taken").with("name", name).into());
    }
    let id = ScaleId(tx.id());
    for (number, band) in (1_i32..).zip(&mut bands) {
        band.id = tx.id();
        band.scale_id = id;
        band.number = number;
        band.level = number.to_string();
        if direction == ScaleDirection::Competence {
            band.label = scale::of_mastery(&band.label);
        }
    }
    let heaviest = i32::try_from(bands.len()).unwrap_or(i32::MAX);
    for band in &mut bands {
        band.severity = heaviest - band.number;
    }
    let made = Row {
        id,
        code: format!("scale-{id}"),
        direction,
        recorded_at: tx.now(),
        region_id: Some(by.region),
        name: Some(name.to_owned()),
    };
    insert_many!(tx.conn(), table::table, [made])?;
    insert_many!(tx.conn(), scale_band::table, bands)?;
    by.note(tx, "diagnostics.scale_add", (OBJECT, id.0), &[], "")?;
    Ok(id)
}

/// Takes a scale back that nothing has been read by.
///
/// # Errors
/// It is not the region's; a procedure or a result stands on it.
pub fn withdraw(tx: &mut Tx<'_>, by: &By, id: ScaleId) -> Result<(), Error> {
    dialect::lock(tx.conn(), dialect::lock_space::SCALE, [by.region.0])?;
    let known = all(tx.conn(), by.region)?;
    let Some(of) = known.iter().find(|of| of.id == id && of.own) else {
        return Err(Error::NotFound("шкала".into()));
    };
    let read: i64 = diagnosis_result::table
        .filter(diagnosis_result::region_id.eq(by.region))
        .filter(diagnosis_result::scale_id.eq(id))
        .count()
        .get_result(tx.conn())?;
    if of.procedures > 0 || read > 0 {
        return Err(Refusal::new("scale.used").with("name", &of.name).into());
    }
    diesel::update(table::table.filter(table::id.eq(id)))
        .set(table::withdrawn_at.eq(tx.now()))
        .execute(tx.conn())?;
    by.note(tx, "diagnostics.scale_withdraw", (OBJECT, id.0), &[], "")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_read_with_its_bounds() {
        let read = |text: &str| {
            let of = level(text).expect(text);
            let bounds = (of.lower_incl, of.lower_milli.0, of.upper_milli.0, of.upper_incl);
            (of.label, bounds, of.is_deficit)
        };
        assert_eq!(
            read("высокий; [0 – 60); дефицит"),
            ("высокий".into(), (true, 0, 60_000, false), true)
        );
        assert_eq!(
            read("средний;(60-80 %];Дефицит"),
            ("средний".into(), (false, 60_000, 80_000, true), true)
        );
        assert_eq!(
            read("нет\t[99,5 – 100]\tнет"),
            ("нет".into(), (true, 99_500, 100_000, true), false)
        );
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        for (text, flaw) in [
            ("высокий; [0 – 60)", Flaw::Parts),
            ("; [0 – 60); нет", Flaw::Name),
            ("высокий; 0 – 60; нет", Flaw::Bounds),
            ("высокий; [0 – 160]; нет", Flaw::Bounds),
            ("высокий; [0 – 60); да", Flaw::Word),
        ] {
            assert_eq!(level(text), Err(flaw), "{text}");
        }
    }
}

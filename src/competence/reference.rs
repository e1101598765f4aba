//! Reference data of the program itself: groups of competences and the default scale, kept equal to the files in
//! `seeds/reference/` whenever the program opens a database.

use std::sync::LazyLock;

use diesel::prelude::*;
use serde::Deserialize;

use super::model::ScaleId;
use super::scale::{self, Band};
use crate::db::milli::Milli;
use crate::db::schema::{competence_group, scale as scale_table, scale_band};
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::insert_many;

#[derive(Default, Deserialize)]
struct Groups {
    group: Vec<Group>,
}

/// A group of competences.
#[derive(Debug, Deserialize)]
pub struct Group {
    /// Code as stored.
    pub code: String,
    /// Name as printed.
    pub name: String,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Scales {
    scale: Vec<SeedScale>,
}

#[derive(Deserialize)]
struct SeedScale {
    code: String,
    direction: String,
    band: Vec<SeedBand>,
}

#[derive(Deserialize)]
struct SeedBand {
    level: String,
    label: String,
    range: String,
    is_deficit: bool,
    severity: i32,
}

// Both files are part of the program, and a test reads them.
static GROUPS: LazyLock<Groups> =
    LazyLock::new(|| toml::from_str(include_str!("../../seeds/reference/competence_groups.toml")).unwrap_or_default());
static SCALES: LazyLock<Scales> =
    LazyLock::new(|| toml::from_str(include_str!("../../seeds/reference/scales.toml")).unwrap_or_default());

/// The groups in their order.
#[must_use]
pub fn groups() -> &'static [Group] {
    &GROUPS.group
}

/// The code of a group by its code, name or another word for it, in any case.
#[must_use]
pub fn group_code(text: &str) -> Option<&'static str> {
    let text = search_key(text);
    let group = GROUPS
        .group
        .iter()
        .find(|g| g.code == text || search_key(&g.name) == text || g.aliases.contains(&text))?;
    Some(&group.code)
}

impl SeedScale {
    /// The bands with bounds read; an unreadable bound makes a scale that does not pass [`scale::validate`].
    fn bands(&self, id: ScaleId) -> Vec<Band> {
        let band = |(number, seed): (i32, &SeedBand)| {
            let (lower, upper) = seed.range.split_once(';').unwrap_or_default();
            let bound = |text: &str| Milli::parse(text.trim_matches(['[', ']', '(', ')', ' '])).unwrap_or(Milli(-1));
            Band {
                id: 0,
                scale_id: id,
                number,
                level: seed.level.clone(),
                label: seed.label.clone(),
                lower_milli: bound(lower),
                upper_milli: bound(upper),
                lower_incl: lower.contains('['),
                upper_incl: upper.contains(']'),
                is_deficit: seed.is_deficit,
                severity: seed.severity,
            }
        };
        (1..).zip(&self.band).map(band).collect()
    }
}

/// Whether the database holds what the files say.
///
/// # Errors
/// Those of the database.
pub fn is_current(conn: &mut AnyConn) -> Result<bool, DbError> {
    let stored: Vec<(String, String, i32)> = competence_group::table
        .select((competence_group::code, competence_group::name, competence_group::number))
        .load(conn)?;
    let groups = (1..).zip(groups()).all(|(number, group)| {
        let row = (group.code.clone(), group.name.clone(), number);
        stored.contains(&row)
    });
    let bands = scale::bands(conn)?;
    let ids: Vec<(ScaleId, String)> = scale_table::table
        .select((scale_table::id, scale_table::code))
        .load(conn)?;
    let scales = SCALES.scale.iter().all(|seed| {
        ids.iter().find(|(_, code)| *code == seed.code).is_some_and(|(id, _)| {
            let plain = |band: &Band| Band { id: 0, ..band.clone() };
            let stored: Vec<Band> = bands.get(id).map_or_else(Vec::new, |b| b.iter().map(plain).collect());
            stored == seed.bands(*id)
        })
    });
    Ok(groups && scales)
}

/// Makes the database hold what the files say. Groups and scales of a region's own stay as they are.
///
/// # Errors
/// Those of the database.
pub fn sync(tx: &mut Tx<'_>) -> Result<(), DbError> {
    dialect::lock(tx.conn(), dialect::lock_space::PACK, [1])?;
    if is_current(tx.conn())? {
        return Ok(());
    }
    for (number, group) in (1_i32..).zip(groups()) {
        let changed = diesel::update(competence_group::table.filter(competence_group::code.eq(&group.code)))
            .set((
                competence_group::name.eq(&group.name),
                competence_group::number.eq(number),
            ))
            .execute(tx.conn())?;
        if changed == 0 {
            diesel::insert_into(competence_group::table)
                .values((
                    competence_group::code.eq(&group.code),
                    competence_group::name.eq(&group.name),
                    competence_group::number.eq(number),
                ))
                .execute(tx.conn())?;
        }
    }
    for seed in &SCALES.scale {
        sync_scale(tx, seed)?;
    }
    Ok(())
}

fn sync_scale(tx: &mut Tx<'_>, seed: &SeedScale) -> Result<(), DbError> {
    let stored: Option<ScaleId> = scale_table::table
        .filter(scale_table::code.eq(&seed.code))
        .select(scale_table::id)
        .first(tx.conn())
        .optional()?;
    let id = match stored {
        Some(id) => id,
        None => {
            let id = ScaleId(tx.id());
            let now = tx.now();
            diesel::insert_into(scale_table::table)
                .values((
                    scale_table::id.eq(id),
                    scale_table::code.eq(&seed.code),
                    scale_table::direction.eq(&seed.direction),
                    scale_table::valid_from.eq(None::<chrono::NaiveDate>),
                    scale_table::recorded_at.eq(now),
                ))
                .execute(tx.conn())?;
            id
        }
    };
    let bands: Vec<Band> = seed
        .bands(id)
        .into_iter()
        .map(|band| Band { id: tx.id(), ..band })
        .collect();
    diesel::delete(scale_band::table.filter(scale_band::scale_id.eq(id))).execute(tx.conn())?;
    insert_many!(tx.conn(), scale_band::table, bands)?;
    tx.touch_everyone();
    Ok(())
}

/// The id of the default scale.
///
/// # Errors
/// Those of the database; it is planted when the program opens one.
pub fn default_scale(conn: &mut AnyConn) -> Result<ScaleId, DbError> {
    Ok(scale_table::table
        .filter(scale_table::code.eq(scale::DEFAULT_SCALE))
        .select(scale_table::id)
        .first(conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_read_and_the_default_scale_is_whole() {
        assert!(GROUPS.group.len() >= 7);
        let seed = SCALES.scale.iter().find(|s| s.code == scale::DEFAULT_SCALE).unwrap();
        assert_eq!(scale::validate(&seed.bands(ScaleId(1))), Ok(()));
    }

    #[test]
    fn groups_are_known_by_their_words() {
        for (word, code) in [
            ("ИКТ", "digital"),
            ("цифровые", "digital"),
            ("Психолого-Педагогические", "psych_ped"),
            ("нормативно-правовые", "regulatory"),
            ("subject", "subject"),
        ] {
            assert_eq!(group_code(word), Some(code), "{word}");
        }
        assert_eq!(group_code("прочие"), None);
    }
}

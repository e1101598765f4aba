//! Which teachers a unit needs: by subject who teaches it, who teaches it off the profile, and which posts are free; and
//! the posts of the staff table that were entered by form, beside the heads of the staff list.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike as _, NaiveDate};
use diesel::prelude::*;

use crate::db::schema::measure_value;
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError};
use crate::desk::workforce::counts::OfSubject;
use crate::desk::workforce::rows::{self, Heads, Worker};
use crate::people::vacancy::Vacancy;
use crate::people::{PersonId, StaffKind};
use crate::units::UnitId;

/// A subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Need {
    /// Subject as it is written most.
    pub subject: String,
    /// Who teaches it.
    pub teachers: i64,
    /// Of them whose education does not match it.
    pub off: i64,
    /// Of these who have a diploma of retraining.
    pub retrained: i64,
    /// Vacancies.
    pub vacancies: i64,
    /// Free rates, thousandths, where a list says; `None` where it says none.
    pub rates: Option<i64>,
}

/// The need by subject, those with free posts first, then those taught off the profile.
pub fn need<'a>(workers: impl Iterator<Item = &'a Worker>, vacancies: &[Vacancy]) -> Vec<Need> {
    let mut by_subject: BTreeMap<String, Need> = BTreeMap::new();
    for worker in workers {
        // A subject that a list spells in two ways is one.
        let spelled: BTreeMap<String, &String> = worker.subjects.keys().map(|s| (search_key(s), s)).collect();
        for (key, subject) in spelled {
            let is = |of: OfSubject| i64::from(of.is(worker, &key));
            let counts = [OfSubject::Teachers, OfSubject::Off, OfSubject::Retrained].map(is);
            let need = by_subject.entry(key.clone()).or_default();
            if need.subject.is_empty() {
                need.subject.clone_from(subject);
            }
            need.teachers += counts[0];
            need.off += counts[1];
            need.retrained += counts[2];
        }
    }
    for vacancy in vacancies.iter().filter(|v| !v.subject.is_empty()) {
        let need = by_subject.entry(vacancy.subject_key.clone()).or_default();
        if need.subject.is_empty() {
            need.subject.clone_from(&vacancy.subject);
        }
        need.vacancies += 1;
        if let Some(rate) = vacancy.rate_milli {
            *need.rates.get_or_insert(0) += i64::from(rate.0);
        }
    }
    let mut found: Vec<Need> = by_subject.into_values().collect();
    found.sort_by_key(|n| {
        (
            std::cmp::Reverse((n.vacancies, n.off - n.retrained)),
            search_key(&n.subject),
        )
    });
    found
}

/// Who teaches a subject in each of several units, and off the profile, and retrained of these; the last row is all of
/// them together, where whoever teaches in two units counts once.
pub fn beside(
    everyone: &BTreeMap<PersonId, Worker>,
    of: &HashMap<UnitId, usize>,
    many: usize,
) -> BTreeMap<String, Vec<[i64; 3]>> {
    let mut found: BTreeMap<String, Vec<[i64; 3]>> = BTreeMap::new();
    for worker in everyone.values() {
        let mut rows: BTreeSet<usize> = worker.places.iter().filter_map(|p| of.get(p).copied()).collect();
        rows.insert(many);
        let keys: BTreeSet<String> = worker.subjects.keys().map(|s| search_key(s)).collect();
        for key in keys {
            let is = |of: OfSubject| i64::from(of.is(worker, &key));
            let counts = [OfSubject::Teachers, OfSubject::Off, OfSubject::Retrained].map(is);
            let units = found.entry(key.clone()).or_insert_with(|| vec![[0; 3]; many + 1]);
            for row in &rows {
                if let Some(sums) = units.get_mut(*row) {
                    sums.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
                }
            }
        }
    }
    found
}

/// Posts of one population as they were entered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entered {
    /// By the staff table, thousandths; `None` where nobody has entered it.
    pub total: Option<i64>,
    /// Occupied, thousandths.
    pub occupied: Option<i64>,
    /// How many organisations have entered either.
    pub organisations: i64,
}

/// Posts by population beside the heads of the staff list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posts(pub Vec<(StaffKind, Entered, Heads)>);

/// Posts that organisations have entered for the year of a day (the calendar one before the academic one), and the heads
/// of that day.
///
/// # Errors
/// Those of the database.
pub fn posts(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: &BTreeSet<UnitId>,
    day: NaiveDate,
) -> Result<Posts, DbError> {
    let measures = [
        (StaffKind::Teaching, "org_positions_pedagogical"),
        (StaffKind::Managing, "org_positions_admin"),
    ];
    let start = if day.month() >= 9 { day.year() } else { day.year() - 1 };
    let periods = [day.year().to_string(), format!("{start}/{:02}", (start + 1) % 100)];
    let names: Vec<String> = measures
        .iter()
        .flat_map(|(_, m)| [format!("{m}_total"), format!("{m}_occupied")])
        .collect();
    let list: Vec<UnitId> = organisations.iter().copied().collect();
    // The value of a calendar year stands before the one of the academic year; of two sources the later record.
    let mut values: BTreeMap<(UnitId, String), (bool, i64)> = BTreeMap::new();
    for block in list.chunks(1000) {
        let rows: Vec<(UnitId, String, String, Option<i64>)> = measure_value::table
            .filter(measure_value::region_id.eq(region))
            .filter(measure_value::unit_id.eq_any(block))
            .filter(measure_value::measure.eq_any(&names))
            .filter(measure_value::period.eq_any(&periods))
            .filter(measure_value::superseded_at.is_null())
            .order(measure_value::id)
            .select((
                measure_value::unit_id,
                measure_value::measure,
                measure_value::period,
                measure_value::value_milli,
            ))
            .load(conn)?;
        for (unit, measure, period, value) in rows {
            let calendar = period == periods[0];
            let Some(value) = value else { continue };
            let known = values.entry((unit, measure)).or_insert((calendar, value));
            if calendar || !known.0 {
                *known = (calendar, value);
            }
        }
    }
    let mut found = Posts::default();
    for (kind, measure) in measures {
        let sum = |part: &str| -> Option<i64> {
            let name = format!("{measure}_{part}");
            let mut of = values
                .iter()
                .filter(|((_, m), _)| *m == name)
                .map(|(_, (_, v))| *v)
                .peekable();
            of.peek().is_some().then(|| of.sum())
        };
        let units: BTreeSet<UnitId> = values
            .keys()
            .filter(|(_, m)| m.starts_with(measure))
            .map(|(unit, _)| *unit)
            .collect();
        let entered = Entered {
            total: sum("total"),
            occupied: sum("occupied"),
            organisations: i64::try_from(units.len()).unwrap_or(i64::MAX),
        };
        let heads = rows::heads(conn, region, organisations, kind, day)?;
        found.0.push((kind, entered, heads));
    }
    Ok(found)
}

//! Vacancies of a scope on a day, and two lists of them side by side: only here, only there, in both.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::db::text_keys::holds;
use crate::db::{AnyConn, DbError};
use crate::desk::registers::reach::Held;
use crate::people::vacancy::{self, Vacancy, VacancySource};
use crate::planted;
use crate::text_enum;
use crate::units::UnitId;

text_enum! {
    /// Which of two lists names a vacancy.
    Side {
        Ours = "ours" "только у нас",
        Theirs = "theirs" "только там",
        Both = "both" "в обоих перечнях",
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The day.
    pub day: NaiveDate,
    /// Words of the position or the subject.
    pub text: Option<String>,
    /// The list; `None` is all of them.
    pub source: Option<VacancySource>,
    /// The list it is compared with.
    pub against: Option<VacancySource>,
}

/// A vacancy of the list, or one that only the other list has.
#[derive(Debug, Clone)]
pub struct Named {
    /// Which list names it.
    pub side: Side,
    /// The vacancy; the own one where both lists have it.
    pub vacancy: Vacancy,
    /// What the other list says of it.
    pub other: Option<Vacancy>,
}

/// Vacancies that are open on the day in the visitor's organisations, in a unit where one is chosen.
///
/// # Errors
/// Those of the database.
pub(crate) fn open(c: &mut AnyConn, held: &Held, unit: Option<UnitId>, asked: &Asked) -> Result<Vec<Vacancy>, DbError> {
    let mut found = vacancy::in_force(c, held.region, held.bounds.organisations.as_deref())?;
    let below = unit.map(|unit| held.tree.subtree(unit));
    found.retain(|v| {
        v.is_open(asked.day)
            && below.as_ref().is_none_or(|units| units.contains(&v.organisation_id))
            && asked
                .text
                .as_ref()
                .is_none_or(|t| holds(&format!("{} {}", v.position_key, v.subject_key), t))
    });
    let place = |id: UnitId| held.tree.unit(id).map_or("", |u| u.sort_key.as_str());
    found.sort_by(|a, b| place(a.organisation_id).cmp(place(b.organisation_id)));
    Ok(found)
}

/// The vacancies of a list; beside another list each is told by which of the two names it.
#[must_use]
pub fn sides(all: Vec<Vacancy>, source: Option<VacancySource>, against: Option<VacancySource>) -> Vec<Named> {
    let Some(against) = against else {
        let own = all.into_iter().filter(|v| source.is_none_or(|s| v.source == s));
        let alone = |vacancy| Named {
            side: Side::Ours,
            vacancy,
            other: None,
        };
        return own.map(alone).collect();
    };
    let source = source.unwrap_or(VacancySource::Own);
    // A post may be free twice: each record meets one of the other list, in the order of the lists.
    let place = |v: &Vacancy| (!planted!("vacancy_anywhere")).then_some(v.organisation_id);
    let post = |v: &Vacancy| (place(v), v.position_key.clone(), v.subject_key.clone());
    let mut theirs: BTreeMap<_, Vec<Vacancy>> = BTreeMap::new();
    for vacancy in all.iter().rev().filter(|v| v.source == against) {
        theirs.entry(post(vacancy)).or_default().push(vacancy.clone());
    }
    let mut found = Vec::new();
    for vacancy in all.into_iter().filter(|v| v.source == source) {
        let other = theirs.get_mut(&post(&vacancy)).and_then(Vec::pop);
        let side = if other.is_some() { Side::Both } else { Side::Ours };
        found.push(Named { side, vacancy, other });
    }
    for vacancy in theirs.into_values().flatten() {
        found.push(Named {
            side: Side::Theirs,
            vacancy,
            other: None,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::milli::Milli;
    use crate::people::vacancy::VacancyId;

    fn vacancy(id: i64, subject: &str, source: VacancySource) -> Vacancy {
        let day = NaiveDate::from_ymd_opt(2023, 9, 1).unwrap();
        Vacancy {
            id: VacancyId(id),
            region_id: UnitId(1),
            organisation_id: UnitId(2),
            position: "учитель".into(),
            position_key: "учитель".into(),
            subject: subject.into(),
            subject_key: subject.into(),
            rate_milli: Some(Milli(1000)),
            valid_from: day,
            valid_to: None,
            source,
            link: None,
            recorded_at: day.and_hms_opt(0, 0, 0).unwrap(),
            superseded_at: None,
            batch_id: None,
        }
    }

    #[test]
    fn a_post_that_is_free_twice_meets_as_many_as_the_other_list_has() {
        let (own, official) = (VacancySource::Own, VacancySource::Official);
        let all = vec![
            vacancy(1, "химия", own),
            vacancy(2, "химия", own),
            vacancy(3, "химия", official),
            vacancy(4, "физика", official),
            vacancy(5, "физика", VacancySource::Municipal),
        ];
        let found = sides(all.clone(), None, Some(official));
        let told: Vec<(Side, i64)> = found.iter().map(|n| (n.side, n.vacancy.id.0)).collect();
        assert_eq!(told, [(Side::Both, 1), (Side::Ours, 2), (Side::Theirs, 4)]);
        assert_eq!(sides(all.clone(), Some(own), None).len(), 2);
        assert_eq!(sides(all, None, None).len(), 5);
    }
}

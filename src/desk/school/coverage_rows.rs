//! How many are reached: the measures of the reference file, counted over the facts of an academic year. Each number is
//! the length of a list that the same condition makes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use chrono::NaiveDate;

use crate::db::{AnyConn, DbError};
use crate::desk::school::staff_rows;
use crate::diagnostics::DiagnosisKind;
use crate::error::Error;
use crate::facts::store::Whose;
use crate::facts::{self, FactPeriod, PersonFacts, PersonPlace};
use crate::indicators::condition::{Condition, PersonSeen, Sign, Test};
use crate::indicators::measures::{self, Measure, MeasureSubject};
use crate::iom::IomState;
use crate::text_enum;
use crate::units::{self, PeriodKind, Tree, Unit, UnitId, UnitKind};
use crate::web::{Reach, Scope, Visitor};

text_enum! {
    /// What is counted; codes are those of the measures.
    Figure {
        Pedagogical = "pedagogical" "педагоги",
        Diagnosed = "diagnosed" "прошли диагностику",
        Deficits = "deficits" "с дефицитами",
        Live = "iom_live" "с маршрутом",
        Realised = "iom_realised" "выполнили маршрут",
    }
}

static MEASURES: LazyLock<Vec<Measure>> = LazyLock::new(|| measures::all().unwrap_or_default());

impl Figure {
    /// Its measure.
    ///
    /// # Errors
    /// The reference file has none.
    pub fn measure(self) -> Result<&'static Measure, Error> {
        let known = MEASURES
            .iter()
            .find(|m| m.subject == MeasureSubject::Person && m.code == self.code());
        known.ok_or_else(|| Error::Internal(format!("нет величины {}", self.code())))
    }

    /// Title of the measure; of the number of deficits, that there are any.
    ///
    /// # Errors
    /// The reference file has no such measure.
    pub fn title(self) -> Result<String, Error> {
        let title = &self.measure()?.title;
        Ok(match self {
            Self::Deficits => format!("{title}: больше нуля"),
            _ => title.clone(),
        })
    }

    /// What stands below its number: by which measure it is counted.
    #[must_use]
    pub fn note(self) -> Option<String> {
        self.title().ok().map(|title| format!("Величина «{title}»"))
    }

    /// For whom it holds: always someone who teaches in the unit on the reference day.
    fn condition(self) -> Condition {
        let flag = |word| Condition::Is(Test::Flag(word));
        let formal = || {
            let kinds = DiagnosisKind::ALL.iter().copied();
            kinds.filter(|k| *k != DiagnosisKind::SelfAssessment).collect()
        };
        let more = match self {
            Self::Pedagogical => Condition::Always,
            Self::Diagnosed => Condition::Is(Test::Diagnosed {
                kinds: formal(),
                groups: BTreeSet::new(),
                success: false,
            }),
            Self::Deficits => Condition::Is(Test::Deficits(Sign::Greater, 0)),
            Self::Live => flag("iom_live"),
            Self::Realised => flag("iom_realised"),
        };
        Condition::all([flag("pedagogical"), more])
    }

    /// Whether it holds for a person as some organisations together see it.
    fn holds(self, of: &PersonFacts, inside: &dyn Fn(UnitId) -> bool) -> bool {
        let places: Vec<PersonPlace> = of
            .places
            .iter()
            .filter(|p| inside(p.organisation_id))
            .copied()
            .collect();
        let seen = PersonSeen {
            places: &places,
            fact: &of.person,
        };
        self.condition().holds_for_person(&seen)
    }
}

/// Organisations that stand today and that the role in use reaches, inside its region.
///
/// # Errors
/// Those of the database.
pub fn organisations(conn: &mut AnyConn, visitor: &Visitor, today: NaiveDate) -> Result<Vec<UnitId>, DbError> {
    match (&visitor.scope.reach, visitor.region) {
        (Reach::Some { organisations, .. }, Some(_)) => {
            let tree = units::store::tree(conn, today, None)?;
            let own = organisations.iter().copied().map(UnitId);
            Ok(own.filter(|o| tree.stands(*o)).collect())
        }
        (Reach::Installation, Some(region)) => {
            let tree = units::store::tree(conn, chrono::NaiveDate::MAX, None)?;
            Ok(tree.organisations(UnitId(region)))
        }
        (_, None) => Ok(Vec::new()),
    }
}

/// The organisation of a code, if it is one of these; what is not answers like what does not exist.
///
/// # Errors
/// Not found; those of the database.
pub fn within(conn: &mut AnyConn, own: &[UnitId], code: &str, today: NaiveDate) -> Result<UnitId, Error> {
    let tree = units::store::tree(conn, today, None)?;
    let found = tree.by_code(code).filter(|u| own.contains(&u.id));
    found.map(|u| u.id).ok_or_else(|| Error::NotFound("организация".into()))
}

/// Codes and names of organisations, by name.
///
/// # Errors
/// Those of the database.
pub fn named(conn: &mut AnyConn, own: &[UnitId], today: NaiveDate) -> Result<Vec<(String, String)>, DbError> {
    let tree = units::store::tree(conn, today, None)?;
    let sorted = tree.of_kind(UnitKind::Organisation).into_iter();
    let own: BTreeSet<UnitId> = own.iter().copied().collect();
    let kept = sorted.filter(|u| own.contains(&u.id));
    Ok(kept.map(|u| (u.code.clone(), u.name.clone())).collect())
}

/// Names of organisations by id.
///
/// # Errors
/// Those of the database.
pub fn names(conn: &mut AnyConn, own: &[UnitId], today: NaiveDate) -> Result<HashMap<UnitId, String>, DbError> {
    let tree = units::store::tree(conn, today, None)?;
    let named = |id: &UnitId| Some((*id, tree.unit(*id)?.name.clone()));
    Ok(own.iter().filter_map(named).collect())
}

/// The unit that organisations have in common: the organisation itself when it is one.
#[must_use]
pub fn common<'a>(tree: &'a Tree, own: &[UnitId]) -> Option<&'a Unit> {
    let mut paths = own.iter().map(|o| tree.path(*o));
    let mut common = paths.next()?;
    for path in paths {
        common.retain(|u| path.contains(u));
    }
    common.first().and_then(|u| tree.unit(*u))
}

/// Academic years whose facts are kept and that have begun, newest first; of packs that differ, the first.
///
/// # Errors
/// Those of the database.
pub fn years(conn: &mut AnyConn, today: NaiveDate) -> Result<Vec<FactPeriod>, DbError> {
    let mut years: BTreeMap<NaiveDate, FactPeriod> = BTreeMap::new();
    for period in facts::store::periods(conn)? {
        if period.kind == PeriodKind::AcademicYear && period.starts_on <= today {
            years.entry(period.starts_on).or_insert(period);
        }
    }
    Ok(years.into_values().rev().collect())
}

/// The year of a code, or the newest.
///
/// # Errors
/// A year that is named and not kept; those of the database.
pub fn year(conn: &mut AnyConn, code: Option<&str>, today: NaiveDate) -> Result<Option<FactPeriod>, Error> {
    let mut years = years(conn, today)?.into_iter();
    match code {
        None => Ok(years.next()),
        Some(code) => years
            .find(|p| p.code == code)
            .map(Some)
            .ok_or_else(|| Error::NotFound("учебный год".into())),
    }
}

/// The persons behind a figure of organisations together.
///
/// # Errors
/// A year that is not kept; those of the database.
pub fn behind(
    conn: &mut AnyConn,
    scope: &Scope,
    organisations: &[UnitId],
    figure: Figure,
    code: &str,
    today: NaiveDate,
) -> Result<BTreeSet<crate::people::PersonId>, Error> {
    let Some(period) = year(conn, Some(code), today)? else {
        return Ok(BTreeSet::new());
    };
    let inside: BTreeSet<UnitId> = organisations.iter().copied().collect();
    let known = facts::store::facts(conn, scope, period.id, Whose::Of(organisations))?;
    let holds = known.iter().filter(|of| figure.holds(of, &|o| inside.contains(&o)));
    Ok(holds.map(|of| of.person.person_id).collect())
}

/// The figures of organisations, in the order of [`Figure::ALL`].
#[derive(Debug, Default)]
pub struct Counted {
    /// Of each; an organisation without people has zeros.
    pub each: HashMap<UnitId, Vec<i64>>,
    /// Of all together: a person with two jobs is one.
    pub total: Vec<i64>,
}

/// Counts the figures of organisations in a year.
///
/// # Errors
/// Those of the database.
pub fn count(
    conn: &mut AnyConn,
    scope: &Scope,
    organisations: &[UnitId],
    period: &FactPeriod,
) -> Result<Counted, DbError> {
    let zeros = || vec![0_i64; Figure::ALL.len()];
    let mut counted = Counted {
        each: organisations.iter().map(|o| (*o, zeros())).collect(),
        total: zeros(),
    };
    let inside: BTreeSet<UnitId> = organisations.iter().copied().collect();
    for of in facts::store::facts(conn, scope, period.id, Whose::Of(organisations))? {
        for (column, figure) in Figure::ALL.iter().enumerate() {
            if figure.holds(&of, &|o| inside.contains(&o)) {
                counted.total[column] += 1;
            }
            for place in of.places.iter().filter(|p| p.pedagogical) {
                let here = place.organisation_id;
                if let Some(row) = counted.each.get_mut(&here)
                    && figure.holds(&of, &|o| o == here)
                {
                    row[column] += 1;
                }
            }
        }
    }
    Ok(counted)
}

/// People who work in organisations today by the state of their plan (`None`: no plan), and how many they are.
///
/// # Errors
/// Those of the database.
pub fn states(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: &[UnitId],
    today: NaiveDate,
) -> Result<(i64, BTreeMap<Option<IomState>, i64>), DbError> {
    let persons = staff_rows::employed(conn, region, organisations, today)?;
    let plans = staff_rows::plans(conn, region, &persons)?;
    let mut counts: BTreeMap<Option<IomState>, i64> = BTreeMap::new();
    for person in &persons {
        *counts.entry(plans.get(person).map(|p| p.state)).or_default() += 1;
    }
    Ok((i64::try_from(persons.len()).unwrap_or(i64::MAX), counts))
}

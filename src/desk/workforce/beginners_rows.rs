//! Those who begin: still in training, within the first three years of teaching or of the present leading position; from
//! dated jobs, pairs and contracts. What supports them stands in `beginners_help`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Months, NaiveDate};
use diesel::prelude::*;

use crate::activity::model::Family;
use crate::db::schema::{activity, employment, mentoring_pair, person};
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::working;
use crate::people::composition::full_years;
use crate::people::{EmploymentKind, PersonId, StaffKind};
use crate::planted;
use crate::text_enum;
use crate::units::UnitId;

/// Full years after which one begins no more.
const YEARS: u32 = 3;
/// The form of a pair in which either of the two may be the student.
pub(super) const EITHER: &str = "student_teacher";
/// Forms of pairs of those who still learn.
const STUDENTS: [&str; 2] = [EITHER, "employer_student"];
/// The record by which somebody learns for an employer.
pub(super) const CONTRACT: &str = "target_contract";

text_enum! {
    /// How far somebody has come.
    Stage {
        Training = "training" "учится",
        First = "first" "1-й год",
        Second = "second" "2-й год",
        Third = "third" "3-й год",
        Leader = "leader" "руководитель",
    }
}

impl Stage {
    /// The stage after so many full years.
    fn after(years: usize) -> Option<Self> {
        [Self::First, Self::Second, Self::Third].get(years).copied()
    }
}

/// Somebody who begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Beginner {
    pub id: PersonId,
    /// As somebody who learns or teaches, since which day.
    pub learns: Option<(Stage, NaiveDate)>,
    /// As somebody who leads: the year of the present position, since which day.
    pub leads: Option<(Stage, NaiveDate)>,
}

impl Beginner {
    /// Whether somebody stands at a stage.
    pub fn is(&self, stage: Stage) -> bool {
        match stage {
            Stage::Leader => self.leads.is_some(),
            stage => self.learns.is_some_and(|(own, _)| own == stage),
        }
    }

    /// The stages in words.
    pub fn said(&self) -> String {
        let learns = self.learns.map(|(stage, _)| stage.label().to_owned());
        let leads = self
            .leads
            .map(|(stage, _)| format!("{}, {}", Stage::Leader.label(), stage.label()));
        learns.into_iter().chain(leads).collect::<Vec<_>>().join("; ")
    }

    /// Whether the person still learns the profession.
    pub fn is_learning(&self) -> bool {
        self.learns.is_some_and(|(stage, _)| stage == Stage::Training)
    }

    /// Since when, by the stage that is told first.
    pub fn since(&self) -> Option<NaiveDate> {
        self.learns.or(self.leads).map(|(_, since)| since)
    }
}

#[derive(Debug, Clone, Queryable)]
struct Job {
    person: PersonId,
    organisation: UnitId,
    position: String,
    staff: StaffKind,
    kind: EmploymentKind,
    from: NaiveDate,
    to: Option<NaiveDate>,
    teaching_since: Option<NaiveDate>,
}

impl Job {
    fn holds_on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }

    /// Whether it is a job by which somebody counts as a teacher or a leader today.
    fn counts(&self, as_whom: StaffKind, today: NaiveDate) -> bool {
        let counted = [EmploymentKind::Main, EmploymentKind::InternalPart];
        self.staff == as_whom && counted.contains(&self.kind) && self.holds_on(today)
    }

    /// Whether it is the same position at the same place.
    fn is_same(&self, other: &Self) -> bool {
        self.organisation == other.organisation
            && self.staff == other.staff
            && search_key(&self.position) == search_key(&other.position)
    }
}

/// Those who begin in organisations (`None`: anywhere in the region), by person. Whoever still learns and works nowhere yet
/// is seen by the region, by those whose people are in the pair, and by those who will employ.
///
/// # Errors
/// Those of the database.
pub(super) fn beginners(
    c: &mut AnyConn,
    region: UnitId,
    inside: Option<&BTreeSet<UnitId>>,
    today: NaiveDate,
) -> Result<Vec<Beginner>, DbError> {
    let at: Option<Vec<UnitId>> = inside.map(|own| own.iter().copied().collect());
    let since = today.checked_sub_months(Months::new(12 * YEARS)).unwrap_or(today);
    let learning = learning(c, region, at.as_ref(), today)?;
    let mut persons = began(c, region, at.as_ref(), (since, today))?;
    persons.extend(learning.keys());
    let persons: Vec<PersonId> = persons.into_iter().collect();
    let mut jobs: BTreeMap<PersonId, Vec<Job>> = persons.iter().map(|id| (*id, Vec::new())).collect();
    for block in persons.chunks(1000) {
        let rows: Vec<Job> = employment::table
            .filter(employment::region_id.eq(region))
            .filter(employment::person_id.eq_any(block))
            .filter(employment::superseded_at.is_null())
            .order((employment::valid_from.desc(), employment::id))
            .select((
                employment::person_id,
                employment::organisation_id,
                employment::position,
                employment::staff_kind,
                employment::kind,
                employment::valid_from,
                employment::valid_to,
                employment::teaching_since,
            ))
            .load(c)?;
        for job in rows {
            jobs.entry(job.person).or_default().push(job);
        }
    }
    let is_here = |job: &&Job| inside.is_none_or(|own| own.contains(&job.organisation));
    let of = |(id, jobs): (PersonId, Vec<Job>)| {
        let here = |as_whom: StaffKind| jobs.iter().filter(is_here).any(|j| j.counts(as_whom, today));
        let teaches = here(StaffKind::Teaching).then(|| teaching(&jobs, today)).flatten();
        let learns = || Some((Stage::Training, still_learns(&jobs, *learning.get(&id)?, today)?));
        let found = Beginner {
            id,
            learns: teaches.or_else(learns),
            leads: here(StaffKind::Managing).then(|| leading(&jobs, today)).flatten(),
        };
        (found.learns.is_some() || found.leads.is_some()).then_some(found)
    };
    Ok(jobs.into_iter().filter_map(of).collect())
}

/// People who work in the organisations and may have begun since a day: to teach, or to lead where they do now.
fn began(
    c: &mut AnyConn,
    region: UnitId,
    at: Option<&Vec<UnitId>>,
    (since, today): (NaiveDate, NaiveDate),
) -> Result<BTreeSet<PersonId>, DbError> {
    let lately = employment::table
        .filter(employment::region_id.eq(region))
        .filter(employment::superseded_at.is_null())
        .filter(
            employment::teaching_since.ge(since).or(employment::staff_kind
                .eq(StaffKind::Managing)
                .and(employment::valid_from.ge(since))),
        )
        .select(employment::person_id);
    let mut query = person::table
        .filter(person::region_id.eq(region))
        .filter(person::id.eq_any(lately))
        .select(person::id)
        .into_boxed();
    if let Some(at) = at {
        query = query.filter(person::id.eq_any(working(region, at.clone(), today)));
    }
    let found: Vec<PersonId> = query.load(c)?;
    Ok(found.into_iter().collect())
}

/// People who learn by a pair of a form of students or by a contract, since the earliest of these days.
fn learning(
    c: &mut AnyConn,
    region: UnitId,
    at: Option<&Vec<UnitId>>,
    today: NaiveDate,
) -> Result<HashMap<PersonId, NaiveDate>, DbError> {
    let mut pairs = mentoring_pair::table
        .filter(mentoring_pair::region_id.eq(region))
        .filter(mentoring_pair::superseded_at.is_null())
        .filter(mentoring_pair::withdrawn_at.is_null())
        .filter(mentoring_pair::form.eq_any(STUDENTS))
        .filter(mentoring_pair::valid_from.le(today))
        .filter(
            mentoring_pair::valid_to
                .is_null()
                .or(mentoring_pair::valid_to.gt(today)),
        )
        .select((
            mentoring_pair::mentor_id,
            mentoring_pair::mentee_id,
            mentoring_pair::form,
            mentoring_pair::valid_from,
        ))
        .into_boxed();
    let mut contracts = activity::table
        .filter(activity::region_id.eq(region))
        .filter(activity::family.eq(Family::Support))
        .filter(activity::kind.eq(CONTRACT))
        .filter(activity::superseded_at.is_null())
        .filter(activity::withdrawn_at.is_null())
        .filter(activity::starts_on.le(today))
        .filter(activity::ends_on.is_null().or(activity::ends_on.ge(today)))
        .select((activity::person_id, activity::starts_on))
        .into_boxed();
    if let Some(at) = at {
        // Whoever is engaged for a day to come is one's own already.
        let engaged = || {
            employment::table
                .filter(employment::region_id.eq(region))
                .filter(employment::organisation_id.eq_any(at.clone()))
                .filter(employment::superseded_at.is_null())
                .filter(employment::valid_to.is_null().or(employment::valid_to.gt(today)))
                .select(employment::person_id)
        };
        pairs = pairs.filter(
            mentoring_pair::mentor_id
                .eq_any(engaged())
                .or(mentoring_pair::mentee_id.eq_any(engaged())),
        );
        contracts = contracts.filter(activity::person_id.eq_any(engaged()));
    }
    let pairs: Vec<(PersonId, PersonId, String, NaiveDate)> = pairs.load(c)?;
    let contracts: Vec<(PersonId, NaiveDate)> = contracts.load(c)?;
    let either = |(mentor, mentee, form, from): (PersonId, PersonId, String, NaiveDate)| {
        let mentor = (form == EITHER).then_some((mentor, from));
        mentor.into_iter().chain([(mentee, from)])
    };
    let mut found: HashMap<PersonId, NaiveDate> = HashMap::new();
    for (person, from) in pairs.into_iter().flat_map(either).chain(contracts) {
        let since = found.entry(person).or_insert(from);
        *since = from.min(*since);
    }
    Ok(found)
}

/// The year of teaching: the earliest beginning of all jobs decides, as `first_three_years` of the facts does.
fn teaching(jobs: &[Job], today: NaiveDate) -> Option<(Stage, NaiveDate)> {
    let since = jobs.iter().filter_map(|j| j.teaching_since).min()?;
    stage(since, today)
}

fn stage(since: NaiveDate, today: NaiveDate) -> Option<(Stage, NaiveDate)> {
    let years = usize::try_from(full_years(since, today))
        .ok()
        .filter(|_| since <= today)?;
    Some((Stage::after(years)?, since))
}

/// The year of the present leading position; of several the one that is held longest. What was held before without a break
/// is the same position.
fn leading(jobs: &[Job], today: NaiveDate) -> Option<(Stage, NaiveDate)> {
    let since = |job: &Job| {
        let before = jobs.iter().filter(|j| j.is_same(job));
        before.fold(job.from, |from, j| {
            // The latest come first.
            let joins = j.from < from && j.to.is_none_or(|to| to >= from);
            if joins && !planted!("position_begins_anew") {
                j.from
            } else {
                from
            }
        })
    };
    let present = jobs.iter().filter(|j| j.counts(StaffKind::Managing, today));
    stage(present.map(since).min()?, today)
}

/// Since when somebody learns who works as nobody of the staff yet and did not teach before that.
fn still_learns(jobs: &[Job], since: NaiveDate, today: NaiveDate) -> Option<NaiveDate> {
    let works = jobs.iter().any(|j| j.holds_on(today));
    let taught = jobs.iter().any(|j| {
        let first = j.teaching_since.map_or(j.from, |on| on.min(j.from));
        first < since
    });
    (!works && !taught).then_some(since)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn job(staff: StaffKind, position: &str, from: &str, to: Option<&str>, since: Option<&str>) -> Job {
        Job {
            person: PersonId(1),
            organisation: UnitId(2),
            position: position.to_owned(),
            staff,
            kind: EmploymentKind::Main,
            from: day(from),
            to: to.map(day),
            teaching_since: since.map(day),
        }
    }

    #[test]
    fn three_full_years_are_the_end_of_the_beginning() {
        let today = day("2026-09-01");
        let of = |since: &str| {
            let jobs = [job(StaffKind::Teaching, "учитель", "2025-09-01", None, Some(since))];
            teaching(&jobs, today).map(|(stage, _)| stage)
        };
        assert_eq!(of("2026-09-01"), Some(Stage::First));
        assert_eq!(of("2025-09-01"), Some(Stage::Second));
        assert_eq!(of("2023-09-02"), Some(Stage::Third));
        assert_eq!((of("2023-09-01"), of("2026-09-02")), (None, None));
    }

    #[test]
    fn a_position_that_was_written_down_anew_is_no_new_one() {
        let today = day("2026-09-01");
        let head = |from: &str, to: Option<&str>| job(StaffKind::Managing, "директор", from, to, None);
        let again = [head("2025-01-01", None), head("2020-09-01", Some("2025-01-01"))];
        assert_eq!(leading(&again, today), None);
        let back = [head("2025-01-01", None), head("2020-09-01", Some("2024-06-01"))];
        assert_eq!(leading(&back, today), Some((Stage::Second, day("2025-01-01"))));
        let risen = [
            head("2026-01-10", None),
            job(
                StaffKind::Managing,
                "заместитель директора",
                "2015-09-01",
                Some("2026-01-10"),
                None,
            ),
        ];
        assert_eq!(leading(&risen, today), Some((Stage::First, day("2026-01-10"))));
    }

    #[test]
    fn whoever_works_or_has_taught_before_learns_no_more() {
        let (today, since) = (day("2026-09-01"), day("2025-09-01"));
        let teacher = |from: &str, to: Option<&str>| job(StaffKind::Teaching, "учитель", from, to, None);
        assert_eq!(still_learns(&[], since, today), Some(since));
        assert_eq!(still_learns(&[teacher("2027-08-15", None)], since, today), Some(since));
        assert_eq!(still_learns(&[teacher("2026-08-15", None)], since, today), None);
        assert_eq!(
            still_learns(&[teacher("2020-08-15", Some("2021-08-15"))], since, today),
            None
        );
    }
}

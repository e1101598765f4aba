//! What supports those who begin today: a mentor, a plan with a supporter, the school of the young teacher, social support.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;

use crate::activity::kinds;
use crate::activity::model::{Family, RecordId};
use crate::db::in_force::assigned_on;
use crate::db::schema::{activity, iom, mentoring_pair, supporter};
use crate::db::{AnyConn, DbError};
use crate::desk::workforce::beginners_rows::{Beginner, CONTRACT, EITHER, Stage};
use crate::iom::{IomId, IomState};
use crate::people::PersonId;
use crate::planted;
use crate::text_enum;
use crate::units::UnitId;

/// Days for which what has no last day still supports: a school that was attended, a payment. [TC]
const LATELY: i64 = 365;

text_enum! {
    /// What supports somebody, as a list is narrowed to it.
    Help {
        Nobody = "none" "без поддержки",
        Mentor = "mentor" "есть наставник",
        Plan = "plan" "есть маршрут с сопровождающим",
        School = "school" "занимается в школе молодого педагога",
        Social = "social" "есть социальная поддержка",
    }
}

/// What supports one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Support {
    /// The pair that works, and the other one of it.
    pub mentor: Option<(RecordId, PersonId)>,
    /// An open plan that somebody accompanies.
    pub plan: Option<IomId>,
    /// The last day at the school of the young teacher.
    pub school: Option<NaiveDate>,
    /// Kinds of social support, by name, with the contract by which one learns.
    pub social: BTreeSet<String>,
    /// Whether some of it is more than that contract, which only says where one will work.
    helped: bool,
}

impl Support {
    /// Whether somebody has this.
    pub fn has(&self, help: Help) -> bool {
        match help {
            Help::Nobody => !self.is_any(),
            Help::Mentor => self.mentor.is_some(),
            Help::Plan => self.plan.is_some(),
            Help::School => self.school.is_some(),
            Help::Social => self.helped,
        }
    }

    fn is_any(&self) -> bool {
        self.mentor.is_some() || self.plan.is_some() || self.school.is_some() || self.helped
    }
}

/// What supports these people on a day, by person; whoever has nothing is not there.
///
/// # Errors
/// Those of the database.
pub(super) fn support(
    c: &mut AnyConn,
    region: UnitId,
    of: &[Beginner],
    today: NaiveDate,
) -> Result<HashMap<PersonId, Support>, DbError> {
    let mut found: HashMap<PersonId, Support> = HashMap::new();
    let students: HashSet<PersonId> = of.iter().filter(|b| b.is(Stage::Training)).map(|b| b.id).collect();
    let ids: Vec<PersonId> = of.iter().map(|b| b.id).collect();
    for block in ids.chunks(1000) {
        for (record, mentor, mentee) in pairs(c, region, block, today)? {
            // Of a pair with a student either of the two may be the one who is taught.
            let student = students.contains(&mentor).then_some((mentor, mentee));
            for (own, other) in student.into_iter().chain([(mentee, mentor)]) {
                let of = found.entry(own).or_default();
                of.mentor = of.mentor.or(Some((record, other)));
            }
        }
        let plans: Vec<(PersonId, IomId)> = supporter::table
            .inner_join(
                iom::table.on(iom::id
                    .eq(supporter::iom_id)
                    .and(iom::region_id.eq(supporter::region_id))),
            )
            .filter(supporter::region_id.eq(region))
            .filter(assigned_on(today))
            .filter(iom::person_id.eq_any(block))
            .filter(iom::state.ne(IomState::Closed))
            .order(iom::id)
            .select((iom::person_id, iom::id))
            .load(c)?;
        for (person, plan) in plans {
            found.entry(person).or_default().plan = Some(plan);
        }
        for (person, family, kind, from, to) in records(c, region, block, today)? {
            let lately = today - TimeDelta::days(LATELY);
            let of = found.entry(person).or_default();
            if family == Family::Event {
                let last = to.unwrap_or(from);
                if last >= lately {
                    of.school = of.school.max(Some(last));
                }
            } else if to.map_or(kind == CONTRACT || from >= lately, |to| to >= today) {
                of.social.insert(kinds::name(Family::Support, &kind).to_owned());
                of.helped |= kind != CONTRACT || planted!("contract_supports");
            }
        }
    }
    Ok(found)
}

/// Pairs that work, in which somebody of these is taught, or is one of a pair with a student.
fn pairs(
    c: &mut AnyConn,
    region: UnitId,
    of: &[PersonId],
    today: NaiveDate,
) -> Result<Vec<(RecordId, PersonId, PersonId)>, DbError> {
    Ok(mentoring_pair::table
        .filter(mentoring_pair::region_id.eq(region))
        .filter(mentoring_pair::superseded_at.is_null())
        .filter(mentoring_pair::withdrawn_at.is_null())
        .filter(mentoring_pair::valid_from.le(today))
        .filter(
            mentoring_pair::valid_to
                .is_null()
                .or(mentoring_pair::valid_to.gt(today)),
        )
        .filter(
            mentoring_pair::mentee_id.eq_any(of).or(mentoring_pair::mentor_id
                .eq_any(of)
                .and(mentoring_pair::form.eq(EITHER))),
        )
        .order((mentoring_pair::valid_from.desc(), mentoring_pair::id))
        .select((
            mentoring_pair::record_id,
            mentoring_pair::mentor_id,
            mentoring_pair::mentee_id,
        ))
        .load(c)?)
}

/// Family, kind, first and last day of a record of somebody.
type Record = (PersonId, Family, String, NaiveDate, Option<NaiveDate>);

/// Social support, and days at the school of the young teacher.
fn records(c: &mut AnyConn, region: UnitId, of: &[PersonId], today: NaiveDate) -> Result<Vec<Record>, DbError> {
    Ok(activity::table
        .filter(activity::region_id.eq(region))
        .filter(activity::person_id.eq_any(of))
        .filter(activity::superseded_at.is_null())
        .filter(activity::withdrawn_at.is_null())
        .filter(activity::starts_on.le(today))
        .filter(
            activity::family.eq(Family::Support).or(activity::family
                .eq(Family::Event)
                .and(activity::kind.eq("young_school"))),
        )
        .select((
            activity::person_id,
            activity::family,
            activity::kind,
            activity::starts_on,
            activity::ends_on,
        ))
        .load(c)?)
}

/// How many of some people have each, in the order of [`Help`]; the first number is of all of them.
pub(super) fn counts<'a>(of: impl IntoIterator<Item = &'a Support>) -> Vec<i64> {
    let mut counted = vec![0; Help::ALL.len() + 1];
    for support in of {
        counted[0] += 1;
        for (n, help) in Help::ALL.iter().enumerate() {
            counted[n + 1] += i64::from(support.has(*help));
        }
    }
    counted
}

//! What the members of an active do today: plans that they accompany, deficits of those plans, learning that they look at
//! afterwards, projects for schools of low results, roles beside a plan. One query of each for all members.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;

use crate::access::AccountId;
use crate::activity::kinds;
use crate::activity::model::{BodyId, Family};
use crate::activity::undertaking;
use crate::activity::undertakings::{State, UndertakingId};
use crate::db::in_force::assigned_on;
use crate::db::schema::{
    account, activity, employment, iom, iom_deficit, iom_item, supporter, undertaking as projects, undertaking_person,
};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::working;
use crate::desk::registers::reach::Held;
use crate::iom::practice::{self, LOOKED_AT, terms};
use crate::iom::{IomId, IomState, ItemId, ItemState};
use crate::people::PersonId;
use crate::planted;
use crate::units::{UnitId, UnitKind};

/// Kinds of bodies whose members do the work themselves.
const ACTIVES: [&str; 4] = ["regional_active", "municipal_active", "tutor_active", "expert_active"];
/// The kind of project by which schools of low results are known.
pub(super) const SUPPORT: &str = "school_support";
/// Days for which help is told. [TC]
const YEAR: i64 = 365;

/// Whether a kind of body is an active.
pub(super) fn is_active(kind: &str) -> bool {
    ACTIVES.contains(&kind)
}

/// What one member does, or all of them together.
#[derive(Debug, Clone, Default)]
pub(super) struct Work {
    /// The login under which the plans are found; `None` where it is not one alone.
    pub login: Option<String>,
    /// Open plans that are accompanied.
    pub open: HashSet<IomId>,
    /// Those of them with an open deficit.
    pub with_deficits: HashSet<IomId>,
    /// How many open deficits these have.
    pub deficits: usize,
    /// What was learnt lately at plans that are accompanied, open or closed.
    pub learnt: HashSet<ItemId>,
    /// What of it somebody has seen applied, or not applied.
    pub seen: HashSet<ItemId>,
    /// What of it is due to be looked at.
    pub due: HashSet<ItemId>,
    /// Projects for schools of low results that go on.
    pub projects: BTreeSet<UndertakingId>,
    /// Schools of these projects.
    pub schools: BTreeSet<UnitId>,
    /// Roles beside a plan, by name.
    pub roles: BTreeSet<String>,
}

impl Work {
    /// Whether nothing of it is there.
    pub fn is_idle(&self) -> bool {
        self.open.is_empty() && self.learnt.is_empty() && self.projects.is_empty() && self.roles.is_empty()
    }

    /// Adds what another one does; what both do is counted once.
    fn join(&mut self, other: &Self, deficits: &HashMap<IomId, usize>) {
        self.open.extend(&other.open);
        self.with_deficits.extend(&other.with_deficits);
        self.deficits = counted(&self.with_deficits, deficits);
        self.learnt.extend(&other.learnt);
        self.seen.extend(&other.seen);
        self.due.extend(&other.due);
        self.projects.extend(&other.projects);
        self.schools.extend(&other.schools);
        self.roles.extend(other.roles.iter().cloned());
    }
}

fn counted(plans: &HashSet<IomId>, deficits: &HashMap<IomId, usize>) -> usize {
    plans.iter().filter_map(|plan| deficits.get(plan)).sum()
}

/// What the members of a body do.
#[derive(Debug, Default)]
pub(super) struct Active {
    /// By member.
    pub of: HashMap<PersonId, Work>,
    /// All of them together.
    pub all: Work,
    /// Records of help that the body gave lately, and those of people of schools of low results.
    pub help: [i64; 2],
}

/// What these members of a body do on a day, as far as the visitor sees whom they do it with.
///
/// # Errors
/// Those of the database.
pub(super) fn work(
    c: &mut AnyConn,
    held: &Held,
    (body, members): (BodyId, &[PersonId]),
    today: NaiveDate,
) -> Result<Active, DbError> {
    let mut of: HashMap<PersonId, Work> = members.iter().map(|id| (*id, Work::default())).collect();
    let deficits = plans(c, held, &mut of, today)?;
    let schools = support(c, held, &mut of, today)?;
    roles(c, held, &mut of, today)?;
    let mut all = Work::default();
    for work in of.values() {
        all.join(work, &deficits);
    }
    let help = help(c, held, (body, schools), today)?;
    Ok(Active { of, all, help })
}

/// Plans with their deficits and what was learnt at them. How many open deficits each plan has.
fn plans(
    c: &mut AnyConn,
    held: &Held,
    of: &mut HashMap<PersonId, Work>,
    today: NaiveDate,
) -> Result<HashMap<IomId, usize>, DbError> {
    let members: Vec<PersonId> = of.keys().copied().collect();
    let accounts: Vec<(AccountId, Option<PersonId>, String)> = account::table
        .filter(account::person_id.eq_any(&members))
        .select((account::id, account::person_id, account::login))
        .load(c)?;
    let whose: HashMap<AccountId, (PersonId, String)> = accounts
        .into_iter()
        .filter_map(|(id, person, login)| Some((id, (person?, login))))
        .collect();
    let ids: Vec<AccountId> = whose.keys().copied().collect();
    let mut query = supporter::table
        .inner_join(
            iom::table.on(iom::id
                .eq(supporter::iom_id)
                .and(iom::region_id.eq(supporter::region_id))),
        )
        .filter(supporter::region_id.eq(held.region))
        .filter(supporter::account_id.eq_any(ids))
        .filter(supporter::superseded_at.is_null())
        .select((supporter::account_id, iom::id, iom::state))
        .distinct()
        .into_boxed();
    if !planted!("ended_support_stays") {
        query = query.filter(assigned_on(today));
    }
    if let Some(own) = &held.bounds.organisations {
        query = query.filter(iom::person_id.eq_any(working(held.region, own.clone(), today)));
    }
    let assigned: Vec<(AccountId, IomId, IomState)> = query.load(c)?;
    let plans: Vec<IomId> = assigned
        .iter()
        .map(|(_, plan, _)| *plan)
        .collect::<HashSet<_>>()
        .into_iter()
        .collect();
    let mut deficits: HashMap<IomId, usize> = HashMap::new();
    let mut learnt: HashMap<IomId, Vec<(ItemId, NaiveDate)>> = HashMap::new();
    for block in plans.chunks(1000) {
        let open: Vec<IomId> = iom_deficit::table
            .filter(iom_deficit::region_id.eq(held.region))
            .filter(iom_deficit::iom_id.eq_any(block))
            .filter(iom_deficit::outcome.is_null())
            .select(iom_deficit::iom_id)
            .load(c)?;
        for plan in open {
            *deficits.entry(plan).or_default() += 1;
        }
        let steps: Vec<(IomId, ItemId, Option<NaiveDate>)> = iom_item::table
            .filter(iom_item::region_id.eq(held.region))
            .filter(iom_item::iom_id.eq_any(block))
            .filter(iom_item::state.eq(ItemState::Accepted))
            .filter(iom_item::education_form.eq_any(LOOKED_AT))
            .filter(iom_item::settled_on.ge(today - TimeDelta::days(terms().listed_days)))
            .select((iom_item::iom_id, iom_item::id, iom_item::settled_on))
            .load(c)?;
        for (plan, item, on) in steps {
            learnt.entry(plan).or_default().extend(on.map(|on| (item, on)));
        }
    }
    let seen = practice::seen(c, held.region, &plans)?;
    let mut logins: HashMap<PersonId, BTreeSet<&str>> = HashMap::new();
    for (account, plan, state) in assigned {
        let Some((person, login)) = whose.get(&account) else {
            continue;
        };
        let Some(work) = of.get_mut(person) else { continue };
        if state != IomState::Closed {
            work.open.insert(plan);
            logins.entry(*person).or_default().insert(login);
            if deficits.contains_key(&plan) {
                work.with_deficits.insert(plan);
            }
        }
        for (item, on) in learnt.get(&plan).into_iter().flatten() {
            work.learnt.insert(*item);
            if seen.contains_key(item) {
                work.seen.insert(*item);
            } else if *on + TimeDelta::days(terms().look_within_days) < today {
                work.due.insert(*item);
            }
        }
    }
    for (person, work) in of {
        work.deficits = counted(&work.with_deficits, &deficits);
        let one = logins.get(person).filter(|all| all.len() == 1);
        work.login = one.and_then(|all| all.first()).map(|login| (*login).to_owned());
    }
    Ok(deficits)
}

/// Projects for schools of low results in which the members take part. All schools of such projects.
fn support(
    c: &mut AnyConn,
    held: &Held,
    of: &mut HashMap<PersonId, Work>,
    today: NaiveDate,
) -> Result<BTreeSet<UnitId>, DbError> {
    let going: Vec<(UndertakingId, Option<UnitId>)> = projects::table
        .filter(projects::region_id.eq(held.region))
        .filter(projects::kind.eq(SUPPORT))
        .filter(projects::state.eq(State::Running))
        .filter(projects::withdrawn_at.is_null())
        .select((projects::id, projects::unit_id))
        .load(c)?;
    let ids: Vec<UndertakingId> = going.iter().map(|(id, _)| *id).collect();
    let is_school = |unit: &UnitId| {
        let of = held.tree.unit(*unit);
        of.is_some_and(|u| u.kind == UnitKind::Organisation)
    };
    let mut schools: HashMap<UndertakingId, BTreeSet<UnitId>> = HashMap::new();
    let taking = undertaking::units(c, &ids)?.into_iter();
    let taking = taking.map(|t| (t.undertaking_id, Some(t.unit_id)));
    for (id, unit) in going.into_iter().chain(taking) {
        schools.entry(id).or_default().extend(unit.filter(is_school));
    }
    let members: Vec<PersonId> = of.keys().copied().collect();
    let parts: Vec<(PersonId, UndertakingId)> = undertaking_person::table
        .filter(undertaking_person::region_id.eq(held.region))
        .filter(undertaking_person::undertaking_id.eq_any(&ids))
        .filter(undertaking_person::person_id.eq_any(&members))
        .filter(undertaking_person::withdrawn_at.is_null())
        .filter(undertaking_person::valid_from.le(today))
        .filter(
            undertaking_person::valid_to
                .is_null()
                .or(undertaking_person::valid_to.gt(today)),
        )
        .select((undertaking_person::person_id, undertaking_person::undertaking_id))
        .load(c)?;
    for (person, project) in parts {
        let Some(work) = of.get_mut(&person) else { continue };
        work.projects.insert(project);
        work.schools.extend(schools.get(&project).into_iter().flatten());
    }
    Ok(schools.into_values().flatten().collect())
}

/// Roles beside a plan that hold on the day.
fn roles(c: &mut AnyConn, held: &Held, of: &mut HashMap<PersonId, Work>, today: NaiveDate) -> Result<(), DbError> {
    let members: Vec<PersonId> = of.keys().copied().collect();
    let rows: Vec<(PersonId, String)> = activity::table
        .filter(activity::region_id.eq(held.region))
        .filter(activity::person_id.eq_any(&members))
        .filter(activity::family.eq(Family::Role))
        .filter(activity::superseded_at.is_null())
        .filter(activity::withdrawn_at.is_null())
        .filter(activity::starts_on.le(today))
        .filter(activity::ends_on.is_null().or(activity::ends_on.ge(today)))
        .select((activity::person_id, activity::kind))
        .load(c)?;
    for (person, kind) in rows {
        if let Some(work) = of.get_mut(&person) {
            work.roles.insert(kinds::name(Family::Role, &kind).to_owned());
        }
    }
    Ok(())
}

/// Help that the body gave lately to people who are seen: all of it, and that given in schools of low results.
fn help(
    c: &mut AnyConn,
    held: &Held,
    (body, schools): (BodyId, BTreeSet<UnitId>),
    today: NaiveDate,
) -> Result<[i64; 2], DbError> {
    let mut query = activity::table
        .filter(activity::region_id.eq(held.region))
        .filter(activity::family.eq(Family::Help))
        .filter(activity::body_id.eq(body))
        .filter(activity::superseded_at.is_null())
        .filter(activity::withdrawn_at.is_null())
        .filter(activity::starts_on.between(today - TimeDelta::days(YEAR), today))
        .select(activity::person_id)
        .into_boxed();
    if let Some(own) = &held.bounds.organisations {
        query = query.filter(activity::person_id.eq_any(working(held.region, own.clone(), today)));
    }
    let helped: Vec<PersonId> = query.load(c)?;
    let mut there: HashSet<PersonId> = HashSet::new();
    for block in helped.chunks(1000) {
        let rows: Vec<PersonId> = working(held.region, schools.iter().copied().collect(), today)
            .filter(employment::person_id.eq_any(block))
            .load(c)?;
        there.extend(rows);
    }
    let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let in_schools = helped.iter().filter(|person| there.contains(*person)).count();
    Ok([whole(helped.len()), whole(in_schools)])
}

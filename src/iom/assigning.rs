//! Assigning supporters to every plan of a unit that has none of a kind: balanced, within the norm of load.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::accompany::{is_superior, role_of};
use super::balance::{Alike, Capacity};
use super::capacity::{self, Carried, Limits, Load};
use super::model::{Act, ActId, ActKind, IomId, IomState, Supporter, SupporterId, SupporterKind};
use super::within::Within;
use crate::access::model::AccountState;
use crate::access::{self, AccountId, Actor};
use crate::audit;
use crate::db::dialect::{self, lock_space};
use crate::db::schema::{account, employment, iom, iom_act, role_grant, supporter, unit};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::insert_many;
use crate::people::PersonId;
use crate::people::store::worked_on;
use crate::units::{self, UnitId};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Code of the unit.
    pub unit: String,
    /// As what.
    pub kind: SupporterKind,
    /// The first day.
    pub on: NaiveDate,
    /// How far whoever asks sees.
    pub within: Within,
    /// Who assigns; `None` is a command on the server.
    pub author: Option<AccountId>,
    /// In whose stead.
    pub on_behalf_of: Option<AccountId>,
}

/// What came of it, or would come.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Report {
    /// Plans without a supporter of the kind.
    pub plans: usize,
    /// Plans that got one.
    pub assigned: usize,
    /// Of those, paused: they weigh little until they go on.
    pub paused: usize,
    /// Open plans of each supporter afterwards, by login.
    pub loads: BTreeMap<String, usize>,
    /// What they weigh then, and how much there may be.
    pub weights: BTreeMap<String, Load>,
    /// Logins of those who may take any of the plans.
    pub takers: BTreeSet<String>,
    /// Numbers of the plans nobody could take.
    pub left: Vec<String>,
}

struct Waiting {
    id: IomId,
    region: UnitId,
    person: PersonId,
    number: String,
    state: IomState,
    shown: bool,
    organisations: Vec<UnitId>,
}

struct Choice {
    waiting: Vec<Waiting>,
    actors: Vec<Actor>,
    /// Place of the actor for each waiting plan.
    taker: Vec<Option<usize>>,
}

/// Assigns, all in the transaction given, and says which assignments have begun. Two runs at once wait for each other, so the
/// norm holds.
///
/// # Errors
/// No such unit; those of the database.
pub fn run(tx: &mut Tx<'_>, key: &[u8], ask: &Ask) -> Result<(Report, Vec<Begins>), Error> {
    let region = units::store::by_code(tx.conn(), &ask.unit)?.map(|u| u.region_id.0);
    dialect::lock(tx.conn(), lock_space::DRAFT, region)?;
    dialect::lock(tx.conn(), lock_space::SUPPORT, [0])?;
    let (report, choice) = prepare(tx.conn(), ask)?;
    let begins = |(plan, taker): (&Waiting, &Option<usize>)| {
        let actor = choice.actors.get((*taker)?)?;
        Some(Begins {
            region: plan.region,
            plan: plan.id,
            number: plan.number.clone(),
            person: plan.person,
            shown: plan.shown,
            kind: ask.kind,
            account: actor.account,
            login: actor.login.clone(),
            from: ask.on,
            to: None,
        })
    };
    let begins: Vec<Begins> = choice.waiting.iter().zip(&choice.taker).filter_map(begins).collect();
    let decided = Decided {
        action: "iom.assign",
        on: ask.on,
        reason: "",
        author: ask.author,
        on_behalf_of: ask.on_behalf_of,
    };
    write(tx, key, &decided, &begins)?;
    Ok((report, begins))
}

/// An assignment that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begins {
    /// The region.
    pub region: UnitId,
    /// The plan.
    pub plan: IomId,
    /// Its number.
    pub number: String,
    /// Whose it is.
    pub person: PersonId,
    /// Whether the teacher was ever shown the plan.
    pub shown: bool,
    /// As what.
    pub kind: SupporterKind,
    /// Who accompanies it.
    pub account: AccountId,
    /// That one's login.
    pub login: String,
    /// The first day.
    pub from: NaiveDate,
    /// The day on which another begins already.
    pub to: Option<NaiveDate>,
}

/// How it was decided on assignments.
pub(super) struct Decided<'a> {
    /// In the journal.
    pub action: &'static str,
    pub on: NaiveDate,
    /// Empty where none was said.
    pub reason: &'a str,
    pub author: Option<AccountId>,
    pub on_behalf_of: Option<AccountId>,
}

/// Writes assignments, each with its act and its row of the journal.
pub(super) fn write(tx: &mut Tx<'_>, key: &[u8], decided: &Decided<'_>, all: &[Begins]) -> Result<(), Error> {
    let (mut supporters, mut acts, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for of in all {
        supporters.push(Supporter {
            id: SupporterId(tx.id()),
            region_id: of.region,
            iom_id: of.plan,
            account_id: of.account,
            kind: of.kind,
            valid_from: of.from,
            valid_to: of.to,
            recorded_at: tx.now(),
            superseded_at: None,
        });
        acts.push(Act {
            id: ActId(tx.id()),
            region_id: of.region,
            iom_id: of.plan,
            item_id: None,
            act: ActKind::Assign,
            on_date: decided.on,
            account_id: decided.author,
            value: Some(of.login.clone()),
            reason: Some(decided.reason.to_owned()).filter(|reason| !reason.is_empty()),
            recorded_at: tx.now(),
            on_behalf_of_id: decided.on_behalf_of,
        });
        let mut entry = audit::Entry::of_server(decided.action, "iom", Some(of.plan.0));
        entry.region = Some(of.region.0);
        entry.account = decided.author.map(|a| a.0);
        entry.on_behalf_of = decided.on_behalf_of.map(|a| a.0);
        entry.person = Some(of.person.0);
        entry.detail = format!("on={} kind={} account={}", decided.on, of.kind, of.account);
        entries.push(entry);
        tx.touch(of.person.0);
    }
    insert_many!(tx.conn(), supporter::table, supporters).map_err(DbError::from)?;
    insert_many!(tx.conn(), iom_act::table, acts).map_err(DbError::from)?;
    audit::record(tx, key, &entries)?;
    Ok(())
}

/// What [`run`] would write, by the same function.
///
/// # Errors
/// No such unit; those of the database.
pub fn dry_run(conn: &mut AnyConn, ask: &Ask) -> Result<Report, Error> {
    Ok(prepare(conn, ask)?.0)
}

fn prepare(conn: &mut AnyConn, ask: &Ask) -> Result<(Report, Choice), Error> {
    let tree = units::store::tree(conn, ask.on, None)?;
    let over = ask
        .within
        .unit(&tree, &ask.unit)
        .ok_or_else(|| Error::NotFound(format!("единица с кодом {}", ask.unit)))?;
    let waiting = waiting(conn, &tree.organisations(over.id), ask)?;
    let role = role_of(ask.kind);
    let actors = candidates(conn, ask.kind, ask.within.region, ask.on)?;
    let ids: Vec<AccountId> = actors.iter().map(|a| a.account).collect();
    let mut carried = capacity::carried(conn, &ids, ask.on)?;
    let limits = Limits::of(conn, over.region_id, &ids)?;
    let alike = Alike::of(waiting.iter().map(|plan| {
        let fits = |a: &Actor| {
            a.person != Some(plan.person)
                && a.holds(&[role], &plan.organisations)
                && !is_superior(a, &plan.organisations)
        };
        let eligible: Vec<usize> = (0..actors.len()).filter(|n| fits(&actors[*n])).collect();
        (eligible, capacity::weight(plan.state))
    }));
    let room = |a: &Actor| {
        let limit = limits.get(a.account, role);
        Capacity {
            load: carried.get(&a.account).map_or(0, capacity::weigh),
            rate: limit.rate,
            most: limit.most,
        }
    };
    let supporters: Vec<Capacity> = actors.iter().map(room).collect();
    let (taker, eligible) = (alike.takers(&supporters), alike.eligible());
    let mut report = Report {
        plans: waiting.len(),
        assigned: taker.iter().flatten().count(),
        paused: waiting
            .iter()
            .zip(&taker)
            .filter(|(plan, taker)| taker.is_some() && plan.state == IomState::Paused)
            .count(),
        ..Report::default()
    };
    for (plan, taker) in waiting.iter().zip(&taker) {
        if let Some(actor) = taker.and_then(|place| actors.get(place)) {
            carried.entry(actor.account).or_default().insert(plan.id, plan.state);
        }
    }
    let none = Carried::new();
    for (n, actor) in actors.iter().enumerate() {
        let plans = carried.get(&actor.account).unwrap_or(&none);
        let load = Load {
            plans: plans.len(),
            weight_milli: capacity::weigh(plans),
            going_on_milli: capacity::weigh_going_on(plans),
            most_milli: supporters[n].most,
        };
        report.loads.insert(actor.login.clone(), load.plans);
        report.weights.insert(actor.login.clone(), load);
        if eligible.contains(&n) {
            report.takers.insert(actor.login.clone());
        }
    }
    report.left = waiting
        .iter()
        .zip(&taker)
        .filter(|(_, taker)| taker.is_none())
        .map(|(plan, _)| plan.number.clone())
        .collect();
    let choice = Choice { waiting, actors, taker };
    Ok((report, choice))
}

/// Open plans of persons who work in the organisations on the day and have no supporter of the kind.
fn waiting(conn: &mut AnyConn, organisations: &[UnitId], ask: &Ask) -> Result<Vec<Waiting>, DbError> {
    let mut persons: BTreeSet<PersonId> = BTreeSet::new();
    for block in organisations.chunks(1000) {
        let rows: Vec<PersonId> = employment::table
            .filter(employment::organisation_id.eq_any(block))
            .filter(worked_on(ask.on))
            .select(employment::person_id)
            .distinct()
            .load(conn)?;
        persons.extend(rows);
    }
    let persons: Vec<PersonId> = persons.into_iter().collect();
    let mut found = Vec::new();
    for block in persons.chunks(1000) {
        let plans: Vec<(IomId, UnitId, PersonId, String, IomState, Option<NaiveDate>)> = iom::table
            .filter(iom::person_id.eq_any(block))
            .filter(iom::state.ne(IomState::Closed))
            .order(iom::id)
            .select((
                iom::id,
                iom::region_id,
                iom::person_id,
                iom::number,
                iom::state,
                iom::first_visible_on,
            ))
            .load(conn)?;
        if plans.is_empty() {
            continue;
        }
        let ids: Vec<IomId> = plans.iter().map(|(id, ..)| *id).collect();
        let covered: BTreeSet<IomId> = supporter::table
            .filter(supporter::iom_id.eq_any(ids))
            .filter(supporter::kind.eq(ask.kind))
            .filter(supporter::superseded_at.is_null())
            .filter(supporter::valid_to.is_null().or(supporter::valid_to.gt(ask.on)))
            .select(supporter::iom_id)
            .load(conn)?
            .into_iter()
            .collect();
        let mut places: HashMap<PersonId, Vec<UnitId>> = HashMap::new();
        let jobs: Vec<(PersonId, UnitId)> = employment::table
            .filter(employment::person_id.eq_any(block))
            .filter(worked_on(ask.on))
            .select((employment::person_id, employment::organisation_id))
            .load(conn)?;
        for (person, organisation) in jobs {
            places.entry(person).or_default().push(organisation);
        }
        let waits = plans.into_iter().filter(|(id, ..)| !covered.contains(id));
        for (id, region, person, number, state, visible_on) in waits {
            found.push(Waiting {
                id,
                region,
                person,
                number,
                state,
                shown: visible_on.is_some(),
                organisations: places.get(&person).cloned().unwrap_or_default(),
            });
        }
    }
    Ok(found)
}

/// Active accounts with the role of a kind, by login; of a region where one is named.
pub(super) fn candidates(
    conn: &mut AnyConn,
    kind: SupporterKind,
    region: Option<UnitId>,
    on: NaiveDate,
) -> Result<Vec<Actor>, DbError> {
    let role = role_of(kind);
    let mut logins = account::table
        .inner_join(role_grant::table.on(role_grant::account_id.eq(account::id)))
        .filter(role_grant::role.eq(role))
        .filter(role_grant::superseded_at.is_null())
        .filter(account::state.eq(AccountState::Active))
        .select(account::login)
        .distinct()
        .into_boxed();
    if let Some(region) = region {
        // Roles over the whole installation have no unit.
        let own = unit::table
            .filter(unit::region_id.eq(region))
            .select(unit::id.nullable());
        logins = logins.filter(role_grant::unit_id.is_null().or(role_grant::unit_id.eq_any(own)));
    }
    let logins: Vec<String> = logins.load(conn)?;
    let mut actors: Vec<Actor> = access::store::actors(conn, &logins, on)?.into_values().collect();
    actors.retain(|a| a.has(&[role]));
    actors.sort_by(|a, b| a.login.cmp(&b.login));
    Ok(actors)
}

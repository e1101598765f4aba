//! Acts of many people at once: sorted by their day and row, done in memory by blocks of persons, written in bulk. One
//! transaction holds the whole file; a refused row leaves no trace.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;

use super::journey::{Ask, Journey};
use super::model::{Enrolment, EnrolmentState};
use super::progress;
use super::store::{self, Reading};
use crate::access::{self, AccountId, Actor, Role};
use crate::audit;
use crate::db::dialect::{self, lock_space};
use crate::db::schema::person;
use crate::db::{AnyConn, DbError, TouchedDay, Tx};
use crate::error::{Error, Refusal};
use crate::iom::accompany::role_of;
use crate::iom::acts::{ActRow, RefusedRow, Whose};
use crate::iom::capacity::{self, Limits};
use crate::iom::event::{Event, EventKind, Standing};
use crate::iom::{Act, ActKind, IomOrigin, IomState, ItemState, Kept, Mark, Plan, Stamp, Supporter, SupporterKind};
use crate::people::{PersonId, Snils};
use crate::units::UnitId;

/// How many persons are held in memory at once.
const BLOCK: usize = 1000;

/// So few persons are locked one by one.
const FEW: usize = 50;

/// Whether an act reads and moves nothing but the plan of its person: such acts of a region go side by side. What has to
/// do with seats, supporters or the course of a plan waits for everyone.
fn is_of_one_plan(act: ActKind) -> bool {
    matches!(
        act,
        ActKind::Begin
            | ActKind::Submit
            | ActKind::Withdraw
            | ActKind::Accept
            | ActKind::Return
            | ActKind::Support
            | ActKind::Extend
            | ActKind::Acquaint
    )
}

/// What came of a file.
#[derive(Debug, Default)]
pub struct Applied {
    /// Acts done.
    pub done: usize,
    /// Rows refused, by line.
    pub refused: Vec<RefusedRow>,
    /// Whom the file left with more open plans than the norm of load: an act of a person is done, and said.
    pub over_norm: Vec<OverNorm>,
    /// Who was assigned, in which role.
    assigned: BTreeSet<(AccountId, Role)>,
}

/// A supporter above the norm.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OverNorm {
    /// Login.
    pub login: String,
    /// Open plans.
    pub plans: usize,
    /// How many there may be: the norm of the role by the rate, or a limit of one's own.
    pub norm: usize,
}

/// Does the acts; `next` answers the events of each block within the same transaction.
///
/// # Errors
/// Those of the database; refusals of single rows are part of the result.
pub fn run(
    tx: &mut Tx<'_>,
    key: &[u8],
    rows: &[ActRow],
    mut next: impl FnMut(&mut Tx<'_>, &[Event]) -> Result<(), DbError>,
) -> Result<Applied, Error> {
    // Two files with acts on one plan wait for each other, and for drafting; so do two that assign one supporter.
    let (persons, regions) = persons(tx.conn(), rows)?;
    let of_whom: BTreeSet<i64> = persons.values().flatten().map(|p| p.0).collect();
    if of_whom.len() <= FEW && rows.iter().all(|row| is_of_one_plan(row.kind)) {
        for region in &regions {
            dialect::lock_shared(tx.conn(), lock_space::DRAFT, dialect::folded(*region))?;
        }
        dialect::lock(tx.conn(), lock_space::PLAN, of_whom)?;
    } else {
        dialect::lock(tx.conn(), lock_space::DRAFT, regions.iter().copied())?;
    }
    if rows.iter().any(|r| r.kind == ActKind::Assign) {
        dialect::lock(tx.conn(), lock_space::SUPPORT, [0])?;
    }
    // A person of two regions is told apart by the organisations of whoever acts.
    let plans_are_known = persons.values().all(|of| of.len() < 2);
    let actors = actors(tx, rows, plans_are_known)?;
    let mut of_each: BTreeMap<&Whose, Vec<&ActRow>> = BTreeMap::new();
    for row in rows {
        of_each.entry(&row.whose).or_default().push(row);
    }
    let mut applied = Applied::default();
    let mut block: Vec<Work<'_>> = Vec::new();
    let mut size = 0;
    let mut last = of_each.into_iter().peekable();
    while let Some((whose, mut rows)) = last.next() {
        rows.sort_by_key(|row| (row.on, row.line));
        let persons = persons.get(whose).cloned().unwrap_or_default();
        size += persons.len();
        block.push(Work { persons, rows });
        if size >= BLOCK || last.peek().is_none() {
            let events = run_block(tx, key, &block, &actors, &mut applied)?;
            next(tx, &events)?;
            block.clear();
            size = 0;
        }
    }
    applied.refused.sort_by_key(|r| r.line);
    applied.over_norm = over_norm(tx, &applied.assigned, &actors, &regions)?;
    Ok(applied)
}

/// Rows about one person; of a СНИЛС with the persons that have it, one per region.
struct Work<'a> {
    persons: Vec<PersonId>,
    rows: Vec<&'a ActRow>,
}

fn run_block(
    tx: &mut Tx<'_>,
    key: &[u8],
    block: &[Work<'_>],
    actors: &HashMap<String, Actor>,
    applied: &mut Applied,
) -> Result<Vec<Event>, Error> {
    let ids: Vec<PersonId> = block.iter().flat_map(|w| w.persons.iter().copied()).collect();
    let of_one_step = |row: &&ActRow| row.kind.is_of_one_step(row.item.is_some());
    let reading = if block.iter().flat_map(|w| &w.rows).all(of_one_step) {
        Reading::Steps
    } else {
        Reading::Whole
    };
    let mut journeys: HashMap<PersonId, Journey> = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(BLOCK) {
        journeys.extend(store::load(tx.conn(), ids, reading)?.into_iter().map(|j| (j.person, j)));
    }
    if block
        .iter()
        .flat_map(|w| &w.rows)
        .any(|row| row.kind == ActKind::Acquaint)
    {
        store::load_readings(tx.conn(), &mut journeys)?;
    }
    let mut entries = Vec::new();
    let (now, today) = (tx.now(), tx.today());
    let id = || tx.id();
    let stamp = Stamp { id: &id, now, today };
    for work in block {
        for row in &work.rows {
            match one(&mut journeys, work, row, actors, &stamp) {
                Ok(of_act) => {
                    applied.done += 1;
                    entries.extend(of_act);
                }
                Err(why) => applied.refused.push(RefusedRow {
                    line: row.line,
                    act: row.kind.code().to_owned(),
                    why,
                }),
            }
        }
    }
    let mut changed: Vec<Journey> = journeys
        .into_values()
        .filter(|j| j.plans.iter().any(|p| !p.acts.is_empty()))
        .collect();
    changed.sort_by_key(|j| j.person);
    store::save(tx, &changed, reading)?;
    audit::record(tx, key, &entries)?;
    for journey in &changed {
        match reading {
            Reading::Whole => tx.touch(journey.person.0),
            Reading::Steps => touch_support(tx, journey),
        }
    }
    let new = changed.iter().flat_map(|j| j.plans.iter().flat_map(new_supporters));
    applied.assigned.extend(new.map(|s| (s.account_id, role_of(s.kind))));
    let of_plans = changed.iter().flat_map(|j| {
        let works = j.working(today);
        j.plans.iter().flat_map(move |plan| events(plan, &works))
    });
    Ok(of_plans.chain(changed.iter().flat_map(ended)).collect())
}

/// Acts on single steps are known to facts only where they support: each by its day.
fn touch_support(tx: &mut Tx<'_>, journey: &Journey) {
    for plan in &journey.plans {
        let support = |act: &&Act| act.act.is_support(act.item_id.is_some());
        let before = plan.supported_before();
        for act in plan.acts.iter().filter(support) {
            tx.touch_day(TouchedDay {
                person: journey.person.0,
                on: act.on_date,
                before: before.clone(),
            });
        }
    }
}

fn one(
    journeys: &mut HashMap<PersonId, Journey>,
    work: &Work<'_>,
    row: &ActRow,
    actors: &HashMap<String, Actor>,
    stamp: &Stamp<'_>,
) -> Result<Vec<audit::Entry>, Refusal> {
    let by = actors
        .get(&row.by)
        .ok_or_else(|| Refusal::new("iom.unknown_login").with("login", &row.by))?;
    let narrowed = match (&row.substitute, &row.roles) {
        (Some(substitute), _) => Some(by.clone().through(substitute)),
        (None, Some(roles)) => Some(by.clone().in_roles(roles)),
        (None, None) => None,
    };
    let by = narrowed.as_ref().unwrap_or(by);
    let person = choose(journeys, work, row, by)?;
    let journey = journeys
        .get_mut(&person)
        .ok_or_else(|| Refusal::new("iom.unknown_person"))?;
    let login = row.value.to_lowercase();
    let ask = Ask {
        kind: row.kind,
        item: row.item,
        on: row.on,
        value: if row.kind == ActKind::Assign {
            &login
        } else {
            &row.value
        },
        reason: &row.reason,
        by,
        whom: actors.get(&login).filter(|_| row.kind == ActKind::Assign),
        said_now: row.said_now,
        seen: row.seen,
        plan: row.plan,
        change: row.change.as_ref(),
    };
    let done = journey.act(&ask, stamp)?;
    let plan = &journey.plans[done.plan];
    let entry = |action, object_kind, object, detail| audit::Entry {
        action,
        region: Some(journey.region.0),
        account: Some(by.hand().0),
        on_behalf_of: by.behalf().map(|a| a.0),
        object_kind,
        object: Some(object),
        person: Some(person.0),
        detail,
    };
    let detail = match row.item {
        Some(item) => format!("on={} item={item}", row.on),
        None => format!("on={}", row.on),
    };
    let mut entries = vec![entry(action(row.kind), "iom", plan.row.id.0, detail)];
    for ended in done.ended {
        let detail = format!("on={} by={}", row.on, row.kind);
        entries.push(entry("enrolment.withdraw", "enrolment", ended.0, detail));
    }
    Ok(entries)
}

/// Whose open plans weigh more now than they may in the role in which they were assigned.
fn over_norm(
    tx: &mut Tx<'_>,
    assigned: &BTreeSet<(AccountId, Role)>,
    actors: &HashMap<String, Actor>,
    regions: &BTreeSet<i64>,
) -> Result<Vec<OverNorm>, DbError> {
    if assigned.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<AccountId> = assigned.iter().map(|(account, _)| *account).collect();
    let today = tx.today();
    let carried = capacity::carried(tx.conn(), &ids, today)?;
    let mut limits = Vec::with_capacity(regions.len());
    for region in regions {
        limits.push(Limits::of(tx.conn(), UnitId(*region), &ids)?);
    }
    let over = |actor: &Actor| {
        let plans = carried.get(&actor.account)?;
        let roles = || assigned.iter().filter(|(account, _)| *account == actor.account);
        let of_region = |limits: &Limits| roles().filter_map(|(of, role)| limits.get(*of, *role).most).min();
        let most = limits.iter().filter_map(of_region).min()?;
        (capacity::weigh(plans) > most).then(|| OverNorm {
            login: actor.login.clone(),
            plans: plans.len(),
            norm: usize::try_from(most / capacity::WHOLE).unwrap_or(usize::MAX),
        })
    };
    let mut found: Vec<OverNorm> = actors.values().filter_map(over).collect();
    found.sort_by(|a, b| a.login.cmp(&b.login));
    Ok(found)
}

/// Whose plan a row means: with the same СНИЛС in two regions the one that has a plan for the act and whom the actor
/// reaches.
fn choose(
    journeys: &HashMap<PersonId, Journey>,
    work: &Work<'_>,
    row: &ActRow,
    by: &Actor,
) -> Result<PersonId, Refusal> {
    let [first, rest @ ..] = work.persons.as_slice() else {
        return Err(Refusal::new("iom.unknown_person"));
    };
    if rest.is_empty() {
        return Ok(*first);
    }
    let reaches = |journey: &&Journey| {
        let organisations = journey.organisations(row.on);
        by.person == Some(journey.person)
            || by.grants.iter().any(|g| match &g.organisations {
                None => true,
                Some(own) => organisations.iter().any(|o| own.contains(o)),
            })
            || journey.plans.iter().any(|p| p.has_supporter(by, row.on, &[]))
    };
    let with_plan: Vec<&Journey> = work
        .persons
        .iter()
        .filter_map(|p| journeys.get(p))
        .filter(|j| j.has_plan_for(row.kind, row.plan))
        .collect();
    let reached: Vec<&Journey> = with_plan.iter().copied().filter(|j| reaches(j)).collect();
    match (reached.as_slice(), with_plan.as_slice()) {
        ([one], _) | ([], [one]) => Ok(one.person),
        ([], []) => Ok(*first),
        _ => Err(Refusal::new("iom.two_regions")),
    }
}

/// Accounts named in the file, as whoever acts and as whoever is assigned, with their roles in force today.
fn actors(tx: &mut Tx<'_>, rows: &[ActRow], plans_are_known: bool) -> Result<HashMap<String, Actor>, DbError> {
    let mut logins: BTreeSet<String> = rows.iter().map(|r| r.by.clone()).collect();
    let assigned: Vec<String> = rows
        .iter()
        .filter(|r| r.kind == ActKind::Assign)
        .map(|r| r.value.to_lowercase())
        .collect();
    let known = plans_are_known && assigned.is_empty();
    logins.extend(assigned);
    let logins: Vec<String> = logins.into_iter().collect();
    let today = tx.today();
    if known {
        access::store::acting(tx.conn(), &logins, today)
    } else {
        access::store::actors(tx.conn(), &logins, today)
    }
}

/// Persons by how a row names them, and the ids of their regions.
type Persons = (HashMap<Whose, Vec<PersonId>>, BTreeSet<i64>);

fn persons(conn: &mut AnyConn, rows: &[ActRow]) -> Result<Persons, DbError> {
    let mut found: HashMap<Whose, Vec<PersonId>> = HashMap::with_capacity(rows.len());
    let mut regions = BTreeSet::new();
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    for row in rows {
        match &row.whose {
            Whose::Snils(snils) => drop(wanted.insert(snils.as_str())),
            Whose::Person(region, person) => {
                regions.insert(region.0);
                found.insert(row.whose.clone(), vec![*person]);
            }
        }
    }
    let wanted: Vec<&str> = wanted.into_iter().collect();
    for block in wanted.chunks(BLOCK) {
        let rows: Vec<(PersonId, UnitId, Option<String>)> = person::table
            .filter(person::snils.eq_any(block))
            .order(person::id)
            .select((person::id, person::region_id, person::snils))
            .load(conn)?;
        for (id, region, snils) in rows {
            regions.insert(region.0);
            if let Some(snils) = snils.and_then(|s| Snils::parse(&s).ok()) {
                found.entry(Whose::Snils(snils)).or_default().push(id);
            }
        }
    }
    Ok((found, regions))
}

/// Events of a plan's acts that still stand at the end of the file: nobody is called to what is done already.
fn events(plan: &Plan, works: &[UnitId]) -> Vec<Event> {
    let event = |act: i64, kind| event(plan, act, kind);
    let of_school = plan.row.origin == IomOrigin::School;
    let school = || if of_school { works.to_vec() } else { Vec::new() };
    let last = |kind: ActKind, item: Option<crate::iom::ItemId>| {
        plan.acts
            .iter()
            .rev()
            .find(|a| a.act == kind && (item.is_none() || a.item_id == item))
    };
    let mut found: Vec<Event> = stands(plan).into_iter().chain(progress::of(plan)).collect();
    if plan.row.state == IomState::OnAgreement && plan.row.agreed_on.is_none() {
        found.extend(last(ActKind::Send, None).map(|a| event(a.id.0, EventKind::Sent)));
    }
    if !plan.is_open() {
        return found;
    }
    if of_school {
        found.extend(of_approval(plan, works));
    }
    // One letter for all changes of a run: the last revision says everything.
    let changes = plan.acts.iter().rev().find(|a| match a.act {
        ActKind::Change | ActKind::Extend => true,
        // A resumption that has moved last days.
        ActKind::Resume => a.value.is_some(),
        _ => false,
    });
    let revised = plan.revisions.last().filter(|r| r.number > 1).zip(changes);
    found.extend(revised.map(|(revision, act)| {
        let kind = EventKind::Changed {
            revision: revision.number,
            by: hands([act]),
        };
        event(act.id.0, kind)
    }));
    for item in &plan.items {
        if item.state == ItemState::Submitted {
            let supporters = in_force(plan).map(|s| s.account_id).collect();
            let kind = EventKind::Submitted {
                item: item.number,
                supporters,
                school: school(),
            };
            // What waited for nobody waits for whoever was named first.
            let act = last(ActKind::Submit, Some(item.id)).map(|a| a.id.0);
            let named = || (of_school && first_supporters(plan)).then_some(item.id.0);
            found.extend(act.or_else(named).map(|act| event(act, kind)));
        }
        if item.state == ItemState::Returned {
            let kind = EventKind::ItemReturned { item: item.number };
            found.extend(last(ActKind::Return, Some(item.id)).map(|a| event(a.id.0, kind)));
        }
    }
    found.extend(new_supporters(plan).map(|s| {
        event(
            s.id.0,
            EventKind::Assigned {
                supporter: s.account_id,
                kind: s.kind,
                shown: plan.row.first_visible_on.is_some(),
                instead_of: replaced(plan, s.kind),
                by: hands(plan.acts.iter().filter(|a| a.act == ActKind::Assign)),
            },
        )
    }));
    found
}

/// Who has done these acts, and in whose stead.
fn hands<'a>(acts: impl IntoIterator<Item = &'a Act>) -> Vec<AccountId> {
    let of = acts.into_iter().flat_map(|act| [act.account_id, act.on_behalf_of_id]);
    of.flatten().collect()
}

/// What the approval of a school's plan asks of the school.
fn of_approval(plan: &Plan, works: &[UnitId]) -> Option<Event> {
    let last = |kind: ActKind| plan.acts.iter().rev().find(|a| a.act == kind && a.item_id.is_none());
    let school = works.to_vec();
    match plan.row.state {
        IomState::OnAgreement if plan.row.agreed_on.is_some() => {
            last(ActKind::Agree).map(|act| event(plan, act.id.0, EventKind::Agreed { school }))
        }
        IomState::Returned => last(ActKind::Return).map(|act| {
            let kind = EventKind::CameBack {
                school,
                author: plan.row.author_id,
                by: hands([act]),
            };
            event(plan, act.id.0, kind)
        }),
        _ => None,
    }
}

/// Whether its first supporters were named just now.
fn first_supporters(plan: &Plan) -> bool {
    !plan.supporters.is_empty() && plan.supporters.iter().all(|s| s.mark() == Mark::New)
}

/// Who has been assigned to it just now.
fn new_supporters(plan: &Plan) -> impl Iterator<Item = &Kept<Supporter>> {
    in_force(plan).filter(|s| s.mark() == Mark::New)
}

/// Who accompanied a plan as one of a kind until these acts, and does not accompany it any more.
fn replaced(plan: &Plan, kind: SupporterKind) -> Vec<AccountId> {
    let stays = |account: AccountId| in_force(plan).any(|s| s.account_id == account);
    let ended = plan
        .supporters
        .iter()
        .filter(|s| s.kind == kind && s.mark() == Mark::Changed);
    ended.map(|s| s.account_id).filter(|account| !stays(*account)).collect()
}

/// Who accompanies a plan now.
fn in_force(plan: &Plan) -> impl Iterator<Item = &Kept<Supporter>> {
    let now = |s: &&Kept<Supporter>| s.superseded_at.is_none() && s.valid_to.is_none();
    plan.supporters.iter().filter(now)
}

/// Where a plan stands after acts that moved it or one of its steps: a document may close steps of other plans too.
fn stands(plan: &Plan) -> Option<Event> {
    let last = plan.acts.last();
    if last.is_none() && plan.items.iter().all(|item| item.mark() == Mark::Kept) {
        return None;
    }
    let standing = Standing {
        state: plan.row.state,
        closed: plan.row.outcome.map(|outcome| (outcome, plan.row.close_reason)),
        waits_for_agreement: plan.row.state == IomState::OnAgreement && plan.row.agreed_on.is_none(),
        waits_for_approval: plan.row.state == IomState::OnAgreement && plan.row.agreed_on.is_some(),
        items: plan
            .items
            .iter()
            .map(|item| (item.number, item.state, item.due_on))
            .collect(),
        supporters: in_force(plan).map(|s| s.account_id).collect(),
        read: plan
            .readings
            .iter()
            .filter(|r| r.mark() == Mark::New)
            .map(|r| r.revision)
            .collect(),
        by: hands(&plan.acts),
    };
    Some(event(plan, last.map_or(0, |act| act.id.0), EventKind::Stands(standing)))
}

/// Applications that ended in this run with the plan or the step they served: the teacher is told.
fn ended(journey: &Journey) -> Vec<Event> {
    let now = |e: &&Kept<Enrolment>| e.state == EnrolmentState::Withdrawn && e.mark() != Mark::Kept;
    let of = |enrolment: &Kept<Enrolment>| {
        let plan = |plan: &Plan| {
            let item = plan.items.iter().find(|i| Some(i.id) == enrolment.item_id)?;
            let kind = EventKind::ApplicationEnded {
                item: item.number,
                reason: enrolment.reason.clone().unwrap_or_default(),
            };
            Some(event(plan, enrolment.id.0, kind))
        };
        journey.plans.iter().find_map(plan)
    };
    journey.enrolments.iter().filter(now).filter_map(of).collect()
}

pub(super) fn event(plan: &Plan, act: i64, kind: EventKind) -> Event {
    Event {
        kind,
        region: plan.row.region_id,
        plan: plan.row.id,
        number: plan.row.number.clone(),
        person: plan.row.person_id,
        act,
    }
}

/// The name of an act in the journal.
fn action(act: ActKind) -> &'static str {
    match act {
        ActKind::Send => "iom.send",
        ActKind::Agree => "iom.agree",
        ActKind::Approve => "iom.approve",
        ActKind::Start => "iom.start",
        ActKind::Apply => "enrolment.apply",
        ActKind::AgreeEnrolment => "enrolment.agree",
        ActKind::RefuseEnrolment => "enrolment.refuse",
        ActKind::Enrol => "enrolment.enrol",
        ActKind::Complete => "enrolment.complete",
        ActKind::Begin => "iom.begin",
        ActKind::Submit => "iom.submit",
        ActKind::Withdraw => "iom.withdraw",
        ActKind::Accept => "iom.accept",
        ActKind::Return => "iom.return",
        ActKind::Waive => "iom.waive",
        ActKind::Cancel => "iom.cancel",
        ActKind::Assign => "iom.assign",
        ActKind::Support => "iom.support",
        ActKind::Pause => "iom.pause",
        ActKind::Resume => "iom.resume",
        ActKind::Outcome => "iom.outcome",
        ActKind::CloseCompleted => "iom.close_completed",
        ActKind::CloseExpired => "iom.close_expired",
        ActKind::CloseTerminated => "iom.close_terminated",
        ActKind::Reopen => "iom.reopen",
        ActKind::Change => "iom.change",
        ActKind::Extend => "iom.extend",
        ActKind::Acquaint => "iom.acquaint",
        ActKind::Decline => "iom.template_decline",
    }
}

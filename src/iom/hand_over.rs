//! Handing over what a supporter accompanies: to one colleague or evenly to all, within what each may carry. Steps that wait
//! for review go with their plans, since a queue is nothing but the plans in force.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::accompany::{is_superior, role_of};
use super::assigning::{Begins, Decided, candidates, write};
use super::balance::{Alike, Capacity};
use super::capacity::{self, Carried, Limit, Limits, Load};
use super::held::{Held, beside, held};
use super::model::{IomId, SupporterId, SupporterKind};
use crate::access::{self, AccountId, Actor};
use crate::audit;
use crate::db::dialect::{self, lock_space};
use crate::db::schema::supporter;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::units::UnitId;

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 500;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Login of whoever gives; the account may be closed already.
    pub from: String,
    /// Login of whoever takes; `None` is evenly to all who may.
    pub to: Option<String>,
    /// The first day of the new ones.
    pub on: NaiveDate,
    /// Why, in a few words.
    pub reason: String,
    /// The region; `None` is a command on the server.
    pub region: Option<UnitId>,
    /// Organisations whose people are seen; `None` is everyone's.
    pub organisations: Option<HashSet<UnitId>>,
    /// Who hands over; `None` is a command on the server.
    pub author: Option<AccountId>,
    /// In whose stead.
    pub on_behalf_of: Option<AccountId>,
}

/// Why something stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Nobody may take it: no role over where the person works, the own plan, a superior.
    NoTaker,
    /// Those who may are full.
    NoRoom,
}

impl Why {
    /// In words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::NoTaker => {
                "передать некому: нужен другой с такой же ролью над организацией педагога, не он сам и не его руководитель"
            }
            Self::NoRoom => "у тех, кто может принять, нет места: измените их ставку или предел",
        }
    }
}

/// What stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Number of the plan.
    pub plan: String,
    /// Why.
    pub why: Why,
}

/// What one of the takers gets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Given {
    /// Plans.
    pub plans: usize,
    /// Steps in them that wait for review.
    pub reviews: usize,
}

/// What came of it, or would come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Assignments to open plans that are there to hand over.
    pub plans: usize,
    /// Of those, handed over.
    pub handed: usize,
    /// Steps in them that wait for review.
    pub reviews: usize,
    /// What each taker gets, by login.
    pub given: BTreeMap<String, Given>,
    /// What everyone who may take some carries afterwards, by login.
    pub loads: BTreeMap<String, Load>,
    /// In which kind each of those may take some, by login.
    #[serde(skip)]
    pub may: BTreeMap<String, SupporterKind>,
    /// What stays.
    pub left: Vec<Left>,
    /// A digest of who gets what: a preview and the act after it are compared by it.
    #[serde(skip)]
    pub digest: String,
    /// Accounts of the takers by login, with the region of what they got.
    #[serde(skip)]
    pub takers: BTreeMap<String, (AccountId, UnitId)>,
    /// Whose they were.
    #[serde(skip)]
    pub giver: Option<AccountId>,
    /// The assignments that have begun.
    #[serde(skip)]
    pub begun: Vec<Begins>,
}

struct Choice {
    held: Vec<Held>,
    /// Who takes each of them.
    taker: Vec<Option<(AccountId, String)>>,
    report: Report,
}

/// Hands over, all in the transaction given. Whoever assigns or hands over at once waits, so nobody gets more than there may
/// be. `expected` is the digest that a preview showed.
///
/// # Errors
/// No such account, to oneself, something else has come since the preview; those of the database.
pub fn run(tx: &mut Tx<'_>, key: &[u8], ask: &Ask, expected: Option<&str>) -> Result<Report, Error> {
    if ask.reason.chars().count() > LONGEST_REASON {
        return Err(Refusal::new("desk.too_long").with("most", LONGEST_REASON).into());
    }
    let regions = match ask.region {
        Some(region) => vec![region.0],
        None => regions(tx.conn(), ask)?,
    };
    dialect::lock(tx.conn(), lock_space::DRAFT, regions)?;
    dialect::lock(tx.conn(), lock_space::SUPPORT, [0])?;
    let Choice {
        held,
        taker,
        mut report,
    } = prepare(tx.conn(), ask)?;
    if expected.is_some_and(|digest| digest != report.digest) {
        return Err(Refusal::new("desk.changed").into());
    }
    let mut begins = Vec::new();
    let (mut ended, mut never): (Vec<SupporterId>, Vec<SupporterId>) = (Vec::new(), Vec::new());
    for (of, taker) in held.iter().zip(taker) {
        let Some((account, login)) = taker else { continue };
        // What had not begun by the day never comes into force.
        if of.from < ask.on { &mut ended } else { &mut never }.push(of.id);
        begins.push(Begins {
            region: of.region,
            plan: of.plan,
            number: of.number.clone(),
            person: of.person,
            shown: of.shown,
            kind: of.kind,
            account,
            login,
            from: of.from.max(ask.on),
            to: of.to,
        });
    }
    let decided = Decided {
        action: "iom.hand_over",
        on: ask.on,
        reason: &ask.reason,
        author: ask.author,
        on_behalf_of: ask.on_behalf_of,
    };
    end(tx, ask.on, &ended, &never)?;
    write(tx, key, &decided, &begins)?;
    report.begun = begins;
    Ok(report)
}

fn end(tx: &mut Tx<'_>, on: NaiveDate, ended: &[SupporterId], never: &[SupporterId]) -> Result<(), DbError> {
    for block in ended.chunks(1000) {
        diesel::update(supporter::table.filter(supporter::id.eq_any(block)))
            .set(supporter::valid_to.eq(on))
            .execute(tx.conn())?;
    }
    let now = tx.now();
    for block in never.chunks(1000) {
        diesel::update(supporter::table.filter(supporter::id.eq_any(block)))
            .set(supporter::superseded_at.eq(now))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// What [`run`] would write, by the same function.
///
/// # Errors
/// No such account, to oneself; those of the database.
pub fn dry_run(conn: &mut AnyConn, ask: &Ask) -> Result<Report, Error> {
    Ok(prepare(conn, ask)?.report)
}

/// Regions in which an account accompanies open plans.
fn regions(conn: &mut AnyConn, ask: &Ask) -> Result<Vec<i64>, Error> {
    let account = giver(conn, &ask.from)?;
    let held = held(conn, account, ask.region, ask.organisations.as_ref(), ask.on)?;
    Ok(held.iter().map(|of| of.region.0).collect())
}

fn giver(conn: &mut AnyConn, login: &str) -> Result<AccountId, Error> {
    let found = access::store::by_login(conn, &login.to_lowercase())?;
    Ok(found
        .ok_or_else(|| Refusal::new("iom.unknown_login").with("login", login))?
        .id)
}

fn prepare(conn: &mut AnyConn, ask: &Ask) -> Result<Choice, Error> {
    let from = giver(conn, &ask.from)?;
    let named = match &ask.to {
        None => None,
        Some(login) => {
            let login = login.to_lowercase();
            if login == ask.from.to_lowercase() {
                return Err(Refusal::new("supporter.same").into());
            }
            let mut found = access::store::actors(conn, std::slice::from_ref(&login), ask.on)?;
            let unknown = || Refusal::new("iom.unknown_login").with("login", &login);
            Some(found.remove(&login).ok_or_else(unknown)?)
        }
    };
    let held = held(conn, from, ask.region, ask.organisations.as_ref(), ask.on)?;
    let beside = beside(conn, &held, from, ask.on)?;
    // What is of one region and one kind is spread at once; the kinds one after the other, since loads are of all.
    let mut parts: BTreeMap<(UnitId, SupporterKind), Vec<usize>> = BTreeMap::new();
    for (place, of) in held.iter().enumerate() {
        parts.entry((of.region, of.kind)).or_default().push(place);
    }
    let mut choice = Choice {
        taker: vec![None; held.len()],
        held,
        report: Report {
            giver: Some(from),
            ..Report::default()
        },
    };
    let mut carried: HashMap<AccountId, Carried> = HashMap::new();
    for ((region, kind), places) in &parts {
        let mut actors = match &named {
            Some(one) => vec![one.clone()],
            None => candidates(conn, *kind, Some(*region), ask.on)?,
        };
        actors.retain(|a| a.account != from);
        let ids: Vec<AccountId> = actors.iter().map(|a| a.account).collect();
        let new: Vec<AccountId> = ids.iter().copied().filter(|id| !carried.contains_key(id)).collect();
        let mut plans = capacity::carried(conn, &new, ask.on)?;
        for id in new {
            carried.insert(id, plans.remove(&id).unwrap_or_default());
        }
        let limits = Limits::of(conn, *region, &ids)?;
        let limit = |a: &Actor| limits.get(a.account, role_of(*kind));
        part(&mut choice, places, &actors, limit, &mut carried, &beside);
    }
    finish(&mut choice);
    Ok(choice)
}

/// Spreads what is of one region and one kind.
fn part(
    choice: &mut Choice,
    places: &[usize],
    actors: &[Actor],
    limit: impl Fn(&Actor) -> Limit,
    carried: &mut HashMap<AccountId, Carried>,
    beside: &HashSet<(IomId, AccountId, SupporterKind)>,
) {
    let Choice { held, taker, report } = choice;
    let fits = |of: &Held, a: &Actor| {
        a.person != Some(of.person)
            && a.holds(&[role_of(of.kind)], &of.organisations)
            && !is_superior(a, &of.organisations)
            && !beside.contains(&(of.plan, a.account, of.kind))
    };
    let alike = Alike::of(places.iter().map(|place| {
        let of = &held[*place];
        let eligible: Vec<usize> = (0..actors.len()).filter(|n| fits(of, &actors[*n])).collect();
        (eligible, capacity::weight(of.state))
    }));
    let room = |a: &Actor| {
        let of = limit(a);
        Capacity {
            load: carried.get(&a.account).map_or(0, capacity::weigh),
            rate: of.rate,
            most: of.most,
        }
    };
    let supporters: Vec<Capacity> = actors.iter().map(room).collect();
    for (place, takes) in places.iter().zip(alike.takers(&supporters)) {
        let of = &held[*place];
        let Some(actor) = takes.and_then(|n| actors.get(n)) else {
            let somebody = actors.iter().any(|a| fits(of, a));
            report.left.push(Left {
                plan: of.number.clone(),
                why: if somebody { Why::NoRoom } else { Why::NoTaker },
            });
            continue;
        };
        carried.entry(actor.account).or_default().insert(of.plan, of.state);
        taker[*place] = Some((actor.account, actor.login.clone()));
        report.takers.insert(actor.login.clone(), (actor.account, of.region));
    }
    for n in alike.eligible() {
        let plans = carried.get(&actors[n].account).cloned().unwrap_or_default();
        let load = Load {
            plans: plans.len(),
            weight_milli: capacity::weigh(&plans),
            going_on_milli: capacity::weigh_going_on(&plans),
            most_milli: supporters[n].most,
        };
        report.loads.insert(actors[n].login.clone(), load);
        if let Some(place) = places.first() {
            report.may.entry(actors[n].login.clone()).or_insert(held[*place].kind);
        }
    }
}

/// Numbers of the report, and the digest of who gets what.
fn finish(choice: &mut Choice) {
    let Choice { held, taker, report } = choice;
    report.plans = held.len();
    let mut counted: HashSet<(IomId, &str)> = HashSet::new();
    let mut lines = Vec::with_capacity(held.len());
    for (of, taker) in held.iter().zip(taker.iter()) {
        let to = taker.as_ref().map_or("", |(_, login)| login.as_str());
        lines.push(format!("{}:{to}:{}", of.id, capacity::weight(of.state)));
        if taker.is_none() {
            continue;
        }
        report.handed += 1;
        let given = report.given.entry(to.to_owned()).or_default();
        given.plans += 1;
        // A step waits once, in whatever kinds its plan is accompanied.
        if counted.insert((of.plan, to)) {
            given.reviews += of.reviews;
            report.reviews += of.reviews;
        }
    }
    report.left.sort_by(|a, b| a.plan.cmp(&b.plan));
    report.digest = audit::digest(lines.join(" ").as_bytes());
}

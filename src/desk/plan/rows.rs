//! What the pages of a plan read: its rows with names instead of ids, a handful of queries for one plan.
//!
//! The page of the own plan is the one that is opened most, so its queries go to the database's own connection: through
//! the common one their text is put together anew at each call, and never found among the prepared ones by type.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::access::store::{called, called_if_any, holder, in_stead};
use crate::catalogue::ProgrammeId;
use crate::db::in_force::assigned_on;
use crate::db::milli::Milli;
use crate::db::schema::{
    account, competence, employment, enrolment, iom, iom_act, iom_deficit, iom_item, person, procedure, scale_band,
    supporter, unit,
};
use crate::db::{AnyConn, DbError};
use crate::desk::plan::ahead::Ahead;
use crate::desk::plan::page::may_be_handed_in;
use crate::each_db;
use crate::enrolment::EnrolmentState;
use crate::iom::evidence::{self, Evidence};
use crate::iom::rounds::{Round, Step, is_of_now, judged_since, rounds};
use crate::iom::{
    ActKind, Deficit, DeficitId, DeficitOutcome, Iom, IomId, IomState, Item, ItemId, ItemState, SupporterKind, rules,
};
use crate::pages::text::short_name;
use crate::people::PersonId;
use crate::people::store::worked_on;
use crate::planted;
use crate::units::UnitId;

/// A plan with what stands around it.
#[derive(Debug)]
pub struct PlanRows {
    /// The plan.
    pub plan: Iom,
    /// Items by number.
    pub items: Vec<Item>,
    /// The rules that chose them.
    pub rules: rules::Sets,
    /// Deficits, the heaviest first.
    pub deficits: Vec<NamedDeficit>,
    /// Supporters in force.
    pub supporters: Vec<(SupporterKind, Someone)>,
    /// Acts, newest first.
    pub acts: Vec<NamedAct>,
    /// How it had been closed before it was taken back into work, oldest first.
    pub rounds: Vec<Round>,
    /// Whether it ever was in work.
    pub begun: bool,
    /// Numbers of the revisions that the teacher has acknowledged.
    pub acquainted: Vec<i32>,
    /// What comes after it, where it is closed: read for the teacher's own page alone.
    pub ahead: Ahead,
    /// Latest applications for the courses of items.
    pub enrolments: Vec<(ItemId, EnrolmentState)>,
    /// The procedure it answers.
    pub procedure: Option<String>,
    /// Files handed in, newest first.
    pub evidence: Vec<Evidence>,
}

/// A deficit with the name of its competence and the label of its level.
#[derive(Debug)]
pub struct NamedDeficit {
    /// Id.
    pub id: DeficitId,
    /// Code of the competence.
    pub code: String,
    /// Name of the competence.
    pub name: String,
    /// Label of the level.
    pub level: String,
    /// Severity of the level.
    pub severity: i32,
    /// Share of the score in whole per cent.
    pub percent: i64,
    /// What came of it.
    pub outcome: Option<DeficitOutcome>,
    /// What had come of it by the closing before, where the plan was taken back and nobody has judged it since.
    pub before: Option<DeficitOutcome>,
}

/// Whoever stands behind an account.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Someone {
    /// Name, or the login of one who is not on a staff list.
    pub name: String,
    /// Mail address.
    pub mail: Option<String>,
}

/// An act with the name of whoever did it.
#[derive(Debug)]
pub struct NamedAct {
    /// What.
    pub act: ActKind,
    /// On which item.
    pub item: Option<ItemId>,
    /// The act's own day.
    pub on: NaiveDate,
    /// Who; `None` is a command on the server.
    pub by: Option<String>,
    /// Remark.
    pub reason: Option<String>,
    /// Value: a document, an outcome with its deficit, a login.
    pub value: Option<String>,
    /// Who was assigned, for an act that assigns.
    pub whom: Option<String>,
    /// Who had accompanied the plan as the same till then.
    pub instead_of: Option<String>,
}

/// Plans of a person that were sent, the one that the person's page shows first: the one in work, else the one closed last;
/// then the others, the latest first. A draft is not shown before it is sent.
///
/// # Errors
/// Those of the database.
pub fn sent(conn: &mut AnyConn, region: UnitId, of: PersonId) -> Result<Vec<Iom>, DbError> {
    let mut plans: Vec<Iom> = each_db!(conn, c => iom::table
        .filter(iom::region_id.eq(region))
        .filter(iom::person_id.eq(of))
        .select(Iom::as_select())
        .load(c))?;
    plans.retain(|p| p.state != IomState::Draft);
    plans.sort_by_key(|p| std::cmp::Reverse((p.state != IomState::Closed, p.id)));
    Ok(plans)
}

/// The plan that a person's page shows.
///
/// # Errors
/// Those of the database.
pub fn of_person(conn: &mut AnyConn, region: UnitId, of: PersonId) -> Result<Option<Iom>, DbError> {
    Ok(sent(conn, region, of)?.into_iter().next())
}

/// The rows of a plan.
///
/// # Errors
/// Those of the database.
pub fn load(conn: &mut AnyConn, plan: Iom, today: NaiveDate) -> Result<PlanRows, DbError> {
    let (region, id) = (plan.region_id, plan.id);
    let items: Vec<Item> = each_db!(conn, c => iom_item::table
        .filter(iom_item::region_id.eq(region))
        .filter(iom_item::iom_id.eq(id))
        .order(iom_item::number)
        .select(Item::as_select())
        .load(c))?;
    let rules = rules::of(conn, items.iter().filter_map(|i| i.rule_set_id))?;
    // Through the steps and not by a list of their ids: a statement with a list is planned anew each time.
    let enrolments: Vec<(ItemId, EnrolmentState)> = each_db!(conn, c => enrolment::table
        .inner_join(
            iom_item::table.on(iom_item::region_id
                .eq(enrolment::region_id)
                .and(iom_item::id.nullable().eq(enrolment::item_id))),
        )
        .filter(iom_item::region_id.eq(region))
        .filter(iom_item::iom_id.eq(id))
        .order(enrolment::id)
        .select((iom_item::id, enrolment::state))
        .load(c))?;
    let procedure = match plan.procedure_id {
        None => None,
        Some(of) => each_db!(conn, c => procedure::table
            .filter(procedure::id.eq(of))
            .select(procedure::name)
            .get_result(c))
        .optional()?,
    };
    let story = story(conn, region, id)?;
    let mut deficits = deficits(conn, region, id)?;
    for of in &mut deficits {
        if !is_of_now(plan.state == IomState::Closed, story.since.as_ref(), &of.code) {
            of.before = of.outcome.take();
        }
    }
    Ok(PlanRows {
        deficits,
        supporters: supporters(conn, region, id, today)?,
        evidence: evidence::of_plan(conn, region, id)?,
        acts: story.acts,
        rounds: story.rounds,
        begun: story.begun,
        acquainted: story.acquainted,
        ahead: Ahead::default(),
        plan,
        items,
        rules,
        enrolments,
        procedure,
    })
}

/// Whether the step of a number in the plan of a person's page is a course that only its document closes.
///
/// # Errors
/// Those of the database.
pub fn is_course_to_take(conn: &mut AnyConn, region: UnitId, of: PersonId, number: i32) -> Result<bool, DbError> {
    let Some(plan) = of_person(conn, region, of)? else {
        return Ok(false);
    };
    let found: Option<(ItemState, Option<ProgrammeId>)> = each_db!(conn, c => iom_item::table
        .filter(iom_item::region_id.eq(region))
        .filter(iom_item::iom_id.eq(plan.id))
        .filter(iom_item::number.eq(number))
        .select((iom_item::state, iom_item::programme_id))
        .get_result(c))
    .optional()?;
    let open = |state| matches!(state, ItemState::Planned | ItemState::InProgress);
    Ok(found.is_some_and(|(state, course)| open(state) && !may_be_handed_in(state, course.is_some())))
}

fn deficits(conn: &mut AnyConn, region: UnitId, of: IomId) -> Result<Vec<NamedDeficit>, DbError> {
    let rows: Vec<(Deficit, String, String)> = each_db!(conn, c => iom_deficit::table
        .inner_join(competence::table.on(competence::id.eq(iom_deficit::competence_id)))
        .filter(iom_deficit::region_id.eq(region))
        .filter(iom_deficit::iom_id.eq(of))
        .order((iom_deficit::severity.desc(), competence::name))
        .select((Deficit::as_select(), competence::code, competence::name))
        .load(c))?;
    let labels: Vec<(String, String)> = each_db!(conn, c => scale_band::table
        .select((scale_band::level, scale_band::label))
        .load(c))?;
    let label = |level: &str| labels.iter().find(|(l, _)| l == level).map(|(_, label)| label.clone());
    Ok(rows
        .into_iter()
        .map(|(row, code, name)| NamedDeficit {
            id: row.id,
            code,
            name,
            level: label(&row.level).unwrap_or(row.level),
            severity: row.severity,
            percent: whole_percent(row.raw_milli, row.max_milli),
            outcome: row.outcome,
            before: None,
        })
        .collect())
}

/// A score in whole per cent, down: 59,9 % is not shown as 60 %, where the next level begins.
#[must_use]
pub fn whole_percent(raw: Milli, max: Milli) -> i64 {
    if max.0 <= 0 {
        return 0;
    }
    i64::from(raw.0) * 100 / i64::from(max.0)
}

fn supporters(
    conn: &mut AnyConn,
    region: UnitId,
    of: IomId,
    today: NaiveDate,
) -> Result<Vec<(SupporterKind, Someone)>, DbError> {
    let rows: Vec<(SupporterKind, Someone)> = each_db!(conn, c => supporter::table
        .inner_join(account::table.on(account::id.eq(supporter::account_id)))
        .left_join(
            person::table.on(holder()),
        )
        .filter(supporter::region_id.eq(region))
        .filter(supporter::iom_id.eq(of))
        .filter(assigned_on(today))
        .order(supporter::id)
        .select((supporter::kind, (called(), person::email.nullable())))
        .load(c))?;
    Ok(rows)
}

/// What the acts of a plan tell.
struct Story {
    /// The latest, newest first.
    acts: Vec<NamedAct>,
    /// How the plan had been closed before it was taken back, oldest first.
    rounds: Vec<Round>,
    /// Which deficits were judged since then.
    since: Option<BTreeSet<String>>,
    begun: bool,
    acquainted: Vec<i32>,
}

fn step(act: &NamedAct) -> Step<'_> {
    Step {
        act: act.act,
        on: act.on,
        value: act.value.as_deref(),
        reason: act.reason.as_deref(),
        by: act.by.as_deref(),
    }
}

fn story(conn: &mut AnyConn, region: UnitId, of: IomId) -> Result<Story, DbError> {
    type Row = (
        ActKind,
        Option<ItemId>,
        NaiveDate,
        Option<String>,
        Option<String>,
        NaiveDateTime,
    );
    let rows: Vec<(Row, Option<String>, Option<i64>)> = each_db!(conn, c => iom_act::table
        .left_join(account::table.on(account::id.nullable().eq(iom_act::account_id)))
        .left_join(
            person::table.on(holder()),
        )
        .filter(iom_act::region_id.eq(region))
        .filter(iom_act::iom_id.eq(of))
        .order((iom_act::on_date.desc(), iom_act::id.desc()))
        .select((
            (
                iom_act::act,
                iom_act::item_id,
                iom_act::on_date,
                iom_act::reason,
                iom_act::value,
                iom_act::recorded_at,
            ),
            called_if_any(),
            iom_act::on_behalf_of_id,
        ))
        .load(c))?;
    let assigned = rows.iter().filter(|(row, ..)| row.0 == ActKind::Assign);
    let logins: Vec<String> = assigned
        .filter_map(|(row, ..)| Some(row.4.as_ref()?.to_lowercase()))
        .collect();
    let held = if logins.is_empty() {
        Vec::new()
    } else {
        assignments(conn, region, of)?
    };
    let mut names: HashMap<String, String> = held.iter().map(|one| (one.login.clone(), one.name.clone())).collect();
    // Whoever is named by an act alone.
    let unknown: Vec<String> = logins.into_iter().filter(|login| !names.contains_key(login)).collect();
    names.extend(crate::access::store::names_of_logins(conn, &unknown)?);
    let behalf: Vec<i64> = rows.iter().filter_map(|(.., of)| *of).collect();
    let whose = crate::access::store::names(conn, &behalf)?;
    let named = |of: Option<i64>| of.and_then(|of| whose.get(&of)).map(String::as_str);
    let mut acts: Vec<NamedAct> = rows
        .into_iter()
        .map(|((act, item, on, reason, value, at), by, of)| {
            let login = value.as_ref().filter(|_| act == ActKind::Assign);
            let login = login.map(|login| login.to_lowercase());
            NamedAct {
                act,
                item,
                on,
                by: by.map(|by| in_stead(by, named(of))),
                reason,
                whom: login.as_ref().and_then(|login| names.get(login).cloned()),
                instead_of: login.and_then(|login| relieved(&held, &login, at)),
                value,
            }
        })
        .collect();
    let read = acts.iter().filter(|act| act.act == ActKind::Acquaint);
    let acquainted: Vec<i32> = read
        .filter_map(|act| act.value.as_deref()?.trim().parse().ok())
        .collect();
    let begun = acts.iter().any(|act| act.act == ActKind::Start);
    let rounds = rounds(acts.iter().rev().map(step));
    let since = judged_since(acts.iter().rev().map(step));
    // Cut here: SQLite plans a statement anew whenever its limit is bound, and few plans have as many acts.
    acts.truncate(100);
    Ok(Story {
        acts,
        rounds,
        since,
        begun,
        acquainted,
    })
}

/// An assignment to a plan, whether it holds or not.
struct Assignment {
    kind: SupporterKind,
    from: NaiveDate,
    to: Option<NaiveDate>,
    recorded_at: NaiveDateTime,
    superseded_at: Option<NaiveDateTime>,
    login: String,
    name: String,
}

fn assignments(conn: &mut AnyConn, region: UnitId, of: IomId) -> Result<Vec<Assignment>, DbError> {
    type Row = (
        SupporterKind,
        NaiveDate,
        Option<NaiveDate>,
        NaiveDateTime,
        Option<NaiveDateTime>,
    );
    let rows: Vec<(Row, String, String)> = each_db!(conn, c => supporter::table
        .inner_join(account::table.on(account::id.eq(supporter::account_id)))
        .left_join(
            person::table.on(holder()),
        )
        .filter(supporter::region_id.eq(region))
        .filter(supporter::iom_id.eq(of))
        .order(supporter::id)
        .select((
            (
                supporter::kind,
                supporter::valid_from,
                supporter::valid_to,
                supporter::recorded_at,
                supporter::superseded_at,
            ),
            account::login,
            called(),
        ))
        .load(c))?;
    let of = |((kind, from, to, recorded_at, superseded_at), login, name): (Row, String, String)| Assignment {
        kind,
        from,
        to,
        recorded_at,
        superseded_at,
        login,
        name,
    };
    Ok(rows.into_iter().map(of).collect())
}

/// Whose assignment ended with the one that was recorded then: the act of it says no more than the new login.
fn relieved(all: &[Assignment], login: &str, at: NaiveDateTime) -> Option<String> {
    let new = all.iter().find(|one| one.login == login && one.recorded_at == at)?;
    let ended = |one: &&Assignment| {
        one.kind == new.kind
            && one.login != new.login
            && one.recorded_at <= at
            && (one.superseded_at == Some(at) || one.superseded_at.is_none() && one.to == Some(new.from))
    };
    let before = all.iter().rev().find(ended)?;
    Some(before.name.clone()).filter(|_| !planted!("relieved_unnamed"))
}

/// A person as the head of a card shows it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Who {
    /// Фамилия Имя Отчество.
    pub name: String,
    /// Фамилия И. О.
    pub short: String,
    /// Where the person works today.
    pub places: Vec<String>,
}

/// Persons by id with the organisations where they work on a day.
///
/// # Errors
/// Those of the database.
pub fn who(
    conn: &mut AnyConn,
    region: UnitId,
    persons: &[PersonId],
    today: NaiveDate,
) -> Result<std::collections::HashMap<PersonId, Who>, DbError> {
    let mut found = std::collections::HashMap::with_capacity(persons.len());
    for block in persons.chunks(1000) {
        let names: Vec<(PersonId, String, String, Option<String>)> = person::table
            .filter(person::region_id.eq(region))
            .filter(person::id.eq_any(block))
            .select((person::id, person::last_name, person::first_name, person::patronymic))
            .load(conn)?;
        for (id, last, first, patronymic) in names {
            found.insert(
                id,
                Who {
                    name: crate::people::model::full_name(&last, &first, patronymic.as_deref()),
                    short: short_name(&last, &first, patronymic.as_deref()),
                    places: Vec::new(),
                },
            );
        }
        let places: Vec<(PersonId, String)> = employment::table
            .inner_join(unit::table.on(unit::id.eq(employment::organisation_id)))
            .filter(employment::region_id.eq(region))
            .filter(employment::person_id.eq_any(block))
            .filter(worked_on(today))
            .order(unit::sort_key)
            .select((employment::person_id, unit::name))
            .load(conn)?;
        for (id, name) in places {
            if let Some(who) = found.get_mut(&id)
                && !who.places.contains(&name)
            {
                who.places.push(name);
            }
        }
    }
    Ok(found)
}

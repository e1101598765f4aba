//! What the papers of a plan are made of, read in a handful of queries for one plan.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::AccountId;
use crate::access::store::{holder, in_stead};
use crate::catalogue::ProgrammeId;
use crate::competence;
use crate::competence::scale::level_of;
use crate::db::in_force::assigned_on;
use crate::db::schema::{
    account, competence as competences, competence_group, diagnosis, diagnosis_result, iom_act, iom_deficit, iom_item,
    person, procedure, programme, qualification_document, scale_band, supporter, unit,
};
use crate::db::{AnyConn, DbError};
use crate::desk::plan::revisions_rows::{self, Made};
use crate::diagnostics::ResultId;
use crate::enrolment::waiving;
use crate::error::Error;
use crate::iom::paper::names;
use crate::iom::paper::signer::{self, SignerPlace};
use crate::iom::paper::{About, Changed, Done, Known, Proof, Score, Source, Told};
use crate::iom::rounds::{Step, is_of_now, judged_since, rounds};
use crate::iom::{
    ActKind, Deficit, DocumentId, Iom, IomOrigin, IomState, Item, ItemId, ItemState, SupporterKind, correction,
    evidence,
};
use crate::people::Person;
use crate::people::store as staff;
use crate::profile;
use crate::units::model::holds_on;
use crate::units::{UnitKind, store as units};

/// Sheets of revisions at most.
const SHEETS: i64 = 100;

/// Reads everything that the papers of a plan say. `scores` tells the scores too.
///
/// # Errors
/// A revision that does not read; those of the database.
pub fn load(conn: &mut AnyConn, plan: Iom, scores: bool, today: NaiveDate) -> Result<Source, Error> {
    let region = plan.region_id;
    let mut items: Vec<Item> = iom_item::table
        .filter(iom_item::region_id.eq(region))
        .filter(iom_item::iom_id.eq(plan.id))
        .order(iom_item::number)
        .select(Item::as_select())
        .load(conn)?;
    name_providers(conn, &mut items)?;
    let made = revisions_rows::latest(conn, region, plan.id, SHEETS + 1)?;
    let revised_on = made.first().map(|of| of.revision.on_date);
    let signers = signer::all(conn, region)?;
    // Whoever held the place when the plan became what it is.
    let signed_on = revised_on.unwrap_or(today);
    let by = |place| signer::on(&signers, place, signed_on);
    let (done, told) = acts(conn, &plan, &items)?;
    let above = revisions_rows::approved_above(conn, &plan)?.map(|name| names::typed(&name));
    let story = story(conn, &plan)?;
    let story = || story.iter().map(step);
    Ok(Source {
        revised_on,
        about: about(conn, &plan, today)?,
        deficits: deficits(conn, &plan, judged_since(story()).as_ref(), today)?,
        rounds: rounds(story()),
        goals: revisions_rows::goals(conn, region, plan.id)?,
        supporters: supporters(conn, &plan, today)?,
        changes: changes(conn, &made)?,
        // A school's own plan is approved by its head; whoever that is signs by hand. The own one of a head is not.
        approves: match (plan.origin, above) {
            (IomOrigin::School, None) => Some(("Руководитель образовательной организации".to_owned(), String::new())),
            (IomOrigin::School, Some(name)) => {
                by(SignerPlace::Approves).or_else(|| Some(("Руководитель ЦНППМ".to_owned(), name)))
            }
            _ => by(SignerPlace::Approves),
        },
        agrees: by(SignerPlace::Agrees),
        blocks: signer::blocks(conn, region)?.0,
        done,
        told,
        items,
        scores,
        levels: true,
        plan,
    })
}

/// A course whose step names nobody is held by whoever provides its programme.
fn name_providers(conn: &mut AnyConn, items: &mut [Item]) -> Result<(), DbError> {
    let unnamed = items.iter().filter(|item| item.organiser.is_none());
    let wanted: Vec<ProgrammeId> = unnamed.filter_map(|item| item.programme_id).collect();
    let names: Vec<(ProgrammeId, String)> = programme::table
        .inner_join(unit::table.on(unit::id.nullable().eq(programme::provider_id)))
        .filter(programme::id.eq_any(wanted))
        .select((programme::id, unit::name))
        .load(conn)?;
    for item in items.iter_mut().filter(|item| item.organiser.is_none()) {
        let provider = names.iter().find(|(id, _)| Some(*id) == item.programme_id);
        item.organiser = provider.map(|(_, name)| name.clone());
    }
    Ok(())
}

fn about(conn: &mut AnyConn, plan: &Iom, today: NaiveDate) -> Result<About, DbError> {
    let of: Person = person::table
        .filter(person::region_id.eq(plan.region_id))
        .filter(person::id.eq(plan.person_id))
        .select(Person::as_select())
        .first(conn)?;
    let mut jobs = staff::jobs(conn, plan.region_id, &[plan.person_id])?;
    jobs.retain(|job| holds_on(Some(job.valid_from), job.valid_to, today));
    jobs.sort_by_key(|job| job.id);
    let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
    let mut subjects = staff::subjects(conn, plan.region_id, &ids)?;
    subjects.sort_by_key(|subject| subject.id);
    let tree = units::tree(conn, today, None)?;
    let name = |id| tree.unit(id).map(|unit| unit.name.clone());
    let above = |id| tree.ancestor(id, UnitKind::Municipality).and_then(name);
    Ok(About {
        name: of.full_name(),
        birth_date: of.birth_date,
        places: once(jobs.iter().filter_map(|job| name(job.organisation_id))),
        municipalities: once(jobs.iter().filter_map(|job| above(job.organisation_id))),
        positions: once(jobs.iter().map(|job| job.position.clone())),
        subjects: once(subjects.into_iter().map(|subject| subject.subject)),
        education: once(jobs.iter().filter_map(|job| job.education.clone())),
        category: once(jobs.iter().filter_map(|job| job.category.clone())),
        teaching_since: jobs.iter().filter_map(|job| job.teaching_since).min(),
    })
}

/// Each text once, where it comes first.
fn once(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    all.filter(|text| !text.is_empty() && seen.insert(text.clone()))
        .collect()
}

/// Deficits as they stand; `since` are those judged after the plan came back into work, where it did.
fn deficits(
    conn: &mut AnyConn,
    plan: &Iom,
    since: Option<&BTreeSet<String>>,
    today: NaiveDate,
) -> Result<Vec<Known>, DbError> {
    let rows: Vec<(Deficit, String, String, String)> = iom_deficit::table
        .inner_join(competences::table.on(competences::id.eq(iom_deficit::competence_id)))
        .inner_join(competence_group::table.on(competence_group::code.eq(competences::group_code)))
        .filter(iom_deficit::region_id.eq(plan.region_id))
        .filter(iom_deficit::iom_id.eq(plan.id))
        .order((iom_deficit::severity.desc(), competences::name, iom_deficit::id))
        .select((
            Deficit::as_select(),
            competence_group::name,
            competences::code,
            competences::name,
        ))
        .load(conn)?;
    let read: Vec<ResultId> = rows.iter().filter_map(|(row, ..)| row.result_id).collect();
    let held: Vec<(ResultId, NaiveDate, String)> = diagnosis_result::table
        .inner_join(
            diagnosis::table.on(diagnosis::id
                .eq(diagnosis_result::diagnosis_id)
                .and(diagnosis::region_id.eq(diagnosis_result::region_id))),
        )
        .inner_join(procedure::table.on(procedure::id.eq(diagnosis::procedure_id)))
        .filter(diagnosis_result::region_id.eq(plan.region_id))
        .filter(diagnosis_result::id.eq_any(read))
        .select((diagnosis_result::id, diagnosis::held_on, procedure::name))
        .load(conn)?;
    let labels: Vec<(String, String)> = scale_band::table
        .select((scale_band::level, scale_band::label))
        .load(conn)?;
    let label = |level: &str| labels.iter().find(|(l, _)| l == level).map(|(_, label)| label.clone());
    let bands = competence::scale::bands(conn)?;
    let results = profile::store::results(conn, &[plan.person_id], None)?
        .remove(&plan.person_id)
        .unwrap_or_default();
    let is_closed = plan.state == IomState::Closed;
    let known = |(row, group, code, name): (Deficit, String, String, String)| {
        let held = held.iter().find(|(id, ..)| Some(*id) == row.result_id);
        let on = held.map(|(_, on, _)| *on);
        let later = results.iter().filter(|result| {
            result.competence == row.competence_id
                && !result.kind.is_own()
                && result.held_on <= today
                && on.is_some_and(|on| result.held_on > on)
        });
        let now = later
            .max_by_key(|result| (result.held_on, result.result))
            .map(|result| Score {
                raw: result.raw,
                max: result.max,
                level: level_of(
                    result.raw,
                    result.max,
                    bands.get(&result.scale).map_or(&[][..], Vec::as_slice),
                )
                .map_or_else(String::new, |band| band.label.clone()),
                on: Some(result.held_on),
            });
        Known {
            id: row.id,
            group,
            name,
            procedure: held.map_or_else(String::new, |(.., name)| name.clone()),
            was: Score {
                raw: row.raw_milli,
                max: row.max_milli,
                level: label(&row.level).unwrap_or(row.level),
                on,
            },
            now,
            outcome: row.outcome.filter(|_| is_of_now(is_closed, since, &code)),
            code,
        }
    };
    Ok(rows.into_iter().map(known).collect())
}

fn supporters(conn: &mut AnyConn, plan: &Iom, today: NaiveDate) -> Result<Vec<(SupporterKind, String)>, DbError> {
    let in_force: assigned_on = assigned_on(today);
    let near: Vec<(SupporterKind, i64)> = supporter::table
        .filter(supporter::region_id.eq(plan.region_id))
        .filter(supporter::iom_id.eq(plan.id))
        .filter(in_force)
        .order(supporter::id)
        .select((supporter::kind, supporter::account_id))
        .load(conn)?;
    let accounts: BTreeSet<i64> = near.iter().map(|(_, account)| *account).collect();
    let names = signed(conn, accounts)?;
    let named = |(kind, account): (SupporterKind, i64)| (kind, names.get(&account).cloned().unwrap_or_default());
    Ok(near.into_iter().map(named).collect())
}

/// How the holders of accounts are named on a paper.
fn signed(conn: &mut AnyConn, of: BTreeSet<i64>) -> Result<HashMap<i64, String>, DbError> {
    type Row = (
        i64,
        Option<String>,
        String,
        Option<String>,
        Option<String>,
        Option<String>,
    );
    let rows: Vec<Row> = account::table
        .left_join(person::table.on(holder()))
        .filter(account::id.eq_any(of))
        .select((
            account::id,
            account::name,
            account::login,
            person::last_name.nullable(),
            person::first_name.nullable(),
            person::patronymic.nullable(),
        ))
        .load(conn)?;
    let named = |(account, name, login, last, first, patronymic): Row| {
        let said = match (last, first) {
            (Some(last), Some(first)) => names::signed(&last, &first, patronymic.as_deref()),
            _ => names::typed(&name.unwrap_or(login)),
        };
        (account, said)
    };
    Ok(rows.into_iter().map(named).collect())
}

/// An act as far as closings are read from it.
type Happened = (ActKind, NaiveDate, Option<String>, Option<String>);

/// What was judged of the deficits, closings and what took them back, oldest first.
fn story(conn: &mut AnyConn, plan: &Iom) -> Result<Vec<Happened>, DbError> {
    let kinds = [
        ActKind::Outcome,
        ActKind::CloseCompleted,
        ActKind::CloseExpired,
        ActKind::CloseTerminated,
        ActKind::Reopen,
    ];
    Ok(iom_act::table
        .filter(iom_act::region_id.eq(plan.region_id))
        .filter(iom_act::iom_id.eq(plan.id))
        .filter(iom_act::act.eq_any(kinds))
        .order((iom_act::on_date, iom_act::id))
        .select((iom_act::act, iom_act::on_date, iom_act::value, iom_act::reason))
        .load(conn)?)
}

fn step((act, on, value, reason): &Happened) -> Step<'_> {
    Step {
        act: *act,
        on: *on,
        value: value.as_deref(),
        reason: reason.as_deref(),
        by: None,
    }
}

type Marks = (HashMap<ItemId, Done>, HashMap<ItemId, Told>);

/// Who marked each step, and what was handed in with it last.
fn acts(conn: &mut AnyConn, plan: &Iom, items: &[Item]) -> Result<Marks, DbError> {
    type Row = (
        Option<ItemId>,
        ActKind,
        NaiveDate,
        Option<String>,
        Option<String>,
        Option<i64>,
    );
    let kinds = [
        ActKind::Submit,
        ActKind::Withdraw,
        ActKind::Accept,
        ActKind::Waive,
        ActKind::Complete,
    ];
    let rows: Vec<Row> = iom_act::table
        .filter(iom_act::region_id.eq(plan.region_id))
        .filter(iom_act::iom_id.eq(plan.id))
        .filter(iom_act::act.eq_any(kinds))
        .order((iom_act::on_date, iom_act::id))
        .select((
            iom_act::item_id,
            iom_act::act,
            iom_act::on_date,
            iom_act::value,
            iom_act::reason,
            iom_act::account_id,
        ))
        .load(conn)?;
    let names = signed(conn, rows.iter().filter_map(|(.., by)| *by).collect())?;
    let documents: Vec<DocumentId> = items.iter().filter_map(|item| item.document_id).collect();
    let papers: Vec<(DocumentId, String, NaiveDate)> = qualification_document::table
        .filter(qualification_document::region_id.eq(plan.region_id))
        .filter(qualification_document::id.eq_any(documents))
        .select((
            qualification_document::id,
            qualification_document::number,
            qualification_document::issued_on,
        ))
        .load(conn)?;
    let paper = |of: DocumentId| {
        let (_, number, on) = papers.iter().find(|(id, ..)| *id == of)?;
        Some(Proof {
            number: number.clone(),
            issued_on: Some(*on),
        })
    };
    // What a file has named without a day is no record: the act alone knows it.
    let mut named: HashMap<ItemId, Option<Proof>> = HashMap::new();
    let mut done: HashMap<ItemId, Done> = HashMap::new();
    let mut told: HashMap<ItemId, Told> = HashMap::new();
    for (item, act, on, value, words, by) in rows {
        let Some(item) = item else { continue };
        if act == ActKind::Waive {
            let number = value.as_deref().and_then(waiving::number);
            let proof = number.map(|number| Proof {
                number: number.to_owned(),
                issued_on: None,
            });
            named.insert(item, proof);
        }
        match act {
            ActKind::Submit => {
                let of = told.entry(item).or_default();
                (of.on, of.words) = (Some(on), words.unwrap_or_default());
            }
            // What was taken back was not handed in.
            ActKind::Withdraw => {
                let _taken_back = told.remove(&item);
            }
            _ => done.entry(item).or_default().by = by.and_then(|of| names.get(&of).cloned()).unwrap_or_default(),
        }
    }
    for item in items {
        let document = match item.document_id {
            Some(id) => paper(id),
            None if item.state == ItemState::Waived => named.remove(&item.id).flatten(),
            None => None,
        };
        if document.is_some() {
            done.entry(item.id).or_default().document = document;
        }
    }
    for file in evidence::of_plan(conn, plan.region_id, plan.id)?.into_iter().rev() {
        told.entry(file.item_id).or_default().files.push(file.file_name);
    }
    Ok((done, told))
}

/// Revisions after the first one with what each changed, oldest first.
fn changes(conn: &mut AnyConn, made: &[Made]) -> Result<Vec<Changed>, Error> {
    let hands = made
        .iter()
        .flat_map(|of| [of.revision.account_id, of.revision.on_behalf_of_id]);
    let names = signed(conn, hands.flatten().map(|of| of.0).collect())?;
    let named = |of: Option<AccountId>| of.and_then(|of| names.get(&of.0).cloned());
    let mut found = Vec::with_capacity(made.len());
    for (of, before) in made.iter().zip(made.iter().skip(1)) {
        let revision = &of.revision;
        let rows = correction::difference(&before.revision.body, &revision.body)
            .map_err(|e| Error::Internal(format!("редакция {}: {e}", revision.number)))?;
        found.push(Changed {
            number: revision.number,
            on: revision.on_date,
            why: revisions_rows::basis(revision),
            by: named(revision.account_id).map_or_else(String::new, |by| {
                in_stead(by, named(revision.on_behalf_of_id).as_deref())
            }),
            read_on: of.read_on,
            rows,
        });
    }
    found.reverse();
    Ok(found)
}

//! Drafting for everyone who passed a procedure: prepare reads and decides, write only writes. A dry run prepares.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::draft::{Draft, DraftItem, Post, draft, ends_on};
use super::model::{
    Deficit, DeficitId, Goal, GoalBasis, GoalId, Iom, IomId, IomOrigin, IomOutcome, IomState, Item, ItemId, ItemState,
    RuleSetId, StateId, StateRow,
};
use super::offer::{self, Offer};
use super::rights;
use super::rules::{self, InForce, Rules};
use super::within::Within;
use crate::access::AccountId;
use crate::audit;
use crate::catalogue::ProgrammeId;
use crate::competence::{Band, CompetenceId, ScaleId, scale};
use crate::db::dialect::{self, lock_space};
use crate::db::schema::{
    diagnosis, employment_subject, iom, iom_deficit, iom_goal, iom_item, iom_state, person, procedure,
};
use crate::db::{AnyConn, DbError, Tx};
use crate::diagnostics::ProcedureId;
use crate::diagnostics::release::Withheld;
use crate::error::Error;
use crate::people::{self, Employment, EmploymentId, PersonId};
use crate::profile;
use crate::units::{self, UnitId};
use crate::{insert_many, planted};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Code of the procedure.
    pub procedure: String,
    /// Only persons who work in this unit or below it.
    pub unit: Option<String>,
    /// How far whoever asks sees: a unit beyond it is no unit, a person beyond it is not counted.
    pub within: Within,
    /// In whose name it is composed: said by the role in force, never by a form.
    pub origin: IomOrigin,
    /// The drafting day.
    pub on: NaiveDate,
    /// Whether someone whose plan by this very procedure is closed gets another one by it.
    pub again: bool,
    /// Who drafts; `None` is a command on the server.
    pub author: Option<AccountId>,
    /// In whose stead.
    pub on_behalf_of: Option<AccountId>,
}

/// One person's draft.
struct Prepared {
    person: PersonId,
    region: UnitId,
    draft: Draft,
}

/// A person who has a plan already, and what a draft would add to it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Existing {
    /// СНИЛС of the person.
    pub snils: String,
    /// Number of the plan.
    pub plan: String,
    /// Who composed it.
    pub origin: IomOrigin,
    /// Titles of items the plan does not have.
    pub add: Vec<String>,
}

/// A deficit that no rule found an item for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Unmatched {
    /// СНИЛС of the person.
    pub snils: String,
    /// Code of the competence.
    pub competence: String,
}

/// A plan that would be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Whose.
    pub person: PersonId,
    /// Names of the competences of its deficits, the heaviest first.
    pub deficits: Vec<String>,
    /// Its items.
    pub items: usize,
    /// Their hours.
    pub hours: i64,
}

/// What came of it, or would come.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Report {
    /// Persons of the procedure.
    pub persons: usize,
    /// Plans drafted.
    pub drafted: usize,
    /// Their items.
    pub items: usize,
    /// Persons without a deficit on the day.
    pub no_deficits: usize,
    /// Of those, persons some of whose results have run out: for the next diagnosis.
    pub expired: usize,
    /// Persons whose plan by this very procedure is closed, carried out or by its term, unless they get another.
    pub answered: usize,
    /// Persons who have a plan.
    pub existing: Vec<Existing>,
    /// Deficits without items.
    pub unmatched: Vec<Unmatched>,
    /// Of those drafted, persons in whom this procedure found no deficit: another one did.
    #[serde(skip)]
    pub of_others: usize,
    /// Of those without a deficit on the day, persons in whom this procedure had found one.
    #[serde(skip)]
    pub gone: usize,
    /// The plans one by one; a run leaves it empty.
    #[serde(skip)]
    pub plans: Vec<Planned>,
}

/// Drafts and writes, all in the transaction given. A second run finds the plans of the first and drafts nothing.
///
/// # Errors
/// No such procedure or unit; two runs at once beyond the lock (the unique index refuses the second plan).
pub fn run(tx: &mut Tx<'_>, key: &[u8], ask: &Ask) -> Result<Report, Error> {
    // One drafting of a region at a time: SQLite has one writer anyway, PostgreSQL waits here.
    let regions = regions(tx.conn(), ask)?;
    dialect::lock(tx.conn(), lock_space::DRAFT, regions)?;
    let rules = InForce::load(tx.conn())?;
    let (report, prepared, offer, procedure_id) = prepare(tx.conn(), ask, &rules)?;
    let of_program = rules::version(tx, &rules::of_program()?, rules::SOURCE)?;
    let origin = origin(tx.conn(), ask, procedure_id)?;
    let mut numbers = numbers(tx.conn(), procedure_id)?;
    for block in prepared.chunks(500) {
        let mut rows = Rows::default();
        for one in block {
            let number = numbers.entry(one.region).or_insert(0);
            *number += 1;
            let head = Head {
                number: format!("ИОМ-{}-{number}", ask.procedure),
                procedure: procedure_id,
                origin,
                rule_set: rules.version_of(one.region).unwrap_or(of_program),
                rules: rules.of(one.region),
            };
            rows.add(tx, ask, one, &head, &offer);
            tx.touch(one.person.0);
        }
        rows.write(tx)?;
        let entries: Vec<audit::Entry> = rows.plans.iter().map(|plan| entry(plan, ask)).collect();
        audit::record(tx, key, &entries)?;
    }
    Ok(report)
}

/// What [`run`] would write, by the same function.
///
/// # Errors
/// No such procedure or unit.
pub fn dry_run(conn: &mut AnyConn, ask: &Ask) -> Result<Report, Error> {
    let rules = InForce::load(conn)?;
    let (mut report, prepared, offer, _) = prepare(conn, ask, &rules)?;
    report.plans = prepared.iter().map(|one| planned(one, &offer)).collect();
    Ok(report)
}

fn planned(of: &Prepared, offer: &Offer) -> Planned {
    let name = |competence: &CompetenceId| offer.competences.get(competence).map(|c| c.name.clone());
    let deficits = of.draft.deficits.iter();
    Planned {
        person: of.person,
        deficits: deficits.filter_map(|d| name(&d.standing.measured.competence)).collect(),
        items: of.draft.items.len(),
        hours: of.draft.items.iter().map(|i| i64::from(i.hours)).sum(),
    }
}

fn entry(plan: &Iom, ask: &Ask) -> audit::Entry {
    let mut entry = audit::Entry::of_server("iom.draft", "iom", Some(plan.id.0));
    entry.region = Some(plan.region_id.0);
    (entry.account, entry.on_behalf_of) = (ask.author.map(|a| a.0), ask.on_behalf_of.map(|a| a.0));
    entry.person = Some(plan.person_id.0);
    entry.detail = format!("rules={}", plan.rule_set_id.map_or(0, |r| r.0));
    entry
}

/// Regions whose people a run may draft for.
fn regions(conn: &mut AnyConn, ask: &Ask) -> Result<Vec<i64>, DbError> {
    if let Some(region) = ask.within.region {
        return Ok(vec![region.0]);
    }
    if let Some(code) = &ask.unit {
        let unit = units::store::by_code(conn, code)?;
        return Ok(unit.map(|u| u.region_id.0).into_iter().collect());
    }
    let found: Vec<UnitId> = diagnosis::table
        .inner_join(procedure::table.on(procedure::id.eq(diagnosis::procedure_id)))
        .filter(procedure::code.eq(&ask.procedure))
        .select(diagnosis::region_id)
        .distinct()
        .load(conn)?;
    Ok(found.into_iter().map(|region| region.0).collect())
}

type Found = (Report, Vec<Prepared>, Offer, ProcedureId);

fn prepare(conn: &mut AnyConn, ask: &Ask, rules: &InForce) -> Result<Found, Error> {
    let (procedure_id, mut persons) = persons(conn, ask)?;
    let withheld = withheld(conn, ask, &persons)?;
    persons.retain(|person| !withheld.holds(*person, procedure_id));
    let offer = offer::load(conn)?;
    let scales = scale::bands(conn)?;
    let places = places(conn, ask)?;
    let mut report = Report::default();
    let mut prepared = Vec::new();
    for block in persons.chunks(1000) {
        let mut loaded = Block::load(conn, block, procedure_id, ask.on)?;
        loaded.hold_back(&withheld);
        for person in block {
            loaded.decide(
                *person,
                ask,
                places.as_ref(),
                rules,
                &offer,
                &scales,
                &mut report,
                &mut prepared,
            );
        }
    }
    report.drafted = prepared.len();
    report.items = prepared.iter().map(|p: &Prepared| p.draft.items.len()).sum();
    Ok((report, prepared, offer, procedure_id))
}

/// What a school is not told yet: the teacher reads a result first, and no plan of the school gives it away.
fn withheld(conn: &mut AnyConn, ask: &Ask, persons: &[PersonId]) -> Result<Withheld, DbError> {
    match ask.origin {
        IomOrigin::School if !planted!("withheld_drafted") => Withheld::on(conn, persons, ask.on),
        _ => Ok(Withheld::default()),
    }
}

/// The procedure, and who took part in it by the day, as far as whoever asks sees.
pub(super) fn persons(conn: &mut AnyConn, ask: &Ask) -> Result<(ProcedureId, Vec<PersonId>), Error> {
    let procedure_id: ProcedureId = procedure::table
        .filter(procedure::code.eq(&ask.procedure))
        .select(procedure::id)
        .first(conn)
        .optional()?
        .ok_or_else(|| Error::NotFound(format!("процедура с кодом {}", ask.procedure)))?;
    let mut persons = diagnosis::table
        .filter(diagnosis::procedure_id.eq(procedure_id))
        .filter(diagnosis::withdrawn_at.is_null())
        .filter(diagnosis::held_on.le(ask.on))
        .select(diagnosis::person_id)
        .distinct()
        .into_boxed();
    if let Some(region) = ask.within.region {
        persons = persons.filter(diagnosis::region_id.eq(region));
    }
    let mut persons: Vec<PersonId> = persons.load(conn)?;
    persons.sort_unstable();
    Ok((procedure_id, persons))
}

/// The organisations whose people are meant; `None` is everyone's.
pub(super) fn places(conn: &mut AnyConn, ask: &Ask) -> Result<Option<HashSet<UnitId>>, Error> {
    match &ask.unit {
        _ if ask.origin == IomOrigin::School && planted!("school_drafts_for_all") => Ok(None),
        None => Ok(ask.within.organisations()),
        Some(code) => {
            let tree = units::store::tree(conn, ask.on, None)?;
            let unit = ask
                .within
                .unit(&tree, code)
                .ok_or_else(|| Error::NotFound(format!("единица с кодом {code}")))?;
            Ok(Some(tree.subtree(unit.id).into_iter().collect()))
        }
    }
}

/// An open plan as far as a comparison needs it.
struct Open {
    number: String,
    origin: IomOrigin,
    programmes: HashSet<ProgrammeId>,
    /// Rule and competence of the items that are not courses.
    activities: HashSet<(String, CompetenceId)>,
}

/// Everything drafting needs of a block of persons.
pub(super) struct Block {
    people: HashMap<PersonId, (UnitId, String)>,
    results: HashMap<PersonId, Vec<profile::Measured>>,
    jobs: HashMap<PersonId, Vec<Employment>>,
    subjects: HashMap<EmploymentId, Vec<String>>,
    open: HashMap<PersonId, Open>,
    answered: HashSet<PersonId>,
    /// The procedure.
    of: ProcedureId,
}

impl Block {
    pub(super) fn load(
        conn: &mut AnyConn,
        block: &[PersonId],
        of: ProcedureId,
        on: NaiveDate,
    ) -> Result<Self, DbError> {
        let people: Vec<(PersonId, UnitId, Option<String>)> = person::table
            .filter(person::id.eq_any(block))
            .select((person::id, person::region_id, person::snils))
            .load(conn)?;
        let mut jobs: HashMap<PersonId, Vec<Employment>> = HashMap::new();
        let mut ids = Vec::new();
        for job in people::store::employments(conn, people.iter().map(|(id, region, _)| (*region, *id)))? {
            if job.valid_from <= on && job.valid_to.is_none_or(|to| on < to) {
                ids.push(job.id);
                jobs.entry(job.person_id).or_default().push(job);
            }
        }
        let mut subjects: HashMap<EmploymentId, Vec<String>> = HashMap::new();
        for ids in ids.chunks(1000) {
            let rows: Vec<(EmploymentId, String)> = employment_subject::table
                .filter(employment_subject::employment_id.eq_any(ids))
                .select((employment_subject::employment_id, employment_subject::subject))
                .load(conn)?;
            for (job, subject) in rows {
                subjects.entry(job).or_default().push(subject.to_lowercase());
            }
        }
        Ok(Self {
            people: people
                .into_iter()
                .map(|(id, region, snils)| (id, (region, snils.unwrap_or_default())))
                .collect(),
            results: profile::store::results(conn, block, None)?,
            jobs,
            subjects,
            open: open_plans(conn, block)?,
            answered: answered(conn, block, &[of])?.into_iter().map(|(p, _)| p).collect(),
            of,
        })
    }

    /// Leaves out the results that are not told yet.
    fn hold_back(&mut self, withheld: &Withheld) {
        for (person, results) in &mut self.results {
            results.retain(|of| !withheld.holds(*person, of.procedure));
        }
    }

    pub(super) fn posts(&self, person: PersonId) -> Vec<Post> {
        let jobs = self.jobs.get(&person).map_or(&[][..], Vec::as_slice);
        jobs.iter()
            .map(|job| Post {
                staff_kind: job.staff_kind,
                position: job.position.to_lowercase(),
                subjects: self.subjects.get(&job.id).cloned().unwrap_or_default(),
                teaching_since: job.teaching_since,
            })
            .collect()
    }

    /// Whether somebody works where drafting is asked for.
    pub(super) fn is_meant(&self, person: PersonId, places: Option<&HashSet<UnitId>>) -> bool {
        let jobs = self.jobs.get(&person).map_or(&[][..], Vec::as_slice);
        places.is_none_or(|places| jobs.iter().any(|job| places.contains(&job.organisation_id)))
    }

    /// Whether the procedure found a deficit in somebody, whatever became of it since.
    fn found_deficit(&self, person: PersonId, scales: &HashMap<ScaleId, Vec<Band>>) -> bool {
        let results = self.results.get(&person).map_or(&[][..], Vec::as_slice);
        let of_procedure = results.iter().filter(|of| of.procedure == self.of);
        let level = |of: &profile::Measured| scale::level_of(of.raw, of.max, scales.get(&of.scale)?);
        of_procedure.filter_map(level).any(|level| level.is_deficit)
    }

    /// Where somebody stands on a day.
    pub(super) fn profile(
        &self,
        person: PersonId,
        scales: &HashMap<ScaleId, Vec<Band>>,
        on: NaiveDate,
    ) -> profile::Profile {
        let results = self.results.get(&person).map_or(&[][..], Vec::as_slice);
        profile::profile(results, scales, on)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one decision, all borrowed")]
    fn decide(
        &self,
        person: PersonId,
        ask: &Ask,
        places: Option<&HashSet<UnitId>>,
        rules: &InForce,
        offer: &Offer,
        scales: &HashMap<ScaleId, Vec<Band>>,
        report: &mut Report,
        prepared: &mut Vec<Prepared>,
    ) {
        let Some((region, snils)) = self.people.get(&person) else {
            return;
        };
        if !self.is_meant(person, places) {
            return;
        }
        report.persons += 1;
        let profile = self.profile(person, scales, ask.on);
        let draft = draft(&profile, &self.posts(person), rules.of(*region), offer, ask.on);
        if let Some(open) = self.open.get(&person) {
            let has = |item: &DraftItem| match item.programme {
                Some(programme) => open.programmes.contains(&programme),
                None => draft.deficits.get(item.deficit).is_some_and(|d| {
                    open.activities
                        .contains(&(item.rule.clone(), d.standing.measured.competence))
                }),
            };
            report.existing.push(Existing {
                snils: snils.clone(),
                plan: open.number.clone(),
                origin: open.origin,
                add: draft
                    .items
                    .iter()
                    .filter(|i| !has(i))
                    .map(|i| i.title.clone())
                    .collect(),
            });
            return;
        }
        if !ask.again && self.answered.contains(&person) {
            report.answered += 1;
            return;
        }
        if draft.deficits.is_empty() {
            report.no_deficits += 1;
            report.expired += usize::from(!profile.expired.is_empty());
            report.gone += usize::from(self.found_deficit(person, scales));
            return;
        }
        report.of_others += usize::from(!self.found_deficit(person, scales));
        for place in &draft.unmatched {
            let competence = draft
                .deficits
                .get(*place)
                .and_then(|d| offer.competences.get(&d.standing.measured.competence));
            report.unmatched.push(Unmatched {
                snils: snils.clone(),
                competence: competence.map_or_else(String::new, |c| c.code.clone()),
            });
        }
        prepared.push(Prepared {
            person,
            region: *region,
            draft,
        });
    }
}

/// Persons with those of the procedures that a plan of theirs has answered: it is closed, and was not broken off.
///
/// # Errors
/// Those of the database.
pub fn answered(
    conn: &mut AnyConn,
    persons: &[PersonId],
    of: &[ProcedureId],
) -> Result<HashSet<(PersonId, ProcedureId)>, DbError> {
    let answered: Vec<(PersonId, ProcedureId)> = iom::table
        .filter(iom::person_id.eq_any(persons))
        .filter(iom::procedure_id.eq_any(of))
        .filter(iom::state.eq(IomState::Closed))
        .filter(iom::outcome.ne(IomOutcome::Terminated))
        .select((iom::person_id, iom::procedure_id.assume_not_null()))
        .load(conn)?;
    Ok(answered.into_iter().collect())
}

/// Plans of persons that are not closed: one each in work at most.
fn open_plans(conn: &mut AnyConn, block: &[PersonId]) -> Result<HashMap<PersonId, Open>, DbError> {
    let plans: Vec<(IomId, PersonId, String, IomOrigin)> = iom::table
        .filter(iom::person_id.eq_any(block))
        .filter(iom::state.ne(IomState::Closed))
        .order(iom::id)
        .select((iom::id, iom::person_id, iom::number, iom::origin))
        .load(conn)?;
    let ids: Vec<IomId> = plans.iter().map(|(id, ..)| *id).collect();
    type ItemRow = (IomId, Option<ProgrammeId>, Option<String>, Option<DeficitId>);
    let mut items: HashMap<IomId, Vec<ItemRow>> = HashMap::new();
    let mut competences: HashMap<DeficitId, CompetenceId> = HashMap::new();
    for ids in ids.chunks(1000) {
        let rows: Vec<ItemRow> = iom_item::table
            .filter(iom_item::iom_id.eq_any(ids))
            .filter(iom_item::state.ne(ItemState::Cancelled))
            .select((
                iom_item::iom_id,
                iom_item::programme_id,
                iom_item::rule,
                iom_item::deficit_id,
            ))
            .load(conn)?;
        for row in rows {
            items.entry(row.0).or_default().push(row);
        }
        let rows: Vec<(DeficitId, CompetenceId)> = iom_deficit::table
            .filter(iom_deficit::iom_id.eq_any(ids))
            .select((iom_deficit::id, iom_deficit::competence_id))
            .load(conn)?;
        competences.extend(rows);
    }
    let mut open = HashMap::new();
    for (id, person, number, origin) in plans {
        let (mut programmes, mut activities) = (HashSet::new(), HashSet::new());
        for (_, programme, rule, deficit) in items.remove(&id).unwrap_or_default() {
            match (programme, rule, deficit.and_then(|d| competences.get(&d))) {
                (Some(programme), ..) => {
                    programmes.insert(programme);
                }
                (None, Some(rule), Some(competence)) => {
                    activities.insert((rule, *competence));
                }
                (None, ..) => {}
            }
        }
        let plan = Open {
            number,
            origin,
            programmes,
            activities,
        };
        open.insert(person, plan);
    }
    Ok(open)
}

/// Of what origin the plans of a run are.
fn origin(conn: &mut AnyConn, ask: &Ask, of: ProcedureId) -> Result<IomOrigin, DbError> {
    let (kind, level) = procedure::table
        .filter(procedure::id.eq(of))
        .select((procedure::kind, procedure::level))
        .first(conn)?;
    Ok(match rights::composed_after(ask.origin, kind, level) {
        IomOrigin::School if planted!("school_plan_of_cnppm") => IomOrigin::Cnppm,
        origin => origin,
    })
}

/// The last number given per region to plans of a procedure.
fn numbers(conn: &mut AnyConn, procedure: ProcedureId) -> Result<BTreeMap<UnitId, i64>, DbError> {
    let rows: Vec<(UnitId, String)> = iom::table
        .filter(iom::procedure_id.eq(procedure))
        .select((iom::region_id, iom::number))
        .load(conn)?;
    let mut last: BTreeMap<UnitId, i64> = BTreeMap::new();
    for (region, number) in rows {
        let n = number.rsplit('-').next().and_then(|n| n.parse().ok()).unwrap_or(0);
        let known = last.entry(region).or_insert(0);
        *known = n.max(*known);
    }
    Ok(last)
}

/// What all plans of a run share, and the number of this one.
struct Head<'a> {
    number: String,
    procedure: ProcedureId,
    origin: IomOrigin,
    rule_set: RuleSetId,
    rules: &'a Rules,
}

/// Rows of a block of plans.
#[derive(Default)]
struct Rows {
    plans: Vec<Iom>,
    states: Vec<StateRow>,
    deficits: Vec<Deficit>,
    goals: Vec<Goal>,
    items: Vec<Item>,
}

impl Rows {
    fn add(&mut self, tx: &Tx<'_>, ask: &Ask, one: &Prepared, head: &Head<'_>, offer: &Offer) {
        let id = IomId(tx.id());
        let region_id = one.region;
        self.plans.push(Iom {
            id,
            region_id,
            person_id: one.person,
            number: head.number.clone(),
            origin: head.origin,
            state: IomState::Draft,
            outcome: None,
            close_reason: None,
            procedure_id: Some(head.procedure),
            rule_set_id: Some(head.rule_set),
            starts_on: ask.on,
            ends_on: ends_on(&one.draft, head.rules, ask.on),
            first_visible_on: None,
            agreed_on: None,
            closed_on: None,
            revision: 0,
            on_platform: true,
            follow_up_diagnosis_id: None,
            conclusion: None,
            // In another one's stead the plan is that one's: it is edited and sent by the same rights.
            author_id: ask.on_behalf_of.or(ask.author),
            version: 1,
            recorded_at: tx.now(),
            request: None,
            template_id: None,
            template_version: None,
            paused_until: None,
        });
        self.states.push(StateRow {
            id: StateId(tx.id()),
            region_id,
            iom_id: id,
            state: IomState::Draft,
            outcome: None,
            reason: None,
            on_date: ask.on,
            account_id: ask.author,
            recorded_at: tx.now(),
            superseded_at: None,
        });
        let mut deficits = Vec::with_capacity(one.draft.deficits.len());
        for deficit in &one.draft.deficits {
            let measured = &deficit.standing.measured;
            let deficit_id = DeficitId(tx.id());
            deficits.push(deficit_id);
            self.deficits.push(Deficit {
                id: deficit_id,
                region_id,
                iom_id: id,
                competence_id: measured.competence,
                result_id: Some(measured.result),
                level: deficit.level.code.clone(),
                severity: deficit.level.severity,
                raw_milli: measured.raw,
                max_milli: measured.max,
                outcome: None,
                outcome_on: None,
                outcome_by_id: None,
            });
            let name = offer.competences.get(&measured.competence).map_or("", |c| &c.name);
            self.goals.push(Goal {
                id: GoalId(tx.id()),
                region_id,
                iom_id: id,
                basis: GoalBasis::Deficit,
                deficit_id: Some(deficit_id),
                title: format!("Преодолеть дефицит: {name}"),
                number: i32::try_from(deficits.len()).unwrap_or(i32::MAX),
                task: None,
                expected: None,
                removed_at: None,
            });
        }
        for (number, item) in (1..).zip(&one.draft.items) {
            self.items.push(Item {
                id: ItemId(tx.id()),
                region_id,
                iom_id: id,
                number,
                state: ItemState::Planned,
                title: item.title.clone(),
                programme_id: item.programme,
                education_form: item.education_form,
                level: item.level,
                mandatory: item.mandatory,
                hours: item.hours,
                due_on: Some(item.due_on),
                topics: item.topics.clone(),
                rule: Some(item.rule.clone()),
                rule_set_id: Some(head.rule_set),
                deficit_id: deficits.get(item.deficit).copied(),
                settled_on: None,
                document_id: None,
                version: 1,
                recorded_at: tx.now(),
                category: None,
                study_form: None,
                organiser: None,
                accompaniment: None,
                expected: None,
                after_item_id: None,
                added_on: None,
                reason: None,
                template_step: None,
            });
        }
    }

    fn write(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        insert_many!(tx.conn(), iom::table, self.plans)?;
        insert_many!(tx.conn(), iom_state::table, self.states)?;
        insert_many!(tx.conn(), iom_deficit::table, self.deficits)?;
        insert_many!(tx.conn(), iom_goal::table, self.goals)?;
        insert_many!(tx.conn(), iom_item::table, self.items)?;
        Ok(())
    }
}

//! Staff from a file: persons matched by СНИЛС, their jobs. What disagrees waits for a person's decision.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::import_rules::{Job, Known, Matched, match_person};
use super::model::{
    Employment, EmploymentId, EmploymentKind, EmploymentSubject, Person, PersonId, Sex, StaffKind, full_name,
};
use super::{Snils, store};
use crate::db::milli::Milli;
use crate::db::schema::{employment, employment_subject, person};
use crate::db::text_keys::{search_key, sort_key};
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::undo::{not_of, standing_on};
use crate::exchange::{
    Applied, Batch, BatchId, Change, Choice, Fields, ImportRow, Kind, Mode, NameParts, Problem, Staged, Table, Verdict,
    changed, made, previous, repeats,
};
use crate::insert_many;
use crate::units::{self, UnitId, UnitKind};

/// Files of staff.
pub struct StaffFile;

/// A row: a person and a job. The outer `None` is a column that the file has not.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub(super) snils: Option<Snils>,
    name: NameParts,
    /// Key of the full name.
    pub(super) key: String,
    pub(super) birth_date: NaiveDate,
    sex: Option<Sex>,
    email: Option<String>,
    organisation: String,
    position: String,
    /// Key of the post.
    post: String,
    staff_kind: StaffKind,
    from: NaiveDate,
    to: Option<Option<NaiveDate>>,
    kind: Option<Option<EmploymentKind>>,
    rate: Option<Option<Milli>>,
    hours: Option<Option<Milli>>,
    teaching_since: Option<Option<NaiveDate>>,
    category: Option<Option<String>>,
    education: Option<Option<String>>,
    subjects: Option<BTreeSet<String>>,
    profile_match: Option<Option<bool>>,
}

const SEXES: Choice<Sex> = Choice {
    values: Sex::ALL,
    code: Sex::code,
    label: Sex::label,
    more: &[
        ("ж", Sex::Female),
        ("жен", Sex::Female),
        ("м", Sex::Male),
        ("муж", Sex::Male),
    ],
    formulas: true,
};

const STAFF_KINDS: Choice<StaffKind> = Choice {
    values: StaffKind::ALL,
    code: StaffKind::code,
    label: StaffKind::label,
    more: &[
        ("педагогический работник", StaffKind::Teaching),
        ("педагогические", StaffKind::Teaching),
        ("педагог", StaffKind::Teaching),
        ("руководящий работник", StaffKind::Managing),
        ("руководящие", StaffKind::Managing),
        ("руководитель", StaffKind::Managing),
    ],
    formulas: true,
};

const JOB_KINDS: Choice<EmploymentKind> = Choice {
    values: EmploymentKind::ALL,
    code: EmploymentKind::code,
    label: EmploymentKind::label,
    more: &[
        ("основное место работы", EmploymentKind::Main),
        ("основной", EmploymentKind::Main),
        ("внутренний совместитель", EmploymentKind::InternalPart),
        ("внешний совместитель", EmploymentKind::ExternalPart),
        ("договор гпх", EmploymentKind::CivilContract),
        ("гпх", EmploymentKind::CivilContract),
    ],
    formulas: true,
};

/// What of a person a file may change, as it stood.
#[derive(Serialize, Deserialize)]
struct Before {
    sex: Option<Sex>,
    email: Option<String>,
    version: i32,
    batch_id: Option<i64>,
}

const PERSON: &str = "person";
const JOB: &str = "employment";

impl Table for StaffFile {
    type Row = Row;
    const KIND: Kind = Kind::Staff;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &["person", "employment", "employment_subject"];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let snils = fields.checked("snils", Snils::parse, |e| {
            Refusal::new("people.snils").with("why", e.advice())
        });
        let name = fields.required_name();
        let birth_date = fields.required_date("birth_date");
        let sex = fields.choice("sex", &SEXES);
        let email = fields.text("email");
        let organisation = fields.required_unit("organisation");
        let position = fields.required_text("position");
        let staff_kind = fields.required_choice("staff_kind", &STAFF_KINDS);
        let from = fields.required_date("from");
        let last = fields.given("to", |f, name| f.date(name));
        if last.flatten().is_some_and(|last| from.is_some_and(|from| last < from)) {
            fields.problem("to", Refusal::new("import.ends_before_start"));
        }
        let kind = fields.given("kind", |f, name| f.choice(name, &JOB_KINDS));
        let rate = fields.given("rate", |f, name| f.amount(name));
        let hours = fields.given("hours", |f, name| f.amount(name));
        let teaching_since = fields.given("teaching_since", |f, name| f.date(name));
        let category = fields.given("category", |f, name| f.text(name));
        let education = fields.given("education", |f, name| f.text(name));
        let subjects = fields.given("subjects", |f, name| f.list(name));
        let profile_match = fields.given("profile_match", |f, name| f.yes_no(name));
        let name = name?;
        Some(Row {
            snils,
            key: search_key(&full_name(&name.last, &name.first, name.patronymic.as_deref())),
            name,
            birth_date: birth_date?,
            sex,
            email,
            organisation: organisation?,
            post: search_key(position.as_ref()?),
            position: position?,
            staff_kind: staff_kind?,
            from: from?,
            to: last.map(|last| last.and_then(|day| day.succ_opt())),
            kind,
            rate,
            hours,
            teaching_since,
            category,
            education,
            subjects,
            profile_match,
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let mut rows = rows;
        // Rows with a number come first: what they bring are candidates for rows without one.
        rows.sort_by_key(|s| (s.row.snils.is_none(), s.number));
        let key = |row: &Row| {
            let who = match &row.snils {
                Some(snils) => snils.as_str().to_owned(),
                None => format!("{} {}", row.key, row.birth_date),
            };
            (
                who,
                row.organisation.clone(),
                row.staff_kind,
                row.post.clone(),
                row.from,
            )
        };
        let rows = repeats::settle(rows, key, &mut applied.verdicts);
        let mut regions: HashMap<UnitId, Vec<(UnitId, Staged<Row>)>> = HashMap::new();
        let organisations = units::store::places(tx.conn())?;
        for staged in rows {
            let found = organisations.get(&staged.row.organisation);
            let held = batch.place(found.map(|(id, region, _)| (region.0, id.0)));
            match (held, found) {
                (Ok(()), Some((id, region, UnitKind::Organisation))) => {
                    regions.entry(*region).or_default().push((*id, staged))
                }
                (held, found) => {
                    let refusal = match (held, found) {
                        (Err(refusal), _) => refusal,
                        (Ok(()), None) => Refusal::new("import.unknown_unit"),
                        (Ok(()), Some((_, _, kind))) => {
                            Refusal::new("people.not_an_organisation").with("kind", kind.label())
                        }
                    };
                    let problem = Problem::at(Kind::Staff, "organisation", &staged.row.organisation, refusal);
                    applied.verdicts.push((staged.number, Verdict::Refused(problem)));
                }
            }
        }
        // Everything is read before anything is written.
        let mut loaded = Vec::new();
        for (region, rows) in regions {
            let rows = without_two_names(rows, &mut applied.verdicts);
            loaded.push((Writing::load(tx, batch, region, &rows)?, rows));
        }
        for (mut writing, rows) in loaded {
            for (organisation, staged) in rows {
                let verdict = writing.take(tx, organisation, &staged);
                applied.verdicts.push((staged.number, verdict));
            }
            writing.write(tx)?;
        }
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        let persons = persons_made(tx, batch, changes)?;
        let others = not_of(batch);
        let mut found = standing_on(
            tx.conn(),
            &persons,
            &[(JOB, "person_id", "места работы")],
            Some(&others),
        )?;
        let tables = [
            ("diagnosis", "person_id", "диагностики"),
            ("procedure_person", "person_id", "приглашения на диагностику"),
            ("own_attempt", "person_id", "самооценки"),
            ("iom", "person_id", "ИОМ педагогов"),
            ("enrolment", "person_id", "заявки и зачисления"),
            ("qualification_document", "person_id", "документы о квалификации"),
            ("account", "person_id", "учётные записи"),
            ("activity", "person_id", "записи об участии"),
            ("body_member", "person_id", "участие в объединениях"),
            ("mentoring_pair", "mentor_id", "наставнические пары"),
            ("mentoring_pair", "mentee_id", "пары наставляемых"),
            ("mentor_card", "person_id", "карты наставников"),
            ("undertaking_person", "person_id", "участие в проектах"),
            ("publication_author", "person_id", "публикации"),
            ("reserve_member", "person_id", "кадровый резерв"),
            // Told together, and each person once: how many voices somebody has is nobody's to know before the end.
            (
                "(SELECT person_id FROM vote_voter UNION SELECT person_id FROM vote_voice) AS voting",
                "person_id",
                "участие в голосованиях коллег",
            ),
            ("person_alias", "person_id", "объединения записей"),
            ("person_name", "person_id", "прежние имена"),
        ];
        found.extend(standing_on(tx.conn(), &persons, &tables, None)?);
        Ok(found)
    }

    fn revert(tx: &mut Tx<'_>, batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        let persons = persons_made(tx, batch, changes)?;
        for block in made(changes, JOB).chunks(1000) {
            let held: Vec<(i64, i64)> = employment::table
                .filter(employment::id.eq_any(block))
                .select((employment::person_id, employment::organisation_id))
                .load(tx.conn())?;
            held.into_iter().for_each(|(person, _)| tx.touch(person));
            diesel::delete(employment::table.filter(employment::id.eq_any(block))).execute(tx.conn())?;
        }
        let replaced: Vec<i64> = changed(changes, JOB).filter_map(|c| c.object_id).collect();
        for block in replaced.chunks(1000) {
            diesel::update(employment::table.filter(employment::id.eq_any(block)))
                .set(employment::superseded_at.eq(None::<chrono::NaiveDateTime>))
                .execute(tx.conn())?;
        }
        for change in changed(changes, PERSON) {
            if let Some((id, before)) = change.before::<Before>()? {
                set_person(tx, PersonId(id), &before)?;
            }
        }
        for block in persons.chunks(1000) {
            diesel::delete(person::table.filter(person::id.eq_any(block))).execute(tx.conn())?;
        }
        Ok(())
    }
}

/// Persons whom the batch made: those of its new jobs that carry its number themselves.
fn persons_made(tx: &mut Tx<'_>, batch: BatchId, changes: &[ImportRow]) -> Result<Vec<i64>, DbError> {
    let mut persons = BTreeSet::new();
    for block in made(changes, JOB).chunks(1000) {
        let found: Vec<i64> = employment::table
            .filter(employment::id.eq_any(block))
            .select(employment::person_id)
            .distinct()
            .load(tx.conn())?;
        let own: Vec<i64> = person::table
            .filter(person::id.eq_any(found))
            .filter(person::batch_id.eq(batch.0))
            .select(person::id)
            .load(tx.conn())?;
        persons.extend(own);
    }
    Ok(persons.into_iter().collect())
}

fn set_person(tx: &mut Tx<'_>, id: PersonId, state: &Before) -> Result<(), DbError> {
    diesel::update(person::table.filter(person::id.eq(id)))
        .set((
            person::sex.eq(state.sex),
            person::email.eq(&state.email),
            person::version.eq(state.version),
            person::batch_id.eq(state.batch_id),
        ))
        .execute(tx.conn())?;
    tx.touch(id.0);
    Ok(())
}

/// Refuses all rows of a number that the file gives to two different people.
fn without_two_names(
    rows: Vec<(UnitId, Staged<Row>)>,
    verdicts: &mut Vec<(u32, Verdict)>,
) -> Vec<(UnitId, Staged<Row>)> {
    let mut first: HashMap<&str, &Staged<Row>> = HashMap::new();
    let mut two: HashMap<String, (u32, u32)> = HashMap::new();
    for (_, staged) in &rows {
        let Some(snils) = &staged.row.snils else { continue };
        let other = first.entry(snils.as_str()).or_insert(staged);
        let differs = other.row.key != staged.row.key || other.row.birth_date != staged.row.birth_date;
        if differs && !two.contains_key(snils.as_str()) {
            two.insert(snils.as_str().to_owned(), (other.number, staged.number));
        }
    }
    if two.is_empty() {
        return rows;
    }
    let mut kept = Vec::with_capacity(rows.len());
    for (organisation, staged) in rows {
        match staged.row.snils.as_ref().and_then(|snils| two.get(snils.as_str())) {
            None => kept.push((organisation, staged)),
            Some((one, another)) => {
                let other = if *one == staged.number { another } else { one };
                let refusal = Refusal::new("people.two_names").with("row", other);
                verdicts.push((
                    staged.number,
                    Verdict::Refused(Problem::at(Kind::Staff, "snils", "", refusal)),
                ));
            }
        }
    }
    kept
}

/// Leaves out whoever works outside the part that the file may write to, as if they were not there, and gives the
/// numbers of these people: no one else can bear them.
fn leave_out_others(tx: &mut Tx<'_>, batch: &Batch, persons: &mut Vec<Person>) -> Result<BTreeSet<String>, DbError> {
    let Some(part) = &batch.part else {
        return Ok(BTreeSet::new());
    };
    let ids: Vec<i64> = persons.iter().map(|p| p.id.0).collect();
    let free = part.free(tx.conn(), &ids)?;
    let (own, others): (Vec<Person>, Vec<Person>) = std::mem::take(persons)
        .into_iter()
        .partition(|p| free.contains(&p.id.0));
    *persons = own;
    Ok(others.into_iter().filter_map(|p| p.snils).collect())
}

/// The rows of one region being compared and written.
struct Writing<'a> {
    batch: &'a Batch,
    region: UnitId,
    known: Known,
    /// Numbers of people whom the file may not take on.
    elsewhere: BTreeSet<String>,
    subjects: HashMap<EmploymentId, BTreeSet<(String, Option<bool>)>>,
    new_persons: BTreeSet<PersonId>,
    changed_persons: BTreeSet<PersonId>,
    new_jobs: Vec<Employment>,
    new_subjects: Vec<EmploymentSubject>,
    replaced: Vec<EmploymentId>,
}

impl<'a> Writing<'a> {
    fn load(
        tx: &mut Tx<'_>,
        batch: &'a Batch,
        region: UnitId,
        rows: &[(UnitId, Staged<Row>)],
    ) -> Result<Self, DbError> {
        let numbers: BTreeSet<&str> = rows
            .iter()
            .filter_map(|(_, s)| s.row.snils.as_ref().map(Snils::as_str))
            .collect();
        let numbers: Vec<&str> = numbers.into_iter().collect();
        let mut persons = store::with_numbers(tx.conn(), &numbers)?;
        persons.retain(|p| p.region_id == region);
        persons.extend(store::without_number(tx.conn(), region)?);
        let unnumbered: BTreeSet<&str> = rows
            .iter()
            .filter(|(_, s)| s.row.snils.is_none())
            .map(|(_, s)| s.row.key.as_str())
            .collect();
        let unnumbered: Vec<&str> = unnumbered.into_iter().collect();
        let namesakes = store::named(tx.conn(), region, &unnumbered)?;
        persons.extend(namesakes);
        let elsewhere = leave_out_others(tx, batch, &mut persons)?;
        let mut known = Known::default();
        for person in persons {
            known.add(person);
        }
        let jobs = store::jobs(tx.conn(), region, &known.ids())?;
        let ids: Vec<EmploymentId> = jobs.iter().map(|job| job.id).collect();
        let mut subjects: HashMap<EmploymentId, BTreeSet<(String, Option<bool>)>> = HashMap::new();
        for subject in store::subjects(tx.conn(), region, &ids)? {
            subjects
                .entry(subject.employment_id)
                .or_default()
                .insert((subject.subject, subject.profile_match));
        }
        for job in jobs {
            known.add_job(job);
        }
        Ok(Self {
            batch,
            region,
            known,
            elsewhere,
            subjects,
            new_persons: BTreeSet::new(),
            changed_persons: BTreeSet::new(),
            new_jobs: Vec::with_capacity(rows.len()),
            new_subjects: Vec::new(),
            replaced: Vec::new(),
        })
    }

    fn take(&mut self, tx: &mut Tx<'_>, organisation: UnitId, staged: &Staged<Row>) -> Verdict {
        let row = &staged.row;
        // The same whatever else the row says: who it is and where is not told.
        if row
            .snils
            .as_ref()
            .is_some_and(|snils| self.elsewhere.contains(snils.as_str()))
        {
            let refusal = Refusal::new("people.works_outside");
            return Verdict::Refused(Problem::at(Kind::Staff, "snils", "", refusal));
        }
        let job = (organisation, row.staff_kind, row.post.clone(), row.from);
        match match_person(&self.known, row, &job) {
            Matched::Unclear(problem) => Verdict::Quarantined(problem),
            Matched::Nobody => {
                let person = self.new_person(tx, row);
                let change = self.new_job(tx, person, organisation, row, job, None);
                Verdict::New(vec![change])
            }
            Matched::Person(person) => {
                let mut changes = Vec::new();
                match self.changed_person(person, row) {
                    Some(_) if self.batch.mode == Mode::Add => return Verdict::Kept,
                    Some(change) => {
                        tx.touch(person.0);
                        changes.push(change);
                    }
                    None => {}
                }
                match self.known.job(person, &job).cloned() {
                    None => {
                        let change = self.new_job(tx, person, organisation, row, job, None);
                        changes.insert(0, change);
                        Verdict::New(changes)
                    }
                    Some(old) if self.says_the_same(&old, row) => match changes.is_empty() {
                        true => Verdict::Unchanged,
                        false => Verdict::Changed(changes),
                    },
                    Some(_) if self.batch.mode == Mode::Add => Verdict::Kept,
                    Some(old) if old.batch_id == Some(self.batch.id.0) => {
                        // The same job stands in the file with a number and without one, and the rows differ.
                        let refusal = Refusal::new("people.candidate");
                        Verdict::Quarantined(Problem::at(Kind::Staff, "snils", "", refusal))
                    }
                    Some(old) => {
                        let in_force = Some("{}".to_owned());
                        changes.push(Change {
                            kind: JOB,
                            id: old.id.0,
                            previous: in_force,
                        });
                        self.replaced.push(old.id);
                        let change = self.new_job(tx, person, organisation, row, job, Some(&old));
                        changes.push(change);
                        Verdict::Changed(changes)
                    }
                }
            }
        }
    }

    fn new_person(&mut self, tx: &mut Tx<'_>, row: &Row) -> PersonId {
        let NameParts {
            last,
            first,
            patronymic,
        } = row.name.clone();
        let person = Person {
            id: PersonId(tx.id()),
            region_id: self.region,
            snils: row.snils.as_ref().map(|s| s.as_str().to_owned()),
            sort_key: sort_key(&full_name(&last, &first, patronymic.as_deref())),
            last_name: last,
            first_name: first,
            patronymic,
            birth_date: Some(row.birth_date),
            sex: row.sex,
            email: row.email.clone(),
            search_key: row.key.clone(),
            version: 1,
            recorded_at: self.batch.now,
            batch_id: Some(self.batch.id.0),
        };
        let id = person.id;
        self.known.add(person);
        self.new_persons.insert(id);
        id
    }

    /// What the row adds to a known person: sex and mail address, where it gives them.
    fn changed_person(&mut self, id: PersonId, row: &Row) -> Option<Change> {
        let stored = self.known.person_mut(id)?;
        let sex = row.sex.or(stored.sex);
        let email = row.email.clone().or_else(|| stored.email.clone());
        if (sex, &email) == (stored.sex, &stored.email) || self.batch.mode == Mode::Add {
            return ((sex, &email) != (stored.sex, &stored.email)).then(|| Change {
                kind: PERSON,
                id: id.0,
                previous: Some(String::new()),
            });
        }
        let before = Before {
            sex: stored.sex,
            email: stored.email.clone(),
            version: stored.version,
            batch_id: stored.batch_id,
        };
        (stored.sex, stored.email) = (sex, email);
        if self.new_persons.contains(&id) {
            // Made by an earlier row of this file: still one new person.
            return None;
        }
        stored.version += 1;
        self.changed_persons.insert(id);
        Some(Change {
            kind: PERSON,
            id: id.0,
            previous: Some(previous(&before)),
        })
    }

    fn said(&self, row: &Row, old: Option<&Employment>) -> Said {
        Said {
            kind: row
                .kind
                .map_or(old.map(|o| o.kind), |said| Some(said.unwrap_or(EmploymentKind::Main)))
                .unwrap_or(EmploymentKind::Main),
            rate: row.rate.unwrap_or(old.and_then(|o| o.rate_milli)),
            hours: row.hours.unwrap_or(old.and_then(|o| o.hours_milli)),
            teaching_since: row.teaching_since.unwrap_or(old.and_then(|o| o.teaching_since)),
            category: row
                .category
                .clone()
                .unwrap_or_else(|| old.and_then(|o| o.category.clone())),
            education: row
                .education
                .clone()
                .unwrap_or_else(|| old.and_then(|o| o.education.clone())),
            to: row.to.unwrap_or(old.and_then(|o| o.valid_to)),
        }
    }

    fn said_subjects(&self, row: &Row, old: Option<EmploymentId>) -> BTreeSet<(String, Option<bool>)> {
        let stored = old.and_then(|id| self.subjects.get(&id)).cloned().unwrap_or_default();
        match (&row.subjects, row.profile_match) {
            (None, None) => stored,
            (None, Some(fits)) => stored.into_iter().map(|(subject, _)| (subject, fits)).collect(),
            (Some(subjects), fits) => subjects
                .iter()
                .map(|subject| {
                    let before = stored
                        .iter()
                        .find(|(own, _)| own == subject)
                        .and_then(|(_, fits)| *fits);
                    (subject.clone(), fits.unwrap_or(before))
                })
                .collect(),
        }
    }

    fn says_the_same(&self, old: &Employment, row: &Row) -> bool {
        let stored = Said {
            kind: old.kind,
            rate: old.rate_milli,
            hours: old.hours_milli,
            teaching_since: old.teaching_since,
            category: old.category.clone(),
            education: old.education.clone(),
            to: old.valid_to,
        };
        let none = BTreeSet::new();
        old.position == row.position
            && stored == self.said(row, Some(old))
            && *self.subjects.get(&old.id).unwrap_or(&none) == self.said_subjects(row, Some(old.id))
    }

    fn new_job(
        &mut self,
        tx: &mut Tx<'_>,
        person: PersonId,
        organisation: UnitId,
        row: &Row,
        job: Job,
        old: Option<&Employment>,
    ) -> Change {
        let said = self.said(row, old);
        let subjects = self.said_subjects(row, old.map(|o| o.id));
        let record = Employment {
            id: EmploymentId(tx.id()),
            region_id: self.region,
            person_id: person,
            organisation_id: organisation,
            position: row.position.clone(),
            staff_kind: row.staff_kind,
            kind: said.kind,
            rate_milli: said.rate,
            hours_milli: said.hours,
            teaching_since: said.teaching_since,
            category: said.category,
            education: said.education,
            valid_from: row.from,
            valid_to: said.to,
            recorded_at: self.batch.now,
            superseded_at: None,
            batch_id: Some(self.batch.id.0),
        };
        for (subject, profile_match) in &subjects {
            self.new_subjects.push(EmploymentSubject {
                id: tx.id(),
                region_id: self.region,
                employment_id: record.id,
                subject: subject.clone(),
                profile_match: *profile_match,
            });
        }
        tx.touch(person.0);
        let change = Change {
            kind: JOB,
            id: record.id.0,
            previous: None,
        };
        self.subjects.insert(record.id, subjects);
        self.known.put_job(person, job, record.clone());
        self.new_jobs.push(record);
        change
    }

    fn write(self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let new: Vec<Person> = self
            .new_persons
            .iter()
            .filter_map(|id| self.known.person(*id))
            .cloned()
            .collect();
        insert_many!(tx.conn(), person::table, new)?;
        for changed in self.changed_persons.iter().filter_map(|id| self.known.person(*id)) {
            let state = Before {
                sex: changed.sex,
                email: changed.email.clone(),
                version: changed.version,
                batch_id: changed.batch_id,
            };
            set_person(tx, changed.id, &state)?;
        }
        for block in self.replaced.chunks(1000) {
            diesel::update(employment::table.filter(employment::id.eq_any(block)))
                .set(employment::superseded_at.eq(self.batch.now))
                .execute(tx.conn())?;
        }
        insert_many!(tx.conn(), employment::table, self.new_jobs)?;
        insert_many!(tx.conn(), employment_subject::table, self.new_subjects)?;
        Ok(())
    }
}

/// What a row says of a job, what it leaves out taken from the record before it.
#[derive(PartialEq)]
struct Said {
    kind: EmploymentKind,
    rate: Option<Milli>,
    hours: Option<Milli>,
    teaching_since: Option<NaiveDate>,
    category: Option<String>,
    education: Option<String>,
    to: Option<NaiveDate>,
}

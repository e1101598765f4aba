//! The story: what happened, and what comes next. The only file that knows every stage.
//!
//! A file is loaded by its kind ([`load`]). A file of results makes profiles ([`crate::profile`]); a profile with deficits makes a draft
//! ([`crate::iom::drafting`]); from there a person decides, act by act ([`acts`]). Whoever the next step waits for gets
//! a notice and a letter, written in the same transaction; what is answered leaves the lists ([`answers`]). How a plan goes
//! on is read as news ([`progress`]), and who accompanies it ([`naming`]). Days remind ([`reminding`]).

mod answers;
mod calendar;
mod naming;
mod progress;
pub mod reminding;
mod schools;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::json;

use crate::access::{self, AccountId};
use crate::activity::import_activities::ActivitiesFile;
use crate::activity::import_bodies::BodiesFile;
use crate::activity::import_events::EventsFile;
use crate::activity::import_members::MembersFile;
use crate::activity::import_mentors::MentorsFile;
use crate::activity::import_pairs::PairsFile;
use crate::activity::import_publications::PublicationsFile;
use crate::activity::import_undertakings::UndertakingsFile;
use crate::catalogue::import::ProgrammesFile;
use crate::competence::import::CompetencesFile;
use crate::db::{Db, DbError, Tx};
use crate::diagnostics::import::ResultsFile;
use crate::diagnostics::import_procedures::ProceduresFile;
use crate::enrolment::apply::{self, Applied};
use crate::enrolment::marks;
use crate::error::Error;
use crate::exchange::import::{Request, run_then};
use crate::exchange::{By, Kind, Report, undo};
use crate::indicators::import::FormsFile;
use crate::iom::acts::ActRow;
use crate::iom::assigning;
use crate::iom::event::{Event, EventKind};
use crate::iom::hand_over::{self, Given};
use crate::mail::concern::{accompanying, is_concerned};
use crate::mail::notice::{self, Settled, Told};
use crate::mail::outbox::Letter;
use crate::people::PersonId;
use crate::people::import::StaffFile;
use crate::people::import_vacancies::VacanciesFile;
use crate::planted;
use crate::units::UnitId;
use crate::units::import::UnitsFile;

use progress::Readers;
use schools::Schools;

/// Loads a file of a kind; `then` joins its transaction.
///
/// # Errors
/// A file that is refused as a whole; those of the database.
pub async fn load(
    db: &Db,
    key: Vec<u8>,
    kind: Kind,
    request: Request,
    then: impl FnOnce(&mut Tx<'_>, &Report) -> Result<(), DbError> + Send + 'static,
) -> Result<Report, Error> {
    match kind {
        Kind::Units => run_then::<UnitsFile>(db, key, request, then).await,
        Kind::Staff => run_then::<StaffFile>(db, key, request, then).await,
        Kind::Competences => run_then::<CompetencesFile>(db, key, request, then).await,
        Kind::Programmes => run_then::<ProgrammesFile>(db, key, request, then).await,
        Kind::Procedures => run_then::<ProceduresFile>(db, key, request, then).await,
        Kind::Results => run_then::<ResultsFile>(db, key, request, then).await,
        Kind::Activities => run_then::<ActivitiesFile>(db, key, request, then).await,
        Kind::Events => run_then::<EventsFile>(db, key, request, then).await,
        Kind::Bodies => run_then::<BodiesFile>(db, key, request, then).await,
        Kind::Members => run_then::<MembersFile>(db, key, request, then).await,
        Kind::Pairs => run_then::<PairsFile>(db, key, request, then).await,
        Kind::Mentors => run_then::<MentorsFile>(db, key, request, then).await,
        Kind::Undertakings => run_then::<UndertakingsFile>(db, key, request, then).await,
        Kind::Publications => run_then::<PublicationsFile>(db, key, request, then).await,
        Kind::Forms => run_then::<FormsFile>(db, key, request, then).await,
        Kind::Vacancies => run_then::<VacanciesFile>(db, key, request, then).await,
    }
}

/// Takes a loaded file back; returns how many objects it had made or changed.
///
/// # Errors
/// No such batch within reach, taken back already, or something stands on it.
pub fn take_back(tx: &mut Tx<'_>, key: &[u8], code: &str, by: By) -> Result<usize, Error> {
    match undo::find(tx.conn(), code, by)?.kind {
        Kind::Units => undo::undo::<UnitsFile>(tx, key, code, by),
        Kind::Staff => undo::undo::<StaffFile>(tx, key, code, by),
        Kind::Competences => undo::undo::<CompetencesFile>(tx, key, code, by),
        Kind::Programmes => undo::undo::<ProgrammesFile>(tx, key, code, by),
        Kind::Procedures => undo::undo::<ProceduresFile>(tx, key, code, by),
        Kind::Results => undo::undo::<ResultsFile>(tx, key, code, by),
        Kind::Activities => undo::undo::<ActivitiesFile>(tx, key, code, by),
        Kind::Events => undo::undo::<EventsFile>(tx, key, code, by),
        Kind::Bodies => undo::undo::<BodiesFile>(tx, key, code, by),
        Kind::Members => undo::undo::<MembersFile>(tx, key, code, by),
        Kind::Pairs => undo::undo::<PairsFile>(tx, key, code, by),
        Kind::Mentors => undo::undo::<MentorsFile>(tx, key, code, by),
        Kind::Undertakings => undo::undo::<UndertakingsFile>(tx, key, code, by),
        Kind::Publications => undo::undo::<PublicationsFile>(tx, key, code, by),
        Kind::Forms => undo::undo::<FormsFile>(tx, key, code, by),
        Kind::Vacancies => undo::undo::<VacanciesFile>(tx, key, code, by),
    }
}

/// Acts of a file, each followed by its next step.
///
/// # Errors
/// Those of the database; refusals of single rows are part of the result.
pub fn acts(tx: &mut Tx<'_>, key: &[u8], rows: &[ActRow]) -> Result<Applied, Error> {
    apply::run(tx, key, rows, next_step)
}

/// Marks of printed sheets, each followed by its next step.
///
/// # Errors
/// What was given to a substitute does not reach so far; those of the database.
pub fn marks(tx: &mut Tx<'_>, key: &[u8], ask: &marks::Ask) -> Result<marks::Marked, Error> {
    marks::run(tx, key, ask, next_step)
}

/// Hands over what a supporter accompanies: giver and takers are told once of all plans, each teacher of the own one, and what
/// waited for the giver there waits for the taker.
///
/// # Errors
/// No such account, something else has come since the preview; those of the database.
pub fn hand_over(
    tx: &mut Tx<'_>,
    key: &[u8],
    ask: &hand_over::Ask,
    expected: Option<&str>,
) -> Result<hand_over::Report, Error> {
    let report = hand_over::run(tx, key, ask, expected)?;
    let subject_id = tx.id();
    let letter = |(login, (account, region)): (&String, &(AccountId, UnitId))| {
        let Given { plans, reviews } = report.given.get(login).cloned().unwrap_or_default();
        Told {
            letter: Letter {
                kind: "supporters_handed",
                region: Some(region.0),
                account: account.0,
                subject_id,
                dedup_key: account.to_string(),
                body: json!({ "plans": plans, "reviews": reviews }),
                address: None,
                link: None,
            },
            item: None,
            due_on: None,
        }
    };
    let mut told: Vec<Told> = report.takers.iter().map(letter).collect();
    let is_own = |account: AccountId| ask.author == Some(account) || ask.on_behalf_of == Some(account);
    told.extend(naming::to_giver(tx, subject_id, ask, &report)?);
    told.extend(naming::to_teachers(tx, subject_id, &report.begun, &is_own)?);
    notice::tell(tx, &told)?;
    let passed: BTreeSet<(i64, i64)> = report.begun.iter().map(|of| (of.plan.0, of.account.0)).collect();
    let plans: BTreeSet<i64> = passed.iter().map(|(plan, _)| *plan).collect();
    let open = notice::open(tx.conn(), &plans.into_iter().collect::<Vec<_>>())?;
    let of_giver = |asked: &&notice::Notice| report.giver == Some(AccountId(asked.account_id));
    let handed: Vec<i64> = open.iter().filter(of_giver).map(|asked| asked.id).collect();
    notice::pass(tx, &open, &handed, &passed)?;
    notice::settle(tx, &HashMap::from([(Settled::HandedOver, handed)]))?;
    Ok(report)
}

/// Assigns supporters to every plan of a unit that has none: whoever was given plans is told once of how many, each teacher of
/// the own one, and what waited there for nobody waits for the new supporter.
///
/// # Errors
/// No such unit; those of the database.
pub fn assign_evenly(tx: &mut Tx<'_>, key: &[u8], ask: &assigning::Ask) -> Result<assigning::Report, Error> {
    let (report, begun) = assigning::run(tx, key, ask)?;
    let mut given: BTreeMap<(AccountId, UnitId), usize> = BTreeMap::new();
    for of in &begun {
        *given.entry((of.account, of.region)).or_default() += 1;
    }
    let subject_id = tx.id();
    let is_own = |account: AccountId| ask.author == Some(account) || ask.on_behalf_of == Some(account);
    let told = given.iter().filter(|((account, _), _)| !is_own(*account));
    let told = told.map(|((account, region), plans)| Told {
        letter: Letter {
            kind: "supporters_assigned",
            region: Some(region.0),
            account: account.0,
            subject_id,
            dedup_key: account.to_string(),
            body: json!({ "plans": plans }),
            address: None,
            link: None,
        },
        item: None,
        due_on: None,
    });
    let mut told: Vec<Told> = told.filter(|_| !planted!("evenly_untold")).collect();
    told.extend(naming::to_teachers(tx, subject_id, &begun, &is_own)?);
    if ask.on <= tx.today() && !planted!("evenly_unanswered") {
        let takers: BTreeMap<i64, AccountId> = begun.iter().map(|of| (of.plan.0, of.account)).collect();
        let open = notice::open(tx.conn(), &takers.keys().copied().collect::<Vec<_>>())?;
        let (settled, news) = answers::named(&open, &takers, &is_own);
        notice::settle(tx, &settled)?;
        told.extend(news);
    }
    notice::tell(tx, &told)?;
    Ok(report)
}

/// Event → next step: what is answered by now leaves the lists, and whoever has to do something is told.
fn next_step(tx: &mut Tx<'_>, events: &[Event]) -> Result<(), DbError> {
    let plans: Vec<i64> = events
        .iter()
        .map(|e| e.plan.0)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let open = notice::open(tx.conn(), &plans)?;
    let calls = events.iter().any(|event| event.kind.calls());
    if !calls && !open.iter().any(answers::rests_on_supporters) {
        // Most marks: nobody is called, what was asked is answered, and the teacher reads of what was credited.
        let went = |event: &&Event| matches!(event.kind, EventKind::Progress { .. });
        let teachers = teachers_of(tx, events.iter().filter(went))?;
        let readers = Readers {
            teachers: &teachers,
            accompanying: &HashSet::new(),
            names: &HashMap::new(),
        };
        return answer(tx, events, &open, Vec::new(), &readers);
    }
    let teachers = teachers_of(tx, events.iter())?;
    let today = tx.today();
    let accompanying = accompanying(tx.conn(), &plans, today)?;
    let schools = Schools::of(tx.conn(), events, today)?;
    let mut told: Vec<Told> = events.iter().flat_map(|event| letters(event, &teachers)).collect();
    let accompanied: BTreeSet<i64> = accompanying.iter().map(|(plan, _)| *plan).collect();
    told.extend(events.iter().flat_map(|event| {
        let own = teachers.get(&event.person).copied();
        schools.letters(event, own, accompanied.contains(&event.plan.0))
    }));
    told.retain(|told| {
        let letter = &told.letter;
        is_concerned(letter.kind, letter.subject_id, letter.account, &accompanying)
    });
    told.extend(naming::to_replaced(tx, events)?);
    let names = access::store::names(tx.conn(), &progress::named(events))?;
    let readers = Readers {
        teachers: &teachers,
        accompanying: &accompanying,
        names: &names,
    };
    answer(tx, events, &open, told, &readers)
}

/// Accounts of those whose plans the events are about.
fn teachers_of<'a>(
    tx: &mut Tx<'_>,
    events: impl Iterator<Item = &'a Event>,
) -> Result<HashMap<PersonId, AccountId>, DbError> {
    let persons: BTreeSet<PersonId> = events.map(|event| event.person).collect();
    access::store::accounts_of(tx.conn(), &persons.into_iter().collect::<Vec<_>>())
}

/// What is answered leaves the lists; whoever is called or did not answer is told, and how plans went on.
fn answer(
    tx: &mut Tx<'_>,
    events: &[Event],
    open: &[notice::Notice],
    mut told: Vec<Told>,
    readers: &Readers<'_>,
) -> Result<(), DbError> {
    if !open.is_empty() {
        let replaced = notice::replaced(open, &told);
        let (settled, news) = answers::close(events, open, &replaced, readers.accompanying);
        notice::settle(tx, &settled)?;
        told.extend(news);
        if let Some(handed) = settled.get(&Settled::HandedOver) {
            notice::pass(tx, open, handed, &takers(events))?;
        }
    }
    let news = progress::letters(events, readers, &told);
    told.extend(news);
    notice::tell(tx, &told)?;
    Ok(())
}

/// Plans with those who were given them.
fn takers(events: &[Event]) -> BTreeSet<(i64, i64)> {
    let of = |event: &Event| match &event.kind {
        EventKind::Assigned { supporter, .. } => Some((event.plan.0, supporter.0)),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

fn letters(event: &Event, teachers: &HashMap<PersonId, AccountId>) -> Vec<Told> {
    let teacher = teachers.get(&event.person).copied();
    match &event.kind {
        // A plan waits for the teacher's agreement.
        EventKind::Sent => letter(event, "iom_sent", teacher, None),
        // A step waits for whoever accompanies the plan.
        EventKind::Submitted { item, supporters, .. } => {
            letter(event, "iom_submitted", supporters.iter().copied(), Some(*item))
        }
        // A step came back.
        EventKind::ItemReturned { item } => letter(event, "iom_item_returned", teacher, Some(*item)),
        // A plan was changed after its approval: the teacher reads what is new.
        EventKind::Changed { revision, .. } => {
            let mut letters = letter(event, "iom_changed", teacher, None);
            letters
                .iter_mut()
                .for_each(|l| l.letter.body["revision"] = json!(revision));
            letters
        }
        // An application ended with its plan or step.
        EventKind::ApplicationEnded { item, reason } => {
            let mut letters = letter(event, "iom_application_ended", teacher, Some(*item));
            letters.iter_mut().for_each(|l| l.letter.body["reason"] = json!(reason));
            letters
        }
        // A plan has a new supporter.
        EventKind::Assigned { supporter, .. } => letter(event, "iom_assigned", [*supporter], None),
        // What concerns a school is told to the school ([`schools`]).
        EventKind::Agreed { .. } | EventKind::CameBack { .. } => Vec::new(),
        // Nobody is called by it: it ends what others were called to, or is read as news ([`progress`]).
        EventKind::Stands(_) | EventKind::Progress { .. } => Vec::new(),
    }
}

fn letter(event: &Event, kind: &'static str, to: impl IntoIterator<Item = AccountId>, item: Option<i32>) -> Vec<Told> {
    let to = to.into_iter().map(|account| Letter {
        kind,
        region: Some(event.region.0),
        account: account.0,
        subject_id: event.plan.0,
        dedup_key: format!("{}-{account}", event.act),
        body: json!({ "plan": event.plan, "number": event.number, "item": item }),
        address: None,
        link: None,
    });
    let due_on = None;
    to.map(|letter| Told { letter, item, due_on }).collect()
}

//! Who is invited to a procedure: inviting, consents on paper, who came.

use std::collections::HashMap;

use crate::db::types::codes;
use crate::db::{AnyConn, Tx};
use crate::desk::diagnostics::edit::{page_of, people_of, sentence};
use crate::desk::diagnostics::{inviting, next_rows, people_rows};
use crate::desk::list::{self, List};
use crate::desk::looked;
use crate::desk::once::once;
use crate::desk::plan::rows::Who;
use crate::desk::registers::page::{Block, Check, Fill, Form, Sent, Sheet, Wrong, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::diagnostics::attend::{self, Mark};
use crate::diagnostics::{Invitation, InvitationAnswer, InvitedFor, Procedure, ProcedureState, invite, store};
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Choice, Column, Empty, Filter, Link, Register, Tone};
use crate::pages::text::{capital, date};
use crate::people::{PersonId, StaffKind};
use crate::planted;
use crate::profile::next::Need;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, Visitor};

const NAMES: [&str; 3] = ["code", "q", "state"];
const FIELDS: [&str; 7] = ["key", "act", "whom", "unit", "names", "mark", "expected"];
/// Names in one form, at most.
const MOST_NAMES: usize = 30;
/// Whoever has not answered, in addresses.
const SILENT: &str = "silent";
/// Whoever came, in addresses.
const CAME: &str = "came";
/// Whoever was put forward by a school, in addresses.
const BY_SCHOOL: &str = "school";

struct Shown {
    held: Held,
    of: Procedure,
    all: Vec<Invitation>,
    who: HashMap<PersonId, Who>,
}

fn load(c: &mut AnyConn, visitor: &Visitor, code: &str, today: chrono::NaiveDate) -> Result<Shown, Error> {
    let held = Held::of(c, visitor, today)?;
    let known = store::by_code(c, held.region, code)?.ok_or_else(missing)?;
    let mut all = invite::of_procedure(c, held.region, &known.procedure)?;
    let ids: Vec<PersonId> = all.iter().map(|one| one.person_id).collect();
    let who = held.who(c, &ids)?;
    all.retain(|one| who.contains_key(&one.person_id));
    all.sort_by_cached_key(|one| who.get(&one.person_id).map(|w| crate::db::text_keys::sort_key(&w.name)));
    Ok(Shown {
        held,
        of: known.procedure,
        all,
        who,
    })
}

async fn find(call: &Call) -> Result<Shown, Error> {
    let code = call.query.get("code").unwrap_or_default().to_owned();
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    call.app().db.read(move |c| load(c, &visitor, &code, today)).await
}

/// GET /diagnostics/people?code=
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &NAMES)?;
        page(&call, at, &[]).await
    })
}

fn stands(one: &Invitation, state: &str) -> bool {
    match state {
        SILENT => one.answer.is_none(),
        CAME => one.came == Some(true),
        BY_SCHOOL => one.asked_by_id.is_some(),
        code => one.answer.is_some_and(|answer| answer.code() == code),
    }
}

async fn page(call: &Call, at: List, wrong: &[Wrong]) -> Result<Answer, Error> {
    let known = |code: &str| [SILENT, CAME, BY_SCHOOL].contains(&code) || InvitationAnswer::from_code(code).is_some();
    at.known("state", |code| known(code).then_some(()))?;
    let mut shown = find(call).await?;
    let text = at.get("q").map(crate::db::text_keys::search_key);
    let name = |one: &Invitation| shown.who.get(&one.person_id).map_or("", |w| w.name.as_str());
    let fits = |one: &&Invitation| {
        let key = || crate::db::text_keys::search_key(name(one));
        text.as_ref().is_none_or(|t| crate::db::text_keys::holds(&key(), t))
            && at.get("state").is_none_or(|state| stands(one, state))
    };
    let found: Vec<Invitation> = shown.all.iter().filter(fits).cloned().collect();
    let total = found.len();
    let everybody = std::mem::take(&mut shown.all);
    let rows: Vec<Invitation> = at.rows(found);
    let named: Vec<PersonId> = rows.iter().map(|one| one.person_id).collect();
    looked::telling(call, "invited", &at.codes(&["q"]), &named, total, &named).await?;
    let sheet = sheet(call, &at, (&shown, &everybody), (rows, total), wrong)?;
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer.title(sheet.heading.clone())
    } else {
        answer.status(422).title(format!("Ошибка: {}", sheet.heading))
    })
}

/// Why somebody is invited, and by which school where one has asked for it.
pub(crate) fn why(one: &Invitation, school: &str) -> String {
    match one.asked_by_id {
        None => capital(one.why.label()),
        Some(_) if school.is_empty() => "Заявлен школой".into(),
        Some(_) => format!("Заявлен школой: {school}"),
    }
}

/// What an invited person has answered.
fn answered(one: &Invitation) -> Chip {
    match (one.answer, one.consent_digest.is_some()) {
        (None, _) => Chip::new(Tone::Wait, "ответа нет"),
        (Some(InvitationAnswer::Refused), _) => Chip::new(Tone::Calm, "отказ"),
        (Some(InvitationAnswer::Agreed), true) => Chip::new(Tone::Done, "согласие"),
        (Some(InvitationAnswer::Agreed), false) => Chip::new(Tone::Done, "согласие на бумаге"),
    }
}

/// Whether an invited person came, as it was marked.
pub(crate) fn came(one: &Invitation) -> &'static str {
    match one.came {
        None => "не отмечено",
        Some(true) => "да",
        Some(false) => "нет",
    }
}

fn row(one: &Invitation, who: Option<&Who>, school: &str) -> Vec<Cell> {
    let day = one.answered_at.map_or_else(String::new, |at| date(at.date()));
    vec![
        Cell::text(who.map_or_else(String::new, |w| w.name.clone())),
        Cell::text(who.map_or_else(String::new, |w| w.places.join(", "))),
        Cell::text(why(one, school)),
        Cell::chip(answered(one)),
        Cell::text(day),
        Cell::text(came(one)),
    ]
}

fn sheet(
    call: &Call,
    at: &List,
    (shown, everybody): (&Shown, &[Invitation]),
    (rows, total): (Vec<Invitation>, usize),
    wrong: &[Wrong],
) -> Result<Sheet, Error> {
    let of = &shown.of;
    let columns = [
        Column::words("Педагог"),
        Column::words("Где работает"),
        Column::words("Почему приглашён"),
        Column::words("Ответ"),
        Column::words("Когда"),
        Column::words("Пришёл"),
    ];
    let told = |one: &Invitation| row(one, shown.who.get(&one.person_id), &shown.held.name(one.asked_by_id));
    let table: Vec<Vec<Cell>> = rows.iter().map(told).collect();
    let states = [
        (SILENT, "ответа нет"),
        ("agreed", "согласие"),
        ("refused", "отказ"),
        (CAME, "пришли"),
        (BY_SCHOOL, "заявлены школой"),
    ];
    let mut filters = vec![
        at.search("q", "Фамилия или имя"),
        at.select(
            "state",
            "Ответ",
            "любой",
            states.map(|(code, label)| (code.to_owned(), label.to_owned())),
        )?,
    ];
    let count = |state: &str| everybody.iter().filter(|one| stands(one, state)).count();
    let mut lead = format!(
        "Приглашены: {}. Согласились: {}, отказались: {}, не ответили: {}. Пришли: {}.",
        everybody.len(),
        count("agreed"),
        count("refused"),
        count(SILENT),
        count(CAME)
    );
    let asked = count(BY_SCHOOL);
    if asked > 0 {
        lead.push_str(&format!(" Заявлены школами: {asked}."));
    }
    let mut blocks = Vec::new();
    let action = people_of(&of.code);
    let sent = Sent(&call.form);
    let typed = |name: &str| sent.text(name);
    let fill = Fill { values: &typed, wrong };
    if !rows.is_empty() && of.state != ProcedureState::Withdrawn {
        let ticked: Vec<&str> = call.form.all("id").collect();
        let boxes = rows.iter().map(|one| Check {
            value: one.person_id.to_string(),
            label: shown
                .who
                .get(&one.person_id)
                .map_or_else(String::new, |w| w.name.clone()),
            meta: String::new(),
            checked: ticked.contains(&one.person_id.to_string().as_str()),
        });
        let marks = [
            ("came", "Пришли"),
            ("absent", "Не пришли"),
            ("paper", "Согласились на бумаге"),
        ];
        blocks.push(Block {
            title: "Отметить".into(),
            text: Some("Отметьте людей этой страницы списка и то, что о них записать.".into()),
            forms: vec![Form {
                action: action.clone(),
                act: "mark",
                parts: vec![
                    fill.checks("Кто", "id", boxes.collect()),
                    fill.choice(
                        "mark",
                        "Что записать",
                        Some("выберите"),
                        marks.map(|(code, label)| (code.to_owned(), label.to_owned())),
                    ),
                ],
                button: "Записать".into(),
                ..Form::default()
            }],
            ..Block::default()
        });
    }
    let invites = of.state.is_ahead();
    if invites {
        let whom = [
            (InvitedFor::Audience, "Всех, кому она проводится"),
            (InvitedFor::Expired, "У кого прошёл срок результатов"),
            (InvitedFor::FollowUp, "Кто прошёл шаги маршрута"),
            (InvitedFor::Named, "По фамилиям"),
        ];
        blocks.push(Block {
            title: "Пригласить".into(),
            text: Some("Кто приглашён раньше, второго приглашения не получит.".into()),
            forms: vec![Form {
                action,
                act: "invite",
                parts: vec![
                    fill.choice(
                        "whom",
                        "Кого",
                        Some("выберите"),
                        whom.map(|(why, label)| (why.code().to_owned(), label.to_owned())),
                    ),
                    fill.choice("unit", "Где работают", Some("везде"), shown.held.choices()),
                    fill.long(
                        "names",
                        "Фамилии",
                        Some("Через точку с запятой; только для «По фамилиям»"),
                    ),
                ],
                button: "Посмотреть, кому уйдут приглашения".into(),
                ..Form::default()
            }],
            ..Block::default()
        });
    }
    let crumb = if call.visitor()?.may(Capability::Diagnostics) {
        vec![
            Link::new("Диагностики", "/diagnostics"),
            Link::new(of.name.clone(), page_of(&of.code)),
        ]
    } else {
        Vec::new()
    };
    let empty = if everybody.is_empty() {
        let next = if invites {
            "Пригласите педагогов ниже: согласие они дадут на своей странице."
        } else {
            "Приглашают, пока диагностика готовится или идёт. Кто её прошёл, видно на её странице."
        };
        Empty::new("Никто не приглашён", next)
    } else {
        Empty::new(
            "Никого не нашлось",
            "Под выбранные условия не подходит никто: уберите одно из них.",
        )
    };
    let own = Choice::new(&of.code, &of.name, &of.code);
    filters.push(Filter::select("code", "Диагностика", vec![own]));
    let mut filters = at.filters(filters, list::found(total, "приглашение", "приглашения", "приглашений"));
    filters.action = people_of(&of.code);
    Ok(Sheet {
        crumbs: crumb,
        heading: format!("Участники: {}", of.name),
        lead,
        done: match call.query.get("done") {
            Some("invited") => Some("Приглашения записаны"),
            Some("marked") => Some("Отметки записаны"),
            _ => None,
        },
        problems: problems(wrong),
        filters: Some(filters),
        paging: at.paging(total),
        empty: table.is_empty().then_some(empty),
        register: (!table.is_empty()).then(|| Register::new("Участники", &columns, table)),
        blocks,
        token: call.token(),
        ..Sheet::default()
    })
}

/// Who is meant by a form of invitations, or what is wrong with it.
fn meant(c: &mut AnyConn, shown: &Shown, form: &Wanted, today: chrono::NaiveDate) -> Result<Chosen, Error> {
    let bounds = people_rows::below(&shown.held, form.unit);
    Ok(match form.why {
        InvitedFor::Named | InvitedFor::OwnRequest => {
            let names = form.names.split(';').map(str::trim).filter(|name| !name.is_empty());
            let names: Vec<&str> = names.collect();
            if names.len() > MOST_NAMES {
                return Ok(Err((
                    "names",
                    format!("За раз приглашают не больше {MOST_NAMES} человек: разделите список."),
                )));
            }
            let mut found = Vec::new();
            for name in names {
                match shown.held.named(c, name)?.as_slice() {
                    [(person, _)] => found.push(*person),
                    [] => {
                        return Ok(Err((
                            "names",
                            format!("«{name}»: такого педагога нет, проверьте фамилию."),
                        )));
                    }
                    _ => {
                        return Ok(Err((
                            "names",
                            format!("«{name}»: таких несколько, допишите имя и отчество."),
                        )));
                    }
                }
            }
            if found.is_empty() {
                return Ok(Err(("names", "Напишите, кого пригласить.".into())));
            }
            Ok(found)
        }
        InvitedFor::Audience => {
            let set = shown.of.audience.as_deref().unwrap_or_default();
            let kinds: Vec<StaffKind> = codes(set).filter_map(StaffKind::from_code).collect();
            if kinds.is_empty() {
                return Ok(Err((
                    "whom",
                    "У диагностики не указано, кому она проводится: впишите это или выберите иначе.".into(),
                )));
            }
            Ok(people_rows::employed(c, &bounds, &kinds, today)?)
        }
        InvitedFor::Expired | InvitedFor::FollowUp => {
            let need = if form.why == InvitedFor::Expired {
                Need::Expired
            } else {
                Need::FollowUp
            };
            let due = next_rows::due(c, &bounds, today)?;
            let due = due.into_iter().filter(|due| due.needs.contains(&need));
            Ok(due.map(|due| due.person).collect())
        }
    })
}

type Chosen = Result<Vec<PersonId>, Wrong>;

struct Wanted {
    why: InvitedFor,
    unit: Option<crate::units::UnitId>,
    names: String,
}

/// The invitations of those who are ticked: a list with one that is not there is refused as a whole.
fn ticked(call: &Call, shown: &Shown) -> Result<Vec<Invitation>, Error> {
    let mut found: Vec<Invitation> = Vec::new();
    for id in call.form.all("id") {
        let id = PersonId(id.parse().map_err(|_| missing())?);
        let one = shown.all.iter().find(|one| one.person_id == id).ok_or_else(missing)?;
        if !found.contains(one) {
            found.push(one.clone());
        }
    }
    Ok(found)
}

/// POST /diagnostics/people?code=
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["code"])?;
        let form = call.form.only_many(&FIELDS, &["id"])?;
        let shown = find(&call).await?;
        let (sent, by, of) = (Sent(form), by(&call)?, shown.of.clone());
        let back = people_of(&of.code);
        let again = |wrong: Wrong| [wrong];
        let (done, field, word) = match form.get("act") {
            Some("mark") => {
                let people = ticked(&call, &shown)?;
                let mark = match sent.text("mark").as_str() {
                    "came" => Some(Mark::Came),
                    "absent" => Some(Mark::Absent),
                    "paper" => Some(Mark::OnPaper),
                    _ => None,
                };
                let (false, Some(mark)) = (people.is_empty(), mark) else {
                    let wrong = again(("mark", "Отметьте людей и выберите, что записать.".into()));
                    return page(&call, List::of(&call, &NAMES)?, &wrong).await;
                };
                let write = move |tx: &mut Tx<'_>| attend::mark(tx, &by, &of, &people, mark);
                (call.app().db.write(write).await, "mark", "marked")
            }
            Some(act @ ("invite" | inviting::ALL)) => {
                let unit = sent.some("unit").map(|code| shown.held.unit(&code).map(|u| u.id));
                let why = InvitedFor::from_code(&sent.text("whom"));
                let (Some(why), false) = (why, unit == Some(None)) else {
                    let wrong = again(("whom", "Выберите, кого пригласить.".into()));
                    return page(&call, List::of(&call, &NAMES)?, &wrong).await;
                };
                let wanted = Wanted {
                    why,
                    unit: unit.flatten(),
                    names: sent.text("names"),
                };
                // Whoever is asked too late is told so by the act itself.
                let (today, looks) = (call.app().clock.today(), act == "invite" && of.state.is_ahead());
                let read = move |c: &mut AnyConn| -> Result<_, Error> {
                    let people = match meant(c, &shown, &wanted, today)? {
                        Ok(people) => people,
                        Err(wrong) => return Ok(Err(wrong)),
                    };
                    let receivers = if looks {
                        Some(inviting::receivers(c, &shown.held, &shown.all, &people)?)
                    } else {
                        None
                    };
                    Ok(Ok((people, receivers)))
                };
                let (people, receivers) = match call.app().db.read(read).await? {
                    Ok(found) => found,
                    Err(wrong) => return page(&call, List::of(&call, &NAMES)?, &[wrong]).await,
                };
                if let Some(receivers) = receivers {
                    return inviting::page(&call, &of, back, receivers).await;
                }
                let expected = sent.text("expected");
                let write = move |tx: &mut Tx<'_>| {
                    let new = inviting::new_of(&people, &invite::of_procedure(tx.conn(), by.region, &of)?);
                    if of.state.is_ahead() && inviting::expected(&new) != expected && !planted!("others_invited") {
                        return Err(Error::Changed(
                            "Пока вы смотрели, список изменился. Выберите, кого пригласить, ещё раз и посмотрите на него."
                                .to_owned(),
                        ));
                    }
                    invite::invite(tx, &by, &of, &people, why).map(|invited| invited.to_string())
                };
                (once(&call, write).await.map(|_| ()), "whom", "invited")
            }
            _ => return Err(missing()),
        };
        match done {
            Ok(()) => Ok(Answer::redirect(format!("{back}&done={word}"))),
            Err(Error::Refused(why)) => page(&call, List::of(&call, &NAMES)?, &[(field, sentence(&why))]).await,
            Err(e) => Err(e),
        }
    })
}

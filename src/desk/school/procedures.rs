//! «Заявить на диагностику»: a school puts its own people forward for a procedure that is announced, sees whom it has put
//! forward, and takes back whoever has not answered. Whether somebody agreed or refused is told to whoever runs the
//! procedure, not to the school: a refusal needs no reason.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::db::text_keys::sort_key;
use crate::db::{AnyConn, Tx};
use crate::desk::diagnostics::described::{standing, window};
use crate::desk::diagnostics::edit::sentence;
use crate::desk::diagnostics::people::{came, why};
use crate::desk::list::List;
use crate::desk::looked;
use crate::desk::once::once;
use crate::desk::plan::rows::{self as plan_rows, Who};
use crate::desk::registers::events::{academic, year_label, year_of};
use crate::desk::registers::page::{Block, Check, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::{by, missing};
use crate::desk::school::coverage_rows;
use crate::desk::school::procedures_rows as rows;
use crate::diagnostics::attend::takes_answers;
use crate::diagnostics::{Invitation, Procedure, invite, store};
use crate::error::{Error, Refusal};
use crate::pages::parts::{Cell, Chip, Column, Empty, Fact, Link, Register, Tone};
use crate::pages::text::{NOTHING, capital, count, date, number};
use crate::people::PersonId;
use crate::units::{self, Tree, UnitId};
use crate::web::address::quoted;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor, token};

/// The list of those who are put forward, as the journal knows it: who stands there reads why.
const LIST: &str = "invited";

/// The address where people are put forward for a procedure.
fn page_of(code: &str) -> String {
    format!("/staff/procedure?code={}", quoted(code))
}

/// The first day of the academic year of a day.
pub(crate) fn year_begins(today: NaiveDate) -> NaiveDate {
    academic(year_of(today)).map_or(today, |(first, _)| first)
}

/// What the list shows.
struct Announced {
    all: Vec<(Procedure, usize)>,
    asked: Vec<(Invitation, Procedure)>,
    who: HashMap<PersonId, Who>,
}

fn find(c: &mut AnyConn, visitor: &Visitor, today: NaiveDate) -> Result<Announced, Error> {
    let region = UnitId(visitor.region.ok_or_else(missing)?);
    let schools = coverage_rows::organisations(c, visitor, today)?;
    let tree = units::store::tree(c, today, None)?;
    let asked = rows::put_forward(c, region, &schools, year_begins(today))?;
    let persons: Vec<PersonId> = asked.iter().map(|(one, _)| one.person_id).collect();
    let of = |id| asked.iter().filter(|(one, _)| one.procedure_id == id).count();
    let all = rows::announced(c, region, &schools, &tree, today)?;
    let counted = all.into_iter().map(|one| {
        let many = of(one.id);
        (one, many)
    });
    let counted: Vec<(Procedure, usize)> = counted.collect();
    Ok(Announced {
        all: counted,
        who: plan_rows::who(c, region, &persons, today)?,
        asked,
    })
}

/// GET /staff/procedures
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &[])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let shown = call.app().db.read(move |c| find(c, &visitor, today)).await?;
        let total = shown.asked.len();
        let asked = at.rows(shown.asked);
        let named: Vec<PersonId> = asked.iter().map(|(one, _)| one.person_id).collect();
        looked::telling(&call, LIST, &at.codes(&[]), &named, total, &named).await?;
        let columns = [
            Column::words("Диагностика"),
            Column::words("Дни"),
            Column::words("Состояние"),
            Column::figures("Вы заявили"),
        ];
        let row = |(of, many): &(Procedure, usize)| {
            let days = window(of);
            vec![
                Cell::link(of.name.clone(), page_of(&of.code)),
                Cell::text(if days.is_empty() { NOTHING.to_owned() } else { days }),
                Cell::text(capital(&standing(of, today))),
                Cell::text(number(i64::try_from(*many).unwrap_or(i64::MAX))),
            ]
        };
        let announced: Vec<Vec<Cell>> = shown.all.iter().map(row).collect();
        let mut empty = Empty::new(
            "Объявленных диагностик сейчас нет",
            "Когда ЦНППМ объявит диагностику, она появится здесь, и вы отметите, кого из педагогов просите включить.",
        );
        empty.action = Some(Link::new("Кому нужна следующая диагностика", "/staff/next"));
        let sheet = Sheet {
            crumbs: vec![Link::new("Педагоги", "/staff")],
            heading: "Заявить на диагностику".into(),
            lead: "Откройте диагностику и отметьте своих педагогов. Они получат приглашение и решат сами, а тот, кто проводит \
                   диагностику, увидит, что их заявила школа."
                .into(),
            empty: announced.is_empty().then_some(empty),
            register: (!announced.is_empty()).then(|| Register::new("Объявленные диагностики", &columns, announced)),
            blocks: vec![asked_block(&at, &asked, total, &shown.who, today)],
            ..Sheet::default()
        };
        Answer::page("desk/register", &sheet)
    })
}

/// Those whom the school has put forward this academic year.
fn asked_block(
    at: &List,
    asked: &[(Invitation, Procedure)],
    total: usize,
    who: &HashMap<PersonId, Who>,
    today: NaiveDate,
) -> Block {
    let columns = [
        Column::words("Педагог"),
        Column::words("Диагностика"),
        Column::words("Когда заявлен"),
        Column::words("Приглашение"),
        Column::words("Пришёл"),
    ];
    let row = |(one, of): &(Invitation, Procedure)| {
        vec![
            Cell::text(who.get(&one.person_id).map_or_else(String::new, |w| w.name.clone())),
            Cell::link(of.name.clone(), page_of(&of.code)),
            Cell::text(date(one.recorded_at.date())),
            Cell::chip(told(one)),
            Cell::text(came(one)),
        ]
    };
    let table: Vec<Vec<Cell>> = asked.iter().map(row).collect();
    let many = i64::try_from(total).unwrap_or(i64::MAX);
    let year = year_label(year_of(today));
    Block {
        title: format!("Заявлены в {year} учебном году"),
        text: Some(if total == 0 {
            "В этом учебном году школа ещё никого не заявляла.".into()
        } else {
            format!(
                "Школа заявила {}.",
                count(many, "участника", "участников", "участников")
            )
        }),
        register: (!table.is_empty()).then(|| Register::new("Заявлены школой", &columns, table)),
        paging: at.paging(total),
        ..Block::default()
    }
}

/// What a school is told of an answer: whether there is one.
fn told(one: &Invitation) -> Chip {
    match one.answer {
        None => Chip::new(Tone::Wait, "ответа нет"),
        Some(_) => Chip::new(Tone::Done, "педагог ответил"),
    }
}

/// What is known of one procedure and of the people of the school.
struct Shown {
    of: Procedure,
    organiser: String,
    /// Who may be put forward, with the school where they work.
    people: BTreeMap<PersonId, UnitId>,
    invited: HashMap<PersonId, Invitation>,
    who: HashMap<PersonId, Who>,
    names: HashMap<UnitId, String>,
    schools: Vec<UnitId>,
}

fn load(c: &mut AnyConn, visitor: &Visitor, code: &str, today: NaiveDate) -> Result<Shown, Error> {
    let region = UnitId(visitor.region.ok_or_else(missing)?);
    let schools = coverage_rows::organisations(c, visitor, today)?;
    let tree = units::store::tree(c, today, None)?;
    let known = store::by_code(c, region, code)?.ok_or_else(missing)?;
    let of = known.procedure;
    if !rows::fits(&of, &schools, &tree) {
        return Err(missing());
    }
    let people = rows::people(c, region, &schools, &of, today)?;
    let persons: Vec<PersonId> = people.keys().copied().collect();
    Ok(Shown {
        organiser: organiser(&of, &tree),
        invited: rows::invited(c, region, of.id, &persons)?,
        who: plan_rows::who(c, region, &persons, today)?,
        names: coverage_rows::names(c, &schools, today)?,
        people,
        of,
        schools,
    })
}

fn organiser(of: &Procedure, tree: &Tree) -> String {
    let unit = of.organiser_id.and_then(|unit| tree.unit(unit));
    unit.map_or_else(String::new, |u| u.name.clone())
}

async fn find_one(call: &Call) -> Result<Shown, Error> {
    let code = call.query.get("code").unwrap_or_default().to_owned();
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    call.app().db.read(move |c| load(c, &visitor, &code, today)).await
}

impl Shown {
    fn name(&self, person: PersonId) -> String {
        self.who.get(&person).map_or_else(String::new, |w| w.name.clone())
    }

    /// Whether the school put somebody forward itself.
    fn is_own(&self, one: &Invitation) -> bool {
        one.asked_by_id.is_some_and(|school| self.schools.contains(&school))
    }

    /// Whether the school may still take somebody back.
    fn is_open(&self, one: &Invitation) -> bool {
        self.is_own(one) && one.answer.is_none() && one.came.is_none()
    }

    /// People by name: those who stand on the list and those who do not.
    fn sorted(&self) -> (Vec<PersonId>, Vec<PersonId>) {
        let mut all: Vec<PersonId> = self.people.keys().copied().collect();
        all.sort_by_cached_key(|person| (sort_key(&self.name(*person)), *person));
        all.into_iter().partition(|person| self.invited.contains_key(person))
    }
}

/// GET /staff/procedure?code=
pub fn one(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["code", "done"])?;
        let shown = find_one(&call).await?;
        page(&call, &shown, &[]).await
    })
}

async fn page(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Result<Answer, Error> {
    let persons: Vec<PersonId> = shown.people.keys().copied().collect();
    let filter = format!("procedure={}", shown.of.code);
    looked::telling(call, LIST, &filter, &persons, persons.len(), &persons).await?;
    let sheet = sheet(call, shown, wrong)?;
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer.title(sheet.heading.clone())
    } else {
        answer.status(422).title(format!("Ошибка: {}", sheet.heading))
    })
}

fn facts(shown: &Shown, today: NaiveDate) -> Vec<Fact> {
    let of = &shown.of;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    vec![
        fact("Проводит", shown.organiser.clone()),
        fact("Дни", window(of)),
        fact("Состояние", standing(of, today)),
        fact("Зачем", text(&of.purpose)),
    ]
}

fn sheet(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Result<Sheet, Error> {
    let of = &shown.of;
    let in_time = takes_answers(of, call.app().clock.today());
    let (there, others) = shown.sorted();
    let columns = [
        Column::words("Педагог"),
        Column::words("Почему в списке"),
        Column::words("Приглашение"),
        Column::words("Пришёл"),
    ];
    let row = |one: &Invitation| {
        let school = one.asked_by_id.and_then(|school| shown.names.get(&school));
        vec![
            Cell::text(shown.name(one.person_id)),
            Cell::text(why(one, school.map_or("", String::as_str))),
            Cell::chip(told(one)),
            Cell::text(came(one)),
        ]
    };
    let listed = || there.iter().filter_map(|person| shown.invited.get(person));
    let table: Vec<Vec<Cell>> = listed().map(row).collect();
    let ticked: Vec<&str> = call.form.all("id").collect();
    let sent = Sent(&call.form);
    let typed = |name: &str| sent.text(name);
    let fill = Fill { values: &typed, wrong };
    let check = |person: &PersonId| {
        let value = person.to_string();
        Check {
            label: shown.name(*person),
            meta: String::new(),
            checked: ticked.contains(&value.as_str()),
            value,
        }
    };
    let form = |act, legend: &str, people: Vec<Check>, button: &str| Form {
        action: page_of(&of.code),
        act,
        parts: vec![fill.checks(legend, "id", people)],
        button: button.into(),
        ..Form::default()
    };
    let mut ask = Block {
        title: "Просим включить в диагностику".into(),
        ..Block::default()
    };
    if !in_time {
        let late = Refusal::new("procedure.asked_late");
        ask.text = Some(sentence(&late));
    } else if others.is_empty() {
        ask.text = Some("Все, кому она проводится, уже в списке.".into());
    } else {
        ask.text = Some("Педагоги получат приглашение и решат сами, участвовать ли. Что они ответили, видит тот, кто проводит диагностику.".into());
        ask.forms = vec![Form {
            key: token::random_name()?,
            ..form("ask", "Кого", others.iter().map(check).collect(), "Заявить отмеченных")
        }];
    }
    let mut blocks = vec![ask];
    let open: Vec<PersonId> = listed()
        .filter(|one| shown.is_open(one))
        .map(|one| one.person_id)
        .collect();
    if !open.is_empty() {
        blocks.push(Block {
            title: "Отозвать заявку".into(),
            text: Some("Отзывают тех, кто ещё не ответил: их приглашение пропадёт.".into()),
            forms: vec![form(
                "back",
                "Чью заявку",
                open.iter().map(check).collect(),
                "Отозвать отмеченных",
            )],
            ..Block::default()
        });
    }
    let nobody = Empty::new(
        "Из ваших педагогов в списке пока никого нет",
        "Отметьте ниже, кого просите включить.",
    );
    Ok(Sheet {
        crumbs: vec![
            Link::new("Педагоги", "/staff"),
            Link::new("Заявить на диагностику", "/staff/procedures"),
        ],
        heading: format!("Заявить: {}", of.name),
        lead: capital(of.kind.label()),
        done: match call.query.get("done") {
            Some("asked") => Some("Заявка записана, педагоги приглашены"),
            Some("back") => Some("Заявка отозвана"),
            _ => None,
        },
        problems: problems(wrong),
        facts: facts(shown, call.app().clock.today()),
        empty: table.is_empty().then_some(nobody),
        register: (!table.is_empty()).then(|| Register::new("Педагоги школы в списке", &columns, table)),
        blocks,
        token: call.token(),
        ..Sheet::default()
    })
}

/// Those who are ticked, each once; a list with one of another school is refused as a whole.
fn chosen(call: &Call, shown: &Shown) -> Result<Vec<PersonId>, Error> {
    let mut found: Vec<PersonId> = Vec::new();
    for id in call.form.all("id") {
        let id = PersonId(id.parse().map_err(|_| missing())?);
        if !shown.people.contains_key(&id) {
            return Err(missing());
        }
        if !found.contains(&id) {
            found.push(id);
        }
    }
    Ok(found)
}

/// POST /staff/procedure?code=
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["code"])?;
        let form = call.form.only_many(&["key", "act"], &["id"])?;
        let shown = find_one(&call).await?;
        let people = chosen(&call, &shown)?;
        let (by, of) = (by(&call)?, shown.of.clone());
        let (done, word) = match form.get("act") {
            Some("ask" | "back") if people.is_empty() => {
                return page(&call, &shown, &[("id", "Отметьте хотя бы одного педагога.".into())]).await;
            }
            Some("ask") => {
                let school = |person: PersonId| Some((person, *shown.people.get(&person)?));
                let asked: Vec<(PersonId, UnitId)> = people.into_iter().filter_map(school).collect();
                let write =
                    move |tx: &mut Tx<'_>| invite::put_forward(tx, &by, &of, &asked).map(|invited| invited.to_string());
                (once(&call, write).await.map(drop), "asked")
            }
            Some("back") => {
                let own = |person: &PersonId| shown.invited.get(person).filter(|one| shown.is_own(one));
                let own: Vec<Invitation> = people.iter().filter_map(own).cloned().collect();
                if own.len() != people.len() {
                    return Err(missing());
                }
                let write = move |tx: &mut Tx<'_>| invite::take_back(tx, &by, &of, &own);
                (call.app().db.write(write).await, "back")
            }
            _ => return Err(missing()),
        };
        match done {
            Ok(()) => Ok(Answer::redirect(format!("{}&done={word}", page_of(&shown.of.code)))),
            Err(Error::Refused(why)) => page(&call, &shown, &[("id", sentence(&why))]).await,
            Err(e) => Err(e),
        }
    })
}

//! Notes and meetings of a plan: its supporters write and read them, the teacher reads what is shared. A meeting, a call or a
//! visit is an act of help at the same time, while the plan is open; what was seen of something learnt is written down after
//! its closing too.

use serde::Serialize;

use crate::access::work::Work;
use crate::access::{self, AccountId, Author};
use crate::db::text_keys::clean;
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::plan::card::{self, Door, Opened, missing};
use crate::desk::plan::teacher::own;
use crate::desk::registers::page::{Fill, Part, Sent, Wrong, problems};
use crate::desk::registers::reach::by;
use crate::desk::{given, once};
use crate::error::{Error, Refusal};
use crate::flow;
use crate::iom::acts::{ActRow, Whose};
use crate::iom::note::{self, Change, Note, NoteId, NoteKind, Reader, Said};
use crate::iom::practice::{self, Transfer};
use crate::iom::{ActKind, Iom, IomState, Item, ItemId};
use crate::pages::parts::{Empty, Link, Problem};
use crate::pages::text::{capital, date};
use crate::web::call::Visitor;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// Notes on a page, the newest ones.
const SHOWN: i64 = 100;

#[derive(Serialize)]
struct Page {
    crumbs: Vec<Link>,
    heading: &'static str,
    lead: &'static str,
    done: Option<&'static str>,
    problems: Vec<Problem>,
    /// Where the forms go; empty on the teacher's page.
    action: String,
    parts: Vec<Part>,
    key: String,
    token: String,
    notes: Vec<Shown>,
    empty: Empty,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    version: i32,
    title: String,
    by: String,
    text: String,
    result: Option<String>,
    /// What was learnt and how far it is applied.
    practice: Option<String>,
    state: &'static str,
    can_share: bool,
    can_withdraw: bool,
}

const HEADING: &str = "Записи и встречи";

fn shown((of, by): (Note, String), reader: Option<AccountId>, items: &[Item]) -> Shown {
    let author = reader == Some(of.account_id);
    let learnt = items.iter().find(|item| Some(item.id) == of.item_id);
    Shown {
        id: of.id.to_string(),
        version: of.version,
        title: format!("{}, {}", capital(of.kind.label()), date(of.on_date)),
        by,
        text: of.text,
        result: of.result,
        practice: learnt
            .zip(of.transfer)
            .map(|(item, seen)| format!("«{}» – {}", item.title, seen.label())),
        state: match (reader, of.shared) {
            (None, _) => "",
            (_, true) => "педагог видит",
            (_, false) => "видят только сопровождающие",
        },
        can_share: author && !of.shared,
        can_withdraw: author,
    }
}

fn parts(fill: &Fill<'_>, items: &[Item]) -> Vec<Part> {
    let kinds = NoteKind::ALL.iter().map(|k| (k.code().to_owned(), capital(k.label())));
    let mut parts = vec![
        fill.choice("kind", "Что записать", None, kinds),
        fill.line("on", "День", Some("Например 05.03.2026")),
        fill.long("text", "О чём", None),
        fill.line("result", "Что решили", Some("Можно не заполнять")),
        fill.choice(
            "shared",
            "Кто увидит",
            None,
            [
                ("no".to_owned(), "Только сопровождающие этого маршрута".to_owned()),
                ("yes".to_owned(), "И педагог".to_owned()),
            ],
        ),
    ];
    let learnt = items.iter().filter(|item| practice::is_learnt(item));
    let learnt: Vec<(String, String)> = learnt.map(|i| (i.number.to_string(), i.title.clone())).collect();
    if !learnt.is_empty() {
        let seen = Transfer::ALL.iter().map(|t| (t.code().to_owned(), capital(t.label())));
        parts.push(fill.choice("item", "О каком обучении", Some("не об обучении"), learnt));
        parts.push(fill.choice("transfer", "Применяет ли в работе", Some("не смотрели"), seen));
    }
    parts
}

/// Whether the visitor may read and write notes: in another one's stead, where that one has given the accompanying of people.
pub(crate) fn may(visitor: &Visitor) -> bool {
    given::was_given(visitor, &[Work::Accompany])
}

/// Opens the plan of an address for its notes.
async fn opened(call: &Call) -> Result<Opened, Error> {
    given::needs(call.visitor()?, &[Work::Accompany], "записи и встречи")?;
    card::open(call, Door::Support).await
}

/// GET /people/{plan}/notes
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["done", "item"])?;
        let done = match query.get("done") {
            Some("add") => Some("Запись сделана"),
            Some("share") => Some("Педагог видит запись"),
            Some("withdraw") => Some("Запись снята"),
            _ => None,
        };
        let opened = opened(&call).await?;
        page(&call, &opened, &[], done).await
    })
}

async fn page(call: &Call, opened: &Opened, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    let plan = &opened.rows.plan;
    let (region, id) = (plan.region_id, plan.id);
    let read =
        move |c: &mut AnyConn| -> Result<_, DbError> { note::of_reader(c, region, Reader::Supporter(id), SHOWN) };
    let notes = call.app().db.read(read).await?;
    let reader = AccountId(call.visitor()?.acting());
    let today = call.app().clock.today();
    let (sent, again) = (Sent(&call.form), call.form.get("act") == Some("add"));
    // Whoever comes from the list of what was learnt goes to see it.
    let of_item = call.query.get("item").filter(|_| call.form.get("act").is_none());
    let typed = |name: &str| match name {
        _ if again => sent.text(name),
        "on" => date(today),
        "kind" if of_item.is_some() => NoteKind::Visit.code().to_owned(),
        "kind" => NoteKind::Meeting.code().to_owned(),
        "item" => of_item.unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    let card = format!("{}/{id}", Door::Support.base());
    let data = Page {
        crumbs: vec![Door::Support.crumb(), Link::new(opened.who.short.clone(), card.clone())],
        heading: HEADING,
        lead: "Встреча, звонок и посещение урока считаются помощью педагогу. Записи читают все, кто ведёт этот маршрут, и те, \
               кому его передадут; педагог – только то, что вы ему откроете, и всегда – то, что сказано о применении изученного.",
        done,
        problems: problems(wrong),
        action: format!("{card}/notes"),
        parts: parts(&Fill { values: &typed, wrong }, &opened.rows.items),
        key: token::random_name()?,
        token: call.token(),
        notes: notes
            .into_iter()
            .map(|of| shown(of, Some(reader), &opened.rows.items))
            .collect(),
        empty: Empty::new(
            "Записей пока нет",
            "Запишите первую встречу или заметку для себя и коллег.",
        ),
    };
    let answer = Answer::page("desk/notes", &data)?;
    Ok(if wrong.is_empty() {
        answer.title(HEADING)
    } else {
        answer.status(422).title(format!("Ошибка: {HEADING}"))
    })
}

/// What was typed, or what is wrong with it.
fn read(call: &Call, plan: &Iom, items: &[Item]) -> Result<Said, Vec<Wrong>> {
    let sent = Sent(&call.form);
    let mut wrong: Vec<Wrong> = Vec::new();
    let kind = NoteKind::from_code(&sent.text("kind"));
    if kind.is_none() {
        wrong.push(("kind", "Выберите, что записать.".into()));
    }
    let on = sent.day("on", &mut wrong);
    let practice = match (sent.some("item"), sent.some("transfer")) {
        (None, None) => None,
        (Some(number), Some(seen)) => {
            let learnt = items.iter().filter(|item| practice::is_learnt(item));
            let mut learnt = learnt.filter(|item| item.number.to_string() == number);
            let practice = learnt.next().map(|item| item.id).zip(Transfer::from_code(&seen));
            if practice.is_none() {
                wrong.push(("item", capital(&format!("{}.", Refusal::new("note.not_learnt")))));
            }
            practice
        }
        (None, Some(_)) => {
            wrong.push(("item", "Выберите, о каком обучении речь.".into()));
            None
        }
        (Some(_), None) => {
            wrong.push(("transfer", "Выберите, применяет ли педагог изученное.".into()));
            None
        }
    };
    let (Some(kind), Some(on)) = (kind, on) else {
        return Err(wrong);
    };
    let said = Said {
        kind,
        on,
        text: sent.text("text"),
        result: sent.some("result"),
        shared: sent.text("shared") == "yes",
        practice,
    };
    if let Some((field, refusal)) = said.refused(plan.starts_on, call.app().clock.today()) {
        wrong.push((field, capital(&format!("{refusal}."))));
    }
    if wrong.is_empty() { Ok(said) } else { Err(wrong) }
}

/// The act of help that a meeting is: its words say what it was, never what was said.
fn help(tx: &mut Tx<'_>, key: &[u8], plan: &Iom, author: &Author, said: &Said) -> Result<(), Error> {
    let row = ActRow {
        line: 1,
        whose: Whose::Person(plan.region_id, plan.person_id),
        kind: ActKind::Support,
        item: None,
        on: said.on,
        by: author.login.clone(),
        value: String::new(),
        reason: said.kind.label().to_owned(),
        roles: Some(author.roles.clone()),
        substitute: author.substitute.clone(),
        said_now: true,
        seen: None,
        plan: Some(plan.id),
        change: None,
    };
    let applied = flow::acts(tx, key, &[row])?;
    match applied.refused.into_iter().next() {
        // A second meeting of the day is the same help.
        Some(refused) if refused.why.code != "iom.already_recorded" => Err(refused.why.into()),
        _ => Ok(()),
    }
}

/// POST /people/{plan}/notes
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let names = [
            "act", "kind", "on", "text", "result", "shared", "note", "seen", "key", "item", "transfer",
        ];
        let form = call.form.only(&names)?;
        let act = clean(form.get("act").unwrap_or_default());
        let opened = opened(&call).await?;
        let (plan, by, author) = (
            opened.rows.plan.clone(),
            by(&call)?,
            AccountId(call.visitor()?.acting()),
        );
        let to = format!("{}/{}/notes?done={act}", Door::Support.base(), plan.id);
        let done = match act.as_str() {
            "add" => {
                let said = match read(&call, &plan, &opened.rows.items) {
                    Ok(said) => said,
                    Err(wrong) => return page(&call, &opened, &wrong, None).await,
                };
                let (key, name) = (call.app().keys.audit.clone(), access::author(call.visitor()?));
                let write = move |tx: &mut Tx<'_>| -> Result<String, Error> {
                    // Help is an act of an open plan; what is seen after its closing is the note alone.
                    if said.kind.is_help() && plan.state != IomState::Closed {
                        help(tx, &key, &plan, &name, &said)?;
                    }
                    note::add(tx, &by, &plan, author, &said)?;
                    Ok(to)
                };
                once::once(&call, write).await
            }
            "share" | "withdraw" => {
                let what = if act == "share" {
                    Change::Share
                } else {
                    Change::Withdraw
                };
                let id = form
                    .get("note")
                    .and_then(|n| n.parse().ok())
                    .map(NoteId)
                    .ok_or_else(missing)?;
                let seen = Sent(&call.form).seen();
                let write = move |tx: &mut Tx<'_>| note::change(tx, &by, &plan, (id, seen), author, what);
                call.app().db.write(write).await.map(|()| to)
            }
            _ => return Err(missing()),
        };
        match done {
            Ok(to) => Ok(Answer::redirect(to)),
            Err(Error::Refused(why)) if why.code == "delegation.not_given" => Err(Error::Forbidden(why.to_string())),
            Err(Error::Refused(why)) => {
                let field = if act == "add" { "kind" } else { "notes" };
                page(&call, &opened, &[(field, capital(&format!("{why}.")))], None).await
            }
            Err(e) => Err(e),
        }
    })
}

/// GET /plan/notes: what the teacher may read.
pub fn show_own(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let read = {
            let own = own(&call)?;
            move |c: &mut AnyConn| -> Result<_, DbError> {
                let Some((region, person)) = own else {
                    return Ok((Vec::new(), Vec::new()));
                };
                let notes = note::of_reader(c, region, Reader::Teacher(person), SHOWN)?;
                let learnt: Vec<ItemId> = notes.iter().filter_map(|(of, _)| of.item_id).collect();
                Ok((notes, practice::steps(c, region, &learnt)?))
            }
        };
        let (notes, items) = call.app().db.read(read).await?;
        let data = Page {
            crumbs: vec![Link::new("Мой маршрут", "/plan")],
            heading: HEADING,
            lead: "Здесь то, что сопровождающие вам открыли: встречи, звонки, посещения уроков и что на них решили.",
            done: None,
            problems: Vec::new(),
            action: String::new(),
            parts: Vec::new(),
            key: String::new(),
            token: call.token(),
            notes: notes.into_iter().map(|of| shown(of, None, &items)).collect(),
            empty: Empty::new(
                "Записей пока нет",
                "Когда сопровождающий откроет вам запись о встрече, она появится здесь.",
            ),
        };
        Ok(Answer::page("desk/notes", &data)?.title(HEADING))
    })
}

//! One publication: its facts and authors; changing, withdrawing and bringing it back.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::activity::by::reason;
use crate::activity::publication::{self, Writer};
use crate::activity::undertakings::{self, Publication, PublicationId};
use crate::db::{AnyConn, Tx};
use crate::desk::looked;
use crate::desk::plan::rows::Who;
use crate::desk::registers::page::{Block, Keeping, Sent, Sheet, Wrong, clash, fact, problems, written};
use crate::desk::registers::publications::{
    FIELDS, addressee_names, authors_text, chosen, in_line, people, publication_form, read, writers,
};
use crate::desk::registers::reach::{Held, by, missing};
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Link, Register};
use crate::pages::text::{capital, date};
use crate::people::PersonId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor};

struct Shown {
    held: Held,
    of: Publication,
    writers: Vec<Writer>,
    who: HashMap<PersonId, Who>,
    keeps: bool,
}

/// GET /publications/{publication}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["done"])?;
        let done = match query.get("done") {
            Some("added") => Some("Публикация добавлена"),
            Some("changed") => Some("Изменения записаны"),
            Some("withdrawn") => Some("Публикация отозвана, её можно вернуть"),
            Some("restored") => Some("Публикация возвращена"),
            _ => None,
        };
        page(&call, &[], done).await
    })
}

fn load(c: &mut AnyConn, visitor: &Visitor, id: PublicationId, today: NaiveDate) -> Result<Shown, Error> {
    let held = Held::of(c, visitor, today)?;
    let of = publication::find(c, held.region, id)?.ok_or_else(missing)?;
    let writers = publication::authors(c, &[id])?.remove(&id).unwrap_or_default();
    let who = held.who(c, &people(writers.iter()))?;
    let keeps = held.keeps(of.unit_id);
    Ok(Shown {
        held,
        of,
        writers,
        who,
        keeps,
    })
}

async fn page(call: &Call, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    let (visitor, today, id) = (
        call.visitor()?.clone(),
        call.app().clock.today(),
        PublicationId(call.id("publication")?),
    );
    let shown = call.app().db.read(move |c| load(c, &visitor, id, today)).await?;
    let mut named: Vec<PersonId> = shown.who.keys().copied().collect();
    named.sort_unstable();
    looked::list(call, "publication", &format!("publication={id}"), &named, named.len()).await?;
    let title = shown.of.title.clone();
    let answer = Answer::page("desk/register", &sheet(call, &shown, wrong, done))?;
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.status(422).title(format!("Ошибка: {title}"))
    })
}

fn sheet(call: &Call, shown: &Shown, wrong: &[Wrong], done: Option<&'static str>) -> Sheet {
    let of = &shown.of;
    let place = match of.unit_id {
        None => "весь регион".to_owned(),
        unit => shown.held.name(unit),
    };
    let mut facts = vec![
        fact(
            "Вид",
            undertakings::kind_name(undertakings::publication_kinds(), &of.kind),
        ),
        fact("Авторы", authors_text(&shown.writers, &shown.who)),
        fact("Год", of.year.to_string()),
        fact("Издание", of.journal.clone().unwrap_or_default()),
        fact("Предмет", of.subject.clone().unwrap_or_default()),
        fact("Кому", addressee_names(&of.addressees)),
        fact("Кто выпустил", place),
        fact("Код", of.code.clone()),
    ];
    if let (Some(at), Some(why)) = (of.withdrawn_at, &of.withdrawn_reason) {
        facts.push(fact("Отозвано", format!("{}: {why}", date(at.date()))));
    }
    let mut blocks = Vec::new();
    if let Some(link) = of.link.clone() {
        let leads = link.starts_with("https://") || link.starts_with("http://");
        let cell = if leads {
            Cell::link(link.clone(), link)
        } else {
            Cell::text(link)
        };
        blocks.push(Block {
            title: "Где прочитать".into(),
            register: Some(Register::new(
                "Где прочитать",
                &[Column::words("Ссылка")],
                vec![vec![cell]],
            )),
            ..Block::default()
        });
    }
    if shown.keeps {
        blocks.push(keeping(call, shown, wrong));
    }
    Sheet {
        crumbs: vec![Link::new("Публикации", "/publications")],
        heading: of.title.clone(),
        lead: if of.withdrawn_at.is_none() {
            String::new()
        } else {
            "Публикация отозвана и нигде не считается.".into()
        },
        done,
        problems: problems(wrong),
        facts,
        blocks,
        token: call.token(),
        ..Sheet::default()
    }
}

/// Names of authors as a form has them: those who are seen.
pub(crate) fn names(writers: &[Writer], who: &HashMap<PersonId, Who>) -> String {
    let names = writers.iter().filter_map(|w| match w {
        Writer::Outside(name) => Some(name.clone()),
        Writer::Person(person) => who.get(person).map(|w| w.name.clone()),
    });
    names.collect::<Vec<String>>().join("; ")
}

/// What is stored of a publication in a field of its form; beside it the names of its authors.
pub(crate) fn stored(of: &Publication, authors: &str, held: &Held, name: &str) -> String {
    match name {
        "title" => of.title.clone(),
        "kind" => of.kind.clone(),
        "authors" => authors.to_owned(),
        "year" => of.year.to_string(),
        "journal" => of.journal.clone().unwrap_or_default(),
        "subject" => of.subject.clone().unwrap_or_default(),
        "unit" => of
            .unit_id
            .and_then(|id| held.tree.unit(id))
            .map_or_else(String::new, |u| u.code.clone()),
        "page" => of.link.clone().unwrap_or_default(),
        "whom" => of.addressees.clone(),
        "code" => of.code.clone(),
        _ => String::new(),
    }
}

fn keeping(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Block {
    let of = &shown.of;
    let authors = names(&shown.writers, &shown.who);
    let stored = |name: &str| stored(of, &authors, &shown.held, name);
    let address = format!("/publications/{}", of.id);
    Keeping {
        address,
        version: of.version,
        withdrawn: of.withdrawn_at.is_some(),
        stored: &stored,
        form: &|fill, typed| {
            let whom = if typed {
                chosen(&call.form)
            } else {
                of.addressees.clone()
            };
            publication_form(fill, &shown.held, &whom)
        },
        call,
        wrong,
        words: ["Вернуть публикацию", "Отозвать публикацию", "Отозвать"],
    }
    .block()
}

/// POST /publications/{publication}
pub fn act(mut call: Call) -> Answering {
    Box::pin(async move {
        in_line(&mut call);
        let mut known = FIELDS.to_vec();
        known.extend(["act", "reason"]);
        let form = call.form.only_many(&known, &["whom"])?;
        let (visitor, today, id) = (
            call.visitor()?.clone(),
            call.app().clock.today(),
            PublicationId(call.id("publication")?),
        );
        let names = Sent(form).text("authors");
        let look = move |c: &mut AnyConn| -> Result<_, Error> {
            let shown = load(c, &visitor, id, today)?;
            let typed = writers(c, &shown.held, &names)?;
            Ok((shown, typed))
        };
        let (shown, typed) = call.app().db.read(look).await?;
        if !shown.keeps {
            return Err(missing());
        }
        let (sent, by, of) = (Sent(form), by(&call)?, shown.of.clone());
        let seen = sent.seen();
        type Write = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), Error> + Send>;
        let (write, done, field): (Write, &str, &'static str) = match form.get("act").unwrap_or_default() {
            "change" => match read(form, &shown.held, kept(&shown, typed), today) {
                Err(wrong) => return page(&call, &wrong, None).await,
                Ok(said) => (
                    Box::new(move |tx| publication::change(tx, &by, &of, seen, &said)),
                    "changed",
                    "kind",
                ),
            },
            "withdraw" => {
                let why = reason(&sent.text("reason"));
                let write = move |tx: &mut Tx<'_>| publication::set_withdrawn(tx, &by, &of, seen, Some(&why?));
                (Box::new(write), "withdrawn", "reason")
            }
            "restore" => (
                Box::new(move |tx| publication::set_withdrawn(tx, &by, &of, seen, None)),
                "restored",
                "reason",
            ),
            _ => return Err(missing()),
        };
        match written(&call, write).await {
            Ok(()) => Ok(Answer::redirect(format!("/publications/{id}?done={done}"))),
            Err(Error::Refused(why)) => page(&call, &[(field, capital(&format!("{why}.")))], None).await,
            Err(Error::Changed(what)) => {
                let wrong = clash(form.get("act").unwrap_or_default(), field, &what);
                Ok(page(&call, &wrong, None).await?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

/// Authors of a changed form: names that stood there mean whom they meant, and whoever is not seen stays an author.
fn kept(shown: &Shown, typed: Vec<Writer>) -> Vec<Writer> {
    kept_of(&shown.writers, &shown.who, typed)
}

/// The same of stored authors, and of those of them who are seen.
pub(crate) fn kept_of(writers: &[Writer], who: &HashMap<PersonId, Who>, typed: Vec<Writer>) -> Vec<Writer> {
    let meant = |writer: Writer| match writer {
        Writer::Outside(name) => {
            let same = writers.iter().find(|w| match w {
                Writer::Person(person) => who.get(person).is_some_and(|w| w.name == name),
                Writer::Outside(_) => false,
            });
            same.cloned().unwrap_or(Writer::Outside(name))
        }
        person => person,
    };
    let mut authors: Vec<Writer> = typed.into_iter().map(meant).collect();
    let hidden = writers.iter().filter(|w| match w {
        Writer::Person(person) => !who.contains_key(person),
        Writer::Outside(_) => false,
    });
    authors.extend(hidden.cloned());
    publication::each_once(authors)
}

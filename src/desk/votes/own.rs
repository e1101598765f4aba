//! The own vote of a teacher: finding a colleague by surname, giving the voice, changing it until the last day.

use chrono::NaiveDate;

use crate::cycle::vote::store::{self, Own};
use crate::cycle::vote::{VoteId, ballot};
use crate::db::text_keys::{search_key, words as words_of};
use crate::db::{AnyConn, Tx};
use crate::desk::looked;
use crate::desk::plan::rows;
use crate::desk::plan::teacher::own;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::{by, missing};
use crate::desk::votes::words;
use crate::error::Error;
use crate::pages::parts::Link;
use crate::pages::text::{capital, date};
use crate::people::PersonId;
use crate::units;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// Colleagues of one search that are shown.
const SHOWN: usize = 20;
/// Letters without which nobody is looked for: there is no list of everybody.
const LETTERS: usize = 2;

/// Who was found by what was typed.
#[derive(Default)]
struct Found {
    /// What was typed.
    typed: String,
    people: Vec<(PersonId, String)>,
    /// Whether there are more than are shown.
    more: bool,
    /// Whether the voter is among them, and left out.
    oneself: bool,
}

/// The vote of the address, if it is the visitor's, with the name of its unit.
async fn mine(call: &Call) -> Result<(Own, String), Error> {
    let id = VoteId(call.id("vote")?);
    let today = call.app().clock.today();
    let who = own(call)?.ok_or_else(missing)?;
    let read = move |c: &mut AnyConn| -> Result<(Own, String), Error> {
        let own = store::own(c, who, id, today)?.ok_or_else(missing)?;
        let tree = units::store::tree(c, today, None)?;
        let unit = tree
            .unit(own.of.unit_id)
            .map_or_else(String::new, |unit| unit.name.clone());
        Ok((own, unit))
    };
    call.app().db.read(read).await
}

/// Colleagues by what was typed of their names.
async fn find(call: &Call, of: &Own, typed: String) -> Result<Found, Error> {
    let key = search_key(&typed);
    let letters = words_of(&key)
        .flat_map(str::chars)
        .filter(|c| c.is_alphabetic())
        .count();
    if letters < LETTERS {
        return Ok(Found {
            typed,
            ..Found::default()
        });
    }
    let (_, voter) = own(call)?.ok_or_else(missing)?;
    let (of, today) = (of.of.clone(), call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<Found, Error> {
        // One more tells whether there are more; one more may be the voter.
        let most = i64::try_from(SHOWN + 2).unwrap_or(i64::MAX);
        let mut ids = store::colleagues(c, &of, &typed, today, most)?;
        let oneself = ids.contains(&voter);
        ids.retain(|id| *id != voter);
        let more = ids.len() > SHOWN;
        ids.truncate(SHOWN);
        let who = rows::who(c, of.region_id, &ids, today)?;
        let named = |id: &PersonId| {
            let who = who.get(id)?;
            Some((*id, format!("{}, {}", who.name, who.places.join(", "))))
        };
        Ok(Found {
            people: ids.iter().filter_map(named).collect(),
            typed,
            more,
            oneself,
        })
    };
    call.app().db.read(read).await
}

/// GET /my-votes/{vote}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let done = match call.query.only(&["done"])?.get("done") {
            Some("voted") => Some("Голос принят"),
            Some("changed") => Some("Голос изменён"),
            _ => None,
        };
        let (own, unit) = mine(&call).await?;
        answer(&call, (&own, &unit), &Found::default(), &[], done)
    })
}

/// The page after an act that is not done yet. The journal knows that colleagues were looked for, and not whom: that would tell
/// for whom the voice is.
async fn again(call: &Call, own: (&Own, &str), found: &Found, wrong: &[Wrong]) -> Result<Answer, Error> {
    let nobody: [PersonId; 0] = [];
    looked::list(call, "vote", &format!("vote={}", own.0.of.id), &nobody, 0).await?;
    answer(call, own, found, wrong, None)
}

fn answer(
    call: &Call,
    (own, unit): (&Own, &str),
    found: &Found,
    wrong: &[Wrong],
    done: Option<&'static str>,
) -> Result<Answer, Error> {
    let (of, today) = (&own.of, call.app().clock.today());
    let voice = match (own.voted, of.is_open(today)) {
        (true, true) => format!("отдан; изменить его можно до {} включительно", date(of.closes_on)),
        (true, false) => "отдан".to_owned(),
        (false, true) => format!("не отдан; это можно сделать до {} включительно", date(of.closes_on)),
        (false, false) => "не отдан".to_owned(),
    };
    let sheet = Sheet {
        crumbs: vec![Link::new("Мой маршрут", "/plan")],
        heading: of.title.clone(),
        lead: "Участие добровольное. У каждого один голос – за коллегу, не за себя.".into(),
        done,
        problems: problems(wrong),
        facts: vec![
            fact("Кто голосует и за кого", unit),
            fact("Год звания", of.year.to_string()),
            fact("Когда", words::window(of, today)),
            fact("Ваш голос", voice),
            fact("Тайна голоса", words::PROMISE),
        ],
        blocks: if of.is_open(today) {
            ballot_form(call, own, found, wrong)
        } else {
            vec![shut(own, today)]
        },
        token: call.token(),
        ..Sheet::default()
    };
    let title = format!("Мой голос: {}", of.title);
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.status(422).title(format!("Ошибка: {title}"))
    })
}

/// What stands where no voice is taken.
fn shut(own: &Own, today: NaiveDate) -> Block {
    let text = if today < own.of.opens_on {
        format!("Голосование начнётся {}.", date(own.of.opens_on))
    } else {
        format!(
            "Голосование завершено {}. Звание присудит тот, кто его проводит; награждённые увидят запись в «Моём участии».",
            date(own.of.closes_on)
        )
    };
    Block {
        title: "Голосование".into(),
        text: Some(text),
        ..Block::default()
    }
}

fn ballot_form(call: &Call, own: &Own, found: &Found, wrong: &[Wrong]) -> Vec<Block> {
    let sent = Sent(&call.form);
    let values = |name: &str| match name {
        "name" => found.typed.clone(),
        "person" => match found.people.as_slice() {
            [(only, _)] => only.to_string(),
            _ => sent.text("person"),
        },
        _ => String::new(),
    };
    let fill = Fill { values: &values, wrong };
    let action = format!("/my-votes/{}", own.of.id);
    let find = Block {
        title: if own.voted {
            "Изменить голос"
        } else {
            "За кого ваш голос"
        }
        .into(),
        text: Some(if own.voted {
            "За кого он отдан, не показываем никому, и вам тоже. Чтобы передумать, выберите другого коллегу.".into()
        } else {
            "Найдите коллегу по фамилии.".into()
        }),
        forms: vec![Form {
            action: action.clone(),
            act: "find",
            parts: vec![fill.line("name", "Фамилия коллеги", Some("Можно с именем: Иванова Мария"))],
            button: "Найти".into(),
            ..Form::default()
        }],
        ..Block::default()
    };
    if found.people.is_empty() {
        return vec![find];
    }
    let people = found.people.iter().map(|(id, name)| (id.to_string(), name.clone()));
    let chosen = Block {
        title: "Отдать голос".into(),
        text: found
            .more
            .then(|| format!("Показаны первые {SHOWN}. Если нужного человека нет, допишите выше имя и найдите снова.")),
        forms: vec![Form {
            action,
            act: "vote",
            of: found.typed.clone(),
            parts: vec![fill.choice("person", "Кто это", Some("выберите"), people)],
            button: "Отдать голос".into(),
            ..Form::default()
        }],
        ..Block::default()
    };
    // Whoever was found is chosen first; another search stands below.
    vec![chosen, find]
}

/// POST /my-votes/{vote}: colleagues are found, or the voice is given. The form has no key: a digest of it could be tried against
/// the few colleagues that there are, and a voice that comes twice is one voice.
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let form = call.form.only(&["act", "name", "of", "person"])?;
        let sent = Sent(form);
        let (own, unit) = mine(&call).await?;
        let shown = (&own, unit.as_str());
        match form.get("act") {
            Some("find") => {
                let found = find(&call, &own, sent.text("name")).await?;
                let said = if !found.people.is_empty() {
                    return again(&call, shown, &found, &[]).await;
                } else if found.oneself {
                    "Это вы сами: голос отдают за коллегу."
                } else if found.typed.chars().count() < LETTERS {
                    "Напишите фамилию коллеги, хотя бы две буквы."
                } else {
                    "Среди тех, кто работает здесь сегодня, такого человека нет: проверьте фамилию."
                };
                again(&call, shown, &found, &[("name", said.to_owned())]).await
            }
            Some("vote") => {
                let found = find(&call, &own, sent.text("of")).await?;
                let Some(chosen) = sent.some("person") else {
                    let field = if found.people.is_empty() { "name" } else { "person" };
                    let wrong = [(field, "Выберите, за кого ваш голос.".to_owned())];
                    return again(&call, shown, &found, &wrong).await;
                };
                let colleague = PersonId(chosen.parse().map_err(|_| missing())?);
                let (_, voter) = crate::desk::plan::teacher::own(&call)?.ok_or_else(missing)?;
                let (by, id) = (by(&call)?, own.of.id);
                let write = move |tx: &mut Tx<'_>| ballot::cast(tx, &by, voter, id, colleague);
                match call.app().db.write(write).await {
                    Ok(moved) => {
                        let done = if moved { "changed" } else { "voted" };
                        Ok(Answer::redirect(format!("/my-votes/{id}?done={done}")))
                    }
                    Err(Error::Refused(why)) => {
                        let field = if found.people.is_empty() { "name" } else { "person" };
                        again(&call, shown, &found, &[(field, capital(&format!("{why}.")))]).await
                    }
                    Err(e) => Err(e),
                }
            }
            _ => Err(missing()),
        }
    })
}

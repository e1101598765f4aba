//! One mentoring pair: its days, documents and outcome; ending and changing it, withdrawing and bringing it back.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::activity::by::reason;
use crate::activity::kinds;
use crate::activity::model::{MentoringPair, PairDocument, RecordId};
use crate::activity::pair;
use crate::db::types::codes;
use crate::db::{AnyConn, Tx};
use crate::desk::looked;
use crate::desk::plan::rows::{self, Who};
use crate::desk::registers::page::{
    Block, Fill, Form, Sent, Sheet, Wrong, clash, compared, days, fact, problems, written,
};
use crate::desk::registers::pairs::{TERMS, read_terms, standing, terms_form};
use crate::desk::registers::reach::{Held, by, missing};
use crate::error::Error;
use crate::pages::parts::Link;
use crate::pages::text::{capital, date};
use crate::people::PersonId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor};

/// GET /pairs/{pair}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["done"])?;
        let done = match query.get("done") {
            Some("added") => Some("Пара добавлена"),
            Some("changed") => Some("Изменения записаны"),
            Some("withdrawn") => Some("Пара отозвана, её можно вернуть"),
            Some("restored") => Some("Пара возвращена"),
            _ => None,
        };
        page(&call, &[], done).await
    })
}

type Found = (MentoringPair, HashMap<PersonId, Who>);

fn load(c: &mut AnyConn, visitor: &Visitor, id: RecordId, today: NaiveDate) -> Result<Found, Error> {
    let held = Held::of(c, visitor, today)?;
    let pair = pair::find(c, held.region, id)?.ok_or_else(missing)?;
    let both = [pair.mentor_id, pair.mentee_id];
    if held.inside(c, &both)?.is_empty() {
        return Err(missing());
    }
    let who = rows::who(c, held.region, &both, today)?;
    Ok((pair, who))
}

async fn page(call: &Call, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    let (visitor, today, id) = (
        call.visitor()?.clone(),
        call.app().clock.today(),
        RecordId(call.id("pair")?),
    );
    let (pair, who) = call.app().db.read(move |c| load(c, &visitor, id, today)).await?;
    let both = [pair.mentor_id, pair.mentee_id];
    looked::list(call, "mentoring_pair", &format!("pair={id}"), &both, both.len()).await?;
    let answer = Answer::page("desk/register", &sheet(call, &pair, &who, wrong, today, done))?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: наставническая пара")
    })
}

fn sheet(
    call: &Call,
    pair: &MentoringPair,
    who: &HashMap<PersonId, Who>,
    wrong: &[Wrong],
    today: NaiveDate,
    done: Option<&'static str>,
) -> Sheet {
    let name = |id: PersonId| who.get(&id).map_or_else(String::new, |w| w.name.clone());
    let place = |id: PersonId| {
        who.get(&id).map_or_else(String::new, |w| {
            if w.places.is_empty() {
                w.name.clone()
            } else {
                format!("{}, {}", w.name, w.places.join(", "))
            }
        })
    };
    let document = |d: &PairDocument| {
        let has = codes(&pair.documents).any(|code| code == d.code());
        fact(&capital(d.label()), if has { "есть" } else { "нет" })
    };
    let mut facts = vec![
        fact("Наставник", place(pair.mentor_id)),
        fact("Наставляемый", place(pair.mentee_id)),
        fact("Форма", kinds::word_name(kinds::mentoring(), &pair.form)),
        fact("Дни", days(pair.valid_from, pair.valid_to.and_then(|to| to.pred_opt()))),
        fact("Состояние", standing(pair, today).text),
        fact("Итог", pair.outcome.clone().unwrap_or_default()),
        fact("Где лежат документы", pair.link.clone().unwrap_or_default()),
    ];
    facts.extend(PairDocument::ALL.iter().map(document));
    if let (Some(at), Some(why)) = (pair.withdrawn_at, &pair.withdrawn_reason) {
        facts.push(fact("Отозвана", format!("{}: {why}", date(at.date()))));
    }
    Sheet {
        crumbs: vec![Link::new("Наставничество", "/pairs")],
        heading: format!("{} и {}", name(pair.mentor_id), name(pair.mentee_id)),
        done,
        problems: problems(wrong),
        facts,
        blocks: vec![keeping(call, pair, wrong)],
        token: call.token(),
        ..Sheet::default()
    }
}

/// Changing, ending and withdrawing the pair, or bringing it back.
fn keeping(call: &Call, pair: &MentoringPair, wrong: &[Wrong]) -> Block {
    let sent = Sent(&call.form);
    let act = call.form.get("act").unwrap_or_default().to_owned();
    let again = act == "change";
    let stored = |name: &str| stored(pair, name);
    let values = |name: &str| match name {
        "reason" => sent.text(name),
        _ if again => sent.text(name),
        _ => stored(name),
    };
    let fill = Fill { values: &values, wrong };
    let chosen: Vec<&str> = if again {
        call.form.all("document").collect()
    } else {
        codes(&pair.documents).collect()
    };
    let (address, seen) = (format!("/pairs/{}", pair.record_id), pair.version.to_string());
    let fill_stored = Fill {
        values: &stored,
        wrong: &[],
    };
    let now = terms_form(&fill_stored, &codes(&pair.documents).collect::<Vec<_>>());
    let parts = terms_form(&fill, &chosen);
    let block = Block {
        title: "Ведение".into(),
        register: compared(&now, &parts, wrong, pair.withdrawn_at.is_some()),
        ..Block::default()
    };
    if pair.withdrawn_at.is_some() {
        let restore = Form {
            action: address,
            act: "restore",
            seen,
            button: "Вернуть пару".into(),
            ..Form::default()
        };
        return Block {
            forms: vec![restore],
            ..block
        };
    }
    let forms = vec![
        Form {
            action: address.clone(),
            act: "change",
            seen: seen.clone(),
            folded: "Изменить, закончить, отметить документы".into(),
            open: again && !wrong.is_empty(),
            parts,
            button: "Записать".into(),
            ..Form::default()
        },
        Form {
            action: address,
            act: "withdraw",
            seen,
            folded: "Отозвать ошибочную запись".into(),
            open: act == "withdraw" && !wrong.is_empty(),
            parts: vec![fill.line("reason", "Причина: она останется в записи", None)],
            button: "Отозвать".into(),
            ..Form::default()
        },
    ];
    Block { forms, ..block }
}

/// What a field of the terms says of a pair that is stored.
pub(crate) fn stored(pair: &MentoringPair, name: &str) -> String {
    match name {
        "from" => date(pair.valid_from),
        "to" => pair
            .valid_to
            .and_then(|to| to.pred_opt())
            .map_or_else(String::new, date),
        "document" => pair.documents.clone(),
        "link" => pair.link.clone().unwrap_or_default(),
        "outcome" => pair.outcome.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

/// POST /pairs/{pair}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let mut known = TERMS.to_vec();
        known.extend(["act", "seen", "reason"]);
        let form = call.form.only_many(&known, &["document"])?;
        let (visitor, today, id) = (
            call.visitor()?.clone(),
            call.app().clock.today(),
            RecordId(call.id("pair")?),
        );
        let (stored, _) = call.app().db.read(move |c| load(c, &visitor, id, today)).await?;
        let (sent, by) = (Sent(form), by(&call)?);
        let seen = sent.seen();
        type Write = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), Error> + Send>;
        let (write, done, field): (Write, &str, &'static str) = match form.get("act").unwrap_or_default() {
            "change" => {
                let mut wrong = Vec::new();
                let (Some(terms), true) = (read_terms(form, &mut wrong), wrong.is_empty()) else {
                    return page(&call, &wrong, None).await;
                };
                (
                    Box::new(move |tx| pair::change(tx, &by, &stored, seen, terms)),
                    "changed",
                    "from",
                )
            }
            "withdraw" => {
                let why = reason(&sent.text("reason"));
                let write = move |tx: &mut Tx<'_>| pair::set_withdrawn(tx, &by, &stored, seen, Some(&why?));
                (Box::new(write), "withdrawn", "reason")
            }
            "restore" => (
                Box::new(move |tx| pair::set_withdrawn(tx, &by, &stored, seen, None)),
                "restored",
                "reason",
            ),
            _ => return Err(missing()),
        };
        match written(&call, write).await {
            Ok(()) => Ok(Answer::redirect(format!("/pairs/{id}?done={done}"))),
            Err(Error::Refused(why)) => page(&call, &[(field, capital(&format!("{why}.")))], None).await,
            Err(Error::Changed(what)) => {
                let wrong = clash(form.get("act").unwrap_or_default(), field, &what);
                Ok(page(&call, &wrong, None).await?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

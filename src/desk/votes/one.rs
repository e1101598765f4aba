//! One vote: how many have voted while it goes on; what the voices come to once it is over, and the award of the title.

use std::collections::{BTreeSet, HashMap};

use chrono::{Days, NaiveDate};

use crate::cycle::vote::results::{self, Named, Results};
use crate::cycle::vote::store::{self, Awarded};
use crate::cycle::vote::{Vote, VoteId, award, opening};
use crate::db::{AnyConn, Tx};
use crate::desk::looked;
use crate::desk::once::once_by_version;
use crate::desk::plan::rows::{self, Who};
use crate::desk::registers::page::{Block, Check, Fill, Form, Sent, Sheet, Wrong, clash, fact, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::desk::votes::words;
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Link, Register};
use crate::pages::text::{capital, count, date, number};
use crate::people::PersonId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor};

struct Shown {
    of: Vote,
    /// Whose staff votes.
    unit: String,
    voters: i64,
    /// What the voices come to; `None` while it goes on.
    results: Option<Results>,
    awards: Vec<Awarded>,
    who: HashMap<PersonId, Who>,
}

impl Shown {
    /// Everybody who is named on the page.
    fn named(&self) -> Vec<PersonId> {
        let of_results = self.results.iter().flat_map(|results| &results.named);
        let all: BTreeSet<PersonId> = of_results
            .map(|named| named.person)
            .chain(self.awards.iter().map(|of| of.person))
            .collect();
        all.into_iter().collect()
    }

    /// Name and places of work of one of them.
    fn called(&self, person: PersonId) -> (String, String) {
        let who = self.who.get(&person);
        who.map_or_else(Default::default, |who| (who.name.clone(), who.places.join(", ")))
    }
}

fn load(c: &mut AnyConn, visitor: &Visitor, id: VoteId, today: NaiveDate) -> Result<Shown, Error> {
    let held = Held::of(c, visitor, today)?;
    let of = store::one(c, held.region, id)?.filter(|of| held.keeps(Some(of.unit_id)));
    let of = of.ok_or_else(missing)?;
    let results = if of.is_over(today) {
        Some(results::count(c, &of)?)
    } else {
        None
    };
    let mut shown = Shown {
        unit: held.name(Some(of.unit_id)),
        voters: store::voters(c, held.region, &[id])?.remove(&id).unwrap_or(0),
        awards: store::awards(c, held.region, &[id])?,
        who: HashMap::new(),
        results,
        of,
    };
    // Whom the own staff has chosen is known here by name, wherever they work by now.
    shown.who = rows::who(c, held.region, &shown.named(), today)?;
    Ok(shown)
}

async fn look(call: &Call) -> Result<Shown, Error> {
    let (visitor, today, id) = (
        call.visitor()?.clone(),
        call.app().clock.today(),
        VoteId(call.id("vote")?),
    );
    call.app().db.read(move |c| load(c, &visitor, id, today)).await
}

/// GET /votes/{vote}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let done = match call.query.only(&["done"])?.get("done") {
            Some("opened") => Some("Голосование открыто"),
            Some("awarded") => Some("Звание присуждено"),
            _ => None,
        };
        page(&call, &[], done).await
    })
}

async fn page(call: &Call, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    let shown = look(call).await?;
    let named = shown.named();
    let codes = format!("vote={}", shown.of.id);
    looked::telling(call, "vote", &codes, &named, named.len(), &named).await?;
    let title = format!("Голосование: {}, {} год", shown.of.title, shown.of.year);
    let answer = Answer::page("desk/register", &sheet(call, &shown, wrong, done)?)?;
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.status(422).title(format!("Ошибка: {title}"))
    })
}

fn sheet(call: &Call, shown: &Shown, wrong: &[Wrong], done: Option<&'static str>) -> Result<Sheet, Error> {
    let (of, today, visitor) = (&shown.of, call.app().clock.today(), call.visitor()?);
    let mut blocks = vec![outcome(shown)];
    if !shown.awards.is_empty() {
        blocks.push(awarded(shown));
    } else if shown.results.as_ref().is_some_and(|results| !results.named.is_empty()) {
        blocks.push(awarding(call, shown, wrong));
    }
    let accounts = [Some(visitor.account), visitor.on_behalf_of()];
    let own = accounts.into_iter().flatten().any(|account| of.is_of(account));
    if own && shown.voters == 0 && of.withdrawn_at.is_none() {
        blocks.push(Block {
            title: "Отзыв".into(),
            text: Some("Ошиблись? Пока никто не проголосовал, голосование можно отозвать и открыть заново.".into()),
            forms: vec![Form {
                action: format!("/votes/{}", of.id),
                act: "withdraw",
                seen: of.version.to_string(),
                folded: "Отозвать голосование".into(),
                button: "Отозвать".into(),
                ..Form::default()
            }],
            ..Block::default()
        });
    }
    Ok(Sheet {
        crumbs: vec![Link::new("Голосование коллег", "/votes")],
        heading: of.title.clone(),
        lead: shown.unit.clone(),
        done,
        problems: problems(wrong),
        facts: vec![
            fact("Год звания", of.year.to_string()),
            fact("Уровень", of.level.label()),
            fact("Когда", words::window(of, today)),
            fact("Проголосовали", count(shown.voters, "человек", "человека", "человек")),
            fact("Тайна голоса", words::PROMISE),
        ],
        blocks,
        token: call.token(),
        ..Sheet::default()
    })
}

/// «2–3»: the places that those with as many voices share.
fn place(of: &Named) -> String {
    match of.places {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}–{last}"),
    }
}

/// What the voices come to, or when that will be told.
fn outcome(shown: &Shown) -> Block {
    let block = |text: String, register: Option<Register>| Block {
        title: "Итоги".into(),
        text: Some(text),
        register,
        ..Block::default()
    };
    let Some(results) = &shown.results else {
        let text = if shown.of.withdrawn_at.is_some() {
            "Голосование отозвано: итогов у него нет.".to_owned()
        } else {
            format!(
                "Итоги откроются {}. До этого дня видно только, сколько человек проголосовали.",
                date(shown.of.closes_on + Days::new(1))
            )
        };
        return block(text, None);
    };
    if shown.voters == 0 {
        return block("Никто не проголосовал.".to_owned(), None);
    }
    if results.named.is_empty() {
        let text = "Никто не набрал пяти голосов, поэтому имён здесь нет и звание присудить некому.";
        return block(text.to_owned(), None);
    }
    let mut text = Vec::new();
    if results.named.iter().any(|of| of.places.0 != of.places.1) {
        text.push("Поровну голосов – место общее.".to_owned());
    }
    if results.others > 0 {
        let voices = count(results.voices_of_others, "голос", "голоса", "голосов");
        let others = count(results.others, "человека", "человек", "человек");
        text.push(format!(
            "Ещё {voices} у {others}: у каждого меньше пяти, поэтому имён не называем."
        ));
    }
    let columns = [
        Column::words("Место"),
        Column::words("Кто"),
        Column::words("Где работает"),
        Column::figures("Голосов"),
    ];
    let row = |of: &Named| {
        let (name, places) = shown.called(of.person);
        vec![
            Cell::text(place(of)),
            Cell::text(name),
            Cell::text(places),
            Cell::text(number(of.voices)),
        ]
    };
    let rows = results.named.iter().map(row).collect();
    Block {
        text: (!text.is_empty()).then(|| text.join(" ")),
        ..block(String::new(), Some(Register::new("Итоги голосования", &columns, rows)))
    }
}

/// Who was awarded.
fn awarded(shown: &Shown) -> Block {
    let columns = [
        Column::words("Кому"),
        Column::words("Где работает"),
        Column::words("Дата присуждения"),
    ];
    let row = |of: &Awarded| {
        let (name, places) = shown.called(of.person);
        vec![Cell::text(name), Cell::text(places), Cell::text(date(of.on))]
    };
    Block {
        title: "Кому присуждено".into(),
        text: Some(
            "Записи стоят в разделе «Участие педагогов», награждённые видят их в «Моём участии». Ошибочную запись отзывают там же; \
             когда отозваны все, звание можно присудить заново."
                .into(),
        ),
        register: Some(Register::new(
            "Кому присуждено",
            &columns,
            shown.awards.iter().map(row).collect(),
        )),
        ..Block::default()
    }
}

/// The award of the title to those whom the results name.
fn awarding(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Block {
    let sent = Sent(&call.form);
    let today = call.app().clock.today();
    let values = |name: &str| {
        if wrong.is_empty() { date(today) } else { sent.text(name) }
    };
    let fill = Fill { values: &values, wrong };
    let check = |of: &Named| Check {
        value: of.person.to_string(),
        label: shown.called(of.person).0,
        meta: format!(
            "место {}, {}",
            place(of),
            count(of.voices, "голос", "голоса", "голосов")
        ),
        checked: call.form.all("person").any(|id| id == of.person.to_string()),
    };
    let named = shown.results.iter().flat_map(|results| &results.named);
    Block {
        title: "Присуждение звания".into(),
        text: Some(
            "Сколько человек наградить и кого из равных, решаете вы. Каждому появится запись о награде «Признание коллег».".into(),
        ),
        forms: vec![Form {
            action: format!("/votes/{}", shown.of.id),
            act: "award",
            seen: shown.of.version.to_string(),
            parts: vec![
                fill.checks("Отметьте, кому присудить звание", "person", named.map(check).collect()),
                fill.line("on", "Дата присуждения", Some("ДД.ММ.ГГГГ")),
            ],
            button: "Присудить звание".into(),
            ..Form::default()
        }],
        ..Block::default()
    }
}

/// POST /votes/{vote}: the title is awarded, or the vote taken back.
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let form = call.form.only_many(&["act", "seen", "on"], &["person"])?;
        let (sent, by) = (Sent(form), by(&call)?);
        // One that is not seen is not there.
        let id = look(&call).await?.of.id;
        let seen = sent.seen();
        type Write = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), Error> + Send>;
        let (write, act, to): (Write, &str, String) = match form.get("act") {
            Some("withdraw") => (
                Box::new(move |tx| opening::withdraw(tx, &by, id, seen)),
                "withdraw",
                "/votes?done=withdrawn".into(),
            ),
            Some("award") => {
                let mut persons = BTreeSet::new();
                for person in form.all("person") {
                    persons.insert(PersonId(person.parse().map_err(|_| missing())?));
                }
                let mut wrong: Vec<Wrong> = Vec::new();
                let Some(on) = sent.day("on", &mut wrong) else {
                    return page(&call, &wrong, None).await;
                };
                (
                    Box::new(move |tx| award::award(tx, &by, (id, seen), &persons, on)),
                    "award",
                    format!("/votes/{id}?done=awarded"),
                )
            }
            _ => return Err(missing()),
        };
        let write = move |tx: &mut Tx<'_>| write(tx).map(|()| String::new());
        match once_by_version(&call, write).await {
            Ok(_) => Ok(Answer::redirect(to)),
            Err(Error::Refused(why)) => {
                let field = match why.code {
                    "cycle.vote_award_day" => "on",
                    _ => "person",
                };
                page(&call, &[(field, capital(&format!("{why}.")))], None).await
            }
            Err(Error::Changed(what)) => Ok(page(&call, &clash(act, "person", &what), None).await?.status(409)),
            Err(e) => Err(e),
        }
    })
}

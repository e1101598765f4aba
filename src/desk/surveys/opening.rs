//! Opening a survey: its questions as they will be asked, its days, the act that approves it, how much time it takes of people.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::cycle::regulation::Regulation;
use crate::cycle::survey::opening::{self, Opening};
use crate::cycle::survey::store;
use crate::db::{AnyConn, Tx};
use crate::desk::cycle::named;
use crate::desk::once::once;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::desk::surveys::words;
use crate::error::Error;
use crate::indicators::pack_surveys::{PackSurvey, QuestionKind};
use crate::indicators::{Pack, load};
use crate::pages::parts::{Cell, Column, Link, Register};
use crate::pages::text::{capital, count, date};
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor, token};

struct Shown {
    pack: Arc<Pack>,
    of: PackSurvey,
    /// How many people it would ask.
    people: i64,
    acts: Vec<Regulation>,
}

fn load(c: &mut AnyConn, visitor: &Visitor, (pack, code): (&str, &str), today: NaiveDate) -> Result<Shown, Error> {
    let held = Held::of(c, visitor, today)?;
    let pack = load::in_force(c, pack)?.ok_or_else(missing)?;
    let of = pack.survey(code).cloned().ok_or_else(missing)?;
    Ok(Shown {
        people: store::people_asked(c, held.region, &of.audience, today)?,
        acts: named::acts(c, held.region)?,
        pack,
        of,
    })
}

async fn find(call: &Call) -> Result<Shown, Error> {
    let query = call.query.only(&["pack", "survey"])?;
    let given = |name: &str| query.get(name).map(str::to_owned).ok_or_else(missing);
    let (pack, code) = (given("pack")?, given("survey")?);
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    call.app()
        .db
        .read(move |c| load(c, &visitor, (&pack, &code), today))
        .await
}

/// GET /surveys/new
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let shown = find(&call).await?;
        page(&call, &shown, &[])
    })
}

/// The questions with what can be chosen.
fn questions(of: &PackSurvey) -> Register {
    let columns = [
        Column::words("Вопрос"),
        Column::words("Как отвечают"),
        Column::words("Ответы"),
    ];
    let row = |question: &crate::indicators::pack_surveys::Question| {
        let options = match question.kind {
            QuestionKind::Words => String::new(),
            _ => question.options.join(" / "),
        };
        vec![
            Cell::text(question.text.clone()),
            Cell::text(question.kind.label()),
            Cell::text(options),
        ]
    };
    Register::new("Что спросят", &columns, of.questions.iter().map(row).collect())
}

fn page(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Result<Answer, Error> {
    let (sent, again) = (Sent(&call.form), !wrong.is_empty());
    let usual = opening::usual(&shown.of, call.app().clock.today());
    let values = |name: &str| match (name, usual) {
        _ if again => sent.text(name),
        ("opens", Some((opens, _))) => date(opens),
        ("closes", Some((_, closes))) => date(closes),
        _ => String::new(),
    };
    let fill = Fill { values: &values, wrong };
    let to = [("pack", shown.pack.code.as_str()), ("survey", shown.of.code.as_str())];
    let sheet = Sheet {
        crumbs: vec![Link::new("Опросы", "/surveys")],
        heading: shown.of.title.clone(),
        lead: shown.pack.title.clone(),
        problems: problems(wrong),
        facts: vec![
            fact("Зачем", shown.of.guide.clone()),
            fact("Ответы", words::PROMISE),
            fact("Спросим", count(shown.people, "человека", "человека", "человек")),
            fact(
                "Нагрузка",
                format!(
                    "{} на человека, {} на всех",
                    words::minutes(shown.of.minutes),
                    words::minutes(shown.of.minutes.saturating_mul(shown.people))
                ),
            ),
        ],
        blocks: vec![
            Block {
                title: "Что спросят".into(),
                register: Some(questions(&shown.of)),
                ..Block::default()
            },
            Block {
                title: "Открыть опрос".into(),
                text: Some(
                    "Кого спрашивают, увидят опрос у себя в первый день. Итоги откроются на следующий день после последнего."
                        .into(),
                ),
                forms: vec![Form {
                    action: address("/surveys/new", to),
                    key: token::random_name()?,
                    parts: vec![
                        fill.line("opens", "Первый день", None),
                        fill.line("closes", "Последний день", None),
                        fill.choice("act", "Каким актом утверждён", Some("не выбран"), named::choices(&shown.acts)),
                    ],
                    button: "Открыть".into(),
                    ..Form::default()
                }],
                ..Block::default()
            },
        ],
        token: call.token(),
        ..Sheet::default()
    };
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if again {
        answer.status(422).title(format!("Ошибка: {}", shown.of.title))
    } else {
        answer.title(format!("Открыть опрос: {}", shown.of.title))
    })
}

/// POST /surveys/new
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let shown = find(&call).await?;
        call.form.only(&["key", "opens", "closes", "act"])?;
        let sent = Sent(&call.form);
        let mut wrong: Vec<Wrong> = Vec::new();
        let days = ["opens", "closes"].map(|name| sent.day(name, &mut wrong));
        let [Some(opens), Some(closes)] = days else {
            return page(&call, &shown, &wrong);
        };
        let regulation = named::chosen(&sent, "act")?;
        let said = Opening {
            pack: shown.pack.code.clone(),
            template: shown.of.code.clone(),
            opens,
            closes,
            regulation,
        };
        if let Some((field, refusal)) = said.refused(call.app().clock.today()) {
            return page(&call, &shown, &[(field, capital(&format!("{refusal}.")))]);
        }
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| Ok(opening::open(tx, &by, &said)?.to_string());
        match once(&call, write).await {
            Ok(id) => Ok(Answer::redirect(format!("/surveys/{id}?done=opened"))),
            Err(Error::Refused(why)) => page(&call, &shown, &[("opens", capital(&format!("{why}.")))]),
            Err(e) => Err(e),
        }
    })
}

//! «Самооценка»: a questionnaire topic by topic. Each page that is sent is saved, so one may break off and go on where one
//! stopped; the finish makes a passage that stands apart from formal results.

use serde::Serialize;

use crate::db::{AnyConn, Tx};
use crate::desk::plan::own_rows::{self, Own};
use crate::desk::plan::teacher::own;
use crate::desk::registers::page::{Wrong, problems};
use crate::desk::registers::reach::by;
use crate::diagnostics::questionnaire::Topic;
use crate::diagnostics::{own_answer, own_finish};
use crate::error::Error;
use crate::pages::parts::{Empty, Link, Problem};
use crate::pages::text::{capital, count, date};
use crate::web::address::address;
use crate::web::call::Fields;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// The address of the page.
const PAGE: &str = "/self-assessment";
/// What a form says of a statement that is not about the own work.
const BESIDE: &str = "none";

#[derive(Serialize)]
struct Line {
    title: String,
    href: String,
    /// How far the topic is.
    told: String,
}

#[derive(Serialize)]
struct Page {
    done: bool,
    problems: Vec<Problem>,
    lead: String,
    /// When it was finished last.
    last: Option<String>,
    /// The way to the first topic that is open.
    go: Option<Link>,
    /// Whether everything is answered.
    whole: bool,
    /// Topics of the attempt that goes on.
    topics: Vec<Line>,
    empty: Option<Empty>,
    token: String,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    text: String,
    chosen: bool,
}

#[derive(Serialize)]
struct Asked {
    code: String,
    text: String,
    choices: Vec<Choice>,
}

#[derive(Serialize)]
struct TopicPage {
    crumbs: Vec<Link>,
    heading: String,
    lead: String,
    code: String,
    round: String,
    statements: Vec<Asked>,
    last: bool,
    back: Option<Link>,
    token: String,
}

/// The address of a topic.
fn at(topic: &Topic) -> String {
    address(PAGE, [("topic", topic.code.as_str())])
}

/// GET /self-assessment: where one stands; with a topic, its statements; after one, the next.
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["topic", "after", "done"])?;
        let found = load(&call).await?;
        let topics = found.topics();
        let place = |name: &str| {
            let code = call.query.get(name)?;
            topics.iter().position(|t| t.code == code)
        };
        let wanted = place("topic").or_else(|| place("after").map(|n| n + 1));
        match wanted.filter(|n| *n < topics.len()) {
            Some(n) => topic(&call, &found, &topics, n),
            None => overview(&call, &found, &[]),
        }
    })
}

async fn load(call: &Call) -> Result<Own, Error> {
    match own(call)? {
        None => Ok(Own::default()),
        Some((region, person)) => {
            let read = move |c: &mut AnyConn| own_rows::load(c, region, person);
            call.app().db.read(read).await
        }
    }
}

fn statements(n: usize) -> String {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    count(n, "утверждение", "утверждения", "утверждений")
}

/// How long that many statements take: three in a minute.
fn minutes(statements: usize) -> String {
    let n = i64::try_from(statements.div_ceil(3)).unwrap_or(i64::MAX);
    count(n, "минуту", "минуты", "минут")
}

fn overview(call: &Call, found: &Own, wrong: &[Wrong]) -> Result<Answer, Error> {
    let topics = found.topics();
    let all: usize = topics.iter().map(|t| t.statement.len()).sum();
    let answered: usize = topics.iter().map(|t| found.answered(t)).sum();
    let begun = found.standing.begun.is_some();
    let open = topics.iter().find(|t| found.answered(t) < t.statement.len());
    let line = |topic: &&Topic| {
        let (done, of) = (found.answered(topic), topic.statement.len());
        Line {
            title: topic.title.clone(),
            href: at(topic),
            told: if done == of {
                "готово".into()
            } else {
                format!("{done}\u{A0}из\u{A0}{of}")
            },
        }
    };
    let last = found.standing.last.as_ref().and_then(|last| last.finished_at);
    let data = Page {
        done: call.query.get("done") == Some("finished"),
        problems: problems(wrong),
        lead: if begun {
            format!("Отвечено {answered} из {all}. Ответы сохранены: можно прерваться и продолжить в другой день.")
        } else {
            format!(
                "{} по темам, примерно на {}. Каждая страница сохраняется, прерваться можно в любой момент.",
                statements(all),
                minutes(all)
            )
        },
        last: last.map(|at| date((at + call.zone()).date())),
        go: open.map(|topic| {
            let text = match (begun, &found.standing.last) {
                (true, _) => format!("Продолжить: {}", topic.title),
                (false, Some(_)) => "Пройти ещё раз".to_owned(),
                (false, None) => "Начать".to_owned(),
            };
            Link::new(text, at(topic))
        }),
        whole: begun && open.is_none(),
        topics: if begun {
            topics.iter().map(line).collect()
        } else {
            Vec::new()
        },
        empty: topics.is_empty().then(|| {
            Empty::new(
                "Опросника пока нет",
                "Он появится, когда в регионе загрузят справочник компетенций.",
            )
        }),
        token: call.token(),
    };
    let answer = Answer::page("desk/own", &data)?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: самооценка")
    })
}

fn topic(call: &Call, found: &Own, topics: &[&Topic], n: usize) -> Result<Answer, Error> {
    let Some(topic) = topics.get(n) else {
        return Ok(Answer::redirect(PAGE));
    };
    let statements = topic.statement.iter().map(|statement| {
        let chosen = found.answers.get(&statement.code);
        let anchors = (0..).zip(&statement.anchors).map(|(value, text)| Choice {
            value: value.to_string(),
            text: text.clone(),
            chosen: chosen == Some(&Some(value)),
        });
        let beside = Choice {
            value: BESIDE.into(),
            text: "Это не моя работа".into(),
            chosen: chosen == Some(&None),
        };
        Asked {
            code: statement.code.clone(),
            text: statement.text.clone(),
            choices: anchors.chain([beside]).collect(),
        }
    });
    let data = TopicPage {
        crumbs: vec![Link::new("Самооценка", PAGE)],
        heading: topic.title.clone(),
        lead: format!(
            "Тема {} из {}. Выберите, что ближе к правде: ни маршрут, ни результаты диагностики от этого не меняются.",
            n + 1,
            topics.len()
        ),
        code: topic.code.clone(),
        round: found.standing.round().to_string(),
        statements: statements.collect(),
        last: n + 1 == topics.len(),
        back: n.checked_sub(1).and_then(|before| topics.get(before)).map(|before| {
            let text = format!("Назад: {}", before.title);
            Link::new(text, at(before))
        }),
        token: call.token(),
    };
    let title = format!("{}: самооценка", topic.title);
    Ok(Answer::page("desk/own_topic", &data)?.title(title))
}

/// Statements with what was said to each; nothing where it is not the own work.
type Said = Vec<(String, Option<i32>)>;

/// What a form says: its own fields and the statements.
fn said(form: &Fields) -> Result<(Fields, Said), Error> {
    let (own, rest): (Vec<_>, Vec<_>) = form
        .0
        .iter()
        .cloned()
        .partition(|(name, _)| ["topic", "round", "beside"].contains(&name.as_str()));
    let own = Fields(own);
    own.only(&["topic", "round", "beside"])?;
    let mut answers = Vec::with_capacity(rest.len());
    for (code, value) in rest {
        let value = match value.as_str() {
            BESIDE => None,
            anchor => Some(anchor.parse().map_err(|_| Error::form_changed())?),
        };
        answers.push((code, value));
    }
    Ok((own, answers))
}

/// POST /self-assessment/answer: a page is saved, and the next one follows.
pub fn answer(call: Call) -> Answering {
    Box::pin(async move {
        let (fields, answers) = said(&call.form)?;
        let topic = fields.get("topic").unwrap_or_default().to_owned();
        let round = fields
            .get("round")
            .and_then(|n| n.parse().ok())
            .ok_or_else(Error::form_changed)?;
        let Some((region, person)) = own(&call)? else {
            return Ok(Answer::redirect(PAGE));
        };
        let ask = own_answer::Ask {
            region,
            person,
            round,
            answers,
            beside: fields.get("beside").map(|_| topic.clone()),
            zone: call.zone(),
        };
        let write = move |tx: &mut Tx<'_>| own_answer::save(tx, &ask);
        match call.app().db.write(write).await {
            Ok(()) => Ok(Answer::redirect(address(PAGE, [("after", topic.as_str())]))),
            Err(Error::Refused(why)) => overview(&call, &load(&call).await?, &[("topics", sentence(&why))]),
            Err(e) => Err(e),
        }
    })
}

/// POST /self-assessment/finish
pub fn finish(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&[])?;
        let Some((_, person)) = own(&call)? else {
            return Ok(Answer::redirect(PAGE));
        };
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| own_finish::finish(tx, &by, person);
        match call.app().db.write(write).await {
            Ok(true) => Ok(Answer::redirect(address(PAGE, [("done", "finished")]))),
            Ok(false) => Ok(Answer::redirect(PAGE)),
            Err(Error::Refused(why)) => overview(&call, &load(&call).await?, &[("topics", sentence(&why))]),
            Err(e) => Err(e),
        }
    })
}

fn sentence(why: &crate::error::Refusal) -> String {
    capital(&format!("{why}."))
}

//! «Мои опросы»: what waits, answering it, what was answered. Answers are sent once, all together.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cycle::survey::answering::{self, Said};
use crate::cycle::survey::store::{self, Own};
use crate::cycle::survey::{Survey, SurveyId};
use crate::db::{AnyConn, Tx};
use crate::desk::plan::teacher::own;
use crate::desk::registers::reach::{by, missing};
use crate::desk::surveys::words;
use crate::error::Error;
use crate::indicators::pack_surveys::{Question, QuestionKind};
use crate::pages::parts::{Empty, Link, Problem};
use crate::pages::text::{capital, date};
use crate::planted;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct One {
    title: String,
    when: String,
    guide: String,
    promise: &'static str,
    /// The way to its questions, while it waits.
    go: Option<String>,
    minutes: String,
}

#[derive(Serialize)]
struct Page {
    done: bool,
    /// Whether a second answer came, which is not taken.
    already: bool,
    all: Vec<One>,
    empty: Empty,
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
    /// Whether several may be chosen.
    several: bool,
    /// Whether it is answered in words; with what was typed.
    words: Option<String>,
    choices: Vec<Choice>,
    problem: Option<String>,
}

#[derive(Serialize)]
struct Form {
    crumbs: Vec<Link>,
    problems: Vec<Problem>,
    heading: String,
    lead: String,
    promise: &'static str,
    action: String,
    questions: Vec<Asked>,
    token: String,
}

/// The name of the field of a question in a form.
const FIELD: &str = "q.";

async fn load(call: &Call) -> Result<Vec<Own>, Error> {
    let today = call.app().clock.today();
    match own(call)? {
        None => Ok(Vec::new()),
        Some((region, person)) => {
            let read = move |c: &mut AnyConn| store::own(c, region, person, today).map_err(Error::from);
            call.app().db.read(read).await
        }
    }
}

/// GET /my-surveys
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["done"])?;
        let today = call.app().clock.today();
        let one = |own: Own| One {
            when: match &own.answered {
                Some(answered) => format!("Вы ответили {}", date((answered.recorded_at + call.zone()).date())),
                None => format!("Ответить можно до {} включительно", date(own.of.closes_on)),
            },
            go: own
                .answered
                .is_none()
                .then(|| format!("/my-surveys/{}", own.of.id))
                .filter(|_| own.of.is_open(today)),
            promise: words::PROMISE,
            minutes: words::minutes(own.of.minutes.into()),
            title: own.of.title,
            guide: own.of.guide,
        };
        let data = Page {
            done: call.query.get("done") == Some("answered"),
            already: call.query.get("done") == Some("already"),
            all: load(&call).await?.into_iter().map(one).collect(),
            empty: Empty::new(
                "Опросов для вас нет",
                "Когда регион спросит мнение педагогов, вопросы появятся на этой странице.",
            ),
        };
        Answer::page("desk/my_surveys", &data)
    })
}

/// The survey of the address, if it asks the visitor.
async fn found(call: &Call) -> Result<Own, Error> {
    let id = SurveyId(call.id("survey")?);
    let all = load(call).await?;
    all.into_iter().find(|own| own.of.id == id).ok_or_else(missing)
}

/// GET /my-surveys/{survey}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let own = found(&call).await?;
        if own.answered.is_some() {
            return Ok(Answer::redirect("/my-surveys"));
        }
        form(&call, &own.of, &Said::new(), &BTreeMap::new())
    })
}

fn form(call: &Call, of: &Survey, said: &Said, wrong: &BTreeMap<String, String>) -> Result<Answer, Error> {
    let nothing = Vec::new();
    let asked = |question: Question| {
        let own = said.get(&question.code).unwrap_or(&nothing);
        let choice = |(place, text): (usize, &String)| {
            let value = place.to_string();
            Choice {
                chosen: own.contains(&value),
                text: text.clone(),
                value,
            }
        };
        Asked {
            several: question.kind == QuestionKind::Several,
            words: (question.kind == QuestionKind::Words).then(|| own.first().cloned().unwrap_or_default()),
            choices: question.options.iter().enumerate().map(choice).collect(),
            problem: wrong.get(&question.code).cloned(),
            code: format!("{FIELD}{}", question.code),
            text: question.text,
        }
    };
    let questions: Vec<Asked> = of.questions()?.into_iter().map(asked).collect();
    let problems: Vec<Problem> = questions
        .iter()
        .filter(|q| q.problem.is_some())
        .map(|q| Problem {
            field: "questions",
            text: format!("{} {}", q.text, q.problem.clone().unwrap_or_default()),
        })
        .collect();
    let refused = !problems.is_empty();
    let data = Form {
        crumbs: vec![Link::new("Мои опросы", "/my-surveys")],
        problems,
        heading: of.title.clone(),
        lead: of.guide.clone(),
        promise: words::PROMISE,
        action: format!("/my-surveys/{}", of.id),
        questions,
        token: call.token(),
    };
    let answer = Answer::page("desk/my_survey", &data)?;
    Ok(if refused {
        answer.status(422).title(format!("Ошибка: {}", of.title))
    } else {
        answer.title(format!("Опрос: {}", of.title))
    })
}

/// What a form says, question by question.
fn said(call: &Call, questions: &[Question]) -> Result<Said, Error> {
    let mut found = Said::new();
    for (name, value) in &call.form.0 {
        let code = name.strip_prefix(FIELD).ok_or_else(Error::form_changed)?;
        if !questions.iter().any(|question| question.code == code) {
            return Err(Error::form_changed());
        }
        found.entry(code.to_owned()).or_default().push(value.clone());
    }
    Ok(found)
}

/// POST /my-surveys/{survey}: all answers together, once.
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let Own { of, answered } = found(&call).await?;
        if answered.is_some() && !planted!("answered_twice") {
            return Ok(Answer::redirect("/my-surveys?done=already"));
        }
        let questions = of.questions()?;
        let said = said(&call, &questions)?;
        let nothing = Vec::new();
        let wrong: BTreeMap<String, String> = questions
            .iter()
            .filter_map(|question| {
                let own = said.get(&question.code).unwrap_or(&nothing);
                let why = answering::refused(question, own)?;
                Some((question.code.clone(), capital(&format!("{why}."))))
            })
            .collect();
        if !wrong.is_empty() {
            return form(&call, &of, &said, &wrong);
        }
        let (_, person) = own(&call)?.ok_or_else(missing)?;
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| answering::answer(tx, &by, person, of.id, &said);
        let done = if call.app().db.write(write).await? {
            "answered"
        } else {
            "already"
        };
        Ok(Answer::redirect(format!("/my-surveys?done={done}")))
    })
}

//! Closing a plan that was carried out: an outcome for each deficit, a conclusion, a look at the answers, and one act of
//! all of it.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use crate::access;
use crate::db::schema::diagnosis;
use crate::db::text_keys::clean;
use crate::db::{AnyConn, DbError};
use crate::desk::plan::acts::{self, Wanted};
use crate::desk::plan::card::{self, Door, Opened, Wrong, missing};
use crate::desk::plan::rows::PlanRows;
use crate::diagnostics::DiagnosisKind;
use crate::error::{Error, Refusal};
use crate::iom::{ActKind, DeficitOutcome, IomState, ItemState};
use crate::pages::parts::{Choice, Fact, Link};
use crate::pages::text::{capital, date};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// One deficit of the form.
#[derive(Debug, Serialize)]
struct Judged {
    id: String,
    name: String,
    now: String,
    choices: Vec<Choice>,
    problem: Option<String>,
}

#[derive(Serialize)]
struct Form {
    crumbs: Vec<Link>,
    heading: String,
    action: String,
    seen: String,
    token: String,
    problems: Vec<Wrong>,
    card: String,
    open_items: Vec<Link>,
    deficits: Vec<Judged>,
    follow_up: Option<String>,
    conclusion: String,
    conclusion_problem: Option<String>,
}

#[derive(Serialize)]
struct Check {
    crumbs: Vec<Link>,
    heading: String,
    action: String,
    token: String,
    facts: Vec<Fact>,
    hidden: Vec<(String, String)>,
}

/// What was typed, or what stands already.
struct Answers {
    outcomes: Vec<Option<DeficitOutcome>>,
    conclusion: String,
}

impl Answers {
    fn known(rows: &PlanRows) -> Self {
        Self {
            outcomes: rows.deficits.iter().map(|d| d.outcome).collect(),
            conclusion: String::new(),
        }
    }

    fn typed(call: &Call, rows: &PlanRows) -> Result<Self, Error> {
        let names: Vec<String> = rows.deficits.iter().map(|d| field(d.id.0)).collect();
        let mut known: Vec<&str> = names.iter().map(String::as_str).collect();
        known.extend(["conclusion", "sure", "seen"]);
        let fields = call.form.only(&known)?;
        Ok(Self {
            outcomes: names
                .iter()
                .map(|name| fields.get(name).and_then(DeficitOutcome::from_code))
                .collect(),
            conclusion: fields.get("conclusion").map(clean).unwrap_or_default(),
        })
    }
}

fn field(deficit: i64) -> String {
    format!("outcome-{deficit}")
}

fn show(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (opened, follow_up) = open(&call, door).await?;
        let answers = Answers::known(&opened.rows);
        form(&call, door, &opened, &answers, (follow_up, Vec::new()))
    })
}

/// Shows the answers; with `sure` closes.
fn close(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        let (opened, follow_up) = open(&call, door).await?;
        let answers = Answers::typed(&call, &opened.rows)?;
        let mut problems: Vec<Wrong> = opened
            .rows
            .deficits
            .iter()
            .zip(&answers.outcomes)
            .filter(|(_, outcome)| outcome.is_none())
            .map(|(d, _)| wrong(field(d.id.0), format!("Выберите итог: {}", d.name)))
            .collect();
        if answers.conclusion.is_empty() && follow_up.is_none() {
            let said = "Напишите заключение: повторной диагностики после утверждения нет";
            problems.push(wrong("conclusion".into(), said.into()));
        }
        if !problems.is_empty() {
            return form(&call, door, &opened, &answers, (follow_up, problems));
        }
        if call.form.get("sure") != Some("yes") {
            return check(&call, door, &opened, &answers, follow_up);
        }
        match acts::all(call.app(), wanted(&call, &opened.rows, &answers)?).await {
            Ok(()) => {
                let done = ActKind::CloseCompleted.code();
                let card = card_of(door, &opened);
                Ok(Answer::redirect(format!("{card}?done={done}")))
            }
            Err(Error::Refused(why)) => {
                let problems = vec![wrong("conclusion".into(), capital(&why.to_string()))];
                form(&call, door, &opened, &answers, (follow_up, problems))
            }
            Err(other) => Err(other),
        }
    })
}

/// GET /people/{plan}/close
pub fn show_supported(call: Call) -> Answering {
    show(call, Door::Support)
}

/// POST /people/{plan}/close
pub fn close_supported(call: Call) -> Answering {
    close(call, Door::Support)
}

/// GET /composed/{plan}/close
pub fn show_composed(call: Call) -> Answering {
    show(call, Door::Composed)
}

/// POST /composed/{plan}/close
pub fn close_composed(call: Call) -> Answering {
    close(call, Door::Composed)
}

/// The address of the card.
fn card_of(door: Door, of: &Opened) -> String {
    format!("{}/{}", door.base(), of.rows.plan.id)
}

fn wrong(field: String, text: String) -> Wrong {
    Wrong { field, text }
}

/// Whoever may not close the plan finds nothing here.
fn may_close(opened: &Opened) -> Result<(), Error> {
    if opened.possible.can_close {
        return Ok(());
    }
    let state = opened.rows.plan.state;
    if state != IomState::Closed || !opened.possible.closes {
        return Err(missing());
    }
    let why = Refusal::new("iom.wrong_state").with("state", state.label());
    Err(why.with("act", ActKind::CloseCompleted.label()).into())
}

/// The card's plan, when this visitor may close it, and the repeated diagnosis that counts.
async fn open(call: &Call, door: Door) -> Result<(Opened, Option<NaiveDate>), Error> {
    let opened = card::open_if(call, door, may_close).await?;
    let plan = opened.rows.plan.clone();
    let approved = opened
        .rows
        .acts
        .iter()
        .find(|a| a.act == ActKind::Approve)
        .map(|a| a.on);
    let find = move |c: &mut AnyConn| -> Result<Option<NaiveDate>, DbError> {
        let held: Vec<NaiveDate> = diagnosis::table
            .filter(diagnosis::region_id.eq(plan.region_id))
            .filter(diagnosis::person_id.eq(plan.person_id))
            .filter(diagnosis::kind.eq(DiagnosisKind::FollowUp))
            .filter(diagnosis::withdrawn_at.is_null())
            .select(diagnosis::held_on)
            .load(c)?;
        Ok(held
            .into_iter()
            .filter(|on| approved.is_none_or(|day| *on >= day))
            .max())
    };
    let follow_up = call.app().db.read(find).await?;
    Ok((opened, follow_up))
}

/// Outcomes that are not recorded yet, then the closing: done together or not at all.
fn wanted(call: &Call, rows: &PlanRows, answers: &Answers) -> Result<Vec<Wanted>, Error> {
    let seen = acts::seen(&call.form)?;
    let by = access::author(call.visitor()?);
    let one = |kind, value: String, reason: String| Wanted {
        region: rows.plan.region_id,
        person: rows.plan.person_id,
        kind,
        item: None,
        by: by.clone(),
        value,
        reason,
        seen: Some(seen),
        plan: Some(rows.plan.id),
        change: None,
    };
    let mut acts = Vec::new();
    for (deficit, outcome) in rows.deficits.iter().zip(&answers.outcomes) {
        if let Some(outcome) = outcome.filter(|o| deficit.outcome != Some(*o)) {
            let value = format!("{}:{}", deficit.code, outcome.code());
            acts.push(one(ActKind::Outcome, value, String::new()));
        }
    }
    acts.push(one(ActKind::CloseCompleted, String::new(), answers.conclusion.clone()));
    Ok(acts)
}

/// The version that the answers rest on: of the page where they were begun.
fn seen(call: &Call, of: &Opened) -> String {
    let begun = call.form.get("seen").map(str::to_owned);
    begun.unwrap_or_else(|| of.rows.plan.version.to_string())
}

fn crumbs(door: Door, of: &Opened) -> Vec<Link> {
    vec![door.crumb(), Link::new(of.who.short.clone(), card_of(door, of))]
}

fn form(
    call: &Call,
    door: Door,
    of: &Opened,
    answers: &Answers,
    (follow_up, problems): (Option<NaiveDate>, Vec<Wrong>),
) -> Result<Answer, Error> {
    let problem = |id: &str| problems.iter().find(|p| p.field == id).map(|p| p.text.clone());
    let deficits = of.rows.deficits.iter().zip(&answers.outcomes).map(|(deficit, chosen)| {
        let id = field(deficit.id.0);
        Judged {
            problem: problem(&id),
            name: deficit.name.clone(),
            // Levels and scores stay with the teacher and the supporters.
            now: [
                (door != Door::Composed).then(|| format!("было: {}, {}\u{A0}%", deficit.level, deficit.percent)),
                deficit
                    .before
                    .map(|of| format!("итог прежнего закрытия: {}", of.label())),
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("; "),
            choices: DeficitOutcome::ALL
                .iter()
                .map(|outcome| Choice {
                    value: outcome.code().to_owned(),
                    label: capital(outcome.label()),
                    chosen: *chosen == Some(*outcome),
                })
                .collect(),
            id,
        }
    });
    let open_items = of.rows.items.iter().filter(|i| i.mandatory && !i.state.is_settled());
    let open_items = open_items.filter(|i| i.state != ItemState::Cancelled);
    let heading = format!("Закрыть маршрут: {}", of.who.short);
    let card = card_of(door, of);
    let data = Form {
        crumbs: crumbs(door, of),
        action: format!("{card}/close"),
        seen: seen(call, of),
        token: call.token(),
        // Refused on sending, the form stays with what was typed.
        open_items: open_items
            .filter(|_| problems.is_empty())
            .map(|i| Link::new(i.title.clone(), format!("{card}#item-{}", i.number)))
            .collect(),
        card: card.clone(),
        deficits: deficits.collect(),
        follow_up: follow_up.map(date),
        conclusion: answers.conclusion.clone(),
        conclusion_problem: problem("conclusion"),
        heading: heading.clone(),
        problems: problems.clone(),
    };
    let answer = Answer::page("desk/closing", &data)?;
    Ok(if problems.is_empty() {
        answer.title(heading)
    } else {
        answer.status(422).title(format!("Ошибка: {heading}"))
    })
}

fn check(
    call: &Call,
    door: Door,
    of: &Opened,
    answers: &Answers,
    follow_up: Option<NaiveDate>,
) -> Result<Answer, Error> {
    let fact = |name: &str, value: String| Fact {
        name: name.to_owned(),
        value,
        change: None,
    };
    let chosen = || of.rows.deficits.iter().zip(answers.outcomes.iter().flatten());
    let mut facts: Vec<Fact> = chosen()
        .map(|(deficit, outcome)| fact(&deficit.name, outcome.label().to_owned()))
        .collect();
    if let Some(on) = follow_up {
        facts.push(fact("Повторная диагностика", date(on)));
    }
    if !answers.conclusion.is_empty() {
        facts.push(fact("Заключение", answers.conclusion.clone()));
    }
    let mut hidden: Vec<(String, String)> = chosen()
        .map(|(deficit, outcome)| (field(deficit.id.0), outcome.code().to_owned()))
        .collect();
    hidden.push(("conclusion".into(), answers.conclusion.clone()));
    hidden.push(("seen".into(), seen(call, of)));
    let heading = format!("Проверьте итоги: {}", of.who.short);
    let data = Check {
        crumbs: crumbs(door, of),
        heading: heading.clone(),
        action: format!("{}/close", card_of(door, of)),
        token: call.token(),
        facts,
        hidden,
    };
    Ok(Answer::page("desk/closing_check", &data)?.title(heading))
}

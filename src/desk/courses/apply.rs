//! «Записаться»: check answers, the application, its confirmation; and «Мои заявки». An application serves a step of
//! the plan: the act itself decides, the pages say it in words beforehand.

use chrono::NaiveDate;
use serde::Serialize;

use crate::access;
use crate::catalogue::ProgrammeId;
use crate::db::{AnyConn, DbError};
use crate::desk::courses::applications_rows;
use crate::desk::courses::rows::{self, Course, OwnPlan};
use crate::desk::plan::acts::{self, Wanted};
use crate::desk::plan::teacher::own;
use crate::enrolment::{Enrolment, EnrolmentState};
use crate::error::Error;
use crate::iom::{ActKind, IomState, Item};
use crate::pages::parts::{Button, Cell, Chip, Column, Empty, Fact, Link, NextStep, Register, Tone};
use crate::pages::text::{NOTHING, capital, date, day};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// Why a course cannot be applied for now, or the step that it serves.
fn step<'a>(
    course: &Course,
    plan: Option<&'a OwnPlan>,
) -> Result<(&'a OwnPlan, &'a Item), (&'static str, &'static str)> {
    let Some(own) = plan else {
        return Err((
            "Сначала нужен маршрут",
            "Заявка подаётся по шагу маршрута. ЦНППМ составит его после диагностики, если найдутся дефициты.",
        ));
    };
    let Some(item) = own.item(course.programme.id) else {
        return Err((
            "Этого курса нет в вашем маршруте",
            "Заявка подаётся по шагу маршрута. Если курс вам нужен, напишите тьютору или куратору: его добавят шагом.",
        ));
    };
    if item.state.is_settled() {
        return Err((
            "Этот шаг уже пройден",
            "Он зачтён в вашем маршруте, новая заявка не нужна.",
        ));
    }
    match own.plan.state {
        IomState::Approved | IomState::Active => Ok((own, item)),
        IomState::Paused => Err((
            "Маршрут приостановлен",
            "Записаться можно будет, когда куратор возобновит его вместе с вами.",
        )),
        _ => Err((
            "Маршрут ещё не утверждён",
            "Записаться можно будет после вашего согласия и утверждения в ЦНППМ.",
        )),
    }
}

/// What is next about a course: apply, wait, or why not.
pub(crate) fn next(course: &Course, plan: Option<&OwnPlan>, sent: Option<&Enrolment>, today: NaiveDate) -> NextStep {
    let link = |text: &str, tail: &str| Some(Button::link(text, format!("/courses/{}{tail}", course.programme.id)));
    if let Some(sent) = sent.filter(|s| s.state.is_live()) {
        return NextStep {
            kicker: format!("Заявка подана {}", day(sent.applied_on, today)),
            title: capital(state_words(sent.state)),
            text: waits_for(sent.state).to_owned(),
            button: link("Открыть заявку", "/applied"),
        };
    }
    match step(course, plan) {
        Ok((own, item)) => {
            let due = item
                .due_on
                .map_or_else(String::new, |on| format!(", пройти до {}", day(on, today)));
            NextStep {
                kicker: format!("Шаг {} вашего маршрута{due}", item.number),
                title: "Записаться на курс".into(),
                text: match own.topics.get(&item.number) {
                    Some(topic) => format!("Он подобран по теме «{topic}». Директор согласует заявку, ЦНППМ зачислит."),
                    None => "Директор согласует заявку, ЦНППМ зачислит.".into(),
                },
                button: link("Записаться", "/apply"),
            }
        }
        Err((title, text)) => NextStep {
            kicker: "Запись на курс".into(),
            title: title.into(),
            text: text.into(),
            button: Some(Button::link("Открыть мой маршрут", "/plan")),
        },
    }
}

fn state_words(state: EnrolmentState) -> &'static str {
    match state {
        EnrolmentState::Applied => "ждёт согласия директора",
        EnrolmentState::Agreed => "согласована директором",
        EnrolmentState::Refused => "отклонена",
        EnrolmentState::Waitlisted => "в очереди на место",
        EnrolmentState::Enrolled => "вы зачислены",
        EnrolmentState::Completed => "курс пройден",
        EnrolmentState::Expelled => "отчислены с курса",
        EnrolmentState::Withdrawn => "отозвана",
    }
}

fn waits_for(state: EnrolmentState) -> &'static str {
    match state {
        EnrolmentState::Applied => "Заявка у директора. После согласия ЦНППМ зачислит вас на курс.",
        EnrolmentState::Agreed => "ЦНППМ зачислит вас на курс. Делать ничего не нужно.",
        EnrolmentState::Waitlisted => "Место появится, и ЦНППМ зачислит вас.",
        EnrolmentState::Enrolled => "Учитесь. Когда курс закончится, удостоверение закроет шаг маршрута.",
        EnrolmentState::Completed => "Удостоверение закрыло шаг маршрута.",
        EnrolmentState::Refused => "Прочитайте причину. Можно подать заявку снова.",
        EnrolmentState::Expelled | EnrolmentState::Withdrawn => "Можно подать заявку снова.",
    }
}

/// What the pages of an application read.
struct Read {
    course: Course,
    plan: Option<OwnPlan>,
    sent: Option<Enrolment>,
    /// How often the applications for this course have changed.
    seen: i32,
    heads: Vec<String>,
}

async fn read(call: &Call) -> Result<Read, Error> {
    let wanted = ProgrammeId(call.id("programme")?);
    let missing = || Error::NotFound("курс".into());
    let (region, person) = own(call)?.ok_or_else(missing)?;
    let today = call.app().clock.today();
    let load = move |c: &mut AnyConn| -> Result<_, DbError> {
        let plan = rows::own_plan(c, region, person)?;
        let course = rows::courses(c, region, plan.as_ref(), Some(wanted))?;
        let sent = rows::application(c, region, person, wanted)?;
        let heads = rows::heads(c, region, person, today)?;
        let seen = applications_rows::versions(c, region, &[person])?.remove(&(person, wanted));
        Ok((plan, course.into_iter().next(), (sent, seen.unwrap_or_default()), heads))
    };
    let (plan, course, (sent, seen), heads) = call.app().db.read(load).await?;
    Ok(Read {
        course: course.ok_or_else(missing)?,
        plan,
        sent,
        seen,
        heads,
    })
}

fn director(heads: &[String]) -> String {
    if heads.is_empty() {
        "директор вашей организации".into()
    } else {
        heads.join(", ")
    }
}

#[derive(Serialize)]
struct CheckPage {
    course: Link,
    facts: Vec<Fact>,
    problem: Option<NextStep>,
    send: String,
    seen: i32,
    token: String,
}

/// GET /courses/{programme}/apply: check answers.
pub fn check(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let today = call.app().clock.today();
        let read = read(&call).await?;
        let id = read.course.programme.id;
        if read.sent.as_ref().is_some_and(|s| s.state.is_live()) {
            return Ok(Answer::redirect(format!("/courses/{id}/applied")));
        }
        let found = step(&read.course, read.plan.as_ref());
        let fact = |name: &str, value: String| Fact {
            name: name.to_owned(),
            value,
            change: None,
        };
        let (facts, problem) = match found {
            Err(_) => (Vec::new(), Some(next(&read.course, read.plan.as_ref(), None, today))),
            Ok((own, item)) => {
                let facts = vec![
                    fact("Курс", read.course.programme.name.clone()),
                    fact("Объём", format!("{}\u{A0}ч", read.course.programme.hours)),
                    fact(
                        "Форма",
                        read.course.programme.form.map_or(NOTHING, |f| f.label()).to_owned(),
                    ),
                    fact(
                        "Организация",
                        read.course.provider.clone().unwrap_or_else(|| NOTHING.into()),
                    ),
                    fact(
                        "Шаг маршрута",
                        format!("{}, маршрут № {}", item.number, own.plan.number),
                    ),
                    fact(
                        "Тема",
                        own.topics.get(&item.number).cloned().unwrap_or_else(|| NOTHING.into()),
                    ),
                    fact("Пройти до", item.due_on.map_or_else(|| NOTHING.into(), date)),
                    fact("Кто согласует", director(&read.heads)),
                ];
                (facts, None)
            }
        };
        let name = read.course.programme.name.clone();
        let data = CheckPage {
            course: Link::new(name.clone(), format!("/courses/{id}")),
            facts,
            problem,
            send: format!("/courses/{id}/apply"),
            seen: read.seen,
            token: call.token(),
        };
        Ok(Answer::page("desk/apply", &data)?.title(format!("Заявка на курс: {name}")))
    })
}

/// POST /courses/{programme}/apply. An application that stands already is shown, not sent again.
pub fn send(call: Call) -> Answering {
    Box::pin(async move {
        let seen = acts::seen(call.form.only(&["seen"])?)?;
        let (region, person) = own(&call)?.ok_or_else(|| Error::NotFound("курс".into()))?;
        let read = read(&call).await?;
        let to = format!("/courses/{}", read.course.programme.id);
        if read.sent.as_ref().is_some_and(|s| s.state.is_live()) {
            return Ok(Answer::redirect(format!("{to}/applied")));
        }
        let Ok((_, item)) = step(&read.course, read.plan.as_ref()) else {
            // The page says in words why not.
            return Ok(Answer::redirect(format!("{to}/apply")));
        };
        let wanted = Wanted {
            region,
            person,
            kind: ActKind::Apply,
            item: Some(item.number),
            by: access::author(call.visitor()?),
            value: String::new(),
            reason: String::new(),
            seen: Some(seen),
            plan: read.plan.as_ref().map(|own| own.plan.id),
            change: None,
        };
        match acts::act(call.app(), wanted).await {
            Err(Error::Refused(why)) if why.code == "enrolment.stands" => {}
            done => done?,
        }
        Ok(Answer::redirect(format!("{to}/applied")))
    })
}

#[derive(Serialize)]
struct AppliedPage {
    heading: String,
    text: String,
    next: Vec<String>,
    facts: Vec<Fact>,
}

/// GET /courses/{programme}/applied: the confirmation.
pub fn applied(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let read = read(&call).await?;
        let sent = read.sent.ok_or_else(|| Error::NotFound("заявка".into()))?;
        let name = read.course.programme.name;
        let step = read.plan.as_ref().and_then(|own| {
            let item = own.items.iter().find(|i| Some(i.id) == sent.item_id)?;
            Some((own.plan.number.clone(), item.number))
        });
        let heading = match &step {
            Some((plan, item)) => format!("Заявка № {plan}/{item}"),
            None => "Заявка".to_owned(),
        };
        let next = match sent.state {
            EnrolmentState::Applied => vec![
                format!("Заявку согласует {}.", director(&read.heads)),
                "ЦНППМ зачислит вас на курс.".to_owned(),
                "Когда курс закончится, удостоверение закроет шаг маршрута.".to_owned(),
            ],
            state => vec![waits_for(state).to_owned()],
        };
        let data = AppliedPage {
            text: format!("{name}: {}", state_words(sent.state)),
            heading: heading.clone(),
            next,
            facts: vec![
                Fact {
                    name: "Подана".into(),
                    value: date(sent.applied_on),
                    change: None,
                },
                Fact {
                    name: "Объём".into(),
                    value: format!("{}\u{A0}ч", read.course.programme.hours),
                    change: None,
                },
            ],
        };
        Ok(Answer::page("desk/applied", &data)?.title(heading))
    })
}

#[derive(Serialize)]
struct OwnPage {
    register: Option<Register>,
    empty: Empty,
}

/// GET /my-applications
pub fn own_applications(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let rows = match own(&call)? {
            None => Vec::new(),
            Some((region, person)) => {
                call.app()
                    .db
                    .read(move |c: &mut AnyConn| -> Result<_, DbError> { rows::applications(c, region, person) })
                    .await?
            }
        };
        let columns = [
            Column::words("Курс"),
            Column::words("Шаг маршрута"),
            Column::figures("Подана"),
            Column::words("Что с ней"),
            Column::words("Состояние"),
        ];
        let rows: Vec<Vec<Cell>> = rows
            .into_iter()
            .map(|a| {
                let tone = match a.state {
                    EnrolmentState::Applied | EnrolmentState::Waitlisted => Tone::Wait,
                    EnrolmentState::Agreed | EnrolmentState::Enrolled | EnrolmentState::Completed => Tone::Done,
                    EnrolmentState::Refused | EnrolmentState::Expelled => Tone::Late,
                    EnrolmentState::Withdrawn => Tone::Calm,
                };
                let told = matches!(a.state, EnrolmentState::Refused | EnrolmentState::Withdrawn);
                let about = match a.reason.filter(|_| told) {
                    Some(reason) => format!("{}, причина: {reason}", date(a.changed_on)),
                    None => waits_for(a.state).to_owned(),
                };
                let step = a
                    .step
                    .map_or_else(|| NOTHING.to_owned(), |(plan, item)| format!("{plan}/{item}"));
                vec![
                    Cell::link(
                        format!("{}, {}\u{A0}ч", a.course, a.hours),
                        format!("/courses/{}", a.programme),
                    ),
                    Cell::text(step),
                    Cell::text(date(a.applied_on)),
                    Cell::text(about),
                    Cell::chip(Chip::new(tone, state_words(a.state))),
                ]
            })
            .collect();
        let mut empty = Empty::new(
            "Заявок пока нет",
            "Выберите курс своего маршрута и запишитесь: заявка появится здесь.",
        );
        empty.action = Some(Link::new("Открыть каталог курсов", "/courses"));
        let data = OwnPage {
            register: (!rows.is_empty()).then(|| Register::new("Мои заявки", &columns, rows)),
            empty,
        };
        Answer::page("desk/my_applications", &data)
    })
}

//! One vacancy: what its list says of it. Whoever loads the lists changes its rate, its last day and its link here.

use crate::activity::vacancy::{self, Content};
use crate::db::milli::Milli;
use crate::db::{AnyConn, Tx};
use crate::desk::once::once_by_version;
use crate::desk::registers::page::{
    Block, Fill, Form, Part, Sent, Sheet, Wrong, clash, compared, days, fact, problems,
};
use crate::desk::registers::reach::{Held, by, missing};
use crate::desk::workforce::vacancies::decimal;
use crate::error::Error;
use crate::pages::parts::Link;
use crate::pages::text::{capital, date};
use crate::people::vacancy::{Vacancy, VacancyId, standing};
use crate::web::call::Fields;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, Visitor};

struct Shown {
    held: Held,
    of: Vacancy,
    /// Whether the visitor loads the lists.
    keeps: bool,
}

fn load(c: &mut AnyConn, visitor: &Visitor, id: VacancyId, today: chrono::NaiveDate) -> Result<Shown, Error> {
    let held = Held::of(c, visitor, today)?;
    let of = standing(c, held.region, id)?.ok_or_else(missing)?;
    let own = held.bounds.organisations.as_ref();
    if own.is_some_and(|own| !own.contains(&of.organisation_id)) {
        return Err(missing());
    }
    Ok(Shown {
        held,
        of,
        keeps: visitor.may(Capability::Upload),
    })
}

async fn find(call: &Call) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let id = VacancyId(call.id("vacancy")?);
    call.app().db.read(move |c| load(c, &visitor, id, today)).await
}

/// GET /vacancies/{vacancy}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["done"])?;
        let done = (query.get("done") == Some("changed")).then_some("Изменения записаны");
        let shown = find(&call).await?;
        page(&call, &shown, &[], done)
    })
}

fn page(call: &Call, shown: &Shown, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    let sheet = sheet(call, shown, wrong, done);
    let title = sheet.heading.clone();
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.status(422).title(format!("Ошибка: {title}"))
    })
}

/// The last day of a vacancy.
fn last(of: &Vacancy) -> Option<chrono::NaiveDate> {
    of.valid_to.and_then(|to| to.pred_opt())
}

fn rate(of: &Vacancy) -> String {
    of.rate_milli.map_or_else(String::new, |r| decimal(i64::from(r.0)))
}

/// How a vacancy is called.
pub(crate) fn called(of: &Vacancy) -> String {
    if of.subject.is_empty() {
        capital(&of.position)
    } else {
        format!("{}: {}", capital(&of.position), of.subject)
    }
}

fn sheet(call: &Call, shown: &Shown, wrong: &[Wrong], done: Option<&'static str>) -> Sheet {
    let of = &shown.of;
    let facts = vec![
        fact("Организация", shown.held.name(Some(of.organisation_id))),
        fact("Должность", of.position.clone()),
        fact("Предмет", of.subject.clone()),
        fact("Свободных ставок", rate(of)),
        fact("Открыта", days(of.valid_from, last(of))),
        fact("Перечень", of.source.label()),
        fact("Ссылка", of.link.clone().unwrap_or_default()),
    ];
    let lead = if shown.keeps {
        String::new()
    } else {
        "Перечни вакансий ведёт региональный оператор: об ошибке сообщите ему.".into()
    };
    Sheet {
        crumbs: vec![Link::new("Вакансии", "/vacancies")],
        heading: called(of),
        lead,
        done,
        problems: problems(wrong),
        facts,
        blocks: if shown.keeps {
            vec![keeping(call, of, wrong)]
        } else {
            Vec::new()
        },
        token: call.token(),
        ..Sheet::default()
    }
}

/// The form of a change, over what is stored or what was typed.
fn keeping(call: &Call, of: &Vacancy, wrong: &[Wrong]) -> Block {
    let stored = |name: &str| stored(of, name);
    let sent = Sent(&call.form);
    let again = call.form.get("act") == Some("change");
    let typed = |name: &str| if again { sent.text(name) } else { stored(name) };
    let change = parts(&Fill { values: &typed, wrong });
    let now = parts(&Fill {
        values: &stored,
        wrong: &[],
    });
    Block {
        title: "Ведение".into(),
        text: Some(
            "Организация, должность, предмет, первый день и перечень не меняются: по ним загрузка находит вакансию."
                .into(),
        ),
        register: compared(&now, &change, wrong, false),
        forms: vec![Form {
            action: format!("/vacancies/{}", of.id),
            act: "change",
            seen: of.id.to_string(),
            folded: "Изменить".into(),
            open: again && !wrong.is_empty(),
            parts: change,
            button: "Записать".into(),
            ..Form::default()
        }],
        ..Block::default()
    }
}

/// What a field of the form says of a vacancy that is stored.
pub(crate) fn stored(of: &Vacancy, name: &str) -> String {
    match name {
        "rate" => rate(of),
        "to" => last(of).map_or_else(String::new, date),
        "page" => of.link.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

fn parts(fill: &Fill<'_>) -> Vec<Part> {
    vec![
        fill.line(
            "rate",
            "Свободных ставок",
            Some("Больше нуля и не больше 10; пусто — не указано"),
        ),
        fill.line("to", "Последний день", Some("Пусто — вакансия открыта")),
        fill.line("page", "Ссылка", None),
    ]
}

/// What was typed, or what is wrong with it.
pub(crate) fn read(form: &Fields, of: &Vacancy) -> Result<Content, Vec<Wrong>> {
    let sent = Sent(form);
    let mut wrong: Vec<Wrong> = Vec::new();
    let rate = sent.some("rate").map(|text| Milli::parse(&text));
    if rate == Some(None) {
        wrong.push(("rate", "Напишите число, например 1 или 0,5.".into()));
    }
    let said = Content {
        rate_milli: rate.flatten(),
        last: sent.maybe_day("to", &mut wrong),
        link: sent.link("page", &mut wrong),
    };
    if let Some((field, refusal)) = said.refused(of) {
        wrong.push((field, capital(&format!("{refusal}."))));
    }
    if wrong.is_empty() { Ok(said) } else { Err(wrong) }
}

/// POST /vacancies/{vacancy}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let form = call.form.only(&["act", "seen", "rate", "to", "page"])?;
        let shown = find(&call).await?;
        if !shown.keeps || form.get("act") != Some("change") {
            return Err(missing());
        }
        let said = match read(form, &shown.of) {
            Ok(said) => said,
            Err(wrong) => return page(&call, &shown, &wrong, None),
        };
        let seen = VacancyId(form.get("seen").and_then(|n| n.parse().ok()).unwrap_or_default());
        let (by, of) = (by(&call)?, shown.of.clone());
        let write = move |tx: &mut Tx<'_>| Ok(vacancy::change(tx, &by, &of, seen, &said)?.to_string());
        match once_by_version(&call, write).await {
            Ok(id) => Ok(Answer::redirect(format!("/vacancies/{id}?done=changed"))),
            Err(Error::Refused(why)) => page(&call, &shown, &[("rate", capital(&format!("{why}.")))], None),
            Err(Error::Changed(what)) => {
                // What stands now, beside what was typed.
                let shown = find(&call).await?;
                Ok(page(&call, &shown, &clash("change", "rate", &what), None)?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

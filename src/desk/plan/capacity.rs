//! One supporter: what is carried, the rate and the limit of plans, and the way to hand them over.

use crate::access::AccountId;
use crate::access::by::By;
use crate::db::milli::Milli;
use crate::db::{AnyConn, Tx};
use crate::desk::bounds;
use crate::desk::looked;
use crate::desk::plan::card::missing;
use crate::desk::plan::handing;
use crate::desk::plan::supporters::{in_plans, page_of};
use crate::desk::plan::supporters_rows::{self, Supporter};
use crate::desk::registers::page::{Block, Fill, Form, Part, Sent, Sheet, Wrong, clash, compared, fact, problems};
use crate::desk::registers::reach::by;
use crate::desk::workforce::vacancies::decimal;
use crate::error::{Error, Refusal};
use crate::iom::capacity::{self, Said};
use crate::pages::parts::{Change, Fact, Link};
use crate::pages::text::{capital, number};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// The supporter of an address, with a role that touches what the visitor sees.
async fn find(call: &Call) -> Result<Supporter, Error> {
    let login = call.query.get("supporter").unwrap_or_default().to_owned();
    let role = call.query.get("role").unwrap_or_default().to_owned();
    let (within, today) = (bounds::within(call)?, call.app().clock.today());
    let read = move |c: &mut AnyConn| supporters_rows::all(c, &within, today).map_err(Error::from);
    let found = call.app().db.read(read).await?;
    let is = |s: &Supporter| s.login == login && (role.is_empty() || s.role.code() == role);
    found.into_iter().find(is).ok_or_else(missing)
}

/// GET /supporters/capacity
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["supporter", "role", "done"])?;
        let done = (query.get("done") == Some("set")).then_some("Ставка и предел записаны");
        let of = find(&call).await?;
        page(&call, &of, &[], done).await
    })
}

async fn page(call: &Call, of: &Supporter, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    looked::list(call, "supporter", &format!("supporter={}", of.login), &[of.account], 1).await?;
    let sheet = sheet(call, of, wrong, done);
    let title = sheet.heading.clone();
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.status(422).title(format!("Ошибка: {title}"))
    })
}

fn sheet(call: &Call, of: &Supporter, wrong: &[Wrong], done: Option<&'static str>) -> Sheet {
    let open = Fact {
        name: "Открытых маршрутов".into(),
        value: number(of.open),
        change: (of.open > 0).then(|| Change {
            text: "Передать",
            object: "маршруты другому сопровождающему",
            href: handing::address_of(&of.login),
        }),
    };
    let facts = vec![
        fact("Роль", of.role.label()),
        fact("Где", of.over.clone()),
        open,
        fact("Нагрузка", in_plans(Some(of.weight))),
        fact("Норма", in_plans(of.limit.most)),
        fact("С просрочкой", number(of.late)),
    ];
    Sheet {
        crumbs: vec![Link::new("Тьюторы", "/supporters")],
        heading: of.name.clone(),
        lead: if of.gone {
            "Роли сопровождающего больше нет или учётная запись закрыта: передайте маршруты другому.".into()
        } else {
            "Приостановленный маршрут весит четверть, остальные – единицу; считаются и те, что начнутся позже. Норма роли \
             умножается на ставку."
                .into()
        },
        done,
        problems: problems(wrong),
        facts,
        blocks: match of {
            _ if of.gone => Vec::new(),
            _ if of.beyond => vec![of_region(of)],
            _ => vec![rate(call, of, wrong)],
        },
        token: call.token(),
        ..Sheet::default()
    }
}

/// What is said of the rate and the limit to whoever does not see all places where the role is held.
fn of_region(of: &Supporter) -> Block {
    let rate = decimal(i64::try_from(of.limit.rate).unwrap_or(0));
    Block {
        title: "Ставка и предел".into(),
        text: Some(format!(
            "Ставка {rate}. Работает и там, куда ваша роль не доходит: ставку и предел задаёт тот, кто видит все эти места."
        )),
        ..Block::default()
    }
}

/// The form of the rate and the limit, over what is stored or what was typed.
fn rate(call: &Call, of: &Supporter, wrong: &[Wrong]) -> Block {
    let stored = |name: &str| match name {
        "rate" => decimal(i64::try_from(of.limit.rate).unwrap_or(0)),
        "most" => of.limit.own.map_or_else(String::new, |most| most.to_string()),
        _ => String::new(),
    };
    let sent = Sent(&call.form);
    let again = call.form.get("act") == Some("change");
    let typed = |name: &str| if again { sent.text(name) } else { stored(name) };
    let change = parts(&Fill { values: &typed, wrong });
    let now = parts(&Fill {
        values: &stored,
        wrong: &[],
    });
    Block {
        title: "Ставка и предел".into(),
        text: Some(
            "Назначение поровну и передача не выходят за предел. Маршруты, которые уже есть, остаются, даже если их больше."
                .into(),
        ),
        register: compared(&now, &change, wrong, false),
        forms: vec![Form {
            action: page_of(&of.login, of.role),
            act: "change",
            seen: of.limit.version.to_string(),
            parts: change,
            button: "Записать".into(),
            ..Form::default()
        }],
        ..Block::default()
    }
}

fn parts(fill: &Fill<'_>) -> Vec<Part> {
    vec![
        fill.line("rate", "Ставка", Some("Больше нуля и не больше 2, например 0,5")),
        fill.line(
            "most",
            "Свой предел маршрутов",
            Some("Пусто – норма роли, умноженная на ставку"),
        ),
    ]
}

/// What was typed, or what is wrong with it.
fn read(call: &Call) -> Result<Said, Vec<Wrong>> {
    let sent = Sent(&call.form);
    // What is no number is none that could be: the sentence is the same.
    let rate_milli = Milli::parse(&sent.text("rate")).map_or(0, |rate| rate.0);
    let most = sent.some("most").map(|text| text.parse().unwrap_or(0));
    let said = Said { rate_milli, most };
    match said.refused() {
        None => Ok(said),
        Some((field, refusal)) => Err(vec![(field, capital(&format!("{refusal}.")))]),
    }
}

/// POST /supporters/capacity
pub fn set(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["supporter", "role"])?;
        let form = call.form.only(&["act", "seen", "rate", "most"])?;
        let of = find(&call).await?;
        if of.beyond {
            return Err(Refusal::new("desk.of_region").into());
        }
        if of.gone || form.get("act") != Some("change") {
            return Err(missing());
        }
        let said = match read(&call) {
            Ok(said) => said,
            Err(wrong) => return page(&call, &of, &wrong, None).await,
        };
        let (by, seen): (By, i32) = (by(&call)?, Sent(&call.form).seen());
        let whom: (AccountId, _) = (of.account, of.role);
        let write = move |tx: &mut Tx<'_>| capacity::set(tx, &by, whom, seen, said);
        match call.app().db.write(write).await {
            Ok(()) => Ok(Answer::redirect(format!("{}&done=set", page_of(&of.login, of.role)))),
            Err(Error::Refused(why)) => page(&call, &of, &[("rate", capital(&format!("{why}.")))], None).await,
            Err(Error::Changed(what)) => {
                // What stands now, beside what was typed.
                let of = find(&call).await?;
                let page = page(&call, &of, &clash("change", "rate", &what), None).await?;
                Ok(page.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

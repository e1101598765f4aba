//! Opening an examination: the period, its days, order and letter, the units.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{Days as Span, NaiveDate};

use crate::cycle::examination::opening::{self, Days, Opening};
use crate::cycle::regulation::Regulation;
use crate::db::{AnyConn, Tx};
use crate::desk::cycle::named;
use crate::desk::once::once;
use crate::desk::registers::page::{Block, Check, Fill, Form, Sent, Sheet, Wrong, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::error::Error;
use crate::indicators::{Pack, load};
use crate::pages::parts::Link;
use crate::pages::text::{capital, date};
use crate::units::{Period, Unit, UnitId};
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor, token};

struct Shown {
    pack: Arc<Pack>,
    periods: Vec<String>,
    units: Vec<Unit>,
    acts: Vec<Regulation>,
}

fn load(c: &mut AnyConn, visitor: &Visitor, pack: &str, today: NaiveDate) -> Result<Shown, Error> {
    let held = Held::of(c, visitor, today)?;
    let pack = load::in_force(c, pack)?.ok_or_else(missing)?;
    let mut periods = pack.years.clone();
    periods.extend(Period::of_day(pack.basis.kind, today).filter(|now| !pack.years.contains(now)));
    Ok(Shown {
        periods,
        units: opening::examined(&held.tree, held.region)
            .into_iter()
            .cloned()
            .collect(),
        acts: named::acts(c, held.region)?,
        pack,
    })
}

async fn find(call: &Call) -> Result<Shown, Error> {
    let query = call.query.only(&["pack"])?;
    let pack = query.get("pack").ok_or_else(missing)?.to_owned();
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    call.app().db.read(move |c| load(c, &visitor, &pack, today)).await
}

/// GET /examinations/new
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let shown = find(&call).await?;
        page(&call, &shown, &[])
    })
}

fn page(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Result<Answer, Error> {
    let (sent, again) = (Sent(&call.form), !wrong.is_empty());
    let today = call.app().clock.today();
    let day = |n: u64| date(today + Span::new(n));
    let values = |name: &str| match name {
        _ if again => sent.text(name),
        "title" => format!("Экспертиза: {}", shown.pack.title),
        "period" => shown.periods.last().cloned().unwrap_or_default(),
        "documents" => day(14),
        "scoring" => day(28),
        "appeals" => day(35),
        _ => String::new(),
    };
    let fill = Fill { values: &values, wrong };
    let chosen: Vec<&str> = call.form.all("unit").collect();
    let units = shown.units.iter().map(|unit| Check {
        value: unit.code.clone(),
        label: unit.name.clone(),
        meta: String::new(),
        checked: !again || chosen.contains(&unit.code.as_str()),
    });
    let acts = || named::choices(&shown.acts);
    let heading = "Новая экспертиза";
    let sheet = Sheet {
        crumbs: vec![Link::new("Экспертиза", "/examinations")],
        heading: heading.into(),
        lead: shown.pack.title.clone(),
        problems: problems(wrong),
        blocks: vec![Block {
            title: "Что и когда".into(),
            forms: vec![Form {
                action: address("/examinations/new", [("pack", shown.pack.code.as_str())]),
                key: token::random_name()?,
                parts: vec![
                    fill.choice(
                        "period",
                        "Период",
                        None,
                        shown.periods.iter().map(|p| (p.clone(), p.clone())),
                    ),
                    fill.line("title", "Название", None),
                    fill.choice("order", "Приказ", Some("не выбран"), acts()),
                    fill.choice("letter", "Информационное письмо", Some("не выбрано"), acts()),
                    fill.line(
                        "documents",
                        "Документы до",
                        Some("последний день, когда служба показывает документы"),
                    ),
                    fill.line("scoring", "Оценка до", Some("последний день работы экспертов")),
                    fill.line("appeals", "Апелляции до", None),
                    fill.checks("Службы каких муниципалитетов", "unit", units.collect()),
                ],
                button: "Начать".into(),
                ..Form::default()
            }],
            ..Block::default()
        }],
        token: call.token(),
        ..Sheet::default()
    };
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if again {
        answer.status(422).title(format!("Ошибка: {heading}"))
    } else {
        answer.title(heading)
    })
}

/// POST /examinations/new
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let shown = find(&call).await?;
        let names = [
            "key",
            "period",
            "title",
            "order",
            "letter",
            "documents",
            "scoring",
            "appeals",
        ];
        call.form.only_many(&names, &["unit"])?;
        let sent = Sent(&call.form);
        let mut wrong: Vec<Wrong> = Vec::new();
        let title = sent.required("title", "Название", &mut wrong);
        let period = sent.text("period");
        if !shown.periods.contains(&period) {
            wrong.push(("period", "Выберите период.".into()));
        }
        let days = ["documents", "scoring", "appeals"].map(|name| sent.day(name, &mut wrong));
        let units: Option<BTreeSet<UnitId>> = call
            .form
            .all("unit")
            .map(|code| shown.units.iter().find(|u| u.code == code).map(|u| u.id))
            .collect();
        let units = units.ok_or_else(missing)?;
        let (order, letter) = (named::chosen(&sent, "order")?, named::chosen(&sent, "letter")?);
        let [Some(documents), Some(scoring), Some(appeals)] = days else {
            return page(&call, &shown, &wrong);
        };
        let days = Days {
            documents,
            scoring,
            appeals,
        };
        if let Some((field, refusal)) = days.refused() {
            wrong.push((field, capital(&format!("{refusal}."))));
        }
        if !wrong.is_empty() {
            return page(&call, &shown, &wrong);
        }
        let said = Opening {
            pack: shown.pack.code.clone(),
            period,
            title,
            order,
            letter,
            days,
            units,
        };
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| Ok(opening::open(tx, &by, &said)?.to_string());
        match once(&call, write).await {
            Ok(id) => Ok(Answer::redirect(format!("/examinations/{id}?done=opened"))),
            Err(Error::Refused(why)) => {
                let field = if why.code == "cycle.exam_nobody" {
                    "unit"
                } else {
                    "period"
                };
                page(&call, &shown, &[(field, capital(&format!("{why}.")))])
            }
            Err(e) => Err(e),
        }
    })
}

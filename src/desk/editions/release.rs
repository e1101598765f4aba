//! «Новый выпуск»: what will be released and what speaks against it, the release itself, and the page on which one waits.

use std::sync::Arc;

use diesel::prelude::*;
use serde::Serialize;

use super::acts::whose;
use super::list::region;
use super::warnings::{self, Warnings};
use super::work;
use crate::cycle::edition::order::{self, Order, OrderId, OrderState};
use crate::cycle::edition::{Edition, EditionId, store};
use crate::db::schema::unit;
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::indicators::figures::named;
use crate::desk::list::List;
use crate::desk::once::once;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::missing;
use crate::error::Error;
use crate::facts::{self, FactPeriod};
use crate::indicators::{Pack, store as packs};
use crate::pages::parts::{Cell, Choice, Column, Empty, Filter, Filters, Link, Register};
use crate::pages::text::{NOTHING, number};
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::token::random_name;
use crate::web::{Answer, Call};

/// Seconds after which the page of a release that goes on asks again.
const AGAIN: u32 = 2;

struct Chosen {
    packs: Vec<Arc<Pack>>,
    periods: Vec<FactPeriod>,
    pack: Arc<Pack>,
    period: FactPeriod,
    region: UnitId,
    last: Option<Edition>,
    warnings: Warnings,
}

/// The pack and the period that are asked for, or the first that fit; `None` where nothing is counted yet.
async fn chosen(call: &Call, pack: Option<String>, period: Option<String>) -> Result<Option<Chosen>, Error> {
    let (own, today) = (region(call).await?, call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let all = packs::read_packs(c)?;
        let stored = facts::store::periods(c)?;
        let of = |pack: &Pack| -> Vec<FactPeriod> {
            let basis = pack.basis.key();
            let mut own: Vec<FactPeriod> = stored.iter().filter(|p| p.basis == basis).cloned().collect();
            own.sort_by_key(|p| std::cmp::Reverse(p.starts_on));
            own
        };
        let with_facts: Vec<Arc<Pack>> = all.into_iter().filter(|p| !of(p).is_empty()).collect();
        let found = match &pack {
            Some(code) => Some(with_facts.iter().find(|p| p.code == *code).ok_or_else(missing)?),
            None => {
                let code = unit::table.filter(unit::id.eq(own)).select(unit::code);
                let code: String = code.first(c).map_err(DbError::from)?;
                let is_own = |pack: &&Arc<Pack>| pack.regions.contains(&code);
                with_facts.iter().find(is_own).or(with_facts.first())
            }
        };
        let Some(pack) = found.cloned() else { return Ok(None) };
        let periods = of(&pack);
        let found = match &period {
            // The form sends both: another method may not have the period.
            Some(code) => periods.iter().find(|p| p.code == *code),
            None => periods.iter().find(|p| p.ends_on < today).or(periods.first()),
        };
        let Some(period) = found.or(periods.first()).cloned() else {
            return Ok(None);
        };
        let warnings = warnings::of(c, &pack, &period, own, today)?;
        Ok(Some(Chosen {
            last: store::last_of(c, own, &pack.code, &period.code)?,
            packs: with_facts,
            periods,
            pack,
            period,
            region: own,
            warnings,
        }))
    };
    call.app().db.read(read).await
}

/// GET /editions/new
pub fn new(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &["pack", "period"])?;
        let given = |name: &str| at.get(name).map(str::to_owned);
        let chosen = chosen(&call, given("pack"), given("period")).await?;
        page(&call, chosen.as_ref(), &[])
    })
}

fn page(call: &Call, chosen: Option<&Chosen>, wrong: &[Wrong]) -> Result<Answer, Error> {
    let crumbs = vec![Link::new("Выпуски", "/editions")];
    let heading = "Новый выпуск".to_owned();
    let Some(chosen) = chosen else {
        let sheet = Sheet {
            crumbs,
            heading,
            empty: Some(Empty::new(
                "Выпускать пока нечего",
                "Загрузите методику и данные за период: показатели посчитаются сами.",
            )),
            ..Sheet::default()
        };
        return Answer::page("desk/register", &sheet);
    };
    let Chosen { pack, period, .. } = chosen;
    let choice = |code: &str, label: String, now: &str| Choice::new(code, label, now);
    let filters = Filters {
        action: "/editions/new".into(),
        filters: vec![
            Filter::select(
                "pack",
                "Методика",
                chosen
                    .packs
                    .iter()
                    .map(|p| choice(&p.code, p.title.clone(), &pack.code))
                    .collect(),
            ),
            Filter::select(
                "period",
                "Период",
                chosen
                    .periods
                    .iter()
                    .map(|p| choice(&p.code, named(&p.code), &period.code))
                    .collect(),
            ),
        ],
        chosen: Vec::new(),
        found: String::new(),
        unread: Vec::new(),
        file: None,
        beside: Vec::new(),
    };
    let columns = [
        Column::words("На что обратить внимание"),
        Column::words("Сколько и где"),
    ];
    let line = |(what, how): &(String, String)| vec![Cell::text(what.clone()), Cell::text(how.clone())];
    let lines: Vec<Vec<Cell>> = chosen.warnings.lines.iter().map(line).collect();
    let count = |n: usize| number(i64::try_from(n).unwrap_or(i64::MAX));
    let again = !wrong.is_empty();
    let typed = |name: &str| match name {
        "title" if again => call.form.get("title").unwrap_or_default().to_owned(),
        "title" => pack.title.clone(),
        _ => String::new(),
    };
    let fill = Fill { values: &typed, wrong };
    let sheet = Sheet {
        crumbs,
        heading,
        lead: "Выпуск запоминает все значения, списки за ними и методику. Его нельзя изменить: исправления войдут в следующий."
            .into(),
        problems: problems(wrong),
        facts: vec![
            fact("Методика", format!("{} ({})", pack.title, pack.code)),
            fact("Период", named(&period.code)),
            fact("Показателей", count(pack.indicators.len())),
            fact("Муниципалитетов", count(chosen.warnings.municipalities)),
            fact("Значений муниципалитетов", count(chosen.warnings.values)),
            fact(
                "Последний выпуск за период",
                chosen.last.as_ref().map_or_else(|| NOTHING.to_owned(), |e| {
                    format!("№\u{A0}{}, {}", e.number, e.released_by)
                }),
            ),
        ],
        filters: Some(filters),
        blocks: vec![
            Block {
                title: "Перед выпуском".into(),
                text: lines.is_empty().then(|| "Замечаний нет.".into()),
                register: (!lines.is_empty()).then(|| Register::new("Замечания перед выпуском", &columns, lines)),
                ..Block::default()
            },
            Block {
                title: "Выпустить".into(),
                text: Some("Выпуск готовится от нескольких секунд до минуты; страницу можно закрыть.".into()),
                forms: vec![Form {
                    action: crate::web::address::address(
                        "/editions/new",
                        [("pack", pack.code.as_str()), ("period", period.code.as_str())],
                    ),
                    seen: chosen.last.as_ref().map_or(0, |e| e.number).to_string(),
                    key: random_name()?,
                    parts: vec![fill.line("title", "Название", Some("Так выпуск называется в списке и в книге"))],
                    button: "Выпустить значения".into(),
                    ..Form::default()
                }],
                ..Block::default()
            },
        ],
        token: call.token(),
        ..Sheet::default()
    };
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if again { answer.status(422) } else { answer })
}

/// POST /editions/new
pub fn make(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&["title", "seen", "key"])?;
        let query = call.query.only(&["pack", "period"])?;
        let given = |name: &str| query.get(name).map(str::to_owned);
        let chosen = chosen(&call, given("pack"), given("period"))
            .await?
            .ok_or_else(missing)?;
        if query.get("pack") != Some(&chosen.pack.code) || query.get("period") != Some(&chosen.period.code) {
            return Err(missing());
        }
        let sent = Sent(&call.form);
        let mut wrong: Vec<Wrong> = Vec::new();
        let title = sent.required("title", "Название", &mut wrong);
        if !wrong.is_empty() {
            return page(&call, Some(&chosen), &wrong);
        }
        let (by, key) = (whose(&call)?, call.app().keys.audit.clone());
        let (region, pack, period) = (chosen.region, chosen.pack.code.clone(), chosen.period.code.clone());
        let seen = sent.seen();
        let write = move |tx: &mut Tx<'_>| -> Result<String, Error> {
            let last = store::last_of(tx.conn(), region, &pack, &period)?;
            if let Some(last) = last.as_ref().filter(|e| e.number != seen) {
                return Err(Error::Changed(format!(
                    "Пока страница была открыта, вышел выпуск № {} ({}): посмотрите его и решите, нужен ли следующий.",
                    last.number, last.released_by
                )));
            }
            let row = Order {
                id: OrderId(tx.id()),
                region_id: region,
                pack,
                period,
                title,
                seen_id: last.map(|e| e.id),
                account_id: by.account.unwrap_or_default(),
                on_behalf_of_id: by.on_behalf_of,
                by_name: by.name.clone(),
                state: OrderState::Waiting,
                edition_id: None,
                problem: None,
                recorded_at: tx.now(),
                changed_at: tx.now(),
            };
            order::add(tx, &row)?;
            work::ask(tx, &row, &key)?;
            Ok(row.id.to_string())
        };
        let id = match once(&call, write).await {
            Ok(id) => id,
            Err(Error::Changed(said)) => return Ok(page(&call, Some(&chosen), &[("title", said)])?.status(409)),
            Err(e) => return Err(e),
        };
        call.site.releases.notify_one();
        Ok(Answer::redirect(format!("/editions/orders/{id}")))
    })
}

#[derive(Serialize)]
struct Waiting {
    href: String,
    title: &'static str,
    text: String,
    failed: Option<String>,
    paused: bool,
}

/// GET /editions/orders/{order}
pub fn progress(call: Call) -> Answering {
    Box::pin(async move {
        let paused = call.query.only(&["pause"])?.get("pause").is_some();
        let (own, id) = (region(&call).await?, OrderId(call.id("order")?));
        let read = move |c: &mut AnyConn| -> Result<_, Error> { Ok(order::one(c, id, Some(own))?) };
        let order = call.app().db.read(read).await?.ok_or_else(missing)?;
        if let Some(EditionId(edition)) = order.edition_id {
            return Ok(Answer::redirect(format!("/editions/{edition}?done=released")));
        }
        let failed = order.problem.filter(|_| order.state == OrderState::Failed);
        let going = failed.is_none() && !paused;
        let title = match order.state {
            OrderState::Failed => "Выпуск не сделан",
            OrderState::Waiting => "Выпуск ждёт очереди",
            _ => "Выпуск готовится",
        };
        let page = Waiting {
            href: format!("/editions/orders/{id}"),
            title,
            text: format!(
                "{}, {}. Можно закрыть страницу: выпуск появится в списке сам, а если подготовка прервётся, не появится и половины.",
                order.title,
                named(&order.period)
            ),
            failed,
            paused,
        };
        let answer = Answer::page("desk/edition_order", &page)?.title(title);
        Ok(if going { answer.again_in(AGAIN) } else { answer })
    })
}

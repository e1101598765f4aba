//! Handing over what a supporter accompanies: whom to, what would come of it, and the act that does just that.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::access::{self, AccountId};
use crate::db::text_keys::clean;
use crate::db::{AnyConn, Tx};
use crate::desk::bounds::{self, Bounds};
use crate::desk::looked;
use crate::desk::once;
use crate::desk::plan::card::missing;
use crate::desk::plan::supporters::{GOING_ON, going_on, handed, has_paused, in_plans};
use crate::desk::plan::supporters_rows::{self, Supporter};
use crate::error::Error;
use crate::flow;
use crate::iom::accompany::kind_of;
use crate::iom::hand_over::{self, Ask, Report};
use crate::iom::{SupporterKind, Within};
use crate::pages::parts::{Cell, Choice, Column, Fact, Field, Link, Register};
use crate::pages::text::{capital, count, number};
use crate::planted;
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// Plans that are named as staying, at most.
const NAMED: usize = 50;

/// The address of the page about a supporter.
pub(super) fn address_of(login: &str) -> String {
    address("/supporters/hand-over", [("supporter", login)])
}

#[derive(Serialize)]
struct HandPage {
    crumbs: Vec<Link>,
    heading: String,
    lead: &'static str,
    done: Option<String>,
    problem: Option<String>,
    supporter: String,
    to: String,
    takers: Vec<Choice>,
    facts: Vec<Fact>,
    register: Option<Register>,
    left: Vec<Staying>,
    more: Option<String>,
    reason: Field,
    button: Option<String>,
    expected: String,
    key: String,
    token: String,
}

#[derive(Serialize)]
struct Staying {
    why: &'static str,
    plans: String,
}

/// What stays, by the reason why; of many as many as a page may name.
fn staying(report: &Report) -> Vec<Staying> {
    let mut by_reason: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for left in report.left.iter().take(NAMED) {
        by_reason.entry(left.why.label()).or_default().push(&left.plan);
    }
    let of = |(why, plans): (_, Vec<&str>)| Staying {
        why,
        plans: plans.join(", "),
    };
    by_reason.into_iter().map(of).collect()
}

/// What a form or an address asks for.
#[derive(Clone)]
struct Wanted {
    within: Within,
    from: String,
    to: String,
    reason: String,
    author: AccountId,
    on_behalf_of: Option<AccountId>,
}

impl Wanted {
    fn of(call: &Call, [from, to, reason]: [Option<&str>; 3]) -> Result<Self, Error> {
        let visitor = call.visitor()?;
        Ok(Self {
            within: bounds::within(call)?,
            from: from.filter(|login| !login.is_empty()).ok_or_else(missing)?.to_owned(),
            to: to.unwrap_or_default().to_owned(),
            reason: clean(reason.unwrap_or_default()),
            author: AccountId(visitor.account),
            on_behalf_of: visitor.on_behalf_of().map(AccountId),
        })
    }

    /// The supporters of the scope, and the use case as it is asked for: both whoever gives and whoever takes stand among
    /// them.
    fn ask(&self, c: &mut AnyConn, on: chrono::NaiveDate) -> Result<(Vec<Supporter>, Ask), Error> {
        let region = self.within.region.ok_or_else(missing)?;
        let supporters = supporters_rows::all(c, &self.within, on)?;
        let stands = |login: &str, gone: bool| supporters.iter().any(|s| s.login == login && (gone || !s.gone));
        let taker = self.to.is_empty() || (self.to != self.from && stands(&self.to, false));
        if !stands(&self.from, true) || !taker {
            return Err(missing());
        }
        let bounds = Bounds::of(c, region, &self.within.scope, on)?;
        let ask = Ask {
            from: self.from.clone(),
            to: Some(self.to.clone()).filter(|to| !to.is_empty()),
            on,
            reason: self.reason.clone(),
            region: Some(region),
            organisations: bounds.organisations.map(|own| own.into_iter().collect()),
            author: Some(self.author),
            on_behalf_of: self.on_behalf_of,
        };
        Ok((supporters, ask))
    }
}

/// GET /supporters/hand-over: what handing over would do.
pub fn preview(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["supporter", "to", "done"])?;
        let wanted = Wanted::of(&call, [query.get("supporter"), query.get("to"), None])?;
        let done = query.get("done").and_then(|n| n.parse::<i64>().ok());
        page(&call, wanted, done, None).await
    })
}

async fn page(call: &Call, wanted: Wanted, done: Option<i64>, problem: Option<String>) -> Result<Answer, Error> {
    let (today, asked) = (call.app().clock.today(), wanted.clone());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let (supporters, ask) = asked.ask(c, today)?;
        let report = hand_over::dry_run(c, &ask)?;
        let may = if ask.to.is_none() {
            report.may.clone()
        } else {
            let mut evenly = ask.clone();
            evenly.to = None;
            hand_over::dry_run(c, &evenly)?.may
        };
        let logins: Vec<String> = report.loads.keys().chain([&ask.from]).cloned().collect();
        let names = access::store::names_of_logins(c, &logins)?;
        Ok((supporters, report, may, names))
    };
    let (supporters, report, may, names) = call.app().db.read(read).await?;
    let shown: Vec<AccountId> = supporters.iter().map(|s| s.account).collect();
    let filter = format!("supporter={}", wanted.from);
    looked::list(call, "supporter", &filter, &shown, shown.len()).await?;
    let name = names.get(&wanted.from).unwrap_or(&wanted.from);
    let heading = format!("Передать маршруты: {name}");
    let would = i64::try_from(report.handed).unwrap_or(0);
    let more = report.left.len().saturating_sub(NAMED);
    let wrong = problem.is_some();
    let data = HandPage {
        crumbs: vec![Link::new("Тьюторы", "/supporters")],
        heading: heading.clone(),
        lead: "Переходят все открытые маршруты вместе с шагами на проверке. Никто не получит больше своей нормы; свой \
               маршрут и маршруты своих подчинённых не достанутся никому.",
        done: done.map(handed),
        problem,
        takers: takers(&supporters, &may, &wanted),
        supporter: wanted.from,
        to: wanted.to,
        facts: facts(&report),
        register: loads(&report, &names),
        left: staying(&report),
        more: (more > 0).then(|| {
            let more = i64::try_from(more).unwrap_or(0);
            format!("и ещё {}", count(more, "маршрут", "маршрута", "маршрутов"))
        }),
        reason: Field {
            name: "reason",
            label: "Почему",
            hint: Some("Можно не заполнять. Это увидят в карточке маршрута, например: отпуск, увольнение"),
            value: wanted.reason,
            problem: None,
            long: false,
        },
        button: (would > 0).then(|| format!("Передать {}", count(would, "маршрут", "маршрута", "маршрутов"))),
        expected: report.digest,
        key: token::random_name()?,
        token: call.token(),
    };
    let answer = Answer::page("desk/hand_over", &data)?;
    Ok(if wrong {
        answer.status(422).title(format!("Ошибка: {heading}"))
    } else {
        answer.title(heading)
    })
}

/// Whoever may take some of the plans, and whoever is asked for, who may perhaps take none.
fn takers(supporters: &[Supporter], may: &BTreeMap<String, SupporterKind>, wanted: &Wanted) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "Поровну всем, кто может", &wanted.to)];
    let mut seen: Vec<&str> = Vec::new();
    for of in supporters.iter().filter(|s| !s.gone && s.login != wanted.from) {
        let takes = may.contains_key(&of.login) || of.login == wanted.to || planted!("handed_to_anyone");
        if takes && !seen.contains(&of.login.as_str()) {
            seen.push(&of.login);
            let kind = may.get(&of.login).copied().or_else(|| kind_of(of.role));
            let label = format!("{}, {}", of.name, kind.map_or("", SupporterKind::label));
            choices.push(Choice::new(&of.login, label, &wanted.to));
        }
    }
    choices
}

fn facts(report: &Report) -> Vec<Fact> {
    let fact = |name: &str, n: usize| Fact {
        name: name.to_owned(),
        value: number(i64::try_from(n).unwrap_or(0)),
        change: None,
    };
    vec![
        fact("Открытых маршрутов сейчас", report.plans),
        fact("Будет передано", report.handed),
        fact("Шагов на проверке в них", report.reviews),
        fact("Останется", report.left.len()),
    ]
}

fn loads(report: &Report, names: &HashMap<String, String>) -> Option<Register> {
    let paused = has_paused(report.loads.values());
    let mut columns = vec![
        Column::words("Сопровождающий"),
        Column::figures("Получит маршрутов"),
        Column::figures("Шагов на проверке"),
        Column::figures("Нагрузка станет"),
        Column::figures("Норма"),
    ];
    columns.extend(paused.then(|| Column::figures(GOING_ON)));
    let figure = |n: usize| Cell::text(number(i64::try_from(n).unwrap_or(0)));
    let row = |(login, load): (&String, &crate::iom::capacity::Load)| {
        let given = report.given.get(login).cloned().unwrap_or_default();
        let mut row = vec![
            Cell::text(names.get(login).unwrap_or(login).clone()),
            figure(given.plans),
            figure(given.reviews),
            Cell::text(in_plans(Some(load.weight_milli))),
            Cell::text(in_plans(load.most_milli)),
        ];
        row.extend(paused.then(|| going_on(load)));
        row
    };
    let rows: Vec<Vec<Cell>> = report.loads.iter().map(row).collect();
    (!rows.is_empty()).then(|| Register::new("Кто сколько получит", &columns, rows))
}

/// POST /supporters/hand-over: does exactly what the preview showed, or shows what has changed since.
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["supporter", "to", "reason", "expected", "key"])?;
        let wanted = Wanted::of(&call, [fields.get("supporter"), fields.get("to"), fields.get("reason")])?;
        let expected = fields.get("expected").unwrap_or_default().to_owned();
        let (key, asked) = (call.app().keys.audit.clone(), wanted.clone());
        let hand = move |tx: &mut Tx<'_>| -> Result<String, Error> {
            let today = tx.today();
            let (supporters, ask) = asked.ask(tx.conn(), today)?;
            let report = flow::hand_over(tx, &key, &ask, Some(&expected))?;
            let gone = supporters.iter().any(|s| s.login == ask.from && s.gone);
            // Whoever has no role and no plans any more has no page either: the list says what was done.
            Ok(if gone && report.left.is_empty() {
                format!("/supporters?done={}", report.handed)
            } else {
                format!("{}&done={}", address_of(&ask.from), report.handed)
            })
        };
        match once::once(&call, hand).await {
            Ok(to) => Ok(Answer::redirect(to)),
            Err(Error::Refused(why)) => {
                let said = capital(&why.to_string());
                page(&call, wanted, None, Some(said)).await
            }
            Err(other) => Err(other),
        }
    })
}

//! «Документы»: the register of acts and orders with filters in the address.

use std::collections::{BTreeSet, HashMap};

use chrono::Datelike;

use crate::activity::kinds::word_name;
use crate::cycle::regulation::{self, Kept, Regulation, RegulationId};
use crate::db::text_keys::{holds, search_key};
use crate::db::{AnyConn, Tx};
use crate::desk::cycle::acts_form::{self, FIELDS, Named, Seen, kinds, levels, read, stages, state};
use crate::desk::cycle::described::Described;
use crate::desk::list::{self, List};
use crate::desk::once::{is_other, once};
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, days, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::error::{Error, Refusal};
use crate::indicators::regulation_kinds;
use crate::pages::parts::{Cell, Chip, Column, Empty, Register};
use crate::pages::text::{NOTHING, capital, date};
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, Visitor, token};

/// Names of the filters.
const FILTERS: [&str; 9] = ["q", "kind", "level", "unit", "year", "state", "pack", "period", "stage"];

/// What an act may be asked for by its force.
const STATES: [(&str, &str); 3] = [
    ("force", "действуют сегодня"),
    ("replaced", "заменены"),
    ("withdrawn", "отозваны"),
];

struct Shown {
    named: Named,
    found: Vec<Regulation>,
    /// What replaces an act.
    next: HashMap<RegulationId, Regulation>,
    years: BTreeSet<i32>,
    keeps: bool,
}

/// What the visitor sees, and what a form of theirs may name.
///
/// # Errors
/// Those of the database.
pub(crate) fn named(c: &mut AnyConn, visitor: &Visitor, today: chrono::NaiveDate) -> Result<Named, Error> {
    let held = Held::of(c, visitor, today)?;
    let described = Described::of(c, &held)?;
    let seen = Seen::of(&held);
    let mut acts = regulation::of_region(c, held.region)?;
    acts.retain(|act| seen.has(act));
    Ok(Named {
        bodies: acts_form::bodies(c, held.region)?,
        acts,
        described,
        held,
    })
}

/// GET /regulations
pub fn all(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of_table(&call, &FILTERS)?, &[]).await })
}

async fn page(call: &Call, at: List, wrong: &[Wrong]) -> Result<Answer, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let text = at.get("q").map(search_key);
    let known =
        |list: Vec<(String, String)>| move |code: &str| list.iter().find(|(c, _)| c == code).map(|(c, _)| c.clone());
    let kind = at.known("kind", known(kinds()))?;
    let level = at.known("level", known(levels()))?;
    let stage = at.known("stage", known(stages()))?;
    let force = at.known("state", |code| STATES.iter().position(|(known, _)| *known == code))?;
    let year: Option<i32> = at.known("year", |y| y.parse().ok().filter(|y| (1900..2200).contains(y)))?;
    let own = at.clone();
    let load = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let named = named(c, &visitor, today)?;
        let unit = own.known("unit", |code| named.held.unit(code).map(|u| u.id))?;
        let pack = own.known("pack", |code| {
            named.described.chosen(Some(code)).map(|p| p.code.clone())
        })?;
        let period = own.get("period").map(str::to_owned);
        let next: HashMap<RegulationId, Regulation> = regulation::replaced(&named.acts)
            .into_iter()
            .map(|(id, act)| (id, act.clone()))
            .collect();
        let fits = |act: &&Regulation| {
            let withdrawn = act.withdrawn_at.is_some();
            let of_state = match force {
                None => !withdrawn,
                Some(0) => act.holds(today) && next.get(&act.id).is_none_or(|next| next.valid_from > today),
                Some(1) => !withdrawn && next.contains_key(&act.id),
                Some(_) => withdrawn,
            };
            of_state
                && kind.as_ref().is_none_or(|k| *k == act.kind)
                && level.as_ref().is_none_or(|l| l == act.level.code())
                && stage.as_ref().is_none_or(|s| act.stage.as_ref() == Some(s))
                && pack.as_ref().is_none_or(|p| act.pack.as_ref() == Some(p))
                && period.as_ref().is_none_or(|p| act.period.as_ref() == Some(p))
                && year.is_none_or(|y| act.issued_on.year() == y)
                && unit.is_none_or(|u| act.unit_id == u)
                && text.as_ref().is_none_or(|t| holds(&act.search_key, t))
        };
        let found: Vec<Regulation> = named.acts.iter().filter(fits).cloned().collect();
        Ok(Shown {
            years: named.acts.iter().map(|act| act.issued_on.year()).collect(),
            found,
            next,
            keeps: visitor.may(Capability::Cycle),
            named,
        })
    };
    let shown = call.app().db.read(load).await?;
    let sheet = sheet(call, &at, shown, wrong)?;
    let answer = file::page(call, &at, sheet)?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: документы")
    })
}

/// Who issued an act.
pub(crate) fn issuer(named: &Named, act: &Regulation) -> String {
    let body = act
        .body_id
        .and_then(|id| named.bodies.iter().find(|(known, ..)| *known == id));
    match (body, &act.issuer) {
        (Some((_, _, name)), _) => name.clone(),
        (None, Some(name)) => name.clone(),
        (None, None) => named.held.name(Some(act.unit_id)),
    }
}

/// The stage of an act as its pack calls it.
pub(crate) fn stage_of(named: &Named, act: &Regulation) -> String {
    let Some(code) = &act.stage else { return String::new() };
    let pack = act.pack.as_deref().and_then(|pack| named.described.chosen(Some(pack)));
    let stage = pack
        .as_ref()
        .and_then(|pack| pack.stages.iter().find(|s| s.code == *code));
    let title = stage.map_or_else(
        || word_name(regulation_kinds::stages(), code).to_owned(),
        |s| s.title.clone(),
    );
    format!("{title}, {}", act.period.clone().unwrap_or_default())
}

fn sheet(call: &Call, at: &List, shown: Shown, wrong: &[Wrong]) -> Result<Sheet, Error> {
    let today = call.app().clock.today();
    let columns = [
        Column::words("Документ"),
        Column::words("Вид"),
        Column::words("Номер"),
        Column::words("Дата"),
        Column::words("Кем издан"),
        Column::words("Действует"),
        Column::words("Состояние"),
        Column::words("Этап цикла"),
        Column::words("Текст"),
    ];
    let named = &shown.named;
    let row = |act: &Regulation| {
        let text = |text: String| Cell::text(if text.is_empty() { NOTHING.to_owned() } else { text });
        let (tone, words) = state(act, shown.next.get(&act.id), today);
        vec![
            Cell::link(act.title.clone(), format!("/regulations/{}", act.id)),
            Cell::text(capital(word_name(regulation_kinds::kinds(), &act.kind))),
            text(act.number.clone()),
            Cell::text(date(act.issued_on)),
            text(issuer(named, act)),
            Cell::text(days(act.valid_from, act.valid_to.and_then(|to| to.pred_opt()))),
            Cell::chip(Chip::new(tone, words)),
            text(stage_of(named, act)),
            act.link
                .clone()
                .map_or_else(|| Cell::text(NOTHING), |link| Cell::link("открыть", link)),
        ]
    };
    let total = shown.found.len();
    let rows: Vec<Vec<Cell>> = at.rows(shown.found.iter().collect()).into_iter().map(row).collect();
    let mut units = named.held.choices();
    if let Some(chosen) = at.get("unit").and_then(|code| named.held.unit(code))
        && units.iter().all(|(code, _)| *code != chosen.code)
    {
        units.push((chosen.code.clone(), chosen.name.clone()));
    }
    let mut years: BTreeSet<i32> = shown.years.clone();
    years.extend(at.get("year").and_then(|y| y.parse::<i32>().ok()));
    let years = years.iter().rev().map(|y| (y.to_string(), y.to_string()));
    let states = STATES
        .iter()
        .map(|(code, words)| ((*code).to_owned(), (*words).to_owned()));
    let mut periods: BTreeSet<&str> = named.acts.iter().filter_map(|act| act.period.as_deref()).collect();
    periods.extend(at.get("period"));
    let periods = periods.iter().rev().map(|p| ((*p).to_owned(), (*p).to_owned()));
    let filters = vec![
        at.search("q", "О чём, номер, издатель"),
        at.select("kind", "Вид", "любой", kinds())?,
        at.select("level", "Уровень", "любой", levels())?,
        at.select("unit", "Чей документ", "все", units)?,
        at.select("year", "Год документа", "все", years)?,
        at.select("state", "Состояние", "все, кроме отозванных", states)?,
        at.select("pack", "Методика цикла", "все", named.described.choices())?,
        at.select("period", "Период цикла", "все", periods)?,
        at.select("stage", "Этап цикла", "все", stages())?,
    ];
    let first = if shown.keeps {
        "Внесите первый документ внизу страницы: приказ, положение, протокол."
    } else {
        "Здесь появятся документы, которые открыты всем в регионе."
    };
    let empty = at.empty(Empty::new("Документов нет", first), "Документов не нашлось", "ни один");
    let mut blocks = Vec::new();
    if shown.keeps {
        let sent = Sent(&call.form);
        let values = |name: &str| sent.text(name);
        let fill = Fill { values: &values, wrong };
        blocks.push(Block {
            title: "Новый документ".into(),
            forms: vec![Form {
                action: "/regulations".into(),
                key: token::random_name()?,
                folded: "Внести документ".into(),
                open: !wrong.is_empty(),
                parts: acts_form::parts(&fill, named, call.form.get("public").is_some()),
                button: "Внести".into(),
                ..Form::default()
            }],
            ..Block::default()
        });
    }
    Ok(Sheet {
        heading: "Документы".into(),
        lead: "Приказы, положения, протоколы и другие акты: кем и когда изданы, действуют ли, что заменили.".into(),
        problems: problems(wrong),
        filters: Some(at.filters(filters, list::found(total, "документ", "документа", "документов"))),
        paging: at.paging(total),
        empty: rows.is_empty().then_some(empty),
        register: (!rows.is_empty()).then(|| Register::new("Документы", &columns, rows)),
        blocks,
        token: call.token(),
        ..Sheet::default()
    })
}

/// POST /regulations
pub fn add(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&FIELDS)?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let named = call.app().db.read(move |c| named(c, &visitor, today)).await?;
        let again = || List::plain("/regulations");
        let said = match read(&call, &named) {
            Ok(said) => said,
            Err(wrong) => return page(&call, again(), &wrong).await,
        };
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| match regulation::add(tx, &by, &said)? {
            Kept::Written(id) => Ok(id.to_string()),
            Kept::Refused(_, refusal) => Err(refusal.into()),
        };
        match once(&call, write).await {
            Ok(id) => Ok(Answer::redirect(format!("/regulations/{id}?done=added"))),
            Err(Error::Refused(why)) => page(&call, again(), &[refused(&why)]).await,
            Err(e) => Err(e),
        }
    })
}

/// Where a refusal of an act stands in its form.
pub(crate) fn refused(why: &Refusal) -> Wrong {
    let field = match why.code {
        _ if is_other(why) => "title",
        "cycle.act_ends_before" => "to",
        "cycle.act_twice" => "number",
        "cycle.act_after_next" => "on",
        _ => "replaces",
    };
    (field, capital(&format!("{why}.")))
}

/// The act that an address names, where it is seen.
///
/// # Errors
/// It is not there, or not seen.
pub(crate) fn one(named: &Named, id: RegulationId) -> Result<Regulation, Error> {
    named.acts.iter().find(|act| act.id == id).cloned().ok_or_else(missing)
}

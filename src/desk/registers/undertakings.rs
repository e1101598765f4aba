//! «Проекты и площадки»: what units undertake, with filters in the address and counts by kind, and adding one.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::expertise;
use crate::activity::model::{BodyId, Level};
use crate::activity::undertaking::{self, Content, Late};
use crate::activity::undertakings::{self, Expertise, Outcome, State, Undertaking, UndertakingId};
use crate::db::schema::{body, undertaking as table};
use crate::db::text_keys::{holds, search_key};
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::list::{self, List};
use crate::desk::once::{is_other, once};
use crate::desk::registers::events::level_choices;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, days, problems};
use crate::desk::registers::reach::{Held, by};
use crate::desk::rounds::give;
use crate::desk::rounds::list::What;
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Column, Empty, Register, Tone};
use crate::pages::text::{NOTHING, capital, date, number};
use crate::planted;
use crate::units::UnitId;
use crate::web::call::Fields;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// Fields of the form of an undertaking.
pub(crate) const FIELDS: [&str; 17] = [
    "key",
    "title",
    "kind",
    "level",
    "unit",
    "about",
    "subject",
    "from",
    "to",
    "state",
    "act-number",
    "act-date",
    "parties",
    "units",
    "page",
    "code",
    "seen",
];

/// What is asked of the link or of the expertise of what is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Yes,
    No,
}

struct Shown {
    held: Held,
    rows: Vec<Undertaking>,
    total: usize,
    kinds: BTreeMap<String, i64>,
    /// The last expertise that stands.
    judged: HashMap<UndertakingId, Outcome>,
}

/// GET /undertakings
pub fn all(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of_table(&call, &NAMES)?, &[]).await })
}

const NAMES: [&str; 7] = ["q", "kind", "level", "unit", "state", "link", "expertise"];

/// Kinds to choose from.
pub(crate) fn kind_choices() -> Vec<(String, String)> {
    undertakings::kinds()
        .iter()
        .map(|k| (k.code.clone(), k.name.clone()))
        .collect()
}

fn kind_code(code: &str) -> Option<String> {
    undertakings::kinds()
        .iter()
        .find(|k| k.code == code)
        .map(|k| k.code.clone())
}

/// GET /editable/undertakings: what the visitor keeps of the list, to be changed in a table and brought back.
pub fn editable(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &NAMES)?.whole();
        let shown = look(&call, &at).await?;
        let ids = shown.rows.iter().map(|of| of.id.0).collect();
        give::register(&call, What::Undertakings, &at, ids).await
    })
}

async fn look(call: &Call, at: &List) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let text = at.get("q").map(search_key);
    let kind = at.known("kind", kind_code)?;
    let level = at.known("level", Level::from_code)?;
    // `None` inside: the withdrawn ones.
    let state = at.known("state", |s| match s {
        "withdrawn" => Some(None),
        other => State::from_code(other).map(Some),
    })?;
    let link = at.known("link", |s| match s {
        "checked" => Some(Told::Yes),
        "unchecked" => Some(Told::No),
        _ => None,
    })?;
    let judged_as = at.known("expertise", |s| match s {
        "none" => Some(None),
        other => Outcome::from_code(other).map(Some),
    })?;
    let own = at.clone();
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let held = Held::of(c, &visitor, today)?;
        let unit = own.known("unit", |code| held.unit(code).map(|u| u.id))?;
        let mut found: Vec<Undertaking> = table::table
            .filter(table::region_id.eq(held.region))
            .select(Undertaking::as_select())
            .order((table::starts_on.desc(), table::id.desc()))
            .load(c)?;
        found.retain(|u| {
            u.withdrawn_at.is_some() == (state == Some(None))
                && state.flatten().is_none_or(|s| s == u.state)
                && kind.as_ref().is_none_or(|k| *k == u.kind)
                && level.is_none_or(|l| l == u.level)
                && text.as_ref().is_none_or(|t| holds(&u.search_key, t))
                && link.is_none_or(|told| u.link.is_some() && u.checked_on.is_some() == (told == Told::Yes))
        });
        let ids: Vec<UndertakingId> = found.iter().map(|u| u.id).collect();
        if let Some(unit) = unit {
            let below = held.tree.subtree(unit);
            let taking = undertaking::units(c, &ids)?.into_iter();
            let there: HashSet<UndertakingId> = taking
                .filter(|t| below.contains(&t.unit_id))
                .map(|t| t.undertaking_id)
                .collect();
            found.retain(|u| u.unit_id.is_some_and(|own| below.contains(&own)) || there.contains(&u.id));
        }
        let mut judged: HashMap<UndertakingId, Outcome> = HashMap::new();
        // The last one comes first.
        let counts = |e: &&Expertise| e.withdrawn_at.is_none() || planted!("withdrawn_expertise");
        for said in expertise::all(c, &ids)?.iter().filter(counts) {
            judged.entry(said.undertaking_id).or_insert(said.outcome);
        }
        if let Some(wanted) = judged_as {
            found.retain(|u| judged.get(&u.id).copied() == wanted);
        }
        let mut kinds: BTreeMap<String, i64> = BTreeMap::new();
        for of in &found {
            *kinds.entry(of.kind.clone()).or_default() += 1;
        }
        let total = found.len();
        Ok(Shown {
            rows: own.rows(found),
            held,
            total,
            kinds,
            judged,
        })
    };
    call.app().db.read(read).await
}

async fn page(call: &Call, at: List, wrong: &[Wrong]) -> Result<Answer, Error> {
    let shown = look(call, &at).await?;
    let mut sheet = sheet(call, &at, shown, wrong)?;
    give::offer(&mut sheet, &at);
    let answer = file::page(call, &at, sheet)?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: проекты и площадки")
    })
}

/// Where an undertaking stands, as a chip.
pub(crate) fn state_chip(of: &Undertaking) -> Chip {
    if of.withdrawn_at.is_some() {
        return Chip::new(Tone::Late, "отозвано");
    }
    let tone = match of.state {
        State::Planned => Tone::Wait,
        State::Running | State::Finished => Tone::Done,
        State::Stopped => Tone::Calm,
    };
    Chip::new(tone, of.state.label())
}

/// How it lags behind its days, in words.
pub(crate) fn late_text(of: &Undertaking, today: NaiveDate) -> Option<String> {
    undertaking::late(of, today).map(|late| match late {
        Late::Begins(on) => format!("по срокам должно было начаться {}", date(on)),
        Late::Ends(on) => format!("по срокам должно было закончиться {}", date(on)),
    })
}

/// Whether the link was opened.
fn link_text(of: &Undertaking) -> String {
    match (&of.link, of.checked_on) {
        (None, _) => NOTHING.to_owned(),
        (Some(_), Some(on)) => format!("проверена {}", date(on)),
        (Some(_), None) => "не проверена".to_owned(),
    }
}

fn sheet(call: &Call, at: &List, shown: Shown, wrong: &[Wrong]) -> Result<Sheet, Error> {
    let columns = [
        Column::words("Название"),
        Column::words("Вид"),
        Column::words("Кто ведёт"),
        Column::words("Дни"),
        Column::words("Состояние"),
        Column::words("Экспертиза"),
        Column::words("Ссылка"),
    ];
    let (held, today) = (&shown.held, call.app().clock.today());
    let row = |u: &Undertaking| {
        let place = match u.unit_id {
            None => "весь регион".to_owned(),
            of => held.name(of),
        };
        let judged = shown.judged.get(&u.id).map_or(NOTHING, |o| o.label());
        vec![
            Cell::link(u.title.clone(), format!("/undertakings/{}", u.id)),
            Cell::text(undertakings::kind_name(undertakings::kinds(), &u.kind)),
            Cell::text(place),
            Cell::text(match late_text(u, today) {
                None => days(u.starts_on, u.ends_on),
                Some(late) => format!("{}; {late}", days(u.starts_on, u.ends_on)),
            }),
            Cell::chip(state_chip(u)),
            Cell::text(judged),
            Cell::text(link_text(u)),
        ]
    };
    let rows: Vec<Vec<Cell>> = shown.rows.iter().map(row).collect();
    let mut units = held.choices();
    if let Some(chosen) = at.get("unit").and_then(|code| held.unit(code))
        && units.iter().all(|(code, _)| *code != chosen.code)
    {
        units.push((chosen.code.clone(), chosen.name.clone()));
    }
    let own = |code: &str, label: &str| (code.to_owned(), label.to_owned());
    let states = State::ALL.iter().map(|s| own(s.code(), s.label()));
    let outcomes = Outcome::ALL.iter().map(|o| own(o.code(), o.label()));
    let filters = vec![
        at.search("q", "Название"),
        at.select("kind", "Вид", "любой", kind_choices())?,
        at.select("level", "Уровень", "любой", level_choices())?,
        at.select("unit", "Кто ведёт или участвует", "все", units)?,
        at.select(
            "state",
            "Состояние",
            "любое",
            states.chain([own("withdrawn", "отозваны")]),
        )?,
        at.select(
            "expertise",
            "Экспертиза",
            "не важно",
            outcomes.chain([own("none", "не было")]),
        )?,
        at.select(
            "link",
            "Ссылка",
            "не важно",
            [own("checked", "проверена"), own("unchecked", "не проверена")],
        )?,
    ];
    let empty = at.empty(
        Empty::new(
            "Записей не нашлось",
            "Добавьте запись здесь или загрузите список файлом на странице «Загрузка данных».",
        ),
        "Записей не нашлось",
        "ни одна",
    );
    let sent = Sent(&call.form);
    let values = |name: &str| match name {
        "state" if call.form.get(name).is_none() => State::Running.code().to_owned(),
        "level" if call.form.get(name).is_none() => Level::Municipal.code().to_owned(),
        _ => sent.text(name),
    };
    let by_kind = [Column::words("Вид"), Column::figures("Сколько")];
    let counts = shown.kinds.iter().map(|(kind, n)| {
        let name = undertakings::kind_name(undertakings::kinds(), kind);
        vec![Cell::link(name, at.with("kind", kind)), Cell::text(number(*n))]
    });
    let counts: Vec<Vec<Cell>> = counts.collect();
    let mut blocks = vec![Block {
        title: "Новая запись".into(),
        forms: vec![Form {
            action: "/undertakings".into(),
            key: token::random_name()?,
            folded: "Добавить проект, площадку или соглашение".into(),
            open: !wrong.is_empty(),
            button: "Добавить".into(),
            ..undertaking_form(&Fill { values: &values, wrong }, held)
        }],
        ..Block::default()
    }];
    if !counts.is_empty() {
        blocks.insert(
            0,
            Block {
                title: "По видам".into(),
                register: Some(Register::new("По видам", &by_kind, counts)),
                ..Block::default()
            },
        );
    }
    Ok(Sheet {
        heading: "Проекты и площадки".into(),
        lead: "Инновационные и стажировочные площадки, проекты, соглашения, платформы и банки материалов.".into(),
        problems: problems(wrong),
        filters: Some(at.filters(filters, list::found(shown.total, "запись", "записи", "записей"))),
        paging: at.paging(shown.total),
        empty: rows.is_empty().then_some(empty),
        register: (!rows.is_empty()).then(|| Register::new("Проекты и площадки", &columns, rows)),
        blocks,
        token: call.token(),
        ..Sheet::default()
    })
}

/// The fields of an undertaking; the code stands last.
pub(crate) fn undertaking_form(fill: &Fill<'_>, held: &Held) -> Form {
    let none = if held.is_whole() {
        "весь регион"
    } else {
        "выберите"
    };
    let states = State::ALL.iter().map(|s| (s.code().to_owned(), s.label().to_owned()));
    Form {
        parts: vec![
            fill.line("title", "Название", None),
            fill.choice("kind", "Вид", Some("выберите"), kind_choices()),
            fill.choice("level", "Уровень", None, level_choices()),
            fill.choice("unit", "Кто ведёт", Some(none), held.choices()),
            fill.long("about", "О чём", Some("Одной-двумя фразами")),
            fill.line("subject", "Предмет", Some("Для банка заданий и КИМ обязателен")),
            fill.line("from", "Первый день", Some("ДД.ММ.ГГГГ")),
            fill.line(
                "to",
                "Последний день",
                Some("Пусто, если срок открыт; завершённому нужен"),
            ),
            fill.choice("state", "Состояние", None, states),
            fill.line("act-number", "Номер приказа или соглашения", None),
            fill.line("act-date", "Дата приказа или соглашения", Some("ДД.ММ.ГГГГ")),
            fill.line(
                "parties",
                "Стороны и партнёры",
                Some("Коды объединений через точку с запятой; код стоит на странице объединения"),
            ),
            fill.line(
                "units",
                "Кто ещё участвует",
                Some("Коды муниципалитетов и организаций через точку с запятой"),
            ),
            fill.line("page", "Ссылка", None),
            fill.line("code", "Код", Some("Пусто: код поставит программа")),
        ],
        ..Form::default()
    }
}

/// Bodies of a region by their codes; withdrawn ones are not there.
///
/// # Errors
/// Those of the database.
pub(crate) fn bodies_by_code(c: &mut AnyConn, region: UnitId) -> Result<HashMap<String, (BodyId, String)>, DbError> {
    let rows: Vec<(String, BodyId, String)> = body::table
        .filter(body::region_id.eq(region))
        .filter(body::withdrawn_at.is_null())
        .select((body::code, body::id, body::name))
        .load(c)?;
    Ok(rows.into_iter().map(|(code, id, name)| (code, (id, name))).collect())
}

/// Words of a field between semicolons and commas.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', ',']).map(str::trim).filter(|w| !w.is_empty())
}

/// The undertaking that a form describes, or what is wrong with it.
pub(crate) fn read(
    form: &Fields,
    held: &Held,
    bodies: &HashMap<String, (BodyId, String)>,
    today: NaiveDate,
) -> Result<Content, Vec<Wrong>> {
    let sent = Sent(form);
    let mut wrong = Vec::new();
    let title = sent.required("title", "Название", &mut wrong);
    let kind = kind_code(&sent.text("kind"));
    if kind.is_none() {
        wrong.push(("kind", "Выберите вид.".into()));
    }
    let level = Level::from_code(&sent.text("level"));
    if level.is_none() {
        wrong.push(("level", "Выберите уровень.".into()));
    }
    let state = State::from_code(&sent.text("state"));
    if state.is_none() {
        wrong.push(("state", "Выберите состояние.".into()));
    }
    let unit = sent.some("unit").and_then(|code| held.unit(&code)).map(|u| u.id);
    if !held.keeps(unit) || unit.is_none() && sent.some("unit").is_some() {
        wrong.push(("unit", "Выберите, кто это ведёт.".into()));
    }
    let (from, to) = sent.span(["from", "to"], &mut wrong);
    let act_on = sent.maybe_day("act-date", &mut wrong);
    let link = sent.link("page", &mut wrong);
    let (mut parties, mut units) = (Vec::new(), Vec::new());
    for code in words(&sent.text("parties")) {
        match bodies.get(code) {
            Some((body, _)) => parties.push(*body),
            None => wrong.push(("parties", format!("Объединения с кодом «{code}» нет: проверьте код."))),
        }
    }
    for code in words(&sent.text("units")) {
        match held.unit(code) {
            Some(unit) => units.push(unit.id),
            None => wrong.push(("units", format!("Единицы с кодом «{code}» нет: проверьте код."))),
        }
    }
    for name in ["about", "subject", "act-number", "code"] {
        sent.fits(name, &mut wrong);
    }
    let (Some(kind), Some(level), Some(state), Some(starts_on)) = (kind, level, state, from) else {
        return Err(wrong);
    };
    parties.sort_unstable();
    parties.dedup();
    units.sort_unstable();
    units.dedup();
    let said = Content {
        kind,
        title,
        about: sent.some("about"),
        subject: sent.some("subject"),
        level,
        unit_id: unit.filter(|u| *u != held.region),
        starts_on,
        ends_on: to,
        state,
        act: sent.some("act-number"),
        act_on,
        link,
        parties,
        units,
    };
    if !wrong.is_empty() && planted!("errors_in_stages") {
        return Err(wrong);
    }
    // What its kind asks for is told with the rest, and a field once.
    for (field, refusal) in said.all_lacks().into_iter().chain(said.contradicts(today)) {
        let field = match field {
            "act" => "act-number",
            "act_on" => "act-date",
            "link" => "page",
            other => other,
        };
        if wrong.iter().all(|(told, _)| *told != field) {
            wrong.push((field, capital(&format!("{refusal}."))));
        }
    }
    if wrong.is_empty() { Ok(said) } else { Err(wrong) }
}

/// POST /undertakings
pub fn add(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&FIELDS)?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let look = move |c: &mut AnyConn| -> Result<_, Error> {
            let held = Held::of(c, &visitor, today)?;
            let bodies = bodies_by_code(c, held.region)?;
            Ok((held, bodies))
        };
        let (held, bodies) = call.app().db.read(look).await?;
        let said = match read(&call.form, &held, &bodies, today) {
            Ok(said) => said,
            Err(wrong) => return page(&call, List::plain("/undertakings"), &wrong).await,
        };
        let by = by(&call)?;
        let code = Sent(&call.form).text("code");
        let write = move |tx: &mut Tx<'_>| Ok(undertaking::add(tx, &by, code, &said)?.to_string());
        match once(&call, write).await {
            Ok(id) => Ok(Answer::redirect(format!("/undertakings/{id}?done=added"))),
            Err(Error::Refused(why)) => {
                let field = if is_other(&why) { "title" } else { "code" };
                let wrong = [(field, capital(&format!("{why}.")))];
                page(&call, List::plain("/undertakings"), &wrong).await
            }
            Err(e) => Err(e),
        }
    })
}

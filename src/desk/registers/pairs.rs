//! «Наставничество»: pairs with filters in the address, adding one; how many have which documents.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::activity::kinds;
use crate::activity::model::{MentoringPair, PairDocument};
use crate::activity::pair::{self, Terms};
use crate::db::text_keys::search_key;
use crate::db::types::{code_set, codes};
use crate::db::{AnyConn, Tx};
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::once::once;
use crate::desk::plan::rows::{self, Who};
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Check, Fill, Form, Part, Sent, Sheet, Wrong, days, problems};
use crate::desk::registers::pairs_rows::{self, Found, State, Wanted};
use crate::desk::registers::reach::{self, Held, by};
use crate::desk::rounds::give;
use crate::desk::rounds::list::What;
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Column, Empty, Register, Tone};
use crate::pages::text::{capital, count};
use crate::people::PersonId;
use crate::web::call::Fields;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, token};

/// Fields of the terms of a pair.
pub(crate) const TERMS: [&str; 4] = ["from", "to", "link", "outcome"];

struct Shown {
    found: Found,
    who: HashMap<PersonId, Who>,
}

const NAMES: [&str; 4] = ["q", "form", "state", "lacks"];

/// GET /pairs
pub fn all(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?, (&[], &[], &[])).await })
}

/// GET and POST /pairs/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?.whole(), (&[], &[], &[])).await })
}

/// GET and POST /editable/pairs: what is found, to be changed in a table and brought back.
pub fn editable(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &NAMES)?.whole();
        let shown = look(&call, &at).await?;
        let ids = shown.found.rows.iter().map(|of| of.record_id.0).collect();
        give::register(&call, What::Pairs, &at, ids).await
    })
}

/// Problems of the form, and people to choose from where a name was not enough: mentors, mentees.
type Again<'a> = (&'a [Wrong], &'a [(PersonId, String)], &'a [(PersonId, String)]);

/// Whether a pair works on a day.
pub(crate) fn works(of: &MentoringPair, day: NaiveDate) -> bool {
    of.withdrawn_at.is_none() && of.valid_from <= day && of.valid_to.is_none_or(|to| day < to)
}

async fn look(call: &Call, at: &List) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let form = at.known("form", |code| {
        kinds::word(kinds::mentoring(), code).map(|w| w.code.clone())
    })?;
    let lacks = at.known("lacks", PairDocument::from_code)?;
    let state = at.known("state", |s| match s {
        "all" => Some(State::All),
        "ended" => Some(State::Ended),
        "withdrawn" => Some(State::Withdrawn),
        _ => None,
    })?;
    let wanted = Wanted {
        text: at.get("q").map(search_key),
        form,
        lacks,
        state: state.unwrap_or_default(),
    };
    let own = at.clone();
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let held = Held::of(c, &visitor, today)?;
        let span = |total: usize| (own.skipped(total), own.most());
        let found = pairs_rows::find(c, &held, &wanted, today, span)?;
        // Who works with one's own people is known to them by name.
        let ids: Vec<PersonId> = found.rows.iter().flat_map(|p| [p.mentor_id, p.mentee_id]).collect();
        let who = rows::who(c, held.region, &ids, today)?;
        Ok(Shown { found, who })
    };
    call.app().db.read(read).await
}

async fn page(call: &Call, at: List, again: Again<'_>) -> Result<Answer, Error> {
    let shown = look(call, &at).await?;
    let today = call.app().clock.today();
    let mut named: Vec<PersonId> = shown
        .found
        .rows
        .iter()
        .flat_map(|p| [p.mentor_id, p.mentee_id])
        .collect();
    let mut sheet = sheet(call, &at, &shown, again, today)?;
    if at.is_whole() {
        let of = ListFile::of_people(
            "mentoring_pair",
            "Наставничество",
            at.codes(&["q"]),
            &named,
            Capability::Registers,
        );
        return file::people(call, &at, of, &sheet).await;
    }
    named.extend(again.1.iter().chain(again.2).map(|(id, _)| *id));
    looked::list(call, "mentoring_pair", &at.codes(&["q"]), &named, shown.found.total).await?;
    file::offer(&mut sheet, at.file());
    give::offer(&mut sheet, &at);
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if again.0.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: наставничество")
    })
}

/// How a pair stands.
pub(crate) fn standing(of: &MentoringPair, today: NaiveDate) -> Chip {
    if of.withdrawn_at.is_some() {
        Chip::new(Tone::Late, "отозвана")
    } else if works(of, today) {
        Chip::new(Tone::Done, "работает")
    } else if of.valid_from > today {
        Chip::new(Tone::Wait, "ещё не начала")
    } else {
        Chip::new(Tone::Calm, "закончила")
    }
}

/// Names of the documents of a set, or that there are none.
fn documents(set: &str) -> String {
    let known = PairDocument::ALL
        .iter()
        .filter(|d| codes(set).any(|code| code == d.code()));
    let names: Vec<&str> = known.map(|d| d.label()).collect();
    if names.is_empty() {
        "нет".to_owned()
    } else {
        names.join(", ")
    }
}

fn sheet(call: &Call, at: &List, shown: &Shown, again: Again<'_>, today: NaiveDate) -> Result<Sheet, Error> {
    let columns = [
        Column::words("Наставник"),
        Column::words("Наставляемый"),
        Column::words("Форма"),
        Column::words("Дни"),
        Column::words("Документы"),
        Column::words("Состояние"),
    ];
    let name = |id: PersonId| shown.who.get(&id).map_or_else(String::new, |w| w.short.clone());
    let row = |p: &MentoringPair| {
        vec![
            Cell::link(name(p.mentor_id), format!("/pairs/{}", p.record_id)),
            Cell::text(name(p.mentee_id)),
            Cell::text(kinds::word_name(kinds::mentoring(), &p.form)),
            Cell::text(days(p.valid_from, p.valid_to.and_then(|to| to.pred_opt()))),
            Cell::text(documents(&p.documents)),
            Cell::chip(standing(p, today)),
        ]
    };
    let rows: Vec<Vec<Cell>> = shown.found.rows.iter().map(row).collect();
    let own = |code: &str, label: &str| (code.to_owned(), label.to_owned());
    let filters = vec![
        at.search("q", "Фамилия или имя"),
        at.select("form", "Форма", "любая", form_choices())?,
        at.select(
            "lacks",
            "Нет документа",
            "не важно",
            PairDocument::ALL.iter().map(|d| own(d.code(), d.label())),
        )?,
        at.select(
            "state",
            "Состояние",
            "работают",
            [
                own("ended", "закончили"),
                own("withdrawn", "отозваны"),
                own("all", "все, кроме отозванных"),
            ],
        )?,
    ];
    let empty = at.empty(
        Empty::new(
            "Пар не нашлось",
            "Добавьте пару здесь или загрузите список файлом на странице «Загрузка данных».",
        ),
        "Пар не нашлось",
        "ни одна",
    );
    let mentors = count(shown.found.mentors, "наставник", "наставника", "наставников");
    let mentees = count(shown.found.mentees, "наставляемый", "наставляемых", "наставляемых");
    Ok(Sheet {
        heading: "Наставничество".into(),
        lead: format!("В найденных парах: {mentors}, {mentees}."),
        done: call
            .query
            .get("done")
            .and_then(|d| (d == "added").then_some("Пара добавлена")),
        problems: problems(again.0),
        filters: Some(at.filters(filters, list::found(shown.found.total, "пара", "пары", "пар"))),
        paging: at.paging(shown.found.total),
        empty: rows.is_empty().then_some(empty),
        register: (!rows.is_empty()).then(|| Register::new("Наставнические пары", &columns, rows)),
        blocks: vec![Block {
            title: "Новая пара".into(),
            forms: vec![add_form(call, again)?],
            ..Block::default()
        }],
        token: call.token(),
        ..Sheet::default()
    })
}

pub(crate) fn form_choices() -> Vec<(String, String)> {
    kinds::mentoring()
        .iter()
        .map(|w| (w.code.clone(), w.name.clone()))
        .collect()
}

fn add_form(call: &Call, (wrong, mentors, mentees): Again<'_>) -> Result<Form, Error> {
    let sent = Sent(&call.form);
    let values = |name: &str| sent.text(name);
    let fill = Fill { values: &values, wrong };
    let several = |people: &[(PersonId, String)]| -> Vec<(String, String)> {
        people.iter().map(|(id, name)| (id.to_string(), name.clone())).collect()
    };
    let hint = Some("Фамилия и имя того, кто работает в ваших организациях");
    let mut parts = vec![fill.line("mentor", "Наставник", hint)];
    if !mentors.is_empty() {
        parts.push(fill.choice("mentor-id", "Кто из них наставник", Some("выберите"), several(mentors)));
    }
    parts.push(fill.line("mentee", "Наставляемый", hint));
    if !mentees.is_empty() {
        parts.push(fill.choice(
            "mentee-id",
            "Кто из них наставляемый",
            Some("выберите"),
            several(mentees),
        ));
    }
    parts.push(fill.choice("form", "Форма наставничества", Some("выберите"), form_choices()));
    let chosen: Vec<&str> = call.form.all("document").collect();
    parts.extend(terms_form(&fill, &chosen));
    Ok(Form {
        action: "/pairs".into(),
        key: token::random_name()?,
        folded: "Добавить пару".into(),
        open: !wrong.is_empty(),
        parts,
        button: "Добавить".into(),
        ..Form::default()
    })
}

/// The fields of the terms of a pair.
pub(crate) fn terms_form(fill: &Fill<'_>, chosen: &[&str]) -> Vec<Part> {
    let check = |d: &PairDocument| Check {
        value: d.code().to_owned(),
        label: capital(d.label()),
        meta: String::new(),
        checked: chosen.contains(&d.code()),
    };
    vec![
        fill.line("from", "Первый день", Some("ДД.ММ.ГГГГ")),
        fill.line("to", "Последний день", Some("Пусто, если пара работает")),
        fill.checks(
            "Какие документы есть",
            "document",
            PairDocument::ALL.iter().map(check).collect(),
        ),
        fill.line("link", "Где лежат документы", Some("Адрес папки, если она есть")),
        fill.line("outcome", "Итог", Some("Одной фразой, когда пара закончила")),
    ]
}

/// The terms that a form describes.
pub(crate) fn read_terms(form: &Fields, wrong: &mut Vec<Wrong>) -> Option<Terms> {
    let sent = Sent(form);
    let (from, last) = sent.span(["from", "to"], wrong);
    let link = sent.link("link", wrong);
    sent.fits("outcome", wrong);
    let known = form
        .all("document")
        .filter(|code| PairDocument::from_code(code).is_some());
    Some(Terms {
        from: from?,
        to: last.and_then(|day| day.succ_opt()),
        documents: code_set(known),
        link,
        outcome: sent.some("outcome"),
    })
}

/// POST /pairs
pub fn add(call: Call) -> Answering {
    Box::pin(async move {
        let mut known = TERMS.to_vec();
        known.extend(["key", "mentor", "mentor-id", "mentee", "mentee-id", "form"]);
        let form = call.form.only_many(&known, &["document"])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let sent = Sent(form);
        let typed = ["mentor", "mentee"].map(|n| sent.text(n));
        let chosen = ["mentor-id", "mentee-id"].map(|n| form.get(n).map(str::to_owned));
        let find = move |c: &mut AnyConn| -> Result<_, Error> {
            let held = Held::of(c, &visitor, today)?;
            let mentor = reach::typed(c, &held, &typed[0], chosen[0].as_deref())?;
            Ok((mentor, reach::typed(c, &held, &typed[1], chosen[1].as_deref())?))
        };
        let found = call.app().db.read(find).await?;
        let mut wrong: Vec<Wrong> = Vec::new();
        let (mentor, mentors) = found.0.one(["mentor", "mentor-id"], &mut wrong);
        let (mentee, mentees) = found.1.one(["mentee", "mentee-id"], &mut wrong);
        let kind = kinds::mentoring().iter().find(|w| w.code == sent.text("form"));
        if kind.is_none() {
            wrong.push(("form", "Выберите форму наставничества.".into()));
        }
        let terms = read_terms(&call.form, &mut wrong);
        let (Some(mentor), Some(mentee), Some(kind), Some(terms), true) =
            (mentor, mentee, kind, terms, wrong.is_empty())
        else {
            return page(&call, List::plain("/pairs"), (&wrong, &mentors, &mentees)).await;
        };
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| Ok(pair::add(tx, &by, (mentor, mentee), &kind.code, terms)?.to_string());
        match once(&call, write).await {
            Ok(id) => Ok(Answer::redirect(format!("/pairs/{id}?done=added"))),
            Err(Error::Refused(why)) => {
                let wrong = [("mentor", capital(&format!("{why}.")))];
                page(&call, List::plain("/pairs"), (&wrong, &[], &[])).await
            }
            Err(e) => Err(e),
        }
    })
}

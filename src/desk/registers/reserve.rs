//! «Кадровый резерв» and the actives: who stands in it since when and why, whom the rule names, taking in and ending.

use std::collections::{BTreeSet, HashMap};

use crate::activity::by::reason;
use crate::activity::reserve::{self, Candidate, Member, ReserveId, ReserveState, Rule, Turn};
use crate::db::text_keys::{holds, search_key, sort_key};
use crate::db::{AnyConn, Tx};
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::once::once;
use crate::desk::plan::rows::Who;
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Check, Fill, Form, Sent, Sheet, Wrong, clash, days, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Column, Empty, Register, Tone};
use crate::pages::text::{capital, count, date};
use crate::people::PersonId;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, Visitor, token};

/// Candidates shown at once.
const SHOWN: usize = 100;

struct Shown {
    rule: &'static Rule,
    rows: Vec<Member>,
    total: usize,
    standing: usize,
    /// Everyone of the scope who stands in it today.
    members: Vec<Member>,
    candidates: Vec<Candidate>,
    who: HashMap<PersonId, Who>,
}

/// Names of the filters.
const NAMES: [&str; 3] = ["list", "q", "state"];

/// GET and POST /reserve/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?.whole(), &[], None).await })
}

/// GET /reserve
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &NAMES)?;
        let done = match call.query.get("done") {
            Some("enrolled") => Some("Приняты"),
            Some("ended") => Some("Изменения записаны"),
            Some("withdrawn") => Some("Запись отозвана"),
            _ => None,
        };
        page(&call, at, &[], done).await
    })
}

/// Who is in the reserve, who may be, and how they are called.
type Reserve = (Vec<Member>, Vec<Candidate>, HashMap<PersonId, Who>);

/// The rule of a list.
fn rule(code: &str) -> Option<&'static Rule> {
    reserve::rules().iter().find(|rule| rule.code == code)
}

/// What an address says of a rule: nothing of the first.
fn chosen(rule: &Rule) -> &str {
    let is_first = reserve::rules().first().is_some_and(|first| first.code == rule.code);
    if is_first { "" } else { &rule.code }
}

/// The rule that a form was seen with, at the version in force; a form that names none is of the first.
fn seen_with(call: &Call) -> Result<&'static Rule, Error> {
    let rules = reserve::rules();
    let found = match call.form.get("seen") {
        None => rules.first(),
        Some(seen) => rules.iter().find(|rule| seen_of(rule) == seen),
    };
    found.ok_or_else(Error::form_changed)
}

/// What a form keeps of the rule: another version of it may name others.
fn seen_of(rule: &Rule) -> String {
    format!("{}.{}", rule.code, rule.version)
}

/// Memberships and candidates of the scope by a rule, by name.
fn load(c: &mut AnyConn, visitor: &Visitor, rule: &Rule, today: chrono::NaiveDate) -> Result<Reserve, Error> {
    let held = Held::of(c, visitor, today)?;
    let mut members = reserve::members(c, held.region, rule)?;
    let mut candidates = reserve::candidates(c, held.region, rule, today)?;
    let mut ids: Vec<PersonId> = members.iter().map(|m| m.person_id).collect();
    ids.extend(candidates.iter().map(|c| c.person));
    let who = held.who(c, &ids)?;
    members.retain(|m| who.contains_key(&m.person_id));
    // Whoever works nowhere today is no candidate.
    candidates.retain(|c| who.get(&c.person).is_some_and(|w| !w.places.is_empty()));
    candidates.sort_by_cached_key(|c| who.get(&c.person).map(|w| sort_key(&w.name)));
    Ok((members, candidates, who))
}

async fn page(call: &Call, at: List, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let text = at.get("q").map(search_key);
    // `None` inside: the withdrawn ones.
    let state = at.known("state", |s| match s {
        "withdrawn" => Some(None),
        other => ReserveState::from_code(other).map(Some),
    })?;
    let rule = match at.known("list", rule)? {
        Some(rule) => rule,
        None => reserve::rules().first().ok_or_else(missing)?,
    };
    let at = at.choosing("list", chosen(rule));
    let own = at.clone();
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let (all, candidates, who) = load(c, &visitor, rule, today)?;
        let stands = |m: &Member| m.state == ReserveState::InReserve && m.withdrawn_at.is_none();
        let members: Vec<Member> = all.iter().filter(|m| stands(m)).cloned().collect();
        let found: Vec<Member> = all
            .into_iter()
            .filter(|m| {
                m.withdrawn_at.is_some() == (state == Some(None))
                    && state.flatten().is_none_or(|s| s == m.state)
                    && text
                        .as_ref()
                        .is_none_or(|t| who.get(&m.person_id).is_some_and(|w| holds(&search_key(&w.name), t)))
            })
            .collect();
        Ok(Shown {
            rule,
            total: found.len(),
            rows: own.rows(found),
            standing: members.len(),
            members,
            candidates,
            who,
        })
    };
    let shown = call.app().db.read(read).await?;
    let mut sheet = sheet(call, &at, &shown, wrong, done)?;
    let mut named: Vec<PersonId> = shown.rows.iter().map(|m| m.person_id).collect();
    if at.is_whole() {
        let codes = at.codes(&["q"]);
        let of = ListFile::of_people("reserve", &rule.title, codes, &named, Capability::Indicators);
        return file::people(call, &at, of, &sheet).await;
    }
    file::offer(&mut sheet, at.file());
    named.extend(shown.members.iter().map(|m| m.person_id));
    named.extend(shown.candidates.iter().take(SHOWN).map(|c| c.person));
    named.sort_unstable();
    named.dedup();
    looked::list(call, "reserve", &at.codes(&["q"]), &named, shown.total).await?;
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: кадровый резерв")
    })
}

fn sheet(call: &Call, at: &List, shown: &Shown, wrong: &[Wrong], done: Option<&'static str>) -> Result<Sheet, Error> {
    let columns = [
        Column::words("Кто"),
        Column::words("Где работает"),
        Column::words("Дни"),
        Column::words("Состояние"),
        Column::words("Почему"),
    ];
    let of = |person: PersonId| shown.who.get(&person);
    let row = |m: &Member| {
        let (name, place) = of(m.person_id).map_or_else(Default::default, |w| (w.name.clone(), w.places.join(", ")));
        let chip = match (m.withdrawn_at, m.state) {
            (Some(_), _) => Chip::new(Tone::Late, "отозвано"),
            (None, ReserveState::InReserve) => Chip::new(Tone::Done, m.state.label()),
            (None, _) => Chip::new(Tone::Calm, m.state.label()),
        };
        let mut why = format!("{} (правило {}, версия {})", m.why, m.rule, m.rule_version);
        for more in [&m.note, &m.withdrawn_reason].into_iter().flatten() {
            why.push_str(&format!(". {more}"));
        }
        vec![
            Cell::text(name),
            Cell::text(place),
            Cell::text(days(m.valid_from, m.valid_to.and_then(|to| to.pred_opt()))),
            Cell::chip(chip),
            Cell::text(why),
        ]
    };
    let rows: Vec<Vec<Cell>> = shown.rows.iter().map(row).collect();
    let states = ReserveState::ALL
        .iter()
        .map(|s| (s.code().to_owned(), s.label().to_owned()));
    let mut rules = reserve::rules()
        .iter()
        .map(|rule| (rule.code.clone(), rule.title.clone()));
    let (_, first) = rules.next().unwrap_or_default();
    let filters = vec![
        at.select("list", "Перечень", &first, rules)?,
        at.search("q", "Фамилия или имя"),
        at.select(
            "state",
            "Состояние",
            "любое",
            states.chain([("withdrawn".to_owned(), "отозваны".to_owned())]),
        )?,
    ];
    // Which list it is takes nobody away.
    let empty = at.clone().choosing("list", "").empty(
        Empty::new(
            "Пока никого нет",
            if shown.candidates.is_empty() {
                "Правило ниже пока никого не называет: нужны результаты диагностик."
            } else {
                "Отметьте ниже тех, кого называет правило, и примите."
            },
        ),
        "Никого не нашлось",
        "никто",
    );
    let mut blocks = vec![candidates(call, shown, wrong)?];
    if !shown.members.is_empty() {
        blocks.push(keeping(call, shown, wrong));
    }
    Ok(Sheet {
        heading: shown.rule.title.clone(),
        lead: format!("Сегодня {}: {}.", shown.rule.called, shown.standing),
        done,
        problems: problems(wrong),
        filters: Some(at.filters(filters, list::found(shown.total, "запись", "записи", "записей"))),
        paging: at.paging(shown.total),
        empty: rows.is_empty().then_some(empty),
        register: (!rows.is_empty()).then(|| Register::new(shown.rule.title.as_str(), &columns, rows)),
        blocks,
        token: call.token(),
        ..Sheet::default()
    })
}

/// Whom the rule names, with boxes to tick: what would happen and why.
fn candidates(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Result<Block, Error> {
    let sent = Sent(&call.form);
    let values = |name: &str| sent.text(name);
    let fill = Fill { values: &values, wrong };
    let boxes = shown.candidates.iter().take(SHOWN).map(|c| {
        let who = shown.who.get(&c.person);
        let place = who.map_or_else(String::new, |w| w.places.join(", "));
        Check {
            value: c.person.to_string(),
            label: who.map_or_else(String::new, |w| w.name.clone()),
            meta: format!("{place} · {}", c.why),
            checked: call.form.all("person").any(|id| id == c.person.to_string()),
        }
    });
    let boxes: Vec<Check> = boxes.collect();
    let rule = shown.rule;
    let mut text = format!(
        "Правило «{}», версия {}: результаты диагностик не старше {}, без самодиагностики. Названо: {}.",
        rule.title,
        rule.version,
        count(
            i64::try_from(rule.recent_days).unwrap_or(i64::MAX),
            "дня",
            "дней",
            "дней"
        ),
        shown.candidates.len()
    );
    if shown.candidates.len() > SHOWN {
        text.push_str(&format!(" Показаны первые {SHOWN}: примите их, и появятся следующие."));
    }
    let forms = vec![Form {
        action: "/reserve".into(),
        act: "enrol",
        seen: seen_of(rule),
        key: token::random_name()?,
        parts: vec![fill.checks("Отметьте, кого принять", "person", boxes)],
        button: "Принять отмеченных".into(),
        ..Form::default()
    }];
    Ok(Block {
        title: "Кого называет правило".into(),
        text: Some(text),
        forms: if shown.candidates.is_empty() { Vec::new() } else { forms },
        ..Block::default()
    })
}

/// Ending and withdrawing memberships.
fn keeping(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Block {
    let sent = Sent(&call.form);
    let act = call.form.get("act").unwrap_or_default();
    let values = |name: &str| sent.text(name);
    let fill = Fill { values: &values, wrong };
    let members = || {
        shown.members.iter().map(|m| {
            let name = shown.who.get(&m.person_id).map_or_else(String::new, |w| w.name.clone());
            (
                format!("{}.{}", m.id, m.version),
                format!("{name}, с {}", date(m.valid_from)),
            )
        })
    };
    let ends = ReserveState::ALL.iter().filter(|s| **s != ReserveState::InReserve);
    let ends = ends.map(|s| (s.code().to_owned(), s.label().to_owned()));
    Block {
        title: "Ведение".into(),
        forms: vec![
            Form {
                action: "/reserve".into(),
                act: "end",
                seen: seen_of(shown.rule),
                folded: "Закончить пребывание".into(),
                open: act == "end" && !wrong.is_empty(),
                parts: vec![
                    fill.choice("member", "Кто", Some("выберите"), members()),
                    fill.choice("state", "Чем закончилось", Some("выберите"), ends),
                    fill.line("last", "Последний день", Some("ДД.ММ.ГГГГ")),
                    fill.line("note", "Примечание", Some("Например, приказ о назначении")),
                ],
                button: "Закончить".into(),
                ..Form::default()
            },
            Form {
                action: "/reserve".into(),
                act: "withdraw",
                seen: seen_of(shown.rule),
                folded: "Отозвать ошибочную запись".into(),
                open: act == "withdraw" && !wrong.is_empty(),
                parts: vec![
                    fill.choice("wrong", "Чья запись", Some("выберите"), members()),
                    fill.line("why", "Причина отзыва", None),
                ],
                button: "Отозвать запись".into(),
                ..Form::default()
            },
        ],
        ..Block::default()
    }
}

/// POST /reserve
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let known = ["act", "key", "seen", "member", "state", "last", "note", "wrong", "why"];
        let form = call.form.only_many(&known, &["person"])?;
        let (visitor, today, by) = (call.visitor()?.clone(), call.app().clock.today(), by(&call)?);
        let mut persons = BTreeSet::new();
        for id in form.all("person") {
            persons.insert(PersonId(id.parse().map_err(|_| missing())?));
        }
        let asked: Vec<PersonId> = persons.iter().copied().collect();
        let rule = seen_with(&call)?;
        let list = || List::plain("/reserve").choosing("list", chosen(rule));
        let look = move |c: &mut AnyConn| -> Result<Vec<Member>, Error> {
            // A person who is not seen is not there.
            let held = Held::of(c, &visitor, today)?;
            if held.inside(c, &asked)?.len() != asked.len() {
                return Err(missing());
            }
            let (members, ..) = load(c, &visitor, rule, today)?;
            Ok(members)
        };
        let members = call.app().db.read(look).await?;
        let sent = Sent(form);
        let member = |name: &str| -> Option<(Member, i32)> {
            let text = sent.text(name);
            let (id, version) = text.split_once('.')?;
            let id = ReserveId(id.parse().ok()?);
            Some((members.iter().find(|m| m.id == id)?.clone(), version.parse().ok()?))
        };
        let nobody = |field: &'static str| (field, "Выберите, о ком запись.".to_owned());
        type Write = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), Error> + Send>;
        let mut wrong: Vec<Wrong> = Vec::new();
        let (write, done, field): (Write, &str, &'static str) = match form.get("act").unwrap_or_default() {
            "enrol" => (
                Box::new(move |tx| reserve::enrol(tx, &by, rule, &persons).map(|_| ())),
                "enrolled",
                "person",
            ),
            "end" => {
                let found = member("member");
                if found.is_none() {
                    wrong.push(nobody("member"));
                }
                let state = ReserveState::from_code(&sent.text("state")).filter(|s| *s != ReserveState::InReserve);
                if state.is_none() {
                    wrong.push(("state", "Выберите, чем закончилось.".into()));
                }
                let last = sent.day("last", &mut wrong);
                sent.fits("note", &mut wrong);
                let note = sent.some("note");
                let (Some((found, version)), Some(state), Some(last), true) = (found, state, last, wrong.is_empty())
                else {
                    return page(&call, list(), &wrong, None).await;
                };
                let turn = Turn::End(state, last, note);
                (
                    Box::new(move |tx| reserve::turn(tx, &by, &found, version, turn)),
                    "ended",
                    "last",
                )
            }
            "withdraw" => {
                let Some((found, version)) = member("wrong") else {
                    return page(&call, list(), &[nobody("wrong")], None).await;
                };
                let why = reason(&sent.text("why"));
                let write = move |tx: &mut Tx<'_>| reserve::turn(tx, &by, &found, version, Turn::Withdraw(why?));
                (Box::new(write), "withdrawn", "why")
            }
            _ => return Err(missing()),
        };
        // Who is taken in has a key: the same form sent twice is one act.
        match once(&call, move |tx| write(tx).map(|()| String::new())).await {
            Ok(_) => Ok(Answer::redirect(format!("/reserve?list={}&done={done}", chosen(rule)))),
            Err(Error::Refused(why)) => {
                let wrong = [(field, capital(&format!("{why}.")))];
                page(&call, list(), &wrong, None).await
            }
            Err(Error::Changed(what)) => {
                let wrong = clash(form.get("act").unwrap_or_default(), field, &what);
                Ok(page(&call, list(), &wrong, None).await?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

//! One body: duties, dated members with their head; adding and ending a membership, changing and withdrawing the body.

use chrono::NaiveDate;

use crate::activity::body::{self, Turn};
use crate::activity::by::reason;
use crate::activity::kinds;
use crate::activity::model::{Body, BodyId, BodyMember, MemberRole, RecordId};
use crate::db::{AnyConn, Tx};
use crate::desk::looked;
use crate::desk::registers::active::{self, Told as Work};
use crate::desk::registers::active_list;
use crate::desk::registers::bodies::{FIELDS, body_form, read, stands};
use crate::desk::registers::page::{
    Block, Fill, Form, Keeping, Sent, Sheet, Wrong, clash, days, fact, problems, written,
};
use crate::desk::registers::reach::{self, Held, by, missing};
use crate::desk::small_cells::{self, Told};
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Column, Link, Register, Tone};
use crate::pages::text::{capital, date};
use crate::people::PersonId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor};

/// A body as it was read.
pub(super) struct Shown {
    pub held: Held,
    pub body: Body,
    /// Memberships of people who are seen, with names.
    pub members: Vec<(BodyMember, String)>,
    /// Members today who are not seen.
    others: usize,
    keeps: bool,
    /// What they do, of an active.
    pub work: Option<Work>,
}

/// GET /bodies/{body}; with `part` the list behind a number of an active.
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        if call.query.get("part").is_some() {
            return active_list::show(&call).await;
        }
        let query = call.query.only(&["done"])?;
        let done = match query.get("done") {
            Some("added") => Some("Объединение добавлено"),
            Some("changed") => Some("Изменения записаны"),
            Some("joined") => Some("Участник добавлен"),
            Some("withdrawn") => Some("Запись отозвана, её можно вернуть"),
            Some("restored") => Some("Запись возвращена"),
            _ => None,
        };
        page(&call, (&[], &[]), done).await
    })
}

pub(super) fn load(c: &mut AnyConn, visitor: &Visitor, id: BodyId, today: NaiveDate) -> Result<Shown, Error> {
    let held = Held::of(c, visitor, today)?;
    let body = body::find(c, held.region, id)?.ok_or_else(missing)?;
    let all = body::members(c, &[id])?;
    let ids: Vec<PersonId> = all.iter().map(|m| m.person_id).collect();
    let who = held.who(c, &ids)?;
    let others = all
        .iter()
        .filter(|m| stands(m, today) && !who.contains_key(&m.person_id))
        .count();
    let mut members: Vec<(BodyMember, String)> = all
        .into_iter()
        .filter_map(|m| {
            let name = who.get(&m.person_id)?.name.clone();
            Some((m, name))
        })
        .collect();
    let order = |m: &BodyMember| {
        (
            m.withdrawn_at.is_some(),
            !stands(m, today),
            m.role == MemberRole::Member,
        )
    };
    members.sort_by_cached_key(|(m, name)| (order(m), crate::db::text_keys::sort_key(name)));
    let keeps = held.keeps(body.unit_id);
    let work = active::of(c, visitor, &held, (&body, &members), today)?;
    Ok(Shown {
        held,
        body,
        members,
        others,
        keeps,
        work,
    })
}

/// Problems of the form, and people to choose from where a name was not enough.
type Again<'a> = (&'a [Wrong], &'a [(PersonId, String)]);

async fn page(call: &Call, (wrong, several): Again<'_>, done: Option<&'static str>) -> Result<Answer, Error> {
    let (visitor, today, id) = (
        call.visitor()?.clone(),
        call.app().clock.today(),
        BodyId(call.id("body")?),
    );
    let shown = call.app().db.read(move |c| load(c, &visitor, id, today)).await?;
    let mut named: Vec<PersonId> = shown.members.iter().map(|(m, _)| m.person_id).collect();
    named.extend(several.iter().map(|(id, _)| *id));
    looked::list(call, "body", &format!("body={id}"), &named, named.len()).await?;
    let title = shown.body.name.clone();
    let answer = Answer::page("desk/register", &sheet(call, shown, (wrong, several), today, done))?;
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.status(422).title(format!("Ошибка: {title}"))
    })
}

fn sheet(call: &Call, shown: Shown, again: Again<'_>, today: NaiveDate, done: Option<&'static str>) -> Sheet {
    let Shown {
        held,
        body,
        members,
        others,
        keeps,
        work,
    } = shown;
    let mut facts = vec![
        fact("Вид", kinds::word_name(kinds::bodies(), &body.kind)),
        fact("Уровень", body.level.label()),
        fact(
            "При ком работает",
            if body.unit_id.is_none() {
                "весь регион".into()
            } else {
                held.name(body.unit_id)
            },
        ),
        fact("Обязанности", body.duties.clone().unwrap_or_default()),
        fact("Страница в сети", body.link.clone().unwrap_or_default()),
        fact("Код", body.code.clone()),
    ];
    let heads: Vec<&str> = members
        .iter()
        .filter(|(m, _)| m.role == MemberRole::Chair && stands(m, today))
        .map(|(_, name)| name.as_str())
        .collect();
    facts.insert(0, fact("Руководитель", heads.join(", ")));
    if let (Some(at), Some(why)) = (body.withdrawn_at, &body.withdrawn_reason) {
        facts.push(fact("Отозвано", format!("{}: {why}", date(at.date()))));
    }
    let live = body.withdrawn_at.is_none();
    let columns = [
        Column::words("Участник"),
        Column::words("Роль"),
        Column::words("Дни"),
        Column::words("Состояние"),
    ];
    let row = |(m, name): &(BodyMember, String)| {
        let chip = if m.withdrawn_at.is_some() {
            Chip::new(Tone::Late, "отозвано")
        } else if stands(m, today) {
            Chip::new(Tone::Done, "состоит")
        } else {
            Chip::new(Tone::Calm, "не состоит")
        };
        vec![
            Cell::text(name.clone()),
            Cell::text(m.role.label()),
            Cell::text(days(m.valid_from, m.valid_to.and_then(|to| to.pred_opt()))),
            Cell::chip(chip),
        ]
    };
    let rows: Vec<Vec<Cell>> = members.iter().map(row).collect();
    let own = members.iter().filter(|(m, _)| stands(m, today)).count();
    let (all, told) = small_cells::beside(own, others);
    let mut text = match all {
        Told::Number(all) => format!("Состоят сегодня: {all}."),
        _ => format!("Ваших состоят сегодня: {own}."),
    };
    if others > 0 {
        text.push_str(&format!(" Из других организаций, без имён: {}.", told.shown()));
    }
    let mut blocks = vec![Block {
        title: "Участники".into(),
        text: Some(text),
        register: (!rows.is_empty()).then(|| Register::new("Участники", &columns, rows)),
        forms: if keeps && live {
            member_forms(call, &body, &members, again)
        } else {
            Vec::new()
        },
        ..Block::default()
    }];
    blocks.extend(work.map(|work| work.block(&members)));
    if keeps {
        blocks.push(keeping(call, &held, &body, again.0));
    }
    Sheet {
        crumbs: vec![Link::new("Объединения", "/bodies")],
        heading: body.name.clone(),
        lead: if live {
            String::new()
        } else {
            "Объединение отозвано и нигде не считается.".into()
        },
        done,
        problems: problems(again.0),
        facts,
        blocks,
        token: call.token(),
        ..Sheet::default()
    }
}

/// Adding a member; ending, withdrawing, bringing back a membership.
fn member_forms(call: &Call, body: &Body, members: &[(BodyMember, String)], (wrong, several): Again<'_>) -> Vec<Form> {
    let sent = Sent(&call.form);
    let act = call.form.get("act").unwrap_or_default();
    let values = |name: &str| match name {
        "role" if call.form.get(name).is_none() => MemberRole::Member.code().to_owned(),
        _ => sent.text(name),
    };
    let fill = Fill { values: &values, wrong };
    let address = format!("/bodies/{}", body.id);
    let name = |(m, name): &(BodyMember, String)| {
        let said = format!(
            "{name}, {}, {}",
            m.role.label(),
            days(m.valid_from, m.valid_to.and_then(|d| d.pred_opt()))
        );
        (format!("{}.{}", m.record_id, m.version), said)
    };
    let of = |gone: bool| {
        members
            .iter()
            .filter(move |(m, _)| m.withdrawn_at.is_some() == gone)
            .map(name)
    };
    let mut parts = vec![fill.line(
        "who",
        "Фамилия и имя",
        Some("Ищем среди тех, кто работает в ваших организациях"),
    )];
    if !several.is_empty() {
        let people = several.iter().map(|(id, name)| (id.to_string(), name.clone()));
        parts.push(fill.choice("person", "Кто из них", Some("выберите"), people));
    }
    parts.extend([
        fill.choice(
            "role",
            "Роль",
            None,
            MemberRole::ALL.iter().map(|r| (r.code().into(), r.label().into())),
        ),
        fill.line("since", "Состоит с", Some("ДД.ММ.ГГГГ")),
        fill.line(
            "until",
            "По какой день включительно",
            Some("Пусто, если состоит и сейчас"),
        ),
    ]);
    let mut forms = vec![Form {
        action: address.clone(),
        act: "join",
        folded: "Добавить участника".into(),
        open: act == "join" && !wrong.is_empty(),
        parts,
        button: "Добавить".into(),
        ..Form::default()
    }];
    if of(false).next().is_some() {
        forms.push(Form {
            action: address.clone(),
            act: "end",
            folded: "Закончить участие".into(),
            open: act == "end" && !wrong.is_empty(),
            parts: vec![
                fill.choice("member", "Чьё участие закончить", Some("выберите"), of(false)),
                fill.line("last", "Последний день", Some("ДД.ММ.ГГГГ")),
            ],
            button: "Закончить".into(),
            ..Form::default()
        });
        forms.push(Form {
            action: address.clone(),
            act: "withdraw-member",
            folded: "Отозвать ошибочную запись".into(),
            open: act == "withdraw-member" && !wrong.is_empty(),
            parts: vec![
                fill.choice("wrong", "Какую запись отозвать", Some("выберите"), of(false)),
                fill.line("why", "Причина отзыва", None),
            ],
            button: "Отозвать запись".into(),
            ..Form::default()
        });
    }
    if of(true).next().is_some() {
        forms.push(Form {
            action: address,
            act: "restore-member",
            folded: "Вернуть отозванную запись".into(),
            open: act == "restore-member" && !wrong.is_empty(),
            parts: vec![fill.choice("back", "Какую запись вернуть", Some("выберите"), of(true))],
            button: "Вернуть запись".into(),
            ..Form::default()
        });
    }
    forms
}

/// Changing, withdrawing and bringing back the body itself.
fn keeping(call: &Call, held: &Held, body: &Body, wrong: &[Wrong]) -> Block {
    let stored = |name: &str| stored(body, held, name);
    let address = format!("/bodies/{}", body.id);
    Keeping {
        address,
        version: body.version,
        withdrawn: body.withdrawn_at.is_some(),
        stored: &stored,
        form: &|fill, _| body_form(fill, held),
        call,
        wrong,
        words: ["Вернуть объединение", "Отозвать объединение", "Отозвать"],
    }
    .block()
}

/// What a field of the form says of a body that is stored.
pub(crate) fn stored(body: &Body, held: &Held, name: &str) -> String {
    match name {
        "name" => body.name.clone(),
        "kind" => body.kind.clone(),
        "level" => body.level.code().to_owned(),
        "unit" => body
            .unit_id
            .and_then(|id| held.tree.unit(id))
            .map_or_else(String::new, |u| u.code.clone()),
        "duties" => body.duties.clone().unwrap_or_default(),
        "page" => body.link.clone().unwrap_or_default(),
        "code" => body.code.clone(),
        _ => String::new(),
    }
}

/// POST /bodies/{body}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let mut known = FIELDS.to_vec();
        known.extend([
            "act", "seen", "reason", "why", "who", "person", "role", "since", "until",
        ]);
        known.extend(["member", "last", "wrong", "back"]);
        let form = call.form.only(&known)?;
        let (visitor, today, id) = (
            call.visitor()?.clone(),
            call.app().clock.today(),
            BodyId(call.id("body")?),
        );
        let (who, person) = (Sent(form).text("who"), form.get("person").map(str::to_owned));
        let looking = visitor.clone();
        let read_all = move |c: &mut AnyConn| -> Result<_, Error> {
            let shown = load(c, &looking, id, today)?;
            let typed = reach::typed(c, &shown.held, &who, person.as_deref())?;
            Ok((shown, typed))
        };
        let (shown, typed) = call.app().db.read(read_all).await?;
        if !shown.keeps {
            return Err(missing());
        }
        let (sent, by, body) = (Sent(form), by(&call)?, shown.body.clone());
        let seen = sent.seen();
        let member = |name: &str| -> Option<(BodyMember, i32)> {
            let text = sent.text(name);
            let (record, version) = text.split_once('.')?;
            let (record, version) = (RecordId(record.parse().ok()?), version.parse().ok()?);
            let (found, _) = shown.members.iter().find(|(m, _)| m.record_id == record)?;
            Some((found.clone(), version))
        };
        type Write = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), Error> + Send>;
        let mut wrong: Vec<Wrong> = Vec::new();
        let nobody = |field: &'static str| (field, "Выберите запись.".to_owned());
        let (write, done, field): (Write, &str, &'static str) = match form.get("act").unwrap_or_default() {
            "change" => match read(form, &shown.held, Some(&body)) {
                Err(wrong) => return page(&call, (&wrong, &[]), None).await,
                Ok(input) => (
                    Box::new(move |tx| body::change(tx, &by, &body, seen, &input)),
                    "changed",
                    "kind",
                ),
            },
            "withdraw" => {
                let why = reason(&sent.text("reason"));
                let write = move |tx: &mut Tx<'_>| body::set_withdrawn(tx, &by, &body, seen, Some(&why?));
                (Box::new(write), "withdrawn", "reason")
            }
            "restore" => (
                Box::new(move |tx| body::set_withdrawn(tx, &by, &body, seen, None)),
                "restored",
                "reason",
            ),
            "join" => {
                let (person, several) = typed.one(["who", "person"], &mut wrong);
                if !several.is_empty() {
                    return page(&call, (&wrong, &several), None).await;
                }
                let role = MemberRole::from_code(&sent.text("role")).unwrap_or(MemberRole::Member);
                let (from, last) = sent.span(["since", "until"], &mut wrong);
                let (Some(person), Some(from), true) = (person, from, wrong.is_empty()) else {
                    return page(&call, (&wrong, &[]), None).await;
                };
                let to = last.and_then(|day| day.succ_opt());
                let write = move |tx: &mut Tx<'_>| body::join(tx, &by, &body, (person, role), (from, to));
                (Box::new(write), "joined", "since")
            }
            "end" => {
                let last = sent.day("last", &mut wrong);
                let found = member("member");
                if found.is_none() {
                    wrong.push(nobody("member"));
                }
                let (Some((found, version)), Some(last)) = (found, last) else {
                    return page(&call, (&wrong, &[]), None).await;
                };
                let write = move |tx: &mut Tx<'_>| body::turn(tx, &by, &found, version, Turn::End(last));
                (Box::new(write), "changed", "last")
            }
            "withdraw-member" => {
                let Some((found, version)) = member("wrong") else {
                    return page(&call, (&[nobody("wrong")], &[]), None).await;
                };
                let why = reason(&sent.text("why"));
                let write = move |tx: &mut Tx<'_>| body::turn(tx, &by, &found, version, Turn::Withdraw(why?));
                (Box::new(write), "withdrawn", "why")
            }
            "restore-member" => {
                let Some((found, version)) = member("back") else {
                    return page(&call, (&[nobody("back")], &[]), None).await;
                };
                let write = move |tx: &mut Tx<'_>| body::turn(tx, &by, &found, version, Turn::Restore);
                (Box::new(write), "restored", "back")
            }
            _ => return Err(missing()),
        };
        match written(&call, write).await {
            Ok(()) => Ok(Answer::redirect(format!("/bodies/{id}?done={done}"))),
            Err(Error::Refused(why)) => page(&call, (&[(field, capital(&format!("{why}.")))], &[]), None).await,
            Err(Error::Changed(what)) => {
                let wrong = clash(form.get("act").unwrap_or_default(), field, &what);
                Ok(page(&call, (&wrong, &[]), None).await?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

//! «Пользователи и роли»: accounts below the visitor's rank inside the visitor's unit, a new one, and the card of one with
//! everything that may be done to it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::access::granting::{self, Act, Giver, Giving, Held, Newcomer, Seen, Wanted};
use crate::access::model::AccountState;
use crate::access::settle::Settle;
use crate::access::{AccountId, Role};
use crate::db::text_keys::clean;
use crate::db::{AnyConn, Tx};
use crate::desk::conflict;
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::once::{Keyed, once, once_by_version};
use crate::desk::registers::file;
use crate::error::{Error, Refusal};
use crate::pages::parts::{
    Cell, Chip, Choice, Column, Empty, Field, Filters, Link, Paging, Problem, Register, Select, Tone,
};
use crate::pages::text::{capital, date, typed_day};
use crate::units::UnitKind;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, token};

/// Names of the filters.
const FILTERS: &[&str] = &["q", "role", "unit"];
/// What changes an account, by the words of the journal.
const CHANGES: &[&str] = &[
    "access.grant",
    "access.revoke",
    "access.suspend",
    "access.restore",
    "access.email",
    "access.address",
    "access.link",
];
/// Units that a form offers by name; where there are more, the code is written.
const OFFERED: usize = 1000;

fn missing() -> Error {
    Error::NotFound("учётная запись".into())
}

#[derive(Serialize)]
struct ListPage {
    done: Option<&'static str>,
    /// Where teachers are, for whoever does not list them.
    teachers: Option<&'static str>,
    filters: Filters,
    register: Option<Register>,
    paging: Option<Paging>,
    empty: Empty,
}

/// GET /users
pub fn list(call: Call) -> Answering {
    Box::pin(async move { everyone(&call, List::of(&call, FILTERS)?).await })
}

/// GET and POST /users/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { everyone(&call, List::of(&call, FILTERS)?.whole()).await })
}

async fn everyone(call: &Call, at: List) -> Result<Answer, Error> {
    let (visitor, today, own) = (call.visitor()?.clone(), call.app().clock.today(), at.clone());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let by = Giver::of(c, &visitor, today)?;
        let wanted = Wanted {
            search: own.get("q").unwrap_or_default().to_owned(),
            role: own.known("role", Role::from_code)?,
            unit: own.known("unit", |code| Some(by.unit(code)?.id))?,
        };
        let (found, total) = granting::list(c, &by, &wanted, |total| (own.skipped(total), own.most()))?;
        Ok((by, found, total))
    };
    let (by, found, total) = call.app().db.read(read).await?;
    let roles = by.roles().into_iter().chain([Role::Teacher]);
    let roles = roles.map(|r| (r.code().to_owned(), r.label().to_owned()));
    let places = by.units().into_iter().filter(|u| u.kind != UnitKind::Organisation);
    let mut places: Vec<_> = places.map(|u| (u.code.clone(), u.name.clone())).collect();
    let chosen = at.get("unit").and_then(|code| by.unit(code));
    let chosen = chosen.filter(|unit| places.iter().all(|(code, _)| *code != unit.code));
    places.extend(chosen.map(|unit| (unit.code.clone(), unit.name.clone())));
    let filters = vec![
        at.search("q", "Логин, фамилия или имя"),
        at.select("role", "Роль", "все, кроме педагогов", roles)?,
        at.select("unit", "Территория", "все", places)?,
    ];
    let ids: Vec<AccountId> = found.iter().map(|of| of.account.id).collect();
    let mut filters = at.filters(filters, list::found(total, "запись", "записи", "записей"));
    filters.file = (total > 0).then(|| at.file());
    let ended = call.query.get("done") == Some("end");
    let page = ListPage {
        done: ended.then_some("Роль снята. Других ролей у записи нет: вернуть ей роль может региональный оператор."),
        teachers: (!by.lists_teachers()).then_some(
            "Педагоги здесь не перечислены: их записи ведёт школа. Чтобы найти одного, введите логин или фамилию целиком, от трёх букв.",
        ),
        filters,
        register: (!found.is_empty()).then(|| register(&found, today)),
        paging: at.paging(total),
        empty: Empty::new(
            "Никого не нашлось",
            "Здесь стоят те, чьи роли ниже вашей и действуют в вашей единице. Добавьте коллегу кнопкой выше.",
        ),
    };
    let codes = at.codes(&["q"]);
    if at.is_whole() {
        let of = ListFile::of_people("account", "Пользователи и роли", codes, &ids, Capability::Roles);
        let of = of.chosen(page.filters.in_words());
        let tables: Vec<&Register> = page.register.iter().collect();
        return file::named(call, &at, &of, &tables).await;
    }
    looked::list(call, "account", &codes, &ids, total).await?;
    Answer::page("desk/users", &page)
}

/// «Тьютор, Ишим, по 31.12.2026».
fn said(of: &Held, today: NaiveDate) -> String {
    let mut words = format!("{}, {}", of.role.label(), of.unit_name);
    match (of.from, of.to.and_then(|to| to.pred_opt())) {
        (_, Some(last)) if last < today => words.push_str(&format!(", закончилась {}", date(last))),
        (Some(first), _) if first > today => words.push_str(&format!(", с {}", date(first))),
        (_, Some(last)) => words.push_str(&format!(", по {}", date(last))),
        _ => {}
    }
    words
}

fn state(of: &Seen) -> Chip {
    if of.account.state == AccountState::Suspended {
        Chip::new(Tone::Late, "приостановлена")
    } else if of.roles.is_empty() && !of.others {
        Chip::new(Tone::Calm, "без ролей")
    } else if of.account.password_hash.is_empty() {
        Chip::new(Tone::Wait, "ещё не входил")
    } else {
        Chip::new(Tone::Done, "действует")
    }
}

fn register(found: &[Seen], today: NaiveDate) -> Register {
    let columns = [
        Column::words("Кто"),
        Column::words("Логин"),
        Column::words("Роли"),
        Column::words("Состояние"),
    ];
    let row = |of: &Seen| {
        let roles: Vec<String> = of.roles.iter().map(|held| said(held, today)).collect();
        vec![
            Cell::link(of.name.clone(), format!("/users/{}", of.account.id)),
            Cell::text(of.account.login.clone()),
            Cell::text(roles.join("; ")),
            Cell::chip(state(of)),
        ]
    };
    Register::new("Пользователи", &columns, found.iter().map(row).collect())
}

/// What was typed into a form, by the names of its fields.
type Typed = BTreeMap<&'static str, String>;

const NEW: &[&str] = &["key", "name", "login", "email", "role", "unit", "from", "until"];
/// The same in the order of the form.
const ON_FORM: &[&str] = &["name", "email", "login", "role", "unit", "from", "until"];

#[derive(Serialize)]
struct NewPage {
    problems: Vec<Problem>,
    name: Field,
    login: Field,
    email: Field,
    role: Select,
    unit: Place,
    from: Field,
    until: Field,
    key: String,
    token: String,
}

/// The unit of a role: chosen by name where there are few, else written by its code.
#[derive(Serialize)]
struct Place {
    select: Option<Select>,
    field: Option<Field>,
}

/// The fields of a role to give.
struct RoleFields {
    role: Select,
    unit: Place,
    from: Field,
    until: Field,
}

/// What is wrong, each with its field.
type Wrong = Vec<(&'static str, String)>;

fn at(wrong: &Wrong, field: &str) -> Option<String> {
    let own = wrong.iter().find(|(name, _)| *name == field);
    own.map(|(_, text)| text.clone())
}

fn problems(wrong: &Wrong) -> Vec<Problem> {
    let problem = wrong.iter().map(|(field, text)| Problem {
        field,
        text: text.clone(),
    });
    problem.collect()
}

fn field(name: &'static str, label: &'static str, hint: Option<&'static str>, typed: &Typed, wrong: &Wrong) -> Field {
    Field {
        name,
        label,
        hint,
        value: typed.get(name).cloned().unwrap_or_default(),
        problem: at(wrong, name),
        long: false,
    }
}

fn role_fields(by: &Giver, typed: &Typed, wrong: &Wrong) -> RoleFields {
    let given = |name: &str| typed.get(name).map_or("", String::as_str);
    let first = |label: &str, chosen: &str| std::iter::once(Choice::new("", label.to_owned(), chosen));
    let select = |name: &str, label: &str, hint: Option<String>, choices: Vec<Choice>| Select {
        name: name.into(),
        label: label.into(),
        hint,
        choices,
        problem: at(wrong, name),
    };
    let units = by.units();
    let roles = by.roles();
    let roles = roles.iter().map(|r| Choice::new(r.code(), r.label(), given("role")));
    let unit = if units.len() <= OFFERED {
        let named = units.iter().map(|u| {
            let words = format!("{} ({})", u.name, u.kind.label());
            Choice::new(&u.code, words, given("unit"))
        });
        Place {
            select: Some(select(
                "unit",
                "Где",
                None,
                first("выберите", given("unit")).chain(named).collect(),
            )),
            field: None,
        }
    } else {
        let hint = "Код из списка территорий и организаций.";
        Place {
            select: None,
            field: Some(field(
                "unit",
                "Код территории или организации",
                Some(hint),
                typed,
                wrong,
            )),
        }
    };
    RoleFields {
        role: select(
            "role",
            "Роль",
            None,
            first("выберите", given("role")).chain(roles).collect(),
        ),
        unit,
        from: field("from", "С какого дня", Some("ДД.ММ.ГГГГ; пусто — сразу"), typed, wrong),
        until: field(
            "until",
            "По какой день включительно",
            Some("ДД.ММ.ГГГГ; пусто — без срока"),
            typed,
            wrong,
        ),
    }
}

fn typed(call: &Call, names: &[&'static str]) -> Typed {
    let value = |name: &&'static str| (*name, clean(call.form.get(name).unwrap_or_default()));
    names.iter().map(value).collect()
}

/// The role that was typed, or all that is wrong with it.
fn giving(typed: &Typed) -> Result<Giving, Wrong> {
    let given = |name: &str| typed.get(name).map_or("", String::as_str);
    let mut wrong = Wrong::new();
    let role = Role::from_code(given("role"));
    if role.is_none() {
        wrong.push(("role", "Выберите роль.".to_owned()));
    }
    if given("unit").is_empty() {
        wrong.push(("unit", "Выберите, где роль действует.".to_owned()));
    }
    let mut dated = |name: &'static str| {
        let day = typed_day(given(name));
        if day.is_none() && !given(name).is_empty() {
            wrong.push((name, "Напишите день так: 01.02.2027.".to_owned()));
        }
        day
    };
    let (from, until) = (dated("from"), dated("until"));
    match role {
        Some(role) if wrong.is_empty() => Ok(Giving {
            role,
            unit: given("unit").to_owned(),
            from,
            until,
        }),
        _ => Err(wrong),
    }
}

/// All that is wrong with a role: what cannot be read, else what does not fit the giver.
fn giving_or_wrong(by: &Giver, typed: &Typed, today: NaiveDate) -> Result<Giving, Wrong> {
    let giving = giving(typed)?;
    match told(&granting::wrong_role(by, &giving, today)) {
        wrong if wrong.is_empty() => Ok(giving),
        wrong => Err(wrong),
    }
}

/// Refusals at their fields.
fn told(refusals: &[Refusal]) -> Wrong {
    let one = |why: &Refusal| (field_of(why), capital(&format!("{why}.")));
    refusals.iter().map(one).collect()
}

/// The field that a refusal is about.
fn field_of(why: &Refusal) -> &'static str {
    let says = |field| {
        why.values
            .iter()
            .any(|(name, value)| *name == "field" && value == field)
    };
    match why.code {
        "granting.past" | "granting.too_far" if says("from") => "from",
        "access.login_characters" | "granting.login_taken" => "login",
        "access.email" => "email",
        "granting.unit_kind" | "granting.no_unit" => "unit",
        "granting.order" | "granting.past" | "granting.too_far" => "until",
        "granting.login_latin" => "login",
        "granting.name" | "desk.saved" => "name",
        "granting.suspended_above" => "restore",
        "granting.invited" | "granting.others" | "granting.address_rests" | "granting.address_unsaid" => "address",
        _ => "role",
    }
}

async fn giver(call: &Call) -> Result<Giver, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let read = move |c: &mut AnyConn| Giver::of(c, &visitor, today).map_err(Error::from);
    call.app().db.read(read).await
}

/// GET /users/new
pub fn new(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let by = giver(&call).await?;
        new_page(&call, &by, &Typed::new(), Wrong::new())
    })
}

fn new_page(call: &Call, by: &Giver, typed: &Typed, wrong: Wrong) -> Result<Answer, Error> {
    let fields = role_fields(by, typed, &wrong);
    let login_hint = "Латиницей, например ivanova.a. По нему человек входит.";
    let page = NewPage {
        problems: problems(&wrong),
        name: field("name", "Имя и фамилия", None, typed, &wrong),
        login: field("login", "Логин", Some(login_hint), typed, &wrong),
        email: field("email", "Адрес почты", Some("Сюда придёт приглашение."), typed, &wrong),
        role: fields.role,
        unit: fields.unit,
        from: fields.from,
        until: fields.until,
        key: token::random_name()?,
        token: call.token(),
    };
    let answer = Answer::page("desk/users_new", &page)?;
    Ok(if !wrong.is_empty() {
        answer.status(422).title("Ошибка: новый пользователь")
    } else {
        answer
    })
}

/// POST /users/new
pub fn open(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(NEW)?;
        let (by, typed) = (giver(&call).await?, typed(&call, NEW));
        let who = Newcomer {
            name: typed["name"].clone(),
            login: typed["login"].clone(),
            email: typed["email"].clone(),
        };
        let (asked, sent) = (who.clone(), Keyed::of(&call)?);
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let before = sent.map(|form| form.before(c)).transpose()?.flatten();
            Ok((before, granting::wrong_newcomer(c, &asked)?))
        };
        let mut wrong = match call.app().db.read(read).await {
            // The same form has made the account: its login is taken by itself.
            Ok((Some(id), _)) => return Ok(Answer::redirect(format!("/users/{id}?done=open"))),
            Ok((None, refusals)) => told(&refusals),
            Err(Error::Refused(why)) => return new_page(&call, &by, &typed, told(&[why])),
            Err(e) => return Err(e),
        };
        for (field, text) in [
            ("name", "Напишите имя и фамилию."),
            ("email", "Напишите адрес: туда придёт приглашение."),
            ("login", "Придумайте логин."),
        ] {
            if typed[field].is_empty() {
                wrong.push((field, text.to_owned()));
            }
        }
        let giving = match giving_or_wrong(&by, &typed, call.app().clock.today()) {
            Ok(giving) if wrong.is_empty() => giving,
            of_role => {
                wrong.extend(of_role.err().unwrap_or_default());
                wrong.sort_by_key(|(field, _)| ON_FORM.iter().position(|name| name == field));
                return new_page(&call, &by, &typed, wrong);
            }
        };
        let (keys, giver) = (call.app().keys.clone(), by.clone());
        let act = move |tx: &mut Tx<'_>| Ok(granting::open(tx, &keys, &giver, &who, &giving)?.to_string());
        match once(&call, act).await {
            Ok(id) => Ok(Answer::redirect(format!("/users/{id}?done=open"))),
            Err(Error::Refused(why)) => new_page(&call, &by, &typed, told(&[why])),
            Err(e) => Err(e),
        }
    })
}

#[derive(Serialize)]
struct Card {
    name: String,
    login: String,
    chip: Chip,
    done: Option<&'static str>,
    problems: Vec<Problem>,
    action: String,
    seen: i32,
    roles: Vec<Line>,
    /// The account itself is the visitor's to settle.
    whole: bool,
    address: Field,
    invite: bool,
    suspended: bool,
    /// By somebody of a higher rank: it is not the visitor's to bring back.
    above: bool,
    role: Select,
    unit: Place,
    from: Field,
    until: Field,
    crumbs: Vec<Link>,
    token: String,
}

#[derive(Serialize)]
struct Line {
    id: String,
    text: String,
    /// Whether it stands or is still to come.
    open: bool,
}

/// GET /users/{account}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let done = match call.query.only(&["done"])?.get("done") {
            Some("open") => Some("Учётная запись создана, приглашение отправлено"),
            Some("give") => Some("Роль выдана"),
            Some("end") => Some("Роль снята"),
            Some("invite") => Some("Приглашение отправлено"),
            Some("suspend") => Some("Учётная запись приостановлена"),
            Some("restore") => Some("Учётная запись снова действует"),
            Some("address") => Some("Адрес почты записан"),
            _ => None,
        };
        card(&call, call.id("account")?, done, &Typed::new(), Wrong::new()).await
    })
}

async fn card(call: &Call, id: i64, done: Option<&'static str>, typed: &Typed, wrong: Wrong) -> Result<Answer, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let by = Giver::of(c, &visitor, today)?;
        let found = granting::one(c, &by, AccountId(id))?;
        let above = found.account.state == AccountState::Suspended && granting::suspended_above(c, &by, AccountId(id))?;
        Ok((by, found, above))
    };
    let (by, found, above) = call.app().db.read(read).await?;
    looked::account(call, found.account.id).await?;
    let mut kept = typed.clone();
    let own = found
        .account
        .email
        .clone()
        .filter(|_| !found.others)
        .unwrap_or_default();
    // The form of another act says nothing of the address.
    if call.form.get("address").is_none() {
        kept.insert("address", own);
    }
    let fields = role_fields(&by, typed, &wrong);
    let line = |held: &Held| Line {
        id: held.id.to_string(),
        text: said(held, today),
        open: held.to.is_none_or(|to| to > today),
    };
    let active = found.account.state == AccountState::Active;
    let page = Card {
        done,
        problems: problems(&wrong),
        action: format!("/users/{}", found.account.id),
        seen: found.account.version,
        roles: found.roles.iter().map(line).collect(),
        whole: !found.others,
        address: field(
            "address",
            "Адрес почты",
            Some(if found.account.password_hash.is_empty() {
                "Сюда приходят приглашения и письма."
            } else {
                "Сюда приходят письма. После смены адреса ссылки для нового пароля ещё сутки уходят на прежний."
            }),
            &kept,
            &wrong,
        ),
        invite: active && found.account.email.is_some() && found.account.password_hash.is_empty(),
        suspended: !active,
        above,
        role: fields.role,
        unit: fields.unit,
        from: fields.from,
        until: fields.until,
        chip: state(&found),
        crumbs: vec![Link::new("Пользователи и роли", "/users")],
        token: call.token(),
        name: found.name,
        login: found.account.login,
    };
    let title = format!("{}: роли", page.name);
    let answer = Answer::page("desk/user", &page)?;
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.title(format!("Ошибка: {title}")).status(422)
    })
}

/// What is said of an act that came second: who was quicker, and the address that stands now in place of a typed one.
async fn late(call: &Call, id: i64, typed: Option<&String>) -> Result<String, Error> {
    let mut told = match conflict::of_object(call, "account", id, CHANGES).await? {
        Error::Changed(what) => what,
        _ => "Пока страница была открыта, запись изменил кто-то ещё.".to_owned(),
    };
    if let Some(typed) = typed {
        let by = giver(call).await?;
        let read = move |c: &mut AnyConn| granting::one(c, &by, AccountId(id));
        let found = call.app().db.read(read).await?;
        let stands = found.account.email.unwrap_or_default();
        if !found.others && stands != *typed {
            told.push_str(&format!(" Сейчас записано «{stands}», вы ввели «{typed}»."));
        }
    }
    told.push_str(" Ваше действие не записано: посмотрите, что изменилось, и решите заново.");
    Ok(told)
}

/// POST /users/{account}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let names = ["act", "seen", "grant", "address", "role", "unit", "from", "until"];
        let fields = call.form.only(&names)?;
        let id = call.id("account")?;
        let typed = typed(&call, &["address", "role", "unit", "from", "until"]);
        let wanted = fields.get("act").unwrap_or_default().to_owned();
        let version = fields.get("seen").and_then(|n| n.parse().ok()).ok_or_else(missing)?;
        let (by, keys) = (giver(&call).await?, call.app().keys.clone());
        let act = match wanted.as_str() {
            "give" => match giving_or_wrong(&by, &typed, call.app().clock.today()) {
                Ok(giving) => Act::Give(giving),
                Err(wrong) => return card(&call, id, None, &typed, wrong).await,
            },
            "end" => Act::End(fields.get("grant").and_then(|n| n.parse().ok()).ok_or_else(missing)?),
            "address" => Act::Address(typed["address"].clone()),
            "invite" => Act::Invite(typed["address"].clone()),
            "suspend" => Act::Settle(Settle::Suspend),
            "restore" => Act::Settle(Settle::Restore),
            _ => return Err(missing()),
        };
        let giver = by.clone();
        let write = move |tx: &mut Tx<'_>| {
            granting::act(tx, &keys, &by, AccountId(id), version, act)?;
            Ok(String::new())
        };
        match once_by_version(&call, write).await {
            Ok(_) => {
                let read = move |c: &mut AnyConn| granting::one(c, &giver, AccountId(id)).map(drop);
                match call.app().db.read(read).await {
                    // Its last role was taken: the account is no longer the visitor's to see.
                    Err(Error::NotFound(_)) => Ok(Answer::redirect("/users?done=end")),
                    seen => seen.map(|()| Answer::redirect(format!("/users/{id}?done={wanted}"))),
                }
            }
            Err(Error::Refused(why)) => {
                let at = if wanted == "address" { "address" } else { field_of(&why) };
                card(&call, id, None, &typed, vec![(at, capital(&format!("{why}.")))]).await
            }
            Err(Error::Conflict) => {
                let at = match wanted.as_str() {
                    "address" | "invite" => "address",
                    "suspend" | "restore" => "restore",
                    _ => "role",
                };
                let told = late(&call, id, typed.get("address").filter(|_| at == "address")).await?;
                Ok(card(&call, id, None, &typed, vec![(at, told)]).await?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

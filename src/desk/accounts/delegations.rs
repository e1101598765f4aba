//! «Замещение»: who acts in the visitor's stead and in whose stead the visitor acts, naming a substitute, ending it.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use serde::Serialize;

use crate::access::delegation::{self, Delegation, DelegationId, Wanted};
use crate::access::substitutes::{self, Colleagues};
use crate::access::{AccountId, Role, Work, store, work};
use crate::db::text_keys::clean;
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::conflict;
use crate::desk::once::once;
use crate::desk::plan::acts;
use crate::error::{Error, Refusal};
use crate::pages::parts::{Choice, Empty, Field, Problem, Select};
use crate::pages::text::{capital, date, typed_day};
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// Why nobody can be named.
const NOBODY: &str = "В этой роли заменить вас пока некому: у коллег вашей организации и той же роли поблизости нет учётных \
                      записей, которыми уже пользуются. Их открывает региональный оператор.";
/// The longest reason, characters.
const LONGEST_REASON: usize = 300;

/// What was done, and how the other one learns of it.
#[derive(Serialize)]
struct Done {
    title: &'static str,
    text: &'static str,
}

#[derive(Serialize)]
struct Page {
    done: Option<Done>,
    problems: Vec<Problem>,
    /// Roles in which one may be stood in for; one that is alone is no choice.
    roles: Option<Select>,
    role: String,
    /// Where not everyone is shown: by name one finds the others.
    find: Option<Field>,
    named: String,
    who: Select,
    from: Field,
    to: Field,
    reason: Field,
    /// Whether only what is ticked is given.
    part: bool,
    /// Kinds of work of the role, to be ticked; none where it is given as a whole.
    works: Vec<Choice>,
    works_problem: Option<String>,
    /// Nobody can be named: why.
    nobody: Option<&'static str>,
    given: Vec<Line>,
    held: Vec<Line>,
    empty: Empty,
    key: String,
    token: String,
}

#[derive(Serialize)]
struct Line {
    id: String,
    title: String,
    meta: String,
    /// Whether it can still be ended.
    open: bool,
    state: &'static str,
}

/// What was typed into the form.
#[derive(Default, Clone)]
struct Typed {
    role: Option<Role>,
    /// Of many colleagues those whose name holds this.
    named: String,
    who: String,
    from: String,
    to: String,
    reason: String,
    /// Only these kinds of work.
    works: Option<BTreeSet<Work>>,
}

/// GET /delegations
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["role", "name", "done"])?;
        let done = match query.get("done") {
            Some("given") => Some(Done {
                title: "Замещение записано",
                text: "Коллега видит это в меню под своим именем.",
            }),
            Some("ended") => Some(Done {
                title: "Замещение завершено",
                text: "Коллега узнает об этом из письма.",
            }),
            Some("second") => Some(Done {
                title: "Второй шаг входа подтверждён",
                text: "Теперь выберите замещение в меню под своим именем ещё раз.",
            }),
            _ => None,
        };
        let typed = Typed {
            role: query.get("role").and_then(Role::from_code),
            named: clean(query.get("name").unwrap_or_default()),
            from: date(call.app().clock.today()),
            ..Typed::default()
        };
        page(&call, typed, done, None).await
    })
}

/// Own roles that another one may act in.
fn roles(call: &Call) -> Result<Vec<Role>, Error> {
    let held = call.visitor()?.roles.iter().filter_map(|r| Role::from_code(r.code));
    Ok(held.filter(|r| delegation::may_be_given(*r)).collect())
}

fn missing() -> Error {
    Error::NotFound("замещение".into())
}

async fn page(
    call: &Call,
    typed: Typed,
    done: Option<Done>,
    problem: Option<(&'static str, String)>,
) -> Result<Answer, Error> {
    let (visitor, today) = (call.visitor()?, call.app().clock.today());
    let (account, region) = (AccountId(visitor.account), visitor.region.map(UnitId));
    let roles = roles(call)?;
    let role = typed
        .role
        .or_else(|| visitor.role().and_then(|r| Role::from_code(r.code)));
    let role = role.filter(|r| roles.contains(r)).or_else(|| roles.first().copied());
    let named = typed.named.clone();
    let read = move |c: &mut AnyConn| -> Result<_, DbError> {
        let able = match region.zip(role) {
            Some((region, role)) => substitutes::colleagues(c, region, account, role, today, &named)?,
            None => Colleagues::default(),
        };
        let all = delegation::of_account(c, account, today)?;
        let both = all.iter().flat_map(|d| [d.from_account_id.0, d.to_account_id.0]);
        let names = store::names(c, &both.collect::<Vec<_>>())?;
        let ids: Vec<DelegationId> = all.iter().map(|d| d.id).collect();
        let mut works: HashMap<DelegationId, BTreeSet<Work>> = HashMap::new();
        for (id, work) in work::given(c, &ids)? {
            works.entry(id).or_default().insert(work);
        }
        Ok((able, all, names, works))
    };
    let (able, all, names, works) = call.app().db.read(read).await?;
    let line = |of: &Delegation, whom: AccountId| {
        let name = names.get(&whom.0).cloned().unwrap_or_default();
        let (open, state) = standing(of, today);
        let only = works.get(&of.id).map(|works| delegation::in_words(Some(works)));
        let only = only.map_or_else(String::new, |words| format!(" · только {words}"));
        let reason = if of.reason.is_empty() {
            String::new()
        } else {
            format!(" · {}", of.reason)
        };
        Line {
            id: format!("{}.{}", of.id, of.version),
            title: name,
            meta: format!(
                "{} · {} – {}{only}{reason}",
                of.role.label(),
                date(of.starts_on),
                date(of.ends_on)
            ),
            open,
            state,
        }
    };
    let own = |d: &&Delegation| d.from_account_id == account;
    let wrong = |field: &str| {
        problem
            .as_ref()
            .filter(|(at, _)| *at == field)
            .map(|(_, text)| text.clone())
    };
    let field = |name, label, hint, value: &str| Field {
        name,
        label,
        hint,
        value: value.to_owned(),
        problem: wrong(name),
        long: false,
    };
    let chosen = role.map_or("", Role::code);
    let choices = roles.iter().map(|r| Choice::new(r.code(), r.label(), chosen));
    let data = Page {
        done,
        problems: problem
            .clone()
            .into_iter()
            .map(|(field, text)| Problem { field, text })
            .collect(),
        roles: (roles.len() > 1).then(|| Select {
            name: "role".into(),
            label: "В какой роли".into(),
            hint: None,
            choices: choices.collect(),
            problem: None,
        }),
        role: chosen.to_owned(),
        find: (able.more > 0 || !typed.named.is_empty()).then(|| Field {
            name: "name",
            label: "Имя или фамилия коллеги",
            hint: (able.more > 0).then_some("В списке не все: коллег много. Остальные найдутся по имени."),
            value: typed.named.clone(),
            problem: None,
            long: false,
        }),
        named: typed.named.clone(),
        nobody: able.shown.is_empty().then_some(if typed.named.is_empty() {
            NOBODY
        } else {
            "Среди тех, кто может вас заменить, такого имени нет. Проверьте написание или очистите поле и нажмите «Показать \
             коллег»."
        }),
        who: Select {
            name: "who".into(),
            label: "Кто заменит".into(),
            hint: Some(
                "Из вашей организации или той же роли в вашем муниципалитете; у роли на зону или регион – в регионе."
                    .into(),
            ),
            choices: std::iter::once(Choice::new("", "выберите", &typed.who))
                .chain(
                    (able.shown.iter()).map(|(id, said)| Choice::new(&id.to_string(), said.clone(), &typed.who)),
                )
                .collect(),
            problem: wrong("who"),
        },
        from: field("from", "С какого дня", Some("ДД.ММ.ГГГГ"), &typed.from),
        to: field("to", "По какой день включительно", Some("ДД.ММ.ГГГГ"), &typed.to),
        reason: field(
            "reason",
            "Причина",
            Some("Отпуск, болезнь, командировка. Можно не писать."),
            &typed.reason,
        ),
        part: typed.works.is_some(),
        works: role
            .map_or(&[][..], Work::of)
            .iter()
            .map(|work| ticked(*work, typed.works.as_ref()))
            .collect(),
        works_problem: wrong("works"),
        given: all.iter().filter(own).map(|d| line(d, d.to_account_id)).collect(),
        held: all
            .iter()
            .filter(|d| !own(d))
            .map(|d| line(d, d.from_account_id))
            .collect(),
        empty: Empty::new(
            "Вас пока никто не замещает",
            "Уходите в отпуск или болеете: назовите коллегу и дни. Ваша очередь откроется ему на это время и сама вернётся.",
        ),
        key: token::random_name()?,
        token: call.token(),
    };
    let answer = Answer::page("desk/delegations", &data)?;
    Ok(if problem.is_some() {
        answer.status(422).title("Ошибка: замещение")
    } else {
        answer
    })
}

/// A kind of work to be ticked; without a choice all of them are.
fn ticked(work: Work, chosen: Option<&BTreeSet<Work>>) -> Choice {
    Choice {
        value: work.code().to_owned(),
        label: capital(work.label()),
        chosen: chosen.is_some_and(|works| works.contains(&work)),
    }
}

/// Whether it can be ended, and where it stands.
fn standing(of: &Delegation, today: NaiveDate) -> (bool, &'static str) {
    match of {
        of if of.ended_at.is_some() => (false, "завершено"),
        of if of.ends_on < today => (false, "закончилось"),
        of if of.starts_on > today => (true, "ещё не началось"),
        _ => (true, "действует"),
    }
}

/// POST /delegations: names a substitute.
pub fn give(call: Call) -> Answering {
    Box::pin(async move {
        let known = ["key", "role", "name", "who", "from", "to", "reason", "part"];
        let fields = call.form.only_many(&known, &["work"])?;
        let given = |name| clean(fields.get(name).unwrap_or_default());
        let typed = Typed {
            role: fields.get("role").and_then(Role::from_code),
            named: given("name"),
            who: given("who"),
            from: given("from"),
            to: given("to"),
            reason: given("reason"),
            works: (fields.get("part") == Some("some"))
                .then(|| fields.all("work").filter_map(Work::from_code).collect()),
        };
        let role = typed.role.filter(|r| roles(&call).is_ok_and(|own| own.contains(r)));
        if roles(&call)?.is_empty() {
            let why = "В вашей роли никто вас не заменит: второго ответственного назначает администратор.";
            return page(&call, typed, None, Some(("who", why.to_owned()))).await;
        }
        let (Some(role), Some(region)) = (role, call.visitor()?.region) else {
            return Err(missing());
        };
        let refused = |field, why: &str| Some((field, why.to_owned()));
        let problem = match (typed_day(&typed.from), typed_day(&typed.to)) {
            _ if typed.who.is_empty() => refused("who", "Выберите, кто вас заменит."),
            (None, _) => refused("from", "Напишите первый день так: 01.02.2027."),
            (_, None) => refused("to", "Напишите последний день так: 14.02.2027."),
            _ if typed.works.as_ref().is_some_and(BTreeSet::is_empty) => {
                refused("works", "Отметьте хотя бы одно дело или поручите всю работу роли.")
            }
            _ if typed.reason.chars().count() > LONGEST_REASON => {
                refused("reason", "Причина длиннее 300 знаков: сократите.")
            }
            (Some(starts_on), Some(ends_on)) => {
                let wanted = Wanted {
                    region: UnitId(region),
                    from: AccountId(call.visitor()?.account),
                    // What is no number is nobody's.
                    to: AccountId(typed.who.parse().unwrap_or_default()),
                    role,
                    works: typed.works.clone(),
                    starts_on,
                    ends_on,
                    reason: typed.reason.clone(),
                };
                let key = call.app().keys.audit.clone();
                let add = move |tx: &mut Tx<'_>| delegation::add(tx, &key, &wanted).map(|id| id.to_string());
                match once(&call, add).await {
                    // The form of one that was ended since gives nothing, and says so.
                    Ok(id) if !stands(&call, &id).await? => Some(("who", ENDED_SINCE.to_owned())),
                    Ok(_) => return Ok(Answer::redirect("/delegations?done=given")),
                    Err(Error::Refused(why)) => Some((field_of(&why), capital(&format!("{why}.")))),
                    Err(e) => return Err(e),
                }
            }
        };
        page(&call, typed, None, problem).await
    })
}

const ENDED_SINCE: &str =
    "Это замещение вы уже записывали, и с тех пор его завершили. Проверьте, кто и с какого дня, и запишите снова.";

/// Whether the substitution that a form has made still stands.
async fn stands(call: &Call, id: &str) -> Result<bool, Error> {
    let id = id.parse().map(DelegationId).map_err(|_| missing())?;
    let found = call
        .app()
        .db
        .read(move |c| delegation::by_id(c, id).map_err(Error::from))
        .await?;
    Ok(found.is_some_and(|of| of.ended_at.is_none()))
}

/// The field that a refusal is about.
fn field_of(why: &Refusal) -> &'static str {
    match why.code {
        "delegation.past" => "from",
        "delegation.work" => "works",
        "delegation.order" | "delegation.too_long" => "to",
        _ => "who",
    }
}

/// POST /delegations/end
pub fn end(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["id"])?;
        let (id, seen) = fields.get("id").and_then(acts::with_version).ok_or_else(missing)?;
        let by = AccountId(call.visitor()?.account);
        let key = call.app().keys.audit.clone();
        let act = move |tx: &mut Tx<'_>| delegation::end(tx, &key, DelegationId(id), by, seen);
        match call.app().db.write(act).await {
            Err(Error::Conflict) => Err(conflict::of_object(&call, "delegation", id, &[delegation::ENDS]).await?),
            done => {
                done?;
                Ok(Answer::redirect("/delegations?done=ended"))
            }
        }
    })
}

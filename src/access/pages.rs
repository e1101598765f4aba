//! Signing in and out, the role in use.

use serde::Serialize;

use super::delegation::{self, DelegationId};
use super::model::{AccountId, Role};
use super::secret::wait_words;
use super::sign_in::{self, Outcome};
use super::{first, second, session};
use crate::db::{Tx, settings};
use crate::error::Error;
use crate::web::call::Stead;
use crate::web::registry::Answering;
use crate::web::token;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct SignIn<'a> {
    /// What has just happened.
    done: Option<&'static str>,
    then: &'static str,
    login: &'a str,
    next: &'a str,
    problem: Option<String>,
    /// Accounts of a demo region, offered below the form.
    demo: Vec<serde_json::Value>,
}

/// GET /sign-in
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["next", "done"])?;
        if call.visitor.is_some() {
            return Ok(Answer::redirect("/"));
        }
        form(&call, "", call.query.get("next").unwrap_or("/"), None).await
    })
}

async fn form(call: &Call, login: &str, next: &str, problem: Option<String>) -> Result<Answer, Error> {
    let failed = problem.is_some();
    let demo = if call.site.demo {
        let kept = call
            .app()
            .db
            .read(|c| settings::get(c, "demo_sign_ins").map_err(Error::from))
            .await?;
        kept.and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    } else {
        Vec::new()
    };
    let data = SignIn {
        done: match call.query.get("done") {
            Some("first") => Some("Пароль сохранён"),
            Some("address") => Some("Адрес почты подтверждён"),
            Some("second") => Some("Прежний второй шаг снят, при входе подключите новый"),
            Some("late") => Some("Второй шаг занял слишком много времени"),
            _ => None,
        },
        then: match call.query.get("done") {
            Some("second" | "late") => "Войдите снова.",
            _ => "Теперь войдите с ним.",
        },
        login,
        next,
        problem,
        demo,
    };
    let answer = bound(call, Answer::page("access/sign_in", &data)?);
    Ok(if failed {
        answer.title("Ошибка: вход")
    } else {
        answer
    })
}

/// A page with a form for whoever may have no session: the form is bound to a cookie of its own.
pub(super) fn bound(call: &Call, answer: Answer) -> Answer {
    match call.visitor {
        Some(_) => answer,
        None => answer.cookie(token::cookie(token::FORM_COOKIE, call.bound_to.clone())),
    }
}

/// Goes on with a session that has just begun.
pub(super) fn signed_in(to: &str, cookie: String) -> Answer {
    Answer::redirect(to)
        .cookie(token::cookie(token::COOKIE, cookie))
        .cookie(token::ended(token::FORM_COOKIE))
}

/// POST /sign-in
pub fn sign_in(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["login", "password", "next"])?;
        let login = fields.get("login").unwrap_or_default().to_owned();
        let next = own_path(fields.get("next").unwrap_or("/")).to_owned();
        let password = fields.get("password").unwrap_or_default().to_owned();
        match sign_in::sign_in(&call, &login, &password).await? {
            Outcome::In(cookie) => Ok(signed_in(&next, cookie)),
            Outcome::Second(half) => second::step(&call, &half, &next, None),
            Outcome::SetUp(half, account) => second::set_up(&call, &half, &account, &next, None),
            Outcome::First => first::form(&call, &login, &password, None),
            Outcome::Wrong => wrong(&call, &login, &next).await,
            Outcome::Wait(seconds) => wait(&call, &login, &next, seconds).await,
        }
    })
}

/// The same answer for whatever does not fit: no account, a wrong password, a code that was used or is late.
pub(super) async fn wrong(call: &Call, login: &str, next: &str) -> Result<Answer, Error> {
    let problem = "Логин или пароль не подходят. Проверьте раскладку и повторите. Код с листка действует один раз и трое \
                   суток: новый листок выдаст тот, кто дал прежний.";
    Ok(form(call, login, next, Some(problem.to_owned())).await?.status(422))
}

/// Too many failures.
pub(super) async fn wait(call: &Call, login: &str, next: &str, seconds: i64) -> Result<Answer, Error> {
    Ok(form(call, login, next, Some(wait_words(seconds))).await?.status(429))
}

/// A path of ours to go on to; anything else becomes the start page.
pub(super) fn own_path(path: &str) -> &str {
    let plain = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t']);
    if plain { path } else { "/" }
}

/// POST /sign-out
pub fn sign_out(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&[])?;
        let visitor = call.visitor()?.clone();
        let key = call.app().keys.audit.clone();
        call.app()
            .db
            .write(move |tx| session::end(tx, &key, &visitor).map_err(Error::from))
            .await?;
        let mut answer = Answer::redirect("/sign-in").cookie(token::ended(token::COOKIE));
        answer.forget = true;
        Ok(answer)
    })
}

/// POST /role: another of the roles held, or the role of somebody whom the visitor stands in for; or an end of standing
/// in, whereupon one works in a role of one's own again.
pub fn switch_role(call: Call) -> Answering {
    Box::pin(async move {
        let visitor = call.visitor()?.clone();
        let fields = call.form.only(&["role", "stead", "end"])?;
        let held = |r: &Role| visitor.roles.iter().any(|own| own.code == r.code());
        let role = fields.get("role").and_then(Role::from_code).filter(held);
        let named = |field: &str| -> Option<&Stead> {
            let given = fields.get(field)?;
            visitor.steads.iter().find(|stead| stead.id == given)
        };
        let of = |stead: &Stead| stead.id.parse().ok().map(DelegationId);
        let shut = named("stead").is_some_and(|stead| stead.shut);
        let stead = named("stead").and_then(of);
        let over = named("end").filter(|stead| stead.current).and_then(of);
        let key = call.app().keys.audit.clone();
        let switched = match (role, stead, over) {
            (Some(role), None, None) => {
                call.app()
                    .db
                    .write(move |tx| session::switch_role(tx, &key, &visitor, role).map_err(Error::from))
                    .await
            }
            (None, None, Some(over)) => {
                let mut own = visitor.roles.iter().filter_map(|r| Role::from_code(r.code));
                let own = own.find(|r| *r != Role::Teacher);
                let own = own.ok_or_else(|| Error::Forbidden("роль".into()))?;
                let end = move |tx: &mut Tx<'_>| -> Result<(), Error> {
                    delegation::end(tx, &key, over, AccountId(visitor.account), None)?;
                    Ok(session::switch_role(tx, &key, &visitor, own)?)
                };
                call.app().db.write(end).await?;
                return Ok(Answer::redirect("/delegations?done=ended"));
            }
            (None, Some(_), None) if shut => return second::before(&call).await,
            (None, Some(stead), None) => {
                let begin = move |tx: &mut Tx<'_>| -> Result<(), Error> {
                    let given = delegation::by_id(tx.conn(), stead)?;
                    let given = given.ok_or_else(|| Error::Forbidden("роль".into()))?;
                    Ok(session::stand_in(tx, &key, &visitor, &given)?)
                };
                call.app().db.write(begin).await
            }
            _ => return Err(Error::Forbidden("роль".into())),
        };
        switched?;
        Ok(Answer::redirect("/"))
    })
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn one_goes_on_to_own_paths_only() {
        assert_eq!(own_path("/plan?x=1"), "/plan?x=1");
        for foreign in ["//evil.ru", "https://evil.ru", "/\\evil.ru", "plan", "", "/a\r\nb"] {
            assert_eq!(own_path(foreign), "/");
        }
    }
}

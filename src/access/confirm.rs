//! «Подтвердите, что это вы»: before something that cannot be taken back the visitor shows the second factor once more,
//! or the password where there is none. The session goes on under a new name.

use serde::Serialize;

use super::model::{Account, AccountId};
use super::secret::{Tried, Verdict, verify_secret, wait_words};
use super::sign_in::{self, Checked};
use super::{pages, second, session, store, totp};
use crate::db::{AnyConn, Tx};
use crate::error::Error;
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::token;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Page<'a> {
    next: &'a str,
    /// Whether a code of the second factor is asked for; a password otherwise.
    code: bool,
    problem: Option<String>,
    token: String,
}

/// The address of the page that asks, and goes on to a path of ours.
#[must_use]
pub fn before(next: &str) -> String {
    address("/confirm", [("next", next)])
}

async fn own(call: &Call) -> Result<(Account, bool), Error> {
    let id = AccountId(call.visitor()?.account);
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let account = store::by_id(c, id)?.ok_or_else(|| Error::NotFound("учётная запись".into()))?;
        Ok((account, totp::of_account(c, id)?.is_some()))
    };
    call.app().db.read(read).await
}

fn page(call: &Call, next: &str, code: bool, problem: Option<(u16, String)>) -> Result<Answer, Error> {
    let (status, problem) = problem.map_or((200, None), |(status, text)| (status, Some(text)));
    let page = Page {
        next,
        code,
        problem,
        token: call.token(),
    };
    let answer = Answer::page("access/confirm", &page)?.status(status);
    Ok(if status == 200 {
        answer
    } else {
        answer.title("Ошибка: подтвердите, что это вы")
    })
}

/// GET /confirm
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["next"])?;
        let next = pages::own_path(call.query.get("next").unwrap_or("/"));
        let (_, code) = own(&call).await?;
        if !code && second::is_obliged(&call)? {
            return Ok(Answer::redirect("/second-factor"));
        }
        page(&call, next, code, None)
    })
}

/// POST /confirm
pub fn take(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["secret", "next"])?;
        let next = pages::own_path(fields.get("next").unwrap_or("/")).to_owned();
        let typed = fields.get("secret").unwrap_or_default().to_owned();
        let (account, code) = own(&call).await?;
        // A password alone is not what a role that asks for two things waits for.
        if !code && second::is_obliged(&call)? {
            return Ok(Answer::redirect("/second-factor"));
        }
        let verdict = if code {
            let (of, key, app) = (account.id, call.app().keys.session.clone(), call.app());
            let look = async move || {
                let show = move |tx: &mut Tx<'_>| totp::show(tx, &key, of, &typed);
                app.db.write(show).await.map(|shown| shown.map(|_| ()))
            };
            verify_secret(&call.site, Tried::Second, &account.login, look).await?
        } else {
            match sign_in::check(&call.site, &account.login, &typed).await? {
                Checked::Password(_) => Verdict::Fits(()),
                Checked::Wait(seconds) => Verdict::Wait(seconds),
                Checked::Code(..) | Checked::Wrong => Verdict::Wrong,
            }
        };
        match verdict {
            Verdict::Fits(()) => {
                let cookie = renewed(&call).await?;
                Ok(Answer::redirect(next).cookie(token::cookie(token::COOKIE, cookie)))
            }
            Verdict::Wrong => {
                let what = if code {
                    "Код не подходит."
                } else {
                    "Пароль не подходит."
                };
                page(&call, &next, code, Some((422, what.into())))
            }
            Verdict::Wait(seconds) => page(&call, &next, code, Some((429, wait_words(seconds)))),
        }
    })
}

/// The session goes on under a new name; the value of its cookie.
async fn renewed(call: &Call) -> Result<String, Error> {
    let (app, sid) = (call.app(), token::random_name()?);
    let (visitor, key, name) = (call.visitor()?.clone(), app.keys.audit.clone(), sid.clone());
    let renew = move |tx: &mut Tx<'_>| session::renew(tx, &key, &visitor, &name).map_err(Error::from);
    let row = app.db.write(renew).await?;
    // It was closed from elsewhere at this very moment.
    let row = row.ok_or_else(|| Error::Forbidden("войдите".into()))?;
    sign_in::cookie(call.app(), sid, &row)
}

//! One's own password and address of mail, changed by whoever is signed in and says the password once more.

use serde::Serialize;

use super::link::{self, LinkKind, notice};
use super::model::{Account, AccountId, Role};
use super::secret::wait_words;
use super::sign_in::{self, Checked};
use super::{code, first, former, pages, password, store};
use crate::audit;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::mail::{self, address};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct PasswordPage {
    login: String,
    least: usize,
    problem: Option<String>,
    token: String,
}

#[derive(Serialize)]
struct AddressPage {
    now: Option<String>,
    /// Whether somebody else has written it down.
    unsaid: bool,
    typed: String,
    /// Whether letters go out here at all.
    mail: bool,
    problem: Option<String>,
    token: String,
}

fn least(call: &Call) -> Result<usize, Error> {
    let roles: Vec<Role> = call
        .visitor()?
        .roles
        .iter()
        .filter_map(|r| Role::from_code(r.code))
        .collect();
    Ok(password::least(&roles))
}

async fn account(call: &Call) -> Result<Account, Error> {
    let id = AccountId(call.visitor()?.account);
    let found = call
        .app()
        .db
        .read(move |c| store::by_id(c, id).map_err(Error::from))
        .await?;
    found.ok_or_else(|| Error::NotFound("учётная запись".into()))
}

/// Why the password that was said once more does not do; `None`: it does.
async fn wrong(call: &Call, of: &Account, said: &str) -> Result<Option<(u16, String)>, Error> {
    Ok(match sign_in::check(&call.site, &of.login, said).await? {
        Checked::Password(_) => None,
        Checked::Wait(seconds) => Some((429, wait_words(seconds))),
        Checked::Code(..) | Checked::Wrong => Some((422, "Нынешний пароль не подходит.".into())),
    })
}

/// GET /account/password
pub fn show_password(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        password_page(&call, None)
    })
}

fn password_page(call: &Call, problem: Option<(u16, String)>) -> Result<Answer, Error> {
    let (status, problem) = problem.map_or((200, None), |(status, text)| (status, Some(text)));
    let page = PasswordPage {
        login: call.visitor()?.login.clone(),
        least: least(call)?,
        problem,
        token: call.token(),
    };
    let answer = Answer::page("access/own_password", &page)?.status(status);
    Ok(if status == 200 {
        answer
    } else {
        answer.title("Ошибка: новый пароль")
    })
}

/// POST /account/password: all sessions end, this one goes on under a new name.
pub fn change_password(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["now", "password", "again"])?;
        let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
        let (now, chosen, again) = (text("now"), text("password"), text("again"));
        let of = account(&call).await?;
        if let Some(problem) = wrong(&call, &of, &now).await? {
            return password_page(&call, Some(problem));
        }
        let refuse = |refusal: Refusal| password_page(&call, Some((422, refusal.to_string())));
        if chosen != again {
            return refuse(Refusal::new("access.password_twice"));
        }
        let known = of.clone();
        let own = call
            .app()
            .db
            .read(move |c| first::own_words(c, &known).map_err(Error::from))
            .await?;
        if let Err(refusal) = password::allowed(&chosen, &own, least(&call)?) {
            return refuse(refusal);
        }
        let hash = sign_in::hash(&call.site, chosen).await?;
        let (from, key, session) = (
            call.client.clone(),
            call.app().keys.audit.clone(),
            call.visitor()?.session.clone(),
        );
        let may = move |tx: &mut Tx<'_>| {
            // A password says nothing of the second factor: that was shown when it was shown.
            let shown = super::session::second_at(tx.conn(), &session)?;
            let second_at = shown.map(|at| {
                if crate::planted!("second_made_fresh") {
                    tx.now()
                } else {
                    at
                }
            });
            code::end(tx, &[of.id])?;
            link::end_all(tx, of.id)?;
            first::set_password(tx, &[of.id], &hash)?;
            record(tx, &key, &of, "access.password")?;
            let id = tx.id();
            mail::queue(tx, &[notice(&of, "access_password_changed", id)])?;
            Ok(store::by_id(tx.conn(), of.id)?.map(|fresh| (fresh, from, second_at)))
        };
        let cookie = sign_in::begin(&call.site, may).await?;
        let cookie = cookie.ok_or_else(|| Error::NotFound("учётная запись".into()))?;
        Ok(pages::signed_in("/account?done=password", cookie))
    })
}

fn record(tx: &mut Tx<'_>, key: &[u8], of: &Account, action: &'static str) -> Result<(), DbError> {
    let mut entry = audit::Entry::of_server(action, "account", Some(of.id.0));
    entry.account = Some(of.id.0);
    entry.region = of.region_id.map(|r| r.0);
    entry.person = of.person_id.map(|p| p.0);
    audit::record(tx, key, &[entry])
}

/// GET /account/email
pub fn show_address(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let of = account(&call).await?;
        address_page(&call, &of, "", None).await
    })
}

/// Whether somebody else has written the address down, and its holder has not said it yet.
async fn is_unsaid(call: &Call, of: &Account) -> Result<bool, Error> {
    let id = of.id;
    let read = move |c: &mut AnyConn| former::unsaid(c, &[id]).map_err(Error::from);
    Ok(call.app().db.read(read).await?.contains(&id))
}

async fn address_page(call: &Call, of: &Account, typed: &str, problem: Option<(u16, String)>) -> Result<Answer, Error> {
    let (status, problem) = problem.map_or((200, None), |(status, text)| (status, Some(text)));
    let page = AddressPage {
        now: of.email.clone(),
        unsaid: is_unsaid(call, of).await?,
        typed: typed.to_owned(),
        mail: call.app().config.mail.is_some(),
        problem,
        token: call.token(),
    };
    let answer = Answer::page("access/own_address", &page)?.status(status);
    Ok(if status == 200 {
        answer
    } else {
        answer.title("Ошибка: адрес почты")
    })
}

/// POST /account/email: a link to the new address, a word to the old one. Nothing changes until the link is used.
pub fn change_address(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["email", "password"])?;
        let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
        let (typed, said) = (text("email"), text("password"));
        let of = account(&call).await?;
        let Some(wanted) = address::parse(&typed).map(|a| a.to_string()) else {
            let refusal = Refusal::new("access.email").with("email", typed.trim());
            return address_page(&call, &of, &typed, Some((422, refusal.to_string()))).await;
        };
        if let Some(problem) = wrong(&call, &of, &said).await? {
            return address_page(&call, &of, &typed, Some(problem)).await;
        }
        let keys = call.app().keys.clone();
        let act = move |tx: &mut Tx<'_>| -> Result<(), Error> {
            link::issue(tx, &keys, &of, LinkKind::Address, &wanted, Some(of.id.0))?;
            if let Some(before) = &of.email {
                let id = tx.id();
                let mut letter = notice(&of, "access_address_asked", id);
                letter.address = Some(before.clone());
                mail::queue(tx, &[letter])?;
            }
            Ok(())
        };
        call.app().db.write(act).await?;
        Ok(Answer::redirect("/account?done=email"))
    })
}

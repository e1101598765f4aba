//! «Забыли пароль?» and the pages that one-time links open. Whoever asks learns nothing of who has an account: the answer
//! is the same, and it takes the same write.

use diesel::prelude::*;
use serde::Serialize;

use super::link::{self, Link, LinkKind};
use super::model::{Account, AccountState, Role};
use super::{first, former, pages, password, secret, sign_in, store};
use crate::config::Keys;
use crate::db::schema::account;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// A link for the same login or address is sent at most once in so many minutes.
const AGAIN_MINUTES: i64 = 2;
/// Most accounts of one address that get a link.
const MOST: i64 = 5;

#[derive(Serialize)]
struct Ask<'a> {
    /// Whether a link was asked for.
    sent: bool,
    /// Whether a link that does not open led here.
    late: bool,
    /// Whether letters go out here at all.
    mail: bool,
    typed: &'a str,
    problem: Option<&'static str>,
    minutes: i64,
    /// Minutes between two letters for the same login or address.
    again: i64,
    token: String,
}

/// GET /reset
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["sent", "late"])?;
        asking(&call, "", None)
    })
}

fn asking(call: &Call, typed: &str, problem: Option<&'static str>) -> Result<Answer, Error> {
    let page = Ask {
        sent: call.query.get("sent").is_some(),
        late: call.query.get("late").is_some(),
        mail: call.app().config.mail.is_some(),
        typed,
        problem,
        minutes: LinkKind::Reset.lasts().num_minutes(),
        again: AGAIN_MINUTES,
        token: call.token(),
    };
    let answer = pages::bound(call, Answer::page("access/reset", &page)?);
    Ok(match problem {
        Some(_) => answer.status(422).title("Ошибка: забыли пароль"),
        None if page.sent => answer.title("Проверьте почту"),
        None if page.late => answer.title("Ссылка не подходит"),
        None => answer,
    })
}

/// POST /reset: a link for whoever has this login or this address, if there is anyone.
pub fn ask(call: Call) -> Answering {
    Box::pin(async move {
        let typed = call
            .form
            .only(&["login"])?
            .get("login")
            .unwrap_or_default()
            .trim()
            .to_lowercase();
        if typed.is_empty() || typed.chars().count() > 254 {
            return asking(&call, "", Some("Введите логин или адрес почты."));
        }
        let keys = call.app().keys.clone();
        // A link that is made takes a millisecond more than one that is not: all answers wait for the same moment.
        let enough = tokio::time::sleep(secret::SAME_TIME);
        call.app()
            .db
            .write(move |tx| send(tx, &keys, &typed).map_err(Error::from))
            .await?;
        enough.await;
        Ok(Answer::redirect("/reset?sent=yes"))
    })
}

fn send(tx: &mut Tx<'_>, keys: &Keys, typed: &str) -> Result<(), DbError> {
    if secret::asks_again(tx, &keys.session, typed, AGAIN_MINUTES)? {
        return Ok(());
    }
    let now = tx.now();
    let since = now - chrono::Duration::minutes(AGAIN_MINUTES);
    for of in called(tx.conn(), typed, now)? {
        // For a day after somebody else has changed the address the link goes to the one before.
        let before = former::standing(tx.conn(), of.id, now)?;
        let address = before.or_else(|| of.email.clone());
        let Some(address) = address.filter(|address| address != former::NOWHERE) else {
            continue;
        };
        if !link::is_fresh(tx.conn(), of.id, LinkKind::Reset, since)? {
            link::issue(tx, keys, &of, LinkKind::Reset, &address, None)?;
        }
    }
    Ok(())
}

/// Accounts that may act, by login or by address.
fn called(conn: &mut AnyConn, typed: &str, now: chrono::NaiveDateTime) -> Result<Vec<Account>, DbError> {
    let before = former::accounts(conn, typed, now)?;
    let by_address =
        diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::Bool>>("lower(account.email) = ")
            .bind::<diesel::sql_types::Text, _>(typed);
    Ok(account::table
        .filter(account::state.eq(AccountState::Active))
        .filter(account::email.is_not_null())
        .filter(
            account::login
                .eq(typed)
                .nullable()
                .or(by_address)
                .or(account::id.eq_any(before).nullable()),
        )
        .order(account::id)
        .limit(MOST)
        .select(Account::as_select())
        .load(conn)?)
}

#[derive(Serialize)]
struct Choose<'a> {
    link: &'a str,
    login: &'a str,
    /// The first password of an account, not another one.
    first: bool,
    problem: Option<String>,
    least: usize,
    token: String,
}

#[derive(Serialize)]
struct Confirm<'a> {
    link: &'a str,
    login: &'a str,
    address: &'a str,
    token: String,
}

async fn standing(call: &Call) -> Result<Option<(Link, Account, Vec<Role>)>, Error> {
    let (token, now) = (
        call.parts.get("link").unwrap_or_default().to_owned(),
        call.app().clock.now(),
    );
    let today = call.app().clock.today();
    let read = move |c: &mut AnyConn| -> Result<_, DbError> {
        let Some((link, account)) = link::standing(c, &token, now)? else {
            return Ok(None);
        };
        let roles = store::grants(c, account.id, today)?
            .into_iter()
            .map(|g| g.role)
            .collect();
        Ok(Some((link, account, roles)))
    };
    call.app().db.read(move |c| read(c).map_err(Error::from)).await
}

/// Whatever the reason: late, used, replaced, made up.
fn gone() -> Answer {
    Answer::redirect("/reset?late=yes")
}

/// GET /link/{link}: opening it changes nothing, so whoever looks into letters uses nothing up.
pub fn open(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        match standing(&call).await? {
            None => Ok(gone()),
            Some((link, account, roles)) => form(&call, &link, &account, &roles, None),
        }
    })
}

fn form(call: &Call, of: &Link, whose: &Account, roles: &[Role], problem: Option<Refusal>) -> Result<Answer, Error> {
    let token = call.token();
    let link = call.parts.get("link").unwrap_or_default();
    if of.kind == LinkKind::Address {
        let page = Confirm {
            link,
            login: &whose.login,
            address: &of.address,
            token,
        };
        let answer = Answer::page("access/link_address", &page)?;
        return Ok(pages::bound(call, answer.title("Подтвердите адрес почты")));
    }
    let page = Choose {
        link,
        login: &whose.login,
        first: of.kind == LinkKind::Invitation,
        problem: problem.as_ref().map(ToString::to_string),
        least: password::least(roles),
        token,
    };
    let answer = pages::bound(call, Answer::page("access/link", &page)?);
    Ok(match problem {
        Some(_) => answer.title("Ошибка: новый пароль").status(422),
        None => answer.title("Придумайте пароль"),
    })
}

/// POST /link/{link}: keeps the password or the address. Nobody is signed in by that.
pub fn take(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["password", "again"])?;
        let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
        let (chosen, again) = (text("password"), text("again"));
        let Some((link, whose, roles)) = standing(&call).await? else {
            return Ok(gone());
        };
        let keys = call.app().keys.clone();
        if link.kind == LinkKind::Address {
            let act = move |tx: &mut Tx<'_>| link::confirm_address(tx, &keys, &link, &whose).map_err(Error::from);
            let done = call.app().db.write(act).await?;
            return Ok(if done {
                Answer::redirect("/sign-in?done=address")
            } else {
                gone()
            });
        }
        if chosen != again {
            return form(
                &call,
                &link,
                &whose,
                &roles,
                Some(Refusal::new("access.password_twice")),
            );
        }
        let known = whose.clone();
        let own = call
            .app()
            .db
            .read(move |c| first::own_words(c, &known).map_err(Error::from))
            .await?;
        if let Err(refusal) = password::allowed(&chosen, &own, password::least(&roles)) {
            return form(&call, &link, &whose, &roles, Some(refusal));
        }
        let hash = sign_in::hash(&call.site, chosen).await?;
        let act = move |tx: &mut Tx<'_>| link::set_password(tx, &keys, &link, &whose, &hash).map_err(Error::from);
        let done = call.app().db.write(act).await?;
        Ok(if done {
            Answer::redirect("/sign-in?done=first")
        } else {
            gone()
        })
    })
}

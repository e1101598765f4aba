//! The second step of signing in, and the page where one sets it up.

use serde::Serialize;

use super::half::Half;
use super::link::notice;
use super::model::{Account, AccountId};
use super::secret::{Tried, Verdict, verify_secret, wait_words};
use super::sign_in::{self, Checked};
use super::{confirm, first, pages, store, totp};
use crate::audit;
use crate::config::Keys;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::mail;
use crate::pages::text;
use crate::planted;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, Visitor, token};

/// How long the recovery codes are shown after they were made, minutes.
const SHOWN_MINUTES: i64 = 15;

#[derive(Serialize)]
struct Step<'a> {
    half: &'a str,
    next: &'a str,
    problem: Option<String>,
    token: String,
}

#[derive(Serialize)]
struct SetUp<'a> {
    half: &'a str,
    next: &'a str,
    secret: String,
    side: i32,
    path: String,
    /// Set up while signing in, since the role asks for it.
    obliged: bool,
    /// Set up to stand in for somebody, whose role asks for it.
    stead: bool,
    problem: Option<String>,
    token: String,
}

const WRONG: &str = "Код не подходит. Возьмите новый из приложения; если он тоже не подходит, проверьте часы телефона.";

/// The page that asks for the code, after the password.
///
/// # Errors
/// Data that cannot be shown.
pub(super) fn step(call: &Call, half: &Half, next: &str, problem: Option<(u16, String)>) -> Result<Answer, Error> {
    let (status, problem) = problem.map_or((200, None), |(status, text)| (status, Some(text)));
    let page = Step {
        half: &half.sign(&call.app().keys.session, &call.bound_to),
        next,
        problem,
        token: call.token(),
    };
    let answer = pages::bound(call, Answer::page("access/second", &page)?).status(status);
    Ok(answer.title(if status == 200 {
        "Второй шаг входа"
    } else {
        "Ошибка: второй шаг входа"
    }))
}

/// The page that sets a second factor up, while signing in or later.
///
/// # Errors
/// Data that cannot be shown.
pub(super) fn set_up(
    call: &Call,
    half: &Half,
    of: &Account,
    next: &str,
    problem: Option<(u16, String)>,
) -> Result<Answer, Error> {
    let key = &call.app().keys.session;
    let (side, path) = totp::picture(key, of, &half.salt)?;
    let (status, problem) = problem.map_or((200, None), |(status, text)| (status, Some(text)));
    let page = SetUp {
        half: &half.sign(key, &call.bound_to),
        next,
        secret: totp::secret(key, of.id, &half.salt)?,
        side,
        path,
        obliged: call.visitor.is_none(),
        stead: call.visitor.as_ref().is_some_and(Visitor::lacks_second),
        problem,
        token: call.token(),
    };
    let answer = pages::bound(call, Answer::page("access/second_set_up", &page)?).status(status);
    Ok(answer.title(if status == 200 {
        "Второй шаг входа"
    } else {
        "Ошибка: второй шаг входа"
    }))
}

/// The note of the form with its account, while both hold.
async fn held(call: &Call, text: &str) -> Result<Option<(Half, Account)>, Error> {
    let app = call.app();
    let Some(half) = Half::read(text, &app.keys.session, &call.bound_to, app.clock.now()) else {
        return Ok(None);
    };
    let id = AccountId(half.account);
    let account = app.db.read(move |c| store::by_id(c, id).map_err(Error::from)).await?;
    Ok(account.filter(|a| half.fits(a)).map(|a| (half, a)))
}

/// The note of the form does not hold any more: one begins anew.
fn late(call: &Call) -> Answer {
    Answer::redirect(if call.visitor.is_some() {
        "/"
    } else {
        "/sign-in?done=late"
    })
}

/// POST /second-step: the code of the second factor, after the password.
pub fn take(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["half", "code", "next"])?;
        let next = pages::own_path(fields.get("next").unwrap_or("/")).to_owned();
        let typed = fields.get("code").unwrap_or_default().to_owned();
        let Some((half, account)) = held(&call, fields.get("half").unwrap_or_default()).await? else {
            return Ok(late(&call));
        };
        let (site, from, keys) = (&call.site, call.client.clone(), call.app().keys.clone());
        let of = account.clone();
        let look = async move || {
            let may = move |tx: &mut Tx<'_>| {
                let Some(shown) = totp::show(tx, &keys.session, of.id, &typed)? else {
                    return Ok(None);
                };
                if shown == totp::Shown::Recovery {
                    changed(tx, &keys, &of, "recovery_used")?;
                }
                Ok(Some((of, from, Some(tx.now()))))
            };
            sign_in::begin(site, may).await
        };
        match verify_secret(&call.site, Tried::Second, &account.login, look).await? {
            Verdict::Fits(cookie) => Ok(pages::signed_in(&next, cookie)),
            Verdict::Wrong => step(&call, &half, &next, Some((422, WRONG.into()))),
            Verdict::Wait(seconds) => step(&call, &half, &next, Some((429, wait_words(seconds)))),
        }
    })
}

/// POST /second-step/first: sets the second factor up on the way in, where the role asks for it.
pub fn take_first(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["half", "code", "next"])?;
        let typed = fields.get("code").unwrap_or_default().to_owned();
        let found = held(&call, fields.get("half").unwrap_or_default()).await?;
        let Some((half, account)) = found.filter(|(half, _)| !half.salt.is_empty()) else {
            return Ok(late(&call));
        };
        let (site, from, keys) = (&call.site, call.client.clone(), call.app().keys.clone());
        let (of, salt) = (account.clone(), half.salt.clone());
        let look = async move || {
            let may = move |tx: &mut Tx<'_>| {
                // Somebody with the same password was quicker: what is set up already is not replaced on the way in.
                let stands = totp::of_account(tx.conn(), of.id)?.is_some();
                if stands || !totp::set_up(tx, &keys.session, of.id, &salt, &typed)? {
                    return Ok(None);
                }
                changed(tx, &keys, &of, "on")?;
                Ok(Some((of, from, Some(tx.now()))))
            };
            sign_in::begin(site, may).await
        };
        match verify_secret(&call.site, Tried::Second, &account.login, look).await? {
            Verdict::Fits(cookie) => Ok(pages::signed_in("/second-factor/codes", cookie)),
            Verdict::Wrong => set_up(&call, &half, &account, "/", Some((422, WRONG.into()))),
            Verdict::Wait(seconds) => set_up(&call, &half, &account, "/", Some((429, wait_words(seconds)))),
        }
    })
}

/// Writes a change of the second factor down and tells its holder.
fn changed(tx: &mut Tx<'_>, keys: &Keys, of: &Account, what: &'static str) -> Result<(), DbError> {
    let mut entry = audit::Entry::of_server("access.second_factor", "account", Some(of.id.0));
    entry.account = Some(of.id.0);
    entry.region = of.region_id.map(|r| r.0);
    entry.person = of.person_id.map(|p| p.0);
    entry.detail = format!("change={what}");
    audit::record(tx, &keys.audit, &[entry])?;
    let id = tx.id();
    mail::queue(tx, &[notice(of, "access_second_changed", id)])
}

#[derive(Serialize)]
struct Own {
    left: String,
    obliged: bool,
    problem: Option<String>,
    token: String,
}

async fn own(call: &Call) -> Result<(Account, Option<totp::SecondFactor>, i64), Error> {
    let id = AccountId(call.visitor()?.account);
    let read = move |c: &mut AnyConn| -> Result<_, DbError> {
        Ok((store::by_id(c, id)?, totp::of_account(c, id)?, totp::left(c, id)?))
    };
    let (account, factor, left) = call.app().db.read(move |c| read(c).map_err(Error::from)).await?;
    let account = account.ok_or_else(|| Error::NotFound("учётная запись".into()))?;
    Ok((account, factor, left))
}

/// Where one shows the second factor, or sets it up, before one stands in for somebody whose role asks for it.
///
/// # Errors
/// Those of the database.
pub(super) async fn before(call: &Call) -> Result<Answer, Error> {
    let (_, factor, _) = own(call).await?;
    // A session that stands in already goes on; another one chooses anew, and is told so.
    let next = match call.visitor()?.may(Capability::Delegations) {
        true => "/delegations?done=second",
        false => "/",
    };
    Ok(match factor {
        Some(_) => Answer::redirect(confirm::before(next)),
        None => Answer::redirect("/second-factor"),
    })
}

/// GET /second-factor
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (account, factor, left) = own(&call).await?;
        if factor.is_some() {
            return standing(&call, left, None);
        }
        let half = Half::of(&account, call.app().clock.now(), token::random_name()?);
        set_up(&call, &half, &account, "/second-factor", None)
    })
}

/// Whether a role of the visitor asks for a second factor.
pub(super) fn is_obliged(call: &Call) -> Result<bool, Error> {
    let held = call.visitor()?.roles.iter();
    let roles: Vec<super::Role> = held.filter_map(|r| super::Role::from_code(r.code)).collect();
    Ok(sign_in::is_obliged(&call.site, &roles))
}

fn standing(call: &Call, left: i64, problem: Option<(u16, String)>) -> Result<Answer, Error> {
    let (status, problem) = problem.map_or((200, None), |(status, text)| (status, Some(text)));
    let page = Own {
        left: text::count(left, "запасной код", "запасных кода", "запасных кодов"),
        obliged: is_obliged(call)?,
        problem,
        token: call.token(),
    };
    let answer = Answer::page("access/second_own", &page)?.status(status);
    Ok(if status == 200 {
        answer
    } else {
        answer.title("Ошибка: второй шаг входа")
    })
}

/// POST /second-factor: sets it up, makes new recovery codes or takes it away; with the password, and where it stands
/// with a code of it. All sessions end, this one goes on under a new name.
pub fn change(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["act", "half", "code", "next", "password"])?;
        let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
        let (act, typed) = (text("act"), text("code"));
        let (account, factor, left) = own(&call).await?;
        let half = Half::read(
            &text("half"),
            &call.app().keys.session,
            &call.bound_to,
            call.app().clock.now(),
        );
        let act = match (act.as_str(), factor.is_some(), half) {
            ("on", false, Some(half)) if half.fits(&account) && !half.salt.is_empty() => Act::On(half),
            ("on", false, _) => return Ok(Answer::redirect("/second-factor")),
            ("codes", true, _) => Act::Codes,
            ("off", true, _) => Act::Off,
            _ => {
                return Err(Error::Invalid(
                    "Второй шаг уже изменён: откройте страницу заново.".into(),
                ));
            }
        };
        let again = |problem: (u16, String)| match &act {
            Act::On(half) => set_up(&call, half, &account, "/second-factor", Some(problem)),
            Act::Codes | Act::Off => standing(&call, left, Some(problem)),
        };
        match sign_in::check(&call.site, &account.login, &text("password")).await? {
            Checked::Password(_) => {}
            Checked::Wait(seconds) => return again((429, wait_words(seconds))),
            Checked::Code(..) | Checked::Wrong => return again((422, "Пароль не подходит.".into())),
        }
        let (site, from, keys) = (&call.site, call.client.clone(), call.app().keys.clone());
        let (of, wanted) = (account.clone(), act.clone());
        // Whoever must have one sets the next up before anything else: while signing in anew.
        let leaves = matches!(act, Act::Off) && is_obliged(&call)? && !planted!("off_goes_on");
        let look = async move || {
            let may = move |tx: &mut Tx<'_>| {
                let fits = match &wanted {
                    Act::On(half) => totp::set_up(tx, &keys.session, of.id, &half.salt, &typed)?,
                    Act::Codes | Act::Off => totp::show(tx, &keys.session, of.id, &typed)?.is_some(),
                };
                if !fits {
                    return Ok(None);
                }
                match wanted {
                    Act::On(_) => changed(tx, &keys, &of, "on")?,
                    Act::Codes => {
                        totp::new_codes(tx, &keys.session, of.id)?;
                        changed(tx, &keys, &of, "codes")?;
                    }
                    Act::Off => {
                        totp::remove(tx, of.id)?;
                        changed(tx, &keys, &of, "off")?;
                    }
                }
                first::end_sessions(tx, &[of.id])?;
                let fresh = store::by_id(tx.conn(), of.id)?;
                let now = tx.now();
                Ok(fresh.map(|account| (account, from, Some(now))))
            };
            if leaves {
                return Ok(site.app.db.write(may).await?.map(|_| None));
            }
            Ok(sign_in::begin(site, may).await?.map(Some))
        };
        match verify_secret(&call.site, Tried::Second, &account.login, look).await? {
            Verdict::Fits(None) => {
                let mut answer = Answer::redirect("/sign-in?done=second").cookie(token::ended(token::COOKIE));
                answer.forget = true;
                Ok(answer)
            }
            Verdict::Fits(Some(cookie)) => {
                let to = if matches!(act, Act::Off) {
                    "/account?done=second"
                } else {
                    "/second-factor/codes"
                };
                Ok(pages::signed_in(to, cookie))
            }
            Verdict::Wrong => again((422, WRONG.into())),
            Verdict::Wait(seconds) => again((429, wait_words(seconds))),
        }
    })
}

#[derive(Debug, Clone)]
enum Act {
    On(Half),
    Codes,
    Off,
}

#[derive(Serialize)]
struct Codes {
    codes: Vec<String>,
    minutes: i64,
    left: String,
}

/// GET /second-factor/codes: the recovery codes, for a quarter of an hour after they were made.
pub fn codes(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (account, factor, left) = own(&call).await?;
        let Some(factor) = factor else {
            return Ok(Answer::redirect("/second-factor"));
        };
        let fresh = call.app().clock.now() < factor.codes_at + chrono::Duration::minutes(SHOWN_MINUTES);
        let codes = totp::codes(&call.app().keys.session, account.id, &factor.codes_salt);
        let page = Codes {
            codes: if fresh { codes } else { Vec::new() },
            minutes: SHOWN_MINUTES,
            left: text::count(left, "код", "кода", "кодов"),
        };
        Answer::page("access/second_codes", &page)
    })
}

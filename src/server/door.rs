//! The one door: every call comes through here, and the handler is reached only when everything before it agrees.
//!
//! In this order: the body within its limit, the session row, the capability, the token of the form, then the handler.
//! A form with a file is read last, so that only whoever may send one reaches the disk.
//! A panic anywhere becomes 500 and the worker lives on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::{frame, refusals, typed};
use crate::access::{session, sign_in};
use crate::audit;
use crate::db::AnyConn;
use crate::error::Error;
use crate::mail::notice;
use crate::planted;
use crate::web::answer::Body;
use crate::web::call::Fields;
use crate::web::incoming::{self, Failed, Incoming};
use crate::web::registry::{Cost, Entry, Method, Place};
use crate::web::token::{self, Pointer};
use crate::web::view::{self, View};
use crate::web::{Answer, Call, Client, Site, Visitor, headers};

/// How long the body of a form may take.
const BODY_TIME: Duration = Duration::from_secs(10);
/// How long a form with a file may take: 20 MB over a slow line.
const FILE_TIME: Duration = Duration::from_secs(180);

/// Why the handler was not reached, or what it said.
pub(super) enum Stop {
    /// One of the error pages.
    Error(Error),
    /// Nobody is signed in.
    SignIn,
    /// The form was not sent by a page of ours, or its session has ended.
    Token,
    /// The body is too long or comes too slowly.
    Body,
    /// The account has as many long answers under way as it may.
    Long,
}

impl From<Error> for Stop {
    fn from(e: Error) -> Self {
        Self::Error(e)
    }
}

/// What the frame needs whatever the outcome.
#[derive(Default, Clone)]
pub(super) struct Around {
    pub visitor: Option<Visitor>,
    pub bound_to: String,
    pub view: View,
    pub path: String,
    /// The page of ours that the visitor came from.
    pub came_from: Option<String>,
    /// What was typed in a form, for the page that says why it was not taken.
    pub typed: Vec<String>,
}

/// Answers one call.
pub(super) async fn enter(
    entry: &'static Entry,
    site: Arc<Site>,
    request: HttpRequest,
    body: web::Payload,
) -> HttpResponse {
    let id = request_id();
    let (own, number) = (site.clone(), id.clone());
    let work = actix_web::rt::spawn(async move {
        let mut around = Around {
            path: request.uri().to_string(),
            came_from: headers::came_from(request.headers()),
            ..Around::default()
        };
        let outcome = serve(entry, &own, &request, body, (&mut around, &number)).await;
        if let Err(stop) = &outcome {
            refusals::note(&own, entry, &around, stop, &number).await;
        }
        (around, outcome)
    });
    let (mut around, outcome) = work.await.unwrap_or_else(|_panic| {
        let stop = Stop::Error(Error::Internal("обработчик остановлен паникой".into()));
        (Around::default(), Err(stop))
    });
    let answer = outcome.or_else(|stop| frame::explain(&stop, &around, entry, &id));
    if let Ok(Answer {
        body: Body::Page { .. },
        ..
    }) = &answer
    {
        count_notices(&site, &mut around).await;
    }
    respond(&site, entry, &around, answer, &id)
}

async fn serve(
    entry: &'static Entry,
    site: &Arc<Site>,
    request: &HttpRequest,
    body: web::Payload,
    (around, id): (&mut Around, &str),
) -> Result<Answer, Stop> {
    let with_file = entry.cost == Cost::Upload && has_media(request, "multipart/form-data");
    let (form, body) = if with_file {
        (Fields::default(), Some(body))
    } else {
        (read_form(entry, request, body).await?, None)
    };
    let cookie = |name: &str| request.cookie(name).map(|c| c.value().to_owned());
    if entry.cost != Cost::Free {
        around.view = View::of(cookie(view::COOKIE).unwrap_or_default().split('.'));
        if let Some(text) = cookie(token::COOKIE) {
            around.visitor = signed_in(site, &text, entry.method == Method::Get).await?;
        }
        around.bound_to = match (&around.visitor, cookie(token::FORM_COOKIE)) {
            (Some(visitor), _) => visitor.session.clone(),
            (None, Some(own)) if own.len() == 64 => own,
            (None, _) => token::random_name()?,
        };
    }
    let visitor = around.visitor.as_ref();
    if entry.capability != crate::web::registry::Capability::Public && visitor.is_none() {
        let form = match body {
            None => without_token(form).0,
            Some(_) if is_too_long(request) => Fields::default(),
            // Whoever is nobody waits no longer than for a form without a file.
            Some(body) => tokio::time::timeout(BODY_TIME, typed::fields_of(site, request, body))
                .await
                .unwrap_or_default(),
        };
        around.typed = typed::texts(entry, request, &form);
        return Err(Stop::SignIn);
    }
    if !may(entry, site, visitor) {
        return Err(Error::Forbidden(entry.title.into()).into());
    }
    let ours = headers::same_origin(request.headers());
    let fits = |given: Option<&str>| ours && token::fits(&site.app.keys.session, &around.bound_to, given);
    let (form, file) = match body {
        None => (form, None),
        Some(body) => match read_with_file(site, request, body, |given| fits(Some(given))).await {
            Err(Unread::Token(form)) => {
                around.typed = typed::texts(entry, request, &form);
                return Err(Stop::Token);
            }
            Err(Unread::Stop(stop)) => return Err(stop),
            Ok(read) => read,
        },
    };
    let (form, given) = without_token(form);
    if entry.csrf && !fits(given.as_deref()) {
        around.typed = typed::texts(entry, request, &form);
        return Err(Stop::Token);
    }
    // Whatever stops it from here on, what was typed is shown back: the page that answers has no form any more.
    around.typed = typed::texts(entry, request, &form);
    let parts: Vec<(String, String)> = request
        .match_info()
        .iter()
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect();
    let query = fields(request.query_string())?;
    // No text that a person types holds this sign, and one of the databases takes no text with it.
    let all = parts.iter().chain(&query.0).chain(&form.0);
    if all
        .into_iter()
        .any(|(name, value)| name.contains('\0') || value.contains('\0'))
    {
        return Err(damaged().into());
    }
    let call = Call {
        site: site.clone(),
        entry,
        path: request.path().to_owned(),
        parts: Fields(parts),
        query,
        form,
        file,
        visitor: around.visitor.clone(),
        bound_to: around.bound_to.clone(),
        view: around.view.clone(),
        client: Client {
            request: id.to_owned(),
            ..Client::of(request, &site.app.config.trusted_proxies)
        },
    };
    each_id_once(&call)?;
    let account = around.visitor.as_ref().map(|v| v.account).filter(|_| entry.long);
    let _turn = match account {
        Some(account) => Some(site.long.take(account).ok_or(Stop::Long)?),
        None => None,
    };
    Ok((entry.handler)(call).await?)
}

/// An id is read from the place that the entry names; a copy of it anywhere else is refused, whatever it says.
fn each_id_once(call: &Call) -> Result<(), Error> {
    let copied = call.entry.ids.iter().any(|place| match place {
        Place::Path(name) => call.query.get(name).or_else(|| call.form.get(name)).is_some(),
        Place::Query(name) => call.form.get(name).is_some(),
        Place::Form(name) => call.query.get(name).is_some(),
    });
    if copied && !planted!("two_ids") {
        return Err(Error::form_changed());
    }
    Ok(())
}

/// Whether the visitor may use the route. The page of components exists in demo regions only.
pub(super) fn may(entry: &Entry, site: &Site, visitor: Option<&Visitor>) -> bool {
    use crate::web::registry::Capability;
    match entry.capability {
        Capability::Public => true,
        Capability::Design => site.demo,
        Capability::Mailbox => site.demo && visitor.is_some(),
        other => visitor.is_some_and(|v| v.may(other)),
    }
}

/// What a form leads to is mostly no page: the notices of its frame are counted once it turns out to be one. Without the
/// database the frame stands without them.
async fn count_notices(site: &Site, around: &mut Around) {
    let Some(visitor) = around.visitor.as_mut().filter(|v| v.notices.is_none()) else {
        return;
    };
    let (account, today) = (visitor.account, site.app.clock.today());
    let read = move |c: &mut AnyConn| notice::unseen(c, account, today).map_err(Error::from);
    visitor.notices = site.app.db.read(read).await.ok();
}

/// Who is signed in by a cookie; with the notices counted where a page is asked for.
async fn signed_in(site: &Site, cookie: &str, page: bool) -> Result<Option<Visitor>, Error> {
    let app = &site.app;
    let Some(pointer) = Pointer::read(cookie, &app.keys.session) else {
        return Ok(None);
    };
    let (now, today) = (app.clock.now(), app.clock.today());
    let digest = audit::digest(pointer.sid.as_bytes());
    let obliged = sign_in::obliges(site);
    let visitor = app
        .db
        .read(move |c: &mut AnyConn| -> Result<_, Error> {
            let mut visitor = session::visitor(c, &digest, now, today, obliged)?;
            if let Some(visitor) = visitor.as_mut().filter(|_| page) {
                visitor.notices = Some(notice::unseen(c, visitor.account, today)?);
            }
            Ok(visitor)
        })
        .await?;
    let visitor = visitor.filter(|v| v.account == pointer.uid);
    if let Some(of) = visitor.as_ref().filter(|v| v.stale).map(|v| v.session.clone()) {
        // Where its turn does not come soon, the next request tries again: nobody waits at the door for a writer.
        let _late = app.db.write_soon(of, |tx, of| session::note_use(tx, of)).await?;
    }
    Ok(visitor)
}

async fn read_form(entry: &Entry, request: &HttpRequest, body: web::Payload) -> Result<Fields, Stop> {
    if entry.method == Method::Get {
        return Ok(Fields::default());
    }
    let limit = match entry.cost {
        // Such a form without its file is a small one.
        Cost::Upload => Cost::Form.body_limit(),
        cost => cost.body_limit(),
    };
    let reading = tokio::time::timeout(BODY_TIME, body.to_bytes_limited(limit));
    let Ok(Ok(Ok(bytes))) = reading.await else {
        return Err(Stop::Body);
    };
    if !entry.csrf {
        return Ok(Fields::default());
    }
    if !has_media(request, "application/x-www-form-urlencoded") {
        return Err(Stop::Token);
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| Error::Invalid("форма не в UTF-8".into()))?;
    Ok(fields(text)?)
}

fn has_media(request: &HttpRequest, wanted: &str) -> bool {
    let media = request.headers().get(header::CONTENT_TYPE);
    media
        .and_then(|v| v.to_str().ok())
        .is_some_and(|m| m.starts_with(wanted))
}

/// Why a form with a file was not read.
enum Unread {
    /// It carries no token of the visitor.
    Token(Fields),
    /// Something else.
    Stop(Stop),
}

/// Whether a form says itself that it is longer than one with a file may be.
fn is_too_long(request: &HttpRequest) -> bool {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<usize>().ok());
    length.is_some_and(|n| n > Cost::Upload.body_limit())
}

async fn read_with_file(
    site: &Site,
    request: &HttpRequest,
    body: web::Payload,
    fits: impl Fn(&str) -> bool,
) -> Result<(Fields, Option<Incoming>), Unread> {
    if is_too_long(request) {
        return Err(Unread::Stop(Stop::Body));
    }
    let folder = site.app.files("incoming");
    let form = incoming::multipart(request.headers(), body);
    match tokio::time::timeout(FILE_TIME, incoming::read(form, &folder, fits)).await {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(Failed::Token(form))) => Err(Unread::Token(form)),
        Ok(Err(Failed::Disk(e))) => Err(Unread::Stop(e.into())),
        Ok(Err(Failed::Body)) | Err(_) => Err(Unread::Stop(Stop::Body)),
    }
}

fn fields(text: &str) -> Result<Fields, Error> {
    web::Query::<Vec<(String, String)>>::from_query(text)
        .map(|pairs| Fields(pairs.into_inner()))
        .map_err(|_| damaged())
}

fn damaged() -> Error {
    Error::Invalid("Адрес или форма повреждены: откройте страницу заново.".into())
}

fn without_token(form: Fields) -> (Fields, Option<String>) {
    let (tokens, rest): (Vec<_>, Vec<_>) = form.0.into_iter().partition(|(name, _)| name == token::FIELD);
    let given = match <[_; 1]>::try_from(tokens) {
        Ok([(_, value)]) => Some(value),
        Err(_) => None,
    };
    (Fields(rest), given)
}

fn respond(site: &Site, entry: &Entry, around: &Around, answer: Result<Answer, Error>, id: &str) -> HttpResponse {
    let answer = answer.and_then(|a| frame::dress(site, entry, around, a));
    let (answer, bytes, media, immutable) = answer.unwrap_or_else(|e| {
        eprintln!(
            "{{\"request\":\"{id}\",\"path\":{:?},\"error\":{:?}}}",
            entry.path,
            e.to_string()
        );
        let text = format!("Ошибка сервера. Номер обращения: {id}");
        (
            Answer::empty().status(500),
            text.into_bytes(),
            "text/plain; charset=utf-8",
            false,
        )
    });
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if !media.is_empty() {
        response.insert_header((header::CONTENT_TYPE, media));
    }
    if let Body::Redirect(to) = &answer.body {
        response.insert_header((header::LOCATION, to.as_str()));
    }
    if answer.status == 503 || answer.status == 429 {
        response.insert_header((header::RETRY_AFTER, "5"));
    }
    if let Some(seconds) = answer.again {
        response.insert_header(("refresh", seconds.to_string()));
    }
    if let Some(how) = &answer.disposition {
        response.insert_header((header::CONTENT_DISPOSITION, how.as_str()));
    }
    if answer.forget {
        response.insert_header(("clear-site-data", "\"cache\", \"storage\""));
    }
    for cookie in answer.cookies {
        response.cookie(cookie);
    }
    let mut response = response.body(bytes);
    let safely = site.address.as_deref().is_some_and(|at| at.starts_with("https://"));
    headers::set(response.headers_mut(), id, immutable, safely);
    response
}

/// A name for the call: told to the person and written in the log beside the cause.
fn request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let start = std::process::id();
    format!("{start:x}-{n:x}")
}

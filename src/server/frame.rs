//! The frame around every page: menu, who is signed in, form token; and the pages that say why something did not work.

use serde::Serialize;
use serde_json::json;

use super::door::{Around, Stop, may};
use super::menu::{Item, Menu};
use crate::error::Error;
use crate::iom::evidence;
use crate::pages::text::capital;
use crate::web::address::quoted_path;
use crate::web::answer::Body;
use crate::web::call::{HeldRole, Stead, Visitor};
use crate::web::incoming;
use crate::web::registry::{Capability, Cost, Entry, Method};
use crate::web::token;
use crate::web::{Answer, Site};

#[derive(Serialize)]
struct Frame<'a> {
    title: &'a str,
    menu: Menu,
    who: Option<Who<'a>>,
    token: String,
    demo: bool,
    classes: String,
    pictures: bool,
}

#[derive(Serialize)]
struct Who<'a> {
    name: &'a str,
    role: &'a str,
    roles: &'a [HeldRole],
    steads: &'a [Stead],
    many: bool,
    /// Whether one may name a substitute.
    stands_in: bool,
    /// How many notices are new, in figures; empty is none.
    notices: String,
    /// Whether the page is that of the notices.
    at_notices: bool,
}

/// Renders a page inside its frame; other answers pass as they are. Returns bytes, media type, and whether it may be
/// cached for ever.
pub(super) fn dress(
    site: &Site,
    entry: &Entry,
    around: &Around,
    mut answer: Answer,
) -> Result<(Answer, Vec<u8>, &'static str, bool), Error> {
    match &mut answer.body {
        Body::Bytes {
            bytes,
            media,
            immutable,
        } => {
            let (bytes, media, immutable) = (std::mem::take(bytes), *media, *immutable);
            Ok((answer, bytes, media, immutable))
        }
        Body::Redirect(_) | Body::Empty => Ok((answer, Vec::new(), "", false)),
        Body::Page { template, data, title } => {
            let frame = frame(site, entry, around, title.as_deref().unwrap_or(entry.title));
            let frame = serde_json::to_value(frame).map_err(|e| Error::Internal(e.to_string()))?;
            // Moved, not copied, as `json!` would.
            let page = [("frame".to_owned(), frame), ("page".to_owned(), data.take())];
            let html = site.pages.render(template, page.into_iter().collect())?;
            Ok((answer, html.into_bytes(), "text/html; charset=utf-8", false))
        }
    }
}

fn frame<'a>(site: &Site, entry: &Entry, around: &'a Around, title: &'a str) -> Frame<'a> {
    let visitor = around.visitor.as_ref();
    let section = around.path.split(['?', '#']).next().unwrap_or_default();
    let sections = site.entries.iter().filter_map(|e| {
        let visitor = visitor.filter(|_| e.method == Method::Get && may(e, site, visitor))?;
        let group = e.in_menu_for(|c| visitor.may(c))?;
        let current = e.path == entry.path || section.strip_prefix(e.path).is_some_and(|rest| rest.starts_with('/'));
        let (label, href) = (e.title, e.path);
        Some((group, Item { label, href, current }))
    });
    Frame {
        title,
        menu: Menu::of(sections),
        who: visitor.map(|v| Who {
            name: &v.name,
            role: role(v),
            roles: &v.roles,
            steads: &v.steads,
            many: v.roles.len() + v.steads.len() > 1,
            stands_in: v.may(Capability::Delegations),
            notices: match v.notices.unwrap_or(0) {
                0 => String::new(),
                n @ 1..=99 => n.to_string(),
                _ => "99+".to_owned(),
            },
            at_notices: section == "/notices",
        }),
        token: token::of_form(&site.app.keys.session, &around.bound_to),
        demo: site.demo,
        classes: around.view.classes(),
        pictures: !around.view.has("pictures-off"),
    }
}

/// In which role one works, and in whose stead.
fn role(of: &Visitor) -> &str {
    let stead = of.steads.iter().find(|s| s.current && of.stands_for.is_some());
    match (stead, of.role()) {
        (Some(stead), _) => &stead.label,
        (None, Some(role)) => role.label,
        (None, None) => "без роли",
    }
}

/// Whether the visitor stands in for somebody who gave only a part of the work.
fn gave_a_part(around: &Around) -> bool {
    let stead = around.visitor.as_ref().and_then(|v| v.stands_for.as_ref());
    stead.is_some_and(|s| s.works.is_some())
}

/// Whether the visitor went to work in the stead of somebody whose role asks for a second factor, and has shown none.
fn waits_for_second(around: &Around) -> bool {
    let mut steads = around.visitor.iter().flat_map(|v| &v.steads);
    steads.any(|stead| stead.current && stead.shut)
}

/// The page that says what happened and what to do. A hidden object and one that does not exist get the same bytes.
pub(super) fn explain(stop: &Stop, around: &Around, entry: &Entry, id: &str) -> Result<Answer, Error> {
    let (status, heading, text) = match stop {
        Stop::SignIn if entry.method == Method::Get => {
            let next = quoted_path(&around.path);
            return Ok(Answer::redirect(format!("/sign-in?next={next}")));
        }
        Stop::SignIn => (
            401,
            "Сеанс завершился",
            "Войдите снова и повторите. Отправленное не записано.".into(),
        ),
        Stop::Token => (
            403,
            "Форма устарела",
            "Её страница открыта в другом сеансе или слишком давно. Откройте страницу заново и повторите.".into(),
        ),
        Stop::Long => (
            429,
            "Ваши файлы ещё готовятся",
            "Сразу можно готовить два файла со списками. Дождитесь, когда они скачаются, и повторите через несколько секунд."
                .into(),
        ),
        Stop::Body => (413, "Слишком много данных", limit(entry)),
        Stop::Error(Error::NotFound(_)) => (
            404,
            "Такой страницы нет",
            "Возможно, адрес набран с ошибкой или запись вам не видна. Начните с главной страницы.".into(),
        ),
        Stop::Error(Error::Forbidden(_)) if waits_for_second(around) => (
            403,
            "Нужен второй шаг входа",
            "Коллега, которого вы замещаете, видит данные многих людей, поэтому одного пароля мало. Выберите замещение в \
             меню справа вверху ещё раз: откроется страница, где второй шаг подтверждают или включают."
                .into(),
        ),
        Stop::Error(Error::Forbidden(_)) if around.visitor.as_ref().is_some_and(|v| v.stead_is_over) => (
            403,
            "Замещение закончилось",
            "Раздел был открыт вам на время. Выберите свою роль в меню справа вверху.".into(),
        ),
        Stop::Error(Error::Forbidden(_)) if gave_a_part(around) => (
            403,
            "Это вам не поручено",
            "Коллега передал вам не всю работу своей роли. Что передано, видно в вашей роли: меню справа вверху, «Замещение»."
                .into(),
        ),
        Stop::Error(Error::Forbidden(_)) if around.visitor.as_ref().is_some_and(|v| v.stands_for.is_some()) => (
            403,
            "Здесь вы замещаете коллегу",
            "Этот раздел замещение не открывает. Свои разделы откроются в своей роли: выберите её в меню справа вверху.".into(),
        ),
        Stop::Error(Error::Forbidden(_)) => (
            403,
            "Этого раздела нет в вашей роли",
            "Если он нужен вам для работы, обратитесь к администратору своей организации.".into(),
        ),
        Stop::Error(Error::Invalid(text)) => (400, "Не получилось", sentence(text)),
        Stop::Error(Error::Refused(refusal)) => {
            let why = sentence(&refusal.to_string());
            let text =
                format!("{why} Возможно, пока страница была открыта, что-то изменилось: вернитесь и посмотрите.");
            (409, "Действие не выполнено", text)
        }
        Stop::Error(Error::Conflict) => (
            409,
            "Запись уже изменена",
            "Пока страница была открыта, её изменил кто-то ещё. Откройте её заново: ваши изменения не записаны.".into(),
        ),
        Stop::Error(Error::Changed(what)) => {
            let text = format!("{what} Ваше действие не записано: посмотрите, что изменилось, и решите заново.");
            (409, "Запись уже изменена", text)
        }
        Stop::Error(Error::Busy) => (503, "Сервер занят", "Повторите через несколько секунд.".into()),
        Stop::Error(Error::Internal(cause)) => {
            eprintln!("{{\"request\":\"{id}\",\"path\":{:?},\"error\":{cause:?}}}", entry.path);
            let text =
                "Ошибка на нашей стороне, она записана. Повторите позже; если не поможет, назовите номер обращения.";
            return page(500, "Что-то сломалось", text, Some(id), (None, &around.typed));
        }
    };
    // A page that is hidden or missing says nothing of where one came from: the two are the same bytes.
    let back = matches!(status, 400 | 409 | 413) || matches!(stop, Stop::Token);
    let back = back.then(|| around.came_from.clone().unwrap_or_else(|| nearest(around, entry)));
    page(status, heading, &text, None, (back, &around.typed))
}

/// A refusal as a sentence of its own.
fn sentence(text: &str) -> String {
    let text = capital(text.trim());
    if text.ends_with(['.', '!', '?', '…']) {
        text
    } else {
        format!("{text}.")
    }
}

/// What a form takes at most.
fn limit(entry: &Entry) -> String {
    let megabytes = |bytes: u64| bytes / 1024 / 1024;
    let most = match (entry.cost, entry.capability) {
        (Cost::Upload, Capability::OwnPlan) => megabytes(evidence::MAX_SIZE),
        (Cost::Upload, _) => megabytes(incoming::MAX_FILE),
        _ => return "Отправленное длиннее, чем принимает эта форма. Сократите текст и отправьте снова.".into(),
    };
    format!("Файл слишком велик: эта форма принимает не больше {most} МБ. Ничего не записано, выберите файл поменьше.")
}

/// The page that a form most likely stands on: of the same address, or one step up.
fn nearest(around: &Around, entry: &Entry) -> String {
    let path = around.path.split(['?', '#']).next().unwrap_or("/");
    let shown = |of: &str| super::SITEMAP.iter().any(|e| e.method == Method::Get && e.path == of);
    if shown(entry.path) {
        return path.to_owned();
    }
    match (entry.path.rsplit_once('/'), path.rsplit_once('/')) {
        (Some((above, _)), Some((to, _))) if shown(above) => to.to_owned(),
        _ => "/".to_owned(),
    }
}

fn page(
    status: u16,
    heading: &str,
    text: &str,
    id: Option<&str>,
    (back, typed): (Option<String>, &[String]),
) -> Result<Answer, Error> {
    let typed = typed.join("\n\n");
    let data = json!({ "heading": heading, "text": text, "request": id, "back": back, "typed": typed });
    Ok(Answer::page("errors/error", &data)?.status(status).title(heading))
}

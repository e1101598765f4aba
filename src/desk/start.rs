//! The first page: sends each role to its desk.

use serde::Serialize;

use crate::access::{Role, policy};
use crate::web::call::HeldRole;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// GET /
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let visitor = call.visitor()?;
        let role = visitor.role().and_then(|r| Role::from_code(r.code));
        let first = role.and_then(policy::first_desk);
        let mut desks = call
            .site
            .entries
            .iter()
            .filter(|e| e.in_menu_for(|c| visitor.may(c)).is_some());
        let desk = desks
            .clone()
            .find(|e| Some(e.capability) == first)
            .or_else(|| desks.next());
        Ok(Answer::redirect(desk.map_or("/account", |e| e.path)))
    })
}

#[derive(Serialize)]
struct Account<'a> {
    name: &'a str,
    login: &'a str,
    roles: &'a [HeldRole],
    desks: Vec<Desk>,
    /// What has just been done, and what comes of it.
    done: Option<&'static str>,
    then: &'static str,
    /// Whether there are steps of one's own for a calendar.
    calendar: bool,
}

#[derive(Serialize)]
struct Desk {
    label: &'static str,
    href: &'static str,
}

/// GET /account
pub fn account(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["done"])?;
        let (done, then) = match call.query.get("done") {
            Some("password") => (Some("Пароль изменён"), "Остальные входы закрыты."),
            Some("email") => (
                Some("Проверьте почту"),
                "На новый адрес отправлена ссылка, она действует 30 минут.",
            ),
            Some("second") => (Some("Второй шаг выключен"), "Остальные входы закрыты."),
            _ => (None, ""),
        };
        let visitor = call.visitor()?;
        let desks = call
            .site
            .entries
            .iter()
            .filter(|e| e.menu.is_some() && visitor.may(e.capability));
        let desks: Vec<Desk> = desks
            .map(|e| Desk {
                label: e.title,
                href: e.path,
            })
            .collect();
        let data = Account {
            name: &visitor.name,
            login: &visitor.login,
            roles: &visitor.roles,
            desks,
            done,
            then,
            calendar: visitor.may(Capability::OwnPlan),
        };
        Answer::page("desk/account", &data)
    })
}

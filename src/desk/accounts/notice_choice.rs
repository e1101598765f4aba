//! «Письма: какие и как часто»: for each group of letters how often they come to the visitor. The list of notices stays
//! whole whatever is chosen.

use serde::Serialize;

use crate::access::{self, AccountId};
use crate::db::{AnyConn, DbError};
use crate::error::Error;
use crate::mail::choice::{self, Choosing, Frequency, GROUPS, Group};
use crate::mail::digest::HOUR;
use crate::pages::parts::{Choice, Select};
use crate::pages::text::capital;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Page {
    done: bool,
    /// Why letters do not come at all.
    silent: Option<&'static str>,
    groups: Vec<Select>,
    hour: u32,
    token: String,
}

/// GET /notices/choice
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let done = call.query.only(&["done"])?.get("done").is_some();
        let account = call.visitor()?.account;
        let load = move |c: &mut AnyConn| -> Result<_, DbError> {
            let own = access::store::by_id(c, AccountId(account))?;
            Ok((choice::of(c, &[account])?, own.and_then(|own| own.email)))
        };
        let (chosen, address) = call.app().db.read(load).await?;
        let select = |group: &Group| {
            let now = chosen.of_group(account, group);
            let choice = |how: &Frequency| Choice::new(how.code(), capital(how.label()), now.code());
            Select {
                name: group.code.to_owned(),
                label: group.label.to_owned(),
                hint: Some(group.about.to_owned()),
                choices: Frequency::ALL.iter().map(choice).collect(),
                problem: None,
            }
        };
        let data = Page {
            done,
            silent: match address {
                None => Some("Адрес почты не указан, поэтому письма вам не приходят. Уведомления видны на страницах."),
                Some(_) if call.app().config.mail.is_none() => {
                    Some("Почтовый сервер не настроен, письма пока не уходят. Уведомления видны на страницах.")
                }
                Some(_) => None,
            },
            groups: GROUPS.iter().map(select).collect(),
            hour: HOUR,
            token: call.token(),
        };
        Answer::page("desk/notice_choice", &data)
    })
}

/// POST /notices/choice
pub fn choose(call: Call) -> Answering {
    Box::pin(async move {
        let codes: Vec<&str> = GROUPS.iter().map(|group| group.code).collect();
        let form = call.form.only(&codes)?;
        let mut chosen: Vec<(&'static Group, Frequency)> = Vec::new();
        for group in GROUPS {
            if let Some(code) = form.get(group.code) {
                chosen.push((group, Frequency::from_code(code).ok_or_else(Error::form_changed)?));
            }
        }
        let visitor = call.visitor()?;
        let of = Choosing {
            account: visitor.account,
            region: visitor.region,
            by_letter: false,
        };
        let key = call.app().keys.audit.clone();
        call.app()
            .db
            .write(move |tx| choice::choose(tx, &key, of, &chosen).map_err(Error::from))
            .await?;
        Ok(Answer::redirect("/notices/choice?done=yes"))
    })
}

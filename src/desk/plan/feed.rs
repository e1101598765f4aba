//! «Календарь шагов»: an address under which a calendar program reads the days of the own steps. It is shown once and can
//! be taken back; what was never made or was taken back answers as a page that is not there.

use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::once::{Keyed, once};
use crate::desk::plan::feed_rows;
use crate::error::{Error, Refusal};
use crate::mail::calendar;
use crate::mail::feed::{self, Owner};
use crate::pages::text::moment;
use crate::web::registry::Answering;
use crate::web::token::random_name;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Page {
    done: Option<&'static str>,
    /// The address, right after it was made.
    address: Option<String>,
    /// Whether the address of the site stands in it.
    whole: bool,
    /// Since when there is one.
    since: Option<String>,
    seen: String,
    key: String,
    token: String,
}

/// GET /calendar/key
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let done = call.query.only(&["done"])?.get("done").is_some();
        page(&call, None, done.then_some("Адрес отозван")).await
    })
}

async fn page(call: &Call, made: Option<&str>, done: Option<&'static str>) -> Result<Answer, Error> {
    let account = call.visitor()?.account;
    let own = call
        .app()
        .db
        .read(move |c: &mut AnyConn| feed::of(c, account).map_err(Error::from))
        .await?;
    let made = match made {
        // The form was sent again after its address had been taken back.
        Some(token) if own.as_ref().is_none_or(|own| own.digest != feed::digest(token)) => {
            return Err(Refusal::new("desk.changed").into());
        }
        made => made,
    };
    let base = call.site.address.as_deref();
    let data = Page {
        done,
        address: made.map(|token| format!("{}/calendar/{token}", base.unwrap_or_default())),
        whole: base.is_some(),
        since: own.as_ref().map(|own| moment(own.made_at, call.zone())),
        seen: own.map(|own| own.digest).unwrap_or_default(),
        key: random_name()?,
        token: call.token(),
    };
    Answer::page("desk/calendar_key", &data)
}

/// POST /calendar/key: makes an address or takes it back.
pub fn change(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["act", "seen", "key"])?;
        let makes = match fields.get("act") {
            Some("make") => true,
            Some("revoke") => false,
            _ => return Err(Error::NotFound("действие".into())),
        };
        let visitor = call.visitor()?;
        let of = Owner {
            account: visitor.account,
            region: visitor.region,
        };
        let form = Keyed::of(&call)?.ok_or_else(Error::form_changed)?;
        let token = feed::token(&call.app().keys.session, of.account, &form.key);
        let (key, own) = (call.app().keys.audit.clone(), token.clone());
        let seen = fields.get("seen").unwrap_or_default().to_owned();
        once(&call, move |tx| {
            let now = feed::of(tx.conn(), of.account)?;
            if now.map(|now| now.digest).unwrap_or_default() != seen {
                return Err(Refusal::new("desk.changed").into());
            }
            if makes {
                feed::make(tx, &key, of, &own)?;
            } else {
                feed::revoke(tx, &key, of)?;
            }
            Ok(String::new())
        })
        .await?;
        if makes {
            page(&call, Some(&token), None).await
        } else {
            Ok(Answer::redirect("/calendar/key?done=yes"))
        }
    })
}

/// GET /calendar/…: the days, for a program.
pub fn read(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let given = call.parts.get("feed").unwrap_or_default().to_owned();
        let page = call.site.address.as_ref().map(|base| format!("{base}/plan"));
        let read = move |c: &mut AnyConn| feed_rows::days(c, &given, page.as_deref()).map_err(Error::from);
        let days = call.app().db.read(read).await?;
        let days = days.ok_or_else(|| Error::NotFound("страница".into()))?;
        let text = calendar::write("Веха: мои шаги", call.app().clock.now(), &days);
        Ok(Answer::bytes(text.into_bytes(), "text/calendar; charset=utf-8").file("vekha.ics", true))
    })
}

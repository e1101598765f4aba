//! Routes without a story: files, state of the process, reports of the browser, the look that a visitor chose.

use serde_json::json;

use crate::db::settings;
use crate::error::Error;
use crate::web::registry::Answering;
use crate::web::token;
use crate::web::view::View;
use crate::web::{Answer, Call};

/// GET /healthz: the process answers.
pub fn alive(_: Call) -> Answering {
    Box::pin(async { Ok(Answer::bytes(b"ok\n".to_vec(), "text/plain; charset=utf-8")) })
}

/// GET /readyz: the database answers.
pub fn ready(call: Call) -> Answering {
    Box::pin(async move {
        let read = call
            .app()
            .db
            .read(|c| settings::get(c, "ready").map_err(Error::from))
            .await;
        let (status, text) = if read.is_ok() {
            (200, "ready\n")
        } else {
            (503, "not ready\n")
        };
        Ok(Answer::bytes(text.into(), "text/plain; charset=utf-8").status(status))
    })
}

/// GET /static/…
pub fn file(call: Call) -> Answering {
    Box::pin(async move {
        let part = |name| call.parts.get(name).unwrap_or_default();
        let found = call.site.pages.assets.get(part("digest"), part("name"));
        let (bytes, media) = found.ok_or_else(|| Error::NotFound("файл".into()))?;
        Ok(Answer::immutable(bytes, media))
    })
}

/// GET /favicon.ico: browsers ask for it whatever the page says.
pub fn icon(call: Call) -> Answering {
    Box::pin(async move {
        let address = call.site.pages.assets.address("vekha.svg");
        Ok(Answer::redirect(address.unwrap_or_else(|| "/".into())))
    })
}

/// POST /csp-report: a page tried to load what it may not. Written to the log without the address's query.
pub fn csp_report(_: Call) -> Answering {
    Box::pin(async {
        eprintln!("{{\"csp\":\"report\"}}");
        Ok(Answer::empty())
    })
}

/// What is not in the sitemap.
pub fn nothing(_: Call) -> Answering {
    Box::pin(async { Err(Error::NotFound("страница".into())) })
}

/// GET /view
pub fn view(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let is = |word| call.view.has(word);
        let data = json!({
            "sizes": [
                { "value": "", "label": "Обычный", "chosen": !is("size-150") && !is("size-200") },
                { "value": "size-150", "label": "Крупный, 150 %", "chosen": is("size-150") },
                { "value": "size-200", "label": "Очень крупный, 200 %", "chosen": is("size-200") },
            ],
            "colours": [
                { "value": "", "label": "Обычные", "chosen": !is("colours-white") && !is("colours-black") },
                { "value": "colours-white", "label": "Чёрным по белому", "chosen": is("colours-white") },
                { "value": "colours-black", "label": "Белым по чёрному", "chosen": is("colours-black") },
            ],
            "spacing": is("spacing-wide"),
            "pictures": is("pictures-off"),
        });
        let answer = Answer::page("view", &data)?;
        // Whoever has not signed in may come here first; the form is bound to this cookie.
        Ok(match call.visitor {
            Some(_) => answer,
            None => answer.cookie(token::cookie(token::FORM_COOKIE, call.bound_to.clone())),
        })
    })
}

/// POST /view
pub fn choose_view(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["size", "colours", "spacing", "pictures"])?;
        let chosen = View::of(fields.0.iter().map(|(_, word)| word.as_str()));
        Ok(Answer::redirect("/view").cookie(chosen.cookie()))
    })
}

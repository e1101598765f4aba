//! The link of a letter that ends letters of its kind: by one click, without signing in. Opening it only asks, since
//! programs of mail open links by themselves; what was never made answers as a page that is not there.

use serde::Serialize;

use crate::error::Error;
use crate::mail::choice::{self, Choosing, DIGEST, GROUPS};
use crate::mail::unsubscribe::{self, Ending};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Page {
    done: bool,
    letters: String,
    key: String,
}

/// GET /unsubscribe/…
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let ending = find(&call).await?;
        page(&call, &ending, false)
    })
}

/// POST /unsubscribe/…: by the button of the page, or by the mail program of the receiver.
pub fn end(call: Call) -> Answering {
    Box::pin(async move {
        let ending = find(&call).await?;
        let of = Choosing {
            account: ending.account,
            region: ending.region,
            by_letter: true,
        };
        let (key, code) = (call.app().keys.audit.clone(), ending.code);
        call.app()
            .db
            .write(move |tx| choice::end(tx, &key, of, code).map_err(Error::from))
            .await?;
        Ok(page(&call, &ending, true)?.title("Письма отключены"))
    })
}

/// Whose letters the address ends; the same page as any missing one where it ends none.
async fn find(call: &Call) -> Result<Ending, Error> {
    let given = call.parts.get("ending").unwrap_or_default().to_owned();
    let key = call.app().keys.session.clone();
    let found = call
        .app()
        .db
        .read(move |c| unsubscribe::find(c, &key, &given).map_err(Error::from))
        .await?;
    found.ok_or_else(|| Error::NotFound("страница".into()))
}

fn page(call: &Call, ending: &Ending, done: bool) -> Result<Answer, Error> {
    let group = GROUPS.iter().find(|group| group.code == ending.code);
    let letters = match group {
        Some(group) => format!("«{}»: {}", group.label, group.about),
        None if ending.code == DIGEST => "Сводка: всё, что приходило одним письмом за день или за неделю".to_owned(),
        None => return Err(Error::NotFound("страница".into())),
    };
    let data = Page {
        done,
        letters,
        key: call.parts.get("ending").unwrap_or_default().to_owned(),
    };
    Answer::page("desk/unsubscribe", &data)
}

//! What is done with an edition: the ministry approves it, the operator opens it to everyone and closes it again.

use super::list::found;
use super::one;
use crate::cycle::edition::acts;
use crate::cycle::edition::model::ActKind;
use crate::cycle::edition::release::Whose;
use crate::db::Tx;
use crate::desk::registers::page::Sent;
use crate::error::Error;
use crate::pages::text::capital;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// Who acts, by name.
pub(crate) fn whose(call: &Call) -> Result<Whose, Error> {
    let visitor = call.visitor()?;
    let name = match &visitor.stands_for {
        Some(of) => format!("{}, замещая {}", visitor.name, of.name),
        None => visitor.name.clone(),
    };
    Ok(Whose {
        account: Some(visitor.account),
        on_behalf_of: visitor.on_behalf_of(),
        name,
    })
}

/// POST /editions/{edition}/approve
pub fn approve(call: Call) -> Answering {
    Box::pin(async move { act(&call, ActKind::Approve).await })
}

/// POST /editions/{edition}/open
pub fn open(call: Call) -> Answering {
    Box::pin(async move { act(&call, ActKind::Open).await })
}

/// POST /editions/{edition}/close
pub fn close(call: Call) -> Answering {
    Box::pin(async move { act(&call, ActKind::Close).await })
}

async fn act(call: &Call, kind: ActKind) -> Result<Answer, Error> {
    call.form.only(&["remark"])?;
    let (edition, _) = found(call).await?;
    let mut wrong = Vec::new();
    let sent = Sent(&call.form);
    sent.fits("remark", &mut wrong);
    if kind == ActKind::Close && sent.text("remark").is_empty() {
        wrong.push(("remark", "Напишите, почему выпуск закрывается.".into()));
    }
    if !wrong.is_empty() {
        return one::page(call, &wrong).await;
    }
    let (by, key, remark, of) = (
        whose(call)?,
        call.app().keys.audit.clone(),
        sent.text("remark"),
        edition.clone(),
    );
    let write = move |tx: &mut Tx<'_>| acts::act(tx, &key, &of, kind, &by, &remark);
    match call.app().db.write(write).await {
        Ok(()) => Ok(Answer::redirect(format!("/editions/{}?done={kind}", edition.id))),
        Err(Error::Refused(why)) => {
            let wrong = [("remark", capital(&format!("{why}.")))];
            Ok(one::page(call, &wrong).await?.status(409))
        }
        Err(e) => Err(e),
    }
}

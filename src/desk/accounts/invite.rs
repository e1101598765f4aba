//! An invitation by mail in place of a sheet, for those of the staff whose account has an address.

use chrono::Duration;

use crate::access::granting::AGAIN_MINUTES;
use crate::access::link::{self, LinkKind};
use crate::access::sheets::{self, Standing};
use crate::access::store;
use crate::db::Tx;
use crate::desk::accounts::rows;
use crate::desk::accounts::school;
use crate::error::{Error, Refusal};
use crate::pages::text::capital;
use crate::people::PersonId;
use crate::planted;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// POST /accounts/invite: sends the link; one that was sent before opens nothing any more.
pub fn send(call: Call) -> Answering {
    Box::pin(async move {
        let id = call.form.only(&["id"])?.get("id").and_then(|id| id.parse().ok());
        let missing = || Error::NotFound("сотрудник".into());
        let id = PersonId(id.ok_or_else(missing)?);
        let (visitor, keys) = (call.visitor()?.clone(), call.app().keys.clone());
        let act = move |tx: &mut Tx<'_>| -> Result<bool, Error> {
            sheets::lock(tx)?;
            let (now, today) = (tx.now(), tx.today());
            let by = rows::issuer(tx.conn(), &visitor, today)?.ok_or_else(missing)?;
            let own: Vec<_> = by.organisations.iter().copied().collect();
            let members = rows::members(tx.conn(), &by, &own, now, today)?;
            let member = members.iter().find(|m| m.id == id).ok_or_else(missing)?;
            let able = |held: &&sheets::Held| member.may(&by) || held.bar == Some(sheets::Bar::Mail);
            let Some(held) = member.account.as_ref().filter(able) else {
                return Err(Refusal::new("access.sheet_barred").into());
            };
            let account = store::by_id(tx.conn(), held.id)?.ok_or_else(missing)?;
            // Whoever works with the account asks for a new password without anybody's help.
            let address = account.email.clone().filter(|_| held.standing != Standing::Works);
            let Some(address) = address else { return Ok(false) };
            let since = tx.now() - Duration::minutes(AGAIN_MINUTES);
            if link::is_fresh(tx.conn(), account.id, LinkKind::Invitation, since)? && !planted!("invited_at_once") {
                return Err(Refusal::new("granting.invited").with("minutes", AGAIN_MINUTES).into());
            }
            link::issue(tx, &keys, &account, LinkKind::Invitation, &address, Some(by.account))?;
            Ok(true)
        };
        match call.app().db.write(act).await {
            Ok(true) => Ok(Answer::redirect("/accounts?done=invited")),
            Ok(false) => {
                let why = "Приглашение не отправлено: у учётной записи нет адреса почты, или с ней уже работают.";
                school::refused(&call, why.into()).await
            }
            Err(Error::Refused(why)) if why.code == "granting.invited" => {
                school::refused(&call, capital(&format!("{why}."))).await
            }
            Err(other) => Err(other),
        }
    })
}

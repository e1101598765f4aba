//! Evidence by photo: handed in by the teacher together with the step, opened by whoever reviews or closes the plan.

use std::io::Read as _;

use diesel::prelude::*;

use crate::access::{self, Role};
use crate::audit::{self, words::READ_EVIDENCE};
use crate::db::schema::{iom, iom_act};
use crate::db::text_keys::clean;
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::bounds::Bounds;
use crate::desk::looked;
use crate::desk::plan::acts::{self, Wanted};
use crate::desk::plan::{list_rows, support_rows, teacher};
use crate::error::{Error, Refusal};
use crate::iom::ActKind;
use crate::iom::accompany::Accompanying;
use crate::iom::evidence::{self, Evidence, EvidenceId, Media};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::incoming::Incoming;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// Roles that see what was handed in by the people of their organisations; others see what is theirs or was assigned
/// to them.
const OVER_ORGANISATIONS: &[Role] = &[Role::CnppmHead, Role::CnppmStaff];

/// POST /plan/submit: one form hands in the step with its file.
pub fn submit(mut call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["item", "note", "file", "seen"])?;
        let item: Option<i32> = fields.get("item").and_then(|n| n.parse().ok());
        let item = item.ok_or_else(|| Error::NotFound("шаг".into()))?;
        let note = fields.get("note").map(clean).unwrap_or_default();
        let visitor = call.visitor()?;
        let owner = visitor.region.map(UnitId).zip(visitor.person.map(PersonId));
        let (region, person) = owner.ok_or_else(|| Error::NotFound("маршрут".into()))?;
        if let Err(why) = teacher::refuse_course(&call, region, person, Some(item)).await {
            return teacher::late(&call, Some(item), &note, why, call.file.is_some()).await;
        }
        let wanted = Wanted {
            region,
            person,
            kind: ActKind::Submit,
            item: Some(item),
            by: access::author(visitor),
            value: String::new(),
            reason: note.clone(),
            seen: Some(acts::seen(fields)?),
            plan: teacher::shown(&call, region, person).await?,
            change: None,
        };
        let file = match call.file.take().map(examine).transpose() {
            Ok(file) => file,
            Err(Error::Refused(why)) => return teacher::refused(&call, item, &note, &why).await,
            Err(e) => return Err(e),
        };
        let with_file = file.is_some();
        let done = match file {
            None => acts::act(call.app(), wanted).await,
            Some((file, media)) => hand_in(&call, wanted, file, media).await,
        };
        match done {
            Ok(()) => Ok(Answer::redirect("/plan")),
            Err(why) => teacher::late(&call, Some(item), &note, why, with_file).await,
        }
    })
}

/// What the file is; one that cannot be shown or is too big is refused.
fn examine(file: Incoming) -> Result<(Incoming, Media), Error> {
    if file.size == 0 {
        return Err(Refusal::new("evidence.empty").into());
    }
    if file.size > evidence::MAX_SIZE {
        let megabytes = evidence::MAX_SIZE / 1024 / 1024;
        return Err(Refusal::new("evidence.size").with("limit", megabytes).into());
    }
    let mut head = Vec::with_capacity(16);
    std::fs::File::open(file.path())?.take(16).read_to_end(&mut head)?;
    let media = evidence::recognise(&head)?;
    Ok((file, media))
}

async fn hand_in(call: &Call, wanted: Wanted, file: Incoming, media: Media) -> Result<(), Error> {
    let app = call.app();
    let stored_as = crate::web::token::random_name()?;
    let path = app.files("evidence").join(&stored_as);
    let (file_name, digest) = (file.name.clone(), file.digest.clone());
    let size = i32::try_from(file.size).unwrap_or(i32::MAX);
    // The bytes are safe before the row says that they are there.
    file.keep(&path)?;
    let (region, person, account) = (wanted.region, wanted.person, call.visitor()?.account);
    let key = app.keys.audit.clone();
    let attach = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        let act = iom_act::table
            .inner_join(iom::table.on(iom::region_id.eq(iom_act::region_id).and(iom::id.eq(iom_act::iom_id))))
            .filter(iom_act::region_id.eq(region))
            .filter(iom::person_id.eq(person))
            .filter(iom_act::act.eq(ActKind::Submit))
            .order(iom_act::id.desc())
            .select((iom_act::id, iom_act::iom_id, iom_act::item_id.assume_not_null()))
            .first(tx.conn())?;
        let (act_id, iom_id, item_id) = act;
        let row = Evidence {
            id: EvidenceId(tx.id()),
            region_id: region,
            iom_id,
            item_id,
            act_id,
            person_id: person,
            file_name,
            media,
            size,
            digest,
            stored_as,
            recorded_at: tx.now(),
        };
        let mut entry = audit::Entry::of_server("iom.evidence", "iom_evidence", Some(row.id.0));
        (entry.account, entry.region, entry.person) = (Some(account), Some(region.0), Some(person.0));
        evidence::add(tx, row)?;
        audit::record(tx, &key, &[entry])?;
        Ok(())
    };
    let done = acts::all_then(app, vec![wanted], attach).await;
    if !matches!(done, Ok(true)) {
        // No row names it.
        let _gone = std::fs::remove_file(&path);
    }
    done.map(drop)
}

/// GET /evidence/{evidence}: the file itself, for its teacher, for supporters of the plan and for whoever answers for
/// the person's organisation; the opening is written in the journal.
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let visitor = call.visitor()?;
        let missing = || Error::NotFound("подтверждение".into());
        let region = visitor.region.map(UnitId).ok_or_else(missing)?;
        let id = EvidenceId(call.id("evidence")?);
        let (of, scope, today) = (
            Accompanying::of(visitor),
            visitor.scope.clone(),
            call.app().clock.today(),
        );
        let of = of.ok_or_else(missing)?;
        let role = visitor.role().and_then(|r| Role::from_code(r.code));
        let over = role.is_some_and(|r| OVER_ORGANISATIONS.contains(&r));
        let load = move |c: &mut AnyConn| -> Result<Option<Evidence>, DbError> {
            let Some(row) = evidence::find(c, region, id)? else {
                return Ok(None);
            };
            // Whose plan is seen, of that person the files are: one who has left too, while the role is over the region.
            let answers = |c: &mut AnyConn| -> Result<bool, DbError> {
                let bounds = Bounds::of(c, region, &scope, today)?;
                Ok(list_rows::one(c, &bounds, row.iom_id, today)?.is_some())
            };
            let supports = |c: &mut AnyConn| Ok::<_, DbError>(support_rows::one(c, &of, row.iom_id, today)?.is_some());
            let seen = scope.sees(row.person_id.0, &[]) || over && answers(c)? || supports(c)?;
            Ok(seen.then_some(row))
        };
        let row = call.app().db.read(load).await?.ok_or_else(missing)?;
        let bytes = read(&call, &row).await?;
        if visitor.person != Some(row.person_id.0) {
            let entry = looked::at_person(visitor, READ_EVIDENCE, "iom_evidence", Some(row.id.0), row.person_id);
            looked::note(&call, entry).await?;
        }
        // A document goes to the program that reads it; a picture is shown at once.
        let shown = row.media != Media::Pdf;
        Ok(Answer::bytes(bytes, row.media.of_web()).file(&row.file_name, shown))
    })
}

async fn read(call: &Call, row: &Evidence) -> Result<Vec<u8>, Error> {
    let path = call.app().files("evidence").join(&row.stored_as);
    let bytes = tokio::task::spawn_blocking(move || std::fs::read(path))
        .await
        .map_err(|e| Error::Internal(e.to_string()))??;
    if audit::digest(&bytes) != row.digest {
        return Err(Error::Internal(format!(
            "подтверждение {}: файл не тот, что был отправлен",
            row.id
        )));
    }
    Ok(bytes)
}

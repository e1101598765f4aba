//! Detached signatures of the papers of a plan: brought with the digest of the text that was signed, kept with the file.

use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::access::{AccountId, Work};
use crate::db::{AnyConn, Tx};
use crate::desk::given;
use crate::desk::plan::card::{Door, Wrong};
use crate::desk::plan::paper::{self, Asked, Place, Tells};
use crate::desk::registers::page::Sent;
use crate::desk::registers::reach::by;
use crate::error::{Error, Refusal};
use crate::exchange::docx;
use crate::iom::Iom;
use crate::iom::paper::PaperKind;
use crate::iom::signing::{self, MAX_SIZE, Signature, SignatureId};
use crate::pages::parts::{Cell, Column, Field, FileField, Register};
use crate::pages::text::{NOTHING, capital, date};
use crate::web::incoming::{Incoming, private_folder};
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

/// The work that signatures belong to.
pub(super) const WORK: &[Work] = &[Work::Plans, Work::Approve];

/// The form of a signature and those that are there.
#[derive(Serialize)]
pub(super) struct Signing {
    action: String,
    token: String,
    document: &'static str,
    /// What is to be signed.
    digest: String,
    done: bool,
    signer: Field,
    signed_on: Field,
    file: FileField,
    register: Option<Register>,
}

impl Signing {
    /// Over the text whose digest it is.
    pub fn over(mut self, digest: &str) -> Self {
        digest.clone_into(&mut self.digest);
        self
    }
}

/// The form, with the signatures of a paper.
pub(super) async fn form(
    call: &Call,
    plan: &Iom,
    place: &Place,
    kind: PaperKind,
    problems: &[Wrong],
) -> Result<Signing, Error> {
    let (region, id) = (plan.region_id, plan.id);
    let read = move |c: &mut AnyConn| signing::of_plan(c, region, id).map_err(Error::from);
    let all = call.app().db.read(read).await?;
    let problem = |name: &str| problems.iter().find(|w| w.field == name).map(|w| w.text.clone());
    let sent = Sent(&call.form);
    let columns = [
        Column::words("Подписал"),
        Column::words("Дата подписи"),
        Column::words("Редакция"),
        Column::words("Хеш документа"),
        Column::words("Документ"),
        Column::words("Подпись"),
    ];
    let to = |format: &str, of: &Signature| {
        let document = of.document.code();
        format!(
            "{}?document={document}&format={format}&of={}",
            place.base, of.file_digest
        )
    };
    let rows = all.iter().filter(|of| of.document == kind).map(|of| {
        vec![
            Cell::text(of.signer.clone()),
            Cell::text(of.signed_on.map_or_else(|| NOTHING.to_owned(), date)),
            Cell::text(match of.revision {
                0 => "до утверждения".to_owned(),
                number => format!("№ {number}"),
            }),
            Cell::text(of.body_digest.clone()),
            Cell::link("документ", to("signed", of)),
            Cell::link("подпись", to("signature", of)),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    Ok(Signing {
        action: format!("{}/{id}/signature", Door::Cnppm.base()),
        token: call.token(),
        document: kind.code(),
        digest: String::new(),
        done: call.query.get("done").is_some(),
        signer: Field {
            name: "signer",
            label: "Кто подписал",
            hint: Some("Фамилия и инициалы владельца подписи"),
            value: sent.text("signer"),
            problem: problem("signer"),
            long: false,
        },
        signed_on: Field {
            name: "signed_on",
            label: "Дата подписи (необязательно)",
            hint: Some("Например, 01.09.2026"),
            value: sent.text("signed_on"),
            problem: problem("signed_on"),
            long: false,
        },
        file: FileField {
            name: "file",
            label: "Файл подписи",
            hint: "Отсоединённая подпись скачанного DOCX: .sig или .p7s, до 64 КБ.",
            accept: ".sig,.p7s,.sgn,application/pkcs7-signature",
            problem: problem("file"),
        },
        register: (!rows.is_empty()).then(|| Register::new("Подписи документа", &columns, rows)),
    })
}

/// What a form brings.
struct Brought {
    file: Incoming,
    signer: String,
    signed_on: Option<chrono::NaiveDate>,
}

fn wrong(field: &str, text: impl Into<String>) -> Wrong {
    Wrong {
        field: field.to_owned(),
        text: text.into(),
    }
}

fn sentence(why: &Refusal) -> String {
    capital(&format!("{why}."))
}

fn read(call: &Call, file: Option<Incoming>) -> Result<Result<Brought, Vec<Wrong>>, Error> {
    let sent = Sent(&call.form);
    let mut found = Vec::new();
    let signer = sent.required("signer", "Кто подписал", &mut found);
    let signed_on = sent.maybe_day("signed_on", &mut found);
    if signed_on.is_some_and(|on| on > call.app().clock.today()) {
        found.push(("signed_on", "Этот день ещё не наступил.".into()));
    }
    let mut problems: Vec<Wrong> = found.into_iter().map(|(field, text)| wrong(field, text)).collect();
    let refused = |why: &Refusal| wrong("file", sentence(why));
    let file = file.filter(|file| file.size > 0);
    match &file {
        None => problems.push(wrong("file", "Выберите файл подписи.")),
        Some(file) if file.size > MAX_SIZE => {
            problems.push(refused(&Refusal::new("signature.kind").with("limit", MAX_SIZE / 1024)));
        }
        Some(file) => {
            if let Err(why) = signing::recognise(&std::fs::read(file.path())?) {
                problems.push(refused(&why));
            }
        }
    }
    Ok(match file {
        Some(file) if problems.is_empty() => Ok(Brought {
            file,
            signer,
            signed_on,
        }),
        _ => Err(problems),
    })
}

/// POST /plans/{plan}/signature. The same file sent twice is one signature: it needs no key.
pub fn bring(mut call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&["document", "digest", "signer", "signed_on", "file"])?;
        let kind = call.form.get("document").and_then(PaperKind::from_code);
        let kind = kind.ok_or_else(|| Error::NotFound("документ".into()))?;
        given::needs(call.visitor()?, WORK, "подписи документов")?;
        let file = call.file.take();
        let (place, plan) = paper::open(&call, Door::Cnppm).await?;
        let asked = Asked::plain(kind);
        let brought = match read(&call, file)? {
            Ok(brought) => brought,
            Err(problems) => return paper::page(&call, place, plan, &asked, problems).await,
        };
        let made = paper::made(&call, plan.clone(), kind, Tells::Levels).await?;
        if call.form.get("digest") != Some(made.digest.as_str()) {
            let stale = vec![wrong("file", sentence(&Refusal::new("signature.stale")))];
            return paper::page(&call, place, plan, &asked, stale).await;
        }
        match keep(&call, &plan, kind, &made, brought).await {
            Ok(()) => Ok(Answer::redirect(format!(
                "{}?document={}&done=1",
                place.base,
                kind.code()
            ))),
            Err(Error::Refused(why)) => {
                paper::page(&call, place, plan, &asked, vec![wrong("file", sentence(&why))]).await
            }
            Err(other) => Err(other),
        }
    })
}

async fn keep(
    call: &Call,
    plan: &Iom,
    kind: PaperKind,
    paper: &crate::iom::paper::Paper,
    brought: Brought,
) -> Result<(), Error> {
    let by = by(call)?;
    let Brought {
        file,
        signer,
        signed_on,
    } = brought;
    let folder = call.app().files("signatures");
    let (paper_as, stored_as) = (token::random_name()?, token::random_name()?);
    let (signed, signature) = (folder.join(&paper_as), folder.join(&stored_as));
    let bytes = docx::write(&paper.document)?;
    let row = Signature {
        id: SignatureId(0),
        region_id: plan.region_id,
        iom_id: plan.id,
        revision: plan.revision,
        document: kind,
        body_digest: paper.digest.clone(),
        paper_digest: crate::audit::digest(&bytes),
        paper_as,
        file_digest: file.digest.clone(),
        stored_as,
        size: i32::try_from(file.size).unwrap_or(i32::MAX),
        signer,
        signed_on,
        account_id: AccountId(by.account),
        recorded_at: chrono::NaiveDateTime::default(),
    };
    let person = plan.person_id.0;
    let write = move |tx: &mut Tx<'_>| -> Result<bool, Error> {
        let row = Signature {
            id: SignatureId(tx.id()),
            recorded_at: tx.now(),
            ..row.clone()
        };
        let (id, document) = (row.id.0, row.document.code());
        let new = signing::add(tx, row)?.map_err(Error::from)?;
        if new {
            let detail = format!("form={document}");
            by.note(tx, "iom.signature", ("signature_file", id), &[person], &detail)?;
        }
        Ok(new)
    };
    // The bytes are safe before the row says that they are there.
    let safe = private_folder(&folder)
        .and_then(|()| durable(&signed, &bytes))
        .and_then(|()| file.keep(&signature));
    let done = match safe {
        Ok(()) => match call.app().db.write(write.clone()).await {
            // The same file came twice at once: what is recorded by now says whether it was of this paper.
            Err(Error::Conflict) => call.app().db.write(write).await,
            done => done,
        },
        Err(e) => Err(e.into()),
    };
    if !matches!(done, Ok(true)) {
        // No row names them.
        for path in [&signed, &signature] {
            let _gone = std::fs::remove_file(path);
        }
    }
    done.map(drop)
}

fn durable(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A signature of a plan, or the paper as it was signed.
pub(super) async fn file(call: &Call, plan: &Iom, of: &str, signed: bool) -> Result<Answer, Error> {
    let (region, id, digest) = (plan.region_id, plan.id, of.to_owned());
    let read = move |c: &mut AnyConn| signing::find(c, region, id, &digest).map_err(Error::from);
    let found = call.app().db.read(read).await?;
    let row = found.ok_or_else(|| Error::NotFound("подпись".into()))?;
    let stem = format!("{} {}.docx", row.document.label(), plan.number).replace('/', "-");
    let (name, digest, media, called) = if signed {
        (&row.paper_as, &row.paper_digest, docx::MEDIA, stem)
    } else {
        let media = "application/octet-stream";
        (&row.stored_as, &row.file_digest, media, format!("{stem}.sig"))
    };
    let bytes = std::fs::read(call.app().files("signatures").join(name))?;
    if crate::audit::digest(&bytes) != *digest {
        return Err(Error::Internal(format!(
            "подпись {}: файл не тот, что был принят",
            row.id
        )));
    }
    Ok(Answer::bytes(bytes, media).file(&called, false))
}

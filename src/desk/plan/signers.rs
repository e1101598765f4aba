//! «Подписи и блоки»: who approves and who agrees on the papers of plans, and what is printed on them.

use std::collections::BTreeSet;

use crate::db::{AnyConn, Tx};
use crate::desk::bounds;
use crate::desk::once::{is_other, once};
use crate::desk::registers::page::{Block, Check, Fill, Form, Sent, Sheet, Wrong, problems};
use crate::desk::registers::reach::by;
use crate::error::Error;
use crate::iom::paper::PaperBlock;
use crate::iom::paper::signer::{self, Signer, SignerPlace};
use crate::pages::parts::{Cell, Column, Register};
use crate::pages::text::{capital, date};
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

const HEADING: &str = "Подписи и блоки";

struct Known {
    signers: Vec<Signer>,
    blocks: BTreeSet<PaperBlock>,
    version: i32,
}

async fn known(call: &Call) -> Result<Known, Error> {
    let region = by(call)?.region;
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let (blocks, version) = signer::blocks(c, region)?;
        Ok(Known {
            signers: signer::all(c, region)?,
            blocks,
            version,
        })
    };
    call.app().db.read(read).await
}

/// GET /signers
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["done"])?;
        page(&call, &[]).await
    })
}

async fn page(call: &Call, wrong: &[Wrong]) -> Result<Answer, Error> {
    let known = known(call).await?;
    let whole = bounds::is_whole(call).await?;
    let mut blocks = vec![signers_block(call, &known, wrong)?, blocks_block(&known, wrong)?];
    if !whole {
        // Whoever heads a part sees what is printed on the papers of it.
        blocks.truncate(1);
        blocks.iter_mut().for_each(|block| block.forms.clear());
    }
    let printed = "Это печатается на документах маршрутов: ИОМ, листе корректировки, отчёте и итогах.";
    let sheet = Sheet {
        heading: HEADING.into(),
        lead: if whole {
            printed.into()
        } else {
            format!("{printed} Меняет это тот, чья роль – на весь регион.")
        },
        done: call.query.get("done").map(|_| "Записано"),
        problems: problems(wrong),
        blocks,
        token: call.token(),
        ..Sheet::default()
    };
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title(format!("Ошибка: {HEADING}"))
    })
}

fn signers_block(call: &Call, known: &Known, wrong: &[Wrong]) -> Result<Block, Error> {
    let today = call.app().clock.today();
    let columns = [
        Column::words("Что делает"),
        Column::words("С какого дня"),
        Column::words("Должность"),
        Column::words("Имя"),
        Column::words("Сейчас"),
    ];
    let in_force = |of: &Signer| {
        let first = known
            .signers
            .iter()
            .find(|s| s.place == of.place && s.valid_from <= today);
        first.is_some_and(|first| first.id == of.id)
    };
    let row = |of: &Signer| {
        let nobody = of.name.is_empty();
        vec![
            Cell::text(capital(of.place.label())),
            Cell::text(date(of.valid_from)),
            Cell::text(of.post.clone()),
            Cell::text(if nobody {
                "никто не назван".to_owned()
            } else {
                of.name.clone()
            }),
            Cell::text(if in_force(of) { "да" } else { "" }),
        ]
    };
    let rows: Vec<Vec<Cell>> = known.signers.iter().map(row).collect();
    let sent = Sent(&call.form);
    let typed = |name: &str| match name {
        "from" if sent.text(name).is_empty() && wrong.is_empty() => date(today),
        _ => sent.text(name),
    };
    let fill = Fill { values: &typed, wrong };
    let places = SignerPlace::ALL
        .iter()
        .map(|p| (p.code().to_owned(), capital(p.label())));
    let form = Form {
        action: "/signers".into(),
        act: "signer",
        seen: seen(known),
        key: token::random_name()?,
        parts: vec![
            fill.choice("place", "Что делает", None, places),
            fill.line("post", "Должность", Some("Как печатать: «Директор ЦНППМ»")),
            fill.line(
                "name",
                "Имя",
                Some("Например, И. О. Фамилия. Пусто – с этого дня никто не назван"),
            ),
            fill.line("from", "С какого дня", None),
        ],
        button: "Записать".into(),
        ..Form::default()
    };
    Ok(Block {
        title: "Кто подписывает".into(),
        text: Some(
            "В документ попадает тот, кто был назван в день действующей редакции. Если согласующий не назван, \
             печатается куратор маршрута."
                .into(),
        ),
        register: (!rows.is_empty()).then(|| Register::new("Кто подписывает", &columns, rows)),
        forms: vec![form],
        ..Block::default()
    })
}

/// The latest records of both places.
fn seen(known: &Known) -> String {
    let latest = SignerPlace::ALL
        .iter()
        .map(|place| signer::latest(&known.signers, *place).to_string());
    latest.collect::<Vec<_>>().join(".")
}

fn blocks_block(known: &Known, wrong: &[Wrong]) -> Result<Block, Error> {
    let fill = Fill {
        values: &|_: &str| String::new(),
        wrong,
    };
    let check = |block: &PaperBlock| Check {
        value: block.code().to_owned(),
        label: block.label().to_owned(),
        meta: String::new(),
        checked: known.blocks.contains(block),
    };
    let boxes = PaperBlock::ALL.iter().map(check).collect();
    Ok(Block {
        title: "Что печатать".into(),
        forms: vec![Form {
            action: "/signers".into(),
            act: "blocks",
            seen: known.version.to_string(),
            key: token::random_name()?,
            parts: vec![fill.checks("Блоки документов", "block", boxes)],
            button: "Записать блоки".into(),
            ..Form::default()
        }],
        ..Block::default()
    })
}

/// POST /signers
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let names = ["act", "seen", "key", "place", "post", "name", "from"];
        let fields = call.form.only_many(&names, &["block"])?;
        bounds::needs_whole(&call).await?;
        let by = by(&call)?;
        let saved = || "/signers?done=1".to_owned();
        let done = if fields.get("act") == Some("blocks") {
            let chosen: BTreeSet<PaperBlock> = fields.all("block").filter_map(PaperBlock::from_code).collect();
            let seen = Sent(fields).seen();
            once(&call, move |tx: &mut Tx<'_>| {
                signer::set_blocks(tx, &by, &chosen, seen).map(|()| saved())
            })
            .await
        } else {
            let wanted = match wanted(&call) {
                Ok(wanted) => wanted,
                Err(wrong) => return page(&call, &wrong).await,
            };
            once(&call, move |tx: &mut Tx<'_>| {
                signer::set(tx, &by, &wanted).map(|()| saved())
            })
            .await
        };
        let field = if call.form.get("act") == Some("blocks") {
            "block"
        } else {
            "name"
        };
        match done {
            Ok(to) => Ok(Answer::redirect(to)),
            Err(Error::Changed(what)) => {
                let text = format!("{what} Ваше не записано: посмотрите, что изменилось, и запишите снова.");
                Ok(page(&call, &[(field, text)]).await?.status(409))
            }
            Err(Error::Refused(why)) if is_other(&why) => {
                let text = "Эту форму уже отправили с другими словами: сверьте и запишите снова.".to_owned();
                page(&call, &[(field, text)]).await
            }
            Err(other) => Err(other),
        }
    })
}

fn wanted(call: &Call) -> Result<signer::Wanted, Vec<Wrong>> {
    let sent = Sent(&call.form);
    let mut wrong: Vec<Wrong> = Vec::new();
    let place = SignerPlace::from_code(&sent.text("place"));
    if place.is_none() {
        wrong.push(("place", "Выберите, что делает подписывающий.".into()));
    }
    sent.fits("post", &mut wrong);
    sent.fits("name", &mut wrong);
    let (post, name) = (sent.text("post"), sent.text("name"));
    if !post.is_empty() && name.is_empty() {
        wrong.push(("name", "Напишите имя или оставьте пустой и должность.".into()));
    }
    let from = sent.day("from", &mut wrong);
    let (Some(place), Some(from), true) = (place, from, wrong.is_empty()) else {
        return Err(wrong);
    };
    let seen = call.form.get("seen").unwrap_or_default().split('.');
    let at = SignerPlace::ALL.iter().position(|p| *p == place).unwrap_or_default();
    Ok(signer::Wanted {
        place,
        post,
        name,
        from,
        seen: seen.into_iter().nth(at).and_then(|id| id.parse().ok()).unwrap_or(-1),
    })
}

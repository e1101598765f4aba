//! One act: its facts, what it replaces and by what it is replaced; changing, withdrawing and bringing it back.

use crate::access::by::By;
use crate::activity::by::reason;
use crate::activity::kinds::word_name;
use crate::cycle::regulation::{self, Kept, Regulation, RegulationId};
use crate::db::{AnyConn, Tx};
use crate::desk::cycle::acts::{issuer, named, one, refused, stage_of};
use crate::desk::cycle::acts_form::{FIELDS, Named, parts, read, state, typed_act};
use crate::desk::registers::page::{Block, Form, Keeping, Sent, Sheet, Wrong, clash, days, fact, problems, written};
use crate::desk::registers::reach::{by, missing};
use crate::error::Error;
use crate::indicators::regulation_kinds;
use crate::pages::parts::{Cell, Column, Link, Register};
use crate::pages::text::{capital, date};
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

struct Shown {
    named: Named,
    of: Regulation,
    /// What it replaces, where that is seen.
    before: Option<Regulation>,
    /// What it is replaced by.
    next: Option<Regulation>,
    keeps: bool,
}

async fn find(call: &Call) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let id = RegulationId(call.id("regulation")?);
    let load = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let named = named(c, &visitor, today)?;
        let of = one(&named, id)?;
        let seen = |id: RegulationId| named.acts.iter().find(|act| act.id == id).cloned();
        Ok(Shown {
            before: of.replaces_id.and_then(seen),
            next: regulation::replaced(&named.acts).get(&id).map(|act| (*act).clone()),
            keeps: visitor.may(Capability::Cycle) && named.held.keeps(Some(of.unit_id)),
            of,
            named,
        })
    };
    call.app().db.read(load).await
}

/// GET /regulations/{regulation}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["done"])?;
        let done = match query.get("done") {
            Some("added") => Some("Документ внесён"),
            Some("changed") => Some("Изменения записаны"),
            Some("withdrawn") => Some("Документ отозван, его можно вернуть"),
            Some("restored") => Some("Документ возвращён"),
            _ => None,
        };
        page(&call, &find(&call).await?, &[], done)
    })
}

fn page(call: &Call, shown: &Shown, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    let title = capital(&shown.of.called());
    let answer = Answer::page("desk/register", &sheet(call, shown, wrong, done))?;
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.status(422).title(format!("Ошибка: {title}"))
    })
}

fn sheet(call: &Call, shown: &Shown, wrong: &[Wrong], done: Option<&'static str>) -> Sheet {
    let (of, named) = (&shown.of, &shown.named);
    let (_, words) = state(of, shown.next.as_ref(), call.app().clock.today());
    let mut facts = vec![
        fact("Вид", capital(word_name(regulation_kinds::kinds(), &of.kind))),
        fact("Номер", of.number.clone()),
        fact("Дата", date(of.issued_on)),
        fact("Кем издан", issuer(named, of)),
        fact("Чей документ", named.held.name(Some(of.unit_id))),
        fact("Уровень", of.level.label()),
        fact(
            "Действует",
            days(of.valid_from, of.valid_to.and_then(|to| to.pred_opt())),
        ),
        fact("Состояние", words),
        fact("Этап цикла", stage_of(named, of)),
        fact(
            "Кому виден",
            if of.is_public {
                "всем в регионе"
            } else {
                "единице, тем, кто ниже и выше"
            },
        ),
    ];
    if let (Some(at), Some(why)) = (of.withdrawn_at, &of.withdrawn_reason) {
        facts.push(fact("Отозван", format!("{}: {why}", date((at + call.zone()).date()))));
    }
    let mut blocks: Vec<Block> = Vec::new();
    let link = |title: &str, column: &'static str, cell: Cell| Block {
        title: title.into(),
        register: Some(Register::new(title, &[Column::words(column)], vec![vec![cell]])),
        ..Block::default()
    };
    let act = |act: &Regulation| {
        Cell::link(
            format!("{}. {}", capital(&act.called()), act.title),
            format!("/regulations/{}", act.id),
        )
    };
    blocks.extend(
        of.link
            .clone()
            .map(|href| link("Текст документа", "Ссылка", Cell::link(href.clone(), href))),
    );
    blocks.extend(
        shown
            .before
            .as_ref()
            .map(|before| link("Что заменяет", "Документ", act(before))),
    );
    blocks.extend(
        shown
            .next
            .as_ref()
            .map(|next| link("Чем заменён", "Документ", act(next))),
    );
    if shown.keeps {
        blocks.push(keeping(call, shown, wrong));
    }
    Sheet {
        crumbs: vec![Link::new("Документы", "/regulations")],
        heading: of.title.clone(),
        lead: format!("{}.", capital(&of.called())),
        done,
        problems: problems(wrong),
        facts,
        blocks,
        token: call.token(),
        ..Sheet::default()
    }
}

fn keeping(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Block {
    let (of, named) = (&shown.of, &shown.named);
    let body = of
        .body_id
        .and_then(|id| named.bodies.iter().find(|(known, ..)| *known == id));
    let stored = |name: &str| match name {
        "title" => of.title.clone(),
        "kind" => of.kind.clone(),
        "number" => of.number.clone(),
        "on" => date(of.issued_on),
        "unit" => named
            .held
            .tree
            .unit(of.unit_id)
            .map_or_else(String::new, |u| u.code.clone()),
        "body" => body.map_or_else(String::new, |(_, code, _)| code.clone()),
        "issuer" => of.issuer.clone().unwrap_or_default(),
        "level" => of.level.code().to_owned(),
        "from" => date(of.valid_from),
        "to" => of.valid_to.and_then(|to| to.pred_opt()).map_or_else(String::new, date),
        "replaces" => shown.before.as_ref().map_or_else(String::new, typed_act),
        "page" => of.link.clone().unwrap_or_default(),
        "pack" => of.pack.clone().unwrap_or_default(),
        "period" => of.period.clone().unwrap_or_default(),
        "stage" => of.stage.clone().unwrap_or_default(),
        _ => String::new(),
    };
    Keeping {
        address: format!("/regulations/{}", of.id),
        version: of.version,
        withdrawn: of.withdrawn_at.is_some(),
        stored: &stored,
        form: &|fill, typed| {
            let is_public = if typed {
                call.form.get("public").is_some()
            } else {
                of.is_public
            };
            let mut parts = parts(fill, named, is_public);
            // In the place of a code, which an act has not.
            parts.push(fill.line("key", "", None));
            Form {
                parts,
                ..Form::default()
            }
        },
        call,
        wrong,
        words: ["Вернуть документ", "Отозвать документ", "Отозвать"],
    }
    .block()
}

type Write = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), Error> + Send>;

/// POST /regulations/{regulation}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let mut known = FIELDS.to_vec();
        known.extend(["act", "reason"]);
        let form = call.form.only(&known)?;
        let shown = find(&call).await?;
        if !shown.keeps {
            return Err(missing());
        }
        let (by, of): (By, Regulation) = (by(&call)?, shown.of.clone());
        let seen = Sent(form).seen();
        let (write, done): (Write, &str) = match form.get("act").unwrap_or_default() {
            "change" => match read(&call, &shown.named) {
                Err(wrong) => return page(&call, &shown, &wrong, None),
                Ok(said) => (
                    Box::new(move |tx| match regulation::change(tx, &by, &of, seen, &said)? {
                        Kept::Written(_) => Ok(()),
                        Kept::Refused(_, refusal) => Err(refusal.into()),
                    }),
                    "changed",
                ),
            },
            "withdraw" => {
                let why = reason(&Sent(form).text("reason"));
                let write = move |tx: &mut Tx<'_>| regulation::set_withdrawn(tx, &by, &of, seen, Some(&why?));
                (Box::new(write), "withdrawn")
            }
            "restore" => (
                Box::new(move |tx| regulation::set_withdrawn(tx, &by, &of, seen, None)),
                "restored",
            ),
            _ => return Err(missing()),
        };
        let act = form.get("act").unwrap_or_default();
        let id = shown.of.id;
        match written(&call, write).await {
            Ok(()) => Ok(Answer::redirect(format!("/regulations/{id}?done={done}"))),
            Err(Error::Refused(why)) => {
                let (field, text) = refused(&why);
                let field = if act == "change" { field } else { "reason" };
                page(&call, &shown, &[(field, text)], None)
            }
            Err(Error::Changed(what)) => {
                // What stands now, beside what was typed.
                let shown = find(&call).await?;
                let wrong = clash(act, "reason", &what);
                Ok(page(&call, &shown, &wrong, None)?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

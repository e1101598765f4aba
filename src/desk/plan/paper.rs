//! The papers of a plan: as a page to be printed, as DOCX and, in builds with the feature `pdf`, as PDF. The copy of the
//! teacher and of whoever accompanies the plan tells the scores; any other copy does not, and that of whoever composed it
//! tells no levels either.

use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::given;
use crate::desk::plan::card::{self, Door, Wrong};
use crate::desk::plan::paper_rows;
use crate::desk::plan::signature::{self, Signing};
use crate::desk::plan::teacher::asked_for;
use crate::error::Error;
use crate::exchange::document::{Block, Document, Said, Signature, Stamp, Table};
use crate::exchange::docx;
#[cfg(feature = "pdf")]
use crate::exchange::pdf;
use crate::iom::Iom;
use crate::iom::paper::{self, Paper, PaperKind};
use crate::pages::parts::{Cell, Column, Link, Register};
use crate::pages::text::date;
use crate::planted;
use crate::web::address::quoted;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// A part of the page: one of these.
#[derive(Default, Serialize)]
struct Shown {
    heading: Option<String>,
    text: Option<String>,
    facts: Vec<Said>,
    register: Option<Register>,
    by_hand: Vec<&'static str>,
    signatures: Vec<Signature>,
}

#[derive(Serialize)]
struct Page {
    crumbs: Vec<Link>,
    problems: Vec<Wrong>,
    /// The other papers, and the files.
    links: Vec<Link>,
    note: &'static str,
    title: String,
    about: String,
    /// Whether it is printed on pages that lie on their side.
    wide: bool,
    stamps: Vec<Stamp>,
    blocks: Vec<Shown>,
    footer: String,
    printed: String,
    signing: Option<Signing>,
}

/// What an address asks for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub kind: PaperKind,
    /// Whether it is the copy without scores.
    pub plain: bool,
    format: String,
    of: String,
}

impl Asked {
    /// The copy without scores as a page.
    pub fn plain(kind: PaperKind) -> Self {
        Self {
            kind,
            plain: true,
            format: String::new(),
            of: String::new(),
        }
    }
}

/// What is asked for; a paper that there is not is as missing.
pub(super) fn asked(call: &Call) -> Result<Asked, Error> {
    of_query(call, &["document", "format", "copy", "of", "done"])
}

/// The same where an address may say more.
fn of_query(call: &Call, known: &[&str]) -> Result<Asked, Error> {
    let query = call.query.only(known)?;
    let kind = PaperKind::from_code(query.get("document").unwrap_or("plan"));
    let text = |name: &str| query.get(name).unwrap_or_default().to_owned();
    Ok(Asked {
        kind: kind.ok_or_else(|| Error::NotFound("документ".into()))?,
        plain: query.get("copy") == Some("school"),
        format: text("format"),
        of: text("of"),
    })
}

/// What a copy tells of a diagnosis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    /// Levels and scores.
    Scores,
    /// Levels.
    Levels,
    /// What is worked on, as on the card of whoever composed the plan.
    Topics,
}

/// Where the page stands and whom it leads back to.
pub(super) struct Place {
    /// Its address.
    pub base: String,
    pub crumbs: Vec<Link>,
    /// The most that a copy tells here.
    pub tells: Tells,
    /// Whether signatures are brought here.
    pub signs: bool,
    /// The number of a former plan, as the address goes on with it; empty else.
    number: String,
}

impl Place {
    /// What the copy that is asked for tells.
    fn copy(&self, asked: &Asked) -> Tells {
        match self.tells {
            Tells::Scores if asked.plain => Tells::Levels,
            tells => tells,
        }
    }
}

/// The paper as it stands.
pub(super) async fn made(call: &Call, plan: Iom, kind: PaperKind, tells: Tells) -> Result<Paper, Error> {
    let today = call.app().clock.today();
    let read = move |c: &mut AnyConn| paper_rows::load(c, plan, tells == Tells::Scores, today);
    let mut source = call.app().db.read(read).await?;
    if tells == Tells::Topics && !planted!("level_on_school_paper") {
        source.levels = false;
        // As on the card: what is handed in with a step stays between the teacher and the supporters.
        for told in source.told.values_mut() {
            told.words.clear();
            told.files.clear();
        }
    }
    // As on the card: files are named to whoever may open them.
    if !call.visitor()?.may(Capability::Evidence) {
        source.told.values_mut().for_each(|told| told.files.clear());
    }
    Ok(paper::paper(kind, &source))
}

async fn answer(call: &Call, place: Place, plan: Iom, asked: Asked) -> Result<Answer, Error> {
    match asked.format.as_str() {
        "signature" | "signed" if place.signs => {
            return signature::file(call, &plan, &asked.of, asked.format == "signed").await;
        }
        "" | "page" | "docx" => {}
        #[cfg(feature = "pdf")]
        "pdf" => {}
        _ => return Err(Error::NotFound("документ".into())),
    }
    let (number, tells) = (plan.number.clone(), place.copy(&asked));
    if asked.format == "docx" {
        let paper = made(call, plan, asked.kind, tells).await?;
        return file(&paper, asked.kind, &number);
    }
    #[cfg(feature = "pdf")]
    if asked.format == "pdf" {
        let document = made(call, plan, asked.kind, tells).await?.document;
        let bytes = call.site.papers.run(move || pdf::write(&document)).await??;
        let name = named(asked.kind, &number, "pdf");
        return Ok(Answer::bytes(bytes, pdf::MEDIA).file(&name, false));
    }
    page(call, place, plan, &asked, Vec::new()).await
}

fn file(paper: &Paper, kind: PaperKind, number: &str) -> Result<Answer, Error> {
    let bytes = docx::write(&paper.document)?;
    Ok(Answer::bytes(bytes, docx::MEDIA).file(&named(kind, number, "docx"), false))
}

/// The name of a file: the number of a plan says «ИОМ» itself.
fn named(kind: PaperKind, number: &str, ending: &str) -> String {
    let label = kind.label();
    let name = if number.starts_with(label) && !planted!("file_named_twice") {
        format!("{number}.{ending}")
    } else {
        format!("{label} {number}.{ending}")
    };
    name.replace('/', "-")
}

/// The page of a paper; with what is wrong with a signature that was brought.
pub(super) async fn page(
    call: &Call,
    place: Place,
    plan: Iom,
    asked: &Asked,
    problems: Vec<Wrong>,
) -> Result<Answer, Error> {
    let tells = place.copy(asked);
    let signing = if place.signs {
        Some(signature::form(call, &plan, &place, asked.kind, &problems).await?)
    } else {
        None
    };
    let paper = made(call, plan, asked.kind, tells).await?;
    let wide = paper.document.wide();
    let Document {
        title,
        about,
        blocks,
        footer,
    } = paper.document;
    let mut stamps = Vec::new();
    let mut shown = Vec::with_capacity(blocks.len());
    for block in blocks {
        let mut part = Shown::default();
        match block {
            // They stand at the top.
            Block::Stamps(all) => {
                stamps = all;
                continue;
            }
            Block::Heading(heading) => part.heading = Some(heading),
            Block::Text(text) => part.text = Some(text),
            Block::Facts(facts) => part.facts = facts,
            Block::Table(of) => part.register = Some(register(of)),
            Block::ByHand(lines) => part.by_hand = vec![""; lines],
            Block::Signatures(all) => part.signatures = all,
        }
        shown.push(part);
    }
    let wrong = !problems.is_empty();
    let heading = title.clone();
    let data = Page {
        links: links(&place, asked),
        note: match (place.tells, tells) {
            _ if !asked.kind.has_scores() => "",
            (Tells::Scores, Tells::Scores) => {
                "Это ваш экземпляр: в нём есть баллы. Для школы возьмите экземпляр без баллов."
            }
            (Tells::Scores, _) => "Экземпляр без баллов: его можно отдать в школу.",
            (Tells::Levels, _) => "В этом экземпляре нет баллов: они есть у педагога и у тех, кто его сопровождает.",
            (Tells::Topics, _) => {
                "В этом экземпляре нет баллов и уровней: они есть у педагога и у тех, кто его сопровождает."
            }
        },
        signing: signing.map(|signing| signing.over(&paper.digest)),
        crumbs: place.crumbs,
        problems,
        title,
        about,
        wide,
        stamps,
        blocks: shown,
        footer,
        printed: date(call.app().clock.today()),
    };
    let answer = Answer::page("desk/paper", &data)?;
    Ok(if wrong {
        answer.status(422).title(format!("Ошибка: {heading}"))
    } else {
        answer.title(heading)
    })
}

fn register(of: Table) -> Register {
    let columns: Vec<Column> = of.columns.iter().map(|column| Column::words(column.title)).collect();
    let rows = of.rows.into_iter().map(|row| row.into_iter().map(Cell::text).collect());
    Register::new(of.caption, &columns, rows.collect())
}

fn links(place: &Place, asked: &Asked) -> Vec<Link> {
    let copy = if asked.plain { "&copy=school" } else { "" };
    let to = |kind: PaperKind, rest: &str| format!("{}?document={}{rest}{}", place.base, kind.code(), place.number);
    let others = PaperKind::ALL.iter().filter(|kind| **kind != asked.kind);
    let mut links: Vec<Link> = others.map(|kind| Link::new(kind.label(), to(*kind, copy))).collect();
    links.push(Link::new(
        "Скачать DOCX",
        to(asked.kind, &format!("{copy}&format=docx")),
    ));
    if cfg!(feature = "pdf") {
        links.push(Link::new("Скачать PDF", to(asked.kind, &format!("{copy}&format=pdf"))));
    }
    match (place.tells == Tells::Scores && asked.kind.has_scores(), asked.plain) {
        (true, false) => links.push(Link::new("Экземпляр без баллов", to(asked.kind, "&copy=school"))),
        (true, true) => links.push(Link::new("Экземпляр с баллами", to(asked.kind, ""))),
        (false, _) => {}
    }
    links
}

/// The plan of an address with the place of its papers; the opening is written in the journal.
pub(super) async fn open(call: &Call, door: Door) -> Result<(Place, Iom), Error> {
    let opened = card::open(call, door).await?;
    let card = format!("{}/{}", door.base(), opened.rows.plan.id);
    let place = Place {
        base: format!("{card}/paper"),
        crumbs: vec![door.crumb(), Link::new(opened.who.short.clone(), card)],
        tells: match door {
            Door::Support => Tells::Scores,
            Door::Cnppm => Tells::Levels,
            Door::Composed => Tells::Topics,
        },
        signs: door == Door::Cnppm && given::was_given(call.visitor()?, signature::WORK),
        number: String::new(),
    };
    Ok((place, opened.rows.plan))
}

fn show(call: Call, door: Door) -> Answering {
    Box::pin(async move {
        let asked = asked(&call)?;
        let (place, plan) = open(&call, door).await?;
        answer(&call, place, plan, asked).await
    })
}

/// GET /people/{plan}/paper
pub fn show_supported(call: Call) -> Answering {
    show(call, Door::Support)
}

/// GET /plans/{plan}/paper
pub fn show_plan(call: Call) -> Answering {
    show(call, Door::Cnppm)
}

/// GET /composed/{plan}/paper
pub fn show_composed(call: Call) -> Answering {
    show(call, Door::Composed)
}

/// GET /plan/paper
pub fn show_own(call: Call) -> Answering {
    Box::pin(async move {
        let asked = of_query(&call, &["document", "format", "copy", "of", "done", "number"])?;
        // That page says when there will be one.
        let Some((plan, crumbs)) = asked_for(&call).await? else {
            return Ok(Answer::redirect("/plan"));
        };
        let number = call
            .query
            .get("number")
            .map(|_| format!("&number={}", quoted(&plan.number)));
        let place = Place {
            base: "/plan/paper".to_owned(),
            crumbs,
            tells: Tells::Scores,
            signs: false,
            number: number.unwrap_or_default(),
        };
        answer(&call, place, plan, asked).await
    })
}

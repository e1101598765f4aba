//! Making a template and its next version: what was typed is shown as a difference first, then it is saved. Plans stay as
//! they are.

use serde::Serialize;

use crate::access::Work;
use crate::db::text_keys::clean;
use crate::db::{AnyConn, Tx};
use crate::desk::bounds;
use crate::desk::given;
use crate::desk::once::{Keyed, is_other, once};
use crate::desk::plan::acts;
use crate::desk::plan::card::Wrong;
use crate::desk::plan::edit_form::Block;
use crate::desk::plan::proposal::table;
use crate::desk::plan::template_form;
use crate::desk::registers::reach::by;
use crate::error::{Error, Refusal};
use crate::iom::correction::Row;
use crate::iom::template::{self, Said, Step, Template};
use crate::iom::{offer, proposal};
use crate::pages::parts::{Link, Register};
use crate::pages::text::capital;
use crate::units::UnitId;
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor, token};

#[derive(Serialize)]
struct Page {
    crumbs: Vec<Link>,
    heading: &'static str,
    lead: String,
    action: String,
    token: String,
    key: String,
    seen: i32,
    problems: Vec<Wrong>,
    difference: Option<Register>,
    /// What was shown: with it alone the form may be saved.
    shown: String,
    save: String,
    blocks: Vec<Block>,
}

/// The template of the address in its newest version; none for a new one.
struct Opened {
    template: Option<Template>,
    steps: Vec<Step>,
}

pub(crate) fn region(call: &Call) -> Result<UnitId, Error> {
    call.visitor()?.region.map(UnitId).ok_or_else(template::missing)
}

async fn open(call: &Call) -> Result<Opened, Error> {
    let query = call.query.only(&["template"])?;
    let code = query.get("template").map(clean).unwrap_or_default();
    let region = region(call)?;
    if code.is_empty() {
        return Ok(Opened {
            template: None,
            steps: Vec::new(),
        });
    }
    let read = move |c: &mut AnyConn| template::by_code(c, region, &code);
    let found = call.app().db.read(read).await?.ok_or_else(template::missing)?;
    Ok(Opened {
        steps: found.steps()?,
        template: Some(found),
    })
}

/// The address of a page of templates about one of them.
pub(crate) fn at(path: &str, code: &str) -> String {
    address(path, std::iter::once(("template", code)))
}

fn page(call: &Call, of: &Opened, said: Option<&Said>, problems: Vec<Wrong>, status: u16) -> Result<Answer, Error> {
    let mut blocks = template_form::blocks(of.template.as_ref(), &of.steps);
    if !call.form.0.is_empty() {
        template_form::again(&mut blocks, &call.form, &problems);
    }
    let version = of.template.as_ref().map_or(0, |t| t.version);
    let heading = if version > 0 {
        "Изменить шаблон"
    } else {
        "Новый шаблон"
    };
    let difference = said.and_then(|said| {
        let mut rows = proposal::between(&of.steps, &said.steps);
        if let Some(old) = of.template.as_ref().filter(|old| old.title != said.title) {
            rows.insert(
                0,
                Row {
                    part: "Название".into(),
                    was: old.title.clone(),
                    now: said.title.clone(),
                },
            );
        }
        table("Что изменится в шаблоне", ["Было", "Станет"], &rows)
    });
    let mut crumbs = vec![Link::new("Шаблоны маршрутов", "/iom-templates")];
    let code = of.template.as_ref().map(|t| t.code.as_str());
    if let Some(old) = &of.template {
        crumbs.push(Link::new(old.title.clone(), at("/iom-templates/one", &old.code)));
    }
    let data = Page {
        crumbs,
        heading,
        lead: "Маршруты, которые уже идут, сами не меняются: каждому появится предложение, его примут или отклонят."
            .into(),
        action: code.map_or_else(
            || "/iom-templates/edit".to_owned(),
            |code| at("/iom-templates/edit", code),
        ),
        token: call.token(),
        key: token::random_name()?,
        seen: version,
        shown: said.map(Said::digest).unwrap_or_default(),
        save: format!("Сохранить версию {}", version + 1),
        difference,
        problems,
        blocks,
    };
    let answer = Answer::page("desk/iom_template_edit", &data)?.status(status);
    Ok(match status {
        200 => answer.title(heading),
        409 => answer.title("Шаблон уже изменён"),
        _ => answer.title(format!("Ошибка: {heading}")),
    })
}

/// The work that templates belong to.
const WORK: &[Work] = &[Work::Draft, Work::Plans];

/// Whether the templates are the visitor's work.
pub(crate) fn was_given(visitor: &Visitor) -> bool {
    given::was_given(visitor, WORK)
}

/// Templates belong to the whole region, and to whoever works with plans.
async fn needs_templates(call: &Call) -> Result<(), Error> {
    given::needs(call.visitor()?, WORK, "шаблоны маршрутов")?;
    bounds::needs_whole(call).await
}

fn wrong(field: &str, why: &str) -> Vec<Wrong> {
    vec![Wrong {
        field: field.to_owned(),
        text: capital(why),
    }]
}

/// GET /iom-templates/edit
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        needs_templates(&call).await?;
        let opened = open(&call).await?;
        page(&call, &opened, None, Vec::new(), 200)
    })
}

fn saved(code: &str) -> String {
    format!("{}&done=1", at("/iom-templates/one", code))
}

/// The template that the same form has saved before: by then its version is another one.
async fn before(call: &Call) -> Result<Option<String>, Error> {
    let Some(form) = Keyed::of(call)?.filter(|_| call.form.get("act") == Some("save")) else {
        return Ok(None);
    };
    match call.app().db.read(move |c| form.before(c)).await {
        Err(Error::Refused(why)) if is_other(&why) => Ok(None),
        said => said,
    }
}

/// POST /iom-templates/edit: shows the difference, and saves what was shown.
pub fn save(call: Call) -> Answering {
    Box::pin(async move {
        needs_templates(&call).await?;
        let opened = open(&call).await?;
        let seen = acts::seen(&call.form)?;
        let version = opened.template.as_ref().map_or(0, |t| t.version);
        if seen != version {
            if let Some(code) = before(&call).await? {
                return Ok(Answer::redirect(saved(&code)));
            }
            let why =
                "Шаблон с тех пор изменён. Ничего не потеряно: ниже он в новой версии, а в полях – то, что вы ввели.";
            return page(&call, &opened, None, wrong("change", why), 409);
        }
        let names = template_form::names(opened.template.as_ref(), &opened.steps);
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        call.form.only(&known)?;
        let codes = template_form::programmes(&call.form, &opened.steps);
        let courses = call.app().db.read(move |c| offer::by_codes(c, &codes)).await?;
        let (said, problems) = template_form::said(&call.form, opened.template.as_ref(), &opened.steps, &courses);
        if !problems.is_empty() {
            return page(&call, &opened, None, problems, 422);
        }
        let same = |old: &Template| old.title == said.title && opened.steps == said.steps;
        if opened.template.as_ref().is_some_and(same) {
            let why = Refusal::new("template.nothing_changed").to_string();
            return page(&call, &opened, None, wrong("change", &why), 422);
        }
        let shown = call.form.get("shown") == Some(said.digest().as_str());
        if call.form.get("act") != Some("save") || !shown {
            return page(&call, &opened, Some(&said), Vec::new(), 200);
        }
        let (by, record, typed) = (
            by(&call)?,
            opened.template.as_ref().map(|t| (t.record_id, seen)),
            said.clone(),
        );
        let act = move |tx: &mut Tx<'_>| template::save(tx, &by, record, &typed).map(|made| made.code);
        match once(&call, act).await {
            Ok(code) => Ok(Answer::redirect(saved(&code))),
            Err(Error::Refused(why)) if !is_other(&why) => {
                let field = if why.code == "template.code_taken" {
                    "code"
                } else {
                    "change"
                };
                page(&call, &opened, None, wrong(field, &why.to_string()), 422)
            }
            Err(why @ (Error::Changed(_) | Error::Conflict)) => {
                let opened = open(&call).await?;
                page(&call, &opened, None, wrong("change", &why.to_string()), 409)
            }
            Err(other) => Err(other),
        }
    })
}

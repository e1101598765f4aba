//! A procedure on screen: making one, changing what is said of it, moving it to its next state.

use crate::db::types::{code_set, codes};
use crate::db::{AnyConn, Tx};
use crate::desk::bounds;
use crate::desk::diagnostics::described;
use crate::desk::once::{is_other, once};
use crate::desk::registers::page::{Block, Check, Fill, Form, Part, Sent, Sheet, Wrong, clash, compared, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::diagnostics::procedure::{self, Content};
use crate::diagnostics::region_scale::{self, Known as Scale};
use crate::diagnostics::store::{self, Known};
use crate::diagnostics::{DiagnosisKind, DiagnosisLevel, Procedure, ProcedureState};
use crate::error::{Error, Refusal};
use crate::pages::parts::Link;
use crate::pages::text::{capital, date};
use crate::people::model::StaffKind;
use crate::web::address::quoted;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor, token};

/// Fields of the form that stand once.
const FIELDS: [&str; 20] = [
    "key",
    "act",
    "seen",
    "code",
    "name",
    "kind",
    "level",
    "organiser",
    "from",
    "to",
    "valid",
    "framework",
    "scale",
    "purpose",
    "consent",
    "released",
    "previous",
    "statute",
    "instrument",
    "tool",
];

/// What there is to choose from.
struct Choices {
    held: Held,
    /// Procedures of the region: one of them may be followed up.
    own: Vec<Procedure>,
    scales: Vec<Scale>,
}

impl Choices {
    fn load(c: &mut AnyConn, visitor: &Visitor, today: chrono::NaiveDate) -> Result<Self, Error> {
        let held = Held::of(c, visitor, today)?;
        Ok(Self {
            own: store::own(c, held.region)?,
            scales: region_scale::all(c, held.region)?,
            held,
        })
    }
}

/// The address of the page of a procedure.
pub(crate) fn page_of(code: &str) -> String {
    format!("/diagnostics/procedure?code={}", quoted(code))
}

/// The address where a procedure is changed.
pub(crate) fn address_of(code: &str) -> String {
    format!("/diagnostics/edit?code={}", quoted(code))
}

/// The address of those who are invited to a procedure.
pub(crate) fn people_of(code: &str) -> String {
    format!("/diagnostics/people?code={}", quoted(code))
}

/// GET /diagnostics/new
pub fn new(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let choices = choices(&call).await?;
        empty_page(&call, &choices, &[])
    })
}

async fn choices(call: &Call) -> Result<Choices, Error> {
    bounds::needs_whole(call).await?;
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    call.app().db.read(move |c| Choices::load(c, &visitor, today)).await
}

fn empty_page(call: &Call, choices: &Choices, wrong: &[Wrong]) -> Result<Answer, Error> {
    let sent = Sent(&call.form);
    let typed = |name: &str| sent.text(name);
    let fill = Fill { values: &typed, wrong };
    let mut parts = parts(&fill, choices, None, &ticked(call));
    parts.push(fill.line(
        "code",
        "Код",
        Some("Под ним диагностику знают файлы. Пусто – поставит программа"),
    ));
    let sheet = Sheet {
        crumbs: vec![Link::new("Диагностики", "/diagnostics")],
        heading: "Новая диагностика".into(),
        lead: "Заведите её заранее: тогда можно пригласить педагогов и собрать согласия.".into(),
        problems: problems(wrong),
        blocks: vec![Block {
            title: "Что за диагностика".into(),
            forms: vec![Form {
                action: "/diagnostics/new".into(),
                key: token::random_name()?,
                parts,
                button: "Завести".into(),
                ..Form::default()
            }],
            ..Block::default()
        }],
        token: call.token(),
        ..Sheet::default()
    };
    answer(&sheet, wrong)
}

fn answer(sheet: &Sheet, wrong: &[Wrong]) -> Result<Answer, Error> {
    let answer = Answer::page("desk/register", sheet)?;
    Ok(if wrong.is_empty() {
        answer.title(sheet.heading.clone())
    } else {
        answer.status(422).title(format!("Ошибка: {}", sheet.heading))
    })
}

fn ticked(call: &Call) -> String {
    code_set(call.form.all("audience"))
}

fn labelled<T: Copy>(all: &[T], code: fn(T) -> &'static str, label: fn(T) -> &'static str) -> Vec<(String, String)> {
    all.iter()
        .map(|v| (code(*v).to_owned(), label(*v).to_owned()))
        .collect()
}

/// The fields of a procedure, without its code.
fn parts(fill: &Fill<'_>, choices: &Choices, of: Option<&Known>, audience: &str) -> Vec<Part> {
    let kinds = labelled(DiagnosisKind::ALL, DiagnosisKind::code, DiagnosisKind::label);
    let levels = labelled(DiagnosisLevel::ALL, DiagnosisLevel::code, DiagnosisLevel::label);
    let boxes = StaffKind::ALL.iter().map(|kind| Check {
        value: kind.code().to_owned(),
        label: capital(kind.label()) + " состав",
        meta: String::new(),
        checked: codes(audience).any(|code| code == kind.code()),
    });
    let others = choices
        .own
        .iter()
        .filter(|p| of.is_none_or(|of| of.procedure.id != p.id));
    let others: Vec<(String, String)> = others.map(|p| (p.code.clone(), p.name.clone())).collect();
    let mut parts = vec![
        fill.line("name", "Название", None),
        fill.choice("kind", "Вид", Some("выберите"), kinds),
        fill.choice("level", "Уровень", Some("не указан"), levels),
        fill.choice("organiser", "Кто проводит", Some("не указано"), choices.held.choices()),
        fill.line("from", "Первый день", Some("Например, 01.10.2026")),
        fill.line("to", "Последний день", None),
        fill.line("valid", "Результаты действуют, дней", Some("Пусто – без срока")),
        fill.checks("Кому проводится", "audience", boxes.collect()),
        fill.long("purpose", "Зачем проводится", Some("Это прочитает приглашённый")),
        fill.long(
            "consent",
            "С чем соглашается участник",
            Some("Текст согласия; без согласия участие не отмечают"),
        ),
        fill.line(
            "released",
            "С какого дня результаты видит школа",
            Some("До него их видит педагог. Пусто – сразу"),
        ),
        fill.choice("previous", "Первичная диагностика", Some("нет"), others),
        fill.line("statute", "Положение, ссылка", None),
        fill.line("instrument", "Описание инструмента, ссылка", None),
        fill.line("framework", "Рамка компетенций", Some("Название и редакция")),
        fill.line("tool", "Платформа", Some("На чём проходят")),
    ];
    if choices.scales.len() > 1 {
        let own = choices.scales.iter().filter(|of| of.own);
        let own = own.map(|of| (of.code.clone(), of.name.clone()));
        parts.push(fill.choice("scale", "Шкала уровней", Some("общая"), own));
    }
    parts
}

/// What a form says, or what is wrong with it.
fn read(call: &Call, choices: &Choices) -> Result<Content, Vec<Wrong>> {
    let sent = Sent(&call.form);
    let mut wrong: Vec<Wrong> = Vec::new();
    let name = sent.required("name", "Название", &mut wrong);
    let kind = DiagnosisKind::from_code(&sent.text("kind"));
    if kind.is_none() {
        wrong.push(("kind", "Выберите вид диагностики.".into()));
    }
    let level = sent.some("level").map(|code| DiagnosisLevel::from_code(&code));
    if level == Some(None) {
        wrong.push(("level", "Выберите уровень.".into()));
    }
    let organiser = sent.some("organiser").map(|code| {
        let unit = choices.held.unit(&code).map(|u| u.id);
        unit.filter(|unit| choices.held.keeps(Some(*unit)))
    });
    if organiser == Some(None) {
        wrong.push(("organiser", "Выберите, кто проводит.".into()));
    }
    let valid = sent.some("valid").map(|text| text.parse::<i32>().ok());
    if valid == Some(None) {
        wrong.push(("valid", "Напишите число дней, например 365.".into()));
    }
    let previous = sent
        .some("previous")
        .map(|code| choices.own.iter().find(|p| p.code == code));
    if previous == Some(None) {
        wrong.push(("previous", "Выберите первичную диагностику.".into()));
    }
    let scale = sent
        .some("scale")
        .map(|code| choices.scales.iter().find(|of| of.code == code));
    if scale.is_some_and(|of| of.is_none()) {
        wrong.push(("scale", "Выберите шкалу.".into()));
    }
    let audience = ticked(call);
    if codes(&audience).any(|code| StaffKind::from_code(code).is_none()) {
        wrong.push(("audience", "Отметьте, кому проводится.".into()));
    }
    for field in ["purpose", "framework", "tool"] {
        sent.fits(field, &mut wrong);
    }
    if sent.text("consent").chars().count() > 2000 {
        wrong.push(("consent", "Это длиннее 2000 знаков: сократите.".into()));
    }
    let (from, to) = (sent.maybe_day("from", &mut wrong), sent.maybe_day("to", &mut wrong));
    let released = sent.maybe_day("released", &mut wrong);
    let statute = sent.link("statute", &mut wrong);
    let instrument = sent.link("instrument", &mut wrong);
    let (Some(kind), true) = (kind, wrong.is_empty()) else {
        return Err(wrong);
    };
    let said = Content {
        name,
        kind,
        level: level.flatten(),
        organiser_id: organiser.flatten(),
        starts_on: from,
        ends_on: to,
        valid_days: valid.flatten(),
        audience: Some(audience).filter(|set| !set.is_empty()),
        framework: sent.some("framework"),
        scale_id: scale.flatten().map(|of| of.id),
        purpose: sent.some("purpose"),
        consent_text: sent.some("consent"),
        released_on: released,
        previous_id: previous.flatten().map(|p| p.id),
        statute_link: statute,
        instrument_link: instrument,
        tool: sent.some("tool"),
    };
    match said.refused() {
        None => Ok(said),
        Some((field, refusal)) => Err(vec![(field, sentence(&refusal))]),
    }
}

/// A refusal as a sentence of its own.
pub(crate) fn sentence(why: &Refusal) -> String {
    capital(&format!("{why}."))
}

/// POST /diagnostics/new
pub fn make(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only_many(&FIELDS, &["audience"])?;
        let choices = choices(&call).await?;
        let said = match read(&call, &choices) {
            Ok(said) => said,
            Err(wrong) => return empty_page(&call, &choices, &wrong),
        };
        let (by, code) = (by(&call)?, Sent(&call.form).text("code"));
        let write = move |tx: &mut Tx<'_>| procedure::add(tx, &by, code, &said);
        match once(&call, write).await {
            Ok(code) => Ok(Answer::redirect(format!("{}&done=added", page_of(&code)))),
            Err(Error::Refused(why)) => {
                let field = if is_other(&why) { "name" } else { "code" };
                empty_page(&call, &choices, &[(field, sentence(&why))])
            }
            Err(e) => Err(e),
        }
    })
}

/// A procedure that the visitor may change; any other is missing.
async fn find(call: &Call) -> Result<(Choices, Known), Error> {
    bounds::needs_whole(call).await?;
    let code = call.query.get("code").unwrap_or_default().to_owned();
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let choices = Choices::load(c, &visitor, today)?;
        let known = store::by_code(c, choices.held.region, &code)?;
        let known = known.filter(|known| known.kept).ok_or_else(missing)?;
        Ok((choices, known))
    };
    call.app().db.read(read).await
}

/// GET /diagnostics/edit?code=
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["code"])?;
        let (choices, known) = find(&call).await?;
        page(&call, &choices, &known, &[])
    })
}

fn stored(of: &Procedure, choices: &Choices, name: &str) -> String {
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(String::new, date);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match name {
        "name" => of.name.clone(),
        "kind" => of.kind.code().to_owned(),
        "level" => of.level.map_or_else(String::new, |l| l.code().to_owned()),
        "organiser" => of
            .organiser_id
            .and_then(|id| choices.held.tree.unit(id))
            .map_or_else(String::new, |u| u.code.clone()),
        "from" => day(of.starts_on),
        "to" => day(of.ends_on),
        "valid" => of.valid_days.map_or_else(String::new, |days| days.to_string()),
        "framework" => text(&of.framework),
        "scale" => {
            let own = choices.scales.iter().find(|known| Some(known.id) == of.scale_id);
            own.filter(|known| known.own)
                .map_or_else(String::new, |known| known.code.clone())
        }
        "purpose" => text(&of.purpose),
        "consent" => text(&of.consent_text),
        "released" => day(of.released_on),
        "previous" => {
            let first = choices.own.iter().find(|p| Some(p.id) == of.previous_id);
            first.map_or_else(String::new, |p| p.code.clone())
        }
        "statute" => text(&of.statute_link),
        "instrument" => text(&of.instrument_link),
        "tool" => text(&of.tool),
        _ => String::new(),
    }
}

fn page(call: &Call, choices: &Choices, known: &Known, wrong: &[Wrong]) -> Result<Answer, Error> {
    let of = &known.procedure;
    let again = call.form.get("act") == Some("change");
    let sent = Sent(&call.form);
    let now = |name: &str| stored(of, choices, name);
    let typed = |name: &str| if again { sent.text(name) } else { now(name) };
    let audience = of.audience.clone().unwrap_or_default();
    let whom = if again { ticked(call) } else { audience.clone() };
    let change = parts(&Fill { values: &typed, wrong }, choices, Some(known), &whom);
    let standing = parts(
        &Fill {
            values: &now,
            wrong: &[],
        },
        choices,
        Some(known),
        &audience,
    );
    let action = address_of(&of.code);
    let moving = procedure::next(of.state).iter().map(|to| Form {
        action: action.clone(),
        act: to.code(),
        seen: of.version.to_string(),
        button: verb(*to, of.state).into(),
        ..Form::default()
    });
    let text = known
        .has_results
        .then(|| "По ней есть результаты: вид больше не меняется, а шкалу меняет «Другая шкала уровней».".to_owned());
    let sheet = Sheet {
        crumbs: vec![
            Link::new("Диагностики", "/diagnostics"),
            Link::new(of.name.clone(), page_of(&of.code)),
        ],
        heading: format!("Изменить: {}", of.name),
        problems: problems(wrong),
        blocks: vec![
            Block {
                title: "Что за диагностика".into(),
                text,
                register: compared(&standing, &change, wrong, false),
                forms: vec![Form {
                    action: action.clone(),
                    act: "change",
                    seen: of.version.to_string(),
                    parts: change,
                    button: "Записать".into(),
                    ..Form::default()
                }],
                ..Block::default()
            },
            Block {
                title: "Состояние".into(),
                text: Some(format!(
                    "Сейчас: {}.",
                    described::standing(of, call.app().clock.today())
                )),
                forms: moving.collect(),
                ..Block::default()
            },
        ],
        token: call.token(),
        ..Sheet::default()
    };
    answer(&sheet, wrong)
}

fn verb(to: ProcedureState, from: ProcedureState) -> &'static str {
    match (to, from) {
        (ProcedureState::Open, ProcedureState::Held) => "Открыть снова",
        (ProcedureState::Open, _) => "Начать",
        (ProcedureState::Held, _) => "Отметить проведённой",
        (ProcedureState::Withdrawn, _) => "Отменить диагностику",
        (ProcedureState::Planned, _) => "Вернуть в подготовку",
    }
}

/// POST /diagnostics/edit?code=
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["code"])?;
        let form = call.form.only_many(&FIELDS, &["audience"])?;
        let (choices, known) = find(&call).await?;
        let (act, seen) = (form.get("act").unwrap_or_default().to_owned(), Sent(form).seen());
        let (by, of) = (by(&call)?, known.procedure.clone());
        let back = page_of(&of.code);
        let done = match ProcedureState::from_code(&act) {
            Some(to) => {
                let write = move |tx: &mut Tx<'_>| procedure::move_to(tx, &by, &of, seen, to);
                call.app().db.write(write).await
            }
            None if act == "change" => {
                let said = match read(&call, &choices) {
                    Ok(said) => said,
                    Err(wrong) => return page(&call, &choices, &known, &wrong),
                };
                let write = move |tx: &mut Tx<'_>| procedure::change(tx, &by, &of, seen, &said);
                call.app().db.write(write).await
            }
            None => return Err(missing()),
        };
        match done {
            Ok(()) => Ok(Answer::redirect(format!("{back}&done=changed"))),
            Err(Error::Refused(why)) => page(&call, &choices, &known, &[("kind", sentence(&why))]),
            Err(Error::Changed(what)) => {
                // What stands now, beside what was typed.
                let (choices, known) = find(&call).await?;
                Ok(page(&call, &choices, &known, &clash(&act, "name", &what))?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

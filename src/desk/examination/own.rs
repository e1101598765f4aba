//! «Экспертиза службы»: what the unit shows for each criterion and what it lacks; once the points are announced, what it was
//! given and appeals.

use crate::cycle::examination::documents::{self, Said};
use crate::cycle::examination::model::{Examination, ExaminationId, Examined, ExaminedId};
use crate::cycle::examination::{appeal, store};
use crate::cycle::regulation::{Regulation, RegulationId};
use crate::db::{AnyConn, Tx};
use crate::desk::cycle::named;
use crate::desk::examination::rows::{self, One};
use crate::desk::examination::{own_told, unit, words};
use crate::desk::once::once;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::error::Error;
use crate::indicators::regulation_kinds;
use crate::pages::parts::{Cell, Choice, Column, Empty, Filter, Filters, Register};
use crate::pages::text::{capital, date};
use crate::units::UnitKind;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor, token};

/// What a visitor's units are examined in, and the one that is shown.
pub(crate) struct Own {
    all: Vec<(Examined, String)>,
    pub(crate) one: Option<One>,
    acts: Vec<Regulation>,
}

/// Reads what the visitor's municipalities are examined in.
fn load(c: &mut AnyConn, visitor: &Visitor, id: Option<i64>, today: chrono::NaiveDate) -> Result<Own, Error> {
    let held = Held::of(c, visitor, today)?;
    let own = held.own().into_iter().filter(|u| u.kind == UnitKind::Municipality);
    let units: Vec<_> = own.map(|u| u.id).collect();
    let rows = store::of_units(c, held.region, &units)?;
    let examinations: Vec<Examination> = store::all(c, held.region)?;
    let of = |id: ExaminationId| examinations.iter().find(|e| e.id == id);
    let mut all: Vec<(Examined, String)> = rows
        .into_iter()
        .filter_map(|row| {
            let named = of(row.examination_id)?;
            let unit = held.name(Some(row.unit_id));
            Some((row, format!("{}, {unit}: {}", named.period, named.title)))
        })
        .collect();
    all.sort_by(|a, b| b.1.cmp(&a.1));
    let row = match id {
        Some(id) => Some(all.iter().find(|(r, _)| r.id.0 == id).ok_or_else(missing)?.0.clone()),
        None => all.first().map(|(row, _)| row.clone()),
    };
    let acts = named::acts(c, held.region)?;
    let acts = acts
        .into_iter()
        .filter(|a| a.is_public || units.contains(&a.unit_id))
        .collect();
    Ok(Own {
        one: row.map(|row| rows::of_unit(c, held, row)).transpose()?,
        all,
        acts,
    })
}

async fn find(call: &Call, id: Option<i64>) -> Result<Own, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    call.app().db.read(move |c| load(c, &visitor, id, today)).await
}

/// GET /examined
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["of", "done"])?;
        let done = match query.get("done") {
            Some("said") => Some("Записано"),
            Some("withdrawn") => Some("Убрано"),
            Some("appealed") => Some("Апелляция подана: решение появится здесь"),
            _ => None,
        };
        let id = query.get("of").filter(|v| !v.is_empty());
        let id = id.map(|v| v.parse().map_err(|_| missing())).transpose()?;
        let own = find(&call, id).await?;
        page(&call, &own, &[], (200, done))
    })
}

/// The checklist: what each criterion asks for and what is there.
fn checklist(one: &One) -> Register {
    let columns = [
        Column::words("Критерий"),
        Column::words("Что показать"),
        Column::words("Состояние"),
        Column::words("Что указано"),
    ];
    let row = |line: &crate::cycle::examination::sheet::Line| {
        let shown: Vec<String> = one.whole.shown(&line.code).into_iter().map(words::document).collect();
        vec![
            Cell::text(format!("{} {}", line.code, line.title)),
            Cell::text(words::kinds(line)),
            words::shown(&one.whole, line),
            Cell::text(shown.join("; ")),
        ]
    };
    Register::new("Чего не хватает", &columns, one.sheet.lines().map(row).collect())
}

fn page(call: &Call, own: &Own, wrong: &[Wrong], (status, done): (u16, Option<&'static str>)) -> Result<Answer, Error> {
    let heading = "Экспертиза службы";
    let Some(one) = &own.one else {
        let sheet = Sheet {
            heading: heading.into(),
            lead: "Что показать экспертам и что они поставили.".into(),
            empty: Some(Empty::new(
                "Вашу службу пока не оценивают",
                "Когда региональный оператор начнёт экспертизу, здесь появится список документов.",
            )),
            token: call.token(),
            ..Sheet::default()
        };
        return Ok(Answer::page("desk/register", &sheet)?.title(heading));
    };
    let today = call.app().clock.today();
    let lines = one.sheet.lines().count();
    let silent = one.whole.silent(&one.sheet);
    let lacks = one.whole.documents.iter().filter(|d| d.is_absent).count();
    let shut = documents::shut(&one.of, today);
    let mut blocks = own_told::blocks(call, one, wrong)?;
    if shut.is_none() && one.whole.row.announced_on.is_none() {
        blocks.push(said(call, own, one, wrong)?);
    }
    blocks.push(Block {
        title: "Чего не хватает".into(),
        text: shut.map(|why| capital(&format!("{why}."))),
        register: Some(checklist(one)),
        ..Block::default()
    });
    blocks.extend(unit::documents(one).map(|register| Block {
        title: "Ваши документы".into(),
        register: Some(register),
        ..Block::default()
    }));
    let this = one.whole.row.id.to_string();
    let choices: Vec<Choice> = own
        .all
        .iter()
        .map(|(row, label)| Choice::new(&row.id.to_string(), label.clone(), &this))
        .collect();
    let filters = (choices.len() > 1).then(|| Filters {
        action: "/examined".into(),
        filters: vec![Filter::select("of", "Какая экспертиза", choices)],
        chosen: Vec::new(),
        found: String::new(),
        unread: Vec::new(),
        file: None,
        beside: Vec::new(),
    });
    let name = one.held.name(Some(one.whole.row.unit_id));
    let sheet = Sheet {
        heading: heading.into(),
        lead: format!("{name} · {} · {}", one.of.title, one.of.period),
        done,
        problems: problems(wrong),
        facts: vec![
            fact("Документы до", date(one.of.documents_until)),
            fact("Не указано", words::of_all(silent.len(), lines)),
            fact("Нет документа", words::of_all(lacks, lines)),
            fact(
                "Результаты",
                one.whole
                    .row
                    .announced_on
                    .map_or_else(|| "ещё не объявлены".to_owned(), date),
            ),
        ],
        filters,
        blocks,
        token: call.token(),
        ..Sheet::default()
    };
    let title = format!("{heading}: {name}, {}", one.of.period);
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(match status {
        200 => answer.title(title),
        status => answer.status(status).title(format!("Ошибка: {title}")),
    })
}

/// Criteria to choose from.
pub(crate) fn criteria(one: &One) -> Vec<(String, String)> {
    let all = one.sheet.lines();
    all.map(|l| (l.code.clone(), format!("{} {}", l.code, l.title)))
        .collect()
}

/// The forms of what is said of a criterion.
fn said(call: &Call, own: &Own, one: &One, wrong: &[Wrong]) -> Result<Block, Error> {
    let again = call.form.get("act").unwrap_or_default();
    let sent = Sent(&call.form);
    let next = one
        .whole
        .silent(&one.sheet)
        .first()
        .map_or_else(String::new, |l| l.code.clone());
    let form =
        |act: &'static str, folded: &str, button: &str, parts: &dyn Fn(&Fill<'_>) -> Vec<_>| -> Result<Form, Error> {
            let typed = again == act;
            let values = |name: &str| match name {
                _ if typed => sent.text(name),
                "criterion" => next.clone(),
                _ => String::new(),
            };
            let fill = Fill {
                values: &values,
                wrong: if typed { wrong } else { &[] },
            };
            Ok(Form {
                action: "/examined".into(),
                act,
                key: token::random_name()?,
                of: one.whole.row.id.to_string(),
                folded: folded.to_owned(),
                open: typed && !wrong.is_empty(),
                parts: parts(&fill),
                button: button.to_owned(),
                ..Form::default()
            })
        };
    let criterion = |fill: &Fill<'_>| fill.choice("criterion", "Критерий", None, criteria(one));
    let kinds = || {
        regulation_kinds::kinds()
            .iter()
            .map(|w| (w.code.clone(), w.name.clone()))
    };
    let acts = || named::choices(&own.acts);
    let mut forms = vec![
        form(
            "show",
            "Добавить документ",
            "Добавить",
            &|fill| {
                vec![
                    criterion(fill),
                    fill.choice("kind", "Вид документа", Some("выберите"), kinds()),
                    fill.line("title", "О чём документ", None),
                    fill.line("number", "Номер", Some("можно не писать")),
                    fill.line("issued_on", "Дата", Some("можно не писать")),
                    fill.line("link", "Ссылка", Some("https://…")),
                    fill.choice("regulation", "Или документ из реестра", Some("не выбран"), acts()),
                ]
            },
        )?,
        form(
            "none",
            "Сказать, что документа нет",
            "Документа нет",
            &|fill| vec![criterion(fill), fill.line("why", "Почему", Some("можно не писать"))],
        )?,
    ];
    if !one.whole.documents.is_empty() {
        let all = || {
            let all = one.whole.documents.iter();
            all.map(|d| (d.id.to_string(), format!("{}: {}", d.criterion, words::document(d))))
        };
        forms.push(form("withdraw", "Убрать", "Убрать", &|fill| {
            vec![fill.choice("document", "Что убрать", None, all())]
        })?);
    }
    Ok(Block {
        title: "Показать документы".into(),
        text: Some("«Нет документа» и «не указано» – разное: скажите прямо, если документа нет.".into()),
        forms,
        ..Block::default()
    })
}

/// POST /examined
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let names = [
            "of",
            "act",
            "key",
            "criterion",
            "kind",
            "title",
            "number",
            "issued_on",
            "link",
            "regulation",
            "why",
            "document",
            "reason",
        ];
        call.form.only(&names)?;
        let id = call.form.get("of").and_then(|n| n.parse().ok()).ok_or_else(missing)?;
        let own = find(&call, Some(id)).await?;
        let sent = Sent(&call.form);
        let mut wrong: Vec<Wrong> = Vec::new();
        let (by, examined, criterion) = (by(&call)?, ExaminedId(id), sent.text("criterion"));
        let (field, done, named) = match call.form.get("act") {
            Some("show") => {
                if sent.text("kind").is_empty() {
                    wrong.push(("kind", "Выберите вид документа.".into()));
                }
                let title = sent.required("title", "О чём документ", &mut wrong);
                let number = sent.text("number");
                sent.fits("number", &mut wrong);
                let issued_on = sent.maybe_day("issued_on", &mut wrong);
                let link = sent.link("link", &mut wrong);
                let regulation = match sent.some("regulation") {
                    None => None,
                    Some(id) => {
                        let found = own.acts.iter().find(|a| a.id.to_string() == id);
                        Some(RegulationId(found.ok_or_else(missing)?.id.0))
                    }
                };
                if !wrong.is_empty() {
                    return page(&call, &own, &wrong, (422, None));
                }
                let said = Said::There {
                    kind: sent.text("kind"),
                    title,
                    number,
                    issued_on,
                    link,
                    regulation,
                };
                let write =
                    move |tx: &mut Tx<'_>| documents::say(tx, &by, examined, &criterion, said).map(|id| id.to_string());
                ("link", once(&call, write).await, "said")
            }
            Some("none") => {
                sent.fits("why", &mut wrong);
                if !wrong.is_empty() {
                    return page(&call, &own, &wrong, (422, None));
                }
                let said = Said::None(sent.text("why"));
                let write =
                    move |tx: &mut Tx<'_>| documents::say(tx, &by, examined, &criterion, said).map(|id| id.to_string());
                ("criterion", once(&call, write).await, "said")
            }
            Some("withdraw") => {
                let document = sent
                    .some("document")
                    .and_then(|id| id.parse().ok())
                    .ok_or_else(missing)?;
                let write =
                    move |tx: &mut Tx<'_>| documents::withdraw(tx, &by, examined, document).map(|()| String::new());
                ("document", once(&call, write).await, "withdrawn")
            }
            Some("appeal") => {
                let link = sent.link("link", &mut wrong);
                if !wrong.is_empty() {
                    return page(&call, &own, &wrong, (422, None));
                }
                let why = sent.text("reason");
                let write = move |tx: &mut Tx<'_>| {
                    appeal::appeal(tx, &by, (examined, &criterion), (&why, link)).map(|()| String::new())
                };
                ("reason", once(&call, write).await, "appealed")
            }
            _ => return Err(Error::form_changed()),
        };
        match done {
            Ok(_) => Ok(Answer::redirect(format!("/examined?of={id}&done={named}"))),
            Err(Error::Refused(why)) => {
                let wrong = [(field, capital(&format!("{why}.")))];
                page(&call, &find(&call, Some(id)).await?, &wrong, (422, None))
            }
            Err(e) => Err(e),
        }
    })
}

//! Platforms of diagnostics: what the columns of their files hold, said once and read with every file.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::competence::{Called, CompetenceId};
use crate::db::milli::Milli;
use crate::db::schema::competence;
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::bounds;
use crate::desk::once::once_by_version;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, clash, problems};
use crate::desk::registers::reach::{by, missing};
use crate::diagnostics::tool::{self, Named, Part, ToolColumn};
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{NOTHING, capital, number};
use crate::units::UnitId;
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

const HEADING: &str = "Платформы диагностики";
const LEAD: &str = "Файл платформы обычно широкий: строка – педагог, столбцы – компетенции. Один раз опишите столбцы, и файлы \
                    с этой платформы можно загружать как есть.";
const HOW: &str = "Каждая строка – один столбец файла: заголовок; компетенция; что в нём; максимум; предмет. Можно вставить из \
                   таблицы. Например: «Методика, балл; М-1; балл; 20» или «Методика, уровень; М-1; уровень».";

/// The address of a platform.
pub(crate) fn page_of(name: &str) -> String {
    address("/diagnostics/tool", [("name", name)])
}

/// GET /diagnostics/tools
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let region = region(&call).await?;
        let known = call
            .app()
            .db
            .read(move |c| tool::all(c, region).map_err(Error::from))
            .await?;
        let columns = [
            Column::words("Платформа"),
            Column::figures("Диагностик"),
            Column::figures("Описано столбцов"),
        ];
        let row = |of: &Named| {
            vec![
                Cell::link(of.name.clone(), page_of(&of.name)),
                Cell::text(number(of.procedures)),
                Cell::text(if of.columns > 0 {
                    number(of.columns)
                } else {
                    NOTHING.into()
                }),
            ]
        };
        let rows: Vec<Vec<Cell>> = known.iter().map(row).collect();
        let sheet = Sheet {
            crumbs: vec![Link::new("Диагностики", "/diagnostics")],
            heading: HEADING.into(),
            lead: LEAD.into(),
            register: (!rows.is_empty()).then(|| Register::new(HEADING, &columns, rows)),
            empty: known.is_empty().then(|| {
                let mut empty = Empty::new(
                    "Платформ пока нет",
                    "Впишите платформу в описание диагностики: она появится здесь, и можно будет сказать, что в столбцах её \
                     файлов.",
                );
                empty.action = Some(Link::new("К диагностикам", "/diagnostics"));
                empty
            }),
            token: call.token(),
            ..Sheet::default()
        };
        Ok(Answer::page("desk/register", &sheet)?.title(HEADING))
    })
}

/// The region of whoever keeps all of it.
pub(super) async fn region(call: &Call) -> Result<UnitId, Error> {
    bounds::needs_whole(call).await?;
    bounds::within(call)?.region.ok_or_else(missing)
}

/// A platform on its page.
struct Shown {
    name: String,
    version: i32,
    columns: Vec<ToolColumn>,
    called: Called,
    /// Code and name of each competence.
    names: HashMap<CompetenceId, (String, String)>,
}

fn load(c: &mut AnyConn, region: UnitId, name: String) -> Result<Shown, Error> {
    let known = tool::all(c, region)?;
    if !known.iter().any(|of| of.name == name) {
        return Err(missing());
    }
    let (version, columns) = tool::by_name(c, region, &name)?.map_or((0, Vec::new()), |(of, all)| (of.version, all));
    let rows: Vec<(CompetenceId, String, String)> = competence::table
        .select((competence::id, competence::code, competence::name))
        .load(c)
        .map_err(DbError::from)?;
    Ok(Shown {
        name,
        version,
        columns,
        called: Called::of(rows.clone()),
        names: rows.into_iter().map(|(id, code, name)| (id, (code, name))).collect(),
    })
}

async fn find(call: &Call) -> Result<Shown, Error> {
    let region = region(call).await?;
    let name = call.query.get("name").unwrap_or_default().to_owned();
    call.app().db.read(move |c| load(c, region, name)).await
}

/// GET /diagnostics/tool?name=
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["name", "done"])?;
        let shown = find(&call).await?;
        page(&call, &shown, &[])
    })
}

/// The columns as they are typed.
fn written(of: &Shown) -> String {
    let line = |column: &ToolColumn| {
        let code = of
            .names
            .get(&column.competence_id)
            .map_or("", |(code, _)| code.as_str());
        let max = column.max_milli.map_or_else(String::new, |max| max.to_string());
        let cells = [column.header.as_str(), code, column.part.label(), &max, &column.subject];
        cells.join("; ").trim_end_matches([';', ' ']).to_owned()
    };
    of.columns.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn page(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Result<Answer, Error> {
    let again = call.form.get("columns");
    let typed = |_: &str| again.map_or_else(|| written(shown), str::to_owned);
    let fill = Fill { values: &typed, wrong };
    let columns = [
        Column::words("Столбец файла"),
        Column::words("Компетенция"),
        Column::words("Что в нём"),
        Column::figures("Максимум"),
        Column::words("Предмет"),
    ];
    let row = |of: &ToolColumn| {
        let name = shown.names.get(&of.competence_id);
        vec![
            Cell::text(of.header.clone()),
            Cell::text(name.map_or_else(String::new, |(code, name)| format!("{code} {name}"))),
            Cell::text(capital(of.part.label())),
            Cell::text(of.max_milli.map_or_else(|| NOTHING.to_owned(), |max| max.to_string())),
            Cell::text(if of.subject.is_empty() { NOTHING } else { &of.subject }),
        ]
    };
    let rows: Vec<Vec<Cell>> = shown.columns.iter().map(row).collect();
    let sheet = Sheet {
        crumbs: vec![
            Link::new("Диагностики", "/diagnostics"),
            Link::new(HEADING, "/diagnostics/tools"),
        ],
        heading: shown.name.clone(),
        lead: LEAD.into(),
        done: (call.query.get("done").is_some() && wrong.is_empty()).then_some("Записано"),
        problems: problems(wrong),
        blocks: vec![
            Block {
                title: "Что известно о столбцах".into(),
                text: rows.is_empty().then(|| "Пока ничего: файл этой платформы не прочитается.".into()),
                register: (!rows.is_empty()).then(|| Register::new("Столбцы файлов платформы", &columns, rows)),
                ..Block::default()
            },
            Block {
                title: "Описать столбцы".into(),
                text: Some(
                    "Столбцы «СНИЛС», «ФИО», «Дата» и «Процедура» программа узнаёт сама. Коды компетенций стоят в образце файла \
                     результатов."
                        .into(),
                ),
                forms: vec![Form {
                    action: page_of(&shown.name),
                    act: "set",
                    seen: shown.version.to_string(),
                    parts: vec![fill.long("columns", "Столбцы", Some(HOW))],
                    button: "Записать".into(),
                    ..Form::default()
                }],
                ..Block::default()
            },
        ],
        token: call.token(),
        ..Sheet::default()
    };
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer.title(format!("Платформа «{}»", shown.name))
    } else {
        answer.status(422).title(format!("Ошибка: платформа «{}»", shown.name))
    })
}

/// The columns that a form says, or what is wrong with its lines.
fn read(typed: &str, shown: &Shown) -> Result<Vec<ToolColumn>, Vec<Wrong>> {
    let (mut columns, mut lines, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for (line, text) in typed.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        match column(text, &shown.called) {
            Ok(column) => {
                columns.push(column);
                lines.push(line + 1);
            }
            Err(why) => wrong.push(("columns", format!("Строка {}: {why}.", line + 1))),
        }
    }
    for (place, refusal) in tool::refused(&columns) {
        let line = lines.get(place).copied().unwrap_or_default();
        wrong.push(("columns", format!("Строка {line}: {refusal}.")));
    }
    if wrong.is_empty() { Ok(columns) } else { Err(wrong) }
}

fn column(text: &str, called: &Called) -> Result<ToolColumn, String> {
    let cells: Vec<&str> = text.split(['\t', ';']).map(str::trim).collect();
    let cell = |place: usize| cells.get(place).copied().unwrap_or_default();
    if cells.len() > 5 {
        return Err("в ней больше пяти частей, лишние «;» уберите".into());
    }
    let competence_id = called
        .find(cell(1))
        .ok_or_else(|| format!("компетенции «{}» нет, впишите её код или точное название", cell(1)))?;
    let part = Part::ALL
        .iter()
        .find(|part| part.label() == cell(2).to_lowercase() || part.code() == cell(2));
    let part = match (part, cell(2)) {
        (Some(part), _) => *part,
        (None, "уровень" | "Уровень") => Part::Level,
        (None, said) => return Err(format!("«{said}» вместо «балл», «процент» или «уровень»")),
    };
    let max_milli = match cell(3) {
        "" | "–" | "-" => None,
        said => Some(Milli::parse(said).ok_or_else(|| format!("максимум «{said}» не число"))?),
    };
    Ok(ToolColumn {
        header: cell(0).to_owned(),
        competence_id,
        subject: cell(4).to_owned(),
        part,
        max_milli,
    })
}

/// POST /diagnostics/tool?name=
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["name"])?;
        let form = call.form.only(&["act", "seen", "columns"])?;
        let typed = form.get("columns").unwrap_or_default().to_owned();
        let shown = find(&call).await?;
        let columns = match read(&typed, &shown) {
            Ok(columns) => columns,
            Err(wrong) => return page(&call, &shown, &wrong),
        };
        let (by, seen, name) = (by(&call)?, Sent(&call.form).seen(), shown.name.clone());
        let to = format!("{}&done=set", page_of(&name));
        let write = move |tx: &mut Tx<'_>| tool::set(tx, &by, (&name, seen), &columns).map(|()| to);
        match once_by_version(&call, write).await {
            Ok(to) => Ok(Answer::redirect(to)),
            Err(Error::Refused(why)) => page(&call, &shown, &[("columns", capital(&format!("{why}.")))]),
            Err(Error::Changed(what)) => {
                let shown = find(&call).await?;
                Ok(page(&call, &shown, &clash("set", "columns", &what))?.status(409))
            }
            Err(e) => Err(e),
        }
    })
}

//! `iom`: drafting, assigning, showing plans, and files of acts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use super::output::{Out, say, tell};
use super::profile::{self, Format};
use super::{Context, Outcome};
use crate::audit::{self, words};
use crate::db::{AnyConn, Tx};
use crate::desk::plan::paper_rows;
use crate::enrolment::apply::OverNorm;
use crate::enrolment::marks::{self, Unwritten};
use crate::enrolment::marks_file;
use crate::error::Error;
use crate::exchange::docx;
#[cfg(feature = "pdf")]
use crate::exchange::pdf;
use crate::flow;
use crate::iom::acts::{self, RefusedRow};
use crate::iom::paper::{self, PaperKind};
use crate::iom::show::{self, Shown};
use crate::iom::{IomOrigin, IomState, SupporterKind, Within, assigning, drafting, hand_over};
use crate::people::{self, Person, PersonId, Snils};
use crate::units::UnitId;
use crate::web::Scope;

/// Commands over plans.
#[derive(Debug, Subcommand)]
pub enum IomCommand {
    /// Составить черновики ИОМ по правилам для прошедших процедуру.
    Draft {
        /// Код процедуры.
        #[arg(long)]
        procedure: String,
        /// Только работающие в этой единице и ниже.
        #[arg(long)]
        unit: Option<String>,
        /// День составления; без него — сегодня.
        #[arg(long)]
        as_of: Option<NaiveDate>,
        /// Показать, что будет сделано, и ничего не записать.
        #[arg(long)]
        dry_run: bool,
    },
    /// Распределить сопровождающих поровну.
    Assign {
        /// Код единицы.
        #[arg(long)]
        unit: String,
        /// Кто: curator, tutor, regional_methodist, municipal_methodist, mentor, supervisor.
        #[arg(long)]
        kind: String,
        /// С какого дня; без него — с сегодняшнего.
        #[arg(long)]
        as_of: Option<NaiveDate>,
        /// Показать, что будет сделано, и ничего не записать.
        #[arg(long)]
        dry_run: bool,
    },
    /// Передать открытые ИОМ сопровождающего другому или поровну остальным.
    HandOver {
        /// Логин того, кто передаёт.
        #[arg(long)]
        from: String,
        /// Логин того, кто принимает; без него — поровну всем, кто может.
        #[arg(long)]
        to: Option<String>,
        /// С какого дня; без него — с сегодняшнего.
        #[arg(long)]
        as_of: Option<NaiveDate>,
        /// Почему, в нескольких словах.
        #[arg(long, default_value = "")]
        reason: String,
        /// Показать, что будет сделано, и ничего не записать.
        #[arg(long)]
        dry_run: bool,
    },
    /// Показать все ИОМ человека.
    Show {
        /// СНИЛС педагога.
        snils: String,
        /// Вид вывода; без него — таблица для чтения.
        #[arg(long)]
        format: Option<Format>,
    },
    /// Вывести документ последнего маршрута человека.
    Paper {
        /// СНИЛС педагога.
        snils: String,
        /// Какой: plan, correction, report, summary.
        #[arg(long, default_value = "plan")]
        document: String,
        /// Файл: .docx (в сборке с PDF и .pdf), с другим окончанием текст; без него текст на экран.
        #[arg(long)]
        out: Option<PathBuf>,
        /// С баллами: экземпляр педагога и сопровождающих.
        #[arg(long)]
        scores: bool,
    },
    /// Записать отметки из ведомостей по кодам строк.
    Marks {
        /// Файл: code,mark,date,remark.
        file: PathBuf,
    },
    /// Записать действия из файла CSV.
    Apply {
        /// Файл: snils,act,item,date,by,value,reason.
        file: PathBuf,
    },
}

/// Runs a command over plans.
pub async fn run(context: &Context, command: IomCommand) -> Result<Outcome, Error> {
    match command {
        IomCommand::Draft {
            procedure,
            unit,
            as_of,
            dry_run,
        } => {
            let ask = drafting::Ask {
                procedure,
                unit,
                within: Within::of_server("iom draft"),
                origin: IomOrigin::Cnppm,
                on: as_of.unwrap_or_else(|| context.app.clock.today()),
                again: true,
                author: None,
                on_behalf_of: None,
            };
            draft(context, ask, dry_run).await
        }
        IomCommand::Assign {
            unit,
            kind,
            as_of,
            dry_run,
        } => {
            let kind = SupporterKind::from_code(&kind).ok_or_else(|| {
                let known: Vec<&str> = SupporterKind::ALL.iter().map(|k| k.code()).collect();
                Error::Invalid(format!("вида сопровождающего «{kind}» нет; есть: {}", known.join(", ")))
            })?;
            let on = as_of.unwrap_or_else(|| context.app.clock.today());
            let ask = assigning::Ask {
                unit,
                kind,
                on,
                within: Within::of_server("iom assign"),
                author: None,
                on_behalf_of: None,
            };
            assign(context, ask, dry_run).await
        }
        IomCommand::HandOver {
            from,
            to,
            as_of,
            reason,
            dry_run,
        } => {
            let ask = hand_over::Ask {
                from,
                to,
                on: as_of.unwrap_or_else(|| context.app.clock.today()),
                reason,
                region: None,
                organisations: None,
                author: None,
                on_behalf_of: None,
            };
            hand_over(context, ask, dry_run).await
        }
        IomCommand::Show { snils, format } => show(context, &snils, format).await,
        IomCommand::Paper {
            snils,
            document,
            out,
            scores,
        } => paper(context, &snils, &document, out, scores).await,
        IomCommand::Marks { file } => marks(context, &file).await,
        IomCommand::Apply { file } => apply(context, &file).await,
    }
}

async fn draft(context: &Context, ask: drafting::Ask, dry_run: bool) -> Result<Outcome, Error> {
    let key = context.app.keys.audit.clone();
    let report = if dry_run {
        let report = context.app.db.read(move |conn| drafting::dry_run(conn, &ask)).await?;
        let named = report.clone();
        let note = move |tx: &mut Tx<'_>| note_named(tx, &key, &named);
        context.app.db.write(note).await?;
        report
    } else {
        let run = move |tx: &mut Tx<'_>| -> Result<_, Error> {
            let report = drafting::run(tx, &key, &ask)?;
            note_named(tx, &key, &report)?;
            Ok(report)
        };
        let report = context.app.db.write(run).await?;
        context.app.seal().await?;
        report
    };
    if told(context, dry_run, &report)? {
        return Ok(Outcome::Done);
    }
    say!("Педагогов процедуры: {}", report.persons)?;
    say!(
        "Черновиков составлено: {}, шагов в них: {}",
        report.drafted,
        report.items
    )?;
    say!(
        "Без дефицитов: {}, из них с истёкшими результатами: {}",
        report.no_deficits,
        report.expired
    )?;
    say!("Уже есть ИОМ: {}", report.existing.len())?;
    for existing in &report.existing {
        let add = match existing.add.as_slice() {
            [] => "добавить нечего".to_owned(),
            titles => format!("можно добавить: {}", titles.join("; ")),
        };
        say!("  {} {}: {add}", existing.snils, existing.plan)?;
    }
    say!("Дефицитов без подходящих мероприятий: {}", report.unmatched.len())?;
    for unmatched in &report.unmatched {
        say!("  {} {}", unmatched.snils, unmatched.competence)?;
    }
    Ok(Outcome::Done)
}

/// Each whose СНИЛС is printed beside a plan or a deficit reads of it: the rows stand before the words go out.
fn note_named(tx: &mut Tx<'_>, key: &[u8], report: &drafting::Report) -> Result<(), Error> {
    let existing = report.existing.iter().map(|e| &e.snils);
    let named: BTreeSet<&String> = existing
        .chain(report.unmatched.iter().map(|u| &u.snils))
        .filter(|snils| !snils.is_empty())
        .collect();
    let named: Vec<String> = named.into_iter().cloned().collect();
    let persons = people::store::with_snils(tx.conn(), &named)?;
    let entry = |(person, region): &(PersonId, UnitId)| {
        let mut entry = audit::Entry::of_server(words::SHOWN, "drafting", None);
        (entry.person, entry.region) = (Some(person.0), Some(region.0));
        entry
    };
    let entries: Vec<audit::Entry> = persons.iter().map(entry).collect();
    Ok(audit::record(tx, key, &entries)?)
}

async fn assign(context: &Context, ask: assigning::Ask, dry_run: bool) -> Result<Outcome, Error> {
    let label = ask.kind.label();
    let report = if dry_run {
        context.app.db.read(move |conn| assigning::dry_run(conn, &ask)).await?
    } else {
        let key = context.app.keys.audit.clone();
        let report = context
            .app
            .db
            .write(move |tx| flow::assign_evenly(tx, &key, &ask))
            .await?;
        context.app.seal().await?;
        report
    };
    if told(context, dry_run, &report)? {
        return Ok(Outcome::Done);
    }
    say!("ИОМ без сопровождающего ({label}): {}", report.plans)?;
    say!("Назначено: {}", report.assigned)?;
    for (login, load) in &report.loads {
        say!("  {login}: {load}")?;
    }
    say!("Остались без сопровождающего: {}", report.left.len())?;
    for number in &report.left {
        say!("  {number}")?;
    }
    Ok(Outcome::Done)
}

async fn hand_over(context: &Context, ask: hand_over::Ask, dry_run: bool) -> Result<Outcome, Error> {
    let from = ask.from.clone();
    let report = if dry_run {
        context.app.db.read(move |conn| hand_over::dry_run(conn, &ask)).await?
    } else {
        let key = context.app.keys.audit.clone();
        let hand_over = move |tx: &mut Tx<'_>| flow::hand_over(tx, &key, &ask, None);
        let report = context.app.db.write(hand_over).await?;
        context.app.seal().await?;
        report
    };
    if told(context, dry_run, &report)? {
        return Ok(Outcome::Done);
    }
    say!("Открытых ИОМ у «{from}»: {}", report.plans)?;
    say!(
        "Передано: {}, шагов на проверке в них: {}",
        report.handed,
        report.reviews
    )?;
    for (login, given) in &report.given {
        let load = report.loads.get(login).map_or(0, |load| load.plans);
        say!("  {login}: +{}, станет {load}", given.plans)?;
    }
    say!("Остались: {}", report.left.len())?;
    for left in &report.left {
        say!("  {}: {}", left.plan, left.why.label())?;
    }
    Ok(Outcome::Done)
}

/// Prints a report as JSON where that is asked for, and says of a dry run that nothing was written; `true` where there is
/// nothing more to print.
fn told(context: &Context, dry_run: bool, report: &impl Serialize) -> Result<bool, Error> {
    if context.json {
        say!("{}", json!({ "dry_run": dry_run, "report": report }))?;
    } else if dry_run {
        say!("Пробный запуск: ничего не записано.")?;
    }
    Ok(context.json)
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(file).map_err(|e| Error::Invalid(format!("файл {} не читается: {e}", file.display())))
}

async fn apply(context: &Context, file: &Path) -> Result<Outcome, Error> {
    let bytes = read(file)?;
    let (rows, mut refused) = acts::parse(&bytes)?;
    let key = context.app.keys.audit.clone();
    let total = rows.len() + refused.len();
    let applied = context.app.db.write(move |tx| flow::acts(tx, &key, &rows)).await?;
    context.app.seal().await?;
    refused.extend(applied.refused);
    refused.sort_by_key(|r| r.line);
    if context.json {
        let rows: Vec<_> = refused
            .iter()
            .map(|r| json!({ "row": r.line, "act": r.act, "code": r.why.code, "why": r.why.to_string() }))
            .collect();
        say!(
            "{}",
            json!({ "rows": total, "done": applied.done, "refused": rows, "over_norm": applied.over_norm })
        )?;
    } else {
        say!(
            "Действий в файле: {total}, записано: {}, отклонено: {}.",
            applied.done,
            refused.len()
        )?;
    }
    for OverNorm { login, plans, norm } in &applied.over_norm {
        tell!("К сведению: у «{login}» открытых ИОМ {plans} при норме {norm}.");
    }
    for RefusedRow { line, act, why } in &refused {
        tell!("строка {line}: {act}: {why}");
    }
    Ok(if refused.is_empty() {
        Outcome::Done
    } else {
        Outcome::WithRefusals
    })
}

async fn marks(context: &Context, file: &Path) -> Result<Outcome, Error> {
    let bytes = read(file)?;
    let (marks, mut faults) = marks_file::parse(&bytes)?;
    let key = context.app.keys.audit.clone();
    let total = marks.len() + faults.len();
    let ask = marks::Ask { desk: None, marks };
    let marked = context.app.db.write(move |tx| flow::marks(tx, &key, &ask)).await?;
    context.app.seal().await?;
    faults.extend(marked.faults);
    faults.sort_by_key(|fault| fault.line);
    if context.json {
        let rows = |of: &[Unwritten]| -> Vec<serde_json::Value> {
            let row =
                |u: &Unwritten| json!({ "row": u.line, "mark": u.code, "code": u.why.code, "why": u.why.to_string() });
            of.iter().map(row).collect()
        };
        say!(
            "{}",
            json!({
                "rows": total, "done": marked.saved, "repeated": marked.repeated,
                "asked": rows(&marked.asked), "refused": rows(&faults),
            })
        )?;
    } else {
        say!(
            "Отметок в файле: {total}, записано: {}, записаны раньше: {}, требуют решения: {}, отклонено: {}.",
            marked.saved,
            marked.repeated,
            marked.asked.len(),
            faults.len()
        )?;
    }
    for Unwritten { line, code, why } in marked.asked.iter().chain(&faults) {
        tell!("строка {line}: {code}: {why}");
    }
    Ok(if marked.asked.is_empty() && faults.is_empty() {
        Outcome::Done
    } else {
        Outcome::WithRefusals
    })
}

/// Whoever has a СНИЛС, in each region, and all their plans.
fn of_whom(
    conn: &mut AnyConn,
    scope: &Scope,
    snils: &Snils,
    today: NaiveDate,
) -> Result<(Vec<Person>, Vec<Shown>), Error> {
    let persons = people::store::by_snils(conn, scope, snils)?;
    if persons.is_empty() {
        return Err(Error::NotFound("человек с таким СНИЛС".into()));
    }
    let ids: Vec<_> = persons.iter().map(|p| p.id).collect();
    let plans = show::plans(conn, &ids, today)?;
    Ok((persons, plans))
}

async fn show(context: &Context, snils: &str, format: Option<Format>) -> Result<Outcome, Error> {
    let snils = super::snils(snils)?;
    let today = context.app.clock.today();
    let (persons, plans) = context
        .app
        .db
        .read(move |conn| of_whom(conn, &Scope::of_server("iom show"), &snils, today))
        .await?;
    profile::note(context, words::READ_PLANS, persons.iter()).await?;
    match format {
        Some(Format::Csv) => print_csv(&plans)?,
        None => plans.iter().try_for_each(print_plan)?,
    }
    Ok(Outcome::Done)
}

async fn paper(
    context: &Context,
    snils: &str,
    document: &str,
    out: Option<PathBuf>,
    scores: bool,
) -> Result<Outcome, Error> {
    let kind = PaperKind::from_code(document).ok_or_else(|| {
        let known: Vec<&str> = PaperKind::ALL.iter().map(|k| k.code()).collect();
        Error::Invalid(format!("документа «{document}» нет; есть: {}", known.join(", ")))
    })?;
    let snils = super::snils(snils)?;
    let today = context.app.clock.today();
    let (person, paper) = context
        .app
        .db
        .read(move |conn| -> Result<_, Error> {
            let (persons, plans) = of_whom(conn, &Scope::of_server("iom paper"), &snils, today)?;
            let plans = plans.into_iter().map(|shown| shown.plan);
            let plan = plans
                .max_by_key(|plan| (plan.state != IomState::Closed, plan.id))
                .ok_or_else(|| Error::NotFound("маршрут этого человека".into()))?;
            let person = persons.into_iter().find(|person| person.id == plan.person_id);
            let source = paper_rows::load(conn, plan, scores, today)?;
            Ok((person, paper::paper(kind, &source)))
        })
        .await?;
    profile::note(context, words::READ_PLANS, person.iter()).await?;
    let Some(path) = out else {
        say!("{}", paper.document.text().trim_end())?;
        return Ok(Outcome::Done);
    };
    let bytes = match path.extension().and_then(|ending| ending.to_str()) {
        Some("docx") => docx::write(&paper.document)?,
        #[cfg(feature = "pdf")]
        Some("pdf") => pdf::write(&paper.document)?,
        #[cfg(not(feature = "pdf"))]
        Some("pdf") => return Err(Error::Invalid("эта сборка Вехи не пишет PDF: возьмите .docx".into())),
        _ => paper.document.text().into_bytes(),
    };
    std::fs::write(&path, bytes).map_err(|e| Error::Invalid(format!("файл {} не записан: {e}", path.display())))?;
    say!("Записано: {}. SHA-256 текста: {}.", path.display(), paper.digest)?;
    Ok(Outcome::Done)
}

const COLUMNS: [&str; 17] = [
    "plan",
    "revision",
    "state",
    "outcome",
    "origin",
    "formed",
    "closed",
    "item",
    "item_state",
    "title",
    "programme",
    "topics",
    "education_form",
    "due",
    "deficit",
    "rule",
    "supporters",
];

/// Place of `deficit` among the columns of an item.
const DEFICIT: usize = 7;

fn day(day: Option<NaiveDate>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}

fn print_csv(plans: &[Shown]) -> Result<(), Error> {
    let mut out = csv::Writer::from_writer(Out);
    let mut write = |record: &[String]| out.write_record(record).map_err(|e| Error::Internal(e.to_string()));
    write(&COLUMNS.map(str::to_owned))?;
    for shown in plans {
        let plan = &shown.plan;
        let head = [
            plan.number.clone(),
            plan.revision.to_string(),
            plan.state.code().to_owned(),
            plan.outcome.map_or("", |o| o.code()).to_owned(),
            plan.origin.code().to_owned(),
            day(plan.first_visible_on),
            day(plan.closed_on),
        ];
        let supporters = shown.supporters.join(";");
        let line = |item: [String; 9]| [head.as_slice(), item.as_slice(), std::slice::from_ref(&supporters)].concat();
        if shown.items.is_empty() && shown.unmatched.is_empty() {
            write(&line(std::array::from_fn(|_| String::new())))?;
        }
        for code in &shown.unmatched {
            let mut goal: [String; 9] = std::array::from_fn(|_| String::new());
            goal[DEFICIT].clone_from(code);
            write(&line(goal))?;
        }
        for shown in &shown.items {
            let item = &shown.item;
            write(&line([
                item.number.to_string(),
                item.state.code().to_owned(),
                item.title.clone(),
                shown.programme.clone().unwrap_or_default(),
                shown.topics.join(";"),
                item.education_form.code().to_owned(),
                day(item.due_on),
                shown.deficit.clone().unwrap_or_default(),
                item.rule.clone().unwrap_or_default(),
            ]))?;
        }
    }
    out.flush()?;
    Ok(())
}

fn print_plan(shown: &Shown) -> Result<(), Error> {
    let plan = &shown.plan;
    let outcome = plan.outcome.map_or(String::new(), |o| format!(", {}", o.label()));
    say!(
        "{} · {}{outcome} · редакция {}",
        plan.number,
        plan.state.label(),
        plan.revision
    )?;
    if !shown.supporters.is_empty() {
        say!("  сопровождение: {}", shown.supporters.join(", "))?;
    }
    for shown in &shown.items {
        let item = &shown.item;
        let due = item
            .due_on
            .map_or_else(String::new, |d| format!(" · до {}", d.format("%d.%m.%Y")));
        say!("  {}. {} · {}{due}", item.number, item.title, item.state.label())?;
        if let Some(why) = &shown.why {
            say!("     почему здесь: {why}")?;
        }
    }
    if !shown.unmatched.is_empty() {
        say!("  дефициты без своих мероприятий: {}", shown.unmatched.join(", "))?;
    }
    Ok(())
}

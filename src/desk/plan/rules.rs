//! «Правила подбора»: what is in force in the region, and a text to edit, to try on people of a procedure and to put in force.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use serde::Serialize;

use crate::access::store::names;
use crate::audit;
use crate::db::AnyConn;
use crate::db::text_keys::clean;
use crate::desk::bounds::{self, Bounds};
use crate::desk::diagnostics::rows;
use crate::desk::looked;
use crate::desk::once::{is_other, once};
use crate::desk::packs::editing::listing;
use crate::desk::plan::card::missing;
use crate::desk::plan::drafting::in_words;
use crate::desk::plan::rows::{Who, who};
use crate::desk::registers::reach::by;
use crate::diagnostics::DiagnosisKind;
use crate::error::{Error, Refusal};
use crate::iom::drafting::Ask;
use crate::iom::rule_edit::{self, Edited};
use crate::iom::rule_sample::{self, Change, Differs, Sample, Step};
use crate::iom::{IomOrigin, ItemLevel, RuleSet, rules};
use crate::pages::parts::{Cell, Choice, Column, Fact, Figure, Link, Problem, Register};
use crate::pages::text::{capital, count, date, number};
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

const HEADING: &str = "Правила подбора";
/// How many people a sample names.
const SHOWN: usize = 50;
/// How many steps of one plan are told in words.
const STEPS: usize = 5;
/// The longest reason.
const LONGEST: usize = 500;

#[derive(Default, Serialize)]
struct Page {
    crumbs: Vec<Link>,
    heading: &'static str,
    lead: String,
    done: Option<String>,
    problems: Vec<Problem>,
    checked: Option<String>,
    findings: Option<Register>,
    figures: Vec<Figure>,
    /// In what plans would differ, and how many of them.
    kinds: Vec<Fact>,
    differ: Option<Register>,
    rules: Vec<Fact>,
    versions: Option<Register>,
    /// Whether the visitor may change them: the role is over the whole region.
    may: bool,
    token: String,
    key: String,
    seen: i32,
    text: String,
    /// The proof that this very text was tried; empty where it was not.
    tried: String,
    reason: String,
    reason_wrong: Option<String>,
    procedures: Vec<Choice>,
    procedure_wrong: Option<String>,
}

/// What the page reads.
struct Known {
    versions: Vec<RuleSet>,
    authors: HashMap<i64, String>,
    procedures: Vec<Choice>,
    /// Whether the role is over the whole region.
    whole: bool,
}

/// What was typed; empty for a page that was only opened.
#[derive(Clone, Default)]
struct Typed {
    load: bool,
    seen: i32,
    text: String,
    reason: String,
    procedure: String,
    /// The proof that came with it.
    tried: String,
}

async fn known(call: &Call, chosen: &str) -> Result<Known, Error> {
    let within = bounds::within(call)?;
    let region = within.region.ok_or_else(missing)?;
    let today = call.app().clock.today();
    let chosen = chosen.to_owned();
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let bounds = Bounds::of(c, region, &within.scope, today)?;
        let mut held = rows::held(c, &bounds, today)?;
        held.retain(|h| h.procedure.kind != DiagnosisKind::SelfAssessment);
        let versions = rules::versions(c, region)?;
        let accounts: Vec<i64> = versions.iter().filter_map(|v| v.account_id).map(|a| a.0).collect();
        let choice = |h: &rows::Held| Choice::new(&h.procedure.code, h.procedure.name.clone(), &chosen);
        Ok(Known {
            authors: names(c, &accounts)?,
            procedures: held.iter().map(choice).collect(),
            whole: bounds.is_whole(),
            versions,
        })
    };
    call.app().db.read(read).await
}

/// The text in force.
fn in_force(versions: &[RuleSet]) -> &str {
    versions.first().map_or(rules::SOURCE, |set| set.source.as_str())
}

fn page(call: &Call, known: Known, typed: Option<&Typed>) -> Result<Page, Error> {
    let stands = in_force(&known.versions);
    let seen = known.versions.first().map_or(0, |set| set.version);
    let read = rules::parse(stands).or_else(|_| rules::parse(rules::SOURCE)).ok();
    let whose = match seen {
        0 => "Действуют правила, которые поставляются с программой.".to_owned(),
        n => format!("Действуют правила региона, версия {n}. Они стоят вместо правил программы."),
    };
    let change = if known.whole {
        " Новые правила касаются маршрутов, которые подготовят после них: готовые маршруты не меняются."
    } else {
        " Меняет их тот, чья роль – на весь регион."
    };
    Ok(Page {
        crumbs: vec![Link::new("Подготовка маршрутов", "/drafting")],
        heading: HEADING,
        lead: whose + change,
        rules: read.iter().flat_map(in_words).collect(),
        versions: versions(call, &known),
        may: known.whole,
        token: call.token(),
        key: call
            .form
            .get("key")
            .map(str::to_owned)
            .map_or_else(token::random_name, Ok)?,
        seen: typed.map_or(seen, |t| t.seen),
        text: typed.map_or(stands, |t| t.text.as_str()).to_owned(),
        reason: typed.map(|t| t.reason.clone()).unwrap_or_default(),
        procedures: known.procedures,
        ..Page::default()
    })
}

fn versions(call: &Call, known: &Known) -> Option<Register> {
    let zone = call.zone();
    let columns = [
        Column::words("Версия"),
        Column::words("Действует с"),
        Column::words("Кто ввёл"),
        Column::words("Почему"),
    ];
    let row = |set: &RuleSet| {
        let author = set.account_id.and_then(|a| known.authors.get(&a.0).cloned());
        vec![
            Cell::link(
                format!("версия {}", set.version),
                format!("/rules?version={}", set.version),
            ),
            Cell::text(date((set.loaded_at + zone).date())),
            Cell::text(author.unwrap_or_default()),
            Cell::text(set.reason.clone().unwrap_or_default()),
        ]
    };
    let own: Vec<Vec<Cell>> = known.versions.iter().map(row).collect();
    let of_program = vec![
        Cell::link("правила программы", "/rules?version=0"),
        Cell::text(""),
        Cell::text(""),
        Cell::text(""),
    ];
    (!own.is_empty()).then(|| Register::new("Версии", &columns, own.into_iter().chain([of_program]).collect()))
}

fn answer(page: &Page, status: u16) -> Result<Answer, Error> {
    let answer = Answer::page("desk/rules", page)?;
    Ok(match status {
        200 => answer.title(HEADING),
        status => answer.status(status).title(format!("Ошибка: {HEADING}")),
    })
}

/// GET /rules: with a version, its text stands in the form, to go back to it.
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["version", "done"])?;
        let given = |name| query.get(name).and_then(|n| n.parse::<i32>().ok());
        let known = known(&call, "").await?;
        let (done, wanted) = (given("done"), given("version"));
        let stands = known.versions.first().map(|set| set.version);
        let text = match wanted {
            None => None,
            Some(0) => Some(rules::SOURCE.to_owned()),
            Some(n) => {
                let found = known.versions.iter().find(|set| set.version == n);
                Some(found.ok_or_else(missing)?.source.clone())
            }
        };
        let mut page = page(&call, known, None)?;
        page.done = done
            .filter(|n| Some(*n) == stands)
            .map(|n| format!("Введены правила региона, версия {n}"));
        if let Some(text) = text.filter(|text| *text != page.text) {
            page.text = text;
            page.checked = Some(match wanted {
                Some(0) => "Ниже текст правил программы: проверьте его и введите, чтобы вернуться к нему.".to_owned(),
                n => format!(
                    "Ниже текст версии {}: проверьте его и введите, чтобы вернуться к нему.",
                    n.unwrap_or_default()
                ),
            });
        }
        answer(&page, 200)
    })
}

fn typed(call: &Call) -> Result<Typed, Error> {
    let form = call
        .form
        .only(&["act", "seen", "key", "text", "reason", "procedure", "tried"])?;
    let mut text = form.get("text").unwrap_or_default().replace("\r\n", "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(Typed {
        load: form.get("act") == Some("load"),
        // A form without a version is refused like an old one.
        seen: form.get("seen").and_then(|n| n.parse().ok()).unwrap_or(-1),
        text,
        reason: form.get("reason").map(clean).unwrap_or_default(),
        procedure: form.get("procedure").unwrap_or_default().to_owned(),
        tried: form.get("tried").unwrap_or_default().to_owned(),
    })
}

/// The proof that a text was tried on people of a region: the answer to the trial alone carries it, and it says nothing of
/// another text or another region.
fn proof(key: &[u8], region: UnitId, text: &str) -> String {
    audit::keyed(key, format!("rules.tried {} {text}", region.0).as_bytes())
}

/// A refusal as a sentence.
fn sentence(why: &Refusal) -> String {
    capital(&format!("{why}."))
}

/// POST /rules: checks the text, tries it on people of a procedure, or puts it in force.
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let typed = typed(&call)?;
        let known = known(&call, &typed.procedure).await?;
        if !typed.procedure.is_empty() && known.procedures.iter().all(|p| p.value != typed.procedure) {
            return Err(missing());
        }
        bounds::needs_whole(&call).await?;
        let proof = proof(&call.app().keys.audit, by(&call)?.region, &typed.text);
        let is_tried = typed.tried == proof;
        // What stands already is refused for that, and where nobody passed a diagnosis there is nobody to try on.
        let needs_trial = in_force(&known.versions) != typed.text && !known.procedures.is_empty();
        let mut page = page(&call, known, Some(&typed))?;
        if is_tried {
            page.tried.clone_from(&proof);
        }
        let rules = match rules::parse(&typed.text) {
            Ok(rules) => rules,
            Err(wrong) => {
                let places = count(whole(wrong.len()), "ошибка", "ошибки", "ошибок");
                page.checked = Some(format!(
                    "В тексте {places}: поправьте и проверьте снова. Ничего не введено."
                ));
                page.findings = Some(listing(&typed.text, &wrong, false));
                return answer(&page, 422);
            }
        };
        if typed.load && needs_trial && !is_tried && !planted!("rules_untried") {
            ask_to_try(&mut page, &typed);
            return answer(&page, 422);
        }
        if typed.load {
            return put_in_force(&call, typed, page).await;
        }
        page.checked = Some("Ошибок нет.".to_owned());
        if !typed.procedure.is_empty() {
            let sample = tried(&call, &typed.procedure, rules).await?;
            show_sample(&mut page, &sample.0, &sample.1);
            page.tried = proof;
        }
        answer(&page, 200)
    })
}

/// A text that was not tried is not put in force: what is missing is said at once, and all that was typed stays.
fn ask_to_try(page: &mut Page, typed: &Typed) {
    let text = sentence(&Refusal::new("rules.untried"));
    page.procedure_wrong = Some(text.clone());
    page.problems.push(Problem {
        field: "procedure",
        text,
    });
    if typed.reason.is_empty() {
        let text = sentence(&Refusal::new("rules.reason"));
        page.reason_wrong = Some(text.clone());
        page.problems.push(Problem { field: "reason", text });
    }
}

async fn put_in_force(call: &Call, typed: Typed, mut page: Page) -> Result<Answer, Error> {
    if typed.reason.chars().count() > LONGEST {
        let text = format!("Пояснение длиннее {LONGEST} знаков: сократите его.");
        page.reason_wrong = Some(text.clone());
        page.problems = vec![Problem { field: "reason", text }];
        return answer(&page, 422);
    }
    let (by, edited) = (
        by(call)?,
        Edited {
            seen: typed.seen,
            text: typed.text,
            reason: typed.reason,
        },
    );
    let write = move |tx: &mut crate::db::Tx<'_>| {
        let version = rule_edit::put_in_force(tx, &by, &edited)?;
        Ok(format!("/rules?done={version}"))
    };
    match once(call, write).await {
        Ok(to) => Ok(Answer::redirect(to)),
        Err(Error::Refused(why)) if matches!(why.code, "rules.reason" | "rules.same") => {
            let text = sentence(&why);
            let field = if why.code == "rules.reason" { "reason" } else { "text" };
            page.reason_wrong = (field == "reason").then(|| text.clone());
            page.problems = vec![Problem { field, text }];
            answer(&page, 422)
        }
        Err(Error::Refused(why)) if is_other(&why) => {
            let text = "Эту форму уже отправили с другим текстом: сверьте его с тем, что действует, и введите снова.";
            page.problems = vec![Problem {
                field: "text",
                text: text.into(),
            }];
            page.seen = page_version(call).await?;
            answer(&page, 422)
        }
        Err(why @ (Error::Changed(_) | Error::Conflict)) => {
            let text = format!(
                "{} Ваш текст не введён и стоит ниже: сверьте его с тем, что действует, и введите снова.",
                capital(&why.to_string())
            );
            page.problems = vec![Problem { field: "text", text }];
            page.seen = page_version(call).await?;
            answer(&page, 409)
        }
        Err(other) => Err(other),
    }
}

/// The version in force now: what the next sending answers.
async fn page_version(call: &Call) -> Result<i32, Error> {
    let region = by(call)?.region;
    let read = move |c: &mut AnyConn| -> Result<_, Error> { Ok(rules::versions(c, region)?) };
    let versions = call.app().db.read(read).await?;
    Ok(versions.first().map_or(0, |set| set.version))
}

/// What the text would give, with the names of those who are shown; the journal tells of them.
async fn tried(call: &Call, procedure: &str, after: rules::Rules) -> Result<(Sample, HashMap<PersonId, Who>), Error> {
    let within = bounds::within(call)?;
    let region = within.region.ok_or_else(missing)?;
    let ask = Ask {
        procedure: procedure.to_owned(),
        unit: None,
        within,
        origin: IomOrigin::Cnppm,
        on: call.app().clock.today(),
        again: true,
        author: None,
        on_behalf_of: None,
    };
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let sample = rule_sample::sample(c, &ask, region, &after)?;
        let named: Vec<PersonId> = sample.differ.iter().take(SHOWN).map(|d| d.person).collect();
        let who = who(c, region, &named, ask.on)?;
        Ok((sample, named, who))
    };
    let (sample, named, who) = call.app().db.read(read).await?;
    looked::telling(call, "rules", "", &named, sample.differ.len(), &named).await?;
    Ok((sample, who))
}

fn show_sample(page: &mut Page, of: &Sample, who: &HashMap<PersonId, Who>) {
    let many = whole(of.differ.len());
    let persons = count(whole(of.persons), "педагог", "педагога", "педагогов");
    let more = if of.more {
        " (больше проба не берёт)"
    } else {
        ""
    };
    let without = match whole(of.persons.saturating_sub(of.plans)) {
        0 => String::new(),
        n => format!(", из них без дефицитов и без маршрута – {}", number(n)),
    };
    let came = match many {
        _ if of.plans == 0 => {
            "маршрут не нужен никому, и разницы не видно. Если есть другая диагностика, попробуйте на ней".to_owned()
        }
        0 => "маршруты вышли бы те же".to_owned(),
        n => format!(
            "другой маршрут вышел бы у {}. Ничего не записано",
            count(n, "педагога", "педагогов", "педагогов")
        ),
    };
    page.checked = Some(format!(
        "Ошибок нет. Проба на людях диагностики – {persons}{more}{without}: {came}."
    ));
    let figure = |shown: String, label: &str| Figure {
        shown,
        label: label.to_owned(),
        href: None,
        note: None,
    };
    let both = |was: i64, is: i64| format!("{} → {}", number(was), number(is));
    page.figures = vec![
        figure(number(many), "маршрутов станут другими"),
        figure(both(whole(of.items.0), whole(of.items.1)), "шагов во всех"),
        figure(both(of.hours.0, of.hours.1), "часов во всех"),
        figure(both(whole(of.unmatched.0), whole(of.unmatched.1)), "дефицитов без шага"),
    ];
    page.kinds = kinds(of);
    let columns = [
        Column::words("Педагог"),
        Column::words("Маршрут кончится"),
        Column::words("Появится"),
        Column::words("Уйдёт"),
        Column::words("Изменится в шагах"),
    ];
    let row = |d: &Differs| {
        vec![
            Cell::text(who.get(&d.person).map_or("", |who| who.short.as_str())),
            Cell::text(d.ends.map_or_else(String::new, instead)),
            Cell::text(d.come.join("; ")),
            Cell::text(d.gone.join("; ")),
            Cell::text(in_steps(d)),
        ]
    };
    let rows: Vec<Vec<Cell>> = of.differ.iter().take(SHOWN).map(row).collect();
    page.differ = (!rows.is_empty()).then(|| Register::new("Что изменится", &columns, rows));
}

/// «31.08.2027 вместо 30.11.2027».
fn instead((was, is): (NaiveDate, NaiveDate)) -> String {
    format!("{} вместо {}", date(is), date(was))
}

/// A way to differ: its words, and whether a plan differs so.
type KindOfDifference = (&'static str, fn(&Differs) -> bool);

/// In what plans would differ, and how many of them; one last day for all is named.
fn kinds(of: &Sample) -> Vec<Fact> {
    let kinds: [KindOfDifference; 10] = [
        ("Другой последний день", |d| d.ends.is_some()),
        ("Новые шаги", |d| !d.come.is_empty()),
        ("Без прежних шагов", |d| !d.gone.is_empty()),
        ("Другие сроки шагов", |d| {
            d.has(|c| matches!(c, Change::Due(..)))
        }),
        ("Другие часы шагов", |d| {
            d.has(|c| matches!(c, Change::Hours(..)))
        }),
        ("Другая обязательность шагов", |d| {
            d.has(|c| matches!(c, Change::Mandatory(..)))
        }),
        (
            "Другой вид образования или уровень шагов",
            |d| d.has(|c| matches!(c, Change::Form(..) | Change::Level(..))),
        ),
        ("Шаги для другого дефицита", |d| {
            d.has(|c| matches!(c, Change::Deficit(..)))
        }),
        ("Другие слова в «Почему здесь»", |d| {
            d.has(|c| matches!(c, Change::Why(..)))
        }),
        ("Другой порядок шагов", |d| d.order),
    ];
    let ends: BTreeSet<(NaiveDate, NaiveDate)> = of.differ.iter().filter_map(|d| d.ends).collect();
    let one = ends.first().filter(|_| ends.len() == 1);
    let facts = kinds.iter().enumerate().filter_map(|(place, (name, is))| {
        let many = whole(of.differ.iter().filter(|d| is(d)).count());
        let days = one.filter(|_| place == 0).map(|days| format!(": {}", instead(*days)));
        (many > 0).then(|| Fact {
            name: (*name).to_owned(),
            value: format!(
                "у {}{}",
                count(many, "маршрута", "маршрутов", "маршрутов"),
                days.unwrap_or_default()
            ),
            change: None,
        })
    });
    facts.collect()
}

/// What becomes of the steps that stay.
fn in_steps(of: &Differs) -> String {
    let mut words: Vec<String> = of.steps.iter().take(STEPS).map(step_in_words).collect();
    let more = whole(of.steps.len().saturating_sub(STEPS));
    if more > 0 {
        words.push(format!("и ещё {}", count(more, "шаг", "шага", "шагов")));
    }
    if of.order {
        words.push("шаги пойдут в другом порядке".to_owned());
    }
    words.join("; ")
}

fn step_in_words(step: &Step) -> String {
    let level = |of: Option<ItemLevel>| of.map_or("не указан", ItemLevel::label);
    let change = |of: &Change| match of {
        Change::Due(was, is) => format!("срок {}", instead((*was, *is))),
        Change::Hours(was, is) => format!("{is}\u{A0}ч вместо {was}\u{A0}ч"),
        Change::Mandatory(true) => "станет обязательным".to_owned(),
        Change::Mandatory(false) => "перестанет быть обязательным".to_owned(),
        Change::Form(was, is) => format!("вид образования «{}» вместо «{}»", is.label(), was.label()),
        Change::Level(was, is) => format!("уровень «{}» вместо «{}»", level(*is), level(*was)),
        Change::Deficit(was, is) => format!("для дефицита «{is}» вместо «{was}»"),
        Change::Why(was, is) => format!("«Почему здесь»: «{is}» вместо «{was}»"),
    };
    let changes: Vec<String> = step.changes.iter().map(change).collect();
    format!("{} – {}", step.title, changes.join(", "))
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

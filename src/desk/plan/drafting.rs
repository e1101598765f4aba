//! «Подготовка маршрутов»: the rules in words, what they would give, and the drafts made exactly so.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;
use serde::Serialize;

use crate::access::{AccountId, Role};
use crate::audit;
use crate::db::schema::{competence, person, rule_set};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::{self, Bounds};
use crate::desk::diagnostics::rows;
use crate::desk::list;
use crate::desk::looked;
use crate::desk::plan::card::missing;
use crate::desk::plan::drafted::{self, Line};
use crate::desk::plan::quiet;
use crate::desk::small_cells::{self, Told};
use crate::diagnostics::DiagnosisKind;
use crate::error::{Error, Refusal};
use crate::iom::drafting::{self, Ask, Existing, Report};
use crate::iom::rules::{self, Rule, Rules};
use crate::iom::{IomOrigin, Within, rights};
use crate::pages::parts::{Cell, Choice, Column, Empty, Fact, Figure, Filter, Link, Register};
use crate::pages::text::{NOTHING, capital, count, number, short_name};
use crate::people::PersonId;
use crate::planted;
use crate::units::{self, Tree, Unit, UnitId};
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// How many lines of a list a preview shows.
const SHOWN: usize = 50;

#[derive(Serialize)]
struct DraftPage {
    filters: Vec<Filter>,
    rules: Vec<Fact>,
    version: String,
    /// Where they are changed, for whoever may.
    change: Option<Link>,
    preview: Option<Preview>,
    problem: Option<String>,
    done: Option<String>,
    /// What follows from it.
    done_text: &'static str,
    /// Where one goes on after drafting.
    next: Vec<Link>,
    token: String,
    nothing: bool,
    empty: Empty,
}

#[derive(Serialize)]
struct Preview {
    heading: String,
    /// Who the plans will say composed them.
    composed: String,
    /// Whether a methodist of a municipal service composes together with the ЦНППМ.
    with_service: bool,
    figures: Vec<Figure>,
    procedure: String,
    unit: String,
    expected: String,
    button: Option<String>,
    /// Why there are no figures, or no button.
    note: Option<&'static str>,
    /// The first plans person by person.
    plans: Option<Register>,
    /// How many of the plans are listed, where that is not all.
    more_plans: Option<String>,
    /// Why there are more or fewer of them than people without a plan.
    difference: Vec<Fact>,
    existing: Option<Register>,
    /// How many of those who have a plan are listed, where that is not all.
    more_existing: Option<String>,
    unmatched: Option<Register>,
    unmatched_lead: String,
}

/// Everything the page reads.
struct Read {
    procedures: Vec<Choice>,
    units: Vec<Choice>,
    /// Their version, and whether they are the region's own.
    version: (i32, bool),
    rules: Rules,
    /// What came of it, with the name of the procedure and who the plans will say composed them.
    report: Option<(String, IomOrigin, Report)>,
    names: HashMap<String, String>,
    named: Vec<PersonId>,
    /// The first plans by the names of their people; none for whoever is told no names.
    plans: Vec<Line>,
    competences: HashMap<String, String>,
    /// In whose name it is drafted.
    origin: IomOrigin,
    /// Whether the lists of plans open to whoever looks: else nothing here may tell of a few people.
    opens_lists: bool,
    /// Whether the unit that was chosen is less than all that the visitor sees.
    of_a_part: bool,
}

/// What the visitor looks at.
struct Looked<'a> {
    /// Whether a methodist of a municipal service composes together with the ЦНППМ.
    with_service: bool,
    procedure: &'a str,
    unit: &'a str,
    /// What the form says of the preview that was seen, without its numbers.
    expected: String,
}

/// Of a part of the own area the figures are told to those alone who open lists: its neighbours would give it away.
const OF_A_PART: &str =
    "Сколько педагогов в одной территории, видно тем, кто открывает их списки. Подготовить маршруты можно и так.";

/// GET /drafting
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["procedure", "unit", "drafted", "items", "done"])?;
        let given = |name| call.query.get(name).filter(|v| !v.is_empty()).map(str::to_owned);
        let figure = |name| given(name).and_then(|n| n.parse::<i64>().ok());
        let counted = figure("drafted").zip(figure("items")).map(|(drafted, items)| {
            format!(
                "Создано: {}, {}",
                count(drafted, "маршрут", "маршрута", "маршрутов"),
                count(items, "шаг", "шага", "шагов")
            )
        });
        let done = counted.or_else(|| {
            given("done").map(|what| match what.as_str() {
                "none" => "Новых маршрутов нет: у всех, кому они нужны, маршрут уже есть".to_owned(),
                _ => "Маршруты созданы".to_owned(),
            })
        });
        page(&call, given("procedure"), given("unit"), done, None).await
    })
}

/// The role in force.
fn role(call: &Call) -> Result<Option<Role>, Error> {
    Ok(call.visitor()?.role().and_then(|role| Role::from_code(role.code)))
}

/// Asked by the role in force, be it another one's: it says whose plans they become, and how far they reach.
fn ask(call: &Call, procedure: String, unit: Option<String>) -> Result<Ask, Error> {
    let role = role(call)?;
    Ok(Ask {
        procedure,
        unit,
        within: bounds::within(call)?,
        origin: role.and_then(rights::composes).ok_or_else(missing)?,
        on: call.app().clock.today(),
        again: false,
        author: Some(AccountId(call.visitor()?.account)),
        on_behalf_of: call.visitor()?.on_behalf_of().map(AccountId),
    })
}

/// Whether the lists of those whom a draft is about open to the visitor elsewhere too.
fn opens_lists(call: &Call) -> Result<bool, Error> {
    let visitor = call.visitor()?;
    Ok([Capability::Plans, Capability::Staff]
        .into_iter()
        .any(|of| visitor.may(of)))
}

async fn page(
    call: &Call,
    procedure: Option<String>,
    unit: Option<String>,
    done: Option<String>,
    problem: Option<String>,
) -> Result<Answer, Error> {
    let ask = ask(call, procedure.clone().unwrap_or_default(), unit.clone())?;
    let with_service = role(call)? == Some(Role::MunicipalMethodist);
    let opens_lists = opens_lists(call)?;
    let found = call
        .app()
        .db
        .read(move |c: &mut AnyConn| read(c, &ask, opens_lists))
        .await?;
    if let Some((_, _, report)) = &found.report {
        let chosen = unit.as_ref().map_or_else(String::new, |unit| format!("unit={unit}"));
        let of_plans = found.plans.iter().map(|line| line.person);
        let named: Vec<PersonId> = found.named.iter().copied().chain(of_plans).collect();
        let all = match opens_lists {
            true => report.existing.len() + report.drafted,
            false => report.existing.len(),
        };
        looked::telling(call, "drafting", &chosen, &named, all, &named).await?;
    }
    let preview = found.report.as_ref().map(|of| {
        let (procedure, unit) = (
            procedure.as_deref().unwrap_or_default(),
            unit.as_deref().unwrap_or_default(),
        );
        let looked = Looked {
            with_service,
            procedure,
            unit,
            expected: expected(&call.app().keys.audit, procedure, unit, &of.2),
        };
        preview(of, &found, looked)
    });
    let title = match &found.report {
        Some((name, ..)) => format!("Подготовка маршрутов: {name}"),
        None => "Подготовка маршрутов".to_owned(),
    };
    let wrong = problem.is_some();
    let nothing = found.procedures.is_empty();
    let mut filters = vec![Filter::select("procedure", "Диагностика", found.procedures)];
    // A school has no parts to choose from.
    if found.units.len() > 1 {
        filters.push(Filter::select("unit", "Территория", found.units));
    }
    let data = DraftPage {
        nothing,
        filters,
        // Rules say which step stands for which level: a school is told no level.
        rules: match found.origin {
            IomOrigin::School => quiet_in_words(&found.rules),
            _ => in_words(&found.rules),
        },
        version: match found.version {
            (n, true) => format!("Действуют правила региона, версия {n}. Они стоят вместо правил программы."),
            (0, _) => "Правила записываются вместе с первым маршрутом.".to_owned(),
            // A word of its own: the versions of a region begin at one, too.
            (n, _) => format!("Действуют правила программы, выпуск {n}."),
        },
        change: call
            .visitor()?
            .may(Capability::Approve)
            .then(|| Link::new("Изменить правила", "/rules")),
        preview,
        problem,
        done_text: match call.visitor()?.may(Capability::Supporters) {
            _ if call.query.get("done") == Some("none") => "",
            true => "Черновики ждут сопровождающих и отправки педагогам.",
            false => "Черновики ждут отправки педагогам.",
        },
        done,
        next: next(call, procedure.as_deref().unwrap_or_default())?,
        token: call.token(),
        empty: Empty::new(
            "Готовить пока не из чего",
            "Маршруты составляются по результатам диагностики: сначала их загружает оператор.",
        ),
    };
    let answer = Answer::page("desk/drafting", &data)?.title(title);
    Ok(if wrong { answer.status(422) } else { answer })
}

/// What is done with drafts next, by whoever may do it.
fn next(call: &Call, procedure: &str) -> Result<Vec<Link>, Error> {
    let visitor = call.visitor()?;
    let drafts = address("/plans", [("state", "draft"), ("procedure", procedure)]);
    let steps = [
        (
            Capability::Supporters,
            Link::new("Назначить сопровождающих", "/supporters"),
        ),
        (Capability::Plans, Link::new("Открыть черновики", drafts)),
        (
            Capability::Composed,
            Link::new("Открыть черновики", "/composed?state=draft"),
        ),
    ];
    let may = steps.into_iter().filter(|(capability, _)| visitor.may(*capability));
    Ok(may.map(|(_, link)| link).collect())
}

/// Rules as people read them, with the days when nobody learns.
pub(super) fn in_words(rules: &Rules) -> Vec<Fact> {
    rules
        .rule
        .iter()
        .map(rule_in_words)
        .chain(quiet_in_words(rules))
        .collect()
}

/// The days when nobody learns.
fn quiet_in_words(rules: &Rules) -> Vec<Fact> {
    let days = rules.quiet.iter().map(|quiet| {
        let [from, to] = quiet::ends(quiet);
        Fact {
            name: "Когда не учатся".to_owned(),
            value: format!("{}: с\u{A0}{from} по\u{A0}{to}", quiet.why),
            change: None,
        }
    });
    days.collect()
}

fn rule_in_words(rule: &Rule) -> Fact {
    let what = match (&rule.activity, &rule.programme) {
        (Some(activity), _) => format!(
            "{} ({}\u{A0}ч)",
            activity.title.replace("{competence}", "компетенция"),
            activity.hours
        ),
        (None, Some(rules::Choice::Topic { topic })) => format!("курс из каталога на тему «{}»", topic.label()),
        (None, _) => "курс из каталога по этой компетенции".to_owned(),
    };
    let must = if rule.mandatory { ", обязательно" } else { "" };
    Fact {
        name: capital(&rule.why),
        value: format!("{what}{must}"),
        change: None,
    }
}

/// What a preview showed, as a form may carry it: the same numbers give the same text, and the text gives no number.
fn expected(key: &[u8], procedure: &str, unit: &str, report: &Report) -> String {
    let shown = (procedure, unit, report.drafted, report.items);
    audit::keyed(key, format!("{shown:?}").as_bytes())
}

fn read(c: &mut AnyConn, ask: &Ask, opens_lists: bool) -> Result<Read, Error> {
    let region = ask.within.region.ok_or_else(missing)?;
    let bounds = Bounds::of(c, region, &ask.within.scope, ask.on)?;
    let mut held = rows::held(c, &bounds, ask.on)?;
    held.retain(|h| h.procedure.kind != DiagnosisKind::SelfAssessment);
    let tree = units::store::tree(c, ask.on, None)?;
    let of_a_part = match &ask.unit {
        Some(code) => !is_whole(&ask.within, &tree, ask.within.unit(&tree, code).ok_or_else(missing)?),
        None => false,
    };
    let rules = rules::InForce::load(c)?.of(region).clone();
    let own = rules::versions(c, region)?.first().map(|set| set.version);
    let of_program: Option<i32> = rule_set::table
        .filter(rule_set::region_id.is_null())
        .select(diesel::dsl::max(rule_set::version))
        .first(c)?;
    let report = if ask.procedure.is_empty() {
        None
    } else {
        let own = held.iter().find(|h| h.procedure.code == ask.procedure);
        let of = &own.ok_or_else(missing)?.procedure;
        let composed = rights::composed_after(ask.origin, of.kind, of.level);
        Some((of.name.clone(), composed, drafting::dry_run(c, ask)?))
    };
    let choice = |h: &rows::Held| Choice::new(&h.procedure.code, h.procedure.name.clone(), &ask.procedure);
    let mut read = Read {
        procedures: held.iter().map(choice).collect(),
        units: std::iter::once((String::new(), "все".to_owned()))
            .chain(list::units(&tree, &ask.within, ask.unit.as_deref()))
            .map(|(code, name)| Choice::new(&code, name, ask.unit.as_deref().unwrap_or_default()))
            .collect(),
        version: own.map_or((of_program.unwrap_or(0), false), |version| (version, true)),
        rules,
        names: HashMap::new(),
        named: Vec::new(),
        plans: Vec::new(),
        competences: HashMap::new(),
        report,
        origin: ask.origin,
        opens_lists,
        of_a_part,
    };
    if let Some((_, _, report)) = &read.report {
        if opens_lists {
            (read.names, read.named) = names(c, region, report, ask.origin)?;
            read.plans = drafted::first(c, region, report, ask.on)?;
        }
        let all: Vec<(String, String)> = competence::table.select((competence::code, competence::name)).load(c)?;
        read.competences = all.into_iter().collect();
    }
    Ok(read)
}

/// Whether a unit holds every organisation that is seen: its figures are those of the whole, and it has no neighbours.
fn is_whole(within: &Within, tree: &Tree, unit: &Unit) -> bool {
    let inside: HashSet<UnitId> = tree.subtree(unit.id).into_iter().collect();
    let seen = within.organisations();
    seen.is_some_and(|seen| seen.is_subset(&inside)) && !planted!("own_town_is_a_part")
}

/// Those who have a plan already, as far as they are named: first whose plan another one composed, or to whose something could
/// be added.
fn named(report: &Report, origin: IomOrigin) -> impl Iterator<Item = &Existing> {
    let of_school = |of: IomOrigin| of == IomOrigin::School;
    let first = move |e: &&Existing| of_school(e.origin) != of_school(origin) || !e.add.is_empty();
    let rest = report.existing.iter().filter(move |e| !first(e));
    report.existing.iter().filter(first).chain(rest).take(SHOWN)
}

/// Names of the people whom the lists of the preview show, by СНИЛС.
fn names(
    c: &mut AnyConn,
    region: UnitId,
    report: &Report,
    origin: IomOrigin,
) -> Result<(HashMap<String, String>, Vec<PersonId>), DbError> {
    let wanted: Vec<&String> = named(report, origin).map(|e| &e.snils).collect();
    type Row = (PersonId, Option<String>, (String, String, Option<String>));
    let rows: Vec<Row> = person::table
        .filter(person::region_id.eq(region))
        .filter(person::snils.eq_any(wanted))
        .order(person::id)
        .select((
            person::id,
            person::snils,
            (person::last_name, person::first_name, person::patronymic),
        ))
        .load(c)?;
    let named = rows.iter().map(|(id, ..)| *id).collect();
    let names = rows.into_iter().filter_map(|(_, snils, (last, first, patronymic))| {
        Some((snils?, short_name(&last, &first, patronymic.as_deref())))
    });
    Ok((names.collect(), named))
}

/// How many took part, and of them: who gets a plan, who has no deficits, who has a plan already – as they may be told. The
/// three stand beside each other in the whole, so that what is small is not found by subtraction.
fn told(report: &Report, opens_lists: bool) -> [Told; 4] {
    let parts = [
        report.drafted,
        report.no_deficits,
        report.existing.len() + report.answered,
    ]
    .map(whole);
    let all = whole(report.persons);
    if opens_lists {
        let [drafted, without, with] = parts.map(Told::Number);
        return [Told::Number(all), drafted, without, with];
    }
    // Of a few people nothing is told, not even that nobody of them has deficits.
    if !small_cells::row(&[all]).iter().all(|told| told.is_number()) {
        return [Told::Few; 4];
    }
    let (rows, total) = small_cells::rows(&parts.map(|n| vec![n]), &[all]);
    let of = |rows: &[Told]| rows.first().copied().unwrap_or(Told::Hidden);
    let part = |n: usize| rows.get(n).map_or(Told::Hidden, |row| of(row));
    [of(&total), part(0), part(1), part(2)]
}

/// The figures as they may be told.
fn figures(report: &Report, told: [Told; 4]) -> Vec<Figure> {
    let [all, drafted, without, with] = told;
    let steps = if drafted.is_number() {
        Told::Number(whole(report.items))
    } else {
        Told::Hidden
    };
    [
        (all, "прошли диагностику"),
        (drafted, "получат маршрут"),
        (steps, "шагов в маршрутах"),
        (without, "без дефицитов"),
        (
            with,
            match report.answered {
                0 => "уже с маршрутом",
                _ => "маршрут есть или уже закрыт",
            },
        ),
    ]
    .map(|(told, label)| Figure {
        shown: told.shown(),
        label: label.to_owned(),
        href: None,
        note: None,
    })
    .into()
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Who has a plan already, with what could be added to it.
fn existing(report: &Report, found: &Read) -> Option<Register> {
    let row = |e: &Existing| {
        vec![
            Cell::text(found.names.get(&e.snils).cloned().unwrap_or_default()),
            Cell::text(e.plan.clone()),
            Cell::text(capital(e.origin.label())),
            Cell::text(match e.add.is_empty() {
                true => NOTHING.to_owned(),
                false => e.add.join("; "),
            }),
        ]
    };
    let rows: Vec<Vec<Cell>> = named(report, found.origin).map(row).collect();
    (found.opens_lists && !rows.is_empty()).then(|| {
        let columns = [
            Column::words("Педагог"),
            Column::words("Маршрут"),
            Column::words("Кто составил"),
            Column::words("Что можно добавить"),
        ];
        Register::new("Уже с маршрутом", &columns, rows)
    })
}

/// Deficits that no course fits, by competence.
fn unmatched(report: &Report, found: &Read) -> Option<Register> {
    let mut by_competence: BTreeMap<&str, usize> = BTreeMap::new();
    for unmatched in &report.unmatched {
        *by_competence.entry(&unmatched.competence).or_default() += 1;
    }
    let told = |n: i64| match small_cells::row(&[n]).first() {
        Some(told) if !found.opens_lists => told.shown(),
        _ => number(n),
    };
    let rows: Vec<Vec<Cell>> = by_competence
        .into_iter()
        .map(|(code, n)| {
            let name = found.competences.get(code).map_or(code, String::as_str);
            vec![Cell::text(name), Cell::text(told(whole(n)))]
        })
        .collect();
    (!rows.is_empty()).then(|| {
        let columns = [Column::words("Компетенция"), Column::figures("Дефицитов")];
        Register::new("Дефициты без шагов", &columns, rows)
    })
}

fn preview((name, composed, report): &(String, IomOrigin, Report), found: &Read, looked: Looked<'_>) -> Preview {
    let of_a_part = !found.opens_lists && found.of_a_part;
    let told = told(report, found.opens_lists);
    let button = match told[1] {
        Told::Number(n) if !of_a_part => {
            (n > 0).then(|| format!("Создать {}", count(n, "маршрут", "маршрута", "маршрутов")))
        }
        _ => Some("Создать маршруты".to_owned()),
    };
    let lead = if found.opens_lists {
        let unmatched = count(whole(report.unmatched.len()), "дефицит", "дефицита", "дефицитов");
        format!("В каталоге нет подходящего курса: {unmatched}. Они")
    } else {
        "В каталоге нет подходящего курса. Такие дефициты".to_owned()
    };
    let (plans, more_plans) = drafted::register(&found.plans, report);
    Preview {
        plans,
        more_plans,
        difference: match found.opens_lists {
            true => drafted::difference(report),
            false => Vec::new(),
        },
        heading: name.to_owned(),
        composed: capital(composed.label()),
        with_service: looked.with_service,
        figures: if of_a_part { Vec::new() } else { figures(report, told) },
        procedure: looked.procedure.to_owned(),
        unit: looked.unit.to_owned(),
        expected: looked.expected,
        button,
        note: of_a_part.then_some(OF_A_PART),
        existing: existing(report, found),
        more_existing: (report.existing.len() > SHOWN).then(|| {
            let all = number(whole(report.existing.len()));
            format!("Показаны первые {SHOWN} из {all}.")
        }),
        unmatched_lead: format!("{lead} останутся целями без шагов, ничего не пропадёт."),
        unmatched: if of_a_part { None } else { unmatched(report, found) },
    }
}

/// POST /drafting: makes exactly what the preview showed, or shows what has changed since.
pub fn draft(call: Call) -> Answering {
    Box::pin(async move {
        let fields = call.form.only(&["procedure", "unit", "expected"])?;
        let given = |name| fields.get(name).filter(|v| !v.is_empty()).map(str::to_owned);
        let procedure = given("procedure").ok_or_else(missing)?;
        let unit = given("unit");
        let seen = given("expected");
        let opens_lists = opens_lists(&call)?;
        let ask = ask(&call, procedure.clone(), unit.clone())?;
        let key = call.app().keys.audit.clone();
        let over = unit.clone().unwrap_or_default();
        let ran = call
            .app()
            .db
            .write(move |tx| {
                let region = ask.within.region.ok_or_else(missing)?;
                let bounds = Bounds::of(tx.conn(), region, &ask.within.scope, ask.on)?;
                rows::by_code(tx.conn(), &bounds, &ask.procedure, ask.on)?.ok_or_else(missing)?;
                let report = drafting::run(tx, &key, &ask)?;
                if Some(expected(&key, &ask.procedure, &over, &report)) == seen {
                    Ok(report)
                } else {
                    Err(Error::Refused(Refusal::new("desk.changed")))
                }
            })
            .await;
        match ran {
            Ok(report) => {
                let (drafted, items) = (report.drafted.to_string(), report.items.to_string());
                let done = match report.drafted {
                    0 => vec![("done", "none")],
                    _ if opens_lists => vec![("drafted", drafted.as_str()), ("items", &items)],
                    _ => vec![("done", "yes")],
                };
                let over = unit.as_deref().map(|unit| ("unit", unit));
                let asked = std::iter::once(("procedure", procedure.as_str()))
                    .chain(over)
                    .chain(done);
                Ok(Answer::redirect(address("/drafting", asked)))
            }
            Err(Error::Refused(why)) => {
                let said = capital(&why.to_string());
                page(&call, Some(procedure), unit, None, Some(said)).await
            }
            Err(other) => Err(other),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_part_is_not_found_by_taking_the_others_from_the_whole() {
        let of = |drafted: usize, no_deficits: usize, answered: usize| Report {
            persons: drafted + no_deficits + answered,
            drafted,
            no_deficits,
            answered,
            ..Report::default()
        };
        // Two without deficits: were the other two parts told, 84 − 20 − 62 would say so.
        assert_eq!(
            told(&of(20, 2, 62), false),
            [Told::Number(84), Told::Hidden, Told::Few, Told::Number(62)]
        );
        assert_eq!(told(&of(2, 0, 1), false), [Told::Few; 4]);
        let open = [84, 20, 2, 62].map(Told::Number);
        assert_eq!(told(&of(20, 2, 62), true), open);
        assert!(
            figures(&of(20, 2, 62), told(&of(20, 2, 62), false))
                .iter()
                .all(|f| f.shown != "20")
        );
    }
}

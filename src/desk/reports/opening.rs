//! Opening a campaign: which units would answer by which days, what each would have to type, and how many minutes that takes
//! together. What the platform knows already is asked for only with a reason.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::cycle::campaign::{self, Days, Field, Opening};
use crate::cycle::regulation::Regulation;
use crate::cycle::report_form::{self, Ground, Sources};
use crate::db::{AnyConn, Tx};
use crate::desk::cycle::named;
use crate::desk::once::once;
use crate::desk::registers::page::{Block, Check, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::desk::reports::words;
use crate::error::Error;
use crate::facts;
use crate::indicators::pack_campaigns::{FieldKind, PackCampaign};
use crate::indicators::{Pack, load, measures};
use crate::pages::parts::{Cell, Choice, Column, Filter, Filters, Link, Register};
use crate::pages::text::{capital, count, date, number};
use crate::units::{Period, UnitId};
use crate::web::registry::Answering;
use crate::web::{Answer, Call, Visitor, token};

/// What the page of an opening shows.
struct Shown {
    pack: std::sync::Arc<Pack>,
    of: PackCampaign,
    period: String,
    periods: Vec<String>,
    usual: Option<Days>,
    units: Vec<UnitId>,
    fields: Vec<Field>,
    ground: Ground,
    sources: Sources,
    acts: Vec<Regulation>,
}

fn load(
    c: &mut AnyConn,
    visitor: &Visitor,
    (pack, code, period): (&str, &str, Option<&str>),
    today: NaiveDate,
) -> Result<Shown, Error> {
    let held = Held::of(c, visitor, today)?;
    let pack = load::in_force(c, pack)?.ok_or_else(missing)?;
    let of = pack.campaign(code).cloned().ok_or_else(missing)?;
    let mut periods = pack.years.clone();
    periods.extend(Period::of_day(pack.basis.kind, today).filter(|now| !pack.years.contains(now)));
    // The year that has begun last.
    let begun = |code: &&String| Period::parse(code).is_some_and(|p| p.starts_on <= today);
    let latest = periods
        .iter()
        .filter(begun)
        .max_by_key(|code| Period::parse(code).map(|p| p.starts_on));
    let period = match period {
        Some(code) => periods.iter().find(|known| *known == code).ok_or_else(missing)?,
        None => latest.or_else(|| periods.first()).ok_or_else(missing)?,
    };
    let period = period.clone();
    let units: Vec<UnitId> = campaign::asked(&of, &held.tree, held.region)
        .iter()
        .map(|u| u.id)
        .collect();
    let fields: Vec<Field> = of.fields.iter().map(Field::from).collect();
    let ground = Ground {
        period: facts::store::period(c, &pack.basis.key(), &period)?,
        jump_percent: of.jump_percent,
        pack: pack.clone(),
    };
    let place = (of.level, held.region);
    let sources = report_form::sources(c, (&ground, &period), &fields, place, &units)?;
    let read = Period::parse(&period);
    Ok(Shown {
        acts: named::acts(c, held.region)?,
        usual: read.and_then(|period| campaign::usual(&of, &period)),
        pack,
        of,
        period,
        periods,
        units,
        fields,
        ground,
        sources,
    })
}

async fn find(call: &Call, pack: &str, code: &str, period: Option<String>) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let (pack, code) = (pack.to_owned(), code.to_owned());
    let read = move |c: &mut AnyConn| load(c, &visitor, (&pack, &code, period.as_deref()), today);
    call.app().db.read(read).await
}

/// GET /campaigns/new
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["pack", "campaign", "period"])?;
        let given = |name: &str| query.get(name).filter(|v| !v.is_empty());
        let (pack, code) = given("pack").zip(given("campaign")).ok_or_else(missing)?;
        let shown = find(&call, pack, code, given("period").map(str::to_owned)).await?;
        page(&call, &shown, &[])
    })
}

/// How a field is called.
fn title(shown: &Shown, field: &Field) -> String {
    match field.kind {
        FieldKind::Indicator => {
            let of = shown.pack.indicator(&field.code);
            of.map_or_else(|| field.code.clone(), |of| format!("{} {}", of.code, of.title))
        }
        FieldKind::Measure => measures::of_units(&field.code).map_or_else(|| field.code.clone(), |m| m.title.clone()),
    }
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// What units would have to type, field by field, and the minutes together; with what is asked for anew.
fn burden(shown: &Shown, anew: &BTreeSet<String>) -> (Register, i64) {
    let columns = [
        Column::words("Поле"),
        Column::figures("Единиц знают"),
        Column::figures("Единиц заполняют"),
        Column::figures("Минут на одну"),
        Column::figures("Минут всего"),
    ];
    let mut sum = 0;
    let row = |field: &Field| {
        let asked = Field {
            anew: anew.contains(&field.code).then(String::new),
            ..field.clone()
        };
        let typed = whole(shown.sources.typed_by(&shown.pack, &asked, &shown.units));
        let minutes = typed.saturating_mul(field.minutes);
        sum += minutes;
        let known = shown.sources.known_of(field, &shown.units);
        vec![
            Cell::text(title(shown, field)),
            Cell::text(number(whole(known))),
            Cell::text(number(typed)),
            Cell::text(number(field.minutes)),
            Cell::text(number(minutes)),
        ]
    };
    let rows: Vec<Vec<Cell>> = shown.fields.iter().map(row).collect();
    (Register::new("Сколько времени это займёт", &columns, rows), sum)
}

fn page(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Result<Answer, Error> {
    let sent = Sent(&call.form);
    let again = !wrong.is_empty();
    let anew: BTreeSet<String> = call.form.all("anew").map(str::to_owned).collect();
    let (register, minutes) = burden(shown, &anew);
    let day = |of: fn(&Days) -> NaiveDate| shown.usual.as_ref().map_or_else(String::new, |days| date(of(days)));
    let values = |name: &str| match name {
        _ if again => sent.text(name),
        "opens" => day(|d| d.opens),
        "due" => day(|d| d.due),
        "locks" => day(|d| d.locks),
        _ => String::new(),
    };
    let fill = Fill { values: &values, wrong };
    // What some unit already has an answer for can be asked for again only with a reason.
    let known = shown
        .fields
        .iter()
        .filter(|f| shown.sources.known_of(f, &shown.units) > 0);
    let checks: Vec<Check> = known
        .map(|field| Check {
            value: field.code.clone(),
            label: title(shown, field),
            meta: format!(
                "знаем о {} из {}",
                number(whole(shown.sources.known_of(field, &shown.units))),
                number(whole(shown.units.len()))
            ),
            checked: anew.contains(&field.code),
        })
        .collect();
    let mut parts = vec![
        fill.line("opens", "Первый день", None),
        fill.line("due", "Срок сдачи", Some("последний день, когда отчёт сдан в срок")),
        fill.line(
            "locks",
            "Приём закрывается",
            Some("позже отчёт исправят только после продления"),
        ),
        fill.choice(
            "act",
            "Каким актом утверждена форма",
            Some("не выбран"),
            named::choices(&shown.acts),
        ),
    ];
    if !checks.is_empty() {
        parts.push(fill.checks("Спросить заново, хотя платформа это знает", "anew", checks));
        parts.push(fill.long(
            "reason",
            "Зачем спрашивать заново",
            Some("причина останется в кампании и в журнале"),
        ));
    }
    let periods = shown
        .periods
        .iter()
        .map(|p| Choice::new(p, p.clone(), &shown.period))
        .collect();
    let hidden = |name: &'static str, value: &str| Filter::select(name, "", vec![Choice::new(value, value, value)]);
    let mut filters = vec![Filter::select("period", "Период", periods)];
    let labels = [
        ("pack", "Методика", &shown.pack.code),
        ("campaign", "Кампания", &shown.of.code),
    ];
    filters.extend(labels.map(|(name, label, value)| Filter {
        label,
        ..hidden(name, value)
    }));
    let units = count(whole(shown.units.len()), "единица", "единицы", "единиц");
    let opened = if shown.ground.period.is_some() {
        String::new()
    } else {
        " Факты за этот период ещё не считаются: с открытием кампании начнут, и рассчитанное появится в формах."
            .to_owned()
    };
    let sheet = Sheet {
        crumbs: vec![Link::new("Кампании", "/campaigns")],
        heading: shown.of.title.clone(),
        lead: format!("{} · {}", shown.pack.title, shown.period),
        problems: problems(wrong),
        facts: vec![
            fact("Кто отчитывается", format!("{}: {units}", shown.of.level.label())),
            fact("Порядок заполнения", shown.of.guide.clone()),
            fact(
                "Порядок обработки",
                words::processing(shown.of.tolerance_milli, Some(shown.of.jump_percent)),
            ),
            fact(
                "Нагрузка",
                format!("{} на всех", count(minutes, "минута", "минуты", "минут")),
            ),
        ],
        filters: Some(Filters {
            action: "/campaigns/new".into(),
            filters,
            chosen: Vec::new(),
            found: String::new(),
            unread: Vec::new(),
            file: None,
            beside: Vec::new(),
        }),
        blocks: vec![
            Block {
                title: "Сколько времени это займёт".into(),
                text: Some(format!(
                    "Поле, которое платформа рассчитывает или знает, единица только сверяет: на него времени не кладут.{opened}"
                )),
                register: Some(register),
                ..Block::default()
            },
            Block {
                title: "Открыть кампанию".into(),
                forms: vec![Form {
                    action: crate::web::address::address(
                        "/campaigns/new",
                        [
                            ("pack", shown.pack.code.as_str()),
                            ("campaign", shown.of.code.as_str()),
                            ("period", shown.period.as_str()),
                        ],
                    ),
                    key: token::random_name()?,
                    parts,
                    button: "Открыть".into(),
                    ..Form::default()
                }],
                ..Block::default()
            },
        ],
        token: call.token(),
        ..Sheet::default()
    };
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if again {
        answer.status(422).title(format!("Ошибка: {}", shown.of.title))
    } else {
        answer.title(format!("Открыть: {}", shown.of.title))
    })
}

/// POST /campaigns/new
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["pack", "campaign", "period"])?;
        let given = |name: &str| query.get(name).map(str::to_owned).ok_or_else(missing);
        let (pack, code, period) = (given("pack")?, given("campaign")?, given("period")?);
        call.form
            .only_many(&["key", "opens", "due", "locks", "act", "reason"], &["anew"])?;
        let shown = find(&call, &pack, &code, Some(period.clone())).await?;
        let sent = Sent(&call.form);
        let mut wrong: Vec<Wrong> = Vec::new();
        let days = ["opens", "due", "locks"].map(|name| sent.day(name, &mut wrong));
        let [Some(opens), Some(due), Some(locks)] = days else {
            return page(&call, &shown, &wrong);
        };
        let known: BTreeSet<&str> = shown.fields.iter().map(|f| f.code.as_str()).collect();
        let anew: BTreeSet<String> = call.form.all("anew").map(str::to_owned).collect();
        if anew.iter().any(|code| !known.contains(code.as_str())) {
            return Err(missing());
        }
        let said = Opening {
            pack,
            template: code,
            period,
            days: Days { opens, due, locks },
            anew,
            reason: sent.text("reason"),
            regulation: named::chosen(&sent, "act")?,
        };
        if let Some((field, refusal)) = said.refused(call.app().clock.today()) {
            return page(&call, &shown, &[(field, capital(&format!("{refusal}.")))]);
        }
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| Ok(campaign::open(tx, &by, &said)?.to_string());
        match once(&call, write).await {
            Ok(id) => Ok(Answer::redirect(format!("/campaigns/{id}?done=opened"))),
            Err(Error::Refused(why)) => page(&call, &shown, &[("opens", capital(&format!("{why}.")))]),
            Err(e) => Err(e),
        }
    })
}

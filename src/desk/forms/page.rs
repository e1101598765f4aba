//! «Сведения» of an organisation or a municipality: fields that the packs in force ask for, each with its definition,
//! value, link, where it came from and what stood there before. Zero, no value and not submitted are three things.

use serde::Serialize;

use crate::db::milli::Milli;
use crate::db::{AnyConn, Tx};
use crate::desk::forms::rows::{self, Found, called};
use crate::desk::forms::words::{formless, history, other_kind, shown, told, whence};
use crate::desk::once::{is_other, once};
use crate::desk::registers::page::{Sent, Wrong, problems};
use crate::desk::registers::reach::missing;
use crate::error::Error;
use crate::indicators::form::{self, Enterer, Known, Said};
use crate::indicators::jump;
use crate::indicators::measures::{Measure, MeasureUnit};
use crate::pages::parts::{Chip, Choice, Empty, Filter, Filters, Problem, Register, Tone};
use crate::pages::text::count;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, address, token};

/// A field of the form.
#[derive(Serialize)]
struct Item {
    code: String,
    title: String,
    definition: String,
    /// In what it is measured.
    measured: String,
    value: String,
    /// «да или нет» is chosen from a list.
    choices: Vec<Choice>,
    link: String,
    problem: Option<String>,
    /// That the value lies far from last year's.
    warning: Option<String>,
    /// Where the value comes from, in words; empty while nothing is submitted.
    from: String,
    state: Chip,
    /// The value whose link can be marked as checked here.
    check: Option<String>,
    history: Option<Register>,
}

#[derive(Serialize, Default)]
struct Page {
    heading: String,
    lead: String,
    done: Option<String>,
    problems: Vec<Problem>,
    filters: Option<Filters>,
    links: Option<&'static str>,
    items: Vec<Item>,
    unit: String,
    period: String,
    seen: String,
    key: String,
    empty: Option<Empty>,
    /// What was said for a period that has no form.
    told: Option<Register>,
    token: String,
}

/// Names of the fields of a measure.
fn link_of(code: &str) -> String {
    format!("{code}.link")
}

/// GET /forms
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["unit", "period", "done"])?;
        let done = match query.get("done") {
            Some("checked") => Some("Проверка ссылки отмечена".to_owned()),
            Some("0") => Some("Ничего не изменилось".to_owned()),
            Some(many) => many
                .parse::<i64>()
                .ok()
                .map(|n| format!("Записано: {}", count(n, "сведение", "сведения", "сведений"))),
            None => None,
        };
        let given = |name: &str| query.get(name).filter(|v| !v.is_empty()).map(str::to_owned);
        let asked = (given("unit"), given("period"));
        page(&call, asked, None, &[], 200, done).await
    })
}

async fn page(
    call: &Call,
    asked: (Option<String>, Option<String>),
    typed: Option<&Sent<'_>>,
    wrong: &[Wrong],
    status: u16,
    done: Option<String>,
) -> Result<Answer, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let read = move |c: &mut AnyConn| rows::find(c, &visitor, (asked.0.as_deref(), asked.1.as_deref()), today);
    let (held, unit, found) = call.app().db.read(read).await?;
    let checks = call.visitor()?.may(Capability::FormsCheck);
    let mut page = Page {
        heading: called(unit.kind).into(),
        lead: unit.name.clone(),
        done,
        problems: problems(wrong),
        links: checks.then_some("/forms/links"),
        unit: unit.code.clone(),
        key: token::random_name()?,
        token: call.token(),
        ..Page::default()
    };
    let units = held
        .choices()
        .into_iter()
        .map(|(code, name)| Choice::new(&code, name, &unit.code));
    let mut filters = vec![Filter::select("unit", "Единица", units.collect())];
    match &found {
        None => {
            page.empty = Some(Empty::new(
                "Сведений пока не просят",
                "Действующие методики не спрашивают эту единицу ни о чём. Выберите другую единицу.",
            ));
        }
        Some(found) => {
            let periods = found.periods.iter().map(|p| Choice::new(p, p.clone(), &found.period));
            filters.push(Filter::select("period", "Период", periods.collect()));
            page.lead = format!("{} · {}", unit.name, found.period);
            page.period.clone_from(&found.period);
            page.seen = form::version(&found.known);
            if found.asked.is_empty() {
                page.empty = Some(match &found.meant {
                    Some(meant) => other_kind(&unit.code, &found.period, meant),
                    None => formless(&found.period, call.visitor()?.may(Capability::Packs)),
                });
                page.told = told(call, found);
            }
            page.items = found
                .asked
                .iter()
                .map(|m| item(call, found, m, typed, wrong, checks))
                .collect();
        }
    }
    page.filters = Some(Filters {
        action: "/forms".into(),
        filters,
        chosen: Vec::new(),
        found: "0 — ноль, «–» — значения нет, пусто — не представлено.".into(),
        unread: Vec::new(),
        file: None,
        beside: Vec::new(),
    });
    let title = format!("{}: {}", page.heading, unit.name);
    let answer = Answer::page("desk/forms", &page)?;
    Ok(match status {
        200 => answer.title(title),
        status => answer.status(status).title(format!("Ошибка: {title}")),
    })
}

fn item(call: &Call, found: &Found, of: &Measure, typed: Option<&Sent<'_>>, wrong: &[Wrong], checks: bool) -> Item {
    let own: Vec<&Known> = found.known.iter().filter(|k| k.measure == of.code).collect();
    let stands = own
        .iter()
        .find(|k| k.superseded_at.is_none() && k.source == of.source)
        .copied();
    let value = match typed {
        Some(sent) => sent.text(&of.code),
        None => stands.map_or_else(String::new, |k| shown(of, k.value_milli)),
    };
    let link = match typed {
        Some(sent) => sent.text(&link_of(&of.code)),
        None => stands.and_then(|k| k.link.clone()).unwrap_or_default(),
    };
    let choices = match of.unit {
        Some(MeasureUnit::YesNo) => [
            ("", "не представлено"),
            ("да", "да"),
            ("нет", "нет"),
            ("–", "значения нет"),
        ]
        .map(|(code, label)| Choice::new(code, label, &value))
        .to_vec(),
        _ => Vec::new(),
    };
    let state = match stands {
        None => Chip::new(Tone::Wait, "не представлено"),
        Some(k) if k.value_milli.is_none() => Chip::new(Tone::Calm, "значения нет"),
        Some(k) if k.link.is_some() && k.checked_on.is_none() => Chip::new(Tone::Wait, "ссылка не проверена"),
        Some(_) => Chip::new(Tone::Done, "представлено"),
    };
    // Every source that has said something, each beside the field.
    let standing = own.iter().filter(|k| k.superseded_at.is_none());
    let from: Vec<String> = standing.map(|k| whence(call, found, of, k)).collect();
    let problem = wrong
        .iter()
        .find(|(field, _)| *field == of.code)
        .map(|(_, text)| text.clone());
    let warning = stands.and_then(|k| jumped(found, of, k));
    Item {
        warning,
        title: of.title.clone(),
        definition: of.definition.clone(),
        measured: of.unit.map_or_else(String::new, |u| u.label().to_owned()),
        value,
        choices,
        link,
        problem,
        from: from.join(" "),
        state,
        check: stands
            .filter(|k| checks && k.link.is_some() && k.checked_on.is_none())
            .map(|k| k.id.to_string()),
        history: history(call, found, of, &own),
        code: of.code.clone(),
    }
}

/// Whether a value lies far from last year's of the same unit, in words.
fn jumped(found: &Found, of: &Measure, stands: &Known) -> Option<String> {
    if matches!(of.unit, Some(MeasureUnit::YesNo | MeasureUnit::Text)) {
        return None;
    }
    let (before, now) = (*found.last.get(&of.code)?, stands.value_milli?);
    jump::jumps(before, now, jump::DEFAULT_PERCENT)
        .then(|| jump::said(&shown(of, Some(before)), &shown(of, Some(now)), jump::DEFAULT_PERCENT))
}

/// What was typed for a measure.
fn said(of: &'static Measure, sent: &Sent<'_>, wrong: &mut Vec<Wrong>) -> Said {
    let text = sent.text(&of.code);
    let value = match (of.unit, text.as_str()) {
        (_, "") => None,
        (_, "-" | "–" | "—") => Some(None),
        (Some(MeasureUnit::YesNo), "да") => Some(Some(1000)),
        (Some(MeasureUnit::YesNo), "нет") => Some(Some(0)),
        (Some(MeasureUnit::YesNo), _) => {
            wrong.push((&of.code, "Выберите «да» или «нет».".into()));
            None
        }
        (_, text) => match Milli::parse(text).filter(|m| m.0 >= 0) {
            Some(milli) => Some(Some(i64::from(milli.0))),
            None => {
                wrong.push((&of.code, "Напишите число не меньше нуля, например 12 или 7,5.".into()));
                None
            }
        },
    };
    let link = sent.some(&link_of(&of.code));
    if link
        .as_ref()
        .is_some_and(|l| !(l.starts_with("https://") || l.starts_with("http://")) || l.chars().count() > 500)
    {
        wrong.push((
            &of.code,
            "Адрес страницы начинается с https:// и не длиннее 500 знаков.".into(),
        ));
    }
    if value.is_none() && link.is_some() {
        wrong.push((
            &of.code,
            "Есть ссылка, а значения нет: внесите значение или сотрите ссылку.".into(),
        ));
    }
    Said {
        measure: of,
        value,
        link,
    }
}

/// POST /forms
pub fn save(call: Call) -> Answering {
    Box::pin(async move {
        let sent = Sent(&call.form);
        let asked = (sent.some("unit"), sent.some("period"));
        if asked.0.is_none() {
            return Err(missing());
        }
        let (visitor, today, own) = (call.visitor()?.clone(), call.app().clock.today(), asked.clone());
        let read = move |c: &mut AnyConn| rows::find(c, &visitor, (own.0.as_deref(), own.1.as_deref()), today);
        let (_, unit, found) = call.app().db.read(read).await?;
        let Some(found) = found.filter(|found| !found.asked.is_empty()) else {
            return page(&call, asked, None, &[], 422, None).await;
        };
        let links: Vec<String> = found.asked.iter().map(|m| link_of(&m.code)).collect();
        let mut names: Vec<&str> = vec!["unit", "period", "seen", "key"];
        names.extend(found.asked.iter().map(|m| m.code.as_str()));
        names.extend(links.iter().map(String::as_str));
        call.form.only(&names)?;
        let mut wrong: Vec<Wrong> = Vec::new();
        let all: Vec<Said> = found.asked.iter().map(|m| said(m, &sent, &mut wrong)).collect();
        let contradictions = form::contradictions(&all, &found.known).into_iter();
        wrong.extend(contradictions.map(|(of, refusal)| (of.code.as_str(), refusal.to_string())));
        if !wrong.is_empty() {
            return page(&call, asked, Some(&sent), &wrong, 422, None).await;
        }
        let by = enterer(&call)?;
        let (seen, period, code) = (sent.text("seen"), found.period.clone(), unit.code.clone());
        let write = move |tx: &mut Tx<'_>| Ok(form::save(tx, &by, (&unit, &period), &seen, all)?.to_string());
        match once(&call, write).await {
            Ok(many) => {
                let to = [("unit", code.as_str()), ("period", &found.period), ("done", &many)];
                Ok(Answer::redirect(address::address("/forms", to)))
            }
            Err(Error::Refused(why)) if is_other(&why) => {
                let text = "Эту форму уже отправили с другими значениями: сверьте и запишите снова.".to_owned();
                page(&call, asked, Some(&sent), &[("unit", text)], 422, None).await
            }
            Err(Error::Changed(what)) => {
                let text = format!("{what} Ваше не записано и стоит ниже: сверьте и запишите снова.");
                page(&call, asked, Some(&sent), &[("unit", text)], 409, None).await
            }
            Err(e) => Err(e),
        }
    })
}

/// Who enters.
pub(crate) fn enterer(call: &Call) -> Result<Enterer, Error> {
    let visitor = call.visitor()?;
    Ok(Enterer {
        account: visitor.account,
        on_behalf_of: visitor.on_behalf_of(),
        zone: call.zone(),
        key: call.app().keys.audit.clone(),
    })
}

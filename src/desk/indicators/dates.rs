//! «Две даты»: a figure of a day as it was known on another day, and as it is known today; who is in one and not in the
//! other.

use serde::Serialize;

use crate::desk::indicators::change::{
    Day, address_of, book, has_parts, kept, main_cause, of_change, parts, read, span, two_figures, typed,
};
use crate::desk::indicators::change_rows::{Between, Compared};
use crate::desk::indicators::figures::{crumbs, find_one, page_of, period_name};
use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::file;
use crate::indicators::{Cause, Indicator};
use crate::pages::parts::{Cell, Column, Figure, Hidden, Link, Problem, Register};
use crate::pages::text::date;
use crate::planted;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct DatesPage {
    heading: String,
    lead: String,
    crumbs: Vec<Link>,
    action: String,
    kept: Vec<Hidden>,
    days: Vec<Day>,
    problems: Vec<Problem>,
    sentence: String,
    figures: Vec<Figure>,
    register: Option<Register>,
    below: Option<Register>,
    /// Address of the tables as a workbook, where there are some.
    file: Option<String>,
}

/// GET /indicators/{pack}/{code}/dates
pub fn dates(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["period", "unit", "on", "known", "as"])?;
        let file = file::wanted(&call)?;
        let (found, indicator) = find_one(&call, true).await?;
        has_parts(&indicator)?;
        let mut problems = Vec::new();
        let (_, last) = span(&call, &found);
        let (on, on_text) = typed(&call, "on", last, &mut problems);
        let (known, known_text) = typed(&call, "known", on, &mut problems);
        let compared = if problems.is_empty() {
            Some(read(&call, &found, &indicator, Between::Knowledge(on, known), true).await?)
        } else {
            None
        };
        let days = [("on", on.to_string()), ("known", known.to_string())];
        let days: Vec<(&str, &str)> = days.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let open = |cause: Cause| {
            let more = [&days[..], &[("part", cause.code())]].concat();
            address_of(&found, &indicator, "/change/people", &found.unit.code, &more)
        };
        let mut crumbs = crumbs(&found, &indicator);
        let own = page_of(&found, &indicator, "", &found.unit.code, None);
        crumbs.push(Link::new(format!("{} {}", indicator.code, found.unit.name), own));
        let status = if problems.is_empty() { 200 } else { 422 };
        let lead = format!("{} · {} · {}", indicator.title, found.unit.name, period_name(&found));
        let register = compared.as_ref().and_then(|c| parts(&c.own, &open));
        let below = compared.as_ref().and_then(|c| below(&found, &indicator, c, &days));
        if file {
            let named = format!("{} две даты", indicator.code);
            let about = [
                lead,
                format!("на {}, по сведениям на {} и на сегодня", date(on), date(known)),
            ];
            return book(&call, &named, &about, &problems, &[register.as_ref(), below.as_ref()]);
        }
        let some = register.is_some() || below.is_some();
        let page = DatesPage {
            heading: format!("{}: что знали тогда и что знаем теперь", indicator.code),
            lead,
            crumbs,
            action: format!("/indicators/{}/{}/dates", found.pack.code, indicator.code),
            kept: kept(&found),
            days: vec![
                Day {
                    name: "on",
                    label: "Значение на день",
                    value: on_text,
                },
                Day {
                    name: "known",
                    label: "По сведениям на",
                    value: known_text,
                },
            ],
            problems,
            sentence: compared.as_ref().map_or_else(String::new, |c| {
                let parts: Vec<String> = of_change(&indicator).into_iter().chain([sentence(c)]).collect();
                parts.join(" ")
            }),
            figures: compared
                .as_ref()
                .map(|c| {
                    let then = format!("на {}, как было известно {}", date(on), date(known));
                    two_figures(&c.own, &then, &format!("на {}, как известно сегодня", date(on)))
                })
                .unwrap_or_default(),
            register,
            below,
            file: some.then(|| file::of(&address_of(&found, &indicator, "/dates", &found.unit.code, &days))),
        };
        let title = format!("Две даты: {} {}", indicator.code, indicator.title);
        Ok(Answer::page("desk/indicator_dates", &page)?.title(title).status(status))
    })
}

fn sentence(compared: &Compared) -> String {
    match main_cause(&compared.own) {
        Some(main) => {
            let (then, now) = compared.versions;
            let early = compared.before_first && !planted!("in_force_before_loading");
            let method = match (then == now, early) {
                (true, _) => String::new(),
                (false, true) => format!(
                    " Методика тогда ещё не была загружена: посчитано по её первой версии, {then}. Теперь действует версия {now}."
                ),
                (false, false) => format!(" Тогда действовала версия методики {then}, теперь {now}."),
            };
            format!("Сведения с тех пор изменились. Больше всего повлияло: {main}.{method}")
        }
        None if compared.below.is_empty() => {
            "С тех пор ничего не изменилось: тогда и теперь известно одно и то же.".into()
        }
        None => "Здесь значение то же, но ниже есть единицы, где сведения изменились.".into(),
    }
}

/// Units below that differ, with both values and what did the most.
fn below(found: &Found, indicator: &Indicator, compared: &Compared, days: &[(&str, &str)]) -> Option<Register> {
    if compared.below.is_empty() {
        return None;
    }
    let columns = [
        Column::words("Где"),
        Column::figures("Тогда"),
        Column::figures("Теперь"),
        Column::words("Почему"),
    ];
    let rows = compared.below.iter().filter_map(|of| {
        let value = found.below.iter().find(|v| v.unit == of.unit)?;
        let shown: Vec<String> = two_figures(of, "", "")
            .into_iter()
            .map(|f| match f.note {
                Some(note) => format!("{} ({note})", f.shown),
                None => f.shown,
            })
            .collect();
        let [then, now] = <[String; 2]>::try_from(shown).ok()?;
        // A unit where nothing stands any more has no page of its own.
        let stands = of.after.1.or(of.after.0).is_some_and(|n| n > 0);
        let name = value.unit_name.clone();
        Some(vec![
            if stands {
                Cell::link(name, address_of(found, indicator, "/dates", &value.unit_code, days))
            } else {
                Cell::text(name)
            },
            Cell::text(then),
            Cell::text(now),
            Cell::text(main_cause(of).unwrap_or_default()),
        ])
    });
    Some(Register::new("Где сведения изменились", &columns, rows.collect()))
}

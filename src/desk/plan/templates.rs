//! «Шаблоны маршрутов»: all of a region with how many plans follow them, and one with its steps and versions.

use std::collections::HashMap;

use serde::Serialize;

use crate::access;
use crate::db::AnyConn;
use crate::desk::bounds::{self, Bounds};
use crate::desk::plan::proposal::table;
use crate::desk::plan::proposals_rows;
use crate::desk::plan::template_edit::{self, at, region};
use crate::error::Error;
use crate::iom::correction::Row;
use crate::iom::proposal;
use crate::iom::template::{self, Step, Template};
use crate::iom::{ItemLevel, TemplateId};
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{NOTHING, count, date};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// Versions that a page shows; older ones are in the database.
const SHOWN: usize = 20;

#[derive(Serialize)]
struct ListPage {
    register: Option<Register>,
    empty: Empty,
    proposals: bool,
    /// Whether the visitor may make and change templates: they are the region's.
    may: bool,
}

/// Plans of each template, and those that have a proposal; and whether the role is over the whole region.
async fn counts(call: &Call) -> Result<(HashMap<TemplateId, (i64, i64)>, bool), Error> {
    let within = bounds::within(call)?;
    let (region, today) = (region(call)?, call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let bounds = Bounds::of(c, region, &within.scope, today)?;
        Ok((proposals_rows::counts(c, &bounds, today)?, bounds.is_whole()))
    };
    let (counts, whole) = call.app().db.read(read).await?;
    Ok((counts, whole && template_edit::was_given(call.visitor()?)))
}

/// A number of proposals that leads to their list.
fn proposals(code: &str, n: i64) -> Cell {
    if n == 0 {
        return Cell::text("нет");
    }
    Cell::link(n.to_string(), at("/proposals", code))
}

/// GET /iom-templates
pub fn list(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let region = region(&call)?;
        let all = call.app().db.read(move |c| template::all(c, region)).await?;
        let (counts, may) = counts(&call).await?;
        let mut rows = Vec::with_capacity(all.len());
        for of in &all {
            let (plans, waiting) = counts.get(&of.record_id).copied().unwrap_or_default();
            rows.push(vec![
                Cell::link(of.title.clone(), at("/iom-templates/one", &of.code)),
                Cell::text(of.code.clone()),
                Cell::text(of.version.to_string()),
                Cell::text(of.steps()?.len().to_string()),
                Cell::text(plans.to_string()),
                proposals(&of.code, waiting),
            ]);
        }
        let columns = [
            Column::words("Шаблон"),
            Column::words("Код"),
            Column::figures("Версия"),
            Column::figures("Шагов"),
            Column::figures("Открытых маршрутов"),
            Column::figures("Предложений"),
        ];
        let mut empty = Empty::new(
            "Шаблонов пока нет",
            "Шаблон – это шаги, которые повторяются у многих педагогов: составьте первый и предложите его маршрутам.",
        );
        empty.action = may.then(|| Link::new("Новый шаблон", "/iom-templates/edit"));
        let data = ListPage {
            proposals: counts.values().any(|(_, waiting)| *waiting > 0),
            may,
            register: (!rows.is_empty()).then(|| Register::new("Шаблоны маршрутов", &columns, rows)),
            empty,
        };
        Ok(Answer::page("desk/iom_templates", &data)?.title("Шаблоны маршрутов"))
    })
}

#[derive(Serialize)]
struct OnePage {
    crumbs: Vec<Link>,
    heading: String,
    lead: String,
    done: bool,
    /// Where it is changed, for whoever may.
    edit: Option<String>,
    proposals: Option<Link>,
    steps: Register,
    versions: Vec<Version>,
    more: bool,
}

#[derive(Serialize)]
struct Version {
    title: String,
    by: String,
    rows: Option<Register>,
    first: bool,
}

fn steps_table(steps: &[Step]) -> Register {
    let columns = [
        Column::words("Шаг"),
        Column::words("Вид"),
        Column::words("Уровень"),
        Column::figures("Часов"),
        Column::figures("Месяцев от начала"),
        Column::words("Обязательность"),
    ];
    let row = |step: &Step| {
        let title = match &step.programme {
            Some(code) => format!("{} ({code})", step.title),
            None => step.title.clone(),
        };
        let must = if step.mandatory {
            "обязательный"
        } else {
            "по желанию"
        };
        vec![
            Cell::text(title),
            Cell::text(step.education_form.label()),
            Cell::text(step.level.map_or(NOTHING, ItemLevel::label)),
            Cell::text(step.hours.to_string()),
            Cell::text(step.months.to_string()),
            Cell::text(must),
        ]
    };
    Register::new("Шаги шаблона", &columns, steps.iter().map(row).collect())
}

fn version(of: &Template, before: Option<&Template>, by: Option<&String>) -> Result<Version, Error> {
    let mut rows = match before {
        None => Vec::new(),
        Some(before) => proposal::between(&before.steps()?, &of.steps()?),
    };
    if let Some(before) = before.filter(|before| before.title != of.title) {
        rows.push(Row {
            part: "Название".into(),
            was: before.title.clone(),
            now: of.title.clone(),
        });
    }
    Ok(Version {
        title: format!("Версия {} от {}", of.version, date(of.recorded_at.date())),
        by: by.cloned().unwrap_or_else(|| NOTHING.to_owned()),
        rows: table(&format!("Версия {}", of.version), ["Было", "Стало"], &rows),
        first: of.version == 1,
    })
}

/// GET /iom-templates/one
pub fn one(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["template", "done"])?;
        let (code, done) = (
            query.get("template").unwrap_or_default().to_owned(),
            query.get("done").is_some(),
        );
        let region = region(&call)?;
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let newest = template::by_code(c, region, &code)?.ok_or_else(template::missing)?;
            let versions = template::versions(c, region, newest.record_id)?;
            let authors: Vec<i64> = versions.iter().filter_map(|v| v.account_id).map(|a| a.0).collect();
            Ok((newest, access::store::names(c, &authors)?, versions))
        };
        let (newest, names, versions) = call.app().db.read(read).await?;
        let (counts, may) = counts(&call).await?;
        let (plans, waiting) = counts.get(&newest.record_id).copied().unwrap_or_default();
        let mut shown = Vec::new();
        for (place, of) in versions.iter().take(SHOWN).enumerate() {
            let by = of.account_id.and_then(|account| names.get(&account.0));
            shown.push(version(of, versions.get(place + 1), by)?);
        }
        let data = OnePage {
            crumbs: vec![Link::new("Шаблоны маршрутов", "/iom-templates")],
            heading: newest.title.clone(),
            lead: format!(
                "Код {}, версия {}. {} по этому шаблону.",
                newest.code,
                newest.version,
                count(plans, "открытый маршрут", "открытых маршрута", "открытых маршрутов")
            ),
            done,
            edit: may.then(|| at("/iom-templates/edit", &newest.code)),
            proposals: (waiting > 0).then(|| {
                let text = count(waiting, "предложение ждёт", "предложения ждут", "предложений ждут");
                Link::new(format!("{text} решения"), at("/proposals", &newest.code))
            }),
            steps: steps_table(&newest.steps()?),
            versions: shown,
            more: versions.len() > SHOWN,
        };
        Ok(Answer::page("desk/iom_template", &data)?.title(newest.title))
    })
}

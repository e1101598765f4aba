//! «Участие педагогов»: records of what people did, found by kind, level, result, year and unit, and counted; withdrawing
//! wrong ones and bringing them back.

use std::collections::HashMap;

use crate::activity::by::reason;
use crate::activity::kinds;
use crate::activity::model::{Achieved, Activity, Family, Level, RecordId};
use crate::activity::record;
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, Tx};
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::plan::rows::Who;
use crate::desk::registers::activities_rows::{self, Found, Wanted};
use crate::desk::registers::events::{academic, level_choices, year_label};
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Check, Fill, Form, Sent, Sheet, Wrong, clash, days, problems};
use crate::desk::registers::reach::{Held, by, missing};
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Empty, Register};
use crate::pages::text::{NOTHING, capital, count, date};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

struct Shown {
    found: Found,
    who: HashMap<PersonId, Who>,
    choices: Vec<(String, String)>,
}

fn kind_choices() -> Vec<(String, String)> {
    let named = |k: &kinds::Kind| {
        (
            format!("{}/{}", k.family, k.code),
            format!("{}: {}", capital(k.family.label()), k.name),
        )
    };
    let families = Family::ALL
        .iter()
        .map(|f| (f.code().to_owned(), format!("{}: все", capital(f.label()))));
    families.chain(kinds::all().iter().map(named)).collect()
}

fn read_kind(code: &str) -> Option<(Family, Option<String>)> {
    match code.split_once('/') {
        None => Some((Family::from_code(code)?, None)),
        Some((family, kind)) => {
            let family = Family::from_code(family)?;
            kinds::of(family, kind).map(|k| (family, Some(k.code.clone())))
        }
    }
}

const NAMES: [&str; 7] = ["q", "kind", "level", "result", "year", "unit", "state"];

/// GET /activities
pub fn all(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?, &[]).await })
}

/// GET and POST /activities/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?.whole(), &[]).await })
}

async fn page(call: &Call, at: List, wrong: &[Wrong]) -> Result<Answer, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let kind = at.known("kind", read_kind)?;
    let level = at.known("level", Level::from_code)?;
    let result = at.known("result", Achieved::from_code)?;
    let year = at.known("year", |y| y.get(..4)?.parse::<i32>().ok().and_then(academic))?;
    let gone = at.known("state", |s| (s == "withdrawn").then_some(()))?.is_some();
    let wanted = Wanted {
        text: at.get("q").map(search_key),
        kind,
        level,
        result,
        days: year,
        organisations: None,
        withdrawn: gone,
    };
    let own = at.clone();
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let held = Held::of(c, &visitor, today)?;
        let unit = own.known("unit", |code| {
            held.own().into_iter().find(|u| u.code == code).map(|u| u.id)
        })?;
        let organisations: Option<Vec<UnitId>> = match unit {
            Some(unit) => Some(held.tree.organisations(unit)),
            None => held.bounds.organisations.clone(),
        };
        let wanted = Wanted {
            organisations,
            ..wanted
        };
        let span = |total: usize| (own.skipped(total), own.most());
        let found = activities_rows::find(c, held.region, &wanted, today, span)?;
        let named: Vec<PersonId> = found.rows.iter().map(|r| r.person_id).collect();
        Ok(Shown {
            who: held.who(c, &named)?,
            choices: held.choices(),
            found,
        })
    };
    let shown = call.app().db.read(read).await?;
    let named: Vec<PersonId> = shown.found.rows.iter().map(|r| r.person_id).collect();
    let mut sheet = sheet(call, &at, &shown, gone, wrong)?;
    if at.is_whole() {
        let of = ListFile::of_people(
            "activity",
            "Участие педагогов",
            at.codes(&["q"]),
            &named,
            Capability::Registers,
        );
        return file::people(call, &at, of, &sheet).await;
    }
    looked::list(call, "activity", &at.codes(&["q"]), &named, shown.found.total).await?;
    file::offer(&mut sheet, at.file());
    let answer = Answer::page("desk/register", &sheet)?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: участие педагогов")
    })
}

fn sheet(call: &Call, at: &List, shown: &Shown, gone: bool, wrong: &[Wrong]) -> Result<Sheet, Error> {
    let columns = [
        Column::words("Педагог"),
        Column::words("Вид"),
        Column::words("Название"),
        Column::words("Уровень"),
        Column::words("Дни"),
        Column::words("Роль или результат"),
    ];
    let name = |r: &Activity| {
        shown
            .who
            .get(&r.person_id)
            .map_or_else(String::new, |w| w.short.clone())
    };
    let said = |r: &Activity| {
        let parts = [r.role.map(|p| p.label()), r.result.map(|p| p.label())];
        let said: Vec<&str> = parts.into_iter().flatten().collect();
        if said.is_empty() {
            NOTHING.to_owned()
        } else {
            said.join(", ")
        }
    };
    let or_nothing = |text: &str| {
        if text.is_empty() {
            NOTHING.to_owned()
        } else {
            text.to_owned()
        }
    };
    let last = |r: &Activity| {
        if r.family.lasts() {
            r.ends_on
        } else {
            r.ends_on.or(Some(r.starts_on))
        }
    };
    let row = |r: &Activity| {
        vec![
            Cell::text(name(r)),
            Cell::text(kinds::name(r.family, &r.kind)),
            Cell::text(or_nothing(&r.title)),
            Cell::text(r.level.map_or(NOTHING, Level::label)),
            Cell::text(days(r.starts_on, last(r))),
            Cell::text(said(r)),
        ]
    };
    let rows: Vec<Vec<Cell>> = shown.found.rows.iter().map(row).collect();
    let own = |code: &str, label: &str| (code.to_owned(), label.to_owned());
    let mut filters = vec![
        at.search("q", "Фамилия или имя"),
        at.select("kind", "Вид", "любой", kind_choices())?,
        at.select("level", "Уровень", "любой", level_choices())?,
        at.select(
            "result",
            "Результат",
            "любой",
            Achieved::ALL.iter().map(|r| own(r.code(), r.label())),
        )?,
        at.select(
            "year",
            "Учебный год",
            "все",
            shown.found.years.iter().map(|y| (year_label(*y), year_label(*y))),
        )?,
    ];
    if shown.choices.len() > 1 || at.get("unit").is_some() {
        filters.push(at.select("unit", "Территория или организация", "все", shown.choices.clone())?);
    }
    filters.push(at.select("state", "Состояние", "действуют", [own("withdrawn", "отозваны")])?);
    let empty = at.empty(
        Empty::new(
            "Записей не нашлось",
            "Записи появятся, когда участие отметят на странице мероприятия или загрузят файлом.",
        ),
        "Записей не нашлось",
        "ни одна",
    );
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let sent = Sent(&call.form);
    let values = |name: &str| sent.text(name);
    let fill = Fill { values: &values, wrong };
    let check = |r: &Activity| Check {
        value: r.record_id.to_string(),
        label: format!("{}: {}", name(r), kinds::name(r.family, &r.kind)),
        meta: match (&r.withdrawn_reason, r.withdrawn_at) {
            (Some(why), Some(at)) => format!("отозвано {}: {why}", date(at.date())),
            _ => days(r.starts_on, last(r)),
        },
        checked: call.form.all("record").any(|id| id == r.record_id.to_string()),
    };
    let mut parts = vec![fill.checks(
        "Отметьте записи",
        "record",
        shown.found.rows.iter().map(check).collect(),
    )];
    if !gone {
        parts.push(fill.line("why", "Причина отзыва", None));
    }
    let form = Form {
        // What is chosen goes along: the same list stands on the page if the form comes back.
        action: at.with("page", &at.page(shown.found.total).to_string()),
        act: if gone { "restore" } else { "withdraw" },
        folded: if gone {
            "Вернуть отозванные записи"
        } else {
            "Отозвать ошибочные записи"
        }
        .into(),
        open: !wrong.is_empty(),
        parts,
        button: if gone {
            "Вернуть отмеченные"
        } else {
            "Отозвать отмеченные"
        }
        .into(),
        ..Form::default()
    };
    Ok(Sheet {
        heading: "Участие педагогов".into(),
        lead: format!(
            "Здесь {} о {}.",
            count(number(shown.found.total), "запись", "записи", "записей"),
            count(shown.found.people, "человеке", "людях", "людях")
        ),
        done: call.query.get("done").and_then(|d| match d {
            "withdrawn" => Some("Записи отозваны"),
            "restored" => Some("Записи возвращены"),
            _ => None,
        }),
        problems: problems(wrong),
        filters: Some(at.filters(filters, list::found(shown.found.total, "запись", "записи", "записей"))),
        paging: at.paging(shown.found.total),
        empty: rows.is_empty().then_some(empty),
        blocks: if rows.is_empty() {
            Vec::new()
        } else {
            vec![Block {
                title: "Ошибки в записях".into(),
                forms: vec![form],
                ..Block::default()
            }]
        },
        register: (!rows.is_empty()).then(|| Register::new("Участие педагогов", &columns, rows)),
        token: call.token(),
        ..Sheet::default()
    })
}

/// POST /activities: withdraws records or brings them back.
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let form = call.form.only_many(&["act", "why"], &["record"])?;
        let ids: Result<Vec<RecordId>, Error> = form
            .all("record")
            .map(|id| id.parse().map(RecordId).map_err(|_| missing()))
            .collect();
        let ids = ids?;
        let at = List::of(&call, &NAMES)?;
        let (visitor, today, by) = (call.visitor()?.clone(), call.app().clock.today(), by(&call)?);
        let restore = match form.get("act") {
            Some("withdraw") => false,
            Some("restore") => true,
            _ => return Err(missing()),
        };
        if ids.is_empty() {
            let wrong = [("record", "Отметьте хотя бы одну запись.".to_owned())];
            return page(&call, at, &wrong).await;
        }
        let why = reason(&Sent(form).text("why"));
        let write = move |tx: &mut Tx<'_>| -> Result<(), Error> {
            let held = Held::of(tx.conn(), &visitor, today)?;
            let found = record::named(tx.conn(), held.region, &ids)?;
            let persons: Vec<PersonId> = found.iter().map(|r| r.person_id).collect();
            let inside = held.inside(tx.conn(), &persons)?;
            if found.len() != ids.len() || !persons.iter().all(|p| inside.contains(p)) {
                return Err(missing());
            }
            match restore {
                true => record::restore_all(tx, &by, &found),
                false => record::withdraw_all(tx, &by, &found, &why?),
            }
        };
        match call.app().db.write(write).await {
            Ok(()) if restore => Ok(Answer::redirect("/activities?done=restored")),
            Ok(()) => Ok(Answer::redirect("/activities?done=withdrawn")),
            Err(Error::Refused(why)) => {
                let wrong = [("why", capital(&format!("{why}.")))];
                page(&call, at, &wrong).await
            }
            Err(Error::Changed(what)) => Ok(page(&call, at, &clash("records", "record", &what)).await?.status(409)),
            Err(e) => Err(e),
        }
    })
}

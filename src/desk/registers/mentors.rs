//! «База наставников»: cards of qualities with filters in the address, and how many were trained.

use std::collections::HashMap;

use crate::activity::kinds;
use crate::activity::model::MentorCard;
use crate::db::AnyConn;
use crate::db::text_keys::search_key;
use crate::db::types::codes;
use crate::desk::list::{self, List};
use crate::desk::list_file::ListFile;
use crate::desk::looked;
use crate::desk::plan::rows::Who;
use crate::desk::registers::file;
use crate::desk::registers::mentors_rows::{self, Found, Wanted};
use crate::desk::registers::page::{Sheet, days};
use crate::desk::registers::reach::Held;
use crate::desk::rounds::give;
use crate::desk::rounds::list::What;
use crate::error::Error;
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{NOTHING, date};
use crate::people::PersonId;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

const NAMES: [&str; 4] = ["q", "quality", "trained", "past"];

/// GET /mentors
pub fn all(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?).await })
}

/// GET and POST /mentors/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move { page(&call, List::of(&call, &NAMES)?.whole()).await })
}

/// GET and POST /editable/mentors: what is found, to be changed in a table and brought back.
pub fn editable(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &NAMES)?.whole();
        let (found, _) = look(&call, &at).await?;
        let ids = found.rows.iter().map(|card| card.record_id.0).collect();
        give::register(&call, What::Mentors, &at, ids).await
    })
}

async fn look(call: &Call, at: &List) -> Result<(Found, HashMap<PersonId, Who>), Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let qualities = kinds::qualities();
    let quality = at.known("quality", |code| {
        qualities.iter().find(|w| w.code == code).map(|w| w.code.clone())
    })?;
    let trained = at.known("trained", |t| match t {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    })?;
    let past = at.known("past", |p| (p == "yes").then_some(true))?;
    let wanted = Wanted {
        past: past.unwrap_or(false),
        text: at.get("q").map(search_key),
        quality,
        trained,
    };
    let own = at.clone();
    let read = move |c: &mut AnyConn| -> Result<(Found, HashMap<PersonId, Who>), Error> {
        let held = Held::of(c, &visitor, today)?;
        let span = |total: usize| (own.skipped(total), own.most());
        let found = mentors_rows::find(c, &held, &wanted, today, span)?;
        let ids: Vec<PersonId> = found.rows.iter().map(|card| card.person_id).collect();
        let who = held.who(c, &ids)?;
        Ok((found, who))
    };
    call.app().db.read(read).await
}

async fn page(call: &Call, at: List) -> Result<Answer, Error> {
    let (found, who) = look(call, &at).await?;
    let qualities = kinds::qualities();
    let Found { rows, total, trained } = found;
    let named: Vec<PersonId> = rows.iter().map(|card| card.person_id).collect();
    let own = |code: &str, label: &str| (code.to_owned(), label.to_owned());
    let filters = vec![
        at.search("q", "Фамилия или имя"),
        at.select(
            "quality",
            "Качество",
            "любое",
            qualities.iter().map(|w| own(&w.code, &w.name)),
        )?,
        at.select(
            "trained",
            "Подготовка",
            "не важно",
            [own("yes", "прошли"), own("no", "ещё не прошли")],
        )?,
        at.select("past", "В базе", "сейчас", [own("yes", "все, и прежние")])?,
    ];
    let columns = [
        Column::words("Наставник"),
        Column::words("Где работает"),
        Column::words("Предмет"),
        Column::words("Качества"),
        Column::words("Подготовка"),
        Column::words("В базе"),
    ];
    let row = |card: &MentorCard| {
        let names = codes(&card.qualities).map(|code| kinds::word_name(qualities, code));
        let names: Vec<&str> = names.collect();
        let (name, place) = who
            .get(&card.person_id)
            .map_or_else(Default::default, |w| (w.short.clone(), w.places.join(", ")));
        vec![
            Cell::text(name),
            Cell::text(place),
            Cell::text(card.subject.clone().unwrap_or_else(|| NOTHING.to_owned())),
            Cell::text(if names.is_empty() {
                NOTHING.to_owned()
            } else {
                names.join("; ")
            }),
            Cell::text(card.trained_on.map_or_else(|| NOTHING.to_owned(), date)),
            Cell::text(days(card.valid_from, card.valid_to.and_then(|to| to.pred_opt()))),
        ]
    };
    let table: Vec<Vec<Cell>> = rows.iter().map(row).collect();
    let empty = at.empty(
        Empty::new(
            "В базе пока никого нет",
            "Базу начинают файлом на странице «Загрузка данных», а правят и пополняют таблицей отсюда.",
        ),
        "Никого не нашлось",
        "никто",
    );
    let mut sheet = Sheet {
        crumbs: vec![Link::new("Наставничество", "/pairs")],
        heading: "База наставников".into(),
        lead: format!("Прошли подготовку наставников: {trained}."),
        filters: Some(at.filters(filters, list::found(total, "наставник", "наставника", "наставников"))),
        paging: at.paging(total),
        empty: table.is_empty().then_some(empty),
        register: (!table.is_empty()).then(|| Register::new("База наставников", &columns, table)),
        token: call.token(),
        ..Sheet::default()
    };
    if at.is_whole() {
        let of = ListFile::of_people(
            "mentor_card",
            "База наставников",
            at.codes(&["q"]),
            &named,
            Capability::Registers,
        );
        return file::people(call, &at, of, &sheet).await;
    }
    looked::list(call, "mentor_card", &at.codes(&["q"]), &named, total).await?;
    file::offer(&mut sheet, at.file());
    give::offer(&mut sheet, &at);
    Answer::page("desk/register", &sheet)
}
